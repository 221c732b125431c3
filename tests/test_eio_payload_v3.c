/* SPDX-License-Identifier: MIT */
/*
 * test_eio_payload_v3.c: packets and polling bodies of Engine.IO protocol 3,
 * both forms of them, read and written.
 */
#include <config.h>

#include <engineio/payload_v3.h>

#include <engineio/base/strbuf.h>
#include <engineio/base/utf8.h>
#include <engineio/engineio.h>
#include <engineio/packet_v3.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

typedef int next_fn(struct eio__payload *p, struct eio__packet *pkt);

struct row {
	const char *body;
	size_t len; /* 0: of a text */
	const char *packets;
};

#define OCTETS(bytes, packets) \
	{ \
		bytes, sizeof(bytes) - 1, packets \
	}

/* The packets as "type:data" with blanks between, and "!" for an error; from
 * memory of exactly the body's size. */
static void read_all(next_fn *next, const struct row *row,
	struct eio__strbuf *out)
{
	size_t len = row->len ? row->len : strlen(row->body);
	char *body = malloc(len ? len : 1);
	struct eio__payload p;
	struct eio__packet pkt;
	int got;

	assert_non_null(body);
	memcpy(body, row->body, len);
	eio__payload_init(&p, body, len);
	for (got = next(&p, &pkt); got > 0; got = next(&p, &pkt)) {
		assert_true(pkt.data >= body && pkt.data <= body + len);
		assert_true(pkt.len <= (size_t)(body + len - pkt.data));
		eio__strbuf_printf(out, "%s%d%s:", out->len ? " " : "",
			pkt.type, pkt.binary ? "b" : "");
		eio__strbuf_add(out, pkt.data, pkt.len);
	}
	if (got < 0) {
		assert_int_equal(got, ENGINEIO_ERR_INVALID);
		eio__strbuf_adds(out, out->len ? " !" : "!");
	}
	assert_int_equal(next(&p, &pkt), 0);
	assert_int_equal(next(&p, &pkt), 0);
	free(body);
}

static void check_rows(next_fn *next, const struct row *rows, size_t n)
{
	struct eio__strbuf out;
	size_t i;

	eio__strbuf_init(&out, 0);
	for (i = 0; i < n; i++) {
		eio__strbuf_reset(&out);
		eio__strbuf_adds(&out, "");
		read_all(next, &rows[i], &out);
		assert_string_equal(out.data, rows[i].packets);
	}
	eio__strbuf_clear(&out);
}

static void text__each_body__gives_its_packets_up_to_the_first_bad(void **state)
{
	static const struct row rows[] = {
		{ "3:4hi", 0, "4:hi" },
		{ "1:2", 0, "2:" },
		{ "3:4hi5:4h€😀", 0, "4:hi 4:h€😀" },
		{ "6:2probe1:5", 0, "2:probe 5:" },
		{ "6:b4AQID3:4hi", 0, "4b:\1\2\3 4:hi" },
		{ "2:b4", 0, "4b:" },
		{ "2:b2", 0, "2b:" },
		{ "003:4hi", 0, "4:hi" },
		{ "5:4a:b3", 0, "4:a:b3" },
		/* An empty item is passed over. */
		{ "0:", 0, "" },
		{ "0:0:3:4hi0:", 0, "4:hi" },
		/* No length, or none that fits. */
		{ "", 0, "!" },
		{ ":", 0, "!" },
		{ ":4hi", 0, "!" },
		{ "4hi", 0, "!" },
		{ "3", 0, "!" },
		{ "3:4h", 0, "!" },
		{ "3:4hi3", 0, "4:hi !" },
		{ "3:4hi3:", 0, "4:hi !" },
		{ "2:4hi", 0, "4:h !" },
		{ "99999999999999999999999999:4", 0, "!" },
		{ "18446744073709551617:4", 0, "!" },
		{ "-3:4hi", 0, "!" },
		{ "+3:4hi", 0, "!" },
		{ " 3:4hi", 0, "!" },
		{ "3.0:4hi", 0, "!" },
		{ "0x3:4hi", 0, "!" },
		{ "1e1:4hi4567890", 0, "!" },
		/* The length ends in the middle of a character. */
		{ "2:4😀", 0, "!" },
		{ "3:4😀", 0, "4:😀" },
		/* No packets. */
		{ "2:7x", 0, "!" },
		{ "1:b", 0, "!" },
		{ "2:b7", 0, "!" },
		{ "3:b4A", 0, "!" },
		{ "6:b4****", 0, "!" },
		{ "1:21:x1:2", 0, "2: !" },
	};

	check_rows(eio__payload_v3_next, rows, COUNT(rows));
}

static void
octets__each_body__gives_its_packets_up_to_the_first_bad(void **state)
{
	static const struct row rows[] = {
		OCTETS("\0\3\xff"
		       "4hi",
			"4:hi"),
		OCTETS("\0\5\xff"
		       "4a€\1\4\xff\4\1\2\3",
			"4:a€ 4b:\1\2\3"),
		OCTETS("\1\1\xff\4", "4b:"),
		OCTETS("\0\0\3\xff"
		       "4hi",
			"4:hi"),
		OCTETS("\0\1\2\xff"
		       "4hello world",
			"4:hello world"),
		OCTETS("\0\6\xff"
		       "b4AQID",
			"4b:\1\2\3"),
		OCTETS("\1\1\xff\2\0\1\xff"
		       "1",
			"2b: 1:"),
		/* No head, or none that fits. */
		{ "", 0, "!" },
		OCTETS("\0", "!"),
		OCTETS("\0\xff", "!"),
		OCTETS("\0\3", "!"),
		OCTETS("\0\3\xff"
		       "4h",
			"!"),
		OCTETS("\0\1\xff"
		       "2\0",
			"2: !"),
		OCTETS("\2\1\xff"
		       "2",
			"!"),
		OCTETS("\0\12\xff"
		       "4567890123",
			"!"),
		OCTETS("\0\11\11\11\11\11\11\11\11\11\11\11\11\11\11\11\11\11"
		       "\11\11\11\11\11\xff"
		       "2",
			"!"),
		OCTETS("3:4hi", "!"),
		/* No packets. */
		OCTETS("\0\0\xff", "!"),
		OCTETS("\1\0\xff", "!"),
		OCTETS("\1\2\xff\7x", "!"),
		OCTETS("\1\2\xff"
		       "4x",
			"!"),
		OCTETS("\0\2\xff"
		       "4\x80",
			"!"),
		OCTETS("\0\4\xff"
		       "4\xed\xa0\x80",
			"!"),
	};

	check_rows(eio__payload_v3_next_octets, rows, COUNT(rows));
}

/* -- written ------------------------------------------------------------- */

static void add__each_packet__is_one_item_of_either_form(void **state)
{
	static const struct {
		const char *data;
		bool binary, octets;
		const char *item;
		size_t len;
	} rows[] = {
		{ "hi", false, false, "3:4hi", 5 },
		{ "", false, false, "1:4", 3 },
		{ "h€😀", false, false, "5:4h€😀", 11 },
		{ "a€", false, true,
			"\0\5\xff"
			"4a€",
			8 },
		{ "\1\2\xff", true, true, "\1\4\xff\4\1\2\xff", 7 },
		{ "", true, true, "\1\1\xff\4", 4 },
	};
	struct eio__strbuf body;
	eio_buf *buf, *typed;
	size_t i;

	eio__strbuf_init(&body, 0);
	for (i = 0; i < COUNT(rows); i++) {
		size_t n = strlen(rows[i].data);

		buf = rows[i].binary ? eio_buf_new_binary(rows[i].data, n)
				     : eio_buf_new_text(rows[i].data, n);
		typed = rows[i].binary ? eio__buf_typed(buf) : eio_buf_ref(buf);
		eio__strbuf_reset(&body);
		assert_int_equal(eio__payload_v3_add(&body, typed,
					 rows[i].octets),
			0);
		assert_int_equal(body.len, rows[i].len);
		assert_memory_equal(body.data, rows[i].item, body.len);
		eio_buf_unref(typed);
		eio_buf_unref(buf);
	}
	eio__strbuf_clear(&body);
}

/* Long enough to be several frames of the buffer's wire form. */
static void add__long_packets__are_read_back_as_they_were(void **state)
{
	static const size_t sizes[] = { 16378, 16379, 16380, 16381, 100000 };
	struct eio__strbuf body;
	struct eio__payload p;
	struct eio__packet pkt;
	eio_buf *buf, *typed;
	unsigned char *bytes = malloc(100000);
	size_t i;

	assert_non_null(bytes);
	for (i = 0; i < 100000; i++)
		bytes[i] = (unsigned char)(i * 7);
	eio__strbuf_init(&body, 0);
	for (i = 0; i < COUNT(sizes); i++) {
		buf = eio_buf_new_binary(bytes, sizes[i]);
		typed = eio__buf_typed(buf);
		/* One for all who ask. */
		eio_buf_unref(eio__buf_typed(buf));
		assert_ptr_equal(buf->twin, typed);
		eio__strbuf_reset(&body);
		assert_int_equal(eio__payload_v3_add(&body, typed, true), 0);
		eio__payload_init(&p, body.data, body.len);
		assert_int_equal(eio__payload_v3_next_octets(&p, &pkt), 1);
		assert_true(pkt.binary);
		assert_int_equal(pkt.len, sizes[i]);
		assert_memory_equal(pkt.data, bytes, sizes[i]);
		assert_int_equal(eio__payload_v3_next_octets(&p, &pkt), 0);
		eio_buf_unref(typed);
		eio_buf_unref(buf);
	}
	eio__strbuf_clear(&body);
	free(bytes);
}

static void add__long_text__is_counted_over_all_its_pieces(void **state)
{
	struct eio__strbuf text, body;
	eio_buf *buf;
	size_t i;

	eio__strbuf_init(&text, 0);
	eio__strbuf_init(&body, 0);
	/* 9 bytes, 4 units; cut anywhere. */
	for (i = 0; i < 5000; i++)
		eio__strbuf_adds(&text, "a€😀b");
	buf = eio_buf_new_text(text.data, text.len);
	assert_int_equal(eio__payload_v3_add(&body, buf, false), 0);
	assert_memory_equal(body.data, "25001:4a", 8);
	assert_int_equal(body.len, 7 + text.len);
	assert_memory_equal(body.data + 7, text.data, text.len);
	eio_buf_unref(buf);
	eio__strbuf_clear(&text);
	eio__strbuf_clear(&body);
}

/* -- UTF-16 -------------------------------------------------------------- */

static void utf16__each_text__is_as_long_as_in_javascript(void **state)
{
	static const struct {
		const char *text;
		size_t units;
	} rows[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "äöü", 3 },
		{ "€", 1 },
		{ "\xef\xbf\xbf", 1 },
		{ "😀", 2 },
		{ "\xf4\x8f\xbf\xbf", 2 },
		{ "h€😀", 4 },
	};
	size_t i, n;

	for (i = 0; i < COUNT(rows); i++) {
		n = strlen(rows[i].text);
		assert_int_equal(eio__utf8_utf16(rows[i].text, n),
			rows[i].units);
		assert_int_equal(eio__utf8_skip_utf16(rows[i].text, n,
					 rows[i].units),
			n);
		assert_int_equal(eio__utf8_skip_utf16(rows[i].text, n,
					 rows[i].units + 1),
			-1);
		assert_int_equal(eio__utf8_skip_utf16(rows[i].text, n, 0), 0);
	}
	assert_int_equal(eio__utf8_skip_utf16("a😀b", 6, 1), 1);
	assert_int_equal(eio__utf8_skip_utf16("a😀b", 6, 2), -1);
	assert_int_equal(eio__utf8_skip_utf16("a😀b", 6, 3), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			text__each_body__gives_its_packets_up_to_the_first_bad),
		cmocka_unit_test(
			octets__each_body__gives_its_packets_up_to_the_first_bad),
		cmocka_unit_test(add__each_packet__is_one_item_of_either_form),
		cmocka_unit_test(add__long_packets__are_read_back_as_they_were),
		cmocka_unit_test(
			add__long_text__is_counted_over_all_its_pieces),
		cmocka_unit_test(utf16__each_text__is_as_long_as_in_javascript),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
