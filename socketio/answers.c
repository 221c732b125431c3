/* SPDX-License-Identifier: MIT */
/*
 * answers.c: an event that every receiver is to answer, and the answers.
 *
 * Who is waited for, and until when, is inquiry.c's; here the answers are
 * collected and told, each of them if that is wanted, and all of them in the
 * end. Everything is told from the loop.
 *
 * Always true: single answers are told in the order they came, and before
 * the end.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/target.h>
#include <socketio/inquiry.h>

#include <stdlib.h>

/* One answer that is to be told. */
struct answer {
	struct eio__list link;
	sio_socket *socket; /* a reference; NULL: of another server */
	json_t *args;
};

struct answers {
	unsigned refs;
	struct sio__task task;  /* tells single answers */
	struct eio__list fresh; /* they */
	json_t *first;          /* the first argument of each */
	size_t expected;
	bool lost; /* one, for want of memory */
	sio_acks_cb fn;
	sio_answer_cb each;
	void *user;
	sio_server *srv;
};

/* -- memory ---------------------------------------------------------------- */

static struct answer *pop(struct answers *a)
{
	struct eio__list *link = eio__list_pop(&a->fresh);

	return link ? eio__list_entry(link, struct answer, link) : NULL;
}

static void answer_free(struct answer *answer)
{
	sio_socket_unref(answer->socket);
	json_decref(answer->args);
	free(answer);
}

static void unref(struct answers *a)
{
	struct answer *answer;

	if (--a->refs > 0)
		return;
	for (answer = pop(a); answer; answer = pop(a))
		answer_free(answer);
	eio__list_del(&a->task.link);
	json_decref(a->first);
	free(a);
}

/* -- telling --------------------------------------------------------------- */

/* The program may end the server in any of these calls. */
static void tell_fresh(struct answers *a)
{
	struct answer *answer;

	a->refs++;
	for (answer = pop(a); answer; answer = pop(a)) {
		a->each(answer->socket, answer->args, a->user);
		answer_free(answer);
	}
	unref(a);
}

static void on_task(struct sio__task *task)
{
	tell_fresh(eio__list_entry(task, struct answers, task));
}

static void on_end(void *user, int err)
{
	struct answers *a = user;

	if (a->each)
		tell_fresh(a);
	if (!err && a->lost)
		err = SIO_ERR_NOMEM;
	a->fn(err, a->first, a->expected, a->user);
	unref(a);
}

/* -- collecting ------------------------------------------------------------ */

static void on_clients(void *user, size_t n)
{
	struct answers *a = user;

	a->expected += n;
}

static bool keep(struct answers *a, sio_socket *s, json_t *args)
{
	struct answer *answer = malloc(sizeof(*answer));

	if (!answer)
		return false;
	eio__list_init(&answer->link);
	answer->socket = sio_socket_ref(s);
	answer->args = json_incref(args);
	eio__list_add_tail(&a->fresh, &answer->link);
	sio__server_later(a->srv, &a->task);
	return true;
}

static void on_answer(void *user, sio_socket *s, json_t *args)
{
	struct answers *a = user;
	json_t *first = json_array_get(args, 0);

	if (!args ||
		json_array_append_new(a->first,
			first ? json_incref(first) : json_null()) ||
		(a->each && !keep(a, s, args)))
		a->lost = true;
}

static const struct sio__asker asker = { on_clients, on_answer, NULL, on_end };

/* -- asking ---------------------------------------------------------------- */

static struct answers *answers_new(sio_server *srv, sio_acks_cb fn,
	sio_answer_cb each, void *user)
{
	struct answers *a = calloc(1, sizeof(*a));
	json_t *first = json_array();

	if (!a || !first) {
		json_decref(first);
		free(a);
		return NULL;
	}
	a->refs = 1;
	a->srv = srv;
	a->task.run = on_task;
	eio__list_init(&a->task.link);
	eio__list_init(&a->fresh);
	a->first = first;
	a->fn = fn;
	a->each = each;
	a->user = user;
	return a;
}

/* What waits for other servers does not wait for ever. */
static unsigned time_limit(const sio_nsp *nsp, const sio_selection *selection)
{
	if (selection->timeout_ms > 0 || selection->flags & SIO_LOCAL ||
		nsp->adapter == &sio__adapter_local)
		return selection->timeout_ms;
	return (unsigned)sio__option(nsp->srv, SIO_REQUEST_TIMEOUT);
}

static int ask(sio_nsp *nsp, const sio_event_data *packet,
	const sio_selection *selection, struct answers *a)
{
	void *state;
	const sio_adapter *adapter =
		sio__adapter_of(nsp, selection->flags, &state);
	sio_inquiry *t =
		sio__inquiry_new(nsp, time_limit(nsp, selection), &asker, a);
	int err;

	if (!t)
		return nsp->srv->ended ? SIO_ERR_CLOSED : SIO_ERR_NOMEM;
	err = adapter->broadcast_ack(state, packet, selection, t);
	if (err)
		sio__inquiry_cancel(t);
	else
		sio__inquiry_count(t, adapter == &sio__adapter_local);
	sio_inquiry_unref(t);
	return err;
}

int sio__answers_ask(sio_nsp *nsp, const sio_event_data *packet,
	const sio_selection *selection, sio_acks_cb fn, sio_answer_cb each,
	void *user)
{
	struct answers *a = answers_new(nsp->srv, fn, each, user);
	int err = a ? ask(nsp, packet, selection, a) : SIO_ERR_NOMEM;

	if (err && a)
		unref(a);
	return err;
}
