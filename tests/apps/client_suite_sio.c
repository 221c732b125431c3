/* SPDX-License-Identifier: MIT */
/*
 * client_suite_sio.c: the server of socket.io-client's test suite. Each
 * handler belongs to a test of that suite, or to several.
 */
#include <config.h>

#include "client_suite_app.h"

#include <engineio/http.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What a socket has sent so far. */
struct seen {
	bool abuff1, blob1, blob2;
};

static struct seen *seen(sio_socket *s)
{
	if (!sio_socket_data(s))
		sio_socket_set_data(s, calloc(1, sizeof(struct seen)), free);
	return sio_socket_data(s);
}

/* The i-th argument; NULL without one. */
static json_t *arg(sio_event *ev, size_t i)
{
	return json_array_get(sio_event_args(ev), i);
}

/* JSON has no dates; JavaScript prints them so. */
static json_t *date(void)
{
	struct timespec now;
	char text[40], all[48];

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime(&now.tv_sec));
	snprintf(all, sizeof(all), "%s.%03dZ", text,
		(int)(now.tv_nsec / 1000000));
	return json_string(all);
}

/* -- texts, dates, acks ------------------------------------------------------- */

static void on_hi(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "hi", NULL);
}

static void on_echo(sio_socket *s, sio_event *ev, void *user)
{
	json_t *value = arg(ev, 0);

	sio_event_reply(ev, "O", value ? value : json_null());
}

static void on_answer(sio_socket *s, int err, sio_event *answer, void *user)
{
	if (!err && json_number_value(arg(answer, 0)) == 5 &&
		json_is_true(json_object_get(arg(answer, 1), "test")))
		sio_socket_emit(s, "got it", NULL);
}

static void on_ack(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit_ack(s, 0, on_answer, NULL, "ack", NULL);
}

static void on_get_ack_date(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply(ev, "o", date());
}

static void on_get_date(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "takeDate", "o", date());
}

static void on_get_date_obj(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "takeDateObj", "{s:o}", "date", date());
}

static void on_get_utf8(sio_socket *s, sio_event *ev, void *user)
{
	static const char *const texts[] = { "てすと", "Я Б Г Д Ж Й",
		"Ä ä Ü ü ß", "utf8 — string", "utf8 — string" };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		sio_socket_emit(s, "takeUtf8", "s", texts[i]);
}

static void on_false(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "false", "b", 0);
}

/* -- bytes ---------------------------------------------------------------------- */

static void send_bytes(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, user, "o", sio_binary("asdfasdf", 8));
}

/* Answers bytes with the event at user. */
static void on_bytes(sio_socket *s, sio_event *ev, void *user)
{
	if (sio_is_binary(arg(ev, 0)))
		sio_socket_emit(s, user, NULL);
}

static bool is_text(const json_t *value, const char *text)
{
	return json_is_string(value) && !strcmp(json_string_value(value), text);
}

static void on_mixed(sio_socket *s, sio_event *ev, void *user)
{
	json_t *o = arg(ev, 0);

	if (is_text(json_object_get(o, "hello"), "lol") &&
		sio_is_binary(json_object_get(o, "message")) &&
		is_text(json_object_get(o, "goodbye"), "gotcha"))
		sio_socket_emit(s, user, NULL);
}

static void on_abuff1(sio_socket *s, sio_event *ev, void *user)
{
	seen(s)->abuff1 = seen(s)->abuff1 || sio_is_binary(arg(ev, 0));
}

static void on_abuff2(sio_socket *s, sio_event *ev, void *user)
{
	if (seen(s)->abuff1)
		sio_socket_emit(s, "abuff2-ack", NULL);
}

static void on_blob1(sio_socket *s, sio_event *ev, void *user)
{
	seen(s)->blob1 = seen(s)->blob1 || sio_is_binary(arg(ev, 0));
}

static void on_blob2(sio_socket *s, sio_event *ev, void *user)
{
	if (is_text(arg(ev, 0), "second") && seen(s)->blob1)
		seen(s)->blob2 = true;
}

static void on_blob3(sio_socket *s, sio_event *ev, void *user)
{
	if (sio_is_binary(arg(ev, 0)) && seen(s)->blob2)
		sio_socket_emit(s, "blob3-ack", NULL);
}

/* -- handshakes --------------------------------------------------------------------- */

static void on_get_handshake(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply(ev, "o", sio_socket_handshake(s));
}

static void on_get_id(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply(ev, "s", sio_socket_id(s));
}

static void emit_handshake(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "handshake", "o", sio_socket_handshake(s));
}

static void refuse(sio_socket *s, sio_next *next, void *user)
{
	sio_next_refuse(next, "Auth failed (custom namespace)", NULL);
}

static void refuse_if_asked(sio_socket *s, sio_next *next, void *user)
{
	json_t *query = sio_socket_query(s);
	const char *fail = json_string_value(json_object_get(query, "fail"));

	if (fail && *fail)
		sio_next_refuse(next, "Auth failed (main namespace)", NULL);
	else
		sio_next_pass(next);
	json_decref(query);
}

/* -- the server ---------------------------------------------------------------------- */

static void let_in(void *arg, int status)
{
	if (!status)
		eio_request_decide(arg, true, NULL);
	eio_request_unref(arg);
}

static enum eio_verdict decide_later(eio_request *req, void *loop)
{
	if (eio_loop_after(loop, 10, let_in, eio_request_ref(req)) == 0)
		return ENGINEIO_LATER;
	eio_request_unref(req);
	return ENGINEIO_PASS;
}

static char takebin[] = "takebin", doge[] = "doge", buffack[] = "buffack",
	    jsonbuff_ack[] = "jsonbuff-ack", jsonblob_ack[] = "jsonblob-ack",
	    back[] = "back";

static const struct {
	const char *name;
	sio_handler fn;
	void *user;
} events[] = {
	{ "hi", on_hi, NULL },
	{ "echo", on_echo, NULL },
	{ "ack", on_ack, NULL },
	{ "getAckDate", on_get_ack_date, NULL },
	{ "getDate", on_get_date, NULL },
	{ "getDateObj", on_get_date_obj, NULL },
	{ "getUtf8", on_get_utf8, NULL },
	{ "false", on_false, NULL },
	{ "doge", send_bytes, doge },
	{ "getbin", send_bytes, takebin },
	{ "buffa", on_bytes, buffack },
	{ "jsonbuff", on_mixed, jsonbuff_ack },
	{ "jsonblob", on_mixed, jsonblob_ack },
	{ "abuff1", on_abuff1, NULL },
	{ "abuff2", on_abuff2, NULL },
	{ "blob", on_bytes, back },
	{ "blob1", on_blob1, NULL },
	{ "blob2", on_blob2, NULL },
	{ "blob3", on_blob3, NULL },
	{ "getHandshake", on_get_handshake, NULL },
	{ "getId", on_get_id, NULL },
};

static void add_namespaces(sio_server *srv)
{
	static const char *const silent[] = { "/valid", "/asd",
		"/timeout_socket" };
	sio_nsp *io = sio_server_of(srv, "/");
	size_t i;

	for (i = 0; i < sizeof(silent) / sizeof(*silent); i++)
		sio_server_of(srv, silent[i]);
	for (i = 0; i < sizeof(events) / sizeof(*events); i++)
		sio_nsp_on_event(io, events[i].name, events[i].fn,
			events[i].user);
	sio_nsp_use(io, refuse_if_asked, NULL);
	sio_nsp_use(sio_server_of(srv, "/no"), refuse, NULL);
	sio_nsp_on_connection(sio_server_of(srv, "/abc"), emit_handshake, NULL);
	sio_nsp_on_event(sio_server_of(srv, "/foo"), "getId", on_get_id, NULL);
}

sio_server *suite_sio(eio_loop *loop)
{
	sio_server *srv = sio_server_new_on(loop);

	sio_server_set_heartbeat(srv, 2000, 20000);
	sio_server_set_option(srv, SIO_SERVE_CLIENT, 0);
	sio_server_set_recovery(srv, 120000, 0, true);
	sio_server_keep_header(srv, "*");
	sio_server_on_request(srv, decide_later, loop);
	add_namespaces(srv);
	return srv;
}
