/* SPDX-License-Identifier: MIT */
/*
 * test_sio_event_middleware.c: events that are asked about before they are
 * delivered.
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

#define HELD 8
static sio_next *held[HELD];
static int held_n;

static int setup(void **state)
{
	char sid[24];

	sio_setup(state);
	sio_nsp_on_event(io, "a", tell_event, NULL);
	sio_nsp_on_event(io, "b", tell_event, NULL);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	ws = sio_client("/", sid);
	s = sio_nsp_find(io, sid);
	held_n = 0;
	return 0;
}

static int teardown(void **state)
{
	fake_ws_free(ws);
	return sio_teardown(state);
}

static void pass(sio_socket *sock, sio_event *ev, sio_next *next, void *user)
{
	tell("%s %s", (const char *)user, sio_event_name(ev));
	sio_next_pass(next);
}

static void refuse_a(sio_socket *sock, sio_event *ev, sio_next *next,
	void *user)
{
	if (strcmp(sio_event_name(ev), "a") == 0)
		sio_next_refuse(next, "no \xff", json_pack("{s:i}", "code", 1));
	sio_next_pass(next);
}

/* Answers the events "a" later, the others at once. */
static void hold_a(sio_socket *sock, sio_event *ev, sio_next *next, void *user)
{
	if (strcmp(sio_event_name(ev), "a") == 0) {
		assert_true(held_n < HELD);
		held[held_n++] = next;
	} else {
		sio_next_pass(next);
	}
}

static void on_error(sio_socket *sock, sio_event *ev, void *user)
{
	char *data = json_dumps(sio_event_error_data(ev), JSON_COMPACT);

	tell("%s%s refused: %s %s", user ? (const char *)user : "",
		sio_event_name(ev), sio_event_error(ev), data ? data : "-");
	free(data);
}

/* -- at once ---------------------------------------------------------------- */

static void pass__all_of_them__delivers(void **state)
{
	sio_nsp_on_any(io, tell_text, words("any"));
	sio_socket_use(s, pass, words("own"));
	sio_nsp_use_event(io, pass, words("one"));
	sio_nsp_use_event(io, pass, words("two"));
	fake_ws_send(ws, "42[\"a\",1]");
	assert_story("any; one a; two a; own a; a[1]");
	/* answers are not asked about */
	sio_socket_emit_ack(s, 0, tell_ack, NULL, "q", NULL);
	fake_ws_send(ws, "430[1]");
	assert_story("ack[1]");
	expect(ws, "420[\"q\"]");
	expect_open(ws);
}

static void refuse__with_data__is_the_error_handlers(void **state)
{
	sio_nsp_use_event(io, refuse_a, NULL);
	sio_nsp_use_event(io, pass, words("behind"));
	sio_nsp_on_error(io, on_error, NULL);
	sio_socket_on_error(s, on_error, words("own "));
	fake_ws_send(ws, "423[\"a\",1]");
	assert_story("a refused: no \xef\xbf\xbd {\"code\":1}; "
		     "own a refused: no \xef\xbf\xbd {\"code\":1}");
	fake_ws_send(ws, "42[\"b\"]");
	assert_story("behind b; b[]");
	expect_open(ws);
	sio_nsp_off_error(io, on_error);
	sio_socket_off_error(s, NULL);
	fake_ws_send(ws, "42[\"a\"]");
	assert_story("");
}

static void answer_error(sio_socket *sock, sio_event *ev, void *user)
{
	sio_event_reply(ev, "{s:s, s:O}", "error", sio_event_error(ev), "data",
		sio_event_error_data(ev));
}

static void refuse__event_with_ack__can_be_answered(void **state)
{
	sio_nsp_use_event(io, refuse_a, NULL);
	sio_nsp_on_error(io, answer_error, NULL);
	fake_ws_send(ws, "423[\"a\"]");
	expect(ws,
		"433[{\"error\":\"no \xef\xbf\xbd\",\"data\":{\"code\":1}}]");
}

static void log_line(enum eio_log_level level, const char *line, void *user)
{
	if (strstr(line, "refused"))
		tell("%s", strstr(line, "event"));
}

static void refuse__without_a_handler__is_a_line_in_the_log(void **state)
{
	sio_server_set_log(srv, ENGINEIO_LOG_INFO, log_line, NULL);
	sio_nsp_use_event(io, refuse_a, NULL);
	fake_ws_send(ws, "42[\"a\"]");
	assert_story("event \"a\" refused: no \xef\xbf\xbd");
	sio_server_set_log(srv, ENGINEIO_LOG_INFO, NULL, NULL);
}

static void error__of_another_event__is_empty(void **state)
{
	assert_string_equal(sio_event_error(NULL), "");
	assert_null(sio_event_error_data(NULL));
	assert_int_equal(sio_nsp_use_event(NULL, pass, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_use_event(io, NULL, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_socket_use(NULL, pass, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_socket_use(s, NULL, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_on_error(io, NULL, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_socket_on_error(s, NULL, NULL), SIO_ERR_INVALID);
	sio_socket_ref(s);
	fake_ws_send(ws, "41");
	assert_int_equal(sio_socket_use(s, pass, NULL), SIO_ERR_CLOSED);
	sio_socket_unref(s);
}

/* -- later ------------------------------------------------------------------ */

static void pass__later__keeps_the_order(void **state)
{
	sio_nsp_use_event(io, hold_a, NULL);
	sio_nsp_use_event(io, pass, words("then"));
	sio_send_together(ws, "42[\"a\",1]", "42[\"b\",2]", "42[\"a\",3]",
		"42[\"b\",4]", NULL);
	assert_story("then b; then b");
	assert_int_equal(held_n, 2);
	sio_next_pass(held[1]);
	sio_next_pass(held[1]);
	fake_turn(loop);
	assert_story("then a");
	sio_next_pass(held[0]);
	assert_story("");
	fake_turn(loop);
	assert_story("then a; a[1]; b[2]; a[3]; b[4]");
	fake_ws_send(ws, "42[\"b\",5]");
	assert_story("then b; b[5]");
}

static void refuse__later__keeps_the_order_too(void **state)
{
	sio_nsp_use_event(io, hold_a, NULL);
	sio_nsp_on_error(io, on_error, NULL);
	sio_send_together(ws, "42[\"a\",1]", "42[\"a\",2]", "42[\"b\",3]",
		NULL);
	sio_next_refuse(held[1], "late", NULL);
	fake_turn(loop);
	assert_story("");
	sio_next_pass(held[0]);
	fake_turn(loop);
	assert_story("a[1]; a refused: late -; b[3]");
}

static void answers__of_several_in_one_turn__are_all_used(void **state)
{
	sio_nsp_use_event(io, hold_a, NULL);
	sio_nsp_use_event(io, hold_a, NULL);
	sio_send_together(ws, "42[\"a\",1]", "42[\"a\",2]", NULL);
	assert_int_equal(held_n, 2);
	sio_next_pass(held[1]);
	sio_next_pass(held[0]);
	fake_turn(loop);
	assert_int_equal(held_n, 4);
	sio_next_pass(held[2]);
	sio_next_pass(held[3]);
	fake_turn(loop);
	assert_story("a[1]; a[2]");
}

static void socket__that_leaves_meanwhile__drops_its_events(void **state)
{
	sio_nsp_use_event(io, hold_a, NULL);
	sio_send_together(ws, "42[\"a\",1]", "42[\"b\",2]", "41", NULL);
	assert_story("disconnect[\"client namespace disconnect\"]");
	sio_next_pass(held[0]);
	fake_turn(loop);
	assert_story("");
	expect_open(ws);
}

static void server__freed_meanwhile__answers_do_nothing(void **state)
{
	sio_nsp_use_event(io, hold_a, NULL);
	sio_send_together(ws, "42[\"a\",1]", "42[\"a\",2]", "42[\"a\",3]",
		NULL);
	sio_free_server();
	assert_story("disconnect[\"server shutting down\"]");
	sio_next_pass(held[0]);
	sio_next_refuse(held[1], "x", json_object());
	/* the third is never answered, and goes with the loop */
}

static void time_limit__of_one__refuses_it(void **state)
{
	sio_server_set_option(srv, SIO_MIDDLEWARE_TIMEOUT, 500);
	sio_nsp_use_event(io, hold_a, NULL);
	sio_nsp_on_error(io, on_error, NULL);
	sio_send_together(ws, "42[\"a\",1]", "42[\"b\",2]", NULL);
	fake_advance(loop, 499);
	assert_story("");
	fake_advance(loop, 1);
	assert_story("a refused: timeout -; b[2]");
	/* too late */
	sio_next_pass(held[0]);
	fake_turn(loop);
	assert_story("");
}

static void bytes__that_wait__are_limited(void **state)
{
	char text[2000];

	sio_server_set_option(srv, SIO_MAX_EARLY_BYTES, 4000);
	sio_nsp_use_event(io, hold_a, NULL);
	memset(text, 'x', sizeof(text));
	memcpy(text, "42[\"a\",\"", 8);
	memcpy(text + sizeof(text) - 3, "\"]", 3);
	fake_ws_send(ws, text);
	expect_open(ws);
	fake_ws_send(ws, "42[\"a\"]");
	expect_open(ws);
	sio_next_pass(held[0]);
	fake_turn(loop);
	story();
	/* room again for what was delivered */
	fake_ws_send(ws, text);
	expect_open(ws);
	fake_ws_send(ws, text);
	expect_closed(ws);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_MAX_EARLY_BYTES), 1);
	sio_next_pass(held[1]);
	sio_next_pass(held[2]);
	sio_next_pass(held[3]);
}

static void bytes__of_one_event__may_be_more(void **state)
{
	sio_server_set_option(srv, SIO_MAX_EARLY_BYTES, 0);
	sio_nsp_use_event(io, hold_a, NULL);
	fake_ws_send(ws, "42[\"a\",1]");
	sio_next_pass(held[0]);
	fake_turn(loop);
	assert_story("a[1]");
	expect_open(ws);
}

static void early_events__let_in__are_asked_about(void **state)
{
	sio_nsp *nsp = sio_server_of(srv, "/n");

	sio_nsp_use_event(nsp, pass, words("asked"));
	sio_nsp_on_event(nsp, "a", tell_event, NULL);
	sio_send_together(ws, "40/n,", "42/n,[\"a\"]", NULL);
	assert_story("asked a; a[]");
}

/* -- awkward things ------------------------------------------------------------ */

static void disconnect_it(sio_socket *sock, sio_event *ev, sio_next *next,
	void *user)
{
	sio_socket_disconnect(sock, user != NULL);
	sio_next_pass(next);
	sio_next_pass(next);
}

static void middleware__that_disconnects__ends_it(void **state)
{
	sio_nsp_use_event(io, disconnect_it, NULL);
	sio_nsp_use_event(io, pass, words("never"));
	sio_send_together(ws, "42[\"a\"]", "42[\"a\"]", NULL);
	assert_story("disconnect[\"server namespace disconnect\"]");
	expect(ws, "41");
}

static void free_server(sio_socket *sock, sio_event *ev, sio_next *next,
	void *user)
{
	sio_free_server();
	if (user)
		sio_next_pass(next);
	else
		held[0] = next;
	assert_string_equal(sio_event_name(ev), "a");
}

static void middleware__that_frees_the_server__is_survived(void **state)
{
	sio_nsp_use_event(io, free_server, words("pass"));
	sio_send_together(ws, "42[\"a\"]", "42[\"a\"]", NULL);
	assert_story("disconnect[\"server shutting down\"]");
}

static void middleware__that_frees_the_server__may_answer_later(void **state)
{
	sio_nsp_use_event(io, free_server, NULL);
	fake_ws_send(ws, "42[\"a\"]");
	sio_next_pass(held[0]);
	assert_story("disconnect[\"server shutting down\"]");
}

static void free_and_tell(sio_socket *sock, sio_event *ev, void *user)
{
	sio_free_server();
	tell("freed");
}

static void handler__of_a_late_event__may_free_the_server(void **state)
{
	int refused;

	for (refused = 0; refused < 2; refused++) {
		if (refused)
			setup(state);
		sio_nsp_off(io, "disconnect", NULL);
		sio_nsp_use_event(io, hold_a, NULL);
		sio_nsp_prepend(io, "a", free_and_tell, NULL);
		sio_nsp_on_error(io, free_and_tell, NULL);
		sio_send_together(ws, "42[\"a\"]", "42[\"a\"]", "42[\"b\"]",
			NULL);
		if (refused)
			sio_next_refuse(held[0], NULL, NULL);
		else
			sio_next_pass(held[0]);
		fake_turn(loop);
		assert_story("freed");
		sio_next_pass(held[1]);
		if (!refused)
			teardown(state);
	}
}

static void add_one(sio_socket *sock, sio_event *ev, sio_next *next, void *user)
{
	int i;

	for (i = 0; i < 20; i++)
		sio_nsp_use_event(io, pass, words("more"));
	sio_next_pass(next);
}

static void middleware__that_adds_others__has_them_asked(void **state)
{
	sio_nsp_use_event(io, add_one, NULL);
	fake_ws_send(ws, "42[\"b\"]");
	assert_non_null(strstr(story(), "more b; more b; b[]"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(pass__all_of_them__delivers),
		test(refuse__with_data__is_the_error_handlers),
		test(refuse__event_with_ack__can_be_answered),
		test(refuse__without_a_handler__is_a_line_in_the_log),
		test(error__of_another_event__is_empty),
		test(pass__later__keeps_the_order),
		test(refuse__later__keeps_the_order_too),
		test(answers__of_several_in_one_turn__are_all_used),
		test(socket__that_leaves_meanwhile__drops_its_events),
		test(server__freed_meanwhile__answers_do_nothing),
		test(time_limit__of_one__refuses_it),
		test(bytes__that_wait__are_limited),
		test(bytes__of_one_event__may_be_more),
		test(early_events__let_in__are_asked_about),
		test(middleware__that_disconnects__ends_it),
		test(middleware__that_frees_the_server__is_survived),
		test(middleware__that_frees_the_server__may_answer_later),
		test(handler__of_a_late_event__may_free_the_server),
		test(middleware__that_adds_others__has_them_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
