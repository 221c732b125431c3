/* SPDX-License-Identifier: MIT */
/*
 * test_sio_recovery_refused.c: connection state recovery: clients that are not
 * what they were, come too early, or are asked about by middleware.
 */
#include <config.h>

#include "fake_visitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* -- not coming back --------------------------------------------------------- */

static void recovery__wished_for_end__is_not_recovered(void **state)
{
	come(&anna);
	fake_ws_send(anna.ws, "41");
	drop(&anna);
	assert_new(&anna);
	sio_socket_disconnect(socket_of(&anna), false);
	fake_turn(loop);
	drop(&anna);
	assert_new(&anna);
	sio_socket_disconnect(socket_of(&anna), true);
	fake_turn(loop);
	drop(&anna);
	assert_new(&anna);
}

static void recovery__too_late__is_a_new_socket(void **state)
{
	come(&anna);
	drop(&anna);
	fake_advance(loop, 119999);
	come(&anna);
	assert_true(anna.recovered);
	drop(&anna);
	fake_advance(loop, 120000);
	assert_new(&anna);
}

static void recovery__pid__is_used_once(void **state)
{
	struct visitor thief;

	come(&anna);
	drop(&anna);
	come(&anna);
	assert_true(anna.recovered);
	drop(&anna);
	thief = anna;
	come(&anna);
	assert_true(anna.recovered);
	drop(&anna);
	come(&anna);
	/* who knows an old pid takes nothing while its owner is there but
	 * its place */
	memset(thief.pid, 'x', 20);
	assert_new(&thief);
	drop(&thief);
}

static void recovery__strange_wishes__are_new_sockets(void **state)
{
	static const char *const wishes[] = { "{\"pid\":1,\"offset\":\"x\"}",
		"{\"pid\":\"%s\",\"offset\":1}",
		"{\"pid\":\"%s\",\"offset\":null}", "{\"pid\":\"%s\\u0000\"}",
		"{\"pid\":\"\"}", "{\"pid\":null}", "{\"offset\":\"x\"}" };
	char auth[100], text[110];
	size_t i;

	come(&anna);
	drop(&anna);
	for (i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		snprintf(auth, sizeof(auth), wishes[i], anna.pid);
		snprintf(text, sizeof(text), "40%s", auth);
		bert.ws = sio_session();
		fake_ws_send(bert.ws, text);
		memcpy(bert.pid, anna.pid, sizeof(bert.pid));
		read_welcome(&bert, "/");
		assert_false(bert.recovered);
		drop(&bert);
	}
	come(&anna);
	assert_true(anna.recovered);
}

static void recovery__another_namespace__has_its_own(void **state)
{
	sio_server_of(srv, "/x");
	come(&anna);
	sio_nsp_emit(sio_server_of(srv, "/x"), "other", NULL);
	drop(&anna);
	sio_nsp_emit(sio_server_of(srv, "/x"), "other", NULL);
	sio_nsp_emit(io, "own", NULL);
	bert = anna;
	come_to(&bert, "/x");
	assert_false(bert.recovered);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"own\" ");
	/* and in it one comes back too */
	drop(&bert);
	sio_nsp_emit(sio_server_of(srv, "/x"), "more", NULL);
	come_to(&bert, "/x");
	assert_true(bert.recovered);
	assert_string_equal(bert.before, "42/x,[\"more\" ");
}

static void recovery__dynamic_namespace__stays_as_long(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/dyn-");

	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
	sio_nsp_on_recover(parent, save, restore, NULL);
	come_to(&anna, "/dyn-1");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 2);
	drop(&anna);
	assert_story("saved");
	sio_nsp_emit(parent, "missed", NULL);
	come_to(&anna, "/dyn-1");
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42/dyn-1,[\"missed\" ");
	assert_story("restored (null)");
	drop(&anna);
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 2);
	fake_advance(loop, 130000);
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
	/* one whose client has said goodbye goes at once */
	come_to(&bert, "/dyn-2");
	fake_ws_send(bert.ws, "41/dyn-2,");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
}

static void count_end(void *data)
{
	tell("end of %s", (const char *)data);
}

/* Room is made while the namespaces are walked. */
static void recovery__room_made_by_a_broadcast__children_go_later(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/dyn-");
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	sio_server_set_recovery(srv, 120000, 3500, true);
	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
	sio_server_listen(srv, NULL, 8080);
	come_to(&anna, "/dyn-1");
	come_to(&bert, "/dyn-2");
	sio_nsp_set_data(sio_server_of(srv, "/dyn-1"), words("1"), count_end);
	sio_nsp_set_data(sio_server_of(srv, "/dyn-2"), words("2"), count_end);
	drop(&anna);
	drop(&bert);
	fake_advance(loop, 1);
	assert_int_equal(sio_nsp_emit(parent, "x", "[s, s, s]", text, text,
				 text),
		0);
	assert_story("");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 3);
	fake_turn(loop);
	assert_story("end of 1; end of 2");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
}

/* Otherwise it would come back again and again. */
static void recovery__missed_more_than_its_queue__is_a_new_socket(void **state)
{
	unsigned i;

	come(&anna);
	drop(&anna);
	sio_server_set_option(srv, SIO_QUEUE_PACKETS, 3);
	for (i = 0; i < 9; i++)
		sio_nsp_emit(io, "x", NULL);
	ask_in(&anna, "/");
	fake_turn(loop);
	assert_true(fake_ws_is_closed(anna.ws));
	drop(&anna);
	come(&anna);
	assert_false(anna.recovered);
}

static void recovery__missed_and_refused__is_a_new_socket(void **state)
{
	sio_server_set_option(srv, SIO_QUEUE_POLICY, ENGINEIO_QUEUE_REFUSE);
	recovery__missed_more_than_its_queue__is_a_new_socket(state);
}

static void recovery__namespace_deleted__takes_what_was_kept(void **state)
{
	sio_nsp *x = sio_server_of(srv, "/x");

	come_to(&anna, "/x");
	drop(&anna);
	sio_nsp_emit(x, "missed", NULL);
	assert_int_equal(sio_nsp_delete(x), 0);
	sio_server_of(srv, "/x");
	come_to(&anna, "/x");
	assert_false(anna.recovered);
	assert_string_equal(anna.before, "");
}

/* -- a client that is faster than the end of its old connection --------------- */

static void recovery__old_connection_still_there__is_taken_over(void **state)
{
	struct visitor old;

	sio_nsp_on_connection(io, tell_connection, NULL);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	come(&anna);
	assert_story("new");
	old = anna;
	sio_nsp_emit(io, "lost", NULL);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"lost\" ");
	assert_story("disconnect[\"transport close\"]; back");
	assert_string_equal(anna.sid, old.sid);
	assert_true(fake_ws_is_closed(old.ws));
	fake_ws_free(old.ws);
	assert_int_equal(sio_nsp_count(io, NULL), 1);
	expect_open(anna.ws);
}

static void free_all(sio_socket *s, sio_event *ev, void *user)
{
	sio_free_server();
	tell("freed");
}

static void recovery__freed_while_it_is_taken_over__ends_well(void **state)
{
	struct visitor old;

	sio_nsp_on_event(io, "disconnect", free_all, NULL);
	come(&anna);
	old = anna;
	ask_in(&anna, "/");
	fake_turn(loop);
	assert_story("freed");
	fake_ws_free(old.ws);
	assert_true(fake_ws_is_closed(anna.ws));
}

/* -- middleware -------------------------------------------------------------- */

static sio_next *held;

static void hold(sio_socket *s, sio_next *next, void *user)
{
	tell("asked about %s, who is %s in x",
		sio_socket_recovered(s) ? "one who is back" : "a new one",
		sio_socket_is_in(s, "x") ? "still" : "not");
	held = next;
}

static void recovery__middleware__is_skipped(void **state)
{
	sio_nsp_use(io, hold, NULL);
	ask_in(&anna, "/");
	assert_story("asked about a new one, who is not in x");
	sio_next_pass(held);
	fake_turn(loop);
	read_welcome(&anna, "/");
	drop(&anna);
	come(&anna);
	assert_true(anna.recovered);
	assert_story("");
}

static void recovery__middleware_asked_again__misses_nothing(void **state)
{
	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, false), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	come(&anna);
	sio_socket_join(socket_of(&anna), "x");
	sio_nsp_use(io, hold, NULL);
	drop(&anna);
	sio_nsp_emit(io, "1", NULL);
	ask_in(&anna, "/");
	assert_story("asked about one who is back, who is still in x");
	sio_target_emit(sio_nsp_to(io, "x"), "2", NULL);
	fake_turn(loop);
	expect_nothing(anna.ws);
	sio_next_pass(held);
	fake_turn(loop);
	read_welcome(&anna, "/");
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"1\" 42[\"2\" ");
	/* lost again before it was let in */
	drop(&anna);
	ask_in(&anna, "/");
	drop(&anna);
	story();
	ask_in(&anna, "/");
	assert_story("asked about one who is back, who is still in x");
	sio_next_refuse(held, "no", NULL);
	fake_turn(loop);
	expect(anna.ws, "44{\"message\":\"no\"}");
}

/* With a fresh token, say, on the same connection or on another. */
static void recovery__refused_by_middleware__may_try_again(void **state)
{
	char text[200];

	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, false), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	sio_nsp_on_recover(io, save, restore, NULL);
	come(&anna);
	sio_socket_join(socket_of(&anna), "x");
	sio_socket_set_data(socket_of(&anna), words("data"), NULL);
	sio_nsp_use(io, hold, NULL);
	drop(&anna);
	assert_story("saved");
	sio_nsp_emit(io, "1", NULL);
	ask_in(&anna, "/");
	assert_story("restored data; "
		     "asked about one who is back, who is still in x");
	sio_next_refuse(held, "no", NULL);
	fake_turn(loop);
	expect(anna.ws, "44{\"message\":\"no\"}");
	expect_nothing(anna.ws);
	/* what middleware does with a socket that it refuses is not kept */
	drop(&anna);
	sio_target_emit(sio_nsp_to(io, "x"), "2", NULL);
	ask_in(&anna, "/");
	assert_story("restored data; "
		     "asked about one who is back, who is still in x");
	sio_next_refuse(held, "no", NULL);
	fake_turn(loop);
	expect(anna.ws, "44{\"message\":\"no\"}");
	snprintf(text, sizeof(text), "40{\"pid\":\"%s\"}", anna.pid);
	fake_ws_send(anna.ws, text);
	assert_story("restored data; "
		     "asked about one who is back, who is still in x");
	sio_next_pass(held);
	fake_turn(loop);
	read_welcome(&anna, "/");
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"1\" 42[\"2\" ");
	assert_story("");
}

/* Its time does not begin anew. */
static void recovery__refused_again_and_again__ends_in_time(void **state)
{
	unsigned i;

	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, false), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	come(&anna);
	sio_socket_join(socket_of(&anna), "x");
	sio_nsp_use(io, hold, NULL);
	drop(&anna);
	for (i = 0; i < 4; i++) {
		ask_in(&anna, "/");
		assert_story("asked about one who is back, who is still in x");
		if (i & 1)
			sio_next_refuse(held, "no", NULL);
		drop(&anna);
		fake_advance(loop, 29000);
	}
	fake_advance(loop, 5000);
	ask_in(&anna, "/");
	assert_story("asked about a new one, who is not in x");
	sio_next_pass(held);
}

static void recovery__disconnected_while_asked_about__is_over(void **state)
{
	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, false), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	come(&anna);
	sio_socket_join(socket_of(&anna), "x");
	sio_nsp_use(io, hold, NULL);
	drop(&anna);
	ask_in(&anna, "/");
	assert_story("asked about one who is back, who is still in x");
	fake_ws_send(anna.ws, "41");
	drop(&anna);
	ask_in(&anna, "/");
	assert_story("asked about a new one, who is not in x");
	sio_next_pass(held);
}

/* What was kept goes with it, whoever is asked about. */
static void
recovery__refused_in_a_deleted_namespace__leaks_nothing(void **state)
{
	sio_nsp *nsp = sio_server_of(srv, "/a");

	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, false), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	come_to(&anna, "/a");
	sio_socket_join(sio_nsp_find(nsp, anna.sid), "x");
	sio_nsp_use(nsp, hold, NULL);
	drop(&anna);
	ask_in(&anna, "/a");
	assert_story("asked about one who is back, who is still in x");
	assert_int_equal(sio_nsp_delete(nsp), 0);
	fake_turn(loop);
	expect(anna.ws, "44/a,{\"message\":\"Invalid namespace\"}");
	sio_next_refuse(held, "no", NULL);
	fake_turn(loop);
	expect_nothing(anna.ws);
}

static void recovery__sent_before_it_came__is_not_missed(void **state)
{
	sio_nsp_use(io, hold, NULL);
	ask_in(&anna, "/");
	sio_next_pass(held);
	sio_nsp_emit(io, "not yet", NULL);
	fake_turn(loop);
	read_welcome(&anna, "/");
	assert_string_equal(anna.before, "");
}

#define test(name) \
	cmocka_unit_test_setup_teardown(name, visitor_setup, visitor_teardown)
#define deaf(name) \
	cmocka_unit_test_setup_teardown(name, visitor_setup_deaf, \
		visitor_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(recovery__wished_for_end__is_not_recovered),
		test(recovery__too_late__is_a_new_socket),
		test(recovery__pid__is_used_once),
		test(recovery__strange_wishes__are_new_sockets),
		test(recovery__another_namespace__has_its_own),
		test(recovery__dynamic_namespace__stays_as_long),
		test(recovery__namespace_deleted__takes_what_was_kept),
		deaf(recovery__room_made_by_a_broadcast__children_go_later),
		test(recovery__missed_more_than_its_queue__is_a_new_socket),
		test(recovery__missed_and_refused__is_a_new_socket),
		test(recovery__old_connection_still_there__is_taken_over),
		test(recovery__freed_while_it_is_taken_over__ends_well),
		test(recovery__middleware__is_skipped),
		deaf(recovery__middleware_asked_again__misses_nothing),
		deaf(recovery__refused_by_middleware__may_try_again),
		deaf(recovery__refused_again_and_again__ends_in_time),
		deaf(recovery__disconnected_while_asked_about__is_over),
		deaf(recovery__refused_in_a_deleted_namespace__leaks_nothing),
		test(recovery__sent_before_it_came__is_not_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
