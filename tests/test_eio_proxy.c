/* SPDX-License-Identifier: MIT */
/*
 * test_eio_proxy.c: the header of the PROXY protocol, both versions, and
 * whom a server takes it from.
 */
#include <config.h>

#include "fake_web.h"

#include <engineio/proxy.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define SIG "\r\n\r\n\0\r\nQUIT\n"
/* Addresses and ports of version 2. */
#define A4 "\xc0\x00\x02\x01\xc0\x00\x02\x02\xc8\x22\x01\xbb"
#define A6 \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01" \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02" \
	"\xc8\x22\x01\xbb"
#define Z27 "abcdefghijklmnopqrstuvwxyz "
#define Z54 Z27 Z27
/* 216 bytes: the two names of unix sockets. */
#define UNIX Z54 Z54 Z54 Z54

#define ROW(bytes, outcome) \
	{ \
		bytes, sizeof(bytes) - 1, outcome \
	}

/* "ADDRESS PORT", "unix", "peer" (the proxy itself), "bad", "more"; behind a
 * good header stands "rest". */
static const struct row {
	const char *bytes;
	size_t len;
	const char *outcome;
} rows[] = {
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 51234 443\r\nrest",
		"192.0.2.1 51234"),
	ROW("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\nrest",
		"255.255.255.255 65535"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 0 0\r\nrest", "192.0.2.1 0"),
	ROW("PROXY TCP6 2001:db8::1 2001:db8::2 51234 443\r\nrest",
		"2001:db8::1 51234"),
	ROW("PROXY TCP6 ffff:f:f:f:f:f:ffff:ffff ::1 65535 65535\r\nrest",
		"ffff:f:f:f:f:f:ffff:ffff 65535"),
	ROW("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\nrest", "192.0.2.1 1"),
	ROW("PROXY UNKNOWN\r\nrest", "peer"),
	ROW("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\nrest", "peer"),
	ROW("PROXY UNKNOWN what ever\r\nrest", "peer"),
	ROW("", "more"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 51234 443\r", "more"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 51234 443\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 51234 443 \r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 51234 443 1\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 51234\r\nrest", "bad"),
	ROW("PROXY TCP4  192.0.2.1 192.0.2.2 51234 443\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 51234 443\r\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 65536 443\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 1 99999\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 -1 443\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 +1 443\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 01 443\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 000001 443\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.2 0x1 443\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1 192.0.2.256 1 443\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2 192.0.2.2 1 443\r\nrest", "bad"),
	ROW("PROXY TCP4 ::1 ::2 1 443\r\nrest", "bad"),
	ROW("PROXY TCP6 192.0.2.1 192.0.2.2 1 443\r\nrest", "bad"),
	ROW("PROXY TCP5 192.0.2.1 192.0.2.2 1 443\r\nrest", "bad"),
	ROW("PROXY tcp4 192.0.2.1 192.0.2.2 1 443\r\nrest", "bad"),
	ROW("PROXY TCP4 192.0.2.1\0 192.0.2.2 1 443\r\nrest", "bad"),
	ROW("PROXY \r\nrest", "bad"),
	ROW("PROXY\r\nrest", "bad"),
	ROW("proxy TCP4 192.0.2.1 192.0.2.2 1 443\r\n", "bad"),
	ROW("PROXY UNKNOWN " Z54 Z27 "abcdefghij\r\nrest", "peer"),
	ROW("PROXY UNKNOWN " Z54 Z27 "abcdefghijk\r\nrest", "bad"),
	ROW("GET / HTTP/1.1\r\n", "bad"),
	ROW("\x16\x03\x01\x02\x00", "bad"),
	ROW(SIG "\x21\x11\0\x0c" A4 "rest", "192.0.2.1 51234"),
	ROW(SIG "\x21\x11\0\x10" A4 "\x04\0\x01xrest", "192.0.2.1 51234"),
	ROW(SIG "\x21\x11\0\x0e" A4 "\xff\xffrest", "192.0.2.1 51234"),
	ROW(SIG "\x21\x21\0\x24" A6 "rest", "2001:db8::1 51234"),
	ROW(SIG "\x21\x21\0\x27" A6 "\x04\0\0rest", "2001:db8::1 51234"),
	ROW(SIG "\x21\x31\0\xd8" UNIX "rest", "unix"),
	ROW(SIG "\x20\x00\0\0rest", "peer"),
	ROW(SIG "\x20\x11\0\x0c" A4 "rest", "peer"),
	ROW(SIG "\x20\xff\0\x02xyrest", "peer"),
	ROW(SIG "\x21\x00\0\0rest", "peer"),
	ROW(SIG "\x21\x00\0\x03\x04\0\0rest", "peer"),
	ROW(SIG "\x21\x11\0\x0c", "more"),
	ROW(SIG "\x21\x11\0\x0d" A4, "more"),
	ROW(SIG "\x21\x11\0\x0b" A4 "rest", "bad"),
	ROW(SIG "\x21\x21\0\x23" A6 "rest", "bad"),
	ROW(SIG "\x21\x31\0\xd7" UNIX "rest", "bad"),
	ROW(SIG "\x21\x12\0\x0c" A4 "rest", "bad"), /* UDP */
	ROW(SIG "\x21\x10\0\x0c" A4 "rest", "bad"),
	ROW(SIG "\x21\x01\0\x0c" A4 "rest", "bad"),
	ROW(SIG "\x21\x41\0\x0c" A4 "rest", "bad"),
	ROW(SIG "\x22\x11\0\x0c" A4 "rest", "bad"),
	ROW(SIG "\x11\x11\0\x0c" A4 "rest", "bad"),
	ROW(SIG "\x01\x11\0\x0c" A4 "rest", "bad"),
	ROW("\r\n\r\n\0\r\nQUIT\r\x21\x11\0\x0c" A4 "rest", "bad"),
	ROW("\r\n\r\nrest", "bad"),
};

/* -- the header alone ---------------------------------------------------- */

static const char *describe(const struct eio__proxy *p,
	enum eio__proxy_result result)
{
	static char text[80];
	char address[EIO__ADDRESS_MAX];

	if (result == EIO__PROXY_MORE)
		return "more";
	if (result == EIO__PROXY_BAD)
		return "bad";
	if (!p->known)
		return "peer";
	if (!p->address.len)
		return "unix";
	eio__address_print(&p->address, address);
	snprintf(text, sizeof(text), "%s %d", address, p->port);
	return text;
}

static void check_row(const struct row *row, size_t step)
{
	enum eio__proxy_result result = EIO__PROXY_MORE;
	struct eio__proxy p;
	size_t at = 0, n, used;

	eio__proxy_init(&p);
	while (at < row->len && result == EIO__PROXY_MORE) {
		n = row->len - at < step ? row->len - at : step;
		result = eio__proxy_feed(&p, row->bytes + at, n, &used);
		assert_true(used <= n);
		assert_true(used == n || result != EIO__PROXY_MORE);
		at += used;
	}
	assert_string_equal(describe(&p, result), row->outcome);
	if (result == EIO__PROXY_DONE)
		assert_memory_equal(row->bytes + at, "rest", 4);
}

static void header__each_row__gives_the_client(void **state)
{
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_row(&rows[i], rows[i].len + 1);
}

static void header__in_pieces__gives_the_same(void **state)
{
	size_t i, step;

	for (i = 0; i < COUNT(rows); i++)
		for (step = 1; step < 40; step++)
			check_row(&rows[i], step);
}

static void header__with_the_longest_extensions__is_skipped(void **state)
{
	static const char head[] = SIG "\x21\x11\xff\xff" A4;
	static const char zeros[1000];
	struct eio__proxy p;
	size_t left = 65535 - 12, n, used;
	enum eio__proxy_result result;

	eio__proxy_init(&p);
	result = eio__proxy_feed(&p, head, sizeof(head) - 1, &used);
	for (; left; left -= n) {
		assert_int_equal(result, EIO__PROXY_MORE);
		n = left < sizeof(zeros) ? left : sizeof(zeros);
		result = eio__proxy_feed(&p, zeros, n, &used);
		assert_int_equal(used, n);
	}
	assert_string_equal(describe(&p, result), "192.0.2.1 51234");
}

/* -- at a server --------------------------------------------------------- */

static char address[EIO__ADDRESS_MAX];
static char log_line[512];

static void note_address(eio_request *req, void *user)
{
	snprintf(address, sizeof(address), "%s", eio_request_address(req));
	eio_request_respond(req, 204, NULL, NULL, 0);
}

static void keep_line(enum eio_log_level level, const char *line, void *user)
{
	snprintf(log_line, sizeof(log_line), "%s", line);
}

/* A listener for proxies of 10.0.0.0/8, beside the plain one. */
static int open_port(struct fake_web *web)
{
	eio_server_set_log(web->srv, ENGINEIO_LOG_WARN, keep_line, NULL);
	log_line[0] = address[0] = '\0';
	assert_int_equal(eio_server_trust_proxy(web->srv, "10.0.0.0/8"), 0);
	assert_int_equal(eio_server_listen_with(web->srv, NULL, 4321,
				 ENGINEIO_LISTEN_PROXY),
		0);
	assert_int_equal(eio_server_route(web->srv, NULL, "/who", note_address,
				 NULL),
		0);
	return 4321;
}

#define GET   "GET /who HTTP/1.1\r\nHost: a\r\n\r\n"
#define PROXY "PROXY TCP4 192.0.2.1 192.0.2.2 51234 443\r\n"

static void server__behind_a_trusted_proxy__sees_the_client(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c =
		fake_connect_from(web->loop, open_port(web), "10.1.2.3");

	fake_puts(c, PROXY GET);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(address, "192.0.2.1");
	fake_puts(c, GET);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(address, "192.0.2.1");
	fake_free(c);
}

static void server__with_a_header_in_pieces__sees_the_client(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c =
		fake_connect_from(web->loop, open_port(web), "10.1.2.3");
	const char *p;

	for (p = PROXY GET; *p; p++)
		fake_send(c, p, 1);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(address, "192.0.2.1");
	fake_free(c);
}

static void server__told_local__sees_the_proxy(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c =
		fake_connect_from(web->loop, open_port(web), "10.1.2.3");

	fake_send(c, SIG "\x20\x00\0\0", 16);
	fake_puts(c, GET);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(address, "10.1.2.3");
	fake_free(c);
}

static void server__with_anybody_else__closes_at_once(void **state)
{
	struct fake_web *web = *state;

	assert_null(fake_connect_from(web->loop, open_port(web), "192.0.2.66"));
	assert_null(fake_connect_from(web->loop, 4321, ""));
	assert_non_null(strstr(log_line, "no trusted proxy"));
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_UNTRUSTED_PROXY),
		2);
	assert_int_equal(eio_server_connections(web->srv), 0);
}

static void server__without_the_header__closes_and_says_why(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c =
		fake_connect_from(web->loop, open_port(web), "10.1.2.3");

	fake_puts(c, GET);
	assert_string_equal(fake_web_answers(c), "closed");
	assert_string_equal(address, "");
	assert_non_null(strstr(log_line,
		"10.1.2.3 closed: no header of the "
		"PROXY protocol"));
	assert_int_equal(eio_server_counter(web->srv, ENGINEIO_COUNT_BAD_TLS),
		1);
	fake_free(c);
}

static void server__waiting_for_the_header__has_a_limit(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c =
		fake_connect_from(web->loop, open_port(web), "10.1.2.3");

	fake_advance(web->loop, 6000);
	fake_puts(c, "PROXY TCP4 192.");
	fake_advance(web->loop, 3999);
	assert_false(fake_is_closed(c, NULL));
	fake_advance(web->loop, 1);
	assert_true(fake_is_closed(c, NULL));
	assert_non_null(strstr(log_line, "TLS_TIMEOUT"));
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_TLS_TIMEOUT),
		1);
	fake_free(c);
}

static void server__after_the_header__gives_the_head_its_time(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c =
		fake_connect_from(web->loop, open_port(web), "10.1.2.3");

	fake_puts(c, PROXY);
	fake_advance(web->loop, 29999);
	assert_false(fake_is_closed(c, NULL));
	fake_advance(web->loop, 1);
	assert_string_equal(fake_web_answers(c), "closed");
	fake_free(c);
}

static void server__trusting_nobody__does_not_listen_for_proxies(void **state)
{
	struct fake_web *web = *state;

	assert_int_equal(eio_server_listen_with(web->srv, NULL, 0,
				 ENGINEIO_LISTEN_PROXY),
		ENGINEIO_ERR_STATE);
	assert_non_null(strstr(eio_server_error(web->srv),
		"eio_server_trust_proxy() goes first"));
}

static void server__that_trusts_unix_peers__takes_their_header(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c;

	assert_int_equal(eio_server_trust_proxy(web->srv, "unix:"), 0);
	c = fake_connect_from(web->loop, open_port(web), "");
	fake_puts(c, PROXY GET);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(address, "192.0.2.1");
	fake_free(c);
}

#define web_test(fn) \
	cmocka_unit_test_setup_teardown(fn, fake_web_setup, fake_web_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(header__each_row__gives_the_client),
		cmocka_unit_test(header__in_pieces__gives_the_same),
		cmocka_unit_test(
			header__with_the_longest_extensions__is_skipped),
		web_test(server__behind_a_trusted_proxy__sees_the_client),
		web_test(server__with_a_header_in_pieces__sees_the_client),
		web_test(server__told_local__sees_the_proxy),
		web_test(server__with_anybody_else__closes_at_once),
		web_test(server__without_the_header__closes_and_says_why),
		web_test(server__waiting_for_the_header__has_a_limit),
		web_test(server__after_the_header__gives_the_head_its_time),
		web_test(server__trusting_nobody__does_not_listen_for_proxies),
		web_test(server__that_trusts_unix_peers__takes_their_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
