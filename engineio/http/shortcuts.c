/* SPDX-License-Identifier: MIT */
/*
 * shortcuts.c: what every program would otherwise write itself about requests:
 * the decoded path, cookies, redirects.
 *
 * All of it stands on what the other files offer to everybody. Texts that are
 * given out live as long as the request, made once for all who ask.
 */
#include <config.h>

#include <engineio/http/request.h>

#include <stdio.h>
#include <string.h>

/* What a cookie's value may have (RFC 6265, section 4.1.1). */
static bool is_cookie_value(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s >= 0x7f || strchr("\",;\\", *s))
			return false;
	return true;
}

/* Names of cookies have a case, unlike those of headers. */
static const char *find_kept(const eio_request *req, const char *name)
{
	const struct eio__text *text = req->texts;

	while (text && strcmp(text->name, name) != 0)
		text = text->next;
	return text ? text->value : NULL;
}

/* -- what was asked ------------------------------------------------------- */

const char *eio_request_path(eio_request *req)
{
	static const char kept[] = " path";
	struct eio__strbuf path;
	const char *raw, *text;
	size_t len;

	if (!req)
		return NULL;
	text = find_kept(req, kept);
	if (text)
		return text;
	raw = eio__request_path(req, &len);
	eio__strbuf_init(&path, 0);
	if (eio__percent_decode(raw, len, &path) != ENGINEIO_ERR_INVALID)
		text = eio__request_keep_text(req, kept, &path);
	eio__strbuf_clear(&path);
	return text;
}

/* The value of that cookie in the header, and its length; NULL without it. */
static const char *find_cookie(const char *header, const char *name,
	size_t *len)
{
	size_t n = strlen(name);

	while (*header) {
		header += strspn(header, "; \t");
		*len = strcspn(header, ";");
		if (*len > n && header[n] == '=' &&
			memcmp(header, name, n) == 0) {
			*len -= n + 1;
			return header + n + 1;
		}
		header += *len;
	}
	return NULL;
}

static void trim(const char **value, size_t *len)
{
	while (*len && strchr(" \t", (*value)[*len - 1]))
		--*len;
	if (*len >= 2 && (*value)[0] == '"' && (*value)[*len - 1] == '"') {
		++*value;
		*len -= 2;
	}
}

static const char *keep_cookie(eio_request *req, const char *kept,
	const char *value, size_t len)
{
	struct eio__strbuf text;

	trim(&value, &len);
	eio__strbuf_init(&text, 0);
	eio__strbuf_adds(&text, "");
	eio__strbuf_add(&text, value, len);
	value = eio__request_keep_text(req, kept, &text);
	eio__strbuf_clear(&text);
	return value;
}

const char *eio_request_cookie(eio_request *req, const char *name)
{
	const char *header = eio_request_header(req, "cookie"), *value;
	char kept[256];
	size_t len;
	int n;

	if (!header || !name || !*name)
		return NULL;
	n = snprintf(kept, sizeof(kept), "cookie %s", name);
	if (n < 0 || (size_t)n >= sizeof(kept))
		return NULL;
	value = find_kept(req, kept);
	if (value)
		return value;
	value = find_cookie(header, name, &len);
	return value ? keep_cookie(req, kept, value, len) : NULL;
}

/* -- the answer ----------------------------------------------------------- */

int eio_request_set_cookie(eio_request *req, const char *name,
	const char *value, const char *attributes)
{
	struct eio__strbuf line;
	int err;

	if (!name || !value || !eio__is_token(name) || !is_cookie_value(value))
		return ENGINEIO_ERR_INVALID;
	eio__strbuf_init(&line, 0);
	eio__strbuf_adds(&line, name);
	eio__strbuf_addc(&line, '=');
	eio__strbuf_adds(&line, value);
	if (attributes && *attributes) {
		eio__strbuf_adds(&line, "; ");
		eio__strbuf_adds(&line, attributes);
	}
	err = line.error;
	if (!err)
		err = eio_request_add_header(req, "Set-Cookie", line.data);
	eio__strbuf_clear(&line);
	return err;
}

int eio_request_redirect(eio_request *req, int status, const char *location)
{
	int err;

	if (!location || !*location || status < 301 || status > 308 ||
		(status > 303 && status < 307))
		return ENGINEIO_ERR_INVALID;
	err = eio_request_set_header(req, "Location", location);
	return err ? err : eio_request_respond(req, status, NULL, NULL, 0);
}
