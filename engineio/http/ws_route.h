/* SPDX-License-Identifier: MIT */
/*
 * ws_route.h: WebSockets beside Engine.IO.
 */
#ifndef ENGINEIO_HTTP_WS_ROUTE_H
#define ENGINEIO_HTTP_WS_ROUTE_H

#include <engineio/http.h>
#include <engineio/http/server.h>

/* The call behind eio_server_websocket(). */
int eio__ws_route_add(struct eio__http *http, const char *path,
	const char *protocol, const struct eio_websocket_events *events,
	void *user);
/* That behind eio_server_next_websocket(). */
eio_websocket *eio__ws_route_next(struct eio__http *http, const char *path,
	const eio_websocket *w);
/* Ends all of them in order: the server is going away (1001). */
void eio__ws_routes_close(struct eio__http *http);

#endif
