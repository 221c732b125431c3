/* SPDX-License-Identifier: MIT */
/*
 * loopback.h: for tests of the real network on 127.0.0.1.
 *
 * The loop under test runs in the test itself and owns a server whose
 * behaviour is a table of functions; the client is a function of blocking
 * calls that runs in a thread of its own and stops the loop when it returns.
 * cmocka's checks belong to the main thread: a client leaves what it saw in
 * its struct. An alarm ends a test that hangs.
 */
#ifndef TESTS_LOOPBACK_H
#define TESTS_LOOPBACK_H

#include <engineio/loop.h>

#include <pthread.h>
#include <semaphore.h>
#include <sys/types.h>

struct server;
struct client;

/* The server's end of a connection. */
struct peer {
	struct eio__stream stream;
	struct eio__list link;
	struct server *server;
	struct eio__net_conn *nc;
	char *queue; /* what could not be written yet */
	size_t queued, taken;
};

/* Each may be NULL. */
struct behaviour {
	void (*on_accept)(struct peer *p);
	void (*on_bytes)(struct peer *p, char *data, size_t len);
	void (*on_writable)(struct peer *p);
	void (*on_gone)(struct peer *p, int why);
};

struct server {
	struct eio__acceptor acceptor;
	eio_loop *loop;
	struct eio__net_listener *listener;
	int port;
	const struct behaviour *behaviour;
	struct eio__list peers;
	struct peer *last; /* accepted */
	bool refuse;
	int accepted, gone, why;
	size_t bytes;   /* received */
	int full, part; /* answers of eio__net_write() */
	unsigned long turns;
	struct client *waiting;
	bool flag, early; /* the test's own */
};

struct client {
	pthread_t thread;
	struct server *server;
	void (*fn)(struct client *c);
	int fd;
	int fds[100]; /* the test's own */
	sem_t reached;
	bool (*until)(struct server *s);
	ssize_t got;
	int err;
	bool ok;
};

/* On 127.0.0.1 and a port the system chose. */
void server_open(struct server *s, const struct behaviour *b);
void server_open_at(struct server *s, const struct behaviour *b,
	const char *host);
/* Frees the loop with everything on it. */
void server_close(struct server *s);
/* Runs fn in a thread and the loop until it has returned. */
void server_run(struct server *s, struct client *c,
	void (*fn)(struct client *c));

/* Behaviour: everything comes back; reading pauses while much is waiting. */
extern const struct behaviour echo;
/* Writes, and keeps what is not taken for peer_flush(). */
void peer_write(struct peer *p, const char *data, size_t len);
void peer_flush(struct peer *p);
void peer_close(struct peer *p);
void peer_reset(struct peer *p);

/* In the client's thread; -1 when it goes wrong. */
int client_connect(struct client *c);
int client_write(struct client *c, const char *data, size_t len);
/* Exactly len bytes, unless the connection ends before. */
ssize_t client_read(struct client *c, char *data, size_t len);
void client_close(struct client *c);
void client_reset(struct client *c);
/* Until fn(s) is true on the loop's thread, looked at in each turn. */
void client_wait(struct client *c, bool (*fn)(struct server *s));

/* Byte number i of a long stream that does not repeat every power of two. */
char pattern(size_t i);
/* Descriptors this process has open. */
int open_descriptors(void);

#endif
