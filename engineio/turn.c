/* SPDX-License-Identifier: MIT */
/*
 * turn.c: what is left for the end of a turn of the loop.
 *
 * When turns begin and end is the affair of loop.c. Always true: a task is in
 * one phase at most; a hook that was taken away is not called any more, also
 * when that happened during a walk over all of them.
 */
#include <config.h>

#include <engineio/turn.h>

#include <engineio/engineio.h>

#include <stdlib.h>

/* How often the hooks are asked in a turn: one that always did something gets
 * its next turn behind what others want, too. */
#define HOOKS_MAX 1000

struct hook {
	struct eio__list link;
	bool (*fn)(void *user);
	void *user;
	bool whole;
	bool off; /* taken away during a walk; freed after it */
};

void eio__turn_init(struct eio__turn *turn)
{
	int phase;

	for (phase = 0; phase < EIO__PHASES; phase++)
		eio__list_init(&turn->phases[phase]);
	eio__list_init(&turn->hooks);
	turn->speaker = NULL;
	turn->whole = 0;
	turn->walking = false;
	turn->may_write = false;
}

/* -- hooks -------------------------------------------------------------- */

static void free_hook(struct hook *hook)
{
	eio__list_del(&hook->link);
	free(hook);
}

void eio__turn_clear(struct eio__turn *turn)
{
	while (!eio__list_empty(&turn->hooks))
		free_hook(eio__list_entry(turn->hooks.next, struct hook, link));
	turn->whole = 0;
}

static void sweep_hooks(struct eio__turn *turn)
{
	struct eio__list *link, *next;
	struct hook *hook;

	for (link = turn->hooks.next; link != &turn->hooks; link = next) {
		next = link->next;
		hook = eio__list_entry(link, struct hook, link);
		if (hook->off)
			free_hook(hook);
	}
}

/* Whether any of them did something. Hooks may come and go meanwhile. */
static bool run_hooks(struct eio__turn *turn)
{
	struct eio__list *link;
	struct hook *hook;
	bool did = false;

	if (eio__list_empty(&turn->hooks))
		return false;
	turn->walking = true;
	eio__list_for_each(link, &turn->hooks) {
		hook = eio__list_entry(link, struct hook, link);
		if (!hook->off && hook->fn(hook->user))
			did = true;
	}
	turn->walking = false;
	sweep_hooks(turn);
	return did;
}

int eio__turn_hook(struct eio__turn *turn, bool (*fn)(void *user), void *user,
	bool whole)
{
	struct hook *hook = malloc(sizeof(*hook));

	if (!hook)
		return ENGINEIO_ERR_NOMEM;
	hook->fn = fn;
	hook->user = user;
	hook->whole = whole;
	hook->off = false;
	turn->whole += whole;
	eio__list_add_tail(&turn->hooks, &hook->link);
	return 0;
}

void eio__turn_unhook(struct eio__turn *turn, bool (*fn)(void *user),
	void *user)
{
	struct eio__list *link;
	struct hook *hook = NULL;

	eio__list_for_each(link, &turn->hooks) {
		hook = eio__list_entry(link, struct hook, link);
		if (!hook->off && hook->fn == fn && hook->user == user)
			break;
	}
	if (link == &turn->hooks)
		return;
	turn->whole -= hook->whole;
	if (turn->walking)
		hook->off = true;
	else
		free_hook(hook);
}

/* -- tasks -------------------------------------------------------------- */

/* The first phase that has a task, or EIO__PHASES. */
static int first_phase(const struct eio__turn *turn)
{
	int phase = 0;

	while (phase < EIO__PHASES && eio__list_empty(&turn->phases[phase]))
		phase++;
	return phase;
}

/* Runs the first task of a phase. True: it was *last, of those that were there
 * when they began, and they have made others for the same phase. */
static bool run_first(struct eio__turn *turn, int phase,
	struct eio__list **last)
{
	struct eio__list *list = &turn->phases[phase], *link;
	struct eio__task *task;
	bool was_last;

	if (!*last)
		*last = list->prev;
	link = eio__list_pop(list);
	/* The connection or session of the task after the next, which it stands
	 * in the middle of, is on its way while this one asks the kernel: of a
	 * broadcast there are thousands. */
	__builtin_prefetch(list->next->next);
	__builtin_prefetch((const char *)list->next->next - 64);
	was_last = link == *last;
	task = eio__list_entry(link, struct eio__task, link);
	turn->may_write = phase != EIO__WORK;
	task->fn(task);
	turn->may_write = false;
	if (was_last)
		*last = NULL;
	return was_last && !eio__list_empty(list);
}

/* WORK that comes up later, or a hook that did something, makes the hooks
 * due again: they must have seen everything before the output leaves. A round
 * is over where tasks have made others, of an earlier phase or of their own. */
bool eio__turn_work(struct eio__turn *turn, bool hooks_due, unsigned rounds)
{
	int phase, before = 0;
	unsigned asks = HOOKS_MAX;
	struct eio__list *last = NULL;
	bool again;

	while (rounds) {
		phase = first_phase(turn);
		if (phase != EIO__WORK && hooks_due && asks > 0) {
			hooks_due = run_hooks(turn);
			asks--;
			continue;
		}
		if (phase == EIO__PHASES)
			return !hooks_due;
		if (phase != before)
			last = NULL;
		again = run_first(turn, phase, &last);
		hooks_due |= phase == EIO__WORK;
		rounds -= phase < before || again;
		before = phase;
	}
	return false;
}

/* Whether there is nothing in the list, or this alone. */
static bool holds_only(const struct eio__list *list,
	const struct eio__task *task)
{
	return eio__list_empty(list) ||
		(task && list->next == &task->link &&
			list->prev == &task->link);
}

bool eio__turn_is_answer(const struct eio__turn *turn,
	const struct eio__task *writer)
{
	const struct eio__list *flush = &turn->phases[EIO__FLUSH];
	const struct eio__list *write = &turn->phases[EIO__WRITE];

	return (!eio__list_empty(flush) || !eio__list_empty(write)) &&
		holds_only(flush, turn->speaker) && holds_only(write, writer) &&
		eio__list_empty(&turn->phases[EIO__WORK]) && !turn->whole;
}
