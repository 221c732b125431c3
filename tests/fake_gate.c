/* SPDX-License-Identifier: MIT */
/*
 * fake_gate.c: see fake_gate.h.
 */
#include <config.h>

#include "fake_gate.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct fake_gate fake_gate_of(void **state)
{
	struct fake_gate gate = { .app = *state };

	return gate;
}

enum eio_verdict fake_gate_ask(eio_request *req, void *user)
{
	struct fake_gate *gate = user;

	gate->asked++;
	if (gate->says == ENGINEIO_LATER && !gate->forgets) {
		assert(gate->count < 8);
		gate->held[gate->count++] = eio_request_ref(req);
	}
	if (gate->says == ENGINEIO_TAKEN)
		eio_request_respond(req, 200, "text/plain", "taken", 5);
	if (gate->decides)
		gate->result = eio_request_decide(req, gate->allow, gate->text);
	return gate->says;
}

int fake_gate_decide(struct fake_gate *gate, unsigned i, bool allow,
	const char *text)
{
	int err = eio_request_decide(gate->held[i], allow, text);

	fake_gate_forget(gate, i);
	return err;
}

void fake_gate_forget(struct fake_gate *gate, unsigned i)
{
	assert(gate->held[i]);
	eio_request_unref(gate->held[i]);
	gate->held[i] = NULL;
}

int fake_gate_status(struct fake_conn *c, char *body)
{
	struct fake_reply r = fake_reply(c);
	int status = r.status;

	if (body)
		snprintf(body, 512, "%s", status ? r.body : "");
	fake_reply_clear(&r);
	return status;
}

void fake_gate_get(struct fake_conn *c, const char *target)
{
	fake_request(c, "GET", target, NULL, NULL);
}

void fake_gate_expect(struct fake_conn *c, int status, const char *body)
{
	char text[512];

	assert_int_equal(fake_gate_status(c, text), status);
	if (body)
		assert_string_equal(text, body);
}

void fake_gate_expect_once(struct fake_app *app, const char *target,
	const char *headers, int status, const char *body)
{
	struct fake_reply r =
		fake_http(app->loop, "GET", target, headers, NULL);

	assert_int_equal(r.status, status);
	if (body)
		assert_string_equal(r.body, body);
	fake_reply_clear(&r);
}
