/* SPDX-License-Identifier: MIT */
/*
 * chat_polling.c: the chat's way in by polling: GET /poll has all messages,
 * POST /poll adds one.
 *
 * Nothing waits here and nothing is told: who wants to know asks again.
 */
#include <config.h>

#include <src/chat_polling.h>

#include <src/chat_http.h>

#define PATH "/poll"

static bool shall_fail(const struct chat_polling *way)
{
	uint32_t random = 0;

	if (way->fail <= 0 ||
		eio_loop_random(way->loop, &random, sizeof(random)))
		return false;
	return random < way->fail * 4294967296.0;
}

static void on_get(eio_request *req, void *user)
{
	struct chat_polling *way = user;
	size_t len;
	const char *text = chat_text(way->chat, &len);

	if (text)
		chat_http_answer(req, shall_fail(way) ? 500 : 200, text, len);
	else
		chat_http_say(req, 500, "{\"error\":\"out of memory\"}");
}

static void on_post(eio_request *req, void *user)
{
	struct chat_polling *way = user;

	chat_http_post(way->chat, req);
}

static void on_other(eio_request *req, void *user)
{
	eio_request_set_header(req, "Allow", "GET, HEAD, POST");
	chat_http_say(req, 405,
		"{\"error\":\"GET the messages, or POST one\"}");
}

int chat_polling_start(struct chat_polling *way, struct chat *chat,
	eio_server *engine, double fail)
{
	way->chat = chat;
	way->loop = eio_server_loop(engine);
	way->fail = fail;
	if (eio_server_route(engine, "GET", PATH, on_get, way) < 0 ||
		eio_server_route(engine, "POST", PATH, on_post, way) < 0 ||
		eio_server_route(engine, NULL, PATH, on_other, way) < 0)
		return -1;
	return 0;
}
