/* SPDX-License-Identifier: MIT */
/*
 * sid.c: session ids.
 *
 * 15 bytes in the URL-safe alphabet of base64 are exactly 20 characters.
 * Proxies that keep sessions together and adapters of clusters count on that
 * length and alphabet.
 */
#include <config.h>

#include <engineio/sid.h>

#include <engineio/base/base64.h>

#include <string.h>

void eio__sid_make(char out[EIO__SID_LEN + 1],
	const unsigned char random[EIO__SID_RANDOM], uint32_t counter)
{
	unsigned char id[EIO__SID_RANDOM + 3];

	memcpy(id, random, EIO__SID_RANDOM);
	id[12] = (unsigned char)(counter >> 16);
	id[13] = (unsigned char)(counter >> 8);
	id[14] = (unsigned char)counter;
	eio__base64_encode_url(out, id, sizeof(id));
	out[EIO__SID_LEN] = '\0';
}

static bool is_sid_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		(c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool eio__sid_valid(const char *sid, size_t len)
{
	size_t i;

	if (!len || len > EIO__SID_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (!is_sid_char(sid[i]))
			return false;
	return true;
}
