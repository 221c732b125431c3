/* SPDX-License-Identifier: MIT */
/*
 * test_eio_websocket.c: WebSocket as a transport: its handshake's answer,
 * what each packet does, the limits and the codes it is closed with, and
 * peers that misbehave.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/net.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define WS       "/engine.io/?EIO=4&transport=websocket"
#define FIN      0x80
#define TEXT     0x81
#define BINARY   0x82
#define CLOSE    0x88
#define PING     0x89
#define PONG     0x8a

/* The client sees a close frame with this code and the end behind it; the
 * application is told this. */
static void expect_closed(struct fake_app *app, struct fake_ws *ws, int code,
	const char *told)
{
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, code);
	assert_true(fake_is_finished(ws->c));
	assert_int_equal(fake_received(ws->c)->len, 0);
	assert_string_equal(fake_app_told(app), told);
	assert_int_equal(eio_server_sessions(app->srv), 0);
	fake_ws_free(ws);
}

/* -- the handshake's answer ---------------------------------------------- */

static void handshake__accepted__has_these_headers(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r =
		fake_http(app->loop, "GET", WS, fake_ws_headers, NULL);

	assert_string_equal(r.head,
		"HTTP/1.1 101 Switching Protocols\r\n"
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
	fake_reply_clear(&r);
}

static void handshake__accepted__memory_ahead_is_named(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	int data = 1;

	assert_non_null(fake_ahead(ws->c, EIO__AHEAD_SPEAKER));
	assert_ptr_equal(fake_ahead(ws->c, EIO__AHEAD_SESSION), app->s);
	assert_null(fake_ahead(ws->c, EIO__AHEAD_DATA));
	eio_socket_set_data(app->s, &data);
	assert_ptr_equal(fake_ahead(ws->c, EIO__AHEAD_DATA), &data);
	fake_ws_free(ws);
	fake_turn(app->loop);
	eio_socket_set_data(app->s, &app); /* it is closed */
	assert_ptr_equal(eio_socket_data(app->s), &app);
}

static char *answer_to(struct fake_app *app, const char *header)
{
	static char value[512];
	char headers[512];
	struct fake_reply r;

	snprintf(headers, sizeof(headers), "%s%s\r\n", fake_ws_headers, header);
	r = fake_http(app->loop, "GET", WS, headers, NULL);
	assert_int_equal(r.status, 101);
	snprintf(value, sizeof(value), "%s|%s",
		fake_reply_header(&r, "sec-websocket-protocol"),
		strstr(r.head, "Extensions") ? "extensions" : "");
	fake_reply_clear(&r);
	return value;
}

static void handshake__offers__first_protocol_and_no_extension(void **state)
{
	static const struct {
		const char *header, *answer;
	} rows[] = {
		{ "Sec-WebSocket-Protocol: json", "json|" },
		{ "Sec-WebSocket-Protocol: b, json, c", "b|" },
		{ "Sec-WebSocket-Extensions: permessage-deflate", "|" },
		{ "Sec-WebSocket-Extensions: constructor", "|" },
		{ "Sec-WebSocket-Extensions: a;b=\"c,d\", ,,", "|" },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		assert_string_equal(answer_to(*state, rows[i].header),
			rows[i].answer);
}

/* CVE-2021-32640: a list that took quadratic time. */
static void handshake__many_blanks_in_a_list__is_refused_quickly(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;
	char headers[12000];
	size_t n = (size_t)snprintf(headers, sizeof(headers),
		"%sSec-WebSocket-Protocol: b", fake_ws_headers);

	memset(headers + n, ' ', 10000);
	memcpy(headers + n + 10000, "x\r\n", 4);
	r = fake_http(app->loop, "GET", WS, headers, NULL);
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, "Invalid Sec-WebSocket-Protocol header");
	fake_reply_clear(&r);
}

/* CVE-2024-37890: the Upgrade header cut off by the limit. */
static void handshake__with_3000_headers__is_431(void **state)
{
	struct fake_app *app = *state;
	struct eio__strbuf headers;
	struct fake_reply r;
	int first, i;

	eio_server_set_option(app->srv, ENGINEIO_MAX_HEADER, 100000);
	for (first = 0; first < 2; first++) {
		eio__strbuf_init(&headers, 0);
		if (first)
			eio__strbuf_adds(&headers, fake_ws_headers);
		for (i = 0; i < 3000; i++)
			eio__strbuf_printf(&headers, "X-%d: y\r\n", i);
		if (!first)
			eio__strbuf_adds(&headers, fake_ws_headers);
		r = fake_http(app->loop, "GET", WS, headers.data, NULL);
		assert_int_equal(r.status, 431);
		fake_reply_clear(&r);
		eio__strbuf_clear(&headers);
	}
}

/* A WebSocket handshake, for requests with something at their heels. */
static void add_request(struct eio__strbuf *b, const char *target)
{
	eio__strbuf_printf(b, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", target,
		fake_ws_headers);
}

static void heels__packets_behind_the_request__come_after_open(void **state)
{
	struct fake_app *app = *state;
	struct eio__strbuf b;
	struct fake_ws *ws;
	size_t cut;
	size_t request;

	eio__strbuf_init(&b, 0);
	add_request(&b, WS);
	request = b.len;
	fake_ws_add_frame(&b, TEXT, "4hello", 6);
	fake_ws_add_frame(&b, BINARY, "\x01\x02", 2);
	/* Cut anywhere in two, and not at all. */
	for (cut = request - 4; cut <= b.len; cut++) {
		struct fake_conn *c = fake_connect(app->loop);

		fake_send(c, b.data, cut);
		if (cut < b.len)
			fake_send(c, b.data + cut, b.len - cut);
		assert_string_equal(fake_app_told(app),
			"open | text hello | binary 0102");
		ws = fake_ws_adopt(c);
		assert_non_null(ws);
		assert_non_null(fake_ws_next(ws));
		fake_ws_free(ws);
		fake_app_told(app);
	}
	eio__strbuf_clear(&b);
}

/* CVE-2022-21676: an invalid frame in the same piece of input. */
static void heels__garbage_behind_the_request__closes_with_1002(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct eio__strbuf b;
	struct fake_ws *ws;

	eio__strbuf_init(&b, 0);
	add_request(&b, WS);
	eio__strbuf_adds(&b, "\xff\xff\xff");
	fake_send(c, b.data, b.len);
	ws = fake_ws_adopt(c);
	assert_non_null(ws);
	expect_closed(app, ws, 1002,
		"open | close transport error: reserved bits set");
	eio__strbuf_clear(&b);
}

static void heels__garbage_behind_a_refusal__is_dropped(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct eio__strbuf b;
	struct fake_reply r;

	eio__strbuf_init(&b, 0);
	add_request(&b, WS "&sid=unknown");
	eio__strbuf_adds(&b, "\xff\xff\xff");
	fake_send(c, b.data, b.len);
	r = fake_reply(c);
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, "Session ID unknown");
	fake_reply_clear(&r);
	fake_puts(c, "more");
	assert_int_equal(fake_received(c)->len, 0);
	assert_true(fake_is_finished(c));
	fake_free(c);
	eio__strbuf_clear(&b);
}

/* -- packets ------------------------------------------------------------- */

static void packet__each_kind__does_this(void **state)
{
	static const struct {
		const char *packet, *told;
	} rows[] = {
		{ "0", "" },
		{ "0{\"sid\":\"x\"}", "" },
		{ "3", "" },
		{ "3foo", "" },
		{ "4", "text " },
		{ "4hello", "text hello" },
		{ "44", "text 4" },
		{ "4\xe2\x82\xac", "text \xe2\x82\xac" },
		{ "5", "" },
		{ "6", "" },
		{ "b", "binary " },
		{ "bAQIDBA==", "binary 01020304" },
	};
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		fake_ws_send(ws, rows[i].packet);
		assert_string_equal(fake_app_told(app), rows[i].told);
	}
	fake_ws_send_binary(ws, "\x04", 1);
	assert_string_equal(fake_app_told(app), "binary 04");
	fake_ws_send_binary(ws, "", 0);
	assert_string_equal(fake_app_told(app), "binary ");
	assert_false(fake_ws_is_closed(ws));
	fake_ws_free(ws);
}

static void packet__each_that_ends_the_session__has_its_reason(void **state)
{
	static const struct {
		const char *packet, *told;
	} rows[] = {
		{ "", "close parse error: undecodable packet" },
		{ "7", "close parse error: undecodable packet" },
		{ "abc", "close parse error: undecodable packet" },
		{ "b!!!!", "close parse error: undecodable packet" },
		{ "\xef\xbb\xbf"
		  "4",
			"close parse error: undecodable packet" },
		{ "2", "close transport error: invalid heartbeat direction" },
		{ "2probe",
			"close transport error: invalid heartbeat direction" },
		/* The official server waits for its own ping timeout. */
		{ "1", "close transport close: close packet" },
	};
	struct fake_app *app = *state;
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ws = fake_app_ws(app);
		fake_ws_send(ws, rows[i].packet);
		expect_closed(app, ws, 1005, rows[i].told);
	}
}

static void packet__behind_the_end__is_not_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	fake_ws_add_frame(&b, TEXT, "4a", 2);
	fake_ws_add_frame(&b, TEXT, "1", 1);
	fake_ws_add_frame(&b, TEXT, "4b", 2);
	fake_send(ws->c, b.data, b.len);
	fake_ws_send(ws, "4c");
	expect_closed(app, ws, 1005,
		"text a | close transport close: close packet");
	eio__strbuf_clear(&b);
}

static void packet__in_fragments_and_pieces__is_one_message(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct eio__strbuf b;
	size_t i;

	eio__strbuf_init(&b, 0);
	fake_ws_add_frame(&b, TEXT & ~FIN, "4h", 2);
	fake_ws_add_frame(&b, 0, "", 0);
	fake_ws_add_frame(&b, PING, "mid", 3);
	fake_ws_add_frame(&b, 0, "el\xe2\x82", 4);
	fake_ws_add_frame(&b, FIN, "\xac", 1);
	for (i = 0; i < b.len; i++) {
		assert_string_equal(fake_app_told(app), "");
		fake_send(ws->c, b.data + i, 1);
	}
	assert_string_equal(fake_app_told(app), "text hel\xe2\x82\xac");
	assert_null(fake_ws_next(ws));
	assert_int_equal(ws->pongs, 1);
	assert_string_equal(ws->pong, "mid");
	eio__strbuf_clear(&b);
	fake_ws_free(ws);
}

static void send__of_each_kind__is_its_frame(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	assert_true(fake_app_send(app, "hello"));
	assert_true(fake_app_send(app, ""));
	assert_true(fake_app_send_binary(app, "\x01\x02", 2));
	assert_true(fake_app_send_binary(app, "", 0));
	fake_turn(app->loop);
	assert_int_equal(fake_received(ws->c)->len, 2 + 6 + 2 + 1 + 2 + 2 + 2);
	assert_string_equal(fake_ws_next(ws), "4hello");
	assert_string_equal(fake_ws_next(ws), "4");
	assert_false(ws->binary);
	assert_string_equal(fake_ws_next(ws), "\x01\x02");
	assert_true(ws->binary);
	assert_string_equal(fake_ws_next(ws), "");
	assert_true(ws->binary);
	assert_null(fake_ws_next(ws));
	fake_ws_free(ws);
}

static void base64__asked_for__is_text_on_both_transports(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_ws_open(app->loop, WS "&b64=1");
	struct fake_poll *p;

	assert_non_null(fake_ws_next(ws));
	assert_true(fake_app_send_binary(app, "\x01\x02\x03\x04", 4));
	assert_true(fake_app_send(app, "text"));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "bAQIDBA==");
	assert_false(ws->binary);
	assert_string_equal(fake_ws_next(ws), "4text");
	fake_ws_send_binary(ws, "\x05", 1);
	assert_string_equal(fake_app_told(app), "open | binary 05");
	fake_ws_free(ws);

	p = fake_poll_open_with(app->loop, "/engine.io/", "&b64=1");
	assert_true(fake_app_send_binary(app, "\x01\x02\x03\x04", 4));
	assert_string_equal(fake_poll_next(p), "bAQIDBA==");
	fake_poll_free(p);
}

static void base64__empty_parameter__is_not_asking(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_ws_open(app->loop, WS "&b64=");

	assert_non_null(fake_ws_next(ws));
	assert_true(fake_app_send_binary(app, "\x01", 1));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "\x01");
	assert_true(ws->binary);
	fake_ws_free(ws);
}

/* -- limits -------------------------------------------------------------- */

static void limit__exactly_reached__is_accepted(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws;

	eio_server_set_option(app->srv, ENGINEIO_MAX_PAYLOAD, 10);
	ws = fake_app_ws(app);
	fake_ws_send(ws, "4123456789");
	assert_string_equal(fake_app_told(app), "text 123456789");
	fake_ws_send_binary(ws, "0123456789", 10);
	assert_string_equal(fake_app_told(app), "binary 30313233343536373839");
	fake_ws_frame(ws, TEXT & ~FIN, "412345", 6);
	fake_ws_frame(ws, FIN, "6789", 4);
	assert_string_equal(fake_app_told(app), "text 123456789");
	fake_ws_free(ws);
}

#define TOO_BIG "close transport error: message too big"

static void limit__exceeded_by_one__closes_with_1009(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws;

	eio_server_set_option(app->srv, ENGINEIO_MAX_PAYLOAD, 10);
	ws = fake_app_ws(app);
	fake_ws_send(ws, "41234567890");
	expect_closed(app, ws, 1009, TOO_BIG);
	ws = fake_app_ws(app);
	fake_ws_send_binary(ws, "01234567890", 11);
	expect_closed(app, ws, 1009, TOO_BIG);
	ws = fake_app_ws(app);
	fake_ws_frame(ws, TEXT & ~FIN, "412345", 6);
	fake_ws_frame(ws, FIN, "67890", 5);
	expect_closed(app, ws, 1009, TOO_BIG);
}

/* CVE-2016-10542: the limit holds before anything is kept. */
static void limit__announced_beyond__closes_at_the_header(void **state)
{
	static const char header[] = "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"
				     "mask";
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_send(ws->c, header, sizeof(header) - 1);
	expect_closed(app, ws, 1009, TOO_BIG);
	assert_true(fake_app_logged(app, "closed with 1009: message too big"));
}

/* CVE-2026-48779, CVE-2026-62389: messages of endlessly many frames. */
static void limit__of_fragments__closes_with_1008(void **state)
{
	static const char *const pieces[] = { "", "x" };
	struct fake_app *app = *state;
	struct fake_ws *ws;
	size_t i, k;

	eio_server_set_option(app->srv, ENGINEIO_MAX_FRAGMENTS, 5);
	for (i = 0; i < COUNT(pieces); i++) {
		ws = fake_app_ws(app);
		fake_ws_frame(ws, TEXT & ~FIN, "4", 1);
		for (k = 0; k < 3; k++)
			fake_ws_frame(ws, 0, pieces[i], i);
		fake_ws_frame(ws, FIN, "", 0);
		assert_string_equal(fake_app_told(app),
			i ? "text xxx" : "text ");
		fake_ws_frame(ws, TEXT & ~FIN, "4", 1);
		for (k = 0; k < 4; k++)
			fake_ws_frame(ws, 0, pieces[i], i);
		assert_false(fake_ws_is_closed(ws));
		fake_ws_frame(ws, 0, pieces[i], i);
		expect_closed(app, ws, 1008,
			"close transport error: too many fragments");
	}
}

static void limit__of_one_letter_fragments__is_16384_by_default(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct eio__strbuf b;
	int i;

	eio__strbuf_init(&b, 0);
	fake_ws_add_frame(&b, BINARY & ~FIN, "4", 1);
	for (i = 1; i < 16384; i++)
		fake_ws_add_frame(&b, 0, "x", 1);
	fake_send(ws->c, b.data, b.len);
	assert_false(fake_ws_is_closed(ws));
	fake_ws_frame(ws, 0, "x", 1);
	expect_closed(app, ws, 1008,
		"close transport error: too many fragments");
	eio__strbuf_clear(&b);
}

static void limit__large_message__arrives_whole(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	char *text = malloc(1000000);
	size_t i;

	assert_non_null(text);
	for (i = 0; i < 1000000; i++)
		text[i] = (char)('a' + i % 26);
	text[0] = '4';
	fake_ws_frame(ws, TEXT, text, 1000000);
	assert_memory_equal(fake_app_told(app), "text bcdefg", 11);
	assert_int_equal(app->diary.len, 0);
	fake_ws_free(ws);
	free(text);
}

/* -- violations ---------------------------------------------------------- */

static void violation__of_rfc6455__closes_with_its_code(void **state)
{
#define ROW(bytes, code, detail) \
	{ \
		bytes, sizeof(bytes) - 1, code, detail \
	}
	static const struct {
		const char *bytes;
		size_t len;
		int code;
		const char *detail;
	} rows[] = {
		ROW("\x81\x02"
		    "4a",
			1002, "frame not masked"),
		ROW("\xc1\x80....", 1002, "reserved bits set"),
		ROW("\xa1\x80....", 1002, "reserved bits set"),
		ROW("\x91\x80....", 1002, "reserved bits set"),
		ROW("\x83\x80....", 1002, "unknown opcode"),
		ROW("\x8b\x80....", 1002, "unknown opcode"),
		ROW("\x80\x80....", 1002, "continuation of nothing"),
		ROW("\x01\x80....\x81\x80....", 1002,
			"message inside a message"),
		ROW("\x09\x80....", 1002, "fragmented control frame"),
		ROW("\x89\xfe\x00\x7e....", 1002, "control frame too long"),
		ROW("\x81\xfe\x00\x7d....", 1002, "invalid length"),
		ROW("\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff....", 1002,
			"invalid length"),
		ROW("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00....", 1002,
			"invalid length"),
		ROW("\x88\x81\0\0\0\0x", 1002, "close frame too short"),
		ROW("\x88\x82\0\0\0\0\x03\xed", 1002, "invalid close code"),
		ROW("\x88\x82\0\0\0\0\x03\xe7", 1002, "invalid close code"),
		ROW("\x88\x82\0\0\0\0\x27\x0f", 1002, "invalid close code"),
		ROW("\x88\x83\0\0\0\0\x03\xe8\xff", 1007,
			"close reason is not UTF-8"),
		ROW("\x81\x82\0\0\0\0"
		    "4\xff",
			1007, "text is not UTF-8"),
		ROW("\x81\x84\0\0\0\0"
		    "4\xed\xa0\x80",
			1007, "text is not UTF-8"),
		ROW("\x81\x83\0\0\0\0"
		    "4\xe2\x82",
			1007, "text is not UTF-8"),
		/* before the rest of the message has come */
		ROW("\x01\x82\0\0\0\0"
		    "4\xc0",
			1007, "text is not UTF-8"),
	};
	struct fake_app *app = *state;
	struct fake_ws *ws;
	char told[128];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ws = fake_app_ws(app);
		fake_send(ws->c, rows[i].bytes, rows[i].len);
		snprintf(told, sizeof(told), "close transport error: %s",
			rows[i].detail);
		expect_closed(app, ws, rows[i].code, told);
	}
}

/* -- control frames ------------------------------------------------------ */

static void ping__of_the_frame_layer__gets_its_pong(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	char most[125];

	memset(most, 'p', sizeof(most));
	fake_ws_frame(ws, PING, "hello", 5);
	assert_null(fake_ws_next(ws));
	assert_int_equal(ws->pongs, 1);
	assert_string_equal(ws->pong, "hello");
	fake_ws_frame(ws, PING, "", 0);
	assert_null(fake_ws_next(ws));
	assert_int_equal(ws->pongs, 2);
	assert_string_equal(ws->pong, "");
	fake_ws_frame(ws, PING, most, sizeof(most));
	assert_null(fake_ws_next(ws));
	assert_int_equal(strlen(ws->pong), 125);
	fake_ws_frame(ws, PONG, "unasked", 7);
	assert_false(fake_ws_is_closed(ws));
	assert_string_equal(fake_app_told(app), "");
	fake_ws_free(ws);
}

static void ping__many_in_one_turn__are_answered_in_one_write(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	unsigned before = fake_writes(ws->c);
	struct eio__strbuf b;
	int i;

	eio__strbuf_init(&b, 0);
	for (i = 0; i < 20; i++)
		fake_ws_add_frame(&b, PING, "x", 1);
	fake_send(ws->c, b.data, b.len);
	assert_null(fake_ws_next(ws));
	assert_int_equal(ws->pongs, 20);
	assert_int_equal(fake_writes(ws->c), before + 1);
	eio__strbuf_clear(&b);
	fake_ws_free(ws);
}

static void ping__flood_of_a_peer_that_does_not_read__is_bounded(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	int i;

	fake_room(ws->c, 0);
	for (i = 0; i < 2000; i++)
		fake_ws_frame(ws, PING, "0123456789012345678901234567", 28);
	fake_room(ws->c, SIZE_MAX);
	assert_true(fake_received(ws->c)->len < 5000);
	assert_null(fake_ws_next(ws));
	/* It may come back to its senses. */
	fake_ws_frame(ws, PING, "last", 4);
	assert_null(fake_ws_next(ws));
	assert_string_equal(ws->pong, "last");
	fake_ws_send(ws, "4alive");
	assert_string_equal(fake_app_told(app), "text alive");
	fake_ws_free(ws);
}

/* -- one write ------------------------------------------------------------ */

static void write__of_the_101__has_the_first_packet_in_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	assert_int_equal(fake_writes(ws->c), 1);
	assert_int_equal(app->drained, 1);
	fake_ws_free(ws);
}

/* A ping and what the application says in the same turn. */
static unsigned writes_of(struct fake_app *app, struct fake_ws *ws, size_t size)
{
	unsigned before = fake_writes(ws->c);

	assert_true(fake_app_send_much(app, 'x', size));
	fake_ws_frame(ws, PING, "p", 1);
	return fake_writes(ws->c) - before;
}

static void write__of_a_pong__takes_small_packets_along(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	const char *text;

	assert_int_equal(writes_of(app, ws, 1000), 1);
	text = fake_ws_next(ws);
	assert_int_equal(strlen(text), 1001);
	assert_int_equal(ws->pong_at, 1); /* behind the open packet */
	assert_int_equal(app->drained, 2);
	assert_int_equal(writes_of(app, ws, 1100), 2);
	assert_int_equal(strlen(fake_ws_next(ws)), 1101);
	assert_int_equal(app->drained, 3);
	fake_ws_free(ws);
}

static void write__of_a_pong_without_room__keeps_the_order(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_room(ws->c, 0);
	writes_of(app, ws, 10);
	writes_of(app, ws, 20);
	assert_null(fake_ws_next(ws));
	assert_int_equal(app->drained, 1);
	fake_room(ws->c, SIZE_MAX);
	assert_int_equal(strlen(fake_ws_next(ws)), 11);
	assert_int_equal(strlen(fake_ws_next(ws)), 21);
	assert_int_equal(ws->pongs, 2);
	assert_int_equal(app->drained, 2);
	fake_ws_free(ws);
}

/* -- its end ------------------------------------------------------------- */

static void close__frame_of_the_client__is_answered_with_its_code(void **state)
{
	static const struct {
		const char *payload;
		size_t len;
		int code;
	} rows[] = {
		{ "", 0, 1005 },
		{ "\x03\xe8", 2, 1000 },
		{ "\x03\xe9going", 7, 1001 },
		{ "\x0f\xa0", 2, 4000 },
	};
	struct fake_app *app = *state;
	struct fake_ws *ws;
	char told[60];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ws = fake_app_ws(app);
		fake_ws_frame(ws, CLOSE, rows[i].payload, rows[i].len);
		snprintf(told, sizeof(told),
			rows[i].len ? "close transport close: close frame %d"
				    : "close transport close: close frame",
			rows[i].code);
		expect_closed(app, ws, rows[i].code, told);
	}
}

static void answer_at_once(struct fake_app *app, eio_socket *s,
	const char *data, size_t len, bool binary)
{
	assert_true(fake_app_send(app, "answer"));
}

/* Both of the client's frames come in one piece; what the first brought about
 * leaves before the end, as with engine.io. */
static void close__behind_a_message__comes_behind_its_answer(void **state)
{
	static const struct {
		int opcode, code;
		const char *told;
	} rows[] = {
		{ CLOSE, 1005,
			"text ask | close transport close: close frame" },
		{ 0x83, 1002,
			"text ask | close transport error: unknown opcode" },
	};
	struct fake_app *app = *state;
	struct eio__strbuf b;
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ws = fake_app_ws(app);
		app->on_message = answer_at_once;
		eio__strbuf_init(&b, 0);
		fake_ws_add_frame(&b, TEXT, "4ask", 4);
		fake_ws_add_frame(&b, rows[i].opcode, "", 0);
		fake_send(ws->c, b.data, b.len);
		eio__strbuf_clear(&b);
		assert_string_equal(fake_ws_next(ws), "4answer");
		app->on_message = NULL;
		expect_closed(app, ws, rows[i].code, rows[i].told);
	}
}

static void close__of_the_connection__is_transport_close(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_fin(ws->c);
	assert_string_equal(fake_app_told(app),
		"close transport close: connection closed");
	fake_ws_free(ws);
	ws = fake_app_ws(app);
	fake_reset(ws->c);
	assert_string_equal(fake_app_told(app),
		"close transport close: connection reset");
	fake_ws_free(ws);
}

static void close__in_the_middle_of_a_message__tells_no_message(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_ws_frame(ws, TEXT & ~FIN, "4half", 5);
	fake_ws_frame(ws, CLOSE, "", 0);
	expect_closed(app, ws, 1005, "close transport close: close frame");
}

static void close__client_that_stays__is_given_up_soon(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	eio_socket_close(app->s);
	fake_turn(app->loop);
	assert_true(fake_ws_is_closed(ws));
	assert_false(fake_is_closed(ws->c, NULL));
	fake_ws_send(ws, "4too late");
	fake_advance(app->loop, 2000);
	assert_true(fake_is_closed(ws->c, NULL));
	assert_string_equal(fake_app_told(app),
		"close forced close: forced close");
	fake_ws_free(ws);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(handshake__accepted__has_these_headers),
		TEST(handshake__accepted__memory_ahead_is_named),
		TEST(handshake__offers__first_protocol_and_no_extension),
		TEST(handshake__many_blanks_in_a_list__is_refused_quickly),
		TEST(handshake__with_3000_headers__is_431),
		TEST(heels__packets_behind_the_request__come_after_open),
		TEST(heels__garbage_behind_the_request__closes_with_1002),
		TEST(heels__garbage_behind_a_refusal__is_dropped),
		TEST(packet__each_kind__does_this),
		TEST(packet__each_that_ends_the_session__has_its_reason),
		TEST(packet__behind_the_end__is_not_told),
		TEST(packet__in_fragments_and_pieces__is_one_message),
		TEST(send__of_each_kind__is_its_frame),
		TEST(base64__asked_for__is_text_on_both_transports),
		TEST(base64__empty_parameter__is_not_asking),
		TEST(limit__exactly_reached__is_accepted),
		TEST(limit__exceeded_by_one__closes_with_1009),
		TEST(limit__announced_beyond__closes_at_the_header),
		TEST(limit__of_fragments__closes_with_1008),
		TEST(limit__of_one_letter_fragments__is_16384_by_default),
		TEST(limit__large_message__arrives_whole),
		TEST(violation__of_rfc6455__closes_with_its_code),
		TEST(ping__of_the_frame_layer__gets_its_pong),
		TEST(ping__many_in_one_turn__are_answered_in_one_write),
		TEST(write__of_the_101__has_the_first_packet_in_it),
		TEST(write__of_a_pong__takes_small_packets_along),
		TEST(write__of_a_pong_without_room__keeps_the_order),
		TEST(ping__flood_of_a_peer_that_does_not_read__is_bounded),
		TEST(close__frame_of_the_client__is_answered_with_its_code),
		TEST(close__behind_a_message__comes_behind_its_answer),
		TEST(close__of_the_connection__is_transport_close),
		TEST(close__in_the_middle_of_a_message__tells_no_message),
		TEST(close__client_that_stays__is_given_up_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
