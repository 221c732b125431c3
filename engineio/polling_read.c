/* SPDX-License-Identifier: MIT */
/*
 * polling_read.c: the packets of what a POST brings, to the session.
 *
 * Text, octets (revision 3 only) or a form (JSONP); their grammar is
 * payload*.c's and jsonp.c's. Always true: the packets before the first bad
 * one are handled, none behind it is.
 */
#include <config.h>

#include <engineio/engine.h>

#include <engineio/base/utf8.h>
#include <engineio/jsonp.h>

#include <string.h>

typedef int next_fn(struct eio__payload *p, struct eio__packet *pkt);

static int too_many(eio_socket *s)
{
	eio__session_count(s, ENGINEIO_COUNT_MAX_POST_PACKETS,
		ENGINEIO_LOG_WARN, "too many packets in one POST");
	return ENGINEIO_ERR_INVALID;
}

/* Engine.IO protocol, Packet encoding: packets one after the other;
 * ENGINEIO_ERR_INVALID at the first that is none. The session may end on the
 * way. */
static int read_payload(eio_socket *s, next_fn *next, char *data, size_t len)
{
	struct eio__payload reader;
	struct eio__packet packet;
	long max = eio__session_option(s, ENGINEIO_MAX_POST_PACKETS);
	long count = 0;
	int result;

	eio__payload_init(&reader, data, len);
	for (;;) {
		result = next(&reader, &packet);
		if (result <= 0)
			return result;
		if (++count > max)
			return too_many(s);
		eio__session_packet(s, &packet);
		if (s->state == EIO__CLOSED)
			return 0;
	}
}

/* A form without its field says nothing, as in the official server. */
static int read_form(eio_socket *s, const char *data, size_t len)
{
	struct eio__strbuf payload;
	int found;

	eio__strbuf_init(&payload, 0);
	found = eio__jsonp_unwrap(&payload, data, len);
	if (found == 1)
		found = read_payload(s, s->protocol->next, payload.data,
			payload.len);
	eio__strbuf_clear(&payload);
	return found;
}

static int read_text(eio_socket *s, bool jsonp, char *data, size_t len)
{
	return jsonp ? read_form(s, data, len)
		     : read_payload(s, s->protocol->next, data, len);
}

bool eio__post_has_octets(const eio_request *req)
{
	const char *type = eio_request_header(req, "content-type");

	return type && strcmp(type, "application/octet-stream") == 0;
}

int eio__post_read(eio_socket *s, const eio_request *req, bool jsonp,
	char *data, size_t len)
{
	struct eio__strbuf mended;
	int err;

	if (eio__post_has_octets(req))
		/* Octets are no form. */
		return jsonp
			? 0
			: read_payload(s, s->protocol->next_octets, data, len);
	if (eio__utf8_valid(data, len))
		return read_text(s, jsonp, data, len);
	/* What is invalid becomes U+FFFD, as a browser would send it. */
	eio__strbuf_init(&mended, 0);
	err = eio__utf8_mend(&mended, data, len);
	if (!err)
		err = read_text(s, jsonp, mended.data, mended.len);
	eio__strbuf_clear(&mended);
	return err;
}
