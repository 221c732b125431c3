/* SPDX-License-Identifier: MIT */
/*
 * loop.c: the loop as programs and the other modules see it.
 *
 * It joins one network to one timer wheel, passes what the network tells on
 * to the acceptor or stream it is about, carries functions over from other
 * threads, and does the work that was left for the end of the turn. Waiting,
 * sockets and the clock are the network's (net.h); the order of deadlines is
 * the wheel's, that of the work the turn's. Timers and watches of programs are
 * in watch.c.
 *
 * Always true: everything but the posts and the wish to stop is touched by
 * the loop's thread alone; the posts are under the lock, the wish is atomic.
 * While the network waits, no task is queued (one that is will have woken it),
 * and its timer is set to the wheel's next deadline.
 */
#include <config.h>

#include <engineio/loop.h>

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* How often a turn may begin a phase anew, or an earlier one: work that makes
 * more of itself, such as a stream that is fed as fast as the network takes it, goes
 * on in the next turn, behind what others want. */
#define ROUNDS_MAX 100

struct post {
	struct post *next;
	void (*fn)(void *arg, int status);
	void *arg;
};

struct after {
	struct eio__timer timer;
	struct eio__list link;
	void (*fn)(void *arg, int status);
	void *arg;
};

struct eio_loop {
	struct eio__net *net;
	struct eio__wheel wheel;
	uint64_t timer_at; /* what the network's timer is set to */
	struct eio__turn turn;
	struct eio__list afters;
	bool running;
	bool turned; /* this run is beyond its beginning */
	atomic_bool stop;

	pthread_mutex_t lock; /* for what follows */
	struct post *posts;
	struct post **posts_end;
	bool closed; /* no post is taken any more; set by the loop's thread */
};

/* -- posts -------------------------------------------------------------- */

/* Takes all of them out, so that those they post in turn wait for the next
 * turn. */
static struct post *take_posts(eio_loop *loop, bool close)
{
	struct post *posts;

	pthread_mutex_lock(&loop->lock);
	posts = loop->posts;
	loop->posts = NULL;
	loop->posts_end = &loop->posts;
	loop->closed = close;
	pthread_mutex_unlock(&loop->lock);
	return posts;
}

static void run_posts(struct post *posts, int status)
{
	struct post *post;

	while (posts) {
		post = posts;
		posts = post->next;
		post->fn(post->arg, status);
		free(post);
	}
}

int eio_loop_post(eio_loop *loop, void (*fn)(void *arg, int status), void *arg)
{
	struct post *post;
	bool closed;

	if (!loop || !fn)
		return ENGINEIO_ERR_INVALID;
	post = malloc(sizeof(*post));
	if (!post)
		return ENGINEIO_ERR_NOMEM;
	post->next = NULL;
	post->fn = fn;
	post->arg = arg;

	pthread_mutex_lock(&loop->lock);
	closed = loop->closed;
	if (!closed) {
		/* Whoever makes the list begin wakes the loop for all of it;
		 * behind the lock the function may have freed the loop. */
		if (!loop->posts)
			eio__net_wake(loop->net);
		*loop->posts_end = post;
		loop->posts_end = &post->next;
	}
	pthread_mutex_unlock(&loop->lock);

	if (closed)
		free(post);
	return closed ? ENGINEIO_ERR_CLOSED : 0;
}

/* -- the end of the turn ------------------------------------------------ */

static void set_timer(eio_loop *loop)
{
	uint64_t at;

	if (!eio__wheel_next(&loop->wheel, &at))
		at = UINT64_MAX;
	if (at == loop->timer_at)
		return;
	loop->timer_at = at;
	eio__net_set_timer(loop->net, at);
}

/* -- what the network tells --------------------------------------------- */

static void *on_accept(void *owner, struct eio__net_conn *nc, void *user)
{
	struct eio__acceptor *acceptor = user;

	return acceptor->accept(acceptor, nc);
}

static void on_ready(void *conn)
{
	struct eio__stream *stream = conn;

	if (stream->ops->on_ready)
		stream->ops->on_ready(stream);
}

static void on_step(void *conn)
{
	struct eio__stream *stream = conn;

	if (stream->ops->on_step)
		stream->ops->on_step(stream);
}

static void on_bytes(void *conn, char *data, size_t len)
{
	struct eio__stream *stream = conn;

	stream->ops->on_bytes(stream, data, len);
}

static void on_writable(void *conn)
{
	struct eio__stream *stream = conn;

	stream->ops->on_writable(stream);
}

static void on_gone(void *conn, int why)
{
	struct eio__stream *stream = conn;

	stream->ops->on_gone(stream, why);
}

static void on_timer(void *owner)
{
	eio_loop *loop = owner;

	loop->timer_at = UINT64_MAX;
	eio__wheel_advance(&loop->wheel, eio__net_now(loop->net));
}

/* A stop that came before the run began is heard at the end of its first
 * whole turn, so that what was posted before it is done. */
static void on_turn_end(void *owner)
{
	eio_loop *loop = owner;

	if (!eio__turn_work(&loop->turn, true, ROUNDS_MAX))
		eio__net_wake(loop->net);
	set_timer(loop);
	if (loop->turned && atomic_load(&loop->stop))
		eio__net_stop(loop->net);
	loop->turned = true;
}

static void on_wake(void *owner)
{
	eio_loop *loop = owner;

	loop->turned = true;
	run_posts(take_posts(loop, false), 0);
}

static const struct eio__net_up up = {
	.on_accept = on_accept,
	.on_ready = on_ready,
	.on_step = on_step,
	.on_bytes = on_bytes,
	.on_writable = on_writable,
	.on_gone = on_gone,
	.on_timer = on_timer,
	.on_turn_end = on_turn_end,
	.on_wake = on_wake,
};

/* -- the loop ----------------------------------------------------------- */

static void init_lists(eio_loop *loop)
{
	eio__turn_init(&loop->turn);
	eio__list_init(&loop->afters);
	loop->posts_end = &loop->posts;
}

eio_loop *eio_loop_new(void)
{
	eio_loop *loop = calloc(1, sizeof(*loop));
	const char *why;

	if (!loop)
		return NULL;
	init_lists(loop);
	loop->timer_at = UINT64_MAX;
	atomic_init(&loop->stop, false);
	if (pthread_mutex_init(&loop->lock, NULL) != 0)
		goto no_lock;
	loop->net = eio__net_new(&up, loop, &why);
	if (!loop->net)
		goto no_net;
	eio__wheel_init(&loop->wheel, eio__net_now(loop->net));
	return loop;

no_net:
	pthread_mutex_destroy(&loop->lock);
no_lock:
	free(loop);
	return NULL;
}

/* Those they would add in turn are refused. */
static void close_afters(eio_loop *loop)
{
	struct eio__list *link;
	struct after *after;

	for (link = eio__list_pop(&loop->afters); link;
		link = eio__list_pop(&loop->afters)) {
		after = eio__list_entry(link, struct after, link);
		eio__timer_stop(&loop->wheel, &after->timer);
		after->fn(after->arg, ENGINEIO_ERR_CLOSED);
		free(after);
	}
}

void eio_loop_free(eio_loop *loop)
{
	if (!loop)
		return;
	run_posts(take_posts(loop, true), ENGINEIO_ERR_CLOSED);
	close_afters(loop);
	eio__turn_clear(&loop->turn);
	/* What died after the last turn is still waiting to be freed. */
	eio__turn_work(&loop->turn, false, UINT_MAX);
	eio__net_free(loop->net);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}

int eio_loop_run(eio_loop *loop)
{
	int err;

	if (!loop)
		return ENGINEIO_ERR_INVALID;
	if (loop->running)
		return ENGINEIO_ERR_STATE;
	loop->running = true;
	loop->turned = false;
	err = eio__net_run(loop->net);
	loop->running = false;
	/* A second stop that came while the first was being obeyed is obeyed
	 * as well. */
	atomic_store(&loop->stop, false);
	return err < 0 ? ENGINEIO_ERR_STATE : 0;
}

void eio_loop_stop(eio_loop *loop)
{
	if (!loop)
		return;
	/* Whom this stops may free the loop, and waits for the lock then. */
	pthread_mutex_lock(&loop->lock);
	atomic_store(&loop->stop, true);
	eio__net_wake(loop->net);
	pthread_mutex_unlock(&loop->lock);
}

uint64_t eio_loop_now(eio_loop *loop)
{
	return loop ? eio__net_now(loop->net) : 0;
}

int64_t eio_loop_wall(eio_loop *loop)
{
	return loop ? eio__net_wall(loop->net) : 0;
}

int eio_loop_random(eio_loop *loop, void *p, size_t n)
{
	if (!loop || (!p && n))
		return ENGINEIO_ERR_INVALID;
	return eio__net_random(loop->net, p, n);
}

struct eio__net *eio__loop_net(eio_loop *loop)
{
	return loop->net;
}

/* -- hooks and tasks ---------------------------------------------------- */

int eio_loop_on_turn_end(eio_loop *loop, bool (*fn)(void *user), void *user)
{
	if (!loop || !fn)
		return ENGINEIO_ERR_INVALID;
	return eio__turn_hook(&loop->turn, fn, user, true);
}

int eio_loop_before_output(eio_loop *loop, bool (*fn)(void *user), void *user)
{
	if (!loop || !fn)
		return ENGINEIO_ERR_INVALID;
	return eio__turn_hook(&loop->turn, fn, user, false);
}

void eio_loop_off_turn_end(eio_loop *loop, bool (*fn)(void *user), void *user)
{
	if (loop)
		eio__turn_unhook(&loop->turn, fn, user);
}

void eio__task_init(struct eio__task *task, void (*fn)(struct eio__task *))
{
	eio__list_init(&task->link);
	task->fn = fn;
}

void eio__loop_defer(eio_loop *loop, enum eio__phase phase,
	struct eio__task *task)
{
	if (eio__list_empty(&task->link))
		eio__list_add_tail(&loop->turn.phases[phase], &task->link);
}

bool eio__loop_may_write(const eio_loop *loop)
{
	return loop->turn.may_write;
}

const struct eio__task *eio__loop_next(const eio_loop *loop,
	enum eio__phase phase)
{
	const struct eio__list *list = &loop->turn.phases[phase];

	return eio__list_empty(list)
		? NULL
		: eio__list_entry(list->next, struct eio__task, link);
}

void eio__task_cancel(struct eio__task *task)
{
	eio__list_del(&task->link);
}

void eio__loop_attend(eio_loop *loop, const struct eio__task *speaker)
{
	loop->turn.speaker = speaker;
}

/* What is left undone after so many rounds is done at the turn's end. */
void eio__loop_answer(eio_loop *loop, const struct eio__task *writer)
{
	if (eio__turn_is_answer(&loop->turn, writer))
		eio__turn_work(&loop->turn, true, ROUNDS_MAX);
	loop->turn.speaker = NULL;
}

/* -- timers ------------------------------------------------------------- */

void eio__loop_start(eio_loop *loop, struct eio__timer *timer, uint64_t ms)
{
	uint64_t now = eio__net_now(loop->net);
	uint64_t at = ms < UINT64_MAX - now ? now + ms : UINT64_MAX;

	eio__timer_start(&loop->wheel, timer, at);
}

void eio__loop_cancel(eio_loop *loop, struct eio__timer *timer)
{
	eio__timer_stop(&loop->wheel, timer);
}

static void after_ended(struct eio__timer *timer)
{
	struct after *after = eio__list_entry(timer, struct after, timer);
	void (*fn)(void *arg, int status) = after->fn;
	void *arg = after->arg;

	eio__list_del(&after->link);
	free(after);
	fn(arg, 0);
}

int eio_loop_after(eio_loop *loop, uint64_t ms,
	void (*fn)(void *arg, int status), void *arg)
{
	struct after *after;

	if (!loop || !fn)
		return ENGINEIO_ERR_INVALID;
	if (loop->closed)
		return ENGINEIO_ERR_CLOSED;
	after = malloc(sizeof(*after));
	if (!after)
		return ENGINEIO_ERR_NOMEM;
	after->fn = fn;
	after->arg = arg;
	eio__timer_init(&after->timer, after_ended);
	eio__list_add_tail(&loop->afters, &after->link);
	eio__loop_start(loop, &after->timer, ms);
	return 0;
}
