/* SPDX-License-Identifier: MIT */
/*
 * test_eio_stream.c: answers whose body comes bit by bit: their bytes, and
 * every way they may end.
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

#define HEAD \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" \
	"Transfer-Encoding: chunked\r\n"

static eio_request *held;
static unsigned gone;

static void on_gone(eio_request *req, void *user)
{
	assert_ptr_equal(req, held);
	gone++;
	assert_int_equal(eio_request_write(req, "x", 1), ENGINEIO_ERR_CLOSED);
	assert_int_equal(eio_request_end(req), ENGINEIO_ERR_CLOSED);
}

static void on_stream(eio_request *req, void *user)
{
	assert_int_equal(eio_request_write(req, "x", 1), ENGINEIO_ERR_STATE);
	assert_int_equal(eio_request_end(req), ENGINEIO_ERR_STATE);
	held = eio_request_ref(req);
	assert_int_equal(eio_request_on_gone(req, on_gone, user), 0);
	assert_int_equal(eio_request_begin(req, 200, "text/plain"), 0);
	assert_int_equal(eio_request_begin(req, 200, "text/plain"),
		ENGINEIO_ERR_STATE);
}

static void on_forget(eio_request *req, void *user)
{
	assert_int_equal(eio_request_begin(req, 200, NULL), 0);
	assert_int_equal(eio_request_write(req, "half", 4), 0);
}

static void on_ended(eio_request *req, void *user)
{
	held = eio_request_ref(req);
	assert_int_equal(eio_request_on_gone(req, on_gone, user), 0);
	assert_int_equal(eio_request_begin(req, 200, NULL), 0);
	assert_int_equal(eio_request_write(req, "x", 1), 0);
	assert_int_equal(eio_request_end(req), 0);
}

static void on_freed(eio_request *req, void *user)
{
	assert_int_equal(eio_request_begin(req, 200, NULL), 0);
	fake_app_free_server(user);
}

static void on_later(eio_request *req, void *user)
{
	held = eio_request_ref(req);
}

static void on_plain(eio_request *req, void *user)
{
	eio_request_respond(req, 200, NULL, "plain", 5);
}

static int setup(void **state)
{
	struct fake_app *app;

	fake_app_setup(state);
	app = *state;
	held = NULL;
	gone = 0;
	eio_server_route(app->srv, NULL, "/stream", on_stream, app);
	eio_server_route(app->srv, NULL, "/forget", on_forget, app);
	eio_server_route(app->srv, NULL, "/ended", on_ended, app);
	eio_server_route(app->srv, NULL, "/freed", on_freed, app);
	eio_server_route(app->srv, NULL, "/plain", on_plain, app);
	eio_server_route(app->srv, NULL, "/later", on_later, app);
	return 0;
}

static int teardown(void **state)
{
	eio_request_unref(held);
	return fake_app_teardown(state);
}

static struct fake_conn *ask(struct fake_app *app, const char *method,
	const char *version)
{
	struct fake_conn *c = fake_connect(app->loop);
	char request[200];

	snprintf(request, sizeof(request), "%s /stream %s\r\nHost: x\r\n\r\n",
		method, version);
	fake_puts(c, request);
	assert_non_null(held);
	return c;
}

/* What came since the last look, without the head. */
static const char *body(struct fake_conn *c)
{
	static char text[4096];
	struct eio__strbuf *in = fake_received(c);
	const char *end = in->len ? strstr(in->data, "\r\n\r\n") : NULL;
	size_t skip = 0;

	if (in->len > 5 && !memcmp(in->data, "HTTP/", 5) && end)
		skip = (size_t)(end + 4 - in->data);
	snprintf(text, sizeof(text), "%.*s", (int)(in->len - skip),
		in->len ? in->data + skip : "");
	fake_skip(c, in->len);
	return text;
}

static void write_text(struct fake_app *app, const char *text)
{
	assert_int_equal(eio_request_write(held, text, strlen(text)), 0);
	fake_turn(app->loop);
}

static void stream__http_1_1__is_chunked(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");

	assert_memory_equal(fake_received(c)->data, HEAD, strlen(HEAD));
	assert_string_equal(body(c), "");
	write_text(app, "hello");
	assert_string_equal(body(c), "5\r\nhello\r\n");
	write_text(app, "");
	assert_string_equal(body(c), "");
	assert_int_equal(eio_request_write(held, "a", 1), 0);
	assert_int_equal(eio_request_write(held, "0123456789abcdef", 16), 0);
	fake_turn(app->loop);
	assert_string_equal(body(c), "1\r\na\r\n10\r\n0123456789abcdef\r\n");
	assert_int_equal(eio_request_end(held), 0);
	fake_turn(app->loop);
	assert_string_equal(body(c), "0\r\n\r\n");
	assert_int_equal(eio_request_end(held), ENGINEIO_ERR_CLOSED);
	assert_int_equal(eio_request_write(held, "x", 1), ENGINEIO_ERR_CLOSED);
	fake_free(c);
	assert_int_equal(gone, 0);
}

static void stream__ended__the_next_request_is_served(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");

	fake_puts(c, "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(body(c), "");
	write_text(app, "a");
	assert_string_equal(body(c), "1\r\na\r\n");
	assert_int_equal(eio_request_end(held), 0);
	fake_turn(app->loop);
	assert_non_null(strstr(fake_received(c)->data, "\r\n\r\nplain"));
	assert_memory_equal(fake_received(c)->data, "0\r\n\r\nHTTP/1.1 200",
		17);
	fake_free(c);
}

/* More behind a stream than is kept: who sends it is read, so that its end is
 * noticed, and the connection ends with the stream. */
static void stream__much_sent_behind__is_not_kept(void **state)
{
	static char more[100000];
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");

	memset(more, '/', sizeof(more));
	fake_puts(c, "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n");
	fake_send(c, more, sizeof(more));
	fake_send(c, more, sizeof(more));
	assert_true(fake_is_reading(c));
	assert_int_equal(eio_request_write(held, "one", 3), 0);
	fake_turn(app->loop);
	assert_string_equal(body(c), "3\r\none\r\n");
	assert_int_equal(eio_request_end(held), 0);
	fake_turn(app->loop);
	assert_string_equal(body(c), "0\r\n\r\n");
	assert_true(fake_is_finished(c));
	assert_int_equal(gone, 0);
	fake_free(c);
}

static void stream__much_sent_behind_and_gone__is_told(void **state)
{
	static char more[100000];
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");

	fake_send(c, more, sizeof(more));
	fake_send(c, more, sizeof(more));
	assert_int_equal(gone, 0);
	fake_fin(c);
	assert_int_equal(gone, 1);
	fake_free(c);
}

/* It was sent before the stream began, and was not read any more. */
static void stream__begun_before_much__is_the_same(void **state)
{
	static char more[100000];
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	fake_puts(c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	fake_send(c, more, sizeof(more));
	fake_send(c, more, sizeof(more));
	assert_false(fake_is_reading(c));
	assert_int_equal(eio_request_on_gone(held, on_gone, NULL), 0);
	assert_int_equal(eio_request_begin(held, 200, NULL), 0);
	fake_turn(app->loop);
	fake_fin(c);
	assert_int_equal(gone, 1);
	fake_free(c);
}

static void stream__http_1_0__ends_with_the_connection(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.0");

	assert_null(strstr(fake_received(c)->data, "Transfer-Encoding"));
	assert_non_null(strstr(fake_received(c)->data, "Connection: close"));
	assert_string_equal(body(c), "");
	write_text(app, "hello");
	assert_string_equal(body(c), "hello");
	assert_int_equal(eio_request_end(held), 0);
	fake_turn(app->loop);
	assert_true(fake_is_finished(c));
	fake_free(c);
}

static void stream__head__has_no_body(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "HEAD", "HTTP/1.1");

	/* Who writes until on_gone() is told has not to know of HEAD. */
	assert_int_equal(gone, 1);
	assert_int_equal(eio_request_write(held, "hello", 5),
		ENGINEIO_ERR_CLOSED);
	assert_int_equal(eio_request_end(held), ENGINEIO_ERR_CLOSED);
	fake_turn(app->loop);
	assert_memory_equal(fake_received(c)->data, HEAD, strlen(HEAD));
	assert_string_equal(body(c), "");
	fake_puts(c, "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(body(c), "plain");
	fake_free(c);
}

static void stream__head_ended_at_once__is_not_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	fake_puts(c, "HEAD /ended HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(body(c), "");
	assert_int_equal(gone, 0);
	fake_puts(c, "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(body(c), "plain");
	fake_puts(c, "HEAD /freed HTTP/1.1\r\nHost: x\r\n\r\n");
	fake_free(c);
}

static void stream__client_gone__is_told_once(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");

	fake_reset(c);
	assert_int_equal(gone, 1);
	fake_free(c);
	c = NULL;
	eio_request_unref(held);
	held = NULL;
	c = ask(app, "GET", "HTTP/1.1");
	fake_fin(c);
	assert_int_equal(gone, 2);
	fake_free(c);
}

static void stream__forgotten__looks_broken(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	fake_puts(c, "GET /forget HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(body(c), "4\r\nhalf\r\n");
	assert_true(fake_is_finished(c));
	fake_free(c);
	c = ask(app, "GET", "HTTP/1.1");
	eio_request_unref(held);
	held = NULL;
	fake_turn(app->loop);
	assert_string_equal(body(c), "");
	assert_true(fake_is_finished(c));
	assert_int_equal(gone, 0);
	fake_free(c);
}

static void stream__slow_reader__is_closed_at_the_limit(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");
	static char text[100000];
	int err = 0, n;

	memset(text, 'x', sizeof(text));
	fake_room(c, 0);
	for (n = 0; n < 100 && !err; n++) {
		err = eio_request_write(held, text, sizeof(text));
		assert_int_equal(gone, 0);
	}
	assert_int_equal(err, ENGINEIO_ERR_FULL);
	assert_in_range(n, 41, 43);
	fake_turn(app->loop);
	assert_int_equal(gone, 1);
	assert_int_equal(eio_server_connections(app->srv), 0);
	assert_true(eio_server_counter(app->srv, ENGINEIO_COUNT_QUEUE_BYTES));
	fake_free(c);
}

/* One that is never quite empty keeps no more than what waits. */
static void stream__never_drained__gives_back_what_has_left(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");
	static char text[60000];
	unsigned i;

	memset(text, 'x', sizeof(text));
	fake_room(c, 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(eio_request_write(held, text, sizeof(text)),
			0);
	for (i = 0; i < 500; i++) {
		assert_int_equal(eio_request_write(held, text, sizeof(text)),
			0);
		fake_room(c, sizeof(text));
		fake_skip(c, fake_received(c)->len);
		assert_in_range(eio_request_waiting(held), 1, 400000);
	}
	fake_free(c);
}

static unsigned drains;

static void on_drain(eio_request *req, void *user)
{
	struct fake_app *app = user;

	assert_true(eio_request_waiting(req) <= 262144);
	drains++;
	if (app)
		fake_app_free_server(app);
}

static void write_much(unsigned n)
{
	static char text[60000];

	memset(text, 'x', sizeof(text));
	for (; n; n--)
		assert_int_equal(eio_request_write(held, text, sizeof(text)),
			0);
}

static void stream__what_waits_falls__is_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");

	drains = 0;
	assert_int_equal(eio_request_on_drain(held, on_drain, NULL), 0);
	/* 240,000 bytes are not enough for a drain. */
	fake_room(c, 0);
	write_much(4);
	fake_turn(app->loop);
	fake_room(c, SIZE_MAX);
	assert_int_equal(drains, 0);
	fake_room(c, 0);
	write_much(10);
	fake_turn(app->loop);
	fake_room(c, 200000);
	assert_int_equal(drains, 0);
	fake_room(c, 200000);
	assert_int_equal(drains, 1);
	fake_room(c, SIZE_MAX);
	assert_int_equal(drains, 1);
	/* Also if all of it leaves in the turn it was written in. */
	write_much(10);
	fake_turn(app->loop);
	assert_int_equal(drains, 2);
	assert_int_equal(eio_request_on_drain(held, NULL, NULL), 0);
	write_much(10);
	fake_turn(app->loop);
	assert_int_equal(drains, 2);
	fake_free(c);
	assert_int_equal(eio_request_on_drain(held, on_drain, NULL),
		ENGINEIO_ERR_CLOSED);
}

static void write_again(eio_request *req, void *user)
{
	unsigned *n = user;

	/* Without a bound all of them are in one turn. */
	if (++*n < 10000)
		write_much(5);
}

static void stream__always_written_again__others_have_their_turn(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");
	unsigned n = 0;

	assert_int_equal(eio_request_on_drain(held, write_again, &n), 0);
	write_again(held, &n);
	fake_turn(app->loop);
	assert_in_range(n, 10, 5000);
	fake_free(c);
}

static void stream__server_freed_when_drained__is_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");

	assert_int_equal(eio_request_on_drain(held, on_drain, app), 0);
	write_much(10);
	fake_turn(app->loop);
	assert_int_equal(gone, 1);
	fake_free(c);
}

static enum eio_verdict ask_for_news(eio_request *req, void *user)
{
	if (held || strcmp(eio_request_target(req), "/late"))
		return ENGINEIO_PASS;
	held = eio_request_ref(req);
	return ENGINEIO_TAKEN;
}

/* What it was given in its first turn leaves. */
static void stream__begun_by_a_server_that_closes__ends(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	eio_server_on_http(app->srv, ask_for_news, NULL);
	fake_puts(c, "GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_non_null(held);
	assert_int_equal(eio_request_on_gone(held, on_gone, NULL), 0);
	assert_int_equal(eio_server_close(app->srv, 100000, NULL, NULL), 0);
	fake_turn(app->loop);
	assert_int_equal(eio_request_begin(held, 200, NULL), 0);
	assert_int_equal(eio_request_write(held, "news", 4), 0);
	fake_turn(app->loop);
	assert_string_equal(body(c), "4\r\nnews\r\n0\r\n\r\n");
	assert_true(fake_is_finished(c));
	fake_free(c);
	assert_int_equal(gone, 1);
}

static void stream__server_closes__ends_in_order(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");

	assert_string_equal(body(c), "");
	assert_int_equal(eio_server_close(app->srv, 1000, NULL, NULL), 0);
	assert_int_equal(gone, 0);
	fake_turn(app->loop);
	assert_string_equal(body(c), "0\r\n\r\n");
	assert_true(fake_is_finished(c));
	fake_free(c);
	assert_int_equal(gone, 1);
}

static void stream__server_freed__is_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");

	fake_app_free_server(app);
	assert_int_equal(gone, 1);
	fake_free(c);
}

static enum eio_verdict wait_with_it(eio_request *req, void *user)
{
	if (!held)
		held = eio_request_ref(req);
	else
		return ENGINEIO_PASS;
	return ENGINEIO_LATER;
}

/* It is an answer, as good as a decision. */
static void
stream__begun_in_place_of_a_decision__has_no_time_limit(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	eio_server_on_http(app->srv, wait_with_it, NULL);
	fake_puts(c, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_non_null(held);
	assert_int_equal(eio_request_begin(held, 200, NULL), 0);
	fake_turn(app->loop);
	assert_string_equal(body(c), "");
	fake_advance(app->loop, 40000);
	assert_int_equal(eio_server_counter(app->srv,
				 ENGINEIO_COUNT_DECISION_TIMEOUT),
		0);
	write_text(app, "abc");
	assert_string_equal(body(c), "3\r\nabc\r\n");
	assert_int_equal(eio_request_end(held), 0);
	fake_turn(app->loop);
	assert_string_equal(body(c), "0\r\n\r\n");
	fake_puts(c, "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(body(c), "plain");
	fake_free(c);
}

static void stream__bad_arguments__refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = ask(app, "GET", "HTTP/1.1");

	assert_int_equal(eio_request_begin(NULL, 200, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_begin(held, 204, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_begin(held, 200, "a\nb"),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_write(held, NULL, 1),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_write(NULL, "", 0), ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_end(NULL), ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_on_gone(NULL, on_gone, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_on_drain(NULL, on_gone, NULL),
		ENGINEIO_ERR_INVALID);
	fake_free(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(stream__http_1_1__is_chunked),
		TEST(stream__ended__the_next_request_is_served),
		TEST(stream__much_sent_behind__is_not_kept),
		TEST(stream__much_sent_behind_and_gone__is_told),
		TEST(stream__begun_before_much__is_the_same),
		TEST(stream__http_1_0__ends_with_the_connection),
		TEST(stream__head__has_no_body),
		TEST(stream__head_ended_at_once__is_not_told),
		TEST(stream__client_gone__is_told_once),
		TEST(stream__forgotten__looks_broken),
		TEST(stream__slow_reader__is_closed_at_the_limit),
		TEST(stream__never_drained__gives_back_what_has_left),
		TEST(stream__what_waits_falls__is_told),
		TEST(stream__always_written_again__others_have_their_turn),
		TEST(stream__server_freed_when_drained__is_told),
		TEST(stream__begun_by_a_server_that_closes__ends),
		TEST(stream__server_closes__ends_in_order),
		TEST(stream__server_freed__is_told),
		TEST(stream__begun_in_place_of_a_decision__has_no_time_limit),
		TEST(stream__bad_arguments__refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
