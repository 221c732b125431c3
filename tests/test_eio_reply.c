/* SPDX-License-Identifier: MIT */
/*
 * test_eio_reply.c: what a program may answer to a request: status, headers,
 * body, and what would break the answer.
 */
#include <config.h>

#include "fake_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void answer_with_headers(eio_request *req, void *user)
{
	assert_int_equal(eio_request_set_header(req, "X-One", "1"), 0);
	assert_int_equal(eio_request_add_header(req, "X-One", "a\tb \xe9"), 0);
	assert_int_equal(eio_request_set_header(req, "X-Empty", ""), 0);
	say(req, user);
	assert_int_equal(eio_request_set_header(req, "X", "1"),
		ENGINEIO_ERR_STATE);
}

static void answer__with_headers__has_them(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	add_route(app, NULL, "/a", answer_with_headers, "ok");
	fake_request(c, "GET", "/a", NULL, NULL);
	assert_string_equal(fake_received(c)->data,
		"HTTP/1.1 200 OK\r\n"
		"X-One: 1\r\n"
		"X-One: a\tb \xe9\r\n"
		"X-Empty: \r\n"
		"Content-Type: text/plain\r\n"
		"Content-Length: 2\r\n"
		"Date: Fri, 20 Nov 2026 00:00:00 GMT\r\n"
		"Connection: keep-alive\r\n"
		"Keep-Alive: timeout=10\r\n"
		"\r\n"
		"ok");
	fake_free(c);
}

static void replace_headers(eio_request *req, void *user)
{
	eio_request_set_header(req, "X-One", "1");
	eio_request_set_header(req, "X-One-More", "2");
	eio_request_add_header(req, "x-one", "3");
	eio_request_set_header(req, "Vary", "a");
	eio_request_set_header(req, "content-type", "text/html");
	/* In place of both, and of no other. */
	eio_request_set_header(req, "X-ONE", "4");
	say(req, user);
}

static void header__set_again__is_replaced(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n"
				   "X-One-More: 2\r\n"
				   "Vary: a\r\n"
				   "content-type: text/html\r\n"
				   "X-ONE: 4\r\n"
				   "Content-Length: 2\r\n";
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	add_route(app, NULL, "/a", replace_headers, "ok");
	fake_request(c, "GET", "/a", NULL, NULL);
	assert_memory_equal(fake_received(c)->data, head, sizeof(head) - 1);
	fake_free(c);
}

static void inject(eio_request *req, void *user)
{
	static const char *const bad[][2] = {
		{ "X", "a\r\nSet-Cookie: b" },
		{ "X", "a\nb" },
		{ "X", "a\rb" },
		{ "X", "\r\n\r\nbody" },
		{ "X", "a\001b" },
		{ "X", "a\x7f" },
		{ "X\r\nY", "a" },
		{ "X Y", "a" },
		{ "X:", "a" },
		{ "X\n", "a" },
		{ "X\xe9", "a" },
		{ "Content-Length", "0" },
		{ "content-length", "100" },
		{ "Transfer-Encoding", "chunked" },
		{ "Connection", "close" },
		{ "Keep-Alive", "timeout=1000" },
		{ "Date", "today" },
		{ "", "a" },
		{ NULL, "a" },
		{ "X", NULL },
	};
	size_t i;

	for (i = 0; i < COUNT(bad); i++)
		if (eio_request_set_header(req, bad[i][0], bad[i][1]) !=
				ENGINEIO_ERR_INVALID ||
			eio_request_add_header(req, bad[i][0], bad[i][1]) !=
				ENGINEIO_ERR_INVALID)
			fail_msg("row %zu", i);
	assert_int_equal(eio_request_respond(req, 200, "text/plain\r\nX: y",
				 NULL, 0),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_set_header(NULL, "X", "a"),
		ENGINEIO_ERR_INVALID);
	say(req, user);
}

static void header__that_breaks_the_answer__is_refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;

	add_route(app, NULL, "/a", inject, "ok");
	r = fake_http(app->loop, "GET", "/a", NULL, NULL);
	assert_int_equal(r.status, 200);
	assert_string_equal(fake_reply_header(&r, "X"), "");
	assert_string_equal(fake_reply_header(&r, "Set-Cookie"), "");
	assert_string_equal(r.body, "ok");
	fake_reply_clear(&r);
}

static void answer_wrongly(eio_request *req, void *user)
{
	static const int bad[] = { -1, 0, 99, 100, 101, 199, 600, 1000 };
	size_t i;

	for (i = 0; i < COUNT(bad); i++)
		assert_int_equal(eio_request_respond(req, bad[i], NULL, "x", 1),
			ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_respond(req, 200, NULL, NULL, 1),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_respond(NULL, 200, NULL, NULL, 0),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_respond_file(NULL, 200, NULL, "/x"),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_respond_file(req, 200, NULL, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_respond_file(req, 200, NULL, "/"),
		ENGINEIO_ERR_INVALID);
	say(req, user);
	assert_int_equal(eio_request_respond(req, 200, NULL, "x", 1),
		ENGINEIO_ERR_STATE);
	assert_int_equal(eio_request_respond_file(req, 200, NULL, "/"),
		ENGINEIO_ERR_STATE);
}

static void answer__given_wrongly_or_twice__is_refused(void **state)
{
	struct fake_app *app = *state;

	add_route(app, NULL, "/a", answer_wrongly, "ok");
	expect_answer(app, "GET", "/a", 200, "ok");
}

static void answer_status(eio_request *req, void *user)
{
	const char *number = eio_request_query(req, "status");

	assert_int_equal(eio_request_respond(req, (int)strtol(number, NULL, 10),
				 "a/b", "body", 4),
		0);
}

static void answer__204_and_304__have_no_body(void **state)
{
	static const char *const targets[] = { "/a?status=204",
		"/a?status=304" };
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	size_t i;

	add_route(app, NULL, "/a", answer_status, NULL);
	for (i = 0; i < COUNT(targets); i++) {
		fake_request(c, "GET", targets[i], NULL, NULL);
		assert_null(strstr(fake_received(c)->data, "Content-Length"));
		assert_null(strstr(fake_received(c)->data, "body"));
		fake_skip(c, fake_received(c)->len);
	}
	fake_request(c, "GET", "/a?status=599", NULL, NULL);
	assert_int_equal(fake_reply_status(c), 599);
	fake_free(c);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answer__with_headers__has_them),
		TEST(header__set_again__is_replaced),
		TEST(header__that_breaks_the_answer__is_refused),
		TEST(answer__given_wrongly_or_twice__is_refused),
		TEST(answer__204_and_304__have_no_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
