/* SPDX-License-Identifier: MIT */
/*
 * test_eio_request.c: routes and requests as a program sees them through
 * <engineio/http.h>: who is called, what a request says, and how it is
 * answered, now, later, or not at all.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/http.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* What the routes of a test share. */
struct desk {
	struct fake_app *app;
	eio_request *kept; /* with a reference */
	unsigned calls;
	int result;
};

static struct desk desk_of(void **state)
{
	struct desk desk = { *state, NULL, 0, 0 };

	return desk;
}

static void add_route(struct fake_app *app, const char *method,
	const char *path, eio_route_cb fn, const void *user)
{
	assert_int_equal(eio_server_route(app->srv, method, path, fn,
				 (void *)(uintptr_t)user),
		0);
}

/* Answers with the text given as user. */
static void say(eio_request *req, void *user)
{
	const char *text = user;

	eio_request_respond(req, 200, "text/plain", text, strlen(text));
}

static void keep(eio_request *req, void *user)
{
	struct desk *desk = user;

	desk->calls++;
	desk->kept = eio_request_ref(req);
}

static void expect(struct fake_app *app, const char *method, const char *target,
	int status, const char *body)
{
	struct fake_reply r = fake_http(app->loop, method, target, NULL, NULL);

	if (r.status != status || strcmp(r.body, body) != 0)
		fail_msg("%s %s: %d \"%s\"", method, target, r.status, r.body);
	fake_reply_clear(&r);
}

/* The next answer's status on the connection; 0 without one. */
static int next_status(struct fake_conn *c)
{
	struct fake_reply r = fake_reply(c);
	int status = r.status;

	fake_reply_clear(&r);
	return status;
}

/* -- routes -------------------------------------------------------------- */

static void route__several_that_match__longest_path_wins(void **state)
{
	struct fake_app *app = *state;

	add_route(app, "GET", "/", say, "root");
	add_route(app, "GET", "/a", say, "a");
	add_route(app, "GET", "/a/", say, "below a");
	add_route(app, "GET", "/a/b", say, "b");
	add_route(app, "GET", "/a/b", say, "b again");
	expect(app, "GET", "/", 200, "root");
	expect(app, "GET", "/x", 200, "root");
	expect(app, "GET", "/a", 200, "a");
	expect(app, "GET", "/a?b=/a/b", 200, "a");
	expect(app, "GET", "/ab", 200, "root");
	expect(app, "GET", "/a/", 200, "below a");
	expect(app, "GET", "/a/c/d", 200, "below a");
	expect(app, "GET", "/a/b", 200, "b");
	expect(app, "GET", "/a/b/", 200, "below a");
	expect(app, "GET", "http://h/a/b?c", 200, "b");
	/* what is written otherwise is another path */
	expect(app, "GET", "/A/b", 200, "root");
	expect(app, "GET", "/%61/b", 200, "root");
	expect(app, "GET", "//a/b", 200, "root");
	expect(app, "GET", "/a/./b", 200, "below a");
}

static void route__of_one_method__refuses_others_with_405(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;

	add_route(app, "POST", "/a", say, "post");
	add_route(app, "GET", "/a", say, "get");
	add_route(app, "PUT", "/a", say, "put");
	add_route(app, "GET", "/", say, "root");
	expect(app, "POST", "/a", 200, "post");
	expect(app, "GET", "/a", 200, "get");
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
	expect(app, "GET", "/a/b", 200, "get");
	expect(app, "DELETE", "/a/b", 200, "any");
}

static void route__nobody_has__is_404(void **state)
{
	struct fake_app *app = *state;

	expect(app, "GET", "/", 404, "not found");
	add_route(app, NULL, "/a", say, "a");
	expect(app, "GET", "/b", 404, "not found");
	expect(app, "POST", "/a/", 404, "not found");
	expect(app, "OPTIONS", "*", 404, "not found");
}

/* CVE-2022-41940: an upgrade for a path that nobody has. */
static void route__nobody_has_with_upgrade__is_404(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	fake_request(c, "GET", "/x",
		"Connection: Upgrade\r\nUpgrade: websocket\r\n", NULL);
	assert_int_equal(next_status(c), 404);
	fake_reset(c);
	fake_free(c);
	fake_advance(app->loop, 2000);
	expect(app, "GET", "/x", 404, "not found");
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
	assert_int_equal(next_status(c), 200);
	fake_free(c);
}

static void route__for_the_engines_path__is_not_asked(void **state)
{
	struct fake_app *app = *state;

	add_route(app, NULL, "/engine.io/", say, "route");
	add_route(app, NULL, "/engine.io", say, "route");
	expect(app, "GET", "/engine.io/", 400,
		"{\"code\":0,\"message\":\"Transport unknown\"}");
	expect(app, "GET", "/engine.io", 200, "route");
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
	expect(app, "GET", "/engine.io/hook.js", 200, "hook");
	expect(app, "GET", "/engine.io/", 400,
		"{\"code\":0,\"message\":\"Transport unknown\"}");
	expect(app, "GET", "/a", 200, "a");
	assert_int_equal(desk.calls, 3);
}

/* -- what a request says ------------------------------------------------- */

static void describe(eio_request *req, void *user)
{
	struct desk *desk = user;
	const char *body;
	size_t len;

	desk->calls++;
	assert_string_equal(eio_request_method(req), "POST");
	assert_string_equal(eio_request_target(req), "/a%20b?c=d&e#f");
	assert_string_equal(eio_request_address(req), "192.0.2.7");
	assert_false(eio_request_is_secure(req));
	body = eio_request_body(req, &len);
	assert_int_equal(len, 5);
	assert_memory_equal(body, "a\0b\r\n", 5);
	eio_request_respond(req, 204, NULL, NULL, 0);
}

static void request__in_a_route__says_all(void **state)
{
	static const char raw[] = "POST /a%20b?c=d&e#f HTTP/1.1\r\nHost: a\r\n"
				  "Content-Length: 5\r\n\r\na\0b\r\n";
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c;
	size_t cut;

	add_route(app, "POST", "/a%20b", describe, &desk);
	for (cut = 1; cut <= sizeof(raw) - 1; cut++) {
		c = fake_connect(app->loop);
		fake_send(c, raw, cut);
		fake_send(c, raw + cut, sizeof(raw) - 1 - cut);
		assert_int_equal(next_status(c), 204);
		assert_int_equal(desk.calls, cut);
		fake_free(c);
	}
}

static void chunked(eio_request *req, void *user)
{
	const char *body;
	size_t len;

	body = eio_request_body(req, &len);
	eio_request_respond(req, 200, NULL, body, len);
}

static void body__in_chunks__is_put_together(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;

	add_route(app, "POST", "/a", chunked, NULL);
	fake_request(c, "POST", "/a", "Transfer-Encoding: chunked\r\n", NULL);
	fake_puts(c, "3\r\nabc\r\n4;x=y\r\nde");
	fake_puts(c, "fg\r\n0\r\nA: b\r\n\r\n");
	r = fake_reply(c);
	assert_string_equal(r.body, "abcdefg");
	fake_reply_clear(&r);
	fake_free(c);
}

static void no_body(eio_request *req, void *user)
{
	size_t len = 1;

	assert_null(eio_request_body(req, &len));
	assert_int_equal(len, 0);
	assert_null(eio_request_body(req, NULL));
	say(req, user);
}

static const char *kept_body;

static void keep_with_body(eio_request *req, void *user)
{
	kept_body = eio_request_body(req, NULL);
	keep(req, user);
}

/* In one piece of input, where it is not copied otherwise, and in two. */
static void body__asked_in_the_route__lives_as_the_request(void **state)
{
	static const char raw[] = "POST /a HTTP/1.1\r\nHost: a\r\n"
				  "Content-Length: 4\r\n\r\nbody";
	static const size_t cuts[] = { 0, 2 };
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c;
	size_t i, len;

	add_route(app, "POST", "/a", keep_with_body, &desk);
	for (i = 0; i < COUNT(cuts); i++) {
		c = fake_connect(app->loop);
		fake_send(c, raw, sizeof(raw) - 1 - cuts[i]);
		if (cuts[i])
			fake_send(c, raw + sizeof(raw) - 1 - cuts[i], cuts[i]);
		assert_int_equal(desk.calls, i + 1);
		assert_memory_equal(kept_body, "body", 4);
		assert_int_equal(eio_request_respond(desk.kept, 200, NULL,
					 kept_body, 4),
			0);
		fake_turn(app->loop);
		fake_free(c);
		assert_memory_equal(kept_body, "body", 4);
		assert_ptr_equal(eio_request_body(desk.kept, &len), kept_body);
		assert_int_equal(len, 4);
		eio_request_unref(desk.kept);
	}
}

static void body__without_one__is_null(void **state)
{
	struct fake_app *app = *state;

	add_route(app, NULL, "/a", no_body, "none");
	expect(app, "GET", "/a", 200, "none");
	expect(app, "POST", "/a", 200, "none");
}

static void look_at_headers(eio_request *req, void *user)
{
	static const char *const all[][2] = {
		{ "Host", "localhost" },
		{ "X-One", "1" },
		{ "X-TWO", "a" },
		{ "x-two", "b, c" },
		{ "Cookie", "a=b" },
		{ "cookie", "c=d" },
		{ "Empty", "" },
		{ "Blank", "a \t b" },
		{ "X-Two", "" },
	};
	const char *name, *value;
	size_t i;

	for (i = 0; i < COUNT(all); i++) {
		assert_true(eio_request_header_at(req, i, &name, &value));
		assert_string_equal(name, all[i][0]);
		assert_string_equal(value, all[i][1]);
	}
	assert_false(eio_request_header_at(req, i, &name, &value));
	assert_true(eio_request_header_at(req, 0, NULL, NULL));
	assert_string_equal(eio_request_header(req, "HOST"), "localhost");
	assert_string_equal(eio_request_header(req, "x-one"), "1");
	assert_string_equal(eio_request_header(req, "X-Two"), "a, b, c, ");
	assert_ptr_equal(eio_request_header(req, "x-two"),
		eio_request_header(req, "X-TWO"));
	assert_string_equal(eio_request_header(req, "Cookie"), "a=b; c=d");
	assert_string_equal(eio_request_header(req, "empty"), "");
	assert_null(eio_request_header(req, "X"));
	assert_null(eio_request_header(req, ""));
	assert_null(eio_request_header(req, NULL));
	assert_null(eio_request_header(NULL, "Host"));
	say(req, user);
}

static void headers__of_one_name__are_joined(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;

	add_route(app, NULL, "/a", look_at_headers, "ok");
	r = fake_http(app->loop, "GET", "/a",
		"X-One: 1\r\n"
		"X-TWO: a\r\n"
		"x-two:\t b, c \t\r\n"
		"Cookie: a=b\r\n"
		"cookie: c=d\r\n"
		"Empty:\r\n"
		"Blank: a \t b\r\n"
		"X-Two: \r\n",
		NULL);
	assert_int_equal(r.status, 200);
	fake_reply_clear(&r);
}

static void look_at_query(eio_request *req, void *user)
{
	assert_string_equal(eio_request_query(req, "a"), "3");
	assert_string_equal(eio_request_query(req, "A"), "2");
	assert_string_equal(eio_request_query(req, "b c"), "d&e=\xc3\xa9");
	assert_string_equal(eio_request_query(req, "empty"), "");
	assert_string_equal(eio_request_query(req, "none"), "");
	assert_string_equal(eio_request_query(req, "bad"), "\xef\xbf\xbd%zz");
	assert_null(eio_request_query(req, "b"));
	assert_null(eio_request_query(req, "x"));
	assert_null(eio_request_query(req, "host"));
	assert_null(eio_request_query(req, NULL));
	assert_null(eio_request_query(NULL, "a"));
	/* asked again, it is the same text */
	assert_ptr_equal(eio_request_query(req, "a"),
		eio_request_query(req, "a"));
	/* and no header of that name */
	assert_null(eio_request_header(req, "?a"));
	say(req, user);
}

static void query__decoded__is_the_last_of_its_name(void **state)
{
	struct fake_app *app = *state;

	add_route(app, NULL, "/a", look_at_query, "ok");
	expect(app, "GET",
		"/a?a=1&A=2&b+c=d%26e%3D%c3%a9&empty=&none&bad=%ff%zz&a=3#x=y",
		200, "ok");
}

/* -- the answer ---------------------------------------------------------- */

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
	expect(app, "GET", "/a", 200, "ok");
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
	assert_int_equal(next_status(c), 599);
	fake_free(c);
}

/* -- later --------------------------------------------------------------- */

static void answer__given_later__is_sent_then(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c = fake_connect(app->loop);

	add_route(app, NULL, "/a", keep, &desk);
	fake_request(c, "POST", "/a", "X: y\r\n", "hello");
	fake_advance(app->loop, 100000);
	assert_int_equal(next_status(c), 0);
	/* It is all still there. */
	assert_string_equal(eio_request_header(desk.kept, "x"), "y");
	assert_memory_equal(eio_request_body(desk.kept, NULL), "hello", 5);
	assert_int_equal(eio_request_respond(desk.kept, 200, NULL, "x", 1), 0);
	assert_int_equal(next_status(c), 0);
	fake_turn(app->loop);
	assert_int_equal(next_status(c), 200);
	assert_int_equal(eio_request_respond(desk.kept, 200, NULL, "x", 1),
		ENGINEIO_ERR_STATE);
	fake_free(c);
	eio_request_unref(desk.kept);
}

/* The connection goes on, and ends, while somebody still has an old one. */
static void request__kept_beyond_its_connection__is_harmless(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c = fake_connect(app->loop);
	eio_request *first;

	add_route(app, NULL, "/a", keep, &desk);
	fake_request(c, "GET", "/a?first", NULL, NULL);
	first = desk.kept;
	eio_request_respond(first, 200, NULL, NULL, 0);
	fake_request(c, "GET", "/a?second", NULL, NULL);
	eio_request_respond(desk.kept, 200, NULL, NULL, 0);
	fake_free(c);
	fake_turn(app->loop);
	assert_string_equal(eio_request_target(first), "/a?first");
	assert_string_equal(eio_request_address(first), "192.0.2.7");
	assert_int_equal(eio_request_respond(first, 200, NULL, NULL, 0),
		ENGINEIO_ERR_STATE);
	eio_request_unref(first);
	eio_request_unref(desk.kept);
}

static void answer__after_the_client_has_gone__is_refused(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c = fake_connect(app->loop);

	add_route(app, NULL, "/a", keep, &desk);
	fake_request(c, "GET", "/a", NULL, NULL);
	fake_free(c);
	fake_turn(app->loop);
	assert_string_equal(eio_request_target(desk.kept), "/a");
	assert_int_equal(eio_request_set_header(desk.kept, "X", "y"), 0);
	assert_int_equal(eio_request_respond(desk.kept, 200, NULL, "x", 1),
		ENGINEIO_ERR_CLOSED);
	assert_int_equal(eio_request_respond_file(desk.kept, 200, NULL,
				 "/etc/passwd"),
		ENGINEIO_ERR_CLOSED);
	eio_request_unref(desk.kept);
}

static void ignore(eio_request *req, void *user)
{
}

static void request__forgotten__is_500(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c = fake_connect(app->loop);

	add_route(app, NULL, "/a", ignore, NULL);
	add_route(app, NULL, "/b", keep, &desk);
	fake_request(c, "GET", "/a", NULL, NULL);
	assert_int_equal(next_status(c), 500);
	fake_request(c, "GET", "/b", NULL, NULL);
	assert_int_equal(next_status(c), 0);
	eio_request_ref(desk.kept);
	eio_request_unref(desk.kept);
	fake_turn(app->loop);
	assert_int_equal(next_status(c), 0);
	eio_request_unref(desk.kept);
	fake_turn(app->loop);
	assert_int_equal(next_status(c), 500);
	fake_request(c, "GET", "/a", NULL, NULL);
	assert_int_equal(next_status(c), 500);
	eio_request_unref(NULL);
	assert_null(eio_request_ref(NULL));
	fake_free(c);
}

static enum eio_verdict keep_in_hook(eio_request *req, void *user)
{
	keep(req, user);
	return ENGINEIO_TAKEN;
}

static void hook__that_keeps_a_request__may_answer_later(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c = fake_connect(app->loop);

	assert_int_equal(eio_server_on_http(app->srv, keep_in_hook, &desk), 0);
	/* The body is not its affair, and is not kept for it. */
	fake_request(c, "POST", "/a", NULL, "hello");
	assert_int_equal(next_status(c), 0);
	assert_null(eio_request_body(desk.kept, NULL));
	eio_request_respond(desk.kept, 200, NULL, NULL, 0);
	eio_request_unref(desk.kept);
	fake_turn(app->loop);
	assert_int_equal(next_status(c), 200);
	fake_free(c);
}

static void hook__that_forgets_a_request__is_500(void **state)
{
	struct fake_app *app = *state;
	struct desk desk = desk_of(state);
	struct fake_conn *c = fake_connect(app->loop);

	assert_int_equal(eio_server_on_http(app->srv, keep_in_hook, &desk), 0);
	fake_request(c, "POST", "/a", "Content-Length: 3\r\n", NULL);
	eio_request_unref(desk.kept);
	fake_turn(app->loop);
	assert_int_equal(next_status(c), 0);
	fake_puts(c, "abc");
	assert_int_equal(next_status(c), 500);
	fake_free(c);
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
	expect(app, "GET", "/a/longer/path", 200, "");
	expect(app, "GET", "/a/longer/path", 200, "later");
}

/* -- the engine's own requests ------------------------------------------- */

/* As for Node, a poll's body means nothing. It cost the session its next
 * messages here: they went to a poll that had been answered with 413. */
static void poll__with_a_body__waits_as_any_other(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;
	char target[256];

	fake_poll_target(p, target);
	fake_request(c, "GET", target, NULL, "rubbish");
	assert_int_equal(next_status(c), 0);
	assert_true(fake_app_send(app, "hello"));
	fake_turn(app->loop);
	r = fake_reply(c);
	assert_string_equal(r.body, "4hello");
	fake_reply_clear(&r);
	fake_free(c);
	fake_poll_free(p);
}

static void poll__with_a_broken_body__ends_the_session(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	char target[256];

	fake_poll_target(p, target);
	fake_request(c, "GET", target, "Transfer-Encoding: chunked\r\n", NULL);
	fake_puts(c, "nonsense");
	assert_int_equal(next_status(c), 400);
	assert_string_equal(fake_app_told(app),
		"close transport error: poll connection closed prematurely");
	fake_free(c);
	fake_poll_free(p);
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
		TEST(request__in_a_route__says_all),
		TEST(body__in_chunks__is_put_together),
		TEST(body__asked_in_the_route__lives_as_the_request),
		TEST(body__without_one__is_null),
		TEST(headers__of_one_name__are_joined),
		TEST(query__decoded__is_the_last_of_its_name),
		TEST(answer__with_headers__has_them),
		TEST(header__set_again__is_replaced),
		TEST(header__that_breaks_the_answer__is_refused),
		TEST(answer__given_wrongly_or_twice__is_refused),
		TEST(answer__204_and_304__have_no_body),
		TEST(answer__given_later__is_sent_then),
		TEST(request__kept_beyond_its_connection__is_harmless),
		TEST(answer__after_the_client_has_gone__is_refused),
		TEST(request__forgotten__is_500),
		TEST(hook__that_keeps_a_request__may_answer_later),
		TEST(hook__that_forgets_a_request__is_500),
		TEST(refusal__of_each_kind__is_said_by_the_route),
		TEST(refusal__of_several_who_would__longest_path_says_it),
		TEST(refusal__without_path_or_function__is_invalid),
		TEST(refusal__that_frees_the_server__is_allowed),
		TEST(callback__that_frees_the_server__is_allowed),
		TEST(hook__that_frees_the_server__is_allowed),
		TEST(callback__that_adds_a_route__is_allowed),
		TEST(poll__with_a_body__waits_as_any_other),
		TEST(poll__with_a_broken_body__ends_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
