/* SPDX-License-Identifier: MIT */
/*
 * test_sio_request.c: REST calls and plain WebSockets through the Socket.IO
 * server alone: bodies of JSON, answers now and later, what a wrong call says.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <engineio/http.h>

#include "fake_sio.h"

/* Answers with what it was sent. */
static void on_echo(eio_request *req, void *user)
{
	json_t *body = sio_request_json(req);

	if (!body)
		body = json_pack("{s:s}", "error", "no JSON");
	assert_int_equal(sio_request_respond_json(req, 200, body), 0);
	assert_int_equal(sio_request_respond_json(req, 200, json_true()),
		SIO_ERR_STATE);
}

static void on_bad(eio_request *req, void *user)
{
	assert_int_equal(sio_request_respond_json(req, 200, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_request_respond_json(req, 200,
				 json_stringn_nocheck("\xff", 1)),
		SIO_ERR_NOMEM);
	assert_int_equal(sio_request_respond_json(NULL, 200, json_true()),
		SIO_ERR_INVALID);
	eio_request_respond(req, 204, NULL, NULL, 0);
}

static void answer(void *arg, int status)
{
	eio_request *req = arg;

	if (!status)
		sio_request_respond_json(req, 202, sio_request_json(req));
	eio_request_unref(req);
}

static void on_later(eio_request *req, void *user)
{
	assert_int_equal(sio_server_post(srv, answer, eio_request_ref(req)), 0);
}

static void expect_reply(const char *method, const char *target,
	const char *send, int status, const char *body)
{
	struct fake_reply r = fake_http(loop, method, target, NULL, send);

	assert_int_equal(r.status, status);
	assert_string_equal(r.body, body);
	if (*body)
		assert_string_equal(fake_reply_header(&r, "Content-Type"),
			"application/json");
	fake_reply_clear(&r);
}

static void route__with_json__is_answered_now_and_later(void **state)
{
	sio_setup(state);
	sio_server_route(srv, "POST", "/echo", on_echo, NULL);
	sio_server_route(srv, "POST", "/bad", on_bad, NULL);
	sio_server_route(srv, "POST", "/later", on_later, NULL);
	expect_reply("POST", "/echo", "{\"a\":[1,0.1,null]}", 200,
		"{\"a\":[1,0.1,null]}");
	expect_reply("POST", "/echo", "nonsense", 200,
		"{\"error\":\"no JSON\"}");
	expect_reply("POST", "/echo", NULL, 200, "{\"error\":\"no JSON\"}");
	expect_reply("POST", "/bad", "1", 204, "");
	expect_reply("POST", "/later", "[true]", 202, "[true]");
	assert_null(sio_request_json(NULL));
	sio_teardown(state);
}

/* The server is freed with the loop before the post is done. */
static void route__answered_too_late__leaks_nothing(void **state)
{
	struct fake_conn *c;

	sio_setup(state);
	sio_server_route(srv, "POST", "/later", on_later, NULL);
	c = fake_connect(loop);
	fake_request(c, "POST", "/later", NULL, "1");
	sio_free_server();
	fake_free(c);
	sio_teardown(state);
}

static void on_open(eio_websocket *w, eio_request *req, void *user)
{
	tell("open");
}

static void on_message(eio_websocket *w, char *data, size_t len, bool binary,
	void *user)
{
	tell("%.*s", (int)len, data);
	eio_websocket_send(w, data, len, binary);
}

static void websocket__beside_socket_io__speaks(void **state)
{
	static const struct eio_websocket_events events = {
		.on_open = on_open,
		.on_message = on_message,
	};
	struct fake_ws *ws;

	sio_setup(state);
	assert_int_equal(sio_server_websocket(srv, "/plain", NULL, &events,
				 NULL),
		0);
	ws = fake_ws_open(loop, "/plain");
	assert_non_null(ws);
	fake_ws_send(ws, "hello");
	assert_story("open; hello");
	assert_string_equal(fake_ws_next(ws), "hello");
	fake_ws_free(ws);
	sio_teardown(state);
}

static void wrong_calls__are_said_by_run(void **state)
{
	static const struct eio_websocket_events none;

	sio_setup_deaf(state);
	assert_int_equal(sio_server_route(srv, "GET", "notes", on_echo, NULL),
		SIO_ERR_INVALID);
	assert_string_equal(sio_server_error(srv),
		"sio_server_route(\"notes\"): the path must begin with '/'");
	assert_int_equal(sio_server_run(srv), SIO_ERR_INVALID);
	sio_teardown(state);
	sio_setup_deaf(state);
	assert_int_equal(sio_server_websocket(srv, "/", NULL, &none, NULL),
		SIO_ERR_INVALID);
	assert_string_equal(sio_server_error(srv),
		"sio_server_websocket(\"/\"): invalid argument");
	assert_int_equal(sio_server_route(NULL, "GET", "/", on_echo, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_websocket(NULL, "/", NULL, &none, NULL),
		SIO_ERR_INVALID);
	sio_teardown(state);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(route__with_json__is_answered_now_and_later),
		cmocka_unit_test(route__answered_too_late__leaks_nothing),
		cmocka_unit_test(websocket__beside_socket_io__speaks),
		cmocka_unit_test(wrong_calls__are_said_by_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
