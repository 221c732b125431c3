/* SPDX-License-Identifier: MIT */
/*
 * test_eio_handshake.c: which requests the engine takes, which it refuses
 * with what answer, and what a new session gets. The answers are those of
 * the official server, byte for byte where a client can see them.
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

/* -- which requests are the engine's ------------------------------------- */

static int status_of(struct fake_app *app, const char *target)
{
	struct fake_reply r = fake_http(app->loop, "GET", target, NULL, NULL);
	int status = r.status;

	fake_reply_clear(&r);
	return status;
}

#define QUERY "?EIO=4&transport=polling"

static void path__of_the_engine__is_a_prefix_of_the_target(void **state)
{
	static const struct {
		const char *target;
		int status;
	} rows[] = {
		{ "/engine.io/" QUERY, 200 },
		{ "/engine.io/anything" QUERY, 200 },
		{ "/engine.io/a/b/../c" QUERY, 200 },
		{ "/engine.io" QUERY, 404 },
		{ "/engine.io", 404 },
		{ "/engine.iox/" QUERY, 404 },
		{ "/Engine.io/" QUERY, 404 },
		{ "//engine.io/" QUERY, 404 },
		{ "/./engine.io/" QUERY, 404 },
		{ "/%65ngine.io/" QUERY, 404 },
		{ "http://localhost/engine.io/" QUERY, 404 },
		{ "/", 404 },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		assert_int_equal(status_of(*state, rows[i].target),
			rows[i].status);
}

static void path__set_with_or_without_slash__is_the_same(void **state)
{
	static const char *const paths[] = { "/my/path", "/my/path/" };
	struct fake_app *app = *state;
	eio_server *srv;
	size_t i;

	for (i = 0; i < COUNT(paths); i++) {
		srv = eio_server_new(app->loop);
		assert_int_equal(eio_server_set_path(srv, paths[i]), 0);
		assert_string_equal(eio_server_path(srv), "/my/path");
		assert_int_equal(status_of(app, "/my/path/" QUERY), 404);
		assert_int_equal(eio_server_attach(srv, app->srv), 0);
		assert_int_equal(status_of(app, "/my/path/" QUERY), 200);
		assert_int_equal(status_of(app, "/my/path" QUERY), 404);
		eio_server_free(srv);
	}
}

static void path__of_everything__is_possible(void **state)
{
	struct fake_app *app = *state;
	eio_server *srv = eio_server_new(app->loop);

	assert_int_equal(eio_server_set_path(srv, "/"), 0);
	assert_int_equal(eio_server_attach(srv, app->srv), 0);
	assert_int_equal(status_of(app, "/" QUERY), 200);
	eio_server_free(srv);
}

static void on_page(eio_request *req, void *user)
{
	eio_request_respond(req, 200, NULL, NULL, 0);
}

/* They would be served no more, and nobody would know why. */
static void guest__with_listeners_or_routes__is_not_attached(void **state)
{
	struct fake_app *app = *state;
	eio_server *a = eio_server_new(app->loop);
	eio_server *b = eio_server_new(app->loop);

	assert_int_equal(eio_server_listen(a, NULL, 0), 0);
	assert_int_equal(eio_server_attach(a, app->srv), ENGINEIO_ERR_STATE);
	assert_int_equal(eio_server_route(b, NULL, "/page", on_page, NULL), 0);
	assert_int_equal(eio_server_attach(b, app->srv), ENGINEIO_ERR_STATE);
	eio_server_free(a);
	eio_server_free(b);
	b = eio_server_new(app->loop);
	assert_int_equal(eio_server_set_path(b, "/guest"), 0);
	assert_int_equal(eio_server_attach(b, app->srv), 0);
	assert_int_equal(eio_server_route(b, NULL, "/page", on_page, NULL), 0);
	assert_int_equal(status_of(app, "/page"), 200);
	eio_server_free(b);
}

/* Sessions would lose the path they live on. */
static void path__of_a_server_that_listens__stays(void **state)
{
	struct fake_app *app = *state;

	assert_int_equal(eio_server_set_path(app->srv, "/late"),
		ENGINEIO_ERR_STATE);
	assert_string_equal(eio_server_path(app->srv), "/engine.io");
	assert_int_equal(status_of(app, POLL), 200);
}

static void path__that_is_none__is_not_set(void **state)
{
	static const char *const paths[] = { "", "engine.io", "/a?b", "/a#b",
		"/a b", "/a\r\n", NULL };
	struct fake_app *app = *state;
	size_t i;

	for (i = 0; i < COUNT(paths); i++)
		assert_int_equal(eio_server_set_path(app->srv, paths[i]),
			ENGINEIO_ERR_INVALID);
	assert_int_equal(status_of(app, POLL), 200);
}

static void query__of_a_handshake__is_decoded_as_browsers_do(void **state)
{
	static const struct {
		const char *query;
		int status;
	} rows[] = {
		{ "?EIO=%34&transport=poll%69ng", 200 },
		{ "?%45IO=4&%74ransport=polling", 200 },
		{ "?transport=polling&EIO=4&t=Pabc.1&x=%%%", 200 },
		{ "?&&EIO=4&&transport=polling&", 200 },
		{ "?EIO=4&transport=polling#fragment", 200 },
		{ "?EIO=4+&transport=polling", 400 }, /* "4 " */
		{ "?eio=4&transport=polling", 400 },
		{ "?EIO=4;transport=polling", 400 },
		/* of several, the last one counts */
		{ "?EIO=3&EIO=4&transport=tobi&transport=polling", 200 },
		{ "?EIO=4&EIO=3&transport=polling", 400 },
		{ "?EIO=4&transport=polling&transport=", 400 },
		/* an empty sid is none */
		{ "?EIO=4&transport=polling&sid=", 200 },
		{ "?EIO=4&transport=polling&sid", 200 },
		{ "?EIO=4&transport=polling&sid=x&sid=", 200 },
		{ "?EIO=4&transport=polling&sid=+", 400 },
	};
	char target[256];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		snprintf(target, sizeof(target), "/engine.io/%s",
			rows[i].query);
		assert_int_equal(status_of(*state, target), rows[i].status);
	}
}

/* -- what a session gets ------------------------------------------------- */

static void open__over_polling__is_the_open_packet(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	char open[256];

	assert_int_equal(r.status, 200);
	assert_string_equal(fake_app_told(app), "open");
	snprintf(open, sizeof(open),
		"0{\"sid\":\"%s\",\"upgrades\":[\"websocket\"],"
		"\"pingInterval\":25000,\"pingTimeout\":20000,"
		"\"maxPayload\":1000000}",
		eio_socket_id(app->s));
	assert_string_equal(r.body, open);
	assert_string_equal(fake_reply_header(&r, "content-type"),
		"text/plain; charset=UTF-8");
	assert_string_equal(fake_reply_header(&r, "cache-control"), "no-store");
	/* CVE-2020-28481: nothing for other origins unless asked for */
	assert_null(strstr(r.head, "Access-Control"));
	assert_null(strstr(r.head, "Set-Cookie"));
	assert_string_equal(eio_socket_transport(app->s), "polling");
	fake_reply_clear(&r);
}

static void open__over_websocket__is_its_first_message(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_ws_open(app->loop, WS);
	char open[256];

	assert_non_null(ws);
	assert_string_equal(fake_app_told(app), "open");
	snprintf(open, sizeof(open),
		"0{\"sid\":\"%s\",\"upgrades\":[],"
		"\"pingInterval\":25000,\"pingTimeout\":20000,"
		"\"maxPayload\":1000000}",
		eio_socket_id(app->s));
	assert_string_equal(fake_ws_next(ws), open);
	assert_false(ws->binary);
	assert_null(fake_ws_next(ws));
	assert_string_equal(eio_socket_transport(app->s), "websocket");
	fake_ws_free(ws);
}

static bool opens_with(struct fake_app *app, const char *text)
{
	struct fake_reply r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	bool found = r.status == 200 && strstr(r.body, text);

	fake_reply_clear(&r);
	return found;
}

static void open__with_other_options__tells_them(void **state)
{
	struct fake_app *app = *state;

	eio_server_set_option(app->srv, ENGINEIO_PING_INTERVAL, 300);
	eio_server_set_option(app->srv, ENGINEIO_PING_TIMEOUT, 200);
	eio_server_set_option(app->srv, ENGINEIO_MAX_PAYLOAD, 1000);
	assert_true(opens_with(app,
		"\"pingInterval\":300,\"pingTimeout\":200,"
		"\"maxPayload\":1000}"));
	assert_true(opens_with(app, "\"upgrades\":[\"websocket\"]"));
	eio_server_set_option(app->srv, ENGINEIO_ALLOW_UPGRADES, 0);
	assert_true(opens_with(app, "\"upgrades\":[]"));
	eio_server_set_option(app->srv, ENGINEIO_ALLOW_UPGRADES, 1);
	eio_server_set_option(app->srv, ENGINEIO_TRANSPORTS, ENGINEIO_POLLING);
	assert_true(opens_with(app, "\"upgrades\":[]"));
}

static void transports__not_enabled__are_unknown(void **state)
{
	struct fake_app *app = *state;

	eio_server_set_option(app->srv, ENGINEIO_TRANSPORTS, ENGINEIO_POLLING);
	expect_text(app, "GET", WS, fake_ws_headers, 400, "Transport unknown");
	eio_server_set_option(app->srv, ENGINEIO_TRANSPORTS,
		ENGINEIO_WEBSOCKET);
	expect_json(app, "GET", POLL, NULL, TRANSPORT_UNKNOWN);
}

static void sid__of_each_session__is_another(void **state)
{
	struct fake_app *app = *state;
	char ids[50][21];
	size_t i, k;

	for (i = 0; i < COUNT(ids); i++) {
		assert_int_equal(status_of(app, POLL), 200);
		snprintf(ids[i], sizeof(ids[i]), "%s", eio_socket_id(app->s));
		assert_int_equal(strspn(ids[i],
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "abcdefghijklmnopqrstuvwxyz"
					 "0123456789-_"),
			20);
		for (k = 0; k < i; k++)
			assert_string_not_equal(ids[i], ids[k]);
	}
	/* The last part counts: sessions of one server never collide. */
	assert_string_equal(ids[0] + 16, "AAAA");
	assert_string_equal(ids[1] + 16, "AAAB");
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

static void max_sessions__reached__is_503_until_one_ends(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p;
	struct fake_ws *ws;
	struct fake_reply r;

	eio_server_set_option(app->srv, ENGINEIO_MAX_SESSIONS, 2);
	p = fake_app_poll(app);
	ws = fake_app_ws(app);
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_int_equal(r.status, 503);
	assert_string_equal(fake_reply_header(&r, "retry-after"), "5");
	assert_string_equal(fake_reply_header(&r, "connection"), "close");
	fake_reply_clear(&r);
	assert_true(fake_app_logged(app, "MAX_SESSIONS"));
	r = fake_http(app->loop, "GET", WS, fake_ws_headers, NULL);
	assert_int_equal(r.status, 503);
	fake_reply_clear(&r);
	/* Those who are in go on. */
	assert_int_equal(fake_poll_post(p, "4still here"), 200);
	assert_string_equal(fake_app_told(app), "text still here");
	fake_ws_free(ws);
	assert_int_equal(status_of(app, POLL), 200);
	assert_int_equal(status_of(app, POLL), 503);
	fake_poll_free(p);
}

static void handshake__over_http_1_0__is_possible(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;

	fake_puts(c, "GET " POLL " HTTP/1.0\r\n\r\n");
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	assert_string_equal(fake_app_told(app), "open");
	fake_reply_clear(&r);
	assert_true(fake_is_finished(c));
	fake_free(c);
}

static void handshake__byte_by_byte__is_the_same(void **state)
{
	static const char request[] = "GET " POLL " HTTP/1.1\r\n"
				      "Host: a\r\n"
				      "\r\n";
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;
	size_t i;

	for (i = 0; i < strlen(request); i++) {
		r = fake_reply(c);
		assert_int_equal(r.status, 0);
		fake_send(c, request + i, 1);
	}
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	assert_string_equal(fake_app_told(app), "open");
	fake_reply_clear(&r);
	fake_free(c);
}

static void say_hello(struct fake_app *app, eio_socket *s)
{
	assert_true(fake_app_send(app, "hello"));
	assert_true(fake_app_send(app, "again"));
}

static void open__messages_of_the_callback__follow_the_open_packet(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;
	struct fake_ws *ws;

	app->on_open = say_hello;
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_non_null(strstr(r.body,
		"1000000}\x1e"
		"4hello\x1e"
		"4again"));
	fake_reply_clear(&r);
	ws = fake_eio_open(app->loop, "/engine.io/");
	assert_string_equal(fake_ws_next(ws), "4hello");
	assert_string_equal(fake_ws_next(ws), "4again");
	fake_ws_free(ws);
}

static void close_it(struct fake_app *app, eio_socket *s)
{
	eio_socket_close(s);
}

static void open__closed_in_the_callback__tells_both_sides(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;
	struct fake_ws *ws;

	app->on_open = close_it;
	ws = fake_eio_open(app->loop, "/engine.io/");
	assert_string_equal(fake_app_told(app),
		"open | close forced close: forced close");
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 1005);
	fake_ws_free(ws);
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_int_equal(r.body[0], '0');
	fake_reply_clear(&r);
	/* The open packet has left; the next poll will hear of the end. */
	assert_string_equal(fake_app_told(app), "open");
	fake_advance(app->loop, 30000);
	assert_string_equal(fake_app_told(app),
		"close forced close: client did not come for its close packet");
}

/* -- what is known of its first request ---------------------------------- */

static void request__of_the_session__is_there_until_dropped(void **state)
{
	static const char target[] = POLL "&room=%7Bx%7D";
	struct fake_app *app = *state;
	struct fake_reply r = fake_http(app->loop, "GET", target,
		"X-Token: secret\r\n", NULL);
	eio_request *req = eio_socket_request(app->s);

	fake_reply_clear(&r);
	assert_string_equal(eio_request_header(req, "x-token"), "secret");
	assert_string_equal(eio_request_query(req, "room"), "{x}");
	assert_string_equal(eio_socket_target(app->s), target);
	assert_string_equal(eio_socket_address(app->s), "192.0.2.7");
	eio_socket_drop_request(app->s);
	assert_null(eio_socket_request(app->s));
	assert_string_equal(eio_socket_target(app->s), target);
	assert_string_equal(eio_socket_address(app->s), "192.0.2.7");
	assert_false(eio_socket_is_secure(app->s));
	assert_true(eio_socket_issued(app->s) == eio_loop_wall(app->loop));
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
		TEST(path__of_the_engine__is_a_prefix_of_the_target),
		TEST(path__set_with_or_without_slash__is_the_same),
		TEST(path__of_everything__is_possible),
		TEST(guest__with_listeners_or_routes__is_not_attached),
		TEST(path__of_a_server_that_listens__stays),
		TEST(path__that_is_none__is_not_set),
		TEST(query__of_a_handshake__is_decoded_as_browsers_do),
		TEST(open__over_polling__is_the_open_packet),
		TEST(open__over_websocket__is_its_first_message),
		TEST(open__with_other_options__tells_them),
		TEST(transports__not_enabled__are_unknown),
		TEST(sid__of_each_session__is_another),
		TEST(sid__without_randomness__is_refused),
		TEST(max_sessions__reached__is_503_until_one_ends),
		TEST(handshake__over_http_1_0__is_possible),
		TEST(handshake__byte_by_byte__is_the_same),
		TEST(open__messages_of_the_callback__follow_the_open_packet),
		TEST(open__closed_in_the_callback__tells_both_sides),
		TEST(request__of_the_session__is_there_until_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
