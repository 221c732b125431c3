/* SPDX-License-Identifier: MIT */
/*
 * fake_desk.c: routes of a test's own on the server of fake_app.
 */
#include <config.h>

#include "fake_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct desk desk_of(void **state)
{
	struct desk desk = { *state, NULL, 0, 0 };

	return desk;
}

void add_route(struct fake_app *app, const char *method, const char *path,
	eio_route_cb fn, const void *user)
{
	assert_int_equal(eio_server_route(app->srv, method, path, fn,
				 (void *)(uintptr_t)user),
		0);
}

void say(eio_request *req, void *user)
{
	const char *text = user;

	eio_request_respond(req, 200, "text/plain", text, strlen(text));
}

void keep(eio_request *req, void *user)
{
	struct desk *desk = user;

	desk->calls++;
	desk->kept = eio_request_ref(req);
}

void expect_answer(struct fake_app *app, const char *method, const char *target,
	int status, const char *body)
{
	struct fake_reply r = fake_http(app->loop, method, target, NULL, NULL);

	if (r.status != status || strcmp(r.body, body) != 0)
		fail_msg("%s %s: %d \"%s\"", method, target, r.status, r.body);
	fake_reply_clear(&r);
}
