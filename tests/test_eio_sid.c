/* SPDX-License-Identifier: MIT */
/*
 * test_eio_sid.c: session ids. The rows were made with the official server's
 * generator, its random bytes and counter replaced.
 */
#include <config.h>

#include <engineio/sid.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *random; /* in hex */
	uint32_t counter;
	const char *sid;
} rows[] = {
	{ "000000000000000000000000", 0x0, "AAAAAAAAAAAAAAAAAAAA" },
	{ "ffffffffffffffffffffffff", 0xffffff, "____________________" },
	{ "aa2d591521d85e6c2cecac6c", 0x1, "qi1ZFSHYXmws7KxsAAAB" },
	{ "c7eb3f0377db0a72ba62ea6e", 0x2, "x-s_A3fbCnK6YupuAAAC" },
	{ "06be1629dcdcdcdcdcdcdcdc", 0xff, "Br4WKdzc3Nzc3NzcAAD_" },
	{ "dcdcdcdcdcdcdc7712da020a", 0x10000, "3Nzc3Nzc3HcS2gIKAQAA" },
	{ "9a9080b020d0c0f060100030", 0x1000000, "mpCAsCDQwPBgEAAwAAAA" },
	{ "3b4fd3072b7f43521add80b0", 0xfffffffe, "O0_TByt_Q1Ia3YCw___-" },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static void make__each_row__gives_the_id(void **state)
{
	unsigned char random[EIO__SID_RANDOM];
	char sid[EIO__SID_LEN + 1];
	unsigned byte;
	size_t i, k;

	for (i = 0; i < ROWS; i++) {
		for (k = 0; k < EIO__SID_RANDOM; k++) {
			assert_int_equal(sscanf(rows[i].random + 2 * k, "%2x",
						 &byte),
				1);
			random[k] = (unsigned char)byte;
		}
		eio__sid_make(sid, random, rows[i].counter);
		assert_string_equal(sid, rows[i].sid);
		assert_true(eio__sid_valid(sid, strlen(sid)));
	}
}

static void make__next_count__is_another_id(void **state)
{
	static const unsigned char random[EIO__SID_RANDOM];
	char a[EIO__SID_LEN + 1], b[EIO__SID_LEN + 1];

	eio__sid_make(a, random, 41);
	eio__sid_make(b, random, 42);
	assert_string_not_equal(a, b);
}

static void valid__what_no_id_looks_like__is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "AAAA+", "AAAA/",
		"AAAA=", "AAAA ", " AAAA", "AAAA\x80", "AA.AA", "AAAA@",
		"AAAA[", "AAAA`", "AAAA{", "AAAA\"", "AAAA\n",
		("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (eio__sid_valid(bad[i], strlen(bad[i])))
			fail_msg("'%s'", bad[i]);
	assert_false(eio__sid_valid("AAAAAAAAAAAAAAAAAAA\0", 20));
}

static void valid__what_may_be_one__is_taken(void **state)
{
	static const char *const good[] = { "A", "z", "0", "-", "_",
		"AAAAAAAAAAAAAAAAAAAA", "__proto__",
		("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(eio__sid_valid(good[i], strlen(good[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(make__each_row__gives_the_id),
		cmocka_unit_test(make__next_count__is_another_id),
		cmocka_unit_test(valid__what_no_id_looks_like__is_refused),
		cmocka_unit_test(valid__what_may_be_one__is_taken),
	};

	return cmocka_run_group_tests_name("sid", tests, NULL, NULL);
}
