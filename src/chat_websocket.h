/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_WEBSOCKET_H
#define SRC_CHAT_WEBSOCKET_H

#include <src/chat_hub.h>

/* The way in over plain WebSockets, at / with the subprotocol json. `way` must
 * outlive the server. 0, or -1: out of memory. */
int chat_websocket_start(struct chat_hub *way, struct chat *chat,
	eio_server *engine);

#endif
