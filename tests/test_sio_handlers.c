/* SPDX-License-Identifier: MIT */
/*
 * test_sio_handlers.c: the list of handlers, above all while it changes
 * under a walk.
 */
#include <config.h>

#include <socketio/handlers.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct sio__handlers handlers;
static char called[200];

/* Each says its letter, then does what its user pointer says. */
static void say(char letter)
{
	size_t n = strlen(called);

	assert_true(n + 1 < sizeof(called));
	called[n] = letter;
	called[n + 1] = '\0';
}

static void a(sio_socket *s, sio_event *ev, void *user)
{
	say('a');
}

static void b(sio_socket *s, sio_event *ev, void *user)
{
	say('b');
}

static void removes_b(sio_socket *s, sio_event *ev, void *user)
{
	say('-');
	sio__handlers_remove(&handlers, "x", b);
}

static void removes_itself(sio_socket *s, sio_event *ev, void *user)
{
	say('!');
	sio__handlers_remove(&handlers, "x", removes_itself);
}

static void adds_b(sio_socket *s, sio_event *ev, void *user)
{
	int i;

	say('+');
	/* often enough for the list to move */
	for (i = 0; i < 20; i++)
		assert_int_equal(sio__handlers_add(&handlers, "x", b, NULL, 0),
			0);
}

static void walk_now(const char *name);

static void walks_again(sio_socket *s, sio_event *ev, void *user)
{
	say('(');
	sio__handlers_remove(&handlers, "x", walks_again);
	walk_now("x");
	say(')');
}

static void walk_now(const char *name)
{
	struct sio__span span = { NULL, 0 };
	struct sio__handlers_walk walk;
	sio_handler fn;
	void *user;

	if (name)
		span = sio__span_text(name);
	sio__handlers_walk(&handlers, &walk, span);
	while (sio__handlers_next(&walk, &fn, &user))
		fn(NULL, NULL, user);
}

static const char *walked(const char *name)
{
	called[0] = '\0';
	walk_now(name);
	return called;
}

static void add(const char *name, sio_handler fn)
{
	assert_int_equal(sio__handlers_add(&handlers, name, fn, NULL, 0), 0);
}

static int setup(void **state)
{
	sio__handlers_init(&handlers);
	called[0] = '\0';
	return 0;
}

static int teardown(void **state)
{
	assert_null(handlers.walk);
	assert_false(handlers.gaps);
	sio__handlers_clear(&handlers);
	return 0;
}

static void walk__names__are_told_apart(void **state)
{
	struct sio__span cut = { "xyz", 1 };

	assert_string_equal(walked("x"), "");
	add("x", a);
	add("y", b);
	add("x", b);
	add("", a);
	add(NULL, a);
	assert_string_equal(walked("x"), "ab");
	assert_string_equal(walked("y"), "b");
	assert_string_equal(walked(""), "a");
	assert_string_equal(walked(NULL), "a");
	assert_string_equal(walked("z"), "");
	assert_true(sio__handlers_has(&handlers, cut));
	cut.n = 2;
	assert_false(sio__handlers_has(&handlers, cut));
	cut.p = NULL;
	assert_true(sio__handlers_has(&handlers, cut));
}

static void walk__registered_twice__is_called_twice(void **state)
{
	add("x", a);
	add("x", a);
	assert_string_equal(walked("x"), "aa");
	sio__handlers_remove(&handlers, "x", a);
	assert_string_equal(walked("x"), "");
}

static void remove__another_name__stays(void **state)
{
	add("x", a);
	add("y", a);
	add(NULL, a);
	sio__handlers_remove(&handlers, "x", a);
	assert_string_equal(walked("y"), "a");
	assert_string_equal(walked(NULL), "a");
	sio__handlers_remove(&handlers, NULL, a);
	assert_string_equal(walked(NULL), "");
	assert_string_equal(walked("y"), "a");
	sio__handlers_remove(&handlers, "y", b);
	assert_string_equal(walked("y"), "a");
}

static void removed__without_a_function__takes_all_of_the_name(void **state)
{
	add("x", a);
	add("x", b);
	add("y", a);
	add(NULL, b);
	sio__handlers_remove(&handlers, "x", NULL);
	assert_string_equal(walked("x"), "");
	assert_string_equal(walked("y"), "a");
	sio__handlers_remove(&handlers, NULL, NULL);
	assert_string_equal(walked(NULL), "");
	assert_string_equal(walked("y"), "a");
}

static void put_first(const char *name, sio_handler fn)
{
	assert_int_equal(sio__handlers_add(&handlers, name, fn, NULL,
				 SIO__FIRST),
		0);
}

static void puts_b_first(sio_socket *s, sio_event *ev, void *user)
{
	say('<');
	put_first("x", b);
	put_first("x", b);
}

static void first__of_several__is_called_before(void **state)
{
	add("x", a);
	put_first("x", b);
	put_first("y", b);
	assert_string_equal(walked("x"), "ba");
}

static void first__during_the_walk__is_called_next_time(void **state)
{
	add("x", walks_again);
	add("x", puts_b_first);
	add("x", a);
	/* the inner walk, then the outer one: each calls everybody once */
	assert_string_equal(walked("x"), "(<a)<a");
	sio__handlers_remove(&handlers, "x", puts_b_first);
	assert_string_equal(walked("x"), "bbbba");
}

static void count__of_each_name__leaves_out_the_removed(void **state)
{
	struct sio__span every = { NULL, 0 };

	add("x", a);
	add("x", a);
	add("y", a);
	add(NULL, a);
	assert_int_equal(sio__handlers_count(&handlers, sio__span_text("x")),
		2);
	assert_int_equal(sio__handlers_count(&handlers, every), 1);
	sio__handlers_remove(&handlers, "x", a);
	assert_int_equal(sio__handlers_count(&handlers, sio__span_text("x")),
		0);
}

static void copy__of_a_list__is_one_of_its_own(void **state)
{
	struct sio__handlers copy;

	add("x", a);
	assert_int_equal(sio__handlers_add(&handlers, "x", b, NULL, SIO__ONCE),
		0);
	sio__handlers_init(&copy);
	assert_int_equal(sio__handlers_copy(&copy, &handlers), 0);
	sio__handlers_clear(&handlers);
	handlers = copy;
	assert_string_equal(walked("x"), "ab");
	assert_string_equal(walked("x"), "a");
}

static void once__called__is_gone(void **state)
{
	assert_int_equal(sio__handlers_add(&handlers, "x", a, NULL, SIO__ONCE),
		0);
	add("x", b);
	assert_string_equal(walked("x"), "ab");
	assert_string_equal(walked("x"), "b");
	assert_int_equal(handlers.n, 1);
}

static void removed__during_the_walk__is_not_called(void **state)
{
	add("x", a);
	add("x", removes_b);
	add("x", b);
	add("x", a);
	assert_string_equal(walked("x"), "a-a");
	assert_int_equal(handlers.n, 3);
}

static void removed__itself_during_the_walk__others_go_on(void **state)
{
	add("x", removes_itself);
	add("x", removes_itself);
	add("x", a);
	assert_string_equal(walked("x"), "!a");
	assert_string_equal(walked("x"), "a");
}

static void added__during_the_walk__is_called_next_time(void **state)
{
	add("x", adds_b);
	add("x", a);
	assert_string_equal(walked("x"), "+a");
	sio__handlers_remove(&handlers, "x", adds_b);
	assert_string_equal(walked("x"), "abbbbbbbbbbbbbbbbbbbb");
}

static void walk__within_a_walk__keeps_both_places(void **state)
{
	add("x", a);
	add("x", walks_again);
	add("x", removes_itself);
	add("x", b);
	assert_string_equal(walked("x"), "a(a!b)b");
	assert_string_equal(walked("x"), "ab");
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(walk__names__are_told_apart),
		test(walk__registered_twice__is_called_twice),
		test(remove__another_name__stays),
		test(removed__without_a_function__takes_all_of_the_name),
		test(first__of_several__is_called_before),
		test(first__during_the_walk__is_called_next_time),
		test(count__of_each_name__leaves_out_the_removed),
		test(copy__of_a_list__is_one_of_its_own),
		test(once__called__is_gone),
		test(removed__during_the_walk__is_not_called),
		test(removed__itself_during_the_walk__others_go_on),
		test(added__during_the_walk__is_called_next_time),
		test(walk__within_a_walk__keeps_both_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
