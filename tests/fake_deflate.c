/* SPDX-License-Identifier: MIT */
/*
 * fake_deflate.c: a client that agreed on permessage-deflate, with zlib, and
 * never forgets what it was sent.
 */
#include <config.h>

#include "fake_deflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void allow_takeover(struct fake_app *app)
{
	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_app_set(app, ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER, 0);
	fake_app_set(app, ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER, 0);
}

void fake_deflate_join(struct fake_deflate *c, struct fake_app *app,
	const char *offer)
{
	char header[256];

	memset(c, 0, sizeof(*c));
	snprintf(header, sizeof(header), "Sec-WebSocket-Extensions: %s\r\n",
		offer);
	c->ws = fake_ws_open_with(app->loop, TARGET, header);
	assert_non_null(c->ws);
	assert_int_equal(inflateInit2(&c->in, -MAX_WBITS), Z_OK);
	assert_int_equal(deflateInit2(&c->out, 6, Z_DEFLATED, -MAX_WBITS, 8,
				 Z_DEFAULT_STRATEGY),
		Z_OK);
	eio__strbuf_init(&c->text, 0);
	assert_int_equal(fake_deflate_next(c, NULL)[0], '0');
	fake_app_told(app);
}

void fake_deflate_leave(struct fake_deflate *c)
{
	inflateEnd(&c->in);
	deflateEnd(&c->out);
	eio__strbuf_clear(&c->text);
	fake_ws_free(c->ws);
}

const char *fake_deflate_next(struct fake_deflate *c, size_t *len)
{
	static const char tail[] = "\0\0\xff\xff";
	struct eio__strbuf *raw = &c->ws->text;

	if (!fake_ws_next(c->ws))
		return NULL;
	eio__strbuf_reset(&c->text);
	if (!c->ws->deflated) {
		eio__strbuf_add(&c->text, raw->data ? raw->data : "", raw->len);
	} else {
		eio__strbuf_add(raw, tail, 4);
		c->in.next_in = (Bytef *)raw->data;
		c->in.avail_in = (uInt)raw->len;
		do {
			c->in.next_out =
				(Bytef *)eio__strbuf_reserve(&c->text, 50000);
			c->in.avail_out = 50000;
			assert_true(inflate(&c->in, Z_SYNC_FLUSH) >= 0 ||
				!c->in.avail_in);
			c->text.len += 50000 - c->in.avail_out;
		} while (!c->in.avail_out);
		assert_int_equal(c->in.avail_in, 0);
		eio__strbuf_addc(&c->text, '\0');
		c->text.len--;
	}
	if (len)
		*len = c->text.len;
	return c->text.data;
}

void fake_deflate_pack(struct fake_deflate *c, const void *data, size_t len,
	bool reset, struct eio__strbuf *out)
{
	char *room = eio__strbuf_reserve(out, len + 1000);

	if (reset)
		deflateReset(&c->out);
	c->out.next_in = (Bytef *)(uintptr_t)data;
	c->out.avail_in = (uInt)len;
	c->out.next_out = (Bytef *)room;
	c->out.avail_out = (uInt)len + 1000;
	assert_int_equal(deflate(&c->out, Z_SYNC_FLUSH), Z_OK);
	out->len += len + 1000 - c->out.avail_out;
	assert_memory_equal(out->data + out->len - 4, "\0\0\xff\xff", 4);
	out->len -= 4;
}

size_t fake_deflate_send(struct fake_deflate *c, int first, const void *data,
	size_t len, bool reset)
{
	struct eio__strbuf b;
	size_t n;

	eio__strbuf_init(&b, 0);
	fake_deflate_pack(c, data, len, reset, &b);
	n = b.len;
	fake_ws_frame(c->ws, first, b.data, b.len);
	eio__strbuf_clear(&b);
	return n;
}

void fake_deflate_expect_close(struct fake_deflate *c, int code)
{
	assert_true(fake_ws_is_closed(c->ws));
	assert_int_equal(c->ws->close_code, code);
}

void fill_noise(char *p, size_t n)
{
	unsigned seed = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		seed = seed * 1103515245 + 12345;
		p[i] = (char)(seed >> 16);
	}
}
