/* SPDX-License-Identifier: MIT */
/*
 * client_suite_app.c: the two little servers that the test suites of
 * socket.io-client and engine.io-client talk to, on libsocketio; the twin of
 * client_suite_app.mjs. APP=sio is in client_suite_sio.c, APP=eio in
 * client_suite_eio.c; this file is the process. PORT is the port, 0 any; it
 * prints "listening on PORT" and ends with status 0 on SIGTERM and SIGINT.
 */
#include <config.h>

#include "client_suite_app.h"

#include <engineio/http.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void not_found(eio_request *req, void *user)
{
	eio_request_respond(req, 404, NULL, NULL, 0);
}

static void on_signal(void *loop, int events)
{
	eio_loop_stop(loop);
}

/* A descriptor that is readable when SIGTERM or SIGINT has come. */
static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int serve(eio_loop *loop, eio_server *engine, const char *fallback)
{
	const char *port = getenv("PORT");
	int err;

	eio_server_route(engine, NULL, "/", not_found, NULL);
	err = eio_server_listen(engine, NULL,
		(int)strtol(port ? port : fallback, NULL, 10));
	if (err) {
		fprintf(stderr, "%s\n", eio_strerror(err));
		return err;
	}
	printf("listening on %d\n", eio_server_port(engine));
	fflush(stdout);
	return eio_loop_run(loop);
}

static int serve_engine(eio_loop *loop)
{
	eio_server *engine = suite_eio(loop);
	int err = serve(loop, engine, "3000");

	eio_server_free(engine);
	suite_eio_clear();
	return err;
}

static int serve_socketio(eio_loop *loop)
{
	sio_server *srv = suite_sio(loop);
	int err = serve(loop, sio_server_engine(srv), "3210");

	if (*sio_server_error(srv)) {
		fprintf(stderr, "%s\n", sio_server_error(srv));
		err = -1;
	}
	sio_server_free(srv);
	return err;
}

int main(void)
{
	const char *app = getenv("APP");
	eio_loop *loop = eio_loop_new();
	int signals = open_signals(), err;
	eio_watch *watch = eio_watch_new(loop, signals, ENGINEIO_READABLE,
		on_signal, loop);

	err = app && !strcmp(app, "eio") ? serve_engine(loop)
					 : serve_socketio(loop);
	eio_watch_free(watch);
	eio_loop_free(loop);
	close(signals);
	return err ? 1 : 0;
}
