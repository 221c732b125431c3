/* SPDX-License-Identifier: MIT */
/*
 * net_lws.h: what the files of the network on libwebsockets share.
 *
 *   net_lws_loop.c    the turn, time, timer, wake-up, watched descriptors
 *   net_lws_carrier.c libwebsockets' contexts, which carry the sockets, and
 *                     what they do to the whole process
 *   net_lws_place.c   listening sockets
 *   net_lws_listen.c  listeners and accepting
 *   net_lws.c         accepted connections: their beginning and their end
 *   net_lws_read.c    their bytes in
 *   net_lws_write.c   their bytes out
 *   net_lws_share.c   long bytes that go out to many of them
 *
 * libwebsockets runs on a libev loop that is ours; our own watchers stand
 * beside its on the same loop. Written against libwebsockets 4.1.6.
 */
#ifndef ENGINEIO_NET_LWS_H
#define ENGINEIO_NET_LWS_H

#include <engineio/address.h>
#include <engineio/base/list.h>
#include <engineio/engineio.h>
#include <engineio/net.h>

#include <ev.h>
#include <libwebsockets.h>

#include <sys/socket.h>

#define EIO__CARRIERS 6
/* The most that is read of a connection at once. */
#define EIO__NET_INPUT 32768

/* One context of libwebsockets, good for descriptors below `size`. */
struct eio__carrier {
	struct lws_context *context;
	struct lws_vhost *vhost;
	int size;
};

struct eio__net {
	const struct eio__net_up *up;
	void *owner;
	struct ev_loop *loop;
	struct eio__carrier carriers[EIO__CARRIERS];

	struct ev_prepare turn;
	struct ev_async wake;
	struct ev_timer timer;
	uint64_t timer_at;  /* what was asked for */
	uint64_t timer_set; /* what libev's timer stands at */
	uint64_t now;
	bool now_known; /* since the last thing that was told */
	bool told;      /* something was told in this turn */
	bool stop;
	bool freeing; /* nobody is told anything any more */

	struct ev_timer accept_pause;
	struct ev_io arrivals; /* on arrivals_fd */
	int arrivals_fd;       /* epoll: what has come for connections */

	struct eio__list conns;  /* each connection is in one of the four */
	struct eio__list full;   /* to be told when the kernel has room */
	struct eio__list failed; /* on_gone() is due at the turn's end */
	struct eio__list ended;  /* given up by the owner; to be closed then */
	struct eio__list listeners;
	struct eio__list watches;
	struct eio__list shares;

	/* What was read, for as long as it is told. */
	char input[EIO__NET_INPUT];
};

/* Bytes that were taken and wait for the kernel. */
struct eio__rest {
	size_t at, len;
	char data[];
};

enum eio__net_state {
	EIO__NET_LIVE,
	EIO__NET_FAILED,
	EIO__NET_ENDED,
};

/* What each message touches comes first, 64 bytes; of it what sending touches. */
struct eio__net_conn {
	struct eio__net *net;
	struct eio__rest *rest;
	struct eio__filter *filter; /* NULL: bytes are told as they come */
	int fd;
	uint8_t state;
	bool promised : 1; /* on_writable() */
	bool paused : 1;   /* not read from */
	bool eof : 1;      /* the peer's end, untold until all has gone */
	bool fin : 1;      /* shutdown() was asked for */
	bool reset : 1;    /* end it with RST */
	uint16_t port;
	void *conn; /* the owner's */
	const void *ahead[EIO__AHEADS];
	struct lws *wsi; /* NULL until adopted, and when it is going */
	int why;         /* negative errno, once known */
	struct eio__address addr;
	struct eio__list link;
};

/* net_lws_loop.c: before each call up. */
static inline void eio__net_tell(struct eio__net *net)
{
	net->told = true;
	net->now_known = false;
}

/* net_lws_carrier.c */

/* Whether descriptors like this one can be carried; makes the carrier if it
 * is not there yet. NULL: *why says why not. */
const struct eio__carrier *eio__net_carrier(struct eio__net *net, int fd,
	const char **why);
void eio__net_carriers_free(struct eio__net *net);

/* net_lws.c */

/* Takes over an accepted descriptor, also when it fails. NULL: no memory, or
 * no carrier. */
struct eio__net_conn *eio__net_adopt(struct eio__net *net, int fd,
	const struct sockaddr *peer);
void eio__net_conn_own(struct eio__net_conn *nc, void *conn);
int eio__net_callback(struct lws *wsi, enum lws_callback_reasons reason,
	void *user, void *in, size_t len);
/* Tells those that failed; true if there were any. */
bool eio__net_tell_failed(struct eio__net *net);
void eio__net_close_ended(struct eio__net *net);
/* Ends it at the end of the turn, with a negative errno. */
void eio__net_fail(struct eio__net_conn *nc, int why);
void eio__net_close_all(struct eio__net *net);

/* net_lws_read.c */

void eio__net_arrivals_init(struct eio__net *net);
/* From now on bytes are told. False: the kernel has no memory. */
bool eio__net_await_arrivals(struct eio__net_conn *nc);
/* What has come and was not read, or heeded, counts as an arrival, behind the
 * others'. */
void eio__net_tell_again(struct eio__net_conn *nc);
/* Before the descriptor is closed: a child of the process may have it, too,
 * and then closing it here would not be its end. */
void eio__net_forget_arrivals(struct eio__net_conn *nc);

/* net_lws_write.c */

/* The kernel has room. Nonzero: libwebsockets shall close. */
int eio__net_on_room(struct eio__net_conn *nc);
/* For those in `full`; when the turn ends. */
void eio__net_ask_for_room(struct eio__net *net);
/* To a peer that speaks TLS: no more will come. */
void eio__net_say_end(struct eio__net_conn *nc);
/* Takes what TLS made of something for the connection `user`; see tls.h. */
long eio__net_send_cipher(void *user, const void *p, size_t len, bool more);

/* net_lws_share.c */

/* Sends of these bytes from p on; *n as from send(). False: sendfile() is not
 * to be had, and nothing was sent. */
bool eio__net_send_shared(int fd, const struct eio__net_shared *shared,
	const char *p, size_t len, ssize_t *n);
void eio__net_forget_shares(struct eio__net *net);

/* net_lws_place.c */

#define EIO__NET_SOCKS 8 /* addresses of one host name */

/* The listening sockets of one place. */
struct eio__net_socks {
	const struct eio__net_place *place; /* while it is opened */
	int fds[EIO__NET_SOCKS];
	int n;
	int port;
	char *path; /* of a unix socket */
	dev_t dev;  /* which file it was when we made it */
	ino_t ino;
};

/* 0, a negative errno, or ENGINEIO_ERR_ADDRESS. */
int eio__net_open_place(struct eio__net_socks *s,
	const struct eio__net_place *place);
void eio__net_close_place(struct eio__net_socks *s);

/* net_lws_listen.c */

void eio__net_listeners_init(struct eio__net *net);
void eio__net_unlisten_all(struct eio__net *net);

#endif
