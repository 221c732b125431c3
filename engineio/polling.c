/* SPDX-License-Identifier: MIT */
/*
 * polling.c: long-polling as a transport (Engine.IO protocol 4, HTTP
 * long-polling).
 *
 * What an answer looks like is left to protocol.h and, for JSONP, to jsonp.h;
 * polling_read.c takes the packets out of what a POST brings.
 * Always true: at most one GET and one POST of a session are unanswered; a
 * GET is answered only when there is something to say, with the whole
 * queue at once.
 */
#include <config.h>

#include <engineio/engine.h>

#include <engineio/http/http1.h>
#include <engineio/jsonp.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Memory of a payload up to here is kept for the next. */
#define SPARE_MAX 4096

struct polling {
	struct eio__transport base;
	eio_socket *s;
	eio_request *get, *post; /* with a reference each, or NULL */
	char *jsonp;    /* NULL, or what an answer's script begins with */
	bool finishing; /* the next GET is answered with noop and close */
};

#define polling_of(t) ((struct polling *)(t))

/* Takes the request out of its place; the caller gets the reference. */
static eio_request *take(eio_request **place)
{
	eio_request *req = *place;

	*place = NULL;
	return req;
}

/* -- answers ------------------------------------------------------------- */

static void respond_empty(eio_request *req, int status)
{
	eio_request_respond(req, status, NULL, NULL, 0);
}

/* There was no memory for what should have been said, nor are the headers
 * true that were meant for it, such as a new session's cookie. */
static void respond_lost(eio_request *req)
{
	eio__reply_forget(req);
	respond_empty(req, 500);
}

/* An old Internet Explorer takes an answer for a page and "mends" it. */
static void calm_old_browsers(eio_request *req)
{
	const char *agent = eio_request_header(req, "user-agent");

	if (agent && (strstr(agent, ";MSIE") || strstr(agent, "Trident/")))
		eio__reply_default(req, "X-XSS-Protection", "0");
}

static const char *type_of(bool octets)
{
	return octets ? "application/octet-stream"
		      : "text/plain; charset=UTF-8";
}

static void respond_payload(struct polling *p, eio_request *req,
	struct eio__strbuf *body, bool octets, bool compress)
{
	struct eio__strbuf small;
	const struct eio__strbuf *what = body;

	eio__strbuf_init(&small, 0);
	eio__reply_no_store(req);
	calm_old_browsers(req);
	if (compress && eio__polling_compress(p->s, req, body, &small))
		what = &small;
	eio_request_respond(req, 200, type_of(octets), what->data, what->len);
	eio__strbuf_clear(&small);
}

/* What was gathered becomes a script, for who asked for one. */
static int dress(const struct polling *p, struct eio__strbuf *body)
{
	struct eio__strbuf script;

	if (!p->jsonp || body->error)
		return body->error;
	eio__strbuf_init(&script, 0);
	eio__jsonp_wrap(&script, p->jsonp, body->data, body->len);
	eio__strbuf_clear(body);
	*body = script;
	return body->error;
}

/* Answers the waiting GET with these packets of our own, which are not worth
 * compressing. */
static void answer(struct polling *p, const eio_buf *first,
	const eio_buf *second)
{
	const struct eio__protocol *protocol = p->s->protocol;
	eio_request *req = take(&p->get);
	struct eio__strbuf body;

	eio__strbuf_init(&body, 0);
	protocol->add(&body, first, false);
	if (second)
		protocol->add(&body, second, false);
	if (dress(p, &body))
		respond_lost(req);
	else
		respond_payload(p, req, &body, false, false);
	eio__strbuf_clear(&body);
	eio_request_unref(req);
}

/* Whether the whole queue as one payload is one of octets. */
static bool wants_octets(const eio_socket *s)
{
	const struct eio__queue *q = &s->queue;
	unsigned i;

	if (!s->protocol->answers_octets)
		return false;
	for (i = 0; i < q->count; i++)
		if (eio__queue_at(q, i)->binary)
			return true;
	return false;
}

/* Whether one of the packets may be compressed. */
static bool may_compress(const struct eio__queue *q)
{
	unsigned i;

	for (i = 0; i < q->count; i++)
		if (!eio__queue_at(q, i)->plain)
			return true;
	return false;
}

/* The whole queue as one payload. */
static int gather(const struct polling *p, struct eio__strbuf *body,
	bool octets)
{
	const eio_socket *s = p->s;
	unsigned i;

	for (i = 0; i < s->queue.count && !body->error; i++)
		s->protocol->add(body, eio__queue_at(&s->queue, i), octets);
	return dress(p, body);
}

static void sent(eio_socket *s, unsigned packets, size_t bytes)
{
	eio_socket_ref(s);
	eio__tell_flush(s, packets, bytes);
	if (s->state != EIO__CLOSED)
		eio__session_drained(s);
	eio_socket_unref(s);
}

/* What cannot be answered yet waits in the queue, where it is counted. */
static bool is_writable(const struct eio__transport *t)
{
	const struct polling *p = polling_of(t);

	return p->get && eio__reply_has_room(p->get, p->s->queue.bytes);
}

/* What many clients wait for: one payload for all of them. False: it is not
 * worth that. */
static bool flush_shared(struct polling *p)
{
	eio_socket *s = p->s;
	bool octets = wants_octets(s);
	eio_buf *payload;
	eio_request *req;
	size_t bytes;

	if (!eio__polling_share(s, p->get, octets, &payload))
		return false;
	if (!payload) {
		eio__session_end(s, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
		return true;
	}
	req = take(&p->get);
	req->at_once = eio__loop_may_write(s->srv->loop);
	eio__reply_no_store(req);
	calm_old_browsers(req);
	eio__reply_share(req, type_of(octets), payload);
	eio_request_unref(req);
	bytes = payload->len;
	eio_buf_unref(payload);
	eio__queue_clear(&s->queue);
	sent(s, 1, bytes);
	return true;
}

static void flush(struct eio__transport *t)
{
	struct polling *p = polling_of(t);
	eio_socket *s = p->s;
	struct eio__strbuf *spare = &s->srv->own.spare_body, body;
	bool octets = wants_octets(s);
	unsigned packets = s->queue.count;
	eio_request *req;
	size_t bytes;

	if (!is_writable(t))
		return;
	if (eio__polling_may_share(&s->queue) && !p->jsonp && flush_shared(p))
		return;
	eio__strbuf_init(&body, 0);
	eio__strbuf_borrow(&body, spare);
	if (gather(p, &body, octets)) {
		eio__strbuf_clear(&body);
		eio__session_end(s, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
		return;
	}
	req = take(&p->get);
	req->at_once = eio__loop_may_write(s->srv->loop);
	respond_payload(p, req, &body, octets, may_compress(&s->queue));
	eio_request_unref(req);
	bytes = body.len;
	eio__strbuf_give_back(&body, spare, SPARE_MAX);
	eio__queue_clear(&s->queue);
	sent(s, packets, bytes);
}

void eio__polling_noop(struct eio__transport *t)
{
	struct polling *p = polling_of(t);

	if (p->get && !p->s->queue.count)
		answer(p, p->s->srv->noop, NULL);
}

/* An orderly close: a waiting GET gets the close packet; without one, the
 * next does, together with a noop. A server that is closing gets no next
 * one, but maybe the "5" of an upgrade. */
static void finish(struct eio__transport *t)
{
	struct polling *p = polling_of(t);
	bool last = p->s->srv->closing && !eio__upgrade_is_probed(p->s);

	if (p->get || last)
		eio__session_finish(p->s);
	else
		p->finishing = true;
}

static void discard(struct eio__transport *t, const eio_buf *last)
{
	struct polling *p = polling_of(t);
	eio_request *post = take(&p->post);

	if (p->get && last)
		answer(p, last, NULL);
	if (p->get)
		eio_request_unref(take(&p->get));
	/* A body that is still coming is not waited for; a complete one is
	 * being handled, and is answered by on_post_body(). */
	if (post && post->exchange && !post->complete)
		post->exchange->ops->drop(post->exchange, "session closed");
	if (post) {
		post->user = NULL;
		eio_request_unref(post);
	}
	free(p->jsonp);
	free(p);
}

static const struct eio__transport_ops ops = {
	.name = "polling",
	.is_writable = is_writable,
	.flush = flush,
	.finish = finish,
	.discard = discard,
};

bool eio__is_polling(const struct eio__transport *t)
{
	return t && t->ops == &ops;
}

struct eio__transport *eio__polling_new(eio_socket *s)
{
	struct polling *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->base.ops = &ops;
	p->s = s;
	return &p->base;
}

int eio__polling_use_jsonp(struct eio__transport *t, const char *index)
{
	struct polling *p = polling_of(t);

	p->jsonp = eio__jsonp_head(index);
	if (!p->jsonp)
		return ENGINEIO_ERR_NOMEM;
	/* A script has no bytes. */
	eio__session_set_base64(p->s, true);
	return 0;
}

/* -- GET ----------------------------------------------------------------- */

static void on_get_gone(eio_request *req, const char *why)
{
	struct polling *p = req->user;

	if (p->get != req)
		return;
	eio_request_unref(take(&p->get));
	eio__session_end(p->s, ENGINEIO_REASON_TRANSPORT_ERROR,
		"poll connection closed prematurely");
}

static void on_get_refused(eio_request *req, int status)
{
	on_get_gone(req, NULL);
}

static void on_get_room(eio_request *req)
{
	struct polling *p = req->user;

	if (p->get == req && p->s->queue.count)
		eio__session_dirty(p->s);
}

/* A GET's body has no meaning; the answer comes when there is one. */
static const struct eio__taker get_taker = {
	.on_refused = on_get_refused,
	.on_gone = on_get_gone,
	.on_room = on_get_room,
};

static void on_get(struct polling *p, eio_request *req)
{
	eio_socket *s = p->s;

	if (p->get) {
		respond_empty(req, 400);
		eio__session_end(s, ENGINEIO_REASON_TRANSPORT_ERROR,
			"overlap from client");
		return;
	}
	p->get = eio_request_ref(req);
	eio__request_take(req, &get_taker, p,
		(size_t)eio__session_option(s, ENGINEIO_MAX_PAYLOAD));
	if (p->finishing) {
		answer(p, s->srv->noop, s->srv->bye);
		eio__session_finish(s);
	} else if (s->queue.count) {
		eio__session_dirty(s);
	}
}

/* -- POST ---------------------------------------------------------------- */

/* It says only that the packets have come, as TCP does for a WebSocket: what
 * they bring about need not be settled first. */
static void respond_ok(eio_request *req)
{
	req->at_once = true;
	calm_old_browsers(req);
	eio__reply_no_store(req);
	eio_request_respond(req, 200, "text/html", "ok", 2);
}

/* A payload that could not be read ends the session. What was good before
 * the bad packet has been handled, and its answers still leave on the poll
 * that waits. */
static void end_for(eio_socket *s, int err)
{
	if (err == ENGINEIO_ERR_INVALID) {
		eio__session_flush_now(s);
		eio__session_count(s, ENGINEIO_COUNT_BAD_PACKET,
			ENGINEIO_LOG_WARN, "undecodable packet");
		eio__session_end(s, ENGINEIO_REASON_PARSE_ERROR,
			"undecodable packet");
	} else if (err) {
		eio__session_end(s, ENGINEIO_REASON_FORCED_CLOSE,
			"out of memory");
	}
}

static void on_post_body(eio_request *req, char *data, size_t len)
{
	struct polling *p = req->user;
	eio_socket *s = eio_socket_ref(p->s);
	int err = eio__post_read(s, req, p->jsonp != NULL, data, len);

	/* The transport is gone if a packet ended the session. */
	if (req->user) {
		eio_request_unref(take(&p->post));
		req->user = NULL;
	}
	end_for(s, err);
	if (!err)
		respond_ok(req);
	else
		respond_empty(req, err == ENGINEIO_ERR_INVALID ? 400 : 500);
	eio_socket_unref(s);
}

static void on_post_gone(eio_request *req, const char *why)
{
	struct polling *p = req->user;

	if (!p || p->post != req)
		return;
	eio_request_unref(take(&p->post));
	eio__session_end(p->s, ENGINEIO_REASON_TRANSPORT_ERROR,
		"data request connection closed prematurely");
}

static void on_post_refused(eio_request *req, int status)
{
	struct polling *p = req->user;

	if (!p || p->post != req)
		return;
	/* Too large a body costs the client that request only. */
	if (status != 413) {
		on_post_gone(req, NULL);
		return;
	}
	/* It was counted, with a line that peers cannot repeat at will. */
	eio_server_log(p->s->srv, ENGINEIO_LOG_DEBUG,
		"session %.8s: POST refused: larger than %ld bytes "
		"(MAX_PAYLOAD)",
		p->s->id, eio__session_option(p->s, ENGINEIO_MAX_PAYLOAD));
	eio_request_unref(take(&p->post));
}

static void on_post_progress(eio_request *req)
{
	struct polling *p = req->user;

	if (p && p->post == req)
		eio__heartbeat_bytes(p->s);
}

static const struct eio__taker post_taker = {
	.on_body = on_post_body,
	.on_progress = on_post_progress,
	.on_refused = on_post_refused,
	.on_gone = on_post_gone,
};

static void post_overlap(struct polling *p, eio_request *req)
{
	respond_empty(req, 400);
	eio__session_end(p->s, ENGINEIO_REASON_TRANSPORT_ERROR,
		"data request overlap from client");
}

static void on_post(struct polling *p, eio_request *req)
{
	eio_socket *s = p->s;

	if (p->post) {
		post_overlap(p, req);
	} else if (eio__post_has_octets(req) && !s->protocol->next_octets) {
		/* Engine.IO 3's binary payloads; without an answer it was
		 * CVE-2026-59725. */
		respond_empty(req, 400);
		eio__session_end(s, ENGINEIO_REASON_TRANSPORT_ERROR,
			"invalid content");
	} else {
		p->post = eio_request_ref(req);
		eio__request_take(req, &post_taker, p,
			(size_t)eio__session_option(s, ENGINEIO_MAX_PAYLOAD));
	}
}

void eio__polling_request(struct eio__transport *t, eio_request *req)
{
	struct polling *p = polling_of(t);

	eio__http1_ahead(req->exchange, p->s, p->s->data);
	if (eio__request_is(req, "GET"))
		on_get(p, req);
	else if (eio__request_is(req, "POST"))
		on_post(p, req);
	else
		respond_empty(req, 500);
}
