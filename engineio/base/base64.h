/* SPDX-License-Identifier: MIT */
/*
 * base64.h: the standard alphabet of RFC 4648, section 4, and for ids the
 * other one, section 5.
 */
#ifndef ENGINEIO_BASE_BASE64_H
#define ENGINEIO_BASE_BASE64_H

#include <stddef.h>

/* Characters that n bytes become, padding included. */
size_t eio__base64_size(size_t n);
/* Writes exactly eio__base64_size(n) characters, no NUL. */
void eio__base64_encode(char *out, const void *p, size_t n);
/* The same with '-' and '_' in place of '+' and '/'. */
void eio__base64_encode_url(char *out, const void *p, size_t n);
/*
 * Writes the bytes that n characters stand for, at most n / 4 * 3 + 2, and
 * returns how many they are; out may be p. -1 when the text is not base64:
 * a foreign character (also a blank or a line end), a length that cannot be,
 * padding that is wrong (it may be left out as a whole), bits set that stand
 * for nothing. out is then spoiled.
 */
ptrdiff_t eio__base64_decode(char *out, const char *p, size_t n);

#endif
