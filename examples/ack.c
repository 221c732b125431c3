/* SPDX-License-Identifier: MIT */
/*
 * Acknowledgements, both ways. A client asks
 *
 *	socket.emit("add", 2, 3, (sum) => ...)
 *
 * and is itself asked for its name when it comes, with a second to answer:
 *
 *	socket.on("name?", (callback) => callback("ann"))
 *
 * The question "slow" is answered half a second later, from a timer.
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void on_name(sio_socket *s, int err, sio_event *answer, void *user)
{
	const char *name;

	if (err)
		printf("%s: %s\n", sio_socket_id(s), sio_strerror(err));
	else if (sio_event_unpack(answer, "s", &name))
		printf("%s: not a name\n", sio_socket_id(s));
	else
		printf("%s is %s\n", sio_socket_id(s), name);
}

static void on_connection(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit_ack(s, 1000, on_name, NULL, "name?", NULL);
}

static void on_add(sio_socket *s, sio_event *ev, void *user)
{
	json_int_t a, b;

	if (sio_event_unpack(ev, "I, I", &a, &b))
		sio_event_reply(ev, "{s:s}", "error", "two integers, please");
	else
		sio_event_reply(ev, "I", a + b);
}

/* Also the reply to a client that has gone meanwhile, or when the server has
 * been freed, is harmless. */
static void answer_late(void *event, int status)
{
	sio_event_reply(event, "s", "here I am");
	sio_event_unref(event);
}

static void on_slow(sio_socket *s, sio_event *ev, void *user)
{
	eio_loop *loop = sio_server_loop(user);

	if (eio_loop_after(loop, 500, answer_late, sio_event_ref(ev)))
		sio_event_unref(ev);
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	sio_nsp *io = sio_server_of(srv, "/");
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	sio_nsp_on_connection(io, on_connection, NULL);
	sio_nsp_on_event(io, "add", on_add, NULL);
	sio_nsp_on_event(io, "slow", on_slow, srv);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return err != 0;
}
