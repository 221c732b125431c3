/* SPDX-License-Identifier: MIT */
/*
 * scenario_echo.c: each client emits an event with a text and waits for the
 * acknowledgement that repeats it, `depth` of them in flight: when all have
 * been answered, the next are sent together.
 */
#include <config.h>

#include "load.h"

#include <stdio.h>
#include <string.h>

static void emit(struct load *load, struct client *c)
{
	struct eio__strbuf *text = &load->text;

	eio__strbuf_reset(text);
	eio__strbuf_printf(text, "2%llu[\"%s\",\"%s\"]",
		(unsigned long long)c->next_id, load->options.event,
		load->payload);
	c->sent_at[c->next_id % load->options.depth] = now_ns();
	c->next_id++;
	client_send(c, text->data, text->len);
}

static void emit_all(struct load *load, struct client *c)
{
	size_t i;

	for (i = 0; i < load->options.depth; i++)
		emit(load, c);
}

static void start(struct load *load)
{
	size_t i;

	for (i = 0; i < load->options.connections; i++)
		emit_all(load, &load->clients[i]);
}

static void packet(struct client *c, const char *p, size_t n)
{
	struct load *load = c->user;
	struct eio__strbuf *text = &load->text;
	uint64_t id = c->answered++;

	eio__strbuf_reset(text);
	eio__strbuf_printf(text, "3%llu[\"%s\"]", (unsigned long long)id,
		load->payload);
	if (n != text->len || memcmp(p, text->data, n) != 0)
		client_fail(c, "wrong answer", p, n);
	load_done(load, c->sent_at[id % load->options.depth]);
	if (c->answered == c->next_id && load_goes_on(load))
		emit_all(load, c);
}

static size_t missing(struct load *load)
{
	size_t i, n = 0;

	for (i = 0; i < load->options.connections; i++)
		n += load->clients[i].next_id - load->clients[i].answered;
	return n;
}

const struct scenario scenario_echo = {
	.name = "echo",
	.op = "echoes",
	.client = { NULL, packet, NULL, NULL },
	.start = start,
	.missing = missing,
};
