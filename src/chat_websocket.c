/* SPDX-License-Identifier: MIT */
/*
 * chat_websocket.c: the chat's way in over plain WebSockets: all messages as
 * a text when one is opened and after posts, and each text with an object in
 * it is a post.
 *
 * What is no post is dropped without a word, as over Socket.IO.
 */
#include <config.h>

#include <src/chat_websocket.h>

#include <engineio/http.h>
#include <socketio/socketio.h>

#define PATH      "/"
#define PROTOCOL  "json"
#define TRY_LATER 1013

static void send_text(void *who, const char *text, size_t len)
{
	eio_websocket_send(who, text, len, false);
}

static void on_open(eio_websocket *w, eio_request *req, void *user)
{
	if (chat_hub_add(user, w) < 0)
		eio_websocket_close(w, TRY_LATER);
}

static void on_message(eio_websocket *w, char *data, size_t len, bool binary,
	void *user)
{
	struct chat_hub *way = user;
	json_t *post = binary ? NULL : sio_json_parse(data, len);

	if (post)
		chat_post(way->chat, post);
	json_decref(post);
}

static void on_close(eio_websocket *w, const char *detail, void *user)
{
	chat_hub_remove(user, w);
}

int chat_websocket_start(struct chat_hub *way, struct chat *chat,
	eio_server *engine)
{
	static const struct eio_websocket_events events = {
		.on_open = on_open,
		.on_message = on_message,
		.on_close = on_close,
	};

	if (chat_hub_start(way, chat, eio_server_loop(engine), send_text) < 0)
		return -1;
	return eio_server_websocket(engine, PATH, PROTOCOL, &events, way) < 0
		? -1
		: 0;
}
