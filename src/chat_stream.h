/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_STREAM_H
#define SRC_CHAT_STREAM_H

#include <src/chat.h>

#include <engineio/http.h>

/* Most that listen this way at a time. */
#define CHAT_STREAMS_MAX 10000

/* Private but for its size. */
struct chat_stream {
	struct chat *chat;
	eio_request **all; /* with references */
	size_t n, room;
	bool behind; /* there are posts that nobody was told of */
};

/* The way in over answers that never end, at /msgs. `way` must outlive the
 * server. 0, or -1: out of memory. */
int chat_stream_start(struct chat_stream *way, struct chat *chat,
	eio_server *engine);
/* After the server has gone. */
void chat_stream_clear(struct chat_stream *way);

#endif
