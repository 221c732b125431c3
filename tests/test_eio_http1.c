/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http1.c: requests as raw bytes, and what becomes of them: framing,
 * lines, targets, versions, Host, keep-alive, pipelining, and bytes behind an
 * upgrade. Every row is sent whole and byte by byte, with the same outcome.
 *
 * What Node's parser refuses is refused; where a row is stricter, the reason
 * stands beside it.
 */
#include <config.h>

#include "fake_web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define HOST     "Host: a\r\n"
#define GET(h)   "GET / HTTP/1.1\r\n" HOST h "\r\n"
#define POST(h)  "POST /p HTTP/1.1\r\n" HOST h "\r\n"
#define CHUNKED  "Transfer-Encoding: chunked\r\n"
#define LINE(l)  l "\r\n" HOST "\r\n"
#define NEXT     "GET /n HTTP/1.1\r\n" HOST "\r\n"
#define UPGRADE  "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define WS_KEY   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define WS       UPGRADE WS_KEY "Sec-WebSocket-Version: 13\r\n"
#define REFUSED  "400 | closed"
#define GOT      "200 GET / "
#define GOT_NEXT "200 GET /n "
#define POSTED   "200 POST /p abcd"

struct row {
	const char *raw;
	size_t len;
	const char *outcome;
};

#define ROW(raw, outcome) \
	{ \
		raw, sizeof(raw) - 1, outcome \
	}

static void try_row(struct fake_web *web, const struct row *row, size_t step)
{
	const char *outcome = fake_web_outcome(web, row->raw, row->len, step);

	if (strcmp(outcome, row->outcome) != 0)
		fail_msg("\"%s\", step %zu: \"%s\" instead of \"%s\"", row->raw,
			step, outcome, row->outcome);
}

static void try_rows(struct fake_web *web, const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		try_row(web, &rows[i], 0);
		try_row(web, &rows[i], 1);
		try_row(web, &rows[i], 7);
	}
}

/* -- framing (RFC 9112 section 6) ---------------------------------------- */

static void length__every_form__is_one_number_or_refused(void **state)
{
	static const struct row rows[] = {
		ROW(POST("Content-Length: 4\r\n") "abcd", POSTED),
		ROW(POST("content-LENGTH:4\r\n") "abcd", POSTED),
		ROW(POST("Content-Length: 0004\r\n") "abcd", POSTED),
		ROW(POST("Content-Length: 0\r\n") NEXT,
			"200 POST /p  | " GOT_NEXT),
		ROW(POST("") NEXT, "200 POST /p  | " GOT_NEXT),
		ROW(POST("Content-Length: +4\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: -4\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: 4x\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: 0x4\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: 4.0\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: 4e0\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: \"4\"\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: 4 4\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: 4,\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: 4, 4\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length:\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: \r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: \t 4  \r\n") "abcd", POSTED),
		/* allowed, but not by every parser */
		ROW(POST("Content-Length: 4\t\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: 4 \t \r\n") "abcd", REFUSED),
		ROW(POST("Content-Length: 4\0\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length : 4\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length\t: 4\r\n") "abcd", REFUSED),
		ROW(POST("Content-Length:\r\n 4\r\n") "abcd", REFUSED),
		/* beyond what any limit allows */
		ROW(POST("Content-Length: 9223372036854775808\r\n"), REFUSED),
		ROW(POST("Content-Length: 18446744073709551616\r\n"), REFUSED),
		ROW(POST("Content-Length: 18446744073709551620\r\n") "abcd",
			REFUSED),
		ROW(POST("Content-Length: 99999999999999999999999\r\n"),
			REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void length__twice__is_refused(void **state)
{
	static const struct row rows[] = {
		ROW(POST("Content-Length: 4\r\nContent-Length: 4\r\n") "abcd",
			REFUSED),
		ROW(POST("Content-Length: 4\r\nContent-Length: 5\r\n") "abcde",
			REFUSED),
		ROW(POST("Content-Length: 0\r\ncontent-length: 4\r\n") "abcd",
			REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

/* A head that is plain is read without the parser, but only when it comes
 * whole. */
static void head__plain_or_nearly_so__is_read_alike(void **state)
{
	static const struct row rows[] = {
		ROW("GET / HTTP/1.1\r\nHost:a\r\n\r\n", GOT),
		ROW("GET / HTTP/1.1\r\nHost:   a  \r\n\r\n", GOT),
		ROW("GET / HTTP/1.1\r\nHost:\ta\t\r\n\r\n", GOT),
		ROW("GET / HTTP/1.1\r\nA:\r\nB: \r\nHost: a\r\n\r\n", GOT),
		ROW("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", REFUSED),
		ROW("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", REFUSED),
		ROW(GET("A: b\tc\r\n"), GOT),
		ROW(GET("A: \xe2\x82\xac\r\n"), GOT),
		ROW(GET("A: b\x7f\r\n"), REFUSED),
		ROW(GET("A: b\1\r\n"), REFUSED),
		ROW(GET("A: b\0\r\n"), REFUSED),
		ROW(GET("A: b\r\r\n"), REFUSED),
		ROW(GET("A: b\n"), REFUSED),
		ROW(GET("A : b\r\n"), REFUSED),
		ROW(GET(": b\r\n"), REFUSED),
		ROW(GET("A\r\n"), REFUSED),
		ROW(GET("A\xe2: b\r\n"), REFUSED),
		ROW(LINE("GET /\xe2 HTTP/1.1"), REFUSED),
		ROW(LINE("GET  / HTTP/1.1"), REFUSED),
		ROW(LINE("GET / HTTP/1.1 "), REFUSED),
		ROW(LINE("GET /\tn HTTP/1.1"), REFUSED),
		ROW(GET("") NEXT, GOT " | " GOT_NEXT),
		ROW(GET("") "GET  /n HTTP/1.1\r\n" HOST "\r\n",
			GOT " | " REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

#define ABCD "4\r\nabcd\r\n0\r\n\r\n"

static void transfer_encoding__anything_but_chunked__is_refused(void **state)
{
	static const struct row rows[] = {
		ROW(POST(CHUNKED) ABCD NEXT, POSTED " | " GOT_NEXT),
		ROW(POST("transfer-ENCODING:CHUNKED\r\n") ABCD, POSTED),
		ROW(POST("Transfer-Encoding:\t chunked \t\r\n") ABCD, POSTED),
		ROW(POST(CHUNKED CHUNKED) ABCD, REFUSED),
		ROW(POST("Transfer-Encoding: chunked, gzip\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding: chunked, chunked\r\n") ABCD,
			REFUSED),
		ROW(POST("Transfer-Encoding: chunked, identity\r\n") ABCD,
			REFUSED),
		ROW(POST("Transfer-Encoding: identity\r\n") "abcd", REFUSED),
		ROW(POST("Transfer-Encoding: xchunked\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding: chunkedx\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding: chunked,\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding: \"chunked\"\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding: chunked;a=b\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding: \013chunked\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding: chunked\0\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding:\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding : chunked\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding:\r\n chunked\r\n") ABCD, REFUSED),
		/* Node takes these two; what is within the chunks would be
		 * handed over packed */
		ROW(POST("Transfer-Encoding: gzip, chunked\r\n") ABCD, REFUSED),
		ROW(POST("Transfer-Encoding: ,chunked\r\n") ABCD, REFUSED),
		/* RFC 9112 section 6.1: "ought to be" an error */
		ROW("POST /p HTTP/1.0\r\n" HOST CHUNKED "\r\n" ABCD, REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void framing__both_headers__are_refused(void **state)
{
	static const struct row rows[] = {
		ROW(POST("Content-Length: 4\r\n" CHUNKED) ABCD, REFUSED),
		ROW(POST(CHUNKED "Content-Length: 4\r\n") ABCD, REFUSED),
		ROW(POST(CHUNKED "Content-Length: 14\r\n") ABCD, REFUSED),
		ROW(POST("Content-Length: 0\r\n" CHUNKED) ABCD, REFUSED),
		ROW(POST("Content-Length: 4\r\nTransfer-Encoding: x\r\n") ABCD,
			REFUSED),
		ROW(POST("Content-Length:\r\n" CHUNKED) ABCD, REFUSED),
		/* another name is another header */
		ROW(POST("Content-Length: 4\r\n"
			 "Transfer_Encoding: chunked\r\n") "abcd",
			POSTED),
		ROW(POST("Content-Length: 4\r\n"
			 "XTransfer-Encoding: chunked\r\n") "abcd",
			POSTED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void framing__of_a_get__is_the_same(void **state)
{
	static const struct row rows[] = {
		ROW(GET("Content-Length: 4\r\n") "abcd" NEXT,
			"200 GET / abcd | " GOT_NEXT),
		ROW(GET(CHUNKED) ABCD NEXT, "200 GET / abcd | " GOT_NEXT),
		ROW(GET("Content-Length: 4\r\n" CHUNKED) ABCD, REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

/* Every form of a chunk is in test_eio_chunked.c. */
static void chunks__that_break_the_rules__are_refused(void **state)
{
	static const struct row rows[] = {
		ROW(POST(CHUNKED) "4\rXabcd\r\n0\r\n\r\n" NEXT, REFUSED),
		ROW(POST(CHUNKED) "4\nabcd\r\n0\r\n\r\n" NEXT, REFUSED),
		ROW(POST(CHUNKED) "4\r\nabcdXX0\r\n\r\n" NEXT, REFUSED),
		ROW(POST(CHUNKED) "4\r\nabcd\r\n0\r\n\n" NEXT, REFUSED),
		ROW(POST(CHUNKED) "4\r\nabcd\r\n0\r\n\rX" NEXT, REFUSED),
		ROW(POST(CHUNKED) "10000000000000004\r\nabcd\r\n", REFUSED),
		ROW(POST(CHUNKED) "4\r\nabcd\r\n0\r\nContent-Length: 4\r\n\r\n",
			REFUSED),
		ROW(POST(CHUNKED) "4;a=b\r\nabcd\r\n0\r\nX: 1\r\n\r\n" NEXT,
			POSTED " | " GOT_NEXT),
	};

	try_rows(*state, rows, COUNT(rows));
}

/* -- lines (RFC 9112 sections 2.2 and 5) --------------------------------- */

static void lines__that_do_not_end_in_crlf__are_refused(void **state)
{
	static const struct row rows[] = {
		ROW("GET / HTTP/1.1\n" HOST "\r\n", REFUSED),
		ROW("GET / HTTP/1.1\r\nHost: a\n\r\n", REFUSED),
		ROW("GET / HTTP/1.1\r\n" HOST "\n", REFUSED),
		ROW("GET / HTTP/1.1\nHost: a\n\n", REFUSED),
		ROW("GET / HTTP/1.1\r\n" HOST "\rX", REFUSED),
		ROW("GET / HTTP/1.1\r\r\n" HOST "\r\n", REFUSED),
		ROW("GET / HTTP/1.1\rHost: a\r\r", REFUSED),
		ROW(GET("X: a\rb\r\n"), REFUSED),
		ROW(GET("X: a\nb\r\n"), REFUSED),
		ROW(GET("X\r: a\r\n"), REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void lines__that_begin_with_a_blank__are_refused(void **state)
{
	static const struct row rows[] = {
		ROW(GET("X: 1\r\n 2\r\n"), REFUSED),
		ROW(GET("X: 1\r\n\t2\r\n"), REFUSED),
		ROW(GET("X:\r\n 1\r\n"), REFUSED),
		ROW("GET / HTTP/1.1\r\n Host: a\r\n\r\n", REFUSED),
		ROW("GET / HTTP/1.1\r\n \r\n" HOST "\r\n", REFUSED),
		ROW(" GET / HTTP/1.1\r\n" HOST "\r\n", REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void empty_lines__before_a_request__are_skipped(void **state)
{
	static const struct row rows[] = {
		ROW("\r\n" NEXT, GOT_NEXT),
		ROW("\r\n\r\n\r\n" NEXT "\r\n" NEXT, GOT_NEXT " | " GOT_NEXT),
		ROW(POST("Content-Length: 4\r\n") "abcd\r\n" NEXT,
			POSTED " | " GOT_NEXT),
		/* Node takes these two; they are no lines */
		ROW("\n" NEXT, REFUSED),
		ROW("\r" NEXT, REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void names__that_are_no_tokens__are_refused(void **state)
{
	static const struct row rows[] = {
		ROW(GET("!#$%&'*+-.^_`|~09azAZ: 1\r\n"), GOT),
		ROW(GET("X Y: 1\r\n"), REFUSED),
		ROW(GET("X : 1\r\n"), REFUSED),
		ROW(GET("X\t: 1\r\n"), REFUSED),
		ROW(GET(": 1\r\n"), REFUSED),
		ROW(GET("X\r\n"), REFUSED),
		ROW(GET("X(: 1\r\n"), REFUSED),
		ROW(GET("X@: 1\r\n"), REFUSED),
		ROW(GET("X/: 1\r\n"), REFUSED),
		ROW(GET("X\": 1\r\n"), REFUSED),
		ROW(GET("X{: 1\r\n"), REFUSED),
		ROW(GET("X;: 1\r\n"), REFUSED),
		ROW(GET("X\0Y: 1\r\n"), REFUSED),
		ROW(GET("X\001: 1\r\n"), REFUSED),
		ROW(GET("X\x7f: 1\r\n"), REFUSED),
		ROW(GET("X\xe9: 1\r\n"), REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void values__with_control_characters__are_refused(void **state)
{
	static const struct row rows[] = {
		ROW(GET("X:\r\nY: 1\r\n"), GOT),
		ROW(GET("X:1\r\n"), GOT),
		ROW(GET("X: a\tb\r\n"), GOT),
		ROW(GET("X: a:b\r\n"), GOT),
		ROW(GET("X: \xe9\xff\x80\r\n"), GOT),
		ROW(GET("X: a\0b\r\n"), REFUSED),
		ROW(GET("X: \001\r\n"), REFUSED),
		ROW(GET("X: a\013b\r\n"), REFUSED),
		ROW(GET("X: a\014b\r\n"), REFUSED),
		ROW(GET("X: a\033b\r\n"), REFUSED),
		ROW(GET("X: a\x7f\r\n"), REFUSED),
		/* http_parser looks for the end of these only */
		ROW(GET("X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"\001\r\n"),
			REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

/* -- the request line (RFC 9112 section 3) ------------------------------- */

static void request_line__in_any_other_form__is_refused(void **state)
{
	static const struct row rows[] = {
		ROW(LINE("GET / HTTP/1.1 "), REFUSED),
		ROW(LINE("GET\t/ HTTP/1.1"), REFUSED),
		ROW(LINE("GET / HTTP/1.1\t"), REFUSED),
		ROW(LINE("GET  HTTP/1.1"), REFUSED),
		ROW(LINE("GET HTTP/1.1"), REFUSED),
		ROW(LINE("GET / x HTTP/1.1"), REFUSED),
		ROW(LINE("/ HTTP/1.1"), REFUSED),
		ROW("\0" NEXT, REFUSED),
		/* Node takes these two: where does the target begin? */
		ROW(LINE("GET  / HTTP/1.1"), REFUSED),
		ROW(LINE("GET /  HTTP/1.1"), REFUSED),
		/* TLS and a WebSocket frame */
		ROW("\x16\x03\x01\x02\x00\x01\x00\x01", REFUSED),
		ROW("\x81\x85\x01\x02\x03\x04\x05", REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void method__unknown_or_lower_case__is_refused(void **state)
{
	static const struct row rows[] = {
		ROW(LINE("PUT / HTTP/1.1"), "200 PUT / "),
		ROW(LINE("DELETE / HTTP/1.1"), "200 DELETE / "),
		ROW(LINE("PATCH / HTTP/1.1"), "200 PATCH / "),
		ROW(LINE("OPTIONS / HTTP/1.1"), "200 OPTIONS / "),
		ROW(LINE("TRACE / HTTP/1.1"), "200 TRACE / "),
		ROW(LINE("PROPFIND / HTTP/1.1"), "200 PROPFIND / "),
		ROW(LINE("get / HTTP/1.1"), REFUSED),
		ROW(LINE("Get / HTTP/1.1"), REFUSED),
		ROW(LINE("GETS / HTTP/1.1"), REFUSED),
		ROW(LINE("FOO / HTTP/1.1"), REFUSED),
		ROW(LINE("G=T / HTTP/1.1"), REFUSED),
		ROW(LINE("CONNECT a:80 HTTP/1.1"), "501 | closed"),
		ROW(LINE("CONNECT / HTTP/1.1"), "501 | closed"),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void version__other_than_1_0_and_1_1__is_refused(void **state)
{
	static const struct row rows[] = {
		ROW("GET / HTTP/1.0\r\n\r\n", GOT " | closed"),
		ROW("GET /\r\n\r\n", "505 | closed"),
		ROW(LINE("GET / HTTP/0.9"), "505 | closed"),
		ROW(LINE("GET / HTTP/1.2"), "505 | closed"),
		ROW(LINE("GET / HTTP/2.0"), "505 | closed"),
		ROW(LINE("GET / HTTP/3.0"), "505 | closed"),
		ROW(LINE("GET / HTTP/1.10"), REFUSED),
		ROW(LINE("GET / HTTP/01.1"), REFUSED),
		ROW(LINE("GET / HTTP/11.1"), REFUSED),
		ROW(LINE("GET / HTTP/1"), REFUSED),
		ROW(LINE("GET / HTTP/1."), REFUSED),
		ROW(LINE("GET / HTTP/1.x"), REFUSED),
		ROW(LINE("GET / HTTP/ 1.1"), REFUSED),
		ROW(LINE("GET / http/1.1"), REFUSED),
		/* http_parser without its strict checks takes these */
		ROW(LINE("GET / HTP/1.1"), REFUSED),
		ROW(LINE("GET / HXXP/1.1"), REFUSED),
		ROW(LINE("GET / HTTPS/1.1"), REFUSED),
		ROW(LINE("SOURCE / ICE/1.0"), REFUSED),
		ROW(LINE("GET / RTSP/1.0"), REFUSED),
		ROW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void target__in_each_form__is_taken_or_refused(void **state)
{
	static const struct row rows[] = {
		ROW(LINE("GET /a?b=c&d HTTP/1.1"), "200 GET /a?b=c&d "),
		ROW(LINE("GET /?b=c/&d HTTP/1.1"), "200 GET /?b=c/&d "),
		ROW(LINE("GET /#b HTTP/1.1"), "200 GET /#b "),
		ROW(LINE("GET /?\"<>\\^`{|} HTTP/1.1"),
			"200 GET /?\"<>\\^`{|} "),
		/* a whole URL means its path */
		ROW(LINE("GET http://h/ HTTP/1.1"), "200 GET http://h/ "),
		ROW(LINE("GET HTTPS://h:1/?x HTTP/1.1"),
			"200 GET HTTPS://h:1/?x "),
		ROW(LINE("GET http://h HTTP/1.1"), "200 GET http://h "),
		ROW(LINE("GET http://h?x HTTP/1.1"), "200 GET http://h?x "),
		ROW(LINE("GET http://h/b HTTP/1.1"), "200 GET http://h/b "),
		ROW(LINE("GET http:/h HTTP/1.1"), REFUSED),
		ROW(LINE("GET httpx://h/ HTTP/1.1"), REFUSED),
		ROW(LINE("GET ftp://h/ HTTP/1.1"), REFUSED),
		ROW(LINE("GET a HTTP/1.1"), REFUSED),
		ROW(LINE("GET ?a HTTP/1.1"), REFUSED),
		ROW(LINE("GET a:80 HTTP/1.1"), REFUSED),
		/* the server as a whole */
		ROW(LINE("OPTIONS * HTTP/1.1"), "404 not found"),
		ROW(LINE("GET * HTTP/1.1"), REFUSED),
		ROW(LINE("OPTIONS *x HTTP/1.1"), REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void target__with_bytes_no_url_has__is_refused(void **state)
{
	static const struct row rows[] = {
		ROW(LINE("GET /\0 HTTP/1.1"), REFUSED),
		ROW(LINE("GET /\001 HTTP/1.1"), REFUSED),
		ROW(LINE("GET /\t HTTP/1.1"), REFUSED),
		ROW(LINE("GET /\013 HTTP/1.1"), REFUSED),
		ROW(LINE("GET /\014 HTTP/1.1"), REFUSED),
		ROW(LINE("GET /\x7f HTTP/1.1"), REFUSED),
		ROW(LINE("GET /\xe9 HTTP/1.1"), REFUSED),
		ROW(LINE("GET /\xc3\xa9 HTTP/1.1"), REFUSED),
		ROW(LINE("GET /?\xff HTTP/1.1"), REFUSED),
		ROW(LINE("GET /\r HTTP/1.1"), REFUSED),
		ROW(LINE("GET /\n HTTP/1.1"), REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

/* -- Host, Connection, Expect -------------------------------------------- */

#define AT_HOST(h) "GET / HTTP/1.1\r\n" h "\r\n"

static void host__not_exactly_one__is_refused(void **state)
{
	static const struct row rows[] = {
		ROW(AT_HOST(""), REFUSED),
		ROW(AT_HOST("Host: a\r\nHost: a\r\n"), REFUSED),
		ROW(AT_HOST("Host: a\r\nX: 1\r\nhost: b\r\n"), REFUSED),
		ROW("GET http://a/ HTTP/1.1\r\n\r\n", REFUSED),
		ROW("GET / HTTP/1.0\r\n\r\n", GOT " | closed"),
		ROW("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", REFUSED),
		ROW(AT_HOST("Host:\r\n"), GOT),
		ROW(AT_HOST("Host: a.example:8080\r\n"), GOT),
		ROW(AT_HOST("Host: [::1]:8080\r\n"), GOT),
		ROW(AT_HOST("Host: 192.0.2.1\r\n"), GOT),
		ROW(AT_HOST("Host: xn--bcher-kva_x\r\n"), GOT),
		/* RFC 9112 section 3.2: no host can be meant with these */
		ROW(AT_HOST("Host: a b\r\n"), REFUSED),
		ROW(AT_HOST("Host: a, b\r\n"), REFUSED),
		ROW(AT_HOST("Host: a/b\r\n"), REFUSED),
		ROW(AT_HOST("Host: u@a\r\n"), REFUSED),
		ROW(AT_HOST("Host: a?b\r\n"), REFUSED),
		ROW(AT_HOST("Host: a#b\r\n"), REFUSED),
		ROW(AT_HOST("Host: a\\b\r\n"), REFUSED),
		ROW(AT_HOST("Host: b\xc3\xbc\r\n"), REFUSED),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void connection__each_form__keeps_or_closes(void **state)
{
	static const struct row rows[] = {
		ROW(NEXT NEXT NEXT, GOT_NEXT " | " GOT_NEXT " | " GOT_NEXT),
		ROW(GET("Connection: close\r\n") NEXT, GOT " | closed"),
		ROW(GET("Connection: CLOSE\r\n") NEXT, GOT " | closed"),
		ROW(GET("Connection: foo, close\r\n") NEXT, GOT " | closed"),
		ROW(GET("Connection:foo,close\r\n") NEXT, GOT " | closed"),
		ROW(GET("Connection: , close ,\r\n") NEXT, GOT " | closed"),
		ROW(GET("Connection: keep-alive, close\r\n") NEXT,
			GOT " | closed"),
		/* a misspelt first word makes http_parser overlook the next */
		ROW(GET("Connection: keep-aliv, close\r\n") NEXT,
			GOT " | closed"),
		ROW(GET("Connection: keep-alive\r\nConnection: close\r\n") NEXT,
			GOT " | closed"),
		ROW(GET("Connection: closed\r\n") NEXT, GOT " | " GOT_NEXT),
		ROW(GET("Connection: x-close\r\n") NEXT, GOT " | " GOT_NEXT),
		ROW("GET / HTTP/1.0\r\n\r\n" NEXT, GOT " | closed"),
		ROW("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" NEXT,
			GOT " | " GOT_NEXT),
		ROW("GET / HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n" NEXT,
			GOT " | " GOT_NEXT),
		ROW("GET / HTTP/1.0\r\n"
		    "Connection: keep-alive, close\r\n\r\n" NEXT,
			GOT " | closed"),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void connection__of_an_answer__is_what_happens(void **state)
{
	static const struct {
		const char *raw, *connection, *keep_alive;
	} rows[] = {
		{ NEXT, "keep-alive", "timeout=10" },
		{ GET("Connection: close\r\n"), "close", "" },
		{ "GET / HTTP/1.0\r\n\r\n", "close", "" },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			"keep-alive", "timeout=10" },
		{ "nonsense\r\n\r\n", "close", "" },
		{ POST("Content-Length: 1000001\r\n"), "close", "" },
	};
	struct fake_web *web = *state;
	struct fake_conn *c;
	struct fake_reply r;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		c = fake_connect(web->loop);
		fake_puts(c, rows[i].raw);
		r = fake_reply(c);
		assert_string_equal(fake_reply_header(&r, "Connection"),
			rows[i].connection);
		assert_string_equal(fake_reply_header(&r, "Keep-Alive"),
			rows[i].keep_alive);
		assert_string_equal(fake_reply_header(&r, "Date"),
			"Fri, 20 Nov 2026 00:00:00 GMT");
		fake_reply_clear(&r);
		fake_free(c);
	}
}

static void expect__100_continue__is_answered_before_the_body(void **state)
{
	static const struct row rows[] = {
		ROW(POST("Expect: 100-continue\r\nContent-Length: 4\r\n"),
			"100"),
		ROW(POST("Expect: 100-continue\r\nContent-Length: 4\r\n") "abcd",
			"100 | " POSTED),
		ROW(POST("Expect: 100-CONTINUE\r\n" CHUNKED) ABCD,
			"100 | " POSTED),
		/* no body, nothing to wait for */
		ROW(GET("Expect: 100-continue\r\n"), GOT),
		ROW(POST("Expect: 100-continue\r\nContent-Length: 0\r\n"),
			"200 POST /p "),
		/* RFC 9110 section 10.1.1: ignored in HTTP/1.0 */
		ROW("POST /p HTTP/1.0\r\nExpect: 100-continue\r\n"
		    "Content-Length: 4\r\n\r\nabcd",
			POSTED " | closed"),
		ROW(POST("Expect: foo\r\nContent-Length: 4\r\n") "abcd",
			"417 | closed"),
		ROW(POST("Expect: 100-continue, foo\r\nContent-Length: 4\r\n") "abcd",
			"417 | closed"),
		/* too much is told before it is sent */
		ROW(POST("Expect: 100-continue\r\n"
			 "Content-Length: 1000001\r\n"),
			"413 | closed"),
	};
	struct fake_web *web = *state;

	assert_int_equal(eio_server_option(web->srv, ENGINEIO_MAX_PAYLOAD),
		1000000);
	try_rows(web, rows, COUNT(rows));
}

/* -- pipelining ---------------------------------------------------------- */

#define HELD(q) "GET /hold" q " HTTP/1.1\r\n" HOST "\r\n"

static void pipelining__behind_a_held_request__waits_for_it(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, HELD("") NEXT NEXT);
	assert_int_equal(web->count, 1);
	assert_int_equal(web->calls, 1);
	assert_string_equal(fake_web_answers(c), "");
	fake_puts(c, NEXT);
	assert_int_equal(web->calls, 1);
	fake_web_release(web, 0);
	assert_string_equal(fake_web_answers(c),
		"200 held /hold | " GOT_NEXT " | " GOT_NEXT " | " GOT_NEXT);
	assert_int_equal(fake_writes(c), 1);
	fake_free(c);
}

static void pipelining__of_held_requests__keeps_the_order(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, HELD("?1") HELD("?2") NEXT HELD("?3"));
	assert_int_equal(web->count, 1);
	fake_web_release(web, 0);
	assert_int_equal(web->count, 2);
	assert_string_equal(fake_web_answers(c), "200 held /hold?1");
	fake_web_release(web, 1);
	assert_string_equal(fake_web_answers(c),
		"200 held /hold?2 | " GOT_NEXT);
	fake_web_release(web, 2);
	assert_string_equal(fake_web_answers(c), "200 held /hold?3");
	fake_free(c);
}

static void pipelining__of_bodies__is_told_apart(void **state)
{
	static const struct row rows[] = {
		ROW(POST("Content-Length: 4\r\n") "abcd" POST(CHUNKED)
				ABCD POST("Content-Length: 4\r\n") "GET " NEXT,
			POSTED " | " POSTED " | 200 POST /p GET  | " GOT_NEXT),
		/* a request inside a body is a body */
		ROW(POST("Content-Length: 28\r\n") NEXT NEXT,
			"200 POST /p " NEXT " | " GOT_NEXT),
		ROW(POST("Content-Length: 4\r\n") "abcdGE", POSTED),
		ROW(POST("Content-Length: 4\r\n") "abcdX\r\n\r\n",
			POSTED " | " REFUSED),
		ROW(NEXT "nonsense\r\n\r\n" NEXT, GOT_NEXT " | " REFUSED),
	};

	assert_int_equal(strlen(NEXT), 28);
	try_rows(*state, rows, COUNT(rows));
}

static void pipelining__behind_an_answer_that_closes__is_dropped(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);

	fake_puts(c, GET("Connection: close\r\n") NEXT);
	fake_puts(c, NEXT);
	assert_int_equal(web->calls, 1);
	assert_string_equal(fake_web_answers(c), GOT " | closed");
	fake_free(c);
}

static void pipelining__of_a_thousand__answers_each(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	struct eio__strbuf b;
	unsigned i;

	eio__strbuf_init(&b, 0);
	for (i = 0; i < 1000; i++)
		eio__strbuf_adds(&b, NEXT);
	fake_send(c, b.data, b.len);
	eio__strbuf_clear(&b);
	assert_int_equal(web->calls, 1000);
	for (i = 0; i < 1000; i++) {
		struct fake_reply r = fake_reply(c);

		assert_int_equal(r.status, 200);
		fake_reply_clear(&r);
	}
	assert_int_equal(fake_received(c)->len, 0);
	fake_free(c);
}

/* -- answers that come before the body ----------------------------------- */

static enum eio_verdict forbid(eio_request *req, void *user)
{
	if (strcmp(eio_request_target(req), "/p") != 0)
		return ENGINEIO_PASS;
	eio_request_respond(req, 403, NULL, NULL, 0);
	return ENGINEIO_TAKEN;
}

static void early_answer__to_a_small_body__keeps_the_connection(void **state)
{
	static const struct row rows[] = {
		ROW(POST("Content-Length: 4\r\n") "abcd" NEXT,
			"403 | " GOT_NEXT),
		ROW(POST(CHUNKED) ABCD NEXT, "403 | " GOT_NEXT),
		ROW(POST("Content-Length: 4\r\nExpect: 100-continue\r\n") "abcd" NEXT,
			"403 | " GOT_NEXT),
		ROW(POST("Content-Length: 9\r\n") "abcd", "403"),
		/* not worth waiting for */
		ROW(POST("Content-Length: 9\r\nConnection: close\r\n"),
			"403 | closed"),
		ROW("POST /p HTTP/1.0\r\nContent-Length: 4\r\n\r\n",
			"403 | closed"),
		/* one answer is enough */
		ROW(POST(CHUNKED) "nonsense", "403 | closed"),
	};
	struct fake_web *web = *state;

	assert_int_equal(eio_server_on_http(web->srv, forbid, NULL), 0);
	try_rows(web, rows, COUNT(rows));
}

static void early_answer__to_a_large_body__closes(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	static char piece[65536];
	unsigned i;

	assert_int_equal(eio_server_on_http(web->srv, forbid, NULL), 0);
	fake_puts(c, POST("Content-Length: 900000\r\n"));
	assert_string_equal(fake_web_answers(c), "403");
	for (i = 0; i < 4; i++)
		fake_send(c, piece, sizeof(piece));
	assert_string_equal(fake_web_answers(c), "");
	fake_send(c, piece, 1);
	assert_string_equal(fake_web_answers(c), "closed");
	fake_free(c);
}

/* -- upgrades ------------------------------------------------------------ */

#define WS_GET(query, h) \
	"GET /engine.io/?EIO=4&transport=websocket" query \
	" HTTP/1.1\r\n" HOST h "\r\n"

/* Takes the 101 off; what remains is the WebSocket's. */
static void expect_switched(struct fake_conn *c)
{
	struct fake_reply r = fake_reply(c);

	assert_int_equal(r.status, 101);
	fake_reply_clear(&r);
}

/* "4hi", masked with zeros. */
#define FRAME \
	"\x81\x83\0\0\0\0" \
	"4hi"

static void upgrade__frames_behind_it__are_its_first_input(void **state)
{
	static const char raw[] = WS_GET("", WS) FRAME;
	struct fake_web *web = *state;
	struct fake_conn *c;
	size_t cut;

	for (cut = 1; cut <= sizeof(raw) - 1; cut++) {
		c = fake_connect(web->loop);
		fake_send(c, raw, cut);
		if (cut < sizeof(raw) - 1)
			fake_send(c, raw + cut, sizeof(raw) - 1 - cut);
		expect_switched(c);
		fake_free(c);
		assert_string_equal(fake_app_told(web->app),
			"open | text hi | close transport close: "
			"connection closed");
	}
}

static void upgrade__rubbish_behind_it__ends_the_websocket(void **state)
{
	/* CVE-2022-21676: reserved bits in the first frame */
	static const char raw[] = WS_GET("", WS) "\xff\xff\xff\xff\xff\xff";
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect(web->loop);
	struct eio__strbuf *b;

	fake_send(c, raw, sizeof(raw) - 1);
	expect_switched(c);
	assert_true(fake_is_finished(c));
	b = fake_received(c);
	assert_true(b->len >= 4);
	/* a close frame with 1002 stands at the end */
	assert_memory_equal(b->data + b->len - 4, "\x88\x02\x03\xea", 4);
	assert_string_equal(fake_app_told(web->app),
		"open | close transport error: reserved bits set");
	fake_free(c);
}

static void upgrade__refused__drops_what_is_behind(void **state)
{
	static const struct row rows[] = {
		ROW(WS_GET("&sid=unknown", WS) "\xff\xff\xff",
			"400 Session ID unknown | closed"),
		ROW(WS_GET("", UPGRADE WS_KEY) FRAME,
			"400 Missing or invalid Sec-WebSocket-Version header "
			"| closed"),
		ROW(WS_GET("", UPGRADE) NEXT,
			"400 Missing or invalid Sec-WebSocket-Key header "
			"| closed"),
		/* A WebSocket is asked for without the word for it. */
		ROW(WS_GET("", "Connection: Upgrade\r\nUpgrade: h2c\r\n" WS_KEY)
				NEXT,
			"400 {\"code\":3,\"message\":\"Bad request\"} | " GOT_NEXT),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void upgrade__nobody_wants__is_an_ordinary_request(void **state)
{
	static const struct row rows[] = {
		ROW(GET(WS) NEXT, GOT " | " GOT_NEXT),
		ROW(GET("Connection: Upgrade\r\nUpgrade: h2c\r\n") NEXT,
			GOT " | " GOT_NEXT),
		ROW(GET("Upgrade: websocket\r\n") NEXT, GOT " | " GOT_NEXT),
		ROW(POST(WS "Content-Length: 4\r\n") "abcd" NEXT,
			POSTED " | " GOT_NEXT),
	};

	try_rows(*state, rows, COUNT(rows));
}

static void upgrade__with_a_body__is_none(void **state)
{
	static const struct row rows[] = {
		ROW(WS_GET("", WS "Content-Length: 4\r\n") "abcd",
			"400 {\"code\":3,\"message\":\"Bad request\"}"),
		ROW(WS_GET("", WS CHUNKED) ABCD,
			"400 {\"code\":3,\"message\":\"Bad request\"}"),
	};

	try_rows(*state, rows, COUNT(rows));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_web_setup, fake_web_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(length__every_form__is_one_number_or_refused),
		TEST(length__twice__is_refused),
		TEST(head__plain_or_nearly_so__is_read_alike),
		TEST(transfer_encoding__anything_but_chunked__is_refused),
		TEST(framing__both_headers__are_refused),
		TEST(framing__of_a_get__is_the_same),
		TEST(chunks__that_break_the_rules__are_refused),
		TEST(lines__that_do_not_end_in_crlf__are_refused),
		TEST(lines__that_begin_with_a_blank__are_refused),
		TEST(empty_lines__before_a_request__are_skipped),
		TEST(names__that_are_no_tokens__are_refused),
		TEST(values__with_control_characters__are_refused),
		TEST(request_line__in_any_other_form__is_refused),
		TEST(method__unknown_or_lower_case__is_refused),
		TEST(version__other_than_1_0_and_1_1__is_refused),
		TEST(target__in_each_form__is_taken_or_refused),
		TEST(target__with_bytes_no_url_has__is_refused),
		TEST(host__not_exactly_one__is_refused),
		TEST(connection__each_form__keeps_or_closes),
		TEST(connection__of_an_answer__is_what_happens),
		TEST(expect__100_continue__is_answered_before_the_body),
		TEST(pipelining__behind_a_held_request__waits_for_it),
		TEST(pipelining__of_held_requests__keeps_the_order),
		TEST(pipelining__of_bodies__is_told_apart),
		TEST(pipelining__behind_an_answer_that_closes__is_dropped),
		TEST(pipelining__of_a_thousand__answers_each),
		TEST(early_answer__to_a_small_body__keeps_the_connection),
		TEST(early_answer__to_a_large_body__closes),
		TEST(upgrade__frames_behind_it__are_its_first_input),
		TEST(upgrade__rubbish_behind_it__ends_the_websocket),
		TEST(upgrade__refused__drops_what_is_behind),
		TEST(upgrade__nobody_wants__is_an_ordinary_request),
		TEST(upgrade__with_a_body__is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
