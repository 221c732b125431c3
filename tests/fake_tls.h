/* SPDX-License-Identifier: MIT */
/*
 * fake_tls.h: a client of the fake network that speaks TLS, with OpenSSL on
 * memory. Its calls do nothing where the server let nobody in.
 */
#ifndef TESTS_FAKE_TLS_H
#define TESTS_FAKE_TLS_H

#include "certificates.h"
#include "fake_net.h"

struct fake_tls {
	struct fake_conn *c; /* NULL: refused */
	SSL_CTX *ctx;
	SSL *ssl; /* once it is prepared */
	BIO *in, *out;
	struct eio__strbuf plain; /* what came */
	bool ended;               /* close_notify came */
};

/* Connected, but TLS has not begun, so that `ctx` may be changed before. Knows
 * the certificates signed by ca. */
struct fake_tls fake_tls_new(eio_loop *loop, int port, const struct made *ca);
void fake_tls_free(struct fake_tls *t);
/* It will show this one when it is asked. */
void fake_tls_show(struct fake_tls *t, const struct made *m);
/* Makes `ssl`; asks for a session again if there is one. */
void fake_tls_prepare(struct fake_tls *t, SSL_SESSION *session);
/* The same and the handshake; whether that was done. */
bool fake_tls_start(struct fake_tls *t, SSL_SESSION *session);

/* What the client has to say goes to the server, and back. */
void fake_tls_push(struct fake_tls *t);
void fake_tls_pull(struct fake_tls *t);
/* Both, until neither side has anything to say. */
void fake_tls_talk(struct fake_tls *t);

void fake_tls_say(struct fake_tls *t, const char *text);
/* What came since the last look. In a buffer that the next call reuses. */
const char *fake_tls_heard(struct fake_tls *t);
bool fake_tls_heard_204(struct fake_tls *t);

/* Of the certificate the server showed: CN, and MADE_... of its key. */
const char *fake_tls_server_name(const struct fake_tls *t);
int fake_tls_server_kind(const struct fake_tls *t);

#endif
