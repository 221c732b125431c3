/* SPDX-License-Identifier: MIT */
/*
 * self_signed.c: a throw-away certificate for localhost, with OpenSSL.
 *
 * Key and certificate lie in memory that has a name as long as the program
 * runs: nothing of them is ever on a disk.
 */
#include <config.h>

#include <src/self_signed.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define DAYS  30
#define NAMES "DNS:localhost,IP:127.0.0.1,IP:::1"

static bool add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool ok = extension && X509_add_ext(cert, extension, -1);

	X509_EXTENSION_free(extension);
	return ok;
}

static bool name_it(X509 *cert)
{
	X509_NAME *name = X509_get_subject_name(cert);

	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		       (const unsigned char *)"localhost", -1, -1, 0) &&
		X509_set_issuer_name(cert, name) &&
		add_extension(cert, NID_subject_alt_name, NAMES) &&
		add_extension(cert, NID_basic_constraints, "critical,CA:FALSE");
}

/* A serial number of its own: browsers refuse two certificates of one issuer
 * with the same. */
static bool number_it(X509 *cert)
{
	BIGNUM *number = BN_new();
	bool ok = number && BN_rand(number, 127, BN_RAND_TOP_ANY, 0) &&
		BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));

	BN_free(number);
	return ok;
}

static bool date_it(X509 *cert)
{
	return X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
		X509_gmtime_adj(X509_getm_notAfter(cert), DAYS * 86400L);
}

static X509 *certificate_of(EVP_PKEY *key)
{
	X509 *cert = X509_new();

	if (cert && X509_set_version(cert, 2) && number_it(cert) &&
		date_it(cert) && X509_set_pubkey(cert, key) && name_it(cert) &&
		X509_sign(cert, key, EVP_sha256()))
		return cert;
	X509_free(cert);
	return NULL;
}

/* A file in memory with a name; NULL if there is none. */
static FILE *memory_file(int *fd, char name[64])
{
	*fd = memfd_create("certificate", MFD_CLOEXEC);
	if (*fd < 0)
		return NULL;
	snprintf(name, 64, "/proc/self/fd/%d", *fd);
	return fopen(name, "w");
}

static int write_key(struct self_signed *s, EVP_PKEY *key)
{
	FILE *f = memory_file(&s->key_fd, s->key);
	bool ok = f && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);

	if (f)
		ok &= fclose(f) == 0;
	return ok ? 0 : -1;
}

static int write_cert(struct self_signed *s, X509 *cert)
{
	FILE *f = memory_file(&s->cert_fd, s->cert);
	bool ok = f && PEM_write_X509(f, cert);

	if (f)
		ok &= fclose(f) == 0;
	return ok ? 0 : -1;
}

static EVP_PKEY *new_key(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_keygen_init(ctx) <= 0 ||
		EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx,
			NID_X9_62_prime256v1) <= 0 ||
		EVP_PKEY_keygen(ctx, &key) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

int self_signed_make(struct self_signed *s)
{
	EVP_PKEY *key = new_key();
	X509 *cert = key ? certificate_of(key) : NULL;
	int err = -1;

	s->cert_fd = s->key_fd = -1;
	if (cert && write_key(s, key) == 0)
		err = write_cert(s, cert);
	X509_free(cert);
	EVP_PKEY_free(key);
	return err;
}

void self_signed_clear(struct self_signed *s)
{
	if (s->cert_fd >= 0)
		close(s->cert_fd);
	if (s->key_fd >= 0)
		close(s->key_fd);
	s->cert_fd = s->key_fd = -1;
}
