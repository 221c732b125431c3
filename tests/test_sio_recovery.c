/* SPDX-License-Identifier: MIT */
/*
 * test_sio_recovery.c: connection state recovery: clients that come back, what
 * they have missed, and what is kept how long.
 */
#include <config.h>

#include "fake_visitor.h"

#include <socketio/adapter.h>
#include <socketio/parser.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void set_offset(struct visitor *v, const char *text)
{
	snprintf(v->offset, sizeof(v->offset), "%s", text);
}

/* -- what is written --------------------------------------------------------- */

static void recovery__events__end_with_an_offset(void **state)
{
	char first[64], sid[24];

	come(&anna);
	assert_int_equal(strlen(anna.pid), 20);
	assert_string_not_equal(anna.pid, anna.sid);
	assert_false(sio_socket_recovered(socket_of(&anna)));
	sio_nsp_emit(io, "all", NULL);
	sio_socket_emit(socket_of(&anna), "own", "i", 1);
	fake_turn(loop);
	assert_event(&anna, "42[\"all\"]");
	memcpy(first, anna.offset, sizeof(first));
	assert_event(&anna, "42[\"own\",1]");
	assert_string_not_equal(first, anna.offset);
	/* but not these */
	sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_VOLATILE), "v",
		"i", 1);
	fake_turn(loop);
	expect(anna.ws, "42[\"v\",1]");
	sio_socket_emit_ack(socket_of(&anna), 0, tell_ack, NULL, "q", "i", 1);
	fake_turn(loop);
	expect(anna.ws, "420[\"q\",1]");
	/* bytes come before it */
	sio_nsp_emit(io, "b", "o", sio_binary("xy", 2));
	fake_turn(loop);
	assert_event(&anna, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
	expect_binary(anna.ws, "xy", 2);
	memcpy(sid, anna.sid, sizeof(sid));
	drop(&anna);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.sid, sid);
}

/* -- coming back ------------------------------------------------------------- */

static void recovery__missed__comes_before_the_answer(void **state)
{
	sio_nsp_on_connection(io, tell_connection, NULL);
	come(&anna);
	come(&bert);
	sio_socket_join(socket_of(&anna), "x");
	sio_socket_join(socket_of(&anna), "y");
	json_object_set_new(sio_socket_shared_data(socket_of(&anna)), "n",
		json_integer(7));
	sio_nsp_emit(io, "seen", NULL);
	fake_turn(loop);
	assert_event(&anna, "42[\"seen\"]");
	drop(&anna);
	assert_null(socket_of(&anna));
	sio_nsp_emit(io, "1", NULL);
	sio_target_emit(sio_nsp_to(io, "x"), "2", "s", "text");
	sio_target_emit(sio_nsp_to(io, "z"), "not for it", NULL);
	sio_target_emit(sio_nsp_except(io, "y"), "nor this", NULL);
	sio_target_emit(sio_nsp_to(io, anna.sid), "3", NULL);
	sio_target_emit(sio_socket_others(socket_of(&bert)), "4", NULL);
	sio_target_emit(sio_target_to(sio_nsp_to(io, "z"), "y"), "5", NULL);
	sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_VOLATILE), "v",
		NULL);
	assert_story("new; new");
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before,
		"42[\"1\" 42[\"2\",\"text\" 42[\"3\" 42[\"4\" 42[\"5\" ");
	assert_story("back");
	assert_true(sio_socket_is_in(socket_of(&anna), "x"));
	assert_true(sio_socket_is_in(socket_of(&anna), "y"));
	assert_int_equal(json_integer_value(json_object_get(
				 sio_socket_shared_data(socket_of(&anna)),
				 "n")),
		7);
	/* and once more, with what comes now */
	sio_nsp_emit(io, "6", NULL);
	fake_turn(loop);
	drop(&anna);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"6\" ");
	drop(&anna);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "");
}

/* The official server does not recover it. */
static void recovery__no_event_before__works(void **state)
{
	come(&anna);
	come(&bert);
	assert_string_equal(anna.offset, "");
	drop(&anna);
	sio_nsp_emit(io, "missed", NULL);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"missed\" ");
	/* one that was sent, but lost */
	sio_socket_join(socket_of(&bert), "b");
	sio_target_emit(sio_nsp_to(io, "b"), "lost", NULL);
	drop(&bert);
	sio_target_emit(sio_nsp_to(io, "b"), "missed too", NULL);
	come(&bert);
	assert_true(bert.recovered);
	/* what was sent since it came counts: it has seen nothing at all */
	assert_string_equal(bert.before,
		"42[\"missed\" 42[\"lost\" 42[\"missed too\" ");
}

static void recovery__lost_on_the_way__comes_again(void **state)
{
	come(&anna);
	sio_nsp_emit(io, "seen", NULL);
	fake_turn(loop);
	assert_event(&anna, "42[\"seen\"]");
	sio_nsp_emit(io, "lost", NULL);
	fake_turn(loop);
	drop(&anna);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"lost\" ");
}

/* A stock client takes any text at the end of an event for its offset. */
static void recovery__text_behind_a_volatile_event__does_no_harm(void **state)
{
	sio_target *t;

	come(&anna);
	sio_nsp_emit(io, "seen", NULL);
	t = sio_target_flags(sio_nsp_all(io), SIO_VOLATILE);
	fake_turn(loop);
	assert_event(&anna, "42[\"seen\"]");
	sio_target_emit(t, "v", "s", "hello");
	fake_turn(loop);
	expect(anna.ws, "42[\"v\",\"hello\"]");
	set_offset(&anna, "hello");
	drop(&anna);
	sio_nsp_emit(io, "missed", NULL);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"missed\" ");
	/* even its name, without arguments */
	sio_target_emit(sio_target_flags(sio_socket_self(socket_of(&anna)),
				SIO_VOLATILE),
		"tick", NULL);
	fake_turn(loop);
	expect(anna.ws, "42[\"tick\"]");
	set_offset(&anna, "tick");
	drop(&anna);
	come(&anna);
	assert_true(anna.recovered);
	/* a text nobody sent */
	set_offset(&anna, "nonsense");
	drop(&anna);
	come(&anna);
	assert_false(anna.recovered);
}

static void
recovery__stale_offset_of_another_session__counts_as_none(void **state)
{
	come(&anna);
	sio_nsp_emit(io, "old", NULL);
	fake_turn(loop);
	assert_event(&anna, "42[\"old\"]");
	/* it leaves by itself and comes back; the client keeps its offset */
	fake_ws_send(anna.ws, "41");
	drop(&anna);
	sio_nsp_emit(io, "not for anybody", NULL);
	come(&anna);
	assert_false(anna.recovered);
	drop(&anna);
	sio_nsp_emit(io, "missed", NULL);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"missed\" ");
}

/* -- data -------------------------------------------------------------------- */

static void recovery__own_data__through_the_hooks(void **state)
{
	assert_int_equal(sio_nsp_on_recover(NULL, save, restore, NULL),
		SIO_ERR_INVALID);
	sio_nsp_on_recover(io, save, restore, NULL);
	sio_nsp_on_event(io, "disconnecting", tell_text, words("going"));
	sio_nsp_on_event(io, "disconnect", tell_text, words("gone"));
	sio_nsp_on_connection(io, tell_connection, NULL);
	come(&anna);
	sio_socket_set_data(socket_of(&anna), words("mine"), NULL);
	drop(&anna);
	assert_story("new; going; saved; gone");
	come(&anna);
	assert_story("restored mine; back");
	/* nothing is saved of who does not come back */
	sio_socket_set_data(socket_of(&anna), words("mine"), NULL);
	fake_ws_send(anna.ws, "41");
	assert_story("going; gone");
}

static void greet(sio_socket *s, json_t *saved, void *user)
{
	sio_socket_emit(s, "greeting", NULL);
}

static void
recovery__emit_in_the_hook__comes_once_behind_the_missed(void **state)
{
	sio_nsp_on_recover(io, NULL, greet, NULL);
	sio_nsp_on_any_outgoing(io, tell_event, NULL);
	come(&anna);
	drop(&anna);
	sio_nsp_emit(io, "missed", NULL);
	story();
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"missed\" 42[\"greeting\" ");
	assert_non_null(strstr(story(), "greeting["));
	drop(&anna);
	sio_nsp_emit(io, "more", NULL);
	come(&anna);
	assert_string_equal(anna.before, "42[\"more\" 42[\"greeting\" ");
}

/* -- another parser ------------------------------------------------------------ */

/* A parser of this test: a packet is its JSON with an 'x' in front. */
static int encode(const sio_parser *parser, const sio_packet *packet,
	sio_parser_out *out)
{
	char *data = packet->data ? sio_json_stringify(packet->data, NULL)
				  : NULL;
	char text[300];
	int n = snprintf(text, sizeof(text), "x%d%s", (int)packet->type,
		data ? data : "");

	free(data);
	return sio_parser_add_text(out, text, (size_t)n);
}

static int decode(const sio_parser *parser, void **state,
	const sio_parser_limits *limits, const void *message, size_t len,
	bool is_binary, sio_packet *packet, const char **why)
{
	const char *text = message;

	memset(packet, 0, sizeof(*packet));
	packet->type = (enum sio_packet_type)(text[1] - '0');
	packet->nsp = "/";
	packet->nsp_len = 1;
	packet->data = sio_json_parse(text + 2, len - 2);
	return SIO_PARSER_PACKET;
}

static const sio_parser own_parser = { SIO_PARSER_VERSION, "own", encode,
	decode, NULL, NULL };

static void recovery__another_parser__writes_it_too(void **state)
{
	char first[200], wish[100];
	const char *text;

	sio_server_set_parser(srv, &own_parser);
	sio_server_listen(srv, NULL, 8080);
	anna.ws = sio_session();
	fake_ws_send(anna.ws, "4x0");
	snprintf(first, sizeof(first), "%s", fake_ws_next(anna.ws));
	assert_int_equal(
		sscanf(first, "4x0{\"sid\":\"%20[^\"]\",\"pid\":\"%20[^\"]\"}",
			anna.sid, anna.pid),
		2);
	drop(&anna);
	sio_nsp_emit(io, "missed", "s", "1");
	anna.ws = sio_session();
	snprintf(wish, sizeof(wish), "4x0{\"pid\":\"%s\"}", anna.pid);
	fake_ws_send(anna.ws, wish);
	text = fake_ws_next(anna.ws);
	assert_int_equal(strncmp(text, "4x2[\"missed\",\"1\",\"", 18), 0);
	assert_string_equal(fake_ws_next(anna.ws), first);
}

/* -- bounds ------------------------------------------------------------------ */

static void recovery__too_many_events__the_oldest_go(void **state)
{
	int i;

	sio_server_set_option(srv, SIO_RECOVERY_EVENTS, 3);
	come(&anna);
	come(&bert);
	drop(&anna);
	for (i = 0; i < 3; i++)
		sio_nsp_emit(io, "x", "i", i);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"x\",0 42[\"x\",1 42[\"x\",2 ");
	drop(&anna);
	for (i = 0; i < 4; i++)
		sio_nsp_emit(io, "y", "i", i);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_RECOVERY_EVENTS), 4);
	assert_new(&anna);
	/* an offset that is long gone is good as long as nothing is missing */
	sio_target_emit(sio_nsp_to(io, anna.sid), "last", NULL);
	fake_turn(loop);
	assert_event(&anna, "42[\"last\"]");
	for (i = 0; i < 9; i++)
		sio_target_emit(sio_nsp_to(io, bert.sid), "z", NULL);
	drop(&anna);
	sio_nsp_emit(io, "missed", NULL);
	come(&anna);
	assert_true(anna.recovered);
	assert_string_equal(anna.before, "42[\"missed\" ");
}

static void recovery__too_many_sockets__the_oldest_go(void **state)
{
	sio_server_set_option(srv, SIO_RECOVERY_SOCKETS, 1);
	come(&anna);
	come(&bert);
	drop(&anna);
	drop(&bert);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_RECOVERY_SOCKETS),
		1);
	assert_new(&anna);
	come(&bert);
	assert_true(bert.recovered);
}

static void recovery__too_many_bytes__the_oldest_go(void **state)
{
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	sio_server_set_recovery(srv, 1000, 3500, true);
	sio_server_listen(srv, NULL, 8080);
	come(&anna);
	drop(&anna);
	fake_advance(loop, 1);
	sio_nsp_emit(io, "1", "s", text);
	sio_nsp_emit(io, "2", "s", text);
	come(&anna);
	assert_true(anna.recovered);
	drop(&anna);
	sio_nsp_emit(io, "3", "s", text);
	assert_true(sio_server_counter(srv, SIO_COUNT_RECOVERY_BYTES) > 0);
	come(&anna);
	assert_true(anna.recovered);
	drop(&anna);
	/* one that is larger than all there may be keeps nothing */
	fake_advance(loop, 1);
	sio_nsp_emit(io, "4", "[s, s, s, s]", text, text, text, text);
	assert_new(&anna);
}

static void recovery__old__goes_by_itself(void **state)
{
	uint64_t count;

	come(&anna);
	sio_nsp_emit(io, "x", NULL);
	fake_turn(loop);
	drop(&anna);
	/* 120 s, and what it may take to notice the end */
	fake_advance(loop, 400000);
	sio_server_set_option(srv, SIO_RECOVERY_EVENTS, 1);
	sio_nsp_emit(io, "x", NULL);
	count = sio_server_counter(srv, SIO_COUNT_RECOVERY_EVENTS);
	assert_int_equal(count, 0);
}

static void recovery__settings__are_checked(void **state)
{
	assert_int_equal(sio_server_recovery_ms(srv), 120000);
	assert_int_equal(sio_server_set_recovery(NULL, 1, 0, true),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_recovery(srv, 0, 0, true), 0);
	assert_int_equal(sio_server_recovery_ms(srv), 0);
	sio_server_listen(srv, NULL, 8080);
	assert_int_equal(sio_server_set_recovery(srv, 1, 0, true),
		SIO_ERR_STATE);
	/* off, there is nothing to be seen of it */
	bert.ws = sio_client("/", bert.sid);
	sio_nsp_emit(io, "x", NULL);
	fake_turn(loop);
	expect(bert.ws, "42[\"x\"]");
	assert_false(sio_socket_recovered(sio_nsp_find(io, bert.sid)));
	assert_false(sio_socket_recovered(NULL));
}

#define test(name) \
	cmocka_unit_test_setup_teardown(name, visitor_setup, visitor_teardown)
#define deaf(name) \
	cmocka_unit_test_setup_teardown(name, visitor_setup_deaf, \
		visitor_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(recovery__events__end_with_an_offset),
		test(recovery__missed__comes_before_the_answer),
		test(recovery__no_event_before__works),
		test(recovery__lost_on_the_way__comes_again),
		test(recovery__text_behind_a_volatile_event__does_no_harm),
		test(recovery__stale_offset_of_another_session__counts_as_none),
		test(recovery__own_data__through_the_hooks),
		test(recovery__emit_in_the_hook__comes_once_behind_the_missed),
		deaf(recovery__another_parser__writes_it_too),
		test(recovery__too_many_events__the_oldest_go),
		test(recovery__too_many_sockets__the_oldest_go),
		deaf(recovery__too_many_bytes__the_oldest_go),
		test(recovery__old__goes_by_itself),
		deaf(recovery__settings__are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
