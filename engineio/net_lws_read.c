/* SPDX-License-Identifier: MIT */
/*
 * net_lws_read.c: what accepted connections receive.
 *
 * An epoll descriptor of our own, which libev looks after, tells which of them
 * something has come for. libwebsockets would tell one after the other and
 * read at once, and with thousands of connections each would wait for memory;
 * told of many together, we have fetched what the next one's bytes will meet
 * by the time it is its turn.
 *
 * It is edge-triggered: it tells of each arrival once, whether or not it was
 * read. Always true: of a connection that is read from, either everything that
 * came was read, or the descriptor has been made to tell of it again, or only
 * its end is left and waits for what is to be sent. One that is not read from
 * is still told about, and only a reset is heeded.
 */
#include <config.h>

#include <engineio/net_lws.h>

#include <engineio/base/fetch.h>
#include <engineio/filter.h>

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* How many are told of together. What they send to others leaves after that, and
 * the answer that only the sender gets at once. */
#define ARRIVALS 64

/* -- up ------------------------------------------------------------------ */

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

/* Who says that it sends no more may listen on, and gets what waits for it;
 * eio__net_on_room() tells of the end when that has gone. */
static bool is_sending(const struct eio__net_conn *nc)
{
	return nc->promised || nc->rest;
}

/* Of its end the peer has said to TLS. What came with that is answered when the
 * turn ends, so that the kernel is made to tell of the end, too: in the next. */
static void end_input(struct eio__net_conn *nc, size_t len)
{
	if (len == 0 && !is_sending(nc))
		eio__net_fail(nc, 0);
	else
		shutdown(nc->fd, SHUT_RD);
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
		end_input(nc, len);
}

/* -- fetching ahead ------------------------------------------------------ */

void eio__net_ahead(struct eio__net_conn *nc, enum eio__ahead what,
	const void *p)
{
	nc->ahead[what] = p;
}

/* What bytes will meet, all at once, where each would be waited for after the
 * one that points to it. */
#define FETCH_NAMED(nc) \
	do { \
		const struct eio__net_conn *named = (nc); \
\
		if (named) { \
			EIO__FETCH(named->conn); \
			EIO__FETCH(named->ahead[EIO__AHEAD_SPEAKER]); \
			EIO__FETCH(named->ahead[EIO__AHEAD_SESSION]); \
			EIO__FETCH(named->ahead[EIO__AHEAD_DATA]); \
		} \
	} while (0)

/* -- arrivals ------------------------------------------------------------ */

static bool control(struct eio__net_conn *nc, int op)
{
	struct epoll_event event = { .data.ptr = nc };

	event.events = EPOLLIN | EPOLLRDHUP | EPOLLPRI | EPOLLET;
	return epoll_ctl(nc->net->arrivals_fd, op, nc->fd, &event) == 0;
}

bool eio__net_await_arrivals(struct eio__net_conn *nc)
{
	return control(nc, EPOLL_CTL_ADD);
}

void eio__net_forget_arrivals(struct eio__net_conn *nc)
{
	control(nc, EPOLL_CTL_DEL);
}

void eio__net_tell_again(struct eio__net_conn *nc)
{
	if (nc->state == EIO__NET_LIVE && !nc->paused)
		control(nc, EPOLL_CTL_MOD);
}

static ssize_t receive(struct eio__net_conn *nc)
{
	ssize_t n;

	do
		n = recv(nc->fd, nc->net->input, EIO__NET_INPUT, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n;
}

/* It may have stopped at the end of the buffer, before an urgent mark, or before
 * the end of the stream. (It also does behind a descriptor that is passed over a
 * unix socket; who does that waits until it sends more.) */
static void read_some(struct eio__net_conn *nc, unsigned events)
{
	ssize_t n = receive(nc);

	if (n > 0) {
		on_bytes(nc, nc->net->input, (size_t)n);
		if (n == EIO__NET_INPUT || events != EPOLLIN)
			eio__net_tell_again(nc);
	} else if (n == 0 && is_sending(nc)) {
		nc->eof = true;
	} else if (n == 0 || errno != EAGAIN) {
		eio__net_tell(nc->net); /* for a turn that has an end */
		/* TLS may have said why before. */
		eio__net_fail(nc, n == 0 || nc->why ? nc->why : -errno);
	}
}

/* Bytes can wait; and a hang-up that is no error leaves some to be read. */
static void heed_reset(struct eio__net_conn *nc)
{
	socklen_t len = sizeof(int);
	int err = 0;

	getsockopt(nc->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err == 0)
		return;
	eio__net_tell(nc->net);
	eio__net_fail(nc, -err);
}

static void on_arrival(struct eio__net_conn *nc, unsigned events)
{
	if (nc->state != EIO__NET_LIVE)
		return;
	if (!nc->paused)
		read_some(nc, events);
	else if (events & (EPOLLERR | EPOLLHUP))
		heed_reset(nc);
}

/* NULL: behind the last. */
static struct eio__net_conn *conn_at(const struct epoll_event *events, int n,
	int i)
{
	return i < n ? events[i].data.ptr : NULL;
}

/* A connection's own memory is fetched two places ahead, and what it names one
 * place ahead. None of them is freed meanwhile: see net_lws.c. */
static void on_arrivals(struct ev_loop *loop, struct ev_io *w, int revents)
{
	struct epoll_event events[ARRIVALS];
	struct eio__net *net = w->data;
	int i, n;

	n = epoll_wait(net->arrivals_fd, events, ARRIVALS, 0);
	FETCH_NAMED(conn_at(events, n, 0));
	for (i = 0; i < n; i++) {
		EIO__FETCH(conn_at(events, n, i + 2));
		FETCH_NAMED(conn_at(events, n, i + 1));
		on_arrival(events[i].data.ptr, events[i].events);
	}
}

void eio__net_arrivals_init(struct eio__net *net)
{
	ev_io_init(&net->arrivals, on_arrivals, net->arrivals_fd, EV_READ);
	net->arrivals.data = net;
	ev_io_start(net->loop, &net->arrivals);
}

void eio__net_read(struct eio__net_conn *nc, bool on)
{
	if (nc->state != EIO__NET_LIVE || nc->paused == !on)
		return;
	nc->paused = !on;
	eio__net_tell_again(nc);
}
