/* SPDX-License-Identifier: MIT */
/*
 * client.c: what both transports of the load generator have in common: the
 * handshake's packet, the namespace, pings.
 */
#include <config.h>

#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void client_fail(const struct client *c, const char *what, const char *p,
	size_t n)
{
	fprintf(stderr, "client %zu: %s: %.*s\n", c->index, what,
		(int)(n > 300 ? 300 : n), p ? p : "");
	exit(1);
}

int client_open(struct client *c, struct network *net, enum transport transport,
	const struct client_ops *ops, void *user)
{
	size_t index = c->index;
	uint64_t *sent_at = c->sent_at;
	bool slow = c->slow;

	memset(c, 0, sizeof(*c));
	c->index = index;
	c->sent_at = sent_at;
	c->slow = slow;
	c->net = net;
	c->ops = ops;
	c->user = user;
	c->transport = transport;
	c->opened_at = now_ns();
	eio__strbuf_init(&c->message, 0);
	eio__strbuf_init(&c->queue, 0);
	return transport == POLLING ? poll_client_open(c) : ws_client_open(c);
}

static void send_packet(struct client *c, const char *p, size_t n)
{
	if (c->transport == POLLING)
		poll_client_send(c, p, n);
	else
		ws_client_send(c, p, n);
}

void client_send(struct client *c, const char *packet, size_t n)
{
	char small[512];
	char *p = n + 1 <= sizeof(small) ? small : malloc(n + 1);

	if (!p)
		client_fail(c, "out of memory", NULL, 0);
	p[0] = '4';
	memcpy(p + 1, packet, n);
	send_packet(c, p, n + 1);
	if (p != small)
		free(p);
}

void client_finish(struct client *c)
{
	c->leaving = true;
	if (c->transport == POLLING)
		poll_client_send(c, "1", 1);
	else
		ws_client_finish(c);
}

void client_drop(struct client *c)
{
	if (c->link)
		link_close(c->link);
	if (c->post)
		link_close(c->post);
	c->link = c->post = NULL;
	eio__strbuf_clear(&c->message);
	eio__strbuf_clear(&c->queue);
}

static bool begins(const char *p, size_t n, const char *with)
{
	return n >= strlen(with) && !memcmp(p, with, strlen(with));
}

/* 0{"sid":"...",...}: the id is what polling needs. */
static void take_open(struct client *c, const char *p, size_t n)
{
	static const char key[] = "0{\"sid\":\"";
	const char *from = p + sizeof(key) - 1, *end;

	if (!begins(p, n, key))
		client_fail(c, "no open packet", p, n);
	end = memchr(from, '"', n - (sizeof(key) - 1));
	if (!end || (size_t)(end - from) >= sizeof(c->sid))
		client_fail(c, "no session id", p, n);
	memcpy(c->sid, from, (size_t)(end - from));
	send_packet(c, "40", 2);
}

void client_take(struct client *c, const char *p, size_t n)
{
	if (n == 0)
		client_fail(c, "empty packet", p, n);
	if (p[0] == '2') {
		send_packet(c, "3", 1);
	} else if (p[0] == '6' || (p[0] == '1' && c->leaving)) {
		return;
	} else if (!c->sid[0]) {
		take_open(c, p, n);
	} else if (p[0] != '4') {
		client_fail(c, "unexpected packet", p, n);
	} else if (c->joined) {
		c->ops->packet(c, p + 1, n - 1);
	} else if (begins(p, n, "40{\"sid\":\"")) {
		c->joined = true;
		c->ops->joined(c);
	} else {
		client_fail(c, "no answer to CONNECT", p, n);
	}
}
