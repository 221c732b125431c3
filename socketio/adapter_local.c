/* SPDX-License-Identifier: MIT */
/*
 * adapter_local.c: brings messages to the clients of this server.
 *
 * Sending to one client only queues a shared buffer and never calls anybody
 * back, so that the rows of a room can be walked as they are.
 */
#include <config.h>

#include <socketio/io.h>

#include <stdlib.h>

static sio_socket *socket_of(struct sio__occupant *o)
{
	return eio__list_entry(o, sio_socket, occupant);
}

void sio__local_emit(sio_nsp *nsp, const struct sio__selection *selection,
	unsigned flags, const struct sio__message *m)
{
	struct sio__rooms_walk walk;
	struct sio__occupant *o;

	sio__rooms_walk(&nsp->rooms, &walk, selection);
	for (o = sio__rooms_next(&walk); o; o = sio__rooms_next(&walk)) {
		struct sio__client *c = socket_of(o)->client;

		if (flags & SIO_VOLATILE && !eio_socket_is_writable(c->conn))
			continue;
		/* One that cannot take it is closed by the engine. */
		sio__message_send(m, c);
	}
}

static size_t count(sio_nsp *nsp, const struct sio__selection *selection)
{
	struct sio__rooms_walk walk;
	size_t n = 0;

	sio__rooms_walk(&nsp->rooms, &walk, selection);
	while (sio__rooms_next(&walk))
		n++;
	return n;
}

int sio__local_sockets(sio_nsp *nsp, const struct sio__selection *selection,
	sio_socket ***out, size_t *n)
{
	size_t size = count(nsp, selection);
	struct sio__rooms_walk walk;
	struct sio__occupant *o;
	sio_socket **v = malloc((size + 1) * sizeof(*v));

	if (!v)
		return SIO_ERR_NOMEM;
	*n = 0;
	sio__rooms_walk(&nsp->rooms, &walk, selection);
	for (o = sio__rooms_next(&walk); o; o = sio__rooms_next(&walk))
		v[(*n)++] = sio_socket_ref(socket_of(o));
	*out = v;
	return 0;
}
