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
#include <src/history_file.h>

#include <stdio.h>
#include <stdlib.h>

#include <socketio/socketio.h>

#define LISTENERS_MAX 8

struct listener {
	chat_listener fn;
	void *user;
};

struct chat {
	chat_clock clock;
	void *clock_user;
	struct history *history;
	struct history_file *file; /* NULL: memory is enough */
	char *text;                /* of chat_text(); NULL: to be made */
	size_t text_len;
	struct listener listeners[LISTENERS_MAX];
	size_t n_listeners;
};

/* Shares both values; NULL is a field that was not sent. */
static int add_message(struct chat *chat, json_t *user, json_t *text)
{
	json_int_t now = chat->clock(chat->clock_user);
	json_t *message = json_pack("{s:O*, s:O*, s:I}", "user", user, "text",
		text, "time", now);
	int err = CHAT_NOT_KEPT;

	if (message)
		err = history_add(chat->history, json_incref(message));
	if (!err && chat->file && history_file_add(chat->file, message))
		err = CHAT_NOT_KEPT;
	json_decref(message);
	free(chat->text);
	chat->text = NULL;
	return err;
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

static struct chat *empty_chat(chat_clock clock, void *user)
{
	struct chat *chat = calloc(1, sizeof(*chat));

	if (!chat)
		return NULL;
	chat->clock = clock;
	chat->clock_user = user;
	chat->history = history_new();
	if (chat->history)
		return chat;
	free(chat);
	return NULL;
}

struct chat *chat_new(chat_clock clock, void *user)
{
	struct chat *chat = empty_chat(clock, user);

	if (chat && add_first(chat) == 0)
		return chat;
	chat_free(chat);
	return NULL;
}

static bool is_empty(const struct chat *chat)
{
	return json_array_size(history_messages(chat->history)) == 0;
}

struct chat *chat_open(chat_clock clock, void *user, const char *file,
	char error[CHAT_ERROR_SIZE])
{
	struct chat *chat = empty_chat(clock, user);

	snprintf(error, CHAT_ERROR_SIZE, "out of memory");
	if (!chat)
		return NULL;
	chat->file = history_file_open(file, chat->history, error);
	if (chat->file && (!is_empty(chat) || add_first(chat) == 0))
		return chat;
	chat_free(chat);
	return NULL;
}

void chat_free(struct chat *chat)
{
	if (!chat)
		return;
	history_file_close(chat->file);
	history_free(chat->history);
	free(chat->text);
	free(chat);
}

int chat_commit(struct chat *chat)
{
	size_t n = json_array_size(history_messages(chat->history));

	return chat->file ? history_file_commit(chat->file, n) : 0;
}

const char *chat_error(const struct chat *chat)
{
	return chat->file ? history_file_error(chat->file) : "";
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
	int err = CHAT_NO_MESSAGE;

	if (json_is_object(data))
		err = add_message(chat, json_object_get(data, "user"),
			json_object_get(data, "text"));
	if (err)
		return err;
	for (i = 0; i < chat->n_listeners; i++)
		chat->listeners[i].fn(chat, chat->listeners[i].user);
	return 0;
}

json_t *chat_state(struct chat *chat)
{
	return json_pack("{s:O}", "msg", history_messages(chat->history));
}

const char *chat_text(struct chat *chat, size_t *len)
{
	json_t *state = chat->text ? NULL : chat_state(chat);

	if (state)
		chat->text = sio_json_stringify(state, &chat->text_len);
	json_decref(state);
	*len = chat->text_len;
	return chat->text;
}

size_t chat_state_bytes(const struct chat *chat)
{
	return history_bytes(chat->history);
}
