/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_H
#define SRC_CHAT_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct chat;

/* Milliseconds since 1970. */
typedef int64_t (*chat_clock)(void *user);
/* Called after each post; the way in tells its visitors chat_state(). */
typedef void (*chat_listener)(struct chat *chat, void *user);

#define CHAT_ERROR_SIZE 512

/* A chat with its first message in it. NULL: out of memory. */
struct chat *chat_new(chat_clock clock, void *user);
/* The same with the messages of a file, to which those that come are added.
 * NULL, and a sentence in error: the file cannot be used, or memory is out. */
struct chat *chat_open(chat_clock clock, void *user, const char *file,
	char error[CHAT_ERROR_SIZE]);
/* NULL is allowed. */
void chat_free(struct chat *chat);
/* Every way in registers one. 0, or -1: there are too many. */
int chat_on_change(struct chat *chat, chat_listener fn, void *user);
/* Why a post failed. */
#define CHAT_NO_MESSAGE (-1) /* no object, or nested too deep */
#define CHAT_NOT_KEPT   (-2) /* no memory, or the file cannot be written */
/*
 * Somebody posts `data` (lent): an object with the fields user and text,
 * both of any type and both optional. Returns 0 after everybody was told,
 * or one of the above: then nothing happened.
 */
int chat_post(struct chat *chat, json_t *data);
/* {"msg": [newest first]}; new, and valid until the next post. NULL: out of
 * memory. */
json_t *chat_state(struct chat *chat);
/* The same as JSON text; lent, and valid until the next post. NULL: out of
 * memory. */
const char *chat_text(struct chat *chat, size_t *len);
/* What was posted is in the file from here on, if there is one. 0, or -1: it
 * could not be written; chat_error() says why. */
int chat_commit(struct chat *chat);
const char *chat_error(const struct chat *chat);
/* About the bytes that it takes to send that; rather more than less. */
size_t chat_state_bytes(const struct chat *chat);

#endif
