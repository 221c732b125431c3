/* SPDX-License-Identifier: MIT */
/*
 * heartbeat.c: a ping every interval, and the end when the pong is late
 * (Engine.IO protocol 4, Heartbeat); and what both revisions share.
 *
 * Always true: while a session is open its timer runs, either for the next
 * ping or for what is awaited: here a pong, in heartbeat_v3.c a ping.
 */
#include <config.h>

#include <engineio/engine.h>

/* A message under way extends the wait up to this many times its length in
 * all: a large upload must not count as silence, and a
 * client that dribbles must not live for ever. */
#define WAIT_MAX 3

static void start(eio_socket *s, uint64_t ms)
{
	eio__loop_start(s->srv->loop, &s->timer, ms);
}

/* Sessions whose pings are nearly due at the same time are pinged together, so
 * that one turn serves many of them: each up to a thousandth of the interval
 * early. */
static uint64_t until_ping(const eio_socket *s)
{
	uint64_t interval =
		(uint64_t)eio__session_option(s, ENGINEIO_PING_INTERVAL);
	uint64_t step = interval / 1000;

	if (step < 2)
		return interval;
	return interval - (eio_loop_now(s->srv->loop) + interval) % step;
}

void eio__heartbeat_start(eio_socket *s)
{
	s->awaiting = false;
	start(s, until_ping(s));
}

uint64_t eio__heartbeat_patience(const eio_socket *s)
{
	return (uint64_t)eio__session_option(s, ENGINEIO_PING_TIMEOUT);
}

void eio__heartbeat_await(eio_socket *s)
{
	s->awaiting = true;
	s->extended = false;
	s->awaited_at = eio_loop_now(s->srv->loop);
	start(s, s->protocol->patience(s));
}

void eio__heartbeat_timeout(eio_socket *s)
{
	if (s->awaiting) {
		eio__session_count(s, ENGINEIO_COUNT_PING_TIMEOUT,
			ENGINEIO_LOG_INFO, "no heartbeat came in time");
		eio__session_end(s, ENGINEIO_REASON_PING_TIMEOUT, NULL);
		return;
	}
	eio__heartbeat_await(s);
	eio__session_push(s, s->srv->ping);
}

/* A session that is closing has no pulse; its timer limits that. */
static bool awaits(const eio_socket *s)
{
	return s->awaiting && s->state == EIO__OPEN;
}

void eio__heartbeat_pong(eio_socket *s)
{
	/* One that nobody asked for does not put off the next ping. */
	if (awaits(s))
		eio__heartbeat_start(s);
}

void eio__heartbeat_wrong(eio_socket *s)
{
	eio__session_end(s, ENGINEIO_REASON_TRANSPORT_ERROR,
		"invalid heartbeat direction");
}

/* The wait begins anew, as far as it may. */
static void extend(eio_socket *s)
{
	uint64_t timeout, now, last;

	timeout = s->protocol->patience(s);
	now = eio_loop_now(s->srv->loop);
	last = s->awaited_at + WAIT_MAX * timeout;
	if (now < last)
		start(s, timeout < last - now ? timeout : last - now);
}

void eio__heartbeat_packet(eio_socket *s)
{
	/* As the official server does since 6.6.10: once per ping. */
	if (!awaits(s) || s->extended)
		return;
	s->extended = true;
	extend(s);
}

void eio__heartbeat_bytes(eio_socket *s)
{
	if (awaits(s))
		extend(s);
}

void eio__heartbeat_upgraded(eio_socket *s)
{
	if (awaits(s))
		eio__heartbeat_await(s);
}
