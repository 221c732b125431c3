/* SPDX-License-Identifier: MIT */
/*
 * jsonp.c: polling bodies as scripts and forms.
 *
 * Always true: whatever a payload says, the script is one call with one
 * string literal, in which every character that could end it, or the line,
 * is escaped.
 */
#include <config.h>

#include <engineio/jsonp.h>

#include <engineio/base/query.h>

#include <stdlib.h>
#include <string.h>

/* Fields of a form that are looked at, as many as the official server looks
 * at. */
#define FIELDS_MAX 1000

/* Digits of an index: more than any client counts to. */
#define DIGITS_MAX 20

char *eio__jsonp_head(const char *index)
{
	static const char before[] = "___eio[";
	char *head = malloc(sizeof(before) + DIGITS_MAX + 2);
	size_t n = sizeof(before) - 1;

	if (!head)
		return NULL;
	memcpy(head, before, n);
	for (; *index && n < sizeof(before) - 1 + DIGITS_MAX; index++)
		if (*index >= '0' && *index <= '9')
			head[n++] = *index;
	memcpy(head + n, "](", 3);
	return head;
}

/* -- answers ------------------------------------------------------------- */

/* As JSON.stringify() writes it; NULL: as it is. */
static const char *escape_of(unsigned char c, char room[7])
{
	static const char short_ones[] = "\bb\ff\nn\rr\tt\"\"\\\\";
	static const char hex[] = "0123456789abcdef";
	const char *p;

	for (p = short_ones; *p; p += 2) {
		if ((unsigned char)*p != c)
			continue;
		room[0] = '\\';
		room[1] = p[1];
		room[2] = '\0';
		return room;
	}
	if (c >= ' ')
		return NULL;
	memcpy(room, "\\u00", 4);
	room[4] = hex[c >> 4];
	room[5] = hex[c & 15];
	room[6] = '\0';
	return room;
}

/* U+2028 and U+2029 are line ends of a script, though not of JSON. */
static const char *line_end(const char *p, size_t n)
{
	if (n < 3 || memcmp(p, "\xe2\x80", 2) != 0)
		return NULL;
	if (p[2] == '\xa8')
		return "\\u2028";
	return p[2] == '\xa9' ? "\\u2029" : NULL;
}

int eio__jsonp_wrap(struct eio__strbuf *out, const char *head,
	const char *payload, size_t len)
{
	char room[7];
	const char *escape;
	size_t i, from = 0, skip;

	eio__strbuf_adds(out, head);
	eio__strbuf_addc(out, '"');
	for (i = 0; i < len; i += skip) {
		skip = 1;
		escape = escape_of((unsigned char)payload[i], room);
		if (!escape) {
			escape = line_end(payload + i, len - i);
			if (!escape)
				continue;
			skip = 3;
		}
		eio__strbuf_add(out, payload + from, i - from);
		eio__strbuf_adds(out, escape);
		from = i + skip;
	}
	if (len > from)
		eio__strbuf_add(out, payload + from, len - from);
	return eio__strbuf_adds(out, "\");");
}

/* -- forms --------------------------------------------------------------- */

/* A form would make CR LF of a line end, so clients write "\n" for it, and
 * "\\n" for those two characters. */
static void unescape_line_ends(struct eio__strbuf *b)
{
	const char *from = b->data, *end = b->data + b->len;
	char *to = b->data;

	while (from < end) {
		if (end - from >= 3 && memcmp(from, "\\\\n", 3) == 0) {
			*to++ = '\\';
			*to++ = 'n';
			from += 3;
		} else if (end - from >= 2 && memcmp(from, "\\n", 2) == 0) {
			*to++ = '\n';
			from += 2;
		} else {
			*to++ = *from++;
		}
	}
	b->len = (size_t)(to - b->data);
}

static int find_field(struct eio__query *q, struct eio__strbuf *name,
	struct eio__strbuf *value, struct eio__strbuf *out)
{
	int i, found = 0;

	for (i = 0; i < FIELDS_MAX && eio__query_next(q, name, value); i++) {
		if (name->len != 1 || *name->data != 'd')
			continue;
		eio__strbuf_reset(out);
		if (value->len)
			eio__strbuf_add(out, value->data, value->len);
		found++;
	}
	if (name->error)
		return name->error;
	if (value->error)
		return value->error;
	return out->error ? out->error : found == 1;
}

int eio__jsonp_unwrap(struct eio__strbuf *out, const char *form, size_t len)
{
	struct eio__strbuf name, value;
	struct eio__query q;
	int result;

	eio__strbuf_init(&name, 0);
	eio__strbuf_init(&value, 0);
	eio__query_init(&q, form, len);
	result = find_field(&q, &name, &value, out);
	if (result == 1 && out->len)
		unescape_line_ends(out);
	eio__strbuf_clear(&name);
	eio__strbuf_clear(&value);
	return result;
}
