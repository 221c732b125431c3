/* SPDX-License-Identifier: MIT */
/*
 * gate.c: a request for a new session on its way in: limits, the
 * application's consent (JS: allowRequest), its id, and the transport.
 *
 *   limits -> on_request? -> revision -> limits -> on_id? -> open
 *
 * Each question may be answered later; the limits are looked at again then.
 * handshake.c has checked what can be checked without asking anybody. Always
 * true: no WebSocket exists, and no session, before the last of these.
 */
#include <config.h>

#include <engineio/engine.h>

#include <string.h>

/* -- limits -------------------------------------------------------------- */

static void send_away(eio_request *req, int status, const char *seconds)
{
	eio_request_set_header(req, "Retry-After", seconds);
	req->keep_alive = false;
	eio_request_respond(req, status, NULL, NULL, 0);
}

static bool is_full(eio_server *srv, eio_request *req)
{
	size_t max = (size_t)srv->options[ENGINEIO_MAX_SESSIONS];

	if (!srv->closing && (!max || eio__map_count(&srv->sessions) < max))
		return false;
	if (!srv->closing)
		eio__http_count(&srv->own, ENGINEIO_COUNT_MAX_SESSIONS,
			ENGINEIO_LOG_WARN,
			"handshake refused: %zu sessions are open "
			"(MAX_SESSIONS)",
			max);
	send_away(req, 503, "5");
	return true;
}

static bool is_crowded(eio_server *srv, eio_request *req)
{
	const char *address = eio_request_address(req);

	if (eio__peer_may_enter(srv, address))
		return false;
	eio__http_count(&srv->own, ENGINEIO_COUNT_MAX_SESSIONS_PER_ADDRESS,
		ENGINEIO_LOG_WARN,
		"handshake refused: %s has %ld sessions "
		"(MAX_SESSIONS_PER_ADDRESS)",
		address, srv->options[ENGINEIO_MAX_SESSIONS_PER_ADDRESS]);
	send_away(req, 429, "5");
	return true;
}

/* A bucket of as many handshakes as are allowed in a second, in the form of
 * the time, in microseconds, when it will be full again. */
static bool is_too_fast(eio_server *srv, eio_request *req)
{
	uint64_t rate = (uint64_t)srv->options[ENGINEIO_HANDSHAKE_RATE];
	uint64_t now = eio_loop_now(srv->loop) * 1000;
	uint64_t until = srv->rate_until > now ? srv->rate_until : now;

	if (!rate)
		return false;
	until += 1000000 / rate;
	if (until <= now + 1000000) {
		srv->rate_until = until;
		return false;
	}
	eio__http_count(&srv->own, ENGINEIO_COUNT_HANDSHAKE_RATE,
		ENGINEIO_LOG_WARN,
		"handshake refused: more than %ld in a second "
		"(HANDSHAKE_RATE)",
		srv->options[ENGINEIO_HANDSHAKE_RATE]);
	send_away(req, 429, "1");
	return true;
}

/* -- the transport ------------------------------------------------------- */

static void open_websocket(eio_socket *s, eio_request *req)
{
	struct eio__transport *t = eio__websocket_init(s, NULL);

	eio__cookie_give(s, req);
	if (eio__websocket_accept(t, req))
		eio__session_open(s, t, "");
	else
		eio__session_drop(s);
}

/* With an index, answers are scripts (JSONP); it may be empty. */
static struct eio__transport *new_polling(eio_socket *s, const char *index)
{
	struct eio__transport *t = eio__polling_new(s);

	if (!t || !index || !eio__polling_use_jsonp(t, index))
		return t;
	t->ops->discard(t, NULL);
	return NULL;
}

static void open_polling(eio_socket *s, eio_request *req)
{
	struct eio__transport *t = new_polling(s, eio_request_query(req, "j"));
	bool upgrades = s->srv->options[ENGINEIO_ALLOW_UPGRADES] &&
		s->srv->options[ENGINEIO_TRANSPORTS] & ENGINEIO_WEBSOCKET;

	if (!t) {
		eio__handshake_fail(s->srv, req);
		eio__session_drop(s);
		return;
	}
	eio__cookie_give(s, req);
	/* The handshake's own request is its first poll. */
	eio__polling_request(t, req);
	eio__session_open(s, t, upgrades ? "\"websocket\"" : "");
}

static enum eio__step open_session(eio_server *srv, eio_request *req,
	const char *id)
{
	eio_socket *s;

	/* The application may end the server meanwhile. */
	if (!eio__headers_ask(srv, req, true) || is_full(srv, req))
		return EIO__TAKEN;
	s = eio__session_new(srv, req, id);
	if (!s) {
		eio__handshake_fail(srv, req);
		return EIO__TAKEN;
	}
	eio__session_set_base64(s, eio__wants_base64(req));
	if (req->upgrade)
		open_websocket(s, req);
	else
		open_polling(s, req);
	return EIO__TAKEN;
}

/* -- its id -------------------------------------------------------------- */

static enum eio__step refuse_id(eio_server *srv, eio_request *req,
	const char *why)
{
	struct eio_connection_error error = {
		.code = ENGINEIO_CODE_BAD_REQUEST,
		.context = ENGINEIO_CONTEXT_ID_GENERATION_ERROR,
		.error = why,
	};

	eio__refuse(srv, req, &error);
	return EIO__TAKEN;
}

static enum eio__step on_id(eio_request *req, void *user, bool ok)
{
	eio_server *srv = user;
	const char *id = req->decision_text;

	if (!ok)
		return refuse_id(srv, req, id);
	if (is_full(srv, req) || is_crowded(srv, req))
		return EIO__TAKEN;
	if (id && !eio__sid_valid(id, strlen(id)))
		return refuse_id(srv, req, "not an id");
	if (id && eio_server_find(srv, id))
		return refuse_id(srv, req, "id in use");
	return open_session(srv, req, id);
}

/* -- consent ------------------------------------------------------------- */

static enum eio__step allowed(eio_server *srv, eio_request *req)
{
	static const struct eio__asker asker = { on_id };

	if (!eio__handshake_version_ok(srv, req) || is_full(srv, req) ||
		is_crowded(srv, req))
		return EIO__TAKEN;
	if (!srv->on_id)
		return open_session(srv, req, NULL);
	return eio__request_ask(req, srv->on_id, srv->id_user, &asker, srv,
		&srv->entering);
}

static enum eio__step on_decided(eio_request *req, void *user, bool allow)
{
	struct eio_connection_error error = {
		.code = ENGINEIO_CODE_FORBIDDEN,
		.message = req->decision_text,
	};

	if (allow)
		return allowed(user, req);
	eio__refuse(user, req, &error);
	return EIO__TAKEN;
}

enum eio__step eio__gate_enter(eio_server *srv, eio_request *req)
{
	static const struct eio__asker asker = { on_decided };

	if (is_full(srv, req) || is_crowded(srv, req) || is_too_fast(srv, req))
		return EIO__TAKEN;
	if (!srv->on_request)
		return allowed(srv, req);
	return eio__request_ask(req, srv->on_request, srv->request_user, &asker,
		srv, &srv->entering);
}

void eio_server_on_request(eio_server *srv, eio_request_cb fn, void *user)
{
	if (!srv)
		return;
	srv->on_request = fn;
	srv->request_user = user;
}

void eio_server_on_id(eio_server *srv, eio_request_cb fn, void *user)
{
	if (!srv)
		return;
	srv->on_id = fn;
	srv->id_user = user;
}
