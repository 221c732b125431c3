/* SPDX-License-Identifier: MIT */
/*
 * chat_websocket.c: the chat's way in over plain WebSockets: all messages as
 * a text when one is opened and after each post, and each text with an object
 * in it is a post.
 *
 * Posts that come together are told of together, at the end of the turn: each
 * telling has all messages. What is no post is dropped without a word, as
 * over Socket.IO.
 */
#include <config.h>

#include <src/chat_websocket.h>

#include <stdlib.h>
#include <string.h>

#include <socketio/socketio.h>

#define PATH      "/"
#define PROTOCOL  "json"
#define TRY_LATER 1013

static void send_all_messages(struct chat_websocket *way, eio_websocket *w)
{
	size_t len;
	const char *text = chat_text(way->chat, &len);

	if (text)
		eio_websocket_send(w, text, len, false);
}

static int add(struct chat_websocket *way, eio_websocket *w)
{
	size_t room = way->room ? way->room * 2 : 8;
	eio_websocket **all;

	if (way->n == CHAT_WEBSOCKETS_MAX)
		return -1;
	if (way->n == way->room) {
		all = realloc(way->all, room * sizeof(*all));
		if (!all)
			return -1;
		way->all = all;
		way->room = room;
	}
	way->all[way->n++] = w;
	return 0;
}

static void on_open(eio_websocket *w, eio_request *req, void *user)
{
	struct chat_websocket *way = user;

	if (add(way, w) < 0)
		eio_websocket_close(w, TRY_LATER);
	else
		send_all_messages(way, w);
}

static void on_message(eio_websocket *w, char *data, size_t len, bool binary,
	void *user)
{
	struct chat_websocket *way = user;
	json_t *post = binary ? NULL : sio_json_parse(data, len);

	if (post)
		chat_post(way->chat, post);
	json_decref(post);
}

static void on_close(eio_websocket *w, const char *detail, void *user)
{
	struct chat_websocket *way = user;
	size_t i;

	for (i = 0; i < way->n; i++)
		if (way->all[i] == w)
			break;
	if (i < way->n)
		way->all[i] = way->all[--way->n];
}

static void on_change(struct chat *chat, void *user)
{
	struct chat_websocket *way = user;

	way->behind = true;
}

/* A send never calls back, so the list stays as it is. */
static bool on_turn_end(void *user)
{
	struct chat_websocket *way = user;
	bool was_behind = way->behind;
	size_t i;

	way->behind = false;
	for (i = 0; was_behind && i < way->n; i++)
		send_all_messages(way, way->all[i]);
	return was_behind;
}

int chat_websocket_start(struct chat_websocket *way, struct chat *chat,
	eio_server *engine)
{
	static const struct eio_websocket_events events = { on_open, on_message,
		on_close };

	memset(way, 0, sizeof(*way));
	way->chat = chat;
	if (eio_server_websocket(engine, PATH, PROTOCOL, &events, way) < 0 ||
		eio_loop_on_turn_end(eio_server_loop(engine), on_turn_end,
			way) < 0 ||
		chat_on_change(chat, on_change, way) < 0)
		return -1;
	return 0;
}

void chat_websocket_clear(struct chat_websocket *way)
{
	free(way->all);
}
