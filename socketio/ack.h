/* SPDX-License-Identifier: MIT */
/*
 * ack.h: acknowledgements that a socket's client owes.
 *
 * An ack waits in the list of its socket until it is taken out: by the
 * answer, by the end of its time, or by the end of the socket. Who takes it
 * out completes it, so it is completed once. Pure: the timer is the
 * caller's.
 */
#ifndef SOCKETIO_ACK_H
#define SOCKETIO_ACK_H

#include <engineio/base/list.h>

#include <socketio/socketio.h>

struct sio__ack {
	struct eio__list link; /* in a ring without a head */
	uint64_t id;
	unsigned n; /* of the last one: how many there are */
	sio_ack_cb fn;
	void *user;
	sio_socket *socket;       /* of the caller */
	eio_timer *timer;         /* of the caller; NULL: no time limit */
	struct eio__list sibling; /* of the caller: among acks of one event */
};

/* Of one socket, in the order they were asked for. Most have none: a pointer
 * is all that it costs them. */
struct sio__acks {
	struct sio__ack *last;
};

void sio__acks_init(struct sio__acks *acks);
unsigned sio__acks_count(const struct sio__acks *acks);
/* NULL: out of memory. The caller has looked whether there is room. */
struct sio__ack *sio__acks_add(struct sio__acks *acks, uint64_t id,
	sio_ack_cb fn, void *user);
/* Takes out the one with this id; NULL for one that is not waited for. */
struct sio__ack *sio__acks_take(struct sio__acks *acks, uint64_t id);
/* Takes out this one. */
void sio__acks_remove(struct sio__acks *acks, struct sio__ack *ack);
/* Takes out the oldest; NULL when there is none. */
struct sio__ack *sio__acks_pop(struct sio__acks *acks);

#endif
