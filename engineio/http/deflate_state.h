/* SPDX-License-Identifier: MIT */
/*
 * deflate_state.h: what compressing and inflating share: zlib's state, and who
 * of the WebSockets has how much of it.
 */
#ifndef ENGINEIO_HTTP_DEFLATE_STATE_H
#define ENGINEIO_HTTP_DEFLATE_STATE_H

#include <engineio/base/list.h>
#include <engineio/http/deflate.h>

#include <zlib.h>

struct eio__deflater {
	unsigned refs;
	struct eio__deflate_config config;
	size_t memory;            /* reserved by connections */
	struct eio__list writers; /* with a compressor of their own, the one
				     not used for the longest time first */
	z_stream out, in;         /* for all others */
	unsigned out_key;         /* what `out` is made for; 0: it is not */
	bool has_in;
	unsigned users;
};

struct eio__deflate {
	struct eio__deflater *shared;
	struct eio__list link; /* in shared->writers */
	z_stream *writer;      /* NULL: none, or given up */
	unsigned char *window; /* what the client may refer to */
	size_t window_len;     /* how much of it there is */
	size_t window_max;     /* reserved; 0: no takeover of the client's */
	size_t threshold;
	unsigned short key; /* of our messages: window, level, memory */
	bool server_takeover;
};

/* RFC 7692, section 7.2.1: what is taken off each message, and put back. */
static const unsigned char eio__deflate_tail[4] = { 0, 0, 0xff, 0xff };

/* Output is made in pieces. */
#define EIO__DEFLATE_PIECE 16384

/* An empty one, which takes its memory where we take ours. */
void eio__deflate_init_stream(z_stream *z);

#endif
