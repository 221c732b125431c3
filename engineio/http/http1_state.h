/* SPDX-License-Identifier: MIT */
/*
 * http1_state.h: what the files of HTTP/1.1 share: where a connection is in its
 * current request, and the way back of that.
 */
#ifndef ENGINEIO_HTTP_HTTP1_STATE_H
#define ENGINEIO_HTTP_HTTP1_STATE_H

#include <engineio/http/chunked.h>
#include <engineio/http/http1.h>

struct eio__head;

enum eio__http1_where {
	EIO__HTTP1_AT_HEAD, /* before or in a request's head */
	EIO__HTTP1_AT_DECISION, /* behind its head, the application is asked about it */
	EIO__HTTP1_AT_BODY,   /* in its body, or in the trailer section */
	EIO__HTTP1_AT_ANSWER, /* complete, not answered yet */
};

struct eio__http1 {
	struct eio__exchange exchange; /* first: of the current request */
	struct eio__conn *conn;
	struct eio__head *head; /* the parser of the current one, or NULL */
	eio_request *req;       /* the current one, with a reference */
	struct eio__file *file; /* the rest of the answer's body, or NULL */
	unsigned char where;    /* enum eio__http1_where */
	bool busy;              /* inside run() */
	bool switched;          /* something else speaks from now on */
	bool unread;            /* reading was stopped */
	bool deaf;              /* what comes is dropped */
	struct eio__task task;  /* the stash goes on, phase WORK */
	struct eio__strbuf stash;
	uint64_t seen; /* bytes of this body */
	struct eio__chunked chunked;
};

/* -- http1.c ------------------------------------------------------------- */

/* The current request was answered wholly: on to the next. */
void eio__http1_answered(struct eio__http1 *h1);
/* The application has decided on it, or begun to answer it: the loop goes on
 * with it. */
void eio__http1_decided(struct eio__http1 *h1);
/* An answer in pieces has begun. */
void eio__http1_begun(struct eio__http1 *h1);

/* -- http1_ahead.c ------------------------------------------------------- */

/* Keeps bytes that came too early; they may be too many. */
void eio__http1_keep_ahead(struct eio__http1 *h1, const char *data, size_t len);
/* What is in the stash may be too much now. */
void eio__http1_bound_ahead(struct eio__http1 *h1);
/* Starts the time limit of a connection that is not read, if an answer is the
 * reason. */
void eio__http1_limit_ahead(const struct eio__http1 *h1);
/* That ran out. */
void eio__http1_drop_ahead(struct eio__http1 *h1);
void eio__http1_set_reading(struct eio__http1 *h1, bool on);

/* -- http1_body.c -------------------------------------------------------- */

/* Whether the rest of a body is not worth reading: it is answered, and the
 * connection ends anyway, or waiting for the end costs more than a new
 * one. */
bool eio__http1_has_enough(const struct eio__http1 *h1);
/* How much was taken; in *complete whether it was the last, in *status what is
 * wrong, or 0. */
size_t eio__http1_read_body(struct eio__http1 *h1, char *data, size_t len,
	bool *complete, int *status);

/* -- http1_reply.c ------------------------------------------------------- */

extern const struct eio__exchange_ops eio__http1_exchange_ops;

/* An answer in pieces ends with the next bytes. */
void eio__http1_write_last(struct eio__http1 *h1);
/* An answer without a request object: no body, the connection ends. */
void eio__http1_reply_error(struct eio__conn *conn, int status);

#endif
