/* SPDX-License-Identifier: MIT */
/*
 * A super user who bans names. Everybody says who they are, and one has the
 * secret of the super user (the second argument; "abracadabra" without one):
 *
 *	const ann = io({ auth: { user: "ann" } })
 *	const root = io({ auth: { user: "root", secret: "abracadabra" } })
 *	root.emit("ban", "ann", "shouting", (names) => ...)
 *	root.emit("unban", "ann", (names) => ...)
 *
 * A banned name is refused when it comes ("connect_error", with why in
 * err.data), and thrown out, after an event "banned", when it is there.
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MAX 80

static const char *secret = "abracadabra";
static json_t *banned; /* why, by name */

static const char *room_of(const char *user, char room[ROOM_MAX])
{
	int n = snprintf(room, ROOM_MAX, "user:%s", user);

	return *user && n > 0 && n < ROOM_MAX ? room : NULL;
}

static bool is_super(sio_socket *s)
{
	const char *said;

	return json_unpack(sio_socket_auth(s), "{s:s}", "secret", &said) == 0 &&
		strcmp(said, secret) == 0;
}

static void enter(sio_socket *s, sio_next *next, void *unused)
{
	const char *name;
	char room[ROOM_MAX];
	json_t *why;

	if (json_unpack(sio_socket_auth(s), "{s:s}", "user", &name) ||
		!room_of(name, room)) {
		sio_next_refuse(next, "a name, please: auth: { user }", NULL);
		return;
	}
	why = json_object_get(banned, name);
	if (why && !is_super(s)) {
		sio_next_refuse(next, "banned", json_pack("{s:O}", "why", why));
		return;
	}
	if (sio_socket_join(s, room))
		sio_next_refuse(next, "not now", NULL);
	else
		sio_next_pass(next);
}

/* The list as it is now, or why not. */
static void answer(sio_event *ev)
{
	json_t *names = json_array();
	const char *name;
	json_t *why;

	json_object_foreach(banned, name, why)
		json_array_append_new(names, json_string(name));
	sio_event_reply(ev, "o", names);
}

static bool may(sio_socket *s, sio_event *ev)
{
	if (is_super(s))
		return true;
	sio_event_reply(ev, "{s:s}", "error", "you are not the super user");
	return false;
}

/* What was emitted before leaves before the end. */
static void throw_out(sio_nsp *io, const char *name, const char *why)
{
	char room[ROOM_MAX];

	if (!room_of(name, room))
		return;
	sio_target_emit(sio_nsp_to(io, room), "banned", "s", why);
	sio_target_disconnect(sio_nsp_to(io, room), true);
}

static void on_ban(sio_socket *s, sio_event *ev, void *unused)
{
	const char *name, *why;

	if (!may(s, ev) || sio_event_unpack(ev, "s, s", &name, &why))
		return;
	json_object_set_new(banned, name, json_string(why));
	answer(ev);
	throw_out(sio_socket_nsp(s), name, why);
}

static void on_unban(sio_socket *s, sio_event *ev, void *unused)
{
	const char *name;

	if (!may(s, ev) || sio_event_unpack(ev, "s", &name))
		return;
	json_object_del(banned, name);
	answer(ev);
}

static void on_say(sio_socket *s, sio_event *ev, void *unused)
{
	const char *text;

	if (sio_event_unpack(ev, "s", &text) == 0)
		sio_socket_broadcast(s, "said", "s", text);
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	sio_nsp *io = sio_server_of(srv, "/");
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	if (argc > 2)
		secret = argv[2];
	banned = json_object();
	sio_nsp_use(io, enter, NULL);
	sio_nsp_on_event(io, "ban", on_ban, NULL);
	sio_nsp_on_event(io, "unban", on_unban, NULL);
	sio_nsp_on_event(io, "say", on_say, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	json_decref(banned);
	return err != 0;
}
