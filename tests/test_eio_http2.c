/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http2.c: requests and answers over HTTP/2: what works over HTTP/1.1
 * works here, and each stream goes its own way.
 */
#include <config.h>

#include "fake_http2.h"
#include "fake_web.h"

#include <nghttp2/nghttp2.h>

#include <dirent.h>
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

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static eio_request *held;
static unsigned gone;

static void on_gone(eio_request *req, void *user)
{
	assert_ptr_equal(req, held);
	gone++;
	assert_int_equal(eio_request_write(req, "x", 1), ENGINEIO_ERR_CLOSED);
}

static void on_stream(eio_request *req, void *user)
{
	held = eio_request_ref(req);
	assert_int_equal(eio_request_on_gone(req, on_gone, user), 0);
	assert_int_equal(eio_request_begin(req, 200, "text/plain"), 0);
}

static void on_torn(eio_request *req, void *user)
{
	assert_int_equal(eio_request_begin(req, 200, NULL), 0);
	assert_int_equal(eio_request_write(req, "half", 4), 0);
}

static void on_status(eio_request *req, void *user)
{
	eio_request_set_header(req, "X-Thing", "Value");
	eio_request_add_header(req, "Upgrade", "h2c");
	eio_request_respond(req,
		(int)strtol(eio_request_query(req, "s"), NULL, 10),
		"text/plain", "body", 4);
}

static void on_facts(eio_request *req, void *user)
{
	struct eio__strbuf b;
	const char *name, *value;
	size_t i;

	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b, "%s %s %s\n", eio_request_method(req),
		eio_request_target(req), eio_request_address(req));
	for (i = 0; eio_request_header_at(req, i, &name, &value); i++)
		eio__strbuf_printf(&b, "%s=%s\n", name,
			eio_request_header(req, name));
	eio_request_respond(req, 200, NULL, b.data, b.len);
	eio__strbuf_clear(&b);
}

static int setup(void **state)
{
	struct fake_web *web;

	if (fake_web_setup(state))
		return -1;
	web = *state;
	held = NULL;
	gone = 0;
	eio_server_set_option(web->srv, ENGINEIO_HTTP2, ENGINEIO_HTTP2_PLAIN);
	eio_server_route(web->srv, NULL, "/stream", on_stream, web);
	eio_server_route(web->srv, NULL, "/torn", on_torn, web);
	eio_server_route(web->srv, NULL, "/status", on_status, web);
	eio_server_route(web->srv, NULL, "/facts", on_facts, web);
	return 0;
}

static int teardown(void **state)
{
	eio_request_unref(held);
	return fake_web_teardown(state);
}

static struct fake_h2_answer *get(struct fake_h2 *h2, const char *path)
{
	return fake_h2_ask(h2, "GET", path, NULL, NULL, false);
}

/* -- requests ------------------------------------------------------------ */

static void request__of_each_kind__is_answered(void **state)
{
	static const struct {
		const char *method, *path, *fields, *body, *outcome;
	} rows[] = {
		{ "GET", "/", NULL, NULL, "200 GET / " },
		{ "GET", "/?a=b", NULL, NULL, "200 GET /?a=b " },
		{ "POST", "/", NULL, "text", "200 POST / text" },
		{ "POST", "/", NULL, "", "200 POST / " },
		{ "POST", "/", "content-length: 4\n", "text",
			"200 POST / text" },
		{ "HEAD", "/", NULL, NULL, "200" },
		{ "PUT", "/", NULL, "x", "200 PUT / x" },
		{ "GET", "/none", NULL, NULL, "200 GET /none " },
		{ "GET", "/status?s=204", NULL, NULL, "204" },
		{ "GET", "/status?s=304", NULL, NULL, "304" },
		{ "GET", "/status?s=500", NULL, NULL, "500 body" },
		{ "HEAD", "/status?s=200", NULL, NULL, "200" },
		{ "NONSENSE", "/", NULL, NULL, "400" },
		{ "OPTIONS", "*", NULL, NULL, "404 not found" },
		{ "GET", "/", "expect: miracles\n", NULL, "417" },
	};
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		a = fake_h2_ask(h2, rows[i].method, rows[i].path,
			rows[i].fields, rows[i].body, false);
		assert_string_equal(fake_h2_outcome(a), rows[i].outcome);
		assert_true(a->closed);
	}
	assert_int_equal(fake_h2_goaway(h2), -1);
	fake_h2_free(h2);
}

static void answer__head__has_what_it_has_elsewhere(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = get(h2, "/status?s=200");

	assert_string_equal(fake_h2_field(a, "x-thing"), "Value");
	assert_string_equal(fake_h2_field(a, "content-type"), "text/plain");
	assert_string_equal(fake_h2_field(a, "content-length"), "4");
	assert_string_not_equal(fake_h2_field(a, "date"), "");
	assert_string_equal(fake_h2_field(a, "upgrade"), "");
	assert_string_equal(fake_h2_field(a, "connection"), "");
	assert_string_equal(fake_h2_field(a, "keep-alive"), "");
	a = get(h2, "/status?s=204");
	assert_string_equal(fake_h2_field(a, "content-length"), "");
	a = fake_h2_ask(h2, "HEAD", "/status?s=200", NULL, NULL, false);
	assert_string_equal(fake_h2_field(a, "content-length"), "4");
	fake_h2_free(h2);
}

static void request__its_fields__are_those_of_http_1(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = fake_h2_ask(h2, "GET", "/facts?q=1",
		"cookie: a=1\naccept: one\ncookie: b=2\naccept: two\n"
		"empty: \n",
		NULL, false);

	assert_string_equal(fake_h2_outcome(a),
		"200 GET /facts?q=1 192.0.2.7\ncookie=a=1; b=2\n"
		"accept=one, two\ncookie=a=1; b=2\naccept=one, two\nempty=\n"
		"host=x\n");
	fake_h2_free(h2);
}

static void request__authority_and_host__say_the_same(void **state)
{
	static const struct {
		const char *fields, *outcome;
	} rows[] = {
		{ ":method: GET\n:scheme: http\n:path: /\n"
		  ":authority: a.b:80\nhost: a.b:80\n",
			"200 GET / " },
		{ ":method: GET\n:scheme: http\n:path: /\n:authority: a.b\n"
		  "host: A.B\n",
			"200 GET / " },
		{ ":method: GET\n:scheme: http\n:path: /\nhost: a\n",
			"200 GET / " },
		{ ":method: GET\n:scheme: http\n:path: /\n:authority: a\n"
		  "host: b\n",
			"400" },
		{ ":method: GET\n:scheme: http\n:path: /\n:authority: a b\n",
			"reset 1" },
		{ ":method: GET\n:scheme: http\n:path: /\n", "reset 1" },
	};
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		a = fake_h2_ask_with(h2, rows[i].fields, NULL, false);
		assert_string_equal(fake_h2_outcome(a), rows[i].outcome);
	}
	fake_h2_free(h2);
}

static void request__body_in_many_frames__is_one_body(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a =
		fake_h2_ask(h2, "POST", "/", NULL, "b", true);
	unsigned i;

	for (i = 0; i < 50; i++)
		fake_h2_more(h2, a, "o", 1, false);
	assert_int_equal(a->status, 0);
	fake_h2_more(h2, a, "dy", 2, true);
	assert_int_equal(a->status, 200);
	assert_int_equal(a->body.len, strlen("POST / ") + 53);
	fake_h2_free(h2);
}

static void request__large_body__goes_on_as_it_is_read(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a;
	char *body = calloc(1, 900001);

	assert_non_null(body);
	memset(body, 'b', 900000);
	a = fake_h2_ask(h2, "POST", "/", NULL, body, false);
	assert_int_equal(a->status, 200);
	assert_int_equal(a->body.len, strlen("POST / ") + 900000);
	free(body);
	fake_h2_free(h2);
}

static void request__too_large_body__is_413(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a;

	eio_server_set_option(web->srv, ENGINEIO_MAX_PAYLOAD, 10);
	a = fake_h2_ask(h2, "POST", "/", NULL, "12345678901", true);
	assert_int_equal(a->status, 413);
	assert_true(a->ended);
	assert_false(a->closed);
	fake_advance(web->loop, 2000);
	fake_h2_talk(h2);
	assert_true(a->closed);
	a = fake_h2_ask(h2, "POST", "/", "content-length: 11\n", "1", true);
	assert_int_equal(a->status, 413);
	a = fake_h2_ask(h2, "POST", "/", NULL, "1234567890", false);
	assert_string_equal(fake_h2_outcome(a), "200 POST / 1234567890");
	assert_int_equal(web->calls, 1);
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_MAX_PAYLOAD),
		2);
	fake_h2_free(h2);
}

static void request__length_that_is_wrong__is_reset(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);

	assert_string_equal(fake_h2_outcome(fake_h2_ask(h2, "POST", "/",
				    "content-length: 5\n", "1234", false)),
		"reset 1");
	assert_string_equal(fake_h2_outcome(fake_h2_ask(h2, "POST", "/",
				    "content-length: 3\n", "1234", false)),
		"reset 1");
	assert_int_equal(web->calls, 0);
	assert_string_equal(fake_h2_outcome(get(h2, "/")), "200 GET / ");
	fake_h2_free(h2);
}

static void request__expects_100__is_told_to_go_on(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = fake_h2_ask(h2, "POST", "/",
		"expect: 100-continue\n", NULL, true);

	assert_int_equal(a->status, 100);
	fake_h2_more(h2, a, "body", 4, true);
	assert_string_equal(fake_h2_outcome(a), "200 POST / body");
	assert_int_equal(a->heads, 2);
	fake_h2_free(h2);
}

static void requests__at_once__are_answered_in_any_order(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a[3];

	a[0] = get(h2, "/hold?0");
	a[1] = get(h2, "/hold?1");
	a[2] = get(h2, "/");
	assert_true(a[2]->ended);
	fake_web_release(web, 1);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a[1]), "200 held /hold?1");
	assert_int_equal(a[0]->status, 0);
	fake_web_release(web, 0);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a[0]), "200 held /hold?0");
	fake_h2_free(h2);
}

static void request__answered_after_its_client_left__is_closed(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = get(h2, "/hold");

	fake_h2_reset(h2, a);
	assert_int_equal(eio_request_respond(web->held[0], 200, NULL, "x", 1),
		ENGINEIO_ERR_CLOSED);
	assert_string_equal(fake_h2_outcome(get(h2, "/")), "200 GET / ");
	fake_h2_free(h2);
}

/* -- large answers ------------------------------------------------------- */

static void answer__larger_than_the_window__goes_on_as_it_is_read(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 30000);
	struct fake_h2_answer *a = get(h2, "/big");

	assert_int_equal(a->body.len, 30000);
	assert_string_equal(fake_h2_outcome(get(h2, "/")), "200 GET / ");
	fake_h2_read(h2, a, 20000);
	assert_int_equal(a->body.len, 50000);
	assert_false(a->ended);
	fake_h2_read(h2, a, 50000);
	assert_int_equal(a->body.len, FAKE_WEB_BIG);
	assert_true(a->ended);
	fake_h2_free(h2);
}

static void answer__not_read__is_given_up_alone(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 30000);
	struct fake_h2_answer *a = get(h2, "/big"), *b;

	fake_advance(web->loop, 59000);
	b = get(h2, "/hold");
	fake_advance(web->loop, 1000);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "reset 8");
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_WRITE_TIMEOUT),
		1);
	fake_web_release(web, 0);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(b), "200 held /hold");
	fake_h2_free(h2);
}

static void answers__many_large__wait_in_bounds(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a;

	/* The network takes nothing: what is made of the streams meanwhile is
	 * little. */
	fake_room(fake_h2_conn(h2), 0);
	a = get(h2, "/big");
	get(h2, "/big");
	assert_int_equal(a->body.len, 0);
	fake_room(fake_h2_conn(h2), SIZE_MAX);
	fake_h2_talk(h2);
	assert_int_equal(a->body.len, FAKE_WEB_BIG);
	fake_h2_free(h2);
}

static void files__of_a_folder__are_sent(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2;
	struct fake_h2_answer *a;
	char folder[] = "/tmp/test-h2-XXXXXX", name[64];
	char field[200];
	FILE *f;

	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/big.txt", folder);
	f = fopen(name, "w");
	assert_non_null(f);
	fprintf(f, "%0*d", 300000, 7);
	fclose(f);
	eio_server_mount(web->srv, "/f/", folder);
	h2 = fake_h2_new(web->loop, 0);
	a = get(h2, "/f/big.txt");
	assert_int_equal(a->body.len, 300000);
	assert_true(a->ended);
	snprintf(field, sizeof(field), "if-none-match: %s\n",
		fake_h2_field(a, "etag"));
	a = fake_h2_ask(h2, "GET", "/f/big.txt", field, NULL, false);
	assert_string_equal(fake_h2_outcome(a), "304");
	a = fake_h2_ask(h2, "HEAD", "/f/big.txt", NULL, NULL, false);
	assert_string_equal(fake_h2_outcome(a), "200");
	assert_string_equal(fake_h2_field(a, "content-length"), "300000");
	fake_h2_free(h2);
	/* A client that leaves in the middle of one. */
	h2 = fake_h2_new(web->loop, 1000);
	a = get(h2, "/f/big.txt");
	assert_int_equal(a->body.len, 1000);
	fake_h2_reset(h2, a);
	/* One that becomes shorter. */
	a = get(h2, "/f/big.txt");
	assert_int_equal(truncate(name, 5), 0);
	fake_h2_read(h2, a, 250000);
	assert_string_equal(fake_h2_outcome(a), "reset 2");
	unlink(name);
	rmdir(folder);
	fake_h2_free(h2);
}

static unsigned count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* 60 files, of which the client reads very little for now. */
static void files__asked_for_and_not_read__are_not_held_open(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2_answer *a[60];
	char folder[] = "/tmp/test-h2-XXXXXX", name[64];
	unsigned i, before;
	struct fake_h2 *h2;
	FILE *f;

	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/big.txt", folder);
	f = fopen(name, "w");
	assert_non_null(f);
	for (i = 0; i < 30000; i++)
		fprintf(f, "%05u", i);
	fclose(f);
	eio_server_mount(web->srv, "/f/", folder);
	h2 = fake_h2_new(web->loop, 1000);
	before = count_descriptors();
	for (i = 0; i < 60; i++)
		a[i] = get(h2, "/f/big.txt");
	assert_in_range(count_descriptors() - before, 0, 8);
	for (i = 0; i < 60; i++) {
		assert_int_equal(a[i]->body.len, 1000);
		fake_h2_read(h2, a[i], 150000);
		assert_true(a[i]->ended);
		assert_int_equal(a[i]->body.len, 150000);
		assert_memory_equal(a[i]->body.data, "0000000001", 10);
		assert_memory_equal(a[i]->body.data + 149990, "2999829999", 10);
	}
	fake_h2_free(h2);
	unlink(name);
	rmdir(folder);
}

/* -- answers in pieces --------------------------------------------------- */

static void write_text(struct fake_web *web, const char *text)
{
	assert_int_equal(eio_request_write(held, text, strlen(text)), 0);
}

static void stream__each_piece__is_a_frame(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = get(h2, "/stream");

	assert_int_equal(a->status, 200);
	assert_string_equal(fake_h2_field(a, "content-length"), "");
	write_text(web, "one");
	write_text(web, "three");
	write_text(web, "");
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(a->frames.data, "3 5 ");
	write_text(web, "more");
	assert_int_equal(eio_request_end(held), 0);
	assert_int_equal(eio_request_end(held), ENGINEIO_ERR_CLOSED);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "200 onethreemore");
	assert_true(a->closed);
	assert_int_equal(gone, 0);
	fake_h2_free(h2);
}

static void on_drain(eio_request *req, void *user)
{
	assert_ptr_equal(req, held);
	++*(unsigned *)user;
}

static void stream__read_again__its_owner_is_told(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 1000);
	struct fake_h2_answer *a = get(h2, "/stream");
	static char text[3000];
	unsigned drained = 0;

	eio_server_set_option(web->srv, ENGINEIO_QUEUE_LOW, 500);
	eio_request_on_drain(held, on_drain, &drained);
	assert_int_equal(eio_request_write(held, text, sizeof(text)), 0);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_int_equal(drained, 0);
	assert_in_range(eio_request_waiting(held), 2000, 2010);
	fake_h2_read(h2, a, 1000);
	assert_int_equal(drained, 0);
	fake_h2_read(h2, a, 600);
	assert_int_equal(drained, 1);
	fake_h2_read(h2, a, 1000);
	assert_int_equal(drained, 1);
	assert_int_equal(a->body.len, sizeof(text));
	fake_h2_free(h2);
}

#define ENDLESS 20000

static void write_again(eio_request *req, void *user)
{
	static char text[3000];

	/* Without a bound all of them are in one turn. */
	if (++*(unsigned *)user < ENDLESS)
		assert_int_equal(eio_request_write(req, text, sizeof(text)), 0);
}

static void stream__always_written_again__others_have_their_turn(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0x7fffffff);
	unsigned drained = 0, before;

	nghttp2_session_set_local_window_size(fake_h2_session(h2),
		NGHTTP2_FLAG_NONE, 0, 0x7fffffff);
	fake_h2_talk(h2);
	get(h2, "/stream");
	eio_server_set_option(web->srv, ENGINEIO_QUEUE_LOW, 500);
	eio_request_on_drain(held, write_again, &drained);
	assert_int_equal(eio_request_write(held, "first", 5), 0);
	write_again(held, &drained);
	fake_turn(web->loop);
	assert_in_range(drained, 10, ENDLESS - 1);
	before = drained;
	fake_turn(web->loop);
	assert_true(drained > before);
	fake_h2_free(h2);
}

static void stream__reset__its_owner_is_told_once(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = get(h2, "/stream");

	write_text(web, "one");
	fake_turn(web->loop);
	fake_h2_talk(h2);
	fake_h2_reset(h2, a);
	assert_int_equal(gone, 1);
	assert_int_equal(eio_request_end(held), ENGINEIO_ERR_CLOSED);
	fake_h2_free(h2);
	assert_int_equal(gone, 1);
}

static void stream__connection_gone__its_owner_is_told_once(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);

	get(h2, "/stream");
	fake_h2_free(h2);
	assert_int_equal(gone, 1);
}

static void stream__forgotten__does_not_look_whole(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = get(h2, "/torn");

	assert_string_equal(fake_h2_outcome(a), "reset 2");
	assert_memory_equal(a->body.data, "half", 4);
	fake_h2_free(h2);
}

static void stream__head__has_no_body(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a =
		fake_h2_ask(h2, "HEAD", "/stream", NULL, NULL, false);

	assert_string_equal(fake_h2_outcome(a), "200");
	fake_h2_free(h2);
}

static void stream__slow_reader__is_given_up_alone(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2;
	struct fake_h2_answer *a;
	char text[1000];
	int err = 0;
	unsigned n;

	eio_server_set_option(web->srv, ENGINEIO_QUEUE_BYTES, 10000);
	h2 = fake_h2_new(web->loop, 2000);
	a = get(h2, "/stream");
	memset(text, 't', sizeof(text));
	for (n = 0; !err; n++) {
		err = eio_request_write(held, text, sizeof(text));
		fake_turn(web->loop);
	}
	assert_int_equal(err, ENGINEIO_ERR_FULL);
	assert_in_range(n, 11, 13);
	assert_int_equal(gone, 1);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "reset 8");
	assert_int_equal(a->body.len, 2000);
	assert_string_equal(fake_h2_outcome(get(h2, "/")), "200 GET / ");
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_QUEUE_BYTES),
		1);
	fake_h2_free(h2);
}

/* -- the connection ------------------------------------------------------ */

static void connection__idle__is_closed_in_order(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);

	get(h2, "/");
	fake_advance(web->loop, 9999);
	fake_h2_talk(h2);
	assert_int_equal(fake_h2_goaway(h2), -1);
	fake_advance(web->loop, 1);
	fake_h2_talk(h2);
	assert_int_equal(fake_h2_goaway(h2), 0);
	assert_true(fake_is_finished(fake_h2_conn(h2)));
	fake_h2_free(h2);
}

static void connection__with_a_stream__is_not_idle(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = get(h2, "/stream");

	fake_advance(web->loop, 3600000);
	write_text(web, "x");
	fake_turn(web->loop);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(a), "200 x ...");
	fake_h2_free(h2);
}

static void connection__without_a_request__is_closed(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);

	fake_advance(web->loop, 30000);
	fake_h2_talk(h2);
	assert_int_equal(fake_h2_goaway(h2), 0);
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_HEADER_TIMEOUT),
		1);
	fake_h2_free(h2);
}

static void on_closed(void *user)
{
	++*(unsigned *)user;
}

static void connection__server_closes__streams_end_in_order(void **state)
{
	struct fake_web *web = *state;
	struct fake_h2 *h2 = fake_h2_new(web->loop, 0);
	struct fake_h2 *idle = fake_h2_new(web->loop, 0);
	struct fake_h2_answer *a = get(h2, "/stream");
	struct fake_h2_answer *b = get(h2, "/hold");
	unsigned closed = 0;

	get(idle, "/");
	write_text(web, "last");
	eio_server_close(web->srv, 5000, on_closed, &closed);
	fake_turn(web->loop);
	fake_h2_talk(h2);
	fake_h2_talk(idle);
	assert_string_equal(fake_h2_outcome(a), "200 last");
	assert_int_equal(gone, 1);
	assert_int_equal(fake_h2_goaway(idle), 0);
	assert_int_equal(fake_h2_goaway(h2), 0);
	assert_false(fake_is_finished(fake_h2_conn(h2)));
	assert_int_equal(closed, 0);
	fake_web_release(web, 0);
	fake_h2_talk(h2);
	assert_string_equal(fake_h2_outcome(b), "200 held /hold");
	assert_int_equal(fake_h2_goaway(h2), 0);
	fake_h2_free(h2);
	fake_h2_free(idle);
	fake_turn(web->loop);
	assert_int_equal(closed, 1);
}

static void connection__option_off__is_no_http_1(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c;
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	fake_h2_add_preface(&b);
	eio_server_set_option(web->srv, ENGINEIO_HTTP2, ENGINEIO_HTTP2_TLS);
	c = fake_connect(web->loop);
	fake_send(c, b.data, b.len);
	assert_memory_equal(fake_received(c)->data, "HTTP/1.1 ", 9);
	fake_free(c);
	eio__strbuf_clear(&b);
}

static void connection__both_protocols__on_one_port(void **state)
{
	struct fake_web *web = *state;

	assert_string_equal(fake_web_outcome(web,
				    "PUT / HTTP/1.1\r\nHost: x\r\n\r\n", 27, 0),
		"200 PUT / ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(request__of_each_kind__is_answered),
		T(answer__head__has_what_it_has_elsewhere),
		T(request__its_fields__are_those_of_http_1),
		T(request__authority_and_host__say_the_same),
		T(request__body_in_many_frames__is_one_body),
		T(request__large_body__goes_on_as_it_is_read),
		T(request__too_large_body__is_413),
		T(request__length_that_is_wrong__is_reset),
		T(request__expects_100__is_told_to_go_on),
		T(requests__at_once__are_answered_in_any_order),
		T(request__answered_after_its_client_left__is_closed),
		T(answer__larger_than_the_window__goes_on_as_it_is_read),
		T(answer__not_read__is_given_up_alone),
		T(answers__many_large__wait_in_bounds),
		T(files__of_a_folder__are_sent),
		T(files__asked_for_and_not_read__are_not_held_open),
		T(stream__each_piece__is_a_frame),
		T(stream__read_again__its_owner_is_told),
		T(stream__always_written_again__others_have_their_turn),
		T(stream__reset__its_owner_is_told_once),
		T(stream__connection_gone__its_owner_is_told_once),
		T(stream__forgotten__does_not_look_whole),
		T(stream__head__has_no_body),
		T(stream__slow_reader__is_given_up_alone),
		T(connection__idle__is_closed_in_order),
		T(connection__with_a_stream__is_not_idle),
		T(connection__without_a_request__is_closed),
		T(connection__server_closes__streams_end_in_order),
		T(connection__option_off__is_no_http_1),
		T(connection__both_protocols__on_one_port),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
