/* SPDX-License-Identifier: MIT */
/*
 * test_sio_recovery.c: connection state recovery: clients that come back.
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

#include <socketio/adapter.h>
#include <socketio/parser.h>

#include "fake_sio.h"

/* A client that keeps what the stock client keeps. */
struct visitor {
	struct fake_ws *ws;
	char sid[24], pid[24], offset[64];
	bool recovered;
	char before[500]; /* what came in front of the answer */
};

static struct visitor a, b;

static int setup_deaf(void **state)
{
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	sio_setup_deaf(state);
	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, true), 0);
	return 0;
}

static int setup(void **state)
{
	setup_deaf(state);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	return 0;
}

static int teardown(void **state)
{
	fake_ws_free(a.ws);
	fake_ws_free(b.ws);
	return sio_teardown(state);
}

/* An event as the program sent it; its offset, a text at its end, is the
 * visitor's from now on. */
static const char *take(struct visitor *v, char out[200])
{
	const char *text = fake_ws_next(v->ws), *mark;

	out[0] = '\0';
	if (!text)
		return out;
	mark = strrchr(text, ',');
	if (!mark || mark[1] != '"') {
		snprintf(out, 200, "%s without", text);
		return out;
	}
	snprintf(v->offset, sizeof(v->offset), "%.*s",
		(int)strcspn(mark + 2, "\""), mark + 2);
	snprintf(out, 200, "%.*s]", (int)(mark - text), text);
	return out;
}

#define assert_event(visitor, text) \
	do { \
		char got[200]; \
		assert_string_equal(take(visitor, got), text); \
	} while (0)
#define assert_no_event(visitor) assert_null(fake_ws_next((visitor)->ws))

/* "40{...}": whether it is one; ids go to the visitor. */
static bool take_welcome(struct visitor *v, const char *text, const char *nsp)
{
	char pid[24] = "", form[80];

	snprintf(form, sizeof(form),
		"40%s%s{\"sid\":\"%%20[^\"]\",\"pid\":"
		"\"%%20[^\"]\"}",
		strcmp(nsp, "/") ? nsp : "", strcmp(nsp, "/") ? "," : "");
	if (sscanf(text, form, v->sid, pid) != 2)
		return false;
	v->recovered = *v->pid && strcmp(v->pid, pid) == 0;
	memcpy(v->pid, pid, sizeof(pid));
	return true;
}

static void note_before(struct visitor *v, const char *text)
{
	size_t n = strlen(v->before);
	const char *mark = strrchr(text, ',');

	if (mark && mark[1] == '"')
		snprintf(v->offset, sizeof(v->offset), "%.*s",
			(int)strcspn(mark + 2, "\""), mark + 2);
	snprintf(v->before + n, sizeof(v->before) - n, "%.*s ",
		mark ? (int)(mark - text) : (int)strlen(text), text);
}

/* Reads up to the answer. */
static void read_welcome(struct visitor *v, const char *nsp)
{
	const char *text;

	v->before[0] = '\0';
	for (text = fake_ws_next(v->ws); text; text = fake_ws_next(v->ws)) {
		if (take_welcome(v, text, nsp))
			return;
		note_before(v, text);
	}
	fail_msg("no answer to CONNECT");
}

/* CONNECT on a new connection, as the stock client writes it. */
static void ask_in(struct visitor *v, const char *nsp)
{
	const char *comma = strcmp(nsp, "/") ? "," : "";
	char text[300];

	nsp = *comma ? nsp : "";
	if (*v->pid && *v->offset)
		snprintf(text, sizeof(text),
			"40%s%s{\"pid\":\"%s\",\"offset\":\"%s\"}", nsp, comma,
			v->pid, v->offset);
	else if (*v->pid)
		snprintf(text, sizeof(text), "40%s%s{\"pid\":\"%s\"}", nsp,
			comma, v->pid);
	else
		snprintf(text, sizeof(text), "40%s%s", nsp, comma);
	v->ws = sio_session();
	fake_ws_send(v->ws, text);
}

static void come_to(struct visitor *v, const char *nsp)
{
	ask_in(v, nsp);
	read_welcome(v, nsp);
}

static void come(struct visitor *v)
{
	come_to(v, "/");
}

static void drop(struct visitor *v)
{
	fake_ws_free(v->ws);
	v->ws = NULL;
}

static void set_offset(struct visitor *v, const char *text)
{
	snprintf(v->offset, sizeof(v->offset), "%s", text);
}

static sio_socket *socket_of(struct visitor *v)
{
	return sio_nsp_find(io, v->sid);
}

/* -- hooks ------------------------------------------------------------------- */

static json_t *save(sio_socket *s, void *user)
{
	tell("saved");
	return json_pack("[s*]", (const char *)sio_socket_data(s));
}

static void restore(sio_socket *s, json_t *saved, void *user)
{
	const char *text = json_string_value(json_array_get(saved, 0));

	tell("restored %s", text ? text : "(null)");
}

/* -- what is written --------------------------------------------------------- */

static void recovery__events__end_with_an_offset(void **state)
{
	char first[64], sid[24];

	come(&a);
	assert_int_equal(strlen(a.pid), 20);
	assert_string_not_equal(a.pid, a.sid);
	assert_false(sio_socket_recovered(socket_of(&a)));
	sio_nsp_emit(io, "all", NULL);
	sio_socket_emit(socket_of(&a), "own", "i", 1);
	fake_turn(loop);
	assert_event(&a, "42[\"all\"]");
	memcpy(first, a.offset, sizeof(first));
	assert_event(&a, "42[\"own\",1]");
	assert_string_not_equal(first, a.offset);
	/* but not these */
	sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_VOLATILE), "v",
		"i", 1);
	fake_turn(loop);
	expect(a.ws, "42[\"v\",1]");
	sio_socket_emit_ack(socket_of(&a), 0, tell_ack, NULL, "q", "i", 1);
	fake_turn(loop);
	expect(a.ws, "420[\"q\",1]");
	/* bytes come before it */
	sio_nsp_emit(io, "b", "o", sio_binary("xy", 2));
	fake_turn(loop);
	assert_event(&a, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
	expect_binary(a.ws, "xy", 2);
	memcpy(sid, a.sid, sizeof(sid));
	drop(&a);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.sid, sid);
}

/* -- coming back ------------------------------------------------------------- */

static void tell_connection(sio_socket *s, sio_event *ev, void *user)
{
	tell("%s", sio_socket_recovered(s) ? "back" : "new");
}

static void recovery__missed__comes_before_the_answer(void **state)
{
	sio_nsp_on_connection(io, tell_connection, NULL);
	come(&a);
	come(&b);
	sio_socket_join(socket_of(&a), "x");
	sio_socket_join(socket_of(&a), "y");
	json_object_set_new(sio_socket_shared_data(socket_of(&a)), "n",
		json_integer(7));
	sio_nsp_emit(io, "seen", NULL);
	fake_turn(loop);
	assert_event(&a, "42[\"seen\"]");
	drop(&a);
	assert_null(socket_of(&a));
	sio_nsp_emit(io, "1", NULL);
	sio_target_emit(sio_nsp_to(io, "x"), "2", "s", "text");
	sio_target_emit(sio_nsp_to(io, "z"), "not for it", NULL);
	sio_target_emit(sio_nsp_except(io, "y"), "nor this", NULL);
	sio_target_emit(sio_nsp_to(io, a.sid), "3", NULL);
	sio_target_emit(sio_socket_others(socket_of(&b)), "4", NULL);
	sio_target_emit(sio_target_to(sio_nsp_to(io, "z"), "y"), "5", NULL);
	sio_target_emit(sio_target_flags(sio_nsp_all(io), SIO_VOLATILE), "v",
		NULL);
	assert_story("new; new");
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before,
		"42[\"1\" 42[\"2\",\"text\" 42[\"3\" 42[\"4\" 42[\"5\" ");
	assert_story("back");
	assert_true(sio_socket_is_in(socket_of(&a), "x"));
	assert_true(sio_socket_is_in(socket_of(&a), "y"));
	assert_int_equal(json_integer_value(json_object_get(
				 sio_socket_shared_data(socket_of(&a)), "n")),
		7);
	/* and once more, with what comes now */
	sio_nsp_emit(io, "6", NULL);
	fake_turn(loop);
	drop(&a);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"6\" ");
	drop(&a);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "");
}

/* The official server does not recover it. */
static void recovery__no_event_before__works(void **state)
{
	come(&a);
	come(&b);
	assert_string_equal(a.offset, "");
	drop(&a);
	sio_nsp_emit(io, "missed", NULL);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"missed\" ");
	/* one that was sent, but lost */
	sio_socket_join(socket_of(&b), "b");
	sio_target_emit(sio_nsp_to(io, "b"), "lost", NULL);
	drop(&b);
	sio_target_emit(sio_nsp_to(io, "b"), "missed too", NULL);
	come(&b);
	assert_true(b.recovered);
	/* what was sent since it came counts: it has seen nothing at all */
	assert_string_equal(b.before,
		"42[\"missed\" 42[\"lost\" 42[\"missed too\" ");
}

static void recovery__lost_on_the_way__comes_again(void **state)
{
	come(&a);
	sio_nsp_emit(io, "seen", NULL);
	fake_turn(loop);
	assert_event(&a, "42[\"seen\"]");
	sio_nsp_emit(io, "lost", NULL);
	fake_turn(loop);
	drop(&a);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"lost\" ");
}

/* A stock client takes any text at the end of an event for its offset. */
static void recovery__text_behind_a_volatile_event__does_no_harm(void **state)
{
	sio_target *t;

	come(&a);
	sio_nsp_emit(io, "seen", NULL);
	t = sio_target_flags(sio_nsp_all(io), SIO_VOLATILE);
	fake_turn(loop);
	assert_event(&a, "42[\"seen\"]");
	sio_target_emit(t, "v", "s", "hello");
	fake_turn(loop);
	expect(a.ws, "42[\"v\",\"hello\"]");
	set_offset(&a, "hello");
	drop(&a);
	sio_nsp_emit(io, "missed", NULL);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"missed\" ");
	/* even its name, without arguments */
	sio_target_emit(sio_target_flags(sio_socket_self(socket_of(&a)),
				SIO_VOLATILE),
		"tick", NULL);
	fake_turn(loop);
	expect(a.ws, "42[\"tick\"]");
	set_offset(&a, "tick");
	drop(&a);
	come(&a);
	assert_true(a.recovered);
	/* a text nobody sent */
	set_offset(&a, "nonsense");
	drop(&a);
	come(&a);
	assert_false(a.recovered);
}

static void
recovery__stale_offset_of_another_session__counts_as_none(void **state)
{
	come(&a);
	sio_nsp_emit(io, "old", NULL);
	fake_turn(loop);
	assert_event(&a, "42[\"old\"]");
	/* it leaves by itself and comes back; the client keeps its offset */
	fake_ws_send(a.ws, "41");
	drop(&a);
	sio_nsp_emit(io, "not for anybody", NULL);
	come(&a);
	assert_false(a.recovered);
	drop(&a);
	sio_nsp_emit(io, "missed", NULL);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"missed\" ");
}

/* -- not coming back --------------------------------------------------------- */

static void assert_new(struct visitor *v)
{
	char sid[24];

	memcpy(sid, v->sid, sizeof(sid));
	come(v);
	assert_false(v->recovered);
	assert_string_not_equal(v->sid, sid);
	assert_string_equal(v->before, "");
}

static void recovery__wished_for_end__is_not_recovered(void **state)
{
	come(&a);
	fake_ws_send(a.ws, "41");
	drop(&a);
	assert_new(&a);
	sio_socket_disconnect(socket_of(&a), false);
	fake_turn(loop);
	drop(&a);
	assert_new(&a);
	sio_socket_disconnect(socket_of(&a), true);
	fake_turn(loop);
	drop(&a);
	assert_new(&a);
}

static void recovery__too_late__is_a_new_socket(void **state)
{
	come(&a);
	drop(&a);
	fake_advance(loop, 119999);
	come(&a);
	assert_true(a.recovered);
	drop(&a);
	fake_advance(loop, 120000);
	assert_new(&a);
}

static void recovery__pid__is_used_once(void **state)
{
	struct visitor thief;

	come(&a);
	drop(&a);
	come(&a);
	assert_true(a.recovered);
	drop(&a);
	thief = a;
	come(&a);
	assert_true(a.recovered);
	drop(&a);
	come(&a);
	/* who knows an old pid takes nothing while its owner is there but
	 * its place */
	memset(thief.pid, 'x', 20);
	assert_new(&thief);
	drop(&thief);
}

static void recovery__strange_wishes__are_new_sockets(void **state)
{
	static const char *const wishes[] = { "{\"pid\":1,\"offset\":\"x\"}",
		"{\"pid\":\"%s\",\"offset\":1}",
		"{\"pid\":\"%s\",\"offset\":null}", "{\"pid\":\"%s\\u0000\"}",
		"{\"pid\":\"\"}", "{\"pid\":null}", "{\"offset\":\"x\"}" };
	char auth[100], text[110];
	size_t i;

	come(&a);
	drop(&a);
	for (i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		snprintf(auth, sizeof(auth), wishes[i], a.pid);
		snprintf(text, sizeof(text), "40%s", auth);
		b.ws = sio_session();
		fake_ws_send(b.ws, text);
		memcpy(b.pid, a.pid, sizeof(b.pid));
		read_welcome(&b, "/");
		assert_false(b.recovered);
		drop(&b);
	}
	come(&a);
	assert_true(a.recovered);
}

static void recovery__another_namespace__has_its_own(void **state)
{
	sio_server_of(srv, "/x");
	come(&a);
	sio_nsp_emit(sio_server_of(srv, "/x"), "other", NULL);
	drop(&a);
	sio_nsp_emit(sio_server_of(srv, "/x"), "other", NULL);
	sio_nsp_emit(io, "own", NULL);
	b = a;
	come_to(&b, "/x");
	assert_false(b.recovered);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"own\" ");
	/* and in it one comes back too */
	drop(&b);
	sio_nsp_emit(sio_server_of(srv, "/x"), "more", NULL);
	come_to(&b, "/x");
	assert_true(b.recovered);
	assert_string_equal(b.before, "42/x,[\"more\" ");
}

static void recovery__dynamic_namespace__stays_as_long(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/dyn-");

	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
	sio_nsp_on_recover(parent, save, restore, NULL);
	come_to(&a, "/dyn-1");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 2);
	drop(&a);
	assert_story("saved");
	sio_nsp_emit(parent, "missed", NULL);
	come_to(&a, "/dyn-1");
	assert_true(a.recovered);
	assert_string_equal(a.before, "42/dyn-1,[\"missed\" ");
	assert_story("restored (null)");
	drop(&a);
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 2);
	fake_advance(loop, 130000);
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
	/* one whose client has said goodbye goes at once */
	come_to(&b, "/dyn-2");
	fake_ws_send(b.ws, "41/dyn-2,");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
}

static void count_end(void *data)
{
	tell("end of %s", (const char *)data);
}

/* Room is made while the namespaces are walked. */
static void recovery__room_made_by_a_broadcast__children_go_later(void **state)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/dyn-");
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	sio_server_set_recovery(srv, 120000, 3500, true);
	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
	sio_server_listen(srv, NULL, 8080);
	come_to(&a, "/dyn-1");
	come_to(&b, "/dyn-2");
	sio_nsp_set_data(sio_server_of(srv, "/dyn-1"), words("1"), count_end);
	sio_nsp_set_data(sio_server_of(srv, "/dyn-2"), words("2"), count_end);
	drop(&a);
	drop(&b);
	fake_advance(loop, 1);
	assert_int_equal(sio_nsp_emit(parent, "x", "[s, s, s]", text, text,
				 text),
		0);
	assert_story("");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 3);
	fake_turn(loop);
	assert_story("end of 1; end of 2");
	assert_int_equal(sio_server_namespaces(srv, NULL, 0), 1);
}

/* Otherwise it would come back again and again. */
static void recovery__missed_more_than_its_queue__is_a_new_socket(void **state)
{
	unsigned i;

	come(&a);
	drop(&a);
	sio_server_set_option(srv, SIO_QUEUE_PACKETS, 3);
	for (i = 0; i < 9; i++)
		sio_nsp_emit(io, "x", NULL);
	ask_in(&a, "/");
	fake_turn(loop);
	assert_true(fake_ws_is_closed(a.ws));
	drop(&a);
	come(&a);
	assert_false(a.recovered);
}

static void recovery__missed_and_refused__is_a_new_socket(void **state)
{
	sio_server_set_option(srv, SIO_QUEUE_POLICY, ENGINEIO_QUEUE_REFUSE);
	recovery__missed_more_than_its_queue__is_a_new_socket(state);
}

static void recovery__namespace_deleted__takes_what_was_kept(void **state)
{
	sio_nsp *x = sio_server_of(srv, "/x");

	come_to(&a, "/x");
	drop(&a);
	sio_nsp_emit(x, "missed", NULL);
	assert_int_equal(sio_nsp_delete(x), 0);
	sio_server_of(srv, "/x");
	come_to(&a, "/x");
	assert_false(a.recovered);
	assert_string_equal(a.before, "");
}

/* -- a client that is faster than the end of its old connection --------------- */

static void recovery__old_connection_still_there__is_taken_over(void **state)
{
	struct visitor old;

	sio_nsp_on_connection(io, tell_connection, NULL);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	come(&a);
	assert_story("new");
	old = a;
	sio_nsp_emit(io, "lost", NULL);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"lost\" ");
	assert_story("disconnect[\"transport close\"]; back");
	assert_string_equal(a.sid, old.sid);
	assert_true(fake_ws_is_closed(old.ws));
	fake_ws_free(old.ws);
	assert_int_equal(sio_nsp_count(io, NULL), 1);
	expect_open(a.ws);
}

static void free_all(sio_socket *s, sio_event *ev, void *user)
{
	sio_free_server();
	tell("freed");
}

static void recovery__freed_while_it_is_taken_over__ends_well(void **state)
{
	struct visitor old;

	sio_nsp_on_event(io, "disconnect", free_all, NULL);
	come(&a);
	old = a;
	ask_in(&a, "/");
	fake_turn(loop);
	assert_story("freed");
	fake_ws_free(old.ws);
	assert_true(fake_ws_is_closed(a.ws));
}

/* -- middleware -------------------------------------------------------------- */

static sio_next *held;

static void hold(sio_socket *s, sio_next *next, void *user)
{
	tell("asked about %s, who is %s in x",
		sio_socket_recovered(s) ? "one who is back" : "a new one",
		sio_socket_is_in(s, "x") ? "still" : "not");
	held = next;
}

static void recovery__middleware__is_skipped(void **state)
{
	sio_nsp_use(io, hold, NULL);
	ask_in(&a, "/");
	assert_story("asked about a new one, who is not in x");
	sio_next_pass(held);
	fake_turn(loop);
	read_welcome(&a, "/");
	drop(&a);
	come(&a);
	assert_true(a.recovered);
	assert_story("");
}

static void recovery__middleware_asked_again__misses_nothing(void **state)
{
	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, false), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	come(&a);
	sio_socket_join(socket_of(&a), "x");
	sio_nsp_use(io, hold, NULL);
	drop(&a);
	sio_nsp_emit(io, "1", NULL);
	ask_in(&a, "/");
	assert_story("asked about one who is back, who is still in x");
	sio_target_emit(sio_nsp_to(io, "x"), "2", NULL);
	fake_turn(loop);
	expect_nothing(a.ws);
	sio_next_pass(held);
	fake_turn(loop);
	read_welcome(&a, "/");
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"1\" 42[\"2\" ");
	/* lost again before it was let in */
	drop(&a);
	ask_in(&a, "/");
	drop(&a);
	story();
	ask_in(&a, "/");
	assert_story("asked about one who is back, who is still in x");
	sio_next_refuse(held, "no", NULL);
	fake_turn(loop);
	expect(a.ws, "44{\"message\":\"no\"}");
}

/* With a fresh token, say, on the same connection or on another. */
static void recovery__refused_by_middleware__may_try_again(void **state)
{
	char text[200];

	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, false), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	sio_nsp_on_recover(io, save, restore, NULL);
	come(&a);
	sio_socket_join(socket_of(&a), "x");
	sio_socket_set_data(socket_of(&a), words("data"), NULL);
	sio_nsp_use(io, hold, NULL);
	drop(&a);
	assert_story("saved");
	sio_nsp_emit(io, "1", NULL);
	ask_in(&a, "/");
	assert_story("restored data; "
		     "asked about one who is back, who is still in x");
	sio_next_refuse(held, "no", NULL);
	fake_turn(loop);
	expect(a.ws, "44{\"message\":\"no\"}");
	expect_nothing(a.ws);
	/* what middleware does with a socket that it refuses is not kept */
	drop(&a);
	sio_target_emit(sio_nsp_to(io, "x"), "2", NULL);
	ask_in(&a, "/");
	assert_story("restored data; "
		     "asked about one who is back, who is still in x");
	sio_next_refuse(held, "no", NULL);
	fake_turn(loop);
	expect(a.ws, "44{\"message\":\"no\"}");
	snprintf(text, sizeof(text), "40{\"pid\":\"%s\"}", a.pid);
	fake_ws_send(a.ws, text);
	assert_story("restored data; "
		     "asked about one who is back, who is still in x");
	sio_next_pass(held);
	fake_turn(loop);
	read_welcome(&a, "/");
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"1\" 42[\"2\" ");
	assert_story("");
}

/* Its time does not begin anew. */
static void recovery__refused_again_and_again__ends_in_time(void **state)
{
	unsigned i;

	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, false), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	come(&a);
	sio_socket_join(socket_of(&a), "x");
	sio_nsp_use(io, hold, NULL);
	drop(&a);
	for (i = 0; i < 4; i++) {
		ask_in(&a, "/");
		assert_story("asked about one who is back, who is still in x");
		if (i & 1)
			sio_next_refuse(held, "no", NULL);
		drop(&a);
		fake_advance(loop, 29000);
	}
	fake_advance(loop, 5000);
	ask_in(&a, "/");
	assert_story("asked about a new one, who is not in x");
	sio_next_pass(held);
}

static void recovery__disconnected_while_asked_about__is_over(void **state)
{
	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, false), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	come(&a);
	sio_socket_join(socket_of(&a), "x");
	sio_nsp_use(io, hold, NULL);
	drop(&a);
	ask_in(&a, "/");
	assert_story("asked about one who is back, who is still in x");
	fake_ws_send(a.ws, "41");
	drop(&a);
	ask_in(&a, "/");
	assert_story("asked about a new one, who is not in x");
	sio_next_pass(held);
}

/* What was kept goes with it, whoever is asked about. */
static void
recovery__refused_in_a_deleted_namespace__leaks_nothing(void **state)
{
	sio_nsp *nsp = sio_server_of(srv, "/a");

	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, false), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	come_to(&a, "/a");
	sio_socket_join(sio_nsp_find(nsp, a.sid), "x");
	sio_nsp_use(nsp, hold, NULL);
	drop(&a);
	ask_in(&a, "/a");
	assert_story("asked about one who is back, who is still in x");
	assert_int_equal(sio_nsp_delete(nsp), 0);
	fake_turn(loop);
	expect(a.ws, "44/a,{\"message\":\"Invalid namespace\"}");
	sio_next_refuse(held, "no", NULL);
	fake_turn(loop);
	expect_nothing(a.ws);
}

static void recovery__sent_before_it_came__is_not_missed(void **state)
{
	sio_nsp_use(io, hold, NULL);
	ask_in(&a, "/");
	sio_next_pass(held);
	sio_nsp_emit(io, "not yet", NULL);
	fake_turn(loop);
	read_welcome(&a, "/");
	assert_string_equal(a.before, "");
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
	come(&a);
	sio_socket_set_data(socket_of(&a), words("mine"), NULL);
	drop(&a);
	assert_story("new; going; saved; gone");
	come(&a);
	assert_story("restored mine; back");
	/* nothing is saved of who does not come back */
	sio_socket_set_data(socket_of(&a), words("mine"), NULL);
	fake_ws_send(a.ws, "41");
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
	come(&a);
	drop(&a);
	sio_nsp_emit(io, "missed", NULL);
	story();
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"missed\" 42[\"greeting\" ");
	assert_non_null(strstr(story(), "greeting["));
	drop(&a);
	sio_nsp_emit(io, "more", NULL);
	come(&a);
	assert_string_equal(a.before, "42[\"more\" 42[\"greeting\" ");
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
	a.ws = sio_session();
	fake_ws_send(a.ws, "4x0");
	snprintf(first, sizeof(first), "%s", fake_ws_next(a.ws));
	assert_int_equal(
		sscanf(first, "4x0{\"sid\":\"%20[^\"]\",\"pid\":\"%20[^\"]\"}",
			a.sid, a.pid),
		2);
	drop(&a);
	sio_nsp_emit(io, "missed", "s", "1");
	a.ws = sio_session();
	snprintf(wish, sizeof(wish), "4x0{\"pid\":\"%s\"}", a.pid);
	fake_ws_send(a.ws, wish);
	text = fake_ws_next(a.ws);
	assert_int_equal(strncmp(text, "4x2[\"missed\",\"1\",\"", 18), 0);
	assert_string_equal(fake_ws_next(a.ws), first);
}

/* -- bounds ------------------------------------------------------------------ */

static void recovery__too_many_events__the_oldest_go(void **state)
{
	int i;

	sio_server_set_option(srv, SIO_RECOVERY_EVENTS, 3);
	come(&a);
	come(&b);
	drop(&a);
	for (i = 0; i < 3; i++)
		sio_nsp_emit(io, "x", "i", i);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"x\",0 42[\"x\",1 42[\"x\",2 ");
	drop(&a);
	for (i = 0; i < 4; i++)
		sio_nsp_emit(io, "y", "i", i);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_RECOVERY_EVENTS), 4);
	assert_new(&a);
	/* an offset that is long gone is good as long as nothing is missing */
	sio_target_emit(sio_nsp_to(io, a.sid), "last", NULL);
	fake_turn(loop);
	assert_event(&a, "42[\"last\"]");
	for (i = 0; i < 9; i++)
		sio_target_emit(sio_nsp_to(io, b.sid), "z", NULL);
	drop(&a);
	sio_nsp_emit(io, "missed", NULL);
	come(&a);
	assert_true(a.recovered);
	assert_string_equal(a.before, "42[\"missed\" ");
}

static void recovery__too_many_sockets__the_oldest_go(void **state)
{
	sio_server_set_option(srv, SIO_RECOVERY_SOCKETS, 1);
	come(&a);
	come(&b);
	drop(&a);
	drop(&b);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_RECOVERY_SOCKETS),
		1);
	assert_new(&a);
	come(&b);
	assert_true(b.recovered);
}

static void recovery__too_many_bytes__the_oldest_go(void **state)
{
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	sio_server_set_recovery(srv, 1000, 3500, true);
	sio_server_listen(srv, NULL, 8080);
	come(&a);
	drop(&a);
	fake_advance(loop, 1);
	sio_nsp_emit(io, "1", "s", text);
	sio_nsp_emit(io, "2", "s", text);
	come(&a);
	assert_true(a.recovered);
	drop(&a);
	sio_nsp_emit(io, "3", "s", text);
	assert_true(sio_server_counter(srv, SIO_COUNT_RECOVERY_BYTES) > 0);
	come(&a);
	assert_true(a.recovered);
	drop(&a);
	/* one that is larger than all there may be keeps nothing */
	fake_advance(loop, 1);
	sio_nsp_emit(io, "4", "[s, s, s, s]", text, text, text, text);
	assert_new(&a);
}

static void recovery__old__goes_by_itself(void **state)
{
	uint64_t count;

	come(&a);
	sio_nsp_emit(io, "x", NULL);
	fake_turn(loop);
	drop(&a);
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
	b.ws = sio_client("/", b.sid);
	sio_nsp_emit(io, "x", NULL);
	fake_turn(loop);
	expect(b.ws, "42[\"x\"]");
	assert_false(sio_socket_recovered(sio_nsp_find(io, b.sid)));
	assert_false(sio_socket_recovered(NULL));
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define deaf(name) cmocka_unit_test_setup_teardown(name, setup_deaf, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(recovery__events__end_with_an_offset),
		test(recovery__missed__comes_before_the_answer),
		test(recovery__no_event_before__works),
		test(recovery__lost_on_the_way__comes_again),
		test(recovery__text_behind_a_volatile_event__does_no_harm),
		test(recovery__stale_offset_of_another_session__counts_as_none),
		test(recovery__wished_for_end__is_not_recovered),
		test(recovery__too_late__is_a_new_socket),
		test(recovery__pid__is_used_once),
		test(recovery__strange_wishes__are_new_sockets),
		test(recovery__another_namespace__has_its_own),
		test(recovery__dynamic_namespace__stays_as_long),
		test(recovery__namespace_deleted__takes_what_was_kept),
		deaf(recovery__room_made_by_a_broadcast__children_go_later),
		test(recovery__missed_more_than_its_queue__is_a_new_socket),
		test(recovery__missed_and_refused__is_a_new_socket),
		test(recovery__old_connection_still_there__is_taken_over),
		test(recovery__freed_while_it_is_taken_over__ends_well),
		test(recovery__middleware__is_skipped),
		deaf(recovery__middleware_asked_again__misses_nothing),
		deaf(recovery__refused_by_middleware__may_try_again),
		deaf(recovery__refused_again_and_again__ends_in_time),
		deaf(recovery__disconnected_while_asked_about__is_over),
		deaf(recovery__refused_in_a_deleted_namespace__leaks_nothing),
		test(recovery__sent_before_it_came__is_not_missed),
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
