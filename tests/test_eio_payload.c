/* SPDX-License-Identifier: MIT */
/*
 * test_eio_payload.c: the packets of one polling body.
 */
#include <config.h>

#include <engineio/payload.h>

#include <engineio/engineio.h>
#include <engineio/base/strbuf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The packets as "type:data" with blanks between, and "!" for an error. */
static void read_all(char *body, size_t len, struct eio__strbuf *out)
{
	struct eio__payload p;
	struct eio__packet pkt;
	int got;

	eio__payload_init(&p, body, len);
	for (got = eio__payload_next(&p, &pkt); got > 0;
		got = eio__payload_next(&p, &pkt)) {
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
	assert_int_equal(eio__payload_next(&p, &pkt), 0);
	assert_int_equal(eio__payload_next(&p, &pkt), 0);
}

/* The body is given as memory of exactly its size. */
static void next__each_body__gives_its_packets_up_to_the_first_bad(void **state)
{
	static const struct {
		const char *body, *packets;
	} rows[] = {
		{ "4hello", "4:hello" },
		{ "4hello\x1e"
		  "2\x1e"
		  "4world",
			"4:hello 2: 4:world" },
		{ "1", "1:" },
		{ "4\x1e"
		  "4",
			"4: 4:" },
		{ "bAQID\x1e"
		  "4a\x1e"
		  "bBA==",
			"4b:\1\2\3 4:a 4b:\4" },
		{ "6\x1e"
		  "1",
			"6: 1:" },
		{ "", "!" },
		{ "\x1e", "!" },
		{ "4a\x1e", "4:a !" },
		{ "\x1e"
		  "4a",
			"!" },
		{ "4a\x1e\x1e"
		  "4b",
			"4:a !" },
		{ "abc", "!" },
		{ "4a\x1e"
		  "7\x1e"
		  "4b",
			"4:a !" },
		{ "4a\x1e"
		  "b*\x1e"
		  "4b",
			"4:a !" },
	};
	struct eio__strbuf out;
	size_t i, len;
	char *body;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		len = strlen(rows[i].body);
		body = malloc(len ? len : 1);
		assert_non_null(body);
		memcpy(body, rows[i].body, len);
		eio__strbuf_init(&out, 0);
		read_all(body, len, &out);
		assert_string_equal(out.data, rows[i].packets);
		eio__strbuf_clear(&out);
		free(body);
	}
}

static void next__no_body__is_an_error(void **state)
{
	struct eio__payload p;
	struct eio__packet pkt;

	eio__payload_init(&p, NULL, 0);
	assert_int_equal(eio__payload_next(&p, &pkt), ENGINEIO_ERR_INVALID);
	assert_int_equal(eio__payload_next(&p, &pkt), 0);
}

/* CVE-2020-36048: parsing must not cost more than the body is long. Were it
 * quadratic, the million packets would take minutes. */
static void next__very_many_packets__are_read_in_one_pass(void **state)
{
	static char body[2 * 1000000];
	struct eio__payload p;
	struct eio__packet pkt;
	size_t i, n = 0;

	for (i = 0; i < sizeof(body); i += 2)
		memcpy(body + i, "6\x1e", 2);
	eio__payload_init(&p, body, sizeof(body) - 1);
	while (eio__payload_next(&p, &pkt) > 0)
		n++;
	assert_int_equal(n, 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			next__each_body__gives_its_packets_up_to_the_first_bad),
		cmocka_unit_test(next__no_body__is_an_error),
		cmocka_unit_test(next__very_many_packets__are_read_in_one_pass),
	};

	return cmocka_run_group_tests_name("payload", tests, NULL, NULL);
}
