/* SPDX-License-Identifier: MIT */
/*
 * test_eio_events.c: what the application is told besides: errors of
 * connections, and each step of a session.
 */
#include <config.h>

#include "fake_gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define POLL     "/engine.io/?EIO=4&transport=polling"
#define WS       "/engine.io/?EIO=4&transport=websocket"
#define BAD      "{\"code\":3,\"message\":\"Bad request\"}"

static unsigned long count(struct fake_app *app, enum eio_counter counter)
{
	return (unsigned long)eio_server_counter(app->srv, counter);
}

/* -- connection errors --------------------------------------------------- */

struct witness {
	char text[600];
	const char *sid; /* shown as SID */
};

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

static void on_error(eio_request *req, const struct eio_connection_error *e,
	void *user)
{
	struct witness *w = user;

	snprintf(w->text, sizeof(w->text), "%d %s %s|%s %s|%s|%s|%s|%s %s|%s",
		(int)e->code, eio_context_text(e->context), e->message,
		or_none(e->transport), or_none(e->previous_transport),
		w->sid && e->sid && !strcmp(e->sid, w->sid) ? "SID"
							    : or_none(e->sid),
		or_none(e->method), or_none(e->origin), or_none(e->protocol),
		or_none(e->previous_protocol), or_none(e->error));
	eio_request_set_header(req, "X-Seen", "yes");
}

static const struct {
	const char *method, *target;
	bool upgrade, with_sid;
	enum eio_counter counter;
	const char *text;
} kinds[] = {
	{ "GET", "/engine.io/?transport=x", false, false,
		ENGINEIO_COUNT_UNKNOWN_TRANSPORT,
		"0 NONE Transport unknown|x -|-|-|-|- -|-" },
	{ "GET", "/engine.io/?EIO=4", false, false,
		ENGINEIO_COUNT_UNKNOWN_TRANSPORT,
		"0 NONE Transport unknown|- -|-|-|-|- -|-" },
	{ "GET", POLL "&sid=abc", false, false, ENGINEIO_COUNT_UNKNOWN_SID,
		"1 NONE Session ID unknown|polling -|abc|-|-|- -|-" },
	{ "PUT", POLL, false, false, ENGINEIO_COUNT_BAD_HANDSHAKE_METHOD,
		"2 NONE Bad handshake method|polling -|-|PUT|-|- -|-" },
	{ "GET", WS, false, true, ENGINEIO_COUNT_TRANSPORT_MISMATCH,
		"3 TRANSPORT_MISMATCH Bad request|"
		"websocket polling|SID|-|-|- -|-" },
	{ "GET", "/engine.io/?EIO=3&transport=polling", false, true,
		ENGINEIO_COUNT_PROTOCOL_MISMATCH,
		"3 PROTOCOL_MISMATCH Bad request|"
		"polling polling|SID|-|-|3 4|-" },
	{ "GET", "/engine.io/?transport=websocket", true, true,
		ENGINEIO_COUNT_PROTOCOL_MISMATCH,
		"3 PROTOCOL_MISMATCH Bad request|"
		"websocket polling|SID|-|-|- 4|-" },
	{ "GET", WS, false, false, ENGINEIO_COUNT_TRANSPORT_HANDSHAKE_ERROR,
		"3 TRANSPORT_HANDSHAKE_ERROR Bad request|"
		"websocket -|-|GET|-|- -|-" },
	{ "GET", "/engine.io/?EIO=2&transport=polling", false, false,
		ENGINEIO_COUNT_UNSUPPORTED_PROTOCOL_VERSION,
		"5 NONE Unsupported protocol version|- -|-|-|-|2 -|-" },
};

static void connection_error__each_kind__has_its_fields(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct witness w = { "", NULL };
	char target[256];
	struct fake_reply r;
	size_t i;

	eio_server_on_connection_error(app->srv, on_error, &w);
	w.sid = p->sid;
	for (i = 0; i < COUNT(kinds); i++) {
		snprintf(target, sizeof(target), "%s%s%s", kinds[i].target,
			kinds[i].with_sid ? "&sid=" : "",
			kinds[i].with_sid ? p->sid : "");
		r = fake_http(app->loop, kinds[i].method, target,
			kinds[i].upgrade ? fake_ws_headers : NULL, NULL);
		assert_int_equal(r.status, 400);
		/* A refused WebSocket has none of its own, as upstream. */
		assert_string_equal(fake_reply_header(&r, "x-seen"),
			kinds[i].upgrade ? "" : "yes");
		fake_reply_clear(&r);
		assert_string_equal(w.text, kinds[i].text);
		assert_true(count(app, kinds[i].counter) > 0);
	}
	fake_poll_free(p);
}

static void connection_error__of_the_application__has_its_words(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct witness w = { "", NULL };

	eio_server_on_connection_error(gate.app->srv, on_error, &w);
	gate.decides = true;
	gate.text = "not you";
	eio_server_on_request(gate.app->srv, fake_gate_ask, &gate);
	fake_gate_expect_once(gate.app, POLL, NULL, 403, NULL);
	assert_string_equal(w.text, "4 NONE not you|- -|-|-|-|- -|-");
	eio_server_on_request(gate.app->srv, NULL, NULL);
	eio_server_on_id(gate.app->srv, fake_gate_ask, &gate);
	fake_gate_expect_once(gate.app, POLL, NULL, 400, BAD);
	assert_string_equal(w.text,
		"3 ID_GENERATION_ERROR Bad request|- -|-|-|-|- -|not you");
	eio_server_on_id(gate.app->srv, NULL, NULL);
	assert_int_equal(eio_server_on_http(gate.app->srv, fake_gate_ask,
				 &gate),
		0);
	fake_gate_expect_once(gate.app, POLL, NULL, 400, BAD);
	assert_string_equal(w.text,
		"3 MIDDLEWARE_FAILURE Bad request|- -|-|-|-|- -|not you");
}

static void free_on_error(eio_request *req,
	const struct eio_connection_error *e, void *user)
{
	fake_app_free_server(user);
}

static void connection_error__that_frees_the_server__is_allowed(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	eio_server_on_connection_error(app->srv, free_on_error, app);
	fake_gate_get(c, "/engine.io/");
	fake_turn(app->loop);
	assert_true(fake_is_finished(c));
	fake_free(c);
}

static void text__of_codes_and_contexts__is_the_official_one(void **state)
{
	assert_string_equal(eio_code_text(ENGINEIO_CODE_FORBIDDEN),
		"Forbidden");
	assert_string_equal(eio_code_text((enum eio_code)6), "unknown code");
	assert_string_equal(
		eio_context_text(ENGINEIO_CONTEXT_MIDDLEWARE_FAILURE),
		"MIDDLEWARE_FAILURE");
	assert_string_equal(eio_context_text((enum eio_context)99),
		"unknown context");
}

/* -- watching ------------------------------------------------------------ */

static void note(struct fake_app *app, const char *what)
{
	if (app->diary.len)
		eio__strbuf_adds(&app->diary, " | ");
	eio__strbuf_adds(&app->diary, what);
}

static void on_heartbeat(eio_socket *s, void *user)
{
	note(user, "heartbeat");
}

static void on_upgrading(eio_socket *s, void *user)
{
	assert_true(eio_socket_is_upgrading(s));
	note(user, "upgrading");
}

static void on_upgrade(eio_socket *s, void *user)
{
	assert_false(eio_socket_is_upgrading(s));
	assert_string_equal(eio_socket_transport(s), "websocket");
	note(user, "upgrade");
}

static void on_flush(eio_socket *s, size_t packets, size_t bytes, void *user)
{
	char text[64];

	snprintf(text, sizeof(text), "flush %zu of %zu", packets, bytes);
	note(user, text);
}

static void on_packet(eio_socket *s, char type, size_t len, void *user)
{
	char text[64];

	snprintf(text, sizeof(text), "packet %c of %zu", type, len);
	note(user, text);
}

static void watch(struct fake_app *app)
{
	eio_server_on_heartbeat(app->srv, on_heartbeat, app);
	eio_server_on_upgrading(app->srv, on_upgrading, app);
	eio_server_on_upgrade(app->srv, on_upgrade, app);
	eio_server_on_flush(app->srv, on_flush, app);
	eio_server_on_packet(app->srv, on_packet, app);
}

static void watching__a_session_that_upgrades__sees_each_step(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;

	watch(app);
	fake_poll_get(p);
	fake_app_send(app, "abc");
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), "flush 1 of 4");
	assert_string_equal(fake_poll_next(p), "4abc");
	ws = fake_poll_candidate(p);
	fake_ws_send(ws, "2probe");
	assert_string_equal(fake_app_told(app), "upgrading");
	fake_ws_send(ws, "5");
	assert_string_equal(fake_app_told(app), "upgrade");
	fake_advance(app->loop, 25000);
	assert_string_equal(fake_app_told(app), "flush 1 of 3");
	fake_ws_send(ws, "3");
	assert_string_equal(fake_app_told(app), "packet 3 of 0 | heartbeat");
	fake_ws_send(ws, "4hello");
	assert_string_equal(fake_app_told(app), "packet 4 of 5 | text hello");
	fake_app_send(app, "a");
	fake_app_send(app, "b");
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), "flush 2 of 8");
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void free_in_packet(eio_socket *s, char type, size_t len, void *user)
{
	fake_app_free_server(user);
}

static void free_in_flush(eio_socket *s, size_t packets, size_t bytes,
	void *user)
{
	fake_app_free_server(user);
}

static void watching__callback_that_frees_the_server__is_allowed(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	eio_server_on_packet(app->srv, free_in_packet, app);
	fake_ws_send(ws, "4x");
	assert_string_equal(fake_app_told(app),
		"close server shutting down: server shutting down");
	fake_ws_free(ws);
}

static void watching__flush_that_frees_the_server__is_allowed(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	eio_server_on_flush(app->srv, free_in_flush, app);
	fake_app_send(app, "x");
	fake_turn(app->loop);
	assert_null(app->srv);
	fake_ws_free(ws);
}

static void watching__flush_of_a_poll_that_frees__is_allowed(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	eio_server_on_flush(app->srv, free_in_flush, app);
	fake_poll_get(p);
	fake_app_send(app, "x");
	fake_turn(app->loop);
	assert_null(app->srv);
	fake_poll_free(p);
}

static void sessions__walked_over__are_each_seen_once(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p[3];
	eio_socket *s = NULL;
	unsigned i, n = 0;

	assert_null(eio_server_next(app->srv, NULL));
	for (i = 0; i < 3; i++)
		p[i] = fake_app_poll(app);
	for (s = eio_server_next(app->srv, NULL); s;
		s = eio_server_next(app->srv, s)) {
		assert_string_equal(eio_socket_id(s), p[n]->sid);
		n++;
		eio_socket_abort(s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	}
	assert_int_equal(n, 3);
	assert_null(eio_server_next(app->srv, NULL));
	assert_null(eio_server_find(app->srv, p[0]->sid));
	assert_null(eio_server_next(NULL, NULL));
	for (i = 0; i < 3; i++)
		fake_poll_free(p[i]);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(connection_error__each_kind__has_its_fields),
		TEST(connection_error__of_the_application__has_its_words),
		TEST(connection_error__that_frees_the_server__is_allowed),
		TEST(text__of_codes_and_contexts__is_the_official_one),
		TEST(watching__a_session_that_upgrades__sees_each_step),
		TEST(watching__callback_that_frees_the_server__is_allowed),
		TEST(watching__flush_that_frees_the_server__is_allowed),
		TEST(watching__flush_of_a_poll_that_frees__is_allowed),
		TEST(sessions__walked_over__are_each_seen_once),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
