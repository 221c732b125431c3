/* SPDX-License-Identifier: MIT */
/*
 * A polling body. Its packets must lie in it, and make the same packets when
 * they are written and read again; without an error there is one more of
 * them than separators.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/payload.h>

#include <stdlib.h>
#include <string.h>

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_again(const struct eio__packet *pkt)
{
	struct eio__strbuf out;
	struct eio__packet again;

	eio__strbuf_init(&out, 0);
	if (pkt->binary)
		check(!eio__packet_encode_binary(&out, pkt->data, pkt->len));
	else
		check(!eio__packet_encode(&out, pkt->type, pkt->data,
			pkt->len));
	check(!eio__packet_decode(&again, out.data, out.len));
	check(again.type == pkt->type && again.binary == pkt->binary);
	check(again.len == pkt->len);
	check(!memcmp(again.data, pkt->data, pkt->len));
	eio__strbuf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eio__payload p;
	struct eio__packet pkt;
	size_t i, marks = 0, packets = 0;
	char *body = malloc(size ? size : 1);
	int got;

	check(body != NULL);
	memcpy(body, data, size);
	for (i = 0; i < size; i++)
		marks += body[i] == EIO__PAYLOAD_SEPARATOR;
	eio__payload_init(&p, body, size);
	for (got = eio__payload_next(&p, &pkt); got > 0;
		got = eio__payload_next(&p, &pkt)) {
		check(pkt.data > body);
		check(pkt.len <= (size_t)(body + size - pkt.data));
		check(pkt.type <= EIO__PACKET_NOOP);
		check_again(&pkt);
		packets++;
	}
	check(got < 0 ? packets <= marks : packets == marks + 1);
	check(eio__payload_next(&p, &pkt) == 0);
	free(body);
	return 0;
}
