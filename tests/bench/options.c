/* SPDX-License-Identifier: MIT */
/*
 * options.c: the command line of the load generator. The options of a
 * scenario that it has no use for are ignored.
 */
#include <config.h>

#include "load.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern const struct scenario scenario_echo, scenario_broadcast,
	scenario_connect, scenario_idle, scenario_gone, scenario_slow,
	scenario_page;

static const struct scenario *const scenarios[] = { &scenario_echo,
	&scenario_broadcast, &scenario_connect, &scenario_idle, &scenario_gone,
	&scenario_slow, &scenario_page };

static const struct option names[] = {
	{ "scenario", required_argument, NULL, 's' },
	{ "port", required_argument, NULL, 'p' },
	{ "pid", required_argument, NULL, 'i' },
	{ "connections", required_argument, NULL, 'n' },
	{ "beside", required_argument, NULL, 'b' },
	{ "depth", required_argument, NULL, 'd' },
	{ "window", required_argument, NULL, 'w' },
	{ "payload", required_argument, NULL, 'l' },
	{ "event", required_argument, NULL, 'e' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "polling-percent", required_argument, NULL, 'o' },
	{ "slow-percent", required_argument, NULL, 'x' },
	{ "polling", no_argument, NULL, 'P' },
	{ "tls", no_argument, NULL, 'T' },
	{ "slices", no_argument, NULL, 'I' },
	{ "least", required_argument, NULL, 'L' },
	{ "patience", required_argument, NULL, 'A' },
	{ "warm", required_argument, NULL, 'W' },
	{ "seconds", required_argument, NULL, 'S' },
	{ NULL, 0, NULL, 0 },
};

static const struct scenario *find_scenario(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(scenarios); i++)
		if (!strcmp(scenarios[i]->name, name))
			return scenarios[i];
	load_fail("no scenario %s", name);
}

static size_t number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end)
		load_fail("not a number: %s", text);
	return n;
}

static size_t *size_of(struct options *o, int c)
{
	switch (c) {
	case 'n':
		return &o->connections;
	case 'b':
		return &o->beside;
	case 'd':
		return &o->depth;
	case 'w':
		return &o->window;
	case 'l':
		return &o->payload;
	case 'o':
		return &o->polling_percent;
	case 'x':
		return &o->slow_percent;
	default:
		return NULL;
	}
}

static bool set_switch(struct options *o, int c)
{
	if (c == 'P')
		o->transport = POLLING;
	else if (c == 'T')
		o->tls = true;
	else if (c == 'I')
		o->slices = true;
	else
		return false;
	return true;
}

static void set_option(struct load *load, int c, const char *value)
{
	struct options *o = &load->options;
	size_t *size = size_of(o, c);

	if (size) {
		*size = number(value);
		return;
	}
	if (set_switch(o, c))
		return;
	switch (c) {
	case 's':
		load->scenario = find_scenario(value);
		break;
	case 'p':
		o->port = (unsigned)number(value);
		break;
	case 'i':
		o->pid = (long)number(value);
		break;
	case 'e':
		o->event = value;
		break;
	case 'r':
		o->rounds = (unsigned)number(value);
		break;
	case 'L':
		o->least = number(value);
		break;
	case 'A':
		o->patience = strtod(value, NULL);
		break;
	case 'W':
		o->warm = strtod(value, NULL);
		break;
	case 'S':
		o->seconds = strtod(value, NULL);
		break;
	default:
		load_fail("see options.c for them");
	}
}

void load_options(struct load *load, int argc, char **argv)
{
	struct options *o = &load->options;
	int c;

	o->event = "echo";
	o->connections = 100;
	o->depth = o->window = 1;
	o->rounds = 1;
	o->payload = 64;
	o->warm = 1;
	o->seconds = 3;
	o->patience = 120;
	o->polling_percent = 5;
	o->slow_percent = 50;
	for (c = getopt_long(argc, argv, "", names, NULL); c != -1;
		c = getopt_long(argc, argv, "", names, NULL))
		set_option(load, c, optarg);
	if (!load->scenario || o->port == 0 || o->port > 65535 ||
		o->connections == 0 || o->depth == 0 || o->window == 0)
		load_fail("--scenario and --port are needed, "
			  "and sizes above 0");
}
