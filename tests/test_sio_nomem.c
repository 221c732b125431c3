/* SPDX-License-Identifier: MIT */
/*
 * test_sio_nomem.c: out of memory in Socket.IO. Every allocation fails in
 * turn, once, while a client does everything there is to do: at worst one
 * connection is closed, whose memory it was, and nothing is left over.
 *
 * Allocations count between the places where the engine calls this layer
 * and where it returns, so that the fake network's own do not.
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

#include <socketio/io.h>

#include "fake_sio.h"

/* -- allocations that fail -------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
char *__wrap_strdup(const char *text);

static bool counting;
static int count, fail_at;
static long live;

static bool fails(void)
{
	return counting && ++count == fail_at;
}

void *__wrap_malloc(size_t size)
{
	void *p = fails() ? NULL : __real_malloc(size);

	live += p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = fails() ? NULL : __real_calloc(n, size);

	live += p != NULL;
	return p;
}

void *__wrap_realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __real_realloc(p, size);

	live += !p && q;
	return q;
}

void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

char *__wrap_strdup(const char *text)
{
	size_t n = strlen(text) + 1;
	char *p = __wrap_malloc(n);

	if (p)
		memcpy(p, text, n);
	return p;
}

/* -- where they count ------------------------------------------------------- */

void __real_sio__client_open(sio_server *server, eio_socket *conn);
void __real_sio__client_message(struct sio__client *c, char *data, size_t len,
	bool binary);
void __real_sio__client_close(struct sio__client *c, enum eio_reason reason,
	const char *detail);
void __real_sio__socket_goodbye(sio_socket *s, const char *detail);
void __real_sio__admission_resume(sio_socket *s);
void __real_sio__vettings_resume(sio_socket *s);
bool __real_sio__outgoing_tell(sio_server *server);
void __wrap_sio__client_open(sio_server *server, eio_socket *conn);
void __wrap_sio__client_message(struct sio__client *c, char *data, size_t len,
	bool binary);
void __wrap_sio__client_close(struct sio__client *c, enum eio_reason reason,
	const char *detail);
void __wrap_sio__socket_goodbye(sio_socket *s, const char *detail);
void __wrap_sio__admission_resume(sio_socket *s);
void __wrap_sio__vettings_resume(sio_socket *s);
bool __wrap_sio__outgoing_tell(sio_server *server);

/* The scene is on; a bystander's things do not count. */
static bool on_stage;

void __wrap_sio__client_open(sio_server *server, eio_socket *conn)
{
	counting = on_stage;
	__real_sio__client_open(server, conn);
	counting = false;
}

void __wrap_sio__client_message(struct sio__client *c, char *data, size_t len,
	bool binary)
{
	counting = on_stage;
	__real_sio__client_message(c, data, len, binary);
	counting = false;
}

void __wrap_sio__client_close(struct sio__client *c, enum eio_reason reason,
	const char *detail)
{
	counting = on_stage;
	__real_sio__client_close(c, reason, detail);
	counting = false;
}

void __wrap_sio__socket_goodbye(sio_socket *s, const char *detail)
{
	bool before = counting;

	counting = on_stage;
	__real_sio__socket_goodbye(s, detail);
	counting = before;
}

void __wrap_sio__admission_resume(sio_socket *s)
{
	counting = on_stage;
	__real_sio__admission_resume(s);
	counting = false;
}

void __wrap_sio__vettings_resume(sio_socket *s)
{
	counting = on_stage;
	__real_sio__vettings_resume(s);
	counting = false;
}

bool __wrap_sio__outgoing_tell(sio_server *server)
{
	bool before = counting, did;

	counting = on_stage;
	did = __real_sio__outgoing_tell(server);
	counting = before;
	return did;
}

/* -- the program ------------------------------------------------------------- */

static sio_next *held, *held_event;
static sio_event *kept;
static int acks_asked, acks_told;

static void on_ack(sio_socket *s, int err, sio_event *answer, void *user)
{
	acks_told++;
	sio_event_args(answer);
}

static void ask(sio_socket *s, unsigned ms)
{
	if (sio_socket_emit_ack(s, ms, on_ack, NULL, "q", "i", 1) == 0)
		acks_asked++;
}

static void echo(sio_socket *s, sio_event *ev, void *user)
{
	const char *text;
	json_t *args = sio_event_args(ev), *more = sio_event_rest(ev, 1);

	sio_event_unpack(ev, "s", &text);
	if (sio_event_wants_reply(ev))
		sio_event_reply_json(ev, json_incref(args));
	else
		sio_socket_emit_json(s, "back", json_incref(args));
	json_decref(more);
}

static void pass_event(sio_socket *s, sio_event *ev, sio_next *next, void *user)
{
	sio_next_pass(next);
}

static void listen(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_args(ev);
}

/* Questions to many, and how often their ends were told. */
static int many_asked, many_told;

static void on_answers(int err, json_t *answers, size_t expected, void *user)
{
	many_told++;
}

static void on_one(sio_socket *s, json_t *args, void *user)
{
	assert_true(json_is_array(args));
}

static void on_found(int err, sio_remote *const *found, size_t n, void *user)
{
	size_t i;

	many_told++;
	for (i = 0; i < n; i++) {
		sio_remote_handshake(found[i]);
		sio_remote_rooms(found[i]);
		sio_remote_join(found[i], "fetched");
	}
}

static void on_room(sio_nsp *nsp, enum sio_room_event what, const char *room,
	const char *id, void *user)
{
}

static void ask_many(sio_nsp *nsp)
{
	sio_target *t = sio_target_timeout(sio_nsp_all(nsp), 500);

	t = sio_target_on_answer(t, on_one);
	if (sio_target_emit_acks(t, on_answers, NULL, "many", "i", 1) == 0)
		many_asked++;
	t = sio_target_to_json(sio_nsp_all(nsp),
		json_pack("[s, s]", "room", "other"));
	if (sio_target_fetch(t, on_found, NULL) == 0)
		many_asked++;
	if (sio_nsp_server_emit_ack(nsp, 0, on_answers, NULL, "x", NULL) == 0)
		many_asked++;
}

static void everything(sio_socket *s, sio_event *ev, void *user)
{
	size_t len;
	const char *text = sio_event_text(ev, &len);
	char *data = malloc(10);

	sio_socket_join(s, "room");
	sio_socket_join(s, "other");
	json_decref(sio_socket_rooms(s));
	json_decref(sio_socket_handshake(s));
	sio_socket_header(s, "x-test");
	sio_socket_on(s, "own", echo, NULL);
	sio_socket_once(s, "own", echo, NULL);
	sio_socket_use(s, pass_event, NULL);
	sio_socket_on_error(s, listen, NULL);
	sio_socket_on_any_outgoing(s, listen, NULL);
	sio_socket_set_data(s, data, free);
	json_object_set_new(sio_socket_shared_data(s), "a", json_integer(1));
	ask(s, 1000);
	ask(s, 0);
	ask_many(sio_socket_nsp(s));
	sio_nsp_emit(sio_socket_nsp(s), "x", "s, o", "y", sio_binary("b", 1));
	sio_target_emit(sio_target_except(sio_socket_to(s, "room"), "other"),
		"x", "{s:[i]}", "y", 1);
	sio_target_join(sio_nsp_to(sio_socket_nsp(s), "room"), "third");
	sio_target_leave(sio_nsp_all(sio_socket_nsp(s)), "third");
	if (text)
		sio_event_reply_text(ev, text, len);
	if (!kept)
		kept = sio_event_ref(ev);
}

/* Holds the events "wait"; "refuse" is refused. */
static void vet(sio_socket *s, sio_event *ev, sio_next *next, void *user)
{
	if (strcmp(sio_event_name(ev), "refuse") == 0)
		sio_next_refuse(next, "no", json_pack("{s:i}", "a", 1));
	else if (strcmp(sio_event_name(ev), "wait") == 0 && !held_event)
		held_event = next;
	else
		sio_next_pass(next);
}

static void pass(sio_socket *s, sio_next *next, void *user)
{
	sio_next_pass(next);
}

static void hold(sio_socket *s, sio_next *next, void *user)
{
	held = next;
	sio_socket_emit(s, "wait", NULL);
}

static void refuse(sio_socket *s, sio_next *next, void *user)
{
	sio_next_refuse(next, "no", json_pack("{s:s}", "a", "b"));
}

/* Holds the first name it is asked about. */
static void hold_name(const char *name, json_t *auth, sio_next *next,
	void *user)
{
	if (!held)
		held = next;
	else
		sio_next_refuse(next, NULL, NULL);
}

static void on_namespace(sio_nsp *nsp, void *user)
{
	sio_nsp_on_event(nsp, "own", echo, NULL);
}

static void build_parents(void)
{
	sio_nsp *parent = sio_server_of_pattern(srv, "^/dynamic-");

	sio_nsp_on_connection(parent, everything, NULL);
	sio_nsp_on_event(parent, "echo", echo, NULL);
	sio_nsp_on_any_outgoing(parent, listen, NULL);
	sio_nsp_use_event(parent, vet, NULL);
	parent = sio_server_of_predicate(srv, hold_name, NULL);
	sio_nsp_use(parent, pass, NULL);
	sio_server_on_namespace(srv, on_namespace, NULL);
	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES, 1);
}

static void build(void)
{
	static const char *const names[] = { "/", "/held", "/refused" };
	sio_nsp *nsp;
	size_t i;

	sio_server_keep_header(srv, "x-test");
	for (i = 0; i < 3; i++) {
		nsp = sio_server_of(srv, names[i]);
		sio_nsp_on_connection(nsp, everything, NULL);
		sio_nsp_on_event(nsp, "all", everything, NULL);
		sio_nsp_on_event(nsp, "echo", echo, NULL);
		sio_nsp_on_event(nsp, "disconnect", echo, NULL);
		sio_nsp_use_event(nsp, vet, NULL);
		sio_nsp_on_room(nsp, on_room, NULL);
	}
	sio_nsp_use(sio_server_of(srv, "/held"), hold, NULL);
	sio_nsp_use(sio_server_of(srv, "/refused"), refuse, NULL);
	build_parents();
}

/* -- the scene ---------------------------------------------------------------- */

static void say(struct fake_ws *ws, const char *text)
{
	if (ws && *text && !fake_ws_is_closed(ws))
		fake_ws_send(ws, text);
}

static void say_binary(struct fake_ws *ws, const char *text)
{
	if (ws && !fake_ws_is_closed(ws))
		fake_ws_send_binary(ws, text, strlen(text));
}

static void answer_held(void)
{
	if (held)
		sio_next_pass(held);
	held = NULL;
	if (held_event)
		sio_next_pass(held_event);
	held_event = NULL;
	fake_turn(loop);
}

static void play(void)
{
	struct fake_ws *ws =
		fake_ws_open(loop, "/socket.io/?EIO=4&transport=websocket&a=1");

	say(ws, "40{\"token\":\"x\"}");
	say(ws, "40/none,");
	say(ws, "40/refused,");
	say(ws, "40/held,");
	say(ws, "42/held,[\"echo\",1]");
	answer_held();
	say(ws, "40/dynamic-1,");
	say(ws, "42/dynamic-1,[\"echo\",1]");
	say(ws, "40/asked,{\"a\":1}");
	say(ws, "42/asked,[\"echo\",1]");
	answer_held();
	say(ws, "41/dynamic-1,");
	say(ws, "42[\"echo\",\"a\",{\"b\":[1,2.5,null]},\"\\ud800\"]");
	say(ws, "427[\"echo\",\"a\"]");
	say(ws, "428[\"all\",\"a\"]");
	say(ws, "42[1.5,\"number\"]");
	say(ws, "42[\"refuse\"]");
	say(ws, "42[\"wait\",1]");
	say(ws, "42[\"echo\",\"waits behind it\"]");
	answer_held();
	say(ws,
		"42[\"a name that is too long for the small place of names in "
		"an event, so that it needs one of its own\"]");
	say(ws,
		"452-9[\"echo\",\"a\",{\"_placeholder\":true,\"num\":0},"
		"{\"_placeholder\":true,\"num\":1}]");
	say_binary(ws, "one");
	say_binary(ws, "two");
	say(ws, "430[\"answer\"]");
	say(ws, "432[\"answer\",{\"a\":1}]");
	fake_advance(loop, 1500);
	say(ws, "41/held,");
	say(ws, "42/held,[\"late\"]");
	fake_ws_free(ws);
	if (kept) {
		json_decref(sio_event_rest(kept, 0));
		sio_event_unref(kept);
		kept = NULL;
	}
	answer_held();
}

static int missed;

/* Everything that happens to one client; then the bystander is asked. The
 * other one says something to all: where memory is missing for the
 * bystander's copy, it is the bystander whose connection ends. */
static void scene(void)
{
	struct fake_ws *bystander;
	const char *text;

	sio_setup(NULL);
	build();
	acks_asked = 0;
	acks_told = 0;
	many_asked = 0;
	many_told = 0;
	bystander = sio_client("/", NULL);
	fake_ws_send(bystander, "430[]");
	count = 0;
	on_stage = true;
	play();
	on_stage = false;
	while (fake_ws_next(bystander))
		;
	if (fake_ws_is_closed(bystander)) {
		missed++;
		assert_int_equal(acks_told, acks_asked);
	} else {
		/* It has not answered the second of the two. */
		assert_int_equal(acks_told, acks_asked - 1);
		fake_ws_send(bystander, "4299[\"echo\",\"still here\"]");
		text = fake_ws_next(bystander);
		assert_string_equal(text ? text : "closed",
			"4399[\"still here\"]");
	}
	fake_ws_free(bystander);
	assert_int_equal(many_told, many_asked);
	sio_teardown(NULL);
}

static void every_allocation__failing_in_turn__costs_one_client(void **state)
{
	long before;

	/* jansson makes its hash seed, cmocka its lists: before we count */
	fail_at = 0;
	missed = 0;
	scene();
	before = live;
	do {
		fail_at++;
		scene();
		assert_int_equal(live, before);
	} while (count >= fail_at);
	assert_true(fail_at > 300);
	assert_true(missed < 5);
}

/* -- what a client waits for --------------------------------------------------- */

static void leave(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_disconnect(s, false);
}

/* Says it, and gets an answer that begins like this, or the end. */
static void expect_answer(struct fake_ws *ws, const char *text,
	const char *answer)
{
	const char *got;

	say(ws, text);
	do
		got = ws ? fake_ws_next(ws) : NULL;
	while (got && strncmp(got, answer, strlen(answer)) != 0);
	assert_true(got || !ws || fake_ws_is_closed(ws));
}

static void answers__every_allocation_failing__come_or_the_end(void **state)
{
	struct fake_ws *ws;

	fail_at = 0;
	do {
		fail_at++;
		sio_setup(NULL);
		build();
		sio_nsp_on_event(io, "leave", leave, NULL);
		count = 0;
		on_stage = true;
		ws = fake_ws_open(loop,
			"/socket.io/?EIO=4&transport=websocket");
		expect_answer(ws, "40", "40{");
		expect_answer(ws, "40/dynamic-1,", "40/dynamic-1,{");
		held = NULL;
		say(ws, "40/none,");
		if (held) {
			sio_next_refuse(held, NULL, NULL);
			held = NULL;
			fake_turn(loop);
		}
		expect_answer(ws, "", "44/none,{");
		expect_answer(ws, "40/refused,", "44/refused,{");
		expect_answer(ws, "42[\"leave\"]", "41");
		fake_ws_free(ws);
		on_stage = false;
		sio_teardown(NULL);
	} while (count >= fail_at);
	assert_true(fail_at > 50);
}

/* The same of protocol 4, in which the first answer comes unasked. */
static void old_answers__every_allocation_failing__come_or_the_end(void **state)
{
	struct fake_ws *ws;
	long before = live;

	fail_at = 0;
	do {
		fail_at++;
		sio_setup(NULL);
		sio_server_set_option(srv, SIO_ALLOW_EIO3, 1);
		build();
		count = 0;
		on_stage = true;
		ws = fake_ws_open(loop,
			"/socket.io/?EIO=3&transport=websocket");
		expect_answer(ws, "", "40");
		expect_answer(ws, "40/dynamic-1?x", "40/dynamic-1,");
		expect_answer(ws, "40/refused?token=%20&y", "44/refused,");
		say(ws, "40/held?token=%20&y");
		answer_held();
		expect_answer(ws, "", "40/held,");
		fake_ws_free(ws);
		on_stage = false;
		answer_held();
		if (kept)
			sio_event_unref(kept);
		kept = NULL;
		sio_teardown(NULL);
		if (fail_at == 1)
			before = live;
		assert_int_equal(live, before);
	} while (count >= fail_at);
	assert_true(fail_at > 50);
}

/* -- coming back ---------------------------------------------------------------- */

static json_t *save(sio_socket *s, void *user)
{
	return json_pack("[s]", "saved");
}

static void restore(sio_socket *s, json_t *saved, void *user)
{
	assert_true(!saved || json_is_array(saved));
}

/* Joins, as the socket of that pid if there is one; the pid it has then. */
static void come_and_go(char pid[21])
{
	struct fake_ws *ws =
		fake_ws_open(loop, "/socket.io/?EIO=4&transport=websocket");
	char text[60] = "40";
	const char *got, *at;

	if (*pid)
		snprintf(text, sizeof(text), "40{\"pid\":\"%s\"}", pid);
	say(ws, text);
	for (got = ws ? fake_ws_next(ws) : NULL; got; got = fake_ws_next(ws)) {
		at = strstr(got, "\"pid\":\"");
		if (at && strncmp(got, "40{", 3) == 0)
			snprintf(pid, 21, "%s", at + 7);
	}
	say(ws, "42[\"echo\",1]");
	fake_ws_free(ws);
}

static void come_back_scene(void)
{
	char pid[21] = "";

	sio_setup_deaf(NULL);
	sio_server_set_recovery(srv, 1000, 0, true);
	sio_server_listen(srv, NULL, 8080);
	build();
	sio_nsp_on_recover(io, save, restore, NULL);
	count = 0;
	on_stage = true;
	come_and_go(pid);
	sio_nsp_emit(io, "missed", "s, o", "x", sio_binary("y", 1));
	come_and_go(pid);
	come_and_go(pid);
	on_stage = false;
	if (kept)
		sio_event_unref(kept);
	kept = NULL;
	sio_teardown(NULL);
}

static void recovery__every_allocation_failing__costs_one_client(void **state)
{
	long before;

	fail_at = 0;
	come_back_scene();
	before = live;
	do {
		fail_at++;
		come_back_scene();
		assert_int_equal(live, before);
	} while (count >= fail_at);
	assert_true(fail_at > 300);
}

struct visit {
	bool connected;
	unsigned missed;
	char pid[21], offset[21];
};

static void keep_text(char out[21], const char *got, const char *before)
{
	const char *at = strstr(got, before);

	if (at)
		snprintf(out, 21, "%.*s",
			(int)strcspn(at + strlen(before), "\""),
			at + strlen(before));
}

static void pay_visit(struct visit *v)
{
	struct fake_ws *ws =
		fake_ws_open(loop, "/socket.io/?EIO=4&transport=websocket");
	char text[100] = "40";
	const char *got;

	v->connected = false;
	v->missed = 0;
	if (*v->offset)
		snprintf(text, sizeof(text),
			"40{\"pid\":\"%s\",\"offset\":\"%s\"}", v->pid,
			v->offset);
	else if (*v->pid)
		snprintf(text, sizeof(text), "40{\"pid\":\"%s\"}", v->pid);
	say(ws, text);
	for (got = ws ? fake_ws_next(ws) : NULL; got; got = fake_ws_next(ws)) {
		if (strncmp(got, "40{", 3) == 0) {
			v->connected = true;
			keep_text(v->pid, got, "\"pid\":\"");
		} else if (strncmp(got, "42[\"missed\",", 12) == 0) {
			v->missed++;
			keep_text(v->offset, got, ",\"");
		}
	}
	fake_ws_free(ws);
}

static void join(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_join(s, "room");
}

static void emit_missed(int i)
{
	sio_target_emit(sio_nsp_to(io, "room"), "missed", "i", i);
}

/* Whoever cannot come back for lack of memory can the next time, and has missed
 * what it did not get. */
static void come_back_again_scene(void)
{
	struct visit v = { .connected = false };
	char pid[21];
	unsigned got, first;

	sio_setup_deaf(NULL);
	sio_server_set_recovery(srv, 100000, 0, true);
	sio_server_listen(srv, NULL, 8080);
	sio_nsp_on_connection(io, join, NULL);
	sio_nsp_on_recover(io, save, restore, NULL);
	pay_visit(&v);
	assert_true(v.connected);
	memcpy(pid, v.pid, sizeof(pid));
	emit_missed(1);
	emit_missed(2);
	emit_missed(3);
	count = 0;
	on_stage = true;
	pay_visit(&v);
	on_stage = false;
	got = v.missed;
	first = v.connected;
	if (!first) {
		pay_visit(&v);
		assert_true(v.connected);
		assert_string_equal(v.pid, pid);
		assert_int_equal(got + v.missed, 3);
	}
	sio_teardown(NULL);
}

static void recovery__that_failed__is_there_the_next_time(void **state)
{
	fail_at = 0;
	do {
		fail_at++;
		come_back_again_scene();
	} while (count >= fail_at);
	assert_true(fail_at > 20);
}

/* -- REST calls ---------------------------------------------------------------- */

/* Allocations count in here alone. */
static void on_json(eio_request *req, void *user)
{
	json_t *value;
	int err;

	counting = true;
	value = sio_request_json(req);
	err = value ? sio_request_respond_json(req, 200, value) : SIO_ERR_NOMEM;
	counting = false;
	if (err)
		eio_request_respond(req, 500, NULL, NULL, 0);
}

static int json_scene(void)
{
	struct fake_reply r;
	int status;

	sio_setup(NULL);
	sio_server_route(srv, "POST", "/json", on_json, NULL);
	count = 0;
	r = fake_http(loop, "POST", "/json", NULL, "{\"a\":[1,\"b\",null]}");
	status = r.status;
	assert_true(status != 200 ||
		strcmp(r.body, "{\"a\":[1,\"b\",null]}") == 0);
	fake_reply_clear(&r);
	sio_teardown(NULL);
	return status;
}

static void json__every_allocation_failing__is_500_or_nothing(void **state)
{
	long before;
	int status;

	fail_at = 0;
	json_scene();
	before = live;
	do {
		fail_at++;
		status = json_scene();
		assert_int_equal(live, before);
		assert_true(status == 200 || status == 500 || !status);
	} while (count >= fail_at);
	assert_int_equal(status, 200);
	assert_true(fail_at > 5);
}

/* -- setting up ---------------------------------------------------------------- */

static void ignore_namespace(sio_nsp *nsp, void *user)
{
}

static void on_open(eio_websocket *w, eio_request *req, void *user)
{
}

static void on_message(eio_websocket *w, char *data, size_t len, bool binary,
	void *user)
{
}

static int set_up(eio_loop *own)
{
	static const struct eio_websocket_events plain = {
		.on_open = on_open,
		.on_message = on_message,
	};
	sio_server *server = sio_server_new_on(own);
	sio_nsp *nsp = sio_server_of(server, "/a");
	int err = server ? 0 : SIO_ERR_NOMEM;

	sio_nsp_on_connection(nsp, echo, NULL);
	sio_nsp_on_event(nsp, "a", echo, NULL);
	sio_nsp_on_any(nsp, echo, NULL);
	sio_nsp_on_any_outgoing(nsp, echo, NULL);
	sio_nsp_on_error(nsp, echo, NULL);
	sio_nsp_use_event(nsp, pass_event, NULL);
	nsp = sio_server_of_pattern(server, "^/x");
	sio_nsp_on_event(nsp, "a", echo, NULL);
	sio_nsp_use(nsp, hold, NULL);
	sio_server_of_predicate(server, hold_name, NULL);
	sio_server_on_namespace(server, ignore_namespace, NULL);
	sio_server_of(server, "/x1");
	sio_nsp_use(nsp, hold, NULL);
	sio_server_keep_header(server, "x");
	sio_server_set_client_dir(server, "/nowhere");
	sio_server_set_path(server, "/path");
	sio_server_mount(server, "/", "/nowhere");
	sio_server_route(server, "POST", "/json", on_json, NULL);
	sio_server_websocket(server, "/ws", "json", &plain, NULL);
	sio_server_set_recovery(server, 1000, 0, true);
	sio_nsp_on_room(nsp, on_room, NULL);
	sio_nsp_on_server_event(nsp, "a", echo, NULL);
	if (!err)
		err = sio_server_run(server);
	sio_server_free(server);
	return err;
}

static void set_up__every_allocation_failing__is_recorded(void **state)
{
	eio_loop *own = eio_loop_new();
	long before = live;
	int err;

	fail_at = 0;
	do {
		fail_at++;
		count = 0;
		/* a stop that is pending lets run return at once */
		eio_loop_stop(own);
		counting = true;
		err = set_up(own);
		counting = false;
		/* the engine's memory goes at the end of the turn */
		fake_turn(own);
		assert_int_equal(live, before);
		assert_int_equal(err, count >= fail_at ? SIO_ERR_NOMEM : 0);
	} while (count >= fail_at);
	assert_true(fail_at > 20);
	eio_loop_free(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_allocation__failing_in_turn__costs_one_client),
		cmocka_unit_test(
			answers__every_allocation_failing__come_or_the_end),
		cmocka_unit_test(
			old_answers__every_allocation_failing__come_or_the_end),
		cmocka_unit_test(
			recovery__every_allocation_failing__costs_one_client),
		cmocka_unit_test(recovery__that_failed__is_there_the_next_time),
		cmocka_unit_test(
			json__every_allocation_failing__is_500_or_nothing),
		cmocka_unit_test(set_up__every_allocation_failing__is_recorded),
	};

	json_set_alloc_funcs(__wrap_malloc, __wrap_free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
