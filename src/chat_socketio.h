/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_SOCKETIO_H
#define SRC_CHAT_SOCKETIO_H

#include <socketio/socketio.h>

#include <src/chat.h>

struct chat_socketio;

struct chat_socketio;

/* Opens the chat to the clients of the server, which has a loop of its own;
 * both must live as long as the server runs. NULL: out of memory. */
struct chat_socketio *chat_socketio_new(struct chat *chat, sio_server *srv);
/* After the server has been freed, and its loop with it. NULL is allowed. */
void chat_socketio_free(struct chat_socketio *way);

#endif
