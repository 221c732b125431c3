/* SPDX-License-Identifier: MIT */
/*
 * buf.h: what a session sends, and the queue it waits in.
 */
#ifndef ENGINEIO_BUF_H
#define ENGINEIO_BUF_H

#include <engineio/base/strbuf.h>
#include <engineio/engineio.h>

/*
 * Payload of one WebSocket frame at most; longer messages are made of
 * several, so that pings pass between them and a slow reader costs at most
 * one copied frame. Divisible by three, so that base64 can be made frame by
 * frame; and with its header as long as a record of TLS may be, not longer.
 */
#define EIO__FRAME_MAX 16380

/*
 * The wire form: one or more complete unmasked WebSocket frames that follow
 * each other. A text packet carries its type digit inside, a binary one is
 * just its data (Engine.IO protocol 4, Packet encoding).
 */
struct eio_buf {
	unsigned refs;
	bool binary;
	bool typed;    /* binary, with its type's byte in front: revision 3 */
	bool plain;    /* never compressed, on any transport */
	bool deflated; /* a compressed form of another packet */
	bool message;  /* the application's, not a packet of our own */
	bool alone;    /* not to be shared: that was tried */
	unsigned short key; /* of a form: what it was compressed for */
	eio_buf *twin;      /* the same packet, typed; NULL until asked for */
	eio_buf *forms;     /* compressed ones that were asked for; a list */
	size_t len;         /* of the packet: type digit included */
	struct eio__net_shared *shared; /* the wire form; see ws.c */
	size_t wire_len;
	unsigned char wire[];
};

/* A packet of one text: type digit and data. NULL: out of memory. */
eio_buf *eio__buf_packet(char type, const void *data, size_t len);

/* What a WebSocket sends that is not Engine.IO's: no packet, just the bytes.
 * NULL: out of memory. */
eio_buf *eio__buf_message(const void *data, size_t len, bool binary);

/* The length of the frame that begins at wire + off, header included. */
size_t eio__buf_frame(const eio_buf *buf, size_t off);

/* The next piece of the packet, which is what a frame carries; NULL behind
 * the last. *off begins with 0. */
const unsigned char *eio__buf_piece(const eio_buf *buf, size_t *off, size_t *n);

/* The packet with this as its compressed payload (RFC 7692): frames of which
 * the first has RSV1. Without a payload it is no form to be sent, but one that
 * says that there is none. NULL: out of memory. */
eio_buf *eio__buf_deflated(const eio_buf *buf, const void *data, size_t len);
/* The form the packet was given for this key; lent, or NULL. */
eio_buf *eio__buf_form(const eio_buf *buf, unsigned key);
/* Keeps it as long as the packet; takes the reference. */
void eio__buf_add_form(eio_buf *buf, eio_buf *form, unsigned key);

/* Appends the packet as a polling payload has it: the text, or 'b' and
 * base64. */
int eio__buf_add_payload(const eio_buf *buf, struct eio__strbuf *out);
/* Appends the packet's bytes. */
int eio__buf_add_bytes(const eio_buf *buf, struct eio__strbuf *out);
/* The length of a text in UTF-16 code units. */
size_t eio__buf_utf16(const eio_buf *buf);
/* A binary message for clients of revision 3: made once, however many of
 * them get it. A reference; NULL: out of memory. */
eio_buf *eio__buf_typed(eio_buf *buf);

/* What was made of a packet of that length for an answer, to be kept with it as
 * one of its forms: just these bytes, without frames. NULL: out of memory. */
eio_buf *eio__buf_payload(const struct eio__strbuf *bytes, size_t len);

/* What a packet is counted with in a queue. */
size_t eio__buf_cost(const eio_buf *buf);

/*
 * The one queue of a session: packets in order, counted in bytes. It takes
 * no memory while empty, nor for a single packet, which is what each receiver
 * of a broadcast has. Whoever writes to it checks the limits.
 */
struct eio__queue {
	union {
		eio_buf *one;    /* where room is 0 */
		eio_buf **items; /* a ring */
	};
	unsigned head, count, room; /* room: a power of two, or 0 */
	size_t bytes;
	size_t sent; /* bytes of the first item's wire form that have left;
		      * always between two frames */
};

/* Appends with a reference of its own. 0 or ENGINEIO_ERR_NOMEM. */
int eio__queue_push(struct eio__queue *q, eio_buf *buf);
/* Makes room for n more, so that n pushes cannot fail. */
int eio__queue_reserve(struct eio__queue *q, unsigned n);
/* The i-th waiting packet; i < count. */
static inline eio_buf *eio__queue_at(const struct eio__queue *q, unsigned i)
{
	return q->room ? q->items[(q->head + i) & (q->room - 1)] : q->one;
}
/* Puts another one in its place, with a reference of its own. */
void eio__queue_replace(struct eio__queue *q, unsigned i, eio_buf *buf);
/* Drops the first n packets. */
void eio__queue_pop(struct eio__queue *q, unsigned n);
/* Drops all and gives the memory back. */
void eio__queue_clear(struct eio__queue *q);

#endif
