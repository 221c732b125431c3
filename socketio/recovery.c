/* SPDX-License-Identifier: MIT */
/*
 * recovery.c: connection state recovery: who comes back, and with what.
 *
 * Wire: the answer to CONNECT has a second, secret id (pid). A client that lost
 * its connection sends pid and the last offset it saw with CONNECT, and gets
 * its id, its rooms, its data and the events it has missed, these before the
 * answer.
 *
 * Beyond the official server: no event need have been seen; a client may be
 * back before its end was noticed; a pid is used once, unless middleware
 * refuses its client; what happens while middleware decides is not missed.
 *
 * Who is kept when it leaves is recovery_leave.c's; what is kept
 * recovery_store.c's, or another adapter's; what an offset says
 * recovery_offset.c's.
 */
#include <config.h>

#include <socketio/recovery.h>

#include <engineio/base/base64.h>

#include <stdlib.h>

/* A client that wants to be who it was, as the adapter sees it. */
struct sio_restore {
	sio_socket *socket; /* NULL: nobody asks any more */
};

/* An event an adapter has said was missed. */
struct missed {
	struct eio__list link;
	struct sio__message message;
};

bool sio__recovery_is_on(const sio_nsp *nsp)
{
	return nsp->srv->recovery && nsp->adapter &&
		(sio__recovery_is_local(nsp) ||
			(nsp->adapter->persist_session &&
				nsp->adapter->restore_session));
}

/* -- settings -------------------------------------------------------------- */

int sio_server_set_recovery(sio_server *srv, unsigned long ms, size_t max_bytes,
	bool skip_middleware)
{
	struct sio__recovery *r = NULL;

	if (!srv)
		return SIO_ERR_INVALID;
	if (sio__server_has_begun(srv))
		return sio__server_fail(srv, SIO_ERR_STATE,
			"sio_server_set_recovery(): only before "
			"sio_server_listen()");
	if (ms > 0) {
		r = sio__recovery_new(srv, ms, max_bytes, skip_middleware);
		if (!r)
			return sio__server_fail(srv, SIO_ERR_NOMEM,
				"out of memory");
	}
	sio__recovery_free(srv->recovery);
	srv->recovery = r;
	return 0;
}

unsigned long sio_server_recovery_ms(const sio_server *srv)
{
	return srv && srv->recovery ? (unsigned long)srv->recovery->ms : 0;
}

int sio_nsp_on_recover(sio_nsp *nsp, sio_save_cb save, sio_restore_cb restore,
	void *user)
{
	if (!nsp)
		return SIO_ERR_INVALID;
	nsp->save = save;
	nsp->restore = restore;
	nsp->recover_user = user;
	return 0;
}

bool sio_socket_recovered(const sio_socket *s)
{
	return s && s->recoverable && s->recoverable->recovered;
}

/* -- forgetting ------------------------------------------------------------ */

static void clear_missed(struct sio__recoverable *own)
{
	struct eio__list *link;
	struct missed *m;

	for (link = eio__list_pop(&own->missed); link;
		link = eio__list_pop(&own->missed)) {
		m = eio__list_entry(link, struct missed, link);
		sio__message_clear(&m->message);
		free(m);
	}
}

void sio__recovery_unask(sio_socket *s)
{
	sio_restore *asked = s->recoverable->asked;

	if (asked)
		asked->socket = NULL;
	s->recoverable->asked = NULL;
}

void sio__recovery_drop(sio_socket *s)
{
	if (!s->recoverable)
		return;
	sio__recovery_unask(s);
	clear_missed(s->recoverable);
	sio__kept_free(s->recoverable->kept);
	free(s->recoverable);
	s->recoverable = NULL;
}

/* -- coming back ----------------------------------------------------------- */

/* Takes over what was kept. 0 or an error. */
static int become(sio_socket *s, const sio_saved_session *session)
{
	struct sio__recoverable *own = s->recoverable;
	const char *room;
	size_t i;
	int err = 0;

	memcpy(s->id, session->sid, SIO__SID_LEN + 1);
	memcpy(own->pid, session->pid, SIO__SID_LEN + 1);
	own->recovered = true;
	for (i = 0; i < json_array_size(session->rooms) && !err; i++) {
		room = json_string_value(json_array_get(session->rooms, i));
		if (room)
			err = sio_socket_join(s, room);
	}
	json_decref(s->shared);
	s->shared = json_incref(session->data);
	if (!err && s->nsp->restore)
		s->nsp->restore(s, session->saved, s->nsp->recover_user);
	return err;
}

static int restore_kept(sio_socket *s, struct sio__kept *k, uint64_t from)
{
	sio_saved_session session = { k->sid, k->pid, k->rooms, k->data,
		k->saved };

	sio__recovery_take(s->nsp->srv->recovery, k);
	s->recoverable->kept = k;
	s->recoverable->progress = k->progress;
	s->recoverable->from = from;
	return become(s, &session);
}

/* The client was faster than the end of its old connection. */
static void end_old(sio_socket *s, const char *pid)
{
	struct sio__recovery *r = s->nsp->srv->recovery;
	sio_socket *old = eio__map_get(&r->live, pid, strlen(pid));
	struct sio__client *c;

	if (!old || old->nsp != s->nsp || old->client == s->client)
		return;
	c = old->client;
	sio__client_leave(c, ENGINEIO_REASON_TRANSPORT_CLOSE);
	eio_socket_abort(c->conn, ENGINEIO_REASON_TRANSPORT_CLOSE,
		"its client is back on another connection");
	/* Its handlers are told before those of the new one. */
	sio__server_work(s->nsp->srv);
}

static enum sio__begun begin_here(sio_socket *s, const char *pid,
	const char *offset)
{
	struct sio__recovery *r = s->nsp->srv->recovery;
	struct sio__kept *k;
	uint64_t from;

	end_old(s, pid);
	if (s->state != SIO__CONNECTING)
		return SIO__BEGUN_NOT;
	k = sio__recovery_look(s->nsp, pid);
	if (!k || !sio__recovery_find(r, &k->progress, offset, &from) ||
		from < s->nsp->lost || sio__rooms_find(&s->nsp->rooms, k->sid))
		return SIO__BEGUN;
	return restore_kept(s, k, from) ? SIO__BEGUN_NOT : SIO__BEGUN;
}

/* -- another adapter ------------------------------------------------------- */

static enum sio__begun begin_elsewhere(sio_socket *s, const char *pid,
	const char *offset)
{
	const sio_adapter *adapter = s->nsp->adapter;
	struct sio_restore *restore = malloc(sizeof(*restore));

	if (!restore)
		return SIO__BEGUN_NOT;
	restore->socket = s;
	s->recoverable->asked = restore;
	if (adapter->restore_session(s->nsp->adapter_state, pid, offset,
		    restore))
		sio_restore_done(restore, NULL);
	/* Nobody who has to decide has done so yet: that comes from the
	 * loop. */
	return SIO__BEGUN_WAITS;
}

int sio_restore_missed(sio_restore *restore, const sio_event_data *packet)
{
	sio_socket *s = restore ? restore->socket : NULL;
	struct missed *m;
	int err;

	if (!restore || !packet || !packet->name)
		return SIO_ERR_INVALID;
	if (!s)
		return SIO_ERR_CLOSED;
	m = malloc(sizeof(*m));
	if (!m)
		return SIO_ERR_NOMEM;
	eio__list_init(&m->link);
	err = sio__local_encode(&m->message, s->nsp, packet, 0, NULL);
	if (err)
		free(m);
	else
		eio__list_add_tail(&s->recoverable->missed, &m->link);
	return err;
}

static bool is_session(const sio_socket *s, const sio_saved_session *session)
{
	return session && session->sid && session->pid &&
		strlen(session->sid) == SIO__SID_LEN &&
		strlen(session->pid) == SIO__SID_LEN &&
		!sio__rooms_find(&s->nsp->rooms, session->sid);
}

void sio_restore_done(sio_restore *restore, const sio_saved_session *session)
{
	sio_socket *s = restore ? restore->socket : NULL;
	sio_server *srv;
	int err = 0;

	free(restore);
	if (!s)
		return;
	s->recoverable->asked = NULL;
	/* The hook of the program may be the end of both. */
	srv = s->nsp->srv;
	sio__server_enter(srv);
	sio_socket_ref(s);
	if (is_session(s, session)) {
		s->recoverable->kept = sio__kept_new(s->nsp, session);
		err = s->recoverable->kept ? become(s, session) : SIO_ERR_NOMEM;
	}
	if (!s->recoverable->recovered)
		clear_missed(s->recoverable);
	sio__admission_restored(s, err == 0);
	sio_socket_unref(s);
	sio__server_leave(srv);
}

/* -- beginning ------------------------------------------------------------- */

static int make_pid(sio_socket *s)
{
	unsigned char bytes[15];
	int err = eio_loop_random(s->nsp->srv->loop, bytes, sizeof(bytes));

	if (err)
		return err;
	eio__base64_encode_url(s->recoverable->pid, bytes, sizeof(bytes));
	return 0;
}

static int recoverable_new(sio_socket *s)
{
	struct sio__recoverable *own = calloc(1, sizeof(*own));

	if (!own)
		return SIO_ERR_NOMEM;
	eio__list_init(&own->missed);
	own->progress.first = s->nsp->srv->recovery->seq;
	s->recoverable = own;
	return make_pid(s);
}

/* What the client sent under this key, if it is a text. */
static const char *text_in(const json_t *auth, const char *key)
{
	const json_t *value = json_object_get(auth, key);
	const char *text = json_string_value(value);

	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

enum sio__begun sio__recovery_begin(sio_socket *s)
{
	const json_t *auth;
	const char *pid, *offset;

	if (!sio__recovery_is_on(s->nsp) || sio_socket_protocol(s) < 4)
		return SIO__BEGUN;
	auth = sio_socket_auth(s);
	if (!auth || recoverable_new(s))
		return SIO__BEGUN_NOT;
	pid = text_in(auth, "pid");
	offset = text_in(auth, "offset");
	/* An offset that is no text is as wrong as a wrong one. */
	if (!pid || (!offset && json_object_get(auth, "offset")))
		return SIO__BEGUN;
	return sio__recovery_is_local(s->nsp) ? begin_here(s, pid, offset)
					      : begin_elsewhere(s, pid, offset);
}

bool sio__recovery_skips(const sio_socket *s)
{
	return sio_socket_recovered(s) &&
		s->nsp->srv->recovery->skip_middleware;
}

/* -- entering -------------------------------------------------------------- */

static bool is_in_one(const sio_socket *s, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (sio_socket_is_in(s, names[i]))
			return true;
	return false;
}

static bool was_for(const sio_socket *s, const struct sio__stored *e)
{
	return (e->rooms_n == 0 || is_in_one(s, e->names, e->rooms_n)) &&
		!is_in_one(s, e->names + e->rooms_n, e->except_n);
}

/* Of what is kept, the event behind which there is only what was missed. */
static struct eio__list *behind(const sio_nsp *nsp, uint64_t from)
{
	struct eio__list *pos = nsp->stored.prev;

	while (pos != &nsp->stored &&
		eio__list_entry(pos, struct sio__stored, of_nsp)->seq > from)
		pos = pos->prev;
	return pos;
}

static int send_kept(sio_socket *s)
{
	int err = 0;
	struct eio__list *pos = behind(s->nsp, s->recoverable->from)->next;
	struct sio__mark mark = { 0, 0 };
	struct sio__stored *e;

	for (; !err && pos != &s->nsp->stored; pos = pos->next) {
		e = eio__list_entry(pos, struct sio__stored, of_nsp);
		if (!was_for(s, e))
			continue;
		err = sio__message_send(&e->message, s->client);
		mark.seq = e->seq;
		sio__recovery_mark(s, &mark);
	}
	return err;
}

static int send_missed(sio_socket *s)
{
	struct eio__list *pos;
	struct missed *m;
	int err = 0;

	eio__list_for_each(pos, &s->recoverable->missed) {
		m = eio__list_entry(pos, struct missed, link);
		if (!err)
			err = sio__message_send(&m->message, s->client);
	}
	clear_missed(s->recoverable);
	return err;
}

bool sio__recovery_enter(sio_socket *s)
{
	struct sio__recoverable *own = s->recoverable;
	int err;

	if (!own)
		return true;
	/* While middleware took its time. */
	if (own->recovered && sio__recovery_is_local(s->nsp) &&
		own->from < s->nsp->lost)
		return false;
	if (eio__map_put(&s->nsp->srv->recovery->live, s, SIO__SID_LEN))
		return false;
	err = send_missed(s);
	if (!err && own->recovered && sio__recovery_is_local(s->nsp))
		err = send_kept(s);
	/* More than its queue may hold would be so the next time as well: then
	 * it comes as a new one. */
	if (err == SIO_ERR_FULL)
		own->saved = true;
	/* What was sent does not leave, and it is kept as it was. */
	if (err)
		return false;
	sio__kept_free(own->kept);
	own->kept = NULL;
	return true;
}
