/* SPDX-License-Identifier: MIT */
/* fake_records.c: see fake_records.h. */
#include <config.h>

#include "fake_records.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define TAG 16

/* -- keys ---------------------------------------------------------------- */

/* RFC 8446 section 7.1, HKDF-Expand-Label, for at most one hash. */
static void expand(const unsigned char *secret, const char *label,
	unsigned char *out, size_t len)
{
	unsigned char info[64], hash[32];
	size_t n = strlen(label);

	assert(len <= sizeof(hash) && n < 32);
	info[0] = 0;
	info[1] = (unsigned char)len;
	info[2] = (unsigned char)(6 + n);
	memcpy(info + 3, "tls13 ", 6);
	memcpy(info + 9, label, n);
	info[9 + n] = 0; /* no context */
	info[10 + n] = 1;
	HMAC(EVP_sha256(), secret, 32, info, 11 + n, hash, NULL);
	memcpy(out, hash, len);
}

/* RFC 5246 section 5: 64 bytes of P_SHA256 for "key expansion". */
static void expand_12(SSL *ssl, unsigned char *out)
{
	unsigned char master[48], seed[32 + 13 + 64];
	size_t i;

	SSL_SESSION_get_master_key(SSL_get_session(ssl), master, 48);
	memcpy(seed + 32, "key expansion", 13);
	SSL_get_server_random(ssl, seed + 32 + 13, 32);
	SSL_get_client_random(ssl, seed + 32 + 13 + 32, 32);
	HMAC(EVP_sha256(), master, 48, seed + 32, 13 + 64, seed, NULL);
	for (i = 0; i < 2; i++) {
		HMAC(EVP_sha256(), master, 48, seed, sizeof(seed), out + 32 * i,
			NULL);
		HMAC(EVP_sha256(), master, 48, seed, 32, seed, NULL);
	}
}

static void derive(struct fake_records *r)
{
	expand(r->secret, "key", r->key, sizeof(r->key));
	expand(r->secret, "iv", r->iv, sizeof(r->iv));
	r->number = 0;
}

void fake_records_next_keys(struct fake_records *r)
{
	unsigned char next[32];

	assert(r->is_13);
	expand(r->secret, "traffic upd", next, sizeof(next));
	memcpy(r->secret, next, sizeof(next));
	derive(r);
}

/* OpenSSL tells the secrets as lines "LABEL RANDOM SECRET", in hex. */
static void on_secret(const SSL *ssl, const char *line)
{
	static const char label[] = "CLIENT_TRAFFIC_SECRET_0 ";
	struct fake_records *r = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	const char *hex;
	unsigned byte;
	size_t i;

	if (strncmp(line, label, sizeof(label) - 1))
		return;
	hex = strchr(line + sizeof(label) - 1, ' ') + 1;
	for (i = 0; i < sizeof(r->secret); i++) {
		assert(sscanf(hex + 2 * i, "%2x", &byte) == 1);
		r->secret[i] = (unsigned char)byte;
	}
}

void fake_records_prepare(struct fake_records *r, struct fake_tls *t,
	int version)
{
	memset(r, 0, sizeof(*r));
	r->t = t;
	r->is_13 = version == TLS1_3_VERSION;
	SSL_CTX_set_min_proto_version(t->ctx, version);
	SSL_CTX_set_max_proto_version(t->ctx, version);
	SSL_CTX_set_ciphersuites(t->ctx, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set_cipher_list(t->ctx, "ECDHE-ECDSA-AES128-GCM-SHA256");
	SSL_CTX_set_app_data(t->ctx, r);
	SSL_CTX_set_keylog_callback(t->ctx, on_secret);
}

void fake_records_begin(struct fake_records *r)
{
	unsigned char block[64];

	if (r->is_13) {
		derive(r);
		return;
	}
	/* RFC 5288: both ends' keys, then four bytes of each one's nonce. The
	 * client's Finished was its first record. */
	expand_12(r->t->ssl, block);
	memcpy(r->key, block, 16);
	memcpy(r->iv, block + 32, 4);
	r->number = 1;
}

/* -- records ------------------------------------------------------------- */

static void put_number(unsigned char *p, uint64_t n)
{
	int i;

	for (i = 7; i >= 0; i--, n >>= 8)
		p[i] = (unsigned char)n;
}

static void encrypt(const unsigned char *key, const unsigned char *nonce,
	const void *extra, int extra_len, struct eio__strbuf *plain)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *data = (unsigned char *)plain->data;
	unsigned char tag[TAG];
	int n = 0;

	EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, nonce);
	EVP_EncryptUpdate(ctx, NULL, &n, extra, extra_len);
	if (plain->len)
		EVP_EncryptUpdate(ctx, data, &n, data, (int)plain->len);
	EVP_EncryptFinal_ex(ctx, tag, &n);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, tag);
	EVP_CIPHER_CTX_free(ctx);
	eio__strbuf_add(plain, tag, TAG);
}

/* RFC 8446 section 5.2: the type is behind the data, under the cipher. */
static void add_13(struct fake_records *r, struct eio__strbuf *out, int type,
	struct eio__strbuf *plain)
{
	unsigned char head[5] = { RECORD_DATA, 3, 3 }, nonce[12], number[8];
	size_t i, len;

	eio__strbuf_addc(plain, (char)type);
	len = plain->len + TAG;
	head[3] = (unsigned char)(len >> 8);
	head[4] = (unsigned char)len;
	put_number(number, r->number++);
	memcpy(nonce, r->iv, sizeof(nonce));
	for (i = 0; i < 8; i++)
		nonce[4 + i] ^= number[i];
	encrypt(r->key, nonce, head, sizeof(head), plain);
	eio__strbuf_add(out, head, sizeof(head));
	eio__strbuf_add(out, plain->data, plain->len);
}

/* RFC 5246 section 6.2.3.3, with the number for the rest of the nonce. */
static void add_12(struct fake_records *r, struct eio__strbuf *out, int type,
	struct eio__strbuf *plain)
{
	unsigned char head[5] = { (unsigned char)type, 3, 3 }, nonce[12];
	unsigned char extra[13];
	size_t len = plain->len;

	put_number(extra, r->number++);
	memcpy(nonce, r->iv, 4);
	memcpy(nonce + 4, extra, 8);
	memcpy(extra + 8, head, 3);
	extra[11] = (unsigned char)(len >> 8);
	extra[12] = (unsigned char)len;
	len += 8 + TAG;
	head[3] = (unsigned char)(len >> 8);
	head[4] = (unsigned char)len;
	encrypt(r->key, nonce, extra, sizeof(extra), plain);
	eio__strbuf_add(out, head, sizeof(head));
	eio__strbuf_add(out, nonce + 4, 8);
	eio__strbuf_add(out, plain->data, plain->len);
}

void fake_records_add(struct fake_records *r, struct eio__strbuf *out, int type,
	const void *data, size_t len)
{
	struct eio__strbuf plain;

	eio__strbuf_init(&plain, 0);
	if (len)
		eio__strbuf_add(&plain, data, len);
	if (r->is_13)
		add_13(r, out, type, &plain);
	else
		add_12(r, out, type, &plain);
	eio__strbuf_clear(&plain);
}

void fake_records_send(struct fake_records *r, int type, const void *data,
	size_t len)
{
	struct eio__strbuf out;

	if (fake_is_closed(r->t->c, NULL))
		return;
	eio__strbuf_init(&out, 0);
	fake_records_add(r, &out, type, data, len);
	fake_send(r->t->c, out.data, out.len);
	eio__strbuf_clear(&out);
}
