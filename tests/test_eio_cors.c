/* SPDX-License-Identifier: MIT */
/*
 * test_eio_cors.c: what pages of other origins are told. That it is what the
 * official server says byte for byte is shown by compare/cases/cors.mjs; here
 * are the settings one by one, and what must never be said.
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
#define POLL     "/engine.io/?EIO=4&transport=polling"
#define WS       "/engine.io/?EIO=4&transport=websocket"
#define A        "http://a.example"
#define FROM(o)  "Origin: " o "\r\n"
#define ASKED    "Access-Control-Request-Method: POST\r\n"
#define LONG     "http://" TEN TEN TEN TEN TEN TEN
#define TEN      "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee" FIFTY
#define FIFTY    "ffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjj"

/* The headers of CORS in an answer, in the order they come: the end of each
 * name, its value. */
static const char *said(eio_loop *loop, const char *method, const char *target,
	const char *headers)
{
	static char text[2048];
	struct fake_reply r = fake_http(loop, method, target, headers, NULL);
	const char *line, *end;
	size_t len = 0;

	text[0] = '\0';
	for (line = strchr(r.head, '\n'); line; line = strchr(line, '\n')) {
		line++;
		end = strstr(line, "\r\n");
		if (strncmp(line, "Access-Control-", 15) == 0)
			line += 15;
		else if (strncmp(line, "Vary:", 5) != 0)
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len,
			"%s%.*s", len ? "; " : "", (int)(end - line), line);
	}
	fake_reply_clear(&r);
	return text;
}

static bool logged(struct fake_app *app, const char *text)
{
	eio_server_listen(app->srv, NULL, 0);
	return fake_app_logged(app, text);
}

static int status(eio_loop *loop, const char *method, const char *target,
	const char *headers)
{
	struct fake_reply r = fake_http(loop, method, target, headers, NULL);
	int number = r.status;

	fake_reply_clear(&r);
	return number;
}

/* -- which origin -------------------------------------------------------- */

/* CVE-2020-28481: anybody was allowed by default. */
static void origin__nothing_set__is_not_spoken_of(void **state)
{
	struct fake_app *app = *state;

	assert_string_equal(said(app->loop, "GET", POLL, FROM(A)), "");
	assert_int_equal(status(app->loop, "OPTIONS", POLL, FROM(A)), 400);
	assert_int_equal(eio_server_set_cors(app->srv, "*"), 0);
	assert_int_equal(eio_server_set_cors(app->srv, NULL), 0);
	assert_string_equal(said(app->loop, "GET", POLL, FROM(A)), "");
	/* Names alone allow nobody. */
	eio_server_set_cors_list(app->srv, ENGINEIO_CORS_METHODS, "GET");
	eio_server_set_option(app->srv, ENGINEIO_CORS_CREDENTIALS, 1);
	assert_string_equal(said(app->loop, "GET", POLL, FROM(A)), "");
}

static void origin__fixed__is_named_to_everybody(void **state)
{
	struct fake_app *app = *state;

	eio_server_set_cors(app->srv, "*");
	assert_string_equal(said(app->loop, "GET", POLL, FROM(A)),
		"Allow-Origin: *");
	assert_string_equal(said(app->loop, "GET", POLL, NULL),
		"Allow-Origin: *");
	eio_server_set_cors(app->srv, "https://A.Example:8443");
	assert_string_equal(said(app->loop, "GET", POLL, FROM(A)),
		"Allow-Origin: https://a.example:8443; Vary: Origin");
	assert_string_equal(said(app->loop, "GET", POLL, NULL),
		"Allow-Origin: https://a.example:8443; Vary: Origin");
}

static void origin__of_the_list__is_reflected(void **state)
{
	static const struct {
		const char *headers, *said;
	} rows[] = {
		{ FROM(A), "Allow-Origin: " A "; Vary: Origin" },
		{ FROM("null"), "Allow-Origin: null; Vary: Origin" },
		{ FROM("app://x"), "Allow-Origin: app://x; Vary: Origin" },
		{ FROM("https://b.c.example"),
			"Allow-Origin: https://b.c.example; Vary: Origin" },
		{ FROM("https://.c.example"), "Vary: Origin" },
		{ FROM("https://b.c.example.evil"), "Vary: Origin" },
		{ FROM("xhttps://b.c.example"), "Vary: Origin" },
		{ FROM("http://a.example:80"), "Vary: Origin" },
		{ FROM("https://a.example"), "Vary: Origin" },
		{ FROM("*"), "Vary: Origin" },
		{ FROM(""), "Vary: Origin" },
		{ NULL, "Vary: Origin" },
		{ FROM(A) FROM(A), "Vary: Origin" },
	};
	struct fake_app *app = *state;
	size_t i;

	eio_server_set_cors(app->srv, "*");
	assert_int_equal(eio_server_add_cors_origin(app->srv, A), 0);
	eio_server_add_cors_origin(app->srv, "null");
	eio_server_add_cors_origin(app->srv, "app://x");
	assert_int_equal(eio_server_add_cors_pattern(app->srv,
				 "https://[a-z]+\\.c\\.example"),
		0);
	for (i = 0; i < COUNT(rows); i++)
		assert_string_equal(said(app->loop, "GET", POLL,
					    rows[i].headers),
			rows[i].said);
}

/* What looks like no origin is never put into an answer, even if any will
 * do. */
static void origin__any__is_reflected_if_it_is_one(void **state)
{
	static const char *const odd[] = { "a.example", "http:/a", "http://",
		"://a", "http://a/b", "http://a,b", "http://a b", "http://a;b",
		"http://a\"b", "http://<a>", "http://a\\b", "http://u@a",
		"http://a?b", "http://a#b", "http://\xc3\xa4", "http://a\tb",
		"http://a, http://b", "%0d%0aSet-Cookie: a", LONG };
	struct fake_app *app = *state;
	char header[2000];
	size_t i;

	eio_server_add_cors_origin(app->srv, "*");
	eio_server_set_option(app->srv, ENGINEIO_CORS_CREDENTIALS, 1);
	assert_string_equal(said(app->loop, "GET", POLL,
				    FROM("http://[::1]:8080")),
		"Allow-Origin: http://[::1]:8080; Vary: Origin; "
		"Allow-Credentials: true");
	for (i = 0; i < COUNT(odd); i++) {
		snprintf(header, sizeof(header), "Origin: %s\r\n", odd[i]);
		if (i != 2 &&
			strstr(said(app->loop, "GET", POLL, header),
				"Allow-Origin"))
			fail_msg("%s", odd[i]);
	}
}

/* What "as" in the query says, now or, with "late", when the test does. */
static eio_request *late;

static enum eio_verdict judge(eio_request *req, void *user)
{
	const char *as = eio_request_query(req, "as");

	assert_non_null(user);
	if (!as)
		return ENGINEIO_REFUSE;
	if (strcmp(as, "late") == 0) {
		late = eio_request_ref(req);
		return ENGINEIO_LATER;
	}
	if (strcmp(as, "answer") == 0) {
		eio_request_respond(req, 402, NULL, NULL, 0);
		return ENGINEIO_TAKEN;
	}
	if (strcmp(as, "own") != 0)
		eio_request_decide(req, true, as);
	return ENGINEIO_PASS;
}

static void origin__asked_for__is_what_the_function_says(void **state)
{
	static const struct {
		const char *target, *headers, *said;
	} rows[] = {
		{ POLL, FROM(A), "" },
		{ POLL "&as=own", FROM(A),
			"Allow-Origin: " A "; Vary: Origin" },
		{ POLL "&as=own", NULL, "Vary: Origin" },
		{ POLL "&as=own", FROM("junk"), "Vary: Origin" },
		{ POLL "&as=*", FROM(A), "Allow-Origin: *" },
		{ POLL "&as=http://other", FROM(A),
			"Allow-Origin: http://other; Vary: Origin" },
		/* It cannot be used to say anything else. */
		{ POLL "&as=a%0d%0aX-Evil:1", FROM(A), "Vary: Origin" },
	};
	struct fake_app *app = *state;
	size_t i;

	assert_int_equal(eio_server_on_cors(app->srv, judge, app), 0);
	for (i = 0; i < COUNT(rows); i++)
		assert_string_equal(said(app->loop, "GET", rows[i].target,
					    rows[i].headers),
			rows[i].said);
	assert_int_equal(status(app->loop, "GET", POLL "&as=answer", FROM(A)),
		402);
	/* Without CORS an OPTIONS request is nothing special. */
	assert_int_equal(status(app->loop, "OPTIONS", POLL, FROM(A)), 400);
	assert_int_equal(status(app->loop, "OPTIONS", POLL "&as=own", FROM(A)),
		204);
	eio_server_on_cors(app->srv, NULL, NULL);
	assert_string_equal(said(app->loop, "GET", POLL "&as=*", FROM(A)), "");
}

static struct fake_reply ask_late(struct fake_app *app, const char *method,
	bool allow, const char *origin)
{
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;

	fake_request(c, method, POLL "&as=late", FROM(A), NULL);
	assert_int_equal(fake_received(c)->len, 0);
	assert_int_equal(eio_request_decide(late, allow, origin), 0);
	assert_int_equal(eio_request_decide(late, allow, origin),
		ENGINEIO_ERR_STATE);
	eio_request_unref(late);
	fake_turn(app->loop);
	r = fake_reply(c);
	fake_free(c);
	return r;
}

static void origin__asked_for__may_be_decided_later(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;

	eio_server_on_cors(app->srv, judge, app);
	r = ask_late(app, "GET", true, NULL);
	assert_int_equal(r.status, 200);
	assert_string_equal(fake_reply_header(&r,
				    "Access-Control-Allow-Origin"),
		A);
	fake_reply_clear(&r);
	r = ask_late(app, "OPTIONS", true, "*");
	assert_int_equal(r.status, 204);
	assert_string_equal(fake_reply_header(&r,
				    "Access-Control-Allow-Origin"),
		"*");
	fake_reply_clear(&r);
	r = ask_late(app, "GET", false, NULL);
	assert_int_equal(r.status, 200);
	assert_string_equal(fake_reply_header(&r, "Vary"), "");
	fake_reply_clear(&r);
	eio_server_set_option(app->srv, ENGINEIO_CORS_REJECT, 1);
	r = ask_late(app, "GET", false, NULL);
	assert_int_equal(r.status, 403);
	fake_reply_clear(&r);
}

static void origin__never_decided__costs_that_request(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	eio_server_on_cors(app->srv, judge, app);
	/* The client goes, */
	fake_request(c, "GET", POLL "&as=late", FROM(A), NULL);
	fake_free(c);
	assert_int_equal(eio_request_decide(late, true, NULL),
		ENGINEIO_ERR_CLOSED);
	eio_request_unref(late);
	/* nobody answers, */
	c = fake_connect(app->loop);
	fake_request(c, "GET", POLL "&as=late", FROM(A), NULL);
	eio_request_unref(late);
	fake_turn(app->loop);
	assert_non_null(strstr(fake_received(c)->data, " 500 "));
	fake_free(c);
	/* the server goes. */
	c = fake_connect(app->loop);
	fake_request(c, "GET", POLL "&as=late", FROM(A), NULL);
	fake_app_free_server(app);
	assert_true(eio_request_decide(late, true, NULL) < 0);
	eio_request_unref(late);
	fake_free(c);
}

static enum eio_verdict free_server(eio_request *req, void *user)
{
	fake_app_free_server(user);
	return ENGINEIO_PASS;
}

static void origin__the_function_frees_the_server__nothing_breaks(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	eio_server_on_cors(app->srv, free_server, app);
	fake_request(c, "GET", POLL, FROM(A), NULL);
	assert_true(fake_is_finished(c));
	fake_free(c);
}

/* -- preflights ---------------------------------------------------------- */

static void preflight__of_anything__is_answered(void **state)
{
	static const char methods[] = "; Allow-Methods: "
				      "GET,HEAD,PUT,PATCH,POST,DELETE";
	struct fake_app *app = *state;
	char all[300];

	eio_server_add_cors_origin(app->srv, A);
	snprintf(all, sizeof(all),
		"Allow-Origin: " A "%s; "
		"Vary: Origin, Access-Control-Request-Headers; "
		"Allow-Headers: x-a, X-B",
		methods);
	assert_string_equal(said(app->loop, "OPTIONS", POLL,
				    FROM(A) "Access-Control-Request-Headers: "
					    "x-a, X-B\r\n"),
		all);
	assert_int_equal(status(app->loop, "OPTIONS", "/engine.io/a", NULL),
		204);
	assert_int_equal(status(app->loop, "OPTIONS", "/engine.ioa", NULL),
		404);
}

static void preflight__with_all_settings__names_them(void **state)
{
	struct fake_app *app = *state;

	eio_server_add_cors_origin(app->srv, A);
	eio_server_set_option(app->srv, ENGINEIO_CORS_CREDENTIALS, 1);
	eio_server_set_option(app->srv, ENGINEIO_CORS_MAX_AGE, 0);
	eio_server_set_cors_list(app->srv, ENGINEIO_CORS_METHODS, "GET,POST");
	eio_server_set_cors_list(app->srv, ENGINEIO_CORS_ALLOWED_HEADERS,
		"X-One");
	eio_server_set_cors_list(app->srv, ENGINEIO_CORS_EXPOSED_HEADERS,
		"X-Out");
	assert_string_equal(said(app->loop, "OPTIONS", POLL, FROM(A) ASKED),
		"Allow-Origin: " A "; Vary: Origin; Allow-Credentials: true; "
		"Allow-Methods: GET,POST; Allow-Headers: X-One; Max-Age: 0; "
		"Expose-Headers: X-Out");
	assert_string_equal(said(app->loop, "GET", POLL, FROM(A)),
		"Allow-Origin: " A "; Vary: Origin; Allow-Credentials: true; "
		"Expose-Headers: X-Out");
	/* The defaults again. */
	eio_server_set_cors_list(app->srv, ENGINEIO_CORS_METHODS, NULL);
	eio_server_set_cors_list(app->srv, ENGINEIO_CORS_ALLOWED_HEADERS, "");
	eio_server_set_cors_list(app->srv, ENGINEIO_CORS_EXPOSED_HEADERS, NULL);
	eio_server_set_option(app->srv, ENGINEIO_CORS_CREDENTIALS, 0);
	eio_server_set_option(app->srv, ENGINEIO_CORS_MAX_AGE, -1);
	assert_string_equal(said(app->loop, "OPTIONS", POLL, FROM(A)),
		"Allow-Origin: " A "; Allow-Methods: "
		"GET,HEAD,PUT,PATCH,POST,DELETE; "
		"Vary: Origin, Access-Control-Request-Headers");
}

static void preflight__that_asks_for_rubbish__gets_none_back(void **state)
{
	static const char *const odd[] = { "<script>", "a: b", "\"a\"",
		"x-\xc3\xa9", "a;b", "a/b", "a=b", "" };
	struct fake_app *app = *state;
	char header[200];
	size_t i;

	eio_server_set_cors(app->srv, "*");
	for (i = 0; i < COUNT(odd); i++) {
		snprintf(header, sizeof(header),
			"Access-Control-Request-Headers: %s\r\n", odd[i]);
		if (strstr(said(app->loop, "OPTIONS", POLL, header),
			    "Allow-Headers"))
			fail_msg("%s", odd[i]);
	}
}

static void preflight__other_status__is_the_answer_or_none(void **state)
{
	struct fake_app *app = *state;

	eio_server_set_cors(app->srv, "*");
	eio_server_set_option(app->srv, ENGINEIO_CORS_PREFLIGHT_STATUS, 200);
	assert_int_equal(status(app->loop, "OPTIONS", POLL, NULL), 200);
	/* preflightContinue */
	eio_server_set_option(app->srv, ENGINEIO_CORS_PREFLIGHT_STATUS, 0);
	assert_int_equal(status(app->loop, "OPTIONS", POLL, NULL), 400);
	assert_non_null(strstr(said(app->loop, "OPTIONS", POLL, NULL),
		"Allow-Methods"));
}

/* -- which answers ------------------------------------------------------- */

static void answers__below_the_path__all_have_the_headers(void **state)
{
	static const struct {
		const char *method, *target, *said;
	} rows[] = {
		{ "GET", POLL, "Allow-Origin: *" },
		{ "POST", POLL, "Allow-Origin: *" },
		{ "GET", "/engine.io/", "Allow-Origin: *" },
		{ "GET", POLL "&sid=unknown", "Allow-Origin: *" },
		{ "GET", WS, "Allow-Origin: *" },
		{ "GET", "/engine.io", "" },
		{ "GET", "/", "" },
	};
	struct fake_app *app = *state;
	struct fake_reply r;
	size_t i;

	eio_server_set_cors(app->srv, "*");
	for (i = 0; i < COUNT(rows); i++)
		assert_string_equal(said(app->loop, rows[i].method,
					    rows[i].target, FROM(A)),
			rows[i].said);
	r = fake_http(app->loop, "GET", WS, fake_ws_headers, NULL);
	assert_int_equal(r.status, 101);
	assert_string_equal(fake_reply_header(&r,
				    "Access-Control-Allow-Origin"),
		"*");
	fake_reply_clear(&r);
}

static eio_server *add_guest(struct fake_app *app)
{
	eio_server *guest = eio_server_new(app->loop);

	assert_non_null(guest);
	eio_server_set_path(guest, "/guest");
	assert_int_equal(eio_server_attach(guest, app->srv), 0);
	return guest;
}

static void answers__of_a_guest__have_its_headers(void **state)
{
	static const char target[] = "/guest/?EIO=4&transport=polling";
	struct fake_app *app = *state;
	eio_server *guest = add_guest(app);

	eio_server_set_cors(guest, A);
	assert_string_equal(said(app->loop, "GET", POLL, NULL), "");
	assert_string_equal(said(app->loop, "GET", target, NULL),
		"Allow-Origin: " A "; Vary: Origin");
	eio_server_free(guest);
	assert_string_equal(said(app->loop, "GET", target, NULL), "");
}

/* -- CORS_REJECT --------------------------------------------------------- */

static void reject__foreign_origins__are_refused(void **state)
{
	static const struct {
		const char *headers;
		int status;
	} rows[] = {
		{ NULL, 200 },
		{ FROM(A), 200 },
		{ FROM("http://evil.example"), 403 },
		{ FROM("null"), 403 },
		{ FROM("junk"), 403 },
		/* Its own: what the client calls Host. */
		{ FROM("http://localhost"), 200 },
		{ FROM("https://LOCALHOST"), 200 },
		{ FROM("http://localhost.evil"), 403 },
	};
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_reply r;
	char target[256];
	size_t i;

	assert_int_equal(eio_server_set_option(app->srv, ENGINEIO_CORS_REJECT,
				 1),
		0);
	/* Nobody is allowed if nothing is set. */
	assert_int_equal(status(app->loop, "GET", POLL, FROM(A)), 403);
	eio_server_add_cors_origin(app->srv, A);
	for (i = 0; i < COUNT(rows); i++)
		if (status(app->loop, "GET", POLL, rows[i].headers) !=
			rows[i].status)
			fail_msg("%s", rows[i].headers);
	fake_poll_target(p, target);
	assert_int_equal(status(app->loop, "GET", target, FROM("http://x")),
		403);
	assert_true(fake_app_logged(app, "CORS_REJECT"));
	assert_true(eio_server_counter(app->srv, ENGINEIO_COUNT_CORS_REJECT) ==
		6);
	r = fake_http(app->loop, "GET", POLL, FROM("http://x"), NULL);
	assert_string_equal(r.body, "{\"code\":4,\"message\":\"Forbidden\"}");
	fake_reply_clear(&r);
	assert_int_equal(fake_poll_post(p, "4unharmed"), 200);
	fake_poll_free(p);
}

static void reject__upgrades__are_refused_before_the_101(void **state)
{
	struct fake_app *app = *state;
	char headers[512];

	eio_server_set_option(app->srv, ENGINEIO_CORS_REJECT, 1);
	eio_server_set_cors(app->srv, A);
	snprintf(headers, sizeof(headers), "%s" FROM("http://evil.example"),
		fake_ws_headers);
	assert_int_equal(status(app->loop, "GET", WS, headers), 400);
	snprintf(headers, sizeof(headers), "%s" FROM(A), fake_ws_headers);
	assert_int_equal(status(app->loop, "GET", WS, headers), 101);
	eio_server_set_cors(app->srv, "*");
	snprintf(headers, sizeof(headers), "%s" FROM("http://evil.example"),
		fake_ws_headers);
	assert_int_equal(status(app->loop, "GET", WS, headers), 101);
}

/* -- settings ------------------------------------------------------------ */

static void settings__that_make_no_sense__are_refused(void **state)
{
	static const char *const origins[] = { "", "a.example", "http://a/",
		"http://a b", "http://a\r\nX: y", "http:", "**", LONG };
	static const char *const names[] = { "a\r\nX: y", "a;b", "\xc3\xa9" };
	struct fake_app *app = *state;
	size_t i;

	eio_server_set_cors(app->srv, A);
	for (i = 0; i < COUNT(origins); i++)
		if (eio_server_set_cors(app->srv, origins[i]) !=
				ENGINEIO_ERR_INVALID ||
			eio_server_add_cors_origin(app->srv, origins[i]) !=
				ENGINEIO_ERR_INVALID)
			fail_msg("%s", origins[i]);
	for (i = 0; i < COUNT(names); i++)
		assert_int_equal(eio_server_set_cors_list(app->srv,
					 ENGINEIO_CORS_METHODS, names[i]),
			ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_cors_list(app->srv, ENGINEIO_CORS_LISTS,
				 "a"),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_add_cors_pattern(app->srv, "("),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_add_cors_pattern(app->srv, ""),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_add_cors_origin(app->srv, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_cors(NULL, "*"), ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_on_cors(NULL, judge, NULL),
		ENGINEIO_ERR_INVALID);
	/* What was set before is still in force. */
	assert_string_equal(said(app->loop, "GET", POLL, NULL),
		"Allow-Origin: " A "; Vary: Origin");
}

/* Browsers refuse that, and do not say it to the server. */
static void settings__any_with_credentials__is_warned_of(void **state)
{
	struct fake_app *app = *state;

	eio_server_set_cors(app->srv, "*");
	assert_false(logged(app, "CORS"));
	eio_server_set_option(app->srv, ENGINEIO_CORS_CREDENTIALS, 1);
	assert_true(logged(app, "origins have to be named"));
	eio_server_add_cors_origin(app->srv, "*");
	assert_false(logged(app, "CORS"));
}

static void settings__numbers_out_of_range__are_refused(void **state)
{
	static const struct {
		enum eio_option option;
		long value;
		int result;
	} rows[] = {
		{ ENGINEIO_CORS_MAX_AGE, -1, 0 },
		{ ENGINEIO_CORS_MAX_AGE, -2, ENGINEIO_ERR_INVALID },
		{ ENGINEIO_CORS_PREFLIGHT_STATUS, 299, 0 },
		{ ENGINEIO_CORS_PREFLIGHT_STATUS, 300, ENGINEIO_ERR_INVALID },
		{ ENGINEIO_CORS_PREFLIGHT_STATUS, 199, ENGINEIO_ERR_INVALID },
		{ ENGINEIO_CORS_PREFLIGHT_STATUS, -1, ENGINEIO_ERR_INVALID },
		{ ENGINEIO_CORS_CREDENTIALS, 2, ENGINEIO_ERR_INVALID },
		{ ENGINEIO_CORS_REJECT, 2, ENGINEIO_ERR_INVALID },
	};
	struct fake_app *app = *state;
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		assert_int_equal(eio_server_set_option(app->srv, rows[i].option,
					 rows[i].value),
			rows[i].result);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(origin__nothing_set__is_not_spoken_of),
		TEST(origin__fixed__is_named_to_everybody),
		TEST(origin__of_the_list__is_reflected),
		TEST(origin__any__is_reflected_if_it_is_one),
		TEST(origin__asked_for__is_what_the_function_says),
		TEST(origin__asked_for__may_be_decided_later),
		TEST(origin__never_decided__costs_that_request),
		TEST(origin__the_function_frees_the_server__nothing_breaks),
		TEST(preflight__of_anything__is_answered),
		TEST(preflight__with_all_settings__names_them),
		TEST(preflight__that_asks_for_rubbish__gets_none_back),
		TEST(preflight__other_status__is_the_answer_or_none),
		TEST(answers__below_the_path__all_have_the_headers),
		TEST(answers__of_a_guest__have_its_headers),
		TEST(reject__foreign_origins__are_refused),
		TEST(reject__upgrades__are_refused_before_the_101),
		TEST(settings__that_make_no_sense__are_refused),
		TEST(settings__any_with_credentials__is_warned_of),
		TEST(settings__numbers_out_of_range__are_refused),
	};

	return cmocka_run_group_tests_name("cors", tests, NULL, NULL);
}
