/* SPDX-License-Identifier: MIT */
/*
 * counters.c: how often a limit of this layer was hit.
 *
 * What is counted here has one line in the log, of which no more are written
 * than a disk can bear (see engineio/base/tally.h). Always true: the text of
 * a refusal names its limit in brackets, and that is how its counter is
 * found; so a line without a counter cannot be.
 */
#include <config.h>

#include <socketio/io.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNTERS (SIO_COUNTER_END - SIO_COUNTER_FIRST)

static const char *const names[COUNTERS] = {
#define X(name, text) [SIO_COUNT_##name - SIO_COUNTER_FIRST] = #name,
	SIO_COUNTER_MAP(X)
#undef X
};

static bool is_own(int counter)
{
	return counter >= SIO_COUNTER_FIRST && counter < SIO_COUNTER_END;
}

uint64_t sio_server_counter(const sio_server *srv, enum sio_counter counter)
{
	int number = (int)counter;

	if (!srv)
		return 0;
	if (is_own(number))
		return srv->tallies[number - SIO_COUNTER_FIRST].n;
	return eio_server_counter(srv->engine, (enum eio_counter)number);
}

const char *sio_counter_name(enum sio_counter counter)
{
	int number = (int)counter;

	if (is_own(number))
		return names[number - SIO_COUNTER_FIRST];
	return eio_counter_name((enum eio_counter)number);
}

enum sio_counter sio__counter_of(const char *why)
{
	const char *open = strrchr(why, '(');
	int i;
	size_t n;

	for (i = 0; open && i < COUNTERS; i++) {
		n = strlen(names[i]);
		if (strncmp(open + 1, names[i], n) == 0 && open[n + 1] == ')')
			return (enum sio_counter)(SIO_COUNTER_FIRST + i);
	}
	return SIO_COUNT_GIVEN_UP;
}

void sio__count_quietly(sio_server *srv, enum sio_counter counter)
{
	eio__tally_add(&srv->tallies[(int)counter - SIO_COUNTER_FIRST],
		eio_loop_now(srv->loop));
}

void sio__count(sio_server *srv, enum sio_counter counter, const char *fmt, ...)
{
	struct eio__tally *tally =
		&srv->tallies[(int)counter - SIO_COUNTER_FIRST];
	char line[512];
	uint32_t left_out;
	va_list ap;

	if (!eio__tally_add(tally, eio_loop_now(srv->loop)) ||
		!eio_server_logs(srv->engine, ENGINEIO_LOG_WARN))
		return;
	left_out = eio__tally_left_out(tally);
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (left_out)
		eio_server_log(srv->engine, ENGINEIO_LOG_WARN,
			"%" PRIu32 " lines like the next were left out",
			left_out);
	eio_server_log(srv->engine, ENGINEIO_LOG_WARN, "%s", line);
}
