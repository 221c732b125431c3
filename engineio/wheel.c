/* SPDX-License-Identifier: MIT */
/*
 * wheel.c: hierarchical timer wheel.
 *
 * A time is read as a number of eleven digits in base 64. A timer stands on
 * the level of the highest digit in which its time differs from now, in the
 * slot of that digit. On the lowest level a slot is one millisecond; on the
 * others it is sorted anew, one level or more down, when now reaches its
 * beginning. A timer therefore moves at most once per level, and in practice
 * once or twice.
 *
 * Always true: on each level only slots above now's digit are in use, so
 * slots never wrap around, and the first slot in use of the lowest level in
 * use comes before all others. A bit of `used` may be left behind by a timer
 * that was stopped; it is taken back when it is met.
 */
#include <config.h>

#include <engineio/wheel.h>

#define DIGIT (EIO__WHEEL_SLOTS - 1)

static int lowest_bit(uint64_t x)
{
#if defined(__GNUC__)
	return __builtin_ctzll(x);
#else
	int i = 0;

	for (; !(x & 1); x >>= 1)
		i++;
	return i;
#endif
}

static int highest_bit(uint64_t x)
{
#if defined(__GNUC__)
	return 63 - __builtin_clzll(x);
#else
	int i = 0;

	for (; x > 1; x >>= 1)
		i++;
	return i;
#endif
}

/* Where `list` is for timers whose time has come. */
static void place(struct eio__wheel *w, struct eio__timer *t,
	struct eio__list *list)
{
	int level, slot;

	if (t->at > w->now) {
		level = highest_bit(t->at ^ w->now) / EIO__WHEEL_BITS;
		slot = (int)(t->at >> level * EIO__WHEEL_BITS & DIGIT);
		w->used[level] |= UINT64_C(1) << slot;
		list = &w->slots[level][slot];
	}
	eio__list_add_tail(list, &t->link);
}

/* The slot that comes first and is not empty. */
static struct eio__list *first_slot(struct eio__wheel *w, int *level, int *slot)
{
	struct eio__list *list;

	for (*level = 0; *level < EIO__WHEEL_LEVELS; ++*level) {
		while (w->used[*level]) {
			*slot = lowest_bit(w->used[*level]);
			list = &w->slots[*level][*slot];
			if (!eio__list_empty(list))
				return list;
			w->used[*level] &= ~(UINT64_C(1) << *slot);
		}
	}
	return NULL;
}

/* When the slot begins: now's digits above the level, then the slot's. */
static uint64_t slot_time(const struct eio__wheel *w, int level, int slot)
{
	int shift = level * EIO__WHEEL_BITS;

	return (((w->now >> shift) & ~(uint64_t)DIGIT) | (uint64_t)slot)
		<< shift;
}

/* Now is the slot's beginning. */
static void sort_slot(struct eio__wheel *w, struct eio__list *slot)
{
	struct eio__list far, *link;

	eio__list_init(&far);
	eio__list_move(&far, slot);
	for (link = eio__list_pop(&far); link; link = eio__list_pop(&far))
		place(w, eio__list_entry(link, struct eio__timer, link),
			&w->due);
}

/* Everything that is due by then goes to the list of due timers. */
static void collect(struct eio__wheel *w, uint64_t now)
{
	struct eio__list *list;
	uint64_t begin;
	int level, slot;

	eio__list_move(&w->due, &w->ready);
	for (;;) {
		list = first_slot(w, &level, &slot);
		if (!list)
			break;
		begin = slot_time(w, level, slot);
		if (begin > now)
			break;
		w->now = begin;
		sort_slot(w, list);
	}
	if (now > w->now)
		w->now = now;
}

void eio__wheel_init(struct eio__wheel *w, uint64_t now)
{
	int level, slot;

	w->now = now;
	eio__list_init(&w->ready);
	eio__list_init(&w->due);
	for (level = 0; level < EIO__WHEEL_LEVELS; level++) {
		w->used[level] = 0;
		for (slot = 0; slot < EIO__WHEEL_SLOTS; slot++)
			eio__list_init(&w->slots[level][slot]);
	}
}

void eio__wheel_advance(struct eio__wheel *w, uint64_t now)
{
	struct eio__timer *t;
	struct eio__list *link;

	collect(w, now);
	for (link = eio__list_pop(&w->due); link;
		link = eio__list_pop(&w->due)) {
		t = eio__list_entry(link, struct eio__timer, link);
		t->fn(t);
	}
}

bool eio__wheel_next(struct eio__wheel *w, uint64_t *at)
{
	int level, slot;

	if (!eio__list_empty(&w->ready) || !eio__list_empty(&w->due)) {
		*at = w->now;
		return true;
	}
	if (!first_slot(w, &level, &slot))
		return false;
	*at = slot_time(w, level, slot);
	return true;
}

void eio__timer_init(struct eio__timer *t, void (*fn)(struct eio__timer *timer))
{
	eio__list_init(&t->link);
	t->at = 0;
	t->fn = fn;
}

void eio__timer_start(struct eio__wheel *w, struct eio__timer *t, uint64_t at)
{
	eio__list_del(&t->link);
	t->at = at;
	place(w, t, &w->ready);
}

void eio__timer_stop(struct eio__wheel *w, struct eio__timer *t)
{
	eio__list_del(&t->link);
}

bool eio__timer_active(const struct eio__timer *t)
{
	return !eio__list_empty(&t->link);
}
