/* SPDX-License-Identifier: MIT */
/*
 * address.h: addresses and ranges of them, as text and as bytes.
 */
#ifndef ENGINEIO_ADDRESS_H
#define ENGINEIO_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As inet_ntop() writes it, and 0. */
#define EIO__ADDRESS_MAX 46

/* IPv4 has 4 bytes, IPv6 16; IPv4 in IPv6 (::ffff:1.2.3.4) counts as IPv4. 0
 * bytes: not an address of the internet. */
struct eio__address {
	uint8_t bytes[16];
	uint8_t len;
};

/* "10.0.0.0/8": all addresses that begin with the same bits. */
struct eio__range {
	struct eio__address address;
	unsigned bits;
};

/* The text is exactly an address; no port, no brackets, no zone. */
bool eio__address_parse(struct eio__address *a, const char *text);
/* From the 4 or 16 bytes of a packet. */
void eio__address_set(struct eio__address *a, const void *bytes, size_t len);
/* Writes EIO__ADDRESS_MAX bytes at most; "" for no address. */
void eio__address_print(const struct eio__address *a, char *text);

/* "10.0.0.0/8", "::1", "2001:db8::/32"; bits behind the length do not
 * count. */
bool eio__range_parse(struct eio__range *r, const char *text);
bool eio__range_has(const struct eio__range *r, const struct eio__address *a);

#endif
