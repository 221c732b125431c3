/* SPDX-License-Identifier: MIT */
/*
 * Who may come in: a middleware looks at what the client sent along,
 *
 *	const socket = io({ auth: { user: "ann", token: "secret" } })
 *	socket.on("connect_error", (err) => err.message, err.data.hint)
 *
 * and passes or refuses it. Here it does so a little later, as if it had to
 * ask a database first.
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Between the question and the answer the socket is held. */
struct check {
	sio_socket *socket;
	sio_next *next;
};

static bool may_enter(sio_socket *s, const char **user)
{
	const char *token;

	if (json_unpack(sio_socket_auth(s), "{s:s, s:s}", "user", user, "token",
		    &token))
		return false;
	return strcmp(token, "secret") == 0;
}

static void decide(void *arg, int status)
{
	struct check *check = arg;
	const char *user;

	if (may_enter(check->socket, &user)) {
		sio_socket_set_data(check->socket, strdup(user), free);
		sio_next_pass(check->next);
	} else {
		sio_next_refuse(check->next, "unauthorized",
			json_pack("{s:s}", "hint", "it is not hard to guess"));
	}
	sio_socket_unref(check->socket);
	free(check);
}

static void ask(sio_socket *s, sio_next *next, void *loop)
{
	struct check *check = malloc(sizeof *check);

	if (!check) {
		sio_next_refuse(next, "out of memory", NULL);
		return;
	}
	check->socket = sio_socket_ref(s);
	check->next = next;
	if (eio_loop_after(loop, 20, decide, check))
		decide(check, 0);
}

static void on_connection(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "welcome", "s", (char *)sio_socket_data(s));
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	sio_nsp *io = sio_server_of(srv, "/");
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	sio_nsp_use(io, ask, sio_server_loop(srv));
	sio_nsp_on_connection(io, on_connection, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return err != 0;
}
