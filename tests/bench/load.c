/* SPDX-License-Identifier: MIT */
/*
 * load.c: the load generator's main program. It prints progress on standard
 * error and one JSON object on standard output.
 *
 * The options of a scenario that it has no use for are ignored.
 */
#include <config.h>

#include "load.h"

#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* So many may be connecting at a time. */
#define OPENING_AT_ONCE 128

static const struct scenario *const scenarios[] = { &scenario_echo,
	&scenario_broadcast, &scenario_connect, &scenario_idle, &scenario_gone,
	&scenario_slow, &scenario_page };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void load_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/* -- options -------------------------------------------------------------- */

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
	{ "polling", no_argument, NULL, 'P' },
	{ "tls", no_argument, NULL, 'T' },
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

static void set_option(struct load *load, int c, const char *value)
{
	struct options *o = &load->options;

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
	case 'n':
		o->connections = number(value);
		break;
	case 'b':
		o->beside = number(value);
		break;
	case 'd':
		o->depth = number(value);
		break;
	case 'w':
		o->window = number(value);
		break;
	case 'l':
		o->payload = number(value);
		break;
	case 'e':
		o->event = value;
		break;
	case 'r':
		o->rounds = (unsigned)number(value);
		break;
	case 'o':
		o->polling_percent = number(value);
		break;
	case 'P':
		o->transport = POLLING;
		break;
	case 'T':
		o->tls = true;
		break;
	case 'W':
		o->warm = strtod(value, NULL);
		break;
	case 'S':
		o->seconds = strtod(value, NULL);
		break;
	default:
		load_fail("see load.c for the options");
	}
}

static void read_options(struct load *load, int argc, char **argv)
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
	o->polling_percent = 5;
	for (c = getopt_long(argc, argv, "", names, NULL); c != -1;
		c = getopt_long(argc, argv, "", names, NULL))
		set_option(load, c, optarg);
	if (!load->scenario || o->port == 0 || o->port > 65535 ||
		o->connections == 0 || o->depth == 0 || o->window == 0)
		load_fail("--scenario and --port are needed, "
			  "and sizes above 0");
}

/* -- clients -------------------------------------------------------------- */

static void idle_packet(struct client *c, const char *p, size_t n)
{
	/* Beside others: broadcasts reach it too. */
}

static void count_joined(struct client *c)
{
	struct load *load = c->user;

	load->joined++;
	if (load->scenario->client.joined && c->ops != NULL &&
		c >= load->clients &&
		c < load->clients + load->options.connections)
		load->scenario->client.joined(c);
}

static size_t all(const struct load *load)
{
	return load->options.beside +
		(load->scenario->opens_itself ? 0 : load->options.connections);
}

static const struct client_ops idle_ops = { count_joined, idle_packet, NULL };

static void open_one(struct load *load, const struct client_ops *ops)
{
	size_t i = load->opened++;
	struct client *c = i < load->options.beside
		? &load->beside[i]
		: &load->clients[i - load->options.beside];
	bool polls = load->options.transport == POLLING ||
		(load->scenario == &scenario_page &&
			i % 100 < load->options.polling_percent);

	c->index = i;
	if (client_open(c, &load->net,
		    i < load->options.beside ? WEBSOCKET
			    : polls          ? POLLING
					     : WEBSOCKET,
		    i < load->options.beside ? &idle_ops : ops, load))
		load_fail("client %zu: no descriptor or memory", i);
}

static void open_more(struct load *load)
{
	static struct client_ops ops;

	ops = load->scenario->client;
	ops.joined = count_joined;
	while (load->opened < all(load) &&
		load->opened - load->joined < OPENING_AT_ONCE)
		open_one(load, &ops);
}

static void make_clients(struct load *load)
{
	struct options *o = &load->options;
	size_t i;

	load->clients = calloc(o->connections, sizeof(*load->clients));
	load->beside = calloc(o->beside + 1, sizeof(*load->beside));
	load->payload = malloc(o->payload + 1);
	if (!load->clients || !load->beside || !load->payload)
		load_fail("out of memory");
	for (i = 0; i < o->connections; i++) {
		load->clients[i].sent_at = calloc(o->depth, sizeof(uint64_t));
		if (!load->clients[i].sent_at)
			load_fail("out of memory");
	}
	for (i = 0; i < o->payload; i++)
		load->payload[i] = (char)('a' + i % 26);
	load->payload[o->payload] = 0;
}

/* -- the run -------------------------------------------------------------- */

void load_done(struct load *load, uint64_t began_ns)
{
	if (load->phase != MEASURING)
		return;
	load->ops++;
	histogram_add(&load->durations, now_ns() - began_ns);
}

void load_phase(struct load *load, enum phase phase)
{
	static const char *const words[] = { "opening", "warming up",
		"measuring", "done" };
	uint64_t now = now_ns(), cpu = process_cpu_ns(load->options.pid);

	if (load->phase == MEASURING) {
		load->cpu_ns = cpu - load->cpu_ns;
		load->measured_ns = now - load->phase_began;
	}
	if (phase == MEASURING)
		load->cpu_ns = cpu;
	load->phase = phase;
	load->phase_began = now;
	fprintf(stderr, "%s: %s\n", load->scenario->name, words[phase]);
}

static bool has_lasted(const struct load *load, double seconds)
{
	return (double)(now_ns() - load->phase_began) >= seconds * 1e9;
}

static void step(struct load *load)
{
	switch (load->phase) {
	case OPENING:
		open_more(load);
		if (load->joined < all(load))
			break;
		load->memory_open = process_memory(load->options.pid);
		load_phase(load, WARMING);
		load->scenario->start(load);
		break;
	case WARMING:
		if (has_lasted(load, load->options.warm))
			load_phase(load, MEASURING);
		break;
	case MEASURING:
		if (has_lasted(load, load->options.seconds))
			load_phase(load, DONE);
		break;
	case DONE:
		break;
	}
	if (load->phase != OPENING && load->scenario->turn)
		load->scenario->turn(load);
}

static void run(struct load *load)
{
	uint64_t shown = now_ns();

	load->memory_before = process_memory(load->options.pid);
	load_phase(load, OPENING);
	while (load->phase != DONE) {
		step(load);
		network_turn(&load->net, 1);
		if (now_ns() - shown < 2000000000u)
			continue;
		shown = now_ns();
		fprintf(stderr, "%s: %zu clients, %llu %s\n",
			load->scenario->name, load->joined,
			(unsigned long long)load->ops, load->scenario->op);
	}
}

/* -- the report ------------------------------------------------------------ */

void load_say(struct load *load, const char *name, const char *fmt, ...)
{
	va_list ap;

	printf("%s\"%s\":", load->json_members++ ? "," : "{", name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

static void report(struct load *load)
{
	double seconds = (double)load->measured_ns / 1e9;
	const struct options *o = &load->options;
	double ops = load->ops ? (double)load->ops : 1;

	load_say(load, "scenario", "\"%s\"", load->scenario->name);
	load_say(load, "op", "\"%s\"", load->scenario->op);
	load_say(load, "connections", "%zu", o->connections);
	load_say(load, "seconds", "%.3f", seconds);
	load_say(load, "ops", "%llu", (unsigned long long)load->ops);
	load_say(load, "ops_per_second", "%.1f", (double)load->ops / seconds);
	load_say(load, "cpu_us_per_op", "%.4f",
		(double)load->cpu_ns / 1e3 / ops);
	load_say(load, "cpu_share", "%.5f",
		(double)load->cpu_ns / (double)load->measured_ns);
	load_say(load, "p50_us", "%.1f",
		(double)histogram_quantile(&load->durations, 0.5) / 1e3);
	load_say(load, "p99_us", "%.1f",
		(double)histogram_quantile(&load->durations, 0.99) / 1e3);
	load_say(load, "p999_us", "%.1f",
		(double)histogram_quantile(&load->durations, 0.999) / 1e3);
	load_say(load, "memory_before", "%zu", load->memory_before);
	load_say(load, "memory_open", "%zu", load->memory_open);
	if (load->opened > 0)
		load_say(load, "bytes_per_connection", "%.1f",
			((double)load->memory_open -
				(double)load->memory_before) /
				(double)load->opened);
	load_say(load, "memory_peak", "%zu", process_memory_peak(o->pid));
	if (load->scenario->report)
		load->scenario->report(load);
	puts("}");
}

static void raise_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	static struct load load;

	read_options(&load, argc, argv);
	raise_descriptors();
	signal(SIGPIPE, SIG_IGN);
	if (network_init(&load.net, (uint16_t)load.options.port,
		    load.options.tls))
		load_fail("cannot begin");
	eio__strbuf_init(&load.text, 0);
	make_clients(&load);
	run(&load);
	report(&load);
	return 0;
}
