/* SPDX-License-Identifier: MIT */
/*
 * test_base_list.c: the embedded list.
 */
#include <config.h>

#include <engineio/base/list.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct item {
	char name;
	struct eio__list link;
};

static struct eio__list list, other;
static struct item a = { .name = 'a' }, b = { .name = 'b' },
		   c = { .name = 'c' };

static int setup(void **state)
{
	eio__list_init(&list);
	eio__list_init(&other);
	eio__list_init(&a.link);
	eio__list_init(&b.link);
	eio__list_init(&c.link);
	return 0;
}

/* The names in the list, once forwards and once backwards. */
static void check(struct eio__list *l, const char *names)
{
	struct eio__list *pos;
	size_t i = 0, n = strlen(names);

	eio__list_for_each(pos, l)
		assert_int_equal(eio__list_entry(pos, struct item, link)->name,
			names[i++]);
	assert_int_equal(i, n);
	for (pos = l->prev; pos != l; pos = pos->prev)
		assert_int_equal(eio__list_entry(pos, struct item, link)->name,
			names[--i]);
	assert_int_equal(i, 0);
	assert_int_equal(eio__list_empty(l), n == 0);
}

static void add__at_both_ends__keeps_the_order(void **state)
{
	check(&list, "");
	eio__list_add_tail(&list, &b.link);
	eio__list_add_tail(&list, &c.link);
	eio__list_add_head(&list, &a.link);
	check(&list, "abc");
}

static void del__at_each_place__leaves_the_others(void **state)
{
	eio__list_add_tail(&list, &a.link);
	eio__list_add_tail(&list, &b.link);
	eio__list_add_tail(&list, &c.link);
	eio__list_del(&b.link);
	check(&list, "ac");
	eio__list_del(&c.link);
	check(&list, "a");
	eio__list_del(&a.link);
	check(&list, "");
}

static void del__twice_or_never_added__is_safe(void **state)
{
	eio__list_add_tail(&list, &a.link);
	eio__list_add_tail(&list, &b.link);
	eio__list_del(&a.link);
	assert_true(eio__list_empty(&a.link));
	eio__list_del(&a.link);
	eio__list_del(&c.link);
	check(&list, "b");
}

static void move__to_a_list_with_members__goes_behind_them(void **state)
{
	eio__list_add_tail(&list, &a.link);
	eio__list_add_tail(&other, &b.link);
	eio__list_add_tail(&other, &c.link);
	eio__list_move(&list, &other);
	check(&list, "abc");
	check(&other, "");
	eio__list_move(&list, &other);
	check(&list, "abc");
	eio__list_move(&other, &list);
	check(&other, "abc");
	check(&list, "");
}

static void pop__until_empty__gives_them_in_order_then_null(void **state)
{
	eio__list_add_tail(&list, &a.link);
	eio__list_add_tail(&list, &b.link);
	assert_ptr_equal(eio__list_pop(&list), &a.link);
	assert_true(eio__list_empty(&a.link));
	assert_ptr_equal(eio__list_pop(&list), &b.link);
	assert_null(eio__list_pop(&list));
	check(&list, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(add__at_both_ends__keeps_the_order,
			setup),
		cmocka_unit_test_setup(del__at_each_place__leaves_the_others,
			setup),
		cmocka_unit_test_setup(del__twice_or_never_added__is_safe,
			setup),
		cmocka_unit_test_setup(
			move__to_a_list_with_members__goes_behind_them, setup),
		cmocka_unit_test_setup(
			pop__until_empty__gives_them_in_order_then_null, setup),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
