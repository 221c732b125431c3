/* SPDX-License-Identifier: MIT */
/*
 * base64.c: the standard alphabet of RFC 4648, section 4, and to write ids
 * the other one, section 5.
 *
 * Decoding is strict, so that every sequence of bytes has one text (two with
 * the padding left out), and never writes ahead of what it has read, so that
 * it may be done in place.
 */
#include <config.h>

#include <engineio/base/base64.h>

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

#define NO 64 /* larger than any value, so that it survives being or-ed */

/* The values of the characters from '+' to 'z'. */
static const unsigned char values[] = { 62, NO, NO, NO, 63, 52, 53, 54, 55, 56,
	57, 58, 59, 60, 61, NO, NO, NO, NO, NO, NO, NO, 0, 1, 2, 3, 4, 5, 6, 7,
	8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
	NO, NO, NO, NO, NO, NO, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37,
	38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51 };

static inline uint32_t value(char c)
{
	unsigned at = (unsigned char)c - (unsigned)'+';

	return at < sizeof(values) ? values[at] : NO;
}

size_t eio__base64_size(size_t n)
{
	return n / 3 * 4 + (n % 3 ? 4 : 0);
}

void eio__base64_encode(char *out, const void *data, size_t n)
{
	const unsigned char *p = data;
	uint32_t v;

	for (; n >= 3; n -= 3, p += 3, out += 4) {
		v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
		out[0] = alphabet[v >> 18];
		out[1] = alphabet[v >> 12 & 63];
		out[2] = alphabet[v >> 6 & 63];
		out[3] = alphabet[v & 63];
	}
	if (!n)
		return;
	v = (uint32_t)p[0] << 16 | (n == 2 ? (uint32_t)p[1] << 8 : 0);
	out[0] = alphabet[v >> 18];
	out[1] = alphabet[v >> 12 & 63];
	out[2] = n == 2 ? alphabet[v >> 6 & 63] : '=';
	out[3] = '=';
}

void eio__base64_encode_url(char *out, const void *data, size_t n)
{
	size_t i, size = eio__base64_size(n);

	eio__base64_encode(out, data, n);
	for (i = 0; i < size; i++) {
		if (out[i] == '+')
			out[i] = '-';
		else if (out[i] == '/')
			out[i] = '_';
	}
}

/* The length without padding; n where the padding is wrong, which leaves a
 * '=' for the decoder to stumble over. */
static size_t unpadded(const char *p, size_t n)
{
	if (!n || n % 4 || p[n - 1] != '=')
		return n;
	return p[n - 2] == '=' ? n - 2 : n - 1;
}

/* The two or three characters behind the last whole group. */
static ptrdiff_t decode_rest(char *out, const char *p, size_t n)
{
	uint32_t a, b, c;

	if (n == 1)
		return -1;
	a = value(p[0]);
	b = value(p[1]);
	c = n == 3 ? value(p[2]) : 0;
	if ((a | b | c) & NO || (n == 2 ? b & 15 : c & 3))
		return -1;
	out[0] = (char)(a << 2 | b >> 4);
	if (n == 3)
		out[1] = (char)(b << 4 | c >> 2);
	return (ptrdiff_t)n - 1;
}

ptrdiff_t eio__base64_decode(char *out, const char *p, size_t n)
{
	char *start = out;
	uint32_t a, b, c, d;
	ptrdiff_t rest = 0;

	n = unpadded(p, n);
	for (; n >= 4; n -= 4, p += 4, out += 3) {
		a = value(p[0]);
		b = value(p[1]);
		c = value(p[2]);
		d = value(p[3]);
		if ((a | b | c | d) & NO)
			return -1;
		out[0] = (char)(a << 2 | b >> 4);
		out[1] = (char)(b << 4 | c >> 2);
		out[2] = (char)(c << 6 | d);
	}
	if (n)
		rest = decode_rest(out, p, n);
	return rest < 0 ? -1 : out - start + rest;
}
