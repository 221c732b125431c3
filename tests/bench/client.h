/* SPDX-License-Identifier: MIT */
/*
 * client.h: Socket.IO clients of the load generator, by hand: just what a
 * stock client puts on the wire, over WebSocket (ws_client.c) or long-polling
 * (poll_client.c). client.c joins the namespace "/" and answers pings.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "link.h"

struct client;

/* What a scenario hears. */
struct client_ops {
	/* It is in the namespace. */
	void (*joined)(struct client *c);
	/* A Socket.IO packet, from its type on. */
	void (*packet)(struct client *c, const char *p, size_t n);
	/* The connection has ended: by itself, or after client_finish(). */
	void (*closed)(struct client *c);
	/* The next packet, if all is well; NULL: not known. As long as what
	 * comes in pieces is equal to it, it is not kept, and packet() gets
	 * these very bytes, as many as came. May be NULL. */
	const char *(*expected)(struct client *c, size_t *n);
};

enum transport {
	WEBSOCKET,
	POLLING
};

struct client {
	struct network *net;
	const struct client_ops *ops;
	void *user;
	enum transport transport;
	struct link *link; /* polling: of the GETs */
	struct link *post; /* polling: of the POSTs */
	bool upgraded, joined, leaving;
	bool getting, posting;      /* polling: an answer is waited for */
	unsigned frame_head;        /* WebSocket: of the frame that comes */
	uint64_t frame_left;        /* WebSocket: of it, to come */
	size_t matched;             /* of the packet, all as expected */
	struct eio__strbuf message; /* WebSocket: what came of the packet */
	struct eio__strbuf queue;   /* polling: the next POST's body */
	struct eio__strbuf posted;  /* polling: that of the last */
	bool post_used;             /* the POSTs' connection had an answer */
	char sid[64];
	uint64_t opened_at;
	/* The scenario's. */
	uint64_t next_id, answered;
	uint64_t *sent_at;
	size_t index;
	bool slow; /* the server may give it up */
	bool polls;
};

/* 0 or -1: no memory or no descriptor. */
int client_open(struct client *c, struct network *net, enum transport transport,
	const struct client_ops *ops, void *user);
/* Sends a Socket.IO packet; it leaves when the turn ends. */
void client_send(struct client *c, const char *packet, size_t n);
/* Ends the connection as a client does; closed() follows. */
void client_finish(struct client *c);
/* Ends it at once; closed() is not called. */
void client_drop(struct client *c);

/* -- for the transports -------------------------------------------------- */

/* An Engine.IO packet came. */
void client_take(struct client *c, const char *p, size_t n);
/* Something was not as it has to be; ends the program. */
void client_fail(const struct client *c, const char *what, const char *p,
	size_t n);

int ws_client_open(struct client *c);
void ws_client_send(struct client *c, const char *p, size_t n);
void ws_client_finish(struct client *c);
int poll_client_open(struct client *c);
void poll_client_send(struct client *c, const char *p, size_t n);

#endif
