/* SPDX-License-Identifier: MIT */
/*
 * headers.c: what the application wants in the head of an answer.
 *
 * It is asked when a request has passed all checks, before any session sees
 * it, so that it may do whatever it likes: also end the session, or the
 * server.
 */
#include <config.h>

#include <engineio/engine.h>

void eio_server_on_headers(eio_server *srv, eio_headers_cb fn, void *user)
{
	if (!srv)
		return;
	srv->on_headers = fn;
	srv->headers_user = user;
}

bool eio__headers_ask(eio_server *srv, eio_request *req, bool first)
{
	bool waits;

	if (!srv->on_headers)
		return true;
	eio_request_ref(req);
	srv->on_headers(req, first, srv->headers_user);
	waits = !req->answered && req->exchange;
	eio_request_unref(req);
	return waits;
}
