/* SPDX-License-Identifier: MIT */
/*
 * net_lws_loop.c: the turn of the network on libwebsockets and libev.
 *
 * libev runs the loop. Its "prepare" watcher, called when every event has
 * been told and the loop is about to wait, is the end of the turn; its timer
 * and its wake-up are used directly, because libwebsockets' own timers are
 * a sorted list and come late on libev. Sockets are the business of the other
 * net_lws files.
 *
 * Always true: calls up are made from libev's callbacks only; when the loop
 * waits, no failed connection is untold and no ended one still open.
 */
#include <config.h>

#include <engineio/net_lws.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS UINT64_C(1000000)

struct eio__net_watch {
	struct ev_io io;
	struct eio__list link;
	struct eio__net *net;
	void (*fn)(void *user, int events);
	void *user;
};

/* -- time and chance ---------------------------------------------------- */

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 * NS_PER_MS + (uint64_t)ts.tv_nsec;
}

/* Read once for each thing told, so that a long callback does not shorten the
 * timers that the next one starts; outside of a turn, whenever it is asked
 * for. */
uint64_t eio__net_now(struct eio__net *net)
{
	if (!net->now_known)
		net->now = clock_ns() / NS_PER_MS;
	net->now_known = net->told;
	return net->now;
}

int64_t eio__net_wall(struct eio__net *net)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / (long)NS_PER_MS;
}

int eio__net_random(struct eio__net *net, void *p, size_t n)
{
	char *at = p;
	ssize_t got;

	while (n > 0) {
		got = getrandom(at, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ENGINEIO_ERR_STATE;
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

/* -- the timer ---------------------------------------------------------- */

void eio__net_set_timer(struct eio__net *net, uint64_t at)
{
	net->timer_at = at;
}

/*
 * Only ever set to something earlier: a timer that rings too early costs one
 * turn, moving it for every deadline that was put off costs more. libev
 * counts from its own idea of now, which is made fresh first: a little later
 * than `now` here, so that the timer is never early.
 */
static void set_timer(struct eio__net *net)
{
	uint64_t now, left = 0;

	if (net->timer_at >= net->timer_set)
		return;
	now = clock_ns();
	if (net->timer_at > now / NS_PER_MS)
		left = net->timer_at * NS_PER_MS - now;
	ev_timer_stop(net->loop, &net->timer);
	ev_now_update(net->loop);
	ev_timer_set(&net->timer, (double)left / 1e9, 0.);
	ev_timer_start(net->loop, &net->timer);
	net->timer_set = net->timer_at;
}

static void on_timer(struct ev_loop *loop, struct ev_timer *w, int revents)
{
	struct eio__net *net = w->data;

	net->timer_set = UINT64_MAX;
	eio__net_tell(net);
	if (eio__net_now(net) < net->timer_at)
		return;
	net->timer_at = UINT64_MAX;
	net->up->on_timer(net->owner);
}

/* -- the turn ----------------------------------------------------------- */

static void end_turn(struct eio__net *net)
{
	do {
		eio__net_tell(net);
		net->up->on_turn_end(net->owner);
	} while (eio__net_tell_failed(net));
	net->told = false;
	net->now_known = false;
	eio__net_close_ended(net);
	set_timer(net);
}

/* libwebsockets' plugin makes libev go round once more after every event;
 * such a turn, in which nothing was told, has no end worth telling. */
static void on_prepare(struct ev_loop *loop, struct ev_prepare *w, int revents)
{
	struct eio__net *net = w->data;
	bool told = net->told;

	if (told)
		end_turn(net);
	eio__net_ask_for_room(net);
	if (told && net->stop)
		ev_break(net->loop, EVBREAK_ALL);
}

int eio__net_run(struct eio__net *net)
{
	eio__net_tell(net); /* much may have been asked for before */
	ev_run(net->loop, 0);
	net->stop = false;
	return 0;
}

void eio__net_stop(struct eio__net *net)
{
	net->stop = true;
}

void eio__net_wake(struct eio__net *net)
{
	ev_async_send(net->loop, &net->wake);
}

static void on_wake(struct ev_loop *loop, struct ev_async *w, int revents)
{
	struct eio__net *net = w->data;

	eio__net_tell(net);
	net->up->on_wake(net->owner);
}

/* -- watched descriptors ------------------------------------------------ */

static int to_ev(int events)
{
	return (events & ENGINEIO_READABLE ? EV_READ : 0) |
		(events & ENGINEIO_WRITABLE ? EV_WRITE : 0);
}

static void on_ready(struct ev_loop *loop, struct ev_io *io, int revents)
{
	struct eio__net_watch *w = io->data;
	int events = (revents & EV_READ ? ENGINEIO_READABLE : 0) |
		(revents & EV_WRITE ? ENGINEIO_WRITABLE : 0);

	eio__net_tell(w->net);
	w->fn(w->user, events);
}

struct eio__net_watch *eio__net_watch(struct eio__net *net, int fd, int events,
	void (*fn)(void *user, int events), void *user)
{
	struct eio__net_watch *w;

	if (fd < 0 || fcntl(fd, F_GETFD) < 0)
		return NULL;
	w = malloc(sizeof(*w));
	if (!w)
		return NULL;
	w->net = net;
	w->fn = fn;
	w->user = user;
	ev_io_init(&w->io, on_ready, fd, to_ev(events));
	w->io.data = w;
	if (events)
		ev_io_start(net->loop, &w->io);
	eio__list_add_tail(&net->watches, &w->link);
	return w;
}

void eio__net_watch_set(struct eio__net_watch *w, int events)
{
	ev_io_stop(w->net->loop, &w->io);
	ev_io_set(&w->io, w->io.fd, to_ev(events));
	if (events)
		ev_io_start(w->net->loop, &w->io);
}

void eio__net_unwatch(struct eio__net_watch *w)
{
	ev_io_stop(w->net->loop, &w->io);
	eio__list_del(&w->link);
	free(w);
}

/* -- the network -------------------------------------------------------- */

/* LIBEV_FLAGS in the environment is not asked: poll() or select() would work
 * and be slow for no visible reason. */
static struct ev_loop *new_loop(void)
{
	struct ev_loop *loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);

	return loop ? loop : ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
}

static void init(struct eio__net *net)
{
	net->timer_at = UINT64_MAX;
	net->timer_set = UINT64_MAX;
	eio__list_init(&net->conns);
	eio__list_init(&net->full);
	eio__list_init(&net->failed);
	eio__list_init(&net->ended);
	eio__list_init(&net->listeners);
	eio__list_init(&net->watches);
	eio__list_init(&net->shares);
	ev_prepare_init(&net->turn, on_prepare);
	ev_async_init(&net->wake, on_wake);
	ev_timer_init(&net->timer, on_timer, 0., 0.);
	net->turn.data = net;
	net->wake.data = net;
	net->timer.data = net;
}

static void start(struct eio__net *net)
{
	ev_prepare_start(net->loop, &net->turn);
	ev_async_start(net->loop, &net->wake);
	eio__net_arrivals_init(net);
	eio__net_listeners_init(net);
}

struct eio__net *eio__net_new(const struct eio__net_up *up, void *owner,
	const char **why)
{
	struct eio__net *net = calloc(1, sizeof(*net));

	*why = "out of memory";
	if (!net)
		return NULL;
	net->up = up;
	net->owner = owner;
	init(net);
	*why = "no epoll descriptor";
	net->arrivals_fd = epoll_create1(EPOLL_CLOEXEC);
	if (net->arrivals_fd < 0)
		goto no_epoll;
	*why = "libev finds no way to wait for events";
	net->loop = new_loop();
	if (!net->loop)
		goto no_loop;
	if (!eio__net_carrier(net, net->arrivals_fd, why))
		goto no_carrier;
	start(net);
	return net;

no_carrier:
	ev_loop_destroy(net->loop);
no_loop:
	close(net->arrivals_fd);
no_epoll:
	free(net);
	return NULL;
}

void eio__net_free(struct eio__net *net)
{
	net->freeing = true;
	eio__net_unlisten_all(net);
	eio__net_close_all(net);
	while (!eio__list_empty(&net->watches))
		eio__net_unwatch(eio__list_entry(net->watches.next,
			struct eio__net_watch, link));
	eio__net_forget_shares(net);
	eio__net_carriers_free(net);
	ev_loop_destroy(net->loop);
	close(net->arrivals_fd);
	free(net);
}
