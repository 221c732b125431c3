/* SPDX-License-Identifier: MIT */
/*
 * http1.h: HTTP/1.1 on a connection.
 */
#ifndef ENGINEIO_HTTP_HTTP1_H
#define ENGINEIO_HTTP_HTTP1_H

#include <engineio/http/request.h>

struct eio__http1;

struct eio__http1 *eio__http1_new(struct eio__conn *conn);
void eio__http1_free(struct eio__http1 *h1);
/* Bytes came. They may be changed. */
void eio__http1_input(struct eio__conn *conn, char *data, size_t len);
/* The connection turns into something else: bytes that came, or come in
 * this turn, are the new one's input. */
void eio__http1_switch(struct eio__conn *conn);
/* Some of the output has left, or all. */
void eio__http1_left(struct eio__conn *conn);
/* All output has left. */
void eio__http1_written(struct eio__conn *conn);
/* The connection's time limit ran out. */
void eio__http1_timeout(struct eio__conn *conn, enum eio__limit limit);
/* The peer is gone. */
void eio__http1_gone(struct eio__conn *conn, const char *why);
/* The server ends: so does an answer that is under way and has no end yet. */
void eio__http1_close_stream(struct eio__conn *conn);
/* Whether the connection waits between two requests. */
bool eio__http1_is_idle(const struct eio__conn *conn);

/* -- http1_reply.c ------------------------------------------------------- */

/* The connection of a request; NULL: it has none any more, or HTTP/1.1 is not
 * what is spoken there. */
struct eio__conn *eio__http1_conn(struct eio__exchange *x);
/* The next request there will probably meet these: see eio__net_ahead(). */
void eio__http1_ahead(struct eio__exchange *x, const void *session,
	const void *data);
/* Whether a file, the rest of an answer's body, waits; writes what the network
 * takes of it: false if not all, and more may follow later. */
bool eio__http1_has_file(const struct eio__conn *conn);
bool eio__http1_write_file(struct eio__conn *conn);
/* Answers 101 with these header lines (each with CRLF). */
int eio__http1_reply_switch(eio_request *req, const char *lines);

#endif
