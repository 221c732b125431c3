/* SPDX-License-Identifier: MIT */
/*
 * test_eio_packet.c: one packet of Engine.IO 4, to and from text.
 */
#include <config.h>

#include <engineio/packet.h>

#include <engineio/engineio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void decode__each_type__gives_type_and_data(void **state)
{
	static const struct {
		const char *text;
		enum eio__packet_type type;
		bool binary;
		const char *data;
	} rows[] = {
		{ "0{\"sid\":\"x\"}", EIO__PACKET_OPEN, false,
			"{\"sid\":\"x\"}" },
		{ "1", EIO__PACKET_CLOSE, false, "" },
		{ "2", EIO__PACKET_PING, false, "" },
		{ "2probe", EIO__PACKET_PING, false, "probe" },
		{ "3probe", EIO__PACKET_PONG, false, "probe" },
		{ "4", EIO__PACKET_MESSAGE, false, "" },
		{ "4hello", EIO__PACKET_MESSAGE, false, "hello" },
		{ "4\xe2\x82\xac", EIO__PACKET_MESSAGE, false, "\xe2\x82\xac" },
		{ "5", EIO__PACKET_UPGRADE, false, "" },
		{ "6", EIO__PACKET_NOOP, false, "" },
		{ "b", EIO__PACKET_MESSAGE, true, "" },
		{ "bAQIDBA==", EIO__PACKET_MESSAGE, true, "\1\2\3\4" },
		{ "bAQIDBA", EIO__PACKET_MESSAGE, true, "\1\2\3\4" },
	};
	struct eio__packet pkt;
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(text, sizeof(text), "%s", rows[i].text);
		assert_int_equal(eio__packet_decode(&pkt, text, strlen(text)),
			0);
		assert_int_equal(pkt.type, rows[i].type);
		assert_int_equal(pkt.binary, rows[i].binary);
		assert_int_equal(pkt.len, strlen(rows[i].data));
		assert_memory_equal(pkt.data, rows[i].data, pkt.len);
	}
}

static void decode__what_is_no_packet__is_refused(void **state)
{
	static const char *const bad[] = { "", "7", "8", "9", "a", "abc", "B",
		" 4", "/", ":", "-1", "{}", "\xe2\x82\xac", "\x1e", "b!", "bA",
		"b=", "bAAA*", "bAB==", "bAA=A", "b_-8A", "b AAA", "b4AAA\n" };
	struct eio__packet pkt;
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "%s", bad[i]);
		if (eio__packet_decode(&pkt, text, strlen(text)) !=
			ENGINEIO_ERR_INVALID)
			fail_msg("'%s'", bad[i]);
	}
}

static void encode__each_type__gives_digit_and_data(void **state)
{
	struct eio__strbuf out;

	eio__strbuf_init(&out, 0);
	assert_int_equal(eio__packet_encode(&out, EIO__PACKET_OPEN, "{}", 2),
		0);
	assert_int_equal(eio__packet_encode(&out, EIO__PACKET_MESSAGE, "a\0b",
				 3),
		0);
	assert_int_equal(eio__packet_encode(&out, EIO__PACKET_NOOP, NULL, 0),
		0);
	assert_int_equal(out.len, 8);
	assert_memory_equal(out.data, "0{}4a\0b6", 9);
	eio__strbuf_clear(&out);
}

static void encode_binary__any_length__gives_base64(void **state)
{
	static const struct {
		size_t len;
		const char *text;
	} rows[] = {
		{ 0, "b" },
		{ 1, "bAA==" },
		{ 2, "bAP8=" },
		{ 3, "bAP8Q" },
		{ 4, "bAP8QgA==" },
	};
	struct eio__strbuf out;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		eio__strbuf_init(&out, 0);
		assert_int_equal(eio__packet_encode_binary(&out,
					 "\x00\xff\x10\x80", rows[i].len),
			0);
		assert_string_equal(out.data, rows[i].text);
		eio__strbuf_clear(&out);
	}
}

static void encode_binary__over_the_limit__says_so(void **state)
{
	struct eio__strbuf out;

	eio__strbuf_init(&out, 4);
	assert_int_equal(eio__packet_encode_binary(&out, "a", 1),
		ENGINEIO_ERR_FULL);
	assert_int_equal(out.len, 0);
	eio__strbuf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode__each_type__gives_type_and_data),
		cmocka_unit_test(decode__what_is_no_packet__is_refused),
		cmocka_unit_test(encode__each_type__gives_digit_and_data),
		cmocka_unit_test(encode_binary__any_length__gives_base64),
		cmocka_unit_test(encode_binary__over_the_limit__says_so),
	};

	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
