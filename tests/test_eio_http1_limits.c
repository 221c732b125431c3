/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http1_limits.c: what a peer can make grow or last on a connection,
 * and where it ends: sizes with their status, times to the millisecond.
 */
#include <config.h>

#include "fake_web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define HOST    "Host: a\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define NEXT    "GET /n HTTP/1.1\r\n" HOST "\r\n"
#define HOLD    "GET /hold HTTP/1.1\r\n" HOST "\r\n"

static void set_option(struct fake_web *web, enum eio_option option, long value)
{
	assert_int_equal(eio_server_set_option(web->srv, option, value), 0);
}

static void add_many(struct eio__strbuf *b, char c, size_t n)
{
	while (n--)
		eio__strbuf_addc(b, c);
}

/* The same outcome whether the bytes come in one piece or in small ones. */
static void expect_outcome(struct fake_web *web, const struct eio__strbuf *raw,
	const char *outcome)
{
	static const size_t steps[] = { 0, 1, 1000 };
	size_t i;

	assert_int_equal(raw->error, 0);
	for (i = 0; i < COUNT(steps); i++)
		assert_string_equal(fake_web_outcome(web, raw->data, raw->len,
					    steps[i]),
			outcome);
}

/* -- sizes --------------------------------------------------------------- */

static void try_target(struct fake_web *web, size_t len, const char *outcome)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "HEAD /");
	add_many(&b, 'a', len - 1);
	eio__strbuf_adds(&b, " HTTP/1.0\r\nContent-Length: 5\r\n\r\n");
	expect_outcome(web, &b, outcome);
	eio__strbuf_clear(&b);
}

static void target__of_the_limit__passes_and_one_more_is_414(void **state)
{
	struct fake_web *web = *state;

	set_option(web, ENGINEIO_MAX_TARGET, 2000);
	try_target(web, 2001, "414 | closed");
	assert_int_equal(web->calls, 0);
	/* The body is still awaited. */
	try_target(web, 2000, "");
}

/* A head of exactly len bytes. */
static void make_head(struct eio__strbuf *b, size_t len, char fill)
{
	static const char begin[] = "GET / HTTP/1.1\r\n" HOST "X:";
	size_t fixed = sizeof(begin) - 1 + 4;

	eio__strbuf_init(b, 0);
	eio__strbuf_adds(b, begin);
	add_many(b, fill, len - fixed);
	eio__strbuf_adds(b, "\r\n\r\n");
	assert_int_equal(b->len, len);
}

static void head__of_the_limit__passes_and_one_more_is_431(void **state)
{
	/* Blanks are no part of a value, but they are sent. */
	static const char fills[] = { 'a', ' ', '\t' };
	struct fake_web *web = *state;
	struct eio__strbuf b;
	size_t i;

	set_option(web, ENGINEIO_MAX_HEADER, 3000);
	for (i = 0; i < sizeof(fills); i++) {
		make_head(&b, 3000, fills[i]);
		expect_outcome(web, &b, "200 GET / ");
		eio__strbuf_clear(&b);
		make_head(&b, 3001, fills[i]);
		expect_outcome(web, &b, "431 | closed");
		eio__strbuf_clear(&b);
	}
}

/* http_parser's 80 kB hold for the whole process; llhttp has no limit. */
#ifdef HAVE_LLHTTP
#define LONG_HEAD "200 GET / "
#else
#define LONG_HEAD "431 | closed"
#endif

static void head__beyond_the_parsers_own_limit__is_431(void **state)
{
	struct fake_web *web = *state;
	struct eio__strbuf b;

	set_option(web, ENGINEIO_MAX_HEADER, 1000000);
	make_head(&b, 900000, ' ');
	assert_string_equal(fake_web_outcome(web, b.data, b.len, 1000),
		LONG_HEAD);
	eio__strbuf_clear(&b);
}

static void head__empty_lines_without_end__are_431(void **state)
{
	struct fake_web *web = *state;
	struct eio__strbuf b;
	unsigned i;

	set_option(web, ENGINEIO_MAX_HEADER, 3000);
	eio__strbuf_init(&b, 0);
	for (i = 0; i < 1500; i++)
		eio__strbuf_adds(&b, "\r\n");
	expect_outcome(web, &b, "431 | closed");
	eio__strbuf_clear(&b);
}

static void try_headers(struct fake_web *web, unsigned n, const char *outcome)
{
	struct eio__strbuf b;
	unsigned i;

	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "GET / HTTP/1.1\r\n" HOST);
	for (i = 1; i < n; i++)
		eio__strbuf_adds(&b, "a:\r\n");
	eio__strbuf_adds(&b, "\r\n");
	expect_outcome(web, &b, outcome);
	eio__strbuf_clear(&b);
}

static void headers__of_the_limit__pass_and_one_more_is_431(void **state)
{
	struct fake_web *web = *state;

	try_headers(web, 100, "200 GET / ");
	try_headers(web, 101, "431 | closed");
	set_option(web, ENGINEIO_MAX_HEADERS, 1);
	try_headers(web, 1, "200 GET / ");
	try_headers(web, 2, "431 | closed");
}

/* CVE-2024-37890: an upgrade among more headers than there may be. */
static void headers__too_many_of_an_upgrade__are_431(void **state)
{
	static const char upgrade[] = "Connection: Upgrade\r\n"
				      "Upgrade: websocket\r\n";
	struct fake_web *web = *state;
	struct eio__strbuf b;
	unsigned at, i;

	for (at = 0; at <= 200; at += 100) {
		eio__strbuf_init(&b, 0);
		eio__strbuf_adds(&b, "GET / HTTP/1.1\r\n" HOST);
		for (i = 0; i < 200; i++)
			eio__strbuf_adds(&b, i == at ? upgrade : "a: b\r\n");
		eio__strbuf_adds(&b, "\r\n");
		expect_outcome(web, &b, "431 | closed");
		eio__strbuf_clear(&b);
	}
}

static void body__of_the_limit__passes_and_one_more_is_413(void **state)
{
	struct fake_web *web = *state;
	struct eio__strbuf b;

	set_option(web, ENGINEIO_MAX_PAYLOAD, 5);
	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b,
		"POST /p HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabcde");
	expect_outcome(web, &b, "200 POST /p abcde");
	eio__strbuf_reset(&b);
	eio__strbuf_adds(&b,
		"POST /p HTTP/1.1\r\n" HOST CHUNKED "\r\n"
		"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
	expect_outcome(web, &b, "200 POST /p abcde");
	eio__strbuf_reset(&b);
	eio__strbuf_adds(&b,
		"POST /p HTTP/1.1\r\n" HOST CHUNKED "\r\n"
		"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
	expect_outcome(web, &b, "413 | closed");
	eio__strbuf_reset(&b);
	/* What is announced need not come. */
	eio__strbuf_adds(&b,
		"POST /p HTTP/1.1\r\n" HOST "Content-Length: 6\r\n\r\n");
	expect_outcome(web, &b, "413 | closed");
	eio__strbuf_clear(&b);
}

static void chunks__with_endless_extensions__are_431(void **state)
{
	struct fake_web *web = *state;
	struct eio__strbuf b;

	set_option(web, ENGINEIO_MAX_HEADER, 1000);
	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "POST /p HTTP/1.1\r\n" HOST CHUNKED "\r\n1;");
	add_many(&b, 'a', 1001);
	expect_outcome(web, &b, "431 | closed");
	eio__strbuf_clear(&b);
}

static void bad_request__of_any_kind__is_on_the_log(void **state)
{
	struct fake_web *web = *state;

	fake_web_outcome(web, "nonsense\r\n", 10, 0);
	assert_true(fake_app_logged(web->app,
		"http: bad request answered with 400"));
}

/* -- the end of a connection --------------------------------------------- */

/* RFC 9112 section 9.6: the answer must not be lost to a reset, so the
 * server ends its half first and reads on for a while. */
static void refusal__with_more_to_come__lingers(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	unsigned i;
	bool reset;

	fake_puts(c, "nonsense\r\n\r\n");
	for (i = 0; i < 100; i++)
		fake_puts(c, NEXT);
	assert_string_equal(fake_web_answers(c), "400 | closed");
	assert_true(fake_is_reading(c));
	fake_advance(web->loop, 1999);
	assert_false(fake_is_closed(c, NULL));
	fake_advance(web->loop, 1);
	assert_true(fake_is_closed(c, &reset));
	assert_false(reset);
	assert_int_equal(web->calls, 0);
	fake_free(c);
}

static void refusal__and_the_peer_ends_too__is_over(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, "nonsense\r\n\r\n");
	assert_false(fake_is_closed(c, NULL));
	fake_fin(c);
	assert_true(fake_is_closed(c, NULL));
	assert_int_equal(eio_server_connections(web->srv), 0);
	fake_free(c);
}

static void
refusal__to_a_peer_that_does_not_read__waits_and_gives_up(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_room(c, 0);
	fake_puts(c, "nonsense\r\n\r\n");
	fake_advance(web->loop, 59999);
	assert_false(fake_is_finished(c));
	fake_advance(web->loop, 1);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

static void refusal__read_late__is_whole(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_room(c, 10);
	fake_puts(c, "nonsense\r\n\r\n");
	assert_false(fake_is_finished(c));
	fake_advance(web->loop, 50000);
	fake_room(c, SIZE_MAX);
	assert_string_equal(fake_web_answers(c), "400 | closed");
	fake_free(c);
}

/* -- times --------------------------------------------------------------- */

static void silent_connection__after_header_timeout__is_ended(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_advance(web->loop, 29999);
	assert_string_equal(fake_web_answers(c), "");
	fake_advance(web->loop, 1);
	assert_string_equal(fake_web_answers(c), "closed");
	fake_free(c);
}

static void head__unfinished_after_header_timeout__is_408(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	unsigned i;

	/* More bytes give no more time. */
	for (i = 0; i < 29; i++) {
		fake_puts(c, i ? "a" : "GET /");
		fake_advance(web->loop, 1000);
	}
	fake_advance(web->loop, 999);
	assert_string_equal(fake_web_answers(c), "");
	fake_advance(web->loop, 1);
	assert_string_equal(fake_web_answers(c), "408 | closed");
	fake_free(c);
}

static void head__of_a_later_request__has_all_the_time(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, NEXT);
	fake_advance(web->loop, 9999);
	fake_puts(c, "GET /");
	fake_advance(web->loop, 29999);
	assert_string_equal(fake_web_answers(c), "200 GET /n ");
	fake_advance(web->loop, 1);
	assert_string_equal(fake_web_answers(c), "408 | closed");
	fake_free(c);
}

static void head__behind_a_held_request__has_time_from_then_on(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, HOLD "GET /");
	fake_advance(web->loop, 1000000);
	fake_web_release(web, 0);
	assert_string_equal(fake_web_answers(c), "200 held /hold");
	fake_advance(web->loop, 29999);
	assert_string_equal(fake_web_answers(c), "");
	fake_advance(web->loop, 1);
	assert_string_equal(fake_web_answers(c), "408 | closed");
	fake_free(c);
}

static void idle_connection__after_keep_alive_timeout__is_ended(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, NEXT);
	fake_advance(web->loop, 9999);
	assert_string_equal(fake_web_answers(c), "200 GET /n ");
	fake_puts(c, NEXT);
	fake_advance(web->loop, 9999);
	assert_string_equal(fake_web_answers(c), "200 GET /n ");
	fake_advance(web->loop, 1);
	assert_string_equal(fake_web_answers(c), "closed");
	fake_free(c);
}

static void held_request__however_long__is_waited_for(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, HOLD);
	fake_advance(web->loop, 3600000);
	assert_false(fake_is_finished(c));
	fake_web_release(web, 0);
	assert_string_equal(fake_web_answers(c), "200 held /hold");
	fake_advance(web->loop, 10000);
	assert_string_equal(fake_web_answers(c), "closed");
	fake_free(c);
}

static void body__unfinished_after_body_timeout__is_408(void **state)
{
	static const char *const headers[] = { "Content-Length: 100\r\n",
		CHUNKED };
	struct fake_web *web = *state;
	struct fake_conn *c;
	size_t i;

	for (i = 0; i < COUNT(headers); i++) {
		c = fake_connect(web->loop);
		fake_advance(web->loop, 5000);
		fake_request(c, "POST", "/p", headers[i], NULL);
		fake_advance(web->loop, 15000);
		fake_puts(c, "1");
		fake_advance(web->loop, 14999);
		assert_string_equal(fake_web_answers(c), "");
		fake_advance(web->loop, 1);
		assert_string_equal(fake_web_answers(c), "408 | closed");
		fake_free(c);
	}
	assert_int_equal(web->calls, 0);
}

static void body__of_64_kb_in_time__gets_more_time(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	static char piece[65536];

	memset(piece, 'x', sizeof(piece));
	fake_request(c, "POST", "/hold", "Content-Length: 131073\r\n", NULL);
	fake_advance(web->loop, 29999);
	fake_send(c, piece, sizeof(piece));
	fake_advance(web->loop, 29999);
	fake_send(c, piece, sizeof(piece));
	fake_advance(web->loop, 29999);
	fake_send(c, piece, 1);
	assert_int_equal(web->count, 1);
	fake_web_release(web, 0);
	assert_string_equal(fake_web_answers(c), "200 held /hold");
	fake_free(c);
}

static void body__just_below_64_kb_in_time__gets_none(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	static char piece[65535];

	fake_request(c, "POST", "/hold", "Content-Length: 131072\r\n", NULL);
	fake_advance(web->loop, 29999);
	fake_send(c, piece, sizeof(piece));
	fake_advance(web->loop, 1);
	assert_string_equal(fake_web_answers(c), "408 | closed");
	fake_free(c);
}

static void body__byte_by_byte_in_time__arrives_whole(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	const char *at;

	fake_request(c, "POST", "/p", "Content-Length: 11\r\n", NULL);
	for (at = "hello world"; *at; at++) {
		fake_advance(web->loop, 2700);
		fake_send(c, at, 1);
	}
	assert_string_equal(fake_web_answers(c), "200 POST /p hello world");
	fake_free(c);
}

static void body__of_an_answered_request__ends_silently(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_request(c, "POST", "/engine.io/?EIO=4&transport=polling&sid=x",
		"Content-Length: 100\r\n", NULL);
	assert_string_equal(fake_web_answers(c),
		"400 {\"code\":1,\"message\":\"Session ID unknown\"}");
	fake_advance(web->loop, 29999);
	assert_string_equal(fake_web_answers(c), "");
	fake_advance(web->loop, 1);
	assert_string_equal(fake_web_answers(c), "closed");
	fake_free(c);
}

/* -- how many connections ------------------------------------------------ */

static void connections__beyond_the_limit__are_refused(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *a, *b;

	set_option(web, ENGINEIO_MAX_CONNECTIONS, 2);
	a = fake_connect(web->loop);
	b = fake_connect(web->loop);
	assert_true(a && b);
	assert_null(fake_connect(web->loop));
	assert_true(fake_app_logged(web->app, "MAX_CONNECTIONS"));
	assert_int_equal(eio_server_connections(web->srv), 2);
	fake_free(a);
	a = fake_connect(web->loop);
	assert_non_null(a);
	fake_puts(a, NEXT);
	assert_string_equal(fake_web_answers(a), "200 GET /n ");
	fake_free(a);
	fake_free(b);
	assert_int_equal(eio_server_connections(web->srv), 0);
}

/* -- the server's end ---------------------------------------------------- */

static void on_done(void *user)
{
	++*(unsigned *)user;
}

static void closing__held_requests__are_answered_first(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *held = fake_connect(web->loop);
	struct fake_conn *idle = fake_connect(web->loop);
	struct fake_reply r;
	unsigned done = 0;

	fake_puts(held, HOLD NEXT);
	fake_puts(idle, NEXT);
	eio_server_close(web->srv, 100000, on_done, &done);
	fake_turn(web->loop);
	assert_string_equal(fake_web_answers(idle), "200 GET /n  | closed");
	assert_false(fake_is_finished(held));
	fake_web_release(web, 0);
	r = fake_reply(held);
	assert_int_equal(r.status, 200);
	assert_string_equal(fake_reply_header(&r, "Connection"), "close");
	fake_reply_clear(&r);
	assert_string_equal(fake_web_answers(held), "closed");
	assert_int_equal(done, 0);
	fake_free(held);
	fake_free(idle);
	fake_turn(web->loop);
	assert_int_equal(done, 1);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_web_setup, fake_web_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(target__of_the_limit__passes_and_one_more_is_414),
		TEST(head__of_the_limit__passes_and_one_more_is_431),
		TEST(head__beyond_the_parsers_own_limit__is_431),
		TEST(head__empty_lines_without_end__are_431),
		TEST(headers__of_the_limit__pass_and_one_more_is_431),
		TEST(headers__too_many_of_an_upgrade__are_431),
		TEST(body__of_the_limit__passes_and_one_more_is_413),
		TEST(chunks__with_endless_extensions__are_431),
		TEST(bad_request__of_any_kind__is_on_the_log),
		TEST(refusal__with_more_to_come__lingers),
		TEST(refusal__and_the_peer_ends_too__is_over),
		TEST(refusal__to_a_peer_that_does_not_read__waits_and_gives_up),
		TEST(refusal__read_late__is_whole),
		TEST(silent_connection__after_header_timeout__is_ended),
		TEST(head__unfinished_after_header_timeout__is_408),
		TEST(head__of_a_later_request__has_all_the_time),
		TEST(head__behind_a_held_request__has_time_from_then_on),
		TEST(idle_connection__after_keep_alive_timeout__is_ended),
		TEST(held_request__however_long__is_waited_for),
		TEST(body__unfinished_after_body_timeout__is_408),
		TEST(body__of_64_kb_in_time__gets_more_time),
		TEST(body__just_below_64_kb_in_time__gets_none),
		TEST(body__byte_by_byte_in_time__arrives_whole),
		TEST(body__of_an_answered_request__ends_silently),
		TEST(connections__beyond_the_limit__are_refused),
		TEST(closing__held_requests__are_answered_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
