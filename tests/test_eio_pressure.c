/* SPDX-License-Identifier: MIT */
/*
 * test_eio_pressure.c: clients that read slowly: what the application is told
 * of it, and what becomes of messages that do not fit.
 */
#include <config.h>

#include "fake_app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEP "\x1e"

/* -- what is told -------------------------------------------------------- */

static struct {
	char text[256]; /* "full 1 free 1": which sessions, by number */
	eio_socket *s[4];
	void (*then)(struct fake_app *app, eio_socket *s, bool full);
} told;

static void on_full(eio_socket *s, bool full, void *user)
{
	size_t n = strlen(told.text);
	int i;

	for (i = 0; i < 3; i++)
		if (told.s[i] == s)
			break;
	snprintf(told.text + n, sizeof(told.text) - n, "%s%s %d", n ? " " : "",
		full ? "full" : "free", i);
	assert_int_equal(eio_socket_is_full(s), full);
	if (told.then)
		told.then(user, s, full);
}

static const char *take_told(void)
{
	static char text[sizeof(told.text)];

	memcpy(text, told.text, sizeof(text));
	told.text[0] = 0;
	return text;
}

#define assert_told(expected) assert_string_equal(take_told(), expected)

static int setup(void **state)
{
	struct fake_app *app;
	int err = fake_app_setup(state);

	if (err)
		return err;
	app = *state;
	memset(&told, 0, sizeof(told));
	eio_server_on_full(app->srv, on_full, app);
	fake_app_set(app, ENGINEIO_QUEUE_HIGH, 1000);
	fake_app_set(app, ENGINEIO_QUEUE_LOW, 300);
	return 0;
}

static struct fake_ws *client(struct fake_app *app, int i)
{
	struct fake_ws *ws = fake_app_ws(app);

	told.s[i] = app->s;
	return ws;
}

static void send_to(eio_socket *s, size_t n)
{
	char *text = malloc(n);
	eio_buf *buf;

	assert_non_null(text);
	memset(text, 'x', n);
	buf = eio_buf_new_text(text, n);
	free(text);
	eio_socket_send(s, buf);
	eio_buf_unref(buf);
}

static void full__slow_reader__is_told_and_relief_too(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = client(app, 0);

	fake_room(ws->c, 0);
	send_to(app->s, 500);
	fake_turn(app->loop);
	assert_told("");
	assert_false(eio_socket_is_full(app->s));
	send_to(app->s, 500);
	assert_told(""); /* from the loop only */
	fake_turn(app->loop);
	assert_told("full 0");
	assert_true(fake_app_logged(app, "(QUEUE_HIGH)"));
	assert_int_equal(eio_server_counter(app->srv,
				 ENGINEIO_COUNT_QUEUE_HIGH),
		1);
	send_to(app->s, 500);
	fake_turn(app->loop);
	assert_told("");
	fake_room(ws->c, SIZE_MAX);
	assert_told("free 0");
	assert_int_equal(eio_socket_queued(app->s), 0);
	fake_ws_free(ws);
	fake_app_told(app);
}

static void full__between_the_marks__stays_what_it_is(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = client(app, 0);
	int i;

	fake_app_set(app, ENGINEIO_QUEUE_HIGH, 150000);
	fake_app_set(app, ENGINEIO_QUEUE_LOW, 60000);
	fake_room(ws->c, 0);
	for (i = 0; i < 200; i++)
		send_to(app->s, 1000);
	fake_turn(app->loop);
	assert_told("full 0");
	/* 64 leave in one write, and another 64. */
	fake_room(ws->c, 1000);
	assert_true(eio_socket_queued(app->s) < 150000);
	fake_room(ws->c, 65000);
	assert_true(eio_socket_queued(app->s) > 60000);
	assert_told("");
	assert_true(eio_socket_is_full(app->s));
	fake_room(ws->c, 65000);
	assert_told("free 0");
	assert_true(eio_socket_queued(app->s) < 60000);
	fake_ws_free(ws);
	fake_app_told(app);
}

static void full__partly_read__is_relieved_at_the_low_mark(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = client(app, 0);
	int i;

	/* A long one goes frame by frame. */
	fake_app_set(app, ENGINEIO_QUEUE_HIGH, 20000);
	fake_app_set(app, ENGINEIO_QUEUE_LOW, 10000);
	fake_room(ws->c, 0);
	for (i = 0; i < 40; i++)
		send_to(app->s, 1000);
	send_to(app->s, 100000);
	fake_turn(app->loop);
	assert_told("full 0");
	for (i = 0; i < 5; i++)
		send_to(app->s, 1000);
	fake_room(ws->c, 41000);
	assert_told("");
	fake_room(ws->c, 99000);
	assert_true(eio_socket_queued(app->s) > 0);
	assert_told("free 0");
	fake_ws_free(ws);
	fake_app_told(app);
}

static void full__burst_that_is_taken_at_once__is_nothing(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = client(app, 0);
	int i;

	for (i = 0; i < 10; i++) {
		send_to(app->s, 5000);
		send_to(app->s, 5000);
		fake_turn(app->loop);
	}
	assert_told("");
	fake_ws_free(ws);
	fake_app_told(app);
}

static void full__over_polling__is_told_between_polls(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	told.s[0] = app->s;
	send_to(app->s, 2000);
	fake_turn(app->loop);
	assert_told("full 0");
	assert_int_equal(strlen(fake_poll_next(p)), 2001);
	assert_told("free 0");
	fake_poll_free(p);
	fake_app_told(app);
}

static void full__one_of_several__is_told_of_that_one(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[3];
	int i;

	for (i = 0; i < 3; i++)
		ws[i] = client(app, i);
	fake_room(ws[1]->c, 0);
	for (i = 0; i < 3; i++)
		send_to(told.s[i], 2000);
	fake_turn(app->loop);
	assert_told("full 1");
	for (i = 0; i < 3; i++)
		fake_ws_free(ws[i]);
	fake_app_told(app);
}

static void full__without_a_function__is_not_looked_at(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = client(app, 0);

	eio_server_on_full(app->srv, NULL, NULL);
	eio_server_on_full(NULL, on_full, NULL);
	fake_room(ws->c, 0);
	send_to(app->s, 2000);
	fake_turn(app->loop);
	assert_told("");
	assert_false(eio_socket_is_full(app->s));
	assert_false(eio_socket_is_full(NULL));
	assert_int_equal(eio_socket_refused(NULL), 0);
	fake_ws_free(ws);
	fake_app_told(app);
}

static void close_it(struct fake_app *app, eio_socket *s, bool full)
{
	eio_socket_abort(s, ENGINEIO_REASON_FORCED_CLOSE, "too slow");
}

static void free_all(struct fake_app *app, eio_socket *s, bool full)
{
	fake_app_free_server(app);
}

static void full__function_that_ends_it__may(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = client(app, 0);

	told.then = close_it;
	fake_room(ws->c, 0);
	send_to(app->s, 2000);
	fake_turn(app->loop);
	assert_told("full 0");
	assert_string_equal(fake_app_told(app), "close forced close: too slow");
	fake_ws_free(ws);
	ws = client(app, 0);
	told.then = free_all;
	fake_room(ws->c, 0);
	send_to(app->s, 2000);
	fake_turn(app->loop);
	assert_told("full 0");
	fake_ws_free(ws);
}

static void full__gone_before_it_is_told__is_not_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = client(app, 0);

	fake_room(ws->c, 0);
	send_to(app->s, 2000);
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	assert_told("");
	fake_ws_free(ws);
	fake_app_told(app);
}

/* -- what does not fit --------------------------------------------------- */

static void
refuse__what_does_not_fit__is_lost_and_the_session_lives(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = client(app, 0);

	fake_app_set(app, ENGINEIO_QUEUE_POLICY, ENGINEIO_QUEUE_REFUSE);
	fake_app_set(app, ENGINEIO_QUEUE_PACKETS, 2);
	fake_app_set(app, ENGINEIO_QUEUE_HIGH, 1000000);
	fake_room(ws->c, 0);
	assert_true(fake_app_send(app, "one"));
	assert_true(fake_app_send(app, "two"));
	assert_false(fake_app_send(app, "three"));
	assert_false(fake_app_send(app, "four"));
	assert_true(eio_socket_is_open(app->s));
	assert_int_equal(eio_socket_refused(app->s), 2);
	assert_int_equal(eio_server_counter(app->srv, ENGINEIO_COUNT_REFUSED),
		2);
	assert_int_equal(eio_server_counter(app->srv,
				 ENGINEIO_COUNT_QUEUE_PACKETS),
		0);
	assert_true(fake_app_logged(app, "message refused"));
	fake_turn(app->loop);
	/* Few bytes: it is full because of the packets, and at once free by
	 * the mark of bytes. */
	assert_told("full 0 free 0");
	fake_room(ws->c, SIZE_MAX);
	assert_string_equal(fake_ws_next(ws), "4one");
	assert_string_equal(fake_ws_next(ws), "4two");
	assert_null(fake_ws_next(ws));
	assert_true(fake_app_send(app, "five"));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "4five");
	fake_ws_free(ws);
	fake_app_told(app);
}

static void refuse__by_bytes__is_full_until_it_has_room(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = client(app, 0);
	int i, taken = 0;

	fake_app_set(app, ENGINEIO_QUEUE_POLICY, ENGINEIO_QUEUE_REFUSE);
	fake_app_set(app, ENGINEIO_QUEUE_BYTES, 5000);
	fake_app_set(app, ENGINEIO_QUEUE_HIGH, 1000000);
	fake_room(ws->c, 0);
	for (i = 0; i < 100; i++)
		taken += fake_app_send_much(app, 'x', 1000);
	fake_turn(app->loop);
	assert_told("full 0");
	assert_int_equal(eio_socket_refused(app->s), 100 - taken);
	assert_true(taken >= 4 && taken <= 6);
	fake_room(ws->c, SIZE_MAX);
	assert_told("free 0");
	for (i = 0; i < taken; i++)
		assert_int_equal(strlen(fake_ws_next(ws)), 1001);
	assert_null(fake_ws_next(ws));
	fake_ws_free(ws);
	fake_app_told(app);
}

static void refuse__several_together__are_all_or_none(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	eio_buf *bufs[2];

	told.s[0] = app->s;
	fake_app_set(app, ENGINEIO_QUEUE_POLICY, ENGINEIO_QUEUE_REFUSE);
	fake_app_set(app, ENGINEIO_QUEUE_PACKETS, 2);
	bufs[0] = eio_buf_new_text("a", 1);
	bufs[1] = eio_buf_new_binary("\x01", 1);
	assert_true(fake_app_send(app, "x"));
	assert_int_equal(eio_socket_send_all(app->s, bufs, 2),
		ENGINEIO_ERR_FULL);
	assert_int_equal(eio_socket_refused(app->s), 1);
	assert_string_equal(fake_poll_next(p), "4x");
	assert_int_equal(eio_socket_send_all(app->s, bufs, 2), 0);
	assert_string_equal(fake_poll_next(p), "4a" SEP "bAQ==");
	eio_buf_unref(bufs[0]);
	eio_buf_unref(bufs[1]);
	fake_poll_free(p);
	fake_app_told(app);
}

static void policy__other_numbers__are_invalid(void **state)
{
	struct fake_app *app = *state;

	assert_int_equal(eio_server_set_option(app->srv, ENGINEIO_QUEUE_POLICY,
				 2),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_option(app->srv, ENGINEIO_QUEUE_HIGH,
				 0),
		ENGINEIO_ERR_INVALID);
	fake_app_set(app, ENGINEIO_QUEUE_LOW, 0);
}

/* -- a turn ends --------------------------------------------------------- */

static void send_another(struct fake_app *app, eio_socket *s)
{
	fake_app_send(app, "again");
}

/* One that is fed for ever, and the network takes it all. */
static void drain__that_always_sends__does_not_keep_the_others(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *feeder = client(app, 0), *other;
	unsigned turns, seen = 0;

	app->on_drain = send_another;
	fake_app_send(app, "first");
	for (turns = 0; turns < 5; turns++) {
		fake_turn(app->loop);
		assert_true(app->drained > seen);
		seen = app->drained;
	}
	while (fake_ws_next(feeder))
		;
	other = fake_ws_open(app->loop,
		"/engine.io/?EIO=4&transport=websocket");
	assert_non_null(other);
	assert_non_null(fake_ws_next(other));
	app->on_drain = NULL;
	fake_turn(app->loop);
	fake_ws_free(feeder);
	fake_ws_free(other);
	fake_app_told(app);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(full__slow_reader__is_told_and_relief_too),
		TEST(full__between_the_marks__stays_what_it_is),
		TEST(full__partly_read__is_relieved_at_the_low_mark),
		TEST(full__burst_that_is_taken_at_once__is_nothing),
		TEST(full__over_polling__is_told_between_polls),
		TEST(full__one_of_several__is_told_of_that_one),
		TEST(full__without_a_function__is_not_looked_at),
		TEST(full__function_that_ends_it__may),
		TEST(full__gone_before_it_is_told__is_not_told),
		TEST(refuse__what_does_not_fit__is_lost_and_the_session_lives),
		TEST(refuse__by_bytes__is_full_until_it_has_room),
		TEST(refuse__several_together__are_all_or_none),
		TEST(policy__other_numbers__are_invalid),
		TEST(drain__that_always_sends__does_not_keep_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
