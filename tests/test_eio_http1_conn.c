/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http1_conn.c: a connection of HTTP/1.1: when it is kept, requests
 * sent ahead, answers that come before the body, and bytes behind an upgrade.
 */
#include <config.h>

#include "fake_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define UPGRADE  "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define WS_KEY   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define WS       UPGRADE WS_KEY "Sec-WebSocket-Version: 13\r\n"

/* -- Connection, Expect -------------------------------------------------- */

static void connection__each_form__keeps_or_closes(void **state)
{
	static const struct row rows[] = {
		ROW(NEXT NEXT NEXT, GOT_NEXT " | " GOT_NEXT " | " GOT_NEXT),
		ROW(GET("Connection: close\r\n") NEXT, GOT " | closed"),
		ROW(GET("Connection: CLOSE\r\n") NEXT, GOT " | closed"),
		ROW(GET("Connection: foo, close\r\n") NEXT, GOT " | closed"),
		ROW(GET("Connection:foo,close\r\n") NEXT, GOT " | closed"),
		ROW(GET("Connection: , close ,\r\n") NEXT, GOT " | closed"),
		ROW(GET("Connection: keep-alive, close\r\n") NEXT,
			GOT " | closed"),
		/* a misspelt first word makes http_parser overlook the next */
		ROW(GET("Connection: keep-aliv, close\r\n") NEXT,
			GOT " | closed"),
		ROW(GET("Connection: keep-alive\r\nConnection: close\r\n") NEXT,
			GOT " | closed"),
		ROW(GET("Connection: closed\r\n") NEXT, GOT " | " GOT_NEXT),
		ROW(GET("Connection: x-close\r\n") NEXT, GOT " | " GOT_NEXT),
		ROW("GET / HTTP/1.0\r\n\r\n" NEXT, GOT " | closed"),
		ROW("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" NEXT,
			GOT " | " GOT_NEXT),
		ROW("GET / HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n" NEXT,
			GOT " | " GOT_NEXT),
		ROW("GET / HTTP/1.0\r\n"
		    "Connection: keep-alive, close\r\n\r\n" NEXT,
			GOT " | closed"),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void connection__of_an_answer__is_what_happens(void **state)
{
	static const struct {
		const char *raw, *connection, *keep_alive;
	} rows[] = {
		{ NEXT, "keep-alive", "timeout=10" },
		{ GET("Connection: close\r\n"), "close", "" },
		{ "GET / HTTP/1.0\r\n\r\n", "close", "" },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			"keep-alive", "timeout=10" },
		{ "nonsense\r\n\r\n", "close", "" },
		{ POST("Content-Length: 1000001\r\n"), "close", "" },
	};
	struct fake_web *web = *state;
	struct fake_conn *c;
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		c = fake_connect(web->loop);
		fake_puts(c, rows[i].raw);
		r = fake_reply(c);
		assert_string_equal(fake_reply_header(&r, "Connection"),
			rows[i].connection);
		assert_string_equal(fake_reply_header(&r, "Keep-Alive"),
			rows[i].keep_alive);
		assert_string_equal(fake_reply_header(&r, "Date"),
			"Fri, 20 Nov 2026 00:00:00 GMT");
		fake_reply_clear(&r);
		fake_free(c);
	}
}

static void expect__100_continue__is_answered_before_the_body(void **state)
{
	static const struct row rows[] = {
		ROW(POST("Expect: 100-continue\r\nContent-Length: 4\r\n"),
			"100"),
		ROW(POST("Expect: 100-continue\r\nContent-Length: 4\r\n") "abcd",
			"100 | " POSTED),
		ROW(POST("Expect: 100-CONTINUE\r\n" CHUNKED) ABCD,
			"100 | " POSTED),
		/* no body, nothing to wait for */
		ROW(GET("Expect: 100-continue\r\n"), GOT),
		ROW(POST("Expect: 100-continue\r\nContent-Length: 0\r\n"),
			"200 POST /p "),
		/* RFC 9110 section 10.1.1: ignored in HTTP/1.0 */
		ROW("POST /p HTTP/1.0\r\nExpect: 100-continue\r\n"
		    "Content-Length: 4\r\n\r\nabcd",
			POSTED " | closed"),
		ROW(POST("Expect: foo\r\nContent-Length: 4\r\n") "abcd",
			"417 | closed"),
		ROW(POST("Expect: 100-continue, foo\r\nContent-Length: 4\r\n") "abcd",
			"417 | closed"),
		/* too much is told before it is sent */
		ROW(POST("Expect: 100-continue\r\n"
			 "Content-Length: 1000001\r\n"),
			"413 | closed"),
	};
	struct fake_web *web = *state;

	assert_int_equal(eio_server_option(web->srv, ENGINEIO_MAX_PAYLOAD),
		1000000);
	try_rows(web, rows, COUNT(rows));
}

/* -- pipelining ---------------------------------------------------------- */

#define HELD(q) "GET /hold" q " HTTP/1.1\r\n" HOST "\r\n"

static void pipelining__behind_a_held_request__waits_for_it(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, HELD("") NEXT NEXT);
	assert_int_equal(web->count, 1);
	assert_int_equal(web->calls, 1);
	assert_string_equal(fake_web_answers(c), "");
	fake_puts(c, NEXT);
	assert_int_equal(web->calls, 1);
	fake_web_release(web, 0);
	assert_string_equal(fake_web_answers(c),
		"200 held /hold | " GOT_NEXT " | " GOT_NEXT " | " GOT_NEXT);
	assert_int_equal(fake_writes(c), 1);
	fake_free(c);
}

static void pipelining__of_held_requests__keeps_the_order(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, HELD("?1") HELD("?2") NEXT HELD("?3"));
	assert_int_equal(web->count, 1);
	fake_web_release(web, 0);
	assert_int_equal(web->count, 2);
	assert_string_equal(fake_web_answers(c), "200 held /hold?1");
	fake_web_release(web, 1);
	assert_string_equal(fake_web_answers(c),
		"200 held /hold?2 | " GOT_NEXT);
	fake_web_release(web, 2);
	assert_string_equal(fake_web_answers(c), "200 held /hold?3");
	fake_free(c);
}

static void pipelining__of_bodies__is_told_apart(void **state)
{
	static const struct row rows[] = {
		ROW(POST("Content-Length: 4\r\n") "abcd" POST(CHUNKED)
				ABCD POST("Content-Length: 4\r\n") "GET " NEXT,
			POSTED " | " POSTED " | 200 POST /p GET  | " GOT_NEXT),
		/* a request inside a body is a body */
		ROW(POST("Content-Length: 28\r\n") NEXT NEXT,
			"200 POST /p " NEXT " | " GOT_NEXT),
		ROW(POST("Content-Length: 4\r\n") "abcdGE", POSTED),
		ROW(POST("Content-Length: 4\r\n") "abcdX\r\n\r\n",
			POSTED " | " REFUSED),
		ROW(NEXT "nonsense\r\n\r\n" NEXT, GOT_NEXT " | " REFUSED),
	};

	assert_int_equal(strlen(NEXT), 28);
	try_rows(*state, rows, COUNT(rows));
}

static void pipelining__behind_an_answer_that_closes__is_dropped(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, GET("Connection: close\r\n") NEXT);
	fake_puts(c, NEXT);
	assert_int_equal(web->calls, 1);
	assert_string_equal(fake_web_answers(c), GOT " | closed");
	fake_free(c);
}

static void pipelining__of_a_thousand__answers_each(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	struct eio__strbuf b;
	unsigned i;

	eio__strbuf_init(&b, 0);
	for (i = 0; i < 1000; i++)
		eio__strbuf_adds(&b, NEXT);
	fake_send(c, b.data, b.len);
	eio__strbuf_clear(&b);
	assert_int_equal(web->calls, 1000);
	for (i = 0; i < 1000; i++) {
		struct fake_reply r = fake_reply(c);

		assert_int_equal(r.status, 200);
		fake_reply_clear(&r);
	}
	assert_int_equal(fake_received(c)->len, 0);
	fake_free(c);
}

/* -- answers that come before the body ----------------------------------- */

static enum eio_verdict forbid(eio_request *req, void *user)
{
	if (strcmp(eio_request_target(req), "/p") != 0)
		return ENGINEIO_PASS;
	eio_request_respond(req, 403, NULL, NULL, 0);
	return ENGINEIO_TAKEN;
}

static void early_answer__to_a_small_body__keeps_the_connection(void **state)
{
	static const struct row rows[] = {
		ROW(POST("Content-Length: 4\r\n") "abcd" NEXT,
			"403 | " GOT_NEXT),
		ROW(POST(CHUNKED) ABCD NEXT, "403 | " GOT_NEXT),
		ROW(POST("Content-Length: 4\r\nExpect: 100-continue\r\n") "abcd" NEXT,
			"403 | " GOT_NEXT),
		ROW(POST("Content-Length: 9\r\n") "abcd", "403"),
		/* not worth waiting for */
		ROW(POST("Content-Length: 9\r\nConnection: close\r\n"),
			"403 | closed"),
		ROW("POST /p HTTP/1.0\r\nContent-Length: 4\r\n\r\n",
			"403 | closed"),
		/* one answer is enough */
		ROW(POST(CHUNKED) "nonsense", "403 | closed"),
	};
	struct fake_web *web = *state;

	assert_int_equal(eio_server_on_http(web->srv, forbid, NULL), 0);
	try_rows(web, rows, COUNT(rows));
}

static void early_answer__to_a_large_body__closes(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	static char piece[65536];
	unsigned i;

	assert_int_equal(eio_server_on_http(web->srv, forbid, NULL), 0);
	fake_puts(c, POST("Content-Length: 900000\r\n"));
	assert_string_equal(fake_web_answers(c), "403");
	for (i = 0; i < 4; i++)
		fake_send(c, piece, sizeof(piece));
	assert_string_equal(fake_web_answers(c), "");
	fake_send(c, piece, 1);
	assert_string_equal(fake_web_answers(c), "closed");
	fake_free(c);
}

/* -- upgrades ------------------------------------------------------------ */

#define WS_GET(query, h) \
	"GET /engine.io/?EIO=4&transport=websocket" query \
	" HTTP/1.1\r\n" HOST h "\r\n"

/* Takes the 101 off; what remains is the WebSocket's. */
static void expect_switched(struct fake_conn *c)
{
	struct fake_reply r = fake_reply(c);

	assert_int_equal(r.status, 101);
	fake_reply_clear(&r);
}

/* "4hi", masked with zeros. */
#define FRAME \
	"\x81\x83\0\0\0\0" \
	"4hi"

static void upgrade__frames_behind_it__are_its_first_input(void **state)
{
	static const char raw[] = WS_GET("", WS) FRAME;
	struct fake_web *web = *state;
	struct fake_conn *c;
	size_t cut;

	for (cut = 1; cut <= sizeof(raw) - 1; cut++) {
		c = fake_connect(web->loop);
		fake_send(c, raw, cut);
		if (cut < sizeof(raw) - 1)
			fake_send(c, raw + cut, sizeof(raw) - 1 - cut);
		expect_switched(c);
		fake_free(c);
		assert_string_equal(fake_app_told(web->app),
			"open | text hi | close transport close: "
			"connection closed");
	}
}

static void upgrade__rubbish_behind_it__ends_the_websocket(void **state)
{
	/* CVE-2022-21676: reserved bits in the first frame */
	static const char raw[] = WS_GET("", WS) "\xff\xff\xff\xff\xff\xff";
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	struct eio__strbuf *b;

	fake_send(c, raw, sizeof(raw) - 1);
	expect_switched(c);
	assert_true(fake_is_finished(c));
	b = fake_received(c);
	assert_true(b->len >= 4);
	/* a close frame with 1002 stands at the end */
	assert_memory_equal(b->data + b->len - 4, "\x88\x02\x03\xea", 4);
	assert_string_equal(fake_app_told(web->app),
		"open | close transport error: reserved bits set");
	fake_free(c);
}

static void upgrade__refused__drops_what_is_behind(void **state)
{
	static const struct row rows[] = {
		ROW(WS_GET("&sid=unknown", WS) "\xff\xff\xff",
			"400 Session ID unknown | closed"),
		ROW(WS_GET("", UPGRADE WS_KEY) FRAME,
			"400 Missing or invalid Sec-WebSocket-Version header "
			"| closed"),
		ROW(WS_GET("", UPGRADE) NEXT,
			"400 Missing or invalid Sec-WebSocket-Key header "
			"| closed"),
		/* A WebSocket is asked for without the word for it. */
		ROW(WS_GET("", "Connection: Upgrade\r\nUpgrade: h2c\r\n" WS_KEY)
				NEXT,
			"400 {\"code\":3,\"message\":\"Bad request\"} | " GOT_NEXT),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void upgrade__nobody_wants__is_an_ordinary_request(void **state)
{
	static const struct row rows[] = {
		ROW(GET(WS) NEXT, GOT " | " GOT_NEXT),
		ROW(GET("Connection: Upgrade\r\nUpgrade: h2c\r\n") NEXT,
			GOT " | " GOT_NEXT),
		ROW(GET("Upgrade: websocket\r\n") NEXT, GOT " | " GOT_NEXT),
		ROW(POST(WS "Content-Length: 4\r\n") "abcd" NEXT,
			POSTED " | " GOT_NEXT),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void upgrade__with_a_body__is_none(void **state)
{
	static const struct row rows[] = {
		ROW(WS_GET("", WS "Content-Length: 4\r\n") "abcd",
			"400 {\"code\":3,\"message\":\"Bad request\"}"),
		ROW(WS_GET("", WS CHUNKED) ABCD,
			"400 {\"code\":3,\"message\":\"Bad request\"}"),
	};

	try_rows(*state, rows, COUNT(rows));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_web_setup, fake_web_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(connection__each_form__keeps_or_closes),
		TEST(connection__of_an_answer__is_what_happens),
		TEST(expect__100_continue__is_answered_before_the_body),
		TEST(pipelining__behind_a_held_request__waits_for_it),
		TEST(pipelining__of_held_requests__keeps_the_order),
		TEST(pipelining__of_bodies__is_told_apart),
		TEST(pipelining__behind_an_answer_that_closes__is_dropped),
		TEST(pipelining__of_a_thousand__answers_each),
		TEST(early_answer__to_a_small_body__keeps_the_connection),
		TEST(early_answer__to_a_large_body__closes),
		TEST(upgrade__frames_behind_it__are_its_first_input),
		TEST(upgrade__rubbish_behind_it__ends_the_websocket),
		TEST(upgrade__refused__drops_what_is_behind),
		TEST(upgrade__nobody_wants__is_an_ordinary_request),
		TEST(upgrade__with_a_body__is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
