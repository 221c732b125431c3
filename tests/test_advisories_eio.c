/* SPDX-License-Identifier: MIT */
/*
 * test_advisories_eio.c: what was reported against engine.io and its
 * relatives, one test for each under its name, and cases of our own.
 *
 * Beside every test there is a session that has no part in it; at the end it
 * must answer, and nothing else may be left.
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
#define MEGABYTE 1000000
#define POLL     "/engine.io/?EIO=4&transport=polling"
#define POLL3    "/engine.io/?EIO=3&transport=polling"
#define WS       "/engine.io/?EIO=4&transport=websocket"
#define HOST     "Host: a\r\n"
#define UPGRADE \
	HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n" \
	     "Sec-WebSocket-Version: 13\r\n" \
	     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static struct fake_ws *bystander;

static int setup(void **state)
{
	struct fake_app *app;
	int err = fake_app_setup(state);

	app = *state;
	eio_server_set_option(app->srv, ENGINEIO_ALLOW_EIO3, 1);
	eio_server_set_log(app->srv, ENGINEIO_LOG_ERROR, NULL, NULL);
	bystander = fake_app_ws(app);
	return err;
}

static int teardown(void **state)
{
	struct fake_app *app = *state;

	fake_app_told(app);
	fake_ws_send(bystander, "4alive");
	assert_string_equal(fake_app_told(app), "text alive");
	fake_turn(app->loop);
	assert_int_equal(fake_open_conns(app->loop), 1);
	fake_ws_free(bystander);
	return fake_app_teardown(state);
}

/* The ids and targets of the session opened last. */
static const char *target_of(struct fake_app *app, const char *query)
{
	static char target[256];

	snprintf(target, sizeof(target), "/engine.io/?%s&sid=%s", query,
		eio_socket_id(app->s));
	return target;
}

static int status_of(struct fake_app *app, const char *method,
	const char *target, const char *headers, const char *body)
{
	struct fake_reply r =
		fake_http(app->loop, method, target, headers, body);
	int status = r.status;

	fake_reply_clear(&r);
	return status;
}

/* -- CVE-2020-36048: parsing that costs more than its size --------------- */

struct cost {
	const char *piece;
	size_t len;
	const char *type;
	int status;
};

static void post_much(struct fake_app *app, const char *query,
	const struct cost *cost)
{
	struct fake_conn *c = fake_connect(app->loop);
	struct eio__strbuf b;
	struct fake_reply r;
	size_t n = MEGABYTE / cost->len;

	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b,
		"POST %s HTTP/1.1\r\n" HOST "Content-Type: %s\r\n"
		"Content-Length: %zu\r\n\r\n",
		target_of(app, query), cost->type, n * cost->len);
	while (n--)
		eio__strbuf_add(&b, cost->piece, cost->len);
	fake_send(c, b.data, b.len);
	eio__strbuf_clear(&b);
	r = fake_reply(c);
	assert_int_equal(r.status, cost->status);
	fake_reply_clear(&r);
	/* One answer, no more. */
	r = fake_reply(c);
	assert_int_equal(r.status, 0);
	fake_reply_clear(&r);
	fake_free(c);
}

static void end_session(struct fake_app *app)
{
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	fake_app_told(app);
}

static void cve_2020_36048__a_megabyte_of_the_worst__is_one_pass(void **state)
{
#define ROW(text, type, status) \
	{ \
		text, sizeof(text) - 1, type, status \
	}
	static const struct cost rows[] = {
		ROW("\x1e", "text/plain", 400),
		ROW("6\x1e", "text/plain", 400),
		ROW("2", "text/plain", 200),
		ROW("4x", "text/plain", 200),
		ROW("b", "text/plain", 400),
	};
	struct fake_app *app = *state;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(status_of(app, "GET", POLL, NULL, NULL), 200);
		post_much(app, "EIO=4&transport=polling", &rows[i]);
		end_session(app);
	}
}

static void cve_2020_36048__payloads_of_revision_3__are_one_pass(void **state)
{
	static const struct cost rows[] = {
		ROW("1:2", "text/plain", 400),
		ROW("0:", "text/plain", 200),
		ROW("9", "text/plain", 400),
		ROW("1:6", "text/plain", 400),
		ROW("\x00\x01\xff"
		    "2",
			"application/octet-stream", 400),
		ROW("\x00\x09", "application/octet-stream", 400),
	};
	struct fake_app *app = *state;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(status_of(app, "GET", POLL3, NULL, NULL), 200);
		post_much(app, "EIO=3&transport=polling", &rows[i]);
		end_session(app);
	}
#undef ROW
}

/* -- CVE-2022-21676: rubbish right behind an upgrade request -------------- */

static void
cve_2022_21676__invalid_frame_with_the_request__is_closed(void **state)
{
	static const struct {
		const char *query, *answer;
	} rows[] = {
		{ "EIO=4&transport=websocket", "HTTP/1.1 101 " },
		{ "EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAA",
			"HTTP/1.1 400 " },
		{ "EIO=4&transport=nothing", "HTTP/1.1 400 " },
		{ "EIO=3&transport=websocket", "HTTP/1.1 101 " },
	};
	struct fake_app *app = *state;
	struct fake_conn *c;
	char bytes[512];
	size_t i;
	int n;

	for (i = 0; i < COUNT(rows); i++) {
		c = fake_connect(app->loop);
		n = snprintf(bytes, sizeof(bytes),
			"GET /engine.io/?%s HTTP/1.1\r\n" UPGRADE
			"\xff\xff\xff\xff\xff\xff\xff\xff",
			rows[i].query);
		fake_send(c, bytes, (size_t)n);
		assert_memory_equal(fake_received(c)->data, rows[i].answer, 13);
		assert_true(fake_is_finished(c));
		fake_free(c);
	}
}

static void cve_2022_21676__on_a_candidate__leaves_the_session(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	char bytes[512];
	int n = snprintf(bytes, sizeof(bytes),
		"GET " WS "&sid=%s HTTP/1.1\r\n" UPGRADE "\xff\xff\xff\xff\xff",
		p->sid);

	fake_send(c, bytes, (size_t)n);
	assert_true(fake_is_finished(c));
	fake_free(c);
	assert_int_equal(fake_poll_post(p, "4on"), 200);
	assert_string_equal(fake_app_told(app), "text on");
	fake_poll_free(p);
	end_session(app);
}

/* -- CVE-2022-41940: reset of an upgrade that nobody wanted -------------- */

static void cve_2022_41940__reset_on_a_foreign_path__is_nothing(void **state)
{
	static const uint64_t after[] = { 0, 1, 500, 1000, 5000 };
	static const char *const heads[] = {
		"GET /elsewhere HTTP/1.1\r\n" UPGRADE,
		"GET / HTTP/1.1\r\n" HOST "Connection: Upgrade, HTTP2-Settings"
		"\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
	};
	struct fake_app *app = *state;
	struct fake_conn *c;
	size_t i, j;

	for (i = 0; i < COUNT(after); i++)
		for (j = 0; j < COUNT(heads); j++) {
			c = fake_connect(app->loop);
			fake_puts(c, heads[j]);
			fake_advance(app->loop, after[i]);
			fake_reset(c);
			fake_advance(app->loop, 5000);
			fake_ws_send(bystander, "3");
			fake_free(c);
		}
}

/* -- names that every JavaScript object has ------------------------------ */

static const char *const prototype_names[] = { "__proto__", "constructor",
	"toString", "hasOwnProperty", "valueOf", "" };

static void cve_2023_31125__transport_of_such_a_name__is_refused(void **state)
{
	struct fake_app *app = *state;
	char target[256];
	size_t i;

	for (i = 0; i < COUNT(prototype_names); i++) {
		snprintf(target, sizeof(target),
			"/engine.io/?EIO=4&transport=%s", prototype_names[i]);
		assert_int_equal(status_of(app, "GET", target, NULL, NULL),
			400);
		assert_int_equal(status_of(app, "GET", target, fake_ws_headers,
					 NULL),
			400);
		snprintf(target, sizeof(target),
			"/engine.io/?EIO=4&transport=%s&sid=%s",
			prototype_names[i], prototype_names[i]);
		assert_int_equal(status_of(app, "GET", target, fake_ws_headers,
					 NULL),
			400);
	}
	assert_int_equal(status_of(app, "GET", "/engine.io/?EIO=4",
				 fake_ws_headers, NULL),
		400);
}

static void cve_2023_31125__transport_of_64_kb__is_too_long(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct eio__strbuf b;
	size_t i;

	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "GET /engine.io/?EIO=4&transport=");
	for (i = 0; i < 65536; i++)
		eio__strbuf_addc(&b, 'x');
	eio__strbuf_adds(&b, " HTTP/1.1\r\n" UPGRADE);
	fake_send(c, b.data, b.len);
	assert_memory_equal(fake_received(c)->data, "HTTP/1.1 414 ", 13);
	eio__strbuf_clear(&b);
	fake_free(c);
}

static void cve_2026_59724__sid_of_such_a_name__is_unknown(void **state)
{
	struct fake_app *app = *state;
	char target[256];
	size_t i;

	for (i = 0; *prototype_names[i]; i++) {
		snprintf(target, sizeof(target), POLL "&sid=%s",
			prototype_names[i]);
		assert_int_equal(status_of(app, "GET", target, NULL, NULL),
			400);
		assert_int_equal(status_of(app, "POST", target, NULL, "4x"),
			400);
		snprintf(target, sizeof(target), WS "&sid=%s",
			prototype_names[i]);
		assert_int_equal(status_of(app, "GET", target, fake_ws_headers,
					 NULL),
			400);
	}
	assert_string_equal(fake_app_told(app), "");
}

/* -- CVE-2026-59725: octets over revision 4 ------------------------------ */

static void cve_2026_59725__octets__are_answered_and_end_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_int_equal(status_of(app, "POST",
				 target_of(app, "EIO=4&transport=polling"),
				 "Content-Type: application/octet-stream\r\n",
				 "4x"),
		400);
	assert_string_equal(fake_app_told(app),
		"close transport error: invalid content");
	fake_poll_free(p);
}

static void cve_2026_59725__octets_never_completed__are_freed(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	char head[512];

	snprintf(head, sizeof(head),
		"POST %s HTTP/1.1\r\n" HOST
		"Content-Type: application/octet-stream\r\n"
		"Content-Length: 1000\r\n\r\nab",
		target_of(app, "EIO=4&transport=polling"));
	fake_puts(c, head);
	assert_memory_equal(fake_received(c)->data, "HTTP/1.1 400 ", 13);
	/* Somebody pings the bystander meanwhile. */
	fake_advance(app->loop, 24000);
	assert_false(fake_ws_is_closed(bystander));
	fake_free(c);
	fake_poll_free(p);
	fake_app_told(app);
}

/* -- CVE-2026-102599: another revision than the session's ---------------- */

static void
cve_2026_102599__upgrade_of_another_revision__is_refused(void **state)
{
	static const char *const queries[] = { "transport=websocket",
		"EIO=3&transport=websocket", "EIO=&transport=websocket" };
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	size_t i;

	for (i = 0; i < COUNT(queries); i++)
		assert_int_equal(status_of(app, "GET",
					 target_of(app, queries[i]),
					 fake_ws_headers, NULL),
			400);
	assert_int_equal(fake_poll_post(p, "4on"), 200);
	assert_string_equal(fake_app_told(app), "text on");
	fake_poll_free(p);
	end_session(app);
	/* The other way round. */
	assert_int_equal(status_of(app, "GET", POLL3, NULL, NULL), 200);
	assert_int_equal(status_of(app, "GET",
				 target_of(app, "EIO=4&transport=websocket"),
				 fake_ws_headers, NULL),
		400);
	end_session(app);
}

/* -- neighbours ---------------------------------------------------------- */

static void cve_2026_48802__pongs_nobody_asked_for__start_nothing(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	unsigned i, pings = 0;

	for (i = 0; i < 10000; i++)
		fake_ws_send(ws, "3");
	fake_advance(app->loop, 25000);
	while (fake_ws_next(ws))
		pings++;
	assert_int_equal(pings, 1);
	fake_ws_send(bystander, "3");
	fake_ws_free(ws);
	fake_app_told(app);
}

static void ghsa_pxg6_pf52_xh8x__cookie_that_says_more__is_not_set(void **state)
{
	static const char *const names[] = { "", "a b", "a=b", "a;b",
		"a\r\nb" };
	struct fake_app *app = *state;
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		assert_int_equal(eio_server_set_cookie(app->srv, names[i],
					 NULL),
			ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_cookie(app->srv, "io",
				 "Path=/a; b\r\nX: y"),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_cookie(app->srv, "io",
				 "Domain=a.example\x7f"),
		ENGINEIO_ERR_INVALID);
}

static void
http_layer__line_ends_in_reflected_headers__end_nothing(void **state)
{
	static const char *const heads[] = {
		"Origin: http://a\rX-Evil: 1\r\n",
		"Origin: http://a\x0bX\r\n",
		"Access-Control-Request-Headers: a\rX-Evil: 1\r\n",
	};
	struct fake_app *app = *state;
	struct fake_conn *c;
	size_t i;

	assert_int_equal(eio_server_set_cors(app->srv, "*"), 0);
	for (i = 0; i < COUNT(heads); i++) {
		c = fake_connect(app->loop);
		fake_puts(c, "OPTIONS " POLL " HTTP/1.1\r\n" HOST);
		fake_puts(c, heads[i]);
		fake_puts(c, "\r\n");
		assert_null(strstr(fake_received(c)->data, "X-Evil"));
		assert_memory_equal(fake_received(c)->data, "HTTP/1.1 400 ",
			13);
		fake_free(c);
	}
}

static void http_layer__two_lengths__are_refused(void **state)
{
	static const char *const heads[] = {
		"Content-Length: 2\r\nContent-Length: 3\r\n",
		"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
		"Content-Length: 2, 2\r\n",
		"Transfer-Encoding: chunked, identity\r\n",
	};
	struct fake_app *app = *state;
	struct fake_conn *c;
	size_t i;

	for (i = 0; i < COUNT(heads); i++) {
		c = fake_connect(app->loop);
		fake_puts(c, "POST " POLL " HTTP/1.1\r\n" HOST);
		fake_puts(c, heads[i]);
		fake_puts(c, "\r\n4x");
		assert_memory_equal(fake_received(c)->data, "HTTP/1.1 ", 9);
		assert_memory_not_equal(fake_received(c)->data, "HTTP/1.1 2",
			10);
		assert_true(fake_is_finished(c));
		fake_free(c);
	}
}

static void http_layer__body_that_dribbles__is_408(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	char head[512];
	int i;

	eio_server_set_option(app->srv, ENGINEIO_BODY_TIMEOUT, 2000);
	snprintf(head, sizeof(head),
		"POST %s HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n4",
		target_of(app, "EIO=4&transport=polling"));
	fake_puts(c, head);
	for (i = 0; i < 20; i++) {
		fake_advance(app->loop, 100);
		fake_puts(c, "x");
	}
	assert_memory_equal(fake_received(c)->data, "HTTP/1.1 408 ", 13);
	fake_free(c);
	fake_poll_free(p);
	fake_app_told(app);
}

/* -- our own ------------------------------------------------------------- */

static void own__upgrade_with_5_only__takes_over(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);

	/* As the official server: without a probe, too. */
	fake_ws_send(ws, "5");
	assert_string_equal(eio_socket_transport(app->s), "websocket");
	fake_ws_send(ws, "4on");
	assert_string_equal(fake_app_told(app), "text on");
	fake_ws_free(ws);
	fake_poll_free(p);
	fake_app_told(app);
}

static void own__two_upgrades_at_once__leave_one(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *first = fake_poll_candidate(p);

	assert_null(fake_poll_candidate(p));
	fake_ws_send(first, "2probe");
	assert_null(fake_poll_candidate(p));
	fake_ws_send(first, "5");
	assert_null(fake_poll_candidate(p));
	fake_ws_send(first, "4on");
	assert_string_equal(fake_app_told(app), "text on");
	fake_ws_free(first);
	fake_poll_free(p);
	fake_app_told(app);
}

static void own__get_and_post_closed_in_either_order__end_it_once(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *get, *post;
	struct fake_poll *p;
	char head[512];
	int order;

	for (order = 0; order < 2; order++) {
		p = fake_app_poll(app);
		get = fake_connect(app->loop);
		post = fake_connect(app->loop);
		fake_request(get, "GET",
			target_of(app, "EIO=4&transport=polling"), NULL, NULL);
		snprintf(head, sizeof(head),
			"POST %s HTTP/1.1\r\n" HOST
			"Content-Length: 10\r\n\r\n4",
			target_of(app, "EIO=4&transport=polling"));
		fake_puts(post, head);
		fake_free(order ? get : post);
		fake_free(order ? post : get);
		assert_string_equal(fake_app_told(app),
			order ? "close transport error: poll connection "
				"closed prematurely"
			      : "close transport error: data request "
				"connection closed prematurely");
		fake_poll_free(p);
	}
}

static void own__jsonp_with_record_separators__is_revision_4(void **state)
{
	struct fake_app *app = *state;

	assert_int_equal(status_of(app, "GET", POLL "&j=0", NULL, NULL), 200);
	fake_app_told(app);
	assert_int_equal(status_of(app, "POST",
				 target_of(app, "EIO=4&transport=polling&j=0"),
				 "Content-Type: "
				 "application/x-www-form-urlencoded\r\n",
				 "d=4a%1E4b"),
		200);
	assert_string_equal(fake_app_told(app), "text a | text b");
	end_session(app);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cve_2020_36048__a_megabyte_of_the_worst__is_one_pass),
		TEST(cve_2020_36048__payloads_of_revision_3__are_one_pass),
		TEST(cve_2022_21676__invalid_frame_with_the_request__is_closed),
		TEST(cve_2022_21676__on_a_candidate__leaves_the_session),
		TEST(cve_2022_41940__reset_on_a_foreign_path__is_nothing),
		TEST(cve_2023_31125__transport_of_such_a_name__is_refused),
		TEST(cve_2023_31125__transport_of_64_kb__is_too_long),
		TEST(cve_2026_59724__sid_of_such_a_name__is_unknown),
		TEST(cve_2026_59725__octets__are_answered_and_end_it),
		TEST(cve_2026_59725__octets_never_completed__are_freed),
		TEST(cve_2026_102599__upgrade_of_another_revision__is_refused),
		TEST(cve_2026_48802__pongs_nobody_asked_for__start_nothing),
		TEST(ghsa_pxg6_pf52_xh8x__cookie_that_says_more__is_not_set),
		TEST(http_layer__line_ends_in_reflected_headers__end_nothing),
		TEST(http_layer__two_lengths__are_refused),
		TEST(http_layer__body_that_dribbles__is_408),
		TEST(own__upgrade_with_5_only__takes_over),
		TEST(own__two_upgrades_at_once__leave_one),
		TEST(own__get_and_post_closed_in_either_order__end_it_once),
		TEST(own__jsonp_with_record_separators__is_revision_4),
	};

	return cmocka_run_group_tests_name("advisories of engine.io", tests,
		NULL, NULL);
}
