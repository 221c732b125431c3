/* SPDX-License-Identifier: MIT */
/*
 * test_eio_loop.c: the loop on the fake network: the order of what happens at
 * the end of a turn, hooks, posts, timers, stopping. Threads are tried in
 * test_loopback_loop.c.
 */
#include <config.h>

#include "fake_net.h"

#include <engineio/loop.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What happened, a letter each. */
static char story[64];

static void tell(char what)
{
	size_t len = strlen(story);

	assert_true(len < sizeof(story) - 1);
	story[len] = what;
	story[len + 1] = '\0';
}

static int set_up(void **state)
{
	story[0] = '\0';
	*state = eio_loop_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	eio_loop_free(*state);
	return 0;
}

/* -- tasks -------------------------------------------------------------- */

/* Tells its letter, then does one thing to another task. */
struct job {
	struct eio__task task;
	eio_loop *loop;
	char letter;
	struct job *queue, *cancel;
	enum eio__phase phase; /* of the one to queue */
	int times;             /* to do that */
};

static void run_job(struct eio__task *task)
{
	struct job *job = eio__list_entry(task, struct job, task);

	tell(job->letter);
	if (job->times-- <= 0)
		return;
	if (job->queue)
		eio__loop_defer(job->loop, job->phase, &job->queue->task);
	if (job->cancel)
		eio__task_cancel(&job->cancel->task);
}

static void job_init(struct job *job, eio_loop *loop, char letter)
{
	memset(job, 0, sizeof(*job));
	job->loop = loop;
	job->letter = letter;
	job->times = 1;
	eio__task_init(&job->task, run_job);
}

static void jobs_init(struct job *jobs, int n, eio_loop *loop)
{
	int i;

	for (i = 0; i < n; i++)
		job_init(&jobs[i], loop, (char)('a' + i));
}

static void tasks__of_all_phases__run_phase_by_phase(void **state)
{
	struct job jobs[6];

	jobs_init(jobs, 6, *state);
	eio__loop_defer(*state, EIO__FREE, &jobs[5].task);
	eio__loop_defer(*state, EIO__WRITE, &jobs[3].task);
	eio__loop_defer(*state, EIO__FLUSH, &jobs[2].task);
	eio__loop_defer(*state, EIO__WORK, &jobs[0].task);
	eio__loop_defer(*state, EIO__WORK, &jobs[1].task);
	eio__loop_defer(*state, EIO__WRITE, &jobs[4].task);
	fake_turn(*state);
	assert_string_equal(story, "abcdef");
	fake_turn(*state);
	assert_string_equal(story, "abcdef");
}

static void tasks__new_work_in_a_late_phase__comes_first(void **state)
{
	struct job jobs[4];

	jobs_init(jobs, 4, *state);
	jobs[0].queue = &jobs[3];
	jobs[0].phase = EIO__WORK;
	eio__loop_defer(*state, EIO__WRITE, &jobs[0].task);
	eio__loop_defer(*state, EIO__WRITE, &jobs[1].task);
	eio__loop_defer(*state, EIO__FREE, &jobs[2].task);
	fake_turn(*state);
	assert_string_equal(story, "adbc");
}

static void task__queued_twice__runs_once(void **state)
{
	struct job jobs[2];

	jobs_init(jobs, 2, *state);
	eio__loop_defer(*state, EIO__WORK, &jobs[0].task);
	eio__loop_defer(*state, EIO__WORK, &jobs[1].task);
	eio__loop_defer(*state, EIO__WORK, &jobs[0].task);
	eio__loop_defer(*state, EIO__FREE, &jobs[0].task);
	fake_turn(*state);
	assert_string_equal(story, "ab");
}

static void task__queues_itself__runs_again_behind_the_others(void **state)
{
	struct job jobs[2];

	jobs_init(jobs, 2, *state);
	jobs[0].queue = &jobs[0];
	jobs[0].phase = EIO__WORK;
	jobs[0].times = 2;
	eio__loop_defer(*state, EIO__WORK, &jobs[0].task);
	eio__loop_defer(*state, EIO__WORK, &jobs[1].task);
	fake_turn(*state);
	assert_string_equal(story, "abaa");
}

struct endless {
	struct eio__task task;
	eio_loop *loop;
	enum eio__phase phase;
	unsigned long n;
};

/* A program whose callback always makes what is told to it again. */
static void run_endless(struct eio__task *task)
{
	struct endless *e = eio__list_entry(task, struct endless, task);

	/* Without a bound this test would not end. */
	if (++e->n < 10000000)
		eio__loop_defer(e->loop, e->phase, &e->task);
}

/* The network has its turn, and the rest follows. */
static void task__queues_itself_for_ever__does_not_stop_the_loop(void **state)
{
	static const enum eio__phase phases[] = { EIO__WORK, EIO__FLUSH,
		EIO__WRITE };
	struct endless e[2];
	unsigned long before;
	size_t i, j;

	for (i = 0; i < 3; i++) {
		for (j = 0; j < 2; j++) {
			e[j].n = 0;
			e[j].loop = *state;
			e[j].phase = phases[i];
			eio__task_init(&e[j].task, run_endless);
			eio__loop_defer(*state, phases[i], &e[j].task);
		}
		fake_turn(*state);
		assert_in_range(e[0].n, 2, 5000);
		assert_in_range(e[1].n, e[0].n - 1, e[0].n + 1);
		before = e[0].n;
		fake_turn(*state);
		assert_true(e[0].n > before);
		eio__task_cancel(&e[0].task);
		eio__task_cancel(&e[1].task);
	}
}

static void task__cancelled__does_not_run(void **state)
{
	struct job jobs[3];

	jobs_init(jobs, 3, *state);
	jobs[0].cancel = &jobs[1];
	eio__loop_defer(*state, EIO__WORK, &jobs[0].task);
	eio__loop_defer(*state, EIO__WORK, &jobs[1].task);
	eio__loop_defer(*state, EIO__WORK, &jobs[2].task);
	eio__task_cancel(&jobs[2].task);
	eio__task_cancel(&jobs[2].task);
	fake_turn(*state);
	assert_string_equal(story, "a");
}

static void tasks__left_when_the_loop_is_freed__run(void **state)
{
	eio_loop *loop = eio_loop_new();
	struct job job;

	assert_non_null(loop);
	job_init(&job, loop, 'x');
	eio__loop_defer(loop, EIO__FREE, &job.task);
	eio_loop_free(loop);
	assert_string_equal(story, "x");
}

/* -- hooks -------------------------------------------------------------- */

struct hook {
	eio_loop *loop;
	char letter;
	int busy; /* times it says that it did something */
	struct hook *off, *on;
};

static bool run_hook(void *user)
{
	struct hook *hook = user;

	tell(hook->letter);
	if (hook->off)
		eio_loop_off_turn_end(hook->loop, run_hook, hook->off);
	if (hook->on)
		eio_loop_on_turn_end(hook->loop, run_hook, hook->on);
	hook->on = NULL;
	return hook->busy-- > 0;
}

static void hooks_init(struct hook *hooks, int n, eio_loop *loop)
{
	int i;

	memset(hooks, 0, (size_t)n * sizeof(*hooks));
	for (i = 0; i < n; i++) {
		hooks[i].loop = loop;
		hooks[i].letter = (char)('A' + i);
		assert_int_equal(eio_loop_on_turn_end(loop, run_hook,
					 &hooks[i]),
			0);
	}
}

static void hooks__with_work_and_output__run_between_them(void **state)
{
	struct hook hooks[2];
	struct job jobs[2];

	hooks_init(hooks, 2, *state);
	jobs_init(jobs, 2, *state);
	eio__loop_defer(*state, EIO__FLUSH, &jobs[1].task);
	eio__loop_defer(*state, EIO__WORK, &jobs[0].task);
	fake_turn(*state);
	assert_string_equal(story, "aABb");
}

static void hooks__one_did_something__all_are_asked_again(void **state)
{
	struct hook hooks[2];

	hooks_init(hooks, 2, *state);
	hooks[0].busy = 2;
	hooks[1].busy = 1;
	fake_turn(*state);
	assert_string_equal(story, "ABABAB");
}

static void hooks__work_comes_up_later__run_after_it_again(void **state)
{
	struct hook hook;
	struct job jobs[2];

	hooks_init(&hook, 1, *state);
	jobs_init(jobs, 2, *state);
	jobs[0].queue = &jobs[1];
	jobs[0].phase = EIO__WORK;
	eio__loop_defer(*state, EIO__FLUSH, &jobs[0].task);
	fake_turn(*state);
	assert_string_equal(story, "AabA");
}

static void hook__takes_itself_away__is_not_run_again(void **state)
{
	struct hook hooks[3];

	hooks_init(hooks, 3, *state);
	hooks[1].off = &hooks[1];
	fake_turn(*state);
	assert_string_equal(story, "ABC");
	fake_turn(*state);
	assert_string_equal(story, "ABCAC");
}

static void hook__takes_others_away__they_are_not_run(void **state)
{
	struct hook hooks[3];

	hooks_init(hooks, 3, *state);
	hooks[0].off = &hooks[1];
	hooks[2].off = &hooks[0];
	fake_turn(*state);
	fake_turn(*state);
	assert_string_equal(story, "ACC");
}

static void hook__adds_another__it_runs_in_the_same_turn(void **state)
{
	struct hook hook, more = { .letter = 'M' };

	hooks_init(&hook, 1, *state);
	more.loop = *state;
	hook.on = &more;
	fake_turn(*state);
	assert_string_equal(story, "AM");
	eio_loop_off_turn_end(*state, run_hook, &more);
	eio_loop_off_turn_end(*state, run_hook, &more);
	fake_turn(*state);
	assert_string_equal(story, "AMA");
}

static unsigned asked;

static bool never_quiet(void *user)
{
	asked++;
	return true;
}

/* The others get their turn, the output leaves, and it is asked again. */
static void hook__always_did_something__does_not_stop_the_loop(void **state)
{
	struct job job;

	asked = 0;
	job_init(&job, *state, 'w');
	eio_loop_on_turn_end(*state, never_quiet, NULL);
	eio__loop_defer(*state, EIO__WRITE, &job.task);
	fake_turn(*state);
	assert_string_equal(story, "w");
	assert_in_range(asked, 100, 1000);
	fake_turn(*state);
	assert_in_range(asked, 200, 2000);
	eio_loop_off_turn_end(*state, never_quiet, NULL);
}

/* -- posts -------------------------------------------------------------- */

struct letter {
	eio_loop *loop;
	char letter;
	struct letter *next;
	int status, answer;
};

static void receive(void *arg, int status)
{
	struct letter *l = arg;

	tell(l->letter);
	l->status = status;
	if (l->next)
		l->answer = eio_loop_post(l->loop, receive, l->next);
}

static void posts__posted_while_they_run__come_after_the_others(void **state)
{
	struct letter c = { *state, 'c', NULL, 1, 1 };
	struct letter b = { *state, 'b', NULL, 1, 1 };
	struct letter a = { *state, 'a', &c, 1, 1 };

	assert_int_equal(eio_loop_post(*state, receive, &a), 0);
	assert_int_equal(eio_loop_post(*state, receive, &b), 0);
	assert_string_equal(story, "");
	fake_turn(*state);
	fake_turn(*state);
	assert_string_equal(story, "abc");
	assert_int_equal(a.status, 0);
	assert_int_equal(a.answer, 0);
	assert_int_equal(c.status, 0);
}

static void posts__left_when_the_loop_is_freed__learn_it(void **state)
{
	eio_loop *loop = eio_loop_new();
	struct letter b = { loop, 'b', NULL, 1, 1 };
	struct letter a = { loop, 'a', &b, 1, 1 };

	assert_non_null(loop);
	assert_int_equal(eio_loop_post(loop, receive, &a), 0);
	eio_loop_free(loop);
	assert_string_equal(story, "a");
	assert_int_equal(a.status, ENGINEIO_ERR_CLOSED);
	assert_int_equal(a.answer, ENGINEIO_ERR_CLOSED);
}

/* -- timers ------------------------------------------------------------- */

static char bells[128];

/* A pointer that says which. */
static void *bell(char letter)
{
	bells[(int)letter] = letter;
	return &bells[(int)letter];
}

static void ring(void *user)
{
	tell(*(char *)user);
}

static void ring_after(void *user, int status)
{
	tell(status == 0 ? *(char *)user : '!');
}

static void
timers__on_a_clock_moved_by_hand__ring_to_the_millisecond(void **state)
{
	eio_timer *timer = eio_timer_new(*state, ring, bell('t'));

	assert_int_equal(eio_loop_after(*state, 300, ring_after, bell('l')), 0);
	assert_int_equal(eio_timer_start(timer, 100), 0);
	assert_int_equal(eio_loop_after(*state, 0, ring_after, bell('z')), 0);
	fake_advance(*state, 99);
	assert_string_equal(story, "z");
	fake_advance(*state, 1);
	assert_string_equal(story, "zt");
	fake_advance(*state, 199);
	assert_string_equal(story, "zt");
	fake_advance(*state, 1);
	assert_string_equal(story, "ztl");
	fake_advance(*state, 100000);
	assert_string_equal(story, "ztl");
	eio_timer_free(timer);
}

static void timer__started_anew_or_stopped__rings_once_or_never(void **state)
{
	eio_timer *a = eio_timer_new(*state, ring, bell('a'));
	eio_timer *b = eio_timer_new(*state, ring, bell('b'));

	eio_timer_start(a, 100);
	eio_timer_start(b, 100);
	fake_advance(*state, 50);
	eio_timer_start(a, 100);
	eio_timer_stop(b);
	eio_timer_stop(b);
	fake_advance(*state, 99);
	assert_string_equal(story, "");
	fake_advance(*state, 1000);
	assert_string_equal(story, "a");
	eio_timer_free(a);
	eio_timer_free(b);
}

static eio_timer *own;

static void free_own(void *user)
{
	tell('f');
	eio_timer_free(own);
	own = NULL;
}

static void timer__freed_in_its_callback__is_gone(void **state)
{
	own = eio_timer_new(*state, free_own, NULL);
	eio_timer_start(own, 10);
	fake_advance(*state, 10);
	assert_string_equal(story, "f");
	assert_null(own);
}

static void timer__for_ever__does_not_ring(void **state)
{
	eio_timer *timer = eio_timer_new(*state, ring, bell('t'));

	eio_timer_start(timer, UINT64_MAX);
	fake_advance(*state, 1000000);
	assert_string_equal(story, "");
	eio_timer_free(timer);
}

static void after_again(void *arg, int status)
{
	tell(status == ENGINEIO_ERR_CLOSED ? 'c' : '?');
	assert_int_equal(eio_loop_after(arg, 10, after_again, arg), status);
	assert_int_equal(eio_loop_post(arg, after_again, arg), status);
}

static void after__left_when_the_loop_is_freed__is_told(void **state)
{
	eio_loop *loop = eio_loop_new();

	assert_int_equal(eio_loop_after(loop, 20, after_again, loop), 0);
	assert_int_equal(eio_loop_after(loop, 10, ring_after, bell('x')), 0);
	fake_turn(loop);
	assert_string_equal(story, "");
	eio_loop_free(loop);
	assert_string_equal(story, "c!");
}

/* -- running ------------------------------------------------------------ */

static void stop_it(void *user, int status)
{
	tell('s');
	eio_loop_stop(user);
}

static bool tell_end(void *user)
{
	tell('E');
	return false;
}

static void stop__in_a_callback__ends_the_turn_first(void **state)
{
	eio_loop_on_turn_end(*state, tell_end, NULL);
	eio_loop_after(*state, 10, stop_it, *state);
	assert_int_equal(eio_loop_run(*state), 0);
	assert_string_equal(story, "EsE");
}

static void stop__before_the_run__does_what_was_posted(void **state)
{
	struct letter a = { *state, 'a', NULL, 1, 1 };

	eio_loop_post(*state, receive, &a);
	eio_loop_stop(*state);
	assert_int_equal(eio_loop_run(*state), 0);
	assert_string_equal(story, "a");
	eio_loop_after(*state, 10, stop_it, *state);
	assert_int_equal(eio_loop_run(*state), 0);
	assert_string_equal(story, "as");
}

static int nested;

static void run_again(void *user, int status)
{
	nested = eio_loop_run(user);
	eio_loop_stop(user);
}

static void run__inside_a_run__is_refused(void **state)
{
	nested = 0;
	eio_loop_after(*state, 10, run_again, *state);
	assert_int_equal(eio_loop_run(*state), 0);
	assert_int_equal(nested, ENGINEIO_ERR_STATE);
}

/* A real network would wait for ever; the fake one says so. */
static void run__that_cannot_wait__is_an_error(void **state)
{
	assert_int_equal(eio_loop_run(*state), ENGINEIO_ERR_STATE);
}

/* -- streams ------------------------------------------------------------ */

static void on_bytes(struct eio__stream *s, char *data, size_t len)
{
	while (len-- > 0)
		tell(*data++);
}

static void on_writable(struct eio__stream *s)
{
	tell('W');
}

static void on_gone(struct eio__stream *s, int why)
{
	tell(why ? 'R' : 'G');
}

static const struct eio__stream_ops ops = {
	.on_bytes = on_bytes,
	.on_writable = on_writable,
	.on_gone = on_gone,
};

static struct eio__stream stream = { .ops = &ops };
static struct eio__net_conn *accepted;

static void *on_accept(struct eio__acceptor *a, struct eio__net_conn *nc)
{
	tell('A');
	accepted = nc;
	return &stream;
}

static void stream__of_an_acceptor__is_told_everything(void **state)
{
	struct eio__acceptor acceptor = { .accept = on_accept };
	struct eio__net *net = eio__loop_net(*state);
	struct fake_conn *c;
	int err;

	assert_non_null(eio__net_listen(net, &(struct eio__net_place){ 0 },
		&acceptor, &err));
	c = fake_connect(*state);
	fake_room(c, 0);
	assert_int_equal(eio__net_write(accepted, "x", 1), ENGINEIO_ERR_FULL);
	fake_room(c, 100);
	fake_puts(c, "hi");
	fake_fin(c);
	assert_string_equal(story, "AWhiG");
	fake_free(c);
}

/* -- wrong calls -------------------------------------------------------- */

static void calls__with_null__are_refused(void **state)
{
	char byte;

	assert_int_equal(eio_loop_run(NULL), ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_loop_post(NULL, receive, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_loop_post(*state, NULL, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_loop_after(NULL, 1, ring_after, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_loop_after(*state, 1, NULL, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_loop_on_turn_end(NULL, run_hook, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_loop_random(NULL, &byte, 1), ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_timer_start(NULL, 1), ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_watch_set(NULL, 1), ENGINEIO_ERR_INVALID);
	assert_null(eio_timer_new(NULL, ring, NULL));
	assert_null(eio_timer_new(*state, NULL, NULL));
	eio_loop_off_turn_end(NULL, run_hook, NULL);
	eio_loop_stop(NULL);
	eio_loop_free(NULL);
	eio_timer_stop(NULL);
	eio_timer_free(NULL);
	eio_watch_free(NULL);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(tasks__of_all_phases__run_phase_by_phase),
		test(tasks__new_work_in_a_late_phase__comes_first),
		test(task__queued_twice__runs_once),
		test(task__queues_itself__runs_again_behind_the_others),
		test(task__queues_itself_for_ever__does_not_stop_the_loop),
		test(task__cancelled__does_not_run),
		test(tasks__left_when_the_loop_is_freed__run),
		test(hooks__with_work_and_output__run_between_them),
		test(hooks__one_did_something__all_are_asked_again),
		test(hooks__work_comes_up_later__run_after_it_again),
		test(hook__always_did_something__does_not_stop_the_loop),
		test(hook__takes_itself_away__is_not_run_again),
		test(hook__takes_others_away__they_are_not_run),
		test(hook__adds_another__it_runs_in_the_same_turn),
		test(posts__posted_while_they_run__come_after_the_others),
		test(posts__left_when_the_loop_is_freed__learn_it),
		test(timers__on_a_clock_moved_by_hand__ring_to_the_millisecond),
		test(timer__started_anew_or_stopped__rings_once_or_never),
		test(timer__freed_in_its_callback__is_gone),
		test(timer__for_ever__does_not_ring),
		test(after__left_when_the_loop_is_freed__is_told),
		test(stop__in_a_callback__ends_the_turn_first),
		test(stop__before_the_run__does_what_was_posted),
		test(run__inside_a_run__is_refused),
		test(run__that_cannot_wait__is_an_error),
		test(stream__of_an_acceptor__is_told_everything),
		test(calls__with_null__are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
