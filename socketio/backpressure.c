/* SPDX-License-Identifier: MIT */
/*
 * backpressure.c: clients that read more slowly than they are sent to.
 *
 * What waits for a client is counted and limited by the engine, for the
 * connection as a whole; here the sockets that share it are told, and volatile
 * events are held back.
 */
#include <config.h>

#include <socketio/io.h>

/* -- telling ----------------------------------------------------------------- */

static void tell_one(sio_server *srv, sio_socket *s, bool full)
{
	if (sio_socket_is_connected(s) && !srv->ended && srv->on_backpressure)
		srv->on_backpressure(s, full, srv->backpressure_user);
}

/* A socket that is held stays in the list as long as the connection is there,
 * whatever the callback does to it. */
static void tell(sio_server *srv, struct sio__client *c, bool full)
{
	struct eio__list *pos = c->sockets.next;
	bool is_there = true;
	sio_socket *s;

	while (is_there && pos != &c->sockets) {
		s = sio_socket_ref(eio__list_entry(pos, sio_socket, link));
		tell_one(srv, s, full);
		is_there = s->client == c;
		pos = s->link.next;
		sio_socket_unref(s);
	}
}

static void on_full(eio_socket *conn, bool full, void *user)
{
	struct sio__client *c = eio_socket_data(conn);
	sio_server *srv = user;

	if (!c)
		return;
	sio__server_enter(srv);
	/* What came before is told before; it may be the client's end. */
	sio__server_work(srv);
	if (eio_socket_data(conn) == c)
		tell(srv, c, full);
	sio__server_leave(srv);
}

int sio_server_on_backpressure(sio_server *srv, sio_backpressure_cb fn,
	void *user)
{
	if (!srv)
		return SIO_ERR_INVALID;
	srv->on_backpressure = fn;
	srv->backpressure_user = user;
	eio_server_on_full(srv->engine, fn ? on_full : NULL, srv);
	return 0;
}

/* -- asking ------------------------------------------------------------------ */

size_t sio_socket_queued(const sio_socket *s)
{
	return eio_socket_queued(sio_socket_conn(s));
}

bool sio_socket_is_full(const sio_socket *s)
{
	return eio_socket_is_full(sio_socket_conn(s));
}

uint64_t sio_socket_refused(const sio_socket *s)
{
	return eio_socket_refused(sio_socket_conn(s));
}

/* -- volatile ---------------------------------------------------------------- */

bool sio__takes_volatile(const sio_socket *s)
{
	eio_socket *conn = s->client->conn;
	sio_server *srv = s->client->srv;
	size_t most = (size_t)sio__option(srv, SIO_VOLATILE_BYTES);

	if (eio_socket_is_writable(conn) ||
		(most && eio_socket_is_open(conn) &&
			eio_socket_queued(conn) < most))
		return true;
	sio__count_quietly(srv, SIO_COUNT_VOLATILE);
	return false;
}
