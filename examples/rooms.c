/* SPDX-License-Identifier: MIT */
/*
 * Rooms to join and to leave by name. "say" is heard by everybody else in the
 * room; "shout" goes to two rooms, where those who are in both hear it once,
 * but not to those in the room "asleep".
 *
 *	socket.emit("join", "kitchen", (rooms) => ...)
 *	socket.emit("say", "kitchen", "tea?")
 *	socket.on("said", (room, text) => ...)
 *	socket.on("joined", (room, id) => ...), socket.on("left", ...)
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

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

	if (sio_event_unpack(ev, "s", &room) || !sio_socket_is_in(s, room))
		return;
	sio_socket_leave(s, room);
	sio_target_emit(sio_socket_to(s, room), "left", "s, s", room,
		sio_socket_id(s));
	sio_event_reply(ev, "o", sio_socket_rooms(s));
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

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	sio_nsp *io = sio_server_of(srv, "/");
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	sio_nsp_on_event(io, "join", on_join, NULL);
	sio_nsp_on_event(io, "leave", on_leave, NULL);
	sio_nsp_on_event(io, "say", on_say, NULL);
	sio_nsp_on_event(io, "shout", on_shout, NULL);
	sio_nsp_on_event(io, "disconnecting", on_disconnecting, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return err != 0;
}
