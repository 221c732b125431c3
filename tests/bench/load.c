/* SPDX-License-Identifier: MIT */
/*
 * load.c: the load generator's main program. It prints progress on standard
 * error and one JSON object on standard output: a line for each slice, if it
 * is to measure in slices.
 */
#include <config.h>

#include "load.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* How long the word to go on may wait while nothing is measured. */
#define REST_MS 5
/* So many may be connecting at a time. */
#define OPENING_AT_ONCE 128

void load_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
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

static const struct client_ops idle_ops = { count_joined, idle_packet, NULL,
	NULL };

static void open_one(struct load *load, const struct client_ops *ops)
{
	size_t i = load->opened++;
	bool beside = i < load->options.beside;
	struct client *c = beside ? &load->beside[i]
				  : &load->clients[i - load->options.beside];

	c->index = i;
	if (!beside && load->scenario->prepare)
		load->scenario->prepare(load, c);
	if (client_open(c, &load->net,
		    beside             ? WEBSOCKET
			    : c->polls ? POLLING
				       : load->options.transport,
		    beside ? &idle_ops : ops, load))
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
		"measuring", "draining", "resting", "done" };
	uint64_t now = now_ns(), cpu = process_cpu_ns(load->options.pid);
	uint64_t others = machine_cpu_ns() - own_cpu_ns() - cpu;
	struct cpu_ticks ticks = process_ticks(load->options.pid);

	if (load->phase == MEASURING) {
		load->ticks.user = ticks.user - load->ticks.user;
		load->ticks.kernel = ticks.kernel - load->ticks.kernel;
		load->cpu_ns = cpu - load->cpu_ns;
		load->others_ns = others - load->others_ns;
		load->measured_ns = now - load->phase_began;
		load->memory_end = process_memory(load->options.pid);
	}
	if (phase == MEASURING) {
		load->ticks = ticks;
		load->cpu_ns = cpu;
		load->others_ns = others;
	}
	load->phase = phase;
	load->phase_began = now;
	fprintf(stderr, "%s: %s\n", load->scenario->name, words[phase]);
}

bool load_goes_on(const struct load *load)
{
	return load->phase < DRAINING;
}

static bool has_lasted(const struct load *load, double seconds)
{
	return (double)(now_ns() - load->phase_began) >= seconds * 1e9;
}

static void begin(struct load *load)
{
	load_phase(load, WARMING);
	load->scenario->start(load);
}

static void step_opening(struct load *load)
{
	open_more(load);
	if (has_lasted(load, load->options.patience))
		load_fail("%zu of %zu clients never joined",
			all(load) - load->joined, all(load));
	if (load->joined < all(load))
		return;
	load->memory_open = process_memory(load->options.pid);
	if (load->options.slices)
		load_phase(load, RESTING);
	else
		begin(load);
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
	load_say(load, "payload", "%zu", o->payload);
	load_say(load, "seconds", "%.3f", seconds);
	load_say(load, "ops", "%llu", (unsigned long long)load->ops);
	load_say(load, "ops_per_second", "%.1f", (double)load->ops / seconds);
	load_say(load, "cpu_us_per_op", "%.4f",
		(double)load->cpu_ns / 1e3 / ops);
	load_say(load, "cpu_share", "%.5f",
		(double)load->cpu_ns / (double)load->measured_ns);
	load_say(load, "user_ticks", "%llu",
		(unsigned long long)load->ticks.user);
	load_say(load, "kernel_ticks", "%llu",
		(unsigned long long)load->ticks.kernel);
	load_say(load, "others_share", "%.4f",
		(double)(int64_t)load->others_ns / (double)load->measured_ns);
	load_say(load, "p50_us", "%.1f",
		(double)histogram_quantile(&load->durations, 0.5) / 1e3);
	load_say(load, "p99_us", "%.1f",
		(double)histogram_quantile(&load->durations, 0.99) / 1e3);
	load_say(load, "p999_us", "%.1f",
		(double)histogram_quantile(&load->durations, 0.999) / 1e3);
	load_say(load, "memory_before", "%zu", load->memory_before);
	load_say(load, "memory_open", "%zu", load->memory_open);
	load_say(load, "memory_end", "%zu", load->memory_end);
	if (load->opened > 0)
		load_say(load, "bytes_per_connection", "%.1f",
			((double)load->memory_open -
				(double)load->memory_before) /
				(double)load->opened);
	load_say(load, "memory_peak", "%zu", process_memory_peak(o->pid));
	if (load->net.tls_said)
		load_say(load, "tls", "\"%s\"", load->net.tls_said);
	if (load->scenario->report)
		load->scenario->report(load);
	puts("}");
	fflush(stdout);
}

/* -- in slices ------------------------------------------------------------ */

static void forget(struct load *load)
{
	load->ops = load->cpu_ns = load->others_ns = 0;
	load->ticks = (struct cpu_ticks){ 0 };
	load->json_members = 0;
	memset(&load->durations, 0, sizeof(load->durations));
}

/* A line on standard input: how long to warm up and to measure. */
static void obey(struct load *load, char *line)
{
	char *end;

	load->options.warm = strtod(line, &end);
	load->options.seconds = strtod(end, &end);
	if (*end != '\n')
		load_fail("not two numbers and a line's end: %s", line);
	forget(load);
	begin(load);
}

static void step_resting(struct load *load)
{
	char line[100];
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);

	if (n == 0)
		load_phase(load, DONE);
	if (n <= 0)
		return;
	line[n] = 0;
	obey(load, line);
}

static void finish(struct load *load)
{
	load_phase(load, load->options.slices ? RESTING : DONE);
	if (load->options.slices)
		report(load);
}

/* -- its steps ------------------------------------------------------------ */

static void step_draining(struct load *load)
{
	size_t missing = load->scenario->missing ? load->scenario->missing(load)
						 : 0;

	if (missing == 0)
		finish(load);
	else if (has_lasted(load, load->options.patience))
		load_fail("%zu answers never came", missing);
}

static void step(struct load *load)
{
	switch (load->phase) {
	case OPENING:
		step_opening(load);
		break;
	case WARMING:
		if (has_lasted(load, load->options.warm))
			load_phase(load, MEASURING);
		break;
	case MEASURING:
		if (has_lasted(load, load->options.seconds) &&
			(load->ops >= load->options.least ||
				has_lasted(load, load->options.patience)))
			load_phase(load, DRAINING);
		break;
	case DRAINING:
		step_draining(load);
		break;
	case RESTING:
		step_resting(load);
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
		network_turn(&load->net, load->phase == RESTING ? REST_MS : 1);
		if (now_ns() - shown < 2000000000u)
			continue;
		shown = now_ns();
		fprintf(stderr, "%s: %zu clients, %llu %s\n",
			load->scenario->name, load->joined,
			(unsigned long long)load->ops, load->scenario->op);
	}
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

	load_options(&load, argc, argv);
	raise_descriptors();
	signal(SIGPIPE, SIG_IGN);
	if (network_init(&load.net, (uint16_t)load.options.port,
		    load.options.tls))
		load_fail("cannot begin");
	eio__strbuf_init(&load.text, 0);
	make_clients(&load);
	if (load.options.slices)
		fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	run(&load);
	if (!load.options.slices)
		report(&load);
	return 0;
}
