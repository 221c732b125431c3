/* SPDX-License-Identifier: MIT */
/*
 * next.c: questions to the program, and its answers: the sio_next.
 *
 * Who asks (admission.c, event_middleware.c) embeds a question and gives
 * each function it asks a next of its own. The answer may come inside the
 * call or at any time later; resume() then lets the asker go on from the
 * loop, never from inside the call that answered.
 *
 * Always true: at most one answer of a question is awaited. Its nexts belong to
 * whoever asked until that goes (of an admission: the memory of the socket),
 * answered or not, so that a second answer does no harm. Those that have
 * still not been answered then are strays: they are the server's, and after
 * it the loop's, and freed by their answer or at last when the loop is,
 * because whatever would answer them runs on the loop.
 */
#include <config.h>

#include <socketio/io.h>

#include <engineio/base/utf8.h>

#include <stdlib.h>

struct sio_next {
	union {
		struct eio__list link; /* of a stray */
		struct {
			sio_next *older;
			struct sio__stray *stray; /* if abandoned */
		} owned;
	} at;
	struct sio__question *question; /* or one of the three below */
};

/* In the place of a question. */
static struct sio__question answered, abandoned;
#define STRAY NULL

/* -- strays ---------------------------------------------------------------- */

struct sio__stray {
	unsigned refs; /* of the server or the loop, and of those abandoned */
	bool ended;    /* nobody can answer any more */
	struct eio__list nexts;
};

struct sio__stray *sio__stray_new(void)
{
	struct sio__stray *stray = calloc(1, sizeof(*stray));

	if (!stray)
		return NULL;
	stray->refs = 1;
	eio__list_init(&stray->nexts);
	return stray;
}

static void stray_unref(struct sio__stray *stray)
{
	if (--stray->refs == 0)
		free(stray);
}

/* As long as the loop can keep them: 2^40 ms are 35 years. */
#define FOR_EVER ((uint64_t)1 << 40)

static void on_loop_end(void *user, int status)
{
	struct sio__stray *stray = user;
	struct eio__list *link;

	for (link = eio__list_pop(&stray->nexts); link;
		link = eio__list_pop(&stray->nexts))
		free(eio__list_entry(link, sio_next, at.link));
	stray->ended = true;
	stray_unref(stray);
}

void sio__stray_leave(struct sio__stray *stray, eio_loop *loop)
{
	if (!stray)
		return;
	if (stray->refs == 1 && eio__list_empty(&stray->nexts))
		free(stray);
	else
		/* Out of memory they are nobody's, as what leaks is. */
		(void)eio_loop_after(loop, FOR_EVER, on_loop_end, stray);
}

/* Nobody waits for its answer, but who asked is still there. */
static void abandon(struct sio__question *q)
{
	sio_next *next = q->next;

	if (!next)
		return;
	next->question = &abandoned;
	next->at.owned.stray = q->srv->stray;
	next->at.owned.stray->refs++;
	next->at.owned.older = q->used;
	q->used = next;
	q->next = NULL;
}

static void release(sio_next *next)
{
	struct sio__stray *stray = next->at.owned.stray;

	if (next->question == &answered) {
		free(next);
		return;
	}
	if (stray->ended) {
		free(next);
	} else {
		next->question = STRAY;
		eio__list_add_tail(&stray->nexts, &next->at.link);
	}
	stray_unref(stray);
}

void sio__nexts_release(sio_next *nexts)
{
	sio_next *older;

	for (; nexts; nexts = older) {
		older = nexts->at.owned.older;
		release(nexts);
	}
}

/* -- asking ---------------------------------------------------------------- */

void sio__question_init(struct sio__question *q, sio_server *srv,
	void (*resume)(struct sio__question *q))
{
	memset(q, 0, sizeof(*q));
	q->srv = srv;
	q->resume = resume;
	q->answer = SIO__PASSED;
}

sio_next *sio__question_ask(struct sio__question *q)
{
	sio_next *next = malloc(sizeof(*next));

	if (!next)
		return NULL;
	next->question = q;
	q->next = next;
	q->answer = SIO__AWAITED;
	q->asking = true;
	return next;
}

static void on_time_limit(void *user)
{
	struct sio__question *q = user;
	sio_server *srv = q->srv;

	sio__count(srv, SIO_COUNT_MIDDLEWARE_TIMEOUT,
		"a middleware has not answered in time (MIDDLEWARE_TIMEOUT)");
	abandon(q);
	sio__server_enter(srv);
	q->answer = SIO__DENIED;
	q->message = strdup("timeout");
	q->resume(q);
	sio__server_leave(srv);
}

int sio__question_wait(struct sio__question *q)
{
	long ms = sio__option(q->srv, SIO_MIDDLEWARE_TIMEOUT);

	q->asking = false;
	if (q->answer != SIO__AWAITED || ms == 0)
		return 0;
	if (!q->timer)
		q->timer = eio_timer_new(q->srv->loop, on_time_limit, q);
	if (!q->timer)
		return SIO_ERR_NOMEM;
	return eio_timer_start(q->timer, (uint64_t)ms);
}

sio_next *sio__question_end(struct sio__question *q)
{
	sio_next *used;

	abandon(q);
	used = q->used;
	eio_timer_free(q->timer);
	sio__question_forget(q);
	q->timer = NULL;
	q->used = NULL;
	return used;
}

void sio__question_forget(struct sio__question *q)
{
	free(q->message);
	json_decref(q->data);
	q->message = NULL;
	q->data = NULL;
}

void sio__question_refuse(struct sio__question *q)
{
	abandon(q);
	eio_timer_stop(q->timer);
	q->answer = SIO__DENIED;
	q->resume(q);
}

/* -- answering ------------------------------------------------------------- */

/* The question it answers; NULL: none any more. */
static struct sio__question *answer(sio_next *next, enum sio__answer answer)
{
	struct sio__question *q = next->question;

	if (q == STRAY) {
		eio__list_del(&next->at.link);
		free(next);
		return NULL;
	}
	if (q == &answered)
		return NULL;
	next->question = &answered;
	if (q == &abandoned) {
		stray_unref(next->at.owned.stray);
		return NULL;
	}
	next->at.owned.older = q->used;
	q->used = next;
	q->next = NULL;
	q->answer = answer;
	eio_timer_stop(q->timer);
	if (!q->asking)
		q->resume(q);
	return q;
}

void sio_next_pass(sio_next *next)
{
	if (next)
		answer(next, SIO__PASSED);
}

void sio_next_refuse(sio_next *next, const char *message, json_t *data)
{
	struct sio__question *q = next ? answer(next, SIO__DENIED) : NULL;
	struct eio__strbuf text;

	if (!q) {
		json_decref(data);
		return;
	}
	q->data = data;
	/* Often the words of another library, in whatever encoding. */
	eio__strbuf_init(&text, 0);
	if (message)
		eio__utf8_mend(&text, message, strlen(message));
	/* Out of memory it is refused without words. */
	if (text.error)
		eio__strbuf_clear(&text);
	q->message = text.data;
}
