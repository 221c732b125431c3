/* SPDX-License-Identifier: MIT */
/*
 * test_eio_tls_floods.c: peers that let TLS work without end: they ask for
 * new keys or another handshake and do not read the answers, or send records
 * that say nothing.
 */
#include <config.h>

#include "fake_records.h"
#include "fake_tls_web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define GET      "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

#define BIG "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"

/* KeyUpdate (RFC 8446, 4.6.3): update_requested and update_not_requested; the
 * beginning of a ClientHello. Each with its length. */
#define ASK_KEYS     "\x18\0\0\x01\x01", 5
#define TELL_KEYS    "\x18\0\0\x01\x00", 5
#define CLIENT_HELLO "\x01\0\0\0", 4

/* A client that has shaken hands. */
static void begin(struct fake_web *web, struct fake_tls *t,
	struct fake_records *r, int version)
{
	*t = fake_tls_new(web->loop, TLS_PORT, &ca);
	fake_records_prepare(r, t, version);
	assert_true(fake_tls_start(t, NULL));
	fake_records_begin(r);
	fake_tls_pull(t);
}

static bool is_open(struct fake_tls *t)
{
	return !fake_is_closed(t->c, NULL);
}

static void records__made_by_hand__are_understood(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct fake_web *web = *state;
	struct fake_records r;
	struct fake_tls t;
	size_t i;

	for (i = 0; i < COUNT(versions); i++) {
		begin(web, &t, &r, versions[i]);
		fake_records_send(&r, RECORD_DATA, GET, sizeof(GET) - 1);
		assert_non_null(strstr(fake_tls_heard(&t), "200 OK"));
		fake_tls_free(&t);
	}
}

/* -- answers that nobody reads ------------------------------------------- */

/* How many bytes the server has sent or kept for the client. */
static size_t answers(struct fake_tls *t)
{
	fake_room(t->c, SIZE_MAX);
	return fake_received(t->c)->len;
}

static void is_cut(struct fake_web *web, struct fake_tls *t, unsigned times)
{
	assert_false(is_open(t));
	assert_int_equal(eio_server_connections(web->srv), 0);
	assert_in_range(answers(t), 16384, 16500);
	assert_int_equal(eio_server_counter(web->srv,
				 ENGINEIO_COUNT_MAX_TLS_ANSWERS),
		times);
	assert_int_equal(eio_server_counter(web->srv, ENGINEIO_COUNT_BAD_TLS),
		0);
	assert_true(fake_app_logged(web->app,
		"http: connection of 192.0.2.7 closed: its peer does not read "
		"what TLS answers (MAX_TLS_ANSWERS)"));
}

static void keys__asked_for_without_end__close_the_connection(void **state)
{
	struct fake_web *web = *state;
	struct fake_records r;
	struct fake_tls t;
	int i;

	begin(web, &t, &r, TLS1_3_VERSION);
	fake_room(t.c, 0);
	for (i = 0; i < 10000 && is_open(&t); i++) {
		fake_records_send(&r, RECORD_HANDSHAKE, ASK_KEYS);
		fake_records_next_keys(&r);
	}
	assert_in_range(i, 500, 1000);
	is_cut(web, &t, 1);
	fake_tls_free(&t);
}

static void keys__asked_for_all_at_once__close_the_connection(void **state)
{
	struct fake_web *web = *state;
	struct eio__strbuf out;
	struct fake_records r;
	struct fake_tls t;
	int i;

	begin(web, &t, &r, TLS1_3_VERSION);
	fake_room(t.c, 0);
	eio__strbuf_init(&out, 0);
	for (i = 0; i < 10000; i++) {
		fake_records_add(&r, &out, RECORD_HANDSHAKE, ASK_KEYS);
		fake_records_next_keys(&r);
	}
	fake_send(t.c, out.data, out.len);
	is_cut(web, &t, 1);
	eio__strbuf_clear(&out);
	fake_tls_free(&t);
}

/* Whoever reads may ask as often as it likes, also if that takes a while. */
static void keys__asked_for_by_a_reader__go_on(void **state)
{
	struct fake_web *web = *state;
	struct fake_records r;
	struct fake_tls t;
	int i;

	begin(web, &t, &r, TLS1_3_VERSION);
	for (i = 0; i < 3000; i++) {
		if (i % 500 == 0) {
			fake_room(t.c, SIZE_MAX);
			fake_tls_heard(&t);
			fake_room(t.c, 0);
		}
		fake_records_send(&r, RECORD_HANDSHAKE, ASK_KEYS);
		fake_records_next_keys(&r);
	}
	fake_room(t.c, SIZE_MAX);
	fake_records_send(&r, RECORD_DATA, GET, sizeof(GET) - 1);
	assert_non_null(strstr(fake_tls_heard(&t), "200 OK"));
	fake_tls_free(&t);
}

static void keys__told_without_end__cost_nothing(void **state)
{
	struct fake_web *web = *state;
	struct fake_records r;
	struct fake_tls t;
	int i;

	begin(web, &t, &r, TLS1_3_VERSION);
	for (i = 0; i < 3000; i++) {
		fake_records_send(&r, RECORD_HANDSHAKE, TELL_KEYS);
		fake_records_next_keys(&r);
	}
	assert_int_equal(answers(&t), 0);
	fake_records_send(&r, RECORD_DATA, GET, sizeof(GET) - 1);
	assert_non_null(strstr(fake_tls_heard(&t), "200 OK"));
	fake_tls_free(&t);
}

/* The output of the program has limits of its own. */
static void keys__asked_for_behind_a_large_answer__do_no_harm(void **state)
{
	struct fake_web *web = *state;
	struct fake_records r;
	struct fake_tls t;
	int i;

	begin(web, &t, &r, TLS1_3_VERSION);
	fake_room(t.c, 0);
	fake_records_send(&r, RECORD_DATA, BIG, sizeof(BIG) - 1);
	for (i = 0; i < 100; i++) {
		fake_records_send(&r, RECORD_HANDSHAKE, ASK_KEYS);
		fake_records_next_keys(&r);
	}
	fake_room(t.c, SIZE_MAX);
	fake_tls_talk(&t);
	assert_true(t.plain.len > FAKE_WEB_BIG);
	assert_true(is_open(&t));
	fake_tls_free(&t);
}

/* In TLS 1.2 each is answered with the warning no_renegotiation. */
static void
handshake__asked_for_without_end__closes_the_connection(void **state)
{
	struct fake_web *web = *state;
	struct fake_records r;
	struct fake_tls t;
	int i;

	begin(web, &t, &r, TLS1_2_VERSION);
	fake_room(t.c, 0);
	for (i = 0; i < 10000 && is_open(&t); i++)
		fake_records_send(&r, RECORD_HANDSHAKE, CLIENT_HELLO);
	assert_in_range(i, 500, 1000);
	is_cut(web, &t, 1);
	fake_tls_free(&t);
}

static void limit__set__holds_for_new_connections(void **state)
{
	struct fake_web *web = *state;
	struct fake_records r;
	struct fake_tls t;
	int i;

	assert_int_equal(eio_server_set_option(web->srv,
				 ENGINEIO_MAX_TLS_ANSWERS, 100),
		0);
	begin(web, &t, &r, TLS1_3_VERSION);
	fake_room(t.c, 0);
	for (i = 0; i < 100 && is_open(&t); i++) {
		fake_records_send(&r, RECORD_HANDSHAKE, ASK_KEYS);
		fake_records_next_keys(&r);
	}
	assert_in_range(answers(&t), 101, 200);
	assert_false(is_open(&t));
	fake_tls_free(&t);
}

/* -- records that say nothing -------------------------------------------- */

static const struct {
	const char *name;
	int version, type;
	const char *data;
	size_t len;
	int most; /* how many of them are borne */
} idle[] = {
	{ "nothing", TLS1_3_VERSION, RECORD_DATA, "", 0, 33 },
	{ "nothing", TLS1_2_VERSION, RECORD_DATA, "", 0, 33 },
	{ "empty handshake", TLS1_3_VERSION, RECORD_HANDSHAKE, "", 0, 1 },
	{ "empty handshake", TLS1_2_VERSION, RECORD_HANDSHAKE, "", 0, 33 },
	{ "part of a handshake", TLS1_3_VERSION, RECORD_HANDSHAKE, "\x18", 1,
		4 },
	/* user_canceled is but a warning */
	{ "warning", TLS1_3_VERSION, RECORD_ALERT, "\x01\x5a", 2, 5 },
	{ "warning", TLS1_2_VERSION, RECORD_ALERT, "\x01\x5a", 2, 5 },
};

static void records__that_say_nothing__are_borne_a_few_times(void **state)
{
	struct fake_web *web = *state;
	struct fake_records r;
	struct fake_tls t;
	size_t i;
	int n;

	for (i = 0; i < COUNT(idle); i++) {
		begin(web, &t, &r, idle[i].version);
		for (n = 0; n < 1000 && is_open(&t); n++)
			fake_records_send(&r, idle[i].type, idle[i].data,
				idle[i].len);
		if (n > idle[i].most)
			fail_msg("%s: %d records were borne", idle[i].name, n);
		fake_tls_free(&t);
	}
}

/* Before the handshake, where nothing is encrypted. */
static const struct {
	const char *record;
	size_t len;
	int most;
} early[] = {
	{ "\x16\x03\x01\x00\x00", 5, 33 },        /* an empty handshake */
	{ "\x15\x03\x01\x00\x02\x01\x5a", 7, 5 }, /* a warning */
	{ "\x17\x03\x03\x00\x00", 5, 1 },         /* no data */
	{ "\x14\x03\x03\x00\x01\x01", 6, 1 },     /* change_cipher_spec */
};

static void handshake__that_does_not_begin__is_borne_a_few_times(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c;
	size_t i;
	int n;

	for (i = 0; i < COUNT(early); i++) {
		c = fake_connect_from(web->loop, TLS_PORT, "192.0.2.7");
		for (n = 0; n < 1000 && !fake_is_closed(c, NULL); n++)
			fake_send(c, early[i].record, early[i].len);
		if (n > early[i].most)
			fail_msg("%zu: %d records were borne", i, n);
		fake_free(c);
	}
}

/* A ClientHello of 16 MB in the smallest records. */
static void handshake__announced_too_large__is_refused_at_once(void **state)
{
	struct fake_web *web = *state;
	struct fake_conn *c =
		fake_connect_from(web->loop, TLS_PORT, "192.0.2.7");
	static const char head[] = "\x01\xff\xff\xff";
	char record[] = "\x16\x03\x01\x00\x01.";
	int n;

	for (n = 0; n < 4; n++) {
		record[5] = head[n];
		fake_send(c, record, 6);
	}
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		tls_test(records__made_by_hand__are_understood),
		tls_test(keys__asked_for_without_end__close_the_connection),
		tls_test(keys__asked_for_all_at_once__close_the_connection),
		tls_test(keys__asked_for_by_a_reader__go_on),
		tls_test(keys__told_without_end__cost_nothing),
		tls_test(keys__asked_for_behind_a_large_answer__do_no_harm),
		tls_test(
			handshake__asked_for_without_end__closes_the_connection),
		tls_test(limit__set__holds_for_new_connections),
		tls_test(records__that_say_nothing__are_borne_a_few_times),
		tls_test(handshake__that_does_not_begin__is_borne_a_few_times),
		tls_test(handshake__announced_too_large__is_refused_at_once),
	};

	return cmocka_run_group_tests(tests, tls_begin, tls_end);
}
