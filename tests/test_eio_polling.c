/* SPDX-License-Identifier: MIT */
/*
 * test_eio_polling.c: long-polling: what a poll is answered with and when,
 * what a POST may hold, and what happens when they overlap, are cut off or
 * are something else.
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

#include <zlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SEP      "\x1e"
#define UNKNOWN  "{\"code\":1,\"message\":\"Session ID unknown\"}"

/* The session is gone: its id is not known any more. */
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

/* A request of the session, on a connection of the test's. */
static struct fake_conn *request(struct fake_app *app, struct fake_poll *p,
	const char *method, const char *headers, const char *body)
{
	struct fake_conn *c = fake_connect(app->loop);
	char target[256];

	assert_non_null(c);
	fake_poll_target(p, target);
	fake_request(c, method, target, headers, body);
	return c;
}

static int status_of(struct fake_conn *c)
{
	struct fake_reply r = fake_reply(c);
	int status = r.status;

	fake_reply_clear(&r);
	return status;
}

/* -- GET ----------------------------------------------------------------- */

static void get__with_nothing_to_say__waits_for_a_message(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_null(fake_poll_next(p));
	fake_advance(app->loop, 24999);
	assert_null(fake_poll_next(p));
	assert_true(fake_app_send(app, "hello"));
	assert_null(fake_poll_next(p)); /* it leaves when the turn ends */
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "4hello");
	fake_poll_free(p);
}

static void get__answered__has_these_headers(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n"
				   "Cache-Control: no-store\r\n"
				   "Content-Type: text/plain; charset=UTF-8\r\n"
				   "Content-Length: 6\r\n"
				   "Date: Fri, 20 Nov 2026 00:00:00 GMT\r\n"
				   "Connection: keep-alive\r\n"
				   "Keep-Alive: timeout=10\r\n";
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_true(fake_app_send(app, "hello"));
	assert_string_equal(fake_poll_next(p), "4hello");
	assert_string_equal(p->reply.head, head);
	fake_poll_free(p);
}

static void get__after_several_messages__gets_them_as_one_payload(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_true(fake_app_send(app, "a"));
	assert_true(fake_app_send(app, ""));
	assert_true(fake_app_send_binary(app, "\x01\x02\x03\x04", 4));
	assert_true(fake_app_send(app, "\xe2\x82\xac"));
	assert_true(fake_app_send_binary(app, "", 0));
	assert_string_equal(fake_poll_next(p),
		"4a" SEP "4" SEP "bAQIDBA==" SEP "4\xe2\x82\xac" SEP "b");
	assert_null(fake_poll_next(p));
	fake_poll_free(p);
}

static void request__of_an_old_browser__calms_its_filter(void **state)
{
	static const struct {
		const char *agent, *header;
	} rows[] = {
		{ "User-Agent: Mozilla/4.0 (compatible;MSIE 8.0)\r\n", "0" },
		{ "User-Agent: Mozilla/5.0 (Trident/7.0; rv:11.0)\r\n", "0" },
		{ "User-Agent: Mozilla/5.0 Gecko/20100101\r\n", "" },
	};
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c;
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		assert_true(fake_app_send(app, "hello"));
		c = request(app, p, "GET", rows[i].agent, NULL);
		r = fake_reply(c);
		assert_string_equal(fake_reply_header(&r, "x-xss-protection"),
			rows[i].header);
		fake_reply_clear(&r);
		fake_free(c);
		c = request(app, p, "POST", rows[i].agent, "6");
		r = fake_reply(c);
		assert_string_equal(fake_reply_header(&r, "x-xss-protection"),
			rows[i].header);
		fake_reply_clear(&r);
		fake_free(c);
	}
	fake_poll_free(p);
}

static void get__with_a_body__is_answered_all_the_same(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = request(app, p, "GET", NULL, "4not read");

	assert_int_equal(status_of(c), 0);
	assert_true(fake_app_send(app, "hello"));
	fake_turn(app->loop);
	assert_int_equal(status_of(c), 200);
	assert_string_equal(fake_app_told(app), "");
	fake_free(c);
	fake_poll_free(p);
}

static void get__abandoned_by_the_client__ends_the_session(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p;
	int reset;

	for (reset = 0; reset < 2; reset++) {
		p = fake_app_poll(app);
		fake_poll_get(p);
		if (reset)
			fake_reset(p->get);
		else
			fake_fin(p->get);
		assert_string_equal(fake_app_told(app),
			"close transport error: "
			"poll connection closed prematurely");
		fake_free(p->get);
		p->get = NULL;
		expect_unknown(app, p);
		fake_poll_free(p);
	}
}

static void get__closed_after_its_answer__harms_nobody(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_poll_get(p);
	assert_true(fake_app_send(app, "hello"));
	fake_turn(app->loop);
	fake_reset(p->get);
	assert_string_equal(fake_app_told(app), "");
	assert_true(eio_socket_is_open(app->s));
	fake_poll_free(p);
}

static void get__on_http_1_0__is_answered_and_closed(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	char target[256];

	fake_poll_target(p, target);
	fake_puts(c, "GET ");
	fake_puts(c, target);
	fake_puts(c, " HTTP/1.0\r\n\r\n");
	assert_int_equal(status_of(c), 0);
	assert_true(fake_app_send(app, "hello"));
	fake_turn(app->loop);
	assert_int_equal(status_of(c), 200);
	assert_true(fake_is_finished(c));
	fake_free(c);
	fake_poll_free(p);
}

/* -- POST ---------------------------------------------------------------- */

static void post__of_packets__is_told_in_order(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = request(app, p, "POST", NULL,
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
		c = request(app, p, "POST", types[i], "4hello");
		assert_int_equal(status_of(c), 200);
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
		c = request(app, p, "POST", headers[i], NULL);
		assert_int_equal(status_of(c), 400);
		assert_string_equal(fake_app_told(app),
			"close transport error: invalid content");
		assert_string_equal(fake_poll_next(p), "1");
		expect_unknown(app, p);
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
		expect_unknown(app, p);
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
	seen.post = request(app, p, "POST", "Content-Length: 2\r\n", NULL);
	assert_int_equal(eio_loop_on_turn_end(app->loop, look, &seen), 0);
	fake_puts(seen.post, "4a");
	assert_true(seen.hooks > 0);
	assert_int_equal(seen.gets, 0);
	assert_int_equal(seen.posts, 1);
	assert_int_equal(fake_writes(seen.post), 1);
	assert_int_equal(status_of(seen.post), 200);
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
		request(app, p, "POST", "Content-Length: 1\r\n", NULL);

	fake_room(c, 0);
	fake_puts(c, "6");
	assert_int_equal(fake_received(c)->len, 0);
	fake_room(c, 20);
	assert_int_equal(fake_received(c)->len, 20);
	fake_room(c, SIZE_MAX);
	assert_int_equal(status_of(c), 200);
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
	expect_unknown(app, p);
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
		c = request(app, p, "POST", headers[i], NULL);
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
	c = request(app, p, "POST", "Content-Length: 10\r\n", NULL);
	fake_puts(c, "4hel");
	fake_advance(app->loop, 29999);
	assert_int_equal(status_of(c), 0);
	fake_advance(app->loop, 1);
	assert_int_equal(status_of(c), 408);
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
		request(app, p, "POST", "Content-Length: 10\r\n", NULL);

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
	struct fake_conn *c =
		request(app, p, "POST", "Transfer-Encoding: chunked\r\n", NULL);
	size_t i;

	for (i = 0; i < strlen(body); i++) {
		assert_string_equal(fake_app_told(app), "");
		fake_send(c, body + i, 1);
	}
	assert_string_equal(fake_app_told(app), "text hello | text b");
	assert_int_equal(status_of(c), 200);
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
	c = request(app, p, "POST", "Transfer-Encoding: chunked\r\n", NULL);
	fake_puts(c, "5\r\n41234\r\n6\r\n567890\r\n");
	assert_int_equal(status_of(c), 413);
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
	struct fake_conn *c =
		request(app, p, "POST", "Content-Length: 100000000\r\n", NULL);

	fake_puts(c, "4too much");
	fake_puts(c, " of this");
	assert_int_equal(status_of(c), 413);
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

/* -- overlaps ------------------------------------------------------------ */

static void overlap__get_while_a_get_waits__ends_the_session(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *second;
	struct fake_reply r;

	fake_poll_get(p);
	second = request(app, p, "GET", NULL, NULL);
	r = fake_reply(second);
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, "");
	assert_string_equal(fake_reply_header(&r, "content-type"), "");
	fake_reply_clear(&r);
	assert_string_equal(fake_poll_next(p), "1");
	assert_string_equal(fake_app_told(app),
		"close transport error: overlap from client");
	expect_unknown(app, p);
	fake_free(second);
	fake_poll_free(p);
}

static void overlap__post_while_a_post_runs__ends_the_session(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *first =
		request(app, p, "POST", "Content-Length: 10\r\n", NULL);
	struct fake_conn *second = request(app, p, "POST", NULL, "4b");
	struct fake_reply r = fake_reply(second);

	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, "");
	fake_reply_clear(&r);
	/* The first is cut off without an answer. */
	assert_true(fake_is_closed(first, NULL));
	assert_int_equal(fake_received(first)->len, 0);
	assert_string_equal(fake_app_told(app),
		"close transport error: data request overlap from client");
	expect_unknown(app, p);
	fake_free(first);
	fake_free(second);
	fake_poll_free(p);
}

static void overlap__get_and_post__is_how_it_should_be(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *post;

	fake_poll_get(p);
	post = request(app, p, "POST", "Content-Length: 6\r\n", NULL);
	assert_true(fake_app_send(app, "down"));
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "4down");
	fake_poll_get(p);
	fake_puts(post, "4up...");
	assert_int_equal(status_of(post), 200);
	assert_string_equal(fake_app_told(app), "text up...");
	assert_null(fake_poll_next(p));
	fake_free(post);
	fake_poll_free(p);
}

static void overlap__post_behind_a_waiting_get__waits_for_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = request(app, p, "GET", NULL, NULL);
	char target[256];

	/* Pipelined on one connection: answers keep the order. */
	fake_poll_target(p, target);
	fake_request(c, "POST", target, NULL, "4up");
	assert_string_equal(fake_app_told(app), "");
	assert_true(fake_app_send(app, "down"));
	fake_turn(app->loop);
	assert_int_equal(status_of(c), 200);
	assert_int_equal(status_of(c), 200);
	assert_string_equal(fake_app_told(app), "text up");
	fake_free(c);
	fake_poll_free(p);
}

static void overlap__get_behind_a_post__is_answered_behind_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	char target[256], both[1024];

	fake_poll_target(p, target);
	snprintf(both, sizeof(both),
		"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n4up"
		"GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
		target, target);
	fake_puts(c, both);
	assert_int_equal(status_of(c), 200);
	assert_int_equal(status_of(c), 0);
	assert_true(fake_app_send(app, "down"));
	fake_turn(app->loop);
	assert_int_equal(status_of(c), 200);
	fake_free(c);
	fake_poll_free(p);
}

/* -- other methods ------------------------------------------------------- */

static void method__neither_get_nor_post__is_500_and_harmless(void **state)
{
	static const char *const methods[] = { "HEAD", "PUT", "DELETE",
		"OPTIONS", "PATCH" };
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c;
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(methods); i++) {
		c = request(app, p, methods[i], NULL, NULL);
		r = fake_reply(c);
		assert_int_equal(r.status, 500);
		assert_string_equal(r.body, "");
		assert_string_equal(fake_reply_header(&r, "content-type"), "");
		fake_reply_clear(&r);
		fake_free(c);
	}
	assert_int_equal(fake_poll_post(p, "4hello"), 200);
	assert_string_equal(fake_app_told(app), "text hello");
	fake_poll_free(p);
}

/* -- compression --------------------------------------------------------- */

/* The answer to a poll with this Accept-Encoding. */
static struct fake_reply get_coded(struct fake_app *app, struct fake_poll *p,
	const char *accept)
{
	char header[256];
	struct fake_conn *c;
	struct fake_reply r;

	snprintf(header, sizeof(header), "Accept-Encoding: %s\r\n", accept);
	c = request(app, p, "GET", header, NULL);
	fake_turn(app->loop);
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	fake_free(c);
	return r;
}

static void expect_coding(struct fake_app *app, struct fake_poll *p,
	const char *accept, const char *coding)
{
	struct fake_reply r = get_coded(app, p, accept);

	assert_string_equal(fake_reply_header(&r, "content-encoding"), coding);
	fake_reply_clear(&r);
}

/* windowBits + 32: zlib finds out whether it is gzip or zlib's own. */
static size_t inflate_body(const struct fake_reply *r, char *out, size_t room)
{
	z_stream z;

	memset(&z, 0, sizeof(z));
	assert_int_equal(inflateInit2(&z, MAX_WBITS + 32), Z_OK);
	z.next_in = (Bytef *)r->body;
	z.avail_in = (uInt)r->len;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)room;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.avail_in, 0);
	inflateEnd(&z);
	return room - z.avail_out;
}

static void compression__of_each_coding__can_be_undone(void **state)
{
	static const char *const codings[] = { "gzip", "deflate" };
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_reply r;
	char body[6000];
	size_t i;

	for (i = 0; i < COUNT(codings); i++) {
		assert_true(fake_app_send_much(app, 'x', 5000));
		r = get_coded(app, p, codings[i]);
		assert_string_equal(fake_reply_header(&r, "content-encoding"),
			codings[i]);
		assert_string_equal(fake_reply_header(&r, "content-type"),
			"text/plain; charset=UTF-8");
		assert_true(r.len < 200);
		assert_int_equal(inflate_body(&r, body, sizeof(body)), 5001);
		assert_int_equal(body[0], '4');
		assert_int_equal(body[5000], 'x');
		fake_reply_clear(&r);
	}
	fake_poll_free(p);
}

static void compression__coding__is_what_the_client_likes_best(void **state)
{
	static const struct {
		const char *accept, *coding;
	} rows[] = {
		{ "gzip, deflate", "gzip" },
		{ "deflate, gzip", "deflate" },
		{ "deflate;q=0.5, gzip;q=0.8", "gzip" },
		{ "gzip;q=0, deflate", "deflate" },
		{ "*", "gzip" },
		{ "br, identity", "" },
		{ "gzip;q=0", "" },
		{ "", "" },
	};
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		assert_true(fake_app_send_much(app, 'x', 2000));
		expect_coding(app, p, rows[i].accept, rows[i].coding);
	}
	fake_poll_free(p);
}

static void compression__threshold__is_the_first_length_compressed(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_true(fake_app_send_much(app, 'x', 1022));
	expect_coding(app, p, "gzip", "");
	assert_true(fake_app_send_much(app, 'x', 1023));
	expect_coding(app, p, "gzip", "gzip");
	/* The payload's length counts, not each message's. */
	assert_true(fake_app_send_much(app, 'x', 511));
	assert_true(fake_app_send_much(app, 'x', 510));
	expect_coding(app, p, "gzip", "gzip");
	eio_server_set_option(app->srv, ENGINEIO_COMPRESSION_THRESHOLD, 2000);
	assert_true(fake_app_send_much(app, 'x', 1998));
	expect_coding(app, p, "gzip", "");
	fake_poll_free(p);
}

static void compression__switched_off__is_none(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	eio_server_set_option(app->srv, ENGINEIO_COMPRESSION, 0);
	assert_true(fake_app_send_much(app, 'x', 5000));
	expect_coding(app, p, "gzip", "");
	fake_poll_free(p);
}

static void compression__of_noop_and_close_alone__is_not_worth_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c;
	struct fake_reply r;

	eio_server_set_option(app->srv, ENGINEIO_COMPRESSION_THRESHOLD, 0);
	fake_advance(app->loop, 25000);
	expect_coding(app, p, "gzip", "gzip"); /* the ping */
	c = request(app, p, "GET", "Accept-Encoding: gzip\r\n", NULL);
	eio_socket_close(app->s);
	fake_turn(app->loop);
	r = fake_reply(c);
	assert_string_equal(fake_reply_header(&r, "content-encoding"), "");
	assert_string_equal(r.body, "1");
	fake_reply_clear(&r);
	fake_free(c);
	fake_poll_free(p);
}

static void compression__of_a_post__is_not_undone(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c =
		request(app, p, "POST", "Content-Encoding: gzip\r\n", "4plain");

	assert_int_equal(status_of(c), 200);
	assert_string_equal(fake_app_told(app), "text plain");
	fake_free(c);
	fake_poll_free(p);
}

/* -- two connections, closed in either order ----------------------------- */

static void connections__of_get_and_post__may_end_in_any_order(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p;
	struct fake_conn *post;
	int get_first;

	for (get_first = 0; get_first < 2; get_first++) {
		p = fake_app_poll(app);
		fake_poll_get(p);
		post = request(app, p, "POST", "Content-Length: 9\r\n", NULL);
		fake_reset(get_first ? p->get : post);
		assert_int_equal(app->closed, app->opened);
		fake_reset(get_first ? post : p->get);
		fake_free(post);
		fake_poll_free(p);
		assert_int_equal(app->closed, app->opened);
		fake_app_told(app);
	}
	assert_int_equal(eio_server_connections(app->srv), 0);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(get__with_nothing_to_say__waits_for_a_message),
		TEST(get__answered__has_these_headers),
		TEST(get__after_several_messages__gets_them_as_one_payload),
		TEST(request__of_an_old_browser__calms_its_filter),
		TEST(get__with_a_body__is_answered_all_the_same),
		TEST(get__abandoned_by_the_client__ends_the_session),
		TEST(get__closed_after_its_answer__harms_nobody),
		TEST(get__on_http_1_0__is_answered_and_closed),
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
		TEST(overlap__get_while_a_get_waits__ends_the_session),
		TEST(overlap__post_while_a_post_runs__ends_the_session),
		TEST(overlap__get_and_post__is_how_it_should_be),
		TEST(overlap__post_behind_a_waiting_get__waits_for_it),
		TEST(overlap__get_behind_a_post__is_answered_behind_it),
		TEST(method__neither_get_nor_post__is_500_and_harmless),
		TEST(compression__of_each_coding__can_be_undone),
		TEST(compression__coding__is_what_the_client_likes_best),
		TEST(compression__threshold__is_the_first_length_compressed),
		TEST(compression__switched_off__is_none),
		TEST(compression__of_noop_and_close_alone__is_not_worth_it),
		TEST(compression__of_a_post__is_not_undone),
		TEST(connections__of_get_and_post__may_end_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
