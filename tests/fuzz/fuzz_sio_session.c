/* SPDX-License-Identifier: MIT */
/*
 * A whole Socket.IO server, its application and its clients, all of them
 * steered by the bytes. Every socket that entered a namespace leaves it once,
 * every acknowledgement that was asked for is told once, and nothing is left
 * over.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <socketio/socketio.h>
#include <tests/fake_net.h>
#include <tests/fuzz/clients.h>

#include <stdlib.h>
#include <string.h>

/* fuzz_sio_session_v3.c says 3 */
#ifndef REVISION
#define REVISION 4
#endif

#define NEXTS  8
#define EVENTS 8

struct app {
	eio_loop *loop;
	sio_server *srv;
	sio_nsp *nsps[2];
	unsigned entered, left;
	unsigned asked, told;  /* acknowledgements */
	unsigned deed;         /* to be done inside the next callback */
	sio_next *next[NEXTS]; /* middleware that decides later */
	unsigned nexts;
	sio_event *events[EVENTS]; /* to be answered later */
	unsigned count;
};

static void check(int holds)
{
	if (!holds)
		abort();
}

/* -- what the application does ------------------------------------------- */

static void on_ack(sio_socket *s, int err, sio_event *answer, void *user)
{
	struct app *app = user;

	app->told++;
	check(!err == (answer != NULL));
	if (answer)
		sio_event_args(answer);
}

static sio_socket *pick(sio_nsp *nsp)
{
	sio_socket *first;

	return sio_nsp_sockets(nsp, &first, 1) ? first : NULL;
}

static json_t *bytes(void)
{
	return sio_binary("\0\1\2\377", 4);
}

static void talk(struct app *app, sio_nsp *nsp, unsigned deed)
{
	sio_socket *s = pick(nsp);

	switch (deed) {
	case 0:
		sio_nsp_emit(nsp, "news", "s, i", "text", 1);
		break;
	case 1:
		sio_target_emit(sio_nsp_to(nsp, "room"), "bin", "o, {s: o}",
			bytes(), "b", bytes());
		break;
	case 2:
		if (sio_socket_emit_ack(s, 1000, on_ack, app, "ask", "o",
			    bytes()) == 0)
			app->asked++;
		break;
	case 3:
		sio_socket_join(s, "room");
		break;
	case 4:
		sio_socket_disconnect(s, false);
		break;
	case 5:
		sio_target_disconnect(sio_nsp_all(nsp), true);
		break;
	default:
		break;
	}
}

static void decide(struct app *app, bool pass)
{
	sio_next *next;

	if (!app->nexts)
		return;
	next = app->next[--app->nexts];
	if (pass)
		sio_next_pass(next);
	else
		sio_next_refuse(next, "no", json_string("data"));
}

static void reply_late(struct app *app)
{
	sio_event *ev;

	if (!app->count)
		return;
	ev = app->events[--app->count];
	sio_event_reply(ev, "s", "late");
	sio_event_unref(ev);
}

static void free_server(struct app *app)
{
	sio_server *srv = app->srv;

	app->srv = NULL;
	sio_server_free(srv);
	check(app->entered == app->left);
	check(app->asked == app->told);
}

/* Sixteen deeds, the first six in either namespace. */
static void act(struct app *app, unsigned deed)
{
	if (deed < 6)
		talk(app, app->nsps[0], deed);
	else if (deed < 12)
		talk(app, app->nsps[1], deed - 6);
	else if (deed == 12)
		decide(app, true);
	else if (deed == 13)
		decide(app, false);
	else if (deed == 14)
		reply_late(app);
}

static void act_now(struct app *app)
{
	unsigned deed = app->deed;

	app->deed = 0;
	if (!deed || !app->srv)
		return;
	if (deed == 15)
		free_server(app);
	else
		act(app, deed);
}

/* Those with bit 16 wait for a callback. */
static void on_deed(void *user, unsigned deed)
{
	struct app *app = user;

	if (deed & 16)
		app->deed = deed & 15;
	else if (app->srv && deed != 15)
		act(app, deed);
	else if (app->srv)
		sio_server_close(app->srv, 1000, NULL, NULL);
}

/* -- callbacks ----------------------------------------------------------- */

static void on_use(sio_socket *s, sio_next *next, void *user)
{
	struct app *app = user;
	json_t *auth = sio_socket_auth(s);

	act_now(app);
	if (json_object_get(auth, "later") && app->nexts < NEXTS)
		app->next[app->nexts++] = next;
	else if (json_object_get(auth, "no"))
		sio_next_refuse(next, "refused", NULL);
	else
		sio_next_pass(next);
}

static void on_connection(sio_socket *s, sio_event *ev, void *user)
{
	struct app *app = user;

	app->entered++;
	check(sio_socket_is_connected(s));
	check(strlen(sio_socket_id(s)) == 20);
	json_decref(sio_socket_handshake(s));
	sio_socket_emit(s, "hello", NULL);
	act_now(app);
}

static void on_disconnect(sio_socket *s, sio_event *ev, void *user)
{
	struct app *app = user;
	const char *reason;

	app->left++;
	check(!sio_socket_is_connected(s));
	check(sio_event_unpack(ev, "s", &reason) == 0 && *reason);
	act_now(app);
}

static void echo(sio_socket *s, sio_event *ev)
{
	size_t len;
	const char *text = sio_event_text(ev, &len);
	json_t *args = sio_event_args(ev);

	check(json_is_array(args));
	sio_socket_emit_json(s, sio_event_name(ev), json_incref(args));
	if (text)
		sio_event_reply_text(ev, text, len);
	else
		sio_event_reply_json(ev, json_incref(args));
}

static void on_any(sio_socket *s, sio_event *ev, void *user)
{
	struct app *app = user;

	check(sio_event_socket(ev) == s);
	act_now(app);
	if (app->count < EVENTS && strcmp(sio_event_name(ev), "later") == 0) {
		app->events[app->count] = sio_event_ref(ev);
		check(app->events[app->count++] != NULL);
	} else {
		echo(s, ev);
	}
}

/* -- the whole ----------------------------------------------------------- */

static void open_nsp(struct app *app, unsigned i, const char *name)
{
	sio_nsp *nsp = sio_server_of(app->srv, name);

	check(nsp != NULL);
	app->nsps[i] = nsp;
	sio_nsp_on_connection(nsp, on_connection, app);
	sio_nsp_on_event(nsp, "disconnect", on_disconnect, app);
	sio_nsp_on_any(nsp, on_any, app);
}

static void open_server(struct app *app)
{
	memset(app, 0, sizeof(*app));
	app->loop = eio_loop_new();
	app->srv = sio_server_new_on(app->loop);
	check(app->srv != NULL);
	sio_server_set_option(app->srv, SIO_SERVE_CLIENT, 0);
	sio_server_set_option(app->srv, SIO_MAX_PAYLOAD, 3000);
	sio_server_set_option(app->srv, SIO_MAX_ATTACHMENTS, 3);
	sio_server_set_option(app->srv, SIO_MAX_EARLY_BYTES, 300);
	sio_server_set_option(app->srv, SIO_MAX_ACKS, 3);
	open_nsp(app, 0, "/");
	open_nsp(app, 1, "/a");
	sio_nsp_use(app->nsps[1], on_use, app);
	check(sio_server_listen(app->srv, NULL, 0) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct app app;

	open_server(&app);
	fuzz_clients(app.loop, "/socket.io/", REVISION, data, size, on_deed,
		&app);
	fake_advance(app.loop, 100000);
	check(app.entered == app.left);
	check(app.asked == app.told);
	if (app.srv)
		free_server(&app);
	/* These outlive it, and lead to nothing any more. */
	while (app.nexts)
		decide(&app, app.nexts & 1);
	while (app.count)
		reply_late(&app);
	check(fake_open_conns(app.loop) == 0);
	eio_loop_free(app.loop);
	return 0;
}
