/* SPDX-License-Identifier: MIT */
/*
 * filter.c: the header of a proxy, then TLS.
 *
 * Always true: bytes behind the header of the proxy are those of TLS, if
 * there is TLS, and nothing is told before both have begun well.
 */
#include <config.h>

#include <engineio/filter.h>

#include <engineio/engineio.h>

#include <stdlib.h>

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

void eio__filter_free(struct eio__filter *f)
{
	if (!f)
		return;
	free(f->proxy);
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
	return f->tls ? 0 : EIO__TLS_READY;
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

unsigned eio__filter_input(struct eio__filter *f, char **data, size_t *len)
{
	char *cipher;
	size_t n;
	unsigned told = 0;

	if (f->proxy)
		told = take_header(f, data, len);
	if (!f->tls || !*len || f->proxy)
		return told;
	cipher = *data;
	n = *len;
	return told | eio__tls_input(f->tls, cipher, n, data, len);
}

bool eio__filter_is_ready(const struct eio__filter *f)
{
	return !f->proxy && (!f->tls || eio__tls_is_ready(f->tls));
}

const char *eio__filter_why(const struct eio__filter *f)
{
	if (f->why)
		return f->why;
	return f->tls ? eio__tls_why(f->tls) : "";
}
