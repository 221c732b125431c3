/* SPDX-License-Identifier: MIT */
/*
 * test_eio_files.c: folders that are served: types, index, redirects, ETag,
 * prepared copies, slow readers, and every way out of a folder that there
 * is. The folder is a real one, made for each test.
 *
 *   TOP/secret.txt            outside
 *   TOP/www-secret/a.txt      outside, though the name begins the same
 *   TOP/www/                  what is served
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/http.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define BIG      5000000

struct site {
	struct fake_app *app;
	eio_loop *loop;
	char top[64];
};

/* -- the folder ---------------------------------------------------------- */

static const char *name_of(const struct site *site, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", site->top, name);
	return path;
}

static void add_bytes(const struct site *site, const char *name,
	const void *data, size_t len)
{
	FILE *f = fopen(name_of(site, name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void add_file(const struct site *site, const char *name,
	const char *text)
{
	add_bytes(site, name, text, strlen(text));
}

static void add_folder(const struct site *site, const char *name)
{
	assert_int_equal(mkdir(name_of(site, name), 0700), 0);
}

static void add_link(const struct site *site, const char *name, const char *to)
{
	assert_int_equal(symlink(to, name_of(site, name)), 0);
}

static int remove_one(const char *path, const struct stat *st, int type,
	struct FTW *ftw)
{
	return remove(path);
}

static int setup(void **state)
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

static int teardown(void **state)
{
	struct site *site = *state;
	void *app = site->app;

	nftw(site->top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(site);
	return fake_app_teardown(&app);
}

/* -- requests ------------------------------------------------------------ */

static struct fake_reply get(struct site *site, const char *target,
	const char *headers)
{
	return fake_http(site->loop, "GET", target, headers, NULL);
}

static void expect(struct site *site, const char *target, int status,
	const char *body)
{
	struct fake_reply r = get(site, target, NULL);

	if (r.status != status || (body && strcmp(r.body, body) != 0))
		fail_msg("%s: %d \"%s\"", target, r.status, r.body);
	fake_reply_clear(&r);
}

static void expect_header(struct site *site, const char *target,
	const char *headers, const char *name, const char *value)
{
	struct fake_reply r = get(site, target, headers);

	if (strcmp(fake_reply_header(&r, name), value) != 0)
		fail_msg("%s: %s \"%s\"", target, name,
			fake_reply_header(&r, name));
	fake_reply_clear(&r);
}

/* Its ETag, in a buffer that the next call reuses. */
static const char *tag_of(struct site *site, const char *target,
	const char *headers)
{
	static char tag[100];
	struct fake_reply r = get(site, target, headers);

	assert_int_equal(r.status, 200);
	snprintf(tag, sizeof(tag), "%s", fake_reply_header(&r, "ETag"));
	fake_reply_clear(&r);
	return tag;
}

/* -- what is served ------------------------------------------------------ */

static void file__in_the_folder__is_served(void **state)
{
	struct site *site = *state;
	struct fake_reply r;

	add_file(site, "www/a.txt", "hello\n");
	r = get(site, "/a.txt", NULL);
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
	expect(site, "/a.txt?x=/../y", 200, "hello\n");
	expect(site, "/a.txt#x", 200, "hello\n");
	expect(site, "/%61%2etxt", 200, "hello\n");
	expect(site, "http://host/a.txt", 200, "hello\n");
	/* as it is on the disk now */
	add_file(site, "www/a.txt", "other");
	expect(site, "/a.txt", 200, "other");
	expect(site, "/A.txt", 404, "not found");
	expect(site, "/a.txt/", 404, "not found");
	expect(site, "/b.txt", 404, "not found");
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
	expect(site, "/%C3%a9%20+&=;.txt", 200, "x");
	expect(site, "/%C3%A9%20%2B%26%3d%3B.txt", 200, "x");
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
	expect(site, "/a.txt", 200, "hello");
}

static void folder__with_an_index__is_its_page(void **state)
{
	struct site *site = *state;

	add_file(site, "www/index.html", "top");
	add_folder(site, "www/sub");
	add_file(site, "www/sub/index.html", "sub");
	add_folder(site, "www/bare");
	expect(site, "/", 200, "top");
	expect(site, "/?x", 200, "top");
	expect(site, "http://host", 200, "top");
	expect(site, "/sub/", 200, "sub");
	expect_header(site, "/sub/", NULL, "Content-Type",
		"text/html; charset=utf-8");
	/* no list of what is in it */
	expect(site, "/bare/", 404, "not found");
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
		r = get(site, rows[i][0], NULL);
		assert_int_equal(r.status, 301);
		assert_string_equal(fake_reply_header(&r, "Location"),
			rows[i][1]);
		fake_reply_clear(&r);
	}
	/* "//sub/" would be a server of that name */
	expect(site, "//sub", 404, "not found");
	expect(site, "//sub?x", 404, "not found");
	expect(site, "http://evil//sub", 404, "not found");
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
	r = get(site, "/o?a=b", NULL);
	assert_int_equal(r.status, 301);
	assert_string_equal(fake_reply_header(&r, "Location"), "/o/?a=b");
	fake_reply_clear(&r);
	expect(site, "//o", 404, "not found");
	expect(site, "/ox", 404, "not found");
	r = fake_http(site->loop, "POST", "/o", NULL, NULL);
	assert_int_equal(r.status, 405);
	fake_reply_clear(&r);
	/* what is there goes before */
	add_file(site, "www/o", "file");
	expect(site, "/o", 200, "file");
	assert_int_equal(eio_server_route(srv, "GET", "/o", on_route, NULL), 0);
	expect(site, "/o", 200, "route");
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
	expect(site, "/a.txt", 200, "www");
	expect(site, "/o/a.txt", 200, "other");
	/* what the nearer one has not, the wider one may have */
	expect(site, "/o/b.txt", 404, "not found");
	add_folder(site, "www/o");
	add_file(site, "www/o/b.txt", "www");
	expect(site, "/o/b.txt", 200, "www");
	expect(site, "/o/../a.txt", 404, "not found");
	expect(site, "/o/%2e%2e/secret.txt", 404, "not found");
}

static void mount__of_a_folder_that_is_not_there__is_404(void **state)
{
	struct site *site = *state;

	assert_int_equal(eio_server_mount(site->app->srv, "/o/",
				 name_of(site, "none")),
		0);
	expect(site, "/o/a.txt", 404, "not found");
	add_folder(site, "none");
	add_file(site, "none/a.txt", "late");
	expect(site, "/o/a.txt", 200, "late");
}

/* -- conditions ---------------------------------------------------------- */

static void expect_not_modified(struct site *site, const char *value, int yes)
{
	struct fake_reply r;
	char header[400];

	snprintf(header, sizeof(header), "If-None-Match: %s\r\n", value);
	r = get(site, "/a.txt", header);
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
		r = get(site, "/a.js", rows[i].accept);
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
	r = get(site, "/a.js", accept);
	assert_string_equal(r.body, "plain");
	assert_string_equal(fake_reply_header(&r, "Content-Encoding"), "");
	fake_reply_clear(&r);
	/* a copy alone is no file */
	add_file(site, "www/b.js.gz", "zipped");
	r = get(site, "/b.js", accept);
	assert_int_equal(r.status, 404);
	fake_reply_clear(&r);
}

/* -- ways out ------------------------------------------------------------ */

static void traversal__in_any_spelling__is_404(void **state)
{
	static const char *const targets[] = { "/../secret.txt",
		"/..%2fsecret.txt", "/..%2Fsecret.txt", "/%2e%2e/secret.txt",
		"/%2e./secret.txt", "/.%2E/secret.txt", "/%2e%2e%2fsecret.txt",
		"/%252e%252e/secret.txt", "/..\\secret.txt", "/..%5csecret.txt",
		"/%2e%2e%5Csecret.txt", "/sub/../a.txt",
		"/sub/../../secret.txt", "/sub/%2e%2e/%2e%2e/secret.txt",
		"/./a.txt", "/%2e/a.txt", "/sub/./b.txt", "/sub/%2e/b.txt",
		"/..", "/../", "/%2e%2e", "/sub/..", "/sub/../", "/.", "/%2e",
		"/..;/secret.txt", "/..%00/secret.txt", "/..%0d/secret.txt",
		"/%c0%ae%c0%ae/secret.txt", "/%e0%80%ae%e0%80%ae/secret.txt",
		"/%ef%bc%8e%ef%bc%8e/secret.txt", "/%uff0e%uff0e/secret.txt",
		"/a.txt%00.html", "/a.txt%00", "/%00", "/a.txt%", "/a.txt%2",
		"/a.txt%zz", "/a.txt%0a", "/a.txt%ff", "/sub%2fb.txt",
		"/sub//b.txt", "/sub%2f/b.txt", "/www-secret/a.txt",
		"/../www-secret/a.txt", "/-secret/a.txt", "//etc/passwd",
		"///etc/passwd", "/%2fetc/passwd", "/%2Fetc%2Fpasswd",
		"/etc/passwd", "/~root/", "/a.txt/../../secret.txt",
		"/file:///etc/passwd", "http://h/../secret.txt",
		"http://h/%2e%2e/secret.txt", "http://h/..%2fsecret.txt",
		"/?/../secret.txt", "/#/../secret.txt" };
	struct site *site = *state;
	size_t i;

	add_file(site, "www/a.txt", "a");
	add_folder(site, "www/sub");
	add_file(site, "www/sub/b.txt", "b");
	for (i = 0; i < COUNT(targets); i++)
		expect(site, targets[i], 404, "not found");
	expect(site, "/a.txt", 200, "a");
	expect(site, "/sub/b.txt", 200, "b");
}

static void dot_files__in_any_spelling__are_404(void **state)
{
	static const char *const targets[] = { "/.env", "/%2eenv", "/.git/",
		"/.git", "/.git/config", "/%2egit/config", "/sub/.env",
		"/sub/%2Eenv" };
	struct site *site = *state;
	size_t i;

	add_file(site, "www/.env", "secret");
	add_folder(site, "www/.git");
	add_file(site, "www/.git/config", "secret");
	add_file(site, "www/.git/index.html", "secret");
	add_folder(site, "www/sub");
	add_file(site, "www/sub/.env", "secret");
	for (i = 0; i < COUNT(targets); i++)
		expect(site, targets[i], 404, "not found");
}

static void links__that_stay_inside__are_followed(void **state)
{
	struct site *site = *state;

	add_folder(site, "www/sub");
	add_file(site, "www/sub/b.txt", "b");
	add_file(site, "www/sub/index.html", "sub");
	add_link(site, "www/near.txt", "sub/b.txt");
	add_link(site, "www/around.txt", "../www/sub/b.txt");
	add_link(site, "www/there", "sub");
	add_link(site, "www/self", ".");
	expect(site, "/near.txt", 200, "b");
	expect(site, "/around.txt", 200, "b");
	expect(site, "/there/b.txt", 200, "b");
	expect(site, "/there/", 200, "sub");
	expect(site, "/there", 301, "");
	expect(site, "/self/self/near.txt", 200, "b");
}

static void links__that_lead_out__are_404(void **state)
{
	struct site *site = *state;

	add_link(site, "www/out.txt", "../secret.txt");
	add_link(site, "www/passwd", "/etc/passwd");
	add_link(site, "www/up", "..");
	add_link(site, "www/beside", "../www-secret");
	add_link(site, "www/root", "/");
	add_link(site, "www/twice.txt", "out.txt");
	add_link(site, "www/loop", "loop");
	add_link(site, "www/gone", "nothing");
	add_folder(site, "www/sub");
	add_link(site, "www/sub/index.html", "../../secret.txt");
	expect(site, "/out.txt", 404, "not found");
	expect(site, "/passwd", 404, "not found");
	expect(site, "/up/secret.txt", 404, "not found");
	expect(site, "/up", 404, "not found");
	expect(site, "/up/", 404, "not found");
	expect(site, "/up/www/sub", 301, "");
	expect(site, "/beside/a.txt", 404, "not found");
	expect(site, "/beside", 404, "not found");
	expect(site, "/root/etc/passwd", 404, "not found");
	expect(site, "/root", 404, "not found");
	expect(site, "/twice.txt", 404, "not found");
	expect(site, "/loop", 404, "not found");
	expect(site, "/loop/x", 404, "not found");
	expect(site, "/gone", 404, "not found");
	expect(site, "/sub/", 404, "not found");
}

static void mount__through_a_link__serves_what_it_leads_to(void **state)
{
	struct site *site = *state;

	add_link(site, "link", "www");
	add_file(site, "www/a.txt", "a");
	add_link(site, "www/out.txt", "../secret.txt");
	assert_int_equal(eio_server_mount(site->app->srv, "/l/",
				 name_of(site, "link/")),
		0);
	expect(site, "/l/a.txt", 200, "a");
	expect(site, "/l/out.txt", 404, "not found");
}

static void odd_things__in_the_folder__are_404(void **state)
{
	struct site *site = *state;

	/* A pipe nobody writes to must not hold the server up. */
	assert_int_equal(mkfifo(name_of(site, "www/fifo"), 0600), 0);
	expect(site, "/fifo", 404, "not found");
	add_link(site, "www/null", "/dev/null");
	expect(site, "/null", 404, "not found");
	add_folder(site, "www/index.html");
	expect(site, "/", 404, "not found");
}

static void name__too_long__is_404(void **state)
{
	struct site *site = *state;
	struct eio__strbuf b;
	unsigned i;

	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "/");
	for (i = 0; i < 8000; i++)
		eio__strbuf_adds(&b, i % 100 == 99 ? "/" : "a");
	expect(site, b.data, 404, "not found");
	eio__strbuf_clear(&b);
}

/* -- sending ------------------------------------------------------------- */

/* A large file with every position in it recognisable. */
static char *add_big(const struct site *site)
{
	uint32_t *data = malloc(BIG);
	size_t i;

	assert_non_null(data);
	for (i = 0; i < BIG / sizeof(*data); i++)
		data[i] = (uint32_t)i;
	add_bytes(site, "www/big.bin", data, BIG);
	return (char *)data;
}

static void big_file__to_a_slow_reader__is_read_while_it_is_sent(void **state)
{
	struct site *site = *state;
	char *data = add_big(site);
	struct fake_conn *c = fake_connect(site->loop);
	struct fake_reply r;
	unsigned writes;
	size_t sent;

	/* Its head fits in. */
	fake_room(c, 1000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	for (sent = 1000; sent < BIG + 1000; sent += 10000) {
		writes = fake_writes(c);
		fake_room(c, 10000);
		/* No more than one piece was read ahead. */
		assert_true(fake_writes(c) <= writes + 1);
	}
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.len, BIG);
	assert_memory_equal(r.body, data, BIG);
	fake_reply_clear(&r);
	fake_free(c);
	free(data);
}

/* Beyond what 32 bits can count; nearly all of it is a hole. */
static void big_file__of_5_gigabytes__has_its_length(void **state)
{
	struct site *site = *state;
	struct fake_conn *c = fake_connect(site->loop);
	const char *data;

	add_file(site, "www/huge.bin", "");
	assert_int_equal(truncate(name_of(site, "www/huge.bin"), 5000000000),
		0);
	fake_request(c, "HEAD", "/huge.bin", NULL, NULL);
	data = fake_received(c)->data;
	assert_non_null(strstr(data, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(data, "Content-Length: 5000000000\r\n"));
	fake_free(c);
}

static void big_file__with_requests_behind_it__goes_first(void **state)
{
	struct site *site = *state;
	char *data = add_big(site);
	struct fake_conn *c = fake_connect(site->loop);
	struct fake_reply r;

	add_file(site, "www/a.txt", "hello");
	fake_room(c, 1000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	fake_request(c, "GET", "/a.txt", NULL, NULL);
	fake_request(c, "GET", "/none", NULL, NULL);
	fake_request(c, "GET", "/big.bin", "Connection: close\r\n", NULL);
	fake_room(c, SIZE_MAX);
	r = fake_reply(c);
	assert_int_equal(r.len, BIG);
	assert_memory_equal(r.body, data, BIG);
	fake_reply_clear(&r);
	r = fake_reply(c);
	assert_string_equal(r.body, "hello");
	fake_reply_clear(&r);
	r = fake_reply(c);
	assert_int_equal(r.status, 404);
	fake_reply_clear(&r);
	r = fake_reply(c);
	assert_int_equal(r.len, BIG);
	assert_memory_equal(r.body, data, BIG);
	fake_reply_clear(&r);
	assert_true(fake_is_finished(c));
	fake_free(c);
	free(data);
}

/* Half a file must not look like a whole one. */
static void big_file__cut_while_it_is_sent__ends_the_connection(void **state)
{
	struct site *site = *state;
	char *data = add_big(site);
	struct fake_conn *c = fake_connect(site->loop);

	fake_room(c, 200000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	assert_int_equal(truncate(name_of(site, "www/big.bin"), 300000), 0);
	fake_room(c, SIZE_MAX);
	assert_true(fake_is_closed(c, NULL));
	assert_true(fake_received(c)->len < 310000);
	fake_free(c);
	free(data);
}

static void
big_file__that_grows_while_it_is_sent__is_sent_as_announced(void **state)
{
	struct site *site = *state;
	char *data = add_big(site);
	struct fake_conn *c = fake_connect(site->loop);
	struct fake_reply r;

	fake_room(c, 200000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	assert_int_equal(truncate(name_of(site, "www/big.bin"), 2 * BIG), 0);
	fake_room(c, SIZE_MAX);
	r = fake_reply(c);
	assert_int_equal(r.len, BIG);
	fake_reply_clear(&r);
	assert_int_equal(fake_received(c)->len, 0);
	assert_false(fake_is_finished(c));
	fake_free(c);
	free(data);
}

static void big_file__to_a_client_that_goes__is_closed(void **state)
{
	struct site *site = *state;
	struct fake_conn *c = fake_connect(site->loop);

	free(add_big(site));
	fake_room(c, 200000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	fake_reset(c);
	assert_int_equal(eio_server_connections(site->app->srv), 0);
	fake_free(c);
}

static void big_file__to_a_client_that_stops_reading__is_given_up(void **state)
{
	struct site *site = *state;
	struct fake_conn *c = fake_connect(site->loop);

	free(add_big(site));
	fake_room(c, 200000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	fake_advance(site->loop, 59999);
	assert_false(fake_is_closed(c, NULL));
	fake_advance(site->loop, 1);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

/* A server that is busy must not say that its page is gone. */
static void file__without_descriptors__is_500(void **state)
{
	struct site *site = *state;
	struct rlimit old, none;

	add_file(site, "www/a.txt", "hello");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	expect(site, "/a.txt", 500, "");
	expect(site, "/none.txt", 404, "not found");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	expect(site, "/a.txt", 200, "hello");
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
	r = get(site, "/p", "Accept-Encoding: gzip\r\n");
	assert_string_equal(r.body, "zipped");
	assert_string_equal(fake_reply_header(&r, "Content-Encoding"), "gzip");
	assert_string_equal(fake_reply_header(&r, "Vary"), "Accept-Encoding");
	fake_reply_clear(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
		TEST(traversal__in_any_spelling__is_404),
		TEST(dot_files__in_any_spelling__are_404),
		TEST(links__that_stay_inside__are_followed),
		TEST(links__that_lead_out__are_404),
		TEST(mount__through_a_link__serves_what_it_leads_to),
		TEST(odd_things__in_the_folder__are_404),
		TEST(name__too_long__is_404),
		TEST(big_file__to_a_slow_reader__is_read_while_it_is_sent),
		TEST(big_file__of_5_gigabytes__has_its_length),
		TEST(big_file__with_requests_behind_it__goes_first),
		TEST(big_file__cut_while_it_is_sent__ends_the_connection),
		TEST(big_file__that_grows_while_it_is_sent__is_sent_as_announced),
		TEST(big_file__to_a_client_that_goes__is_closed),
		TEST(big_file__to_a_client_that_stops_reading__is_given_up),
		TEST(file__without_descriptors__is_500),
		TEST(respond_file__in_a_route__sends_any_file),
		TEST(respond_prepared__in_a_route__sends_the_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
