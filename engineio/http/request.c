/* SPDX-License-Identifier: MIT */
/*
 * request.c: a request: who takes care of it, its body, and its end.
 *
 * draft.c makes it of a head, which request_head.c reads, and reply.c answers
 * it. Always true: a request is answered at most once, and whoever took it
 * hears of exactly one of on_body, on_refused and on_gone, or of on_body and
 * then on_gone when the peer left before the answer.
 */
#include <config.h>

#include <engineio/http/request.h>

#include <engineio/http/draft.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void look_at_tls(eio_request *req, const struct eio__tls *tls)
{
	if (!tls)
		return;
	req->secure = true;
	req->certificate = eio__certificate_ref(eio__tls_peer(tls));
}

void eio__request_init(eio_request *req, struct eio__conn *conn,
	struct eio__exchange *x)
{
	struct eio__net_addr peer;

	memset(req, 0, sizeof(*req));
	req->refs = 1;
	req->exchange = x;
	req->http = conn->http;
	req->method = "";
	eio__strbuf_init(&req->body, 0);
	eio__strbuf_init(&req->extra, 0);
	eio__list_init(&req->asked);
	req->rank = INT_MIN;
	eio__net_peer(conn->nc, &peer);
	memcpy(req->address, peer.text, sizeof(req->address));
	look_at_tls(req, eio__net_tls(conn->nc));
}

eio_request *eio_request_ref(eio_request *req)
{
	if (req)
		req->refs++;
	return req;
}

void eio_request_unref(eio_request *req)
{
	if (!req)
		return;
	/* The connection's own reference is the last but one: nobody is left
	 * who could answer. */
	if (req->refs == 2 && !req->answered && req->exchange &&
		(req->complete || eio__request_is_undecided(req)))
		eio_request_respond(req, 500, NULL, NULL, 0);
	else if (req->refs == 2 && req->streaming && req->exchange)
		eio__stream_abandon(req);
	if (--req->refs)
		return;
	eio__request_forget_texts(req);
	/* It may be in a list still: that of a question nobody can answer. */
	eio__request_forget_question(req);
	free(req->decision_text);
	free(req->drain);
	eio__certificate_unref(req->certificate);
	eio__strbuf_clear(&req->body);
	eio__strbuf_clear(&req->extra);
	if (req->is_draft)
		eio__draft_free(req);
	else
		free(req);
}

void eio__request_settle(eio_request *req)
{
	eio__strbuf_clear(&req->extra);
}

/* -- who takes care of it ------------------------------------------------ */

void eio__request_take(eio_request *req, const struct eio__taker *taker,
	void *user, size_t max_body)
{
	req->taker = taker;
	req->user = user;
	req->max_body = max_body;
}

/* Behind a proxy whose word counts, the client is who it says. */
static void look_behind_proxies(eio_request *req)
{
	const struct eio__trust *trust = &req->http->trust;
	const char *hops, *proto;
	char peer[EIO__ADDRESS_MAX];
	unsigned hop = 0;

	if (eio__trust_is_empty(trust) || !eio__trust_has(trust, req->address))
		return;
	hops = eio_request_header(req, "x-forwarded-for");
	proto = eio_request_header(req, "x-forwarded-proto");
	memcpy(peer, req->address, sizeof(peer));
	if (hops)
		hop = eio__trust_find_client(trust, peer, hops, req->address);
	if (proto)
		req->secure = eio__trust_is_secure(proto, hop);
}

/* Looked for anew each time: a callback may have freed any of them. */
static struct eio__handler *next_handler(const eio_request *req)
{
	struct eio__list *pos;
	struct eio__handler *h;

	eio__list_for_each(pos, &req->http->handlers) {
		h = eio__list_entry(pos, struct eio__handler, link);
		if (h->rank > req->rank ||
			(h->rank == req->rank && h->seq > req->seq))
			return h;
	}
	return NULL;
}

/* Offers it to those behind the last that had it. */
static void offer(eio_request *req)
{
	struct eio__handler *h;
	enum eio__step step = EIO__PASS;

	while (step == EIO__PASS && !req->answered && req->exchange) {
		h = next_handler(req);
		if (!h) {
			eio_request_respond(req, 404, "text/plain", "not found",
				9);
			return;
		}
		req->rank = h->rank;
		req->seq = h->seq;
		step = h->on_head(h, req);
	}
}

void eio__request_dispatch(eio_request *req)
{
	look_behind_proxies(req);
	eio_request_ref(req);
	offer(req);
	eio_request_unref(req);
}

void eio__request_resume(eio_request *req)
{
	eio_request_ref(req);
	if (eio__request_go_on(req) == EIO__PASS)
		offer(req);
	eio_request_unref(req);
}

bool eio__request_wants_body(const eio_request *req)
{
	return !req->answered && req->taker && req->taker->on_body;
}

const char *eio_request_body(const eio_request *req, size_t *len)
{
	const char *data = NULL;
	size_t n = 0;

	if (req && req->complete) {
		data = req->whole ? req->whole : req->body.data;
		n = req->whole ? req->whole_len : req->body.len;
	}
	if (len)
		*len = n;
	return data;
}

int eio__request_keep_body(eio_request *req)
{
	int err = 0;

	if (req->whole)
		err = eio__strbuf_add(&req->body, req->whole, req->whole_len);
	if (!err)
		req->whole = NULL;
	return err;
}

void eio__request_progress(eio_request *req)
{
	if (req->taker && req->taker->on_progress && !req->answered)
		req->taker->on_progress(req);
}

void eio__request_body_done(eio_request *req)
{
	size_t len;
	char *data = (char *)(uintptr_t)eio_request_body(req, &len);

	eio_request_ref(req);
	if (eio__request_wants_body(req))
		req->taker->on_body(req, data, len);
	req->whole = NULL;
	eio_request_unref(req);
}

void eio__request_refuse(eio_request *req, int status)
{
	const struct eio__taker *taker = req->taker;

	req->taker = NULL;
	eio_request_ref(req);
	if (taker && taker->refuse)
		taker->refuse(req, status);
	if (!req->answered)
		eio_request_respond(req, status, NULL, NULL, 0);
	if (taker && taker->on_refused)
		taker->on_refused(req, status);
	eio_request_unref(req);
}

static enum eio_counter limit_of(const eio_request *req, unsigned max_headers,
	int status, bool at_head)
{
	switch (status) {
	case 408:
		return at_head ? ENGINEIO_COUNT_HEADER_TIMEOUT
			       : ENGINEIO_COUNT_BODY_TIMEOUT;
	case 413:
		return ENGINEIO_COUNT_MAX_PAYLOAD;
	case 414:
		return ENGINEIO_COUNT_MAX_TARGET;
	case 431:
		return at_head && req && req->count >= max_headers
			? ENGINEIO_COUNT_MAX_HEADERS
			: ENGINEIO_COUNT_MAX_HEADER;
	default:
		return ENGINEIO_COUNT_BAD_HTTP;
	}
}

void eio__request_count_refusal(struct eio__http *http, const eio_request *req,
	int status, bool at_head)
{
	enum eio_counter limit =
		limit_of(req, http->limits.max_headers, status, at_head);

	eio__http_count(http, limit, ENGINEIO_LOG_WARN,
		"http: bad request answered with %d (%s)", status,
		eio_counter_name(limit));
}

void eio__request_gone(eio_request *req, const char *why)
{
	const struct eio__taker *taker = req->taker;
	void (*gone)(eio_request * req, void *user) = req->gone;

	req->exchange = NULL;
	req->taker = NULL;
	req->gone = NULL;
	eio__request_forget_question(req);
	if (!req->answered && taker && taker->on_gone)
		taker->on_gone(req, why);
	if (gone)
		gone(req, req->gone_user);
	eio__request_settle(req);
}
