/* SPDX-License-Identifier: MIT */
/*
 * test_loopback.c: the real network: bytes in and out, and output that waits
 * because the peer is slow.
 */
#include <config.h>

#include "loopback.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define LARGE (8 * 1024 * 1024)

static bool one_accepted(struct server *s)
{
	return s->accepted == 1;
}

static bool one_gone(struct server *s)
{
	return s->gone == 1;
}

static bool flagged(struct server *s)
{
	return s->flag;
}

/* -- bytes -------------------------------------------------------------- */

static void say_hello(struct client *c)
{
	char data[5];

	c->ok = client_connect(c) == 0 && client_write(c, "hello", 5) == 0 &&
		client_read(c, data, 5) == 5 && memcmp(data, "hello", 5) == 0;
}

static void echo__small_message__comes_back(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &echo);
	server_run(&s, &c, say_hello);
	assert_true(c.ok);
	assert_int_equal(s.bytes, 5);
	server_close(&s);
}

static void *write_pattern(void *arg)
{
	struct client *c = arg;
	char data[65536];
	size_t at, i;

	for (at = 0; at < LARGE; at += sizeof(data)) {
		for (i = 0; i < sizeof(data); i++)
			data[i] = pattern(at + i);
		if (client_write(c, data, sizeof(data)) < 0)
			break;
	}
	return NULL;
}

/* Reads in small steps; true if all of it comes, in order. */
static bool read_pattern(struct client *c)
{
	char data[3000];
	size_t at = 0, len, i;

	while (at < LARGE) {
		len = LARGE - at < sizeof(data) ? LARGE - at : sizeof(data);
		if (client_read(c, data, len) != (ssize_t)len)
			return false;
		for (i = 0; i < len; i++)
			if (data[i] != pattern(at + i))
				return false;
		at += len;
	}
	return true;
}

static bool server_is_full(struct server *s)
{
	return s->full > 0;
}

static void echo_large(struct client *c)
{
	pthread_t writer;

	if (client_connect(c) < 0 ||
		pthread_create(&writer, NULL, write_pattern, c) != 0)
		return;
	client_wait(c, server_is_full);
	c->ok = read_pattern(c);
	pthread_join(writer, NULL);
}

static void echo__large_stream_to_slow_reader__arrives_intact(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &echo);
	server_run(&s, &c, echo_large);
	assert_true(c.ok);
	assert_int_equal(s.bytes, LARGE);
	assert_true(s.part > 0);
	assert_true(s.full > 0);
	server_close(&s);
}

/* -- output that waits -------------------------------------------------- */

static void write_large(struct peer *p)
{
	char *data = malloc(LARGE);
	size_t i;

	assert_non_null(data);
	for (i = 0; i < LARGE; i++)
		data[i] = pattern(i);
	p->server->part = eio__net_write(p->nc, data, LARGE) == 1;
	p->server->full = eio__net_write(p->nc, "x", 1) == ENGINEIO_ERR_FULL;
	free(data);
}

static void flag(struct peer *p)
{
	p->server->flag = true;
}

static const struct behaviour large = {
	.on_accept = write_large,
	.on_writable = flag,
};

static bool got_thousand(struct server *s)
{
	s->early = s->flag;
	return s->bytes == 1000;
}

/* One byte at a time, each seen before the next is sent. */
static void talk_while_output_waits(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	while (c->ok && c->got < 1000) {
		c->ok = client_write(c, "x", 1) == 0;
		c->got++;
	}
	client_wait(c, got_thousand);
	c->ok = c->ok && read_pattern(c);
	client_wait(c, flagged);
}

static void write__part_waits__reading_goes_on_without_spinning(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &large);
	server_run(&s, &c, talk_while_output_waits);
	assert_true(c.ok);
	assert_false(s.early);
	assert_int_equal(s.part, 1);
	assert_int_equal(s.full, 1);
	/* At worst each byte came alone, and the rest left in small pieces:
	 * a loop that turns over what it does not read makes millions. */
	assert_true(s.turns < 20000);
	server_close(&s);
}

/* -- a row of pieces ------------------------------------------------------ */

#define UNIT 16387

static struct {
	char *data;
	size_t at;
	int calls;
	bool whole; /* pieces, always */
	bool share;
	struct eio__net_shared *shared;
} row;

/* What the kernel has is its own, whatever becomes of ours. */
static void forget_row(void)
{
	eio__net_unshare(row.shared);
	row.shared = NULL;
	memset(row.data, 0, LARGE);
}

static void write_on(struct peer *p)
{
	size_t taken;
	int result;

	do {
		row.calls++;
		result = eio__net_write_row(p->nc, row.data + row.at,
			LARGE - row.at, UNIT, row.shared, &taken);
		row.at += taken;
		if (row.at < LARGE && row.at % UNIT)
			row.whole = false;
		if (result == ENGINEIO_ERR_FULL && taken)
			row.whole = false;
	} while (!result && row.at < LARGE);
	p->server->flag = row.at == LARGE;
	if (row.at == LARGE && row.shared)
		forget_row();
}

static void write_row(struct peer *p)
{
	if (row.share) {
		row.shared = eio__net_share(p->nc, row.data, LARGE);
		assert_non_null(row.shared);
	}
	write_on(p);
	/* Of the rest nothing is below yet. */
	p->server->part = row.at > 0 && row.at < LARGE;
	p->server->full = eio__net_write(p->nc, "x", 1) == ENGINEIO_ERR_FULL;
}

static const struct behaviour in_a_row = {
	.on_accept = write_row,
	.on_writable = write_on,
};

static void read_it_slowly(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	c->ok = c->ok && read_pattern(c);
	client_wait(c, flagged);
}

static void check_slow_reader(bool share)
{
	struct server s;
	struct client c;
	size_t i;

	row.share = share;
	row.data = malloc(LARGE);
	assert_non_null(row.data);
	for (i = 0; i < LARGE; i++)
		row.data[i] = pattern(i);
	row.at = 0;
	row.calls = 0;
	row.whole = true;
	server_open(&s, &in_a_row);
	server_run(&s, &c, read_it_slowly);
	assert_true(c.ok);
	assert_true(row.whole);
	assert_int_equal(s.part, 1);
	assert_int_equal(s.full, 1);
	assert_true(row.calls > 1);
	assert_null(row.shared);
	server_close(&s);
	free(row.data);
}

static void write_row__slow_reader__one_piece_waits_below(void **state)
{
	check_slow_reader(false);
}

static void write_row__shared__the_same_bytes(void **state)
{
	check_slow_reader(true);
}

static void write_large_and_fin(struct peer *p)
{
	write_large(p);
	eio__net_shutdown(p->nc);
	p->server->full = eio__net_write(p->nc, "x", 1);
}

static const struct behaviour large_fin = { .on_accept = write_large_and_fin };

static void read_to_the_end(struct client *c)
{
	char data[1];

	c->ok = client_connect(c) == 0 && read_pattern(c) &&
		client_read(c, data, 1) == 0 && client_write(c, "bye", 3) == 0;
	client_close(c);
	client_wait(c, one_gone);
}

static void shutdown__while_output_waits__fin_comes_last(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &large_fin);
	server_run(&s, &c, read_to_the_end);
	assert_true(c.ok);
	assert_int_equal(s.part, 1);
	assert_int_equal(s.full, ENGINEIO_ERR_CLOSED);
	assert_int_equal(s.bytes, 3);
	assert_int_equal(s.why, 0);
	server_close(&s);
}

static void reset_while_output_waits(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	client_reset(c);
	client_wait(c, one_gone);
}

static void write__part_waits_and_peer_resets__is_gone(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &large);
	server_run(&s, &c, reset_while_output_waits);
	assert_true(c.ok);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.why, -ECONNRESET);
	server_close(&s);
}

/* -- free ----------------------------------------------------------------- */

static void leave_one_open(struct client *c)
{
	c->ok = client_connect(c) == 0;
	client_wait(c, one_accepted);
	c->fds[0] = c->fd;
	c->fd = -1;
}

static void free__with_waiting_output__leaks_nothing(void **state)
{
	struct server s;
	struct client c;

	server_open(&s, &large);
	server_run(&s, &c, leave_one_open);
	assert_int_equal(s.part, 1);
	server_close(&s);
	assert_int_equal(s.gone, 0);
	close(c.fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo__small_message__comes_back),
		cmocka_unit_test(
			echo__large_stream_to_slow_reader__arrives_intact),
		cmocka_unit_test(
			write__part_waits__reading_goes_on_without_spinning),
		cmocka_unit_test(write_row__slow_reader__one_piece_waits_below),
		cmocka_unit_test(write_row__shared__the_same_bytes),
		cmocka_unit_test(shutdown__while_output_waits__fin_comes_last),
		cmocka_unit_test(write__part_waits_and_peer_resets__is_gone),
		cmocka_unit_test(free__with_waiting_output__leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
