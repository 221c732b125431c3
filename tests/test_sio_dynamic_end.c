/* SPDX-License-Identifier: MIT */
/*
 * test_sio_dynamic_end.c: how long namespaces live that a client asked for:
 * until nobody is left in them, or there are too many.
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

static void keep_out(sio_socket *s, sio_next *next, void *user)
{
	sio_next_refuse(next, "no", NULL);
}

/* -- nobody is left ---------------------------------------------------------- */

static void cleanup__last_socket_left__tells_the_end_of_its_rooms(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/room-");

	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
	sio_nsp_on_room(parent, tell_room, NULL);
	sio_join_nsp(ws, "/room-1", NULL);
	story();
	fake_ws_send(ws, "41/room-1,");
	assert_string_equal(without_ids(story()),
		"/room-1 2 id; /room-1 3 own");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
}

static void name_it(sio_nsp *nsp, void *user)
{
	tell("new %s", sio_nsp_name(nsp));
	sio_nsp_set_data(nsp, words(sio_nsp_name(nsp)), tell_ended);
}

static void cleanup__of_a_child__when_nobody_is_left(void **state)
{
	sio_nsp *parent = sio_server_of_predicate(srv, later, NULL);
	struct fake_ws *other = sio_session();

	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
	sio_server_on_namespace(srv, name_it, NULL);
	sio_nsp_on_event(parent, "disconnect", tell_nsp, NULL);
	sio_nsp_use(parent, let_in, NULL);
	fake_ws_send(ws, "40/x,");
	sio_next_pass(held[0]);
	fake_turn(loop);
	fake_ws_send(other, "40/x,");
	assert_story("/x?; new /x; /x asked; /x asked");
	fake_ws_send(ws, "41/x,");
	assert_story("/x disconnect");
	fake_ws_free(other);
	assert_story("/x disconnect; /x ended");
	/* made anew, and refused: gone again */
	sio_nsp_use(parent, keep_out, NULL);
	fake_ws_send(ws, "40/x,");
	sio_next_pass(held[1]);
	fake_turn(loop);
	assert_story("/x?; new /x; /x asked; /x ended");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
}

/* Upstream takes the namespace away under a client that middleware still
 * decides on. */
static void cleanup__while_another_is_decided_on__waits(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/x");
	struct fake_ws *other = sio_session();

	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
	sio_join_nsp(ws, "/x1", NULL);
	sio_nsp_use(sio_server_of(srv, "/x1"), keep_next, NULL);
	fake_ws_send(other, "40/x1,");
	fake_ws_send(ws, "41/x1,");
	sio_next_pass(kept);
	fake_turn(loop);
	expect_in(other, "/x1");
	assert_int_equal(sio_nsp_count(sio_server_of(srv, "/x1"), NULL), 1);
	assert_ptr_equal(sio_nsp_parent(sio_server_of(srv, "/x1")), parent);
	fake_ws_free(other);
}

static void limit__reached__the_oldest_empty_one_goes(void **state)
{
	sio_server_set_option(srv, SIO_MAX_DYNAMIC_NAMESPACES, 3);
	sio_server_of_pattern(srv, "^/x");
	sio_server_on_namespace(srv, name_it, NULL);
	sio_join_nsp(ws, "/x1", NULL);
	sio_join_nsp(ws, "/x2", NULL);
	sio_join_nsp(ws, "/x3", NULL);
	fake_ws_send(ws, "41/x2,");
	fake_ws_send(ws, "41/x1,");
	/* back in, and out again: the youngest */
	sio_join_nsp(ws, "/x2", NULL);
	fake_ws_send(ws, "41/x2,");
	story();
	sio_join_nsp(ws, "/x4", NULL);
	assert_story("/x1 ended; new /x4");
	/* one that the program has asked for stays */
	assert_non_null(sio_server_of(srv, "/x2"));
	fake_ws_send(ws, "40/x5,");
	expect(ws, "44/x5,{\"message\":\"Too many namespaces\"}");
	assert_story("");
	sio_nsp_delete(sio_server_of(srv, "/x2"));
	sio_join_nsp(ws, "/x5", NULL);
	assert_story("/x2 ended; new /x5");
}

/* -- there are too many ------------------------------------------------------ */

/* A connection remembers where it has been, but not without end. */
static void left__many_namespaces__the_last_are_remembered(void **state)
{
	char text[40];
	int i;

	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
	sio_server_of_pattern(srv, "^/x");
	sio_join_nsp(ws, "/", NULL);
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "/x%d", i);
		sio_join_nsp(ws, text, NULL);
		snprintf(text, sizeof(text), "41/x%d,", i);
		fake_ws_send(ws, text);
	}
	fake_ws_send(ws, "42/x99,[\"a\"]");
	fake_ws_send(ws, "42/x36,[\"a\"]");
	expect_open(ws);
	fake_ws_send(ws, "42/x35,[\"a\"]");
	expect_closed(ws);
}

static void free_all(void *data)
{
	tell("%s ended", (const char *)data);
	sio_free_server();
}

static void end_parent(void *data)
{
	tell("parent deleted");
	sio_nsp_delete(data);
}

/* Not by its name: it may go. */
static sio_nsp *find_x1(void)
{
	sio_nsp *list[4];
	size_t i, n = sio_server_namespaces(srv, list, 4);

	for (i = 0; i < n; i++)
		if (strcmp(sio_nsp_name(list[i]), "/x1") == 0)
			return list[i];
	return NULL;
}

/* A client wants one more than there may be. */
static void max__end_of_the_oldest__may_free_the_server(void **state)
{
	sio_server_set_option(srv, SIO_MAX_DYNAMIC_NAMESPACES, 1);
	sio_server_of_pattern(srv, "^/x");
	sio_join_nsp(ws, "/x1", NULL);
	sio_nsp_set_data(find_x1(), words("x1"), free_all);
	fake_ws_send(ws, "41/x1,");
	fake_ws_send(ws, "40/x2,");
	assert_story("x1 ended");
}

static void max__end_of_the_oldest__may_delete_the_parent(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/x");

	sio_server_set_option(srv, SIO_MAX_DYNAMIC_NAMESPACES, 1);
	sio_join_nsp(ws, "/x1", NULL);
	sio_nsp_set_data(find_x1(), parent, end_parent);
	fake_ws_send(ws, "41/x1,");
	fake_ws_send(ws, "40/x2,");
	assert_story("parent deleted");
	expect(ws, INVALID("/x2"));
	expect_open(ws);
}

#define test(name) \
	cmocka_unit_test_setup_teardown(name, dynamic_setup, dynamic_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(cleanup__last_socket_left__tells_the_end_of_its_rooms),
		test(cleanup__of_a_child__when_nobody_is_left),
		test(cleanup__while_another_is_decided_on__waits),
		test(limit__reached__the_oldest_empty_one_goes),
		test(max__end_of_the_oldest__may_free_the_server),
		test(max__end_of_the_oldest__may_delete_the_parent),
		test(left__many_namespaces__the_last_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
