/* SPDX-License-Identifier: MIT */
/*
 * test_base_base64.c: base64. The rows were made with Node's Buffer.
 */
#include <config.h>

#include <engineio/base/base64.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *hex, *text;
} rows[] = {
	{ "", "" },
	{ "aa", "qg==" },
	{ "2d59", "LVk=" },
	{ "1521d8", "FSHY" },
	{ "5e6c2cec", "Xmws7A==" },
	{ "ac6cc7eb3f", "rGzH6z8=" },
	{ "0377db0a72ba", "A3fbCnK6" },
	{ "62ea6e06be1629", "YupuBr4WKQ==" },
	{ "dcdcdcdcdcdcdcdc", "3Nzc3Nzc3Nw=" },
	{ "dcdcdcdcdcdcdc7712", "3Nzc3Nzc3HcS" },
	{ "da020a9a9080b020d0c0", "2gIKmpCAsCDQwA==" },
	{ "f0601000303b4fd3072b7f", "8GAQADA7T9MHK38=" },
	{ "43521add80b020d05beff3a8", "Q1Ia3YCwINBb7/Oo" },
	{ "b8881868134706811d8985d12d", "uIgYaBNHBoEdiYXRLQ==" },
	{ "f44ab2faa2c5116d348ac4a4047f", "9Eqy+qLFEW00isSkBH8=" },
	{ "43b7b6ae46fe7ed6e965310d54f4af", "Q7e2rkb+ftbpZTENVPSv" },
	{ "b38f13476bbf839290804b1f6357d684", "s48TR2u/g5KQgEsfY1fWhA==" },
	{ "362ec67ed64e019d090551add9953cbc3c", "Ni7GftZOAZ0JBVGt2ZU8vDw=" },
	{ "bc3cbc3c573b4fd3072b7f43b71bafb3670b", "vDy8PFc7T9MHK39Dtxuvs2cL" },
	{ "df2317960e265e36c9c51108cee6b9b8881868",
		"3yMXlg4mXjbJxREIzua5uIgYaA==" },
	{ "ffffff", "////" },
	{ "fbefbe", "++++" },
	{ "000000", "AAAA" },
	{ "00", "AA==" },
	{ "0000", "AAA=" },
	{ "ff", "/w==" },
	{ "fffe", "//4=" },
	{ "3e3f", "Pj8=" },
	{ "14fb9c03d97e", "FPucA9l+" },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static size_t from_hex(const char *hex, char *out)
{
	size_t n = 0;
	unsigned byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		out[n++] = (char)byte;
	return n;
}

static void encode__each_row__gives_the_text(void **state)
{
	char bytes[64], text[64];
	size_t i, n;

	for (i = 0; i < ROWS; i++) {
		n = from_hex(rows[i].hex, bytes);
		memset(text, '?', sizeof(text));
		assert_int_equal(eio__base64_size(n), strlen(rows[i].text));
		eio__base64_encode(text, bytes, n);
		assert_memory_equal(text, rows[i].text, strlen(rows[i].text));
		assert_int_equal(text[strlen(rows[i].text)], '?');
	}
}

/* RFC 4648, section 5. */
static void encode_url__62_and_63__have_their_own_characters(void **state)
{
	char text[9] = "";

	eio__base64_encode_url(text, "\xfb\xff\xbf\x00\x10\x83", 6);
	assert_string_equal(text, "-_-_ABCD");
}

static void decode__each_row_in_place__gives_the_bytes(void **state)
{
	char bytes[64], text[64];
	size_t i, n, len;

	for (i = 0; i < ROWS; i++) {
		n = from_hex(rows[i].hex, bytes);
		len = strlen(rows[i].text);
		memcpy(text, rows[i].text, len + 1);
		assert_int_equal(eio__base64_decode(text, text, len), n);
		assert_memory_equal(text, bytes, n);
	}
}

static void decode__without_padding__gives_the_bytes(void **state)
{
	char bytes[64], text[64];
	size_t i, n;

	for (i = 0; i < ROWS; i++) {
		n = from_hex(rows[i].hex, bytes);
		assert_int_equal(eio__base64_decode(text, rows[i].text,
					 strcspn(rows[i].text, "=")),
			n);
		assert_memory_equal(text, bytes, n);
	}
}

static void decode__what_is_no_base64__is_refused(void **state)
{
	static const char *const bad[] = { "A", "=",
		"==", "===", "====", "A=", "A==", "A===", "AA=", "AAA==",
		"AAAA=", "AAAA==", "AAAA====", "=AAA", "A=AA", "AA=A",
		"AAA=AAAA", "AA==AAAA", "AA==AA==", "AA AA", " AAAA", "AAAA ",
		"AAAA\n", "AA\r\nAA", "AAA-", "AAA_", "AA*A", "AAAAA",
		"\xc3\xa9+A", "AAA\x80", "AAA\xff", "AAA,", "AAA.",
		"AAA:", "AAA@", "AAA[", "AAA`", "AAA{", "AAA!",
		/* bits that stand for nothing */
		"AB==", "AP==", "AAB=", "AAD=", "AB", "AAB" };
	char out[16];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (eio__base64_decode(out, bad[i], strlen(bad[i])) != -1)
			fail_msg("'%s'", bad[i]);
	assert_int_equal(eio__base64_decode(out, "AAA\0", 4), -1);
}

static void decode__random_bytes__come_back(void **state)
{
	char bytes[300], text[401];
	size_t n, i;

	srand(5);
	for (n = 0; n <= sizeof(bytes); n++) {
		for (i = 0; i < n; i++)
			bytes[i] = (char)rand();
		eio__base64_encode(text, bytes, n);
		assert_int_equal(eio__base64_decode(text, text,
					 eio__base64_size(n)),
			n);
		assert_memory_equal(text, bytes, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encode__each_row__gives_the_text),
		cmocka_unit_test(
			encode_url__62_and_63__have_their_own_characters),
		cmocka_unit_test(decode__each_row_in_place__gives_the_bytes),
		cmocka_unit_test(decode__without_padding__gives_the_bytes),
		cmocka_unit_test(decode__what_is_no_base64__is_refused),
		cmocka_unit_test(decode__random_bytes__come_back),
	};

	return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
