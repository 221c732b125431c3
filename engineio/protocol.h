/* SPDX-License-Identifier: MIT */
/*
 * protocol.h: what the revisions of the Engine.IO protocol do differently.
 *
 * A session speaks one of them from its handshake to its end. Everything
 * that is not here is the same in both: ids, checks, the queue, upgrades,
 * the way a session closes.
 */
#ifndef ENGINEIO_PROTOCOL_H
#define ENGINEIO_PROTOCOL_H

#include <engineio/buf.h>
#include <engineio/payload.h>

struct eio__protocol {
	int revision;

	/* -- codecs ------------------------------------------------------ */

	/* The packet of one WebSocket message. 0 or ENGINEIO_ERR_INVALID. */
	int (*decode)(struct eio__packet *pkt, char *data, size_t len,
		bool binary);
	/* The next packet of a polling body of text; of one of octets (NULL:
	 * such bodies are refused). */
	int (*next)(struct eio__payload *p, struct eio__packet *pkt);
	int (*next_octets)(struct eio__payload *p, struct eio__packet *pkt);
	/* Appends a packet to a polling body. octets: the body is one of
	 * octets. Returns body->error. */
	int (*add)(struct eio__strbuf *body, const eio_buf *buf, bool octets);
	/* A polling body with a binary packet in it is one of octets. */
	bool answers_octets;
	/* A binary message as it waits in the queue: for a client that wants
	 * text only, or for one that takes bytes. A reference; NULL: out of
	 * memory. */
	eio_buf *(*carry)(eio_buf *buf, bool base64);

	/* -- heartbeat (see heartbeat.c) --------------------------------- */

	/* The session has been opened. */
	void (*start)(eio_socket *s);
	/* A ping or a pong came. */
	void (*ping)(eio_socket *s);
	void (*pong)(eio_socket *s);
	/* Any other packet came. */
	void (*packet)(eio_socket *s);
	/* How long the client may be silent once something is awaited. */
	uint64_t (*patience)(const eio_socket *s);
	/* The open packet leaves before the application hears of the session:
	 * clients of revision 3 were never told more in that answer. */
	bool opens_alone;
};

/* That of a request: 4 if it says so, else 3, also if it says nothing. Kept
 * from then on, whatever memory there is: see eio_request_query(). */
const struct eio__protocol *eio__protocol_of(eio_request *req);

#endif
