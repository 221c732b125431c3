/* SPDX-License-Identifier: MIT */
/*
 * target.c: the broadcast builder: to whom, step by step.
 *
 * A target keeps the first error of its steps and lets the call that ends it
 * return it. One that could not even be allocated is NULL, which every step
 * passes on.
 */
#include <config.h>

#include <socketio/adapter.h>
#include <socketio/io.h>
#include <socketio/target.h>

#include <engineio/base/utf8.h>

#include <stdlib.h>

/* Names of rooms. */
struct names {
	char **v;
	size_t n, size;
};

struct sio_target {
	sio_nsp *nsp;
	struct names to, except;
	unsigned flags, timeout_ms;
	sio_answer_cb on_answer;
	int error;
};

/* -- steps ----------------------------------------------------------------- */

static int add_name(struct names *names, const char *name)
{
	size_t n = strlen(name);
	size_t size = names->size ? names->size * 2 : 2;
	char **v, *copy = malloc(n + 1);

	if (!copy)
		return SIO_ERR_NOMEM;
	if (names->n == names->size) {
		v = realloc(names->v, size * sizeof(*v));
		if (!v) {
			free(copy);
			return SIO_ERR_NOMEM;
		}
		names->v = v;
		names->size = size;
	}
	memcpy(copy, name, n + 1);
	names->v[names->n++] = copy;
	return 0;
}

/* A name that is wrong is so whoever is meant. */
static void check_room(sio_target *t, const char *room)
{
	if (t && !t->error && !sio__nsp_is_room(t->nsp, room))
		t->error = SIO_ERR_INVALID;
}

static sio_target *add(sio_target *t, struct names *names, const char *name)
{
	check_room(t, name);
	if (!t->error)
		t->error = add_name(names, name);
	return t;
}

static void clear_names(struct names *names)
{
	while (names->n > 0)
		free(names->v[--names->n]);
	free(names->v);
}

sio_target *sio_target_to(sio_target *t, const char *room)
{
	return t ? add(t, &t->to, room) : NULL;
}

sio_target *sio_target_except(sio_target *t, const char *room)
{
	return t ? add(t, &t->except, room) : NULL;
}

/* Adds the names of a list; the first that is none is the target's error. */
static void add_list(sio_target *t, struct names *names, const json_t *rooms)
{
	const json_t *room;
	const char *name;
	size_t i;

	if (t && !t->error && !json_is_array(rooms))
		t->error = SIO_ERR_INVALID;
	for (i = 0; t && !t->error && i < json_array_size(rooms); i++) {
		room = json_array_get(rooms, i);
		name = json_string_value(room);
		if (!name || strlen(name) != json_string_length(room))
			t->error = SIO_ERR_INVALID;
		else
			add(t, names, name);
	}
}

sio_target *sio_target_to_json(sio_target *t, json_t *rooms)
{
	add_list(t, t ? &t->to : NULL, rooms);
	json_decref(rooms);
	return t;
}

sio_target *sio_target_except_json(sio_target *t, json_t *rooms)
{
	add_list(t, t ? &t->except : NULL, rooms);
	json_decref(rooms);
	return t;
}

sio_target *sio_target_timeout(sio_target *t, unsigned ms)
{
	if (t)
		t->timeout_ms = ms;
	return t;
}

sio_target *sio_target_on_answer(sio_target *t, sio_answer_cb fn)
{
	if (t)
		t->on_answer = fn;
	return t;
}

sio_target *sio_target_flags(sio_target *t, unsigned flags)
{
	unsigned known = SIO_VOLATILE | SIO_LOCAL | SIO_NO_COMPRESS;

	if (t && flags & ~known && !t->error)
		t->error = SIO_ERR_INVALID;
	if (t)
		t->flags |= flags;
	return t;
}

void sio_target_free(sio_target *t)
{
	if (!t)
		return;
	clear_names(&t->to);
	clear_names(&t->except);
	free(t);
}

/* -- beginnings ------------------------------------------------------------ */

sio_target *sio_nsp_all(sio_nsp *nsp)
{
	sio_target *t = nsp ? calloc(1, sizeof(*t)) : NULL;

	if (t)
		t->nsp = nsp;
	return t;
}

sio_target *sio_nsp_to(sio_nsp *nsp, const char *room)
{
	return sio_target_to(sio_nsp_all(nsp), room);
}

sio_target *sio_nsp_except(sio_nsp *nsp, const char *room)
{
	return sio_target_except(sio_nsp_all(nsp), room);
}

/* Of a socket that is gone the namespace may be gone, too; such a target
 * only says so. */
static sio_target *of_socket(sio_socket *s)
{
	sio_target *t = s ? calloc(1, sizeof(*t)) : NULL;

	if (!t)
		return NULL;
	if (s->state == SIO__GONE)
		t->error = SIO_ERR_CLOSED;
	else
		t->nsp = s->nsp;
	return t;
}

sio_target *sio_socket_self(sio_socket *s)
{
	sio_target *t = of_socket(s);

	if (t && s->state != SIO__CONNECTED && !t->error)
		t->error = s->state == SIO__CONNECTING ? SIO_ERR_STATE
						       : SIO_ERR_CLOSED;
	return t ? sio_target_to(t, s->id) : NULL;
}

sio_target *sio_socket_others(sio_socket *s)
{
	sio_target *t = of_socket(s);

	return t ? sio_target_except(t, s->id) : NULL;
}

sio_target *sio_socket_to(sio_socket *s, const char *room)
{
	return sio_target_to(sio_socket_others(s), room);
}

/* -- ends ------------------------------------------------------------------ */

static sio_selection selection_of(const sio_target *t)
{
	sio_selection selection;

	selection.rooms = (const char *const *)t->to.v;
	selection.rooms_n = t->to.n;
	selection.except = (const char *const *)t->except.v;
	selection.except_n = t->except.n;
	selection.flags = t->flags;
	selection.timeout_ms = t->timeout_ms;
	return selection;
}

int sio__event_error(const char *name, const json_t *args)
{
	size_t n = name ? strlen(name) : 0;

	if (!name || !json_is_array(args) || sio__is_reserved(name, n) ||
		!eio__utf8_valid(name, n))
		return SIO_ERR_INVALID;
	return 0;
}

static int emit(sio_target *t, const char *name, json_t *args)
{
	sio_selection selection = selection_of(t);
	sio_event_data packet = { name, args, NULL };
	void *state;
	const sio_adapter *adapter = sio__adapter_of(t->nsp, t->flags, &state);
	int err = 0;

	/* The local one looks for itself. */
	if (adapter != &sio__adapter_local)
		err = sio__event_error(name, args);
	return err ? err : adapter->broadcast(state, &packet, &selection);
}

int sio_target_emit_json(sio_target *t, const char *name, json_t *args)
{
	int err = t ? t->error : SIO_ERR_INVALID;

	if (!err)
		err = emit(t, name, args);
	sio_target_free(t);
	json_decref(args);
	return err;
}

int sio_target_emit(sio_target *t, const char *name, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_target_emit_json(t, name, args);
}

static int emit_acks(sio_target *t, sio_acks_cb fn, void *user,
	const char *name, json_t *args)
{
	sio_selection selection = selection_of(t);
	sio_event_data packet = { name, args, NULL };
	int err = sio__event_error(name, args);

	return err ? err
		   : sio__answers_ask(t->nsp, &packet, &selection, fn,
			     t->on_answer, user);
}

int sio_target_emit_acks_json(sio_target *t, sio_acks_cb fn, void *user,
	const char *name, json_t *args)
{
	int err = t ? t->error : SIO_ERR_INVALID;

	if (!err)
		err = fn ? emit_acks(t, fn, user, name, args) : SIO_ERR_INVALID;
	sio_target_free(t);
	json_decref(args);
	return err;
}

int sio_target_emit_acks(sio_target *t, sio_acks_cb fn, void *user,
	const char *name, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_target_emit_acks_json(t, fn, user, name, args);
}

int sio_target_fetch(sio_target *t, sio_fetch_cb fn, void *user)
{
	int err = t ? t->error : SIO_ERR_INVALID;
	sio_selection selection;

	if (!err && !fn)
		err = SIO_ERR_INVALID;
	if (!err) {
		selection = selection_of(t);
		err = sio__fetch(t->nsp, &selection, fn, user);
	}
	sio_target_free(t);
	return err;
}

/* -- ends that change ------------------------------------------------------ */

typedef int change_fn(void *state, const sio_selection *selection,
	const char *const *rooms, size_t n);

static int change_rooms(sio_target *t, bool join, const char *const *rooms,
	size_t n)
{
	int err = t ? t->error : SIO_ERR_INVALID;
	const sio_adapter *adapter;
	sio_selection selection;
	change_fn *change;
	void *state;

	if (!err) {
		selection = selection_of(t);
		adapter = sio__adapter_of(t->nsp, t->flags, &state);
		change = join ? adapter->add_sockets : adapter->del_sockets;
		err = change(state, &selection, rooms, n);
	}
	sio_target_free(t);
	return err;
}

int sio_target_join(sio_target *t, const char *room)
{
	check_room(t, room);
	return change_rooms(t, true, &room, 1);
}

int sio_target_leave(sio_target *t, const char *room)
{
	check_room(t, room);
	return change_rooms(t, false, &room, 1);
}

/* The rooms of a list, which lend their texts. */
static int change_list(sio_target *t, bool join, json_t *rooms)
{
	struct names names = { NULL, 0, 0 };
	int err;

	add_list(t, &names, rooms);
	err = change_rooms(t, join, (const char *const *)names.v, names.n);
	clear_names(&names);
	json_decref(rooms);
	return err;
}

int sio_target_join_json(sio_target *t, json_t *rooms)
{
	return change_list(t, true, rooms);
}

int sio_target_leave_json(sio_target *t, json_t *rooms)
{
	return change_list(t, false, rooms);
}

int sio_target_disconnect(sio_target *t, bool close)
{
	int err = t ? t->error : SIO_ERR_INVALID;
	const sio_adapter *adapter;
	sio_selection selection;
	void *state;

	if (!err) {
		selection = selection_of(t);
		adapter = sio__adapter_of(t->nsp, t->flags, &state);
		err = adapter->disconnect_sockets(state, &selection, close);
	}
	sio_target_free(t);
	return err;
}
