/* SPDX-License-Identifier: MIT */
/*
 * filter.c: the header of a proxy, then TLS.
 *
 * Where TLS is only offered, the first byte decides: that of a handshake
 * (RFC 8446, section 5.1: the type of a record) is no letter of a method.
 *
 * Always true: bytes behind the header of the proxy are those of TLS, if
 * there is TLS, and nothing is told before both have begun well.
 */
#include <config.h>

#include <engineio/filter.h>

#include <engineio/engineio.h>

#include <stdlib.h>

#define HANDSHAKE 0x16 /* what every client of TLS begins with */

static struct eio__filter *need(struct eio__filter **filter)
{
	if (!*filter)
		*filter = calloc(1, sizeof(**filter));
	return *filter;
}

int eio__filter_add_proxy(struct eio__filter **filter)
{
	struct eio__filter *f = need(filter);

	if (!f)
		return ENGINEIO_ERR_NOMEM;
	f->proxy = malloc(sizeof(*f->proxy));
	if (!f->proxy)
		return ENGINEIO_ERR_NOMEM;
	eio__proxy_init(f->proxy);
	return 0;
}

int eio__filter_add_tls(struct eio__filter **filter,
	struct eio__tls_context *ctx, unsigned max_answers, eio__tls_send send,
	void *user)
{
	struct eio__filter *f = need(filter);

	if (!f)
		return ENGINEIO_ERR_NOMEM;
	f->tls = eio__tls_new(ctx, max_answers, send, user);
	return f->tls ? 0 : ENGINEIO_ERR_NOMEM;
}

int eio__filter_offer_tls(struct eio__filter **filter,
	struct eio__tls_context *ctx, unsigned max_answers, eio__tls_send send,
	void *user)
{
	struct eio__filter *f = need(filter);

	if (!f)
		return ENGINEIO_ERR_NOMEM;
	f->offer = eio__tls_context_ref(ctx);
	f->max_answers = max_answers;
	f->send = send;
	f->user = user;
	return 0;
}

void eio__filter_free(struct eio__filter *f)
{
	if (!f)
		return;
	free(f->proxy);
	eio__tls_context_unref(f->offer);
	eio__tls_free(f->tls);
	free(f);
}

static unsigned end_proxy(struct eio__filter *f)
{
	f->known = f->proxy->known;
	f->address = f->proxy->address;
	f->port = f->proxy->port;
	free(f->proxy);
	f->proxy = NULL;
	return f->tls || f->offer ? EIO__TLS_STEP : EIO__TLS_READY;
}

static unsigned take_header(struct eio__filter *f, char **data, size_t *len)
{
	size_t used;
	enum eio__proxy_result result =
		eio__proxy_feed(f->proxy, *data, *len, &used);

	*data += used;
	*len -= used;
	if (result == EIO__PROXY_DONE)
		return end_proxy(f);
	if (result == EIO__PROXY_BAD) {
		f->why = "no header of the PROXY protocol";
		*len = 0;
		return EIO__TLS_FAILED;
	}
	return 0;
}

/* The offer is taken or not, and is none any more. */
static unsigned settle_offer(struct eio__filter *f, char first)
{
	struct eio__tls_context *ctx = f->offer;

	f->offer = NULL;
	if (first == HANDSHAKE)
		f->tls = eio__tls_new(ctx, f->max_answers, f->send, f->user);
	eio__tls_context_unref(ctx);
	if (first != HANDSHAKE)
		return EIO__TLS_READY;
	if (f->tls)
		return EIO__TLS_STEP;
	f->why = "out of memory";
	return EIO__TLS_FAILED;
}

unsigned eio__filter_input(struct eio__filter *f, char **data, size_t *len)
{
	char *cipher;
	size_t n;
	unsigned told = 0;

	if (f->proxy)
		told = take_header(f, data, len);
	if (f->offer && *len && !f->proxy)
		told |= settle_offer(f, **data);
	if (!f->tls || !*len || f->proxy)
		return told;
	cipher = *data;
	n = *len;
	told |= eio__tls_input(f->tls, cipher, n, data, len);
	return told & EIO__TLS_READY ? told & ~EIO__TLS_STEP : told;
}

bool eio__filter_is_ready(const struct eio__filter *f)
{
	return !f->proxy && !f->offer && (!f->tls || eio__tls_is_ready(f->tls));
}

const char *eio__filter_awaits(const struct eio__filter *f)
{
	if (f->proxy)
		return "PROXY header";
	if (f->offer)
		return "first byte";
	return eio__filter_is_ready(f) ? "" : "TLS";
}

bool eio__filter_awaits_choice(const struct eio__filter *f)
{
	return f->offer && !f->proxy;
}

const char *eio__filter_why(const struct eio__filter *f)
{
	if (f->why)
		return f->why;
	return f->tls ? eio__tls_why(f->tls) : "";
}
