/* SPDX-License-Identifier: MIT */
/*
 * test_eio_tls_certificates.c: certificates: the server's in files with their
 * errors and their reload, and those that clients show.
 */
#include <config.h>

#include "fake_tls_web.h"

#include <openssl/err.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct made rsa, renewed, old;
static struct made client, other_ca, stranger, twin_ca, forged;

static int make_all(void **state)
{
	tls_begin(state);
	rsa = make_certificate(&(struct wish){
		.name = "localhost", .kind = MADE_RSA, .issuer = &ca });
	renewed = make_certificate(&(struct wish){
		.name = "renewed", .issuer = &ca, .to = 86400 * 90 });
	old = make_certificate(&(struct wish){
		.name = "old", .issuer = &ca, .from = -7200, .to = -3600 });
	client = make_certificate(&(struct wish){
		.name = "anna", .issuer = &ca });
	other_ca = make_certificate(&(struct wish){
		.name = "another ca", .is_ca = 1 });
	stranger = make_certificate(&(struct wish){
		.name = "mallory", .issuer = &other_ca });
	twin_ca = make_certificate(&(struct wish){ .name = "ca", .is_ca = 1 });
	forged = make_certificate(&(struct wish){
		.name = "anna", .issuer = &twin_ca });
	write_made(&rsa, NULL, "rsa");
	write_made(&renewed, NULL, "renewed");
	write_made(&old, NULL, "old");
	return 0;
}

static int free_all(void **state)
{
	free_made(&rsa);
	free_made(&renewed);
	free_made(&old);
	free_made(&client);
	free_made(&other_ca);
	free_made(&stranger);
	free_made(&twin_ca);
	free_made(&forged);
	return tls_end(state);
}

/* -- files and their errors ---------------------------------------------- */

static const struct {
	const char *cert, *key, *error; /* error: a part of it */
} bad_files[] = {
	{ "missing.crt", "ec.key", "missing.crt: No such file or directory" },
	{ "ec.crt", "missing.key", "missing.key: No such file or directory" },
	{ "ec.crt", "rsa.key",
		"rsa.key: the key does not match the "
		"certificate in " },
	{ "ec.crt", "client.key", "client.key: the key does not match" },
	{ "rsa.crt", "ec.key", "ec.key: the key does not match" },
	{ "ec.key", "ec.key", "ec.key: certificate: there is none in it" },
	{ "ec.crt", "ec.crt", "ec.crt: private key: " },
	{ "empty.pem", "ec.key", "empty.pem: certificate: there is none" },
	{ "ec.crt", "empty.pem", "empty.pem: private key: " },
	{ "ec.crt", "locked.key",
		"locked.key: the key is protected by a pass "
		"phrase" },
	{ "cut.crt", "ec.key", "cut.crt: certificate: " },
};

static void set_tls__bad_files__are_named(void **state)
{
	struct fake_web *web = *state;
	size_t i;

	write_key(&client, "client.key", NULL);
	write_key(&ec, "locked.key", "secret");
	write_text("empty.pem", "");
	write_text("cut.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n");
	for (i = 0; i < COUNT(bad_files); i++) {
		assert_int_equal(eio_server_set_tls(web->srv,
					 in_folder(bad_files[i].cert),
					 in_folder(bad_files[i].key)),
			ENGINEIO_ERR_TLS);
		if (!strstr(eio_server_error(web->srv), bad_files[i].error))
			fail_msg("%s: %s", bad_files[i].error,
				eio_server_error(web->srv));
	}
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(eio_server_tls_expires(web->srv), 0);
	assert_int_equal(eio_server_listen_with(web->srv, NULL, 0,
				 ENGINEIO_LISTEN_TLS),
		ENGINEIO_ERR_STATE);
	assert_non_null(strstr(eio_server_error(web->srv),
		"eio_server_set_tls() goes first"));
	assert_int_equal(eio_server_listen_with(web->srv, NULL, 0,
				 ENGINEIO_LISTEN_TLS_AND_PLAIN),
		ENGINEIO_ERR_STATE);
}

static void set_tls__nothing_given__is_invalid(void **state)
{
	struct fake_web *web = *state;

	assert_int_equal(eio_server_set_tls(NULL, "a", "b"),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_tls(web->srv, NULL, "b"),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_tls(web->srv, "a", NULL),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_reload_tls(NULL), ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_reload_tls(web->srv), ENGINEIO_ERR_STATE);
	assert_int_equal(eio_server_set_client_ca(NULL, NULL, false),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_client_ca(web->srv, "a", false),
		ENGINEIO_ERR_STATE);
	assert_int_equal(eio_server_tls_expires(NULL), 0);
	assert_int_equal(eio_server_listen_with(web->srv, NULL, 0, 16),
		ENGINEIO_ERR_INVALID);
}

/* The clock of the fake network stands in 2026; that of the certificates is
 * the machine's. */
static void set_tls__expired__is_a_line_in_the_log(void **state)
{
	struct fake_web *web = *state;
	struct made past = make_certificate(&(struct wish){ .name = "past",
		.from = (long)(1795132800 - time(NULL)) - 7200,
		.to = (long)(1795132800 - time(NULL)) - 3600 });

	write_made(&past, NULL, "past");
	assert_int_equal(set_tls(web, "past"), 0);
	assert_true(fake_app_logged(web->app, "past.crt has expired"));
	assert_int_equal(eio_server_tls_expires(web->srv), 1795132800 - 3600);
	free_made(&past);
}

static void set_tls__not_valid_yet__is_a_line_in_the_log(void **state)
{
	struct fake_web *web = *state;
	struct made soon = make_certificate(&(struct wish){ .name = "soon",
		.from = (long)(1795132800 - time(NULL)) + 3600,
		.to = (long)(1795132800 - time(NULL)) + 7200 });

	write_made(&soon, NULL, "soon");
	assert_int_equal(set_tls(web, "soon"), 0);
	assert_true(fake_app_logged(web->app, "soon.crt is not valid yet"));
	free_made(&soon);
}

/* -- clients' certificates ------------------------------------------------ */

static void ask_clients(struct fake_web *web, bool required)
{
	assert_int_equal(eio_server_set_client_ca(web->srv, in_folder("ca.crt"),
				 required),
		0);
}

static void client_ca__not_set__asks_nobody(void **state)
{
	assert_string_equal(seen_with(*state, &client),
		"192.0.2.7 secure none [none]");
}

static void client_ca__required__lets_only_its_own_in(void **state)
{
	struct fake_web *web = *state;

	ask_clients(web, true);
	assert_string_equal(seen_with(web, &client),
		"192.0.2.7 secure CN=anna []");
	assert_string_equal(seen_with(web, NULL), "");
	assert_true(fake_app_logged(web->app,
		"peer did not return a certificate"));
	assert_string_equal(seen_with(web, &forged), "");
	assert_string_equal(seen_with(web, &stranger), "");
	assert_true(fake_app_logged(web->app, "certificate verify failed"));
}

static void client_ca__optional__tells_what_is_wrong(void **state)
{
	struct fake_web *web = *state;

	ask_clients(web, false);
	assert_string_equal(seen_with(web, &client),
		"192.0.2.7 secure CN=anna []");
	assert_string_equal(seen_with(web, NULL),
		"192.0.2.7 secure none [none]");
	assert_string_equal(seen_with(web, &stranger),
		"192.0.2.7 secure CN=mallory "
		"[unable to verify the first certificate]");
	/* Signed by somebody of the same name. */
	assert_string_equal(seen_with(web, &forged),
		"192.0.2.7 secure CN=anna [certificate signature failure]");
	assert_string_equal(seen_with(web, &old),
		"192.0.2.7 secure CN=old [certificate has expired]");
}

static void client_ca__taken_back__asks_nobody(void **state)
{
	struct fake_web *web = *state;

	ask_clients(web, true);
	assert_int_equal(eio_server_set_client_ca(web->srv, NULL, true), 0);
	assert_string_equal(seen_with(web, NULL),
		"192.0.2.7 secure none [none]");
}

static void client_ca__bad_file__changes_nothing(void **state)
{
	struct fake_web *web = *state;

	ask_clients(web, true);
	write_text("empty.pem", "");
	assert_int_equal(eio_server_set_client_ca(web->srv,
				 in_folder("empty.pem"), false),
		ENGINEIO_ERR_TLS);
	assert_non_null(strstr(eio_server_error(web->srv), "empty.pem"));
	assert_int_equal(eio_server_set_client_ca(web->srv,
				 in_folder("missing.pem"), false),
		ENGINEIO_ERR_TLS);
	assert_string_equal(seen_with(web, NULL), "");
	assert_string_equal(seen_with(web, &client),
		"192.0.2.7 secure CN=anna []");
}

static void client_ca__resumed__is_known_again(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t;
	SSL_SESSION *session;

	ask_clients(web, true);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
	fake_tls_show(&t, &client);
	assert_true(fake_tls_start(&t, NULL));
	session = SSL_get1_session(t.ssl);
	fake_tls_free(&t);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
	assert_true(fake_tls_start(&t, session));
	assert_true(SSL_session_reused(t.ssl));
	fake_tls_say(&t, GET_WHO);
	assert_string_equal(seen, "192.0.2.7 secure CN=anna []");
	fake_tls_free(&t);
	/* Who is trusted may have changed: it has to be shown again. */
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
	fake_tls_start(&t, session);
	assert_false(SSL_session_reused(t.ssl));
	fake_tls_free(&t);
	SSL_SESSION_free(session);
}

static void certificate__of_a_session__outlives_its_request(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t;
	eio_socket *s;
	const char *pem;
	char subject[40];

	ask_clients(web, true);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
	fake_tls_show(&t, &client);
	assert_true(fake_tls_start(&t, NULL));
	fake_tls_say(&t,
		"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\n"
		"Host: a\r\n\r\n");
	s = web->app->s;
	assert_non_null(s);
	snprintf(subject, sizeof(subject), "%s",
		eio_socket_peer_certificate(s, ENGINEIO_CERTIFICATE_SUBJECT));
	fake_tls_free(&t);
	eio_socket_drop_request(s);
	assert_true(eio_socket_is_secure(s));
	assert_string_equal(subject, "CN=anna");
	assert_string_equal(eio_socket_peer_certificate(s,
				    ENGINEIO_CERTIFICATE_ISSUER),
		"CN=ca");
	assert_string_equal(eio_socket_peer_certificate(s,
				    ENGINEIO_CERTIFICATE_ALT_NAMES),
		"DNS:anna");
	assert_int_equal(strlen(eio_socket_peer_certificate(s,
				 ENGINEIO_CERTIFICATE_FINGERPRINT)),
		95);
	assert_int_equal(strncmp(eio_socket_peer_certificate(s,
					 ENGINEIO_CERTIFICATE_SERIAL),
				 "10", 2),
		0);
	pem = eio_socket_peer_certificate(s, ENGINEIO_CERTIFICATE_PEM);
	assert_non_null(strstr(pem, "-----BEGIN CERTIFICATE-----"));
	assert_null(eio_socket_peer_certificate(s,
		ENGINEIO_CERTIFICATE_FIELDS));
	assert_null(eio_socket_peer_certificate(NULL,
		ENGINEIO_CERTIFICATE_PEM));
}

/* -- reload -------------------------------------------------------------- */

static void copy_made(const char *from)
{
	if (strcmp(from, "renewed") == 0)
		write_made(&renewed, NULL, "live");
	else
		write_made(&ec, NULL, "live");
}

static int live_setup(void **state)
{
	struct fake_web *web;

	if (fake_web_setup(state))
		return -1;
	web = *state;
	copy_made("ec");
	tls_route(web);
	assert_int_equal(set_tls(web, "live"), 0);
	return eio_server_listen(web->srv, NULL, TLS_PORT);
}

static void reload__new_files__are_for_new_connections(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls before = fake_tls_new(web->loop, TLS_PORT, &ca), after;
	int64_t expires = eio_server_tls_expires(web->srv);
	SSL_SESSION *session;

	assert_true(fake_tls_start(&before, NULL));
	session = SSL_get1_session(before.ssl);
	copy_made("renewed");
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
	assert_int_equal((eio_server_tls_expires(web->srv) - expires) / 86400,
		89);
	after = fake_tls_new(web->loop, TLS_PORT, &ca);
	assert_true(fake_tls_start(&after, NULL));
	assert_string_equal(fake_tls_server_name(&after), "renewed");
	assert_string_equal(fake_tls_server_name(&before), "localhost");
	fake_tls_say(&before, GET_WHO);
	assert_true(fake_tls_heard_204(&before));
	fake_tls_say(&after, GET_WHO);
	assert_true(fake_tls_heard_204(&after));
	fake_tls_free(&before);
	fake_tls_free(&after);
	/* Who was there before comes back without a new signature. */
	after = fake_tls_new(web->loop, TLS_PORT, &ca);
	assert_true(fake_tls_start(&after, session));
	assert_true(SSL_session_reused(after.ssl));
	fake_tls_free(&after);
	SSL_SESSION_free(session);
}

static void reload__bad_files__leave_the_old_ones(void **state)
{
	struct fake_web *web = *state;
	int64_t expires = eio_server_tls_expires(web->srv);
	struct fake_tls t;

	write_text("live.key", "rubbish");
	assert_int_equal(eio_server_reload_tls(web->srv), ENGINEIO_ERR_TLS);
	assert_non_null(strstr(eio_server_error(web->srv), "live.key"));
	assert_true(fake_app_logged(web->app, "the certificates in use stay"));
	assert_int_equal(eio_server_tls_expires(web->srv), expires);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
	assert_true(fake_tls_start(&t, NULL));
	assert_string_equal(fake_tls_server_name(&t), "localhost");
	fake_tls_free(&t);
	copy_made("renewed");
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
}

static void set_tls__again_with_the_same_kind__takes_its_place(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t;
	int i;

	for (i = 0; i < 10; i++)
		assert_int_equal(set_tls(web, i % 2 ? "ec" : "renewed"), 0);
	assert_int_equal(set_tls(web, "renewed"), 0);
	/* The files of the first are not asked for any more. */
	write_text("live.key", "rubbish");
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
	assert_true(fake_tls_start(&t, NULL));
	assert_string_equal(fake_tls_server_name(&t), "renewed");
	fake_tls_free(&t);
}

static void
reload__with_a_connection_in_its_handshake__does_no_harm(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

	fake_tls_prepare(&t, NULL);
	SSL_do_handshake(t.ssl);
	fake_tls_push(&t);
	copy_made("renewed");
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
	fake_tls_pull(&t);
	fake_tls_talk(&t);
	fake_tls_say(&t, GET_WHO);
	assert_true(fake_tls_heard_204(&t));
	assert_string_equal(fake_tls_server_name(&t), "localhost");
	fake_tls_free(&t);
}

#define plain_test(fn) \
	cmocka_unit_test_setup_teardown(fn, fake_web_setup, fake_web_teardown)
#define live_test(fn) \
	cmocka_unit_test_setup_teardown(fn, live_setup, fake_web_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		plain_test(set_tls__bad_files__are_named),
		plain_test(set_tls__nothing_given__is_invalid),
		plain_test(set_tls__expired__is_a_line_in_the_log),
		plain_test(set_tls__not_valid_yet__is_a_line_in_the_log),
		tls_test(client_ca__not_set__asks_nobody),
		tls_test(client_ca__required__lets_only_its_own_in),
		tls_test(client_ca__optional__tells_what_is_wrong),
		tls_test(client_ca__taken_back__asks_nobody),
		tls_test(client_ca__bad_file__changes_nothing),
		tls_test(client_ca__resumed__is_known_again),
		tls_test(certificate__of_a_session__outlives_its_request),
		live_test(reload__new_files__are_for_new_connections),
		live_test(reload__bad_files__leave_the_old_ones),
		live_test(set_tls__again_with_the_same_kind__takes_its_place),
		live_test(
			reload__with_a_connection_in_its_handshake__does_no_harm),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
