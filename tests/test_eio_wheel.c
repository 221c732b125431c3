/* SPDX-License-Identifier: MIT */
/*
 * test_eio_wheel.c: the timer wheel, by example and against a plain list of
 * deadlines.
 */
#include <config.h>

#include <engineio/wheel.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 300

struct probe {
	struct eio__timer timer;
	int calls;
	uint64_t seen;       /* the wheel's time at the last call */
	int order;           /* of the last call among all */
	uint64_t again;      /* start anew for this time; 0: no */
	struct probe *other; /* stop this one */
};

static struct eio__wheel wheel;
static int calls;

static void on_timer(struct eio__timer *t)
{
	struct probe *p = eio__list_entry(t, struct probe, timer);

	assert_false(eio__timer_active(t));
	p->calls++;
	p->seen = wheel.now;
	p->order = calls++;
	if (p->again)
		eio__timer_start(&wheel, t, p->again);
	if (p->other)
		eio__timer_stop(&wheel, &p->other->timer);
}

static void probe_init(struct probe *p)
{
	memset(p, 0, sizeof(*p));
	eio__timer_init(&p->timer, on_timer);
}

static int setup(void **state)
{
	calls = 0;
	eio__wheel_init(&wheel, 1000);
	return 0;
}

static void
advance__to_the_millisecond__fires_neither_early_nor_late(void **state)
{
	static const uint64_t starts[] = { 0, 1, 63, 64, 4095, 1000000,
		UINT64_C(1) << 40, UINT64_C(0xfffffffffffff000) };
	static const uint64_t waits[] = { 1, 2, 62, 63, 64, 65, 127, 128, 200,
		300, 4095, 4096, 4097, 20000, 25000, 262143, 262144, 262145,
		86400000, UINT64_C(31536000000) };
	struct probe p;
	size_t i, k;

	for (i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		for (k = 0; k < sizeof(waits) / sizeof(*waits); k++) {
			uint64_t at = starts[i] + waits[k];

			if (at < starts[i])
				continue;
			eio__wheel_init(&wheel, starts[i]);
			probe_init(&p);
			eio__timer_start(&wheel, &p.timer, at);
			eio__wheel_advance(&wheel, at - 1);
			assert_int_equal(p.calls, 0);
			assert_true(eio__timer_active(&p.timer));
			eio__wheel_advance(&wheel, at);
			assert_int_equal(p.calls, 1);
			eio__wheel_advance(&wheel, at + 1);
			assert_int_equal(p.calls, 1);
		}
	}
}

static void advance__last_time_there_is__fires(void **state)
{
	struct probe p;

	probe_init(&p);
	eio__timer_start(&wheel, &p.timer, UINT64_MAX);
	eio__wheel_advance(&wheel, UINT64_MAX - 1);
	assert_int_equal(p.calls, 0);
	eio__wheel_advance(&wheel, UINT64_MAX);
	assert_int_equal(p.calls, 1);
}

static void
advance__time_already_past__fires_without_the_clock_moving(void **state)
{
	struct probe p;
	uint64_t at;

	probe_init(&p);
	eio__timer_start(&wheel, &p.timer, 3);
	assert_int_equal(p.calls, 0);
	assert_true(eio__wheel_next(&wheel, &at));
	assert_true(at <= 1000);
	eio__wheel_advance(&wheel, 1000);
	assert_int_equal(p.calls, 1);
	assert_false(eio__wheel_next(&wheel, &at));
}

static void advance__clock_going_back__counts_as_standing(void **state)
{
	struct probe p;

	probe_init(&p);
	eio__timer_start(&wheel, &p.timer, 1001);
	eio__wheel_advance(&wheel, 10);
	assert_int_equal(p.calls, 0);
	assert_int_equal(wheel.now, 1000);
	eio__wheel_advance(&wheel, 1001);
	assert_int_equal(p.calls, 1);
}

static void advance__several_due__in_order_of_time_then_start(void **state)
{
	static const uint64_t at[] = { 9000, 1001, 5000, 5000, 1064, 1001,
		9000 };
	static const int order[] = { 5, 0, 3, 4, 2, 1, 6 };
	struct probe p[7];
	int i;

	for (i = 0; i < 7; i++) {
		probe_init(&p[i]);
		eio__timer_start(&wheel, &p[i].timer, at[i]);
	}
	eio__wheel_advance(&wheel, 100000);
	for (i = 0; i < 7; i++)
		assert_int_equal(p[i].order, order[i]);
}

static void
advance__same_time_from_far_and_near__in_order_of_start(void **state)
{
	struct probe far, near;

	probe_init(&far);
	probe_init(&near);
	eio__timer_start(&wheel, &far.timer, 50000);
	eio__wheel_advance(&wheel, 49999);
	eio__timer_start(&wheel, &near.timer, 50000);
	eio__wheel_advance(&wheel, 50000);
	assert_int_equal(far.order, 0);
	assert_int_equal(near.order, 1);
}

static void
callback__starts_a_past_timer__waits_for_the_next_advance(void **state)
{
	struct probe p;
	uint64_t at;

	probe_init(&p);
	p.again = 1;
	eio__timer_start(&wheel, &p.timer, 1001);
	eio__wheel_advance(&wheel, 2000);
	assert_int_equal(p.calls, 1);
	assert_true(eio__timer_active(&p.timer));
	assert_true(eio__wheel_next(&wheel, &at));
	assert_true(at <= 2000);
	eio__wheel_advance(&wheel, 2000);
	assert_int_equal(p.calls, 2);
}

static void callback__stops_another_due_one__it_is_not_called(void **state)
{
	struct probe a, b;

	probe_init(&a);
	probe_init(&b);
	a.other = &b;
	eio__timer_start(&wheel, &a.timer, 1001);
	eio__timer_start(&wheel, &b.timer, 1002);
	eio__wheel_advance(&wheel, 1500);
	assert_int_equal(a.calls, 1);
	assert_int_equal(b.calls, 0);
	assert_false(eio__timer_active(&b.timer));
}

static void callback__stops_itself__is_harmless(void **state)
{
	struct probe a;

	probe_init(&a);
	a.other = &a;
	a.again = 3000;
	eio__timer_start(&wheel, &a.timer, 1001);
	eio__wheel_advance(&wheel, 5000);
	assert_int_equal(a.calls, 1);
	assert_false(eio__timer_active(&a.timer));
}

static void start__running_timer__only_the_new_time_counts(void **state)
{
	struct probe p;

	probe_init(&p);
	eio__timer_start(&wheel, &p.timer, 1010);
	eio__timer_start(&wheel, &p.timer, 9999);
	eio__wheel_advance(&wheel, 9998);
	assert_int_equal(p.calls, 0);
	eio__timer_start(&wheel, &p.timer, 20000);
	eio__timer_start(&wheel, &p.timer, 9999);
	eio__wheel_advance(&wheel, 9999);
	assert_int_equal(p.calls, 1);
	eio__wheel_advance(&wheel, 30000);
	assert_int_equal(p.calls, 1);
}

static void stop__twice_or_never_started__does_nothing(void **state)
{
	struct probe p;
	uint64_t at;

	probe_init(&p);
	eio__timer_stop(&wheel, &p.timer);
	eio__timer_start(&wheel, &p.timer, 5000);
	eio__timer_stop(&wheel, &p.timer);
	eio__timer_stop(&wheel, &p.timer);
	assert_false(eio__timer_active(&p.timer));
	assert_false(eio__wheel_next(&wheel, &at));
	eio__wheel_advance(&wheel, 10000);
	assert_int_equal(p.calls, 0);
}

static void next__no_timer__says_so(void **state)
{
	uint64_t at = 77;

	assert_false(eio__wheel_next(&wheel, &at));
	assert_int_equal(at, 77);
}

static void
next__followed_from_wake_to_wake__reaches_the_exact_time(void **state)
{
	struct probe p;
	uint64_t at;
	int wakes = 0;

	probe_init(&p);
	eio__timer_start(&wheel, &p.timer, 1000 + 86400000 + 7);
	while (eio__wheel_next(&wheel, &at)) {
		assert_true(at > wheel.now);
		assert_true(at <= p.timer.at);
		eio__wheel_advance(&wheel, at);
		wakes++;
	}
	assert_int_equal(p.calls, 1);
	assert_int_equal(p.seen, p.timer.at);
	assert_true(wakes <= EIO__WHEEL_LEVELS);
}

/* The plain list: what has to be called by an advance, and when the next
 * one is due. */
static uint64_t model_next(const struct probe *p)
{
	uint64_t best = UINT64_MAX;
	int i;

	for (i = 0; i < MANY; i++)
		if (eio__timer_active(&p[i].timer) && p[i].timer.at < best)
			best = p[i].timer.at;
	return best;
}

static void check_advance(struct probe *p, uint64_t now)
{
	bool due[MANY];
	int i;

	for (i = 0; i < MANY; i++) {
		due[i] = eio__timer_active(&p[i].timer) && p[i].timer.at <= now;
		p[i].calls = 0;
	}
	eio__wheel_advance(&wheel, now);
	for (i = 0; i < MANY; i++)
		assert_int_equal(p[i].calls, due[i]);
}

static void wheel__random_use__does_what_a_plain_list_does(void **state)
{
	static struct probe p[MANY];
	uint64_t now = 1000, at;
	int round, i;

	srand(7);
	for (i = 0; i < MANY; i++)
		probe_init(&p[i]);
	for (round = 0; round < 20000; round++) {
		uint64_t step = (uint64_t)rand() >> rand() % 31;

		i = rand() % MANY;
		if (rand() % 4)
			eio__timer_start(&wheel, &p[i].timer,
				now + ((uint64_t)rand() >> rand() % 31));
		else
			eio__timer_stop(&wheel, &p[i].timer);
		if (eio__wheel_next(&wheel, &at))
			assert_true(at <= model_next(p) || at <= now);
		else
			assert_true(model_next(p) == UINT64_MAX);
		if (rand() % 3)
			continue;
		now += rand() % 2 ? step : step % 100;
		check_advance(p, now);
	}
}

static void timer__embedded_in_each_session__is_small(void **state)
{
	assert_true(sizeof(struct eio__timer) <= 48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			advance__to_the_millisecond__fires_neither_early_nor_late,
			setup),
		cmocka_unit_test_setup(advance__last_time_there_is__fires,
			setup),
		cmocka_unit_test_setup(
			advance__time_already_past__fires_without_the_clock_moving,
			setup),
		cmocka_unit_test_setup(
			advance__clock_going_back__counts_as_standing, setup),
		cmocka_unit_test_setup(
			advance__several_due__in_order_of_time_then_start,
			setup),
		cmocka_unit_test_setup(
			advance__same_time_from_far_and_near__in_order_of_start,
			setup),
		cmocka_unit_test_setup(
			callback__starts_a_past_timer__waits_for_the_next_advance,
			setup),
		cmocka_unit_test_setup(
			callback__stops_another_due_one__it_is_not_called,
			setup),
		cmocka_unit_test_setup(callback__stops_itself__is_harmless,
			setup),
		cmocka_unit_test_setup(
			start__running_timer__only_the_new_time_counts, setup),
		cmocka_unit_test_setup(
			stop__twice_or_never_started__does_nothing, setup),
		cmocka_unit_test_setup(next__no_timer__says_so, setup),
		cmocka_unit_test_setup(
			next__followed_from_wake_to_wake__reaches_the_exact_time,
			setup),
		cmocka_unit_test_setup(
			wheel__random_use__does_what_a_plain_list_does, setup),
		cmocka_unit_test_setup(
			timer__embedded_in_each_session__is_small, setup),
	};

	return cmocka_run_group_tests_name("wheel", tests, NULL, NULL);
}
