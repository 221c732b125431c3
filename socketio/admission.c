/* SPDX-License-Identifier: MIT */
/*
 * admission.c: who may enter a namespace.
 *
 * One middleware after the other is asked; each may answer inside its call
 * or at any time later. The chain then goes on from the loop, never from
 * inside the call that answered. What the client sends meanwhile is kept,
 * within limits, and delivered once it is connected. A namespace that is not
 * there is looked for first: its parents are asked in the same way, and as
 * long as that lasts the socket is in the one that is asked.
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
	char *name;       /* of the namespace that is looked for; NULL: found */
	const char *lent; /* to who is being asked, in place of name */
	unsigned asked;   /* middlewares so far, or whether the parent was */
	bool begun;       /* to look whether it was here before */
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
	free(a->name);
	free(a);
}

void sio__admission_drop(sio_socket *s)
{
	struct sio__admission *a = s->admission;

	s->admission = NULL;
	if (a)
		admission_free(a);
}

struct sio__span sio__socket_wants(const sio_socket *s)
{
	const struct sio__admission *a = s->admission;

	if (a && (a->name || a->lent))
		return sio__span_text(a->name ? a->name : a->lent);
	return sio__nsp_span(s->nsp);
}

static void refuse(sio_socket *s, const char *message, const json_t *data)
{
	struct sio__client *c = s->client;
	const struct sio__protocol *protocol = sio__protocol_of(c->conn);
	struct eio__strbuf json;

	eio__strbuf_init(&json, 0);
	if (protocol->write_refusal(&json, message, data)) {
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
		sio__client_send(c, SIO__CONNECT_ERROR, sio__socket_wants(s),
			sio__span(json.data, json.len));
	eio__strbuf_clear(&json);
	sio__recovery_refused(s);
	sio__socket_leave(s, SIO__REASON_SERVER_NSP);
}

/* Nobody's decision: there is no such namespace. */
static bool refuse_name(sio_socket *s, const char *message)
{
	sio__client_refuse(s->client, sio__socket_wants(s), message);
	sio__socket_leave(s, SIO__REASON_SERVER_NSP);
	return false;
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

/* -- looking for the namespace ---------------------------------------------- */

static bool ask_parent(sio_socket *s, struct sio__admission *a)
{
	json_t *auth = sio_socket_auth(s);
	sio_next *next = auth ? sio__question_ask(&a->question) : NULL;
	char *name = a->name;

	if (!next)
		return give_up(s);
	a->asked++;
	/* Lent for the call, whatever happens in it. */
	sio_socket_ref(s);
	a->name = NULL;
	a->lent = name;
	sio__parent_ask(s->nsp, name, auth, next);
	sio_socket_unref(s);
	if (s->state != SIO__CONNECTING) {
		free(name);
		return false;
	}
	a->name = name;
	a->lent = NULL;
	return sio__question_wait(&a->question) ? give_up(s) : true;
}

/* The parent says yes: the middleware of its child is next. */
static bool find(sio_socket *s, struct sio__admission *a)
{
	sio_nsp *nsp;
	int err = sio__child_of(s->nsp, sio__span_text(a->name), &nsp);

	/* The next parent, unless all of it is gone. */
	if (err == SIO_ERR_CLOSED && s->state == SIO__CONNECTING) {
		a->asked = 1;
		return true;
	}
	if (err == SIO_ERR_FULL)
		return refuse_name(s, "Too many namespaces");
	if (err)
		return give_up(s);
	sio__socket_set_nsp(s, nsp);
	free(a->name);
	a->name = NULL;
	a->asked = 0;
	a->question.answer = SIO__PASSED;
	/* Before anybody is in it. */
	sio__nsp_announce(nsp);
	return true;
}

/* One parent more; false if that was the end, or has to be waited for. */
static bool search(sio_socket *s, struct sio__admission *a)
{
	bool yes = a->question.answer == SIO__PASSED && !s->nsp->deleted;
	sio_nsp *parent = s->nsp;

	if (a->asked > 0 && yes)
		return find(s, a);
	if (a->asked > 0) {
		parent = sio__parent_for(s->client->srv, a->name, parent);
		if (!parent)
			return refuse_name(s, "Invalid namespace");
		sio__socket_set_nsp(s, parent);
		/* The end of the parent before may be that of everything. */
		if (s->state != SIO__CONNECTING)
			return false;
		sio__question_forget(&a->question);
		a->question.answer = SIO__PASSED;
	}
	if (sio__parent_asks(parent))
		return ask_parent(s, a);
	return find(s, a);
}

/* -- recovery -------------------------------------------------------------- */

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

/* -- going on --------------------------------------------------------------- */

/* One step; false if there is none, or an answer has to be waited for. */
static bool step(sio_socket *s, struct sio__admission *a)
{
	const char *message = a->question.message;

	if (a->question.answer == SIO__AWAITED)
		return false;
	if (a->name)
		return search(s, a);
	if (a->question.answer == SIO__DENIED) {
		refuse(s, message ? message : "", a->question.data);
		return false;
	}
	if (!a->begun && sio__recovery_is_on(s->nsp)) {
		a->begun = true;
		begin(s);
		return true;
	}
	if (a->asked < s->nsp->uses.n)
		return ask(s, a);
	admit(s);
	return false;
}

/* What is called may be the end of the socket, and of its admission. */
static void run(sio_socket *s)
{
	while (s->state == SIO__CONNECTING && step(s, s->admission))
		;
}

static void start(sio_socket *s)
{
	sio_socket_ref(s);
	run(s);
	sio_socket_unref(s);
}

void sio__admission_start(sio_socket *s)
{
	if (s->nsp->uses.n == 0 && !sio__recovery_is_on(s->nsp)) {
		admit(s);
		return;
	}
	s->admission = admission_new(s);
	if (s->admission)
		start(s);
	else
		give_up(s);
}

void sio__admission_search(sio_socket *s, struct sio__span name)
{
	s->admission = admission_new(s);
	if (s->admission)
		s->admission->name = sio__span_copy(name);
	if (s->admission && s->admission->name)
		start(s);
	else
		give_up(s);
}

void sio__admission_resume(sio_socket *s)
{
	run(s);
}

void sio__admission_expel(sio_socket *s)
{
	struct sio__admission *a = s->admission;

	if (!a->name && !a->lent)
		refuse_name(s, "Invalid namespace");
	else if (a->question.answer == SIO__AWAITED)
		sio__question_refuse(&a->question);
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
