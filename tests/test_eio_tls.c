/* SPDX-License-Identifier: MIT */
/*
 * test_eio_tls.c: TLS at a server: the handshake and its limits, and the end of
 * a connection. The client is OpenSSL's, on bytes of the fake network.
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

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* -- the handshake ------------------------------------------------------- */

static void handshake__done__gives_a_secure_request(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

	assert_true(fake_tls_start(&t, NULL));
	assert_string_equal(SSL_get_version(t.ssl), "TLSv1.3");
	fake_tls_say(&t, GET_WHO);
	assert_true(fake_tls_heard_204(&t));
	assert_string_equal(seen, "192.0.2.7 secure none [none]");
	fake_tls_free(&t);
}

static void handshake__byte_by_byte__gives_the_same(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);
	struct eio__strbuf bytes;
	char *data;
	size_t i;
	long len;
	int round;

	fake_tls_prepare(&t, NULL);
	eio__strbuf_init(&bytes, 0);
	for (round = 0; round < 4; round++) {
		if (SSL_do_handshake(t.ssl) == 1 && round < 3) {
			SSL_write(t.ssl, GET_WHO, sizeof(GET_WHO) - 1);
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
		t[i] = fake_tls_new(web->loop, TLS_PORT, &ca);
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
		SSL_write(t[i].ssl, GET_WHO, sizeof(GET_WHO) - 1);
	for (i = 0; i < 3; i += 2)
		assert_true(fake_tls_heard_204(&t[i]));
	assert_int_equal(eio_server_connections(web->srv), 2);
	for (i = 0; i < 3; i += 2)
		fake_tls_free(&t[i]);
}

static void handshake__tls_1_2__is_served_and_1_1_is_not(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

	SSL_CTX_set_max_proto_version(t.ctx, TLS1_2_VERSION);
	assert_true(fake_tls_start(&t, NULL));
	assert_string_equal(SSL_get_version(t.ssl), "TLSv1.2");
	fake_tls_say(&t, GET_WHO);
	assert_true(fake_tls_heard_204(&t));
	fake_tls_free(&t);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
	SSL_CTX_set_security_level(t.ctx, 0);
	SSL_CTX_set_min_proto_version(t.ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(t.ctx, TLS1_1_VERSION);
	assert_false(fake_tls_start(&t, NULL));
	fake_tls_free(&t);
}

static void handshake__chain_file__is_sent_wholly(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

	assert_true(fake_tls_start(&t, NULL));
	assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(t.ssl)), 2);
	fake_tls_free(&t);
}

static void handshake__two_keys__prefer_ecdsa_and_serve_rsa(void **state)
{
	struct made rsa = make_certificate(&(struct wish){
		.name = "localhost", .kind = MADE_RSA, .issuer = &ca });
	struct fake_web *web = *state;
	struct fake_tls t;

	write_made(&rsa, NULL, "rsa");
	free_made(&rsa);
	assert_int_equal(set_tls(web, "rsa"), 0);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
	assert_true(fake_tls_start(&t, NULL));
	assert_int_equal(fake_tls_server_kind(&t), MADE_EC);
	fake_tls_free(&t);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
	SSL_CTX_set_max_proto_version(t.ctx, TLS1_2_VERSION);
	assert_true(fake_tls_start(&t, NULL));
	assert_int_equal(fake_tls_server_kind(&t), MADE_EC);
	fake_tls_free(&t);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
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
		t = fake_tls_new(web->loop, TLS_PORT, &ca);
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
	struct fake_conn *c =
		fake_connect_from(web->loop, TLS_PORT, "192.0.2.7");

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
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);
	char *data;
	int i;

	assert_int_equal(eio_server_set_option(web->srv, ENGINEIO_TLS_TIMEOUT,
				 2000),
		0);
	fake_tls_free(&t);
	t = fake_tls_new(web->loop, TLS_PORT, &ca);
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
	struct fake_conn *c =
		fake_connect_from(web->loop, TLS_PORT, "192.0.2.7");

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
	struct fake_conn *c =
		fake_connect_from(web->loop, TLS_PORT, "192.0.2.7");

	fake_puts(c, GET_WHO);
	assert_string_equal(fake_web_answers(c),
		"400 this port speaks HTTPS only | closed");
	assert_string_equal(seen, "");
	assert_true(fake_app_logged(web->app, "plain HTTP on a port for TLS"));
	fake_free(c);
}

static void handshake__that_the_client_gives_up__is_noted(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

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
		t = fake_tls_new(web->loop, TLS_PORT, &ca);
		SSL_CTX_set_max_proto_version(t.ctx, versions[i]);
		assert_true(fake_tls_start(&t, NULL));
		assert_false(SSL_session_reused(t.ssl));
		session = SSL_get1_session(t.ssl);
		fake_tls_free(&t);
		t = fake_tls_new(web->loop, TLS_PORT, &ca);
		SSL_CTX_set_max_proto_version(t.ctx, versions[i]);
		assert_true(fake_tls_start(&t, session));
		assert_true(SSL_session_reused(t.ssl));
		fake_tls_say(&t, GET_WHO);
		assert_true(fake_tls_heard_204(&t));
		fake_tls_free(&t);
		SSL_SESSION_free(session);
	}
}

static void renegotiation__asked_for__is_refused(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

	SSL_CTX_set_max_proto_version(t.ctx, TLS1_2_VERSION);
	assert_true(fake_tls_start(&t, NULL));
	assert_int_equal(SSL_renegotiate(t.ssl), 1);
	SSL_do_handshake(t.ssl);
	fake_tls_talk(&t);
	assert_int_equal(SSL_num_renegotiations(t.ssl), 1);
	fake_tls_say(&t, GET_WHO);
	assert_false(fake_tls_heard_204(&t));
	fake_tls_free(&t);
}

static void keys__changed_on_the_way__go_on(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);
	int i;

	assert_true(fake_tls_start(&t, NULL));
	for (i = 0; i < 20; i++) {
		SSL_key_update(t.ssl, SSL_KEY_UPDATE_REQUESTED);
		fake_tls_say(&t, GET_WHO);
		assert_true(fake_tls_heard_204(&t));
	}
	fake_tls_free(&t);
}

/* -- the end ------------------------------------------------------------- */

static void end__of_ours__is_announced(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

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
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

	assert_true(fake_tls_start(&t, NULL));
	SSL_write(t.ssl, GET_WHO, sizeof(GET_WHO) - 1);
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
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);
	char *data;
	long len;

	assert_true(fake_tls_start(&t, NULL));
	SSL_write(t.ssl, GET_WHO, sizeof(GET_WHO) - 1);
	len = BIO_get_mem_data(t.out, &data);
	data[len - 1] ^= 1;
	fake_tls_push(&t);
	assert_string_equal(seen, "");
	assert_true(fake_is_closed(t.c, NULL));
	assert_true(fake_app_logged(web->app, "bad record mac"));
	fake_tls_free(&t);
}

/* -- TLS and plain on one port ------------------------------------------- */

static void free__of_the_server__ends_every_connection(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls ready = fake_tls_new(web->loop, TLS_PORT, &ca),
			begun = fake_tls_new(web->loop, TLS_PORT, &ca);

	assert_true(fake_tls_start(&ready, NULL));
	fake_app_free_server(web->app);
	assert_true(fake_is_closed(ready.c, NULL));
	assert_true(fake_is_closed(begun.c, NULL));
	fake_tls_free(&ready);
	fake_tls_free(&begun);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
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
		tls_test(free__of_the_server__ends_every_connection),
	};

	return cmocka_run_group_tests(tests, tls_begin, tls_end);
}
