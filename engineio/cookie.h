/* SPDX-License-Identifier: MIT */
/*
 * cookie.h: the cookie that tells a balancer which server a session is on.
 */
#ifndef ENGINEIO_COOKIE_H
#define ENGINEIO_COOKIE_H

#include <engineio/base/strbuf.h>

/* Appends the attributes, each with "; " before it, in the order and
 * spelling of the official server. ENGINEIO_ERR_INVALID: one is unknown, or
 * there twice, or has a value that could be taken for something else. */
int eio__cookie_attributes(struct eio__strbuf *out, const char *attributes);

#endif
