/* SPDX-License-Identifier: MIT */
/*
 * test_eio_compress.c: the codings of a reply's body. What is chosen was
 * made with the official server's negotiation, but for what its rows say.
 */
#include <config.h>

#include <engineio/http/compress.h>

#include <engineio/engineio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#define NONE    EIO__CODING_NONE
#define GZIP    EIO__CODING_GZIP
#define DEFLATE EIO__CODING_DEFLATE

static void choose__each_header__gives_the_best(void **state)
{
	static const struct {
		const char *accept;
		enum eio__coding coding;
	} rows[] = {
		{ NULL, NONE },
		{ "", NONE },
		{ "gzip", GZIP },
		{ "deflate", DEFLATE },
		{ "gzip, deflate, br", GZIP },
		{ "deflate, gzip", DEFLATE },
		{ "gzip;q=0.5, deflate;q=0.8", DEFLATE },
		{ "gzip;q=0", NONE },
		{ "gzip;q=0.0, deflate;q=0.000", NONE },
		{ "gzip;q=0, deflate", DEFLATE },
		{ "*", GZIP },
		{ "*;q=0", NONE },
		{ "deflate, *", DEFLATE },
		{ "*, deflate", DEFLATE },
		{ "gzip;q=0, *", DEFLATE },
		{ "*;q=0, deflate", DEFLATE },
		{ "*;q=0.5, deflate;q=0.4", GZIP },
		{ "deflate;q=0.5, *;q=0.5", DEFLATE },
		{ "*;q=1, gzip;q=0.5, deflate;q=0", GZIP },
		{ "identity", NONE },
		{ "identity, gzip;q=0.1", GZIP },
		{ "br", NONE },
		{ "GZip", GZIP },
		{ "x-gzip", NONE },
		{ "gzipx", NONE },
		{ "gzi", NONE },
		{ "gzip;q=1.0", GZIP },
		{ "gzip;q=1.000, deflate;q=0.999", GZIP },
		{ "gzip;q=abc", NONE },
		{ "gzip;q=", NONE },
		{ "gzip ; q=0.3 , deflate ; q=0.4", DEFLATE },
		{ "gzip; q=0.3, deflate; q=0.4", DEFLATE },
		{ "gzip;level=9;q=0.2, deflate;q=0.3", DEFLATE },
		{ ",,gzip,,", GZIP },
		{ "gzip;q=2, deflate", GZIP },
		{ "gzip deflate", GZIP }, /* official: none */
		{ "gzip;q=-1", NONE },
		{ "gzip;q=0.5, gzip;q=0.9, deflate;q=0.7", GZIP },
		{ "gzip;q=0, gzip", GZIP },
		{ "gzip;q=.5,deflate;q=.6", DEFLATE },
		{ "gzip;q=0.5x, deflate;q=0.4", GZIP },
		{ "compress, deflate;q=0.001", DEFLATE },
		{ "gzip;Q=0", NONE }, /* official: gzip */
		{ "gzip;q", GZIP },
		{ "gzip;", GZIP },
		{ ";q=1", NONE },
		{ "**", NONE },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (eio__coding_choose(rows[i].accept) != rows[i].coding)
			fail_msg("'%s'", rows[i].accept);
}

static void quality__each_header__is_in_thousandths(void **state)
{
	static const struct {
		const char *accept;
		int quality; /* of br */
	} rows[] = {
		{ NULL, 0 },
		{ "gzip", 0 },
		{ "br", 1000 },
		{ "gzip, br;q=0.7", 700 },
		{ "gzip, br;q=0.123", 123 },
		{ "gzip, br;q=0.1239", 123 },
		{ "*;q=0.25", 250 },
		{ "br;q=0, *", 0 },
		{ "br;q=0.", 0 },
		{ "br;q=1", 1000 },
		{ "br;q=1.5", 1000 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(eio__coding_quality(rows[i].accept, "br"),
			rows[i].quality);
}

static void choose__endless_header__is_read_once(void **state)
{
	static char header[4 << 20];

	memset(header, ',', sizeof(header) - 1);
	assert_int_equal(eio__coding_choose(header), NONE);
	memset(header, ' ', sizeof(header) - 1);
	assert_int_equal(eio__coding_choose(header), NONE);
	memset(header, ';', sizeof(header) - 1);
	memcpy(header, "gzip", 4);
	assert_int_equal(eio__coding_choose(header), GZIP);
}

static void name__each_coding__is_the_header_value(void **state)
{
	assert_null(eio__coding_name(NONE));
	assert_string_equal(eio__coding_name(GZIP), "gzip");
	assert_string_equal(eio__coding_name(DEFLATE), "deflate");
}

/* Strictly the one format: 31 is gzip only, 15 zlib only. */
static void check_inflates(const struct eio__strbuf *in, int bits,
	const char *body, size_t len)
{
	char *back = malloc(len + 1);
	z_stream z;

	assert_non_null(back);
	memset(&z, 0, sizeof(z));
	assert_int_equal(inflateInit2(&z, bits), Z_OK);
	z.next_in = (Bytef *)in->data;
	z.avail_in = (uInt)in->len;
	z.next_out = (Bytef *)back;
	z.avail_out = (uInt)len + 1;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.avail_in, 0);
	assert_int_equal(z.total_out, len);
	assert_memory_equal(back, body, len);
	inflateEnd(&z);
	free(back);
}

static void compress__every_size_and_coding__comes_back(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 100, 255, 256, 257, 511, 512,
		513, 1024, 4096, 16384, 32768, 32769, 100000, 1000000 };
	static char random[1000000], text[1000000];
	struct eio__strbuf out;
	size_t i;

	srand(2);
	for (i = 0; i < sizeof(random); i++) {
		random[i] = (char)rand();
		text[i] = "{\"user\":\"name\",\"text\":\"hi\"}\x1e"[i % 28];
	}
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		eio__strbuf_init(&out, 0);
		assert_int_equal(eio__compress(&out, GZIP, 3, random, sizes[i]),
			0);
		check_inflates(&out, 31, random, sizes[i]);
		assert_true(out.len < sizes[i] + sizes[i] / 100 + 50);
		eio__strbuf_reset(&out);
		assert_int_equal(eio__compress(&out, DEFLATE, 3, text,
					 sizes[i]),
			0);
		check_inflates(&out, 15, text, sizes[i]);
		if (sizes[i] > 1000)
			assert_true(out.len < sizes[i] / 10);
		eio__strbuf_clear(&out);
	}
}

static void compress__no_coding__is_a_copy(void **state)
{
	struct eio__strbuf out;

	eio__strbuf_init(&out, 0);
	eio__strbuf_adds(&out, "a");
	assert_int_equal(eio__compress(&out, NONE, 3, "bc", 2), 0);
	assert_string_equal(out.data, "abc");
	eio__strbuf_clear(&out);
}

static void compress__no_room__says_so(void **state)
{
	struct eio__strbuf out;
	char body[100] = { 0 };

	eio__strbuf_init(&out, 50);
	assert_int_equal(eio__compress(&out, GZIP, 3, body, sizeof(body)),
		ENGINEIO_ERR_FULL);
	assert_int_equal(out.len, 0);
	assert_int_equal(eio__compress(&out, GZIP, 3, body, 1),
		ENGINEIO_ERR_FULL);
	eio__strbuf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choose__each_header__gives_the_best),
		cmocka_unit_test(quality__each_header__is_in_thousandths),
		cmocka_unit_test(choose__endless_header__is_read_once),
		cmocka_unit_test(name__each_coding__is_the_header_value),
		cmocka_unit_test(compress__every_size_and_coding__comes_back),
		cmocka_unit_test(compress__no_coding__is_a_copy),
		cmocka_unit_test(compress__no_room__says_so),
	};

	return cmocka_run_group_tests_name("compress", tests, NULL, NULL);
}
