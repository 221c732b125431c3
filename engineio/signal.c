/* SPDX-License-Identifier: MIT */
/*
 * signal.c: signals of the process as events of the loop.
 *
 * In a signal handler nothing of a program may be called. So the signal is
 * blocked, and a descriptor that the loop watches says that it came. It has a
 * handler all the same, which tells the next object for this number that there
 * is one: the kernel keeps that, for the whole process. Always true: what the
 * signal did before, it does again when the object is freed.
 */
#include <config.h>

#include <engineio/engineio.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <ucontext.h>
#include <unistd.h>

struct eio_signal {
	eio_watch *watch;
	int fd;
	int number;
	sigset_t set;
	bool was_blocked;
	struct sigaction before;
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

/* It came to a thread that does not block it: from now on that does, too, and
 * the signal comes once more, for whoever reads the descriptor. */
static void pass_on(int number, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;
	int err = errno;

	sigaddset(&interrupted->uc_sigmask, number);
	kill(getpid(), number);
	errno = err;
}

static bool is_taken(const struct sigaction *action)
{
	return action->sa_flags & SA_SIGINFO && action->sa_sigaction == pass_on;
}

static void unblock(const eio_signal *sig)
{
	if (!sig->was_blocked)
		pthread_sigmask(SIG_UNBLOCK, &sig->set, NULL);
}

/* In one step with the question who has it, for two threads that ask. */
static bool take(eio_signal *sig)
{
	struct sigaction action = {
		.sa_sigaction = pass_on,
		.sa_flags = SA_SIGINFO | SA_RESTART,
	};

	sigemptyset(&action.sa_mask);
	if (sigaction(sig->number, &action, &sig->before))
		return false;
	if (!is_taken(&sig->before))
		return true;
	errno = EBUSY;
	return false;
}

/* A handler that the program has set meanwhile stays. */
static void give_back(const eio_signal *sig)
{
	struct sigaction now;

	if (!sigaction(sig->number, NULL, &now) && is_taken(&now))
		sigaction(sig->number, &sig->before, NULL);
}

static bool block(eio_signal *sig)
{
	sigset_t before;

	sigemptyset(&sig->set);
	if (sigaddset(&sig->set, sig->number) ||
		pthread_sigmask(SIG_BLOCK, &sig->set, &before))
		return false;
	sig->was_blocked = sigismember(&before, sig->number) == 1;
	if (take(sig))
		return true;
	unblock(sig);
	return false;
}

eio_signal *eio_signal_new(eio_loop *loop, int number, void (*fn)(void *user),
	void *user)
{
	eio_signal *sig;

	errno = EINVAL;
	if (!loop || !fn)
		return NULL;
	sig = calloc(1, sizeof(*sig));
	if (!sig)
		return NULL;
	sig->number = number;
	if (!block(sig)) {
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
	give_back(sig);
	unblock(sig);
	free(sig);
}
