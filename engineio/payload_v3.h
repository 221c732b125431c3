/* SPDX-License-Identifier: MIT */
/*
 * payload_v3.h: the packets of one polling body, Engine.IO protocol 3.
 *
 *	text:    LENGTH ':' PACKET ...
 *	octets:  0 or 1, LENGTH, 255, PACKET ...
 *
 * In text the length counts UTF-16 code units, as JavaScript does; in octets
 * it counts bytes and is written with one byte of the value 0 to 9 for each
 * digit, behind 0 for a text and 1 for a binary packet.
 */
#ifndef ENGINEIO_PAYLOAD_V3_H
#define ENGINEIO_PAYLOAD_V3_H

#include <engineio/buf.h>
#include <engineio/payload.h>

/* Both as eio__payload_next(). A body of text must be valid UTF-8. An empty
 * item ("0:") of a text is passed over, as in the official server. */
int eio__payload_v3_next(struct eio__payload *p, struct eio__packet *pkt);
int eio__payload_v3_next_octets(struct eio__payload *p,
	struct eio__packet *pkt);

/* Appends a packet to a body of octets or of text; a binary packet needs
 * octets. Returns body->error. */
int eio__payload_v3_add(struct eio__strbuf *body, const eio_buf *buf,
	bool octets);

#endif
