/* SPDX-License-Identifier: MIT */
/*
 * strbuf.c: growing bytes with a hard limit.
 *
 * Memory doubles, so that adding byte by byte costs a constant each, but
 * never beyond the limit. Everything that adds goes through reserve(); only
 * grow() grows and fails.
 */
#include <config.h>

#include <engineio/base/strbuf.h>

#include <engineio/engineio.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIN_SIZE 64

void eio__strbuf_init(struct eio__strbuf *b, size_t limit)
{
	uint64_t wanted = limit; /* also where size_t has 32 bits */

	memset(b, 0, sizeof(*b));
	b->limit = wanted < EIO__STRBUF_MAX ? wanted : EIO__STRBUF_MAX;
}

void eio__strbuf_clear(struct eio__strbuf *b)
{
	free(b->data);
	eio__strbuf_init(b, b->limit);
}

void eio__strbuf_reset(struct eio__strbuf *b)
{
	b->len = 0;
	b->error = 0;
	if (b->data)
		b->data[0] = '\0';
}

void eio__strbuf_borrow(struct eio__strbuf *b, struct eio__strbuf *spare)
{
	if (b->data || !spare->data ||
		(b->limit && spare->cap > (size_t)b->limit + 1))
		return;
	b->data = spare->data;
	b->cap = spare->cap;
	b->data[0] = '\0';
	spare->data = NULL;
	spare->cap = 0;
}

void eio__strbuf_give_back(struct eio__strbuf *b, struct eio__strbuf *spare,
	size_t max)
{
	if (b->data && !spare->data && b->cap <= max) {
		spare->data = b->data;
		spare->cap = b->cap;
		b->data = NULL;
	}
	eio__strbuf_clear(b);
}

static void *fail(struct eio__strbuf *b, int error)
{
	b->error = error;
	return NULL;
}

/* How much to allocate for `need` bytes, NUL included. */
static size_t next_size(const struct eio__strbuf *b, size_t need)
{
	size_t size = b->cap <= SIZE_MAX / 2 ? b->cap * 2 : need;

	if (size < MIN_SIZE)
		size = MIN_SIZE;
	if (b->limit && size > b->limit)
		size = (size_t)b->limit + 1;
	return size > need ? size : need;
}

static char *grow(struct eio__strbuf *b, size_t n)
{
	size_t size;
	char *data;

	if (b->error)
		return NULL;
	if (b->limit && n > b->limit - b->len)
		return fail(b, ENGINEIO_ERR_FULL);
	if (n >= SIZE_MAX - b->len)
		return fail(b, ENGINEIO_ERR_NOMEM);
	size = next_size(b, b->len + n + 1);
	data = realloc(b->data, size);
	if (!data)
		return fail(b, ENGINEIO_ERR_NOMEM);
	b->data = data;
	b->cap = size;
	b->data[b->len] = '\0';
	return b->data + b->len;
}

/* Nearly always there is room, and cap is within the limit: one comparison
 * then answers both. */
static inline char *reserve(struct eio__strbuf *b, size_t n)
{
	if (!b->error && n < b->cap - b->len)
		return b->data + b->len;
	return grow(b, n);
}

char *eio__strbuf_reserve(struct eio__strbuf *b, size_t n)
{
	return reserve(b, n);
}

int eio__strbuf_add(struct eio__strbuf *b, const void *p, size_t n)
{
	char *at = reserve(b, n);

	if (!at)
		return b->error;
	if (n)
		memcpy(at, p, n);
	at[n] = '\0';
	b->len += n;
	return 0;
}

int eio__strbuf_addc(struct eio__strbuf *b, char c)
{
	char *at;

	if (b->error || b->cap - b->len < 2)
		return eio__strbuf_add(b, &c, 1);
	at = b->data + b->len++;
	at[0] = c;
	at[1] = '\0';
	return 0;
}

int eio__strbuf_addu(struct eio__strbuf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return eio__strbuf_add(b, digits + at, sizeof(digits) - at);
}

int eio__strbuf_vprintf(struct eio__strbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *at;
	int n;

	if (b->error)
		return b->error;
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	at = n < 0 ? fail(b, ENGINEIO_ERR_NOMEM)
		   : eio__strbuf_reserve(b, (size_t)n);
	if (at) {
		vsnprintf(at, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
	return b->error;
}

int eio__strbuf_printf(struct eio__strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	eio__strbuf_vprintf(b, fmt, ap);
	va_end(ap);
	return b->error;
}
