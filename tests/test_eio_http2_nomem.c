/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http2_nomem.c: out of memory under HTTP/2, that of nghttp2
 * included. Every allocation of a story of requests fails in turn, once, and
 * then that one and all behind it: each request gets its right answer, or 500,
 * or the end of its stream or connection, but never a wrong or torn one that
 * looks whole; and nothing is left.
 */
#include <config.h>

#include "fake_app.h"
#include "fake_http2.h"

#include <engineio/http.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The linker puts these in the place of the C library's (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

#define BIG 100000

static bool armed;   /* allocations of the server may fail */
static bool lasting; /* all of them, from fail_at on */
static int count, fail_at;

static bool fails(void)
{
	if (!armed || !fake_is_inside())
		return false;
	count++;
	return lasting ? count >= fail_at : count == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void __wrap_free(void *p)
{
	__real_free(p);
}

/* -- the server ---------------------------------------------------------- */

static eio_loop *loop;
static eio_server *srv;
static eio_request *kept, *asked;
static unsigned gone;

static void on_echo(eio_request *req, void *user)
{
	size_t len;
	const char *body = eio_request_body(req, &len);

	eio_request_set_header(req, "X-One", "1");
	eio_request_set_header(req, "X-Two", "2");
	eio_request_respond(req, 200, NULL, body, len);
}

static void on_big(eio_request *req, void *user)
{
	static char big[BIG];

	eio_request_respond(req, 200, NULL, big, sizeof(big));
}

static void on_gone(eio_request *req, void *user)
{
	gone++;
}

static void on_stream(eio_request *req, void *user)
{
	eio_request_on_gone(req, on_gone, NULL);
	if (eio_request_begin(req, 200, NULL))
		return;
	kept = eio_request_ref(req);
	eio_request_write(req, "one", 3);
}

static enum eio_verdict on_hook(eio_request *req, void *user)
{
	if (strcmp(eio_request_target(req), "/ask") != 0)
		return ENGINEIO_PASS;
	asked = eio_request_ref(req);
	return ENGINEIO_LATER;
}

static void start(void)
{
	kept = asked = NULL;
	gone = 0;
	loop = eio_loop_new();
	srv = eio_server_new(loop);
	eio_server_set_option(srv, ENGINEIO_HTTP2, ENGINEIO_HTTP2_PLAIN);
	assert_int_equal(eio_server_on_http(srv, on_hook, NULL), 0);
	assert_int_equal(eio_server_route(srv, NULL, "/e", on_echo, NULL), 0);
	assert_int_equal(eio_server_route(srv, NULL, "/b", on_big, NULL), 0);
	assert_int_equal(eio_server_route(srv, NULL, "/s", on_stream, NULL), 0);
	assert_int_equal(eio_server_route(srv, NULL, "/ask", on_echo, NULL), 0);
	assert_int_equal(eio_server_listen(srv, NULL, 0), 0);
}

/* -- the story ----------------------------------------------------------- */

/* What looks whole is right. */
static void assert_right(const struct fake_h2_answer *a, const char *body,
	size_t len)
{
	if (!a->ended || a->status >= 400)
		return;
	assert_int_equal(a->status, 200);
	assert_int_equal(a->body.len, len);
	if (body)
		assert_memory_equal(a->body.data, body, len);
}

static void echo(struct fake_h2 *h2)
{
	struct fake_h2_answer *a = fake_h2_ask(h2, "POST", "/e",
		"x: 1\nexpect: 100-continue\n", "hel", true);

	fake_h2_more(h2, a, "lo", 2, true);
	assert_right(a, "hello", 5);
	if (a->ended && a->status == 200)
		assert_string_equal(fake_h2_field(a, "x-two"), "2");
}

static void big(struct fake_h2 *h2)
{
	assert_right(fake_h2_ask(h2, "GET", "/b", NULL, NULL, false), NULL,
		BIG);
}

static void stream(struct fake_h2 *h2)
{
	struct fake_h2_answer *a =
		fake_h2_ask(h2, "GET", "/s", NULL, NULL, false);

	if (kept) {
		eio_request_write(kept, "two", 3);
		fake_turn(loop);
		fake_h2_talk(h2);
		eio_request_end(kept);
		eio_request_unref(kept);
		kept = NULL;
		fake_turn(loop);
	}
	fake_h2_talk(h2);
	if (a->ended && a->status == 200)
		assert_in_range(a->body.len, 0, 6);
}

static void decide(struct fake_h2 *h2)
{
	struct fake_h2_answer *a =
		fake_h2_ask(h2, "POST", "/ask", NULL, "held", false);

	if (asked) {
		eio_request_decide(asked, true, NULL);
		eio_request_unref(asked);
		asked = NULL;
		fake_turn(loop);
	}
	fake_h2_talk(h2);
	assert_right(a, "held", 4);
}

static void cut_off(struct fake_h2 *h2)
{
	struct fake_h2_answer *a =
		fake_h2_ask(h2, "POST", "/e", NULL, "half", true);

	fake_h2_reset(h2, a);
}

/* The second waits until the first has left. */
static void put_off(struct fake_h2 *h2)
{
	struct fake_conn *c = fake_h2_conn(h2);
	struct fake_h2_answer *a, *b;

	eio_server_set_option(srv, ENGINEIO_HTTP2_BYTES, 1);
	fake_room(c, 0);
	a = fake_h2_ask(h2, "GET", "/b", NULL, NULL, false);
	b = fake_h2_ask(h2, "POST", "/e", NULL, "late", false);
	if (!fake_is_closed(c, NULL))
		fake_room(c, SIZE_MAX);
	fake_h2_talk(h2);
	fake_turn(loop);
	fake_h2_talk(h2);
	assert_right(a, NULL, BIG);
	assert_right(b, "late", 4);
	eio_server_set_option(srv, ENGINEIO_HTTP2_BYTES, 67108864);
}

static void tell_all(void)
{
	static void (*const stories[])(struct fake_h2 *) = { echo, big, stream,
		decide, put_off, cut_off, echo };
	struct fake_h2 *h2;
	struct fake_conn *c;
	size_t i;

	c = fake_connect(loop);
	if (!c)
		return;
	h2 = fake_h2_on(c, 0);
	for (i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		if (!fake_is_closed(c, NULL))
			stories[i](h2);
	fake_h2_free(h2);
	fake_turn(loop);
}

/* -- and its failures ---------------------------------------------------- */

static void run_once(void)
{
	count = 0;
	start();
	armed = true;
	tell_all();
	armed = false;
	assert_int_equal(eio_server_connections(srv), 0);
	eio_request_unref(kept);
	eio_request_unref(asked);
	eio_server_free(srv);
	eio_loop_free(loop);
}

static void every_allocation_fails(void)
{
	fail_at = 0;
	do {
		fail_at++;
		run_once();
	} while (count >= fail_at);
	assert_true(fail_at > 50);
}

static void nomem__at_one_place__gives_no_wrong_answer(void **state)
{
	lasting = false;
	every_allocation_fails();
}

static void nomem__from_one_place_on__gives_no_wrong_answer(void **state)
{
	lasting = true;
	every_allocation_fails();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nomem__at_one_place__gives_no_wrong_answer),
		cmocka_unit_test(
			nomem__from_one_place_on__gives_no_wrong_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
