/* SPDX-License-Identifier: MIT */
/*
 * net_lws_place.c: opening the listening sockets of a place: all addresses of a
 * host, a unix socket, or one that was inherited.
 *
 * What shall hold for every connection (TCP_NODELAY, TCP_NOTSENT_LOWAT) is set
 * here, from where Linux hands it down, so that it costs nothing per connection.
 * Always true: all sockets of a place are open or none is, those of a host on
 * one port; and of the files of unix sockets only those that we made, or on
 * which nobody listens any more, are deleted.
 */
#include <config.h>

#include <engineio/net_lws.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TRIES 8 /* for a port that is free on all addresses */
#define UNIX  "unix:"
#define FD    "fd:"

/* What may wait in the kernel beyond what is under way; the rest stays with
 * us, where it is counted. It only has to last until we are called again. */
#define NOTSENT_LOWAT (128 * 1024)

static void set(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof(value));
}

static void set_tcp(int fd)
{
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOTSENT_LOWAT);
}

/* The address of no host in particular takes IPv4 as well, if it may; the
 * others are listed apart by the resolver. */
static void set_options(int fd, const struct sockaddr *addr, bool ipv6_only)
{
	const struct sockaddr_in6 *in6 = (const void *)addr;

	if (addr->sa_family == AF_UNIX)
		return;
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	set_tcp(fd);
	if (addr->sa_family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY,
			ipv6_only || !IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr));
}

/* A socket that listens already. */
static void add_fd(struct eio__net_socks *s, int fd)
{
	s->fds[s->n++] = fd;
}

static int backlog_of(const struct eio__net_place *place)
{
	return place->backlog && place->backlog < INT_MAX ? (int)place->backlog
							  : SOMAXCONN;
}

/* Between the two nobody can connect yet. */
static int bind_and_listen(int fd, const struct sockaddr *addr, socklen_t len,
	const struct eio__net_place *place)
{
	const struct sockaddr_un *un = (const void *)addr;

	if (bind(fd, addr, len) < 0)
		return -errno;
	if (place->mode && addr->sa_family == AF_UNIX && un->sun_path[0] &&
		chmod(un->sun_path, place->mode) < 0)
		return -errno;
	return listen(fd, backlog_of(place)) < 0 ? -errno : 0;
}

/* 0 or a negative errno. */
static int add_sock(struct eio__net_socks *s, const struct sockaddr *addr,
	socklen_t len)
{
	int err, fd;

	fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0);
	if (fd < 0)
		return -errno;
	set_options(fd, addr, s->place->ipv6_only);
	err = bind_and_listen(fd, addr, len, s->place);
	if (err < 0)
		close(fd);
	else
		add_fd(s, fd);
	return err;
}

static void close_all(struct eio__net_socks *s)
{
	while (s->n > 0)
		close(s->fds[--s->n]);
}

static int get_port(const struct sockaddr *addr)
{
	if (addr->sa_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)(const void *)addr)
				     ->sin_port);
	if (addr->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)(const void *)addr)
				     ->sin6_port);
	return 0;
}

static void set_port(struct sockaddr *addr, int port)
{
	if (addr->sa_family == AF_INET)
		((struct sockaddr_in *)(void *)addr)->sin_port =
			htons((uint16_t)port);
	else if (addr->sa_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)addr)->sin6_port =
			htons((uint16_t)port);
}

static int bound_port(int fd)
{
	struct sockaddr_storage addr = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(addr);

	getsockname(fd, (struct sockaddr *)&addr, &len);
	return get_port((struct sockaddr *)&addr);
}

/* -- TCP ---------------------------------------------------------------- */

/* An address that this machine does not have is no reason to refuse, when the
 * name has another one that it has. */
static bool is_absent(int err)
{
	return err == -EADDRNOTAVAIL || err == -EAFNOSUPPORT;
}

static bool is_repeated(const struct addrinfo *first, const struct addrinfo *ai)
{
	for (; first != ai; first = first->ai_next)
		if (first->ai_addrlen == ai->ai_addrlen &&
			memcmp(first->ai_addr, ai->ai_addr, ai->ai_addrlen) ==
				0)
			return true;
	return false;
}

static void set_ports(struct addrinfo *list, int port)
{
	for (; list; list = list->ai_next)
		set_port(list->ai_addr, port);
}

/* All addresses of the list on one port; 0 or a negative errno. */
static int add_list(struct eio__net_socks *s, struct addrinfo *list)
{
	struct addrinfo *ai;
	int err, absent = -EADDRNOTAVAIL;

	for (ai = list; ai && s->n < EIO__NET_SOCKS; ai = ai->ai_next) {
		if (is_repeated(list, ai))
			continue;
		err = add_sock(s, ai->ai_addr, ai->ai_addrlen);
		if (is_absent(err)) {
			absent = err;
			continue;
		}
		if (err < 0)
			return err;
		s->port = bound_port(s->fds[0]);
		set_ports(list, s->port);
	}
	return s->n > 0 ? 0 : absent;
}

static int resolve(const char *host, int port, struct addrinfo **list)
{
	struct addrinfo hints = { 0 };
	char service[8];
	int err;

	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
	snprintf(service, sizeof(service), "%d", port);
	err = getaddrinfo(host, service, &hints, list);
	switch (err) {
	case 0:
		return 0;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_SYSTEM:
		return -errno;
	default:
		return ENGINEIO_ERR_ADDRESS;
	}
}

/* The port the system chooses for the first address may be in use on another;
 * then it may choose again. */
static int listen_host(struct eio__net_socks *s, const char *host, int port)
{
	struct addrinfo *list;
	int err, i;

	err = resolve(host, port, &list);
	if (err < 0)
		return err;
	for (i = 0; i < TRIES; i++) {
		err = add_list(s, list);
		if (err == 0)
			break;
		close_all(s);
		if (port != 0 || err != -EADDRINUSE)
			break;
		set_ports(list, 0);
	}
	freeaddrinfo(list);
	return err;
}

static int listen_tcp(struct eio__net_socks *s, const char *host, int port)
{
	int err;

	if (port < 0 || port > 65535)
		return -EINVAL;
	if (host && *host)
		return listen_host(s, host, port);
	err = listen_host(s, "::", port);
	return is_absent(err) ? listen_host(s, "0.0.0.0", port) : err;
}

/* -- unix sockets ------------------------------------------------------- */

/* Left behind by a server that is not there any more: a socket on which
 * nobody listens. Anything else is not ours to delete. */
static bool is_stale(const struct sockaddr_un *un)
{
	struct stat st;
	bool stale;
	int fd;

	if (lstat(un->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	stale = connect(fd, (const void *)un, sizeof(*un)) < 0 &&
		errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static int add_unix(struct eio__net_socks *s, const struct sockaddr_un *un)
{
	int err = add_sock(s, (const void *)un, sizeof(*un));

	if (err == -EADDRINUSE && is_stale(un)) {
		unlink(un->sun_path);
		err = add_sock(s, (const void *)un, sizeof(*un));
	}
	return err;
}

/* A name that begins with NUL is in no folder; it goes with the socket. */
static int listen_abstract(struct eio__net_socks *s, struct sockaddr_un *un,
	size_t len)
{
	un->sun_path[0] = '\0';
	return add_sock(s, (const void *)un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

static int listen_unix(struct eio__net_socks *s, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	struct stat st;
	int err;

	if (len == 0)
		return -EINVAL;
	if (len >= sizeof(un.sun_path))
		return -ENAMETOOLONG;
	memcpy(un.sun_path, path, len);
	if (path[0] == '@')
		return len > 1 ? listen_abstract(s, &un, len) : -EINVAL;
	s->path = strdup(path);
	if (!s->path)
		return -ENOMEM;
	err = add_unix(s, &un);
	if (err == 0 && lstat(path, &st) == 0) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}
	return err;
}

/* Unless somebody else has put another file there. */
static void remove_path(struct eio__net_socks *s)
{
	struct stat st;

	if (s->path && lstat(s->path, &st) == 0 && st.st_dev == s->dev &&
		st.st_ino == s->ino)
		unlink(s->path);
	free(s->path);
	s->path = NULL;
}

/* -- inherited descriptors ---------------------------------------------- */

static bool is_listening(int fd)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) == 0 &&
		value;
}

/* One that systemd, or whoever started the program, has opened for it. */
static int listen_fd(struct eio__net_socks *s, const char *number)
{
	size_t digits = strspn(number, "0123456789");
	int fd = (int)strtol(number, NULL, 10);

	/* Ten digits may be more than an int, or a long, can hold. */
	if (!digits || digits > 9 || number[digits])
		return -EINVAL;
	if (fcntl(fd, F_GETFD) < 0)
		return -EBADF;
	if (!is_listening(fd))
		return -EINVAL;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
		fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	set_tcp(fd); /* a unix socket does not mind */
	s->port = bound_port(fd);
	add_fd(s, fd);
	return 0;
}

/* -- places ------------------------------------------------------------- */

static int open_place(struct eio__net_socks *s)
{
	const char *host = s->place->host;

	if (host && strncmp(host, UNIX, strlen(UNIX)) == 0)
		return listen_unix(s, host + strlen(UNIX));
	if (host && strncmp(host, FD, strlen(FD)) == 0)
		return listen_fd(s, host + strlen(FD));
	return listen_tcp(s, host, s->place->port);
}

int eio__net_open_place(struct eio__net_socks *s,
	const struct eio__net_place *place)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->place = place;
	err = open_place(s);
	s->place = NULL;
	if (err < 0) {
		free(s->path);
		s->path = NULL;
	}
	return err;
}

void eio__net_close_place(struct eio__net_socks *s)
{
	remove_path(s);
	close_all(s);
}
