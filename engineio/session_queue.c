/* SPDX-License-Identifier: MIT */
/*
 * session_queue.c: what a session has to send: what may enter its queue, and
 * what happens when it is full.
 *
 * The array itself is buf.c's; what the application hears of a full queue is
 * pressure.c's; how the packets leave is the transport's. Always true: packets
 * leave in the order they were queued, whatever the transport; of the messages
 * that belong together either all enter the queue or none, and a message that
 * the limits leave no room for is never lost in silence.
 */
#include <config.h>

#include <engineio/engine.h>

#include <string.h>

void eio__session_flush_now(eio_socket *s)
{
	if (s->transport && s->queue.count)
		s->transport->ops->flush(s->transport);
}

void eio__session_dirty(eio_socket *s)
{
	if (s->state != EIO__CLOSED)
		eio__loop_defer(s->srv->loop, EIO__FLUSH, &s->task);
}

void eio__session_push(eio_socket *s, eio_buf *buf)
{
	if (s->state == EIO__CLOSED)
		return;
	if (!buf || eio__queue_push(&s->queue, buf)) {
		eio__session_end(s, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
		return;
	}
	eio__session_dirty(s);
	eio__pressure_rises(s);
}

/* Whether nothing of the application's waits: of our own packets there are
 * never more than a few. */
static bool has_no_message(const struct eio__queue *q)
{
	unsigned i;

	for (i = 0; i < q->count; i++)
		if (eio__queue_at(q, i)->message)
			return false;
	return true;
}

/* Whether the bytes fit when one of the messages is not counted: a large one
 * must be possible, and what follows it in the same turn is no sign of a
 * client that reads slowly. */
static bool fits_but_for_one(const struct eio__queue *q, eio_buf *const *bufs,
	size_t n, size_t bytes, size_t max)
{
	size_t i;

	for (i = 0; i < q->count; i++)
		if (bytes - eio__buf_cost(eio__queue_at(q, (unsigned)i)) <= max)
			return true;
	for (i = 0; i < n; i++)
		if (bytes - eio__buf_cost(bufs[i]) <= max)
			return true;
	return false;
}

static bool fits(const eio_socket *s, eio_buf *const *bufs, size_t n)
{
	size_t max_bytes = (size_t)eio__session_option(s, ENGINEIO_QUEUE_BYTES);
	size_t max = (size_t)eio__session_option(s, ENGINEIO_QUEUE_PACKETS);
	size_t bytes = s->queue.bytes, i;

	if (has_no_message(&s->queue))
		return true;
	if (max && s->queue.count + n > max)
		return false;
	for (i = 0; i < n; i++)
		bytes += eio__buf_cost(bufs[i]);
	return bytes <= max_bytes ||
		fits_but_for_one(&s->queue, bufs, n, bytes, max_bytes);
}

void eio__session_push_message(eio_socket *s, eio_buf *buf)
{
	eio_buf *carried;

	if (!buf->binary) {
		eio__session_push(s, buf);
		return;
	}
	carried = s->protocol->carry(buf, s->base64);
	if (carried != buf)
		eio_buf_set_compress(carried, !buf->plain);
	eio__session_push(s, carried);
	eio_buf_unref(carried);
}

/* What is text already stays so: every client understands it. */
void eio__session_set_base64(eio_socket *s, bool base64)
{
	struct eio__queue old = s->queue;
	bool change = base64 && !s->base64;
	unsigned i;

	s->base64 = base64;
	if (!change)
		return;
	memset(&s->queue, 0, sizeof(s->queue));
	for (i = 0; i < old.count; i++)
		eio__session_push_message(s, eio__queue_at(&old, i));
	eio__queue_clear(&old);
}

static enum eio_counter limit_hit(const eio_socket *s, size_t n)
{
	long max = eio__session_option(s, ENGINEIO_QUEUE_PACKETS);

	return max && s->queue.count + n > (size_t)max
		? ENGINEIO_COUNT_QUEUE_PACKETS
		: ENGINEIO_COUNT_QUEUE_BYTES;
}

/* QUEUE_POLICY: the messages cost the client its session, or are lost. */
static int refuse_full(eio_socket *s, size_t n)
{
	bool close = eio__session_option(s, ENGINEIO_QUEUE_POLICY) ==
		ENGINEIO_QUEUE_CLOSE;
	enum eio_counter limit = limit_hit(s, n);

	eio__http_count(&s->srv->own, close ? limit : ENGINEIO_COUNT_REFUSED,
		ENGINEIO_LOG_WARN,
		"session %.8s: %s: %zu bytes in %u packets wait for it (%s)",
		s->id, close ? "closed" : "message refused", s->queue.bytes,
		s->queue.count, eio_counter_name(limit));
	if (close)
		eio__session_end(s, ENGINEIO_REASON_QUEUE_FULL,
			"client reads too slowly");
	else
		eio__pressure_refused(s);
	return ENGINEIO_ERR_FULL;
}

int eio_socket_send_all(eio_socket *s, eio_buf *const *bufs, size_t n)
{
	size_t i;

	if (!s || !bufs)
		return ENGINEIO_ERR_INVALID;
	for (i = 0; i < n; i++)
		if (!bufs[i])
			return ENGINEIO_ERR_INVALID;
	if (s->state != EIO__OPEN)
		return ENGINEIO_ERR_CLOSED;
	if (!fits(s, bufs, n))
		return refuse_full(s, n);
	/* A client that misses one message is worse off than one that has to
	 * come back. */
	if (n > UINT32_MAX || eio__queue_reserve(&s->queue, (unsigned)n))
		eio__session_end(s, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
	for (i = 0; i < n; i++)
		eio__session_push_message(s, bufs[i]);
	return s->state == EIO__OPEN ? 0 : ENGINEIO_ERR_NOMEM;
}

int eio_socket_send(eio_socket *s, eio_buf *buf)
{
	return eio_socket_send_all(s, &buf, 1);
}

void eio__session_drained(eio_socket *s)
{
	eio_server *srv = s->srv;

	eio__pressure_falls(s);
	if (s->state == EIO__CLOSING)
		s->transport->ops->finish(s->transport);
	else if (s->state == EIO__OPEN && s->announced && srv->on_drain)
		srv->on_drain(s, srv->drain_user);
}
