/* SPDX-License-Identifier: MIT */
/*
 * recovery_store.c: the events and sockets that are kept for recovery.
 *
 * All namespaces share the bounds: bytes, number of events, number of
 * sockets. Over a bound the oldest go first, whatever they are; what is too
 * old goes by itself. Events are kept as the buffers that were sent, so that
 * keeping one costs its record alone as long as somebody's queue holds it.
 *
 * Always true: both lists are in order of age, that of the events also in
 * order of their numbers; every event of a namespace with a number above
 * nsp->lost is here.
 */
#include <config.h>

#include <socketio/recovery.h>

#include <engineio/base/base64.h>

#include <stdlib.h>

/* No bounds were named. */
#define MAX_BYTES ((size_t)32 << 20)

/* What a buffer costs beside its bytes, about. */
#define BUFFER_BYTES 64

/* What expires is looked for no oftener than this. */
#define TICK_MS 1000

/* -- dropping -------------------------------------------------------------- */

static void drop_event(struct sio__recovery *r, struct sio__stored *e)
{
	/* A younger one may have been lost for want of memory. */
	if (e->nsp->lost < e->seq)
		e->nsp->lost = e->seq;
	r->events_n--;
	r->bytes -= e->bytes;
	eio__list_del(&e->link);
	eio__list_del(&e->of_nsp);
	sio__message_clear(&e->message);
	free(e);
}

void sio__recovery_take(struct sio__recovery *r, struct sio__kept *k)
{
	r->kept_n--;
	r->bytes -= k->bytes;
	k->nsp->kept--;
	eio__list_del(&k->link);
	eio__map_del(&r->by_pid, k->pid, SIO__SID_LEN);
}

void sio__kept_free(struct sio__kept *k)
{
	if (!k)
		return;
	json_decref(k->rooms);
	json_decref(k->data);
	json_decref(k->saved);
	free(k);
}

static void drop_kept(struct sio__recovery *r, struct sio__kept *k)
{
	sio_nsp *nsp = k->nsp;

	sio__recovery_take(r, k);
	sio__kept_free(k);
	/* It may have been kept for the last who could come back into it. */
	if (nsp->kept == 0 && nsp->sockets == 0 && nsp->is_child)
		sio__server_later(r->srv, &nsp->tidy);
}

static struct sio__stored *oldest_event(const struct sio__recovery *r)
{
	return eio__list_empty(&r->events)
		? NULL
		: eio__list_entry(r->events.next, struct sio__stored, link);
}

static struct sio__kept *oldest_kept(const struct sio__recovery *r)
{
	return eio__list_empty(&r->kept)
		? NULL
		: eio__list_entry(r->kept.next, struct sio__kept, link);
}

static bool drop_oldest(struct sio__recovery *r)
{
	struct sio__stored *e = oldest_event(r);
	struct sio__kept *k = oldest_kept(r);

	if (k && (!e || k->at < e->at))
		drop_kept(r, k);
	else if (e)
		drop_event(r, e);
	return k || e;
}

static void keep_bounds(struct sio__recovery *r)
{
	sio_server *srv = r->srv;
	size_t events = (size_t)sio__option(srv, SIO_RECOVERY_EVENTS);
	size_t sockets = (size_t)sio__option(srv, SIO_RECOVERY_SOCKETS);

	if (r->events_n > events) {
		sio__count(srv, SIO_COUNT_RECOVERY_EVENTS,
			"recovery: the oldest event goes (RECOVERY_EVENTS)");
		drop_event(r, oldest_event(r));
	}
	if (r->kept_n > sockets) {
		sio__count(srv, SIO_COUNT_RECOVERY_SOCKETS,
			"recovery: the oldest socket goes (RECOVERY_SOCKETS)");
		drop_kept(r, oldest_kept(r));
	}
	if (r->bytes > r->max_bytes)
		sio__count(srv, SIO_COUNT_RECOVERY_BYTES,
			"recovery: the oldest goes (RECOVERY_BYTES)");
	while (r->bytes > r->max_bytes && drop_oldest(r))
		;
}

/* -- expiring -------------------------------------------------------------- */

/* A client may have missed an event long before its end was noticed. */
static uint64_t life_of_events(const struct sio__recovery *r)
{
	return r->ms + (uint64_t)sio_server_option(r->srv, SIO_PING_INTERVAL) +
		(uint64_t)sio_server_option(r->srv, SIO_PING_TIMEOUT);
}

static void start_timer(struct sio__recovery *r)
{
	struct sio__stored *e = oldest_event(r);
	struct sio__kept *k = oldest_kept(r);
	uint64_t now = eio_loop_now(r->srv->loop), at = UINT64_MAX;

	if (r->timer_runs || (!e && !k))
		return;
	if (e)
		at = e->at + life_of_events(r);
	if (k && k->at + r->ms < at)
		at = k->at + r->ms;
	at = at > now + TICK_MS ? at - now : TICK_MS;
	r->timer_runs = eio_timer_start(r->timer, at) == 0;
}

static void on_timer(void *user)
{
	struct sio__recovery *r = user;
	uint64_t now = eio_loop_now(r->srv->loop), life = life_of_events(r);
	struct sio__stored *e;
	struct sio__kept *k;

	for (e = oldest_event(r); e && e->at + life <= now; e = oldest_event(r))
		drop_event(r, e);
	for (k = oldest_kept(r); k && k->at + r->ms <= now; k = oldest_kept(r))
		drop_kept(r, k);
	r->timer_runs = false;
	start_timer(r);
}

/* -- events ---------------------------------------------------------------- */

static size_t bytes_of_message(const struct sio__message *m)
{
	size_t bytes = eio_buf_len(m->text) + BUFFER_BYTES;
	unsigned i;

	/* The first of all is the text. */
	for (i = 1; i < m->n; i++)
		bytes += eio_buf_len(m->all[i]) + BUFFER_BYTES;
	return bytes;
}

static size_t bytes_of_names(const char *const *names, size_t n)
{
	size_t i, bytes = n * sizeof(*names);

	for (i = 0; i < n; i++)
		bytes += strlen(names[i]) + 1;
	return bytes;
}

static char *copy_names(const char **to, char *text, const char *const *from,
	size_t n)
{
	size_t i, len;

	for (i = 0; i < n; i++) {
		len = strlen(from[i]) + 1;
		memcpy(text, from[i], len);
		to[i] = text;
		text += len;
	}
	return text;
}

/* The record with copies of the names behind it. */
static struct sio__stored *event_new(const sio_selection *sel)
{
	size_t n = sel->rooms_n + sel->except_n;
	size_t bytes = sizeof(struct sio__stored) +
		bytes_of_names(sel->rooms, sel->rooms_n) +
		bytes_of_names(sel->except, sel->except_n);
	struct sio__stored *e = malloc(bytes);
	char *text;

	if (!e)
		return NULL;
	text = (char *)(e->names + n);
	text = copy_names(e->names, text, sel->rooms, sel->rooms_n);
	copy_names(e->names + sel->rooms_n, text, sel->except, sel->except_n);
	e->rooms_n = sel->rooms_n;
	e->except_n = sel->except_n;
	e->bytes = bytes;
	return e;
}

void sio__recovery_keep_event(sio_nsp *nsp, uint64_t seq,
	const sio_selection *selection, const struct sio__message *m)
{
	struct sio__recovery *r = nsp->srv->recovery;
	struct sio__stored *e = event_new(selection);

	if (!e || sio__message_copy(&e->message, m)) {
		free(e);
		nsp->lost = seq;
		eio_server_log(nsp->srv->engine, ENGINEIO_LOG_WARN,
			"recovery: out of memory: an event is not kept");
		return;
	}
	e->nsp = nsp;
	e->seq = seq;
	e->at = eio_loop_now(nsp->srv->loop);
	e->bytes += bytes_of_message(m);
	r->events_n++;
	r->bytes += e->bytes;
	eio__list_add_tail(&r->events, &e->link);
	eio__list_add_tail(&nsp->stored, &e->of_nsp);
	keep_bounds(r);
	start_timer(r);
}

/* -- sockets --------------------------------------------------------------- */

/* About what a value costs in memory. */
static size_t bytes_of_value(const json_t *value, unsigned depth)
{
	size_t i, len, bytes = 48;
	const json_t *one;
	const char *key;

	if (!value || depth == 0)
		return 0;
	if (sio_binary_data(value, &len))
		return bytes * 3 + len;
	if (json_is_string(value))
		bytes += json_string_length(value);
	json_array_foreach((json_t *)(uintptr_t)value, i, one)
		bytes += bytes_of_value(one, depth - 1) + sizeof(one);
	json_object_foreach((json_t *)(uintptr_t)value, key, one)
		bytes += bytes_of_value(one, depth - 1) + 64 + strlen(key);
	return bytes;
}

struct sio__kept *sio__kept_new(sio_nsp *nsp, const sio_saved_session *session)
{
	struct sio__kept *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	memcpy(k->pid, session->pid, SIO__SID_LEN);
	memcpy(k->sid, session->sid, SIO__SID_LEN);
	k->nsp = nsp;
	k->at = eio_loop_now(nsp->srv->loop);
	k->rooms = json_incref(session->rooms);
	k->data = json_incref(session->data);
	k->saved = json_incref(session->saved);
	return k;
}

/* Behind those that are older; mostly it is the youngest. */
static void put_in_order(struct sio__recovery *r, struct sio__kept *k)
{
	struct eio__list *pos = r->kept.prev;

	while (pos != &r->kept &&
		eio__list_entry(pos, struct sio__kept, link)->at > k->at)
		pos = pos->prev;
	eio__list_add_tail(pos->next, &k->link);
}

/* 0, or SIO_ERR_NOMEM: it is gone then. */
static int put(struct sio__recovery *r, struct sio__kept *k)
{
	if (eio__map_put(&r->by_pid, k, SIO__SID_LEN)) {
		sio__kept_free(k);
		return SIO_ERR_NOMEM;
	}
	k->bytes = sizeof(*k) + bytes_of_value(k->rooms, 100) +
		bytes_of_value(k->data, 100) + bytes_of_value(k->saved, 100);
	r->kept_n++;
	r->bytes += k->bytes;
	k->nsp->kept++;
	put_in_order(r, k);
	keep_bounds(r);
	start_timer(r);
	return 0;
}

int sio__recovery_keep(sio_nsp *nsp, const sio_saved_session *session,
	const struct sio__progress *progress)
{
	struct sio__kept *k = sio__kept_new(nsp, session);

	if (!k)
		return SIO_ERR_NOMEM;
	k->progress = *progress;
	return put(nsp->srv->recovery, k);
}

static bool is_over(const struct sio__recovery *r, const struct sio__kept *k)
{
	return k->at + r->ms <= eio_loop_now(r->srv->loop);
}

void sio__recovery_put_back(struct sio__kept *k)
{
	struct sio__recovery *r = k->nsp->srv->recovery;

	if (is_over(r, k))
		sio__kept_free(k);
	else
		put(r, k);
}

struct sio__kept *sio__recovery_look(sio_nsp *nsp, const char *pid)
{
	struct sio__recovery *r = nsp->srv->recovery;
	struct sio__kept *k = eio__map_get(&r->by_pid, pid, strlen(pid));

	return k && k->nsp == nsp && !is_over(r, k) ? k : NULL;
}

void sio__recovery_forget(sio_nsp *nsp)
{
	struct sio__recovery *r = nsp->srv->recovery;
	struct eio__list *pos, *next;
	struct sio__kept *k;

	if (!r)
		return;
	while (!eio__list_empty(&nsp->stored))
		drop_event(r,
			eio__list_entry(nsp->stored.next, struct sio__stored,
				of_nsp));
	for (pos = r->kept.next; nsp->kept > 0 && pos != &r->kept; pos = next) {
		next = pos->next;
		k = eio__list_entry(pos, struct sio__kept, link);
		if (k->nsp == nsp)
			drop_kept(r, k);
	}
}

/* -- birth and death ------------------------------------------------------- */

/* What tells the offsets of this server from those of the one before. */
static int make_epoch(struct sio__recovery *r)
{
	unsigned char bytes[3];
	int err = eio_loop_random(r->srv->loop, bytes, sizeof(bytes));

	if (!err)
		eio__base64_encode_url(r->epoch, bytes, sizeof(bytes));
	return err;
}

static const char *key_of_kept(const void *kept)
{
	return ((const struct sio__kept *)kept)->pid;
}

static const char *key_of_live(const void *socket)
{
	return ((const sio_socket *)socket)->recoverable->pid;
}

struct sio__recovery *sio__recovery_new(sio_server *srv, uint64_t ms,
	size_t max_bytes, bool skip_middleware)
{
	struct sio__recovery *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->srv = srv;
	r->ms = ms;
	r->max_bytes = max_bytes ? max_bytes : MAX_BYTES;
	r->skip_middleware = skip_middleware;
	eio__list_init(&r->events);
	eio__list_init(&r->kept);
	eio__map_init(&r->by_pid, srv->seed, key_of_kept);
	eio__map_init(&r->live, srv->seed, key_of_live);
	r->timer = eio_timer_new(srv->loop, on_timer, r);
	if (r->timer && make_epoch(r) == 0)
		return r;
	sio__recovery_free(r);
	return NULL;
}

void sio__recovery_free(struct sio__recovery *r)
{
	if (!r)
		return;
	while (drop_oldest(r))
		;
	eio__map_clear(&r->by_pid);
	eio__map_clear(&r->live);
	eio_timer_free(r->timer);
	free(r);
}
