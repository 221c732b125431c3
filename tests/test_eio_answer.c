/* SPDX-License-Identifier: MIT */
/*
 * test_eio_answer.c: an answer that nothing else could join leaves before the
 * next event of its turn; what others get, or could be joined, waits for the
 * turn's end.
 */
#include <config.h>

#include "fake_app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* -- what the application does with a message ----------------------------- */

static void send_back(struct fake_app *app, eio_socket *s, const char *data,
	size_t len, bool binary)
{
	eio_buf *buf = eio_buf_new_text(data, len);

	assert_int_equal(eio_socket_send(s, buf), 0);
	eio_buf_unref(buf);
}

/* To the session opened last, whoever says it. */
static void send_to_last(struct fake_app *app, eio_socket *s, const char *data,
	size_t len, bool binary)
{
	send_back(app, app->s, data, len, binary);
}

static void send_to_both(struct fake_app *app, eio_socket *s, const char *data,
	size_t len, bool binary)
{
	send_back(app, s, data, len, binary);
	if (s != app->s)
		send_to_last(app, s, data, len, binary);
}

static void close_and_answer(struct fake_app *app, eio_socket *s,
	const char *data, size_t len, bool binary)
{
	send_back(app, s, data, len, binary);
	eio_socket_close(s);
}

static void answer_and_free(struct fake_app *app, eio_socket *s,
	const char *data, size_t len, bool binary)
{
	send_back(app, s, data, len, binary);
	fake_app_free_server(app);
}

static unsigned writes_since(struct fake_ws *ws, unsigned *before)
{
	unsigned n = fake_writes(ws->c) - *before;

	*before += n;
	return n;
}

/* Two clients, the events of one turn. */
static void setup_two(struct fake_app *app, struct fake_ws *ws[2],
	unsigned writes[2])
{
	int i;

	for (i = 0; i < 2; i++) {
		ws[i] = fake_app_ws(app);
		writes[i] = fake_writes(ws[i]->c);
	}
	fake_hold(app->loop);
}

static void free_two(struct fake_app *app, struct fake_ws *ws[2])
{
	fake_turn(app->loop);
	fake_ws_free(ws[0]);
	fake_ws_free(ws[1]);
}

/* -- answers that leave --------------------------------------------------- */

static void answer__alone__leaves_before_the_next_message(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[2];
	unsigned writes[2], i, round;

	app->on_message = send_back;
	setup_two(app, ws, writes);
	for (round = 0; round < 3; round++)
		for (i = 0; i < 2; i++) {
			fake_ws_send(ws[i], "4a");
			assert_int_equal(writes_since(ws[i], &writes[i]), 1);
			assert_string_equal(fake_ws_next(ws[i]), "4a");
		}
	fake_turn(app->loop);
	assert_int_equal(writes_since(ws[0], &writes[0]), 0);
	free_two(app, ws);
}

static void answers__to_messages_in_one_piece__are_one_write(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[2];
	unsigned writes[2], i;
	struct eio__strbuf b;

	app->on_message = send_back;
	setup_two(app, ws, writes);
	eio__strbuf_init(&b, 0);
	for (i = 0; i < 16; i++)
		fake_ws_add_frame(&b, 0x81, "4a", 2);
	fake_send(ws[0]->c, b.data, b.len);
	eio__strbuf_clear(&b);
	assert_int_equal(writes_since(ws[0], &writes[0]), 1);
	for (i = 0; i < 16; i++)
		assert_string_equal(fake_ws_next(ws[0]), "4a");
	free_two(app, ws);
}

static void answer__to_a_request__leaves_at_once(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;

	fake_hold(app->loop);
	fake_request(c, "GET", "/nothing", NULL, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 404);
	fake_reply_clear(&r);
	fake_turn(app->loop);
	fake_free(c);
}

/* The answer goes to the poll that waits, on another connection. */
static void answer__over_polling__leaves_at_once(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	app->on_message = send_back;
	fake_poll_get(p);
	fake_hold(app->loop);
	assert_int_equal(fake_poll_post(p, "4a"), 200);
	assert_string_equal(fake_poll_next(p), "4a");
	fake_turn(app->loop);
	fake_poll_free(p);
}

static void answer__and_a_close__leave_at_once(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[2];
	unsigned writes[2];

	app->on_message = close_and_answer;
	setup_two(app, ws, writes);
	fake_ws_send(ws[1], "4a");
	assert_string_equal(fake_ws_next(ws[1]), "4a");
	fake_turn(app->loop);
	assert_true(fake_ws_is_closed(ws[1]));
	assert_string_equal(fake_app_told(app),
		"text a | close forced close: forced close");
	free_two(app, ws);
}

static void answer__of_a_server_that_is_freed__is_fine(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[2];
	unsigned writes[2];

	app->on_message = answer_and_free;
	setup_two(app, ws, writes);
	fake_ws_send(ws[0], "4a");
	free_two(app, ws);
}

/* -- what waits ----------------------------------------------------------- */

static void speak_five_times(struct fake_ws *ws)
{
	unsigned i;

	for (i = 0; i < 5; i++)
		fake_ws_send(ws, "4a");
}

/* Many that speak to one: it gets all of it in one write. */
static void message__for_another__waits_for_the_end(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[2];
	unsigned writes[2];

	app->on_message = send_to_last;
	setup_two(app, ws, writes);
	speak_five_times(ws[0]);
	assert_int_equal(writes_since(ws[1], &writes[1]), 0);
	fake_turn(app->loop);
	assert_int_equal(writes_since(ws[1], &writes[1]), 1);
	free_two(app, ws);
}

static void answer__beside_a_message_for_another__waits_too(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[2];
	unsigned writes[2];

	app->on_message = send_to_both;
	setup_two(app, ws, writes);
	speak_five_times(ws[0]);
	app->on_message = send_back;
	fake_ws_send(ws[1], "4b");
	assert_int_equal(writes_since(ws[0], &writes[0]), 0);
	assert_int_equal(writes_since(ws[1], &writes[1]), 0);
	fake_turn(app->loop);
	assert_int_equal(writes_since(ws[0], &writes[0]), 1);
	assert_int_equal(writes_since(ws[1], &writes[1]), 1);
	free_two(app, ws);
}

/* -- hooks ---------------------------------------------------------------- */

static unsigned asked;

static bool ask(void *user)
{
	asked++;
	return false;
}

static void answer__with_a_hook_for_whole_turns__waits_for_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[2];
	unsigned writes[2];

	asked = 0;
	app->on_message = send_back;
	setup_two(app, ws, writes);
	eio_loop_on_turn_end(app->loop, ask, NULL);
	fake_ws_send(ws[0], "4a");
	fake_ws_send(ws[1], "4a");
	assert_int_equal(writes_since(ws[0], &writes[0]), 0);
	assert_int_equal(asked, 0);
	fake_turn(app->loop);
	assert_int_equal(writes_since(ws[0], &writes[0]), 1);
	assert_int_equal(asked, 1);
	eio_loop_off_turn_end(app->loop, ask, NULL);
	fake_hold(app->loop);
	fake_ws_send(ws[0], "4a");
	assert_int_equal(writes_since(ws[0], &writes[0]), 1);
	free_two(app, ws);
}

static void hook__before_output__is_asked_before_each_answer(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[2];
	unsigned writes[2];

	asked = 0;
	app->on_message = send_back;
	setup_two(app, ws, writes);
	assert_int_equal(eio_loop_before_output(NULL, ask, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_loop_before_output(app->loop, NULL, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_loop_before_output(app->loop, ask, NULL), 0);
	fake_ws_send(ws[0], "4a");
	assert_int_equal(asked, 1);
	assert_int_equal(writes_since(ws[0], &writes[0]), 1);
	fake_turn(app->loop);
	assert_int_equal(asked, 2);
	eio_loop_off_turn_end(app->loop, ask, NULL);
	fake_turn(app->loop);
	assert_int_equal(asked, 2);
	free_two(app, ws);
}

/* What a hook makes for somebody else leaves with the answer. */
static bool send_once(void *user)
{
	struct fake_app *app = user;

	if (asked++)
		return false;
	fake_app_send(app, "h");
	return true;
}

static void hook__before_output__that_sends__is_heard(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws[2];
	unsigned writes[2];

	asked = 0;
	app->on_message = send_back;
	setup_two(app, ws, writes);
	eio_loop_before_output(app->loop, send_once, app);
	fake_ws_send(ws[0], "4a");
	assert_string_equal(fake_ws_next(ws[0]), "4a");
	assert_string_equal(fake_ws_next(ws[1]), "4h");
	eio_loop_off_turn_end(app->loop, send_once, app);
	free_two(app, ws);
}

#define TEST(fn) \
	cmocka_unit_test_setup_teardown(fn, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answer__alone__leaves_before_the_next_message),
		TEST(answers__to_messages_in_one_piece__are_one_write),
		TEST(answer__to_a_request__leaves_at_once),
		TEST(answer__over_polling__leaves_at_once),
		TEST(answer__and_a_close__leave_at_once),
		TEST(answer__of_a_server_that_is_freed__is_fine),
		TEST(message__for_another__waits_for_the_end),
		TEST(answer__beside_a_message_for_another__waits_too),
		TEST(answer__with_a_hook_for_whole_turns__waits_for_it),
		TEST(hook__before_output__is_asked_before_each_answer),
		TEST(hook__before_output__that_sends__is_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
