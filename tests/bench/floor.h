/* SPDX-License-Identifier: MIT */
/*
 * floor.h: the pieces of the floor, the server that does for the load
 * generator as little as can be done: a bound, not a server. It believes
 * everything it is told and forgets everything that fails.
 *
 *     floor.c         connections, their bytes, the turn
 *     floor_tls.c     TLS instead of plain bytes
 *     floor_http.c    which transport a connection wants
 *     floor_ws.c      WebSocket
 *     floor_poll.c    long-polling
 *     floor_packet.c  what is said over both
 *
 * Output is gathered and leaves when the turn ends, one call a connection. What
 * all are to get is framed and gathered once.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The sid of whoever needs none to come back. */
#define FLOOR_SID "0123456789ABCDEFGHIJ"

struct poll;

struct bytes {
	char *p;
	size_t n, cap;
};

struct peer {
	int fd;
	bool upgraded, dirty, dead;
	struct peer *next, *prev; /* of all */
	struct peer *next_dirty, *next_dead;
	/* How much of the input was used; the rest comes again, with more. */
	size_t (*take)(struct peer *p, char *in, size_t n);
	char *in; /* what is left of it */
	size_t in_n;
	struct bytes out;
	void *tls;
	struct poll *poll; /* of a connection that holds a session's GETs */
};

extern struct peer *all;
/* Frames that every WebSocket gets when the turn ends. */
extern struct bytes for_all;

void bytes_add(struct bytes *b, const void *data, size_t n);
void bytes_free(struct bytes *b);
/* Leaves when the turn ends. */
void put(struct peer *p, const void *data, size_t n);
/* Goes when the turn ends. */
void drop(struct peer *p);

/* False: there is no such certificate or key. */
bool tls_init(const char *certificate, const char *key);
void tls_open(struct peer *p);
void tls_close(struct peer *p);
/* Bytes; 0: none yet; -1: gone. */
ssize_t tls_read(struct peer *p, char *to, size_t room);
ssize_t tls_write(struct peer *p, const char *data, size_t n);

size_t http_take(struct peer *p, char *in, size_t n);

size_t ws_open(struct peer *p, char *in, size_t n);
/* A text frame of two parts. */
void ws_put(struct peer *p, const char *a, size_t a_n, const char *b,
	size_t b_n);
size_t ws_frame_head(unsigned char *head, size_t n);

/* Requests whose target goes on there behind "transport=polling". */
size_t poll_get(struct peer *p, char *in, size_t n, const char *target);
size_t poll_post(struct peer *p, char *in, size_t n, const char *target);
/* A packet of two parts, for the next answer. */
void poll_put(struct peer *p, const char *a, size_t a_n, const char *b,
	size_t b_n);
void poll_close(struct peer *p);

/* A packet of a client; what it is answered with is put. */
void packet_take(struct peer *p, const char *text, size_t n);

#endif
