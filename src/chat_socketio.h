/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_SOCKETIO_H
#define SRC_CHAT_SOCKETIO_H

#include <socketio/socketio.h>

#include <src/chat.h>

/* Opens the chat to the clients of the server; both must live as long as the
 * server runs. Returns 0 or an SIO_ERR_*. */
int chat_socketio_open(struct chat *chat, sio_server *srv);

#endif
