/* SPDX-License-Identifier: MIT */
/*
 * test_eio_ws_route.c: WebSockets beside Engine.IO: which requests become
 * one, what is told, and every way it may end.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/http.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define JSON     "Sec-WebSocket-Protocol: json\r\n"

static eio_websocket *last;
static struct eio__strbuf told;
static void (*in_message)(eio_websocket *w);

static void on_open(eio_websocket *w, eio_request *req, void *user)
{
	last = w;
	eio__strbuf_printf(&told, "open %s; ", eio_request_target(req));
	eio_websocket_set_data(w, user);
}

static void on_message(eio_websocket *w, char *data, size_t len, bool binary,
	void *user)
{
	assert_ptr_equal(eio_websocket_data(w), user);
	eio__strbuf_printf(&told, "%s %.*s; ", binary ? "binary" : "text",
		(int)len, data);
	if (in_message)
		in_message(w);
}

static void on_close(eio_websocket *w, const char *detail, void *user)
{
	eio__strbuf_printf(&told, "close %s; ", detail);
	assert_int_equal(eio_websocket_send(w, "x", 1, false),
		ENGINEIO_ERR_CLOSED);
}

static void on_drain(eio_websocket *w, void *user)
{
	eio__strbuf_printf(&told, "drain; ");
	assert_true(eio_websocket_queued(w) <= 262144);
	if (in_message)
		in_message(w);
}

static const struct eio_websocket_events events = { on_open, on_message,
	on_close, on_drain };

static int setup(void **state)
{
	struct fake_app *app;

	fake_app_setup(state);
	app = *state;
	in_message = NULL;
	eio__strbuf_init(&told, 0);
	assert_int_equal(eio_server_websocket(app->srv, "/", "json", &events,
				 app),
		0);
	assert_int_equal(eio_server_websocket(app->srv, "/any", NULL, &events,
				 app),
		0);
	return 0;
}

static int teardown(void **state)
{
	eio__strbuf_clear(&told);
	return fake_app_teardown(state);
}

static void assert_told(const char *text)
{
	assert_string_equal(told.len ? told.data : "", text);
	eio__strbuf_reset(&told);
}

static struct fake_ws *open_ws(struct fake_app *app)
{
	struct fake_ws *ws = fake_ws_open_with(app->loop, "/?a=1", JSON);

	assert_non_null(ws);
	assert_told("open /?a=1; ");
	return ws;
}

static void ws_route__protocol_offered__is_answered_with(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	char headers[512];
	struct fake_reply r;

	snprintf(headers, sizeof(headers),
		"%sSec-WebSocket-Protocol: xml, json\r\n", fake_ws_headers);
	fake_request(c, "GET", "/", headers, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 101);
	assert_string_equal(fake_reply_header(&r, "sec-websocket-protocol"),
		"json");
	fake_reply_clear(&r);
	fake_free(c);
}

static void ws_route__other_requests__are_not_its_own(void **state)
{
	static const struct {
		const char *target, *headers;
		bool upgrade;
		int status;
	} rows[] = {
		{ "/", "", true, 400 },
		{ "/", "Sec-WebSocket-Protocol: xml\r\n", true, 400 },
		{ "/below", JSON, true, 404 },
		{ "/any/", "", true, 404 },
		{ "/", "", false, 404 },
	};
	struct fake_app *app = *state;
	char headers[512];
	struct fake_reply r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(headers, sizeof(headers), "%s%s",
			rows[i].upgrade ? fake_ws_headers : "",
			rows[i].headers);
		r = fake_http(app->loop, "GET", rows[i].target, headers, NULL);
		assert_int_equal(r.status, rows[i].status);
		fake_reply_clear(&r);
	}
	assert_told("");
}

static void ws_route__engines_path__goes_before(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_ws_open_with(app->loop,
		"/engine.io/?EIO=4&transport=websocket", JSON);

	assert_non_null(ws);
	assert_told("");
	fake_ws_free(ws);
}

static void ws_route__messages__both_ways(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	fake_ws_send(ws, "hello");
	fake_ws_send_binary(ws, "abc", 3);
	assert_told("text hello; binary abc; ");
	assert_int_equal(eio_websocket_send(last, "{}", 2, false), 0);
	assert_int_equal(eio_websocket_send(last, "\0\1", 2, true), 0);
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "{}");
	assert_false(ws->binary);
	assert_non_null(fake_ws_next(ws));
	assert_true(ws->binary);
	assert_int_equal(ws->text.len, 2);
	fake_ws_free(ws);
	assert_told("close connection closed; ");
}

static void ws_route__long_message__is_whole(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);
	size_t n = 100000;
	char *text = malloc(n);

	assert_non_null(text);
	memset(text, 'y', n);
	assert_int_equal(eio_websocket_send(last, text, n, false), 0);
	fake_turn(app->loop);
	assert_non_null(fake_ws_next(ws));
	assert_int_equal(ws->text.len, n);
	assert_memory_equal(ws->text.data, text, n);
	free(text);
	fake_ws_free(ws);
}

static void ws_route__clients_end__is_told_once(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	fake_ws_frame(ws, 0x88, "\x03\xe8", 2);
	assert_told("close close frame 1000; ");
	fake_ws_free(ws);
	ws = open_ws(app);
	fake_ws_frame(ws, 0x83, "x", 1);
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 1002);
	assert_non_null(strstr(told.data, "close "));
	fake_ws_free(ws);
}

static void close_it(eio_websocket *w)
{
	eio_websocket_close(w, 4001);
	eio_websocket_close(w, 4002);
	assert_int_equal(eio_websocket_send(w, "x", 1, false),
		ENGINEIO_ERR_CLOSED);
}

static void ws_route__closed_in_its_callback__once_and_later(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	in_message = close_it;
	fake_ws_send(ws, "bye");
	assert_told("text bye; close closed by the server; ");
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 4001);
	fake_ws_free(ws);
}

/* Sends n messages of the same letter, and takes them off the other end. */
static void send_all(unsigned n, char letter)
{
	static char text[50000];

	memset(text, letter, sizeof(text));
	for (; n; n--)
		assert_int_equal(eio_websocket_send(last, text, sizeof(text),
					 false),
			0);
}

static void assert_next(struct fake_ws *ws, char letter)
{
	const char *text = fake_ws_next(ws);

	assert_non_null(text);
	assert_int_equal(ws->text.len, 50000);
	assert_int_equal(text[49999], letter);
}

static void ws_route__closed_with_a_queue__sends_it_first(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	fake_room(ws->c, 0);
	send_all(2, 'a');
	eio_websocket_close(last, 4001);
	assert_int_equal(eio_websocket_send(last, "x", 1, false),
		ENGINEIO_ERR_CLOSED);
	eio_websocket_close(last, 4002);
	fake_turn(app->loop);
	fake_ws_send(ws, "too late");
	assert_told("");
	assert_true(eio_websocket_queued(last) > 100000);
	fake_room(ws->c, SIZE_MAX);
	assert_told("close closed by the server; ");
	assert_next(ws, 'a');
	assert_next(ws, 'a');
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 4001);
	fake_ws_free(ws);
}

/* RFC 6455 section 7.4: a peer would have to fail the connection. */
static void ws_route__close_with_a_wrong_code__is_refused(void **state)
{
	static const int wrong[] = { -1, 1, 999, 1004, 1005, 1006, 1015, 1016,
		2999, 5000, 65536 + 1000 };
	static const int right[] = { 0, 1000, 1003, 1007, 1014, 3000, 4999 };
	struct fake_app *app = *state;
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < COUNT(right); i++) {
		ws = open_ws(app);
		assert_int_equal(eio_websocket_close(last, wrong[i]),
			ENGINEIO_ERR_INVALID);
		assert_int_equal(eio_websocket_send(last, "x", 1, false), 0);
		fake_turn(app->loop);
		assert_string_equal(fake_ws_next(ws), "x");
		assert_int_equal(eio_websocket_close(last, right[i]), 0);
		assert_int_equal(eio_websocket_close(last, 1000), 0);
		fake_turn(app->loop);
		assert_true(fake_ws_is_closed(ws));
		assert_int_equal(ws->close_code, right[i] ? right[i] : 1005);
		assert_told("close closed by the server; ");
		fake_ws_free(ws);
	}
	ws = open_ws(app);
	for (i = 0; i < COUNT(wrong); i++)
		assert_int_equal(eio_websocket_close(last, wrong[i]),
			ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_websocket_close(NULL, 1000), ENGINEIO_ERR_INVALID);
	assert_false(fake_ws_is_closed(ws));
	fake_ws_free(ws);
}

static void ws_route__closed_and_not_read__has_a_limit(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	assert_int_equal(eio_server_set_option(app->srv, ENGINEIO_CLOSE_TIMEOUT,
				 2000),
		0);
	fake_room(ws->c, 0);
	send_all(2, 'a');
	eio_websocket_close(last, 4001);
	fake_advance(app->loop, 1999);
	assert_told("");
	fake_advance(app->loop, 1);
	assert_told("close closed by the server; ");
	fake_room(ws->c, SIZE_MAX);
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 4001);
	fake_ws_free(ws);
}

static void ws_route__peer_goes_while_it_is_closed__is_told_once(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	fake_room(ws->c, 0);
	send_all(2, 'a');
	eio_websocket_close(last, 4001);
	fake_reset(ws->c);
	assert_told("close closed by the server; ");
	fake_advance(app->loop, 60000);
	assert_told("");
	fake_ws_free(ws);
}

static void ws_route__what_waits_falls__is_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	/* 250,000 bytes are not enough for a drain. */
	fake_room(ws->c, 0);
	send_all(5, 'a');
	fake_turn(app->loop);
	fake_room(ws->c, SIZE_MAX);
	assert_told("");
	fake_room(ws->c, 0);
	send_all(10, 'b');
	fake_turn(app->loop);
	fake_room(ws->c, 150000);
	assert_told("");
	fake_room(ws->c, 150000);
	assert_told("drain; ");
	fake_room(ws->c, SIZE_MAX);
	assert_told("");
	/* Also if all of it leaves in the turn it was sent in. */
	send_all(10, 'c');
	fake_turn(app->loop);
	assert_told("drain; ");
	fake_ws_free(ws);
}

static void ws_route__closed_when_drained__is_allowed(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	in_message = close_it;
	send_all(10, 'c');
	fake_turn(app->loop);
	assert_told("drain; close closed by the server; ");
	assert_next(ws, 'c');
	fake_ws_free(ws);
}

static void free_server(eio_websocket *w)
{
	fake_app_free_server(eio_websocket_data(w));
}

static void ws_route__server_freed_in_its_callback__is_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	in_message = free_server;
	fake_ws_send(ws, "bye");
	assert_told("text bye; close server freed; ");
	fake_ws_free(ws);
}

static void ws_route__server_freed_when_drained__is_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	in_message = free_server;
	send_all(10, 'c');
	fake_turn(app->loop);
	assert_told("drain; close server freed; ");
	fake_ws_free(ws);
}

static void close_and_free(eio_websocket *w)
{
	eio_websocket_close(w, 1000);
	free_server(w);
}

static void
ws_route__server_freed_before_the_end_was_told__is_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	in_message = close_and_free;
	fake_ws_send(ws, "bye");
	assert_told("text bye; close closed by the server; ");
	fake_ws_free(ws);
}

static void ws_route__held_beyond_its_end__answers_closed(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);
	eio_websocket *held = eio_websocket_ref(last);

	fake_ws_free(ws);
	fake_app_free_server(app);
	assert_int_equal(eio_websocket_send(held, "x", 1, false),
		ENGINEIO_ERR_CLOSED);
	eio_websocket_close(held, 1000);
	assert_ptr_equal(eio_websocket_data(held), app);
	assert_int_equal(eio_websocket_queued(held), 0);
	eio_websocket_unref(held);
}

static void ws_route__silent_peer__is_given_up(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);
	unsigned i;

	for (i = 0; i < 3; i++) {
		fake_advance(app->loop, 25000);
		fake_ws_frame(ws, 0x8a, "", 0);
	}
	assert_told("");
	fake_advance(app->loop, 25000);
	fake_advance(app->loop, 25000);
	assert_told("close ping timeout; ");
	assert_true(fake_ws_is_closed(ws));
	fake_ws_free(ws);
}

static void ws_route__slow_reader__is_closed_at_the_limit(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);
	static char text[100000];
	int err = 0, n;

	memset(text, 'x', sizeof(text));
	fake_room(ws->c, 0);
	for (n = 0; n < 100 && !err; n++)
		err = eio_websocket_send(last, text, sizeof(text), false);
	assert_int_equal(err, ENGINEIO_ERR_FULL);
	assert_in_range(n, 41, 43);
	fake_turn(app->loop);
	assert_told("close queue full; ");
	assert_true(eio_server_counter(app->srv, ENGINEIO_COUNT_QUEUE_BYTES));
	fake_ws_free(ws);
}

static void ws_route__server_closes__they_are_told(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	assert_int_equal(eio_server_close(app->srv, 1000, NULL, NULL), 0);
	fake_turn(app->loop);
	assert_told("close server shutting down; ");
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 1001);
	fake_ws_free(ws);
}

static void ws_route__server_closes_with_a_queue__sends_it_first(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = open_ws(app);

	fake_room(ws->c, 0);
	send_all(1, 'a');
	assert_int_equal(eio_server_close(app->srv, 1000, NULL, NULL), 0);
	fake_turn(app->loop);
	assert_told("");
	fake_room(ws->c, SIZE_MAX);
	assert_told("close server shutting down; ");
	assert_next(ws, 'a');
	assert_true(fake_ws_is_closed(ws));
	assert_int_equal(ws->close_code, 1001);
	fake_ws_free(ws);
}

/* A connection that is still there opens no new one, which nobody would
 * end. */
static void ws_route__server_closing__is_503(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;

	assert_true(fake_app_send(app, "x"));
	assert_int_equal(eio_server_close(app->srv, 1000, NULL, NULL), 0);
	fake_turn(app->loop);
	fake_request(c, "GET", "/any", fake_ws_headers, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 503);
	assert_told("");
	fake_reply_clear(&r);
	fake_free(c);
	fake_poll_free(p);
}

static void ws_route__walked_over__finds_those_that_are_open(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[3], *other;
	eio_websocket *w, *first;
	unsigned i, n = 0;

	for (i = 0; i < 3; i++)
		ws[i] = open_ws(app);
	other = fake_ws_open(app->loop, "/any");
	assert_told("open /any; ");
	first = eio_server_next_websocket(app->srv, "/", NULL);
	for (w = first; w; w = eio_server_next_websocket(app->srv, "/", w)) {
		assert_int_equal(eio_websocket_send(w, "all", 3, false), 0);
		/* The second is not there any more, at once. */
		if (++n == 2)
			eio_websocket_close(w, 1000);
	}
	assert_int_equal(n, 3);
	fake_turn(app->loop);
	for (i = 0; i < 3; i++)
		assert_string_equal(fake_ws_next(ws[i]), "all");
	assert_null(fake_ws_next(other));
	assert_told("close closed by the server; ");
	n = 0;
	for (w = first; w; w = eio_server_next_websocket(app->srv, "/", w))
		n++;
	assert_int_equal(n, 2);
	/* Of one that has ended there is none behind it. */
	w = eio_websocket_ref(first);
	fake_ws_free(ws[0]);
	assert_null(eio_server_next_websocket(app->srv, "/", w));
	eio_websocket_unref(w);
	assert_null(eio_server_next_websocket(app->srv, "/none", NULL));
	assert_null(eio_server_next_websocket(NULL, "/", NULL));
	assert_null(eio_server_next_websocket(app->srv, NULL, NULL));
	fake_ws_free(ws[1]);
	fake_ws_free(ws[2]);
	fake_ws_free(other);
}

static void ws_route__bad_arguments__refused(void **state)
{
	struct fake_app *app = *state;
	struct eio_websocket_events none = { NULL, NULL, NULL, NULL };

	assert_int_equal(eio_server_websocket(NULL, "/", NULL, &events, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_websocket(app->srv, "x", NULL, &events,
				 NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_websocket(app->srv, "/x", "a b", &events,
				 NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_websocket(app->srv, "/x", NULL, &none,
				 NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_websocket_send(NULL, "", 0, false),
		ENGINEIO_ERR_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(ws_route__protocol_offered__is_answered_with),
		TEST(ws_route__other_requests__are_not_its_own),
		TEST(ws_route__engines_path__goes_before),
		TEST(ws_route__messages__both_ways),
		TEST(ws_route__long_message__is_whole),
		TEST(ws_route__clients_end__is_told_once),
		TEST(ws_route__closed_in_its_callback__once_and_later),
		TEST(ws_route__closed_with_a_queue__sends_it_first),
		TEST(ws_route__close_with_a_wrong_code__is_refused),
		TEST(ws_route__closed_and_not_read__has_a_limit),
		TEST(ws_route__peer_goes_while_it_is_closed__is_told_once),
		TEST(ws_route__what_waits_falls__is_told),
		TEST(ws_route__closed_when_drained__is_allowed),
		TEST(ws_route__server_freed_when_drained__is_told),
		TEST(ws_route__server_closes_with_a_queue__sends_it_first),
		TEST(ws_route__server_freed_in_its_callback__is_told),
		TEST(ws_route__server_freed_before_the_end_was_told__is_told),
		TEST(ws_route__held_beyond_its_end__answers_closed),
		TEST(ws_route__silent_peer__is_given_up),
		TEST(ws_route__slow_reader__is_closed_at_the_limit),
		TEST(ws_route__server_closes__they_are_told),
		TEST(ws_route__server_closing__is_503),
		TEST(ws_route__walked_over__finds_those_that_are_open),
		TEST(ws_route__bad_arguments__refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
