/* SPDX-License-Identifier: MIT */
/*
 * scenario_page.c: what the official page on memory usage measures: many
 * clients, some of which poll, each of which emits one event a second and has
 * it acknowledged.
 */
#include <config.h>

#include "load.h"

#include <string.h>

#define SECOND_NS 1000000000u

/* Every twentieth polls, if it is 5 %. */
static void prepare(struct load *load, struct client *c)
{
	size_t percent = load->options.polling_percent;

	c->polls = c->index * percent / 100 != (c->index + 1) * percent / 100;
}

static void emit(struct load *load, struct client *c, uint64_t now)
{
	/* One that is not answered yet is left alone. */
	if (c->answered < c->next_id)
		return;
	eio__strbuf_reset(&load->text);
	eio__strbuf_printf(&load->text, "2%llu[\"echo\"]",
		(unsigned long long)c->next_id++);
	c->sent_at[0] = now;
	client_send(c, load->text.data, load->text.len);
}

/* Each has a moment of the second that is its own. */
static void turn(struct load *load)
{
	size_t n = load->options.connections;
	uint64_t *last = load->data, now = now_ns();
	size_t i, from = (size_t)(*last % SECOND_NS * n / SECOND_NS);
	size_t count = (size_t)((now - *last) * n / SECOND_NS);

	if (count == 0 || !load_goes_on(load))
		return;
	if (count > n)
		count = n;
	for (i = 0; i < count; i++)
		emit(load, &load->clients[(from + i) % n], now);
	*last = now;
}

static void start(struct load *load)
{
	static uint64_t last;

	last = now_ns();
	load->data = &last;
}

static void packet(struct client *c, const char *p, size_t n)
{
	struct load *load = c->user;
	struct eio__strbuf *text = &load->text;

	eio__strbuf_reset(text);
	eio__strbuf_printf(text, "3%llu[]", (unsigned long long)c->answered++);
	if (n != text->len || memcmp(p, text->data, n) != 0)
		client_fail(c, "wrong answer", p, n);
	load_done(load, c->sent_at[0]);
}

static size_t missing(struct load *load)
{
	size_t i, n = 0;

	for (i = 0; i < load->options.connections; i++)
		n += load->clients[i].next_id - load->clients[i].answered;
	return n;
}

const struct scenario scenario_page = {
	.name = "page",
	.op = "pings",
	.client = { NULL, packet, NULL, NULL },
	.prepare = prepare,
	.start = start,
	.missing = missing,
	.turn = turn,
};
