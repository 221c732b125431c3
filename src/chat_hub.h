/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_HUB_H
#define SRC_CHAT_HUB_H

#include <src/chat.h>

#include <stdbool.h>

#include <engineio/engineio.h>

/* Most that listen by one way at a time. */
#define CHAT_LISTENERS_MAX 10000

/* Private but for its size. */
struct chat_hub {
	struct chat *chat;
	void (*send)(void *who, const char *text, size_t len);
	void **all;
	size_t n, room;
	bool behind; /* there are posts that nobody was told of */
};

/* `send` gives somebody who listens all messages, as JSON text; it must not
 * call back. The hub must outlive the loop. 0, or -1: out of memory. */
int chat_hub_start(struct chat_hub *hub, struct chat *chat, eio_loop *loop,
	void (*send)(void *who, const char *text, size_t len));
/* After the loop's last turn; who still listens is forgotten. */
void chat_hub_clear(struct chat_hub *hub);
/* Lets somebody listen, and tells all messages at once. -1: too many do, or
 * memory is out. */
int chat_hub_add(struct chat_hub *hub, void *who);
/* False: there was nobody of that name. */
bool chat_hub_remove(struct chat_hub *hub, void *who);

#endif
