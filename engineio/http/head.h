/* SPDX-License-Identifier: MIT */
/*
 * head.h: the head of an HTTP/1.1 request, from bytes to an eio_request.
 */
#ifndef ENGINEIO_HTTP_HEAD_H
#define ENGINEIO_HTTP_HEAD_H

#include <engineio/http/request.h>

struct eio__head;

#define EIO__HEAD_COMPLETE 1

/* A head that lies here whole and is plain: EIO__HEAD_COMPLETE or a status, as
 * below, with its request at *req, and *taken bytes of it are the head. 0: this
 * one needs a parser. */
int eio__head_take(struct eio__conn *conn, struct eio__exchange *x,
	eio_request **req, const char *data, size_t len, size_t *taken);

/* A parser for one head. The request is put to *req when its first byte comes;
 * it is the owner's from then on. NULL: out of memory. */
struct eio__head *eio__head_new(struct eio__conn *conn, struct eio__exchange *x,
	eio_request **req);
/* NULL is allowed. */
void eio__head_free(struct eio__head *head);
/*
 * Takes bytes, *taken of them: all, or those up to the end of the head.
 * 0: more is needed. EIO__HEAD_COMPLETE: the request is acceptable, with
 * everything filled in that its head says. Otherwise the status with which
 * it must be refused.
 */
int eio__head_feed(struct eio__head *head, const char *data, size_t len,
	size_t *taken);

/* plain_head.c: takes a head apart, if it is plain; how long it is, or 0. */
size_t eio__plain_head(struct eio__conn *conn, struct eio__exchange *x,
	eio_request **req, const char *data, size_t len);

/* For http2_head.c: the static name of a method, NULL if it is none; whether
 * the request has one Host, and that is a name or an address. */
const char *eio__head_method(const char *name, size_t len);
bool eio__head_host_ok(const eio_request *req);

#endif
