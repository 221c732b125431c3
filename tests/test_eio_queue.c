/* SPDX-License-Identifier: MIT */
/*
 * test_eio_queue.c: what waits for a client: its order, its limits, how it
 * leaves in as few writes as possible, and what is shared between clients.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a)   (sizeof(a) / sizeof(*(a)))
#define SEP        "\x1e"
#define PING       0x89
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

/* -- slow readers -------------------------------------------------------- */

static void slow__websocket__gets_everything_in_order(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	char text[16], packet[17];
	int i;

	fake_room(ws->c, 5);
	for (i = 0; i < 500; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_true(fake_app_send(app, text));
		fake_turn(app->loop);
	}
	assert_true(eio_socket_queued(app->s) > 0);
	for (i = 0; i < 300; i++)
		fake_room(ws->c, 11);
	fake_room(ws->c, SIZE_MAX);
	assert_int_equal(eio_socket_queued(app->s), 0);
	for (i = 0; i < 500; i++) {
		snprintf(packet, sizeof(packet), "4%d", i);
		assert_string_equal(fake_ws_next(ws), packet);
	}
	assert_null(fake_ws_next(ws));
	fake_ws_free(ws);
}

static void slow__websocket__counts_until_the_network_took_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	size_t cost;

	fake_room(ws->c, 0);
	assert_true(fake_app_send(app, "x"));
	cost = eio_socket_queued(app->s);
	fake_turn(app->loop);
	assert_int_equal(eio_socket_queued(app->s), cost);
	fake_room(ws->c, 1); /* the network keeps the rest */
	assert_int_equal(eio_socket_queued(app->s), 0);
	assert_null(fake_ws_next(ws));
	fake_room(ws->c, SIZE_MAX);
	assert_string_equal(fake_ws_next(ws), "4x");
	fake_ws_free(ws);
}

static void slow__large_message__lets_a_pong_between_its_frames(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	const char *message;

	ws->frames = 0;
	fake_room(ws->c, 20000);
	assert_true(fake_app_send_much(app, 'x', 200000));
	fake_turn(app->loop);
	assert_null(fake_ws_next(ws)); /* one frame and a bit */
	assert_int_equal(ws->frames, 1);
	eio__strbuf_clear(&ws->text);
	fake_ws_frame(ws, PING, "still there?", 12);
	fake_room(ws->c, SIZE_MAX);
	message = fake_ws_next(ws);
	assert_non_null(message);
	assert_int_equal(strlen(message), 200001 - EIO__FRAME_MAX);
	assert_string_equal(ws->pong, "still there?");
	assert_int_equal(ws->pong_at, 2);
	assert_int_equal(ws->frames,
		(200001 + EIO__FRAME_MAX - 1) / EIO__FRAME_MAX);
	fake_ws_free(ws);
}

static void slow__reader_that_takes_nothing__is_given_up(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws;

	eio_server_set_option(app->srv, ENGINEIO_PING_INTERVAL, 1000000);
	ws = fake_app_ws(app);
	fake_room(ws->c, 0);
	assert_true(fake_app_send(app, "x"));
	fake_advance(app->loop, 59999);
	assert_true(eio_socket_is_open(app->s));
	fake_advance(app->loop, 1);
	assert_string_equal(fake_app_told(app),
		"close write timeout: peer does not read");
	assert_true(fake_is_closed(ws->c, NULL));
	fake_ws_free(ws);
}

static void slow__reader_that_takes_a_little__is_kept(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws;
	int i;

	eio_server_set_option(app->srv, ENGINEIO_PING_INTERVAL, 1000000);
	ws = fake_app_ws(app);
	fake_room(ws->c, 10);
	assert_true(fake_app_send_much(app, 'x', 300000));
	fake_turn(app->loop);
	for (i = 0; i < 5; i++) {
		fake_advance(app->loop, 50000);
		fake_room(ws->c, 20000);
	}
	assert_true(eio_socket_is_open(app->s));
	fake_room(ws->c, SIZE_MAX);
	assert_int_equal(strlen(fake_ws_next(ws)), 300001);
	/* And is not given up later, when nothing waits. */
	fake_advance(app->loop, 300000);
	assert_true(eio_socket_is_open(app->s));
	fake_ws_free(ws);
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

/* -- one write per turn -------------------------------------------------- */

static void cork__messages_of_a_turn__leave_in_one_write(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	unsigned before = fake_writes(ws->c);
	int i;

	for (i = 0; i < 50; i++)
		assert_true(fake_app_send(app, "hello"));
	assert_int_equal(fake_writes(ws->c), before);
	fake_turn(app->loop);
	assert_int_equal(fake_writes(ws->c), before + 1);
	for (i = 0; i < 50; i++)
		assert_string_equal(fake_ws_next(ws), "4hello");
	assert_null(fake_ws_next(ws));
	fake_ws_free(ws);
}

static void cork__thousands_of_messages__leave_in_few_writes(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	unsigned before = fake_writes(ws->c);
	int i;

	for (i = 0; i < 5000; i++)
		assert_true(fake_app_send(app, "hello"));
	fake_turn(app->loop);
	assert_true(fake_writes(ws->c) <= before + 5000 / 50);
	for (i = 0; i < 5000; i++)
		assert_string_equal(fake_ws_next(ws), "4hello");
	fake_ws_free(ws);
}

static void echo(struct fake_app *app, eio_socket *s, const char *data,
	size_t len, bool binary)
{
	eio_buf *buf = eio_buf_new_text(data, len);

	assert_int_equal(eio_socket_send(s, buf), 0);
	eio_buf_unref(buf);
}

static void cork__replies_to_a_burst__leave_in_one_write(void **state)
{
	struct fake_app *app = *state;
	struct fake_ws *ws = fake_app_ws(app);
	unsigned before = fake_writes(ws->c);
	struct eio__strbuf b;
	int i;

	app->on_message = echo;
	eio__strbuf_init(&b, 0);
	for (i = 0; i < 30; i++)
		fake_ws_add_frame(&b, 0x81, "4ping-pong", 10);
	fake_send(ws->c, b.data, b.len);
	assert_int_equal(fake_writes(ws->c), before + 1);
	for (i = 0; i < 30; i++)
		assert_string_equal(fake_ws_next(ws), "4ping-pong");
	eio__strbuf_clear(&b);
	fake_ws_free(ws);
}

static void cork__payload_over_polling__leaves_in_one_write(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	int i;

	fake_poll_get(p);
	for (i = 0; i < 50; i++)
		assert_true(fake_app_send(app, "hello"));
	fake_turn(app->loop);
	assert_int_equal(fake_writes(p->get), 1);
	assert_int_equal(strlen(fake_poll_next(p)), 50 * 7 - 1);
	fake_poll_free(p);
}

/* -- shared between clients ---------------------------------------------- */

#define CLIENTS 6

struct crowd {
	struct fake_ws *ws[CLIENTS];
	eio_socket *s[CLIENTS];
};

static void gather(struct fake_app *app, struct crowd *c)
{
	int i;

	for (i = 0; i < CLIENTS; i++) {
		c->ws[i] = fake_app_ws(app);
		c->s[i] = eio_socket_ref(app->s);
	}
}

static void scatter(struct crowd *c)
{
	int i;

	for (i = 0; i < CLIENTS; i++) {
		fake_ws_free(c->ws[i]);
		eio_socket_unref(c->s[i]);
	}
}

static void broadcast__to_all__shares_one_buffer(void **state)
{
	struct fake_app *app = *state;
	eio_buf *buf = eio_buf_new_text("news", 4);
	struct crowd c;
	unsigned before;
	int i;

	gather(app, &c);
	before = fake_writes(c.ws[0]->c);
	for (i = 0; i < CLIENTS; i++)
		assert_int_equal(eio_socket_send(c.s[i], buf), 0);
	assert_int_equal(buf->refs, 1 + CLIENTS);
	assert_int_equal(eio_buf_len(buf), 4);
	fake_turn(app->loop);
	assert_int_equal(buf->refs, 1);
	for (i = 0; i < CLIENTS; i++) {
		assert_int_equal(fake_writes(c.ws[i]->c), before + 1);
		assert_string_equal(fake_ws_next(c.ws[i]), "4news");
		assert_null(fake_ws_next(c.ws[i]));
	}
	eio_buf_unref(buf);
	scatter(&c);
	fake_app_told(app);
}

/* What was put together for one receiver must not reach another who waits
 * for something else. */
static void broadcast__of_several__mixes_nothing_up(void **state)
{
	static const char *const lists[CLIENTS] = { "ab", "ab", "abc", "ab",
		"ac", "a" };
	struct fake_app *app = *state;
	eio_buf *bufs[3];
	struct crowd c;
	char packet[3] = "4";
	size_t i, k;

	for (k = 0; k < 3; k++)
		bufs[k] = eio_buf_new_text(&"abc"[k], 1);
	gather(app, &c);
	for (i = 0; i < CLIENTS; i++)
		for (k = 0; lists[i][k]; k++)
			eio_socket_send(c.s[i], bufs[lists[i][k] - 'a']);
	fake_turn(app->loop);
	for (i = 0; i < CLIENTS; i++) {
		for (k = 0; lists[i][k]; k++) {
			packet[1] = lists[i][k];
			assert_string_equal(fake_ws_next(c.ws[i]), packet);
		}
		assert_null(fake_ws_next(c.ws[i]));
	}
	for (k = 0; k < 3; k++) {
		assert_int_equal(bufs[k]->refs, 1);
		eio_buf_unref(bufs[k]);
	}
	scatter(&c);
	fake_app_told(app);
}

static void broadcast__over_each_transport__has_its_form(void **state)
{
	struct fake_app *app = *state;
	eio_buf *buf = eio_buf_new_binary("\x01\x02\x03", 3);
	struct fake_ws *ws = fake_app_ws(app), *text;
	eio_socket *s[3];
	struct fake_poll *p;
	int i;

	s[0] = app->s;
	p = fake_app_poll(app);
	s[1] = app->s;
	text = fake_ws_open(app->loop,
		"/engine.io/?EIO=4&transport=websocket&b64=1");
	assert_non_null(fake_ws_next(text));
	s[2] = app->s;
	for (i = 0; i < 3; i++)
		assert_int_equal(eio_socket_send(s[i], buf), 0);
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "\x01\x02\x03");
	assert_true(ws->binary);
	assert_string_equal(fake_poll_next(p), "bAQID");
	assert_string_equal(fake_ws_next(text), "bAQID");
	assert_false(text->binary);
	assert_int_equal(buf->refs, 1);
	eio_buf_unref(buf);
	fake_ws_free(ws);
	fake_ws_free(text);
	fake_poll_free(p);
	fake_app_told(app);
}

static void broadcast__to_one_who_is_slow__delays_no_other(void **state)
{
	struct fake_app *app = *state;
	eio_buf *buf = eio_buf_new_text("news", 4);
	struct crowd c;
	int i;

	gather(app, &c);
	fake_room(c.ws[1]->c, 2);
	for (i = 0; i < CLIENTS; i++)
		eio_socket_send(c.s[i], buf);
	fake_turn(app->loop);
	for (i = 0; i < CLIENTS; i++)
		if (i == 1)
			assert_null(fake_ws_next(c.ws[i]));
		else
			assert_string_equal(fake_ws_next(c.ws[i]), "4news");
	fake_room(c.ws[1]->c, SIZE_MAX);
	assert_string_equal(fake_ws_next(c.ws[1]), "4news");
	eio_buf_unref(buf);
	scatter(&c);
	fake_app_told(app);
}

#define MANY 16
#define LONG 100000

static char *long_text(void)
{
	char *text = malloc(LONG + 1);

	assert_non_null(text);
	memset(text, 'x', LONG);
	text[0] = '4';
	text[LONG] = '\0';
	return text;
}

/* The network is given it once, and has it until the slowest has all of it;
 * one who has gone does not keep it. */
static void broadcast__long_to_many__is_shared_until_all_have_it(void **state)
{
	struct fake_app *app = *state;
	char *text = long_text();
	eio_buf *buf = eio_buf_new_text(text + 1, LONG - 1);
	struct fake_ws *ws[MANY];
	eio_socket *s[MANY];
	unsigned before, made;
	int i;

	assert_int_equal(fake_shares(&before), 0);
	for (i = 0; i < MANY; i++) {
		ws[i] = fake_app_ws(app);
		s[i] = eio_socket_ref(app->s);
		if (i == 1 || i == 2)
			fake_room(ws[i]->c, 30000);
	}
	for (i = 0; i < MANY; i++) {
		assert_int_equal(eio_socket_send(s[i], buf), 0);
		eio_socket_unref(s[i]);
	}
	eio_buf_unref(buf);
	fake_turn(app->loop);
	assert_int_equal(fake_shares(&made), 1);
	assert_int_equal(made - before, 1);
	for (i = 0; i < MANY; i++)
		if (i != 1 && i != 2)
			assert_string_equal(fake_ws_next(ws[i]), text);
	fake_room(ws[1]->c, SIZE_MAX);
	assert_string_equal(fake_ws_next(ws[1]), text);
	assert_int_equal(fake_shares(&made), 1);
	for (i = 0; i < MANY; i++)
		fake_ws_free(ws[i]);
	fake_turn(app->loop);
	assert_int_equal(fake_shares(&made), 0);
	free(text);
	fake_app_told(app);
}

static void broadcast__long_to_few__is_not_shared(void **state)
{
	struct fake_app *app = *state;
	char *text = long_text();
	eio_buf *buf = eio_buf_new_text(text + 1, LONG - 1);
	struct crowd c;
	unsigned before, made;
	int i;

	fake_shares(&before);
	gather(app, &c);
	for (i = 0; i < CLIENTS; i++)
		assert_int_equal(eio_socket_send(c.s[i], buf), 0);
	eio_buf_unref(buf);
	fake_turn(app->loop);
	for (i = 0; i < CLIENTS; i++)
		assert_string_equal(fake_ws_next(c.ws[i]), text);
	fake_shares(&made);
	assert_int_equal(made, before);
	scatter(&c);
	free(text);
	fake_app_told(app);
}

/* -- at random ----------------------------------------------------------- */

/* The sizes that matter: around a frame's length forms, around one frame and
 * several, and around what is put together for one write. */
static const size_t sizes[] = { 1, 2, 124, 125, 126, 127, 1000, 16379, 16380,
	16384, 32766, 32767, 65000, 65536, 70000, 200000 };

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

/* Message number i: its letter and size follow from the seed. */
static void send_some(struct fake_app *app, unsigned *sent, unsigned *seed,
	size_t *expected)
{
	size_t size = sizes[next_random(seed) % COUNT(sizes)];

	expected[*sent] = size;
	assert_true(fake_app_send_much(app, (char)('a' + *sent % 26), size));
	++*sent;
}

static void expect_some(struct fake_ws *ws, unsigned sent,
	const size_t *expected)
{
	const char *text;
	char letters[2] = "";
	unsigned i;

	for (i = 0; i < sent; i++) {
		text = fake_ws_next(ws);
		assert_non_null(text);
		assert_int_equal(text[0], '4');
		letters[0] = (char)('a' + i % 26);
		assert_int_equal(strspn(text + 1, letters), expected[i]);
		assert_int_equal(strlen(text), expected[i] + 1);
	}
	assert_null(fake_ws_next(ws));
}

static void random__sizes_and_room__come_whole_and_in_order(void **state)
{
	static size_t expected[60];
	struct fake_app *app = *state;
	unsigned round, step, sent, seed = 1;
	struct fake_ws *ws;

	eio_server_set_option(app->srv, ENGINEIO_QUEUE_BYTES, 100000000);
	for (round = 0; round < 20; round++) {
		ws = fake_app_ws(app);
		for (step = sent = 0; step < 60; step++) {
			if (next_random(&seed) % 2)
				send_some(app, &sent, &seed, expected);
			if (next_random(&seed) % 3 == 0)
				fake_room(ws->c, next_random(&seed));
			if (next_random(&seed) % 4 == 0)
				fake_turn(app->loop);
		}
		fake_room(ws->c, SIZE_MAX);
		expect_some(ws, sent, expected);
		fake_ws_free(ws);
		fake_app_told(app);
	}
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
		TEST(slow__websocket__gets_everything_in_order),
		TEST(slow__websocket__counts_until_the_network_took_it),
		TEST(slow__large_message__lets_a_pong_between_its_frames),
		TEST(slow__reader_that_takes_nothing__is_given_up),
		TEST(slow__reader_that_takes_a_little__is_kept),
		TEST(drain__over_websocket__is_told_when_all_has_left),
		TEST(drain__after_a_torn_write__is_told_when_there_is_room),
		TEST(drain__over_polling__is_told_when_a_poll_took_it),
		TEST(drain__sending_the_next__streams),
		TEST(writable__over_websocket__is_having_room),
		TEST(writable__over_polling__is_having_a_poll),
		TEST(cork__messages_of_a_turn__leave_in_one_write),
		TEST(cork__thousands_of_messages__leave_in_few_writes),
		TEST(cork__replies_to_a_burst__leave_in_one_write),
		TEST(cork__payload_over_polling__leaves_in_one_write),
		TEST(broadcast__to_all__shares_one_buffer),
		TEST(broadcast__of_several__mixes_nothing_up),
		TEST(broadcast__over_each_transport__has_its_form),
		TEST(broadcast__to_one_who_is_slow__delays_no_other),
		TEST(broadcast__long_to_many__is_shared_until_all_have_it),
		TEST(broadcast__long_to_few__is_not_shared),
		TEST(random__sizes_and_room__come_whole_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
