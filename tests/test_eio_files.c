/* SPDX-License-Identifier: MIT */
/*
 * test_eio_files.c: files of a folder: what is served, under which conditions,
 * and prepared copies.
 */
#include <config.h>

#include "fake_site.h"

#include <engineio/http.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* -- what is served ------------------------------------------------------ */

static void file__in_the_folder__is_served(void **state)
{
	struct site *site = *state;
	struct fake_reply r;

	add_file(site, "www/a.txt", "hello\n");
	r = site_get(site, "/a.txt", NULL);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "hello\n");
	assert_string_equal(fake_reply_header(&r, "Content-Type"),
		"text/plain; charset=utf-8");
	assert_string_equal(fake_reply_header(&r, "Content-Length"), "6");
	assert_string_equal(fake_reply_header(&r, "Cache-Control"), "no-cache");
	assert_string_equal(fake_reply_header(&r, "Vary"), "Accept-Encoding");
	assert_string_equal(fake_reply_header(&r, "X-Content-Type-Options"),
		"nosniff");
	assert_string_equal(fake_reply_header(&r, "Content-Encoding"), "");
	fake_reply_clear(&r);
	site_expect(site, "/a.txt?x=/../y", 200, "hello\n");
	site_expect(site, "/a.txt#x", 200, "hello\n");
	site_expect(site, "/%61%2etxt", 200, "hello\n");
	site_expect(site, "http://host/a.txt", 200, "hello\n");
	/* as it is on the disk now */
	add_file(site, "www/a.txt", "other");
	site_expect(site, "/a.txt", 200, "other");
	site_expect(site, "/A.txt", 404, "not found");
	site_expect(site, "/a.txt/", 404, "not found");
	site_expect(site, "/b.txt", 404, "not found");
}

static void file__by_its_name__has_a_type(void **state)
{
	static const char *const rows[][2] = {
		{ "a.html", "text/html; charset=utf-8" },
		{ "a.HTM", "text/html; charset=utf-8" },
		{ "a.js", "text/javascript; charset=utf-8" },
		{ "a.mjs", "text/javascript; charset=utf-8" },
		{ "a.css", "text/css; charset=utf-8" },
		{ "a.json", "application/json; charset=utf-8" },
		{ "a.js.map", "application/json; charset=utf-8" },
		{ "a.svg", "image/svg+xml" },
		{ "a.png", "image/png" },
		{ "a.JPEG", "image/jpeg" },
		{ "a.ico", "image/x-icon" },
		{ "a.woff2", "font/woff2" },
		{ "a.wasm", "application/wasm" },
		{ "a.unknown", "application/octet-stream" },
		{ "a.gz", "application/octet-stream" },
		{ "html", "application/octet-stream" },
		{ "a.", "application/octet-stream" },
	};
	struct site *site = *state;
	char name[32];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		snprintf(name, sizeof(name), "www/%s", rows[i][0]);
		add_file(site, name, "x");
		expect_header(site, name + 3, NULL, "Content-Type", rows[i][1]);
	}
}

static void file__of_a_name_in_any_script__is_found(void **state)
{
	struct site *site = *state;

	add_file(site, "www/\xc3\xa9 +&=;.txt", "x");
	site_expect(site, "/%C3%a9%20+&=;.txt", 200, "x");
	site_expect(site, "/%C3%A9%20%2B%26%3d%3B.txt", 200, "x");
}

static void file__that_is_empty__has_no_bytes(void **state)
{
	struct site *site = *state;
	struct fake_conn *c = fake_connect(site->loop);
	struct fake_reply r;

	add_file(site, "www/empty.txt", "");
	fake_request(c, "GET", "/empty.txt", NULL, NULL);
	fake_request(c, "GET", "/empty.txt", NULL, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	assert_string_equal(fake_reply_header(&r, "Content-Length"), "0");
	fake_reply_clear(&r);
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	fake_reply_clear(&r);
	assert_int_equal(fake_received(c)->len, 0);
	fake_free(c);
}

static void head__of_a_file__has_its_length_only(void **state)
{
	struct site *site = *state;
	struct fake_conn *c = fake_connect(site->loop);
	struct fake_reply r;
	const char *data;

	add_file(site, "www/a.txt", "hello");
	fake_request(c, "HEAD", "/a.txt", NULL, NULL);
	data = fake_received(c)->data;
	assert_non_null(strstr(data, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(data, "Content-Length: 5\r\n"));
	assert_string_equal(strstr(data, "\r\n\r\n"), "\r\n\r\n");
	fake_skip(c, fake_received(c)->len);
	fake_request(c, "GET", "/a.txt", NULL, NULL);
	r = fake_reply(c);
	assert_string_equal(r.body, "hello");
	fake_reply_clear(&r);
	fake_free(c);
}

static void other_methods__of_a_file__are_405(void **state)
{
	static const char *const methods[] = { "POST", "PUT", "DELETE",
		"OPTIONS", "PROPFIND" };
	struct site *site = *state;
	struct fake_reply r;
	size_t i;

	add_file(site, "www/a.txt", "hello");
	for (i = 0; i < COUNT(methods); i++) {
		r = fake_http(site->loop, methods[i], "/a.txt", NULL, NULL);
		assert_int_equal(r.status, 405);
		assert_string_equal(fake_reply_header(&r, "Allow"),
			"GET, HEAD");
		fake_reply_clear(&r);
	}
	site_expect(site, "/a.txt", 200, "hello");
}

static void folder__with_an_index__is_its_page(void **state)
{
	struct site *site = *state;

	add_file(site, "www/index.html", "top");
	add_folder(site, "www/sub");
	add_file(site, "www/sub/index.html", "sub");
	add_folder(site, "www/bare");
	site_expect(site, "/", 200, "top");
	site_expect(site, "/?x", 200, "top");
	site_expect(site, "http://host", 200, "top");
	site_expect(site, "/sub/", 200, "sub");
	expect_header(site, "/sub/", NULL, "Content-Type",
		"text/html; charset=utf-8");
	/* no list of what is in it */
	site_expect(site, "/bare/", 404, "not found");
}

static void folder__without_its_slash__is_redirected(void **state)
{
	static const char *const rows[][2] = {
		{ "/sub", "/sub/" },
		{ "/sub?a=b&c", "/sub/?a=b&c" },
		{ "/%73ub", "/%73ub/" },
		{ "http://evil/sub?x", "/sub/?x" },
	};
	struct site *site = *state;
	struct fake_reply r;
	size_t i;

	add_folder(site, "www/sub");
	for (i = 0; i < COUNT(rows); i++) {
		r = site_get(site, rows[i][0], NULL);
		assert_int_equal(r.status, 301);
		assert_string_equal(fake_reply_header(&r, "Location"),
			rows[i][1]);
		fake_reply_clear(&r);
	}
	/* "//sub/" would be a server of that name */
	site_expect(site, "//sub", 404, "not found");
	site_expect(site, "//sub?x", 404, "not found");
	site_expect(site, "http://evil//sub", 404, "not found");
}

static void on_route(eio_request *req, void *user)
{
	eio_request_respond(req, 200, "text/plain", "route", 5);
}

static void mount__without_its_slash__is_redirected(void **state)
{
	struct site *site = *state;
	eio_server *srv = site->app->srv;
	struct fake_reply r;

	add_folder(site, "other");
	assert_int_equal(eio_server_mount(srv, "/o/", name_of(site, "other")),
		0);
	r = site_get(site, "/o?a=b", NULL);
	assert_int_equal(r.status, 301);
	assert_string_equal(fake_reply_header(&r, "Location"), "/o/?a=b");
	fake_reply_clear(&r);
	site_expect(site, "//o", 404, "not found");
	site_expect(site, "/ox", 404, "not found");
	r = fake_http(site->loop, "POST", "/o", NULL, NULL);
	assert_int_equal(r.status, 405);
	fake_reply_clear(&r);
	/* what is there goes before */
	add_file(site, "www/o", "file");
	site_expect(site, "/o", 200, "file");
	assert_int_equal(eio_server_route(srv, "GET", "/o", on_route, NULL), 0);
	site_expect(site, "/o", 200, "route");
}

static void mounts__several__serve_their_paths(void **state)
{
	struct site *site = *state;

	add_folder(site, "other");
	add_file(site, "other/a.txt", "other");
	add_file(site, "www/a.txt", "www");
	add_file(site, "www/b.txt", "www");
	assert_int_equal(eio_server_mount(site->app->srv, "/o/",
				 name_of(site, "other")),
		0);
	site_expect(site, "/a.txt", 200, "www");
	site_expect(site, "/o/a.txt", 200, "other");
	/* what the nearer one has not, the wider one may have */
	site_expect(site, "/o/b.txt", 404, "not found");
	add_folder(site, "www/o");
	add_file(site, "www/o/b.txt", "www");
	site_expect(site, "/o/b.txt", 200, "www");
	site_expect(site, "/o/../a.txt", 404, "not found");
	site_expect(site, "/o/%2e%2e/secret.txt", 404, "not found");
}

static void mount__of_a_folder_that_is_not_there__is_404(void **state)
{
	struct site *site = *state;

	assert_int_equal(eio_server_mount(site->app->srv, "/o/",
				 name_of(site, "none")),
		0);
	site_expect(site, "/o/a.txt", 404, "not found");
	add_folder(site, "none");
	add_file(site, "none/a.txt", "late");
	site_expect(site, "/o/a.txt", 200, "late");
}

/* -- conditions ---------------------------------------------------------- */

static void expect_not_modified(struct site *site, const char *value, int yes)
{
	struct fake_reply r;
	char header[400];

	snprintf(header, sizeof(header), "If-None-Match: %s\r\n", value);
	r = site_get(site, "/a.txt", header);
	if (r.status != (yes ? 304 : 200))
		fail_msg("If-None-Match: %s: %d", value, r.status);
	if (yes) {
		assert_string_equal(fake_reply_header(&r, "ETag"),
			tag_of(site, "/a.txt", NULL));
		assert_int_equal(r.len, 0);
	}
	fake_reply_clear(&r);
}

static void etag__in_each_form__is_compared(void **state)
{
	struct site *site = *state;
	char tag[100], value[300];

	add_file(site, "www/a.txt", "hello");
	snprintf(tag, sizeof(tag), "%s", tag_of(site, "/a.txt", NULL));
	assert_true(tag[0] == '"' && tag[strlen(tag) - 1] == '"');
	expect_not_modified(site, tag, 1);
	snprintf(value, sizeof(value), "W/%s", tag);
	expect_not_modified(site, value, 1);
	snprintf(value, sizeof(value), "\"a\", %s, \"b\"", tag);
	expect_not_modified(site, value, 1);
	snprintf(value, sizeof(value), "\"a\",%s", tag);
	expect_not_modified(site, value, 1);
	expect_not_modified(site, "*", 1);
	expect_not_modified(site, "\"\"", 0);
	expect_not_modified(site, "\"a\"", 0);
	expect_not_modified(site, "", 0);
	snprintf(value, sizeof(value), "x%s", tag);
	expect_not_modified(site, value, 0);
	snprintf(value, sizeof(value), "%.*s", (int)strlen(tag) - 1, tag);
	expect_not_modified(site, value, 0);
}

static void etag__of_a_changed_file__is_another(void **state)
{
	struct site *site = *state;
	const struct timespec times[2] = { { 1, 1 }, { 1, 1 } };
	char tag[100];

	add_file(site, "www/a.txt", "hello");
	snprintf(tag, sizeof(tag), "%s", tag_of(site, "/a.txt", NULL));
	assert_int_equal(utimensat(AT_FDCWD, name_of(site, "www/a.txt"), times,
				 0),
		0);
	assert_string_not_equal(tag_of(site, "/a.txt", NULL), tag);
	snprintf(tag, sizeof(tag), "%s", tag_of(site, "/a.txt", NULL));
	add_file(site, "www/a.txt", "hello2");
	assert_int_equal(utimensat(AT_FDCWD, name_of(site, "www/a.txt"), times,
				 0),
		0);
	assert_string_not_equal(tag_of(site, "/a.txt", NULL), tag);
}

/* -- prepared copies ----------------------------------------------------- */

static void copies__prepared__go_to_those_who_accept(void **state)
{
	static const struct {
		const char *accept, *coding;
	} rows[] = {
		{ "", "" },
		{ "Accept-Encoding: gzip, deflate, br\r\n", "br" },
		{ "Accept-Encoding: gzip\r\n", "gzip" },
		{ "Accept-Encoding: deflate\r\n", "deflate" },
		{ "Accept-Encoding: GZIP\r\n", "gzip" },
		{ "Accept-Encoding: deflate , gzip;q=0.5\r\n", "gzip" },
		{ "Accept-Encoding: br;q=0, gzip\r\n", "gzip" },
		{ "Accept-Encoding: br;q=0.0,gzip;q=0.000\r\n", "" },
		{ "Accept-Encoding: br;q=0.001\r\n", "br" },
		{ "Accept-Encoding: br; q=0\r\n", "" },
		{ "Accept-Encoding: br ; q=0\r\n", "" },
		{ "Accept-Encoding: br;Q=0\r\n", "" },
		{ "Accept-Encoding: brotli, xgzip, gzipx\r\n", "" },
		{ "Accept-Encoding: x\r\nAccept-Encoding: gzip\r\n", "gzip" },
		{ "Accept-Encoding:\r\n", "" },
		{ "Accept-Encoding: ,,\t,br\r\n", "br" },
	};
	struct site *site = *state;
	struct fake_reply r;
	size_t i;

	add_file(site, "www/a.js", "plain");
	add_file(site, "www/a.js.br", "brotli");
	add_file(site, "www/a.js.gz", "zipped");
	add_file(site, "www/a.js.zz", "deflated");
	for (i = 0; i < COUNT(rows); i++) {
		r = site_get(site, "/a.js", rows[i].accept);
		if (strcmp(fake_reply_header(&r, "Content-Encoding"),
			    rows[i].coding) != 0)
			fail_msg("%s: \"%s\"", rows[i].accept,
				fake_reply_header(&r, "Content-Encoding"));
		assert_string_equal(r.body,
			*rows[i].coding == 'b'           ? "brotli"
				: *rows[i].coding == 'g' ? "zipped"
				: *rows[i].coding        ? "deflated"
							 : "plain");
		assert_string_equal(fake_reply_header(&r, "Content-Type"),
			"text/javascript; charset=utf-8");
		assert_string_equal(fake_reply_header(&r, "Vary"),
			"Accept-Encoding");
		fake_reply_clear(&r);
	}
}

static void copies__of_a_file__have_tags_of_their_own(void **state)
{
	struct site *site = *state;
	char tag[100];

	add_file(site, "www/a.js", "plain");
	add_file(site, "www/a.js.gz", "zipped!");
	snprintf(tag, sizeof(tag), "%s", tag_of(site, "/a.js", NULL));
	assert_string_not_equal(tag_of(site, "/a.js",
					"Accept-Encoding: gzip\r\n"),
		tag);
}

static void copies__that_are_no_files_of_ours__are_not_taken(void **state)
{
	static const char accept[] = "Accept-Encoding: br, gzip\r\n";
	struct site *site = *state;
	struct fake_reply r;

	add_file(site, "www/a.js", "plain");
	add_link(site, "www/a.js.br", "../secret.txt");
	add_folder(site, "www/a.js.gz");
	r = site_get(site, "/a.js", accept);
	assert_string_equal(r.body, "plain");
	assert_string_equal(fake_reply_header(&r, "Content-Encoding"), "");
	fake_reply_clear(&r);
	/* a copy alone is no file */
	add_file(site, "www/b.js.gz", "zipped");
	r = site_get(site, "/b.js", accept);
	assert_int_equal(r.status, 404);
	fake_reply_clear(&r);
}

/* -- eio_request_respond_file() ------------------------------------------ */

static void respond_file(eio_request *req, void *user)
{
	struct site *site = user;

	assert_int_equal(eio_request_respond_file(req, 200, "a/b",
				 name_of(site, "none")),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_respond_file(req, 200, "a/b",
				 name_of(site, "www")),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_respond_file(req, 200, "a\nb",
				 name_of(site, "secret.txt")),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_respond_file(req, 201, "a/b",
				 name_of(site, "secret.txt")),
		0);
}

static void respond_file__in_a_route__sends_any_file(void **state)
{
	struct site *site = *state;
	struct fake_conn *c = fake_connect(site->loop);
	struct fake_reply r;

	assert_int_equal(eio_server_route(site->app->srv, "GET", "/file",
				 respond_file, site),
		0);
	fake_request(c, "HEAD", "/file", NULL, NULL);
	assert_non_null(strstr(fake_received(c)->data, "Content-Length: 6"));
	assert_null(strstr(fake_received(c)->data, "secret"));
	fake_skip(c, fake_received(c)->len);
	fake_request(c, "GET", "/file", NULL, NULL);
	r = fake_reply(c);
	assert_int_equal(r.status, 201);
	assert_string_equal(r.body, "secret");
	assert_string_equal(fake_reply_header(&r, "Content-Type"), "a/b");
	fake_reply_clear(&r);
	fake_free(c);
}

static void respond_prepared(eio_request *req, void *user)
{
	struct site *site = user;

	assert_int_equal(eio_request_respond_prepared(req, 200, "a/b",
				 name_of(site, "none.bin")),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_request_respond_prepared(req, 200, "a/b",
				 name_of(site, "out.js")),
		0);
}

static void respond_prepared__in_a_route__sends_the_copy(void **state)
{
	struct site *site = *state;
	struct fake_reply r;

	add_file(site, "out.js", "plain");
	add_file(site, "out.js.gz", "zipped");
	add_file(site, "none.bin.gz", "a copy of nothing");
	assert_int_equal(eio_server_route(site->app->srv, "GET", "/p",
				 respond_prepared, site),
		0);
	r = site_get(site, "/p", "Accept-Encoding: gzip\r\n");
	assert_string_equal(r.body, "zipped");
	assert_string_equal(fake_reply_header(&r, "Content-Encoding"), "gzip");
	assert_string_equal(fake_reply_header(&r, "Vary"), "Accept-Encoding");
	fake_reply_clear(&r);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, site_setup, site_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(file__in_the_folder__is_served),
		TEST(file__by_its_name__has_a_type),
		TEST(file__of_a_name_in_any_script__is_found),
		TEST(file__that_is_empty__has_no_bytes),
		TEST(head__of_a_file__has_its_length_only),
		TEST(other_methods__of_a_file__are_405),
		TEST(folder__with_an_index__is_its_page),
		TEST(folder__without_its_slash__is_redirected),
		TEST(mount__without_its_slash__is_redirected),
		TEST(mounts__several__serve_their_paths),
		TEST(mount__of_a_folder_that_is_not_there__is_404),
		TEST(etag__in_each_form__is_compared),
		TEST(etag__of_a_changed_file__is_another),
		TEST(copies__prepared__go_to_those_who_accept),
		TEST(copies__of_a_file__have_tags_of_their_own),
		TEST(copies__that_are_no_files_of_ours__are_not_taken),
		TEST(respond_file__in_a_route__sends_any_file),
		TEST(respond_prepared__in_a_route__sends_the_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
