/* SPDX-License-Identifier: MIT */
/*
 * test_sio_gate.c: who gets in, through this layer's own calls: what a
 * program says there reaches the engine, and clients see it. What the calls
 * can do in full is in test_eio_hook.c and test_eio_gate.c.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sio.h"

#include <engineio/http.h>

#define POLL "/socket.io/?EIO=4&transport=polling"

static eio_request *held;

static int setup(void **state)
{
	held = NULL;
	return sio_setup(state);
}

static void expect_answer(int status, const char *body)
{
	struct fake_reply r = fake_http(loop, "GET", POLL, NULL, NULL);

	assert_int_equal(r.status, status);
	if (body)
		assert_string_equal(r.body, body);
	fake_reply_clear(&r);
}

static enum eio_verdict refuse(eio_request *req, void *user)
{
	tell("asked");
	eio_request_decide(req, false, user);
	return ENGINEIO_REFUSE;
}

static enum eio_verdict keep(eio_request *req, void *user)
{
	held = eio_request_ref(req);
	return ENGINEIO_LATER;
}

static void tell_error(eio_request *req,
	const struct eio_connection_error *error, void *user)
{
	tell("%d %s", (int)error->code, error->message);
}

static void request__refused__is_told_the_message(void **state)
{
	assert_int_equal(sio_server_on_connection_error(srv, tell_error, NULL),
		0);
	assert_int_equal(sio_server_on_request(srv, refuse, words("go away")),
		0);
	expect_answer(403, "{\"code\":4,\"message\":\"go away\"}");
	assert_null(fake_ws_open(loop,
		"/socket.io/?EIO=4&transport=websocket"));
	assert_story("asked; 4 go away; asked; 4 go away");
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_ENGINE_FORBIDDEN),
		2);
	sio_server_on_request(srv, NULL, NULL);
	expect_answer(200, NULL);
}

static void request__decided_later__joins_its_namespace(void **state)
{
	struct fake_conn *c = fake_connect(loop);
	struct fake_ws *ws;

	sio_nsp_on_connection(io, tell_text, words("connected"));
	sio_server_on_request(srv, keep, NULL);
	fake_request(c, "GET", "/socket.io/?EIO=4&transport=websocket",
		fake_ws_headers, NULL);
	fake_advance(loop, 1000);
	assert_int_equal(eio_request_decide(held, true, NULL), 0);
	eio_request_unref(held);
	fake_turn(loop);
	ws = fake_ws_adopt(c);
	assert_non_null(ws);
	fake_ws_send(ws, "40");
	assert_story("connected");
	fake_ws_free(ws);
}

static void request__undecided__when_the_server_is_freed(void **state)
{
	struct fake_conn *c = fake_connect(loop);

	sio_server_on_request(srv, keep, NULL);
	fake_request(c, "GET", POLL, NULL, NULL);
	sio_free_server();
	assert_int_equal(eio_request_decide(held, true, NULL), SIO_ERR_CLOSED);
	eio_request_unref(held);
	fake_turn(loop);
	fake_free(c);
}

static void hook__sees_other_pages_too__behind_the_bundles(void **state)
{
	struct fake_reply r;

	assert_int_equal(sio_server_on_http(srv, refuse, NULL), 0);
	expect_answer(400, "{\"code\":3,\"message\":\"Bad request\"}");
	r = fake_http(loop, "GET", "/elsewhere", NULL, NULL);
	assert_int_equal(r.status, 403);
	fake_reply_clear(&r);
	assert_story("asked; asked");
}

static enum eio_verdict name(eio_request *req, void *user)
{
	eio_request_decide(req, true, "the-engines-own-id-1");
	return ENGINEIO_PASS;
}

static void id__of_the_engine__is_not_that_of_the_socket(void **state)
{
	char sid[24];
	struct fake_ws *ws;

	assert_int_equal(sio_server_on_id(srv, name, NULL), 0);
	ws = sio_client("/", sid);
	assert_non_null(eio_server_find(sio_server_engine(srv),
		"the-engines-own-id-1"));
	assert_string_not_equal(sid, "the-engines-own-id-1");
	fake_ws_free(ws);
}

static void initial_packet__is_the_first_message(void **state)
{
	eio_buf *buf = eio_buf_new_text("hello", 5);
	struct fake_ws *ws;

	assert_int_equal(sio_server_set_initial_packet(srv, buf), 0);
	eio_buf_unref(buf);
	ws = sio_session();
	assert_string_equal(fake_ws_next(ws), "4hello");
	fake_ws_free(ws);
}

static void gate__of_no_server__is_invalid(void **state)
{
	assert_int_equal(sio_server_on_http(NULL, keep, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_server_on_request(NULL, keep, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_on_id(NULL, keep, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_server_on_connection_error(NULL, tell_error, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_initial_packet(NULL, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_counter(NULL, SIO_COUNT_MAX_ROOMS), 0);
	assert_string_equal(sio_counter_name(SIO_COUNTER_END), "");
	assert_string_equal(sio_counter_name(SIO_COUNT_ENGINE_MAX_TARGET),
		"MAX_TARGET");
	/* Recorded like every other call that sets up. */
	assert_int_equal(sio_server_on_http(srv, NULL, NULL), SIO_ERR_INVALID);
	assert_string_equal(sio_server_error(srv),
		"sio_server_on_http(): invalid argument");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, sio_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(request__refused__is_told_the_message),
		TEST(request__decided_later__joins_its_namespace),
		TEST(request__undecided__when_the_server_is_freed),
		TEST(hook__sees_other_pages_too__behind_the_bundles),
		TEST(id__of_the_engine__is_not_that_of_the_socket),
		TEST(initial_packet__is_the_first_message),
		TEST(gate__of_no_server__is_invalid),
	};

	return cmocka_run_group_tests_name("gate of socket.io", tests, NULL,
		NULL);
}
