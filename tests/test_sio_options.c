/* SPDX-License-Identifier: MIT */
/*
 * test_sio_options.c: every option of this layer by the effect it has for a
 * client, and settings that are refused.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_adapter.h"
#include "fake_sio.h"

#include <engineio/http.h>

static void on_connect_timeout(void)
{
	struct fake_ws *ws;

	sio_server_set_option(srv, SIO_CONNECT_TIMEOUT, 500);
	ws = sio_session();
	fake_advance(loop, 499);
	expect_open(ws);
	fake_advance(loop, 1);
	expect_closed(ws);
	fake_ws_free(ws);
}

static void on_max_attachments(void)
{
	struct fake_ws *ws = sio_client("/", NULL);

	sio_server_set_option(srv, SIO_MAX_ATTACHMENTS, 1);
	assert_int_equal(sio_nsp_emit(io, "a", "o, o", sio_binary("x", 1),
				 sio_binary("x", 1)),
		SIO_ERR_INVALID);
	fake_ws_send(ws, "451-[\"a\"]");
	fake_ws_send_binary(ws, "x", 1);
	expect_open(ws);
	fake_ws_send(ws, "452-[\"a\"]");
	expect_closed(ws);
	fake_ws_free(ws);
	sio_server_set_option(srv, SIO_MAX_ATTACHMENTS, 0);
	ws = sio_client("/", NULL);
	fake_ws_send(ws, "451-[\"a\"]");
	expect_closed(ws);
	fake_ws_free(ws);
}

static void on_max_attachment_bytes(void)
{
	struct fake_ws *ws = sio_client("/", NULL);

	sio_server_set_option(srv, SIO_MAX_ATTACHMENT_BYTES, 3);
	fake_ws_send(ws, "452-[\"a\"]");
	fake_ws_send_binary(ws, "xy", 2);
	expect_open(ws);
	fake_ws_send_binary(ws, "xy", 2);
	expect_closed(ws);
	fake_ws_free(ws);
	/* 0 is twice the largest message */
	sio_server_set_option(srv, SIO_MAX_ATTACHMENT_BYTES, 0);
	sio_server_set_option(srv, SIO_MAX_PAYLOAD, 20);
	ws = sio_client("/", NULL);
	fake_ws_send(ws, "453-[\"a\"]");
	fake_ws_send_binary(ws, "01234567890123456789", 20);
	fake_ws_send_binary(ws, "01234567890123456789", 20);
	expect_open(ws);
	fake_ws_send_binary(ws, "0", 1);
	expect_closed(ws);
	fake_ws_free(ws);
}

static void on_max_depth(void)
{
	struct fake_ws *ws = sio_client("/", NULL);

	sio_server_set_option(srv, SIO_MAX_DEPTH, 2);
	fake_ws_send(ws, "42[\"a\",[]]");
	expect_open(ws);
	fake_ws_send(ws, "42[\"a\",[[]]]");
	expect_closed(ws);
	fake_ws_free(ws);
}

static void on_max_name(void)
{
	struct fake_ws *ws = sio_session();

	sio_server_set_option(srv, SIO_MAX_NAME, 4);
	fake_ws_send(ws, "40/abc");
	expect(ws, "44/abc,{\"message\":\"Invalid namespace\"}");
	fake_ws_send(ws, "40/abcd");
	expect_closed(ws);
	fake_ws_free(ws);
	assert_non_null(sio_server_of(srv, "/abc"));
	assert_null(sio_server_of(srv, "/abcd"));
}

static void on_max_event_name(void)
{
	struct fake_ws *ws = sio_client("/", NULL);

	sio_server_set_option(srv, SIO_MAX_EVENT_NAME, 3);
	fake_ws_send(ws, "42[\"abc\"]");
	expect_open(ws);
	fake_ws_send(ws, "42[\"abcd\"]");
	expect_closed(ws);
	fake_ws_free(ws);
}

static void on_max_namespaces(void)
{
	struct fake_ws *ws = sio_client("/", NULL);

	sio_server_of(srv, "/a");
	sio_server_set_option(srv, SIO_MAX_NAMESPACES, 1);
	fake_ws_send(ws, "40/a,");
	expect(ws, "44/a,{\"message\":\"Too many namespaces\"}");
	fake_ws_free(ws);
}

static void on_max_rooms(void)
{
	char sid[24];
	struct fake_ws *ws = sio_client("/", sid);

	sio_server_set_option(srv, SIO_MAX_ROOMS, 0);
	assert_int_equal(sio_socket_join(sio_nsp_find(io, sid), "a"),
		SIO_ERR_FULL);
	sio_nsp_emit(io, "x", NULL);
	sio_target_emit(sio_nsp_to(io, "a"), "y", NULL);
	fake_turn(loop);
	expect(ws, "42[\"x\"]");
	expect_open(ws);
	fake_ws_free(ws);
}

static void on_max_acks(void)
{
	char sid[24];
	struct fake_ws *ws = sio_client("/", sid);
	sio_socket *s = sio_nsp_find(io, sid);

	sio_server_set_option(srv, SIO_MAX_ACKS, 1);
	assert_int_equal(sio_socket_emit_ack(s, 0, tell_ack, NULL, "a", NULL),
		0);
	assert_int_equal(sio_socket_emit_ack(s, 0, tell_ack, NULL, "b", NULL),
		SIO_ERR_FULL);
	fake_turn(loop);
	expect(ws, "420[\"a\"]");
	expect_open(ws);
	fake_ws_free(ws);
}

static void on_ack_timeout(void)
{
	char sid[24];
	struct fake_ws *ws = sio_client("/", sid);
	sio_socket *s = sio_nsp_find(io, sid);

	sio_server_set_option(srv, SIO_ACK_TIMEOUT, 1000);
	sio_socket_emit_ack(s, 0, tell_ack, NULL, "a", NULL);
	sio_socket_emit_ack(s, 2000, tell_ack, words("own "), "b", NULL);
	fake_advance(loop, 999);
	assert_story("");
	fake_advance(loop, 1);
	assert_story("ack no answer in time");
	fake_advance(loop, 1000);
	assert_story("own ack no answer in time");
	fake_ws_free(ws);
}

static sio_next *held;

static void hold(sio_socket *s, sio_next *next, void *user)
{
	held = next;
}

static void on_max_early_bytes(void)
{
	struct fake_ws *ws = sio_session();

	sio_server_set_option(srv, SIO_MAX_EARLY_BYTES, 0);
	sio_nsp_use(io, hold, NULL);
	fake_ws_send(ws, "40");
	fake_ws_send(ws, "42[\"a\"]");
	expect_open(ws);
	fake_ws_send(ws, "42[\"a\"]");
	expect_closed(ws);
	sio_next_pass(held);
	fake_ws_free(ws);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

static void on_serve_client(void)
{
	char folder[] = "sio-options-XXXXXX", version[64], bundle[64];
	struct fake_reply r;
	int on;

	assert_non_null(mkdtemp(folder));
	snprintf(version, sizeof(version), "%s/version", folder);
	snprintf(bundle, sizeof(bundle), "%s/socket.io.js", folder);
	write_file(version, "4.8.4");
	write_file(bundle, "bundle");
	/* a folder is named before the server listens */
	sio_teardown(NULL);
	sio_setup_deaf(NULL);
	sio_server_set_client_dir(srv, folder);
	sio_server_listen(srv, NULL, 8080);
	for (on = 0; on < 2; on++) {
		sio_server_set_option(srv, SIO_SERVE_CLIENT, on);
		r = fake_http(loop, "GET", "/socket.io/socket.io.js", NULL,
			NULL);
		assert_int_equal(r.status, on ? 200 : 400);
		fake_reply_clear(&r);
	}
	unlink(version);
	unlink(bundle);
	assert_int_equal(rmdir(folder), 0);
}

static void tell_fetched(int err, sio_remote *const *found, size_t n,
	void *user)
{
	tell("%s", sio_strerror(err));
}

static void on_request_timeout(void)
{
	struct fake_bus bus = { .silent = true };
	sio_server *other = sio_server_new();

	sio_teardown(NULL);
	sio_setup_deaf(NULL);
	sio_server_set_adapter(srv, &fake_adapter, &bus);
	sio_server_set_adapter(other, &fake_adapter, &bus);
	sio_server_set_option(srv, SIO_REQUEST_TIMEOUT, 30);
	sio_target_fetch(sio_nsp_all(io), tell_fetched, NULL);
	fake_advance(loop, 29);
	assert_story("");
	fake_advance(loop, 1);
	assert_story("no answer in time");
	sio_server_free(other);
	sio_free_server();
}

static void never(sio_socket *s, sio_next *next, void *user)
{
}

static void on_max_dynamic_namespaces(void)
{
	struct fake_ws *ws = sio_session();

	sio_server_set_option(srv, SIO_MAX_DYNAMIC_NAMESPACES, 2);
	sio_server_of_pattern(srv, "^/x");
	sio_join_nsp(ws, "/x1", NULL);
	sio_join_nsp(ws, "/x2", NULL);
	fake_ws_send(ws, "40/x3,");
	expect(ws, "44/x3,{\"message\":\"Too many namespaces\"}");
	assert_int_equal(sio_server_counter(srv,
				 SIO_COUNT_MAX_DYNAMIC_NAMESPACES),
		1);
	/* an empty one makes room */
	fake_ws_send(ws, "41/x1,");
	sio_join_nsp(ws, "/x3", NULL);
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 3);
	fake_ws_free(ws);
}

static void on_cleanup_child_namespaces(void)
{
	struct fake_ws *ws = sio_session();

	sio_server_of_pattern(srv, "^/x");
	sio_join_nsp(ws, "/x1", NULL);
	fake_ws_send(ws, "41/x1,");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 2);
	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
	sio_join_nsp(ws, "/x1", NULL);
	fake_ws_send(ws, "41/x1,");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
	fake_ws_free(ws);
}

static void on_middleware_timeout(void)
{
	struct fake_ws *ws = sio_session();

	sio_server_set_option(srv, SIO_MIDDLEWARE_TIMEOUT, 1000);
	sio_nsp_use(io, never, NULL);
	fake_ws_send(ws, "40");
	fake_advance(loop, 999);
	expect_open(ws);
	fake_advance(loop, 1);
	expect(ws, "44{\"message\":\"timeout\"}");
	/* none, but for that of the connection */
	sio_server_set_option(srv, SIO_MIDDLEWARE_TIMEOUT, 0);
	fake_ws_send(ws, "40");
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_MIDDLEWARE_TIMEOUT),
		1);
	fake_advance(loop, 20000);
	expect_open(ws);
	fake_ws_free(ws);
}

/* {type:0,nsp:"/"} has one; {type:0,nsp:"/",data:{}} two. */
static void on_max_containers(void)
{
	static const char one[] = "\x82\xa4type\0\xa3nsp\xa1/";
	static const char two[] = "\x83\xa4type\0\xa3nsp\xa1/\xa4"
				  "data\x80";
	struct fake_ws *ws;

	sio_teardown(NULL);
	sio_setup_deaf(NULL);
	sio_server_set_parser(srv, sio_parser_msgpack());
	sio_server_listen(srv, NULL, 8080);
	sio_server_set_option(srv, SIO_MAX_CONTAINERS, 1);
	ws = sio_session();
	fake_ws_send_binary(ws, one, sizeof(one) - 1);
	assert_non_null(fake_ws_next(ws));
	expect_open(ws);
	fake_ws_free(ws);
	ws = sio_session();
	fake_ws_send_binary(ws, two, sizeof(two) - 1);
	expect_closed(ws);
	fake_ws_free(ws);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_MAX_CONTAINERS), 1);
}

/* Whether the socket that is said to be in the last answer comes back. */
static bool comes_back(const char *answer)
{
	struct fake_ws *ws = sio_session();
	const char *pid = strstr(answer, "\"pid\"");
	char text[100];
	bool back;

	snprintf(text, sizeof(text), "40{%.28s}", pid);
	fake_ws_send(ws, text);
	while (fake_ws_next(ws) && strncmp(ws->text.data, "40", 2) != 0)
		;
	back = strcmp(ws->text.data, answer) == 0;
	fake_ws_free(ws);
	return back;
}

/* Comes and goes; what it was answered. */
static void come_and_go(char answer[100])
{
	struct fake_ws *ws = sio_session();

	fake_ws_send(ws, "40");
	snprintf(answer, 100, "%s", fake_ws_next(ws));
	fake_ws_free(ws);
}

static void set_up_recovery(void)
{
	sio_teardown(NULL);
	sio_setup_deaf(NULL);
	sio_server_set_recovery(srv, 1000, 0, true);
	sio_server_listen(srv, NULL, 8080);
}

static void on_recovery_events(void)
{
	char answer[100];

	set_up_recovery();
	sio_server_set_option(srv, SIO_RECOVERY_EVENTS, 1);
	come_and_go(answer);
	sio_nsp_emit(io, "x", NULL);
	assert_true(comes_back(answer));
	sio_nsp_emit(io, "x", NULL);
	assert_false(comes_back(answer));
}

static void on_recovery_sockets(void)
{
	char first[100], second[100];

	set_up_recovery();
	sio_server_set_option(srv, SIO_RECOVERY_SOCKETS, 1);
	come_and_go(first);
	come_and_go(second);
	assert_true(comes_back(second));
	assert_false(comes_back(first));
}

/* Each of them starts the time anew, and the packet needs none when it is
 * complete. */
static void on_attachment_timeout(void)
{
	struct fake_ws *ws = sio_client("/", NULL);

	sio_server_set_option(srv, SIO_ATTACHMENT_TIMEOUT, 500);
	fake_ws_send(ws, "452-[\"a\"]");
	fake_advance(loop, 499);
	fake_ws_send_binary(ws, "x", 1);
	fake_advance(loop, 499);
	fake_ws_send_binary(ws, "x", 1);
	fake_advance(loop, 5000);
	expect_open(ws);
	fake_ws_send(ws, "451-[\"a\"]");
	fake_advance(loop, 499);
	expect_open(ws);
	fake_advance(loop, 1);
	expect_closed(ws);
	fake_ws_free(ws);
}

static int emit_volatile(void)
{
	return sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_VOLATILE),
		"v", NULL);
}

static void on_volatile_bytes(void)
{
	struct fake_ws *ws = sio_client("/", NULL);
	int i;

	fake_room(ws->c, 0);
	sio_nsp_emit(io, "a", NULL);
	fake_turn(loop);
	assert_int_equal(emit_volatile(), 0);
	sio_server_set_option(srv, SIO_VOLATILE_BYTES, 300);
	for (i = 0; i < 50; i++)
		assert_int_equal(emit_volatile(), 0);
	assert_true(sio_server_counter(srv, SIO_COUNT_VOLATILE) > 40);
	fake_turn(loop);
	fake_room(ws->c, SIZE_MAX);
	expect(ws, "42[\"a\"]");
	expect(ws, "42[\"v\"]");
	expect(ws, "42[\"v\"]");
	while (fake_ws_next(ws))
		i--;
	assert_true(i > 40);
	expect_open(ws);
	fake_ws_free(ws);
}

static const struct {
	enum sio_option option;
	const char *name;
	long standard, least, most;
	void (*shows_its_effect)(void);
} table[] = {
	{ SIO_CONNECT_TIMEOUT, "CONNECT_TIMEOUT", 45000, 1, INT32_MAX,
		on_connect_timeout },
	{ SIO_MAX_ATTACHMENTS, "MAX_ATTACHMENTS", 10, 0, 10000,
		on_max_attachments },
	{ SIO_MAX_ATTACHMENT_BYTES, "MAX_ATTACHMENT_BYTES", 0, 0, INT32_MAX,
		on_max_attachment_bytes },
	{ SIO_MAX_DEPTH, "MAX_DEPTH", 128, 1, 1024, on_max_depth },
	{ SIO_MAX_NAME, "MAX_NAME", 255, 1, 65535, on_max_name },
	{ SIO_MAX_EVENT_NAME, "MAX_EVENT_NAME", 1024, 1, 65535,
		on_max_event_name },
	{ SIO_MAX_NAMESPACES, "MAX_NAMESPACES", 64, 1, INT32_MAX,
		on_max_namespaces },
	{ SIO_MAX_ROOMS, "MAX_ROOMS", 1000, 0, INT32_MAX, on_max_rooms },
	{ SIO_MAX_ACKS, "MAX_ACKS", 1000, 0, INT32_MAX, on_max_acks },
	{ SIO_MAX_EARLY_BYTES, "MAX_EARLY_BYTES", 65536, 0, INT32_MAX,
		on_max_early_bytes },
	{ SIO_SERVE_CLIENT, "SERVE_CLIENT", 1, 0, 1, on_serve_client },
	{ SIO_REQUEST_TIMEOUT, "REQUEST_TIMEOUT", 5000, 1, INT32_MAX,
		on_request_timeout },
	{ SIO_RECOVERY_EVENTS, "RECOVERY_EVENTS", 100000, 1, INT32_MAX,
		on_recovery_events },
	{ SIO_RECOVERY_SOCKETS, "RECOVERY_SOCKETS", 10000, 1, INT32_MAX,
		on_recovery_sockets },
	{ SIO_MIDDLEWARE_TIMEOUT, "MIDDLEWARE_TIMEOUT", 60000, 0, INT32_MAX,
		on_middleware_timeout },
	{ SIO_MAX_CONTAINERS, "MAX_CONTAINERS", 250000, 1, INT32_MAX,
		on_max_containers },
	{ SIO_VOLATILE_BYTES, "VOLATILE_BYTES", 0, 0, INT32_MAX,
		on_volatile_bytes },
	{ SIO_MAX_DYNAMIC_NAMESPACES, "MAX_DYNAMIC_NAMESPACES", 10000, 0,
		INT32_MAX, on_max_dynamic_namespaces },
	{ SIO_CLEANUP_CHILD_NAMESPACES, "CLEANUP_CHILD_NAMESPACES", 0, 0, 1,
		on_cleanup_child_namespaces },
	{ SIO_ATTACHMENT_TIMEOUT, "ATTACHMENT_TIMEOUT", 30000, 1, INT32_MAX,
		on_attachment_timeout },
	{ SIO_ACK_TIMEOUT, "ACK_TIMEOUT", 0, 0, INT32_MAX, on_ack_timeout },
};

#define ROWS (sizeof(table) / sizeof(*table))

static void table__of_this_test__has_every_option(void **state)
{
	static const char *const names[] = {
#define X(name, value, unit, official, text) #name,
		SIO_OPTION_MAP(X)
#undef X
	};
	size_t i;

	assert_int_equal(ROWS, SIO_OPTION_END - SIO_OPTION_FIRST);
	for (i = 0; i < ROWS; i++) {
		assert_int_equal(table[i].option, SIO_OPTION_FIRST + i);
		assert_string_equal(table[i].name, names[i]);
	}
}

static void option__every_one__shows_its_effect(void **state)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		sio_setup(state);
		print_message("# %s\n", table[i].name);
		table[i].shows_its_effect();
		sio_teardown(state);
	}
}

/* What no client can hit. */
static bool is_no_limit(enum sio_option option)
{
	return option == SIO_SERVE_CLIENT || option == SIO_REQUEST_TIMEOUT ||
		option == SIO_CLEANUP_CHILD_NAMESPACES ||
		option == SIO_ACK_TIMEOUT || option == SIO_VOLATILE_BYTES;
}

static enum sio_counter counter_named(const char *name)
{
	int i;

	for (i = SIO_COUNTER_FIRST; i < (int)SIO_COUNTER_END; i++)
		if (!strcmp(sio_counter_name((enum sio_counter)i), name))
			return (enum sio_counter)i;
	fail_msg("%s has no counter", name);
	return SIO_COUNTER_END;
}

static void keep_line(enum eio_log_level level, const char *line, void *user)
{
	eio__strbuf_adds(user, line);
	eio__strbuf_addc(user, '\n');
}

/* Those whose effects make a server of their own, which has no log. */
static bool is_silent(enum sio_option option)
{
	return option == SIO_MAX_CONTAINERS || option == SIO_RECOVERY_EVENTS ||
		option == SIO_RECOVERY_SOCKETS;
}

/* The effects above hit the limits. */
static void option__that_limits_clients__is_counted_and_logged(void **state)
{
	struct eio__strbuf lines;
	char text[64];
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (is_no_limit(table[i].option))
			continue;
		sio_setup(state);
		eio__strbuf_init(&lines, 0);
		sio_server_set_log(srv, ENGINEIO_LOG_WARN, keep_line, &lines);
		table[i].shows_its_effect();
		snprintf(text, sizeof(text), "(%s)", table[i].name);
		if (sio_server_counter(srv, counter_named(table[i].name)) == 0)
			fail_msg("%s is not counted", table[i].name);
		if (!is_silent(table[i].option) &&
			!(lines.data && strstr(lines.data, text)))
			fail_msg("%s is not in the log", table[i].name);
		sio_server_set_log(srv, ENGINEIO_LOG_WARN, NULL, NULL);
		eio__strbuf_clear(&lines);
		sio_teardown(state);
	}
}

static void option__every_one__has_its_standard_and_bounds(void **state)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		enum sio_option option = table[i].option;
		sio_server *fresh = sio_server_new();

		assert_int_equal(sio_server_option(fresh, option),
			table[i].standard);
		assert_int_equal(sio_server_set_option(fresh, option,
					 table[i].least),
			0);
		assert_int_equal(sio_server_set_option(fresh, option,
					 table[i].most),
			0);
		assert_int_equal(sio_server_option(fresh, option),
			table[i].most);
		assert_int_equal(sio_server_set_option(fresh, option,
					 table[i].least - 1),
			SIO_ERR_INVALID);
		assert_int_equal(sio_server_set_option(fresh, option,
					 table[i].most + 1),
			SIO_ERR_INVALID);
		assert_int_equal(sio_server_option(fresh, option),
			table[i].most);
		assert_int_equal(sio_server_run(fresh), SIO_ERR_INVALID);
		sio_server_free(fresh);
	}
}

static void option__of_the_engine__is_passed_on(void **state)
{
	sio_setup(state);
	assert_int_equal(sio_server_set_option(srv, SIO_MAX_PAYLOAD, 5000), 0);
	assert_int_equal(eio_server_option(sio_server_engine(srv),
				 ENGINEIO_MAX_PAYLOAD),
		5000);
	assert_int_equal(sio_server_option(srv, SIO_MAX_PAYLOAD), 5000);
	assert_int_equal(sio_server_set_heartbeat(srv, 300, 200), 0);
	assert_int_equal(sio_server_option(srv, SIO_PING_INTERVAL), 300);
	assert_int_equal(sio_server_option(srv, SIO_PING_TIMEOUT), 200);
	assert_int_equal(sio_server_set_heartbeat(srv, -1, 200),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_heartbeat(srv, 300, 0),
		SIO_ERR_INVALID);
	sio_teardown(state);
}

static void option__that_there_is_not__is_refused(void **state)
{
	static const int numbers[] = { -1, (int)ENGINEIO_OPTIONS,
		SIO_OPTION_FIRST - 1, SIO_OPTION_END, 1 << 30 };
	size_t i;

	sio_setup(state);
	for (i = 0; i < 5; i++) {
		enum sio_option option = (enum sio_option)numbers[i];

		assert_int_equal(sio_server_set_option(srv, option, 1),
			SIO_ERR_INVALID);
		assert_int_equal(sio_server_option(srv, option), -1);
	}
	assert_int_equal(sio_server_set_option(NULL, SIO_MAX_ACKS, 1),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_option(NULL, SIO_MAX_ACKS), -1);
	sio_teardown(state);
}

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
		cmocka_unit_test(table__of_this_test__has_every_option),
		cmocka_unit_test(option__every_one__shows_its_effect),
		cmocka_unit_test(
			option__that_limits_clients__is_counted_and_logged),
		cmocka_unit_test(
			option__every_one__has_its_standard_and_bounds),
		cmocka_unit_test(option__of_the_engine__is_passed_on),
		cmocka_unit_test(option__that_there_is_not__is_refused),
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
