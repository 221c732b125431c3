/* SPDX-License-Identifier: MIT */
/*
 * test_base_nomem.c: out of memory in the pure parts. Every allocation of
 * each piece of work fails in turn, once: the work must say so, leave what
 * it has in order, and give everything back.
 */
#include <config.h>

#include <engineio/base/map.h>
#include <engineio/base/strbuf.h>
#include <engineio/base/utf8.h>
#include <engineio/engineio.h>
#include <engineio/http/compress.h>
#include <engineio/base/query.h>
#include <engineio/http/ws_frame.h>
#include <engineio/packet.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The linker puts these in the place of the C library's (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static bool counting;
static int count, fail_at, live;

static bool fails(void)
{
	return counting && ++count == fail_at;
}

void *__wrap_malloc(size_t size)
{
	void *p = fails() ? NULL : __real_malloc(size);

	live += counting && p;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = fails() ? NULL : __real_calloc(n, size);

	live += counting && p;
	return p;
}

void *__wrap_realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __real_realloc(p, size);

	live += counting && !p && q;
	return q;
}

void __wrap_free(void *p)
{
	live -= counting && p;
	__real_free(p);
}

/* The work returns 0, or ENGINEIO_ERR_NOMEM. It looks at nothing with
 * cmocka's assertions, which would leave it half done. */
static void every_allocation_fails(int (*work)(void), int least)
{
	int result;

	fail_at = 0;
	do {
		fail_at++;
		count = 0;
		live = 0;
		counting = true;
		result = work();
		counting = false;
		assert_int_equal(live, 0);
		assert_int_equal(result,
			count >= fail_at ? ENGINEIO_ERR_NOMEM : 0);
	} while (count >= fail_at);
	/* It did allocate. */
	assert_true(fail_at > least);
}

static const char *own_key(const void *value)
{
	return value;
}

/* What is in stays in, and can be found. */
static int use_map(void)
{
	static char keys[40][12];
	struct eio__map m;
	int i, err = 0;
	size_t n;

	eio__map_init(&m, 1, own_key);
	for (i = 0; i < 40 && !err; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%d", i);
		n = eio__map_count(&m);
		err = eio__map_put(&m, keys[i], strlen(keys[i]));
		if (err && eio__map_count(&m) != n)
			err = ENGINEIO_ERR_STATE;
	}
	for (i -= err != 0; i > 0; i--)
		if (eio__map_get(&m, keys[i - 1], strlen(keys[i - 1])) !=
			keys[i - 1])
			err = ENGINEIO_ERR_STATE;
	eio__map_clear(&m);
	return err;
}

/* A map that gets smaller needs memory too, but may do without. */
static int shrink_map(void)
{
	static char keys[200][12];
	struct eio__map m;
	int i, at = fail_at, err = 0;

	fail_at = 0;
	eio__map_init(&m, 1, own_key);
	for (i = 0; i < 200; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%d", i);
		eio__map_put(&m, keys[i], strlen(keys[i]));
	}
	count = 0;
	fail_at = at;
	for (i = 0; i < 200; i++)
		if (eio__map_del(&m, keys[i], strlen(keys[i])) != keys[i])
			err = ENGINEIO_ERR_STATE;
	eio__map_clear(&m);
	if (!err && count >= fail_at)
		err = ENGINEIO_ERR_NOMEM; /* as the caller expects */
	return err;
}

static int use_strbuf(void)
{
	struct eio__strbuf b;
	int i, err;
	size_t n = 0;

	eio__strbuf_init(&b, 0);
	for (i = 0; i < 30 && !b.error; i++) {
		n = b.len;
		eio__strbuf_printf(&b, "%060d", i);
	}
	err = b.error;
	if (err && (b.len != n || eio__strbuf_addc(&b, 'x') != err))
		err = ENGINEIO_ERR_STATE;
	eio__strbuf_clear(&b);
	return err;
}

static int mend(void)
{
	char text[100];
	struct eio__strbuf b;
	int err;

	memset(text, '\xff', sizeof(text));
	eio__strbuf_init(&b, 0);
	err = eio__utf8_mend(&b, text, sizeof(text));
	eio__strbuf_clear(&b);
	return err;
}

static int encode_binary(void)
{
	char bytes[1000] = { 0 };
	struct eio__strbuf b;
	int err;

	eio__strbuf_init(&b, 0);
	eio__packet_encode_binary(&b, bytes, sizeof(bytes));
	err = eio__packet_encode(&b, EIO__PACKET_MESSAGE, bytes, 1000);
	eio__strbuf_clear(&b);
	return err;
}

static int walk_query(void)
{
	static const char raw[] = "a=1&%ff%ff=%fe&c=3";
	struct eio__strbuf name, value;
	struct eio__query q;
	int err;

	eio__strbuf_init(&name, 0);
	eio__strbuf_init(&value, 0);
	eio__query_init(&q, raw, sizeof(raw) - 1);
	while (eio__query_next(&q, &name, &value))
		;
	err = name.error ? name.error : value.error;
	eio__strbuf_clear(&name);
	eio__strbuf_clear(&value);
	return err;
}

static int look_up_query(void)
{
	static const char raw[] = "x=1&%61=%ff&%62=1";
	struct eio__strbuf value;
	bool found;
	int err;

	eio__strbuf_init(&value, 0);
	found = eio__query_get(raw, sizeof(raw) - 1, "a", &value);
	err = value.error;
	if (!found)
		err = ENGINEIO_ERR_STATE;
	eio__strbuf_clear(&value);
	return err;
}

static int decode_path(void)
{
	char path[300];
	struct eio__strbuf out;
	int err;

	memset(path, 'a', sizeof(path));
	eio__strbuf_init(&out, 0);
	err = eio__path_decode(path, sizeof(path), &out);
	eio__strbuf_clear(&out);
	return err;
}

/* zlib's own memory is behind its shared library, out of reach here. */
static int compress_body(void)
{
	char body[3000] = { 0 };
	struct eio__strbuf out;
	int err;

	eio__strbuf_init(&out, 0);
	err = eio__compress(&out, EIO__CODING_GZIP, 3, body, sizeof(body));
	eio__strbuf_clear(&out);
	return err;
}

/* A ping in pieces between the fragments of a message in pieces. */
static int parse_frames(void)
{
	struct eio__ws_parser p;
	struct eio__ws_event ev;
	unsigned char in[1000] = { 0 };
	size_t i, left;
	int err = 0, messages = 0;
	char *at;

	in[0] = 0x01;
	in[1] = 0x80 | 100;
	in[106] = 0x89;
	in[107] = 0x80 | 125;
	in[237] = 0x80;
	in[238] = 0x80 | 120;
	eio__ws_parser_init(&p, 1000, 10);
	for (i = 0; i < 363; i++) {
		at = (char *)in + i;
		left = 1;
		while (eio__ws_next(&p, &at, &left, &ev) != EIO__WS_MORE) {
			messages += ev.type == EIO__WS_MESSAGE && ev.len == 220;
			if (ev.type == EIO__WS_ERROR)
				err = ev.code == EIO__WS_INTERNAL_ERROR
					? ENGINEIO_ERR_NOMEM
					: ENGINEIO_ERR_STATE;
		}
	}
	if (!err && messages != 1)
		err = ENGINEIO_ERR_STATE;
	eio__ws_parser_clear(&p);
	return err;
}

static void map__no_memory_to_grow__keeps_what_it_has(void **state)
{
	every_allocation_fails(use_map, 4);
}

static void map__no_memory_to_shrink__stays_as_it_is(void **state)
{
	every_allocation_fails(shrink_map, 2);
}

static void strbuf__no_memory__keeps_what_it_has_and_the_error(void **state)
{
	every_allocation_fails(use_strbuf, 4);
}

static void mend__no_memory__says_so(void **state)
{
	every_allocation_fails(mend, 2);
}

static void packet__no_memory__says_so(void **state)
{
	every_allocation_fails(encode_binary, 1);
}

static void query__no_memory__says_so(void **state)
{
	every_allocation_fails(walk_query, 3);
	every_allocation_fails(look_up_query, 1);
	every_allocation_fails(decode_path, 2);
}

static void compress__no_memory__says_so(void **state)
{
	every_allocation_fails(compress_body, 1);
}

static void ws_frame__no_memory__ends_with_1011(void **state)
{
	every_allocation_fails(parse_frames, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map__no_memory_to_grow__keeps_what_it_has),
		cmocka_unit_test(map__no_memory_to_shrink__stays_as_it_is),
		cmocka_unit_test(
			strbuf__no_memory__keeps_what_it_has_and_the_error),
		cmocka_unit_test(mend__no_memory__says_so),
		cmocka_unit_test(packet__no_memory__says_so),
		cmocka_unit_test(query__no_memory__says_so),
		cmocka_unit_test(compress__no_memory__says_so),
		cmocka_unit_test(ws_frame__no_memory__ends_with_1011),
	};

	return cmocka_run_group_tests_name("nomem", tests, NULL, NULL);
}
