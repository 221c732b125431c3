/* SPDX-License-Identifier: MIT */
/*
 * fake_tls_web.h: the server of fake_web over TLS, with certificates made for
 * it, and a route that tells whom it has seen.
 */
#ifndef TESTS_FAKE_TLS_WEB_H
#define TESTS_FAKE_TLS_WEB_H

#include "certificates.h"
#include "fake_tls.h"
#include "fake_web.h"

#define TLS_PORT 4433
#define GET_WHO  "GET /who HTTP/1.1\r\nHost: a\r\n\r\n"

/* Of the program: an authority, and the server's, signed by it. They are in the
 * folder as "ca" and "ec", the second with its chain. */
extern struct made ca, ec;
/* What the route saw last: "ADDRESS secure|plain SUBJECT [ERROR]". */
extern char seen[512];

/* For cmocka: what the program begins and ends with. */
int tls_begin(void **state);
int tls_end(void **state);

/* For cmocka, around each test: the server listens on TLS_PORT with "ec". */
int tls_setup(void **state);
#define tls_test(fn) \
	cmocka_unit_test_setup_teardown(fn, tls_setup, fake_web_teardown)

/* The route of GET_WHO, for a server that is set up otherwise. */
void tls_route(struct fake_web *web);
/* The server shows this file of the folder from now on; 0 or an error. */
int set_tls(struct fake_web *web, const char *name);
/* What the route saw of a client that shows this certificate (NULL: none); ""
 * if it was not let in. */
const char *seen_with(struct fake_web *web, const struct made *m);

#endif
