/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http1_alike.c: the same bytes are the same requests, or the same
 * refusal, however they come and whoever takes their heads apart.
 *
 * A head that comes whole and is plain is read by plain_head.c, any other one
 * by the parser, which also is for heads behind an empty line. So each row is
 * sent whole, with an empty line before it, byte by byte, and in two pieces cut
 * at each of its bytes. Beside the rows there are heads made of good and bad
 * parts by chance, the same ones each time; ALIKE_HEADS says how many, and
 * ALIKE_FILE where to write them down for other servers.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/http.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a)    (sizeof(a) / sizeof(*(a)))
#define MAX_TARGET  200
#define MAX_HEADER  1000
#define MAX_HEADERS 20
#define MAX_PAYLOAD 300
#define STATUS_LEN  12 /* "HTTP/1.1 400" */

struct site {
	eio_loop *loop;
	eio_server *srv;
};

/* -- a server that says all it knows of a request ------------------------ */

static void add_value(struct eio__strbuf *b, const char *name,
	const char *value)
{
	eio__strbuf_printf(b, "%s=%s\n", name, value ? value : "(none)");
}

static void on_any(eio_request *req, void *user)
{
	struct eio__strbuf b;
	const char *body, *name, *value;
	size_t len, i;

	eio__strbuf_init(&b, 0);
	add_value(&b, eio_request_method(req), eio_request_target(req));
	add_value(&b, "path", eio_request_path(req));
	add_value(&b, "a", eio_request_query(req, "a"));
	add_value(&b, "b", eio_request_query(req, "b"));
	add_value(&b, "cookie a", eio_request_cookie(req, "a"));
	for (i = 0; eio_request_header_at(req, i, &name, &value); i++) {
		add_value(&b, name, value);
		add_value(&b, name, eio_request_header(req, name));
	}
	body = eio_request_body(req, &len);
	if (len)
		eio__strbuf_add(&b, body, len);
	assert_int_equal(b.error, 0);
	eio_request_respond(req, 200, NULL, b.data, b.len);
	eio__strbuf_clear(&b);
}

static void on_open(eio_websocket *w, eio_request *req, void *user)
{
}

static void on_message(eio_websocket *w, char *data, size_t len, bool binary,
	void *user)
{
	eio_websocket_send(w, data, len, binary);
}

static int setup(void **state)
{
	static const struct eio_websocket_events echo = {
		.on_open = on_open,
		.on_message = on_message,
	};
	struct site *site = calloc(1, sizeof(*site));

	assert_non_null(site);
	site->loop = eio_loop_new();
	site->srv = eio_server_new(site->loop);
	assert_non_null(site->srv);
	/* Small limits are reached by small heads. */
	eio_server_set_option(site->srv, ENGINEIO_MAX_TARGET, MAX_TARGET);
	eio_server_set_option(site->srv, ENGINEIO_MAX_HEADER, MAX_HEADER);
	eio_server_set_option(site->srv, ENGINEIO_MAX_HEADERS, MAX_HEADERS);
	eio_server_set_option(site->srv, ENGINEIO_MAX_PAYLOAD, MAX_PAYLOAD);
	assert_int_equal(eio_server_route(site->srv, NULL, "/", on_any, NULL),
		0);
	assert_int_equal(eio_server_websocket(site->srv, "/ws", NULL, &echo,
				 NULL),
		0);
	assert_int_equal(eio_server_listen(site->srv, NULL, 0), 0);
	*state = site;
	return 0;
}

static int teardown(void **state)
{
	struct site *site = *state;

	eio_server_free(site->srv);
	assert_int_equal(fake_open_conns(site->loop), 0);
	eio_loop_free(site->loop);
	free(site);
	return 0;
}

/* -- ways to send the same ----------------------------------------------- */

struct bytes {
	const char *data;
	size_t len;
};

/* What comes back for one piece after the other, and whether the connection
 * has ended. */
static void talk(struct site *site, const struct bytes *pieces, size_t n,
	struct eio__strbuf *out)
{
	struct fake_conn *c = fake_connect(site->loop);
	size_t i;

	assert_non_null(c);
	for (i = 0; i < n; i++)
		if (pieces[i].len)
			fake_send(c, pieces[i].data, pieces[i].len);
	eio__strbuf_add(out, fake_received(c)->data, fake_received(c)->len);
	eio__strbuf_addc(out, fake_is_finished(c) ? 'e' : 'o');
	assert_int_equal(out->error, 0);
	fake_free(c);
}

static void talk_bytes(struct site *site, const struct bytes *raw,
	struct eio__strbuf *out)
{
	struct bytes pieces[4096];
	size_t i;

	assert_true(raw->len <= COUNT(pieces));
	for (i = 0; i < raw->len; i++) {
		pieces[i].data = raw->data + i;
		pieces[i].len = 1;
	}
	talk(site, pieces, raw->len, out);
}

/* How much of it stands before a last answer that refuses; all without one. */
static size_t before_refusal(const struct eio__strbuf *b)
{
	static const char status[] = "HTTP/1.1 ";
	const char *at = b->data, *end = b->data + b->len, *last = NULL;
	const size_t n = sizeof(status) - 1;

	while ((at = memmem(at, (size_t)(end - at), status, n)) != NULL)
		last = at++;
	if (!last || last[n] < '4')
		return b->len;
	return (size_t)(last - b->data);
}

/* The same answers, up to the last if that is a refusal. Of one only the status
 * is compared; and where more than one thing is wrong with the request, the
 * first to be seen depends on the pieces. */
static bool is_alike(const struct eio__strbuf *a, const struct eio__strbuf *b,
	bool one_fault)
{
	size_t n = before_refusal(a), end = n + (one_fault ? STATUS_LEN : 0);

	if (n == a->len)
		return a->len == b->len &&
			memcmp(a->data, b->data, a->len) == 0;
	return before_refusal(b) == n && b->len > end &&
		memcmp(a->data, b->data, end) == 0 &&
		a->data[a->len - 1] == b->data[b->len - 1];
}

static void check(const struct bytes *raw, const char *how,
	const struct eio__strbuf *whole, struct eio__strbuf *other,
	bool one_fault)
{
	if (!is_alike(whole, other, one_fault))
		fail_msg("\"%.*s\"\n-- whole --\n%s\n-- %s --\n%s",
			(int)raw->len, raw->data, whole->data, how,
			other->data);
	eio__strbuf_clear(other);
}

static void check_cut(struct site *site, const struct bytes *raw, size_t at,
	const struct eio__strbuf *whole, bool one_fault)
{
	struct bytes pieces[] = { { raw->data, at },
		{ raw->data + at, raw->len - at } };
	struct eio__strbuf out;
	char how[40];

	eio__strbuf_init(&out, 0);
	talk(site, pieces, 2, &out);
	snprintf(how, sizeof(how), "cut at %zu", at);
	check(raw, how, whole, &out, one_fault);
}

/* The empty line counts as a part of the head. */
static void check_behind_line(struct site *site, const struct bytes *raw,
	const struct eio__strbuf *whole, bool one_fault)
{
	struct eio__strbuf line, out;
	struct bytes behind;

	eio__strbuf_init(&out, 0);
	eio__strbuf_init(&line, 0);
	eio__strbuf_adds(&line, "\r\n");
	eio__strbuf_add(&line, raw->data, raw->len);
	behind.data = line.data;
	behind.len = line.len;
	talk(site, &behind, 1, &out);
	check(raw, "behind an empty line", whole, &out, one_fault);
	eio__strbuf_clear(&line);
}

static void check_ways(struct site *site, const struct bytes *raw,
	const struct eio__strbuf *whole, bool one_fault)
{
	struct eio__strbuf out;

	eio__strbuf_init(&out, 0);
	talk_bytes(site, raw, &out);
	check(raw, "byte by byte", whole, &out, one_fault);
	if (raw->len + 2 <= MAX_HEADER)
		check_behind_line(site, raw, whole, one_fault);
}

static void try_everywhere(struct site *site, const struct bytes *raw)
{
	struct eio__strbuf whole;
	size_t at;

	eio__strbuf_init(&whole, 0);
	talk(site, raw, 1, &whole);
	check_ways(site, raw, &whole, true);
	for (at = 1; at < raw->len; at++)
		check_cut(site, raw, at, &whole, true);
	eio__strbuf_clear(&whole);
}

/* -- rows with one thing wrong, or nothing ------------------------------- */

#define HOST    "Host: a\r\n"
#define GET(h)  "GET /?a=1&b=2 HTTP/1.1\r\n" HOST h "\r\n"
#define POST(h) "POST /p HTTP/1.1\r\n" HOST h "\r\n"
#define LINE(l) l "\r\n" HOST "\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define NEXT    GET("X: next\r\n")
#define WS(h) \
	"GET /ws HTTP/1.1\r\n" HOST "Connection: keep-alive, Upgrade\r\n" \
	"Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" h "\r\n"
#define HELLO "\x81\x85\1\2\3\4igohn"
#define CLOSE "\x88\x80\1\2\3\4"
#define TEN   "aaaaaaaaaa"
#define CENT  TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define FIVE  "H: 1\r\nH: 2\r\nH: 3\r\nH: 4\r\nH: 5\r\n"

#define ROW(raw) \
	{ \
		raw, sizeof(raw) - 1 \
	}

static void requests__that_are_good__are_the_same(void **state)
{
	static const struct bytes rows[] = {
		ROW(GET("")),
		ROW(GET("") GET("") GET("")),
		ROW(GET("") "\r\n" GET("") "\r\n\r\n" GET("")),
		ROW(LINE("GET /?a=%41&b=+ HTTP/1.1")),
		ROW(LINE("GET /?a=1&a=2&&b&=c& HTTP/1.1")),
		ROW(LINE("GET /? HTTP/1.1")),
		ROW(LINE("GET // HTTP/1.1")),
		ROW(LINE("GET http://h:1/x?a=1 HTTP/1.1")),
		ROW(LINE("OPTIONS * HTTP/1.1")),
		ROW(LINE("HEAD /?a=1 HTTP/1.1")),
		ROW(LINE("PUT / HTTP/1.1")),
		ROW(LINE("POST / HTTP/1.0")),
		ROW("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" NEXT),
		ROW("GET / HTTP/1.1\r\nHost:\r\n\r\n"),
		ROW("GET / HTTP/1.1\r\nHost:a:1  \r\n\r\n"),
		ROW(GET("A:\r\nB: \r\nC:b  c \r\nD:\t\r\nE: \t e\t \r\nF:\r\n")),
		ROW(GET("A: 1\r\na:2\r\nCookie: a=b; c\r\nCookie: d\r\n")),
		ROW(GET("A: \x80\xff\xc3\xa4\r\n")),
		ROW(GET("Connection: close\r\n") NEXT),
		ROW(GET("Connection: x, CLOSE\r\n") NEXT),
		ROW(GET("Expect: 100-continue\r\n")),
		ROW(GET(FIVE FIVE FIVE "H:1\r\nH:2\r\nH:3\r\nI:4\r\n")),
		ROW(GET("A: " CENT CENT CENT CENT CENT CENT CENT "\r\n")),
		ROW(LINE("GET /" CENT TEN TEN TEN TEN TEN TEN TEN TEN TEN
			 "aaaaaaaaa HTTP/1.1")),
		ROW(POST("Content-Length: 4\r\n") "abcd" NEXT),
		ROW(POST(
			"content-length:0004\r\nExpect: 100-continue\r\n") "ab"
									   "cd" NEXT),
		ROW(POST("Content-Length: 0\r\n") NEXT),
		ROW(POST("") "\r\n" NEXT),
		ROW(POST(CHUNKED) "4\r\nabcd\r\n0\r\n\r\n" NEXT),
		/* names that only begin like those that matter, or end so */
		ROW(POST(
			"Transfer-Encodings: x\r\nContent-Length: 4\r\n") "abcd"),
		ROW(POST(
			"Content-Length: 4\r\nTransfer-Encoding-X: chunked\r\n") "abcd"),
		ROW(POST(
			"Content-Length: 4\r\nContent-Lengths: 5\r\nContent-Lengt: 6\r\n") "abcd"),
		ROW(POST(
			"Content-Length: 4\r\nX-Transfer-Encoding: chunked\r\n") "abcd"),
		ROW(POST(
			CHUNKED) "2;a=b\r\nab\r\n2\r\ncd\r\n0\r\nX: 1\r\n\r\n"),
		ROW(GET("Content-Length: 4\r\n") "abcd" NEXT),
		ROW(WS("") HELLO HELLO CLOSE),
		ROW(NEXT WS("X: 1\r\n") HELLO CLOSE),
		ROW(WS("") HELLO "\x83\x80\1\2\3\4" HELLO),
		/* A wish that is not granted leaves what follows a request. */
		ROW(GET("Connection: Upgrade\r\nUpgrade: websocket\r\n") NEXT),
		ROW(GET("Connection: Upgrade\r\nUpgrade: h2c\r\n") NEXT),
		ROW(WS("Content-Length: 4\r\n") "abcd" NEXT),
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		try_everywhere(*state, &rows[i]);
}

static void requests__with_one_fault__are_refused_the_same(void **state)
{
	static const struct bytes rows[] = {
		ROW(LINE("GET /a b HTTP/1.1")),
		ROW(LINE("GET  / HTTP/1.1")),
		ROW(LINE("GET /#a HTTP/1.1")),
		ROW(LINE("GET /\x80 HTTP/1.1")),
		ROW(LINE("GET x HTTP/1.1")),
		ROW(LINE("GET / HTTP/1.2")),
		ROW(LINE("GET / HTTP/2.0")),
		ROW(LINE("GET / http/1.1")),
		ROW(LINE("get / HTTP/1.1")),
		ROW(LINE("CONNECT a:1 HTTP/1.1")),
		ROW("GET / HTTP/1.1\r\n\r\n"),
		ROW("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
		ROW("GET / HTTP/1.1\r\nHost: a, b/\r\n\r\n"),
		ROW(GET("A : 1\r\n")),
		ROW(GET("A\r\n")),
		ROW(GET(" A: 1\r\n")),
		ROW(GET("A: 1\r\n 2\r\n")),
		ROW(GET("A: \0\r\n")),
		ROW(GET("A: b\x7f" TEN "\r\n")),
		ROW(GET("A: 1\n")),
		ROW(GET("A: 1\r")),
		ROW(GET("Expect: x\r\n") NEXT),
		ROW(GET(FIVE FIVE FIVE "H:1\r\nH:2\r\nH:3\r\nI:4\r\nJ:\r\n")),
		ROW(GET("A: " CENT CENT CENT CENT CENT CENT CENT CENT CENT TEN
			"\r\n")),
		ROW(LINE("GET /" CENT TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
			 " HTTP/1.1")),
		ROW(POST("Content-Length: 4\r\nContent-Length: 4\r\n") "abcd"),
		ROW(POST("Content-Length: 4, 4\r\n") "abcd"),
		ROW(POST("Content-Length: +4\r\n") "abcd"),
		ROW(POST("Content-Length: 301\r\n") "abcd"),
		ROW(POST("Content-Length: 18446744073709551620\r\n") "abcd"),
		ROW(POST("Content-Length: 4\r\n" CHUNKED) "0\r\n\r\n"),
		ROW(POST("Transfer-Encoding: gzip, chunked\r\n") "0\r\n\r\n"),
		ROW(POST(CHUNKED CHUNKED) "0\r\n\r\n"),
		ROW(WS("Content-Length: 4\r\n") HELLO),
		ROW(WS("") "\x01\x85\1\2\3\4igohn" HELLO),
		ROW("\n" NEXT),
		ROW("\r\n\n" NEXT),
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		try_everywhere(*state, &rows[i]);
}

/* http_parser has a limit of 80 kB for each program. */
static void head__of_100_kB__is_the_same_in_pieces(void **state)
{
	struct site *site = *state;
	struct eio__strbuf b, whole;
	struct bytes raw;
	unsigned i;

	eio_server_set_option(site->srv, ENGINEIO_MAX_HEADER, 200000);
	eio__strbuf_init(&b, 0);
	eio__strbuf_init(&whole, 0);
	eio__strbuf_adds(&b, "GET / HTTP/1.1\r\n" HOST "X: ");
	for (i = 0; i < 1000; i++)
		eio__strbuf_adds(&b, CENT);
	eio__strbuf_adds(&b, "\r\n\r\n");
	raw.data = b.data;
	raw.len = b.len;
	talk(site, &raw, 1, &whole);
	check_cut(site, &raw, 50000, &whole, true);
	check_behind_line(site, &raw, &whole, true);
	eio__strbuf_clear(&whole);
	eio__strbuf_clear(&b);
	eio_server_set_option(site->srv, ENGINEIO_MAX_HEADER, MAX_HEADER);
}

/* -- heads by chance ----------------------------------------------------- */

static uint64_t seed;

static unsigned chance(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 20) % n;
}

/* The first is the usual one. */
#define PICK(b, usual, texts) pick(b, usual, texts, COUNT(texts))

static void pick(struct eio__strbuf *b, unsigned usual,
	const struct bytes *texts, size_t n)
{
	size_t i = chance(100) < usual ? 0 : chance((unsigned)n);

	eio__strbuf_add(b, texts[i].data, texts[i].len);
}

static void add_line_end(struct eio__strbuf *b)
{
	static const struct bytes ends[] = { ROW("\r\n"), ROW("\n"), ROW("\r"),
		ROW("\r\r\n"), ROW("\r\n "), ROW(" \r\n"), ROW("\t\r\n"),
		ROW("\0\r\n") };

	PICK(b, 97, ends);
}

static void add_request_line(struct eio__strbuf *b)
{
	static const struct bytes methods[] = { ROW("GET"), ROW("POST"),
		ROW("POST"), ROW("PUT"), ROW("HEAD"), ROW("OPTIONS"),
		ROW("CONNECT"), ROW("get"), ROW("GETS"), ROW("PRI"),
		ROW("M-SEARCH"), ROW("SOURCE"), ROW("") };
	static const struct bytes targets[] = { ROW("/"), ROW("/?a=1&b=2"),
		ROW("/?a=%41"), ROW("/x/y?a"), ROW("*"), ROW("x"), ROW("/#a"),
		ROW("/a?b#c"), ROW("//x"), ROW("http://h/?a=1"),
		ROW("https://u@h:1"), ROW("http://"), ROW("HTTP://h"),
		ROW("ftp://h/"), ROW("/\x80"), ROW("/\x7f"), ROW("/\t"),
		ROW("/\\\"<>{}|^`"), ROW("/%00"), ROW("/?a=%"), ROW("?a"),
		ROW("/a:b@c"), ROW("") };
	static const struct bytes versions[] = { ROW("HTTP/1.1"),
		ROW("HTTP/1.0"), ROW("HTTP/1.2"), ROW("HTTP/0.9"),
		ROW("HTTP/2.0"), ROW("http/1.1"), ROW("HTTP/1.1 "),
		ROW("HTTP/11"), ROW("HTTP/1.10"), ROW("ICE/1.0"), ROW("") };
	static const struct bytes blanks[] = { ROW(" "), ROW("  "), ROW("\t"),
		ROW("") };

	PICK(b, 50, methods);
	PICK(b, 98, blanks);
	PICK(b, 50, targets);
	PICK(b, 98, blanks);
	PICK(b, 92, versions);
	add_line_end(b);
}

static void add_header(struct eio__strbuf *b)
{
	static const struct bytes names[] = { ROW("X"), ROW("Content-Length"),
		ROW("content-length"), ROW("Transfer-Encoding"),
		ROW("transfer-encoding"), ROW("Connection"), ROW("Upgrade"),
		ROW("Expect"), ROW("Cookie"), ROW("Host"), ROW("HOST"),
		ROW("Content_Length"), ROW("Content-Length "), ROW(" X"),
		ROW("X Y"), ROW("\x80"), ROW("X\t"), ROW(""), ROW("X("),
		ROW("Transfer-Encoding\0"), ROW("Proxy-Connection"),
		ROW("Keep-Alive"), ROW("Trailer"), ROW("TE"),
		ROW("Transfer-Encodings"), ROW("Content-Lengths"),
		ROW("Connections"), ROW("Upgrades"), ROW("Content-Lengt"),
		ROW("Transfer-Encodin") };
	static const struct bytes colons[] = { ROW(": "), ROW(":"), ROW(":\t"),
		ROW(":  \t"), ROW(" :"), ROW("::"), ROW(""), ROW(":\r\n ") };
	static const struct bytes values[] = { ROW("1"), ROW("4"), ROW("0"),
		ROW(""), ROW("4 "), ROW("+4"), ROW("4,4"), ROW("0x4"),
		ROW("04"), ROW("18446744073709551620"), ROW("chunked"),
		ROW("Chunked"), ROW("chunked "), ROW("gzip, chunked"),
		ROW("chunked, chunked"), ROW("identity"), ROW("\vchunked"),
		ROW("chunked\t"), ROW("close"), ROW("keep-alive, Upgrade"),
		ROW("upgrade"), ROW("websocket"), ROW("h2c"),
		ROW("100-continue"), ROW("a=b; c=d"), ROW("a\tb"), ROW("a  b"),
		ROW("\x80\xff"), ROW("a\x7f"), ROW("\1"), ROW("a\0b"),
		ROW("a\rb"), ROW("a:b"), ROW(CENT) };

	PICK(b, 20, names);
	PICK(b, 90, colons);
	PICK(b, 20, values);
	add_line_end(b);
}

/* Now and then one that reaches a limit, or just does not. */
static void add_long(struct eio__strbuf *b)
{
	size_t n = MAX_HEADER - 20 + chance(40), i;

	if (chance(40) || b->len + 8 > n)
		return;
	eio__strbuf_adds(b, "L: ");
	for (i = b->len + 4; i < n; i++)
		eio__strbuf_addc(b, 'l');
	eio__strbuf_adds(b, "\r\n");
}

static void add_body(struct eio__strbuf *b)
{
	static const struct bytes bodies[] = { ROW(""), ROW("abcd"),
		ROW("4\r\nabcd\r\n0\r\n\r\n"), ROW("0\r\n\r\n"),
		ROW("4\nabcd\r\n0\r\n\r\n"), ROW("4 \r\nabcd\r\n0\r\n\r\n"),
		ROW("4;a\r\nabcd\r\n0\r\na: b\r\n\r\n"),
		ROW("10000000000000004\r\nabcd\r\n0\r\n\r\n"), ROW(HELLO),
		ROW("\r\n"), ROW("\n") };

	PICK(b, 40, bodies);
}

/* One of the bytes that parsers disagree about, somewhere. */
static void spoil(struct eio__strbuf *b)
{
	static const char bad[] = "\0\1\t\n\v\f\r \x7f\x80\xff:;,#?%/(\"_0";
	char c = bad[chance(sizeof(bad) - 1)];
	size_t at = chance((unsigned)b->len);

	if (chance(3) == 0)
		b->data[at] = c;
	if (chance(3) == 0)
		memmove(b->data + at, b->data + at + 1, --b->len - at);
	else if (chance(2) == 0 && !eio__strbuf_addc(b, 0)) {
		memmove(b->data + at + 1, b->data + at, b->len - 1 - at);
		b->data[at] = c;
	}
}

static void add_request(struct eio__strbuf *b)
{
	unsigned n = chance(4);

	add_request_line(b);
	if (chance(20))
		eio__strbuf_adds(b, HOST);
	while (n--)
		add_header(b);
	add_long(b);
	add_line_end(b);
	add_body(b);
}

static void make(struct eio__strbuf *b)
{
	unsigned n = 1 + chance(3);

	eio__strbuf_init(b, 0);
	while (n--)
		add_request(b);
	if (chance(4) == 0)
		spoil(b);
	assert_int_equal(b->error, 0);
}

static void write_down(FILE *file, const struct eio__strbuf *raw,
	const struct eio__strbuf *answer)
{
	if (!file)
		return;
	fprintf(file, "%zu %zu\n", raw->len, answer->len);
	fwrite(raw->data, 1, raw->len, file);
	fwrite(answer->data, 1, answer->len, file);
}

static void try_by_chance(struct site *site, FILE *file)
{
	struct eio__strbuf raw, whole;
	struct bytes bytes;

	make(&raw);
	bytes.data = raw.data;
	bytes.len = raw.len;
	eio__strbuf_init(&whole, 0);
	talk(site, &bytes, 1, &whole);
	check_ways(site, &bytes, &whole, false);
	check_cut(site, &bytes, chance((unsigned)raw.len), &whole, false);
	check_cut(site, &bytes, chance((unsigned)raw.len), &whole, false);
	write_down(file, &raw, &whole);
	eio__strbuf_clear(&raw);
	eio__strbuf_clear(&whole);
}

static void requests__by_chance__are_the_same(void **state)
{
	const char *many = getenv("ALIKE_HEADS"), *name = getenv("ALIKE_FILE");
	FILE *file = name ? fopen(name, "w") : NULL;
	long i, n = many ? strtol(many, NULL, 10) : 3000;

	seed = UINT64_C(88172645463325252);
	for (i = 0; i < n; i++)
		try_by_chance(*state, file);
	if (file)
		fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests__that_are_good__are_the_same),
		cmocka_unit_test(
			requests__with_one_fault__are_refused_the_same),
		cmocka_unit_test(head__of_100_kB__is_the_same_in_pieces),
		cmocka_unit_test(requests__by_chance__are_the_same),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
