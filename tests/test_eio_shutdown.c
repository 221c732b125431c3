/* SPDX-License-Identifier: MIT */
/*
 * test_eio_shutdown.c: the end of the whole server in order: clients are told,
 * and waited for.
 */
#include <config.h>

#include "fake_app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* -- the server closes --------------------------------------------------- */

static void count_done(void *user)
{
	++*(int *)user;
}

#define SHUTTING "close server shutting down: server shutting down"

static void shutdown__with_sessions_of_each_kind__tells_them(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);
	int done = 0;

	fake_poll_get(p);
	assert_true(fake_app_send(app, "last words"));
	assert_int_equal(eio_server_close(app->srv, 5000, count_done, &done),
		0);
	assert_string_equal(fake_app_told(app), "");
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), SHUTTING " | " SHUTTING);
	assert_string_equal(fake_poll_next(p), "1");
	assert_string_equal(fake_ws_next(ws), "4last words");
	assert_true(fake_ws_ended_with(ws, 1005));
	assert_int_equal(done, 0); /* one client has not gone yet */
	fake_ws_free(ws);
	assert_int_equal(done, 1);
	fake_advance(app->loop, 10000);
	assert_int_equal(done, 1);
	fake_poll_free(p);
}

static void shutdown__with_words_for_a_waiting_poll__says_them(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	fake_poll_get(p);
	assert_true(fake_app_send(app, "last words"));
	eio_server_close(app->srv, 5000, NULL, NULL);
	fake_turn(app->loop);
	assert_string_equal(fake_poll_next(p), "4last words");
	assert_string_equal(fake_app_told(app), SHUTTING);
	fake_poll_free(p);
}

/* It has a connection left to come for them. */
static void shutdown__with_words_for_the_next_poll__waits_for_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *kept = fake_connect(app->loop);
	struct fake_reply r;
	char target[256];
	int done = 0;

	assert_true(fake_app_send(app, "last words"));
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), "");
	fake_poll_target(p, target);
	fake_request(kept, "GET", target, NULL, NULL);
	r = fake_reply(kept);
	assert_string_equal(r.body, "4last words");
	fake_reply_clear(&r);
	assert_string_equal(fake_app_told(app), SHUTTING);
	fake_free(kept);
	assert_int_equal(done, 1);
	fake_poll_free(p);
}

static void shutdown__of_an_idle_server__is_done_at_once(void **state)
{
	struct fake_app *app = *state;
	int done = 0;

	eio_server_close(app->srv, 5000, count_done, &done);
	assert_int_equal(done, 0); /* not before it has returned */
	fake_turn(app->loop);
	assert_int_equal(done, 1);
	assert_int_equal(eio_server_close(app->srv, 0, count_done, &done),
		ENGINEIO_ERR_STATE);
	assert_int_equal(eio_server_listen(app->srv, NULL, 0),
		ENGINEIO_ERR_STATE);
	fake_turn(app->loop);
	assert_int_equal(done, 1);
}

static void shutdown__clients_that_stay__are_waited_for_in_vain(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	int done = 0;

	fake_room(ws->c, 0);
	assert_true(fake_app_send(app, "never read"));
	fake_turn(app->loop);
	eio_server_close(app->srv, 1500, count_done, &done);
	fake_advance(app->loop, 1499);
	assert_string_equal(fake_app_told(app), "");
	assert_int_equal(done, 0);
	fake_advance(app->loop, 1);
	assert_string_equal(fake_app_told(app), SHUTTING);
	assert_int_equal(done, 1);
	assert_true(fake_app_logged(app, "1 connections are left"));
	fake_ws_free(ws);
	assert_int_equal(done, 1);
}

/* Its next poll would find nobody who listens. */
static void
shutdown__poller_without_a_connection__is_not_waited_for(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_app_ws(app);
	int done = 0;

	assert_true(fake_app_send(app, "for the one that can hear it"));
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_turn(app->loop);
	fake_ws_free(ws);
	assert_int_equal(done, 1);
	assert_int_equal(eio_server_sessions(app->srv), 0);
	assert_int_equal(app->closed, 2);
	fake_app_told(app);
	fake_poll_free(p);
}

static void shutdown__idle_connections__are_closed(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *fresh = fake_connect(app->loop);
	struct fake_conn *used = fake_connect(app->loop);
	struct fake_reply r;
	int done = 0;

	fake_request(used, "GET", "/", NULL, NULL);
	r = fake_reply(used);
	assert_int_equal(r.status, 404);
	fake_reply_clear(&r);
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_turn(app->loop);
	assert_true(fake_is_finished(fresh));
	assert_true(fake_is_finished(used));
	fake_free(fresh);
	fake_free(used);
	assert_int_equal(done, 1);
}

static void shutdown__requests_that_come_late__are_refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;
	int done = 0;

	fake_puts(c, "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\n");
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_puts(c, "Host: a\r\n\r\n");
	r = fake_reply(c);
	assert_int_equal(r.status, 503);
	assert_string_equal(fake_reply_header(&r, "connection"), "close");
	fake_reply_clear(&r);
	assert_true(fake_is_finished(c));
	fake_free(c);
	assert_int_equal(done, 1);
}

static void shutdown__body_still_coming__is_cut_off(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_connect(app->loop);
	char target[256];
	int done = 0;

	fake_poll_target(p, target);
	fake_request(c, "POST", target, "Content-Length: 100\r\n", NULL);
	fake_puts(c, "4half");
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_turn(app->loop);
	assert_true(fake_is_closed(c, NULL));
	assert_int_equal(done, 1);
	fake_free(c);
	fake_poll_free(p);
	fake_app_told(app);
}

static void shutdown__session_closing_in_order__is_not_waited_for(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	int done = 0;

	eio_socket_close(app->s);
	eio_server_close(app->srv, 5000, count_done, &done);
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), SHUTTING);
	assert_int_equal(done, 1);
	fake_poll_free(p);
}

static void free_server(void *user)
{
	fake_app_free_server(user);
}

static void shutdown__done_freeing_the_server__is_fine(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	eio_server_close(app->srv, 100, free_server, app);
	fake_advance(app->loop, 100);
	assert_null(app->srv);
	assert_true(fake_is_closed(ws->c, NULL));
	fake_ws_free(ws);
	fake_app_told(app);
}

static void shutdown__without_done__is_fine(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	assert_int_equal(eio_server_close(app->srv, 100, NULL, NULL), 0);
	fake_advance(app->loop, 200);
	assert_true(fake_ws_ended_with(ws, 1005));
	fake_ws_free(ws);
	fake_app_told(app);
}

/* -- a guest on another server's port ------------------------------------ */

static void guest__closing__leaves_its_host_alone(void **state)
{
	struct fake_app *app = *state;
	eio_server *guest = eio_server_new(app->loop);
	struct fake_ws *ws = fake_app_ws(app), *other;
	int done = 0;

	eio_server_set_path(guest, "/guest");
	assert_int_equal(eio_server_attach(guest, app->srv), 0);
	other = fake_eio_open(app->loop, "/guest/");
	assert_non_null(other);
	assert_int_equal(eio_server_sessions(guest), 1);
	assert_int_equal(eio_server_sessions(app->srv), 1);
	eio_server_close(guest, 5000, count_done, &done);
	fake_turn(app->loop);
	assert_int_equal(done, 1);
	assert_true(fake_ws_ended_with(other, 1005));
	assert_false(fake_ws_is_closed(ws));
	eio_server_free(guest);
	fake_ws_free(other);
	assert_null(fake_ws_open(app->loop,
		"/guest/?EIO=4&transport=websocket"));
	fake_ws_send(ws, "4still here");
	assert_string_equal(fake_app_told(app), "text still here");
	fake_ws_free(ws);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(shutdown__with_sessions_of_each_kind__tells_them),
		TEST(shutdown__with_words_for_a_waiting_poll__says_them),
		TEST(shutdown__with_words_for_the_next_poll__waits_for_it),
		TEST(shutdown__of_an_idle_server__is_done_at_once),
		TEST(shutdown__clients_that_stay__are_waited_for_in_vain),
		TEST(shutdown__poller_without_a_connection__is_not_waited_for),
		TEST(shutdown__idle_connections__are_closed),
		TEST(shutdown__requests_that_come_late__are_refused),
		TEST(shutdown__body_still_coming__is_cut_off),
		TEST(shutdown__session_closing_in_order__is_not_waited_for),
		TEST(shutdown__done_freeing_the_server__is_fine),
		TEST(shutdown__without_done__is_fine),
		TEST(guest__closing__leaves_its_host_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
