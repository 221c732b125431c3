/* SPDX-License-Identifier: MIT */
/*
 * page.c: the files of the chat's page.
 *
 * A page is written for one path of Socket.IO, /socket.io. With another one
 * ours finds no client there and asks for /socketio-chat.json, which is
 * answered here: {"path": "/there"}.
 */
#include <config.h>

#include <src/page.h>

#include <stdio.h>
#include <string.h>

#include <engineio/http.h>

#define SETTINGS     "/socketio-chat.json"
#define DEFAULT_PATH "/socket.io"

/* The path needs no escaping in JSON: options.c lets no such byte through. */
static void on_settings(eio_request *req, void *user)
{
	const char *path = eio_server_path(user);
	char body[512];
	int len;

	len = snprintf(body, sizeof(body), "{\"path\":\"%s\"}\n", path);
	if (len < 0 || (size_t)len >= sizeof(body))
		return;
	eio_request_set_header(req, "Cache-Control", "no-cache");
	eio_request_respond(req, 200, "application/json", body, len);
}

int page_serve(sio_server *srv, const char *root, const char *path)
{
	eio_server *engine = sio_server_engine(srv);
	int err = sio_server_mount(srv, "/", root);

	if (err < 0 || strcmp(path, DEFAULT_PATH) == 0)
		return err;
	return eio_server_route(engine, "GET", SETTINGS, on_settings, engine);
}
