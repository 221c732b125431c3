/* SPDX-License-Identifier: MIT */
/*
 * test_eio_deflate.c: permessage-deflate (RFC 7692) on the WebSockets of a
 * server: what is agreed on, and what is sent.
 */
#include <config.h>

#include "fake_deflate.h"

#include <engineio/engine.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* -- what is agreed on --------------------------------------------------- */

static void offer__off__is_ignored(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c;

	fake_deflate_join(&c, app, "rubbish;; " PMD);
	assert_string_equal(c.ws->extensions, "");
	assert_true(fake_app_send_much(app, 'x', 5000));
	fake_turn(app->loop);
	assert_int_equal(strlen(fake_deflate_next(&c, NULL)), 5001);
	assert_false(c.ws->deflated);
	fake_ws_frame(c.ws, TEXT, "x", 1);
	fake_deflate_expect_close(&c, 1002);
	fake_deflate_leave(&c);
}

static void offer__by_default__is_answered_without_takeover(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD "; client_max_window_bits");
	assert_string_equal(c.ws->extensions,
		PMD "; server_no_context_takeover"
		    "; client_no_context_takeover");
	/* Nothing is kept for it. */
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 0);
	fake_deflate_leave(&c);
}

static void offer__of_another_extension__is_ignored(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c;

	/* GHSA-5v72-xg48-5rpm */
	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, "constructor, toString; __proto__=1");
	assert_string_equal(c.ws->extensions, "");
	fake_ws_frame(c.ws, TEXT, "x", 1);
	fake_deflate_expect_close(&c, 1002);
	fake_deflate_leave(&c);
}

static void offer__wrong__is_refused(void **state)
{
	struct fake_app *app = *state;
	struct fake_conn *c = fake_connect(app->loop);
	struct fake_reply r;
	char headers[512];

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	snprintf(headers, sizeof(headers), "%s%s", fake_ws_headers,
		"Sec-WebSocket-Extensions: " PMD
		"; server_max_window_bits\r\n");
	fake_request(c, "GET", TARGET, headers, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body,
		"Invalid or unacceptable Sec-WebSocket-Extensions header");
	assert_string_equal(fake_app_told(app), "");
	fake_reply_clear(&r);
	fake_free(c);
}

static void options__each__have_their_range(void **state)
{
	static const struct {
		enum eio_option option;
		long least, most;
	} rows[] = {
		{ ENGINEIO_PER_MESSAGE_DEFLATE, 0, 1 },
		{ ENGINEIO_DEFLATE_THRESHOLD, 0, INT32_MAX },
		{ ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER, 0, 2 },
		{ ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER, 0, 1 },
		{ ENGINEIO_DEFLATE_SERVER_BITS, 8, 15 },
		{ ENGINEIO_DEFLATE_CLIENT_BITS, 8, 15 },
		{ ENGINEIO_DEFLATE_LEVEL, 1, 9 },
		{ ENGINEIO_DEFLATE_MEM_LEVEL, 1, 9 },
		{ ENGINEIO_DEFLATE_MEMORY, 0, INT32_MAX },
	};
	struct fake_app *app = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fake_app_set(app, rows[i].option, rows[i].least);
		fake_app_set(app, rows[i].option, rows[i].most);
		assert_int_equal(eio_server_set_option(app->srv, rows[i].option,
					 rows[i].most + 1),
			ENGINEIO_ERR_INVALID);
		if (rows[i].least)
			assert_int_equal(eio_server_set_option(app->srv,
						 rows[i].option,
						 rows[i].least == 8 ? 7 : 0),
				ENGINEIO_ERR_INVALID);
	}
	fake_app_set(app, ENGINEIO_DEFLATE_SERVER_BITS, 0);
	fake_app_set(app, ENGINEIO_DEFLATE_SERVER_BITS, 1);
}

static void options__changed__hold_for_new_clients(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate a, b;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&a, app, PMD);
	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 0);
	fake_deflate_join(&b, app, PMD);
	assert_string_equal(b.ws->extensions, "");
	fake_deflate_send(&a, TEXT, "4hi", 3, true);
	assert_string_equal(fake_app_told(app), "text hi");
	fake_deflate_leave(&a);
	fake_deflate_leave(&b);
}

/* -- what is sent -------------------------------------------------------- */

static void sent__from_the_threshold_on__is_compressed(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_app_set(app, ENGINEIO_DEFLATE_THRESHOLD, 100);
	fake_deflate_join(&c, app, PMD);
	assert_true(fake_app_send_much(app, 'x', 98));
	fake_turn(app->loop);
	assert_int_equal(strlen(fake_deflate_next(&c, NULL)), 99);
	assert_false(c.ws->deflated);
	assert_true(fake_app_send_much(app, 'x', 99));
	fake_turn(app->loop);
	assert_true(fake_received(c.ws->c)->len < 20);
	assert_int_equal(strlen(fake_deflate_next(&c, NULL)), 100);
	assert_true(c.ws->deflated);
	fake_deflate_leave(&c);
}

static void sent__noise__stays_as_it_is(void **state)
{
	static char noise[50000];
	struct fake_app *app = *state;
	struct fake_deflate c;
	size_t len;

	fill_noise(noise, sizeof(noise));
	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD);
	assert_true(fake_app_send_binary(app, noise, sizeof(noise)));
	fake_turn(app->loop);
	fake_deflate_next(&c, &len);
	assert_false(c.ws->deflated);
	assert_int_equal(len, sizeof(noise));
	assert_memory_equal(c.text.data, noise, len);
	fake_deflate_leave(&c);
}

static void sent__in_many_frames__comes_whole(void **state)
{
	static char much[300000];
	struct fake_app *app = *state;
	struct fake_deflate c;
	size_t len, i;

	/* Hex of noise: about half is left. */
	fill_noise(much, sizeof(much));
	for (i = 0; i < sizeof(much); i++)
		much[i] = "0123456789abcdef"[much[i] & 15];
	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_app_set(app, ENGINEIO_DEFLATE_LEVEL, 9);
	fake_deflate_join(&c, app, PMD);
	c.ws->frames = 0;
	assert_true(fake_app_send_binary(app, much, sizeof(much)));
	fake_turn(app->loop);
	fake_deflate_next(&c, &len);
	assert_true(c.ws->deflated);
	assert_true(c.ws->frames > 5 && c.ws->frames < 15);
	assert_int_equal(len, sizeof(much));
	assert_memory_equal(c.text.data, much, len);
	fake_deflate_leave(&c);
}

static void sent__not_to_be_compressed__stays_plain(void **state)
{
	struct fake_app *app = *state;
	char much[2000];
	struct fake_deflate c;
	eio_buf *buf;

	memset(much, 'x', sizeof(much));
	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD);
	buf = eio_buf_new_text(much, sizeof(much));
	eio_buf_set_compress(buf, false);
	assert_int_equal(eio_socket_send(app->s, buf), 0);
	fake_turn(app->loop);
	assert_int_equal(strlen(fake_deflate_next(&c, NULL)), 2001);
	assert_false(c.ws->deflated);
	eio_buf_unref(buf);
	eio_buf_set_compress(NULL, false);
	fake_deflate_leave(&c);
}

static void sent__to_a_poll__is_compressed_unless_none_may_be(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_reply r;
	eio_buf *bufs[2];
	char much[2000], target[256];
	int i;

	memset(much, 'x', sizeof(much));
	fake_poll_target(p, target);
	for (i = 0; i < 2; i++) {
		bufs[0] = eio_buf_new_text(much, sizeof(much));
		bufs[1] = eio_buf_new_text(much, sizeof(much));
		eio_buf_set_compress(bufs[0], false);
		eio_buf_set_compress(bufs[1], i != 0);
		assert_int_equal(eio_socket_send_all(app->s, bufs, 2), 0);
		r = fake_http(app->loop, "GET", target,
			"Accept-Encoding: gzip\r\n", NULL);
		assert_int_equal(r.status, 200);
		assert_string_equal(fake_reply_header(&r, "content-encoding"),
			i ? "gzip" : "");
		fake_reply_clear(&r);
		eio_buf_unref(bufs[0]);
		eio_buf_unref(bufs[1]);
	}
	fake_poll_free(p);
}

#define CROWD 20

static eio_buf *news(size_t n)
{
	eio_buf *buf;
	char *text = malloc(n);

	assert_non_null(text);
	memset(text, 'n', n);
	buf = eio_buf_new_text(text, n);
	free(text);
	return buf;
}

static void broadcast__to_many__is_compressed_once(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c[CROWD];
	struct fake_ws *plain;
	eio_socket *s[CROWD + 1];
	eio_buf *buf = news(20000);
	int i;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	for (i = 0; i < CROWD; i++) {
		fake_deflate_join(&c[i], app,
			i == 7 ? PMD "; server_max_window_bits=9" : PMD);
		s[i] = app->s;
	}
	plain = fake_app_ws(app);
	s[CROWD] = app->s;
	for (i = 0; i <= CROWD; i++)
		assert_int_equal(eio_socket_send(s[i], buf), 0);
	fake_turn(app->loop);
	/* One form for all of them, and one for the small window. */
	assert_non_null(buf->forms);
	assert_non_null(buf->forms->forms);
	assert_null(buf->forms->forms->forms);
	for (i = 0; i < CROWD; i++) {
		assert_int_equal(strlen(fake_deflate_next(&c[i], NULL)), 20001);
		assert_true(c[i].ws->deflated);
		fake_deflate_leave(&c[i]);
	}
	assert_int_equal(strlen(fake_ws_next(plain)), 20001);
	fake_ws_free(plain);
	fake_app_told(app);
	assert_int_equal(buf->refs, 1);
	eio_buf_unref(buf);
}

static void broadcast__to_one_who_is_slow__outlives_the_message(void **state)
{
	struct fake_app *app = *state;
	eio_buf *buf = news(5000);
	struct fake_deflate c;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD);
	fake_room(c.ws->c, 0);
	assert_int_equal(eio_socket_send(app->s, buf), 0);
	assert_int_equal(eio_socket_send(app->s, buf), 0);
	fake_turn(app->loop);
	eio_buf_unref(buf);
	/* What waits is counted as it will leave. */
	assert_true(eio_socket_queued(app->s) < 300);
	fake_room(c.ws->c, SIZE_MAX);
	assert_int_equal(strlen(fake_deflate_next(&c, NULL)), 5001);
	assert_int_equal(strlen(fake_deflate_next(&c, NULL)), 5001);
	fake_deflate_leave(&c);
}

static void sent__before_an_upgrade__is_compressed_behind_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p;
	struct fake_ws *ws;
	char target[256], *at;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	p = fake_app_poll(app);
	fake_poll_target(p, target);
	at = strstr(target, "polling");
	memmove(at + 9, at + 7, strlen(at + 7) + 1);
	memcpy(at, "websocket", 9);
	ws = fake_ws_open_with(app->loop, target,
		"Sec-WebSocket-Extensions: " PMD "\r\n");
	assert_non_null(ws);
	fake_ws_send(ws, "2probe");
	assert_string_equal(fake_ws_next(ws), "3probe");
	assert_true(fake_app_send_much(app, 'x', 5000));
	fake_ws_send(ws, "5");
	assert_non_null(fake_ws_next(ws));
	assert_true(ws->deflated);
	assert_true(ws->text.len < 100);
	fake_ws_free(ws);
	fake_poll_free(p);
	fake_app_told(app);
}

/* -- beside Engine.IO ----------------------------------------------------- */

static eio_websocket *plain;
static size_t plain_came;

static void on_plain(eio_websocket *w, eio_request *req, void *user)
{
	plain = w;
}

static void on_plain_message(eio_websocket *w, char *data, size_t len,
	bool binary, void *user)
{
	plain_came = len;
}

static void join_plain(struct fake_deflate *c, struct fake_app *app)
{
	static const struct eio_websocket_events events = {
		.on_open = on_plain,
		.on_message = on_plain_message,
	};

	memset(c, 0, sizeof(*c));
	assert_int_equal(eio_server_websocket(app->srv, "/plain", NULL, &events,
				 NULL),
		0);
	c->ws = fake_ws_open_with(app->loop, "/plain",
		"Sec-WebSocket-Extensions: " PMD "\r\n");
	assert_non_null(c->ws);
	assert_int_equal(inflateInit2(&c->in, -MAX_WBITS), Z_OK);
	assert_int_equal(deflateInit2(&c->out, 6, Z_DEFLATED, -MAX_WBITS, 8,
				 Z_DEFAULT_STRATEGY),
		Z_OK);
	eio__strbuf_init(&c->text, 0);
}

static void send_plain(struct fake_app *app, size_t len)
{
	static char text[5000];

	memset(text, 'x', sizeof(text));
	assert_int_equal(eio_websocket_send(plain, text, len, false), 0);
	fake_turn(app->loop);
}

static void plain__off__is_not_agreed_on(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c;

	join_plain(&c, app);
	assert_string_equal(c.ws->extensions, "");
	send_plain(app, 5000);
	assert_int_equal(strlen(fake_deflate_next(&c, NULL)), 5000);
	assert_false(c.ws->deflated);
	fake_deflate_leave(&c);
}

static void plain__on__both_ways_and_bounded(void **state)
{
	struct fake_app *app = *state;
	static char zeros[1000001];
	struct fake_deflate c;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	join_plain(&c, app);
	assert_memory_equal(c.ws->extensions, PMD, strlen(PMD));
	send_plain(app, 5000);
	assert_int_equal(strlen(fake_deflate_next(&c, NULL)), 5000);
	assert_true(c.ws->deflated);
	send_plain(app, 1023);
	assert_int_equal(strlen(fake_deflate_next(&c, NULL)), 1023);
	assert_false(c.ws->deflated);
	fake_deflate_send(&c, TEXT, zeros, 1000000, true);
	assert_int_equal(plain_came, 1000000);
	fake_deflate_send(&c, TEXT, zeros, 1000001, true);
	fake_deflate_expect_close(&c, 1009);
	fake_deflate_leave(&c);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(offer__off__is_ignored),
		TEST(offer__by_default__is_answered_without_takeover),
		TEST(offer__of_another_extension__is_ignored),
		TEST(offer__wrong__is_refused),
		TEST(options__each__have_their_range),
		TEST(options__changed__hold_for_new_clients),
		TEST(sent__from_the_threshold_on__is_compressed),
		TEST(sent__noise__stays_as_it_is),
		TEST(sent__in_many_frames__comes_whole),
		TEST(sent__not_to_be_compressed__stays_plain),
		TEST(sent__to_a_poll__is_compressed_unless_none_may_be),
		TEST(broadcast__to_many__is_compressed_once),
		TEST(broadcast__to_one_who_is_slow__outlives_the_message),
		TEST(sent__before_an_upgrade__is_compressed_behind_it),
		TEST(plain__off__is_not_agreed_on),
		TEST(plain__on__both_ways_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
