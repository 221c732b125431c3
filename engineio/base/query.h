/* SPDX-License-Identifier: MIT */
/*
 * query.h: the parts of a request target, and what they say when decoded.
 */
#ifndef ENGINEIO_BASE_QUERY_H
#define ENGINEIO_BASE_QUERY_H

#include <engineio/base/strbuf.h>

#include <stdbool.h>
#include <stddef.h>

/* Both point into the target and are as they came. */
struct eio__target {
	const char *path, *query; /* query: NULL without a '?' */
	size_t path_len, query_len;
};

/* Finds the path and the query of a request target; of one that is a whole
 * URL too ("http://host/path?query", RFC 9112, section 3.2.2). A fragment is
 * left out. */
void eio__target_split(struct eio__target *t, const char *target, size_t len);

/*
 * Appends the path, or a part of one, with its %xx decoded: the name of a
 * file. 0, the error of out, or ENGINEIO_ERR_INVALID (out is then spoiled)
 * for what no file of ours can be meant with: an invalid %; a NUL, control
 * character, backslash or encoded '/'; text that is not UTF-8; a part that
 * begins with a dot or, but for the first and the last, is empty.
 */
int eio__path_decode(const char *path, size_t len, struct eio__strbuf *out);

/* Appends the text with its %xx decoded, and nothing else changed. 0, the error
 * of out, or ENGINEIO_ERR_INVALID (out is then spoiled): an invalid %, a NUL, or
 * what is not UTF-8. */
int eio__percent_decode(const char *text, size_t len, struct eio__strbuf *out);

/* Walks over the parameters of a query, which is what is behind the '?'. */
struct eio__query {
	const char *at, *end;
};

void eio__query_init(struct eio__query *q, const char *raw, size_t len);
/* The next parameter, decoded as browsers and Node's URLSearchParams do: it
 * takes the place of what name and value held. False behind the last, and
 * when one of the two has an error, which then is told there. */
bool eio__query_next(struct eio__query *q, struct eio__strbuf *name,
	struct eio__strbuf *value);
/* The next parameter as it stands there; false behind the last. One of its
 * halves, decoded, takes the place of what out held. */
bool eio__query_next_raw(struct eio__query *q, struct eio__query *name,
	struct eio__query *value);
void eio__query_decode(const struct eio__query *raw, struct eio__strbuf *out);
/* Whether it decodes to itself, as most do. */
bool eio__query_is_plain(const struct eio__query *raw);
/* Whether there is a parameter of this name; its value, of several the last,
 * takes the place of what the buffer held. True as well, with value->error
 * set, when that could not be found out. */
bool eio__query_get(const char *raw, size_t len, const char *name,
	struct eio__strbuf *value);

#endif
