/* SPDX-License-Identifier: MIT */
/*
 * field.h: the grammar that all headers share (RFC 9110, section 5.6).
 */
#ifndef ENGINEIO_HTTP_FIELD_H
#define ENGINEIO_HTTP_FIELD_H

#include <stdbool.h>
#include <stdint.h>

/* What tokens are made of, for strspn(). */
#define EIO__TOKEN_CHARS \
	"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Whether it is one of them. */
static inline bool eio__is_token_byte(char c)
{
	static const uint64_t marks[] = { UINT64_C(0x03ff6cfa00000000),
		UINT64_C(0x57ffffffc7fffffe) };
	unsigned char b = (unsigned char)c;

	return b < 128 && marks[b / 64] >> b % 64 & 1;
}

/* Whether the text may be a method or the name of a header. */
bool eio__is_token(const char *s);
/* Whether it may be the value of a header: nothing that ends a line. */
bool eio__is_field_value(const char *s);
/* Whether a header's value, a list, names this token, in any case. */
bool eio__header_lists(const char *list, const char *token);
/* Whether it is a list of tokens, and nothing else. */
bool eio__is_token_list(const char *list);

#endif
