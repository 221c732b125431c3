/* SPDX-License-Identifier: MIT */
/*
 * scenario_connect.c: clients that come, join the namespace and go; as many
 * at a time as there are connections.
 */
#include <config.h>

#include "load.h"

static void joined(struct client *c)
{
	struct load *load = c->user;

	load_done(load, c->opened_at);
	client_finish(c);
}

static void packet(struct client *c, const char *p, size_t n)
{
	client_fail(c, "unexpected", p, n);
}

static void closed(struct client *c);

static const struct client_ops ops = { joined, packet, closed, NULL };

static void open_one(struct load *load, struct client *c)
{
	if (client_open(c, &load->net, load->options.transport, &ops, load))
		load_fail("no descriptor or memory");
}

static void closed(struct client *c)
{
	struct load *load = c->user;

	if (load_goes_on(load))
		open_one(load, c);
	else
		load->joined--;
}

static void start(struct load *load)
{
	size_t i;

	load->joined = load->options.connections;
	for (i = 0; i < load->options.connections; i++)
		open_one(load, &load->clients[i]);
}

/* They come and go until the end, and all go. */
static size_t missing(struct load *load)
{
	return load->joined;
}

const struct scenario scenario_connect = {
	.name = "connect",
	.op = "connections",
	.client = { NULL, packet, NULL, NULL },
	.start = start,
	.missing = missing,
	.opens_itself = true,
};
