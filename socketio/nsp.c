/* SPDX-License-Identifier: MIT */
/*
 * nsp.c: namespaces: their names, their life, their sockets.
 *
 * A namespace lives until it is deleted, or its server is. Deleted, it cannot
 * be found any more, and ends with the last of its sockets; its memory with
 * the last that the program holds. Who may enter it is admission.c's affair,
 * who is in which of its rooms rooms.c's, how one is made for a client
 * dynamic.c's.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/recovery.h>

#include <engineio/base/utf8.h>

#include <stdlib.h>

/* -- names ----------------------------------------------------------------- */

/* On the wire a name ends with a comma, and cannot have one. Control
 * characters would only confuse who reads a log. */
bool sio__nsp_is_name(const sio_server *srv, struct sio__span name)
{
	size_t i;

	if (name.n == 0 || name.n > srv->limits.name || *name.p != '/')
		return false;
	for (i = 0; i < name.n; i++)
		if (name.p[i] == ',' || (unsigned char)name.p[i] < 0x20)
			return false;
	return eio__utf8_valid(name.p, name.n);
}

/* Whether it may be the id of a socket of protocol 4, which is longer than its
 * namespace. */
static bool is_old_id(const sio_nsp *nsp, const char *room, size_t n)
{
	return n > nsp->name_len && room[nsp->name_len] == '#' &&
		n <= nsp->name_len + 1 + SIO__CONN_ID_MAX &&
		memcmp(room, nsp->name, nsp->name_len) == 0;
}

bool sio__nsp_is_room(const sio_nsp *nsp, const char *room)
{
	size_t n = room ? strlen(room) : 0;

	return room &&
		(n <= nsp->srv->limits.name || is_old_id(nsp, room, n)) &&
		eio__utf8_valid(room, n);
}

static sio_nsp *make(sio_server *srv, struct sio__span name)
{
	sio_nsp *nsp = sio__nsp_new(srv, name);

	if (!nsp)
		return NULL;
	if (sio__nsp_add(nsp) == 0)
		return nsp;
	sio__nsp_unref(nsp);
	return NULL;
}

/* One that the program asked for: it may keep the pointer. */
static sio_nsp *find_or_make(sio_server *srv, const char *name, size_t n)
{
	struct sio__span span = sio__span(name, n);
	sio_nsp *nsp = sio__nsp_find(srv, span);
	sio_nsp *parent = nsp ? NULL : sio__pattern_for(srv, name);

	if (!nsp)
		nsp = parent ? sio__child_make(parent, span) : make(srv, span);
	if (!nsp) {
		sio__server_fail(srv, SIO_ERR_NOMEM, "out of memory");
		return NULL;
	}
	nsp->pinned = true;
	eio__list_del(&nsp->empty);
	return nsp;
}

sio_nsp *sio_server_of(sio_server *srv, const char *name)
{
	struct eio__strbuf full;
	sio_nsp *nsp = NULL;

	if (!srv || srv->ended)
		return NULL;
	eio__strbuf_init(&full, 0);
	if (!name || *name != '/')
		eio__strbuf_addc(&full, '/');
	if (eio__strbuf_adds(&full, name ? name : ","))
		sio__server_fail(srv, SIO_ERR_NOMEM, "out of memory");
	else if (!sio__nsp_is_name(srv, sio__span(full.data, full.len)))
		sio__server_fail(srv, SIO_ERR_INVALID,
			"sio_server_of(\"%.80s\"): no name of a namespace",
			name ? name : "");
	else
		nsp = find_or_make(srv, full.data, full.len);
	eio__strbuf_clear(&full);
	return nsp;
}

const char *sio__nsp_key(const void *nsp)
{
	return ((const sio_nsp *)nsp)->name;
}

sio_nsp *sio__nsp_find(const sio_server *srv, struct sio__span name)
{
	return eio__map_get(&srv->nsps, name.p, name.n);
}

struct sio__span sio__nsp_span(const sio_nsp *nsp)
{
	return sio__span(nsp->name, nsp->name_len);
}

const char *sio_nsp_name(const sio_nsp *nsp)
{
	return nsp ? nsp->name : "";
}

sio_server *sio_nsp_server(const sio_nsp *nsp)
{
	return nsp ? nsp->srv : NULL;
}

/* -- its life -------------------------------------------------------------- */

static void on_announce(struct sio__task *task)
{
	sio__nsp_announce(eio__list_entry(task, sio_nsp, announce));
}

/* Later, because room for what is kept is made inside of calls that send. */
static void on_tidy(struct sio__task *task)
{
	sio_nsp *nsp = eio__list_entry(task, sio_nsp, tidy);

	if (nsp->kept == 0 && nsp->sockets == 0 && nsp->is_child)
		sio__child_left(nsp);
}

sio_nsp *sio__nsp_new(sio_server *srv, struct sio__span name)
{
	sio_nsp *nsp = calloc(1, sizeof(*nsp) + name.n + 1);

	if (!nsp)
		return NULL;
	nsp->refs = 1;
	nsp->srv = srv;
	memcpy(nsp->name, name.p, name.n);
	nsp->name_len = name.n;
	nsp->announce.run = on_announce;
	eio__list_init(&nsp->announce.link);
	nsp->tidy.run = on_tidy;
	eio__list_init(&nsp->tidy.link);
	eio__list_init(&nsp->sibling);
	eio__list_init(&nsp->empty);
	sio__rooms_init(&nsp->rooms, srv->seed, sio__socket_key);
	eio__list_init(&nsp->stored);
	sio__handlers_init(&nsp->on_connection);
	sio__handlers_init(&nsp->on_server_event);
	sio__listeners_init(&nsp->listeners);
	return nsp;
}

int sio__nsp_add(sio_nsp *nsp)
{
	sio_server *srv = nsp->srv;
	int err = sio__adapter_init(nsp);

	if (!err)
		err = eio__map_put(&srv->nsps, nsp, nsp->name_len);
	if (err)
		sio__adapter_close(nsp);
	else if (srv->on_namespace.n > 0)
		sio__server_later(srv, &nsp->announce);
	return err;
}

void sio__nsp_announce(sio_nsp *nsp)
{
	sio_server *srv = nsp->srv;
	struct sio__use use;
	unsigned i;

	if (nsp->announced)
		return;
	nsp->announced = true;
	eio__list_del(&nsp->announce.link);
	sio__nsp_ref(nsp);
	for (i = 0; i < srv->on_namespace.n; i++) {
		use = srv->on_namespace.v[i];
		if (!nsp->deleted && !srv->ended)
			use.fn.namespace(nsp, use.user);
	}
	sio__nsp_unref(nsp);
}

sio_nsp *sio__nsp_ref(sio_nsp *nsp)
{
	nsp->refs++;
	return nsp;
}

/* Its sockets have gone before. */
void sio__nsp_unref(sio_nsp *nsp)
{
	if (--nsp->refs > 0)
		return;
	sio__handlers_clear(&nsp->on_connection);
	sio__handlers_clear(&nsp->on_server_event);
	sio__listeners_clear(&nsp->listeners);
	sio__uses_clear(&nsp->uses);
	sio__rooms_clear(&nsp->rooms);
	sio__parent_free(nsp->rule);
	free(nsp);
}

void sio__nsp_let_go(sio_nsp *nsp)
{
	sio__adapter_close(nsp);
	sio__recovery_forget(nsp);
	eio__list_del(&nsp->tidy.link);
	sio__room_watch_drop(nsp);
	if (nsp->data_free)
		nsp->data_free(nsp->data);
	nsp->data = NULL;
	nsp->data_free = NULL;
	sio__nsp_unref(nsp);
}

void sio__nsp_enter(sio_nsp *nsp)
{
	sio__nsp_ref(nsp);
	nsp->sockets++;
	eio__list_del(&nsp->empty);
}

void sio__nsp_exit(sio_nsp *nsp)
{
	if (--nsp->sockets > 0)
		return;
	if (nsp->deleted)
		sio__nsp_let_go(nsp);
	else if (nsp->is_child)
		sio__child_left(nsp);
}

void sio__nsp_remove(sio_nsp *nsp)
{
	nsp->deleted = true;
	eio__list_del(&nsp->announce.link);
	if (nsp->rule)
		sio__parent_end(nsp);
	else
		eio__map_del(&nsp->srv->nsps, nsp->name, nsp->name_len);
	if (nsp->is_child)
		sio__child_end(nsp);
	if (nsp->sockets == 0)
		sio__nsp_let_go(nsp);
}

int sio_nsp_delete(sio_nsp *nsp)
{
	sio_server *srv = nsp ? nsp->srv : NULL;
	struct eio__list *pos;

	if (!nsp || nsp->name_len == 1)
		return sio__server_fail(srv, SIO_ERR_INVALID,
			"sio_nsp_delete(): not of \"/\"");
	if (nsp->deleted || srv->ended)
		return SIO_ERR_STATE;
	sio__nsp_ref(nsp);
	sio__nsp_remove(nsp);
	eio__list_for_each(pos, &srv->clients)
		sio__client_expel(eio__list_entry(pos, struct sio__client,
					  link),
			nsp);
	sio__nsp_unref(nsp);
	return 0;
}

int sio_server_on_namespace(sio_server *srv, sio_on_namespace_cb fn, void *user)
{
	struct sio__use use = { .fn.namespace = fn, .user = user };
	int err;

	if (!srv || !fn)
		return sio__server_fail(srv, SIO_ERR_INVALID,
			"sio_server_on_namespace(): no function");
	err = sio__uses_add(&srv->on_namespace, use);
	return sio__server_fail(srv, err, "out of memory");
}

/* -- what programs ask ----------------------------------------------------- */

size_t sio_server_namespaces(sio_server *srv, sio_nsp **out, size_t cap)
{
	size_t pos = 0, n = 0;
	sio_nsp *nsp;

	if (!srv)
		return 0;
	for (nsp = eio__map_next(&srv->nsps, &pos); nsp && n < cap && out;
		nsp = eio__map_next(&srv->nsps, &pos))
		out[n++] = nsp;
	return eio__map_count(&srv->nsps);
}

int sio_nsp_set_data(sio_nsp *nsp, void *data, void (*free_fn)(void *data))
{
	if (!nsp)
		return SIO_ERR_INVALID;
	if (nsp->data_free)
		nsp->data_free(nsp->data);
	nsp->data = data;
	nsp->data_free = free_fn;
	return 0;
}

void *sio_nsp_data(const sio_nsp *nsp)
{
	return nsp ? nsp->data : NULL;
}

/* -- sockets --------------------------------------------------------------- */

static sio_socket *socket_of(struct sio__occupant *o)
{
	return o ? eio__list_entry(o, sio_socket, occupant) : NULL;
}

sio_socket *sio_nsp_find(sio_nsp *nsp, const char *id)
{
	sio_socket *s = NULL;
	sio_nsp *child;

	if (!nsp || !id)
		return NULL;
	if (!nsp->rule)
		return socket_of(sio__rooms_find(&nsp->rooms, id));
	for (child = sio__child_next(nsp, NULL); child && !s;
		child = sio__child_next(nsp, child))
		s = sio_nsp_find(child, id);
	return s;
}

static size_t list_sockets(sio_nsp *nsp, sio_socket **out, size_t cap)
{
	size_t i, n = 0, places = sio__rooms_places(&nsp->rooms);
	sio_socket *s;

	for (i = 0; i < places && n < cap && out; i++) {
		s = socket_of(sio__rooms_at(&nsp->rooms, i));
		if (s)
			out[n++] = s;
	}
	return sio__rooms_count(&nsp->rooms);
}

size_t sio_nsp_sockets(sio_nsp *nsp, sio_socket **out, size_t cap)
{
	size_t n = 0, room;
	sio_nsp *child;

	if (!nsp)
		return 0;
	if (!nsp->rule)
		return list_sockets(nsp, out, cap);
	for (child = sio__child_next(nsp, NULL); child;
		child = sio__child_next(nsp, child)) {
		room = out && n < cap ? cap - n : 0;
		n += list_sockets(child, room ? out + n : NULL, room);
	}
	return n;
}

static size_t count_room(sio_nsp *nsp, const char *room)
{
	struct sio__selection selection = { &room, NULL, 1, 0 };
	struct sio__rooms_walk walk;
	size_t n = 0;

	sio__rooms_walk(&nsp->rooms, &walk, &selection);
	while (sio__rooms_next(&walk))
		n++;
	return n;
}

size_t sio_nsp_count(sio_nsp *nsp, const char *room)
{
	sio_nsp *child;
	size_t n = 0;

	if (!nsp || !room)
		return sio_nsp_sockets(nsp, NULL, 0);
	if (!nsp->rule)
		return count_room(nsp, room);
	for (child = sio__child_next(nsp, NULL); child;
		child = sio__child_next(nsp, child))
		n += count_room(child, room);
	return n;
}

/* -- emitting -------------------------------------------------------------- */

int sio_nsp_emit_json(sio_nsp *nsp, const char *name, json_t *args)
{
	return sio_target_emit_json(sio_nsp_all(nsp), name, args);
}

int sio_nsp_emit(sio_nsp *nsp, const char *name, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_nsp_emit_json(nsp, name, args);
}
