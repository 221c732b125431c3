/* SPDX-License-Identifier: MIT */
/*
 * test_loopback_listen.c: the real network: where it listens, why it cannot,
 * and accepting when descriptors are short.
 */
#include <config.h>

#include "loopback.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static const struct behaviour silent;

static bool one_accepted(struct server *s)
{
	return s->accepted == 1;
}

/* -- addresses ---------------------------------------------------------- */

static struct eio__net_addr peer_address;

static void note_peer(struct peer *p)
{
	eio__net_peer(p->nc, &peer_address);
}

static const struct behaviour curious = { .on_accept = note_peer };

static int connect6(struct client *c)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };

	in6.sin6_port = htons((uint16_t)c->server->port);
	c->fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return connect(c->fd, (struct sockaddr *)&in6, sizeof(in6));
}

static int local_port(int fd)
{
	struct sockaddr_in6 addr; /* the port is at the same place in both */
	socklen_t len = sizeof(addr);

	getsockname(fd, (struct sockaddr *)&addr, &len);
	return ntohs(addr.sin6_port);
}

static void come_over_ipv4(struct client *c)
{
	c->ok = client_connect(c) == 0;
	c->got = local_port(c->fd);
	client_wait(c, one_accepted);
}

static void come_over_ipv6(struct client *c)
{
	c->ok = connect6(c) == 0;
	c->got = local_port(c->fd);
	client_wait(c, one_accepted);
}

static bool have_ipv6(void)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool have = fd >= 0 &&
		bind(fd, (struct sockaddr *)&in6, sizeof(in6)) == 0;

	if (fd >= 0)
		close(fd);
	return have;
}

static void check_peer(const char *host, void (*come)(struct client *c),
	const char *text)
{
	struct server s;
	struct client c;

	memset(&peer_address, 0, sizeof(peer_address));
	server_open_at(&s, &curious, host);
	server_run(&s, &c, come);
	assert_true(c.ok);
	assert_string_equal(peer_address.text, text);
	assert_int_equal(peer_address.port, c.got);
	server_close(&s);
}

static void listen__on_no_host__takes_both_families(void **state)
{
	check_peer(NULL, come_over_ipv4, "127.0.0.1");
	if (have_ipv6())
		check_peer(NULL, come_over_ipv6, "::1");
}

static void listen__on_a_number__takes_its_family(void **state)
{
	check_peer("127.0.0.1", come_over_ipv4, "127.0.0.1");
	check_peer("0.0.0.0", come_over_ipv4, "127.0.0.1");
	if (have_ipv6())
		check_peer("::1", come_over_ipv6, "::1");
}

static void listen__on_localhost__takes_ipv4(void **state)
{
	check_peer("localhost", come_over_ipv4, "127.0.0.1");
}

/* -- refusals ----------------------------------------------------------- */

static void check_refusal(const char *host, int port, int expected)
{
	eio_loop *loop = eio_loop_new();
	struct eio__net_listener *l;
	int err = 0;

	assert_non_null(loop);
	l = eio__net_listen(eio__loop_net(loop),
		&(struct eio__net_place){ .host = host, .port = port }, NULL,
		&err);
	assert_null(l);
	assert_int_equal(err, expected);
	eio_loop_free(loop);
}

static void listen__on_port_in_use__says_so(void **state)
{
	struct server s;

	server_open(&s, &silent);
	check_refusal("127.0.0.1", s.port, -EADDRINUSE);
	check_refusal(NULL, s.port, -EADDRINUSE);
	server_close(&s);
}

static void listen__on_bad_address__says_why(void **state)
{
	char name[300];

	memset(name, 'x', sizeof(name) - 1); /* too long to be asked for */
	name[sizeof(name) - 1] = '\0';
	check_refusal(name, 0, ENGINEIO_ERR_ADDRESS);
	check_refusal("192.0.2.1", 0, -EADDRNOTAVAIL);
	check_refusal("127.0.0.1", -1, -EINVAL);
	check_refusal("127.0.0.1", 65536, -EINVAL);
	check_refusal("unix:", 0, -EINVAL);
	memcpy(name, "unix:", 5);
	check_refusal(name, 0, -ENAMETOOLONG);
	check_refusal("unix:/nonexistent/socket", 0, -ENOENT);
}

static void unlisten__and_listen_again__takes_the_same_port(void **state)
{
	struct server s;
	struct client c;
	int err;

	server_open(&s, &silent);
	server_run(&s, &c, come_over_ipv4);
	eio__net_unlisten(s.listener);
	s.listener = eio__net_listen(eio__loop_net(s.loop),
		&(struct eio__net_place){ .host = "127.0.0.1", .port = s.port },
		&s.acceptor, &err);
	assert_non_null(s.listener);
	assert_int_equal(eio__net_listener_port(s.listener), s.port);
	s.accepted = 0;
	server_run(&s, &c, come_over_ipv4);
	assert_true(c.ok);
	server_close(&s);
}

static void stop_listening(struct peer *p)
{
	eio__net_unlisten(p->server->listener);
	p->server->listener = NULL;
}

static const struct behaviour hermit = { .on_accept = stop_listening };

static void come_twice(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	client_close(c);
	c->ok = c->ok && client_connect(c) < 0;
}

static void unlisten__inside_on_accept__accepts_no_more(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &hermit);
	server_run(&s, &c, come_twice);
	assert_true(c.ok);
	assert_int_equal(s.accepted, 1);
	server_close(&s);
}

/* -- unix sockets ------------------------------------------------------- */

struct folder {
	char path[64];
	char host[128];
	const char *file;
};

static void make_folder(struct folder *f)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(f->path, sizeof(f->path), "%s/eio-XXXXXX",
		tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->path));
	snprintf(f->host, sizeof(f->host), "unix:%s/s", f->path);
	f->file = f->host + strlen("unix:");
}

static struct folder *folder; /* of the test that runs */

static int connect_unix(struct client *c)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", folder->file);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return connect(c->fd, (struct sockaddr *)&un, sizeof(un));
}

static bool one_gone(struct server *s)
{
	return s->gone == 1;
}

static void say_hello(struct client *c)
{
	char data[5];

	c->ok = connect_unix(c) == 0 && client_write(c, "hello", 5) == 0 &&
		client_read(c, data, 5) == 5 && memcmp(data, "hello", 5) == 0;
	client_close(c);
	client_wait(c, one_gone);
}

static void listen__on_a_unix_socket__serves_and_cleans_up(void **state)
{
	struct folder f;
	struct server s;
	struct client c;

	make_folder(&f);
	folder = &f;
	server_open_at(&s, &echo, f.host);
	assert_int_equal(s.port, 0);
	server_run(&s, &c, say_hello);
	assert_true(c.ok);
	assert_int_equal(s.why, 0);
	check_refusal(f.host, 0, -EADDRINUSE);
	server_close(&s);
	assert_int_equal(access(f.file, F_OK), -1);
	assert_int_equal(rmdir(f.path), 0);
}

static void leave_stale_socket(const struct folder *f)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", f->file);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(fd, 1), 0);
	close(fd);
}

static void listen__on_a_stale_unix_socket__replaces_it(void **state)
{
	struct folder f;
	struct server s;
	struct client c;

	make_folder(&f);
	folder = &f;
	leave_stale_socket(&f);
	server_open_at(&s, &echo, f.host);
	server_run(&s, &c, say_hello);
	assert_true(c.ok);
	server_close(&s);
	assert_int_equal(rmdir(f.path), 0);
}

static void listen__on_another_file__leaves_it(void **state)
{
	struct folder f;
	struct stat st;
	int fd;

	make_folder(&f);
	fd = open(f.file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	check_refusal(f.host, 0, -EADDRINUSE);
	assert_int_equal(lstat(f.file, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(f.file);
	assert_int_equal(rmdir(f.path), 0);
}

static void set_mode(mode_t mask, unsigned mode, unsigned expected)
{
	struct folder f;
	struct server s;
	struct stat st;
	mode_t before = umask(mask);
	int err;

	make_folder(&f);
	server_open(&s, &silent);
	eio__net_unlisten(s.listener);
	s.listener = eio__net_listen(eio__loop_net(s.loop),
		&(struct eio__net_place){ .host = f.host, .mode = mode },
		&s.acceptor, &err);
	umask(before);
	assert_non_null(s.listener);
	assert_int_equal(lstat(f.file, &st), 0);
	assert_int_equal(st.st_mode & 0777, expected);
	server_close(&s);
	assert_int_equal(rmdir(f.path), 0);
}

static void listen__on_a_unix_socket__gives_it_the_mode(void **state)
{
	set_mode(0077, 0666, 0666);
	set_mode(0, 0660, 0660);
	set_mode(0027, 0, 0750);
}

static void say_hello_to_a_name(struct client *c)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char data[5];
	int len = snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1, "%s",
		folder->path);

	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	c->ok = connect(c->fd, (struct sockaddr *)&un,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
				(size_t)len)) == 0 &&
		client_write(c, "hello", 5) == 0 &&
		client_read(c, data, 5) == 5 && memcmp(data, "hello", 5) == 0;
	client_close(c);
	client_wait(c, one_gone);
}

static void listen__on_a_name_without_a_file__serves(void **state)
{
	struct folder f;
	struct server s;
	struct client c;

	make_folder(&f);
	folder = &f;
	snprintf(f.host, sizeof(f.host), "unix:@%s", f.path);
	server_open_at(&s, &echo, f.host);
	server_run(&s, &c, say_hello_to_a_name);
	assert_true(c.ok);
	check_refusal(f.host, 0, -EADDRINUSE);
	check_refusal("unix:@", 0, -EINVAL);
	server_close(&s);
	assert_int_equal(rmdir(f.path), 0);
}

/* -- inherited descriptors ---------------------------------------------- */

static int listening_socket(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void listen__on_an_inherited_descriptor__serves(void **state)
{
	int fd = listening_socket();
	char host[20];
	struct server s;
	struct client c;

	snprintf(host, sizeof(host), "fd:%d", fd);
	server_open_at(&s, &silent, host);
	assert_int_equal(s.port, local_port(fd));
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	server_run(&s, &c, come_over_ipv4);
	assert_true(c.ok);
	server_close(&s);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void listen__on_no_listening_descriptor__is_refused(void **state)
{
	char host[20];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check_refusal("fd:", 0, -EINVAL);
	check_refusal("fd:3x", 0, -EINVAL);
	check_refusal("fd:-1", 0, -EINVAL);
	check_refusal("fd:99999999999", 0, -EINVAL);
	check_refusal("fd:65000", 0, -EBADF);
	snprintf(host, sizeof(host), "fd:%d", fd);
	check_refusal(host, 0, -EINVAL);
	/* It was not the listener's to close. */
	assert_int_equal(close(fd), 0);
}

/* -- options ------------------------------------------------------------ */

static void listen__on_ipv6_only__does_not_take_ipv4(void **state)
{
	struct server s;
	struct client c;
	int err;

	if (!have_ipv6())
		return;
	server_open(&s, &silent);
	eio__net_unlisten(s.listener);
	s.listener = eio__net_listen(eio__loop_net(s.loop),
		&(struct eio__net_place){ .host = "::", .ipv6_only = true },
		&s.acceptor, &err);
	assert_non_null(s.listener);
	s.port = eio__net_listener_port(s.listener);
	memset(&c, 0, sizeof(c));
	c.server = &s;
	assert_int_equal(client_connect(&c), -1);
	close(c.fd);
	assert_int_equal(connect6(&c), 0);
	close(c.fd);
	server_close(&s);
}

/* How many connections of four the kernel has taken on behalf of a listener
 * that accepts none. */
static int count_taken(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	int fds[4], i, taken = 0;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (i = 0; i < 4; i++) {
		fds[i] = socket(AF_INET,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(fds[i], (struct sockaddr *)&to, sizeof(to));
	}
	for (i = 0; i < 4; i++) {
		taken += getpeername(fds[i], (struct sockaddr *)&peer, &len) ==
			0;
		close(fds[i]);
	}
	return taken;
}

static void option__backlog__says_how_many_may_wait(void **state)
{
	eio_loop *loop = eio_loop_new();
	eio_server *srv = eio_server_new(loop);

	eio_server_set_option(srv, ENGINEIO_BACKLOG, 1);
	assert_int_equal(eio_server_listen(srv, "127.0.0.1", 0), 0);
	assert_in_range(count_taken(eio_server_port(srv)), 1, 3);
	eio_server_free(srv);
	srv = eio_server_new(loop);
	assert_int_equal(eio_server_listen(srv, "127.0.0.1", 0), 0);
	assert_int_equal(count_taken(eio_server_port(srv)), 4);
	eio_server_free(srv);
	eio_loop_free(loop);
}

static void option__unix_mode__is_the_files(void **state)
{
	eio_loop *loop = eio_loop_new();
	eio_server *srv = eio_server_new(loop);
	struct folder f;
	struct stat st;

	make_folder(&f);
	assert_int_equal(eio_server_set_option(srv, ENGINEIO_UNIX_MODE, 01000),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_option(srv, ENGINEIO_UNIX_MODE, 0606),
		0);
	assert_int_equal(eio_server_listen(srv, f.host, 0), 0);
	assert_int_equal(lstat(f.file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0606);
	eio_server_free(srv);
	eio_loop_free(loop);
	assert_int_equal(rmdir(f.path), 0);
}

static void check_error(const char *host, const char *text)
{
	eio_loop *loop = eio_loop_new();
	eio_server *srv = eio_server_new(loop);

	assert_int_equal(eio_server_listen(srv, host, 0), ENGINEIO_ERR_ADDRESS);
	assert_string_equal(eio_server_error(srv), text);
	eio_server_free(srv);
	eio_loop_free(loop);
}

static void error__of_each_kind_of_place__names_it(void **state)
{
	check_error("fd:65000",
		"cannot listen on this machine, descriptor 65000: "
		"Bad file descriptor");
	check_error("unix:/nonexistent/s",
		"cannot listen on this machine, /nonexistent/s: "
		"No such file or directory");
	check_error("unix:@",
		"cannot listen on this machine, @: Invalid argument");
}

/* -- descriptors -------------------------------------------------------- */

static struct rlimit limit;

static void raise_limit(void *arg, int status)
{
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void greet(struct peer *p)
{
	eio__net_write(p->nc, "x", 1);
}

static const struct behaviour greeting = { .on_accept = greet };

/* Under valgrind, accept() drops a connection for which there is no
 * descriptor; the kernel keeps it. */
static void wait_to_be_accepted(struct client *c)
{
	char data[1];
	int i;

	for (i = 0; i < 100 && c->got != 1; i++) {
		if (c->fd >= 0)
			client_close(c);
		if (client_connect(c) == 0)
			c->got = client_read(c, data, 1);
	}
}

/* The client's socket is the last that fits; a moment later there is room. */
static void accept__without_descriptors__rests_and_recovers(void **state)
{
	struct rlimit low;
	struct server s;
	struct client c;
	int next;

	server_open(&s, &greeting);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	next = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(next >= 0);
	close(next);
	low = limit;
	low.rlim_cur = (rlim_t)next + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	eio_loop_after(s.loop, 150, raise_limit, NULL);
	server_run(&s, &c, wait_to_be_accepted);
	raise_limit(NULL, 0);
	assert_int_equal(c.got, 1);
	assert_int_equal(s.accepted, 1);
	assert_true(s.turns < 50);
	server_close(&s);
}

#define FILLED 1200

static bool fill_descriptors(int *fds)
{
	int i;

	for (i = 0; i < FILLED; i++) {
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			break;
	}
	if (i == FILLED)
		return true;
	while (i-- > 0)
		close(fds[i]);
	return false;
}

static void say_hello_high(struct client *c)
{
	char data[5];

	c->ok = client_connect(c) == 0 && client_write(c, "hello", 5) == 0 &&
		client_read(c, data, 5) == 5 && memcmp(data, "hello", 5) == 0;
	client_close(c);
	client_wait(c, one_gone);
}

/* Numbers beyond the small table of libwebsockets. Where the limit does not
 * allow that many, it is the small table that is tested. */
static void accept__high_descriptor_numbers__are_served(void **state)
{
	static int fds[FILLED];
	int before = open_descriptors(), i;
	bool filled;
	struct server s;
	struct client c;

	server_open(&s, &echo);
	filled = fill_descriptors(fds);
	server_run(&s, &c, say_hello_high);
	assert_true(c.ok);
	assert_int_equal(s.why, 0);
	for (i = 0; filled && i < FILLED; i++)
		close(fds[i]);
	server_close(&s);
	assert_int_equal(open_descriptors(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listen__on_no_host__takes_both_families),
		cmocka_unit_test(listen__on_a_number__takes_its_family),
		cmocka_unit_test(listen__on_localhost__takes_ipv4),
		cmocka_unit_test(listen__on_port_in_use__says_so),
		cmocka_unit_test(listen__on_bad_address__says_why),
		cmocka_unit_test(
			unlisten__and_listen_again__takes_the_same_port),
		cmocka_unit_test(unlisten__inside_on_accept__accepts_no_more),
		cmocka_unit_test(
			listen__on_a_unix_socket__serves_and_cleans_up),
		cmocka_unit_test(listen__on_a_stale_unix_socket__replaces_it),
		cmocka_unit_test(listen__on_another_file__leaves_it),
		cmocka_unit_test(listen__on_a_unix_socket__gives_it_the_mode),
		cmocka_unit_test(listen__on_a_name_without_a_file__serves),
		cmocka_unit_test(listen__on_an_inherited_descriptor__serves),
		cmocka_unit_test(
			listen__on_no_listening_descriptor__is_refused),
		cmocka_unit_test(listen__on_ipv6_only__does_not_take_ipv4),
		cmocka_unit_test(option__backlog__says_how_many_may_wait),
		cmocka_unit_test(option__unix_mode__is_the_files),
		cmocka_unit_test(error__of_each_kind_of_place__names_it),
		cmocka_unit_test(
			accept__without_descriptors__rests_and_recovers),
		cmocka_unit_test(accept__high_descriptor_numbers__are_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
