/* SPDX-License-Identifier: MIT */
/*
 * tls_context.c: certificates and keys from files, and the rules that hold
 * for every connection.
 *
 * TLS 1.2 and 1.3 with forward secrecy only; of several keys the one on an
 * elliptic curve is preferred, whose signature costs the server a tenth;
 * clients that come back bring their session themselves (tickets), so that
 * nothing is kept here for those that have gone; no renegotiation. Always
 * true: a context is complete when somebody gets it and but for what ALPN
 * offers does not change afterwards, so that a reload is another context and
 * connections keep theirs.
 */
#include <config.h>

#include <engineio/tls.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of TLS 1.2: those that have what TLS 1.3 always has. */
#define CIPHERS \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:" \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256:" \
	"ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305"

/* The cheaper of the two strong ones first. */
#define SUITES \
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:" \
	"TLS_CHACHA20_POLY1305_SHA256"

/* How long a client may come back with its session, in seconds. */
#define SESSION_TIME 7200

/* For each connection: a client that opens a second one beside it has had
 * none yet anyway, and who comes back gets a new one. */
#define TICKETS 1

/* The keys of the tickets, as OpenSSL gives and takes them. */
#define TICKET_KEYS 80

struct eio__tls_context {
	unsigned refs;
	SSL_CTX *ssl;
	BIO_METHOD *method;
	BIO *bio; /* of all connections, for it keeps nothing of them */
	int64_t begins, expires;
	bool asks;  /* clients for certificates */
	bool http2; /* is offered */
	char *room;
	size_t room_size;
};

/* Where a failure is described. */
struct complaint {
	char *text;
	size_t size;
};

/* -- errors in words ----------------------------------------------------- */

static bool complain(const struct complaint *c, const char *file,
	const char *what)
{
	snprintf(c->text, c->size, "%s: %s", file, what);
	ERR_clear_error();
	return false;
}

/* What OpenSSL says about a file it did not like. */
static bool complain_ssl(const struct complaint *c, const char *file,
	const char *what)
{
	unsigned long err = ERR_peek_error();
	const char *reason = ERR_reason_error_string(err);
	char text[160];

	if (ERR_GET_LIB(err) == ERR_LIB_SYS)
		reason = strerror(ERR_GET_REASON(err));
	if (ERR_GET_LIB(err) == ERR_LIB_PEM &&
		ERR_GET_REASON(err) == PEM_R_NO_START_LINE)
		reason = "there is none in it";
	snprintf(text, sizeof(text), "%s: %s", what,
		reason ? reason : "unknown error");
	return complain(c, file, text);
}

static FILE *open_file(const char *file, const struct complaint *c)
{
	FILE *f = fopen(file, "re");

	if (!f)
		complain(c, file, strerror(errno));
	return f;
}

/* -- certificates and keys ----------------------------------------------- */

/* A pass phrase would have to be asked for, and there is nobody to ask. */
static int no_pass_phrase(char *buf, int size, int writing, void *user)
{
	*(bool *)user = true;
	return -1;
}

static EVP_PKEY *read_key(const char *file, const struct complaint *c)
{
	bool asked = false;
	EVP_PKEY *key;
	FILE *f = open_file(file, c);

	if (!f)
		return NULL;
	key = PEM_read_PrivateKey(f, NULL, no_pass_phrase, &asked);
	fclose(f);
	if (!key && asked)
		complain(c, file, "the key is protected by a pass phrase");
	else if (!key)
		complain_ssl(c, file, "private key");
	return key;
}

static bool use_chain(SSL_CTX *ssl, const char *file, const struct complaint *c)
{
	FILE *f = open_file(file, c);

	if (!f)
		return false;
	fclose(f);
	if (SSL_CTX_use_certificate_chain_file(ssl, file) != 1)
		return complain_ssl(c, file, "certificate");
	return true;
}

static bool use_pair(SSL_CTX *ssl, struct eio__tls_pair *pair,
	const struct complaint *c)
{
	EVP_PKEY *key;
	char text[160];
	bool ok;

	if (!use_chain(ssl, pair->cert, c))
		return false;
	key = read_key(pair->key, c);
	if (!key)
		return false;
	if (X509_check_private_key(SSL_CTX_get0_certificate(ssl), key) != 1) {
		EVP_PKEY_free(key);
		snprintf(text, sizeof(text),
			"the key does not match the certificate in %.90s",
			pair->cert);
		return complain(c, pair->key, text);
	}
	pair->kind = EVP_PKEY_base_id(key);
	ok = SSL_CTX_use_PrivateKey(ssl, key) == 1;
	EVP_PKEY_free(key);
	return ok || complain_ssl(c, pair->key, "private key");
}

/* -- clients' certificates ----------------------------------------------- */

/* A certificate that is asked for but not required may be anything: the
 * program is told what is wrong with it. */
static int accept_any(int ok, X509_STORE_CTX *store)
{
	return 1;
}

static bool use_ca(SSL_CTX *ssl, const struct eio__tls_files *files,
	const struct complaint *c)
{
	STACK_OF(X509_NAME) * names;
	FILE *f = open_file(files->ca, c);

	if (!f)
		return false;
	fclose(f);
	names = SSL_load_client_CA_file(files->ca);
	if (!names ||
		SSL_CTX_load_verify_locations(ssl, files->ca, NULL) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return complain_ssl(c, files->ca, "certificates");
	}
	SSL_CTX_set_client_CA_list(ssl, names);
	if (files->required)
		SSL_CTX_set_verify(ssl,
			SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			NULL);
	else
		SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, accept_any);
	return true;
}

/* -- the rules ----------------------------------------------------------- */

/* A client that asks (RFC 7301) gets the first of ours that it knows, or is
 * told that there is nothing else here. */
static int choose_protocol(SSL *ssl, const unsigned char **out,
	unsigned char *out_len, const unsigned char *in, unsigned in_len,
	void *user)
{
	static const unsigned char all[] = "\x02h2\x08http/1.1\x08http/1.0";
	const struct eio__tls_context *ctx = user;
	unsigned skip = ctx->http2 ? 0 : sizeof("\x02h2") - 1;
	unsigned char *chosen;

	if (SSL_select_next_proto(&chosen, out_len, all + skip,
		    sizeof(all) - 1 - skip, in,
		    in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool set_rules(struct eio__tls_context *ctx)
{
	static const unsigned char name[] = "engineio";
	SSL_CTX *ssl = ctx->ssl;

	SSL_CTX_set_options(ssl,
		SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
			SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	/* An idle connection gives the room for its records back. */
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
	/* It takes a record at once, not first its header. */
	SSL_CTX_set_read_ahead(ssl, 1);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(ssl, SESSION_TIME);
	SSL_CTX_set_alpn_select_cb(ssl, choose_protocol, ctx);
	return SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) == 1 &&
		SSL_CTX_set_cipher_list(ssl, CIPHERS) == 1 &&
		SSL_CTX_set_ciphersuites(ssl, SUITES) == 1 &&
		SSL_CTX_set_num_tickets(ssl, TICKETS) == 1 &&
		SSL_CTX_set_session_id_context(ssl, name, sizeof(name) - 1) ==
		1;
}

/* With a new certificate clients may come back as before. Where they are
 * asked for certificates a ticket would outlive a change of who is trusted. */
static void keep_tickets(struct eio__tls_context *ctx,
	const struct eio__tls_context *old)
{
	unsigned char keys[TICKET_KEYS];

	if (!old || old->asks || ctx->asks)
		return;
	if (SSL_CTX_get_tlsext_ticket_keys(old->ssl, keys, sizeof(keys)) == 1)
		SSL_CTX_set_tlsext_ticket_keys(ctx->ssl, keys, sizeof(keys));
	OPENSSL_cleanse(keys, sizeof(keys));
}

/* -- time ---------------------------------------------------------------- */

static int64_t to_seconds(const ASN1_TIME *time)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;

	if (epoch)
		ASN1_TIME_diff(&days, &seconds, epoch, time);
	ASN1_TIME_free(epoch);
	return (int64_t)days * 86400 + seconds;
}

static void count_certificate(struct eio__tls_context *ctx, const X509 *cert)
{
	int64_t begins = to_seconds(X509_get0_notBefore(cert));
	int64_t expires = to_seconds(X509_get0_notAfter(cert));

	if (expires < ctx->expires)
		ctx->expires = expires;
	if (begins > ctx->begins)
		ctx->begins = begins;
}

/* Those of the chains count too: with one of them expired, clients refuse. */
static void find_times(struct eio__tls_context *ctx)
{
	STACK_OF(X509) * chain;
	int i;
	long more;

	ctx->begins = INT64_MIN;
	ctx->expires = INT64_MAX;
	for (more = SSL_CTX_set_current_cert(ctx->ssl, SSL_CERT_SET_FIRST);
		more == 1;
		more = SSL_CTX_set_current_cert(ctx->ssl, SSL_CERT_SET_NEXT)) {
		count_certificate(ctx, SSL_CTX_get0_certificate(ctx->ssl));
		chain = NULL;
		SSL_CTX_get0_chain_certs(ctx->ssl, &chain);
		for (i = 0; i < sk_X509_num(chain); i++)
			count_certificate(ctx, sk_X509_value(chain, i));
	}
	ERR_clear_error();
}

int64_t eio__tls_context_expires(const struct eio__tls_context *ctx)
{
	return ctx->expires;
}

int64_t eio__tls_context_begins(const struct eio__tls_context *ctx)
{
	return ctx->begins;
}

/* -- the context --------------------------------------------------------- */

static bool make_end(struct eio__tls_context *ctx)
{
	ctx->method = eio__tls_method_new();
	ctx->bio = ctx->method ? BIO_new(ctx->method) : NULL;
	if (ctx->bio)
		BIO_set_init(ctx->bio, 1);
	return ctx->bio;
}

static bool fill(struct eio__tls_context *ctx, struct eio__tls_files *files,
	const struct complaint *c)
{
	unsigned i;

	ctx->ssl = SSL_CTX_new(TLS_server_method());
	if (!make_end(ctx) || !ctx->ssl || !set_rules(ctx))
		return complain_ssl(c, "OpenSSL", "cannot be set up");
	for (i = 0; i < files->count; i++)
		if (!use_pair(ctx->ssl, &files->pairs[i], c))
			return false;
	ctx->asks = files->ca != NULL;
	return !ctx->asks || use_ca(ctx->ssl, files, c);
}

struct eio__tls_context *eio__tls_context_new(struct eio__tls_files *files,
	const struct eio__tls_context *old, char *error, size_t size)
{
	struct complaint c = { .text = error, .size = size };
	struct eio__tls_context *ctx = calloc(1, sizeof(*ctx));

	if (!ctx) {
		complain(&c, "TLS", "out of memory");
		return NULL;
	}
	ctx->refs = 1;
	ERR_clear_error();
	if (!fill(ctx, files, &c)) {
		eio__tls_context_unref(ctx);
		return NULL;
	}
	keep_tickets(ctx, old);
	find_times(ctx);
	return ctx;
}

struct eio__tls_context *eio__tls_context_ref(struct eio__tls_context *ctx)
{
	ctx->refs++;
	return ctx;
}

void eio__tls_context_unref(struct eio__tls_context *ctx)
{
	if (!ctx || --ctx->refs > 0)
		return;
	SSL_CTX_free(ctx->ssl);
	BIO_free(ctx->bio);
	BIO_meth_free(ctx->method);
	free(ctx->room);
	free(ctx);
}

void eio__tls_context_offer_http2(struct eio__tls_context *ctx, bool offer)
{
#ifdef HAVE_NGHTTP2
	ctx->http2 = offer;
#endif
}

SSL_CTX *eio__tls_context_ssl(const struct eio__tls_context *ctx)
{
	return ctx->ssl;
}

BIO *eio__tls_context_bio(const struct eio__tls_context *ctx)
{
	return ctx->bio;
}

char *eio__tls_context_room(struct eio__tls_context *ctx, size_t size)
{
	if (size > ctx->room_size) {
		free(ctx->room);
		ctx->room = malloc(size);
		ctx->room_size = ctx->room ? size : 0;
	}
	return ctx->room;
}
