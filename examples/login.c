/* SPDX-License-Identifier: MIT */
/*
 * Log-in: a middleware looks at the name and password that a client sends
 * along, lets it in, or tells it why not:
 *
 *	const socket = io({ auth: { user: "ann", password: "apple" } })
 *	socket.on("connect_error", (err) => err.message, err.data.reason)
 *	socket.emit("whoami", (user, logins) => ...)
 *
 * Only who is logged in gets to the handlers, so none of them has to ask. A
 * real server has its users in a file or a database, with passwords that are
 * hashed, and asks it without waiting: see auth.c.
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES_MAX 3

static struct user {
	const char *name, *password;
	unsigned tries; /* in vain, since the last that was right */
	unsigned logins;
} users[] = {
	{ .name = "ann", .password = "apple" },
	{ .name = "bob", .password = "banana" },
};

static struct user *find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof users / sizeof *users; i++)
		if (strcmp(users[i].name, name) == 0)
			return &users[i];
	return NULL;
}

/* Takes as long for a password that is nearly right as for any other. */
static bool is_password(const struct user *u, const char *password)
{
	size_t n = strlen(u->password), m = strlen(password), i;
	unsigned char differs = n != m;

	for (i = 0; i < m; i++)
		differs |= (unsigned char)(u->password[i % n] ^ password[i]);
	return !differs;
}

/* The reason is for the program of the client, the message for its user. */
static void refuse(sio_next *next, const char *reason, const char *message)
{
	sio_next_refuse(next, message, json_pack("{s:s}", "reason", reason));
}

static void log_in(sio_socket *s, sio_next *next, void *unused)
{
	const char *name, *password;
	struct user *u;

	if (json_unpack(sio_socket_auth(s), "{s:s, s:s}", "user", &name,
		    "password", &password)) {
		refuse(next, "missing", "please log in");
		return;
	}
	u = find(name);
	/* A stranger is not told which names there are. */
	if (!u) {
		refuse(next, "wrong", "wrong name or password");
	} else if (u->tries == TRIES_MAX) {
		refuse(next, "locked", "too many tries");
	} else if (!is_password(u, password)) {
		u->tries++;
		refuse(next, "wrong", "wrong name or password");
	} else {
		u->tries = 0;
		u->logins++;
		sio_socket_set_data(s, u, NULL);
		sio_next_pass(next);
	}
}

static void on_whoami(sio_socket *s, sio_event *ev, void *unused)
{
	const struct user *u = sio_socket_data(s);

	sio_event_reply(ev, "s, i", u->name, (int)u->logins);
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	sio_nsp *io = sio_server_of(srv, "/");
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	sio_nsp_use(io, log_in, NULL);
	sio_nsp_on_event(io, "whoami", on_whoami, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return err != 0;
}
