/* SPDX-License-Identifier: MIT */
/*
 * http1_body.c: the body of a request of HTTP/1.1, of a known length or in
 * chunks, which chunked.c takes apart.
 *
 * What becomes of the request when all of it is there, or something is wrong
 * with it, is the business of http1.c.
 *
 * Always true: no more than max_body is kept, and nothing that nobody wants.
 */
#include <config.h>

#include <engineio/http/http1_state.h>

/* A body that nobody wants is read up to here, to keep the connection. */
#define DISCARD_MAX 262144
/* A body's time limit starts anew for each of these. */
#define BODY_STEP 65536

bool eio__http1_has_enough(const struct eio__http1 *h1)
{
	const eio_request *req = h1->req;

	if (eio__request_wants_body(req))
		return false;
	return (req->answered && !req->keep_alive) || h1->seen > DISCARD_MAX;
}

/* Counts, and keeps what is wanted; 0 or a status. */
static int add_body(struct eio__http1 *h1, char *p, size_t n)
{
	eio_request *req = h1->req;
	uint64_t before = h1->seen;

	h1->seen += n;
	if (before / BODY_STEP != h1->seen / BODY_STEP)
		eio__conn_limit(h1->conn, EIO__LIMIT_BODY,
			h1->conn->http->limits.body_timeout);
	if (!eio__request_wants_body(req))
		return 0;
	if (h1->seen > req->max_body)
		return 413;
	/* A body in one piece of input is not copied. */
	if (!req->chunked && n == req->length) {
		req->whole = p;
		req->whole_len = n;
		return 0;
	}
	return eio__strbuf_add(&req->body, p, n) ? 500 : 0;
}

static size_t take_length(struct eio__http1 *h1, char *data, size_t len,
	bool *complete, int *status)
{
	uint64_t left = h1->req->length - h1->seen;
	size_t n = len < left ? len : (size_t)left;

	*status = add_body(h1, data, n);
	*complete = n == left;
	return n;
}

static size_t take_chunks(struct eio__http1 *h1, char *data, size_t len,
	bool *complete, int *status)
{
	enum eio__chunked_result result;
	size_t left = len, n;
	char *piece;

	*status = 0;
	do {
		result = eio__chunked_next(&h1->chunked, &data, &left, &piece,
			&n);
		if (result == EIO__CHUNKED_DATA)
			*status = add_body(h1, piece, n);
	} while (result == EIO__CHUNKED_DATA && !*status);
	*complete = result == EIO__CHUNKED_END;
	if (result == EIO__CHUNKED_BAD)
		*status = 400;
	else if (result == EIO__CHUNKED_TOO_LONG)
		*status = 431;
	return len - left;
}

size_t eio__http1_read_body(struct eio__http1 *h1, char *data, size_t len,
	bool *complete, int *status)
{
	if (h1->req->chunked)
		return take_chunks(h1, data, len, complete, status);
	return take_length(h1, data, len, complete, status);
}
