/* SPDX-License-Identifier: MIT */
/*
 * test_sio_backpressure.c: clients that read slowly, seen from Socket.IO.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sio.h"

static struct fake_ws *ws;
static sio_socket *s;

static void tell_pressure(sio_socket *sock, bool full, void *user)
{
	tell("%s %s", sio_nsp_name(sio_socket_nsp(sock)),
		full ? "full" : "free");
	assert_int_equal(sio_socket_is_full(sock), full);
}

static int setup(void **state)
{
	char sid[24];

	sio_setup(state);
	sio_server_set_option(srv, SIO_QUEUE_HIGH, 1000);
	sio_server_set_option(srv, SIO_QUEUE_LOW, 100);
	assert_int_equal(sio_server_on_backpressure(srv, tell_pressure, NULL),
		0);
	ws = sio_client("/", sid);
	s = sio_nsp_find(io, sid);
	assert_non_null(s);
	return 0;
}

static int teardown(void **state)
{
	fake_ws_free(ws);
	return sio_teardown(state);
}

static void emit_much(unsigned n)
{
	static char text[500];

	memset(text, 'x', sizeof(text) - 1);
	while (n--)
		sio_socket_emit(s, "a", "s", text);
}

static void backpressure__slow_client__is_told_in_turn(void **state)
{
	fake_room(ws->c, 0);
	emit_much(1);
	fake_turn(loop);
	assert_story("");
	assert_true(sio_socket_queued(s) > 500);
	emit_much(2);
	assert_story("");
	fake_turn(loop);
	assert_story("/ full");
	emit_much(5);
	fake_turn(loop);
	assert_story("");
	fake_room(ws->c, SIZE_MAX);
	assert_story("/ free");
	assert_int_equal(sio_socket_queued(s), 0);
	emit_much(20);
	fake_turn(loop);
	assert_story(""); /* taken at once */
}

static void
backpressure__of_a_connection__is_told_to_all_its_sockets(void **state)
{
	sio_server_of(srv, "/b");
	sio_join_nsp(ws, "/b", NULL);
	fake_room(ws->c, 0);
	emit_much(3);
	fake_turn(loop);
	assert_story("/ full; /b full");
	fake_room(ws->c, SIZE_MAX);
	assert_story("/ free; /b free");
}

static void disconnect_all(sio_socket *sock, bool full, void *user)
{
	tell_pressure(sock, full, user);
	sio_target_disconnect(sio_nsp_all(io), true);
}

static void free_server(sio_socket *sock, bool full, void *user)
{
	tell_pressure(sock, full, user);
	sio_free_server();
}

static void backpressure__function_that_ends_it__may(void **state)
{
	sio_server_of(srv, "/b");
	sio_join_nsp(ws, "/b", NULL);
	sio_server_on_backpressure(srv, disconnect_all, NULL);
	fake_room(ws->c, 0);
	emit_much(3);
	fake_turn(loop);
	assert_story("/ full");
	fake_room(ws->c, SIZE_MAX);
	assert_true(fake_ws_is_closed(ws));
}

static void backpressure__function_that_frees_the_server__may(void **state)
{
	sio_server_of(srv, "/b");
	sio_join_nsp(ws, "/b", NULL);
	sio_server_on_backpressure(srv, free_server, NULL);
	fake_room(ws->c, 0);
	emit_much(3);
	fake_turn(loop);
	assert_story("/ full");
}

static void backpressure__nobody_asked__is_not_told(void **state)
{
	assert_int_equal(sio_server_on_backpressure(srv, NULL, NULL), 0);
	assert_int_equal(sio_server_on_backpressure(NULL, NULL, NULL),
		SIO_ERR_INVALID);
	fake_room(ws->c, 0);
	emit_much(3);
	fake_turn(loop);
	assert_story("");
	assert_false(sio_socket_is_full(s));
	assert_int_equal(sio_socket_queued(NULL), 0);
	assert_int_equal(sio_socket_refused(NULL), 0);
	assert_false(sio_socket_is_full(NULL));
}

/* -- QUEUE_POLICY ------------------------------------------------------------ */

static void set_limits(long policy)
{
	sio_server_set_option(srv, SIO_QUEUE_POLICY, policy);
	sio_server_set_option(srv, SIO_QUEUE_PACKETS, 2);
	sio_server_set_option(srv, SIO_QUEUE_HIGH, 1000000);
	sio_server_on_backpressure(srv, NULL, NULL);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
}

static void policy__close__costs_the_connection(void **state)
{
	set_limits(ENGINEIO_QUEUE_CLOSE);
	fake_room(ws->c, 0);
	assert_int_equal(sio_socket_emit(s, "a", NULL), 0);
	assert_int_equal(sio_socket_emit(s, "b", NULL), 0);
	assert_int_equal(sio_socket_emit(s, "c", NULL), SIO_ERR_FULL);
	assert_int_equal(sio_socket_emit(s, "d", NULL), SIO_ERR_CLOSED);
	fake_turn(loop);
	assert_story("disconnect[\"queue full\",\"client reads too slowly\"]");
}

static void policy__refuse__costs_the_event(void **state)
{
	struct fake_ws *other = sio_client("/", NULL);

	set_limits(ENGINEIO_QUEUE_REFUSE);
	fake_room(ws->c, 0);
	assert_int_equal(sio_socket_emit(s, "a", NULL), 0);
	assert_int_equal(sio_socket_emit(s, "b", NULL), 0);
	assert_int_equal(sio_socket_emit(s, "c", NULL), SIO_ERR_FULL);
	assert_int_equal(sio_socket_emit_ack(s, 0, tell_ack, NULL, "d", NULL),
		SIO_ERR_FULL);
	/* A broadcast reaches the others. */
	assert_int_equal(sio_nsp_emit(io, "e", "o", sio_binary("x", 1)), 0);
	assert_int_equal(sio_socket_refused(s), 3);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_ENGINE_REFUSED), 3);
	fake_turn(loop);
	expect(other, "451-[\"e\",{\"_placeholder\":true,\"num\":0}]");
	expect_binary(other, "x", 1);
	fake_room(ws->c, SIZE_MAX);
	expect(ws, "42[\"a\"]");
	expect(ws, "42[\"b\"]");
	expect_open(ws);
	sio_socket_emit(s, "f", NULL);
	fake_turn(loop);
	expect(ws, "42[\"f\"]");
	assert_story("");
	fake_ws_free(other);
}

static void tell_acks(int err, json_t *answers, size_t expected, void *user)
{
	tell("%s %zu of %zu", err ? sio_strerror(err) : "ok",
		json_array_size(answers), expected);
}

/* Without a time limit it would be waited for as long as it is there. */
static void policy__refuse__does_not_wait_for_who_was_not_asked(void **state)
{
	struct fake_ws *other = sio_client("/", NULL);

	set_limits(ENGINEIO_QUEUE_REFUSE);
	fake_room(ws->c, 0);
	sio_socket_emit(s, "a", NULL);
	sio_socket_emit(s, "b", NULL);
	assert_int_equal(sio_target_emit_acks(sio_nsp_all(io), tell_acks, NULL,
				 "q", NULL),
		0);
	fake_turn(loop);
	expect(other, "420[\"q\"]");
	fake_ws_send(other, "430[1]");
	assert_story("ok 1 of 2");
	fake_ws_free(other);
}

/* Without these packets the client would believe something else than we. */
static void policy__refuse__spares_no_packet_of_our_own(void **state)
{
	set_limits(ENGINEIO_QUEUE_REFUSE);
	fake_room(ws->c, 0);
	sio_socket_emit(s, "a", NULL);
	sio_socket_emit(s, "b", NULL);
	sio_socket_disconnect(s, false);
	fake_turn(loop);
	/* The DISCONNECT did not fit: the connection ends. */
	assert_story("disconnect[\"server namespace disconnect\"]");
	fake_room(ws->c, SIZE_MAX);
	assert_true(fake_ws_is_closed(ws));
}

static sio_event *question;

static void keep_question(sio_socket *sock, sio_event *ev, void *user)
{
	question = sio_event_ref(ev);
}

/* The client waits for it: it may be tried again, as often as need be. */
static void policy__refuse__leaves_an_answer_to_be_given_later(void **state)
{
	set_limits(ENGINEIO_QUEUE_REFUSE);
	sio_nsp_on_event(io, "q", keep_question, NULL);
	fake_ws_send(ws, "427[\"q\"]");
	fake_room(ws->c, 0);
	sio_socket_emit(s, "a", NULL);
	sio_socket_emit(s, "b", NULL);
	assert_int_equal(sio_event_reply(question, "i", 1), SIO_ERR_FULL);
	assert_true(sio_event_wants_reply(question));
	assert_int_equal(sio_event_reply_text(question, "2", 1), SIO_ERR_FULL);
	assert_true(sio_event_wants_reply(question));
	fake_room(ws->c, SIZE_MAX);
	expect(ws, "42[\"a\"]");
	expect(ws, "42[\"b\"]");
	assert_int_equal(sio_event_reply(question, "i", 3), 0);
	assert_false(sio_event_wants_reply(question));
	assert_int_equal(sio_event_reply(question, "i", 4), SIO_ERR_STATE);
	fake_turn(loop);
	expect(ws, "437[3]");
	expect_open(ws);
	sio_event_unref(question);
}

static void timeout__client_that_takes_nothing__has_its_own_reason(void **state)
{
	set_limits(ENGINEIO_QUEUE_REFUSE);
	sio_server_set_option(srv, SIO_WRITE_TIMEOUT, 5000);
	fake_room(ws->c, 0);
	sio_socket_emit(s, "a", NULL);
	fake_turn(loop);
	fake_advance(loop, 5000);
	assert_story("disconnect[\"write timeout\",\"peer does not read\"]");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		test(backpressure__slow_client__is_told_in_turn),
		test(backpressure__of_a_connection__is_told_to_all_its_sockets),
		test(backpressure__function_that_ends_it__may),
		test(backpressure__function_that_frees_the_server__may),
		test(backpressure__nobody_asked__is_not_told),
		test(policy__close__costs_the_connection),
		test(policy__refuse__costs_the_event),
		test(policy__refuse__does_not_wait_for_who_was_not_asked),
		test(policy__refuse__leaves_an_answer_to_be_given_later),
		test(policy__refuse__spares_no_packet_of_our_own),
		test(timeout__client_that_takes_nothing__has_its_own_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
