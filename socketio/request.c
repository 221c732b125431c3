/* SPDX-License-Identifier: MIT */
/*
 * request.c: REST calls beside Socket.IO: routes and WebSockets of the engine
 * under names of this layer, and bodies of JSON.
 */
#include <config.h>

#include <socketio/io.h>

#include <stdlib.h>

static int failed(sio_server *srv, const char *call, const char *path, int err)
{
	return sio__server_fail(srv, err, "%s(\"%.60s\"): %s", call,
		path ? path : "",
		err == SIO_ERR_INVALID && path && *path != '/'
			? "the path must begin with '/'"
			: sio_strerror(err));
}

int sio_server_route(sio_server *srv, const char *method, const char *path,
	void (*fn)(eio_request *req, void *user), void *user)
{
	if (!srv)
		return SIO_ERR_INVALID;
	return failed(srv, "sio_server_route", path,
		eio_server_route(srv->engine, method, path, fn, user));
}

int sio_server_websocket(sio_server *srv, const char *path,
	const char *protocol, const struct eio_websocket_events *events,
	void *user)
{
	if (!srv)
		return SIO_ERR_INVALID;
	return failed(srv, "sio_server_websocket", path,
		eio_server_websocket(srv->engine, path, protocol, events,
			user));
}

json_t *sio_request_json(const eio_request *req)
{
	size_t len;
	const char *body = eio_request_body(req, &len);

	return body ? sio_json_parse(body, len) : NULL;
}

int sio_request_respond_json(eio_request *req, int status, json_t *value)
{
	size_t len;
	char *text = value ? sio_json_stringify(value, &len) : NULL;
	int err = value ? SIO_ERR_NOMEM : SIO_ERR_INVALID;

	json_decref(value);
	if (text)
		err = eio_request_respond(req, status, "application/json", text,
			len);
	free(text);
	return err;
}
