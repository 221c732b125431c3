/* SPDX-License-Identifier: MIT */
/*
 * test_sio_broadcast.c: rooms and targets: who gets what.
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

#define CLIENTS 4

static struct fake_ws *ws[CLIENTS];
static sio_socket *s[CLIENTS];
static char sid[CLIENTS][24];

static int setup(void **state)
{
	int i;

	sio_setup(state);
	for (i = 0; i < CLIENTS; i++) {
		ws[i] = sio_client("/", sid[i]);
		s[i] = sio_nsp_find(io, sid[i]);
	}
	return 0;
}

static int teardown(void **state)
{
	int i;

	for (i = 0; i < CLIENTS; i++)
		fake_ws_free(ws[i]);
	return sio_teardown(state);
}

/* Who got 42["x"], as "0 2"; nobody got anything else. */
static const char *receivers(void)
{
	static char out[20];
	size_t n = 0;
	int i;

	fake_turn(loop);
	out[0] = '\0';
	for (i = 0; i < CLIENTS; i++) {
		const char *text = fake_ws_next(ws[i]);

		if (!text)
			continue;
		assert_string_equal(text, "42[\"x\"]");
		assert_null(fake_ws_next(ws[i]));
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%d",
			n ? " " : "", i);
	}
	return out;
}

#define assert_emitted(target, who) \
	do { \
		assert_int_equal(sio_target_emit(target, "x", NULL), 0); \
		assert_string_equal(receivers(), who); \
	} while (0)

static void emit__namespace__reaches_everybody(void **state)
{
	sio_nsp *other = sio_server_of(srv, "/a");

	sio_join_nsp(ws[0], "/a", NULL);
	assert_int_equal(sio_nsp_emit(io, "x", NULL), 0);
	assert_string_equal(receivers(), "0 1 2 3");
	assert_emitted(sio_nsp_all(io), "0 1 2 3");
	assert_int_equal(sio_nsp_emit(other, "y", "i", 1), 0);
	fake_turn(loop);
	expect(ws[0], "42/a,[\"y\",1]");
	assert_string_equal(receivers(), "");
}

static void broadcast__sender__is_left_out(void **state)
{
	assert_int_equal(sio_socket_broadcast(s[1], "x", NULL), 0);
	assert_string_equal(receivers(), "0 2 3");
	assert_emitted(sio_socket_others(s[0]), "1 2 3");
	assert_emitted(sio_socket_self(s[2]), "2");
}

static void emit__rooms__reach_their_members_once(void **state)
{
	sio_socket_join(s[0], "a");
	sio_socket_join(s[1], "a");
	sio_socket_join(s[1], "b");
	sio_socket_join(s[2], "b");
	assert_emitted(sio_nsp_to(io, "a"), "0 1");
	assert_emitted(sio_target_to(sio_nsp_to(io, "a"), "b"), "0 1 2");
	assert_emitted(sio_nsp_to(io, "none"), "");
	assert_emitted(sio_socket_to(s[0], "a"), "1");
	assert_emitted(sio_socket_to(s[3], "a"), "0 1");
	assert_emitted(sio_target_to(sio_socket_to(s[1], "a"), "b"), "0 2");
	assert_emitted(sio_target_except(sio_nsp_to(io, "a"), "b"), "0");
	assert_emitted(sio_nsp_except(io, "a"), "2 3");
	assert_emitted(sio_target_except(sio_nsp_except(io, "a"), "b"), "3");
	assert_emitted(sio_nsp_to(io, sid[3]), "3");
	assert_emitted(sio_target_except(sio_nsp_all(io), sid[3]), "0 1 2");
	sio_socket_leave(s[1], "a");
	assert_emitted(sio_nsp_to(io, "a"), "0");
}

static void emit__one_encoding__is_shared(void **state)
{
	json_t *big = json_array();
	int i;

	for (i = 0; i < 2000; i++)
		json_array_append_new(big, json_integer(i));
	assert_int_equal(sio_nsp_emit(io, "big", "o", big), 0);
	fake_turn(loop);
	for (i = 0; i < CLIENTS; i++) {
		const char *text = fake_ws_next(ws[i]);

		assert_int_equal(strncmp(text, "42[\"big\",[0,1,2,", 16), 0);
		/* one write per client and turn: the 101 with the handshake,
		 * the socket's id, this */
		assert_int_equal(fake_writes(ws[i]->c), 3);
	}
}

/* -- volatile and flags ------------------------------------------------------- */

static void flags__volatile__drops_for_the_slow(void **state)
{
	sio_socket_emit(s[1], "x", NULL);
	assert_int_equal(sio_target_emit(sio_target_flags(sio_nsp_all(io),
						 SIO_VOLATILE | SIO_LOCAL),
				 "x", NULL),
		0);
	assert_string_equal(receivers(), "0 1 2 3");
	fake_room(ws[2]->c, 0);
	sio_socket_emit(s[2], "x", NULL);
	fake_turn(loop);
	sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_VOLATILE), "x",
		NULL);
	assert_string_equal(receivers(), "0 1 3");
	fake_room(ws[2]->c, SIZE_MAX);
	assert_string_equal(receivers(), "2");
	assert_int_equal(sio_target_emit(sio_target_flags(sio_nsp_all(io),
						 1 << 20),
				 "x", NULL),
		SIO_ERR_INVALID);
}

static void flags__no_compress__leaves_it_as_it_is(void **state)
{
	struct fake_ws *c;
	static const char offer[] =
		"Sec-WebSocket-Extensions: permessage-deflate\r\n";
	char much[2000];
	unsigned flags;

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = 0;
	sio_server_set_option(srv, SIO_PER_MESSAGE_DEFLATE, 1);
	c = fake_ws_open_with(loop, "/socket.io/?EIO=4&transport=websocket",
		offer);
	fake_ws_next(c);
	fake_ws_send(c, "40");
	fake_ws_next(c);
	for (flags = 0; flags <= SIO_NO_COMPRESS; flags += SIO_NO_COMPRESS) {
		sio_target_emit(sio_target_flags(sio_nsp_all(io), flags), "x",
			"s, o", much, sio_binary(much, sizeof(much)));
		fake_turn(loop);
		assert_non_null(fake_ws_next(c));
		assert_int_equal(c->deflated, flags == 0);
		assert_non_null(fake_ws_next(c));
		assert_true(c->binary);
		assert_int_equal(c->deflated, flags == 0);
	}
	fake_ws_free(c);
}

/* -- rooms -------------------------------------------------------------------- */

static void assert_rooms(sio_socket *sock, const char *expected)
{
	json_t *rooms = sio_socket_rooms(sock);
	char *text = json_dumps(rooms, JSON_COMPACT);
	char all[200];

	snprintf(all, sizeof(all), "[\"%s\"%s]", sio_socket_id(sock), expected);
	assert_string_equal(text, all);
	free(text);
	json_decref(rooms);
}

static void rooms__of_a_socket__are_its_own_and_those_joined(void **state)
{
	assert_rooms(s[0], "");
	assert_int_equal(sio_socket_join(s[0], "b"), 0);
	assert_int_equal(sio_socket_join(s[0], "a"), 0);
	assert_int_equal(sio_socket_join(s[0], "b"), 0);
	assert_int_equal(sio_socket_join(s[0], sid[0]), 0);
	assert_int_equal(sio_socket_join(s[0], ""), 0);
	assert_rooms(s[0], ",\"b\",\"a\",\"\"");
	assert_true(sio_socket_is_in(s[0], "a"));
	assert_true(sio_socket_is_in(s[0], sid[0]));
	assert_false(sio_socket_is_in(s[0], sid[1]));
	assert_false(sio_socket_is_in(s[1], "a"));
	assert_int_equal(sio_socket_leave(s[0], "b"), 0);
	assert_int_equal(sio_socket_leave(s[0], "b"), 0);
	assert_int_equal(sio_socket_leave(s[0], sid[0]), 0);
	assert_rooms(s[0], ",\"a\",\"\"");
	assert_true(sio_socket_is_in(s[0], sid[0]));
}

static void rooms__limits__are_told(void **state)
{
	char name[300];

	sio_server_set_option(srv, SIO_MAX_ROOMS, 2);
	assert_int_equal(sio_socket_join(s[0], "a"), 0);
	assert_int_equal(sio_socket_join(s[0], "b"), 0);
	assert_int_equal(sio_socket_join(s[0], "c"), SIO_ERR_FULL);
	memset(name, 'a', sizeof(name));
	name[256] = '\0';
	assert_int_equal(sio_socket_join(s[1], name), SIO_ERR_INVALID);
	assert_int_equal(sio_target_emit(sio_nsp_to(io, name), "x", NULL),
		SIO_ERR_INVALID);
	name[255] = '\0';
	assert_int_equal(sio_socket_join(s[1], name), 0);
	assert_emitted(sio_nsp_to(io, name), "1");
	assert_int_equal(sio_socket_join(s[1], NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_socket_join(NULL, "a"), SIO_ERR_INVALID);
	assert_false(sio_socket_is_in(NULL, "a"));
	assert_null(sio_socket_rooms(NULL));
}

static void join_and_wait(sio_socket *sock, sio_next *next, void *user)
{
	sio_next **held = user;

	sio_socket_join(sock, "a");
	*held = next;
}

static void count__of_a_room__is_how_many_would_get_it(void **state)
{
	sio_next *held = NULL;
	struct fake_ws *asker;

	assert_int_equal(sio_nsp_count(io, NULL), CLIENTS);
	assert_int_equal(sio_nsp_count(io, "a"), 0);
	sio_socket_join(s[0], "a");
	sio_socket_join(s[1], "a");
	sio_socket_join(s[1], "a");
	assert_int_equal(sio_nsp_count(io, "a"), 2);
	assert_int_equal(sio_nsp_count(io, sio_socket_id(s[2])), 1);
	assert_int_equal(sio_nsp_count(sio_server_of(srv, "/a"), "a"), 0);
	/* who has not entered yet is not in, nor who has left */
	sio_nsp_use(io, join_and_wait, &held);
	asker = sio_session();
	fake_ws_send(asker, "40");
	assert_non_null(held);
	assert_int_equal(sio_nsp_count(io, "a"), 2);
	sio_next_pass(held);
	fake_turn(loop);
	assert_int_equal(sio_nsp_count(io, "a"), 3);
	assert_int_equal(sio_nsp_count(io, NULL), CLIENTS + 1);
	sio_socket_disconnect(s[0], false);
	assert_int_equal(sio_nsp_count(io, "a"), 2);
	assert_int_equal(sio_nsp_count(io, "\xff"), 0);
	assert_int_equal(sio_nsp_count(NULL, "a"), 0);
	fake_ws_free(asker);
}

static void rooms__names_that_are_not_utf_8__are_refused(void **state)
{
	const char *bad = "room \xff";

	assert_int_equal(sio_socket_join(s[0], bad), SIO_ERR_INVALID);
	assert_int_equal(sio_socket_leave(s[0], bad), SIO_ERR_INVALID);
	assert_false(sio_socket_is_in(s[0], bad));
	assert_int_equal(sio_target_emit(sio_nsp_to(io, bad), "x", NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_emit(sio_nsp_except(io, bad), "x", NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_emit(sio_socket_to(s[0], bad), "x", NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_join(sio_nsp_all(io), bad),
		SIO_ERR_INVALID);
	/* also where nobody is meant */
	assert_int_equal(sio_target_join(sio_nsp_to(io, "empty"), bad),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_leave(sio_nsp_to(io, "empty"), bad),
		SIO_ERR_INVALID);
}

static void rooms__of_who_has_left__are_empty(void **state)
{
	sio_socket *held = sio_socket_ref(s[0]);
	json_t *rooms;

	sio_socket_join(s[0], "a");
	sio_socket_join(s[1], "a");
	fake_ws_free(ws[0]);
	ws[0] = sio_client("/", NULL);
	assert_emitted(sio_nsp_to(io, "a"), "1");
	assert_int_equal(sio_socket_join(held, "b"), SIO_ERR_CLOSED);
	assert_int_equal(sio_socket_leave(held, "a"), SIO_ERR_CLOSED);
	assert_false(sio_socket_is_in(held, "a"));
	rooms = sio_socket_rooms(held);
	assert_int_equal(json_array_size(rooms), 0);
	json_decref(rooms);
	sio_socket_unref(held);
}

/* -- targets ------------------------------------------------------------------ */

static void target__join_and_leave__change_all_of_them(void **state)
{
	sio_socket_join(s[0], "a");
	sio_socket_join(s[1], "a");
	assert_int_equal(sio_target_join(sio_nsp_to(io, "a"), "b"), 0);
	assert_emitted(sio_nsp_to(io, "b"), "0 1");
	assert_int_equal(sio_target_join(sio_nsp_all(io), "a"), 0);
	assert_emitted(sio_nsp_to(io, "a"), "0 1 2 3");
	assert_int_equal(sio_target_leave(sio_nsp_to(io, "b"), "b"), 0);
	assert_emitted(sio_nsp_to(io, "b"), "");
	assert_int_equal(sio_target_leave(sio_nsp_except(io, sid[2]), "a"), 0);
	assert_emitted(sio_nsp_to(io, "a"), "2");
}

static void target__join_with_a_full_socket__does_the_others(void **state)
{
	sio_server_set_option(srv, SIO_MAX_ROOMS, 1);
	sio_socket_join(s[1], "a");
	assert_int_equal(sio_target_join(sio_nsp_all(io), "b"), SIO_ERR_FULL);
	assert_emitted(sio_nsp_to(io, "b"), "0 2 3");
}

static void target__disconnect__takes_all_of_them_out(void **state)
{
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	sio_socket_join(s[0], "a");
	sio_socket_join(s[1], "a");
	assert_int_equal(sio_target_disconnect(sio_nsp_to(io, "a"), false), 0);
	assert_story("");
	fake_turn(loop);
	assert_story("disconnect[\"server namespace disconnect\"]; "
		     "disconnect[\"server namespace disconnect\"]");
	expect(ws[0], "41");
	expect_open(ws[0]);
	expect(ws[1], "41");
	assert_emitted(sio_nsp_all(io), "2 3");
	assert_int_equal(sio_target_disconnect(sio_nsp_all(io), true), 0);
	fake_turn(loop);
	expect(ws[2], "41");
	expect_closed(ws[2]);
	expect(ws[3], "41");
	expect_closed(ws[3]);
}

static void target__errors_on_the_way__come_out_at_the_end(void **state)
{
	sio_socket *held = sio_socket_ref(s[0]);

	assert_int_equal(sio_target_emit(sio_target_to(sio_nsp_to(io, NULL),
						 "a"),
				 "x", "o", json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_emit(sio_target_except(sio_nsp_to(NULL,
								   "a"),
						 "b"),
				 "x", "o", json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_emit(sio_nsp_all(io), NULL, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_join(NULL, "a"), SIO_ERR_INVALID);
	assert_int_equal(sio_target_join(sio_nsp_all(io), NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_flags(NULL, 1) != NULL, 0);
	sio_target_free(sio_target_to(sio_nsp_to(io, "a"), "b"));
	sio_target_free(NULL);
	fake_ws_free(ws[0]);
	ws[0] = sio_client("/", NULL);
	assert_int_equal(sio_target_emit(sio_socket_to(held, "a"), "x", NULL),
		SIO_ERR_CLOSED);
	assert_int_equal(sio_socket_broadcast(held, "x", "o", json_object()),
		SIO_ERR_CLOSED);
	assert_int_equal(sio_target_emit(sio_socket_self(held), "x", NULL),
		SIO_ERR_CLOSED);
	assert_string_equal(receivers(), "");
	/* and after the server */
	sio_free_server();
	assert_int_equal(sio_target_emit(sio_socket_to(held, "a"), "x", NULL),
		SIO_ERR_CLOSED);
	assert_int_equal(sio_socket_join(held, "a"), SIO_ERR_CLOSED);
	sio_socket_unref(held);
}

static void sockets__of_a_namespace__are_in_order(void **state)
{
	sio_socket *out[8];
	int i;

	assert_int_equal(sio_nsp_sockets(io, out, 8), 4);
	for (i = 0; i < 4; i++)
		assert_ptr_equal(out[i], s[i]);
	out[1] = NULL;
	assert_int_equal(sio_nsp_sockets(io, out, 1), 4);
	assert_null(out[1]);
	assert_int_equal(sio_nsp_sockets(io, NULL, 0), 4);
	assert_int_equal(sio_nsp_sockets(NULL, out, 8), 0);
	sio_socket_disconnect(s[1], false);
	assert_int_equal(sio_nsp_sockets(io, out, 8), 3);
	assert_ptr_equal(out[1], s[2]);
	assert_null(sio_nsp_find(io, sid[1]));
}

static void say_goodbye(sio_socket *sock, sio_event *ev, void *user)
{
	sio_target *t = user ? sio_socket_to(sock, "a")
			     : sio_socket_others(sock);

	assert_int_equal(sio_socket_emit(sock, "x", NULL), SIO_ERR_CLOSED);
	assert_int_equal(sio_target_emit(t, "x", NULL), 0);
}

static void broadcast__in_the_disconnect_handler__reaches_the_rest(void **state)
{
	sio_nsp_on_event(io, "disconnect", say_goodbye, NULL);
	fake_ws_send(ws[0], "41");
	assert_string_equal(receivers(), "1 2 3");
	sio_nsp_off(io, "disconnect", say_goodbye);
	sio_nsp_on_event(io, "disconnecting", say_goodbye, words("a"));
	sio_socket_join(s[1], "a");
	sio_socket_join(s[2], "a");
	fake_ws_send(ws[1], "41");
	assert_string_equal(receivers(), "2");
	sio_nsp_off(io, "disconnecting", say_goodbye);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(emit__namespace__reaches_everybody),
		test(broadcast__sender__is_left_out),
		test(emit__rooms__reach_their_members_once),
		test(emit__one_encoding__is_shared),
		test(flags__volatile__drops_for_the_slow),
		test(flags__no_compress__leaves_it_as_it_is),
		test(rooms__of_a_socket__are_its_own_and_those_joined),
		test(rooms__limits__are_told),
		test(count__of_a_room__is_how_many_would_get_it),
		test(rooms__names_that_are_not_utf_8__are_refused),
		test(rooms__of_who_has_left__are_empty),
		test(target__join_and_leave__change_all_of_them),
		test(target__join_with_a_full_socket__does_the_others),
		test(target__disconnect__takes_all_of_them_out),
		test(target__errors_on_the_way__come_out_at_the_end),
		test(sockets__of_a_namespace__are_in_order),
		test(broadcast__in_the_disconnect_handler__reaches_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
