/* SPDX-License-Identifier: MIT */
/*
 * fake_tls_web.c: the server of fake_web over TLS, with certificates made for
 * it, and a route that tells whom it has seen.
 */
#include <config.h>

#include "fake_tls_web.h"

#include <assert.h>
#include <stdio.h>

struct made ca, ec;
char seen[512];

int tls_begin(void **state)
{
	open_folder();
	ca = make_certificate(&(struct wish){ .name = "ca", .is_ca = 1 });
	ec = make_certificate(&(struct wish){
		.name = "localhost", .issuer = &ca });
	write_made(&ca, NULL, "ca");
	write_made(&ec, &ca, "ec");
	return 0;
}

int tls_end(void **state)
{
	free_made(&ca);
	free_made(&ec);
	close_folder();
	return 0;
}

static const char *field(const eio_request *req, enum eio_certificate which)
{
	const char *text = eio_request_peer_certificate(req, which);

	return text ? text : "none";
}

static void note_client(eio_request *req, void *user)
{
	snprintf(seen, sizeof(seen), "%s %s %s [%s]", eio_request_address(req),
		eio_request_is_secure(req) ? "secure" : "plain",
		field(req, ENGINEIO_CERTIFICATE_SUBJECT),
		field(req, ENGINEIO_CERTIFICATE_ERROR));
	eio_request_respond(req, 204, NULL, NULL, 0);
}

void tls_route(struct fake_web *web)
{
	int err = eio_server_route(web->srv, NULL, "/who", note_client, NULL);

	assert(err == 0);
	seen[0] = '\0';
}

int set_tls(struct fake_web *web, const char *name)
{
	char cert[40], key[40];

	snprintf(cert, sizeof(cert), "%s.crt", name);
	snprintf(key, sizeof(key), "%s.key", name);
	return eio_server_set_tls(web->srv, in_folder(cert), in_folder(key));
}

int tls_setup(void **state)
{
	struct fake_web *web;

	if (fake_web_setup(state))
		return -1;
	web = *state;
	tls_route(web);
	if (set_tls(web, "ec"))
		return -1;
	return eio_server_listen(web->srv, NULL, TLS_PORT);
}

const char *seen_with(struct fake_web *web, const struct made *m)
{
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

	seen[0] = '\0';
	if (m)
		fake_tls_show(&t, m);
	fake_tls_start(&t, NULL);
	fake_tls_say(&t, GET_WHO);
	fake_tls_free(&t);
	return seen;
}
