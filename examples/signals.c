/* SPDX-License-Identifier: MIT */
/*
 * Ends in order on SIGTERM and SIGINT: clients are told, what is queued
 * leaves, and main() returns. Nothing may be called in a signal handler, so
 * the signals are blocked and read from a descriptor that the loop watches.
 */
#include <socketio/socketio.h>

#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int signal_fd;

static void on_hello(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply(ev, "s", "hello");
}

static void on_closed(void *srv)
{
	sio_server_stop(srv);
}

/* A second signal does not wait for the clients. */
static void on_signal(void *srv, int events)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof info) != sizeof info)
		return;
	if (sio_server_close(srv, 5000, on_closed, srv))
		sio_server_stop(srv);
}

static eio_watch *watch_signals(sio_server *srv)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return eio_watch_new(sio_server_loop(srv), signal_fd, ENGINEIO_READABLE,
		on_signal, srv);
}

int main(void)
{
	sio_server *srv = sio_server_new();
	eio_watch *signals = watch_signals(srv);
	int err;

	sio_nsp_on_event(sio_server_of(srv, "/"), "hello", on_hello, NULL);
	sio_server_listen(srv, NULL, 8080);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	eio_watch_free(signals);
	sio_server_free(srv);
	close(signal_fd);
	return err != 0;
}
