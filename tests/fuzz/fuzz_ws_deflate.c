/* SPDX-License-Identifier: MIT */
/*
 * permessage-deflate: an offer, then compressed messages. What is agreed on
 * can be written down and agreed on again; what is inflated is within the
 * limit, and what was inflated comes back when it is compressed. The first
 * byte has settings, the second the length of the offer, the rest are messages
 * with a length byte each.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/http/deflate.h>

#include <stdlib.h>
#include <string.h>

#define MAX_MESSAGE 5000

static void check(int holds)
{
	if (!holds)
		abort();
}

static void set_up(struct eio__deflate_config *c, uint8_t bits)
{
	static const unsigned char windows[4] = { 0, 1, 8, 12 };

	c->on = true;
	c->server_no_takeover = bits & 1;
	c->client_no_takeover = bits >> 1 & 1;
	c->server_bits = windows[bits >> 2 & 3];
	c->client_bits = windows[bits >> 4 & 3];
	c->level = bits & 64 ? 9 : 1;
	c->mem_level = bits & 64 ? 1 : 8;
	c->memory = bits & 128 ? 1000000 : 300000;
}

/* What a client asks that was answered so may be answered so again. */
static int agree(const uint8_t *data, size_t size,
	const struct eio__deflate_config *c, struct eio__deflate_params *params)
{
	struct eio__deflate_params again;
	char answer[EIO__DEFLATE_ANSWER_MAX], other[EIO__DEFLATE_ANSWER_MAX];
	char *text = malloc(size + 1);
	int result;

	check(text != NULL);
	memcpy(text, data, size);
	text[size] = 0;
	result = eio__deflate_negotiate(text, c, params);
	free(text);
	if (result != 1)
		return result;
	eio__deflate_answer(params, answer);
	check(strlen(answer) < sizeof(answer) - 1);
	if (c->server_bits != 1 && c->client_bits < 8) {
		check(eio__deflate_negotiate(answer, c, &again) == 1);
		eio__deflate_answer(&again, other);
		if (c->client_bits != 1)
			check(!strcmp(answer, other));
	}
	return 1;
}

/* What was inflated, compressed on `from`, inflates to the same on `to`. */
static void send_back(struct eio__deflate *from, struct eio__deflate *to,
	const struct eio__strbuf *message)
{
	struct eio__queue q;
	struct eio__strbuf packed, plain;
	const unsigned char *p;
	eio_buf *buf = eio_buf_new_binary(message->data, message->len);
	size_t off = 0, n;

	check(buf != NULL);
	memset(&q, 0, sizeof(q));
	check(eio__queue_push(&q, buf) == 0);
	eio__deflate_queue(from, &q, 1);
	eio_buf_unref(buf);
	buf = eio__queue_at(&q, 0);
	eio__strbuf_init(&packed, 0);
	eio__strbuf_init(&plain, 0);
	while ((p = eio__buf_piece(buf, &off, &n)))
		eio__strbuf_add(&packed, p, n);
	if (buf->deflated)
		check(!eio__deflate_read(to, packed.data, packed.len,
			MAX_MESSAGE, &plain));
	else
		eio__strbuf_add(&plain, packed.data, packed.len);
	check(plain.len == message->len);
	check(!plain.len || !memcmp(plain.data, message->data, plain.len));
	eio__strbuf_clear(&packed);
	eio__strbuf_clear(&plain);
	eio__queue_clear(&q);
}

static void read_all(const uint8_t *data, size_t size, struct eio__deflate *d,
	struct eio__deflate *peer)
{
	struct eio__strbuf out;
	size_t n;
	int err = 0;

	while (size && !err) {
		n = data[0] < size ? data[0] : size - 1;
		eio__strbuf_init(&out, 0);
		err = eio__deflate_read(d, data + 1, n, MAX_MESSAGE, &out);
		check(err || out.len <= MAX_MESSAGE);
		if (!err)
			send_back(d, peer, &out);
		eio__strbuf_clear(&out);
		data += n + 1;
		size -= n + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eio__deflate_params params, all = { 0, { 0 }, { 0 } };
	struct eio__deflater *shared, *other;
	struct eio__deflate *d, *peer;
	size_t n;

	if (size < 2)
		return 0;
	n = data[1] < size - 2 ? data[1] : size - 2;
	shared = eio__deflater_new();
	other = eio__deflater_new();
	check(shared && other);
	set_up(eio__deflater_config(shared), data[0]);
	set_up(eio__deflater_config(other), 128);
	if (agree(data + 2, n, eio__deflater_config(shared), &params) == 1) {
		d = eio__deflate_new(shared, &params);
		peer = eio__deflate_new(other, &all);
		check(d && peer);
		read_all(data + 2 + n, size - 2 - n, d, peer);
		check(eio__deflater_memory(shared) <=
			eio__deflater_config(shared)->memory);
		eio__deflate_free(d);
		eio__deflate_free(peer);
		check(eio__deflater_memory(shared) == 0);
	}
	eio__deflater_unref(shared);
	eio__deflater_unref(other);
	return 0;
}
