/* SPDX-License-Identifier: MIT */
/*
 * stream.c: answers whose body comes bit by bit, and whose end is not known
 * when they begin.
 *
 * In HTTP/1.1 each piece is a chunk (RFC 9112, section 7.1); an older client
 * gets the pieces as they are, and the connection's end as theirs. A body that
 * was not ended must not look whole: then the connection ends without the
 * last chunk.
 */
#include <config.h>

#include <engineio/http/http1.h>

#include <string.h>

static int begin_error(const eio_request *req, int status, const char *type)
{
	if (!req || status < 200 || status > 599 || status == 204 ||
		status == 304 || (type && !eio__is_field_value(type)))
		return ENGINEIO_ERR_INVALID;
	if (req->answered)
		return ENGINEIO_ERR_STATE;
	return req->conn ? 0 : ENGINEIO_ERR_CLOSED;
}

int eio_request_begin(eio_request *req, int status, const char *type)
{
	struct eio__strbuf *out;
	int err = begin_error(req, status, type);

	if (err)
		return err;
	if (!req->http11)
		req->keep_alive = false;
	req->streaming = true;
	out = eio__reply_head(req, status, type, EIO__LENGTH_UNKNOWN);
	err = out->error;
	eio__conn_dirty(req->conn);
	eio__request_settle(req);
	eio__http1_begun(req->conn);
	return err;
}

/* A reader that is too slow is given up when the turn ends, so that nobody is
 * called back from here. */
static int give_up(struct eio__conn *conn)
{
	eio__http_count(conn->http, ENGINEIO_COUNT_QUEUE_BYTES,
		ENGINEIO_LOG_WARN,
		"http: stream closed: too much waits for its client "
		"(QUEUE_BYTES)");
	eio__conn_out(conn)->error = ENGINEIO_ERR_FULL;
	eio__conn_dirty(conn);
	return ENGINEIO_ERR_FULL;
}

static bool has_no_body(const eio_request *req)
{
	return eio__request_is(req, "HEAD");
}

int eio_request_write(eio_request *req, const void *data, size_t len)
{
	struct eio__strbuf *out;
	size_t waits;

	if (!req || (!data && len))
		return ENGINEIO_ERR_INVALID;
	if (!req->streaming || !req->conn)
		return req->answered ? ENGINEIO_ERR_CLOSED : ENGINEIO_ERR_STATE;
	if (!len || has_no_body(req))
		return 0;
	out = eio__conn_out(req->conn);
	waits = eio__conn_waiting(req->conn);
	if (waits && waits + len > req->http->limits.queue_bytes)
		return give_up(req->conn);
	if (req->http11)
		eio__strbuf_printf(out, "%zx\r\n", len);
	eio__strbuf_add(out, data, len);
	if (req->http11)
		eio__strbuf_add(out, "\r\n", 2);
	eio__conn_dirty(req->conn);
	return out->error;
}

size_t eio_request_waiting(const eio_request *req)
{
	return req && req->conn && req->streaming ? eio__conn_waiting(req->conn)
						  : 0;
}

int eio_request_end(eio_request *req)
{
	if (!req)
		return ENGINEIO_ERR_INVALID;
	if (!req->streaming || !req->conn)
		return req->answered ? ENGINEIO_ERR_CLOSED : ENGINEIO_ERR_STATE;
	req->streaming = false;
	req->gone = NULL;
	if (req->http11 && !has_no_body(req))
		eio__strbuf_add(eio__conn_out(req->conn), "0\r\n\r\n", 5);
	eio__reply_done(req);
	return 0;
}

int eio_request_on_gone(eio_request *req,
	void (*fn)(eio_request *req, void *user), void *user)
{
	if (!req)
		return ENGINEIO_ERR_INVALID;
	if (!req->conn)
		return ENGINEIO_ERR_CLOSED;
	req->gone = fn;
	req->gone_user = user;
	return 0;
}

void eio__stream_abandon(eio_request *req)
{
	req->streaming = false;
	req->keep_alive = false;
	eio__reply_done(req);
}

void eio__stream_close(eio_request *req)
{
	if (req->http11 && !has_no_body(req))
		eio__strbuf_add(eio__conn_out(req->conn), "0\r\n\r\n", 5);
	req->streaming = false;
	eio__conn_end(req->conn);
}
