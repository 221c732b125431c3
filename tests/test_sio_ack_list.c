/* SPDX-License-Identifier: MIT */
/*
 * test_sio_ack_list.c: the list of acknowledgements a socket waits for.
 */
#include <config.h>

#include <socketio/ack.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct sio__acks acks;

static int setup(void **state)
{
	uint64_t id;

	sio__acks_init(&acks);
	for (id = 3; id <= 9; id += 3)
		assert_non_null(sio__acks_add(&acks, id, NULL, NULL));
	return 0;
}

static int teardown(void **state)
{
	struct sio__ack *ack;

	for (ack = sio__acks_pop(&acks); ack; ack = sio__acks_pop(&acks))
		free(ack);
	assert_int_equal(sio__acks_count(&acks), 0);
	return 0;
}

static void take__in_any_order__each_once(void **state)
{
	static const uint64_t order[] = { 6, 3, 9 };
	struct sio__ack *ack;
	size_t i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(sio__acks_count(&acks), 3 - i);
		ack = sio__acks_take(&acks, order[i]);
		assert_non_null(ack);
		assert_int_equal(ack->id, order[i]);
		free(ack);
		assert_null(sio__acks_take(&acks, order[i]));
	}
	assert_int_equal(sio__acks_count(&acks), 0);
}

static void take__unknown_id__is_nothing(void **state)
{
	static const uint64_t ids[] = { 0, 4, 10, 9007199254740991 };
	size_t i;

	for (i = 0; i < 4; i++)
		assert_null(sio__acks_take(&acks, ids[i]));
	assert_int_equal(sio__acks_count(&acks), 3);
}

static void remove__one__leaves_the_others(void **state)
{
	struct sio__ack *ack = eio__list_entry(acks.last->link.next->next,
		struct sio__ack, link);

	assert_int_equal(ack->id, 6);
	sio__acks_remove(&acks, ack);
	free(ack);
	assert_null(sio__acks_take(&acks, 6));
	assert_int_equal(sio__acks_count(&acks), 2);
}

static void pop__all__oldest_first(void **state)
{
	struct sio__ack *ack;
	uint64_t id;

	for (id = 3; id <= 9; id += 3) {
		ack = sio__acks_pop(&acks);
		assert_int_equal(ack->id, id);
		free(ack);
	}
	assert_null(sio__acks_pop(&acks));
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(take__in_any_order__each_once),
		test(take__unknown_id__is_nothing),
		test(remove__one__leaves_the_others),
		test(pop__all__oldest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
