/* SPDX-License-Identifier: MIT */
/*
 * MessagePack of a peer, as values and as packets. What is read can be
 * written, and what was written is read as the same and written as the same
 * again.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/base/utf8.h>
#include <socketio/io.h>
#include <socketio/msgpack.h>

#include <stdlib.h>
#include <string.h>

static const struct sio__limits limits = { 4, 1000, 16, 64, 64, false, 100 };

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_value(const uint8_t *data, size_t size)
{
	json_t *value, *again;
	struct eio__strbuf first, second;

	if (sio__msgpack_read(data, size, 16, 100, &value) || !value)
		return;
	eio__strbuf_init(&first, 0);
	eio__strbuf_init(&second, 0);
	check(sio__msgpack_write(&first, value) == 0);
	/* An extension has become an array, one level deeper. */
	check(sio__msgpack_read(first.data, first.len, 17, 100, &again) == 0);
	check(sio__msgpack_write(&second, again) == 0);
	check(first.len == second.len);
	check(memcmp(first.data, second.data, first.len) == 0);
	eio__strbuf_clear(&first);
	eio__strbuf_clear(&second);
	json_decref(again);
	json_decref(value);
}

static void check_packet(struct sio__incoming *in)
{
	const struct sio__packet *p = &in->packet;

	check(p->type <= SIO__CONNECT_ERROR);
	check(p->nsp.p && p->nsp.n <= limits.name);
	check(eio__utf8_valid(p->nsp.p, p->nsp.n));
	check(p->id <= SIO__MAX_ID);
	if (p->type == SIO__EVENT)
		check(json_array_size(in->values) > 0);
	if (in->values)
		check(sio__parser_weight(in->values) > 0);
	sio__incoming_clear(in);
}

/* Messages that begin with their length; of length 0 one is a text. */
static void check_packets(const uint8_t *data, size_t size)
{
	const sio_parser *parser = sio_parser_msgpack();
	struct sio__decoder decoder;
	struct sio__incoming in;
	size_t n;

	sio__decoder_init(&decoder);
	while (size > 0) {
		n = *data++;
		size--;
		if (n > size)
			n = size;
		if (sio__parser_decode(parser, &decoder, &limits,
			    (const char *)data, n, n > 0, &in) == SIO__DECODED)
			check_packet(&in);
		data += n;
		size -= n;
	}
	sio__parser_clear(parser, &decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_value(data, size);
	check_packets(data, size);
	return 0;
}
