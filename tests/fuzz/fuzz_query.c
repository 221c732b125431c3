/* SPDX-License-Identifier: MIT */
/*
 * A request target. Its parameters are UTF-8 and found again by name, and a
 * path that is accepted leads nowhere else.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/base/utf8.h>
#include <engineio/base/query.h>

#include <stdlib.h>
#include <string.h>

static void check(int holds)
{
	if (!holds)
		abort();
}

static int same(const struct eio__strbuf *a, const struct eio__strbuf *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* The last value of the name, by walking. */
static void find_last(const struct eio__target *t,
	const struct eio__strbuf *name, struct eio__strbuf *last)
{
	struct eio__strbuf other, value;
	struct eio__query q;

	eio__strbuf_init(&other, 0);
	eio__strbuf_init(&value, 0);
	eio__query_init(&q, t->query, t->query_len);
	while (eio__query_next(&q, &other, &value)) {
		if (!same(&other, name))
			continue;
		eio__strbuf_reset(last);
		eio__strbuf_add(last, value.data, value.len);
	}
	eio__strbuf_clear(&other);
	eio__strbuf_clear(&value);
}

static void check_query(const struct eio__target *t)
{
	struct eio__strbuf name, value, got, last;
	struct eio__query q;
	int n = 0;

	eio__strbuf_init(&name, 0);
	eio__strbuf_init(&value, 0);
	eio__strbuf_init(&got, 0);
	eio__strbuf_init(&last, 0);
	eio__query_init(&q, t->query, t->query_len);
	while (eio__query_next(&q, &name, &value)) {
		check(eio__utf8_valid(name.data, name.len));
		check(eio__utf8_valid(value.data, value.len));
		/* Not all of very many: this is quadratic. */
		if (n++ > 8 || memchr(name.data, 0, name.len))
			continue;
		check(eio__query_get(t->query, t->query_len, name.data, &got));
		find_last(t, &name, &last);
		check(same(&got, &last));
	}
	check(!name.error && !value.error);
	eio__strbuf_clear(&name);
	eio__strbuf_clear(&value);
	eio__strbuf_clear(&got);
	eio__strbuf_clear(&last);
}

static void check_path(const struct eio__target *t)
{
	struct eio__strbuf path;

	eio__strbuf_init(&path, 0);
	if (!eio__path_decode(t->path, t->path_len, &path)) {
		check(path.len <= t->path_len);
		check(strlen(path.data) == path.len);
		check(eio__utf8_valid(path.data, path.len));
		check(path.data[0] != '.' && !strstr(path.data, "/."));
		check(!strchr(path.data, '\\') && !strstr(path.data, "//"));
	}
	eio__strbuf_clear(&path);
}

/* What a percent decoder gives is text, and stays so when there is none. */
static void check_decoded(const char *text, size_t len)
{
	struct eio__strbuf out;

	eio__strbuf_init(&out, 0);
	if (!eio__percent_decode(text, len, &out)) {
		check(out.len <= len);
		check(strlen(out.data) == out.len);
		check(eio__utf8_valid(out.data, out.len));
		check(memchr(text, '%', len) || !memcmp(out.data, text, len));
	}
	eio__strbuf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *target = (const char *)data;
	struct eio__target t;

	eio__target_split(&t, target, size);
	if (t.path_len && *t.path != '/')
		check(t.path == target);
	check(!t.query || t.query + t.query_len <= target + size);
	check_path(&t);
	check_decoded(t.path, t.path_len);
	check_query(&t);
	return 0;
}
