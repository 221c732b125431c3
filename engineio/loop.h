/* SPDX-License-Identifier: MIT */
/*
 * loop.h: what the loop offers to the rest of libengineio.
 *
 * A loop owns one network (net.h), one timer wheel and the work of the
 * current turn, which is left for its end (turn.h).
 */
#ifndef ENGINEIO_LOOP_H
#define ENGINEIO_LOOP_H

#include <engineio/base/list.h>
#include <engineio/engineio.h>
#include <engineio/net.h>
#include <engineio/turn.h>
#include <engineio/wheel.h>

void eio__task_init(struct eio__task *task, void (*fn)(struct eio__task *));
/* Queues the task once; queueing a queued task does nothing. */
void eio__loop_defer(eio_loop *loop, enum eio__phase phase,
	struct eio__task *task);
/* Takes a queued task back; idempotent. */
void eio__task_cancel(struct eio__task *task);

/* Whether the hooks have seen all that this turn brought so far: in the phases
 * behind WORK. */
bool eio__loop_may_write(const eio_loop *loop);
/* The task of this phase that is next, or NULL. */
const struct eio__task *eio__loop_next(const eio_loop *loop,
	enum eio__phase phase);

/* What is being read speaks for the owner of this task of phase FLUSH. Only
 * compared, so the owner may go. */
void eio__loop_attend(eio_loop *loop, const struct eio__task *speaker);
/* What came on the connection that writes with this task of phase WRITE has
 * been dealt with. If nobody else is to get anything, the answer leaves now:
 * the tasks, and whatever they free, are done when this returns. */
void eio__loop_answer(eio_loop *loop, const struct eio__task *writer);

/* Deadline in milliseconds from now; restarts a running timer. The timer
 * was made with eio__timer_init(). */
void eio__loop_start(eio_loop *loop, struct eio__timer *timer, uint64_t ms);
void eio__loop_cancel(eio_loop *loop, struct eio__timer *timer);

struct eio__net *eio__loop_net(eio_loop *loop);

/* What a listener's `user` must begin with: the network's connections go
 * to the HTTP server that asked for them. */
struct eio__acceptor {
	void *(*accept)(struct eio__acceptor *a, struct eio__net_conn *nc);
};

/* Every `conn` given back by accept() must begin with this. */
struct eio__stream {
	const struct eio__stream_ops *ops;
};

struct eio__stream_ops {
	/* NULL: of no interest. */
	void (*on_ready)(struct eio__stream *s);
	void (*on_step)(struct eio__stream *s);
	void (*on_bytes)(struct eio__stream *s, char *data, size_t len);
	void (*on_writable)(struct eio__stream *s);
	void (*on_gone)(struct eio__stream *s, int why);
};

#endif
