/* SPDX-License-Identifier: MIT */
/*
 * chat_http.c: what the ways in over plain HTTP have in common: a post, and
 * answers in JSON.
 *
 * The body of a POST is JSON whatever its Content-Type says, so that curl -d
 * is enough.
 */
#include <config.h>

#include <src/chat_http.h>

#include <string.h>

#include <socketio/socketio.h>

#define JSON "application/json; charset=utf-8"

void chat_http_answer(eio_request *req, int status, const char *text,
	size_t len)
{
	eio_request_set_header(req, "Cache-Control", "no-store");
	eio_request_respond(req, status, JSON, text, len);
}

void chat_http_say(eio_request *req, int status, const char *text)
{
	chat_http_answer(req, status, text, strlen(text));
}

void chat_http_post(struct chat *chat, eio_request *req)
{
	size_t len;
	const char *body = eio_request_body(req, &len);
	json_t *data = sio_json_parse(body, len);

	if (len == 0)
		chat_http_say(req, 400, "{\"error\":\"the body is missing\"}");
	else if (!data)
		chat_http_say(req, 400, "{\"error\":\"the body is no JSON\"}");
	else if (chat_post(chat, data))
		chat_http_say(req, 400, "{\"error\":\"this is no message\"}");
	else
		chat_http_say(req, 200, "{\"status\":\"ok\"}");
	json_decref(data);
}
