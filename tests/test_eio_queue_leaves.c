/* SPDX-License-Identifier: MIT */
/*
 * test_eio_queue_leaves.c: how what waits for a client leaves: to slow readers,
 * and in as few writes as possible.
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

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define PING     0x89

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
		TEST(slow__websocket__gets_everything_in_order),
		TEST(slow__websocket__counts_until_the_network_took_it),
		TEST(slow__large_message__lets_a_pong_between_its_frames),
		TEST(slow__reader_that_takes_nothing__is_given_up),
		TEST(slow__reader_that_takes_a_little__is_kept),
		TEST(cork__messages_of_a_turn__leave_in_one_write),
		TEST(cork__thousands_of_messages__leave_in_few_writes),
		TEST(cork__replies_to_a_burst__leave_in_one_write),
		TEST(cork__payload_over_polling__leaves_in_one_write),
		TEST(random__sizes_and_room__come_whole_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
