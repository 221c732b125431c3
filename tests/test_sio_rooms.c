/* SPDX-License-Identifier: MIT */
/*
 * test_sio_rooms.c: rooms by example, and against a table of bits.
 */
#include <config.h>

#include <socketio/rooms.h>

#include <engineio/engineio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define PEOPLE 40

static struct sio__rooms rooms;
static struct person {
	struct sio__occupant occupant;
	char id[8];
} people[PEOPLE];

static const char *id_of(const void *occupant)
{
	return ((const struct person *)occupant)->id;
}

static int setup(void **state)
{
	size_t i;

	sio__rooms_init(&rooms, 1, id_of);
	for (i = 0; i < PEOPLE; i++) {
		sio__occupant_init(&people[i].occupant);
		snprintf(people[i].id, sizeof(people[i].id), "id%zu", i);
	}
	return 0;
}

static int teardown(void **state)
{
	size_t i;

	for (i = 0; i < PEOPLE; i++) {
		sio__rooms_exit(&rooms, &people[i].occupant);
		sio__rooms_leave_all(&rooms, &people[i].occupant);
	}
	/* A room goes with the last who leaves it. */
	assert_int_equal(eio__map_count(&rooms.by_name), 0);
	assert_int_equal(eio__map_count(&rooms.by_id), 0);
	sio__rooms_clear(&rooms);
	return 0;
}

static void enter(int i)
{
	assert_int_equal(sio__rooms_enter(&rooms, &people[i].occupant), 0);
}

static void leave_nsp(int i)
{
	sio__rooms_exit(&rooms, &people[i].occupant);
}

static void join(int i, const char *room)
{
	assert_int_equal(sio__rooms_join(&rooms, &people[i].occupant, room,
				 100),
		0);
}

static void leave(int i, const char *room)
{
	sio__rooms_leave(&rooms, &people[i].occupant, room);
}

/* Who is met, as "0 3 5", by rooms given as "a b" (NULL: none). */
static const char *met(const char *to, const char *except)
{
	static char out[PEOPLE * 4], names[2][80];
	const char *list[2][8];
	struct sio__selection selection = { list[0], list[1], 0, 0 };
	const char *texts[2];
	size_t *counts[2];
	struct sio__rooms_walk walk;
	struct sio__occupant *o;
	size_t len = 0;
	int i;

	texts[0] = to;
	texts[1] = except;
	counts[0] = &selection.to_n;
	counts[1] = &selection.except_n;
	for (i = 0; i < 2; i++) {
		char *p = names[i];

		snprintf(p, sizeof(names[i]), "%s", texts[i] ? texts[i] : "");
		while (*p) {
			list[i][(*counts[i])++] = p;
			p += strcspn(p, " ");
			if (*p)
				*p++ = '\0';
		}
	}
	sio__rooms_walk(&rooms, &walk, &selection);
	out[0] = '\0';
	for (o = sio__rooms_next(&walk); o; o = sio__rooms_next(&walk))
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%d",
			len ? " " : "", (int)((struct person *)o - people));
	assert_null(sio__rooms_next(&walk));
	return out;
}

static void select__no_room__is_everybody_in_order(void **state)
{
	assert_string_equal(met(NULL, NULL), "");
	enter(2);
	enter(0);
	enter(1);
	assert_string_equal(met(NULL, NULL), "2 0 1");
	leave_nsp(0);
	assert_string_equal(met(NULL, NULL), "2 1");
	enter(0);
	assert_string_equal(met(NULL, NULL), "2 1 0");
	assert_int_equal(sio__rooms_count(&rooms), 3);
}

static void select__room__is_its_members_in_order_of_joining(void **state)
{
	enter(0);
	enter(1);
	enter(2);
	join(2, "a");
	join(0, "a");
	assert_string_equal(met("a", NULL), "2 0");
	assert_string_equal(met("none", NULL), "");
	join(2, "a");
	assert_string_equal(met("a", NULL), "2 0");
	leave(2, "a");
	leave(2, "a");
	leave(1, "a");
	leave(1, "none");
	assert_string_equal(met("a", NULL), "0");
}

static void select__several_rooms__meet_each_once(void **state)
{
	int i;

	for (i = 0; i < 5; i++)
		enter(i);
	join(0, "a");
	join(1, "a");
	join(1, "b");
	join(2, "b");
	join(3, "c");
	assert_string_equal(met("b a", NULL), "1 2 0");
	assert_string_equal(met("a none b a", NULL), "0 1 2");
	assert_string_equal(met("a id0 id4", NULL), "0 1 4");
}

static void select__except__takes_out(void **state)
{
	int i;

	for (i = 0; i < 5; i++)
		enter(i);
	join(0, "a");
	join(1, "a");
	join(1, "b");
	assert_string_equal(met("a", "b"), "0");
	assert_string_equal(met(NULL, "a"), "2 3 4");
	assert_string_equal(met(NULL, "a id3 none"), "2 4");
	assert_string_equal(met("a", "id0"), "1");
	assert_string_equal(met("a b", "a"), "");
}

static void select__own_room__is_the_id(void **state)
{
	enter(0);
	enter(1);
	assert_string_equal(met("id1", NULL), "1");
	/* somebody else may join it */
	join(0, "id1");
	assert_string_equal(met("id1", NULL), "1 0");
	assert_string_equal(met(NULL, "id1"), "");
	leave_nsp(1);
	assert_string_equal(met("id1", NULL), "0");
}

static void select__who_has_not_entered__is_not_met(void **state)
{
	join(0, "a");
	join(1, "a");
	enter(1);
	assert_string_equal(met("a", NULL), "1");
	enter(0);
	assert_string_equal(met("a", NULL), "0 1");
	leave_nsp(1);
	assert_string_equal(met("a", NULL), "0");
	assert_true(sio__rooms_is_in(&rooms, &people[1].occupant, "a"));
}

static void join__limit__is_told(void **state)
{
	enter(0);
	assert_int_equal(sio__rooms_join(&rooms, &people[0].occupant, "a", 2),
		0);
	assert_int_equal(sio__rooms_join(&rooms, &people[0].occupant, "b", 2),
		0);
	assert_int_equal(sio__rooms_join(&rooms, &people[0].occupant, "c", 2),
		ENGINEIO_ERR_FULL);
	assert_int_equal(sio__rooms_join(&rooms, &people[0].occupant, "b", 2),
		0);
	assert_string_equal(met("c", NULL), "");
	leave(0, "a");
	assert_int_equal(sio__rooms_join(&rooms, &people[0].occupant, "c", 2),
		0);
	assert_int_equal(people[0].occupant.count, 2);
}

static void seats__of_an_occupant__are_in_order_of_joining(void **state)
{
	static const char *const names[] = { "c", "a", "b" };
	const struct sio__seat *seat;
	int i = 0;

	join(0, "c");
	join(0, "x");
	join(0, "a");
	join(0, "b");
	leave(0, "x");
	for (seat = people[0].occupant.seats; seat; seat = seat->next)
		assert_string_equal(sio__seat_name(seat), names[i++]);
	assert_int_equal(i, 3);
	sio__rooms_leave_all(&rooms, &people[0].occupant);
	assert_null(people[0].occupant.seats);
}

static void find__id__is_who_has_entered(void **state)
{
	assert_null(sio__rooms_find(&rooms, "id1"));
	enter(1);
	assert_ptr_equal(sio__rooms_find(&rooms, "id1"), &people[1].occupant);
	leave_nsp(1);
	assert_null(sio__rooms_find(&rooms, "id1"));
	leave_nsp(1);
	assert_false(sio__occupant_entered(&people[1].occupant));
}

static void places__walked_by_number__are_everybody(void **state)
{
	size_t i, n = 0;

	for (i = 0; i < PEOPLE; i++)
		enter((int)i);
	for (i = 0; i < PEOPLE; i += 3)
		leave_nsp((int)i);
	for (i = 0; i < sio__rooms_places(&rooms); i++)
		n += sio__rooms_at(&rooms, i) != NULL;
	assert_int_equal(n, sio__rooms_count(&rooms));
	assert_int_equal(n, 26);
}

static void marks__when_they_begin_anew__still_meet_each_once(void **state)
{
	enter(0);
	enter(1);
	join(0, "a");
	join(1, "a");
	rooms.mark = UINT32_MAX - 2;
	assert_string_equal(met("a a", "id1"), "0");
	assert_string_equal(met("a a", "id1"), "0");
	assert_string_equal(met("a a", "id1"), "0");
	assert_string_equal(met("a a", "id0"), "1");
	/* outside while they began anew */
	leave_nsp(0);
	rooms.mark = UINT32_MAX;
	assert_string_equal(met("a", NULL), "1");
	enter(0);
	assert_string_equal(met("a", NULL), "0 1");
}

/* -- against a table ------------------------------------------------------- */

#define NAMES 6

static const char *const names[NAMES] = { "a", "b", "c", "id0", "id1", "id2" };
static bool inside[PEOPLE], in_room[PEOPLE][NAMES];

static bool expected(int i, unsigned to, unsigned except)
{
	bool wanted = to == 0;
	int r;

	if (!inside[i])
		return false;
	for (r = 0; r < NAMES; r++) {
		bool member = in_room[i][r] || i == r - 3;

		if (member && except >> r & 1)
			return false;
		if (member && to >> r & 1)
			wanted = true;
	}
	return wanted;
}

static void check_selection(unsigned to, unsigned except)
{
	const char *list[2][NAMES];
	struct sio__selection selection = { list[0], list[1], 0, 0 };
	bool seen[PEOPLE] = { false };
	struct sio__rooms_walk walk;
	struct sio__occupant *o;
	int r, i;

	for (r = 0; r < NAMES; r++) {
		if (to >> r & 1)
			list[0][selection.to_n++] = names[r];
		if (except >> r & 1)
			list[1][selection.except_n++] = names[r];
	}
	sio__rooms_walk(&rooms, &walk, &selection);
	for (o = sio__rooms_next(&walk); o; o = sio__rooms_next(&walk)) {
		i = (int)((struct person *)o - people);
		assert_false(seen[i]);
		seen[i] = true;
	}
	for (i = 0; i < PEOPLE; i++)
		assert_int_equal(seen[i], expected(i, to, except));
}

static void random_step(unsigned number)
{
	int i = (int)(number >> 8) % PEOPLE, r = (int)(number >> 16) % NAMES;

	switch (number % 8) {
	case 0:
		if (!inside[i])
			enter(i);
		inside[i] = true;
		break;
	case 1:
		leave_nsp(i);
		inside[i] = false;
		break;
	case 2:
		sio__rooms_leave_all(&rooms, &people[i].occupant);
		memset(in_room[i], 0, sizeof(in_room[i]));
		break;
	case 3:
	case 4:
		leave(i, names[r]);
		in_room[i][r] = false;
		break;
	default:
		join(i, names[r]);
		in_room[i][r] = true;
		break;
	}
}

static void rooms__any_sequence__agree_with_a_table(void **state)
{
	unsigned number = 1;
	int step;

	memset(inside, 0, sizeof(inside));
	memset(in_room, 0, sizeof(in_room));
	for (step = 0; step < 20000; step++) {
		number = number * 1664525u + 1013904223u;
		random_step(number >> 4);
		if (step % 20 == 0)
			check_selection(number >> 8 & number >> 14 & 63,
				number >> 20 & number >> 26 & 63);
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(select__no_room__is_everybody_in_order),
		test(select__room__is_its_members_in_order_of_joining),
		test(select__several_rooms__meet_each_once),
		test(select__except__takes_out),
		test(select__own_room__is_the_id),
		test(select__who_has_not_entered__is_not_met),
		test(join__limit__is_told),
		test(seats__of_an_occupant__are_in_order_of_joining),
		test(find__id__is_who_has_entered),
		test(places__walked_by_number__are_everybody),
		test(marks__when_they_begin_anew__still_meet_each_once),
		test(rooms__any_sequence__agree_with_a_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
