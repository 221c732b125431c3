/* SPDX-License-Identifier: MIT */
/*
 * turn.h: what is left for the end of a turn of the loop, and in which order
 * it is done then.
 *
 *   WORK   what must not happen inside a public call: close callbacks,
 *          continued middleware. After it the hooks of
 *          eio_loop_on_turn_end() and eio_loop_before_output() run.
 *   FLUSH  sessions hand their queues to their transports.
 *   WRITE  connections write their output, once each; answers to polls, and
 *          queues over WebSocket if nobody is told of it, have left in FLUSH.
 *   FREE   objects that died during the turn are given back.
 *
 * A phase starts only when all earlier ones are empty; work added for an
 * earlier phase is done first. So when the loop waits, nothing is left.
 *
 * Output waits so that who gets several things in a turn gets them in one
 * write. An answer that nothing else could join need not wait: where all that
 * is left after an event is of those who have just spoken, it is done before
 * the next event, while what it needs is still in the processor's cache.
 */
#ifndef ENGINEIO_TURN_H
#define ENGINEIO_TURN_H

#include <engineio/base/list.h>

#include <stdbool.h>

enum eio__phase {
	EIO__WORK,
	EIO__FLUSH,
	EIO__WRITE,
	EIO__FREE,
	EIO__PHASES,
};

/* Embedded in what has something to do; initialise with eio__task_init(). */
struct eio__task {
	struct eio__list link;
	void (*fn)(struct eio__task *task);
};

struct eio__turn {
	struct eio__list phases[EIO__PHASES];
	struct eio__list hooks;
	const struct eio__task *speaker; /* see eio__loop_attend() */
	unsigned whole; /* hooks that are to see all events of a turn */
	bool walking;   /* the hooks */
	bool may_write; /* a task behind them runs */
};

void eio__turn_init(struct eio__turn *turn);
/* Forgets the hooks. */
void eio__turn_clear(struct eio__turn *turn);

/* Does all of it, the hooks included if they are due. False when it was given
 * up after so many rounds, or the hooks never were quiet. */
bool eio__turn_work(struct eio__turn *turn, bool hooks_due, unsigned rounds);
/* Whether something is left, all of it of the speaker's task and of this one,
 * of phase WRITE; and no hook wants to see the whole turn before. */
bool eio__turn_is_answer(const struct eio__turn *turn,
	const struct eio__task *writer);

/* whole: it is to be called once for all events of a turn. 0 or
 * ENGINEIO_ERR_NOMEM. */
int eio__turn_hook(struct eio__turn *turn, bool (*fn)(void *user), void *user,
	bool whole);
void eio__turn_unhook(struct eio__turn *turn, bool (*fn)(void *user),
	void *user);

#endif
