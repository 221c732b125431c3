/* SPDX-License-Identifier: MIT */
/*
 * test_sio_catch_all.c: handlers for every event, in and out, and in which
 * order handlers are called.
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
	return 0;
}

static int teardown(void **state)
{
	fake_ws_free(ws);
	return sio_teardown(state);
}

static void client_says(const char *text)
{
	fake_ws_send(ws, text);
}

/* -- in --------------------------------------------------------------------- */

static void any__beside_named_ones__is_called_before_them(void **state)
{
	sio_nsp_on_event(io, "a", tell_text, words("named"));
	sio_socket_on(s, "a", tell_text, words("own named"));
	sio_nsp_on_any(io, tell_text, words("any"));
	sio_socket_on_any(s, tell_text, words("own any"));
	sio_nsp_prepend_any(io, tell_text, words("first any"));
	sio_socket_prepend_any(s, tell_text, words("own first any"));
	client_says("42[\"a\"]");
	assert_story("first any; any; own first any; own any; named; "
		     "own named");
	client_says("42[\"b\"]");
	assert_story("first any; any; own first any; own any");
}

static void reply(sio_socket *sock, sio_event *ev, void *user)
{
	assert_true(sio_event_wants_reply(ev));
	assert_int_equal(sio_event_reply(ev, "s", user), 0);
}

static void any__event_with_ack__can_answer_it(void **state)
{
	sio_nsp_on_any(io, reply, words("from any"));
	client_says("425[\"a\"]");
	expect(ws, "435[\"from any\"]");
	/* an answer is no event */
	sio_socket_emit_ack(s, 0, tell_ack, NULL, "q", NULL);
	client_says("430[1]");
	assert_story("ack[1]");
}

static void any__disconnect__is_not_told(void **state)
{
	sio_nsp_on_any(io, tell_event, NULL);
	client_says("41");
	assert_story("");
}

static void off__with_and_without_a_function__takes_away(void **state)
{
	sio_nsp_on_any(io, tell_text, words("any"));
	sio_nsp_on_any(io, tell_event, NULL);
	sio_nsp_on_event(io, "a", tell_text, words("a"));
	sio_socket_on(s, "a", tell_text, words("own a"));
	sio_socket_on(s, "b", tell_text, words("own b"));
	sio_nsp_off(io, NULL, tell_text);
	client_says("42[\"a\"]");
	assert_story("a[]; a; own a");
	sio_nsp_off(io, NULL, NULL);
	sio_nsp_off(io, "a", NULL);
	sio_socket_off(s, "a", NULL);
	client_says("42[\"a\"]");
	assert_story("");
	client_says("42[\"b\"]");
	assert_story("own b");
}

static void count__of_handlers__is_by_name(void **state)
{
	sio_nsp_on_event(io, "a", tell_text, NULL);
	sio_nsp_once(io, "a", tell_text, NULL);
	sio_nsp_on_any(io, tell_text, NULL);
	assert_int_equal(sio_nsp_count_handlers(io, "a"), 2);
	assert_int_equal(sio_nsp_count_handlers(io, "b"), 0);
	assert_int_equal(sio_nsp_count_handlers(io, NULL), 1);
	assert_int_equal(sio_socket_count_handlers(s, "a"), 0);
	sio_socket_on(s, "a", tell_text, NULL);
	sio_socket_on_any(s, tell_text, NULL);
	sio_socket_on_any(s, tell_text, NULL);
	assert_int_equal(sio_socket_count_handlers(s, "a"), 1);
	assert_int_equal(sio_socket_count_handlers(s, NULL), 2);
	assert_int_equal(sio_nsp_count_handlers(NULL, "a"), 0);
	assert_int_equal(sio_socket_count_handlers(NULL, "a"), 0);
}

static void once__on_a_namespace__is_for_one_event_of_all(void **state)
{
	struct fake_ws *other = sio_client("/", NULL);

	sio_nsp_once(io, "a", tell_text, words("once"));
	fake_ws_send(other, "42[\"a\"]");
	client_says("42[\"a\"]");
	assert_story("once");
	fake_ws_free(other);
}

static void prepend__named__is_called_before(void **state)
{
	sio_nsp_on_event(io, "a", tell_text, words("two"));
	sio_nsp_prepend(io, "a", tell_text, words("one"));
	sio_socket_on(s, "a", tell_text, words("four"));
	sio_socket_prepend(s, "a", tell_text, words("three"));
	client_says("42[\"a\"]");
	assert_story("one; two; three; four");
}

static void table__of_handlers__registers_its_rows(void **state)
{
	static const sio_listener table[] = { { "a", tell_event },
		{ "b", tell_text }, { "connect", tell_text },
		{ "c", tell_text } };

	assert_int_equal(sio_nsp_on_events(io, table, 2, words("x ")), 0);
	client_says("42[\"a\",1]");
	client_says("42[\"b\"]");
	assert_story("x a[1]; x ");
	assert_int_equal(sio_nsp_on_events(io, table + 2, 2, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_on_events(io, NULL, 1, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_on_events(NULL, table, 2, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_on_events(io, NULL, 0, NULL), 0);
	client_says("42[\"c\"]");
	assert_story("");
}

static void off_connection__given_a_function__takes_it_away(void **state)
{
	struct fake_ws *other;

	sio_nsp_on_connection(io, tell_text, words("one"));
	sio_nsp_on_connection(io, tell_event, NULL);
	sio_nsp_off_connection(io, tell_text);
	other = sio_client("/", NULL);
	assert_story("connection[]");
	fake_ws_free(other);
}

/* -- out -------------------------------------------------------------------- */

static void tell_sent(sio_socket *sock, sio_event *ev, void *user)
{
	assert_false(sio_event_wants_reply(ev));
	assert_ptr_equal(sio_event_socket(ev), sock);
	tell_event(sock, ev, user);
}

static void outgoing__every_way_of_sending__is_told(void **state)
{
	sio_socket_on_any_outgoing(s, tell_sent, NULL);
	sio_socket_emit(s, "emit", "i, s", 1, "x");
	sio_socket_emit_ack(s, 0, tell_ack, NULL, "ack", "i", 2);
	sio_nsp_emit(io, "nsp", "i", 3);
	sio_target_emit(sio_nsp_to(io, sio_socket_id(s)), "room", "i", 4);
	sio_target_emit(sio_target_flags(sio_socket_self(s), SIO_VOLATILE),
		"volatile", "i", 5);
	sio_socket_emit(s, "bytes", "o", sio_binary("xy", 2));
	assert_story("");
	sio_socket_off_any_outgoing(s, tell_sent);
	/* what was sent before is not told after the listener has gone */
	fake_turn(loop);
	assert_story("");
	sio_socket_on_any_outgoing(s, tell_sent, NULL);
	sio_socket_emit(s, "emit", "i, s", 1, "x");
	sio_socket_emit_ack(s, 0, tell_ack, NULL, "ack", "i", 2);
	sio_nsp_emit(io, "nsp", "i", 3);
	sio_target_emit(sio_nsp_to(io, sio_socket_id(s)), "room", "i", 4);
	sio_target_emit(sio_target_flags(sio_socket_self(s), SIO_VOLATILE),
		"volatile", "i", 5);
	fake_turn(loop);
	assert_story("emit[1,\"x\"]; ack[2]; nsp[3]; room[4]");
	/* The last was not sent: what came before it was waiting. */
	sio_target_emit(sio_target_flags(sio_socket_self(s), SIO_VOLATILE),
		"volatile", "i", 5);
	fake_turn(loop);
	assert_story("volatile[5]");
}

static void answer(sio_socket *sock, sio_event *ev, void *user)
{
	sio_event_reply(ev, NULL);
}

static void outgoing__answers_and_other_packets__are_not_told(void **state)
{
	sio_nsp_on_any_outgoing(io, tell_sent, NULL);
	sio_nsp_on_event(io, "a", answer, NULL);
	client_says("421[\"a\"]");
	sio_socket_disconnect(s, false);
	fake_turn(loop);
	assert_story("");
	expect(ws, "431[]");
	expect(ws, "41");
}

static void outgoing__to_many__is_told_for_each(void **state)
{
	struct fake_ws *other = sio_client("/", NULL);
	struct fake_ws *elsewhere;

	sio_server_of(srv, "/b");
	elsewhere = sio_client("/b", NULL);
	sio_nsp_on_any_outgoing(io, tell_sent, words("nsp "));
	sio_socket_on_any_outgoing(s, tell_sent, words("own "));
	sio_nsp_prepend_any_outgoing(io, tell_sent, words("first "));
	sio_nsp_emit(io, "a", NULL);
	sio_nsp_emit(sio_server_of(srv, "/b"), "b", NULL);
	fake_turn(loop);
	assert_story("first a[]; nsp a[]; own a[]; first a[]; nsp a[]");
	sio_nsp_off_any_outgoing(io, NULL);
	sio_nsp_emit(io, "a", NULL);
	fake_turn(loop);
	assert_story("own a[]");
	fake_ws_free(other);
	fake_ws_free(elsewhere);
}

static void outgoing__arguments_changed_later__are_those_sent(void **state)
{
	json_t *list = json_pack("[i]", 1);

	sio_socket_on_any_outgoing(s, tell_sent, NULL);
	sio_socket_emit(s, "a", "O", list);
	json_array_append_new(list, json_integer(2));
	fake_turn(loop);
	assert_story("a[[1]]");
	expect(ws, "42[\"a\",[1]]");
	json_decref(list);
}

static void emit_again(sio_socket *sock, sio_event *ev, void *user)
{
	tell_event(sock, ev, NULL);
	sio_socket_emit(sock, "again", NULL);
}

static void outgoing__listener_that_emits__does_not_hear_it(void **state)
{
	sio_socket_on_any_outgoing(s, emit_again, NULL);
	sio_socket_emit(s, "a", NULL);
	fake_turn(loop);
	assert_story("a[]");
	expect(ws, "42[\"a\"]");
	expect(ws, "42[\"again\"]");
}

static void say_bye(sio_socket *sock, sio_event *ev, void *user)
{
	sio_socket_emit(sock, "bye", NULL);
	sio_socket_disconnect(sock, true);
}

static void outgoing__before_a_disconnect__is_told_before(void **state)
{
	sio_nsp_on_any_outgoing(io, tell_sent, NULL);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	sio_nsp_on_event(io, "a", say_bye, NULL);
	client_says("42[\"a\"]");
	assert_story("bye[]; disconnect[\"server namespace disconnect\"]");
}

static void free_all(sio_socket *sock, sio_event *ev, void *user)
{
	sio_free_server();
	tell("freed");
}

/* What else was sent is told before the disconnect, then nothing. */
static void outgoing__that_frees_the_server__is_the_last(void **state)
{
	sio_nsp_on_any_outgoing(io, free_all, NULL);
	sio_nsp_on_any_outgoing(io, tell_sent, NULL);
	sio_socket_emit(s, "a", NULL);
	sio_socket_emit(s, "b", NULL);
	fake_turn(loop);
	assert_story("freed; b[]; freed");
}

static void outgoing__not_told_when_the_server_is_freed__is_told(void **state)
{
	sio_nsp_on_any_outgoing(io, tell_sent, NULL);
	sio_socket_emit(s, "a", NULL);
	sio_free_server();
	assert_story("a[]");
}

static sio_event *kept;

static void keep(sio_socket *sock, sio_event *ev, void *user)
{
	kept = sio_event_ref(ev);
}

static void outgoing__event_that_is_kept__stays_whole(void **state)
{
	sio_nsp_on_any_outgoing(io, keep, NULL);
	sio_socket_emit(s, "name", "s", "text");
	fake_turn(loop);
	sio_free_server();
	assert_string_equal(sio_event_name(kept), "name");
	tell_event(NULL, kept, NULL);
	assert_story("name[\"text\"]");
	sio_event_unref(kept);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(any__beside_named_ones__is_called_before_them),
		test(any__event_with_ack__can_answer_it),
		test(any__disconnect__is_not_told),
		test(off__with_and_without_a_function__takes_away),
		test(count__of_handlers__is_by_name),
		test(once__on_a_namespace__is_for_one_event_of_all),
		test(prepend__named__is_called_before),
		test(table__of_handlers__registers_its_rows),
		test(off_connection__given_a_function__takes_it_away),
		test(outgoing__every_way_of_sending__is_told),
		test(outgoing__answers_and_other_packets__are_not_told),
		test(outgoing__to_many__is_told_for_each),
		test(outgoing__arguments_changed_later__are_those_sent),
		test(outgoing__listener_that_emits__does_not_hear_it),
		test(outgoing__before_a_disconnect__is_told_before),
		test(outgoing__that_frees_the_server__is_the_last),
		test(outgoing__not_told_when_the_server_is_freed__is_told),
		test(outgoing__event_that_is_kept__stays_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
