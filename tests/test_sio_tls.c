/* SPDX-License-Identifier: MIT */
/*
 * test_sio_tls.c: TLS and proxies through the calls of <socketio/socketio.h>:
 * their failures, which keep the server from running, and what a socket says
 * of its client.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sio.h"
#include "fake_tls.h"

#define PORT 4433

static struct made ca, client;

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

static int set_tls(void)
{
	return sio_server_set_tls(srv, in_folder("ca.crt"),
		in_folder("ca.key"));
}

/* -- failures ------------------------------------------------------------- */

static void expect_refusal(int err, const char *text)
{
	assert_non_null(strstr(sio_server_error(srv), text));
	assert_int_equal(sio_server_run(srv), err);
	assert_int_equal(sio_server_listen(srv, NULL, 0), err);
}

static void set_tls__missing_file__keeps_it_from_running(void **state)
{
	assert_int_equal(sio_server_set_tls(srv, in_folder("none.crt"),
				 "none.key"),
		SIO_ERR_TLS);
	expect_refusal(SIO_ERR_TLS, "none.crt: No such file or directory");
}

static void set_tls__nothing__keeps_it_from_running(void **state)
{
	assert_int_equal(sio_server_set_tls(srv, NULL, NULL), SIO_ERR_INVALID);
	expect_refusal(SIO_ERR_INVALID, "sio_server_set_tls(): invalid");
}

static void set_client_ca__first__keeps_it_from_running(void **state)
{
	assert_int_equal(sio_server_set_client_ca(srv, "ca.crt", true),
		SIO_ERR_STATE);
	expect_refusal(SIO_ERR_STATE, "goes first");
}

static void trust_proxy__no_range__keeps_it_from_running(void **state)
{
	assert_int_equal(sio_server_trust_proxy(srv, "10/8"), SIO_ERR_INVALID);
	expect_refusal(SIO_ERR_INVALID, "sio_server_trust_proxy(\"10/8\")");
}

static void listen_with__flags_without_their_setting__says_so(void **state)
{
	assert_int_equal(sio_server_listen_with(srv, NULL, 0,
				 ENGINEIO_LISTEN_TLS),
		SIO_ERR_STATE);
	assert_non_null(strstr(sio_server_error(srv), "needs a certificate"));
	assert_int_equal(sio_server_listen_with(srv, NULL, 0, 1u << 31),
		SIO_ERR_INVALID);
}

static void calls__without_a_server__are_invalid(void **state)
{
	assert_int_equal(sio_server_set_tls(NULL, "a", "b"), SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_client_ca(NULL, "a", true),
		SIO_ERR_INVALID);
	assert_int_equal(sio_server_reload_tls(NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_server_tls_expires(NULL), 0);
	assert_int_equal(sio_server_trust_proxy(NULL, "::1"), SIO_ERR_INVALID);
	assert_int_equal(sio_server_listen_with(NULL, NULL, 0, 0),
		SIO_ERR_INVALID);
	assert_null(sio_socket_peer_certificate(NULL,
		ENGINEIO_CERTIFICATE_SUBJECT));
}

static void reload__bad_file__is_not_what_ends_a_server(void **state)
{
	assert_int_equal(set_tls(), 0);
	write_text("ca.key", "rubbish");
	assert_int_equal(sio_server_reload_tls(srv), SIO_ERR_TLS);
	assert_string_equal(sio_server_error(srv), "");
	write_made(&ca, NULL, "ca");
	assert_int_equal(sio_server_reload_tls(srv), 0);
	assert_true(sio_server_tls_expires(srv) > 0);
}

/* -- a socket ------------------------------------------------------------- */

static void on_connection(sio_socket *s, sio_event *ev, void *user)
{
	json_t *handshake = sio_socket_handshake(s);
	const char *subject =
		sio_socket_peer_certificate(s, ENGINEIO_CERTIFICATE_SUBJECT);
	const char *error =
		sio_socket_peer_certificate(s, ENGINEIO_CERTIFICATE_ERROR);

	tell("%s %s %s %s [%s]", sio_socket_address(s),
		json_string_value(json_object_get(handshake, "address")),
		json_is_true(json_object_get(handshake, "secure")) ? "secure"
								   : "plain",
		subject ? subject : "nobody", error ? error : "none");
	json_decref(handshake);
}

static void check_socket(const struct made *shown, const char *expected)
{
	struct fake_tls t = fake_tls_new(loop, PORT, &ca);
	char request[256];
	const char *heard;
	char sid[21];

	if (shown)
		fake_tls_show(&t, shown);
	assert_true(fake_tls_start(&t, NULL));
	fake_tls_say(&t,
		"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n"
		"Host: a\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n");
	heard = strstr(fake_tls_heard(&t), "\"sid\":\"");
	assert_non_null(heard);
	memcpy(sid, heard + 7, 20);
	sid[20] = '\0';
	snprintf(request, sizeof(request),
		"POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\n"
		"Host: a\r\nContent-Length: 2\r\n\r\n40",
		sid);
	fake_tls_say(&t, request);
	assert_story(expected);
	fake_tls_free(&t);
}

static void socket__over_tls__says_who_it_is(void **state)
{
	assert_int_equal(set_tls(), 0);
	assert_int_equal(sio_server_set_client_ca(srv, in_folder("ca.crt"),
				 false),
		0);
	assert_int_equal(sio_server_listen(srv, NULL, PORT), 0);
	sio_nsp_on_connection(io, on_connection, NULL);
	check_socket(&client, "192.0.2.7 192.0.2.7 secure CN=anna []");
	check_socket(NULL, "192.0.2.7 192.0.2.7 secure nobody [none]");
	assert_int_equal(sio_server_trust_proxy(srv, "192.0.2.7"), 0);
	check_socket(&client, "203.0.113.1 203.0.113.1 secure CN=anna []");
}

#define deaf_test(fn) \
	cmocka_unit_test_setup_teardown(fn, sio_setup_deaf, sio_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		deaf_test(set_tls__missing_file__keeps_it_from_running),
		deaf_test(set_tls__nothing__keeps_it_from_running),
		deaf_test(set_client_ca__first__keeps_it_from_running),
		deaf_test(trust_proxy__no_range__keeps_it_from_running),
		deaf_test(listen_with__flags_without_their_setting__says_so),
		deaf_test(calls__without_a_server__are_invalid),
		deaf_test(reload__bad_file__is_not_what_ends_a_server),
		deaf_test(socket__over_tls__says_who_it_is),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
