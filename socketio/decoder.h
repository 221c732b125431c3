/* SPDX-License-Identifier: MIT */
/*
 * decoder.h: from messages to packets: a text alone, or a text and the
 * binary messages it announces. Pure.
 */
#ifndef SOCKETIO_DECODER_H
#define SOCKETIO_DECODER_H

#include <jansson.h>

#include <socketio/packet.h>

/* Of one connection. Costs a pointer while nothing is awaited. */
struct sio__decoder {
	union {
		struct sio__pending *pending;
		void *state; /* of a parser that is not the default one */
	};
};

enum sio__decoded {
	SIO__DECODED, /* *in is a packet */
	SIO__MORE,    /* binary messages are awaited */
	SIO__REFUSED, /* in->why says why; the connection is to be closed */
	SIO__NOMEM,
};

/* What came in. */
struct sio__incoming {
	struct sio__packet packet;
	/* The whole of the data with its binary values, for a packet that
	 * has attachments or comes from another parser; else NULL. */
	json_t *values;
	char *text;   /* what the packet points into, if it is ours */
	size_t bytes; /* of the text and the attachments */
	const char *why;
};

void sio__decoder_init(struct sio__decoder *d);
void sio__decoder_clear(struct sio__decoder *d);

/* A text message. The packet of SIO__DECODED points into it. */
enum sio__decoded sio__decoder_text(struct sio__decoder *d, const char *p,
	size_t n, const struct sio__limits *limits, struct sio__incoming *in);
/* A binary message; the bytes are copied. */
enum sio__decoded sio__decoder_binary(struct sio__decoder *d, const void *p,
	size_t n, const struct sio__limits *limits, struct sio__incoming *in);
/* Frees what came in with SIO__DECODED; anything else needs it not. */
void sio__incoming_clear(struct sio__incoming *in);

#endif
