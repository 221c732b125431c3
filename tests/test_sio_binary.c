/* SPDX-License-Identifier: MIT */
/*
 * test_sio_binary.c: bytes in events and answers, both ways, over both
 * transports.
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

#define PH(n) "{\"_placeholder\":true,\"num\":" #n "}"

static struct fake_ws *ws;
static sio_socket *s;

static void echo(sio_socket *sock, sio_event *ev, void *user)
{
	json_t *args = json_incref(sio_event_args(ev));

	assert_null(sio_event_text(ev, NULL));
	if (sio_event_wants_reply(ev))
		assert_int_equal(sio_event_reply_json(ev, args), 0);
	else
		assert_int_equal(sio_socket_emit_json(sock, "back", args), 0);
}

static int setup(void **state)
{
	char sid[24];

	sio_setup(state);
	ws = sio_client("/", sid);
	s = sio_nsp_find(io, sid);
	sio_nsp_on_event(io, "echo", echo, NULL);
	return 0;
}

static int teardown(void **state)
{
	fake_ws_free(ws);
	return sio_teardown(state);
}

static void event__with_attachments__is_put_together(void **state)
{
	fake_ws_send(ws, "452-[\"echo\",1," PH(1) ",{\"a\":" PH(0) "}]");
	fake_ws_send_binary(ws, "\0one", 4);
	expect_nothing(ws);
	fake_ws_send_binary(ws, "\xff two", 5);
	/* in the order they are met, not the one they came in */
	expect(ws, "452-[\"back\",1," PH(0) ",{\"a\":" PH(1) "}]");
	expect_binary(ws, "\xff two", 5);
	expect_binary(ws, "\0one", 4);
	expect_open(ws);
}

static void ack__with_attachments__goes_both_ways(void **state)
{
	fake_ws_send(ws, "451-789[\"echo\"," PH(0) "]");
	fake_ws_send_binary(ws, "", 0);
	expect(ws, "461-789[" PH(0) "]");
	expect_binary(ws, "", 0);

	assert_int_equal(sio_socket_emit_ack(s, 0, tell_ack, NULL, "q", "o",
				 sio_binary("ab", 2)),
		0);
	fake_turn(loop);
	expect(ws, "451-0[\"q\"," PH(0) "]");
	expect_binary(ws, "ab", 2);
	fake_ws_send(ws, "461-0[1," PH(0) "]");
	fake_ws_send_binary(ws, "cd", 2);
	assert_story("ack[?]");
	expect_open(ws);
}

static void event__in_a_namespace__names_it(void **state)
{
	char sid[24];
	sio_nsp *a = sio_server_of(srv, "/a");

	sio_join_nsp(ws, "/a", sid);
	sio_socket_emit(sio_nsp_find(a, sid), "x", "o", sio_binary("1", 1));
	fake_turn(loop);
	expect(ws, "451-/a,[\"x\"," PH(0) "]");
	expect_binary(ws, "1", 1);
}

static void event__without_binary_values__is_plain(void **state)
{
	fake_ws_send(ws, "451-[\"echo\",\"unused\"]");
	fake_ws_send_binary(ws, "x", 1);
	expect(ws, "42[\"back\",\"unused\"]");
	expect_open(ws);
}

static void event__without_data__is_ignored(void **state)
{
	sio_nsp_on_any(io, tell_event, NULL);
	fake_ws_send(ws, "451-");
	fake_ws_send_binary(ws, "x", 1);
	assert_story("");
	expect_open(ws);
}

static void same_bytes__twice__are_two_attachments(void **state)
{
	fake_ws_send(ws, "451-[\"echo\"," PH(0) "," PH(0) "]");
	fake_ws_send_binary(ws, "xy", 2);
	expect(ws, "452-[\"back\"," PH(0) "," PH(1) "]");
	expect_binary(ws, "xy", 2);
	expect_binary(ws, "xy", 2);
}

static void placeholder__in_a_plain_event__stays_an_object(void **state)
{
	sio_nsp_on_event(io, "a", tell_event, NULL);
	fake_ws_send(ws, "42[\"a\"," PH(0) "]");
	assert_story("a[" PH(0) "]");
}

static void broadcast__with_bytes__shares_them(void **state)
{
	struct fake_ws *other = sio_client("/", NULL);
	char *bytes = malloc(100000);

	assert_non_null(bytes);
	memset(bytes, 'b', 100000);
	assert_int_equal(sio_nsp_emit(io, "x", "o, s, o",
				 sio_binary(bytes, 100000), "mid",
				 sio_binary("2", 1)),
		0);
	fake_turn(loop);
	expect(ws, "452-[\"x\"," PH(0) ",\"mid\"," PH(1) "]");
	expect_binary(ws, bytes, 100000);
	expect_binary(ws, "2", 1);
	expect(other, "452-[\"x\"," PH(0) ",\"mid\"," PH(1) "]");
	expect_binary(other, bytes, 100000);
	expect_binary(other, "2", 1);
	free(bytes);
	fake_ws_free(other);
}

static void volatile_event__with_bytes__is_kept_or_dropped_whole(void **state)
{
	sio_socket_emit(s, "first", NULL);
	sio_target_emit(sio_target_flags(sio_socket_self(s), SIO_VOLATILE), "x",
		"o", sio_binary("1", 1));
	fake_turn(loop);
	expect(ws, "42[\"first\"]");
	expect_open(ws);
	sio_target_emit(sio_target_flags(sio_socket_self(s), SIO_VOLATILE), "x",
		"o", sio_binary("1", 1));
	fake_turn(loop);
	expect(ws, "451-[\"x\"," PH(0) "]");
	expect_binary(ws, "1", 1);
}

static void emit__too_many_attachments__is_refused(void **state)
{
	json_t *args = json_array();
	int i;

	for (i = 0; i < 11; i++)
		json_array_append_new(args, sio_binary("x", 1));
	assert_int_equal(sio_socket_emit_json(s, "x", json_incref(args)),
		SIO_ERR_INVALID);
	json_array_remove(args, 0);
	assert_int_equal(sio_socket_emit_json(s, "x", args), 0);
	fake_turn(loop);
	assert_int_equal(strncmp(fake_ws_next(ws), "4510-[", 6), 0);
}

static void attachments__without_end__are_limited(void **state)
{
	char *bytes = calloc(1, 700000);
	int i;

	assert_non_null(bytes);
	fake_ws_send(ws, "4510-[\"a\"]");
	for (i = 0; i < 2; i++)
		fake_ws_send_binary(ws, bytes, 700000);
	expect_open(ws);
	fake_ws_send_binary(ws, bytes, 600001);
	expect_closed(ws);
	free(bytes);
}

static void attachments__over_polling__are_base64(void **state)
{
	struct fake_poll *p = fake_poll_open(loop, "/socket.io/");

	assert_int_equal(fake_poll_post(p, "40"), 200);
	assert_non_null(fake_poll_next(p));
	assert_int_equal(
		fake_poll_post(p,
			"452-[\"echo\"," PH(0) "," PH(1) "]\x1e"
							 "bAQIDBA==\x1e"
							 "b/wA="),
		200);
	assert_string_equal(fake_poll_next(p),
		"452-[\"back\"," PH(0) "," PH(1) "]\x1e"
						 "bAQIDBA==\x1e"
						 "b/wA=");
	fake_poll_free(p);
}

static sio_event *kept;

static void keep(sio_socket *sock, sio_event *ev, void *user)
{
	kept = sio_event_ref(ev);
}

static void event__kept__has_its_bytes(void **state)
{
	size_t len;
	const void *data;

	sio_nsp_on_event(io, "keep", keep, NULL);
	fake_ws_send(ws, "451-5[\"keep\"," PH(0) "]");
	fake_ws_send_binary(ws, "bytes", 5);
	fake_ws_send(ws, "42[\"other\",1]");
	data = sio_binary_data(json_array_get(sio_event_args(kept), 0), &len);
	assert_int_equal(len, 5);
	assert_memory_equal(data, "bytes", 5);
	assert_int_equal(sio_event_reply(kept, "O",
				 json_array_get(sio_event_args(kept), 0)),
		0);
	sio_event_unref(kept);
	fake_turn(loop);
	expect(ws, "461-5[" PH(0) "]");
	expect_binary(ws, "bytes", 5);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(event__with_attachments__is_put_together),
		test(ack__with_attachments__goes_both_ways),
		test(event__in_a_namespace__names_it),
		test(event__without_binary_values__is_plain),
		test(event__without_data__is_ignored),
		test(same_bytes__twice__are_two_attachments),
		test(placeholder__in_a_plain_event__stays_an_object),
		test(broadcast__with_bytes__shares_them),
		test(volatile_event__with_bytes__is_kept_or_dropped_whole),
		test(emit__too_many_attachments__is_refused),
		test(attachments__without_end__are_limited),
		test(attachments__over_polling__are_base64),
		test(event__kept__has_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
