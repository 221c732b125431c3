/* SPDX-License-Identifier: MIT */
/*
 * payload.c: the packets of one polling body, Engine.IO protocol 4.
 *
 * One pass, whatever the body: each byte is looked at once to find the
 * separator and once to decode it.
 */
#include <config.h>

#include <engineio/payload.h>

#include <string.h>

void eio__payload_init(struct eio__payload *p, char *body, size_t len)
{
	p->at = body;
	p->end = len ? body + len : body;
	p->more = true;
}

int eio__payload_next(struct eio__payload *p, struct eio__packet *pkt)
{
	size_t left = (size_t)(p->end - p->at), len;
	char *at = p->at, *mark;
	int err;

	if (!p->more)
		return 0;
	mark = left ? memchr(at, EIO__PAYLOAD_SEPARATOR, left) : NULL;
	len = mark ? (size_t)(mark - at) : left;
	err = eio__packet_decode(pkt, at, len);
	p->more = mark && !err;
	if (mark)
		p->at = mark + 1;
	return err ? err : 1;
}
