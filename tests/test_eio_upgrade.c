/* SPDX-License-Identifier: MIT */
/*
 * test_eio_upgrade.c: from long polling to WebSocket (Engine.IO protocol 4,
 * Upgrade): probe, noop, switch, and what may be said between them.
 */
#include <config.h>

#include "fake_upgrade.h"

#include <engineio/net.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define TEXT     0x81

/* The status and body that a polling request of the session gets now. */
static void expect_mismatch(struct fake_app *app, struct fake_poll *p)
{
	static const char *const methods[] = { "GET", "POST" };
	struct fake_reply r;
	char target[256];
	size_t i;

	fake_poll_target(p, target);
	for (i = 0; i < COUNT(methods); i++) {
		r = fake_http(app->loop, methods[i], target, NULL, NULL);
		assert_int_equal(r.status, 400);
		assert_string_equal(r.body,
			"{\"code\":3,\"message\":\"Bad request\"}");
		fake_reply_clear(&r);
	}
}

/* -- as it should be ----------------------------------------------------- */

static void candidate__before_its_probe__is_told_nothing(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);

	assert_true(fake_app_send(app, "for the poll"));
	fake_advance(app->loop, 5000);
	assert_null(fake_ws_next(ws));
	assert_string_equal(fake_poll_next(p), "4for the poll");
	assert_string_equal(eio_socket_transport(app->s), "polling");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void upgrade__step_by_step__moves_the_session(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	fake_poll_get(p);
	ws = fake_upgrade_probe(p);
	/* The client may not switch before its poll has returned. */
	fake_advance(app->loop, 99);
	assert_null(fake_poll_next(p));
	fake_advance(app->loop, 1);
	assert_string_equal(fake_poll_next(p), "6");
	assert_string_equal(eio_socket_transport(app->s), "polling");
	fake_ws_send(ws, "5");
	assert_null(fake_ws_next(ws));
	expect_websocket(app, ws);
	expect_mismatch(app, p);
	expect_websocket(app, ws);
	assert_string_equal(fake_app_told(app), "");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void upgrade__done__memory_ahead_is_named(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);
	int data = 1;

	eio_socket_set_data(app->s, &data);
	assert_null(fake_ahead(ws->c, EIO__AHEAD_SESSION));
	fake_ws_send(ws, "5");
	expect_websocket(app, ws);
	assert_ptr_equal(fake_ahead(ws->c, EIO__AHEAD_SESSION), app->s);
	assert_ptr_equal(fake_ahead(ws->c, EIO__AHEAD_DATA), &data);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void upgrade__without_a_probe__is_accepted(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);

	fake_ws_send(ws, "5");
	expect_websocket(app, ws);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void noop__after_the_probe__is_repeated(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);
	int i;

	for (i = 0; i < 5; i++) {
		fake_poll_get(p);
		fake_advance(app->loop, 99);
		assert_null(fake_poll_next(p));
		fake_advance(app->loop, 1);
		assert_string_equal(fake_poll_next(p), "6");
	}
	/* No noop waits where no poll did. */
	fake_advance(app->loop, 1000);
	assert_null(fake_poll_next(p));
	fake_advance(app->loop, 100);
	assert_string_equal(fake_poll_next(p), "6");
	fake_ws_send(ws, "5");
	expect_websocket(app, ws);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void noop__after_a_second_probe__starts_anew(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);

	fake_poll_get(p);
	fake_advance(app->loop, 60);
	fake_ws_send(ws, "2probe");
	assert_string_equal(fake_ws_next(ws), "3probe");
	fake_advance(app->loop, 99);
	assert_null(fake_poll_next(p));
	fake_advance(app->loop, 1);
	assert_string_equal(fake_poll_next(p), "6");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void noop__when_data_waits__is_not_needed(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);

	fake_poll_get(p);
	assert_true(fake_app_send(app, "instead"));
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "4instead");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void send_late(void *user, int status)
{
	assert_true(fake_app_send(user, "just in time"));
}

static void noop__due_together_with_a_message__gives_way(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	eio_loop_after(app->loop, 100, send_late, app);
	ws = fake_upgrade_probe(p);
	fake_poll_get(p);
	fake_advance(app->loop, 100);
	assert_string_equal(fake_poll_next(p), "4just in time");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void noop__interval__is_an_option(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	eio_server_set_option(app->srv, ENGINEIO_NOOP_INTERVAL, 7);
	fake_poll_get(p);
	ws = fake_upgrade_probe(p);
	fake_advance(app->loop, 6);
	assert_null(fake_poll_next(p));
	fake_advance(app->loop, 1);
	assert_string_equal(fake_poll_next(p), "6");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void data__during_the_upgrade__goes_over_polling(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);
	int i;

	for (i = 0; i < 3; i++) {
		expect_polling(app, p);
		fake_advance(app->loop, 130);
		assert_null(fake_ws_next(ws));
	}
	fake_ws_send(ws, "5");
	expect_websocket(app, ws);
	fake_ws_free(ws);
	fake_poll_free(p);
}

/* The client's poll has come back, its "5" is on the way: only the
 * WebSocket can tell it now. */
static void
shutdown__between_probe_and_switch__waits_for_the_switch(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);

	eio_server_close(app->srv, 5000, NULL, NULL);
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), "");
	assert_false(fake_ws_is_closed(ws));
	fake_ws_send(ws, "5");
	assert_true(fake_ws_is_closed(ws));
	assert_string_equal(fake_app_told(app),
		"close server shutting down: server shutting down");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void shutdown__while_a_poll_waits__is_told_there(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);

	fake_poll_get(p);
	eio_server_close(app->srv, 5000, NULL, NULL);
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "1");
	assert_true(fake_ws_is_closed(ws));
	assert_string_equal(fake_app_told(app),
		"close server shutting down: server shutting down");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void data__that_waits_at_the_switch__follows_in_order(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_upgrade_probe(p);

	assert_true(fake_app_send(app, "a"));
	assert_true(fake_app_send_binary(app, "\x01", 1));
	fake_turn(app->loop);
	assert_true(fake_app_send(app, "b"));
	fake_ws_send(ws, "5");
	assert_true(fake_app_send(app, "c"));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "4a");
	assert_string_equal(fake_ws_next(ws), "\x01");
	assert_string_equal(fake_ws_next(ws), "4b");
	assert_string_equal(fake_ws_next(ws), "4c");
	assert_null(fake_ws_next(ws));
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void poll__waiting_at_the_switch__gets_the_close_packet(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);

	fake_poll_get(p);
	fake_ws_send(ws, "5");
	assert_string_equal(fake_poll_next(p), "1");
	expect_websocket(app, ws);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void poll__connection_closed_after_the_switch__is_harmless(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);

	fake_poll_get(p);
	fake_ws_send(ws, "5");
	fake_reset(p->get);
	expect_websocket(app, ws);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void switch__packets_behind_it__are_the_sessions(void **state)
{
	struct fake_app *app = *state;
	struct eio__strbuf b;
	size_t cut;

	eio__strbuf_init(&b, 0);
	fake_ws_add_frame(&b, TEXT, "2probe", 6);
	fake_ws_add_frame(&b, TEXT, "5", 1);
	fake_ws_add_frame(&b, TEXT, "4hello", 6);
	for (cut = 1; cut <= b.len; cut++) {
		struct fake_poll *p = fake_app_poll(app);
		struct fake_ws *ws = fake_poll_candidate(p);

		fake_send(ws->c, b.data, cut);
		if (cut < b.len)
			fake_send(ws->c, b.data + cut, b.len - cut);
		assert_string_equal(fake_app_told(app), "text hello");
		assert_string_equal(fake_ws_next(ws), "3probe");
		expect_mismatch(app, p);
		expect_websocket(app, ws);
		fake_ws_free(ws);
		fake_poll_free(p);
		fake_app_told(app);
	}
	eio__strbuf_clear(&b);
}

static void switch__asking_for_base64__gets_it_from_then_on(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;
	char target[256];

	snprintf(target, sizeof(target),
		"/engine.io/?EIO=4&transport=websocket&b64=1&sid=%s", p->sid);
	ws = fake_ws_open(app->loop, target);
	assert_true(fake_app_send_binary(app, "\x01", 1));
	fake_turn(app->loop);
	fake_ws_send(ws, "5");
	assert_true(fake_app_send_binary(app, "\x01\x02\x03\x04", 4));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "bAQ==");
	assert_string_equal(fake_ws_next(ws), "bAQIDBA==");
	assert_false(ws->binary);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void switch__of_a_base64_session__carries_what_it_asks_for(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p =
		fake_poll_open_with(app->loop, "/engine.io/", "&b64=1");
	struct fake_ws *ws = fake_poll_candidate(p);

	assert_true(fake_app_send_binary(app, "\x01", 1));
	fake_ws_send(ws, "5");
	assert_true(fake_app_send_binary(app, "\x01\x02", 2));
	fake_turn(app->loop);
	/* The first was waiting for a poll. */
	assert_string_equal(fake_ws_next(ws), "bAQ==");
	assert_string_equal(fake_ws_next(ws), "\x01\x02");
	assert_true(ws->binary);
	fake_ws_free(ws);
	fake_poll_free(p);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(candidate__before_its_probe__is_told_nothing),
		TEST(upgrade__step_by_step__moves_the_session),
		TEST(upgrade__without_a_probe__is_accepted),
		TEST(upgrade__done__memory_ahead_is_named),
		TEST(noop__after_the_probe__is_repeated),
		TEST(noop__after_a_second_probe__starts_anew),
		TEST(noop__when_data_waits__is_not_needed),
		TEST(noop__due_together_with_a_message__gives_way),
		TEST(noop__interval__is_an_option),
		TEST(data__during_the_upgrade__goes_over_polling),
		TEST(shutdown__between_probe_and_switch__waits_for_the_switch),
		TEST(shutdown__while_a_poll_waits__is_told_there),
		TEST(data__that_waits_at_the_switch__follows_in_order),
		TEST(poll__waiting_at_the_switch__gets_the_close_packet),
		TEST(poll__connection_closed_after_the_switch__is_harmless),
		TEST(switch__packets_behind_it__are_the_sessions),
		TEST(switch__asking_for_base64__gets_it_from_then_on),
		TEST(switch__of_a_base64_session__carries_what_it_asks_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
