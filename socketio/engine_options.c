/* SPDX-License-Identifier: MIT */
/*
 * engine_options.c: settings that are the engine's, under names of this layer,
 * so that a program needs no other. Failures are recorded in the server as
 * those of its own settings.
 */
#include <config.h>

#include <socketio/io.h>

/* -- TLS and proxies ------------------------------------------------------ */

static int failed(sio_server *srv, const char *call, int err)
{
	const char *text = eio_server_error(srv->engine);

	if (err != SIO_ERR_TLS && err != SIO_ERR_STATE)
		text = sio_strerror(err);
	return sio__server_fail(srv, err, "%s(): %s", call, text);
}

int sio_server_set_tls(sio_server *srv, const char *cert_file,
	const char *key_file)
{
	if (!srv)
		return SIO_ERR_INVALID;
	return failed(srv, "sio_server_set_tls",
		eio_server_set_tls(srv->engine, cert_file, key_file));
}

int sio_server_set_client_ca(sio_server *srv, const char *ca_file,
	bool required)
{
	if (!srv)
		return SIO_ERR_INVALID;
	return failed(srv, "sio_server_set_client_ca",
		eio_server_set_client_ca(srv->engine, ca_file, required));
}

int sio_server_reload_tls(sio_server *srv)
{
	return srv ? eio_server_reload_tls(srv->engine) : SIO_ERR_INVALID;
}

int64_t sio_server_tls_expires(const sio_server *srv)
{
	return srv ? eio_server_tls_expires(srv->engine) : 0;
}

int sio_server_trust_proxy(sio_server *srv, const char *range)
{
	int err;

	if (!srv)
		return SIO_ERR_INVALID;
	err = eio_server_trust_proxy(srv->engine, range);
	return sio__server_fail(srv, err,
		"sio_server_trust_proxy(\"%.60s\"): %s", range ? range : "",
		sio_strerror(err));
}

/* -- who gets in ---------------------------------------------------------- */

int sio_server_on_http(sio_server *srv, eio_request_cb fn, void *user)
{
	int err;

	if (!srv)
		return SIO_ERR_INVALID;
	err = eio_server_on_http(srv->engine, fn, user);
	return sio__server_fail(srv, err, "sio_server_on_http(): %s",
		sio_strerror(err));
}

int sio_server_on_request(sio_server *srv, eio_request_cb fn, void *user)
{
	if (!srv)
		return SIO_ERR_INVALID;
	eio_server_on_request(srv->engine, fn, user);
	return 0;
}

int sio_server_on_id(sio_server *srv, eio_request_cb fn, void *user)
{
	if (!srv)
		return SIO_ERR_INVALID;
	eio_server_on_id(srv->engine, fn, user);
	return 0;
}

int sio_server_on_connection_error(sio_server *srv, eio_connection_error_cb fn,
	void *user)
{
	if (!srv)
		return SIO_ERR_INVALID;
	eio_server_on_connection_error(srv->engine, fn, user);
	return 0;
}

int sio_server_set_initial_packet(sio_server *srv, eio_buf *buf)
{
	return srv ? eio_server_set_initial_packet(srv->engine, buf)
		   : SIO_ERR_INVALID;
}

/* -- other origins, cookies, headers -------------------------------------- */

/* The failure of a call with a text. */
static int said(sio_server *srv, const char *call, const char *text, int err)
{
	return sio__server_fail(srv, err, "%s(\"%.80s\"): %s", call,
		text ? text : "", sio_strerror(err));
}

int sio_server_set_cors(sio_server *srv, const char *origin)
{
	return srv ? said(srv, "sio_server_set_cors", origin,
			     eio_server_set_cors(srv->engine, origin))
		   : SIO_ERR_INVALID;
}

int sio_server_add_cors_origin(sio_server *srv, const char *origin)
{
	return srv ? said(srv, "sio_server_add_cors_origin", origin,
			     eio_server_add_cors_origin(srv->engine, origin))
		   : SIO_ERR_INVALID;
}

int sio_server_add_cors_pattern(sio_server *srv, const char *pattern)
{
	return srv ? said(srv, "sio_server_add_cors_pattern", pattern,
			     eio_server_add_cors_pattern(srv->engine, pattern))
		   : SIO_ERR_INVALID;
}

int sio_server_on_cors(sio_server *srv, eio_request_cb fn, void *user)
{
	return srv ? eio_server_on_cors(srv->engine, fn, user)
		   : SIO_ERR_INVALID;
}

int sio_server_set_cors_list(sio_server *srv, enum sio_cors_list which,
	const char *names)
{
	return srv ? said(srv, "sio_server_set_cors_list", names,
			     eio_server_set_cors_list(srv->engine,
				     (enum eio_cors_list)which, names))
		   : SIO_ERR_INVALID;
}

int sio_server_set_cookie(sio_server *srv, const char *name,
	const char *attributes)
{
	int err;

	if (!srv)
		return SIO_ERR_INVALID;
	err = eio_server_set_cookie(srv->engine, name, attributes);
	return sio__server_fail(srv, err,
		"sio_server_set_cookie(\"%.40s\", \"%.80s\"): %s",
		name ? name : "", attributes ? attributes : "",
		sio_strerror(err));
}

int sio_server_on_headers(sio_server *srv, eio_headers_cb fn, void *user)
{
	if (!srv)
		return SIO_ERR_INVALID;
	eio_server_on_headers(srv->engine, fn, user);
	return 0;
}
