/* SPDX-License-Identifier: MIT */
/*
 * http1.c: HTTP/1.1 on a connection: one request after the other.
 *
 * head.c reads the heads, http1_body.c the bodies. The next request is looked
 * at when the current one is complete and answered, and when what was
 * answered so far has mostly left; what comes meanwhile is http1_ahead.c's.
 *
 * Always true: whatever is wrong or ambiguous is answered with its status
 * and ends the connection; nothing behind it is looked at.
 */
#include <config.h>

#include <engineio/http/http1_state.h>

#include <engineio/http/files.h>
#include <engineio/http/head.h>
#include <engineio/http/ws.h>

#include <stdlib.h>

/* Output that may wait for a peer that sends more requests. */
#define OUTPUT_MAX 65536

/* -- steps --------------------------------------------------------------- */

static void drop_request(struct eio__http1 *h1)
{
	eio_request *req = h1->req;

	h1->req = NULL;
	if (!req)
		return;
	/* Whoever keeps it has nothing to do with the connection. */
	req->exchange = NULL;
	eio_request_unref(req);
}

/* The request cannot be served: its status, and the connection's end. */
static void refuse(struct eio__http1 *h1, int status)
{
	struct eio__conn *conn = h1->conn;
	eio_request *req = h1->req;

	eio__request_count_refusal(conn->http, req, status,
		h1->where == EIO__HTTP1_AT_HEAD);
	if (!req) {
		eio__http1_reply_error(conn, status);
	} else if (!req->answered) {
		req->keep_alive = false;
		eio__request_refuse(req, status);
	}
	eio__conn_end(conn);
}

static bool is_answered(const eio_request *req)
{
	return req->answered && !req->streaming;
}

/* The current request is complete and answered: on to the next. */
static void next_request(struct eio__http1 *h1)
{
	struct eio__conn *conn = h1->conn;
	bool keep = h1->req->keep_alive && !conn->http->closing;

	drop_request(h1);
	h1->where = EIO__HTTP1_AT_HEAD;
	if (!keep)
		eio__conn_end(conn);
	else
		eio__conn_limit(conn, EIO__LIMIT_KEEP_ALIVE,
			conn->http->limits.keep_alive_timeout);
}

static void request_complete(struct eio__http1 *h1)
{
	eio_request *req = h1->req;

	req->complete = true;
	if (is_answered(req)) {
		next_request(h1);
		return;
	}
	h1->where = EIO__HTTP1_AT_ANSWER;
	eio__conn_limit(h1->conn, EIO__LIMIT_NONE, 0);
	eio__request_body_done(req);
	/* If it is still ours, it is still there. */
	if (h1->req == req && is_answered(req) && !h1->switched)
		next_request(h1);
}

static void say_continue(struct eio__conn *conn)
{
	eio__strbuf_adds(eio__conn_out(conn), "HTTP/1.1 100 Continue\r\n\r\n");
	eio__conn_dirty(conn);
}

static void begin_body(struct eio__http1 *h1)
{
	struct eio__conn *conn = h1->conn;
	const eio_request *req = h1->req;

	if (!req->chunked && !req->length) {
		request_complete(h1);
		return;
	}
	eio__chunked_init(&h1->chunked, conn->http->limits.max_header);
	eio__conn_limit(conn, EIO__LIMIT_BODY, conn->http->limits.body_timeout);
	if (eio__http1_has_enough(h1))
		eio__conn_end(conn);
	else if (eio__request_wants_body(req) && req->length > req->max_body)
		refuse(h1, 413);
	else if (!req->answered && req->expects)
		say_continue(conn);
}

static void await_decision(struct eio__http1 *h1)
{
	h1->where = EIO__HTTP1_AT_DECISION;
	eio__conn_limit(h1->conn, EIO__LIMIT_DECISION,
		h1->conn->http->limits.decision_timeout);
}

/* The request has been offered to the handlers. */
static void offered(struct eio__http1 *h1, const eio_request *req)
{
	/* Whoever did not accept the upgrade left an ordinary request. */
	if (h1->req != req || h1->conn->state != EIO__CONN_OPEN)
		return;
	if (eio__request_is_undecided(req)) {
		await_decision(h1);
		return;
	}
	h1->where = EIO__HTTP1_AT_BODY;
	begin_body(h1);
}

static void head_complete(struct eio__http1 *h1)
{
	eio_request *req = h1->req;

	h1->where = EIO__HTTP1_AT_BODY;
	h1->seen = 0;
	eio__conn_limit(h1->conn, EIO__LIMIT_NONE, 0);
	eio__request_dispatch(req);
	offered(h1, req);
}

/* The request that waits has been decided on, or answered. */
static void decided(struct eio__http1 *h1)
{
	eio_request *req = h1->req;

	eio__conn_limit(h1->conn, EIO__LIMIT_NONE, 0);
	eio__request_resume(req);
	offered(h1, req);
}

/* Only a head that is not plain, or comes in pieces, has a parser. */
static int read_head(struct eio__http1 *h1, const char *data, size_t len,
	size_t *taken)
{
	struct eio__conn *conn = h1->conn;
	int result = 0;

	if (!h1->head)
		result = eio__head_take(conn, &h1->exchange, &h1->req, data,
			len, taken);
	if (result)
		return result;
	if (!h1->head)
		h1->head = eio__head_new(conn, &h1->exchange, &h1->req);
	if (!h1->head) {
		*taken = len;
		return 500;
	}
	result = eio__head_feed(h1->head, data, len, taken);
	if (result == EIO__HEAD_COMPLETE) {
		eio__head_free(h1->head);
		h1->head = NULL;
	}
	return result;
}

static size_t take_head(struct eio__http1 *h1, const char *data, size_t len)
{
	struct eio__conn *conn = h1->conn;
	size_t n;
	int result;

	result = read_head(h1, data, len, &n);
	if (result == EIO__HEAD_COMPLETE)
		head_complete(h1);
	else if (result)
		refuse(h1, result);
	/* Most heads come in one piece; the others have their time. */
	else if (conn->limit == EIO__LIMIT_KEEP_ALIVE)
		eio__conn_limit(conn, EIO__LIMIT_HEAD,
			conn->http->limits.header_timeout);
	return n;
}

static size_t take_body(struct eio__http1 *h1, char *data, size_t len)
{
	bool complete;
	int status;
	size_t n;

	n = eio__http1_read_body(h1, data, len, &complete, &status);
	if (status)
		refuse(h1, status);
	else if (complete)
		request_complete(h1);
	else if (eio__http1_has_enough(h1))
		eio__conn_end(h1->conn);
	else
		eio__request_progress(h1->req);
	return n;
}

/* -- input --------------------------------------------------------------- */

static bool can_parse(const struct eio__http1 *h1)
{
	const struct eio__conn *conn = h1->conn;

	/* A file that is being sent is the body of the last answer. */
	return conn->state == EIO__CONN_OPEN && !h1->switched &&
		h1->where != EIO__HTTP1_AT_ANSWER &&
		h1->where != EIO__HTTP1_AT_DECISION && !h1->file &&
		conn->out.len - conn->out_off <= OUTPUT_MAX;
}

/* The connection belongs to the WebSocket, this parser is done with. */
static void hand_over(struct eio__http1 *h1, char *data, size_t len)
{
	struct eio__conn *conn = h1->conn;

	conn->h1 = NULL;
	if (h1->unread)
		eio__net_read(conn->nc, true);
	if (len && conn->state == EIO__CONN_OPEN && conn->ws)
		eio__ws_input(conn, data, len);
	eio__http1_free(h1);
}

static void run(struct eio__http1 *h1, char *data, size_t len)
{
	size_t n;

	h1->busy = true;
	if (h1->where == EIO__HTTP1_AT_DECISION &&
		!eio__request_is_undecided(h1->req))
		decided(h1);
	while (len && can_parse(h1)) {
		n = h1->where == EIO__HTTP1_AT_HEAD ? take_head(h1, data, len)
						    : take_body(h1, data, len);
		data += n;
		len -= n;
	}
	h1->busy = false;
	if (h1->conn->state != EIO__CONN_OPEN && !h1->switched)
		return;
	if (h1->switched)
		hand_over(h1, data, len);
	else if (len)
		eio__http1_keep_ahead(h1, data, len);
}

void eio__http1_input(struct eio__conn *conn, char *data, size_t len)
{
	struct eio__http1 *h1 = conn->h1;

	if (h1->deaf || h1->stash.len || !eio__list_empty(&h1->task.link))
		eio__http1_keep_ahead(h1, data, len);
	else
		run(h1, data, len);
}

static void on_stash(struct eio__task *task)
{
	struct eio__http1 *h1 = eio__list_entry(task, struct eio__http1, task);
	struct eio__strbuf stash = h1->stash;

	eio__strbuf_init(&h1->stash, 0);
	if (h1->conn->state == EIO__CONN_GONE) {
		eio__strbuf_clear(&stash);
		return;
	}
	eio__http1_set_reading(h1, true);
	run(h1, stash.data, stash.len);
	eio__strbuf_clear(&stash);
}

/* -- the way back -------------------------------------------------------- */

void eio__http1_decided(struct eio__http1 *h1)
{
	if (!h1->busy)
		eio__loop_defer(h1->conn->http->loop, EIO__WORK, &h1->task);
}

void eio__http1_begun(struct eio__http1 *h1)
{
	if (h1->where == EIO__HTTP1_AT_DECISION)
		eio__http1_decided(h1);
	eio__http1_bound_ahead(h1);
}

void eio__http1_answered(struct eio__http1 *h1)
{
	struct eio__conn *conn = h1->conn;

	if (h1->busy)
		return;
	if (h1->where == EIO__HTTP1_AT_DECISION)
		eio__http1_decided(h1);
	if (h1->where == EIO__HTTP1_AT_BODY && eio__http1_has_enough(h1))
		eio__conn_end(conn);
	if (h1->where != EIO__HTTP1_AT_ANSWER)
		return;
	next_request(h1);
	if (h1->stash.len && conn->state == EIO__CONN_OPEN)
		eio__loop_defer(conn->http->loop, EIO__WORK, &h1->task);
}

/* -- from the connection ------------------------------------------------- */

void eio__http1_switch(struct eio__conn *conn)
{
	struct eio__http1 *h1 = conn->h1;

	h1->switched = true;
	drop_request(h1);
	eio__conn_limit(conn, EIO__LIMIT_NONE, 0);
	if (!h1->busy)
		eio__loop_defer(conn->http->loop, EIO__WORK, &h1->task);
}

void eio__http1_left(struct eio__conn *conn)
{
	eio_request *req = conn->h1->req;

	if (req && req->drain)
		eio__stream_left(req);
}

void eio__http1_written(struct eio__conn *conn)
{
	struct eio__http1 *h1 = conn->h1;

	if (h1->stash.len && can_parse(h1))
		eio__loop_defer(conn->http->loop, EIO__WORK, &h1->task);
	if (conn->limit != EIO__LIMIT_NONE)
		return;
	if (!h1->req)
		eio__conn_limit(conn, EIO__LIMIT_KEEP_ALIVE,
			conn->http->limits.keep_alive_timeout);
	else if (h1->where == EIO__HTTP1_AT_HEAD)
		eio__conn_limit(conn, EIO__LIMIT_HEAD,
			conn->http->limits.header_timeout);
	else if (h1->where == EIO__HTTP1_AT_BODY)
		eio__conn_limit(conn, EIO__LIMIT_BODY,
			conn->http->limits.body_timeout);
	else if (h1->where == EIO__HTTP1_AT_DECISION)
		await_decision(h1);
	else
		eio__http1_limit_ahead(h1);
}

static void decide_late(struct eio__conn *conn)
{
	eio_request *req = conn->h1->req;

	eio__http_count(conn->http, ENGINEIO_COUNT_DECISION_TIMEOUT,
		ENGINEIO_LOG_WARN,
		"http: request answered with 503: the application did not "
		"decide on it (DECISION_TIMEOUT)");
	req->keep_alive = false;
	eio_request_respond(req, 503, NULL, NULL, 0);
}

void eio__http1_timeout(struct eio__conn *conn, enum eio__limit limit)
{
	if (limit == EIO__LIMIT_DECISION) {
		decide_late(conn);
		return;
	}
	if (limit == EIO__LIMIT_AHEAD) {
		eio__http1_drop_ahead(conn->h1);
		return;
	}
	/* A silent connection is closed silently, an unfinished request gets
	 * its 408 (RFC 9110 section 15.5.9). */
	if (conn->h1->req && limit != EIO__LIMIT_KEEP_ALIVE) {
		refuse(conn->h1, 408);
		return;
	}
	eio__conn_count_silence(conn, limit);
	eio__conn_end(conn);
}

void eio__http1_gone(struct eio__conn *conn, const char *why)
{
	struct eio__http1 *h1 = conn->h1;
	eio_request *req = h1->req;

	eio__task_cancel(&h1->task);
	if (!req)
		return;
	h1->req = NULL;
	eio__request_gone(req, why);
	eio_request_unref(req);
}

void eio__http1_close_stream(struct eio__conn *conn)
{
	eio_request *req = conn->h1 ? conn->h1->req : NULL;

	if (!req || !req->streaming || conn->state != EIO__CONN_OPEN)
		return;
	eio__http1_write_last(conn->h1);
	req->streaming = false;
	eio__conn_end(conn);
}

bool eio__http1_is_idle(const struct eio__conn *conn)
{
	return conn->h1 && !conn->h1->req && !conn->h1->stash.len;
}

struct eio__http1 *eio__http1_new(struct eio__conn *conn)
{
	struct eio__http1 *h1 = calloc(1, sizeof(*h1));

	if (!h1)
		return NULL;
	h1->exchange.ops = &eio__http1_exchange_ops;
	h1->conn = conn;
	eio__strbuf_init(&h1->stash, 0);
	eio__task_init(&h1->task, on_stash);
	return h1;
}

void eio__http1_free(struct eio__http1 *h1)
{
	if (!h1)
		return;
	eio__task_cancel(&h1->task);
	drop_request(h1);
	eio__strbuf_clear(&h1->stash);
	eio__head_free(h1->head);
	eio__file_free(h1->file);
	free(h1);
}
