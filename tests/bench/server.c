/* SPDX-License-Identifier: MIT */
/*
 * server.c: the server that is measured, on the public API.
 *
 *     server PORT [CERTIFICATE KEY]
 *
 * The event "echo" acknowledges its arguments as they came, "echo-json" after
 * they have been a json_t; "broadcast" is emitted to everybody with its
 * arguments. With a certificate it speaks TLS.
 */
#include <socketio/socketio.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static sio_nsp *io;

static void on_echo(sio_socket *s, sio_event *ev, void *user)
{
	size_t len;
	const char *text = sio_event_text(ev, &len);

	sio_event_reply_text(ev, text, len);
}

static void on_echo_json(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply_json(ev, json_incref(sio_event_args(ev)));
}

static void on_broadcast(sio_socket *s, sio_event *ev, void *user)
{
	sio_nsp_emit_json(io, "broadcast", json_incref(sio_event_args(ev)));
}

static void raise_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	sio_server *srv;

	if (argc < 2)
		return 2;
	raise_descriptors();
	srv = sio_server_new();
	io = sio_server_of(srv, "/");
	sio_nsp_on_event(io, "echo", on_echo, NULL);
	sio_nsp_on_event(io, "echo-json", on_echo_json, NULL);
	sio_nsp_on_event(io, "broadcast", on_broadcast, NULL);
	if (argc > 3)
		sio_server_set_tls(srv, argv[2], argv[3]);
	sio_server_listen(srv, NULL, (int)strtol(argv[1], NULL, 10));
	printf("listening on %d\n", sio_server_port(srv));
	fflush(stdout);
	if (sio_server_run(srv)) {
		fprintf(stderr, "%s\n", sio_server_error(srv));
		return 1;
	}
	return 0;
}
