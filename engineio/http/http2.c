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

bool eio__http2_is_deaf(const struct eio__http2 *h2)
{
	return h2->stopped || h2->conn->state != EIO__CONN_OPEN;
}

static bool is_over(const struct eio__http2 *h2)
{
	return !nghttp2_session_want_read(h2->session) &&
		!nghttp2_session_want_write(h2->session);
}

/* Between two requests. */
void eio__http2_await_request(struct eio__http2 *h2)
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

/* -- input and output ---------------------------------------------------- */

static void give_up(struct eio__http2 *h2, ssize_t error)
{
	struct eio__conn *conn = h2->conn;

	if (eio__http2_is_deaf(h2))
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

	if (eio__http2_is_deaf(h2))
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
		eio__http2_await_request(h2);
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

	if (!h2->closing && h2->count && !eio__http2_is_deaf(h2)) {
		if (nghttp2_submit_shutdown_notice(h2->session))
			eio__http2_fail(h2);
		eio__conn_dirty(conn);
	}
	h2->closing = true;
	eio__http2_await_request(h2);
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
		eio__http2_hear(callbacks);
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
