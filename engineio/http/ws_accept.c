/* SPDX-License-Identifier: MIT */
/*
 * ws_accept.c: from a request to a WebSocket (RFC 6455, section 4).
 *
 * Whether the request is one for a WebSocket is ws_handshake.c's to say. Always
 * true: all that a WebSocket needs of memory is there before the 101 is said,
 * and who is refused gets an answer of HTTP.
 */
#include <config.h>

#include <engineio/http/ws_state.h>

#include <engineio/http/http1.h>
#include <engineio/http/ws_handshake.h>

#include <stdlib.h>
#include <string.h>

static struct eio__ws *ws_new(size_t max_message)
{
	struct eio__ws *ws = calloc(1, sizeof(*ws));

	if (ws)
		ws->max_message = max_message < EIO__STRBUF_MAX
			? max_message
			: EIO__STRBUF_MAX;
	return ws;
}

/* RFC 6455 section 4.2.2. */
static int switch_protocols(eio_request *req,
	const struct eio__ws_handshake *hs)
{
	char extension[EIO__DEFLATE_ANSWER_MAX];
	struct eio__strbuf lines;
	int err;

	eio__strbuf_init(&lines, 0);
	eio__strbuf_adds(&lines,
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Accept: ");
	eio__strbuf_adds(&lines, hs->accept);
	eio__strbuf_adds(&lines, "\r\n");
	if (hs->protocol_len) {
		eio__strbuf_adds(&lines, "Sec-WebSocket-Protocol: ");
		eio__strbuf_add(&lines, hs->protocol, hs->protocol_len);
		eio__strbuf_adds(&lines, "\r\n");
	}
	if (hs->deflate) {
		eio__deflate_answer(&hs->params, extension);
		eio__strbuf_adds(&lines, "Sec-WebSocket-Extensions: ");
		eio__strbuf_adds(&lines, extension);
		eio__strbuf_adds(&lines, "\r\n");
	}
	err = lines.error ? lines.error
			  : eio__http1_reply_switch(req, lines.data);
	eio__strbuf_clear(&lines);
	return err;
}

static bool check(eio_request *req, struct eio__deflater *deflater,
	struct eio__ws_handshake *hs)
{
	struct eio__ws_headers h = {
		.method = req->method,
		.minor = req->http11,
		.upgrade = eio_request_header(req, "upgrade"),
		.connection = eio_request_header(req, "connection"),
		.key = eio_request_header(req, "sec-websocket-key"),
		.version = eio_request_header(req, "sec-websocket-version"),
		.protocol = eio_request_header(req, "sec-websocket-protocol"),
	};

	if (deflater) {
		h.extensions =
			eio_request_header(req, "sec-websocket-extensions");
		h.deflate = eio__deflater_config(deflater);
	}

	return eio__ws_handshake_check(&h, hs);
}

/* What was meant for a session's answer is not for this one: a cookie would
 * name a session that never was. */
static void refuse(eio_request *req, const struct eio__ws_handshake *hs)
{
	eio__reply_forget(req);
	if (hs->version_header)
		eio_request_set_header(req, "Sec-WebSocket-Version",
			hs->version_header);
	req->keep_alive = false;
	eio_request_respond(req, hs->status, "text/html", hs->text,
		strlen(hs->text));
}

void eio__ws_refuse(eio_request *req, int status, const char *text)
{
	struct eio__ws_handshake hs = { .status = status, .text = text };

	refuse(req, &hs);
}

/* Makes what the handshake needs of memory. */
static struct eio__ws *ws_prepare(eio_request *req, size_t max_message,
	struct eio__deflater *deflater, struct eio__ws_handshake *hs)
{
	struct eio__ws *ws = ws_new(max_message);
	unsigned char n = hs->params.count;

	if (!ws || !hs->deflate)
		return ws;
	ws->deflate = eio__deflate_new(deflater, &hs->params);
	if (hs->params.count > n)
		eio__http_count(req->http, ENGINEIO_COUNT_DEFLATE_MEMORY,
			ENGINEIO_LOG_WARN,
			"websocket: client does without context takeover "
			"(DEFLATE_MEMORY)");
	if (ws->deflate)
		return ws;
	free(ws);
	return NULL;
}

struct eio__ws *eio__ws_accept(eio_request *req, size_t max_message,
	struct eio__deflater *deflater, const struct eio__ws_ops *ops,
	void *user)
{
	return eio__ws_accept_as(req, NULL, max_message, deflater, ops, user);
}

struct eio__ws *eio__ws_accept_as(eio_request *req, const char *protocol,
	size_t max_message, struct eio__deflater *deflater,
	const struct eio__ws_ops *ops, void *user)
{
	struct eio__ws_handshake hs;
	struct eio__conn *conn = eio__http1_conn(req->exchange);
	struct eio__ws *ws;

	if (!check(req, deflater, &hs)) {
		refuse(req, &hs);
		return NULL;
	}
	if (protocol) {
		hs.protocol = protocol;
		hs.protocol_len = strlen(protocol);
	}
	ws = ws_prepare(req, max_message, deflater, &hs);
	if (!ws || switch_protocols(req, &hs)) {
		if (!req->answered)
			eio__ws_refuse(req, 500, "Out of memory");
		if (ws)
			eio__deflate_free(ws->deflate);
		free(ws);
		return NULL;
	}
	ws->ops = ops;
	ws->user = user;
	ws->conn = conn;
	conn->ws = ws;
	eio__net_ahead(conn->nc, EIO__AHEAD_SPEAKER, ws);
	req->exchange = NULL;
	eio__http1_switch(conn);
	return ws;
}
