/* SPDX-License-Identifier: MIT */
/*
 * protocol.c: the two revisions, as tables of what carries them out.
 *
 * A further one is a third table. The codecs are packet*.c and payload*.c,
 * the heartbeats heartbeat*.c; here is only what puts them together.
 */
#include <config.h>

#include <engineio/protocol.h>

#include <engineio/engine.h>
#include <engineio/http.h>
#include <engineio/packet_v3.h>
#include <engineio/payload_v3.h>

#include <string.h>

/* -- revision 4 ---------------------------------------------------------- */

/* Engine.IO protocol 4, WebSocket: a binary message is just its data. */
static int decode_v4(struct eio__packet *pkt, char *data, size_t len,
	bool binary)
{
	if (!binary)
		return eio__packet_decode(pkt, data, len);
	pkt->type = EIO__PACKET_MESSAGE;
	pkt->binary = true;
	pkt->data = data;
	pkt->len = len;
	return 0;
}

static int add_v4(struct eio__strbuf *body, const eio_buf *buf, bool octets)
{
	if (body->len)
		eio__strbuf_addc(body, EIO__PAYLOAD_SEPARATOR);
	return eio__buf_add_payload(buf, body);
}

static eio_buf *carry_v4(eio_buf *buf, bool base64)
{
	struct eio__strbuf text;
	eio_buf *result = NULL;

	if (!base64)
		return eio_buf_ref(buf);
	eio__strbuf_init(&text, 0);
	if (!eio__buf_add_payload(buf, &text))
		result = eio__buf_packet('b', text.data + 1, text.len - 1);
	eio__strbuf_clear(&text);
	return result;
}

static const struct eio__protocol v4 = {
	.revision = 4,
	.decode = decode_v4,
	.next = eio__payload_next,
	.add = add_v4,
	.carry = carry_v4,
	.start = eio__heartbeat_start,
	.ping = eio__heartbeat_wrong,
	.pong = eio__heartbeat_pong,
	.packet = eio__heartbeat_packet,
	.patience = eio__heartbeat_patience,
};

/* -- revision 3 ---------------------------------------------------------- */

static int decode_v3(struct eio__packet *pkt, char *data, size_t len,
	bool binary)
{
	return binary ? eio__packet_v3_decode_bytes(pkt, data, len)
		      : eio__packet_v3_decode(pkt, data, len);
}

/* 'b', the digit of a message, and its bytes; those may have their type in
 * front already. */
static eio_buf *as_text_v3(const eio_buf *buf)
{
	struct eio__strbuf bytes, text;
	size_t skip = buf->typed ? 1 : 0;
	eio_buf *result = NULL;

	eio__strbuf_init(&bytes, 0);
	eio__strbuf_init(&text, 0);
	if (!eio__buf_add_bytes(buf, &bytes) &&
		!eio__packet_encode_binary(&text,
			bytes.data ? bytes.data + skip : NULL,
			bytes.len - skip)) {
		/* The first character is buf's own. */
		text.data[0] = '0' + EIO__PACKET_MESSAGE;
		result = eio__buf_packet('b', text.data, text.len);
	}
	eio__strbuf_clear(&bytes);
	eio__strbuf_clear(&text);
	return result;
}

static eio_buf *carry_v3(eio_buf *buf, bool base64)
{
	return base64 ? as_text_v3(buf) : eio__buf_typed(buf);
}

static const struct eio__protocol v3 = {
	.revision = 3,
	.decode = decode_v3,
	.next = eio__payload_v3_next,
	.next_octets = eio__payload_v3_next_octets,
	.add = eio__payload_v3_add,
	.answers_octets = true,
	.carry = carry_v3,
	.start = eio__heartbeat_v3_start,
	.ping = eio__heartbeat_v3_ping,
	.pong = eio__heartbeat_wrong,
	.packet = eio__heartbeat_v3_packet,
	.patience = eio__heartbeat_v3_patience,
	.opens_alone = true,
};

const struct eio__protocol *eio__protocol_of(eio_request *req)
{
	const char *revision = eio_request_query(req, "EIO");

	return revision && strcmp(revision, "4") == 0 ? &v4 : &v3;
}
