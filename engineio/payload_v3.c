/* SPDX-License-Identifier: MIT */
/*
 * payload_v3.c: the packets of one polling body, Engine.IO protocol 3.
 *
 * One pass, whatever the body, and no length is believed before as much has
 * been seen: CVE-2020-36048 was a parser that cut its input anew for every
 * packet. Lengths are plain digits; the official server takes whatever
 * JavaScript's Number() takes.
 */
#include <config.h>

#include <engineio/payload_v3.h>

#include <engineio/base/utf8.h>
#include <engineio/engineio.h>
#include <engineio/packet_v3.h>

#include <stdio.h>

/* A number of digits that begin at `zero`, up to the mark behind them. No
 * number is larger than what is left, so that none overflows. */
static bool read_length(struct eio__payload *p, char zero, char mark,
	size_t *length)
{
	size_t left = (size_t)(p->end - p->at), n = 0;
	const char *from = p->at;

	for (; p->at < p->end && *p->at != mark; p->at++) {
		unsigned digit = (unsigned char)*p->at - (unsigned char)zero;

		if (digit > 9)
			return false;
		n = n * 10 + digit;
		if (n > left)
			return false;
	}
	if (p->at == p->end || p->at == from)
		return false;
	p->at++;
	*length = n;
	return true;
}

/* What was no item makes the rest unreadable. */
static int give_up(struct eio__payload *p)
{
	p->more = false;
	return ENGINEIO_ERR_INVALID;
}

/* The text of so many UTF-16 code units is passed over; false if there are
 * fewer, or half a character would be left. */
static bool skip_units(struct eio__payload *p, size_t units)
{
	size_t left = (size_t)(p->end - p->at);
	ptrdiff_t n = eio__utf8_skip_utf16(p->at, left, units);

	if (n < 0)
		return false;
	p->at += n;
	return true;
}

int eio__payload_v3_next(struct eio__payload *p, struct eio__packet *pkt)
{
	char *text;
	size_t units;

	while (p->more) {
		if (!read_length(p, '0', ':', &units))
			return give_up(p);
		text = p->at;
		if (!skip_units(p, units))
			return give_up(p);
		p->more = p->at < p->end;
		if (!units)
			continue;
		if (eio__packet_v3_decode(pkt, text, (size_t)(p->at - text)))
			return give_up(p);
		return 1;
	}
	return 0;
}

/* 0: text, 1: binary. */
static int decode_item(struct eio__packet *pkt, char kind, char *data,
	size_t len)
{
	if (kind)
		return eio__packet_v3_decode_bytes(pkt, data, len);
	if (!eio__utf8_valid(data, len))
		return ENGINEIO_ERR_INVALID;
	return eio__packet_v3_decode(pkt, data, len);
}

int eio__payload_v3_next_octets(struct eio__payload *p, struct eio__packet *pkt)
{
	char kind, *data;
	size_t len;

	if (!p->more)
		return 0;
	if (p->at == p->end || (unsigned char)*p->at > 1)
		return give_up(p);
	kind = *p->at++;
	if (!read_length(p, 0, (char)0xff, &len))
		return give_up(p);
	data = p->at;
	if (len > (size_t)(p->end - data))
		return give_up(p);
	p->at += len;
	p->more = p->at < p->end;
	return decode_item(pkt, kind, data, len) ? give_up(p) : 1;
}

/* -- encoding ------------------------------------------------------------ */

static void add_octets_head(struct eio__strbuf *body, bool binary, size_t len)
{
	char digits[24];
	int i, n = snprintf(digits, sizeof(digits), "%zu", len);

	eio__strbuf_addc(body, binary ? 1 : 0);
	for (i = 0; i < n; i++)
		eio__strbuf_addc(body, (char)(digits[i] - '0'));
	eio__strbuf_addc(body, (char)0xff);
}

int eio__payload_v3_add(struct eio__strbuf *body, const eio_buf *buf,
	bool octets)
{
	if (octets) {
		add_octets_head(body, buf->binary, buf->len);
	} else {
		eio__strbuf_addu(body, eio__buf_utf16(buf));
		eio__strbuf_addc(body, ':');
	}
	return eio__buf_add_bytes(buf, body);
}
