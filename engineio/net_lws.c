/* SPDX-License-Identifier: MIT */
/*
 * net_lws.c: accepted connections on libwebsockets.
 *
 * libwebsockets owns the descriptor (role "raw-file"): it waits for events
 * and closes. Reading and writing are plain recv() and send(), for reasons on
 * both sides. Before libwebsockets reads by itself there is no time to fetch
 * the memory that the bytes will meet; and as long as it holds unsent bytes,
 * it does not read but is called again and again for what it does not read:
 * a peer that sends while it is slow to receive would cost a whole core. Here
 * the unsent part waits in `rest` and reading goes on. For the same reason TLS
 * is ours (filter.h) and not that of libwebsockets, which would be writing; and
 * it would speak HTTP/2 itself as soon as a client asked for it.
 *
 * Always true: a connection is in one of four lists of its network. In
 * `conns` it lives; in `full` it lives, too, and is to hear when the kernel has
 * room, for which libwebsockets is asked when the turn ends. In `failed` a
 * write has failed and on_gone() is due. In `ended` its owner has let go of it.
 * libwebsockets is told to close only at the end of the turn, so that no
 * connection goes away under a callback that is about it, its own or another's;
 * on_closed() is the one place where a connection is freed.
 */
#include <config.h>

#include <engineio/net_lws.h>

#include <engineio/filter.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* The most that is thrown away of what a peer sent before we close. */
#define DISCARDS 64
#define DISCARD  16384

/* -- the end ------------------------------------------------------------ */

static void move(struct eio__net_conn *nc, enum eio__net_state state,
	struct eio__list *list)
{
	nc->state = state;
	eio__list_del(&nc->link);
	eio__list_add_tail(list, &nc->link);
}

void eio__net_fail(struct eio__net_conn *nc, int why)
{
	nc->why = why;
	move(nc, EIO__NET_FAILED, &nc->net->failed);
}

/* The one way out, called by libwebsockets just before it closes the
 * descriptor: it was told to, or reading or sending the rest has failed. */
static void on_closed(struct eio__net_conn *nc)
{
	struct eio__net *net = nc->net;
	int why = nc->why;

	eio__list_del(&nc->link);
	nc->wsi = NULL;
	if (nc->state != EIO__NET_ENDED && !net->freeing) {
		nc->state = EIO__NET_ENDED;
		eio__net_tell(net);
		net->up->on_gone(nc->conn, why);
	}
	eio__filter_free(nc->filter);
	free(nc->rest);
	free(nc);
}

/* libwebsockets has no call that closes at once by that name, but a "timeout"
 * of this kind is one, in all its versions. */
static void close_now(struct eio__net_conn *nc)
{
	lws_set_timeout(nc->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

/* Bytes that were received and never read would turn the FIN of close() into
 * a reset, and the peer would lose what we sent last. */
static void discard_unread(struct eio__net_conn *nc)
{
	char data[DISCARD];
	int i;

	for (i = 0; i < DISCARDS; i++)
		if (recv(nc->fd, data, sizeof(data), MSG_DONTWAIT) <= 0)
			break;
}

bool eio__net_tell_failed(struct eio__net *net)
{
	struct eio__net_conn *nc;
	bool any = false;

	while (!eio__list_empty(&net->failed)) {
		nc = eio__list_entry(net->failed.next, struct eio__net_conn,
			link);
		/* It may have been told why. */
		if (nc->filter)
			discard_unread(nc);
		close_now(nc);
		any = true;
	}
	return any;
}

void eio__net_close_ended(struct eio__net *net)
{
	struct eio__net_conn *nc;

	while (!eio__list_empty(&net->ended)) {
		nc = eio__list_entry(net->ended.next, struct eio__net_conn,
			link);
		if (!nc->reset)
			discard_unread(nc);
		close_now(nc);
	}
}

void eio__net_close_all(struct eio__net *net)
{
	eio__net_close_ended(net);
	eio__list_move(&net->failed, &net->conns);
	eio__list_move(&net->failed, &net->full);
	eio__net_tell_failed(net);
}

void eio__net_close(struct eio__net_conn *nc)
{
	if (nc->state == EIO__NET_LIVE)
		eio__net_say_end(nc);
	if (nc->state != EIO__NET_ENDED)
		move(nc, EIO__NET_ENDED, &nc->net->ended);
}

void eio__net_reset(struct eio__net_conn *nc)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	if (nc->state == EIO__NET_ENDED)
		return;
	nc->reset = true;
	setsockopt(nc->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	move(nc, EIO__NET_ENDED, &nc->net->ended);
}

/* -- reading ------------------------------------------------------------ */

static void tell_bytes(struct eio__net_conn *nc, char *data, size_t len)
{
	if (nc->state != EIO__NET_LIVE || len == 0)
		return;
	eio__net_tell(nc->net);
	nc->net->up->on_bytes(nc->conn, data, len);
}

/* The proxy has said who the client is, and without TLS all is told as it
 * comes from now on. */
static void on_ready(struct eio__net_conn *nc)
{
	struct eio__filter *f = nc->filter;

	if (f->known) {
		nc->addr = f->address;
		nc->port = f->port;
	}
	if (!f->tls) {
		nc->filter = NULL;
		eio__filter_free(f);
	}
	eio__net_tell(nc->net);
	nc->net->up->on_ready(nc->conn);
}

static void on_step(struct eio__net_conn *nc)
{
	eio__net_tell(nc->net);
	nc->net->up->on_step(nc->conn);
}

static void on_bytes(struct eio__net_conn *nc, char *data, size_t len)
{
	unsigned told;

	if (nc->state != EIO__NET_LIVE || !nc->filter) {
		tell_bytes(nc, data, len);
		return;
	}
	told = eio__filter_input(nc->filter, &data, &len);
	if (told & EIO__TLS_READY)
		on_ready(nc);
	else if (told & EIO__TLS_STEP)
		on_step(nc);
	tell_bytes(nc, data, len);
	if (nc->state != EIO__NET_LIVE ||
		!(told & (EIO__TLS_FAILED | EIO__TLS_END)))
		return;
	eio__net_tell(nc->net); /* for a turn that has an end */
	if (told & EIO__TLS_FAILED)
		eio__net_fail(nc, nc->why ? nc->why : -EPROTO);
	else
		eio__net_fail(nc, 0);
}

void eio__net_ahead(struct eio__net_conn *nc, enum eio__ahead what,
	const void *p)
{
	nc->ahead[what] = p;
}

/* Two lines of the cache. A macro, because gcc leaves out the calls of a
 * function that does nothing else; and not of NULL, which is looked for in the
 * page tables each time. */
#define FETCH(p) \
	do { \
		if (p) { \
			__builtin_prefetch(p); \
			__builtin_prefetch((const char *)(p) + 64); \
		} \
	} while (0)

/* Nonzero: the peer has ended it, or it is broken, and it shall be closed. */
static int on_readable(struct eio__net_conn *nc)
{
	char *input = nc->net->input;
	ssize_t n;

	if (nc->state != EIO__NET_LIVE)
		return 0;
	/* All at once and long before they are needed, where each would be
	 * waited for after the one that points to it. */
	FETCH(nc->conn);
	FETCH(nc->ahead[EIO__AHEAD_SPEAKER]);
	FETCH(nc->ahead[EIO__AHEAD_SESSION]);
	FETCH(nc->ahead[EIO__AHEAD_DATA]);
	n = recv(nc->fd, input, EIO__NET_INPUT, MSG_DONTWAIT);
	if (n > 0) {
		on_bytes(nc, input, (size_t)n);
		return 0;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* TLS may have said it before. */
	if (n < 0 && nc->why == 0)
		nc->why = -errno;
	return -1;
}

/*
 * libev lets go of a descriptor nobody wants to read or write, and a reset
 * would go unnoticed. An epoll descriptor of our own, itself watched, looks
 * after those: edge-triggered and with no events of its own it tells of
 * nothing but resets and hang-ups, once.
 */
static void watch_hangup(struct eio__net_conn *nc, bool on)
{
	struct epoll_event event = { .events = EPOLLET, .data.ptr = nc };

	epoll_ctl(nc->net->hangup_fd, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
		nc->fd, &event);
}

/* A hang-up that is no error leaves bytes to be read later. */
static void on_hangup(struct ev_loop *loop, struct ev_io *w, int revents)
{
	struct epoll_event events[16];
	struct eio__net *net = w->data;
	struct eio__net_conn *nc;
	socklen_t len;
	int i, n, err;

	eio__net_tell(net);
	n = epoll_wait(net->hangup_fd, events, 16, 0);
	for (i = 0; i < n; i++) {
		nc = events[i].data.ptr;
		err = 0;
		len = sizeof(err);
		getsockopt(nc->fd, SOL_SOCKET, SO_ERROR, &err, &len);
		if (err != 0 && nc->state == EIO__NET_LIVE)
			eio__net_fail(nc, -err);
	}
}

void eio__net_hangups_init(struct eio__net *net)
{
	ev_io_init(&net->hangup, on_hangup, net->hangup_fd, EV_READ);
	net->hangup.data = net;
	ev_io_start(net->loop, &net->hangup);
}

void eio__net_read(struct eio__net_conn *nc, bool on)
{
	if (nc->state != EIO__NET_LIVE || nc->paused == !on)
		return;
	nc->paused = !on;
	lws_rx_flow_control(nc->wsi, on);
	watch_hangup(nc, !on);
}

/* -- the beginning ------------------------------------------------------ */

static void keep_peer(struct eio__net_conn *nc, const struct sockaddr *peer)
{
	const struct sockaddr_in *in = (const void *)peer;
	const struct sockaddr_in6 *in6 = (const void *)peer;

	if (peer->sa_family == AF_INET6) {
		nc->port = ntohs(in6->sin6_port);
		eio__address_set(&nc->addr, &in6->sin6_addr, 16);
	} else if (peer->sa_family == AF_INET) {
		nc->port = ntohs(in->sin_port);
		eio__address_set(&nc->addr, &in->sin_addr, 4);
	}
}

void eio__net_peer(const struct eio__net_conn *nc, struct eio__net_addr *out)
{
	out->port = nc->port;
	eio__address_print(&nc->addr, out->text);
}

int eio__net_expect_proxy(struct eio__net_conn *nc)
{
	return eio__filter_add_proxy(&nc->filter);
}

int eio__net_start_tls(struct eio__net_conn *nc, struct eio__tls_context *ctx,
	unsigned max_answers)
{
	return eio__filter_add_tls(&nc->filter, ctx, max_answers,
		eio__net_send_cipher, nc);
}

int eio__net_offer_tls(struct eio__net_conn *nc, struct eio__tls_context *ctx,
	unsigned max_answers)
{
	return eio__filter_offer_tls(&nc->filter, ctx, max_answers,
		eio__net_send_cipher, nc);
}

const char *eio__net_awaits(const struct eio__net_conn *nc)
{
	return nc->filter ? eio__filter_awaits(nc->filter) : "";
}

bool eio__net_awaits_choice(const struct eio__net_conn *nc)
{
	return nc->filter && eio__filter_awaits_choice(nc->filter);
}

const struct eio__tls *eio__net_tls(const struct eio__net_conn *nc)
{
	return nc->filter ? nc->filter->tls : NULL;
}

const char *eio__net_why(const struct eio__net_conn *nc)
{
	return nc->filter ? eio__filter_why(nc->filter) : "";
}

static struct lws *adopt(struct eio__net_conn *nc, struct lws_vhost *vhost)
{
	lws_adopt_desc_t desc = { 0 };

	desc.vh = vhost;
	desc.type = LWS_ADOPT_RAW_FILE_DESC;
	desc.fd.filefd = nc->fd;
	desc.vh_prot_name = "eio";
	return lws_adopt_descriptor_vhost_via_info(&desc);
}

struct eio__net_conn *eio__net_adopt(struct eio__net *net, int fd,
	const struct sockaddr *peer)
{
	const struct eio__carrier *carrier;
	struct eio__net_conn *nc;
	const char *why;

	carrier = eio__net_carrier(net, fd, &why);
	nc = carrier ? calloc(1, sizeof(*nc)) : NULL;
	if (!nc) {
		close(fd);
		return NULL;
	}
	nc->net = net;
	nc->fd = fd;
	keep_peer(nc, peer);
	nc->wsi = adopt(nc, carrier->vhost);
	if (!nc->wsi) {
		close(fd);
		free(nc);
		return NULL;
	}
	/* Only now: what it could not adopt, it may keep for itself. */
	lws_set_opaque_user_data(nc->wsi, nc);
	eio__list_add_tail(&net->conns, &nc->link);
	return nc;
}

void eio__net_conn_own(struct eio__net_conn *nc, void *conn)
{
	nc->conn = conn;
}

/* -- what libwebsockets tells ------------------------------------------- */

int eio__net_callback(struct lws *wsi, enum lws_callback_reasons reason,
	void *user, void *in, size_t len)
{
	struct eio__net_conn *nc;

	if (reason != LWS_CALLBACK_RAW_RX_FILE &&
		reason != LWS_CALLBACK_RAW_WRITEABLE_FILE &&
		reason != LWS_CALLBACK_RAW_CLOSE_FILE)
		return 0;
	nc = lws_get_opaque_user_data(wsi);
	if (!nc)
		return 0;
	if (reason == LWS_CALLBACK_RAW_RX_FILE)
		return on_readable(nc);
	if (reason == LWS_CALLBACK_RAW_WRITEABLE_FILE)
		return eio__net_on_room(nc);
	on_closed(nc);
	return 0;
}
