/* SPDX-License-Identifier: MIT */
/*
 * test_sio_stringify.c: JSON.parse() and JSON.stringify() for programs.
 */
#include <config.h>

#include <socketio/socketio.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
stringify__what_parse_has_read__is_as_javascript_writes_it(void **state)
{
	static const struct {
		const char *in, *out;
	} table[] = {
		{ "{\"a\":[1,2.50,-0.0,1e3,null,true]}",
			"{\"a\":[1,2.5,0,1000,null,true]}" },
		{ " \"x\\u0041\\n\" ", "\"xA\\n\"" },
		{ "0.1", "0.1" },
		{ "3.0", "3" },
		{ "\"\\ud800\"", "\"\xef\xbf\xbd\"" },
		{ "[]", "[]" },
	};
	size_t i, len;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		json_t *value =
			sio_json_parse(table[i].in, strlen(table[i].in));
		char *text = sio_json_stringify(value, &len);

		assert_non_null(text);
		assert_string_equal(text, table[i].out);
		assert_int_equal(len, strlen(table[i].out));
		free(text);
		json_decref(value);
	}
}

static void stringify__binary__is_a_buffer(void **state)
{
	json_t *value = json_pack("[o]", sio_binary("\x01\xff", 2));
	char *text = sio_json_stringify(value, NULL);

	assert_string_equal(text, "[{\"type\":\"Buffer\",\"data\":[1,255]}]");
	free(text);
	json_decref(value);
}

static void stringify__what_cannot_be_written__is_null(void **state)
{
	json_t *value = json_stringn_nocheck("\xff", 1);

	assert_null(sio_json_stringify(value, NULL));
	assert_null(sio_json_stringify(NULL, NULL));
	json_decref(value);
}

static void parse__no_json__is_null(void **state)
{
	static const char *const table[] = { "", "x", "[1,]", "{\"a\"}", "1 2",
		"\"\xff\"", "\"\x01\"", "01" };
	static char deep[4096];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		errno = 0;
		assert_null(sio_json_parse(table[i], strlen(table[i])));
		assert_int_equal(errno, EINVAL);
	}
	assert_null(sio_json_parse(NULL, 0));
	memset(deep, '[', 2048);
	memset(deep + 2048, ']', 2048);
	assert_null(sio_json_parse(deep, sizeof(deep)));
	assert_int_equal(errno, EINVAL);
}

static void *no_memory(size_t size)
{
	return NULL;
}

static void parse__without_memory__says_so(void **state)
{
	json_set_alloc_funcs(no_memory, free);
	errno = 0;
	assert_null(sio_json_parse("{\"a\":[1]}", 9));
	assert_int_equal(errno, ENOMEM);
	json_set_alloc_funcs(malloc, free);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			stringify__what_parse_has_read__is_as_javascript_writes_it),
		cmocka_unit_test(stringify__binary__is_a_buffer),
		cmocka_unit_test(stringify__what_cannot_be_written__is_null),
		cmocka_unit_test(parse__no_json__is_null),
		cmocka_unit_test(parse__without_memory__says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
