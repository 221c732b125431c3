/* SPDX-License-Identifier: MIT */
/*
 * test_sio_wire.c: what a client may send, packet by packet, and what comes
 * of it: handlers called, nothing, or the end of the connection.
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

static void tell_any(sio_socket *s, sio_event *ev, void *user)
{
	tell("%s%s", sio_event_wants_reply(ev) ? "?" : "",
		sio_nsp_name(sio_socket_nsp(s)));
	tell_event(s, ev, NULL);
	sio_event_reply(ev, NULL);
}

static int setup(void **state)
{
	sio_setup(state);
	sio_nsp_on_any(io, tell_any, NULL);
	sio_nsp_on_any(sio_server_of(srv, "/a"), tell_any, NULL);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	return 0;
}

/* One that is in "/" and "/a". */
static struct fake_ws *client(void)
{
	struct fake_ws *ws = sio_client("/", NULL);

	sio_join_nsp(ws, "/a", NULL);
	return ws;
}

/* The connection was closed, and its socket told why. */
static void assert_forced_close(void)
{
	const char *told = story(), *begin = "disconnect[\"forced close\",\"";

	if (strncmp(told, begin, strlen(begin)) != 0 || strstr(told, "; "))
		fail_msg("told %s", told);
}

struct row {
	const char *text, *happens, *answer;
};

static void check_row(const struct row *row)
{
	struct fake_ws *ws = client();

	fake_ws_send(ws, row->text);
	assert_story(row->happens);
	if (row->answer)
		expect(ws, row->answer);
	expect_open(ws);
	fake_ws_free(ws);
	story();
}

static void events__with_the_right_payload__are_taken(void **state)
{
	static const struct row rows[] = {
		{ "42[\"a\"]", "/; a[]", NULL },
		{ "4212[\"a\"]", "?/; a[]", "4312[]" },
		{ "42/a,12[\"a\"]", "?/a; a[]", "43/a,12[]" },
		{ "42[\"a\"] ", "/; a[]", NULL },
		{ "42", "", NULL },
		{ "421", "", NULL },
		{ "4221 [\"a\"]", "?/; a[]", "4321[]" },
		{ "42007[\"a\"]", "?/; a[]", "437[]" },
		{ "429007199254740991[\"a\"]", "?/; a[]",
			"439007199254740991[]" },
		{ "42[1]", "/; 1[]", NULL },
		{ "42[1.5]", "/; 1.5[]", NULL },
		{ "42[1e3]", "/; 1000[]", NULL },
		{ "42[-0.10]", "/; -0.1[]", NULL },
		{ "42[\"\"]", "/; []", NULL },
		{ "42[\"error\"]", "/; error[]", NULL },
		{ "42[\"connection\"]", "/; connection[]", NULL },
		{ "42[\"__proto__\",{\"__proto__\":1}]",
			"/; __proto__[{\"__proto__\":1}]", NULL },
		{ "42[\"a\",{\"_placeholder\":true,\"num\":0}]",
			"/; a[{\"_placeholder\":true,\"num\":0}]", NULL },
		{ "42[\"a\\u0000b\\ud800\"]",
			"/; a\xef\xbf\xbd"
			"b\xef\xbf\xbd[]",
			NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_row(&rows[i]);
}

static void acks__that_nobody_waits_for__are_ignored(void **state)
{
	static const char *const texts[] = { "431[]", "431[1]", "431", "43[]",
		"43", "43/a,0[1]", "439007199254740991[]" };
	struct fake_ws *ws = client();
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		fake_ws_send(ws, texts[i]);
	assert_story("");
	expect_open(ws);
	fake_ws_free(ws);
}

static void connects__to_the_other_namespace__are_taken(void **state)
{
	static const char *const texts[] = { "40", "40{}", "40{\"a\":1}",
		"40123{}", "40/,", "40/a", "40/a,", "40/a,{\"a\":1}" };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct fake_ws *ws = sio_session();

		fake_ws_send(ws, texts[i]);
		assert_non_null(strstr(fake_ws_next(ws), "{\"sid\":\""));
		expect_open(ws);
		fake_ws_free(ws);
	}
}

static void disconnects__with_or_without_comma__are_taken(void **state)
{
	static const char *const texts[] = { "41", "41/a", "41/a,", "41/" };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct fake_ws *ws = client();

		fake_ws_send(ws, texts[i]);
		expect_open(ws);
		fake_ws_free(ws);
	}
}

static void anything_else__closes_the_connection(void **state)
{
	static const char *const texts[] = { /* no packet at all */
		"4", "47", "48", "49", "4a", "4-", "4 ", "4abc", "4 {}",
		/* CONNECT */
		"40[]", "40\"x\"", "40null", "40{\"a\":1",
		/* DISCONNECT */
		"41{}", "41[]",
		/* EVENT */
		"42[]", "42[null]", "42[true]", "42[{}]", "42{}", "42\"a\"",
		"42[{\"toString\":\"foo\"}]", "42[\"connect\"]",
		"42[\"connect_error\"]", "42[\"disconnect\"]",
		"42[\"disconnecting\"]", "42[\"newListener\"]",
		"42[\"removeListener\"]", "42[\"disconn\\u0065ct\"]",
		"42[\"a\"]x", "42-1[\"a\"]", "421e3[\"a\"]", "420x1[\"a\"]",
		"42abc[\"message-with-ack\"]",
		/* where upstream counts in floating point, or takes a blank
		 * for a digit */
		"42 [\"a\"]", "4299999999999999999999[\"a\"]",
		/* ACK */
		"431{}", "431\"a\"",
		/* CONNECT_ERROR is the server's */
		"44", "44{}", "44\"x\"", "44[]", "44/a,{\"message\":\"x\"}",
		/* attachments */
		"45", "46", "450-[\"a\"]", "45[\"a\"]", "45-[\"a\"]",
		"45-1-[\"a\"]", "451.5-[\"a\"]", "4511-[\"a\"]",
		"4599999999999-[\"a\"]", "451e1-[\"a\"]", "45 1-[\"a\"]",
		"450x2-[\"a\"]", "451-[{\"_placeholder\":true,\"num\":0}]",
		/* namespaces it is not in */
		"42/b,[\"a\"]", "42/a[\"x\"]", "41/b,", "43/b,1[]",
		/* CONNECT although connected */
		"40", "40/a,"
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct fake_ws *ws = client();

		fake_ws_send(ws, texts[i]);
		if (!fake_ws_is_closed(ws))
			fail_msg("still open after %s", texts[i]);
		assert_forced_close();
		assert_int_equal(ws->close_code, 1005);
		fake_ws_free(ws);
	}
}

static void binary__in_every_order__is_decided(void **state)
{
	struct fake_ws *ws = client();

	/* text while attachments are awaited */
	fake_ws_send(ws, "451-[\"a\"]");
	expect_open(ws);
	fake_ws_send(ws, "42[\"a\"]");
	expect_closed(ws);
	assert_forced_close();
	fake_ws_free(ws);

	/* binary while none is awaited */
	ws = client();
	fake_ws_send_binary(ws, "x", 1);
	expect_closed(ws);
	assert_forced_close();
	fake_ws_free(ws);

	/* a wrong placeholder closes when the last attachment has come */
	ws = client();
	fake_ws_send(ws, "451-[\"a\",{\"_placeholder\":true,\"num\":1}]");
	expect_open(ws);
	fake_ws_send_binary(ws, "x", 1);
	expect_closed(ws);
	assert_forced_close();
	fake_ws_free(ws);
}

static void polling__refused_packet__is_still_answered(void **state)
{
	struct fake_poll *p = fake_poll_open(loop, "/socket.io/");

	fake_poll_post(p, "40");
	fake_poll_next(p);
	fake_poll_get(p);
	assert_int_equal(fake_poll_post(p, "4abc"), 200);
	assert_string_equal(fake_poll_next(p), "1");
	assert_forced_close();
	assert_int_equal(fake_poll_post(p, "42[\"a\"]"), 400);
	fake_poll_free(p);
}

static void engine_packets__with_a_million_bytes__are_linear(void **state)
{
	static const struct {
		const char *head;
		char fill;
	} table[] = { { "42", '7' }, { "42/", 'a' }, { "45", '7' },
		{ "42[\"", 'a' }, { "42[\"a\",", '[' } };
	size_t i, n = 999999;
	char *text = malloc(n + 1);

	assert_non_null(text);
	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct fake_ws *ws = client();

		memset(text, table[i].fill, n);
		text[n] = '\0';
		memcpy(text, table[i].head, strlen(table[i].head));
		fake_ws_send(ws, text);
		expect_closed(ws);
		fake_ws_free(ws);
		story();
	}
	free(text);
}

static void other_sessions__of_a_closed_one__go_on(void **state)
{
	struct fake_ws *good = client(), *bad = client();

	fake_ws_send(bad, "4abc");
	expect_closed(bad);
	story();
	fake_ws_send(good, "421[\"a\",1]");
	assert_story("?/; a[1]");
	expect(good, "431[]");
	fake_ws_free(good);
	fake_ws_free(bad);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, sio_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(events__with_the_right_payload__are_taken),
		test(acks__that_nobody_waits_for__are_ignored),
		test(connects__to_the_other_namespace__are_taken),
		test(disconnects__with_or_without_comma__are_taken),
		test(anything_else__closes_the_connection),
		test(binary__in_every_order__is_decided),
		test(polling__refused_packet__is_still_answered),
		test(engine_packets__with_a_million_bytes__are_linear),
		test(other_sessions__of_a_closed_one__go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
