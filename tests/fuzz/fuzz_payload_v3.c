/* SPDX-License-Identifier: MIT */
/*
 * A polling body of revision 3, behind a byte that says whether it is text or
 * octets, and the form of a JSONP client. Packets must lie in their body, and
 * be read again as they were when they are written.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/base/utf8.h>
#include <engineio/jsonp.h>
#include <engineio/payload_v3.h>

#include <stdlib.h>
#include <string.h>

typedef int next_fn(struct eio__payload *p, struct eio__packet *pkt);

static void check(int holds)
{
	if (!holds)
		abort();
}

/* As the server would send it. */
static void check_again(const struct eio__packet *pkt, bool octets)
{
	next_fn *next = octets ? eio__payload_v3_next_octets
			       : eio__payload_v3_next;
	struct eio__strbuf body;
	struct eio__payload p;
	struct eio__packet again;
	eio_buf *buf, *typed;

	buf = pkt->binary ? eio_buf_new_binary(pkt->data, pkt->len)
			  : eio_buf_new_text(pkt->data, pkt->len);
	typed = pkt->binary ? eio__buf_typed(buf) : eio_buf_ref(buf);
	eio__strbuf_init(&body, 0);
	check(!eio__payload_v3_add(&body, typed, octets));
	eio__payload_init(&p, body.data, body.len);
	check(next(&p, &again) == 1);
	check(again.type == EIO__PACKET_MESSAGE);
	check(again.binary == pkt->binary && again.len == pkt->len);
	check(!memcmp(again.data, pkt->data, pkt->len));
	check(next(&p, &again) == 0);
	eio__strbuf_clear(&body);
	eio_buf_unref(typed);
	eio_buf_unref(buf);
}

static void read_body(const uint8_t *data, size_t size, bool octets)
{
	next_fn *next = octets ? eio__payload_v3_next_octets
			       : eio__payload_v3_next;
	char *body = malloc(size ? size : 1);
	struct eio__payload p;
	struct eio__packet pkt;
	int got;

	check(body != NULL);
	memcpy(body, data, size);
	eio__payload_init(&p, body, size);
	for (got = next(&p, &pkt); got > 0; got = next(&p, &pkt)) {
		check(pkt.data > body);
		check(pkt.len <= (size_t)(body + size - pkt.data));
		check(pkt.type <= EIO__PACKET_NOOP);
		if (!pkt.binary)
			check(eio__utf8_valid(pkt.data, pkt.len));
		check_again(&pkt, octets || pkt.binary);
	}
	check(next(&p, &pkt) == 0);
	free(body);
}

/* No payload is longer than its form, but for what is not UTF-8. */
static void read_form(const uint8_t *data, size_t size)
{
	struct eio__strbuf payload, script;
	char *form = malloc(size ? size : 1);
	int found;

	check(form != NULL);
	memcpy(form, data, size);
	eio__strbuf_init(&payload, 0);
	eio__strbuf_init(&script, 0);
	found = eio__jsonp_unwrap(&payload, form, size);
	check(found == 0 || found == 1);
	if (found) {
		check(eio__utf8_valid(payload.data, payload.len));
		check(payload.len <= size);
		check(!eio__jsonp_wrap(&script, "h(", payload.data,
			payload.len));
		check(!memchr(script.data, '\n', script.len));
		check(script.len <= 6 * payload.len + 7);
	}
	eio__strbuf_clear(&payload);
	eio__strbuf_clear(&script);
	free(form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] & 1)
		read_body(data + 1, size - 1, true);
	else if (eio__utf8_valid(data + 1, size - 1))
		read_body(data + 1, size - 1, false);
	if (eio__utf8_valid(data + 1, size - 1))
		read_form(data + 1, size - 1);
	return 0;
}
