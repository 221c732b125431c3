/* SPDX-License-Identifier: MIT */
#ifndef SRC_OPTIONS_H
#define SRC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_ERROR_SIZE 512

enum options_action {
	OPTIONS_SERVE,
	OPTIONS_HELP,
	OPTIONS_VERSION,
};

/* The texts are lent: they are those of argv and of the environment. */
struct options {
	enum options_action action;
	const char *host; /* NULL: every address */
	long port;        /* 0: the system picks one */
	const char *root; /* NULL: the installed page */
	const char *path;
	long ping_interval;             /* ms */
	long ping_timeout;              /* ms */
	long max_payload;               /* bytes */
	const char *history;            /* file; NULL: in memory */
	const char *tls_cert, *tls_key; /* files; NULL: no TLS */
	bool self_signed;               /* TLS with a certificate of our own */
	bool tls_and_plain;             /* HTTP on the same port as well */
	double fail_polls;              /* share of them, 0 to 1 */
	bool verbose;
};

/*
 * Fills in what the arguments say, and for the port without an argument what
 * `env_port` says (the environment's PORT; NULL or empty: nothing), else the
 * defaults. Returns 0, or -1 with a sentence in error about what is wrong
 * and what to do.
 */
int options_parse(struct options *o, int argc, char *const *argv,
	const char *env_port, char error[OPTIONS_ERROR_SIZE]);

/* The answer to --help. */
const char *options_help(void);

#endif
