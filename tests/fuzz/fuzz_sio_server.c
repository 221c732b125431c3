/* SPDX-License-Identifier: MIT */
/*
 * A whole Socket.IO server, its program and its clients, all of them steered
 * by the bytes. Who connected disconnects once, who was asked answers or is
 * given up once, data is freed once, and nothing is left over.
 *
 * The input is steps, separated by the byte 30. A step beginning with a
 * digit is a packet of the present client, one with 'b' a binary message;
 * the others are in step(). What an event makes the program do is said by
 * the first letter of its name. With an 'R' as the first byte clients may come
 * back and be who they were.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/base/strbuf.h>
#include <socketio/socketio.h>
#include <tests/fake_client.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS 6
#define HELD    32

static eio_loop *loop;
static sio_server *srv;
static sio_nsp *nsps[3];    /* "/", "/later", "/no" */
static sio_nsp *parents[2]; /* of "/p...", and of what the program allows */
static struct fake_ws *clients[CLIENTS];
static unsigned present;
static char pid[32], offset[64]; /* the last that were seen */
static sio_next *nexts[HELD];
static sio_event *events[HELD];
static sio_socket *sockets[HELD];
static unsigned nexts_n, events_n, sockets_n;
static int connected, disconnected, asked, told, given, freed;

static void check(int holds)
{
	if (!holds)
		abort();
}

/* -- the program ------------------------------------------------------------ */

static void on_ack(sio_socket *s, int err, sio_event *answer, void *user)
{
	told++;
	check((err == 0) == (answer != NULL));
	json_decref(sio_event_rest(answer, 0));
}

static void free_data(void *data)
{
	freed++;
	free(data);
}

static void give_data(sio_socket *s)
{
	char *data = malloc(8);

	check(data && sio_socket_set_data(s, data, free_data) == 0);
	given++;
}

static void use_later(void)
{
	while (nexts_n > 0) {
		sio_next *next = nexts[--nexts_n];

		if (nexts_n % 2)
			sio_next_refuse(next, "later", json_object());
		else
			sio_next_pass(next);
	}
	while (events_n > 0) {
		sio_event_reply(events[--events_n], "s", "later");
		sio_event_unref(events[events_n]);
	}
	while (sockets_n > 0) {
		sio_socket_emit(sockets[--sockets_n], "held", NULL);
		sio_socket_join(sockets[sockets_n], "held");
		sio_socket_unref(sockets[sockets_n]);
	}
}

static void answer(sio_event *ev)
{
	size_t len;
	const char *text = sio_event_text(ev, &len);

	if (text)
		sio_event_reply_text(ev, text, len);
	else
		sio_event_reply_json(ev, sio_event_rest(ev, 0));
}

static void keep(sio_socket *s, sio_event *ev)
{
	if (events_n < HELD && ev)
		events[events_n++] = sio_event_ref(ev);
	if (sockets_n < HELD)
		sockets[sockets_n++] = sio_socket_ref(s);
}

static void ask(sio_socket *s, unsigned ms)
{
	if (sio_socket_emit_ack(s, ms, on_ack, NULL, "q", NULL) == 0)
		asked++;
}

static void on_answers(int err, json_t *answers, size_t expected, void *user)
{
	told++;
	check(json_array_size(answers) <= expected);
}

static void on_answer(sio_socket *s, json_t *args, void *user)
{
	check(s && json_is_array(args));
}

static void on_found(int err, sio_remote *const *found, size_t n, void *user)
{
	size_t i;

	told++;
	for (i = 0; i < n; i++) {
		sio_remote_handshake(found[i]);
		sio_remote_leave(found[i], "room");
	}
}

static void ask_many(sio_nsp *nsp)
{
	sio_target *t = sio_target_timeout(sio_nsp_all(nsp), 100);

	t = sio_target_on_answer(t, on_answer);
	if (sio_target_emit_acks(t, on_answers, NULL, "q", "i", 1) == 0)
		asked++;
	t = sio_nsp_to(nsp, "room");
	if (sio_target_emit_acks(t, on_answers, NULL, "q", NULL) == 0)
		asked++;
	if (sio_target_fetch(sio_nsp_to(nsp, "room"), on_found, NULL) == 0)
		asked++;
}

/* As often as it is told: nobody is in a room that is not there. */
static void on_room(sio_nsp *nsp, enum sio_room_event what, const char *room,
	const char *id, void *user)
{
	check((id == NULL) ==
		(what == SIO_ROOM_CREATE || what == SIO_ROOM_DELETE));
}

static void ask_all(sio_socket *s, bool many)
{
	if (many) {
		ask_many(sio_socket_nsp(s));
		return;
	}
	ask(s, 100);
	ask(s, 0);
}

static void on_event(sio_socket *s, sio_event *ev, void *user);

static void other_deed(sio_socket *s, char letter)
{
	if (letter == 'x') {
		sio_nsp_delete(sio_socket_nsp(s));
	} else if (letter == 'y') {
		sio_nsp_emit(parents[1], "y", "i", 1);
		sio_target_disconnect(sio_nsp_all(parents[0]), false);
	} else if (letter == 'z') {
		sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES,
			asked % 2);
	} else {
		give_data(s);
		json_decref(sio_socket_handshake(s));
		json_decref(sio_socket_rooms(s));
	}
}

static void deed(sio_socket *s, sio_event *ev, char letter)
{
	const char *room;

	switch (letter) {
	case 'a':
		answer(ev);
		break;
	case 'e':
		sio_socket_emit_json(s, "back", sio_event_rest(ev, 0));
		break;
	case 'k':
		keep(s, ev);
		break;
	case 'q':
	case 'm':
		ask_all(s, letter == 'm');
		break;
	case 'j':
		if (sio_event_unpack(ev, "s", &room) == 0)
			sio_socket_join(s, room);
		sio_socket_join(s, "room");
		break;
	case 'l':
		sio_socket_leave(s, "room");
		break;
	case 'n':
		sio_nsp_emit(sio_socket_nsp(s), "n", "o", sio_binary("x", 1));
		break;
	case 't':
		sio_target_emit(sio_target_except(sio_socket_to(s, "room"),
					"held"),
			"t", "i", 1);
		break;
	case 'v':
		sio_target_emit(sio_target_flags(sio_socket_others(s),
					SIO_VOLATILE),
			"v", NULL);
		break;
	case 'o':
		sio_socket_once(s, "o", on_event, NULL);
		break;
	case 'd':
		sio_socket_disconnect(s, false);
		break;
	case 'c':
		sio_socket_disconnect(s, true);
		break;
	case 'g':
		sio_target_disconnect(sio_nsp_to(sio_socket_nsp(s), "room"),
			false);
		break;
	case 'u':
		use_later();
		break;
	default:
		other_deed(s, letter);
		break;
	}
}

static void on_event(sio_socket *s, sio_event *ev, void *user)
{
	deed(s, ev, *sio_event_name(ev));
}

static void on_connection(sio_socket *s, sio_event *ev, void *user)
{
	const char *what =
		json_string_value(json_object_get(sio_socket_auth(s), "do"));

	connected++;
	check(sio_socket_is_connected(s));
	for (; what && *what; what++)
		deed(s, ev, *what);
}

static void on_disconnect(sio_socket *s, sio_event *ev, void *user)
{
	disconnected++;
	check(!sio_socket_is_connected(s));
	check(sio_socket_emit(s, "x", NULL) == SIO_ERR_CLOSED);
	deed(s, ev, "tk"[disconnected % 2]);
}

static void on_use(sio_socket *s, sio_next *next, void *user)
{
	if (user)
		sio_next_refuse(next, "no", NULL);
	else if (nexts_n < HELD)
		nexts[nexts_n++] = next;
	else
		sio_next_pass(next);
}

static void on_name(const char *name, json_t *auth, sio_next *next, void *user)
{
	check(*name == '/' && json_typeof(auth) <= JSON_NULL);
	if (name[1] == 'n' || nexts_n == HELD)
		sio_next_refuse(next, NULL, NULL);
	else if (name[1] == 'y')
		sio_next_pass(next);
	else
		nexts[nexts_n++] = next;
}

/* An event "w" waits, "r" is refused. */
static void on_use_event(sio_socket *s, sio_event *ev, sio_next *next,
	void *user)
{
	char letter = *sio_event_name(ev);

	check(sio_socket_is_connected(s));
	if (letter == 'r')
		sio_next_refuse(next, "no", json_object());
	else if (letter == 'w' && nexts_n < HELD)
		nexts[nexts_n++] = next;
	else
		sio_next_pass(next);
}

static void on_namespace(sio_nsp *nsp, void *user)
{
	sio_nsp_on_any_outgoing(nsp, on_event, NULL);
}

static void start_parents(void)
{
	size_t i;

	parents[0] = sio_server_of_pattern(srv, "^/p(a|[0-9])*$");
	parents[1] = sio_server_of_predicate(srv, on_name, NULL);
	for (i = 0; i < 2; i++) {
		sio_nsp_on_connection(parents[i], on_connection, NULL);
		sio_nsp_on_event(parents[i], "disconnect", on_disconnect, NULL);
		sio_nsp_on_event(parents[i], "w", on_event, NULL);
		sio_nsp_on_error(parents[i], on_event, NULL);
		sio_nsp_use_event(parents[i], on_use_event, NULL);
	}
	sio_nsp_on_any(parents[0], on_event, NULL);
	sio_server_on_namespace(srv, on_namespace, NULL);
	sio_server_set_option(srv, SIO_MAX_DYNAMIC_NAMESPACES, 3);
}

static void start(bool recovers)
{
	static const char *const names[] = { "/", "/later", "/no" };
	size_t i;

	loop = eio_loop_new();
	srv = sio_server_new_on(loop);
	check(srv != NULL);
	sio_server_set_option(srv, SIO_SERVE_CLIENT, 0);
	sio_server_set_option(srv, SIO_MAX_EARLY_BYTES, 1000);
	if (recovers)
		sio_server_set_recovery(srv, 2000, 3000, true);
	sio_server_set_option(srv, SIO_QUEUE_BYTES, 20000);
	for (i = 0; i < 3; i++) {
		nsps[i] = sio_server_of(srv, names[i]);
		sio_nsp_on_connection(nsps[i], on_connection, NULL);
		sio_nsp_on_any(nsps[i], on_event, NULL);
		sio_nsp_on_room(nsps[i], on_room, NULL);
		sio_nsp_on_event(nsps[i], "disconnect", on_disconnect, NULL);
	}
	sio_nsp_use(nsps[1], on_use, NULL);
	sio_nsp_use(nsps[2], on_use, srv);
	start_parents();
	check(sio_server_listen(srv, NULL, 1) == 0);
	connected = disconnected = asked = told = given = freed = 0;
	present = 0;
	nexts_n = events_n = sockets_n = 0;
	*pid = *offset = '\0';
}

/* -- the clients -------------------------------------------------------------- */

static struct fake_ws *client(void)
{
	if (!clients[present])
		clients[present] = fake_eio_open(loop, "/socket.io/");
	check(clients[present] != NULL);
	return clients[present];
}

static void hang_up(void)
{
	fake_ws_free(clients[present]);
	clients[present] = NULL;
}

static void say(const uint8_t *p, size_t n)
{
	struct fake_ws *ws = client();
	struct eio__strbuf text;

	if (fake_ws_is_closed(ws)) {
		hang_up();
		return;
	}
	eio__strbuf_init(&text, 0);
	eio__strbuf_addc(&text, '4');
	eio__strbuf_add(&text, p, n);
	if (*p == 'b')
		fake_ws_send_binary(ws, p + 1, n - 1);
	else
		fake_ws_frame(ws, 0x81, text.data, text.len);
	eio__strbuf_clear(&text);
}

/* What this client got: its pid, and the text at the end of an event. */
static void look(void)
{
	const char *text, *at;

	for (text = fake_ws_next(client()); text;
		text = fake_ws_next(client())) {
		at = strstr(text, "\"pid\":\"");
		if (at && strlen(at) > 27)
			snprintf(pid, sizeof(pid), "%.20s", at + 7);
		at = strrchr(text, ',');
		if (at && at[1] == '"')
			snprintf(offset, sizeof(offset), "%.*s",
				(int)strcspn(at + 2, "\"\\"), at + 2);
	}
}

/* As the one who had the last pid. */
static void come_back(bool with_offset)
{
	char text[200];

	if (with_offset)
		snprintf(text, sizeof(text),
			"0{\"pid\":\"%s\",\"offset\":\"%s\",\"do\":\"j\"}", pid,
			offset);
	else
		snprintf(text, sizeof(text), "0{\"pid\":\"%s\"}", pid);
	say((const uint8_t *)text, strlen(text));
}

static void step(const uint8_t *p, size_t n)
{
	switch (*p) {
	case 'x':
		present = (present + 1) % CLIENTS;
		break;
	case 'h':
		hang_up();
		break;
	case 'R':
		break;
	case 'l':
		look();
		break;
	case 'p':
		come_back(n > 1);
		break;
	case 'w':
		fake_advance(loop, n * 40);
		break;
	case 'u':
		use_later();
		fake_turn(loop);
		break;
	case 'r': /* a client that does not read */
		fake_room(client()->c, n > 1 ? SIZE_MAX : 0);
		break;
	default:
		say(p, n);
		break;
	}
}

static void finish(void)
{
	sio_server_free(srv);
	for (present = 0; present < CLIENTS; present++)
		hang_up();
	use_later();
	eio_loop_free(loop);
	check(connected == disconnected);
	check(asked == told);
	check(given == freed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;
	size_t n;

	start(size > 0 && *data == 'R');
	while (data < end) {
		for (n = 0; data + n < end && data[n] != 30; n++)
			;
		if (n > 0)
			step(data, n);
		data += n;
		if (data < end)
			data++;
	}
	finish();
	return 0;
}
