/* SPDX-License-Identifier: MIT */
/*
 * test_eio_polling_long.c: long polling: a long packet for many clients. Their
 * answers share what it is in an answer, however slowly it leaves, and whoever
 * goes before it has left.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/base/base64.h>
#include <engineio/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CLIENTS 20
#define LONG    300000

/* Several clients whose polls wait, and whose network takes nothing yet. */
struct crowd {
	struct fake_app *app;
	struct fake_poll *polls[CLIENTS];
	struct fake_conn *gets[CLIENTS];
	eio_socket *sockets[CLIENTS];
	char *text; /* LONG times a letter */
};

static void gather(struct crowd *crowd, struct fake_app *app,
	const char *headers, const char *parameters)
{
	unsigned i;

	crowd->app = app;
	crowd->text = malloc(LONG);
	assert_non_null(crowd->text);
	for (i = 0; i < LONG; i++)
		crowd->text[i] = (char)('a' + i % 26);
	for (i = 0; i < CLIENTS; i++) {
		crowd->polls[i] = fake_poll_open_with(app->loop, "/engine.io/",
			parameters);
		assert_non_null(crowd->polls[i]);
		crowd->sockets[i] = app->s;
		crowd->gets[i] = fake_poll_request(crowd->polls[i], "GET",
			headers, NULL);
		fake_room(crowd->gets[i], 0);
	}
	fake_app_told(app);
}

/* One packet for all; they have a reference each, and so has the test. */
static eio_buf *broadcast(struct crowd *crowd, bool binary)
{
	eio_buf *buf = binary ? eio_buf_new_binary(crowd->text, LONG)
			      : eio_buf_new_text(crowd->text, LONG);
	unsigned i;

	assert_non_null(buf);
	fake_hold(crowd->app->loop);
	for (i = 0; i < CLIENTS; i++)
		assert_int_equal(eio_socket_send(crowd->sockets[i], buf), 0);
	fake_turn(crowd->app->loop);
	return buf;
}

static unsigned count_forms(const eio_buf *buf)
{
	unsigned n = 0;

	for (buf = buf->forms; buf; buf = buf->forms)
		n++;
	return n;
}

static struct fake_reply take_answer(struct fake_conn *c)
{
	struct fake_reply r;

	fake_room(c, SIZE_MAX);
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	assert_int_equal(fake_received(c)->len, 0);
	return r;
}

static void scatter(struct crowd *crowd)
{
	unsigned i;

	for (i = 0; i < CLIENTS; i++) {
		fake_free(crowd->gets[i]);
		fake_poll_free(crowd->polls[i]);
	}
	free(crowd->text);
}

static void check_text(const struct crowd *crowd, const struct fake_reply *r)
{
	assert_int_equal(r->len, LONG + 1);
	assert_int_equal(r->body[0], '4');
	assert_memory_equal(r->body + 1, crowd->text, LONG);
}

static void long_packet__for_many_polls__is_in_memory_once(void **state)
{
	struct crowd crowd;
	struct fake_reply r;
	eio_buf *buf;
	unsigned i;

	gather(&crowd, *state, NULL, "");
	buf = broadcast(&crowd, false);
	/* The sessions have let go of it: what waits is the one payload. */
	assert_int_equal(buf->refs, 1);
	assert_int_equal(count_forms(buf), 1);
	assert_int_equal(buf->forms->refs, 1 + CLIENTS);
	assert_int_equal(buf->forms->wire_len, LONG + 1);
	for (i = 0; i < CLIENTS; i++) {
		assert_int_equal(buf->forms->refs, 1 + CLIENTS - i);
		r = take_answer(crowd.gets[i]);
		assert_string_equal(fake_reply_header(&r, "content-type"),
			"text/plain; charset=UTF-8");
		check_text(&crowd, &r);
		fake_reply_clear(&r);
	}
	assert_int_equal(buf->forms->refs, 1);
	eio_buf_unref(buf);
	scatter(&crowd);
}

static void long_packet__for_browsers__is_compressed_once(void **state)
{
	static char text[LONG + 1];
	struct crowd crowd;
	struct fake_reply r;
	eio_buf *buf;
	unsigned i;

	gather(&crowd, *state, "Accept-Encoding: gzip\r\n", "");
	buf = broadcast(&crowd, false);
	assert_int_equal(count_forms(buf), 1);
	assert_true(buf->forms->wire_len < LONG / 10);
	for (i = 0; i < CLIENTS; i++) {
		r = take_answer(crowd.gets[i]);
		assert_string_equal(fake_reply_header(&r, "content-encoding"),
			"gzip");
		assert_int_equal(r.len, buf->forms->wire_len);
		assert_int_equal(fake_reply_inflate(&r, text, sizeof(text)),
			LONG + 1);
		assert_memory_equal(text + 1, crowd.text, LONG);
		fake_reply_clear(&r);
	}
	eio_buf_unref(buf);
	scatter(&crowd);
}

/* Short enough to be copied then. */
static void packet__that_is_not_so_long__is_compressed_once(void **state)
{
	static char text[5001];
	struct crowd crowd;
	struct fake_reply r;
	eio_buf *buf;
	unsigned i;

	gather(&crowd, *state, "Accept-Encoding: gzip\r\n", "");
	buf = eio_buf_new_text(crowd.text, 5000);
	fake_hold(crowd.app->loop);
	for (i = 0; i < CLIENTS; i++)
		assert_int_equal(eio_socket_send(crowd.sockets[i], buf), 0);
	fake_turn(crowd.app->loop);
	assert_int_equal(count_forms(buf), 1);
	assert_int_equal(buf->forms->refs, 1);
	for (i = 0; i < CLIENTS; i++) {
		r = take_answer(crowd.gets[i]);
		assert_string_equal(fake_reply_header(&r, "content-encoding"),
			"gzip");
		assert_int_equal(r.len, buf->forms->wire_len);
		assert_memory_equal(r.body, buf->forms->wire, r.len);
		assert_int_equal(fake_reply_inflate(&r, text, sizeof(text)),
			5001);
		assert_memory_equal(text + 1, crowd.text, 5000);
		fake_reply_clear(&r);
	}
	eio_buf_unref(buf);
	scatter(&crowd);
}

/* Without compression each has a copy, as of what is short. */
static void packet__that_is_not_so_long__is_copied(void **state)
{
	struct crowd crowd;
	struct fake_reply r;
	eio_buf *buf;

	gather(&crowd, *state, NULL, "");
	buf = eio_buf_new_text(crowd.text, 100000);
	eio_socket_send(crowd.sockets[0], buf);
	fake_turn(crowd.app->loop);
	assert_int_equal(count_forms(buf), 0);
	r = take_answer(crowd.gets[0]);
	assert_int_equal(r.len, 100001);
	assert_memory_equal(r.body + 1, crowd.text, 100000);
	fake_reply_clear(&r);
	eio_buf_unref(buf);
	scatter(&crowd);
}

/* A form for each coding, and none for who asks for it to be sent as it is. */
static void long_packet__that_is_not_to_be_compressed__is_as_it_is(void **state)
{
	struct crowd crowd;
	struct fake_reply r;
	eio_buf *buf;

	gather(&crowd, *state, "Accept-Encoding: deflate\r\n", "");
	buf = eio_buf_new_text(crowd.text, LONG);
	eio_socket_send(crowd.sockets[0], buf);
	fake_turn(crowd.app->loop);
	eio_buf_set_compress(buf, false);
	eio_socket_send(crowd.sockets[1], buf);
	fake_turn(crowd.app->loop);
	assert_int_equal(count_forms(buf), 2);
	r = take_answer(crowd.gets[0]);
	assert_string_equal(fake_reply_header(&r, "content-encoding"),
		"deflate");
	fake_reply_clear(&r);
	r = take_answer(crowd.gets[1]);
	assert_string_equal(fake_reply_header(&r, "content-encoding"), "");
	check_text(&crowd, &r);
	fake_reply_clear(&r);
	eio_buf_unref(buf);
	scatter(&crowd);
}

static void long_packet__of_bytes__is_base64_once(void **state)
{
	size_t len = eio__base64_size(LONG);
	char *base64 = malloc(len);
	struct crowd crowd;
	struct fake_reply r;
	eio_buf *buf;

	assert_non_null(base64);
	gather(&crowd, *state, NULL, "");
	buf = broadcast(&crowd, true);
	assert_int_equal(buf->forms->refs, 1 + CLIENTS);
	r = take_answer(crowd.gets[7]);
	eio__base64_encode(base64, crowd.text, LONG);
	assert_int_equal(r.len, len + 1);
	assert_int_equal(r.body[0], 'b');
	assert_memory_equal(r.body + 1, base64, len);
	fake_reply_clear(&r);
	free(base64);
	eio_buf_unref(buf);
	scatter(&crowd);
}

/* What a payload of the older revision says is another one. */
static void long_packet__for_both_revisions__is_each_ones(void **state)
{
	struct fake_app *app = *state;
	struct crowd crowd;
	struct fake_poll *old;
	struct fake_conn *c;
	struct fake_reply r;
	eio_buf *buf;

	gather(&crowd, app, NULL, "");
	eio_server_set_option(app->srv, ENGINEIO_ALLOW_EIO3, 1);
	old = fake_poll_open_with(app->loop, "/engine.io/", "&EIO=3");
	assert_non_null(old);
	crowd.sockets[0] = app->s;
	c = fake_poll_request(old, "GET", NULL, NULL);
	buf = broadcast(&crowd, false);
	assert_int_equal(count_forms(buf), 2);
	r = take_answer(c);
	assert_int_equal(r.len, LONG + 8);
	assert_memory_equal(r.body, "300001:4", 8);
	assert_memory_equal(r.body + 8, crowd.text, LONG);
	fake_reply_clear(&r);
	r = take_answer(crowd.gets[1]);
	check_text(&crowd, &r);
	fake_reply_clear(&r);
	fake_free(c);
	fake_poll_free(old);
	eio_buf_unref(buf);
	scatter(&crowd);
}

/* Clients, their packet and at last the server go in the middle of it. */
static void long_packet__whose_receivers_go__is_given_back(void **state)
{
	struct crowd crowd;
	eio_buf *buf;
	unsigned i;

	gather(&crowd, *state, NULL, "");
	buf = broadcast(&crowd, false);
	for (i = 0; i < CLIENTS; i += 2)
		fake_room(crowd.gets[i], 100000);
	for (i = 0; i < 5; i++)
		fake_reset(crowd.gets[i]);
	for (i = 5; i < 10; i++)
		fake_fin(crowd.gets[i]);
	assert_int_equal(buf->forms->refs, 1 + CLIENTS - 10);
	eio_buf_unref(buf);
	fake_app_free_server(crowd.app);
	scatter(&crowd);
}

/* The next poll came ahead, and is looked at when the answer has left. */
static void long_packet__with_a_poll_behind__is_followed_by_it(void **state)
{
	struct crowd crowd;
	struct fake_reply r;
	char target[256], text[512];
	eio_buf *buf;

	gather(&crowd, *state, NULL, "");
	fake_poll_target(crowd.polls[3], target);
	snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
		target);
	fake_puts(crowd.gets[3], text);
	buf = broadcast(&crowd, false);
	fake_room(crowd.gets[3], 150000);
	assert_int_equal(eio_socket_send(crowd.sockets[3], buf), 0);
	fake_turn(crowd.app->loop);
	assert_int_equal(fake_reply(crowd.gets[3]).status, 0);
	fake_room(crowd.gets[3], SIZE_MAX);
	r = fake_reply(crowd.gets[3]);
	check_text(&crowd, &r);
	fake_reply_clear(&r);
	r = fake_reply(crowd.gets[3]);
	check_text(&crowd, &r);
	fake_reply_clear(&r);
	eio_buf_unref(buf);
	scatter(&crowd);
}

/* Two packets are one payload of their own for each client. */
static void long_packet__with_another__is_not_shared(void **state)
{
	struct crowd crowd;
	struct fake_reply r;
	eio_buf *buf, *small = eio_buf_new_text("x", 1);

	gather(&crowd, *state, NULL, "");
	fake_hold(crowd.app->loop);
	eio_socket_send(crowd.sockets[0], small);
	buf = broadcast(&crowd, false);
	assert_int_equal(buf->forms->refs, CLIENTS);
	r = take_answer(crowd.gets[0]);
	assert_int_equal(r.len, LONG + 4);
	assert_memory_equal(r.body,
		"4x\x1e"
		"4",
		4);
	fake_reply_clear(&r);
	eio_buf_unref(small);
	eio_buf_unref(buf);
	scatter(&crowd);
}

#define TEST(t) \
	cmocka_unit_test_setup_teardown(t, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(long_packet__for_many_polls__is_in_memory_once),
		TEST(long_packet__for_browsers__is_compressed_once),
		TEST(packet__that_is_not_so_long__is_compressed_once),
		TEST(packet__that_is_not_so_long__is_copied),
		TEST(long_packet__that_is_not_to_be_compressed__is_as_it_is),
		TEST(long_packet__of_bytes__is_base64_once),
		TEST(long_packet__for_both_revisions__is_each_ones),
		TEST(long_packet__whose_receivers_go__is_given_back),
		TEST(long_packet__with_a_poll_behind__is_followed_by_it),
		TEST(long_packet__with_another__is_not_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
