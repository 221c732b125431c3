/* SPDX-License-Identifier: MIT */
/*
 * test_sio_client_files.c: the browser bundles below the path of the server,
 * from a folder made here.
 */
#include <config.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_sio.h"

static char folder[] = "client-files-XXXXXX";

static void write_file(const char *name, const char *text)
{
	char path[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	fclose(file);
}

static int make_folder(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	write_file("version", "4.8.4\n");
	write_file("socket.io.js", "plain");
	write_file("socket.io.js.br", "as br");
	write_file("socket.io.js.gz", "as gzip");
	write_file("socket.io.js.zz", "as deflate");
	write_file("socket.io.js.map", "{}");
	write_file("socket.io.min.js", "min");
	write_file("LICENSE", "MIT");
	return 0;
}

static int remove_folder(void **state)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[400];

	if (!dir)
		return -1;
	for (entry = readdir(dir); entry; entry = readdir(dir)) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		unlink(path);
	}
	closedir(dir);
	return rmdir(folder);
}

static int setup(void **state)
{
	sio_setup_deaf(state);
	sio_server_set_option(srv, SIO_SERVE_CLIENT, 1);
	assert_int_equal(sio_server_set_client_dir(srv, folder), 0);
	return sio_server_listen(srv, NULL, 8080);
}

static struct fake_reply get(const char *target, const char *headers)
{
	return fake_http(loop, "GET", target, headers, NULL);
}

static void assert_header(const struct fake_reply *r, const char *name,
	const char *value)
{
	assert_string_equal(fake_reply_header(r, name), value);
}

static void bundle__asked_for__is_sent(void **state)
{
	struct fake_reply r = get("/socket.io/socket.io.js", NULL);

	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "plain");
	assert_header(&r, "content-type",
		"application/javascript; charset=utf-8");
	assert_header(&r, "cache-control", "public, max-age=0");
	assert_header(&r, "etag", "\"4.8.4\"");
	assert_header(&r, "content-encoding", "");
	fake_reply_clear(&r);
	r = get("/socket.io/socket.io.js.map?x=1", NULL);
	assert_int_equal(r.status, 200);
	assert_header(&r, "content-type", "application/json; charset=utf-8");
	fake_reply_clear(&r);
}

static void bundle__known__is_304_without_headers(void **state)
{
	static const char *const known[] = {
		"If-None-Match: \"4.8.4\"\r\n",
		"If-None-Match: W/\"4.8.4\"\r\n",
	};
	static const char *const unknown[] = {
		"If-None-Match: \"4.8.3\"\r\n",
		"If-None-Match: *\r\n",
		"If-None-Match: \"x\", \"4.8.4\"\r\n",
	};
	struct fake_reply r;
	size_t i;

	for (i = 0; i < 2; i++) {
		r = get("/socket.io/socket.io.js", known[i]);
		assert_int_equal(r.status, 304);
		assert_header(&r, "etag", "");
		assert_header(&r, "cache-control", "");
		fake_reply_clear(&r);
	}
	for (i = 0; i < 3; i++) {
		r = get("/socket.io/socket.io.js", unknown[i]);
		assert_int_equal(r.status, 200);
		fake_reply_clear(&r);
	}
}

static void bundle__compressed__if_the_client_takes_it(void **state)
{
	static const struct {
		const char *accept, *coding, *body;
	} table[] = {
		{ "gzip, deflate, br", "br", "as br" },
		{ "gzip", "gzip", "as gzip" },
		{ "GZip", "gzip", "as gzip" },
		{ "deflate", "deflate", "as deflate" },
		{ "br;q=0, gzip;q=0.5", "gzip", "as gzip" },
		{ "br;q=0.0, *", "gzip", "as gzip" },
		{ "br ; q=0.000, gzip; q=1", "gzip", "as gzip" },
		{ "*", "br", "as br" },
		{ "*;q=0", "", "plain" },
		{ "identity", "", "plain" },
		{ "brotli, gzipped", "", "plain" },
		{ "", "", "plain" },
		{ ";,,;q=", "", "plain" },
	};
	char headers[100];
	struct fake_reply r;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		snprintf(headers, sizeof(headers), "Accept-Encoding: %s\r\n",
			table[i].accept);
		r = get("/socket.io/socket.io.js", headers);
		assert_int_equal(r.status, 200);
		assert_string_equal(r.body, table[i].body);
		assert_header(&r, "content-encoding", table[i].coding);
		assert_header(&r, "vary", "Accept-Encoding");
		fake_reply_clear(&r);
	}
	/* a bundle without copies */
	r = get("/socket.io/socket.io.min.js", "Accept-Encoding: br\r\n");
	assert_string_equal(r.body, "min");
	assert_header(&r, "content-encoding", "");
	fake_reply_clear(&r);
}

/* As the official server since 4.8.4. */
static void bundle__with_cors__has_its_headers(void **state)
{
	static const char *const headers[] = {
		"Origin: http://a.example\r\n",
		"Origin: http://a.example\r\nIf-None-Match: \"4.8.4\"\r\n",
	};
	struct fake_reply r;
	size_t i;

	sio_server_add_cors_origin(srv, "http://a.example");
	for (i = 0; i < 2; i++) {
		r = get("/socket.io/socket.io.js", headers[i]);
		assert_int_equal(r.status, i ? 304 : 200);
		assert_header(&r, "access-control-allow-origin",
			"http://a.example");
		assert_header(&r, "vary",
			i ? "Origin" : "Origin, Accept-Encoding");
		fake_reply_clear(&r);
	}
	r = fake_http(loop, "OPTIONS", "/socket.io/socket.io.js", headers[0],
		NULL);
	assert_int_equal(r.status, 204);
	fake_reply_clear(&r);
}

static void method__any__is_answered(void **state)
{
	struct fake_conn *c = fake_connect(loop);
	struct eio__strbuf *received;
	struct fake_reply r;

	fake_request(c, "HEAD", "/socket.io/socket.io.js", NULL, NULL);
	received = fake_received(c);
	assert_non_null(strstr(received->data, "200 OK"));
	assert_null(strstr(received->data, "plain"));
	fake_free(c);
	r = fake_http(loop, "POST", "/socket.io/socket.io.js", NULL, "");
	assert_int_equal(r.status, 200);
	fake_reply_clear(&r);
}

static void anything_else__is_the_engines(void **state)
{
	static const char *const targets[] = { "/socket.io/foo.js",
		"/socket.io/socket.io.jsx", "/socket.io/socket.io.j",
		"/socket.io/version", "/socket.io/LICENSE",
		"/socket.io/socket.io.js/", "/socket.io/socket.io.js.br",
		"/socket.io/../socket.io/socket.io.js",
		"/socket.io//socket.io.js", "/socket.io/socket%2eio.js",
		"/socket.io/socket.io.esm.min.js" };
	struct fake_reply r;
	size_t i;

	for (i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		r = get(targets[i], NULL);
		assert_int_equal(r.status, 400);
		assert_string_equal(r.body,
			"{\"code\":0,\"message\":\"Transport unknown\"}");
		fake_reply_clear(&r);
	}
	r = get("/socket.io.js", NULL);
	assert_int_equal(r.status, 404);
	fake_reply_clear(&r);
}

static void serve_client__off__serves_nothing(void **state)
{
	struct fake_reply r;

	sio_server_set_option(srv, SIO_SERVE_CLIENT, 0);
	r = get("/socket.io/socket.io.js", NULL);
	assert_int_equal(r.status, 400);
	fake_reply_clear(&r);
}

static void log_line(enum eio_log_level level, const char *line, void *user)
{
	if (strstr(line, "bundles"))
		tell("%s", line);
}

static void folder__without_bundles__is_said_in_the_log(void **state)
{
	sio_server *other = sio_server_new_on(loop);

	sio_server_set_log(srv, ENGINEIO_LOG_INFO, log_line, NULL);
	assert_int_equal(sio_server_listen(srv, NULL, 8081), 0);
	assert_story("");
	sio_server_set_client_dir(other, "/nowhere");
	sio_server_set_log(other, ENGINEIO_LOG_INFO, log_line, NULL);
	assert_int_equal(sio_server_listen(other, NULL, 8082), 0);
	assert_story("no browser bundles in /nowhere: "
		     "/socket.io/socket.io.js is not served");
	sio_server_free(other);
}

static void folder__set_too_late_or_not_at_all__is_an_error(void **state)
{
	sio_server *other = sio_server_new_on(loop);

	assert_int_equal(sio_server_set_client_dir(srv, folder), SIO_ERR_STATE);
	assert_string_equal(sio_server_error(srv),
		"sio_server_set_client_dir(): only before sio_server_listen()");
	assert_int_equal(sio_server_set_client_dir(other, NULL),
		SIO_ERR_INVALID);
	assert_string_equal(sio_server_error(other),
		"sio_server_set_client_dir(): no folder");
	sio_server_free(other);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, sio_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(bundle__asked_for__is_sent),
		test(bundle__known__is_304_without_headers),
		test(bundle__compressed__if_the_client_takes_it),
		test(bundle__with_cors__has_its_headers),
		test(method__any__is_answered),
		test(anything_else__is_the_engines),
		test(serve_client__off__serves_nothing),
		test(folder__without_bundles__is_said_in_the_log),
		test(folder__set_too_late_or_not_at_all__is_an_error),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
