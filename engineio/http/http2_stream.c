/* SPDX-License-Identifier: MIT */
/*
 * http2_stream.c: one stream: its request, its body, its time limits.
 *
 * The way of a request is that of http1.c; only that others go their ways
 * beside it, so that what is wrong here ends this stream alone. Always true: a
 * stream has a request from its first byte until that is answered wholly, or
 * gone; a body comes no faster than it is taken, because the client is told to
 * send more only then.
 */
#include <config.h>

#include <engineio/http/draft.h>
#include <engineio/http/files.h>
#include <engineio/http/http2_state.h>

#include <stdlib.h>
#include <string.h>

/* A body that nobody wants is read up to here, so that a client that sends
 * before it reads is not cut off. */
#define DISCARD_MAX 262144
/* And so long after its answer, in milliseconds: some clients forget an answer
 * that a reset follows at once, though RFC 9113 section 8.1 forbids it. */
#define LINGER_TIME 2000
/* A body's time limit starts anew for each of these. */
#define BODY_STEP 65536

#define stream_of(ptr, member) \
	eio__list_entry(ptr, struct eio__http2_stream, member)

/* -- its end ------------------------------------------------------------- */

void eio__http2_stream_limit(struct eio__http2_stream *s, enum eio__limit limit,
	unsigned ms)
{
	eio_loop *loop = s->h2->conn->http->loop;

	s->limit = (unsigned char)limit;
	if (limit == EIO__LIMIT_NONE || !ms)
		eio__loop_cancel(loop, &s->timer);
	else
		eio__loop_start(loop, &s->timer, ms);
}

void eio__http2_stream_reset(struct eio__http2_stream *s, uint32_t error)
{
	if (s->reset)
		return;
	s->reset = true;
	if (nghttp2_submit_rst_stream(s->h2->session, NGHTTP2_FLAG_NONE, s->id,
		    error))
		eio__http2_fail(s->h2);
	eio__conn_dirty(s->h2->conn);
}

static void drop_held(struct eio__http2_stream *s)
{
	struct eio__strbuf held = eio__http2_unhold(s);

	eio__strbuf_clear(&held);
}

void eio__http2_stream_drop(struct eio__http2_stream *s)
{
	eio_request *req = s->req;

	if (!req)
		return;
	eio__task_cancel(&s->task);
	s->req = NULL;
	s->where = EIO__HTTP2_AT_ANSWER;
	eio__request_forget_question(req);
	/* Whoever keeps it has nothing to do with the connection. */
	req->exchange = NULL;
	eio_request_unref(req);
	drop_held(s);
	eio__http2_uncount_body(s);
	eio__http2_tell_read(s);
}

void eio__http2_stream_gone(struct eio__http2_stream *s, const char *why)
{
	eio_request *req = s->req;

	eio__http2_stream_limit(s, EIO__LIMIT_NONE, 0);
	eio__task_cancel(&s->task);
	if (!req)
		return;
	s->req = NULL;
	eio__request_gone(req, why);
	eio_request_unref(req);
	drop_held(s);
	eio__http2_uncount_body(s);
}

/* -- steps --------------------------------------------------------------- */

static void refuse(struct eio__http2_stream *s, int status)
{
	eio_request *req = s->req;

	eio__request_count_refusal(req->http, req, status,
		s->where == EIO__HTTP2_AT_HEAD);
	s->refused = true;
	s->seen = 0;
	if (req->answered)
		eio__http2_stream_reset(s, NGHTTP2_CANCEL);
	else
		eio__request_refuse(req, status);
}

static void request_complete(struct eio__http2_stream *s)
{
	eio_request *req = s->req;

	s->where = EIO__HTTP2_AT_ANSWER;
	if (s->limit == EIO__LIMIT_BODY)
		eio__http2_stream_limit(s, EIO__LIMIT_NONE, 0);
	eio__http2_keep_body(s);
	req->complete = true;
	eio__request_body_done(req);
}

static void await_body(struct eio__http2_stream *s)
{
	if (s->limit != EIO__LIMIT_WRITE)
		eio__http2_stream_limit(s, EIO__LIMIT_BODY,
			s->h2->conn->http->limits.body_timeout);
}

/* Counts, and keeps what is wanted; false: it was refused, or somebody
 * answered. */
static bool add_body(struct eio__http2_stream *s, const void *data, size_t len)
{
	eio_request *req = s->req;
	uint64_t before = s->seen;

	s->seen += len;
	if (before / BODY_STEP != s->seen / BODY_STEP)
		await_body(s);
	if (!eio__request_wants_body(req)) {
		s->refused = s->seen > DISCARD_MAX;
		return true;
	}
	if (s->seen > req->max_body) {
		refuse(s, 413);
		return false;
	}
	if (eio__strbuf_add(&req->body, data, len)) {
		refuse(s, 500);
		return false;
	}
	eio__http2_count_body(s, len);
	eio__request_progress(req);
	return s->req == req;
}

static void begin_body(struct eio__http2_stream *s)
{
	eio_request *req = s->req;
	struct eio__strbuf held = eio__http2_unhold(s);
	bool ok = true;

	if (!s->complete)
		await_body(s);
	if (eio__request_wants_body(req) && req->length > req->max_body) {
		refuse(s, 413);
		ok = false;
	} else if (held.len) {
		ok = add_body(s, held.data, held.len);
	} else if (!s->complete && req->expects && !req->answered) {
		eio__http2_say_continue(s);
	}
	eio__strbuf_clear(&held);
	if (!ok)
		return;
	eio__http2_tell_read(s);
	if (s->complete)
		request_complete(s);
}

/* The request has been offered to the handlers. */
static void offered(struct eio__http2_stream *s, const eio_request *req)
{
	if (s->req != req || s->h2->conn->state != EIO__CONN_OPEN)
		return;
	if (eio__request_is_undecided(req)) {
		s->where = EIO__HTTP2_AT_DECISION;
		eio__http2_stream_limit(s, EIO__LIMIT_DECISION,
			req->http->limits.decision_timeout);
		return;
	}
	s->where = EIO__HTTP2_AT_BODY;
	begin_body(s);
}

void eio__http2_stream_begin(struct eio__http2_stream *s)
{
	eio_request *req = s->req;

	s->where = EIO__HTTP2_AT_BODY;
	eio__request_dispatch(req);
	offered(s, req);
}

void eio__http2_stream_head(struct eio__http2_stream *s)
{
	int status = eio__http2_head_check(s);

	eio__http2_stream_limit(s, EIO__LIMIT_NONE, 0);
	if (status) {
		refuse(s, status);
		return;
	}
	if (eio__http2_may_begin(s))
		eio__http2_stream_begin(s);
}

/* The application has decided on the request, or begun to answer it. */
static void on_task(struct eio__task *task)
{
	struct eio__http2_stream *s = stream_of(task, task);
	eio_request *req = s->req;

	if (s->limit == EIO__LIMIT_DECISION)
		eio__http2_stream_limit(s, EIO__LIMIT_NONE, 0);
	eio__request_resume(req);
	offered(s, req);
}

/* -- what comes ---------------------------------------------------------- */

static void linger(struct eio__http2_stream *s)
{
	eio__http2_stream_limit(s, EIO__LIMIT_LINGER, LINGER_TIME);
}

/* Of an answered request. */
static void discard(struct eio__http2_stream *s, size_t len)
{
	s->seen += len;
	if (s->seen <= DISCARD_MAX) {
		eio__http2_tell_read(s);
		return;
	}
	if (!s->refused && s->ended)
		linger(s);
	s->refused = true;
}

bool eio__http2_stream_is_early(const struct eio__http2_stream *s)
{
	return s->where == EIO__HTTP2_AT_TURN ||
		s->where == EIO__HTTP2_AT_DECISION;
}

void eio__http2_stream_body(struct eio__http2_stream *s, const void *data,
	size_t len)
{
	s->owed += len;
	if (!s->req)
		discard(s, len);
	else if (add_body(s, data, len))
		eio__http2_read_on(s);
}

void eio__http2_stream_complete(struct eio__http2_stream *s)
{
	s->complete = true;
	s->owed = 0;
	if (s->req && s->where == EIO__HTTP2_AT_BODY)
		request_complete(s);
}

void eio__http2_stream_answered(struct eio__http2_stream *s)
{
	s->ended = true;
	if (s->complete)
		return;
	if (s->refused)
		linger(s);
	else
		eio__http2_stream_limit(s, EIO__LIMIT_BODY,
			s->h2->conn->http->limits.body_timeout);
}

/* -- time ---------------------------------------------------------------- */

static void decide_late(struct eio__http2_stream *s)
{
	eio__http_count(s->req->http, ENGINEIO_COUNT_DECISION_TIMEOUT,
		ENGINEIO_LOG_WARN,
		"http: request answered with 503: the application did not "
		"decide on it (DECISION_TIMEOUT)");
	eio_request_respond(s->req, 503, NULL, NULL, 0);
}

/* Whether it is the client that has no room, and not just others' turn. */
static bool is_stalled(const struct eio__http2_stream *s)
{
	nghttp2_session *session = s->h2->session;

	return s->h2->conn->full ||
		nghttp2_session_get_stream_remote_window_size(session, s->id) <=
		0 ||
		nghttp2_session_get_remote_window_size(session) <= 0;
}

static void give_up_reader(struct eio__http2_stream *s)
{
	if (!is_stalled(s)) {
		eio__http2_stream_limit(s, EIO__LIMIT_WRITE,
			s->h2->conn->http->limits.write_timeout);
		return;
	}
	eio__http_count(s->h2->conn->http, ENGINEIO_COUNT_WRITE_TIMEOUT,
		ENGINEIO_LOG_WARN,
		"http: stream closed: its client does not read "
		"(WRITE_TIMEOUT)");
	eio__http2_stream_reset(s, NGHTTP2_CANCEL);
}

static void on_timeout(struct eio__timer *timer)
{
	struct eio__http2_stream *s = stream_of(timer, timer);
	unsigned char limit = s->limit;

	s->limit = EIO__LIMIT_NONE;
	if (limit == EIO__LIMIT_WRITE)
		give_up_reader(s);
	else if (limit == EIO__LIMIT_DECISION)
		decide_late(s);
	else if (limit == EIO__LIMIT_BODY && eio__http2_is_held_back(s))
		await_body(s);
	else if (s->where == EIO__HTTP2_AT_HEAD) {
		/* Nothing else can come before the rest of it. */
		eio__request_count_refusal(s->req->http, s->req, 408, true);
		eio__http2_stop(s->h2, NGHTTP2_NO_ERROR);
	} else if (s->req)
		refuse(s, 408);
	else /* RFC 9113 section 8.1: the rest is not needed. */
		eio__http2_stream_reset(s, NGHTTP2_NO_ERROR);
}

/* -- its life ------------------------------------------------------------ */

struct eio__http2_stream *eio__http2_stream_new(struct eio__http2 *h2,
	int32_t id)
{
	struct eio__http2_stream *s = calloc(1, sizeof(*s));
	struct eio__http *http = h2->conn->http;

	if (!s)
		return NULL;
	s->req = eio__draft_new(h2->conn, &s->exchange);
	if (!s->req) {
		free(s);
		return NULL;
	}
	s->exchange.ops = &eio__http2_exchange_ops;
	s->h2 = h2;
	s->id = id;
	s->req->http11 = true;
	s->req->keep_alive = true;
	eio__strbuf_init(&s->held, 0);
	eio__strbuf_init(&s->out, 0);
	eio__timer_init(&s->timer, on_timeout);
	eio__task_init(&s->task, on_task);
	eio__list_add_tail(&h2->streams, &s->link);
	h2->count++;
	eio__http2_stream_limit(s, EIO__LIMIT_HEAD,
		http->limits.header_timeout);
	return s;
}

void eio__http2_stream_free(struct eio__http2_stream *s)
{
	eio__loop_cancel(s->h2->conn->http->loop, &s->timer);
	eio__task_cancel(&s->task);
	eio__http2_stream_drop(s);
	eio__list_del(&s->link);
	s->out_off = s->out.len;
	eio__http2_weigh(s);
	eio__file_free(s->file);
	if (s->authority)
		nghttp2_rcbuf_decref(s->authority);
	eio__strbuf_clear(&s->out);
	free(s);
}
