/* SPDX-License-Identifier: MIT */
/*
 * test_eio_ws_extension.c: what is agreed on about permessage-deflate. The
 * rows were made with the npm package ws (8.23), but for what they say.
 */
#include <config.h>

#include <engineio/http/ws_extension.h>

#include <engineio/engineio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PMD "permessage-deflate"

/* The settings ws was given: none; both takeovers forbidden; that of the
 * server never forbidden; windows of 11 bits, or false. */
static const struct eio__deflate_config configs[] = {
	{ .on = true },
	{ .on = true, .server_no_takeover = 1, .client_no_takeover = 1 },
	{ .on = true, .server_no_takeover = 2 },
	{ .on = true, .server_bits = 11 },
	{ .on = true, .server_bits = 1 },
	{ .on = true, .client_bits = 11 },
	{ .on = true, .client_bits = 1 },
};

/* answer: "" for no extension, NULL for a refusal */
static const struct row {
	int config;
	const char *header, *answer;
} rows[] = {
	{ 0, "", NULL },
	{ 0, PMD, PMD },
	{ 0, PMD "; client_max_window_bits", PMD },
	{ 0, PMD ";client_max_window_bits=10",
		PMD "; client_max_window_bits=10" },
	{ 0, PMD "; server_max_window_bits=10",
		PMD "; server_max_window_bits=10" },
	{ 0, PMD "; server_no_context_takeover",
		PMD "; server_no_context_takeover" },
	{ 0, PMD "; client_no_context_takeover",
		PMD "; client_no_context_takeover" },
	{ 0,
		PMD
		"; client_max_window_bits; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover",
		PMD
		"; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover" },
	{ 0, PMD "; server_max_window_bits=12, " PMD,
		PMD "; server_max_window_bits=12" },
	{ 0,
		PMD "; server_no_context_takeover, " PMD
		    "; client_max_window_bits=9",
		PMD "; server_no_context_takeover" },
	{ 0, PMD "; server_max_window_bits", NULL },
	{ 0, PMD "; server_max_window_bits=7", NULL },
	{ 0, PMD "; server_max_window_bits=16", NULL },
	{ 0, PMD "; client_max_window_bits=0", NULL },
	{ 0, PMD "; client_max_window_bits=abc", NULL },
	{ 0, PMD "; server_no_context_takeover=1", NULL },
	{ 0, PMD "; client_no_context_takeover=true", NULL },
	{ 0, PMD "; unknown", NULL },
	{ 0, PMD "; unknown=1, " PMD, NULL },
	{ 0, PMD ", " PMD "; unknown", NULL },
	{ 0, PMD "; client_max_window_bits; client_max_window_bits", NULL },
	{ 0, PMD "; server_max_window_bits=10; server_max_window_bits=11",
		NULL },
	{ 0, "constructor", "" },
	{ 0, "__proto__; x=1", "" },
	{ 0, "toString, " PMD, PMD },
	{ 0, "x-webkit-deflate-frame", "" },
	{ 0, "foo; a; a=1, " PMD "; client_max_window_bits", PMD },
	{ 0, PMD "; server_max_window_bits=\"10\"",
		PMD "; server_max_window_bits=10" },
	{ 0, PMD "; server_max_window_bits=\"1\\0\"",
		PMD "; server_max_window_bits=10" },
	{ 0, PMD "; server_max_window_bits=\"10", NULL },
	{ 0, PMD "; server_max_window_bits=\"\"", NULL },
	{ 0, PMD "; server_max_window_bits=\"10\"x", NULL },
	{ 0, PMD "; server_max_window_bits =10", NULL },
	{ 0, PMD "; server_max_window_bits= 10", NULL },
	{ 0, PMD " ; server_max_window_bits=10 , foo",
		PMD "; server_max_window_bits=10" },
	{ 0, "\t" PMD, NULL },
	{ 0, "Permessage-Deflate", "" },
	{ 0, PMD "; SERVER_NO_CONTEXT_TAKEOVER", NULL },
	{ 0, "," PMD, NULL },
	{ 0, PMD ",", NULL },
	{ 0, PMD ",,foo", NULL },
	{ 0, PMD ";", NULL },
	{ 0, PMD ";;x", NULL },
	{ 0, PMD " x", NULL },
	{ 0, PMD "=1", NULL },
	{ 0, "foo bar", NULL },
	{ 0, "foo; \"x\"", NULL },
	{ 0, "foo; a=\"b c\"", NULL },
	{ 0, "foo; a=\"b\\\"", NULL },
	{ 0, "foo (x)", NULL },
	{ 0, PMD "; a=b=c", NULL },
	{ 0, "f\xc3\xa4", NULL },
	{ 1, PMD,
		PMD
		"; server_no_context_takeover; client_no_context_takeover" },
	{ 1, PMD "; client_max_window_bits",
		PMD
		"; server_no_context_takeover; client_no_context_takeover" },
	{ 1, PMD ";client_max_window_bits=10",
		PMD
		"; client_max_window_bits=10; server_no_context_takeover; client_no_context_takeover" },
	{ 1, PMD "; server_max_window_bits=10",
		PMD
		"; server_max_window_bits=10; server_no_context_takeover; client_no_context_takeover" },
	{ 1, PMD "; server_no_context_takeover",
		PMD
		"; server_no_context_takeover; client_no_context_takeover" },
	{ 1, PMD "; client_no_context_takeover",
		PMD
		"; client_no_context_takeover; server_no_context_takeover" },
	{ 1,
		PMD
		"; client_max_window_bits; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover",
		PMD
		"; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover" },
	{ 1, PMD "; server_max_window_bits=12, " PMD,
		PMD
		"; server_max_window_bits=12; server_no_context_takeover; client_no_context_takeover" },
	{ 1,
		PMD "; server_no_context_takeover, " PMD
		    "; client_max_window_bits=9",
		PMD
		"; server_no_context_takeover; client_no_context_takeover" },
	{ 1, "toString, " PMD,
		PMD
		"; server_no_context_takeover; client_no_context_takeover" },
	{ 1, "foo; a; a=1, " PMD "; client_max_window_bits",
		PMD
		"; server_no_context_takeover; client_no_context_takeover" },
	{ 1, PMD "; server_max_window_bits=\"10\"",
		PMD
		"; server_max_window_bits=10; server_no_context_takeover; client_no_context_takeover" },
	{ 1, PMD "; server_max_window_bits=\"1\\0\"",
		PMD
		"; server_max_window_bits=10; server_no_context_takeover; client_no_context_takeover" },
	{ 1, PMD " ; server_max_window_bits=10 , foo",
		PMD
		"; server_max_window_bits=10; server_no_context_takeover; client_no_context_takeover" },
	{ 2, PMD, PMD },
	{ 2, PMD "; client_max_window_bits", PMD },
	{ 2, PMD ";client_max_window_bits=10",
		PMD "; client_max_window_bits=10" },
	{ 2, PMD "; server_max_window_bits=10",
		PMD "; server_max_window_bits=10" },
	{ 2, PMD "; server_no_context_takeover", NULL },
	{ 2, PMD "; client_no_context_takeover",
		PMD "; client_no_context_takeover" },
	{ 2,
		PMD
		"; client_max_window_bits; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover",
		NULL },
	{ 2, PMD "; server_max_window_bits=12, " PMD,
		PMD "; server_max_window_bits=12" },
	{ 2,
		PMD "; server_no_context_takeover, " PMD
		    "; client_max_window_bits=9",
		PMD "; client_max_window_bits=9" },
	{ 2, "toString, " PMD, PMD },
	{ 2, "foo; a; a=1, " PMD "; client_max_window_bits", PMD },
	{ 2, PMD "; server_max_window_bits=\"10\"",
		PMD "; server_max_window_bits=10" },
	{ 2, PMD "; server_max_window_bits=\"1\\0\"",
		PMD "; server_max_window_bits=10" },
	{ 2, PMD " ; server_max_window_bits=10 , foo",
		PMD "; server_max_window_bits=10" },
	{ 3, PMD, PMD "; server_max_window_bits=11" },
	{ 3, PMD "; client_max_window_bits",
		PMD "; server_max_window_bits=11" },
	{ 3, PMD ";client_max_window_bits=10",
		PMD "; client_max_window_bits=10; server_max_window_bits=11" },
	{ 3, PMD "; server_max_window_bits=10", NULL },
	{ 3, PMD "; server_no_context_takeover",
		PMD "; server_no_context_takeover; server_max_window_bits=11" },
	{ 3, PMD "; client_no_context_takeover",
		PMD "; client_no_context_takeover; server_max_window_bits=11" },
	{ 3,
		PMD
		"; client_max_window_bits; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover",
		NULL },
	{ 3, PMD "; server_max_window_bits=12, " PMD,
		PMD "; server_max_window_bits=11" },
	{ 3,
		PMD "; server_no_context_takeover, " PMD
		    "; client_max_window_bits=9",
		PMD "; server_no_context_takeover; server_max_window_bits=11" },
	{ 3, "toString, " PMD, PMD "; server_max_window_bits=11" },
	{ 3, "foo; a; a=1, " PMD "; client_max_window_bits",
		PMD "; server_max_window_bits=11" },
	{ 3, PMD "; server_max_window_bits=\"10\"", NULL },
	{ 3, PMD "; server_max_window_bits=\"1\\0\"", NULL },
	{ 3, PMD " ; server_max_window_bits=10 , foo", NULL },
	{ 4, PMD, PMD },
	{ 4, PMD "; client_max_window_bits", PMD },
	{ 4, PMD ";client_max_window_bits=10",
		PMD "; client_max_window_bits=10" },
	{ 4, PMD "; server_max_window_bits=10", NULL },
	{ 4, PMD "; server_no_context_takeover",
		PMD "; server_no_context_takeover" },
	{ 4, PMD "; client_no_context_takeover",
		PMD "; client_no_context_takeover" },
	{ 4,
		PMD
		"; client_max_window_bits; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover",
		NULL },
	{ 4, PMD "; server_max_window_bits=12, " PMD, PMD },
	{ 4,
		PMD "; server_no_context_takeover, " PMD
		    "; client_max_window_bits=9",
		PMD "; server_no_context_takeover" },
	{ 4, "toString, " PMD, PMD },
	{ 4, "foo; a; a=1, " PMD "; client_max_window_bits", PMD },
	{ 4, PMD "; server_max_window_bits=\"10\"", NULL },
	{ 4, PMD "; server_max_window_bits=\"1\\0\"", NULL },
	{ 4, PMD " ; server_max_window_bits=10 , foo", NULL },
	{ 5, PMD, NULL },
	{ 5, PMD "; client_max_window_bits",
		PMD "; client_max_window_bits=11" },
	{ 5, PMD ";client_max_window_bits=10", NULL },
	{ 5, PMD "; server_max_window_bits=10", NULL },
	{ 5, PMD "; server_no_context_takeover", NULL },
	{ 5, PMD "; client_no_context_takeover", NULL },
	{ 5,
		PMD
		"; client_max_window_bits; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover",
		PMD
		"; client_max_window_bits=11; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover" },
	{ 5, PMD "; server_max_window_bits=12, " PMD, NULL },
	{ 5,
		PMD "; server_no_context_takeover, " PMD
		    "; client_max_window_bits=9",
		NULL },
	{ 5, "toString, " PMD, NULL },
	{ 5, "foo; a; a=1, " PMD "; client_max_window_bits",
		PMD "; client_max_window_bits=11" },
	{ 5, PMD "; server_max_window_bits=\"10\"", NULL },
	{ 5, PMD "; server_max_window_bits=\"1\\0\"", NULL },
	{ 5, PMD " ; server_max_window_bits=10 , foo", NULL },
	{ 6, PMD, PMD },
	{ 6, PMD "; client_max_window_bits", PMD },
	{ 6, PMD ";client_max_window_bits=10", PMD },
	{ 6, PMD "; server_max_window_bits=10",
		PMD "; server_max_window_bits=10" },
	{ 6, PMD "; server_no_context_takeover",
		PMD "; server_no_context_takeover" },
	{ 6, PMD "; client_no_context_takeover",
		PMD "; client_no_context_takeover" },
	{ 6,
		PMD
		"; client_max_window_bits; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover",
		PMD
		"; server_no_context_takeover; server_max_window_bits=8; client_no_context_takeover" },
	{ 6, PMD "; server_max_window_bits=12, " PMD,
		PMD "; server_max_window_bits=12" },
	{ 6,
		PMD "; server_no_context_takeover, " PMD
		    "; client_max_window_bits=9",
		PMD "; server_no_context_takeover" },
	{ 6, "toString, " PMD, PMD },
	{ 6, "foo; a; a=1, " PMD "; client_max_window_bits", PMD },
	{ 6, PMD "; server_max_window_bits=\"10\"",
		PMD "; server_max_window_bits=10" },
	{ 6, PMD "; server_max_window_bits=\"1\\0\"",
		PMD "; server_max_window_bits=10" },
	{ 6, PMD " ; server_max_window_bits=10 , foo",
		PMD "; server_max_window_bits=10" },

	/* ws reads numbers as JavaScript does */
	{ 0, PMD "; client_max_window_bits=010", NULL },
	{ 0, PMD "; client_max_window_bits=0x0a", NULL },
	{ 0, PMD "; client_max_window_bits=+10", NULL },
	{ 0, PMD "; client_max_window_bits=10.0", NULL },
	{ 0, PMD "; client_max_window_bits=1e1", NULL },
};

static void check(const struct row *row)
{
	struct eio__deflate_params params;
	char answer[EIO__DEFLATE_ANSWER_MAX] = "";
	int result;

	result = eio__deflate_negotiate(row->header, &configs[row->config],
		&params);
	if (result == 1)
		eio__deflate_answer(&params, answer);
	if (!row->answer && result != ENGINEIO_ERR_INVALID)
		fail_msg("%d \"%s\" was not refused: \"%s\"", row->config,
			row->header, answer);
	if (row->answer && (result < 0 || strcmp(answer, row->answer) != 0))
		fail_msg("%d \"%s\" is \"%s\" (%d), not \"%s\"", row->config,
			row->header, answer, result, row->answer);
}

static void negotiate__each_header__is_answered_like_ws(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i]);
}

static void negotiate__off_or_not_offered__is_nothing(void **state)
{
	struct eio__deflate_config off = { .on = false };
	struct eio__deflate_params params;

	assert_int_equal(eio__deflate_negotiate(PMD, &off, &params), 0);
	assert_int_equal(eio__deflate_negotiate("rubbish;", &off, &params), 0);
	assert_int_equal(eio__deflate_negotiate(NULL, &configs[0], &params), 0);
}

static void negotiate__very_long_header__is_read_in_one_pass(void **state)
{
	static char header[1000000];
	struct eio__deflate_params params;
	size_t i;

	for (i = 0; i + 4 < sizeof(header); i += 4)
		memcpy(header + i, "a;b,", 4);
	header[i - 1] = 0;
	assert_int_equal(eio__deflate_negotiate(header, &configs[0], &params),
		0);
	memset(header, ' ', sizeof(header));
	memcpy(header, "a;", 2);
	header[sizeof(header) - 1] = 0;
	assert_int_equal(eio__deflate_negotiate(header, &configs[0], &params),
		ENGINEIO_ERR_INVALID);
}

static void add_param__there_already__stays_once(void **state)
{
	struct eio__deflate_params params;
	char answer[EIO__DEFLATE_ANSWER_MAX];

	assert_int_equal(eio__deflate_negotiate(PMD
				 "; client_no_context_takeover",
				 &configs[0], &params),
		1);
	eio__deflate_add_param(&params, EIO__CLIENT_NO_TAKEOVER);
	eio__deflate_answer(&params, answer);
	assert_string_equal(answer, PMD "; client_no_context_takeover");
}

static void answer__everything_in_it__fits(void **state)
{
	struct eio__deflate_params params;
	char answer[EIO__DEFLATE_ANSWER_MAX];

	assert_int_equal(eio__deflate_negotiate(PMD
				 "; client_no_context_takeover"
				 "; server_no_context_takeover"
				 "; server_max_window_bits=15"
				 "; client_max_window_bits=15",
				 &configs[0], &params),
		1);
	eio__deflate_answer(&params, answer);
	assert_string_equal(answer,
		PMD "; client_no_context_takeover"
		    "; server_no_context_takeover"
		    "; server_max_window_bits=15"
		    "; client_max_window_bits=15");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(negotiate__each_header__is_answered_like_ws),
		cmocka_unit_test(negotiate__off_or_not_offered__is_nothing),
		cmocka_unit_test(
			negotiate__very_long_header__is_read_in_one_pass),
		cmocka_unit_test(add_param__there_already__stays_once),
		cmocka_unit_test(answer__everything_in_it__fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
