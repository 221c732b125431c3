/* SPDX-License-Identifier: MIT */
/*
 * fake_site.h: a server with a folder of files, which goes when a test ends.
 *
 *   TOP/secret.txt            outside
 *   TOP/www-secret/a.txt      outside, though the name begins the same
 *   TOP/www/                  what is served
 */
#ifndef TESTS_FAKE_SITE_H
#define TESTS_FAKE_SITE_H

#include "fake_app.h"

struct site {
	struct fake_app *app;
	eio_loop *loop;
	char top[64];
};

/* For cmocka. */
int site_setup(void **state);
int site_teardown(void **state);

/* The path of a file below TOP, in a buffer that the next call reuses. */
const char *name_of(const struct site *site, const char *name);
void add_bytes(const struct site *site, const char *name, const void *data,
	size_t len);
void add_file(const struct site *site, const char *name, const char *text);
void add_folder(const struct site *site, const char *name);
void add_link(const struct site *site, const char *name, const char *to);

/* A GET, and what it is to be answered. */
struct fake_reply site_get(struct site *site, const char *target,
	const char *headers);
void site_expect(struct site *site, const char *target, int status,
	const char *body);
void expect_header(struct site *site, const char *target, const char *headers,
	const char *name, const char *value);
/* Its ETag, in a buffer that the next call reuses. */
const char *tag_of(struct site *site, const char *target, const char *headers);

#endif
