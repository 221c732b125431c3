/* SPDX-License-Identifier: MIT */
/*
 * test_sio_answers.c: broadcasts that every receiver is to answer.
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
	static const char *const letters[CLIENTS] = { "a", "b", "c" };
	int i;

	sio_setup(state);
	for (i = 0; i < CLIENTS; i++) {
		ws[i] = sio_client("/", sid[i]);
		s[i] = sio_nsp_find(io, sid[i]);
		sio_socket_set_data(s[i], words(letters[i]), NULL);
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

static void tell_acks(int err, json_t *answers, size_t expected, void *user)
{
	char *text = sio_is_binary(json_array_get(answers, 0))
		? strdup("bytes")
		: json_dumps(answers, JSON_COMPACT | JSON_ENCODE_ANY);

	tell("%s%s%s%s of %zu", user ? (const char *)user : "",
		err ? sio_strerror(err) : "", err ? " " : "", text, expected);
	free(text);
}

static void tell_answer(sio_socket *socket, json_t *args, void *user)
{
	char *text = json_dumps(args, JSON_COMPACT);

	tell("%s:%s", (const char *)sio_socket_data(socket), text);
	free(text);
}

static void ask(unsigned ms)
{
	sio_target *t = sio_target_timeout(sio_nsp_all(io), ms);

	assert_int_equal(sio_target_emit_acks(t, tell_acks, NULL, "q", "i", 1),
		0);
	fake_turn(loop);
}

static void drop(int i)
{
	fake_ws_free(ws[i]);
	ws[i] = NULL;
}

static void emit_acks__all_answer__tells_the_first_arguments(void **state)
{
	int i;

	ask(1000);
	for (i = 0; i < CLIENTS; i++)
		expect(ws[i], "420[\"q\",1]");
	fake_ws_send(ws[1], "430[\"b\",2]");
	fake_ws_send(ws[0], "430[{\"x\":[1]}]");
	assert_story("");
	fake_ws_send(ws[2], "430[]");
	assert_story("[\"b\",{\"x\":[1]},null] of 3");
	/* the time limit is gone, late answers are nobody's */
	fake_ws_send(ws[2], "430[1]");
	fake_advance(loop, 5000);
	assert_story("");
	expect_open(ws[2]);
	/* one counter for all acks of the namespace */
	assert_int_equal(sio_socket_emit_ack(s[0], 0, tell_ack, NULL, "q",
				 NULL),
		0);
	fake_turn(loop);
	expect(ws[0], "421[\"q\"]");
	fake_ws_send(ws[0], "431[]");
	assert_story("ack[]");
}

static void emit_acks__timeout__tells_what_there_is(void **state)
{
	ask(500);
	expect(ws[2], "420[\"q\",1]");
	fake_ws_send(ws[1], "430[7]");
	fake_advance(loop, 499);
	assert_story("");
	fake_advance(loop, 1);
	assert_story("no answer in time [7] of 3");
	/* nobody owes anything any more */
	sio_server_set_option(srv, SIO_MAX_ACKS, 1);
	assert_int_equal(sio_socket_emit_ack(s[0], 0, tell_ack, NULL, "q",
				 NULL),
		0);
	fake_ws_send(ws[0], "430[\"late\"]");
	fake_ws_send(ws[2], "430[\"late\"]");
	assert_story("");
	expect_open(ws[2]);
}

static void emit_acks__nobody__is_told_from_the_loop(void **state)
{
	sio_target *t = sio_nsp_to(io, "nobody");

	assert_int_equal(sio_target_emit_acks(t, tell_acks, words("! "), "q",
				 NULL),
		0);
	assert_story("");
	fake_turn(loop);
	assert_story("! [] of 0");
}

static void emit_acks__no_timeout__waits_for_answers_and_exits(void **state)
{
	ask(0);
	fake_advance(loop, 20000);
	assert_story("");
	fake_ws_send(ws[2], "430[3]");
	/* counted, but not waited for */
	drop(0);
	assert_story("");
	sio_socket_disconnect(s[1], false);
	assert_story("");
	fake_turn(loop);
	assert_story("[3] of 3");
}

static void emit_acks__some_only__others_are_not_asked(void **state)
{
	sio_target *t = sio_target_except(sio_nsp_all(io), sid[0]);

	t = sio_target_except_json(t, json_pack("[s]", sid[2]));
	assert_int_equal(sio_target_emit_acks(t, tell_acks, NULL, "q", NULL),
		0);
	fake_turn(loop);
	fake_ws_send(ws[0], "430[0]");
	fake_ws_send(ws[2], "430[2]");
	assert_story("");
	fake_ws_send(ws[1], "430[1]");
	assert_story("[1] of 1");
	expect_nothing(ws[0]);
}

static void emit_acks__each_answer__is_told_with_its_socket(void **state)
{
	sio_target *t = sio_target_on_answer(sio_nsp_all(io), tell_answer);

	assert_int_equal(sio_target_emit_acks(t, tell_acks, NULL, "q", NULL),
		0);
	fake_ws_send(ws[2], "430[1,2]");
	assert_story("c:[1,2]");
	fake_ws_send(ws[1], "430[]");
	fake_ws_send(ws[0], "430[3]");
	assert_story("b:[]; a:[3]; [1,null,3] of 3");
}

static void emit_acks__binary_answer__is_bytes(void **state)
{
	sio_target *t = sio_nsp_to(io, sid[0]);

	assert_int_equal(sio_target_emit_acks(t, tell_acks, NULL, "q", "o",
				 sio_binary("xyz", 3)),
		0);
	fake_turn(loop);
	expect(ws[0], "451-0[\"q\",{\"_placeholder\":true,\"num\":0}]");
	expect_binary(ws[0], "xyz", 3);
	fake_ws_send(ws[0], "461-0[{\"_placeholder\":true,\"num\":0}]");
	fake_ws_send_binary(ws[0], "ab", 2);
	assert_story("bytes of 1");
}

static void emit_acks__owes_too_many__is_left_out(void **state)
{
	sio_server_set_option(srv, SIO_MAX_ACKS, 1);
	sio_socket_emit_ack(s[0], 0, tell_ack, words("single "), "q", NULL);
	ask(1000);
	fake_ws_send(ws[1], "431[1]");
	assert_story("");
	fake_ws_send(ws[2], "431[2]");
	assert_story("[1,2] of 3");
	expect(ws[0], "420[\"q\"]");
	expect_nothing(ws[0]);
	drop(0);
	assert_story("single ack connection closed");
}

static void emit_acks__that_fails__is_never_told(void **state)
{
	json_t *deep = json_array();
	int i;

	assert_int_equal(sio_target_emit_acks(NULL, tell_acks, NULL, "q", NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_emit_acks(sio_nsp_all(io), NULL, NULL, "q",
				 NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_emit_acks(sio_nsp_all(io), tell_acks, NULL,
				 "disconnect", NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_emit_acks(sio_nsp_all(io), tell_acks, NULL,
				 NULL, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_target_emit_acks_json(sio_nsp_all(io), tell_acks,
				 NULL, "q", json_object()),
		SIO_ERR_INVALID);
	for (i = 0; i < 1100; i++)
		deep = json_pack("[o]", deep);
	assert_int_equal(sio_target_emit_acks_json(sio_nsp_all(io), tell_acks,
				 NULL, "q", deep),
		SIO_ERR_INVALID);
	fake_advance(loop, 10000);
	assert_story("");
}

static void emit_acks__volatile__counts_who_is_missed(void **state)
{
	sio_target *t;
	int i;

	/* the socket of the first takes nothing */
	fake_room(ws[0]->c, 0);
	assert_int_equal(sio_socket_emit(s[0], "x", NULL), 0);
	fake_turn(loop);
	t = sio_target_flags(sio_nsp_all(io), SIO_VOLATILE);
	assert_int_equal(sio_target_emit_acks(t, tell_acks, NULL, "q", NULL),
		0);
	fake_turn(loop);
	for (i = 1; i < CLIENTS; i++)
		fake_ws_send(ws[i], "430[1]");
	assert_story("[1,1] of 3");
}

static void free_server(int err, json_t *answers, size_t expected, void *user)
{
	tell("free");
	sio_free_server();
}

static void emit_acks__server_freed__is_told_closed(void **state)
{
	ask(0);
	fake_ws_send(ws[0], "430[1]");
	sio_free_server();
	assert_story("[1] of 3");
}

static void emit_acks__freed_inside__nothing_more(void **state)
{
	sio_target *t =
		sio_target_on_answer(sio_nsp_to(io, sid[0]), tell_answer);

	assert_int_equal(sio_target_emit_acks(t, free_server, NULL, "q", NULL),
		0);
	ask(100);
	fake_ws_send(ws[0], "430[1]");
	assert_story("a:[1]; free; [] of 3");
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(emit_acks__all_answer__tells_the_first_arguments),
		test(emit_acks__timeout__tells_what_there_is),
		test(emit_acks__nobody__is_told_from_the_loop),
		test(emit_acks__no_timeout__waits_for_answers_and_exits),
		test(emit_acks__some_only__others_are_not_asked),
		test(emit_acks__each_answer__is_told_with_its_socket),
		test(emit_acks__binary_answer__is_bytes),
		test(emit_acks__owes_too_many__is_left_out),
		test(emit_acks__that_fails__is_never_told),
		test(emit_acks__volatile__counts_who_is_missed),
		test(emit_acks__server_freed__is_told_closed),
		test(emit_acks__freed_inside__nothing_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
