/* SPDX-License-Identifier: MIT */
/*
 * route.h: who answers which path.
 */
#ifndef ENGINEIO_HTTP_ROUTE_H
#define ENGINEIO_HTTP_ROUTE_H

#include <engineio/http/request.h>

/* The calls behind eio_server_route() and eio_server_mount(). */
int eio__route_add(struct eio__http *http, const char *method, const char *path,
	eio_route_cb fn, void *user);
int eio__route_on_refusal(struct eio__http *http, const char *path,
	eio_refusal_cb fn, void *user);
int eio__route_mount(struct eio__http *http, const char *path,
	const char *folder);
/* Whether the request's path is `path`, or lies below it when it ends with
 * '/'. */
bool eio__route_matches(const eio_request *req, const char *path);

#endif
