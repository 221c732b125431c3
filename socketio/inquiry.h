/* SPDX-License-Identifier: MIT */
/*
 * inquiry.h: a question to many, as its asker sees it. What those say who are
 * asked is in adapter.h.
 */
#ifndef SOCKETIO_INQUIRY_H
#define SOCKETIO_INQUIRY_H

#include <socketio/adapter.h>
#include <socketio/io.h>

/* What the asker is told. All of them are called from inside the calls of
 * adapter.h, but end, which comes from the loop, once, as the last. Any may
 * be NULL but end. */
struct sio__asker {
	void (*clients)(void *user, size_t n);
	/* s NULL: a client of another server, of whose answer there is only
	 * the first argument. */
	void (*answer)(void *user, sio_socket *s, json_t *args);
	void (*sockets)(void *user, sio_socket *const *here, size_t n,
		json_t *elsewhere);
	void (*end)(void *user, int err);
};

struct sio_inquiry {
	unsigned refs;
	sio_server *srv;
	sio_nsp *nsp;           /* valid until it has ended */
	struct eio__list link;  /* in srv->inquiries, until it has ended */
	struct sio__task task;  /* tells the end */
	struct eio__list acks;  /* of this server's sockets; awaited */
	eio_timer *timer;       /* NULL: no limit */
	size_t servers;         /* 0: not known yet */
	size_t reported;        /* of them */
	size_t clients;         /* that they reported */
	size_t done;            /* of those: have answered or gone */
	bool of_servers, ended; /* servers answer, not clients */
	int err;
	const struct sio__asker *asker;
	void *user;
};

/* timeout_ms 0: no limit. One reference, the caller's; the inquiry has one of
 * its own until its end was told. NULL: out of memory, or the server has
 * ended. */
sio_inquiry *sio__inquiry_new(sio_nsp *nsp, unsigned timeout_ms,
	const struct sio__asker *asker, void *user);
/* A client of this server is asked; its answer comes by itself. False: out
 * of memory, or it owes too many. */
bool sio__inquiry_ask(sio_inquiry *t, sio_socket *s, uint64_t id);
/* It was not, after all. */
void sio__inquiry_take_back(sio_socket *s, uint64_t id);
/* The sockets of this server that a fetch found. */
void sio__inquiry_here(sio_inquiry *t, sio_socket *const *sockets, size_t n);
/* Nobody is waited for any more. */
void sio__inquiry_end(sio_inquiry *t, int err);
/* Forgets everything; the asker is not told. For a question that could not
 * be asked. */
void sio__inquiry_cancel(sio_inquiry *t);
/* Asks the adapter how many servers there are; local: only this one. */
void sio__inquiry_count(sio_inquiry *t, bool local);

#endif
