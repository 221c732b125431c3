/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http2_peers.c: clients of HTTP/2 that mean harm, and programs that
 * pull away what their callbacks stand on.
 */
#include <config.h>

#include "fake_http2.h"
#include "fake_web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Frames and their flags. */
#define DATA        0
#define HEADERS     1
#define RESET       3
#define SETTINGS    4
#define PING        6
#define GOAWAY      7
#define CONTINUE    9
#define END_STREAM  1
#define END_HEADERS 4

/* The linker puts this in the place of the C library's (--wrap). */
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

static size_t most; /* what can be had at once, 0: anything */

void *__wrap_realloc(void *p, size_t size)
{
	return most && size > most && fake_is_inside()
		? NULL
		: __real_realloc(p, size);
}

/* -- a program that does something in a callback -------------------------- */

enum deed {
	NOTHING,
	FREE_SERVER,
	CLOSE_SERVER,
	END,
	WRITE,
	RESPOND,
	UNREF,
	RESPOND_TO_ANOTHER,
	DEEDS,
};

static struct {
	enum deed when_asked, when_gone, when_drained;
	eio_request *held;
	unsigned gone, drained;
} plan;

static void act(struct fake_web *web, enum deed deed, eio_request *req)
{
	eio_request *own = plan.held;

	switch (deed) {
	case FREE_SERVER:
		if (web->srv)
			fake_app_free_server(web->app);
		web->srv = NULL;
		break;
	case CLOSE_SERVER:
		eio_server_close(web->srv, 1000, NULL, NULL);
		break;
	case END:
		eio_request_end(req);
		break;
	case WRITE:
		eio_request_write(req, "more", 4);
		break;
	case RESPOND:
		eio_request_respond(req, 200, NULL, "x", 1);
		break;
	case UNREF:
		plan.held = NULL;
		eio_request_unref(own);
		break;
	case RESPOND_TO_ANOTHER:
		if (!web->count || !web->held[0])
			break;
		eio_request_respond(web->held[0], 200, NULL, "other", 5);
		eio_request_unref(web->held[0]);
		web->held[0] = NULL;
		break;
	default:
		break;
	}
}

static void on_gone(eio_request *req, void *user)
{
	plan.gone++;
	act(user, plan.when_gone, req);
}

static void on_drain(eio_request *req, void *user)
{
	plan.drained++;
	act(user, plan.when_drained, req);
}

static void on_stream(eio_request *req, void *user)
{
	char text[20000];

	memset(text, 't', sizeof(text));
	plan.held = eio_request_ref(req);
	eio_request_on_gone(req, on_gone, user);
	eio_request_on_drain(req, on_drain, user);
	assert_int_equal(eio_request_begin(req, 200, NULL), 0);
	assert_int_equal(eio_request_write(req, text, sizeof(text)), 0);
	act(user, plan.when_asked, req);
}

static void on_wait(eio_request *req, void *user)
{
	plan.held = eio_request_ref(req);
	eio_request_on_gone(req, on_gone, user);
	act(user, plan.when_asked, req);
}

static void on_long_stream(eio_request *req, void *user)
{
	char *value = malloc(100001);

	assert_non_null(value);
	memset(value, 'v', 100000);
	value[100000] = 0;
	eio_request_set_header(req, "X-Long", value);
	free(value);
	on_stream(req, user);
}

/* As many bytes of header fields as the query says. */
static void on_long(eio_request *req, void *user)
{
	size_t n = strtoul(eio_request_query(req, "n"), NULL, 10);
	char *value = malloc(1001);

	assert_non_null(value);
	memset(value, 'v', 1000);
	value[1000] = 0;
	for (; n >= 1000; n -= 1000)
		eio_request_add_header(req, "X-Long", value);
	free(value);
	eio_request_respond(req, 200, NULL, "x", 1);
}

static int setup(void **state)
{
	struct fake_web *web;

	if (fake_web_setup(state))
		return -1;
	web = *state;
	memset(&plan, 0, sizeof(plan));
	eio_server_set_option(web->srv, ENGINEIO_HTTP2, ENGINEIO_HTTP2_PLAIN);
	eio_server_set_option(web->srv, ENGINEIO_QUEUE_LOW, 5000);
	eio_server_route(web->srv, NULL, "/stream", on_stream, web);
	eio_server_route(web->srv, NULL, "/wait", on_wait, web);
	eio_server_route(web->srv, NULL, "/long", on_long, web);
	eio_server_route(web->srv, NULL, "/longer", on_long_stream, web);
	return 0;
}

static int teardown(void **state)
{
	eio_request_unref(plan.held);
	return fake_web_teardown(state);
}

static struct fake_h2_answer *get(struct fake_h2 *h2, const char *path)
{
	return fake_h2_ask(h2, "GET", path, NULL, NULL, false);
}

/* Each deed in a world of its own. */
static void in_each_world(void (*play)(struct fake_web *web, enum deed deed))
{
	void *state;
	unsigned deed;

	for (deed = NOTHING; deed < DEEDS; deed++) {
		assert_int_equal(setup(&state), 0);
		play(state, deed);
		fake_turn(((struct fake_web *)state)->loop);
		assert_int_equal(teardown(&state), 0);
		plan.held = NULL;
	}
}

/* -- what callbacks may do ------------------------------------------------ */

static void play_gone(struct fake_web *web, enum deed deed)
{
	struct fake_h2 *h2 = fake_h2_new(web->loop, 3000);
	struct fake_h2_answer *a;

	plan.when_gone = deed;
	get(h2, "/big");
	a = get(h2, "/stream");
	get(h2, "/hold");
	fake_h2_ask(h2, "POST", "/", NULL, "part", true);
	fake_h2_reset(h2, a);
	assert_int_equal(plan.gone, 1);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	fake_h2_free(h2);
	assert_int_equal(plan.gone, 1);
}

static void play_gone_unanswered(struct fake_web *web, enum deed deed)
{
	struct fake_h2 *h2 = fake_h2_new(web->loop, 3000);
	struct fake_h2_answer *a;

	plan.when_gone = deed;
	get(h2, "/big");
	a = get(h2, "/wait");
	get(h2, "/hold");
	fake_h2_reset(h2, a);
	assert_int_equal(plan.gone, 1);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	fake_h2_free(h2);
}

static void play_connection_gone(struct fake_web *web, enum deed deed)
{
	struct fake_h2 *h2 = fake_h2_new(web->loop, 3000);

	plan.when_gone = deed;
	get(h2, "/hold");
	get(h2, "/big");
	get(h2, "/stream");
	get(h2, "/hold");
	fake_reset(fake_h2_conn(h2));
	assert_int_equal(plan.gone, 1);
	fake_h2_free(h2);
}

/* The same where requests come one after the other. */
static void play_http_1_gone(struct fake_web *web, enum deed deed)
{
	struct fake_conn *c = fake_connect(web->loop), *other;

	plan.when_gone = deed;
	other = fake_connect(web->loop);
	fake_puts(other, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	fake_puts(c, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	fake_reset(c);
	assert_int_equal(plan.gone, 1);
	fake_free(c);
	fake_free(other);
}

static void play_goaway(struct fake_web *web, enum deed deed)
{
	static const char last[8] = { 0 };
	struct fake_h2 *h2 = fake_h2_new(web->loop, 3000);

	plan.when_gone = deed;
	get(h2, "/big");
	get(h2, "/stream");
	get(h2, "/hold");
	fake_h2_frame(h2, GOAWAY, 0, 0, last, 8);
	/* A frame on a stream that none can be. */
	fake_h2_frame(h2, DATA, 0, 0, "x", 1);
	fake_h2_talk(h2);
	fake_turn(web->loop);
	assert_int_equal(plan.gone, 1);
	fake_h2_free(h2);
	assert_int_equal(plan.gone, 1);
}

static void play_drain(struct fake_web *web, enum deed deed)
{
	struct fake_h2 *h2 = fake_h2_new(web->loop, 3000);
	struct fake_h2_answer *a, *b;

	plan.when_drained = deed;
	a = get(h2, "/stream");
	b = get(h2, "/big");
	get(h2, "/hold");
	fake_h2_read(h2, b, 300000);
	fake_h2_read(h2, a, 300000);
	assert_int_equal(plan.drained, 1);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	if (deed == END)
		assert_true(a->ended && a->closed && !a->error);
	if (deed == WRITE)
		assert_int_equal(a->body.len, 20004);
	if (deed == UNREF)
		assert_true(a->closed && a->error);
	fake_h2_free(h2);
}

static void play_asked(struct fake_web *web, enum deed deed)
{
	struct fake_h2 *h2 = fake_h2_new(web->loop, 3000);

	plan.when_asked = deed;
	get(h2, "/big");
	get(h2, "/hold");
	get(h2, "/stream");
	fake_turn(web->loop);
	fake_h2_talk(h2);
	fake_h2_free(h2);
}

static void play_asked_with_more(struct fake_web *web, enum deed deed)
{
	struct fake_h2 *h2 = fake_h2_new(web->loop, 3000);
	struct fake_h2_answer *a;

	plan.when_asked = deed;
	get(h2, "/big");
	a = fake_h2_ask(h2, "POST", "/wait", "content-length: 6\n", "abc",
		true);
	fake_h2_more(h2, a, "def", 3, true);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	fake_h2_free(h2);
}

#define WORLDS(play, name) \
	static void name(void **state) \
	{ \
		in_each_world(play); \
	}

WORLDS(play_gone, callbacks__told_of_a_reset__may_do_anything)
WORLDS(play_gone_unanswered, callbacks__told_before_the_answer__may_do_anything)
WORLDS(play_connection_gone, callbacks__told_of_the_end__may_do_anything)
WORLDS(play_http_1_gone, callbacks__told_of_http_1__may_do_anything)
WORLDS(play_goaway, callbacks__told_of_an_error__may_do_anything)
WORLDS(play_drain, callbacks__told_of_room__may_do_anything)
WORLDS(play_asked, callbacks__asked__may_do_anything)
WORLDS(play_asked_with_more, callbacks__given_a_body__may_do_anything)

/* -- frames at the wrong time --------------------------------------------- */

static void settings__changed_under_answers__are_followed(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 25000);
	struct fake_h2_answer *a = get(h2, "/stream"), *b;

	assert_int_equal(a->body.len, 20000);
	fake_h2_set(h2, 4, 0);
	assert_int_equal(eio_request_write(plan.held, "xyz", 3), 0);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	b = get(h2, "/");
	assert_int_equal(b->status, 200);
	assert_false(b->ended);
	fake_h2_set(h2, 1, 0);
	fake_h2_set(h2, 5, 16777215);
	/* The window was below nothing: it is what was taken of it. */
	fake_h2_set(h2, 4, 20002);
	assert_int_equal(a->body.len, 20002);
	assert_true(b->ended);
	fake_h2_set(h2, 4, 0x7fffffff);
	assert_int_equal(a->body.len, 20003);
	assert_int_equal(fake_h2_goaway(h2), -1);
	fake_h2_frame(h2, SETTINGS, 0, 0, "\0\4\x80\0\0\0", 6);
	fake_h2_talk(h2);
	assert_int_equal(fake_h2_goaway(h2), 3);
	assert_int_equal(plan.gone, 1);
	fake_h2_free(h2);
}

static void body__behind_its_end__ends_the_connection(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = get(h2, "/hold");

	fake_h2_frame(h2, DATA, 0, a->id, "late", 4);
	fake_h2_talk(h2);
	assert_int_equal(fake_h2_goaway(h2), 5);
	assert_true(fake_is_finished(fake_h2_conn(h2)));
	fake_web_release(web, 0);
	fake_h2_talk(h2);
	fake_h2_free(h2);
}

/* -- growth --------------------------------------------------------------- */

static void head__that_unpacks_to_much__is_431(void **state)
{
	/* :method GET, :scheme http, :path /, :authority x; then a field of
	 * 3900 bytes into the table; then that one, again and again. */
	static const unsigned char first[] = { 0x82, 0x86, 0x84, 0x41, 1, 'x',
		0x40, 1, 'a', 0x7f, 0xbd, 0x1d };
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	static char block[16000];
	unsigned i;

	memcpy(block, first, sizeof(first));
	memset(block + sizeof(first), 'v', 3900);
	memset(block + sizeof(first) + 3900, 0xbe,
		sizeof(block) - sizeof(first) - 3900);
	fake_h2_frame(h2, HEADERS, END_STREAM, 1, block, sizeof(block));
	memset(block, 0xbe, sizeof(block));
	for (i = 0; i < 3; i++)
		fake_h2_frame(h2, CONTINUE, 0, 1, block, sizeof(block));
	fake_h2_frame(h2, CONTINUE, END_HEADERS, 1, block, sizeof(block));
	assert_int_equal(web->calls, 0);
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_MAX_HEADER),
		1);
	fake_h2_free(h2);
}

static void head__without_end__is_cut_off(void **state)
{
	static const unsigned char first[] = { 0x82, 0x86, 0x84, 0x41, 1, 'x' };
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	unsigned i;

	fake_h2_frame(h2, HEADERS, END_STREAM, 1, first, sizeof(first));
	for (i = 0; i < 1000 && !fake_is_finished(fake_h2_conn(h2)); i++)
		fake_h2_frame(h2, CONTINUE, 0, 1, "\x82", i % 2);
	assert_in_range(i, 1, 999);
	fake_h2_free(h2);
}

/* Each request is dear for the program, and cheap for its client. */
static void resets__behind_100_continue__are_counted(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2;
	unsigned i;

	eio_server_set_option(web->srv, ENGINEIO_HTTP2_RESETS, 10);
	h2 = fake_h2_new(web->loop, 0);
	for (i = 0; i < 30 && fake_h2_goaway(h2) < 0; i++)
		fake_h2_reset(h2,
			fake_h2_ask(h2, "POST", "/", "expect: 100-continue\n",
				NULL, true));
	assert_in_range(i, 10, 12);
	assert_int_equal(fake_h2_goaway(h2), 11);
	fake_h2_free(h2);
}

static void answer__with_too_long_a_head__is_reset(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = get(h2, "/long?n=30000");

	assert_string_equal(fake_h2_outcome(a), "200 x");
	a = get(h2, "/long?n=300000");
	assert_string_equal(fake_h2_outcome(a), "reset 2");
	a = get(h2, "/longer");
	assert_string_equal(fake_h2_outcome(a), "reset 2");
	assert_int_equal(plan.gone, 1);
	assert_true(fake_app_logged(web->app, "head of its answer"));
	assert_string_equal(fake_h2_outcome(get(h2, "/")), "200 GET / ");
	fake_h2_free(h2);
}

static void pings__alone__do_not_keep_it_open(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	unsigned i;

	get(h2, "/");
	for (i = 0; i < 20 && fake_h2_goaway(h2) < 0; i++) {
		fake_h2_frame(h2, PING, 0, 0, "12345678", 8);
		fake_h2_talk(h2);
		fake_advance(web->loop, 1000);
		fake_h2_talk(h2);
	}
	assert_in_range(i, 9, 11);
	fake_h2_free(h2);
}

/* Nobody says anything more that could remind the server of it. */
static void output__without_memory__ends_the_connection(void **state)
{
	char folder[] = "/tmp/test-h2-XXXXXX", name[64];
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	FILE *f;

	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/big.txt", folder);
	f = fopen(name, "w");
	assert_non_null(f);
	fprintf(f, "%0*d", 300000, 7);
	fclose(f);
	assert_int_equal(eio_server_mount(web->srv, "/f/", folder), 0);
	most = 40000;
	get(h2, "/f/big.txt");
	assert_true(fake_is_closed(fake_h2_conn(h2), NULL));
	most = 0;
	unlink(name);
	rmdir(folder);
	fake_h2_free(h2);
}

/* -- sessions ------------------------------------------------------------- */

static const char *sid_of(const struct fake_h2_answer *a)
{
	static char sid[64];
	const char *at = strstr(a->body.data, "\"sid\":\"") + 7;

	snprintf(sid, sizeof(sid), "%.*s", (int)strcspn(at, "\""), at);
	return sid;
}

static const char *sid_in_script(const struct fake_h2_answer *a)
{
	static char sid[64];
	const char *at = strstr(a->body.data, "\\\"sid\\\":\\\"") + 10;

	snprintf(sid, sizeof(sid), "%.*s", (int)strcspn(at, "\\"), at);
	return sid;
}

static const char *url(const char *sid, const char *more)
{
	static char text[200];

	snprintf(text, sizeof(text),
		"/engine.io/?EIO=4&transport=polling&sid=%s%s", sid, more);
	return text;
}

static struct fake_h2_answer *open_session(struct fake_h2 *h2)
{
	struct fake_h2_answer *a =
		get(h2, "/engine.io/?EIO=4&transport=polling");

	assert_int_equal(a->status, 200);
	return a;
}

static void polling__two_at_once__end_the_session(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *open = open_session(h2), *a, *b;

	a = get(h2, url(sid_of(open), ""));
	assert_int_equal(a->status, 0);
	b = get(h2, url(sid_of(open), ""));
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_int_equal(web->app->closed, 1);
	assert_true(a->ended);
	assert_true(b->ended);
	assert_int_equal(b->status, 400);
	fake_h2_free(h2);
}

static void polling__its_ways__are_those_of_http_1(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *open = open_session(h2), *a, *b;

	a = get(h2, url(sid_of(open), ""));
	b = fake_h2_ask(h2, "POST", url(sid_of(open), ""), NULL, "4hi", false);
	assert_string_equal(fake_h2_outcome(b), "200 ok");
	assert_int_equal(a->status, 0);
	assert_true(fake_app_send(web->app, "yo"));
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "200 4yo");
	open = get(h2, "/engine.io/?EIO=4&transport=polling&j=3");
	a = get(h2, url(sid_in_script(open), "&j=3"));
	assert_true(fake_app_send(web->app, "yo"));
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "200 ___eio[3](\"4yo\");");
	b = fake_h2_ask(h2, "POST", url(sid_in_script(open), "&j=3"),
		"content-type: application/x-www-form-urlencoded\n", "d=4hi",
		false);
	assert_string_equal(fake_h2_outcome(b), "200 ok");
	/* One that is taken back closes the session, no more. */
	a = get(h2, url(sid_in_script(open), "&j=3"));
	fake_h2_reset(h2, a);
	fake_turn(web->loop);
	assert_int_equal(web->app->closed, 1);
	assert_string_equal(fake_h2_outcome(get(h2, "/")), "200 GET / ");
	fake_h2_free(h2);
}

static void polling__server_closes__all_are_answered(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *open[3], *a[3];
	unsigned i;

	for (i = 0; i < 3; i++) {
		open[i] = open_session(h2);
		a[i] = get(h2, url(sid_of(open[i]), ""));
	}
	eio_server_close(web->srv, 5000, NULL, NULL);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	for (i = 0; i < 3; i++)
		assert_string_equal(fake_h2_outcome(a[i]), "200 1");
	assert_int_equal(fake_h2_goaway(h2), 0);
	assert_true(fake_is_finished(fake_h2_conn(h2)));
	fake_h2_free(h2);
}

static void on_shut(void *user)
{
	*(bool *)user = true;
}

/* Its client would ask again and again. */
static void connection__server_closes__is_told_so_at_once(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = get(h2, "/hold"), *late;
	bool shut = false;

	assert_int_equal(eio_server_close(web->srv, 5000, on_shut, &shut), 0);
	/* This one was on its way. */
	late = get(h2, "/");
	assert_string_equal(fake_h2_outcome(late), "200 GET / ");
	assert_int_equal(fake_h2_goaway(h2), 0);
	assert_false(fake_is_finished(fake_h2_conn(h2)));
	fake_web_release(web, 0);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "200 held /hold");
	assert_true(fake_is_finished(fake_h2_conn(h2)));
	fake_h2_free(h2);
	fake_turn(web->loop);
	assert_true(shut);
}

static void websocket__over_http_2__is_refused(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a =
		get(h2, "/engine.io/?EIO=4&transport=websocket");

	assert_int_equal(a->status, 400);
	a = fake_h2_ask(h2, "GET", "/engine.io/?EIO=4&transport=websocket",
		"upgrade: websocket\nsec-websocket-version: 13\n"
		"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\n",
		NULL, false);
	assert_true(a->closed);
	assert_int_not_equal(a->status, 200);
	assert_int_equal(web->app->opened, 0);
	fake_h2_free(h2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		cmocka_unit_test(callbacks__told_of_a_reset__may_do_anything),
		cmocka_unit_test(
			callbacks__told_before_the_answer__may_do_anything),
		cmocka_unit_test(callbacks__told_of_the_end__may_do_anything),
		cmocka_unit_test(callbacks__told_of_http_1__may_do_anything),
		cmocka_unit_test(callbacks__told_of_an_error__may_do_anything),
		cmocka_unit_test(callbacks__told_of_room__may_do_anything),
		cmocka_unit_test(callbacks__asked__may_do_anything),
		cmocka_unit_test(callbacks__given_a_body__may_do_anything),
		T(settings__changed_under_answers__are_followed),
		T(body__behind_its_end__ends_the_connection),
		T(head__that_unpacks_to_much__is_431),
		T(head__without_end__is_cut_off),
		T(resets__behind_100_continue__are_counted),
		T(answer__with_too_long_a_head__is_reset),
		T(output__without_memory__ends_the_connection),
		T(pings__alone__do_not_keep_it_open),
		T(polling__two_at_once__end_the_session),
		T(polling__its_ways__are_those_of_http_1),
		T(polling__server_closes__all_are_answered),
		T(connection__server_closes__is_told_so_at_once),
		T(websocket__over_http_2__is_refused),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
