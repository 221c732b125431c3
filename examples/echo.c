/* SPDX-License-Identifier: MIT */
/*
 * Sends every event back to where it came from, whatever its name and its
 * arguments, binary ones included.
 */
#include <socketio/socketio.h>

#include <stdio.h>

static void on_any(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit_json(s, sio_event_name(ev), sio_event_rest(ev, 0));
}

int main(void)
{
	sio_server *srv = sio_server_new();

	sio_nsp_on_any(sio_server_of(srv, "/"), on_any, NULL);
	sio_server_listen(srv, NULL, 8080);
	if (sio_server_run(srv))
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return 1;
}
