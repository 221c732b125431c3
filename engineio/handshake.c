/* SPDX-License-Identifier: MIT */
/*
 * handshake.c: decides what becomes of a request for the engine's path.
 *
 * The checks stand in the order of the official server, because a client
 * sees which of them failed. Always true: a request that passes goes to
 * exactly one session or, for a new one, to gate.c; and one that fails is
 * answered by refusal.c, before any WebSocket exists.
 */
#include <config.h>

#include <engineio/engine.h>

#include <string.h>

static bool wrong(struct eio_connection_error *error, enum eio_code code,
	enum eio_context context)
{
	error->code = code;
	error->context = context;
	return false;
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
static bool check_session(eio_request *req, const eio_socket *s,
	struct eio_connection_error *error)
{
	const struct eio__protocol *protocol = eio__protocol_of(req);
	const char *transport = error->transport;

	if (!s)
		return wrong(error, ENGINEIO_CODE_UNKNOWN_SID,
			ENGINEIO_CONTEXT_NONE);
	error->previous_transport = eio_socket_transport(s);
	if (!req->upgrade &&
		!(is(transport, "polling") && eio__is_polling(s->transport)))
		return wrong(error, ENGINEIO_CODE_BAD_REQUEST,
			ENGINEIO_CONTEXT_TRANSPORT_MISMATCH);
	/* A session is not spoken to in another revision than its own: what
	 * that one never asks for is not there (CVE-2026-102599). */
	error->protocol = eio_request_query(req, "EIO");
	error->previous_protocol = s->protocol->revision == 4 ? "4" : "3";
	if (protocol != s->protocol)
		return wrong(error, ENGINEIO_CODE_BAD_REQUEST,
			ENGINEIO_CONTEXT_PROTOCOL_MISMATCH);
	/* The official server lets this one pass and leaves it hanging, as it
	 * does with a plain request for a WebSocket's session above. */
	if (req->upgrade && !is(transport, "websocket"))
		return wrong(error, ENGINEIO_CODE_BAD_REQUEST,
			ENGINEIO_CONTEXT_TRANSPORT_HANDSHAKE_ERROR);
	return true;
}

/* Over WebSocket the parameter has no meaning. */
static bool jsonp_ok(const eio_server *srv, eio_request *req)
{
	return srv->options[ENGINEIO_JSONP] || req->upgrade ||
		!eio_request_query(req, "j");
}

/* A request for a new session. */
static bool check_new(const eio_server *srv, eio_request *req,
	struct eio_connection_error *error)
{
	const char *transport = error->transport;

	error->method = eio_request_method(req);
	if (!eio__request_is(req, "GET"))
		return wrong(error, ENGINEIO_CODE_BAD_HANDSHAKE_METHOD,
			ENGINEIO_CONTEXT_NONE);
	if (is(transport, "websocket") != req->upgrade || !jsonp_ok(srv, req))
		return wrong(error, ENGINEIO_CODE_BAD_REQUEST,
			ENGINEIO_CONTEXT_TRANSPORT_HANDSHAKE_ERROR);
	return true;
}

static bool check(eio_server *srv, eio_request *req, eio_socket **s,
	struct eio_connection_error *error)
{
	const char *sid = error->sid;

	error->origin = eio_request_header(req, "origin");
	if (!eio__cors_allows(srv, req))
		return wrong(error, ENGINEIO_CODE_FORBIDDEN,
			ENGINEIO_CONTEXT_NONE);
	error->transport = eio_request_query(req, "transport");
	if (!transport_enabled(srv, error->transport))
		return wrong(error, ENGINEIO_CODE_UNKNOWN_TRANSPORT,
			ENGINEIO_CONTEXT_NONE);
	if (!origin_ok(error->origin))
		return wrong(error, ENGINEIO_CODE_BAD_REQUEST,
			ENGINEIO_CONTEXT_INVALID_ORIGIN);
	if (!sid)
		return check_new(srv, req, error);
	*s = eio_server_find(srv, sid);
	return check_session(req, *s, error);
}

bool eio__handshake_version_ok(eio_server *srv, eio_request *req)
{
	struct eio_connection_error error = {
		.code = ENGINEIO_CODE_UNSUPPORTED_PROTOCOL_VERSION,
		.protocol = eio_request_query(req, "EIO"),
	};

	if (eio__protocol_of(req)->revision >= 4 ||
		srv->options[ENGINEIO_ALLOW_EIO3])
		return true;
	eio__refuse(srv, req, &error);
	return false;
}

/* Our fault, and the client may try again: no memory, or no randomness. */
void eio__handshake_fail(eio_server *srv, eio_request *req)
{
	eio__http_count(&srv->own, ENGINEIO_COUNT_HANDSHAKE_FAILED,
		ENGINEIO_LOG_ERROR,
		"handshake failed: no memory, or no random bytes");
	if (req->upgrade)
		eio__ws_refuse(req, 500, "Internal server error");
	else
		eio_request_respond(req, 500, NULL, NULL, 0);
}

/* Any value but an empty one, on the handshake or on the upgrade. */
bool eio__wants_base64(eio_request *req)
{
	const char *b64 = eio_request_query(req, "b64");

	return b64 && *b64;
}

/* Hands a request to its session. */
static void pass_on(eio_server *srv, eio_socket *s, eio_request *req,
	struct eio_connection_error *error)
{
	bool ok = true;

	if (srv->on_headers) {
		if (!eio__headers_ask(srv, req, false))
			return;
		/* The session may have ended meanwhile. */
		ok = check(srv, req, &s, error);
	}
	if (!ok)
		eio__refuse(srv, req, error);
	else if (req->upgrade)
		eio__upgrade_request(s, req);
	else
		eio__polling_request(s->transport, req);
}

enum eio__step eio__handshake_request(eio_server *srv, eio_request *req)
{
	struct eio_connection_error error = { .sid = eio_request_query(req,
						      "sid") };
	eio_socket *s = NULL;
	bool ok;

	/* An empty sid is none. */
	if (error.sid && !*error.sid)
		error.sid = NULL;
	ok = check(srv, req, &s, &error);
	/* The first question has found out all the answers, or it failed. */
	if (req->lacks_memory)
		eio__handshake_fail(srv, req);
	else if (!ok)
		eio__refuse(srv, req, &error);
	else if (!error.sid)
		return eio__gate_enter(srv, req);
	else
		pass_on(srv, s, req, &error);
	return EIO__TAKEN;
}
