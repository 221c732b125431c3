/* SPDX-License-Identifier: MIT */
/*
 * Cross origin: the pages lie on another server than this one. Those of two
 * origins, and of every subdomain of a third, may connect and send cookies;
 * others are not only refused by their browser, but here. A cookie lets a
 * balancer keep each client on one server, and answers have a header of our
 * own.
 */
#include <socketio/socketio.h>

#include <engineio/http.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void on_headers(eio_request *req, bool first, void *user)
{
	if (first)
		eio_request_set_header(req, "X-Served-By", "one of many");
}

static void allow_pages(sio_server *srv)
{
	sio_server_add_cors_origin(srv, "https://www.example.com");
	sio_server_add_cors_origin(srv, "http://localhost:5173");
	sio_server_add_cors_pattern(srv, "https://[a-z0-9-]+\\.example\\.org");
	sio_server_set_option(srv, SIO_CORS_CREDENTIALS, 1);
	sio_server_set_option(srv, SIO_CORS_MAX_AGE, 600);
	sio_server_set_option(srv, SIO_CORS_REJECT, 1);
	/* What pages may read of an answer, besides the usual. */
	sio_server_set_cors_list(srv, SIO_CORS_EXPOSED_HEADERS, "X-Served-By");
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	allow_pages(srv);
	/* To pages of other origins a browser sends it only so, over TLS. */
	sio_server_set_cookie(srv, "io",
		"Path=/; HttpOnly; Secure; SameSite=None");
	sio_server_on_headers(srv, on_headers, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	sio_server_free(srv);
	return err != 0;
}
