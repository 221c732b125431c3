/* SPDX-License-Identifier: MIT */
/*
 * chat_stream.c: the chat's way in over answers that never end: GET /msgs
 * brings all messages at once and again after new ones, each time as one
 * complete JSON text in one piece; POST /msgs adds one.
 *
 * Posts that come together are told of together, at the end of the turn.
 */
#include <config.h>

#include <src/chat_stream.h>

#include <stdlib.h>
#include <string.h>

#include <src/chat_http.h>

#define PATH "/msgs"
#define TYPE "text/plain; charset=utf-8"

static void send_all_messages(struct chat_stream *way, eio_request *req)
{
	size_t len;
	const char *text = chat_text(way->chat, &len);

	if (text)
		eio_request_write(req, text, len);
}

static int add(struct chat_stream *way, eio_request *req)
{
	size_t room = way->room ? way->room * 2 : 8;
	eio_request **all;

	if (way->n == CHAT_STREAMS_MAX)
		return -1;
	if (way->n == way->room) {
		all = realloc(way->all, room * sizeof(*all));
		if (!all)
			return -1;
		way->all = all;
		way->room = room;
	}
	way->all[way->n++] = req;
	return 0;
}

static void on_gone(eio_request *req, void *user)
{
	struct chat_stream *way = user;
	size_t i;

	for (i = 0; i < way->n && way->all[i] != req; i++)
		;
	if (i == way->n)
		return;
	way->all[i] = way->all[--way->n];
	eio_request_unref(req);
}

static void on_get(eio_request *req, void *user)
{
	struct chat_stream *way = user;

	if (add(way, req) < 0) {
		chat_http_say(req, 503, "{\"error\":\"too many listen\"}");
		return;
	}
	eio_request_ref(req);
	eio_request_on_gone(req, on_gone, way);
	eio_request_set_header(req, "Cache-Control", "no-store");
	eio_request_begin(req, 200, TYPE);
	send_all_messages(way, req);
}

static void on_post(eio_request *req, void *user)
{
	struct chat_stream *way = user;

	chat_http_post(way->chat, req);
}

static void on_other(eio_request *req, void *user)
{
	eio_request_set_header(req, "Allow", "GET, HEAD, POST");
	chat_http_say(req, 405,
		"{\"error\":\"GET the messages, or POST one\"}");
}

static void on_change(struct chat *chat, void *user)
{
	struct chat_stream *way = user;

	way->behind = true;
}

/* A write never calls back, so the list stays as it is. */
static bool on_turn_end(void *user)
{
	struct chat_stream *way = user;
	bool was_behind = way->behind;
	size_t i;

	way->behind = false;
	for (i = 0; was_behind && i < way->n; i++)
		send_all_messages(way, way->all[i]);
	return was_behind;
}

int chat_stream_start(struct chat_stream *way, struct chat *chat,
	eio_server *engine)
{
	memset(way, 0, sizeof(*way));
	way->chat = chat;
	if (eio_server_route(engine, "GET", PATH, on_get, way) < 0 ||
		eio_server_route(engine, "POST", PATH, on_post, way) < 0 ||
		eio_server_route(engine, NULL, PATH, on_other, way) < 0 ||
		eio_loop_on_turn_end(eio_server_loop(engine), on_turn_end,
			way) < 0 ||
		chat_on_change(chat, on_change, way) < 0)
		return -1;
	return 0;
}

void chat_stream_clear(struct chat_stream *way)
{
	while (way->n > 0)
		eio_request_unref(way->all[--way->n]);
	free(way->all);
}
