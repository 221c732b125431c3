/* SPDX-License-Identifier: MIT */
/*
 * fake_adapter.h: an adapter that joins servers of one process through
 * <socketio/adapter.h> alone, as one between processes would: what one
 * server tells the others travels as a copy.
 */
#ifndef TESTS_FAKE_ADAPTER_H
#define TESTS_FAKE_ADAPTER_H

#include <socketio/adapter.h>

#define FAKE_NODES 16

struct fake_node;

/* What joins them. All zero at the beginning; to outlive its servers. */
struct fake_bus {
	struct fake_node *nodes[FAKE_NODES]; /* one per server and namespace */
	unsigned sent;                       /* messages so far */
	bool silent; /* nobody takes part but the one who asks */
	bool fails;  /* nothing can be sent */
	unsigned started, stopped;
	char rooms[1000]; /* what was told of rooms */
	json_t *sessions; /* by pid */
	bool holds;       /* restore_session() is left in `held` */
	sio_restore *held;
};

/* Its config is a struct fake_bus. */
extern const sio_adapter fake_adapter;

/* Answers a restore: with the session of that pid and one event that it has
 * missed, or with nothing. */
void fake_adapter_restore(struct fake_bus *bus, const char *pid,
	sio_restore *restore);

#endif
