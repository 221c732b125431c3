/* SPDX-License-Identifier: MIT */
/*
 * test_advisories_ws.c: what was reported against ws, the WebSocket library
 * of the official server, one test for each under its name.
 *
 * Beside every test there is a session that has no part in it; at the end it
 * must answer, and nothing else may be left.
 */
#include <config.h>

#include "fake_app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define WS       "/engine.io/?EIO=4&transport=websocket"
#define UPGRADE \
	"Connection: Upgrade\r\nUpgrade: websocket\r\n" \
	"Sec-WebSocket-Version: 13\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static struct fake_ws *bystander;

static int setup(void **state)
{
	struct fake_app *app;
	int err = fake_app_setup(state);

	app = *state;
	eio_server_set_log(app->srv, ENGINEIO_LOG_ERROR, NULL, NULL);
	bystander = fake_app_ws(app);
	return err;
}

static int teardown(void **state)
{
	struct fake_app *app = *state;

	fake_app_told(app);
	fake_ws_send(bystander, "4alive");
	assert_string_equal(fake_app_told(app), "text alive");
	fake_turn(app->loop);
	assert_int_equal(fake_open_conns(app->loop), 1);
	fake_ws_free(bystander);
	return fake_app_teardown(state);
}

static unsigned long count(struct fake_app *app, enum eio_counter counter)
{
	return (unsigned long)eio_server_counter(app->srv, counter);
}

/* A pong says what its ping said: of these bytes, and of no others. */
static void cve_2016_10518__pong__repeats_the_ping_alone(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_ws_frame(ws, 0x89, "12", 2);
	assert_null(fake_ws_next(ws));
	assert_string_equal(ws->pong, "12");
	fake_ws_frame(ws, 0x89, "", 0);
	assert_null(fake_ws_next(ws));
	assert_string_equal(ws->pong, "");
	assert_int_equal(ws->pongs, 2);
	fake_ws_free(ws);
}

static void
cve_2016_10542__announced_length__is_refused_before_it_comes(void **state)
{
	static const unsigned char headers[][14] = {
		/* one byte over the limit, 2^63 - 1, 2^63 */
		{ 0x82, 0xff, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x41 },
		{ 0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0 },
	};
	struct fake_app *app = *state;
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < COUNT(headers); i++) {
		ws = fake_app_ws(app);
		fake_send(ws->c, headers[i], 14);
		assert_true(fake_ws_is_closed(ws));
		fake_ws_free(ws);
		fake_app_told(app);
	}
	assert_true(count(app, ENGINEIO_COUNT_MAX_PAYLOAD) >= 1);
}

static void ghsa_5v72_xg48_5rpm__such_extensions__are_unknown(void **state)
{
	static const char *const names[] = { "constructor", "__proto__",
		"toString", "hasOwnProperty; a=1", "permessage-deflate; x",
		"permessage-deflate; constructor" };
	struct fake_app *app = *state;
	char headers[512];
	struct fake_conn *c;
	size_t i;
	int on;

	for (on = 0; on < 2; on++) {
		eio_server_set_option(app->srv, ENGINEIO_PER_MESSAGE_DEFLATE,
			on);
		for (i = 0; i < COUNT(names); i++) {
			c = fake_connect(app->loop);
			snprintf(headers, sizeof(headers),
				UPGRADE "Sec-WebSocket-Extensions: %s\r\n",
				names[i]);
			fake_request(c, "GET", WS, headers, NULL);
			/* A wrong offer may be refused; none is granted. */
			assert_null(strstr(fake_received(c)->data,
				"Sec-WebSocket-Extensions:"));
			fake_free(c);
		}
	}
	fake_app_told(app);
}

static void
cve_2021_32640__protocols_with_many_blanks__are_one_pass(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct eio__strbuf b;
	size_t i;

	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, UPGRADE "Sec-WebSocket-Protocol: b");
	for (i = 0; i < 15000; i++)
		eio__strbuf_addc(&b, ' ');
	eio__strbuf_adds(&b, "x\r\n");
	fake_request(c, "GET", WS, b.data, NULL);
	assert_memory_equal(fake_received(c)->data, "HTTP/1.1 400 ", 13);
	eio__strbuf_clear(&b);
	fake_free(c);
}

static void try_many_headers(struct fake_app *app, bool first)
{
	struct fake_conn *c = fake_connect(app->loop);
	struct eio__strbuf b;
	int i;

	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "GET " WS " HTTP/1.1\r\nHost: a\r\n");
	if (first)
		eio__strbuf_adds(&b, UPGRADE);
	for (i = 0; i < 3000; i++)
		eio__strbuf_printf(&b, "X-%d: %d\r\n", i, i);
	if (!first)
		eio__strbuf_adds(&b, UPGRADE);
	eio__strbuf_adds(&b, "\r\n");
	fake_send(c, b.data, b.len);
	assert_memory_equal(fake_received(c)->data, "HTTP/1.1 431 ", 13);
	assert_true(fake_is_finished(c));
	eio__strbuf_clear(&b);
	fake_free(c);
}

static void cve_2024_37890__3000_headers__are_431(void **state)
{
	try_many_headers(*state, true);
	try_many_headers(*state, false);
	/* Room for all of them, and then it is a WebSocket or none. */
	eio_server_set_option(((struct fake_app *)*state)->srv,
		ENGINEIO_MAX_HEADERS, 5000);
	try_many_headers(*state, false);
}

static void cve_2026_45736__close_frame__has_a_code_or_nothing(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_skip(ws->c, fake_received(ws->c)->len);
	fake_ws_frame(ws, 0x88,
		"\x03\xe8"
		"bye",
		5);
	assert_int_equal(fake_received(ws->c)->len, 4);
	assert_memory_equal(fake_received(ws->c)->data, "\x88\x02\x03\xe8", 4);
	fake_ws_free(ws);
	fake_app_told(app);
	ws = fake_app_ws(app);
	fake_skip(ws->c, fake_received(ws->c)->len);
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	assert_int_equal(fake_received(ws->c)->len, 2);
	assert_memory_equal(fake_received(ws->c)->data, "\x88\x00", 2);
	fake_ws_free(ws);
	fake_app_told(app);
}

/* Frames of one message until the server has enough; how many there were. */
static unsigned fragments_until_closed(struct fake_app *app, const char *data,
	size_t len)
{
	struct fake_ws *ws = fake_app_ws(app);
	unsigned n = 1;

	fake_ws_frame(ws, 0x01, "4", 1);
	while (n < 100000 && !fake_ws_is_closed(ws)) {
		fake_ws_frame(ws, 0x00, data, len);
		n++;
	}
	assert_int_equal(ws->close_code, 1008);
	fake_ws_free(ws);
	fake_app_told(app);
	return n;
}

static void cve_2026_48779__fragments_of_one_byte__are_limited(void **state)
{
	assert_int_equal(fragments_until_closed(*state, "x", 1), 16385);
}

static void cve_2026_62389__empty_fragments__are_limited(void **state)
{
	assert_int_equal(fragments_until_closed(*state, "", 0), 16385);
}

/* ws 8.23.0, without an id. */
static void
ws_8_23_0__pings_of_a_peer_that_does_not_read__grow_nothing(void **state)
{
	static const char ping[125];
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	unsigned i;

	fake_room(ws->c, 0);
	for (i = 0; i < 10000; i++)
		fake_ws_frame(ws, 0x89, ping, sizeof(ping));
	assert_true(count(app, ENGINEIO_COUNT_MAX_PONG_BYTES) > 9900);
	fake_room(ws->c, SIZE_MAX);
	while (fake_ws_next(ws))
		;
	/* 4096 bytes, and the one that went over it. */
	assert_true(ws->pongs <= 4096 / 127 + 1);
	/* The peer reads again, and is answered again. */
	i = ws->pongs;
	fake_ws_frame(ws, 0x89, "now", 3);
	assert_null(fake_ws_next(ws));
	assert_int_equal(ws->pongs, i + 1);
	fake_ws_free(ws);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cve_2016_10518__pong__repeats_the_ping_alone),
		TEST(cve_2016_10542__announced_length__is_refused_before_it_comes),
		TEST(ghsa_5v72_xg48_5rpm__such_extensions__are_unknown),
		TEST(cve_2021_32640__protocols_with_many_blanks__are_one_pass),
		TEST(cve_2024_37890__3000_headers__are_431),
		TEST(cve_2026_45736__close_frame__has_a_code_or_nothing),
		TEST(cve_2026_48779__fragments_of_one_byte__are_limited),
		TEST(cve_2026_62389__empty_fragments__are_limited),
		TEST(ws_8_23_0__pings_of_a_peer_that_does_not_read__grow_nothing),
	};

	return cmocka_run_group_tests_name("advisories of ws", tests, NULL,
		NULL);
}
