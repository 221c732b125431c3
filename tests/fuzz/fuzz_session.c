/* SPDX-License-Identifier: MIT */
/*
 * A whole Engine.IO server, its application and its clients, all of them
 * steered by the bytes. Every session that was opened is closed once, limits
 * are kept, and nothing is left over.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/http.h>
#include <tests/fake_net.h>
#include <tests/fuzz/clients.h>

#include <stdlib.h>
#include <string.h>

/* fuzz_session_v3.c says 3 */
#ifndef REVISION
#define REVISION 4
#endif

/* fuzz_gate.c asks about every request */
#ifndef GATED
#define GATED 0
#endif

#define QUEUE_BYTES 200000
#define SESSIONS    64
/* A session that has ended makes room for another at once, and the
 * application hears of its end a little later. */
#define SOCKETS (4 * SESSIONS)

struct app {
	eio_loop *loop;
	eio_server *srv;
	eio_socket *sockets[SOCKETS]; /* open ones */
	unsigned count, opened, closed;
	unsigned deed; /* to be done inside the next callback */
	unsigned mood; /* what it says when it is asked, see fuzz_gate.c */
	eio_request *held[16];
	unsigned held_count, decisions;
};

static void check(int holds)
{
	if (!holds)
		abort();
}

static int send_text(eio_socket *s, const char *text, size_t len)
{
	eio_buf *buf = eio_buf_new_text(text, len);
	int err = eio_socket_send(s, buf);

	eio_buf_unref(buf);
	check(err == 0 || err == ENGINEIO_ERR_CLOSED ||
		err == ENGINEIO_ERR_FULL);
	return err;
}

static void send_pair(eio_socket *s)
{
	static char bytes[40000];
	eio_buf *bufs[2];

	bufs[0] = eio_buf_new_text("text", 4);
	bufs[1] = eio_buf_new_binary(bytes, sizeof(bytes));
	eio_socket_send_all(s, bufs, 2);
	eio_buf_unref(bufs[0]);
	eio_buf_unref(bufs[1]);
}

/* The application does something, inside a callback or between them. */
static void act(struct app *app, unsigned deed)
{
	static char large[50000];
	eio_socket *s;

	if (!app->srv || !app->count)
		return;
	s = app->sockets[(deed >> 3) % app->count];
	memset(large, 'x', sizeof(large));
	switch (deed & 7) {
	case 0:
		send_text(s, "hello", 5);
		break;
	case 1:
		send_text(s, large, sizeof(large));
		break;
	case 2:
		send_pair(s);
		break;
	case 3:
		eio_socket_close(s);
		break;
	case 4:
		eio_socket_abort(s, ENGINEIO_REASON_FORCED_CLOSE, NULL);
		break;
	case 5:
		eio_socket_drop_request(s);
		break;
	default:
		break;
	}
}

static void end_server(struct app *app, unsigned deed)
{
	eio_server *srv = app->srv;

	if (!srv)
		return;
	if (deed == 6) {
		eio_server_close(srv, 1000, NULL, NULL);
	} else if (deed == 14) {
		app->srv = NULL;
		eio_server_free(srv);
		check(app->opened == app->closed);
	}
}

static void act_now(struct app *app)
{
	unsigned deed = app->deed;

	app->deed = 0;
	if (!deed)
		return;
	act(app, deed);
	end_server(app, deed);
}

/* -- requests that wait for a decision (fuzz_gate.c) ----------------------- */

/* In turn none, ids that are good, in use, bad, and no text at all. */
static const char *next_text(struct app *app)
{
	static const char *const texts[] = { NULL, "an-id", "an-id", "\"\xff\n",
		"" };

	return texts[app->decisions++ % 5];
}

static void settle(struct app *app, bool allow)
{
	eio_request *req;
	int err;

	if (!app->held_count)
		return;
	req = app->held[--app->held_count];
	err = eio_request_decide(req, allow, next_text(app));
	check(err == 0 || err == ENGINEIO_ERR_STATE ||
		err == ENGINEIO_ERR_CLOSED);
	eio_request_unref(req);
}

static enum eio_verdict on_asked(eio_request *req, void *user)
{
	struct app *app = user;
	unsigned mood = app->mood;

	act_now(app);
	if (mood & 8)
		eio_request_decide(req, mood & 1, next_text(app));
	switch (mood & 7) {
	case 1:
		eio_request_respond(req, 200, NULL, "taken", 5);
		return ENGINEIO_TAKEN;
	case 2:
		return ENGINEIO_REFUSE;
	case 3:
		return ENGINEIO_LATER; /* and nobody will ever say */
	case 4:
	case 5:
		if (app->held_count < 16)
			app->held[app->held_count++] = eio_request_ref(req);
		return ENGINEIO_LATER;
	default:
		return ENGINEIO_PASS;
	}
}

static void on_error(eio_request *req, const struct eio_connection_error *error,
	void *user)
{
	check(error->message != NULL);
	eio_request_set_header(req, "X-Error", "yes");
	act_now(user);
}

static void open_gate(struct app *app)
{
	eio_server *srv = app->srv;

	eio_server_on_request(srv, on_asked, app);
	eio_server_on_id(srv, on_asked, app);
	eio_server_on_connection_error(srv, on_error, app);
	eio_server_set_option(srv, ENGINEIO_MAX_SESSIONS_PER_ADDRESS, 20);
	eio_server_set_option(srv, ENGINEIO_HANDSHAKE_RATE, 30);
	eio_server_set_option(srv, ENGINEIO_DECISION_TIMEOUT, 50);
	check(!eio_server_on_http(srv, on_asked, app));
	check(!eio_server_on_http(srv, on_asked, app));
}

/* -- what the bytes have it do --------------------------------------------- */

/* Those with bit 16 wait for a callback. */
static void on_deed(void *user, unsigned deed)
{
	struct app *app = user;

	app->mood = deed;
	settle(app, deed & 1);
	if (deed & 16) {
		app->deed = deed & 15;
	} else {
		act(app, deed);
		end_server(app, deed);
	}
}

static void on_open(eio_socket *s, void *user)
{
	struct app *app = user;

	app->opened++;
	check(app->count < SOCKETS);
	app->sockets[app->count++] = eio_socket_ref(s);
	check(eio_socket_is_open(s));
	check(GATED || strlen(eio_socket_id(s)) == 20);
	check(eio_server_find(app->srv, eio_socket_id(s)) == s);
	act_now(app);
}

static void on_message(eio_socket *s, char *data, size_t len, bool binary,
	void *user)
{
	struct app *app = user;

	check(eio_socket_is_open(s));
	check(len <= 3000);
	if (!binary)
		send_text(s, data, len);
	memset(data, 0, len);
	act_now(app);
}

static void on_drain(eio_socket *s, void *user)
{
	act_now(user);
}

static void on_close(eio_socket *s, enum eio_reason reason, const char *detail,
	void *user)
{
	struct app *app = user;
	unsigned i;

	check(detail != NULL && *detail);
	check(!eio_socket_is_open(s));
	check(send_text(s, "late", 4) == ENGINEIO_ERR_CLOSED);
	app->closed++;
	for (i = 0; i < app->count && app->sockets[i] != s; i++)
		;
	check(i < app->count);
	app->sockets[i] = app->sockets[--app->count];
	act_now(app);
	eio_socket_unref(s);
}

static void on_route(eio_request *req, void *user)
{
	struct app *app = user;

	act_now(app);
	eio_request_respond(req, 200, NULL, "x", 1);
}

static void on_log(enum eio_log_level level, const char *line, void *user)
{
	check(strlen(line) < 512);
}

static void open_server(struct app *app)
{
	eio_server *srv;

	memset(app, 0, sizeof(*app));
	app->loop = eio_loop_new();
	srv = app->srv = eio_server_new(app->loop);
	check(srv != NULL);
	eio_server_on_open(srv, on_open, app);
	eio_server_on_message(srv, on_message, app);
	eio_server_on_drain(srv, on_drain, app);
	eio_server_on_close(srv, on_close, app);
	eio_server_set_log(srv, ENGINEIO_LOG_DEBUG, on_log, app);
	eio_server_set_option(srv, ENGINEIO_MAX_PAYLOAD, 3000);
	eio_server_set_option(srv, ENGINEIO_MAX_SESSIONS, SESSIONS);
	eio_server_set_option(srv, ENGINEIO_QUEUE_BYTES, QUEUE_BYTES);
	eio_server_set_option(srv, ENGINEIO_ALLOW_EIO3, REVISION == 3);
	if (GATED)
		open_gate(app);
	check(!eio_server_route(srv, NULL, "/", on_route, app));
	check(!eio_server_listen(srv, NULL, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct app app;

	open_server(&app);
	fuzz_clients(app.loop, "/engine.io/", REVISION, data, size, on_deed,
		&app);
	/* Whoever is left hears of the end in time: a ping, and no pong. */
	if (app.srv) {
		fake_advance(app.loop, 100000);
		check(app.count == 0);
		check(eio_server_sessions(app.srv) == 0);
		check(eio_server_connections(app.srv) == 0);
	}
	eio_server_free(app.srv);
	while (app.held_count)
		settle(&app, true);
	check(app.opened == app.closed);
	check(fake_open_conns(app.loop) == 0);
	eio_loop_free(app.loop);
	return 0;
}
