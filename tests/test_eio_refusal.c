/* SPDX-License-Identifier: MIT */
/*
 * test_eio_refusal.c: requests that the engine refuses: each check has its
 * answer, that of the official server, byte for byte where a client can see it.
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

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define POLL     "/engine.io/?EIO=4&transport=polling"
#define WS       "/engine.io/?EIO=4&transport=websocket"
#define UNKNOWN  "&sid=AAAAAAAAAAAAAAAAAAAA"

#define TRANSPORT_UNKNOWN "{\"code\":0,\"message\":\"Transport unknown\"}"
#define SID_UNKNOWN       "{\"code\":1,\"message\":\"Session ID unknown\"}"
#define BAD_METHOD        "{\"code\":2,\"message\":\"Bad handshake method\"}"
#define BAD_REQUEST       "{\"code\":3,\"message\":\"Bad request\"}"
#define BAD_VERSION       "{\"code\":5,\"message\":\"Unsupported protocol version\"}"

static void expect_json(struct fake_app *app, const char *method,
	const char *target, const char *headers, const char *json)
{
	struct fake_reply r =
		fake_http(app->loop, method, target, headers, NULL);

	assert_int_equal(r.status, 400);
	assert_string_equal(fake_reply_header(&r, "content-type"),
		"application/json");
	assert_string_equal(fake_reply_header(&r, "connection"), "keep-alive");
	assert_string_equal(r.body, json);
	fake_reply_clear(&r);
	assert_int_equal(eio_server_sessions(app->srv), app->opened);
}

/* The target with the session's id behind it. */
static const char *with_sid(const char *target, const struct fake_poll *p)
{
	static char text[512];

	snprintf(text, sizeof(text), "%s&sid=%s", target, p->sid);
	return text;
}

/* -- refusals, as a polling request sees them ---------------------------- */

static void refusal__each_check_of_a_new_session__has_its_answer(void **state)
{
	static const struct {
		const char *method, *target, *json;
	} rows[] = {
		{ "GET", "/engine.io/?EIO=4", TRANSPORT_UNKNOWN },
		{ "GET", "/engine.io/?EIO=4&transport=", TRANSPORT_UNKNOWN },
		{ "GET", "/engine.io/?EIO=4&transport=tobi",
			TRANSPORT_UNKNOWN },
		{ "GET", "/engine.io/?EIO=4&transport=Polling",
			TRANSPORT_UNKNOWN },
		{ "GET", "/engine.io/?EIO=4&transport=webtransport",
			TRANSPORT_UNKNOWN },
		{ "GET", "/engine.io/", TRANSPORT_UNKNOWN },
		{ "POST", POLL, BAD_METHOD },
		{ "PUT", POLL, BAD_METHOD },
		{ "DELETE", POLL, BAD_METHOD },
		{ "OPTIONS", POLL, BAD_METHOD },
		{ "PATCH", POLL, BAD_METHOD },
		{ "GET", WS, BAD_REQUEST },
		{ "GET", "/engine.io/?transport=polling", BAD_VERSION },
		{ "GET", "/engine.io/?EIO=3&transport=polling", BAD_VERSION },
		{ "GET", "/engine.io/?EIO=abc&transport=polling", BAD_VERSION },
		{ "GET", "/engine.io/?EIO=04&transport=polling", BAD_VERSION },
		{ "GET", "/engine.io/?EIO=&transport=polling", BAD_VERSION },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		expect_json(*state, rows[i].method, rows[i].target, NULL,
			rows[i].json);
}

static void refusal__each_check_of_a_session__has_its_answer(void **state)
{
	static const struct {
		const char *target, *json;
	} rows[] = {
		{ "/engine.io/?EIO=4", TRANSPORT_UNKNOWN },
		{ WS, BAD_REQUEST }, /* its transport is polling */
		{ "/engine.io/?EIO=3&transport=polling", BAD_REQUEST },
		{ "/engine.io/?transport=polling", BAD_REQUEST },
	};
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	size_t i;

	expect_json(app, "GET", POLL UNKNOWN, NULL, SID_UNKNOWN);
	expect_json(app, "POST", POLL UNKNOWN, NULL, SID_UNKNOWN);
	for (i = 0; i < COUNT(rows); i++)
		expect_json(app, "GET", with_sid(rows[i].target, p), NULL,
			rows[i].json);
	assert_int_equal(fake_poll_post(p, "4unharmed"), 200);
	assert_string_equal(fake_app_told(app), "text unharmed");
	fake_poll_free(p);
}

/* Of a WebSocket's session nothing can be asked over plain HTTP, also not
 * under its own transport's name; the official server lets that hang. */
static void refusal__of_a_websocket_session__leaves_it_unharmed(void **state)
{
	static const char *const methods[] = { "GET", "POST", "PUT" };
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	char target[128];
	size_t i;

	snprintf(target, sizeof(target), WS "&sid=%s", eio_socket_id(app->s));
	for (i = 0; i < COUNT(methods); i++)
		expect_json(app, methods[i], target, NULL, BAD_REQUEST);
	fake_ws_send(ws, "4unharmed");
	assert_string_equal(fake_app_told(app), "text unharmed");
	fake_ws_free(ws);
}

static void refusal__of_several_faults__the_first_check_counts(void **state)
{
	static const struct {
		const char *method, *target, *json;
	} rows[] = {
		/* transport before sid, before method, before version */
		{ "POST", "/engine.io/?EIO=3&transport=tobi" UNKNOWN,
			TRANSPORT_UNKNOWN },
		{ "PUT", "/engine.io/?EIO=3&transport=tobi",
			TRANSPORT_UNKNOWN },
		/* sid before version */
		{ "GET", "/engine.io/?EIO=3&transport=polling" UNKNOWN,
			SID_UNKNOWN },
		/* sid before the transport's mismatch */
		{ "GET", WS UNKNOWN, SID_UNKNOWN },
		/* method before transport=websocket, before version */
		{ "POST", "/engine.io/?EIO=3&transport=websocket", BAD_METHOD },
		{ "POST", "/engine.io/?EIO=3&transport=polling", BAD_METHOD },
		/* transport=websocket before version */
		{ "GET", "/engine.io/?EIO=3&transport=websocket", BAD_REQUEST },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		expect_json(*state, rows[i].method, rows[i].target, NULL,
			rows[i].json);
}

static void refusal__of_a_polling_request__keeps_the_connection(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;

	fake_request(c, "GET", "/engine.io/?EIO=4", NULL, NULL);
	r = fake_reply(c);
	assert_string_equal(r.body, TRANSPORT_UNKNOWN);
	assert_string_equal(fake_reply_header(&r, "cache-control"), "");
	fake_reply_clear(&r);
	assert_false(fake_is_finished(c));
	fake_request(c, "GET", POLL, NULL, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	fake_reply_clear(&r);
	fake_free(c);
}

static void refusal__is_told_to_the_log__with_the_reason(void **state)
{
	struct fake_app *app = *state;

	expect_json(app, "GET", POLL UNKNOWN, NULL, SID_UNKNOWN);
	assert_true(fake_app_logged(app, "Session ID unknown: GET " POLL));
}

static void refusal__is_told_to_the_log__without_the_secret(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	expect_json(app, "GET", with_sid(WS, p), NULL, BAD_REQUEST);
	assert_non_null(strstr(app->log.data, "Bad request: GET " WS));
	assert_null(strstr(app->log.data, p->sid));
	fake_poll_free(p);
}

/* Names that every JavaScript object has were two CVEs (2023-31125,
 * 2026-59724). */
static const char *const prototype_names[] = { "__proto__", "constructor",
	"toString", "hasOwnProperty", "valueOf", "__defineGetter__" };

static void refusal__for_prototype_names__are_unknown_like_others(void **state)
{
	char target[256];
	size_t i;

	for (i = 0; i < COUNT(prototype_names); i++) {
		snprintf(target, sizeof(target),
			"/engine.io/?EIO=4&transport=%s", prototype_names[i]);
		expect_json(*state, "GET", target, NULL, TRANSPORT_UNKNOWN);
		snprintf(target, sizeof(target), POLL "&sid=%s",
			prototype_names[i]);
		expect_json(*state, "GET", target, NULL, SID_UNKNOWN);
	}
}

static void refusal__for_long_parameters__is_unknown_or_too_long(void **state)
{
	struct fake_app *app = *state;
	char *target = malloc(65536);
	struct fake_reply r;

	assert_non_null(target);
	memset(target, 'x', 65536);
	memcpy(target, "/engine.io/?EIO=4&transport=", 28);
	target[8000] = 0;
	expect_json(app, "GET", target, NULL, TRANSPORT_UNKNOWN);
	memcpy(target, POLL "&sid=", strlen(POLL "&sid="));
	expect_json(app, "GET", target, NULL, SID_UNKNOWN);
	target[8000] = 'x';
	target[65535] = 0;
	r = fake_http(app->loop, "GET", target, NULL, NULL);
	assert_int_equal(r.status, 414);
	fake_reply_clear(&r);
	free(target);
}

static void refusal__control_characters_in_origin__are_no_http(void **state)
{
	static const char *const origins[] = { "Origin: http://a\x01\r\n",
		"Origin: \x08\r\n", "Origin: a\x1f\r\n", "Origin: a\x7f\r\n" };
	struct fake_app *app = *state;
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(origins); i++) {
		r = fake_http(app->loop, "GET", POLL, origins[i], NULL);
		assert_int_equal(r.status, 400);
		assert_string_equal(r.body, "");
		fake_reply_clear(&r);
	}
	/* What is no more than odd is let through. */
	r = fake_http(app->loop, "GET", POLL, "Origin: a\tb\xff\r\n", NULL);
	assert_int_equal(r.status, 200);
	fake_reply_clear(&r);
}

/* -- refusals, as an upgrade sees them ----------------------------------- */

static void expect_text(struct fake_app *app, const char *method,
	const char *target, const char *headers, int status, const char *text)
{
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;

	fake_request(c, method, target, headers, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, status);
	assert_string_equal(fake_reply_header(&r, "connection"), "close");
	assert_string_equal(fake_reply_header(&r, "content-type"), "text/html");
	assert_string_equal(r.body, text);
	fake_reply_clear(&r);
	assert_true(fake_is_finished(c));
	assert_int_equal(fake_received(c)->len, 0);
	fake_free(c);
	assert_int_equal(eio_server_sessions(app->srv), app->opened);
}

static void upgrade_refusal__each_check__has_its_bare_text(void **state)
{
	static const struct {
		const char *method, *target, *text;
	} rows[] = {
		{ "GET", "/engine.io/?EIO=4", "Transport unknown" },
		{ "GET", "/engine.io/?EIO=4&transport=__proto__",
			"Transport unknown" },
		{ "GET", "/engine.io/?EIO=4&transport=webtransport",
			"Transport unknown" },
		{ "GET", WS UNKNOWN, "Session ID unknown" },
		{ "GET", WS "&sid=__proto__", "Session ID unknown" },
		{ "POST", WS, "Bad handshake method" },
		/* 101 and an unowned socket in the official server */
		{ "GET", POLL, "Bad request" },
		/* before the 101, not behind it */
		{ "GET", "/engine.io/?EIO=3&transport=websocket",
			"Unsupported protocol version" },
		{ "GET", "/engine.io/?transport=websocket",
			"Unsupported protocol version" },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		expect_text(*state, rows[i].method, rows[i].target,
			fake_ws_headers, 400, rows[i].text);
}

static void upgrade_refusal__of_a_session__leaves_it_unharmed(void **state)
{
	static const char *const targets[] = {
		/* CVE-2026-102599: a null timer in the official server */
		"/engine.io/?EIO=3&transport=websocket",
		"/engine.io/?transport=websocket",
		POLL,
	};
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	size_t i;

	for (i = 0; i < COUNT(targets); i++)
		expect_text(app, "GET", with_sid(targets[i], p),
			fake_ws_headers, 400, "Bad request");
	expect_text(app, "POST", with_sid(WS, p), fake_ws_headers, 405,
		"Invalid HTTP method");
	assert_int_equal(fake_poll_post(p, "4unharmed"), 200);
	assert_string_equal(fake_app_told(app), "text unharmed");
	fake_poll_free(p);
}

#define UPGRADE   "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define WSVER     "Sec-WebSocket-Version: 13\r\n"
#define KEY       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define BAD_KEY   "Missing or invalid Sec-WebSocket-Key header"
#define BAD_WSVER "Missing or invalid Sec-WebSocket-Version header"

static void upgrade_refusal__each_header_of_rfc6455__has_its_text(void **state)
{
	static const struct {
		const char *headers, *text;
	} rows[] = {
		{ UPGRADE WSVER, BAD_KEY },
		{ UPGRADE WSVER "Sec-WebSocket-Key: short\r\n", BAD_KEY },
		{ UPGRADE KEY, BAD_WSVER },
		{ UPGRADE KEY "Sec-WebSocket-Version: 12\r\n", BAD_WSVER },
		{ UPGRADE KEY WSVER "Sec-WebSocket-Protocol: a,,b\r\n",
			"Invalid Sec-WebSocket-Protocol header" },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		expect_text(*state, "GET", WS, rows[i].headers, 400,
			rows[i].text);
	/* The engine's checks come first. */
	expect_text(*state, "GET", WS UNKNOWN, UPGRADE, 400,
		"Session ID unknown");
}

static void upgrade_refusal__other_version__names_those_we_speak(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r = fake_http(app->loop, "GET", WS,
		UPGRADE KEY "Sec-WebSocket-Version: 14\r\n", NULL);

	assert_int_equal(r.status, 400);
	assert_string_equal(fake_reply_header(&r, "sec-websocket-version"),
		"13, 8");
	fake_reply_clear(&r);
}

/* CVE-2022-41940: errors on the socket of an upgrade nobody takes. */
static void upgrade_refusal__on_a_foreign_path__may_be_reset(void **state)
{
	struct fake_app *app = *state;
	static const uint64_t after[] = { 0, 500, 1000 };
	struct fake_conn *c;
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(after); i++) {
		c = fake_connect(app->loop);
		fake_request(c, "GET", "/elsewhere/", fake_ws_headers, NULL);
		r = fake_reply(c);
		assert_int_equal(r.status, 404);
		fake_reply_clear(&r);
		fake_advance(app->loop, after[i]);
		fake_reset(c);
		fake_free(c);
	}
	assert_int_equal(eio_server_connections(app->srv), 0);
}

static void upgrade__with_a_body__is_none(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r =
		fake_http(app->loop, "GET", WS, fake_ws_headers, "4hello");

	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, BAD_REQUEST);
	fake_reply_clear(&r);
}

/* -- what the server cannot give ------------------------------------------ */

static void transports__not_enabled__are_unknown(void **state)
{
	struct fake_app *app = *state;

	eio_server_set_option(app->srv, ENGINEIO_TRANSPORTS, ENGINEIO_POLLING);
	expect_text(app, "GET", WS, fake_ws_headers, 400, "Transport unknown");
	eio_server_set_option(app->srv, ENGINEIO_TRANSPORTS,
		ENGINEIO_WEBSOCKET);
	expect_json(app, "GET", POLL, NULL, TRANSPORT_UNKNOWN);
}

/* CVE-2017-16031: ids that can be guessed. No randomness, no session. */
static void sid__without_randomness__is_refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;

	fake_break_random(app->loop);
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_int_equal(r.status, 500);
	fake_reply_clear(&r);
	assert_true(fake_app_logged(app, "1 handshake failed"));
	expect_text(app, "GET", WS, fake_ws_headers, 500,
		"Internal server error");
	assert_int_equal(eio_server_sessions(app->srv), 0);
	assert_string_equal(fake_app_told(app), "");
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(refusal__each_check_of_a_new_session__has_its_answer),
		TEST(refusal__each_check_of_a_session__has_its_answer),
		TEST(refusal__of_a_websocket_session__leaves_it_unharmed),
		TEST(refusal__of_several_faults__the_first_check_counts),
		TEST(refusal__of_a_polling_request__keeps_the_connection),
		TEST(refusal__is_told_to_the_log__with_the_reason),
		TEST(refusal__is_told_to_the_log__without_the_secret),
		TEST(refusal__for_prototype_names__are_unknown_like_others),
		TEST(refusal__for_long_parameters__is_unknown_or_too_long),
		TEST(refusal__control_characters_in_origin__are_no_http),
		TEST(upgrade_refusal__each_check__has_its_bare_text),
		TEST(upgrade_refusal__of_a_session__leaves_it_unharmed),
		TEST(upgrade_refusal__each_header_of_rfc6455__has_its_text),
		TEST(upgrade_refusal__other_version__names_those_we_speak),
		TEST(upgrade_refusal__on_a_foreign_path__may_be_reset),
		TEST(upgrade__with_a_body__is_none),
		TEST(transports__not_enabled__are_unknown),
		TEST(sid__without_randomness__is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
