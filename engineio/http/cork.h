/* SPDX-License-Identifier: MIT */
/*
 * cork.h: several small packets put together for one write.
 */
#ifndef ENGINEIO_HTTP_CORK_H
#define ENGINEIO_HTTP_CORK_H

#include <engineio/buf.h>
#include <engineio/loop.h>

struct eio__cork;

/* Most packets in one piece. */
#define EIO__CORK_BUFS 64

struct eio__cork *eio__cork_new(eio_loop *loop);
/* NULL is allowed. */
void eio__cork_free(struct eio__cork *cork);

/*
 * The first packets of the queue as one piece, as many as fit; *count says
 * how many, at least one unless the first is too long to be put together
 * with anything (then NULL). The bytes are valid until the next call.
 */
const char *eio__cork_gather(struct eio__cork *cork, const struct eio__queue *q,
	unsigned *count, size_t *len);

#endif
