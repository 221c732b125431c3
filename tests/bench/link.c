/* SPDX-License-Identifier: MIT */
/*
 * link.c: TCP connections of the load generator. TLS is OpenSSL's, without a
 * look at the certificate; every handshake is a full one of the same kind,
 * whatever a server would prefer or remember.
 *
 * Always true: a dead link is never called again, and is freed between two
 * turns.
 */
#include <config.h>

#include "link.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define INPUT_BYTES 262144
#define ADDRESSES   8
#define NARROW      65536

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static SSL_CTX *make_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set1_groups_list(ctx, "X25519");
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	return ctx;
}

int network_init(struct network *net, uint16_t port, bool tls)
{
	memset(net, 0, sizeof(*net));
	net->port = port;
	net->tls = tls;
	eio__list_init(&net->dirty);
	eio__list_init(&net->dead);
	net->epoll = epoll_create1(EPOLL_CLOEXEC);
	net->input = malloc(INPUT_BYTES);
	if (tls)
		net->tls_context = make_context();
	return net->epoll < 0 || !net->input || (tls && !net->tls_context) ? -1
									   : 0;
}

void network_clear(struct network *net)
{
	close(net->epoll);
	free(net->input);
	SSL_CTX_free(net->tls_context);
}

/* -- one link ------------------------------------------------------------ */

static void watch(struct link *link)
{
	struct epoll_event ev = { 0 };
	bool out = !link->connected || link->out.len > link->out_done;

	ev.events = (link->paused ? 0 : EPOLLIN) | (out ? EPOLLOUT : 0);
	ev.data.ptr = link;
	epoll_ctl(link->net->epoll,
		link->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, link->fd, &ev);
	link->watched = true;
}

static int begin(struct network *net, int fd)
{
	struct sockaddr_in to = { 0 };
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	to.sin_family = AF_INET;
	to.sin_port = htons(net->port);
	to.sin_addr.s_addr =
		htonl(INADDR_LOOPBACK + net->next_address++ % ADDRESSES);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) &&
		errno != EINPROGRESS)
		return -1;
	return 0;
}

static int secure(struct link *link)
{
	SSL *tls = SSL_new(link->net->tls_context);

	if (!tls || !SSL_set_fd(tls, link->fd))
		return -1;
	SSL_set_mode(tls,
		SSL_MODE_ENABLE_PARTIAL_WRITE |
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			SSL_MODE_RELEASE_BUFFERS);
	SSL_set_connect_state(tls);
	link->tls = tls;
	return 0;
}

struct link *link_open(struct network *net, const struct link_ops *ops,
	void *user)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->net = net;
	link->ops = ops;
	link->user = user;
	eio__list_init(&link->dirty);
	eio__strbuf_init(&link->in, 0);
	eio__strbuf_init(&link->out, 0);
	link->fd =
		socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0 || begin(net, link->fd) ||
		(net->tls && secure(link))) {
		if (link->fd >= 0)
			close(link->fd);
		free(link);
		return NULL;
	}
	watch(link);
	return link;
}

void link_close(struct link *link)
{
	if (link->dead)
		return;
	link->dead = true;
	SSL_free(link->tls);
	ERR_clear_error(); /* or those of other links would be taken for it */
	close(link->fd);
	eio__list_del(&link->dirty);
	eio__list_add_tail(&link->net->dead, &link->dirty);
}

static void lost(struct link *link)
{
	if (link->dead)
		return;
	link_close(link);
	link->ops->closed(link);
}

static void link_free(struct link *link)
{
	eio__strbuf_clear(&link->in);
	eio__strbuf_clear(&link->out);
	free(link);
}

void link_narrow(struct link *link)
{
	int bytes = NARROW;

	setsockopt(link->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

void link_pause(struct link *link, bool pause)
{
	if (link->dead || link->paused == pause)
		return;
	link->paused = pause;
	watch(link);
}

/* -- bytes --------------------------------------------------------------- */

void link_write(struct link *link, const void *p, size_t n)
{
	if (link->dead)
		return;
	eio__strbuf_add(&link->out, p, n);
	if (eio__list_empty(&link->dirty))
		eio__list_add_tail(&link->net->dirty, &link->dirty);
}

static ssize_t raw_write(struct link *link, const char *p, size_t n)
{
	ssize_t done;

	if (!link->tls) {
		done = send(link->fd, p, n, MSG_NOSIGNAL);
		return done < 0 && errno == EAGAIN ? 0 : done;
	}
	done = SSL_write(link->tls, p, n > 1u << 20 ? 1 << 20 : (int)n);
	if (done > 0)
		return done;
	switch (SSL_get_error(link->tls, (int)done)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return 0;
	default:
		return -1;
	}
}

/* -1: gone; 0: nothing now. */
static ssize_t raw_read(struct link *link, char *p, size_t n)
{
	ssize_t got;

	if (!link->tls) {
		got = recv(link->fd, p, n, 0);
		if (got == 0)
			return -1;
		return got < 0 && errno == EAGAIN ? 0 : got;
	}
	got = SSL_read(link->tls, p, (int)n);
	if (got > 0)
		return got;
	switch (SSL_get_error(link->tls, (int)got)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return 0;
	default:
		return -1;
	}
}

static void flush(struct link *link)
{
	struct eio__strbuf *out = &link->out;
	ssize_t n;

	if (!link->connected || (link->tls && !link->secured))
		return;
	while (link->out_done < out->len) {
		n = raw_write(link, out->data + link->out_done,
			out->len - link->out_done);
		if (n < 0) {
			lost(link);
			return;
		}
		if (n == 0) {
			watch(link);
			return;
		}
		link->out_done += (size_t)n;
	}
	eio__strbuf_reset(out);
	link->out_done = 0;
}

/* What was not used is kept, and used together with what comes next. */
static void hand_on(struct link *link, const char *p, size_t n)
{
	struct eio__strbuf *in = &link->in;
	size_t used;

	if (in->len > 0) {
		eio__strbuf_add(in, p, n);
		p = in->data;
		n = in->len;
	}
	used = link->ops->read(link, p, n);
	if (link->dead || used == 0) {
		if (!link->dead && in->len == 0)
			eio__strbuf_add(in, p, n);
		return;
	}
	if (in->len == 0) {
		if (used < n)
			eio__strbuf_add(in, p + used, n - used);
		return;
	}
	memmove(in->data, in->data + used, n - used);
	in->len = n - used;
	if (in->len == 0)
		eio__strbuf_clear(in);
}

static void read_all(struct link *link)
{
	char *input = link->net->input;
	ssize_t n;

	do {
		n = raw_read(link, input, INPUT_BYTES);
		if (n < 0)
			lost(link);
		else if (n > 0)
			hand_on(link, input, (size_t)n);
	} while (!link->dead && !link->paused && n > 0 &&
		(link->tls || n == INPUT_BYTES));
}

/* -- the turn ------------------------------------------------------------ */

static bool finish_connect(struct link *link)
{
	int err = 0;
	socklen_t len = sizeof(err);

	getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err) {
		lost(link);
		return false;
	}
	link->connected = true;
	watch(link);
	return true;
}

static void opened(struct link *link)
{
	link->ops->opened(link);
	if (!link->dead)
		flush(link);
}

/* True once bytes of ours may travel. */
static bool is_up(struct link *link, unsigned events)
{
	int n;

	if (!link->connected &&
		(!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) ||
			!finish_connect(link)))
		return false;
	if (!link->tls && !link->secured) {
		link->secured = true;
		opened(link);
	} else if (link->tls && !link->secured) {
		n = SSL_do_handshake(link->tls);
		if (n == 1) {
			link->secured = true;
			link->net->tls_said = SSL_get_cipher_name(link->tls);
			opened(link);
		} else if (SSL_get_error(link->tls, n) != SSL_ERROR_WANT_READ) {
			lost(link);
		}
	}
	return !link->dead && link->secured;
}

static void serve(struct link *link, unsigned events)
{
	if (link->dead || !is_up(link, events))
		return;
	if (events & EPOLLOUT && link->out.len > 0) {
		flush(link);
		if (!link->dead)
			watch(link);
	}
	if (!link->dead && !link->paused)
		read_all(link);
}

void network_turn(struct network *net, int ms)
{
	struct epoll_event events[256];
	struct eio__list *pos;
	int i, n = epoll_wait(net->epoll, events, 256, ms);

	for (i = 0; i < n; i++)
		serve(events[i].data.ptr, events[i].events);
	for (pos = eio__list_pop(&net->dirty); pos;
		pos = eio__list_pop(&net->dirty))
		flush(eio__list_entry(pos, struct link, dirty));
	for (pos = eio__list_pop(&net->dead); pos;
		pos = eio__list_pop(&net->dead))
		link_free(eio__list_entry(pos, struct link, dirty));
}
