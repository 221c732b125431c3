/* SPDX-License-Identifier: MIT */
/*
 * draft.c: a request while its head is gathered.
 *
 * How much room a head needs is known at its end. It is gathered in a draft,
 * which has room for most, and then the request moves into one piece of memory
 * of its own size, with all that belongs to its head: thousands of them may
 * wait for their answers. The draft is kept for the next head, so that heads
 * are always gathered in the same, warm memory.
 *
 * Always true: nobody but its owner knows a draft, and nobody is asked about
 * one.
 */
#include <config.h>

#include <engineio/http/draft.h>

#include <engineio/base/word.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Room for the text of most heads, */
#define HEAD_BYTES 511
/* and how much of it is kept for the next one. */
#define KEEP_MAX 4096
/* So many headers need no memory of their own. */
#define HEADERS_FEW 16

struct eio__draft {
	eio_request req; /* first */
	struct eio__strbuf text;
	unsigned room;
	struct eio__header few[HEADERS_FEW];
};

#define draft_of(req) ((struct eio__draft *)(req))

/* -- gathering ----------------------------------------------------------- */

static struct eio__draft *take_spare(struct eio__http *http)
{
	struct eio__draft *d = http->draft;

	http->draft = NULL;
	if (d)
		return d;
	d = malloc(sizeof(*d));
	if (d)
		eio__strbuf_init(&d->text, 0);
	return d;
}

/* Who wants memory and has none hears of it with the first byte. */
static void make_room(struct eio__strbuf *text, size_t limit)
{
	eio__strbuf_reset(text);
	if (limit && text->cap > limit + 1)
		eio__strbuf_clear(text);
	text->limit = limit;
	if (!text->cap && limit >= HEAD_BYTES)
		eio__strbuf_reserve(text, HEAD_BYTES);
}

eio_request *eio__draft_new(struct eio__conn *conn, struct eio__exchange *x)
{
	struct eio__draft *d = take_spare(conn->http);

	if (!d)
		return NULL;
	eio__request_init(&d->req, conn, x);
	d->req.is_draft = true;
	d->req.headers = d->few;
	d->room = HEADERS_FEW;
	make_room(&d->text, conn->http->limits.max_header);
	return &d->req;
}

static void drop_table(struct eio__draft *d)
{
	if (d->req.headers != d->few)
		free(d->req.headers);
}

void eio__draft_free(eio_request *req)
{
	struct eio__draft *d = draft_of(req);

	if (!d)
		return;
	drop_table(d);
	eio__strbuf_clear(&d->text);
	free(d);
}

void eio__draft_free_spare(struct eio__http *http)
{
	if (http->draft)
		eio__strbuf_clear(&http->draft->text);
	free(http->draft);
	http->draft = NULL;
}

size_t eio__draft_len(const eio_request *req)
{
	return draft_of(req)->text.len;
}

int eio__draft_add(eio_request *req, const void *p, size_t n)
{
	struct eio__strbuf *text = &draft_of(req)->text;
	int err = eio__strbuf_add(text, p, n);

	req->text = text->data;
	if (!err)
		return 0;
	return err == ENGINEIO_ERR_NOMEM ? 500 : 431;
}

int eio__draft_put(eio_request *req, const void *p, size_t n)
{
	struct eio__strbuf *text = &draft_of(req)->text;
	char *at = eio__strbuf_reserve(text, n + 1);

	if (!at)
		return text->error == ENGINEIO_ERR_NOMEM ? 500 : 431;
	memcpy(at, p, n);
	at[n] = at[n + 1] = '\0';
	text->len += n + 1;
	req->text = text->data;
	return 0;
}

static int add_room(struct eio__draft *d)
{
	eio_request *req = &d->req;
	bool first = req->headers == d->few;
	struct eio__header *headers = realloc(first ? NULL : req->headers,
		2 * d->room * sizeof(*headers));

	if (!headers)
		return 500;
	if (first)
		memcpy(headers, d->few, sizeof(d->few));
	req->headers = headers;
	d->room *= 2;
	return 0;
}

int eio__draft_begin_header(eio_request *req)
{
	struct eio__draft *d = draft_of(req);
	struct eio__header *h;

	if (req->count >= req->http->limits.max_headers)
		return 431;
	if (req->count == d->room && add_room(d))
		return 500;
	h = &req->headers[req->count++];
	h->name = h->value = (uint32_t)d->text.len;
	return 0;
}

void eio__draft_begin_value(eio_request *req)
{
	struct eio__header *h = &req->headers[req->count - 1];

	h->value = (uint32_t)draft_of(req)->text.len;
	eio__request_note_length(req, h->value - h->name - 1);
}

/* -- the end of the head ------------------------------------------------- */

/* Whether all of it is ASCII without controls and blanks. */
static bool is_visible(const char *s)
{
	uint64_t word, marks = 0;
	size_t n;

	for (n = strlen(s); n >= 8; n -= 8, s += 8) {
		word = eio__word_load(s);
		marks |= eio__word_below(word, ' ' + 1) |
			eio__word_is(word, 0x7f) | (word & EIO__WORD_TOPS);
	}
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return false;
	return !marks;
}

static bool target_ok(const char *s)
{
	if (*s != '/' && *s != '*' && strncasecmp(s, "http://", 7) != 0 &&
		strncasecmp(s, "https://", 8) != 0)
		return false;
	return is_visible(s);
}

static void trim(char *value)
{
	size_t n = strlen(value);

	while (n && (value[n - 1] == ' ' || value[n - 1] == '\t'))
		value[--n] = 0;
}

bool eio__draft_tidy(eio_request *req)
{
	unsigned i;

	for (i = 0; i < req->count; i++) {
		if (!eio__is_token(req->text + req->headers[i].name))
			return false;
		trim(req->text + req->headers[i].value);
	}
	return true;
}

/* The parameters of a query that means itself, as most do, are found here: it
 * is copied behind the rest and cut up where it lies. */
static void cut_query(eio_request *req, size_t at, const struct eio__query *raw)
{
	char *text = req->text;
	struct eio__query q, name, value;
	struct eio__header *param = req->headers + req->count;

	memcpy(text + at, raw->at, (size_t)(raw->end - raw->at));
	eio__query_init(&q, text + at, (size_t)(raw->end - raw->at));
	while (eio__query_next_raw(&q, &name, &value)) {
		param->name = (uint32_t)(name.at - text);
		param->value = (uint32_t)(value.at - text);
		text[name.end - text] = '\0';
		text[value.end - text] = '\0';
		/* The '&' that is no more. */
		q.at += q.at < q.end;
		param++;
	}
	req->params = (unsigned)(param - req->headers) - req->count;
}

/* The most there can be. */
static size_t count_params(const struct eio__query *q)
{
	const char *p = q->at;
	size_t n = 0;

	while (p && p < q->end) {
		n++;
		p = memchr(p, '&', (size_t)(q->end - p));
		if (p)
			p++;
	}
	return n;
}

/* All in one piece: the request, what points to headers and parameters, and
 * their text. */
static eio_request *move(const struct eio__draft *d, struct eio__query *q)
{
	bool plain = eio__query_is_plain(q);
	size_t len = plain ? (size_t)(q->end - q->at) : 0;
	size_t rows = d->req.count + (plain ? count_params(q) : 0);
	eio_request *req = malloc(sizeof(*req) + rows * sizeof(*req->headers) +
		d->text.len + len + 1);

	if (!req)
		return NULL;
	memcpy(req, d, sizeof(*req));
	eio__list_init(&req->asked);
	req->is_draft = false;
	req->headers = (struct eio__header *)(req + 1);
	memcpy(req->headers, d->req.headers,
		req->count * sizeof(*req->headers));
	req->text = (char *)(req->headers + rows);
	memcpy(req->text, d->text.data, d->text.len);
	req->plain_query = plain;
	if (len)
		cut_query(req, d->text.len, q);
	return req;
}

static void keep_spare(struct eio__draft *d, struct eio__http *http)
{
	drop_table(d);
	if (d->text.cap > KEEP_MAX)
		eio__strbuf_clear(&d->text);
	eio__draft_free_spare(http);
	http->draft = d;
}

int eio__draft_seal(eio_request **place)
{
	struct eio__draft *d = draft_of(*place);
	struct eio__query q;
	eio_request *req;

	if (!d->req.text || !target_ok(d->req.text))
		return 400;
	eio__request_query_begin(&d->req, &q);
	req = move(d, &q);
	if (!req)
		return 500;
	*place = req;
	keep_spare(d, req->http);
	return 0;
}
