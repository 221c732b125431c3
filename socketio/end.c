/* SPDX-License-Identifier: MIT */
/*
 * end.c: signals that end the server in order, for programs whose main() does
 * nothing but serve.
 *
 * The end itself is sio_server_close()'s.
 */
#include <config.h>

#include <socketio/io.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

struct sio__end {
	struct sio__end *next;
	eio_signal *sig;
	sio_server *srv;
	unsigned deadline_ms;
};

static void on_closed(void *srv)
{
	sio_server_stop(srv);
}

/* Who is asked a second time does not wait any longer. */
static void on_signal(void *user)
{
	struct sio__end *end = user;
	sio_server *srv = end->srv;

	if (sio_server_close(srv, end->deadline_ms, on_closed, srv))
		sio_server_stop(srv);
}

static struct sio__end *end_new(sio_server *srv, int number,
	unsigned deadline_ms)
{
	struct sio__end *end = calloc(1, sizeof(*end));
	int err;

	if (!end)
		return NULL;
	end->srv = srv;
	end->deadline_ms = deadline_ms;
	end->sig = eio_signal_new(srv->loop, number, on_signal, end);
	if (end->sig)
		return end;
	err = errno;
	free(end);
	errno = err;
	return NULL;
}

int sio_server_close_on_signal(sio_server *srv, int number,
	unsigned deadline_ms)
{
	struct sio__end *end;
	sigset_t set;

	if (!srv)
		return SIO_ERR_INVALID;
	if (srv->ended)
		return SIO_ERR_STATE;
	if (sigemptyset(&set) || sigaddset(&set, number))
		return sio__server_fail(srv, SIO_ERR_INVALID,
			"sio_server_close_on_signal(%d): there is no such "
			"signal",
			number);
	end = end_new(srv, number, deadline_ms);
	if (!end && errno == EBUSY)
		return sio__server_fail(srv, SIO_ERR_STATE,
			"sio_server_close_on_signal(%d): somebody has this "
			"signal already",
			number);
	if (!end)
		return sio__server_fail(srv, SIO_ERR_NOMEM,
			"sio_server_close_on_signal(%d): out of memory or "
			"descriptors",
			number);
	end->next = srv->ends;
	srv->ends = end;
	return 0;
}

void sio__ends_clear(sio_server *srv)
{
	struct sio__end *end;

	while (srv->ends) {
		end = srv->ends;
		srv->ends = end->next;
		eio_signal_free(end->sig);
		free(end);
	}
}
