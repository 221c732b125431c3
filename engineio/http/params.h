/* SPDX-License-Identifier: MIT */
/*
 * params.h: the parameters of a request's query, decoded once for all who
 * ask.
 */
#ifndef ENGINEIO_HTTP_PARAMS_H
#define ENGINEIO_HTTP_PARAMS_H

#include <stddef.h>

struct eio__params;

/* Of what is behind the '?'. NULL: out of memory. */
struct eio__params *eio__params_new(const char *query, size_t len);
/* NULL is allowed. */
void eio__params_free(struct eio__params *params);
/* The value of the last parameter of this name, lent; NULL without one. */
const char *eio__params_get(const struct eio__params *params, const char *name);

#endif
