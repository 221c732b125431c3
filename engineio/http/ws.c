/* SPDX-License-Identifier: MIT */
/*
 * ws.c: a WebSocket on a connection: its messages in, its queue out, its
 * closing handshake (RFC 6455).
 *
 * Its beginning is ws_accept.c's, frames are ws_frame.c's, compression is
 * deflate.c's, the queue is its owner's. Control frames go between the frames
 * of the queue. Always true: on_closed is told at most once, and nothing is
 * told after it or after eio__ws_end().
 */
#include <config.h>

#include <engineio/http/ws_state.h>

#include <engineio/http/cork.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So much of a queue may leave with what is before it. */
#define JOIN_MAX 1024
/* Fewer receivers or bytes are sooner copied than shared. */
#define SHARE_REFS  16
#define SHARE_BYTES 65536

/* -- its end ------------------------------------------------------------- */

static void ws_release(struct eio__ws *ws)
{
	if (!ws->ended || ws->busy)
		return;
	if (ws->parser)
		eio__ws_parser_clear(ws->parser);
	free(ws->parser);
	eio__deflate_free(ws->deflate);
	free(ws);
}

/* Leaves the connection; what it has to say is said. */
static void ws_detach(struct eio__ws *ws)
{
	if (ws->conn)
		ws->conn->ws = NULL;
	ws->conn = NULL;
	ws->queue = NULL;
	ws->ended = true;
}

static void tell_closed(struct eio__ws *ws, enum eio__ws_end how,
	const char *detail)
{
	ws_detach(ws);
	ws->busy++;
	ws->ops->on_closed(ws->user, how, detail);
	ws->busy--;
	ws_release(ws);
}

static void add_control(struct eio__conn *conn, enum eio__ws_opcode opcode,
	const void *data, size_t len)
{
	unsigned char header[EIO__WS_HEADER_MAX];
	struct eio__strbuf *out = eio__conn_out(conn);

	eio__strbuf_add(out, header, eio__ws_header(header, opcode, true, len));
	if (len)
		eio__strbuf_add(out, data, len);
	eio__conn_dirty(conn);
}

static void add_close(struct eio__conn *conn, int code)
{
	unsigned char payload[2];

	payload[0] = (unsigned char)(code >> 8);
	payload[1] = (unsigned char)code;
	add_control(conn, EIO__WS_OP_CLOSE, payload, code ? 2 : 0);
}

void eio__ws_end(struct eio__ws *ws, int code)
{
	struct eio__conn *conn;

	if (!ws)
		return;
	conn = ws->conn;
	ws_detach(ws);
	if (conn) {
		add_close(conn, code);
		eio__conn_end(conn);
	}
	ws_release(ws);
}

static enum eio_counter limit_of(int code)
{
	if (code == EIO__WS_TOO_BIG)
		return ENGINEIO_COUNT_MAX_PAYLOAD;
	return code == EIO__WS_POLICY ? ENGINEIO_COUNT_MAX_FRAGMENTS
				      : ENGINEIO_COUNT_BAD_FRAME;
}

/* What answers the messages before its end still leaves, as far as the network
 * takes it. False: that was the end. */
static bool say_last(struct eio__ws *ws)
{
	eio__conn_flush(ws->conn);
	return ws->conn;
}

/* The peer broke a rule: it is told with the code and given up. */
static void fail(struct eio__ws *ws, int code, const char *why)
{
	struct eio__conn *conn = ws->conn;
	enum eio_counter counter = limit_of(code);

	eio__http_count(conn->http, counter, ENGINEIO_LOG_WARN,
		"websocket: closed with %d: %s (%s)", code, why,
		eio_counter_name(counter));
	if (!say_last(ws))
		return;
	add_close(conn, code);
	tell_closed(ws, EIO__WS_FAILED, why);
	eio__conn_end(conn);
}

/* RFC 6455 section 5.5.1: a close frame is answered with its own code. */
static void peer_closes(struct eio__ws *ws, int code)
{
	struct eio__conn *conn = ws->conn;
	char why[] = "close frame 65535";

	if (!say_last(ws))
		return;
	if (code == EIO__WS_NO_CODE)
		code = 0;
	add_close(conn, code);
	snprintf(why, sizeof(why), code ? "close frame %d" : "close frame",
		code);
	tell_closed(ws, EIO__WS_GONE, why);
	eio__conn_end(conn);
}

void eio__ws_gone(struct eio__conn *conn, const char *why)
{
	tell_closed(conn->ws, conn->stalled ? EIO__WS_STALLED : EIO__WS_GONE,
		why);
}

/* -- input --------------------------------------------------------------- */

void eio__ws_ahead(struct eio__ws *ws, const void *session, const void *data)
{
	if (!ws->conn)
		return;
	eio__net_ahead(ws->conn->nc, EIO__AHEAD_SESSION, session);
	eio__net_ahead(ws->conn->nc, EIO__AHEAD_DATA, data);
}

void eio__ws_below(const struct eio__ws *ws, const void *below[2])
{
	below[0] = ws->conn;
	below[1] = ws->conn ? ws->conn->nc : NULL;
}

/* Answers past the queue are left out for a peer that asks and does not read
 * (RFC 6455 section 5.5.3 asks for the last pong only). */
static bool may_answer(const struct eio__ws *ws)
{
	struct eio__http *http;

	if (!ws->conn)
		return false;
	http = ws->conn->http;
	if (eio__conn_out(ws->conn)->len < http->limits.max_pong_bytes)
		return true;
	eio__http_count(http, ENGINEIO_COUNT_MAX_PONG_BYTES, ENGINEIO_LOG_WARN,
		"websocket: ping not answered: its peer does not read "
		"(MAX_PONG_BYTES)");
	return false;
}

static void pong(struct eio__ws *ws, const struct eio__ws_event *ev)
{
	if (may_answer(ws))
		add_control(ws->conn, EIO__WS_OP_PONG, ev->data, ev->len);
}

static void fail_inflating(struct eio__ws *ws, int err)
{
	if (err == ENGINEIO_ERR_FULL)
		fail(ws, EIO__WS_TOO_BIG, "message too big");
	else if (err == ENGINEIO_ERR_NOMEM)
		fail(ws, EIO__WS_INTERNAL_ERROR, "out of memory");
	else
		fail(ws, EIO__WS_BAD_TEXT, "invalid compressed data");
}

/* RFC 7692, section 6.2. The limit holds for what comes out of it, while it
 * comes out. False: it was the end of the WebSocket. */
static bool inflate_message(struct eio__ws *ws, const struct eio__ws_event *ev)
{
	struct eio__strbuf out;
	int err;

	eio__strbuf_init(&out, 0);
	err = eio__deflate_read(ws->deflate, ev->data, ev->len, ws->max_message,
		&out);
	if (err)
		fail_inflating(ws, err);
	else if (!ev->binary && !eio__utf8_valid(out.data, out.len))
		fail(ws, EIO__WS_BAD_TEXT, "text is not UTF-8");
	else
		ws->ops->on_message(ws->user, out.data, out.len, ev->binary);
	eio__strbuf_clear(&out);
	return ws->conn;
}

/* False when there is no more to take from the input. */
static bool on_event(struct eio__ws *ws, const struct eio__ws_event *ev)
{
	switch (ev->type) {
	case EIO__WS_MESSAGE:
		if (ev->deflated)
			return inflate_message(ws, ev);
		ws->ops->on_message(ws->user, ev->data, ev->len, ev->binary);
		return true;
	case EIO__WS_PING:
		pong(ws, ev);
		return true;
	case EIO__WS_PONG:
		if (ws->ops->on_pong)
			ws->ops->on_pong(ws->user);
		return true;
	case EIO__WS_CLOSE:
		peer_closes(ws, ev->code);
		return false;
	case EIO__WS_ERROR:
		fail(ws, ev->code, ev->error);
		return false;
	case EIO__WS_MORE:
		break;
	}
	return false;
}

static void begin_parsing(const struct eio__ws *ws, struct eio__ws_parser *p)
{
	eio__ws_parser_init(p, (size_t)ws->max_message,
		ws->conn->http->limits.max_fragments);
	p->may_deflate = ws->deflate;
}

/* It is in the middle of something. */
static void keep_parser(struct eio__ws *ws, const struct eio__ws_parser *p)
{
	ws->parser = malloc(sizeof(*p));
	if (ws->parser)
		*ws->parser = *p;
}

/* The input is used up. */
static void end_parsing(struct eio__ws *ws, struct eio__ws_parser *p)
{
	bool busy = ws->conn && eio__ws_parser_busy(p);

	if (busy && !ws->parser)
		keep_parser(ws, p);
	if (!busy || !ws->parser) {
		eio__ws_parser_clear(p);
		free(ws->parser);
		ws->parser = NULL;
	}
	if (busy && !ws->parser)
		fail(ws, EIO__WS_INTERNAL_ERROR, "out of memory");
	else if (busy)
		ws->ops->on_progress(ws->user);
}

void eio__ws_input(struct eio__conn *conn, char *data, size_t len)
{
	struct eio__ws *ws = conn->ws;
	struct eio__ws_parser fresh, *p = ws->parser;
	struct eio__ws_event ev;

	if (!p) {
		p = &fresh;
		begin_parsing(ws, p);
	}
	ws->busy++;
	do {
		eio__ws_next(p, &data, &len, &ev);
	} while (on_event(ws, &ev) && ws->conn);
	end_parsing(ws, p);
	ws->busy--;
	ws_release(ws);
}

/* -- output -------------------------------------------------------------- */

/* A long packet that many wait for, for all of them; TLS makes another one
 * for each. */
static const struct eio__net_shared *share(struct eio__ws *ws, eio_buf *buf)
{
	if (eio__net_tls(ws->conn->nc))
		return NULL;
	if (!buf->shared && !buf->alone && buf->refs >= SHARE_REFS &&
		buf->wire_len >= SHARE_BYTES) {
		buf->shared =
			eio__net_share(ws->conn->nc, buf->wire, buf->wire_len);
		buf->alone = !buf->shared;
	}
	return buf->shared;
}

/* From a long packet as many frames as the network takes, all of the same
 * length but the last. *n: 1 if that was the packet's end. */
static int write_frames(struct eio__ws *ws, unsigned *n, size_t *taken)
{
	struct eio__queue *q = ws->queue;
	eio_buf *buf = eio__queue_at(q, 0);
	int result = eio__net_write_row(ws->conn->nc, buf->wire + q->sent,
		buf->wire_len - q->sent, eio__buf_frame(buf, q->sent),
		share(ws, buf), taken);

	*n = q->sent + *taken == buf->wire_len;
	return result;
}

/* Hands over the next piece of the queue; false when the network is full
 * or failing. */
static bool write_some(struct eio__ws *ws, size_t *written)
{
	struct eio__conn *conn = ws->conn;
	struct eio__queue *q = ws->queue;
	const char *piece = NULL;
	unsigned n = 0;
	size_t len;
	int result;

	if (ws->deflate)
		eio__deflate_queue(ws->deflate, q, EIO__CORK_BUFS);
	if (!q->sent)
		piece = eio__cork_gather(conn->http->cork, q, &n, &len);
	if (piece)
		result = eio__net_write(conn->nc, piece, len);
	else
		result = write_frames(ws, &n, &len);
	if (result >= 0 && n)
		eio__queue_pop(q, n);
	else if (result >= 0)
		q->sent += len;
	if (result >= 0)
		*written += len;
	return eio__conn_may_write(conn, result);
}

static void tell_written(struct eio__ws *ws, unsigned packets, size_t bytes)
{
	ws->undrained = true;
	if (packets && ws->ops->on_written)
		ws->ops->on_written(ws->user, packets, bytes);
}

/* True when the queue is empty. */
static bool write_queue(struct eio__ws *ws)
{
	unsigned before = ws->queue->count, packets;
	size_t bytes = 0;
	bool more = true;

	while (more && ws->queue->count)
		more = write_some(ws, &bytes);
	packets = before - ws->queue->count;
	tell_written(ws, packets, bytes);
	return more;
}

/* What leaves before the queue takes a few bytes of it along: a handshake's
 * 101 and the session's first packet are one write, not two. */
void eio__ws_join(struct eio__conn *conn)
{
	struct eio__ws *ws = conn->ws;
	struct eio__queue *q = ws->queue;
	const char *piece = NULL;
	unsigned n;
	size_t len;

	if (!q || !q->count || q->sent)
		return;
	if (ws->deflate)
		eio__deflate_queue(ws->deflate, q, EIO__CORK_BUFS);
	piece = eio__cork_gather(conn->http->cork, q, &n, &len);
	if (!piece || len > JOIN_MAX ||
		eio__strbuf_add(eio__conn_out(conn), piece, len))
		return;
	eio__queue_pop(q, n);
	ws->busy++;
	tell_written(ws, n, len);
	ws->busy--;
	ws_release(ws);
}

void eio__ws_output(struct eio__conn *conn)
{
	struct eio__ws *ws = conn->ws;
	bool all = true;

	ws->busy++;
	if (ws->queue && ws->queue->count)
		all = write_queue(ws);
	if (all && ws->conn && ws->undrained) {
		ws->undrained = false;
		ws->ops->on_drained(ws->user);
	}
	ws->busy--;
	ws_release(ws);
}

void eio__ws_set_owner(struct eio__ws *ws, const struct eio__ws_ops *ops,
	void *user)
{
	ws->ops = ops;
	ws->user = user;
}

void eio__ws_set_queue(struct eio__ws *ws, struct eio__queue *queue)
{
	ws->queue = queue;
	eio__ws_dirty(ws);
}

void eio__ws_dirty(struct eio__ws *ws)
{
	if (ws->conn)
		eio__conn_dirty(ws->conn);
}

/* In phase FLUSH, while what belongs to the queue's owner is in the processor's
 * cache: with thousands of receivers it would not be any more in phase
 * WRITE. */
void eio__ws_flush(struct eio__ws *ws)
{
	struct eio__conn *conn = ws->conn;

	if (conn && !ws->busy && eio__loop_may_write(conn->http->loop))
		eio__conn_flush(conn);
	else
		eio__ws_dirty(ws);
}

bool eio__ws_is_writable(const struct eio__ws *ws)
{
	return ws->conn && !ws->conn->full;
}

void eio__ws_ping(struct eio__ws *ws)
{
	if (may_answer(ws))
		add_control(ws->conn, EIO__WS_OP_PING, NULL, 0);
}

void eio__ws_send_now(struct eio__ws *ws, const eio_buf *buf)
{
	if (!may_answer(ws))
		return;
	eio__strbuf_add(eio__conn_out(ws->conn), buf->wire, buf->wire_len);
	eio__conn_dirty(ws->conn);
}
