/* SPDX-License-Identifier: MIT */
/*
 * certificates.h: certificates made while a test runs, in files of a folder
 * that goes when it ends.
 */
#ifndef TESTS_CERTIFICATES_H
#define TESTS_CERTIFICATES_H

#include <openssl/ssl.h>

enum {
	MADE_EC = EVP_PKEY_EC,
	MADE_RSA = EVP_PKEY_RSA,
};

struct made {
	X509 *cert;
	EVP_PKEY *key;
};

struct wish {
	const char *name;          /* CN of the subject, also a DNS name */
	int kind;                  /* MADE_... */
	const struct made *issuer; /* NULL: itself */
	long from, to;             /* seconds from now; to 0: a day */
	int is_ca;
};

struct made make_certificate(const struct wish *wish);
void free_made(struct made *m);

/* A folder of the test's own. */
void open_folder(void);
/* Or one that is there already. */
void use_folder(const char *path);
/* With everything in it. */
void close_folder(void);
/* The path of a file in it, in one of a few buffers that take turns. */
const char *in_folder(const char *file);
/* Writes "FILE.crt", the chain behind it if there is one, and "FILE.key". */
void write_made(const struct made *m, const struct made *chain,
	const char *file);
void write_key(const struct made *m, const char *file, const char *phrase);
void write_text(const char *file, const char *text);

#endif
