/* SPDX-License-Identifier: MIT */
/*
 * params.c: the parameters of a request's query, decoded once.
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

static const char *keep(struct eio__params *params,
	const struct eio__strbuf *text)
{
	const char *at = params->end;
	size_t i;

	if (!memchr(text->data, 0, text->len)) {
		memcpy(params->end, text->data, text->len);
		params->end += text->len;
	} else {
		for (i = 0; i < text->len; i++) {
			size_t n = text->data[i] ? 1 : sizeof(REPLACEMENT) - 1;

			memcpy(params->end,
				text->data[i] ? text->data + i : REPLACEMENT,
				n);
			params->end += n;
		}
	}
	*params->end++ = '\0';
	return at;
}

/* 0 or an error. */
static int fill(struct eio__params *params, const char *query, size_t len)
{
	struct eio__query q;
	struct eio__strbuf name, value;
	int err;

	eio__strbuf_init(&name, 0);
	eio__strbuf_init(&value, 0);
	eio__query_init(&q, query, len);
	while (eio__query_next(&q, &name, &value)) {
		params->v[params->n].name = keep(params, &name);
		params->v[params->n].value = keep(params, &value);
		params->n++;
	}
	err = name.error ? name.error : value.error;
	eio__strbuf_clear(&name);
	eio__strbuf_clear(&value);
	return err;
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
	if (!fill(params, query, len))
		return params;
	free(params);
	return NULL;
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
