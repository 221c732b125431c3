/* SPDX-License-Identifier: MIT */
/*
 * fake_gate.c: see fake_gate.h.
 */
#include <config.h>

#include "fake_gate.h"

#include <assert.h>
#include <stdio.h>

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
