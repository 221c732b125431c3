/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_POLLING_H
#define SRC_CHAT_POLLING_H

#include <src/chat.h>

#include <engineio/http.h>

/* Private but for its size. */
struct chat_polling {
	struct chat *chat;
	eio_loop *loop;
	double fail;
};

/*
 * The way in by polling, at /poll. Of the GETs this share (0 to 1) is
 * answered with 500, for those who want to see a client back off. `way` must
 * outlive the server. 0, or -1: out of memory.
 */
int chat_polling_start(struct chat_polling *way, struct chat *chat,
	eio_server *engine, double fail);

#endif
