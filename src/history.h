/* SPDX-License-Identifier: MIT */
#ifndef SRC_HISTORY_H
#define SRC_HISTORY_H

#include <stddef.h>

#include <jansson.h>

/* Messages that are kept. */
#define HISTORY_MESSAGES 50
/*
 * Bytes that they may take, in memory and on the way to each visitor: fifty
 * messages of a megabyte would go to everybody with every post. The newest is
 * kept whatever its size; the server has limited that.
 */
#define HISTORY_BYTES (1024 * 1024)
/* Binary values in all of them: stock clients take no more in one packet,
 * and would disconnect again and again. */
#define HISTORY_BINARIES 10
/* Arrays and objects within each other. */
#define HISTORY_DEPTH 128

struct history;

/* Empty; NULL: out of memory. */
struct history *history_new(void);
/* NULL is allowed. */
void history_free(struct history *h);
/*
 * Puts a message (given away) before the others and drops the oldest ones
 * beyond the limits. Returns 0, or changes nothing and returns -1: no object,
 * or one that is too deep or has too many binary values of its own; or -2: out
 * of memory.
 */
int history_add(struct history *h, json_t *message);
/* An array of the messages, newest first; lent, and changed by the next
 * history_add(). */
json_t *history_messages(const struct history *h);
/* No less than the bytes that they take when they are sent. */
size_t history_bytes(const struct history *h);

#endif
