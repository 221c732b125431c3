/* SPDX-License-Identifier: MIT */
/*
 * socket.c: one client in one namespace: how it comes, what it is told, how
 * it goes.
 *
 * connecting --admitted--> connected --left--> leaving --told--> gone
 *      \------- refused, connection lost ---------/
 *
 * Leaving a namespace takes effect at once: no broadcast reaches the socket
 * any more. Its handlers hear of it from the loop, never from inside the
 * call that caused it; until they have, its rooms can be looked at.
 *
 * Always true: the server holds a reference until the socket is gone; a
 * socket is among those who entered the rooms exactly while it is connected.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/recovery.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* -- birth and death ------------------------------------------------------- */

static int keep_auth(sio_socket *s, struct sio__span auth)
{
	s->auth_is_text = true;
	if (auth.n == 0 || sio__span_is(auth, "{}", 2))
		return 0;
	s->auth.text = sio__span_copy(auth);
	return s->auth.text ? 0 : SIO_ERR_NOMEM;
}

sio_socket *sio__socket_new(struct sio__client *c, sio_nsp *nsp,
	struct sio__span name, struct sio__span auth)
{
	const struct sio__protocol *protocol = sio__protocol_of(c->conn);
	size_t id_len = protocol->id_len(c->conn, name);
	sio_socket *s = calloc(1, sizeof(*s) + id_len + 1);

	if (!s)
		return NULL;
	s->nsp = nsp;
	s->client = c;
	if (protocol->make_id(s, name) || keep_auth(s, auth)) {
		free(s);
		return NULL;
	}
	sio__nsp_enter(nsp);
	s->refs = 1;
	sio__occupant_init(&s->occupant);
	sio__acks_init(&s->acks);
	eio__list_init(&s->due);
	eio__list_add_tail(&c->sockets, &s->link);
	c->live++;
	return s;
}

const char *sio__socket_key(const void *occupant)
{
	return eio__list_entry(occupant, sio_socket, occupant)->id;
}

void sio__socket_set_nsp(sio_socket *s, sio_nsp *nsp)
{
	sio_nsp *before = s->nsp;

	sio__nsp_enter(nsp);
	s->nsp = nsp;
	sio__nsp_exit(before);
	sio__nsp_unref(before);
}

sio_socket *sio_socket_ref(sio_socket *s)
{
	if (s)
		s->refs++;
	return s;
}

void sio_socket_unref(sio_socket *s)
{
	if (!s || --s->refs > 0)
		return;
	eio__list_del(&s->link);
	sio__nexts_release(s->nexts);
	if (s->own)
		sio__listeners_clear(s->own);
	free(s->own);
	sio__nsp_unref(s->nsp);
	if (s->auth_is_text)
		free(s->auth.text);
	else
		json_decref(s->auth.value);
	json_decref(s->shared);
	sio__recovery_drop(s);
	if (s->data_free)
		s->data_free(s->data);
	free(s);
}

void sio__socket_move(sio_socket *s, enum sio__socket_state to)
{
	static const unsigned char allowed[] = {
		[SIO__CONNECTING] = 1 << SIO__CONNECTED | 1 << SIO__LEAVING,
		[SIO__CONNECTED] = 1 << SIO__LEAVING,
		[SIO__LEAVING] = 1 << SIO__GONE,
		[SIO__GONE] = 0,
	};
	static const char *const names[] = { "connecting", "connected",
		"leaving", "gone" };

	assert(allowed[s->state] & 1 << to);
	if (eio_server_logs(s->client->srv->engine, ENGINEIO_LOG_DEBUG))
		eio_server_log(s->client->srv->engine, ENGINEIO_LOG_DEBUG,
			"socket %s in %s: %s", s->id, s->nsp->name, names[to]);
	s->state = (unsigned char)to;
}

/* -- coming ---------------------------------------------------------------- */

static void call_connection_handlers(sio_socket *s)
{
	struct sio__span every = { NULL, 0 };
	struct sio__handlers_walk walk;
	sio_handler fn;
	void *user;
	sio_event *ev;

	if (!sio__handlers_has(&s->nsp->on_connection, every))
		return;
	ev = sio__event_make(s, "connection", json_array());
	if (!ev) {
		sio__client_end(s->client, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
		return;
	}
	sio__handlers_walk(&s->nsp->on_connection, &walk, every);
	while (sio__handlers_next(&walk, &fn, &user))
		if (s->state != SIO__GONE)
			fn(s, ev, user);
	sio_event_unref(ev);
}

static void welcome(sio_socket *s)
{
	struct sio__client *c = s->client;
	struct eio__strbuf json;

	eio__strbuf_init(&json, 0);
	if (sio__protocol_of(c->conn)->write_welcome(&json, s))
		eio_socket_abort(c->conn, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
	else
		sio__client_send(c, SIO__CONNECT, sio__nsp_span(s->nsp),
			sio__span(json.data, json.len));
	eio__strbuf_clear(&json);
}

void sio__socket_connect(sio_socket *s)
{
	struct sio__client *c = s->client;

	if (!eio_socket_is_open(c->conn)) {
		/* The end of the connection is about to be told. */
		sio__socket_leave(s, ENGINEIO_REASON_FORCED_CLOSE);
		return;
	}
	if (sio__rooms_enter(&s->nsp->rooms, &s->occupant)) {
		sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
		return;
	}
	/* Last of what may fail: nobody is what it was before by half. */
	if (!sio__recovery_enter(s)) {
		sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE,
			"what it has missed is not kept any more");
		return;
	}
	sio__socket_move(s, SIO__CONNECTED);
	sio__rooms_told_enter(s);
	sio__client_joined(c);
	welcome(s);
	/* A handler may be its end. */
	sio_socket_ref(s);
	call_connection_handlers(s);
	if (s->client)
		sio__handshake_settle(c);
	sio_socket_unref(s);
}

/* -- events ---------------------------------------------------------------- */

/* A closed socket is told no more; one that is leaving still is, because
 * its handlers belong together. */
static void call(sio_socket *s, sio_event *ev, struct sio__handlers *handlers,
	struct sio__span name)
{
	struct sio__handlers_walk walk;
	sio_handler fn;
	void *user;

	if (s->state == SIO__GONE ||
		(!name.p && !sio__handlers_may_have_every(handlers)))
		return;
	sio__handlers_walk(handlers, &walk, name);
	while (sio__handlers_next(&walk, &fn, &user))
		if (s->state != SIO__GONE)
			fn(s, ev, user);
}

static void dispatch(sio_socket *s, sio_event *ev, struct sio__span name)
{
	call(s, ev, &s->nsp->listeners.on_event, name);
	if (s->own)
		call(s, ev, &s->own->on_event, name);
}

void sio__socket_event(sio_socket *s, sio_event *ev)
{
	struct sio__span every = { NULL, 0 };

	if (s->state != SIO__CONNECTED)
		return;
	if (ev->is_ack) {
		sio__acks_answer(s, ev);
		return;
	}
	dispatch(s, ev, every);
	if (s->state == SIO__CONNECTED && sio__socket_vets(s))
		sio__socket_vet(s, ev);
	else
		sio__socket_deliver(s, ev);
}

/* As upstream: who was disconnected by the catch-alls hears no more. */
void sio__socket_deliver(sio_socket *s, sio_event *ev)
{
	if (s->state == SIO__CONNECTED)
		dispatch(s, ev, sio__event_span(ev));
}

bool sio__socket_error(sio_socket *s, sio_event *ev)
{
	struct sio__span every = { NULL, 0 };
	bool own = s->own && sio__handlers_has(&s->own->on_error, every);

	if (!own && !sio__handlers_has(&s->nsp->listeners.on_error, every))
		return false;
	call(s, ev, &s->nsp->listeners.on_error, every);
	if (s->own)
		call(s, ev, &s->own->on_error, every);
	return true;
}

void sio__socket_outgoing(sio_socket *s, sio_event *ev)
{
	struct sio__span every = { NULL, 0 };

	call(s, ev, &s->nsp->listeners.on_outgoing, every);
	if (s->own)
		call(s, ev, &s->own->on_outgoing, every);
}

static bool has_handlers(const sio_socket *s, struct sio__span name)
{
	return sio__handlers_has(&s->nsp->listeners.on_event, name) ||
		(s->own && sio__handlers_has(&s->own->on_event, name));
}

/* -- going ----------------------------------------------------------------- */

void sio__socket_due(sio_socket *s)
{
	eio__list_del(&s->due);
	eio__list_add_tail(&s->client->srv->due, &s->due);
}

void sio__socket_leave(sio_socket *s, int reason)
{
	s->was_connected = s->state == SIO__CONNECTED;
	sio__socket_move(s, SIO__LEAVING);
	s->reason = (unsigned char)reason;
	sio__client_remember(s->client, sio__socket_wants(s));
	sio__admission_drop(s);
	sio__vettings_drop(s);
	sio__recovery_left(s);
	sio__rooms_exit(&s->nsp->rooms, &s->occupant);
	s->client->live--;
	sio__socket_due(s);
}

static void tell(sio_socket *s, const char *name, const char *detail)
{
	const char *reason = sio__reason_text(s->reason);
	bool more = detail && *detail && strcmp(detail, reason) != 0;
	sio_event *ev;

	/* Refused by middleware: the program never saw it come. */
	if (!s->was_connected || !has_handlers(s, sio__span_text(name)))
		return;
	ev = sio__event_make(s, name,
		json_pack("[s, s*]", reason, more ? detail : NULL));
	if (!ev) {
		eio_server_log(s->client->srv->engine, ENGINEIO_LOG_ERROR,
			"socket %s: out of memory: no %s", s->id, name);
		return;
	}
	dispatch(s, ev, sio__event_span(ev));
	sio_event_unref(ev);
}

struct sio__goodbye {
	sio_socket *socket;
	const char *detail;
	bool told; /* "disconnect" */
};

/* Everything behind "disconnecting". One of the callbacks may free the
 * server, which comes here again and does what is missing; the first has
 * nothing left to do then. */
void sio__goodbye_finish(struct sio__goodbye *g)
{
	sio_socket *s = g->socket;

	sio__recovery_save(s);
	sio__rooms_told_exit(s);
	sio__rooms_leave_all(&s->nsp->rooms, &s->occupant);
	/* Before "disconnect", where programs free what the acks need. */
	sio__acks_give_up(s);
	if (!g->told) {
		g->told = true;
		tell(s, "disconnect", g->detail);
	}
	if (s->state == SIO__GONE)
		return;
	sio__outgoing_watch(s->nsp, &s->listens_out, false);
	sio__socket_move(s, SIO__GONE);
	sio__nsp_exit(s->nsp);
	sio_socket_unref(s);
}

void sio__socket_goodbye(sio_socket *s, const char *detail)
{
	struct sio__goodbye goodbye = { s, detail, false };
	sio_server *srv = s->client->srv;

	eio__list_del(&s->due);
	sio_socket_ref(s);
	srv->goodbye = &goodbye;
	tell(s, "disconnecting", detail);
	sio__goodbye_finish(&goodbye);
	srv->goodbye = NULL;
	sio_socket_unref(s);
}

void sio_socket_disconnect(sio_socket *s, bool close)
{
	struct sio__span none = { NULL, 0 };

	if (!s || s->state != SIO__CONNECTED)
		return;
	if (close) {
		sio__client_disconnect(s->client);
		return;
	}
	sio__client_send(s->client, SIO__DISCONNECT, sio__nsp_span(s->nsp),
		none);
	sio__socket_leave(s, SIO__REASON_SERVER_NSP);
}

/* -- what the program asks ------------------------------------------------- */

const char *sio_socket_id(const sio_socket *s)
{
	return s ? s->id : "";
}

sio_nsp *sio_socket_nsp(const sio_socket *s)
{
	return s && s->state != SIO__GONE ? s->nsp : NULL;
}

bool sio_socket_is_connected(const sio_socket *s)
{
	return s && s->state == SIO__CONNECTED;
}

int sio_socket_set_data(sio_socket *s, void *data, void (*free_fn)(void *data))
{
	if (!s)
		return SIO_ERR_INVALID;
	if (s->data_free)
		s->data_free(s->data);
	s->data = data;
	s->data_free = free_fn;
	return 0;
}

void *sio_socket_data(const sio_socket *s)
{
	return s ? s->data : NULL;
}

json_t *sio_socket_shared_data(sio_socket *s)
{
	if (s && !s->shared)
		s->shared = json_object();
	return s ? s->shared : NULL;
}
