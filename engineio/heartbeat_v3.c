/* SPDX-License-Identifier: MIT */
/*
 * heartbeat_v3.c: the heartbeat of Engine.IO protocol 3, in which the client
 * pings and the server answers.
 *
 * Always true: while a session is open a ping is awaited; it has an interval
 * and a timeout for it, counted from the last ping, the handshake or the
 * upgrade. (The official server stops counting at the upgrade.)
 */
#include <config.h>

#include <engineio/engine.h>

/* Pongs in a row that may wait for one client. Who pings faster than it
 * reads has its answer among these. */
#define PONGS_MAX 16

void eio__heartbeat_v3_start(eio_socket *s)
{
	eio__heartbeat_await(s);
}

static bool may_answer(const eio_socket *s)
{
	const struct eio__queue *q = &s->queue;
	unsigned i;

	if (q->count < PONGS_MAX)
		return true;
	for (i = 1; i <= PONGS_MAX; i++)
		if (eio__queue_at(q, q->count - i) != s->srv->pong)
			return true;
	return false;
}

/* The ping's data is not sent back: only an upgrade's probe has any. */
void eio__heartbeat_v3_ping(eio_socket *s)
{
	eio__heartbeat_await(s);
	if (may_answer(s))
		eio__session_push(s, s->srv->pong);
}

/* Only a ping is a sign of life. */
void eio__heartbeat_v3_packet(eio_socket *s)
{
}

uint64_t eio__heartbeat_v3_patience(const eio_socket *s)
{
	return (uint64_t)eio__session_option(s, ENGINEIO_PING_INTERVAL) +
		(uint64_t)eio__session_option(s, ENGINEIO_PING_TIMEOUT);
}
