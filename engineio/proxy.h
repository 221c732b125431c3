/* SPDX-License-Identifier: MIT */
/*
 * proxy.h: the PROXY protocol, with which a load balancer says in front of
 * the first bytes of a connection who its client is (version 1 in text,
 * version 2 in binary; haproxy.org, proxy-protocol.txt).
 */
#ifndef ENGINEIO_PROXY_H
#define ENGINEIO_PROXY_H

#include <engineio/address.h>

/* A line of version 1 with its end; version 2 up to its addresses. */
#define EIO__PROXY_LINE   107
#define EIO__PROXY_BINARY (16 + 36)

enum eio__proxy_result {
	EIO__PROXY_MORE,
	EIO__PROXY_DONE,
	EIO__PROXY_BAD,
};

struct eio__proxy {
	unsigned char head[EIO__PROXY_LINE];
	unsigned len; /* of head */
	size_t skip;  /* bytes of the header that are of no interest */
	bool skipping;
	/* When done: who the client is. Not known: it is the peer itself
	 * (LOCAL), or the proxy does not know. */
	bool known;
	struct eio__address address; /* no address: a unix socket */
	uint16_t port;
};

void eio__proxy_init(struct eio__proxy *p);
/* Takes bytes, in *used how many: never one behind the header. */
enum eio__proxy_result eio__proxy_feed(struct eio__proxy *p, const char *data,
	size_t len, size_t *used);

#endif
