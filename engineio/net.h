/* SPDX-License-Identifier: MIT */
/*
 * net.h: the seam between the protocols and the network.
 *
 * Everything above it works on bytes in and bytes out and is told the time;
 * everything below it (net_lws*.c on libwebsockets, or tests/fake_net.c)
 * owns sockets, clock and randomness. Which one is used is settled by the
 * linker. The unit is the byte stream: no HTTP, no WebSocket here; TLS and the
 * header of a proxy, where they are asked for, are dealt with below.
 *
 * Always true:
 *  - The network calls up only from its own loop, never from inside a call
 *    down, so a caller may change its own lists while it calls down.
 *  - A connection ends exactly once: either the owner calls
 *    eio__net_close() or eio__net_reset() and hears nothing of it again,
 *    or the network calls on_gone() and the handle is dead when that
 *    returns. Both sides may then forget it.
 *  - Bytes given up in on_bytes() are lent for the call and may be changed
 *    in place (unmasking); bytes given down are copied or sent before the
 *    call returns.
 *  - One thread: all calls on the loop's thread, but for eio__net_wake().
 */
#ifndef ENGINEIO_NET_H
#define ENGINEIO_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eio__tls;
struct eio__tls_context;

struct eio__net;          /* one network: a loop with its sockets */
struct eio__net_conn;     /* the network's end of an accepted connection */
struct eio__net_listener; /* a listening socket */
struct eio__net_watch;    /* a foreign descriptor that is looked at */
struct eio__net_shared;   /* bytes that many connections are sent */

/* Where a connection comes from; text as inet_ntop() writes it, an IPv4
 * address seen through an IPv6 socket without its ::ffff: prefix. For a
 * unix socket the text is empty. */
struct eio__net_addr {
	char text[46]; /* EIO__ADDRESS_MAX */
	uint16_t port;
};

/* What the network tells. `owner` is what was given to eio__net_new(). */
struct eio__net_up {
	/* A connection was accepted. Returns what shall be passed as `conn`
	 * from now on, or NULL to have it closed at once. `user` is the
	 * listener's. */
	void *(*on_accept)(void *owner, struct eio__net_conn *nc, void *user);
	/* What eio__net_expect_proxy() and the two about TLS have asked for is
	 * done: bytes may come and go. Once; not without such a call. */
	void (*on_ready)(void *conn);
	/* Part of it is done, and eio__net_awaits() says what is next. */
	void (*on_step)(void *conn);
	/* Bytes arrived; len > 0. Not called while reading is stopped. */
	void (*on_bytes)(void *conn, char *data, size_t len);
	/* After a write that answered FULL or "taken, but not yet gone": the
	 * network is ready for more and holds nothing back any more. */
	void (*on_writable)(void *conn);
	/* The peer is gone. `why` is 0 for an orderly end (FIN, also when the
	 * peer only closed its sending half; not before on_writable(), where
	 * that is due) or a negative errno; a text may say more, see
	 * eio__net_why(). */
	void (*on_gone)(void *conn, int why);
	/* The time set with eio__net_set_timer() has come. */
	void (*on_timer)(void *owner);
	/* Every event that was ready has been told; the network is about to
	 * wait. Called at the end of every turn, at least once before the
	 * first wait. */
	void (*on_turn_end)(void *owner);
	/* eio__net_wake() was called, once or more often. */
	void (*on_wake)(void *owner);
};

/* A network that is not running yet. NULL: out of memory, or the loop's
 * library refused (its reason is in *why, a static text). */
struct eio__net *eio__net_new(const struct eio__net_up *up, void *owner,
	const char **why);
/* Closes listeners and connections without telling anybody. */
void eio__net_free(struct eio__net *net);

/* Runs turns until eio__net_stop(). Returns 0 or a negative errno. */
int eio__net_run(struct eio__net *net);
/* Lets eio__net_run() return after the current turn (its on_turn_end
 * included). From the loop's thread. */
void eio__net_stop(struct eio__net *net);
/* Makes the loop call on_wake() soon. From any thread. */
void eio__net_wake(struct eio__net *net);

/* Milliseconds of a clock that only goes forward; constant during a turn's
 * callback. */
uint64_t eio__net_now(struct eio__net *net);
/* Milliseconds since 1970 (wall clock). */
int64_t eio__net_wall(struct eio__net *net);
/* Fills p with n unpredictable bytes. 0 or ENGINEIO_ERR_STATE: there is no
 * randomness to be had, and the caller must refuse, not degrade. */
int eio__net_random(struct eio__net *net, void *p, size_t n);
/* One timer: on_timer() is called when eio__net_now() >= at. Setting it
 * again replaces it; UINT64_MAX stops it. */
void eio__net_set_timer(struct eio__net *net, uint64_t at);

/*
 * Where to listen. Host NULL means every address, IPv6 and IPv4; port 0 lets
 * the system choose one. "unix:/path" as host is a unix socket, "unix:@name"
 * one without a file, "fd:3" a descriptor that listens already and becomes
 * the listener's.
 */
struct eio__net_place {
	const char *host;
	int port;
	unsigned mode;    /* permissions of a unix socket; 0: the umask's */
	unsigned backlog; /* connections that may wait; 0: what there may be */
	bool ipv6_only;   /* "::" does not take IPv4 */
};

/* `user` is handed to on_accept(). On failure NULL, *err is a negative errno
 * (or ENGINEIO_ERR_ADDRESS for a name that cannot be resolved). */
struct eio__net_listener *eio__net_listen(struct eio__net *net,
	const struct eio__net_place *place, void *user, int *err);
int eio__net_listener_port(const struct eio__net_listener *l);
void eio__net_unlisten(struct eio__net_listener *l);

/* What the bytes of a connection meet on their way up, beside its owner. */
enum eio__ahead {
	EIO__AHEAD_SPEAKER, /* of the connection's protocol */
	EIO__AHEAD_SESSION,
	EIO__AHEAD_DATA, /* of the session */
	EIO__AHEADS
};
/* A hint: with thousands of connections these are not in the caches when bytes
 * come, and one names the next; so the first 192 bytes at p are fetched while
 * what came before is dealt with. Nobody looks at them: they may be gone by then. */
void eio__net_ahead(struct eio__net_conn *nc, enum eio__ahead what,
	const void *p);

/*
 * Writes len bytes, all or nothing.
 *   0                 taken and gone to the kernel
 *   1                 taken; part of it waits below, on_writable() follows
 *   ENGINEIO_ERR_FULL nothing taken, on_writable() follows
 *   ENGINEIO_ERR_CLOSED the connection is failing, on_gone() follows
 */
int eio__net_write(struct eio__net_conn *nc, const void *p, size_t len);
/*
 * Writes from the beginning of a row of pieces, of `unit` bytes each and the
 * last perhaps shorter, in as few calls of the kernel as can be. Answers like
 * eio__net_write(); of what it has taken, *taken bytes, which are whole
 * pieces, no more than one piece waits below. If the row is part of bytes that
 * are shared, say so; otherwise `shared` is NULL.
 */
int eio__net_write_row(struct eio__net_conn *nc, const void *p, size_t len,
	size_t unit, const struct eio__net_shared *shared, size_t *taken);
/*
 * Long bytes that this connection and others like it are to be sent: nobody
 * copies them for each of them any more. They stay the caller's, and as they
 * are, until eio__net_unshare(). NULL: there is no such thing here, or not
 * now, and they are written without.
 */
struct eio__net_shared *eio__net_share(struct eio__net_conn *nc, const void *p,
	size_t len);
/* At any time, also when the network has gone. NULL is allowed. */
void eio__net_unshare(struct eio__net_shared *shared);
/* Ends our sending half once what was taken has gone (FIN). Reading goes
 * on. */
void eio__net_shutdown(struct eio__net_conn *nc);
/* Gives the connection up at once, orderly (FIN; unsent bytes are lost). */
void eio__net_close(struct eio__net_conn *nc);
/* The same with a reset (RST). */
void eio__net_reset(struct eio__net_conn *nc);
/* Stops and resumes reading; a stopped connection still tells on_gone() of
 * a reset. Reading is on at first. */
void eio__net_read(struct eio__net_conn *nc, bool on);
void eio__net_peer(const struct eio__net_conn *nc, struct eio__net_addr *out);

/*
 * These from on_accept() only, and in this order; 0 or ENGINEIO_ERR_NOMEM,
 * after which the connection is to be refused. Until on_ready() nothing can
 * be written; on_gone() comes if that fails.
 *
 * The first bytes are the header of a proxy (PROXY protocol), and
 * eio__net_peer() is who it says. */
int eio__net_expect_proxy(struct eio__net_conn *nc);
/* TLS is spoken; what it answers of its own and the peer does not read may be
 * this many bytes. */
int eio__net_start_tls(struct eio__net_conn *nc, struct eio__tls_context *ctx,
	unsigned max_answers);
/* In place of that: TLS if the first byte that comes is that of TLS. */
int eio__net_offer_tls(struct eio__net_conn *nc, struct eio__tls_context *ctx,
	unsigned max_answers);
/* What has to come before on_ready(), in words; "": nothing. Static text. */
const char *eio__net_awaits(const struct eio__net_conn *nc);
/* Whether that is just a first byte, of whatever is spoken. */
bool eio__net_awaits_choice(const struct eio__net_conn *nc);
/* What is known of its TLS; NULL: there is none. Lent. */
const struct eio__tls *eio__net_tls(const struct eio__net_conn *nc);
/* In words why the connection goes; for use in on_gone(). Static text, "":
 * there is no more to say. */
const char *eio__net_why(const struct eio__net_conn *nc);

/* Looks at a descriptor that stays its owner's. `events` is a mask of 1
 * (readable) and 2 (writable), 0 to pause; fn gets the mask that is
 * ready. */
struct eio__net_watch *eio__net_watch(struct eio__net *net, int fd, int events,
	void (*fn)(void *user, int events), void *user);
void eio__net_watch_set(struct eio__net_watch *w, int events);
void eio__net_unwatch(struct eio__net_watch *w);

#endif
