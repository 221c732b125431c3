/* SPDX-License-Identifier: MIT */
/*
 * floor_ws.c: the floor's WebSocket (RFC 6455): its handshake, whole frames in
 * and out.
 */
#include <config.h>

#include "floor.h"

#include <engineio/base/base64.h>

#include <openssl/sha.h>

#include <stdio.h>
#include <string.h>

#define OPEN \
	"0{\"sid\":\"" FLOOR_SID "\",\"upgrades\":[],\"pingInterval\":25000," \
	"\"pingTimeout\":20000,\"maxPayload\":1000000}"

/* -- frames out ----------------------------------------------------------- */

size_t ws_frame_head(unsigned char *head, size_t n)
{
	int i;

	head[0] = 0x81;
	if (n < 126) {
		head[1] = (unsigned char)n;
		return 2;
	}
	if (n < 65536) {
		head[1] = 126;
		head[2] = (unsigned char)(n >> 8);
		head[3] = (unsigned char)n;
		return 4;
	}
	head[1] = 127;
	for (i = 0; i < 8; i++)
		head[2 + i] = (unsigned char)(n >> (56 - 8 * i));
	return 10;
}

void ws_put(struct peer *p, const char *a, size_t a_n, const char *b,
	size_t b_n)
{
	unsigned char head[10];

	put(p, head, ws_frame_head(head, a_n + b_n));
	put(p, a, a_n);
	if (b_n > 0)
		put(p, b, b_n);
}

/* -- frames in ------------------------------------------------------------ */

/* A frame with all its bytes: how many it has; 0: not yet. */
static size_t take_frame(struct peer *p, char *in, size_t n)
{
	unsigned char *u = (unsigned char *)in;
	size_t at = 2, len, i;

	if (n < 6)
		return 0;
	len = u[1] & 127;
	if (len == 126) {
		len = (size_t)u[2] << 8 | u[3];
		at = 4;
	} else if (len == 127) {
		len = 0;
		for (i = 0; i < 8; i++)
			len = len << 8 | u[2 + i];
		at = 10;
	}
	if (n < at + 4 || n - at - 4 < len)
		return 0;
	for (i = 0; i < len; i++)
		u[at + 4 + i] ^= u[at + (i & 3)];
	if ((u[0] & 15) == 8)
		drop(p);
	else
		packet_take(p, in + at + 4, len);
	return at + 4 + len;
}

/* -- handshake ------------------------------------------------------------ */

static void accept_key(const char *key, size_t n, char *out)
{
	unsigned char text[128], digest[SHA_DIGEST_LENGTH];

	if (n > 64)
		n = 64;
	memcpy(text, key, n);
	memcpy(text + n, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
	SHA1(text, n + 36, digest);
	eio__base64_encode(out, digest, sizeof(digest));
}

size_t ws_open(struct peer *p, char *in, size_t n)
{
	const char *end = memmem(in, n, "\r\n\r\n", 4);
	const char *key = memmem(in, n, "Sec-WebSocket-Key: ", 19);
	const char *key_end;
	char answer[300], hash[32] = "";
	int len;

	if (!end || !key)
		return 0;
	key += 19;
	key_end = memchr(key, '\r', n - (size_t)(key - in));
	accept_key(key, (size_t)(key_end - key), hash);
	len = snprintf(answer, sizeof(answer),
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		hash);
	put(p, answer, (size_t)len);
	ws_put(p, OPEN, sizeof(OPEN) - 1, NULL, 0);
	p->upgraded = true;
	p->take = take_frame;
	return (size_t)(end + 4 - in);
}
