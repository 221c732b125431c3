/* SPDX-License-Identifier: MIT */
/* fake_tls.c: see fake_tls.h. */
#include <config.h>

#include "fake_tls.h"

#include <openssl/err.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

void fake_tls_push(struct fake_tls *t)
{
	char *data;
	long len = BIO_get_mem_data(t->out, &data);
	struct eio__strbuf copy;

	if (len <= 0 || fake_is_closed(t->c, NULL))
		return;
	eio__strbuf_init(&copy, 0);
	eio__strbuf_add(&copy, data, (size_t)len);
	(void)BIO_reset(t->out);
	fake_send(t->c, copy.data, copy.len);
	eio__strbuf_clear(&copy);
}

void fake_tls_pull(struct fake_tls *t)
{
	struct eio__strbuf *b = fake_received(t->c);

	if (b->len)
		BIO_write(t->in, b->data, (int)b->len);
	fake_skip(t->c, b->len);
}

static void read_plain(struct fake_tls *t)
{
	char data[4096];
	int n;

	for (n = SSL_read(t->ssl, data, sizeof(data)); n > 0;
		n = SSL_read(t->ssl, data, sizeof(data)))
		eio__strbuf_add(&t->plain, data, (size_t)n);
	if (SSL_get_error(t->ssl, n) == SSL_ERROR_ZERO_RETURN)
		t->ended = true;
}

void fake_tls_talk(struct fake_tls *t)
{
	int i;

	for (i = 0; i < 6; i++) {
		ERR_clear_error();
		read_plain(t);
		fake_tls_push(t);
		fake_tls_pull(t);
	}
}

struct fake_tls fake_tls_new(eio_loop *loop, int port, const struct made *ca)
{
	struct fake_tls t = { 0 };

	t.c = fake_connect_from(loop, port, "192.0.2.7");
	if (!t.c)
		return t;
	t.ctx = SSL_CTX_new(TLS_client_method());
	X509_STORE_add_cert(SSL_CTX_get_cert_store(t.ctx), ca->cert);
	SSL_CTX_set_verify(t.ctx, SSL_VERIFY_PEER, NULL);
	eio__strbuf_init(&t.plain, 0);
	return t;
}

void fake_tls_prepare(struct fake_tls *t, SSL_SESSION *session)
{
	t->ssl = SSL_new(t->ctx);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	SSL_set_bio(t->ssl, t->in, t->out);
	SSL_set_connect_state(t->ssl);
	SSL_set_tlsext_host_name(t->ssl, "localhost");
	if (session)
		SSL_set_session(t->ssl, session);
}

bool fake_tls_start(struct fake_tls *t, SSL_SESSION *session)
{
	if (!t->c)
		return false;
	fake_tls_prepare(t, session);
	fake_tls_talk(t);
	return SSL_is_init_finished(t->ssl) && !fake_is_closed(t->c, NULL);
}

void fake_tls_free(struct fake_tls *t)
{
	/* Else its session would count as broken. */
	if (t->ssl)
		SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN);
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	eio__strbuf_clear(&t->plain);
	fake_free(t->c);
}

void fake_tls_show(struct fake_tls *t, const struct made *m)
{
	SSL_CTX_use_certificate(t->ctx, m->cert);
	SSL_CTX_use_PrivateKey(t->ctx, m->key);
}

void fake_tls_say(struct fake_tls *t, const char *text)
{
	if (!t->ssl)
		return;
	SSL_write(t->ssl, text, (int)strlen(text));
	fake_tls_talk(t);
}

const char *fake_tls_heard(struct fake_tls *t)
{
	static char text[512];

	fake_tls_talk(t);
	snprintf(text, sizeof(text), "%.*s", (int)t->plain.len,
		t->plain.len ? t->plain.data : "");
	eio__strbuf_clear(&t->plain);
	return text;
}

bool fake_tls_heard_204(struct fake_tls *t)
{
	return strncmp(fake_tls_heard(t), "HTTP/1.1 204 ", 13) == 0;
}

const char *fake_tls_server_name(const struct fake_tls *t)
{
	static char name[80];
	X509 *cert = SSL_get1_peer_certificate(t->ssl);

	assert(cert);
	X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName,
		name, sizeof(name));
	X509_free(cert);
	return name;
}

int fake_tls_server_kind(const struct fake_tls *t)
{
	X509 *cert = SSL_get1_peer_certificate(t->ssl);
	int kind = EVP_PKEY_base_id(X509_get0_pubkey(cert));

	X509_free(cert);
	return kind;
}
