/* SPDX-License-Identifier: MIT */
/*
 * test_eio_http1.c: requests as raw bytes, and what becomes of them: framing,
 * lines, methods, versions, targets, Host.
 *
 * What Node's parser refuses is refused; where a row is stricter, the reason
 * stands beside it.
 */
#include <config.h>

#include "fake_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define LINE(l)  l "\r\n" HOST "\r\n"

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

/* -- Host ---------------------------------------------------------------- */

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
