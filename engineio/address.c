/* SPDX-License-Identifier: MIT */
/*
 * address.c: addresses and ranges of them, as text and as bytes.
 *
 * Text is read and, but for IPv4, written with the C library's own two
 * functions; no socket is touched. Always true: a parsed address that is IPv4 in IPv6 has become
 * IPv4, so that equal addresses are equal bytes.
 */
#include <config.h>

#include <engineio/address.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

void eio__address_set(struct eio__address *a, const void *bytes, size_t len)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *p = bytes;

	if (len == 16 && memcmp(p, mapped, 12) == 0) {
		p += 12;
		len = 4;
	}
	memset(a, 0, sizeof(*a));
	memcpy(a->bytes, p, len);
	a->len = (uint8_t)len;
}

bool eio__address_parse(struct eio__address *a, const char *text)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		eio__address_set(a, bytes, 4);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		eio__address_set(a, bytes, 16);
	else
		return false;
	return true;
}

static char *print_byte(char *at, unsigned byte)
{
	if (byte >= 100)
		*at++ = (char)('0' + byte / 100);
	if (byte >= 10)
		*at++ = (char)('0' + byte / 10 % 10);
	*at++ = (char)('0' + byte % 10);
	return at;
}

/* Each request is asked for its address, and inet_ntop() writes an IPv4 one
 * with printf(): 1,700 instructions instead of 80. */
static void print_ipv4(const uint8_t *bytes, char *text)
{
	int i;

	for (i = 0; i < 4; i++) {
		text = print_byte(text, bytes[i]);
		*text++ = i < 3 ? '.' : '\0';
	}
}

void eio__address_print(const struct eio__address *a, char *text)
{
	text[0] = '\0';
	if (a->len == 4)
		print_ipv4(a->bytes, text);
	else if (a->len)
		inet_ntop(AF_INET6, a->bytes, text, EIO__ADDRESS_MAX);
}

/* Decimal digits, up to the end; -1 for anything else. */
static int parse_bits(const char *text)
{
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > 3 || text[n])
		return -1;
	return (int)strtol(text, NULL, 10);
}

bool eio__range_parse(struct eio__range *r, const char *text)
{
	char address[EIO__ADDRESS_MAX];
	size_t n = strcspn(text, "/");
	int bits;

	if (n >= sizeof(address))
		return false;
	memcpy(address, text, n);
	address[n] = '\0';
	if (!eio__address_parse(&r->address, address))
		return false;
	bits = r->address.len * 8;
	if (text[n]) {
		bits = parse_bits(text + n + 1);
		/* The length of ::ffff:10.0.0.0/104 counts the prefix. */
		if (r->address.len == 4 && strchr(address, ':'))
			bits -= 96;
	}
	if (bits < 0 || bits > r->address.len * 8)
		return false;
	r->bits = (unsigned)bits;
	return true;
}

bool eio__range_has(const struct eio__range *r, const struct eio__address *a)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;
	const uint8_t *x = r->address.bytes, *y = a->bytes;

	if (a->len != r->address.len)
		return false;
	if (memcmp(x, y, whole) != 0)
		return false;
	return !rest || (x[whole] ^ y[whole]) >> (8 - rest) == 0;
}
