/* SPDX-License-Identifier: MIT */
/*
 * net_lws_listen.c: listening sockets, and accepting.
 *
 * The sockets are our own and are watched on the loop directly; accepted
 * descriptors go to net_lws.c. What shall hold for every connection
 * (TCP_NODELAY, TCP_NOTSENT_LOWAT) is set on the listening socket, from
 * which Linux hands it down, so that it costs nothing per connection.
 *
 * Always true: accepting never spins. A turn accepts at most BURST
 * connections of a socket, and when the process has no descriptor or memory
 * left, all listeners rest for a moment while the kernel keeps the queue.
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

#define BURST 64
#define PAUSE 0.1 /* s */
#define SOCKS 8   /* addresses of one host name */
#define TRIES 8   /* for a port that is free on all of them */
#define UNIX  "unix:"
#define FD    "fd:"

/* What may wait in the kernel beyond what is under way; the rest stays with
 * us, where it is counted. It only has to last until we are called again. */
#define NOTSENT_LOWAT (128 * 1024)

struct sock {
	struct ev_io io;
	struct eio__net_listener *listener;
};

struct eio__net_listener {
	struct eio__list link;
	struct eio__net *net;
	void *user;
	const struct eio__net_place *place; /* while it is opened */
	int port;
	int nsocks;
	bool accepting; /* below us on the stack */
	bool gone;      /* unlisten() was called meanwhile */
	char *path;     /* of a unix socket */
	dev_t dev;      /* which file it was when we made it */
	ino_t ino;
	struct sock socks[SOCKS];
};

/* -- accepting ---------------------------------------------------------- */

static void start(struct eio__net_listener *l)
{
	int i;

	for (i = 0; i < l->nsocks; i++)
		ev_io_start(l->net->loop, &l->socks[i].io);
}

static void stop(struct eio__net_listener *l)
{
	int i;

	for (i = 0; i < l->nsocks; i++)
		ev_io_stop(l->net->loop, &l->socks[i].io);
}

static void pause_all(struct eio__net *net)
{
	struct eio__list *link;

	eio__list_for_each(link, &net->listeners)
		stop(eio__list_entry(link, struct eio__net_listener, link));
	ev_timer_stop(net->loop, &net->accept_pause);
	ev_timer_set(&net->accept_pause, PAUSE, 0.);
	ev_timer_start(net->loop, &net->accept_pause);
}

static void on_pause_over(struct ev_loop *loop, struct ev_timer *w, int revents)
{
	struct eio__net *net = w->data;
	struct eio__list *link;

	eio__list_for_each(link, &net->listeners)
		start(eio__list_entry(link, struct eio__net_listener, link));
}

/* Whether it is worth trying again at once. */
static bool accept_failed(struct eio__net *net, int err)
{
	switch (err) {
	case EAGAIN:
#if EWOULDBLOCK != EAGAIN
	case EWOULDBLOCK:
#endif
		return false;
	case EINTR: /* and what the peer did to a connection in the queue */
	case ECONNABORTED:
	case EPROTO:
	case EPERM:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTUNREACH:
		return true;
	default:
		pause_all(net);
		return false;
	}
}

static bool accept_one(struct eio__net_listener *l, int listen_fd)
{
	struct eio__net *net = l->net;
	struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(peer);
	struct eio__net_conn *nc;
	void *conn;
	int fd;

	fd = accept4(listen_fd, (struct sockaddr *)&peer, &len,
		SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return accept_failed(net, errno);
	nc = eio__net_adopt(net, fd, (struct sockaddr *)&peer);
	if (!nc) {
		pause_all(net);
		return false;
	}
	eio__net_tell(net);
	conn = net->up->on_accept(net->owner, nc, l->user);
	if (conn)
		eio__net_conn_own(nc, conn);
	else
		eio__net_close(nc);
	return !l->gone;
}

static void on_acceptable(struct ev_loop *loop, struct ev_io *w, int revents)
{
	struct sock *s = w->data;
	struct eio__net_listener *l = s->listener;
	int i;

	l->accepting = true;
	for (i = 0; i < BURST; i++)
		if (!accept_one(l, w->fd))
			break;
	l->accepting = false;
	if (l->gone)
		free(l);
}

/* -- sockets ------------------------------------------------------------ */

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
static void add_fd(struct eio__net_listener *l, int fd)
{
	struct sock *s = &l->socks[l->nsocks++];

	s->listener = l;
	ev_io_init(&s->io, on_acceptable, fd, EV_READ);
	s->io.data = s;
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
static int add_sock(struct eio__net_listener *l, const struct sockaddr *addr,
	socklen_t len)
{
	int err, fd;

	fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0);
	if (fd < 0)
		return -errno;
	set_options(fd, addr, l->place->ipv6_only);
	err = bind_and_listen(fd, addr, len, l->place);
	if (err < 0)
		close(fd);
	else
		add_fd(l, fd);
	return err;
}

static void close_socks(struct eio__net_listener *l)
{
	stop(l);
	while (l->nsocks > 0)
		close(l->socks[--l->nsocks].io.fd);
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
static int add_list(struct eio__net_listener *l, struct addrinfo *list)
{
	struct addrinfo *ai;
	int err, absent = -EADDRNOTAVAIL;

	for (ai = list; ai && l->nsocks < SOCKS; ai = ai->ai_next) {
		if (is_repeated(list, ai))
			continue;
		err = add_sock(l, ai->ai_addr, ai->ai_addrlen);
		if (is_absent(err)) {
			absent = err;
			continue;
		}
		if (err < 0)
			return err;
		l->port = bound_port(l->socks[0].io.fd);
		set_ports(list, l->port);
	}
	return l->nsocks > 0 ? 0 : absent;
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
static int listen_host(struct eio__net_listener *l, const char *host, int port)
{
	struct addrinfo *list;
	int err, i;

	err = resolve(host, port, &list);
	if (err < 0)
		return err;
	for (i = 0; i < TRIES; i++) {
		err = add_list(l, list);
		if (err == 0)
			break;
		close_socks(l);
		if (port != 0 || err != -EADDRINUSE)
			break;
		set_ports(list, 0);
	}
	freeaddrinfo(list);
	return err;
}

static int listen_tcp(struct eio__net_listener *l, const char *host, int port)
{
	int err;

	if (port < 0 || port > 65535)
		return -EINVAL;
	if (host && *host)
		return listen_host(l, host, port);
	err = listen_host(l, "::", port);
	return is_absent(err) ? listen_host(l, "0.0.0.0", port) : err;
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

static int add_unix(struct eio__net_listener *l, const struct sockaddr_un *un)
{
	int err = add_sock(l, (const void *)un, sizeof(*un));

	if (err == -EADDRINUSE && is_stale(un)) {
		unlink(un->sun_path);
		err = add_sock(l, (const void *)un, sizeof(*un));
	}
	return err;
}

/* A name that begins with NUL is in no folder; it goes with the socket. */
static int listen_abstract(struct eio__net_listener *l, struct sockaddr_un *un,
	size_t len)
{
	un->sun_path[0] = '\0';
	return add_sock(l, (const void *)un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

static int listen_unix(struct eio__net_listener *l, const char *path)
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
		return len > 1 ? listen_abstract(l, &un, len) : -EINVAL;
	l->path = strdup(path);
	if (!l->path)
		return -ENOMEM;
	err = add_unix(l, &un);
	if (err == 0 && lstat(path, &st) == 0) {
		l->dev = st.st_dev;
		l->ino = st.st_ino;
	}
	return err;
}

/* Unless somebody else has put another file there. */
static void remove_path(struct eio__net_listener *l)
{
	struct stat st;

	if (l->path && lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
		st.st_ino == l->ino)
		unlink(l->path);
	free(l->path);
	l->path = NULL;
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
static int listen_fd(struct eio__net_listener *l, const char *number)
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
	l->port = bound_port(fd);
	add_fd(l, fd);
	return 0;
}

/* -- listeners ---------------------------------------------------------- */

static int open_place(struct eio__net_listener *l)
{
	const char *host = l->place->host;

	if (host && strncmp(host, UNIX, strlen(UNIX)) == 0)
		return listen_unix(l, host + strlen(UNIX));
	if (host && strncmp(host, FD, strlen(FD)) == 0)
		return listen_fd(l, host + strlen(FD));
	return listen_tcp(l, host, l->place->port);
}

struct eio__net_listener *eio__net_listen(struct eio__net *net,
	const struct eio__net_place *place, void *user, int *err)
{
	struct eio__net_listener *l = calloc(1, sizeof(*l));

	*err = -ENOMEM;
	if (!l)
		return NULL;
	l->net = net;
	l->user = user;
	l->place = place;
	*err = open_place(l);
	l->place = NULL;
	if (*err < 0) {
		free(l->path);
		free(l);
		return NULL;
	}
	eio__list_add_tail(&net->listeners, &l->link);
	start(l);
	return l;
}

int eio__net_listener_port(const struct eio__net_listener *l)
{
	return l->port;
}

void eio__net_unlisten(struct eio__net_listener *l)
{
	remove_path(l);
	close_socks(l);
	eio__list_del(&l->link);
	if (l->accepting)
		l->gone = true;
	else
		free(l);
}

void eio__net_listeners_init(struct eio__net *net)
{
	ev_timer_init(&net->accept_pause, on_pause_over, PAUSE, 0.);
	net->accept_pause.data = net;
}

void eio__net_unlisten_all(struct eio__net *net)
{
	while (!eio__list_empty(&net->listeners))
		eio__net_unlisten(eio__list_entry(net->listeners.next,
			struct eio__net_listener, link));
}
