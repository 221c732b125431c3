/* SPDX-License-Identifier: MIT */
/*
 * test_eio_hook.c: hooks before everything: what they may say, now and
 * later, in which order they are asked, and what becomes of a request that
 * waits when the client goes, the server closes or nobody decides.
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

#define POLL     "/engine.io/?EIO=4&transport=polling"
#define WS       "/engine.io/?EIO=4&transport=websocket"
#define BAD      "{\"code\":3,\"message\":\"Bad request\"}"
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void hook(struct fake_gate *gate)
{
	assert_int_equal(eio_server_on_http(gate->app->srv, fake_gate_ask,
				 gate),
		0);
}

static void on_page(eio_request *req, void *user)
{
	eio_request_respond(req, 200, "text/plain", "page", 4);
}

static void add_page(struct fake_app *app)
{
	assert_int_equal(eio_server_route(app->srv, NULL, "/page", on_page,
				 NULL),
		0);
}

static void ask_for_websocket(struct fake_conn *c, const char *target)
{
	fake_request(c, "GET", target, fake_ws_headers, NULL);
}

/* -- at once ------------------------------------------------------------- */

static void hook__each_verdict__has_its_answer(void **state)
{
	static const struct {
		enum eio_verdict says;
		int page, engine;
		const char *page_body, *engine_body;
	} rows[] = {
		{ ENGINEIO_PASS, 200, 200, "page", NULL },
		{ ENGINEIO_TAKEN, 200, 200, "taken", "taken" },
		{ ENGINEIO_REFUSE, 403, 400, "forbidden", BAD },
	};
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);
	size_t i;

	add_page(gate.app);
	hook(&gate);
	for (i = 0; i < COUNT(rows); i++) {
		gate.says = rows[i].says;
		fake_gate_get(c, "/page");
		fake_gate_expect(c, rows[i].page, rows[i].page_body);
		fake_gate_get(c, POLL);
		fake_gate_expect(c, rows[i].engine, rows[i].engine_body);
	}
	assert_int_equal(gate.asked, 6);
	assert_int_equal(eio_server_counter(gate.app->srv,
				 ENGINEIO_COUNT_MIDDLEWARE_FAILURE),
		1);
	fake_free(c);
}

static const char *refused_because;

static void on_refused(eio_request *req,
	const struct eio_connection_error *error, void *user)
{
	refused_because = error->error &&
			strcmp(error->error, "not on Sundays") == 0
		? "not on Sundays"
		: "?";
}

static void hook__refusing_with_a_text__says_it(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	add_page(gate.app);
	hook(&gate);
	eio_server_on_connection_error(gate.app->srv, on_refused, NULL);
	gate.decides = true;
	gate.text = "not on Sundays";
	fake_gate_get(c, "/page");
	fake_gate_expect(c, 403, "not on Sundays");
	fake_gate_get(c, POLL);
	fake_gate_expect(c, 400, BAD);
	assert_string_equal(refused_because, "not on Sundays");
	/* The text of one question is not that of the next. */
	gate.text = NULL;
	fake_gate_get(c, "/page");
	fake_gate_expect(c, 403, "forbidden");
	fake_free(c);
}

static void hook__of_an_upgrade__is_asked_before_the_101(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	hook(&gate);
	gate.says = ENGINEIO_REFUSE;
	ask_for_websocket(c, WS);
	fake_gate_expect(c, 400, "Bad request");
	assert_true(fake_is_finished(c));
	fake_free(c);
	gate.says = ENGINEIO_PASS;
	fake_ws_free(fake_app_ws(gate.app));
	assert_int_equal(gate.asked, 2);
}

static enum eio_verdict add_header(eio_request *req, void *user)
{
	eio_request_set_header(req, "X-Hook", "yes");
	return ENGINEIO_PASS;
}

static void hook__that_sets_a_header__is_seen_on_every_answer(void **state)
{
	static const struct {
		const char *method, *target, *headers;
		int status;
	} rows[] = {
		{ "GET", POLL, NULL, 200 },
		{ "GET", WS, fake_ws_headers, 101 },
		{ "GET", "/engine.io/", NULL, 400 },
		{ "GET", "/nowhere", NULL, 404 },
	};
	struct fake_app *app = *state;
	struct fake_conn *c;
	char text[64];
	size_t i;

	assert_int_equal(eio_server_on_http(app->srv, add_header, NULL), 0);
	for (i = 0; i < COUNT(rows); i++) {
		c = fake_connect(app->loop);
		fake_request(c, rows[i].method, rows[i].target, rows[i].headers,
			NULL);
		snprintf(text, sizeof(text), "HTTP/1.1 %d ", rows[i].status);
		assert_memory_equal(fake_received(c)->data, text, 13);
		assert_non_null(strstr(fake_received(c)->data,
			"\r\nX-Hook: yes\r\n"));
		fake_free(c);
	}
}

static void hooks__several__are_asked_in_order_until_one_refuses(void **state)
{
	struct fake_gate gates[3] = { fake_gate_of(state), fake_gate_of(state),
		fake_gate_of(state) };
	struct fake_conn *c = fake_connect(gates[0].app->loop);
	size_t i;

	for (i = 0; i < 3; i++)
		hook(&gates[i]);
	gates[1].says = ENGINEIO_REFUSE;
	fake_gate_get(c, POLL);
	fake_gate_expect(c, 400, BAD);
	assert_int_equal(gates[0].asked, 1);
	assert_int_equal(gates[1].asked, 1);
	assert_int_equal(gates[2].asked, 0);
	fake_free(c);
}

static void
decision__inside_of_the_callback__counts_whatever_it_says(void **state)
{
	static const enum eio_verdict says[] = { ENGINEIO_PASS, ENGINEIO_LATER,
		ENGINEIO_REFUSE };
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);
	size_t i;

	hook(&gate);
	gate.decides = gate.forgets = true;
	for (i = 0; i < COUNT(says); i++) {
		gate.says = says[i];
		gate.allow = true;
		fake_gate_get(c, POLL);
		fake_gate_expect(c, 200, NULL);
		gate.allow = false;
		fake_gate_get(c, POLL);
		fake_gate_expect(c, 400, BAD);
	}
	fake_free(c);
}

/* -- later --------------------------------------------------------------- */

static void later__then_passed__goes_on_to_the_next_hook(void **state)
{
	struct fake_gate first = fake_gate_of(state),
			 second = fake_gate_of(state);
	struct fake_conn *c = fake_connect(first.app->loop);

	hook(&first);
	hook(&second);
	first.says = second.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	assert_int_equal(second.asked, 0);
	fake_gate_expect(c, 0, NULL);
	assert_int_equal(fake_gate_decide(&first, 0, true, NULL), 0);
	/* What follows happens from the loop. */
	assert_int_equal(second.asked, 0);
	fake_turn(first.app->loop);
	assert_int_equal(second.asked, 1);
	fake_gate_expect(c, 0, NULL);
	assert_int_equal(fake_gate_decide(&second, 0, true, NULL), 0);
	fake_turn(first.app->loop);
	fake_gate_expect(c, 200, NULL);
	assert_string_equal(fake_app_told(first.app), "open");
	fake_free(c);
}

static void later__then_refused__is_told_why(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	assert_int_equal(fake_gate_decide(&gate, 0, false, "no such user"), 0);
	fake_turn(gate.app->loop);
	/* The client is not told. */
	fake_gate_expect(c, 400, BAD);
	fake_free(c);
}

static void later__of_a_post__reads_its_body_afterwards(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_poll *p = fake_app_poll(gate.app);
	struct fake_conn *c = fake_connect(gate.app->loop);
	char target[256];

	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_poll_target(p, target);
	fake_request(c, "POST", target, NULL,
		"4one\x1e"
		"4two");
	assert_string_equal(fake_app_told(gate.app), "");
	assert_int_equal(fake_gate_decide(&gate, 0, true, NULL), 0);
	fake_turn(gate.app->loop);
	assert_string_equal(fake_app_told(gate.app), "text one | text two");
	fake_gate_expect(c, 200, "ok");
	gate.says = ENGINEIO_PASS;
	fake_free(c);
	fake_poll_free(p);
}

static void later__of_an_upgrade__keeps_what_came_behind_it(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);
	struct eio__strbuf frame;
	struct fake_ws *ws;

	hook(&gate);
	gate.says = ENGINEIO_LATER;
	ask_for_websocket(c, WS);
	eio__strbuf_init(&frame, 0);
	fake_ws_add_frame(&frame, 0x81, "4early", 6);
	fake_send(c, frame.data, frame.len);
	eio__strbuf_clear(&frame);
	assert_string_equal(fake_app_told(gate.app), "");
	fake_gate_decide(&gate, 0, true, NULL);
	fake_turn(gate.app->loop);
	assert_string_equal(fake_app_told(gate.app), "open | text early");
	ws = fake_ws_adopt(c);
	assert_non_null(ws);
	fake_ws_free(ws);
}

static void later__answered_over_http__needs_no_decision(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_request(c, "POST", POLL, NULL, "a body");
	eio_request_respond(gate.held[0], 401, NULL, "who?", 4);
	assert_int_equal(fake_gate_decide(&gate, 0, true, NULL),
		ENGINEIO_ERR_STATE);
	fake_turn(gate.app->loop);
	fake_gate_expect(c, 401, "who?");
	/* The connection is not out of step. */
	gate.says = ENGINEIO_PASS;
	fake_gate_get(c, POLL);
	fake_gate_expect(c, 200, NULL);
	fake_free(c);
}

static void later__pipelined_requests__wait_their_turn(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	add_page(gate.app);
	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	fake_gate_get(c, "/page");
	fake_gate_get(c, "/nowhere");
	assert_int_equal(gate.asked, 1);
	gate.says = ENGINEIO_PASS;
	fake_gate_decide(&gate, 0, true, NULL);
	fake_turn(gate.app->loop);
	fake_gate_expect(c, 200, NULL);
	fake_gate_expect(c, 200, "page");
	fake_gate_expect(c, 404, NULL);
	assert_int_equal(gate.asked, 3);
	fake_free(c);
}

static void later__much_input_meanwhile__is_not_read(void **state)
{
	static char junk[70000];
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_puts(c,
		"POST " POLL " HTTP/1.1\r\nHost: a\r\n"
		"Content-Length: 70000\r\n\r\n");
	fake_send(c, junk, sizeof(junk));
	assert_false(fake_is_reading(c));
	gate.says = ENGINEIO_PASS;
	fake_gate_decide(&gate, 0, false, NULL);
	fake_turn(gate.app->loop);
	assert_true(fake_is_reading(c));
	fake_gate_expect(c, 400, BAD);
	fake_gate_get(c, "/nowhere");
	fake_gate_expect(c, 404, NULL);
	fake_free(c);
}

static void later__other_requests_of_the_session__overtake_it(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_poll *p = fake_app_poll(gate.app);
	struct fake_conn *c = fake_connect(gate.app->loop);
	char target[256];

	hook(&gate);
	fake_poll_target(p, target);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, target);
	gate.says = ENGINEIO_PASS;
	/* The one that overtakes is the one that waits; the first is an
	 * overlap when it is let through. */
	fake_poll_get(p);
	fake_gate_decide(&gate, 0, true, NULL);
	fake_turn(gate.app->loop);
	fake_gate_expect(c, 400, "");
	assert_string_equal(fake_app_told(gate.app),
		"close transport error: overlap from client");
	fake_free(c);
	fake_poll_free(p);
}

static void later__session_ended_meanwhile__is_unknown(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_poll *p = fake_app_poll(gate.app);
	struct fake_conn *c = fake_connect(gate.app->loop);
	char target[256];

	hook(&gate);
	fake_poll_target(p, target);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, target);
	eio_socket_abort(gate.app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(gate.app->loop);
	fake_gate_decide(&gate, 0, true, NULL);
	fake_turn(gate.app->loop);
	fake_gate_expect(c, 400,
		"{\"code\":1,\"message\":\"Session ID unknown\"}");
	fake_free(c);
	fake_poll_free(p);
}

/* -- never, or in vain --------------------------------------------------- */

static void later__client_gone__is_closed(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	fake_reset(c);
	/* What it said can still be read. */
	assert_string_equal(eio_request_target(gate.held[0]), POLL);
	assert_int_equal(fake_gate_decide(&gate, 0, true, "x"),
		ENGINEIO_ERR_CLOSED);
	fake_turn(gate.app->loop);
	assert_string_equal(fake_app_told(gate.app), "");
	fake_free(c);
}

static void later__decided_and_then_gone__opens_nothing(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	assert_int_equal(fake_gate_decide(&gate, 0, true, NULL), 0);
	fake_reset(c);
	fake_turn(gate.app->loop);
	assert_string_equal(fake_app_told(gate.app), "");
	fake_free(c);
}

static void later__never__is_503_after_the_time_limit(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	assert_int_equal(eio_server_set_option(gate.app->srv,
				 ENGINEIO_DECISION_TIMEOUT, 700),
		0);
	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	fake_advance(gate.app->loop, 699);
	fake_gate_expect(c, 0, NULL);
	fake_advance(gate.app->loop, 1);
	fake_gate_expect(c, 503, "");
	assert_true(fake_is_finished(c));
	assert_true(fake_app_logged(gate.app, "(DECISION_TIMEOUT)"));
	assert_int_equal(eio_server_counter(gate.app->srv,
				 ENGINEIO_COUNT_DECISION_TIMEOUT),
		1);
	assert_int_not_equal(fake_gate_decide(&gate, 0, true, NULL), 0);
	fake_turn(gate.app->loop);
	assert_string_equal(fake_app_told(gate.app), "");
	fake_free(c);
}

static void later__time_limit__holds_for_each_question(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	fake_advance(gate.app->loop, 29999);
	fake_gate_decide(&gate, 0, true, NULL);
	fake_turn(gate.app->loop);
	/* Now it is a poll; nothing limits that. */
	fake_gate_expect(c, 200, NULL);
	fake_free(c);
}

static void later__forgotten__is_500(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	fake_gate_expect(c, 0, NULL);
	fake_gate_forget(&gate, 0);
	fake_turn(gate.app->loop);
	fake_gate_expect(c, 500, "");
	/* Nobody ever had a reference. */
	gate.forgets = true;
	fake_gate_get(c, POLL);
	fake_gate_expect(c, 500, "");
	gate.says = ENGINEIO_PASS;
	fake_gate_get(c, POLL);
	fake_gate_expect(c, 200, NULL);
	fake_free(c);
}

static void decision__of_what_is_not_open__is_an_error(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);
	eio_request *req;

	assert_int_equal(eio_request_decide(NULL, true, NULL),
		ENGINEIO_ERR_INVALID);
	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	req = eio_request_ref(gate.held[0]);
	assert_int_equal(fake_gate_decide(&gate, 0, true, NULL), 0);
	assert_int_equal(eio_request_decide(req, false, NULL),
		ENGINEIO_ERR_STATE);
	fake_turn(gate.app->loop);
	/* It is a poll now, and was answered. */
	assert_int_equal(eio_request_decide(req, false, NULL),
		ENGINEIO_ERR_CLOSED);
	fake_gate_expect(c, 200, NULL);
	eio_request_unref(req);
	fake_free(c);
}

/* -- the server's end ---------------------------------------------------- */

static void later__server_closing__still_waits_for_the_decision(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_poll *p = fake_app_poll(gate.app);
	struct fake_conn *c = fake_connect(gate.app->loop);
	char target[256];

	hook(&gate);
	fake_app_send(gate.app, "last");
	fake_poll_target(p, target);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, target);
	assert_int_equal(eio_server_close(gate.app->srv, 5000, NULL, NULL), 0);
	fake_turn(gate.app->loop);
	fake_gate_expect(c, 0, NULL);
	fake_gate_decide(&gate, 0, true, NULL);
	fake_turn(gate.app->loop);
	fake_gate_expect(c, 200, "4last");
	fake_free(c);
	fake_poll_free(p);
}

static void later__server_freed__is_closed(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_conn *c = fake_connect(gate.app->loop);

	hook(&gate);
	gate.says = ENGINEIO_LATER;
	fake_gate_get(c, POLL);
	fake_app_free_server(gate.app);
	assert_int_equal(fake_gate_decide(&gate, 0, true, NULL),
		ENGINEIO_ERR_CLOSED);
	fake_turn(gate.app->loop);
	fake_free(c);
}

static enum eio_verdict free_and_wait(eio_request *req, void *user)
{
	fake_app_free_server(user);
	return ENGINEIO_LATER;
}

static void hook__that_frees_the_server_and_waits__is_allowed(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	assert_int_equal(eio_server_on_http(app->srv, free_and_wait, app), 0);
	fake_gate_get(c, POLL);
	fake_turn(app->loop);
	assert_true(fake_is_finished(c));
	fake_free(c);
}

/* -- a guest's ----------------------------------------------------------- */

static eio_server *add_guest(struct fake_app *app)
{
	eio_server *guest = eio_server_new(app->loop);

	assert_non_null(guest);
	assert_int_equal(eio_server_set_path(guest, "/guest"), 0);
	return guest;
}

static void
guest__hook_before_or_after_attaching__sees_its_own_path(void **state)
{
	struct fake_gate before = fake_gate_of(state),
			 after = fake_gate_of(state);
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	eio_server *guest = add_guest(app);

	assert_int_equal(eio_server_on_http(guest, fake_gate_ask, &before), 0);
	assert_int_equal(eio_server_attach(guest, app->srv), 0);
	assert_int_equal(eio_server_on_http(guest, fake_gate_ask, &after), 0);
	fake_gate_get(c, POLL);
	fake_gate_expect(c, 200, NULL);
	assert_int_equal(before.asked + after.asked, 0);
	fake_gate_get(c, "/guest/?EIO=4&transport=polling");
	fake_gate_expect(c, 200, NULL);
	assert_int_equal(before.asked, 1);
	assert_int_equal(after.asked, 1);
	eio_server_free(guest);
	fake_turn(app->loop);
	fake_gate_get(c, "/guest/?EIO=4&transport=polling");
	fake_gate_expect(c, 404, NULL);
	assert_int_equal(before.asked, 1);
	fake_free(c);
}

static void guest__freed_while_its_hook_decides__is_503(void **state)
{
	struct fake_gate gate = fake_gate_of(state);
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	eio_server *guest = add_guest(app);

	gate.says = ENGINEIO_LATER;
	assert_int_equal(eio_server_attach(guest, app->srv), 0);
	assert_int_equal(eio_server_on_http(guest, fake_gate_ask, &gate), 0);
	fake_gate_get(c, "/guest/?EIO=4&transport=polling");
	eio_server_free(guest);
	fake_turn(app->loop);
	fake_gate_expect(c, 503, "");
	assert_int_not_equal(fake_gate_decide(&gate, 0, true, NULL), 0);
	fake_turn(app->loop);
	fake_free(c);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hook__each_verdict__has_its_answer),
		TEST(hook__refusing_with_a_text__says_it),
		TEST(hook__of_an_upgrade__is_asked_before_the_101),
		TEST(hook__that_sets_a_header__is_seen_on_every_answer),
		TEST(hooks__several__are_asked_in_order_until_one_refuses),
		TEST(decision__inside_of_the_callback__counts_whatever_it_says),
		TEST(later__then_passed__goes_on_to_the_next_hook),
		TEST(later__then_refused__is_told_why),
		TEST(later__of_a_post__reads_its_body_afterwards),
		TEST(later__of_an_upgrade__keeps_what_came_behind_it),
		TEST(later__answered_over_http__needs_no_decision),
		TEST(later__pipelined_requests__wait_their_turn),
		TEST(later__much_input_meanwhile__is_not_read),
		TEST(later__other_requests_of_the_session__overtake_it),
		TEST(later__session_ended_meanwhile__is_unknown),
		TEST(later__client_gone__is_closed),
		TEST(later__decided_and_then_gone__opens_nothing),
		TEST(later__never__is_503_after_the_time_limit),
		TEST(later__time_limit__holds_for_each_question),
		TEST(later__forgotten__is_500),
		TEST(decision__of_what_is_not_open__is_an_error),
		TEST(later__server_closing__still_waits_for_the_decision),
		TEST(later__server_freed__is_closed),
		TEST(hook__that_frees_the_server_and_waits__is_allowed),
		TEST(guest__hook_before_or_after_attaching__sees_its_own_path),
		TEST(guest__freed_while_its_hook_decides__is_503),
	};

	return cmocka_run_group_tests_name("hooks", tests, NULL, NULL);
}
