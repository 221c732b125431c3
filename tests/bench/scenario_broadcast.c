/* SPDX-License-Identifier: MIT */
/*
 * scenario_broadcast.c: one client has messages emitted to everybody, itself
 * included, `window` of them in flight: when one has reached all, the next is
 * sent. An operation is a delivery.
 */
#include <config.h>

#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct flight {
	uint64_t sent_at;
	size_t reached;
};

struct state {
	uint64_t sent;
	struct flight flights[];
};

static void write_packet(struct load *load, uint64_t number)
{
	eio__strbuf_reset(&load->text);
	eio__strbuf_printf(&load->text, "2[\"broadcast\",%llu,\"%s\"]",
		(unsigned long long)number, load->payload);
}

static void emit(struct load *load)
{
	struct state *state = load->data;
	struct flight *f = &state->flights[state->sent % load->options.window];

	write_packet(load, state->sent++);
	f->sent_at = now_ns();
	f->reached = 0;
	client_send(&load->clients[0], load->text.data, load->text.len);
}

static void start(struct load *load)
{
	size_t i, window = load->options.window;

	if (!load->data)
		load->data = calloc(1,
			sizeof(struct state) + window * sizeof(struct flight));
	if (!load->data)
		load_fail("out of memory");
	for (i = 0; i < window; i++)
		emit(load);
}

static void packet(struct client *c, const char *p, size_t n)
{
	struct load *load = c->user;
	struct state *state = load->data;
	uint64_t number = c->answered++;
	struct flight *f = &state->flights[number % load->options.window];

	write_packet(load, number);
	if (n != load->text.len || memcmp(p, load->text.data, n) != 0)
		client_fail(c, "wrong delivery", p, n);
	load_done(load, f->sent_at);
	if (++f->reached == load->options.connections && load_goes_on(load))
		emit(load);
}

static size_t missing(struct load *load)
{
	struct state *state = load->data;
	size_t i, n = 0;

	for (i = 0; i < load->options.connections; i++)
		n += state->sent - load->clients[i].answered;
	return n;
}

const struct scenario scenario_broadcast = {
	.name = "broadcast",
	.op = "deliveries",
	.client = { NULL, packet, NULL, NULL },
	.start = start,
	.missing = missing,
};
