/* SPDX-License-Identifier: MIT */
/*
 * test_chat_polling.c: the chat by polling, on the fake network.
 */
#include <config.h>

#include <src/chat_polling.h>

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

static struct chat *chat;
static struct chat_polling way;

static int64_t five(void *user)
{
	return 5;
}

static int start(void **state, double fail)
{
	sio_setup(state);
	chat = chat_new(five, NULL);
	assert_non_null(chat);
	assert_int_equal(chat_polling_start(&way, chat, sio_server_engine(srv),
				 fail),
		0);
	return 0;
}

static int setup(void **state)
{
	return start(state, 0);
}

static int setup_failing(void **state)
{
	return start(state, 1);
}

static int teardown(void **state)
{
	sio_teardown(state);
	chat_free(chat);
	return 0;
}

static void assert_answer(const char *method, const char *body, int status,
	const char *expected)
{
	struct fake_reply r = fake_http(loop, method, "/poll", NULL, body);

	assert_int_equal(r.status, status);
	assert_string_equal(r.body, expected);
	assert_string_equal(fake_reply_header(&r, "Content-Type"),
		"application/json; charset=utf-8");
	fake_reply_clear(&r);
}

static void chat_polling__get__has_all_messages(void **state)
{
	assert_answer("GET", NULL, 200, "{\"msg\":[" FIRST "]}");
}

static void chat_polling__post__is_the_newest(void **state)
{
	assert_answer("POST", "{\"user\":\"\\ud83d\\ude00\",\"text\":3.5}", 200,
		"{\"status\":\"ok\"}");
	assert_answer("GET", NULL, 200,
		"{\"msg\":[{\"user\":\"\xf0\x9f\x98\x80\",\"text\":3.5,"
		"\"time\":5}," FIRST "]}");
}

static void chat_polling__bad_posts__change_nothing(void **state)
{
	assert_answer("POST", "{\"user\":", 400,
		"{\"error\":\"the body is no JSON\"}");
	assert_answer("POST", "", 400, "{\"error\":\"the body is missing\"}");
	assert_answer("POST", "[1]", 400, "{\"error\":\"this is no message\"}");
	assert_answer("POST", "user=ann", 400,
		"{\"error\":\"the body is no JSON\"}");
	assert_answer("GET", NULL, 200, "{\"msg\":[" FIRST "]}");
}

static void chat_polling__other_methods__not_allowed(void **state)
{
	static const char *const methods[] = { "PUT", "DELETE", "PATCH" };
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		assert_answer(methods[i], NULL, 405,
			"{\"error\":\"GET the messages, or POST one\"}");
}

static void chat_polling__told_to_fail__gets_do_and_posts_do_not(void **state)
{
	assert_answer("GET", NULL, 500, "{\"msg\":[" FIRST "]}");
	assert_answer("POST", "{}", 200, "{\"status\":\"ok\"}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(chat_polling__get__has_all_messages),
		TEST(chat_polling__post__is_the_newest),
		TEST(chat_polling__bad_posts__change_nothing),
		TEST(chat_polling__other_methods__not_allowed),
		cmocka_unit_test_setup_teardown(
			chat_polling__told_to_fail__gets_do_and_posts_do_not,
			setup_failing, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
