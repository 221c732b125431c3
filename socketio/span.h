/* SPDX-License-Identifier: MIT */
/*
 * span.h: bytes that belong to somebody else.
 */
#ifndef SOCKETIO_SPAN_H
#define SOCKETIO_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct sio__span {
	const char *p;
	size_t n;
};

static inline struct sio__span sio__span(const char *p, size_t n)
{
	struct sio__span span = { p, n };

	return span;
}

/* Where n bytes at p end; of none, p may be NULL, to which C lets nobody add
 * anything. */
static inline const char *sio__end(const char *p, size_t n)
{
	return n ? p + n : p;
}

static inline struct sio__span sio__span_text(const char *text)
{
	return sio__span(text, strlen(text));
}

static inline bool sio__span_is(struct sio__span a, const char *p, size_t n)
{
	return a.n == n && (n == 0 || memcmp(a.p, p, n) == 0);
}

/* A copy with a NUL behind it; NULL: out of memory. */
static inline char *sio__span_copy(struct sio__span span)
{
	char *copy = malloc(span.n + 1);

	if (!copy)
		return NULL;
	if (span.n > 0)
		memcpy(copy, span.p, span.n);
	copy[span.n] = '\0';
	return copy;
}

/* FNV-1a. Only where a peer gains nothing by collisions. */
static inline uint32_t sio__span_hash(struct sio__span span)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < span.n; i++)
		hash = (hash ^ (unsigned char)span.p[i]) * 16777619u;
	return hash;
}

#endif
