/* SPDX-License-Identifier: MIT */
/*
 * test_eio_queue.c: what waits for a client: its limits, and when the
 * application hears that it has left.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SEP        "\x1e"
#define QUEUE_FULL "close queue full: client reads too slowly"

/* -- limits -------------------------------------------------------------- */

/* What one message of a single letter counts in the queue. */
static size_t cost_of_one(struct fake_app *app)
{
	struct fake_poll *p = fake_app_poll(app);
	size_t cost;

	assert_int_equal(eio_socket_queued(app->s), 0);
	assert_true(fake_app_send(app, "x"));
	cost = eio_socket_queued(app->s);
	assert_true(fake_app_send(app, "x"));
	assert_int_equal(eio_socket_queued(app->s), 2 * cost);
	assert_string_equal(fake_poll_next(p), "4x" SEP "4x");
	assert_int_equal(eio_socket_queued(app->s), 0);
	eio_socket_abort(app->s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
	fake_turn(app->loop);
	fake_app_told(app);
	fake_poll_free(p);
	return cost;
}

static void limit__of_bytes__counts_with_overhead(void **state)
{
	struct fake_app *app = *state;
	size_t cost = cost_of_one(app);
	struct fake_poll *p;
	int i;

	assert_true(cost > 4);
	eio_server_set_option(app->srv, ENGINEIO_QUEUE_BYTES, (long)cost * 3);
	p = fake_app_poll(app);
	/* The largest of them is not counted. */
	for (i = 0; i < 3 + 1; i++)
		assert_true(fake_app_send(app, "x"));
	assert_true(eio_socket_is_open(app->s));
	assert_false(fake_app_send(app, "x"));
	assert_string_equal(fake_app_told(app), ""); /* from the loop only */
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), QUEUE_FULL);
	assert_true(fake_app_logged(app, "QUEUE_BYTES"));
	assert_int_equal(fake_poll_status(p), 400);
	fake_poll_free(p);
}

static void limit__exceeded__is_the_error_full(void **state)
{
	struct fake_app *app = *state;
	eio_buf *buf = eio_buf_new_text("x", 1);
	struct fake_ws *ws = fake_app_ws(app);

	eio_server_set_option(app->srv, ENGINEIO_QUEUE_PACKETS, 2);
	fake_room(ws->c, 0);
	assert_int_equal(eio_socket_send(app->s, buf), 0);
	assert_int_equal(eio_socket_send(app->s, buf), 0);
	assert_int_equal(eio_socket_send(app->s, buf), ENGINEIO_ERR_FULL);
	assert_int_equal(eio_socket_send(app->s, buf), ENGINEIO_ERR_CLOSED);
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), QUEUE_FULL);
	/* Nobody holds what was thrown away. */
	assert_int_equal(buf->refs, 1);
	eio_buf_unref(buf);
	fake_ws_free(ws);
}

static void limit__of_packets__is_none_by_default(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	int i;

	for (i = 0; i < 10000; i++)
		assert_true(fake_app_send(app, "x"));
	assert_int_equal(strlen(fake_poll_next(p)), 3 * 10000 - 1);
	fake_poll_free(p);
}

static void limit__by_default__is_4_mb(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	int i;

	for (i = 0; i < 41 + 1; i++)
		assert_true(fake_app_send_much(app, 'x', 100000));
	assert_true(eio_socket_queued(app->s) - 100100 <= 4194304);
	assert_false(fake_app_send_much(app, 'x', 100000));
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), QUEUE_FULL);
	fake_poll_free(p);
}

static void limit__one_large_message__fits_an_empty_queue(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p;
	struct fake_ws *ws;

	eio_server_set_option(app->srv, ENGINEIO_QUEUE_BYTES, 1000);
	p = fake_app_poll(app);
	assert_true(fake_app_send_much(app, 'x', 500000));
	assert_int_equal(strlen(fake_poll_next(p)), 500001);
	fake_poll_free(p);
	ws = fake_app_ws(app);
	assert_true(fake_app_send_much(app, 'x', 500000));
	fake_turn(app->loop);
	assert_int_equal(strlen(fake_ws_next(ws)), 500001);
	assert_true(fake_app_send_much(app, 'x', 500000));
	assert_true(fake_app_send(app, "an answer behind it"));
	assert_false(fake_app_send_much(app, 'x', 1000));
	fake_ws_free(ws);
	fake_app_told(app);
}

static void limit__large_message__fits_behind_a_small_one(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	eio_server_set_option(app->srv, ENGINEIO_QUEUE_BYTES, 1000);
	assert_true(fake_app_send(app, "small"));
	assert_true(fake_app_send_much(app, 'x', 500000));
	assert_true(fake_app_send(app, "small"));
	assert_false(fake_app_send_much(app, 'x', 5000));
	fake_ws_free(ws);
	fake_app_told(app);
}

/* What we queued ourselves is not the application's fault. */
static void send_large(struct fake_app *app, eio_socket *s)
{
	assert_true(fake_app_send_much(app, 'x', 5000));
}

static void limit__large_message__fits_behind_our_own_packets(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws;
	struct fake_poll *p;

	eio_server_set_option(app->srv, ENGINEIO_QUEUE_BYTES, 1000);
	app->on_open = send_large; /* behind the open packet */
	ws = fake_eio_open(app->loop, "/engine.io/");
	assert_int_equal(strlen(fake_ws_next(ws)), 5001);
	fake_ws_free(ws);
	app->on_open = NULL;
	fake_app_told(app);
	p = fake_app_poll(app);
	fake_advance(app->loop, 25000); /* behind a ping */
	assert_true(fake_app_send_much(app, 'x', 5000));
	assert_false(fake_app_send_much(app, 'x', 1000));
	fake_poll_free(p);
	fake_turn(app->loop);
	fake_app_told(app);
}

static void limit__of_a_session__is_not_its_neighbours(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *slow = fake_app_poll(app);
	struct fake_poll *p;

	eio_server_set_option(app->srv, ENGINEIO_QUEUE_PACKETS, 2);
	assert_true(fake_app_send(app, "x"));
	assert_true(fake_app_send(app, "x"));
	p = fake_app_poll(app);
	assert_true(fake_app_send(app, "y"));
	assert_true(fake_app_send(app, "y"));
	assert_string_equal(fake_poll_next(p), "4y" SEP "4y");
	assert_string_equal(fake_poll_next(slow), "4x" SEP "4x");
	fake_poll_free(p);
	fake_poll_free(slow);
}

/* -- several that stay together ------------------------------------------ */

static void send_all__of_several__is_all_or_none(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	eio_buf *bufs[3];

	bufs[0] = eio_buf_new_text("a", 1);
	bufs[1] = eio_buf_new_binary("\x01", 1);
	bufs[2] = NULL;
	assert_int_equal(eio_socket_send_all(app->s, bufs, 3),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_socket_send_all(app->s, NULL, 3),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_socket_queued(app->s), 0);
	bufs[2] = eio_buf_new_text("c", 1);
	assert_int_equal(eio_socket_send_all(app->s, bufs, 3), 0);
	assert_int_equal(eio_socket_send_all(app->s, bufs, 0), 0);
	assert_string_equal(fake_poll_next(p), "4a" SEP "bAQ==" SEP "4c");

	eio_server_set_option(app->srv, ENGINEIO_QUEUE_PACKETS, 4);
	assert_int_equal(eio_socket_send_all(app->s, bufs, 2), 0);
	assert_int_equal(eio_socket_send_all(app->s, bufs, 3),
		ENGINEIO_ERR_FULL);
	fake_turn(app->loop);
	assert_string_equal(fake_app_told(app), QUEUE_FULL);
	eio_buf_unref(bufs[0]);
	eio_buf_unref(bufs[1]);
	eio_buf_unref(bufs[2]);
	fake_poll_free(p);
}

/* -- drained and writable ------------------------------------------------ */

static void drain__over_websocket__is_told_when_all_has_left(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	unsigned before = app->drained;

	assert_true(fake_app_send(app, "a"));
	assert_true(fake_app_send(app, "b"));
	assert_int_equal(app->drained, before); /* from the loop only */
	fake_turn(app->loop);
	assert_int_equal(app->drained, before + 1);
	fake_room(ws->c, 20000);
	assert_true(fake_app_send_much(app, 'x', 100000));
	fake_turn(app->loop);
	assert_int_equal(app->drained, before + 1);
	fake_room(ws->c, 20000);
	assert_int_equal(app->drained, before + 1);
	fake_room(ws->c, SIZE_MAX);
	assert_int_equal(app->drained, before + 2);
	fake_ws_free(ws);
}

static void drain__after_a_torn_write__is_told_when_there_is_room(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	unsigned before = app->drained;

	fake_room(ws->c, 10);
	assert_true(fake_app_send_much(app, 'x', 1000));
	fake_turn(app->loop);
	assert_int_equal(app->drained, before);
	fake_room(ws->c, SIZE_MAX);
	assert_int_equal(app->drained, before + 1);
	fake_turn(app->loop);
	assert_int_equal(app->drained, before + 1);
	fake_ws_free(ws);
}

static void drain__over_polling__is_told_when_a_poll_took_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	unsigned before = app->drained;

	assert_true(fake_app_send(app, "a"));
	fake_turn(app->loop);
	assert_int_equal(app->drained, before);
	assert_string_equal(fake_poll_next(p), "4a");
	assert_int_equal(app->drained, before + 1);
	fake_poll_free(p);
}

static void send_next(struct fake_app *app, eio_socket *s)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", app->drained);
	if (app->drained <= 20)
		assert_true(fake_app_send(app, text));
}

static void drain__sending_the_next__streams(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	char packet[16];
	int i;

	app->drained = 0;
	app->on_drain = send_next;
	assert_true(fake_app_send(app, "0"));
	fake_turn(app->loop);
	for (i = 0; i <= 20; i++) {
		snprintf(packet, sizeof(packet), "4%d", i);
		assert_string_equal(fake_ws_next(ws), packet);
	}
	assert_null(fake_ws_next(ws));
	fake_ws_free(ws);
}

static void writable__over_websocket__is_having_room(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);

	assert_true(eio_socket_is_writable(app->s));
	assert_true(fake_app_send(app, "a"));
	assert_false(eio_socket_is_writable(app->s));
	fake_turn(app->loop);
	assert_true(eio_socket_is_writable(app->s));
	fake_room(ws->c, 3);
	assert_true(fake_app_send(app, "b"));
	fake_turn(app->loop);
	/* Nothing waits with us, but the network is full. */
	assert_int_equal(eio_socket_queued(app->s), 0);
	assert_false(eio_socket_is_writable(app->s));
	assert_true(fake_app_send(app, "c"));
	fake_turn(app->loop);
	assert_false(eio_socket_is_writable(app->s));
	fake_room(ws->c, SIZE_MAX);
	assert_true(eio_socket_is_writable(app->s));
	eio_socket_close(app->s);
	assert_false(eio_socket_is_writable(app->s));
	fake_ws_free(ws);
	fake_app_told(app);
}

static void writable__over_polling__is_having_a_poll(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_false(eio_socket_is_writable(app->s));
	fake_poll_get(p);
	assert_true(eio_socket_is_writable(app->s));
	assert_true(fake_app_send(app, "a"));
	assert_false(eio_socket_is_writable(app->s));
	fake_turn(app->loop);
	assert_false(eio_socket_is_writable(app->s));
	assert_string_equal(fake_poll_next(p), "4a");
	fake_poll_get(p);
	assert_true(eio_socket_is_writable(app->s));
	fake_poll_free(p);
	fake_app_told(app);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(limit__of_bytes__counts_with_overhead),
		TEST(limit__exceeded__is_the_error_full),
		TEST(limit__of_packets__is_none_by_default),
		TEST(limit__by_default__is_4_mb),
		TEST(limit__one_large_message__fits_an_empty_queue),
		TEST(limit__large_message__fits_behind_a_small_one),
		TEST(limit__large_message__fits_behind_our_own_packets),
		TEST(limit__of_a_session__is_not_its_neighbours),
		TEST(send_all__of_several__is_all_or_none),
		TEST(drain__over_websocket__is_told_when_all_has_left),
		TEST(drain__after_a_torn_write__is_told_when_there_is_room),
		TEST(drain__over_polling__is_told_when_a_poll_took_it),
		TEST(drain__sending_the_next__streams),
		TEST(writable__over_websocket__is_having_room),
		TEST(writable__over_polling__is_having_a_poll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
