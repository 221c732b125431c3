/* SPDX-License-Identifier: MIT */
/*
 * http2_frames.c: what nghttp2 makes of the bytes of a connection: frames that
 * have come, frames that have left, streams that have ended.
 *
 * What becomes of them is the affair of http2_stream.c and http2_head.c. Always
 * true: nothing is called here but by nghttp2, and nothing of it is told to
 * anybody once the connection is deaf.
 */
#include <config.h>

#include <engineio/http/http2_state.h>

/* -- what comes ---------------------------------------------------------- */

static struct eio__http2_stream *find(nghttp2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session, id);
}

static int go_on(const struct eio__http2 *h2)
{
	return eio__http2_is_deaf(h2) ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *hd,
	void *user)
{
	if (!eio__http2_is_deaf(user))
		eio__http2_count_frame(user, hd);
	return go_on(user);
}

static int on_begin_headers(nghttp2_session *session,
	const nghttp2_frame *frame, void *user)
{
	struct eio__http2 *h2 = user;
	struct eio__http2_stream *s;

	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	s = eio__http2_stream_new(h2, frame->hd.stream_id);
	if (!s)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	if (nghttp2_session_set_stream_user_data(session, s->id, s)) {
		eio__http2_stream_free(s);
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	}
	eio__conn_limit(h2->conn, EIO__LIMIT_NONE, 0);
	return 0;
}

/* Fields behind the body are not looked at. */
static int on_header(nghttp2_session *session, const nghttp2_frame *frame,
	nghttp2_rcbuf *name, nghttp2_rcbuf *value, uint8_t flags, void *user)
{
	struct eio__http2_stream *s = find(session, frame->hd.stream_id);

	if (s && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		eio__http2_head_add(s, name, value);
	return 0;
}

/* RFC 9113 section 8.1.1: it is malformed, not to be read without it. */
static int on_invalid_header(nghttp2_session *session,
	const nghttp2_frame *frame, nghttp2_rcbuf *name, nghttp2_rcbuf *value,
	uint8_t flags, void *user)
{
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void found_reset(struct eio__http2 *h2, struct eio__http2_stream *s)
{
	if (s && !s->headed)
		eio__http2_count_reset(h2);
}

static void found_part(struct eio__http2_stream *s, const nghttp2_frame *frame)
{
	bool last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	if (frame->hd.type == NGHTTP2_HEADERS &&
		frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
		s->complete = last;
		eio__http2_stream_head(s);
	} else if (last) {
		eio__http2_stream_complete(s);
	}
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame,
	void *user)
{
	struct eio__http2_stream *s = find(session, frame->hd.stream_id);

	if (eio__http2_is_deaf(user))
		return go_on(user);
	if (frame->hd.type == NGHTTP2_RST_STREAM)
		found_reset(user, s);
	else if (s &&
		(frame->hd.type == NGHTTP2_HEADERS ||
			frame->hd.type == NGHTTP2_DATA))
		found_part(s, frame);
	return go_on(user);
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id,
	const uint8_t *data, size_t len, void *user)
{
	struct eio__http2_stream *s = find(session, id);

	if (s && eio__http2_stream_is_early(s))
		return eio__http2_hold(s, data, len)
			? go_on(user)
			: NGHTTP2_ERR_CALLBACK_FAILURE;
	if (nghttp2_session_consume_connection(session, len))
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	if (s)
		eio__http2_stream_body(s, data, len);
	return go_on(user);
}

static int on_bad_frame(nghttp2_session *session, const nghttp2_frame *frame,
	int error, void *user)
{
	struct eio__http2 *h2 = user;
	bool too_many = frame->hd.type == NGHTTP2_HEADERS &&
		h2->count >= h2->conn->http->limits.http2_streams;

	h2->blamed = true;
	if (too_many)
		eio__http_count(h2->conn->http, ENGINEIO_COUNT_HTTP2_STREAMS,
			ENGINEIO_LOG_WARN,
			"http: request refused: there are too many on its "
			"connection (HTTP2_STREAMS)");
	else
		eio__http_count(h2->conn->http, ENGINEIO_COUNT_BAD_HTTP,
			ENGINEIO_LOG_WARN,
			"http: bad frame of HTTP/2: %s (BAD_HTTP)",
			nghttp2_strerror(error));
	return 0;
}

/* -- what leaves, and what ends ------------------------------------------- */

/* Of ours, or of nghttp2 when it can make nothing of what comes. */
static void said_goodbye(struct eio__http2 *h2, uint32_t error)
{
	if (error == NGHTTP2_NO_ERROR || h2->stopped)
		return;
	h2->stopped = true;
	if (!h2->blamed)
		eio__http_count(h2->conn->http, ENGINEIO_COUNT_BAD_HTTP,
			ENGINEIO_LOG_WARN,
			"http: connection closed: %s (BAD_HTTP)",
			nghttp2_http2_strerror(error));
}

static int on_sent(nghttp2_session *session, const nghttp2_frame *frame,
	void *user)
{
	struct eio__http2_stream *s = find(session, frame->hd.stream_id);
	bool last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	eio__http2_count_sent(user, frame);
	if (frame->hd.type == NGHTTP2_GOAWAY)
		said_goodbye(user, frame->goaway.error_code);
	if (!s)
		return 0;
	/* Not by a head of 100, behind which a request is as new as before. */
	if (frame->hd.type == NGHTTP2_HEADERS && (!s->req || s->req->answered))
		s->headed = true;
	if (last &&
		(frame->hd.type == NGHTTP2_HEADERS ||
			frame->hd.type == NGHTTP2_DATA))
		eio__http2_stream_answered(s);
	else if (frame->hd.type == NGHTTP2_DATA && s->req)
		eio__stream_left(s->req);
	return 0;
}

/* Nobody waits in vain for an answer whose head is too long for nghttp2. */
static int on_not_sent(nghttp2_session *session, const nghttp2_frame *frame,
	int error, void *user)
{
	struct eio__http2_stream *s = find(session, frame->hd.stream_id);

	if (!s || eio__http2_is_deaf(user) || frame->hd.type != NGHTTP2_HEADERS)
		return 0;
	eio__http_log(s->h2->conn->http, ENGINEIO_LOG_WARN,
		"http: stream reset: the head of its answer cannot be sent: %s",
		nghttp2_strerror(error));
	eio__http2_stream_reset(s, NGHTTP2_INTERNAL_ERROR);
	return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t error,
	void *user)
{
	struct eio__http2 *h2 = user;
	struct eio__http2_stream *s = find(session, id);

	if (!s)
		return 0;
	nghttp2_session_set_stream_user_data(session, id, NULL);
	h2->count--;
	eio__list_del(&s->link);
	if (h2->conn->state != EIO__CONN_GONE)
		eio__http2_stream_gone(s, "stream reset");
	eio__http2_stream_free(s);
	eio__http2_await_request(h2);
	return 0;
}

/* -- all of it ------------------------------------------------------------ */

void eio__http2_hear(nghttp2_session_callbacks *c)
{
	nghttp2_session_callbacks_set_on_begin_frame_callback(c,
		on_begin_frame);
	nghttp2_session_callbacks_set_on_begin_headers_callback(c,
		on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback2(c, on_header);
	nghttp2_session_callbacks_set_on_invalid_header_callback2(c,
		on_invalid_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data);
	nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(c,
		on_bad_frame);
	nghttp2_session_callbacks_set_on_frame_send_callback(c, on_sent);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(c,
		on_not_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(c,
		on_stream_close);
}
