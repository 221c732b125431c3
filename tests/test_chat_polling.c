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

#define TYPE  "application/json; charset=utf-8"
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
	assert_string_equal(fake_reply_header(&r, "Content-Type"), TYPE);
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

static void chat_polling__too_large__is_413(void **state)
{
	struct fake_conn *c = fake_connect(loop);
	struct fake_reply r;

	fake_request(c, "POST", "/poll", "Content-Length: 1000001\r\n", NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 413);
	assert_string_equal(r.body, "{\"error\":\"the body is too large\"}");
	assert_string_equal(fake_reply_header(&r, "Content-Type"), TYPE);
	fake_reply_clear(&r);
	fake_free(c);
	assert_answer("GET", NULL, 200, "{\"msg\":[" FIRST "]}");
}

static void assert_unfinished(const char *head, const char *begun, int status,
	const char *expected)
{
	struct fake_conn *c = fake_connect(loop);
	struct fake_reply r;

	fake_request(c, "POST", "/poll", head, NULL);
	fake_puts(c, begun);
	fake_advance(loop, 30001);
	r = fake_reply(c);
	assert_int_equal(r.status, status);
	assert_string_equal(r.body, expected);
	assert_string_equal(fake_reply_header(&r, "Content-Type"), TYPE);
	fake_reply_clear(&r);
	fake_free(c);
}

static void chat_polling__bodies_that_do_not_end_well__are_named(void **state)
{
	assert_unfinished("Content-Length: 10\r\n", "{", 408,
		"{\"error\":\"the body did not come in time\"}");
	assert_unfinished("Transfer-Encoding: chunked\r\n", "x\r\n", 400,
		"{\"error\":\"the body is not sent as HTTP says\"}");
}

static void chat_polling__too_deep__is_no_message(void **state)
{
	static char body[1000] = "{\"text\":";

	memset(body + 8, '[', 200);
	memset(body + 208, ']', 200);
	body[408] = '}';
	assert_answer("POST", body, 400, "{\"error\":\"this is no message\"}");
}

static void *no_memory(size_t size)
{
	return NULL;
}

/* What is our fault is not said to be the client's. */
static void chat_polling__without_memory__is_500(void **state)
{
	json_set_alloc_funcs(no_memory, free);
	assert_answer("POST", "{\"text\":1}", 500,
		"{\"error\":\"the server is out of memory\"}");
	assert_answer("GET", NULL, 500,
		"{\"error\":\"the server is out of memory\"}");
	assert_answer("POST", "{\"text\":", 400,
		"{\"error\":\"the body is no JSON\"}");
	json_set_alloc_funcs(malloc, free);
	assert_answer("GET", NULL, 200, "{\"msg\":[" FIRST "]}");
}

static void chat_polling__other_methods__not_allowed(void **state)
{
	static const char *const methods[] = { "PUT", "DELETE", "PATCH",
		"OPTIONS" };
	struct fake_reply r;
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		assert_answer(methods[i], NULL, 405,
			"{\"error\":\"GET the messages, or POST one\"}");
		r = fake_http(loop, methods[i], "/poll", NULL, "{}");
		assert_int_equal(r.status, 405);
		assert_string_equal(fake_reply_header(&r, "Allow"),
			"GET, HEAD, POST");
		fake_reply_clear(&r);
	}
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
		TEST(chat_polling__too_large__is_413),
		TEST(chat_polling__bodies_that_do_not_end_well__are_named),
		TEST(chat_polling__too_deep__is_no_message),
		TEST(chat_polling__without_memory__is_500),
		TEST(chat_polling__other_methods__not_allowed),
		cmocka_unit_test_setup_teardown(
			chat_polling__told_to_fail__gets_do_and_posts_do_not,
			setup_failing, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
