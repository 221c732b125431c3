/* SPDX-License-Identifier: MIT */
/*
 * room_events.c: who is told that rooms come and go: the program, from the
 * loop, and the adapter, at once.
 *
 * rooms.c knows nothing of the room that each socket has of its own and that
 * costs nothing; what is told of that one is told from here.
 *
 * Always true: a room's creation is told before the first who joins it, its
 * end after the last who leaves it; a namespace does not go before all of it
 * is told, as if a socket were in it still.
 */
#include <config.h>

#include <socketio/adapter.h>
#include <socketio/io.h>

#include <stdlib.h>

struct listener {
	sio_room_cb fn; /* NULL: taken away */
	void *user;
};

/* Something to be told. */
struct change {
	struct eio__list link;
	enum sio_room_event what;
	const char *id; /* behind room, or NULL */
	char room[];
};

/* Of a namespace, from the first listener on. */
struct sio__room_watch {
	sio_nsp *nsp;
	struct sio__task task;
	struct eio__list changes;
	struct listener *v;
	size_t n;
	unsigned refs;
	bool waits; /* the namespace is kept until its changes are told */
};

/* -- the program ----------------------------------------------------------- */

static struct change *pop(struct sio__room_watch *w)
{
	struct eio__list *link = eio__list_pop(&w->changes);

	return link ? eio__list_entry(link, struct change, link) : NULL;
}

static void unref(struct sio__room_watch *w)
{
	struct change *c;

	if (--w->refs > 0)
		return;
	for (c = pop(w); c; c = pop(w))
		free(c);
	eio__list_del(&w->task.link);
	free(w->v);
	free(w);
}

static void tell(struct sio__room_watch *w, const struct change *c)
{
	size_t i, n = w->n;

	for (i = 0; i < n; i++)
		if (w->v[i].fn && w->nsp && !w->nsp->srv->ended)
			w->v[i].fn(w->nsp, c->what, c->room, c->id,
				w->v[i].user);
}

static void let_nsp_go(struct sio__room_watch *w)
{
	sio_nsp *nsp = w->nsp;

	if (!w->waits)
		return;
	w->waits = false;
	sio__nsp_exit(nsp);
	sio__nsp_unref(nsp);
}

static void on_task(struct sio__task *task)
{
	struct sio__room_watch *w =
		eio__list_entry(task, struct sio__room_watch, task);
	struct change *c;

	w->refs++;
	for (c = pop(w); c; c = pop(w)) {
		tell(w, c);
		free(c);
	}
	let_nsp_go(w);
	unref(w);
}

static void note(sio_nsp *nsp, enum sio_room_event what, const char *room,
	const char *id)
{
	struct sio__room_watch *w = nsp->room_watch;
	size_t n = strlen(room) + 1, id_n = id ? strlen(id) + 1 : 0;
	struct change *c;

	if (nsp->srv->ended)
		return;
	c = malloc(sizeof(*c) + n + id_n);
	if (!c) {
		eio_server_log(nsp->srv->engine, ENGINEIO_LOG_ERROR,
			"%s: out of memory: what happens to room %.80s is not "
			"told",
			nsp->name, room);
		return;
	}
	eio__list_init(&c->link);
	c->what = what;
	memcpy(c->room, room, n);
	c->id = id ? c->room + n : NULL;
	if (id)
		memcpy(c->room + n, id, id_n);
	eio__list_add_tail(&w->changes, &c->link);
	if (!w->waits)
		sio__nsp_enter(nsp);
	w->waits = true;
	sio__server_later(nsp->srv, &w->task);
}

static void on_change(void *user, enum sio_room_event what, const char *room,
	struct sio__occupant *o)
{
	note(user, what, room,
		o ? eio__list_entry(o, sio_socket, occupant)->id : NULL);
}

static struct sio__room_watch *watch_new(sio_nsp *nsp)
{
	struct sio__room_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->refs = 1;
	w->nsp = nsp;
	w->task.run = on_task;
	eio__list_init(&w->task.link);
	eio__list_init(&w->changes);
	return w;
}

int sio_nsp_on_room(sio_nsp *nsp, sio_room_cb fn, void *user)
{
	struct sio__room_watch *w;
	struct listener *v;

	if (!nsp || !fn)
		return sio__server_fail(nsp ? nsp->srv : NULL, SIO_ERR_INVALID,
			"sio_nsp_on_room(): no function");
	if (!nsp->room_watch)
		nsp->room_watch = watch_new(nsp);
	w = nsp->room_watch;
	v = w ? realloc(w->v, (w->n + 1) * sizeof(*v)) : NULL;
	if (!v)
		return sio__server_fail(nsp->srv, SIO_ERR_NOMEM,
			"out of memory");
	w->v = v;
	v[w->n].fn = fn;
	v[w->n].user = user;
	w->n++;
	nsp->rooms.changed = on_change;
	nsp->rooms.user = nsp;
	return 0;
}

int sio__room_watch_copy(sio_nsp *child, const sio_nsp *parent)
{
	const struct sio__room_watch *w = parent->room_watch;
	int err = 0;
	size_t i;

	for (i = 0; w && !err && i < w->n; i++)
		if (w->v[i].fn)
			err = sio_nsp_on_room(child, w->v[i].fn, w->v[i].user);
	return err;
}

void sio_nsp_off_room(sio_nsp *nsp, sio_room_cb fn)
{
	struct sio__room_watch *w = nsp ? nsp->room_watch : NULL;
	size_t i;

	for (i = 0; w && i < w->n; i++)
		if (w->v[i].fn == fn)
			w->v[i].fn = NULL;
}

void sio__room_watch_drop(sio_nsp *nsp)
{
	if (!nsp->room_watch)
		return;
	nsp->room_watch->nsp = NULL;
	unref(nsp->room_watch);
	nsp->room_watch = NULL;
}

/* -- sockets --------------------------------------------------------------- */

void sio__rooms_told_join(sio_socket *s, const char *room)
{
	const sio_adapter *adapter = s->nsp->adapter;

	if (adapter && adapter->add_all)
		adapter->add_all(s->nsp->adapter_state, s->id, &room, 1);
}

void sio__rooms_told_leave(sio_socket *s, const char *room)
{
	const sio_adapter *adapter = s->nsp->adapter;

	if (adapter && adapter->del)
		adapter->del(s->nsp->adapter_state, s->id, room);
}

void sio__rooms_told_enter(sio_socket *s)
{
	s->in_own_room = true;
	if (s->nsp->room_watch) {
		note(s->nsp, SIO_ROOM_CREATE, s->id, NULL);
		note(s->nsp, SIO_ROOM_JOIN, s->id, s->id);
	}
	sio__rooms_told_join(s, s->id);
}

void sio__rooms_told_exit(sio_socket *s)
{
	const sio_adapter *adapter = s->nsp->adapter;
	bool had_rooms = s->occupant.seats || s->in_own_room;

	if (s->in_own_room && s->nsp->room_watch) {
		note(s->nsp, SIO_ROOM_LEAVE, s->id, s->id);
		note(s->nsp, SIO_ROOM_DELETE, s->id, NULL);
	}
	s->in_own_room = false;
	if (had_rooms && adapter && adapter->del_all)
		adapter->del_all(s->nsp->adapter_state, s->id);
}
