/* SPDX-License-Identifier: MIT */
/*
 * polling_payload.c: what answers to polls have in common: their compression,
 * and packets that many of them bring.
 *
 * What such a packet is in an answer is made once and kept with it, in the forms
 * that were asked for: for a revision of the protocol and for a coding. Its
 * receivers share it, where each answer would have a compression of its own
 * otherwise, and of what is long a copy. Always true: such a payload has this
 * one packet; of several the payload is made for each client (polling.c).
 */
#include <config.h>

#include <engineio/engine.h>

#include <engineio/http/compress.h>

/* Shorter ones are not looked at, */
#define SHARE_MIN 1024
/* and shorter ones sooner copied than shared, if they are not compressed. */
#define LONG_MIN 131072
/* Apart from the keys of compressed frames. */
#define KEY 0x8000u

static enum eio__coding choose(const eio_socket *s, const eio_request *req,
	size_t len)
{
	size_t threshold =
		(size_t)eio__session_option(s, ENGINEIO_COMPRESSION_THRESHOLD);

	if (!eio__session_option(s, ENGINEIO_COMPRESSION) || len < threshold)
		return EIO__CODING_NONE;
	return eio__coding_choose(eio_request_header(req, "accept-encoding"));
}

static int compress_as(const eio_socket *s, enum eio__coding coding,
	const struct eio__strbuf *body, struct eio__strbuf *out)
{
	return eio__compress(out, coding,
		(int)eio__session_option(s, ENGINEIO_COMPRESSION_LEVEL),
		body->data, body->len);
}

static void say_coding(eio_request *req, enum eio__coding coding)
{
	if (coding != EIO__CODING_NONE)
		eio_request_set_header(req, "Content-Encoding",
			eio__coding_name(coding));
}

bool eio__polling_compress(const eio_socket *s, eio_request *req,
	const struct eio__strbuf *body, struct eio__strbuf *out)
{
	enum eio__coding coding = choose(s, req, body->len);

	if (coding == EIO__CODING_NONE || compress_as(s, coding, body, out))
		return false;
	say_coding(req, coding);
	return true;
}

bool eio__polling_may_share(const struct eio__queue *q)
{
	return q->bytes >= SHARE_MIN && q->count == 1;
}

static unsigned key_of(const eio_socket *s, bool octets,
	enum eio__coding coding)
{
	return KEY | (unsigned)s->protocol->revision << 8 |
		(unsigned)octets << 4 | (unsigned)coding;
}

static eio_buf *make(const eio_socket *s, const eio_buf *buf, bool octets,
	enum eio__coding coding)
{
	struct eio__strbuf body, small;
	eio_buf *payload = NULL;

	eio__strbuf_init(&body, 0);
	eio__strbuf_init(&small, 0);
	s->protocol->add(&body, buf, octets);
	if (coding && !body.error)
		compress_as(s, coding, &body, &small);
	if (!body.error && !small.error)
		payload = eio__buf_payload(coding ? &small : &body, body.len);
	eio__strbuf_clear(&body);
	eio__strbuf_clear(&small);
	return payload;
}

static bool is_worth_it(const eio_buf *buf, enum eio__coding coding)
{
	return buf->wire_len >= LONG_MIN || (coding && buf->refs > 1);
}

bool eio__polling_share(const eio_socket *s, eio_request *req, bool octets,
	eio_buf **payload)
{
	eio_buf *buf = eio__queue_at(&s->queue, 0);
	enum eio__coding coding = buf->plain ? EIO__CODING_NONE
					     : choose(s, req, buf->len);
	unsigned key = key_of(s, octets, coding);

	*payload = eio__buf_form(buf, key);
	if (!*payload) {
		if (!is_worth_it(buf, coding))
			return false;
		*payload = make(s, buf, octets, coding);
		if (!*payload)
			return true;
		eio__buf_add_form(buf, *payload, key);
	}
	say_coding(req, coding);
	eio_buf_ref(*payload);
	return true;
}
