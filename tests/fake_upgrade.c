/* SPDX-License-Identifier: MIT */
/*
 * fake_upgrade.c: WebSockets that want to take a session over.
 */
#include <config.h>

#include "fake_upgrade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fake_ws *fake_upgrade_probe(struct fake_poll *p)
{
	struct fake_ws *ws = fake_poll_candidate(p);

	assert_non_null(ws);
	fake_ws_send(ws, "2probe");
	assert_string_equal(fake_ws_next(ws), "3probe");
	return ws;
}

void expect_polling(struct fake_app *app, struct fake_poll *p)
{
	const char *body;

	assert_int_equal(fake_poll_post(p, "4up"), 200);
	assert_string_equal(fake_app_told(app), "text up");
	assert_true(fake_app_send(app, "down"));
	fake_turn(app->loop);
	body = fake_poll_next(p);
	assert_non_null(body);
	assert_string_equal(body, "4down");
	assert_string_equal(eio_socket_transport(app->s), "polling");
}

void expect_websocket(struct fake_app *app, struct fake_ws *ws)
{
	fake_ws_send(ws, "4up");
	assert_string_equal(fake_app_told(app), "text up");
	assert_true(fake_app_send(app, "down"));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "4down");
	assert_string_equal(eio_socket_transport(app->s), "websocket");
}
