/* SPDX-License-Identifier: MIT */
/*
 * strbuf.h: growing bytes with a hard limit.
 *
 * The first error sticks: from then on every call does nothing and returns
 * it, so a caller may add many pieces and look once at the end. What was
 * added before the error stays.
 *
 * Always true: len <= limit (when there is one), and cap is not more than that
 * and a NUL. Where data is not NULL, len < cap and data[len] is NUL after
 * every successful add; data is NULL as long as nothing was ever added.
 */
#ifndef ENGINEIO_BASE_STRBUF_H
#define ENGINEIO_BASE_STRBUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Limit and error share a word: each connection has several of these. */
struct eio__strbuf {
	char *data;
	size_t len, cap;
	uint64_t limit : 56;
	int64_t error : 8; /* 0, ENGINEIO_ERR_NOMEM or ENGINEIO_ERR_FULL */
};

#define EIO__STRBUF_MAX ((UINT64_C(1) << 56) - 1)

/* limit: most bytes it may hold; 0 is no limit. Allocates nothing. */
void eio__strbuf_init(struct eio__strbuf *b, size_t limit);
/* Frees the bytes; usable again with the same limit. */
void eio__strbuf_clear(struct eio__strbuf *b);
/* Forgets bytes and error, keeps the memory. */
void eio__strbuf_reset(struct eio__strbuf *b);

/* For buffers that live for a moment, one after the other: b, which has no
 * memory, takes that of `spare`, which is warm; and gives its own back to the
 * spare, or frees it when that has some or it is larger than max. */
void eio__strbuf_borrow(struct eio__strbuf *b, struct eio__strbuf *spare);
void eio__strbuf_give_back(struct eio__strbuf *b, struct eio__strbuf *spare,
	size_t max);

/* All of these return b->error. p must not point into the buffer. */
int eio__strbuf_add(struct eio__strbuf *b, const void *p, size_t n);
int eio__strbuf_addc(struct eio__strbuf *b, char c);
/* Here, so that the compiler counts the texts that it knows. */
static inline int eio__strbuf_adds(struct eio__strbuf *b, const char *s)
{
	return eio__strbuf_add(b, s, strlen(s));
}
/* In decimal. */
int eio__strbuf_addu(struct eio__strbuf *b, uint64_t n);
int eio__strbuf_printf(struct eio__strbuf *b, const char *fmt, ...)
#if defined(__GNUC__)
	__attribute__((format(printf, 2, 3)))
#endif
	;
int eio__strbuf_vprintf(struct eio__strbuf *b, const char *fmt, va_list ap)
#if defined(__GNUC__)
	__attribute__((format(printf, 2, 0)))
#endif
	;
/* Where n more bytes (and a NUL) may be written; who does so adds to len.
 * NULL on error. */
char *eio__strbuf_reserve(struct eio__strbuf *b, size_t n);

#endif
