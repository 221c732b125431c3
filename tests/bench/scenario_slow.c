/* SPDX-License-Identifier: MIT */
/*
 * scenario_slow.c: large messages to everybody, while every second client
 * does not read. A message counts when the last of those that read has it;
 * the next follows then. A client that does not read may be disconnected.
 */
#include <config.h>

#include "load.h"

#include <stdlib.h>
#include <string.h>

struct state {
	uint64_t sent, sent_at;
	size_t readers, reached;
	size_t lost;
};

static void write_packet(struct load *load, uint64_t number)
{
	eio__strbuf_reset(&load->text);
	eio__strbuf_printf(&load->text, "2[\"broadcast\",%llu,\"",
		(unsigned long long)number);
	eio__strbuf_add(&load->text, load->payload, load->options.payload);
	eio__strbuf_adds(&load->text, "\"]");
}

static void emit(struct load *load, struct state *state)
{
	write_packet(load, state->sent++);
	state->sent_at = now_ns();
	state->reached = 0;
	client_send(&load->clients[0], load->text.data, load->text.len);
}

static void joined(struct client *c)
{
	if (c->index % 2 == 0)
		return;
	c->slow = true;
	link_pause(c->link, true);
}

static void start(struct load *load)
{
	struct state *state = calloc(1, sizeof(*state));

	if (!state)
		load_fail("out of memory");
	load->data = state;
	state->readers = (load->options.connections + 1) / 2;
	emit(load, state);
}

static void packet(struct client *c, const char *p, size_t n)
{
	struct load *load = c->user;
	struct state *state = load->data;

	if (n != load->text.len || memcmp(p, load->text.data, n) != 0)
		client_fail(c, "wrong delivery", p, n);
	if (++state->reached < state->readers)
		return;
	load_done(load, state->sent_at);
	emit(load, state);
}

const struct scenario scenario_slow = {
	.name = "slow",
	.op = "messages",
	.client = { joined, packet, NULL },
	.start = start,
};
