/* SPDX-License-Identifier: MIT */
/*
 * client_extra.c: what few connections need, apart from what all have: a
 * namespace they have left, headers that are kept, attachments to wait for.
 *
 * Always true: a connection that needs none of it has a NULL for all.
 */
#include <config.h>

#include <socketio/io.h>

#include <stdlib.h>

struct sio__client_extra *sio__client_extra(struct sio__client *c)
{
	if (!c->extra)
		c->extra = calloc(1, sizeof(*c->extra));
	return c->extra;
}

void sio__client_extra_free(struct sio__client *c)
{
	struct sio__client_extra *extra = c->extra;

	if (!extra)
		return;
	eio_timer_free(extra->attachment_timer);
	json_decref(extra->headers);
	free(extra->left);
	free(extra);
}

bool sio__client_has_left(const struct sio__client *c, struct sio__span nsp)
{
	const struct sio__client_extra *extra = c->extra;
	uint32_t hash = sio__span_hash(nsp);
	unsigned i;

	for (i = 0; extra && i < extra->left_n; i++)
		if (extra->left[i] == hash)
			return true;
	return false;
}

/* What can still be on its way is of the last ones; clients that wander
 * through more of them are not followed. */
#define REMEMBERED 64

void sio__client_remember(struct sio__client *c, struct sio__span nsp)
{
	struct sio__client_extra *e;
	uint32_t *left;

	if (c->closing || sio__client_has_left(c, nsp))
		return;
	e = sio__client_extra(c);
	if (!e)
		return;
	if (e->left_n == REMEMBERED) {
		e->left_n--;
		memmove(e->left, e->left + 1, e->left_n * sizeof(*left));
	}
	left = realloc(e->left, (e->left_n + 1) * sizeof(*left));
	if (!left)
		return;
	left[e->left_n++] = sio__span_hash(nsp);
	e->left = left;
}
