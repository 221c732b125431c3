/* SPDX-License-Identifier: MIT */
/*
 * test_eio_tls_records.c: long messages over TLS, and how they are cut into
 * records and segments.
 */
#include <config.h>

#include "fake_tls_web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* -- much ---------------------------------------------------------------- */

static void answer__to_a_slow_reader__waits_and_arrives(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);
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
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);
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
		t = fake_tls_new(web->loop, TLS_PORT, &ca);
		SSL_CTX_set_max_proto_version(t.ctx, versions[i / 2]);
		assert_true(fake_tls_start(&t, NULL));
		/* The second time nothing short comes first. */
		if (i % 2 == 0) {
			ask(&t, GET_WHO);
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
		fake_tls_say(&t, GET_WHO);
		assert_true(fake_tls_heard_204(&t));
		fake_tls_free(&t);
	}
}

static void segments__are_as_few_as_can_be(void **state)
{
	struct fake_web *web = *state;
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);
	unsigned longest, writes;

	assert_true(fake_tls_start(&t, NULL));
	/* From ServerHello to Finished is one, and the ticket is none. */
	assert_true(SSL_SESSION_has_ticket(SSL_get0_session(t.ssl)));
	assert_int_equal(fake_segments(t.c), 1);
	ask(&t, GET_WHO);
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
	struct fake_tls t = fake_tls_new(web->loop, TLS_PORT, &ca);

	SSL_CTX_set_max_proto_version(t.ctx, TLS1_2_VERSION);
	assert_true(fake_tls_start(&t, NULL));
	assert_true(SSL_SESSION_has_ticket(SSL_get0_session(t.ssl)));
	assert_int_equal(fake_segments(t.c), 2);
	fake_tls_free(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		tls_test(answer__to_a_slow_reader__waits_and_arrives),
		tls_test(body__of_many_records__arrives_wholly),
		tls_test(records__of_short_and_long_answers__fit_them),
		tls_test(segments__are_as_few_as_can_be),
		tls_test(segments__of_tls_1_2__end_each_flight),
	};

	return cmocka_run_group_tests(tests, tls_begin, tls_end);
}
