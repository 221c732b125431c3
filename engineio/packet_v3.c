/* SPDX-License-Identifier: MIT */
/*
 * packet_v3.c: one packet of the Engine.IO protocol, revision 3.
 *
 * Leaves what packets mean to the session, as packet.c does. The official
 * server ignores binary packets of an unknown type; here they are errors, as
 * they are in text.
 */
#include <config.h>

#include <engineio/packet_v3.h>

#include <engineio/base/base64.h>
#include <engineio/engineio.h>

static int take_type(struct eio__packet *pkt, unsigned type)
{
	if (type > EIO__PACKET_NOOP)
		return ENGINEIO_ERR_INVALID;
	pkt->type = (enum eio__packet_type)type;
	return 0;
}

static int decode_base64(struct eio__packet *pkt, char *text, size_t len)
{
	ptrdiff_t n;

	if (!len || take_type(pkt, (unsigned char)text[0] - (unsigned)'0'))
		return ENGINEIO_ERR_INVALID;
	n = eio__base64_decode(text + 1, text + 1, len - 1);
	if (n < 0)
		return ENGINEIO_ERR_INVALID;
	pkt->binary = true;
	pkt->data = text + 1;
	pkt->len = (size_t)n;
	return 0;
}

int eio__packet_v3_decode(struct eio__packet *pkt, char *text, size_t len)
{
	if (len && text[0] == 'b')
		return decode_base64(pkt, text + 1, len - 1);
	return eio__packet_decode(pkt, text, len);
}

int eio__packet_v3_decode_bytes(struct eio__packet *pkt, char *data, size_t len)
{
	if (!len || take_type(pkt, (unsigned char)data[0]))
		return ENGINEIO_ERR_INVALID;
	pkt->binary = true;
	pkt->data = data + 1;
	pkt->len = len - 1;
	return 0;
}
