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
	eio_request_set_header(req, "Retry-After", "5");
	req->keep_alive = false;
	eio_request_respond(req, 503, NULL, NULL, 0);
	return true;
}

/* -- the transport ------------------------------------------------------- */

static void open_websocket(eio_socket *s, eio_request *req)
{
	struct eio__transport *t = eio__websocket_new(s, NULL);

	if (t && eio__websocket_accept(t, req)) {
		eio__session_open(s, t, "");
		return;
	}
	if (!t)
		eio__handshake_fail(s->srv, req);
	else
		t->ops->discard(t, NULL);
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
	/* The handshake's own request is its first poll. */
	eio__polling_request(t, req);
	eio__session_open(s, t, upgrades ? "\"websocket\"" : "");
}

static enum eio__step open_session(eio_server *srv, eio_request *req)
{
	eio_socket *s;

	s = eio__session_new(srv, req);
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

/* -- consent ------------------------------------------------------------- */

static enum eio__step allowed(eio_server *srv, eio_request *req)
{
	if (!eio__handshake_version_ok(srv, req) || is_full(srv, req))
		return EIO__TAKEN;
	return open_session(srv, req);
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

	if (is_full(srv, req))
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
