/* SPDX-License-Identifier: MIT */
/*
 * adapter_local.c: the clients of this server: the adapter that is there
 * from the beginning, and what the others are offered.
 *
 * Sending to one client only queues a shared buffer and never calls anybody
 * back, so that the rows of a room can be walked as they are. What changes
 * rooms is done to a list that was made before.
 */
#include <config.h>

#include <socketio/adapter.h>
#include <socketio/io.h>
#include <socketio/inquiry.h>
#include <socketio/recovery.h>

#include <stdlib.h>

static sio_socket *socket_of(struct sio__occupant *o)
{
	return eio__list_entry(o, sio_socket, occupant);
}

static struct sio__selection rooms_of(const sio_selection *from)
{
	struct sio__selection selection;

	selection.to = from->rooms;
	selection.to_n = from->rooms_n;
	selection.except = from->except;
	selection.except_n = from->except_n;
	return selection;
}

/* -- sending --------------------------------------------------------------- */

/* Whether a socket gets what is sent with these flags. */
static bool takes(const sio_socket *s, unsigned flags)
{
	return !(flags & SIO_VOLATILE) || sio__takes_volatile(s);
}

/* The arguments with the offset behind them. */
static json_t *with_offset(const sio_event_data *packet)
{
	json_t *args = json_copy(packet->args);

	if (args && json_array_append_new(args, json_string(packet->offset))) {
		json_decref(args);
		return NULL;
	}
	return args;
}

int sio__local_encode(struct sio__message *m, sio_nsp *nsp,
	const sio_event_data *packet, unsigned flags, const uint64_t *id)
{
	json_t *args = packet->args;
	int err;

	if (packet->offset && json_is_array(args)) {
		args = with_offset(packet);
		if (!args)
			return SIO_ERR_NOMEM;
	}
	err = sio__message_event(m, nsp, packet->name, args, id);
	if (args != packet->args)
		json_decref(args);
	if (!err && flags & SIO_NO_COMPRESS)
		sio__message_set_plain(m);
	return err;
}

void sio__local_deliver(sio_nsp *nsp, const struct sio__message *m,
	const sio_selection *selection, const struct sio__mark *mark)
{
	struct sio__selection rooms = rooms_of(selection);
	struct sio__rooms_walk walk;
	struct sio__occupant *o, *next;

	sio__rooms_walk(&nsp->rooms, &walk, &rooms);
	for (o = sio__rooms_next(&walk); o; o = next) {
		next = sio__rooms_next(&walk);
		/* Its memory comes while the one before it is served. */
		if (next)
			__builtin_prefetch(socket_of(next)->client);
		if (!takes(socket_of(o), selection->flags))
			continue;
		/* One that cannot take it is closed by the engine. */
		sio__message_send_to(m, socket_of(o));
		if (mark)
			sio__recovery_mark(socket_of(o), mark);
	}
}

int sio_local_broadcast(sio_nsp *nsp, const sio_event_data *packet,
	const sio_selection *selection)
{
	struct sio__message m;
	struct sio__mark mark;
	int err;

	if (!nsp || !packet || !packet->name || !selection)
		return SIO_ERR_INVALID;
	err = sio__local_encode(&m, nsp, packet, selection->flags, NULL);
	if (err)
		return err;
	sio__local_deliver(nsp, &m, selection,
		sio__recovery_tail(nsp, packet, &mark));
	sio__message_clear(&m);
	return 0;
}

/* Who cannot be asked is counted, but not waited for: also who has not been
 * sent the question, because of QUEUE_POLICY. */
static bool ask(sio_inquiry *inquiry, sio_socket *s, uint64_t id,
	const struct sio__message *m, size_t *owing)
{
	if (!sio__inquiry_ask(inquiry, s, id)) {
		++*owing;
		return false;
	}
	if (sio__message_send_to(m, s) != SIO_ERR_FULL)
		return true;
	sio__inquiry_take_back(s, id);
	return false;
}

int sio_local_broadcast_ack(sio_nsp *nsp, const sio_event_data *packet,
	const sio_selection *selection, sio_inquiry *inquiry)
{
	struct sio__selection rooms;
	struct sio__rooms_walk walk;
	struct sio__occupant *o;
	struct sio__message m;
	size_t n = 0, left_out = 0, owing = 0;
	uint64_t id;
	int err;

	if (!nsp || !packet || !packet->name || !selection || !inquiry)
		return SIO_ERR_INVALID;
	id = nsp->next_ack++;
	err = sio__local_encode(&m, nsp, packet, selection->flags, &id);
	if (err)
		return err;
	rooms = rooms_of(selection);
	sio__rooms_walk(&nsp->rooms, &walk, &rooms);
	for (o = sio__rooms_next(&walk); o; o = sio__rooms_next(&walk), n++)
		left_out += !takes(socket_of(o), selection->flags) ||
			!ask(inquiry, socket_of(o), id, &m, &owing);
	sio__message_clear(&m);
	if (owing > 0)
		sio__count(nsp->srv, SIO_COUNT_MAX_ACKS,
			"event with acks in %s: %zu sockets owe too many "
			"already (MAX_ACKS) and were left out",
			nsp->name, owing);
	sio_inquiry_clients(inquiry, n);
	sio_inquiry_gone(inquiry, left_out);
	return 0;
}

/* -- looking --------------------------------------------------------------- */

static size_t count(sio_nsp *nsp, const struct sio__selection *selection)
{
	struct sio__rooms_walk walk;
	size_t n = 0;

	sio__rooms_walk(&nsp->rooms, &walk, selection);
	while (sio__rooms_next(&walk))
		n++;
	return n;
}

int sio_local_sockets(sio_nsp *nsp, const sio_selection *selection,
	sio_socket ***out, size_t *n)
{
	struct sio__selection rooms;
	struct sio__rooms_walk walk;
	struct sio__occupant *o;
	sio_socket **v;

	if (!nsp || !selection || !out || !n)
		return SIO_ERR_INVALID;
	rooms = rooms_of(selection);
	v = malloc((count(nsp, &rooms) + 1) * sizeof(*v));
	if (!v)
		return SIO_ERR_NOMEM;
	*n = 0;
	sio__rooms_walk(&nsp->rooms, &walk, &rooms);
	for (o = sio__rooms_next(&walk); o; o = sio__rooms_next(&walk))
		v[(*n)++] = sio_socket_ref(socket_of(o));
	*out = v;
	return 0;
}

void sio_local_sockets_free(sio_socket **sockets, size_t n)
{
	while (sockets && n > 0)
		sio_socket_unref(sockets[--n]);
	free(sockets);
}

int sio_local_fetch(sio_nsp *nsp, const sio_selection *selection,
	sio_inquiry *inquiry)
{
	sio_socket **sockets;
	size_t n;
	int err = sio_local_sockets(nsp, selection, &sockets, &n);

	if (err)
		return err;
	sio__inquiry_here(inquiry, sockets, n);
	sio_local_sockets_free(sockets, n);
	return 0;
}

static json_t *describe(sio_socket *s)
{
	return json_pack("{s:s, s:o, s:o, s:O}", "id", s->id, "handshake",
		sio_socket_handshake(s), "rooms", sio_socket_rooms(s), "data",
		sio_socket_shared_data(s));
}

json_t *sio_local_describe(sio_nsp *nsp, const sio_selection *selection)
{
	sio_socket **sockets;
	json_t *list;
	size_t i, n;
	int err = sio_local_sockets(nsp, selection, &sockets, &n);

	if (err)
		return NULL;
	list = json_array();
	for (i = 0; i < n && !err; i++)
		err = json_array_append_new(list, describe(sockets[i]));
	sio_local_sockets_free(sockets, n);
	if (!err)
		return list;
	json_decref(list);
	return NULL;
}

/* -- changing -------------------------------------------------------------- */

enum change {
	JOIN,
	LEAVE,
	DISCONNECT,
	DISCONNECT_AND_CLOSE
};

static int change_rooms(sio_socket *s, enum change change,
	const char *const *rooms, size_t n)
{
	size_t i;
	int err = 0, first = 0;

	for (i = 0; i < n; i++) {
		err = change == JOIN ? sio_socket_join(s, rooms[i])
				     : sio_socket_leave(s, rooms[i]);
		if (!first)
			first = err;
	}
	return first;
}

static int change_one(sio_socket *s, enum change change,
	const char *const *rooms, size_t n)
{
	if (change == JOIN || change == LEAVE)
		return change_rooms(s, change, rooms, n);
	sio_socket_disconnect(s, change == DISCONNECT_AND_CLOSE);
	return 0;
}

/* What is changed is what was selected by, so they are listed first. */
static int change_all(sio_nsp *nsp, const sio_selection *selection,
	enum change change, const char *const *rooms, size_t rooms_n)
{
	sio_socket **sockets;
	size_t i, n;
	int err, first;

	first = sio_local_sockets(nsp, selection, &sockets, &n);
	if (first)
		return first;
	for (i = 0; i < n; i++) {
		err = change_one(sockets[i], change, rooms, rooms_n);
		if (err && err != SIO_ERR_CLOSED && !first)
			first = err;
	}
	sio_local_sockets_free(sockets, n);
	return first;
}

int sio_local_add_sockets(sio_nsp *nsp, const sio_selection *selection,
	const char *const *rooms, size_t n)
{
	return change_all(nsp, selection, JOIN, rooms, n);
}

int sio_local_del_sockets(sio_nsp *nsp, const sio_selection *selection,
	const char *const *rooms, size_t n)
{
	return change_all(nsp, selection, LEAVE, rooms, n);
}

int sio_local_disconnect_sockets(sio_nsp *nsp, const sio_selection *selection,
	bool close)
{
	return change_all(nsp, selection,
		close ? DISCONNECT_AND_CLOSE : DISCONNECT, NULL, 0);
}

/* -- the adapter ----------------------------------------------------------- */

static int init(void *shared, sio_nsp *nsp, void **state)
{
	*state = nsp;
	return 0;
}

static void close_nsp(void *state)
{
}

static int broadcast(void *state, const sio_event_data *packet,
	const sio_selection *selection)
{
	if (sio__recovery_keeps(state, selection->flags))
		return sio__recovery_broadcast(state, packet, selection);
	return sio_local_broadcast(state, packet, selection);
}

static int broadcast_ack(void *state, const sio_event_data *packet,
	const sio_selection *selection, sio_inquiry *inquiry)
{
	return sio_local_broadcast_ack(state, packet, selection, inquiry);
}

static int fetch(void *state, const sio_selection *selection,
	sio_inquiry *inquiry)
{
	return sio_local_fetch(state, selection, inquiry);
}

static int add_sockets(void *state, const sio_selection *selection,
	const char *const *rooms, size_t n)
{
	return sio_local_add_sockets(state, selection, rooms, n);
}

static int del_sockets(void *state, const sio_selection *selection,
	const char *const *rooms, size_t n)
{
	return sio_local_del_sockets(state, selection, rooms, n);
}

static int disconnect_sockets(void *state, const sio_selection *selection,
	bool close)
{
	return sio_local_disconnect_sockets(state, selection, close);
}

const sio_adapter sio__adapter_local = {
	.version = SIO_ADAPTER_VERSION,
	.name = "local",
	.init = init,
	.close = close_nsp,
	.broadcast = broadcast,
	.broadcast_ack = broadcast_ack,
	.fetch = fetch,
	.add_sockets = add_sockets,
	.del_sockets = del_sockets,
	.disconnect_sockets = disconnect_sockets,
};
