/* SPDX-License-Identifier: MIT */
/*
 * Pages, REST calls, an event stream and a plain WebSocket beside Socket.IO,
 * on one port: a list of notes that can be written and watched by each of them.
 *
 *	./web 8080 public                       pages: http://localhost:8080/
 *	curl localhost:8080/notes?last=2        REST: the notes, or the last two
 *	curl localhost:8080/notes/1             one of them
 *	curl --json '{"text":"hi"}' localhost:8080/notes      a new one: 201
 *	curl -d text localhost:8080/later       an answer that takes its time
 *	curl -N localhost:8080/events           the stream: new EventSource()
 *	curl -i 'localhost:8080/login?user=ann' a cookie, and a redirect
 *	new WebSocket("ws://localhost:8080/ws")
 *	io().on("note", (note) => ...), io().emit("note", "hi")
 */
#include <socketio/socketio.h>

#include <engineio/http.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH        "/notes/"
#define NOTES_MAX   1000
#define STREAMS_MAX 1000

static sio_server *srv;
static json_t *notes; /* the first has the number 1 */
static eio_request *streams[STREAMS_MAX];
static size_t streams_n;

static void respond_error(eio_request *req, int status, const char *text)
{
	sio_request_respond_json(req, status,
		json_pack("{s:s}", "error", text));
}

/* -- everybody who watches ---------------------------------------------- */

static void send_event(eio_request *req, const char *text)
{
	eio_request_write(req, "data: ", 6);
	eio_request_write(req, text, strlen(text));
	eio_request_write(req, "\n\n", 2);
}

/* NULL: there are too many. */
static json_t *add_note(const char *text, const char *user)
{
	json_t *note = json_array_size(notes) == NOTES_MAX
		? NULL
		: json_pack("{s:I, s:s, s:s}", "id",
			  (json_int_t)json_array_size(notes) + 1, "text", text,
			  "user", user ? user : "somebody");
	eio_server *engine = sio_server_engine(srv);
	char *written = sio_json_stringify(note, NULL);
	eio_websocket *w;
	size_t i;

	if (!written)
		return NULL;
	json_array_append(notes, note);
	sio_nsp_emit(sio_server_of(srv, "/"), "note", "O", note);
	for (i = 0; i < streams_n; i++)
		send_event(streams[i], written);
	for (w = eio_server_next_websocket(engine, "/ws", NULL); w;
		w = eio_server_next_websocket(engine, "/ws", w))
		eio_websocket_send(w, written, strlen(written), false);
	free(written);
	return note;
}

/* -- REST calls --------------------------------------------------------- */

static void get_notes(eio_request *req, void *unused)
{
	const char *last = eio_request_query(req, "last");
	size_t n = json_array_size(notes), i = 0;
	size_t max = last ? strtoul(last, NULL, 10) : n;
	json_t *some = json_array();

	for (i = n > max ? n - max : 0; i < n; i++)
		json_array_append(some, json_array_get(notes, i));
	sio_request_respond_json(req, 200, some);
}

static void get_note(eio_request *req, void *unused)
{
	const char *path = eio_request_path(req);
	size_t id = path ? strtoul(path + strlen(PATH), NULL, 10) : 0;
	json_t *note = id ? json_array_get(notes, id - 1) : NULL;

	if (note)
		sio_request_respond_json(req, 200, json_incref(note));
	else
		respond_error(req, 404, "no such note");
}

static void post_note(eio_request *req, void *unused)
{
	json_t *body = sio_request_json(req), *note;
	const char *text;
	char place[40];

	if (json_unpack(body, "{s:s}", "text", &text)) {
		respond_error(req, 400, "a note is { text }");
		json_decref(body);
		return;
	}
	note = add_note(text, eio_request_cookie(req, "user"));
	if (!note) {
		respond_error(req, 507, "too many notes");
	} else {
		snprintf(place, sizeof place, PATH "%zu",
			json_array_size(notes));
		eio_request_set_header(req, "Location", place);
		sio_request_respond_json(req, 201, note);
	}
	json_decref(body);
}

/* With status the server has ended before, and so has the request. */
static void answer_late(void *arg, int status)
{
	eio_request *req = arg;
	size_t len;
	const char *body = eio_request_body(req, &len);

	eio_request_respond(req, 200, "text/plain; charset=utf-8", body, len);
	eio_request_unref(req);
}

static void post_later(eio_request *req, void *unused)
{
	eio_request_ref(req);
	if (eio_loop_after(sio_server_loop(srv), 100, answer_late, req))
		answer_late(req, 0);
}

static void get_login(eio_request *req, void *unused)
{
	const char *user = eio_request_query(req, "user");

	if (!user || eio_request_set_cookie(req, "user", user, "Path=/"))
		respond_error(req, 400, "that is no name");
	else
		eio_request_redirect(req, 303, "/notes");
}

/* -- the stream --------------------------------------------------------- */

/* Called once for each, also when the server ends. */
static void on_gone(eio_request *req, void *unused)
{
	size_t i;

	for (i = 0; i < streams_n && streams[i] != req; i++)
		continue;
	streams[i] = streams[--streams_n];
	eio_request_unref(req);
}

static void get_events(eio_request *req, void *unused)
{
	if (streams_n == STREAMS_MAX) {
		respond_error(req, 503, "too many watch");
		return;
	}
	eio_request_set_header(req, "Cache-Control", "no-store");
	if (eio_request_begin(req, 200, "text/event-stream"))
		return;
	eio_request_on_gone(req, on_gone, NULL);
	streams[streams_n++] = eio_request_ref(req);
}

/* -- WebSocket and Socket.IO -------------------------------------------- */

static void on_open(eio_websocket *w, eio_request *req, void *unused)
{
	char *all = sio_json_stringify(notes, NULL);

	if (all)
		eio_websocket_send(w, all, strlen(all), false);
	free(all);
}

static void on_message(eio_websocket *w, char *data, size_t len, bool binary,
	void *unused)
{
	json_t *post = sio_json_parse(data, len);
	const char *text;

	if (json_unpack(post, "{s:s}", "text", &text))
		eio_websocket_close(w, 1007);
	else
		json_decref(add_note(text, NULL));
	json_decref(post);
}

static void on_note(sio_socket *s, sio_event *ev, void *unused)
{
	const char *text;

	if (sio_event_unpack(ev, "s", &text) == 0)
		json_decref(add_note(text, NULL));
}

int main(int argc, char **argv)
{
	static const struct eio_websocket_events events = {
		.on_open = on_open,
		.on_message = on_message,
	};
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	srv = sio_server_new();
	notes = json_array();
	sio_server_mount(srv, "/", argc > 2 ? argv[2] : "public");
	sio_server_route(srv, "GET", "/notes", get_notes, NULL);
	sio_server_route(srv, "GET", PATH, get_note, NULL);
	sio_server_route(srv, "POST", "/notes", post_note, NULL);
	sio_server_route(srv, "POST", "/later", post_later, NULL);
	sio_server_route(srv, "GET", "/login", get_login, NULL);
	sio_server_route(srv, "GET", "/events", get_events, NULL);
	sio_server_websocket(srv, "/ws", NULL, &events, NULL);
	sio_nsp_on_event(sio_server_of(srv, "/"), "note", on_note, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	json_decref(notes);
	return err != 0;
}
