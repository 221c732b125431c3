/* SPDX-License-Identifier: MIT */
/*
 * tls.h: TLS on bytes, with OpenSSL; no socket is touched.
 *
 *   tls_context.c      certificates, keys and rules, read from files
 *   tls_certificate.c  the certificate that a client showed
 *   tls.c              one connection: what came, in plain; what goes, not
 *
 * The network (net.h) puts it between a connection's bytes and those of the
 * socket, see filter.h. Nothing of OpenSSL is in this header.
 */
#ifndef ENGINEIO_TLS_H
#define ENGINEIO_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eio__certificate;
struct eio__tls;
struct eio__tls_context;
struct bio_method_st;
struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

/* -- tls_context.c ------------------------------------------------------- */

/* Keys of different kinds, of which the better one is used with each
 * client. */
#define EIO__TLS_PAIRS 4

struct eio__tls_files {
	struct eio__tls_pair {
		char *cert, *key; /* names of PEM files */
		int kind;         /* of key; found out when it is read */
	} pairs[EIO__TLS_PAIRS];
	unsigned count;
	char *ca;      /* who may have signed clients' certificates, or NULL */
	bool required; /* a client without a good one is refused */
};

/* Reads the files; one reference. Tickets of `old` (may be NULL) stay good,
 * unless clients are asked for certificates. NULL: *error says what is wrong,
 * and with which file. */
struct eio__tls_context *eio__tls_context_new(struct eio__tls_files *files,
	const struct eio__tls_context *old, char *error, size_t size);
struct eio__tls_context *eio__tls_context_ref(struct eio__tls_context *ctx);
void eio__tls_context_unref(struct eio__tls_context *ctx);
/* When the first of its certificates is not good any more, or is good for the
 * first time; seconds since 1970. */
int64_t eio__tls_context_expires(const struct eio__tls_context *ctx);
int64_t eio__tls_context_begins(const struct eio__tls_context *ctx);
/* Whether clients that begin from now on may choose HTTP/2 (no at first). Has
 * no effect where that is not built in. */
void eio__tls_context_offer_http2(struct eio__tls_context *ctx, bool offer);
struct ssl_ctx_st *eio__tls_context_ssl(const struct eio__tls_context *ctx);
/* The end that all its connections share; lent. */
struct bio_st *eio__tls_context_bio(const struct eio__tls_context *ctx);
/* Room for this many bytes, lent until the next call; NULL: no memory. All
 * connections share it, because nothing stays there. */
char *eio__tls_context_room(struct eio__tls_context *ctx, size_t size);

/* -- tls_certificate.c --------------------------------------------------- */

/* What the peer of a finished handshake has shown; NULL: nothing, or no
 * memory. One reference. */
struct eio__certificate *eio__certificate_new(const struct ssl_st *ssl);
struct eio__certificate *eio__certificate_ref(struct eio__certificate *cert);
void eio__certificate_unref(struct eio__certificate *cert);
/* `field` is an enum eio_certificate; lives as long as the certificate. NULL:
 * there is no such text, or no memory for it. */
const char *eio__certificate_text(struct eio__certificate *cert, int field);

/* -- tls.c --------------------------------------------------------------- */

/* Takes what goes to the peer, all of it. `more`: nothing is lost if it leaves
 * only together with what follows. Returns how many bytes wait for the kernel
 * then; negative: that is not possible, and the connection fails. */
typedef long (*eio__tls_send)(void *user, const void *p, size_t len, bool more);

/* How OpenSSL reaches the bytes of the connection that it works for. */
struct bio_method_st *eio__tls_method_new(void);

/* The server's end of a connection; NULL: no memory. A peer that makes TLS
 * answer (with new keys, say) and does not read is given up when more than
 * `max_answers` bytes of that wait. */
struct eio__tls *eio__tls_new(struct eio__tls_context *ctx,
	unsigned max_answers, eio__tls_send send, void *user);
void eio__tls_free(struct eio__tls *tls);

#define EIO__TLS_READY  1 /* the handshake is done, just now */
#define EIO__TLS_END    2 /* the peer says nothing more (close_notify) */
#define EIO__TLS_FAILED 4 /* see eio__tls_why() */
#define EIO__TLS_STEP   8 /* of filter.h: something else is awaited now */

/* Bytes came. What they mean is in *plain, lent until the next call for any
 * connection, and may be changed; *plain_len may be 0. Returns a mask of the
 * above. Nothing of what came is kept back that could be told. */
unsigned eio__tls_input(struct eio__tls *tls, const char *data, size_t len,
	char **plain, size_t *plain_len);
bool eio__tls_is_ready(const struct eio__tls *tls);
/* Sends all of it; false: the connection is failing. Only when ready. `more`
 * follows at once, and it may leave together with that. */
bool eio__tls_write(struct eio__tls *tls, const void *p, size_t len, bool more);
/* Tells the peer that nothing more will come (close_notify). */
void eio__tls_close(struct eio__tls *tls);
/* Why it failed; static text, "" if it did not. */
const char *eio__tls_why(const struct eio__tls *tls);
/* Whether that was max_answers. */
bool eio__tls_is_flooded(const struct eio__tls *tls);
/* What ALPN has settled: "h2", "http/1.1", or "" when the client did not
 * ask. */
const char *eio__tls_protocol(const struct eio__tls *tls);
/* Lent; NULL when the client has shown none. */
struct eio__certificate *eio__tls_peer(const struct eio__tls *tls);

#endif
