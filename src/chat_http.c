/* SPDX-License-Identifier: MIT */
/*
 * chat_http.c: what the ways in over plain HTTP have in common: a path where
 * GET reads and POST adds a message, and answers in JSON.
 *
 * The body of a POST is JSON whatever its Content-Type says, so that curl -d
 * is enough. What cannot be served is answered with {"error": "..."}: with
 * 400 or 413 when the client can mend it, with 500 when it is our fault.
 */
#include <config.h>

#include <src/chat_http.h>

#include <errno.h>
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

static void refuse_body(eio_request *req, size_t len, int reason)
{
	if (len == 0)
		chat_http_say(req, 400, "{\"error\":\"the body is missing\"}");
	else if (reason == ENOMEM)
		chat_http_say(req, 500, CHAT_HTTP_NOMEM);
	else
		chat_http_say(req, 400, "{\"error\":\"the body is no JSON\"}");
}

static void post(struct chat *chat, json_t *data, eio_request *req)
{
	int err = chat_post(chat, data);

	if (!err)
		chat_http_say(req, 200, "{\"status\":\"ok\"}");
	else if (err == CHAT_NO_MESSAGE)
		chat_http_say(req, 400, "{\"error\":\"this is no message\"}");
	else
		chat_http_say(req, 500, CHAT_HTTP_NOMEM);
}

static void on_post(eio_request *req, void *user)
{
	size_t len;
	const char *body = eio_request_body(req, &len);
	json_t *data = sio_json_parse(body, len);

	if (data)
		post(user, data, req);
	else
		refuse_body(req, len, errno);
	json_decref(data);
}

static void on_other(eio_request *req, void *user)
{
	eio_request_set_header(req, "Allow", "GET, HEAD, POST");
	chat_http_say(req, 405,
		"{\"error\":\"GET the messages, or POST one\"}");
}

static void on_refusal(eio_request *req, int status, void *user)
{
	if (status == 413)
		chat_http_say(req, status,
			"{\"error\":\"the body is too large\"}");
	else if (status == 408)
		chat_http_say(req, status,
			"{\"error\":\"the body did not come in time\"}");
	else if (status >= 500)
		chat_http_say(req, status, CHAT_HTTP_NOMEM);
	else
		chat_http_say(req, status,
			"{\"error\":\"the body is not sent as HTTP says\"}");
}

int chat_http_start(struct chat *chat, eio_server *engine, const char *path,
	eio_route_cb on_get, void *user)
{
	if (eio_server_route(engine, "GET", path, on_get, user) < 0 ||
		eio_server_route(engine, "POST", path, on_post, chat) < 0 ||
		eio_server_route(engine, NULL, path, on_other, NULL) < 0 ||
		eio_server_on_refusal(engine, path, on_refusal, NULL) < 0)
		return -1;
	return 0;
}
