/* SPDX-License-Identifier: MIT */
/*
 * test_eio_route.c: routes of a program and hooks before them: which of them
 * gets a request, says why its body is refused, or frees everything inside its
 * call.
 */
#include <config.h>

#include "fake_desk.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* -- routes -------------------------------------------------------------- */

static void route__several_that_match__longest_path_wins(void **state)
{
	struct fake_app *app = *state;

	add_route(app, "GET", "/", say, "root");
	add_route(app, "GET", "/a", say, "a");
	add_route(app, "GET", "/a/", say, "below a");
	add_route(app, "GET", "/a/b", say, "b");
	add_route(app, "GET", "/a/b", say, "b again");
	expect_answer(app, "GET", "/", 200, "root");
	expect_answer(app, "GET", "/x", 200, "root");
	expect_answer(app, "GET", "/a", 200, "a");
	expect_answer(app, "GET", "/a?b=/a/b", 200, "a");
	expect_answer(app, "GET", "/ab", 200, "root");
	expect_answer(app, "GET", "/a/", 200, "below a");
	expect_answer(app, "GET", "/a/c/d", 200, "below a");
	expect_answer(app, "GET", "/a/b", 200, "b");
	expect_answer(app, "GET", "/a/b/", 200, "below a");
	expect_answer(app, "GET", "http://h/a/b?c", 200, "b");
	/* what is written otherwise is another path */
	expect_answer(app, "GET", "/A/b", 200, "root");
	expect_answer(app, "GET", "/%61/b", 200, "root");
	expect_answer(app, "GET", "//a/b", 200, "root");
	expect_answer(app, "GET", "/a/./b", 200, "below a");
}

static void route__of_one_method__refuses_others_with_405(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;

	add_route(app, "POST", "/a", say, "post");
	add_route(app, "GET", "/a", say, "get");
	add_route(app, "PUT", "/a", say, "put");
	add_route(app, "GET", "/", say, "root");
	expect_answer(app, "POST", "/a", 200, "post");
	expect_answer(app, "GET", "/a", 200, "get");
	r = fake_http(app->loop, "DELETE", "/a", NULL, NULL);
	assert_int_equal(r.status, 405);
	assert_string_equal(fake_reply_header(&r, "Allow"),
		"POST, GET, HEAD, PUT");
	fake_reply_clear(&r);
	r = fake_http(app->loop, "POST", "/b", NULL, NULL);
	assert_int_equal(r.status, 405);
	assert_string_equal(fake_reply_header(&r, "Allow"), "GET, HEAD");
	fake_reply_clear(&r);
}

static void
route__longer_path_of_another_method__leaves_it_to_the_next(void **state)
{
	struct fake_app *app = *state;

	add_route(app, "POST", "/a/b", say, "post");
	add_route(app, "GET", "/a/", say, "get");
	add_route(app, NULL, "/", say, "any");
	expect_answer(app, "GET", "/a/b", 200, "get");
	expect_answer(app, "DELETE", "/a/b", 200, "any");
}

static void route__nobody_has__is_404(void **state)
{
	struct fake_app *app = *state;

	expect_answer(app, "GET", "/", 404, "not found");
	add_route(app, NULL, "/a", say, "a");
	expect_answer(app, "GET", "/b", 404, "not found");
	expect_answer(app, "POST", "/a/", 404, "not found");
	expect_answer(app, "OPTIONS", "*", 404, "not found");
}

/* CVE-2022-41940: an upgrade for a path that nobody has. */
static void route__nobody_has_with_upgrade__is_404(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	fake_request(c, "GET", "/x",
		"Connection: Upgrade\r\nUpgrade: websocket\r\n", NULL);
	assert_int_equal(fake_reply_status(c), 404);
	fake_reset(c);
	fake_free(c);
	fake_advance(app->loop, 2000);
	expect_answer(app, "GET", "/x", 404, "not found");
}

static void route__with_wrong_arguments__is_refused(void **state)
{
	struct fake_app *app = *state;
	eio_server *srv = app->srv;

	assert_int_equal(eio_server_route(NULL, NULL, "/", say, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_route(srv, NULL, NULL, say, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_route(srv, NULL, "", say, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_route(srv, NULL, "a", say, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_route(srv, "G T", "/", say, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_route(srv, NULL, "/", NULL, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_on_http(srv, NULL, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_mount(srv, "/a", "/tmp"),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_mount(srv, "a/", "/tmp"),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_mount(srv, "/", ""), ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_mount(srv, "/", NULL),
		ENGINEIO_ERR_INVALID);
}

static void listen__that_fails__says_why_in_words(void **state)
{
	static const struct {
		const char *host;
		int port, failure, err;
		const char *text;
	} rows[] = {
		{ NULL, 70000, 0, ENGINEIO_ERR_INVALID,
			"port 70000: ports are numbers from 0 to 65535" },
		{ NULL, 8080, -EADDRINUSE, ENGINEIO_ERR_ADDRESS,
			"port 8080 is in use" },
		{ "unix:/run/a", 0, -EADDRINUSE, ENGINEIO_ERR_ADDRESS,
			"/run/a is in use" },
		{ NULL, 80, -EACCES, ENGINEIO_ERR_ADDRESS,
			"port 80 may not be used by this user" },
		{ "nowhere", 80, ENGINEIO_ERR_ADDRESS, ENGINEIO_ERR_ADDRESS,
			"cannot listen on nowhere, port 80: no such address" },
	};
	struct fake_app *app = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fake_fail_listen(app->loop, rows[i].failure);
		assert_int_equal(eio_server_listen(app->srv, rows[i].host,
					 rows[i].port),
			rows[i].err);
		assert_string_equal(eio_server_error(app->srv), rows[i].text);
	}
}

static void head__of_a_get_route__is_its_answer_without_body(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	char *data;

	add_route(app, "GET", "/a", say, "hello");
	fake_request(c, "HEAD", "/a", NULL, NULL);
	data = fake_received(c)->data;
	assert_non_null(strstr(data, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(data, "Content-Length: 5\r\n"));
	assert_non_null(strstr(data, "Content-Type: text/plain\r\n"));
	assert_string_equal(strstr(data, "\r\n\r\n"), "\r\n\r\n");
	fake_skip(c, fake_received(c)->len);
	/* The connection is not out of step. */
	fake_request(c, "GET", "/a", NULL, NULL);
	assert_int_equal(fake_reply_status(c), 200);
	fake_free(c);
}

static void route__for_the_engines_path__is_not_asked(void **state)
{
	struct fake_app *app = *state;

	add_route(app, NULL, "/engine.io/", say, "route");
	add_route(app, NULL, "/engine.io", say, "route");
	expect_answer(app, "GET", "/engine.io/", 400,
		"{\"code\":0,\"message\":\"Transport unknown\"}");
	expect_answer(app, "GET", "/engine.io", 200, "route");
}

static enum eio_verdict answer_or_not(eio_request *req, void *user)
{
	struct desk *desk = user;

	desk->calls++;
	if (!strstr(eio_request_target(req), "hook"))
		return ENGINEIO_PASS;
	eio_request_respond(req, 200, NULL, "hook", 4);
	return ENGINEIO_TAKEN;
}

static void hook__before_the_engine__may_answer_or_pass(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);

	add_route(app, NULL, "/a", say, "a");
	assert_int_equal(eio_server_on_http(app->srv, answer_or_not, &desk), 0);
	expect_answer(app, "GET", "/engine.io/hook.js", 200, "hook");
	expect_answer(app, "GET", "/engine.io/", 400,
		"{\"code\":0,\"message\":\"Transport unknown\"}");
	expect_answer(app, "GET", "/a", 200, "a");
	assert_int_equal(desk.calls, 3);
}

/* -- bodies that cannot be had ------------------------------------------- */

#define CHUNKS "Transfer-Encoding: chunked\r\n"

/* Says the status and the text given as user. */
static void say_why(eio_request *req, int status, void *user)
{
	char text[40];
	int len = snprintf(text, sizeof(text), "%d %s", status,
		(const char *)user);

	eio_request_set_header(req, "X-Why", "yes");
	eio_request_respond(req, status, "text/x-why", text, (size_t)len);
}

static void say_nothing(eio_request *req, int status, void *user)
{
	struct desk *desk = user;

	desk->calls++;
	desk->result = status;
}

static void speak(struct fake_app *app, const char *path, eio_refusal_cb fn,
	const void *user)
{
	assert_int_equal(eio_server_on_refusal(app->srv, path, fn,
				 (void *)(uintptr_t)user),
		0);
}

/* Posts that, and waits long; the answer's body, status and header. */
static void expect_refusal(struct fake_app *app, const char *path,
	const char *head_and_body, int status, const char *body)
{
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;

	fake_puts(c, "POST ");
	fake_puts(c, path);
	fake_puts(c, " HTTP/1.1\r\nHost: a\r\n");
	fake_puts(c, head_and_body);
	fake_advance(app->loop, 30001);
	r = fake_reply(c);
	if (r.status != status || strcmp(r.body, body) != 0)
		fail_msg("%s: %d \"%s\"", path, r.status, r.body);
	assert_string_equal(fake_reply_header(&r, "Connection"), "close");
	assert_string_equal(fake_reply_header(&r, "X-Why"), *body ? "yes" : "");
	fake_reply_clear(&r);
	fake_advance(app->loop, 2000);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

static void refusal__of_each_kind__is_said_by_the_route(void **state)
{
	struct fake_app *app = *state;

	add_route(app, "POST", "/a", say, "post");
	speak(app, "/a", say_why, "a");
	eio_server_set_option(app->srv, ENGINEIO_MAX_PAYLOAD, 5);
	eio_server_set_option(app->srv, ENGINEIO_MAX_HEADER, 200);
	expect_refusal(app, "/a", "Content-Length: 6\r\n\r\n", 413, "413 a");
	expect_refusal(app, "/a", CHUNKS "\r\n6\r\nabcdef\r\n0\r\n\r\n", 413,
		"413 a");
	expect_refusal(app, "/a", "Content-Length: 5\r\n\r\nabc", 408, "408 a");
	expect_refusal(app, "/a", CHUNKS "\r\nx\r\n", 400, "400 a");
	expect_refusal(app, "/a",
		CHUNKS "\r\n1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		       "aaa",
		431, "431 a");
}

static void refusal__of_several_who_would__longest_path_says_it(void **state)
{
	static const char large[] = "Content-Length: 6\r\n\r\n";
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);

	add_route(app, NULL, "/", say, "any");
	eio_server_set_option(app->srv, ENGINEIO_MAX_PAYLOAD, 5);
	expect_refusal(app, "/a", large, 413, "");
	speak(app, "/a/", say_why, "below a");
	speak(app, "/a/b", say_why, "b");
	speak(app, "/a/b", say_why, "b again");
	speak(app, "/a/c", say_nothing, &desk);
	expect_refusal(app, "/a", large, 413, "");
	expect_refusal(app, "/a/", large, 413, "413 below a");
	expect_refusal(app, "/a/b?c", large, 413, "413 b");
	expect_refusal(app, "/a/b/c", large, 413, "413 below a");
	assert_int_equal(desk.calls, 0);
	/* Who says nothing leaves the status. */
	expect_refusal(app, "/a/c", large, 413, "");
	assert_int_equal(desk.calls, 1);
	assert_int_equal(desk.result, 413);
}

static void refusal__without_path_or_function__is_invalid(void **state)
{
	struct fake_app *app = *state;

	assert_int_equal(eio_server_on_refusal(NULL, "/", say_why, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_on_refusal(app->srv, NULL, say_why, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_on_refusal(app->srv, "a", say_why, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_on_refusal(app->srv, "/", NULL, NULL),
		ENGINEIO_ERR_INVALID);
}

static void free_on_refusal(eio_request *req, int status, void *user)
{
	struct desk *desk = user;

	desk->calls++;
	fake_app_free_server(desk->app);
	desk->result = eio_request_respond(req, status, NULL, NULL, 0);
}

static void refusal__that_frees_the_server__is_allowed(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c = fake_connect(app->loop);

	add_route(app, "POST", "/a", say, "post");
	speak(app, "/a", free_on_refusal, &desk);
	fake_request(c, "POST", "/a", "Content-Length: 99999999\r\n", NULL);
	assert_int_equal(desk.calls, 1);
	assert_int_equal(desk.result, ENGINEIO_ERR_CLOSED);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

/* -- inside a callback --------------------------------------------------- */

static void free_server(eio_request *req, void *user)
{
	struct desk *desk = user;

	desk->calls++;
	fake_app_free_server(desk->app);
	desk->result = eio_request_respond(req, 200, NULL, NULL, 0);
}

static void callback__that_frees_the_server__is_allowed(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c = fake_connect(app->loop);

	add_route(app, NULL, "/a", free_server, &desk);
	fake_puts(c,
		"POST /a HTTP/1.1\r\nHost: a\r\n"
		"Content-Length: 2\r\n\r\nhi"
		"GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(desk.calls, 1);
	assert_int_equal(desk.result, ENGINEIO_ERR_CLOSED);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

static enum eio_verdict free_server_in_hook(eio_request *req, void *user)
{
	free_server(req, user);
	return ENGINEIO_PASS;
}

static void hook__that_frees_the_server__is_allowed(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c = fake_connect(app->loop);

	assert_int_equal(eio_server_on_http(app->srv, free_server_in_hook,
				 &desk),
		0);
	add_route(app, NULL, "/", say, "never");
	fake_request(c, "GET", "/a", NULL, "hi");
	assert_int_equal(desk.calls, 1);
	assert_int_equal(desk.result, ENGINEIO_ERR_CLOSED);
	fake_free(c);
}

static void answer_with_more(eio_request *req, void *user)
{
	struct desk *desk = user;

	/* Another route, while they are walked over. */
	if (!desk->calls++)
		add_route(desk->app, NULL, "/a/longer/path", say, "later");
	eio_request_respond(req, 200, NULL, NULL, 0);
}

static void callback__that_adds_a_route__is_allowed(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);

	add_route(app, NULL, "/a/", answer_with_more, &desk);
	expect_answer(app, "GET", "/a/longer/path", 200, "");
	expect_answer(app, "GET", "/a/longer/path", 200, "later");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(route__several_that_match__longest_path_wins),
		TEST(route__of_one_method__refuses_others_with_405),
		TEST(route__longer_path_of_another_method__leaves_it_to_the_next),
		TEST(listen__that_fails__says_why_in_words),
		TEST(route__nobody_has__is_404),
		TEST(route__nobody_has_with_upgrade__is_404),
		TEST(route__with_wrong_arguments__is_refused),
		TEST(head__of_a_get_route__is_its_answer_without_body),
		TEST(route__for_the_engines_path__is_not_asked),
		TEST(hook__before_the_engine__may_answer_or_pass),
		TEST(refusal__of_each_kind__is_said_by_the_route),
		TEST(refusal__of_several_who_would__longest_path_says_it),
		TEST(refusal__without_path_or_function__is_invalid),
		TEST(refusal__that_frees_the_server__is_allowed),
		TEST(callback__that_frees_the_server__is_allowed),
		TEST(hook__that_frees_the_server__is_allowed),
		TEST(callback__that_adds_a_route__is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
