/* SPDX-License-Identifier: MIT */
/*
 * test_eio_headers.c: cookies, headers of the application's, and where the
 * path ends.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/cookie.h>
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
#define POLL     "/engine.io/?EIO=4&transport=polling"
#define WS       "/engine.io/?EIO=4&transport=websocket"

/* -- attributes of a cookie ---------------------------------------------- */

static void attributes__each_row__are_written_as_upstream(void **state)
{
	static const struct {
		const char *given, *written;
	} rows[] = {
		{ "", "" },
		{ ";;  ; ", "" },
		{ "HttpOnly", "; HttpOnly" },
		{ "httponly ;SECURE", "; HttpOnly; Secure" },
		{ "SameSite=lax", "; SameSite=Lax" },
		{ "samesite = STRICT", "; SameSite=Strict" },
		{ "SameSite=None; Secure; Partitioned",
			"; Secure; Partitioned; SameSite=None" },
		{ "Priority=low", "; Priority=Low" },
		{ "Priority=Medium", "; Priority=Medium" },
		{ "Priority=HIGH", "; Priority=High" },
		{ "Path=/", "; Path=/" },
		{ "Path=/a b=c,\"d\"", "; Path=/a b=c,\"d\"" },
		{ "Max-Age=86400", "; Max-Age=86400" },
		{ "Max-Age=-1", "; Max-Age=-1" },
		{ "Domain=a.example", "; Domain=a.example" },
		{ "Domain=.a-b.example", "; Domain=.a-b.example" },
		{ "Domain=localhost", "; Domain=localhost" },
		{ "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
			"; Expires=Thu, 01 Jan 1970 00:00:00 GMT" },
		{ "SameSite=Strict; Priority=High; Partitioned; Secure; "
		  "HttpOnly; Expires=Fri, 20 Nov 2026 12:34:56 GMT; Path=/p; "
		  "Domain=d; Max-Age=1",
			"; Max-Age=1; Domain=d; Path=/p; "
			"Expires=Fri, 20 Nov 2026 12:34:56 GMT; HttpOnly; "
			"Secure; Partitioned; Priority=High; SameSite=Strict" },
	};
	struct eio__strbuf out;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		eio__strbuf_init(&out, 0);
		eio__strbuf_adds(&out, "");
		assert_int_equal(eio__cookie_attributes(&out, rows[i].given),
			0);
		assert_string_equal(out.data, rows[i].written);
		eio__strbuf_clear(&out);
	}
}

static int try_attributes(const char *attributes)
{
	struct eio__strbuf out;
	int err;

	eio__strbuf_init(&out, 0);
	err = eio__cookie_attributes(&out, attributes);
	eio__strbuf_clear(&out);
	return err;
}

static void attributes__domains__have_labels_of_63(void **state)
{
	char domain[100] = "Domain=";

	memset(domain + 7, 'a', 64);
	assert_int_equal(try_attributes(domain), ENGINEIO_ERR_INVALID);
	domain[7 + 63] = '\0';
	assert_int_equal(try_attributes(domain), 0);
}

/* GHSA-pxg6-pf52-xh8x among them. */
static void attributes__that_are_none__are_refused(void **state)
{
	static const char *const rows[] = {
		"Foo",
		"Foo=bar",
		"=",
		"=a",
		"Path",
		"Path=",
		"Path=relative",
		"Path=/<b>",
		"Path=/\r\nX: y",
		"Path=/\x7f",
		"Path=/\xc3\xa9",
		"Path=/; Path=/",
		"HttpOnly=1",
		"HttpOnly; httponly",
		"Secure=",
		"Partitioned=x",
		"SameSite",
		"SameSite=",
		"SameSite=true",
		"SameSite=Lax Strict",
		"Priority=urgent",
		"Priority",
		"Max-Age",
		"Max-Age=",
		"Max-Age=-",
		"Max-Age=1.5",
		"Max-Age=1 2",
		"Max-Age=9999999999999999",
		"Max-Age=0x1",
		"Domain",
		"Domain=",
		"Domain=.",
		"Domain=a..b",
		"Domain=a.",
		"Domain=-a",
		"Domain=a-",
		"Domain=a_b",
		"Domain=a b",
		"Domain=a\r\nX: y",
		"Expires",
		"Expires=",
		"Expires=tomorrow",
		"Expires=Thu, 1 Jan 1970 00:00:00 GMT",
		"Expires=Thu, 01 Jan 1970 00:00:00 UTC",
		"Http Only",
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		if (try_attributes(rows[i]) != ENGINEIO_ERR_INVALID)
			fail_msg("%s", rows[i]);
}

static void cookie__names_that_are_none__are_refused(void **state)
{
	static const char *const names[] = { "", "a b", "a=b", "a;b", "a,b",
		"\"a\"", "a\r\nb", "\xc3\xa9", "a\x7f" };
	struct fake_app *app = *state;
	struct fake_reply r;
	size_t i;

	assert_int_equal(eio_server_set_cookie(app->srv, "good", "Secure"), 0);
	for (i = 0; i < COUNT(names); i++)
		if (eio_server_set_cookie(app->srv, names[i], NULL) !=
			ENGINEIO_ERR_INVALID)
			fail_msg("%s", names[i]);
	assert_int_equal(eio_server_set_cookie(app->srv, "io", "a=b"),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_cookie(NULL, "io", NULL),
		ENGINEIO_ERR_INVALID);
	/* What was set before is still in force. */
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_non_null(strstr(fake_reply_header(&r, "Set-Cookie"), "good="));
	fake_reply_clear(&r);
}

/* -- where the cookie is ------------------------------------------------- */

static void expect_cookie(struct fake_app *app, const struct fake_reply *r)
{
	char cookie[200];

	snprintf(cookie, sizeof(cookie),
		"io=%s; Path=/; HttpOnly; SameSite=Lax", eio_socket_id(app->s));
	assert_string_equal(fake_reply_header(r, "Set-Cookie"), cookie);
}

static void cookie__asked_for__is_on_the_handshake_alone(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;
	struct fake_poll *p;
	char target[256];

	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_string_equal(fake_reply_header(&r, "Set-Cookie"), "");
	fake_reply_clear(&r);
	assert_int_equal(eio_server_set_cookie(app->srv, "io", NULL), 0);
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	expect_cookie(app, &r);
	fake_reply_clear(&r);
	r = fake_http(app->loop, "GET", WS, fake_ws_headers, NULL);
	assert_int_equal(r.status, 101);
	expect_cookie(app, &r);
	fake_reply_clear(&r);
	p = fake_poll_open(app->loop, "/engine.io/");
	fake_app_send(app, "x");
	fake_poll_target(p, target);
	r = fake_http(app->loop, "GET", target, NULL, NULL);
	assert_int_equal(r.status, 200);
	assert_string_equal(fake_reply_header(&r, "Set-Cookie"), "");
	fake_reply_clear(&r);
	fake_poll_free(p);
	eio_server_set_cookie(app->srv, NULL, NULL);
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_string_equal(fake_reply_header(&r, "Set-Cookie"), "");
	fake_reply_clear(&r);
}

/* However it is refused: it would name a session that never was. The official
 * server sends none either, and nothing of CORS. */
static void cookie__of_a_bad_websocket__is_not_sent(void **state)
{
	static const char *const rows[] = {
		"Sec-WebSocket-Version: 13\r\n",
		"Sec-WebSocket-Key: bad\r\nSec-WebSocket-Version: 13\r\n",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: ,\r\n",
	};
	struct fake_app *app = *state;
	struct fake_reply r;
	char headers[300];
	size_t i;

	eio_server_set_cookie(app->srv, "io", NULL);
	eio_server_set_cors(app->srv, "*");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(headers, sizeof(headers),
			"Connection: Upgrade\r\nUpgrade: websocket\r\n%s",
			rows[i]);
		r = fake_http(app->loop, "GET", WS, headers, NULL);
		assert_int_equal(r.status, 400);
		assert_string_equal(fake_reply_header(&r, "Set-Cookie"), "");
		assert_string_equal(fake_reply_header(&r,
					    "Access-Control-Allow-Origin"),
			"");
		fake_reply_clear(&r);
	}
	assert_int_equal(app->closed, 0);
}

/* It would name a session that never was. */
static void cookie__of_a_refused_websocket__is_not_sent(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;

	eio_server_set_cookie(app->srv, "io", NULL);
	eio_server_set_cors(app->srv, "*");
	r = fake_http(app->loop, "GET", WS,
		"Connection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 14\r\n",
		NULL);
	assert_int_equal(r.status, 400);
	assert_string_equal(fake_reply_header(&r, "Set-Cookie"), "");
	assert_string_equal(fake_reply_header(&r, "Sec-WebSocket-Version"),
		"13, 8");
	fake_reply_clear(&r);
}

/* -- headers of the application's ---------------------------------------- */

struct asker {
	struct fake_app *app;
	unsigned first, later;
	void (*then)(struct asker *a, eio_request *req);
};

static void on_headers(eio_request *req, bool first, void *user)
{
	struct asker *a = user;

	if (first)
		a->first++;
	else
		a->later++;
	eio_request_set_header(req, "X-Each", first ? "first" : "later");
	eio_request_set_header(req, "X-Agent",
		eio_request_header(req, "user-agent")
			? eio_request_header(req, "user-agent")
			: "none");
	if (a->then)
		a->then(a, req);
}

static void expect_each(struct fake_app *app, const char *method,
	const char *target, const char *headers, const char *each)
{
	struct fake_reply r = fake_http(app->loop, method, target, headers,
		strcmp(method, "POST") == 0 ? "4x" : NULL);

	assert_string_equal(fake_reply_header(&r, "X-Each"), each);
	fake_reply_clear(&r);
}

static void headers__of_the_application__are_on_each_answer(void **state)
{
	struct fake_app *app = *state;
	struct asker a = { app, 0, 0, NULL };
	struct fake_poll *p;
	char target[256];

	eio_server_on_headers(app->srv, on_headers, &a);
	expect_each(app, "GET", POLL, NULL, "first");
	expect_each(app, "GET", WS, fake_ws_headers, "first");
	assert_int_equal(a.first, 2);
	p = fake_poll_open(app->loop, "/engine.io/");
	fake_poll_target(p, target);
	expect_each(app, "POST", target, NULL, "later");
	fake_app_send(app, "x");
	expect_each(app, "GET", target, "User-Agent: u\r\n", "later");
	assert_int_equal(a.later, 2);
	/* Not on what is refused. */
	expect_each(app, "GET", "/engine.io/", NULL, "");
	expect_each(app, "GET", POLL "&sid=unknown", NULL, "");
	expect_each(app, "GET", WS, NULL, "");
	expect_each(app, "GET", "/", NULL, "");
	assert_int_equal(a.first + a.later, 5);
	fake_poll_free(p);
	eio_server_on_headers(app->srv, NULL, NULL);
	expect_each(app, "GET", POLL, NULL, "");
}

static void replace_ours(struct asker *a, eio_request *req)
{
	eio_request_set_header(req, "cache-control", "private");
	eio_request_set_header(req, "Content-Type", "text/x-payload");
	eio_request_set_header(req, "Access-Control-Allow-Origin", "null");
	eio_request_add_header(req, "Set-Cookie", "more=1");
}

static void headers__of_the_application__replace_ours(void **state)
{
	struct fake_app *app = *state;
	struct asker a = { app, 0, 0, replace_ours };
	struct fake_reply r;

	eio_server_set_cors(app->srv, "*");
	eio_server_set_cookie(app->srv, "io", NULL);
	eio_server_on_headers(app->srv, on_headers, &a);
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_string_equal(fake_reply_header(&r, "Cache-Control"), "private");
	assert_null(strstr(r.head, "no-store"));
	assert_null(strstr(r.head, "text/plain"));
	assert_null(strstr(r.head, "Allow-Origin: *"));
	assert_non_null(strstr(r.head, "text/x-payload"));
	assert_non_null(strstr(r.head, "Set-Cookie: more=1"));
	assert_non_null(strstr(r.head, "Set-Cookie: io="));
	fake_reply_clear(&r);
}

static void answer_myself(struct asker *a, eio_request *req)
{
	eio_request_respond(req, 402, NULL, NULL, 0);
}

static void end_session(struct asker *a, eio_request *req)
{
	eio_socket_abort(a->app->s, ENGINEIO_REASON_FORCED_CLOSE, "enough");
}

static void end_server(struct asker *a, eio_request *req)
{
	fake_app_free_server(a->app);
}

static void hook__answers_itself__is_the_answer(void **state)
{
	struct fake_app *app = *state;
	struct asker a = { app, 0, 0, answer_myself };
	struct fake_reply r;

	eio_server_on_headers(app->srv, on_headers, &a);
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_int_equal(r.status, 402);
	fake_reply_clear(&r);
	r = fake_http(app->loop, "GET", WS, fake_ws_headers, NULL);
	assert_int_equal(r.status, 402);
	fake_reply_clear(&r);
	assert_int_equal(app->opened, 0);
}

static void hook__ends_the_session__the_request_is_refused(void **state)
{
	static const char *const requests[] = { "GET", "POST" };
	struct fake_app *app = *state;
	struct asker a = { app, 0, 0, NULL };
	struct fake_reply r;
	struct fake_poll *p;
	char target[256];
	size_t i;

	eio_server_on_headers(app->srv, on_headers, &a);
	for (i = 0; i < COUNT(requests); i++) {
		a.then = NULL;
		p = fake_poll_open(app->loop, "/engine.io/");
		fake_poll_target(p, target);
		a.then = end_session;
		r = fake_http(app->loop, requests[i], target, NULL, "4x");
		assert_int_equal(r.status, 400);
		assert_string_equal(r.body,
			"{\"code\":1,\"message\":\"Session ID unknown\"}");
		fake_reply_clear(&r);
		fake_poll_free(p);
	}
}

static void hook__frees_the_server__nothing_breaks(void **state)
{
	struct fake_app *app = *state;
	struct asker a = { app, 0, 0, end_server };
	struct fake_conn *c = fake_connect(app->loop);

	eio_server_on_headers(app->srv, on_headers, &a);
	fake_request(c, "GET", POLL, NULL, NULL);
	assert_true(fake_is_finished(c));
	fake_free(c);
}

/* Where the connection is the host's, it goes on. */
static void free_guest(eio_request *req, bool first, void *user)
{
	eio_server **guest = user;

	eio_server_free(*guest);
	*guest = NULL;
}

static void hook__frees_a_guest__the_request_is_answered(void **state)
{
	struct fake_app *app = *state;
	eio_server *guest = eio_server_new(app->loop);
	struct fake_reply r;

	eio_server_set_path(guest, "/guest");
	eio_server_attach(guest, app->srv);
	eio_server_on_headers(guest, free_guest, &guest);
	r = fake_http(app->loop, "GET", "/guest/?EIO=4&transport=polling", NULL,
		NULL);
	assert_int_equal(r.status, 503);
	fake_reply_clear(&r);
	assert_null(guest);
}

static void count_error(eio_request *req,
	const struct eio_connection_error *error, void *user)
{
	unsigned *n = user;

	(*n)++;
}

static void count_line(enum eio_log_level level, const char *line, void *user)
{
	unsigned *n = user;

	/* Its end is told while it is being freed. */
	if (strstr(line, "refused"))
		(*n)++;
}

/* Whoever freed it is told nothing more, though its request is answered. */
static void hook__frees_a_guest__the_guest_is_silent(void **state)
{
	struct fake_app *app = *state;
	eio_server *guest = eio_server_new(app->loop);
	unsigned told = 0;
	char target[256];
	struct fake_poll *p;
	struct fake_reply r;

	eio_server_set_path(guest, "/guest");
	eio_server_attach(guest, app->srv);
	eio_server_on_connection_error(guest, count_error, &told);
	eio_server_set_log(guest, ENGINEIO_LOG_INFO, count_line, &told);
	p = fake_poll_open(app->loop, "/guest/");
	assert_non_null(p);
	eio_server_on_headers(guest, free_guest, &guest);
	fake_poll_target(p, target);
	r = fake_http(app->loop, "GET", target, NULL, NULL);
	assert_int_equal(r.status, 400);
	fake_reply_clear(&r);
	assert_null(guest);
	assert_int_equal(told, 0);
	fake_poll_free(p);
}

/* -- the path ------------------------------------------------------------ */

static void path__without_its_slash__ends_where_a_name_does(void **state)
{
	static const struct {
		const char *target;
		int with, without;
	} rows[] = {
		{ "/engine.io/", 200, 200 },
		{ "/engine.io/more", 200, 200 },
		{ "/engine.io", 404, 200 },
		{ "/engine.iox", 404, 404 },
		{ "/engine.io.js", 404, 404 },
		{ "/engine.i", 404, 404 },
		{ "/ENGINE.IO", 404, 404 },
	};
	struct fake_app *app = *state;
	struct fake_reply r;
	char target[100];
	size_t i, slash;

	for (i = 0; i < 2 * COUNT(rows); i++) {
		slash = i % 2;
		assert_int_equal(eio_server_set_option(app->srv,
					 ENGINEIO_ADD_TRAILING_SLASH,
					 (long)slash),
			0);
		snprintf(target, sizeof(target), "%s?EIO=4&transport=polling",
			rows[i / 2].target);
		r = fake_http(app->loop, "GET", target, NULL, NULL);
		assert_int_equal(r.status,
			slash ? rows[i / 2].with : rows[i / 2].without);
		fake_reply_clear(&r);
	}
	assert_int_equal(eio_server_set_option(app->srv,
				 ENGINEIO_ADD_TRAILING_SLASH, 2),
		ENGINEIO_ERR_INVALID);
}

/* -- compression --------------------------------------------------------- */

/* The length of a poll's answer at that level. */
static size_t compressed_at(struct fake_app *app, long level)
{
	struct fake_poll *p = fake_app_poll(app);
	struct fake_reply r;
	char target[256], text[9000];
	size_t i, len;

	assert_int_equal(eio_server_set_option(app->srv,
				 ENGINEIO_COMPRESSION_LEVEL, level),
		0);
	for (i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('a' + i * i / 7 % 13 + i / 50 % 7);
	text[i] = '\0';
	fake_app_send(app, text);
	fake_poll_target(p, target);
	r = fake_http(app->loop, "GET", target, "Accept-Encoding: gzip\r\n",
		NULL);
	assert_string_equal(fake_reply_header(&r, "Content-Encoding"), "gzip");
	len = r.len;
	fake_reply_clear(&r);
	fake_poll_free(p);
	fake_app_told(app);
	return len;
}

static void compression__at_a_higher_level__is_shorter(void **state)
{
	struct fake_app *app = *state;

	assert_true(compressed_at(app, 9) < compressed_at(app, 1));
	assert_int_equal(eio_server_set_option(app->srv,
				 ENGINEIO_COMPRESSION_LEVEL, 10),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_option(app->srv,
				 ENGINEIO_COMPRESSION_LEVEL, 0),
		ENGINEIO_ERR_INVALID);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes__each_row__are_written_as_upstream),
		cmocka_unit_test(attributes__domains__have_labels_of_63),
		cmocka_unit_test(attributes__that_are_none__are_refused),
		TEST(cookie__names_that_are_none__are_refused),
		TEST(cookie__asked_for__is_on_the_handshake_alone),
		TEST(cookie__of_a_bad_websocket__is_not_sent),
		TEST(cookie__of_a_refused_websocket__is_not_sent),
		TEST(headers__of_the_application__are_on_each_answer),
		TEST(headers__of_the_application__replace_ours),
		TEST(hook__answers_itself__is_the_answer),
		TEST(hook__ends_the_session__the_request_is_refused),
		TEST(hook__frees_the_server__nothing_breaks),
		TEST(hook__frees_a_guest__the_request_is_answered),
		TEST(hook__frees_a_guest__the_guest_is_silent),
		TEST(path__without_its_slash__ends_where_a_name_does),
		TEST(compression__at_a_higher_level__is_shorter),
	};

	return cmocka_run_group_tests_name("headers", tests, NULL, NULL);
}
