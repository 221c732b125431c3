/* SPDX-License-Identifier: MIT */
/*
 * option_effects.c: each option of the Socket.IO server, with what shows on the
 * wire that it has an effect.
 */
#include <config.h>

#include "fake_adapter.h"
#include "option_effects.h"

#include <engineio/http.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

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

const struct option_effect effects[OPTION_EFFECTS] = {
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
