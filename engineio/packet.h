/* SPDX-License-Identifier: MIT */
/*
 * packet.h: one packet of the Engine.IO protocol, revision 4.
 */
#ifndef ENGINEIO_PACKET_H
#define ENGINEIO_PACKET_H

#include <engineio/base/strbuf.h>

#include <stdbool.h>
#include <stddef.h>

/* On the wire as the digit of the same value. */
enum eio__packet_type {
	EIO__PACKET_OPEN,
	EIO__PACKET_CLOSE,
	EIO__PACKET_PING,
	EIO__PACKET_PONG,
	EIO__PACKET_MESSAGE,
	EIO__PACKET_UPGRADE,
	EIO__PACKET_NOOP,
};

struct eio__packet {
	enum eio__packet_type type;
	bool binary; /* a message of bytes, not of text */
	char *data;  /* never NULL, not NUL-terminated */
	size_t len;
};

/* Reads a packet from text: a type's digit and its data, or 'b' and a binary
 * message in base64, which is decoded in place. pkt->data points into text.
 * 0 or ENGINEIO_ERR_INVALID. */
int eio__packet_decode(struct eio__packet *pkt, char *text, size_t len);
/* Both append to out and return out->error. */
int eio__packet_encode(struct eio__strbuf *out, enum eio__packet_type type,
	const void *data, size_t len);
/* A binary message as text, which polling needs. */
int eio__packet_encode_binary(struct eio__strbuf *out, const void *data,
	size_t len);

#endif
