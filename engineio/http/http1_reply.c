/* SPDX-License-Identifier: MIT */
/*
 * http1_reply.c: an answer in HTTP/1.1: what it looks like, and how it gets from
 * an exchange to the connection's output.
 *
 * An answer in pieces is a row of chunks (RFC 9112, section 7.1); an older
 * client gets the pieces as they are, and the connection's end as theirs.
 * Always true: an answer has exactly one Content-Length, or none where RFC
 * 9110 forbids it.
 */
#include <config.h>

#include <engineio/http/http1_state.h>

#include <engineio/http/files.h>

#include <stdio.h>

/* Room for most heads, in one piece. */
#define HEAD_BYTES 511

static void add_line(struct eio__strbuf *out, const char *name,
	const char *value)
{
	eio__strbuf_adds(out, name);
	eio__strbuf_adds(out, value);
	eio__strbuf_adds(out, "\r\n");
}

static void add_status(struct eio__strbuf *out, int status)
{
	if (status == 200) {
		eio__strbuf_adds(out, "HTTP/1.1 200 OK\r\n");
		return;
	}
	eio__strbuf_adds(out, "HTTP/1.1 ");
	eio__strbuf_addu(out, (uint64_t)status);
	eio__strbuf_addc(out, ' ');
	add_line(out, eio__reply_phrase(status), "");
}

/* It says the same for a second. */
static void make_tail(struct eio__http *http, const char *date)
{
	unsigned timeout = http->limits.keep_alive_timeout;
	int n = snprintf(http->tail, sizeof(http->tail),
		"Date: %s\r\n"
		"Connection: keep-alive\r\n"
		"Keep-Alive: timeout=%u\r\n\r\n",
		date, timeout / 1000);

	http->tail_len = (size_t)n;
	http->tail_timeout = timeout;
	http->tail_until = http->date_until;
}

/* The end of a head. */
static void add_tail(const eio_request *req, struct eio__strbuf *out)
{
	struct eio__http *http = req->http;
	const char *date = eio__http_date(http);

	if (!req->keep_alive || http->closing) {
		add_line(out, "Date: ", date);
		eio__strbuf_adds(out, "Connection: close\r\n\r\n");
		return;
	}
	if (http->tail_until != http->date_until ||
		http->tail_timeout != http->limits.keep_alive_timeout)
		make_tail(http, date);
	eio__strbuf_add(out, http->tail, http->tail_len);
}

/* A line that memory was missing for would be torn, or its loss change what
 * the answer means: then there is none at all. */
static void add_extra(eio_request *req, struct eio__strbuf *out)
{
	if (req->extra.error)
		out->error = req->extra.error;
	else if (req->extra.len)
		eio__strbuf_add(out, req->extra.data, req->extra.len);
	if (req->no_store)
		eio__strbuf_adds(out, "Cache-Control: no-store\r\n");
}

static void add_head(struct eio__strbuf *out, eio_request *req, int status,
	const char *type, uint64_t len)
{
	eio__strbuf_reserve(out, HEAD_BYTES);
	add_status(out, status);
	add_extra(req, out);
	if (type && !eio__reply_has(req, "Content-Type"))
		add_line(out, "Content-Type: ", type);
	if (len == EIO__LENGTH_UNKNOWN) {
		if (req->http11)
			add_line(out, "Transfer-Encoding: ", "chunked");
	} else if (!eio__reply_has_no_length(status)) {
		eio__strbuf_adds(out, "Content-Length: ");
		eio__strbuf_addu(out, len);
		eio__strbuf_adds(out, "\r\n");
	}
	add_tail(req, out);
}

static int add_piece(struct eio__strbuf *out, const eio_request *req,
	const void *data, size_t len)
{
	if (req->http11)
		eio__strbuf_printf(out, "%zx\r\n", len);
	eio__strbuf_add(out, data, len);
	if (req->http11)
		eio__strbuf_add(out, "\r\n", 2);
	return out->error;
}

void eio__http1_write_last(struct eio__http1 *h1)
{
	if (h1->req->http11 && !eio__request_is(h1->req, "HEAD"))
		eio__strbuf_add(eio__conn_out(h1->conn), "0\r\n\r\n", 5);
}

int eio__http1_reply_switch(eio_request *req, const char *lines)
{
	struct eio__conn *conn = eio__http1_conn(req->exchange);
	struct eio__strbuf *out;
	int err;

	if (req->answered || !conn)
		return ENGINEIO_ERR_CLOSED;
	req->answered = true;
	out = eio__conn_out(conn);
	add_status(out, 101);
	eio__strbuf_adds(out, lines);
	add_extra(req, out);
	eio__strbuf_adds(out, "\r\n");
	err = out->error;
	eio__conn_dirty(conn);
	eio__request_settle(req);
	return err;
}

void eio__http1_reply_error(struct eio__conn *conn, int status)
{
	struct eio__strbuf *out = eio__conn_out(conn);

	add_status(out, status);
	add_line(out, "Date: ", eio__http_date(conn->http));
	eio__strbuf_adds(out,
		"Connection: close\r\n"
		"Content-Length: 0\r\n\r\n");
	eio__conn_dirty(conn);
}

bool eio__http1_has_file(const struct eio__conn *conn)
{
	return conn->h1 && conn->h1->file;
}

bool eio__http1_write_file(struct eio__conn *conn)
{
	struct eio__file *file = conn->h1 ? conn->h1->file : NULL;
	const char *data;
	size_t n;
	int result;

	while (file && eio__file_left(file)) {
		if (eio__file_peek(file, &data, &n)) {
			eio__conn_abort(conn, "file changed while it was sent");
			return false;
		}
		result = eio__net_write(conn->nc, data, n);
		if (result >= 0)
			eio__file_skip(file, n);
		if (!eio__conn_may_write(conn, result))
			return false;
	}
	eio__file_free(file);
	if (file)
		conn->h1->file = NULL;
	return true;
}

/* -- the way back -------------------------------------------------------- */

#define http1_of(x) ((struct eio__http1 *)(x))

static struct eio__strbuf *write_head(struct eio__exchange *x, eio_request *req,
	int status, const char *type, uint64_t len)
{
	struct eio__strbuf *out = eio__conn_out(http1_of(x)->conn);

	if (len == EIO__LENGTH_UNKNOWN && !req->http11)
		req->keep_alive = false;
	add_head(out, req, status, type, len);
	return out;
}

static void write_file(struct eio__exchange *x, struct eio__file *file)
{
	struct eio__http1 *h1 = http1_of(x);

	eio__file_free(h1->file);
	h1->file = file;
	eio__conn_dirty(h1->conn);
}

static void on_done(struct eio__exchange *x)
{
	struct eio__http1 *h1 = http1_of(x);

	if (h1->req->at_once)
		eio__conn_write_now(h1->conn);
	else
		eio__conn_dirty(h1->conn);
	if (h1->conn->state <= EIO__CONN_ENDING)
		eio__http1_answered(h1);
}

static void on_begun(struct eio__exchange *x)
{
	eio__conn_dirty(http1_of(x)->conn);
	eio__http1_begun(http1_of(x));
}

static int write_piece(struct eio__exchange *x, const void *data, size_t len)
{
	struct eio__http1 *h1 = http1_of(x);

	eio__conn_dirty(h1->conn);
	return add_piece(eio__conn_out(h1->conn), h1->req, data, len);
}

static void write_last(struct eio__exchange *x)
{
	eio__http1_write_last(http1_of(x));
}

/* The connection ends without the last chunk. */
static void on_abandon(struct eio__exchange *x)
{
	http1_of(x)->req->keep_alive = false;
	on_done(x);
}

static size_t bytes_waiting(const struct eio__exchange *x)
{
	return eio__conn_waiting(http1_of(x)->conn);
}

static void give_up(struct eio__exchange *x)
{
	struct eio__conn *conn = http1_of(x)->conn;

	eio__conn_out(conn)->error = ENGINEIO_ERR_FULL;
	eio__conn_dirty(conn);
}

static void on_drop(struct eio__exchange *x, const char *why)
{
	eio__conn_abort(http1_of(x)->conn, why);
}

static void on_decided(struct eio__exchange *x)
{
	eio__http1_decided(http1_of(x));
}

const struct eio__exchange_ops eio__http1_exchange_ops = {
	.head = write_head,
	.file = write_file,
	.done = on_done,
	.begun = on_begun,
	.piece = write_piece,
	.last = write_last,
	.abandon = on_abandon,
	.waiting = bytes_waiting,
	.give_up = give_up,
	.decided = on_decided,
	.drop = on_drop,
};

struct eio__conn *eio__http1_conn(struct eio__exchange *x)
{
	return x && x->ops == &eio__http1_exchange_ops ? http1_of(x)->conn
						       : NULL;
}

void eio__http1_ahead(struct eio__exchange *x, const void *session,
	const void *data)
{
	struct eio__conn *conn = eio__http1_conn(x);

	if (!conn)
		return;
	eio__net_ahead(conn->nc, EIO__AHEAD_SESSION, session);
	eio__net_ahead(conn->nc, EIO__AHEAD_DATA, data);
}
