/* SPDX-License-Identifier: MIT */
/*
 * listeners.c: what programs register with namespaces and with sockets.
 *
 * Both have the same lists; a socket gets its own only when something is
 * registered with it. Who calls what is registered: socket.c (events in),
 * outgoing.c (events out), event_middleware.c (events asked about and
 * refused).
 */
#include <config.h>

#include <socketio/io.h>

#include <stdlib.h>

/* -- the lists ------------------------------------------------------------- */

void sio__uses_clear(struct sio__uses *uses)
{
	free(uses->v);
	uses->v = NULL;
	uses->n = 0;
}

int sio__uses_add(struct sio__uses *uses, struct sio__use use)
{
	struct sio__use *v = realloc(uses->v, (uses->n + 1) * sizeof(*v));

	if (!v)
		return SIO_ERR_NOMEM;
	v[uses->n++] = use;
	uses->v = v;
	return 0;
}

int sio__uses_copy(struct sio__uses *uses, const struct sio__uses *from)
{
	unsigned i;
	int err = 0;

	for (i = 0; i < from->n && !err; i++)
		err = sio__uses_add(uses, from->v[i]);
	return err;
}

void sio__listeners_init(struct sio__listeners *l)
{
	sio__handlers_init(&l->on_event);
	sio__handlers_init(&l->on_outgoing);
	sio__handlers_init(&l->on_error);
	l->uses.v = NULL;
	l->uses.n = 0;
}

void sio__listeners_clear(struct sio__listeners *l)
{
	sio__handlers_clear(&l->on_event);
	sio__handlers_clear(&l->on_outgoing);
	sio__handlers_clear(&l->on_error);
	sio__uses_clear(&l->uses);
}

int sio__listeners_copy(struct sio__listeners *l,
	const struct sio__listeners *from)
{
	int err = sio__handlers_copy(&l->on_event, &from->on_event);

	if (!err)
		err = sio__handlers_copy(&l->on_outgoing, &from->on_outgoing);
	if (!err)
		err = sio__handlers_copy(&l->on_error, &from->on_error);
	return err ? err : sio__uses_copy(&l->uses, &from->uses);
}

bool sio__is_told(const char *name)
{
	return strcmp(name, "disconnect") == 0 ||
		strcmp(name, "disconnecting") == 0 ||
		!sio__is_reserved(name, strlen(name));
}

static size_t count(const struct sio__handlers *h, const char *name)
{
	struct sio__span every = { NULL, 0 };

	return sio__handlers_count(h, name ? sio__span_text(name) : every);
}

/* -- of a namespace -------------------------------------------------------- */

/* What goes wrong is recorded under the name of the call. */
static int add_to_nsp(sio_nsp *nsp, struct sio__handlers *handlers,
	const char *call, const char *name, sio_handler fn, void *user,
	unsigned flags)
{
	int err;

	if (!fn)
		return sio__server_fail(nsp->srv, SIO_ERR_INVALID,
			"%s(): no function", call);
	err = sio__handlers_add(handlers, name, fn, user, flags);
	return sio__server_fail(nsp->srv, err, "%s(): %s", call,
		sio_strerror(err));
}

static int add_named(sio_nsp *nsp, const char *call, const char *name,
	sio_handler fn, void *user, unsigned flags)
{
	if (!nsp)
		return SIO_ERR_INVALID;
	if (!name)
		return sio__server_fail(nsp->srv, SIO_ERR_INVALID,
			"%s(): no name", call);
	/* A client may send "connection", but who registers it for a whole
	 * namespace has mixed up the calls. */
	if (strcmp(name, "connection") == 0 || !sio__is_told(name))
		return sio__server_fail(nsp->srv, SIO_ERR_INVALID,
			"%s(\"%s\"): never called; see "
			"sio_nsp_on_connection()",
			call, name);
	return add_to_nsp(nsp, &nsp->listeners.on_event, call, name, fn, user,
		flags);
}

int sio_nsp_on_connection(sio_nsp *nsp, sio_handler fn, void *user)
{
	if (!nsp)
		return SIO_ERR_INVALID;
	return add_to_nsp(nsp, &nsp->on_connection, "sio_nsp_on_connection",
		NULL, fn, user, 0);
}

void sio_nsp_off_connection(sio_nsp *nsp, sio_handler fn)
{
	if (nsp)
		sio__handlers_remove(&nsp->on_connection, NULL, fn);
}

int sio_nsp_on_event(sio_nsp *nsp, const char *name, sio_handler fn, void *user)
{
	return add_named(nsp, "sio_nsp_on_event", name, fn, user, 0);
}

int sio_nsp_once(sio_nsp *nsp, const char *name, sio_handler fn, void *user)
{
	return add_named(nsp, "sio_nsp_once", name, fn, user, SIO__ONCE);
}

int sio_nsp_prepend(sio_nsp *nsp, const char *name, sio_handler fn, void *user)
{
	return add_named(nsp, "sio_nsp_prepend", name, fn, user, SIO__FIRST);
}

int sio_nsp_on_events(sio_nsp *nsp, const sio_listener *table, size_t n,
	void *user)
{
	size_t i;
	int err = nsp && (table || n == 0) ? 0 : SIO_ERR_INVALID;

	for (i = 0; i < n && !err; i++)
		err = add_named(nsp, "sio_nsp_on_events", table[i].name,
			table[i].fn, user, 0);
	return err;
}

int sio_nsp_on_any(sio_nsp *nsp, sio_handler fn, void *user)
{
	if (!nsp)
		return SIO_ERR_INVALID;
	return add_to_nsp(nsp, &nsp->listeners.on_event, "sio_nsp_on_any", NULL,
		fn, user, 0);
}

int sio_nsp_prepend_any(sio_nsp *nsp, sio_handler fn, void *user)
{
	if (!nsp)
		return SIO_ERR_INVALID;
	return add_to_nsp(nsp, &nsp->listeners.on_event, "sio_nsp_prepend_any",
		NULL, fn, user, SIO__FIRST);
}

void sio_nsp_off(sio_nsp *nsp, const char *name, sio_handler fn)
{
	if (nsp)
		sio__handlers_remove(&nsp->listeners.on_event, name, fn);
}

size_t sio_nsp_count_handlers(const sio_nsp *nsp, const char *name)
{
	return nsp ? count(&nsp->listeners.on_event, name) : 0;
}

static int add_outgoing(sio_nsp *nsp, const char *call, sio_handler fn,
	void *user, unsigned flags)
{
	int err = SIO_ERR_INVALID;

	if (nsp)
		err = add_to_nsp(nsp, &nsp->listeners.on_outgoing, call, NULL,
			fn, user, flags);
	if (!err)
		sio__outgoing_watch(nsp, &nsp->listens_out, true);
	return err;
}

int sio_nsp_on_any_outgoing(sio_nsp *nsp, sio_handler fn, void *user)
{
	return add_outgoing(nsp, "sio_nsp_on_any_outgoing", fn, user, 0);
}

int sio_nsp_prepend_any_outgoing(sio_nsp *nsp, sio_handler fn, void *user)
{
	return add_outgoing(nsp, "sio_nsp_prepend_any_outgoing", fn, user,
		SIO__FIRST);
}

void sio_nsp_off_any_outgoing(sio_nsp *nsp, sio_handler fn)
{
	if (!nsp)
		return;
	sio__handlers_remove(&nsp->listeners.on_outgoing, NULL, fn);
	sio__outgoing_watch(nsp, &nsp->listens_out,
		count(&nsp->listeners.on_outgoing, NULL) > 0);
}

int sio_nsp_on_error(sio_nsp *nsp, sio_handler fn, void *user)
{
	if (!nsp)
		return SIO_ERR_INVALID;
	return add_to_nsp(nsp, &nsp->listeners.on_error, "sio_nsp_on_error",
		NULL, fn, user, 0);
}

void sio_nsp_off_error(sio_nsp *nsp, sio_handler fn)
{
	if (nsp)
		sio__handlers_remove(&nsp->listeners.on_error, NULL, fn);
}

int sio_nsp_use(sio_nsp *nsp, sio_use_cb fn, void *user)
{
	struct sio__use use = { { fn }, user };
	int err;

	if (!nsp || !fn)
		return sio__server_fail(nsp ? nsp->srv : NULL, SIO_ERR_INVALID,
			"sio_nsp_use(): no function");
	err = sio__uses_add(&nsp->uses, use);
	return sio__server_fail(nsp->srv, err, "out of memory");
}

int sio_nsp_use_event(sio_nsp *nsp, sio_use_event_cb fn, void *user)
{
	struct sio__use use = { .fn.event = fn, .user = user };
	int err;

	if (!nsp || !fn)
		return sio__server_fail(nsp ? nsp->srv : NULL, SIO_ERR_INVALID,
			"sio_nsp_use_event(): no function");
	err = sio__uses_add(&nsp->listeners.uses, use);
	return sio__server_fail(nsp->srv, err, "out of memory");
}

/* -- of a socket ----------------------------------------------------------- */

/* Its lists, made when they are needed; NULL with the error. */
static struct sio__listeners *own(sio_socket *s, bool fn, int *err)
{
	*err = 0;
	if (!s || !fn)
		*err = SIO_ERR_INVALID;
	else if (s->state == SIO__GONE)
		*err = SIO_ERR_CLOSED;
	if (*err)
		return NULL;
	if (!s->own) {
		s->own = malloc(sizeof(*s->own));
		if (s->own)
			sio__listeners_init(s->own);
		else
			*err = SIO_ERR_NOMEM;
	}
	return s->own;
}

static int add_event(sio_socket *s, const char *name, sio_handler fn,
	void *user, unsigned flags)
{
	int err;
	struct sio__listeners *l = own(s, fn, &err);

	if (!l)
		return err;
	if (name && !sio__is_told(name))
		return sio__server_fail(s->nsp->srv, SIO_ERR_INVALID,
			"sio_socket_on(\"%s\"): never called", name);
	return sio__handlers_add(&l->on_event, name, fn, user, flags);
}

int sio_socket_on(sio_socket *s, const char *name, sio_handler fn, void *user)
{
	return name ? add_event(s, name, fn, user, 0) : SIO_ERR_INVALID;
}

int sio_socket_once(sio_socket *s, const char *name, sio_handler fn, void *user)
{
	return name ? add_event(s, name, fn, user, SIO__ONCE) : SIO_ERR_INVALID;
}

int sio_socket_prepend(sio_socket *s, const char *name, sio_handler fn,
	void *user)
{
	return name ? add_event(s, name, fn, user, SIO__FIRST)
		    : SIO_ERR_INVALID;
}

int sio_socket_on_any(sio_socket *s, sio_handler fn, void *user)
{
	return add_event(s, NULL, fn, user, 0);
}

int sio_socket_prepend_any(sio_socket *s, sio_handler fn, void *user)
{
	return add_event(s, NULL, fn, user, SIO__FIRST);
}

void sio_socket_off(sio_socket *s, const char *name, sio_handler fn)
{
	if (s && s->own)
		sio__handlers_remove(&s->own->on_event, name, fn);
}

size_t sio_socket_count_handlers(const sio_socket *s, const char *name)
{
	return s && s->own ? count(&s->own->on_event, name) : 0;
}

static int add_own_outgoing(sio_socket *s, sio_handler fn, void *user,
	unsigned flags)
{
	int err;
	struct sio__listeners *l = own(s, fn, &err);

	if (l)
		err = sio__handlers_add(&l->on_outgoing, NULL, fn, user, flags);
	if (!err)
		sio__outgoing_watch(s->nsp, &s->listens_out, true);
	return err;
}

int sio_socket_on_any_outgoing(sio_socket *s, sio_handler fn, void *user)
{
	return add_own_outgoing(s, fn, user, 0);
}

int sio_socket_prepend_any_outgoing(sio_socket *s, sio_handler fn, void *user)
{
	return add_own_outgoing(s, fn, user, SIO__FIRST);
}

void sio_socket_off_any_outgoing(sio_socket *s, sio_handler fn)
{
	if (!s || !s->own)
		return;
	sio__handlers_remove(&s->own->on_outgoing, NULL, fn);
	if (count(&s->own->on_outgoing, NULL) == 0)
		sio__outgoing_watch(s->nsp, &s->listens_out, false);
}

int sio_socket_on_error(sio_socket *s, sio_handler fn, void *user)
{
	int err;
	struct sio__listeners *l = own(s, fn, &err);

	return l ? sio__handlers_add(&l->on_error, NULL, fn, user, 0) : err;
}

void sio_socket_off_error(sio_socket *s, sio_handler fn)
{
	if (s && s->own)
		sio__handlers_remove(&s->own->on_error, NULL, fn);
}

int sio_socket_use(sio_socket *s, sio_use_event_cb fn, void *user)
{
	struct sio__use use = { .fn.event = fn, .user = user };
	int err;
	struct sio__listeners *l = own(s, fn, &err);

	return l ? sio__uses_add(&l->uses, use) : err;
}
