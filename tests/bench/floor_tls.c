/* SPDX-License-Identifier: MIT */
/*
 * floor_tls.c: the floor's TLS 1.3: OpenSSL straight on the descriptor, which
 * takes records at once, gives the room for them back, and hands out no
 * tickets.
 */
#include <config.h>

#include "floor.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

static SSL_CTX *context;

bool tls_init(const char *certificate, const char *key)
{
	context = SSL_CTX_new(TLS_server_method());
	if (!context)
		return false;
	SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(context, 1);
	return SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
		SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) ==
		1;
}

void tls_open(struct peer *p)
{
	if (!context)
		return;
	p->tls = SSL_new(context);
	SSL_set_fd(p->tls, p->fd);
	SSL_set_accept_state(p->tls);
}

void tls_close(struct peer *p)
{
	SSL_free(p->tls);
}

/* The handshake is part of the first reads. Another read is worth its call
 * only while OpenSSL has more of what came. */
ssize_t tls_read(struct peer *p, char *to, size_t room)
{
	size_t n = 0;
	int got;

	do {
		got = SSL_read(p->tls, to + n, (int)(room - n));
		if (got > 0)
			n += (size_t)got;
	} while (got > 0 && n < room && SSL_has_pending(p->tls));
	if (n > 0)
		return (ssize_t)n;
	if (SSL_get_error(p->tls, got) == SSL_ERROR_WANT_READ)
		return 0;
	ERR_clear_error(); /* or the next peer's would be taken for it */
	return -1;
}

ssize_t tls_write(struct peer *p, const char *data, size_t n)
{
	int done = SSL_write(p->tls, data, (int)n);

	ERR_clear_error();
	return done;
}
