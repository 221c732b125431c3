/* SPDX-License-Identifier: MIT */
/*
 * test_loopback_tls.c: the real network with TLS: much data to a slow reader,
 * reading that is stopped, and every way a connection can end.
 */
#include <config.h>

#include "certificates.h"
#include "loopback.h"

#include <engineio/tls.h>

#include <openssl/err.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define LARGE (8 * 1024 * 1024)

static struct eio__tls_context *context;
static SSL_CTX *client_context;

static int set_up(void **state)
{
	static struct eio__tls_files files;
	struct made made =
		make_certificate(&(struct wish){ .name = "localhost" });
	char error[256] = "", cert[160], key[160];

	open_folder();
	write_made(&made, NULL, "s");
	free_made(&made);
	snprintf(cert, sizeof(cert), "%s", in_folder("s.crt"));
	snprintf(key, sizeof(key), "%s", in_folder("s.key"));
	files.pairs[0].cert = cert;
	files.pairs[0].key = key;
	files.count = 1;
	context = eio__tls_context_new(&files, NULL, error, sizeof(error));
	client_context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_mode(client_context,
		SSL_MODE_ENABLE_PARTIAL_WRITE |
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	close_folder();
	assert_string_equal(error, "");
	return context ? 0 : -1;
}

static int tear_down(void **state)
{
	eio__tls_context_unref(context);
	SSL_CTX_free(client_context);
	return 0;
}

/* -- the client ---------------------------------------------------------- */

static bool one_gone(struct server *s)
{
	return s->gone == 1;
}

static bool flagged(struct server *s)
{
	return s->flag;
}

static bool one_accepted(struct server *s)
{
	return s->accepted == 1;
}

/* Blocking at first; NULL when it goes wrong. */
static SSL *ssl_connect(struct client *c)
{
	SSL *ssl = SSL_new(client_context);

	if (client_connect(c) == 0 && SSL_set_fd(ssl, c->fd) == 1 &&
		SSL_connect(ssl) == 1)
		return ssl;
	SSL_free(ssl);
	return NULL;
}

static bool ssl_read_all(SSL *ssl, char *data, size_t len)
{
	size_t at = 0, n;

	while (at < len) {
		if (SSL_read_ex(ssl, data + at, len - at, &n) != 1)
			return false;
		at += n;
	}
	return true;
}

/* -- bytes --------------------------------------------------------------- */

static void with_tls(struct peer *p)
{
	assert_int_equal(eio__net_start_tls(p->nc, context, 16384), 0);
}

static void echo_back(struct peer *p, char *data, size_t len)
{
	peer_write(p, data, len);
}

static const struct behaviour tls_echo = {
	.on_accept = with_tls,
	.on_bytes = echo_back,
	.on_writable = peer_flush,
};

static void say_hello(struct client *c)
{
	SSL *ssl = ssl_connect(c);
	char data[5];

	c->ok = ssl && SSL_write(ssl, "hello", 5) == 5 &&
		ssl_read_all(ssl, data, 5) && memcmp(data, "hello", 5) == 0;
	SSL_free(ssl);
}

static void echo__small_message__comes_back(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &tls_echo);
	server_run(&s, &c, say_hello);
	assert_true(c.ok);
	assert_int_equal(s.bytes, 5);
	server_close(&s);
}

/* -- TLS, or not --------------------------------------------------------- */

static void with_an_offer(struct peer *p)
{
	assert_int_equal(eio__net_offer_tls(p->nc, context, 16384), 0);
}

static const struct behaviour offered_echo = {
	.on_accept = with_an_offer,
	.on_bytes = echo_back,
	.on_writable = peer_flush,
};

static void say_hello_plainly(struct client *c)
{
	char data[5];

	c->ok = client_connect(c) == 0 && client_write(c, "hello", 5) == 0 &&
		client_read(c, data, 5) == 5 && memcmp(data, "hello", 5) == 0;
}

static void check_offered(void (*fn)(struct client *c), size_t bytes)
{
	struct server s;
	struct client c;

	server_open(&s, &offered_echo);
	server_run(&s, &c, fn);
	assert_true(c.ok);
	assert_int_equal(s.bytes, bytes);
	server_close(&s);
}

static void offer__taken_or_not__echoes_the_same(void **state)
{
	check_offered(say_hello, 5);
	check_offered(say_hello_plainly, 5);
}

/* Sends and receives a long pattern at once, or only sends. */
struct exchange {
	SSL *ssl;
	size_t sent, received;
	bool reads, wrong;
};

static void send_more(struct exchange *x)
{
	char data[16000];
	size_t i,
		n = LARGE - x->sent < sizeof(data) ? LARGE - x->sent
						   : sizeof(data);

	for (i = 0; i < n; i++)
		data[i] = pattern(x->sent + i);
	if (n && SSL_write_ex(x->ssl, data, n, &n) == 1)
		x->sent += n;
}

static void receive_more(struct exchange *x)
{
	char data[3000];
	size_t i, n;

	if (SSL_read_ex(x->ssl, data, sizeof(data), &n) != 1)
		return;
	for (i = 0; i < n; i++)
		x->wrong |= data[i] != pattern(x->received + i);
	x->received += n;
}

/* Until all has come, or nothing moves any more. */
static void exchange(struct exchange *x, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	size_t before = SIZE_MAX;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (x->received < LARGE && x->sent + x->received != before) {
		before = x->sent + x->received;
		ERR_clear_error();
		send_more(x);
		if (x->reads)
			receive_more(x);
		if (x->sent + x->received != before)
			continue;
		p.events = (short)(x->sent < LARGE ? POLLOUT : 0);
		p.events |= (short)(x->reads ? POLLIN : 0);
		if (poll(&p, 1, x->reads ? 10000 : 200) == 1)
			before = SIZE_MAX;
	}
}

static bool server_is_full(struct server *s)
{
	return s->full > 0;
}

static void echo_large(struct client *c)
{
	struct exchange x = { .ssl = ssl_connect(c) };

	if (!x.ssl)
		return;
	exchange(&x, c->fd);
	client_wait(c, server_is_full);
	x.reads = true;
	exchange(&x, c->fd);
	c->ok = x.received == LARGE && !x.wrong;
	SSL_free(x.ssl);
}

static void echo__large_stream_to_slow_reader__arrives_intact(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &tls_echo);
	server_run(&s, &c, echo_large);
	assert_true(c.ok);
	assert_int_equal(s.bytes, LARGE);
	assert_true(s.part > 0);
	assert_true(s.full > 0);
	assert_true(s.turns < 50000);
	server_close(&s);
}

/* -- reading that is stopped --------------------------------------------- */

static void take_one(struct peer *p, char *data, size_t len)
{
	if (!p->server->flag)
		eio__net_read(p->nc, false);
}

static const struct behaviour reluctant = {
	.on_accept = with_tls,
	.on_bytes = take_one,
};

static bool some_bytes(struct server *s)
{
	return s->bytes > 0;
}

static void read_on(void *arg, int status)
{
	struct server *s = arg;

	s->early = s->bytes > 200000;
	s->flag = true;
	eio__net_read(s->last->nc, true);
}

static bool all_bytes(struct server *s)
{
	return s->bytes == LARGE;
}

static void send_to_the_reluctant(struct client *c)
{
	struct exchange x = { .ssl = ssl_connect(c) };

	if (!x.ssl)
		return;
	exchange(&x, c->fd);
	client_wait(c, some_bytes);
	c->ok = x.sent < LARGE;
	eio_loop_post(c->server->loop, read_on, c->server);
	fcntl(c->fd, F_SETFL, 0);
	while (x.sent < LARGE)
		send_more(&x);
	client_wait(c, all_bytes);
	SSL_free(x.ssl);
}

static void read__stopped__holds_the_peer_back(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &reluctant);
	server_run(&s, &c, send_to_the_reluctant);
	assert_true(c.ok);
	assert_false(s.early);
	assert_int_equal(s.bytes, LARGE);
	server_close(&s);
}

/* -- our end ------------------------------------------------------------- */

static void write_large_and_fin(struct peer *p, char *data, size_t len)
{
	char *much;
	size_t i;

	if (p->server->flag)
		return;
	much = malloc(LARGE);
	assert_non_null(much);
	for (i = 0; i < LARGE; i++)
		much[i] = pattern(i);
	p->server->part = eio__net_write(p->nc, much, LARGE) == 1;
	free(much);
	p->server->flag = true;
	eio__net_shutdown(p->nc);
	p->server->full = eio__net_write(p->nc, "x", 1);
}

static const struct behaviour large_fin = {
	.on_accept = with_tls,
	.on_bytes = write_large_and_fin,
};

static void read_to_the_end(struct client *c)
{
	struct exchange x = { .ssl = ssl_connect(c), .sent = LARGE };
	char data[1];
	int n;

	if (!x.ssl || SSL_write(x.ssl, "go", 2) != 2)
		return;
	client_wait(c, flagged);
	x.reads = true;
	exchange(&x, c->fd);
	fcntl(c->fd, F_SETFL, 0);
	n = SSL_read(x.ssl, data, 1);
	c->ok = x.received == LARGE && !x.wrong &&
		SSL_get_error(x.ssl, n) == SSL_ERROR_ZERO_RETURN &&
		recv(c->fd, data, 1, 0) == 0 && SSL_write(x.ssl, "b", 1) == 1;
	SSL_free(x.ssl);
	client_close(c);
	client_wait(c, one_gone);
}

static void shutdown__while_output_waits__is_announced_last(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &large_fin);
	server_run(&s, &c, read_to_the_end);
	assert_true(c.ok);
	assert_int_equal(s.part, 1);
	assert_int_equal(s.full, ENGINEIO_ERR_CLOSED);
	assert_int_equal(s.why, 0);
	server_close(&s);
}

static void answer_and_close(struct peer *p, char *data, size_t len)
{
	eio__net_write(p->nc, "bye", 3);
	peer_close(p);
}

static const struct behaviour curt = {
	.on_accept = with_tls,
	.on_bytes = answer_and_close,
};

static void be_cut_short(struct client *c)
{
	SSL *ssl = ssl_connect(c);
	char data[4];
	int n;

	if (!ssl || SSL_write(ssl, "go", 2) != 2)
		return;
	c->ok = ssl_read_all(ssl, data, 3);
	n = SSL_read(ssl, data, 1);
	c->ok = c->ok && SSL_get_error(ssl, n) == SSL_ERROR_ZERO_RETURN;
	SSL_free(ssl);
}

static void close__at_once__is_announced(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &curt);
	server_run(&s, &c, be_cut_short);
	assert_true(c.ok);
	server_close(&s);
}

/* -- the peer's ---------------------------------------------------------- */

static char why[80];

static void note_why(struct peer *p, int err)
{
	snprintf(why, sizeof(why), "%s", eio__net_why(p->nc));
}

static const struct behaviour silent = {
	.on_accept = with_tls,
	.on_gone = note_why,
};

static void say_goodbye(struct client *c)
{
	SSL *ssl = ssl_connect(c);

	c->ok = ssl && SSL_write(ssl, "last", 4) == 4 && SSL_shutdown(ssl) == 0;
	client_wait(c, one_gone);
	SSL_free(ssl);
}

static struct peer *asker;

static void answer(struct eio__task *task)
{
	peer_write(asker, "yes", 3);
}

/* When the turn ends, as HTTP does. */
static void answer_at_end(struct peer *p, char *data, size_t len)
{
	static struct eio__task task;

	asker = p;
	eio__task_init(&task, answer);
	eio__loop_defer(p->server->loop, EIO__WRITE, &task);
}

static const struct behaviour polite = {
	.on_accept = with_tls,
	.on_bytes = answer_at_end,
};

/* In one segment, and then it listens. */
static void ask_and_say_goodbye(struct client *c)
{
	SSL *ssl = ssl_connect(c);
	int on = 1, off = 0;
	char data[3];

	setsockopt(c->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	c->ok = ssl && SSL_write(ssl, "last", 4) == 4 && SSL_shutdown(ssl) == 0;
	setsockopt(c->fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	c->ok = c->ok && ssl_read_all(ssl, data, 3) &&
		memcmp(data, "yes", 3) == 0;
	client_wait(c, one_gone);
	SSL_free(ssl);
}

static void peer__announces_its_end_with_a_request__is_answered(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &polite);
	server_run(&s, &c, ask_and_say_goodbye);
	assert_true(c.ok);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, 0);
	assert_true(s.turns < 100);
	server_close(&s);
}

static void answer_much(struct peer *p, char *data, size_t len)
{
	static const char much[LARGE];

	peer_write(p, much, LARGE);
}

static const struct behaviour talkative = {
	.on_accept = with_tls,
	.on_bytes = answer_much,
	.on_writable = peer_flush,
};

static bool is_full(struct server *s)
{
	return s->full + s->part > 0;
}

static void say_goodbye_and_listen(struct client *c)
{
	SSL *ssl = ssl_connect(c);
	char *data = malloc(LARGE);

	c->ok = ssl && SSL_write(ssl, "last", 4) == 4;
	client_wait(c, is_full);
	c->ok = c->ok && SSL_shutdown(ssl) == 0;
	client_wait(c, some_bytes);
	c->ok = c->ok && ssl_read_all(ssl, data, LARGE);
	client_wait(c, one_gone);
	SSL_free(ssl);
	free(data);
}

static void
peer__announces_its_end_while_much_waits__gets_all_of_it(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &talkative);
	server_run(&s, &c, say_goodbye_and_listen);
	assert_true(c.ok);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, 0);
	server_close(&s);
}

static void just_close(struct client *c)
{
	SSL *ssl = ssl_connect(c);

	c->ok = ssl && SSL_write(ssl, "last", 4) == 4 &&
		shutdown(c->fd, SHUT_WR) == 0;
	client_wait(c, one_gone);
	SSL_free(ssl);
}

static void just_reset(struct client *c)
{
	SSL *ssl = ssl_connect(c);

	c->ok = ssl && SSL_write(ssl, "last", 4) == 4;
	client_wait(c, some_bytes);
	client_reset(c);
	client_wait(c, one_gone);
	SSL_free(ssl);
}

static void check_end(void (*fn)(struct client *c), int err)
{
	struct server s;
	struct client c;

	why[0] = '\0';
	server_open(&s, &silent);
	server_run(&s, &c, fn);
	assert_true(c.ok);
	assert_int_equal(s.bytes, 4);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, err);
	assert_string_equal(why, "");
	server_close(&s);
}

static void peer__announces_its_end__is_gone(void **state)
{
	check_end(say_goodbye, 0);
}

static void peer__closes_without_a_word__is_gone(void **state)
{
	check_end(just_close, 0);
}

static void peer__resets__is_gone_with_its_errno(void **state)
{
	check_end(just_reset, -ECONNRESET);
}

/* -- no TLS -------------------------------------------------------------- */

/* More than is looked at, so that a close at once would be a reset. */
static void speak_http(struct client *c)
{
	static char request[100000] = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
	char data[400] = "";

	memset(request + strlen(request), 'x', 50000);
	c->ok = client_connect(c) == 0 &&
		client_write(c, request, strlen(request)) == 0;
	c->got = client_read(c, data, sizeof(data) - 1);
	c->ok = c->ok && strncmp(data, "HTTP/1.1 400 ", 13) == 0 &&
		strstr(data, "\r\n\r\nthis port speaks HTTPS only");
	client_wait(c, one_gone);
}

static void handshake__plain_http__gets_400(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &silent);
	server_run(&s, &c, speak_http);
	assert_true(c.ok);
	assert_true(c.got > 0);
	assert_int_equal(s.why, -EPROTO);
	assert_string_equal(why, "plain HTTP on a port for TLS");
	server_close(&s);
}

/* A server may have something to say too early. */
static void write_too_early(struct peer *p)
{
	with_tls(p);
	p->server->part = eio__net_write(p->nc, "x", 1);
}

static const struct behaviour hasty = { .on_accept = write_too_early };

static void wait_for_the_end(struct client *c)
{
	char data[1];

	c->ok = client_connect(c) == 0 && client_read(c, data, 1) == 0;
	client_wait(c, one_gone);
}

static void write__before_the_handshake__fails(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &hasty);
	server_run(&s, &c, wait_for_the_end);
	assert_true(c.ok);
	assert_int_equal(s.part, ENGINEIO_ERR_CLOSED);
	assert_int_equal(s.why, -EPROTO);
	server_close(&s);
}

/* -- free ---------------------------------------------------------------- */

static void leave_one_open(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	c->fds[0] = c->fd;
	c->fd = -1;
}

static void free__in_the_handshake__leaks_nothing(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &silent);
	server_run(&s, &c, leave_one_open);
	server_close(&s);
	assert_int_equal(s.gone, 0);
	close(c.fds[0]);
}

static void free__before_the_first_byte__leaks_nothing(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &offered_echo);
	server_run(&s, &c, leave_one_open);
	server_close(&s);
	assert_int_equal(s.gone, 0);
	close(c.fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo__small_message__comes_back),
		cmocka_unit_test(offer__taken_or_not__echoes_the_same),
		cmocka_unit_test(
			echo__large_stream_to_slow_reader__arrives_intact),
		cmocka_unit_test(read__stopped__holds_the_peer_back),
		cmocka_unit_test(
			shutdown__while_output_waits__is_announced_last),
		cmocka_unit_test(close__at_once__is_announced),
		cmocka_unit_test(peer__announces_its_end__is_gone),
		cmocka_unit_test(
			peer__announces_its_end_with_a_request__is_answered),
		cmocka_unit_test(
			peer__announces_its_end_while_much_waits__gets_all_of_it),
		cmocka_unit_test(peer__closes_without_a_word__is_gone),
		cmocka_unit_test(peer__resets__is_gone_with_its_errno),
		cmocka_unit_test(handshake__plain_http__gets_400),
		cmocka_unit_test(write__before_the_handshake__fails),
		cmocka_unit_test(free__in_the_handshake__leaks_nothing),
		cmocka_unit_test(free__before_the_first_byte__leaks_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
