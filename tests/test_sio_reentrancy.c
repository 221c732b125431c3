/* SPDX-License-Identifier: MIT */
/*
 * test_sio_reentrancy.c: callbacks that do the most awkward thing at the
 * most awkward place. Mostly it is the sanitizer that watches.
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

static struct fake_ws *ws[2];
static sio_socket *s[2];

/* The places of callbacks, and what may be done there. */
enum place {
	USE,
	CONNECTION,
	ANY,
	EVENT,
	OWN_EVENT,
	ACK,
	ACK_TIMEOUT,
	ACK_CLOSED,
	DISCONNECTING,
	DISCONNECT,
	USE_EVENT,
	REFUSED,
	OUTGOING,
	PLACES
};

enum deed {
	DISCONNECT_IT,
	CLOSE_IT,
	DISCONNECT_OTHER,
	CLOSE_ALL,
	ABORT_CONNECTION,
	REMOVE_HANDLERS,
	CLOSE_SERVER,
	FREE_SERVER,
	DEEDS
};

static const char *const place_names[] = { "use", "connection", "any", "event",
	"own event", "ack", "ack timeout", "ack closed", "disconnecting",
	"disconnect", "use event", "refused", "outgoing" };

static enum place where;
static enum deed what;
static int done;

static void callback(sio_socket *sock, sio_event *ev, void *user);

static void remove_handlers(sio_socket *sock)
{
	static const char *const names[] = { "e", "disconnect",
		"disconnecting" };
	size_t i;

	for (i = 0; i < 3; i++) {
		sio_nsp_off(io, names[i], callback);
		sio_socket_off(sock, names[i], callback);
	}
	sio_nsp_off(io, NULL, callback);
	sio_nsp_off_error(io, callback);
	sio_nsp_off_any_outgoing(io, callback);
	sio_nsp_off_connection(io, callback);
	sio_socket_off(sock, NULL, callback);
	sio_socket_off_any_outgoing(sock, NULL);
}

static void on_done(void *user)
{
	tell("server closed");
}

static void do_it(sio_socket *sock)
{
	switch (what) {
	case DISCONNECT_IT:
		sio_socket_disconnect(sock, false);
		break;
	case CLOSE_IT:
		sio_socket_disconnect(sock, true);
		break;
	case DISCONNECT_OTHER:
		sio_socket_disconnect(s[sock == s[0]], true);
		break;
	case CLOSE_ALL:
		sio_target_disconnect(sio_nsp_all(io), true);
		break;
	case ABORT_CONNECTION:
		eio_socket_abort(sio_socket_conn(sock),
			ENGINEIO_REASON_TRANSPORT_ERROR, "as a test");
		break;
	case REMOVE_HANDLERS:
		remove_handlers(sock);
		break;
	case CLOSE_SERVER:
		sio_server_close(srv, 100, on_done, NULL);
		break;
	case FREE_SERVER:
		sio_free_server();
		break;
	default:
		break;
	}
}

/* What every callback does first: the deed, if it is its turn; then it uses
 * all that may still be used. */
static void at(enum place place, sio_socket *sock, sio_event *ev)
{
	json_t *auth;

	if (place == where && !done) {
		done = 1;
		tell("%s", place_names[place]);
		do_it(sock);
	}
	sio_socket_emit(sock, "x", "o", json_object());
	sio_socket_join(sock, "room");
	sio_socket_broadcast(sock, "x", NULL);
	sio_event_reply(ev, NULL);
	auth = sio_socket_auth(sock);
	assert_non_null(auth);
	assert_int_equal(strlen(sio_socket_id(sock)), 20);
	if (ev)
		sio_event_args(ev);
}

static void callback(sio_socket *sock, sio_event *ev, void *user)
{
	at((enum place)(intptr_t)user, sock, ev);
}

static void use(sio_socket *sock, sio_next *next, void *user)
{
	at(USE, sock, NULL);
	sio_next_pass(next);
}

static void use_event(sio_socket *sock, sio_event *ev, sio_next *next,
	void *user)
{
	at(USE_EVENT, sock, ev);
	if (strcmp(sio_event_name(ev), "refused") == 0)
		sio_next_refuse(next, "no", json_object());
	else
		sio_next_pass(next);
}

static void on_ack(sio_socket *sock, int err, sio_event *answer, void *user)
{
	at(err == 0                              ? ACK
			: err == SIO_ERR_TIMEOUT ? ACK_TIMEOUT
						 : ACK_CLOSED,
		sock, answer);
}

#define place_of(p) ((void *)(intptr_t)(p))

static void build(void)
{
	sio_nsp_use(io, use, NULL);
	sio_nsp_on_connection(io, callback, place_of(CONNECTION));
	sio_nsp_on_connection(io, callback, place_of(CONNECTION));
	sio_nsp_on_any(io, callback, place_of(ANY));
	sio_nsp_on_event(io, "e", callback, place_of(EVENT));
	sio_nsp_on_event(io, "e", callback, place_of(EVENT));
	sio_nsp_use_event(io, use_event, NULL);
	sio_nsp_on_error(io, callback, place_of(REFUSED));
	sio_nsp_on_error(io, callback, place_of(REFUSED));
	sio_nsp_on_any_outgoing(io, callback, place_of(OUTGOING));
	sio_nsp_on_event(io, "disconnecting", callback,
		place_of(DISCONNECTING));
	sio_nsp_on_event(io, "disconnect", callback, place_of(DISCONNECT));
	sio_nsp_on_event(io, "disconnect", callback, place_of(DISCONNECT));
}

/* One client that lives through everything. */
static void live(int i)
{
	sio_socket *sockets[2];
	size_t n;

	ws[i] = sio_session();
	fake_ws_send(ws[i], "40{\"a\":1}");
	n = srv ? sio_nsp_sockets(io, sockets, 2) : 0;
	s[i] = n > 0 ? sio_socket_ref(sockets[n - 1]) : NULL;
	sio_socket_on(s[i], "e", callback, place_of(OWN_EVENT));
	sio_socket_on(s[i], "disconnect", callback, place_of(DISCONNECT));
	sio_socket_on_any_outgoing(s[i], callback, place_of(OUTGOING));
	sio_socket_emit_ack(s[i], 0, on_ack, NULL, "q", NULL);
	sio_socket_emit_ack(s[i], 50, on_ack, NULL, "q", NULL);
	sio_socket_emit_ack(s[i], 0, on_ack, NULL, "q", NULL);
	sio_socket_emit_ack(s[i], 5000, on_ack, NULL, "q", NULL);
}

static void speak(int i)
{
	char answer[8];

	snprintf(answer, sizeof(answer), "43%d[1]", i * 4);
	fake_ws_send(ws[i], "425[\"e\",1]");
	if (!fake_ws_is_closed(ws[i]))
		sio_send_together(ws[i], answer, "42[\"e\",2]",
			"422[\"refused\"]", "42[\"e\",3]", NULL);
	fake_advance(loop, 60);
	if (!fake_ws_is_closed(ws[i]))
		sio_send_together(ws[i], "42[\"e\"]", "41", "42[\"e\"]", NULL);
}

static void scene(enum place place, enum deed deed)
{
	int i;

	where = place;
	what = deed;
	done = 0;
	build();
	live(0);
	/* A server that is gone or going takes no second one. */
	if (srv &&
		!((place <= CONNECTION || place == OUTGOING) &&
			deed >= CLOSE_SERVER))
		live(1);
	else
		ws[1] = NULL;
	speak(0);
	if (ws[1])
		speak(1);
	fake_advance(loop, 200);
	assert_int_equal(done, 1);
	for (i = 0; i < 2; i++) {
		if (ws[i]) {
			sio_socket_emit(s[i], "x", NULL);
			sio_socket_unref(s[i]);
			fake_ws_free(ws[i]);
		}
		s[i] = NULL;
		ws[i] = NULL;
	}
	story();
}

static void every_deed__at_every_place__is_survived(void **state)
{
	int place, deed;

	for (place = 0; place < PLACES; place++) {
		for (deed = 0; deed < DEEDS; deed++) {
			sio_setup(state);
			scene((enum place)place, (enum deed)deed);
			sio_teardown(state);
		}
	}
}

/* -- some of them, looked at closely ------------------------------------------ */

static void disconnect_and_tell(sio_socket *sock, sio_event *ev, void *user)
{
	tell("event");
	sio_socket_disconnect(sock, false);
	tell("returned");
}

static void disconnect__inside_a_handler__is_told_after_it(void **state)
{
	struct fake_ws *client;

	sio_setup(state);
	sio_nsp_on_event(io, "a", disconnect_and_tell, NULL);
	sio_nsp_on_event(io, "a", tell_text, words("second handler"));
	sio_nsp_on_event(io, "disconnect", tell_text, words("disconnect"));
	client = sio_client("/", NULL);
	sio_send_together(client, "42[\"a\"]", "42[\"a\"]", NULL);
	assert_story("event; returned; second handler; disconnect");
	expect(client, "41");
	expect_open(client);
	fake_ws_free(client);
	sio_teardown(state);
}

static void disconnect__inside_on_any__stops_the_event(void **state)
{
	struct fake_ws *client;

	sio_setup(state);
	sio_nsp_on_any(io, disconnect_and_tell, NULL);
	sio_nsp_on_event(io, "a", tell_text, words("named"));
	client = sio_client("/", NULL);
	fake_ws_send(client, "42[\"a\"]");
	assert_story("event; returned");
	fake_ws_free(client);
	sio_teardown(state);
}

static void free_and_tell(sio_socket *sock, sio_event *ev, void *user)
{
	tell("freeing");
	sio_free_server();
	tell("freed");
	assert_false(sio_socket_is_connected(sock));
	assert_int_equal(sio_socket_emit(sock, "a", NULL), SIO_ERR_CLOSED);
}

static void free__inside_a_handler__says_goodbye_before_it_returns(void **state)
{
	struct fake_ws *a, *b;

	sio_setup(state);
	sio_nsp_on_event(io, "a", free_and_tell, NULL);
	sio_nsp_on_event(io, "a", tell_text, words("never"));
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	a = sio_client("/", NULL);
	b = sio_client("/", NULL);
	sio_send_together(a, "42[\"a\"]", "42[\"a\"]", NULL);
	assert_story("freeing; disconnect[\"server shutting down\"]; "
		     "disconnect[\"server shutting down\"]; freed");
	assert_true(fake_is_finished(a->c));
	assert_true(fake_is_finished(b->c));
	assert_int_equal(fake_open_conns(loop), 0);
	fake_ws_free(a);
	fake_ws_free(b);
	sio_teardown(state);
}

/* Nobody else has a reference to that socket. */
static void free__as_the_connection_is_told__works(void **state)
{
	struct fake_ws *client;

	sio_setup(state);
	sio_nsp_on_connection(io, free_and_tell, NULL);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	client = sio_session();
	fake_ws_send(client, "40");
	assert_story("freeing; disconnect[\"server shutting down\"]; freed");
	fake_ws_free(client);
	sio_teardown(state);
}

static sio_event *kept;

static void keep(sio_socket *sock, sio_event *ev, void *user)
{
	assert_true(sio_event_wants_reply(ev));
	kept = sio_event_ref(ev);
	if (user)
		sio_free_server();
}

/* What a socket and its event say once the server has been freed. */
static void expect_gone(sio_socket *sock, sio_event *ev)
{
	assert_false(sio_event_wants_reply(ev));
	assert_int_equal(sio_event_reply(ev, "o", json_object()),
		SIO_ERR_CLOSED);
	assert_int_equal(sio_event_reply_text(ev, "1", 1), SIO_ERR_CLOSED);
	assert_null(sio_socket_conn(sock));
	assert_null(sio_socket_nsp(sock));
	assert_null(sio_socket_header(sock, "host"));
	assert_null(sio_socket_handshake(sock));
	assert_string_equal(sio_socket_address(sock), "");
	assert_string_equal(sio_socket_transport(sock), "");
}

static void free_and_look(sio_socket *sock, sio_event *ev, void *user)
{
	sio_free_server();
	expect_gone(sock, ev);
	tell("looked");
}

/* Its connection can be looked at as long as a handler is told. */
static void look(sio_socket *sock, sio_event *ev, void *user)
{
	assert_non_null(sio_socket_conn(sock));
	assert_false(sio_event_wants_reply(kept));
	tell("looked");
}

static void event__of_a_server_freed_in_its_handler__is_dead(void **state)
{
	struct fake_ws *client;

	sio_setup(state);
	sio_nsp_on_event(io, "a", free_and_look, NULL);
	client = sio_client("/", NULL);
	fake_ws_send(client, "421[\"a\"]");
	assert_story("looked");
	fake_ws_free(client);
	sio_teardown(state);
}

static void event__kept_beyond_the_server__is_dead(void **state)
{
	struct fake_ws *client;
	int inside;

	for (inside = 0; inside < 2; inside++) {
		sio_setup(state);
		sio_nsp_on_event(io, "a", keep, inside ? words("free") : NULL);
		client = sio_client("/", NULL);
		fake_ws_send(client, "421[\"a\"]");
		if (!inside)
			sio_free_server();
		expect_gone(sio_event_socket(kept), kept);
		sio_event_unref(kept);
		fake_ws_free(client);
		sio_teardown(state);
	}
}

static void event__kept_beyond_its_connection__wants_no_reply(void **state)
{
	struct fake_ws *client;

	sio_setup(state);
	sio_nsp_on_event(io, "a", keep, NULL);
	sio_nsp_on_event(io, "disconnect", look, NULL);
	client = sio_client("/", NULL);
	fake_ws_send(client, "421[\"a\"]");
	eio_socket_abort(sio_socket_conn(sio_event_socket(kept)),
		ENGINEIO_REASON_TRANSPORT_ERROR, "as a test");
	/* dead already, though nobody has been told */
	assert_false(sio_event_wants_reply(kept));
	assert_int_equal(sio_event_reply(kept, NULL), SIO_ERR_CLOSED);
	fake_turn(loop);
	assert_story("looked");
	expect_gone(sio_event_socket(kept), kept);
	sio_event_unref(kept);
	fake_ws_free(client);
	sio_teardown(state);
}

static void event__kept_beyond_its_namespace__can_be_answered(void **state)
{
	struct fake_ws *client;

	sio_setup(state);
	sio_nsp_on_event(io, "a", keep, NULL);
	client = sio_client("/", NULL);
	fake_ws_send(client, "421[\"a\"]");
	sio_socket_disconnect(sio_event_socket(kept), false);
	fake_turn(loop);
	expect(client, "41");
	assert_true(sio_event_wants_reply(kept));
	assert_int_equal(sio_event_reply(kept, NULL), 0);
	sio_event_unref(kept);
	fake_turn(loop);
	expect(client, "431[]");
	fake_ws_free(client);
	sio_teardown(state);
}

static void free_in_ack(sio_socket *sock, int err, sio_event *answer,
	void *user)
{
	tell_ack(sock, err, answer, user);
	free_and_tell(sock, NULL, NULL);
}

static void free_once(sio_socket *sock, sio_event *ev, void *user)
{
	bool *done_before = user;

	if (!*done_before) {
		*done_before = true;
		free_and_tell(sock, ev, NULL);
	}
}

/* A client with an ack outstanding leaves, and somebody is left. */
static void leave(void)
{
	struct fake_ws *leaves, *stays;
	char sid[24];

	sio_nsp_on_event(io, "disconnecting", tell_text,
		words("disconnecting"));
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	leaves = sio_client("/", sid);
	stays = sio_client("/", NULL);
	sio_socket_emit_ack(sio_nsp_find(io, sid), 0, tell_ack, words("1st "),
		"q", NULL);
	fake_ws_send(leaves, "41");
	fake_turn(loop);
	fake_ws_free(leaves);
	fake_ws_free(stays);
}

#define OTHER_LEAVES \
	"disconnecting; disconnect[\"server shutting down\"]; freed"

static void free__inside_disconnecting__tells_disconnect_first(void **state)
{
	bool done_before = false;

	sio_setup(state);
	sio_nsp_on_event(io, "disconnecting", free_once, &done_before);
	leave();
	/* of "disconnecting" no other handler is called */
	assert_story(
		"freeing; 1st ack connection closed; "
		"disconnect[\"client namespace disconnect\"]; " OTHER_LEAVES);
	sio_teardown(state);
}

static void free__inside_disconnect__calls_none_behind_it(void **state)
{
	bool done_before = false;

	sio_setup(state);
	sio_nsp_on_event(io, "disconnect", free_once, &done_before);
	leave();
	assert_story(
		"disconnecting; 1st ack connection closed; freeing; " OTHER_LEAVES);
	sio_teardown(state);
}

static void free__inside_an_ack__completes_the_others_first(void **state)
{
	char sid[24];
	struct fake_ws *client;

	sio_setup(state);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	client = sio_client("/", sid);
	sio_socket_emit_ack(sio_nsp_find(io, sid), 0, free_in_ack,
		words("1st "), "q", NULL);
	sio_socket_emit_ack(sio_nsp_find(io, sid), 0, tell_ack, words("2nd "),
		"q", NULL);
	fake_ws_free(client);
	assert_story("1st ack connection closed; freeing; "
		     "2nd ack connection closed; "
		     "disconnect[\"transport close\",\"connection closed\"]; "
		     "freed");
	sio_teardown(state);
}

static void free_in_done(void *user)
{
	tell("done");
	sio_free_server();
}

static void free__when_the_server_is_closed__works(void **state)
{
	struct fake_ws *client;

	sio_setup(state);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	client = sio_client("/", NULL);
	sio_server_close(srv, 1000, free_in_done, NULL);
	fake_turn(loop);
	fake_ws_free(client);
	fake_advance(loop, 1000);
	assert_story("disconnect[\"server shutting down\"]; done");
	sio_teardown(state);
}

static void emit_to_all(sio_socket *sock, sio_event *ev, void *user)
{
	sio_nsp_emit(io, "bye", "s", sio_socket_id(sock));
	sio_socket_disconnect(sock, false);
}

static void disconnects__that_cause_broadcasts__end(void **state)
{
	struct fake_ws *client[3];
	int i;

	sio_setup(state);
	sio_nsp_on_event(io, "disconnect", emit_to_all, NULL);
	for (i = 0; i < 3; i++)
		client[i] = sio_client("/", NULL);
	sio_target_disconnect(sio_nsp_all(io), false);
	fake_turn(loop);
	for (i = 0; i < 3; i++) {
		expect(client[i], "41");
		expect_open(client[i]);
		fake_ws_free(client[i]);
	}
	sio_teardown(state);
}

static void free_data(void *data)
{
	tell("data freed");
}

static void socket__held_beyond_the_server__is_closed(void **state)
{
	struct fake_ws *client;
	sio_socket *held;
	char sid[24];

	sio_setup(state);
	client = sio_client("/", sid);
	held = sio_socket_ref(sio_nsp_find(io, sid));
	sio_socket_set_data(held, words("x"), free_data);
	sio_free_server();
	fake_ws_free(client);
	assert_string_equal(sio_socket_id(held), sid);
	assert_int_equal(sio_socket_emit(held, "a", NULL), SIO_ERR_CLOSED);
	assert_int_equal(sio_socket_join(held, "a"), SIO_ERR_CLOSED);
	assert_int_equal(sio_socket_on(held, "a", tell_event, NULL),
		SIO_ERR_CLOSED);
	assert_null(sio_socket_nsp(held));
	assert_null(sio_socket_conn(held));
	sio_socket_disconnect(held, true);
	assert_story("");
	sio_socket_unref(held);
	assert_story("data freed");
	sio_teardown(state);
}

/* The header forbids it to call the library; so much is borne nevertheless. */
static void free_with_data(void *data)
{
	tell("freed");
	sio_free_server();
}

static sio_event *held_event;

static void hold_event(sio_socket *sock, sio_event *ev, void *user)
{
	held_event = sio_event_ref(ev);
}

static void event__last_of_its_socket__may_free_the_server(void **state)
{
	struct fake_ws *client;
	char sid[24];

	sio_setup(state);
	client = sio_client("/", sid);
	sio_nsp_on_event(io, "e", hold_event, NULL);
	sio_socket_set_data(sio_nsp_find(io, sid), words("x"), free_with_data);
	fake_ws_send(client, "42[\"e\"]");
	fake_ws_send(client, "41");
	assert_story("");
	sio_event_unref(held_event);
	assert_story("freed");
	fake_ws_free(client);
	sio_teardown(state);
}

static void ask_nobody(const char *name, json_t *auth, sio_next *next,
	void *user)
{
	tell("asked");
}

static void parent__deleted_while_it_is_asked__may_free_the_server(void **state)
{
	struct fake_ws *client;
	sio_nsp *parent;

	sio_setup(state);
	parent = sio_server_of_predicate(srv, ask_nobody, NULL);
	sio_server_of_predicate(srv, ask_nobody, NULL);
	sio_nsp_set_data(parent, words("x"), free_with_data);
	client = sio_session();
	fake_ws_send(client, "40/x,");
	assert_story("asked");
	sio_nsp_delete(parent);
	fake_turn(loop);
	assert_story("freed");
	fake_ws_free(client);
	sio_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_deed__at_every_place__is_survived),
		cmocka_unit_test(
			disconnect__inside_a_handler__is_told_after_it),
		cmocka_unit_test(disconnect__inside_on_any__stops_the_event),
		cmocka_unit_test(
			free__inside_a_handler__says_goodbye_before_it_returns),
		cmocka_unit_test(free__as_the_connection_is_told__works),
		cmocka_unit_test(
			free__inside_disconnecting__tells_disconnect_first),
		cmocka_unit_test(free__inside_disconnect__calls_none_behind_it),
		cmocka_unit_test(
			free__inside_an_ack__completes_the_others_first),
		cmocka_unit_test(
			event__of_a_server_freed_in_its_handler__is_dead),
		cmocka_unit_test(event__kept_beyond_the_server__is_dead),
		cmocka_unit_test(
			event__kept_beyond_its_connection__wants_no_reply),
		cmocka_unit_test(
			event__kept_beyond_its_namespace__can_be_answered),
		cmocka_unit_test(free__when_the_server_is_closed__works),
		cmocka_unit_test(disconnects__that_cause_broadcasts__end),
		cmocka_unit_test(socket__held_beyond_the_server__is_closed),
		cmocka_unit_test(
			event__last_of_its_socket__may_free_the_server),
		cmocka_unit_test(
			parent__deleted_while_it_is_asked__may_free_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
