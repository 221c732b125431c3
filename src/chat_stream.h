/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_STREAM_H
#define SRC_CHAT_STREAM_H

#include <src/chat_hub.h>

/* The way in over answers that never end, at /msgs. `way` must outlive the
 * server. 0, or -1: out of memory. */
int chat_stream_start(struct chat_hub *way, struct chat *chat,
	eio_server *engine);

#endif
