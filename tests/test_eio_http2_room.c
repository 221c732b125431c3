/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http2_room.c: what waits on one connection of HTTP/2 is bounded in
 * bytes, however many streams it has; what is beyond waits for its turn or is
 * told so, and who reads notices nothing.
 */
#include <config.h>

#include "fake_http2.h"
#include "fake_web.h"

#include <nghttp2/nghttp2.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define POLL     "/engine.io/?EIO=4&transport=polling"
/* Of each answer, in the tests that read by hand. */
#define WINDOW 30000

static struct fake_web *web;
static struct fake_h2 *h2;
static eio_request *streams[FAKE_H2_STREAMS], *asked[FAKE_H2_STREAMS];
static unsigned begun, count, gone;
static char data[400000];

static enum eio_verdict on_hook(eio_request *req, void *user)
{
	if (strcmp(eio_request_target(req), "/ask") != 0)
		return ENGINEIO_PASS;
	asked[count++] = eio_request_ref(req);
	return ENGINEIO_LATER;
}

static void on_gone(eio_request *req, void *user)
{
	gone++;
}

static void on_stream(eio_request *req, void *user)
{
	streams[begun++] = eio_request_ref(req);
	eio_request_on_gone(req, on_gone, NULL);
	assert_int_equal(eio_request_begin(req, 200, NULL), 0);
}

static int setup(void **state)
{
	if (fake_web_setup(state))
		return -1;
	web = *state;
	begun = count = gone = 0;
	h2 = NULL;
	memset(data, 'd', sizeof(data));
	eio_server_set_option(web->srv, ENGINEIO_HTTP2, ENGINEIO_HTTP2_PLAIN);
	eio_server_on_http(web->srv, on_hook, NULL);
	return eio_server_route(web->srv, NULL, "/stream", on_stream, NULL);
}

static int teardown(void **state)
{
	fake_h2_free(h2);
	while (begun)
		eio_request_unref(streams[--begun]);
	while (count)
		eio_request_unref(asked[--count]);
	return fake_web_teardown(state);
}

static void set(enum eio_option option, long value)
{
	assert_int_equal(eio_server_set_option(web->srv, option, value), 0);
}

static struct fake_h2_answer *get(const char *path)
{
	return fake_h2_ask(h2, "GET", path, NULL, NULL, false);
}

static struct fake_h2_answer *post(const char *path)
{
	return fake_h2_ask(h2, "POST", path, NULL, NULL, true);
}

/* A client that reads nothing of an answer but this window. */
static void connect_slow(void)
{
	h2 = fake_h2_new(web->loop, WINDOW);
	nghttp2_session_set_local_window_size(fake_h2_session(h2),
		NGHTTP2_FLAG_NONE, 0, 10000000);
	fake_h2_talk(h2);
}

static void assert_count(unsigned n)
{
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_HTTP2_BYTES),
		n);
}

static void assert_hits(unsigned n)
{
	assert_count(n);
	assert_true(fake_app_logged(web->app, "(HTTP2_BYTES)"));
}

/* Two answers of which 70,000 bytes wait each. */
static struct fake_h2_answer *fill(void)
{
	struct fake_h2_answer *a = get("/big");

	assert_int_equal(get("/big")->body.len, WINDOW);
	return a;
}

/* -- answers ------------------------------------------------------------- */

static void requests__while_too_much_waits__are_put_off(void **state)
{
	struct fake_h2_answer *a, *b, *c;

	set(ENGINEIO_HTTP2_BYTES, 140000);
	connect_slow();
	a = fill();
	b = get("/");
	c = fake_h2_ask(h2, "POST", "/", NULL, "body", false);
	fake_turn(web->loop);
	assert_int_equal(web->calls, 2);
	assert_int_equal(b->status, 0);
	/* With a line for who wants to know: nobody did anything wrong. */
	assert_count(2);
	assert_false(fake_app_logged(web->app, "HTTP2_BYTES"));
	fake_h2_read(h2, a, 10);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(b), "200 GET / ");
	assert_string_equal(fake_h2_outcome(c), "200 POST / body");
	assert_count(2);
}

static void requests__put_off__go_on_one_after_the_other(void **state)
{
	struct fake_h2_answer *a, *b, *c;

	set(ENGINEIO_HTTP2_BYTES, 140000);
	connect_slow();
	a = fill();
	b = get("/big");
	c = get("/big");
	fake_h2_read(h2, a, 10);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_int_equal(b->body.len, WINDOW);
	assert_int_equal(c->status, 0);
	assert_int_equal(web->calls, 3);
	/* A stream that is given up makes room as well. */
	fake_h2_reset(h2, b);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_int_equal(c->body.len, WINDOW);
	fake_h2_read(h2, c, FAKE_WEB_BIG);
	assert_true(c->ended);
	assert_int_equal(c->body.len, FAKE_WEB_BIG);
}

static void requests__put_off__may_be_taken_back(void **state)
{
	struct fake_h2_answer *a, *b;

	set(ENGINEIO_HTTP2_BYTES, 140000);
	connect_slow();
	a = fill();
	fake_h2_reset(h2, get("/"));
	b = post("/");
	fake_h2_more(h2, b, data, 1000, false);
	fake_h2_reset(h2, b);
	b = get("/");
	fake_h2_read(h2, a, 10);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(b), "200 GET / ");
	assert_int_equal(web->calls, 3);
}

static void requests__put_off_for_a_reader_that_never_reads__go_on(void **state)
{
	struct fake_h2_answer *b;

	set(ENGINEIO_HTTP2_BYTES, 140000);
	connect_slow();
	fill();
	b = get("/");
	fake_advance(web->loop, 60000);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(b), "200 GET / ");
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_WRITE_TIMEOUT),
		2);
}

static void answer__later__while_too_much_waits__is_503(void **state)
{
	struct fake_h2_answer *a, *b;
	eio_request *req;

	set(ENGINEIO_HTTP2_BYTES, 140000);
	connect_slow();
	a = get("/hold");
	b = get("/hold");
	fill();
	req = eio_request_ref(web->held[0]);
	eio_request_set_header(req, "X-Thing", "1");
	assert_int_equal(eio_request_respond(req, 200, "text/plain", data,
				 20000),
		ENGINEIO_ERR_FULL);
	assert_int_equal(eio_request_respond(req, 200, NULL, data, 1),
		ENGINEIO_ERR_STATE);
	eio_request_unref(req);
	/* What is short costs no more than to say no. */
	fake_web_release(web, 1);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "503");
	assert_string_equal(fake_h2_field(a, "x-thing"), "");
	assert_string_equal(fake_h2_outcome(b), "200 held /hold");
	assert_hits(1);
}

static void answer__of_any_length__goes_where_nothing_waits(void **state)
{
	struct fake_h2_answer *a;

	set(ENGINEIO_HTTP2_BYTES, 1);
	h2 = fake_h2_new(web->loop, 0);
	a = get("/big");
	assert_int_equal(a->body.len, FAKE_WEB_BIG);
	a = fake_h2_ask(h2, "POST", "/", NULL, "body", false);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "200 POST / body");
	assert_count(0);
}

/* -- streams ------------------------------------------------------------- */

static void stream__while_too_much_waits__is_closed(void **state)
{
	struct fake_h2_answer *a, *b;

	set(ENGINEIO_HTTP2_BYTES, 140000);
	connect_slow();
	a = get("/stream");
	b = get("/stream");
	fill();
	assert_int_equal(eio_request_write(streams[0], "a", 1), 0);
	assert_int_equal(eio_request_write(streams[0], data, 20000),
		ENGINEIO_ERR_FULL);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "reset 8");
	assert_int_equal(gone, 1);
	assert_int_equal(eio_request_write(streams[1], "b", 1), 0);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(b), "200 b ...");
	assert_hits(1);
}

/* -- sessions ------------------------------------------------------------ */

static const char *poll_of(const struct fake_h2_answer *a)
{
	static char path[200];
	const char *at = strstr(a->body.data, "\"sid\":\"") + 7;

	snprintf(path, sizeof(path), POLL "&sid=%.*s", (int)strcspn(at, "\""),
		at);
	return path;
}

/* What a session has to say waits in its queue, where it is counted, and its
 * poll is answered when there is room. */
static void polls__while_too_much_waits__are_put_off(void **state)
{
	struct fake_h2_answer *polls[4], *a, *b;
	eio_socket *sockets[COUNT(polls)];
	size_t i;

	set(ENGINEIO_HTTP2_BYTES, 140000);
	connect_slow();
	for (i = 0; i < COUNT(polls); i++) {
		a = get(POLL);
		sockets[i] = web->app->s;
		polls[i] = get(poll_of(a));
	}
	for (i = 0; i < COUNT(polls); i++) {
		web->app->s = sockets[i];
		fake_app_send_much(web->app, 'd', 100000);
		fake_turn(web->loop);
	}
	fake_h2_talk(h2);
	assert_int_equal(polls[1]->body.len, WINDOW);
	assert_int_equal(polls[2]->status, 0);
	assert_int_equal(polls[3]->status, 0);
	assert_true(eio_socket_queued(sockets[3]) >= 100000);
	assert_false(eio_socket_is_writable(sockets[3]));
	b = polls[0];
	fake_h2_read(h2, b, 1000000);
	assert_true(b->ended);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_int_equal(polls[2]->body.len, WINDOW);
	assert_int_equal(polls[3]->status, 0);
	fake_h2_read(h2, polls[2], 1000000);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	fake_h2_read(h2, polls[3], 1000000);
	assert_true(polls[3]->ended);
	assert_int_equal(polls[3]->body.len, 100001);
	assert_int_equal(eio_socket_queued(sockets[3]), 0);
}

static void ping__while_too_much_waits__is_sent(void **state)
{
	struct fake_h2_answer *poll;

	set(ENGINEIO_HTTP2_BYTES, 140000);
	connect_slow();
	poll = get(poll_of(get(POLL)));
	fill();
	fake_advance(web->loop, 25000);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(poll), "200 2");
}

/* -- bodies -------------------------------------------------------------- */

static void bodies__undecided__are_as_much_as_the_window(void **state)
{
	struct fake_h2_answer *a[40];
	size_t i, sum = 0;

	h2 = fake_h2_new(web->loop, 0);
	for (i = 0; i < COUNT(a); i++) {
		a[i] = post("/ask");
		fake_h2_more(h2, a[i], data, 65535, true);
		sum += fake_h2_body_sent(h2, a[i]);
	}
	assert_in_range(sum, 1000000, 1048576);
	/* Who has to wait for that is not to blame. */
	fake_advance(web->loop, 29000);
	for (i = 0; i < COUNT(a); i++) {
		assert_int_equal(eio_request_decide(asked[i], true, NULL), 0);
		fake_turn(web->loop);
		fake_h2_talk(h2);
	}
	for (i = 0; i < COUNT(a); i++)
		assert_int_equal(a[i]->body.len, strlen("POST /ask ") + 65535);
	assert_count(0);
}

static void bodies__undecided_and_taken_back__make_room(void **state)
{
	struct fake_h2_answer *a[20], *b;
	size_t i;

	h2 = fake_h2_new(web->loop, 0);
	for (i = 0; i < COUNT(a); i++) {
		a[i] = post("/ask");
		fake_h2_more(h2, a[i], data, 65535, true);
	}
	b = fake_h2_ask(h2, "POST", "/", NULL, "body", false);
	assert_int_equal(b->status, 0);
	for (i = 0; i < COUNT(a); i++)
		fake_h2_reset(h2, a[i]);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(b), "200 POST / body");
}

static void bodies__of_unanswered_requests__wait_in_bounds(void **state)
{
	struct fake_h2_answer *a[10];
	size_t i, sum = 0;

	set(ENGINEIO_HTTP2_BYTES, 500000);
	h2 = fake_h2_new(web->loop, 0);
	for (i = 0; i < COUNT(a); i++)
		a[i] = post("/hold");
	for (i = 0; i < COUNT(a); i++)
		fake_h2_more(h2, a[i], data, 200000, true);
	for (i = 0; i < COUNT(a); i++)
		sum += fake_h2_body_sent(h2, a[i]);
	assert_in_range(sum, 600000, 600000 + 7 * 65535);
	assert_int_equal(web->count, 3);
	/* Nor are new ones begun; and those that must wait may. */
	fake_h2_reset(h2, get("/"));
	fake_advance(web->loop, 100000);
	assert_int_equal(web->calls, 3);
	for (i = 0; i < COUNT(a); i++) {
		fake_web_release(web, (unsigned)i);
		fake_h2_talk(h2);
		assert_string_equal(fake_h2_outcome(a[i]), "200 held /hold");
	}
}

/* The oldest body comes slowly, and the one behind it may not come at all until
 * then: that is no reason to give it up. */
static void body__that_waits_for_another__has_its_time(void **state)
{
	struct fake_h2_answer *a, *b;
	unsigned i;

	set(ENGINEIO_MAX_PAYLOAD, 2000000);
	h2 = fake_h2_new(web->loop, 0);
	a = post("/");
	for (i = 0; i < 3; i++)
		fake_h2_more(h2, a, data, sizeof(data), false);
	b = post("/");
	fake_h2_more(h2, b, data, 100000, true);
	assert_int_equal(fake_h2_body_sent(h2, b), 65535);
	for (i = 0; i < 8; i++) {
		fake_advance(web->loop, 20000);
		fake_h2_more(h2, a, data, 65536, i == 7);
	}
	assert_int_equal(a->body.len, strlen("POST / ") + 1200000 + 8 * 65536);
	assert_int_equal(b->body.len, strlen("POST / ") + 100000);
}

/* -- who reads ----------------------------------------------------------- */

static void client__that_reads__notices_nothing(void **state)
{
	struct fake_h2_answer *a[100];
	size_t i, turn;

	h2 = fake_h2_new(web->loop, 0);
	for (i = 0; i < COUNT(a); i++)
		a[i] = get(i % 2 ? "/stream" : "/hold");
	for (turn = 0; turn < 10; turn++) {
		for (i = 0; i < begun; i++)
			assert_int_equal(eio_request_write(streams[i], data,
						 100000),
				0);
		fake_turn(web->loop);
	}
	fake_h2_talk(h2);
	for (i = 0; i < web->count; i++)
		assert_int_equal(eio_request_respond(web->held[i], 200, NULL,
					 data, 300000),
			0);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	for (i = 0; i < COUNT(a); i++)
		assert_int_equal(a[i]->body.len, i % 2 ? 1000000 : 300000);
	assert_int_equal(gone, 0);
	assert_count(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests__while_too_much_waits__are_put_off),
		TEST(requests__put_off__go_on_one_after_the_other),
		TEST(requests__put_off__may_be_taken_back),
		TEST(requests__put_off_for_a_reader_that_never_reads__go_on),
		TEST(answer__later__while_too_much_waits__is_503),
		TEST(answer__of_any_length__goes_where_nothing_waits),
		TEST(stream__while_too_much_waits__is_closed),
		TEST(polls__while_too_much_waits__are_put_off),
		TEST(ping__while_too_much_waits__is_sent),
		TEST(bodies__undecided__are_as_much_as_the_window),
		TEST(bodies__undecided_and_taken_back__make_room),
		TEST(bodies__of_unanswered_requests__wait_in_bounds),
		TEST(body__that_waits_for_another__has_its_time),
		TEST(client__that_reads__notices_nothing),
	};

	return cmocka_run_group_tests_name("http2_room", tests, NULL, NULL);
}
