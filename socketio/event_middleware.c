/* SPDX-License-Identifier: MIT */
/*
 * event_middleware.c: events that the program is asked about before they
 * are delivered.
 *
 * Each event of a socket is asked about as soon as it has come: the functions
 * of the namespace, then those of the socket, one after the other. Several
 * events may wait for their answers at the same time, but they are delivered,
 * or told to the error handlers, in the order they came. Upstream lets an
 * event that was decided quickly overtake one that takes longer.
 *
 * Always true: the vettings of a socket are in its list from their first
 * question to their delivery, and there are none unless it is connected. One
 * whose function is just being called is freed by its caller alone.
 */
#include <config.h>

#include <socketio/io.h>

#include <stdlib.h>

struct vetting {
	struct eio__list link; /* in the list of its socket */
	struct sio__question question;
	sio_socket *socket;
	sio_event *ev; /* a reference, once it waits */
	size_t bytes;  /* that count, once it waits */
	unsigned asked;
	bool waits;   /* has been kept beyond the call that brought it */
	bool decided; /* is to be delivered or refused */
	bool dropped; /* while its function was called */
};

struct sio__vettings {
	struct eio__list list; /* in the order the events came */
	size_t bytes;
};

/* -- birth and death ------------------------------------------------------- */

static void on_answer(struct sio__question *q)
{
	sio__socket_due(eio__list_entry(q, struct vetting, question)->socket);
}

static struct vetting *vetting_new(sio_socket *s, sio_event *ev)
{
	struct vetting *v;

	if (!s->vettings) {
		s->vettings = malloc(sizeof(*s->vettings));
		if (!s->vettings)
			return NULL;
		eio__list_init(&s->vettings->list);
		s->vettings->bytes = 0;
	}
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	sio__question_init(&v->question, s->nsp->srv, on_answer);
	v->socket = s;
	v->ev = ev;
	eio__list_add_tail(&s->vettings->list, &v->link);
	return v;
}

static void vetting_free(struct vetting *v)
{
	sio__nexts_release(sio__question_end(&v->question));
	eio__list_del(&v->link);
	if (v->waits)
		sio_event_unref(v->ev);
	free(v);
}

static struct vetting *first(const sio_socket *s)
{
	return eio__list_empty(&s->vettings->list)
		? NULL
		: eio__list_entry(s->vettings->list.next, struct vetting, link);
}

void sio__vettings_drop(sio_socket *s)
{
	struct vetting *v;

	if (!s->vettings)
		return;
	for (v = first(s); v; v = first(s)) {
		eio__list_del(&v->link);
		if (v->question.asking)
			v->dropped = true;
		else
			vetting_free(v);
	}
	free(s->vettings);
	s->vettings = NULL;
}

/* -- asking ---------------------------------------------------------------- */

/* The n-th function to be asked; NULL behind the last. */
static const struct sio__use *use_at(const sio_socket *s, unsigned n)
{
	const struct sio__uses *uses = &s->nsp->listeners.uses;

	if (n < uses->n)
		return &uses->v[n];
	n -= uses->n;
	return s->own && n < s->own->uses.n ? &s->own->uses.v[n] : NULL;
}

/* Calls functions until one has to be waited for or all have been asked.
 * False: the vetting is gone. */
static bool ask(struct vetting *v)
{
	struct sio__question *q = &v->question;
	sio_socket *s = v->socket;
	const struct sio__use *use = use_at(s, v->asked);
	struct sio__use copy;
	sio_next *next;

	for (; q->answer == SIO__PASSED && use; use = use_at(s, v->asked)) {
		copy = *use;
		v->asked++;
		next = sio__question_ask(q);
		if (next)
			copy.fn.event(s, v->ev, next, copy.user);
		if (v->dropped) {
			vetting_free(v);
			return false;
		}
		if (!next || sio__question_wait(q)) {
			sio__client_end(s->client, ENGINEIO_REASON_FORCED_CLOSE,
				"out of memory");
			return false;
		}
	}
	v->decided = q->answer != SIO__AWAITED;
	return true;
}

/* -- delivering ------------------------------------------------------------ */

static void tell_error(sio_socket *s, struct vetting *v)
{
	sio_event *ev = v->ev;

	ev->error = v->question.message;
	ev->error_data = v->question.data;
	v->question.message = NULL;
	v->question.data = NULL;
	if (!sio__socket_error(s, ev))
		eio_server_log(s->client->srv->engine, ENGINEIO_LOG_INFO,
			"socket %s: event \"%.80s\" refused: %s", s->id,
			ev->name, sio_event_error(ev));
}

/* Delivers what is decided up to the first that is not. */
static void deliver(sio_socket *s)
{
	struct vetting *v;
	sio_event *ev;

	while (s->vettings) {
		v = first(s);
		if (!v || !v->decided)
			return;
		/* A handler may be the end of all of them, but not of this. */
		s->vettings->bytes -= v->bytes;
		eio__list_del(&v->link);
		ev = v->ev;
		if (v->question.answer == SIO__PASSED)
			sio__socket_deliver(s, ev);
		else
			tell_error(s, v);
		vetting_free(v);
	}
}

/* Keeps the event beyond this call. False: it cannot be. */
static bool wait(struct vetting *v)
{
	sio_socket *s = v->socket;
	size_t max = (size_t)sio__option(s->nsp->srv, SIO_MAX_EARLY_BYTES);
	size_t bytes;

	v->bytes = sio__event_weight(v->ev) + sizeof(*v) + sizeof(*v->ev);
	bytes = s->vettings->bytes + v->bytes;
	if (s->vettings->bytes > 0 && bytes > max) {
		sio__client_end(s->client, ENGINEIO_REASON_FORCED_CLOSE,
			"too much before middleware has decided "
			"(MAX_EARLY_BYTES)");
		return false;
	}
	if (!sio_event_ref(v->ev)) {
		sio__client_end(s->client, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
		return false;
	}
	s->vettings->bytes = bytes;
	v->waits = true;
	return true;
}

bool sio__socket_vets(const sio_socket *s)
{
	return s->vettings || use_at(s, 0);
}

void sio__socket_vet(sio_socket *s, sio_event *ev)
{
	struct vetting *v = vetting_new(s, ev);

	if (!v) {
		sio__client_end(s->client, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
		return;
	}
	sio_socket_ref(s);
	if (ask(v)) {
		if (v->decided && first(s) == v)
			deliver(s);
		else
			wait(v);
	}
	sio_socket_unref(s);
}

/* One that has been answered since it was asked; NULL: none. */
static struct vetting *answered_one(const sio_socket *s)
{
	struct eio__list *pos;
	struct vetting *v;

	eio__list_for_each(pos, &s->vettings->list) {
		v = eio__list_entry(pos, struct vetting, link);
		if (!v->decided && v->question.answer != SIO__AWAITED)
			return v;
	}
	return NULL;
}

void sio__vettings_resume(sio_socket *s)
{
	struct vetting *v;

	if (!s->vettings)
		return;
	for (v = answered_one(s); v; v = answered_one(s))
		if (!ask(v))
			return;
	deliver(s);
}
