/* SPDX-License-Identifier: MIT */
/*
 * test_sio_connect.c: how a client comes into a namespace, and what is known
 * of it then.
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

static void connect__main_namespace__is_answered_with_an_id(void **state)
{
	char a[24], b[24];
	struct fake_ws *one = sio_client("/", a), *two = sio_client("/", b);

	assert_string_not_equal(a, b);
	assert_string_equal(sio_socket_id(sio_nsp_find(io, a)), a);
	assert_ptr_equal(sio_socket_nsp(sio_nsp_find(io, a)), io);
	assert_true(sio_socket_is_connected(sio_nsp_find(io, a)));
	expect_open(one);
	fake_ws_free(one);
	fake_ws_free(two);
}

static void connect__named_namespace__with_or_without_comma(void **state)
{
	struct fake_ws *ws = sio_session();
	sio_nsp *admin = sio_server_of(srv, "/admin");

	fake_ws_send(ws, "40/admin");
	assert_non_null(strstr(fake_ws_next(ws), "40/admin,{\"sid\":\""));
	sio_join_nsp(ws, "/", NULL);
	assert_int_equal(sio_nsp_sockets(admin, NULL, 0), 1);
	assert_int_equal(sio_nsp_sockets(io, NULL, 0), 1);
	expect_open(ws);
	fake_ws_free(ws);
}

static void connect__unknown_namespace__is_refused_and_goes_on(void **state)
{
	struct fake_ws *ws = sio_session();

	fake_ws_send(ws, "40/random");
	expect(ws, "44/random,{\"message\":\"Invalid namespace\"}");
	fake_ws_send(ws, "40/admin?x=1,{\"a\":1}");
	expect(ws, "44/admin?x=1,{\"message\":\"Invalid namespace\"}");
	fake_ws_send(ws, "40/admin{\"a\":1}");
	expect(ws, "44/admin{\"a\":1},{\"message\":\"Invalid namespace\"}");
	sio_join_nsp(ws, "/", NULL);
	expect_open(ws);
	fake_ws_free(ws);
}

static void connect__although_connected__closes(void **state)
{
	struct fake_ws *ws = sio_client("/", NULL);

	fake_ws_send(ws, "40");
	expect_closed(ws);
	assert_int_equal(sio_nsp_sockets(io, NULL, 0), 0);
	fake_ws_free(ws);
}

static void connect__over_polling__is_answered_there(void **state)
{
	struct fake_poll *p = fake_poll_open(loop, "/socket.io/");

	assert_int_equal(fake_poll_post(p, "40"), 200);
	assert_int_equal(strncmp(fake_poll_next(p), "40{\"sid\":\"", 10), 0);
	fake_poll_free(p);
}

/* -- the order of things --------------------------------------------------- */

static void greet(sio_socket *s, sio_event *ev, void *user)
{
	tell("%s %d", sio_event_name(ev), (int)sio_socket_is_connected(s));
	assert_int_equal(json_array_size(sio_event_args(ev)), 0);
	assert_false(sio_event_wants_reply(ev));
	assert_int_equal(sio_socket_emit(s, "hello", "s", "you"), 0);
}

static void connection_handlers__come__after_the_answer(void **state)
{
	struct fake_ws *ws;
	char sid[24];

	sio_nsp_on_connection(io, greet, NULL);
	sio_nsp_on_connection(io, tell_text, words("second"));
	ws = sio_client("/", sid);
	expect(ws, "42[\"hello\",\"you\"]");
	assert_story("connection 1; second");
	/* an event of this name is something else */
	sio_socket_on(sio_nsp_find(io, sid), "connection", tell_event,
		words("event "));
	fake_ws_send(ws, "42[\"connection\",1]");
	assert_story("event connection[1]");
	fake_ws_free(ws);
}

static void events__before_the_answer__are_delivered_after(void **state)
{
	struct fake_ws *ws = sio_session();

	sio_nsp_on_connection(io, tell_text, words("connection"));
	sio_nsp_on_event(io, "a", tell_event, NULL);
	sio_send_together(ws, "40", "42[\"a\",1]", "42[\"a\",2]", NULL);
	assert_story("connection; a[1]; a[2]");
	fake_ws_free(ws);
}

/* -- the time limit -------------------------------------------------------- */

static void connect_timeout__no_namespace__closes(void **state)
{
	struct fake_ws *ws = sio_session();

	sio_server_set_heartbeat(srv, 200000, 200000);
	fake_ws_free(ws);
	ws = sio_session();
	fake_advance(loop, 44999);
	expect_open(ws);
	fake_advance(loop, 1);
	expect_closed(ws);
	fake_ws_free(ws);
}

static void connect_timeout__refused_namespace__keeps_running(void **state)
{
	struct fake_ws *ws;

	sio_server_set_heartbeat(srv, 200000, 200000);
	sio_server_set_option(srv, SIO_CONNECT_TIMEOUT, 1000);
	ws = sio_session();
	fake_advance(loop, 900);
	fake_ws_send(ws, "40/none");
	expect(ws, "44/none,{\"message\":\"Invalid namespace\"}");
	fake_advance(loop, 99);
	expect_open(ws);
	fake_advance(loop, 1);
	expect_closed(ws);
	fake_ws_free(ws);
}

static void connect_timeout__joined__is_off_for_good(void **state)
{
	struct fake_ws *ws;

	sio_server_set_heartbeat(srv, 2000000, 200000);
	ws = sio_client("/", NULL);
	fake_ws_send(ws, "41");
	fake_advance(loop, 100000);
	expect_open(ws);
	sio_join_nsp(ws, "/", NULL);
	fake_ws_free(ws);
}

/* -- limits ---------------------------------------------------------------- */

static void namespaces__one_too_many__is_refused(void **state)
{
	struct fake_ws *ws;

	sio_server_of(srv, "/a");
	sio_server_of(srv, "/b");
	sio_server_set_option(srv, SIO_MAX_NAMESPACES, 2);
	ws = sio_client("/", NULL);
	sio_join_nsp(ws, "/a", NULL);
	fake_ws_send(ws, "40/b,");
	expect(ws, "44/b,{\"message\":\"Too many namespaces\"}");
	/* one that was left makes room */
	fake_ws_send(ws, "41/a,");
	sio_join_nsp(ws, "/b", NULL);
	fake_ws_free(ws);
}

static void namespace__long_name__closes(void **state)
{
	struct fake_ws *ws = sio_session();
	char text[400];

	memset(text, 'a', sizeof(text));
	memcpy(text, "40/", 3);
	text[2 + 255] = '\0';
	fake_ws_send(ws, text);
	assert_non_null(strstr(fake_ws_next(ws), "Invalid namespace"));
	text[2 + 255] = 'a';
	text[2 + 256] = '\0';
	fake_ws_send(ws, text);
	expect_closed(ws);
	fake_ws_free(ws);
}

static void id__without_randomness__is_refused(void **state)
{
	struct fake_ws *ws = sio_session();

	fake_break_random(loop);
	fake_ws_send(ws, "40");
	expect_closed(ws);
	fake_ws_free(ws);
}

/* -- names of namespaces --------------------------------------------------- */

static void of__the_same_name__is_the_same_namespace(void **state)
{
	sio_nsp *a = sio_server_of(srv, "/a");

	assert_ptr_equal(sio_server_of(srv, "a"), a);
	assert_ptr_not_equal(sio_server_of(srv, "/a/"), a);
	assert_ptr_equal(sio_server_of(srv, ""), io);
	assert_ptr_equal(sio_server_of(srv, "/"), io);
	assert_string_equal(sio_nsp_name(a), "/a");
	assert_ptr_equal(sio_nsp_server(a), srv);
	assert_string_equal(sio_server_error(srv), "");
}

static void of__impossible_name__is_an_error(void **state)
{
	char name[300];

	memset(name, 'a', sizeof(name));
	name[255] = '\0';
	assert_null(sio_server_of(srv, name));
	name[254] = '\0';
	assert_non_null(sio_server_of(srv, name));
	assert_null(sio_server_of(srv, "/a,b"));
	assert_null(sio_server_of(srv, "a\nb"));
	assert_null(sio_server_of(srv, "/\xff"));
	assert_null(sio_server_of(srv, NULL));
	assert_null(sio_server_of(NULL, "/"));
	assert_int_equal(sio_server_run(srv), SIO_ERR_INVALID);
	assert_non_null(strstr(sio_server_error(srv), "namespace"));
}

/* -- the handshake --------------------------------------------------------- */

static void tell_auth(sio_socket *s, sio_event *ev, void *user)
{
	char *text = json_dumps(sio_socket_auth(s), JSON_COMPACT);

	tell("%s", text);
	free(text);
	assert_ptr_equal(sio_socket_auth(s), sio_socket_auth(s));
}

static void auth__whatever_was_sent__is_seen(void **state)
{
	static const char *const packets[] = { "40", "40{}",
		"40{\"token\":\"x\",\"n\":[1]}", "40{\"bad\":\"\\ud800\"}" };
	static const char *const seen[] = { "{}", "{}",
		"{\"token\":\"x\",\"n\":[1]}", "{\"bad\":\"\xef\xbf\xbd\"}" };
	size_t i;

	sio_nsp_on_connection(io, tell_auth, NULL);
	for (i = 0; i < 4; i++) {
		struct fake_ws *ws = sio_session();

		fake_ws_send(ws, packets[i]);
		assert_story(seen[i]);
		fake_ws_free(ws);
	}
}

static sio_socket *held;

static void hold(sio_socket *s, sio_event *ev, void *user)
{
	if (!held)
		held = sio_socket_ref(s);
	tell("origin %s, x %s, X-Other %s",
		sio_socket_header(s, "Origin") ? sio_socket_header(s, "Origin")
					       : "-",
		sio_socket_header(s, "x-Test") ? sio_socket_header(s, "x-Test")
					       : "-",
		sio_socket_header(s, "x-other")
			? sio_socket_header(s, "x-other")
			: "-");
}

static struct fake_poll *session_with_headers(const char *target)
{
	struct fake_poll *p = calloc(1, sizeof(*p));
	struct fake_reply r;

	assert_non_null(p);
	r = fake_http(loop, "GET", target,
		"Origin: http://a.example\r\nX-Test: 1\r\nX-Test: 2\r\n"
		"X-Other: caf\xe9\r\n",
		NULL);
	assert_int_equal(r.status, 200);
	p->loop = loop;
	snprintf(p->path, sizeof(p->path), "/socket.io/");
	memcpy(p->sid, strstr(r.body, "\"sid\":\"") + 7, 20);
	fake_reply_clear(&r);
	return p;
}

#define TARGET "/socket.io/?EIO=4&transport=polling"

static void headers__after_the_handler__only_those_kept(void **state)
{
	struct fake_poll *p;

	held = NULL;
	sio_server_of(srv, "/a");
	sio_server_keep_header(srv, "X-TEST");
	sio_nsp_on_connection(io, hold, NULL);
	sio_nsp_on_connection(sio_server_of(srv, "/a"), hold, NULL);
	p = session_with_headers(TARGET);
	fake_poll_post(p, "40");
	assert_story("origin http://a.example, x 1, 2, X-Other caf\xe9");
	assert_null(sio_socket_header(held, "origin"));
	assert_string_equal(sio_socket_header(held, "x-test"), "1, 2");
	fake_poll_post(p, "40/a,");
	assert_story("origin -, x 1, 2, X-Other -");
	sio_socket_unref(held);
	fake_poll_free(p);
}

static void headers__star__keeps_all(void **state)
{
	struct fake_poll *p;

	held = NULL;
	sio_server_keep_header(srv, "*");
	sio_nsp_on_connection(io, hold, NULL);
	p = session_with_headers(TARGET);
	fake_poll_post(p, "40");
	assert_string_equal(sio_socket_header(held, "Origin"),
		"http://a.example");
	assert_string_equal(sio_socket_header(held, "HOST"), "localhost");
	/* JSON has no bytes */
	assert_string_equal(sio_socket_header(held, "x-other"),
		"caf\xef\xbf\xbd");
	assert_null(sio_socket_header(held, "cookie"));
	sio_socket_unref(held);
	fake_poll_free(p);
}

static void handshake__all_of_it__is_an_object(void **state)
{
	struct fake_poll *p;
	json_t *handshake;
	const char *url, *time;
	int xdomain, secure;
	json_int_t issued;

	held = NULL;
	sio_nsp_on_connection(io, hold, NULL);
	p = session_with_headers(TARGET "&a=1&b=x%20y+z");
	fake_poll_post(p, "40{\"k\":1}");
	handshake = sio_socket_handshake(held);
	assert_int_equal(json_unpack(handshake,
				 "{s{}, s:s, s:s, s:b, s:b, s:I, s:s, s{s:s, "
				 "s:s}, s{s:i}!}",
				 "headers", "time", &time, "address", &url,
				 "xdomain", &xdomain, "secure", &secure,
				 "issued", &issued, "url", &url, "query", "a",
				 &time, "b", &time, "auth", "k", &secure),
		0);
	assert_string_equal(url, TARGET "&a=1&b=x%20y+z");
	assert_string_equal(time, "x y z");
	assert_int_equal(xdomain, 1);
	assert_int_equal(secure, 1); /* of auth.k */
	assert_int_equal(issued, eio_socket_issued(sio_socket_conn(held)));
	assert_int_equal(issued, sio_socket_issued(held));
	assert_true(sio_socket_is_xdomain(held));
	assert_false(sio_socket_is_secure(held));
	json_decref(handshake);
	eio_socket_abort(sio_socket_conn(held), ENGINEIO_REASON_FORCED_CLOSE,
		"as a test");
	fake_turn(loop);
	assert_int_equal(sio_socket_issued(held), 0);
	assert_false(sio_socket_is_xdomain(held));
	assert_false(sio_socket_is_secure(held));
	sio_socket_unref(held);
	fake_poll_free(p);
}

static void handshake__time__is_as_javascript_writes_it(void **state)
{
	struct fake_ws *ws;
	json_t *handshake;
	char sid[24];
	const char *text;
	int year, day, hour, minute, second;
	char weekday[4], month[4];

	ws = sio_client("/", sid);
	handshake = sio_socket_handshake(sio_nsp_find(io, sid));
	text = json_string_value(json_object_get(handshake, "time"));
	assert_int_equal(sscanf(text,
				 "%3s %3s %2d %4d %2d:%2d:%2d GMT+0000 "
				 "(Coordinated Universal Time)",
				 weekday, month, &day, &year, &hour, &minute,
				 &second),
		7);
	assert_int_equal(strlen(text), 62);
	assert_false(json_is_true(json_object_get(handshake, "xdomain")));
	json_decref(handshake);
	fake_ws_free(ws);
}

static void query__all_kinds__are_decoded(void **state)
{
	struct fake_poll *p;
	json_t *query;
	char *text;

	held = NULL;
	sio_nsp_on_connection(io, hold, NULL);
	p = session_with_headers(TARGET
		"&&a=1&a=2&a=3&=e&no&x=%zz%4&u=%C3%A9%ff&c=a=b");
	fake_poll_post(p, "40");
	query = sio_socket_query(held);
	text = json_dumps(query, JSON_COMPACT);
	assert_string_equal(text,
		"{\"EIO\":\"4\",\"transport\":\"polling\","
		"\"a\":\"3\",\"\":\"e\",\"no\":\"\","
		"\"x\":\"%zz%4\",\"u\":\"\xc3\xa9\xef\xbf\xbd\","
		"\"c\":\"a=b\"}");
	free(text);
	json_decref(query);
	sio_socket_unref(held);
	fake_poll_free(p);
}

static void facts__of_a_socket_that_is_gone__are_empty(void **state)
{
	struct fake_ws *ws;
	json_t *value;

	held = NULL;
	sio_nsp_on_connection(io, hold, NULL);
	ws = sio_client("/", NULL);
	assert_string_equal(sio_socket_transport(held), "websocket");
	assert_non_null(sio_socket_conn(held));
	fake_ws_free(ws);
	assert_string_equal(sio_socket_transport(held), "");
	assert_string_equal(sio_socket_address(held), "");
	assert_null(sio_socket_conn(held));
	assert_null(sio_socket_header(held, "host"));
	assert_null(sio_socket_handshake(held));
	assert_null(sio_socket_nsp(held));
	assert_int_equal(strlen(sio_socket_id(held)), 20);
	value = sio_socket_query(held);
	assert_int_equal(json_object_size(value), 0);
	json_decref(value);
	assert_int_equal(json_object_size(sio_socket_auth(held)), 0);
	sio_socket_unref(held);
}

static void null__in__error_out(void **state)
{
	assert_int_equal(sio_nsp_on_connection(NULL, tell_text, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_on_event(NULL, "a", tell_text, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_on_event(io, NULL, tell_text, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_on_event(io, "a", NULL, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_use(NULL, NULL, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_nsp_emit(NULL, "a", "o", json_object()),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_listen(NULL, NULL, 0), SIO_ERR_INVALID);
	assert_int_equal(sio_server_run(NULL), SIO_ERR_NOMEM);
	assert_null(sio_socket_auth(NULL));
	assert_null(sio_socket_header(NULL, "a"));
	assert_null(sio_socket_handshake(NULL));
	assert_string_equal(sio_socket_id(NULL), "");
	assert_string_equal(sio_nsp_name(NULL), "");
	assert_null(sio_nsp_find(NULL, "a"));
	assert_null(sio_nsp_find(io, NULL));
	sio_socket_unref(NULL);
	sio_server_free(NULL);
	sio_server_stop(NULL);
	sio_next_pass(NULL);
	sio_next_refuse(NULL, "no", json_object());
}

#define test(name) \
	cmocka_unit_test_setup_teardown(name, sio_setup, sio_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(connect__main_namespace__is_answered_with_an_id),
		test(connect__named_namespace__with_or_without_comma),
		test(connect__unknown_namespace__is_refused_and_goes_on),
		test(connect__although_connected__closes),
		test(connect__over_polling__is_answered_there),
		test(connection_handlers__come__after_the_answer),
		test(events__before_the_answer__are_delivered_after),
		test(connect_timeout__no_namespace__closes),
		test(connect_timeout__refused_namespace__keeps_running),
		test(connect_timeout__joined__is_off_for_good),
		test(namespaces__one_too_many__is_refused),
		test(namespace__long_name__closes),
		test(id__without_randomness__is_refused),
		test(of__the_same_name__is_the_same_namespace),
		test(of__impossible_name__is_an_error),
		test(auth__whatever_was_sent__is_seen),
		test(headers__after_the_handler__only_those_kept),
		test(headers__star__keeps_all),
		test(handshake__all_of_it__is_an_object),
		test(handshake__time__is_as_javascript_writes_it),
		test(query__all_kinds__are_decoded),
		test(facts__of_a_socket_that_is_gone__are_empty),
		test(null__in__error_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
