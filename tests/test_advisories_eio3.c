/* SPDX-License-Identifier: MIT */
/*
 * test_advisories_eio3.c: published advisories against other servers that
 * have to do with Engine.IO 3, as cases for this one. Behind each of them the
 * server lives, holds nothing of it, and another client noticed nothing.
 */
#include <config.h>

#include "fake_app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define PATH     "/engine.io/"
#define MILLION  1000000

/* Another client, that stays. */
static struct fake_ws *bystander;

static int setup(void **state)
{
	struct fake_app *app;

	if (fake_app_setup(state))
		return -1;
	app = *state;
	bystander = fake_app_ws(app);
	return eio_server_set_option(app->srv, ENGINEIO_ALLOW_EIO3, 1);
}

static int teardown(void **state)
{
	struct fake_app *app = *state;

	fake_app_told(app);
	fake_ws_send(bystander, "4still here");
	assert_string_equal(fake_app_told(app), "text still here");
	assert_int_equal(eio_server_sessions(app->srv), 1);
	fake_ws_free(bystander);
	return fake_app_teardown(state);
}

/* -- CVE-2020-36048 ------------------------------------------------------ */

struct body {
	const char *name, *piece; /* repeated to a million bytes */
	size_t len;
	int revision;
	bool octets;
	int status;
};

#define TEXT(name, piece, revision, status) \
	{ \
		name, piece, sizeof(piece) - 1, revision, false, status \
	}
#define OCTETS(name, piece, status) \
	{ \
		name, piece, sizeof(piece) - 1, 3, true, status \
	}

static void add_million(struct eio__strbuf *request, const struct body *b)
{
	size_t i;

	for (i = 0; i + b->len <= MILLION; i += b->len)
		eio__strbuf_add(request, b->piece, b->len);
	for (; i < MILLION; i++)
		eio__strbuf_addc(request, b->piece[0]);
}

static int post_million(struct fake_poll *p, const struct body *b)
{
	struct fake_conn *c = fake_connect(p->loop);
	struct eio__strbuf request;
	struct fake_reply r;
	char target[256];
	int status;

	fake_poll_target(p, target);
	eio__strbuf_init(&request, 0);
	eio__strbuf_printf(&request,
		"POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n"
		"Content-Type: %s\r\n\r\n",
		target, MILLION,
		b->octets ? "application/octet-stream" : "text/plain");
	add_million(&request, b);
	fake_send(c, request.data, request.len);
	eio__strbuf_clear(&request);
	r = fake_reply(c);
	status = r.status;
	fake_reply_clear(&r);
	fake_free(c);
	return status;
}

/* Seconds of CPU; a parser that copies what is left for each packet needs
 * minutes. Generous, for valgrind. */
#define SECONDS 20

static void post_and_look(struct fake_app *app, const struct body *b)
{
	struct fake_poll *p = fake_poll_open_with(app->loop, PATH,
		b->revision == 3 ? "&EIO=3" : "");
	clock_t start = clock();
	int status = post_million(p, b);

	if (status != b->status)
		fail_msg("%s: %d", b->name, status);
	assert_true(clock() - start < SECONDS * CLOCKS_PER_SEC);
	/* What waits for the client is no more than it was before. */
	assert_true(eio_socket_queued(app->s) < 10000);
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	fake_poll_free(p);
	eio__strbuf_reset(&app->diary);
}

static void
cve_2020_36048__a_million_bytes_of_tiny_packets__cost_no_more(void **state)
{
	static const struct body bodies[] = {
		TEXT("pings", "1:2", 3, 400),
		TEXT("noops", "1:6", 3, 400),
		TEXT("nothings", "0:", 3, 200),
		TEXT("digits", "1", 3, 400),
		TEXT("colons", ":", 3, 400),
		TEXT("zeros", "0", 3, 400),
		TEXT("wrong lengths", "9:4", 3, 400),
		TEXT("a length of a million digits", "9", 3, 400),
		OCTETS("octets", "\0\1\xff\x36", 200),
		OCTETS("octets of pings", "\0\1\xff\x32", 200),
		OCTETS("empty octets", "\1\0\xff", 400),
		OCTETS("octets without a length", "\0", 400),
		OCTETS("octets without an end", "\0\11\11\11", 400),
		OCTETS("octets that are only ends", "\xff", 400),
		TEXT("separators", "\x1e", 4, 400),
		TEXT("noops of 4", "6\x1e", 4, 400),
		TEXT("one long ping", "2", 4, 200),
		TEXT("one long message", "4", 4, 200),
	};
	struct fake_app *app = *state;
	size_t i;

	/* The parsers have to do all of it. */
	eio_server_set_option(app->srv, ENGINEIO_MAX_POST_PACKETS, MILLION);
	for (i = 0; i < COUNT(bodies); i++)
		post_and_look(app, &bodies[i]);
}

/* A length that is believed before the bytes are there. */
static void cve_2020_36048__a_huge_length__is_an_error(void **state)
{
	static const char *const lengths[] = { "1000000:4", "4294967297:4",
		"18446744073709551617:4", "9223372036854775807:4",
		"99999999999999999999999999999999999999999999999999:4" };
	struct fake_app *app = *state;
	struct fake_poll *p;
	size_t i;

	for (i = 0; i < COUNT(lengths); i++) {
		p = fake_poll_open_with(app->loop, PATH, "&EIO=3");
		fake_app_told(app);
		assert_int_equal(fake_poll_post(p, lengths[i]), 400);
		assert_string_equal(fake_app_told(app),
			"close parse error: undecodable packet");
		fake_poll_free(p);
	}
}

/* -- CVE-2026-102599 ----------------------------------------------------- */

/* The other server let it pass, took the "2" for what its timers are for,
 * and died of a timer that was not there. */
static void mix(struct fake_app *app, int own, const char *other)
{
	struct fake_poll *p =
		fake_poll_open_with(app->loop, PATH, own == 3 ? "&EIO=3" : "");
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;
	char target[256];

	snprintf(target, sizeof(target), PATH "?%stransport=websocket&sid=%s",
		other, p->sid);
	fake_request(c, "GET", target, fake_ws_headers, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, "Bad request");
	fake_reply_clear(&r);
	fake_free(c);
	snprintf(target, sizeof(target), PATH "?%stransport=polling&sid=%s",
		other, p->sid);
	r = fake_http(app->loop, "POST", target, NULL, own == 3 ? "2" : "1:2");
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, "{\"code\":3,\"message\":\"Bad request\"}");
	fake_reply_clear(&r);
	/* The session itself is as it was. */
	fake_app_told(app);
	assert_int_equal(fake_poll_post(p, own == 3 ? "3:4hi" : "4hi"), 200);
	assert_string_equal(fake_app_told(app), "text hi");
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	fake_poll_free(p);
}

static void cve_2026_102599__another_revision__is_refused_first(void **state)
{
	static const char *const others[] = { "", "EIO=3&", "EIO=&", "EIO=5&" };
	size_t i;

	for (i = 0; i < COUNT(others); i++)
		mix(*state, 4, others[i]);
	mix(*state, 3, "EIO=4&");
}

/* Not allowed, it is the same. */
static void cve_2026_102599__without_old_clients__is_refused_too(void **state)
{
	struct fake_app *app = *state;

	eio_server_set_option(app->srv, ENGINEIO_ALLOW_EIO3, 0);
	mix(app, 4, "");
	mix(app, 4, "EIO=3&");
}

/* What the crash was: "5", then "2", on a session of either revision. */
static void cve_2026_102599__ping_behind_an_upgrade__ends_nothing(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_poll_open_with(app->loop, PATH, "&EIO=3");
	struct fake_ws *ws = fake_poll_candidate(p);

	fake_ws_send(ws, "5");
	fake_ws_send(ws, "2");
	assert_string_equal(fake_ws_next(ws), "3");
	fake_ws_free(ws);
	fake_poll_free(p);
	p = fake_poll_open(app->loop, PATH);
	ws = fake_poll_candidate(p);
	fake_app_told(app);
	fake_ws_send(ws, "5");
	fake_ws_send(ws, "2");
	assert_string_equal(fake_app_told(app),
		"close transport error: invalid heartbeat direction");
	fake_ws_free(ws);
	fake_poll_free(p);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cve_2020_36048__a_million_bytes_of_tiny_packets__cost_no_more),
		TEST(cve_2020_36048__a_huge_length__is_an_error),
		TEST(cve_2026_102599__another_revision__is_refused_first),
		TEST(cve_2026_102599__without_old_clients__is_refused_too),
		TEST(cve_2026_102599__ping_behind_an_upgrade__ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
