/* SPDX-License-Identifier: MIT */
/*
 * test_eio_tls_ports.c: TLS beside what else comes: on its own port, behind a
 * proxy, and with plain HTTP on one port.
 */
#include <config.h>

#include "fake_tls_web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* -- together with others ------------------------------------------------- */

static void listen__plain_and_tls__are_one_server(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c;

	assert_int_equal(eio_server_listen_with(web->srv, NULL, 8080, 0), 0);
	c = fake_connect_from(web->loop, 8080, "192.0.2.7");
	fake_puts(c, GET_WHO);
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
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

	eio_server_trust_proxy(web->srv, "10.0.0.0/8");
	assert_int_equal(eio_server_listen_with(web->srv, NULL, 444,
				 ENGINEIO_LISTEN_TLS | ENGINEIO_LISTEN_PROXY),
		0);
	fake_free(t.c);
	t.c = fake_connect_from(web->loop, 444, "10.0.0.1");
	fake_puts(t.c, header);
	assert_true(fake_tls_start(&t, NULL));
	fake_tls_say(&t, GET_WHO);
	assert_true(fake_tls_heard_204(&t));
	assert_string_equal(seen, "198.51.100.1 secure none [none]");
	fake_tls_free(&t);
}

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

	fake_puts(c, GET_WHO);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(seen, "192.0.2.8 plain none [none]");
	assert_true(fake_tls_start(&t, NULL));
	fake_tls_say(&t, GET_WHO);
	assert_true(fake_tls_heard_204(&t));
	assert_string_equal(seen, "192.0.2.7 secure none [none]");
	fake_puts(c, GET_WHO);
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

	for (i = 0; GET_WHO[i]; i++)
		fake_send(c, &GET_WHO[i], 1);
	assert_string_equal(fake_web_answers(c), "204");
	fake_tls_prepare(&t, NULL);
	SSL_do_handshake(t.ssl);
	len = BIO_get_mem_data(t.out, &data);
	for (i = 0; i < (size_t)len; i++)
		fake_send(t.c, data + i, 1);
	(void)BIO_reset(t.out);
	fake_tls_pull(&t);
	fake_tls_talk(&t);
	fake_tls_say(&t, GET_WHO);
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
	fake_tls_say(&t, GET_WHO);
	assert_true(fake_tls_heard_204(&t));
	assert_string_equal(seen, "198.51.100.1 secure none [none]");
	fake_tls_free(&t);
	c = fake_connect_from(web->loop, 444, "10.0.0.1");
	fake_send(c, header, sizeof(header) - 1);
	fake_puts(c, GET_WHO);
	assert_string_equal(fake_web_answers(c), "204");
	assert_string_equal(seen, "198.51.100.1 plain none [none]");
	fake_free(c);
	c = fake_connect_from(web->loop, 444, "10.0.0.1");
	fake_puts(c, "PROXY TCP4 198.51.100.2 192.0.2.2 51234 443\r\n" GET_WHO);
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
#define both_test(fn) \
	cmocka_unit_test_setup_teardown(fn, both_setup, fake_web_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		tls_test(listen__plain_and_tls__are_one_server),
		tls_test(listen__proxy_and_tls__are_taken_in_this_order),
		both_test(both__plain_and_tls__get_what_they_begin_with),
		both_test(both__byte_by_byte__are_told_apart_by_the_first),
		both_test(both__silence__is_cut_by_the_limit_of_what_began),
		both_test(both__behind_a_proxy__begin_behind_its_header),
		both_test(both__silence_behind_a_proxy__is_like_any_other),
		both_test(both__rubbish__is_the_fault_of_the_one_it_looks_like),
		both_test(both__gone_before_the_first_byte__leave_nothing),
	};

	return cmocka_run_group_tests(tests, tls_begin, tls_end);
}
