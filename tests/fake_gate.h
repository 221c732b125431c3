/* SPDX-License-Identifier: MIT */
/*
 * fake_gate.h: an application that is asked about requests on the server of
 * fake_app, says what a test tells it to say, and writes down what it saw.
 */
#ifndef TESTS_FAKE_GATE_H
#define TESTS_FAKE_GATE_H

#include "fake_app.h"

#include <engineio/http.h>

struct fake_gate {
	struct fake_app *app;
	enum eio_verdict says;
	bool decides;          /* at once, with eio_request_decide(): */
	bool allow;            /* with this */
	const char *text;      /* and this */
	bool forgets;          /* keeps no reference when it says LATER */
	eio_request *held[8];  /* in the order they came */
	unsigned count, asked; /* how many are held, how many were asked for */
	int result;            /* of the last eio_request_decide() */
};

/* One that passes everything; the state is a fake_app. */
struct fake_gate fake_gate_of(void **state);
/* A eio_request_cb whose user is a fake_gate. */
enum eio_verdict fake_gate_ask(eio_request *req, void *user);
/* Decides on the i-th that is held, and gives it back; no turn. */
int fake_gate_decide(struct fake_gate *gate, unsigned i, bool allow,
	const char *text);
/* Gives back the i-th without a decision. */
void fake_gate_forget(struct fake_gate *gate, unsigned i);

/* The status of the next answer on the connection, its body in `body` (of
 * 512 bytes) unless NULL; 0: none has come. */
int fake_gate_status(struct fake_conn *c, char *body);

/* A GET on the connection; its answer is this (NULL: whatever body). */
void fake_gate_get(struct fake_conn *c, const char *target);
void fake_gate_expect(struct fake_conn *c, int status, const char *body);
/* Both, on a connection of its own. */
void fake_gate_expect_once(struct fake_app *app, const char *target,
	const char *headers, int status, const char *body);

#endif
