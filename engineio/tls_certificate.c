/* SPDX-License-Identifier: MIT */
/*
 * tls_certificate.c: the certificate that a client showed, as texts.
 *
 * A request and a session hold it beyond their connection. The texts are
 * made when they are asked for: most programs look at one of them.
 */
#include <config.h>

#include <engineio/engineio.h>
#include <engineio/tls.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>

struct eio__certificate {
	unsigned refs;
	X509 *x509;
	long result; /* of looking at its signatures and times */
	char *texts[ENGINEIO_CERTIFICATE_FIELDS];
};

struct eio__certificate *eio__certificate_new(const SSL *ssl)
{
	X509 *x509 = SSL_get1_peer_certificate(ssl);
	struct eio__certificate *cert;

	if (!x509)
		return NULL;
	cert = calloc(1, sizeof(*cert));
	if (!cert) {
		X509_free(x509);
		return NULL;
	}
	cert->refs = 1;
	cert->x509 = x509;
	cert->result = SSL_get_verify_result(ssl);
	return cert;
}

struct eio__certificate *eio__certificate_ref(struct eio__certificate *cert)
{
	if (cert)
		cert->refs++;
	return cert;
}

void eio__certificate_unref(struct eio__certificate *cert)
{
	int i;

	if (!cert || --cert->refs > 0)
		return;
	X509_free(cert->x509);
	for (i = 0; i < ENGINEIO_CERTIFICATE_FIELDS; i++)
		free(cert->texts[i]);
	free(cert);
}

/* -- texts --------------------------------------------------------------- */

/* RFC 2253, with letters beyond ASCII as UTF-8. */
static bool print_name(BIO *out, const X509_NAME *name)
{
	return X509_NAME_print_ex(out, name, 0,
		       XN_FLAG_RFC2253 &
			       ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0;
}

static bool print_serial(BIO *out, const X509 *x509)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
	bool ok = number && BN_print(out, number) == 1;

	BN_free(number);
	return ok;
}

static bool print_fingerprint(BIO *out, const X509 *x509)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned i, n = 0;

	if (X509_digest(x509, EVP_sha256(), digest, &n) != 1)
		return false;
	for (i = 0; i < n; i++)
		BIO_printf(out, i ? ":%02X" : "%02X", digest[i]);
	return true;
}

/* "DNS:a.example, email:b@example"; fails without any. */
static bool print_alt_names(BIO *out, const X509 *x509)
{
	int at = X509_get_ext_by_NID(x509, NID_subject_alt_name, -1);

	return at >= 0 &&
		X509V3_EXT_print(out, X509_get_ext(x509, at), 0, 0) == 1;
}

static bool print(BIO *out, const struct eio__certificate *cert, int field)
{
	switch (field) {
	case ENGINEIO_CERTIFICATE_SUBJECT:
		return print_name(out, X509_get_subject_name(cert->x509));
	case ENGINEIO_CERTIFICATE_ISSUER:
		return print_name(out, X509_get_issuer_name(cert->x509));
	case ENGINEIO_CERTIFICATE_SERIAL:
		return print_serial(out, cert->x509);
	case ENGINEIO_CERTIFICATE_FINGERPRINT:
		return print_fingerprint(out, cert->x509);
	case ENGINEIO_CERTIFICATE_ALT_NAMES:
		return print_alt_names(out, cert->x509);
	case ENGINEIO_CERTIFICATE_PEM:
		return PEM_write_bio_X509(out, cert->x509) == 1;
	case ENGINEIO_CERTIFICATE_ERROR:
		return cert->result == X509_V_OK ||
			BIO_puts(out,
				X509_verify_cert_error_string(cert->result)) >
			0;
	default:
		return false;
	}
}

static char *make_text(const struct eio__certificate *cert, int field)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *data, *text = NULL;
	long len;

	if (out && print(out, cert, field)) {
		len = BIO_get_mem_data(out, &data);
		text = malloc((size_t)len + 1);
		if (text && len > 0)
			memcpy(text, data, (size_t)len);
		if (text)
			text[len] = '\0';
	}
	BIO_free(out);
	ERR_clear_error();
	return text;
}

const char *eio__certificate_text(struct eio__certificate *cert, int field)
{
	if (!cert || field < 0 || field >= ENGINEIO_CERTIFICATE_FIELDS)
		return NULL;
	if (!cert->texts[field])
		cert->texts[field] = make_text(cert, field);
	return cert->texts[field];
}
