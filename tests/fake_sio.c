/* SPDX-License-Identifier: MIT */
/*
 * fake_sio.c: see fake_sio.h.
 */
#include <config.h>

#include "fake_sio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

eio_loop *loop;
sio_server *srv;
sio_nsp *io;

static struct eio__strbuf lines, told;

int sio_setup_deaf(void **state)
{
	loop = eio_loop_new();
	assert_non_null(loop);
	srv = sio_server_new_on(loop);
	assert_non_null(srv);
	io = sio_server_of(srv, "/");
	assert_non_null(io);
	assert_int_equal(sio_server_set_option(srv, SIO_SERVE_CLIENT, 0), 0);
	eio__strbuf_init(&lines, 0);
	eio__strbuf_init(&told, 0);
	return 0;
}

int sio_setup(void **state)
{
	sio_setup_deaf(state);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	return 0;
}

void sio_free_server(void)
{
	sio_server_free(srv);
	srv = NULL;
	io = NULL;
}

int sio_teardown(void **state)
{
	sio_free_server();
	eio_loop_free(loop);
	eio__strbuf_clear(&lines);
	eio__strbuf_clear(&told);
	return 0;
}

/* -- the story ------------------------------------------------------------- */

void tell(const char *fmt, ...)
{
	va_list ap;

	if (lines.len > 0)
		eio__strbuf_adds(&lines, "; ");
	va_start(ap, fmt);
	eio__strbuf_vprintf(&lines, fmt, ap);
	va_end(ap);
}

const char *story(void)
{
	eio__strbuf_reset(&told);
	eio__strbuf_add(&told, lines.data ? lines.data : "", lines.len);
	eio__strbuf_reset(&lines);
	return told.data ? told.data : "";
}

static void tell_args(const char *before, const char *name, sio_event *ev)
{
	char *text = json_dumps(sio_event_args(ev), JSON_COMPACT);

	tell("%s%s%s", before, name, text ? text : "[?]");
	free(text);
}

void tell_event(sio_socket *s, sio_event *ev, void *user)
{
	tell_args(user ? user : "", sio_event_name(ev), ev);
}

void tell_text(sio_socket *s, sio_event *ev, void *user)
{
	tell("%s", (const char *)user);
}

void tell_ack(sio_socket *s, int err, sio_event *answer, void *user)
{
	if (err) {
		assert_null(answer);
		tell("%sack %s", user ? (const char *)user : "",
			sio_strerror(err));
	} else {
		tell_args(user ? user : "", "ack", answer);
	}
}

/* -- clients --------------------------------------------------------------- */

struct fake_ws *sio_session(void)
{
	struct fake_ws *ws = fake_eio_open(loop, "/socket.io/");

	assert_non_null(ws);
	return ws;
}

void sio_join_nsp(struct fake_ws *ws, const char *nsp, char sid[24])
{
	bool main = strcmp(nsp, "/") == 0;
	char text[300];
	const char *answer, *id;

	snprintf(text, sizeof(text), "40%s%s", main ? "" : nsp,
		main ? "" : ",");
	fake_ws_send(ws, text);
	answer = fake_ws_next(ws);
	assert_non_null(answer);
	id = answer + strlen(text);
	assert_int_equal(strncmp(answer, text, strlen(text)), 0);
	assert_int_equal(strncmp(id, "{\"sid\":\"", 8), 0);
	assert_int_equal(strlen(id), 30);
	assert_string_equal(id + 28, "\"}");
	if (sid)
		snprintf(sid, 24, "%.20s", id + 8);
}

struct fake_ws *sio_client(const char *nsp, char sid[24])
{
	struct fake_ws *ws = sio_session();

	sio_join_nsp(ws, nsp, sid);
	return ws;
}

void sio_send_together(struct fake_ws *ws, ...)
{
	struct eio__strbuf b;
	const char *text;
	va_list ap;

	eio__strbuf_init(&b, 0);
	va_start(ap, ws);
	for (text = va_arg(ap, const char *); text;
		text = va_arg(ap, const char *))
		fake_ws_add_frame(&b, 0x81, text, strlen(text));
	va_end(ap);
	fake_send(ws->c, b.data, b.len);
	eio__strbuf_clear(&b);
}

sio_socket *sio_socket_of(sio_nsp *nsp, const char *sid)
{
	return sio_nsp_find(nsp, sid);
}

void expect_at(struct fake_ws *ws, const char *text, const char *file, int line)
{
	const char *got = fake_ws_next(ws);

	if (!text && !got)
		return;
	if (!text || !got || strcmp(text, got) != 0) {
		print_error("%s:%d: got %s instead of %s\n", file, line,
			got ? got : "nothing", text ? text : "nothing");
		fail();
	}
	assert_false(ws->binary);
}

void expect_binary(struct fake_ws *ws, const void *data, size_t len)
{
	assert_non_null(fake_ws_next(ws));
	assert_true(ws->binary);
	assert_int_equal(ws->text.len, len);
	if (len > 0)
		assert_memory_equal(ws->text.data, data, len);
}

void expect_closed(struct fake_ws *ws)
{
	expect_nothing(ws);
	assert_true(fake_ws_is_closed(ws));
}

void expect_open(struct fake_ws *ws)
{
	expect_nothing(ws);
	assert_false(fake_ws_is_closed(ws));
}
