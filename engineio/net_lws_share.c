/* SPDX-License-Identifier: MIT */
/*
 * net_lws_share.c: long bytes that many connections are sent.
 *
 * They are written once into a file in memory. Its pages go to each socket by
 * sendfile(), where send() would copy them for each of them: half of what a
 * large broadcast costs, and most of the memory that it takes.
 *
 * What has been given to a socket and not yet left it are these very pages.
 * Always true: nobody writes to the file again; and they live until the last
 * of them has left, also when the file is closed before that.
 */
#include <config.h>

#include <engineio/net_lws.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <time.h>
#include <unistd.h>

/* Descriptors that may be in use for this; more is sent by send(). */
#define SHARES 16

struct eio__net_shared {
	struct eio__list link; /* in net->shares, as long as there is a net */
	const char *bytes;
	int fd;
};

static bool is_crowded(const struct eio__net *net)
{
	const struct eio__list *pos;
	int n = 0;

	for (pos = net->shares.next; pos != &net->shares; pos = pos->next)
		n++;
	return n >= SHARES;
}

/* Beyond the limit for files there would be a signal. */
static bool may_be_a_file(size_t len)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && len <= limit.rlim_cur;
}

static bool write_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static int open_file(const char *p, size_t len)
{
	int fd = memfd_create("eio-shared", MFD_CLOEXEC);

	if (fd < 0 || write_all(fd, p, len))
		return fd;
	close(fd);
	return -1;
}

struct eio__net_shared *eio__net_share(struct eio__net_conn *nc, const void *p,
	size_t len)
{
	struct eio__net *net = nc->net;
	struct eio__net_shared *shared;

	if (is_crowded(net) || !may_be_a_file(len))
		return NULL;
	shared = malloc(sizeof(*shared));
	if (!shared)
		return NULL;
	shared->bytes = p;
	shared->fd = open_file(p, len);
	if (shared->fd < 0) {
		free(shared);
		return NULL;
	}
	eio__list_add_tail(&net->shares, &shared->link);
	return shared;
}

void eio__net_unshare(struct eio__net_shared *shared)
{
	if (!shared)
		return;
	eio__list_del(&shared->link);
	close(shared->fd);
	free(shared);
}

/* Whoever has them may give them back after the network has gone. */
void eio__net_forget_shares(struct eio__net *net)
{
	while (eio__list_pop(&net->shares))
		continue;
}

/* sendfile() has no MSG_NOSIGNAL; and a signal that was waiting before is not
 * ours to take. */
static ssize_t sendfile_quietly(int to, int fd, off_t off, size_t len)
{
	static const struct timespec at_once;
	sigset_t sigpipe, before, pending;
	ssize_t n;
	int err;

	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
	n = sendfile(to, fd, &off, len);
	err = errno;
	if (n < 0 && err == EPIPE && !sigismember(&before, SIGPIPE) &&
		sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE))
		sigtimedwait(&sigpipe, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return n;
}

bool eio__net_send_shared(int fd, const struct eio__net_shared *shared,
	const char *p, size_t len, ssize_t *n)
{
	do
		*n = sendfile_quietly(fd, shared->fd, p - shared->bytes, len);
	while (*n < 0 && errno == EINTR);
	return *n >= 0 ||
		(errno != EINVAL && errno != ENOSYS && errno != EPERM &&
			errno != ENOMEM);
}
