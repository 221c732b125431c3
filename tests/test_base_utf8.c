/* SPDX-License-Identifier: MIT */
/*
 * test_base_utf8.c: checking and mending UTF-8. What mending must give was
 * made with Node's TextDecoder.
 */
#include <config.h>

#include <engineio/base/utf8.h>

#include <engineio/engineio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Both in hex. Where they are equal the text is valid. */
static const struct {
	const char *text, *mended;
} rows[] = {
	{ "", "" },
	{ "61", "61" },
	{ "7f", "7f" },
	{ "80", "efbfbd" },
	{ "bf", "efbfbd" },
	{ "c0", "efbfbd" },
	{ "c1", "efbfbd" },
	{ "c2", "efbfbd" },
	{ "c280", "c280" },
	{ "dfbf", "dfbf" },
	{ "e0", "efbfbd" },
	{ "e080", "efbfbdefbfbd" },
	{ "e0a0", "efbfbd" },
	{ "e0a080", "e0a080" },
	{ "e09f80", "efbfbdefbfbdefbfbd" },
	{ "e1", "efbfbd" },
	{ "e180", "efbfbd" },
	{ "e18080", "e18080" },
	{ "ecbfbf", "ecbfbf" },
	{ "ed", "efbfbd" },
	{ "ed9fbf", "ed9fbf" },
	{ "eda080", "efbfbdefbfbdefbfbd" },
	{ "edbfbf", "efbfbdefbfbdefbfbd" },
	{ "ee8080", "ee8080" },
	{ "efbfbd", "efbfbd" },
	{ "efbbbf", "efbbbf" },
	{ "efbfbf", "efbfbf" },
	{ "f0", "efbfbd" },
	{ "f08f", "efbfbdefbfbd" },
	{ "f090", "efbfbd" },
	{ "f09080", "efbfbd" },
	{ "f0908080", "f0908080" },
	{ "f08f8080", "efbfbdefbfbdefbfbdefbfbd" },
	{ "f1808080", "f1808080" },
	{ "f180", "efbfbd" },
	{ "f18080", "efbfbd" },
	{ "f48fbfbf", "f48fbfbf" },
	{ "f4908080", "efbfbdefbfbdefbfbdefbfbd" },
	{ "f5", "efbfbd" },
	{ "f5808080", "efbfbdefbfbdefbfbdefbfbd" },
	{ "f888808080", "efbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "fc8480808080", "efbfbdefbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "fe", "efbfbd" },
	{ "ff", "efbfbd" },
	{ "fffe", "efbfbdefbfbd" },
	{ "61ff62", "61efbfbd62" },
	{ "61e282", "61efbfbd" },
	{ "61e28262", "61efbfbd62" },
	{ "e282e282ac", "efbfbde282ac" },
	{ "f09f98", "efbfbd" },
	{ "f09f9880", "f09f9880" },
	{ "f09f9841", "efbfbd41" },
	{ "f09f98c3a9", "efbfbdc3a9" },
	{ "c3", "efbfbd" },
	{ "c3c3a9", "efbfbdc3a9" },
	{ "80808080", "efbfbdefbfbdefbfbdefbfbd" },
	{ "c080", "efbfbdefbfbd" },
	{ "c0af", "efbfbdefbfbd" },
	{ "e08080", "efbfbdefbfbdefbfbd" },
	{ "f0808080", "efbfbdefbfbdefbfbdefbfbd" },
	{ "edb080eda080", "efbfbdefbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "f09f98f09f9880", "efbfbdf09f9880" },
	{ "e282ace282c3", "e282acefbfbdefbfbd" },
	{ "eda0bdedb880", "efbfbdefbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "c24142", "efbfbd4142" },
	{ "e180c3a9", "efbfbdc3a9" },
	{ "f18080e282ac", "efbfbde282ac" },
	{ "00", "00" },
	{ "610062", "610062" },
	{ "efbfbe", "efbfbe" },
	{ "8f90e041e0bf418280", "efbfbdefbfbdefbfbd41efbfbd41efbfbdefbfbd" },
	{ "809f9ff44141", "efbfbdefbfbdefbfbdefbfbd4141" },
	{ "e090ace2f1f0a082", "efbfbdefbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "f482f1f49f9f", "efbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "c08fc0c08f", "efbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "c080c2a0f480ff", "efbfbdefbfbdc2a0efbfbdefbfbd" },
	{ "80e2edf19f82c2f0c282", "efbfbdefbfbdefbfbdefbfbdefbfbdefbfbdc282" },
	{ "f19ff0f4", "efbfbdefbfbdefbfbd" },
	{ "bf41bf", "efbfbd41efbfbd" },
	{ "acf0f0", "efbfbdefbfbdefbfbd" },
	{ "ffff9f82fff0", "efbfbdefbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "8080c29ff0ace28fe2bf", "efbfbdefbfbdc29fefbfbdefbfbdefbfbd" },
	{ "c08fe2e041", "efbfbdefbfbdefbfbdefbfbd41" },
	{ "414180f482", "4141efbfbdefbfbd" },
	{ "c2808f41", "c280efbfbd41" },
	{ "804141edac9f", "efbfbd4141efbfbdefbfbdefbfbd" },
	{ "ff9ff1f080f4edc041ac",
		"efbfbdefbfbdefbfbdefbfbdefbfbdefbfbdefbfbdefbfbd41efbfbd" },
	{ "c0bfacbfbf90ed", "efbfbdefbfbdefbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "e0e2c2ffe090e2", "efbfbdefbfbdefbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "ed90e04141", "efbfbdefbfbd4141" },
	{ "f182ff9ff0ffa080", "efbfbdefbfbdefbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "c0c0e0e2", "efbfbdefbfbdefbfbdefbfbd" },
	{ "bff1f4", "efbfbdefbfbdefbfbd" },
	{ "f4c2f180a0e2", "efbfbdefbfbdefbfbdefbfbd" },
	{ "bfed808090e29ff4ac", "efbfbded8080efbfbdefbfbdefbfbdefbfbd" },
	{ "bfbfbfe24141e2", "efbfbdefbfbdefbfbdefbfbd4141efbfbd" },
	{ "e0e0bf8082ede0", "efbfbde0bf80efbfbdefbfbdefbfbd" },
	{ "edbfac", "efbfbdefbfbdefbfbd" },
	{ "8faced", "efbfbdefbfbdefbfbd" },
	{ "4141e0", "4141efbfbd" },
	{ "c041bf", "efbfbd41efbfbd" },
	{ "82f080", "efbfbdefbfbdefbfbd" },
	{ "c08080", "efbfbdefbfbdefbfbd" },
	{ "41ede2ede2c0", "41efbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "e0bf90c090", "e0bf90efbfbdefbfbd" },
	{ "c0e09f80c2", "efbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "f4ffc2f0", "efbfbdefbfbdefbfbdefbfbd" },
	{ "f49fc0c0bf8fbfac",
		"efbfbdefbfbdefbfbdefbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "e290c0e0a0fff1", "efbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "c0c0ed41ed90", "efbfbdefbfbdefbfbd41efbfbd" },
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

static void valid__each_row__is_what_mending_leaves_alone(void **state)
{
	char text[64];
	size_t i, n;

	for (i = 0; i < ROWS; i++) {
		n = from_hex(rows[i].text, text);
		if (eio__utf8_valid(text, n) !=
			!strcmp(rows[i].text, rows[i].mended))
			fail_msg("%s", rows[i].text);
	}
}

static void mend__each_row__gives_what_browsers_give(void **state)
{
	char text[64], expected[256];
	struct eio__strbuf out;
	size_t i, n;

	for (i = 0; i < ROWS; i++) {
		eio__strbuf_init(&out, 0);
		n = from_hex(rows[i].text, text);
		assert_int_equal(eio__utf8_mend(&out, text, n), 0);
		n = from_hex(rows[i].mended, expected);
		if (out.len != n || (n && memcmp(out.data, expected, n)))
			fail_msg("%s", rows[i].text);
		eio__strbuf_clear(&out);
	}
}

static void check_inside(size_t row, size_t at)
{
	char text[64], expected[256], all[512];
	struct eio__strbuf out;
	size_t n;

	eio__strbuf_init(&out, 0);
	memset(all, 'a', sizeof(all));
	n = from_hex(rows[row].text, text);
	memcpy(all + at, text, n);
	assert_int_equal(eio__utf8_mend(&out, all, 200 + n), 0);
	n = from_hex(rows[row].mended, expected);
	assert_int_equal(out.len, 200 + n);
	if (n)
		assert_memory_equal(out.data + at, expected, n);
	for (n += at; n < out.len; n++)
		assert_int_equal(out.data[n], 'a');
	eio__strbuf_clear(&out);
}

/* At every place of a wide step. */
static void mend__each_row_inside_long_text__gives_the_same(void **state)
{
	size_t i, at;

	for (i = 0; i < ROWS; i++)
		for (at = 60; at < 140; at++)
			check_inside(i, at);
}

static void mend__over_the_limit__says_so(void **state)
{
	struct eio__strbuf out;

	eio__strbuf_init(&out, 8);
	assert_int_equal(eio__utf8_mend(&out, "\xff\xff", 2), 0);
	assert_int_equal(eio__utf8_mend(&out, "\xff", 1), ENGINEIO_ERR_FULL);
	eio__strbuf_clear(&out);
}

static void feed__cut_at_every_place__says_the_same(void **state)
{
	struct eio__utf8 u;
	char text[64];
	size_t i, k, n;
	bool good;

	for (i = 0; i < ROWS; i++) {
		n = from_hex(rows[i].text, text);
		for (k = 0; k <= n; k++) {
			memset(&u, 0, sizeof(u));
			good = eio__utf8_feed(&u, text, k) &&
				eio__utf8_feed(&u, text + k, n - k) &&
				eio__utf8_complete(&u);
			assert_int_equal(good, eio__utf8_valid(text, n));
		}
	}
}

/* Every beginning that can still become valid is accepted, every other one
 * refused at its first bad byte. */
static void feed__bad_byte__fails_at_once(void **state)
{
	static const struct {
		const char *hex;
		size_t bad; /* the place of the first bad byte */
	} table[] = {
		{ "80", 0 },
		{ "c1", 0 },
		{ "f5", 0 },
		{ "ff", 0 },
		{ "e09f", 1 },
		{ "eda0", 1 },
		{ "f08f", 1 },
		{ "f490", 1 },
		{ "e28241", 2 },
		{ "f09f98c3", 3 },
		{ "4142c3a9e282acff", 7 },
		{ "6161616161616161616161616161616161616161616161616161616161"
		  "61616161616161ff61616161616161616161616161616161616161616161"
		  "616161616161",
			36 },
	};
	struct eio__utf8 u;
	char text[128];
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		n = from_hex(table[i].hex, text);
		assert_true(table[i].bad < n);
		memset(&u, 0, sizeof(u));
		assert_true(eio__utf8_feed(&u, text, table[i].bad));
		assert_false(eio__utf8_feed(&u, text + table[i].bad, 1));
		memset(&u, 0, sizeof(u));
		assert_false(eio__utf8_feed(&u, text, n));
	}
}

/* All there are, encoded by hand. */
static size_t encode(unsigned c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

static void valid__every_number__is_what_unicode_says(void **state)
{
	char text[4];
	unsigned c;
	size_t n;

	for (c = 0; c < 0x120000; c++) {
		n = encode(c, text);
		if (eio__utf8_valid(text, n) !=
			(c < 0xd800 || (c > 0xdfff && c < 0x110000)))
			fail_msg("U+%04X", c);
	}
}

/* A second reading of the standard, by the numbers: how many bytes the
 * character at p has, 0 if it is none. */
static size_t plain_length(const char *p, size_t n)
{
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned first = (unsigned char)*p, c;
	size_t len, i;

	if (first < 0x80)
		return 1;
	len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc0 || first > 0xf7 || len > n)
		return 0;
	c = first & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return len;
}

static bool plain_valid(const char *p, size_t n)
{
	size_t len;

	for (; n; p += len, n -= len) {
		len = plain_length(p, n);
		if (!len)
			return false;
	}
	return true;
}

/* Characters of all lengths, and in half of the texts one byte that does not
 * belong there. */
static void valid__random_texts__are_what_a_plain_reading_says(void **state)
{
	static const unsigned limits[] = { 0x80, 0x800, 0x10000, 0x110000 };
	char text[200];
	int round, good = 0;
	size_t n, end;

	srand(11);
	for (round = 0; round < 200000; round++) {
		end = (size_t)rand() % 100;
		for (n = 0; n < end;)
			n += encode((unsigned)rand() %
					limits[rand() % 8 > 4 ? rand() % 4 : 0],
				text + n);
		if (n && rand() % 2)
			text[(size_t)rand() % n] = (char)rand();
		good += plain_valid(text, n);
		assert_int_equal(eio__utf8_valid(text, n),
			plain_valid(text, n));
	}
	assert_true(good > 50000 && good < 190000);
}

static void valid__every_two_bytes__is_what_the_table_says(void **state)
{
	unsigned a, b;
	char text[2];
	bool good;

	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			text[0] = (char)a;
			text[1] = (char)b;
			good = (a < 0x80 && b < 0x80) ||
				(a >= 0xc2 && a <= 0xdf && b >= 0x80 &&
					b <= 0xbf);
			assert_int_equal(eio__utf8_valid(text, 2), good);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid__each_row__is_what_mending_leaves_alone),
		cmocka_unit_test(mend__each_row__gives_what_browsers_give),
		cmocka_unit_test(
			mend__each_row_inside_long_text__gives_the_same),
		cmocka_unit_test(mend__over_the_limit__says_so),
		cmocka_unit_test(feed__cut_at_every_place__says_the_same),
		cmocka_unit_test(feed__bad_byte__fails_at_once),
		cmocka_unit_test(valid__every_number__is_what_unicode_says),
		cmocka_unit_test(
			valid__every_two_bytes__is_what_the_table_says),
		cmocka_unit_test(
			valid__random_texts__are_what_a_plain_reading_says),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
