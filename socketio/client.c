/* SPDX-License-Identifier: MIT */
/*
 * client.c: one connection: its packets to the socket of each namespace.
 *
 * Upstream closes a connection for every packet that does not fit the state
 * of its namespace. That also hits clients that did nothing wrong: their
 * packet crossed our DISCONNECT on the wire, or they did not wait for the
 * answer to their CONNECT. Here packets for a namespace the connection has
 * been in are ignored, and events that come before the answer are kept.
 *
 * Always true: once `closing` is set nothing the client sends counts, and
 * none of its sockets is connecting or connected.
 */
#include <config.h>

#include <socketio/io.h>

#include <stdio.h>
#include <stdlib.h>

static void on_connect_timeout(void *user)
{
	struct sio__client *c = user;
	sio_server *srv = c->srv;

	sio__server_enter(srv);
	sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE,
		"joined no namespace in time (CONNECT_TIMEOUT)");
	sio__server_leave(srv);
}

static void on_attachment_timeout(void *user)
{
	struct sio__client *c = user;
	sio_server *srv = c->srv;

	sio__server_enter(srv);
	sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE,
		"an attachment did not come in time (ATTACHMENT_TIMEOUT)");
	sio__server_leave(srv);
}

/* Made for who sends attachments at all, and kept. NULL: out of memory. */
static eio_timer *attachment_timer(struct sio__client *c)
{
	struct sio__client_extra *extra = sio__client_extra(c);

	if (extra && !extra->attachment_timer)
		extra->attachment_timer =
			eio_timer_new(c->srv->loop, on_attachment_timeout, c);
	return extra ? extra->attachment_timer : NULL;
}

static void await_attachment(struct sio__client *c)
{
	eio_timer *timer = attachment_timer(c);

	if (timer)
		eio_timer_start(timer,
			(uint64_t)sio__option(c->srv, SIO_ATTACHMENT_TIMEOUT));
	else
		sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
}

/* -- coming and going ------------------------------------------------------ */

static struct sio__client *client_new(sio_server *srv, eio_socket *conn)
{
	struct sio__client *c = calloc(1, sizeof(*c));
	long ms = sio__option(srv, SIO_CONNECT_TIMEOUT);

	if (!c)
		return NULL;
	c->connect_timer = eio_timer_new(srv->loop, on_connect_timeout, c);
	if (!c->connect_timer) {
		free(c);
		return NULL;
	}
	eio_timer_start(c->connect_timer, (uint64_t)ms);
	c->srv = srv;
	c->conn = conn;
	eio__list_init(&c->sockets);
	eio__list_add_tail(&srv->clients, &c->link);
	sio__decoder_init(&c->decoder);
	return c;
}

static void client_free(struct sio__client *c)
{
	struct eio__list *link;

	/* What is left of its sockets is held by the program. */
	for (link = eio__list_pop(&c->sockets); link;
		link = eio__list_pop(&c->sockets))
		eio__list_entry(link, sio_socket, link)->client = NULL;
	eio_socket_set_data(c->conn, NULL);
	eio__list_del(&c->link);
	eio_timer_free(c->connect_timer);
	if (c->srv->parser)
		sio__parser_clear(c->srv->parser, &c->decoder);
	else
		sio__decoder_clear(&c->decoder);
	sio__client_extra_free(c);
	free(c);
}

static bool is_live(const sio_socket *s)
{
	return s->state == SIO__CONNECTING || s->state == SIO__CONNECTED;
}

static void leave_all(struct sio__client *c, int reason)
{
	struct eio__list *pos;
	sio_socket *s;

	eio__list_for_each(pos, &c->sockets) {
		s = eio__list_entry(pos, sio_socket, link);
		if (is_live(s))
			sio__socket_leave(s, reason);
	}
}

/* One that is leaving; NULL when all have gone. */
static sio_socket *leaving(struct sio__client *c)
{
	struct eio__list *pos;
	sio_socket *s;

	eio__list_for_each(pos, &c->sockets) {
		s = eio__list_entry(pos, sio_socket, link);
		if (s->state == SIO__LEAVING)
			return s;
	}
	return NULL;
}

void sio__client_close(struct sio__client *c, enum eio_reason reason,
	const char *detail)
{
	sio_socket *s;

	sio__client_leave(c, reason);
	for (s = leaving(c); s; s = leaving(c))
		sio__socket_goodbye(s,
			s->reason == reason && !c->why ? detail
						       : sio__client_why(s));
	client_free(c);
}

void sio__client_leave(struct sio__client *c, int reason)
{
	c->closing = true;
	leave_all(c, reason);
}

const char *sio__client_why(const sio_socket *s)
{
	return s->reason == ENGINEIO_REASON_FORCED_CLOSE ||
			s->reason == SIO__REASON_FORCED_SERVER
		? s->client->why
		: NULL;
}

void sio__client_end(struct sio__client *c, int reason, const char *why)
{
	if (c->closing)
		return;
	sio__count(c->srv, sio__counter_of(why), "session %.8s: %s",
		eio_socket_id(c->conn), why);
	c->why = why;
	sio__client_leave(c, reason);
	eio_socket_close(c->conn);
}

void sio__client_expel(struct sio__client *c, sio_nsp *nsp)
{
	struct eio__list *pos;
	sio_socket *s;

	eio__list_for_each(pos, &c->sockets) {
		s = eio__list_entry(pos, sio_socket, link);
		if (s->nsp != nsp)
			continue;
		if (s->state == SIO__CONNECTED)
			sio_socket_disconnect(s, false);
		else if (s->state == SIO__CONNECTING)
			sio__admission_expel(s);
	}
}

void sio__client_disconnect(struct sio__client *c)
{
	struct sio__span none = { NULL, 0 };
	struct eio__list *pos;
	sio_socket *s;

	eio__list_for_each(pos, &c->sockets) {
		s = eio__list_entry(pos, sio_socket, link);
		if (s->state == SIO__CONNECTED)
			sio__client_send(c, SIO__DISCONNECT,
				sio__nsp_span(s->nsp), none);
	}
	sio__client_leave(c, SIO__REASON_SERVER_NSP);
	eio_socket_close(c->conn);
}

/* -- what other files tell ------------------------------------------------- */

/* These packets change what the client believes: if one cannot be made, the
 * connection ends, in whatever state its sockets are. */
void sio__client_send(struct sio__client *c, enum sio__packet_type type,
	struct sio__span nsp, struct sio__span json)
{
	struct sio__message m;

	if (sio__message_text(&m, c->srv, type, nsp, NULL, json)) {
		eio_socket_abort(c->conn, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
		return;
	}
	/* QUEUE_POLICY may let it live without an event, but not without
	 * this. */
	if (sio__message_send(&m, c) == SIO_ERR_FULL)
		eio_socket_abort(c->conn, ENGINEIO_REASON_QUEUE_FULL,
			"client reads too slowly");
	sio__message_clear(&m);
}

void sio__client_joined(struct sio__client *c)
{
	eio_timer_free(c->connect_timer);
	c->connect_timer = NULL;
}

/* -- CONNECT --------------------------------------------------------------- */

/* The socket in this namespace (NULL: there is none of this name), or that
 * waits for one of this name. */
static sio_socket *find(const struct sio__client *c, const sio_nsp *nsp,
	struct sio__span name)
{
	struct sio__span wants;
	struct eio__list *pos;
	sio_socket *s;

	eio__list_for_each(pos, &c->sockets) {
		s = eio__list_entry(pos, sio_socket, link);
		if (!is_live(s))
			continue;
		if (s->nsp == nsp)
			return s;
		if (!s->admission)
			continue;
		wants = sio__socket_wants(s);
		if (sio__span_is(wants, name.p, name.n))
			return s;
	}
	return NULL;
}

/* Upstream tells the reason only after it has closed the session, and can
 * close one over polling only while a poll waits. */
static void invalid_state(struct sio__client *c, const char *why)
{
	bool at_once = eio_socket_is_writable(c->conn) ||
		strcmp(eio_socket_transport(c->conn), "polling") != 0;

	sio__client_end(c,
		at_once ? (int)ENGINEIO_REASON_FORCED_CLOSE
			: (int)SIO__REASON_FORCED_SERVER,
		why);
}

/* In both revisions of the protocol alike. */
void sio__client_refuse(struct sio__client *c, struct sio__span nsp,
	const char *message)
{
	char json[64];
	int n = snprintf(json, sizeof(json), "{\"message\":\"%s\"}", message);

	sio__client_send(c, SIO__CONNECT_ERROR, nsp,
		sio__span(json, (size_t)n));
}

static sio_socket *new_socket(struct sio__client *c, sio_nsp *nsp,
	struct sio__incoming *in)
{
	struct eio__strbuf scratch;
	struct sio__span auth;
	sio_socket *s = NULL;

	eio__strbuf_init(&scratch, 0);
	auth = sio__protocol_of(c->conn)->auth(&in->packet, &scratch);
	if (!scratch.error)
		s = sio__socket_new(c, nsp, in->packet.nsp, auth);
	eio__strbuf_clear(&scratch);
	if (s && in->values) {
		s->auth_is_text = false;
		s->auth.value = in->values;
		in->values = NULL;
	}
	return s;
}

static void enter(struct sio__client *c, sio_nsp *nsp, sio_nsp *parent,
	struct sio__incoming *in)
{
	sio_socket *s = new_socket(c, nsp ? nsp : parent, in);

	if (!s)
		sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory or randomness");
	else if (nsp)
		sio__admission_start(s);
	else
		sio__admission_search(s, in->packet.nsp);
}

/* The first parent that may know the namespace goes to *parent, NULL without
 * one. */
static int find_parent(struct sio__client *c, struct sio__span nsp,
	sio_nsp **parent)
{
	char *name;

	*parent = NULL;
	if (eio__list_empty(&c->srv->parents) || !sio__nsp_is_name(c->srv, nsp))
		return 0;
	name = sio__span_copy(nsp);
	if (!name)
		return SIO_ERR_NOMEM;
	*parent = sio__parent_for(c->srv, name, NULL);
	free(name);
	return 0;
}

/* Into a namespace, or, where nsp is NULL, in search of one. */
static void let_in(struct sio__client *c, sio_nsp *nsp,
	struct sio__incoming *in)
{
	struct sio__span name = in->packet.nsp;
	sio_nsp *parent = NULL;

	if (!nsp && find_parent(c, name, &parent)) {
		sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
	} else if (!nsp && !parent) {
		sio__client_refuse(c, name, "Invalid namespace");
	} else if (c->live >=
		(unsigned long)sio__option(c->srv, SIO_MAX_NAMESPACES)) {
		sio__count(c->srv, SIO_COUNT_MAX_NAMESPACES,
			"session %.8s: too many namespaces (MAX_NAMESPACES)",
			eio_socket_id(c->conn));
		sio__client_refuse(c, name, "Too many namespaces");
	} else {
		enter(c, nsp, parent, in);
	}
}

static void take_connect(struct sio__client *c, struct sio__incoming *in)
{
	sio_nsp *nsp = sio__nsp_find(c->srv, in->packet.nsp);
	sio_socket *s = find(c, nsp, in->packet.nsp);

	if (!s)
		let_in(c, nsp, in);
	/* The second of two before the first is answered is ignored: upstream
	 * makes two sockets of it. */
	else if (s->state == SIO__CONNECTED)
		invalid_state(c, "CONNECT although connected");
}

/* -- the other packets ----------------------------------------------------- */

static void take_event(sio_socket *s, struct sio__incoming *in)
{
	struct sio__client *c = s->client;
	sio_event *ev;

	/* An event without even a name is nobody's. */
	if (in->packet.type == SIO__EVENT && in->packet.data.n == 0 &&
		!in->values)
		return;
	ev = sio__event_new(s, in);
	if (!ev) {
		sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
		return;
	}
	if (s->state == SIO__CONNECTED)
		sio__socket_event(s, ev);
	else if (!sio__admission_early(s, ev))
		sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE,
			"too much before the connection (MAX_EARLY_BYTES)");
	sio_event_unref(ev);
}

/* The connected socket in the namespace of this name, without a look into the
 * server's table: most clients have one socket, and it is this one. */
static sio_socket *find_connected(const struct sio__client *c,
	struct sio__span name)
{
	struct eio__list *pos;
	sio_socket *s;

	eio__list_for_each(pos, &c->sockets) {
		s = eio__list_entry(pos, sio_socket, link);
		if (s->state == SIO__CONNECTED &&
			sio__span_is(name, s->nsp->name, s->nsp->name_len))
			return s;
	}
	return NULL;
}

static void take_packet(struct sio__client *c, struct sio__incoming *in)
{
	const struct sio__packet *p = &in->packet;
	sio_socket *s;

	if (p->type == SIO__CONNECT) {
		take_connect(c, in);
		return;
	}
	if (p->type == SIO__CONNECT_ERROR) {
		invalid_state(c, "CONNECT_ERROR from a client");
		return;
	}
	s = find_connected(c, p->nsp);
	if (!s)
		s = find(c, sio__nsp_find(c->srv, p->nsp), p->nsp);
	if (!s) {
		if (!sio__client_has_left(c, p->nsp))
			invalid_state(c, "packet for a namespace it is not in");
	} else if (p->type == SIO__DISCONNECT) {
		sio__socket_leave(s, SIO__REASON_CLIENT_NSP);
	} else {
		take_event(s, in);
	}
}

static enum sio__decoded decode(struct sio__client *c, char *data, size_t len,
	bool binary, struct sio__incoming *in)
{
	const struct sio__limits *limits = sio__limits_of(c);

	if (c->srv->parser)
		return sio__parser_decode(c->srv->parser, &c->decoder, limits,
			data, len, binary, in);
	if (binary)
		return sio__decoder_binary(&c->decoder, data, len, limits, in);
	return sio__decoder_text(&c->decoder, data, len, limits, in);
}

void sio__client_message(struct sio__client *c, char *data, size_t len,
	bool binary)
{
	struct sio__incoming in;
	enum sio__decoded result;
	bool awaited = c->srv->parser || c->decoder.pending;

	if (c->closing)
		return;
	result = decode(c, data, len, binary, &in);
	if (awaited && c->extra)
		eio_timer_stop(c->extra->attachment_timer);
	if (result == SIO__MORE) {
		await_attachment(c);
	} else if (result == SIO__DECODED) {
		take_packet(c, &in);
		sio__incoming_clear(&in);
	} else if (result == SIO__REFUSED) {
		sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE, in.why);
	} else if (result == SIO__NOMEM) {
		sio__client_end(c, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
	}
}

/* -- the beginning --------------------------------------------------------- */

void sio__client_open(sio_server *srv, eio_socket *conn)
{
	struct sio__incoming in = {
		.packet = { .type = SIO__CONNECT, .nsp = { "/", 1 } },
	};
	struct sio__client *c = srv->ended ? NULL : client_new(srv, conn);

	if (!c) {
		eio_socket_close(conn);
		return;
	}
	eio_socket_set_data(conn, c);
	if (sio__protocol_of(conn)->joins_main)
		take_connect(c, &in);
}
