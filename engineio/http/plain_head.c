/* SPDX-License-Identifier: MIT */
/*
 * plain_head.c: a plain head, cut up eight bytes at a time.
 *
 * Nearly every head lies in one piece of input and is GET or POST, a path,
 * "HTTP/1.1" and lines of a name, a colon and a value. Such a one needs no
 * parser, which looks at each byte. Whatever else there is, and whatever is
 * wrong, is left to the parser (head.c), from the first byte on.
 *
 * Always true: what is taken here the parser takes as well, and makes the same
 * of it. The tests of test_eio_http1.c and fuzz_http1.c send whole what they
 * also send in pieces, and pieces are the parser's.
 */
#include <config.h>

#include <engineio/http/head.h>

#include <engineio/base/word.h>
#include <engineio/http/draft.h>

#include <string.h>

/* Longer ones are the parser's, which has a limit of its own. */
#define PLAIN_MAX 65536

/* What is left of the input. */
struct rest {
	const char *p, *end;
};

static size_t at_most(size_t n, size_t max, size_t other)
{
	if (n > max)
		n = max;
	return n < other ? n : other;
}

static bool skip(struct rest *r, const char *text, size_t n)
{
	if ((size_t)(r->end - r->p) < n || memcmp(r->p, text, n) != 0)
		return false;
	r->p += n;
	return true;
}

/* What is before the next byte below `limit`, or DEL. */
static size_t take_until(struct rest *r, unsigned char limit)
{
	size_t left = (size_t)(r->end - r->p);
	size_t n = eio__word_find_below(r->p, 0, left, limit);

	r->p += n;
	return n;
}

static const char *take_method(struct rest *r)
{
	if (skip(r, "GET ", 4))
		return "GET";
	return skip(r, "POST ", 5) ? "POST" : NULL;
}

/* Of a target that is not a path the parser makes what it is. */
static bool take_target(struct rest *r, eio_request *req)
{
	const char *target = r->p;
	size_t n;

	if (r->p == r->end || *target != '/')
		return false;
	n = take_until(r, ' ' + 1);
	return n <= req->http->limits.max_target && !memchr(target, '#', n) &&
		!eio__draft_put(req, target, n);
}

static bool take_name(struct rest *r, eio_request *req)
{
	const char *name = r->p;

	while (r->p < r->end && eio__is_token_byte(*r->p))
		r->p++;
	return r->p > name && !eio__draft_begin_header(req) &&
		!eio__draft_put(req, name, (size_t)(r->p - name)) &&
		skip(r, ":", 1);
}

/* A tab is taken for the end here, so that values with one are not plain. */
static bool take_value(struct rest *r, eio_request *req)
{
	const char *value;
	size_t n;

	while (r->p < r->end && *r->p == ' ')
		r->p++;
	value = r->p;
	n = take_until(r, ' ');
	while (n && value[n - 1] == ' ')
		n--;
	eio__draft_begin_value(req);
	return !eio__draft_put(req, value, n) && skip(r, "\r\n", 2);
}

static bool take_head(struct rest *r, eio_request *req)
{
	if (!take_target(r, req) || !skip(r, " HTTP/1.1\r\n", 11))
		return false;
	while (!skip(r, "\r\n", 2))
		if (!take_name(r, req) || !take_value(r, req))
			return false;
	return true;
}

size_t eio__plain_head(struct eio__conn *conn, struct eio__exchange *x,
	eio_request **req, const char *data, size_t len)
{
	size_t max = conn->http->limits.max_header;
	struct rest r = { data, data + at_most(len, max, PLAIN_MAX) };
	const char *method = take_method(&r);
	eio_request *draft = method ? eio__draft_new(conn, x) : NULL;

	if (!draft)
		return 0;
	draft->method = method;
	draft->http11 = true;
	if (!take_head(&r, draft)) {
		eio_request_unref(draft);
		return 0;
	}
	*req = draft;
	return (size_t)(r.p - data);
}
