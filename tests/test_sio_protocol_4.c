/* SPDX-License-Identifier: MIT */
/*
 * test_sio_protocol_4.c: clients of Socket.IO 2, which speak Socket.IO
 * protocol 4 over Engine.IO 3, beside those of today.
 */
#include <config.h>

#include "fake_sio.h"

#include <engineio/http.h>
#include <socketio/packet.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static sio_socket *held;

static int setup(void **state)
{
	held = NULL;
	if (sio_setup(state))
		return -1;
	return sio_server_set_option(srv, SIO_ALLOW_EIO3, 1);
}

static struct fake_ws *old_session(void)
{
	struct fake_ws *ws = fake_eio_open_with(loop, "/socket.io/", "&EIO=3");

	assert_non_null(ws);
	return ws;
}

/* One whose joining of "/" was told. */
static struct fake_ws *old_client(void)
{
	struct fake_ws *ws = old_session();

	expect(ws, "40");
	return ws;
}

static void hold(sio_socket *s, sio_event *ev, void *user)
{
	held = s;
}

static void tell_auth(sio_socket *s, sio_event *ev, void *user)
{
	char *text = json_dumps(sio_socket_auth(s), JSON_COMPACT);

	tell("%s %s", sio_nsp_name(sio_socket_nsp(s)), text);
	free(text);
}

static void greet(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "auth", "O", sio_socket_auth(s));
}

/* -- joining ------------------------------------------------------------- */

static void main_nsp__of_an_old_client__is_joined_at_once(void **state)
{
	struct fake_ws *ws;

	sio_nsp_on_connection(io, greet, NULL);
	sio_nsp_on_connection(io, hold, NULL);
	ws = old_session();
	expect(ws, "40");
	expect(ws, "42[\"auth\",{}]");
	expect_open(ws);
	assert_int_equal(sio_socket_protocol(held), 3);
	assert_string_equal(sio_socket_id(held),
		eio_socket_id(sio_socket_conn(held)));
	assert_ptr_equal(sio_socket_of(io, sio_socket_id(held)), held);
	fake_ws_free(ws);
	ws = sio_client("/", NULL);
	assert_int_equal(sio_socket_protocol(held), 4);
	fake_ws_free(ws);
	assert_int_equal(sio_socket_protocol(NULL), 0);
}

static void main_nsp__over_polling__follows_the_open_packet(void **state)
{
	struct fake_poll *p;

	sio_nsp_on_connection(io, greet, NULL);
	p = fake_poll_open_with(loop, "/socket.io/", "&EIO=3");
	assert_null(strstr(p->open, "40"));
	assert_string_equal(fake_poll_next(p), "2:4013:42[\"auth\",{}]");
	fake_poll_free(p);
}

static void main_nsp__asked_for_again__is_an_invalid_state(void **state)
{
	struct fake_ws *ws = old_client();

	fake_ws_send(ws, "40");
	expect_closed(ws);
	fake_ws_free(ws);
}

static void option__off__refuses_old_clients(void **state)
{
	sio_server_set_option(srv, SIO_ALLOW_EIO3, 0);
	assert_null(fake_eio_open_with(loop, "/socket.io/", "&EIO=3"));
	assert_null(fake_poll_open_with(loop, "/socket.io/", "&EIO=3"));
}

static void connect__with_a_query__has_it_as_auth(void **state)
{
	static const struct {
		const char *connect, *auth;
	} rows[] = {
		{ "40/a", "/a {}" },
		{ "40/a,", "/a {}" },
		{ "40/a?", "/a {}" },
		{ "40/a?token=x", "/a {\"token\":\"x\"}" },
		{ "40/a?token=x,", "/a {\"token\":\"x\"}" },
		{ "40/a?b=2&a=1&b=3", "/a {\"b\":\"3\",\"a\":\"1\"}" },
		{ "40/a?x=%22%5C%00&y=a+b",
			"/a {\"x\":\"\\\"\\\\\\u0000\","
			"\"y\":\"a b\"}" },
		{ "40/a?x", "/a {\"x\":\"\"}" },
		{ "40/a?x=1#end", "/a {\"x\":\"1\"}" },
		{ "40/a#end?x=1", "/a {}" },
		{ "40/a?x=/b?c", "/a {\"x\":\"/b?c\"}" },
		/* A payload is none of this protocol's. */
		{ "40/a,{\"token\":\"x\"}", "/a {}" },
	};
	struct fake_ws *ws;
	size_t i;

	sio_nsp_on_connection(sio_server_of(srv, "/a"), tell_auth, NULL);
	for (i = 0; i < COUNT(rows); i++) {
		ws = old_client();
		fake_ws_send(ws, rows[i].connect);
		expect(ws, "40/a,");
		assert_story(rows[i].auth);
		fake_ws_free(ws);
	}
}

static void connect__with_a_long_query__is_no_long_name(void **state)
{
	struct eio__strbuf text;
	struct fake_ws *ws = old_client();
	int i;

	sio_nsp_on_connection(sio_server_of(srv, "/a"), hold, NULL);
	eio__strbuf_init(&text, 0);
	eio__strbuf_adds(&text, "40/a?token=");
	for (i = 0; i < 3000; i++)
		eio__strbuf_addc(&text, 'x');
	fake_ws_send(ws, text.data);
	expect(ws, "40/a,");
	assert_int_equal(json_string_length(json_object_get(
				 sio_socket_auth(held), "token")),
		3000);
	/* The name still has its limit. */
	eio__strbuf_reset(&text);
	eio__strbuf_adds(&text, "40/");
	for (i = 0; i < 300; i++)
		eio__strbuf_addc(&text, 'x');
	fake_ws_send(ws, text.data);
	expect_closed(ws);
	eio__strbuf_clear(&text);
	fake_ws_free(ws);
}

static void connect__in_another_nsp__has_its_name_in_the_id(void **state)
{
	struct fake_ws *ws = old_client();
	char id[64];

	sio_nsp_on_connection(sio_server_of(srv, "/a"), hold, NULL);
	fake_ws_send(ws, "40/a");
	expect(ws, "40/a,");
	snprintf(id, sizeof(id), "/a#%s", eio_socket_id(sio_socket_conn(held)));
	assert_string_equal(sio_socket_id(held), id);
	assert_ptr_equal(sio_socket_of(sio_server_of(srv, "/a"), id), held);
	/* It is the name of its own room. */
	assert_int_equal(sio_nsp_count(sio_server_of(srv, "/a"), id), 1);
	assert_true(sio_socket_is_in(held, id));
	fake_ws_free(ws);
}

/* An id may be longer than the name of a room may be. */
static void connect__in_the_longest_nsp__can_be_meant_by_its_id(void **state)
{
	char name[256], text[300];
	struct fake_ws *ws = old_client();

	memset(name, 'n', sizeof(name));
	name[0] = '/';
	name[255] = '\0';
	sio_nsp_on_connection(sio_server_of(srv, name), hold, NULL);
	snprintf(text, sizeof(text), "40%s", name);
	fake_ws_send(ws, text);
	assert_non_null(fake_ws_next(ws));
	assert_int_equal(strlen(sio_socket_id(held)), 255 + 1 + 20);
	assert_int_equal(sio_target_emit(sio_nsp_to(sio_socket_nsp(held),
						 sio_socket_id(held)),
				 "x", ""),
		0);
	fake_turn(loop);
	snprintf(text, sizeof(text), "42%s,[\"x\"]", name);
	expect(ws, text);
	fake_ws_free(ws);
}

#define LONG_ID \
	"0123456789-_abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKLMN"

static enum eio_verdict give_long_id(eio_request *req, void *user)
{
	eio_request_decide(req, true, LONG_ID);
	return ENGINEIO_PASS;
}

static void connect__with_an_id_of_the_application__has_all_of_it(void **state)
{
	struct fake_ws *ws;

	eio_server_on_id(sio_server_engine(srv), give_long_id, NULL);
	sio_nsp_on_connection(io, hold, NULL);
	sio_nsp_on_connection(sio_server_of(srv, "/a"), hold, NULL);
	ws = old_client();
	assert_string_equal(sio_socket_id(held), LONG_ID);
	fake_ws_send(ws, "40/a");
	expect(ws, "40/a,");
	assert_string_equal(sio_socket_id(held), "/a#" LONG_ID);
	assert_int_equal(sio_nsp_count(sio_socket_nsp(held), "/a#" LONG_ID), 1);
	fake_ws_free(ws);
}

static void connect__to_no_namespace__is_refused_as_today(void **state)
{
	struct fake_ws *ws = old_client();

	fake_ws_send(ws, "40/nope?x=1,");
	expect(ws, "44/nope,{\"message\":\"Invalid namespace\"}");
	/* Names are as they are written. */
	sio_server_of(srv, "/b");
	fake_ws_send(ws, "40/a/../b");
	expect(ws, "44/a/../b,{\"message\":\"Invalid namespace\"}");
	sio_server_of(srv, "/ü");
	fake_ws_send(ws, "40/ü");
	expect(ws, "40/ü,");
	expect_open(ws);
	fake_ws_free(ws);
}

static void if_in_auth(const char *name, json_t *auth, sio_next *next,
	void *user)
{
	if (json_is_string(json_object_get(auth, "in")))
		sio_next_pass(next);
	else
		sio_next_refuse(next, "no", NULL);
}

static void connect__to_a_dynamic_namespace__has_its_id(void **state)
{
	struct fake_ws *ws = old_client();
	sio_nsp *parent = sio_server_of_predicate(srv, if_in_auth, NULL);
	char id[40];

	sio_nsp_on_connection(parent, hold, NULL);
	fake_ws_send(ws, "40/dynamic");
	expect(ws, "44/dynamic,{\"message\":\"Invalid namespace\"}");
	fake_ws_send(ws, "40/dynamic?in=1");
	expect(ws, "40/dynamic,");
	snprintf(id, sizeof(id), "%.9s", sio_socket_id(held));
	assert_string_equal(id, "/dynamic#");
	expect_open(ws);
	fake_ws_free(ws);
}

/* -- middleware ---------------------------------------------------------- */

static void refuse_with(sio_socket *s, sio_next *next, void *user)
{
	const char *data = user;

	sio_next_refuse(next, "no way",
		data ? json_loads(data, JSON_DECODE_ANY, NULL) : NULL);
}

static void refusal__of_an_old_client__is_the_data_or_the_message(void **state)
{
	static const struct {
		const char *data, *payload;
	} rows[] = {
		{ NULL, "\"no way\"" },
		{ "{\"code\":7}", "{\"code\":7}" },
		{ "[1]", "[1]" },
		{ "\"text\"", "\"text\"" },
		{ "5", "5" },
		{ "1.5", "1.5" },
		{ "true", "true" },
		{ "{}", "{}" },
		/* What is no value in JavaScript. */
		{ "null", "\"no way\"" },
		{ "false", "\"no way\"" },
		{ "0", "\"no way\"" },
		{ "-0.0", "\"no way\"" },
		{ "\"\"", "\"no way\"" },
	};
	struct fake_ws *ws;
	char name[8], text[64];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		snprintf(name, sizeof(name), "/%d", (int)i);
		sio_nsp_use(sio_server_of(srv, name), refuse_with,
			words(rows[i].data));
		ws = old_client();
		snprintf(text, sizeof(text), "40%s", name);
		fake_ws_send(ws, text);
		snprintf(text, sizeof(text), "44%s,%s", name, rows[i].payload);
		expect(ws, text);
		expect_open(ws);
		fake_ws_free(ws);
	}
}

static void refuse_badly(sio_socket *s, sio_next *next, void *user)
{
	sio_next_refuse(next, "no way", json_string_nocheck("a\xff"));
}

static void refusal__with_data_that_cannot_be_sent__is_the_message(void **state)
{
	struct fake_ws *ws;

	sio_nsp_use(io, refuse_badly, NULL);
	ws = old_session();
	expect(ws, "44\"no way\"");
	fake_ws_free(ws);
}

static sio_next *late;

static void decide_later(sio_socket *s, sio_next *next, void *user)
{
	late = next;
}

static void middleware__of_the_main_nsp__decides_on_old_clients(void **state)
{
	struct fake_ws *ws;

	sio_nsp_use(io, decide_later, NULL);
	sio_nsp_on_connection(io, tell_auth, NULL);
	ws = old_session();
	expect_open(ws);
	sio_next_pass(late);
	fake_turn(loop);
	expect(ws, "40");
	assert_story("/ {}");
	fake_ws_free(ws);
	ws = old_session();
	fake_ws_free(ws);
	sio_next_pass(late);
	assert_story("");
}

/* -- the time limit ------------------------------------------------------ */

static void connect_timeout__in_the_main_nsp__is_off(void **state)
{
	struct fake_ws *ws;

	sio_server_set_option(srv, SIO_CONNECT_TIMEOUT, 1000);
	ws = old_client();
	fake_advance(loop, 2000);
	expect_open(ws);
	fake_ws_free(ws);
}

static void connect_timeout__of_a_refused_client__ends_it(void **state)
{
	struct fake_ws *ws;

	sio_server_set_option(srv, SIO_CONNECT_TIMEOUT, 1000);
	sio_nsp_use(io, refuse_with, NULL);
	ws = old_session();
	expect(ws, "44\"no way\"");
	fake_advance(loop, 999);
	expect_open(ws);
	fake_advance(loop, 1);
	expect_closed(ws);
	fake_ws_free(ws);
}

/* -- events -------------------------------------------------------------- */

static void echo(sio_socket *s, sio_event *ev, void *user)
{
	tell_event(s, ev, NULL);
	if (sio_event_wants_reply(ev))
		sio_event_reply_json(ev, sio_event_rest(ev, 0));
}

static void event__of_an_old_client__is_one(void **state)
{
	struct fake_ws *ws;

	sio_nsp_on_any(io, echo, NULL);
	sio_nsp_on_any(sio_server_of(srv, "/a"), echo, NULL);
	ws = old_client();
	fake_ws_send(ws, "42[\"x\",1]");
	assert_story("x[1]");
	fake_ws_send(ws, "427[\"x\",\"€\"]");
	expect(ws, "437[\"€\"]");
	fake_ws_send(ws, "40/a");
	expect(ws, "40/a,");
	/* Each packet may repeat the query. */
	fake_ws_send(ws, "42/a?token=y,8[\"z\"]");
	expect(ws, "43/a,8[]");
	assert_story("x[\"\xe2\x82\xac\"]; z[]");
	fake_ws_send(ws, "42/?token=y,9[\"w\"]");
	expect(ws, "439[]");
	fake_ws_free(ws);
}

static void binary__of_an_old_client__has_its_type_in_front(void **state)
{
	struct fake_ws *ws;

	sio_nsp_on_any(io, echo, NULL);
	ws = old_client();
	fake_ws_send(ws, "451-3[\"x\",{\"_placeholder\":true,\"num\":0}]");
	fake_ws_send_binary(ws, "\4\1\2\3", 4);
	expect(ws, "461-3[{\"_placeholder\":true,\"num\":0}]");
	expect_binary(ws, "\4\1\2\3", 4);
	fake_ws_free(ws);
}

static void ack__of_an_old_client__is_told(void **state)
{
	struct fake_ws *ws;

	sio_nsp_on_connection(io, hold, NULL);
	ws = old_client();
	sio_socket_emit_ack(held, 1000, tell_ack, NULL, "ask", "i", 1);
	fake_turn(loop);
	expect(ws, "420[\"ask\",1]");
	fake_ws_send(ws, "430[\"yes\"]");
	assert_story("ack[\"yes\"]");
	fake_ws_free(ws);
}

static void broadcast__to_clients_of_both__reaches_each_in_its_way(void **state)
{
	struct fake_ws *old = old_client(), *new = sio_client("/", NULL);
	struct fake_poll *p =
		fake_poll_open_with(loop, "/socket.io/", "&EIO=3");

	assert_string_equal(fake_poll_next(p), "2:40");
	sio_nsp_emit(io, "text", "s", "€");
	sio_nsp_emit(io, "bytes", "o", sio_binary("\1\2", 2));
	fake_turn(loop);
	expect(old, "42[\"text\",\"€\"]");
	expect(new, "42[\"text\",\"€\"]");
	expect(old, "451-[\"bytes\",{\"_placeholder\":true,\"num\":0}]");
	expect_binary(old, "\4\1\2", 3);
	expect(new, "451-[\"bytes\",{\"_placeholder\":true,\"num\":0}]");
	expect_binary(new, "\1\2", 2);
	assert_non_null(fake_poll_next(p));
	assert_memory_equal(p->reply.body,
		"\0\1\6\xff"
		"42[\"text\",\"€\"]",
		4 + 16);
	assert_memory_equal(p->reply.body + p->reply.len - 6, "\1\3\xff\4\1\2",
		6);
	fake_ws_free(old);
	fake_ws_free(new);
	fake_poll_free(p);
}

static void volatile__to_an_old_client_without_a_poll__is_dropped(void **state)
{
	struct fake_poll *p =
		fake_poll_open_with(loop, "/socket.io/", "&EIO=3");

	assert_string_equal(fake_poll_next(p), "2:40");
	sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_VOLATILE), "lost",
		"");
	fake_poll_get(p);
	sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_VOLATILE), "kept",
		"");
	fake_turn(loop);
	assert_string_equal(fake_poll_next(p), "10:42[\"kept\"]");
	fake_poll_free(p);
}

/* -- going --------------------------------------------------------------- */

static void disconnect__of_either_side__is_as_today(void **state)
{
	struct fake_ws *ws;

	sio_nsp_on_connection(io, hold, NULL);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	sio_nsp_on_event(sio_server_of(srv, "/a"), "disconnect", tell_event,
		words("/a "));
	ws = old_client();
	fake_ws_send(ws, "40/a?x=1");
	expect(ws, "40/a,");
	fake_ws_send(ws, "41/a?x=1,");
	assert_story("/a disconnect[\"client namespace disconnect\"]");
	fake_ws_send(ws, "41");
	assert_story("disconnect[\"client namespace disconnect\"]");
	expect_open(ws);
	fake_ws_free(ws);
	ws = old_client();
	sio_socket_disconnect(held, false);
	fake_turn(loop);
	expect(ws, "41");
	assert_story("disconnect[\"server namespace disconnect\"]");
	fake_ws_free(ws);
	ws = old_client();
	sio_socket_disconnect(held, true);
	fake_turn(loop);
	expect(ws, "41");
	expect_closed(ws);
	assert_story("disconnect[\"server namespace disconnect\"]");
	fake_ws_free(ws);
}

static void free_server(sio_socket *s, sio_event *ev, void *user)
{
	sio_free_server();
}

static void connection__that_frees_the_server__is_the_end(void **state)
{
	struct fake_reply r;

	sio_nsp_on_connection(io, free_server, NULL);
	r = fake_http(loop, "GET", "/socket.io/?EIO=3&transport=polling", NULL,
		NULL);
	fake_reply_clear(&r);
}

static void connection__that_is_ended_by_its_handler__is_the_end(void **state)
{
	static const bool close[] = { false, true };
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < COUNT(close); i++) {
		sio_nsp_on_connection(io, hold, NULL);
		ws = old_client();
		sio_socket_disconnect(held, close[i]);
		fake_turn(loop);
		expect(ws, "41");
		fake_ws_free(ws);
	}
}

/* -- the grammar --------------------------------------------------------- */

static void decode__name_with_a_query__is_cut_there(void **state)
{
	static const struct sio__limits limits = { 10, 1000, 128, 5, 1024, true,
		1000 };
	static const struct {
		const char *text, *nsp, *query, *data; /* nsp NULL: refused */
	} rows[] = {
		{ "0", "/", "", "" },
		{ "0/", "/", "", "" },
		{ "0/a?b", "/a", "b", "" },
		{ "0/a?b,", "/a", "b", "" },
		{ "0/a?b#c,", "/a", "b", "" },
		{ "0/a#c?b,", "/a", "", "" },
		{ "0/a??b", "/a", "?b", "" },
		{ "0/?b", "/", "b", "" },
		{ "2/a?b,[\"x\"]", "/a", "b", "[\"x\"]" },
		{ "0/abcd?efghijk", "/abcd", "efghijk", "" },
		{ "0/abcde?f", NULL, NULL, NULL },
		{ "0?b", NULL, NULL, NULL },
	};
	struct sio__packet p;
	const char *why;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		why = sio__packet_decode(&p, rows[i].text, strlen(rows[i].text),
			&limits);
		assert_int_equal(why == NULL, rows[i].nsp != NULL);
		if (why)
			continue;
		assert_true(sio__span_is(p.nsp, rows[i].nsp,
			strlen(rows[i].nsp)));
		assert_true(sio__span_is(p.query, rows[i].query,
			strlen(rows[i].query)));
		assert_true(sio__span_is(p.data, rows[i].data,
			strlen(rows[i].data)));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, sio_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(main_nsp__of_an_old_client__is_joined_at_once),
		TEST(main_nsp__over_polling__follows_the_open_packet),
		TEST(main_nsp__asked_for_again__is_an_invalid_state),
		TEST(option__off__refuses_old_clients),
		TEST(connect__with_a_query__has_it_as_auth),
		TEST(connect__with_a_long_query__is_no_long_name),
		TEST(connect__in_another_nsp__has_its_name_in_the_id),
		TEST(connect__in_the_longest_nsp__can_be_meant_by_its_id),
		TEST(connect__with_an_id_of_the_application__has_all_of_it),
		TEST(connect__to_no_namespace__is_refused_as_today),
		TEST(connect__to_a_dynamic_namespace__has_its_id),
		TEST(refusal__of_an_old_client__is_the_data_or_the_message),
		TEST(refusal__with_data_that_cannot_be_sent__is_the_message),
		TEST(middleware__of_the_main_nsp__decides_on_old_clients),
		TEST(connect_timeout__in_the_main_nsp__is_off),
		TEST(connect_timeout__of_a_refused_client__ends_it),
		TEST(event__of_an_old_client__is_one),
		TEST(binary__of_an_old_client__has_its_type_in_front),
		TEST(ack__of_an_old_client__is_told),
		TEST(broadcast__to_clients_of_both__reaches_each_in_its_way),
		TEST(volatile__to_an_old_client_without_a_poll__is_dropped),
		TEST(disconnect__of_either_side__is_as_today),
		TEST(connection__that_frees_the_server__is_the_end),
		TEST(connection__that_is_ended_by_its_handler__is_the_end),
		cmocka_unit_test(decode__name_with_a_query__is_cut_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
