/* SPDX-License-Identifier: MIT */
/*
 * handlers.c: handlers in the order of registration.
 *
 * Names are told apart by their length and their ends first: a list holds a
 * handful of handlers, and a walk over their marks is faster than any table. What is removed during
 * a walk stays as a gap until no walk is under way, and what is put in front
 * moves the walks along, so that their places stay right.
 */
#include <config.h>

#include <socketio/handlers.h>

#include <stdlib.h>

struct sio__handler {
	sio_handler fn; /* NULL: removed */
	void *user;
	char *name; /* NULL: for every name */
	size_t len;
	uint32_t mark; /* of the name */
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

/* Of no name 0. What it tells of a name is known without a walk along it. */
static uint32_t mark_of(struct sio__span name)
{
	if (!name.p || name.n == 0)
		return 0;
	return (uint32_t)name.n << 16 | (uint32_t)(unsigned char)*name.p << 8 |
		(unsigned char)name.p[name.n - 1];
}

static int grow(struct sio__handlers *h)
{
	unsigned size = h->size ? h->size * 2 : 2;
	struct sio__handler *v;

	if (h->n < h->size)
		return 0;
	v = realloc(h->v, size * sizeof(*v));
	if (!v)
		return SIO_ERR_NOMEM;
	h->v = v;
	h->size = size;
	return 0;
}

/* Takes the name. */
static void insert(struct sio__handlers *h, const struct sio__handler *handler,
	bool first)
{
	struct sio__handlers_walk *walk;

	if (!first) {
		h->v[h->n++] = *handler;
		return;
	}
	memmove(h->v + 1, h->v, h->n * sizeof(*h->v));
	h->v[0] = *handler;
	h->n++;
	for (walk = h->walk; walk; walk = walk->outer) {
		walk->i++;
		walk->end++;
	}
}

int sio__handlers_add(struct sio__handlers *h, const char *name, sio_handler fn,
	void *user, unsigned flags)
{
	struct sio__handler handler = { .fn = fn, .user = user };

	if (grow(h))
		return SIO_ERR_NOMEM;
	if (name) {
		handler.name = strdup(name);
		if (!handler.name)
			return SIO_ERR_NOMEM;
		handler.len = strlen(name);
		handler.mark = mark_of(sio__span(name, handler.len));
	}
	h->every = h->every || !name;
	handler.once = (flags & SIO__ONCE) != 0;
	insert(h, &handler, (flags & SIO__FIRST) != 0);
	return 0;
}

int sio__handlers_copy(struct sio__handlers *h,
	const struct sio__handlers *from)
{
	const struct sio__handler *handler;
	unsigned i;
	int err = 0;

	for (i = 0; i < from->n && !err; i++) {
		handler = &from->v[i];
		if (handler->fn)
			err = sio__handlers_add(h, handler->name, handler->fn,
				handler->user, handler->once ? SIO__ONCE : 0);
	}
	return err;
}

static void close_gaps(struct sio__handlers *h)
{
	unsigned from, to = 0;

	if (h->walk || !h->gaps)
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
		if ((fn && h->v[i].fn != fn) || !is_named(&h->v[i], name))
			continue;
		h->v[i].fn = NULL;
		h->gaps = true;
	}
	close_gaps(h);
}

static bool matches(const struct sio__handler *handler, struct sio__span name,
	uint32_t mark)
{
	if (!handler->fn || handler->mark != mark)
		return false;
	if (!name.p || !handler->name)
		return !name.p && !handler->name;
	return sio__span_is(name, handler->name, handler->len);
}

size_t sio__handlers_count(const struct sio__handlers *h, struct sio__span name)
{
	uint32_t mark = mark_of(name);
	size_t count = 0;
	unsigned i;

	for (i = 0; i < h->n; i++)
		count += matches(&h->v[i], name, mark);
	return count;
}

bool sio__handlers_has(const struct sio__handlers *h, struct sio__span name)
{
	return sio__handlers_count(h, name) > 0;
}

void sio__handlers_walk(struct sio__handlers *h,
	struct sio__handlers_walk *walk, struct sio__span name)
{
	walk->handlers = h;
	walk->name = name;
	walk->mark = mark_of(name);
	walk->i = 0;
	walk->end = h->n;
	walk->outer = h->walk;
	h->walk = walk;
}

bool sio__handlers_next(struct sio__handlers_walk *walk, sio_handler *fn,
	void **user)
{
	struct sio__handlers *h = walk->handlers;
	struct sio__handler *handler;

	while (walk->i < walk->end) {
		handler = &h->v[walk->i++];
		if (!matches(handler, walk->name, walk->mark))
			continue;
		*fn = handler->fn;
		*user = handler->user;
		if (handler->once) {
			handler->fn = NULL;
			h->gaps = true;
		}
		return true;
	}
	h->walk = walk->outer;
	close_gaps(h);
	return false;
}
