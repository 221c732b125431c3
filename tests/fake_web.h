/* SPDX-License-Identifier: MIT */
/*
 * fake_web.h: routes on the server of fake_app, for tests of HTTP.
 *
 *   /      any method: 200 with "METHOD TARGET BODY"
 *   /hold  the request is kept until fake_web_release()
 *   /big   200 with 100,000 times 'x'
 */
#ifndef TESTS_FAKE_WEB_H
#define TESTS_FAKE_WEB_H

#include "fake_app.h"

#include <engineio/http.h>

#define FAKE_WEB_BIG 100000

struct fake_web {
	struct fake_app *app;
	eio_loop *loop;
	eio_server *srv;
	eio_request *held[64]; /* in the order they came, with references */
	unsigned count;
	unsigned calls; /* of any of the routes */
};

/* For cmocka. */
int fake_web_setup(void **state);
int fake_web_teardown(void **state);

/* Answers the i-th request that is held with 200 "held TARGET"; one turn. */
void fake_web_release(struct fake_web *web, unsigned i);

/*
 * What a client sees that sends these bytes, `step` at a time (0: all at
 * once): "STATUS BODY" of each answer joined by " | ", then " | closed" if
 * the server ended the connection, or " | rubbish" if something else is left.
 */
const char *fake_web_outcome(struct fake_web *web, const void *raw, size_t len,
	size_t step);
/* The answers that have come on a connection, in the same way. */
const char *fake_web_answers(struct fake_conn *c);

#endif
