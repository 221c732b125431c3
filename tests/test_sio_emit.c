/* SPDX-License-Identifier: MIT */
/*
 * test_sio_emit.c: events in both directions, and the handlers for them.
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

static int setup(void **state)
{
	char sid[24];

	sio_setup(state);
	ws = sio_client("/", sid);
	s = sio_nsp_find(io, sid);
	assert_non_null(s);
	return 0;
}

static int teardown(void **state)
{
	fake_ws_free(ws);
	return sio_teardown(state);
}

/* -- out -------------------------------------------------------------------- */

static void emit__formats__are_arguments(void **state)
{
	assert_int_equal(sio_socket_emit(s, "a", NULL), 0);
	assert_int_equal(sio_socket_emit(s, "a", ""), 0);
	assert_int_equal(sio_socket_emit(s, "a", "s, i, f, b, n", "x", -5, 0.1,
				 1),
		0);
	assert_int_equal(sio_socket_emit(s, "a", "{s:i}, [ss]", "k", 1, "y",
				 "z"),
		0);
	assert_int_equal(sio_socket_emit(s, "", "f", 3.0), 0);
	assert_int_equal(sio_socket_emit_json(s, "a", json_pack("[[]]")), 0);
	fake_turn(loop);
	expect(ws, "42[\"a\"]");
	expect(ws, "42[\"a\"]");
	expect(ws, "42[\"a\",\"x\",-5,0.1,true,null]");
	expect(ws, "42[\"a\",{\"k\":1},[\"y\",\"z\"]]");
	expect(ws, "42[\"\",3]");
	expect(ws, "42[\"a\",[]]");
	expect_open(ws);
}

static void emit__in_a_namespace__names_it(void **state)
{
	sio_nsp *a = sio_server_of(srv, "/a");
	char sid[24];

	sio_join_nsp(ws, "/a", sid);
	sio_socket_emit(sio_nsp_find(a, sid), "b", "i", 1);
	fake_turn(loop);
	expect(ws, "42/a,[\"b\",1]");
}

static void emit__shared_values__stay_the_callers(void **state)
{
	json_t *value = json_pack("{s:i}", "a", 1);

	assert_int_equal(sio_socket_emit(s, "x", "O", value), 0);
	/* it was encoded before the call returned */
	json_object_set_new(value, "a", json_integer(2));
	fake_turn(loop);
	expect(ws, "42[\"x\",{\"a\":1}]");
	assert_int_equal(value->refcount, 1);
	json_decref(value);
}

static void emit__that_fails__still_takes_the_values(void **state)
{
	json_t *value = json_object();

	/* the leak checker watches */
	assert_int_equal(sio_socket_emit(s, "disconnect", "O", value),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit(NULL, "a", "o", json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit(s, NULL, "o", json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit_json(s, "a", json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit_json(s, "a", NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit(s, "a", "s", NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit(s, "a", "o, x", json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_emit(io, "connect", "O", value),
		SIO_ERR_INVALID);
	assert_int_equal(value->refcount, 1);
	json_decref(value);
	fake_turn(loop);
	expect_open(ws);
}

static void emit__reserved_names__are_refused(void **state)
{
	static const char *const names[] = { "connect", "connect_error",
		"disconnect", "disconnecting", "newListener",
		"removeListener" };
	size_t i;

	for (i = 0; i < 6; i++)
		assert_int_equal(sio_socket_emit(s, names[i], NULL),
			SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit(s, "\xff", NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit(s, "error", NULL), 0);
}

static void emit__long_format__works(void **state)
{
	struct eio__strbuf fmt, expected;
	int i;

	eio__strbuf_init(&fmt, 0);
	eio__strbuf_init(&expected, 0);
	eio__strbuf_adds(&fmt, "s");
	eio__strbuf_adds(&expected, "42[\"a\",\"x\"");
	for (i = 0; i < 300; i++) {
		eio__strbuf_adds(&fmt, ",n");
		eio__strbuf_adds(&expected, ",null");
	}
	eio__strbuf_adds(&expected, "]");
	assert_int_equal(sio_socket_emit(s, "a", fmt.data, "x"), 0);
	fake_turn(loop);
	expect(ws, expected.data);
	eio__strbuf_clear(&fmt);
	eio__strbuf_clear(&expected);
}

static void emit__socket_that_is_gone__is_closed(void **state)
{
	sio_socket *held = sio_socket_ref(s);

	sio_socket_disconnect(s, false);
	assert_int_equal(sio_socket_emit(held, "a", "o", json_object()),
		SIO_ERR_CLOSED);
	fake_turn(loop);
	expect(ws, "41");
	assert_int_equal(sio_socket_emit(held, "a", NULL), SIO_ERR_CLOSED);
	fake_ws_free(ws);
	ws = NULL;
	assert_int_equal(sio_socket_emit(held, "a", NULL), SIO_ERR_CLOSED);
	sio_socket_unref(held);
}

static void emit__queue_full__closes_that_client(void **state)
{
	struct fake_ws *other = sio_client("/", NULL);
	char *text = malloc(100001);
	int i, err = 0;

	assert_non_null(text);
	memset(text, 'x', 100000);
	text[100000] = '\0';
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	fake_room(ws->c, 0);
	for (i = 0; i < 100 && !err; i++)
		err = sio_socket_emit(s, "a", "s", text);
	assert_int_equal(err, SIO_ERR_FULL);
	assert_in_range(i, 41, 44);
	fake_turn(loop);
	assert_story("disconnect[\"queue full\",\"client reads too slowly\"]");
	assert_int_equal(sio_nsp_sockets(io, NULL, 0), 1);
	free(text);
	fake_ws_free(other);
}

/* -- volatile --------------------------------------------------------------- */

static void volatile__no_room__is_dropped(void **state)
{
	assert_int_equal(sio_target_emit(sio_target_flags(sio_socket_self(s),
						 SIO_VOLATILE),
				 "a", "i", 1),
		0);
	fake_turn(loop);
	expect(ws, "42[\"a\",1]");
	/* what waits in front of it leaves no room */
	sio_socket_emit(s, "b", NULL);
	sio_target_emit(sio_target_flags(sio_socket_self(s), SIO_VOLATILE), "a",
		"i", 2);
	fake_turn(loop);
	expect(ws, "42[\"b\"]");
	expect_open(ws);
}

static void volatile__polling__needs_a_waiting_poll(void **state)
{
	struct fake_poll *p = fake_poll_open(loop, "/socket.io/");

	fake_poll_post(p, "40");
	assert_non_null(fake_poll_next(p));
	sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_VOLATILE), "a",
		"i", 1);
	fake_turn(loop);
	assert_null(fake_poll_next(p));
	sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_VOLATILE), "a",
		"i", 2);
	fake_turn(loop);
	assert_string_equal(fake_poll_next(p), "42[\"a\",2]");
	fake_poll_free(p);
}

/* -- in ---------------------------------------------------------------------- */

static void handlers__of_one_event__run_in_order(void **state)
{
	sio_socket_on(s, "a", tell_text, words("own"));
	sio_socket_on_any(s, tell_text, words("own any"));
	sio_nsp_on_event(io, "a", tell_text, words("nsp 1"));
	sio_nsp_on_event(io, "a", tell_text, words("nsp 2"));
	sio_nsp_on_any(io, tell_text, words("any"));
	sio_nsp_on_event(io, "b", tell_text, words("b"));
	fake_ws_send(ws, "42[\"a\"]");
	assert_story("any; own any; nsp 1; nsp 2; own");
	fake_ws_send(ws, "42[\"b\"]");
	assert_story("any; own any; b");
	fake_ws_send(ws, "42[\"c\"]");
	assert_story("any; own any");
}

static void handlers__taken_away__are_called_no_more(void **state)
{
	sio_socket_on(s, "a", tell_text, words("own"));
	sio_socket_on_any(s, tell_text, words("own any"));
	sio_nsp_on_event(io, "a", tell_text, words("nsp"));
	sio_nsp_on_any(io, tell_text, words("any"));
	sio_nsp_off(io, NULL, tell_text);
	sio_socket_off(s, "a", tell_text);
	sio_socket_off(s, "b", tell_text);
	sio_socket_off(s, NULL, tell_event);
	fake_ws_send(ws, "42[\"a\"]");
	assert_story("own any; nsp");
	sio_socket_off(s, NULL, tell_text);
	sio_nsp_off(io, "a", tell_text);
	fake_ws_send(ws, "42[\"a\"]");
	assert_story("");
	sio_socket_off(NULL, "a", tell_text);
	sio_nsp_off(NULL, "a", tell_text);
}

static void handlers__for_once__are_called_once(void **state)
{
	sio_socket_once(s, "a", tell_event, words("once "));
	sio_socket_on(s, "a", tell_event, NULL);
	fake_ws_send(ws, "42[\"a\",1]");
	fake_ws_send(ws, "42[\"a\",2]");
	assert_story("once a[1]; a[1]; a[2]");
}

static void handlers__of_another_socket__are_its_own(void **state)
{
	struct fake_ws *other = sio_client("/", NULL);

	sio_socket_on(s, "a", tell_event, NULL);
	fake_ws_send(other, "42[\"a\"]");
	assert_story("");
	fake_ws_free(other);
}

static void name__long_or_strange__is_exact(void **state)
{
	char name[300], text[400];

	memset(name, 'n', sizeof(name));
	name[299] = '\0';
	sio_nsp_on_event(io, name, tell_text, words("long"));
	sio_nsp_on_event(io, "caf\xc3\xa9 \"x\"", tell_text, words("strange"));
	sio_nsp_on_event(io, "1000", tell_text, words("number"));
	snprintf(text, sizeof(text), "42[\"%s\"]", name);
	fake_ws_send(ws, text);
	fake_ws_send(ws, "42[\"caf\\u00e9 \\\"x\\\"\"]");
	fake_ws_send(ws, "42[1e3]");
	fake_ws_send(ws, "42[\"caf\"]");
	fake_ws_send(ws, "42[\"1e3\"]");
	assert_story("long; strange; number");
}

/* -- arguments ---------------------------------------------------------------- */

static void (*look)(sio_event *ev);

static void look_at(sio_socket *sock, sio_event *ev, void *user)
{
	tell("seen");
	look(ev);
}

static void look_at_event(const char *text, void (*fn)(sio_event *ev))
{
	look = fn;
	sio_nsp_on_event(io, "a", look_at, NULL);
	fake_ws_send(ws, text);
	sio_nsp_off(io, "a", look_at);
	assert_story("seen");
}

static void unpack_all(sio_event *ev)
{
	const char *text, *key;
	int number, truth;
	double real;
	json_t *value, *rest;
	size_t len;

	assert_int_equal(sio_event_unpack(ev, "s, i, f, b, n, {s:s}", &text,
				 &number, &real, &truth, "k", &key),
		0);
	assert_string_equal(text, "x");
	assert_int_equal(number, 5);
	assert_true(real == 1.5);
	assert_int_equal(truth, 1);
	assert_string_equal(key, "v");
	assert_int_equal(sio_event_unpack(ev, "o", &value), 0);
	assert_string_equal(json_string_value(value), "x");
	assert_int_equal(sio_event_unpack(ev, NULL), 0);
	assert_int_equal(sio_event_unpack(ev, "s%", &text, &len), 0);
	assert_int_equal(len, 1);
	rest = sio_event_rest(ev, 4);
	assert_int_equal(json_array_size(rest), 2);
	json_decref(rest);
	rest = sio_event_rest(ev, 99);
	assert_int_equal(json_array_size(rest), 0);
	json_decref(rest);
	assert_int_equal(json_array_size(sio_event_args(ev)), 6);
}

static void unpack_wrong(sio_event *ev)
{
	const char *text;
	int number;

	assert_int_equal(sio_event_unpack(ev, "i", &number), SIO_ERR_INVALID);
	assert_int_equal(sio_event_unpack(ev, "s, s", &text, &text),
		SIO_ERR_INVALID);
	assert_int_equal(sio_event_unpack(ev, "s, i, i", &text, &number,
				 &number),
		SIO_ERR_INVALID);
	assert_int_equal(sio_event_unpack(ev, "s, i!", &text, &number), 0);
	assert_int_equal(sio_event_unpack(ev, "s!", &text), SIO_ERR_INVALID);
	assert_int_equal(sio_event_unpack(NULL, "s", &text), SIO_ERR_INVALID);
}

static void unpack__right_types__are_set(void **state)
{
	look_at_event("42[\"a\",\"x\",5,1.5,true,null,{\"k\":\"v\"}]",
		unpack_all);
}

static void unpack__wrong_types__are_refused(void **state)
{
	look_at_event("42[\"a\",\"x\",5]", unpack_wrong);
}

static void unpack_nul(sio_event *ev)
{
	const char *text = NULL, *other = NULL;
	size_t len = 0;
	json_t *value;
	int number = 0;

	/* ["x\0y", {k: ["a\0b", 1], z: "ok"}] */
	assert_int_equal(sio_event_unpack(ev, "s", &text), SIO_ERR_INVALID);
	assert_int_equal(sio_event_unpack(ev, "s%", &text, &len), 0);
	assert_int_equal(len, 3);
	assert_int_equal(sio_event_unpack(ev, "o, {s:s}", &value, "z", &text),
		0);
	assert_string_equal(text, "ok");
	assert_int_equal(sio_event_unpack(ev, "s%, {s:[s, i]}", &text, &len,
				 "k", &other, &number),
		SIO_ERR_INVALID);
	assert_int_equal(sio_event_unpack(ev, "s%, {s:[s%, i], s:s, s?s}",
				 &text, &len, "k", &other, &len, &number, "z",
				 &text, "none", &other),
		0);
	assert_int_equal(number, 1);
	assert_int_equal(sio_event_unpack(ev, "o, {s?s, s:[o*]}", &value,
				 "none", &text, "k", &value),
		0);
	assert_int_equal(sio_event_unpack(ev, "o, {s?{s:s}, s:[s]}", &value,
				 "none", "x", &text, "k", &text),
		SIO_ERR_INVALID);
}

static void unpack__text_with_nul__is_refused_for_s(void **state)
{
	look_at_event("42[\"a\",\"x\\u0000y\",{\"k\":[\"a\\u0000b\",1],"
		      "\"z\":\"ok\"}]",
		unpack_nul);
}

static void text_as_received(sio_event *ev)
{
	size_t len;
	const char *text = sio_event_text(ev, &len);

	assert_int_equal(len, 12);
	assert_memory_equal(text, "1.0 , [\"x\" ]", 12);
	/* also after they were decoded */
	assert_int_equal(json_array_size(sio_event_args(ev)), 2);
	assert_int_equal(json_array_size(sio_event_args(ev)), 2);
	text = sio_event_text(ev, &len);
	assert_int_equal(len, 12);
	assert_memory_equal(text, "1.0 , [\"x\" ]", 12);
	assert_string_equal(sio_event_name(ev), "a");
	assert_ptr_equal(sio_event_socket(ev), s);
}

static void no_text(sio_event *ev)
{
	size_t len = 7;

	assert_null(sio_event_text(ev, &len));
	assert_int_equal(len, 0);
	assert_null(sio_event_text(ev, NULL));
	assert_int_equal(json_array_size(sio_event_args(ev)), 0);
}

static void text__as_received__is_there(void **state)
{
	look_at_event("42[\"a\" , 1.0 , [\"x\" ] ]", text_as_received);
	look_at_event("42[\"a\"]", no_text);
	look_at_event("42[ \"a\" ]", no_text);
}

static void unread_arguments__of_any_kind__cost_nothing(void **state)
{
	/* nobody looks: what jansson would not take is not found out */
	sio_nsp_on_event(io, "a", tell_text, words("called"));
	fake_ws_send(ws, "42[\"a\",1e999,\"\\ud800\"]");
	assert_story("called");
	expect_open(ws);
}

static void mended_arguments__are_what_javascript_sends(void **state)
{
	sio_nsp_on_event(io, "a", tell_event, NULL);
	fake_ws_send(ws, "42[\"a\",\"\\ud800x\",12345678901234567890]");
	assert_story("a[\"\xef\xbf\xbdx\",1.2345678901234567e19]");
}

static void depth__beyond_the_limit__closes(void **state)
{
	char text[600];

	sio_nsp_on_event(io, "a", tell_text, words("a"));
	memset(text, 0, sizeof(text));
	memcpy(text, "42[\"a\",", 7);
	memset(text + 7, '[', 127);
	memset(text + 7 + 127, ']', 128);
	fake_ws_send(ws, text);
	assert_story("a");
	memset(text + 7, '[', 128);
	memset(text + 7 + 128, ']', 129);
	fake_ws_send(ws, text);
	assert_story("");
	expect_closed(ws);
}

/* -- data and references -------------------------------------------------------- */

static void free_data(void *data)
{
	tell("freed %s", (const char *)data);
}

static void data__replaced_or_gone__is_freed(void **state)
{
	assert_null(sio_socket_data(s));
	assert_int_equal(sio_socket_set_data(s, words("one"), free_data), 0);
	assert_string_equal(sio_socket_data(s), "one");
	sio_socket_set_data(s, words("two"), free_data);
	assert_story("freed one");
	sio_socket_set_data(s, words("three"), free_data);
	sio_nsp_on_event(io, "disconnect", tell_text, words("disconnect"));
	sio_socket_ref(s);
	fake_ws_free(ws);
	ws = NULL;
	assert_story("freed two; disconnect");
	assert_string_equal(sio_socket_data(s), "three");
	sio_socket_unref(s);
	assert_story("freed three");
	assert_int_equal(sio_socket_set_data(NULL, NULL, NULL),
		SIO_ERR_INVALID);
}

static void shared_data__of_a_socket__is_one_object_as_long_as_it(void **state)
{
	json_t *data = sio_socket_shared_data(s);

	assert_int_equal(json_object_size(data), 0);
	assert_int_equal(json_object_set_new(data, "user", json_string("ann")),
		0);
	assert_ptr_equal(sio_socket_shared_data(s), data);
	sio_socket_ref(s);
	fake_ws_free(ws);
	ws = NULL;
	assert_string_equal(json_string_value(json_object_get(
				    sio_socket_shared_data(s), "user")),
		"ann");
	sio_socket_unref(s);
	assert_null(sio_socket_shared_data(NULL));
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(emit__formats__are_arguments),
		test(emit__in_a_namespace__names_it),
		test(emit__shared_values__stay_the_callers),
		test(emit__that_fails__still_takes_the_values),
		test(emit__reserved_names__are_refused),
		test(emit__long_format__works),
		test(emit__socket_that_is_gone__is_closed),
		test(emit__queue_full__closes_that_client),
		test(volatile__no_room__is_dropped),
		test(volatile__polling__needs_a_waiting_poll),
		test(handlers__of_one_event__run_in_order),
		test(handlers__taken_away__are_called_no_more),
		test(handlers__for_once__are_called_once),
		test(handlers__of_another_socket__are_its_own),
		test(name__long_or_strange__is_exact),
		test(unpack__right_types__are_set),
		test(unpack__wrong_types__are_refused),
		test(unpack__text_with_nul__is_refused_for_s),
		test(text__as_received__is_there),
		test(unread_arguments__of_any_kind__cost_nothing),
		test(mended_arguments__are_what_javascript_sends),
		test(depth__beyond_the_limit__closes),
		test(data__replaced_or_gone__is_freed),
		test(shared_data__of_a_socket__is_one_object_as_long_as_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
