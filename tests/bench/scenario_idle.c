/* SPDX-License-Identifier: MIT */
/*
 * scenario_idle.c: clients that only answer pings: what they cost the server
 * in memory, and in CPU while they are held.
 */
#include <config.h>

#include "load.h"

static void packet(struct client *c, const char *p, size_t n)
{
	client_fail(c, "unexpected", p, n);
}

static void start(struct load *load)
{
}

const struct scenario scenario_idle = {
	.name = "idle",
	.op = "operations",
	.client = { NULL, packet, NULL, NULL },
	.start = start,
};
