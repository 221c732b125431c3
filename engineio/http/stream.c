/* SPDX-License-Identifier: MIT */
/*
 * stream.c: answers whose body comes bit by bit, and whose end is not known
 * when they begin.
 *
 * How the pieces reach the peer is the exchange's business. Always true: a
 * body that was not ended does not look whole.
 */
#include <config.h>

#include <engineio/http/request.h>

#include <stdlib.h>

struct eio__drain {
	void (*fn)(eio_request *req, void *user);
	void *user;
	bool due; /* more than QUEUE_LOW waits, or did in this turn */
};

static bool has_no_body(const eio_request *req)
{
	return eio__request_is(req, "HEAD");
}

/* The end of an answer to HEAD, which is its head. */
struct early_end {
	struct eio__task task;
	eio_request *req; /* a reference */
};

static void on_early_end(struct eio__task *task)
{
	struct early_end *early = eio__list_entry(task, struct early_end, task);
	eio_request *req = early->req;
	void (*gone)(eio_request * req, void *user) = req->gone;

	free(early);
	if (eio_request_end(req) == 0 && gone)
		gone(req, req->gone_user);
	eio_request_unref(req);
}

/* Whoever writes a stream until its client has gone need not know that there
 * are requests without one. */
static int end_early(eio_request *req)
{
	struct early_end *early = malloc(sizeof(*early));

	if (!early)
		return ENGINEIO_ERR_NOMEM;
	eio__task_init(&early->task, on_early_end);
	early->req = eio_request_ref(req);
	eio__loop_defer(req->http->loop, EIO__FLUSH, &early->task);
	return 0;
}

static int begin_error(const eio_request *req, int status, const char *type)
{
	if (!req || status < 200 || status > 599 || status == 204 ||
		status == 304 || (type && !eio__is_field_value(type)))
		return ENGINEIO_ERR_INVALID;
	if (req->answered)
		return ENGINEIO_ERR_STATE;
	return req->exchange ? 0 : ENGINEIO_ERR_CLOSED;
}

int eio_request_begin(eio_request *req, int status, const char *type)
{
	struct eio__exchange *x;
	struct eio__strbuf *out;
	int err = begin_error(req, status, type);

	if (err)
		return err;
	x = req->exchange;
	req->streaming = true;
	out = eio__reply_head(req, status, type, EIO__LENGTH_UNKNOWN);
	err = out->error;
	eio__request_settle(req);
	x->ops->begun(x);
	if (has_no_body(req))
		return end_early(req);
	if (req->http->closing)
		eio__http_end_streams_later(req->http);
	return err;
}

/* A reader that is too slow is given up when the turn ends, so that nobody is
 * called back from here. */
static int give_up(eio_request *req, enum eio_counter limit)
{
	eio__http_count(req->http, limit, ENGINEIO_LOG_WARN,
		"http: stream closed: too much waits for its client (%s)",
		eio_counter_name(limit));
	req->exchange->ops->give_up(req->exchange);
	return ENGINEIO_ERR_FULL;
}

int eio_request_write(eio_request *req, const void *data, size_t len)
{
	struct eio__exchange *x;
	size_t waits;
	int err;

	if (!req || (!data && len))
		return ENGINEIO_ERR_INVALID;
	if (!req->streaming || !req->exchange)
		return req->answered ? ENGINEIO_ERR_CLOSED : ENGINEIO_ERR_STATE;
	if (!len || has_no_body(req))
		return 0;
	x = req->exchange;
	waits = x->ops->waiting(x);
	if (waits && waits + len > req->http->limits.queue_bytes)
		return give_up(req, ENGINEIO_COUNT_QUEUE_BYTES);
	if (!eio__reply_has_room(req, waits + len))
		return give_up(req, ENGINEIO_COUNT_HTTP2_BYTES);
	err = x->ops->piece(x, data, len);
	if (req->drain && x->ops->waiting(x) > req->http->limits.queue_low)
		req->drain->due = true;
	return err;
}

size_t eio_request_waiting(const eio_request *req)
{
	const struct eio__exchange *x = req ? req->exchange : NULL;

	return x && req->streaming ? x->ops->waiting(x) : 0;
}

int eio_request_on_drain(eio_request *req,
	void (*fn)(eio_request *req, void *user), void *user)
{
	if (!req)
		return ENGINEIO_ERR_INVALID;
	if (!req->exchange)
		return ENGINEIO_ERR_CLOSED;
	if (!fn) {
		free(req->drain);
		req->drain = NULL;
		return 0;
	}
	if (!req->drain)
		req->drain = calloc(1, sizeof(*req->drain));
	if (!req->drain)
		return ENGINEIO_ERR_NOMEM;
	req->drain->fn = fn;
	req->drain->user = user;
	return 0;
}

void eio__stream_left(eio_request *req)
{
	struct eio__drain *d = req->drain;

	if (!d || !d->due || !req->streaming || !req->exchange ||
		req->exchange->ops->waiting(req->exchange) >
			req->http->limits.queue_low)
		return;
	d->due = false;
	eio_request_ref(req);
	d->fn(req, d->user);
	eio_request_unref(req);
}

int eio_request_end(eio_request *req)
{
	if (!req)
		return ENGINEIO_ERR_INVALID;
	if (!req->streaming || !req->exchange)
		return req->answered ? ENGINEIO_ERR_CLOSED : ENGINEIO_ERR_STATE;
	req->streaming = false;
	req->exchange->ops->last(req->exchange);
	eio__reply_done(req);
	return 0;
}

int eio_request_on_gone(eio_request *req,
	void (*fn)(eio_request *req, void *user), void *user)
{
	if (!req)
		return ENGINEIO_ERR_INVALID;
	if (!req->exchange)
		return ENGINEIO_ERR_CLOSED;
	req->gone = fn;
	req->gone_user = user;
	return 0;
}

void eio__stream_abandon(eio_request *req)
{
	req->streaming = false;
	req->gone = NULL;
	eio__request_settle(req);
	req->exchange->ops->abandon(req->exchange);
}
