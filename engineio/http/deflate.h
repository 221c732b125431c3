/* SPDX-License-Identifier: MIT */
/*
 * deflate.h: the messages of WebSockets compressed and inflated
 * (permessage-deflate, RFC 7692).
 */
#ifndef ENGINEIO_HTTP_DEFLATE_H
#define ENGINEIO_HTTP_DEFLATE_H

#include <engineio/buf.h>
#include <engineio/http/ws_extension.h>

struct eio__deflater; /* what the WebSockets of a server share */
struct eio__deflate;  /* one WebSocket's */

/* Counted. NULL: out of memory. The settings are off at first. */
struct eio__deflater *eio__deflater_new(void);
/* NULL is allowed. */
void eio__deflater_unref(struct eio__deflater *shared);
/* To be read, and to be changed for WebSockets to come. */
struct eio__deflate_config *eio__deflater_config(struct eio__deflater *shared);
/* Bytes that connections keep from message to message. */
size_t eio__deflater_memory(const struct eio__deflater *shared);

/* For a WebSocket on which this was agreed. What the server still may forbid
 * the client (RFC 7692, section 7.1.1.2) is added to the answer if there is no
 * memory to be had for it. NULL: out of memory. */
struct eio__deflate *eio__deflate_new(struct eio__deflater *shared,
	struct eio__deflate_params *params);
/* NULL is allowed. */
void eio__deflate_free(struct eio__deflate *d);

/* Gives the first n packets of the queue, which leave next, their compressed
 * form where that is shorter; without memory they stay as they are. */
void eio__deflate_queue(struct eio__deflate *d, struct eio__queue *q,
	unsigned n);

/*
 * Appends what a compressed message says, `max` bytes at most. 0, or
 * ENGINEIO_ERR_FULL: it is longer; ENGINEIO_ERR_INVALID: it is not
 * compressed data; ENGINEIO_ERR_NOMEM. After an error the WebSocket cannot go
 * on.
 */
int eio__deflate_read(struct eio__deflate *d, const void *data, size_t len,
	size_t max, struct eio__strbuf *out);

#endif
