/* SPDX-License-Identifier: MIT */
/*
 * socket_rooms.c: the rooms of one socket, as the program joins and leaves them.
 *
 * Who is in which room is kept by rooms.c; room_events.c tells the program and
 * the adapter. Always true: a socket is in the room of its own id as long as it
 * is there at all, and that room is neither joined nor counted.
 */
#include <config.h>

#include <socketio/io.h>

static int room_error(const sio_socket *s, const char *room)
{
	if (!s || !room)
		return SIO_ERR_INVALID;
	if (s->state != SIO__CONNECTING && s->state != SIO__CONNECTED)
		return SIO_ERR_CLOSED;
	return sio__nsp_is_room(s->nsp, room) ? 0 : SIO_ERR_INVALID;
}

int sio_socket_join(sio_socket *s, const char *room)
{
	int err = room_error(s, room);

	/* In its own room it is from the beginning to the end. */
	if (err || strcmp(room, s->id) == 0)
		return err;
	err = sio__rooms_join(&s->nsp->rooms, &s->occupant, room,
		(uint32_t)sio__option(s->nsp->srv, SIO_MAX_ROOMS));
	if (err == SIO_ERR_FULL)
		sio__count(s->nsp->srv, SIO_COUNT_MAX_ROOMS,
			"socket %s: is in too many rooms (MAX_ROOMS)", s->id);
	if (!err)
		sio__rooms_told_join(s, room);
	return err;
}

static const char *name_in(const json_t *value)
{
	const char *name = json_string_value(value);

	return name && strlen(name) == json_string_length(value) ? name : NULL;
}

int sio_socket_join_json(sio_socket *s, json_t *rooms)
{
	int err, first = s && json_is_array(rooms) ? 0 : SIO_ERR_INVALID;
	size_t i;

	for (i = 0; s && i < json_array_size(rooms); i++) {
		err = sio_socket_join(s, name_in(json_array_get(rooms, i)));
		if (!first)
			first = err;
	}
	json_decref(rooms);
	return first;
}

int sio_socket_leave(sio_socket *s, const char *room)
{
	int err = room_error(s, room);

	if (err)
		return err;
	sio__rooms_leave(&s->nsp->rooms, &s->occupant, room);
	sio__rooms_told_leave(s, room);
	return 0;
}

bool sio_socket_is_in(const sio_socket *s, const char *room)
{
	if (!s || !room || s->state == SIO__GONE)
		return false;
	return strcmp(room, s->id) == 0 ||
		sio__rooms_is_in(&s->nsp->rooms, &s->occupant, room);
}

json_t *sio_socket_rooms(const sio_socket *s)
{
	json_t *rooms = s ? json_array() : NULL;
	const struct sio__seat *seat;
	int err = 0;

	if (!rooms || s->state == SIO__GONE)
		return rooms;
	err = json_array_append_new(rooms, json_string(s->id));
	for (seat = s->occupant.seats; seat && !err; seat = seat->next)
		err = json_array_append_new(rooms,
			json_string_nocheck(sio__seat_name(seat)));
	if (err) {
		json_decref(rooms);
		return NULL;
	}
	return rooms;
}
