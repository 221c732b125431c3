/* SPDX-License-Identifier: MIT */
/*
 * handshake.c: decides what becomes of a request for the engine's path.
 *
 * The checks stand in the order of the official server, because a client
 * sees which of them failed. Always true: a request that passes goes to
 * exactly one session, and one that fails is answered here, before any
 * WebSocket exists.
 */
#include <config.h>

#include <engineio/engine.h>

#include <string.h>

/* The codes of the Engine.IO server. */
enum code {
	CODE_TRANSPORT,
	CODE_SESSION,
	CODE_METHOD,
	CODE_REQUEST,
	CODE_FORBIDDEN,
	CODE_VERSION,
	CODE_OK,
};

static const char *const messages[] = {
	[CODE_TRANSPORT] = "Transport unknown",
	[CODE_SESSION] = "Session ID unknown",
	[CODE_METHOD] = "Bad handshake method",
	[CODE_REQUEST] = "Bad request",
	[CODE_FORBIDDEN] = "Forbidden",
	[CODE_VERSION] = "Unsupported protocol version",
};

/* A polling request gets JSON, an upgrade the bare message. */
static void refuse(eio_request *req, enum code code)
{
	struct eio__strbuf json;

	if (req->upgrade) {
		eio__ws_refuse(req, 400, messages[code]);
		return;
	}
	eio__strbuf_init(&json, 0);
	eio__strbuf_printf(&json, "{\"code\":%d,\"message\":\"%s\"}", (int)code,
		messages[code]);
	eio_request_respond(req, code == CODE_FORBIDDEN ? 403 : 400,
		"application/json", json.data, json.len);
	eio__strbuf_clear(&json);
}

/* Two parameters compared as text; a missing one is equal to nothing. */
static bool is(const char *value, const char *text)
{
	return value && strcmp(value, text) == 0;
}

static bool transport_enabled(const eio_server *srv, const char *name)
{
	long enabled = srv->options[ENGINEIO_TRANSPORTS];

	return (is(name, "polling") && enabled & ENGINEIO_POLLING) ||
		(is(name, "websocket") && enabled & ENGINEIO_WEBSOCKET);
}

/* Bytes that no Origin has. The HTTP parser refuses most of them. */
static bool origin_ok(const char *origin)
{
	const unsigned char *p = (const unsigned char *)origin;

	for (; p && *p; p++)
		if ((*p < ' ' && *p != '\t') || *p == 0x7f)
			return false;
	return true;
}

/* A request that names a session. */
static enum code check_session(eio_request *req, const eio_socket *s)
{
	const char *transport = eio_request_query(req, "transport");

	if (!s)
		return CODE_SESSION;
	if (!req->upgrade &&
		!(is(transport, "polling") && eio__is_polling(s->transport)))
		return CODE_REQUEST;
	/* A session is not spoken to in another revision than its own: what
	 * that one never asks for is not there (CVE-2026-102599). */
	if (eio__protocol_of(req) != s->protocol)
		return CODE_REQUEST;
	/* The official server lets this one pass and leaves it hanging, as it
	 * does with a plain request for a WebSocket's session above. */
	if (req->upgrade && !is(transport, "websocket"))
		return CODE_REQUEST;
	return CODE_OK;
}

/* A request for a new session. */
static enum code check_new(const eio_server *srv, eio_request *req)
{
	bool websocket = is(eio_request_query(req, "transport"), "websocket");

	if (!eio__request_is(req, "GET"))
		return CODE_METHOD;
	if (websocket != req->upgrade)
		return CODE_REQUEST;
	if (eio__protocol_of(req)->revision < 4 &&
		!srv->options[ENGINEIO_ALLOW_EIO3])
		return CODE_VERSION;
	return CODE_OK;
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
	eio_request_set_header(req, "Retry-After", "5");
	req->keep_alive = false;
	eio_request_respond(req, 503, NULL, NULL, 0);
	return true;
}

/* Our fault, and the client may try again: no memory, or no randomness. */
static void fail(eio_server *srv, eio_request *req)
{
	eio_server_log(srv, ENGINEIO_LOG_ERROR,
		"handshake failed: no memory, or no random bytes");
	if (req->upgrade)
		eio__ws_refuse(req, 500, "Internal server error");
	else
		eio_request_respond(req, 500, NULL, NULL, 0);
}

static void open_websocket(eio_socket *s, eio_request *req)
{
	struct eio__transport *t = eio__websocket_new(s, NULL);

	if (t && eio__websocket_accept(t, req)) {
		eio__session_open(s, t, "");
		return;
	}
	if (!t)
		fail(s->srv, req);
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
		fail(s->srv, req);
		eio__session_drop(s);
		return;
	}
	/* The handshake's own request is its first poll. */
	eio__polling_request(t, req);
	eio__session_open(s, t, upgrades ? "\"websocket\"" : "");
}

/* Any value but an empty one, on the handshake or on the upgrade. */
bool eio__wants_base64(eio_request *req)
{
	const char *b64 = eio_request_query(req, "b64");

	return b64 && *b64;
}

static void open_session(eio_server *srv, eio_request *req)
{
	eio_socket *s;

	if (is_full(srv, req))
		return;
	s = eio__session_new(srv, req);
	if (!s) {
		fail(srv, req);
		return;
	}
	eio__session_set_base64(s, eio__wants_base64(req));
	if (req->upgrade)
		open_websocket(s, req);
	else
		open_polling(s, req);
}

/* A session's id is a secret: of what follows "sid=" as much is shown as in
 * every other line of the log. */
static void log_refusal(eio_server *srv, eio_request *req, enum code code)
{
	const char *target = eio_request_target(req);
	const char *sid = strstr(target, "sid=");
	size_t len = sid ? (size_t)(sid - target) + 4 + 8 : 200;

	eio_server_log(srv, ENGINEIO_LOG_INFO, "request refused: %s: %.8s %.*s",
		messages[code], eio_request_method(req),
		(int)(len < 200 ? len : 200), target);
}

static enum code check(eio_server *srv, eio_request *req, const char *sid,
	eio_socket **s)
{
	if (!transport_enabled(srv, eio_request_query(req, "transport")))
		return CODE_TRANSPORT;
	if (!origin_ok(eio_request_header(req, "origin")))
		return CODE_REQUEST;
	if (!sid)
		return check_new(srv, req);
	*s = eio__server_find(srv, sid);
	return check_session(req, *s);
}

void eio__handshake_request(eio_server *srv, eio_request *req)
{
	const char *sid = eio_request_query(req, "sid");
	eio_socket *s = NULL;
	enum code code;

	/* An empty sid is none. */
	if (sid && !*sid)
		sid = NULL;
	code = check(srv, req, sid, &s);
	/* The last that is asked: from here on all answers are known. */
	if (!sid || req->upgrade)
		eio__wants_base64(req);
	if (!sid)
		eio_request_query(req, "j");
	if (req->lacks_memory) {
		fail(srv, req);
	} else if (code != CODE_OK) {
		log_refusal(srv, req, code);
		refuse(req, code);
	} else if (!sid) {
		open_session(srv, req);
	} else if (req->upgrade) {
		eio__upgrade_request(s, req);
	} else {
		eio__polling_request(s->transport, req);
	}
}
