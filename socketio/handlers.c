/* SPDX-License-Identifier: MIT */
/*
 * handlers.c: handlers in the order of registration.
 *
 * Names are compared by hash first: a list holds a handful of handlers, and
 * a walk over their numbers is faster than any table. What is removed during
 * a walk stays as a gap until no walk is under way, so that the walks' places
 * stay right.
 */
#include <config.h>

#include <socketio/handlers.h>

#include <stdlib.h>

struct sio__handler {
	sio_handler fn; /* NULL: removed */
	void *user;
	char *name; /* NULL: for every name */
	size_t len;
	unsigned long hash;
	bool once;
};

void sio__handlers_init(struct sio__handlers *h)
{
	memset(h, 0, sizeof(*h));
}

void sio__handlers_clear(struct sio__handlers *h)
{
	unsigned i;

	for (i = 0; i < h->n; i++)
		free(h->v[i].name);
	free(h->v);
	sio__handlers_init(h);
}

/* FNV-1a. The table is the program's: peers gain nothing by collisions. */
static unsigned long hash_of(const char *p, size_t n)
{
	unsigned long hash = 2166136261u;

	while (n-- > 0)
		hash = (hash ^ (unsigned char)*p++) * 16777619u & 0xffffffffu;
	return hash;
}

static struct sio__handler *grow(struct sio__handlers *h)
{
	unsigned size = h->size ? h->size * 2 : 2;
	struct sio__handler *v;

	if (h->n < h->size)
		return &h->v[h->n];
	v = realloc(h->v, size * sizeof(*v));
	if (!v)
		return NULL;
	h->v = v;
	h->size = size;
	return &v[h->n];
}

int sio__handlers_add(struct sio__handlers *h, const char *name, sio_handler fn,
	void *user, bool once)
{
	struct sio__handler *handler = grow(h);

	if (!handler)
		return SIO_ERR_NOMEM;
	memset(handler, 0, sizeof(*handler));
	if (name) {
		handler->len = strlen(name);
		handler->name = malloc(handler->len + 1);
		if (!handler->name)
			return SIO_ERR_NOMEM;
		memcpy(handler->name, name, handler->len + 1);
		handler->hash = hash_of(name, handler->len);
	}
	handler->fn = fn;
	handler->user = user;
	handler->once = once;
	h->n++;
	return 0;
}

static void close_gaps(struct sio__handlers *h)
{
	unsigned from, to = 0;

	if (h->walks > 0 || !h->gaps)
		return;
	for (from = 0; from < h->n; from++) {
		if (h->v[from].fn)
			h->v[to++] = h->v[from];
		else
			free(h->v[from].name);
	}
	h->n = to;
	h->gaps = false;
}

static bool is_named(const struct sio__handler *handler, const char *name)
{
	if (!name || !handler->name)
		return !name && !handler->name;
	return strcmp(handler->name, name) == 0;
}

void sio__handlers_remove(struct sio__handlers *h, const char *name,
	sio_handler fn)
{
	unsigned i;

	for (i = 0; i < h->n; i++) {
		if (h->v[i].fn != fn || !is_named(&h->v[i], name))
			continue;
		h->v[i].fn = NULL;
		h->gaps = true;
	}
	close_gaps(h);
}

static bool matches(const struct sio__handler *handler, struct sio__span name,
	unsigned long hash)
{
	if (!handler->fn || handler->hash != hash)
		return false;
	if (!name.p || !handler->name)
		return !name.p && !handler->name;
	return sio__span_is(name, handler->name, handler->len);
}

bool sio__handlers_has(const struct sio__handlers *h, struct sio__span name)
{
	unsigned long hash = name.p ? hash_of(name.p, name.n) : 0;
	unsigned i;

	for (i = 0; i < h->n; i++)
		if (matches(&h->v[i], name, hash))
			return true;
	return false;
}

void sio__handlers_walk(struct sio__handlers *h,
	struct sio__handlers_walk *walk, struct sio__span name)
{
	walk->handlers = h;
	walk->name = name;
	walk->hash = name.p ? hash_of(name.p, name.n) : 0;
	walk->i = 0;
	walk->end = h->n;
	h->walks++;
}

bool sio__handlers_next(struct sio__handlers_walk *walk, sio_handler *fn,
	void **user)
{
	struct sio__handlers *h = walk->handlers;
	struct sio__handler *handler;

	while (walk->i < walk->end) {
		handler = &h->v[walk->i++];
		if (!matches(handler, walk->name, walk->hash))
			continue;
		*fn = handler->fn;
		*user = handler->user;
		if (handler->once) {
			handler->fn = NULL;
			h->gaps = true;
		}
		return true;
	}
	h->walks--;
	close_gaps(h);
	return false;
}
