/* SPDX-License-Identifier: MIT */
/*
 * floor.c: what the kernel alone costs: an epoll server that speaks just
 * enough by hand for the load generator's WebSocket scenarios. It believes
 * everything it is told and forgets everything that fails: a bound, not a
 * server.
 *
 * Output is gathered and leaves when the turn ends, one call a connection. A
 * message for all is framed once.
 */
#include <config.h>

#include <engineio/base/base64.h>

#include <openssl/sha.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_BYTES 65536

struct peer {
	int fd;
	bool upgraded, dirty, dead;
	struct peer *next, *prev; /* of all */
	struct peer *next_dirty, *next_dead;
	char *in, *out;
	size_t in_n, out_n, out_cap;
};

static int poller;
static struct peer *all, *dirty, *dead;
static char input[INPUT_BYTES];

/* -- output --------------------------------------------------------------- */

static void put(struct peer *p, const void *data, size_t n)
{
	if (p->out_n + n > p->out_cap) {
		p->out_cap = (p->out_n + n) * 2;
		p->out = realloc(p->out, p->out_cap);
		if (!p->out)
			abort();
	}
	memcpy(p->out + p->out_n, data, n);
	p->out_n += n;
	if (p->dirty)
		return;
	p->dirty = true;
	p->next_dirty = dirty;
	dirty = p;
}

static size_t frame_head(unsigned char *head, size_t n)
{
	int i;

	head[0] = 0x81;
	if (n < 126) {
		head[1] = (unsigned char)n;
		return 2;
	}
	if (n < 65536) {
		head[1] = 126;
		head[2] = (unsigned char)(n >> 8);
		head[3] = (unsigned char)n;
		return 4;
	}
	head[1] = 127;
	for (i = 0; i < 8; i++)
		head[2 + i] = (unsigned char)(n >> (56 - 8 * i));
	return 10;
}

static void put_text(struct peer *p, const char *text, size_t n)
{
	unsigned char head[10];

	put(p, head, frame_head(head, n));
	put(p, text, n);
}

static void drop(struct peer *p)
{
	if (p->dead)
		return;
	p->dead = true;
	p->next_dead = dead;
	dead = p;
}

static void flush(struct peer *p)
{
	ssize_t n = send(p->fd, p->out, p->out_n, MSG_NOSIGNAL);

	p->dirty = false;
	if (n < 0 || (size_t)n < p->out_n)
		drop(p); /* no queue: it is a floor */
	p->out_n = 0;
	free(p->out);
	p->out = NULL;
	p->out_cap = 0;
}

/* -- packets -------------------------------------------------------------- */

/* 42N["echo",X] is answered with 43N[X]. */
static void echo(struct peer *p, const char *text, size_t n, const char *list,
	size_t name_n)
{
	char head[32];
	size_t id_n = (size_t)(list - text - 2), rest = (size_t)(list - text);
	unsigned char frame[10];

	rest = n - rest - name_n;
	memcpy(head, "43", 2);
	memcpy(head + 2, text + 2, id_n);
	head[2 + id_n] = '[';
	put(p, frame, frame_head(frame, 3 + id_n + rest));
	put(p, head, 3 + id_n);
	put(p, list + name_n, rest);
}

static void broadcast(const char *text, size_t n)
{
	unsigned char head[10];
	size_t head_n = frame_head(head, n);
	struct peer *p;

	for (p = all; p; p = p->next) {
		if (!p->upgraded)
			continue;
		put(p, head, head_n);
		put(p, text, n);
	}
}

static void take(struct peer *p, const char *text, size_t n)
{
	const char *list = memchr(text, '[', n);

	if (n == 2 && !memcmp(text, "40", 2))
		put_text(p, "40{\"sid\":\"0123456789abcdefghij\"}", 32);
	else if (list && !memcmp(list, "[\"echo\",", 8))
		echo(p, text, n, list, 8);
	else if (list && !memcmp(list, "[\"echo-json\",", 13))
		echo(p, text, n, list, 13);
	else if (list && !memcmp(list, "[\"broadcast\",", 13))
		broadcast(text, n);
}

/* -- input ---------------------------------------------------------------- */

static void accept_key(const char *key, size_t n, char *out)
{
	unsigned char text[128], digest[SHA_DIGEST_LENGTH];

	if (n > 64)
		n = 64;
	memcpy(text, key, n);
	memcpy(text + n, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
	SHA1(text, n + 36, digest);
	eio__base64_encode(out, digest, sizeof(digest));
}

static size_t upgrade(struct peer *p, const char *in, size_t n)
{
	static const char open[] =
		"0{\"sid\":\"0123456789abcdefghij\",\"upgrades\":[],"
		"\"pingInterval\":25000,\"pingTimeout\":20000,"
		"\"maxPayload\":1000000}";
	const char *end = memmem(in, n, "\r\n\r\n", 4);
	const char *key = memmem(in, n, "Sec-WebSocket-Key: ", 19);
	const char *key_end;
	char answer[300], hash[32] = "";
	int len;

	if (!end || !key)
		return 0;
	key += 19;
	key_end = memchr(key, '\r', n - (size_t)(key - in));
	accept_key(key, (size_t)(key_end - key), hash);
	len = snprintf(answer, sizeof(answer),
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		hash);
	put(p, answer, (size_t)len);
	put_text(p, open, sizeof(open) - 1);
	p->upgraded = true;
	return (size_t)(end + 4 - in);
}

/* A frame with all its bytes: how many it has; 0: not yet. */
static size_t take_frame(struct peer *p, char *in, size_t n)
{
	unsigned char *u = (unsigned char *)in;
	size_t at = 2, len, i;

	if (n < 6)
		return 0;
	len = u[1] & 127;
	if (len == 126) {
		len = (size_t)u[2] << 8 | u[3];
		at = 4;
	} else if (len == 127) {
		len = 0;
		for (i = 0; i < 8; i++)
			len = len << 8 | u[2 + i];
		at = 10;
	}
	if (n < at + 4 || n - at - 4 < len)
		return 0;
	for (i = 0; i < len; i++)
		u[at + 4 + i] ^= u[at + (i & 3)];
	if ((u[0] & 15) == 8)
		drop(p);
	else
		take(p, in + at + 4, len);
	return at + 4 + len;
}

static size_t take_all(struct peer *p, char *in, size_t n)
{
	size_t at = 0, used;

	if (!p->upgraded)
		return upgrade(p, in, n);
	do {
		used = take_frame(p, in + at, n - at);
		at += used;
	} while (used > 0 && !p->dead);
	return at;
}

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

static void serve(struct peer *p)
{
	size_t used, n;
	ssize_t got;

	memcpy(input, p->in ? p->in : "", p->in_n);
	got = recv(p->fd, input + p->in_n, sizeof(input) - p->in_n, 0);
	if (got <= 0) {
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
	p->next = all;
	if (all)
		all->prev = p;
	all = p;
	ev.data.ptr = p;
	epoll_ctl(poller, EPOLL_CTL_ADD, fd, &ev);
}

static void farewell(struct peer *p)
{
	close(p->fd);
	if (p->prev)
		p->prev->next = p->next;
	else
		all = p->next;
	if (p->next)
		p->next->prev = p->prev;
	free(p->in);
	free(p->out);
	free(p);
}

static void end_turn(void)
{
	struct peer *p;

	for (p = dirty; p; p = dirty) {
		dirty = p->next_dirty;
		flush(p);
	}
	for (p = dead; p; p = dead) {
		dead = p->next_dead;
		farewell(p);
	}
}

static int listen_on(unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	struct epoll_event ev = { .events = EPOLLIN };
	socklen_t len = sizeof(at);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, len) || listen(fd, 4096))
		return -1;
	getsockname(fd, (struct sockaddr *)&at, &len);
	printf("listening on %u\n", ntohs(at.sin_port));
	fflush(stdout);
	ev.data.ptr = NULL;
	epoll_ctl(poller, EPOLL_CTL_ADD, fd, &ev);
	return fd;
}

int main(int argc, char **argv)
{
	struct epoll_event events[256];
	struct rlimit limit;
	int i, n, listener;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	poller = epoll_create1(0);
	listener =
		listen_on(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0);
	if (listener < 0)
		return 1;
	for (;;) {
		n = epoll_wait(poller, events, 256, -1);
		for (i = 0; i < n; i++) {
			struct peer *p = events[i].data.ptr;

			if (!p)
				welcome(listener);
			else if (!p->dead)
				serve(p);
		}
		end_turn();
	}
}
