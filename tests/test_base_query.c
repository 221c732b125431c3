/* SPDX-License-Identifier: MIT */
/*
 * test_base_query.c: request targets, paths and queries. What a query means
 * was made with Node's URLSearchParams.
 */
#include <config.h>

#include <engineio/base/query.h>

#include <engineio/engineio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *query, *params;
} rows[] = {
	{ "", "" },
	{ "a=1", "a -> 1" },
	{ "a=1&b=2", "a -> 1 | b -> 2" },
	{ "a", "a -> " },
	{ "a=", "a -> " },
	{ "=a", " -> a" },
	{ "=", " -> " },
	{ "&", "" },
	{ "&&a&&", "a -> " },
	{ "a=1&a=2&a=3", "a -> 1 | a -> 2 | a -> 3" },
	{ "a=1=2", "a -> 1=2" },
	{ "a==", "a -> =" },
	{ "a+b=c+d", "a b -> c d" },
	{ "a%20b=c%2Bd", "a b -> c+d" },
	{ "%61=%62", "a -> b" },
	{ "a=%", "a -> %" },
	{ "a=%2", "a -> %2" },
	{ "a=%zz", "a -> %zz" },
	{ "a=%4", "a -> %4" },
	{ "a=%4g", "a -> %4g" },
	{ "%=%", "% -> %" },
	{ "a=100%", "a -> 100%" },
	{ "a=%E2%82%AC", "a -> <e2><82><ac>" },
	{ "a=%e2%82%ac", "a -> <e2><82><ac>" },
	{ "a=%ff", "a -> <ef><bf><bd>" },
	{ "a=%e2%82", "a -> <ef><bf><bd>" },
	{ "a=%e2%82&b=%ac", "a -> <ef><bf><bd> | b -> <ef><bf><bd>" },
	{ "a=%F0%9F%98%80", "a -> <f0><9f><98><80>" },
	{ "a=%F0%9F%98", "a -> <ef><bf><bd>" },
	{ "a=%ed%a0%80", "a -> <ef><bf><bd><ef><bf><bd><ef><bf><bd>" },
	{ "a=%c0%80", "a -> <ef><bf><bd><ef><bf><bd>" },
	{ "a=%00b", "a -> <00>b" },
	{ "%00=1", "<00> -> 1" },
	{ "a=b#c", "a -> b#c" },
	{ "a=b;c=d", "a -> b;c=d" },
	{ "a=b%26c=d", "a -> b&c=d" },
	{ "a%3Db=c", "a=b -> c" },
	{ "a=%3D", "a -> =" },
	{ "EIO=4&transport=polling&t=abc&sid=",
		"EIO -> 4 | transport -> polling | t -> abc | sid -> " },
	{ "sid=%73id", "sid -> sid" },
	{ "a[]=1&a[]=2", "a[] -> 1 | a[] -> 2" },
	{ "__proto__=x", "__proto__ -> x" },
	{ "a=b%0d%0ac", "a -> b<0d><0a>c" },
	{ "a=?", "a -> ?" },
	{ "?a=1", "?a -> 1" },
	{ "a=/%2f", "a -> //" },
	{ "a=+", "a ->  " },
	{ "+=+", "  ->  " },
	{ "%2B=%2b", "+ -> +" },
	{ "a=%25", "a -> %" },
	{ "a=%2541", "a -> %41" },
	{ "a=%%41", "a -> %A" },
	{ "a=%%%", "a -> %%%" },
	{ "a=%u0041", "a -> %u0041" },
	{ "a=%C3%28", "a -> <ef><bf><bd>(" },
	{ "a=%80%80", "a -> <ef><bf><bd><ef><bf><bd>" },
	{ "\303\251=\303\274", "<c3><a9> -> <c3><bc>" },
	{ "a=b&", "a -> b" },
	{ "&a=b", "a -> b" },
	{ "a&b&c", "a ->  | b ->  | c -> " },
	{ "a=1&A=2", "a -> 1 | A -> 2" },
	{ "%e9=1", "<ef><bf><bd> -> 1" },
	{ "a=%EF%BB%BFx", "a -> <ef><bb><bf>x" },
	{ "%EF%BB%BF=1", "<ef><bb><bf> -> 1" },
	{ "a=%ef%bf%bd", "a -> <ef><bf><bd>" },
	{ "=&=", " ->  |  -> " },
	{ "a=&a", "a ->  | a -> " },
	{ "a&a=", "a ->  | a -> " },
	{ "x=%E2%28%A1", "x -> <ef><bf><bd>(<ef><bf><bd>" },
	{ "x=%f4%90%80%80",
		"x -> <ef><bf><bd><ef><bf><bd><ef><bf><bd><ef><bf><bd>" },
	{ "a=b&%61=c", "a -> b | a -> c" },
	{ "a%=b", "a% -> b" },
	{ "a%4=b", "a%4 -> b" },
	{ "%41%=b", "A% -> b" },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static void write_text(struct eio__strbuf *out, const struct eio__strbuf *text)
{
	size_t i;

	for (i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->data[i];

		if (c >= ' ' && c < 127)
			eio__strbuf_addc(out, (char)c);
		else
			eio__strbuf_printf(out, "<%02x>", c);
	}
}

/* A copy of exactly its size, so that the sanitizer sees a byte read behind
 * it. */
static char *copy(const char *text, size_t *len)
{
	char *p;

	*len = strlen(text);
	p = malloc(*len ? *len : 1);
	assert_non_null(p);
	memcpy(p, text, *len);
	return p;
}

static void next__each_row__gives_what_browsers_give(void **state)
{
	struct eio__strbuf name, value, out;
	struct eio__query q;
	size_t i, len;
	char *raw;

	eio__strbuf_init(&name, 0);
	eio__strbuf_init(&value, 0);
	eio__strbuf_init(&out, 0);
	for (i = 0; i < ROWS; i++) {
		raw = copy(rows[i].query, &len);
		eio__strbuf_reset(&out);
		eio__strbuf_adds(&out, "");
		eio__query_init(&q, raw, len);
		while (eio__query_next(&q, &name, &value)) {
			if (out.len)
				eio__strbuf_adds(&out, " | ");
			write_text(&out, &name);
			eio__strbuf_adds(&out, " -> ");
			write_text(&out, &value);
		}
		assert_string_equal(out.data, rows[i].params);
		free(raw);
	}
	eio__strbuf_clear(&name);
	eio__strbuf_clear(&value);
	eio__strbuf_clear(&out);
}

static void get__each_case__gives_the_last_value_or_none(void **state)
{
	static const struct {
		const char *query, *name, *value;
	} cases[] = {
		{ "EIO=4&transport=polling", "EIO", "4" },
		{ "EIO=4&transport=polling", "transport", "polling" },
		{ "EIO=4&transport=polling", "sid", NULL },
		{ "sid=", "sid", "" },
		{ "sid", "sid", "" },
		{ "", "sid", NULL },
		{ "sid=a&sid=b&sid=c", "sid", "c" },
		{ "sid=a&sid=", "sid", "" },
		{ "%73id=a", "sid", "a" },
		{ "sid=a&%73%69%64=b", "sid", "b" },
		{ "SID=a", "sid", NULL },
		{ "sidx=a&xsid=b", "sid", NULL },
		{ "a+b=c+d", "a b", "c d" },
		{ "%e2%82%ac=1", "\xe2\x82\xac", "1" },
		{ "\xe2\x82\xac=1", "\xe2\x82\xac", "1" },
		{ "%ff=1", "\xef\xbf\xbd", "1" },
		{ "=x", "", "x" },
		{ "a=%zz", "a", "%zz" },
		{ "%7=1", "%7", "1" },
		{ "__proto__=1", "__proto__", "1" },
		{ "a=1", "__proto__", NULL },
		{ "%73id=a&EIO=4", "EIO", "4" },
		{ "%73id=a", "EIO", NULL },
	};
	struct eio__strbuf value;
	size_t i, len;
	bool found;
	char *raw;

	eio__strbuf_init(&value, 0);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		raw = copy(cases[i].query, &len);
		found = eio__query_get(raw, len, cases[i].name, &value);
		assert_int_equal(found, cases[i].value != NULL);
		if (found)
			assert_string_equal(value.data, cases[i].value);
		else
			assert_int_equal(value.len, 0);
		free(raw);
	}
	assert_false(eio__query_get(NULL, 0, "a", &value));
	eio__strbuf_clear(&value);
}

static void get__value_over_the_limit__is_found_with_an_error(void **state)
{
	struct eio__strbuf value;

	eio__strbuf_init(&value, 3);
	assert_true(eio__query_get("a=1234", 6, "a", &value));
	assert_int_equal(value.error, ENGINEIO_ERR_FULL);
	assert_true(eio__query_get("a=%31%32%33", 11, "a", &value));
	assert_int_equal(value.error, 0);
	assert_string_equal(value.data, "123");
	eio__strbuf_clear(&value);
}

static void split__each_target__gives_path_and_query(void **state)
{
	static const struct {
		const char *target, *path, *query;
	} cases[] = {
		{ "/", "/", NULL },
		{ "/a/b", "/a/b", NULL },
		{ "/a?b", "/a", "b" },
		{ "/a?", "/a", "" },
		{ "/a?b?c", "/a", "b?c" },
		{ "/a?b#c", "/a", "b" },
		{ "/a#b?c", "/a", NULL },
		{ "?a", "", "a" },
		{ "", "", NULL },
		{ "*", "*", NULL },
		{ "//a/b", "//a/b", NULL },
		{ "http://h/a?b", "/a", "b" },
		{ "HTTPS://h:1/a", "/a", NULL },
		{ "http://h", "/", NULL },
		{ "http://h?b", "/", "b" },
		{ "http://h#/b", "/", NULL },
		{ "http://", "/", NULL },
		{ "https://", "/", NULL },
		{ "https://?a", "/", "a" },
		{ "http:/h", "http:/h", NULL },
		{ "/http://h", "/http://h", NULL },
		{ "/a%3fb", "/a%3fb", NULL },
	};
	struct eio__target t;
	size_t i, len;
	char *raw;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		raw = copy(cases[i].target, &len);
		eio__target_split(&t, raw, len);
		assert_int_equal(t.path_len, strlen(cases[i].path));
		assert_memory_equal(t.path, cases[i].path, t.path_len);
		if (!cases[i].query) {
			assert_null(t.query);
			assert_int_equal(t.query_len, 0);
		} else {
			assert_int_equal(t.query_len, strlen(cases[i].query));
			assert_memory_equal(t.query, cases[i].query,
				t.query_len);
		}
		free(raw);
	}
}

static void path_decode__what_may_be_a_file__is_decoded(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "/", "/" },
		{ "index.html", "index.html" },
		{ "/a/b.txt", "/a/b.txt" },
		{ "/a/", "/a/" },
		{ "/a%20b+c", "/a b+c" },
		{ "/%e2%82%ac", "/\xe2\x82\xac" },
		{ "/%41%5a", "/AZ" },
		{ "/a..b", "/a..b" },
		{ "/a.", "/a." },
		{ "/%25", "/%" },
		{ "/%2541", "/%41" },
		{ "/~a:b@c;d", "/~a:b@c;d" },
	};
	struct eio__strbuf out;
	size_t i, len;
	char *raw;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		raw = copy(cases[i][0], &len);
		eio__strbuf_init(&out, 0);
		eio__strbuf_adds(&out, "root");
		assert_int_equal(eio__path_decode(raw, len, &out), 0);
		assert_string_equal(out.data + 4, cases[i][1]);
		eio__strbuf_clear(&out);
		free(raw);
	}
}

static void path_decode__what_leads_elsewhere__is_refused(void **state)
{
	static const char *const bad[] = { "/..", "/../a", "/a/../b", "/a/..",
		"..", ".", "/.", "/./a", "/%2e%2e/a", "/.%2e/", "/%2e",
		"/.hidden", ".htaccess", "/a/.git/config", "/a%2fb", "/a%2Fb",
		"/..%2f", "/a%5cb", "/a\\b", "/..\\a", "/a%00", "/a%00.txt",
		"/a%0ab", "/a%7f", "/%", "/%4", "/%zz", "/a%", "/%ff",
		"/%c0%ae%c0%ae/", "/%ed%a0%80", "//", "//a", "/a//b", "///",
		"/a/%2e./b", "/\x01" };
	struct eio__strbuf out;
	size_t i, len;
	char *raw;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		raw = copy(bad[i], &len);
		eio__strbuf_init(&out, 0);
		if (eio__path_decode(raw, len, &out) != ENGINEIO_ERR_INVALID)
			fail_msg("'%s'", bad[i]);
		eio__strbuf_clear(&out);
		free(raw);
	}
}

static void path_decode__over_the_limit__says_so(void **state)
{
	struct eio__strbuf out;

	eio__strbuf_init(&out, 3);
	assert_int_equal(eio__path_decode("/%61%62", 7, &out), 0);
	eio__strbuf_reset(&out);
	assert_int_equal(eio__path_decode("/abc", 4, &out), ENGINEIO_ERR_FULL);
	eio__strbuf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next__each_row__gives_what_browsers_give),
		cmocka_unit_test(get__each_case__gives_the_last_value_or_none),
		cmocka_unit_test(
			get__value_over_the_limit__is_found_with_an_error),
		cmocka_unit_test(split__each_target__gives_path_and_query),
		cmocka_unit_test(path_decode__what_may_be_a_file__is_decoded),
		cmocka_unit_test(path_decode__what_leads_elsewhere__is_refused),
		cmocka_unit_test(path_decode__over_the_limit__says_so),
	};

	return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
