/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http2_limits.c: what one client may ask for over HTTP/2: its limits,
 * their counters and lines in the log, and that they end as little as can be.
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

/* "GET /hold http x" in the words of HPACK. */
#define HOLD "\x82\x86\x04\x05/hold\x01\x01x"

static struct fake_web *web;
static struct fake_h2 *h2;
static eio_request *asked;
static unsigned chosen;

static enum eio_verdict on_hook(eio_request *req, void *user)
{
	if (strcmp(eio_request_target(req), "/ask") != 0)
		return ENGINEIO_PASS;
	eio_request_unref(asked);
	asked = eio_request_ref(req);
	chosen++;
	return ENGINEIO_LATER;
}

static int setup(void **state)
{
	if (fake_web_setup(state))
		return -1;
	web = *state;
	asked = NULL;
	chosen = 0;
	eio_server_set_option(web->srv, ENGINEIO_HTTP2, ENGINEIO_HTTP2_PLAIN);
	eio_server_on_http(web->srv, on_hook, NULL);
	h2 = fake_h2_new(web->loop, 0);
	return 0;
}

static int teardown(void **state)
{
	fake_h2_free(h2);
	eio_request_unref(asked);
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

static void assert_hit(enum eio_counter counter, unsigned count)
{
	char name[64];

	snprintf(name, sizeof(name), "(%s)", eio_counter_name(counter));
	assert_int_equal(eio_server_counter(web->srv, counter), count);
	assert_true(fake_app_logged(web->app, name));
}

static void assert_others_go_on(void)
{
	assert_string_equal(fake_h2_outcome(get("/")), "200 GET / ");
}

/* -- heads --------------------------------------------------------------- */

static void target__too_long__is_414(void **state)
{
	static char path[201];

	memset(path, '/', 200);
	set(ENGINEIO_MAX_TARGET, 199);
	assert_string_equal(fake_h2_outcome(get(path)), "414");
	assert_hit(ENGINEIO_COUNT_MAX_TARGET, 1);
	assert_others_go_on();
}

static void fields__too_many__are_431(void **state)
{
	struct fake_h2_answer *a;

	set(ENGINEIO_MAX_HEADERS, 3);
	a = fake_h2_ask(h2, "GET", "/", "a: 1\nb: 2\n", NULL, false);
	assert_int_equal(a->status, 200);
	a = fake_h2_ask(h2, "GET", "/", "a: 1\nb: 2\nc: 3\n", NULL, false);
	assert_string_equal(fake_h2_outcome(a), "431");
	assert_hit(ENGINEIO_COUNT_MAX_HEADERS, 1);
	assert_others_go_on();
}

static void fields__too_large__are_431(void **state)
{
	struct fake_h2_answer *a;
	char fields[300];

	set(ENGINEIO_MAX_HEADER, 200);
	snprintf(fields, sizeof(fields), "a: %0200d\n", 1);
	a = fake_h2_ask(h2, "GET", "/", fields, NULL, false);
	assert_string_equal(fake_h2_outcome(a), "431");
	assert_hit(ENGINEIO_COUNT_MAX_HEADER, 1);
	assert_others_go_on();
}

static void head__without_end__ends_the_connection(void **state)
{
	fake_h2_frame(h2, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1,
		"\x82\x86", 2);
	fake_advance(web->loop, 30000);
	fake_h2_talk(h2);
	assert_true(fake_is_finished(fake_h2_conn(h2)));
	assert_hit(ENGINEIO_COUNT_HEADER_TIMEOUT, 1);
}

static void request__malformed__is_reset_alone(void **state)
{
#define P ":method: GET\n:scheme: http\n:path: /\n:authority: x\n"
	static const char *const rows[] = {
		":method: GET\n:scheme: http\n:authority: x\n",
		":method: GET\n:path: /\n:authority: x\n",
		":scheme: http\n:path: /\n:authority: x\n",
		P ":path: /\n",
		P ":status: 200\n",
		P ":unknown: a\n",
		"a: b\n" P,
		P "connection: close\n",
		P "upgrade: websocket\n",
		P "keep-alive: 1\n",
		P "proxy-connection: 1\n",
		P "transfer-encoding: chunked\n",
		P "te: gzip\n",
		P "content-length: x\n",
		P "content-length: 1\ncontent-length: 2\n",
		P "a: b\x01"
		  "c\n",
		P "a b: c\n",
		":method: GET\n:scheme: http\n:path: no\n:authority: x\n",
		":method: GET\n:scheme: http\n:path: \n:authority: x\n",
	};
	size_t i;
	struct fake_h2_answer *a;

	for (i = 0; i < COUNT(rows); i++) {
		a = fake_h2_ask_with(h2, rows[i], NULL, false);
		if (strcmp(fake_h2_outcome(a), "reset 1") != 0)
			fail_msg("row %zu: %s", i, fake_h2_outcome(a));
	}
	assert_int_equal(web->calls, 0);
	assert_others_go_on();
#undef P
}

/* Neither a tunnel nor a WebSocket (RFC 8441), which is not offered. */
static void connect__of_any_kind__is_refused(void **state)
{
	struct fake_h2_answer *a;

	a = fake_h2_ask_with(h2, ":method: CONNECT\n:authority: x:1\n", NULL,
		true);
	assert_string_equal(fake_h2_outcome(a), "501");
	a = fake_h2_ask_with(h2,
		":method: CONNECT\n:protocol: websocket\n:scheme: http\n"
		":path: /engine.io/?EIO=4&transport=websocket\n"
		":authority: x\n"
		"sec-websocket-version: 13\n",
		NULL, true);
	assert_string_equal(fake_h2_outcome(a), "reset 1");
	a = get("/engine.io/?EIO=4&transport=websocket");
	assert_int_equal(a->status, 400);
	assert_others_go_on();
}

static void trailers__of_a_body__are_ignored(void **state)
{
	struct fake_h2_answer *a =
		fake_h2_ask(h2, "POST", "/", NULL, "body", true);
	static const char field[] = "\x40\x01"
				    "a\x01"
				    "b";

	fake_h2_frame(h2, NGHTTP2_HEADERS,
		NGHTTP2_FLAG_END_STREAM | NGHTTP2_FLAG_END_HEADERS, a->id,
		field, sizeof(field) - 1);
	assert_string_equal(fake_h2_outcome(a), "200 POST / body");
}

/* -- bodies -------------------------------------------------------------- */

static void body__without_end__is_408(void **state)
{
	struct fake_h2_answer *a =
		fake_h2_ask(h2, "POST", "/", NULL, "body", true);

	fake_advance(web->loop, 30000);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "408");
	assert_hit(ENGINEIO_COUNT_BODY_TIMEOUT, 1);
	assert_others_go_on();
}

/* What waits for a decision is as much as the stream's window. */
static void body__of_an_undecided_request__waits_in_bounds(void **state)
{
	static char data[200000];
	struct fake_h2_answer *a =
		fake_h2_ask(h2, "POST", "/ask", NULL, NULL, true);

	memset(data, 'd', sizeof(data));
	fake_h2_more(h2, a, data, sizeof(data), true);
	assert_int_equal(nghttp2_session_get_stream_remote_window_size(
				 fake_h2_session(h2), a->id),
		0);
	assert_others_go_on();
	assert_int_equal(eio_request_decide(asked, true, NULL), 0);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_int_equal(a->status, 200);
	assert_int_equal(a->body.len, strlen("POST /ask ") + sizeof(data));
}

static void bodies__of_many_requests__come_one_after_the_other(void **state)
{
	static char data[900000];
	struct fake_h2_answer *a[10];
	size_t sum = 0, i;

	memset(data, 'd', sizeof(data));
	for (i = 0; i < COUNT(a); i++)
		a[i] = fake_h2_ask(h2, "POST", "/", NULL, NULL, true);
	for (i = 0; i < COUNT(a); i++)
		fake_h2_more(h2, a[i], data, sizeof(data) - 1, false);
	/* What the server has taken: not ten times 900,000. */
	for (i = 0; i < COUNT(a); i++)
		sum += fake_h2_body_sent(h2, a[i]);
	assert_in_range(sum, 1048576, 1048576 + 900000 + 10 * 65536);
	for (i = 0; i < COUNT(a); i++)
		fake_h2_more(h2, a[i], "!", 1, true);
	for (i = 0; i < COUNT(a); i++)
		assert_int_equal(a[i]->body.len, 7 + sizeof(data));
}

/* An answer that does not need the body: the client may go on sending for a
 * while, and is stopped then. */
static void body__behind_its_answer__is_dropped(void **state)
{
	static char data[400000];
	struct fake_h2_answer *a;

	memset(data, 'd', sizeof(data));
	a = fake_h2_ask(h2, "POST", "/ask", NULL, NULL, true);
	assert_int_equal(eio_request_respond(asked, 403, NULL, "no", 2), 0);
	fake_turn(web->loop);
	fake_h2_more(h2, a, data, 100000, false);
	assert_string_equal(fake_h2_outcome(a), "403 no");
	assert_false(a->closed);
	fake_h2_more(h2, a, data, sizeof(data), false);
	fake_advance(web->loop, 2000);
	fake_h2_talk(h2);
	assert_true(a->closed);
	assert_int_equal(a->error, NGHTTP2_NO_ERROR);
	assert_others_go_on();
}

/* -- decisions ----------------------------------------------------------- */

static void decision__later__lets_the_request_go_on(void **state)
{
	struct fake_h2_answer *a = get("/ask");

	assert_int_equal(a->status, 0);
	assert_int_equal(eio_request_decide(asked, true, NULL), 0);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "200 GET /ask ");
}

static void decision__no__is_403(void **state)
{
	struct fake_h2_answer *a = get("/ask");

	assert_int_equal(eio_request_decide(asked, false, NULL), 0);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_int_equal(a->status, 403);
}

static void decision__never__is_503(void **state)
{
	struct fake_h2_answer *a = get("/ask");

	fake_advance(web->loop, 30000);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "503");
	assert_hit(ENGINEIO_COUNT_DECISION_TIMEOUT, 1);
	assert_int_equal(eio_request_decide(asked, true, NULL),
		ENGINEIO_ERR_CLOSED);
	assert_others_go_on();
}

static void decision__of_a_client_that_left__is_closed(void **state)
{
	fake_h2_reset(h2, get("/ask"));
	assert_int_equal(eio_request_decide(asked, true, NULL),
		ENGINEIO_ERR_CLOSED);
	assert_others_go_on();
}

static void decision__taken_when_the_client_leaves__does_no_harm(void **state)
{
	struct fake_h2_answer *a = get("/ask");

	assert_int_equal(eio_request_decide(asked, true, NULL), 0);
	fake_h2_reset(h2, a);
	assert_others_go_on();
}

/* -- streams ------------------------------------------------------------- */

static void streams__beyond_the_limit__end_the_connection(void **state)
{
	struct fake_h2 *other;
	int32_t id;

	set(ENGINEIO_HTTP2_STREAMS, 2);
	other = fake_h2_new(web->loop, 0);
	for (id = 1; id <= 5; id += 2)
		fake_h2_frame(other, NGHTTP2_HEADERS, 5, id, HOLD,
			sizeof(HOLD) - 1);
	assert_true(fake_is_finished(fake_h2_conn(other)));
	assert_hit(ENGINEIO_COUNT_HTTP2_STREAMS, 1);
	assert_int_equal(web->calls, 2);
	fake_h2_free(other);
}

/* Before it can know of the limit. */
static void streams__beyond_the_limit_at_first__may_be_tried_again(void **state)
{
	struct fake_conn *c = fake_connect(web->loop);
	struct eio__strbuf b;
	int32_t id;

	set(ENGINEIO_HTTP2_STREAMS, 2);
	eio__strbuf_init(&b, 0);
	fake_h2_add_preface(&b);
	for (id = 1; id <= 5; id += 2)
		fake_h2_add_frame(&b, NGHTTP2_HEADERS, 5, id, HOLD,
			sizeof(HOLD) - 1);
	fake_send(c, b.data, b.len);
	eio__strbuf_clear(&b);
	assert_false(fake_is_finished(c));
	assert_hit(ENGINEIO_COUNT_HTTP2_STREAMS, 1);
	assert_int_equal(web->calls, 2);
	fake_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(target__too_long__is_414),
		T(fields__too_many__are_431),
		T(fields__too_large__are_431),
		T(head__without_end__ends_the_connection),
		T(request__malformed__is_reset_alone),
		T(connect__of_any_kind__is_refused),
		T(trailers__of_a_body__are_ignored),
		T(body__without_end__is_408),
		T(body__of_an_undecided_request__waits_in_bounds),
		T(bodies__of_many_requests__come_one_after_the_other),
		T(body__behind_its_answer__is_dropped),
		T(decision__later__lets_the_request_go_on),
		T(decision__no__is_403),
		T(decision__never__is_503),
		T(decision__of_a_client_that_left__is_closed),
		T(decision__taken_when_the_client_leaves__does_no_harm),
		T(streams__beyond_the_limit__end_the_connection),
		T(streams__beyond_the_limit_at_first__may_be_tried_again),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
