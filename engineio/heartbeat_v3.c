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

void eio__heartbeat_v3_start(eio_socket *s)
{
	eio__heartbeat_await(s);
}

/* Who pings faster than it reads has its answer among the pongs in a row that
 * wait already. */
static bool may_answer(eio_socket *s)
{
	const struct eio__queue *q = &s->queue;
	size_t most = (size_t)eio__session_option(s, ENGINEIO_MAX_PONG_BYTES);
	size_t bytes = 0;
	unsigned i;

	for (i = 1; i <= q->count && bytes < most; i++) {
		if (eio__queue_at(q, q->count - i) != s->srv->pong)
			return true;
		bytes += eio__buf_cost(s->srv->pong);
	}
	if (bytes < most)
		return true;
	eio__session_count(s, ENGINEIO_COUNT_MAX_PONG_BYTES, ENGINEIO_LOG_WARN,
		"ping not answered: its client does not read");
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
