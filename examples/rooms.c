/* SPDX-License-Identifier: MIT */
/*
 * Rooms: clients "join" and "leave" rooms by name and "say" something in one
 * of them, which everybody else in it hears. "shout" goes to two rooms, each
 * listener hearing it once, but not to those in the room "asleep".
 */
#include <socketio/socketio.h>

#include <stdio.h>

static void on_join(sio_socket *s, sio_event *ev, void *user)
{
	const char *room;

	if (sio_event_unpack(ev, "s", &room) || sio_socket_join(s, room))
		return;
	sio_target_emit(sio_socket_to(s, room), "joined", "s, s", room,
		sio_socket_id(s));
	sio_event_reply(ev, "o", sio_socket_rooms(s));
}

static void on_leave(sio_socket *s, sio_event *ev, void *user)
{
	const char *room;

	if (sio_event_unpack(ev, "s", &room) == 0)
		sio_socket_leave(s, room);
}

static void on_say(sio_socket *s, sio_event *ev, void *user)
{
	const char *room, *text;

	if (sio_event_unpack(ev, "s, s", &room, &text))
		return;
	if (sio_socket_is_in(s, room))
		sio_target_emit(sio_socket_to(s, room), "said", "s, s", room,
			text);
}

static void on_shout(sio_socket *s, sio_event *ev, void *user)
{
	const char *room, *other, *text;
	sio_target *t;

	if (sio_event_unpack(ev, "s, s, s", &room, &other, &text))
		return;
	t = sio_nsp_to(sio_socket_nsp(s), room);
	t = sio_target_to(t, other);
	t = sio_target_except(t, "asleep");
	sio_target_emit(t, "said", "s, s", "everywhere", text);
}

/* At "disconnecting" the rooms are still there. */
static void on_disconnecting(sio_socket *s, sio_event *ev, void *user)
{
	json_t *rooms = sio_socket_rooms(s);
	json_t *room;
	size_t i;

	json_array_foreach(rooms, i, room)
		sio_target_emit(sio_socket_to(s, json_string_value(room)),
			"left", "O, s", room, sio_socket_id(s));
	json_decref(rooms);
}

int main(void)
{
	sio_server *srv = sio_server_new();
	sio_nsp *io = sio_server_of(srv, "/");

	sio_nsp_on_event(io, "join", on_join, NULL);
	sio_nsp_on_event(io, "leave", on_leave, NULL);
	sio_nsp_on_event(io, "say", on_say, NULL);
	sio_nsp_on_event(io, "shout", on_shout, NULL);
	sio_nsp_on_event(io, "disconnecting", on_disconnecting, NULL);
	sio_server_listen(srv, NULL, 8080);
	if (sio_server_run(srv))
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return 1;
}
