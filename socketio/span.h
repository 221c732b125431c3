/* SPDX-License-Identifier: MIT */
/*
 * span.h: bytes that belong to somebody else.
 */
#ifndef SOCKETIO_SPAN_H
#define SOCKETIO_SPAN_H

#include <stdbool.h>
#include <stddef.h>
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

#endif
