/* SPDX-License-Identifier: MIT */
/*
 * emit.c: what a socket sends to its client, and the answers it waits for.
 *
 * Each ack is completed once: by the client's answer, by its time limit, or
 * by the end of the socket, whichever takes it out of the list first.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/recovery.h>

#include <stdlib.h>

static int emit(sio_socket *s, const char *name, json_t *args,
	const uint64_t *id)
{
	struct sio__message m;
	int err;

	if (!s || !name)
		return SIO_ERR_INVALID;
	if (s->state != SIO__CONNECTING && s->state != SIO__CONNECTED)
		return SIO_ERR_CLOSED;
	if (!id && sio__recovery_takes(s))
		return sio__recovery_emit(s, name, args);
	err = sio__message_event(&m, s->nsp, name, args, id);
	if (err)
		return err;
	err = sio__message_send_to(&m, s);
	sio__message_clear(&m);
	return err;
}

int sio_socket_emit_json(sio_socket *s, const char *name, json_t *args)
{
	int err = emit(s, name, args, NULL);

	json_decref(args);
	return err;
}

int sio_socket_emit(sio_socket *s, const char *name, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_socket_emit_json(s, name, args);
}

int sio_socket_broadcast(sio_socket *s, const char *name, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_target_emit_json(sio_socket_others(s), name, args);
}

/* -- acks ------------------------------------------------------------------ */

static void complete(sio_socket *s, struct sio__ack *ack, int err,
	sio_event *ev)
{
	eio_timer_free(ack->timer);
	eio__list_del(&ack->sibling);
	ack->fn(s, err, ev, ack->user);
	free(ack);
}

void sio__acks_answer(sio_socket *s, sio_event *ev)
{
	struct sio__ack *ack = sio__acks_take(&s->acks, ev->id);

	/* Unknown, late and repeated answers are no error. */
	if (ack)
		complete(s, ack, 0, ev);
}

void sio__acks_give_up(sio_socket *s)
{
	struct sio__ack *ack;

	for (ack = sio__acks_pop(&s->acks); ack; ack = sio__acks_pop(&s->acks))
		complete(s, ack, SIO_ERR_CLOSED, NULL);
}

static void on_timeout(void *user)
{
	struct sio__ack *ack = user;
	sio_socket *s = sio_socket_ref(ack->socket);
	sio_server *srv = s->client->srv;

	sio__server_enter(srv);
	sio__acks_remove(&s->acks, ack);
	complete(s, ack, SIO_ERR_TIMEOUT, NULL);
	sio__server_leave(srv);
	sio_socket_unref(s);
}

static int start_timer(struct sio__ack *ack, eio_loop *loop, unsigned ms)
{
	if (ms == 0)
		return 0;
	ack->timer = eio_timer_new(loop, on_timeout, ack);
	if (!ack->timer)
		return SIO_ERR_NOMEM;
	return eio_timer_start(ack->timer, ms);
}

/* Sends the event with an id and waits for its answer. */
static int emit_ack(sio_socket *s, struct sio__ack *ack, unsigned ms,
	const char *name, json_t *args)
{
	int err;

	ack->socket = s;
	if (ms == 0)
		ms = (unsigned)sio__option(s->nsp->srv, SIO_ACK_TIMEOUT);
	err = start_timer(ack, s->nsp->srv->loop, ms);
	if (!err)
		err = emit(s, name, args, &ack->id);
	if (!err)
		return 0;
	sio__acks_remove(&s->acks, ack);
	eio_timer_free(ack->timer);
	free(ack);
	return err;
}

static int ack_error(const sio_socket *s, sio_ack_cb fn)
{
	if (!s || !fn)
		return SIO_ERR_INVALID;
	if (s->state != SIO__CONNECTING && s->state != SIO__CONNECTED)
		return SIO_ERR_CLOSED;
	if (sio__acks_count(&s->acks) >=
		(unsigned long)sio__option(s->nsp->srv, SIO_MAX_ACKS)) {
		sio__count(s->nsp->srv, SIO_COUNT_MAX_ACKS,
			"socket %s: too many acks are awaited (MAX_ACKS)",
			s->id);
		return SIO_ERR_FULL;
	}
	return 0;
}

int sio_socket_emit_ack_json(sio_socket *s, unsigned timeout_ms, sio_ack_cb fn,
	void *user, const char *name, json_t *args)
{
	struct sio__ack *ack;
	int err = ack_error(s, fn);

	if (!err) {
		ack = sio__acks_add(&s->acks, s->nsp->next_ack++, fn, user);
		err = ack ? emit_ack(s, ack, timeout_ms, name, args)
			  : SIO_ERR_NOMEM;
	}
	json_decref(args);
	return err;
}

int sio_socket_emit_ack(sio_socket *s, unsigned timeout_ms, sio_ack_cb fn,
	void *user, const char *name, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_socket_emit_ack_json(s, timeout_ms, fn, user, name, args);
}
