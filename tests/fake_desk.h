/* SPDX-License-Identifier: MIT */
/*
 * fake_desk.h: routes of a test's own on the server of fake_app.
 */
#ifndef TESTS_FAKE_DESK_H
#define TESTS_FAKE_DESK_H

#include "fake_app.h"

#include <engineio/http.h>

/* What the routes of a test share. */
struct desk {
	struct fake_app *app;
	eio_request *kept; /* with a reference */
	unsigned calls;
	int result;
};

struct desk desk_of(void **state);

void add_route(struct fake_app *app, const char *method, const char *path,
	eio_route_cb fn, const void *user);
/* A route that answers with the text given as user. */
void say(eio_request *req, void *user);
/* One that keeps the request; its user is a desk. */
void keep(eio_request *req, void *user);

/* Asks on a connection of its own, without a body. */
void expect_answer(struct fake_app *app, const char *method, const char *target,
	int status, const char *body);

#endif
