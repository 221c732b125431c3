/* SPDX-License-Identifier: MIT */
/*
 * watch.c: timers and watched descriptors of programs.
 *
 * Thin objects over what the loop offers to everybody (loop.h, net.h).
 * Always true: after a callback nothing here is touched again, so that it may
 * free what it is about.
 */
#include <config.h>

#include <engineio/loop.h>

#include <stdlib.h>

struct eio_timer {
	struct eio__timer timer;
	eio_loop *loop;
	void (*fn)(void *user);
	void *user;
};

struct eio_watch {
	struct eio__net_watch *watch;
};

/* -- timers ------------------------------------------------------------- */

static void timer_ended(struct eio__timer *t)
{
	eio_timer *timer = eio__list_entry(t, eio_timer, timer);

	timer->fn(timer->user);
}

eio_timer *eio_timer_new(eio_loop *loop, void (*fn)(void *user), void *user)
{
	eio_timer *timer;

	if (!loop || !fn)
		return NULL;
	timer = malloc(sizeof(*timer));
	if (!timer)
		return NULL;
	timer->loop = loop;
	timer->fn = fn;
	timer->user = user;
	eio__timer_init(&timer->timer, timer_ended);
	return timer;
}

int eio_timer_start(eio_timer *timer, uint64_t ms)
{
	if (!timer)
		return ENGINEIO_ERR_INVALID;
	eio__loop_start(timer->loop, &timer->timer, ms);
	return 0;
}

void eio_timer_stop(eio_timer *timer)
{
	if (timer)
		eio__loop_cancel(timer->loop, &timer->timer);
}

void eio_timer_free(eio_timer *timer)
{
	eio_timer_stop(timer);
	free(timer);
}

/* -- watches ------------------------------------------------------------ */

static bool events_ok(int events)
{
	return (events & ~(ENGINEIO_READABLE | ENGINEIO_WRITABLE)) == 0;
}

eio_watch *eio_watch_new(eio_loop *loop, int fd, int events,
	void (*fn)(void *user, int events), void *user)
{
	eio_watch *watch;

	if (!loop || fd < 0 || !events_ok(events) || !fn)
		return NULL;
	watch = malloc(sizeof(*watch));
	if (!watch)
		return NULL;
	watch->watch =
		eio__net_watch(eio__loop_net(loop), fd, events, fn, user);
	if (!watch->watch) {
		free(watch);
		return NULL;
	}
	return watch;
}

int eio_watch_set(eio_watch *watch, int events)
{
	if (!watch || !events_ok(events))
		return ENGINEIO_ERR_INVALID;
	eio__net_watch_set(watch->watch, events);
	return 0;
}

void eio_watch_free(eio_watch *watch)
{
	if (!watch)
		return;
	eio__net_unwatch(watch->watch);
	free(watch);
}
