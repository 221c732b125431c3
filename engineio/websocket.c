/* SPDX-License-Identifier: MIT */
/*
 * websocket.c: WebSocket as a transport: one packet per message
 * (Engine.IO protocol 4, WebSocket).
 *
 * The frames are http/ws.c's, which also writes straight from the
 * session's queue.
 */
#include <config.h>

#include <engineio/engine.h>

#define websocket_of(t) ((struct eio__websocket *)(t))
#define session_of(w)   eio__list_entry(w, eio_socket, websocket)

static void on_message(void *user, char *data, size_t len, bool binary)
{
	struct eio__websocket *w = user;
	eio_socket *s = session_of(w);
	struct eio__packet packet;

	if (s->protocol->decode(&packet, data, len, binary)) {
		eio__session_count(s, ENGINEIO_COUNT_BAD_PACKET,
			ENGINEIO_LOG_WARN, "undecodable packet");
		eio__session_end(s, ENGINEIO_REASON_PARSE_ERROR,
			"undecodable packet");
	} else {
		eio__session_packet(s, &packet);
	}
}

static void on_progress(void *user)
{
	struct eio__websocket *w = user;

	eio__heartbeat_bytes(session_of(w));
}

static void on_written(void *user, unsigned packets, size_t bytes)
{
	struct eio__websocket *w = user;

	eio__pressure_falls(session_of(w));
	eio__tell_flush(session_of(w), packets, bytes);
}

static void on_drained(void *user)
{
	struct eio__websocket *w = user;

	eio__session_drained(session_of(w));
}

static void on_closed(void *user, enum eio__ws_end how, const char *detail)
{
	static const enum eio_reason reasons[] = {
		[EIO__WS_GONE] = ENGINEIO_REASON_TRANSPORT_CLOSE,
		[EIO__WS_FAILED] = ENGINEIO_REASON_TRANSPORT_ERROR,
		[EIO__WS_STALLED] = ENGINEIO_REASON_WRITE_TIMEOUT,
	};
	struct eio__websocket *w = user;

	w->ws = NULL;
	eio__session_end(session_of(w), reasons[how], detail);
}

static const struct eio__ws_ops ws_ops = {
	.on_message = on_message,
	.on_progress = on_progress,
	.on_written = on_written,
	.on_drained = on_drained,
	.on_closed = on_closed,
};

static bool is_writable(const struct eio__transport *t)
{
	return eio__ws_is_writable(websocket_of(t)->ws);
}

/* Who is told that it has left may send more at once, without end: that is for
 * phase WRITE, because going back from there is counted. */
static void flush(struct eio__transport *t)
{
	struct eio__websocket *w = websocket_of(t);
	const eio_server *srv = session_of(w)->srv;

	if (srv->on_drain || srv->on_flush)
		eio__ws_dirty(w->ws);
	else
		eio__ws_flush(w->ws);
}

static void finish(struct eio__transport *t)
{
	eio__session_finish(session_of(t));
}

static void discard(struct eio__transport *t, const eio_buf *last)
{
	struct eio__websocket *w = websocket_of(t);

	/* The close frame carries no code, as the official server's. */
	eio__ws_end(w->ws, 0);
	w->ws = NULL;
}

static const struct eio__transport_ops ops = {
	.name = "websocket",
	.is_writable = is_writable,
	.flush = flush,
	.finish = finish,
	.discard = discard,
};

struct eio__transport *eio__websocket_init(eio_socket *s, struct eio__ws *ws)
{
	struct eio__websocket *w = &s->websocket;

	w->base.ops = &ops;
	w->ws = ws;
	if (ws) {
		eio__ws_set_owner(ws, &ws_ops, w);
		eio__ws_set_queue(ws, &s->queue);
		eio__ws_ahead(ws, s, s->data);
		eio__ws_below(ws, w->below);
	}
	return &w->base;
}

void eio__websocket_ahead(eio_socket *s)
{
	if (s->transport == &s->websocket.base && s->websocket.ws)
		eio__ws_ahead(s->websocket.ws, s, s->data);
}

bool eio__websocket_accept(struct eio__transport *t, eio_request *req)
{
	struct eio__websocket *w = websocket_of(t);
	eio_socket *s = session_of(t);

	w->ws = eio__ws_accept(req,
		(size_t)eio__session_option(s, ENGINEIO_MAX_PAYLOAD),
		s->srv->deflater, &ws_ops, w);
	if (!w->ws)
		return false;
	eio__ws_set_queue(w->ws, &s->queue);
	eio__ws_ahead(w->ws, s, s->data);
	eio__ws_below(w->ws, w->below);
	return true;
}
