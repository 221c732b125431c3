/* SPDX-License-Identifier: MIT */
/*
 * utf8.h: checking and mending UTF-8 (RFC 3629: no surrogates, nothing over
 * U+10FFFF, no longer form than needed).
 */
#ifndef ENGINEIO_BASE_UTF8_H
#define ENGINEIO_BASE_UTF8_H

#include <engineio/base/strbuf.h>

#include <stdbool.h>
#include <stddef.h>

/* Text that comes in pieces; all zero at its beginning. */
struct eio__utf8 {
	unsigned char state; /* 0: between two characters */
};

/* False as soon as the bytes cannot be the beginning of any valid text; the
 * state is then of no use any more. */
bool eio__utf8_feed(struct eio__utf8 *u, const void *p, size_t n);
/* Whether the text may end here: no character is cut off. */
static inline bool eio__utf8_complete(const struct eio__utf8 *u)
{
	return !u->state;
}

/* For text that is there as a whole. */
bool eio__utf8_valid(const void *p, size_t n);
/*
 * Appends the text to out with U+FFFD in place of what is not valid, as
 * browsers and Node decode it: one for each longest beginning of a character
 * that is not continued, one for each byte that cannot begin any. Returns
 * out->error.
 */
int eio__utf8_mend(struct eio__strbuf *out, const void *p, size_t n);

/* How long a valid text is in UTF-16, in code units: as JavaScript counts.
 * Pieces of one text may be counted one by one, wherever it was cut. */
size_t eio__utf8_utf16(const void *p, size_t n);
/* How many bytes of a valid text are so many UTF-16 code units; -1 if it has
 * fewer, or if they end in the middle of a character. */
ptrdiff_t eio__utf8_skip_utf16(const void *p, size_t n, size_t units);

#endif
