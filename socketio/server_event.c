/* SPDX-License-Identifier: MIT */
/*
 * server_event.c: events between the servers of a cluster, about a
 * namespace, not to its clients.
 *
 * What is sent reaches the other servers, never this one; without an adapter
 * that knows others it reaches nobody. What is received is an event without
 * a socket, told from the loop.
 */
#include <config.h>

#include <socketio/adapter.h>
#include <socketio/io.h>
#include <socketio/inquiry.h>
#include <socketio/target.h>

#include <stdlib.h>

/* -- sending --------------------------------------------------------------- */

/* The namespace tells its own handlers of these. */
static int name_error(const char *name, const json_t *args)
{
	static const char *const own[] = { "connect", "connection",
		"new_namespace" };
	size_t i;

	if (!name || !json_is_array(args))
		return SIO_ERR_INVALID;
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(name, own[i]) == 0)
			return SIO_ERR_INVALID;
	return 0;
}

static void warn(const sio_nsp *nsp, const char *name)
{
	eio_server_log(nsp->srv->engine, ENGINEIO_LOG_WARN,
		"sio_nsp_server_emit(\"%.80s\") in %s: adapter %s knows no "
		"other servers",
		name, nsp->name, nsp->adapter->name);
}

static int emit(sio_nsp *nsp, const char *name, json_t *args,
	sio_inquiry *inquiry)
{
	sio_event_data packet = { name, args, NULL };

	if (nsp->adapter->server_emit)
		return nsp->adapter->server_emit(nsp->adapter_state, &packet,
			inquiry);
	warn(nsp, name);
	return 0;
}

int sio_nsp_server_emit_json(sio_nsp *nsp, const char *name, json_t *args)
{
	int err = nsp ? name_error(name, args) : SIO_ERR_INVALID;

	if (!err && (nsp->srv->ended || !nsp->adapter))
		err = SIO_ERR_CLOSED;
	if (!err)
		err = emit(nsp, name, args, NULL);
	json_decref(args);
	return err;
}

int sio_nsp_server_emit(sio_nsp *nsp, const char *name, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_nsp_server_emit_json(nsp, name, args);
}

/* -- answers of the other servers ------------------------------------------ */

struct question {
	sio_inquiry *inquiry;
	json_t *answers;
	bool lost;
	sio_acks_cb fn;
	void *user;
};

static void on_answer(void *user, sio_socket *s, json_t *args)
{
	struct question *q = user;
	json_t *first = json_array_get(args, 0);

	if (json_array_append_new(q->answers,
		    first ? json_incref(first) : json_null()))
		q->lost = true;
}

static void on_end(void *user, int err)
{
	struct question *q = user;
	size_t others = q->inquiry->servers ? q->inquiry->servers - 1 : 0;

	if (!err && q->lost)
		err = SIO_ERR_NOMEM;
	q->fn(err, q->answers, others, q->user);
	json_decref(q->answers);
	free(q);
}

static const struct sio__asker asker = { NULL, on_answer, NULL, on_end };

static int ask(sio_nsp *nsp, unsigned timeout_ms, struct question *q,
	const char *name, json_t *args)
{
	sio_inquiry *t;
	int err;

	if (timeout_ms == 0)
		timeout_ms =
			(unsigned)sio__option(nsp->srv, SIO_REQUEST_TIMEOUT);
	t = sio__inquiry_new(nsp, timeout_ms, &asker, q);
	if (!t)
		return nsp->srv->ended ? SIO_ERR_CLOSED : SIO_ERR_NOMEM;
	q->inquiry = t;
	t->of_servers = true;
	/* This one does not answer itself. */
	t->reported = 1;
	err = emit(nsp, name, args, t);
	if (err)
		sio__inquiry_cancel(t);
	else
		sio__inquiry_count(t, !nsp->adapter->server_emit);
	sio_inquiry_unref(t);
	return err;
}

int sio_nsp_server_emit_ack_json(sio_nsp *nsp, unsigned timeout_ms,
	sio_acks_cb fn, void *user, const char *name, json_t *args)
{
	struct question *q = NULL;
	int err = nsp && fn ? name_error(name, args) : SIO_ERR_INVALID;

	if (!err && !nsp->adapter)
		err = SIO_ERR_CLOSED;
	if (!err) {
		q = calloc(1, sizeof(*q));
		if (q)
			q->answers = json_array();
		err = q && q->answers ? 0 : SIO_ERR_NOMEM;
	}
	if (!err) {
		q->fn = fn;
		q->user = user;
		err = ask(nsp, timeout_ms, q, name, args);
	}
	if (err && q) {
		json_decref(q->answers);
		free(q);
	}
	json_decref(args);
	return err;
}

int sio_nsp_server_emit_ack(sio_nsp *nsp, unsigned timeout_ms, sio_acks_cb fn,
	void *user, const char *name, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_nsp_server_emit_ack_json(nsp, timeout_ms, fn, user, name,
		args);
}

/* -- receiving ------------------------------------------------------------- */

int sio_nsp_on_server_event(sio_nsp *nsp, const char *name, sio_handler fn,
	void *user)
{
	int err;

	if (!nsp)
		return SIO_ERR_INVALID;
	if (!name || !fn)
		return sio__server_fail(nsp->srv, SIO_ERR_INVALID,
			"sio_nsp_on_server_event(): no name or no function");
	err = sio__handlers_add(&nsp->on_server_event, name, fn, user, 0);
	return sio__server_fail(nsp->srv, err, "sio_nsp_on_server_event(): %s",
		sio_strerror(err));
}

void sio_nsp_off_server_event(sio_nsp *nsp, const char *name, sio_handler fn)
{
	if (nsp && name && fn)
		sio__handlers_remove(&nsp->on_server_event, name, fn);
}

/* An event that is to be told, and its namespace by name, which may be gone
 * by then. */
struct arrival {
	struct sio__task task;
	sio_server *srv;
	sio_event *event;
	struct eio__strbuf nsp;
};

static void call(sio_nsp *nsp, sio_event *ev)
{
	struct sio__handlers_walk walk;
	sio_handler fn;
	void *user;

	/* A handler may delete it. */
	ev->from->nsp = sio__nsp_ref(nsp);
	sio__handlers_walk(&nsp->on_server_event, &walk, sio__event_span(ev));
	while (sio__handlers_next(&walk, &fn, &user))
		if (!nsp->srv->ended)
			fn(NULL, ev, user);
	ev->from->nsp = NULL;
	sio__nsp_unref(nsp);
}

static void arrival_free(struct arrival *a)
{
	sio_event_unref(a->event);
	eio__strbuf_clear(&a->nsp);
	free(a);
}

static void on_task(struct sio__task *task)
{
	struct arrival *a = eio__list_entry(task, struct arrival, task);
	sio_nsp *nsp =
		sio__nsp_find(a->srv, sio__span(a->nsp.data, a->nsp.len));

	if (nsp && !a->srv->ended)
		call(nsp, a->event);
	arrival_free(a);
}

static int arrive(sio_nsp *nsp, const char *name, json_t *args,
	struct sio__server_reply *reply)
{
	struct arrival *a = calloc(1, sizeof(*a));

	if (!a)
		return SIO_ERR_NOMEM;
	a->srv = nsp->srv;
	a->task.run = on_task;
	eio__list_init(&a->task.link);
	eio__strbuf_init(&a->nsp, 0);
	a->event = sio__event_from_server(name, args, reply);
	if (!a->event || eio__strbuf_add(&a->nsp, nsp->name, nsp->name_len)) {
		/* The reply is still the caller's to release. */
		if (a->event)
			a->event->from = NULL;
		arrival_free(a);
		return SIO_ERR_NOMEM;
	}
	sio__server_later(a->srv, &a->task);
	return 0;
}

int sio_local_server_event(sio_nsp *nsp, const sio_event_data *packet,
	void (*answer)(void *user, json_t *first), void (*release)(void *user),
	void *user)
{
	struct sio__server_reply *reply = calloc(1, sizeof(*reply));
	int err = SIO_ERR_INVALID;

	if (!reply)
		err = SIO_ERR_NOMEM;
	else if (nsp && packet && packet->name && json_is_array(packet->args))
		err = nsp->srv->ended ? SIO_ERR_CLOSED : 0;
	if (!err) {
		reply->answer = answer;
		reply->release = release;
		reply->user = user;
		err = arrive(nsp, packet->name, packet->args, reply);
	}
	if (!err)
		return 0;
	free(reply);
	if (release)
		release(user);
	return err;
}

/* -- answering ------------------------------------------------------------- */

int sio__server_event_reply(sio_event *ev, json_t *args)
{
	if (!json_is_array(args))
		return SIO_ERR_INVALID;
	ev->wants_reply = false;
	ev->from->answer(ev->from->user, json_array_get(args, 0));
	return 0;
}

void sio__server_event_release(sio_event *ev)
{
	if (ev->from->release)
		ev->from->release(ev->from->user);
	free(ev->from);
}
