/* SPDX-License-Identifier: MIT */
/*
 * recovery_leave.c: connection state recovery: which sockets are kept when they
 * leave, and as what.
 *
 * Kept is who left without anybody's wish, and who was back but was not let in
 * by middleware. recovery_store.c keeps it, or another adapter; recovery.c gives
 * it back. Always true: a socket is kept at most once, with the rooms it had.
 */
#include <config.h>

#include <socketio/recovery.h>

/* As upstream: everything that is not somebody's wish. */
static bool is_recoverable(int reason)
{
	switch (reason) {
	case SIO__REASON_CLIENT_NSP:
	case SIO__REASON_SERVER_NSP:
	case ENGINEIO_REASON_PARSE_ERROR:
		return false;
	default:
		return true;
	}
}

void sio__recovery_left(sio_socket *s)
{
	struct sio__recoverable *own = s->recoverable;
	struct sio__recovery *r = s->nsp->srv->recovery;

	if (!own)
		return;
	sio__recovery_unask(s);
	if (eio__map_get(&r->live, own->pid, SIO__SID_LEN) == s)
		eio__map_del(&r->live, own->pid, SIO__SID_LEN);
	if (s->was_connected)
		own->progress.left = r->seq;
	else if (!own->kept)
		own->saved = true;
}

void sio__recovery_refused(sio_socket *s)
{
	if (s->recoverable)
		s->recoverable->refused = true;
}

static void save_for_others(sio_socket *s, const sio_saved_session *session)
{
	s->nsp->adapter->persist_session(s->nsp->adapter_state, session);
}

/* One that did not get in is what it was before, and has missed the same. */
static void put_back(sio_socket *s)
{
	struct sio__kept *k = s->recoverable->kept;
	sio_saved_session session = { k->sid, k->pid, k->rooms, k->data,
		k->saved };

	s->recoverable->kept = NULL;
	if (sio__recovery_is_local(s->nsp)) {
		sio__recovery_put_back(k);
		return;
	}
	save_for_others(s, &session);
	sio__kept_free(k);
}

static int keep(sio_socket *s, const sio_saved_session *session)
{
	if (sio__recovery_is_local(s->nsp))
		return sio__recovery_keep(s->nsp, session,
			&s->recoverable->progress);
	save_for_others(s, session);
	return 0;
}

void sio__recovery_save(sio_socket *s)
{
	struct sio__recoverable *own = s->recoverable;
	sio_saved_session session;

	if (!own || own->saved || !(own->refused || is_recoverable(s->reason)))
		return;
	own->saved = true;
	if (own->kept) {
		put_back(s);
		return;
	}
	/* Its rooms go after this. */
	memset(&session, 0, sizeof(session));
	session.sid = s->id;
	session.pid = own->pid;
	session.rooms = sio_socket_rooms(s);
	session.data = s->shared;
	if (s->nsp->save)
		session.saved = s->nsp->save(s, s->nsp->recover_user);
	/* The hook may have freed the server: then it is gone already. */
	if (s->state != SIO__GONE && (!session.rooms || keep(s, &session)))
		eio_server_log(s->nsp->srv->engine, ENGINEIO_LOG_WARN,
			"recovery: out of memory: socket %s is not kept",
			s->id);
	json_decref(session.rooms);
	json_decref(session.saved);
}
