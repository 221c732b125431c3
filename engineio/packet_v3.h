/* SPDX-License-Identifier: MIT */
/*
 * packet_v3.h: one packet of the Engine.IO protocol, revision 3.
 *
 * Text is as in revision 4. A binary packet names its type as well: as a
 * byte in front of its bytes, or in text as 'b', the type's digit and
 * base64.
 */
#ifndef ENGINEIO_PACKET_V3_H
#define ENGINEIO_PACKET_V3_H

#include <engineio/packet.h>

/* Reads a packet from text, which is decoded in place. 0 or
 * ENGINEIO_ERR_INVALID. */
int eio__packet_v3_decode(struct eio__packet *pkt, char *text, size_t len);
/* The same from bytes. */
int eio__packet_v3_decode_bytes(struct eio__packet *pkt, char *data,
	size_t len);

#endif
