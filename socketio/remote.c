/* SPDX-License-Identifier: MIT */
/*
 * remote.c: the sockets a fetch has found, here and on other servers.
 *
 * One of this server stands for the socket itself and is asked when the
 * program asks; one of another server is the copy that server sent. What is
 * done to either goes through the adapter, to the room named like its id.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/target.h>
#include <socketio/inquiry.h>

#include <stdlib.h>

struct sio_remote {
	sio_nsp *nsp;
	sio_socket *socket;        /* a reference; NULL: of another server */
	json_t *copy;              /* what that server sent; or NULL */
	json_t *handshake, *rooms; /* of the socket, once asked for */
	const char *id;
};

/* A fetch under way. */
struct fetch {
	sio_nsp *nsp; /* a reference: it may be deleted meanwhile */
	sio_remote **found;
	size_t n, size;
	bool lost; /* some, for want of memory */
	sio_fetch_cb fn;
	void *user;
};

/* -- collecting ------------------------------------------------------------ */

static void remote_free(sio_remote *r)
{
	sio_socket_unref(r->socket);
	json_decref(r->copy);
	json_decref(r->handshake);
	json_decref(r->rooms);
	free(r);
}

static sio_remote *add(struct fetch *f)
{
	size_t size = f->size ? f->size * 2 : 8;
	sio_remote **found, *r;

	if (f->n == f->size) {
		found = realloc(f->found, size * sizeof(*found));
		if (!found)
			return NULL;
		f->found = found;
		f->size = size;
	}
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->nsp = f->nsp;
	f->found[f->n++] = r;
	return r;
}

static void add_here(struct fetch *f, sio_socket *s)
{
	sio_remote *r = add(f);

	if (!r) {
		f->lost = true;
		return;
	}
	r->socket = sio_socket_ref(s);
	r->id = s->id;
}

static void add_copy(struct fetch *f, json_t *copy)
{
	const char *id = json_string_value(json_object_get(copy, "id"));
	sio_remote *r = id ? add(f) : NULL;

	if (!r) {
		/* What has no id is no socket. */
		f->lost = f->lost || id;
		return;
	}
	r->copy = json_incref(copy);
	r->id = id;
}

static void on_sockets(void *user, sio_socket *const *here, size_t n,
	json_t *elsewhere)
{
	struct fetch *f = user;
	json_t *copy;
	size_t i;

	for (i = 0; i < n; i++)
		add_here(f, here[i]);
	json_array_foreach(elsewhere, i, copy)
		add_copy(f, copy);
}

/* -- telling --------------------------------------------------------------- */

/* Who has gone since is not told of. */
static void drop_gone(struct fetch *f)
{
	size_t from, to = 0;
	sio_remote *r;

	for (from = 0; from < f->n; from++) {
		r = f->found[from];
		if (r->socket && !sio_socket_is_connected(r->socket))
			remote_free(r);
		else
			f->found[to++] = r;
	}
	f->n = to;
}

static void fetch_free(struct fetch *f)
{
	while (f->n > 0)
		remote_free(f->found[--f->n]);
	free(f->found);
	sio__nsp_unref(f->nsp);
	free(f);
}

static void on_end(void *user, int err)
{
	struct fetch *f = user;

	drop_gone(f);
	if (!err && f->lost)
		err = SIO_ERR_NOMEM;
	f->fn(err, f->found, f->n, f->user);
	fetch_free(f);
}

static const struct sio__asker asker = { NULL, NULL, on_sockets, on_end };

static unsigned time_limit(const sio_nsp *nsp, const sio_selection *selection,
	bool local)
{
	if (local || selection->timeout_ms > 0)
		return selection->timeout_ms;
	return (unsigned)sio__option(nsp->srv, SIO_REQUEST_TIMEOUT);
}

static int ask(struct fetch *f, const sio_selection *selection)
{
	void *state;
	const sio_adapter *adapter =
		sio__adapter_of(f->nsp, selection->flags, &state);
	bool local = adapter == &sio__adapter_local;
	sio_inquiry *t = sio__inquiry_new(f->nsp,
		time_limit(f->nsp, selection, local), &asker, f);
	int err;

	if (!t)
		return f->nsp->srv->ended ? SIO_ERR_CLOSED : SIO_ERR_NOMEM;
	err = adapter->fetch(state, selection, t);
	if (err)
		sio__inquiry_cancel(t);
	else
		sio__inquiry_count(t, local);
	sio_inquiry_unref(t);
	return err;
}

int sio__fetch(sio_nsp *nsp, const sio_selection *selection, sio_fetch_cb fn,
	void *user)
{
	struct fetch *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return SIO_ERR_NOMEM;
	f->nsp = sio__nsp_ref(nsp);
	f->fn = fn;
	f->user = user;
	err = ask(f, selection);
	if (err)
		fetch_free(f);
	return err;
}

/* -- what the program asks ------------------------------------------------- */

const char *sio_remote_id(const sio_remote *r)
{
	return r ? r->id : "";
}

sio_socket *sio_remote_socket(const sio_remote *r)
{
	return r ? r->socket : NULL;
}

json_t *sio_remote_handshake(sio_remote *r)
{
	if (!r || !r->socket)
		return r ? json_object_get(r->copy, "handshake") : NULL;
	if (!r->handshake)
		r->handshake = sio_socket_handshake(r->socket);
	return r->handshake;
}

json_t *sio_remote_rooms(sio_remote *r)
{
	if (!r || !r->socket)
		return r ? json_object_get(r->copy, "rooms") : NULL;
	json_decref(r->rooms);
	r->rooms = sio_socket_rooms(r->socket);
	return r->rooms;
}

json_t *sio_remote_data(sio_remote *r)
{
	if (!r || !r->socket)
		return r ? json_object_get(r->copy, "data") : NULL;
	return sio_socket_shared_data(r->socket);
}

/* -- what is done to it ---------------------------------------------------- */

static sio_target *target_of(sio_remote *r)
{
	return r ? sio_nsp_to(r->nsp, r->id) : NULL;
}

int sio_remote_emit_json(sio_remote *r, const char *name, json_t *args)
{
	return sio_target_emit_json(target_of(r), name, args);
}

int sio_remote_emit(sio_remote *r, const char *name, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_remote_emit_json(r, name, args);
}

int sio_remote_emit_ack_json(sio_remote *r, unsigned timeout_ms, sio_acks_cb fn,
	void *user, const char *name, json_t *args)
{
	sio_target *t = sio_target_timeout(target_of(r), timeout_ms);

	return sio_target_emit_acks_json(t, fn, user, name, args);
}

int sio_remote_emit_ack(sio_remote *r, unsigned timeout_ms, sio_acks_cb fn,
	void *user, const char *name, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_remote_emit_ack_json(r, timeout_ms, fn, user, name, args);
}

int sio_remote_join(sio_remote *r, const char *room)
{
	return sio_target_join(target_of(r), room);
}

int sio_remote_leave(sio_remote *r, const char *room)
{
	return sio_target_leave(target_of(r), room);
}

int sio_remote_disconnect(sio_remote *r, bool close)
{
	return sio_target_disconnect(target_of(r), close);
}
