/* SPDX-License-Identifier: MIT */
/*
 * Two namespaces on one connection: everybody writes in "/", and those who
 * are in "/admin" as well see how many there are, and can send somebody away.
 *
 *	const admin = io("/admin")
 *	admin.on("users", (ids) => ...)
 *	admin.emit("kick", id)
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define SHOWN 100

static sio_nsp *users, *admins;

static void tell_admins(void)
{
	sio_socket *sockets[SHOWN];
	size_t n = sio_nsp_sockets(users, sockets, SHOWN);
	json_t *ids = json_array();
	size_t i;

	for (i = 0; i < n && i < SHOWN; i++)
		json_array_append_new(ids,
			json_string(sio_socket_id(sockets[i])));
	sio_nsp_emit(admins, "users", "o", ids);
}

static void on_coming_or_going(sio_socket *s, sio_event *ev, void *user)
{
	tell_admins();
}

static void on_message(sio_socket *s, sio_event *ev, void *user)
{
	const char *text;

	if (sio_event_unpack(ev, "s", &text) == 0)
		sio_socket_broadcast(s, "message", "s", text);
}

static void on_kick(sio_socket *s, sio_event *ev, void *user)
{
	const char *id;

	if (sio_event_unpack(ev, "s", &id) == 0)
		sio_socket_disconnect(sio_nsp_find(users, id), true);
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	users = sio_server_of(srv, "/");
	admins = sio_server_of(srv, "/admin");
	sio_nsp_on_connection(users, on_coming_or_going, NULL);
	sio_nsp_on_event(users, "disconnect", on_coming_or_going, NULL);
	sio_nsp_on_event(users, "message", on_message, NULL);
	sio_nsp_on_connection(admins, on_coming_or_going, NULL);
	sio_nsp_on_event(admins, "kick", on_kick, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return err != 0;
}
