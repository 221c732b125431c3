/* SPDX-License-Identifier: MIT */
/*
 * reply.c: answers: status and body.
 *
 * What others want in an answer's head is in reply_headers.c; how it reaches
 * the peer is its exchange's business. Always true: a request is answered
 * once.
 */
#include <config.h>

#include <engineio/http/files.h>
#include <engineio/http/request.h>

/* Fewer bytes are sooner copied than shared. */
#define SHARE_MIN 65536

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 101, "Switching Protocols" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Payload Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 426, "Upgrade Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

const char *eio__reply_phrase(int status)
{
	size_t i;

	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}

bool eio__reply_has_no_length(int status)
{
	return status == 204 || status == 304 || status < 200;
}

struct eio__strbuf *eio__reply_head(eio_request *req, int status,
	const char *type, uint64_t len)
{
	struct eio__exchange *x = req->exchange;

	if (req->answered || !x)
		return NULL;
	req->answered = true;
	return x->ops->head(x, req, status, type, len);
}

void eio__reply_done(eio_request *req)
{
	struct eio__exchange *x = req->exchange;

	req->gone = NULL;
	eio__request_settle(req);
	x->ops->done(x);
}

bool eio__reply_has_room(const eio_request *req, size_t len)
{
	const struct eio__exchange *x = req->exchange;

	return !x || !x->ops->has_room || x->ops->has_room(x, len);
}

static int why_not(const eio_request *req)
{
	if (!req)
		return ENGINEIO_ERR_INVALID;
	if (req->answered)
		return ENGINEIO_ERR_STATE;
	return req->exchange ? 0 : ENGINEIO_ERR_CLOSED;
}

/* It is not lost silently, and the client may try again. */
static int refuse_answer(eio_request *req)
{
	eio__http_count(req->http, ENGINEIO_COUNT_HTTP2_BYTES,
		ENGINEIO_LOG_WARN,
		"http: 503 in place of an answer: too much waits on its "
		"connection (HTTP2_BYTES)");
	eio__reply_forget(req);
	eio__reply_head(req, 503, NULL, 0);
	eio__reply_done(req);
	return ENGINEIO_ERR_FULL;
}

int eio_request_respond(eio_request *req, int status, const char *type,
	const void *body, size_t len)
{
	struct eio__strbuf *out;
	int err = why_not(req);

	if (err)
		return err;
	if (status < 200 || status > 599 || (!body && len) ||
		(type && !eio__is_field_value(type)))
		return ENGINEIO_ERR_INVALID;
	if (!eio__reply_has_room(req, len))
		return refuse_answer(req);
	out = eio__reply_head(req, status, type, len);
	if (len && !eio__reply_has_no_length(status) &&
		!eio__request_is(req, "HEAD"))
		eio__strbuf_add(out, body, len);
	err = out->error;
	eio__reply_done(req);
	return err;
}

static void send_file(eio_request *req, int status, const char *type,
	struct eio__file *file)
{
	struct eio__exchange *x = req->exchange;

	eio__reply_head(req, status, type, eio__file_left(file));
	if (eio__request_is(req, "HEAD") || eio__reply_has_no_length(status))
		eio__file_free(file);
	else
		x->ops->file(x, file);
	eio__reply_done(req);
}

int eio__reply_share(eio_request *req, const char *type, eio_buf *body)
{
	const struct eio__exchange *x = req->exchange;
	struct eio__file *file = NULL;

	if (x && !x->ops->has_room && !req->answered &&
		body->wire_len >= SHARE_MIN)
		file = eio__file_share(body);
	if (!file)
		return eio_request_respond(req, 200, type, body->wire,
			body->wire_len);
	send_file(req, 200, type, file);
	return 0;
}

static int respond_file(eio_request *req, int status, const char *type,
	const char *name, bool prepared)
{
	struct eio__file *file;
	int err = why_not(req);

	if (err)
		return err;
	if (!name || status < 200 || status > 599 ||
		(type && !eio__is_field_value(type)))
		return ENGINEIO_ERR_INVALID;
	file = prepared ? eio__file_open_prepared(req, name, &err)
			: eio__file_open(name, &err);
	if (!file)
		return err;
	send_file(req, status, type, file);
	return 0;
}

int eio_request_respond_file(eio_request *req, int status, const char *type,
	const char *file)
{
	return respond_file(req, status, type, file, false);
}

int eio_request_respond_prepared(eio_request *req, int status, const char *type,
	const char *file)
{
	return respond_file(req, status, type, file, true);
}
