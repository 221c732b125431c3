/* SPDX-License-Identifier: MIT */
/*
 * exchange.h: the way back of one request, whatever HTTP is spoken on its
 * connection.
 *
 * http1.c has one per connection, because there requests come one after the
 * other. A request that is answered wholly, or whose peer has gone, has none
 * any more (req->exchange is NULL).
 */
#ifndef ENGINEIO_HTTP_EXCHANGE_H
#define ENGINEIO_HTTP_EXCHANGE_H

#include <engineio/base/strbuf.h>
#include <engineio/http.h>

struct eio__exchange;
struct eio__file;

/* A length that is not known yet. */
#define EIO__LENGTH_UNKNOWN UINT64_MAX

struct eio__exchange_ops {
	/* The answer's head: `type` (or NULL) and what the request holds for it
	 * are its headers. The body, of exactly len bytes, is appended to what
	 * this returns; with EIO__LENGTH_UNKNOWN it comes in pieces. Without
	 * memory the answer fails when the turn ends. */
	struct eio__strbuf *(*head)(struct eio__exchange *x, eio_request *req,
		int status, const char *type, uint64_t len);
	/* The file is the body; taken over. */
	void (*file)(struct eio__exchange *x, struct eio__file *file);
	/* The answer is complete. The request may be gone afterwards. */
	void (*done)(struct eio__exchange *x);

	/* An answer in pieces has begun: a decision is not awaited any
	 * more. */
	void (*begun)(struct eio__exchange *x);
	/* A piece of it, not empty; the last one was the last, done() follows;
	 * the pieces so far shall not look whole, instead of done(). */
	int (*piece)(struct eio__exchange *x, const void *data, size_t len);
	void (*last)(struct eio__exchange *x);
	void (*abandon)(struct eio__exchange *x);
	/* Bytes that have not left. */
	size_t (*waiting)(const struct eio__exchange *x);
	/* Whether len bytes more may wait, with what waits for others of its
	 * connection. NULL: there are no others. */
	bool (*has_room)(const struct eio__exchange *x, size_t len);
	/* Its reader is too slow: it goes when the turn ends. */
	void (*give_up)(struct eio__exchange *x);

	/* The application has decided on the request. */
	void (*decided)(struct eio__exchange *x);
	/* Nobody wants the rest of the request, nor answers it: at once, and
	 * whoever waits is told. */
	void (*drop)(struct eio__exchange *x, const char *why);
};

struct eio__exchange {
	const struct eio__exchange_ops *ops;
};

#endif
