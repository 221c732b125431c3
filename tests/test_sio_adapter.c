/* SPDX-License-Identifier: MIT */
/*
 * test_sio_adapter.c: two servers that an adapter makes one.
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

#include "fake_adapter.h"
#include "fake_sio.h"

/* Here: the server of fake_sio.h, with the client a. There: another one, on
 * a loop of its own, with b and c. */
static struct fake_bus bus;
static eio_loop *loop2;
static sio_server *srv2;
static sio_nsp *io2;
static struct fake_ws *a, *b, *c;
static char id_a[24], id_b[24], id_c[24];

static struct fake_ws *client_on(eio_loop *where, char id[24])
{
	struct fake_ws *ws = fake_eio_open(where, "/socket.io/");

	assert_non_null(ws);
	sio_join_nsp(ws, "/", id);
	return ws;
}

static int setup(void **state)
{
	unsigned char skipped;

	memset(&bus, 0, sizeof(bus));
	sio_setup_deaf(state);
	assert_int_equal(sio_server_set_adapter(srv, &fake_adapter, &bus), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	loop2 = eio_loop_new();
	srv2 = sio_server_new_on(loop2);
	assert_int_equal(sio_server_set_adapter(srv2, &fake_adapter, &bus), 0);
	assert_int_equal(sio_server_listen(srv2, NULL, 8081), 0);
	io2 = sio_server_of(srv2, "/");
	/* the fake randomness of all loops is the same */
	eio_loop_random(loop2, &skipped, 1);
	a = client_on(loop, id_a);
	b = client_on(loop2, id_b);
	c = client_on(loop2, id_c);
	return 0;
}

static int teardown(void **state)
{
	fake_ws_free(a);
	fake_ws_free(b);
	fake_ws_free(c);
	sio_server_free(srv2);
	eio_loop_free(loop2);
	sio_teardown(state);
	assert_int_equal(bus.stopped, bus.started);
	json_decref(bus.sessions);
	return 0;
}

static void turn(void)
{
	fake_turn(loop);
	fake_turn(loop2);
	fake_turn(loop);
}

static void tell_acks(int err, json_t *answers, size_t expected, void *user)
{
	char *text = json_dumps(answers, JSON_COMPACT);

	tell("%s%s%s of %zu", err ? sio_strerror(err) : "", err ? " " : "",
		text, expected);
	free(text);
}

/* -- events ------------------------------------------------------------------ */

static void broadcast__rooms__reaches_both_servers(void **state)
{
	sio_socket_join(sio_nsp_find(io2, id_b), "x");
	sio_nsp_emit(io, "all", "i", 1);
	sio_target_emit(sio_nsp_to(io, "x"), "x", NULL);
	sio_target_emit(sio_nsp_except(io, id_c), "not c", NULL);
	sio_target_emit(sio_nsp_to(io, id_c), "c", "o", sio_binary("zz", 2));
	turn();
	expect(a, "42[\"all\",1]");
	expect(a, "42[\"not c\"]");
	expect_nothing(a);
	expect(b, "42[\"all\",1]");
	expect(b, "42[\"x\"]");
	expect(b, "42[\"not c\"]");
	expect_nothing(b);
	expect(c, "42[\"all\",1]");
	expect(c, "451-[\"c\",{\"_placeholder\":true,\"num\":0}]");
	expect_binary(c, "zz", 2);
	/* to one's own client directly */
	bus.sent = 0;
	sio_socket_emit(sio_nsp_find(io, id_a), "own", NULL);
	turn();
	expect(a, "42[\"own\"]");
	assert_int_equal(bus.sent, 0);
}

static void broadcast__local__stays_here(void **state)
{
	bus.sent = 0;
	sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_LOCAL), "x",
		NULL);
	turn();
	expect(a, "42[\"x\"]");
	expect_nothing(b);
	assert_int_equal(bus.sent, 0);
}

static void broadcast__wrong__is_not_sent_at_all(void **state)
{
	bus.sent = 0;
	assert_int_equal(sio_nsp_emit(io, "disconnect", NULL), SIO_ERR_INVALID);
	assert_int_equal(bus.sent, 0);
	bus.fails = true;
	assert_int_equal(sio_nsp_emit(io, "x", NULL), SIO_ERR_ADAPTER);
}

/* -- answers ----------------------------------------------------------------- */

static void ask(unsigned ms, unsigned flags)
{
	sio_target *t = sio_target_timeout(sio_nsp_all(io), ms);

	t = sio_target_flags(t, flags);
	assert_int_equal(sio_target_emit_acks(t, tell_acks, NULL, "q", NULL),
		0);
	turn();
}

static void emit_acks__both_servers__are_waited_for(void **state)
{
	ask(1000, 0);
	fake_ws_send(a, "430[\"a\"]");
	fake_ws_send(c, "430[]");
	turn();
	assert_story("");
	fake_ws_send(b, "430[{\"b\":1},2]");
	turn();
	assert_story("[\"a\",null,{\"b\":1}] of 3");
}

static void
emit_acks__client_of_the_other_leaves__is_not_waited_for(void **state)
{
	ask(1000, 0);
	fake_ws_send(a, "430[\"a\"]");
	fake_ws_send(c, "430[\"c\"]");
	fake_ws_free(b);
	b = NULL;
	turn();
	assert_story("[\"a\",\"c\"] of 3");
}

/* features of the official server, 22: there a local broadcast waits for the
 * others, and always for too long. */
static void emit_acks__local__does_not_wait_for_others(void **state)
{
	ask(0, SIO_LOCAL);
	expect_nothing(b);
	fake_ws_send(a, "430[1]");
	assert_story("[1] of 1");
}

static void emit_acks__silent_server__ends_with_the_time(void **state)
{
	bus.silent = true;
	ask(800, 0);
	fake_ws_send(a, "430[1]");
	fake_advance(loop, 799);
	assert_story("");
	fake_advance(loop, 1);
	assert_story("no answer in time [1] of 1");
	/* without a limit of its own it is that of requests */
	ask(0, 0);
	fake_ws_send(a, "431[2]");
	fake_advance(loop, 4999);
	assert_story("");
	fake_advance(loop, 1);
	assert_story("no answer in time [2] of 1");
}

static void emit_acks__bus_fails__is_an_error(void **state)
{
	bus.fails = true;
	assert_int_equal(sio_target_emit_acks(sio_nsp_all(io), tell_acks, NULL,
				 "q", NULL),
		SIO_ERR_ADAPTER);
	assert_int_equal(sio_target_fetch(sio_nsp_all(io), NULL, NULL),
		SIO_ERR_INVALID);
	turn();
	assert_story("");
}

static void emit_acks__asker_is_freed__others_end_well(void **state)
{
	ask(1000, 0);
	sio_free_server();
	assert_story("connection closed [] of 3");
	fake_ws_send(b, "430[1]");
	fake_ws_send(c, "430[1]");
	fake_turn(loop2);
	assert_story("");
}

static void emit_acks__other_is_freed__its_clients_have_gone(void **state)
{
	ask(1000, 0);
	fake_ws_send(a, "430[1]");
	sio_server_free(srv2);
	srv2 = NULL;
	turn();
	assert_story("[1] of 3");
}

/* -- sockets ----------------------------------------------------------------- */

static void tell_found(int err, sio_remote *const *found, size_t n, void *user)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char *rooms = json_dumps(sio_remote_rooms(found[i]), 0);
		char *data = json_dumps(sio_remote_data(found[i]), 0);

		tell("%s %s %s %s",
			!strcmp(sio_remote_id(found[i]), id_a)           ? "a"
				: !strcmp(sio_remote_id(found[i]), id_b) ? "b"
									 : "c",
			sio_remote_socket(found[i]) ? "here" : "there",
			json_array_size(sio_remote_rooms(found[i])) == 1
				? "alone"
				: "in rooms",
			data);
		assert_non_null(json_object_get(sio_remote_handshake(found[i]),
			"headers"));
		free(rooms);
		free(data);
	}
	tell("%zu %s", n, err ? sio_strerror(err) : "all");
}

static void fetch__both_servers__tells_of_copies(void **state)
{
	sio_socket *s = sio_nsp_find(io2, id_b);

	sio_socket_join(s, "x");
	json_object_set_new(sio_socket_shared_data(s), "n", json_integer(1));
	sio_target_fetch(sio_nsp_all(io), tell_found, NULL);
	assert_story("");
	turn();
	assert_story("b there in rooms {\"n\": 1}; c there alone {}; "
		     "a here alone {}; 3 all");
	sio_target_fetch(sio_target_flags(sio_nsp_all(io), SIO_LOCAL),
		tell_found, NULL);
	turn();
	assert_story("a here alone {}; 1 all");
}

static void emit_to_found(int err, sio_remote *const *found, size_t n,
	void *user)
{
	tell("%s %zu", sio_strerror(err), n);
	assert_int_equal(sio_remote_emit(found[0], "late", NULL), 0);
}

static void fetch__namespace_deleted_meanwhile__finds_what_it_had(void **state)
{
	sio_nsp *x = sio_server_of(srv, "/x");

	sio_server_of(srv2, "/x");
	sio_join_nsp(b, "/x", NULL);
	bus.silent = false;
	sio_target_fetch(sio_nsp_all(x), emit_to_found, NULL);
	fake_turn(loop2);
	assert_int_equal(sio_nsp_delete(x), 0);
	turn();
	assert_story("no error 1");
}

static void fetch__silent_server__tells_what_there_is(void **state)
{
	bus.silent = true;
	sio_target_fetch(sio_nsp_all(io), tell_found, NULL);
	fake_advance(loop, 4999);
	assert_story("");
	fake_advance(loop, 1);
	assert_story("a here alone {}; 1 no answer in time");
	sio_target_fetch(sio_target_timeout(sio_nsp_all(io), 10), tell_found,
		NULL);
	fake_advance(loop, 10);
	assert_story("a here alone {}; 1 no answer in time");
}

static void change_b(int err, sio_remote *const *found, size_t n, void *user)
{
	assert_int_equal(n, 1);
	assert_null(sio_remote_socket(found[0]));
	sio_remote_join(found[0], "y");
	sio_remote_emit(found[0], "hi", "s", "b");
	sio_remote_emit_ack(found[0], 1000, tell_acks, NULL, "q", NULL);
}

static void fetch__of_the_other__can_be_changed(void **state)
{
	sio_target_fetch(sio_nsp_to(io, id_b), change_b, NULL);
	turn();
	assert_true(sio_socket_is_in(sio_nsp_find(io2, id_b), "y"));
	expect(b, "42[\"hi\",\"b\"]");
	expect(b, "420[\"q\"]");
	fake_ws_send(b, "430[\"yes\"]");
	turn();
	assert_story("[\"yes\"] of 1");
}

static void change__both_servers__joins_leaves_disconnects(void **state)
{
	sio_target_join_json(sio_nsp_all(io), json_pack("[s, s]", "x", "y"));
	assert_true(sio_socket_is_in(sio_nsp_find(io, id_a), "x"));
	assert_true(sio_socket_is_in(sio_nsp_find(io2, id_c), "y"));
	sio_target_leave(sio_nsp_to(io, id_c), "x");
	assert_false(sio_socket_is_in(sio_nsp_find(io2, id_c), "x"));
	sio_target_disconnect(sio_nsp_to(io, "x"), false);
	turn();
	expect(a, "41");
	expect(b, "41");
	expect_nothing(c);
	sio_target_disconnect(sio_target_flags(sio_nsp_all(io), SIO_LOCAL),
		true);
	turn();
	expect_open(c);
	bus.fails = true;
	assert_int_equal(sio_target_join(sio_nsp_all(io), "x"),
		SIO_ERR_ADAPTER);
	assert_int_equal(sio_target_disconnect(sio_nsp_all(io), true),
		SIO_ERR_ADAPTER);
}

/* -- server events ----------------------------------------------------------- */

static sio_event *kept;

static void on_server(sio_socket *s, sio_event *ev, void *user)
{
	assert_null(s);
	assert_null(sio_event_socket(ev));
	tell_event(s, ev, user);
	if (sio_event_wants_reply(ev)) {
		assert_int_equal(sio_event_reply(ev, "s, i", "yes", 1), 0);
		assert_int_equal(sio_event_reply(ev, "s", "again"),
			SIO_ERR_STATE);
	}
}

static void keep_event(sio_socket *s, sio_event *ev, void *user)
{
	kept = sio_event_ref(ev);
}

static void server_emit__reaches_the_other_only(void **state)
{
	sio_nsp_on_server_event(io, "hi", on_server, words("1:"));
	sio_nsp_on_server_event(io2, "hi", on_server, words("2:"));
	assert_int_equal(sio_nsp_server_emit(io, "hi", "{s:i}", "a", 1), 0);
	assert_story("");
	turn();
	assert_story("2:hi[{\"a\":1}]");
	assert_int_equal(sio_nsp_server_emit_ack(io, 0, tell_acks, NULL, "hi",
				 NULL),
		0);
	turn();
	assert_story("2:hi[]; [\"yes\"] of 1");
	sio_nsp_off_server_event(io2, "hi", on_server);
	sio_nsp_server_emit(io, "hi", NULL);
	turn();
	assert_story("");
	expect_nothing(b);
}

static void server_emit__answered_later__is_told_then(void **state)
{
	sio_nsp_on_server_event(io2, "hi", keep_event, NULL);
	sio_nsp_server_emit_ack(io, 1000, tell_acks, NULL, "hi", NULL);
	turn();
	assert_story("");
	assert_int_equal(sio_event_reply_text(kept, "nonsense", 8),
		SIO_ERR_INVALID);
	assert_int_equal(sio_event_reply_text(kept, "{\"x\":1},2", 9), 0);
	assert_story("");
	turn();
	assert_story("[{\"x\":1}] of 1");
	sio_event_unref(kept);
}

static void server_emit__not_answered__ends_with_the_time(void **state)
{
	sio_nsp_on_server_event(io2, "hi", keep_event, NULL);
	sio_nsp_server_emit_ack(io, 0, tell_acks, NULL, "hi", NULL);
	turn();
	fake_advance(loop, 5000);
	assert_story("no answer in time [] of 1");
	assert_int_equal(sio_event_reply(kept, "i", 1), 0);
	sio_event_unref(kept);
	turn();
	assert_story("");
}

static void delete_x(sio_socket *s, sio_event *ev, void *user)
{
	tell("deleted");
	sio_nsp_delete(sio_server_of(srv2, "/x"));
}

static void server_emit__handler_deletes_the_namespace__may(void **state)
{
	sio_nsp *x = sio_server_of(srv2, "/x");

	sio_server_of(srv, "/x");
	sio_nsp_on_server_event(x, "hi", delete_x, NULL);
	sio_nsp_on_server_event(x, "hi", on_server, words("then "));
	sio_nsp_server_emit(sio_server_of(srv, "/x"), "hi", NULL);
	turn();
	assert_story("deleted; then hi[]");
}

static void on_room_server(sio_socket *s, sio_event *ev, void *user)
{
	tell("%s %s", sio_nsp_name(sio_event_nsp(ev)), sio_event_name(ev));
	kept = sio_event_ref(ev);
}

/* As with everything that is registered with a parent. */
static void
server_emit__of_a_child__reaches_the_handlers_of_its_parent(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv2, "^/room-");

	assert_int_equal(sio_nsp_on_server_event(parent, "hi", on_room_server,
				 NULL),
		0);
	sio_server_of(srv2, "/room-1");
	sio_nsp_server_emit(sio_server_of(srv, "/room-1"), "hi", NULL);
	turn();
	assert_story("/room-1 hi");
	assert_null(sio_event_nsp(kept));
	sio_event_unref(kept);
	assert_null(sio_event_nsp(NULL));
}

/* -- rooms ------------------------------------------------------------------- */

static void rooms__joined_and_left__are_told_to_the_adapter(void **state)
{
	sio_socket *s = sio_nsp_find(io, id_a);

	assert_string_equal(bus.rooms, "+own +own +own ");
	bus.rooms[0] = '\0';
	sio_socket_join(s, "x");
	sio_socket_join_json(s, json_pack("[s, s]", "y", "z"));
	sio_socket_leave(s, "y");
	assert_string_equal(bus.rooms, "+x +y +z -y ");
	bus.rooms[0] = '\0';
	fake_ws_free(a);
	a = NULL;
	assert_string_equal(bus.rooms, "gone ");
}

/* -- recovery ---------------------------------------------------------------- */

/* In the place of a: a client of a server that recovers; its answer. */
/* Middleware is not asked again about who is back. */
static bool skips = true;

static void come_with_recovery(char pid[24])
{
	const char *text;

	fake_ws_free(a);
	sio_free_server();
	srv = sio_server_new_on(loop);
	io = sio_server_of(srv, "/");
	sio_server_set_option(srv, SIO_SERVE_CLIENT, 0);
	sio_server_set_recovery(srv, 1000, 0, skips);
	sio_server_set_adapter(srv, &fake_adapter, &bus);
	sio_server_listen(srv, NULL, 8080);
	a = sio_session();
	fake_ws_send(a, "40");
	text = fake_ws_next(a);
	assert_int_equal(sscanf(text,
				 "40{\"sid\":\"%20[^\"]\",\"pid\":\"%20[^\"]",
				 id_a, pid),
		2);
	sio_socket_join(sio_nsp_find(io, id_a), "x");
	json_object_set_new(sio_socket_shared_data(sio_nsp_find(io, id_a)), "n",
		json_integer(5));
	fake_ws_free(a);
	assert_int_equal(json_object_size(bus.sessions), 1);
}

/* Comes again; the answer is still to be read. */
static void come_again(const char *pid)
{
	char text[80];

	a = sio_session();
	snprintf(text, sizeof(text), "40{\"pid\":\"%s\",\"offset\":\"o\"}",
		pid);
	fake_ws_send(a, text);
}

static void expect_back(const char *pid)
{
	char text[120];

	snprintf(text, sizeof(text), "40{\"sid\":\"%s\",\"pid\":\"%s\"}", id_a,
		pid);
	expect(a, "42[\"missed\",1,\"offset-1\"]");
	expect(a, text);
	assert_true(sio_socket_recovered(sio_nsp_find(io, id_a)));
	assert_true(sio_socket_is_in(sio_nsp_find(io, id_a), "x"));
	assert_int_equal(json_integer_value(json_object_get(
				 sio_socket_shared_data(sio_nsp_find(io, id_a)),
				 "n")),
		5);
}

static void recovery__adapter_that_can__gives_it_back(void **state)
{
	char pid[24];

	come_with_recovery(pid);
	come_again(pid);
	expect_back(pid);
	/* what is sent to it alone goes through the adapter, which knows the
	 * offsets */
	bus.sent = 0;
	sio_socket_emit(sio_nsp_find(io, id_a), "x", NULL);
	fake_turn(loop);
	assert_int_equal(bus.sent, 1);
	expect(a, "42[\"x\"]");
}

static void refuse_twice(sio_socket *s, sio_next *next, void *user)
{
	unsigned *n = user;

	if (sio_socket_recovered(s) && (*n)++ < 2)
		sio_next_refuse(next, "no", NULL);
	else
		sio_next_pass(next);
}

/* It forgets the session when it gives it. */
static void recovery__refused_by_middleware__is_given_back(void **state)
{
	char pid[24];
	unsigned i, refused = 0;

	skips = false;
	come_with_recovery(pid);
	skips = true;
	sio_nsp_use(io, refuse_twice, &refused);
	for (i = 0; i < 2; i++) {
		come_again(pid);
		fake_turn(loop);
		expect(a, "44{\"message\":\"no\"}");
		fake_ws_free(a);
		assert_int_equal(json_object_size(bus.sessions), 1);
	}
	come_again(pid);
	expect_back(pid);
}

static void free_in_restore(sio_socket *s, json_t *saved, void *user)
{
	tell("restored");
	sio_free_server();
}

/* The adapter's answer comes from outside of the server. */
static void recovery__restore_hook_frees_the_server__may(void **state)
{
	char pid[24];

	come_with_recovery(pid);
	bus.holds = true;
	sio_nsp_on_recover(io, NULL, free_in_restore, NULL);
	come_again(pid);
	fake_adapter_restore(&bus, pid, bus.held);
	assert_story("restored");
}

static void recovery__what_is_no_event__does_not_reach_the_adapter(void **state)
{
	char pid[24];
	sio_socket *s;

	come_with_recovery(pid);
	come_again(pid);
	expect_back(pid);
	s = sio_nsp_find(io, id_a);
	bus.sent = 0;
	assert_int_equal(sio_socket_emit(s, "disconnect", NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_socket_emit_json(s, "x", NULL), SIO_ERR_INVALID);
	assert_int_equal(bus.sent, 0);
	expect_open(a);
}

static void recovery__adapter_that_takes_its_time__is_waited_for(void **state)
{
	char pid[24];

	come_with_recovery(pid);
	bus.holds = true;
	come_again(pid);
	/* kept until it is known who this is */
	sio_nsp_on_event(io, "early", tell_event, NULL);
	fake_ws_send(a, "42[\"early\"]");
	expect_nothing(a);
	fake_adapter_restore(&bus, pid, bus.held);
	assert_story("");
	fake_turn(loop);
	assert_story("early[]");
	expect_back(pid);
	/* gone before it is known */
	fake_ws_free(a);
	come_again(pid);
	fake_ws_free(a);
	fake_adapter_restore(&bus, pid, bus.held);
	/* nobody knows it any more */
	come_again(pid);
	fake_adapter_restore(&bus, "nobody", bus.held);
	fake_turn(loop);
	assert_non_null(strstr(fake_ws_next(a), "\"pid\""));
	expect_open(a);
}

static void recovery__adapter_fails__is_a_new_socket(void **state)
{
	char pid[24];

	come_with_recovery(pid);
	bus.fails = true;
	come_again(pid);
	fake_turn(loop);
	assert_non_null(strstr(fake_ws_next(a), "\"pid\""));
	assert_null(sio_nsp_find(io, id_a));
}

/* -- the adapter itself ------------------------------------------------------ */

static void set_adapter__wrong__is_refused(void **state)
{
	sio_server *fresh = sio_server_new();
	sio_adapter other = fake_adapter;

	assert_int_equal(sio_server_set_adapter(NULL, &fake_adapter, &bus),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_adapter(srv, &fake_adapter, &bus),
		SIO_ERR_STATE);
	other.version++;
	assert_int_equal(sio_server_set_adapter(fresh, &other, &bus),
		SIO_ERR_INVALID);
	other = fake_adapter;
	other.fetch = NULL;
	assert_int_equal(sio_server_set_adapter(fresh, &other, &bus),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_adapter(fresh, NULL, NULL),
		SIO_ERR_INVALID);
	sio_server_free(fresh);
}

static void set_adapter__fails_to_start__leaves_the_other(void **state)
{
	sio_server *fresh = sio_server_new();

	assert_int_equal(sio_server_set_adapter(fresh, &fake_adapter, NULL),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_run(fresh), SIO_ERR_INVALID);
	assert_null(sio_nsp_adapter(sio_server_of(fresh, "/")));
	assert_int_equal(sio_nsp_emit(sio_server_of(fresh, "/"), "x", NULL), 0);
	sio_server_free(fresh);
	assert_non_null(sio_nsp_adapter(io));
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(broadcast__rooms__reaches_both_servers),
		test(broadcast__local__stays_here),
		test(broadcast__wrong__is_not_sent_at_all),
		test(emit_acks__both_servers__are_waited_for),
		test(emit_acks__client_of_the_other_leaves__is_not_waited_for),
		test(emit_acks__local__does_not_wait_for_others),
		test(emit_acks__silent_server__ends_with_the_time),
		test(emit_acks__bus_fails__is_an_error),
		test(emit_acks__asker_is_freed__others_end_well),
		test(emit_acks__other_is_freed__its_clients_have_gone),
		test(fetch__both_servers__tells_of_copies),
		test(fetch__namespace_deleted_meanwhile__finds_what_it_had),
		test(fetch__silent_server__tells_what_there_is),
		test(fetch__of_the_other__can_be_changed),
		test(change__both_servers__joins_leaves_disconnects),
		test(server_emit__reaches_the_other_only),
		test(server_emit__answered_later__is_told_then),
		test(server_emit__not_answered__ends_with_the_time),
		test(server_emit__handler_deletes_the_namespace__may),
		test(server_emit__of_a_child__reaches_the_handlers_of_its_parent),
		test(rooms__joined_and_left__are_told_to_the_adapter),
		test(recovery__adapter_that_can__gives_it_back),
		test(recovery__refused_by_middleware__is_given_back),
		test(recovery__restore_hook_frees_the_server__may),
		test(recovery__what_is_no_event__does_not_reach_the_adapter),
		test(recovery__adapter_that_takes_its_time__is_waited_for),
		test(recovery__adapter_fails__is_a_new_socket),
		test(set_adapter__wrong__is_refused),
		test(set_adapter__fails_to_start__leaves_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
