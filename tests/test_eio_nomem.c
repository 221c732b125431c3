/* SPDX-License-Identifier: MIT */
/*
 * test_eio_nomem.c: out of memory in the server. Every allocation of a
 * story full of clients fails in turn, once, and then that one and all
 * behind it: the server goes on, tells of each end once, gives everything
 * back, and a client that had no part in it notices nothing.
 */
#include <config.h>

#include "fake_client.h"
#include "fake_tls.h"

#include <engineio/http.h>

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The linker puts these in the place of the C library's (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
char *__wrap_strdup(const char *text);

static bool counting; /* what is given out, to whomever */
static bool armed;    /* allocations of the server may fail */
static bool lasting;  /* all of them, from fail_at on */
static bool anywhere; /* also outside of the network's calls */
static int count, fail_at, live;

static bool fails(void)
{
	if (!armed || !(anywhere || fake_is_inside()))
		return false;
	count++;
	return lasting ? count >= fail_at : count == fail_at;
}

void *__wrap_malloc(size_t size)
{
	void *p = fails() ? NULL : __real_malloc(size);

	live += counting && p;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = fails() ? NULL : __real_calloc(n, size);

	live += counting && p;
	return p;
}

void *__wrap_realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __real_realloc(p, size);

	live += counting && !p && q;
	return q;
}

char *__wrap_strdup(const char *text)
{
	char *p = fails() ? NULL : __real_strdup(text);

	live += counting && p;
	return p;
}

void __wrap_free(void *p)
{
	live -= counting && p;
	__real_free(p);
}

/* -- the application ----------------------------------------------------- */

#define TLS_PORT 4433

static eio_loop *loop;
static eio_server *srv;
static char sid[21];
static eio_socket *last;
static int opened, closed, done;

static void on_open(eio_socket *s, void *user)
{
	opened++;
	last = s;
	snprintf(sid, sizeof(sid), "%s", eio_socket_id(s));
	if (opened % 2)
		eio_socket_drop_request(s);
}

static void on_close(eio_socket *s, enum eio_reason reason, const char *detail,
	void *user)
{
	closed++;
	if (last == s)
		last = NULL;
}

#define MUCH 200000

static eio_buf *make_reply(const char *data, size_t len, bool binary)
{
	static char much[MUCH];

	if (binary)
		return eio_buf_new_binary(data, len);
	if (!len || (data[0] | 0x20) != 'm')
		return eio_buf_new_text(data, len);
	memset(much, 'm', sizeof(much));
	return eio_buf_new_text(much, sizeof(much));
}

/* As if many more waited for it, until the next comes: it is shared. */
static void hold(eio_buf *buf)
{
	static eio_buf *held;
	int i;

	for (i = 0; i < 16; i++) {
		eio_buf_unref(held);
		eio_buf_ref(buf);
	}
	held = buf;
}

/* Twice what came, or very much, that once for a capital; "bye" closes. */
static void on_message(eio_socket *s, char *data, size_t len, bool binary,
	void *user)
{
	eio_buf *buf = make_reply(data, len, binary);
	eio_buf *both[2];

	both[0] = both[1] = buf;
	if (buf)
		eio_socket_send_all(s, both, len && data[0] == 'M' ? 1 : 2);
	hold(eio_buf_len(buf) == MUCH ? buf : NULL);
	eio_buf_unref(buf);
	if (len == 3 && memcmp(data, "bye", 3) == 0)
		eio_socket_close(s);
}

static void on_full(eio_socket *s, bool full, void *user)
{
	assert_int_equal(eio_socket_is_full(s), full);
}

static void on_headers(eio_request *req, bool first, void *user)
{
	eio_request_set_header(req, "X-First", first ? "1" : "0");
	eio_request_set_header(req, "Vary", "X-First");
	eio_request_add_header(req, "Set-Cookie", "more=1");
}

/* What is said to browsers. */
static bool set_headers(void)
{
	eio_server_on_headers(srv, on_headers, NULL);
	return !eio_server_add_cors_origin(srv, "http://other") &&
		!eio_server_add_cors_pattern(srv, "http://[ab]") &&
		!eio_server_set_cors_list(srv, ENGINEIO_CORS_EXPOSED_HEADERS,
			"X-First") &&
		!eio_server_set_cookie(srv, "io", NULL);
}

/* Requests with "gate=1" wait for settle(): at the hook, for consent, and for
 * their id. */
static eio_request *held;

static enum eio_verdict on_gate(eio_request *req, void *user)
{
	const char *gate = eio_request_query(req, "gate");

	if (!gate || held)
		return ENGINEIO_PASS;
	held = eio_request_ref(req);
	return ENGINEIO_LATER;
}

static void settle(bool allow, const char *text)
{
	eio_request *req = held;

	held = NULL;
	if (!req)
		return;
	eio_request_decide(req, allow, text);
	eio_request_unref(req);
	fake_turn(loop);
}

static void on_error(eio_request *req, const struct eio_connection_error *error,
	void *user)
{
	eio_request_set_header(req, "X-Error", error->message);
}

static bool set_gate(void)
{
	eio_server_on_request(srv, on_gate, NULL);
	eio_server_on_id(srv, on_gate, NULL);
	eio_server_on_connection_error(srv, on_error, NULL);
	eio_server_set_option(srv, ENGINEIO_MAX_SESSIONS_PER_ADDRESS, 1000);
	return eio_server_on_http(srv, on_gate, NULL) == 0;
}

/* TLS is dear, and the first part of the story: what lies behind it fails
 * without it. INT_MAX: it is not known yet how many allocations it has. */
static int tls_count = INT_MAX;

static bool start_tls(void)
{
	return eio_server_set_tls(srv, in_folder("ca.crt"),
		       in_folder("ca.key")) == 0 &&
		eio_server_set_client_ca(srv, in_folder("ca.crt"), false) ==
		0 &&
		eio_server_reload_tls(srv) == 0 &&
		eio_server_trust_proxy(srv, "192.0.2.0/24") == 0 &&
		eio_server_listen_with(srv, NULL, TLS_PORT,
			ENGINEIO_LISTEN_TLS | ENGINEIO_LISTEN_PROXY) == 0 &&
		eio_server_listen_with(srv, NULL, TLS_PORT + 1,
			ENGINEIO_LISTEN_TLS_AND_PLAIN) == 0;
}

static bool start(void)
{
	opened = closed = done = 0;
	loop = eio_loop_new();
	srv = eio_server_new(loop);
	eio_server_on_open(srv, on_open, NULL);
	eio_server_on_message(srv, on_message, NULL);
	eio_server_on_close(srv, on_close, NULL);
	eio_server_on_full(srv, on_full, NULL);
	eio_server_set_option(srv, ENGINEIO_QUEUE_HIGH, 50000);
	if (eio_server_set_option(srv, ENGINEIO_PER_MESSAGE_DEFLATE, 1))
		return false;
	eio_server_set_option(srv, ENGINEIO_ALLOW_EIO3, 1);
	eio_server_set_option(srv, ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER, 0);
	eio_server_set_option(srv, ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER, 0);
	return set_headers() && set_gate() &&
		eio_server_listen(srv, NULL, 0) == 0 &&
		(fail_at > tls_count || start_tls());
}

static void end_it(void)
{
	hold(NULL);
	eio_server_free(srv);
	eio_loop_free(loop);
}

/* -- the story ----------------------------------------------------------- */

/* Who gets no session gets no cookie of one. */
static void check_cookie(struct fake_conn *c)
{
	const struct eio__strbuf *b = fake_received(c);

	if (b->len > 12 && memcmp(b->data, "HTTP/1.1 500", 12) == 0)
		assert_null(strstr(b->data, "Set-Cookie: io="));
}

/* A request of the session, as text. */
static struct fake_conn *request(const char *method, const char *query,
	const char *rest)
{
	struct fake_conn *c = fake_connect(loop);
	char text[2048];

	if (!c)
		return NULL;
	snprintf(text, sizeof(text),
		"%s /engine.io/?EIO=4&%s&sid=%s HTTP/1.1\r\n"
		"Host: a\r\nHost-2: b\r\nOrigin: http://a\r\n%s",
		method, query, sid, rest);
	fake_puts(c, text);
	check_cookie(c);
	return c;
}

#define POLLING   "transport=poll%69ng"
#define WEBSOCKET "transport=websocket"
#define UPGRADE \
	"Connection: Upgrade\r\n" \
	"Upgrade: websocket\r\n" \
	"Sec-WebSocket-Version: 13\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void puts_if(struct fake_conn *c, const char *text)
{
	if (c)
		fake_puts(c, text);
}

/* A masked frame; the mask is zero. */
static void frame_of(struct fake_conn *c, int first, const char *data,
	size_t len)
{
	char bytes[256] = { (char)first, (char)(0x80 | len) };

	memcpy(bytes + 6, data, len);
	if (c)
		fake_send(c, bytes, 6 + len);
}

static void frame(struct fake_conn *c, int first, const char *data)
{
	frame_of(c, first, data, strlen(data));
}

static void poll_a_while(void)
{
	struct fake_conn *get, *post;

	sid[0] = 0;
	fake_free(request("GET", POLLING,
		"X-Joined: a\r\nX-Joined: b\r\n\r\n"));
	get = request("GET", POLLING, "Accept-Encoding: gzip\r\n\r\n");
	post = request("POST", POLLING,
		"Content-Length: 11\r\n\r\n4a\xff\x1e"
		"bAQI=\x1e"
		"4");
	fake_free(get);
	puts_if(post, "POST /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n");
	fake_free(post);
}

static void poll_much(void)
{
	struct fake_conn *get, *post;

	sid[0] = 0;
	fake_free(request("GET", POLLING "&b64=1", "\r\n"));
	post = request("POST", POLLING, "Transfer-Encoding: chunked\r\n\r\n");
	puts_if(post, "5\r\n4much\r\n");
	get = request("GET", POLLING, "Accept-Encoding: gzip\r\n\r\n");
	puts_if(post, "0\r\n\r\n");
	fake_free(get);
	get = request("GET", POLLING, "\r\n");
	fake_free(request("GET", POLLING, "\r\n"));
	fake_free(get);
	fake_free(post);
}

/* A long packet for itself, which may be compressed. */
static void poll_long(const char *headers)
{
	struct fake_conn *get;

	sid[0] = 0;
	fake_free(request("GET", POLLING, "\r\n"));
	get = request("GET", POLLING, headers);
	if (get)
		fake_room(get, 1000);
	fake_free(request("POST", POLLING, "Content-Length: 5\r\n\r\n4Much"));
	if (get)
		fake_room(get, SIZE_MAX);
	fake_free(get);
}

static void poll_and_say_bye(void)
{
	struct fake_conn *get;

	sid[0] = 0;
	fake_free(request("GET", POLLING, "\r\n"));
	fake_free(request("POST", POLLING, "Content-Length: 4\r\n\r\n4bye"));
	get = request("GET", POLLING, "\r\n");
	puts_if(get, "");
	fake_free(get);
	fake_free(request("GET", POLLING, "\r\n"));
}

static void speak(struct fake_conn *c)
{
	frame(c, 0x81, "4text");
	frame(c, 0x01, "4in ");
	frame(c, 0x89, "ping");
	frame(c, 0x00, "three ");
	frame(c, 0x80, "parts");
	frame(c, 0x82, "binary");
	if (c)
		fake_room(c, 3);
	frame(c, 0x81, "4much");
	frame(c, 0x81, "4a\xe2\x82\xac");
	if (c)
		fake_room(c, SIZE_MAX);
}

static void upgrade(void)
{
	struct fake_conn *get, *ws;

	sid[0] = 0;
	fake_free(request("GET", POLLING, "\r\n"));
	ws = request("GET", WEBSOCKET "&b64=1", UPGRADE "\r\n");
	fake_free(request("POST", POLLING, "Content-Length: 7\r\n\r\nbAQIDBA"));
	get = request("GET", POLLING, "\r\n");
	frame(ws, 0x81, "2probe");
	fake_advance(loop, 100);
	frame(ws, 0x81, "5");
	speak(ws);
	frame(ws, 0x88, "");
	fake_free(get);
	fake_free(ws);
}

static void websocket(void)
{
	struct fake_conn *ws;

	sid[0] = 0;
	ws = request("GET", WEBSOCKET,
		UPGRADE "Sec-WebSocket-Protocol: a, b\r\n\r\n");
	speak(ws);
	fake_advance(loop, 25000);
	frame(ws, 0x81, "4bye");
	frame(ws, 0x83, "");
	fake_free(ws);
	sid[0] = 0;
	ws = request("GET", WEBSOCKET, UPGRADE "\r\n");
	frame(ws, 0x83, "broken");
	fake_free(ws);
}

/* "4much" compressed, and answered compressed: by the compressor of the
 * connection, or by the common one. */
static void deflated(const char *offer)
{
	struct fake_conn *ws;
	char headers[512];
	int i;

	sid[0] = 0;
	snprintf(headers, sizeof(headers),
		UPGRADE
		"Sec-WebSocket-Extensions: permessage-deflate%s\r\n\r\n",
		offer);
	ws = request("GET", WEBSOCKET, headers);
	for (i = 0; i < 2; i++)
		frame_of(ws, 0xc1, "\x32\xc9\x2d\x4d\xce\x00\x00", 7);
	frame(ws, 0x88, "");
	fake_free(ws);
}

static void gated(void)
{
	eio_buf *first = eio_buf_new_binary("first", 5);
	struct fake_conn *c, *ws;

	eio_server_set_initial_packet(srv, first);
	eio_buf_unref(first);
	sid[0] = 0;
	c = request("GET", POLLING "&gate=1", "\r\n");
	settle(true, "of no meaning");
	settle(true, NULL);
	settle(true, "own-id");
	fake_free(c);
	sid[0] = 0;
	c = request("GET", POLLING "&gate=1", "\r\n");
	settle(true, NULL);
	settle(false, "not \"you\"");
	fake_free(c);
	ws = request("GET", WEBSOCKET "&gate=1", UPGRADE "\r\n");
	frame(ws, 0x81, "4early");
	settle(true, NULL);
	settle(true, NULL);
	settle(true, NULL);
	fake_free(ws);
	eio_server_set_initial_packet(srv, NULL);
}

static void preflight(void)
{
	fake_free(request("OPTIONS", POLLING,
		"Access-Control-Request-Headers: x-one\r\n"
		"Access-Control-Request-Headers: x-two\r\n\r\n"));
}

static struct made ca, client;
static bool was_known;

/* A client that shows its certificate, behind a proxy that says who it is. */
static void tls(void)
{
	struct fake_tls t = fake_tls_new(loop, TLS_PORT, &ca);
	const char *subject;

	last = NULL;
	if (!t.c)
		return;
	fake_puts(t.c, "PROXY TCP4 192.0.2.1 192.0.2.2 51234 443\r\n");
	fake_tls_show(&t, &client);
	if (fake_tls_start(&t, NULL))
		fake_tls_say(&t,
			"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\n"
			"Host: a\r\nX-Forwarded-For: 1.2.3.4\r\n"
			"X-Forwarded-For: 192.0.2.1\r\n\r\n");
	subject =
		eio_socket_peer_certificate(last, ENGINEIO_CERTIFICATE_SUBJECT);
	assert_true(!subject || strcmp(subject, "CN=anna") == 0);
	was_known = subject != NULL;
	fake_tls_free(&t);
	/* Another that is told from plain HTTP by its first byte. */
	t = fake_tls_new(loop, TLS_PORT + 1, &ca);
	if (t.c)
		fake_tls_start(&t, NULL);
	if (count < fail_at)
		tls_count = count;
	fake_tls_free(&t);
}

#define OLD "EIO=3&"

/* Revision 3: text and octets, both ways, then as bytes and as base64. */
static void old_revision(void)
{
	struct fake_conn *get, *ws;

	sid[0] = 0;
	fake_free(request("GET", OLD POLLING, "\r\n"));
	get = request("GET", OLD POLLING, "\r\n");
	fake_free(request("POST", OLD POLLING,
		"Content-Type: application/octet-stream\r\n"
		"Content-Length: 11\r\n\r\n"
		"\1\3\xff\4ab\1\2\xff\4c"));
	fake_free(get);
	sid[0] = 0;
	fake_free(request("GET", OLD POLLING, "\r\n"));
	fake_free(request("POST", OLD POLLING,
		"Content-Length: 14\r\n\r\n6:b4AQID1:23:4a"));
	ws = request("GET", OLD WEBSOCKET "&b64=1", UPGRADE "\r\n");
	frame(ws, 0x81, "5");
	frame(ws, 0x82, "\4binary");
	frame(ws, 0x81, "2");
	fake_free(ws);
}

static void jsonp(void)
{
	struct fake_conn *get;

	sid[0] = 0;
	fake_free(request("GET", POLLING "&j=1", "\r\n"));
	get = request("GET", POLLING, "\r\n");
	fake_free(request("POST", POLLING,
		"Content-Length: 16\r\n\r\nx=1&d=4\xff%1EbAQI"));
	fake_free(get);
}

static void tell_all(void)
{
	if (fail_at > tls_count)
		count = tls_count;
	else
		tls();
	preflight();
	gated();
	old_revision();
	jsonp();
	poll_a_while();
	poll_much();
	poll_long("Accept-Encoding: gzip\r\n\r\n");
	poll_long("\r\n");
	poll_and_say_bye();
	upgrade();
	websocket();
	deflated("");
	deflated("; server_no_context_takeover");
}

static void on_done(void *user)
{
	done++;
}

/* -- and its failures ---------------------------------------------------- */

/* The client that has no part in it. */
static void expect_alive(struct fake_ws *ws)
{
	while (fake_ws_next(ws))
		;
	assert_false(fake_ws_is_closed(ws));
	fake_ws_send(ws, "4alive");
	assert_string_equal(fake_ws_next(ws), "4alive");
	assert_string_equal(fake_ws_next(ws), "4alive");
}

static void run_once(void)
{
	struct fake_ws *bystander;

	count = live = 0;
	counting = true;
	assert_true(start());
	/* It needs no ping while the others tell their story. */
	eio_server_set_option(srv, ENGINEIO_PING_INTERVAL, 1000000);
	bystander = fake_eio_open(loop, "/engine.io/");
	eio_server_set_option(srv, ENGINEIO_PING_INTERVAL, 25000);
	armed = true;
	tell_all();
	armed = false;
	expect_alive(bystander);
	assert_int_equal(eio_server_sessions(srv), opened - closed);
	eio_server_close(srv, 1000, on_done, NULL);
	fake_ws_free(bystander);
	fake_advance(loop, 1000);
	assert_int_equal(done, 1);
	assert_int_equal(opened, closed);
	end_it();
	counting = false;
	assert_int_equal(live, 0);
}

static void every_allocation_fails(void)
{
	fail_at = 0;
	tls_count = INT_MAX;
	do {
		fail_at++;
		run_once();
	} while (count >= fail_at);
	/* The story did allocate, and came to its end without a failure. */
	assert_true(was_known);
	assert_true(fail_at > 100);
}

static void nomem__at_one_place__costs_one_session_at_most(void **state)
{
	lasting = false;
	every_allocation_fails();
}

static void nomem__from_one_place_on__costs_no_other(void **state)
{
	lasting = true;
	every_allocation_fails();
}

static void nomem__when_it_starts__is_an_error(void **state)
{
	bool ok;

	lasting = false;
	anywhere = true;
	fail_at = 0;
	tls_count = INT_MAX;
	do {
		fail_at++;
		count = live = 0;
		counting = armed = true;
		ok = start();
		armed = false;
		assert_true(ok == (count < fail_at));
		end_it();
		counting = false;
		assert_int_equal(live, 0);
	} while (!ok);
	anywhere = false;
	assert_true(fail_at > 10);
}

static void nomem__for_a_place_in_the_queue__ends_the_session(void **state)
{
	eio_buf *buf = eio_buf_new_text("missing", 7);
	struct fake_ws *ws;
	int err;

	lasting = false;
	fail_at = 1;
	count = 0;
	assert_true(start());
	ws = fake_eio_open(loop, "/engine.io/");
	anywhere = armed = true;
	/* One alone takes none. */
	assert_int_equal(eio_socket_send(last, buf), 0);
	err = eio_socket_send(last, buf);
	armed = anywhere = false;
	assert_int_equal(err, ENGINEIO_ERR_NOMEM);
	assert_false(eio_socket_is_open(last));
	assert_int_equal(closed, 0);
	fake_turn(loop);
	assert_int_equal(closed, 1);
	assert_true(fake_ws_is_closed(ws));
	fake_ws_free(ws);
	eio_buf_unref(buf);
	end_it();
}

static int make_all(void **state)
{
	open_folder();
	ca = make_certificate(&(struct wish){ .name = "ca", .is_ca = 1 });
	client = make_certificate(&(struct wish){
		.name = "anna", .issuer = &ca });
	write_made(&ca, NULL, "ca");
	return 0;
}

static int free_all(void **state)
{
	free_made(&ca);
	free_made(&client);
	close_folder();
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			nomem__at_one_place__costs_one_session_at_most),
		cmocka_unit_test(nomem__from_one_place_on__costs_no_other),
		cmocka_unit_test(nomem__when_it_starts__is_an_error),
		cmocka_unit_test(
			nomem__for_a_place_in_the_queue__ends_the_session),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
