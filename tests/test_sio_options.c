/* SPDX-License-Identifier: MIT */
/*
 * test_sio_options.c: every option of the server: its standard, its bounds,
 * that it has an effect, and that a limit is counted and logged when it is
 * reached.
 */
#include <config.h>

#include "option_effects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ROWS (sizeof(effects) / sizeof(*effects))

static void table__of_this_test__has_every_option(void **state)
{
	static const char *const names[] = {
#define X(name, value, unit, official, text) #name,
		SIO_OPTION_MAP(X)
#undef X
	};
	size_t i;

	assert_int_equal(ROWS, SIO_OPTION_END - SIO_OPTION_FIRST);
	for (i = 0; i < ROWS; i++) {
		assert_int_equal(effects[i].option, SIO_OPTION_FIRST + i);
		assert_string_equal(effects[i].name, names[i]);
	}
}

static void option__every_one__shows_its_effect(void **state)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		sio_setup(state);
		print_message("# %s\n", effects[i].name);
		effects[i].shows_its_effect();
		sio_teardown(state);
	}
}

/* What no client can hit. */
static bool is_no_limit(enum sio_option option)
{
	return option == SIO_SERVE_CLIENT || option == SIO_REQUEST_TIMEOUT ||
		option == SIO_CLEANUP_CHILD_NAMESPACES ||
		option == SIO_ACK_TIMEOUT || option == SIO_VOLATILE_BYTES;
}

static enum sio_counter counter_named(const char *name)
{
	int i;

	for (i = SIO_COUNTER_FIRST; i < (int)SIO_COUNTER_END; i++)
		if (!strcmp(sio_counter_name((enum sio_counter)i), name))
			return (enum sio_counter)i;
	fail_msg("%s has no counter", name);
	return SIO_COUNTER_END;
}

static void keep_line(enum eio_log_level level, const char *line, void *user)
{
	eio__strbuf_adds(user, line);
	eio__strbuf_addc(user, '\n');
}

/* Those whose effects make a server of their own, which has no log. */
static bool is_silent(enum sio_option option)
{
	return option == SIO_MAX_CONTAINERS || option == SIO_RECOVERY_EVENTS ||
		option == SIO_RECOVERY_SOCKETS;
}

/* The effects above hit the limits. */
static void option__that_limits_clients__is_counted_and_logged(void **state)
{
	struct eio__strbuf lines;
	char text[64];
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (is_no_limit(effects[i].option))
			continue;
		sio_setup(state);
		eio__strbuf_init(&lines, 0);
		sio_server_set_log(srv, ENGINEIO_LOG_WARN, keep_line, &lines);
		effects[i].shows_its_effect();
		snprintf(text, sizeof(text), "(%s)", effects[i].name);
		if (sio_server_counter(srv, counter_named(effects[i].name)) ==
			0)
			fail_msg("%s is not counted", effects[i].name);
		if (!is_silent(effects[i].option) &&
			!(lines.data && strstr(lines.data, text)))
			fail_msg("%s is not in the log", effects[i].name);
		sio_server_set_log(srv, ENGINEIO_LOG_WARN, NULL, NULL);
		eio__strbuf_clear(&lines);
		sio_teardown(state);
	}
}

static void option__every_one__has_its_standard_and_bounds(void **state)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		enum sio_option option = effects[i].option;
		sio_server *fresh = sio_server_new();

		assert_int_equal(sio_server_option(fresh, option),
			effects[i].standard);
		assert_int_equal(sio_server_set_option(fresh, option,
					 effects[i].least),
			0);
		assert_int_equal(sio_server_set_option(fresh, option,
					 effects[i].most),
			0);
		assert_int_equal(sio_server_option(fresh, option),
			effects[i].most);
		assert_int_equal(sio_server_set_option(fresh, option,
					 effects[i].least - 1),
			SIO_ERR_INVALID);
		assert_int_equal(sio_server_set_option(fresh, option,
					 effects[i].most + 1),
			SIO_ERR_INVALID);
		assert_int_equal(sio_server_option(fresh, option),
			effects[i].most);
		assert_int_equal(sio_server_run(fresh), SIO_ERR_INVALID);
		sio_server_free(fresh);
	}
}

static void option__of_the_engine__is_passed_on(void **state)
{
	sio_setup(state);
	assert_int_equal(sio_server_set_option(srv, SIO_MAX_PAYLOAD, 5000), 0);
	assert_int_equal(eio_server_option(sio_server_engine(srv),
				 ENGINEIO_MAX_PAYLOAD),
		5000);
	assert_int_equal(sio_server_option(srv, SIO_MAX_PAYLOAD), 5000);
	assert_int_equal(sio_server_set_heartbeat(srv, 300, 200), 0);
	assert_int_equal(sio_server_option(srv, SIO_PING_INTERVAL), 300);
	assert_int_equal(sio_server_option(srv, SIO_PING_TIMEOUT), 200);
	assert_int_equal(sio_server_set_heartbeat(srv, -1, 200),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_heartbeat(srv, 300, 0),
		SIO_ERR_INVALID);
	sio_teardown(state);
}

static void option__that_there_is_not__is_refused(void **state)
{
	static const int numbers[] = { -1, (int)ENGINEIO_OPTIONS,
		SIO_OPTION_FIRST - 1, SIO_OPTION_END, 1 << 30 };
	size_t i;

	sio_setup(state);
	for (i = 0; i < 5; i++) {
		enum sio_option option = (enum sio_option)numbers[i];

		assert_int_equal(sio_server_set_option(srv, option, 1),
			SIO_ERR_INVALID);
		assert_int_equal(sio_server_option(srv, option), -1);
	}
	assert_int_equal(sio_server_set_option(NULL, SIO_MAX_ACKS, 1),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_option(NULL, SIO_MAX_ACKS), -1);
	sio_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table__of_this_test__has_every_option),
		cmocka_unit_test(option__every_one__shows_its_effect),
		cmocka_unit_test(
			option__that_limits_clients__is_counted_and_logged),
		cmocka_unit_test(
			option__every_one__has_its_standard_and_bounds),
		cmocka_unit_test(option__of_the_engine__is_passed_on),
		cmocka_unit_test(option__that_there_is_not__is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
