/* SPDX-License-Identifier: MIT */
/*
 * reply.c: answers: status line, headers, body.
 *
 * Always true: an answer has exactly one Content-Length, or none where RFC
 * 9110 forbids it. What others want in its head is in reply_headers.c.
 */
#include <config.h>

#include <engineio/http/files.h>
#include <engineio/http/http1.h>

#include <string.h>
#include <strings.h>

/* Room for most heads, in one piece. */
#define HEAD_BYTES 511

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

static bool has_no_length(int status)
{
	return status == 204 || status == 304 || status < 200;
}

static void add_line(struct eio__strbuf *out, const char *name,
	const char *value)
{
	eio__strbuf_adds(out, name);
	eio__strbuf_adds(out, value);
	eio__strbuf_adds(out, "\r\n");
}

static void add_status(struct eio__strbuf *out, int status)
{
	eio__strbuf_adds(out, "HTTP/1.1 ");
	eio__strbuf_addu(out, (uint64_t)status);
	eio__strbuf_addc(out, ' ');
	add_line(out, eio__reply_phrase(status), "");
}

static void add_connection(eio_request *req, struct eio__strbuf *out)
{
	struct eio__http *http = req->http;

	if (!req->keep_alive || http->closing) {
		eio__strbuf_adds(out, "Connection: close\r\n");
		return;
	}
	eio__strbuf_adds(out,
		"Connection: keep-alive\r\n"
		"Keep-Alive: timeout=");
	eio__strbuf_addu(out, http->limits.keep_alive_timeout / 1000);
	eio__strbuf_adds(out, "\r\n");
}

/* A line that memory was missing for would be torn, or its loss change what
 * the answer means: then there is none at all. */
static void add_extra(eio_request *req, struct eio__strbuf *out)
{
	if (req->extra.error)
		out->error = req->extra.error;
	else if (req->extra.len)
		eio__strbuf_add(out, req->extra.data, req->extra.len);
}

struct eio__strbuf *eio__reply_head(eio_request *req, int status,
	const char *type, uint64_t len)
{
	struct eio__strbuf *out;

	if (req->answered || !req->conn)
		return NULL;
	req->answered = true;
	out = eio__conn_out(req->conn);
	eio__strbuf_reserve(out, HEAD_BYTES);
	add_status(out, status);
	add_extra(req, out);
	if (type && !eio__reply_has(req, "Content-Type"))
		add_line(out, "Content-Type: ", type);
	if (len == EIO__LENGTH_UNKNOWN) {
		if (req->http11)
			add_line(out, "Transfer-Encoding: ", "chunked");
	} else if (!has_no_length(status)) {
		eio__strbuf_adds(out, "Content-Length: ");
		eio__strbuf_addu(out, len);
		eio__strbuf_adds(out, "\r\n");
	}
	add_line(out, "Date: ", eio__http_date(req->http));
	add_connection(req, out);
	eio__strbuf_adds(out, "\r\n");
	return out;
}

void eio__reply_done(eio_request *req)
{
	struct eio__conn *conn = req->conn;

	req->gone = NULL;
	eio__conn_dirty(conn);
	eio__request_settle(req);
	if (conn->state <= EIO__CONN_ENDING && conn->h1)
		eio__http1_answered(conn);
}

static int why_not(const eio_request *req)
{
	if (!req)
		return ENGINEIO_ERR_INVALID;
	if (req->answered)
		return ENGINEIO_ERR_STATE;
	return req->conn ? 0 : ENGINEIO_ERR_CLOSED;
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
	out = eio__reply_head(req, status, type, len);
	if (len && !has_no_length(status) && !eio__request_is(req, "HEAD"))
		eio__strbuf_add(out, body, len);
	err = out->error;
	eio__reply_done(req);
	return err;
}

static void send_file(eio_request *req, int status, const char *type,
	struct eio__file *file)
{
	struct eio__conn *conn = req->conn;

	eio__reply_head(req, status, type, eio__file_left(file));
	if (eio__request_is(req, "HEAD") || has_no_length(status))
		eio__file_free(file);
	else
		eio__conn_send_file(conn, file);
	eio__reply_done(req);
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

int eio__reply_switch(eio_request *req, const char *lines)
{
	struct eio__strbuf *out;
	int err;

	if (req->answered || !req->conn)
		return ENGINEIO_ERR_CLOSED;
	req->answered = true;
	out = eio__conn_out(req->conn);
	add_status(out, 101);
	eio__strbuf_adds(out, lines);
	add_extra(req, out);
	eio__strbuf_adds(out, "\r\n");
	err = out->error;
	eio__conn_dirty(req->conn);
	eio__request_settle(req);
	return err;
}

void eio__reply_error(struct eio__conn *conn, int status)
{
	struct eio__strbuf *out = eio__conn_out(conn);

	add_status(out, status);
	add_line(out, "Date: ", eio__http_date(conn->http));
	eio__strbuf_adds(out,
		"Connection: close\r\n"
		"Content-Length: 0\r\n\r\n");
	eio__conn_dirty(conn);
}
