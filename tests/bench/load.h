/* SPDX-License-Identifier: MIT */
/*
 * load.h: one run of the load generator: so many clients, one scenario.
 *
 * load.c opens the clients, lets the scenario warm up, measures it for a
 * while, waits for what is still on its way, and reports; again and again,
 * with rests between, if it is to measure in slices. A scenario is a file
 * scenario_*.c: what its clients send and expect. Every answer is compared
 * byte for byte; the first that is wrong ends the program, and so does one
 * that never comes.
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
	/* Says of a client that opens what is special; may be NULL. */
	void (*prepare)(struct load *load, struct client *c);
	/* All clients are in; or the next slice begins. */
	void (*start)(struct load *load);
	/* So many answers are still to come; NULL: none ever. */
	size_t (*missing)(struct load *load);
	/* Once a turn, while it runs; may be NULL. */
	void (*turn)(struct load *load);
	/* Adds members to the report; may be NULL. */
	void (*report)(struct load *load);
	/* The clients come and go by themselves: none is opened. */
	bool opens_itself;
};

struct options {
	const char *event; /* of echo */
	enum transport transport;
	bool tls;
	bool slices; /* a line on standard input begins each */
	unsigned port, rounds;
	long pid;
	size_t connections, beside, depth, window, payload;
	size_t polling_percent, slow_percent;
	uint64_t least; /* so many operations, whatever the time */
	double warm, seconds;
	double patience; /* for all to be in, and for the last answers */
};

enum phase {
	OPENING,
	WARMING,
	MEASURING,
	DRAINING, /* nothing new is begun */
	RESTING,  /* between slices */
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
	struct cpu_ticks ticks;
	uint64_t others_ns; /* CPU that neither the server nor we took */
	size_t memory_before, memory_open, memory_end;
	struct histogram durations;
	char *payload;
	struct eio__strbuf text; /* of the scenario */
	void *data;              /* of the scenario */
	int json_members;
};

/* The command line. */
void load_options(struct load *load, int argc, char **argv);
/* False once nothing new is to begin. */
bool load_goes_on(const struct load *load);
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
