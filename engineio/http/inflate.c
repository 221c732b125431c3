/* SPDX-License-Identifier: MIT */
/*
 * inflate.c: the messages of WebSockets inflated by zlib (permessage-deflate,
 * RFC 7692, section 7.2.2).
 *
 * One inflater serves all WebSockets of a server, see deflate.c. Always true: no
 * message is inflated beyond the most that one may have; the window that is kept
 * for a client is no larger than was reserved for it.
 */
#include <config.h>

#include <engineio/http/deflate_state.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* More ends of a deflate stream inside one message are nonsense that costs
 * time. */
#define MAX_FINAL 16

static z_stream *common_reader(struct eio__deflater *shared)
{
	z_stream *z = &shared->in;

	if (shared->has_in)
		return inflateReset(z) == Z_OK ? z : NULL;
	eio__deflate_init_stream(z);
	/* Whatever window was agreed on, this one holds it. */
	shared->has_in = inflateInit2(z, -MAX_WBITS) == Z_OK;
	return shared->has_in ? z : NULL;
}

/* Inflates what was set as input, as far as it goes. Z_OK: all of it;
 * Z_STREAM_END: up to the end of a stream. */
static int read_piece(z_stream *z, size_t max, struct eio__strbuf *out,
	bool *too_long)
{
	size_t room = max - out->len;
	char *at;
	int result;

	*too_long = false;
	/* One more tells that it is too long. */
	room = room < EIO__DEFLATE_PIECE ? room + 1 : EIO__DEFLATE_PIECE;
	at = eio__strbuf_reserve(out, room);
	if (!at)
		return Z_MEM_ERROR;
	z->next_out = (Bytef *)at;
	z->avail_out = (uInt)room;
	result = inflate(z, Z_SYNC_FLUSH);
	out->len += room - z->avail_out;
	*too_long = out->len > max;
	return result;
}

static int read_input(z_stream *z, const void *p, size_t n, size_t max,
	struct eio__strbuf *out)
{
	bool too_long;
	int result;

	z->next_in = (Bytef *)(uintptr_t)p;
	z->avail_in = (uInt)n;
	do {
		result = read_piece(z, max, out, &too_long);
		if (too_long)
			return ENGINEIO_ERR_FULL;
		if (result == Z_MEM_ERROR)
			return ENGINEIO_ERR_NOMEM;
		if (result != Z_OK && result != Z_BUF_ERROR)
			return result == Z_STREAM_END ? Z_STREAM_END
						      : ENGINEIO_ERR_INVALID;
	} while (!z->avail_out);
	return 0;
}

/* Section 7.2.3.4: a block may say that it is the last of a stream. What
 * follows is another one, which may refer to it. */
static int next_stream(z_stream *z)
{
	unsigned char window[(size_t)1 << MAX_WBITS];
	uInt n = 0;

	if (inflateGetDictionary(z, window, &n) != Z_OK ||
		inflateReset(z) != Z_OK)
		return ENGINEIO_ERR_INVALID;
	return n && inflateSetDictionary(z, window, n) != Z_OK
		? ENGINEIO_ERR_INVALID
		: 0;
}

static int read_message(z_stream *z, const unsigned char *p, size_t n,
	size_t max, struct eio__strbuf *out)
{
	unsigned ends = 0;
	int result;

	for (;;) {
		result = read_input(z, p, n, max, out);
		if (result != Z_STREAM_END)
			break;
		if (!z->avail_in)
			return 0;
		p += n - z->avail_in;
		n = z->avail_in;
		if (++ends > MAX_FINAL || next_stream(z))
			return ENGINEIO_ERR_INVALID;
	}
	if (result)
		return result;
	result = read_input(z, eio__deflate_tail, sizeof(eio__deflate_tail),
		max, out);
	/* 128: it stands between two blocks. Otherwise the message was cut
	 * off. */
	if (!result && !(z->data_type & 128))
		return ENGINEIO_ERR_INVALID;
	return result < 0 ? result : 0;
}

/* The end of what was said so far, as much as the client may refer to. */
static int keep_window(struct eio__deflate *d, const char *p, size_t n)
{
	size_t max = d->window_max, keep = d->window_len;
	unsigned char *window;

	if (n > max) {
		p += n - max;
		n = max;
	}
	if (keep + n > max)
		keep = max - n;
	if (!n)
		return 0;
	/* It only grows. */
	if (keep + n > d->window_len) {
		window = realloc(d->window, keep + n);
		if (!window)
			return ENGINEIO_ERR_NOMEM;
		d->window = window;
	}
	memmove(d->window, d->window + d->window_len - keep, keep);
	memcpy(d->window + keep, p, n);
	d->window_len = keep + n;
	return 0;
}

int eio__deflate_read(struct eio__deflate *d, const void *data, size_t len,
	size_t max, struct eio__strbuf *out)
{
	z_stream *z = common_reader(d->shared);
	int err;

	if (!z)
		return ENGINEIO_ERR_NOMEM;
	/* Section 7.2.3.6 wants one byte for it, but none is seen as well. */
	if (!len)
		return eio__strbuf_add(out, "", 0);
	if (len > UINT_MAX)
		return ENGINEIO_ERR_FULL;
	if (d->window_len &&
		inflateSetDictionary(z, d->window, (uInt)d->window_len) != Z_OK)
		return ENGINEIO_ERR_NOMEM;
	err = read_message(z, data, len, max, out);
	if (!err && d->window_max)
		err = keep_window(d, out->data, out->len);
	return err;
}
