/* SPDX-License-Identifier: MIT */
/*
 * test_eio_broadcast.c: messages that many clients get: what they share, and
 * that a slow one delays no other.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(broadcast__to_all__shares_one_buffer),
		TEST(broadcast__of_several__mixes_nothing_up),
		TEST(broadcast__over_each_transport__has_its_form),
		TEST(broadcast__to_one_who_is_slow__delays_no_other),
		TEST(broadcast__long_to_many__is_shared_until_all_have_it),
		TEST(broadcast__long_to_few__is_not_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
