/* SPDX-License-Identifier: MIT */
/*
 * test_eio_protocol_v3.c: sessions of Engine.IO protocol 3: who is admitted,
 * what they send and get over each transport, their heartbeat, their upgrade.
 */
#include <config.h>

#include "fake_app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define PATIENCE 45000 /* interval and timeout */
#define PATH     "/engine.io/"

static int setup(void **state)
{
	struct fake_app *app;

	if (fake_app_setup(state))
		return -1;
	app = *state;
	return eio_server_set_option(app->srv, ENGINEIO_ALLOW_EIO3, 1);
}

static struct fake_poll *poll_with(struct fake_app *app, const char *more)
{
	char parameters[64];
	struct fake_poll *p;

	snprintf(parameters, sizeof(parameters), "&EIO=3%s", more);
	p = fake_poll_open_with(app->loop, PATH, parameters);
	assert_non_null(p);
	assert_string_equal(fake_app_told(app), "open");
	return p;
}

static struct fake_ws *ws_with(struct fake_app *app, const char *more)
{
	char parameters[64];
	struct fake_ws *ws;

	snprintf(parameters, sizeof(parameters), "&EIO=3%s", more);
	ws = fake_eio_open_with(app->loop, PATH, parameters);
	assert_non_null(ws);
	assert_string_equal(fake_app_told(app), "open");
	return ws;
}

/* The body of an answer is these bytes, of this type. */
static void expect_body(struct fake_poll *p, const char *type,
	const char *bytes, size_t len)
{
	assert_int_equal(fake_poll_status(p), 200);
	assert_string_equal(fake_reply_header(&p->reply, "content-type"), type);
	assert_int_equal(p->reply.len, len);
	assert_memory_equal(p->reply.body, bytes, len);
}

static int post_octets(struct fake_poll *p, const char *bytes, size_t len)
{
	struct fake_conn *c = fake_connect(p->loop);
	struct eio__strbuf request;
	struct fake_reply r;
	char target[256];
	int status;

	fake_poll_target(p, target);
	eio__strbuf_init(&request, 0);
	eio__strbuf_printf(&request,
		"POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n"
		"Content-Type: application/octet-stream\r\n\r\n",
		target, len);
	eio__strbuf_add(&request, bytes, len);
	fake_send(c, request.data, request.len);
	eio__strbuf_clear(&request);
	r = fake_reply(c);
	status = r.status;
	fake_reply_clear(&r);
	fake_free(c);
	return status;
}

/* -- admission ----------------------------------------------------------- */

static void expect_refusal(struct fake_app *app, const char *target,
	const char *body)
{
	struct fake_reply r = fake_http(app->loop, "GET", target, NULL, NULL);

	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, body);
	fake_reply_clear(&r);
}

static const char unsupported[] =
	"{\"code\":5,\"message\":\"Unsupported protocol version\"}";
static const char bad[] = "{\"code\":3,\"message\":\"Bad request\"}";

static void handshake__not_allowed__is_refused_with_400(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;

	eio_server_set_option(app->srv, ENGINEIO_ALLOW_EIO3, 0);
	expect_refusal(app, PATH "?EIO=3&transport=polling", unsupported);
	expect_refusal(app, PATH "?transport=polling", unsupported);
	fake_request(c, "GET", PATH "?EIO=3&transport=websocket",
		fake_ws_headers, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, "Unsupported protocol version");
	fake_reply_clear(&r);
	fake_free(c);
}

static void handshake__any_revision_but_4__is_3(void **state)
{
	static const char *const targets[] = {
		PATH "?EIO=3&transport=polling",
		PATH "?transport=polling",
		PATH "?EIO=&transport=polling",
		PATH "?EIO=2&transport=polling",
		PATH "?EIO=44&transport=polling",
		PATH "?EIO=4&EIO=3&transport=polling",
	};
	struct fake_app *app = *state;
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(targets); i++) {
		r = fake_http(app->loop, "GET", targets[i], NULL, NULL);
		assert_int_equal(r.status, 200);
		assert_memory_equal(r.body, "118:0{\"sid\":\"", 13);
		assert_int_equal(r.len, 4 + 118);
		assert_int_equal(eio_socket_protocol(app->s), 3);
		fake_reply_clear(&r);
	}
	r = fake_http(app->loop, "GET", PATH "?EIO=4&transport=polling", NULL,
		NULL);
	assert_int_equal(eio_socket_protocol(app->s), 4);
	fake_reply_clear(&r);
	assert_int_equal(eio_socket_protocol(NULL), 0);
}

static void on_open_send(struct fake_app *app, eio_socket *s)
{
	fake_app_send(app, "first");
}

static void handshake__answer__is_the_open_packet_alone(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p;

	app->on_open = on_open_send;
	p = poll_with(app, "");
	assert_null(strstr(p->open, "first"));
	/* Nobody is told of a drain before the session is there. */
	assert_int_equal(app->drained, 0);
	assert_string_equal(fake_poll_next(p), "6:4first");
	fake_poll_free(p);
}

/* -- messages ------------------------------------------------------------ */

static void polling__texts__are_counted_in_utf16(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");

	assert_int_equal(fake_poll_post(p, "3:4hi5:4h€😀"), 200);
	assert_string_equal(fake_app_told(app), "text hi | text h€😀");
	assert_true(fake_app_send(app, "h€😀"));
	assert_true(fake_app_send(app, ""));
	assert_string_equal(fake_poll_next(p), "5:4h€😀1:4");
	fake_poll_free(p);
}

static void polling__octets__carry_binary_both_ways(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");

	assert_int_equal(post_octets(p,
				 "\0\5\xff"
				 "4a€\1\4\xff\4\1\2\xff",
				 15),
		200);
	assert_string_equal(fake_app_told(app), "text a€ | binary 0102ff");
	assert_true(fake_app_send(app, "a€"));
	assert_true(fake_app_send_binary(app, "\1\2\xff", 3));
	expect_body(p, "application/octet-stream",
		"\0\5\xff"
		"4a€\1\4\xff\4\1\2\xff",
		15);
	/* Without anything binary the answer is text again. */
	assert_true(fake_app_send(app, "a€"));
	expect_body(p, "text/plain; charset=UTF-8", "3:4a€", 7);
	fake_poll_free(p);
}

static void polling__of_a_base64_client__carries_text_only(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "&b64=1");

	assert_int_equal(fake_poll_post(p, "6:b4AQL/3:4hi"), 200);
	assert_string_equal(fake_app_told(app), "binary 0102ff | text hi");
	assert_true(fake_app_send_binary(app, "\1\2\xff", 3));
	assert_true(fake_app_send_binary(app, "", 0));
	expect_body(p, "text/plain; charset=UTF-8", "6:b4AQL/2:b4", 12);
	fake_poll_free(p);
}

static void polling__bad_body__is_a_parse_error(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");

	assert_int_equal(fake_poll_post(p, "3:4hi9:4lost"), 400);
	assert_string_equal(fake_app_told(app),
		"text hi | close parse error: undecodable packet");
	fake_poll_free(p);
	p = poll_with(app, "");
	assert_int_equal(post_octets(p,
				 "\0\1\xff"
				 "2\2",
				 5),
		400);
	assert_string_equal(fake_app_told(app),
		"close parse error: undecodable packet");
	fake_poll_free(p);
}

static void polling__empty_items__say_nothing(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");

	assert_int_equal(fake_poll_post(p, "0:0:"), 200);
	assert_string_equal(fake_app_told(app), "");
	fake_poll_free(p);
}

static void polling__close_packet__ends_the_session(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");

	fake_poll_get(p);
	assert_int_equal(fake_poll_post(p, "1:13:4no"), 200);
	assert_string_equal(fake_app_told(app),
		"close transport close: close packet");
	assert_string_equal(fake_poll_next(p), "1:6");
	fake_poll_free(p);
}

static void polling__orderly_close__is_a_noop_and_a_close(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");

	eio_socket_close(app->s);
	assert_string_equal(fake_poll_next(p), "1:61:1");
	assert_string_equal(fake_app_told(app),
		"close forced close: forced close");
	fake_poll_free(p);
}

static void websocket__binary__has_its_type_in_front(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = ws_with(app, "");

	fake_ws_send(ws, "4hi");
	fake_ws_send_binary(ws, "\4\1\2\xff", 4);
	fake_ws_send_binary(ws, "\4", 1);
	fake_ws_send(ws, "b4AQI=");
	assert_string_equal(fake_app_told(app),
		"text hi | binary 0102ff | binary  | binary 0102");
	assert_true(fake_app_send(app, "hi"));
	assert_true(fake_app_send_binary(app, "\1\2\xff", 3));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "4hi");
	assert_string_equal(fake_ws_next(ws), "\4\1\2\xff");
	assert_true(ws->binary);
	fake_ws_free(ws);
}

static void websocket__of_a_base64_client__carries_text_only(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = ws_with(app, "&b64=1");

	assert_true(fake_app_send_binary(app, "\1\2\xff", 3));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "b4AQL/");
	assert_false(ws->binary);
	fake_ws_free(ws);
}

static void websocket__bad_packet__is_a_parse_error(void **state)
{
	static const struct {
		bool binary;
		const char *data;
		size_t len;
	} rows[] = {
		{ false, "", 0 },
		{ false, "7", 1 },
		{ false, "b", 1 },
		{ true, "", 0 },
		{ true, "\7x", 2 },
		{ true, "4x", 2 },
	};
	struct fake_app *app = *state;
	struct fake_ws *ws;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ws = ws_with(app, "");
		fake_ws_frame(ws, rows[i].binary ? 0x82 : 0x81, rows[i].data,
			rows[i].len);
		assert_string_equal(fake_app_told(app),
			"close parse error: undecodable packet");
		fake_ws_free(ws);
	}
}

/* One buffer for clients of both revisions. */
static void message__for_both_revisions__is_made_once_for_each(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *old, *other, *new;
	eio_socket *all[3];
	eio_buf *buf = eio_buf_new_binary("\1\2", 2);
	size_t i;

	old = ws_with(app, "");
	all[0] = eio_socket_ref(app->s);
	other = ws_with(app, "");
	all[1] = eio_socket_ref(app->s);
	new = fake_app_ws(app);
	all[2] = eio_socket_ref(app->s);
	for (i = 0; i < 3; i++)
		assert_int_equal(eio_socket_send(all[i], buf), 0);
	fake_turn(app->loop);
	assert_non_null(fake_ws_next(old));
	assert_memory_equal(old->text.data, "\4\1\2", 3);
	assert_non_null(fake_ws_next(other));
	assert_memory_equal(other->text.data, "\4\1\2", 3);
	assert_non_null(fake_ws_next(new));
	assert_int_equal(new->text.len, 2);
	assert_memory_equal(new->text.data, "\1\2", 2);
	for (i = 0; i < 3; i++)
		eio_socket_unref(all[i]);
	eio_buf_unref(buf);
	fake_ws_free(old);
	fake_ws_free(other);
	fake_ws_free(new);
}

/* -- heartbeat ----------------------------------------------------------- */

static void expect_death_in(struct fake_app *app, uint64_t ms)
{
	fake_advance(app->loop, ms - 1);
	assert_true(eio_socket_is_open(app->s));
	assert_string_equal(fake_app_told(app), "");
	fake_advance(app->loop, 1);
	assert_string_equal(fake_app_told(app),
		"close ping timeout: ping timeout");
}

static void ping__of_the_client__is_answered_without_its_data(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = ws_with(app, "");
	struct fake_poll *p;

	fake_ws_send(ws, "2");
	assert_string_equal(fake_ws_next(ws), "3");
	fake_ws_send(ws, "2probe");
	assert_string_equal(fake_ws_next(ws), "3");
	fake_ws_free(ws);
	fake_app_told(app);
	p = poll_with(app, "");
	assert_int_equal(fake_poll_post(p, "1:2"), 200);
	assert_string_equal(fake_poll_next(p), "1:3");
	fake_poll_free(p);
}

static void ping__of_the_server__never_comes(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = ws_with(app, "");
	int i;

	for (i = 0; i < 5; i++) {
		fake_advance(app->loop, PATIENCE - 1);
		assert_null(fake_ws_next(ws));
		fake_ws_send(ws, "2");
		assert_string_equal(fake_ws_next(ws), "3");
	}
	expect_death_in(app, PATIENCE);
	fake_ws_free(ws);
}

static void ping__missing__ends_the_session(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = ws_with(app, "");
	struct fake_poll *p;

	/* What else it says does not count. */
	fake_advance(app->loop, 20000);
	fake_ws_send(ws, "4hi");
	fake_app_told(app);
	expect_death_in(app, PATIENCE - 20000);
	fake_ws_free(ws);
	p = poll_with(app, "");
	expect_death_in(app, PATIENCE);
	fake_poll_free(p);
}

/* A large message on its way keeps the client from pinging. */
static void ping__behind_a_long_message__is_waited_for(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = ws_with(app, "");

	fake_advance(app->loop, PATIENCE - 1);
	fake_ws_frame(ws, 0x01, "4begin", 6);
	fake_advance(app->loop, PATIENCE - 1);
	fake_ws_frame(ws, 0x80, "end", 3);
	assert_string_equal(fake_app_told(app), "text beginend");
	fake_ws_send(ws, "2");
	assert_string_equal(fake_ws_next(ws), "3");
	fake_ws_free(ws);
}

static void pong__of_the_client__is_the_wrong_direction(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = ws_with(app, "");

	fake_ws_send(ws, "3");
	assert_string_equal(fake_app_told(app),
		"close transport error: invalid heartbeat direction");
	fake_ws_free(ws);
}

static void ping__in_masses__is_answered_a_few_times(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");
	char body[3 * 100 + 1];
	int i;

	eio_server_set_option(app->srv, ENGINEIO_MAX_PONG_BYTES, 1);
	for (i = 0; i < 100; i++)
		memcpy(body + i * 3, "1:2", 4);
	for (i = 0; i < 3; i++)
		assert_int_equal(fake_poll_post(p, body), 200);
	assert_int_equal(eio_server_counter(app->srv,
				 ENGINEIO_COUNT_MAX_PONG_BYTES),
		299);
	assert_true(fake_app_logged(app,
		"ping not answered: its client does not read "
		"(MAX_PONG_BYTES)"));
	assert_string_equal(fake_poll_next(p), "1:3");
	eio_server_set_option(app->srv, ENGINEIO_MAX_PONG_BYTES, 4096);
	for (i = 0; i < 3; i++)
		assert_int_equal(fake_poll_post(p, body), 200);
	/* The memory is counted, and it depends on the size of a pointer. */
	assert_in_range(strlen(fake_poll_next(p)), 3 * 16, 3 * 150);
	/* Those that have left make room. */
	assert_int_equal(fake_poll_post(p, "1:2"), 200);
	assert_string_equal(fake_poll_next(p), "1:3");
	fake_poll_free(p);
}

/* -- upgrade ------------------------------------------------------------- */

static void upgrade__in_order__takes_what_waits_along(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");
	struct fake_ws *ws = fake_poll_candidate(p);

	assert_non_null(ws);
	fake_poll_get(p);
	fake_ws_send(ws, "2probe");
	assert_string_equal(fake_ws_next(ws), "3probe");
	fake_advance(app->loop, 100);
	assert_string_equal(fake_poll_next(p), "1:6");
	assert_true(fake_app_send(app, "text"));
	assert_true(fake_app_send_binary(app, "\1\2", 2));
	fake_ws_send(ws, "5");
	assert_string_equal(fake_ws_next(ws), "4text");
	assert_string_equal(fake_ws_next(ws), "\4\1\2");
	assert_true(ws->binary);
	fake_ws_send(ws, "2");
	assert_string_equal(fake_ws_next(ws), "3");
	expect_death_in(app, PATIENCE);
	fake_ws_free(ws);
	fake_poll_free(p);
}

/* The official server forgets its timer here: such a session never ended. */
static void upgrade__of_a_silent_client__ends_all_the_same(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");
	struct fake_ws *ws = fake_poll_candidate(p);

	fake_ws_send(ws, "5");
	expect_death_in(app, PATIENCE);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void upgrade__asking_for_base64__turns_what_waits_to_text(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");
	struct fake_ws *ws;
	char target[256];

	assert_true(fake_app_send_binary(app, "\1\2\xff", 3));
	fake_turn(app->loop);
	snprintf(target, sizeof(target),
		PATH "?EIO=3&transport=websocket&b64=1&sid=%s", p->sid);
	ws = fake_ws_open(app->loop, target);
	fake_ws_send(ws, "5");
	assert_string_equal(fake_ws_next(ws), "b4AQL/");
	assert_false(ws->binary);
	fake_ws_free(ws);
	fake_poll_free(p);
}

/* -- the other revision -------------------------------------------------- */

static void request__of_the_other_revision__is_refused(void **state)
{
	static const struct {
		int own;
		const char *other;
	} rows[] = {
		{ 3, "EIO=4&" },
		{ 4, "EIO=3&" },
		{ 4, "" },
	};
	struct fake_app *app = *state;
	struct fake_poll *p;
	char target[256];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		p = rows[i].own == 3 ? poll_with(app, "") : fake_app_poll(app);
		snprintf(target, sizeof(target),
			PATH "?%stransport=polling&sid=%s", rows[i].other,
			p->sid);
		expect_refusal(app, target, bad);
		snprintf(target, sizeof(target),
			PATH "?%stransport=websocket&sid=%s", rows[i].other,
			p->sid);
		assert_null(fake_ws_open(app->loop, target));
		assert_true(eio_socket_is_open(app->s));
		fake_poll_free(p);
	}
}

/* Turned off, it holds for those that come. */
static void option__turned_off__leaves_sessions_alone(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = poll_with(app, "");

	assert_int_equal(eio_server_set_option(app->srv, ENGINEIO_ALLOW_EIO3,
				 0),
		0);
	assert_int_equal(fake_poll_post(p, "3:4hi"), 200);
	assert_string_equal(fake_app_told(app), "text hi");
	expect_refusal(app, PATH "?EIO=3&transport=polling", unsupported);
	assert_int_equal(eio_server_set_option(app->srv, ENGINEIO_ALLOW_EIO3,
				 2),
		ENGINEIO_ERR_INVALID);
	fake_poll_free(p);
}

static void open_free(struct fake_app *app, eio_socket *s)
{
	app->on_open = NULL;
	fake_app_free_server(app);
}

static void open__that_frees_the_server__is_the_end(void **state)
{
	struct fake_app *app = *state;
	struct fake_reply r;

	app->on_open = open_free;
	r = fake_http(app->loop, "GET", PATH "?EIO=3&transport=polling", NULL,
		NULL);
	fake_reply_clear(&r);
	assert_string_equal(fake_app_told(app),
		"open | close server shutting down: server shutting down");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(handshake__not_allowed__is_refused_with_400),
		TEST(handshake__any_revision_but_4__is_3),
		TEST(handshake__answer__is_the_open_packet_alone),
		TEST(polling__texts__are_counted_in_utf16),
		TEST(polling__octets__carry_binary_both_ways),
		TEST(polling__of_a_base64_client__carries_text_only),
		TEST(polling__bad_body__is_a_parse_error),
		TEST(polling__empty_items__say_nothing),
		TEST(polling__close_packet__ends_the_session),
		TEST(polling__orderly_close__is_a_noop_and_a_close),
		TEST(websocket__binary__has_its_type_in_front),
		TEST(websocket__of_a_base64_client__carries_text_only),
		TEST(websocket__bad_packet__is_a_parse_error),
		TEST(message__for_both_revisions__is_made_once_for_each),
		TEST(ping__of_the_client__is_answered_without_its_data),
		TEST(ping__of_the_server__never_comes),
		TEST(ping__missing__ends_the_session),
		TEST(ping__behind_a_long_message__is_waited_for),
		TEST(pong__of_the_client__is_the_wrong_direction),
		TEST(ping__in_masses__is_answered_a_few_times),
		TEST(upgrade__in_order__takes_what_waits_along),
		TEST(upgrade__of_a_silent_client__ends_all_the_same),
		TEST(upgrade__asking_for_base64__turns_what_waits_to_text),
		TEST(request__of_the_other_revision__is_refused),
		TEST(option__turned_off__leaves_sessions_alone),
		TEST(open__that_frees_the_server__is_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
