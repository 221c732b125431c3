/* SPDX-License-Identifier: MIT */
/*
 * Private messages by user name. A client says who it is when it connects, and
 * writes to somebody by name:
 *
 *	const socket = io({ auth: { user: "ann" } })
 *	socket.on("private", (from, text) => ...)
 *	socket.emit("private", "bob", "psst", ({ delivered, error }) => ...)
 *
 * All windows of a user are in one room with the user's name, so that each of
 * them gets what is sent to the user, and nobody has to keep a table of names.
 * Nothing proves here who somebody is: see login.c.
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM_MAX 80

/* The rooms of users have a prefix, so that no name is another room's, as that
 * of a socket's id. */
static const char *room_of(const char *user, char room[ROOM_MAX])
{
	int n = snprintf(room, ROOM_MAX, "user:%s", user);

	return *user && n > 0 && n < ROOM_MAX ? room : NULL;
}

static const char *name_of(sio_socket *s)
{
	const char *name;

	return json_unpack(sio_socket_auth(s), "{s:s}", "user", &name) ? NULL
								       : name;
}

static void enter(sio_socket *s, sio_next *next, void *user)
{
	const char *name = name_of(s);
	char room[ROOM_MAX];

	if (!name || !room_of(name, room) || sio_socket_join(s, room))
		sio_next_refuse(next, "a name, please: auth: { user }", NULL);
	else
		sio_next_pass(next);
}

static void on_private(sio_socket *s, sio_event *ev, void *user)
{
	sio_nsp *io = sio_socket_nsp(s);
	const char *to, *text;
	char room[ROOM_MAX];
	size_t windows;

	if (sio_event_unpack(ev, "s, s", &to, &text)) {
		sio_event_reply(ev, "{s:s}", "error", "to whom, and what?");
		return;
	}
	windows = room_of(to, room) ? sio_nsp_count(io, room) : 0;
	if (!windows) {
		sio_event_reply(ev, "{s:s}", "error", "nobody of that name");
		return;
	}
	sio_target_emit(sio_nsp_to(io, room), "private", "s, s", name_of(s),
		text);
	sio_event_reply(ev, "{s:I}", "delivered", (json_int_t)windows);
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	sio_nsp *io = sio_server_of(srv, "/");
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	sio_nsp_use(io, enter, NULL);
	sio_nsp_on_event(io, "private", on_private, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return err != 0;
}
