/* SPDX-License-Identifier: MIT */
/*
 * jsonp.h: polling bodies as scripts and forms, for browsers that know no
 * other way across origins (JSONP; any revision of the protocol).
 *
 * A GET is answered with "___eio[INDEX](STRING);", a POST is a form whose
 * field "d" is the payload.
 */
#ifndef ENGINEIO_JSONP_H
#define ENGINEIO_JSONP_H

#include <engineio/base/strbuf.h>

#include <stddef.h>

/* What stands before the string, to be freed: of the index only its digits
 * count, and of those the first 20. NULL: out of memory. */
char *eio__jsonp_head(const char *index);
/* Appends the script that brings a payload, which is valid UTF-8. Returns
 * out->error. */
int eio__jsonp_wrap(struct eio__strbuf *out, const char *head,
	const char *payload, size_t len);
/* Finds the payload in a form, which is valid UTF-8. 1: it takes the place of
 * what out held. 0: there is none, or there are several. Below 0: the error of
 * out. */
int eio__jsonp_unwrap(struct eio__strbuf *out, const char *form, size_t len);

#endif
