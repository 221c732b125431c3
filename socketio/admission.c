/* SPDX-License-Identifier: MIT */
/*
 * admission.c: who may enter a namespace.
 *
 * One middleware after the other is asked; each may answer inside its call
 * or at any time later. The chain then goes on from the loop, never from
 * inside the call that answered. What the client sends meanwhile is kept,
 * within limits, and delivered once it is connected.
 *
 * Always true: a socket has an admission only while it is connecting. Its
 * nexts are the socket's until the socket's memory goes, so that a second
 * answer does no harm.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/recovery.h>

#include <stdlib.h>

struct sio__admission {
	struct sio__question question;
	sio_socket *socket;
	unsigned asked;         /* middlewares so far */
	struct eio__list early; /* events that wait for the connection */
	size_t early_bytes;
};

/* -- the end of it --------------------------------------------------------- */

static sio_event *pop_early(struct sio__admission *a)
{
	struct eio__list *link = eio__list_pop(&a->early);

	return link ? eio__list_entry(link, sio_event, link) : NULL;
}

static void on_answer(struct sio__question *q)
{
	sio__socket_due(eio__list_entry(q, struct sio__admission, question)
				->socket);
}

static struct sio__admission *admission_new(sio_socket *s)
{
	struct sio__admission *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	sio__question_init(&a->question, s->nsp->srv, on_answer);
	a->socket = s;
	eio__list_init(&a->early);
	return a;
}

static void admission_free(struct sio__admission *a)
{
	sio_event *ev;

	for (ev = pop_early(a); ev; ev = pop_early(a))
		sio_event_unref(ev);
	a->socket->nexts = sio__question_end(&a->question);
	free(a);
}

void sio__admission_drop(sio_socket *s)
{
	struct sio__admission *a = s->admission;

	s->admission = NULL;
	if (a)
		admission_free(a);
}

static void refuse(sio_socket *s)
{
	struct sio__client *c = s->client;
	struct sio__admission *a = s->admission;
	const struct sio__protocol *protocol = sio__protocol_of(c->conn);
	const char *message = a->question.message;
	struct eio__strbuf json;

	eio__strbuf_init(&json, 0);
	message = message ? message : "";
	if (protocol->write_refusal(&json, message, a->question.data)) {
		eio_server_log(c->srv->engine, ENGINEIO_LOG_WARN,
			"socket %s: the data of its refusal cannot be sent",
			s->id);
		eio__strbuf_clear(&json);
		protocol->write_refusal(&json, message, NULL);
	}
	if (json.error)
		eio_socket_abort(c->conn, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
	else
		sio__client_send(c, SIO__CONNECT_ERROR, sio__nsp_span(s->nsp),
			sio__span(json.data, json.len));
	eio__strbuf_clear(&json);
	sio__socket_leave(s, SIO__REASON_SERVER_NSP);
}

static void admit(sio_socket *s)
{
	struct sio__admission *a = s->admission;
	sio_event *ev;

	s->admission = NULL;
	sio__socket_connect(s);
	if (!a)
		return;
	for (ev = pop_early(a); ev; ev = pop_early(a)) {
		sio__socket_event(s, ev);
		sio_event_unref(ev);
	}
	admission_free(a);
}

/* -- asking ---------------------------------------------------------------- */

/* Out of memory in the middle of it. */
static bool give_up(sio_socket *s)
{
	if (s->state == SIO__CONNECTING)
		sio__client_end(s->client, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
	return false;
}

/* Calls the next middleware; false if that was the end of the socket. */
static bool ask(sio_socket *s, struct sio__admission *a)
{
	struct sio__use use = s->nsp->uses.v[a->asked];
	sio_next *next = sio__question_ask(&a->question);

	if (!next)
		return give_up(s);
	a->asked++;
	use.fn.connection(s, next, use.user);
	/* It may have freed the server. */
	if (s->state != SIO__CONNECTING)
		return false;
	return sio__question_wait(&a->question) ? give_up(s) : true;
}

/* Goes on until an answer has to be waited for. */
static void run(sio_socket *s)
{
	struct sio__admission *a = s->admission;

	while (a->question.answer == SIO__PASSED && a->asked < s->nsp->uses.n)
		if (!ask(s, a))
			return;
	if (a->question.answer == SIO__PASSED)
		admit(s);
	else if (a->question.answer == SIO__DENIED)
		refuse(s);
}

/* Looks whether it was here before, which may take its time. */
static void begin(sio_socket *s)
{
	s->admission->question.answer = SIO__AWAITED;
	switch (sio__recovery_begin(s)) {
	case SIO__BEGUN:
		sio__admission_restored(s, true);
		break;
	case SIO__BEGUN_NOT:
		give_up(s);
		break;
	default:
		break;
	}
}

void sio__admission_restored(sio_socket *s, bool ok)
{
	struct sio__admission *a = s->admission;

	if (!a)
		return;
	if (!ok) {
		give_up(s);
		return;
	}
	a->question.answer = SIO__PASSED;
	if (sio__recovery_skips(s))
		a->asked = s->nsp->uses.n;
	sio__socket_due(s);
}

void sio__admission_start(sio_socket *s)
{
	bool recovers = sio__recovery_is_on(s->nsp);

	if (s->nsp->uses.n == 0 && !recovers) {
		admit(s);
		return;
	}
	s->admission = admission_new(s);
	if (!s->admission) {
		give_up(s);
		return;
	}
	sio_socket_ref(s);
	if (recovers)
		begin(s);
	if (s->state == SIO__CONNECTING)
		run(s);
	sio_socket_unref(s);
}

void sio__admission_resume(sio_socket *s)
{
	run(s);
}

bool sio__admission_early(sio_socket *s, sio_event *ev)
{
	struct sio__admission *a = s->admission;
	size_t max = (size_t)sio__option(s->client->srv, SIO_MAX_EARLY_BYTES);
	size_t bytes = a->early_bytes + sio__event_weight(ev) + sizeof(*ev);

	/* One message is no longer than a message may be. */
	if (!eio__list_empty(&a->early) && bytes > max)
		return false;
	if (!sio_event_ref(ev))
		return false;
	a->early_bytes = bytes;
	eio__list_add_tail(&a->early, &ev->link);
	return true;
}
