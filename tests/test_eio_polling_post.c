/* SPDX-License-Identifier: MIT */
/*
 * test_eio_polling_post.c: long polling: what a POST brings, its limit, and what
 * is answered to a bad one.
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

/* -- POST ---------------------------------------------------------------- */

static void post__of_packets__is_told_in_order(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_poll_request(p, "POST", NULL,
		"4hello" SEP "bAQIDBA==" SEP "4" SEP "b" SEP "4\xe2\x82\xac");
	struct fake_reply r = fake_reply(c);

	assert_string_equal(fake_app_told(app),
		"text hello | binary 01020304 | text  | binary  | "
		"text \xe2\x82\xac");
	assert_string_equal(r.head,
		"HTTP/1.1 200 OK\r\n"
		"Cache-Control: no-store\r\n"
		"Content-Type: text/html\r\n"
		"Content-Length: 2\r\n"
		"Date: Fri, 20 Nov 2026 00:00:00 GMT\r\n"
		"Connection: keep-alive\r\n"
		"Keep-Alive: timeout=10\r\n");
	assert_string_equal(r.body, "ok");
	fake_reply_clear(&r);
	fake_free(c);
	fake_poll_free(p);
}

static void post__with_any_other_content_type__is_text(void **state)
{
	static const char *const types[] = {
		"Content-Type: text/plain;charset=UTF-8\r\n",
		"Content-Type: application/json\r\n",
		"Content-Type: application/octet-stream; x=y\r\n",
		"Content-Type: Application/Octet-Stream\r\n",
		"Content-Type: image/png\r\n",
		"Content-Type:\r\n",
	};
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c;
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		c = fake_poll_request(p, "POST", types[i], "4hello");
		assert_int_equal(fake_reply_status(c), 200);
		assert_string_equal(fake_app_told(app), "text hello");
		fake_free(c);
	}
	fake_poll_free(p);
}

#define OCTETS "Content-Type: application/octet-stream\r\n"

/* CVE-2026-59725: the session was closed, the request never answered. */
static void post__octet_stream__is_refused_before_its_body(void **state)
{
	static const char *const headers[] = {
		OCTETS "Content-Length: 5\r\n",
		OCTETS "Content-Length: 100000000\r\n",
		OCTETS "Transfer-Encoding: chunked\r\n",
	};
	struct fake_app *app = *state;
	struct fake_poll *p;
	struct fake_conn *c;
	size_t i;

	for (i = 0; i < COUNT(headers); i++) {
		p = fake_app_poll(app);
		fake_poll_get(p);
		c = fake_poll_request(p, "POST", headers[i], NULL);
		assert_int_equal(fake_reply_status(c), 400);
		assert_string_equal(fake_app_told(app),
			"close transport error: invalid content");
		assert_string_equal(fake_poll_next(p), "1");
		assert_true(fake_poll_is_unknown(p));
		fake_free(c);
		fake_poll_free(p);
	}
	assert_int_equal(eio_server_connections(app->srv), 0);
}

static void post__invalid_utf8__is_mended_as_browsers_do(void **state)
{
	static const struct {
		const char *body, *told;
	} rows[] = {
		{ "4a\xff"
		  "b",
			"text a\xef\xbf\xbd"
			"b" },
		{ "4\xe2\x82" SEP "4x", "text \xef\xbf\xbd | text x" },
		{ "4\xed\xa0\x80", /* a lone surrogate */
			"text \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "4\xc0\xaf", "text \xef\xbf\xbd\xef\xbf\xbd" },
	};
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(fake_poll_post(p, rows[i].body), 200);
		assert_string_equal(fake_app_told(app), rows[i].told);
	}
	fake_poll_free(p);
}

/* The official server answers "ok" to these and lets the next poll fail. */
static void post__with_a_broken_packet__is_400_and_the_end(void **state)
{
	static const struct {
		const char *body, *before;
	} rows[] = {
		{ "", "" },
		{ "abc", "" },
		{ "7", "" },
		{ "/", "" },
		{ "\xef\xbb\xbf"
		  "4hello",
			"" },
		{ SEP, "" },
		{ SEP "4a", "" },
		{ "4a" SEP, "text a | " },
		{ "4a" SEP SEP "4b", "text a | " },
		{ "4a" SEP "x" SEP "4b", "text a | " },
		{ "4a" SEP "b!!!!" SEP "4b", "text a | " },
		{ "4a" SEP "bAAAAA" SEP "4b", "text a | " },
	};
	struct fake_app *app = *state;
	struct fake_poll *p;
	char told[128];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		p = fake_app_poll(app);
		assert_int_equal(fake_poll_post(p, rows[i].body), 400);
		snprintf(told, sizeof(told),
			"%sclose parse error: undecodable packet",
			rows[i].before);
		assert_string_equal(fake_app_told(app), told);
		assert_true(fake_poll_is_unknown(p));
		fake_poll_free(p);
	}
}

static void echo(struct fake_app *app, eio_socket *s, const char *data,
	size_t len, bool binary)
{
	eio_buf *buf = eio_buf_new_text(data, len);

	assert_int_equal(eio_socket_send(s, buf), 0);
	eio_buf_unref(buf);
}

static void post__replies__leave_in_one_answer_to_the_poll(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	app->on_message = echo;
	fake_poll_get(p);
	assert_int_equal(fake_poll_post(p, "4a" SEP "4b" SEP "4c"), 200);
	assert_int_equal(fake_writes(p->get), 1);
	assert_string_equal(fake_poll_next(p), "4a" SEP "4b" SEP "4c");
	fake_poll_free(p);
}

/* What had left when a hook was called first, at the end of the turn. */
struct seen {
	struct fake_conn *get, *post;
	unsigned hooks, gets, posts;
};

static bool look(void *user)
{
	struct seen *seen = user;

	if (seen->hooks++)
		return false;
	seen->gets = fake_writes(seen->get);
	seen->posts = fake_writes(seen->post);
	return false;
}

/* A database is written to in the hook: no answer may be ahead of that. */
static void post__replies__leave_behind_the_hooks_but_not_its_ok(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct seen seen = { 0 };

	app->on_message = echo;
	fake_poll_get(p);
	seen.get = p->get;
	seen.post = fake_poll_request(p, "POST", "Content-Length: 2\r\n", NULL);
	assert_int_equal(eio_loop_on_turn_end(app->loop, look, &seen), 0);
	fake_puts(seen.post, "4a");
	assert_true(seen.hooks > 0);
	assert_int_equal(seen.gets, 0);
	assert_int_equal(seen.posts, 1);
	assert_int_equal(fake_writes(seen.post), 1);
	assert_int_equal(fake_reply_status(seen.post), 200);
	assert_int_equal(fake_writes(seen.get), 1);
	assert_string_equal(fake_poll_next(p), "4a");
	eio_loop_off_turn_end(app->loop, look, &seen);
	fake_free(seen.post);
	fake_poll_free(p);
}

/* Nothing is lost, and the rest waits as ever. */
static void post__ok_that_nobody_takes__waits_for_room(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c =
		fake_poll_request(p, "POST", "Content-Length: 1\r\n", NULL);

	fake_room(c, 0);
	fake_puts(c, "6");
	assert_int_equal(fake_received(c)->len, 0);
	fake_room(c, 20);
	assert_int_equal(fake_received(c)->len, 20);
	fake_room(c, SIZE_MAX);
	assert_int_equal(fake_reply_status(c), 200);
	assert_true(fake_is_reading(c));
	fake_free(c);
	fake_poll_free(p);
}

static void post__answers_before_a_broken_packet__still_leave(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	app->on_message = echo;
	fake_poll_get(p);
	assert_int_equal(fake_poll_post(p, "4a" SEP "4b" SEP "x"), 400);
	assert_string_equal(fake_poll_next(p), "4a" SEP "4b");
	assert_string_equal(fake_app_told(app),
		"text a | text b | close parse error: undecodable packet");
	assert_true(fake_poll_is_unknown(p));
	fake_poll_free(p);
}

static void post__abandoned_half_way__ends_the_session(void **state)
{
	static const char *const headers[] = { "Content-Length: 10\r\n",
		"Transfer-Encoding: chunked\r\n" };
	struct fake_app *app = *state;
	struct fake_poll *p;
	struct fake_conn *c;
	size_t i;

	for (i = 0; i < COUNT(headers); i++) {
		p = fake_app_poll(app);
		fake_poll_get(p);
		c = fake_poll_request(p, "POST", headers[i], NULL);
		fake_puts(c, "4\r\n");
		fake_reset(c);
		assert_string_equal(fake_app_told(app),
			"close transport error: "
			"data request connection closed prematurely");
		assert_string_equal(fake_poll_next(p), "1");
		fake_free(c);
		fake_poll_free(p);
	}
}

static void post__too_slow__is_408_and_the_end(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p;
	struct fake_conn *c;

	eio_server_set_option(app->srv, ENGINEIO_PING_INTERVAL, 100000);
	p = fake_app_poll(app);
	c = fake_poll_request(p, "POST", "Content-Length: 10\r\n", NULL);
	fake_puts(c, "4hel");
	fake_advance(app->loop, 29999);
	assert_int_equal(fake_reply_status(c), 0);
	fake_advance(app->loop, 1);
	assert_int_equal(fake_reply_status(c), 408);
	assert_true(fake_is_finished(c));
	assert_string_equal(fake_app_told(app),
		"close transport error: "
		"data request connection closed prematurely");
	fake_free(c);
	fake_poll_free(p);
}

static void post__running_when_the_session_closes__is_cut_off(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c =
		fake_poll_request(p, "POST", "Content-Length: 10\r\n", NULL);

	fake_puts(c, "4hel");
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	assert_true(fake_is_closed(c, NULL));
	assert_int_equal(fake_received(c)->len, 0);
	assert_string_equal(fake_app_told(app),
		"close forced close: forced close");
	fake_free(c);
	fake_poll_free(p);
}

static void post__in_chunks_and_pieces__is_the_same(void **state)
{
	static const char body[] = "3\r\n4he\r\n"
				   "4;x=y\r\nllo\x1e\r\n"
				   "2\r\n4b\r\n"
				   "0\r\nTrailer: x\r\n\r\n";
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_poll_request(p, "POST",
		"Transfer-Encoding: chunked\r\n", NULL);
	size_t i;

	for (i = 0; i < strlen(body); i++) {
		assert_string_equal(fake_app_told(app), "");
		fake_send(c, body + i, 1);
	}
	assert_string_equal(fake_app_told(app), "text hello | text b");
	assert_int_equal(fake_reply_status(c), 200);
	fake_free(c);
	fake_poll_free(p);
}

/* -- the limit ----------------------------------------------------------- */

static struct fake_poll *poll_with_limit(struct fake_app *app, long limit)
{
	eio_server_set_option(app->srv, ENGINEIO_MAX_PAYLOAD, limit);
	return fake_app_poll(app);
}

static void limit__exactly_reached__is_accepted(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with_limit(app, 10);

	assert_int_equal(fake_poll_post(p, "4123456789"), 200);
	assert_string_equal(fake_app_told(app), "text 123456789");
	/* Bytes are counted, not characters. */
	assert_int_equal(fake_poll_post(p,
				 "4\xe2\x82\xac\xe2\x82\xac"
				 "\xe2\x82\xac"),
		200);
	assert_string_equal(fake_app_told(app),
		"text \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac");
	fake_poll_free(p);
}

static void limit__exceeded_by_one__is_413_and_harmless(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with_limit(app, 10);
	struct fake_conn *c;

	assert_int_equal(fake_poll_post(p, "41234567890"), 413);
	assert_true(fake_app_logged(app, "MAX_PAYLOAD"));
	assert_int_equal(fake_poll_post(p,
				 "4\xe2\x82\xac\xe2\x82\xac"
				 "\xe2\x82\xac"
				 "x"),
		413);
	c = fake_poll_request(p, "POST", "Transfer-Encoding: chunked\r\n",
		NULL);
	fake_puts(c, "5\r\n41234\r\n6\r\n567890\r\n");
	assert_int_equal(fake_reply_status(c), 413);
	fake_free(c);
	assert_string_equal(fake_app_told(app), "");
	assert_int_equal(fake_poll_post(p, "4hello"), 200);
	assert_string_equal(fake_app_told(app), "text hello");
	fake_poll_free(p);
}

static void limit__announced_beyond__is_413_without_reading(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with_limit(app, 10);
	struct fake_conn *c = fake_poll_request(p, "POST",
		"Content-Length: 100000000\r\n", NULL);

	fake_puts(c, "4too much");
	fake_puts(c, " of this");
	assert_int_equal(fake_reply_status(c), 413);
	assert_true(fake_is_finished(c));
	fake_free(c);
	assert_true(eio_socket_is_open(app->s));
	fake_poll_free(p);
}

/* CVE-2020-36048: bodies that cost far more than their size. */
static void limit__full_of_tiny_packets__is_one_quick_pass(void **state)
{
	static const char *const bodies[] = { SEP, "6" SEP, "3" SEP, "4" SEP,
		"b" SEP, "0:", "2" SEP };
	struct fake_app *app = *state;
	char *body = malloc(1000001);
	struct fake_poll *p;
	size_t i, k, n;
	int status;

	assert_non_null(body);
	for (i = 0; i < COUNT(bodies); i++) {
		p = fake_app_poll(app);
		n = strlen(bodies[i]);
		for (k = 0; k < 1000000; k += n)
			memcpy(body + k, bodies[i], n);
		body[1000000 - 1] = '6';
		body[1000000] = 0;
		status = fake_poll_post(p, body);
		assert_true(status == 200 || status == 400);
		/* "2" ends the session at once, the others are harmless or
		 * one error. */
		assert_int_equal(fake_poll_post(p, "6"),
			eio_socket_is_open(app->s) ? 200 : 400);
		eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
		fake_turn(app->loop);
		fake_app_told(app);
		fake_poll_free(p);
	}
	free(body);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(post__of_packets__is_told_in_order),
		TEST(post__with_any_other_content_type__is_text),
		TEST(post__octet_stream__is_refused_before_its_body),
		TEST(post__invalid_utf8__is_mended_as_browsers_do),
		TEST(post__with_a_broken_packet__is_400_and_the_end),
		TEST(post__replies__leave_in_one_answer_to_the_poll),
		TEST(post__replies__leave_behind_the_hooks_but_not_its_ok),
		TEST(post__ok_that_nobody_takes__waits_for_room),
		TEST(post__answers_before_a_broken_packet__still_leave),
		TEST(post__abandoned_half_way__ends_the_session),
		TEST(post__too_slow__is_408_and_the_end),
		TEST(post__running_when_the_session_closes__is_cut_off),
		TEST(post__in_chunks_and_pieces__is_the_same),
		TEST(limit__exactly_reached__is_accepted),
		TEST(limit__exceeded_by_one__is_413_and_harmless),
		TEST(limit__announced_beyond__is_413_without_reading),
		TEST(limit__full_of_tiny_packets__is_one_quick_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
