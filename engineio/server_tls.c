/* SPDX-License-Identifier: MIT */
/*
 * server_tls.c: a server's certificates, and the proxies it trusts.
 *
 * Always true: the server's context is one that was loaded wholly; whatever
 * fails leaves it, and the list of its files, as they were.
 */
#include <config.h>

#include <engineio/engine.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- the list of files --------------------------------------------------- */

static void free_pair(struct eio__tls_pair *pair)
{
	free(pair->cert);
	free(pair->key);
}

void eio__http_clear_tls(struct eio__http *http)
{
	struct eio__tls_files *files = &http->tls_files;

	while (files->count)
		free_pair(&files->pairs[--files->count]);
	free(files->ca);
	eio__tls_context_unref(http->tls);
	eio__trust_clear(&http->trust);
}

static bool make_pair(struct eio__tls_pair *pair, const char *cert,
	const char *key)
{
	pair->cert = strdup(cert);
	pair->key = strdup(key);
	if (pair->cert && pair->key)
		return true;
	free_pair(pair);
	return false;
}

/* A later key takes the place of an earlier one of its kind. */
static void drop_shadowed(struct eio__tls_files *files)
{
	int kind = files->pairs[files->count - 1].kind;
	unsigned i;

	for (i = 0; i + 1 < files->count; i++) {
		if (files->pairs[i].kind != kind)
			continue;
		free_pair(&files->pairs[i]);
		files->pairs[i] = files->pairs[--files->count];
	}
}

/* -- loading ------------------------------------------------------------- */

static void warn_of_times(eio_server *srv)
{
	const struct eio__tls_context *ctx = srv->http->tls;
	int64_t now = eio_loop_wall(srv->loop) / 1000;

	if (eio__tls_context_expires(ctx) < now)
		eio_server_log(srv, ENGINEIO_LOG_WARN,
			"TLS: a certificate in %s has expired",
			srv->http->tls_files.pairs[0].cert);
	if (eio__tls_context_begins(ctx) > now)
		eio_server_log(srv, ENGINEIO_LOG_WARN,
			"TLS: a certificate in %s is not valid yet",
			srv->http->tls_files.pairs[0].cert);
}

/* Connections that are there keep the context they have. */
static int load(eio_server *srv)
{
	struct eio__http *http = srv->http;
	struct eio__tls_context *ctx;

	ctx = eio__tls_context_new(&http->tls_files, http->tls, http->error,
		sizeof(http->error));
	if (!ctx)
		return ENGINEIO_ERR_TLS;
	eio__tls_context_unref(http->tls);
	http->tls = ctx;
	eio__tls_context_offer_http2(ctx, http->limits.http2);
	warn_of_times(srv);
	return 0;
}

int eio_server_set_tls(eio_server *srv, const char *cert_file,
	const char *key_file)
{
	struct eio__tls_files *files;
	int err;

	if (!srv || !cert_file || !key_file)
		return ENGINEIO_ERR_INVALID;
	files = &srv->http->tls_files;
	if (files->count == EIO__TLS_PAIRS)
		return ENGINEIO_ERR_FULL;
	if (!make_pair(&files->pairs[files->count], cert_file, key_file))
		return ENGINEIO_ERR_NOMEM;
	files->count++;
	err = load(srv);
	if (err)
		free_pair(&files->pairs[--files->count]);
	else
		drop_shadowed(files);
	return err;
}

int eio_server_set_client_ca(eio_server *srv, const char *ca_file,
	bool required)
{
	struct eio__tls_files *files, old;
	char *ca;
	int err;

	if (!srv)
		return ENGINEIO_ERR_INVALID;
	files = &srv->http->tls_files;
	if (!srv->http->tls) {
		snprintf(srv->http->error, sizeof(srv->http->error),
			"clients can only be asked for certificates over TLS: "
			"eio_server_set_tls() goes first");
		return ENGINEIO_ERR_STATE;
	}
	ca = ca_file ? strdup(ca_file) : NULL;
	if (ca_file && !ca)
		return ENGINEIO_ERR_NOMEM;
	old = *files;
	files->ca = ca;
	files->required = required;
	err = load(srv);
	free(err ? ca : old.ca);
	if (err) {
		files->ca = old.ca;
		files->required = old.required;
	}
	return err;
}

int eio_server_reload_tls(eio_server *srv)
{
	int err;

	if (!srv)
		return ENGINEIO_ERR_INVALID;
	if (!srv->http->tls)
		return ENGINEIO_ERR_STATE;
	err = load(srv);
	if (err)
		eio_server_log(srv, ENGINEIO_LOG_ERROR,
			"TLS: the certificates in use stay: %s",
			srv->http->error);
	else
		eio_server_log(srv, ENGINEIO_LOG_INFO,
			"TLS: certificates loaded anew");
	return err;
}

int64_t eio_server_tls_expires(const eio_server *srv)
{
	return srv && srv->http->tls ? eio__tls_context_expires(srv->http->tls)
				     : 0;
}

/* -- proxies ------------------------------------------------------------- */

int eio_server_trust_proxy(eio_server *srv, const char *range)
{
	int err;

	if (!srv || !range)
		return ENGINEIO_ERR_INVALID;
	err = eio__trust_add(&srv->http->trust, range);
	if (err == ENGINEIO_ERR_INVALID)
		snprintf(srv->http->error, sizeof(srv->http->error),
			"\"%.60s\" is not a range of addresses such as "
			"10.0.0.0/8",
			range);
	return err;
}
