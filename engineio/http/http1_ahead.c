/* SPDX-License-Identifier: MIT */
/*
 * http1_ahead.c: what a client of HTTP/1.1 sends ahead, while an answer before
 * it is not there yet.
 *
 * It waits in the stash, and http1.c goes on with it. Always true: when it is
 * too much the connection is not read, which tells the client to wait; but not
 * for ever, because its end is not heard of either then.
 */
#include <config.h>

#include <engineio/http/http1_state.h>

/* Input that may wait behind a request without an answer. */
#define STASH_MAX 65536

void eio__http1_set_reading(struct eio__http1 *h1, bool on)
{
	if (h1->unread != on)
		return;
	h1->unread = !on;
	eio__net_read(h1->conn->nc, on);
}

/* The connection ends with the answer before it, and the client may ask again
 * (RFC 9112 section 9.3.2). */
static void drop(struct eio__http1 *h1)
{
	h1->deaf = true;
	h1->req->keep_alive = false;
	eio__strbuf_clear(&h1->stash);
	eio__conn_limit(h1->conn, EIO__LIMIT_NONE, 0);
	eio__http1_set_reading(h1, true);
}

/* Behind an answer without an end it would wait without end. */
static void drop_behind_stream(struct eio__http1 *h1)
{
	eio__http_log(h1->conn->http, ENGINEIO_LOG_DEBUG,
		"http: what a client sends behind a stream is not kept");
	drop(h1);
}

/* Behind one that is held it may, too: who holds it may wait to hear that the
 * client has gone. */
void eio__http1_drop_ahead(struct eio__http1 *h1)
{
	eio__http_count(h1->conn->http, ENGINEIO_COUNT_BODY_TIMEOUT,
		ENGINEIO_LOG_WARN,
		"http: requests sent ahead dropped: the answer before them "
		"takes long (BODY_TIMEOUT)");
	drop(h1);
}

void eio__http1_limit_ahead(const struct eio__http1 *h1)
{
	if (h1->unread && h1->where == EIO__HTTP1_AT_ANSWER)
		eio__conn_limit(h1->conn, EIO__LIMIT_AHEAD,
			h1->conn->http->limits.body_timeout);
}

void eio__http1_bound_ahead(struct eio__http1 *h1)
{
	if (h1->stash.len <= STASH_MAX)
		return;
	if (h1->where == EIO__HTTP1_AT_ANSWER && h1->req->streaming) {
		drop_behind_stream(h1);
	} else {
		eio__http1_set_reading(h1, false);
		eio__http1_limit_ahead(h1);
	}
}

void eio__http1_keep_ahead(struct eio__http1 *h1, const char *data, size_t len)
{
	if (h1->deaf)
		return;
	if (eio__strbuf_add(&h1->stash, data, len))
		eio__conn_abort(h1->conn, "out of memory");
	else
		eio__http1_bound_ahead(h1);
}
