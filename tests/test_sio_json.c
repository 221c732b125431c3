/* SPDX-License-Identifier: MIT */
/*
 * test_sio_json.c: what is JSON, what jansson makes of it, and how values
 * are printed. The printed texts were compared with those of
 * JSON.stringify() in Node.
 */
#include <config.h>

#include <engineio/base/utf8.h>
#include <socketio/json.h>

#include <engineio/engineio.h>
#include <socketio/socketio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* -- validation ------------------------------------------------------------ */

static void validate__what_json_parse_takes__is_json(void **state)
{
	static const char *const texts[] = {
		"1",
		"-1",
		"0",
		"-0",
		"0.5",
		"1e5",
		"1E+5",
		"1e-5",
		"-0.0e-0",
		"12345678901234567890",
		"1e400",
		"true",
		"false",
		"null",
		"\"\"",
		"\"a\"",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
		"\"\\u0000\"",
		"\"\\ud800\"",
		"\"\\uDC00\\ud800\"",
		"\"\x7f\"",
		"\"\xc3\xa9\"",
		"[]",
		"[ ]",
		"[1]",
		"[1,2]",
		"[[],[[]]]",
		"{}",
		"{ }",
		"{\"a\":1}",
		"{\"a\":1,\"a\":2}",
		"{\"\":{}}",
		" \t\n\r[ 1 , { \"a\" : [ ] } ] ",
		"[{}]",
		"{\"a\":[],\"b\":{\"c\":null}}",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!sio__json_valid(texts[i], strlen(texts[i]), 128))
			fail_msg("refused: %s", texts[i]);
}

static const char *const not_json[] = {
	"",
	" ",
	"x",
	"tru",
	"truex",
	"nul",
	"True",
	"undefined",
	"NaN",
	"Infinity",
	"+1",
	"-",
	"--1",
	"01",
	"-01",
	".5",
	"1.",
	"1.e5",
	"1e",
	"1e+",
	"0x1",
	"1 2",
	"1,",
	"\"",
	"\"a",
	"\"\n\"",
	"\"\x01\"",
	"\"\\",
	"\"\\\"",
	"\"\\x41\"",
	"\"\\u12\"",
	"\"\\u12",
	"\"\\u123g\"",
	"\"\\u\"",
	"'a'",
	"[",
	"]",
	"[1",
	"[1,",
	"[1,]",
	"[,1]",
	"[,]",
	"[1 2]",
	"[1}",
	"[]]",
	"[][]",
	"{",
	"}",
	"{a:1}",
	"{1:2}",
	"{\"a\"}",
	"{\"a\":}",
	"{\"a\":1",
	"{\"a\":1,}",
	"{,}",
	"{\"a\" 1}",
	"{\"a\":1]",
	"{\"a\":1 \"b\"}",
	"{\"a\":1,\"b\"}",
	"[\"a\":1]",
	"[1]x",
	"/**/1",
	"[1]\v",
	"\xc2\xa0"
	"1",
	"\xef\xbb\xbf"
	"1",
};

static void validate__what_json_parse_refuses__is_not_json(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(not_json) / sizeof(*not_json); i++)
		if (sio__json_valid(not_json[i], strlen(not_json[i]), 128))
			fail_msg("taken: %s", not_json[i]);
}

static void validate__nul_byte__is_not_json(void **state)
{
	assert_false(sio__json_valid("\"\\\0\"", 4, 128));
	assert_false(sio__json_valid("1\0", 2, 128));
	assert_false(sio__json_valid("\"\0\"", 3, 128));
}

static void validate__end_of_memory__is_not_read_over(void **state)
{
	static const char text[] = "{\"a\":[1.5e+3,\"\\u00e9\",true,null]}";
	size_t n;

	/* Each copy ends where its memory does; the sanitizer watches. */
	for (n = 0; n < sizeof(text) - 1; n++) {
		char *copy = test_malloc(n + 1);

		memcpy(copy + 1, text, n);
		assert_false(sio__json_valid(copy + 1, n, 128));
		test_free(copy);
	}
}

static char *nested(char open, char close, size_t depth)
{
	char *text = test_malloc(depth * 2 + 1);

	memset(text, open, depth);
	memset(text + depth, close, depth);
	text[depth * 2] = '\0';
	return text;
}

static void validate__nesting__is_limited(void **state)
{
	char *text = nested('[', ']', 128);

	assert_true(sio__json_valid(text, 256, 128));
	assert_false(sio__json_valid(text, 256, 127));
	assert_false(sio__json_valid("[]", 2, 0));
	assert_true(sio__json_valid("1", 1, 0));
	test_free(text);

	text = nested('[', ']', 5000);
	assert_false(sio__json_valid(text, 10000, 128));
	assert_false(sio__json_valid(text, 10000, 100000));
	assert_false(sio__json_valid(text, 5000, 100000));
	test_free(text);
}

static void validate__objects_in_arrays_in_objects__are_told_apart(void **state)
{
	const char *good = "{\"a\":[{\"b\":[{}]}]}";
	const char *bad = "{\"a\":[{\"b\":[{}]]]}";

	assert_true(sio__json_valid(good, strlen(good), 128));
	assert_false(sio__json_valid(bad, strlen(bad), 128));
}

/* -- the first element ----------------------------------------------------- */

static void scan__first_element__is_found(void **state)
{
	static const struct {
		const char *text, *first;
	} table[] = {
		{ " [ \"a,]\" , {\"b\":[1,2]},[3] ,-1.5]", "\"a,]\"" },
		{ "[\"a\"]", "\"a\"" },
		{ "[\"\\\"\",1]", "\"\\\"\"" },
		{ "[-1.5e3 ,[\"b\"]]", "-1.5e3" },
		{ "[null]", "null" },
		{ "[{} ,1]", "{}" },
		{ "[[ ],1]", "[ ]" },
		{ "[]", NULL },
		{ " [ ] ", NULL },
		{ "[[1],\"a\"]", NULL },
		{ "[[[]],\"a\"]", NULL },
		{ "[{\"a\":\"b\"},\"c\"]", NULL },
		{ "{\"a\":\"b\"}", NULL },
		{ "\"a\"", NULL },
		{ "1", NULL },
	};
	struct sio__span first;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		assert_true(sio__json_scan(table[i].text, strlen(table[i].text),
			128, &first));
		if (!table[i].first) {
			assert_null(first.p);
			continue;
		}
		assert_int_equal(first.n, strlen(table[i].first));
		assert_memory_equal(first.p, table[i].first, first.n);
	}
}

static void scan__no_json_behind_the_first__is_refused(void **state)
{
	static const char *const table[] = { "[\"a\"", "[\"a\",", "[\"a\",]",
		"[\"a\"}", "[\"a\" 1]", "[\"a\",1]]", "[\"a\",tru]", "[,]" };
	struct sio__span first;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_false(sio__json_scan(table[i], strlen(table[i]), 128,
			&first));
}

/* -- bytes that stand for themselves --------------------------------------- */

static size_t plain_run(const char *p, size_t n, bool ascii)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c == '"' || c == '\\' || (ascii && c > 0x7f))
			break;
	}
	return i;
}

static void check_skips(const char *p, size_t n)
{
	assert_ptr_equal(sio__json_skip_plain(p, p + n),
		p + plain_run(p, n, false));
	assert_ptr_equal(sio__json_skip_ascii(p, p + n),
		p + plain_run(p, n, true));
}

/* Each byte at each place of a text of n bytes that are `fill`, in memory of
 * just that size. */
static void check_text(size_t n, char fill)
{
	char *text = test_malloc(n + 1);
	size_t at, c;

	memset(text + 1, fill, n);
	check_skips(text + 1, n);
	for (at = 1; at <= n; at++) {
		for (c = 0; c < 256; c++) {
			text[at] = (char)c;
			check_skips(text + 1, n);
		}
		text[at] = fill;
	}
	test_free(text);
}

/* Each length that is taken apart differently: into blocks of 16 and of 8,
 * and what is left. */
static void skip__any_byte_anywhere__is_seen_or_passed(void **state)
{
	size_t n;

	for (n = 0; n < 52; n++) {
		check_text(n, 'x');
		check_text(n, (char)0xe3);
	}
}

/* -- the text of a string -------------------------------------------------- */

static void text__escapes__are_resolved(void **state)
{
	static const struct {
		const char *json, *text;
	} table[] = {
		{ "\"\"", "" },
		{ "\"abc\"", "abc" },
		{ "\"\\b\\f\\n\\r\\t\\\"\\\\\\/\"", "\b\f\n\r\t\"\\/" },
		{ "\"\\u0063onnect\"", "connect" },
		{ "\"\\u00e9\"", "\xc3\xa9" },
		{ "\"\\u20AC\"", "\xe2\x82\xac" },
		{ "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" },
		{ "\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80" },
		{ "\"\\ud83dx\"", "\xef\xbf\xbdx" },
		{ "\"\\ude00\"", "\xef\xbf\xbd" },
		{ "\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80" },
		{ "\"\\ud83d\\n\"", "\xef\xbf\xbd\n" },
		{ "\"a\\u0000b\"",
			"a\xef\xbf\xbd"
			"b" },
	};
	char out[64];
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		n = sio__json_unescape(sio__span_text(table[i].json), out,
			false);
		assert_int_equal(n, strlen(table[i].text));
		assert_memory_equal(out, table[i].text, n);
	}
	n = sio__json_unescape(sio__span_text("\"a\\u0000b\""), out, true);
	assert_int_equal(n, 3);
	assert_memory_equal(out, "a\0b", 3);
}

/* -- decoding and printing ------------------------------------------------- */

/* What is left of a text after decoding and printing it again. */
static char *there_and_back(const char *text, size_t n)
{
	struct eio__strbuf out;
	json_t *value = sio__json_decode(text, n);
	char *copy;

	assert_non_null(value);
	eio__strbuf_init(&out, 0);
	assert_int_equal(sio__json_write(&out, value, NULL), 0);
	json_decref(value);
	copy = strdup(out.data);
	eio__strbuf_clear(&out);
	assert_non_null(copy);
	return copy;
}

static void print__whatever_was_decoded__as_json_stringify(void **state)
{
	static const char *const same[] = { "null", "true", "false", "0", "1",
		"-1", "0.1", "1.5", "-0.25", "1e+21", "1.5e+300", "1e-7",
		"1.2e-7", "0.000001", "123456789012345680000", "5e-324",
		"1.7976931348623157e+308", "0.30000000000000004",
		"9007199254740991", "\"\"", "\"a/b\"", "\"\\\"\\\\\"",
		"\"\\b\\f\\n\\r\\t\"", "\"\\u0000\\u0001\\u001f\"",
		"\"\x7f\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80\"", "[]", "{}",
		"[1,[2,[3]],{}]", "{\"b\":1,\"a\":{\"c\":[null]}}" };
	static const struct {
		const char *from, *to;
	} others[] = {
		{ "1.0", "1" },
		{ "-0", "0" },
		{ "-0.0", "0" },
		{ "1e2", "100" },
		{ "1e20", "100000000000000000000" },
		{ "1E21", "1e+21" },
		{ "100000000000000000000000", "1e+23" },
		{ "0.1e-6", "1e-7" },
		{ "1e-400", "0" },
		{ " [ 1 , 2 ] ", "[1,2]" },
		{ "{\"a\":1,\"a\":2}", "{\"a\":2}" },
		{ "\"\\u0041\\/\"", "\"A/\"" },
		{ "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"" },
	};
	char *text;
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(*same); i++) {
		text = there_and_back(same[i], strlen(same[i]));
		assert_string_equal(text, same[i]);
		free(text);
	}
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		text = there_and_back(others[i].from, strlen(others[i].from));
		assert_string_equal(text, others[i].to);
		free(text);
	}
}

static void decode__what_jansson_has_not__is_what_comes_next(void **state)
{
	static const struct {
		const char *from, *to;
	} table[] = {
		{ "\"\\ud800\"", "\"\xef\xbf\xbd\"" },
		{ "\"a\\udc00b\"",
			"\"a\xef\xbf\xbd"
			"b\"" },
		{ "\"\\ud800\\ud83d\\ude00\"",
			"\"\xef\xbf\xbd\xf0\x9f\x98\x80\"" },
		{ "\"\\ud83d\"", "\"\xef\xbf\xbd\"" },
		{ "\"\\ud83d\\\"\"", "\"\xef\xbf\xbd\\\"\"" },
		{ "{\"a\\u0000b\":1}",
			"{\"a\xef\xbf\xbd"
			"b\":1}" },
		{ "{\"\\u0000\" :\"\\u0000\"}",
			"{\"\xef\xbf\xbd\":\"\\u0000\"}" },
		{ "{\"\\ud800\":\"\\ud800\"}",
			"{\"\xef\xbf\xbd\":\"\xef\xbf\xbd\"}" },
		{ "12345678901234567890", "12345678901234567000" },
		{ "-12345678901234567890", "-12345678901234567000" },
		{ "9223372036854775808", "9223372036854776000" },
		{ "-9223372036854775809", "-9223372036854776000" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "-9223372036854775808", "-9223372036854775808" },
		{ "[9223372036854775807,\"\\ud800\"]",
			"[9223372036854775807,\"\xef\xbf\xbd\"]" },
		{ "[-9223372036854775808,1e400]",
			"[-9223372036854775808,1.7976931348623157e+308]" },
		{ "1e400", "1.7976931348623157e+308" },
		{ "-1e400", "-1.7976931348623157e+308" },
		{ "1e99999999999999999999", "1.7976931348623157e+308" },
		{ "[1e-99999999999999999999,1e400]",
			"[0,1.7976931348623157e+308]" },
		{ "[0e99999,1e400]", "[0,1.7976931348623157e+308]" },
		{ "1.7976931348623159e308", "1.7976931348623157e+308" },
		{ "[0.00017976931348623157e312,1e400]",
			"[1.7976931348623157e+308,1.7976931348623157e+308]" },
		{ "[\"-1e400 \\ud800\",1e400]",
			"[\"-1e400 \xef\xbf\xbd\",1.7976931348623157e+308]" },
	};
	char *text;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		assert_true(sio__json_valid(table[i].from,
			strlen(table[i].from), 128));
		text = there_and_back(table[i].from, strlen(table[i].from));
		assert_string_equal(text, table[i].to);
		free(text);
	}
}

static void decode__integer_of_400_digits__is_the_largest_real(void **state)
{
	char digits[401], *text;

	memset(digits, '7', 400);
	digits[400] = '\0';
	text = there_and_back(digits, 400);
	assert_string_equal(text, "1.7976931348623157e+308");
	free(text);
}

static void decode__wrong_text__is_nothing(void **state)
{
	static const char *const texts[] = { "", " ", "[", "[1", "[1,", "[1 2]",
		"[1,]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
		"{\"a\":1,}", "{1:2}", "{\"a\" 1}", "\"", "\"\\u12\"", "-",
		"1.", "1e", "tru", "nul", "fals", "x", "[x]", "\"\xff\"",
		"\"\xed\xa0\x80\"" };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_null(sio__json_decode(texts[i], strlen(texts[i])));
		/* The engine lets no other text in. */
		if (strspn(texts[i], " ") < strlen(texts[i]) &&
			eio__utf8_valid(texts[i], strlen(texts[i])))
			assert_null(sio__json_decode_list(json_array(),
				texts[i], strlen(texts[i])));
	}
}

static void decode_list__elements__are_an_array(void **state)
{
	static const struct {
		const char *from, *to;
	} table[] = { { "", "[]" }, { "  ", "[]" }, { " 1 ", "[1]" },
		{ "1,[2,3] , \"a,b\"", "[1,[2,3],\"a,b\"]" } };
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		json_t *list = sio__json_decode_list(json_array(),
			table[i].from, strlen(table[i].from));
		char *text = json_dumps(list, JSON_COMPACT);

		assert_string_equal(text, table[i].to);
		free(text);
		json_decref(list);
	}
	assert_null(sio__json_decode_list(json_array(), "1,", 2));
	assert_null(sio__json_decode_list(json_array(), ",1", 2));
}

static void decode__deepest_text__is_decoded(void **state)
{
	char *text = nested('[', ']', SIO__JSON_MAX_DEPTH), *back;

	assert_true(sio__json_valid(text, strlen(text), SIO__JSON_MAX_DEPTH));
	back = there_and_back(text, strlen(text));
	assert_string_equal(back, text);
	free(back);
	test_free(text);
}

static void print__numbers__as_javascript(void **state)
{
	static const struct {
		double number;
		const char *text;
	} table[] = {
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 2.0 / 3, "0.6666666666666666" },
		{ 100, "100" },
		{ 1e15, "1000000000000000" },
		{ 999999999999999.9, "999999999999999.9" },
		{ 1e16, "10000000000000000" },
		{ 1e21, "1e+21" },
		{ 999999999999999900000.0, "999999999999999900000" },
		{ 123e-20, "1.23e-18" },
		{ 0.000001, "0.000001" },
		{ 0.0000015, "0.0000015" },
		{ 0.0000001, "1e-7" },
		{ 0.001, "0.001" },
		{ 0.0012, "0.0012" },
		{ 12.345678, "12.345678" },
		{ 3.14159265358979, "3.14159265358979" },
		{ -2.5, "-2.5" },
		{ 4294967296.5, "4294967296.5" },
		{ 5e-324, "5e-324" },
		{ 2.2250738585072014e-308, "2.2250738585072014e-308" },
		{ 1.7976931348623157e308, "1.7976931348623157e+308" },
		/* powers of two: the doubles below lie closer */
		{ 0x1p-44, "5.684341886080802e-14" },
		{ 0x1p-1074, "5e-324" },
		{ 0x1p-1022, "2.2250738585072014e-308" },
		{ 0x1p53, "9007199254740992" },
		{ 0x1p63, "9223372036854776000" },
		{ 0x1p70, "1.1805916207174113e+21" },
		{ 0x1p-24, "5.960464477539063e-8" },
		{ 0x1p1023, "8.98846567431158e+307" },
		{ 9007199254740993.0, "9007199254740992" },
		{ 0x1.8p-30, "1.3969838619232178e-9" },
	};
	char out[SIO__JSON_NUMBER_SIZE];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		assert_int_equal(sio__json_number(out, table[i].number),
			strlen(table[i].text));
		assert_string_equal(out, table[i].text);
	}
}

static void print__no_number__is_null(void **state)
{
	char out[SIO__JSON_NUMBER_SIZE];
	double zero = 0;

	assert_int_equal(sio__json_number(out, zero / zero), 4);
	assert_string_equal(out, "null");
	sio__json_number(out, 1 / zero);
	assert_string_equal(out, "null");
	sio__json_number(out, -1 / zero);
	assert_string_equal(out, "null");
}

static void print__any_number__is_read_back_equal(void **state)
{
	uint64_t bits = 88172645463325252u;
	char out[SIO__JSON_NUMBER_SIZE];
	double number;
	int i;

	for (i = 0; i < 20000; i++) {
		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&number, &bits, sizeof(number));
		if (number != number || number - number != 0)
			continue;
		sio__json_number(out, number);
		assert_true(strtod(out, NULL) == number);
	}
}

static void print__tree_that_contains_itself__fails(void **state)
{
	json_t *array = json_array(), *object = json_object();
	struct eio__strbuf out;

	eio__strbuf_init(&out, 0);
	/* jansson refuses the short circle, not the longer one. */
	assert_int_equal(json_object_set_new(object, "a", array), 0);
	json_incref(object);
	assert_int_equal(json_array_append_new(array, object), 0);
	assert_int_equal(sio__json_write(&out, object, NULL),
		ENGINEIO_ERR_INVALID);
	eio__strbuf_clear(&out);
	json_array_clear(array);
	json_decref(object);
}

static void print__text_that_is_not_utf_8__fails(void **state)
{
	static const char *const bad[] = { "\xff", "0123456789\xc3",
		"\xed\xa0\x80", "\xc0\x80", "0123456\xe2\x82 89" };
	struct eio__strbuf out;
	json_t *value;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		eio__strbuf_init(&out, 0);
		value = json_array();
		json_array_append_new(value, json_string_nocheck(bad[i]));
		assert_int_equal(sio__json_write(&out, value, NULL),
			ENGINEIO_ERR_INVALID);
		json_decref(value);
		value = json_object();
		json_object_set_new_nocheck(value, bad[i], json_true());
		assert_int_equal(sio__json_write(&out, value, NULL),
			ENGINEIO_ERR_INVALID);
		json_decref(value);
		eio__strbuf_clear(&out);
	}
}

static void print__full_buffer__fails(void **state)
{
	json_t *value = json_pack("[s, s]", "0123456789", "0123456789");
	struct eio__strbuf out;

	eio__strbuf_init(&out, 20);
	assert_int_equal(sio__json_write(&out, value, NULL), ENGINEIO_ERR_FULL);
	eio__strbuf_clear(&out);
	json_decref(value);
}

static void print__binary_values__become_placeholders(void **state)
{
	json_t *shared = sio_binary("xy", 2), *value;
	struct sio__blobs blobs;
	struct eio__strbuf out;

	value = json_pack("[o, {s: [O], s: i}, O]", sio_binary("abc", 3), "b",
		shared, "c", 1, shared);
	assert_non_null(value);
	eio__strbuf_init(&out, 0);
	sio__blobs_init(&blobs, 3);
	assert_int_equal(sio__json_write(&out, value, &blobs), 0);
	assert_string_equal(out.data,
		"[{\"_placeholder\":true,\"num\":0},"
		"{\"b\":[{\"_placeholder\":true,\"num\":1}],\"c\":1},"
		"{\"_placeholder\":true,\"num\":2}]");
	assert_int_equal(blobs.n, 3);
	assert_int_equal(blobs.v[0].n, 3);
	assert_memory_equal(blobs.v[0].p, "abc", 3);
	assert_memory_equal(blobs.v[1].p, "xy", 2);
	assert_ptr_equal(blobs.v[2].p, blobs.v[1].p);
	sio__blobs_clear(&blobs);

	/* one more than allowed, and none allowed at all */
	eio__strbuf_reset(&out);
	sio__blobs_init(&blobs, 2);
	assert_int_equal(sio__json_write(&out, value, &blobs),
		ENGINEIO_ERR_INVALID);
	sio__blobs_clear(&blobs);
	eio__strbuf_reset(&out);
	assert_int_equal(sio__json_write(&out, value, NULL), 0);
	assert_string_equal(out.data,
		"[{\"type\":\"Buffer\",\"data\":[97,98,99]},"
		"{\"b\":[{\"type\":\"Buffer\",\"data\":[120,121]}],\"c\":1},"
		"{\"type\":\"Buffer\",\"data\":[120,121]}]");
	eio__strbuf_clear(&out);
	json_decref(shared);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(validate__what_json_parse_takes__is_json),
		cmocka_unit_test(
			validate__what_json_parse_refuses__is_not_json),
		cmocka_unit_test(validate__nul_byte__is_not_json),
		cmocka_unit_test(validate__end_of_memory__is_not_read_over),
		cmocka_unit_test(validate__nesting__is_limited),
		cmocka_unit_test(
			validate__objects_in_arrays_in_objects__are_told_apart),
		cmocka_unit_test(scan__first_element__is_found),
		cmocka_unit_test(scan__no_json_behind_the_first__is_refused),
		cmocka_unit_test(skip__any_byte_anywhere__is_seen_or_passed),
		cmocka_unit_test(text__escapes__are_resolved),
		cmocka_unit_test(
			print__whatever_was_decoded__as_json_stringify),
		cmocka_unit_test(
			decode__what_jansson_has_not__is_what_comes_next),
		cmocka_unit_test(
			decode__integer_of_400_digits__is_the_largest_real),
		cmocka_unit_test(decode__wrong_text__is_nothing),
		cmocka_unit_test(decode_list__elements__are_an_array),
		cmocka_unit_test(decode__deepest_text__is_decoded),
		cmocka_unit_test(print__numbers__as_javascript),
		cmocka_unit_test(print__no_number__is_null),
		cmocka_unit_test(print__any_number__is_read_back_equal),
		cmocka_unit_test(print__tree_that_contains_itself__fails),
		cmocka_unit_test(print__text_that_is_not_utf_8__fails),
		cmocka_unit_test(print__full_buffer__fails),
		cmocka_unit_test(print__binary_values__become_placeholders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
