/* SPDX-License-Identifier: MIT */
/*
 * test_sio_dynamic.c: namespaces that are made when a client asks for them: who
 * is asked and when, what a child inherits, and parents as targets.
 */
#include <config.h>

#include "fake_dynamic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Says yes to who sent "allow": true, and tells what it was asked. */
static void if_allowed(const char *name, json_t *auth, sio_next *next,
	void *user)
{
	char *text = json_dumps(auth, JSON_COMPACT);

	tell("%s%s %s?", user ? (const char *)user : "", name, text);
	free(text);
	if (json_is_true(json_object_get(auth, "allow")))
		sio_next_pass(next);
	else
		sio_next_refuse(next, "unheard", json_object());
}

/* -- patterns --------------------------------------------------------------- */

static void pattern__names_that_match__are_children(void **state)
{
	static const char *const in[] = { "/room-1", "/room-A_z", "/room-" };
	static const char *const out[] = { "/room", "/room-1 ",
		"/room-\xc3\xa4", "/x/room-1", "/room-1/", "/ROOM-1", "/_0",
		"/room-.*", "/room-1\n" };
	sio_nsp *parent = sio_server_of_pattern(srv, "^/room-[[:alnum:]_]*$");
	char text[100];
	size_t i;

	assert_true(sio_nsp_is_parent(parent));
	assert_string_equal(sio_nsp_name(parent), "/_0");
	sio_nsp_on_connection(parent, tell_nsp, NULL);
	for (i = 0; i < sizeof(in) / sizeof(*in); i++) {
		sio_join_nsp(ws, in[i], NULL);
		snprintf(text, sizeof(text), "%s connection", in[i]);
		assert_story(text);
	}
	for (i = 0; i < sizeof(out) / sizeof(*out); i++) {
		snprintf(text, sizeof(text), "40%s,", out[i]);
		fake_ws_send(ws, text);
		snprintf(text, sizeof(text),
			"44%s,{\"message\":\"Invalid namespace\"}", out[i]);
		expect(ws, text);
	}
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 4);
	assert_story("");
}

static void pattern__with_nul_in_the_name__does_not_match(void **state)
{
	static const char packet[] = "440/room-\0x,";

	sio_server_of_pattern(srv, "^/room-");
	fake_ws_frame(ws, 0x81, packet + 1, sizeof(packet) - 2);
	assert_memory_equal(fake_ws_next(ws), "44/room-\0x,", 11);
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
}

static void pattern__that_is_none__is_recorded(void **state)
{
	static const char *const bad[] = { "^/(", "^/[a", "^/(a)\\1",
		"\\\\\\(a\\)\\2" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sio_server *other = sio_server_new_on(loop);

		assert_null(sio_server_of_pattern(other, bad[i]));
		assert_non_null(strstr(sio_server_error(other), bad[i]));
		assert_int_equal(sio_server_run(other), SIO_ERR_INVALID);
		sio_server_free(other);
	}
	assert_null(sio_server_of_pattern(srv, NULL));
	assert_null(sio_server_of_predicate(srv, NULL, NULL));
	assert_null(sio_server_of_pattern(NULL, "a"));
	assert_null(sio_server_of_predicate(NULL, later, NULL));
	/* an escaped backslash before a digit is no back reference */
	assert_non_null(sio_server_of_pattern(srv, "^/a\\\\1$"));
}

static void pattern__two_that_match__the_first_wins(void **state)
{
	sio_nsp *one = sio_server_of_pattern(srv, "^/a");
	sio_nsp *two = sio_server_of_pattern(srv, "^/ab");

	sio_nsp_on_connection(one, tell_nsp, words("one "));
	sio_nsp_on_connection(two, tell_nsp, words("two "));
	assert_string_equal(sio_nsp_name(two), "/_1");
	sio_join_nsp(ws, "/ab", NULL);
	assert_story("one /ab connection");
	assert_ptr_equal(sio_nsp_parent(sio_server_of(srv, "/ab")), one);
}

static void pattern__child__has_the_room_watchers(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/room-");

	sio_nsp_on_room(parent, tell_room, NULL);
	sio_nsp_off_room(parent, tell_room);
	sio_nsp_on_room(parent, tell_room, NULL);
	sio_nsp_on_connection(parent, join_news, NULL);
	sio_join_nsp(ws, "/room-1", NULL);
	assert_non_null(strstr(story(), "/room-1 0 news; /room-1 1 id"));
}

static void pattern__name_asked_for_in_code__is_a_child(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/room-");
	sio_nsp *child, *other;

	sio_server_of_predicate(srv, if_allowed, NULL);
	sio_nsp_on_connection(parent, tell_nsp, NULL);
	child = sio_server_of(srv, "room-1");
	other = sio_server_of(srv, "/x");
	assert_ptr_equal(sio_nsp_parent(child), parent);
	assert_null(sio_nsp_parent(other));
	assert_false(sio_nsp_is_parent(child));
	sio_join_nsp(ws, "/room-1", NULL);
	assert_story("/room-1 connection");
	/* not even a pattern for everything is asked about what is there */
	sio_server_of_pattern(srv, "");
	assert_string_equal(sio_nsp_name(sio_server_of(srv, "/")), "/");
	assert_ptr_equal(sio_server_of(srv, "/x"), other);
}

/* -- predicates ------------------------------------------------------------- */

static void predicate__yes_or_no__at_once(void **state)
{
	sio_nsp *parent = sio_server_of_predicate(srv, if_allowed, NULL);

	sio_nsp_on_connection(parent, tell_nsp, NULL);
	fake_ws_send(ws, "40/fn-1,");
	expect(ws, INVALID("/fn-1"));
	fake_ws_send(ws, "40/fn-1,{\"allow\":false}");
	expect(ws, INVALID("/fn-1"));
	fake_ws_send(ws, "40/fn-1,{\"allow\":true}");
	expect_in(ws, "/fn-1");
	assert_story("/fn-1 {}?; /fn-1 {\"allow\":false}?; "
		     "/fn-1 {\"allow\":true}?; /fn-1 connection");
	/* what is there is not asked about */
	fake_ws_send(ws, "41/fn-1,");
	fake_ws_send(ws, "40/fn-1,");
	expect_in(ws, "/fn-1");
	assert_story("/fn-1 connection");
}

static void predicate__several__are_asked_in_order(void **state)
{
	sio_nsp *last;

	sio_server_of_predicate(srv, if_allowed, words("one "));
	sio_server_of_pattern(srv, "^/nothing$");
	sio_server_of_predicate(srv, later, NULL);
	last = sio_server_of_pattern(srv, "^/x$");
	sio_server_of_predicate(srv, if_allowed, words("never "));
	sio_nsp_on_connection(last, tell_nsp, words("last "));
	fake_ws_send(ws, "40/x,");
	assert_story("one /x {}?; /x?");
	expect_nothing(ws);
	sio_next_refuse(held[0], NULL, NULL);
	sio_next_pass(held[0]);
	assert_story("");
	fake_turn(loop);
	expect_in(ws, "/x");
	assert_story("last /x connection");
}

static void predicate__later__meanwhile_events_are_kept(void **state)
{
	sio_nsp *parent = sio_server_of_predicate(srv, later, NULL);

	sio_nsp_use(parent, let_in, NULL);
	sio_nsp_on_connection(parent, tell_nsp, NULL);
	sio_nsp_on_event(parent, "a", tell_event, NULL);
	sio_send_together(ws, "40/x,", "42/x,[\"a\",1]", "40/x,", NULL);
	assert_story("/x?");
	expect_open(ws);
	assert_int_equal(sio_nsp_count(parent, NULL), 0);
	sio_next_pass(held[0]);
	fake_turn(loop);
	expect_in(ws, "/x");
	assert_story("/x asked; /x connection; a[1]");
	expect_open(ws);
}

static void predicate__later_no__forgets_what_came(void **state)
{
	sio_server_of_predicate(srv, later, NULL);
	sio_send_together(ws, "40/x,", "42/x,[\"a\",1]", NULL);
	sio_next_refuse(held[0], "x", NULL);
	fake_turn(loop);
	expect(ws, INVALID("/x"));
	/* it may still have been on its way */
	fake_ws_send(ws, "42/x,[\"a\",2]");
	expect_open(ws);
	assert_story("/x?");
}

static void predicate__two_clients_at_once__share_the_child(void **state)
{
	sio_nsp *parent = sio_server_of_predicate(srv, later, NULL);
	struct fake_ws *other = sio_session();

	sio_nsp_on_connection(parent, tell_nsp, NULL);
	fake_ws_send(ws, "40/x,");
	fake_ws_send(other, "40/x,");
	assert_story("/x?; /x?");
	sio_next_pass(held[1]);
	fake_turn(loop);
	expect_in(other, "/x");
	sio_next_pass(held[0]);
	fake_turn(loop);
	expect_in(ws, "/x");
	assert_int_equal(sio_nsp_count(sio_server_of(srv, "/x"), NULL), 2);
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 2);
	fake_ws_free(other);
}

static void predicate__namespace_made_meanwhile__is_used(void **state)
{
	sio_server_of_predicate(srv, later, NULL);
	fake_ws_send(ws, "40/x,");
	sio_nsp_on_connection(sio_server_of(srv, "/x"), tell_nsp,
		words("static "));
	/* the same client again, while it is asked about */
	fake_ws_send(ws, "40/x,");
	expect_nothing(ws);
	sio_next_pass(held[0]);
	fake_turn(loop);
	expect_in(ws, "/x");
	assert_story("/x?; static /x connection");
	expect_open(ws);
}

static void predicate__client_gone__answer_does_nothing(void **state)
{
	sio_server_of_predicate(srv, later, NULL);
	fake_ws_send(ws, "40/x,");
	fake_ws_send(ws, "40/y,");
	/* one leaves, then all of it is gone */
	fake_ws_send(ws, "41/x,");
	sio_next_pass(held[0]);
	fake_turn(loop);
	expect_open(ws);
	fake_ws_free(ws);
	ws = NULL;
	sio_next_pass(held[1]);
	fake_turn(loop);
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
	assert_story("/x?; /y?");
}

static void predicate__never_answered__is_no(void **state)
{
	sio_server_set_option(srv, SIO_MIDDLEWARE_TIMEOUT, 100);
	sio_server_of_predicate(srv, later, NULL);
	fake_ws_send(ws, "40/x,");
	fake_advance(loop, 100);
	expect(ws, INVALID("/x"));
	/* freed with the loop */
}

static void predicate__asking__counts_as_a_namespace(void **state)
{
	sio_server_set_option(srv, SIO_MAX_NAMESPACES, 2);
	sio_server_of_predicate(srv, later, NULL);
	fake_ws_send(ws, "40/x,");
	fake_ws_send(ws, "40/y,");
	fake_ws_send(ws, "40/z,");
	expect(ws, "44/z,{\"message\":\"Too many namespaces\"}");
	assert_int_equal(held_n, 2);
	sio_next_pass(held[0]);
	sio_next_pass(held[1]);
}

static void free_in_predicate(const char *name, json_t *auth, sio_next *next,
	void *user)
{
	sio_free_server();
	tell("%s %d", name, (int)json_object_size(auth));
	if (user)
		sio_next_pass(next);
}

static void predicate__that_frees_the_server__is_survived(void **state)
{
	int pass;

	for (pass = 0; pass < 2; pass++) {
		if (pass)
			dynamic_setup(state);
		sio_server_of_predicate(srv, free_in_predicate,
			pass ? words("pass") : NULL);
		fake_ws_send(ws, "40/a-name-of-its-own,{\"a\":1}");
		assert_story("/a-name-of-its-own 1");
		if (!pass)
			dynamic_teardown(state);
	}
}

static void delete_parent(const char *name, json_t *auth, sio_next *next,
	void *user)
{
	sio_nsp **parent = user;

	assert_int_equal(sio_nsp_delete(*parent), 0);
	tell("%s deleted", name);
	sio_next_pass(next);
}

static void predicate__parent_deleted_in_it__asks_the_next(void **state)
{
	sio_nsp *parent;

	parent = sio_server_of_predicate(srv, delete_parent, &parent);
	sio_server_of_predicate(srv, later, NULL);
	fake_ws_send(ws, "40/x,");
	assert_story("/x deleted; /x?");
	sio_next_pass(held[0]);
	fake_turn(loop);
	expect_in(ws, "/x");
}

static void predicate__parent_deleted_meanwhile__asks_the_next(void **state)
{
	sio_nsp *parent = sio_server_of_predicate(srv, later, NULL);

	sio_server_of_pattern(srv, "^/x$");
	fake_ws_send(ws, "40/x,");
	fake_ws_send(ws, "40/y,");
	assert_int_equal(sio_nsp_delete(parent), 0);
	fake_turn(loop);
	expect_in(ws, "/x");
	expect(ws, INVALID("/y"));
	sio_next_pass(held[0]);
	sio_next_pass(held[0]);
	sio_next_refuse(held[1], NULL, NULL);
	fake_turn(loop);
	expect_open(ws);
}

/* -- what a child inherits --------------------------------------------------- */

static void refuse_no(sio_socket *s, sio_event *ev, sio_next *next, void *user)
{
	if (strcmp(sio_event_name(ev), "no") == 0)
		sio_next_refuse(next, "no", NULL);
	else
		sio_next_pass(next);
}

static void child__made_of_a_parent__has_all_it_had(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/x");
	sio_nsp *child;

	sio_nsp_use(parent, let_in, NULL);
	sio_nsp_on_connection(parent, tell_nsp, NULL);
	sio_nsp_on_event(parent, "a", tell_nsp, NULL);
	sio_nsp_on_any(parent, tell_nsp, words("any "));
	sio_nsp_on_any_outgoing(parent, tell_nsp, words("out "));
	sio_nsp_use_event(parent, refuse_no, NULL);
	sio_nsp_on_error(parent, tell_nsp, words("error "));
	sio_join_nsp(ws, "/x1", NULL);
	assert_story("/x1 asked; /x1 connection");
	fake_ws_send(ws, "42/x1,[\"a\"]");
	assert_story("any /x1 a; /x1 a");
	fake_ws_send(ws, "42/x1,[\"no\"]");
	assert_story("any /x1 no; error /x1 no");
	child = sio_server_of(srv, "/x1");
	sio_nsp_emit(child, "hi", NULL);
	fake_turn(loop);
	assert_story("out /x1 hi");
	expect(ws, "42/x1,[\"hi\"]");
	/* what comes to the parent later does not come to the child, nor what
	 * comes to the child to another one */
	sio_nsp_on_event(parent, "late", tell_nsp, NULL);
	sio_nsp_off(parent, "a", NULL);
	sio_nsp_on_event(child, "own", tell_nsp, NULL);
	sio_nsp_off(child, NULL, NULL);
	fake_ws_send(ws, "42/x1,[\"late\"]");
	fake_ws_send(ws, "42/x1,[\"a\"]");
	fake_ws_send(ws, "42/x1,[\"own\"]");
	assert_story("/x1 a; /x1 own");
	sio_join_nsp(ws, "/x2", NULL);
	story();
	fake_ws_send(ws, "42/x2,[\"own\"]");
	fake_ws_send(ws, "42/x2,[\"late\"]");
	assert_story("any /x2 own; any /x2 late; /x2 late");
}

/* -- parents as targets -------------------------------------------------------- */

static void tell_fetched(int err, sio_remote *const *found, size_t n,
	void *user)
{
	tell("fetched");
}

static void tell_acks(int err, json_t *answers, size_t expected, void *user)
{
	tell("acks");
}

static void parent__as_a_target__is_all_its_children(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/x");
	struct fake_ws *other = sio_session();
	sio_socket *sockets[3];
	char sid[24];

	assert_int_equal(sio_nsp_emit(parent, "nobody", NULL), 0);
	sio_join_nsp(ws, "/x1", NULL);
	sio_join_nsp(ws, "/x2", NULL);
	sio_join_nsp(other, "/x2", sid);
	assert_int_equal(sio_nsp_emit(parent, "a", "i", 1), 0);
	fake_turn(loop);
	expect(ws, "42/x1,[\"a\",1]");
	expect(ws, "42/x2,[\"a\",1]");
	expect(other, "42/x2,[\"a\",1]");
	assert_int_equal(sio_nsp_count(parent, NULL), 3);
	assert_int_equal(sio_nsp_sockets(parent, sockets, 2), 3);
	assert_int_equal(sio_nsp_sockets(parent, sockets, 3), 3);
	assert_ptr_equal(sockets[2], sio_nsp_find(parent, sid));
	assert_null(sio_nsp_find(parent, "x"));
	/* rooms, and only here */
	assert_int_equal(sio_target_join(sio_nsp_to(parent, sid), "r"), 0);
	assert_int_equal(sio_nsp_count(parent, "r"), 1);
	sio_target_emit(sio_target_flags(sio_nsp_to(parent, "r"), SIO_LOCAL),
		"b", NULL);
	fake_turn(loop);
	expect(other, "42/x2,[\"b\"]");
	assert_int_equal(sio_target_leave(sio_nsp_all(parent), "r"), 0);
	assert_int_equal(sio_nsp_count(parent, "r"), 0);
	assert_int_equal(sio_target_fetch(sio_nsp_all(parent), tell_fetched,
				 NULL),
		SIO_ERR_STATE);
	assert_int_equal(sio_target_emit_acks(sio_nsp_all(parent), tell_acks,
				 NULL, "a", NULL),
		SIO_ERR_STATE);
	assert_int_equal(sio_nsp_emit(parent, "connect", NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_disconnect(sio_nsp_all(parent), false), 0);
	fake_turn(loop);
	expect(ws, "41/x1,");
	expect(ws, "41/x2,");
	expect(other, "41/x2,");
	assert_story("");
	fake_ws_free(other);
}

#define test(name) \
	cmocka_unit_test_setup_teardown(name, dynamic_setup, dynamic_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(pattern__names_that_match__are_children),
		test(pattern__with_nul_in_the_name__does_not_match),
		test(pattern__that_is_none__is_recorded),
		test(pattern__two_that_match__the_first_wins),
		test(pattern__child__has_the_room_watchers),
		test(pattern__name_asked_for_in_code__is_a_child),
		test(predicate__yes_or_no__at_once),
		test(predicate__several__are_asked_in_order),
		test(predicate__later__meanwhile_events_are_kept),
		test(predicate__later_no__forgets_what_came),
		test(predicate__two_clients_at_once__share_the_child),
		test(predicate__namespace_made_meanwhile__is_used),
		test(predicate__client_gone__answer_does_nothing),
		test(predicate__never_answered__is_no),
		test(predicate__asking__counts_as_a_namespace),
		test(predicate__that_frees_the_server__is_survived),
		test(predicate__parent_deleted_in_it__asks_the_next),
		test(predicate__parent_deleted_meanwhile__asks_the_next),
		test(child__made_of_a_parent__has_all_it_had),
		test(parent__as_a_target__is_all_its_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
