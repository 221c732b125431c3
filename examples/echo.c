/* SPDX-License-Identifier: MIT */
/*
 * Sends every event back to where it came from, whatever its name and its
 * arguments, binary ones included.
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void on_any(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit_json(s, sio_event_name(ev), sio_event_rest(ev, 0));
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	sio_nsp_on_any(sio_server_of(srv, "/"), on_any, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return err != 0;
}
