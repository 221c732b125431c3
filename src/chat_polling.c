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
		chat_http_say(req, 500, CHAT_HTTP_NOMEM);
}

int chat_polling_start(struct chat_polling *way, struct chat *chat,
	eio_server *engine, double fail)
{
	way->chat = chat;
	way->loop = eio_server_loop(engine);
	way->fail = fail;
	return chat_http_start(chat, engine, PATH, on_get, way);
}
