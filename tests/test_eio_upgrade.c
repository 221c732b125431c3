/* SPDX-License-Identifier: MIT */
/*
 * test_eio_upgrade.c: from long-polling to WebSocket (Engine.IO protocol 4,
 * Upgrade): probe, noop, switch, and everything that may come between.
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

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SEP      "\x1e"
#define TEXT     0x81

/* A candidate that has sent its probe and got the answer. */
static struct fake_ws *probe(struct fake_poll *p)
{
	struct fake_ws *ws = fake_poll_candidate(p);

	assert_non_null(ws);
	fake_ws_send(ws, "2probe");
	assert_string_equal(fake_ws_next(ws), "3probe");
	return ws;
}

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

/* The session lives on over polling, in both directions. */
static void expect_polling(struct fake_app *app, struct fake_poll *p)
{
	const char *body;

	assert_int_equal(fake_poll_post(p, "4up"), 200);
	assert_string_equal(fake_app_told(app), "text up");
	assert_true(fake_app_send(app, "down"));
	fake_turn(app->loop);
	body = fake_poll_next(p);
	assert_non_null(body);
	assert_string_equal(body, "4down");
	assert_string_equal(eio_socket_transport(app->s), "polling");
}

/* The session lives on over the WebSocket. */
static void expect_websocket(struct fake_app *app, struct fake_ws *ws)
{
	fake_ws_send(ws, "4up");
	assert_string_equal(fake_app_told(app), "text up");
	assert_true(fake_app_send(app, "down"));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "4down");
	assert_string_equal(eio_socket_transport(app->s), "websocket");
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
	ws = probe(p);
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
	struct fake_ws *ws = probe(p);
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
	struct fake_ws *ws = probe(p);

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
	struct fake_ws *ws = probe(p);

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
	ws = probe(p);
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
	ws = probe(p);
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
	struct fake_ws *ws = probe(p);
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
	struct fake_ws *ws = probe(p);

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
	struct fake_ws *ws = probe(p);

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
	struct fake_ws *ws = probe(p);

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
		ws = i % 2 ? probe(p) : fake_poll_candidate(p);
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
		ws = probe(p);
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
		ws = how % 2 ? probe(p) : fake_poll_candidate(p);
		if (how / 2 == 0)
			fake_fin(ws->c);
		else if (how / 2 == 1)
			fake_reset(ws->c);
		else
			fake_ws_frame(ws, 0x88, "\x03\xe8", 2);
		fake_ws_free(ws);
		expect_polling(app, p);
	}
	ws = probe(p);
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
		ws = probed ? probe(p) : fake_poll_candidate(p);
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
	ws = probe(p);
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
	struct fake_ws *ws = probe(p);

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
	struct fake_ws *ws = probe(p);

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
	struct fake_ws *ws = probe(p);

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
		ws = probe(p);
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
	struct fake_ws *ws = probe(p);

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
	struct fake_ws *ws = probe(p);

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
	ws = probe(p);
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

/* -- at every boundary --------------------------------------------------- */

#define ROUNDS 5

/* A client that upgrades in the middle of a conversation: in each round it
 * says something, hears something and polls. */
struct story {
	struct fake_app *app;
	struct fake_poll *p;
	struct fake_ws *ws;
	bool switched;
	unsigned said, sent, heard;
};

/* Packets are numbered; whatever comes must be the next one. */
static void hear(struct story *st, const char *packet)
{
	char next[16];

	if (strcmp(packet, "6") == 0)
		return;
	snprintf(next, sizeof(next), "4%u", st->heard);
	assert_string_equal(packet, next);
	st->heard++;
}

static void hear_all(struct story *st, const char *payload)
{
	char packet[64];
	size_t n;

	for (; *payload; payload += n + (payload[n] != 0)) {
		n = strcspn(payload, SEP);
		assert_true(n < sizeof(packet));
		memcpy(packet, payload, n);
		packet[n] = 0;
		hear(st, packet);
	}
}

/* Takes what has come, without asking for more. */
static void listen_up(struct story *st)
{
	const char *text;

	if (st->p->get) {
		text = fake_poll_next(st->p);
		if (text)
			hear_all(st, text);
	}
	while (st->switched) {
		text = fake_ws_next(st->ws);
		if (!text)
			break;
		hear(st, text);
	}
}

static void say(struct story *st)
{
	char packet[16], told[32];

	snprintf(packet, sizeof(packet), "4%u", st->said);
	snprintf(told, sizeof(told), "text %u", st->said++);
	if (st->switched)
		fake_ws_send(st->ws, packet);
	else
		assert_int_equal(fake_poll_post(st->p, packet), 200);
	assert_string_equal(fake_app_told(st->app), told);
}

static void answer(struct story *st)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", st->sent++);
	assert_true(fake_app_send(st->app, text));
	fake_turn(st->app->loop);
}

/* What the client does to upgrade, in three steps. */
static void upgrade_step(struct story *st, int step)
{
	switch (step) {
	case 0:
		st->ws = fake_poll_candidate(st->p);
		assert_non_null(st->ws);
		break;
	case 1:
		fake_ws_send(st->ws, "2probe");
		assert_string_equal(fake_ws_next(st->ws), "3probe");
		break;
	case 2:
		/* Its poll has to return first, at the latest with a noop. */
		listen_up(st);
		if (st->p->get)
			fake_advance(st->app->loop, 100);
		listen_up(st);
		assert_null(st->p->get);
		st->switched = true;
		fake_ws_send(st->ws, "5");
		break;
	}
}

static void conversation_step(struct story *st, int step)
{
	switch (step % 4) {
	case 0:
		if (!st->switched)
			fake_poll_get(st->p);
		break;
	case 1:
		say(st);
		break;
	case 2:
		answer(st);
		break;
	case 3:
		answer(st);
		listen_up(st);
		break;
	}
}

/* The whole conversation, with the steps of the upgrade at these places. */
static void converse(struct fake_app *app, const int at[3])
{
	struct story st = { .app = app, .p = fake_app_poll(app) };
	int step, i;

	for (step = 0; step <= 4 * ROUNDS; step++) {
		for (i = 0; i < 3; i++)
			if (at[i] == step)
				upgrade_step(&st, i);
		if (step < 4 * ROUNDS)
			conversation_step(&st, step);
	}
	listen_up(&st);
	if (!st.switched)
		hear_all(&st, fake_poll_next(st.p));
	assert_int_equal(st.said, ROUNDS);
	assert_int_equal(st.heard, st.sent);
	fake_ws_free(st.ws);
	fake_poll_free(st.p);
	fake_app_told(app);
}

static void upgrade__at_every_boundary__loses_and_swaps_nothing(void **state)
{
	int at[3];

	for (at[0] = 0; at[0] <= 4 * ROUNDS; at[0]++)
		for (at[1] = at[0]; at[1] <= 4 * ROUNDS; at[1]++)
			for (at[2] = at[1]; at[2] <= 4 * ROUNDS; at[2]++)
				converse(*state, at);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(candidate__before_its_probe__is_told_nothing),
		TEST(upgrade__step_by_step__moves_the_session),
		TEST(upgrade__without_a_probe__is_accepted),
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
		TEST(upgrade__at_every_boundary__loses_and_swaps_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
