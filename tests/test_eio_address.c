/* SPDX-License-Identifier: MIT */
/*
 * test_eio_address.c: addresses and ranges of them.
 */
#include <config.h>

#include <engineio/address.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* -- addresses ----------------------------------------------------------- */

static const struct {
	const char *text, *printed; /* NULL: no address */
} addresses[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "::1", "::1" },
	{ "2001:DB8:0:0::1", "2001:db8::1" },
	{ "::ffff:192.0.2.1", "192.0.2.1" },
	{ "::ffff:c000:201", "192.0.2.1" },
	{ "::192.0.2.1", "::192.0.2.1" },
	{ "", NULL },
	{ "192.0.2", NULL },
	{ "192.0.2.256", NULL },
	{ "192.0.2.01", NULL },
	{ "192.0.2.1 ", NULL },
	{ " 192.0.2.1", NULL },
	{ "192.0.2.1:80", NULL },
	{ "[::1]", NULL },
	{ "fe80::1%eth0", NULL },
	{ "localhost", NULL },
	{ "0x7f.1", NULL },
	{ ":", NULL },
};

static void parse__each_row__gives_the_address_or_none(void **state)
{
	char text[EIO__ADDRESS_MAX];
	struct eio__address a;
	size_t i;

	for (i = 0; i < COUNT(addresses); i++) {
		if (!eio__address_parse(&a, addresses[i].text)) {
			assert_null(addresses[i].printed);
			continue;
		}
		eio__address_print(&a, text);
		assert_non_null(addresses[i].printed);
		assert_string_equal(text, addresses[i].printed);
	}
}

static void print__of_no_address__is_empty(void **state)
{
	struct eio__address a = { .len = 0 };
	char text[EIO__ADDRESS_MAX] = "rubbish";

	eio__address_print(&a, text);
	assert_string_equal(text, "");
}

/* -- ranges -------------------------------------------------------------- */

static const struct {
	const char *range, *address;
	bool has;
} ranges[] = {
	{ "10.0.0.0/8", "10.0.0.0", true },
	{ "10.0.0.0/8", "10.255.255.255", true },
	{ "10.0.0.0/8", "11.0.0.0", false },
	{ "10.1.2.3/8", "10.9.9.9", true },
	{ "192.168.4.0/22", "192.168.7.255", true },
	{ "192.168.4.0/22", "192.168.8.0", false },
	{ "192.168.4.0/22", "192.168.3.255", false },
	{ "127.0.0.1", "127.0.0.1", true },
	{ "127.0.0.1", "127.0.0.2", false },
	{ "127.0.0.1/32", "127.0.0.1", true },
	{ "127.0.0.1/31", "127.0.0.0", true },
	{ "0.0.0.0/0", "203.0.113.9", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "2001:db8::1", true },
	{ "::/0", "203.0.113.9", false },
	{ "2001:db8::/32", "2001:db8:ffff::1", true },
	{ "2001:db8::/32", "2001:db9::1", false },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "::1", "::1", true },
	{ "::1/128", "::2", false },
	{ "10.0.0.0/8", "::ffff:10.1.1.1", true },
	{ "::ffff:10.0.0.0/104", "10.1.1.1", true },
	{ "::ffff:10.0.0.0/104", "11.1.1.1", false },
	{ "::ffff:10.0.0.1", "10.0.0.1", true },
};

static void range__each_row__has_the_address_or_not(void **state)
{
	struct eio__address a;
	struct eio__range r;
	size_t i;

	for (i = 0; i < COUNT(ranges); i++) {
		assert_true(eio__range_parse(&r, ranges[i].range));
		assert_true(eio__address_parse(&a, ranges[i].address));
		assert_int_equal(eio__range_has(&r, &a), ranges[i].has);
	}
}

static void range__has_no_unix_peer(void **state)
{
	struct eio__address none = { .len = 0 };
	struct eio__range r;

	assert_true(eio__range_parse(&r, "0.0.0.0/0"));
	assert_false(eio__range_has(&r, &none));
	assert_true(eio__range_parse(&r, "::/0"));
	assert_false(eio__range_has(&r, &none));
}

static void range__that_is_none__is_refused(void **state)
{
	static const char *const bad[] = { "", "/", "/8", "10.0.0.0/",
		"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ",
		"10.0.0.0/8/8", "10.0.0/8", "::/129", "::/1000", "10/8", "all",
		"::ffff:10.0.0.0/95", "::ffff:10.0.0.0/129", "fe80::%1/64",
		"10.0.0.0/0x8",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/8" };
	struct eio__range r;
	size_t i;

	for (i = 0; i < COUNT(bad); i++)
		assert_false(eio__range_parse(&r, bad[i]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse__each_row__gives_the_address_or_none),
		cmocka_unit_test(print__of_no_address__is_empty),
		cmocka_unit_test(range__each_row__has_the_address_or_not),
		cmocka_unit_test(range__has_no_unix_peer),
		cmocka_unit_test(range__that_is_none__is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
