/* SPDX-License-Identifier: MIT */
/*
 * fake_app.h: an Engine.IO server on the fake network, with an application
 * that writes down what it is told.
 *
 * Path "/engine.io/", default options. A test looks into the diary with
 * fake_app_told(), and does more inside a callback by setting one of the
 * functions.
 */
#ifndef TESTS_FAKE_APP_H
#define TESTS_FAKE_APP_H

#include "fake_client.h"

struct fake_app {
	eio_loop *loop;
	eio_server *srv;
	eio_socket *s; /* the session opened last, with a reference */
	unsigned opened, closed, drained;
	struct eio__strbuf diary, log;
	/* Called behind the note in the diary; may be NULL. */
	void (*on_open)(struct fake_app *app, eio_socket *s);
	void (*on_message)(struct fake_app *app, eio_socket *s,
		const char *data, size_t len, bool binary);
	void (*on_drain)(struct fake_app *app, eio_socket *s);
	void (*on_close)(struct fake_app *app, eio_socket *s);
	void *data; /* the test's */
};

/* For cmocka: the application as *state; everything is freed again. */
int fake_app_setup(void **state);
int fake_app_teardown(void **state);

/*
 * What it was told since the last look, joined by " | ":
 *   open
 *   text TEXT, binary HEX
 *   close REASON: DETAIL
 * "" for nothing. Drains are only counted.
 */
const char *fake_app_told(struct fake_app *app);
/* Whether a line of the log since the last look has this in it. */
bool fake_app_logged(struct fake_app *app, const char *text);

/* Clients, behind their handshake; its "open" is taken off the diary. */
struct fake_poll *fake_app_poll(struct fake_app *app);
struct fake_ws *fake_app_ws(struct fake_app *app);

/* The application sends to the session opened last; false if it may not.
 * Without a turn. */
bool fake_app_send(struct fake_app *app, const char *text);
bool fake_app_send_binary(struct fake_app *app, const void *data, size_t len);
/* `size` times the same letter. */
bool fake_app_send_much(struct fake_app *app, char letter, size_t size);
/* Sets an option, which must be possible. */
void fake_app_set(struct fake_app *app, enum eio_option option, long value);
/* It frees the server; the rest of the test does without. */
void fake_app_free_server(struct fake_app *app);

#endif
