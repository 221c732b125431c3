/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_WEBSOCKET_H
#define SRC_CHAT_WEBSOCKET_H

#include <src/chat.h>

#include <engineio/http.h>

/* Most that take part this way at a time. */
#define CHAT_WEBSOCKETS_MAX 10000

/* Private but for its size. */
struct chat_websocket {
	struct chat *chat;
	eio_websocket **all;
	size_t n, room;
	bool behind; /* there are posts that nobody was told of */
};

/* The way in over plain WebSockets, at / with the subprotocol json. `way` must
 * outlive the server. 0, or -1: out of memory. */
int chat_websocket_start(struct chat_websocket *way, struct chat *chat,
	eio_server *engine);
/* After the server has gone. */
void chat_websocket_clear(struct chat_websocket *way);

#endif
