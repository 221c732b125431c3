/* SPDX-License-Identifier: MIT */
/*
 * client.c: what both transports of the load generator have in common: the
 * handshake's packet, the namespace, pings.
 */
#include <config.h>

#include "client.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789-_"
/* What every server says with its default options. */
#define OPEN_HEAD "0{\"sid\":\""
#define OPEN_TAIL \
	"],\"pingInterval\":25000,\"pingTimeout\":20000," \
	"\"maxPayload\":1000000}"
#define OPEN_WEBSOCKET "\",\"upgrades\":[" OPEN_TAIL
#define OPEN_POLLING   "\",\"upgrades\":[\"websocket\"" OPEN_TAIL

void client_fail(const struct client *c, const char *what, const char *p,
	size_t n)
{
	size_t i;

	/* In one line, whatever came. */
	fprintf(stderr, "client %zu: %s: ", c->index, what);
	for (i = 0; i < n && i < 300; i++)
		fputc(isprint((unsigned char)p[i]) ? p[i] : '.', stderr);
	fputc('\n', stderr);
	exit(1);
}

int client_open(struct client *c, struct network *net, enum transport transport,
	const struct client_ops *ops, void *user)
{
	size_t index = c->index;
	uint64_t *sent_at = c->sent_at;
	bool slow = c->slow, polls = c->polls;

	memset(c, 0, sizeof(*c));
	c->index = index;
	c->sent_at = sent_at;
	c->slow = slow;
	c->polls = polls;
	c->net = net;
	c->ops = ops;
	c->user = user;
	c->transport = transport;
	c->opened_at = now_ns();
	eio__strbuf_init(&c->message, 0);
	eio__strbuf_init(&c->queue, 0);
	eio__strbuf_init(&c->posted, 0);
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
	eio__strbuf_clear(&c->posted);
}

/* The packet is head, an id and tail: the id's length; 0: it is not. */
static size_t id_between(const char *p, size_t n, const char *head,
	const char *tail)
{
	size_t head_n = strlen(head), tail_n = strlen(tail), id_n;

	if (n <= head_n + tail_n || memcmp(p, head, head_n) != 0 ||
		memcmp(p + n - tail_n, tail, tail_n) != 0)
		return 0;
	id_n = n - head_n - tail_n;
	return strspn(p + head_n, ID_CHARACTERS) == id_n ? id_n : 0;
}

static void take_open(struct client *c, const char *p, size_t n)
{
	size_t id_n = id_between(p, n, OPEN_HEAD,
		c->transport == POLLING ? OPEN_POLLING : OPEN_WEBSOCKET);

	if (id_n == 0 || id_n >= sizeof(c->sid))
		client_fail(c, "no open packet", p, n);
	memcpy(c->sid, p + strlen(OPEN_HEAD), id_n);
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
	} else if (id_between(p, n, "40{\"sid\":\"", "\"}") > 0) {
		c->joined = true;
		c->ops->joined(c);
	} else {
		client_fail(c, "no answer to CONNECT", p, n);
	}
}
