/* SPDX-License-Identifier: MIT */
/*
 * test_sio_fetch.c: sockets that are looked up, and what is done to them;
 * rooms by the list.
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

#define CLIENTS 3

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
		json_object_set_new(sio_socket_shared_data(s[i]), "name",
			json_pack("s%", &"abc"[i], (size_t)1));
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

static const char *name_of(sio_remote *r)
{
	return json_string_value(json_object_get(sio_remote_data(r), "name"));
}

static void tell_found(int err, sio_remote *const *found, size_t n, void *user)
{
	char names[32] = "";
	size_t i;

	/* each has one letter */
	for (i = 0; i < n && i < sizeof(names) - 1; i++)
		names[i] = *name_of(found[i]);
	tell("found %s%s", names, err ? sio_strerror(err) : "");
}

static void fetch__rooms__finds_each_once(void **state)
{
	sio_socket_join_json(s[0], json_pack("[s, s]", "x", "y"));
	sio_socket_join(s[1], "y");
	assert_int_equal(sio_target_fetch(sio_nsp_all(io), tell_found, NULL),
		0);
	assert_story("");
	fake_turn(loop);
	assert_story("found abc");
	sio_target_fetch(sio_target_to_json(sio_nsp_all(io),
				 json_pack("[s, s]", "y", "x")),
		tell_found, NULL);
	fake_turn(loop);
	assert_story("found ab");
	sio_target_fetch(sio_target_except(sio_nsp_all(io), "x"), tell_found,
		NULL);
	fake_turn(loop);
	assert_story("found bc");
	sio_target_fetch(sio_nsp_to(io, "nobody"), tell_found, NULL);
	fake_turn(loop);
	assert_story("found ");
}

static void fetch__gone_meanwhile__is_left_out(void **state)
{
	sio_target_fetch(sio_nsp_all(io), tell_found, NULL);
	sio_socket_disconnect(s[1], false);
	fake_turn(loop);
	assert_story("found ac");
}

static void look_closely(int err, sio_remote *const *found, size_t n,
	void *user)
{
	sio_remote *r = found[0];
	json_t *handshake = sio_remote_handshake(r);

	assert_int_equal(n, 1);
	assert_string_equal(sio_remote_id(r), sid[0]);
	assert_ptr_equal(sio_remote_socket(r), s[0]);
	assert_non_null(json_object_get(handshake, "issued"));
	assert_ptr_equal(handshake, sio_remote_handshake(r));
	assert_int_equal(json_array_size(sio_remote_rooms(r)), 1);
	sio_socket_join(s[0], "more");
	assert_int_equal(json_array_size(sio_remote_rooms(r)), 2);
	/* its data is the socket's own */
	assert_ptr_equal(sio_remote_data(r), sio_socket_shared_data(s[0]));
	tell("looked");
}

static void fetch__found__can_be_asked(void **state)
{
	sio_target_fetch(sio_nsp_to(io, sid[0]), look_closely, NULL);
	fake_turn(loop);
	assert_story("looked");
	assert_string_equal(sio_remote_id(NULL), "");
	assert_null(sio_remote_socket(NULL));
	assert_null(sio_remote_data(NULL));
	assert_null(sio_remote_rooms(NULL));
	assert_null(sio_remote_handshake(NULL));
	assert_int_equal(sio_remote_join(NULL, "x"), SIO_ERR_INVALID);
	assert_int_equal(sio_remote_emit(NULL, "x", NULL), SIO_ERR_INVALID);
}

static void tell_acks(int err, json_t *answers, size_t expected, void *user)
{
	char *text = json_dumps(answers, JSON_COMPACT);

	tell("%s of %zu", text, expected);
	free(text);
}

static void do_all(int err, sio_remote *const *found, size_t n, void *user)
{
	assert_int_equal(sio_remote_join(found[0], "in"), 0);
	assert_int_equal(sio_remote_join(found[0], "out"), 0);
	assert_int_equal(sio_remote_leave(found[0], "out"), 0);
	assert_int_equal(sio_remote_emit(found[1], "x", "i", 5), 0);
	assert_int_equal(sio_remote_emit_ack(found[1], 100, tell_acks, NULL,
				 "q", NULL),
		0);
	assert_int_equal(sio_remote_disconnect(found[2], true), 0);
}

static void fetch__found__can_be_changed(void **state)
{
	sio_target_fetch(sio_nsp_all(io), do_all, NULL);
	fake_turn(loop);
	assert_true(sio_socket_is_in(s[0], "in"));
	assert_false(sio_socket_is_in(s[0], "out"));
	expect(ws[1], "42[\"x\",5]");
	expect(ws[1], "420[\"q\"]");
	fake_ws_send(ws[1], "430[\"yes\"]");
	assert_story("[\"yes\"] of 1");
	expect(ws[2], "41");
	expect_closed(ws[2]);
}

static void fetch__wrong__is_an_error(void **state)
{
	assert_int_equal(sio_target_fetch(NULL, tell_found, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_fetch(sio_nsp_all(io), NULL, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_fetch(sio_nsp_to(io, "\xff"), tell_found,
				 NULL),
		SIO_ERR_INVALID);
	fake_turn(loop);
	assert_story("");
}

static void free_server(int err, sio_remote *const *found, size_t n, void *user)
{
	sio_free_server();
	assert_string_equal(sio_remote_id(found[0]), sid[0]);
	assert_null(sio_remote_handshake(found[0]));
	tell("freed");
}

static void fetch__server_freed_inside__ends_well(void **state)
{
	sio_target_fetch(sio_nsp_all(io), free_server, NULL);
	sio_target_fetch(sio_nsp_all(io), tell_found, NULL);
	fake_turn(loop);
	assert_story("found ; freed");
}

static void rooms__lists__join_and_leave(void **state)
{
	assert_int_equal(sio_target_join_json(sio_nsp_all(io),
				 json_pack("[s, s]", "x", "y")),
		0);
	assert_true(sio_socket_is_in(s[2], "x"));
	assert_true(sio_socket_is_in(s[0], "y"));
	assert_int_equal(sio_target_leave_json(sio_nsp_to(io, sid[0]),
				 json_pack("[s, s]", "y", "x")),
		0);
	assert_false(sio_socket_is_in(s[0], "x"));
	assert_true(sio_socket_is_in(s[1], "x"));
	/* wrong lists change nothing */
	assert_int_equal(sio_target_join_json(sio_nsp_all(io),
				 json_pack("[s, i]", "z", 1)),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_join_json(sio_nsp_all(io), json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_join_json(sio_nsp_all(io), NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_join_json(NULL, json_array()),
		SIO_ERR_INVALID);
	assert_false(sio_socket_is_in(s[0], "z"));
	assert_int_equal(sio_socket_join_json(s[0], json_pack("[i]", 1)),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_join_json(s[0], json_string("x")),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_join_json(NULL, json_array()),
		SIO_ERR_INVALID);
}

/* -- what is told of rooms ----------------------------------------------------- */

static void tell_room(sio_nsp *nsp, enum sio_room_event what, const char *room,
	const char *id, void *user)
{
	static const char *const words[] = { "create", "join", "leave",
		"delete" };

	tell("%s %s%s%s", words[what], strlen(room) == 20 ? "own" : room,
		id ? " " : "",
		!id                               ? ""
			: strcmp(id, sid[0]) == 0 ? "a"
						  : "other");
}

static void on_room__changes__are_told_from_the_loop(void **state)
{
	assert_int_equal(sio_nsp_on_room(io, tell_room, NULL), 0);
	assert_int_equal(sio_nsp_on_room(io, NULL, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_on_room(NULL, tell_room, NULL),
		SIO_ERR_INVALID);
	sio_socket_join(s[0], "x");
	sio_socket_join(s[1], "x");
	sio_socket_join(s[1], "x");
	sio_socket_join(s[0], sid[0]);
	assert_story("");
	fake_turn(loop);
	assert_story("create x; join x a; join x other");
	sio_socket_leave(s[1], "x");
	sio_socket_leave(s[1], "x");
	sio_socket_leave(s[0], "nowhere");
	fake_turn(loop);
	assert_story("leave x other");
	fake_ws_free(ws[0]);
	ws[0] = NULL;
	assert_story("leave own a; delete own; leave x a; delete x");
	ws[0] = sio_client("/", NULL);
	assert_story("create own; join own other");
	sio_nsp_off_room(io, tell_room);
	sio_socket_join(s[1], "x");
	fake_turn(loop);
	assert_story("");
}

static void free_at_room(sio_nsp *nsp, enum sio_room_event what,
	const char *room, const char *id, void *user)
{
	tell("freed");
	sio_free_server();
}

static void on_room__server_freed_inside__ends_well(void **state)
{
	sio_nsp_on_room(io, free_at_room, NULL);
	sio_nsp_on_room(io, tell_room, NULL);
	sio_socket_join(s[0], "x");
	fake_turn(loop);
	assert_story("freed");
}

/* -- the other servers, of which there are none ------------------------------ */

static char line[200];

static void on_log(enum eio_log_level level, const char *text, void *user)
{
	snprintf(line, sizeof(line), "%s", text);
}

static void server_emit__alone__reaches_nobody(void **state)
{
	sio_server_set_log(srv, ENGINEIO_LOG_WARN, on_log, NULL);
	sio_nsp_on_server_event(io, "hi", tell_event, NULL);
	assert_int_equal(sio_nsp_server_emit(io, "hi", "i", 1), 0);
	assert_string_equal(line,
		"sio_nsp_server_emit(\"hi\") in /: adapter local knows no "
		"other servers");
	assert_int_equal(sio_nsp_server_emit_ack(io, 100, tell_acks, NULL, "hi",
				 NULL),
		0);
	assert_story("");
	fake_turn(loop);
	assert_story("[] of 0");
	assert_int_equal(sio_nsp_server_emit(io, "connection", NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_server_emit(io, "new_namespace", NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_server_emit(io, NULL, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_server_emit(NULL, "hi", NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_server_emit_ack(io, 1, NULL, NULL, "hi", NULL),
		SIO_ERR_INVALID);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(fetch__rooms__finds_each_once),
		test(fetch__gone_meanwhile__is_left_out),
		test(fetch__found__can_be_asked),
		test(fetch__found__can_be_changed),
		test(fetch__wrong__is_an_error),
		test(fetch__server_freed_inside__ends_well),
		test(rooms__lists__join_and_leave),
		test(on_room__changes__are_told_from_the_loop),
		test(on_room__server_freed_inside__ends_well),
		test(server_emit__alone__reaches_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
