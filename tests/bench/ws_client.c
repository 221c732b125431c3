/* SPDX-License-Identifier: MIT */
/*
 * ws_client.c: a client's WebSocket (RFC 6455): handshake, masked frames out,
 * frames and fragments in.
 */
#include <config.h>

#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONTINUATION,
	TEXT,
	BINARY,
	CLOSE = 8,
	PING,
	PONG
};

/* RFC 6455, 1.3 */
#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static void opened(struct link *link)
{
	static const char request[] =
		"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
		"Host: localhost\r\n"
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Key: " KEY "\r\n"
		"Sec-WebSocket-Version: 13\r\n\r\n";

	link_write(link, request, sizeof(request) - 1);
}

/* -- frames out ---------------------------------------------------------- */

static size_t frame_head(unsigned char *head, unsigned opcode, size_t n)
{
	size_t at = 2;
	int i;

	head[0] = (unsigned char)(0x80 | opcode);
	if (n < 126) {
		head[1] = (unsigned char)(0x80 | n);
	} else if (n < 65536) {
		head[1] = 0x80 | 126;
		head[2] = (unsigned char)(n >> 8);
		head[3] = (unsigned char)n;
		at = 4;
	} else {
		head[1] = 0x80 | 127;
		for (i = 0; i < 8; i++)
			head[2 + i] = (unsigned char)(n >> (56 - 8 * i));
		at = 10;
	}
	return at;
}

static void send_frame(struct client *c, unsigned opcode, const char *p,
	size_t n)
{
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	unsigned char small[600];
	unsigned char *frame = n + 14 <= sizeof(small) ? small : malloc(n + 14);
	size_t i, at;

	if (!frame)
		client_fail(c, "out of memory", NULL, 0);
	at = frame_head(frame, opcode, n);
	memcpy(frame + at, mask, 4);
	at += 4;
	for (i = 0; i < n; i++)
		frame[at + i] = (unsigned char)p[i] ^ mask[i & 3];
	link_write(c->link, frame, at + n);
	if (frame != small)
		free(frame);
}

void ws_client_send(struct client *c, const char *p, size_t n)
{
	send_frame(c, TEXT, p, n);
}

void ws_client_finish(struct client *c)
{
	send_frame(c, CLOSE, "\x03\xe8", 2);
}

/* -- frames in ----------------------------------------------------------- */

static size_t take_answer(struct client *c, const char *p, size_t n)
{
	const char *end = memmem(p, n, "\r\n\r\n", 4);

	if (!end)
		return 0;
	if (n < 12 || memcmp(p, "HTTP/1.1 101", 12) != 0 ||
		!memmem(p, n, ": " ACCEPT "\r\n", sizeof(ACCEPT) + 3))
		client_fail(c, "no 101", p, n);
	c->upgraded = true;
	return (size_t)(end + 4 - p);
}

static const char *expected(struct client *c, size_t *n)
{
	return c->joined && c->ops->expected ? c->ops->expected(c, n) : NULL;
}

/* Whether the packet goes on as expected; its type is that of a message. */
static bool matches(struct client *c, const char *p, size_t n)
{
	size_t len, type = c->matched == 0;
	const char *want = expected(c, &len);

	if (!want || c->message.len > 0 || n == 0 || (type && *p != '4') ||
		c->matched + n > len + 1)
		return false;
	return !memcmp(want + c->matched - !type, p + type, n - type);
}

/* A load generator that keeps 1 MB for each client is slower than the server
 * that it measures: what is as expected is only counted. */
static void take_part(struct client *c, const char *p, size_t n)
{
	size_t len;

	if (matches(c, p, n)) {
		c->matched += n;
		return;
	}
	if (c->matched > 0) {
		eio__strbuf_addc(&c->message, '4');
		eio__strbuf_add(&c->message, expected(c, &len), c->matched - 1);
		c->matched = 0;
	}
	eio__strbuf_add(&c->message, p, n);
}

static void take_end(struct client *c)
{
	size_t len, n = c->matched;

	c->matched = 0;
	if (n > 0) {
		c->ops->packet(c, expected(c, &len), n - 1);
		return;
	}
	client_take(c, c->message.data, c->message.len);
	eio__strbuf_reset(&c->message);
}

static void take_message(struct client *c, bool last, const char *p, size_t n)
{
	if (last && c->message.len == 0 && c->matched == 0) {
		client_take(c, p, n);
		return;
	}
	take_part(c, p, n);
	if (last)
		take_end(c);
}

static void take_frame(struct client *c, unsigned head, const char *p, size_t n)
{
	switch (head & 15) {
	case CONTINUATION:
	case TEXT:
		take_message(c, (head & 0x80) != 0, p, n);
		break;
	case PING:
		send_frame(c, PONG, p, n);
		break;
	case CLOSE:
		if (!c->leaving && !c->slow)
			client_fail(c, "closed by the server", p, n);
		break;
	default:
		client_fail(c, "unexpected frame", p, n);
	}
}

/* Bytes of the head; 0: more are needed. */
static size_t read_head(const unsigned char *p, size_t n, uint64_t *len)
{
	size_t at = 2, i, more = 0;

	if (n < 2)
		return 0;
	*len = p[1] & 127;
	if (*len == 126)
		more = 2;
	else if (*len == 127)
		more = 8;
	if (n < at + more)
		return 0;
	if (more > 0)
		*len = 0;
	for (i = 0; i < more; i++)
		*len = *len << 8 | p[at + i];
	return at + more;
}

/* The frame at p, or as much of it as there is of a long one; 0: more has to
 * come. */
static size_t take_some(struct client *c, const char *p, size_t n)
{
	uint64_t len;
	size_t head = read_head((const unsigned char *)p, n, &len);

	if (head == 0)
		return 0;
	if (n - head >= len) {
		take_frame(c, (unsigned char)p[0], p + head, (size_t)len);
		return head + (size_t)len;
	}
	if ((p[0] & 15) > TEXT)
		return 0;
	take_part(c, p + head, n - head);
	c->frame_head = (unsigned char)p[0];
	c->frame_left = len - (n - head);
	return n;
}

/* More of a frame that has begun. */
static size_t take_more(struct client *c, const char *p, size_t n)
{
	if (n > c->frame_left)
		n = (size_t)c->frame_left;
	take_part(c, p, n);
	c->frame_left -= n;
	if (c->frame_left == 0 && c->frame_head & 0x80)
		take_end(c);
	return n;
}

static size_t take_bytes(struct link *link, const char *p, size_t n)
{
	struct client *c = link->user;
	size_t at = 0, some = 1;

	if (!c->upgraded)
		at = take_answer(c, p, n);
	while (c->upgraded && !link->dead && at < n && some > 0) {
		some = c->frame_left > 0 ? take_more(c, p + at, n - at)
					 : take_some(c, p + at, n - at);
		at += some;
	}
	return at;
}

static void closed(struct link *link)
{
	struct client *c = link->user;

	if (!c->leaving && !c->slow)
		client_fail(c, "connection lost", NULL, 0);
	c->link = NULL;
	client_drop(c);
	c->ops->closed(c);
}

static const struct link_ops ops = { opened, take_bytes, closed };

int ws_client_open(struct client *c)
{
	c->link = link_open(c->net, &ops, c);
	return c->link ? 0 : -1;
}
