/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http1_floods.c: peers of HTTP/1.1 that do not read their answers, or
 * send without waiting for them.
 */
#include <config.h>

#include "fake_web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HOST "Host: a\r\n"
#define NEXT "GET /n HTTP/1.1\r\n" HOST "\r\n"
#define HOLD "GET /hold HTTP/1.1\r\n" HOST "\r\n"
#define BIG  "GET /big HTTP/1.1\r\n" HOST "\r\n"

/* -- peers that do not read ---------------------------------------------- */

static void slow_reader__taking_nothing__is_given_up(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_room(c, 1000);
	fake_puts(c, BIG);
	fake_advance(web->loop, 59999);
	assert_false(fake_is_closed(c, NULL));
	fake_advance(web->loop, 1);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

static void slow_reader__taking_a_little__is_served(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	struct fake_reply r;

	fake_room(c, 0);
	fake_puts(c, BIG);
	fake_advance(web->loop, 59999);
	/* One write's worth each time. */
	fake_room(c, 65536);
	fake_advance(web->loop, 59999);
	fake_room(c, 65536);
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.len, FAKE_WEB_BIG);
	fake_reply_clear(&r);
	/* Then it is an idle connection like any other. */
	fake_advance(web->loop, 9999);
	assert_false(fake_is_finished(c));
	fake_advance(web->loop, 1);
	assert_true(fake_is_finished(c));
	fake_free(c);
}

/* A held request has no time limit of its own: the one on the peer that does
 * not read must outlive it. */
static void slow_reader__with_a_held_request__is_given_up(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_room(c, 1000);
	fake_puts(c, BIG);
	fake_puts(c, HOLD);
	fake_advance(web->loop, 60000);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

static void slow_reader__with_a_slow_body__is_given_up(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_room(c, 0);
	fake_puts(c, NEXT);
	fake_request(c, "POST", "/p", "Content-Length: 4\r\n", NULL);
	fake_advance(web->loop, 59999);
	assert_false(fake_is_closed(c, NULL));
	fake_puts(c, "a");
	fake_advance(web->loop, 1);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

/* Else two hundred requests in one packet would be twenty megabytes. */
static void slow_reader__with_many_requests__costs_no_memory(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	struct eio__strbuf b;
	unsigned i;

	eio__strbuf_init(&b, 0);
	for (i = 0; i < 200; i++)
		eio__strbuf_adds(&b, BIG);
	fake_room(c, 0);
	fake_send(c, b.data, b.len);
	assert_int_equal(web->calls, 1);
	fake_send(c, b.data, b.len);
	assert_int_equal(web->calls, 1);
	for (i = 0; i < 400; i++) {
		struct fake_reply r;

		fake_room(c, FAKE_WEB_BIG + 10000);
		r = fake_reply(c);
		assert_int_equal(r.status, 200);
		assert_int_equal(r.len, FAKE_WEB_BIG);
		fake_reply_clear(&r);
		/* One of them, and what there was room for. */
		assert_true(web->calls <= (i + 1) * 11 / 10 + 2);
	}
	assert_int_equal(web->calls, 400);
	eio__strbuf_clear(&b);
	fake_free(c);
}

/* -- senders that do not wait -------------------------------------------- */

static void stash__that_is_full__stops_reading(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	unsigned sent = 0, got;

	fake_puts(c, HOLD);
	while (fake_is_reading(c)) {
		fake_puts(c, NEXT);
		sent++;
		assert_true(sent * strlen(NEXT) <= 65536 + strlen(NEXT));
	}
	assert_true(sent * strlen(NEXT) > 65536);
	/* From here on the network keeps it. */
	fake_puts(c, NEXT);
	fake_web_release(web, 0);
	assert_true(fake_is_reading(c));
	assert_int_equal(web->calls, sent + 2);
	for (got = 0; got < sent + 2; got++) {
		struct fake_reply r = fake_reply(c);

		assert_int_equal(r.status, 200);
		fake_reply_clear(&r);
	}
	assert_int_equal(fake_received(c)->len, 0);
	fake_free(c);
}

static void stash__full_and_held_again__stays_stopped(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	struct eio__strbuf b;
	unsigned i;

	eio__strbuf_init(&b, 0);
	for (i = 0; i < 3000; i++)
		eio__strbuf_adds(&b, HOLD);
	fake_send(c, b.data, b.len);
	eio__strbuf_clear(&b);
	for (i = 0; i < 20; i++) {
		assert_int_equal(web->count, i + 1);
		assert_false(fake_is_reading(c));
		fake_web_release(web, i);
	}
	fake_free(c);
}

static void stash__full_when_the_peer_resets__is_dropped(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	static char piece[70000];

	memset(piece, 'x', sizeof(piece));
	fake_puts(c, HOLD);
	fake_send(c, piece, sizeof(piece));
	assert_false(fake_is_reading(c));
	fake_reset(c);
	assert_int_equal(eio_request_respond(web->held[0], 200, NULL, NULL, 0),
		ENGINEIO_ERR_CLOSED);
	fake_free(c);
}

static void stash__full_when_the_server_ends__is_dropped(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	static char piece[70000];

	memset(piece, '\n', sizeof(piece));
	fake_puts(c, HOLD);
	fake_send(c, piece, sizeof(piece));
	assert_false(fake_is_reading(c));
	fake_web_release(web, 0);
	assert_string_equal(fake_web_answers(c),
		"200 held /hold | 400 | closed");
	assert_true(fake_is_reading(c));
	fake_free(c);
}

static void count_gone(eio_request *req, void *user)
{
	++*(unsigned *)user;
}

/* What is held might never be answered if its client is not seen to go. */
static void stash__full_for_long__is_dropped_to_see_the_end(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	static char piece[70000];
	unsigned gone = 0;

	fake_puts(c, HOLD);
	fake_send(c, piece, sizeof(piece));
	eio_request_on_gone(web->held[0], count_gone, &gone);
	fake_fin(c);
	assert_false(fake_is_reading(c));
	fake_advance(web->loop, 29999);
	assert_int_equal(gone, 0);
	fake_advance(web->loop, 1);
	assert_true(fake_app_logged(web->app, "(BODY_TIMEOUT)"));
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_BODY_TIMEOUT),
		1);
	assert_int_equal(gone, 1);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

/* Whoever is still there gets the answer, and has to ask again for the rest. */
static void stash__full_for_long__ends_with_the_answer(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	while (b.len < 70000)
		eio__strbuf_adds(&b, NEXT);
	fake_puts(c, HOLD);
	fake_send(c, b.data, b.len);
	fake_advance(web->loop, 30000);
	assert_true(fake_is_reading(c));
	fake_send(c, b.data, b.len);
	fake_send(c, b.data, b.len);
	assert_true(fake_is_reading(c));
	fake_web_release(web, 0);
	assert_string_equal(fake_web_answers(c), "200 held /hold | closed");
	assert_int_equal(web->calls, 1);
	eio__strbuf_clear(&b);
	fake_free(c);
}

/* The time begins anew with each answer that is waited for. */
static void stash__full_behind_many_answers__is_kept(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	struct eio__strbuf b;
	unsigned i;

	eio__strbuf_init(&b, 0);
	while (b.len < 70000)
		eio__strbuf_adds(&b, HOLD);
	fake_send(c, b.data, b.len);
	for (i = 0; i < 5; i++) {
		fake_advance(web->loop, 20000);
		assert_false(fake_is_reading(c));
		fake_web_release(web, i);
	}
	assert_string_equal(fake_web_answers(c),
		"200 held /hold | 200 held /hold | 200 held /hold | "
		"200 held /hold | 200 held /hold");
	fake_advance(web->loop, 30000);
	assert_true(fake_is_reading(c));
	eio__strbuf_clear(&b);
	fake_free(c);
}

/* The connection ends with the answer; its last bytes are read, and dropped,
 * so that the kernel does not reset it. */
static void stash__full_behind_a_last_answer__is_read_on(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	static char piece[70000];

	fake_request(c, "GET", "/hold", "Connection: close\r\n", NULL);
	fake_send(c, piece, sizeof(piece));
	assert_false(fake_is_reading(c));
	fake_web_release(web, 0);
	assert_string_equal(fake_web_answers(c), "200 held /hold | closed");
	assert_true(fake_is_reading(c));
	assert_false(fake_is_closed(c, NULL));
	fake_fin(c);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_web_setup, fake_web_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slow_reader__taking_nothing__is_given_up),
		TEST(slow_reader__taking_a_little__is_served),
		TEST(slow_reader__with_a_held_request__is_given_up),
		TEST(slow_reader__with_a_slow_body__is_given_up),
		TEST(slow_reader__with_many_requests__costs_no_memory),
		TEST(stash__that_is_full__stops_reading),
		TEST(stash__full_and_held_again__stays_stopped),
		TEST(stash__full_when_the_peer_resets__is_dropped),
		TEST(stash__full_when_the_server_ends__is_dropped),
		TEST(stash__full_behind_a_last_answer__is_read_on),
		TEST(stash__full_for_long__is_dropped_to_see_the_end),
		TEST(stash__full_for_long__ends_with_the_answer),
		TEST(stash__full_behind_many_answers__is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
