/* SPDX-License-Identifier: MIT */
/* certificates.c: see certificates.h. */
#include <config.h>

#include "certificates.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY 86400

static char folder[256];

/* -- certificates -------------------------------------------------------- */

static EVP_PKEY *make_key(int kind)
{
	return kind == EVP_PKEY_RSA ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
}

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert(ext);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

static void fill(X509 *cert, const struct wish *wish)
{
	static long serial = 0x1000;
	X509_NAME *name = X509_get_subject_name(cert);
	char alt[128];

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(cert), wish->from);
	X509_gmtime_adj(X509_getm_notAfter(cert), wish->to ? wish->to : DAY);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		(const unsigned char *)wish->name, -1, -1, 0);
	snprintf(alt, sizeof(alt), "DNS:%s", wish->name);
	add_extension(cert, NID_subject_alt_name, alt);
	if (wish->is_ca)
		add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
}

struct made make_certificate(const struct wish *wish)
{
	struct made m = { X509_new(), make_key(wish->kind) };
	const struct made *issuer = wish->issuer ? wish->issuer : &m;

	assert(m.cert && m.key);
	fill(m.cert, wish);
	X509_set_issuer_name(m.cert, X509_get_subject_name(issuer->cert));
	X509_set_pubkey(m.cert, m.key);
	assert(X509_sign(m.cert, issuer->key, EVP_sha256()));
	return m;
}

void free_made(struct made *m)
{
	X509_free(m->cert);
	EVP_PKEY_free(m->key);
	m->cert = NULL;
	m->key = NULL;
}

/* -- files --------------------------------------------------------------- */

void open_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	char *made;

	snprintf(folder, sizeof(folder), "%s/eio-XXXXXX",
		tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	made = mkdtemp(folder);
	assert(made);
}

void use_folder(const char *path)
{
	snprintf(folder, sizeof(folder), "%s", path);
}

const char *in_folder(const char *file)
{
	static char paths[8][512];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, file);
	return path;
}

void close_folder(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	assert(dir);
	for (entry = readdir(dir); entry; entry = readdir(dir))
		if (entry->d_name[0] != '.')
			unlink(in_folder(entry->d_name));
	closedir(dir);
	rmdir(folder);
}

static FILE *create(const char *file)
{
	FILE *f = fopen(in_folder(file), "we");

	assert(f);
	return f;
}

void write_made(const struct made *m, const struct made *chain,
	const char *file)
{
	char name[80];
	FILE *f;

	snprintf(name, sizeof(name), "%s.crt", file);
	f = create(name);
	PEM_write_X509(f, m->cert);
	if (chain)
		PEM_write_X509(f, chain->cert);
	fclose(f);
	snprintf(name, sizeof(name), "%s.key", file);
	write_key(m, name, NULL);
}

void write_key(const struct made *m, const char *file, const char *phrase)
{
	FILE *f = create(file);

	PEM_write_PrivateKey(f, m->key, phrase ? EVP_aes_128_cbc() : NULL,
		(const unsigned char *)phrase, phrase ? (int)strlen(phrase) : 0,
		NULL, NULL);
	fclose(f);
}

void write_text(const char *file, const char *text)
{
	FILE *f = create(file);

	fputs(text, f);
	fclose(f);
}
