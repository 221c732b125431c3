/* SPDX-License-Identifier: MIT */
/*
 * test_eio_chunked.c: bodies in chunks. Each row is read whole, byte by byte
 * and cut in two at every place, with the same outcome. What Node's parser
 * refuses is refused.
 */
#include <config.h>

#include <engineio/base/strbuf.h>
#include <engineio/http/chunked.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_EXTRA 64

/* Text with bytes 0 in it, too. */
#define TEXT(s) (s), sizeof(s) - 1

struct reader {
	struct eio__chunked chunked;
	struct eio__strbuf body;
	enum eio__chunked_result result;
	size_t left; /* input behind the end */
};

static void begin(struct reader *r)
{
	eio__chunked_init(&r->chunked, MAX_EXTRA);
	eio__strbuf_init(&r->body, 0);
	r->result = EIO__CHUNKED_MORE;
	r->left = 0;
}

/* From a block of its own, so that a sanitizer sees a byte too far. */
static void feed(struct reader *r, const char *p, size_t len)
{
	char *copy = malloc(len ? len : 1), *data = copy, *piece = NULL;
	size_t n = 0;

	if (r->result != EIO__CHUNKED_MORE) {
		r->left += len;
		free(copy);
		return;
	}
	memcpy(copy, p, len);
	do {
		r->result =
			eio__chunked_next(&r->chunked, &data, &len, &piece, &n);
		if (r->result == EIO__CHUNKED_DATA) {
			assert_true(n > 0);
			eio__strbuf_add(&r->body, piece, n);
		}
	} while (r->result == EIO__CHUNKED_DATA);
	r->left += len;
	free(copy);
}

static void feed_in_steps(struct reader *r, const char *p, size_t len,
	size_t step)
{
	size_t n;

	for (; len; p += n, len -= n) {
		n = len < step ? len : step;
		feed(r, p, n);
	}
}

static void expect(struct reader *r, const char *raw,
	enum eio__chunked_result result, const char *body, size_t left)
{
	if (r->result != result)
		fail_msg("\"%s\": result %d", raw, (int)r->result);
	if (body && strcmp(r->body.data ? r->body.data : "", body) != 0)
		fail_msg("\"%s\": body \"%s\"", raw, r->body.data);
	if (result == EIO__CHUNKED_END && r->left != left)
		fail_msg("\"%s\": %zu bytes left", raw, r->left);
	eio__strbuf_clear(&r->body);
}

/* body NULL: it does not matter how much came before the error. */
static void try_all(const char *raw, size_t len,
	enum eio__chunked_result result, const char *body, size_t left)
{
	struct reader r;
	size_t cut;

	begin(&r);
	feed(&r, raw, len);
	expect(&r, raw, result, body, left);
	begin(&r);
	feed_in_steps(&r, raw, len, 1);
	expect(&r, raw, result, body, left);
	for (cut = 1; cut < len; cut++) {
		begin(&r);
		feed(&r, raw, cut);
		feed(&r, raw + cut, len - cut);
		expect(&r, raw, result, body, left);
	}
}

static void next__what_the_grammar_allows__is_read(void **state)
{
	static const struct {
		const char *raw, *body;
	} rows[] = {
		{ "0\r\n\r\n", "" },
		{ "000\r\n\r\n", "" },
		{ "4\r\nabcd\r\n0\r\n\r\n", "abcd" },
		{ "1\r\na\r\n2\r\nbc\r\n1\r\nd\r\n0\r\n\r\n", "abcd" },
		{ "0000000000000004\r\nabcd\r\n0\r\n\r\n", "abcd" },
		{ "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
			"01234567890123456789" },
		{ "10\r\n0123456789abcdef\r\n0\r\n\r\n", "0123456789abcdef" },
		/* the data may look like anything */
		{ "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n", "\r\n0\r\n\r\n" },
		{ "4;a\r\nabcd\r\n0;b\r\n\r\n", "abcd" },
		{ "4;a=b\r\nabcd\r\n0\r\n\r\n", "abcd" },
		{ "4;a=b;c;d=\"e\"\r\nabcd\r\n0\r\n\r\n", "abcd" },
		{ "4;a=\"b c;\\\"d\\\\\xe9\t\"\r\nabcd\r\n0\r\n\r\n", "abcd" },
		{ "4;a=\"\"\r\nabcd\r\n0\r\n\r\n", "abcd" },
		{ "4\r\nabcd\r\n0\r\nX-T: 1\r\n\r\n", "abcd" },
		{ "4\r\nabcd\r\n0\r\nX:\r\nY:\t\xe9 \r\n\r\n", "abcd" },
		{ "0\r\nContent-Lengthy: 1\r\n\r\n", "" },
		{ "0\r\nTransfer-Encodin: 1\r\n\r\n", "" },
		{ "0\r\nTransfer-Encodings: 1\r\n\r\n", "" },
	};
	struct eio__strbuf b;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		try_all(rows[i].raw, strlen(rows[i].raw), EIO__CHUNKED_END,
			rows[i].body, 0);
		/* What follows is another's. */
		eio__strbuf_init(&b, 0);
		eio__strbuf_printf(&b, "%sGET /", rows[i].raw);
		try_all(b.data, b.len, EIO__CHUNKED_END, rows[i].body, 5);
		eio__strbuf_clear(&b);
	}
}

static const struct {
	const char *raw;
	size_t len;
} wrong[] = {
	/* the size */
	{ TEXT("\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT(" 4\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4 \r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4\t\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("+4\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("-4\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("0x4\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4g\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4,\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4\0\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT(";a\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("00000000000000004\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("10000000000000004\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("1000000000000000\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("ffffffffffffffff\r\nabcd\r\n0\r\n\r\n") },
	/* the end of its line */
	{ TEXT("4\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4\rXabcd\r\n0\r\n\r\n") },
	{ TEXT("4\r\rabcd\r\n0\r\n\r\n") },
	{ TEXT("0\rX\r\n") },
	/* the end of the data */
	{ TEXT("4\r\nabcde\r\n0\r\n\r\n") },
	{ TEXT("4\r\nabcd0\r\n\r\n") },
	{ TEXT("4\r\nabcd\n0\r\n\r\n") },
	{ TEXT("4\r\nabcd\rX0\r\n\r\n") },
	{ TEXT("4\r\nabcdXX0\r\n\r\n") },
	{ TEXT("4\r\nabc\r\n0\r\n\r\n") },
	/* extensions */
	{ TEXT("4;\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;;a\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;=a\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a=\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a==b\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4; a\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4 ;a\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a =b\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a= b\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a=b c\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a\rXabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a\001\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a\0\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a\x7f\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a=\xe9\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a=\"\n\"\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a=\"\\\n\"\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a=\"\0\"\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a=\"b\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a=\"b\"c\r\nabcd\r\n0\r\n\r\n") },
	{ TEXT("4;a=b\"c\"\r\nabcd\r\n0\r\n\r\n") },
	/* the trailer section */
	{ TEXT("0\r\n\n") },
	{ TEXT("0\r\n\rX") },
	{ TEXT("0\r\n:1\r\n\r\n") },
	{ TEXT("0\r\nX T: 1\r\n\r\n") },
	{ TEXT("0\r\nX : 1\r\n\r\n") },
	{ TEXT("0\r\n X: 1\r\n\r\n") },
	{ TEXT("0\r\nGET /x HTTP/1.1\r\n\r\n") },
	{ TEXT("0\r\nX\r\n\r\n") },
	{ TEXT("0\r\nX: 1\n\r\n") },
	{ TEXT("0\r\nX: 1\rY: 2\r\n\r\n") },
	{ TEXT("0\r\nX: 1\r\n 2\r\n\r\n") },
	{ TEXT("0\r\nX: 1\r\n\t2\r\n\r\n") },
	{ TEXT("0\r\nX: \001\r\n\r\n") },
	{ TEXT("0\r\nX: \0\r\n\r\n") },
	{ TEXT("0\r\nX: \x7f\r\n\r\n") },
	{ TEXT("0\r\nContent-Length: 4\r\n\r\n") },
	{ TEXT("0\r\ncontent-LENGTH:4\r\n\r\n") },
	{ TEXT("0\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n") },
};

static void next__anything_else__is_refused(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		try_all(wrong[i].raw, wrong[i].len, EIO__CHUNKED_BAD, NULL, 0);
}

static void next__before_the_end__wants_more(void **state)
{
	static const char raw[] = "4;a=\"b\"\r\nabcd\r\n0\r\nX: 1\r\n\r\n";
	struct reader r;
	size_t n;

	for (n = 0; n < sizeof(raw) - 1; n++) {
		begin(&r);
		feed(&r, raw, n);
		expect(&r, raw, EIO__CHUNKED_MORE, NULL, 0);
	}
}

static void next__largest_size__is_believed(void **state)
{
	static const char raw[] = "fffffffffffffff\r\nabcd";
	struct reader r;

	begin(&r);
	feed(&r, raw, sizeof(raw) - 1);
	expect(&r, raw, EIO__CHUNKED_MORE, "abcd", 0);
	assert_true(r.chunked.left == 0xfffffffffffffffu - 4);
}

/* Adds n times the same byte. */
static void add_many(struct eio__strbuf *b, char c, size_t n)
{
	while (n--)
		eio__strbuf_addc(b, c);
}

static void next__extensions_up_to_the_limit__pass(void **state)
{
	struct eio__strbuf b;
	struct reader r;

	/* ';' and the line's end are counted with them. */
	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "4;");
	add_many(&b, 'a', MAX_EXTRA - 2);
	eio__strbuf_adds(&b, "\r\nabcd\r\n");
	begin(&r);
	feed(&r, b.data, b.len);
	expect(&r, b.data, EIO__CHUNKED_MORE, "abcd", 0);
	eio__strbuf_clear(&b);
}

static void next__extensions_without_end__are_too_long(void **state)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "4;");
	add_many(&b, 'a', MAX_EXTRA);
	eio__strbuf_adds(&b, "\r\nabcd\r\n");
	try_all(b.data, b.len, EIO__CHUNKED_TOO_LONG, "", 0);
	eio__strbuf_clear(&b);
}

static void next__extensions_of_all_chunks__are_too_long_together(void **state)
{
	struct eio__strbuf b;
	size_t i;

	eio__strbuf_init(&b, 0);
	for (i = 0; i < MAX_EXTRA; i++)
		eio__strbuf_adds(&b, "1;a\r\nx\r\n");
	try_all(b.data, b.len, EIO__CHUNKED_TOO_LONG, NULL, 0);
	eio__strbuf_clear(&b);
}

static void next__trailers_without_end__are_too_long(void **state)
{
	struct eio__strbuf b;
	size_t i;

	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "0\r\n");
	for (i = 0; i < MAX_EXTRA; i++)
		eio__strbuf_adds(&b, "X: 1\r\n");
	try_all(b.data, b.len, EIO__CHUNKED_TOO_LONG, "", 0);
	eio__strbuf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next__what_the_grammar_allows__is_read),
		cmocka_unit_test(next__anything_else__is_refused),
		cmocka_unit_test(next__before_the_end__wants_more),
		cmocka_unit_test(next__largest_size__is_believed),
		cmocka_unit_test(next__extensions_up_to_the_limit__pass),
		cmocka_unit_test(next__extensions_without_end__are_too_long),
		cmocka_unit_test(
			next__extensions_of_all_chunks__are_too_long_together),
		cmocka_unit_test(next__trailers_without_end__are_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
