/* SPDX-License-Identifier: MIT */
/*
 * chat_stream.c: the chat's way in over answers that never end: GET /msgs
 * brings all messages at once and again after new ones, each time as one
 * complete JSON text in one piece; POST /msgs adds one.
 */
#include <config.h>

#include <src/chat_stream.h>

#include <string.h>

#include <src/chat_http.h>

#define PATH "/msgs"
#define TYPE "text/plain; charset=utf-8"

static void send_piece(void *who, const char *text, size_t len)
{
	eio_request_write(who, text, len);
}

/* Called once for each, also when the server ends. */
static void on_gone(eio_request *req, void *user)
{
	if (chat_hub_remove(user, req))
		eio_request_unref(req);
}

static void on_get(eio_request *req, void *user)
{
	const struct chat_hub *way = user;

	eio_request_set_header(req, "Cache-Control", "no-store");
	if (strcmp(eio_request_method(req), "HEAD") == 0) {
		eio_request_begin(req, 200, TYPE);
		eio_request_end(req);
		return;
	}
	if (way->n == CHAT_LISTENERS_MAX) {
		chat_http_say(req, 503, "{\"error\":\"too many listen\"}");
		return;
	}
	if (eio_request_begin(req, 200, TYPE) < 0)
		return;
	if (chat_hub_add(user, req) < 0) {
		eio_request_end(req);
		return;
	}
	eio_request_ref(req);
	eio_request_on_gone(req, on_gone, user);
}

int chat_stream_start(struct chat_hub *way, struct chat *chat,
	eio_server *engine)
{
	if (chat_hub_start(way, chat, eio_server_loop(engine), send_piece) < 0)
		return -1;
	return chat_http_start(chat, engine, PATH, on_get, way);
}
