/* SPDX-License-Identifier: MIT */
/*
 * test_sio_end.c: signals that end a server, on the real network: in order the
 * first time, at once the second, and as before when it is freed.
 */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <socketio/socketio.h>

#define DEADLINE 120

static unsigned handled;

static void on_usr1(int number)
{
	handled++;
}

static void raise_it(void *arg, int status)
{
	if (!status)
		raise((int)(intptr_t)arg);
}

static bool is_blocked(int number)
{
	sigset_t set;

	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &set), 0);
	return sigismember(&set, number) == 1;
}

static sio_server *server(void)
{
	sio_server *srv = sio_server_new();

	alarm(DEADLINE);
	assert_non_null(srv);
	assert_int_equal(sio_server_listen(srv, "127.0.0.1", 0), 0);
	return srv;
}

static void first_signal__ends_it_in_order(void **state)
{
	sio_server *srv = server();
	int numbers[] = { SIGTERM, SIGINT, SIGUSR1 };
	size_t i;

	for (i = 0; i < 3; i++)
		assert_int_equal(sio_server_close_on_signal(srv, numbers[i],
					 1000),
			0);
	sio_server_post(srv, raise_it, (void *)(intptr_t)SIGINT);
	assert_int_equal(sio_server_run(srv), 0);
	assert_int_equal(sio_server_close(srv, 0, NULL, NULL), SIO_ERR_STATE);
	sio_server_free(srv);
	for (i = 0; i < 3; i++)
		assert_false(is_blocked(numbers[i]));
	signal(SIGUSR1, on_usr1);
	raise(SIGUSR1);
	assert_int_equal(handled, 1);
	signal(SIGUSR1, SIG_DFL);
}

/* A server that is closing already, and would wait for long. */
static void second_signal__ends_it_at_once(void **state)
{
	sio_server *srv = server();

	assert_int_equal(sio_server_close_on_signal(srv, SIGTERM, 1000000), 0);
	assert_int_equal(sio_server_close(srv, 1000000, NULL, NULL), 0);
	sio_server_post(srv, raise_it, (void *)(intptr_t)SIGTERM);
	assert_int_equal(sio_server_run(srv), 0);
	sio_server_free(srv);
}

static void signal__that_there_is_not__is_said(void **state)
{
	sio_server *srv = server();

	assert_int_equal(sio_server_close_on_signal(srv, 12345, 0),
		SIO_ERR_INVALID);
	assert_string_equal(sio_server_error(srv),
		"sio_server_close_on_signal(12345): there is no such signal");
	assert_int_equal(sio_server_close_on_signal(NULL, SIGTERM, 0),
		SIO_ERR_INVALID);
	sio_server_free(srv);
}

struct count {
	eio_loop *loop;
	eio_signal *sig;
	unsigned n;
};

static void on_signal(void *user)
{
	struct count *count = user;

	if (++count->n < 3) {
		raise(SIGUSR2);
		return;
	}
	/* inside of itself */
	eio_signal_free(count->sig);
	eio_loop_stop(count->loop);
}

static void signal__of_the_loop__is_told_each_time(void **state)
{
	struct count count = { .loop = eio_loop_new() };

	alarm(DEADLINE);
	count.sig = eio_signal_new(count.loop, SIGUSR2, on_signal, &count);
	assert_non_null(count.sig);
	assert_true(is_blocked(SIGUSR2));
	raise(SIGUSR2);
	assert_int_equal(eio_loop_run(count.loop), 0);
	assert_int_equal(count.n, 3);
	assert_false(is_blocked(SIGUSR2));
	assert_null(eio_signal_new(NULL, SIGUSR2, on_signal, &count));
	assert_null(eio_signal_new(count.loop, SIGUSR2, NULL, NULL));
	assert_null(eio_signal_new(count.loop, -1, on_signal, &count));
	eio_signal_free(NULL);
	eio_loop_free(count.loop);
}

/* -- one for a number ---------------------------------------------------- */

static void signal__that_somebody_has__is_refused(void **state)
{
	struct count count = { .loop = eio_loop_new(), .n = 2 };
	sio_server *srv = server();
	eio_signal *sig;

	count.sig = eio_signal_new(count.loop, SIGUSR2, on_signal, &count);
	assert_non_null(count.sig);
	errno = 0;
	assert_null(eio_signal_new(count.loop, SIGUSR2, on_signal, NULL));
	assert_int_equal(errno, EBUSY);
	assert_int_equal(sio_server_close_on_signal(srv, SIGUSR1, 0), 0);
	assert_int_equal(sio_server_close_on_signal(srv, SIGUSR1, 0),
		SIO_ERR_STATE);
	assert_int_equal(sio_server_close_on_signal(srv, SIGUSR2, 0),
		SIO_ERR_STATE);
	assert_non_null(strstr(sio_server_error(srv),
		"somebody has this signal already"));
	/* The first has it still, and when it has gone there is room. */
	raise(SIGUSR2);
	assert_int_equal(eio_loop_run(count.loop), 0);
	assert_int_equal(count.n, 3);
	assert_false(is_blocked(SIGUSR2));
	sig = eio_signal_new(count.loop, SIGUSR2, on_signal, NULL);
	assert_non_null(sig);
	eio_signal_free(sig);
	sio_server_free(srv);
	eio_loop_free(count.loop);
}

static void signal__with_a_handler__has_it_again(void **state)
{
	eio_loop *loop = eio_loop_new();
	eio_signal *sig;

	handled = 0;
	signal(SIGUSR1, on_usr1);
	sig = eio_signal_new(loop, SIGUSR1, on_signal, NULL);
	assert_non_null(sig);
	eio_signal_free(sig);
	raise(SIGUSR1);
	assert_int_equal(handled, 1);
	/* One that was set meanwhile stays. */
	signal(SIGUSR1, SIG_DFL);
	sig = eio_signal_new(loop, SIGUSR1, on_signal, NULL);
	signal(SIGUSR1, on_usr1);
	eio_signal_free(sig);
	raise(SIGUSR1);
	assert_int_equal(handled, 2);
	signal(SIGUSR1, SIG_DFL);
	eio_loop_free(loop);
}

struct old_thread {
	pthread_t thread;
	sem_t go;
};

static void *wait_unblocked(void *arg)
{
	struct old_thread *old = arg;

	/* Where it is when the signal comes; no call is disturbed. */
	assert_int_equal(sem_wait(&old->go), 0);
	return NULL;
}

/* A thread that was there before does not block it. (The mask that it has then is
 * not looked at: valgrind keeps one of its own.) */
static void signal__in_an_older_thread__is_told(void **state)
{
	struct count count = { .loop = eio_loop_new(), .n = 2 };
	struct old_thread old;

	alarm(DEADLINE);
	sem_init(&old.go, 0, 0);
	assert_int_equal(pthread_create(&old.thread, NULL, wait_unblocked,
				 &old),
		0);
	count.sig = eio_signal_new(count.loop, SIGUSR2, on_signal, &count);
	assert_non_null(count.sig);
	assert_int_equal(pthread_kill(old.thread, SIGUSR2), 0);
	assert_int_equal(eio_loop_run(count.loop), 0);
	assert_int_equal(count.n, 3);
	sem_post(&old.go);
	pthread_join(old.thread, NULL);
	sem_destroy(&old.go);
	eio_loop_free(count.loop);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_signal__ends_it_in_order),
		cmocka_unit_test(second_signal__ends_it_at_once),
		cmocka_unit_test(signal__that_there_is_not__is_said),
		cmocka_unit_test(signal__of_the_loop__is_told_each_time),
		cmocka_unit_test(signal__that_somebody_has__is_refused),
		cmocka_unit_test(signal__with_a_handler__has_it_again),
		cmocka_unit_test(signal__in_an_older_thread__is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
