/* SPDX-License-Identifier: MIT */
/*
 * test_eio_handshake.c: which requests are the engine's, and what a new session
 * gets.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/http.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define POLL     "/engine.io/?EIO=4&transport=polling"
#define WS       "/engine.io/?EIO=4&transport=websocket"

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
		TEST(sid__of_each_session__is_another),
		TEST(max_sessions__reached__is_503_until_one_ends),
		TEST(handshake__over_http_1_0__is_possible),
		TEST(handshake__byte_by_byte__is_the_same),
		TEST(open__messages_of_the_callback__follow_the_open_packet),
		TEST(open__closed_in_the_callback__tells_both_sides),
		TEST(request__of_the_session__is_there_until_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
