/* SPDX-License-Identifier: MIT */
/*
 * test_eio_gate.c: who gets in: the application's consent, ids of its own, the
 * first packet, and limits.
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

#define COUNT(a)    (sizeof(a) / sizeof(*(a)))
#define POLL        "/engine.io/?EIO=4&transport=polling"
#define WS          "/engine.io/?EIO=4&transport=websocket"
#define FORBIDDEN   "{\"code\":4,\"message\":\"Forbidden\"}"
#define BAD         "{\"code\":3,\"message\":\"Bad request\"}"
#define BAD_VERSION "{\"code\":5,\"message\":\"Unsupported protocol version\"}"

static unsigned long count(struct fake_app *app, enum eio_counter counter)
{
	return (unsigned long)eio_server_counter(app->srv, counter);
}

/* -- consent ------------------------------------------------------------- */

static void request__refused__is_403_or_400_for_a_websocket(void **state)
{
	static const struct {
		const char *text, *json, *bare;
	} rows[] = {
		{ NULL, FORBIDDEN, "Forbidden" },
		{ "denied by app", "{\"code\":4,\"message\":\"denied by app\"}",
			"denied by app" },
		{ "say \"no\" \\ \t\x01 \xc3\xa9 \xff",
			"{\"code\":4,\"message\":\"say \\\"no\\\" \\\\ "
			"\\u0009\\u0001 \xc3\xa9 \xef\xbf\xbd\"}",
			"say \"no\" \\ \t\x01 \xc3\xa9 \xff" },
	};
	struct fake_gate gate = fake_gate_of(state);
	size_t i;

	eio_server_on_request(gate.app->srv, fake_gate_ask, &gate);
	gate.says = ENGINEIO_REFUSE;
	for (i = 0; i < COUNT(rows); i++) {
		gate.text = rows[i].text;
		gate.decides = gate.text != NULL;
		fake_gate_expect_once(gate.app, POLL, NULL, 403, rows[i].json);
		fake_gate_expect_once(gate.app, WS, fake_ws_headers, 400,
			rows[i].bare);
	}
	assert_int_equal(count(gate.app, ENGINEIO_COUNT_FORBIDDEN), 6);
	assert_string_equal(fake_app_told(gate.app), "");
	eio_server_on_request(gate.app->srv, NULL, NULL);
	fake_gate_expect_once(gate.app, POLL, NULL, 200, NULL);
}

static void request__taken__is_answered_by_the_application(void **state)
{
	struct fake_gate gate = fake_gate_of(state);

	eio_server_on_request(gate.app->srv, fake_gate_ask, &gate);
	gate.says = ENGINEIO_TAKEN;
	fake_gate_expect_once(gate.app, POLL, NULL, 200, "taken");
	fake_gate_expect_once(gate.app, WS, fake_ws_headers, 200, "taken");
	assert_string_equal(fake_app_told(gate.app), "");
}

static void request__is_asked__for_handshakes_that_pass_the_checks(void **state)
{
	static const struct {
		const char *method, *target, *headers;
		unsigned asked;
	} rows[] = {
		{ "GET", POLL, NULL, 1 },
		{ "GET", WS, fake_ws_headers, 1 },
		/* the revision is looked at afterwards */
		{ "GET", "/engine.io/?EIO=3&transport=polling", NULL, 1 },
		{ "GET", "/engine.io/?EIO=4&transport=x", NULL, 0 },
		{ "POST", POLL, NULL, 0 },
		{ "GET", WS, NULL, 0 },
		{ "GET", POLL "&sid=AAAAAAAAAAAAAAAAAAAA", NULL, 0 },
		{ "GET", "/elsewhere", NULL, 0 },
	};
	struct fake_gate gate = fake_gate_of(state);
	struct fake_reply r;
	size_t i;

	eio_server_on_request(gate.app->srv, fake_gate_ask, &gate);
	for (i = 0; i < COUNT(rows); i++) {
		gate.asked = 0;
		r = fake_http(gate.app->loop, rows[i].method, rows[i].target,
			rows[i].headers, NULL);
		fake_reply_clear(&r);
		assert_int_equal(gate.asked, rows[i].asked);
	}
}

static void request__of_an_open_session__is_not_asked(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_poll *p;
	struct fake_ws *ws;

	eio_server_on_request(gate.app->srv, fake_gate_ask, &gate);
	p = fake_app_poll(gate.app);
	assert_int_equal(gate.asked, 1);
	gate.says = ENGINEIO_REFUSE;
	assert_int_equal(fake_poll_post(p, "4a"), 200);
	ws = fake_poll_candidate(p);
	assert_non_null(ws);
	assert_int_equal(gate.asked, 1);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void request__decided_later__is_let_in_or_not(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *a = fake_connect(gate.app->loop);
	struct fake_conn *b = fake_connect(gate.app->loop);
	struct fake_conn *c = fake_connect(gate.app->loop);
	struct fake_ws *ws;

	eio_server_on_request(gate.app->srv, fake_gate_ask, &gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(a, POLL);
	fake_request(b, "GET", WS, fake_ws_headers, NULL);
	fake_request(c, "GET", WS, fake_ws_headers, NULL);
	assert_int_equal(fake_gate_decide(&gate, 2, false, "full up"), 0);
	assert_int_equal(fake_gate_decide(&gate, 1, true, "ignored"), 0);
	assert_string_equal(fake_app_told(gate.app), "");
	fake_turn(gate.app->loop);
	assert_string_equal(fake_app_told(gate.app), "open");
	ws = fake_ws_adopt(b);
	assert_non_null(ws);
	fake_gate_expect(c, 400, "full up");
	fake_gate_expect(a, 0, NULL);
	fake_gate_decide(&gate, 0, true, NULL);
	fake_turn(gate.app->loop);
	fake_gate_expect(a, 200, NULL);
	fake_ws_free(ws);
	fake_free(a);
	fake_free(c);
}

static void request__revision__is_looked_at_behind_the_decision(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	eio_server_on_request(gate.app->srv, fake_gate_ask, &gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, "/engine.io/?EIO=3&transport=polling");
	fake_gate_expect(c, 0, NULL);
	fake_gate_decide(&gate, 0, true, NULL);
	fake_turn(gate.app->loop);
	fake_gate_expect(c, 400, BAD_VERSION);
	fake_free(c);
}

static void request__waiting_when_the_server_closes__is_503(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	eio_server_on_request(gate.app->srv, fake_gate_ask, &gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	assert_int_equal(eio_server_close(gate.app->srv, 5000, NULL, NULL), 0);
	fake_turn(gate.app->loop);
	fake_gate_expect(c, 503, "");
	assert_true(fake_is_finished(c));
	assert_int_not_equal(fake_gate_decide(&gate, 0, true, NULL), 0);
	fake_turn(gate.app->loop);
	assert_string_equal(fake_app_told(gate.app), "");
	fake_free(c);
}

static void request__decided_when_the_server_is_full__is_503(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);
	struct fake_poll *p;

	fake_app_set(gate.app, ENGINEIO_MAX_SESSIONS, 1);
	eio_server_on_request(gate.app->srv, fake_gate_ask, &gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	gate.says = ENGINEIO_PASS;
	p = fake_app_poll(gate.app);
	fake_gate_decide(&gate, 0, true, NULL);
	fake_turn(gate.app->loop);
	fake_gate_expect(c, 503, "");
	fake_poll_free(p);
	fake_free(c);
}

/* -- ids ----------------------------------------------------------------- */

static void id__of_the_application__is_the_sessions(void **state)
{
	static const char *const ids[] = { "a", "own-id_1",
		("0123456789012345678901234567890123456789012345678901234567"
		 "890123") };
	struct fake_gate gate = fake_gate_of(state);
	struct fake_poll *p;
	char open[128];
	size_t i;

	eio_server_on_id(gate.app->srv, fake_gate_ask, &gate);
	gate.decides = gate.allow = true;
	for (i = 0; i < COUNT(ids); i++) {
		gate.text = ids[i];
		fake_gate_expect_once(gate.app, POLL, NULL, 200, NULL);
		assert_string_equal(eio_socket_id(gate.app->s), ids[i]);
		assert_ptr_equal(eio_server_find(gate.app->srv, ids[i]),
			gate.app->s);
		snprintf(open, sizeof(open), POLL "&sid=%s", ids[i]);
		fake_app_told(gate.app);
	}
	/* Without a text the server makes one. */
	gate.text = NULL;
	p = fake_app_poll(gate.app);
	assert_int_equal(strlen(p->sid), 20);
	fake_poll_free(p);
}

static void id__that_is_none__is_an_error(void **state)
{
	static const char *const ids[] = { "", "a b", "a\"", "a\n", "../x",
		"\xc3\xa9",
		("0123456789012345678901234567890123456789012345678901234567"
		 "8901234") };
	struct fake_gate gate = fake_gate_of(state);
	size_t i;

	eio_server_on_id(gate.app->srv, fake_gate_ask, &gate);
	gate.decides = gate.allow = true;
	for (i = 0; i < COUNT(ids); i++) {
		gate.text = ids[i];
		fake_gate_expect_once(gate.app, POLL, NULL, 400, BAD);
	}
	gate.decides = false;
	gate.says = ENGINEIO_REFUSE;
	fake_gate_expect_once(gate.app, WS, fake_ws_headers, 400,
		"Bad request");
	assert_int_equal(count(gate.app, ENGINEIO_COUNT_ID_GENERATION_ERROR),
		COUNT(ids) + 1);
	assert_string_equal(fake_app_told(gate.app), "");
}

static void id__in_use__is_an_error_and_leaves_the_other(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_poll *p;

	eio_server_on_id(gate.app->srv, fake_gate_ask, &gate);
	gate.decides = gate.allow = true;
	gate.text = "0123456789the_same-1";
	p = fake_app_poll(gate.app);
	fake_gate_expect_once(gate.app, POLL, NULL, 400, BAD);
	assert_int_equal(fake_poll_post(p, "4alive"), 200);
	assert_string_equal(fake_app_told(gate.app), "text alive");
	fake_poll_post(p, "1");
	fake_turn(gate.app->loop);
	fake_gate_expect_once(gate.app, POLL, NULL, 200, NULL);
	fake_poll_free(p);
}

static void id__made_later__opens_then(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *a = fake_connect(gate.app->loop);
	struct fake_conn *b = fake_connect(gate.app->loop);
	struct fake_conn *c = fake_connect(gate.app->loop);

	eio_server_on_id(gate.app->srv, fake_gate_ask, &gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(a, POLL);
	fake_gate_get(b, POLL);
	fake_gate_get(c, POLL);
	/* Two get the same: the second is too late. */
	fake_gate_decide(&gate, 0, true, "one");
	fake_gate_decide(&gate, 1, true, "one");
	fake_gate_decide(&gate, 2, false, "no numbers left");
	fake_turn(gate.app->loop);
	fake_gate_expect(a, 200, NULL);
	fake_gate_expect(b, 400, BAD);
	fake_gate_expect(c, 400, BAD);
	assert_string_equal(fake_app_told(gate.app), "open");
	fake_free(a);
	fake_free(b);
	fake_free(c);
}

static void id__after_consent__both_later(void **state)
{
	struct fake_gate consent = fake_gate_of(state),
			 id = fake_gate_of(state);
	struct fake_conn *c = fake_connect(id.app->loop);

	eio_server_on_request(id.app->srv, fake_gate_ask, &consent);
	eio_server_on_id(id.app->srv, fake_gate_ask, &id);
	consent.says = id.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	fake_gate_decide(&consent, 0, true, "no-id");
	fake_turn(id.app->loop);
	assert_int_equal(id.asked, 1);
	fake_gate_expect(c, 0, NULL);
	fake_gate_decide(&id, 0, true, "the-id");
	fake_turn(id.app->loop);
	fake_gate_expect(c, 200, NULL);
	assert_string_equal(eio_socket_id(id.app->s), "the-id");
	fake_free(c);
}

/* -- the first packet ---------------------------------------------------- */

static void initial_packet__over_polling__is_in_the_same_answer(void **state)
{
	struct fake_app *app = *state;
	eio_buf *text = eio_buf_new_text("hello", 5);
	eio_buf *bytes = eio_buf_new_binary("\x01\x02", 2);
	struct fake_reply r;

	assert_int_equal(eio_server_set_initial_packet(app->srv, text), 0);
	eio_buf_unref(text);
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_int_equal(r.body[0], '0');
	assert_string_equal(strchr(r.body, '\x1e'),
		"\x1e"
		"4hello");
	fake_reply_clear(&r);
	assert_int_equal(eio_server_set_initial_packet(app->srv, bytes), 0);
	eio_buf_unref(bytes);
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_string_equal(strchr(r.body, '\x1e'),
		"\x1e"
		"bAQI=");
	fake_reply_clear(&r);
	assert_int_equal(eio_server_set_initial_packet(app->srv, NULL), 0);
	r = fake_http(app->loop, "GET", POLL, NULL, NULL);
	assert_null(strchr(r.body, '\x1e'));
	fake_reply_clear(&r);
}

static void say_more(struct fake_app *app, eio_socket *s)
{
	assert_true(fake_app_send(app, "more"));
}

static void initial_packet__over_websocket__is_the_next_frame(void **state)
{
	struct fake_app *app = *state;
	eio_buf *buf = eio_buf_new_binary("\x01\x02", 2);
	struct fake_ws *ws;

	app->on_open = say_more;
	assert_int_equal(eio_server_set_initial_packet(app->srv, buf), 0);
	eio_buf_unref(buf);
	ws = fake_app_ws(app);
	assert_memory_equal(fake_ws_next(ws), "\x01\x02", 2);
	assert_true(ws->binary);
	assert_string_equal(fake_ws_next(ws), "4more");
	fake_ws_free(ws);
	ws = fake_ws_open(app->loop, WS "&b64=1");
	assert_int_equal(*fake_ws_next(ws), '0');
	assert_string_equal(fake_ws_next(ws), "bAQI=");
	fake_ws_free(ws);
}

/* -- limits -------------------------------------------------------------- */

static int status_from(struct fake_app *app, const char *address)
{
	struct fake_conn *c = fake_connect_from(app->loop, 0, address);
	int status;

	fake_gate_get(c, POLL);
	status = fake_gate_status(c, NULL);
	fake_free(c);
	return status;
}

static void sessions__of_one_address__are_limited(void **state)
{
	struct fake_app *app = *state;

	assert_int_equal(status_from(app, "192.0.2.1"), 200);
	fake_app_set(app, ENGINEIO_MAX_SESSIONS_PER_ADDRESS, 2);
	assert_int_equal(status_from(app, "192.0.2.1"), 200);
	assert_int_equal(status_from(app, "192.0.2.1"), 200);
	assert_int_equal(status_from(app, "192.0.2.1"), 429);
	assert_int_equal(status_from(app, "192.0.2.2"), 200);
	/* One that ends makes room. */
	eio_socket_abort(eio_server_next(app->srv,
				 eio_server_next(app->srv, NULL)),
		ENGINEIO_REASON_FORCED_CLOSE, NULL);
	assert_int_equal(status_from(app, "192.0.2.1"), 200);
	assert_int_equal(status_from(app, "192.0.2.1"), 429);
	assert_int_equal(count(app, ENGINEIO_COUNT_MAX_SESSIONS_PER_ADDRESS),
		2);
}

static void sessions__of_one_network_of_ipv6__are_limited(void **state)
{
	struct fake_app *app = *state;

	fake_app_set(app, ENGINEIO_MAX_SESSIONS_PER_ADDRESS, 1);
	assert_int_equal(status_from(app, "2001:db8:1:2::1"), 200);
	assert_int_equal(status_from(app, "2001:db8:1:2:3::2"), 429);
	assert_int_equal(status_from(app, "2001:db8:1:3::1"), 200);
	assert_int_equal(status_from(app, "198.51.100.1"), 200);
	assert_int_equal(status_from(app, "::ffff:198.51.100.1"), 429);
	/* A unix socket has none. */
	assert_int_equal(status_from(app, ""), 200);
	assert_int_equal(status_from(app, ""), 200);
}

static void handshakes__faster_than_the_rate__are_429(void **state)
{
	struct fake_app *app = *state;
	unsigned i;

	fake_app_set(app, ENGINEIO_HANDSHAKE_RATE, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(status_from(app, "192.0.2.1"), 200);
	assert_int_equal(status_from(app, "192.0.2.1"), 429);
	fake_advance(app->loop, 249);
	assert_int_equal(status_from(app, "192.0.2.1"), 429);
	fake_advance(app->loop, 1);
	assert_int_equal(status_from(app, "192.0.2.1"), 200);
	assert_int_equal(status_from(app, "192.0.2.1"), 429);
	assert_int_equal(count(app, ENGINEIO_COUNT_HANDSHAKE_RATE), 3);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(request__refused__is_403_or_400_for_a_websocket),
		TEST(request__taken__is_answered_by_the_application),
		TEST(request__is_asked__for_handshakes_that_pass_the_checks),
		TEST(request__of_an_open_session__is_not_asked),
		TEST(request__decided_later__is_let_in_or_not),
		TEST(request__revision__is_looked_at_behind_the_decision),
		TEST(request__waiting_when_the_server_closes__is_503),
		TEST(request__decided_when_the_server_is_full__is_503),
		TEST(id__of_the_application__is_the_sessions),
		TEST(id__that_is_none__is_an_error),
		TEST(id__in_use__is_an_error_and_leaves_the_other),
		TEST(id__made_later__opens_then),
		TEST(id__after_consent__both_later),
		TEST(initial_packet__over_polling__is_in_the_same_answer),
		TEST(initial_packet__over_websocket__is_the_next_frame),
		TEST(sessions__of_one_address__are_limited),
		TEST(sessions__of_one_network_of_ipv6__are_limited),
		TEST(handshakes__faster_than_the_rate__are_429),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
