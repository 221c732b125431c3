/* SPDX-License-Identifier: MIT */
/*
 * ack.c: the list of acknowledgements that are waited for.
 *
 * Ids only grow and clients answer more or less in order, so the one looked
 * for is near the front of the list; the number of them is limited.
 */
#include <config.h>

#include <socketio/ack.h>

#include <stdlib.h>

static struct sio__ack *ack_of(struct eio__list *link)
{
	return eio__list_entry(link, struct sio__ack, link);
}

void sio__acks_init(struct sio__acks *acks)
{
	acks->last = NULL;
}

unsigned sio__acks_count(const struct sio__acks *acks)
{
	return acks->last ? acks->last->n : 0;
}

struct sio__ack *sio__acks_add(struct sio__acks *acks, uint64_t id,
	sio_ack_cb fn, void *user)
{
	struct sio__ack *ack = calloc(1, sizeof(*ack));

	if (!ack)
		return NULL;
	ack->id = id;
	ack->fn = fn;
	ack->user = user;
	ack->n = sio__acks_count(acks) + 1;
	eio__list_init(&ack->sibling);
	eio__list_init(&ack->link);
	if (acks->last)
		eio__list_add_head(&acks->last->link, &ack->link);
	acks->last = ack;
	return ack;
}

void sio__acks_remove(struct sio__acks *acks, struct sio__ack *ack)
{
	unsigned left = sio__acks_count(acks) - 1;

	if (ack == acks->last)
		acks->last = left ? ack_of(ack->link.prev) : NULL;
	if (acks->last)
		acks->last->n = left;
	eio__list_del(&ack->link);
}

struct sio__ack *sio__acks_take(struct sio__acks *acks, uint64_t id)
{
	struct sio__ack *ack = acks->last;

	/* Ids grow, so that the last one is beyond all others. */
	if (!ack || id > ack->id)
		return NULL;
	do
		ack = ack_of(ack->link.next);
	while (ack->id < id);
	if (ack->id != id)
		return NULL;
	sio__acks_remove(acks, ack);
	return ack;
}

struct sio__ack *sio__acks_pop(struct sio__acks *acks)
{
	struct sio__ack *first;

	if (!acks->last)
		return NULL;
	first = ack_of(acks->last->link.next);
	sio__acks_remove(acks, first);
	return first;
}
