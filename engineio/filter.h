/* SPDX-License-Identifier: MIT */
/*
 * filter.h: what lies between the bytes of a socket and those that are told:
 * the header of a proxy, then TLS; each if the connection's owner asked for
 * it, and TLS perhaps only if the client begins with it. Every network (net.h)
 * has it, the one of the tests too.
 */
#ifndef ENGINEIO_FILTER_H
#define ENGINEIO_FILTER_H

#include <engineio/net.h>
#include <engineio/proxy.h>
#include <engineio/tls.h>

struct eio__filter {
	struct eio__proxy *proxy;       /* its header is awaited, or NULL */
	struct eio__tls *tls;           /* or NULL */
	struct eio__tls_context *offer; /* the first byte tells; or NULL */
	unsigned max_answers;           /* of what is offered, and the next */
	eio__tls_send send;
	void *user;
	struct eio__address address;
	uint16_t port;
	bool known;      /* the proxy has said who the client is */
	const char *why; /* it failed; static text */
};

/* They make *filter if it is NULL. 0 or ENGINEIO_ERR_NOMEM. */
int eio__filter_add_proxy(struct eio__filter **filter);
int eio__filter_add_tls(struct eio__filter **filter,
	struct eio__tls_context *ctx, unsigned max_answers, eio__tls_send send,
	void *user);
/* TLS if the client begins with it. */
int eio__filter_offer_tls(struct eio__filter **filter,
	struct eio__tls_context *ctx, unsigned max_answers, eio__tls_send send,
	void *user);
/* NULL is allowed. */
void eio__filter_free(struct eio__filter *f);

/* Takes bytes of the socket and replaces them by what they mean, which may
 * be none. Returns a mask of EIO__TLS_READY (nothing is awaited any more
 * before the owner's own bytes; told once), _STEP (but something else than
 * before), _END and _FAILED. */
unsigned eio__filter_input(struct eio__filter *f, char **data, size_t *len);
/* Whether the owner's bytes may pass. */
bool eio__filter_is_ready(const struct eio__filter *f);
/* What has to come before that: static text, "" if nothing. */
const char *eio__filter_awaits(const struct eio__filter *f);
/* Whether that is just the first byte, which tells what is spoken. */
bool eio__filter_awaits_choice(const struct eio__filter *f);
/* Why the connection ended, or "" if it did not end here. */
const char *eio__filter_why(const struct eio__filter *f);

#endif
