/* SPDX-License-Identifier: MIT */
/*
 * engineio_echo.c: libengineio alone, without Socket.IO: every message goes
 * back as it came, and a page beside it answers on the same port.
 *
 *	./engineio_echo [PORT]
 *	curl http://localhost:3000/hello
 */
#include <engineio/http.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void on_message(eio_socket *s, char *data, size_t len, bool binary,
	void *user)
{
	eio_buf *buf = binary ? eio_buf_new_binary(data, len)
			      : eio_buf_new_text(data, len);

	eio_socket_send(s, buf);
	eio_buf_unref(buf);
}

static void on_close(eio_socket *s, enum eio_reason reason, const char *detail,
	void *user)
{
	printf("closed: %s (%s)\n", eio_reason_text(reason), detail);
}

static void on_hello(eio_request *req, void *user)
{
	eio_request_respond(req, 200, "text/plain", "hello\n", 6);
}

static void on_end(void *loop)
{
	eio_loop_stop(loop);
}

int main(int argc, char **argv)
{
	eio_loop *loop = eio_loop_new();
	eio_server *srv = eio_server_new(loop);
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3000;
	eio_signal *term = eio_signal_new(loop, SIGTERM, on_end, loop);
	int err;

	eio_server_on_message(srv, on_message, NULL);
	eio_server_on_close(srv, on_close, NULL);
	eio_server_route(srv, "GET", "/hello", on_hello, NULL);
	err = eio_server_listen(srv, NULL, port);
	if (err)
		fprintf(stderr, "%s\n", eio_server_error(srv));
	else
		err = eio_loop_run(loop);
	eio_signal_free(term);
	eio_server_free(srv);
	eio_loop_free(loop);
	return err != 0;
}
