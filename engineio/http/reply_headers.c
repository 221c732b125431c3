/* SPDX-License-Identifier: MIT */
/*
 * reply_headers.c: the headers an answer has besides those of the server.
 *
 * They are kept as the lines they will be. Always true: each line in
 * req->extra has a name and a value that HTTP allows, so nothing was let
 * through that could end the block.
 */
#include <config.h>

#include <engineio/http/request.h>

#include <string.h>
#include <strings.h>

/* Two lengths, or two opinions on the connection's end, are two answers
 * (RFC 9112 section 6.3). */
static bool is_ours(const char *name)
{
	static const char *const names[] = { "connection", "content-length",
		"date", "keep-alive", "transfer-encoding" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The line with that name, NULL if there is none; *len with its end. */
static char *find_line(const struct eio__strbuf *lines, const char *name,
	size_t *len)
{
	size_t n = strlen(name), at;
	char *line, *end;

	for (at = 0; at < lines->len; at += *len) {
		line = lines->data + at;
		end = memchr(line, '\n', lines->len - at);
		*len = end ? (size_t)(end + 1 - line) : lines->len - at;
		if (*len > n && line[n] == ':' &&
			strncasecmp(line, name, n) == 0)
			return line;
	}
	return NULL;
}

static void remove_lines(struct eio__strbuf *lines, const char *name)
{
	size_t len, rest;
	char *line;

	for (line = find_line(lines, name, &len); line;
		line = find_line(lines, name, &len)) {
		rest = lines->len - (size_t)(line - lines->data) - len;
		memmove(line, line + len, rest);
		lines->len -= len;
		lines->data[lines->len] = '\0';
	}
}

bool eio__reply_has(const eio_request *req, const char *name)
{
	size_t len;

	return find_line(&req->extra, name, &len) != NULL;
}

void eio__reply_forget(eio_request *req)
{
	req->no_store = false;
	eio__strbuf_clear(&req->extra);
}

static int check(const eio_request *req, const char *name, const char *value)
{
	if (!req || !name || !value || !eio__is_token(name) ||
		!eio__is_field_value(value) || is_ours(name))
		return ENGINEIO_ERR_INVALID;
	return req->answered ? ENGINEIO_ERR_STATE : 0;
}

static int add_line(eio_request *req, const char *name, const char *value)
{
	eio__strbuf_adds(&req->extra, name);
	eio__strbuf_adds(&req->extra, ": ");
	eio__strbuf_adds(&req->extra, value);
	return eio__strbuf_adds(&req->extra, "\r\n");
}

int eio_request_add_header(eio_request *req, const char *name,
	const char *value)
{
	int err = check(req, name, value);

	return err ? err : add_line(req, name, value);
}

int eio_request_set_header(eio_request *req, const char *name,
	const char *value)
{
	int err = check(req, name, value);

	if (err)
		return err;
	remove_lines(&req->extra, name);
	return add_line(req, name, value);
}

void eio__reply_default(eio_request *req, const char *name, const char *value)
{
	if (!req->answered && !eio__reply_has(req, name))
		add_line(req, name, value);
}

void eio__reply_no_store(eio_request *req)
{
	req->no_store = !eio__reply_has(req, "Cache-Control");
}

/* RFC 9110 section 12.5.5. */
void eio__reply_vary(eio_request *req, const char *field)
{
	struct eio__strbuf value;
	size_t len;
	const char *line = find_line(&req->extra, "Vary", &len);

	if (req->answered)
		return;
	eio__strbuf_init(&value, 0);
	if (line) {
		line += strlen("Vary: ");
		eio__strbuf_add(&value, line, len - strlen("Vary: \r\n"));
	}
	if (value.error)
		req->extra.error = value.error;
	if (value.len &&
		(eio__header_lists(value.data, field) ||
			eio__header_lists(value.data, "*"))) {
		eio__strbuf_clear(&value);
		return;
	}
	if (value.len)
		eio__strbuf_adds(&value, ", ");
	if (eio__strbuf_adds(&value, field))
		req->extra.error = value.error;
	else
		eio_request_set_header(req, "Vary", value.data);
	eio__strbuf_clear(&value);
}
