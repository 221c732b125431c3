/* SPDX-License-Identifier: MIT */
/*
 * Signals. SIGTERM and SIGINT end the server in order: clients are told, what
 * is queued leaves, and main() returns; a second one does not wait for them.
 * Another signal is an event of the loop like others: with SIGUSR1, sent by
 *
 *	kill -USR1 PID
 *
 * everybody gets the event "wake up". In a signal handler nothing of the
 * library may be called.
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Long enough for a client over a slow line to get what waits for it. */
#define LAST_WORDS_MS 5000

static void on_hello(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply(ev, "s", "hello");
}

static void on_usr1(void *io)
{
	sio_nsp_emit(io, "wake up", NULL);
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	sio_nsp *io = sio_server_of(srv, "/");
	eio_signal *usr1 =
		eio_signal_new(sio_server_loop(srv), SIGUSR1, on_usr1, io);
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	sio_nsp_on_event(io, "hello", on_hello, NULL);
	sio_server_close_on_signal(srv, SIGINT, LAST_WORDS_MS);
	sio_server_close_on_signal(srv, SIGTERM, LAST_WORDS_MS);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	eio_signal_free(usr1);
	sio_server_free(srv);
	return err != 0;
}
