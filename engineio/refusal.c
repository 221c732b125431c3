/* SPDX-License-Identifier: MIT */
/*
 * refusal.c: what a refused request is answered, and who is told.
 *
 * Always true: each refusal of the engine's is made here, is counted under
 * its code and context, has a line in the log, and is told to the
 * application before the answer leaves.
 */
#include <config.h>

#include <engineio/engine.h>

#include <engineio/base/utf8.h>

#include <string.h>

static const char *const messages[] = {
#define X(name, value, text) [ENGINEIO_CODE_##name] = (text),
	ENGINEIO_CODE_MAP(X)
#undef X
};

static const char *const contexts[] = {
#define X(name) [ENGINEIO_CONTEXT_##name] = #name,
	ENGINEIO_CONTEXT_MAP(X)
#undef X
};

#define COUNT(a) ((int)(sizeof(a) / sizeof(*(a))))

const char *eio_code_text(enum eio_code code)
{
	return (int)code >= 0 && (int)code < COUNT(messages) ? messages[code]
							     : "unknown code";
}

const char *eio_context_text(enum eio_context context)
{
	return (int)context >= 0 && (int)context < COUNT(contexts)
		? contexts[context]
		: "unknown context";
}

static enum eio_counter counter_of(const struct eio_connection_error *error)
{
	static const enum eio_counter of_code[] = {
		[ENGINEIO_CODE_UNKNOWN_TRANSPORT] =
			ENGINEIO_COUNT_UNKNOWN_TRANSPORT,
		[ENGINEIO_CODE_UNKNOWN_SID] = ENGINEIO_COUNT_UNKNOWN_SID,
		[ENGINEIO_CODE_BAD_HANDSHAKE_METHOD] =
			ENGINEIO_COUNT_BAD_HANDSHAKE_METHOD,
		[ENGINEIO_CODE_BAD_REQUEST] =
			ENGINEIO_COUNT_TRANSPORT_HANDSHAKE_ERROR,
		[ENGINEIO_CODE_FORBIDDEN] = ENGINEIO_COUNT_FORBIDDEN,
		[ENGINEIO_CODE_UNSUPPORTED_PROTOCOL_VERSION] =
			ENGINEIO_COUNT_UNSUPPORTED_PROTOCOL_VERSION,
	};
	static const enum eio_counter of_context[] = {
		[ENGINEIO_CONTEXT_INVALID_ORIGIN] =
			ENGINEIO_COUNT_INVALID_ORIGIN,
		[ENGINEIO_CONTEXT_TRANSPORT_MISMATCH] =
			ENGINEIO_COUNT_TRANSPORT_MISMATCH,
		[ENGINEIO_CONTEXT_PROTOCOL_MISMATCH] =
			ENGINEIO_COUNT_PROTOCOL_MISMATCH,
		[ENGINEIO_CONTEXT_TRANSPORT_HANDSHAKE_ERROR] =
			ENGINEIO_COUNT_TRANSPORT_HANDSHAKE_ERROR,
		[ENGINEIO_CONTEXT_ID_GENERATION_ERROR] =
			ENGINEIO_COUNT_ID_GENERATION_ERROR,
		[ENGINEIO_CONTEXT_MIDDLEWARE_FAILURE] =
			ENGINEIO_COUNT_MIDDLEWARE_FAILURE,
	};

	return error->context == ENGINEIO_CONTEXT_NONE
		? of_code[error->code]
		: of_context[error->context];
}

/* A session's id is a secret: of what follows "sid=" as much is shown as in
 * every other line of the log. */
static void count(eio_server *srv, eio_request *req,
	const struct eio_connection_error *error)
{
	const char *target = eio_request_target(req);
	const char *sid = strstr(target, "sid=");
	size_t len = sid ? (size_t)(sid - target) + 4 + 8 : 200;

	eio__http_count(&srv->own, counter_of(error), ENGINEIO_LOG_INFO,
		"request refused: %.100s: %.8s %.*s (%s)", error->message,
		eio_request_method(req), (int)(len < 200 ? len : 200), target,
		eio_counter_name(counter_of(error)));
}

static void add_json_string(struct eio__strbuf *out, const char *text)
{
	struct eio__strbuf mended;
	size_t i;

	eio__strbuf_init(&mended, 0);
	eio__utf8_mend(&mended, text, strlen(text));
	for (i = 0; i < mended.len; i++) {
		unsigned char c = (unsigned char)mended.data[i];

		if (c < ' ')
			eio__strbuf_printf(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			eio__strbuf_printf(out, "\\%c", c);
		else
			eio__strbuf_addc(out, (char)c);
	}
	if (mended.error)
		out->error = mended.error;
	eio__strbuf_clear(&mended);
}

/* A polling request gets JSON, an upgrade the bare message. */
static void answer(eio_request *req, const struct eio_connection_error *error)
{
	struct eio__strbuf json;

	if (req->upgrade) {
		eio__ws_refuse(req, 400, error->message);
		return;
	}
	eio__strbuf_init(&json, 0);
	eio__strbuf_printf(&json, "{\"code\":%d,\"message\":\"",
		(int)error->code);
	add_json_string(&json, error->message);
	eio__strbuf_adds(&json, "\"}");
	if (json.error)
		eio_request_respond(req, 500, NULL, NULL, 0);
	else
		eio_request_respond(req,
			error->code == ENGINEIO_CODE_FORBIDDEN ? 403 : 400,
			"application/json", json.data, json.len);
	eio__strbuf_clear(&json);
}

void eio__refuse(eio_server *srv, eio_request *req,
	struct eio_connection_error *error)
{
	if (!error->message)
		error->message = eio_code_text(error->code);
	count(srv, req, error);
	if (srv->on_connection_error)
		srv->on_connection_error(req, error,
			srv->connection_error_user);
	answer(req, error);
}

void eio_server_on_connection_error(eio_server *srv, eio_connection_error_cb fn,
	void *user)
{
	if (!srv)
		return;
	srv->on_connection_error = fn;
	srv->connection_error_user = user;
}
