/* SPDX-License-Identifier: MIT */
/*
 * server.c: the server: its path, its sessions, its beginning and end.
 *
 * Requests for its path go to handshake.c, all others to the routes of the
 * HTTP server below. Always true: a session is in the map until it is
 * closed, and in the list until its on_close has been told.
 */
#include <config.h>

#include <engineio/engine.h>

#include <engineio/http/route.h>
#include <engineio/http/ws_route.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- its path -------------------------------------------------------------- */

int eio_server_set_path(eio_server *srv, const char *path)
{
	size_t n = path ? strlen(path) : 0;
	char *with, *without;

	if (!srv || !n || *path != '/' || path[strcspn(path, "?# \t\r\n")])
		return ENGINEIO_ERR_INVALID;
	if (!eio__list_empty(&srv->http->listeners))
		return ENGINEIO_ERR_STATE;
	if (path[n - 1] == '/')
		n--;
	with = malloc(n + 2);
	without = malloc(n + 1);
	if (!with || !without) {
		free(with);
		free(without);
		return ENGINEIO_ERR_NOMEM;
	}
	snprintf(with, n + 2, "%.*s/", (int)n, path);
	snprintf(without, n + 1, "%.*s", (int)n, path);
	free(srv->path);
	free(srv->name);
	srv->path = with;
	srv->name = without;
	return 0;
}

const char *eio_server_path(const eio_server *srv)
{
	return srv ? srv->name : "";
}

/* -- birth --------------------------------------------------------------- */

/* The path of the engine is a prefix of the raw target, as in the official
 * server: nothing is decoded or normalised. Without its '/' it ends where a
 * name does: "/socket.iofoo" is somebody else's. */
bool eio__server_is_for(const eio_server *srv, const eio_request *req)
{
	const char *target = eio_request_target(req);
	size_t n = strlen(srv->name);

	if (srv->options[ENGINEIO_ADD_TRAILING_SLASH])
		return strncmp(target, srv->path, n + 1) == 0;
	return strncmp(target, srv->name, n) == 0 &&
		(!target[n] || strchr("/?", target[n]));
}

static enum eio__step on_head(struct eio__handler *h, eio_request *req)
{
	eio_server *srv = eio__list_entry(h, eio_server, handler);

	return eio__server_is_for(srv, req) ? eio__handshake_request(srv, req)
					    : EIO__PASS;
}

static bool make_packets(eio_server *srv)
{
	srv->ping = eio__buf_packet('2', NULL, 0);
	srv->pong = eio__buf_packet('3', NULL, 0);
	srv->noop = eio__buf_packet('6', NULL, 0);
	srv->bye = eio__buf_packet('1', NULL, 0);
	srv->probe = eio__buf_packet('3', "probe", 5);
	return srv->ping && srv->pong && srv->noop && srv->bye && srv->probe;
}

static void on_deadline(struct eio__timer *timer);
static void on_done(struct eio__task *task);
static void on_idle(void *user);

static bool server_init(eio_server *srv, eio_loop *loop)
{
	uint64_t seed;

	srv->loop = loop;
	eio__options_init(srv);
	srv->http = &srv->own;
	eio__list_init(&srv->all);
	eio__list_init(&srv->handler.link);
	eio__list_init(&srv->hooks);
	eio__list_init(&srv->asked);
	eio__list_init(&srv->entering);
	eio__cors_init(&srv->cors);
	eio__strbuf_init(&srv->cookie_tail, 0);
	eio__timer_init(&srv->deadline, on_deadline);
	eio__task_init(&srv->done_task, on_done);
	if (eio__http_init(&srv->own, loop))
		return false;
	eio__options_apply(srv);
	srv->own.on_idle = on_idle;
	srv->own.idle_user = srv;
	srv->handler.rank = EIO__RANK_ENGINE;
	srv->handler.on_head = on_head;
	eio__http_add_handler(srv->http, &srv->handler);
	eio__http_add_handler(srv->http, &srv->cors.handler);
	if (eio_loop_random(loop, &seed, sizeof(seed)))
		return false;
	eio__map_init(&srv->sessions, seed, eio__session_key);
	eio__map_init(&srv->peers, seed, eio__peer_key);
	return make_packets(srv) && !eio_server_set_path(srv, "/engine.io");
}

eio_server *eio_server_new(eio_loop *loop)
{
	eio_server *srv = loop ? calloc(1, sizeof(*srv)) : NULL;

	if (!srv)
		return NULL;
	if (server_init(srv, loop))
		return srv;
	eio_server_free(srv);
	return NULL;
}

/* Whether it was more than a name so far: nobody would be served at its own
 * listeners and routes any more. */
static bool has_begun(const eio_server *srv)
{
	const struct eio__list *pos;

	for (pos = srv->own.handlers.next; pos != &srv->own.handlers;
		pos = pos->next)
		if (eio__list_entry(pos, struct eio__handler, link)->free)
			return true;
	return srv->own.count || !eio__list_empty(&srv->own.listeners);
}

int eio_server_attach(eio_server *guest, eio_server *host)
{
	if (!guest || !host || guest == host || guest->loop != host->loop)
		return ENGINEIO_ERR_INVALID;
	if (guest->http != &guest->own || has_begun(guest))
		return ENGINEIO_ERR_STATE;
	eio__http_remove_handler(&guest->handler);
	eio__http_remove_handler(&guest->cors.handler);
	guest->http = host->http;
	eio__http_add_handler(guest->http, &guest->handler);
	eio__hooks_move(guest, guest->http);
	eio__http_add_handler(guest->http, &guest->cors.handler);
	return 0;
}

static const char *below_http(unsigned flags)
{
	if (flags & ENGINEIO_LISTEN_TLS_AND_PLAIN)
		return ", over TLS and without";
	return flags & ENGINEIO_LISTEN_TLS ? ", over TLS" : "";
}

int eio_server_listen_with(eio_server *srv, const char *host, int port,
	unsigned flags)
{
	int err;

	if (!srv)
		return ENGINEIO_ERR_INVALID;
	if (srv->closing)
		return ENGINEIO_ERR_STATE;
	err = eio__http_listen(srv->http, host, port, flags);
	if (err)
		return err;
	eio_server_log(srv, ENGINEIO_LOG_INFO, "listening on %s, port %d%s",
		host ? host : "every address", eio__http_newest_port(srv->http),
		below_http(flags));
	eio__cors_look(srv);
	return 0;
}

int eio_server_listen(eio_server *srv, const char *host, int port)
{
	return eio_server_listen_with(srv, host, port,
		srv && srv->http->tls ? ENGINEIO_LISTEN_TLS : 0);
}

int eio_server_port(const eio_server *srv)
{
	return srv ? eio__http_port(srv->http) : 0;
}

const char *eio_server_error(const eio_server *srv)
{
	return srv ? srv->http->error : "";
}

eio_loop *eio_server_loop(const eio_server *srv)
{
	return srv ? srv->loop : NULL;
}

size_t eio_server_sessions(const eio_server *srv)
{
	return srv ? eio__map_count(&srv->sessions) : 0;
}

size_t eio_server_connections(const eio_server *srv)
{
	return srv ? srv->http->count : 0;
}

eio_socket *eio_server_find(const eio_server *srv, const char *id)
{
	return srv && id ? eio__map_get(&srv->sessions, id, strlen(id)) : NULL;
}

eio_socket *eio_server_next(const eio_server *srv, const eio_socket *s)
{
	const struct eio__list *pos;
	eio_socket *next;

	if (!srv || (s && s->srv != srv))
		return NULL;
	pos = s ? s->link.next : srv->all.next;
	/* Those whose end is still untold are in the list, too. */
	for (; pos != &srv->all; pos = pos->next) {
		next = eio__list_entry(pos, eio_socket, link);
		if (next->state != EIO__CLOSED && next->announced)
			return next;
	}
	return NULL;
}

int eio_server_set_initial_packet(eio_server *srv, eio_buf *buf)
{
	if (!srv)
		return ENGINEIO_ERR_INVALID;
	eio_buf_ref(buf);
	eio_buf_unref(srv->initial);
	srv->initial = buf;
	return 0;
}

/* -- what else is on the port -------------------------------------------- */

int eio_server_route(eio_server *srv, const char *method, const char *path,
	eio_route_cb fn, void *user)
{
	if (!srv)
		return ENGINEIO_ERR_INVALID;
	return eio__route_add(srv->http, method, path, fn, user);
}

int eio_server_on_refusal(eio_server *srv, const char *path, eio_refusal_cb fn,
	void *user)
{
	if (!srv)
		return ENGINEIO_ERR_INVALID;
	return eio__route_on_refusal(srv->http, path, fn, user);
}

int eio_server_websocket(eio_server *srv, const char *path,
	const char *protocol, const struct eio_websocket_events *events,
	void *user)
{
	if (!srv)
		return ENGINEIO_ERR_INVALID;
	return eio__ws_route_add(srv->http, path, protocol, events, user);
}

eio_websocket *eio_server_next_websocket(const eio_server *srv,
	const char *path, const eio_websocket *w)
{
	return srv && path ? eio__ws_route_next(srv->http, path, w) : NULL;
}

int eio_server_mount(eio_server *srv, const char *path, const char *folder)
{
	return srv ? eio__route_mount(srv->http, path, folder)
		   : ENGINEIO_ERR_INVALID;
}

/* -- callbacks ----------------------------------------------------------- */

void eio_server_on_open(eio_server *srv, eio_open_cb fn, void *user)
{
	if (!srv)
		return;
	srv->on_open = fn;
	srv->open_user = user;
}

void eio_server_on_message(eio_server *srv, eio_message_cb fn, void *user)
{
	if (!srv)
		return;
	srv->on_message = fn;
	srv->message_user = user;
}

void eio_server_on_drain(eio_server *srv, eio_drain_cb fn, void *user)
{
	if (!srv)
		return;
	srv->on_drain = fn;
	srv->drain_user = user;
}

void eio_server_on_close(eio_server *srv, eio_close_cb fn, void *user)
{
	if (!srv)
		return;
	srv->on_close = fn;
	srv->close_user = user;
}

/* -- the end ------------------------------------------------------------- */

/* Whether the session has to be waited for: something is queued; or the
 * client is between the probe's answer and the "5", where it neither polls
 * nor listens to the WebSocket, and would believe itself connected until its
 * own ping timeout. */
static bool is_worth_waiting(const eio_socket *s)
{
	return s->queue.count ||
		(eio__upgrade_is_probed(s) && !eio_socket_is_writable(s));
}

static void end_session(eio_socket *s, bool at_once)
{
	if (!at_once && is_worth_waiting(s))
		eio__session_close(s, ENGINEIO_REASON_SHUTTING_DOWN);
	else
		eio__session_end(s, ENGINEIO_REASON_SHUTTING_DOWN, NULL);
}

static void end_sessions(eio_server *srv, bool at_once)
{
	struct eio__list *pos, *next;

	/* Ending one takes it out of the map, not yet out of the list. */
	for (pos = srv->all.next; pos != &srv->all; pos = next) {
		next = pos->next;
		end_session(eio__list_entry(pos, eio_socket, link), at_once);
	}
}

static void on_done(struct eio__task *task)
{
	eio_server *srv = eio__list_entry(task, eio_server, done_task);
	void (*done)(void *user) = srv->done;

	srv->done = NULL;
	if (done)
		done(srv->done_user);
}

static void be_done(eio_server *srv)
{
	eio__loop_cancel(srv->loop, &srv->deadline);
	eio__loop_defer(srv->loop, EIO__WORK, &srv->done_task);
}

void eio__server_check_done(eio_server *srv)
{
	/* A guest's connections are the host's. */
	bool quiet = srv->http != &srv->own || !srv->own.count;

	if (!srv->closing || !srv->done || !eio__list_empty(&srv->all))
		return;
	if (quiet)
		be_done(srv);
	else
		eio__http_close_idle(&srv->own);
}

/* Nobody can come back to a server that does not listen: a session without
 * any connection is not waited for. */
static void on_idle(void *user)
{
	eio_server *srv = user;

	if (srv->closing)
		end_sessions(srv, true);
	eio__server_check_done(srv);
}

static void on_deadline(struct eio__timer *timer)
{
	eio_server *srv = eio__list_entry(timer, eio_server, deadline);

	eio_server_log(srv, ENGINEIO_LOG_WARN,
		"closing: %zu connections are left at the deadline",
		srv->own.count);
	end_sessions(srv, true);
	be_done(srv);
}

static void nothing(void *user)
{
}

int eio_server_close(eio_server *srv, uint64_t deadline_ms,
	void (*done)(void *user), void *user)
{
	if (!srv)
		return ENGINEIO_ERR_INVALID;
	if (srv->closing)
		return ENGINEIO_ERR_STATE;
	srv->closing = true;
	srv->done = done ? done : nothing;
	srv->done_user = user;
	eio_server_log(srv, ENGINEIO_LOG_INFO, "closing");
	eio__http_wind_down(&srv->own);
	eio__ws_routes_close(&srv->own);
	/* Whatever is decided on them, there is no session for them. */
	eio__request_cancel_questions(&srv->entering);
	end_sessions(srv, false);
	eio__loop_start(srv->loop, &srv->deadline, deadline_ms);
	if (srv->http == &srv->own && !srv->own.count)
		on_idle(srv);
	else
		eio__server_check_done(srv);
	return 0;
}

/* A request that goes on behind the callback in which its server was freed
 * tells nobody of its end: whoever would be told may have gone as well. */
static void be_silent(eio_server *srv)
{
	eio_server_set_log(srv, ENGINEIO_LOG_ERROR, NULL, NULL);
	eio_server_on_connection_error(srv, NULL, NULL);
}

/* The memory goes at the end of the turn: we may be inside a callback of
 * one of its sessions. */
static void on_free(struct eio__task *task)
{
	eio_server *srv = eio__list_entry(task, eio_server, done_task);

	eio__map_clear(&srv->sessions);
	eio__map_clear(&srv->peers);
	eio_buf_unref(srv->initial);
	eio_buf_unref(srv->ping);
	eio_buf_unref(srv->pong);
	eio_buf_unref(srv->noop);
	eio_buf_unref(srv->bye);
	eio_buf_unref(srv->probe);
	eio__deflater_unref(srv->deflater);
	eio__cors_clear(&srv->cors);
	eio__cookie_clear(srv);
	free(srv->path);
	free(srv->name);
	free(srv);
}

void eio_server_free(eio_server *srv)
{
	if (!srv)
		return;
	srv->closing = true;
	srv->done = NULL;
	end_sessions(srv, true);
	while (!eio__list_empty(&srv->all))
		eio__session_tell_end(eio__list_entry(srv->all.next, eio_socket,
			link));
	eio__hooks_clear(srv);
	eio__http_remove_handler(&srv->handler);
	eio__http_remove_handler(&srv->cors.handler);
	srv->own.on_idle = NULL;
	eio__http_clear(&srv->own);
	/* Those of a guest's, whose connections are the host's. */
	eio__request_cancel_questions(&srv->entering);
	eio__request_cancel_questions(&srv->asked);
	be_silent(srv);
	eio__loop_cancel(srv->loop, &srv->deadline);
	eio__task_cancel(&srv->done_task);
	eio__task_init(&srv->done_task, on_free);
	eio__loop_defer(srv->loop, EIO__FREE, &srv->done_task);
}
