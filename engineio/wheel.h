/* SPDX-License-Identifier: MIT */
/*
 * wheel.h: timers by the thousand on one clock that is told from outside.
 *
 * Times are milliseconds and exact: a timer set for `at` is called by the
 * first eio__wheel_advance() whose now is not before it. Starting and
 * stopping cost a constant. Timers belong to their users, are embedded in
 * their structs and must be stopped before they go.
 */
#ifndef ENGINEIO_WHEEL_H
#define ENGINEIO_WHEEL_H

#include <engineio/base/list.h>

#include <stdbool.h>
#include <stdint.h>

#define EIO__WHEEL_BITS   6
#define EIO__WHEEL_SLOTS  (1 << EIO__WHEEL_BITS)
#define EIO__WHEEL_LEVELS 11 /* times 6 bits hold every uint64_t */

struct eio__timer {
	struct eio__list link;
	uint64_t at;
	void (*fn)(struct eio__timer *timer);
};

struct eio__wheel {
	uint64_t now;
	struct eio__list ready; /* for the next advance: at <= now */
	struct eio__list due;   /* taken out by an advance, to be called */
	uint64_t used[EIO__WHEEL_LEVELS]; /* a bit for each slot in use */
	struct eio__list slots[EIO__WHEEL_LEVELS][EIO__WHEEL_SLOTS];
};

void eio__wheel_init(struct eio__wheel *w, uint64_t now);
/*
 * Moves the time on and calls every timer that is due, in the order of their
 * times (one that had passed at the start counts as the time of the start)
 * and, where these are equal, of their starts. A timer is not active any more
 * when it is called. A callback may start and stop any timer, also
 * one that is due and was not called yet; what it starts waits for the next
 * advance, whatever its time. A now before the last one counts as the last.
 */
void eio__wheel_advance(struct eio__wheel *w, uint64_t now);
/* When eio__wheel_advance() must be called at the latest: the time of the
 * next timer, or an earlier one that does nothing but sort far timers
 * anew. False when no timer is active. */
bool eio__wheel_next(struct eio__wheel *w, uint64_t *at);

/* Once, before the timer is first used. */
void eio__timer_init(struct eio__timer *t,
	void (*fn)(struct eio__timer *timer));
/* Restarts a timer that is running. */
void eio__timer_start(struct eio__wheel *w, struct eio__timer *t, uint64_t at);
/* Idempotent. */
void eio__timer_stop(struct eio__wheel *w, struct eio__timer *t);
bool eio__timer_active(const struct eio__timer *t);

#endif
