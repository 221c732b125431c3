/* SPDX-License-Identifier: MIT */
/*
 * scenario_slow.c: large messages to everybody while some clients do not read.
 *
 * In each cycle the slow ones stop reading, a few messages reach all others,
 * each sent when the one before has, and then the slow ones read on and must
 * get the very same bytes. What is measured is how long a message takes until
 * the last of the fast ones has it, and what the server costs meanwhile; the
 * first cycle does not count. At the end the slow ones stop for good, with
 * more messages than any limit lets a server keep: those that it disconnects
 * then are counted.
 */
#include <config.h>

#include "load.h"

#include <stdlib.h>
#include <string.h>

/* Less than our server keeps for a client by default, 4 MB. */
#define CYCLE 3
/* More than that, and what the kernel keeps for those whose window is narrow. */
#define FLOOD 8

enum step {
	BESIDE,   /* the slow ones do not read */
	CATCHING, /* they do */
	FLOODING, /* they do not */
	FLOODED   /* they do, those that are left */
};

struct state {
	enum step step;
	uint64_t sent, sent_at;
	size_t fast, slow, reached, in_step;
	size_t behind; /* slow ones that do not have all yet */
	size_t lost, lost_early;
	uint64_t beside_cpu, beside_messages, cpu_at;
	size_t memory; /* the most seen while the slow ones did not read */
};

static bool is_slow(const struct load *load, size_t i)
{
	size_t percent = load->options.slow_percent;

	return i * percent / 100 != (i + 1) * percent / 100;
}

static void prepare(struct load *load, struct client *c)
{
	c->slow = is_slow(load, c->index);
}

static void joined(struct client *c)
{
	if (c->slow)
		link_narrow(c->link);
}

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
	state->in_step++;
	client_send(&load->clients[0], load->text.data, load->text.len);
}

static void pause_slow(struct load *load, bool pause)
{
	size_t i;

	for (i = 0; i < load->options.connections; i++)
		if (load->clients[i].slow && load->clients[i].link)
			link_pause(load->clients[i].link, pause);
}

static void enter(struct load *load, struct state *state, enum step step)
{
	bool stop = step == BESIDE || step == FLOODING;

	state->step = step;
	state->in_step = 0;
	state->behind = state->slow - state->lost;
	state->cpu_at = process_cpu_ns(load->options.pid);
	pause_slow(load, stop);
	if (stop)
		emit(load, state);
}

static void start(struct load *load)
{
	struct state *state = calloc(1, sizeof(*state));
	size_t i;

	if (!state)
		load_fail("out of memory");
	load->data = state;
	for (i = 0; i < load->options.connections; i++)
		state->slow += load->clients[i].slow;
	state->fast = load->options.connections - state->slow;
	enter(load, state, BESIDE);
}

static void look_at_memory(struct load *load, struct state *state)
{
	size_t now = process_memory(load->options.pid);

	if (now > state->memory)
		state->memory = now;
}

/* The fast ones have as many messages as the step has. */
static void step_done(struct load *load, struct state *state)
{
	look_at_memory(load, state);
	if (state->step == BESIDE && state->sent > CYCLE) {
		state->beside_messages += state->in_step;
		state->beside_cpu +=
			process_cpu_ns(load->options.pid) - state->cpu_at;
	}
	if (state->slow == 0)
		enter(load, state, BESIDE);
	else
		enter(load, state, state->step == BESIDE ? CATCHING : FLOODED);
}

static void fast_has_it(struct load *load, struct state *state)
{
	if (++state->reached < state->fast)
		return;
	if (state->step == BESIDE && state->sent > CYCLE)
		load_done(load, state->sent_at);
	if (state->in_step < (state->step == BESIDE ? CYCLE : FLOOD))
		emit(load, state);
	else if (load_goes_on(load) || state->slow > 0)
		step_done(load, state);
}

static void slow_has_all(struct load *load, struct state *state)
{
	if (--state->behind > 0)
		return;
	if (state->step == CATCHING && load_goes_on(load))
		enter(load, state, BESIDE);
	else if (state->step == CATCHING)
		enter(load, state, FLOODING);
}

/* The slow ones may be behind. */
static const char *expected(struct client *c, size_t *n)
{
	struct load *load = c->user;
	struct state *state = load->data;

	*n = load->text.len;
	return c->slow || c->answered + 1 != state->sent ? NULL
							 : load->text.data;
}

static void packet(struct client *c, const char *p, size_t n)
{
	struct load *load = c->user;
	struct state *state = load->data;

	if (c->answered != state->sent - 1)
		write_packet(load, c->answered);
	if (n != load->text.len ||
		(p != load->text.data && memcmp(p, load->text.data, n) != 0))
		client_fail(c, "wrong delivery", p, n);
	if (c->answered != state->sent - 1)
		write_packet(load, state->sent - 1);
	c->answered++;
	if (!c->slow)
		fast_has_it(load, state);
	else if (c->answered == state->sent)
		slow_has_all(load, state);
}

/* The server has had enough of a slow one. */
static void closed(struct client *c)
{
	struct load *load = c->user;
	struct state *state = load->data;

	state->lost++;
	if (state->step < FLOODING)
		state->lost_early++;
	if (state->behind > 0)
		slow_has_all(load, state);
}

/* In the flood slow ones are behind until they are lost or have it all. */
static size_t missing(struct load *load)
{
	struct state *state = load->data;

	if (state->slow == 0)
		return state->fast - state->reached;
	return state->step == FLOODED ? state->behind : state->slow;
}

static void report(struct load *load)
{
	struct state *state = load->data;
	uint64_t messages = state->beside_messages;

	load_say(load, "fast", "%zu", state->fast);
	load_say(load, "slow", "%zu", state->slow);
	load_say(load, "slow_lost", "%zu", state->lost);
	load_say(load, "slow_lost_early", "%zu", state->lost_early);
	load_say(load, "memory_beside", "%zu", state->memory);
	load_say(load, "cpu_ms_per_message", "%.3f",
		(double)state->beside_cpu / 1e6 /
			(double)(messages ? messages : 1));
}

const struct scenario scenario_slow = {
	.name = "slow",
	.op = "messages",
	.client = { joined, packet, closed, expected },
	.prepare = prepare,
	.start = start,
	.missing = missing,
	.report = report,
};
