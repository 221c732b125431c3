/* SPDX-License-Identifier: MIT */
/*
 * history.c: the last messages, newest first.
 *
 * Knows their size and not their meaning. It is what the visitors can make
 * grow, so every way in which they can has its limit here; the limits hold
 * after each call, except that the newest message is kept alone if need be.
 */
#include <config.h>

#include <src/history.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <socketio/socketio.h>

/* What a value costs in memory beside its characters; more than any number
 * takes when it is written. */
#define VALUE_BYTES 32

struct weight {
	size_t bytes;
	size_t binaries;
};

struct history {
	json_t *messages;
	struct weight weights[HISTORY_MESSAGES + 1]; /* of each of them */
	struct weight sum;
};

struct history *history_new(void)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->messages = json_array();
	if (!h->messages) {
		free(h);
		return NULL;
	}
	return h;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	json_decref(h->messages);
	free(h);
}

json_t *history_messages(const struct history *h)
{
	return h->messages;
}

size_t history_bytes(const struct history *h)
{
	return h->sum.bytes;
}

/* The length of a text in JSON: what needs an escape is longer there. */
static size_t written(const char *text, size_t len)
{
	size_t sum = len;
	size_t i;

	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20)
			sum += 5;
		else if (text[i] == '"' || text[i] == '\\')
			sum++;
	}
	return sum;
}

static bool weigh(struct weight *w, json_t *value, int depth);

static bool weigh_object(struct weight *w, json_t *object, int depth)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		w->bytes += written(key, strlen(key));
		if (!weigh(w, value, depth + 1))
			return false;
	}
	return true;
}

static bool weigh_array(struct weight *w, json_t *array, int depth)
{
	size_t i;
	json_t *value;

	json_array_foreach(array, i, value)
		if (!weigh(w, value, depth + 1))
			return false;
	return true;
}

/* Adds what the value weighs. False: it is too deep. */
static bool weigh(struct weight *w, json_t *value, int depth)
{
	size_t len;

	w->bytes += VALUE_BYTES;
	if (depth > HISTORY_DEPTH)
		return false;
	if (sio_is_binary(value)) {
		sio_binary_data(value, &len);
		w->bytes += len;
		w->binaries++;
		return true;
	}
	if (json_is_object(value))
		return weigh_object(w, value, depth);
	if (json_is_array(value))
		return weigh_array(w, value, depth);
	if (json_is_string(value))
		w->bytes += written(json_string_value(value),
			json_string_length(value));
	return true;
}

static bool is_over(const struct history *h)
{
	return json_array_size(h->messages) > HISTORY_MESSAGES ||
		h->sum.bytes > HISTORY_BYTES ||
		h->sum.binaries > HISTORY_BINARIES;
}

static void drop_oldest(struct history *h)
{
	size_t last = json_array_size(h->messages) - 1;

	h->sum.bytes -= h->weights[last].bytes;
	h->sum.binaries -= h->weights[last].binaries;
	json_array_remove(h->messages, last);
}

static void put_weight(struct history *h, const struct weight *w)
{
	memmove(h->weights + 1, h->weights,
		HISTORY_MESSAGES * sizeof(h->weights[0]));
	h->weights[0] = *w;
	h->sum.bytes += w->bytes;
	h->sum.binaries += w->binaries;
}

/* Room is made afterwards, so that a failed insertion loses nothing. */
int history_add(struct history *h, json_t *message)
{
	struct weight w = { 0, 0 };

	if (!json_is_object(message) || sio_is_binary(message) ||
		!weigh(&w, message, 1) || w.binaries > HISTORY_BINARIES) {
		json_decref(message);
		return -1;
	}
	if (json_array_insert_new(h->messages, 0, message) < 0)
		return -2;
	put_weight(h, &w);
	while (is_over(h) && json_array_size(h->messages) > 1)
		drop_oldest(h);
	return 0;
}
