/* SPDX-License-Identifier: MIT */
/*
 * test_chat_chat.c: what becomes of what visitors post. Compared as text, as
 * it would go out.
 */
#include <config.h>

#include <src/chat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t wall;
static int told;

static int64_t hand_moved(void *user)
{
	assert_ptr_equal(user, &wall);
	return wall;
}

static int setup(void **state)
{
	wall = 1700000000123;
	told = 0;
	*state = chat_new(hand_moved, &wall);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	chat_free(*state);
	return 0;
}

static void assert_state(struct chat *chat, const char *expected)
{
	json_t *all = chat_state(chat);
	char *text = json_dumps(all, JSON_COMPACT);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	json_decref(all);
}

static int post(struct chat *chat, const char *data)
{
	json_t *value = json_loads(data, JSON_DECODE_ANY, NULL);
	int err;

	assert_non_null(value);
	err = chat_post(chat, value);
	json_decref(value);
	return err;
}

#define FIRST "{\"user\":\"brian\",\"text\":\"hi\",\"time\":1700000000123}"

static void chat__new__has_its_first_message(void **state)
{
	assert_state(*state, "{\"msg\":[" FIRST "]}");
}

static void chat__post__comes_first_with_its_time(void **state)
{
	wall += 1000;
	assert_int_equal(post(*state, "{\"user\":\"ann\",\"text\":\"hello\"}"),
		0);
	assert_state(*state,
		"{\"msg\":[{\"user\":\"ann\",\"text\":\"hello\","
		"\"time\":1700000001123}," FIRST "]}");
}

/* As in JavaScript: no field is changed, none invented but the time. */
static void chat__fields__are_kept_as_they_came(void **state)
{
	static const struct {
		const char *data, *kept;
	} table[] = {
		{ "{\"user\":7,\"text\":1.5}", "\"user\":7,\"text\":1.5," },
		{ "{\"text\":\"x\"}", "\"text\":\"x\"," },
		{ "{\"user\":\"x\"}", "\"user\":\"x\"," },
		{ "{}", "" },
		{ "{\"user\":null,\"text\":false}",
			"\"user\":null,\"text\":false," },
		{ "{\"user\":[1,{}],\"text\":{\"a\":{}}}",
			"\"user\":[1,{}],\"text\":{\"a\":{}}," },
		{ "{\"time\":1,\"id\":2,\"text\":\"x\"}", "\"text\":\"x\"," },
		{ "{\"user\":\"<b>\",\"text\":\"\xc3\xa4\"}",
			"\"user\":\"<b>\",\"text\":\"\xc3\xa4\"," },
	};
	char expected[200];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct chat *chat = chat_new(hand_moved, &wall);

		snprintf(expected, sizeof(expected),
			"{\"msg\":[{%s\"time\":1700000000123}," FIRST "]}",
			table[i].kept);
		assert_non_null(chat);
		assert_int_equal(post(chat, table[i].data), 0);
		assert_state(chat, expected);
		chat_free(chat);
	}
}

static void on_change(struct chat *chat, void *user)
{
	assert_ptr_equal(user, &told);
	told++;
}

static void chat__junk__changes_nothing(void **state)
{
	static const char *const junk[] = { "\"text\"", "1", "null", "true",
		"[]", "[{\"text\":\"x\"}]" };
	size_t i;

	assert_int_equal(chat_on_change(*state, on_change, &told), 0);
	for (i = 0; i < sizeof(junk) / sizeof(junk[0]); i++)
		assert_int_equal(post(*state, junk[i]), CHAT_NO_MESSAGE);
	assert_int_equal(chat_post(*state, NULL), CHAT_NO_MESSAGE);
	assert_int_equal(told, 0);
	assert_state(*state, "{\"msg\":[" FIRST "]}");
}

static void chat__post__is_told_to_each_way_once(void **state)
{
	assert_int_equal(chat_on_change(*state, on_change, &told), 0);
	assert_int_equal(chat_on_change(*state, on_change, &told), 0);
	assert_int_equal(post(*state, "{}"), 0);
	assert_int_equal(told, 2);
}

static void chat__more_ways_than_there_is_room_for__refused(void **state)
{
	int i;

	for (i = 0; i < 8; i++)
		assert_int_equal(chat_on_change(*state, on_change, &told), 0);
	assert_int_equal(chat_on_change(*state, on_change, &told), -1);
}

static void chat__many__fifty_stay(void **state)
{
	json_t *all;
	int i;

	for (i = 0; i < 60; i++)
		assert_int_equal(post(*state, "{\"text\":\"x\"}"), 0);
	all = chat_state(*state);
	assert_int_equal(json_array_size(json_object_get(all, "msg")), 50);
	json_decref(all);
}

static int allocations_left;

static void *failing_malloc(size_t size)
{
	if (allocations_left == 0)
		return NULL;
	allocations_left--;
	return malloc(size);
}

/* Whichever allocation fails: a message is wholly there or not at all. */
static void chat__out_of_memory__leaves_no_halves(void **state)
{
	json_t *data = json_pack("{s:s, s:s}", "user", "ann", "text", "hello");
	size_t before = 1, after;
	json_t *all;
	int n, err = -1;

	json_set_alloc_funcs(failing_malloc, free);
	for (n = 0; err != 0; n++) {
		assert_true(n < 1000);
		allocations_left = n;
		err = chat_post(*state, data);
		allocations_left = -1;
		assert_true(err == 0 || err == CHAT_NOT_KEPT);
		all = chat_state(*state);
		after = json_array_size(json_object_get(all, "msg"));
		assert_int_equal(after, err == 0 ? before + 1 : before);
		json_decref(all);
		allocations_left = 0;
		assert_null(chat_state(*state));
	}
	json_set_alloc_funcs(malloc, free);
	assert_true(n > 1);
	json_decref(data);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(chat__new__has_its_first_message),
		TEST(chat__post__comes_first_with_its_time),
		TEST(chat__fields__are_kept_as_they_came),
		TEST(chat__junk__changes_nothing),
		TEST(chat__post__is_told_to_each_way_once),
		TEST(chat__more_ways_than_there_is_room_for__refused),
		TEST(chat__many__fifty_stay),
		TEST(chat__out_of_memory__leaves_no_halves),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
