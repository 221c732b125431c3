/* SPDX-License-Identifier: MIT */
/*
 * test_eio_heartbeat.c: pings and pongs (Engine.IO protocol 4, Heartbeat)
 * to the millisecond, and what else counts as a sign of life.
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

#define INTERVAL 25000
#define TIMEOUT  20000
#define STEP     25 /* in which pings leave together */
#define SEP      "\x1e"
#define TEXT     0x81
#define FIN      0x80

/* The clock goes on by this much; the session dies in the last of these
 * milliseconds, not before. */
static void expect_death_in(struct fake_app *app, uint64_t ms)
{
	fake_advance(app->loop, ms - 1);
	assert_true(eio_socket_is_open(app->s));
	assert_string_equal(fake_app_told(app), "");
	fake_advance(app->loop, 1);
	assert_string_equal(fake_app_told(app),
		"close ping timeout: ping timeout");
}

/* The same for the next ping. */
static void expect_ping_in(struct fake_app *app, struct fake_ws *ws,
	uint64_t ms)
{
	fake_advance(app->loop, ms - 1);
	assert_null(fake_ws_next(ws));
	fake_advance(app->loop, 1);
	assert_string_equal(fake_ws_next(ws), "2");
	assert_null(fake_ws_next(ws));
}

/* -- ping and pong ------------------------------------------------------- */

static void ping__first__comes_an_interval_after_open(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	expect_ping_in(app, ws, INTERVAL);
	fake_ws_free(ws);
}

static void ping__next__comes_an_interval_after_the_pong(void **state)
{
	static const uint64_t late[] = { 0, 1, 7000, TIMEOUT - 1 };
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	uint64_t off = 0; /* the clock, from its last step */
	size_t i;

	for (i = 0; i < sizeof(late) / sizeof(*late); i++) {
		expect_ping_in(app, ws, INTERVAL - off);
		fake_advance(app->loop, late[i]);
		fake_ws_send(ws, "3");
		off = late[i] % STEP;
	}
	expect_ping_in(app, ws, INTERVAL - off);
	assert_string_equal(fake_app_told(app), "");
	fake_ws_free(ws);
}

static void ping__over_polling__is_a_payload_of_its_own(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	int i;

	for (i = 0; i < 3; i++) {
		assert_null(fake_poll_next(p));
		fake_advance(app->loop, INTERVAL - 1);
		assert_null(fake_poll_next(p));
		fake_advance(app->loop, 1);
		assert_string_equal(fake_poll_next(p), "2");
		assert_int_equal(fake_poll_post(p, "3"), 200);
	}
	fake_poll_free(p);
}

static void ping__without_a_poll__waits_in_its_place(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_true(fake_app_send(app, "before"));
	fake_advance(app->loop, INTERVAL);
	assert_true(fake_app_send(app, "behind"));
	fake_advance(app->loop, TIMEOUT - 1);
	assert_string_equal(fake_poll_next(p), "4before" SEP "2" SEP "4behind");
	assert_int_equal(fake_poll_post(p, "3"), 200);
	fake_advance(app->loop, INTERVAL - 1);
	assert_true(eio_socket_is_open(app->s));
	fake_poll_free(p);
}

static void pong__with_data__is_one(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	expect_ping_in(app, ws, INTERVAL);
	fake_ws_send(ws, "3foo");
	expect_ping_in(app, ws, INTERVAL);
	fake_ws_free(ws);
}

/* The official server lets a client put its ping off for ever. */
static void pong__unsolicited__puts_nothing_off(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	int i;

	for (i = 0; i < 24; i++) {
		fake_advance(app->loop, 1000);
		fake_ws_send(ws, "3");
	}
	expect_ping_in(app, ws, INTERVAL - 24000);
	/* The second of two is unsolicited, too. */
	fake_ws_send(ws, "3");
	fake_advance(app->loop, 10000);
	fake_ws_send(ws, "3");
	expect_ping_in(app, ws, INTERVAL - 10000);
	fake_ws_free(ws);
}

static void pong__missing__ends_the_session_on_websocket(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	expect_ping_in(app, ws, INTERVAL);
	expect_death_in(app, TIMEOUT);
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 1005);
	fake_ws_free(ws);
}

static void pong__missing__ends_the_session_on_polling(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_advance(app->loop, INTERVAL);
	assert_string_equal(fake_poll_next(p), "2");
	fake_poll_get(p);
	expect_death_in(app, TIMEOUT);
	assert_string_equal(fake_poll_next(p), "1");
	assert_int_equal(fake_poll_status(p), 400);
	fake_poll_free(p);
}

/* A poll that comes with the end of the time is too late already. */
static void pong__without_any_poll__ends_at_interval_and_timeout(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p;

	eio_server_set_option(app->srv, ENGINEIO_PING_INTERVAL, 300);
	eio_server_set_option(app->srv, ENGINEIO_PING_TIMEOUT, 200);
	p = fake_app_poll(app);
	expect_death_in(app, 500);
	assert_int_equal(fake_poll_status(p), 400);
	fake_poll_free(p);
}

static void pong__from_a_peer_that_does_not_read__is_missed(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_room(ws->c, 0);
	assert_true(fake_app_send(app, "never read"));
	expect_death_in(app, INTERVAL + TIMEOUT);
	fake_ws_free(ws);
}

static void ping__from_the_client__is_the_wrong_direction(void **state)
{
	static const char *const bodies[] = { "2", "2probe", "22" };
	struct fake_app *app = *state;
	struct fake_poll *p;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		p = fake_app_poll(app);
		fake_poll_get(p);
		assert_int_equal(fake_poll_post(p, bodies[i]), 200);
		assert_string_equal(fake_app_told(app),
			"close transport error: invalid heartbeat direction");
		assert_string_equal(fake_poll_next(p), "1");
		fake_poll_free(p);
	}
}

/* Their handshakes are 0, 7, 14, 21 and 28 milliseconds after the clock's last
 * step. */
static void
sessions__opened_at_nearly_one_time__are_pinged_together(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[5];
	int i;

	for (i = 0; i < 5; i++) {
		ws[i] = fake_app_ws(app);
		fake_advance(app->loop, 7);
	}
	fake_advance(app->loop, INTERVAL - 5 * 7 - 1);
	for (i = 0; i < 5; i++)
		assert_null(fake_ws_next(ws[i]));
	fake_advance(app->loop, 1);
	for (i = 0; i < 4; i++)
		assert_string_equal(fake_ws_next(ws[i]), "2");
	fake_advance(app->loop, STEP - 1);
	assert_null(fake_ws_next(ws[4]));
	fake_advance(app->loop, 1);
	assert_string_equal(fake_ws_next(ws[4]), "2");
	for (i = 0; i < 5; i++)
		fake_ws_free(ws[i]);
	fake_app_told(app);
}

/* A short interval is kept to the millisecond. */
static void sessions__opened_one_by_one__have_pulses_of_their_own(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[5];
	int i;

	eio_server_set_option(app->srv, ENGINEIO_PING_INTERVAL, 1999);
	for (i = 0; i < 5; i++) {
		ws[i] = fake_app_ws(app);
		fake_advance(app->loop, 7);
	}
	fake_advance(app->loop, 1999 - 5 * 7 - 1);
	for (i = 0; i < 5; i++) {
		assert_null(fake_ws_next(ws[i]));
		fake_advance(app->loop, 1);
		assert_string_equal(fake_ws_next(ws[i]), "2");
		fake_advance(app->loop, 6);
	}
	for (i = 0; i < 5; i++)
		fake_ws_free(ws[i]);
	fake_app_told(app);
}

static void options__changed_while_it_runs__count_from_the_next(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	eio_server_set_option(app->srv, ENGINEIO_PING_INTERVAL, 1000);
	expect_ping_in(app, ws, INTERVAL);
	eio_server_set_option(app->srv, ENGINEIO_PING_TIMEOUT, 500);
	fake_advance(app->loop, TIMEOUT - 1);
	fake_ws_send(ws, "3");
	expect_ping_in(app, ws, 1000);
	expect_death_in(app, 500);
	fake_ws_free(ws);
}

static void closing__session__is_not_pinged_any_more(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_advance(app->loop, INTERVAL - 1000);
	eio_socket_close(app->s);
	fake_advance(app->loop, 29999);
	assert_string_equal(fake_app_told(app), "");
	assert_string_equal(fake_poll_next(p), "6" SEP "1");
	assert_string_equal(fake_app_told(app),
		"close forced close: forced close");
	fake_poll_free(p);
}

/* -- other signs of life ------------------------------------------------- */

static void packet__while_a_pong_is_awaited__starts_it_anew_once(void **state)
{
	static const char *const packets[] = { "4hello", "0", "5", "6", "b" };
	struct fake_app *app = *state;
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < sizeof(packets) / sizeof(*packets); i++) {
		ws = fake_app_ws(app);
		expect_ping_in(app, ws, INTERVAL);
		fake_advance(app->loop, 15000);
		fake_ws_send(ws, packets[i]);
		fake_advance(app->loop, 15000);
		fake_ws_send(ws, packets[i]);
		fake_app_told(app);
		expect_death_in(app, TIMEOUT - 15000);
		fake_ws_free(ws);
	}
}

static void packet__with_the_next_ping__may_start_it_anew_again(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	int i;

	for (i = 0; i < 3; i++) {
		expect_ping_in(app, ws, INTERVAL);
		fake_advance(app->loop, 15000);
		fake_ws_send(ws, "6");
		fake_advance(app->loop, 15000);
		fake_ws_send(ws, "3");
	}
	fake_ws_free(ws);
	fake_app_told(app);
}

static void packet__before_the_ping__changes_nothing(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	fake_advance(app->loop, 20000);
	fake_ws_send(ws, "6");
	expect_ping_in(app, ws, INTERVAL - 20000);
	expect_death_in(app, TIMEOUT);
	fake_ws_free(ws);
}

static void packet__over_polling__counts_as_well(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_advance(app->loop, INTERVAL + 15000);
	assert_int_equal(fake_poll_post(p, "6"), 200);
	expect_death_in(app, TIMEOUT);
	fake_poll_free(p);
}

/* Bytes of an unfinished message, a few every second. */
static void dribble(struct fake_app *app, struct fake_conn *c, int seconds)
{
	while (seconds--) {
		fake_advance(app->loop, 1000);
		fake_puts(c, "xxxx");
	}
}

static void upload__slow_message__is_life_until_it_is_complete(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct eio__strbuf b;
	size_t sent = 6;

	eio__strbuf_init(&b, 0);
	fake_ws_add_frame(&b, TEXT, "4a rather long message", 22);
	expect_ping_in(app, ws, INTERVAL);
	fake_send(ws->c, b.data, sent);
	while (sent < b.len - 1) {
		fake_advance(app->loop, 2500);
		fake_send(ws->c, b.data + sent++, 1);
	}
	/* 52 s without a pong. */
	assert_true(eio_socket_is_open(app->s));
	fake_send(ws->c, b.data + sent, 1);
	assert_string_equal(fake_app_told(app), "text a rather long message");
	fake_ws_send(ws, "3");
	expect_ping_in(app, ws, INTERVAL);
	eio__strbuf_clear(&b);
	fake_ws_free(ws);
}

static void upload__dribbling__is_life_for_three_timeouts(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	expect_ping_in(app, ws, INTERVAL);
	fake_send(ws->c, "\x82\xfe\x40\x00mask", 8);
	dribble(app, ws->c, 59);
	expect_death_in(app, 3 * TIMEOUT - 59000);
	fake_ws_free(ws);
}

static void upload__that_stops__is_life_for_one_timeout_more(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	expect_ping_in(app, ws, INTERVAL);
	fake_send(ws->c, "\x82\xfe\x40\x00mask", 8);
	dribble(app, ws->c, 30);
	expect_death_in(app, TIMEOUT);
	fake_ws_free(ws);
}

static void upload__complete_without_a_pong__is_a_packet(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	expect_ping_in(app, ws, INTERVAL);
	fake_send(ws->c, "\x81\xf9\0\0\0\0004", 7);
	dribble(app, ws->c, 30);
	assert_memory_equal(fake_app_told(app), "text xxxx", 9);
	fake_advance(app->loop, 10000);
	fake_ws_send(ws, "6"); /* not the first packet */
	expect_death_in(app, TIMEOUT - 10000);
	fake_ws_free(ws);
}

static void upload__complete_at_the_last_moment__wins_no_more(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	expect_ping_in(app, ws, INTERVAL);
	fake_send(ws->c, "\x81\xfe\x00\xed\0\0\0\0004", 9);
	dribble(app, ws->c, 59);
	assert_memory_equal(fake_app_told(app), "text xxxx", 9);
	expect_death_in(app, 3 * TIMEOUT - 59000);
	fake_ws_free(ws);
}

static void upload__over_post__is_life_too(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p;
	struct fake_conn *c;
	char target[256];

	eio_server_set_option(app->srv, ENGINEIO_BODY_TIMEOUT, 1000000);
	p = fake_app_poll(app);
	c = fake_connect(app->loop);
	fake_poll_target(p, target);
	fake_advance(app->loop, INTERVAL);
	fake_request(c, "POST", target, "Content-Length: 4000\r\n", NULL);
	dribble(app, c, 59);
	assert_true(eio_socket_is_open(app->s));
	expect_death_in(app, 3 * TIMEOUT - 59000);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
	fake_poll_free(p);
}

static void upload__finished_over_post__is_told_and_goes_on(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	char target[256];

	fake_poll_target(p, target);
	fake_advance(app->loop, INTERVAL);
	fake_request(c, "POST", target, "Content-Length: 101\r\n", NULL);
	fake_puts(c, "4");
	dribble(app, c, 25);
	assert_memory_equal(fake_app_told(app), "text xxxx", 9);
	assert_int_equal(fake_poll_post(p, "3"), 200);
	fake_advance(app->loop, INTERVAL - 1);
	assert_true(eio_socket_is_open(app->s));
	fake_free(c);
	fake_poll_free(p);
}

/* A session that is closing has its own limit, whatever it awaited before. */
static void upload__to_a_closing_session__does_not_extend_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c;
	char target[256];

	fake_poll_target(p, target);
	fake_advance(app->loop, INTERVAL);
	eio_socket_close(app->s);
	fake_advance(app->loop, 25000);
	c = fake_connect(app->loop);
	fake_request(c, "POST", target, "Content-Length: 101\r\n", NULL);
	fake_puts(c, "4");
	fake_advance(app->loop, 4999);
	assert_int_equal(app->closed, 0);
	fake_advance(app->loop, 1);
	assert_int_equal(app->closed, 1);
	assert_true(fake_is_closed(c, NULL));
	fake_app_told(app);
	fake_free(c);
	fake_poll_free(p);
}

/* -- and the upgrade ----------------------------------------------------- */

static void upgrade__with_a_ping_on_its_way__waits_anew(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	fake_advance(app->loop, INTERVAL);
	assert_string_equal(fake_poll_next(p), "2");
	fake_advance(app->loop, TIMEOUT - 1);
	ws = fake_poll_candidate(p);
	fake_ws_send(ws, "5");
	/* The official server waits no more, and pings no more. */
	expect_death_in(app, TIMEOUT);
	assert_true(fake_ws_is_closed(ws));
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void upgrade__pong_over_the_new_transport__is_welcome(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	fake_advance(app->loop, INTERVAL);
	assert_string_equal(fake_poll_next(p), "2");
	ws = fake_poll_candidate(p);
	fake_ws_send(ws, "5");
	fake_ws_send(ws, "3");
	expect_ping_in(app, ws, INTERVAL);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void upgrade__ping_that_no_poll_took__follows(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	fake_advance(app->loop, INTERVAL);
	ws = fake_poll_candidate(p);
	fake_ws_send(ws, "5");
	assert_string_equal(fake_ws_next(ws), "2");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void upgrade__between_two_pings__moves_no_timer(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	fake_advance(app->loop, 10000);
	ws = fake_poll_candidate(p);
	fake_ws_send(ws, "5");
	expect_ping_in(app, ws, INTERVAL - 10000);
	fake_ws_free(ws);
	fake_poll_free(p);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(ping__first__comes_an_interval_after_open),
		TEST(ping__next__comes_an_interval_after_the_pong),
		TEST(ping__over_polling__is_a_payload_of_its_own),
		TEST(ping__without_a_poll__waits_in_its_place),
		TEST(pong__with_data__is_one),
		TEST(pong__unsolicited__puts_nothing_off),
		TEST(pong__missing__ends_the_session_on_websocket),
		TEST(pong__missing__ends_the_session_on_polling),
		TEST(pong__without_any_poll__ends_at_interval_and_timeout),
		TEST(pong__from_a_peer_that_does_not_read__is_missed),
		TEST(ping__from_the_client__is_the_wrong_direction),
		TEST(sessions__opened_at_nearly_one_time__are_pinged_together),
		TEST(sessions__opened_one_by_one__have_pulses_of_their_own),
		TEST(options__changed_while_it_runs__count_from_the_next),
		TEST(closing__session__is_not_pinged_any_more),
		TEST(packet__while_a_pong_is_awaited__starts_it_anew_once),
		TEST(packet__with_the_next_ping__may_start_it_anew_again),
		TEST(packet__before_the_ping__changes_nothing),
		TEST(packet__over_polling__counts_as_well),
		TEST(upload__slow_message__is_life_until_it_is_complete),
		TEST(upload__dribbling__is_life_for_three_timeouts),
		TEST(upload__that_stops__is_life_for_one_timeout_more),
		TEST(upload__complete_without_a_pong__is_a_packet),
		TEST(upload__complete_at_the_last_moment__wins_no_more),
		TEST(upload__over_post__is_life_too),
		TEST(upload__finished_over_post__is_told_and_goes_on),
		TEST(upload__to_a_closing_session__does_not_extend_it),
		TEST(upgrade__with_a_ping_on_its_way__waits_anew),
		TEST(upgrade__pong_over_the_new_transport__is_welcome),
		TEST(upgrade__ping_that_no_poll_took__follows),
		TEST(upgrade__between_two_pings__moves_no_timer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
