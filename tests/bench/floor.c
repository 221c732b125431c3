/* SPDX-License-Identifier: MIT */
/*
 * floor.c: what the kernel alone costs: connections on one epoll, what comes
 * in and what goes out. See floor.h.
 *
 *     floor PORT [CERTIFICATE KEY]
 */
#include <config.h>

#include "floor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_BYTES 65536
#define LEAST       128 /* a message of most runs */

struct peer *all;
struct bytes for_all;

static int poller;
static struct peer *dirty, *dead;
static char input[INPUT_BYTES];

/* -- output --------------------------------------------------------------- */

void bytes_add(struct bytes *b, const void *data, size_t n)
{
	if (b->n + n > b->cap) {
		b->cap = (b->n + n) * 2;
		if (b->cap < LEAST)
			b->cap = LEAST;
		b->p = realloc(b->p, b->cap);
		if (!b->p)
			abort();
	}
	memcpy(b->p + b->n, data, n);
	b->n += n;
}

void bytes_free(struct bytes *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

void put(struct peer *p, const void *data, size_t n)
{
	bytes_add(&p->out, data, n);
	if (p->dirty)
		return;
	p->dirty = true;
	p->next_dirty = dirty;
	dirty = p;
}

void drop(struct peer *p)
{
	if (p->dead)
		return;
	p->dead = true;
	p->next_dead = dead;
	dead = p;
}

/* All of it or none: there is no queue, for it is a floor. */
static void send_now(struct peer *p, const struct bytes *b)
{
	ssize_t n = p->tls ? tls_write(p, b->p, b->n)
			   : send(p->fd, b->p, b->n, MSG_NOSIGNAL);

	if (n < 0 || (size_t)n < b->n)
		drop(p);
}

static void flush(struct peer *p)
{
	p->dirty = false;
	send_now(p, &p->out);
	bytes_free(&p->out);
}

/* From where it is, but behind what a peer has of its own. */
static void flush_for_all(void)
{
	struct peer *p;

	for (p = all; p && for_all.n > 0; p = p->next)
		if (p->upgraded && p->dirty)
			put(p, for_all.p, for_all.n);
		else if (p->upgraded)
			send_now(p, &for_all);
	for_all.n = 0;
}

/* -- input ---------------------------------------------------------------- */

static void keep(struct peer *p, const char *rest, size_t n)
{
	char *copy = NULL;

	if (n > 0) {
		copy = malloc(n);
		if (!copy)
			abort();
		memcpy(copy, rest, n);
	}
	free(p->in);
	p->in = copy;
	p->in_n = n;
}

/* What is behind the answer to an upgrade is of another protocol. */
static size_t take_all(struct peer *p, char *in, size_t n)
{
	size_t at = 0, used;

	do {
		used = p->take(p, in + at, n - at);
		at += used;
	} while (used > 0 && at < n && !p->dead);
	return at;
}

/* Bytes; 0: none yet; -1: gone. */
static ssize_t get(struct peer *p, char *to, size_t room)
{
	ssize_t n;

	if (p->tls)
		return tls_read(p, to, room);
	n = recv(p->fd, to, room, 0);
	return n > 0 ? n : -1;
}

static void serve(struct peer *p)
{
	size_t used, n;
	ssize_t got;

	memcpy(input, p->in ? p->in : "", p->in_n);
	got = get(p, input + p->in_n, sizeof(input) - p->in_n);
	if (got <= 0) {
		if (got < 0)
			drop(p);
		return;
	}
	n = p->in_n + (size_t)got;
	used = take_all(p, input, n);
	if (used < n || p->in)
		keep(p, input + used, n - used);
}

/* -- connections ----------------------------------------------------------- */

static void welcome(int listener)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct peer *p;
	int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

	if (fd < 0)
		return;
	p = calloc(1, sizeof(*p));
	if (!p)
		abort();
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	p->fd = fd;
	p->take = http_take;
	tls_open(p);
	p->next = all;
	if (all)
		all->prev = p;
	all = p;
	ev.data.ptr = p;
	epoll_ctl(poller, EPOLL_CTL_ADD, fd, &ev);
}

static void farewell(struct peer *p)
{
	poll_close(p);
	tls_close(p);
	close(p->fd);
	if (p->prev)
		p->prev->next = p->next;
	else
		all = p->next;
	if (p->next)
		p->next->prev = p->prev;
	free(p->in);
	bytes_free(&p->out);
	free(p);
}

static void end_turn(void)
{
	struct peer *p;

	flush_for_all();
	for (p = dirty; p; p = dirty) {
		dirty = p->next_dirty;
		flush(p);
	}
	for (p = dead; p; p = dead) {
		dead = p->next_dead;
		farewell(p);
	}
}

static void turn(int listener)
{
	struct epoll_event events[256];
	int i, n = epoll_wait(poller, events, 256, -1);

	for (i = 0; i < n; i++) {
		struct peer *p = events[i].data.ptr;

		if (!p)
			welcome(listener);
		else if (!p->dead)
			serve(p);
	}
	end_turn();
}

/* On all addresses, as the others: such a socket costs the kernel more. */
static int listen_on(unsigned port)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port) };
	struct epoll_event ev = { .events = EPOLLIN };
	socklen_t len = sizeof(at);
	int one = 1, fd = socket(AF_INET6, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, len) || listen(fd, 4096))
		return -1;
	getsockname(fd, (struct sockaddr *)&at, &len);
	printf("listening on %u\n", ntohs(at.sin6_port));
	fflush(stdout);
	ev.data.ptr = NULL;
	epoll_ctl(poller, EPOLL_CTL_ADD, fd, &ev);
	return fd;
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	int listener;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	signal(SIGPIPE, SIG_IGN);
	poller = epoll_create1(0);
	listener =
		listen_on(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0);
	if (listener < 0 || (argc > 3 && !tls_init(argv[2], argv[3])))
		return 1;
	for (;;)
		turn(listener);
}
