/* SPDX-License-Identifier: MIT */
/*
 * nsp.c: namespaces: their names, their handlers, their sockets.
 *
 * A namespace lives as long as its server. Who may enter it is
 * admission.c's affair, who is in which of its rooms rooms.c's.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/recovery.h>

#include <engineio/base/utf8.h>

#include <stdlib.h>

/* -- names ----------------------------------------------------------------- */

/* On the wire a name ends with a comma, and cannot have one. Control
 * characters would only confuse who reads a log. */
static bool is_name(const sio_server *srv, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (name[i] == ',' || (unsigned char)name[i] < 0x20)
			return false;
	return n < srv->limits.name && eio__utf8_valid(name, n);
}

/* Whether it may be the id of a socket of protocol 4, which is longer than its
 * namespace. */
static bool is_old_id(const sio_nsp *nsp, const char *room, size_t n)
{
	return n == nsp->name_len + 1 + SIO__SID_LEN &&
		memcmp(room, nsp->name, nsp->name_len) == 0;
}

bool sio__nsp_is_room(const sio_nsp *nsp, const char *room)
{
	size_t n = room ? strlen(room) : 0;

	return room &&
		(n <= nsp->srv->limits.name || is_old_id(nsp, room, n)) &&
		eio__utf8_valid(room, n);
}

static sio_nsp *make(sio_server *srv, const char *name, size_t n)
{
	sio_nsp *nsp = calloc(1, sizeof(*nsp) + n + 2);

	if (!nsp)
		return NULL;
	nsp->refs = 1;
	nsp->srv = srv;
	nsp->name[0] = '/';
	memcpy(nsp->name + 1, name, n);
	nsp->name_len = n + 1;
	sio__rooms_init(&nsp->rooms, srv->seed);
	eio__list_init(&nsp->stored);
	sio__handlers_init(&nsp->on_connection);
	sio__handlers_init(&nsp->on_server_event);
	sio__listeners_init(&nsp->listeners);
	if (sio__adapter_init(nsp) == 0 &&
		eio__map_put(&srv->nsps, nsp->name, nsp->name_len, nsp) == 0)
		return nsp;
	sio__nsp_let_go(nsp);
	return NULL;
}

/* The one of this name, without its '/'. */
static sio_nsp *find_or_make(sio_server *srv, const char *name, size_t n)
{
	struct eio__strbuf full;
	sio_nsp *nsp = NULL;

	eio__strbuf_init(&full, 0);
	eio__strbuf_addc(&full, '/');
	if (eio__strbuf_add(&full, name, n) == 0) {
		nsp = sio__nsp_find(srv, sio__span(full.data, full.len));
		if (!nsp)
			nsp = make(srv, name, n);
	}
	eio__strbuf_clear(&full);
	if (!nsp)
		sio__server_fail(srv, SIO_ERR_NOMEM, "out of memory");
	return nsp;
}

sio_nsp *sio_server_of(sio_server *srv, const char *name)
{
	size_t n;

	if (!srv || srv->ended)
		return NULL;
	if (name && *name == '/')
		name++;
	n = name ? strlen(name) : 0;
	if (name && is_name(srv, name, n))
		return find_or_make(srv, name, n);
	sio__server_fail(srv, SIO_ERR_INVALID,
		"sio_server_of(\"%.80s\"): no name of a namespace",
		name ? name : "");
	return NULL;
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
	free(nsp);
}

void sio__nsp_let_go(sio_nsp *nsp)
{
	sio__adapter_close(nsp);
	sio__recovery_forget(nsp);
	sio__nsp_unref(nsp);
}

/* -- sockets --------------------------------------------------------------- */

static sio_socket *socket_of(struct sio__occupant *o)
{
	return o ? eio__list_entry(o, sio_socket, occupant) : NULL;
}

sio_socket *sio_nsp_find(sio_nsp *nsp, const char *id)
{
	if (!nsp || !id)
		return NULL;
	return socket_of(sio__rooms_find(&nsp->rooms, id));
}

size_t sio_nsp_sockets(sio_nsp *nsp, sio_socket **out, size_t cap)
{
	size_t i, n = 0, places;
	sio_socket *s;

	if (!nsp)
		return 0;
	places = sio__rooms_places(&nsp->rooms);
	for (i = 0; i < places && n < cap && out; i++) {
		s = socket_of(sio__rooms_at(&nsp->rooms, i));
		if (s)
			out[n++] = s;
	}
	return sio__rooms_count(&nsp->rooms);
}

size_t sio_nsp_count(sio_nsp *nsp, const char *room)
{
	struct sio__selection selection = { &room, NULL, room ? 1 : 0, 0 };
	struct sio__rooms_walk walk;
	size_t n = 0;

	if (!nsp)
		return 0;
	if (!room)
		return sio__rooms_count(&nsp->rooms);
	sio__rooms_walk(&nsp->rooms, &walk, &selection);
	while (sio__rooms_next(&walk))
		n++;
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
