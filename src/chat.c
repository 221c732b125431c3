/* SPDX-License-Identifier: MIT */
/*
 * chat.c: what a message is, and who hears of it.
 *
 * A message has what its author sent as user and text, and the time. As in
 * the JavaScript it is modelled on, a number stays a number and a missing
 * field is missing. How messages come in and go out is the business of the
 * chat_*.c, of which each registers as a listener.
 */
#include <config.h>

#include <src/chat.h>
#include <src/history.h>

#include <stdlib.h>

#define LISTENERS_MAX 8

struct listener {
	chat_listener fn;
	void *user;
};

struct chat {
	chat_clock clock;
	void *clock_user;
	struct history *history;
	struct listener listeners[LISTENERS_MAX];
	size_t n_listeners;
};

/* Shares both values; NULL is a field that was not sent. */
static int add_message(struct chat *chat, json_t *user, json_t *text)
{
	json_int_t now = chat->clock(chat->clock_user);

	return history_add(chat->history,
		json_pack("{s:O*, s:O*, s:I}", "user", user, "text", text,
			"time", now));
}

static int add_first(struct chat *chat)
{
	json_t *user = json_string("brian");
	json_t *text = json_string("hi");
	int err = -1;

	if (user && text)
		err = add_message(chat, user, text);
	json_decref(user);
	json_decref(text);
	return err;
}

struct chat *chat_new(chat_clock clock, void *user)
{
	struct chat *chat = calloc(1, sizeof(*chat));

	if (!chat)
		return NULL;
	chat->clock = clock;
	chat->clock_user = user;
	chat->history = history_new();
	if (!chat->history || add_first(chat) < 0) {
		chat_free(chat);
		return NULL;
	}
	return chat;
}

void chat_free(struct chat *chat)
{
	if (!chat)
		return;
	history_free(chat->history);
	free(chat);
}

int chat_on_change(struct chat *chat, chat_listener fn, void *user)
{
	if (chat->n_listeners == LISTENERS_MAX)
		return -1;
	chat->listeners[chat->n_listeners].fn = fn;
	chat->listeners[chat->n_listeners].user = user;
	chat->n_listeners++;
	return 0;
}

int chat_post(struct chat *chat, json_t *data)
{
	size_t i;

	if (!json_is_object(data) ||
		add_message(chat, json_object_get(data, "user"),
			json_object_get(data, "text")) < 0)
		return -1;
	for (i = 0; i < chat->n_listeners; i++)
		chat->listeners[i].fn(chat, chat->listeners[i].user);
	return 0;
}

json_t *chat_state(struct chat *chat)
{
	return json_pack("{s:O}", "msg", history_messages(chat->history));
}

size_t chat_state_bytes(const struct chat *chat)
{
	return history_bytes(chat->history);
}
