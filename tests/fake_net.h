/* SPDX-License-Identifier: MIT */
/*
 * fake_net.h: a network in memory, for tests.
 *
 * It stands in the place of net_lws.c: whoever links fake_net.c has a whole
 * server without a socket. The clock moves only when a test moves it, and
 * the random bytes are always the same. One loop has one fake network,
 * reached through the loop.
 *
 * A turn: what the test did is told upwards at once, then the turn ends.
 */
#ifndef TESTS_FAKE_NET_H
#define TESTS_FAKE_NET_H

#include <engineio/base/strbuf.h>
#include <engineio/engineio.h>

struct fake_conn; /* the client's end of a connection */

/* Connects to the first listener. NULL if the server refuses, or does not
 * listen. */
struct fake_conn *fake_connect(eio_loop *loop);
/* The same to the listener on this port (0: the first), from an address as
 * text ("": over a unix socket). */
struct fake_conn *fake_connect_from(eio_loop *loop, int port,
	const char *address);
/* Gives back the client's end; closes it (FIN) if it is open. */
void fake_free(struct fake_conn *c);

/* The client sends these bytes in one piece; one turn. */
void fake_send(struct fake_conn *c, const void *data, size_t len);
void fake_puts(struct fake_conn *c, const char *text);
/* The client says nothing more, or resets; one turn. */
void fake_fin(struct fake_conn *c);
void fake_reset(struct fake_conn *c);

/* What the server has sent and the test not yet taken. The test may remove
 * bytes from the front with fake_skip(). */
struct eio__strbuf *fake_received(struct fake_conn *c);
void fake_skip(struct fake_conn *c, size_t len);
/* The server has ended its half, or given the connection up. */
bool fake_is_finished(const struct fake_conn *c);
/* The server has given the connection up, with a reset if *reset. */
bool fake_is_closed(const struct fake_conn *c, bool *reset);
/* Whether the server reads. */
bool fake_is_reading(const struct fake_conn *c);
/* How many writes the server made on it. */
unsigned fake_writes(const struct fake_conn *c);
/* What eio__net_ahead() was told of it last (enum eio__ahead). */
const void *fake_ahead(const struct fake_conn *c, int what);
/* Into how many pieces TLS had it sent, without those that were to leave with
 * what followed. */
unsigned fake_segments(const struct fake_conn *c);

/* From now on the network takes this many bytes from the server (SIZE_MAX:
 * all); more room lets what waits go, and tells the server. One turn. */
void fake_room(struct fake_conn *c, size_t bytes);

/* What the test does from now on belongs to one turn, until fake_turn(). */
void fake_hold(eio_loop *loop);
/* Ends a turn without an event, until nothing is left to do. */
void fake_turn(eio_loop *loop);
/* Moves the clock on, stopping at each deadline on the way. */
void fake_advance(eio_loop *loop, uint64_t ms);
/* Connections that the server has not given up. */
size_t fake_open_conns(eio_loop *loop);
/* From now on there is no randomness to be had. */
void fake_break_random(eio_loop *loop);
/* Bytes that are shared among connections now, and how often there were
 * any. */
size_t fake_shares(unsigned *made);
/* Whether the server's own code is being called: for tests that let its
 * allocations fail, and no others. */
bool fake_is_inside(void);
/* The next listen fails with this errno. */
void fake_fail_listen(eio_loop *loop, int err);

#endif
