/* SPDX-License-Identifier: MIT */
/*
 * test_advisories_sio.c: what was reported against socket.io,
 * socket.io-parser and their relatives, one test for each under its name,
 * and cases of our own.
 *
 * Beside every test there is a client that has no part in it; at the end it
 * must be answered.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sio.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define MEGABYTE 1000000
#define POLL     "/socket.io/?EIO=4&transport=polling"

static struct fake_ws *bystander;

static void answer(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "answer", NULL);
}

static int setup(void **state)
{
	sio_setup(state);
	sio_nsp_on_event(io, "ask", answer, NULL);
	bystander = sio_client("/", NULL);
	return 0;
}

static int teardown(void **state)
{
	if (srv) {
		fake_ws_send(bystander, "42[\"ask\"]");
		expect(bystander, "42[\"answer\"]");
	}
	fake_ws_free(bystander);
	fake_turn(loop);
	assert_int_equal(fake_open_conns(loop), 0);
	return sio_teardown(state);
}

/* A client that sends this in "/" is closed; nobody is told of it. */
static void expect_refused(const char *packet)
{
	struct fake_ws *ws = sio_client("/", NULL);

	fake_ws_send(ws, packet);
	if (!fake_ws_is_closed(ws))
		fail_msg("%.60s was not refused", packet);
	fake_ws_free(ws);
}

/* The text, and very often the same letter behind it. */
static char *make_long(const char *begin, char fill, const char *end)
{
	size_t b = strlen(begin), e = strlen(end);
	char *text = malloc(MEGABYTE + 1);

	assert_non_null(text);
	memcpy(text, begin, b);
	memset(text + b, fill, MEGABYTE - b - e);
	memcpy(text + MEGABYTE - e, end, e + 1);
	return text;
}

/* -- socket.io-parser ---------------------------------------------------- */

static void cve_2020_36049__a_megabyte_of_anything__is_one_pass(void **state)
{
	static const struct {
		const char *begin;
		char fill;
		const char *end;
	} rows[] = {
		{ "42", '1', "" },
		{ "42/", 'n', "" },
		{ "42/", 'n', ",[\"a\"]" },
		{ "45", '1', "" },
		{ "45", '9', "-[\"a\"]" },
		{ "42[\"", '\\', "\"]" },
		{ "42[\"a\",", '[', "" },
		{ "42[\"a\",", '-', "]" },
	};
	char *text;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		text = make_long(rows[i].begin, rows[i].fill, rows[i].end);
		expect_refused(text);
		free(text);
	}
}

static void
cve_2022_2421__placeholder_without_a_number__is_refused(void **state)
{
	static const char *const nums[] = { "\"splice\"", "\"0\"", "-1", "1",
		"1e99", "0.5", "{}", "[]", "null", "true",
		"99999999999999999999" };
	struct fake_ws *ws;
	char text[128];
	size_t i;

	sio_nsp_on_event(io, "a", tell_event, NULL);
	for (i = 0; i < COUNT(nums); i++) {
		ws = sio_client("/", NULL);
		snprintf(text, sizeof(text),
			"451-[\"a\",{\"_placeholder\":true,\"num\":%s}]",
			nums[i]);
		fake_ws_send(ws, text);
		fake_ws_send_binary(ws, "x", 1);
		assert_story("");
		expect_closed(ws);
		fake_ws_free(ws);
	}
	ws = sio_client("/", NULL);
	fake_ws_send(ws, "451-[\"a\",{\"_placeholder\":true}]");
	fake_ws_send_binary(ws, "x", 1);
	assert_story("");
	expect_closed(ws);
	fake_ws_free(ws);
}

static void cve_2023_32695__event_name_that_is_no_text__is_refused(void **state)
{
	expect_refused("42[{\"toString\":\"foo\"}]");
	expect_refused("42[true]");
	expect_refused("42[null]");
	expect_refused("42[[\"a\"]]");
	expect_refused("42[]");
	expect_refused("42{\"0\":\"a\"}");
}

static void cve_2026_33151__attachments_without_bound__are_refused(void **state)
{
	struct fake_ws *ws;
	char *much = make_long("", 'x', "");

	expect_refused("4511-[\"a\"]");
	expect_refused("45999999999-[\"a\"]");
	expect_refused("45999999999999999999999-[\"a\"]");
	/* All of them together: twice the largest message. */
	ws = sio_client("/", NULL);
	fake_ws_send(ws, "4510-[\"a\"]");
	fake_ws_send_binary(ws, much, MEGABYTE);
	fake_ws_send_binary(ws, much, MEGABYTE);
	expect_open(ws);
	fake_ws_send_binary(ws, much, 1);
	expect_closed(ws);
	assert_int_equal(sio_server_counter(srv,
				 SIO_COUNT_MAX_ATTACHMENT_BYTES),
		1);
	fake_ws_free(ws);
	free(much);
}

static void cve_2026_69185__no_attachments_announced__keeps_none(void **state)
{
	struct fake_ws *ws;

	expect_refused("450-[\"x\"]");
	expect_refused("4500-[\"x\"]");
	expect_refused("460-1[]");
	ws = sio_client("/", NULL);
	fake_ws_send_binary(ws, "x", 1);
	expect_closed(ws);
	fake_ws_free(ws);
}

/* python-socketio: kept for ever if they never come. */
static void
cve_2026_48804__attachments_that_never_come__are_given_up(void **state)
{
	struct fake_ws *ws = sio_client("/", NULL);

	sio_server_set_option(srv, SIO_ATTACHMENT_TIMEOUT, 5000);
	fake_ws_send(ws, "452-[\"a\"]");
	fake_ws_send_binary(ws, "x", 1);
	fake_advance(loop, 5000);
	expect_closed(ws);
	fake_ws_free(ws);
}

/* -- socket.io ----------------------------------------------------------- */

static void cve_2017_16031__ids__need_randomness(void **state)
{
	char first[24], second[24];
	struct fake_ws *a = sio_client("/", first);
	struct fake_ws *b = sio_client("/", second);
	struct fake_reply r;

	assert_string_not_equal(first, second);
	fake_break_random(loop);
	r = fake_http(loop, "GET", POLL, NULL, NULL);
	assert_int_equal(r.status, 500);
	fake_reply_clear(&r);
	assert_null(fake_ws_open(loop,
		"/socket.io/?EIO=4&transport=websocket"));
	fake_ws_free(a);
	fake_ws_free(b);
}

static void cve_2020_28481__other_origins__are_told_nothing(void **state)
{
	static const char *const methods[] = { "GET", "OPTIONS", "POST" };
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(methods); i++) {
		r = fake_http(loop, methods[i], POLL,
			"Origin: http://evil.example\r\n"
			"Access-Control-Request-Method: POST\r\n",
			NULL);
		assert_null(strstr(r.head, "ccess-"));
		fake_reply_clear(&r);
	}
}

static void cve_2024_38355__event_of_any_name__is_harmless(void **state)
{
	static const char *const taken[] = { "error", "__proto__", "",
		"toString", "constructor", "message", "open", "close",
		"connection" };
	static const char *const refused[] = { "connect", "connect_error",
		"disconnect", "disconnecting", "newListener",
		"removeListener" };
	struct fake_ws *ws = sio_client("/", NULL);
	char text[64];
	size_t i;

	for (i = 0; i < COUNT(taken); i++) {
		snprintf(text, sizeof(text), "42[\"%s\"]", taken[i]);
		fake_ws_send(ws, text);
		expect_open(ws);
	}
	fake_ws_free(ws);
	for (i = 0; i < COUNT(refused); i++) {
		snprintf(text, sizeof(text), "42[\"%s\"]", refused[i]);
		expect_refused(text);
	}
}

/* -- our own ------------------------------------------------------------- */

static void own__json_100000_deep__is_refused(void **state)
{
	char *text = malloc(200100);
	size_t i, n;

	assert_non_null(text);
	memcpy(text, "42[\"a\",", 7);
	n = 7;
	for (i = 0; i < 100000; i++)
		text[n++] = '[';
	for (i = 0; i < 100000; i++)
		text[n++] = ']';
	text[n++] = ']';
	text[n] = 0;
	expect_refused(text);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_GIVEN_UP) +
			sio_server_counter(srv, SIO_COUNT_MAX_DEPTH),
		1);
	free(text);
}

static void own__namespace_of_a_megabyte__is_refused(void **state)
{
	char *text = make_long("40/", 'n', "");
	struct fake_ws *ws;
	int i;

	sio_server_of_pattern(srv, "^/n");
	for (i = 0; i < 10; i++) {
		ws = sio_session();
		fake_ws_send(ws, text);
		expect_closed(ws);
		fake_ws_free(ws);
	}
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_MAX_NAME), 10);
	free(text);
}

static void own__100000_unknown_namespaces__leave_nothing(void **state)
{
	struct fake_ws *ws = sio_client("/", NULL);
	char text[64];
	int i;

	for (i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "40/x%d,", i);
		fake_ws_send(ws, text);
		snprintf(text, sizeof(text),
			"44/x%d,{\"message\":\"Invalid namespace\"}", i);
		expect(ws, text);
	}
	expect_open(ws);
	fake_ws_free(ws);
}

static void own__ack_ids__are_never_too_large(void **state)
{
	struct fake_ws *ws = sio_client("/", NULL);

	/* Nobody waits for it. */
	fake_ws_send(ws, "439007199254740991[]");
	expect_open(ws);
	fake_ws_free(ws);
	expect_refused("4218446744073709551616[\"a\"]");
	expect_refused("4399999999999999999999999[]");
}

static void own__connect_twice__is_closed(void **state)
{
	expect_refused("40");
}

static void own__disconnect_twice__is_nothing(void **state)
{
	struct fake_ws *ws = sio_client("/", NULL);

	sio_send_together(ws, "41", "41", NULL);
	expect_open(ws);
	fake_ws_free(ws);
}

static void own__text_between_attachments__is_refused(void **state)
{
	struct fake_ws *ws = sio_client("/", NULL);

	fake_ws_send(ws, "452-[\"a\"]");
	fake_ws_send_binary(ws, "x", 1);
	fake_ws_send(ws, "42[\"b\"]");
	expect_closed(ws);
	fake_ws_free(ws);
}

static void own__closed_with_attachments_pending__leaves_nothing(void **state)
{
	struct fake_ws *ws = sio_client("/", NULL);

	fake_ws_send(ws, "453-[\"a\"]");
	fake_ws_send_binary(ws, "x", 1);
	fake_reset(ws->c);
	fake_ws_free(ws);
	/* Their time limit is gone with them. */
	fake_advance(loop, 20000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cve_2020_36049__a_megabyte_of_anything__is_one_pass),
		TEST(cve_2022_2421__placeholder_without_a_number__is_refused),
		TEST(cve_2023_32695__event_name_that_is_no_text__is_refused),
		TEST(cve_2026_33151__attachments_without_bound__are_refused),
		TEST(cve_2026_69185__no_attachments_announced__keeps_none),
		TEST(cve_2026_48804__attachments_that_never_come__are_given_up),
		TEST(cve_2017_16031__ids__need_randomness),
		TEST(cve_2020_28481__other_origins__are_told_nothing),
		TEST(cve_2024_38355__event_of_any_name__is_harmless),
		TEST(own__json_100000_deep__is_refused),
		TEST(own__namespace_of_a_megabyte__is_refused),
		TEST(own__100000_unknown_namespaces__leave_nothing),
		TEST(own__ack_ids__are_never_too_large),
		TEST(own__connect_twice__is_closed),
		TEST(own__disconnect_twice__is_nothing),
		TEST(own__text_between_attachments__is_refused),
		TEST(own__closed_with_attachments_pending__leaves_nothing),
	};

	return cmocka_run_group_tests_name("advisories of socket.io", tests,
		NULL, NULL);
}
