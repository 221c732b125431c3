/* SPDX-License-Identifier: MIT */
/*
 * payload.h: the packets of one polling body, Engine.IO protocol 4.
 */
#ifndef ENGINEIO_PAYLOAD_H
#define ENGINEIO_PAYLOAD_H

#include <engineio/packet.h>

#include <stddef.h>

/* Stands between the packets of a body, and is escaped nowhere. */
#define EIO__PAYLOAD_SEPARATOR '\x1e'

/* Reads a body, which is changed on the way. */
struct eio__payload {
	char *at, *end;
	bool more; /* at is where a packet has to be */
};

void eio__payload_init(struct eio__payload *p, char *body, size_t len);
/* 1: *pkt is the next packet, and points into the body. 0: that was all.
 * ENGINEIO_ERR_INVALID: what comes now is no packet; the packets before it
 * are good, and from now on the answer is 0. A body without a packet, and a
 * separator with none on one of its sides, are such errors. */
int eio__payload_next(struct eio__payload *p, struct eio__packet *pkt);

#endif
