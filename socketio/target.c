/* SPDX-License-Identifier: MIT */
/*
 * target.c: the broadcast builder: to whom, step by step.
 *
 * A target keeps the first error of its steps and lets the call that ends it
 * return it. One that could not even be allocated is NULL, which every step
 * passes on.
 */
#include <config.h>

#include <socketio/io.h>

#include <stdlib.h>

/* Names of rooms. */
struct names {
	char **v;
	size_t n, size;
};

struct sio_target {
	sio_nsp *nsp;
	struct names to, except;
	unsigned flags;
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

static struct sio__selection selection_of(const sio_target *t)
{
	struct sio__selection selection;

	selection.to = (const char *const *)t->to.v;
	selection.to_n = t->to.n;
	selection.except = (const char *const *)t->except.v;
	selection.except_n = t->except.n;
	return selection;
}

static int emit(sio_target *t, const char *name, const json_t *args)
{
	struct sio__selection selection = selection_of(t);
	struct sio__message m;
	int err;

	if (!name)
		return SIO_ERR_INVALID;
	err = sio__message_event(&m, t->nsp, name, args, NULL);
	if (err)
		return err;
	if (t->flags & SIO_NO_COMPRESS)
		sio__message_set_plain(&m);
	sio__local_emit(t->nsp, &selection, t->flags, &m);
	sio__message_clear(&m);
	return 0;
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

enum change {
	JOIN,
	LEAVE,
	DISCONNECT,
	DISCONNECT_AND_CLOSE
};

static int change_one(sio_socket *s, enum change change, const char *room)
{
	switch (change) {
	case JOIN:
		return sio_socket_join(s, room);
	case LEAVE:
		return sio_socket_leave(s, room);
	default:
		sio_socket_disconnect(s, change == DISCONNECT_AND_CLOSE);
		return 0;
	}
}

/* What is changed is what was selected by, so they are listed first. */
static int change_all(sio_target *t, enum change change, const char *room)
{
	struct sio__selection selection = selection_of(t);
	sio_socket **sockets;
	size_t i, n;
	int err, first;

	first = sio__local_sockets(t->nsp, &selection, &sockets, &n);
	if (first)
		return first;
	for (i = 0; i < n; i++) {
		err = change_one(sockets[i], change, room);
		if (err && err != SIO_ERR_CLOSED && !first)
			first = err;
		sio_socket_unref(sockets[i]);
	}
	free(sockets);
	return first;
}

static int end_with_change(sio_target *t, enum change change, const char *room)
{
	int err = t ? t->error : SIO_ERR_INVALID;

	if (!err)
		err = change_all(t, change, room);
	sio_target_free(t);
	return err;
}

int sio_target_join(sio_target *t, const char *room)
{
	check_room(t, room);
	return end_with_change(t, JOIN, room);
}

int sio_target_leave(sio_target *t, const char *room)
{
	check_room(t, room);
	return end_with_change(t, LEAVE, room);
}

int sio_target_disconnect(sio_target *t, bool close)
{
	return end_with_change(t, close ? DISCONNECT_AND_CLOSE : DISCONNECT,
		NULL);
}
