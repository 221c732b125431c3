/* SPDX-License-Identifier: MIT */
/*
 * test_loopback_loop.c: the real network without connections: time, threads,
 * watched descriptors, and what is left of the process as it was.
 */
#include <config.h>

#include "loopback.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE 120
#define THREADS  4
#define POSTS    5000

static int set_up(void **state)
{
	alarm(DEADLINE);
	*state = eio_loop_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	eio_loop_free(*state);
	alarm(0);
	return 0;
}

/* -- time --------------------------------------------------------------- */

static const int delays[] = { 120, 1, 30, 0, 7, 60, 2, 90, 30, 15 };

#define DELAYS (sizeof(delays) / sizeof(delays[0]))

struct clock {
	eio_loop *loop;
	uint64_t start;
	int rung[DELAYS]; /* in the order of ringing */
	size_t n;
	bool early;
};

struct bell {
	struct clock *clock;
	int delay;
};

static void ring(void *arg, int status)
{
	struct bell *bell = arg;
	struct clock *clock = bell->clock;
	uint64_t passed = eio_loop_now(clock->loop) - clock->start;

	clock->early = clock->early || passed < (uint64_t)bell->delay;
	clock->rung[clock->n++] = bell->delay;
	if (clock->n == DELAYS)
		eio_loop_stop(clock->loop);
}

static void timers__of_all_lengths__ring_in_order_and_not_early(void **state)
{
	struct clock clock = { .loop = *state };
	struct bell bells[DELAYS];
	size_t i;

	clock.start = eio_loop_now(*state);
	for (i = 0; i < DELAYS; i++) {
		bells[i].clock = &clock;
		bells[i].delay = delays[i];
		assert_int_equal(eio_loop_after(*state, (uint64_t)delays[i],
					 ring, &bells[i]),
			0);
	}
	assert_int_equal(eio_loop_run(*state), 0);
	assert_false(clock.early);
	for (i = 1; i < DELAYS; i++)
		assert_true(clock.rung[i - 1] <= clock.rung[i]);
}

struct repeat {
	eio_loop *loop;
	eio_timer *timer;
	uint64_t at; /* when it is due */
	int left;
	bool early;
};

static void repeat(void *user)
{
	struct repeat *r = user;

	r->early = r->early || eio_loop_now(r->loop) < r->at;
	if (r->left-- == 0) {
		eio_loop_stop(r->loop);
		return;
	}
	r->at = eio_loop_now(r->loop) + 3;
	eio_timer_start(r->timer, 3);
}

static void timer__started_in_its_callback__rings_again(void **state)
{
	struct repeat r = { .loop = *state, .left = 30 };

	r.timer = eio_timer_new(*state, repeat, &r);
	assert_non_null(r.timer);
	assert_int_equal(eio_timer_start(r.timer, 0), 0);
	assert_int_equal(eio_loop_run(*state), 0);
	assert_false(r.early);
	assert_int_equal(r.left, -1);
	eio_timer_free(r.timer);
}

static void stop_from_timer(void *loop)
{
	eio_loop_stop(loop);
}

static void stop_loop(void *arg, int status)
{
	eio_loop_stop(arg);
}

static bool count(void *user)
{
	++*(unsigned long *)user;
	return false;
}

/* What was started and stopped leaves at most one turn behind. */
static void timers__stopped__do_not_keep_the_loop_busy(void **state)
{
	unsigned long turns = 0;
	eio_timer *timer = eio_timer_new(*state, stop_from_timer, *state);
	int i;

	for (i = 1; i < 50; i++)
		eio_timer_start(timer, 1);
	eio_timer_stop(timer);
	eio_loop_after(*state, 50, stop_loop, *state);
	eio_loop_on_turn_end(*state, count, &turns);
	assert_int_equal(eio_loop_run(*state), 0);
	assert_true(turns < 10);
	eio_timer_free(timer);
}

static void clock__wall_and_loop__go_on(void **state)
{
	int64_t wall = eio_loop_wall(*state);
	uint64_t now = eio_loop_now(*state);
	struct timespec ts;

	/* Not time(), which may be a tick behind. */
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &ts), 0);
	assert_true(wall / 1000 <= (int64_t)ts.tv_sec);
	assert_true(wall / 1000 >= (int64_t)ts.tv_sec - 10);
	eio_loop_after(*state, 20, stop_loop, *state);
	assert_int_equal(eio_loop_run(*state), 0);
	assert_true(eio_loop_now(*state) >= now + 20);
}

/* Without a turn in between. */
static void clock__outside_of_a_run__goes_on(void **state)
{
	uint64_t now = eio_loop_now(*state);

	while (eio_loop_now(*state) < now + 2)
		;
}

static void random__large_and_small__is_not_the_same_twice(void **state)
{
	unsigned char a[1000] = { 0 }, b[1000] = { 0 };

	assert_int_equal(eio_loop_random(*state, a, sizeof(a)), 0);
	assert_int_equal(eio_loop_random(*state, b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a + 500, b + 500, 500);
	assert_int_equal(eio_loop_random(*state, a, 0), 0);
}

/* -- threads ------------------------------------------------------------ */

struct poster {
	pthread_t thread;
	eio_loop *loop;
	int *done; /* threads that are through */
	int next;  /* number of the post that must come next */
	bool order;
	int statuses;
};

struct message {
	struct poster *poster;
	int number;
};

static struct message messages[THREADS][POSTS];

static void receive(void *arg, int status)
{
	struct message *m = arg;
	struct poster *p = m->poster;

	p->order = p->order && m->number == p->next++;
	p->statuses += status != 0;
	if (m->number == POSTS - 1 && ++*p->done == THREADS)
		eio_loop_stop(p->loop);
}

static void *post_all(void *arg)
{
	struct poster *p = arg;
	struct message *m = messages[p->next];
	int i;

	p->next = 0;
	for (i = 0; i < POSTS; i++) {
		m[i].poster = p;
		m[i].number = i;
		while (eio_loop_post(p->loop, receive, &m[i]) != 0)
			;
	}
	return NULL;
}

static void post__from_several_threads__each_once_in_order(void **state)
{
	struct poster posters[THREADS];
	int i, done = 0;

	for (i = 0; i < THREADS; i++) {
		posters[i] = (struct poster){
			.loop = *state, .done = &done, .next = i, .order = true
		};
		assert_int_equal(pthread_create(&posters[i].thread, NULL,
					 post_all, &posters[i]),
			0);
	}
	assert_int_equal(eio_loop_run(*state), 0);
	for (i = 0; i < THREADS; i++) {
		pthread_join(posters[i].thread, NULL);
		assert_true(posters[i].order);
		assert_int_equal(posters[i].next, POSTS);
		assert_int_equal(posters[i].statuses, 0);
	}
}

static void *stop_often(void *arg)
{
	int i;

	for (i = 0; i < 1000; i++)
		eio_loop_stop(arg);
	return NULL;
}

static void stop__from_another_thread__ends_each_run(void **state)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 20; i++) {
		assert_int_equal(pthread_create(&thread, NULL, stop_often,
					 *state),
			0);
		assert_int_equal(eio_loop_run(*state), 0);
		pthread_join(thread, NULL);
	}
}

static void note_status(void *arg, int status)
{
	*(int *)arg = status;
}

static void stop__before_the_run__ends_it_after_one_turn(void **state)
{
	int status = 1;

	assert_int_equal(eio_loop_post(*state, note_status, &status), 0);
	eio_loop_stop(*state);
	assert_int_equal(eio_loop_run(*state), 0);
	assert_int_equal(status, 0);
}

static void run__after_a_stop__runs_again(void **state)
{
	int i;

	for (i = 0; i < 3; i++) {
		eio_loop_post(*state, stop_loop, *state);
		assert_int_equal(eio_loop_run(*state), 0);
	}
}

static void free__with_posts_left__they_are_told(void **state)
{
	eio_loop *loop = eio_loop_new();
	int status = 1;

	assert_non_null(loop);
	assert_int_equal(eio_loop_post(loop, note_status, &status), 0);
	eio_loop_free(loop);
	assert_int_equal(status, ENGINEIO_ERR_CLOSED);
}

/* -- watched descriptors ------------------------------------------------ */

struct pipe {
	eio_loop *loop;
	eio_watch *in, *out;
	int fds[2];
	int reads, writes;
};

static void on_readable(void *user, int events)
{
	struct pipe *p = user;
	char byte;

	assert_int_equal(events, ENGINEIO_READABLE);
	assert_int_equal(read(p->fds[0], &byte, 1), 1);
	if (++p->reads == 10) {
		eio_watch_free(p->in);
		p->in = NULL;
		eio_loop_stop(p->loop);
		return;
	}
	assert_int_equal(eio_watch_set(p->out, ENGINEIO_WRITABLE), 0);
}

static void on_writable(void *user, int events)
{
	struct pipe *p = user;

	assert_int_equal(events, ENGINEIO_WRITABLE);
	assert_int_equal(write(p->fds[1], "x", 1), 1);
	p->writes++;
	assert_int_equal(eio_watch_set(p->out, 0), 0);
}

static void watch__on_a_pipe__is_told_what_it_asked_for(void **state)
{
	struct pipe p = { .loop = *state };

	assert_int_equal(pipe2(p.fds, O_NONBLOCK | O_CLOEXEC), 0);
	p.in = eio_watch_new(*state, p.fds[0], ENGINEIO_READABLE, on_readable,
		&p);
	p.out = eio_watch_new(*state, p.fds[1], ENGINEIO_WRITABLE, on_writable,
		&p);
	assert_non_null(p.in);
	assert_non_null(p.out);
	assert_int_equal(eio_loop_run(*state), 0);
	assert_int_equal(p.reads, 10);
	assert_int_equal(p.writes, 10);
	assert_null(p.in);
	eio_watch_free(p.out);
	close(p.fds[0]);
	close(p.fds[1]);
}

static void watch__on_no_descriptor__is_refused(void **state)
{
	assert_null(eio_watch_new(*state, -1, ENGINEIO_READABLE, on_readable,
		NULL));
	assert_null(eio_watch_new(*state, 1000000, ENGINEIO_READABLE,
		on_readable, NULL));
	assert_null(eio_watch_new(*state, 0, 4, on_readable, NULL));
}

/* -- the process -------------------------------------------------------- */

static void my_handler(int number)
{
}

static void new__with_own_handler__leaves_signals_and_limits(void **state)
{
	struct rlimit before, after;
	struct sigaction action;
	eio_loop *loop;

	signal(SIGPIPE, my_handler);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	loop = eio_loop_new();
	assert_non_null(loop);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	assert_true(action.sa_handler == my_handler);
	eio_loop_free(loop);
	signal(SIGPIPE, SIG_IGN);
}

static void *make_loops(void *arg)
{
	eio_loop *loop;
	int i, *made = arg;

	for (i = 0; i < 5; i++) {
		loop = eio_loop_new();
		*made += loop != NULL;
		eio_loop_free(loop);
	}
	return NULL;
}

static void new__in_several_threads__leaves_signals_and_limits(void **state)
{
	struct rlimit before, after;
	struct sigaction action;
	pthread_t threads[THREADS];
	int i, made[THREADS] = { 0 };

	signal(SIGPIPE, my_handler);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_loops,
					 &made[i]),
			0);
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(made[i], 5);
	}
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	assert_true(action.sa_handler == my_handler);
	signal(SIGPIPE, SIG_IGN);
}

static void free__never_run__leaves_no_descriptor(void **state)
{
	int before = open_descriptors();
	eio_loop *loop = eio_loop_new();
	eio_watch *watch;
	int fds[2];

	assert_non_null(loop);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	watch = eio_watch_new(loop, fds[0], ENGINEIO_READABLE, on_readable, 0);
	assert_non_null(watch);
	eio_loop_after(loop, 10, stop_loop, loop);
	eio_watch_free(watch);
	eio_loop_free(loop);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(open_descriptors(), before);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(timers__of_all_lengths__ring_in_order_and_not_early),
		test(timer__started_in_its_callback__rings_again),
		test(timers__stopped__do_not_keep_the_loop_busy),
		test(clock__wall_and_loop__go_on),
		test(clock__outside_of_a_run__goes_on),
		test(random__large_and_small__is_not_the_same_twice),
		test(post__from_several_threads__each_once_in_order),
		test(stop__from_another_thread__ends_each_run),
		test(stop__before_the_run__ends_it_after_one_turn),
		test(run__after_a_stop__runs_again),
		test(free__with_posts_left__they_are_told),
		test(watch__on_a_pipe__is_told_what_it_asked_for),
		test(watch__on_no_descriptor__is_refused),
		test(new__with_own_handler__leaves_signals_and_limits),
		test(new__in_several_threads__leaves_signals_and_limits),
		test(free__never_run__leaves_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
