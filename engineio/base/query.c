/* SPDX-License-Identifier: MIT */
/*
 * query.c: the parts of a request target, and what they say when decoded.
 *
 * Nothing is kept: each call walks over the target it is given once. What is
 * decoded is at most three times as long as the raw form (a byte that is not
 * UTF-8 becomes U+FFFD).
 */
#include <config.h>

#include <engineio/base/query.h>

#include <engineio/base/hex.h>
#include <engineio/base/utf8.h>
#include <engineio/base/word.h>
#include <engineio/engineio.h>

#include <string.h>
#include <strings.h>

/* The byte that the %xx at p stands for, or -1 when it is none. */
static int escaped_byte(const char *p, size_t n)
{
	int high, low;

	if (n < 3 || p[0] != '%')
		return -1;
	high = eio__hex_digit(p[1]);
	low = eio__hex_digit(p[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* -- target and path ---------------------------------------------------- */

/* How long scheme and host at the beginning of a target are. */
static size_t origin_length(const char *target, size_t len)
{
	size_t i;

	if (len >= 7 && !strncasecmp(target, "http://", 7))
		i = 7;
	else if (len >= 8 && !strncasecmp(target, "https://", 8))
		i = 8;
	else
		return 0;
	while (i < len && !memchr("/?#", target[i], 3))
		i++;
	return i;
}

void eio__target_split(struct eio__target *t, const char *target, size_t len)
{
	size_t skip = origin_length(target, len);
	const char *mark;

	mark = memchr(target, '#', len);
	if (mark)
		len = (size_t)(mark - target);
	t->path = target + skip;
	t->path_len = len - skip;
	t->query = NULL;
	t->query_len = 0;
	mark = memchr(t->path, '?', t->path_len);
	if (mark) {
		t->query = mark + 1;
		t->query_len = (size_t)(target + len - t->query);
		t->path_len = (size_t)(mark - t->path);
	}
	if (skip && !t->path_len) {
		t->path = "/";
		t->path_len = 1;
	}
}

static bool path_allowed(const char *path, size_t len)
{
	size_t i;

	if (!eio__utf8_valid(path, len) || (len && path[0] == '.'))
		return false;
	for (i = 0; i < len; i++) {
		if ((unsigned char)path[i] < ' ' || path[i] == 0x7f ||
			path[i] == '\\')
			return false;
		if (path[i] == '/' && i + 1 < len &&
			(path[i + 1] == '/' || path[i + 1] == '.'))
			return false;
	}
	return true;
}

int eio__path_decode(const char *path, size_t len, struct eio__strbuf *out)
{
	size_t start = out->len, i;
	int byte;

	eio__strbuf_adds(out, "");
	for (i = 0; i < len && !out->error; i++) {
		byte = (unsigned char)path[i];
		if (byte == '%') {
			byte = escaped_byte(path + i, len - i);
			if (byte < 0 || byte == '/')
				return ENGINEIO_ERR_INVALID;
			i += 2;
		}
		eio__strbuf_addc(out, (char)byte);
	}
	if (out->error)
		return out->error;
	return path_allowed(out->data + start, out->len - start)
		? 0
		: ENGINEIO_ERR_INVALID;
}

int eio__percent_decode(const char *text, size_t len, struct eio__strbuf *out)
{
	size_t start = out->len, i;
	int byte;

	eio__strbuf_adds(out, "");
	for (i = 0; i < len && !out->error; i++) {
		byte = (unsigned char)text[i];
		if (byte == '%') {
			byte = escaped_byte(text + i, len - i);
			i += 2;
		}
		if (byte <= 0)
			return ENGINEIO_ERR_INVALID;
		eio__strbuf_addc(out, (char)byte);
	}
	if (out->error)
		return out->error;
	return eio__utf8_valid(out->data + start, out->len - start)
		? 0
		: ENGINEIO_ERR_INVALID;
}

/* -- query -------------------------------------------------------------- */

/* Where the next parameter is, its value behind the '=' or empty without
 * one. Empty pieces between '&' are none. */
bool eio__query_next_raw(struct eio__query *q, struct eio__query *name,
	struct eio__query *value)
{
	const char *mark;
	size_t left;

	while (q->at < q->end && *q->at == '&')
		q->at++;
	left = (size_t)(q->end - q->at);
	if (!left)
		return false;
	mark = memchr(q->at, '&', left);
	name->at = q->at;
	value->end = mark ? mark : q->end;
	q->at = value->end;
	mark = memchr(name->at, '=', (size_t)(value->end - name->at));
	name->end = mark ? mark : value->end;
	value->at = mark ? mark + 1 : value->end;
	return true;
}

/* One decoded byte, and how many raw ones it takes. An invalid % stays (WHATWG
 * URL, percent-decode). */
static char decode(const char *p, size_t n, size_t *step)
{
	int byte = escaped_byte(p, n);

	*step = byte >= 0 ? 3 : 1;
	if (byte >= 0)
		return (char)byte;
	return *p == '+' ? ' ' : *p;
}

static void mend(struct eio__strbuf *text)
{
	struct eio__strbuf raw = *text;

	eio__strbuf_init(text, raw.limit);
	eio__utf8_mend(text, raw.data, raw.len);
	eio__strbuf_clear(&raw);
}

/* How many bytes stand for themselves. */
static size_t plain_run(const char *p, const char *end)
{
	const char *at = p;

	while (at < end && *at != '%' && *at != '+')
		at++;
	return (size_t)(at - p);
}

void eio__query_decode(const struct eio__query *raw, struct eio__strbuf *out)
{
	const char *p = raw->at;
	size_t step;

	eio__strbuf_reset(out);
	eio__strbuf_adds(out, "");
	while (p < raw->end && !out->error) {
		step = plain_run(p, raw->end);
		if (step)
			eio__strbuf_add(out, p, step);
		else
			eio__strbuf_addc(out,
				decode(p, (size_t)(raw->end - p), &step));
		p += step;
	}
	if (!out->error && !eio__utf8_valid(out->data, out->len))
		mend(out);
}

bool eio__query_is_plain(const struct eio__query *raw)
{
	const char *p = raw->at;
	uint64_t word, marks = 0;

	for (; raw->end - p >= 8; p += 8) {
		word = eio__word_load(p);
		marks |= eio__word_is(word, '%') | eio__word_is(word, '+') |
			(word & EIO__WORD_TOPS);
	}
	for (; p < raw->end; p++)
		if (*p == '%' || *p == '+' || *p & 0x80)
			return false;
	return !marks;
}

/* Most names are as they are meant; the others are decoded to scratch. */
static bool name_is(const struct eio__query *raw, const char *name,
	struct eio__strbuf *scratch)
{
	size_t n = (size_t)(raw->end - raw->at), len = strlen(name);

	if (eio__query_is_plain(raw))
		return n == len && !memcmp(raw->at, name, n);
	eio__query_decode(raw, scratch);
	return !scratch->error && scratch->len == len &&
		!memcmp(scratch->data, name, len);
}

void eio__query_init(struct eio__query *q, const char *raw, size_t len)
{
	q->at = raw;
	q->end = len ? raw + len : raw;
}

bool eio__query_next(struct eio__query *q, struct eio__strbuf *name,
	struct eio__strbuf *value)
{
	struct eio__query raw_name, raw_value;

	if (!eio__query_next_raw(q, &raw_name, &raw_value))
		return false;
	eio__query_decode(&raw_name, name);
	eio__query_decode(&raw_value, value);
	return !name->error && !value->error;
}

bool eio__query_get(const char *raw, size_t len, const char *name,
	struct eio__strbuf *value)
{
	struct eio__query q, found, raw_name, raw_value;
	bool any = false;

	eio__query_init(&q, raw, len);
	while (eio__query_next_raw(&q, &raw_name, &raw_value)) {
		if (!name_is(&raw_name, name, value)) {
			if (value->error)
				return true;
			continue;
		}
		found = raw_value;
		any = true;
	}
	eio__strbuf_reset(value);
	if (any)
		eio__query_decode(&found, value);
	return any;
}
