/* SPDX-License-Identifier: MIT */
/*
 * test_eio_upgrade_refused.c: from polling to WebSocket: what gives a candidate
 * up, a second one, and the end of the session meanwhile.
 */
#include <config.h>

#include "fake_upgrade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define TEXT     0x81

/* -- what gives the candidate up ----------------------------------------- */

static void candidate__any_other_packet__is_closed_without_harm(void **state)
{
	static const struct {
		int first;
		const char *data;
	} rows[] = {
		{ TEXT, "2" },
		{ TEXT, "2probe " },
		{ TEXT, "2Probe" },
		{ TEXT, "3probe" },
		{ TEXT, "4hello" },
		{ TEXT, "0" },
		{ TEXT, "1" },
		{ TEXT, "6" },
		{ TEXT, "" },
		{ TEXT, "x" },
		{ TEXT, "bAQ==" },
		{ 0x82, "2probe" },
		{ 0x82, "5" },
		{ 0x82, "" },
	};
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < 2 * COUNT(rows); i++) {
		ws = i % 2 ? fake_upgrade_probe(p) : fake_poll_candidate(p);
		assert_non_null(ws); /* the client may try again */
		fake_ws_frame(ws, rows[i / 2].first, rows[i / 2].data,
			strlen(rows[i / 2].data));
		assert_true(fake_ws_is_closed(ws));
		assert_int_equal(ws->close_code, 1005);
		assert_string_equal(fake_app_told(app), "");
		fake_ws_free(ws);
		expect_polling(app, p);
	}
	/* The noop's timer went with the candidate. */
	fake_poll_get(p);
	fake_advance(app->loop, 5000);
	assert_null(fake_poll_next(p));
	fake_poll_free(p);
}

static void candidate__breaking_rfc6455__is_closed_without_harm(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int code;
	} rows[] = {
		{ "\xff\xff\xff", 3, 1002 },
		{ "\x81\x82\0\0\0\0\x34\xff", 8, 1007 },
		{ "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff....", 14, 1009 },
	};
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ws = fake_upgrade_probe(p);
		fake_send(ws->c, rows[i].bytes, rows[i].len);
		assert_true(fake_ws_is_closed(ws));
		assert_int_equal(ws->close_code, rows[i].code);
		fake_ws_free(ws);
		expect_polling(app, p);
	}
	fake_poll_free(p);
}

static void candidate__closed_by_the_client__is_forgotten(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;
	int how;

	for (how = 0; how < 6; how++) {
		ws = how % 2 ? fake_upgrade_probe(p) : fake_poll_candidate(p);
		if (how / 2 == 0)
			fake_fin(ws->c);
		else if (how / 2 == 1)
			fake_reset(ws->c);
		else
			fake_ws_frame(ws, 0x88, "\x03\xe8", 2);
		fake_ws_free(ws);
		expect_polling(app, p);
	}
	ws = fake_upgrade_probe(p);
	fake_ws_send(ws, "5");
	expect_websocket(app, ws);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void candidate__not_finished_in_time__is_closed(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;
	int probed;

	for (probed = 0; probed < 2; probed++) {
		ws = probed ? fake_upgrade_probe(p) : fake_poll_candidate(p);
		fake_advance(app->loop, 9999);
		assert_false(fake_ws_is_closed(ws));
		fake_advance(app->loop, 1);
		assert_true(fake_ws_is_closed(ws));
		assert_int_equal(ws->close_code, 1005);
		fake_ws_free(ws);
		expect_polling(app, p);
	}
	fake_poll_free(p);
}

static void candidate__time_limit__is_an_option(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	eio_server_set_option(app->srv, ENGINEIO_UPGRADE_TIMEOUT, 50);
	ws = fake_upgrade_probe(p);
	fake_advance(app->loop, 49);
	/* A second probe does not win time. */
	fake_ws_send(ws, "2probe");
	fake_advance(app->loop, 1);
	assert_true(fake_ws_is_closed(ws));
	fake_ws_free(ws);
	expect_polling(app, p);
	fake_poll_free(p);
}

static void candidate__once_switched__has_no_time_limit(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);

	fake_advance(app->loop, 9999);
	fake_ws_send(ws, "5");
	fake_advance(app->loop, 10000);
	expect_websocket(app, ws);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void candidate__probing_without_reading__is_bounded(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);
	int i;

	fake_room(ws->c, 0);
	for (i = 0; i < 5000; i++)
		fake_ws_send(ws, "2probe");
	fake_room(ws->c, SIZE_MAX);
	assert_true(fake_received(ws->c)->len > 0);
	assert_true(fake_received(ws->c)->len < 5000);
	fake_ws_free(ws);
	fake_poll_free(p);
}

/* -- two candidates ------------------------------------------------------ */

static void second_candidate__while_upgrading__is_refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);

	assert_null(fake_poll_candidate(p));
	fake_ws_send(ws, "2probe");
	assert_string_equal(fake_ws_next(ws), "3probe");
	assert_null(fake_poll_candidate(p));
	fake_ws_send(ws, "5");
	expect_websocket(app, ws);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void second_candidate__after_the_upgrade__is_refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);

	fake_ws_send(ws, "5");
	assert_null(fake_poll_candidate(p));
	expect_websocket(app, ws);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void second_candidate__of_a_websocket_session__is_refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	char target[256];

	snprintf(target, sizeof(target),
		"/engine.io/?EIO=4&transport=websocket&sid=%s",
		eio_socket_id(app->s));
	assert_null(fake_ws_open(app->loop, target));
	expect_websocket(app, ws);
	fake_ws_free(ws);
}

/* -- ends ---------------------------------------------------------------- */

static void session__aborted_while_upgrading__takes_both_along(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);

	fake_poll_get(p);
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, "enough");
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "1");
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 1005);
	assert_string_equal(fake_app_told(app), "close forced close: enough");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void session__ended_over_polling__closes_the_candidate(void **state)
{
	static const char *const bodies[] = { "1", "2", "x" };
	struct fake_app *app = *state;
	struct fake_poll *p;
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < COUNT(bodies); i++) {
		p = fake_app_poll(app);
		ws = fake_upgrade_probe(p);
		fake_poll_post(p, bodies[i]);
		assert_true(fake_ws_is_closed(ws));
		assert_int_equal(ws->close_code, 1005);
		assert_int_equal(app->closed, app->opened);
		fake_app_told(app);
		fake_ws_free(ws);
		fake_poll_free(p);
	}
}

static void session__closing_when_the_switch_comes__ends(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);

	eio_socket_close(app->s);
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), "");
	fake_ws_send(ws, "5");
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 1005);
	assert_string_equal(fake_app_told(app),
		"close forced close: forced close");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void session__unread_when_closing_and_switching__is_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);

	/* What was promised to leave first still does. */
	assert_true(fake_app_send(app, "last words"));
	eio_socket_close(app->s);
	fake_turn(app->loop);
	fake_ws_send(ws, "5");
	assert_string_equal(fake_ws_next(ws), "4last words");
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 1005);
	assert_string_equal(fake_app_told(app),
		"close forced close: forced close");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void candidate__of_a_session_that_timed_out__is_closed(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	fake_advance(app->loop, 44000);
	ws = fake_upgrade_probe(p);
	fake_advance(app->loop, 1000);
	assert_string_equal(fake_app_told(app),
		"close ping timeout: ping timeout");
	assert_true(fake_ws_is_closed(ws));
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void upgrade__of_a_session_that_is_gone__is_refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	assert_null(fake_poll_candidate(p));
	fake_app_told(app);
	fake_poll_free(p);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(candidate__any_other_packet__is_closed_without_harm),
		TEST(candidate__breaking_rfc6455__is_closed_without_harm),
		TEST(candidate__closed_by_the_client__is_forgotten),
		TEST(candidate__not_finished_in_time__is_closed),
		TEST(candidate__time_limit__is_an_option),
		TEST(candidate__once_switched__has_no_time_limit),
		TEST(candidate__probing_without_reading__is_bounded),
		TEST(second_candidate__while_upgrading__is_refused),
		TEST(second_candidate__after_the_upgrade__is_refused),
		TEST(second_candidate__of_a_websocket_session__is_refused),
		TEST(session__aborted_while_upgrading__takes_both_along),
		TEST(session__ended_over_polling__closes_the_candidate),
		TEST(session__closing_when_the_switch_comes__ends),
		TEST(session__unread_when_closing_and_switching__is_told),
		TEST(candidate__of_a_session_that_timed_out__is_closed),
		TEST(upgrade__of_a_session_that_is_gone__is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
