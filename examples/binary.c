/* SPDX-License-Identifier: MIT */
/*
 * Bytes, both ways: a client uploads a file and is told its sum; the others
 * get the file.
 *
 *	socket.emit("file", "a.png", bytes, (answer) => answer.sum)
 *	socket.on("file", (name, bytes) => ...)
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static json_int_t sum_of(const unsigned char *p, size_t len)
{
	json_int_t sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum += p[i];
	return sum;
}

static void on_file(sio_socket *s, sio_event *ev, void *user)
{
	const char *name;
	const void *p;
	json_t *bytes;
	size_t len;

	if (sio_event_unpack(ev, "s, o", &name, &bytes))
		return;
	p = sio_binary_data(bytes, &len);
	if (!p)
		return;
	/* O: the value is still the event's, so the target shares it. */
	sio_socket_broadcast(s, "file", "s, O", name, bytes);
	sio_event_reply(ev, "{s:I, s:I}", "length", (json_int_t)len, "sum",
		sum_of(p, len));
}

static void on_connection(sio_socket *s, sio_event *ev, void *user)
{
	static const unsigned char greeting[] = { 0xca, 0xfe, 0x00, 0xff };

	/* o: the value is new, and given away. */
	sio_socket_emit(s, "file", "s, o", "greeting",
		sio_binary(greeting, sizeof greeting));
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	sio_nsp *io = sio_server_of(srv, "/");
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	sio_nsp_on_connection(io, on_connection, NULL);
	sio_nsp_on_event(io, "file", on_file, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return err != 0;
}
