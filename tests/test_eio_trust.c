/* SPDX-License-Identifier: MIT */
/*
 * test_eio_trust.c: who the client is behind proxies, and whose word counts.
 */
#include <config.h>

#include "fake_web.h"

#include <engineio/http/trust.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Trusted: 10.0.0.0/8, ::1, and who comes over a unix socket. */
static const struct {
	const char *peer, *forwarded_for, *client;
	unsigned hops;
} clients[] = {
	{ "192.0.2.9", "203.0.113.1", "192.0.2.9", 0 },
	{ "10.0.0.1", "203.0.113.1", "203.0.113.1", 1 },
	{ "10.0.0.1", "203.0.113.1, 10.0.0.2", "203.0.113.1", 2 },
	{ "10.0.0.1", "6.6.6.6, 203.0.113.1", "203.0.113.1", 1 },
	{ "10.0.0.1", "6.6.6.6,203.0.113.1,10.0.0.2,10.0.0.3", "203.0.113.1",
		3 },
	{ "10.0.0.1", "10.0.0.7, 10.0.0.2", "10.0.0.7", 2 },
	{ "10.0.0.1", " \t203.0.113.1\t ", "203.0.113.1", 1 },
	{ "10.0.0.1", "203.0.113.1:4711", "203.0.113.1", 1 },
	{ "10.0.0.1", "2001:db8::1", "2001:db8::1", 1 },
	{ "10.0.0.1", "[2001:db8::1]", "2001:db8::1", 1 },
	{ "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1", 1 },
	{ "10.0.0.1", "::ffff:203.0.113.1", "203.0.113.1", 1 },
	{ "10.0.0.1", "203.0.113.1, ::ffff:10.0.0.2", "203.0.113.1", 2 },
	{ "::1", "203.0.113.1", "203.0.113.1", 1 },
	{ "", "203.0.113.1", "203.0.113.1", 1 },
	/* What is no address ends the search at the hop that wrote it. */
	{ "10.0.0.1", "", "10.0.0.1", 0 },
	{ "10.0.0.1", ",", "10.0.0.1", 0 },
	{ "10.0.0.1", ",,,", "10.0.0.1", 0 },
	{ "10.0.0.1", "unknown", "10.0.0.1", 0 },
	{ "10.0.0.1", "_hidden", "10.0.0.1", 0 },
	{ "10.0.0.1", "203.0.113.1,", "10.0.0.1", 0 },
	{ "10.0.0.1", "203.0.113.1, unknown, 10.0.0.2", "10.0.0.2", 1 },
	{ "10.0.0.1", "203.0.113.1 10.0.0.2", "10.0.0.1", 0 },
	{ "10.0.0.1", "203.0.113.999", "10.0.0.1", 0 },
	{ "10.0.0.1", "[", "10.0.0.1", 0 },
	{ "10.0.0.1", "[]", "10.0.0.1", 0 },
	{ "10.0.0.1", ":80", "10.0.0.1", 0 },
	{ "10.0.0.1", "<script>", "10.0.0.1", 0 },
	{ "10.0.0.1", "%s%n", "10.0.0.1", 0 },
	{ "10.0.0.1",
		"1111111111111111111111111111111111111111111111111111111111111"
		"1111111111111111111111111111111111111111111111111111111111111",
		"10.0.0.1", 0 },
	{ "nonsense", "203.0.113.1", "", 0 },
};

static struct eio__trust make_trust(void)
{
	struct eio__trust trust = { 0 };

	assert_true(eio__trust_is_empty(&trust));
	assert_int_equal(eio__trust_add(&trust, "10.0.0.0/8"), 0);
	assert_int_equal(eio__trust_add(&trust, "::1"), 0);
	assert_int_equal(eio__trust_add(&trust, "unix:"), 0);
	assert_int_equal(eio__trust_add(&trust, "all"), ENGINEIO_ERR_INVALID);
	assert_false(eio__trust_is_empty(&trust));
	return trust;
}

static void client__each_row__is_the_nearest_untrusted_hop(void **state)
{
	struct eio__trust trust = make_trust();
	char out[EIO__ADDRESS_MAX];
	size_t i;

	for (i = 0; i < COUNT(clients); i++) {
		out[0] = '\0';
		assert_int_equal(eio__trust_find_client(&trust, clients[i].peer,
					 clients[i].forwarded_for, out),
			clients[i].hops);
		assert_string_equal(out, clients[i].client);
	}
	eio__trust_clear(&trust);
}

static const struct {
	const char *forwarded_proto;
	unsigned hop;
	bool secure;
} protos[] = {
	{ "https", 1, true },
	{ "HTTPS", 1, true },
	{ "wss", 1, true },
	{ " https ", 1, true },
	{ "http", 1, false },
	{ "ws", 1, false },
	{ "", 1, false },
	{ "httpss", 1, false },
	{ "https", 0, true },
	{ "https", 3, true },
	/* A proxy that adds: its own word counts, not the client's. */
	{ "https, http", 1, false },
	{ "http, https", 1, true },
	/* TLS ends at the first of two proxies that both add. */
	{ "https, http", 2, true },
	{ "http, https, http", 2, true },
	{ "http, https, http", 3, false },
	{ "https,", 1, false },
};

static void proto__each_row__is_that_of_the_hop(void **state)
{
	size_t i;

	for (i = 0; i < COUNT(protos); i++)
		assert_int_equal(eio__trust_is_secure(protos[i].forwarded_proto,
					 protos[i].hop),
			protos[i].secure);
}

/* -- at a server --------------------------------------------------------- */

static char seen[80];

static void note_client(eio_request *req, void *user)
{
	snprintf(seen, sizeof(seen), "%s %s", eio_request_address(req),
		eio_request_is_secure(req) ? "secure" : "plain");
	eio_request_respond(req, 204, NULL, NULL, 0);
}

static const char *client_of(struct fake_web *web, const char *peer,
	const char *headers)
{
	struct fake_conn *c = fake_connect_from(web->loop, 0, peer);

	seen[0] = '\0';
	fake_request(c, "GET", "/who", headers, NULL);
	assert_string_equal(fake_web_answers(c), "204");
	fake_free(c);
	return seen;
}

#define FOR   "X-Forwarded-For: 203.0.113.1\r\n"
#define PROTO "X-Forwarded-Proto: https\r\n"

static void add_route(struct fake_web *web)
{
	assert_int_equal(eio_server_route(web->srv, NULL, "/who", note_client,
				 NULL),
		0);
}

static void server__trusting_nobody__believes_no_header(void **state)
{
	struct fake_web *web = *state;

	add_route(web);
	assert_string_equal(client_of(web, "10.0.0.1", FOR PROTO),
		"10.0.0.1 plain");
	assert_string_equal(client_of(web, "", FOR PROTO), " plain");
}

static void server__trusting_a_range__believes_it_alone(void **state)
{
	struct fake_web *web = *state;

	add_route(web);
	assert_int_equal(eio_server_trust_proxy(web->srv, "10.0.0.0/8"), 0);
	assert_int_equal(eio_server_trust_proxy(web->srv, "::1"), 0);
	assert_string_equal(client_of(web, "10.0.0.1", FOR PROTO),
		"203.0.113.1 secure");
	assert_string_equal(client_of(web, "::1", FOR), "203.0.113.1 plain");
	assert_string_equal(client_of(web, "10.0.0.1", PROTO),
		"10.0.0.1 secure");
	assert_string_equal(client_of(web, "10.0.0.1", NULL), "10.0.0.1 plain");
	assert_string_equal(client_of(web, "192.0.2.9", FOR PROTO),
		"192.0.2.9 plain");
	assert_string_equal(client_of(web, "", FOR PROTO), " plain");
}

static void server__with_several_headers__reads_them_as_one(void **state)
{
	struct fake_web *web = *state;

	add_route(web);
	assert_int_equal(eio_server_trust_proxy(web->srv, "10.0.0.0/8"), 0);
	assert_string_equal(client_of(web, "10.0.0.1",
				    "x-forwarded-for: 6.6.6.6\r\n"
				    "X-Forwarded-For: 203.0.113.1\r\n"
				    "X-FORWARDED-FOR: 10.0.0.2\r\n"),
		"203.0.113.1 plain");
}

static void server__given_no_range__says_so(void **state)
{
	struct fake_web *web = *state;

	assert_int_equal(eio_server_trust_proxy(web->srv, "10.0.0.0/88"),
		ENGINEIO_ERR_INVALID);
	assert_string_equal(eio_server_error(web->srv),
		"\"10.0.0.0/88\" is not a range of addresses such as "
		"10.0.0.0/8");
	assert_int_equal(eio_server_trust_proxy(web->srv, NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_trust_proxy(NULL, "::1"),
		ENGINEIO_ERR_INVALID);
}

/* -- at a session -------------------------------------------------------- */

static void session__behind_a_proxy__has_the_clients_address(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c;
	eio_socket *session;

	assert_int_equal(eio_server_trust_proxy(web->srv, "10.0.0.0/8"), 0);
	c = fake_connect_from(web->loop, 0, "10.0.0.1");
	fake_request(c, "GET", "/engine.io/?EIO=4&transport=polling", FOR PROTO,
		NULL);
	session = web->app->s;
	assert_non_null(session);
	assert_string_equal(eio_socket_address(session), "203.0.113.1");
	assert_true(eio_socket_is_secure(session));
	eio_socket_drop_request(session);
	assert_string_equal(eio_socket_address(session), "203.0.113.1");
	assert_true(eio_socket_is_secure(session));
	fake_free(c);
}

#define web_test(fn) \
	cmocka_unit_test_setup_teardown(fn, fake_web_setup, fake_web_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			client__each_row__is_the_nearest_untrusted_hop),
		cmocka_unit_test(proto__each_row__is_that_of_the_hop),
		web_test(server__trusting_nobody__believes_no_header),
		web_test(server__trusting_a_range__believes_it_alone),
		web_test(server__with_several_headers__reads_them_as_one),
		web_test(server__given_no_range__says_so),
		web_test(session__behind_a_proxy__has_the_clients_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
