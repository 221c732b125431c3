/* SPDX-License-Identifier: MIT */
/*
 * WebSocket frames, once as one piece and once in pieces: the events must be
 * the same, within the limits, and text must be text. The first two bytes
 * are the largest message in 16 bytes and the length of the pieces.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/base/utf8.h>
#include <engineio/http/ws_frame.h>

#include <stdlib.h>
#include <string.h>

#define FRAGMENTS 8

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_event(const struct eio__ws_event *ev, size_t max)
{
	switch (ev->type) {
	case EIO__WS_MESSAGE:
		check(ev->data != NULL && ev->len <= max);
		check(ev->binary || eio__utf8_valid(ev->data, ev->len));
		break;
	case EIO__WS_PING:
	case EIO__WS_PONG:
		check(ev->data != NULL && ev->len <= 125);
		break;
	case EIO__WS_CLOSE:
		check(ev->data != NULL && ev->len <= 123);
		check(eio__utf8_valid(ev->data, ev->len));
		break;
	default:
		check(ev->type == EIO__WS_ERROR && ev->error != NULL);
	}
}

/* Writes down what the bytes give, and returns whether the parser is busy. */
static int parse(const uint8_t *data, size_t size, size_t max, size_t piece,
	struct eio__strbuf *out)
{
	struct eio__ws_parser p;
	struct eio__ws_event ev;
	size_t n, left;
	char *copy, *at;
	int busy;

	eio__ws_parser_init(&p, max, FRAGMENTS);
	for (; size; data += n, size -= n) {
		n = piece < size ? piece : size;
		copy = malloc(n);
		check(copy != NULL);
		memcpy(copy, data, n);
		at = copy;
		left = n;
		while (eio__ws_next(&p, &at, &left, &ev) != EIO__WS_MORE) {
			check_event(&ev, max);
			eio__strbuf_printf(out, "%d %d %d %zu:", ev.type,
				ev.code, ev.binary, ev.len);
			eio__strbuf_adds(out, ev.error ? ev.error : "");
			if (ev.type != EIO__WS_ERROR)
				eio__strbuf_add(out, ev.data, ev.len);
			if (ev.len)
				ev.data[0] ^= 1; /* it is ours to change */
		}
		check(left == 0);
		check(p.buf.len <= max + 125);
		free(copy);
	}
	busy = eio__ws_parser_busy(&p);
	eio__ws_parser_clear(&p);
	return busy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eio__strbuf whole, pieces;
	size_t max, piece;

	if (size < 2)
		return 0;
	max = data[0] * (size_t)16;
	piece = data[1] + (size_t)1;
	eio__strbuf_init(&whole, 0);
	eio__strbuf_init(&pieces, 0);
	check(parse(data + 2, size - 2, max, size, &whole) ==
		parse(data + 2, size - 2, max, piece, &pieces));
	check(!whole.error && !pieces.error && whole.len == pieces.len);
	check(!whole.len || !memcmp(whole.data, pieces.data, whole.len));
	eio__strbuf_clear(&whole);
	eio__strbuf_clear(&pieces);
	return 0;
}
