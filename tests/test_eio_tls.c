/* SPDX-License-Identifier: MIT */
/*
 * test_eio_tls.c: TLS at a server: certificates and their errors, the
 * handshake and its limits, clients' certificates, a reload, and both ends of
 * a connection. The client is OpenSSL's, on bytes of the fake network.
 */
#include <config.h>

#include "certificates.h"
#include "fake_tls.h"
#include "fake_web.h"

#include <openssl/err.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define PORT     4433
#define GET      "GET /who HTTP/1.1\r\nHost: a\r\n\r\n"

static struct made ca, other_ca, twin_ca, ec, rsa, renewed;
static struct made client, stranger, forged, old;

static int make_all(void **state)
{
	open_folder();
	ca = make_certificate(&(struct wish){ .name = "ca", .is_ca = 1 });
	other_ca = make_certificate(&(struct wish){
		.name = "another ca", .is_ca = 1 });
	twin_ca = make_certificate(&(struct wish){ .name = "ca", .is_ca = 1 });
	ec = make_certificate(&(struct wish){
		.name = "localhost", .issuer = &ca });
	rsa = make_certificate(&(struct wish){
		.name = "localhost", .kind = MADE_RSA, .issuer = &ca });
	renewed = make_certificate(&(struct wish){
		.name = "renewed", .issuer = &ca, .to = 86400 * 90 });
	old = make_certificate(&(struct wish){
		.name = "old", .issuer = &ca, .from = -7200, .to = -3600 });
	client = make_certificate(&(struct wish){
		.name = "anna", .issuer = &ca });
	stranger = make_certificate(&(struct wish){
		.name = "mallory", .issuer = &other_ca });
	forged = make_certificate(&(struct wish){
		.name = "anna", .issuer = &twin_ca });
	write_made(&ca, NULL, "ca");
	write_made(&ec, &ca, "ec");
	write_made(&rsa, NULL, "rsa");
	write_made(&renewed, NULL, "renewed");
	write_made(&old, NULL, "old");
	return 0;
}

static int free_all(void **state)
{
	free_made(&ca);
	free_made(&other_ca);
	free_made(&twin_ca);
	free_made(&forged);
	free_made(&ec);
	free_made(&rsa);
	free_made(&client);
	free_made(&stranger);
	free_made(&renewed);
	free_made(&old);
	close_folder();
	return 0;
}

/* -- the server ---------------------------------------------------------- */

static char seen[512];

static const char *field(const eio_request *req, enum eio_certificate which)
{
	const char *text = eio_request_peer_certificate(req, which);

	return text ? text : "none";
}

static void note_client(eio_request *req, void *user)
{
	snprintf(seen, sizeof(seen), "%s %s %s [%s]", eio_request_address(req),
		eio_request_is_secure(req) ? "secure" : "plain",
		field(req, ENGINEIO_CERTIFICATE_SUBJECT),
		field(req, ENGINEIO_CERTIFICATE_ERROR));
	eio_request_respond(req, 204, NULL, NULL, 0);
}

static int set_tls(struct fake_web *web, const char *name)
{
	char cert[40], key[40];

	snprintf(cert, sizeof(cert), "%s.crt", name);
	snprintf(key, sizeof(key), "%s.key", name);
	return eio_server_set_tls(web->srv, in_folder(cert), in_folder(key));
}

static int tls_setup(void **state)
{
	struct fake_web *web;

	if (fake_web_setup(state))
		return -1;
	web = *state;
	seen[0] = '\0';
	assert_int_equal(eio_server_route(web->srv, NULL, "/who", note_client,
				 NULL),
		0);
	assert_int_equal(set_tls(web, "ec"), 0);
	assert_int_equal(eio_server_listen(web->srv, NULL, PORT), 0);
	return 0;
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

/* -- the handshake ------------------------------------------------------- */

static void handshake__done__gives_a_secure_request(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	assert_true(fake_tls_start(&t, NULL));
	assert_string_equal(SSL_get_version(t.ssl), "TLSv1.3");
	fake_tls_say(&t, GET);
	assert_true(fake_tls_heard_204(&t));
	assert_string_equal(seen, "192.0.2.7 secure none [none]");
	fake_tls_free(&t);
}

static void handshake__byte_by_byte__gives_the_same(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);
	struct eio__strbuf bytes;
	char *data;
	size_t i;
	long len;
	int round;

	fake_tls_prepare(&t, NULL);
	eio__strbuf_init(&bytes, 0);
	for (round = 0; round < 4; round++) {
		if (SSL_do_handshake(t.ssl) == 1 && round < 3) {
			SSL_write(t.ssl, GET, sizeof(GET) - 1);
			round = 3;
		}
		len = BIO_get_mem_data(t.out, &data);
		eio__strbuf_reset(&bytes);
		eio__strbuf_add(&bytes, data, (size_t)len);
		(void)BIO_reset(t.out);
		for (i = 0; i < bytes.len; i++)
			fake_send(t.c, bytes.data + i, 1);
		fake_tls_pull(&t);
	}
	eio__strbuf_clear(&bytes);
	assert_true(fake_tls_heard_204(&t));
	fake_tls_free(&t);
}

/* All share an end below OpenSSL, the one that goes half-way too. */
static void handshake__beside_others__is_not_disturbed(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t[3];
	int i, round;

	for (i = 0; i < 3; i++) {
		t[i] = fake_tls_new(web->loop, PORT, &ca);
		SSL_CTX_set_max_proto_version(t[i].ctx,
			i == 2 ? TLS1_2_VERSION : TLS1_3_VERSION);
		fake_tls_prepare(&t[i], NULL);
	}
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 3; i++) {
			if (round > 0 && i == 1)
				continue;
			SSL_do_handshake(t[i].ssl);
			fake_tls_push(&t[i]);
			fake_tls_pull(&t[i]);
		}
		if (round == 0)
			fake_tls_free(&t[1]);
	}
	for (i = 0; i < 3; i += 2)
		SSL_write(t[i].ssl, GET, sizeof(GET) - 1);
	for (i = 0; i < 3; i += 2)
		assert_true(fake_tls_heard_204(&t[i]));
	assert_int_equal(eio_server_connections(web->srv), 2);
	for (i = 0; i < 3; i += 2)
		fake_tls_free(&t[i]);
}

static void handshake__tls_1_2__is_served_and_1_1_is_not(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	SSL_CTX_set_max_proto_version(t.ctx, TLS1_2_VERSION);
	assert_true(fake_tls_start(&t, NULL));
	assert_string_equal(SSL_get_version(t.ssl), "TLSv1.2");
	fake_tls_say(&t, GET);
	assert_true(fake_tls_heard_204(&t));
	fake_tls_free(&t);
	t = fake_tls_new(web->loop, PORT, &ca);
	SSL_CTX_set_security_level(t.ctx, 0);
	SSL_CTX_set_min_proto_version(t.ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(t.ctx, TLS1_1_VERSION);
	assert_false(fake_tls_start(&t, NULL));
	fake_tls_free(&t);
}

static void handshake__chain_file__is_sent_wholly(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	assert_true(fake_tls_start(&t, NULL));
	assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(t.ssl)), 2);
	fake_tls_free(&t);
}

static void handshake__two_keys__prefer_ecdsa_and_serve_rsa(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t;

	assert_int_equal(set_tls(web, "rsa"), 0);
	t = fake_tls_new(web->loop, PORT, &ca);
	assert_true(fake_tls_start(&t, NULL));
	assert_int_equal(fake_tls_server_kind(&t), MADE_EC);
	fake_tls_free(&t);
	t = fake_tls_new(web->loop, PORT, &ca);
	SSL_CTX_set_max_proto_version(t.ctx, TLS1_2_VERSION);
	assert_true(fake_tls_start(&t, NULL));
	assert_int_equal(fake_tls_server_kind(&t), MADE_EC);
	fake_tls_free(&t);
	t = fake_tls_new(web->loop, PORT, &ca);
	SSL_CTX_set1_sigalgs_list(t.ctx, "RSA-PSS+SHA256:RSA+SHA256");
	assert_true(fake_tls_start(&t, NULL));
	assert_int_equal(fake_tls_server_kind(&t), MADE_RSA);
	fake_tls_free(&t);
}

static const struct {
	long option;
	const char *offer, *chosen; /* NULL: refused */
} protocols[] = {
	{ ENGINEIO_HTTP2_OFF, "\x08http/1.1", "http/1.1" },
	{ ENGINEIO_HTTP2_OFF, "\x02h2\x08http/1.1", "http/1.1" },
	{ ENGINEIO_HTTP2_OFF, "\x08http/1.0", "http/1.0" },
	{ ENGINEIO_HTTP2_OFF, "\x02h2", NULL },
	{ ENGINEIO_HTTP2_OFF, "\x02h3", NULL },
	{ ENGINEIO_HTTP2_TLS, "\x08http/1.1", "http/1.1" },
#ifdef HAVE_NGHTTP2
	{ ENGINEIO_HTTP2_TLS, "\x02h2\x08http/1.1", "h2" },
	{ ENGINEIO_HTTP2_TLS, "\x08http/1.1\x02h2", "h2" },
	{ ENGINEIO_HTTP2_PLAIN, "\x02h2", "h2" },
#else
	{ ENGINEIO_HTTP2_TLS, "\x02h2\x08http/1.1", "http/1.1" },
#endif
};

static void handshake__each_alpn_offer__is_answered(void **state)
{
	struct fake_web *web = *state;
	const unsigned char *chosen;
	struct fake_tls t;
	unsigned len;
	size_t i;

	for (i = 0; i < COUNT(protocols); i++) {
		eio_server_set_option(web->srv, ENGINEIO_HTTP2,
			protocols[i].option);
		t = fake_tls_new(web->loop, PORT, &ca);
		SSL_CTX_set_alpn_protos(t.ctx,
			(const unsigned char *)protocols[i].offer,
			(unsigned)strlen(protocols[i].offer));
		assert_int_equal(fake_tls_start(&t, NULL),
			protocols[i].chosen != NULL);
		SSL_get0_alpn_selected(t.ssl, &chosen, &len);
		if (protocols[i].chosen) {
			assert_int_equal(len, strlen(protocols[i].chosen));
			assert_memory_equal(chosen, protocols[i].chosen, len);
		}
		fake_tls_free(&t);
	}
	assert_true(fake_app_logged(web->app, "no application protocol"));
}

static void handshake__never_begun__is_cut(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect_from(web->loop, PORT, "192.0.2.7");

	fake_advance(web->loop, 9999);
	assert_false(fake_is_closed(c, NULL));
	fake_advance(web->loop, 1);
	assert_true(fake_is_closed(c, NULL));
	assert_true(fake_app_logged(web->app, "no TLS in time (TLS_TIMEOUT)"));
	assert_int_equal(fake_received(c)->len, 0);
	fake_free(c);
}

static void handshake__drip_by_drip__is_cut_as_well(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);
	char *data;
	int i;

	assert_int_equal(eio_server_set_option(web->srv, ENGINEIO_TLS_TIMEOUT,
				 2000),
		0);
	fake_tls_free(&t);
	t = fake_tls_new(web->loop, PORT, &ca);
	fake_tls_prepare(&t, NULL);
	SSL_do_handshake(t.ssl);
	BIO_get_mem_data(t.out, &data);
	for (i = 0; i < 19; i++) {
		fake_send(t.c, data + i, 1);
		fake_advance(web->loop, 100);
	}
	assert_false(fake_is_closed(t.c, NULL));
	fake_advance(web->loop, 100);
	assert_true(fake_is_closed(t.c, NULL));
	fake_tls_free(&t);
}

static void handshake__rubbish__is_closed_with_a_reason(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect_from(web->loop, PORT, "192.0.2.7");

	fake_send(c, "\x16\x03\x01\xff\xff rubbish", 13);
	assert_true(fake_is_closed(c, NULL));
	assert_true(fake_app_logged(web->app,
		"http: connection of 192.0.2.7 closed: "));
	assert_int_equal(eio_server_counter(web->srv, ENGINEIO_COUNT_BAD_TLS),
		1);
	assert_int_equal(ERR_peek_error(), 0);
	fake_free(c);
}

static void handshake__plain_http__gets_400(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect_from(web->loop, PORT, "192.0.2.7");

	fake_puts(c, GET);
	assert_string_equal(fake_web_answers(c),
		"400 this port speaks HTTPS only | closed");
	assert_string_equal(seen, "");
	assert_true(fake_app_logged(web->app, "plain HTTP on a port for TLS"));
	fake_free(c);
}

static void handshake__that_the_client_gives_up__is_noted(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	/* It does not know our ca, and says so in an alert. */
	SSL_CTX_set_cert_store(t.ctx, X509_STORE_new());
	assert_false(fake_tls_start(&t, NULL));
	assert_true(fake_app_logged(web->app, "alert unknown ca"));
	fake_tls_free(&t);
}

static void handshake__resumed__costs_no_signature(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct fake_web *web = *state;
	SSL_SESSION *session;
	struct fake_tls t;
	size_t i;

	for (i = 0; i < COUNT(versions); i++) {
		t = fake_tls_new(web->loop, PORT, &ca);
		SSL_CTX_set_max_proto_version(t.ctx, versions[i]);
		assert_true(fake_tls_start(&t, NULL));
		assert_false(SSL_session_reused(t.ssl));
		session = SSL_get1_session(t.ssl);
		fake_tls_free(&t);
		t = fake_tls_new(web->loop, PORT, &ca);
		SSL_CTX_set_max_proto_version(t.ctx, versions[i]);
		assert_true(fake_tls_start(&t, session));
		assert_true(SSL_session_reused(t.ssl));
		fake_tls_say(&t, GET);
		assert_true(fake_tls_heard_204(&t));
		fake_tls_free(&t);
		SSL_SESSION_free(session);
	}
}

static void renegotiation__asked_for__is_refused(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	SSL_CTX_set_max_proto_version(t.ctx, TLS1_2_VERSION);
	assert_true(fake_tls_start(&t, NULL));
	assert_int_equal(SSL_renegotiate(t.ssl), 1);
	SSL_do_handshake(t.ssl);
	fake_tls_talk(&t);
	assert_int_equal(SSL_num_renegotiations(t.ssl), 1);
	fake_tls_say(&t, GET);
	assert_false(fake_tls_heard_204(&t));
	fake_tls_free(&t);
}

static void keys__changed_on_the_way__go_on(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);
	int i;

	assert_true(fake_tls_start(&t, NULL));
	for (i = 0; i < 20; i++) {
		SSL_key_update(t.ssl, SSL_KEY_UPDATE_REQUESTED);
		fake_tls_say(&t, GET);
		assert_true(fake_tls_heard_204(&t));
	}
	fake_tls_free(&t);
}

/* -- the end ------------------------------------------------------------- */

static void end__of_ours__is_announced(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	assert_true(fake_tls_start(&t, NULL));
	fake_tls_say(&t,
		"GET /who HTTP/1.1\r\nHost: a\r\n"
		"Connection: close\r\n\r\n");
	assert_true(fake_tls_heard_204(&t));
	assert_true(t.ended);
	assert_true(fake_is_finished(t.c));
	fake_tls_free(&t);
}

static void end__of_the_peers__is_heard_behind_its_data(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	assert_true(fake_tls_start(&t, NULL));
	SSL_write(t.ssl, GET, sizeof(GET) - 1);
	SSL_shutdown(t.ssl);
	fake_tls_push(&t);
	assert_string_equal(seen, "192.0.2.7 secure none [none]");
	assert_true(fake_is_closed(t.c, NULL));
	assert_int_equal(eio_server_connections(web->srv), 0);
	fake_tls_free(&t);
}

static void end__with_a_broken_record__is_noted(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);
	char *data;
	long len;

	assert_true(fake_tls_start(&t, NULL));
	SSL_write(t.ssl, GET, sizeof(GET) - 1);
	len = BIO_get_mem_data(t.out, &data);
	data[len - 1] ^= 1;
	fake_tls_push(&t);
	assert_string_equal(seen, "");
	assert_true(fake_is_closed(t.c, NULL));
	assert_true(fake_app_logged(web->app, "bad record mac"));
	fake_tls_free(&t);
}

/* -- much ---------------------------------------------------------------- */

static void answer__to_a_slow_reader__waits_and_arrives(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);
	size_t i;

	assert_true(fake_tls_start(&t, NULL));
	fake_room(t.c, 0);
	fake_tls_say(&t, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
	for (i = 0; i < 300; i++) {
		fake_room(t.c, 1000);
		fake_tls_talk(&t);
	}
	fake_room(t.c, SIZE_MAX);
	fake_tls_talk(&t);
	assert_true(t.plain.len > FAKE_WEB_BIG);
	for (i = t.plain.len - FAKE_WEB_BIG; i < t.plain.len; i++)
		assert_int_equal(t.plain.data[i], 'x');
	fake_tls_free(&t);
}

static void body__of_many_records__arrives_wholly(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);
	struct eio__strbuf b;
	size_t i;

	assert_true(fake_tls_start(&t, NULL));
	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b,
		"POST / HTTP/1.1\r\nHost: a\r\n"
		"Content-Length: 200000\r\n\r\n");
	for (i = 0; i < 200000; i++)
		eio__strbuf_addc(&b, (char)('a' + i % 26));
	SSL_write(t.ssl, b.data, (int)b.len);
	fake_tls_talk(&t);
	assert_true(t.plain.len > 200000);
	assert_memory_equal(t.plain.data + t.plain.len - 200000,
		b.data + b.len - 200000, 200000);
	eio__strbuf_clear(&b);
	fake_tls_free(&t);
}

/* How many records wait for the client, and how many bytes the longest has. */
static unsigned count_records(struct fake_tls *t, unsigned *longest)
{
	struct eio__strbuf *b = fake_received(t->c);
	const unsigned char *p = (const void *)b->data;
	unsigned n = 0, len;
	size_t at;

	*longest = 0;
	for (at = 0; at < b->len; at += 5 + len, n++) {
		len = p[at + 3] * 256u + p[at + 4];
		if (len > *longest)
			*longest = len;
	}
	return n;
}

static void ask(struct fake_tls *t, const char *request)
{
	SSL_write(t->ssl, request, (int)strlen(request));
	fake_tls_push(t);
}

static void records__of_short_and_long_answers__fit_them(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct fake_web *web = *state;
	struct fake_tls t;
	unsigned longest;
	size_t i;

	for (i = 0; i < 2 * COUNT(versions); i++) {
		t = fake_tls_new(web->loop, PORT, &ca);
		SSL_CTX_set_max_proto_version(t.ctx, versions[i / 2]);
		assert_true(fake_tls_start(&t, NULL));
		/* The second time nothing short comes first. */
		if (i % 2 == 0) {
			ask(&t, GET);
			assert_int_equal(count_records(&t, &longest), 1);
			assert_in_range(longest, 1, 511);
			assert_true(fake_tls_heard_204(&t));
		}
		ask(&t, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
		assert_in_range(count_records(&t, &longest), 7, 9);
		assert_in_range(longest, 16384, 16384 + 64);
		fake_tls_talk(&t);
		assert_true(t.plain.len > FAKE_WEB_BIG);
		eio__strbuf_clear(&t.plain);
		fake_tls_say(&t, GET);
		assert_true(fake_tls_heard_204(&t));
		fake_tls_free(&t);
	}
}

static void segments__are_as_few_as_can_be(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);
	unsigned longest, writes;

	assert_true(fake_tls_start(&t, NULL));
	/* From ServerHello to Finished is one, and the ticket is none. */
	assert_true(SSL_SESSION_has_ticket(SSL_get0_session(t.ssl)));
	assert_int_equal(fake_segments(t.c), 1);
	ask(&t, GET);
	assert_int_equal(fake_segments(t.c), 2);
	assert_true(fake_tls_heard_204(&t));
	/* Records of one write are one. */
	writes = fake_writes(t.c);
	ask(&t, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_in_range(count_records(&t, &longest), 7, 9);
	assert_int_equal(fake_segments(t.c) - 2, fake_writes(t.c) - writes);
	fake_tls_talk(&t);
	/* close_notify goes with FIN. */
	writes = fake_segments(t.c);
	fake_tls_say(&t,
		"GET /who HTTP/1.1\r\nHost: a\r\n"
		"Connection: close\r\n\r\n");
	assert_true(t.ended);
	assert_int_equal(fake_segments(t.c), writes + 1);
	fake_tls_free(&t);
}

/* In TLS 1.2 the client waits for what comes behind the ticket. */
static void segments__of_tls_1_2__end_each_flight(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	SSL_CTX_set_max_proto_version(t.ctx, TLS1_2_VERSION);
	assert_true(fake_tls_start(&t, NULL));
	assert_true(SSL_SESSION_has_ticket(SSL_get0_session(t.ssl)));
	assert_int_equal(fake_segments(t.c), 2);
	fake_tls_free(&t);
}

/* -- clients' certificates ------------------------------------------------ */

static void ask_clients(struct fake_web *web, bool required)
{
	assert_int_equal(eio_server_set_client_ca(web->srv, in_folder("ca.crt"),
				 required),
		0);
}

static const char *seen_with(struct fake_web *web, const struct made *m)
{
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	seen[0] = '\0';
	if (m)
		fake_tls_show(&t, m);
	fake_tls_start(&t, NULL);
	fake_tls_say(&t, GET);
	fake_tls_free(&t);
	return seen;
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
	t = fake_tls_new(web->loop, PORT, &ca);
	fake_tls_show(&t, &client);
	assert_true(fake_tls_start(&t, NULL));
	session = SSL_get1_session(t.ssl);
	fake_tls_free(&t);
	t = fake_tls_new(web->loop, PORT, &ca);
	assert_true(fake_tls_start(&t, session));
	assert_true(SSL_session_reused(t.ssl));
	fake_tls_say(&t, GET);
	assert_string_equal(seen, "192.0.2.7 secure CN=anna []");
	fake_tls_free(&t);
	/* Who is trusted may have changed: it has to be shown again. */
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
	t = fake_tls_new(web->loop, PORT, &ca);
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
	t = fake_tls_new(web->loop, PORT, &ca);
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
	assert_int_equal(eio_server_route(web->srv, NULL, "/who", note_client,
				 NULL),
		0);
	assert_int_equal(set_tls(web, "live"), 0);
	return eio_server_listen(web->srv, NULL, PORT);
}

static void reload__new_files__are_for_new_connections(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls before = fake_tls_new(web->loop, PORT, &ca), after;
	int64_t expires = eio_server_tls_expires(web->srv);
	SSL_SESSION *session;

	assert_true(fake_tls_start(&before, NULL));
	session = SSL_get1_session(before.ssl);
	copy_made("renewed");
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
	assert_int_equal((eio_server_tls_expires(web->srv) - expires) / 86400,
		89);
	after = fake_tls_new(web->loop, PORT, &ca);
	assert_true(fake_tls_start(&after, NULL));
	assert_string_equal(fake_tls_server_name(&after), "renewed");
	assert_string_equal(fake_tls_server_name(&before), "localhost");
	fake_tls_say(&before, GET);
	assert_true(fake_tls_heard_204(&before));
	fake_tls_say(&after, GET);
	assert_true(fake_tls_heard_204(&after));
	fake_tls_free(&before);
	fake_tls_free(&after);
	/* Who was there before comes back without a new signature. */
	after = fake_tls_new(web->loop, PORT, &ca);
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
	t = fake_tls_new(web->loop, PORT, &ca);
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
	t = fake_tls_new(web->loop, PORT, &ca);
	assert_true(fake_tls_start(&t, NULL));
	assert_string_equal(fake_tls_server_name(&t), "renewed");
	fake_tls_free(&t);
}

static void
reload__with_a_connection_in_its_handshake__does_no_harm(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	fake_tls_prepare(&t, NULL);
	SSL_do_handshake(t.ssl);
	fake_tls_push(&t);
	copy_made("renewed");
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
	fake_tls_pull(&t);
	fake_tls_talk(&t);
	fake_tls_say(&t, GET);
	assert_true(fake_tls_heard_204(&t));
	assert_string_equal(fake_tls_server_name(&t), "localhost");
	fake_tls_free(&t);
}

/* -- together with others ------------------------------------------------- */

static void listen__plain_and_tls__are_one_server(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c;

	assert_int_equal(eio_server_listen_with(web->srv, NULL, 8080, 0), 0);
	c = fake_connect_from(web->loop, 8080, "192.0.2.7");
	fake_puts(c, GET);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(seen, "192.0.2.7 plain none [none]");
	fake_free(c);
	assert_string_equal(seen_with(web, NULL),
		"192.0.2.7 secure none [none]");
}

static void listen__proxy_and_tls__are_taken_in_this_order(void **state)
{
	static const char header[] =
		"PROXY TCP4 198.51.100.1 192.0.2.2 51234 443\r\n";
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, PORT, &ca);

	eio_server_trust_proxy(web->srv, "10.0.0.0/8");
	assert_int_equal(eio_server_listen_with(web->srv, NULL, 444,
				 ENGINEIO_LISTEN_TLS | ENGINEIO_LISTEN_PROXY),
		0);
	fake_free(t.c);
	t.c = fake_connect_from(web->loop, 444, "10.0.0.1");
	fake_puts(t.c, header);
	assert_true(fake_tls_start(&t, NULL));
	fake_tls_say(&t, GET);
	assert_true(fake_tls_heard_204(&t));
	assert_string_equal(seen, "198.51.100.1 secure none [none]");
	fake_tls_free(&t);
}

/* -- TLS and plain on one port ------------------------------------------- */

#define BOTH 8443

static int both_setup(void **state)
{
	struct fake_web *web;

	if (tls_setup(state))
		return -1;
	web = *state;
	eio_server_trust_proxy(web->srv, "10.0.0.0/8");
	assert_int_equal(eio_server_listen_with(web->srv, NULL, BOTH,
				 ENGINEIO_LISTEN_TLS_AND_PLAIN),
		0);
	assert_true(fake_app_logged(web->app, "over TLS and without"));
	return 0;
}

static void both__plain_and_tls__get_what_they_begin_with(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, BOTH, &ca);
	struct fake_conn *c = fake_connect_from(web->loop, BOTH, "192.0.2.8");

	fake_puts(c, GET);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(seen, "192.0.2.8 plain none [none]");
	assert_true(fake_tls_start(&t, NULL));
	fake_tls_say(&t, GET);
	assert_true(fake_tls_heard_204(&t));
	assert_string_equal(seen, "192.0.2.7 secure none [none]");
	fake_puts(c, GET);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(seen, "192.0.2.8 plain none [none]");
	fake_free(c);
	fake_tls_free(&t);
}

static void both__byte_by_byte__are_told_apart_by_the_first(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, BOTH, &ca);
	struct fake_conn *c = fake_connect_from(web->loop, BOTH, "192.0.2.8");
	char *data;
	size_t i;
	long len;

	for (i = 0; GET[i]; i++)
		fake_send(c, &GET[i], 1);
	assert_string_equal(fake_web_answers(c), "204");
	fake_tls_prepare(&t, NULL);
	SSL_do_handshake(t.ssl);
	len = BIO_get_mem_data(t.out, &data);
	for (i = 0; i < (size_t)len; i++)
		fake_send(t.c, data + i, 1);
	(void)BIO_reset(t.out);
	fake_tls_pull(&t);
	fake_tls_talk(&t);
	fake_tls_say(&t, GET);
	assert_true(fake_tls_heard_204(&t));
	fake_free(c);
	fake_tls_free(&t);
}

static void both__silence__is_cut_by_the_limit_of_what_began(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *silent, *tls, *plain;

	silent = fake_connect_from(web->loop, BOTH, "192.0.2.1");
	tls = fake_connect_from(web->loop, BOTH, "192.0.2.2");
	plain = fake_connect_from(web->loop, BOTH, "192.0.2.3");
	fake_advance(web->loop, 15000);
	fake_send(tls, "\x16", 1);
	fake_send(plain, "G", 1);
	fake_advance(web->loop, 9999);
	assert_false(fake_is_closed(tls, NULL));
	fake_advance(web->loop, 1);
	assert_true(fake_is_closed(tls, NULL));
	assert_true(fake_app_logged(web->app, "no TLS in time (TLS_TIMEOUT)"));
	/* It is no fault to open a connection ahead, as browsers do. */
	fake_advance(web->loop, 4999);
	assert_false(fake_is_finished(silent));
	fake_advance(web->loop, 1);
	assert_true(fake_is_finished(silent));
	assert_non_null(strstr(web->app->log.data, "(HEADER_TIMEOUT)"));
	assert_null(strstr(web->app->log.data, "2 http:"));
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_TLS_TIMEOUT),
		1);
	/* Its own HEADER_TIMEOUT runs from the first byte. */
	fake_advance(web->loop, 14999);
	assert_false(fake_is_closed(plain, NULL));
	fake_advance(web->loop, 1);
	assert_string_equal(fake_web_answers(plain), "408 | closed");
	fake_free(silent);
	fake_free(tls);
	fake_free(plain);
}

static void both__behind_a_proxy__begin_behind_its_header(void **state)
{
	static const char header[] =
		"PROXY TCP4 198.51.100.1 192.0.2.2 51234 443\r\n";
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, BOTH, &ca);
	struct fake_conn *c;

	assert_int_equal(eio_server_listen_with(web->srv, NULL, 444,
				 ENGINEIO_LISTEN_TLS_AND_PLAIN |
					 ENGINEIO_LISTEN_PROXY),
		0);
	fake_free(t.c);
	t.c = fake_connect_from(web->loop, 444, "10.0.0.1");
	fake_puts(t.c, header);
	assert_true(fake_tls_start(&t, NULL));
	fake_tls_say(&t, GET);
	assert_true(fake_tls_heard_204(&t));
	assert_string_equal(seen, "198.51.100.1 secure none [none]");
	fake_tls_free(&t);
	c = fake_connect_from(web->loop, 444, "10.0.0.1");
	fake_send(c, header, sizeof(header) - 1);
	fake_puts(c, GET);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(seen, "198.51.100.1 plain none [none]");
	fake_free(c);
	c = fake_connect_from(web->loop, 444, "10.0.0.1");
	fake_puts(c, "PROXY TCP4 198.51.100.2 192.0.2.2 51234 443\r\n" GET);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(seen, "198.51.100.2 plain none [none]");
	fake_free(c);
}

/* It began behind its proxy, when its header had come; and the proxy itself has
 * no reason to be silent. */
static void both__silence_behind_a_proxy__is_like_any_other(void **state)
{
	static const char header[] =
		"PROXY TCP4 198.51.100.1 192.0.2.2 51234 443\r\n";
	struct fake_web *web = *state;
	struct fake_conn *behind, *proxy;

	assert_int_equal(eio_server_listen_with(web->srv, NULL, 444,
				 ENGINEIO_LISTEN_TLS_AND_PLAIN |
					 ENGINEIO_LISTEN_PROXY),
		0);
	behind = fake_connect_from(web->loop, 444, "10.0.0.1");
	proxy = fake_connect_from(web->loop, 444, "10.0.0.1");
	fake_advance(web->loop, 5000);
	fake_puts(behind, header);
	fake_advance(web->loop, 5000);
	assert_true(fake_is_closed(proxy, NULL));
	assert_true(fake_app_logged(web->app, "no PROXY header in time"));
	fake_advance(web->loop, 24999);
	assert_false(fake_is_finished(behind));
	fake_advance(web->loop, 1);
	assert_true(fake_is_finished(behind));
	assert_true(fake_app_logged(web->app, "(HEADER_TIMEOUT)"));
	fake_free(behind);
	fake_free(proxy);
}

static void both__rubbish__is_the_fault_of_the_one_it_looks_like(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c = fake_connect_from(web->loop, BOTH, "192.0.2.7");

	fake_send(c, "\x16\x03\x01\xff\xff rubbish", 13);
	assert_true(fake_is_closed(c, NULL));
	assert_int_equal(eio_server_counter(web->srv, ENGINEIO_COUNT_BAD_TLS),
		1);
	fake_free(c);
	c = fake_connect_from(web->loop, BOTH, "192.0.2.7");
	fake_send(c, "\x15\x03\x01", 3);
	assert_string_equal(fake_web_answers(c), "400 | closed");
	assert_int_equal(eio_server_counter(web->srv, ENGINEIO_COUNT_BAD_HTTP),
		1);
	fake_free(c);
}

static void both__gone_before_the_first_byte__leave_nothing(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *left =
		fake_connect_from(web->loop, BOTH, "192.0.2.7");
	struct fake_conn *there =
		fake_connect_from(web->loop, BOTH, "192.0.2.7");

	fake_fin(left);
	fake_free(left);
	assert_int_equal(eio_server_reload_tls(web->srv), 0);
	fake_app_free_server(web->app);
	assert_true(fake_is_closed(there, NULL));
	fake_free(there);
}

static void free__of_the_server__ends_every_connection(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls ready = fake_tls_new(web->loop, PORT, &ca),
			begun = fake_tls_new(web->loop, PORT, &ca);

	assert_true(fake_tls_start(&ready, NULL));
	fake_app_free_server(web->app);
	assert_true(fake_is_closed(ready.c, NULL));
	assert_true(fake_is_closed(begun.c, NULL));
	fake_tls_free(&ready);
	fake_tls_free(&begun);
}

#define plain_test(fn) \
	cmocka_unit_test_setup_teardown(fn, fake_web_setup, fake_web_teardown)
#define tls_test(fn) \
	cmocka_unit_test_setup_teardown(fn, tls_setup, fake_web_teardown)
#define both_test(fn) \
	cmocka_unit_test_setup_teardown(fn, both_setup, fake_web_teardown)
#define live_test(fn) \
	cmocka_unit_test_setup_teardown(fn, live_setup, fake_web_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		plain_test(set_tls__bad_files__are_named),
		plain_test(set_tls__nothing_given__is_invalid),
		plain_test(set_tls__expired__is_a_line_in_the_log),
		plain_test(set_tls__not_valid_yet__is_a_line_in_the_log),
		tls_test(handshake__done__gives_a_secure_request),
		tls_test(handshake__byte_by_byte__gives_the_same),
		tls_test(handshake__beside_others__is_not_disturbed),
		tls_test(handshake__tls_1_2__is_served_and_1_1_is_not),
		tls_test(handshake__chain_file__is_sent_wholly),
		tls_test(handshake__two_keys__prefer_ecdsa_and_serve_rsa),
		tls_test(handshake__each_alpn_offer__is_answered),
		tls_test(handshake__never_begun__is_cut),
		tls_test(handshake__drip_by_drip__is_cut_as_well),
		tls_test(handshake__rubbish__is_closed_with_a_reason),
		tls_test(handshake__plain_http__gets_400),
		tls_test(handshake__that_the_client_gives_up__is_noted),
		tls_test(handshake__resumed__costs_no_signature),
		tls_test(renegotiation__asked_for__is_refused),
		tls_test(keys__changed_on_the_way__go_on),
		tls_test(end__of_ours__is_announced),
		tls_test(end__of_the_peers__is_heard_behind_its_data),
		tls_test(end__with_a_broken_record__is_noted),
		tls_test(answer__to_a_slow_reader__waits_and_arrives),
		tls_test(body__of_many_records__arrives_wholly),
		tls_test(records__of_short_and_long_answers__fit_them),
		tls_test(segments__are_as_few_as_can_be),
		tls_test(segments__of_tls_1_2__end_each_flight),
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
		tls_test(listen__plain_and_tls__are_one_server),
		tls_test(listen__proxy_and_tls__are_taken_in_this_order),
		both_test(both__plain_and_tls__get_what_they_begin_with),
		both_test(both__byte_by_byte__are_told_apart_by_the_first),
		both_test(both__silence__is_cut_by_the_limit_of_what_began),
		both_test(both__behind_a_proxy__begin_behind_its_header),
		both_test(both__silence_behind_a_proxy__is_like_any_other),
		both_test(both__rubbish__is_the_fault_of_the_one_it_looks_like),
		both_test(both__gone_before_the_first_byte__leave_nothing),
		tls_test(free__of_the_server__ends_every_connection),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
