/* SPDX-License-Identifier: MIT */
/*
 * cors.h: which pages of other origins may talk to the server.
 */
#ifndef ENGINEIO_CORS_H
#define ENGINEIO_CORS_H

#include <engineio/engineio.h>
#include <engineio/http/server.h>

/* Embedded in the server. */
struct eio__cors {
	struct eio__handler handler; /* before all others of the port */
	char *fixed;                 /* the one that is always named, or NULL */
	struct eio__list origins;    /* those that are reflected, or none */
	char *lists[ENGINEIO_CORS_LISTS]; /* NULL: the default */
	eio_request_cb decide;            /* in place of all that, or NULL */
	void *user;
};

void eio__cors_init(struct eio__cors *cors);
void eio__cors_clear(struct eio__cors *cors);

/* The server begins to listen: the log is told what cannot work. */
void eio__cors_look(eio_server *srv);

/* Whether the request may be served (CORS_REJECT): it has no Origin, or one
 * that is allowed, or is our own. Asked after the handler has run. */
bool eio__cors_allows(eio_server *srv, const eio_request *req);

#endif
