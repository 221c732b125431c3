/* SPDX-License-Identifier: MIT */
/*
 * test_base_strbuf.c: the growing string.
 */
#include <config.h>

#include <engineio/base/strbuf.h>

#include <engineio/engineio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void add__pieces_of_all_kinds__are_joined(void **state)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	assert_null(b.data);
	assert_int_equal(eio__strbuf_adds(&b, "a="), 0);
	assert_int_equal(eio__strbuf_addu(&b, 0), 0);
	assert_int_equal(eio__strbuf_addc(&b, ','), 0);
	assert_int_equal(eio__strbuf_addu(&b, UINT64_MAX), 0);
	assert_int_equal(eio__strbuf_printf(&b, ";%s:%d", "x", -7), 0);
	assert_int_equal(eio__strbuf_add(&b, "\0z", 2), 0);
	assert_int_equal(b.len, 31);
	assert_memory_equal(b.data, "a=0,18446744073709551615;x:-7\0z", 32);
	eio__strbuf_clear(&b);
}

static void add__after_each__ends_with_nul(void **state)
{
	struct eio__strbuf b;
	size_t i;

	eio__strbuf_init(&b, 0);
	for (i = 0; i < 5000; i++) {
		assert_int_equal(eio__strbuf_addc(&b, (char)('a' + i % 26)), 0);
		assert_int_equal(b.data[b.len], 0);
		assert_true(b.len < b.cap);
	}
	for (i = 0; i < 5000; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
	eio__strbuf_clear(&b);
}

static void add__nothing__still_gives_a_text(void **state)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	assert_int_equal(eio__strbuf_add(&b, NULL, 0), 0);
	assert_string_equal(b.data, "");
	eio__strbuf_clear(&b);
}

static void limit__exactly_reached__passes_and_one_more_does_not(void **state)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 10);
	assert_int_equal(eio__strbuf_adds(&b, "1234567890"), 0);
	assert_true(b.cap <= 11);
	assert_int_equal(eio__strbuf_add(&b, NULL, 0), 0);
	assert_int_equal(eio__strbuf_addc(&b, 'x'), ENGINEIO_ERR_FULL);
	assert_string_equal(b.data, "1234567890");
	eio__strbuf_clear(&b);
}

/* Byte by byte, memory is asked for a few times, and at last for just what
 * the limit allows. */
static void add__byte_by_byte__doubles_the_memory(void **state)
{
	static const size_t limits[] = { 0, 5000, SIZE_MAX };
	struct eio__strbuf b;
	size_t i, k, cap;
	int steps;

	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		eio__strbuf_init(&b, limits[i]);
		cap = 0;
		steps = 0;
		for (k = 0; k < 5000; k++) {
			assert_int_equal(eio__strbuf_addc(&b, 'x'), 0);
			steps += b.cap != cap;
			cap = b.cap;
		}
		assert_true(steps <= 8);
		if (limits[i] == 5000)
			assert_int_equal(cap, 5001);
		eio__strbuf_clear(&b);
	}
}

static void error__once_there__stays_until_reset(void **state)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 5);
	eio__strbuf_adds(&b, "123");
	assert_int_equal(eio__strbuf_adds(&b, "456"), ENGINEIO_ERR_FULL);
	assert_int_equal(eio__strbuf_adds(&b, "4"), ENGINEIO_ERR_FULL);
	assert_int_equal(eio__strbuf_addu(&b, 4), ENGINEIO_ERR_FULL);
	assert_int_equal(eio__strbuf_printf(&b, "4"), ENGINEIO_ERR_FULL);
	assert_null(eio__strbuf_reserve(&b, 0));
	assert_string_equal(b.data, "123");
	eio__strbuf_reset(&b);
	assert_int_equal(b.error, 0);
	assert_string_equal(b.data, "");
	assert_int_equal(eio__strbuf_adds(&b, "45"), 0);
	assert_string_equal(b.data, "45");
	eio__strbuf_clear(&b);
	assert_int_equal(b.limit, 5);
	assert_null(b.data);
}

static void printf__over_the_limit__adds_nothing(void **state)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 8);
	assert_int_equal(eio__strbuf_printf(&b, "%s", "12345678"), 0);
	eio__strbuf_reset(&b);
	assert_int_equal(eio__strbuf_printf(&b, "%s", "123456789"),
		ENGINEIO_ERR_FULL);
	assert_int_equal(b.len, 0);
	eio__strbuf_clear(&b);
}

static void reserve__room_written_by_the_caller__is_kept(void **state)
{
	struct eio__strbuf b;
	char *at;

	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "ab");
	at = eio__strbuf_reserve(&b, 1000);
	assert_non_null(at);
	assert_ptr_equal(at, b.data + 2);
	assert_int_equal(b.len, 2);
	memset(at, 'x', 1001); /* room for a NUL as well */
	b.len += 1000;
	assert_int_equal(eio__strbuf_adds(&b, "cd"), 0);
	assert_string_equal(b.data + 1000, "xxcd");
	eio__strbuf_clear(&b);
}

static void reserve__more_than_there_can_be__is_out_of_memory(void **state)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	eio__strbuf_addc(&b, 'a');
	assert_null(eio__strbuf_reserve(&b, SIZE_MAX - 1));
	assert_int_equal(b.error, ENGINEIO_ERR_NOMEM);
	eio__strbuf_reset(&b);
	assert_null(eio__strbuf_reserve(&b, SIZE_MAX));
	assert_int_equal(b.error, ENGINEIO_ERR_NOMEM);
	eio__strbuf_clear(&b);
}

static void borrow__what_was_given_back__is_the_same_memory(void **state)
{
	struct eio__strbuf spare, b, small;
	char *memory;

	eio__strbuf_init(&spare, 0);
	eio__strbuf_init(&b, 0);
	eio__strbuf_init(&small, 10);
	eio__strbuf_borrow(&b, &spare);
	assert_null(b.data);
	eio__strbuf_adds(&b, "first");
	memory = b.data;
	eio__strbuf_give_back(&b, &spare, 100);
	assert_null(b.data);
	assert_int_equal(b.len + b.cap, 0);
	/* Not what breaks a limit, nor in the place of what is there. */
	eio__strbuf_borrow(&small, &spare);
	assert_null(small.data);
	eio__strbuf_adds(&b, "mine");
	eio__strbuf_borrow(&b, &spare);
	assert_string_equal(b.data, "mine");
	/* The spare has some already. */
	eio__strbuf_give_back(&b, &spare, 100);
	assert_null(b.data);
	eio__strbuf_borrow(&b, &spare);
	assert_ptr_equal(b.data, memory);
	assert_string_equal(b.data, "");
	assert_null(spare.data);
	eio__strbuf_adds(&b, "second");
	assert_string_equal(b.data, "second");
	/* Too large to be kept. */
	eio__strbuf_give_back(&b, &spare, 10);
	assert_null(b.data);
	assert_null(spare.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(add__pieces_of_all_kinds__are_joined),
		cmocka_unit_test(add__after_each__ends_with_nul),
		cmocka_unit_test(add__nothing__still_gives_a_text),
		cmocka_unit_test(
			limit__exactly_reached__passes_and_one_more_does_not),
		cmocka_unit_test(add__byte_by_byte__doubles_the_memory),
		cmocka_unit_test(error__once_there__stays_until_reset),
		cmocka_unit_test(printf__over_the_limit__adds_nothing),
		cmocka_unit_test(reserve__room_written_by_the_caller__is_kept),
		cmocka_unit_test(
			reserve__more_than_there_can_be__is_out_of_memory),
		cmocka_unit_test(
			borrow__what_was_given_back__is_the_same_memory),
	};

	return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
