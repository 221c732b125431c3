/* SPDX-License-Identifier: MIT */
/*
 * net_lws_listen.c: listeners, and accepting.
 *
 * net_lws_place.c opens their sockets, which are our own and are watched on the
 * loop directly; accepted descriptors go to net_lws.c.
 *
 * Always true: accepting never spins. A turn accepts at most BURST
 * connections of a socket, and when the process has no descriptor or memory
 * left, all listeners rest for a moment while the kernel keeps the queue.
 */
#include <config.h>

#include <engineio/net_lws.h>

#include <errno.h>
#include <stdlib.h>

#define BURST 64
#define PAUSE 0.1 /* s */

struct eio__net_listener {
	struct eio__list link;
	struct eio__net *net;
	void *user;
	bool accepting; /* below us on the stack */
	bool gone;      /* unlisten() was called meanwhile */
	struct eio__net_socks socks;
	struct ev_io ios[EIO__NET_SOCKS]; /* on those */
};

/* -- accepting ---------------------------------------------------------- */

static void start(struct eio__net_listener *l)
{
	int i;

	for (i = 0; i < l->socks.n; i++)
		ev_io_start(l->net->loop, &l->ios[i]);
}

static void stop(struct eio__net_listener *l)
{
	int i;

	for (i = 0; i < l->socks.n; i++)
		ev_io_stop(l->net->loop, &l->ios[i]);
}

static void pause_all(struct eio__net *net)
{
	struct eio__list *link;

	eio__list_for_each(link, &net->listeners)
		stop(eio__list_entry(link, struct eio__net_listener, link));
	ev_timer_stop(net->loop, &net->accept_pause);
	ev_timer_set(&net->accept_pause, PAUSE, 0.);
	ev_timer_start(net->loop, &net->accept_pause);
}

static void on_pause_over(struct ev_loop *loop, struct ev_timer *w, int revents)
{
	struct eio__net *net = w->data;
	struct eio__list *link;

	eio__list_for_each(link, &net->listeners)
		start(eio__list_entry(link, struct eio__net_listener, link));
}

/* Whether it is worth trying again at once. */
static bool accept_failed(struct eio__net *net, int err)
{
	switch (err) {
	case EAGAIN:
#if EWOULDBLOCK != EAGAIN
	case EWOULDBLOCK:
#endif
		return false;
	case EINTR: /* and what the peer did to a connection in the queue */
	case ECONNABORTED:
	case EPROTO:
	case EPERM:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTUNREACH:
		return true;
	default:
		pause_all(net);
		return false;
	}
}

static bool accept_one(struct eio__net_listener *l, int listen_fd)
{
	struct eio__net *net = l->net;
	struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(peer);
	struct eio__net_conn *nc;
	void *conn;
	int fd;

	fd = accept4(listen_fd, (struct sockaddr *)&peer, &len,
		SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return accept_failed(net, errno);
	nc = eio__net_adopt(net, fd, (struct sockaddr *)&peer);
	if (!nc) {
		pause_all(net);
		return false;
	}
	eio__net_tell(net);
	conn = net->up->on_accept(net->owner, nc, l->user);
	if (conn)
		eio__net_conn_own(nc, conn);
	else
		eio__net_close(nc);
	return !l->gone;
}

static void on_acceptable(struct ev_loop *loop, struct ev_io *w, int revents)
{
	struct eio__net_listener *l = w->data;
	int i;

	l->accepting = true;
	for (i = 0; i < BURST; i++)
		if (!accept_one(l, w->fd))
			break;
	l->accepting = false;
	if (l->gone)
		free(l);
}

/* -- listeners ---------------------------------------------------------- */

static void watch(struct eio__net_listener *l)
{
	int i;

	for (i = 0; i < l->socks.n; i++) {
		ev_io_init(&l->ios[i], on_acceptable, l->socks.fds[i], EV_READ);
		l->ios[i].data = l;
	}
	start(l);
}

struct eio__net_listener *eio__net_listen(struct eio__net *net,
	const struct eio__net_place *place, void *user, int *err)
{
	struct eio__net_listener *l = calloc(1, sizeof(*l));

	*err = -ENOMEM;
	if (!l)
		return NULL;
	*err = eio__net_open_place(&l->socks, place);
	if (*err < 0) {
		free(l);
		return NULL;
	}
	l->net = net;
	l->user = user;
	eio__list_add_tail(&net->listeners, &l->link);
	watch(l);
	return l;
}

int eio__net_listener_port(const struct eio__net_listener *l)
{
	return l->socks.port;
}

void eio__net_unlisten(struct eio__net_listener *l)
{
	stop(l);
	eio__net_close_place(&l->socks);
	eio__list_del(&l->link);
	if (l->accepting)
		l->gone = true;
	else
		free(l);
}

void eio__net_listeners_init(struct eio__net *net)
{
	ev_timer_init(&net->accept_pause, on_pause_over, PAUSE, 0.);
	net->accept_pause.data = net;
}

void eio__net_unlisten_all(struct eio__net *net)
{
	while (!eio__list_empty(&net->listeners))
		eio__net_unlisten(eio__list_entry(net->listeners.next,
			struct eio__net_listener, link));
}
