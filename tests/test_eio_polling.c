/* SPDX-License-Identifier: MIT */
/*
 * test_eio_polling.c: long polling: what a GET is answered, requests that
 * overlap, and other methods.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/net.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SEP      "\x1e"

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
		c = fake_poll_request(p, "GET", rows[i].agent, NULL);
		r = fake_reply(c);
		assert_string_equal(fake_reply_header(&r, "x-xss-protection"),
			rows[i].header);
		fake_reply_clear(&r);
		fake_free(c);
		c = fake_poll_request(p, "POST", rows[i].agent, "6");
		r = fake_reply(c);
		assert_string_equal(fake_reply_header(&r, "x-xss-protection"),
			rows[i].header);
		fake_reply_clear(&r);
		fake_free(c);
	}
	fake_poll_free(p);
}

static void request__of_a_session__memory_ahead_is_named(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c;
	int data = 1;

	eio_socket_set_data(app->s, &data);
	c = fake_poll_request(p, "GET", NULL, NULL);
	assert_non_null(fake_ahead(c, EIO__AHEAD_SPEAKER));
	assert_ptr_equal(fake_ahead(c, EIO__AHEAD_SESSION), app->s);
	assert_ptr_equal(fake_ahead(c, EIO__AHEAD_DATA), &data);
	fake_free(c);
	fake_poll_free(p);
}

static void get__with_a_body__is_answered_all_the_same(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_poll_request(p, "GET", NULL, "4not read");

	assert_int_equal(fake_reply_status(c), 0);
	assert_true(fake_app_send(app, "hello"));
	fake_turn(app->loop);
	assert_int_equal(fake_reply_status(c), 200);
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
		assert_true(fake_poll_is_unknown(p));
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
	assert_int_equal(fake_reply_status(c), 0);
	assert_true(fake_app_send(app, "hello"));
	fake_turn(app->loop);
	assert_int_equal(fake_reply_status(c), 200);
	assert_true(fake_is_finished(c));
	fake_free(c);
	fake_poll_free(p);
}

/* -- overlaps ------------------------------------------------------------ */

static void overlap__get_while_a_get_waits__ends_the_session(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *second;
	struct fake_reply r;

	fake_poll_get(p);
	second = fake_poll_request(p, "GET", NULL, NULL);
	r = fake_reply(second);
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, "");
	assert_string_equal(fake_reply_header(&r, "content-type"), "");
	fake_reply_clear(&r);
	assert_string_equal(fake_poll_next(p), "1");
	assert_string_equal(fake_app_told(app),
		"close transport error: overlap from client");
	assert_true(fake_poll_is_unknown(p));
	fake_free(second);
	fake_poll_free(p);
}

static void overlap__post_while_a_post_runs__ends_the_session(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *first =
		fake_poll_request(p, "POST", "Content-Length: 10\r\n", NULL);
	struct fake_conn *second = fake_poll_request(p, "POST", NULL, "4b");
	struct fake_reply r = fake_reply(second);

	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, "");
	fake_reply_clear(&r);
	/* The first is cut off without an answer. */
	assert_true(fake_is_closed(first, NULL));
	assert_int_equal(fake_received(first)->len, 0);
	assert_string_equal(fake_app_told(app),
		"close transport error: data request overlap from client");
	assert_true(fake_poll_is_unknown(p));
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
	post = fake_poll_request(p, "POST", "Content-Length: 6\r\n", NULL);
	assert_true(fake_app_send(app, "down"));
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "4down");
	fake_poll_get(p);
	fake_puts(post, "4up...");
	assert_int_equal(fake_reply_status(post), 200);
	assert_string_equal(fake_app_told(app), "text up...");
	assert_null(fake_poll_next(p));
	fake_free(post);
	fake_poll_free(p);
}

static void overlap__post_behind_a_waiting_get__waits_for_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_poll_request(p, "GET", NULL, NULL);
	char target[256];

	/* Pipelined on one connection: answers keep the order. */
	fake_poll_target(p, target);
	fake_request(c, "POST", target, NULL, "4up");
	assert_string_equal(fake_app_told(app), "");
	assert_true(fake_app_send(app, "down"));
	fake_turn(app->loop);
	assert_int_equal(fake_reply_status(c), 200);
	assert_int_equal(fake_reply_status(c), 200);
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
	assert_int_equal(fake_reply_status(c), 200);
	assert_int_equal(fake_reply_status(c), 0);
	assert_true(fake_app_send(app, "down"));
	fake_turn(app->loop);
	assert_int_equal(fake_reply_status(c), 200);
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
		c = fake_poll_request(p, methods[i], NULL, NULL);
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
		post = fake_poll_request(p, "POST", "Content-Length: 9\r\n",
			NULL);
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
		TEST(request__of_a_session__memory_ahead_is_named),
		TEST(request__of_an_old_browser__calms_its_filter),
		TEST(get__with_a_body__is_answered_all_the_same),
		TEST(get__abandoned_by_the_client__ends_the_session),
		TEST(get__closed_after_its_answer__harms_nobody),
		TEST(get__on_http_1_0__is_answered_and_closed),
		TEST(overlap__get_while_a_get_waits__ends_the_session),
		TEST(overlap__post_while_a_post_runs__ends_the_session),
		TEST(overlap__get_and_post__is_how_it_should_be),
		TEST(overlap__post_behind_a_waiting_get__waits_for_it),
		TEST(overlap__get_behind_a_post__is_answered_behind_it),
		TEST(method__neither_get_nor_post__is_500_and_harmless),
		TEST(connections__of_get_and_post__may_end_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
