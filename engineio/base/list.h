/* SPDX-License-Identifier: MIT */
/*
 * list.h: doubly linked list whose links are embedded in its members.
 *
 * The list itself is a link too, so that neither adding nor deleting needs
 * a special case, and a member can leave without knowing its list. Nothing
 * is allocated; who owns the members is the user's affair.
 *
 * Always true: a link is either in a ring with its list or points to
 * itself, and the second is what eio__list_empty() sees. A link must have
 * been given to eio__list_init() once before any other call.
 */
#ifndef ENGINEIO_BASE_LIST_H
#define ENGINEIO_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct eio__list {
	struct eio__list *prev, *next;
};

/* The struct of `type` whose `member` is the link ptr points to. */
#define eio__list_entry(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Walks the links; pos must not be deleted in the body. */
#define eio__list_for_each(pos, list) \
	for ((pos) = (list)->next; (pos) != (list); (pos) = (pos)->next)

static inline void eio__list_init(struct eio__list *l)
{
	l->prev = l;
	l->next = l;
}

/* Of a list: it has no members. Of a member: it is in no list. */
static inline bool eio__list_empty(const struct eio__list *l)
{
	return l->next == l;
}

/* Both add calls take a member that is in no list. */
static inline void eio__list_add_tail(struct eio__list *l,
	struct eio__list *node)
{
	node->prev = l->prev;
	node->next = l;
	l->prev->next = node;
	l->prev = node;
}

static inline void eio__list_add_head(struct eio__list *l,
	struct eio__list *node)
{
	eio__list_add_tail(l->next, node);
}

/* Deleting twice is safe. */
static inline void eio__list_del(struct eio__list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	eio__list_init(node);
}

/* Moves all members of `from` behind those of `to`, in order. */
static inline void eio__list_move(struct eio__list *to, struct eio__list *from)
{
	if (eio__list_empty(from))
		return;
	from->next->prev = to->prev;
	from->prev->next = to;
	to->prev->next = from->next;
	to->prev = from->prev;
	eio__list_init(from);
}

/* Takes the first member out; NULL when there is none. */
static inline struct eio__list *eio__list_pop(struct eio__list *l)
{
	struct eio__list *node = l->next;

	if (node == l)
		return NULL;
	eio__list_del(node);
	return node;
}

#endif
