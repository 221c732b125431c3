/* SPDX-License-Identifier: MIT */
/*
 * test_eio_close_inside.c: the end of a session, or of the whole server, inside
 * of a callback.
 */
#include <config.h>

#include "fake_app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SEP    "\x1e"
#define FORCED "close forced close: forced close"

/* -- from inside --------------------------------------------------------- */

static void abort_it(struct fake_app *app, eio_socket *s, const char *data,
	size_t len, bool binary)
{
	eio_socket_abort(s, ENGINEIO_REASON_FORCED_CLOSE, "from inside");
}

static void reply_and_close(struct fake_app *app, eio_socket *s,
	const char *data, size_t len, bool binary)
{
	assert_true(fake_app_send(app, "bye"));
	eio_socket_close(s);
}

#define INSIDE "text a | close forced close: from inside"

static void message__aborting_its_session__is_the_last(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws;
	struct eio__strbuf b;

	app->on_message = abort_it;
	assert_int_equal(fake_poll_post(p, "4a" SEP "4b"), 200);
	assert_string_equal(fake_app_told(app), INSIDE);
	fake_poll_free(p);

	ws = fake_app_ws(app);
	eio__strbuf_init(&b, 0);
	fake_ws_add_frame(&b, 0x81, "4a", 2);
	fake_ws_add_frame(&b, 0x81, "4b", 2);
	fake_send(ws->c, b.data, b.len);
	assert_string_equal(fake_app_told(app), INSIDE);
	assert_true(fake_ws_ended_with(ws, 1005));
	eio__strbuf_clear(&b);
	fake_ws_free(ws);
}

static void message__closing_its_session__sends_the_reply(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct fake_poll *p;

	app->on_message = reply_and_close;
	fake_ws_send(ws, "4a");
	assert_string_equal(fake_ws_next(ws), "4bye");
	assert_true(fake_ws_ended_with(ws, 1005));
	assert_string_equal(fake_app_told(app), "text a | " FORCED);
	fake_ws_free(ws);

	p = fake_app_poll(app);
	fake_poll_get(p);
	assert_int_equal(fake_poll_post(p, "4a" SEP "4b"), 200);
	assert_string_equal(fake_app_told(app), "text a");
	assert_string_equal(fake_poll_next(p), "4bye");
	assert_string_equal(fake_poll_next(p), "6" SEP "1");
	assert_string_equal(fake_app_told(app), FORCED);
	fake_poll_free(p);
}

static void close_on_drain(struct fake_app *app, eio_socket *s)
{
	eio_socket_close(s);
}

static void drain__closing_its_session__is_fine(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct fake_poll *p;

	app->on_drain = close_on_drain;
	assert_true(fake_app_send(app, "a"));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "4a");
	assert_true(fake_ws_ended_with(ws, 1005));
	assert_string_equal(fake_app_told(app), FORCED);
	fake_ws_free(ws);

	p = fake_poll_open(app->loop, "/engine.io/");
	assert_string_equal(fake_app_told(app), "open");
	assert_string_equal(fake_poll_next(p), "6" SEP "1");
	assert_string_equal(fake_app_told(app), FORCED);
	fake_poll_free(p);
}

/* In the close callback the session is still whole. */
static void look_around(struct fake_app *app, eio_socket *s)
{
	assert_false(eio_socket_is_open(s));
	assert_false(eio_socket_is_writable(s));
	assert_int_equal(strlen(eio_socket_id(s)), 20);
	assert_ptr_equal(eio_socket_server(s), app->srv);
	assert_ptr_equal(eio_socket_data(s), app);
	assert_false(fake_app_send(app, "too late"));
	eio_socket_close(s);
	eio_socket_abort(s, ENGINEIO_REASON_PARSE_ERROR, "again");
}

static void close_callback__of_a_session__may_ask_it_anything(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	app->on_close = look_around;
	eio_socket_set_data(app->s, app);
	fake_ws_send(ws, "1");
	assert_string_equal(fake_app_told(app),
		"close transport close: close packet");
	fake_ws_free(ws);
}

/* -- freeing the server inside of each callback -------------------------- */

static void free_in_open(struct fake_app *app, eio_socket *s)
{
	if (app->opened == 3)
		fake_app_free_server(app);
}

static void free_in_message(struct fake_app *app, eio_socket *s,
	const char *data, size_t len, bool binary)
{
	fake_app_free_server(app);
}

static void free_in_drain(struct fake_app *app, eio_socket *s)
{
	fake_app_free_server(app);
}

static void free_in_close(struct fake_app *app, eio_socket *s)
{
	if (app->srv)
		fake_app_free_server(app);
}

/* The server is gone, and everybody was told. */
static void expect_freed(struct fake_app *app)
{
	fake_turn(app->loop);
	assert_null(app->srv);
	assert_int_equal(app->opened, app->closed);
	assert_int_equal(fake_open_conns(app->loop), 0);
	fake_app_told(app);
}

static void free__in_open_over_polling__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);

	app->on_open = free_in_open;
	fake_poll_get(p);
	assert_null(fake_poll_open(app->loop, "/engine.io/"));
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_open_over_websocket__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);
	struct fake_conn *c = fake_connect(app->loop);
	struct eio__strbuf b;

	app->on_open = free_in_open;
	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b,
		"GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
		"Host: a\r\n%s\r\n",
		fake_ws_headers);
	fake_ws_add_frame(&b, 0x81, "4heels", 6);
	fake_send(c, b.data, b.len);
	expect_freed(app);
	eio__strbuf_clear(&b);
	fake_free(c);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_message_over_polling__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct fake_poll *p = fake_app_poll(app);

	app->on_message = free_in_message;
	fake_poll_get(p);
	assert_int_equal(fake_poll_post(p, "4a" SEP "4b" SEP "x"), 0);
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_message_over_websocket__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);
	struct eio__strbuf b;

	app->on_message = free_in_message;
	eio__strbuf_init(&b, 0);
	fake_ws_add_frame(&b, 0x81, "4a", 2);
	fake_ws_add_frame(&b, 0x81, "4b", 2);
	fake_send(ws->c, b.data, b.len);
	expect_freed(app);
	eio__strbuf_clear(&b);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_message_of_an_upgrade__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);

	app->on_message = free_in_message;
	fake_ws_send(ws, "2probe");
	fake_poll_post(p, "4a");
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_drain_over_websocket__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);

	app->on_drain = free_in_drain;
	assert_true(fake_app_send(app, "a"));
	fake_turn(app->loop);
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_drain_over_polling__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	struct fake_poll *p = fake_app_poll(app);

	app->on_drain = free_in_drain;
	fake_poll_get(p);
	assert_true(fake_app_send(app, "a"));
	fake_turn(app->loop);
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static void free__in_close_over_websocket__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);

	app->on_close = free_in_close;
	fake_ws_send(ws, "1");
	expect_freed(app);
	fake_poll_free(p);
	fake_ws_free(ws);
}

static bool free_in_hook(void *user)
{
	struct fake_app *app = user;

	if (!app->srv || !app->opened)
		return false;
	fake_app_free_server(app);
	return true;
}

static void free__at_the_end_of_the_turn__ends_everything(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);

	eio_loop_on_turn_end(app->loop, free_in_hook, app);
	fake_request(c, "GET", "/engine.io/?EIO=4&transport=polling", NULL,
		NULL);
	expect_freed(app);
	eio_loop_off_turn_end(app->loop, free_in_hook, app);
	fake_free(c);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(message__aborting_its_session__is_the_last),
		TEST(message__closing_its_session__sends_the_reply),
		TEST(drain__closing_its_session__is_fine),
		TEST(close_callback__of_a_session__may_ask_it_anything),
		TEST(free__in_open_over_polling__ends_everything),
		TEST(free__in_open_over_websocket__ends_everything),
		TEST(free__in_message_over_polling__ends_everything),
		TEST(free__in_message_over_websocket__ends_everything),
		TEST(free__in_message_of_an_upgrade__ends_everything),
		TEST(free__in_drain_over_websocket__ends_everything),
		TEST(free__in_drain_over_polling__ends_everything),
		TEST(free__in_close_over_websocket__ends_everything),
		TEST(free__at_the_end_of_the_turn__ends_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
