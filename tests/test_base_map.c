/* SPDX-License-Identifier: MIT */
/*
 * test_base_map.c: the hash table, by example and against a plain array.
 */
#include <config.h>

#include <engineio/base/map.h>

#include <engineio/engineio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 3000

static char keys[MANY][20];
static bool in[MANY];

static void make_keys(void)
{
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(keys[i], sizeof(keys[i]), "room-%d", i);
		in[i] = false;
	}
}

/* Values that are their own keys. */
static const char *own_key(const void *value)
{
	return value;
}

static int put(struct eio__map *m, char *key)
{
	return eio__map_put(m, key, strlen(key));
}

static void *get(struct eio__map *m, const char *key)
{
	return eio__map_get(m, key, strlen(key));
}

static void *del(struct eio__map *m, const char *key)
{
	return eio__map_del(m, key, strlen(key));
}

static void map__empty__has_nothing_and_no_memory(void **state)
{
	struct eio__map m;
	size_t pos = 0;

	eio__map_init(&m, 1, own_key);
	assert_null(m.slots);
	assert_int_equal(eio__map_count(&m), 0);
	assert_null(get(&m, "a"));
	assert_null(del(&m, "a"));
	assert_null(eio__map_next(&m, &pos));
	eio__map_clear(&m);
}

static void map__emptied_again__has_no_memory(void **state)
{
	char x[] = "a";
	struct eio__map m;

	eio__map_init(&m, 1, own_key);
	assert_int_equal(put(&m, x), 0);
	assert_non_null(m.slots);
	assert_ptr_equal(del(&m, "a"), x);
	assert_null(m.slots);
}

static void put__same_key_again__replaces_the_value(void **state)
{
	char old[] = "name", new[] = "name";
	struct eio__map m;

	eio__map_init(&m, 1, own_key);
	assert_int_equal(put(&m, old), 0);
	assert_int_equal(put(&m, new), 0);
	/* The first one goes, and its key with it. */
	memset(old, '?', sizeof(old) - 1);
	assert_ptr_equal(get(&m, "name"), new);
	assert_int_equal(eio__map_count(&m), 1);
	eio__map_clear(&m);
}

static void put__null_value__is_refused(void **state)
{
	struct eio__map m;

	eio__map_init(&m, 1, own_key);
	assert_int_equal(eio__map_put(&m, NULL, 1), ENGINEIO_ERR_INVALID);
	assert_int_equal(eio__map_count(&m), 0);
}

struct row {
	const char *key;
	size_t len;
};

static const char *key_of_row(const void *row)
{
	return ((const struct row *)row)->key;
}

static void key__any_bytes_and_lengths__are_told_apart(void **state)
{
	static struct row rows[] = {
		{ "", 0 },
		{ "\0", 1 },
		{ "\0\0", 2 },
		{ "a", 1 },
		{ "a\0", 2 },
		{ "A", 1 },
		{ "1234567", 7 },
		{ "12345678", 8 },
		{ "123456789", 9 },
		{ "1234567\0", 8 },
		{ "__proto__", 9 },
		{ "constructor", 11 },
	};
	const size_t n = sizeof(rows) / sizeof(*rows);
	struct eio__map m;
	size_t i;

	eio__map_init(&m, 1, key_of_row);
	assert_null(eio__map_get(&m, NULL, 0));
	for (i = 0; i < n; i++)
		assert_int_equal(eio__map_put(&m, &rows[i], rows[i].len), 0);
	assert_int_equal(eio__map_count(&m), n);
	for (i = 0; i < n; i++)
		assert_ptr_equal(eio__map_get(&m, rows[i].key, rows[i].len),
			&rows[i]);
	assert_ptr_equal(eio__map_get(&m, NULL, 0), &rows[0]);
	eio__map_clear(&m);
}

static void next__whole_walk__meets_each_value_once(void **state)
{
	struct eio__map m;
	size_t pos = 0, n = 0;
	char *key;
	int i;

	make_keys();
	eio__map_init(&m, 9, own_key);
	for (i = 0; i < MANY; i++)
		assert_int_equal(put(&m, keys[i]), 0);
	for (key = eio__map_next(&m, &pos); key;
		key = eio__map_next(&m, &pos)) {
		i = (int)(key - keys[0]) / (int)sizeof(keys[0]);
		assert_false(in[i]);
		in[i] = true;
		n++;
	}
	assert_int_equal(n, MANY);
	eio__map_clear(&m);
}

static void clear__then_used_again__works(void **state)
{
	char x[] = "a";
	struct eio__map m;

	eio__map_init(&m, 5, own_key);
	assert_int_equal(put(&m, x), 0);
	eio__map_clear(&m);
	assert_null(get(&m, "a"));
	assert_int_equal(put(&m, x), 0);
	assert_ptr_equal(get(&m, "a"), x);
	eio__map_clear(&m);
}

/* Grows, shrinks and stays, in turn. */
static void map__random_use__does_what_an_array_does(void **state)
{
	struct eio__map m;
	size_t count = 0;
	int round, i;

	make_keys();
	srand(3);
	eio__map_init(&m, 77, own_key);
	for (round = 0; round < 200000; round++) {
		i = rand() % MANY;
		if (rand() % 100 < (round / 40000 % 2 ? 20 : 70)) {
			assert_int_equal(put(&m, keys[i]), 0);
			count += !in[i];
			in[i] = true;
		} else {
			assert_ptr_equal(del(&m, keys[i]),
				in[i] ? keys[i] : NULL);
			count -= in[i];
			in[i] = false;
		}
		assert_int_equal(eio__map_count(&m), count);
		i = rand() % MANY;
		assert_ptr_equal(get(&m, keys[i]), in[i] ? keys[i] : NULL);
	}
	eio__map_clear(&m);
}

/* No marks are left behind: after any number of changes at the same size
 * there are as many empty slots as at first. */
static void map__long_use_at_one_size__does_not_grow(void **state)
{
	struct eio__map m;
	uint32_t mask;
	int i;

	make_keys();
	eio__map_init(&m, 4, own_key);
	for (i = 0; i < 100; i++)
		assert_int_equal(put(&m, keys[i]), 0);
	mask = m.mask;
	for (i = 100; i < 20000; i++) {
		assert_non_null(del(&m, keys[(i - 100) % MANY]));
		assert_int_equal(put(&m, keys[i % MANY]), 0);
		assert_int_equal(m.mask, mask);
	}
	eio__map_clear(&m);
}

static void map__many_leave__gives_memory_back(void **state)
{
	struct eio__map m;
	uint32_t mask;
	int i;

	make_keys();
	eio__map_init(&m, 4, own_key);
	for (i = 0; i < MANY; i++)
		assert_int_equal(put(&m, keys[i]), 0);
	mask = m.mask;
	for (i = 0; i < MANY - 10; i++)
		assert_ptr_equal(del(&m, keys[i]), keys[i]);
	assert_true(m.mask < mask / 16);
	for (; i < MANY; i++)
		assert_ptr_equal(get(&m, keys[i]), keys[i]);
	eio__map_clear(&m);
}

/* The order of a walk is the order of the hashes. */
static void hash__another_seed__puts_keys_elsewhere(void **state)
{
	struct eio__map m[2];
	size_t pos[2] = { 0, 0 };
	int i, same = 0;

	make_keys();
	for (i = 0; i < 2 * MANY; i++) {
		if (i % MANY == 0)
			eio__map_init(&m[i / MANY], (uint64_t)(i / MANY),
				own_key);
		assert_int_equal(put(&m[i / MANY], keys[i % MANY]), 0);
	}
	for (i = 0; i < MANY; i++)
		same += eio__map_next(&m[0], &pos[0]) ==
			eio__map_next(&m[1], &pos[1]);
	assert_true(same < MANY / 100);
	eio__map_clear(&m[0]);
	eio__map_clear(&m[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map__empty__has_nothing_and_no_memory),
		cmocka_unit_test(map__emptied_again__has_no_memory),
		cmocka_unit_test(put__same_key_again__replaces_the_value),
		cmocka_unit_test(put__null_value__is_refused),
		cmocka_unit_test(key__any_bytes_and_lengths__are_told_apart),
		cmocka_unit_test(next__whole_walk__meets_each_value_once),
		cmocka_unit_test(clear__then_used_again__works),
		cmocka_unit_test(map__random_use__does_what_an_array_does),
		cmocka_unit_test(map__long_use_at_one_size__does_not_grow),
		cmocka_unit_test(map__many_leave__gives_memory_back),
		cmocka_unit_test(hash__another_seed__puts_keys_elsewhere),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
