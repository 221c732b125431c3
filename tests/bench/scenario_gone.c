/* SPDX-License-Identifier: MIT */
/*
 * scenario_gone.c: rounds of clients that all come and all go. Each time that
 * nobody is there the server's memory is written down.
 */
#include <config.h>

#include "load.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_ROUNDS 64
#define AT_ONCE     128
#define SETTLE_NS   300000000u

enum step {
	COMING,
	GOING,
	SETTLING
};

struct state {
	enum step step;
	unsigned round;
	size_t opened, joined, left;
	uint64_t since;
	size_t empty[MOST_ROUNDS];
};

static void joined(struct client *c)
{
	struct load *load = c->user;
	struct state *state = load->data;

	state->joined++;
	load_done(load, c->opened_at);
}

static void packet(struct client *c, const char *p, size_t n)
{
	client_fail(c, "unexpected", p, n);
}

static void closed(struct client *c)
{
	struct load *load = c->user;
	struct state *state = load->data;

	state->left++;
}

static const struct client_ops ops = { joined, packet, closed, NULL };

static void start(struct load *load)
{
	load->data = calloc(1, sizeof(struct state));
	if (!load->data)
		load_fail("out of memory");
	if (load->options.rounds > MOST_ROUNDS)
		load_fail("at most %d rounds", MOST_ROUNDS);
}

static void come(struct load *load, struct state *state)
{
	size_t i;

	while (state->opened < load->options.connections &&
		state->opened - state->joined < AT_ONCE) {
		struct client *c = &load->clients[state->opened++];

		if (client_open(c, &load->net, load->options.transport, &ops,
			    load))
			load_fail("no descriptor or memory");
	}
	if (state->joined < load->options.connections)
		return;
	state->step = GOING;
	for (i = 0; i < load->options.connections; i++)
		client_finish(&load->clients[i]);
}

static void go(struct load *load, struct state *state)
{
	if (state->left < load->options.connections)
		return;
	state->step = SETTLING;
	state->since = now_ns();
}

/* A server may give memory back a little later than it lets it go. */
static void settle(struct load *load, struct state *state)
{
	if (now_ns() - state->since < SETTLE_NS)
		return;
	state->empty[state->round++] = process_memory(load->options.pid);
	state->opened = state->joined = state->left = 0;
	state->step = COMING;
	if (state->round == load->options.rounds)
		load_phase(load, DONE);
}

static void turn(struct load *load)
{
	struct state *state = load->data;

	switch (state->step) {
	case COMING:
		come(load, state);
		break;
	case GOING:
		go(load, state);
		break;
	case SETTLING:
		settle(load, state);
		break;
	}
}

static size_t missing(struct load *load)
{
	struct state *state = load->data;

	return load->options.rounds - state->round;
}

static void report(struct load *load)
{
	struct state *state = load->data;
	unsigned i;

	load_say(load, "memory_empty", "[");
	for (i = 0; i < state->round; i++)
		printf("%s%zu", i ? "," : "", state->empty[i]);
	putchar(']');
}

const struct scenario scenario_gone = {
	.name = "gone",
	.op = "connections",
	.client = { NULL, packet, NULL, NULL },
	.start = start,
	.missing = missing,
	.turn = turn,
	.report = report,
	.opens_itself = true,
};
