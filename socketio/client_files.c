/* SPDX-License-Identifier: MIT */
/*
 * client_files.c: the browser bundles, below the path of the server.
 *
 * They lie in a folder that is made when building: the files of the npm
 * package, each also compressed beforehand, and its version. A request for
 * anything else below the path goes on to the engine, which answers it as it
 * answers every wrong request.
 */
#include <config.h>

#include <socketio/io.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_DIR SIO_DATADIR "/client"

static const char *folder_of(const sio_server *srv)
{
	return srv->client_dir ? srv->client_dir : DEFAULT_DIR;
}

/* -- the version ----------------------------------------------------------- */

static void read_version(sio_server *srv)
{
	struct eio__strbuf name;
	FILE *file = NULL;

	eio__strbuf_init(&name, 0);
	eio__strbuf_printf(&name, "%s/version", folder_of(srv));
	if (!name.error)
		file = fopen(name.data, "re");
	eio__strbuf_clear(&name);
	if (!file)
		return;
	if (!fgets(srv->client_version, sizeof(srv->client_version), file))
		srv->client_version[0] = '\0';
	/* It goes into a header. */
	srv->client_version[strcspn(srv->client_version, "\r\n\"")] = '\0';
	fclose(file);
}

void sio__client_files_look(sio_server *srv)
{
	if (!sio__option(srv, SIO_SERVE_CLIENT) || *srv->client_version)
		return;
	read_version(srv);
	if (!*srv->client_version)
		eio_server_log(srv->engine, ENGINEIO_LOG_INFO,
			"no browser bundles in %s: %s/socket.io.js is not "
			"served",
			folder_of(srv), eio_server_path(srv->engine));
}

/* -- which file ------------------------------------------------------------ */

/* The name of the bundle a target asks for, NULL if it asks for none:
 * exactly PATH/NAME, with a query or without. */
static const char *bundle_of(const sio_server *srv, const char *target)
{
	static const char *const bundles[] = {
		"socket.io.js",
		"socket.io.js.map",
		"socket.io.min.js",
		"socket.io.min.js.map",
		"socket.io.esm.min.js",
		"socket.io.esm.min.js.map",
		"socket.io.msgpack.min.js",
		"socket.io.msgpack.min.js.map",
	};
	const char *path = eio_server_path(srv->engine);
	size_t i, n = strlen(path);

	if (strncmp(target, path, n) != 0 || target[n] != '/')
		return NULL;
	target += n + 1;
	n = strcspn(target, "?");
	for (i = 0; i < sizeof(bundles) / sizeof(*bundles); i++)
		if (strlen(bundles[i]) == n &&
			memcmp(bundles[i], target, n) == 0)
			return bundles[i];
	return NULL;
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n >= m && strcmp(name + n - m, suffix) == 0;
}

static const char *type_of(const char *bundle)
{
	return has_suffix(bundle, ".map")
		? "application/json; charset=utf-8"
		: "application/javascript; charset=utf-8";
}

static bool is_there(const char *folder, const char *bundle)
{
	struct eio__strbuf name;
	bool there;

	eio__strbuf_init(&name, 0);
	eio__strbuf_printf(&name, "%s/%s", folder, bundle);
	there = !name.error && access(name.data, R_OK) == 0;
	eio__strbuf_clear(&name);
	return there;
}

/* -- the answer ------------------------------------------------------------ */

/* The version is the same for every copy, as upstream. */
static bool is_known(eio_request *req, const char *etag)
{
	const char *known = eio_request_header(req, "if-none-match");

	if (known && strncmp(known, "W/", 2) == 0)
		known += 2;
	return known && strcmp(known, etag) == 0;
}

static void send_bundle(eio_request *req, const char *folder,
	const char *bundle, const char *etag)
{
	struct eio__strbuf name;

	eio_request_set_header(req, "Cache-Control", "public, max-age=0");
	eio_request_set_header(req, "ETag", etag);
	eio__strbuf_init(&name, 0);
	eio__strbuf_printf(&name, "%s/%s", folder, bundle);
	if (name.error ||
		eio_request_respond_prepared(req, 200, type_of(bundle),
			name.data))
		eio_request_respond(req, 500, NULL, NULL, 0);
	eio__strbuf_clear(&name);
}

static enum eio_verdict on_http(eio_request *req, void *user)
{
	sio_server *srv = user;
	const char *bundle = bundle_of(srv, eio_request_target(req));
	char etag[sizeof(srv->client_version) + 3];

	if (!bundle || !sio__option(srv, SIO_SERVE_CLIENT))
		return ENGINEIO_PASS;
	sio__client_files_look(srv);
	if (!*srv->client_version || !is_there(folder_of(srv), bundle))
		return ENGINEIO_PASS;
	snprintf(etag, sizeof(etag), "\"%s\"", srv->client_version);
	if (is_known(req, etag))
		eio_request_respond(req, 304, NULL, NULL, 0);
	else
		send_bundle(req, folder_of(srv), bundle, etag);
	return ENGINEIO_TAKEN;
}

int sio__client_files_start(sio_server *srv)
{
	return eio_server_on_http(srv->engine, on_http, srv);
}
