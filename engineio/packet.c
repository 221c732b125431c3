/* SPDX-License-Identifier: MIT */
/*
 * packet.c: one packet of the Engine.IO protocol, revision 4.
 *
 * What the packets mean, and which of them are welcome when, is left to the
 * session. Text is not looked at; whether it is UTF-8 is the transport's
 * affair.
 */
#include <config.h>

#include <engineio/packet.h>

#include <engineio/base/base64.h>
#include <engineio/engineio.h>

static int decode_binary(struct eio__packet *pkt, char *text, size_t len)
{
	ptrdiff_t n = eio__base64_decode(text, text, len);

	if (n < 0)
		return ENGINEIO_ERR_INVALID;
	pkt->type = EIO__PACKET_MESSAGE;
	pkt->binary = true;
	pkt->data = text;
	pkt->len = (size_t)n;
	return 0;
}

int eio__packet_decode(struct eio__packet *pkt, char *text, size_t len)
{
	if (!len)
		return ENGINEIO_ERR_INVALID;
	if (text[0] == 'b')
		return decode_binary(pkt, text + 1, len - 1);
	if (text[0] < '0' || text[0] > '0' + EIO__PACKET_NOOP)
		return ENGINEIO_ERR_INVALID;
	pkt->type = (enum eio__packet_type)(text[0] - '0');
	pkt->binary = false;
	pkt->data = text + 1;
	pkt->len = len - 1;
	return 0;
}

int eio__packet_encode(struct eio__strbuf *out, enum eio__packet_type type,
	const void *data, size_t len)
{
	eio__strbuf_addc(out, (char)('0' + type));
	return eio__strbuf_add(out, data, len);
}

int eio__packet_encode_binary(struct eio__strbuf *out, const void *data,
	size_t len)
{
	size_t size = 1 + eio__base64_size(len);
	char *at = eio__strbuf_reserve(out, size);

	if (!at)
		return out->error;
	at[0] = 'b';
	eio__base64_encode(at + 1, data, len);
	at[size] = '\0';
	out->len += size;
	return 0;
}
