/* SPDX-License-Identifier: MIT */
/*
 * test_eio_ws_handshake.c: which requests become a WebSocket. The values of
 * Sec-WebSocket-Accept were made with Node, the first stands in RFC 6455.
 */
#include <config.h>

#include <engineio/http/ws_handshake.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

static struct eio__ws_headers good(void)
{
	struct eio__ws_headers h = { "GET", 1, "websocket", "Upgrade", KEY,
		"13", NULL, NULL, NULL };

	return h;
}

static void check__each_key__gives_its_accept_value(void **state)
{
	static const char *const rows[][2] = {
		{ KEY, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" },
		{ "AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI=" },
		{ "/////////////////////w==", "XXpj4jYzLM2yUE0C7TIgMwTQh2g=" },
		{ "x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk=" },
	};
	struct eio__ws_headers h = good();
	struct eio__ws_handshake hs;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		h.key = rows[i][0];
		assert_true(eio__ws_handshake_check(&h, &hs));
		assert_int_equal(hs.status, 101);
		assert_string_equal(hs.accept, rows[i][1]);
		assert_int_equal(hs.protocol_len, 0);
	}
}

static void check__spellings_that_are_allowed__are_accepted(void **state)
{
	static const struct {
		const char *upgrade, *connection, *version;
		int minor;
	} rows[] = {
		{ "WebSocket", "upgrade", "13", 1 },
		{ "WEBSOCKET", "UPGRADE", "8", 1 },
		{ "websocket", "keep-alive, Upgrade", "13", 1 },
		{ "websocket", "Upgrade,keep-alive", "13", 1 },
		{ "websocket", ",, \tUpgrade\t ,", "13", 1 },
		{ "h2c, websocket", "Upgrade", "13", 1 },
		{ "websocket", "Upgrade", "13", 2 },
	};
	struct eio__ws_headers h = good();
	struct eio__ws_handshake hs;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		h.upgrade = rows[i].upgrade;
		h.connection = rows[i].connection;
		h.version = rows[i].version;
		h.minor = rows[i].minor;
		assert_true(eio__ws_handshake_check(&h, &hs));
	}
}

static void refused(const struct eio__ws_headers *h, int status,
	const char *text, const char *version)
{
	struct eio__ws_handshake hs;

	assert_false(eio__ws_handshake_check(h, &hs));
	assert_int_equal(hs.status, status);
	assert_string_equal(hs.text, text);
	if (version)
		assert_string_equal(hs.version_header, version);
	else
		assert_null(hs.version_header);
	assert_int_equal(hs.protocol_len, 0);
}

static void check__other_method_or_version__is_refused(void **state)
{
	struct eio__ws_headers h = good();

	h.method = "POST";
	refused(&h, 405, "Invalid HTTP method", NULL);
	h.method = "get";
	refused(&h, 405, "Invalid HTTP method", NULL);
	h = good();
	h.minor = 0;
	refused(&h, 400, "Invalid HTTP version", NULL);
}

static void check__upgrade_to_something_else__is_refused(void **state)
{
	static const char *const upgrades[] = { NULL, "", "h2c", "websockets",
		"web socket", "websocket/13", "\"websocket\"" };
	static const char *const connections[] = { NULL, "", "keep-alive",
		"close", "upgrades", "upgrade;x", "up grade" };
	struct eio__ws_headers h = good();
	size_t i;

	for (i = 0; i < sizeof(upgrades) / sizeof(*upgrades); i++) {
		h.upgrade = upgrades[i];
		refused(&h, 400, "Invalid Upgrade header", NULL);
	}
	h = good();
	for (i = 0; i < sizeof(connections) / sizeof(*connections); i++) {
		h.connection = connections[i];
		refused(&h, 400, "Invalid Connection header", NULL);
	}
}

static void check__key_that_is_no_16_bytes__is_refused(void **state)
{
	static const char *const keys[] = { NULL, "", "==", "AAAA",
		"AAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAA!==", "AAAAAAAAAAAAAAAAAAAAAA==A",
		" AAAAAAAAAAAAAAAAAAAAAA==",
		"AAAAAAAAAAAAAAAAAAAAAA==, AAAAAAAAAAAAAAAAAAAAAA==",
		"AAAAAAAAAA AAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA--" };
	struct eio__ws_headers h = good();
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		h.key = keys[i];
		refused(&h, 400, "Missing or invalid Sec-WebSocket-Key header",
			NULL);
	}
}

static void check__unknown_version__is_refused_with_the_known_ones(void **state)
{
	static const char *const versions[] = { NULL, "", "0", "7", "12", "14",
		"13, 13", "13.0", "x", "130", "113", "-13", "013" };
	struct eio__ws_headers h = good();
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		h.version = versions[i];
		refused(&h, 400,
			"Missing or invalid Sec-WebSocket-Version header",
			"13, 8");
	}
}

static void check__protocols_offered__the_first_is_chosen(void **state)
{
	static const char *const rows[][2] = {
		{ "a", "a" },
		{ "a, b", "a" },
		{ "json,xml,binary", "json" },
		{ "v1.chat \t, x", "v1.chat" },
		{ " a", "a" },
		{ "a!#$%&'*+-.^_`|~1", "a!#$%&'*+-.^_`|~1" },
		{ "b            ,c", "b" },
	};
	struct eio__ws_headers h = good();
	struct eio__ws_handshake hs;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		h.protocol = rows[i][0];
		assert_true(eio__ws_handshake_check(&h, &hs));
		assert_int_equal(hs.protocol_len, strlen(rows[i][1]));
		assert_memory_equal(hs.protocol, rows[i][1], hs.protocol_len);
	}
}

static void check__protocols_that_are_no_list__are_refused(void **state)
{
	static const char *const bad[] = { "", " ", ",", "a,", "a,,b", ",a",
		"a, ,b", "a b", "a/b", "a;b", "\"a\"", "a,b c", "a, b\x80",
		"a=1", "(a)", "a,b," };
	struct eio__ws_headers h = good();
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		h.protocol = bad[i];
		refused(&h, 400, "Invalid Sec-WebSocket-Protocol header", NULL);
	}
}

/* CVE-2021-32640. Were a list read more than once per element, these would
 * take hours. */
static void check__endless_lists__are_read_once(void **state)
{
	static char blanks[8 << 20], commas[8 << 20];
	struct eio__ws_headers h = good();
	struct eio__ws_handshake hs;

	memset(blanks, ' ', sizeof(blanks));
	blanks[0] = 'b';
	blanks[sizeof(blanks) - 2] = 'x';
	blanks[sizeof(blanks) - 1] = '\0';
	memset(commas, ',', sizeof(commas) - 1);
	h.protocol = blanks;
	refused(&h, 400, "Invalid Sec-WebSocket-Protocol header", NULL);
	h = good();
	h.connection = commas;
	refused(&h, 400, "Invalid Connection header", NULL);
	h = good();
	memset(commas, 'a', sizeof(commas) / 2);
	h.protocol = commas;
	refused(&h, 400, "Invalid Sec-WebSocket-Protocol header", NULL);
	commas[sizeof(commas) / 2] = '\0';
	assert_true(eio__ws_handshake_check(&h, &hs));
	assert_int_equal(hs.protocol_len, sizeof(commas) / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check__each_key__gives_its_accept_value),
		cmocka_unit_test(
			check__spellings_that_are_allowed__are_accepted),
		cmocka_unit_test(check__other_method_or_version__is_refused),
		cmocka_unit_test(check__upgrade_to_something_else__is_refused),
		cmocka_unit_test(check__key_that_is_no_16_bytes__is_refused),
		cmocka_unit_test(
			check__unknown_version__is_refused_with_the_known_ones),
		cmocka_unit_test(check__protocols_offered__the_first_is_chosen),
		cmocka_unit_test(
			check__protocols_that_are_no_list__are_refused),
		cmocka_unit_test(check__endless_lists__are_read_once),
	};

	return cmocka_run_group_tests_name("ws_handshake", tests, NULL, NULL);
}
