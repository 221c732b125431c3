/* SPDX-License-Identifier: MIT */
/*
 * test_sio_run.c: running, stopping, posting, and freeing a server that
 * runs.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sio.h"

static void stop_it(void *arg, int status)
{
	tell("stop %d", status);
	assert_int_equal(sio_server_run(srv), SIO_ERR_STATE);
	sio_server_stop(srv);
}

static void note(void *arg, int status)
{
	tell("%s %d", (const char *)arg, status);
}

static void free_it(void *arg, int status)
{
	tell("free %d", status);
	sio_server_free(srv);
	tell("freed");
}

static void run__until_stopped__does_what_was_posted(void **state)
{
	sio_setup(state);
	assert_int_equal(sio_server_post(srv, note, words("a")), 0);
	assert_int_equal(sio_server_post(srv, stop_it, NULL), 0);
	assert_int_equal(sio_server_run(srv), 0);
	assert_story("a 0; stop 0");
	/* and again */
	sio_server_post(srv, stop_it, NULL);
	assert_int_equal(sio_server_run(srv), 0);
	assert_story("stop 0");
	assert_int_equal(sio_server_post(NULL, note, NULL), SIO_ERR_INVALID);
	sio_teardown(state);
}

static void run__stopped_before__ends_at_once(void **state)
{
	sio_setup(state);
	sio_server_post(srv, note, words("a"));
	sio_server_stop(srv);
	assert_int_equal(sio_server_run(srv), 0);
	assert_story("a 0");
	sio_teardown(state);
}

static void run__freed_inside__frees_afterwards(void **state)
{
	struct fake_ws *ws;

	/* a loop of its own, which goes with it */
	sio_setup(state);
	sio_free_server();
	eio_loop_free(loop);
	srv = sio_server_new();
	loop = sio_server_loop(srv);
	io = sio_server_of(srv, "/");
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	ws = sio_client("/", NULL);
	sio_server_post(srv, free_it, NULL);
	assert_int_equal(sio_server_run(srv), 0);
	assert_story("free 0; disconnect[\"server shutting down\"]; freed");
	fake_ws_free(ws);
	srv = NULL;
	loop = NULL;
	sio_teardown(state);
}

static void free_in_handler(sio_socket *s, sio_event *ev, void *user)
{
	tell("free");
	sio_server_free(srv);
	tell("freed");
	assert_int_equal(sio_socket_emit(s, "x", NULL), SIO_ERR_CLOSED);
}

static struct fake_ws *client;

static void send_free(void *arg, int status)
{
	sio_send_together(client, "42[\"free\"]", "42[\"free\"]", NULL);
}

static void run__freed_in_a_handler__frees_afterwards(void **state)
{
	sio_setup(state);
	sio_nsp_on_event(io, "free", free_in_handler, NULL);
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	client = sio_client("/", NULL);
	sio_server_post(srv, send_free, NULL);
	assert_int_equal(sio_server_run(srv), 0);
	assert_story("free; disconnect[\"server shutting down\"]; freed");
	srv = NULL;
	fake_ws_free(client);
	sio_teardown(state);
}

static void post__never_run__is_told_so(void **state)
{
	sio_setup(state);
	sio_free_server();
	eio_loop_free(loop);
	srv = sio_server_new();
	sio_server_post(srv, note, words("late"));
	sio_free_server();
	assert_story("late -4");
	loop = NULL;
	sio_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run__until_stopped__does_what_was_posted),
		cmocka_unit_test(run__stopped_before__ends_at_once),
		cmocka_unit_test(run__freed_inside__frees_afterwards),
		cmocka_unit_test(run__freed_in_a_handler__frees_afterwards),
		cmocka_unit_test(post__never_run__is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
