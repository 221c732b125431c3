/* SPDX-License-Identifier: MIT */
/*
 * test_sio_middleware.c: who may enter, decided now or later, and what
 * happens meanwhile.
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
static sio_next *held;
static sio_socket *asker;

static int setup(void **state)
{
	sio_setup(state);
	sio_nsp_on_connection(io, tell_text, words("connection"));
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	sio_nsp_on_event(io, "a", tell_event, NULL);
	ws = sio_session();
	held = NULL;
	return 0;
}

static int teardown(void **state)
{
	fake_ws_free(ws);
	return sio_teardown(state);
}

static void expect_connected(void)
{
	const char *text = fake_ws_next(ws);

	assert_non_null(text);
	assert_int_equal(strncmp(text, "40{\"sid\":\"", 10), 0);
}

static void pass(sio_socket *s, sio_next *next, void *user)
{
	tell("%s", (const char *)user);
	assert_false(sio_socket_is_connected(s));
	assert_null(sio_nsp_find(io, sio_socket_id(s)));
	assert_int_equal(strlen(sio_socket_id(s)), 20);
	sio_next_pass(next);
}

static void refuse(sio_socket *s, sio_next *next, void *user)
{
	tell("refused");
	sio_next_refuse(next, "no \"entry\"",
		user ? json_pack("{s:i}", "code", 7) : NULL);
}

static void hold(sio_socket *s, sio_next *next, void *user)
{
	tell("held");
	held = next;
	asker = s;
}

/* -- at once ---------------------------------------------------------------- */

static void pass__all_of_them__connects(void **state)
{
	sio_nsp_use(io, pass, words("one"));
	sio_nsp_use(io, pass, words("two"));
	fake_ws_send(ws, "40");
	expect_connected();
	assert_story("one; two; connection");
	expect_open(ws);
}

static void refuse__with_message__is_told(void **state)
{
	sio_nsp_use(io, pass, words("one"));
	sio_nsp_use(io, refuse, NULL);
	sio_nsp_use(io, pass, words("three"));
	fake_ws_send(ws, "40");
	expect(ws, "44{\"message\":\"no \\\"entry\\\"\"}");
	assert_story("one; refused");
	assert_int_equal(sio_nsp_sockets(io, NULL, 0), 0);
	expect_open(ws);
}

static void refuse__with_data__is_told(void **state)
{
	sio_nsp *a = sio_server_of(srv, "/a");

	sio_nsp_use(a, refuse, words("data"));
	fake_ws_send(ws, "40/a,");
	expect(ws,
		"44/a,{\"message\":\"no \\\"entry\\\"\",\"data\":{\"code\":7}}");
	expect_open(ws);
	/* it may try again, and go elsewhere */
	fake_ws_send(ws, "40/a,");
	assert_non_null(strstr(fake_ws_next(ws), "44/a,"));
	fake_ws_send(ws, "40");
	expect_connected();
	assert_story("refused; refused; connection");
}

static void refuse_with_bytes(sio_socket *s, sio_next *next, void *user)
{
	sio_next_refuse(next, NULL, sio_binary("x", 1));
}

static void refuse__bytes_in_data__are_as_json_stringify_has_them(void **state)
{
	sio_nsp_use(io, refuse_with_bytes, NULL);
	fake_ws_send(ws, "40");
	expect(ws,
		"44{\"message\":\"\",\"data\":{\"type\":\"Buffer\",\"data\":[120]}}");
	expect_open(ws);
}

static void refuse_with_rubbish(sio_socket *s, sio_next *next, void *user)
{
	sio_next_refuse(next, "caf\xe9 \xff", json_string_nocheck("\xff"));
}

static void log_line(enum eio_log_level level, const char *line, void *user)
{
	tell("%s", strstr(line, "the data"));
}

static void refuse__text_that_is_not_utf_8__is_mended(void **state)
{
	sio_server_set_log(srv, ENGINEIO_LOG_WARN, log_line, NULL);
	sio_nsp_use(io, refuse_with_rubbish, NULL);
	fake_ws_send(ws, "40");
	/* and data that cannot be sent is left out */
	expect(ws, "44{\"message\":\"caf\xef\xbf\xbd \xef\xbf\xbd\"}");
	expect_open(ws);
	assert_story("the data of its refusal cannot be sent");
}

static void refuse__time_limit__keeps_running(void **state)
{
	sio_server_set_option(srv, SIO_CONNECT_TIMEOUT, 1000);
	fake_ws_free(ws);
	ws = sio_session();
	sio_nsp_use(io, refuse, NULL);
	fake_ws_send(ws, "40");
	fake_advance(loop, 1000);
	assert_non_null(fake_ws_next(ws));
	expect_closed(ws);
}

/* -- later ------------------------------------------------------------------ */

static void pass__later__connects(void **state)
{
	sio_nsp_use(io, hold, NULL);
	sio_nsp_use(io, pass, words("two"));
	fake_ws_send(ws, "40");
	expect_open(ws);
	assert_story("held");
	sio_next_pass(held);
	/* told from the loop, not from inside the call */
	assert_story("");
	fake_turn(loop);
	assert_story("two; connection");
	expect_connected();
}

static void refuse__later__is_told(void **state)
{
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	sio_next_refuse(held, "late", NULL);
	fake_turn(loop);
	expect(ws, "44{\"message\":\"late\"}");
	assert_story("held");
}

static void pass__after_the_client_has_gone__does_nothing(void **state)
{
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	fake_ws_free(ws);
	ws = NULL;
	sio_next_pass(held);
	fake_turn(loop);
	assert_story("held");

	ws = sio_session();
	fake_ws_send(ws, "40");
	fake_ws_free(ws);
	ws = NULL;
	sio_next_refuse(held, "late", json_object());
	fake_turn(loop);
	assert_story("held");
}

static void pass__after_the_server_has_gone__does_nothing(void **state)
{
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	sio_free_server();
	sio_next_pass(held);
	assert_story("held");
}

static void pass__after_the_client_left__does_nothing(void **state)
{
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	fake_ws_send(ws, "41");
	sio_next_pass(held);
	fake_turn(loop);
	assert_story("held");
	expect_open(ws);
	/* and comes again */
	fake_ws_send(ws, "40");
	sio_next_pass(held);
	fake_turn(loop);
	expect_connected();
	assert_story("held; connection");
}

static void pass_twice(sio_socket *s, sio_next *next, void *user)
{
	sio_next_pass(next);
	sio_next_pass(next);
	sio_next_refuse(next, "too late", json_object());
}

static void refuse_and_pass(sio_socket *s, sio_next *next, void *user)
{
	sio_next_refuse(next, "no", NULL);
	sio_next_pass(next);
}

static void pass__twice__skips_nobody(void **state)
{
	sio_nsp_use(io, pass_twice, NULL);
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	fake_turn(loop);
	assert_story("held");
	expect_open(ws);
	sio_next_pass(held);
	sio_next_pass(held);
	fake_turn(loop);
	assert_story("connection");
	expect_connected();
	/* and once it is connected */
	sio_next_refuse(held, "no", json_object());
	fake_turn(loop);
	expect_open(ws);
	assert_int_equal(sio_nsp_sockets(io, NULL, 0), 1);
}

static void pass__after_a_refusal__does_nothing(void **state)
{
	sio_nsp_use(io, refuse_and_pass, NULL);
	fake_ws_send(ws, "40");
	expect(ws, "44{\"message\":\"no\"}");
	fake_turn(loop);
	expect_open(ws);
	assert_story("");
}

static void next__of_a_socket_that_is_held__can_be_used_twice(void **state)
{
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	sio_socket_ref(asker);
	fake_ws_free(ws);
	ws = NULL;
	sio_next_pass(held);
	sio_next_pass(held);
	sio_free_server();
	sio_next_refuse(held, "no", json_object());
	sio_socket_unref(asker);
	assert_story("held");
}

static void connect_timeout__while_deciding__closes(void **state)
{
	sio_server_set_option(srv, SIO_CONNECT_TIMEOUT, 1000);
	fake_ws_free(ws);
	ws = sio_session();
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	fake_advance(loop, 1000);
	expect_closed(ws);
	assert_story("held");
	sio_next_pass(held);
	fake_turn(loop);
	assert_story("");
}

/* -- meanwhile -------------------------------------------------------------- */

static void second_connect__while_deciding__is_ignored(void **state)
{
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	fake_ws_send(ws, "40");
	assert_story("held");
	sio_next_pass(held);
	fake_turn(loop);
	expect_connected();
	expect_open(ws);
	assert_story("connection");
	assert_int_equal(sio_nsp_sockets(io, NULL, 0), 1);
}

static void events__while_deciding__come_after(void **state)
{
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	fake_ws_send(ws, "42[\"a\",1]");
	fake_ws_send(ws, "427[\"a\",2]");
	fake_ws_send(ws, "451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
	fake_ws_send_binary(ws, "xyz", 3);
	assert_story("held");
	sio_next_pass(held);
	fake_turn(loop);
	assert_story("connection; a[1]; a[2]; a[?]");
}

static void events__before_a_refusal__are_forgotten(void **state)
{
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	fake_ws_send(ws, "42[\"a\",1]");
	sio_next_refuse(held, "no", NULL);
	fake_turn(loop);
	expect(ws, "44{\"message\":\"no\"}");
	/* one that crossed the refusal */
	fake_ws_send(ws, "42[\"a\",2]");
	expect_open(ws);
	assert_story("held");
}

static void events__too_many_while_deciding__close(void **state)
{
	char text[30100];

	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	memset(text, 'x', sizeof(text));
	memcpy(text, "42[\"a\",\"", 8);
	memcpy(text + 30000, "\"]", 3);
	fake_ws_send(ws, text);
	fake_ws_send(ws, text);
	expect_open(ws);
	fake_ws_send(ws, text);
	expect_closed(ws);
	assert_story("held");
	sio_next_pass(held);
}

static void events__one_large_while_deciding__is_kept(void **state)
{
	char *text = malloc(500100);

	assert_non_null(text);
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	memset(text, 'x', 500000);
	memcpy(text, "42[\"b\",\"", 8);
	memcpy(text + 500000, "\"]", 3);
	fake_ws_send(ws, text);
	expect_open(ws);
	fake_ws_send(ws, "42[\"a\"]");
	expect_closed(ws);
	free(text);
	sio_next_refuse(held, "", NULL);
	story();
}

static void attachments__while_deciding__count(void **state)
{
	char *bytes = calloc(1, 60000);
	int i;

	assert_non_null(bytes);
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	for (i = 0; i < 2; i++) {
		expect_open(ws);
		fake_ws_send(ws, "451-[\"b\"]");
		fake_ws_send_binary(ws, bytes, 60000);
	}
	expect_closed(ws);
	free(bytes);
	sio_next_pass(held);
	story();
}

/* -- what middleware may do with the socket ---------------------------------- */

static void free_data(void *data)
{
	tell("freed %s", (const char *)data);
}

static void equip(sio_socket *s, sio_next *next, void *user)
{
	assert_int_equal(sio_socket_set_data(s, words("data"), free_data), 0);
	assert_int_equal(sio_socket_join(s, "room"), 0);
	assert_int_equal(sio_socket_emit(s, "early", "i", 1), 0);
	assert_int_equal(sio_socket_emit_ack(s, 0, tell_ack, NULL, "q", NULL),
		0);
	assert_int_equal(sio_socket_on(s, "b", tell_event, words("own ")), 0);
	assert_int_equal(sio_nsp_emit(io, "x", NULL), 0);
	assert_int_equal(sio_target_emit(sio_nsp_to(io, "room"), "x", NULL), 0);
	assert_int_equal(sio_target_emit(sio_socket_self(s), "x", NULL),
		SIO_ERR_STATE);
	sio_next_pass(next);
}

static void socket__in_middleware__can_be_equipped(void **state)
{
	sio_nsp_use(io, equip, NULL);
	fake_ws_send(ws, "40");
	expect(ws, "42[\"early\",1]");
	expect(ws, "420[\"q\"]");
	expect_connected();
	sio_target_emit(sio_nsp_to(io, "room"), "y", NULL);
	fake_turn(loop);
	expect(ws, "42[\"y\"]");
	fake_ws_send(ws, "42[\"b\",1]");
	fake_ws_send(ws, "430[\"answer\"]");
	assert_story("connection; own b[1]; ack[\"answer\"]");
	fake_ws_send(ws, "41");
	assert_story("disconnect[\"client namespace disconnect\"]; freed data");
}

static void socket__refused__is_cleaned_up(void **state)
{
	sio_nsp_use(io, equip, NULL);
	sio_nsp_use(io, refuse, NULL);
	fake_ws_send(ws, "40");
	/* no disconnect: it was never connected */
	assert_story("refused; ack connection closed; freed data");
	expect(ws, "42[\"early\",1]");
	expect(ws, "420[\"q\"]");
	expect(ws, "44{\"message\":\"no \\\"entry\\\"\"}");
	sio_target_emit(sio_nsp_to(io, "room"), "y", NULL);
	fake_turn(loop);
	expect_open(ws);
}

static void ack__answered_while_deciding__is_completed_after(void **state)
{
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	sio_socket_emit_ack(asker, 0, tell_ack, NULL, "q", NULL);
	fake_ws_send(ws, "430[1]");
	assert_story("held");
	sio_next_pass(held);
	fake_turn(loop);
	assert_story("connection; ack[1]");
}

static void add_another(sio_socket *s, sio_next *next, void *user)
{
	tell("added");
	sio_nsp_use(io, pass, words("another"));
	sio_next_pass(next);
}

static void use__inside_middleware__is_asked_too(void **state)
{
	sio_nsp_use(io, add_another, NULL);
	fake_ws_send(ws, "40");
	assert_story("added; another; connection");
}

static void pass_and_hold_socket(sio_socket *s, sio_next *next, void *user)
{
	asker = sio_socket_ref(s);
	sio_next_refuse(next, "no", NULL);
	/* refused, but not yet told */
	assert_int_equal(sio_socket_emit(s, "a", NULL), 0);
}

static void socket__refused_and_held__is_closed(void **state)
{
	sio_nsp_use(io, pass_and_hold_socket, NULL);
	fake_ws_send(ws, "40");
	assert_int_equal(sio_socket_emit(asker, "a", NULL), SIO_ERR_CLOSED);
	assert_int_equal(sio_socket_join(asker, "a"), SIO_ERR_CLOSED);
	assert_int_equal(sio_socket_on(asker, "a", tell_event, NULL),
		SIO_ERR_CLOSED);
	assert_null(sio_socket_nsp(asker));
	sio_socket_disconnect(asker, true);
	expect(ws, "42[\"a\"]");
	expect(ws, "44{\"message\":\"no\"}");
	expect_open(ws);
	sio_socket_unref(asker);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(pass__all_of_them__connects),
		test(refuse__with_message__is_told),
		test(refuse__with_data__is_told),
		test(refuse__bytes_in_data__are_as_json_stringify_has_them),
		test(refuse__text_that_is_not_utf_8__is_mended),
		test(refuse__time_limit__keeps_running),
		test(pass__later__connects),
		test(refuse__later__is_told),
		test(pass__after_the_client_has_gone__does_nothing),
		test(pass__after_the_server_has_gone__does_nothing),
		test(pass__after_the_client_left__does_nothing),
		test(pass__twice__skips_nobody),
		test(pass__after_a_refusal__does_nothing),
		test(next__of_a_socket_that_is_held__can_be_used_twice),
		test(connect_timeout__while_deciding__closes),
		test(second_connect__while_deciding__is_ignored),
		test(events__while_deciding__come_after),
		test(events__before_a_refusal__are_forgotten),
		test(events__too_many_while_deciding__close),
		test(events__one_large_while_deciding__is_kept),
		test(attachments__while_deciding__count),
		test(socket__in_middleware__can_be_equipped),
		test(socket__refused__is_cleaned_up),
		test(ack__answered_while_deciding__is_completed_after),
		test(use__inside_middleware__is_asked_too),
		test(socket__refused_and_held__is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
