/* SPDX-License-Identifier: MIT */
/*
 * test_loopback_read.c: the real network: everything that comes is told once,
 * however it lies in the kernel when it is read, and whether reading was stopped
 * meanwhile.
 */
#include <config.h>

#include "loopback.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Several times what is read at once. */
#define MUCH 100000
/* More than the kernel keeps. */
#define LARGE (8 * 1024 * 1024)

static const struct behaviour silent;

static bool one_accepted(struct server *s)
{
	return s->accepted == 1;
}

static bool one_gone(struct server *s)
{
	return s->gone == 1;
}

static bool any_turn(struct server *s)
{
	return true;
}

/* -- reading stopped ---------------------------------------------------- */

static void resume_last(void *arg, int status)
{
	struct server *s = arg;

	s->flag = true;
	s->early = s->gone > 0;
	if (!s->early)
		eio__net_read(s->last->nc, true);
}

static void pause_reading(struct peer *p)
{
	eio__net_read(p->nc, false);
}

static void check_flag(struct peer *p, char *data, size_t len)
{
	if (!p->server->flag)
		p->server->full++;
}

static const struct behaviour patient = {
	.on_accept = pause_reading,
	.on_bytes = check_flag,
};

static bool got_five(struct server *s)
{
	return s->bytes == 5;
}

static void send_then_end(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	c->ok = c->ok && client_write(c, "hello", 5) == 0;
	client_close(c);
	client_wait(c, one_accepted); /* a turn more, in which to go wrong */
	eio_loop_post(c->server->loop, resume_last, c->server);
	client_wait(c, one_gone);
}

static void reading__stopped__resumes_with_all_bytes_and_the_end(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &patient);
	server_run(&s, &c, send_then_end);
	assert_true(c.ok);
	assert_false(s.early);
	assert_int_equal(s.bytes, 5);
	assert_int_equal(s.full, 0);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, 0);
	assert_true(s.turns < 100);
	server_close(&s);
}

static void send_then_reset(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	c->ok = c->ok && client_write(c, "hello", 5) == 0;
	client_reset(c);
	client_wait(c, one_gone);
}

static void reading__stopped_and_peer_resets__is_gone(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &patient);
	server_run(&s, &c, send_then_reset);
	assert_true(c.ok);
	assert_int_equal(s.bytes, 0);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, -ECONNRESET);
	assert_true(s.turns < 100);
	server_close(&s);
}

static void stop_inside(struct peer *p, char *data, size_t len)
{
	eio__net_read(p->nc, false);
	eio__net_read(p->nc, true);
	eio__net_read(p->nc, false);
}

static const struct behaviour fickle = { .on_bytes = stop_inside };

static void reset_after_first_bytes(struct client *c)
{
	c->ok = client_connect(c) == 0 && client_write(c, "hello", 5) == 0;
	client_wait(c, got_five);
	c->ok = c->ok && client_write(c, "hello", 5) == 0;
	client_reset(c);
	client_wait(c, one_gone);
}

static void reading__stopped_in_its_callback__is_stopped(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &fickle);
	server_run(&s, &c, reset_after_first_bytes);
	assert_true(c.ok);
	assert_int_equal(s.bytes, 5);
	assert_int_equal(s.gone, 1);
	assert_true(s.turns < 100);
	server_close(&s);
}

/* -- what lies in the kernel -------------------------------------------- */

static bool got_much(struct server *s)
{
	return s->bytes == MUCH;
}

static void send_much(struct client *c)
{
	static const char much[MUCH];

	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	c->ok = c->ok && client_write(c, much, MUCH) == 0;
	eio_loop_post(c->server->loop, resume_last, c->server);
	client_wait(c, got_much);
}

static void reading__more_than_one_buffer_waits__all_of_it_comes(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &patient);
	server_run(&s, &c, send_much);
	assert_true(c.ok);
	assert_int_equal(s.full, 0);
	server_close(&s);
}

static bool got_four(struct server *s)
{
	return s->bytes == 4;
}

/* The byte itself is out of band and nobody's. */
static void send_urgent(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	c->ok = c->ok && client_write(c, "ab", 2) == 0 &&
		send(c->fd, "!", 1, MSG_OOB) == 1 &&
		client_write(c, "cd", 2) == 0;
	eio_loop_post(c->server->loop, resume_last, c->server);
	client_wait(c, got_four);
}

static void reading__urgent_byte_in_the_middle__what_follows_comes(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &patient);
	server_run(&s, &c, send_urgent);
	assert_true(c.ok);
	assert_true(s.turns < 100);
	server_close(&s);
}

/* The loop stands still until the client says so. */
static void stand_still(void *arg, int status)
{
	struct client *c = arg;
	char data[1];

	c->got = read(c->fds[0], data, 1);
}

static void send_and_end_at_once(struct client *c)
{
	c->ok = client_connect(c) == 0 && pipe(c->fds) == 0;
	client_wait(c, one_accepted);
	eio_loop_post(c->server->loop, stand_still, c);
	c->ok = c->ok && client_write(c, "hello", 5) == 0;
	client_close(c);
	c->ok = c->ok && write(c->fds[1], "", 1) == 1;
	client_wait(c, one_gone);
}

static void reading__bytes_and_the_end_at_once__both_are_told(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &silent);
	server_run(&s, &c, send_and_end_at_once);
	assert_true(c.ok);
	assert_int_equal(c.got, 1);
	assert_int_equal(s.bytes, 5);
	assert_int_equal(s.why, 0);
	close(c.fds[0]);
	close(c.fds[1]);
	server_close(&s);
}

static void answer_much(struct peer *p, char *data, size_t len)
{
	static const char much[LARGE];

	peer_write(p, much, LARGE);
}

static const struct behaviour talkative = {
	.on_bytes = answer_much,
	.on_writable = peer_flush,
};

static bool is_full(struct server *s)
{
	return s->full + s->part > 0;
}

static void end_and_listen(struct client *c)
{
	char *data = malloc(LARGE);

	c->ok = client_connect(c) == 0 && client_write(c, "hello", 5) == 0;
	client_wait(c, is_full);
	c->ok = c->ok && shutdown(c->fd, SHUT_WR) == 0;
	client_wait(c, any_turn);
	c->got = client_read(c, data, LARGE);
	client_wait(c, one_gone);
	free(data);
}

static void
reading__the_end_while_much_waits_to_go__all_of_it_goes(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &talkative);
	server_run(&s, &c, end_and_listen);
	assert_true(c.ok);
	assert_int_equal(c.got, LARGE);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, 0);
	server_close(&s);
}

/* -- a child of the process --------------------------------------------- */

static void close_last(void *arg, int status)
{
	struct server *s = arg;

	peer_close(s->last);
	s->flag = true;
}

static bool flagged(struct server *s)
{
	return s->flag;
}

/* A child that has all the descriptors, too, keeps the connection open. */
static pid_t begin_child(int until)
{
	pid_t child = fork();
	char data[1];

	if (child == 0)
		_exit(read(until, data, 1) == 0 ? 0 : 1);
	return child;
}

static void write_to_child(struct client *c)
{
	pid_t child;

	c->ok = client_connect(c) == 0 && pipe(c->fds) == 0;
	client_wait(c, one_accepted);
	child = begin_child(c->fds[0]);
	eio_loop_post(c->server->loop, close_last, c->server);
	client_wait(c, flagged);
	client_wait(c, any_turn);
	c->ok = c->ok && child > 0 && client_write(c, "hello", 5) == 0;
	client_wait(c, any_turn);
	client_wait(c, any_turn);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void reading__closed_but_a_child_has_it__is_not_told(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &silent);
	server_run(&s, &c, write_to_child);
	assert_true(c.ok);
	assert_int_equal(s.bytes, 0);
	assert_int_equal(s.gone, 0);
	assert_true(s.turns < 100);
	close(c.fds[0]);
	close(c.fds[1]);
	server_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			reading__stopped__resumes_with_all_bytes_and_the_end),
		cmocka_unit_test(reading__stopped_and_peer_resets__is_gone),
		cmocka_unit_test(reading__stopped_in_its_callback__is_stopped),
		cmocka_unit_test(
			reading__more_than_one_buffer_waits__all_of_it_comes),
		cmocka_unit_test(
			reading__urgent_byte_in_the_middle__what_follows_comes),
		cmocka_unit_test(
			reading__bytes_and_the_end_at_once__both_are_told),
		cmocka_unit_test(
			reading__the_end_while_much_waits_to_go__all_of_it_goes),
		cmocka_unit_test(
			reading__closed_but_a_child_has_it__is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
