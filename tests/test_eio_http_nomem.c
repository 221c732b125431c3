/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http_nomem.c: out of memory under routes and files. Every
 * allocation of a story of requests fails in turn, once, and then that one
 * and all behind it: each request gets its right answer, or 500, or none and
 * the end of its connection, but never a wrong or torn one.
 */
#include <config.h>

#include "fake_client.h"

#include <engineio/http.h>

#include <errno.h>
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

/* The linker puts these in the place of the C library's (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
char *__real_strdup(const char *text);
char *__real_realpath(const char *path, char *resolved);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
char *__wrap_strdup(const char *text);
char *__wrap_realpath(const char *path, char *resolved);

static bool counting; /* what is given out, to whomever */
static bool armed;    /* allocations of the server may fail */
static bool anywhere; /* also outside of the network's calls */
static bool lasting;  /* all of them, from fail_at on */
static int count, fail_at, live;

static bool fails(void)
{
	if (!armed || !(anywhere || fake_is_inside()))
		return false;
	count++;
	return lasting ? count >= fail_at : count == fail_at;
}

static void *given(void *p)
{
	live += counting && p;
	return p;
}

void *__wrap_malloc(size_t size)
{
	return given(fails() ? NULL : __real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return given(fails() ? NULL : __real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __real_realloc(p, size);

	live += counting && !p && q;
	return q;
}

char *__wrap_strdup(const char *text)
{
	return given(fails() ? NULL : __real_strdup(text));
}

char *__wrap_realpath(const char *path, char *resolved)
{
	if (fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return given(__real_realpath(path, resolved));
}

void __wrap_free(void *p)
{
	live -= counting && p;
	__real_free(p);
}

/* -- the server ---------------------------------------------------------- */

#define BIG 200000

static eio_loop *loop;
static eio_server *srv;
static eio_request *kept;
static char top[] = "/tmp/http-nomem-XXXXXX";

static const char *name_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static void say(eio_request *req, const char *text)
{
	/* What is not there although it was sent was lost. */
	if (text)
		eio_request_respond(req, 200, "text/plain", text, strlen(text));
	else
		eio_request_respond(req, 500, NULL, NULL, 0);
}

static void on_echo(eio_request *req, void *user)
{
	size_t len;
	const char *body = eio_request_body(req, &len);

	eio_request_set_header(req, "X-One", "1");
	eio_request_set_header(req, "X-Two", "2");
	eio_request_respond(req, 200, NULL, body, len);
}

static void on_joined(eio_request *req, void *user)
{
	say(req, eio_request_header(req, "x"));
}

static void on_query(eio_request *req, void *user)
{
	say(req, eio_request_query(req, "a b"));
}

static void on_shortcuts(eio_request *req, void *user)
{
	const char *path = eio_request_path(req);
	const char *cookie = path ? eio_request_cookie(req, "a") : NULL;
	int err = eio_request_set_cookie(req, "b", "1", NULL);

	say(req, err ? NULL : cookie);
}

static void on_away(eio_request *req, void *user)
{
	if (eio_request_redirect(req, 303, "/q"))
		say(req, NULL);
}

static void nothing(eio_request *req, void *user)
{
}

static void on_drained(eio_request *req, void *user)
{
	say(req, eio_request_on_drain(req, nothing, NULL) ? NULL : "told");
}

static void on_keep(eio_request *req, void *user)
{
	kept = eio_request_ref(req);
}

static void on_file(eio_request *req, void *user)
{
	if (eio_request_respond_file(req, 200, NULL, name_of("big.txt")))
		say(req, NULL);
}

static void on_refusal(eio_request *req, int status, void *user)
{
	eio_request_respond(req, status, "text/plain", "no", 2);
}

static enum eio_verdict on_hook(eio_request *req, void *user)
{
	if (strcmp(eio_request_target(req), "/hook") != 0)
		return ENGINEIO_PASS;
	eio_request_respond(req, 200, NULL, "hook", 4);
	return ENGINEIO_TAKEN;
}

/* The first error; all of it is given back by end_it(). */
static int start(void)
{
	int err = 0;

	kept = NULL;
	loop = eio_loop_new();
	srv = eio_server_new(loop);
	err = err ? err : eio_server_on_http(srv, on_hook, NULL);
	err = err ? err : eio_server_route(srv, "POST", "/e/", on_echo, NULL);
	err = err ? err : eio_server_route(srv, "GET", "/j", on_joined, NULL);
	err = err ? err : eio_server_route(srv, "GET", "/q", on_query, NULL);
	err = err ? err
		  : eio_server_route(srv, "GET", "/s/", on_shortcuts, NULL);
	err = err ? err : eio_server_route(srv, "GET", "/away", on_away, NULL);
	err = err ? err
		  : eio_server_route(srv, "GET", "/drain", on_drained, NULL);
	err = err ? err : eio_server_route(srv, NULL, "/keep", on_keep, NULL);
	err = err ? err : eio_server_route(srv, "GET", "/f", on_file, NULL);
	err = err ? err : eio_server_on_refusal(srv, "/e/", on_refusal, NULL);
	err = err ? err : eio_server_mount(srv, "/files/", top);
	return err ? err : eio_server_listen(srv, NULL, 0);
}

static void end_it(void)
{
	eio_request_unref(kept);
	eio_server_free(srv);
	eio_loop_free(loop);
}

/* -- one connection of the story ----------------------------------------- */

static bool is_answer(const struct fake_reply *r, const char *expected)
{
	int status = (int)strtol(expected, NULL, 10);
	const char *body = expected + 4;

	if (r->status == 500)
		return true;
	/* With all of its headers, or not at all. */
	if (strcmp(body, "hello") == 0 &&
		strcmp(fake_reply_header(r, "X-Two"), "2") != 0)
		return false;
	if (*body == '*')
		return r->status == status && r->len == BIG;
	/* Every client takes the file as it is, too. */
	if (strcmp(body, "zipped") == 0 && strcmp(r->body, "plain") == 0)
		return r->status == status;
	return r->status == status && strcmp(r->body, body) == 0;
}

/* "200 body" each, NULL at the end: what has come is right, and if not all
 * has come, then nothing more will. */
static void expect(struct fake_conn *c, const char *const *expected)
{
	struct fake_reply r;

	for (r = fake_reply(c); r.status; r = fake_reply(c)) {
		assert_non_null(*expected);
		if (!is_answer(&r, *expected))
			fail_msg("allocation %d: %d \"%.100s\" instead of "
				 "\"%s\"",
				fail_at, r.status, r.body, *expected);
		expected++;
		fake_reply_clear(&r);
	}
	if (*expected && !fake_is_finished(c))
		fail_msg("allocation %d: no answer: \"%s\"", fail_at,
			*expected);
}

struct talk {
	const char *raw[3]; /* pieces */
	const char *answers[6];
};

static const struct talk talks[] = {
	{ { "POST /e/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
	    "GET /hook HTTP/1.1\r\nHost: a\r\n\r\n" },
		{ "200 hello", "200 hook" } },
	{ { "POST /e/a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n",
		  "3\r\nabc\r\n3\r\ndef", "\r\n0\r\n\r\n" },
		{ "100 ", "200 abcdef" } },
	{ { "POST /e/a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
		  "def",
		  "ghiPOST /e/b HTTP/1.0\r\nContent-Length: 1\r\n\r\nx" },
		{ "200 abcdefghi", "200 x" } },
	{ { "GET /j HTTP/1.1\r\nHost: a\r\nX: a\r\nx: b\r\nX: c\r\n\r\n" },
		{ "200 a, b, c" } },
	{ { "GET /q?a=1&a+b=%32&c HTTP/1.1\r\nHost: a\r\n\r\n" }, { "200 2" } },
	{ { "GET /s/%61 HTTP/1.1\r\nHost: a\r\nCookie: a=x; c=d\r\n\r\n"
	    "GET /away HTTP/1.1\r\nHost: a\r\n\r\n"
	    "GET /drain HTTP/1.1\r\nHost: a\r\n\r\n" },
		{ "200 x", "303 ", "200 told" } },
	{ { "PUT /j HTTP/1.1\r\nHost: a\r\n\r\n" },
		{ "405 method not allowed" } },
	{ { "GET /x HTTP/1.1\r\nHost: a\r\n\r\n" }, { "404 not found" } },
	{ { "nonsense\r\n\r\n" }, { "400 " } },
	{ { "GET /files/a.txt HTTP/1.1\r\nHost: a\r\n\r\n"
	    "GET /files/a.txt HTTP/1.1\r\nHost: a\r\n"
	    "Accept-Encoding: br, gzip\r\n\r\n"
	    "GET /files/none HTTP/1.1\r\nHost: a\r\n\r\n"
	    "GET /files/sub?x HTTP/1.1\r\nHost: a\r\n\r\n" },
		{ "200 plain", "200 zipped", "404 not found", "301 " } },
	{ { "GET /files/big.txt HTTP/1.1\r\nHost: a\r\n\r\n"
	    "GET /f HTTP/1.1\r\nHost: a\r\n\r\n" },
		{ "200 *", "200 *" } },
};

static void tell(const struct talk *talk)
{
	struct fake_conn *c = fake_connect(loop);
	size_t i;

	if (!c)
		return;
	for (i = 0; i < 3 && talk->raw[i]; i++)
		fake_puts(c, talk->raw[i]);
	expect(c, talk->answers);
	fake_free(c);
}

/* An answer given later, with others waiting behind it. */
static void answer_late(void)
{
	static const char *const answers[] = { "200 late", "200 hook", NULL };
	struct fake_conn *c = fake_connect(loop);
	size_t len;

	kept = NULL;
	if (!c)
		return;
	fake_puts(c,
		"POST /keep HTTP/1.1\r\nHost: a\r\n"
		"Content-Length: 4\r\n\r\nbody"
		"GET /hook HTTP/1.1\r\nHost: a\r\n\r\n");
	if (kept && eio_request_body(kept, &len)) {
		assert_int_equal(len, 4);
		eio_request_respond(kept, 200, NULL, "late", 4);
		fake_turn(loop);
	}
	eio_request_unref(kept);
	kept = NULL;
	fake_turn(loop);
	expect(c, answers);
	fake_free(c);
}

static void slowly(void)
{
	static const char *const answers[] = { "200 *", "200 hook", NULL };
	struct fake_conn *c = fake_connect(loop);

	if (!c)
		return;
	fake_room(c, 1000);
	fake_puts(c, "GET /files/big.txt HTTP/1.1\r\nHost: a\r\n\r\n");
	fake_puts(c, "GET /hook HTTP/1.1\r\nHost: a\r\n\r\n");
	fake_room(c, SIZE_MAX);
	expect(c, answers);
	fake_free(c);
}

static void tell_all(void)
{
	size_t i;

	for (i = 0; i < sizeof(talks) / sizeof(talks[0]); i++)
		tell(&talks[i]);
	answer_late();
	slowly();
}

/* -- and its failures ---------------------------------------------------- */

static void run_once(void)
{
	count = live = 0;
	counting = true;
	assert_int_equal(start(), 0);
	armed = true;
	tell_all();
	armed = false;
	assert_int_equal(eio_server_connections(srv), 0);
	end_it();
	counting = false;
	assert_int_equal(live, 0);
}

static void every_allocation_fails(void)
{
	fail_at = 0;
	do {
		fail_at++;
		run_once();
	} while (count >= fail_at);
	assert_true(fail_at > 100);
}

static void nomem__at_one_place__gives_no_wrong_answer(void **state)
{
	lasting = false;
	every_allocation_fails();
}

static void nomem__from_one_place_on__gives_no_wrong_answer(void **state)
{
	lasting = true;
	every_allocation_fails();
}

static void nomem__when_routes_are_made__is_an_error(void **state)
{
	int err;

	lasting = false;
	anywhere = true;
	fail_at = 0;
	do {
		fail_at++;
		count = live = 0;
		counting = armed = true;
		err = start();
		armed = false;
		assert_true(!err == (count < fail_at));
		end_it();
		counting = false;
		assert_int_equal(live, 0);
	} while (err);
	anywhere = false;
	assert_true(fail_at > 20);
}

/* -- the folder ---------------------------------------------------------- */

static void add_file(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(name_of(name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
	static char big[BIG];

	if (!mkdtemp(top))
		return -1;
	add_file("a.txt", "plain", 5);
	add_file("a.txt.gz", "zipped", 6);
	add_file("big.txt", big, BIG);
	return mkdir(name_of("sub"), 0700);
}

static int teardown(void **state)
{
	remove(name_of("a.txt"));
	remove(name_of("a.txt.gz"));
	remove(name_of("big.txt"));
	remove(name_of("sub"));
	return remove(top);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nomem__at_one_place__gives_no_wrong_answer),
		cmocka_unit_test(
			nomem__from_one_place_on__gives_no_wrong_answer),
		cmocka_unit_test(nomem__when_routes_are_made__is_an_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
