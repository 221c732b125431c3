/* SPDX-License-Identifier: MIT */
/*
 * net_lws_write.c: what accepted connections send.
 *
 * It is a plain send() on the descriptor; net_lws.c says why. What the kernel
 * has no room for waits in `rest`, and is the first to go when there is.
 */
#include <config.h>

#include <engineio/net_lws.h>

#include <engineio/filter.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* How many bytes the kernel took, which may be none, or a negative errno. */
static ssize_t send_some(struct eio__net_conn *nc, const char *p, size_t len,
	int flags)
{
	ssize_t n;

	do
		n = send(nc->fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT | flags);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
}

static ssize_t send_row(struct eio__net_conn *nc, const char *p, size_t len,
	const struct eio__net_shared *shared)
{
	ssize_t n;

	if (!shared || !eio__net_send_shared(nc->fd, shared, p, len, &n))
		return send_some(nc, p, len, 0);
	if (n >= 0)
		return n;
	return errno == EAGAIN ? 0 : -errno;
}

/* libwebsockets forgets what it is asked for while it tells that there is room,
 * so it is asked when the turn ends. */
static void want_room(struct eio__net_conn *nc)
{
	eio__list_del(&nc->link);
	eio__list_add_tail(&nc->net->full, &nc->link);
}

void eio__net_ask_for_room(struct eio__net *net)
{
	struct eio__list *link;
	struct eio__net_conn *nc;

	eio__list_for_each(link, &net->full) {
		nc = eio__list_entry(link, struct eio__net_conn, link);
		lws_callback_on_writable(nc->wsi);
	}
	eio__list_move(&net->conns, &net->full);
}

static void promise_writable(struct eio__net_conn *nc)
{
	if (!nc->promised)
		want_room(nc);
	nc->promised = true;
}

/* What the kernel has taken of it makes room: a peer that reads a little and
 * asks TLS again and again may never let it become empty. */
static size_t trim_rest(struct eio__rest *rest)
{
	if (!rest)
		return 0;
	rest->len -= rest->at;
	memmove(rest->data, rest->data + rest->at, rest->len);
	rest->at = 0;
	return rest->len;
}

/* Behind what waits already, if TLS has put something there. */
static bool keep_rest(struct eio__net_conn *nc, const char *p, size_t len)
{
	size_t before = trim_rest(nc->rest);
	struct eio__rest *rest;

	rest = realloc(nc->rest, sizeof(*rest) + before + len);
	if (!rest)
		return false;
	if (!nc->rest)
		rest->at = 0;
	nc->rest = rest;
	rest->len = before + len;
	memcpy(rest->data + before, p, len);
	return true;
}

static int write_plain(struct eio__net_conn *nc, const void *p, size_t len)
{
	ssize_t n = 0;

	if (!nc->rest)
		n = send_some(nc, p, len, 0);
	if (n < 0) {
		eio__net_fail(nc, (int)n);
		return ENGINEIO_ERR_CLOSED;
	}
	if ((size_t)n == len)
		return 0;
	if (n == 0) {
		promise_writable(nc);
		return ENGINEIO_ERR_FULL;
	}
	if (!keep_rest(nc, (const char *)p + n, len - (size_t)n)) {
		eio__net_fail(nc, -ENOMEM);
		return ENGINEIO_ERR_CLOSED;
	}
	promise_writable(nc);
	return 1;
}

/* All of the row at once; what the kernel has no room for is left to the
 * caller, but for the rest of the piece that it stopped in. */
static int write_row(struct eio__net_conn *nc, const char *p, size_t len,
	size_t unit, const struct eio__net_shared *shared, size_t *taken)
{
	ssize_t n = 0;
	size_t end;

	if (!nc->rest)
		n = send_row(nc, p, len, shared);
	if (n < 0) {
		eio__net_fail(nc, (int)n);
		return ENGINEIO_ERR_CLOSED;
	}
	end = ((size_t)n + unit - 1) / unit * unit;
	*taken = end < len ? end : len;
	if ((size_t)n == len)
		return 0;
	if (*taken > (size_t)n && !keep_rest(nc, p + n, *taken - (size_t)n)) {
		eio__net_fail(nc, -ENOMEM);
		return ENGINEIO_ERR_CLOSED;
	}
	promise_writable(nc);
	return n > 0 ? 1 : ENGINEIO_ERR_FULL;
}

/* What TLS made of something: it cannot be made again, so all of it is taken
 * whether the kernel has room or not. */
long eio__net_send_cipher(void *user, const void *p, size_t len, bool more)
{
	struct eio__net_conn *nc = user;
	ssize_t n = 0;

	if (nc->state != EIO__NET_LIVE)
		return ENGINEIO_ERR_CLOSED;
	if (!nc->rest)
		n = send_some(nc, p, len, more ? MSG_MORE : 0);
	if (n < 0) {
		nc->why = (int)n;
		return ENGINEIO_ERR_CLOSED;
	}
	if ((size_t)n == len)
		return 0;
	if (!keep_rest(nc, (const char *)p + n, len - (size_t)n))
		return ENGINEIO_ERR_NOMEM;
	want_room(nc);
	return (long)(nc->rest->len - nc->rest->at);
}

static int write_cipher(struct eio__net_conn *nc, const void *p, size_t len,
	bool more)
{
	if (nc->rest) {
		promise_writable(nc);
		return ENGINEIO_ERR_FULL;
	}
	if (!eio__filter_is_ready(nc->filter) ||
		!eio__tls_write(nc->filter->tls, p, len, more)) {
		eio__net_fail(nc, nc->why ? nc->why : -EPROTO);
		return ENGINEIO_ERR_CLOSED;
	}
	if (!nc->rest)
		return 0;
	promise_writable(nc);
	return 1;
}

int eio__net_write(struct eio__net_conn *nc, const void *p, size_t len)
{
	if (nc->state != EIO__NET_LIVE || nc->fin)
		return ENGINEIO_ERR_CLOSED;
	return nc->filter ? write_cipher(nc, p, len, false)
			  : write_plain(nc, p, len);
}

int eio__net_write_row(struct eio__net_conn *nc, const void *p, size_t len,
	size_t unit, const struct eio__net_shared *shared, size_t *taken)
{
	size_t first = len < unit ? len : unit;
	int result;

	*taken = 0;
	if (nc->state != EIO__NET_LIVE || nc->fin)
		return ENGINEIO_ERR_CLOSED;
	if (!nc->filter)
		return write_row(nc, p, len, unit, shared, taken);
	/* TLS takes what it is given whole, so it is given little. */
	result = write_cipher(nc, p, first, first < len);
	if (result >= 0)
		*taken = first;
	return result;
}

void eio__net_say_end(struct eio__net_conn *nc)
{
	if (nc->filter && nc->filter->tls && !nc->fin)
		eio__tls_close(nc->filter->tls);
}

void eio__net_shutdown(struct eio__net_conn *nc)
{
	if (nc->state != EIO__NET_LIVE || nc->fin)
		return;
	eio__net_say_end(nc);
	nc->fin = true;
	if (!nc->rest)
		shutdown(nc->fd, SHUT_WR);
}

/* 0 when something still waits, 1 when all has gone, or a negative errno. */
static int send_rest(struct eio__net_conn *nc)
{
	struct eio__rest *rest = nc->rest;
	ssize_t n =
		send_some(nc, rest->data + rest->at, rest->len - rest->at, 0);

	if (n < 0)
		return (int)n;
	rest->at += (size_t)n;
	if (rest->at < rest->len)
		return 0;
	nc->rest = NULL;
	free(rest);
	if (nc->fin)
		shutdown(nc->fd, SHUT_WR);
	return 1;
}

int eio__net_on_room(struct eio__net_conn *nc)
{
	int done = 1;

	if (nc->state != EIO__NET_LIVE)
		return 0;
	if (nc->rest)
		done = send_rest(nc);
	if (done < 0) {
		nc->why = done;
		return -1;
	}
	if (done == 0) {
		want_room(nc);
		return 0;
	}
	if (nc->promised) {
		nc->promised = false;
		eio__net_tell(nc->net);
		nc->net->up->on_writable(nc->conn);
	}
	if (nc->eof)
		eio__net_tell_again(nc);
	return 0;
}
