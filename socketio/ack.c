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

void sio__acks_init(struct sio__acks *acks)
{
	eio__list_init(&acks->list);
	acks->n = 0;
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
	eio__list_init(&ack->sibling);
	eio__list_add_tail(&acks->list, &ack->link);
	acks->n++;
	return ack;
}

void sio__acks_remove(struct sio__acks *acks, struct sio__ack *ack)
{
	eio__list_del(&ack->link);
	acks->n--;
}

struct sio__ack *sio__acks_take(struct sio__acks *acks, uint64_t id)
{
	struct eio__list *pos;
	struct sio__ack *ack;

	eio__list_for_each(pos, &acks->list) {
		ack = eio__list_entry(pos, struct sio__ack, link);
		if (ack->id == id) {
			sio__acks_remove(acks, ack);
			return ack;
		}
		if (ack->id > id)
			break;
	}
	return NULL;
}

struct sio__ack *sio__acks_pop(struct sio__acks *acks)
{
	struct eio__list *first = acks->list.next;
	struct sio__ack *ack;

	if (eio__list_empty(&acks->list))
		return NULL;
	ack = eio__list_entry(first, struct sio__ack, link);
	sio__acks_remove(acks, ack);
	return ack;
}
