/* SPDX-License-Identifier: MIT */
/*
 * test_sio_binary_value.c: bytes as json_t values, and what the library
 * relies on of jansson for them.
 */
#include <config.h>

#include <socketio/binary.h>

#include <socketio/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char every_kind[] = "\0\xff\x80 text \xc3\x28\0";

static void assert_bytes(const json_t *value, const void *bytes, size_t n)
{
	size_t len;
	const void *data = sio_binary_data(value, &len);

	assert_true(sio_is_binary(value));
	assert_non_null(data);
	assert_int_equal(len, n);
	assert_memory_equal(data, bytes, n);
}

static void binary__any_bytes__are_kept(void **state)
{
	json_t *value = sio_binary(every_kind, sizeof(every_kind));

	assert_bytes(value, every_kind, sizeof(every_kind));
	json_decref(value);
}

static void binary__no_bytes__are_a_value_too(void **state)
{
	json_t *value = sio_binary(NULL, 0);

	assert_bytes(value, "", 0);
	json_decref(value);
	assert_null(sio_binary(NULL, 1));
}

static void binary__other_values__are_none(void **state)
{
	static const char *const texts[] = { "1", "\"a\"", "null", "[]", "{}",
		"{\"a\":\"b\"}", "{\"_placeholder\":true,\"num\":0}",
		"{\"\\u00ffbinary\":\"x\"}", "{\"\\u00ff\":\"x\"}" };
	size_t i, len = 7;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_t *value = json_loads(texts[i], JSON_DECODE_ANY, NULL);

		assert_non_null(value);
		assert_false(sio_is_binary(value));
		assert_null(sio_binary_data(value, &len));
		assert_int_equal(len, 0);
		json_decref(value);
	}
	assert_false(sio_is_binary(NULL));
	assert_null(sio_binary_data(NULL, NULL));
}

static void binary__text_from_a_peer__cannot_be_one(void **state)
{
	assert_null(json_loads("{\"\xff"
			       "binary\":\"x\"}",
		0, NULL));
	assert_null(sio__json_decode("{\"\xff"
				     "binary\":\"x\"}",
		15));
}

static void binary__jansson__treats_it_as_a_value(void **state)
{
	json_t *a = sio_binary(every_kind, sizeof(every_kind)), *b, *tree, *got;

	b = json_deep_copy(a);
	assert_bytes(b, every_kind, sizeof(every_kind));
	assert_true(json_equal(a, b));
	json_decref(b);
	b = sio_binary("other", 5);
	assert_false(json_equal(a, b));

	tree = json_pack("{s: o, s: [o]}", "a", a, "b", b);
	assert_non_null(tree);
	assert_int_equal(json_unpack(tree, "{s: o}", "a", &got), 0);
	assert_bytes(got, every_kind, sizeof(every_kind));
	json_decref(tree);
}

static void binary__jansson__does_not_print_it(void **state)
{
	static const size_t flags[] = { 0, JSON_COMPACT, JSON_SORT_KEYS,
		JSON_ENSURE_ASCII, JSON_INDENT(2) | JSON_ENCODE_ANY };
	static const char *const bytes[] = { "", "plain text", every_kind };
	size_t i, j;

	for (i = 0; i < 3; i++) {
		json_t *tree = json_pack("[i, {s: o}]", 1, "a",
			sio_binary(bytes[i],
				i == 2 ? sizeof(every_kind)
				       : strlen(bytes[i])));

		for (j = 0; j < sizeof(flags) / sizeof(*flags); j++)
			assert_null(json_dumps(tree, flags[j]));
		json_decref(tree);
	}
}

static void binary__many_bytes__are_kept(void **state)
{
	char bytes[5000];
	size_t n;
	json_t *value;

	for (n = 0; n < sizeof(bytes); n++)
		bytes[n] = (char)(n * 7);
	for (n = 1020; n < sizeof(bytes); n += n < 1030 ? 1 : 500) {
		value = sio_binary(bytes, n);
		assert_bytes(value, bytes, n);
		json_decref(value);
	}
}

static void binary__unpacked_as_text__is_refused(void **state)
{
	json_t *tree = json_pack("[o]", sio_binary("text", 4));
	const char *text;

	assert_int_equal(json_unpack(tree, "[s]", &text), -1);
	json_decref(tree);
}

/* -- placeholders ---------------------------------------------------------- */

static json_t *binaries[2];

static int setup(void **state)
{
	binaries[0] = sio_binary("zero", 4);
	binaries[1] = sio_binary("one", 3);
	return 0;
}

static int teardown(void **state)
{
	json_decref(binaries[0]);
	json_decref(binaries[1]);
	return 0;
}

static void restore__placeholders_anywhere__become_the_values(void **state)
{
	json_t *tree =
		json_loads("[\"a\",{\"_placeholder\":true,\"num\":1},{\"b\":{"
			   "\"_placeholder\":true,\"num\":0},\"c\":[[{"
			   "\"_placeholder\":true,\"num\":1.0,\"more\":2}]]}]",
			0, NULL);
	json_t *object = json_array_get(tree, 2);

	assert_int_equal(sio__binary_restore(tree, binaries, 2), 0);
	assert_ptr_equal(json_array_get(tree, 1), binaries[1]);
	assert_ptr_equal(json_object_get(object, "b"), binaries[0]);
	assert_ptr_equal(json_array_get(json_array_get(json_object_get(object,
							       "c"),
						0),
				 0),
		binaries[1]);
	json_decref(tree);
}

static void restore__wrong_numbers__are_refused(void **state)
{
	static const char *const nums[] = { "2", "-1", "0.5", "\"0\"", "null",
		"true", "[0]", "{}", "1e300", "-0.5", "\"splice\"",
		"9007199254740992" };
	char text[80];
	json_t *tree;
	size_t i;

	for (i = 0; i < sizeof(nums) / sizeof(*nums); i++) {
		snprintf(text, sizeof(text),
			"[\"a\",{\"_placeholder\":true,\"num\":%s}]", nums[i]);
		tree = json_loads(text, 0, NULL);
		assert_non_null(tree);
		assert_int_equal(sio__binary_restore(tree, binaries, 2),
			SIO_ERR_INVALID);
		json_decref(tree);
	}
	tree = json_loads("{\"a\":{\"_placeholder\":true}}", 0, NULL);
	assert_int_equal(sio__binary_restore(tree, binaries, 2),
		SIO_ERR_INVALID);
	json_decref(tree);
}

static void restore__other_objects__stay(void **state)
{
	const char *text = "[{\"_placeholder\":false,\"num\":0},{"
			   "\"_placeholder\":1,\"num\":0},{\"num\":0}]";
	json_t *tree = json_loads(text, 0, NULL);
	json_t *same = json_deep_copy(tree);

	assert_int_equal(sio__binary_restore(tree, binaries, 2), 0);
	assert_true(json_equal(tree, same));
	json_decref(same);
	json_decref(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binary__any_bytes__are_kept),
		cmocka_unit_test(binary__no_bytes__are_a_value_too),
		cmocka_unit_test(binary__many_bytes__are_kept),
		cmocka_unit_test(binary__other_values__are_none),
		cmocka_unit_test(binary__text_from_a_peer__cannot_be_one),
		cmocka_unit_test(binary__jansson__treats_it_as_a_value),
		cmocka_unit_test(binary__jansson__does_not_print_it),
		cmocka_unit_test(binary__unpacked_as_text__is_refused),
		cmocka_unit_test_setup_teardown(
			restore__placeholders_anywhere__become_the_values,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			restore__wrong_numbers__are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(restore__other_objects__stay,
			setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
