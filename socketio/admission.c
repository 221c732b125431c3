/* SPDX-License-Identifier: MIT */
/*
 * admission.c: who may enter a namespace.
 *
 * One middleware after the other is asked; each may answer inside its call
 * or at any time later. The chain then goes on from the loop, never from
 * inside the call that answered. What the client sends meanwhile is kept,
 * within limits, and delivered once it is connected.
 *
 * Always true: at most one answer is awaited. Every sio_next is its socket's
 * until the socket's memory goes, so that a second answer does no harm; one
 * that was not used by then is the program's alone.
 */
#include <config.h>

#include <socketio/io.h>

#include <engineio/base/utf8.h>
#include <stdlib.h>

struct sio_next {
	sio_next *older;    /* of the same socket */
	sio_socket *socket; /* NULL: its memory is gone */
	bool used;
};

enum answer {
	AWAITED,
	PASSED,
	REFUSED
};

struct sio__admission {
	unsigned asked; /* middlewares so far */
	sio_next *next; /* the answer awaited, or NULL */
	enum answer answer;
	bool running;  /* a middleware is being called */
	char *message; /* of a refusal */
	json_t *data;
	struct eio__list early; /* events that wait for the connection */
	size_t early_bytes;
};

/* -- the end of it --------------------------------------------------------- */

static sio_event *pop_early(struct sio__admission *a)
{
	struct eio__list *link = eio__list_pop(&a->early);

	return link ? eio__list_entry(link, sio_event, link) : NULL;
}

static void admission_free(struct sio__admission *a)
{
	sio_event *ev;

	for (ev = pop_early(a); ev; ev = pop_early(a))
		sio_event_unref(ev);
	free(a->message);
	json_decref(a->data);
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
	const char *message = a->message ? a->message : "";
	struct eio__strbuf json;

	eio__strbuf_init(&json, 0);
	if (protocol->write_refusal(&json, message, a->data)) {
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

static sio_next *next_new(sio_socket *s)
{
	sio_next *next = calloc(1, sizeof(*next));

	if (!next)
		return NULL;
	next->socket = s;
	next->older = s->nexts;
	s->nexts = next;
	return next;
}

void sio__nexts_release(sio_socket *s)
{
	sio_next *next, *older;

	for (next = s->nexts; next; next = older) {
		older = next->older;
		next->socket = NULL;
		if (next->used)
			free(next);
	}
}

/* Calls the next middleware; false if that cannot be done. */
static bool ask(sio_socket *s, struct sio__admission *a)
{
	struct sio__use use = s->nsp->uses[a->asked];

	a->next = next_new(s);
	if (!a->next)
		return false;
	a->answer = AWAITED;
	a->asked++;
	a->running = true;
	use.fn(s, a->next, use.user);
	/* It may have freed the server. */
	if (s->state == SIO__CONNECTING)
		a->running = false;
	return true;
}

/* Goes on until an answer has to be waited for. */
static void run(sio_socket *s)
{
	struct sio__admission *a = s->admission;

	while (a->answer == PASSED && a->asked < s->nsp->uses_n) {
		if (!ask(s, a)) {
			sio__client_end(s->client, ENGINEIO_REASON_FORCED_CLOSE,
				"out of memory");
			return;
		}
		if (s->state != SIO__CONNECTING)
			return;
	}
	if (a->answer == PASSED)
		admit(s);
	else if (a->answer == REFUSED)
		refuse(s);
}

void sio__admission_start(sio_socket *s)
{
	struct sio__admission *a;

	if (s->nsp->uses_n == 0) {
		admit(s);
		return;
	}
	a = calloc(1, sizeof(*a));
	if (!a) {
		sio__client_end(s->client, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
		return;
	}
	eio__list_init(&a->early);
	a->answer = PASSED;
	s->admission = a;
	sio_socket_ref(s);
	run(s);
	sio_socket_unref(s);
}

void sio__admission_resume(sio_socket *s)
{
	run(s);
}

bool sio__admission_early(sio_socket *s, sio_event *ev, size_t bytes)
{
	struct sio__admission *a = s->admission;
	size_t max = (size_t)sio__option(s->client->srv, SIO_MAX_EARLY_BYTES);

	/* One message is no longer than a message may be. */
	bytes += a->early_bytes + sizeof(*ev);
	if (!eio__list_empty(&a->early) && bytes > max)
		return false;
	if (!sio_event_ref(ev))
		return false;
	a->early_bytes = bytes;
	eio__list_add_tail(&a->early, &ev->link);
	return true;
}

/* -- answering ------------------------------------------------------------- */

/* Uses the next up. Returns the admission that waits for its answer; NULL:
 * none does any more. */
static struct sio__admission *answer(sio_next *next, enum answer answer)
{
	sio_socket *s = next->socket;
	struct sio__admission *a;

	if (!s) {
		free(next);
		return NULL;
	}
	next->used = true;
	a = s->admission;
	if (!a || a->next != next)
		return NULL;
	a->next = NULL;
	a->answer = answer;
	if (!a->running)
		sio__socket_due(s);
	return a;
}

void sio_next_pass(sio_next *next)
{
	if (next)
		answer(next, PASSED);
}

void sio_next_refuse(sio_next *next, const char *message, json_t *data)
{
	struct sio__admission *a = next ? answer(next, REFUSED) : NULL;
	struct eio__strbuf text;

	if (!a) {
		json_decref(data);
		return;
	}
	a->data = data;
	/* Often the words of another library, in whatever encoding. */
	eio__strbuf_init(&text, 0);
	if (message)
		eio__utf8_mend(&text, message, strlen(message));
	/* Out of memory, the client is refused without words. */
	if (text.error)
		eio__strbuf_clear(&text);
	a->message = text.data;
}
