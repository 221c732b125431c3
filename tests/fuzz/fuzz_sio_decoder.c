/* SPDX-License-Identifier: MIT */
/*
 * Socket.IO packets out of messages that are separated by the byte 30; one
 * that begins with 'b' is binary. What is taken must fit together: spans
 * inside the text, and a payload that can be decoded, printed and decoded
 * again.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/base/utf8.h>
#include <socketio/decoder.h>
#include <socketio/json.h>

#include <stdlib.h>

static const struct sio__limits limits = { 4, 1000, 16, 64, 64, false, 1000 };

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_span(struct sio__span inner, struct sio__span outer)
{
	if (inner.p)
		check(inner.p >= outer.p &&
			inner.p + inner.n <= outer.p + outer.n);
}

static void check_data(struct sio__span data)
{
	json_t *value, *again;
	struct eio__strbuf out;

	check(sio__json_valid(data.p, data.n, limits.depth));
	value = sio__json_decode(data.p, data.n);
	check(value != NULL);
	eio__strbuf_init(&out, 0);
	check(sio__json_write(&out, value, NULL) == 0);
	check(sio__json_valid(out.data, out.len, limits.depth));
	again = sio__json_decode(out.data, out.len);
	check(again != NULL);
	eio__strbuf_clear(&out);
	json_decref(again);
	json_decref(value);
}

static void check_packet(struct sio__incoming *in)
{
	const struct sio__packet *p = &in->packet;
	char name[64];
	json_t *value;

	check(p->attachments <= limits.attachments);
	check(p->type <= SIO__CONNECT_ERROR);
	check_span(p->name, p->data);
	check_span(p->args, p->data);
	if (p->type == SIO__EVENT && p->data.n > 0)
		check(p->name.n > 0);
	if (p->name.n > 0 && *p->name.p == '"')
		check(sio__json_unescape(p->name, name, false) <=
			p->name.n - 2);
	if (p->data.n > 0)
		check_data(p->data);
	value = sio__json_decode_list(json_array(), p->args.p, p->args.n);
	check(json_is_array(value));
	json_decref(value);
	sio__incoming_clear(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sio__decoder decoder;
	struct sio__incoming in;
	enum sio__decoded result = SIO__MORE;
	const uint8_t *end = data + size;
	size_t n;

	sio__decoder_init(&decoder);
	while (data < end && result != SIO__REFUSED) {
		for (n = 0; data + n < end && data[n] != 30; n++)
			;
		if (*data == 'b')
			result = sio__decoder_binary(&decoder, data + 1,
				n > 0 ? n - 1 : 0, &limits, &in);
		else if (!eio__utf8_valid(data, n))
			break; /* the engine lets no such text through */
		else
			result = sio__decoder_text(&decoder, (const char *)data,
				n, &limits, &in);
		check(result != SIO__NOMEM);
		if (result == SIO__DECODED)
			check_packet(&in);
		data += n;
		if (data < end)
			data++;
	}
	sio__decoder_clear(&decoder);
	return 0;
}
