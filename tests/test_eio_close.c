/* SPDX-License-Identifier: MIT */
/*
 * test_eio_close.c: the end of a session, by the client or by the server: what
 * the client sees, and the reason the application is told, once.
 */
#include <config.h>

#include "fake_app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SEP      "\x1e"
#define FORCED   "close forced close: forced close"

/* -- by the client ------------------------------------------------------- */

static void client__close_packet_over_polling__frees_its_poll(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_poll_get(p);
	assert_int_equal(fake_poll_post(p, "1"), 200);
	assert_string_equal(fake_poll_next(p), "6");
	assert_string_equal(fake_app_told(app),
		"close transport close: close packet");
	assert_true(fake_poll_is_unknown(p));
	fake_poll_free(p);
}

static void client__close_packet_without_a_poll__is_enough(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_int_equal(fake_poll_post(p, "4a" SEP "1" SEP "4b"), 200);
	assert_string_equal(fake_app_told(app),
		"text a | close transport close: close packet");
	assert_true(fake_poll_is_unknown(p));
	fake_poll_free(p);
}

static void client__rubbish_behind_the_close_packet__is_not_read(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_int_equal(fake_poll_post(p, "1" SEP "x"), 200);
	assert_string_equal(fake_app_told(app),
		"close transport close: close packet");
	fake_poll_free(p);
}

static void client__each_packet_over_polling__does_this(void **state)
{
	static const struct {
		const char *body, *told;
		int status;
	} rows[] = {
		{ "0", "", 200 },
		{ "0{\"sid\":\"x\"}", "", 200 },
		{ "1", "close transport close: close packet", 200 },
		{ "2", "close transport error: invalid heartbeat direction",
			200 },
		{ "3", "", 200 },
		{ "3foo", "", 200 },
		{ "4hello", "text hello", 200 },
		{ "5", "", 200 },
		{ "6", "", 200 },
		{ "bAQI=", "binary 0102", 200 },
		{ "", "close parse error: undecodable packet", 400 },
		{ "x", "close parse error: undecodable packet", 400 },
	};
	struct fake_app *app = *state;
	struct fake_poll *p;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		p = fake_app_poll(app);
		assert_int_equal(fake_poll_post(p, rows[i].body),
			rows[i].status);
		assert_string_equal(fake_app_told(app), rows[i].told);
		fake_poll_free(p);
	}
}

static void client__leaving_while_we_close__is_told_once(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	eio_socket_close(app->s);
	assert_int_equal(fake_poll_post(p, "4ignored" SEP "1"), 200);
	assert_string_equal(fake_app_told(app),
		"close transport close: close packet");
	assert_true(fake_poll_is_unknown(p));
	fake_poll_free(p);
}

/* -- by the server, over polling ----------------------------------------- */

static void close__with_a_waiting_poll__answers_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_poll_get(p);
	eio_socket_close(app->s);
	assert_false(eio_socket_is_open(app->s));
	assert_string_equal(fake_app_told(app), ""); /* from the loop only */
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "1");
	assert_string_equal(fake_app_told(app), FORCED);
	assert_true(fake_poll_is_unknown(p));
	fake_poll_free(p);
}

static void
close__with_a_poll_and_a_queue__answers_the_queue_first(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_poll_get(p);
	assert_true(fake_app_send(app, "last words"));
	eio_socket_close(app->s);
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "4last words");
	assert_string_equal(fake_app_told(app), "");
	assert_string_equal(fake_poll_next(p), "6" SEP "1");
	assert_string_equal(fake_app_told(app), FORCED);
	assert_true(fake_poll_is_unknown(p));
	fake_poll_free(p);
}

static void close__without_a_poll__waits_for_the_next(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	eio_socket_close(app->s);
	fake_advance(app->loop, 29999);
	assert_string_equal(fake_app_told(app), "");
	assert_string_equal(fake_poll_next(p), "6" SEP "1");
	assert_string_equal(fake_app_told(app), FORCED);
	assert_true(fake_poll_is_unknown(p));
	fake_poll_free(p);
}

static void close__without_a_poll_but_a_queue__takes_two_polls(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_true(fake_app_send(app, "last words"));
	eio_socket_close(app->s);
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "4last words");
	assert_string_equal(fake_poll_next(p), "6" SEP "1");
	assert_string_equal(fake_app_told(app), FORCED);
	fake_poll_free(p);
}

static void close__client_that_never_comes__is_waited_for_30_s(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_advance(app->loop, 20000); /* the heartbeat has no say */
	eio_socket_close(app->s);
	fake_advance(app->loop, 29999);
	assert_string_equal(fake_app_told(app), "");
	fake_advance(app->loop, 1);
	assert_string_equal(fake_app_told(app),
		"close forced close: client did not come for its close packet");
	assert_true(fake_poll_is_unknown(p));
	fake_poll_free(p);
}

static void close__what_comes_meanwhile__is_ignored(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	eio_socket_close(app->s);
	eio_socket_close(app->s);
	assert_int_equal(fake_poll_post(p, "4hello" SEP "2" SEP "3"), 200);
	assert_string_equal(fake_app_told(app), "");
	assert_false(fake_app_send(app, "too late"));
	assert_string_equal(fake_poll_next(p), "6" SEP "1");
	assert_string_equal(fake_app_told(app), FORCED);
	fake_poll_free(p);
}

static void abort__over_polling__throws_the_queue_away(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_poll_get(p);
	assert_true(fake_app_send(app, "never read"));
	eio_socket_abort(app->s, ENGINEIO_REASON_PARSE_ERROR, "bad manners");
	assert_int_equal(eio_socket_queued(app->s), 0);
	assert_string_equal(fake_app_told(app), "");
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "1");
	assert_string_equal(fake_app_told(app),
		"close parse error: bad manners");
	assert_true(fake_poll_is_unknown(p));
	fake_poll_free(p);
}

/* -- by the server, over WebSocket --------------------------------------- */

static void close__over_websocket__sends_the_queue_first(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	assert_true(fake_app_send(app, "last words"));
	eio_socket_close(app->s);
	assert_false(fake_app_send(app, "too late"));
	assert_string_equal(fake_app_told(app), "");
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "4last words");
	assert_true(fake_ws_ended_with(ws, 1005));
	assert_string_equal(fake_app_told(app), FORCED);
	fake_ws_free(ws);
}

static void close__over_a_blocked_websocket__waits_for_room(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_room(ws->c, 3);
	assert_true(fake_app_send(app, "last words"));
	fake_turn(app->loop);
	assert_true(fake_app_send(app, "the very last"));
	eio_socket_close(app->s);
	fake_ws_send(ws, "4ignored");
	fake_advance(app->loop, 20000);
	assert_string_equal(fake_app_told(app), "");
	fake_room(ws->c, SIZE_MAX);
	assert_string_equal(fake_ws_next(ws), "4last words");
	assert_string_equal(fake_ws_next(ws), "4the very last");
	assert_true(fake_ws_ended_with(ws, 1005));
	assert_string_equal(fake_app_told(app), FORCED);
	fake_ws_free(ws);
}

/* The network has taken all of it, and keeps a part. */
static void close__with_a_torn_last_write__ends_when_it_has_left(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_room(ws->c, 3);
	assert_true(fake_app_send(app, "last words"));
	eio_socket_close(app->s);
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), "");
	fake_room(ws->c, SIZE_MAX);
	assert_string_equal(fake_ws_next(ws), "4last words");
	assert_true(fake_ws_ended_with(ws, 1005));
	assert_string_equal(fake_app_told(app), FORCED);
	fake_ws_free(ws);
}

static void close__over_a_websocket_that_stays_blocked__ends(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_room(ws->c, 0);
	assert_true(fake_app_send(app, "never read"));
	eio_socket_close(app->s);
	fake_advance(app->loop, 29999);
	assert_int_equal(app->closed, 0);
	fake_advance(app->loop, 1);
	assert_int_equal(app->closed, 1);
	/* The connection is not kept for ever either. */
	fake_advance(app->loop, 60000);
	assert_true(fake_is_closed(ws->c, NULL));
	fake_app_told(app);
	fake_ws_free(ws);
}

static void
close__upgraded_to_a_blocked_websocket__keeps_its_limit(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	fake_advance(app->loop, 25000);
	assert_string_equal(fake_poll_next(p), "2");
	ws = fake_poll_candidate(p);
	fake_room(ws->c, 0);
	assert_true(fake_app_send(app, "never read"));
	eio_socket_close(app->s);
	fake_ws_send(ws, "5");
	/* Not the 20 s of the pong that is missing. */
	fake_advance(app->loop, 29999);
	assert_string_equal(fake_app_told(app), "");
	fake_advance(app->loop, 1);
	assert_int_equal(app->closed, 1);
	fake_app_told(app);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void abort__over_websocket__throws_the_queue_away(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	assert_true(fake_app_send(app, "never sent"));
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	assert_true(fake_ws_ended_with(ws, 1005));
	assert_string_equal(fake_app_told(app), FORCED);
	fake_ws_free(ws);
}

/* A close frame may come between the frames of a message, never inside of
 * one. */
static void abort__in_the_middle_of_a_message__keeps_frames_whole(void **state)
{
	static const size_t rooms[] = { 1, 100, 16384, 16385, 20000, 32774 };
	struct fake_app *app = *state;
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < COUNT(rooms); i++) {
		ws = fake_app_ws(app);
		fake_room(ws->c, rooms[i]);
		assert_true(fake_app_send_much(app, 'x', 200000));
		fake_turn(app->loop);
		eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
		fake_turn(app->loop);
		assert_string_equal(fake_app_told(app), FORCED);
		fake_room(ws->c, SIZE_MAX);
		assert_true(fake_ws_ended_with(ws, 1005));
		assert_int_equal(fake_received(ws->c)->len, 0);
		fake_ws_free(ws);
	}
}

static void abort__with_a_close_frame_nobody_takes__ends_in_time(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_room(ws->c, 0);
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), FORCED);
	fake_advance(app->loop, 59999);
	assert_false(fake_is_closed(ws->c, NULL));
	fake_advance(app->loop, 1);
	assert_true(fake_is_closed(ws->c, NULL));
	fake_ws_free(ws);
}

/* -- besides -------------------------------------------------------------- */

static void reference__beyond_the_end__answers_closed(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	eio_buf *buf = eio_buf_new_text("x", 1);

	eio_socket_set_data(app->s, app);
	fake_ws_free(ws);
	assert_int_equal(app->closed, 1);
	assert_int_equal(eio_socket_send(app->s, buf), ENGINEIO_ERR_CLOSED);
	assert_int_equal(eio_socket_send_all(app->s, &buf, 1),
		ENGINEIO_ERR_CLOSED);
	assert_null(eio_socket_server(app->s));
	assert_string_equal(eio_socket_transport(app->s), "");
	assert_int_equal(strlen(eio_socket_id(app->s)), 20);
	assert_ptr_equal(eio_socket_data(app->s), app);
	assert_string_equal(eio_socket_address(app->s), "192.0.2.7");
	assert_int_equal(eio_socket_queued(app->s), 0);
	eio_socket_close(app->s);
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	eio_buf_unref(buf);
	fake_app_told(app);
}

static void null__in_the_place_of_a_session__is_harmless(void **state)
{
	eio_socket_close(NULL);
	eio_socket_abort(NULL, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	eio_socket_unref(NULL);
	eio_socket_set_data(NULL, NULL);
	assert_null(eio_socket_ref(NULL));
	assert_int_equal(eio_socket_send(NULL, NULL), ENGINEIO_ERR_INVALID);
	assert_false(eio_socket_is_open(NULL));
	assert_string_equal(eio_socket_id(NULL), "");
	eio_server_free(NULL);
	assert_int_equal(eio_server_close(NULL, 0, NULL, NULL),
		ENGINEIO_ERR_INVALID);
}

static void reasons__in_words__are_the_official_ones(void **state)
{
	static const char *const words[] = { "transport close",
		"transport error", "parse error", "ping timeout",
		"forced close", "queue full", "server shutting down" };
	size_t i;

	for (i = 0; i < COUNT(words); i++)
		assert_string_equal(eio_reason_text((enum eio_reason)i),
			words[i]);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(client__close_packet_over_polling__frees_its_poll),
		TEST(client__close_packet_without_a_poll__is_enough),
		TEST(client__rubbish_behind_the_close_packet__is_not_read),
		TEST(client__each_packet_over_polling__does_this),
		TEST(client__leaving_while_we_close__is_told_once),
		TEST(close__with_a_waiting_poll__answers_it),
		TEST(close__with_a_poll_and_a_queue__answers_the_queue_first),
		TEST(close__without_a_poll__waits_for_the_next),
		TEST(close__without_a_poll_but_a_queue__takes_two_polls),
		TEST(close__client_that_never_comes__is_waited_for_30_s),
		TEST(close__what_comes_meanwhile__is_ignored),
		TEST(abort__over_polling__throws_the_queue_away),
		TEST(close__over_websocket__sends_the_queue_first),
		TEST(close__over_a_blocked_websocket__waits_for_room),
		TEST(close__with_a_torn_last_write__ends_when_it_has_left),
		TEST(close__over_a_websocket_that_stays_blocked__ends),
		TEST(close__upgraded_to_a_blocked_websocket__keeps_its_limit),
		TEST(abort__over_websocket__throws_the_queue_away),
		TEST(abort__in_the_middle_of_a_message__keeps_frames_whole),
		TEST(abort__with_a_close_frame_nobody_takes__ends_in_time),
		TEST(reference__beyond_the_end__answers_closed),
		TEST(null__in_the_place_of_a_session__is_harmless),
		TEST(reasons__in_words__are_the_official_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
