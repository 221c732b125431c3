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

struct sio__handler;

struct sio__handlers {
	struct sio__handler *v;
	unsigned n, size;
	unsigned walks; /* under way */
	bool gaps;      /* removed handlers are still in v */
};

void sio__handlers_init(struct sio__handlers *h);
void sio__handlers_clear(struct sio__handlers *h);
/* name NULL: for the events of every name. 0 or SIO_ERR_NOMEM. */
int sio__handlers_add(struct sio__handlers *h, const char *name, sio_handler fn,
	void *user, bool once);
/* All of this name (NULL: of every name) and function. */
void sio__handlers_remove(struct sio__handlers *h, const char *name,
	sio_handler fn);
/* Whether a walk would meet one. */
bool sio__handlers_has(const struct sio__handlers *h, struct sio__span name);

/* A walk over the handlers for this name; the name's p NULL: over those for
 * every name. Every walk that was begun is brought to its end. */
struct sio__handlers_walk {
	struct sio__handlers *handlers;
	struct sio__span name;
	unsigned long hash;
	unsigned i, end;
};

void sio__handlers_walk(struct sio__handlers *h,
	struct sio__handlers_walk *walk, struct sio__span name);
/* The next handler, which is removed already if it is for once; false at
 * the end, which it must be asked for until it says so. */
bool sio__handlers_next(struct sio__handlers_walk *walk, sio_handler *fn,
	void **user);

#endif
