/* SPDX-License-Identifier: MIT */
/*
 * draft.h: a request while its head is gathered.
 */
#ifndef ENGINEIO_HTTP_DRAFT_H
#define ENGINEIO_HTTP_DRAFT_H

#include <engineio/http/request.h>

/* A request without a head yet. NULL: out of memory. */
eio_request *eio__draft_new(struct eio__conn *conn, struct eio__exchange *x);
/* For eio_request_unref(). */
void eio__draft_free(eio_request *req);
/* For the server's end. */
void eio__draft_free_spare(struct eio__http *http);

/* Bytes of the head so far. */
size_t eio__draft_len(const eio_request *req);
/* All of these: 0, or the status with which the request must be refused. The
 * target goes first and ends in a 0 byte, as each name and each value; both
 * follow the header they are of. */
int eio__draft_add(eio_request *req, const void *p, size_t n);
int eio__draft_put(eio_request *req, const void *p, size_t n); /* and the 0 */
int eio__draft_begin_header(eio_request *req);
void eio__draft_begin_value(eio_request *req);
/* Takes the blanks behind values away; false if a name cannot be one. */
bool eio__draft_tidy(eio_request *req);
/* The head is complete. If its target is one, the draft becomes a request of its
 * own size, elsewhere: *place is where its owner knows it, nobody else does. */
int eio__draft_seal(eio_request **place);

#endif
