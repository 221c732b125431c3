/* SPDX-License-Identifier: MIT */
/*
 * http2.c: HTTP/2 on a connection: its session of nghttp2, from bytes to
 * streams and back, and its end.
 *
 * What may go is fetched frame by frame, and only while little waits for the
 * network; the rest waits in the streams. While nghttp2 has too many frames of
 * its own to send, nothing more is read. Always true: nghttp2 is entered from
 * eio__http2_input() and eio__http2_output() only; after the connection has
 * gone, or GOAWAY has said the last word, nothing that it finds is told to
 * anybody.
 */
#include <config.h>

#include <engineio/http/http2_state.h>

#include <stdlib.h>
#include <string.h>

/* Output that may wait in the connection, besides one frame. */
#define OUTPUT_MAX 65536
/* Frames of its own that may wait for a client that does not read them. */
#define FRAMES_MAX 1000

/* -- its end ------------------------------------------------------------- */

void eio__http2_fail(struct eio__http2 *h2)
{
	eio__conn_out(h2->conn)->error = ENGINEIO_ERR_NOMEM;
	eio__conn_dirty(h2->conn);
}

void eio__http2_stop(struct eio__http2 *h2, uint32_t error)
{
	if (h2->stopped)
		return;
	h2->stopped = true;
	if (nghttp2_session_terminate_session(h2->session, error))
		eio__http2_fail(h2);
	eio__conn_dirty(h2->conn);
}

static bool is_deaf(const struct eio__http2 *h2)
{
	return h2->stopped || h2->conn->state != EIO__CONN_OPEN;
}

static bool is_over(const struct eio__http2 *h2)
{
	return !nghttp2_session_want_read(h2->session) &&
		!nghttp2_session_want_write(h2->session);
}

/* Between two requests. */
static void await_request(struct eio__http2 *h2)
{
	struct eio__conn *conn = h2->conn;

	if (h2->count || conn->state != EIO__CONN_OPEN)
		return;
	if (h2->closing || conn->http->closing)
		eio__http2_stop(h2, NGHTTP2_NO_ERROR);
	else
		eio__conn_limit(conn, EIO__LIMIT_KEEP_ALIVE,
			conn->http->limits.keep_alive_timeout);
}

/* -- what nghttp2 finds -------------------------------------------------- */

static struct eio__http2_stream *find(nghttp2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session, id);
}

static int go_on(const struct eio__http2 *h2)
{
	return is_deaf(h2) ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *hd,
	void *user)
{
	if (!is_deaf(user))
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

	if (is_deaf(user))
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

	if (!s || is_deaf(user) || frame->hd.type != NGHTTP2_HEADERS)
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
	await_request(h2);
	return 0;
}

/* -- input and output ---------------------------------------------------- */

static void give_up(struct eio__http2 *h2, ssize_t error)
{
	struct eio__conn *conn = h2->conn;

	if (is_deaf(h2))
		return;
	if (error == NGHTTP2_ERR_NOMEM || error == NGHTTP2_ERR_CALLBACK_FAILURE)
		eio__http2_fail(h2);
	else if (error == NGHTTP2_ERR_FLOODED) {
		eio__http_count(conn->http, ENGINEIO_COUNT_HTTP2_FRAMES,
			ENGINEIO_LOG_WARN,
			"http: connection closed: too many frames to answer "
			"(HTTP2_FRAMES)");
		eio__http2_stop(h2, NGHTTP2_ENHANCE_YOUR_CALM);
	} else {
		eio__http_count(conn->http, ENGINEIO_COUNT_BAD_HTTP,
			ENGINEIO_LOG_WARN,
			"http: connection closed: %s (BAD_HTTP)",
			nghttp2_strerror((int)error));
		eio__conn_end(conn);
	}
}

void eio__http2_input(struct eio__conn *conn, char *data, size_t len)
{
	struct eio__http2 *h2 = conn->h2;
	ssize_t n;

	if (is_deaf(h2))
		return;
	n = nghttp2_session_mem_recv(h2->session, (const uint8_t *)data, len);
	if (conn->state == EIO__CONN_GONE)
		return;
	if (n < 0)
		give_up(h2, n);
	if (!h2->unread &&
		nghttp2_session_get_outbound_queue_size(h2->session) >
			FRAMES_MAX) {
		h2->unread = true;
		eio__net_read(conn->nc, false);
	}
	eio__conn_dirty(conn);
}

bool eio__http2_output(struct eio__conn *conn)
{
	struct eio__strbuf *out = eio__conn_out(conn);
	struct eio__http2 *h2 = conn->h2;
	const uint8_t *data;
	size_t before = out->len;
	ssize_t n = 1;

	while (n > 0 && eio__conn_waiting(conn) < OUTPUT_MAX && !out->error) {
		n = nghttp2_session_mem_send(h2->session, &data);
		if (conn->state == EIO__CONN_GONE)
			return false;
		if (n > 0)
			eio__strbuf_add(out, data, (size_t)n);
	}
	if (n < 0 || out->error)
		eio__http2_fail(h2);
	return out->len > before && !out->error;
}

void eio__http2_written(struct eio__conn *conn)
{
	struct eio__http2 *h2 = conn->h2;

	if (h2->unread) {
		h2->unread = false;
		eio__net_read(conn->nc, true);
	}
	if (is_over(h2)) {
		eio__http2_gone(conn, "connection closed");
		eio__conn_end(conn);
	} else if (conn->limit == EIO__LIMIT_NONE) {
		await_request(h2);
	}
}

/* -- from the connection ------------------------------------------------- */

void eio__http2_timeout(struct eio__conn *conn, enum eio__limit limit)
{
	eio__conn_count_silence(conn, limit);
	eio__http2_stop(conn->h2, NGHTTP2_NO_ERROR);
}

void eio__http2_gone(struct eio__conn *conn, const char *why)
{
	struct eio__http2 *h2 = conn->h2;
	struct eio__list *link;

	eio__task_cancel(&h2->room);
	/* What they tell may end others, and new ones cannot come. */
	for (link = eio__list_pop(&h2->streams); link;
		link = eio__list_pop(&h2->streams)) {
		eio__list_add_tail(&h2->dead, link);
		eio__http2_stream_gone(eio__list_entry(link,
					       struct eio__http2_stream, link),
			why);
	}
}

void eio__http2_close_streams(struct eio__conn *conn)
{
	struct eio__list *pos;
	struct eio__http2_stream *s;

	eio__list_for_each(pos, &conn->h2->streams) {
		s = eio__list_entry(pos, struct eio__http2_stream, link);
		if (s->req && s->req->streaming)
			eio__http2_reply_end(s);
	}
}

/* RFC 9113 section 6.8: a client that knows asks for nothing more here, and
 * what was on its way is answered still. */
void eio__http2_close(struct eio__conn *conn)
{
	struct eio__http2 *h2 = conn->h2;

	if (!h2->closing && h2->count && !is_deaf(h2)) {
		if (nghttp2_submit_shutdown_notice(h2->session))
			eio__http2_fail(h2);
		eio__conn_dirty(conn);
	}
	h2->closing = true;
	await_request(h2);
}

/* -- its life ------------------------------------------------------------ */

bool eio__http2_is_preface(const char *data, size_t len)
{
	/* Enough to tell it from a request of HTTP/1.1; nghttp2 wants all of
	 * it. */
	return len >= 3 &&
		memcmp(data, NGHTTP2_CLIENT_MAGIC,
			len < NGHTTP2_CLIENT_MAGIC_LEN
				? len
				: NGHTTP2_CLIENT_MAGIC_LEN) == 0;
}

/* nghttp2 takes its memory where we take ours. */
static void *take_memory(size_t size, void *user)
{
	return malloc(size);
}

static void give_memory(void *p, void *user)
{
	free(p);
}

static void *take_cleared(size_t count, size_t size, void *user)
{
	return calloc(count, size);
}

static void *take_more(void *p, size_t size, void *user)
{
	return realloc(p, size);
}

static void set_callbacks(nghttp2_session_callbacks *c)
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

static int session_new(struct eio__http2 *h2)
{
	nghttp2_mem mem = {
		.malloc = take_memory,
		.free = give_memory,
		.calloc = take_cleared,
		.realloc = take_more,
	};
	nghttp2_session_callbacks *callbacks = NULL;
	nghttp2_option *option = NULL;
	int err = nghttp2_session_callbacks_new(&callbacks);

	if (!err)
		err = nghttp2_option_new(&option);
	if (!err) {
		set_callbacks(callbacks);
		eio__http2_limits_apply(option);
		err = nghttp2_session_server_new3(&h2->session, callbacks, h2,
			option, &mem);
	}
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_option_del(option);
	return err;
}

struct eio__http2 *eio__http2_new(struct eio__conn *conn)
{
	struct eio__http2 *h2 = calloc(1, sizeof(*h2));

	if (!h2)
		return NULL;
	h2->conn = conn;
	eio__list_init(&h2->streams);
	eio__list_init(&h2->dead);
	eio__http2_room_init(h2);
	if (session_new(h2) || eio__http2_limits_tell(h2)) {
		eio__http2_free(h2);
		return NULL;
	}
	return h2;
}

static void free_streams(struct eio__list *list)
{
	struct eio__list *link;

	for (link = eio__list_pop(list); link; link = eio__list_pop(list))
		eio__http2_stream_free(eio__list_entry(link,
			struct eio__http2_stream, link));
}

void eio__http2_free(struct eio__http2 *h2)
{
	if (!h2)
		return;
	free_streams(&h2->streams);
	free_streams(&h2->dead);
	eio__task_cancel(&h2->room);
	nghttp2_session_del(h2->session);
	free(h2);
}
