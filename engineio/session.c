/* SPDX-License-Identifier: MIT */
/*
 * session.c: the life of one session: how it opens, what becomes of the
 * packets that come, and why it ended.
 *
 * What it has to send is session_queue.c's, how packets travel the
 * transport's, when pings leave heartbeat.c's. Always true: a session that is
 * closed has no transport, no queue and no timer, and its on_close is called
 * exactly once, from the loop.
 */
#include <config.h>

#include <engineio/engine.h>

#include <engineio/base/fetch.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define session_of(ptr, member) eio__list_entry(ptr, eio_socket, member)

static void log_state(eio_socket *s, const char *what)
{
	if (eio_server_logs(s->srv, ENGINEIO_LOG_DEBUG))
		eio_server_log(s->srv, ENGINEIO_LOG_DEBUG, "session %.8s: %s",
			s->id, what);
}

static void session_move(eio_socket *s, enum eio__session_state to)
{
	static const unsigned char allowed[] = {
		[EIO__OPEN] = 1 << EIO__CLOSING | 1 << EIO__CLOSED,
		[EIO__CLOSING] = 1 << EIO__CLOSED,
		[EIO__CLOSED] = 0,
	};
	static const char *const names[] = { "open", "closing", "closed" };

	assert(allowed[s->state] & 1 << to);
	log_state(s, names[to]);
	s->state = (unsigned char)to;
}

void eio__session_count(eio_socket *s, enum eio_counter counter,
	enum eio_log_level level, const char *what)
{
	eio__http_count(&s->srv->own, counter, level, "session %.8s: %s (%s)",
		s->id, what, eio_counter_name(counter));
}

/* -- birth --------------------------------------------------------------- */

/* What the next session writes to is on its way while this one writes. */
static void fetch_next(const eio_socket *s)
{
	const struct eio__task *next = eio__loop_next(s->srv->loop, EIO__FLUSH);
	const struct eio__websocket *w;

	if (!next || next->fn != s->task.fn)
		return;
	w = &session_of(next, task)->websocket;
	EIO__FETCH(w->ws);
	EIO__FETCH(w->below[0]);
	EIO__FETCH(w->below[1]);
}

static void on_flush(struct eio__task *task)
{
	fetch_next(session_of(task, task));
	eio__session_flush_now(session_of(task, task));
}

static void close_late(eio_socket *s)
{
	eio__session_count(s, ENGINEIO_COUNT_CLOSE_TIMEOUT, ENGINEIO_LOG_INFO,
		"client did not come for its close packet");
	eio__session_end(s, (enum eio_reason)s->reason,
		"client did not come for its close packet");
}

static void on_timer(struct eio__timer *timer)
{
	eio_socket *s = session_of(timer, timer);

	if (s->state == EIO__OPEN)
		eio__heartbeat_timeout(s);
	else
		close_late(s);
}

static int make_id(eio_server *srv, char *id)
{
	unsigned char random[EIO__SID_RANDOM];
	int err = eio_loop_random(srv->loop, random, sizeof(random));

	if (err)
		return err;
	eio__sid_make(id, random, srv->counter++);
	return 0;
}

const char *eio__session_key(const void *session)
{
	return ((const eio_socket *)session)->id;
}

/* Enters it where it is looked for and counted. */
static int enter(eio_socket *s, const eio_request *req)
{
	int err = eio__peer_enter(s, eio_request_address(req));

	if (!err)
		err = eio__map_put(&s->srv->sessions, s, strlen(s->id));
	if (err)
		eio__peer_leave(s);
	return err;
}

/* With the texts that are asked for as long as it lives, in one piece: there
 * are as many of these as there are clients. */
static eio_socket *make(const char *id, const eio_request *req)
{
	const char *texts[] = { id, eio_request_address(req),
		eio_request_target(req) };
	size_t at = 0, lens[3], i;
	eio_socket *s;

	for (i = 0; i < 3; i++)
		lens[i] = strlen(texts[i]) + 1;
	s = calloc(1, sizeof(*s) + lens[0] + lens[1] + lens[2]);
	for (i = 0; s && i < 3; i++) {
		memcpy(s->id + at, texts[i], lens[i]);
		at += lens[i];
	}
	return s;
}

eio_socket *eio__session_new(eio_server *srv, eio_request *req, const char *id)
{
	char own[EIO__SID_LEN + 1];
	eio_socket *s;

	if (!id && make_id(srv, own))
		return NULL;
	s = make(id ? id : own, req);
	if (!s)
		return NULL;
	s->refs = 1;
	s->srv = srv;
	if (enter(s, req)) {
		free(s);
		return NULL;
	}
	eio__timer_init(&s->timer, on_timer);
	eio__task_init(&s->task, on_flush);
	eio__list_add_tail(&srv->all, &s->link);
	s->issued = eio_loop_wall(srv->loop);
	s->protocol = eio__protocol_of(req);
	s->request = eio_request_ref(req);
	s->is_secure = req->secure;
	s->certificate = eio__certificate_ref(req->certificate);
	return s;
}

void eio__session_drop(eio_socket *s)
{
	eio__map_del(&s->srv->sessions, s->id, strlen(s->id));
	eio__peer_leave(s);
	eio__list_del(&s->link);
	eio__certificate_unref(s->certificate);
	eio_request_unref(s->request);
	free(s);
}

static void add_number(struct eio__strbuf *out, const char *name, long n)
{
	eio__strbuf_adds(out, ",\"");
	eio__strbuf_adds(out, name);
	eio__strbuf_adds(out, "\":");
	eio__strbuf_addu(out, (uint64_t)n);
}

/* Engine.IO protocol 4, Handshake: sid, upgrades, pingInterval,
 * pingTimeout, maxPayload, in this order. Clients of revision 3 pass over the
 * last. */
static eio_buf *open_packet(eio_socket *s, const char *upgrades)
{
	struct eio__strbuf json;
	eio_buf *buf = NULL;

	eio__strbuf_init(&json, 0);
	eio__strbuf_adds(&json, "{\"sid\":\"");
	eio__strbuf_adds(&json, s->id);
	eio__strbuf_adds(&json, "\",\"upgrades\":[");
	eio__strbuf_adds(&json, upgrades);
	eio__strbuf_addc(&json, ']');
	add_number(&json, "pingInterval",
		eio__session_option(s, ENGINEIO_PING_INTERVAL));
	add_number(&json, "pingTimeout",
		eio__session_option(s, ENGINEIO_PING_TIMEOUT));
	add_number(&json, "maxPayload",
		eio__session_option(s, ENGINEIO_MAX_PAYLOAD));
	eio__strbuf_addc(&json, '}');
	if (!json.error)
		buf = eio__buf_packet('0', json.data, json.len);
	eio__strbuf_clear(&json);
	return buf;
}

void eio__session_open(eio_socket *s, struct eio__transport *t,
	const char *upgrades)
{
	eio_server *srv = s->srv;
	eio_buf *buf = open_packet(s, upgrades);

	s->transport = t;
	log_state(s, "open");
	s->protocol->start(s);
	eio__session_push(s, buf);
	eio_buf_unref(buf);
	if (srv->initial)
		eio__session_push_message(s, srv->initial);
	if (s->protocol->opens_alone)
		eio__session_flush_now(s);
	if (s->state != EIO__OPEN)
		return; /* no memory: nobody will hear of it */
	s->announced = true;
	srv->own.tallies[ENGINEIO_COUNT_SESSIONS].n++;
	if (srv->on_open)
		srv->on_open(s, srv->open_user);
}

/* -- what comes ---------------------------------------------------------- */

/* While closing, only the client's own goodbye is heard. */
static bool is_heard(const eio_socket *s, const struct eio__packet *packet)
{
	return s->state == EIO__OPEN ||
		(s->state == EIO__CLOSING && packet->type == EIO__PACKET_CLOSE);
}

void eio__session_packet(eio_socket *s, struct eio__packet *packet)
{
	eio_server *srv = s->srv;

	if (!is_heard(s, packet))
		return;
	if (srv->on_packet && !eio__tell_packet(s, packet))
		return;
	switch (packet->type) {
	case EIO__PACKET_PING:
		s->protocol->ping(s);
		eio__tell_heartbeat(s);
		return;
	case EIO__PACKET_PONG:
		s->protocol->pong(s);
		eio__tell_heartbeat(s);
		return;
	case EIO__PACKET_CLOSE:
		/* What it asked before may be answered on its last poll. */
		eio__session_flush_now(s);
		eio__session_end_with(s, ENGINEIO_REASON_TRANSPORT_CLOSE,
			"close packet", srv->noop);
		return;
	case EIO__PACKET_MESSAGE:
		s->protocol->packet(s);
		eio__loop_attend(srv->loop, &s->task);
		if (srv->on_message)
			srv->on_message(s, packet->data, packet->len,
				packet->binary, srv->message_user);
		return;
	case EIO__PACKET_OPEN:
	case EIO__PACKET_UPGRADE:
	case EIO__PACKET_NOOP:
		/* Without a meaning here, as in the official server. */
		s->protocol->packet(s);
		return;
	}
}

/* -- the end ------------------------------------------------------------- */

void eio__session_tell_end(eio_socket *s)
{
	eio_server *srv = s->srv;

	eio__task_cancel(&s->task);
	eio__list_del(&s->link);
	if (srv->on_close && s->announced)
		srv->on_close(s, (enum eio_reason)s->reason,
			s->detail ? s->detail : eio_reason_text(s->reason),
			srv->close_user);
	eio__server_check_done(srv);
	s->srv = NULL;
	eio_socket_unref(s);
}

static void on_closed(struct eio__task *task)
{
	eio__session_tell_end(session_of(task, task));
}

void eio__session_end_with(eio_socket *s, enum eio_reason reason,
	const char *detail, const eio_buf *last)
{
	struct eio__transport *t = s->transport;
	char *text;

	if (s->state == EIO__CLOSED)
		return;
	text = detail ? strdup(detail) : NULL;
	session_move(s, EIO__CLOSED);
	s->reason = (unsigned char)reason;
	eio__map_del(&s->srv->sessions, s->id, strlen(s->id));
	eio__peer_leave(s);
	eio__loop_cancel(s->srv->loop, &s->timer);
	eio__upgrade_abort(s, "session closed");
	eio__pressure_end(s);
	s->transport = NULL;
	if (t)
		t->ops->discard(t, last);
	s->detail = text;
	eio__queue_clear(&s->queue);
	eio__task_cancel(&s->task);
	eio__task_init(&s->task, on_closed);
	eio__loop_defer(s->srv->loop, EIO__WORK, &s->task);
}

void eio__session_end(eio_socket *s, enum eio_reason reason, const char *detail)
{
	if (s->state != EIO__CLOSED)
		eio__session_end_with(s, reason, detail, s->srv->bye);
}

void eio_socket_abort(eio_socket *s, enum eio_reason reason, const char *detail)
{
	if (s)
		eio__session_end(s, reason, detail);
}

/* No longer than a client that says nothing would have lived. */
static uint64_t closing_time(const eio_socket *s)
{
	long limit = eio__session_option(s, ENGINEIO_CLOSE_TIMEOUT);
	long silence = eio__session_option(s, ENGINEIO_PING_INTERVAL) +
		eio__session_option(s, ENGINEIO_PING_TIMEOUT);

	return (uint64_t)(limit < silence ? limit : silence);
}

void eio__session_close(eio_socket *s, enum eio_reason reason)
{
	if (s->state != EIO__OPEN)
		return;
	session_move(s, EIO__CLOSING);
	s->reason = (unsigned char)reason;
	eio__loop_start(s->srv->loop, &s->timer, closing_time(s));
	if (!s->queue.count)
		s->transport->ops->finish(s->transport);
}

void eio__session_finish(eio_socket *s)
{
	eio__session_end(s, (enum eio_reason)s->reason, NULL);
}

void eio_socket_close(eio_socket *s)
{
	if (s)
		eio__session_close(s, ENGINEIO_REASON_FORCED_CLOSE);
}

eio_socket *eio_socket_ref(eio_socket *s)
{
	if (s)
		s->refs++;
	return s;
}

void eio_socket_unref(eio_socket *s)
{
	if (!s || --s->refs)
		return;
	eio_request_unref(s->request);
	free(s->pressure);
	eio__certificate_unref(s->certificate);
	if (s->state == EIO__CLOSED)
		free(s->detail);
	free(s);
}
