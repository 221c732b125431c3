/* SPDX-License-Identifier: MIT */
/*
 * test_eio_close.c: the end of a session, from either side, and of the
 * whole server: what the client sees, and the reason the application is
 * told, once.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/http.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SEP      "\x1e"
#define UNKNOWN  "{\"code\":1,\"message\":\"Session ID unknown\"}"
#define FORCED   "close forced close: forced close"

static void expect_unknown(struct fake_app *app, struct fake_poll *p)
{
	char target[256];
	struct fake_reply r;

	fake_poll_target(p, target);
	r = fake_http(app->loop, "GET", target, NULL, NULL);
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, UNKNOWN);
	fake_reply_clear(&r);
}

static void expect_close_frame(struct fake_ws *ws, int code)
{
	assert_null(fake_ws_next(ws));
	assert_int_equal(ws->close_code, code);
	assert_true(fake_is_finished(ws->c));
}

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
	expect_unknown(app, p);
	fake_poll_free(p);
}

static void client__close_packet_without_a_poll__is_enough(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_int_equal(fake_poll_post(p, "4a" SEP "1" SEP "4b"), 200);
	assert_string_equal(fake_app_told(app),
		"text a | close transport close: close packet");
	expect_unknown(app, p);
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
	expect_unknown(app, p);
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
	expect_unknown(app, p);
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
	expect_unknown(app, p);
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
	expect_unknown(app, p);
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
	expect_unknown(app, p);
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
	expect_unknown(app, p);
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
	expect_close_frame(ws, 1005);
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
	expect_close_frame(ws, 1005);
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
	expect_close_frame(ws, 1005);
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
	expect_close_frame(ws, 1005);
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
		expect_close_frame(ws, 1005);
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

/* -- from inside --------------------------------------------------------- */

static void abort_it(struct fake_app *app, eio_socket *s, const char *data,
	size_t len, bool binary)
{
	eio_socket_abort(s, ENGINEIO_REASON_FORCED_CLOSE, "from inside");
}

static void reply_and_close(struct fake_app *app, eio_socket *s,
	const char *data, size_t len, bool binary)
{
	assert_true(fake_app_send(app, "bye"));
	eio_socket_close(s);
}

#define INSIDE "text a | close forced close: from inside"

static void message__aborting_its_session__is_the_last(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;
	struct eio__strbuf b;

	app->on_message = abort_it;
	assert_int_equal(fake_poll_post(p, "4a" SEP "4b"), 200);
	assert_string_equal(fake_app_told(app), INSIDE);
	fake_poll_free(p);

	ws = fake_app_ws(app);
	eio__strbuf_init(&b, 0);
	fake_ws_add_frame(&b, 0x81, "4a", 2);
	fake_ws_add_frame(&b, 0x81, "4b", 2);
	fake_send(ws->c, b.data, b.len);
	assert_string_equal(fake_app_told(app), INSIDE);
	expect_close_frame(ws, 1005);
	eio__strbuf_clear(&b);
	fake_ws_free(ws);
}

static void message__closing_its_session__sends_the_reply(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct fake_poll *p;

	app->on_message = reply_and_close;
	fake_ws_send(ws, "4a");
	assert_string_equal(fake_ws_next(ws), "4bye");
	expect_close_frame(ws, 1005);
	assert_string_equal(fake_app_told(app), "text a | " FORCED);
	fake_ws_free(ws);

	p = fake_app_poll(app);
	fake_poll_get(p);
	assert_int_equal(fake_poll_post(p, "4a" SEP "4b"), 200);
	assert_string_equal(fake_app_told(app), "text a");
	assert_string_equal(fake_poll_next(p), "4bye");
	assert_string_equal(fake_poll_next(p), "6" SEP "1");
	assert_string_equal(fake_app_told(app), FORCED);
	fake_poll_free(p);
}

static void close_on_drain(struct fake_app *app, eio_socket *s)
{
	eio_socket_close(s);
}

static void drain__closing_its_session__is_fine(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct fake_poll *p;

	app->on_drain = close_on_drain;
	assert_true(fake_app_send(app, "a"));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "4a");
	expect_close_frame(ws, 1005);
	assert_string_equal(fake_app_told(app), FORCED);
	fake_ws_free(ws);

	p = fake_poll_open(app->loop, "/engine.io/");
	assert_string_equal(fake_app_told(app), "open");
	assert_string_equal(fake_poll_next(p), "6" SEP "1");
	assert_string_equal(fake_app_told(app), FORCED);
	fake_poll_free(p);
}

/* In the close callback the session is still whole. */
static void look_around(struct fake_app *app, eio_socket *s)
{
	assert_false(eio_socket_is_open(s));
	assert_false(eio_socket_is_writable(s));
	assert_int_equal(strlen(eio_socket_id(s)), 20);
	assert_ptr_equal(eio_socket_server(s), app->srv);
	assert_ptr_equal(eio_socket_data(s), app);
	assert_false(fake_app_send(app, "too late"));
	eio_socket_close(s);
	eio_socket_abort(s, ENGINEIO_REASON_PARSE_ERROR, "again");
}

static void close_callback__of_a_session__may_ask_it_anything(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	app->on_close = look_around;
	eio_socket_set_data(app->s, app);
	fake_ws_send(ws, "1");
	assert_string_equal(fake_app_told(app),
		"close transport close: close packet");
	fake_ws_free(ws);
}

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

/* -- the server closes --------------------------------------------------- */

static void count_done(void *user)
{
	++*(int *)user;
}

#define SHUTTING "close server shutting down: server shutting down"

static void shutdown__with_sessions_of_each_kind__tells_them(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);
	int done = 0;

	fake_poll_get(p);
	assert_true(fake_app_send(app, "last words"));
	assert_int_equal(eio_server_close(app->srv, 5000, count_done, &done),
		0);
	assert_string_equal(fake_app_told(app), "");
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), SHUTTING " | " SHUTTING);
	assert_string_equal(fake_poll_next(p), "1");
	assert_string_equal(fake_ws_next(ws), "4last words");
	expect_close_frame(ws, 1005);
	assert_int_equal(done, 0); /* one client has not gone yet */
	fake_ws_free(ws);
	assert_int_equal(done, 1);
	fake_advance(app->loop, 10000);
	assert_int_equal(done, 1);
	fake_poll_free(p);
}

static void shutdown__with_words_for_a_waiting_poll__says_them(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_poll_get(p);
	assert_true(fake_app_send(app, "last words"));
	eio_server_close(app->srv, 5000, NULL, NULL);
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "4last words");
	assert_string_equal(fake_app_told(app), SHUTTING);
	fake_poll_free(p);
}

/* It has a connection left to come for them. */
static void shutdown__with_words_for_the_next_poll__waits_for_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *kept = fake_connect(app->loop);
	struct fake_reply r;
	char target[256];
	int done = 0;

	assert_true(fake_app_send(app, "last words"));
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), "");
	fake_poll_target(p, target);
	fake_request(kept, "GET", target, NULL, NULL);
	r = fake_reply(kept);
	assert_string_equal(r.body, "4last words");
	fake_reply_clear(&r);
	assert_string_equal(fake_app_told(app), SHUTTING);
	fake_free(kept);
	assert_int_equal(done, 1);
	fake_poll_free(p);
}

static void shutdown__of_an_idle_server__is_done_at_once(void **state)
{
	struct fake_app *app = *state;
	int done = 0;

	eio_server_close(app->srv, 5000, count_done, &done);
	assert_int_equal(done, 0); /* not before it has returned */
	fake_turn(app->loop);
	assert_int_equal(done, 1);
	assert_int_equal(eio_server_close(app->srv, 0, count_done, &done),
		ENGINEIO_ERR_STATE);
	assert_int_equal(eio_server_listen(app->srv, NULL, 0),
		ENGINEIO_ERR_STATE);
	fake_turn(app->loop);
	assert_int_equal(done, 1);
}

static void shutdown__clients_that_stay__are_waited_for_in_vain(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	int done = 0;

	fake_room(ws->c, 0);
	assert_true(fake_app_send(app, "never read"));
	fake_turn(app->loop);
	eio_server_close(app->srv, 1500, count_done, &done);
	fake_advance(app->loop, 1499);
	assert_string_equal(fake_app_told(app), "");
	assert_int_equal(done, 0);
	fake_advance(app->loop, 1);
	assert_string_equal(fake_app_told(app), SHUTTING);
	assert_int_equal(done, 1);
	assert_true(fake_app_logged(app, "1 connections are left"));
	fake_ws_free(ws);
	assert_int_equal(done, 1);
}

/* Its next poll would find nobody who listens. */
static void
shutdown__poller_without_a_connection__is_not_waited_for(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);
	int done = 0;

	assert_true(fake_app_send(app, "for the one that can hear it"));
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_turn(app->loop);
	fake_ws_free(ws);
	assert_int_equal(done, 1);
	assert_int_equal(eio_server_sessions(app->srv), 0);
	assert_int_equal(app->closed, 2);
	fake_app_told(app);
	fake_poll_free(p);
}

static void shutdown__idle_connections__are_closed(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *fresh = fake_connect(app->loop);
	struct fake_conn *used = fake_connect(app->loop);
	struct fake_reply r;
	int done = 0;

	fake_request(used, "GET", "/", NULL, NULL);
	r = fake_reply(used);
	assert_int_equal(r.status, 404);
	fake_reply_clear(&r);
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_turn(app->loop);
	assert_true(fake_is_finished(fresh));
	assert_true(fake_is_finished(used));
	fake_free(fresh);
	fake_free(used);
	assert_int_equal(done, 1);
}

static void shutdown__requests_that_come_late__are_refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;
	int done = 0;

	fake_puts(c, "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\n");
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_puts(c, "Host: a\r\n\r\n");
	r = fake_reply(c);
	assert_int_equal(r.status, 503);
	assert_string_equal(fake_reply_header(&r, "connection"), "close");
	fake_reply_clear(&r);
	assert_true(fake_is_finished(c));
	fake_free(c);
	assert_int_equal(done, 1);
}

static void shutdown__body_still_coming__is_cut_off(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	char target[256];
	int done = 0;

	fake_poll_target(p, target);
	fake_request(c, "POST", target, "Content-Length: 100\r\n", NULL);
	fake_puts(c, "4half");
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_turn(app->loop);
	assert_true(fake_is_closed(c, NULL));
	assert_int_equal(done, 1);
	fake_free(c);
	fake_poll_free(p);
	fake_app_told(app);
}

static void shutdown__session_closing_in_order__is_not_waited_for(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	int done = 0;

	eio_socket_close(app->s);
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), SHUTTING);
	assert_int_equal(done, 1);
	fake_poll_free(p);
}

static void free_server(void *user)
{
	fake_app_free_server(user);
}

static void shutdown__done_freeing_the_server__is_fine(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	eio_server_close(app->srv, 100, free_server, app);
	fake_advance(app->loop, 100);
	assert_null(app->srv);
	assert_true(fake_is_closed(ws->c, NULL));
	fake_ws_free(ws);
	fake_app_told(app);
}

static void shutdown__without_done__is_fine(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	assert_int_equal(eio_server_close(app->srv, 100, NULL, NULL), 0);
	fake_advance(app->loop, 200);
	expect_close_frame(ws, 1005);
	fake_ws_free(ws);
	fake_app_told(app);
}

/* -- freeing the server inside of each callback -------------------------- */

static void free_in_open(struct fake_app *app, eio_socket *s)
{
	if (app->opened == 3)
		fake_app_free_server(app);
}

static void free_in_message(struct fake_app *app, eio_socket *s,
	const char *data, size_t len, bool binary)
{
	fake_app_free_server(app);
}

static void free_in_drain(struct fake_app *app, eio_socket *s)
{
	fake_app_free_server(app);
}

static void free_in_close(struct fake_app *app, eio_socket *s)
{
	if (app->srv)
		fake_app_free_server(app);
}

/* The server is gone, and everybody was told. */
static void expect_freed(struct fake_app *app)
{
	fake_turn(app->loop);
	assert_null(app->srv);
	assert_int_equal(app->opened, app->closed);
	assert_int_equal(fake_open_conns(app->loop), 0);
	fake_app_told(app);
}

static void free__in_open_over_polling__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);

	app->on_open = free_in_open;
	fake_poll_get(p);
	assert_null(fake_poll_open(app->loop, "/engine.io/"));
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_open_over_websocket__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);
	struct fake_conn *c = fake_connect(app->loop);
	struct eio__strbuf b;

	app->on_open = free_in_open;
	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b,
		"GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
		"Host: a\r\n%s\r\n",
		fake_ws_headers);
	fake_ws_add_frame(&b, 0x81, "4heels", 6);
	fake_send(c, b.data, b.len);
	expect_freed(app);
	eio__strbuf_clear(&b);
	fake_free(c);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_message_over_polling__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct fake_poll *p = fake_app_poll(app);

	app->on_message = free_in_message;
	fake_poll_get(p);
	assert_int_equal(fake_poll_post(p, "4a" SEP "4b" SEP "x"), 0);
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_message_over_websocket__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);
	struct eio__strbuf b;

	app->on_message = free_in_message;
	eio__strbuf_init(&b, 0);
	fake_ws_add_frame(&b, 0x81, "4a", 2);
	fake_ws_add_frame(&b, 0x81, "4b", 2);
	fake_send(ws->c, b.data, b.len);
	expect_freed(app);
	eio__strbuf_clear(&b);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_message_of_an_upgrade__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);

	app->on_message = free_in_message;
	fake_ws_send(ws, "2probe");
	fake_poll_post(p, "4a");
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_drain_over_websocket__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);

	app->on_drain = free_in_drain;
	assert_true(fake_app_send(app, "a"));
	fake_turn(app->loop);
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_drain_over_polling__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct fake_poll *p = fake_app_poll(app);

	app->on_drain = free_in_drain;
	fake_poll_get(p);
	assert_true(fake_app_send(app, "a"));
	fake_turn(app->loop);
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_close_over_websocket__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);

	app->on_close = free_in_close;
	fake_ws_send(ws, "1");
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static bool free_in_hook(void *user)
{
	struct fake_app *app = user;

	if (!app->srv || !app->opened)
		return false;
	fake_app_free_server(app);
	return true;
}

static void free__at_the_end_of_the_turn__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	eio_loop_on_turn_end(app->loop, free_in_hook, app);
	fake_request(c, "GET", "/engine.io/?EIO=4&transport=polling", NULL,
		NULL);
	expect_freed(app);
	eio_loop_off_turn_end(app->loop, free_in_hook, app);
	fake_free(c);
}

/* -- a guest on another server's port ------------------------------------ */

static void guest__closing__leaves_its_host_alone(void **state)
{
	struct fake_app *app = *state;
	eio_server *guest = eio_server_new(app->loop);
	struct fake_ws *ws = fake_app_ws(app), *other;
	int done = 0;

	eio_server_set_path(guest, "/guest");
	assert_int_equal(eio_server_attach(guest, app->srv), 0);
	other = fake_eio_open(app->loop, "/guest/");
	assert_non_null(other);
	assert_int_equal(eio_server_sessions(guest), 1);
	assert_int_equal(eio_server_sessions(app->srv), 1);
	eio_server_close(guest, 5000, count_done, &done);
	fake_turn(app->loop);
	assert_int_equal(done, 1);
	expect_close_frame(other, 1005);
	assert_false(fake_ws_is_closed(ws));
	eio_server_free(guest);
	fake_ws_free(other);
	assert_null(fake_ws_open(app->loop,
		"/guest/?EIO=4&transport=websocket"));
	fake_ws_send(ws, "4still here");
	assert_string_equal(fake_app_told(app), "text still here");
	fake_ws_free(ws);
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
		TEST(message__aborting_its_session__is_the_last),
		TEST(message__closing_its_session__sends_the_reply),
		TEST(drain__closing_its_session__is_fine),
		TEST(close_callback__of_a_session__may_ask_it_anything),
		TEST(reference__beyond_the_end__answers_closed),
		TEST(null__in_the_place_of_a_session__is_harmless),
		TEST(reasons__in_words__are_the_official_ones),
		TEST(shutdown__with_sessions_of_each_kind__tells_them),
		TEST(shutdown__with_words_for_a_waiting_poll__says_them),
		TEST(shutdown__with_words_for_the_next_poll__waits_for_it),
		TEST(shutdown__of_an_idle_server__is_done_at_once),
		TEST(shutdown__clients_that_stay__are_waited_for_in_vain),
		TEST(shutdown__poller_without_a_connection__is_not_waited_for),
		TEST(shutdown__idle_connections__are_closed),
		TEST(shutdown__requests_that_come_late__are_refused),
		TEST(shutdown__body_still_coming__is_cut_off),
		TEST(shutdown__session_closing_in_order__is_not_waited_for),
		TEST(shutdown__done_freeing_the_server__is_fine),
		TEST(shutdown__without_done__is_fine),
		TEST(free__in_open_over_polling__ends_everything),
		TEST(free__in_open_over_websocket__ends_everything),
		TEST(free__in_message_over_polling__ends_everything),
		TEST(free__in_message_over_websocket__ends_everything),
		TEST(free__in_message_of_an_upgrade__ends_everything),
		TEST(free__in_drain_over_websocket__ends_everything),
		TEST(free__in_drain_over_polling__ends_everything),
		TEST(free__in_close_over_websocket__ends_everything),
		TEST(free__at_the_end_of_the_turn__ends_everything),
		TEST(guest__closing__leaves_its_host_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
