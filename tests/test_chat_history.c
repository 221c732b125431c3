/* SPDX-License-Identifier: MIT */
/*
 * test_chat_history.c: the last messages and their limits.
 */
#include <config.h>

#include <src/history.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <socketio/socketio.h>

static int setup(void **state)
{
	*state = history_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	history_free(*state);
	return 0;
}

static json_t *number_message(int n)
{
	return json_pack("{s:i}", "n", n);
}

/* The n of the i-th message, or -1. */
static int nth(struct history *h, size_t i)
{
	int n = -1;

	json_unpack(json_array_get(history_messages(h), i), "{s:i}", "n", &n);
	return n;
}

static size_t count(struct history *h)
{
	return json_array_size(history_messages(h));
}

static json_t *large_message(int n, size_t bytes)
{
	char *text = malloc(bytes);
	json_t *message;

	assert_non_null(text);
	memset(text, 'x', bytes);
	message = json_pack("{s:i, s:s%}", "n", n, "text", text, bytes);
	free(text);
	return message;
}

static void history__new__is_empty(void **state)
{
	assert_int_equal(count(*state), 0);
}

static void history__some__newest_first(void **state)
{
	int i;

	for (i = 0; i < 3; i++)
		assert_int_equal(history_add(*state, number_message(i)), 0);
	assert_int_equal(count(*state), 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(nth(*state, i), 2 - i);
}

static void history__more_than_fit__the_oldest_go(void **state)
{
	int i;

	for (i = 0; i < 120; i++) {
		assert_int_equal(history_add(*state, number_message(i)), 0);
		assert_int_equal(count(*state), i < 50 ? i + 1 : 50);
		assert_int_equal(nth(*state, 0), i);
	}
	assert_int_equal(nth(*state, 49), 70);
}

static void history__large_ones__stay_within_the_limit(void **state)
{
	int i;

	for (i = 0; i < 20; i++)
		assert_int_equal(history_add(*state, large_message(i, 250000)),
			0);
	assert_int_equal(count(*state), 4);
	assert_int_equal(nth(*state, 0), 19);
	assert_int_equal(nth(*state, 3), 16);
	assert_in_range(history_bytes(*state), 1000000, HISTORY_BYTES);
	for (i = 0; i < 49; i++)
		assert_int_equal(history_add(*state, number_message(i)), 0);
	assert_int_equal(count(*state), 50);
}

static void history__one_over_the_limit__is_kept_alone(void **state)
{
	assert_int_equal(history_add(*state, number_message(1)), 0);
	assert_int_equal(history_add(*state,
				 large_message(2, HISTORY_BYTES + 1)),
		0);
	assert_int_equal(count(*state), 1);
	assert_int_equal(nth(*state, 0), 2);
	assert_int_equal(history_add(*state, number_message(3)), 0);
	assert_int_equal(count(*state), 1);
	assert_int_equal(nth(*state, 0), 3);
}

/* Many small values weigh more than their characters. */
static void history__many_small_values__count_as_memory(void **state)
{
	int i, j;

	for (i = 0; i < 10; i++) {
		json_t *list = json_array();

		for (j = 0; j < 15000; j++)
			json_array_append_new(list, json_integer(j));
		assert_int_equal(history_add(*state,
					 json_pack("{s:i, s:o}", "n", i, "list",
						 list)),
			0);
	}
	assert_int_equal(count(*state), 2);
}

/* No text may be longer on the way than it was counted. */
static void history__any_text__weighs_what_it_takes(void **state)
{
	static const char *const texts[] = { "", "plain", "\"\\\b\f\n\r\t\x01",
		"\x7f\xc3\xa4\xe2\x82\xac/",
		"\37\37\37\37\37\37\37\37\37\37\37\37\37\37\37\37" };
	size_t i, before;
	json_t *message;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		message = json_pack("{s:s, s:[f, I, b]}", texts[i], texts[i],
			"more", -1.7976931348623157e308,
			(json_int_t)-9007199254740993, 0);
		before = history_bytes(*state);
		assert_int_equal(history_add(*state, message), 0);
		assert_true(history_bytes(*state) - before >=
			json_dumpb(message, NULL, 0, JSON_COMPACT));
	}
}

static void history__binary_values__are_no_more_than_clients_take(void **state)
{
	int i;

	for (i = 0; i < 14; i++)
		assert_int_equal(history_add(*state,
					 json_pack("{s:i, s:o}", "n", i, "text",
						 sio_binary("abc", 3))),
			0);
	assert_int_equal(count(*state), 10);
	assert_int_equal(nth(*state, 9), 4);
}

static void history__too_many_binary_values__refused(void **state)
{
	json_t *list = json_array();
	int i;

	assert_int_equal(history_add(*state, number_message(1)), 0);
	for (i = 0; i < 11; i++)
		json_array_append_new(list, sio_binary(NULL, 0));
	assert_int_equal(history_add(*state, json_pack("{s:o}", "text", list)),
		-1);
	assert_int_equal(count(*state), 1);
}

static json_t *nested(int depth)
{
	json_t *value = json_null();

	for (; depth > 0; depth--)
		value = depth % 2 ? json_pack("[o]", value)
				  : json_pack("{s:o}", "a", value);
	return value;
}

static void history__too_deep__refused(void **state)
{
	/* The message is the first level, and the null the last. */
	json_t *fits = json_pack("{s:o}", "a", nested(HISTORY_DEPTH - 2));
	json_t *too_deep = json_pack("{s:o}", "a", nested(HISTORY_DEPTH - 1));

	assert_int_equal(history_add(*state, fits), 0);
	assert_int_equal(history_add(*state, too_deep), -1);
	assert_int_equal(count(*state), 1);
}

static void history__no_object__refused(void **state)
{
	assert_int_equal(history_add(*state, NULL), -1);
	assert_int_equal(history_add(*state, json_string("x")), -1);
	assert_int_equal(history_add(*state, json_array()), -1);
	assert_int_equal(history_add(*state, sio_binary("x", 1)), -1);
	assert_int_equal(count(*state), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(history__new__is_empty),
		TEST(history__some__newest_first),
		TEST(history__more_than_fit__the_oldest_go),
		TEST(history__large_ones__stay_within_the_limit),
		TEST(history__one_over_the_limit__is_kept_alone),
		TEST(history__many_small_values__count_as_memory),
		TEST(history__any_text__weighs_what_it_takes),
		TEST(history__binary_values__are_no_more_than_clients_take),
		TEST(history__too_many_binary_values__refused),
		TEST(history__too_deep__refused),
		TEST(history__no_object__refused),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
