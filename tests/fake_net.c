/* SPDX-License-Identifier: MIT */
/*
 * fake_net.c: the network of net.h in memory.
 *
 * It keeps the rules of net.h more strictly than a real one: it asserts
 * that nothing is written to, or asked of, a connection that has ended, and
 * it never calls up from inside a call down.
 */
#include <config.h>

#include "fake_net.h"

#include <engineio/filter.h>
#include <engineio/loop.h>
#include <engineio/net.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct eio__net_listener {
	struct eio__list link;
	struct eio__net *net;
	void *user;
	int port;
};

struct eio__net_watch {
	int unused;
};

struct eio__net_shared {
	const char *bytes;
	char *copy;
	size_t len;
};

static unsigned shares_made;
static size_t shares;

/* Both ends of a connection: freed when neither has it any more. */
struct eio__net_conn {
	struct eio__list link; /* in net->conns while the server has it */
	struct eio__net *net;
	void *conn; /* the server's */
	struct eio__strbuf received, kept;
	size_t room;
	unsigned writes, segments;
	bool server_has, client_has;
	bool finished, reset, reading, wants_room;
	struct eio__strbuf unread; /* sent while the server did not read */
	bool client_fin;
	struct eio__filter *filter;
	struct eio__net_addr peer;
	int failed; /* on_gone() is due, with this errno */
	const void *ahead[EIO__AHEADS];
};

struct fake_conn {
	struct eio__net_conn nc;
};

struct eio__net {
	const struct eio__net_up *up;
	void *owner;
	uint64_t now, timer;
	uint64_t random;
	bool random_broken, woken, stop;
	bool held; /* see fake_hold() */
	int listen_error;
	int next_port;
	struct eio__list conns, listeners;
};

/* Whether the server's code runs, see fake_is_inside(). */
static bool inside;

#define UP(call) \
	do { \
		bool was_inside = inside; \
\
		inside = true; \
		call; \
		inside = was_inside; \
	} while (0)

bool fake_is_inside(void)
{
	return inside;
}

/* -- net.h --------------------------------------------------------------- */

struct eio__net *eio__net_new(const struct eio__net_up *up, void *owner,
	const char **why)
{
	struct eio__net *net = calloc(1, sizeof(*net));

	*why = "out of memory";
	if (!net)
		return NULL;
	net->up = up;
	net->owner = owner;
	net->now = 1000;
	net->timer = UINT64_MAX;
	net->random = 88172645463325252u;
	net->next_port = 40000;
	eio__list_init(&net->conns);
	eio__list_init(&net->listeners);
	return net;
}

static void maybe_free(struct eio__net_conn *nc)
{
	if (nc->server_has || nc->client_has)
		return;
	eio__strbuf_clear(&nc->received);
	eio__strbuf_clear(&nc->kept);
	eio__strbuf_clear(&nc->unread);
	eio__filter_free(nc->filter);
	free(nc);
}

static void server_leaves(struct eio__net_conn *nc)
{
	assert(nc->server_has);
	nc->server_has = false;
	nc->finished = true;
	eio__list_del(&nc->link);
	maybe_free(nc);
}

void eio__net_free(struct eio__net *net)
{
	struct eio__list *link;

	while (!eio__list_empty(&net->conns))
		server_leaves(eio__list_entry(net->conns.next,
			struct eio__net_conn, link));
	for (link = eio__list_pop(&net->listeners); link;
		link = eio__list_pop(&net->listeners))
		free(eio__list_entry(link, struct eio__net_listener, link));
	free(net);
}

static bool tell_failed(struct eio__net *net)
{
	struct eio__list *pos;
	struct eio__net_conn *nc;

	eio__list_for_each(pos, &net->conns) {
		nc = eio__list_entry(pos, struct eio__net_conn, link);
		if (!nc->failed)
			continue;
		UP(net->up->on_gone(nc->conn, nc->failed));
		server_leaves(nc);
		return true;
	}
	return false;
}

static void end_turn(struct eio__net *net)
{
	if (net->held)
		return;
	while (net->woken) {
		net->woken = false;
		UP(net->up->on_wake(net->owner));
	}
	do
		UP(net->up->on_turn_end(net->owner));
	while (tell_failed(net));
}

int eio__net_run(struct eio__net *net)
{
	net->stop = false;
	while (!net->stop) {
		end_turn(net);
		if (net->stop || net->woken)
			continue;
		if (net->timer == UINT64_MAX)
			return -EDEADLK; /* a real one would wait for ever */
		if (net->timer > net->now)
			net->now = net->timer;
		net->timer = UINT64_MAX;
		UP(net->up->on_timer(net->owner));
	}
	return 0;
}

void eio__net_stop(struct eio__net *net)
{
	net->stop = true;
}

void eio__net_wake(struct eio__net *net)
{
	net->woken = true;
}

uint64_t eio__net_now(struct eio__net *net)
{
	return net->now;
}

int64_t eio__net_wall(struct eio__net *net)
{
	/* 2026-11-20 00:00:00 UTC at the clock's 1000. */
	return 1795132800000 + (int64_t)net->now - 1000;
}

int eio__net_random(struct eio__net *net, void *p, size_t n)
{
	unsigned char *out = p;
	size_t i;

	if (net->random_broken)
		return ENGINEIO_ERR_STATE;
	for (i = 0; i < n; i++) {
		net->random ^= net->random << 13;
		net->random ^= net->random >> 7;
		net->random ^= net->random << 17;
		out[i] = (unsigned char)(net->random >> 32);
	}
	return 0;
}

void eio__net_set_timer(struct eio__net *net, uint64_t at)
{
	net->timer = at;
}

struct eio__net_listener *eio__net_listen(struct eio__net *net,
	const struct eio__net_place *place, void *user, int *err)
{
	struct eio__net_listener *l;

	*err = net->listen_error;
	if (net->listen_error)
		return NULL;
	l = calloc(1, sizeof(*l));
	if (!l) {
		*err = -ENOMEM;
		return NULL;
	}
	l->net = net;
	l->user = user;
	l->port = place->port ? place->port : net->next_port++;
	eio__list_add_tail(&net->listeners, &l->link);
	return l;
}

int eio__net_listener_port(const struct eio__net_listener *l)
{
	return l->port;
}

void eio__net_unlisten(struct eio__net_listener *l)
{
	eio__list_del(&l->link);
	free(l);
}

static int take(struct eio__net_conn *nc, const void *p, size_t len)
{
	size_t n = len < nc->room ? len : nc->room;

	assert(nc->server_has && !nc->finished && len);
	if (nc->kept.len || !nc->room) {
		nc->wants_room = true;
		return ENGINEIO_ERR_FULL;
	}
	nc->writes++;
	eio__strbuf_add(&nc->received, p, n);
	if (nc->room != SIZE_MAX)
		nc->room -= n;
	if (n == len)
		return 0;
	eio__strbuf_add(&nc->kept, (const char *)p + n, len - n);
	nc->wants_room = true;
	return 1;
}

/* What TLS made of something is taken wholly. */
static long take_cipher(void *user, const void *p, size_t len, bool more)
{
	struct eio__net_conn *nc = user;
	size_t n = len < nc->room ? len : nc->room;

	if (nc->kept.len)
		n = 0;
	nc->segments += !more;
	eio__strbuf_add(&nc->received, p, n);
	if (nc->room != SIZE_MAX)
		nc->room -= n;
	if (n < len)
		eio__strbuf_add(&nc->kept, (const char *)p + n, len - n);
	return (long)nc->kept.len;
}

static int encrypt(struct eio__net_conn *nc, const void *p, size_t len)
{
	assert(nc->server_has && !nc->finished && len);
	if (nc->kept.len) {
		nc->wants_room = true;
		return ENGINEIO_ERR_FULL;
	}
	nc->writes++;
	if (!eio__filter_is_ready(nc->filter) ||
		!eio__tls_write(nc->filter->tls, p, len, false)) {
		nc->failed = -EPROTO;
		return ENGINEIO_ERR_CLOSED;
	}
	nc->wants_room = nc->kept.len > 0;
	return nc->wants_room;
}

int eio__net_write(struct eio__net_conn *nc, const void *p, size_t len)
{
	bool was_inside = inside;
	int result;

	inside = false;
	result = nc->filter ? encrypt(nc, p, len) : take(nc, p, len);
	inside = was_inside;
	return result;
}

struct eio__net_shared *eio__net_share(struct eio__net_conn *nc, const void *p,
	size_t len)
{
	struct eio__net_shared *shared = malloc(sizeof(*shared));

	if (!shared)
		return NULL;
	shared->copy = malloc(len);
	if (!shared->copy) {
		free(shared);
		return NULL;
	}
	memcpy(shared->copy, p, len);
	shared->bytes = p;
	shared->len = len;
	shares_made++;
	shares++;
	return shared;
}

void eio__net_unshare(struct eio__net_shared *shared)
{
	if (!shared)
		return;
	shares--;
	free(shared->copy);
	free(shared);
}

size_t fake_shares(unsigned *made)
{
	*made = shares_made;
	return shares;
}

/* Piece by piece: what waits below is seen as it is below the real one. */
int eio__net_write_row(struct eio__net_conn *nc, const void *p, size_t len,
	size_t unit, const struct eio__net_shared *shared, size_t *taken)
{
	int result = 0;
	size_t n;

	if (shared) {
		assert(!nc->filter);
		assert(shared->bytes <= (const char *)p);
		assert((const char *)p + len <= shared->bytes + shared->len);
		p = shared->copy + ((const char *)p - shared->bytes);
	}
	for (*taken = 0; *taken < len && !result; *taken += n) {
		n = len - *taken < unit ? len - *taken : unit;
		result = eio__net_write(nc, (const char *)p + *taken, n);
		if (result < 0)
			break;
	}
	return *taken && result == ENGINEIO_ERR_FULL ? 1 : result;
}

void eio__net_shutdown(struct eio__net_conn *nc)
{
	assert(nc->server_has);
	if (nc->filter && nc->filter->tls)
		eio__tls_close(nc->filter->tls);
	nc->finished = true;
}

void eio__net_close(struct eio__net_conn *nc)
{
	server_leaves(nc);
}

void eio__net_ahead(struct eio__net_conn *nc, enum eio__ahead what,
	const void *p)
{
	assert(nc->server_has);
	nc->ahead[what] = p;
}

const void *fake_ahead(const struct fake_conn *c, int what)
{
	return c->nc.ahead[what];
}

void eio__net_reset(struct eio__net_conn *nc)
{
	nc->reset = true;
	server_leaves(nc);
}

void eio__net_read(struct eio__net_conn *nc, bool on)
{
	assert(nc->server_has);
	nc->reading = on;
}

void eio__net_peer(const struct eio__net_conn *nc, struct eio__net_addr *out)
{
	*out = nc->peer;
}

int eio__net_expect_proxy(struct eio__net_conn *nc)
{
	return eio__filter_add_proxy(&nc->filter);
}

int eio__net_start_tls(struct eio__net_conn *nc, struct eio__tls_context *ctx,
	unsigned max_answers)
{
	return eio__filter_add_tls(&nc->filter, ctx, max_answers, take_cipher,
		nc);
}

int eio__net_offer_tls(struct eio__net_conn *nc, struct eio__tls_context *ctx,
	unsigned max_answers)
{
	return eio__filter_offer_tls(&nc->filter, ctx, max_answers, take_cipher,
		nc);
}

const char *eio__net_awaits(const struct eio__net_conn *nc)
{
	return nc->filter ? eio__filter_awaits(nc->filter) : "";
}

bool eio__net_awaits_choice(const struct eio__net_conn *nc)
{
	return nc->filter && eio__filter_awaits_choice(nc->filter);
}

const struct eio__tls *eio__net_tls(const struct eio__net_conn *nc)
{
	return nc->filter ? nc->filter->tls : NULL;
}

const char *eio__net_why(const struct eio__net_conn *nc)
{
	return nc->filter ? eio__filter_why(nc->filter) : "";
}

struct eio__net_watch *eio__net_watch(struct eio__net *net, int fd, int events,
	void (*fn)(void *user, int events), void *user)
{
	return calloc(1, sizeof(struct eio__net_watch));
}

void eio__net_watch_set(struct eio__net_watch *w, int events)
{
}

void eio__net_unwatch(struct eio__net_watch *w)
{
	free(w);
}

/* -- the test's side ----------------------------------------------------- */

static struct eio__net_listener *find_listener(struct eio__net *net, int port)
{
	struct eio__list *pos;
	struct eio__net_listener *l;

	eio__list_for_each(pos, &net->listeners) {
		l = eio__list_entry(pos, struct eio__net_listener, link);
		if (!port || l->port == port)
			return l;
	}
	return NULL;
}

struct fake_conn *fake_connect(eio_loop *loop)
{
	return fake_connect_from(loop, 0, "192.0.2.7");
}

struct fake_conn *fake_connect_from(eio_loop *loop, int port,
	const char *address)
{
	struct eio__net *net = eio__loop_net(loop);
	struct eio__net_listener *l = find_listener(net, port);
	struct eio__net_conn *nc;

	if (!l)
		return NULL;
	nc = calloc(1, sizeof(*nc));
	assert(nc);
	snprintf(nc->peer.text, sizeof(nc->peer.text), "%s", address);
	nc->peer.port = 50000;
	nc->net = net;
	nc->room = SIZE_MAX;
	nc->reading = true;
	nc->server_has = true;
	nc->client_has = true;
	eio__strbuf_init(&nc->received, 0);
	eio__strbuf_init(&nc->kept, 0);
	eio__strbuf_init(&nc->unread, 0);
	eio__list_add_tail(&net->conns, &nc->link);
	UP(nc->conn = net->up->on_accept(net->owner, nc, l->user));
	if (!nc->conn) {
		nc->client_has = false;
		server_leaves(nc);
		return NULL;
	}
	end_turn(net);
	return (struct fake_conn *)nc;
}

static void tell_ready(struct eio__net_conn *nc)
{
	struct eio__filter *f = nc->filter;

	if (f->known) {
		eio__address_print(&f->address, nc->peer.text);
		nc->peer.port = f->port;
	}
	if (!f->tls) {
		nc->filter = NULL;
		eio__filter_free(f);
	}
	UP(nc->net->up->on_ready(nc->conn));
}

static void tell_bytes(struct eio__net_conn *nc, char *data, size_t len)
{
	unsigned told = 0;

	if (nc->filter)
		told = eio__filter_input(nc->filter, &data, &len);
	if (told & EIO__TLS_READY)
		tell_ready(nc);
	else if (told & EIO__TLS_STEP)
		UP(nc->net->up->on_step(nc->conn));
	if (nc->server_has && len)
		UP(nc->net->up->on_bytes(nc->conn, data, len));
	if (nc->server_has && told & EIO__TLS_FAILED)
		nc->failed = -EPROTO;
	else if (nc->server_has && told & EIO__TLS_END)
		nc->client_fin = true;
}

static void deliver_unread(struct eio__net_conn *nc)
{
	struct eio__strbuf bytes = nc->unread;

	if (!nc->server_has || !nc->reading || !bytes.len)
		return;
	eio__strbuf_init(&nc->unread, 0);
	tell_bytes(nc, bytes.data, bytes.len);
	eio__strbuf_clear(&bytes);
	end_turn(nc->net);
}

static void deliver_fin(struct eio__net_conn *nc)
{
	if (!nc->server_has || !nc->reading || !nc->client_fin ||
		nc->unread.len)
		return;
	UP(nc->net->up->on_gone(nc->conn, 0));
	server_leaves(nc);
}

static void deliver(struct eio__net_conn *nc)
{
	struct eio__net *net = nc->net;

	/* The server may start reading again at the end of a turn. */
	while (nc->server_has && nc->reading && nc->unread.len)
		deliver_unread(nc);
	deliver_fin(nc);
	end_turn(net);
}

void fake_send(struct fake_conn *c, const void *data, size_t len)
{
	struct eio__net_conn *nc = &c->nc;

	assert(!nc->client_fin);
	eio__strbuf_add(&nc->unread, data, len);
	deliver(nc);
}

void fake_puts(struct fake_conn *c, const char *text)
{
	fake_send(c, text, strlen(text));
}

void fake_fin(struct fake_conn *c)
{
	c->nc.client_fin = true;
	deliver(&c->nc);
}

void fake_reset(struct fake_conn *c)
{
	struct eio__net *net = c->nc.net;

	if (c->nc.server_has) {
		UP(net->up->on_gone(c->nc.conn, -ECONNRESET));
		server_leaves(&c->nc);
	}
	end_turn(net);
}

void fake_free(struct fake_conn *c)
{
	struct eio__net *net;

	if (!c)
		return;
	net = c->nc.net;
	c->nc.client_has = false;
	if (c->nc.server_has) {
		UP(net->up->on_gone(c->nc.conn, 0));
		server_leaves(&c->nc);
		end_turn(net);
	} else {
		maybe_free(&c->nc);
	}
}

struct eio__strbuf *fake_received(struct fake_conn *c)
{
	return &c->nc.received;
}

void fake_skip(struct fake_conn *c, size_t len)
{
	struct eio__strbuf *b = &c->nc.received;

	assert(len <= b->len);
	memmove(b->data, b->data + len, b->len - len);
	b->len -= len;
	b->data[b->len] = 0;
}

bool fake_is_finished(const struct fake_conn *c)
{
	return c->nc.finished;
}

bool fake_is_closed(const struct fake_conn *c, bool *reset)
{
	if (reset)
		*reset = c->nc.reset;
	return !c->nc.server_has;
}

bool fake_is_reading(const struct fake_conn *c)
{
	return c->nc.reading;
}

unsigned fake_writes(const struct fake_conn *c)
{
	return c->nc.writes;
}

unsigned fake_segments(const struct fake_conn *c)
{
	return c->nc.segments;
}

static void let_go(struct eio__net_conn *nc)
{
	size_t n = nc->kept.len < nc->room ? nc->kept.len : nc->room;

	eio__strbuf_add(&nc->received, nc->kept.data, n);
	memmove(nc->kept.data, nc->kept.data + n, nc->kept.len - n);
	nc->kept.len -= n;
	if (nc->room != SIZE_MAX)
		nc->room -= n;
}

void fake_room(struct fake_conn *c, size_t bytes)
{
	struct eio__net_conn *nc = &c->nc;

	nc->room = bytes;
	if (nc->kept.len && nc->room)
		let_go(nc);
	if (nc->server_has && nc->wants_room && nc->room && !nc->kept.len) {
		nc->wants_room = false;
		UP(nc->net->up->on_writable(nc->conn));
	}
	end_turn(nc->net);
}

/* Bytes that waited while the server did not read. */
static void deliver_all(struct eio__net *net)
{
	struct eio__list *pos;
	struct eio__net_conn *nc;
	bool again;

	do {
		again = false;
		eio__list_for_each(pos, &net->conns) {
			nc = eio__list_entry(pos, struct eio__net_conn, link);
			if (nc->reading && (nc->unread.len || nc->client_fin)) {
				deliver(nc);
				again = true;
				break;
			}
		}
	} while (again);
}

void fake_hold(eio_loop *loop)
{
	eio__loop_net(loop)->held = true;
}

void fake_turn(eio_loop *loop)
{
	eio__loop_net(loop)->held = false;
	end_turn(eio__loop_net(loop));
	deliver_all(eio__loop_net(loop));
}

void fake_advance(eio_loop *loop, uint64_t ms)
{
	struct eio__net *net = eio__loop_net(loop);
	uint64_t end = net->now + ms;

	end_turn(net);
	while (net->timer <= end) {
		if (net->timer > net->now)
			net->now = net->timer;
		net->timer = UINT64_MAX;
		UP(net->up->on_timer(net->owner));
		end_turn(net);
	}
	net->now = end;
	fake_turn(loop);
}

size_t fake_open_conns(eio_loop *loop)
{
	struct eio__net *net = eio__loop_net(loop);
	struct eio__list *pos;
	size_t n = 0;

	eio__list_for_each(pos, &net->conns)
		n++;
	return n;
}

void fake_break_random(eio_loop *loop)
{
	eio__loop_net(loop)->random_broken = true;
}

void fake_fail_listen(eio_loop *loop, int err)
{
	eio__loop_net(loop)->listen_error = err;
}
