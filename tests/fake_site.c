/* SPDX-License-Identifier: MIT */
/*
 * fake_site.c: a server with a folder of files, which goes when a test ends.
 */
#include <config.h>

#include "fake_site.h"

#include <engineio/http.h>

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

const char *name_of(const struct site *site, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", site->top, name);
	return path;
}

void add_bytes(const struct site *site, const char *name, const void *data,
	size_t len)
{
	FILE *f = fopen(name_of(site, name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

void add_file(const struct site *site, const char *name, const char *text)
{
	add_bytes(site, name, text, strlen(text));
}

void add_folder(const struct site *site, const char *name)
{
	assert_int_equal(mkdir(name_of(site, name), 0700), 0);
}

void add_link(const struct site *site, const char *name, const char *to)
{
	assert_int_equal(symlink(to, name_of(site, name)), 0);
}

static int remove_one(const char *path, const struct stat *st, int type,
	struct FTW *ftw)
{
	return remove(path);
}

int site_setup(void **state)
{
	struct site *site = calloc(1, sizeof(*site));
	const char *tmp = getenv("TMPDIR");
	void *app = NULL;

	if (!site || fake_app_setup(&app))
		return -1;
	site->app = app;
	site->loop = site->app->loop;
	snprintf(site->top, sizeof(site->top), "%.40s/files-XXXXXX",
		tmp ? tmp : "/tmp");
	if (!mkdtemp(site->top))
		return -1;
	add_folder(site, "www");
	add_folder(site, "www-secret");
	add_file(site, "secret.txt", "secret");
	add_file(site, "www-secret/a.txt", "secret");
	if (eio_server_mount(site->app->srv, "/", name_of(site, "www")))
		return -1;
	*state = site;
	return 0;
}

int site_teardown(void **state)
{
	struct site *site = *state;
	void *app = site->app;

	nftw(site->top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(site);
	return fake_app_teardown(&app);
}

struct fake_reply site_get(struct site *site, const char *target,
	const char *headers)
{
	return fake_http(site->loop, "GET", target, headers, NULL);
}

void site_expect(struct site *site, const char *target, int status,
	const char *body)
{
	struct fake_reply r = site_get(site, target, NULL);

	if (r.status != status || (body && strcmp(r.body, body) != 0))
		fail_msg("%s: %d \"%s\"", target, r.status, r.body);
	fake_reply_clear(&r);
}

void expect_header(struct site *site, const char *target, const char *headers,
	const char *name, const char *value)
{
	struct fake_reply r = site_get(site, target, headers);

	if (strcmp(fake_reply_header(&r, name), value) != 0)
		fail_msg("%s: %s \"%s\"", target, name,
			fake_reply_header(&r, name));
	fake_reply_clear(&r);
}

const char *tag_of(struct site *site, const char *target, const char *headers)
{
	static char tag[100];
	struct fake_reply r = site_get(site, target, headers);

	assert_int_equal(r.status, 200);
	snprintf(tag, sizeof(tag), "%s", fake_reply_header(&r, "ETag"));
	fake_reply_clear(&r);
	return tag;
}
