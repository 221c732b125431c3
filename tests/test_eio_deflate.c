/* SPDX-License-Identifier: MIT */
/*
 * test_eio_deflate.c: permessage-deflate (RFC 7692) on the WebSockets of a
 * server. The client's side is zlib itself, here.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/http.h>

#include <engineio/buf.h>
#include <engineio/engine.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#define TARGET "/engine.io/?EIO=4&transport=websocket"
#define PMD    "permessage-deflate"
#define TEXT   0xc1 /* a whole text, compressed */
#define BINARY 0xc2

/* -- the client ---------------------------------------------------------- */

/* A client that agreed on it, and never forgets what it was sent. */
struct client {
	struct fake_ws *ws;
	z_stream in, out;
	struct eio__strbuf text;
};

static void set(struct fake_app *app, enum eio_option option, long value)
{
	assert_int_equal(eio_server_set_option(app->srv, option, value), 0);
}

/* As the official server: takeover is allowed. */
static void allow_takeover(struct fake_app *app)
{
	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	set(app, ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER, 0);
	set(app, ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER, 0);
}

static const char *read_message(struct client *c, size_t *len);

static void join(struct client *c, struct fake_app *app, const char *offer)
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
	assert_int_equal(read_message(c, NULL)[0], '0');
	fake_app_told(app);
}

static void leave(struct client *c)
{
	inflateEnd(&c->in);
	deflateEnd(&c->out);
	eio__strbuf_clear(&c->text);
	fake_ws_free(c->ws);
}

/* The message, inflated into c->text. */
static const char *read_message(struct client *c, size_t *len)
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

/* The client's bytes for a message, without the tail. */
static void pack(struct client *c, const void *data, size_t len, bool reset,
	struct eio__strbuf *out)
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

/* Sends a compressed message of the first byte given; its length. */
static size_t send_packed(struct client *c, int first, const void *data,
	size_t len, bool reset)
{
	struct eio__strbuf b;
	size_t n;

	eio__strbuf_init(&b, 0);
	pack(c, data, len, reset, &b);
	n = b.len;
	fake_ws_frame(c->ws, first, b.data, b.len);
	eio__strbuf_clear(&b);
	return n;
}

/* How long the last message was; the diary is too short for some. */
static size_t came;

static void note_length(struct fake_app *app, eio_socket *s, const char *data,
	size_t len, bool binary)
{
	came = len;
}

static void expect_close(struct client *c, int code)
{
	assert_true(fake_ws_is_closed(c->ws));
	assert_int_equal(c->ws->close_code, code);
}

/* -- what is agreed on --------------------------------------------------- */

static void offer__off__is_ignored(void **state)
{
	struct fake_app *app = *state;
	struct client c;

	join(&c, app, "rubbish;; " PMD);
	assert_string_equal(c.ws->extensions, "");
	assert_true(fake_app_send_much(app, 'x', 5000));
	fake_turn(app->loop);
	assert_int_equal(strlen(read_message(&c, NULL)), 5001);
	assert_false(c.ws->deflated);
	fake_ws_frame(c.ws, TEXT, "x", 1);
	expect_close(&c, 1002);
	leave(&c);
}

static void offer__by_default__is_answered_without_takeover(void **state)
{
	struct fake_app *app = *state;
	struct client c;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD "; client_max_window_bits");
	assert_string_equal(c.ws->extensions,
		PMD "; server_no_context_takeover"
		    "; client_no_context_takeover");
	/* Nothing is kept for it. */
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 0);
	leave(&c);
}

static void offer__of_another_extension__is_ignored(void **state)
{
	struct fake_app *app = *state;
	struct client c;

	/* GHSA-5v72-xg48-5rpm */
	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, "constructor, toString; __proto__=1");
	assert_string_equal(c.ws->extensions, "");
	fake_ws_frame(c.ws, TEXT, "x", 1);
	expect_close(&c, 1002);
	leave(&c);
}

static void offer__wrong__is_refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;
	char headers[512];

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	snprintf(headers, sizeof(headers), "%s%s", fake_ws_headers,
		"Sec-WebSocket-Extensions: " PMD
		"; server_max_window_bits\r\n");
	fake_request(c, "GET", TARGET, headers, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body,
		"Invalid or unacceptable Sec-WebSocket-Extensions header");
	assert_string_equal(fake_app_told(app), "");
	fake_reply_clear(&r);
	fake_free(c);
}

static void options__each__have_their_range(void **state)
{
	static const struct {
		enum eio_option option;
		long least, most;
	} rows[] = {
		{ ENGINEIO_PER_MESSAGE_DEFLATE, 0, 1 },
		{ ENGINEIO_DEFLATE_THRESHOLD, 0, INT32_MAX },
		{ ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER, 0, 2 },
		{ ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER, 0, 1 },
		{ ENGINEIO_DEFLATE_SERVER_BITS, 8, 15 },
		{ ENGINEIO_DEFLATE_CLIENT_BITS, 8, 15 },
		{ ENGINEIO_DEFLATE_LEVEL, 1, 9 },
		{ ENGINEIO_DEFLATE_MEM_LEVEL, 1, 9 },
		{ ENGINEIO_DEFLATE_MEMORY, 0, INT32_MAX },
	};
	struct fake_app *app = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		set(app, rows[i].option, rows[i].least);
		set(app, rows[i].option, rows[i].most);
		assert_int_equal(eio_server_set_option(app->srv, rows[i].option,
					 rows[i].most + 1),
			ENGINEIO_ERR_INVALID);
		if (rows[i].least)
			assert_int_equal(eio_server_set_option(app->srv,
						 rows[i].option,
						 rows[i].least == 8 ? 7 : 0),
				ENGINEIO_ERR_INVALID);
	}
	set(app, ENGINEIO_DEFLATE_SERVER_BITS, 0);
	set(app, ENGINEIO_DEFLATE_SERVER_BITS, 1);
}

static void options__changed__hold_for_new_clients(void **state)
{
	struct fake_app *app = *state;
	struct client a, b;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&a, app, PMD);
	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 0);
	join(&b, app, PMD);
	assert_string_equal(b.ws->extensions, "");
	send_packed(&a, TEXT, "4hi", 3, true);
	assert_string_equal(fake_app_told(app), "text hi");
	leave(&a);
	leave(&b);
}

/* -- what is sent -------------------------------------------------------- */

static void sent__from_the_threshold_on__is_compressed(void **state)
{
	struct fake_app *app = *state;
	struct client c;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	set(app, ENGINEIO_DEFLATE_THRESHOLD, 100);
	join(&c, app, PMD);
	assert_true(fake_app_send_much(app, 'x', 98));
	fake_turn(app->loop);
	assert_int_equal(strlen(read_message(&c, NULL)), 99);
	assert_false(c.ws->deflated);
	assert_true(fake_app_send_much(app, 'x', 99));
	fake_turn(app->loop);
	assert_true(fake_received(c.ws->c)->len < 20);
	assert_int_equal(strlen(read_message(&c, NULL)), 100);
	assert_true(c.ws->deflated);
	leave(&c);
}

static void fill_noise(char *p, size_t n)
{
	unsigned seed = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		seed = seed * 1103515245 + 12345;
		p[i] = (char)(seed >> 16);
	}
}

static void sent__noise__stays_as_it_is(void **state)
{
	static char noise[50000];
	struct fake_app *app = *state;
	struct client c;
	size_t len;

	fill_noise(noise, sizeof(noise));
	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD);
	assert_true(fake_app_send_binary(app, noise, sizeof(noise)));
	fake_turn(app->loop);
	read_message(&c, &len);
	assert_false(c.ws->deflated);
	assert_int_equal(len, sizeof(noise));
	assert_memory_equal(c.text.data, noise, len);
	leave(&c);
}

static void sent__in_many_frames__comes_whole(void **state)
{
	static char much[300000];
	struct fake_app *app = *state;
	struct client c;
	size_t len, i;

	/* Hex of noise: about half is left. */
	fill_noise(much, sizeof(much));
	for (i = 0; i < sizeof(much); i++)
		much[i] = "0123456789abcdef"[much[i] & 15];
	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	set(app, ENGINEIO_DEFLATE_LEVEL, 9);
	join(&c, app, PMD);
	c.ws->frames = 0;
	assert_true(fake_app_send_binary(app, much, sizeof(much)));
	fake_turn(app->loop);
	read_message(&c, &len);
	assert_true(c.ws->deflated);
	assert_true(c.ws->frames > 5 && c.ws->frames < 15);
	assert_int_equal(len, sizeof(much));
	assert_memory_equal(c.text.data, much, len);
	leave(&c);
}

static void sent__not_to_be_compressed__stays_plain(void **state)
{
	struct fake_app *app = *state;
	char much[2000];
	struct client c;
	eio_buf *buf;

	memset(much, 'x', sizeof(much));
	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD);
	buf = eio_buf_new_text(much, sizeof(much));
	eio_buf_set_compress(buf, false);
	assert_int_equal(eio_socket_send(app->s, buf), 0);
	fake_turn(app->loop);
	assert_int_equal(strlen(read_message(&c, NULL)), 2001);
	assert_false(c.ws->deflated);
	eio_buf_unref(buf);
	eio_buf_set_compress(NULL, false);
	leave(&c);
}

static void sent__to_a_poll__is_compressed_unless_none_may_be(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_reply r;
	eio_buf *bufs[2];
	char much[2000], target[256];
	int i;

	memset(much, 'x', sizeof(much));
	fake_poll_target(p, target);
	for (i = 0; i < 2; i++) {
		bufs[0] = eio_buf_new_text(much, sizeof(much));
		bufs[1] = eio_buf_new_text(much, sizeof(much));
		eio_buf_set_compress(bufs[0], false);
		eio_buf_set_compress(bufs[1], i != 0);
		assert_int_equal(eio_socket_send_all(app->s, bufs, 2), 0);
		r = fake_http(app->loop, "GET", target,
			"Accept-Encoding: gzip\r\n", NULL);
		assert_int_equal(r.status, 200);
		assert_string_equal(fake_reply_header(&r, "content-encoding"),
			i ? "gzip" : "");
		fake_reply_clear(&r);
		eio_buf_unref(bufs[0]);
		eio_buf_unref(bufs[1]);
	}
	fake_poll_free(p);
}

#define CROWD 20

static eio_buf *news(size_t n)
{
	eio_buf *buf;
	char *text = malloc(n);

	assert_non_null(text);
	memset(text, 'n', n);
	buf = eio_buf_new_text(text, n);
	free(text);
	return buf;
}

static void broadcast__to_many__is_compressed_once(void **state)
{
	struct fake_app *app = *state;
	struct client c[CROWD];
	struct fake_ws *plain;
	eio_socket *s[CROWD + 1];
	eio_buf *buf = news(20000);
	int i;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	for (i = 0; i < CROWD; i++) {
		join(&c[i], app,
			i == 7 ? PMD "; server_max_window_bits=9" : PMD);
		s[i] = app->s;
	}
	plain = fake_app_ws(app);
	s[CROWD] = app->s;
	for (i = 0; i <= CROWD; i++)
		assert_int_equal(eio_socket_send(s[i], buf), 0);
	fake_turn(app->loop);
	/* One form for all of them, and one for the small window. */
	assert_non_null(buf->forms);
	assert_non_null(buf->forms->forms);
	assert_null(buf->forms->forms->forms);
	for (i = 0; i < CROWD; i++) {
		assert_int_equal(strlen(read_message(&c[i], NULL)), 20001);
		assert_true(c[i].ws->deflated);
		leave(&c[i]);
	}
	assert_int_equal(strlen(fake_ws_next(plain)), 20001);
	fake_ws_free(plain);
	fake_app_told(app);
	assert_int_equal(buf->refs, 1);
	eio_buf_unref(buf);
}

static void broadcast__to_one_who_is_slow__outlives_the_message(void **state)
{
	struct fake_app *app = *state;
	eio_buf *buf = news(5000);
	struct client c;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD);
	fake_room(c.ws->c, 0);
	assert_int_equal(eio_socket_send(app->s, buf), 0);
	assert_int_equal(eio_socket_send(app->s, buf), 0);
	fake_turn(app->loop);
	eio_buf_unref(buf);
	/* What waits is counted as it will leave. */
	assert_true(eio_socket_queued(app->s) < 300);
	fake_room(c.ws->c, SIZE_MAX);
	assert_int_equal(strlen(read_message(&c, NULL)), 5001);
	assert_int_equal(strlen(read_message(&c, NULL)), 5001);
	leave(&c);
}

static void sent__before_an_upgrade__is_compressed_behind_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p;
	struct fake_ws *ws;
	char target[256], *at;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	p = fake_app_poll(app);
	fake_poll_target(p, target);
	at = strstr(target, "polling");
	memmove(at + 9, at + 7, strlen(at + 7) + 1);
	memcpy(at, "websocket", 9);
	ws = fake_ws_open_with(app->loop, target,
		"Sec-WebSocket-Extensions: " PMD "\r\n");
	assert_non_null(ws);
	fake_ws_send(ws, "2probe");
	assert_string_equal(fake_ws_next(ws), "3probe");
	assert_true(fake_app_send_much(app, 'x', 5000));
	fake_ws_send(ws, "5");
	assert_non_null(fake_ws_next(ws));
	assert_true(ws->deflated);
	assert_true(ws->text.len < 100);
	fake_ws_free(ws);
	fake_poll_free(p);
	fake_app_told(app);
}

/* -- what comes ---------------------------------------------------------- */

static void came__compressed__is_inflated(void **state)
{
	struct fake_app *app = *state;
	struct client c;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD);
	send_packed(&c, TEXT, "4hello", 6, true);
	assert_string_equal(fake_app_told(app), "text hello");
	send_packed(&c, BINARY, "\x00\x01\xff", 3, true);
	assert_string_equal(fake_app_told(app), "binary 0001ff");
	/* Plain ones in between are allowed. */
	fake_ws_send(c.ws, "4plain");
	assert_string_equal(fake_app_told(app), "text plain");
	send_packed(&c, TEXT, "4hello", 6, true);
	assert_string_equal(fake_app_told(app), "text hello");
	leave(&c);
}

/* RFC 7692, section 7.2.3: its examples, each "Hello" and for us binary. */
static void came__as_in_the_rfc__is_hello(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "\xf2\x48\xcd\xc9\xc9\x07\x00", 7 },
		{ "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11 },
		{ "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8 },
		{ "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13 },
		/* a last block, and nothing behind it */
		{ "\xf3\x48\xcd\xc9\xc9\x07\x00", 7 },
	};
	struct fake_app *app = *state;
	struct client c;
	size_t i;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fake_ws_frame(c.ws, BINARY, rows[i].bytes, rows[i].len);
		assert_string_equal(fake_app_told(app), "binary 48656c6c6f");
	}
	leave(&c);
}

static void came__empty__is_empty(void **state)
{
	struct fake_app *app = *state;
	struct client c;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD);
	fake_ws_frame(c.ws, BINARY, "\0", 1);
	assert_string_equal(fake_app_told(app), "binary ");
	fake_ws_frame(c.ws, BINARY, "", 0);
	assert_string_equal(fake_app_told(app), "binary ");
	leave(&c);
}

static void came__in_fragments__is_one(void **state)
{
	struct fake_app *app = *state;
	struct eio__strbuf b;
	struct client c;
	size_t i;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD);
	eio__strbuf_init(&b, 0);
	pack(&c, "4hello hello", 12, true, &b);
	fake_ws_frame(c.ws, 0x41, b.data, 1);
	for (i = 1; i < b.len; i++) {
		fake_ws_frame(c.ws, 0x89, "ping", 4);
		fake_ws_frame(c.ws, 0x00, b.data + i, 1);
	}
	fake_ws_frame(c.ws, 0x80, "", 0);
	assert_string_equal(fake_app_told(app), "text hello hello");
	assert_null(fake_ws_next(c.ws));
	assert_int_equal(c.ws->pongs, b.len - 1);
	eio__strbuf_clear(&b);
	leave(&c);
}

static void came__with_rsv1_elsewhere__is_1002(void **state)
{
	static const struct {
		const char *what;
		int first, second;
	} rows[] = {
		{ "ping", 0xc9, 0 },
		{ "pong", 0xca, 0 },
		{ "close", 0xc8, 0 },
		{ "continuation", 0x41, 0xc0 },
		{ "continuation of a plain one", 0x01, 0xc0 },
		{ "RSV2", 0xa1, 0 },
		{ "RSV3", 0x91, 0 },
		{ "RSV1 and RSV2", 0xe1, 0 },
		{ "unknown opcode", 0xc3, 0 },
	};
	struct fake_app *app = *state;
	struct client c;
	size_t i;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		join(&c, app, PMD);
		fake_ws_frame(c.ws, rows[i].first, "", 0);
		if (rows[i].second)
			fake_ws_frame(c.ws, rows[i].second, "", 0);
		if (!fake_ws_is_closed(c.ws) || c.ws->close_code != 1002)
			fail_msg("RSV in a %s: %d", rows[i].what,
				c.ws->close_code);
		assert_string_equal(fake_app_told(app),
			rows[i].first == 0xc3
				? "close transport error: unknown opcode"
				: "close transport error: reserved bits set");
		leave(&c);
	}
}

static void came__not_compressed_data__is_1007(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "\xff\xff\xff", 3 },             /* no such block */
		{ "\x07", 1 },                     /* the same, alone */
		{ "\x00\x06\x00\xf9\xff\x48", 6 }, /* cut off */
		{ "\xf2\x48\xcd", 3 },             /* cut off */
		{ "\x4b\x04\x12\x00", 4 },         /* too far back */
		{ "\xf3\x48\xcd\xc9\xc9\x07\x00\xff", 8 },
	};
	struct fake_app *app = *state;
	struct client c;
	size_t i;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		join(&c, app, PMD);
		fake_ws_frame(c.ws, BINARY, rows[i].bytes, rows[i].len);
		if (!fake_ws_is_closed(c.ws) || c.ws->close_code != 1007)
			fail_msg("%zu: %d, %s", i, c.ws->close_code,
				fake_app_told(app));
		assert_string_equal(fake_app_told(app),
			"close transport error: invalid compressed data");
		leave(&c);
	}
}

static void came__text_that_is_none__is_1007(void **state)
{
	struct fake_app *app = *state;
	struct client c;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD);
	send_packed(&c, TEXT, "4\xff", 2, true);
	expect_close(&c, 1007);
	assert_string_equal(fake_app_told(app),
		"close transport error: text is not UTF-8");
	leave(&c);
}

static void came__bomb__is_1009_while_it_goes_off(void **state)
{
	static char zeros[10000000];
	struct fake_app *app = *state;
	struct client c;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	set(app, ENGINEIO_MAX_PAYLOAD, 20000);
	app->on_message = note_length;
	join(&c, app, PMD);
	/* Exactly the limit passes. */
	assert_true(send_packed(&c, BINARY, zeros, 20000, true) < 100);
	assert_int_equal(came, 20000);
	fake_app_told(app);
	send_packed(&c, BINARY, zeros, 20001, true);
	expect_close(&c, 1009);
	assert_string_equal(fake_app_told(app),
		"close transport error: message too big");
	assert_true(fake_app_logged(app, "1009"));
	leave(&c);

	join(&c, app, PMD);
	send_packed(&c, BINARY, zeros, sizeof(zeros), true);
	expect_close(&c, 1009);
	leave(&c);
	fake_app_told(app);
}

/* Each end of a stream costs more than the two bytes it takes. */
static void came__streams_without_end__is_1007(void **state)
{
	struct fake_app *app = *state;
	char bytes[2000];
	struct client c;
	size_t i;

	for (i = 0; i < sizeof(bytes); i += 2)
		memcpy(bytes + i, "\x03\x00", 2);
	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD);
	fake_ws_frame(c.ws, BINARY, bytes, 20);
	assert_string_equal(fake_app_told(app), "binary ");
	fake_ws_frame(c.ws, BINARY, bytes, sizeof(bytes));
	expect_close(&c, 1007);
	leave(&c);
	fake_app_told(app);
}

/* -- context takeover ---------------------------------------------------- */

static void takeover__of_the_client__refers_to_earlier_messages(void **state)
{
	static char noise[60000];
	struct fake_app *app = *state;
	struct client c;
	size_t first;
	int i;

	allow_takeover(app);
	app->on_message = note_length;
	join(&c, app, PMD);
	assert_string_equal(c.ws->extensions, PMD);
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 32768);
	fill_noise(noise, sizeof(noise));
	first = send_packed(&c, BINARY, noise, 10000, false);
	assert_true(first > 10000);
	assert_int_equal(came, 10000);
	/* What was said is said by reference, also across plain messages. */
	for (i = 0; i < 10; i++) {
		fake_ws_send(c.ws, "4plain");
		assert_true(send_packed(&c, BINARY, noise, 10000, false) < 200);
		assert_int_equal(came, 10000);
	}
	send_packed(&c, BINARY, noise, sizeof(noise), false);
	assert_int_equal(came, sizeof(noise));
	fake_app_told(app);
	send_packed(&c, TEXT, "4end", 4, false);
	assert_string_equal(fake_app_told(app), "text end");
	leave(&c);
	fake_turn(app->loop);
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 0);
	fake_app_told(app);
}

static void takeover__not_agreed_on__is_1007(void **state)
{
	struct fake_app *app = *state;
	struct client c;
	char noise[500];

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join(&c, app, PMD);
	fill_noise(noise, sizeof(noise));
	send_packed(&c, BINARY, noise, sizeof(noise), false);
	fake_app_told(app);
	send_packed(&c, BINARY, noise, sizeof(noise), false);
	expect_close(&c, 1007);
	leave(&c);
	fake_app_told(app);
}

static void takeover__beyond_the_memory__is_forbidden(void **state)
{
	struct fake_app *app = *state;
	struct client a, b, c;

	allow_takeover(app);
	set(app, ENGINEIO_DEFLATE_MEMORY, 33000);
	join(&a, app, PMD);
	assert_string_equal(a.ws->extensions, PMD);
	join(&b, app, PMD "; client_max_window_bits=9");
	assert_string_equal(b.ws->extensions,
		PMD "; client_max_window_bits=9; client_no_context_takeover");
	assert_true(fake_app_logged(app, "(DEFLATE_MEMORY)"));
	assert_int_equal(eio_server_counter(app->srv,
				 ENGINEIO_COUNT_DEFLATE_MEMORY),
		1);
	leave(&a);
	fake_turn(app->loop);
	join(&c, app, PMD "; client_max_window_bits=9");
	assert_string_equal(c.ws->extensions, PMD "; client_max_window_bits=9");
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 512);
	leave(&b);
	leave(&c);
	fake_app_told(app);
}

static void send_noise(struct fake_app *app, eio_socket *s, const char *noise,
	size_t len)
{
	eio_buf *buf = eio_buf_new_binary(noise, len);

	assert_int_equal(eio_socket_send(s, buf), 0);
	eio_buf_unref(buf);
	fake_turn(app->loop);
}

static void takeover__of_the_server__says_it_by_reference(void **state)
{
	static char noise[10000];
	struct fake_app *app = *state;
	struct client c;
	size_t len;
	int i;

	fill_noise(noise, sizeof(noise));
	allow_takeover(app);
	join(&c, app, PMD);
	send_noise(app, app->s, noise, sizeof(noise));
	read_message(&c, &len);
	assert_true(c.ws->deflated);
	assert_true(eio__deflater_memory(app->srv->deflater) > 200000);
	for (i = 0; i < 5; i++) {
		send_noise(app, app->s, noise, sizeof(noise));
		assert_true(fake_received(c.ws->c)->len < 400);
		read_message(&c, &len);
		assert_int_equal(len, sizeof(noise));
		assert_memory_equal(c.text.data, noise, len);
	}
	leave(&c);
	fake_turn(app->loop);
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 0);
	fake_app_told(app);
}

static void takeover__given_up_for_another__goes_on_without(void **state)
{
	static char noise[10000];
	struct fake_app *app = *state;
	struct client c[3];
	eio_socket *s[3];
	size_t len;
	int i, round;

	fill_noise(noise, sizeof(noise));
	allow_takeover(app);
	set(app, ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER, 1);
	set(app, ENGINEIO_DEFLATE_MEMORY, 600000); /* for two */
	for (i = 0; i < 3; i++) {
		join(&c[i], app, PMD);
		s[i] = app->s;
	}
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 3; i++) {
			send_noise(app, s[i], noise + round, 9000);
			read_message(&c[i], &len);
			assert_int_equal(len, 9000);
			assert_memory_equal(c[i].text.data, noise + round, len);
			assert_true(eio__deflater_memory(app->srv->deflater) <=
				600000);
		}
	}
	/* The two that were used last still have theirs. */
	send_noise(app, s[2], noise, 9000);
	assert_true(fake_received(c[2].ws->c)->len < 400);
	read_message(&c[2], &len);
	send_noise(app, s[0], noise, 9000);
	assert_true(fake_received(c[0].ws->c)->len > 8000);
	read_message(&c[0], &len);
	assert_memory_equal(c[0].text.data, noise, len);
	for (i = 0; i < 3; i++)
		leave(&c[i]);
	fake_turn(app->loop);
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 0);
	fake_app_told(app);
}

/* -- at random ----------------------------------------------------------- */

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

struct story {
	struct client c;
	unsigned seed, sent;
	size_t sizes[200];
	char letters[200];
};

static void send_some(struct story *st, struct fake_app *app)
{
	static const size_t sizes[] = { 1, 50, 1023, 1024, 3000, 16380, 40000,
		100000 };
	size_t size = sizes[next_random(&st->seed) % 8];
	char letter = (char)('a' + next_random(&st->seed) % 26);

	st->sizes[st->sent] = size;
	st->letters[st->sent++] = letter;
	assert_true(fake_app_send_much(app, letter, size));
}

static void expect_all(struct story *st)
{
	char letters[2] = "";
	const char *text;
	unsigned i;

	for (i = 0; i < st->sent; i++) {
		text = read_message(&st->c, NULL);
		assert_non_null(text);
		letters[0] = st->letters[i];
		assert_int_equal(strspn(text + 1, letters), st->sizes[i]);
		assert_int_equal(strlen(text), st->sizes[i] + 1);
	}
	assert_null(read_message(&st->c, NULL));
}

static void random__sizes_room_and_takeover__come_whole(void **state)
{
	static struct story st;
	struct fake_app *app = *state;
	unsigned round, step;

	set(app, ENGINEIO_QUEUE_BYTES, 100000000);
	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	memset(&st, 0, sizeof(st));
	st.seed = 1;
	for (round = 0; round < 40; round++) {
		set(app, ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER, round % 2);
		set(app, ENGINEIO_DEFLATE_SERVER_BITS,
			(long)(8 + next_random(&st.seed) % 8));
		set(app, ENGINEIO_DEFLATE_LEVEL,
			(long)(1 + next_random(&st.seed) % 9));
		join(&st.c, app, PMD);
		for (step = st.sent = 0; step < 60; step++) {
			if (next_random(&st.seed) % 2)
				send_some(&st, app);
			if (next_random(&st.seed) % 3 == 0)
				fake_room(st.c.ws->c,
					next_random(&st.seed) % 2000);
			if (next_random(&st.seed) % 4 == 0)
				fake_turn(app->loop);
		}
		fake_room(st.c.ws->c, SIZE_MAX);
		expect_all(&st);
		leave(&st.c);
		fake_app_told(app);
	}
}

static void end__inside_a_message__is_clean(void **state)
{
	struct fake_app *app = *state;
	struct client c;

	allow_takeover(app);
	join(&c, app, PMD);
	assert_true(fake_app_send_much(app, 'x', 5000));
	fake_turn(app->loop);
	send_packed(&c, TEXT, "4hello", 6, false);
	fake_ws_frame(c.ws, 0x41, "abc", 3);
	fake_app_free_server(app);
	leave(&c);
}

/* -- beside Engine.IO ----------------------------------------------------- */

static eio_websocket *plain;
static size_t plain_came;

static void on_plain(eio_websocket *w, eio_request *req, void *user)
{
	plain = w;
}

static void on_plain_message(eio_websocket *w, char *data, size_t len,
	bool binary, void *user)
{
	plain_came = len;
}

static void join_plain(struct client *c, struct fake_app *app)
{
	static const struct eio_websocket_events events = {
		.on_open = on_plain,
		.on_message = on_plain_message,
	};

	memset(c, 0, sizeof(*c));
	assert_int_equal(eio_server_websocket(app->srv, "/plain", NULL, &events,
				 NULL),
		0);
	c->ws = fake_ws_open_with(app->loop, "/plain",
		"Sec-WebSocket-Extensions: " PMD "\r\n");
	assert_non_null(c->ws);
	assert_int_equal(inflateInit2(&c->in, -MAX_WBITS), Z_OK);
	assert_int_equal(deflateInit2(&c->out, 6, Z_DEFLATED, -MAX_WBITS, 8,
				 Z_DEFAULT_STRATEGY),
		Z_OK);
	eio__strbuf_init(&c->text, 0);
}

static void send_plain(struct fake_app *app, size_t len)
{
	static char text[5000];

	memset(text, 'x', sizeof(text));
	assert_int_equal(eio_websocket_send(plain, text, len, false), 0);
	fake_turn(app->loop);
}

static void plain__off__is_not_agreed_on(void **state)
{
	struct fake_app *app = *state;
	struct client c;

	join_plain(&c, app);
	assert_string_equal(c.ws->extensions, "");
	send_plain(app, 5000);
	assert_int_equal(strlen(read_message(&c, NULL)), 5000);
	assert_false(c.ws->deflated);
	leave(&c);
}

static void plain__on__both_ways_and_bounded(void **state)
{
	struct fake_app *app = *state;
	static char zeros[1000001];
	struct client c;

	set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join_plain(&c, app);
	assert_memory_equal(c.ws->extensions, PMD, strlen(PMD));
	send_plain(app, 5000);
	assert_int_equal(strlen(read_message(&c, NULL)), 5000);
	assert_true(c.ws->deflated);
	send_plain(app, 1023);
	assert_int_equal(strlen(read_message(&c, NULL)), 1023);
	assert_false(c.ws->deflated);
	send_packed(&c, TEXT, zeros, 1000000, true);
	assert_int_equal(plain_came, 1000000);
	send_packed(&c, TEXT, zeros, 1000001, true);
	expect_close(&c, 1009);
	leave(&c);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(offer__off__is_ignored),
		TEST(offer__by_default__is_answered_without_takeover),
		TEST(offer__of_another_extension__is_ignored),
		TEST(offer__wrong__is_refused),
		TEST(options__each__have_their_range),
		TEST(options__changed__hold_for_new_clients),
		TEST(sent__from_the_threshold_on__is_compressed),
		TEST(sent__noise__stays_as_it_is),
		TEST(sent__in_many_frames__comes_whole),
		TEST(sent__not_to_be_compressed__stays_plain),
		TEST(sent__to_a_poll__is_compressed_unless_none_may_be),
		TEST(broadcast__to_many__is_compressed_once),
		TEST(broadcast__to_one_who_is_slow__outlives_the_message),
		TEST(sent__before_an_upgrade__is_compressed_behind_it),
		TEST(came__compressed__is_inflated),
		TEST(came__as_in_the_rfc__is_hello),
		TEST(came__empty__is_empty),
		TEST(came__in_fragments__is_one),
		TEST(came__with_rsv1_elsewhere__is_1002),
		TEST(came__not_compressed_data__is_1007),
		TEST(came__text_that_is_none__is_1007),
		TEST(came__bomb__is_1009_while_it_goes_off),
		TEST(came__streams_without_end__is_1007),
		TEST(takeover__of_the_client__refers_to_earlier_messages),
		TEST(takeover__not_agreed_on__is_1007),
		TEST(takeover__beyond_the_memory__is_forbidden),
		TEST(takeover__of_the_server__says_it_by_reference),
		TEST(takeover__given_up_for_another__goes_on_without),
		TEST(random__sizes_room_and_takeover__come_whole),
		TEST(end__inside_a_message__is_clean),
		TEST(plain__off__is_not_agreed_on),
		TEST(plain__on__both_ways_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
