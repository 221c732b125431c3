/* SPDX-License-Identifier: MIT */
/*
 * signal.c: signals of the process as events of the loop.
 *
 * In a signal handler nothing of a program may be called. So the signal is
 * blocked, and a descriptor that the loop watches says that it came. Always
 * true: what the signal did before, it does again when the object is freed.
 */
#include <config.h>

#include <engineio/engineio.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct eio_signal {
	eio_watch *watch;
	int fd;
	sigset_t set;
	bool was_blocked;
	void (*fn)(void *user);
	void *user;
};

/* Nothing is touched after the call: it may free the object. */
static void on_readable(void *user, int events)
{
	eio_signal *sig = user;
	struct signalfd_siginfo info;

	if (read(sig->fd, &info, sizeof(info)) == sizeof(info))
		sig->fn(sig->user);
}

static bool block(eio_signal *sig, int number)
{
	sigset_t before;

	sigemptyset(&sig->set);
	if (sigaddset(&sig->set, number) ||
		pthread_sigmask(SIG_BLOCK, &sig->set, &before))
		return false;
	sig->was_blocked = sigismember(&before, number) == 1;
	return true;
}

static void unblock(const eio_signal *sig)
{
	if (!sig->was_blocked)
		pthread_sigmask(SIG_UNBLOCK, &sig->set, NULL);
}

eio_signal *eio_signal_new(eio_loop *loop, int number, void (*fn)(void *user),
	void *user)
{
	eio_signal *sig;

	if (!loop || !fn)
		return NULL;
	sig = calloc(1, sizeof(*sig));
	if (!sig || !block(sig, number)) {
		free(sig);
		return NULL;
	}
	sig->fn = fn;
	sig->user = user;
	sig->fd = signalfd(-1, &sig->set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (sig->fd >= 0)
		sig->watch = eio_watch_new(loop, sig->fd, ENGINEIO_READABLE,
			on_readable, sig);
	if (sig->watch)
		return sig;
	eio_signal_free(sig);
	return NULL;
}

void eio_signal_free(eio_signal *sig)
{
	if (!sig)
		return;
	eio_watch_free(sig->watch);
	if (sig->fd >= 0)
		close(sig->fd);
	unblock(sig);
	free(sig);
}
