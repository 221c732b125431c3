/* SPDX-License-Identifier: MIT */
/* loopback.c: see loopback.h. */
#include <config.h>

#include "loopback.h"

#include <libwebsockets.h>

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE 120 /* s, for a whole test */
#define MUCH     (256 * 1024)

/* -- the server --------------------------------------------------------- */

static struct peer *to_peer(struct eio__stream *stream)
{
	return eio__list_entry(stream, struct peer, stream);
}

static void free_peer(struct peer *p)
{
	if (p->server->last == p)
		p->server->last = NULL;
	eio__list_del(&p->link);
	free(p->queue);
	free(p);
}

static void on_bytes(struct eio__stream *stream, char *data, size_t len)
{
	struct peer *p = to_peer(stream);

	p->server->bytes += len;
	if (p->server->behaviour->on_bytes)
		p->server->behaviour->on_bytes(p, data, len);
}

static void on_writable(struct eio__stream *stream)
{
	struct peer *p = to_peer(stream);

	if (p->server->behaviour->on_writable)
		p->server->behaviour->on_writable(p);
}

static void on_gone(struct eio__stream *stream, int why)
{
	struct peer *p = to_peer(stream);

	p->server->gone++;
	p->server->why = why;
	if (p->server->behaviour->on_gone)
		p->server->behaviour->on_gone(p, why);
	free_peer(p);
}

static const struct eio__stream_ops ops = {
	.on_bytes = on_bytes,
	.on_writable = on_writable,
	.on_gone = on_gone,
};

static void *on_accept(struct eio__acceptor *a, struct eio__net_conn *nc)
{
	struct server *s = eio__list_entry(a, struct server, acceptor);
	struct peer *p;

	s->accepted++;
	if (s->refuse)
		return NULL;
	p = calloc(1, sizeof(*p));
	assert_non_null(p);
	p->stream.ops = &ops;
	p->server = s;
	p->nc = nc;
	eio__list_add_tail(&s->peers, &p->link);
	s->last = p;
	if (s->behaviour->on_accept)
		s->behaviour->on_accept(p);
	return p;
}

static bool count_turn(void *user)
{
	struct server *s = user;
	struct client *c = s->waiting;

	s->turns++;
	if (c && c->until(s)) {
		s->waiting = NULL;
		sem_post(&c->reached);
	}
	return false;
}

void server_open_at(struct server *s, const struct behaviour *b,
	const char *host)
{
	int err;

	alarm(DEADLINE);
	memset(s, 0, sizeof(*s));
	s->acceptor.accept = on_accept;
	s->behaviour = b;
	eio__list_init(&s->peers);
	s->loop = eio_loop_new();
	assert_non_null(s->loop);
	assert_int_equal(eio_loop_on_turn_end(s->loop, count_turn, s), 0);
	s->listener = eio__net_listen(eio__loop_net(s->loop),
		&(struct eio__net_place){ .host = host }, &s->acceptor, &err);
	assert_int_equal(err, 0);
	assert_non_null(s->listener);
	s->port = eio__net_listener_port(s->listener);
}

void server_open(struct server *s, const struct behaviour *b)
{
	server_open_at(s, b, "127.0.0.1");
}

void server_close(struct server *s)
{
	eio_loop_free(s->loop);
	while (!eio__list_empty(&s->peers))
		free_peer(eio__list_entry(s->peers.next, struct peer, link));
	alarm(0);
}

static void *client_main(void *arg)
{
	struct client *c = arg;

	c->fn(c);
	if (c->fd >= 0)
		close(c->fd);
	eio_loop_stop(c->server->loop);
	return NULL;
}

void server_run(struct server *s, struct client *c,
	void (*fn)(struct client *c))
{
	memset(c, 0, sizeof(*c));
	c->server = s;
	c->fn = fn;
	c->fd = -1;
	assert_int_equal(pthread_create(&c->thread, NULL, client_main, c), 0);
	assert_int_equal(eio_loop_run(s->loop), 0);
	assert_int_equal(pthread_join(c->thread, NULL), 0);
}

/* -- peers -------------------------------------------------------------- */

static void keep(struct peer *p, const char *data, size_t len)
{
	p->queue = realloc(p->queue, p->queued + len);
	assert_non_null(p->queue);
	memcpy(p->queue + p->queued, data, len);
	p->queued += len;
	eio__net_read(p->nc, p->queued - p->taken < MUCH);
}

void peer_write(struct peer *p, const char *data, size_t len)
{
	int err = ENGINEIO_ERR_FULL;

	if (p->queued == p->taken)
		err = eio__net_write(p->nc, data, len);
	if (err == ENGINEIO_ERR_FULL)
		keep(p, data, len);
	p->server->full += err == ENGINEIO_ERR_FULL;
	p->server->part += err == 1;
}

void peer_flush(struct peer *p)
{
	size_t len = p->queued - p->taken;
	int err = eio__net_write(p->nc, p->queue + p->taken, len);

	if (err >= 0)
		p->taken = p->queued;
	p->server->part += err == 1;
	eio__net_read(p->nc, p->queued - p->taken < MUCH);
}

void peer_close(struct peer *p)
{
	eio__net_close(p->nc);
	free_peer(p);
}

void peer_reset(struct peer *p)
{
	eio__net_reset(p->nc);
	free_peer(p);
}

static void echo_bytes(struct peer *p, char *data, size_t len)
{
	peer_write(p, data, len);
}

const struct behaviour echo = {
	.on_bytes = echo_bytes,
	.on_writable = peer_flush,
};

/* -- the client --------------------------------------------------------- */

int client_connect(struct client *c)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in.sin_port = htons((uint16_t)c->server->port);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -1;
	return connect(c->fd, (struct sockaddr *)&in, sizeof(in));
}

int client_write(struct client *c, const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = send(c->fd, data, len, MSG_NOSIGNAL);
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t client_read(struct client *c, char *data, size_t len)
{
	size_t at = 0;
	ssize_t n;

	while (at < len) {
		n = recv(c->fd, data + at, len - at, 0);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		at += (size_t)n;
	}
	return (ssize_t)at;
}

void client_close(struct client *c)
{
	close(c->fd);
	c->fd = -1;
}

void client_reset(struct client *c)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	client_close(c);
}

static void begin_wait(void *arg, int status)
{
	struct client *c = arg;

	c->server->waiting = c;
}

void client_wait(struct client *c, bool (*fn)(struct server *s))
{
	c->until = fn;
	sem_init(&c->reached, 0, 0);
	eio_loop_post(c->server->loop, begin_wait, c);
	sem_wait(&c->reached);
	sem_destroy(&c->reached);
}

/* -- odds and ends ------------------------------------------------------ */

char pattern(size_t i)
{
	return (char)(i * 31 + i / 251);
}

/* libwebsockets 4.3.5 loses an eventfd with each context: it is noted as
 * closed while the context goes, but never closed. */
static bool is_lost(int dir, const char *name)
{
	char target[64];
	ssize_t len = readlinkat(dir, name, target, sizeof(target) - 1);

	target[len > 0 ? len : 0] = '\0';
	return LWS_LIBRARY_VERSION_NUMBER >= 4003000 &&
		strstr(target, "[eventfd]");
}

int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	for (entry = readdir(dir); entry; entry = readdir(dir))
		n += !is_lost(dirfd(dir), entry->d_name);
	closedir(dir);
	return n;
}
