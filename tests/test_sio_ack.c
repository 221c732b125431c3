/* SPDX-License-Identifier: MIT */
/*
 * test_sio_ack.c: answers, in both directions.
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

static int setup(void **state)
{
	char sid[24];

	sio_setup(state);
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

/* -- the client answers ----------------------------------------------------- */

static void ask(unsigned ms, const char *who)
{
	assert_int_equal(sio_socket_emit_ack(s, ms, tell_ack, words(who), "q",
				 "s", who),
		0);
}

static void emit_ack__answered__is_completed_once(void **state)
{
	ask(0, "1 ");
	ask(0, "2 ");
	fake_turn(loop);
	expect(ws, "420[\"q\",\"1 \"]");
	expect(ws, "421[\"q\",\"2 \"]");
	fake_ws_send(ws, "431[\"b\",{\"c\":[2]}]");
	assert_story("2 ack[\"b\",{\"c\":[2]}]");
	fake_ws_send(ws, "430[]");
	assert_story("1 ack[]");
	/* repeated, unknown, without id */
	fake_ws_send(ws, "430[1]");
	fake_ws_send(ws, "4399[1]");
	fake_ws_send(ws, "43[1]");
	assert_story("");
	expect_open(ws);
}

static void emit_ack__answered_without_data__has_no_arguments(void **state)
{
	ask(0, "");
	fake_ws_send(ws, "430");
	assert_story("ack[]");
}

static void emit_ack__ids__are_of_the_namespace(void **state)
{
	char sid[24];
	struct fake_ws *other = sio_client("/", sid);
	sio_nsp *a = sio_server_of(srv, "/a");

	ask(0, "x");
	sio_socket_emit_ack(sio_nsp_find(io, sid), 0, tell_ack, NULL, "q",
		NULL);
	fake_turn(loop);
	expect(other, "421[\"q\"]");
	sio_join_nsp(other, "/a", sid);
	sio_socket_emit_ack(sio_nsp_find(a, sid), 0, tell_ack, NULL, "q", NULL);
	fake_turn(loop);
	expect(other, "42/a,0[\"q\"]");
	/* somebody else's id is unknown */
	fake_ws_send(other, "430[1]");
	assert_story("");
	fake_ws_send(other, "43/a,0[2]");
	assert_story("ack[2]");
	fake_ws_send(ws, "430[3]");
	assert_story("xack[3]");
	fake_ws_free(other);
	assert_story("ack connection closed");
}

static void emit_ack__no_answer_in_time__says_so_once(void **state)
{
	ask(1000, "a ");
	ask(500, "b ");
	ask(0, "c ");
	fake_advance(loop, 499);
	assert_story("");
	fake_advance(loop, 1);
	assert_story("b ack no answer in time");
	fake_ws_send(ws, "431[\"late\"]");
	assert_story("");
	fake_ws_send(ws, "430[\"in time\"]");
	assert_story("a ack[\"in time\"]");
	fake_advance(loop, 5000);
	assert_story("");
	fake_ws_send(ws, "432[]");
	assert_story("c ack[]");
}

static void emit_ack__socket_gone__is_closed_before_disconnect(void **state)
{
	sio_nsp_on_event(io, "disconnecting", tell_event, NULL);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	ask(1000, "a ");
	ask(0, "b ");
	fake_ws_free(ws);
	ws = NULL;
	assert_story(
		"disconnecting[\"transport close\",\"connection closed\"]; "
		"a ack connection closed; b ack connection closed; "
		"disconnect[\"transport close\",\"connection closed\"]");
	fake_advance(loop, 5000);
	assert_story("");
}

static void emit_ack__server_disconnects__is_told_from_the_loop(void **state)
{
	ask(0, "");
	sio_socket_disconnect(s, false);
	assert_story("");
	fake_turn(loop);
	assert_story("ack connection closed");
	/* a late answer crosses the DISCONNECT */
	fake_ws_send(ws, "430[1]");
	expect(ws, "420[\"q\",\"\"]");
	expect(ws, "41");
	expect_open(ws);
}

static void emit_ack__too_many__are_refused(void **state)
{
	int i;

	for (i = 0; i < 1000; i++)
		ask(i % 2 ? 1000 : 0, "");
	assert_int_equal(sio_socket_emit_ack(s, 0, tell_ack, NULL, "q", "o",
				 json_object()),
		SIO_ERR_FULL);
	fake_ws_send(ws, "430[]");
	assert_story("ack[]");
	ask(0, "");
	fake_advance(loop, 1000);
	story();
}

static void emit_ack__that_fails__is_never_completed(void **state)
{
	assert_int_equal(sio_socket_emit_ack(s, 100, tell_ack, NULL,
				 "disconnect", "o", json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit_ack(s, 0, NULL, NULL, "a", "o",
				 json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit_ack(NULL, 0, tell_ack, NULL, "a", "o",
				 json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit_ack_json(s, 0, tell_ack, NULL, "a",
				 NULL),
		SIO_ERR_INVALID);
	sio_socket_disconnect(s, false);
	assert_int_equal(sio_socket_emit_ack(s, 100, tell_ack, NULL, "a", "o",
				 json_object()),
		SIO_ERR_CLOSED);
	fake_advance(loop, 1000);
	assert_story("");
}

static void ask_again(sio_socket *sock, int err, sio_event *answer, void *user)
{
	const char *text;

	assert_int_equal(sio_event_unpack(answer, "s", &text), 0);
	tell("got %s", text);
	assert_false(sio_event_wants_reply(answer));
	assert_int_equal(sio_event_reply(answer, NULL), SIO_ERR_STATE);
	assert_int_equal(sio_socket_emit_ack(sock, 0, tell_ack, NULL, "again",
				 NULL),
		0);
}

static void emit_ack__inside_an_ack__goes_on(void **state)
{
	sio_socket_emit_ack(s, 0, ask_again, NULL, "q", NULL);
	fake_ws_send(ws, "430[\"x\"]");
	assert_story("got x");
	expect(ws, "420[\"q\"]");
	expect(ws, "421[\"again\"]");
	fake_ws_send(ws, "431[]");
	assert_story("ack[]");
}

/* -- the server answers ----------------------------------------------------- */

static void reply_twice(sio_socket *sock, sio_event *ev, void *user)
{
	assert_true(sio_event_wants_reply(ev));
	assert_int_equal(sio_event_reply(ev, "s, {s:i}", "ok", "n", 1), 0);
	assert_false(sio_event_wants_reply(ev));
	assert_int_equal(sio_event_reply(ev, "o", json_object()),
		SIO_ERR_STATE);
	assert_int_equal(sio_event_reply_text(ev, "1", 1), SIO_ERR_STATE);
}

static void reply__once__is_sent(void **state)
{
	sio_nsp_on_event(io, "a", reply_twice, NULL);
	sio_nsp_on_event(sio_server_of(srv, "/b"), "a", reply_twice, NULL);
	fake_ws_send(ws, "427[\"a\"]");
	expect(ws, "437[\"ok\",{\"n\":1}]");
	sio_join_nsp(ws, "/b", NULL);
	fake_ws_send(ws, "42/b,0[\"a\"]");
	expect(ws, "43/b,0[\"ok\",{\"n\":1}]");
	expect_open(ws);
}

static void reply_unwanted(sio_socket *sock, sio_event *ev, void *user)
{
	assert_false(sio_event_wants_reply(ev));
	assert_int_equal(sio_event_reply(ev, "o", json_object()),
		SIO_ERR_STATE);
	assert_int_equal(sio_event_reply(NULL, "o", json_object()),
		SIO_ERR_INVALID);
}

static void reply__not_wanted__is_an_error(void **state)
{
	sio_nsp_on_event(io, "a", reply_unwanted, NULL);
	fake_ws_send(ws, "42[\"a\"]");
	expect_open(ws);
}

static void reply_with_rubbish(sio_socket *sock, sio_event *ev, void *user)
{
	assert_int_equal(sio_event_reply(ev, "o", json_string_nocheck("\xff")),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit(sock, "a", "o",
				 json_string_nocheck("\xff")),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_emit(io, "a", "o",
				 json_string_nocheck("\xff")),
		SIO_ERR_INVALID);
	/* nothing has been said yet */
	assert_true(sio_event_wants_reply(ev));
	assert_int_equal(sio_event_reply(ev, "s", "good"), 0);
}

static void reply__text_that_is_not_utf_8__is_an_error(void **state)
{
	sio_nsp_on_event(io, "a", reply_with_rubbish, NULL);
	fake_ws_send(ws, "420[\"a\"]");
	expect(ws, "430[\"good\"]");
	expect_open(ws);
}

static void pass_on(sio_socket *sock, sio_event *ev, void *user)
{
	size_t len;
	const char *text = sio_event_text(ev, &len);

	assert_int_equal(sio_event_reply_text(ev, "1]", 2), SIO_ERR_INVALID);
	assert_int_equal(sio_event_reply_text(ev, "1],[2", 5), SIO_ERR_INVALID);
	assert_int_equal(sio_event_reply_text(ev, "\"\xff\"", 3),
		SIO_ERR_INVALID);
	assert_int_equal(sio_event_reply_text(ev, NULL, 1), SIO_ERR_INVALID);
	if (len)
		assert_int_equal(sio_event_reply_text(ev, text, len - 1),
			SIO_ERR_INVALID);
	assert_int_equal(sio_event_reply_text(ev, text, len), 0);
}

static void reply_text__as_received__is_passed_on(void **state)
{
	sio_nsp_on_event(io, "a", pass_on, NULL);
	fake_ws_send(ws, "425[\"a\", 1.0 ,\"\\ud800\"]");
	expect(ws, "435[1.0 ,\"\\ud800\"]");
	fake_ws_send(ws, "426[\"a\"]");
	expect(ws, "436[]");
}

/* -- later ------------------------------------------------------------------ */

static sio_event *kept;

static void keep(sio_socket *sock, sio_event *ev, void *user)
{
	kept = sio_event_ref(ev);
	assert_non_null(kept);
}

static void reply__later__works(void **state)
{
	sio_nsp_on_event(io, "a", keep, NULL);
	sio_nsp_on_event(io, "b", tell_event, NULL);
	fake_ws_send(ws, "423[\"a\",\"first\",[1]]");
	/* others come in between */
	fake_ws_send(ws, "424[\"b\",\"second\"]");
	assert_story("b[\"second\"]");
	assert_string_equal(sio_event_name(kept), "a");
	tell_event(NULL, kept, NULL);
	assert_story("a[\"first\",[1]]");
	assert_int_equal(sio_event_reply_json(kept,
				 json_incref(sio_event_args(kept))),
		0);
	sio_event_unref(kept);
	fake_turn(loop);
	expect(ws, "433[\"first\",[1]]");
	expect_open(ws);
}

static json_t *held[2];

static void hold(sio_socket *sock, sio_event *ev, void *user)
{
	json_t **mine = user;

	*mine = json_incref(sio_event_args(ev));
}

/* The array of an event is used for the next one, unless it is held. */
static void args__held_by_the_program__are_its_own(void **state)
{
	sio_nsp_on_event(io, "a", hold, &held[0]);
	sio_nsp_on_event(io, "b", hold, &held[1]);
	sio_nsp_on_event(io, "c", tell_event, NULL);
	fake_ws_send(ws, "42[\"c\",0,[1]]");
	assert_story("c[0,[1]]");
	fake_ws_send(ws, "42[\"a\",1,\"x\"]");
	fake_ws_send(ws, "42[\"b\",2]");
	fake_ws_send(ws, "42[\"c\"]");
	assert_story("c[]");
	assert_int_equal(json_array_size(held[0]), 2);
	assert_string_equal(json_string_value(json_array_get(held[0], 1)), "x");
	assert_int_equal(json_array_size(held[1]), 1);
	assert_int_equal(json_integer_value(json_array_get(held[1], 0)), 2);
	json_decref(held[0]);
	json_decref(held[1]);
	fake_ws_send(ws, "42[\"c\",3]");
	assert_story("c[3]");
}

/* An array that a handler has made very long, or has taken apart. */
static void change(sio_socket *sock, sio_event *ev, void *user)
{
	json_t *args = sio_event_args(ev);
	int i;

	if (json_array_size(args) == 1)
		json_array_clear(args);
	else
		for (i = 0; i < 100; i++)
			json_array_append_new(args, json_integer(i));
}

static void args__changed_by_a_handler__do_not_come_back(void **state)
{
	sio_nsp_on_event(io, "a", change, NULL);
	sio_nsp_on_event(io, "b", tell_event, NULL);
	fake_ws_send(ws, "42[\"a\",1,2]");
	fake_ws_send(ws, "42[\"b\",3]");
	assert_story("b[3]");
	fake_ws_send(ws, "42[\"a\",1]");
	fake_ws_send(ws, "42[\"b\"]");
	assert_story("b[]");
}

static void reply__later_with_the_text__works(void **state)
{
	size_t len;
	const char *text;

	sio_nsp_on_event(io, "a", keep, NULL);
	fake_ws_send(ws, "423[\"a\",1, 2]");
	fake_ws_send(ws, "424[\"something else that comes\"]");
	text = sio_event_text(kept, &len);
	assert_int_equal(sio_event_reply_text(kept, text, len), 0);
	sio_event_unref(kept);
	fake_turn(loop);
	expect(ws, "433[1, 2]");
}

static void reply__after_leaving_the_namespace__is_sent(void **state)
{
	sio_nsp_on_event(io, "a", keep, NULL);
	fake_ws_send(ws, "423[\"a\"]");
	fake_ws_send(ws, "41");
	assert_int_equal(sio_event_reply(kept, "i", 1), 0);
	sio_event_unref(kept);
	fake_turn(loop);
	expect(ws, "433[1]");
	expect_open(ws);
}

static void reply__after_the_connection__is_closed(void **state)
{
	sio_nsp_on_event(io, "a", keep, NULL);
	fake_ws_send(ws, "423[\"a\",{\"x\":1}]");
	fake_ws_free(ws);
	ws = NULL;
	assert_false(sio_event_wants_reply(kept));
	assert_int_equal(sio_event_reply(kept, "o", json_object()),
		SIO_ERR_CLOSED);
	tell_event(NULL, kept, NULL);
	assert_story("a[{\"x\":1}]");
	/* and after the server */
	sio_free_server();
	assert_int_equal(sio_event_reply(kept, "o", json_object()),
		SIO_ERR_CLOSED);
	assert_non_null(sio_event_socket(kept));
	sio_event_unref(kept);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(emit_ack__answered__is_completed_once),
		test(emit_ack__answered_without_data__has_no_arguments),
		test(emit_ack__ids__are_of_the_namespace),
		test(emit_ack__no_answer_in_time__says_so_once),
		test(emit_ack__socket_gone__is_closed_before_disconnect),
		test(emit_ack__server_disconnects__is_told_from_the_loop),
		test(emit_ack__too_many__are_refused),
		test(emit_ack__that_fails__is_never_completed),
		test(emit_ack__inside_an_ack__goes_on),
		test(reply__once__is_sent),
		test(reply__not_wanted__is_an_error),
		test(reply__text_that_is_not_utf_8__is_an_error),
		test(reply_text__as_received__is_passed_on),
		test(reply__later__works),
		test(args__held_by_the_program__are_its_own),
		test(args__changed_by_a_handler__do_not_come_back),
		test(reply__later_with_the_text__works),
		test(reply__after_leaving_the_namespace__is_sent),
		test(reply__after_the_connection__is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
