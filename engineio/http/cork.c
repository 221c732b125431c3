/* SPDX-License-Identifier: MIT */
/*
 * cork.c: several small packets put together for one write.
 *
 * Many receivers of a broadcast have the same packets waiting at the end
 * of a turn. The piece made for the first of them is kept for the others,
 * together with references to its packets, so that equal pointers mean
 * equal bytes. Always true: nothing is kept beyond the turn.
 */
#include <config.h>

#include <engineio/http/cork.h>

#include <stdlib.h>
#include <string.h>

#define CORK_BYTES 65536

struct eio__cork {
	eio_loop *loop;
	eio_buf *bufs[EIO__CORK_BUFS]; /* with a reference each */
	unsigned count;
	size_t len;
	struct eio__task drop;
	char bytes[CORK_BYTES];
};

static void drop_bufs(struct eio__cork *cork)
{
	while (cork->count)
		eio_buf_unref(cork->bufs[--cork->count]);
}

static void on_drop(struct eio__task *task)
{
	drop_bufs(eio__list_entry(task, struct eio__cork, drop));
}

struct eio__cork *eio__cork_new(eio_loop *loop)
{
	struct eio__cork *cork = malloc(sizeof(*cork));

	if (!cork)
		return NULL;
	cork->loop = loop;
	cork->count = 0;
	cork->len = 0;
	eio__task_init(&cork->drop, on_drop);
	return cork;
}

void eio__cork_free(struct eio__cork *cork)
{
	if (!cork)
		return;
	eio__task_cancel(&cork->drop);
	drop_bufs(cork);
	free(cork);
}

static unsigned how_many_fit(const struct eio__queue *q)
{
	size_t len = 0;
	unsigned n;

	for (n = 0; n < q->count && n < EIO__CORK_BUFS; n++) {
		len += eio__queue_at(q, n)->wire_len;
		if (len > CORK_BYTES)
			break;
	}
	return n;
}

static bool is_the_last(const struct eio__cork *cork,
	const struct eio__queue *q, unsigned n)
{
	unsigned i;

	if (cork->count != n)
		return false;
	for (i = 0; i < n; i++)
		if (eio__queue_at(q, i) != cork->bufs[i])
			return false;
	return true;
}

static void fill(struct eio__cork *cork, const struct eio__queue *q, unsigned n)
{
	eio_buf *buf;

	drop_bufs(cork);
	cork->len = 0;
	while (cork->count < n) {
		buf = eio__queue_at(q, cork->count);
		cork->bufs[cork->count++] = eio_buf_ref(buf);
		memcpy(cork->bytes + cork->len, buf->wire, buf->wire_len);
		cork->len += buf->wire_len;
	}
	eio__loop_defer(cork->loop, EIO__FREE, &cork->drop);
}

const char *eio__cork_gather(struct eio__cork *cork, const struct eio__queue *q,
	unsigned *count, size_t *len)
{
	unsigned n = how_many_fit(q);

	if (!n)
		return NULL;
	*count = n;
	/* One alone needs no putting together. */
	if (n == 1) {
		*len = eio__queue_at(q, 0)->wire_len;
		return (const char *)eio__queue_at(q, 0)->wire;
	}
	if (!is_the_last(cork, q, n))
		fill(cork, q, n);
	*len = cork->len;
	return cork->bytes;
}
