/* SPDX-License-Identifier: MIT */
/*
 * ws_route.c: WebSockets beside Engine.IO: path to callbacks, and the queue
 * of each of them.
 *
 * ws.c speaks the protocol. A peer that vanishes without a word is found by
 * pings: one that has not answered the last when the next is due is given up.
 * One that is closed by us is sent what is queued first, for CLOSE_TIMEOUT at
 * most; what it says meanwhile is dropped.
 *
 * Always true: on_close is told exactly once for each on_open, and nothing
 * after it; the object lives as long as its WebSocket or a reference.
 */
#include <config.h>

#include <engineio/http/ws_route.h>

#include <engineio/buf.h>
#include <engineio/http.h>
#include <engineio/http/ws.h>

#include <stdlib.h>
#include <string.h>

struct route {
	struct eio__list link;
	char *path, *protocol; /* protocol: NULL: any or none */
	struct eio_websocket_events events;
	void *user;
};

struct ws_routes {
	struct eio__handler handler;
	struct eio__list list;
	struct eio__list open; /* websockets whose end was not told */
};

struct eio_websocket {
	unsigned refs;
	bool awaiting_pong;
	bool closing;   /* the queue leaves, then the close frame */
	bool undrained; /* more than QUEUE_LOW waits, or did in this turn */
	int code;       /* of that close frame */
	struct eio__http *http;
	struct eio__ws *ws; /* NULL once it has ended */
	const struct route *route;
	struct eio__queue queue;
	struct eio__timer timer; /* the next ping; while closing, its limit */
	struct eio__list link;
	struct eio__task end; /* tells of an end that was our own */
	const char *detail;
	void *data;
};

/* -- one of them ---------------------------------------------------------- */

eio_websocket *eio_websocket_ref(eio_websocket *w)
{
	if (w)
		w->refs++;
	return w;
}

void eio_websocket_unref(eio_websocket *w)
{
	if (w && --w->refs == 0)
		free(w);
}

static void tell_end(eio_websocket *w)
{
	const struct route *r = w->route;

	eio__list_del(&w->link);
	eio__task_cancel(&w->end);
	w->route = NULL;
	if (r->events.on_close)
		r->events.on_close(w, w->detail, r->user);
	eio_websocket_unref(w);
}

static void on_end(struct eio__task *task)
{
	tell_end(eio__list_entry(task, eio_websocket, end));
}

/* Takes it out of everything but the application's hands. */
static void detach(eio_websocket *w, const char *detail)
{
	w->ws = NULL;
	w->detail = detail;
	eio__loop_cancel(w->http->loop, &w->timer);
	eio__queue_clear(&w->queue);
}

/* An end of our own is told from the loop. */
static void end(eio_websocket *w, int code, const char *detail)
{
	struct eio__ws *ws = w->ws;

	if (!ws)
		return;
	detach(w, detail);
	eio__ws_end(ws, code);
	eio__loop_defer(w->http->loop, EIO__WORK, &w->end);
}

/* An orderly end: at once if nothing waits, else when it has left. */
static void close_in_order(eio_websocket *w, int code, const char *detail)
{
	if (!w->ws || w->closing)
		return;
	if (!w->queue.count) {
		end(w, code, detail);
		return;
	}
	w->closing = true;
	w->code = code;
	w->detail = detail;
	eio__loop_start(w->http->loop, &w->timer,
		w->http->limits.close_timeout);
}

static void on_message(void *user, char *data, size_t len, bool binary)
{
	eio_websocket *w = user;

	w->awaiting_pong = false;
	if (!w->closing)
		w->route->events.on_message(w, data, len, binary,
			w->route->user);
}

static void on_progress(void *user)
{
	eio_websocket *w = user;

	w->awaiting_pong = false;
}

static void on_written(void *user, unsigned packets, size_t bytes)
{
	eio_websocket *w = user;
	const struct route *r = w->route;

	if (!w->undrained || w->closing ||
		w->queue.bytes > w->http->limits.queue_low)
		return;
	w->undrained = false;
	if (r->events.on_drain)
		r->events.on_drain(w, r->user);
}

static void on_drained(void *user)
{
	eio_websocket *w = user;

	if (w->closing)
		end(w, w->code, w->detail);
}

static void on_closed(void *user, enum eio__ws_end how, const char *detail)
{
	eio_websocket *w = user;

	detach(w, w->closing ? w->detail : detail);
	tell_end(w);
}

static const struct eio__ws_ops ws_ops = {
	.on_message = on_message,
	.on_progress = on_progress,
	.on_written = on_written,
	.on_drained = on_drained,
	.on_closed = on_closed,
	.on_pong = on_progress,
};

static void start_ping_timer(eio_websocket *w)
{
	eio__loop_start(w->http->loop, &w->timer,
		w->http->limits.ping_interval);
}

static void on_timer(struct eio__timer *timer)
{
	eio_websocket *w = eio__list_entry(timer, eio_websocket, timer);

	if (w->closing) {
		end(w, w->code, w->detail);
	} else if (w->awaiting_pong) {
		end(w, EIO__WS_GOING_AWAY, "ping timeout");
	} else {
		w->awaiting_pong = true;
		eio__ws_ping(w->ws);
		start_ping_timer(w);
	}
}

static eio_websocket *websocket_new(struct eio__http *http,
	const struct route *route)
{
	eio_websocket *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->refs = 1;
	w->http = http;
	w->route = route;
	eio__list_init(&w->link);
	eio__timer_init(&w->timer, on_timer);
	eio__task_init(&w->end, on_end);
	return w;
}

static bool over_limit(const eio_websocket *w, size_t cost)
{
	size_t max = w->http->limits.queue_bytes;

	/* As for sessions: one always fits. */
	return w->queue.count && w->queue.bytes + cost > max;
}

int eio_websocket_send(eio_websocket *w, const void *data, size_t len,
	bool binary)
{
	eio_buf *buf;
	int err;

	if (!w || (!data && len))
		return ENGINEIO_ERR_INVALID;
	if (!w->ws || w->closing)
		return ENGINEIO_ERR_CLOSED;
	buf = eio__buf_message(data, len, binary);
	if (!buf)
		return ENGINEIO_ERR_NOMEM;
	if (over_limit(w, eio__buf_cost(buf))) {
		eio_buf_unref(buf);
		eio__http_count(w->http, ENGINEIO_COUNT_QUEUE_BYTES,
			ENGINEIO_LOG_WARN,
			"websocket: closed: too much waits for its peer "
			"(QUEUE_BYTES)");
		end(w, EIO__WS_POLICY, "queue full");
		return ENGINEIO_ERR_FULL;
	}
	err = eio__queue_push(&w->queue, buf);
	eio_buf_unref(buf);
	if (err)
		return err;
	w->undrained |= w->queue.bytes > w->http->limits.queue_low;
	eio__ws_dirty(w->ws);
	return 0;
}

size_t eio_websocket_queued(const eio_websocket *w)
{
	return w ? w->queue.bytes : 0;
}

int eio_websocket_close(eio_websocket *w, int code)
{
	if (!w || (code && !eio__ws_may_send_code(code)))
		return ENGINEIO_ERR_INVALID;
	close_in_order(w, code, "closed by the server");
	return 0;
}

void eio_websocket_set_data(eio_websocket *w, void *data)
{
	if (w)
		w->data = data;
}

void *eio_websocket_data(const eio_websocket *w)
{
	return w ? w->data : NULL;
}

/* -- paths ---------------------------------------------------------------- */

static const struct route *find(const struct ws_routes *routes,
	const eio_request *req)
{
	struct eio__list *pos;
	size_t len;
	const char *path = eio__request_path(req, &len);

	eio__list_for_each(pos, &routes->list) {
		struct route *r = eio__list_entry(pos, struct route, link);

		if (strlen(r->path) == len && !memcmp(r->path, path, len))
			return r;
	}
	return NULL;
}

static bool offers(const eio_request *req, const char *protocol)
{
	return eio__request_lists(req, "sec-websocket-protocol", protocol);
}

static void open_websocket(struct ws_routes *routes, const struct route *r,
	eio_request *req)
{
	struct eio__http *http = req->http;
	eio_websocket *w = websocket_new(http, r);

	if (!w) {
		eio__ws_refuse(req, 500, "Out of memory");
		return;
	}
	w->ws = eio__ws_accept_as(req, r->protocol, http->limits.max_body,
		http->deflater, &ws_ops, w);
	if (!w->ws) {
		eio_websocket_unref(w);
		return;
	}
	eio__ws_set_queue(w->ws, &w->queue);
	eio__list_add_tail(&routes->open, &w->link);
	start_ping_timer(w);
	r->events.on_open(w, req, r->user);
}

static enum eio__step on_head(struct eio__handler *h, eio_request *req)
{
	struct ws_routes *routes =
		eio__list_entry(h, struct ws_routes, handler);
	const struct route *r = req->upgrade ? find(routes, req) : NULL;

	if (!r)
		return EIO__PASS;
	if (req->http->closing)
		eio__ws_refuse(req, 503, "Server shutting down");
	else if (r->protocol && !offers(req, r->protocol))
		eio__ws_refuse(req, 400,
			"Missing or unknown Sec-WebSocket-Protocol");
	else
		open_websocket(routes, r, req);
	return EIO__TAKEN;
}

static void route_free(struct route *r)
{
	if (!r)
		return;
	free(r->path);
	free(r->protocol);
	free(r);
}

static void routes_free(struct eio__handler *h)
{
	struct ws_routes *routes =
		eio__list_entry(h, struct ws_routes, handler);
	struct eio__list *link;

	/* No connection is left, so that all of them have ended. */
	while (!eio__list_empty(&routes->open))
		tell_end(eio__list_entry(routes->open.next, eio_websocket,
			link));
	for (link = eio__list_pop(&routes->list); link;
		link = eio__list_pop(&routes->list))
		route_free(eio__list_entry(link, struct route, link));
	free(routes);
}

static struct ws_routes *find_routes(struct eio__http *http)
{
	struct eio__handler *h = eio__http_find_handler(http, on_head);

	return h ? eio__list_entry(h, struct ws_routes, handler) : NULL;
}

static struct ws_routes *routes_of(struct eio__http *http)
{
	struct ws_routes *routes = find_routes(http);

	if (routes)
		return routes;
	routes = calloc(1, sizeof(*routes));
	if (!routes)
		return NULL;
	eio__list_init(&routes->list);
	eio__list_init(&routes->open);
	routes->handler.rank = EIO__RANK_WEBSOCKET;
	routes->handler.on_head = on_head;
	routes->handler.free = routes_free;
	eio__http_add_handler(http, &routes->handler);
	return routes;
}

static struct route *route_new(const char *path, const char *protocol)
{
	struct route *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->path = strdup(path);
	r->protocol = protocol ? strdup(protocol) : NULL;
	if (r->path && !r->protocol == !protocol)
		return r;
	route_free(r);
	return NULL;
}

int eio__ws_route_add(struct eio__http *http, const char *path,
	const char *protocol, const struct eio_websocket_events *events,
	void *user)
{
	struct ws_routes *routes;
	struct route *r;

	if (!path || *path != '/' || !events || !events->on_open ||
		!events->on_message || (protocol && !eio__is_token(protocol)))
		return ENGINEIO_ERR_INVALID;
	routes = routes_of(http);
	r = routes ? route_new(path, protocol) : NULL;
	if (!r)
		return ENGINEIO_ERR_NOMEM;
	r->events = *events;
	r->user = user;
	eio__list_add_tail(&routes->list, &r->link);
	return 0;
}

eio_websocket *eio__ws_route_next(struct eio__http *http, const char *path,
	const eio_websocket *w)
{
	struct ws_routes *routes = find_routes(http);
	struct eio__list *pos;
	eio_websocket *next;

	/* One whose end was told is in no list. */
	if (!routes || (w && !w->route))
		return NULL;
	for (pos = w ? w->link.next : routes->open.next; pos != &routes->open;
		pos = pos->next) {
		next = eio__list_entry(pos, eio_websocket, link);
		if (next->ws && !next->closing &&
			strcmp(next->route->path, path) == 0)
			return next;
	}
	return NULL;
}

void eio__ws_routes_close(struct eio__http *http)
{
	struct ws_routes *routes = find_routes(http);
	struct eio__list *pos, *next;

	if (!routes)
		return;
	for (pos = routes->open.next; pos != &routes->open; pos = next) {
		next = pos->next;
		close_in_order(eio__list_entry(pos, eio_websocket, link),
			EIO__WS_GOING_AWAY, "server shutting down");
	}
}
