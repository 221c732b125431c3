/* SPDX-License-Identifier: MIT */
/*
 * chat_hub.c: who listens by one of the ways that only ever send the whole
 * list as JSON text.
 *
 * Posts that come together are told of together, at the end of the turn: each
 * telling has all messages. No order is kept among those who listen.
 */
#include <config.h>

#include <src/chat_hub.h>

#include <stdlib.h>
#include <string.h>

static void tell(struct chat_hub *hub, void *who)
{
	size_t len;
	const char *text = chat_text(hub->chat, &len);

	if (text)
		hub->send(who, text, len);
}

static int make_room(struct chat_hub *hub)
{
	size_t room = hub->room ? hub->room * 2 : 8;
	void **all;

	if (hub->n == CHAT_LISTENERS_MAX)
		return -1;
	if (hub->n < hub->room)
		return 0;
	all = realloc(hub->all, room * sizeof(*all));
	if (!all)
		return -1;
	hub->all = all;
	hub->room = room;
	return 0;
}

int chat_hub_add(struct chat_hub *hub, void *who)
{
	if (make_room(hub) < 0)
		return -1;
	hub->all[hub->n++] = who;
	tell(hub, who);
	return 0;
}

bool chat_hub_remove(struct chat_hub *hub, void *who)
{
	size_t i;

	for (i = 0; i < hub->n; i++)
		if (hub->all[i] == who)
			break;
	if (i == hub->n)
		return false;
	hub->all[i] = hub->all[--hub->n];
	return true;
}

static void on_change(struct chat *chat, void *user)
{
	struct chat_hub *hub = user;

	hub->behind = true;
}

static bool on_turn_end(void *user)
{
	struct chat_hub *hub = user;
	bool was_behind = hub->behind;
	size_t i;

	hub->behind = false;
	for (i = 0; was_behind && i < hub->n; i++)
		tell(hub, hub->all[i]);
	return was_behind;
}

int chat_hub_start(struct chat_hub *hub, struct chat *chat, eio_loop *loop,
	void (*send)(void *who, const char *text, size_t len))
{
	memset(hub, 0, sizeof(*hub));
	hub->chat = chat;
	hub->send = send;
	if (eio_loop_on_turn_end(loop, on_turn_end, hub) < 0)
		return -1;
	return chat_on_change(chat, on_change, hub);
}

void chat_hub_clear(struct chat_hub *hub)
{
	free(hub->all);
	hub->all = NULL;
	hub->n = hub->room = 0;
}
