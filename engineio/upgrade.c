/* SPDX-License-Identifier: MIT */
/*
 * upgrade.c: from long-polling to WebSocket (Engine.IO protocol 4,
 * Upgrade).
 *
 *   candidate --2probe--> probed --5--> the session's transport
 *        \------ anything else, timeout ------/--> gone; polling goes on
 *
 * Until the "5", polling is the session's transport in every respect.
 * Always true: nothing but probe answers is written to the candidate; a
 * session has at most one.
 */
#include <config.h>

#include <engineio/engine.h>

#include <stdlib.h>
#include <string.h>

struct eio__upgrade {
	eio_socket *s;
	struct eio__ws *ws; /* NULL once it has closed */
	struct eio__timer limit, noop;
	bool base64; /* the candidate is to carry text only */
	bool probed; /* its probe was answered */
};

static void upgrade_free(struct eio__upgrade *u)
{
	eio_loop *loop = u->s->srv->loop;

	eio__loop_cancel(loop, &u->limit);
	eio__loop_cancel(loop, &u->noop);
	u->s->upgrade = NULL;
	free(u);
}

void eio__upgrade_abort(eio_socket *s, const char *why)
{
	struct eio__upgrade *u = s->upgrade;

	if (!u)
		return;
	eio_server_log(s->srv, ENGINEIO_LOG_DEBUG,
		"session %.8s: upgrade given up: %s", s->id, why);
	eio__ws_end(u->ws, 0);
	upgrade_free(u);
}

static void on_limit(struct eio__timer *timer)
{
	struct eio__upgrade *u =
		eio__list_entry(timer, struct eio__upgrade, limit);

	eio__session_count(u->s, ENGINEIO_COUNT_UPGRADE_TIMEOUT,
		ENGINEIO_LOG_INFO, "upgrade not finished in time");
	eio__upgrade_abort(u->s, "time limit (UPGRADE_TIMEOUT)");
}

static void start_noop(struct eio__upgrade *u)
{
	eio__loop_start(u->s->srv->loop, &u->noop,
		(uint64_t)eio__session_option(u->s, ENGINEIO_NOOP_INTERVAL));
}

/* Frees the client from its poll, again and again: a poll that was sent
 * before the probe's answer arrived would hang otherwise. */
static void on_noop(struct eio__timer *timer)
{
	struct eio__upgrade *u =
		eio__list_entry(timer, struct eio__upgrade, noop);

	eio__polling_noop(u->s->transport);
	start_noop(u);
}

static void on_probe(struct eio__upgrade *u)
{
	eio__ws_send_now(u->ws, u->s->srv->probe);
	u->probed = true;
	start_noop(u);
	eio__tell_upgrading(u->s);
}

/* The WebSocket takes over: what was not answered by polling follows on
 * it. */
static void complete(struct eio__upgrade *u)
{
	eio_socket *s = u->s;
	struct eio__transport *old = s->transport;
	struct eio__transport *t;
	bool base64 = u->base64;

	/* What waits when the session is closing leaves first, see
	 * eio_socket_close(). */
	if (s->state == EIO__CLOSING && !s->queue.count) {
		eio__session_finish(s);
		return;
	}
	t = eio__websocket_init(s, u->ws);
	upgrade_free(u);
	s->transport = t;
	old->ops->discard(old, s->srv->bye);
	eio__heartbeat_upgraded(s);
	eio_server_log(s->srv, ENGINEIO_LOG_DEBUG,
		"session %.8s: upgraded to %s", s->id, t->ops->name);
	/* The last steps, because each may end the session. */
	eio__session_set_base64(s, base64);
	eio__tell_upgrade(s);
}

bool eio__upgrade_is_probed(const eio_socket *s)
{
	return s->upgrade && s->upgrade->probed;
}

static void on_message(void *user, char *data, size_t len, bool binary)
{
	struct eio__upgrade *u = user;

	if (!binary && len == 6 && memcmp(data, "2probe", 6) == 0)
		on_probe(u);
	else if (!binary && len && data[0] == '5')
		complete(u);
	else
		eio__upgrade_abort(u->s, "unexpected packet");
}

static void on_progress(void *user)
{
}

static void on_closed(void *user, enum eio__ws_end how, const char *detail)
{
	struct eio__upgrade *u = user;

	u->ws = NULL;
	eio__upgrade_abort(u->s, detail);
}

static const struct eio__ws_ops ops = {
	.on_message = on_message,
	.on_progress = on_progress,
	.on_drained = on_progress,
	.on_closed = on_closed,
};

void eio__upgrade_request(eio_socket *s, eio_request *req)
{
	struct eio_connection_error second = {
		.code = ENGINEIO_CODE_BAD_REQUEST,
		.context = ENGINEIO_CONTEXT_TRANSPORT_HANDSHAKE_ERROR,
		.transport = "websocket",
		.previous_transport = eio_socket_transport(s),
		.sid = s->id,
	};
	struct eio__upgrade *u;

	/* A second WebSocket is refused before it is one; the first goes
	 * on. */
	if (s->upgrade || !eio__is_polling(s->transport)) {
		eio__refuse(s->srv, req, &second);
		return;
	}
	u = calloc(1, sizeof(*u));
	if (!u) {
		eio__ws_refuse(req, 500, "Out of memory");
		return;
	}
	u->s = s;
	u->ws = eio__ws_accept(req,
		(size_t)eio__session_option(s, ENGINEIO_MAX_PAYLOAD),
		s->srv->deflater, &ops, u);
	if (!u->ws) {
		free(u);
		return;
	}
	s->upgrade = u;
	u->base64 = eio__wants_base64(req);
	eio__timer_init(&u->limit, on_limit);
	eio__timer_init(&u->noop, on_noop);
	eio__loop_start(s->srv->loop, &u->limit,
		(uint64_t)eio__session_option(s, ENGINEIO_UPGRADE_TIMEOUT));
}
