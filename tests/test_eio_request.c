/* SPDX-License-Identifier: MIT */
/*
 * test_eio_request.c: what a program sees of a request through
 * <engineio/http.h>: head, body, query, and how long it lives.
 */
#include <config.h>

#include "fake_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

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
		assert_int_equal(fake_reply_status(c), 204);
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
	expect_answer(app, "GET", "/a", 200, "none");
	expect_answer(app, "POST", "/a", 200, "none");
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
	expect_answer(app, "GET",
		"/a?a=1&A=2&b+c=d%26e%3D%c3%a9&empty=&none&bad=%ff%zz&a=3#x=y",
		200, "ok");
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
	assert_int_equal(fake_reply_status(c), 0);
	/* It is all still there. */
	assert_string_equal(eio_request_header(desk.kept, "x"), "y");
	assert_memory_equal(eio_request_body(desk.kept, NULL), "hello", 5);
	assert_int_equal(eio_request_respond(desk.kept, 200, NULL, "x", 1), 0);
	assert_int_equal(fake_reply_status(c), 0);
	fake_turn(app->loop);
	assert_int_equal(fake_reply_status(c), 200);
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
	assert_int_equal(fake_reply_status(c), 500);
	fake_request(c, "GET", "/b", NULL, NULL);
	assert_int_equal(fake_reply_status(c), 0);
	eio_request_ref(desk.kept);
	eio_request_unref(desk.kept);
	fake_turn(app->loop);
	assert_int_equal(fake_reply_status(c), 0);
	eio_request_unref(desk.kept);
	fake_turn(app->loop);
	assert_int_equal(fake_reply_status(c), 500);
	fake_request(c, "GET", "/a", NULL, NULL);
	assert_int_equal(fake_reply_status(c), 500);
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
	assert_int_equal(fake_reply_status(c), 0);
	assert_null(eio_request_body(desk.kept, NULL));
	eio_request_respond(desk.kept, 200, NULL, NULL, 0);
	eio_request_unref(desk.kept);
	fake_turn(app->loop);
	assert_int_equal(fake_reply_status(c), 200);
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
	assert_int_equal(fake_reply_status(c), 0);
	fake_puts(c, "abc");
	assert_int_equal(fake_reply_status(c), 500);
	fake_free(c);
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
	assert_int_equal(fake_reply_status(c), 0);
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
	assert_int_equal(fake_reply_status(c), 400);
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
		TEST(request__in_a_route__says_all),
		TEST(body__in_chunks__is_put_together),
		TEST(body__asked_in_the_route__lives_as_the_request),
		TEST(body__without_one__is_null),
		TEST(headers__of_one_name__are_joined),
		TEST(query__decoded__is_the_last_of_its_name),
		TEST(answer__given_later__is_sent_then),
		TEST(request__kept_beyond_its_connection__is_harmless),
		TEST(answer__after_the_client_has_gone__is_refused),
		TEST(request__forgotten__is_500),
		TEST(hook__that_keeps_a_request__may_answer_later),
		TEST(hook__that_forgets_a_request__is_500),
		TEST(poll__with_a_body__waits_as_any_other),
		TEST(poll__with_a_broken_body__ends_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
