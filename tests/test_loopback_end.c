/* SPDX-License-Identifier: MIT */
/*
 * test_loopback_end.c: the real network: every way a connection can end.
 */
#include <config.h>

#include "loopback.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const struct behaviour silent;

static bool one_accepted(struct server *s)
{
	return s->accepted == 1;
}

static bool one_gone(struct server *s)
{
	return s->gone == 1;
}

/* -- ends, the peer's --------------------------------------------------- */

static void close_half(struct client *c)
{
	char data[1];

	c->ok = client_connect(c) == 0 && client_write(c, "hello", 5) == 0 &&
		shutdown(c->fd, SHUT_WR) == 0;
	client_wait(c, one_gone);
	c->got = client_read(c, data, 1);
}

static void peer__closes_its_half__is_gone_with_zero(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &silent);
	server_run(&s, &c, close_half);
	assert_true(c.ok);
	assert_int_equal(c.got, 0);
	assert_int_equal(s.bytes, 5);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, 0);
	server_close(&s);
}

static void reset_at_once(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	client_reset(c);
	client_wait(c, one_gone);
}

static void peer__resets__is_gone_with_its_errno(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &silent);
	server_run(&s, &c, reset_at_once);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, -ECONNRESET);
	server_close(&s);
}

/* Both happen before the loop can look at the socket. */
static void reset_and_write(void *arg, int status)
{
	struct client *c = arg;
	struct peer *p = c->server->last;

	client_reset(c);
	c->server->part = eio__net_write(p->nc, "x", 1);
	c->server->full = eio__net_write(p->nc, "x", 1);
	c->got = c->server->gone;
}

static void be_written_to_after_reset(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	eio_loop_post(c->server->loop, reset_and_write, c);
	client_wait(c, one_gone);
}

static void write__peer_has_reset__is_gone_after_the_call(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &silent);
	server_run(&s, &c, be_written_to_after_reset);
	assert_true(c.ok);
	assert_int_equal(s.part, ENGINEIO_ERR_CLOSED);
	assert_int_equal(s.full, ENGINEIO_ERR_CLOSED);
	assert_int_equal(c.got, 0);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, -ECONNRESET);
	server_close(&s);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	signals++;
}

/* A reset that follows an end is EPIPE to who writes, for which sendfile()
 * knows no MSG_NOSIGNAL. */
static void reset_and_write_shared(void *arg, int status)
{
	static const char data[] = "xyz";
	struct client *c = arg;
	struct peer *p = c->server->last;
	struct eio__net_shared *shared = eio__net_share(p->nc, data, 3);
	size_t taken;

	assert_non_null(shared);
	shutdown(c->fd, SHUT_WR);
	client_reset(c);
	c->server->part = eio__net_write_row(p->nc, data, 3, 3, shared, &taken);
	eio__net_unshare(shared);
}

static void be_shared_with_after_reset(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	eio_loop_post(c->server->loop, reset_and_write_shared, c);
	client_wait(c, one_gone);
}

static void write_row__shared_and_peer_has_gone__no_signal(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &silent);
	signal(SIGPIPE, count_signal);
	server_run(&s, &c, be_shared_with_after_reset);
	signal(SIGPIPE, SIG_IGN);
	assert_true(c.ok);
	assert_int_equal(s.part, ENGINEIO_ERR_CLOSED);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, -EPIPE);
	assert_int_equal(signals, 0);
	server_close(&s);
}

/* -- ends, ours --------------------------------------------------------- */

static void answer_and_close(struct peer *p, char *data, size_t len)
{
	eio__net_write(p->nc, "no", 2);
	peer_close(p);
}

static const struct behaviour refusing = { .on_bytes = answer_and_close };

static void read_refusal(struct client *c)
{
	char data[3];

	c->ok = client_connect(c) == 0 && client_write(c, "hello", 5) == 0;
	c->got = client_read(c, data, 3);
}

static void close__inside_its_callback__peer_gets_what_was_written(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &refusing);
	server_run(&s, &c, read_refusal);
	assert_true(c.ok);
	assert_int_equal(c.got, 2);
	assert_int_equal(s.gone, 0);
	server_close(&s);
}

static void pause_reading(struct peer *p)
{
	eio__net_read(p->nc, false);
}

static const struct behaviour deaf = { .on_accept = pause_reading };

static void close_last(void *arg, int status)
{
	struct server *s = arg;

	eio__net_write(s->last->nc, "no", 2);
	peer_close(s->last);
}

static void send_much_unread(struct client *c)
{
	char data[50000] = { 0 };

	c->ok = client_connect(c) == 0 &&
		client_write(c, data, sizeof(data)) == 0;
	client_wait(c, one_accepted);
	eio_loop_post(c->server->loop, close_last, c->server);
	c->got = client_read(c, data, 3);
}

static void close__with_unread_bytes__is_a_fin(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &deaf);
	server_run(&s, &c, send_much_unread);
	assert_true(c.ok);
	assert_int_equal(c.got, 2);
	assert_int_equal(s.bytes, 0);
	assert_int_equal(s.gone, 0);
	server_close(&s);
}

static void reset_it(struct peer *p, char *data, size_t len)
{
	peer_reset(p);
}

static const struct behaviour resetting = { .on_bytes = reset_it };

static void reset__ours__peer_sees_a_reset(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &resetting);
	server_run(&s, &c, read_refusal);
	assert_true(c.ok);
	assert_int_equal(c.got, -ECONNRESET);
	assert_int_equal(s.gone, 0);
	server_close(&s);
}

static void refuse__on_accept__peer_sees_the_end(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &silent);
	s.refuse = true;
	server_run(&s, &c, read_refusal);
	assert_int_equal(s.accepted, 1);
	assert_int_equal(s.bytes, 0);
	assert_true(c.got <= 0);
	server_close(&s);
}

static void close_everybody(struct peer *p, char *data, size_t len)
{
	struct server *s = p->server;

	eio__net_write(p->nc, "x", 1);
	while (!eio__list_empty(&s->peers))
		peer_close(eio__list_entry(s->peers.next, struct peer, link));
}

static const struct behaviour closing = {
	.on_accept = pause_reading,
	.on_bytes = close_everybody,
};

static bool ten_accepted(struct server *s)
{
	return s->accepted == 10;
}

static void resume_everybody(void *arg, int status)
{
	struct server *s = arg;
	struct eio__list *link;

	eio__list_for_each(link, &s->peers)
		eio__net_read(eio__list_entry(link, struct peer, link)->nc,
			true);
}

/* All have sent something when reading begins, so that the first callback
 * closes connections whose own callback is due in the same turn. */
static void be_ten(struct client *c)
{
	int fds[10], i;
	char data[2];

	c->ok = true;
	for (i = 0; i < 10; i++) {
		c->ok = c->ok && client_connect(c) == 0 &&
			client_write(c, "x", 1) == 0;
		fds[i] = c->fd;
	}
	client_wait(c, ten_accepted);
	eio_loop_post(c->server->loop, resume_everybody, c->server);
	for (i = 0; i < 10; i++) {
		c->fd = fds[i];
		c->got += client_read(c, data, 2);
		client_close(c);
	}
}

static void close__others_in_a_callback__are_not_told_any_more(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &closing);
	server_run(&s, &c, be_ten);
	assert_true(c.ok);
	assert_int_equal(c.got, 1);
	assert_int_equal(s.bytes, 1);
	assert_int_equal(s.gone, 0);
	server_close(&s);
}

/* -- many --------------------------------------------------------------- */

static bool all_gone(struct server *s)
{
	return s->accepted == s->gone;
}

/* A third each: orderly with an echo, half open, reset. */
static void come_and_go(struct client *c)
{
	char data[1];
	int i;

	c->ok = true;
	for (i = 0; i < 1000 && c->ok; i++) {
		c->ok = client_connect(c) == 0 && client_write(c, "x", 1) == 0;
		if (i % 3 == 0)
			c->ok = c->ok && client_read(c, data, 1) == 1;
		if (i % 3 == 2)
			client_reset(c);
		else
			client_close(c);
	}
	client_wait(c, all_gone);
}

static void connections__a_thousand_come_and_go__nothing_is_left(void **state)
{
	int before = open_descriptors(), open;
	struct server s;
	struct client c;

	server_open(&s, &echo);
	open = open_descriptors();
	server_run(&s, &c, come_and_go);
	assert_true(c.ok);
	/* A reset may overtake accept(), but not many. */
	assert_in_range(s.accepted, 900, 1000);
	assert_int_equal(s.gone, s.accepted);
	assert_int_equal(open_descriptors(), open);
	server_close(&s);
	assert_int_equal(open_descriptors(), before);
}

static bool hundred_accepted(struct server *s)
{
	return s->accepted == 100;
}

static void leave_hundred_open(struct client *c)
{
	int i;

	c->ok = true;
	for (i = 0; i < 100; i++) {
		c->ok = c->ok && client_connect(c) == 0;
		c->fds[i] = c->fd;
	}
	c->fd = -1;
	client_wait(c, hundred_accepted);
}

static void free__with_open_connections__tells_nobody(void **state)
{
	int before = open_descriptors();
	struct server s;
	struct client c;
	int i;

	server_open(&s, &echo);
	server_run(&s, &c, leave_hundred_open);
	assert_true(c.ok);
	server_close(&s);
	assert_int_equal(s.gone, 0);
	for (i = 0; i < 100; i++)
		close(c.fds[i]);
	assert_int_equal(open_descriptors(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peer__closes_its_half__is_gone_with_zero),
		cmocka_unit_test(peer__resets__is_gone_with_its_errno),
		cmocka_unit_test(write__peer_has_reset__is_gone_after_the_call),
		cmocka_unit_test(
			write_row__shared_and_peer_has_gone__no_signal),
		cmocka_unit_test(
			close__inside_its_callback__peer_gets_what_was_written),
		cmocka_unit_test(close__with_unread_bytes__is_a_fin),
		cmocka_unit_test(reset__ours__peer_sees_a_reset),
		cmocka_unit_test(refuse__on_accept__peer_sees_the_end),
		cmocka_unit_test(
			close__others_in_a_callback__are_not_told_any_more),
		cmocka_unit_test(
			connections__a_thousand_come_and_go__nothing_is_left),
		cmocka_unit_test(free__with_open_connections__tells_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
