/* SPDX-License-Identifier: MIT */
/*
 * request_head.c: what the head of a request says: its target, its headers, the
 * parameters of its query.
 *
 * draft.c has gathered it, field.c knows the grammar of a value. Always true:
 * the text of the head does not change; what has to be made of it when somebody
 * asks (headers joined, a query decoded) is kept as long as the request.
 */
#include <config.h>

#include <engineio/http/request.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *name_at(const eio_request *req, unsigned i)
{
	return req->text + req->headers[i].name;
}

static const char *value_at(const eio_request *req, unsigned i)
{
	return req->text + req->headers[i].value;
}

void eio__request_note_length(eio_request *req, size_t len)
{
	req->lengths |= UINT32_C(1) << len % 32;
}

/* False: no header has a name of that length. */
static bool has_length(const eio_request *req, size_t len)
{
	return req->lengths >> len % 32 & 1;
}

/* A value follows its name, so the length of a name is known: nearly all are
 * told apart by it. */
static bool name_is(const eio_request *req, unsigned i, const char *name,
	size_t n)
{
	const struct eio__header *h = &req->headers[i];

	return h->value - h->name - 1 == n &&
		strcasecmp(req->text + h->name, name) == 0;
}

const char *eio_request_method(const eio_request *req)
{
	return req ? req->method : "";
}

bool eio__request_is(const eio_request *req, const char *method)
{
	return strcmp(req->method, method) == 0;
}

const char *eio_request_target(const eio_request *req)
{
	return req && req->text ? req->text : "";
}

const char *eio__request_path(const eio_request *req, size_t *len)
{
	const char *target = eio_request_target(req);
	struct eio__target t;

	/* RFC 9112 section 3.2.2: a whole URL means its path. */
	eio__target_split(&t, target, strlen(target));
	*len = t.path_len;
	return t.path;
}

const char *eio_request_address(const eio_request *req)
{
	return req ? req->address : "";
}

bool eio_request_is_secure(const eio_request *req)
{
	return req && req->secure;
}

const char *eio_request_peer_certificate(const eio_request *req,
	enum eio_certificate field)
{
	return req ? eio__certificate_text(req->certificate, (int)field) : NULL;
}

unsigned eio__request_header_count(const eio_request *req, const char *name)
{
	size_t len = strlen(name);
	unsigned i, n = 0;

	for (i = 0; has_length(req, len) && i < req->count; i++)
		n += name_is(req, i, name, len);
	return n;
}

bool eio__request_lists(const eio_request *req, const char *name,
	const char *token)
{
	size_t len = strlen(name);
	unsigned i;

	for (i = 0; has_length(req, len) && i < req->count; i++)
		if (name_is(req, i, name, len) &&
			eio__header_lists(value_at(req, i), token))
			return true;
	return false;
}

bool eio_request_header_at(const eio_request *req, size_t i, const char **name,
	const char **value)
{
	if (!req || i >= req->count)
		return false;
	if (name)
		*name = name_at(req, (unsigned)i);
	if (value)
		*value = value_at(req, (unsigned)i);
	return true;
}

/* What is lost to a lack of memory is not the same as what was never there. */
const char *eio__request_keep_text(eio_request *req, const char *name,
	const struct eio__strbuf *value)
{
	size_t n = strlen(name) + 1;
	struct eio__text *text = NULL;

	if (!value->error)
		text = malloc(sizeof(*text) + n + value->len + 1);
	if (!text) {
		req->lacks_memory = true;
		return NULL;
	}
	text->name = (char *)(text + 1);
	text->value = text->name + n;
	memcpy(text->name, name, n);
	memcpy(text->value, value->data, value->len);
	text->value[value->len] = 0;
	text->next = req->texts;
	req->texts = text;
	return text->value;
}

void eio__request_forget_texts(eio_request *req)
{
	struct eio__text *text;

	while (req->texts) {
		text = req->texts;
		req->texts = text->next;
		free(text);
	}
	eio__params_free(req->decoded);
	req->decoded = NULL;
}

static const struct eio__text *find_kept(const eio_request *req,
	const char *name)
{
	const struct eio__text *text = req->texts;

	while (text && strcasecmp(text->name, name) != 0)
		text = text->next;
	return text;
}

static const char *join_values(eio_request *req, const char *name)
{
	const char *sep = strcasecmp(name, "cookie") == 0 ? "; " : ", ";
	struct eio__strbuf joined;
	size_t len = strlen(name);
	const char *value;
	unsigned i;

	eio__strbuf_init(&joined, 0);
	for (i = 0; i < req->count; i++) {
		if (!name_is(req, i, name, len))
			continue;
		if (joined.data)
			eio__strbuf_adds(&joined, sep);
		eio__strbuf_adds(&joined, value_at(req, i));
	}
	value = eio__request_keep_text(req, name, &joined);
	eio__strbuf_clear(&joined);
	return value;
}

const char *eio_request_header(const eio_request *req, const char *name)
{
	const struct eio__text *text;
	unsigned i, found = 0, at = 0;
	size_t len;

	if (!req || !name)
		return NULL;
	len = strlen(name);
	if (!has_length(req, len))
		return NULL;
	for (i = 0; i < req->count; i++) {
		if (!name_is(req, i, name, len))
			continue;
		if (!found++)
			at = i;
	}
	if (!found)
		return NULL;
	if (found == 1)
		return value_at(req, at);
	text = find_kept(req, name);
	/* The joined text is a cache; to the outside nothing changes. */
	return text ? text->value : join_values((eio_request *)req, name);
}

void eio__request_query_begin(const eio_request *req, struct eio__query *q)
{
	struct eio__target t;
	const char *target = eio_request_target(req);

	eio__target_split(&t, target, strlen(target));
	eio__query_init(q, t.query, t.query_len);
}

static const char *find_param(const eio_request *req, const char *name)
{
	const struct eio__header *params = req->headers + req->count;
	const char *at;
	unsigned i;

	for (i = req->params; i > 0; i--) {
		at = req->text + params[i - 1].name;
		if (*at == *name && strcmp(at, name) == 0)
			return req->text + params[i - 1].value;
	}
	return NULL;
}

const char *eio_request_query(eio_request *req, const char *name)
{
	struct eio__query q;

	if (!req || !name)
		return NULL;
	if (req->plain_query)
		return find_param(req, name);
	if (!req->decoded) {
		eio__request_query_begin(req, &q);
		req->decoded = eio__params_new(q.at, (size_t)(q.end - q.at));
	}
	if (req->decoded)
		return eio__params_get(req->decoded, name);
	req->lacks_memory = true;
	return NULL;
}
