/* SPDX-License-Identifier: MIT */
/*
 * http2_head.c: from the header fields of a stream to an eio_request, as head.c
 * makes one of a head in HTTP/1.1.
 *
 * nghttp2 has refused already what RFC 9113 section 8 forbids: fields that
 * belong to a connection, pseudo-header fields twice, missing or late, bytes
 * that no field may have, lengths that are none. Always true: the target comes
 * first in req->head, because all pseudo-header fields come before the others;
 * nothing is added to it after the first thing that is wrong.
 */
#include <config.h>

#include <engineio/http/draft.h>
#include <engineio/http/head.h>
#include <engineio/http/http2_state.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is(nghttp2_vec v, const char *text)
{
	return v.len == strlen(text) && memcmp(v.base, text, v.len) == 0;
}

static int add_target(eio_request *req, nghttp2_vec value)
{
	if (value.len > req->http->limits.max_target)
		return 414;
	return eio__draft_put(req, value.base, value.len);
}

static int add_pseudo(struct eio__http2_stream *s, nghttp2_vec name,
	nghttp2_rcbuf *value)
{
	nghttp2_vec v = nghttp2_rcbuf_get_buf(value);
	const char *method;

	if (is(name, ":path"))
		return add_target(s->req, v);
	if (is(name, ":method")) {
		method = eio__head_method((const char *)v.base, v.len);
		if (method)
			s->req->method = method;
		return method ? 0 : 400;
	}
	if (is(name, ":authority")) {
		nghttp2_rcbuf_incref(value);
		s->authority = value;
	}
	return 0;
}

static int add_field(eio_request *req, nghttp2_vec name, nghttp2_vec value)
{
	int status = 0;

	/* A request without a target ends here as well: CONNECT has none. */
	if (!eio__draft_len(req))
		status = eio__draft_put(req, "*", 1);
	if (!status)
		status = eio__draft_begin_header(req);
	if (!status)
		status = eio__draft_put(req, name.base, name.len);
	if (status)
		return status;
	eio__draft_begin_value(req);
	return eio__draft_put(req, value.base, value.len);
}

void eio__http2_head_add(struct eio__http2_stream *s, nghttp2_rcbuf *name,
	nghttp2_rcbuf *value)
{
	nghttp2_vec n = nghttp2_rcbuf_get_buf(name);

	if (s->status)
		return;
	if (n.base[0] == ':')
		s->status = (short)add_pseudo(s, n, value);
	else
		s->status = (short)add_field(s->req, n,
			nghttp2_rcbuf_get_buf(value));
}

/* RFC 9113 section 8.3.1: :authority is what Host is in HTTP/1.1, and where
 * both are there they say the same. */
static int take_authority(struct eio__http2_stream *s)
{
	static const char name[] = "host";
	const nghttp2_vec n = { (uint8_t *)name, sizeof(name) - 1 };
	const char *host = eio_request_header(s->req, name);
	nghttp2_vec v;

	if (!s->authority)
		return 0;
	v = nghttp2_rcbuf_get_buf(s->authority);
	if (!host)
		return add_field(s->req, n, v);
	return strlen(host) == v.len &&
			strncasecmp(host, (const char *)v.base, v.len) == 0
		? 0
		: 400;
}

/* nghttp2 has checked that it is a number, and that the body is as long. */
static void take_length(eio_request *req)
{
	const char *length = eio_request_header(req, "content-length");

	if (length)
		req->length = strtoull(length, NULL, 10);
}

static int take_expectation(eio_request *req)
{
	const char *expect = eio_request_header(req, "expect");

	req->expects = expect && strcasecmp(expect, "100-continue") == 0;
	return !expect || req->expects ? 0 : 417;
}

int eio__http2_head_check(struct eio__http2_stream *s)
{
	eio_request *req = s->req;
	int status = s->status;

	if (status)
		return status;
	/* It would be a tunnel, or a WebSocket, which is not offered. */
	if (eio__request_is(req, "CONNECT"))
		return 501;
	status = take_authority(s);
	if (status)
		return status;
	if (!eio__draft_tidy(req))
		return 400;
	status = eio__draft_seal(&s->req);
	if (status)
		return status;
	if (!eio__head_host_ok(s->req))
		return 400;
	take_length(s->req);
	return take_expectation(s->req);
}
