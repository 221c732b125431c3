/* SPDX-License-Identifier: MIT */
/*
 * test_chat_socketio.c: the chat over Socket.IO, on the fake network: who is
 * told what, and when.
 */
#include <config.h>

#include <src/chat_socketio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sio.h"

#define FIRST "{\"user\":\"brian\",\"text\":\"hi\",\"time\":5}"
#define BURST 2000

static struct chat *chat;
static struct chat_socketio *way;

static int64_t five(void *user)
{
	return 5;
}

static int setup(void **state)
{
	sio_setup(state);
	chat = chat_new(five, NULL);
	assert_non_null(chat);
	way = chat_socketio_new(chat, srv);
	assert_non_null(way);
	return 0;
}

static int teardown(void **state)
{
	sio_teardown(state);
	chat_socketio_free(way);
	chat_free(chat);
	return 0;
}

/* A client that has taken the messages it is welcomed with. */
static struct fake_ws *visitor(const char *messages)
{
	struct fake_ws *ws = sio_client("/", NULL);

	expect(ws, messages);
	return ws;
}

static void chat_socketio__connection__gets_all_messages(void **state)
{
	struct fake_ws *ws = visitor("42[\"msg:get\",{\"msg\":[" FIRST "]}]");

	expect_open(ws);
	fake_ws_free(ws);
}

static void chat_socketio__post__is_told_to_everybody_once(void **state)
{
	static const char told[] =
		"42[\"msg:get\",{\"msg\":[{\"user\":\"ann\",\"text\":\"hello\","
		"\"time\":5}," FIRST "]}]";
	struct fake_ws *ann = visitor("42[\"msg:get\",{\"msg\":[" FIRST "]}]");
	struct fake_ws *bob = visitor("42[\"msg:get\",{\"msg\":[" FIRST "]}]");
	struct fake_ws *late;

	fake_ws_send(ann,
		"42[\"msg:post\",{\"user\":\"ann\",\"text\":\"hello\"}]");
	expect(ann, told);
	expect(bob, told);
	late = visitor(told);
	expect_open(ann);
	expect_open(bob);
	fake_ws_free(ann);
	fake_ws_free(bob);
	fake_ws_free(late);
}

static void chat_socketio__over_polling__the_same(void **state)
{
	struct fake_poll *p = fake_poll_open(loop, "/socket.io/");
	const char *text;

	assert_int_equal(fake_poll_post(p, "40"), 200);
	text = fake_poll_next(p);
	assert_non_null(text);
	assert_non_null(strstr(text, "42[\"msg:get\",{\"msg\":[" FIRST "]}]"));
	assert_int_equal(fake_poll_post(p, "42[\"msg:post\",{\"user\":1}]"),
		200);
	assert_string_equal(fake_poll_next(p),
		"42[\"msg:get\",{\"msg\":[{\"user\":1,\"time\":5}," FIRST
		"]}]");
	fake_poll_free(p);
}

static void chat_socketio__junk__is_ignored(void **state)
{
	static const char *const junk[] = { "42[\"msg:post\"]",
		"42[\"msg:post\",null]", "42[\"msg:post\",5,{\"text\":\"x\"}]",
		"42[\"msg:post\",\"x\"]", "42[\"msg:post\",[{\"text\":\"x\"}]]",
		"42[\"msg:posT\",{}]", "42[\"msg:get\",{}]", "42[5,{}]",
		"421[\"msg:post\"]", "43[5]" };
	struct fake_ws *ws = visitor("42[\"msg:get\",{\"msg\":[" FIRST "]}]");
	size_t i;

	for (i = 0; i < sizeof(junk) / sizeof(junk[0]); i++)
		fake_ws_send(ws, junk[i]);
	expect_open(ws);
	/* Whoever asks for an answer gets none, as from the original. */
	fake_ws_send(ws, "427[\"msg:post\",{}]");
	expect(ws, "42[\"msg:get\",{\"msg\":[{\"time\":5}," FIRST "]}]");
	expect_open(ws);
	fake_ws_free(ws);
}

static void chat_socketio__binary_values__travel(void **state)
{
	struct fake_ws *ws = visitor("42[\"msg:get\",{\"msg\":[" FIRST "]}]");

	fake_ws_send(ws,
		"451-[\"msg:post\",{\"text\":{\"_placeholder\":true,\"num\":0}}]");
	fake_ws_send_binary(ws, "\x01\x02", 2);
	expect(ws,
		"451-[\"msg:get\",{\"msg\":[{\"text\":{\"_placeholder\":true,"
		"\"num\":0},\"time\":5}," FIRST "]}]");
	expect_binary(ws, "\x01\x02", 2);
	expect_open(ws);
	fake_ws_free(ws);
}

/* Many posts of this length in one piece, so in one turn of the loop. */
static void post_together(struct fake_ws *ws, int n, int len)
{
	struct eio__strbuf b;
	char post[1000];
	int i;

	eio__strbuf_init(&b, 0);
	for (i = 1; i <= n; i++) {
		snprintf(post, sizeof(post),
			"42[\"msg:post\",{\"user\":%d,\"text\":\"%0*d\"}]", i,
			len, 0);
		fake_ws_add_frame(&b, 0x81, post, strlen(post));
	}
	assert_int_equal(b.error, 0);
	fake_send(ws->c, b.data, b.len);
	eio__strbuf_clear(&b);
}

/* Counts what is left to read; the last of it begins with this text. */
static int count_until(struct fake_ws *ws, const char *last)
{
	const char *text;
	bool seen = false;
	int n = 0;

	for (text = fake_ws_next(ws); text; text = fake_ws_next(ws)) {
		seen = strncmp(text, last, strlen(last)) == 0;
		n++;
	}
	assert_true(seen);
	return n;
}

static void chat_socketio__some_posts_together__each_is_told(void **state)
{
	struct fake_ws *ann = visitor("42[\"msg:get\",{\"msg\":[" FIRST "]}]");
	struct fake_ws *bob = visitor("42[\"msg:get\",{\"msg\":[" FIRST "]}]");

	post_together(ann, 60, 10);
	assert_int_equal(count_until(bob,
				 "42[\"msg:get\",{\"msg\":[{\"user\":60,"),
		60);
	fake_ws_free(ann);
	fake_ws_free(bob);
}

/* Each of them would be told with 20 kB to everybody: 40 MB in one turn. */
static void chat_socketio__a_flood__costs_nobody_the_connection(void **state)
{
	static const char last[] =
		"42[\"msg:get\",{\"msg\":[{\"user\":2000,\"text\":\"0";
	struct fake_ws *ann = visitor("42[\"msg:get\",{\"msg\":[" FIRST "]}]");
	struct fake_ws *bob = visitor("42[\"msg:get\",{\"msg\":[" FIRST "]}]");

	post_together(ann, BURST, 400);
	assert_in_range(count_until(bob, last), 20, BURST / 2);
	count_until(ann, last);
	expect_open(ann);
	expect_open(bob);
	/* And the next turn is as any other. */
	fake_ws_send(bob, "42[\"msg:post\",{\"user\":2001}]");
	assert_int_equal(count_until(ann,
				 "42[\"msg:get\",{\"msg\":[{\"user\":2001,"),
		1);
	fake_ws_free(ann);
	fake_ws_free(bob);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(chat_socketio__connection__gets_all_messages),
		TEST(chat_socketio__post__is_told_to_everybody_once),
		TEST(chat_socketio__over_polling__the_same),
		TEST(chat_socketio__junk__is_ignored),
		TEST(chat_socketio__binary_values__travel),
		TEST(chat_socketio__some_posts_together__each_is_told),
		TEST(chat_socketio__a_flood__costs_nobody_the_connection),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
