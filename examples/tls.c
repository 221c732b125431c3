/* SPDX-License-Identifier: MIT */
/*
 * https and wss, with a certificate that is loaded anew on SIGHUP. Makes
 * itself known by "whoami": the client's address and, if it showed a
 * certificate, whose. For a try:
 *
 *   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
 *       -nodes -subj /CN=localhost -keyout key.pem -out cert.pem -days 30
 *   ./tls 8443 cert.pem key.pem
 *   curl -k 'https://localhost:8443/socket.io/?EIO=4&transport=polling'
 *
 * A third file has the certificates that clients' must be signed with.
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void on_whoami(sio_socket *s, sio_event *ev, void *user)
{
	const char *name =
		sio_socket_peer_certificate(s, ENGINEIO_CERTIFICATE_SUBJECT);

	sio_event_reply(ev, "s, s", sio_socket_address(s),
		name ? name : "nobody I know");
}

static void print_expiry(sio_server *srv)
{
	int64_t left = sio_server_tls_expires(srv) -
		eio_loop_wall(sio_server_loop(srv)) / 1000;

	printf("the certificate is good for %ld days\n", (long)(left / 86400));
	fflush(stdout);
}

static void on_hangup(void *srv)
{
	/* What is in use stays if the new one is bad. */
	if (sio_server_reload_tls(srv))
		fprintf(stderr, "%s\n",
			eio_server_error(sio_server_engine(srv)));
	else
		print_expiry(srv);
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	eio_signal *hangup =
		eio_signal_new(sio_server_loop(srv), SIGHUP, on_hangup, srv);
	int err;

	if (argc < 4) {
		fprintf(stderr, "usage: tls PORT CERT KEY [CLIENT-CA]\n");
		return 2;
	}
	sio_nsp_on_event(sio_server_of(srv, "/"), "whoami", on_whoami, NULL);
	sio_server_set_tls(srv, argv[2], argv[3]);
	if (argc > 4)
		sio_server_set_client_ca(srv, argv[4], true);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, (int)strtol(argv[1], NULL, 10));
	print_expiry(srv);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	eio_signal_free(hangup);
	sio_server_free(srv);
	return err != 0;
}
