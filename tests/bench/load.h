/* SPDX-License-Identifier: MIT */
/*
 * load.h: one run of the load generator: so many clients, one scenario.
 *
 * load.c opens the clients, lets the scenario warm up, measures it for a
 * while and reports. A scenario is a file scenario_*.c: what its clients send
 * and expect. Every answer is compared byte for byte; the first that is wrong
 * ends the program.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "client.h"
#include "measure.h"

struct load;

struct scenario {
	const char *name;
	const char *op; /* what is counted, in words */
	struct client_ops client;
	/* All clients are in. */
	void (*start)(struct load *load);
	/* Once a turn, while it runs; may be NULL. */
	void (*turn)(struct load *load);
	/* Adds members to the report; may be NULL. */
	void (*report)(struct load *load);
	/* The clients come and go by themselves: none is opened. */
	bool opens_itself;
};

extern const struct scenario scenario_echo, scenario_broadcast,
	scenario_connect, scenario_idle, scenario_gone, scenario_slow,
	scenario_page;

struct options {
	const char *event; /* of echo */
	enum transport transport;
	bool tls;
	unsigned port, rounds;
	long pid;
	size_t connections, beside, depth, window, payload, polling_percent;
	double warm, seconds;
};

enum phase {
	OPENING,
	WARMING,
	MEASURING,
	DONE
};

struct load {
	struct network net;
	struct options options;
	const struct scenario *scenario;
	struct client *clients, *beside;
	size_t opened, joined; /* of both together */
	enum phase phase;
	uint64_t phase_began, measured_ns;
	uint64_t ops, cpu_ns;
	size_t memory_before, memory_open;
	struct histogram durations;
	char *payload;
	struct eio__strbuf text; /* of the scenario */
	void *data;              /* of the scenario */
	int json_members;
};

/* An operation has been finished that began then; counts while measuring. */
void load_done(struct load *load, uint64_t began_ns);
/* The next phase. */
void load_phase(struct load *load, enum phase phase);
/* A member of the report. */
void load_say(struct load *load, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Ends the program. */
void load_fail(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

#endif
