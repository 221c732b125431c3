/* SPDX-License-Identifier: MIT */
/*
 * params.c: the parameters of a query with escapes, decoded once; draft.c finds
 * those of others.
 *
 * All of them lie in one piece of memory, behind the table that points to
 * them. A NUL would cut a text where it is compared: "polling%00" is not
 * "polling". It becomes U+FFFD, as other bytes that text cannot have.
 */
#include <config.h>

#include <engineio/http/params.h>

#include <engineio/base/query.h>

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

struct param {
	const char *name, *value;
};

struct eio__params {
	size_t n;
	char *end; /* of the texts so far */
	struct param v[];
};

static size_t count_params(const char *query, size_t len)
{
	size_t i, n = 1;

	for (i = 0; i < len; i++)
		n += query[i] == '&';
	return n;
}

static void keep_bytes(struct eio__params *params, const char *p, size_t n)
{
	memcpy(params->end, p, n);
	params->end += n;
}

static void keep_text(struct eio__params *params, const char *p, size_t n)
{
	const char *end = p + n, *mark;

	for (mark = memchr(p, 0, n); mark;
		mark = memchr(p, 0, (size_t)(end - p))) {
		keep_bytes(params, p, (size_t)(mark - p));
		keep_bytes(params, REPLACEMENT, sizeof(REPLACEMENT) - 1);
		p = mark + 1;
	}
	keep_bytes(params, p, (size_t)(end - p));
}

/* NULL: no memory. */
static const char *keep(struct eio__params *params,
	const struct eio__query *raw, struct eio__strbuf *scratch)
{
	const char *at = params->end;

	eio__query_decode(raw, scratch);
	if (scratch->error)
		return NULL;
	keep_text(params, scratch->data, scratch->len);
	*params->end++ = '\0';
	return at;
}

static bool fill(struct eio__params *params, const char *query, size_t len)
{
	struct eio__query q, name, value;
	struct eio__strbuf scratch;
	struct param *v;
	bool ok = true;

	eio__strbuf_init(&scratch, 0);
	eio__query_init(&q, query, len);
	while (ok && eio__query_next_raw(&q, &name, &value)) {
		v = &params->v[params->n++];
		v->name = keep(params, &name, &scratch);
		v->value = keep(params, &value, &scratch);
		ok = v->name && v->value;
	}
	eio__strbuf_clear(&scratch);
	return ok;
}

struct eio__params *eio__params_new(const char *query, size_t len)
{
	size_t n = count_params(query, len);
	/* A byte becomes at most three, and each text has an end. */
	struct eio__params *params = malloc(sizeof(*params) +
		n * sizeof(params->v[0]) + 3 * len + 2 * n);

	if (!params)
		return NULL;
	params->n = 0;
	params->end = (char *)(params->v + n);
	if (!fill(params, query, len)) {
		free(params);
		return NULL;
	}
	return params;
}

void eio__params_free(struct eio__params *params)
{
	free(params);
}

const char *eio__params_get(const struct eio__params *params, const char *name)
{
	size_t i;

	for (i = params->n; i > 0; i--)
		if (strcmp(params->v[i - 1].name, name) == 0)
			return params->v[i - 1].value;
	return NULL;
}
