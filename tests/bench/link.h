/* SPDX-License-Identifier: MIT */
/*
 * link.h: TCP connections of the load generator, with or without TLS.
 *
 * One epoll for all of them. What is written is gathered and leaves when the
 * turn ends, in one call, so that messages meant to be in flight together
 * travel together; what is read is handed on in pieces as they come.
 */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include <engineio/base/list.h>
#include <engineio/base/strbuf.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link;

struct link_ops {
	void (*opened)(struct link *link);
	/* How much of it was used; the rest comes again, with more. */
	size_t (*read)(struct link *link, const char *p, size_t n);
	/* The peer has gone; the link is freed afterwards. */
	void (*closed)(struct link *link);
};

struct network {
	int epoll;
	uint16_t port;
	bool tls;
	unsigned next_address; /* 127.0.0.1, .2 and so on, for their ports */
	struct eio__list dirty;
	struct eio__list dead;
	char *input; /* one piece, shared by all */
	void *tls_context;
	const char *tls_said; /* the cipher of the last handshake */
};

struct link {
	struct network *net;
	const struct link_ops *ops;
	void *user;
	int fd;
	bool connected, secured, watched, paused, dead;
	void *tls;
	struct eio__list dirty;     /* in net->dirty */
	struct eio__strbuf in, out; /* what is left of each */
	size_t out_done;
};

int network_init(struct network *net, uint16_t port, bool tls);
void network_clear(struct network *net);
/* Waits for at most ms milliseconds, reads what has come, and writes what was
 * gathered. */
void network_turn(struct network *net, int ms);

/* NULL: no memory or no descriptor. */
struct link *link_open(struct network *net, const struct link_ops *ops,
	void *user);
void link_write(struct link *link, const void *p, size_t n);
/* Little is kept for it in the kernel while it does not read. */
void link_narrow(struct link *link);
/* Stops or goes on reading. */
void link_pause(struct link *link, bool pause);
/* closed() is not called any more; the link goes at the end of the turn. */
void link_close(struct link *link);

/* Nanoseconds of a clock that only goes forward. */
uint64_t now_ns(void);

#endif
