/* SPDX-License-Identifier: MIT */
/*
 * inquiry.c: who of many has answered, and when that is all.
 *
 * Used for everything that many are asked: the clients of a broadcast with
 * acks, the servers of a fetch or of a server-side emit. What the answers
 * say is the asker's affair, how they travel the adapter's.
 *
 * Always true: until an inquiry has ended it is in the list of its server; each
 * ack in its list is also in the list of a connected socket; its end is told
 * exactly once, from the loop, unless it was cancelled.
 */
#include <config.h>

#include <socketio/inquiry.h>

#include <stdlib.h>

/* -- birth and death ------------------------------------------------------- */

static void tell_end(struct sio__task *task)
{
	sio_inquiry *t = eio__list_entry(task, sio_inquiry, task);

	t->asker->end(t->user, t->err);
	sio_inquiry_unref(t);
}

static void on_timeout(void *user)
{
	sio__inquiry_end(user, SIO_ERR_TIMEOUT);
}

static bool set_timer(sio_inquiry *t, unsigned ms)
{
	if (ms == 0)
		return true;
	t->timer = eio_timer_new(t->nsp->srv->loop, on_timeout, t);
	return t->timer && eio_timer_start(t->timer, ms) == 0;
}

sio_inquiry *sio__inquiry_new(sio_nsp *nsp, unsigned timeout_ms,
	const struct sio__asker *asker, void *user)
{
	sio_inquiry *t = nsp->srv->ended ? NULL : calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->nsp = nsp;
	if (!set_timer(t, timeout_ms)) {
		eio_timer_free(t->timer);
		free(t);
		return NULL;
	}
	t->refs = 2;
	t->srv = nsp->srv;
	t->task.run = tell_end;
	t->asker = asker;
	t->user = user;
	eio__list_init(&t->task.link);
	eio__list_init(&t->acks);
	eio__list_add_tail(&nsp->srv->inquiries, &t->link);
	return t;
}

sio_inquiry *sio_inquiry_ref(sio_inquiry *t)
{
	if (t)
		t->refs++;
	return t;
}

void sio_inquiry_unref(sio_inquiry *t)
{
	if (t && --t->refs == 0)
		free(t);
}

/* Answers that are still to come are nobody's from now on. */
static void forget_acks(sio_inquiry *t)
{
	struct eio__list *link;
	struct sio__ack *ack;

	for (link = eio__list_pop(&t->acks); link;
		link = eio__list_pop(&t->acks)) {
		ack = eio__list_entry(link, struct sio__ack, sibling);
		sio__acks_remove(&ack->socket->acks, ack);
		free(ack);
	}
}

static void stop(sio_inquiry *t)
{
	t->ended = true;
	eio_timer_free(t->timer);
	t->timer = NULL;
	forget_acks(t);
	eio__list_del(&t->link);
}

void sio__inquiry_end(sio_inquiry *t, int err)
{
	if (t->ended)
		return;
	stop(t);
	t->err = err;
	sio__server_later(t->srv, &t->task);
}

void sio__inquiry_cancel(sio_inquiry *t)
{
	if (!t->ended)
		stop(t);
	eio__list_del(&t->task.link);
	sio_inquiry_unref(t);
}

/* -- counting -------------------------------------------------------------- */

static void look(sio_inquiry *t)
{
	if (!t->ended && t->servers > 0 && t->reported >= t->servers &&
		t->done >= t->clients)
		sio__inquiry_end(t, 0);
}

void sio_inquiry_servers(sio_inquiry *t, size_t n)
{
	if (!t || t->ended || t->servers > 0)
		return;
	t->servers = n > 0 ? n : 1;
	look(t);
}

void sio__inquiry_count(sio_inquiry *t, bool local)
{
	const sio_adapter *adapter = t->nsp->adapter;

	if (local || !adapter || !adapter->server_count)
		sio_inquiry_servers(t, 1);
	else if (adapter->server_count(t->nsp->adapter_state, t))
		sio__inquiry_end(t, SIO_ERR_ADAPTER);
}

void sio_inquiry_clients(sio_inquiry *t, size_t n)
{
	if (!t || t->ended)
		return;
	t->reported++;
	t->clients += n;
	if (t->asker->clients)
		t->asker->clients(t->user, n);
	look(t);
}

void sio_inquiry_gone(sio_inquiry *t, size_t n)
{
	if (!t || t->ended)
		return;
	if (t->of_servers)
		t->reported += n;
	else
		t->done += n;
	look(t);
}

void sio_inquiry_lost(sio_inquiry *t)
{
	if (!t || t->ended)
		return;
	t->reported++;
	look(t);
}

static void answered(sio_inquiry *t, sio_socket *s, json_t *args)
{
	if (t->of_servers)
		t->reported++;
	else
		t->done++;
	if (t->asker->answer)
		t->asker->answer(t->user, s, args);
	look(t);
}

void sio_inquiry_answer(sio_inquiry *t, json_t *first)
{
	json_t *args = json_array();

	if (first)
		json_array_append_new(args, first);
	if (t && !t->ended)
		answered(t, NULL, args);
	json_decref(args);
}

void sio__inquiry_here(sio_inquiry *t, sio_socket *const *sockets, size_t n)
{
	if (t->ended)
		return;
	t->reported++;
	if (t->asker->sockets)
		t->asker->sockets(t->user, sockets, n, NULL);
	look(t);
}

void sio_inquiry_sockets(sio_inquiry *t, json_t *sockets)
{
	if (t && !t->ended) {
		t->reported++;
		if (t->asker->sockets)
			t->asker->sockets(t->user, NULL, 0, sockets);
		look(t);
	}
	json_decref(sockets);
}

/* -- the clients of this server -------------------------------------------- */

/* Called for each ack once: with the answer, or when the socket goes. */
static void on_ack(sio_socket *s, int err, sio_event *answer, void *user)
{
	sio_inquiry *t = user;

	if (err)
		sio_inquiry_gone(t, 1);
	else
		answered(t, s, sio_event_args(answer));
}

bool sio__inquiry_ask(sio_inquiry *t, sio_socket *s, uint64_t id)
{
	unsigned long max = (unsigned long)sio__option(t->srv, SIO_MAX_ACKS);
	struct sio__ack *ack = NULL;

	if (sio__acks_count(&s->acks) < max)
		ack = sio__acks_add(&s->acks, id, on_ack, t);
	if (!ack)
		return false;
	ack->socket = s;
	eio__list_add_tail(&t->acks, &ack->sibling);
	return true;
}

void sio__inquiry_take_back(sio_socket *s, uint64_t id)
{
	struct sio__ack *ack = sio__acks_take(&s->acks, id);

	eio__list_del(&ack->sibling);
	free(ack);
}

/* -- a question from another server ---------------------------------------- */

struct relay {
	const sio_inquiry_hooks *hooks;
	void *user;
};

static void relay_clients(void *user, size_t n)
{
	struct relay *r = user;

	r->hooks->clients(r->user, n);
}

static void relay_answer(void *user, sio_socket *s, json_t *args)
{
	struct relay *r = user;

	r->hooks->answer(r->user, args);
}

static void relay_end(void *user, int err)
{
	struct relay *r = user;

	r->hooks->end(r->user, err);
	free(r);
}

static const struct sio__asker relay_asker = { relay_clients, relay_answer,
	NULL, relay_end };

sio_inquiry *sio_inquiry_new(sio_nsp *nsp, unsigned timeout_ms,
	const sio_inquiry_hooks *hooks, void *user)
{
	struct relay *r;
	sio_inquiry *t;

	if (!nsp || !hooks || !hooks->clients || !hooks->answer || !hooks->end)
		return NULL;
	r = malloc(sizeof(*r));
	if (!r)
		return NULL;
	r->hooks = hooks;
	r->user = user;
	if (timeout_ms == 0)
		timeout_ms =
			(unsigned)sio__option(nsp->srv, SIO_REQUEST_TIMEOUT);
	t = sio__inquiry_new(nsp, timeout_ms, &relay_asker, r);
	if (!t) {
		free(r);
		return NULL;
	}
	sio_inquiry_servers(t, 1);
	return t;
}
