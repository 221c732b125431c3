/* SPDX-License-Identifier: MIT */
/*
 * trust.h: the proxies in front of the server whose word counts.
 */
#ifndef ENGINEIO_HTTP_TRUST_H
#define ENGINEIO_HTTP_TRUST_H

#include <engineio/address.h>

/* {0} trusts nobody. */
struct eio__trust {
	struct eio__range *ranges;
	unsigned count;
	bool unix_peers; /* whoever comes over a unix socket */
};

void eio__trust_clear(struct eio__trust *trust);
/* A range of addresses, an address, or "unix:". 0, ENGINEIO_ERR_INVALID or
 * ENGINEIO_ERR_NOMEM. */
int eio__trust_add(struct eio__trust *trust, const char *text);
bool eio__trust_is_empty(const struct eio__trust *trust);
/* A peer's address as text, "" over a unix socket. */
bool eio__trust_has(const struct eio__trust *trust, const char *peer);

/*
 * The client's address by what X-Forwarded-For says: `peer` itself, if it is
 * not trusted, or the nearest hop that is not. Goes to `out`
 * (EIO__ADDRESS_MAX); returns how many hops away from us it was read, 0: it
 * is the peer. Hops that are no address end the search.
 */
unsigned eio__trust_find_client(const struct eio__trust *trust,
	const char *peer, const char *forwarded_for, char *out);
/* What X-Forwarded-Proto says of that hop: whether the client spoke TLS. */
bool eio__trust_is_secure(const char *forwarded_proto, unsigned hop);

#endif
