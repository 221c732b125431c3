/* SPDX-License-Identifier: MIT */
/*
 * test_eio_shortcuts.c: what programs ask of requests most: the decoded path,
 * cookies, redirects.
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

static void say(eio_request *req, const char *text)
{
	if (!text)
		text = "(none)";
	eio_request_respond(req, 200, "text/plain", text, strlen(text));
}

static void on_path(eio_request *req, void *user)
{
	const char *path = eio_request_path(req);

	assert_ptr_equal(eio_request_path(req), path);
	say(req, path);
}

static void on_cookies(eio_request *req, void *user)
{
	const char *a = eio_request_cookie(req, "a"),
		   *upper = eio_request_cookie(req, "A"),
		   *again = eio_request_cookie(req, "a");
	char text[200];

	assert_ptr_equal(a, again);
	assert_null(eio_request_cookie(req, ""));
	snprintf(text, sizeof(text), "%s %s", a ? a : "-", upper ? upper : "-");
	say(req, text);
}

static int results[8];
static int redirect_status;

static void on_set(eio_request *req, void *user)
{
	int *r = results;

	*r++ = eio_request_set_cookie(req, "a", "1", NULL);
	*r++ = eio_request_set_cookie(req, "b", "x/y=", "Path=/; HttpOnly");
	*r++ = eio_request_set_cookie(req, "c", "a;b", NULL);
	*r++ = eio_request_set_cookie(req, "c", "a b", NULL);
	*r++ = eio_request_set_cookie(req, "c d", "a", NULL);
	*r++ = eio_request_set_cookie(req, "c", "a", "Path=/\r\nX: y");
	*r++ = eio_request_set_cookie(req, "c", "\xc3\xa9", NULL);
	*r = eio_request_set_cookie(NULL, "c", "a", NULL);
	say(req, "set");
	assert_int_equal(eio_request_set_cookie(req, "d", "1", NULL),
		ENGINEIO_ERR_STATE);
}

static void on_redirect(eio_request *req, void *user)
{
	int err = eio_request_redirect(req, redirect_status, "/there?x=1");

	if (err)
		say(req, eio_strerror(err));
	else
		assert_int_equal(eio_request_redirect(req, 302, "/"),
			ENGINEIO_ERR_STATE);
}

static int setup(void **state)
{
	struct fake_app *app;

	fake_app_setup(state);
	app = *state;
	eio_server_route(app->srv, NULL, "/", on_path, NULL);
	eio_server_route(app->srv, NULL, "/cookies", on_cookies, NULL);
	eio_server_route(app->srv, NULL, "/set", on_set, NULL);
	eio_server_route(app->srv, NULL, "/redirect", on_redirect, NULL);
	return 0;
}

static void path__each_row__is_decoded(void **state)
{
	static const char *const rows[][2] = {
		{ "/", "/" },
		{ "/notes/17?x=%20#y", "/notes/17" },
		{ "/notes/a%20b%2fc+d", "/notes/a b/c+d" },
		{ "/%c3%a4/..%2f.x", "/\xc3\xa4/../.x" },
		{ "http://host/a%41", "/aA" },
		{ "/%", "(none)" },
		{ "/%4", "(none)" },
		{ "/%zz", "(none)" },
		{ "/%00", "(none)" },
		{ "/%ff", "(none)" },
	};
	struct fake_app *app = *state;
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		r = fake_http(app->loop, "GET", rows[i][0], NULL, NULL);
		assert_string_equal(r.body, rows[i][1]);
		fake_reply_clear(&r);
	}
	assert_null(eio_request_path(NULL));
}

static void cookie__each_row__is_found(void **state)
{
	static const char *const rows[][2] = {
		{ "", "- -" },
		{ "Cookie: a=1; A=2\r\n", "1 2" },
		{ "Cookie: x=0;a=1;A=\"2 3\"\r\n", "1 2 3" },
		{ "Cookie: a=first; a=second\r\n", "first -" },
		{ "Cookie: A=x=y%20 ; b\r\n", "- x=y%20" },
		{ "Cookie: a\r\n", "- -" },
		{ "Cookie: a=\r\n", " -" },
		{ "Cookie: xa=1; b=a=2\r\n", "- -" },
		{ "Cookie: b=1\r\nCookie: a=2\r\n", "2 -" },
		{ "Cookie: a=\"\r\n", "\" -" },
		{ "Cookie: ;;; ; a=1;;\r\n", "1 -" },
	};
	struct fake_app *app = *state;
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		r = fake_http(app->loop, "GET", "/cookies", rows[i][0], NULL);
		assert_string_equal(r.body, rows[i][1]);
		fake_reply_clear(&r);
	}
	assert_null(eio_request_cookie(NULL, "a"));
}

static void cookie__set__has_a_line_of_its_own(void **state)
{
	static const int expected[] = { 0, 0, ENGINEIO_ERR_INVALID,
		ENGINEIO_ERR_INVALID, ENGINEIO_ERR_INVALID,
		ENGINEIO_ERR_INVALID, ENGINEIO_ERR_INVALID,
		ENGINEIO_ERR_INVALID };
	struct fake_app *app = *state;
	struct fake_reply r = fake_http(app->loop, "GET", "/set", NULL, NULL);

	assert_memory_equal(results, expected, sizeof(expected));
	assert_non_null(strstr(r.head,
		"Set-Cookie: a=1\r\nSet-Cookie: b=x/y=; Path=/; HttpOnly\r\n"));
	assert_null(strstr(r.head, "Set-Cookie: c"));
	fake_reply_clear(&r);
}

static void redirect__each_status__has_its_place(void **state)
{
	static const int good[] = { 301, 302, 303, 307, 308 },
			 bad[] = { 200, 300, 304, 305, 306, 309 };
	struct fake_app *app = *state;
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(good); i++) {
		redirect_status = good[i];
		r = fake_http(app->loop, "POST", "/redirect", NULL, NULL);
		assert_int_equal(r.status, good[i]);
		assert_string_equal(fake_reply_header(&r, "Location"),
			"/there?x=1");
		assert_string_equal(r.body, "");
		fake_reply_clear(&r);
	}
	for (i = 0; i < COUNT(bad); i++) {
		redirect_status = bad[i];
		r = fake_http(app->loop, "GET", "/redirect", NULL, NULL);
		assert_string_equal(r.body, "invalid argument");
		fake_reply_clear(&r);
	}
	assert_int_equal(eio_request_redirect(NULL, 302, "/"),
		ENGINEIO_ERR_INVALID);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, fake_app_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(path__each_row__is_decoded),
		TEST(cookie__each_row__is_found),
		TEST(cookie__set__has_a_line_of_its_own),
		TEST(redirect__each_status__has_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
