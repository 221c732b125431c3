/* SPDX-License-Identifier: MIT */
/*
 * test_sio_nsp_delete.c: namespaces that the program makes and deletes, also
 * inside of the callbacks of all kinds.
 */
#include <config.h>

#include "fake_dynamic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* -- their rooms ------------------------------------------------------------- */

static void tell_freed(void *text)
{
	tell("%s freed", (const char *)text);
}

static void delete_at_create(sio_nsp *nsp, enum sio_room_event what,
	const char *room, const char *id, void *user)
{
	if (what == SIO_ROOM_CREATE)
		assert_int_equal(sio_nsp_delete(nsp), 0);
}

/* The last is told of a namespace that is all there still. */
static void deleted__with_sockets__tells_the_end_of_their_rooms(void **state)
{
	sio_nsp *nsp = sio_server_of(srv, "/a");

	sio_nsp_on_room(nsp, tell_room, NULL);
	sio_nsp_set_data(nsp, words("data"), tell_freed);
	sio_nsp_on_connection(nsp, join_news, NULL);
	sio_join_nsp(ws, "/a", NULL);
	story();
	assert_int_equal(sio_nsp_delete(nsp), 0);
	fake_turn(loop);
	expect(ws, "41/a,");
	assert_string_equal(without_ids(story()),
		"/a 2 id; /a 3 own; /a 2 id; /a 3 news; data freed");
}

static void deleted__by_who_is_told_of_a_room__ends_well(void **state)
{
	sio_nsp *nsp = sio_server_of(srv, "/a");

	sio_nsp_on_room(nsp, delete_at_create, NULL);
	sio_nsp_on_room(nsp, tell_room, NULL);
	sio_nsp_set_data(nsp, words("data"), tell_freed);
	sio_join_nsp(ws, "/a", NULL);
	expect(ws, "41/a,");
	assert_string_equal(without_ids(story()),
		"/a 0 own; /a 1 id; /a 2 id; /a 3 own; data freed");
}

/* -- new ones ---------------------------------------------------------------- */

static void name_it(sio_nsp *nsp, void *user)
{
	tell("new %s", sio_nsp_name(nsp));
	sio_nsp_set_data(nsp, words(sio_nsp_name(nsp)), tell_ended);
}

static void new_namespace__made_in_code__is_told_from_the_loop(void **state)
{
	sio_nsp *list[4], *nsp;
	size_t n;

	sio_server_of(srv, "/before");
	sio_server_on_namespace(srv, name_it, NULL);
	assert_int_equal(sio_server_on_namespace(srv, NULL, NULL),
		SIO_ERR_INVALID);
	sio_server_of(srv, "/a");
	nsp = sio_server_of(srv, "/b");
	assert_int_equal(sio_nsp_delete(nsp), 0);
	assert_story("");
	fake_turn(loop);
	assert_story("new /a");
	sio_server_of(srv, "/a");
	sio_server_of_pattern(srv, "x");
	fake_turn(loop);
	assert_story("");
	n = sio_server_namespaces(srv, list, 4);
	assert_int_equal(n, 3);
	assert_int_equal(sio_server_namespaces(srv, list, 1), 3);
	assert_string_equal(sio_nsp_data(sio_server_of(srv, "/a")), "/a");
}

static void delete_it(sio_nsp *nsp, void *user)
{
	tell("new %s", sio_nsp_name(nsp));
	if (user)
		sio_free_server();
	else
		sio_nsp_delete(nsp);
}

static void new_namespace__deleted_at_once__refuses(void **state)
{
	sio_server_of_pattern(srv, "^/x");
	sio_server_on_namespace(srv, delete_it, NULL);
	sio_server_on_namespace(srv, name_it, NULL);
	fake_ws_send(ws, "40/x,");
	assert_story("new /x");
	expect(ws, INVALID("/x"));
	expect_open(ws);
}

static void new_namespace__that_frees_the_server__is_survived(void **state)
{
	sio_server_of_pattern(srv, "^/x");
	sio_server_on_namespace(srv, delete_it, words("server"));
	sio_server_on_namespace(srv, name_it, NULL);
	fake_ws_send(ws, "40/x,");
	assert_story("new /x");
}

/* -- deleting ----------------------------------------------------------------- */

static void delete__with_clients__disconnects_them(void **state)
{
	sio_nsp *nsp = sio_server_of(srv, "/a");
	sio_nsp *anew;

	sio_nsp_on_event(nsp, "disconnecting", tell_nsp, NULL);
	sio_nsp_on_event(nsp, "disconnect", tell_event, NULL);
	sio_nsp_set_data(nsp, words("/a"), tell_ended);
	sio_join_nsp(ws, "/a", NULL);
	sio_nsp_use(nsp, keep_next, NULL);
	sio_join_nsp(ws, "/", NULL);
	assert_int_equal(sio_nsp_delete(nsp), 0);
	assert_int_equal(sio_nsp_delete(nsp), SIO_ERR_STATE);
	anew = sio_server_of(srv, "/a");
	assert_ptr_not_equal(anew, nsp);
	assert_story("");
	fake_turn(loop);
	assert_story("/a disconnecting; "
		     "disconnect[\"server namespace disconnect\"]; /a ended");
	expect(ws, "41/a,");
	/* what crosses it on the wire is no error */
	fake_ws_send(ws, "42/a,[\"a\"]");
	expect_open(ws);
	sio_nsp_on_connection(anew, tell_nsp, words("anew "));
	sio_join_nsp(ws, "/a", NULL);
	assert_story("anew /a connection");
}

static void delete__while_middleware_decides__refuses(void **state)
{
	sio_nsp *nsp = sio_server_of(srv, "/a");

	sio_nsp_use(nsp, keep_next, NULL);
	fake_ws_send(ws, "40/a,");
	sio_nsp_delete(nsp);
	fake_turn(loop);
	expect(ws, INVALID("/a"));
	sio_next_pass(kept);
	fake_turn(loop);
	expect_open(ws);
}

static void delete_nsp(sio_socket *s, sio_event *ev, void *user)
{
	sio_nsp *nsp = sio_socket_nsp(s);

	assert_int_equal(sio_nsp_delete(nsp), 0);
	tell("deleted %s", sio_nsp_name(nsp));
	assert_int_equal(sio_nsp_emit(nsp, "x", NULL), 0);
}

static sio_event *held_event;

static void hold_event(sio_socket *s, sio_event *ev, void *user)
{
	held_event = sio_event_ref(ev);
}

static void delete__inside_its_handlers__is_survived(void **state)
{
	sio_nsp *nsp = sio_server_of(srv, "/a");

	sio_nsp_on_event(nsp, "a", hold_event, NULL);
	sio_nsp_on_event(nsp, "a", delete_nsp, NULL);
	sio_nsp_on_event(nsp, "a", tell_text, words("second"));
	sio_nsp_on_event(nsp, "disconnect", tell_nsp, NULL);
	sio_join_nsp(ws, "/a", NULL);
	sio_send_together(ws, "42/a,7[\"a\"]", "42/a,[\"a\"]", NULL);
	assert_story("deleted /a; second; /a disconnect");
	expect(ws, "41/a,");
	/* an event that was kept can still be answered */
	sio_event_reply(held_event, "s", "late");
	fake_turn(loop);
	expect(ws, "43/a,7[\"late\"]");
	sio_event_unref(held_event);
	expect_open(ws);
}

static void delete__inside_other_callbacks__is_survived(void **state)
{
	sio_nsp *nsp = sio_server_of(srv, "/b");

	sio_nsp_on_connection(nsp, delete_nsp, NULL);
	sio_nsp_on_connection(nsp, tell_text, words("second"));
	sio_join_nsp(ws, "/b", NULL);
	fake_turn(loop);
	expect(ws, "41/b,");
	assert_story("deleted /b; second");
	nsp = sio_server_of(srv, "/c");
	sio_nsp_on_event(nsp, "disconnect", delete_nsp, NULL);
	sio_join_nsp(ws, "/c", NULL);
	fake_ws_send(ws, "41/c,");
	assert_story("deleted /c");
	expect_open(ws);
}

static void delete_in_use(sio_socket *s, sio_next *next, void *user)
{
	sio_nsp_delete(sio_socket_nsp(s));
	sio_next_pass(next);
	tell("deleted");
}

static void delete__inside_middleware__refuses(void **state)
{
	sio_nsp_use(sio_server_of(srv, "/a"), delete_in_use, NULL);
	fake_ws_send(ws, "40/a,");
	expect(ws, INVALID("/a"));
	assert_story("deleted");
	expect_open(ws);
}

static int places;

/* Deletes the namespace at its n-th call. */
static void delete_at(sio_socket *s)
{
	if (places-- == 0)
		assert_int_equal(sio_nsp_delete(sio_socket_nsp(s)), 0);
}

static void delete_sometime(sio_socket *s, sio_event *ev, void *user)
{
	delete_at(s);
	sio_socket_emit(s, "x", NULL);
	sio_socket_join(s, "room");
	sio_nsp_emit(sio_socket_nsp(s), "y", NULL);
	sio_event_reply(ev, NULL);
}

static void delete_in_ack(sio_socket *s, int err, sio_event *answer, void *user)
{
	delete_sometime(s, answer, user);
}

static void delete_in_use_too(sio_socket *s, sio_next *next, void *user)
{
	delete_at(s);
	sio_socket_emit_ack(s, 0, delete_in_ack, NULL, "q", NULL);
	sio_socket_emit_ack(s, 10, delete_in_ack, NULL, "q", NULL);
	sio_next_pass(next);
}

static void delete_in_use_event(sio_socket *s, sio_event *ev, sio_next *next,
	void *user)
{
	delete_at(s);
	if (strcmp(sio_event_name(ev), "no") == 0)
		sio_next_refuse(next, "no", NULL);
	else
		sio_next_pass(next);
}

static void delete__at_every_callback__is_survived(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/x");
	char text[100];
	int i;

	sio_nsp_use(parent, delete_in_use_too, NULL);
	sio_nsp_use_event(parent, delete_in_use_event, NULL);
	sio_nsp_on_connection(parent, delete_sometime, NULL);
	sio_nsp_on_any(parent, delete_sometime, NULL);
	sio_nsp_on_any_outgoing(parent, delete_sometime, NULL);
	sio_nsp_on_event(parent, "a", delete_sometime, NULL);
	sio_nsp_on_event(parent, "disconnecting", delete_sometime, NULL);
	sio_nsp_on_event(parent, "disconnect", delete_sometime, NULL);
	sio_nsp_on_error(parent, delete_sometime, NULL);
	/* until there were fewer calls than that */
	for (i = 0, places = -1; places < 0; i++) {
		struct fake_ws *other = sio_session();

		places = i;
		snprintf(text, sizeof(text), "40/x%d,", i);
		fake_ws_send(other, text);
		snprintf(text, sizeof(text), "42/x%d,1[\"a\"]", i);
		fake_ws_send(other, text);
		snprintf(text, sizeof(text), "43/x%d,0[\"a\"]", i);
		fake_ws_send(other, text);
		snprintf(text, sizeof(text), "42/x%d,[\"no\"]", i);
		fake_ws_send(other, text);
		fake_advance(loop, 20);
		snprintf(text, sizeof(text), "41/x%d,", i);
		fake_ws_send(other, text);
		fake_ws_free(other);
	}
	assert_true(i > 10);
}

static void delete__what_cannot_be__is_refused(void **state)
{
	assert_int_equal(sio_nsp_delete(io), SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_delete(NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_set_data(NULL, NULL, NULL), SIO_ERR_INVALID);
	assert_null(sio_nsp_data(NULL));
	assert_null(sio_nsp_parent(NULL));
	assert_false(sio_nsp_is_parent(NULL));
	assert_int_equal(sio_server_namespaces(NULL, NULL, 0), 0);
}

static void delete__of_a_parent__leaves_the_children(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/x");

	sio_join_nsp(ws, "/x1", NULL);
	assert_int_equal(sio_nsp_delete(parent), 0);
	assert_null(sio_nsp_parent(sio_server_of(srv, "/x1")));
	fake_ws_send(ws, "40/x2,");
	expect(ws, INVALID("/x2"));
	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
	fake_ws_send(ws, "41/x1,");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
}

#define test(name) \
	cmocka_unit_test_setup_teardown(name, dynamic_setup, dynamic_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(deleted__with_sockets__tells_the_end_of_their_rooms),
		test(deleted__by_who_is_told_of_a_room__ends_well),
		test(new_namespace__made_in_code__is_told_from_the_loop),
		test(new_namespace__deleted_at_once__refuses),
		test(new_namespace__that_frees_the_server__is_survived),
		test(delete__with_clients__disconnects_them),
		test(delete__while_middleware_decides__refuses),
		test(delete__inside_its_handlers__is_survived),
		test(delete__inside_other_callbacks__is_survived),
		test(delete__inside_middleware__refuses),
		test(delete__at_every_callback__is_survived),
		test(delete__what_cannot_be__is_refused),
		test(delete__of_a_parent__leaves_the_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
