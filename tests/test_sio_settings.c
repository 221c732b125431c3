/* SPDX-License-Identifier: MIT */
/*
 * test_sio_settings.c: what is set before the server listens: what failed is
 * said in words and stops it, the engine does what it is told, and what the
 * server says of itself.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_sio.h"

#include <engineio/http.h>

static void setting__that_failed__stops_the_server_from_running(void **state)
{
	sio_server *fresh = sio_server_new();

	assert_string_equal(sio_server_error(fresh), "");
	assert_int_equal(sio_server_set_path(fresh, "no slash"),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_option(fresh, SIO_MAX_ACKS, -1),
		SIO_ERR_INVALID);
	/* the first of them is told */
	assert_non_null(strstr(sio_server_error(fresh), "no slash"));
	assert_int_equal(sio_server_listen(fresh, NULL, 0), SIO_ERR_INVALID);
	assert_int_equal(sio_server_run(fresh), SIO_ERR_INVALID);
	sio_server_free(fresh);
}

static void listen__that_failed__may_be_tried_again(void **state)
{
	eio_loop *own = eio_loop_new();
	sio_server *fresh = sio_server_new_on(own);

	fake_fail_listen(own, -EADDRINUSE);
	assert_int_equal(sio_server_listen(fresh, NULL, 8080), SIO_ERR_ADDRESS);
	assert_string_equal(sio_server_error(fresh), "port 8080 is in use");
	assert_int_equal(sio_server_listen(fresh, NULL, 8081), SIO_ERR_ADDRESS);
	assert_string_equal(sio_server_error(fresh), "port 8081 is in use");
	fake_fail_listen(own, 0);
	assert_int_equal(sio_server_listen(fresh, NULL, 8082), 0);
	assert_string_equal(sio_server_error(fresh), "");
	assert_int_equal(sio_server_port(fresh), 8082);
	sio_server_free(fresh);
	eio_loop_free(own);
}

static void fail_of(void)
{
	sio_server_of(srv, "a,b");
}

static void fail_option(void)
{
	sio_server_set_option(srv, SIO_MAX_ACKS, -1);
}

static void fail_engine_option(void)
{
	sio_server_set_heartbeat(srv, 0, 1);
}

static void fail_no_option(void)
{
	sio_server_set_option(srv, (enum sio_option)999, 1);
}

static void fail_path(void)
{
	sio_server_set_path(srv, "no slash");
}

static void fail_path_late(void)
{
	sio_server_listen(srv, NULL, 8080);
	sio_server_set_path(srv, "/late");
}

static void fail_header(void)
{
	sio_server_keep_header(srv, "");
}

static void fail_mount(void)
{
	sio_server_mount(srv, "/static", "folder");
}

static void fail_mount_nothing(void)
{
	sio_server_mount(srv, "/static/", NULL);
}

static void fail_port(void)
{
	sio_server_listen(srv, NULL, 65536);
}

static void fail_connection(void)
{
	sio_nsp_on_connection(io, NULL, NULL);
}

static void fail_event(void)
{
	sio_nsp_on_event(io, "x", NULL, NULL);
}

static void fail_event_name(void)
{
	sio_nsp_on_event(io, NULL, tell_event, NULL);
}

static void fail_event_reserved(void)
{
	sio_nsp_on_event(io, "connection", tell_event, NULL);
}

static void fail_any(void)
{
	sio_nsp_on_any(io, NULL, NULL);
}

static void fail_use(void)
{
	sio_nsp_use(sio_server_of(srv, "/a"), NULL, NULL);
}

static void fail_cors(void)
{
	sio_server_set_cors(srv, "http://a/");
}

static void fail_cors_origin(void)
{
	sio_server_add_cors_origin(srv, NULL);
}

static void fail_cors_pattern(void)
{
	sio_server_add_cors_pattern(srv, "(");
}

static void fail_cors_list(void)
{
	sio_server_set_cors_list(srv, SIO_CORS_METHODS, "GET;POST");
}

static void fail_cookie(void)
{
	sio_server_set_cookie(srv, "io", "Path=/; Evil");
}

static void failure__of_every_call__is_said_in_words(void **state)
{
	static const struct {
		void (*fails)(void);
		const char *text;
	} calls[] = {
		{ fail_of, "sio_server_of(\"a,b\"): no name of a namespace" },
		{ fail_option, "option MAX_ACKS cannot be -1" },
		{ fail_engine_option, "option PING_INTERVAL cannot be 0" },
		{ fail_no_option, "there is no option 999" },
		{ fail_path,
			"sio_server_set_path(\"no slash\"): invalid argument" },
		{ fail_path_late,
			"sio_server_set_path(\"/late\"): only before "
			"sio_server_listen()" },
		{ fail_header, "sio_server_keep_header(): no name" },
		{ fail_mount,
			"sio_server_mount(\"/static\", \"folder\"): the path "
			"must begin and end with '/'" },
		{ fail_mount_nothing,
			"sio_server_mount(\"/static/\", \"\"): there is no "
			"folder" },
		{ fail_port, "port 65536: ports are numbers from 0 to 65535" },
		{ fail_connection, "sio_nsp_on_connection(): no function" },
		{ fail_event, "sio_nsp_on_event(): no function" },
		{ fail_event_name, "sio_nsp_on_event(): no name" },
		{ fail_event_reserved,
			"sio_nsp_on_event(\"connection\"): never called; see "
			"sio_nsp_on_connection()" },
		{ fail_any, "sio_nsp_on_any(): no function" },
		{ fail_use, "sio_nsp_use(): no function" },
		{ fail_cors,
			"sio_server_set_cors(\"http://a/\"): "
			"invalid argument" },
		{ fail_cors_origin,
			"sio_server_add_cors_origin(\"\"): invalid argument" },
		{ fail_cors_pattern,
			"sio_server_add_cors_pattern(\"(\"): "
			"invalid argument" },
		{ fail_cors_list,
			"sio_server_set_cors_list(\"GET;POST\"): "
			"invalid argument" },
		{ fail_cookie,
			"sio_server_set_cookie(\"io\", \"Path=/; Evil\"): "
			"invalid argument" },
	};
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		sio_setup_deaf(state);
		assert_string_equal(sio_server_error(srv), "");
		calls[i].fails();
		assert_string_equal(sio_server_error(srv), calls[i].text);
		assert_true(sio_server_run(srv) < 0);
		/* the first is the one */
		sio_server_set_option(srv, SIO_MAX_ROOMS, -1);
		assert_string_equal(sio_server_error(srv), calls[i].text);
		sio_teardown(state);
	}
}

static enum eio_verdict allow_all(eio_request *req, void *user)
{
	eio_request_decide(req, true, "*");
	return ENGINEIO_PASS;
}

static void add_header(eio_request *req, bool first, void *user)
{
	eio_request_set_header(req, "X-First", first ? "yes" : "no");
}

/* Settings of the engine by their names here; what they do is the engine's
 * tests' affair. */
static void engine__set_here__does_what_it_is_told(void **state)
{
	static const char target[] = "/socket.io/?EIO=4&transport=polling";
	struct fake_reply r;

	sio_setup(state);
	sio_server_set_cors_list(srv, SIO_CORS_EXPOSED_HEADERS, "X-First");
	sio_server_set_cookie(srv, "io", NULL);
	sio_server_on_headers(srv, add_header, NULL);
	sio_server_add_cors_pattern(srv, "http://[ab]");
	r = fake_http(loop, "GET", target, "Origin: http://b\r\n", NULL);
	assert_string_equal(fake_reply_header(&r,
				    "Access-Control-Allow-Origin"),
		"http://b");
	assert_string_equal(fake_reply_header(&r,
				    "Access-Control-Expose-Headers"),
		"X-First");
	assert_string_equal(fake_reply_header(&r, "X-First"), "yes");
	assert_non_null(strstr(r.head, "Set-Cookie: io="));
	fake_reply_clear(&r);
	sio_server_on_cors(srv, allow_all, NULL);
	r = fake_http(loop, "GET", target, NULL, NULL);
	assert_string_equal(fake_reply_header(&r,
				    "Access-Control-Allow-Origin"),
		"*");
	fake_reply_clear(&r);
	sio_server_set_cors(srv, "http://c");
	r = fake_http(loop, "GET", target, NULL, NULL);
	assert_string_equal(fake_reply_header(&r,
				    "Access-Control-Allow-Origin"),
		"http://c");
	fake_reply_clear(&r);
	assert_int_equal(sio_server_set_cors(NULL, "*"), SIO_ERR_INVALID);
	assert_int_equal(sio_server_add_cors_origin(NULL, "*"),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_add_cors_pattern(NULL, "*"),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_on_cors(NULL, NULL, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_cors_list(NULL, SIO_CORS_METHODS, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_cookie(NULL, NULL, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_on_headers(NULL, NULL, NULL),
		SIO_ERR_INVALID);
	sio_teardown(state);
}

static void log_line(enum eio_log_level level, const char *line, void *user)
{
	tell("%d %s", (int)level, line);
}

static void handler__for_what_is_never_told__is_refused(void **state)
{
	static const char *const names[] = { "connection", "connect",
		"connect_error", "newListener", "removeListener" };
	struct fake_ws *ws;
	char sid[24];
	sio_socket *s;
	size_t i;

	sio_setup(state);
	ws = sio_client("/", sid);
	s = sio_nsp_find(io, sid);
	sio_server_set_log(srv, ENGINEIO_LOG_WARN, log_line, NULL);
	for (i = 0; i < 5; i++) {
		assert_int_equal(sio_nsp_on_event(io, names[i], tell_event,
					 NULL),
			SIO_ERR_INVALID);
		assert_non_null(strstr(story(), "sio_nsp_on_connection()"));
		/* a client may send "connection" */
		if (i == 0)
			continue;
		assert_int_equal(sio_socket_on(s, names[i], tell_event, NULL),
			SIO_ERR_INVALID);
		assert_int_equal(sio_socket_once(s, names[i], tell_event, NULL),
			SIO_ERR_INVALID);
		assert_non_null(strstr(story(), names[i]));
	}
	assert_int_equal(sio_socket_on(s, "disconnecting", tell_event, NULL),
		0);
	assert_int_equal(sio_socket_on(s, "disconnect", tell_event, NULL), 0);
	/* a server that runs goes on */
	assert_string_equal(sio_server_error(srv), "");
	sio_server_set_log(srv, ENGINEIO_LOG_WARN, NULL, NULL);
	fake_ws_free(ws);
	story();
	sio_teardown(state);
}

static void mount__folder_that_is_missing__is_said_in_the_log(void **state)
{
	sio_setup_deaf(state);
	assert_int_equal(sio_server_mount(srv, "/a/", "/no/where"), 0);
	assert_int_equal(sio_server_mount(srv, "/b/", "/"), 0);
	/* set afterwards, and in time */
	sio_server_set_log(srv, ENGINEIO_LOG_WARN, log_line, NULL);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	assert_story("2 sio_server_mount(): there is no folder /no/where");
	assert_int_equal(sio_server_mount(srv, "/c/", "/no/place"), 0);
	assert_story("2 sio_server_mount(): there is no folder /no/place");
	assert_string_equal(sio_server_error(srv), "");
	sio_teardown(state);
}

static void listen__on_a_port_in_use__says_so(void **state)
{
	eio_loop *own = eio_loop_new();
	sio_server *fresh = sio_server_new_on(own);

	fake_fail_listen(own, -EADDRINUSE);
	assert_int_equal(sio_server_listen(fresh, NULL, 8080), SIO_ERR_ADDRESS);
	assert_non_null(strstr(sio_server_error(fresh), "8080"));
	assert_int_equal(sio_server_run(fresh), SIO_ERR_ADDRESS);
	assert_int_equal(sio_server_port(fresh), 0);
	sio_server_free(fresh);
	eio_loop_free(own);
}

static void path__set__is_served(void **state)
{
	eio_loop *own = eio_loop_new();
	sio_server *fresh = sio_server_new_on(own);
	struct fake_ws *ws;

	assert_int_equal(sio_server_set_path(fresh, "/chat/"), 0);
	assert_int_equal(sio_server_listen(fresh, NULL, 8080), 0);
	assert_int_equal(sio_server_port(fresh), 8080);
	ws = fake_eio_open(own, "/chat/");
	fake_ws_send(ws, "40");
	assert_non_null(fake_ws_next(ws));
	fake_ws_free(ws);
	assert_null(fake_ws_open(own, "/socket.io/?EIO=4&transport=websocket"));
	sio_server_free(fresh);
	eio_loop_free(own);
}

static void errors__in_words__are_all_there(void **state)
{
	static const char *const words_of[] = {
#define X(name, value, text) text,
		SIO_ERROR_MAP(X)
#undef X
	};
	int i;

	for (i = 0; i < 9; i++)
		assert_string_equal(sio_strerror(-1 - i), words_of[i]);
	assert_string_equal(sio_strerror(-10), "unknown error");
	assert_string_equal(sio_strerror(5), "unknown error");
	assert_string_equal(sio_strerror(SIO_ERR_CLOSED),
		eio_strerror(ENGINEIO_ERR_CLOSED));
	assert_string_equal(sio_version_string(), eio_version_string());
}

static void log__limit_hit__has_a_line(void **state)
{
	struct fake_ws *ws;

	sio_setup(state);
	assert_int_equal(sio_server_set_log(srv, ENGINEIO_LOG_WARN, log_line,
				 NULL),
		0);
	ws = sio_client("/", NULL);
	assert_story("");
	fake_ws_send(ws, "4x");
	assert_non_null(strstr(story(), "unknown packet type"));
	sio_server_set_log(srv, ENGINEIO_LOG_DEBUG, log_line, NULL);
	fake_ws_free(ws);
	ws = sio_client("/", NULL);
	assert_non_null(strstr(story(), "in /: connected"));
	sio_server_set_log(srv, ENGINEIO_LOG_DEBUG, NULL, NULL);
	fake_ws_free(ws);
	assert_story("");
	assert_int_equal(sio_server_set_log(NULL, ENGINEIO_LOG_WARN, log_line,
				 NULL),
		SIO_ERR_INVALID);
	sio_teardown(state);
}

static void server__facts__are_its_own(void **state)
{
	sio_setup(state);
	assert_ptr_equal(sio_server_loop(srv), loop);
	assert_ptr_equal(eio_server_loop(sio_server_engine(srv)), loop);
	sio_server_set_data(srv, words("mine"));
	assert_string_equal(sio_server_data(srv), "mine");
	assert_null(sio_server_data(NULL));
	assert_null(sio_server_loop(NULL));
	assert_null(sio_server_engine(NULL));
	assert_null(sio_server_new_on(NULL));
	assert_int_equal(sio_server_port(NULL), 0);
	sio_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			setting__that_failed__stops_the_server_from_running),
		cmocka_unit_test(failure__of_every_call__is_said_in_words),
		cmocka_unit_test(engine__set_here__does_what_it_is_told),
		cmocka_unit_test(handler__for_what_is_never_told__is_refused),
		cmocka_unit_test(
			mount__folder_that_is_missing__is_said_in_the_log),
		cmocka_unit_test(listen__on_a_port_in_use__says_so),
		cmocka_unit_test(listen__that_failed__may_be_tried_again),
		cmocka_unit_test(path__set__is_served),
		cmocka_unit_test(errors__in_words__are_all_there),
		cmocka_unit_test(log__limit_hit__has_a_line),
		cmocka_unit_test(server__facts__are_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
