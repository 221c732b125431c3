/* SPDX-License-Identifier: MIT */
/*
 * handlers.h: an ordered list of handlers that may change while it is
 * walked. Pure.
 *
 * During a walk a removed handler is not met any more, an added one not
 * yet. Whoever owns the list keeps it until the walk is over.
 */
#ifndef SOCKETIO_HANDLERS_H
#define SOCKETIO_HANDLERS_H

#include <socketio/socketio.h>
#include <socketio/span.h>

#include <stdint.h>

struct sio__handler;

struct sio__handlers {
	struct sio__handler *v;
	unsigned n, size;
	bool gaps;  /* removed ones are still in v */
	bool every; /* there are some for every name, or have been */
	struct sio__handlers_walk *walk; /* the innermost under way, or NULL */
};

void sio__handlers_init(struct sio__handlers *h);
void sio__handlers_clear(struct sio__handlers *h);

enum {
	SIO__ONCE = 1,  /* for one event only */
	SIO__FIRST = 2, /* before those that are there, not behind them */
};

/* name NULL: for the events of every name. 0 or SIO_ERR_NOMEM. */
int sio__handlers_add(struct sio__handlers *h, const char *name, sio_handler fn,
	void *user, unsigned flags);
/* Adds those of another list. SIO_ERR_NOMEM: only some of them. */
int sio__handlers_copy(struct sio__handlers *h,
	const struct sio__handlers *from);
/* All of this name (NULL: of every name) and function (NULL: any). */
void sio__handlers_remove(struct sio__handlers *h, const char *name,
	sio_handler fn);
/* How many a walk would meet; whether any. */
size_t sio__handlers_count(const struct sio__handlers *h,
	struct sio__span name);
bool sio__handlers_has(const struct sio__handlers *h, struct sio__span name);

/* False: there certainly are none for every name. */
static inline bool sio__handlers_may_have_every(const struct sio__handlers *h)
{
	return h->every;
}

/* A walk over the handlers for this name; the name's p NULL: over those for
 * every name. Walks are nested, and each that was begun is brought to its
 * end. */
struct sio__handlers_walk {
	struct sio__handlers *handlers;
	struct sio__handlers_walk *outer;
	struct sio__span name;
	uint32_t mark;
	unsigned i, end;
};

void sio__handlers_walk(struct sio__handlers *h,
	struct sio__handlers_walk *walk, struct sio__span name);
/* The next handler, which is removed already if it is for once; false at
 * the end, which it must be asked for until it says so. */
bool sio__handlers_next(struct sio__handlers_walk *walk, sio_handler *fn,
	void **user);

#endif
