/* SPDX-License-Identifier: MIT */
/*
 * fake_app.c: an Engine.IO server on the fake network, with an application
 * that writes down what it is told.
 */
#include <config.h>

#include "fake_app.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* -- the diary ----------------------------------------------------------- */

static void next_note(struct fake_app *app)
{
	if (app->diary.len)
		eio__strbuf_adds(&app->diary, " | ");
}

static void on_open(eio_socket *s, void *user)
{
	struct fake_app *app = user;

	eio_socket_unref(app->s);
	app->s = eio_socket_ref(s);
	app->opened++;
	next_note(app);
	eio__strbuf_adds(&app->diary, "open");
	if (app->on_open)
		app->on_open(app, s);
}

static void note_bytes(struct fake_app *app, const char *data, size_t len)
{
	size_t i;

	eio__strbuf_adds(&app->diary, "binary ");
	for (i = 0; i < len; i++)
		eio__strbuf_printf(&app->diary, "%02x", (unsigned char)data[i]);
}

static void on_message(eio_socket *s, char *data, size_t len, bool binary,
	void *user)
{
	struct fake_app *app = user;

	next_note(app);
	if (binary) {
		note_bytes(app, data, len);
	} else {
		eio__strbuf_adds(&app->diary, "text ");
		eio__strbuf_add(&app->diary, data, len);
	}
	if (app->on_message)
		app->on_message(app, s, data, len, binary);
}

static void on_drain(eio_socket *s, void *user)
{
	struct fake_app *app = user;

	app->drained++;
	if (app->on_drain)
		app->on_drain(app, s);
}

static void on_close(eio_socket *s, enum eio_reason reason, const char *detail,
	void *user)
{
	struct fake_app *app = user;

	app->closed++;
	next_note(app);
	eio__strbuf_printf(&app->diary, "close %s: %s", eio_reason_text(reason),
		detail);
	if (app->on_close)
		app->on_close(app, s);
}

static void on_log(enum eio_log_level level, const char *line, void *user)
{
	struct fake_app *app = user;

	eio__strbuf_printf(&app->log, "%d %s\n", (int)level, line);
}

const char *fake_app_told(struct fake_app *app)
{
	static char told[4096];
	size_t len = app->diary.len < sizeof(told) ? app->diary.len
						   : sizeof(told) - 1;

	assert(!app->diary.error);
	memcpy(told, app->diary.data ? app->diary.data : "", len);
	told[len] = 0;
	eio__strbuf_reset(&app->diary);
	return told;
}

bool fake_app_logged(struct fake_app *app, const char *text)
{
	bool found = app->log.data && strstr(app->log.data, text);

	eio__strbuf_clear(&app->log);
	return found;
}

/* -- its life ------------------------------------------------------------ */

int fake_app_setup(void **state)
{
	struct fake_app *app = calloc(1, sizeof(*app));

	assert(app);
	eio__strbuf_init(&app->diary, 0);
	eio__strbuf_init(&app->log, 0);
	app->loop = eio_loop_new();
	app->srv = eio_server_new(app->loop);
	assert(app->srv);
	eio_server_on_open(app->srv, on_open, app);
	eio_server_on_message(app->srv, on_message, app);
	eio_server_on_drain(app->srv, on_drain, app);
	eio_server_on_close(app->srv, on_close, app);
	eio_server_set_log(app->srv, ENGINEIO_LOG_INFO, on_log, app);
	if (eio_server_listen(app->srv, NULL, 0))
		return -1;
	*state = app;
	return 0;
}

void fake_app_set(struct fake_app *app, enum eio_option option, long value)
{
	int err = eio_server_set_option(app->srv, option, value);

	assert(err == 0);
}

void fake_app_free_server(struct fake_app *app)
{
	eio_server_free(app->srv);
	app->srv = NULL;
}

int fake_app_teardown(void **state)
{
	struct fake_app *app = *state;

	fake_app_free_server(app);
	/* Each session that was opened has ended, once. */
	assert(app->opened == app->closed);
	assert(fake_open_conns(app->loop) == 0);
	eio_socket_unref(app->s);
	eio_loop_free(app->loop);
	eio__strbuf_clear(&app->diary);
	eio__strbuf_clear(&app->log);
	free(app);
	return 0;
}

/* -- clients ------------------------------------------------------------- */

struct fake_poll *fake_app_poll(struct fake_app *app)
{
	struct fake_poll *p = fake_poll_open(app->loop, "/engine.io/");

	assert(p && app->s);
	assert(strcmp(fake_app_told(app), "open") == 0);
	return p;
}

struct fake_ws *fake_app_ws(struct fake_app *app)
{
	struct fake_ws *ws = fake_eio_open(app->loop, "/engine.io/");

	assert(ws && app->s);
	assert(strcmp(fake_app_told(app), "open") == 0);
	return ws;
}

/* -- what it sends ------------------------------------------------------- */

static bool send_buf(struct fake_app *app, eio_buf *buf)
{
	int err = eio_socket_send(app->s, buf);

	assert(buf);
	eio_buf_unref(buf);
	return err == 0;
}

bool fake_app_send(struct fake_app *app, const char *text)
{
	return send_buf(app, eio_buf_new_text(text, strlen(text)));
}

bool fake_app_send_binary(struct fake_app *app, const void *data, size_t len)
{
	return send_buf(app, eio_buf_new_binary(data, len));
}

bool fake_app_send_much(struct fake_app *app, char letter, size_t size)
{
	char *text = malloc(size);
	bool ok;

	assert(text);
	memset(text, letter, size);
	ok = send_buf(app, eio_buf_new_text(text, size));
	free(text);
	return ok;
}
