/* SPDX-License-Identifier: MIT */
/*
 * test_advisories_h2.c: what was reported against servers of HTTP/2, one test
 * for each under its name. Frames are sent by hand.
 *
 * Beside every test there is a client that has no part in it and waits; at the
 * end it must get its answer, and nothing else may be left.
 */
#include <config.h>

#include "fake_http2.h"
#include "fake_web.h"

#include <nghttp2/nghttp2.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* "GET / http x" in the words of HPACK, and "GET /stream". */
#define GET        "\x82\x86\x84\x01\x01x"
#define GET_STREAM "\x82\x86\x04\x07/stream\x01\x01x"
#define GET_BIG    "\x82\x86\x04\x04/big\x01\x01x"
/* "POST / http x". */
#define POST      "\x83\x86\x84\x01\x01x"
#define POST_HOLD "\x83\x86\x04\x05/hold\x01\x01x"

#define END_HEADERS NGHTTP2_FLAG_END_HEADERS
#define END_STREAM  NGHTTP2_FLAG_END_STREAM

static struct fake_web *web;
static struct fake_h2 *bystander;
static struct fake_h2_answer *awaited;
static struct fake_conn *c;
static struct eio__strbuf b;
static unsigned gone;

static void on_gone(eio_request *req, void *user)
{
	eio_request_unref(req);
	gone++;
}

static void on_stream(eio_request *req, void *user)
{
	eio_request_ref(req);
	eio_request_on_gone(req, on_gone, NULL);
	eio_request_begin(req, 200, NULL);
	eio_request_write(req, "text", 4);
}

static int setup(void **state)
{
	if (fake_web_setup(state))
		return -1;
	web = *state;
	gone = 0;
	eio_server_set_option(web->srv, ENGINEIO_HTTP2, ENGINEIO_HTTP2_PLAIN);
	eio_server_route(web->srv, NULL, "/stream", on_stream, NULL);
	bystander = fake_h2_new(web->loop, 0);
	awaited = fake_h2_ask(bystander, "GET", "/hold", NULL, NULL, false);
	web->calls = 0;
	c = fake_connect(web->loop);
	eio__strbuf_init(&b, 0);
	fake_h2_add_preface(&b);
	return 0;
}

static void send_all(void)
{
	if (b.len && !fake_is_closed(c, NULL))
		fake_send(c, b.data, b.len);
	eio__strbuf_reset(&b);
}

static int teardown(void **state)
{
	send_all();
	fake_web_release(web, 0);
	fake_h2_talk(bystander);
	assert_string_equal(fake_h2_outcome(awaited), "200 held /hold");
	fake_free(c);
	fake_h2_free(bystander);
	eio__strbuf_clear(&b);
	fake_turn(web->loop);
	assert_int_equal(fake_open_conns(web->loop), 0);
	return fake_web_teardown(state);
}

static void add(uint8_t type, uint8_t flags, int32_t id, const void *payload,
	size_t len)
{
	fake_h2_add_frame(&b, type, flags, id, payload, len);
}

static void add_get(int32_t id)
{
	add(NGHTTP2_HEADERS, END_HEADERS | END_STREAM, id, GET,
		sizeof(GET) - 1);
}

static void add_reset(int32_t id)
{
	add(NGHTTP2_RST_STREAM, 0, id, "\0\0\0\x08", 4);
}

static uint32_t word_at(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
}

/* Whether a frame of that type came, and its error, which in a GOAWAY has a
 * stream before it and maybe words behind it. */
static bool came(uint8_t type, uint32_t *error)
{
	const struct eio__strbuf *in = fake_received(c);
	const unsigned char *p,
		*end = (const unsigned char *)in->data + in->len;
	size_t len;
	bool found = false;

	for (p = end - in->len; end - p >= 9; p += 9 + len) {
		len = (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];
		if (p[3] != type || (size_t)(end - p) < 9 + len)
			continue;
		found = true;
		*error = word_at(p + 9 + (type == NGHTTP2_GOAWAY ? 4 : 0));
	}
	return found;
}

/* The connection was closed, and why. */
static void assert_calmed(uint32_t error)
{
	uint32_t value = 0;

	send_all();
	assert_true(came(NGHTTP2_GOAWAY, &value));
	assert_int_equal(value, error);
	assert_true(fake_is_finished(c));
}

static void assert_alive(void)
{
	send_all();
	assert_false(fake_is_finished(c));
}

static uint64_t counted(enum eio_counter counter)
{
	return eio_server_counter(web->srv, counter);
}

/* -- resets -------------------------------------------------------------- */

/* Requests that are taken back before their answers have begun. */
static void add_rapid_resets(unsigned count, int32_t first)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		add(NGHTTP2_HEADERS, END_HEADERS, first + 2 * (int32_t)i, POST,
			sizeof(POST) - 1);
		add_reset(first + 2 * (int32_t)i);
	}
}

static void cve_2023_44487__rapid_resets__are_limited(void **state)
{
	add_rapid_resets(10000, 1);
	assert_alive();
	assert_int_equal(counted(ENGINEIO_COUNT_HTTP2_RESETS), 0);
	add_rapid_resets(1, 20001);
	assert_calmed(NGHTTP2_ENHANCE_YOUR_CALM);
	assert_int_equal(counted(ENGINEIO_COUNT_HTTP2_RESETS), 1);
	assert_true(fake_app_logged(web->app, "(HTTP2_RESETS)"));
	assert_int_equal(web->calls, 0);
}

static void cve_2023_44487__slow_resets__are_not(void **state)
{
	int32_t id;
	unsigned i;

	assert_int_equal(eio_server_set_option(web->srv, ENGINEIO_HTTP2_RESETS,
				 100),
		0);
	for (i = 0, id = 1; i < 300; i++, id += 2) {
		add_rapid_resets(1, id);
		send_all();
		fake_advance(web->loop, 1000);
	}
	assert_alive();
}

/* For an answer without an end there is no other way out. */
static void cve_2023_44487__ends_of_streams__are_not_counted(void **state)
{
	int32_t id;
	unsigned i;

	for (i = 0, id = 1; i < 20000; i++, id += 2) {
		add(NGHTTP2_HEADERS, END_HEADERS | END_STREAM, id, GET_STREAM,
			sizeof(GET_STREAM) - 1);
		send_all();
		add_reset(id);
		send_all();
		fake_skip(c, fake_received(c)->len);
		assert_int_equal(gone, i + 1);
	}
	assert_alive();
}

/* The same, but the client has the server send the resets: by a window of
 * nothing. */
static void cve_2025_8671__resets_by_the_server__are_limited(void **state)
{
	unsigned i;

	assert_int_equal(eio_server_set_option(web->srv, ENGINEIO_HTTP2_RESETS,
				 100),
		0);
	for (i = 0; i < 101; i++) {
		add(NGHTTP2_HEADERS, END_HEADERS, 1 + 2 * (int32_t)i, POST,
			sizeof(POST) - 1);
		add(NGHTTP2_WINDOW_UPDATE, 0, 1 + 2 * (int32_t)i, "\0\0\0\0",
			4);
		send_all();
	}
	assert_true(fake_is_finished(c));
	assert_in_range(counted(ENGINEIO_COUNT_HTTP2_RESETS) +
			counted(ENGINEIO_COUNT_BAD_HTTP),
		1, 102);
}

/* Requests that are wrong have the server send a reset for each. */
static void cve_2019_9514__bad_requests__are_limited(void **state)
{
	unsigned i;

	assert_int_equal(eio_server_set_option(web->srv, ENGINEIO_HTTP2_RESETS,
				 100),
		0);
	for (i = 0; i < 101; i++) {
		/* Without a path. */
		add(NGHTTP2_HEADERS, END_HEADERS | END_STREAM,
			1 + 2 * (int32_t)i, "\x82\x86", 2);
		if (i < 100)
			assert_alive();
	}
	assert_calmed(NGHTTP2_ENHANCE_YOUR_CALM);
	assert_int_equal(counted(ENGINEIO_COUNT_HTTP2_RESETS), 1);
}

/* -- frames that carry nothing ------------------------------------------- */

static void many(uint8_t type, uint8_t flags, int32_t id, const void *payload,
	size_t len, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		add(type, flags, id, payload, len);
		if (i % 100 == 99)
			send_all();
	}
	send_all();
}

static void assert_frames_limited(uint8_t type, uint8_t flags, int32_t id,
	const void *payload, size_t len)
{
	/* The preface has settings, and their acknowledgement is missing. */
	many(type, flags, id, payload, len, 9900);
	assert_alive();
	many(type, flags, id, payload, len, 200);
	assert_calmed(NGHTTP2_ENHANCE_YOUR_CALM);
	assert_int_equal(counted(ENGINEIO_COUNT_HTTP2_FRAMES), 1);
	assert_true(fake_app_logged(web->app, "(HTTP2_FRAMES)"));
}

static void cve_2019_9512__pings__are_limited(void **state)
{
	assert_frames_limited(NGHTTP2_PING, 0, 0, "12345678", 8);
}

static void cve_2019_9515__settings__are_limited(void **state)
{
	assert_frames_limited(NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

static void cve_2019_9518__empty_data__is_limited(void **state)
{
	add(NGHTTP2_HEADERS, END_HEADERS, 1, POST, sizeof(POST) - 1);
	assert_frames_limited(NGHTTP2_DATA, 0, 1, NULL, 0);
}

static void cve_2019_9513__priorities__are_limited(void **state)
{
	assert_frames_limited(NGHTTP2_PRIORITY, 0, 1, "\0\0\0\0\x10", 5);
}

/* Without reading what they are answered with. */
static void
cve_2019_9512__pings_of_who_does_not_read__wait_in_bounds(void **state)
{
	fake_room(c, 0);
	many(NGHTTP2_PING, 0, 0, "12345678", 8, 2000);
	assert_false(fake_is_reading(c));
	fake_advance(web->loop, 60000);
	assert_true(fake_is_closed(c, NULL));
	assert_int_equal(counted(ENGINEIO_COUNT_WRITE_TIMEOUT), 1);
}

static void cve_2019_9512__pings_in_one_piece__are_flooding(void **state)
{
	unsigned i;

	for (i = 0; i < 2000; i++)
		add(NGHTTP2_PING, 0, 0, "12345678", 8);
	send_all();
	assert_true(fake_is_finished(c));
	assert_int_equal(counted(ENGINEIO_COUNT_HTTP2_FRAMES), 1);
}

static void pings__now_and_then__are_answered(void **state)
{
	unsigned i;

	for (i = 0; i < 20; i++) {
		many(NGHTTP2_PING, 0, 0, "12345678", 8, 900);
		fake_skip(c, fake_received(c)->len);
		add_get(1 + 2 * (int32_t)i);
		send_all();
		fake_advance(web->loop, 9000);
	}
	assert_alive();
}

/* Window updates are what a large answer costs. */
static void window_updates__for_data__are_not_counted(void **state)
{
	struct fake_h2 *h2 = fake_h2_new(web->loop, 1000);
	struct fake_h2_answer *a;
	unsigned i, n;

	assert_int_equal(eio_server_set_option(web->srv, ENGINEIO_HTTP2_FRAMES,
				 100),
		0);
	for (n = 0; n < 3; n++) {
		a = fake_h2_ask(h2, "GET", "/big", NULL, NULL, false);
		for (i = 0; i < 99; i++)
			fake_h2_read(h2, a, 1000);
		assert_true(a->ended);
		assert_int_equal(a->body.len, FAKE_WEB_BIG);
	}
	fake_h2_free(h2);
}

/* -- heads --------------------------------------------------------------- */

static void cve_2019_9516__fields_without_name__are_refused(void **state)
{
	static const char fields[] = GET "\0\0\0\0\0\0\0\0\0";
	uint32_t error = 0;

	add(NGHTTP2_HEADERS, END_HEADERS | END_STREAM, 1, fields,
		sizeof(fields) - 1);
	assert_alive();
	assert_true(came(NGHTTP2_RST_STREAM, &error));
	assert_int_equal(error, NGHTTP2_PROTOCOL_ERROR);
	assert_int_equal(web->calls, 0);
}

static void cve_2024_28182__continuations__are_limited(void **state)
{
	unsigned i;

	add(NGHTTP2_HEADERS, END_STREAM, 1, GET, sizeof(GET) - 1);
	for (i = 0; i < 1000; i++)
		add(NGHTTP2_CONTINUATION, 0, 1,
			"\0\x01"
			"a\x01"
			"b",
			5);
	send_all();
	assert_true(fake_is_finished(c));
	assert_int_equal(web->calls, 0);
}

/* A head that is small on the wire and large when it is read. */
static void cve_2016_6581__hpack_bomb__is_431(void **state)
{
	static char fields[9000];
	struct eio__strbuf h;
	uint32_t error;

	eio__strbuf_init(&h, 0);
	eio__strbuf_add(&h, GET, sizeof(GET) - 1);
	/* One large field, put into the table, and then again and again. */
	eio__strbuf_add(&h,
		"\x40\x01"
		"a\x7f\xa1\x1e",
		6);
	memset(fields, 'v', 4000);
	eio__strbuf_add(&h, fields, 4000);
	memset(fields, 0xbe, sizeof(fields));
	eio__strbuf_add(&h, fields, sizeof(fields));
	add(NGHTTP2_HEADERS, END_HEADERS | END_STREAM, 1, h.data, h.len);
	eio__strbuf_clear(&h);
	assert_alive();
	assert_false(came(NGHTTP2_RST_STREAM, &error));
	assert_int_equal(web->calls, 0);
	assert_int_equal(counted(ENGINEIO_COUNT_MAX_HEADER), 1);
}

static void cve_2020_11080__large_settings__are_refused(void **state)
{
	static char settings[6 * 2000];

	add(NGHTTP2_SETTINGS, 0, 0, settings, sizeof(settings));
	send_all();
	assert_true(fake_is_finished(c));
}

/* -- windows and streams ------------------------------------------------- */

/* A client with a large window that does not read, of any of its streams. */
static void cve_2019_9517__client_that_does_not_read__is_closed(void **state)
{
	unsigned i;

	add(NGHTTP2_SETTINGS, 0, 0, "\0\x04\x7f\xff\xff\xff", 6);
	add(NGHTTP2_WINDOW_UPDATE, 0, 0, "\x7f\0\0\0", 4);
	send_all();
	fake_room(c, 0);
	for (i = 0; i < 50; i++)
		add(NGHTTP2_HEADERS, END_HEADERS | END_STREAM,
			1 + 2 * (int32_t)i, GET_BIG, sizeof(GET_BIG) - 1);
	send_all();
	fake_advance(web->loop, 60000);
	assert_true(fake_is_closed(c, NULL));
	assert_true(counted(ENGINEIO_COUNT_WRITE_TIMEOUT) >= 1);
}

/* A window of one byte: the answer goes on, but not for ever. */
static void cve_2019_9511__window_of_nothing__is_given_up(void **state)
{
	add(NGHTTP2_SETTINGS, 0, 0, "\0\x04\0\0\0\0", 6);
	add_get(1);
	send_all();
	fake_advance(web->loop, 60000);
	assert_int_equal(counted(ENGINEIO_COUNT_WRITE_TIMEOUT), 1);
	fake_advance(web->loop, 10000);
	assert_true(fake_is_finished(c));
}

static void windows__that_overflow__end_the_connection(void **state)
{
	add(NGHTTP2_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff", 4);
	assert_calmed(NGHTTP2_FLOW_CONTROL_ERROR);
}

/* RFC 9113 section 6.9.1: for a stream that is RST_STREAM. nghttp2 1.70 ends the
 * connection, as section 5.4.1 allows for every error of a stream. */
static void windows__of_a_stream_that_overflow__end_it_or_all(void **state)
{
	uint32_t error = 0;

	add(NGHTTP2_HEADERS, END_HEADERS, 1, POST, sizeof(POST) - 1);
	add(NGHTTP2_WINDOW_UPDATE, 0, 1, "\x7f\xff\xff\xff", 4);
	send_all();
	if (came(NGHTTP2_GOAWAY, &error))
		assert_true(fake_is_finished(c));
	else
		assert_true(came(NGHTTP2_RST_STREAM, &error));
	assert_int_equal(error, NGHTTP2_FLOW_CONTROL_ERROR);
}

/* More data than the windows allow. */
static void data__beyond_the_window__ends_the_connection(void **state)
{
	static char data[16384];
	unsigned i;

	add(NGHTTP2_HEADERS, END_HEADERS, 1, "\x83\x86\x04\x05/hold\x01\x01x",
		13);
	eio_server_set_option(web->srv, ENGINEIO_MAX_PAYLOAD, 1000);
	for (i = 0; i < 200; i++)
		add(NGHTTP2_DATA, 0, 1, data, sizeof(data));
	send_all();
	assert_true(fake_is_finished(c));
}

static void rubbish__of_many_kinds__ends_the_connection(void **state)
{
	static const struct {
		uint8_t type, flags;
		int32_t id;
		const char *payload;
		size_t len;
	} rows[] = {
		{ NGHTTP2_DATA, 0, 0, "x", 1 },
		{ NGHTTP2_DATA, 0, 1, "x", 1 },
		{ NGHTTP2_HEADERS, END_HEADERS, 2, GET, sizeof(GET) - 1 },
		{ NGHTTP2_HEADERS, END_HEADERS, 1, "\xff\xff\xff\xff", 4 },
		{ NGHTTP2_SETTINGS, 0, 1, "", 0 },
		{ NGHTTP2_SETTINGS, 0, 0, "x", 1 },
		{ NGHTTP2_PING, 0, 0, "x", 1 },
		{ NGHTTP2_RST_STREAM, 0, 5, "\0\0\0\0", 4 },
		{ NGHTTP2_PUSH_PROMISE, END_HEADERS, 1, "\0\0\0\2" GET, 10 },
		{ NGHTTP2_CONTINUATION, END_HEADERS, 1, GET, sizeof(GET) - 1 },
		{ NGHTTP2_GOAWAY, 0, 1, "\0\0\0\0\0\0\0\0", 8 },
		{ NGHTTP2_WINDOW_UPDATE, 0, 0, "\0\0\0\0", 4 },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		add(rows[i].type, rows[i].flags, rows[i].id, rows[i].payload,
			rows[i].len);
		send_all();
		if (!fake_is_finished(c))
			fail_msg("row %zu goes on", i);
		assert_int_equal(counted(ENGINEIO_COUNT_BAD_HTTP), i + 1);
		fake_free(c);
		c = fake_connect(web->loop);
		fake_h2_add_preface(&b);
	}
	assert_int_equal(web->calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(cve_2023_44487__rapid_resets__are_limited),
		T(cve_2023_44487__slow_resets__are_not),
		T(cve_2023_44487__ends_of_streams__are_not_counted),
		T(cve_2025_8671__resets_by_the_server__are_limited),
		T(cve_2019_9514__bad_requests__are_limited),
		T(cve_2019_9512__pings__are_limited),
		T(cve_2019_9515__settings__are_limited),
		T(cve_2019_9518__empty_data__is_limited),
		T(cve_2019_9513__priorities__are_limited),
		T(cve_2019_9512__pings_of_who_does_not_read__wait_in_bounds),
		T(cve_2019_9512__pings_in_one_piece__are_flooding),
		T(pings__now_and_then__are_answered),
		T(window_updates__for_data__are_not_counted),
		T(cve_2019_9516__fields_without_name__are_refused),
		T(cve_2024_28182__continuations__are_limited),
		T(cve_2016_6581__hpack_bomb__is_431),
		T(cve_2020_11080__large_settings__are_refused),
		T(cve_2019_9517__client_that_does_not_read__is_closed),
		T(cve_2019_9511__window_of_nothing__is_given_up),
		T(windows__that_overflow__end_the_connection),
		T(windows__of_a_stream_that_overflow__end_it_or_all),
		T(data__beyond_the_window__ends_the_connection),
		T(rubbish__of_many_kinds__ends_the_connection),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
