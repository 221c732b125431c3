/* SPDX-License-Identifier: MIT */
/*
 * test_eio_deflate_came.c: permessage-deflate (RFC 7692) on the WebSockets of a
 * server: what comes, context takeover, and both ways at random.
 */
#include <config.h>

#include "fake_deflate.h"

#include <engineio/engine.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* How long the last message was; the diary is too short for some. */
static size_t came;

static void note_length(struct fake_app *app, eio_socket *s, const char *data,
	size_t len, bool binary)
{
	came = len;
}

/* -- what comes ---------------------------------------------------------- */

static void came__compressed__is_inflated(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD);
	fake_deflate_send(&c, TEXT, "4hello", 6, true);
	assert_string_equal(fake_app_told(app), "text hello");
	fake_deflate_send(&c, BINARY, "\x00\x01\xff", 3, true);
	assert_string_equal(fake_app_told(app), "binary 0001ff");
	/* Plain ones in between are allowed. */
	fake_ws_send(c.ws, "4plain");
	assert_string_equal(fake_app_told(app), "text plain");
	fake_deflate_send(&c, TEXT, "4hello", 6, true);
	assert_string_equal(fake_app_told(app), "text hello");
	fake_deflate_leave(&c);
}

/* RFC 7692, section 7.2.3: its examples, each "Hello" and for us binary. */
static void came__as_in_the_rfc__is_hello(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "\xf2\x48\xcd\xc9\xc9\x07\x00", 7 },
		{ "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11 },
		{ "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8 },
		{ "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13 },
		/* a last block, and nothing behind it */
		{ "\xf3\x48\xcd\xc9\xc9\x07\x00", 7 },
	};
	struct fake_app *app = *state;
	struct fake_deflate c;
	size_t i;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fake_ws_frame(c.ws, BINARY, rows[i].bytes, rows[i].len);
		assert_string_equal(fake_app_told(app), "binary 48656c6c6f");
	}
	fake_deflate_leave(&c);
}

static void came__empty__is_empty(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD);
	fake_ws_frame(c.ws, BINARY, "\0", 1);
	assert_string_equal(fake_app_told(app), "binary ");
	fake_ws_frame(c.ws, BINARY, "", 0);
	assert_string_equal(fake_app_told(app), "binary ");
	fake_deflate_leave(&c);
}

static void came__in_fragments__is_one(void **state)
{
	struct fake_app *app = *state;
	struct eio__strbuf b;
	struct fake_deflate c;
	size_t i;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD);
	eio__strbuf_init(&b, 0);
	fake_deflate_pack(&c, "4hello hello", 12, true, &b);
	fake_ws_frame(c.ws, 0x41, b.data, 1);
	for (i = 1; i < b.len; i++) {
		fake_ws_frame(c.ws, 0x89, "ping", 4);
		fake_ws_frame(c.ws, 0x00, b.data + i, 1);
	}
	fake_ws_frame(c.ws, 0x80, "", 0);
	assert_string_equal(fake_app_told(app), "text hello hello");
	assert_null(fake_ws_next(c.ws));
	assert_int_equal(c.ws->pongs, b.len - 1);
	eio__strbuf_clear(&b);
	fake_deflate_leave(&c);
}

static void came__with_rsv1_elsewhere__is_1002(void **state)
{
	static const struct {
		const char *what;
		int first, second;
	} rows[] = {
		{ "ping", 0xc9, 0 },
		{ "pong", 0xca, 0 },
		{ "close", 0xc8, 0 },
		{ "continuation", 0x41, 0xc0 },
		{ "continuation of a plain one", 0x01, 0xc0 },
		{ "RSV2", 0xa1, 0 },
		{ "RSV3", 0x91, 0 },
		{ "RSV1 and RSV2", 0xe1, 0 },
		{ "unknown opcode", 0xc3, 0 },
	};
	struct fake_app *app = *state;
	struct fake_deflate c;
	size_t i;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fake_deflate_join(&c, app, PMD);
		fake_ws_frame(c.ws, rows[i].first, "", 0);
		if (rows[i].second)
			fake_ws_frame(c.ws, rows[i].second, "", 0);
		if (!fake_ws_is_closed(c.ws) || c.ws->close_code != 1002)
			fail_msg("RSV in a %s: %d", rows[i].what,
				c.ws->close_code);
		assert_string_equal(fake_app_told(app),
			rows[i].first == 0xc3
				? "close transport error: unknown opcode"
				: "close transport error: reserved bits set");
		fake_deflate_leave(&c);
	}
}

static void came__not_compressed_data__is_1007(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "\xff\xff\xff", 3 },             /* no such block */
		{ "\x07", 1 },                     /* the same, alone */
		{ "\x00\x06\x00\xf9\xff\x48", 6 }, /* cut off */
		{ "\xf2\x48\xcd", 3 },             /* cut off */
		{ "\x4b\x04\x12\x00", 4 },         /* too far back */
		{ "\xf3\x48\xcd\xc9\xc9\x07\x00\xff", 8 },
	};
	struct fake_app *app = *state;
	struct fake_deflate c;
	size_t i;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fake_deflate_join(&c, app, PMD);
		fake_ws_frame(c.ws, BINARY, rows[i].bytes, rows[i].len);
		if (!fake_ws_is_closed(c.ws) || c.ws->close_code != 1007)
			fail_msg("%zu: %d, %s", i, c.ws->close_code,
				fake_app_told(app));
		assert_string_equal(fake_app_told(app),
			"close transport error: invalid compressed data");
		fake_deflate_leave(&c);
	}
}

static void came__text_that_is_none__is_1007(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD);
	fake_deflate_send(&c, TEXT, "4\xff", 2, true);
	fake_deflate_expect_close(&c, 1007);
	assert_string_equal(fake_app_told(app),
		"close transport error: text is not UTF-8");
	fake_deflate_leave(&c);
}

static void came__bomb__is_1009_while_it_goes_off(void **state)
{
	static char zeros[10000000];
	struct fake_app *app = *state;
	struct fake_deflate c;

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_app_set(app, ENGINEIO_MAX_PAYLOAD, 20000);
	app->on_message = note_length;
	fake_deflate_join(&c, app, PMD);
	/* Exactly the limit passes. */
	assert_true(fake_deflate_send(&c, BINARY, zeros, 20000, true) < 100);
	assert_int_equal(came, 20000);
	fake_app_told(app);
	fake_deflate_send(&c, BINARY, zeros, 20001, true);
	fake_deflate_expect_close(&c, 1009);
	assert_string_equal(fake_app_told(app),
		"close transport error: message too big");
	assert_true(fake_app_logged(app, "1009"));
	fake_deflate_leave(&c);

	fake_deflate_join(&c, app, PMD);
	fake_deflate_send(&c, BINARY, zeros, sizeof(zeros), true);
	fake_deflate_expect_close(&c, 1009);
	fake_deflate_leave(&c);
	fake_app_told(app);
}

/* Each end of a stream costs more than the two bytes it takes. */
static void came__streams_without_end__is_1007(void **state)
{
	struct fake_app *app = *state;
	char bytes[2000];
	struct fake_deflate c;
	size_t i;

	for (i = 0; i < sizeof(bytes); i += 2)
		memcpy(bytes + i, "\x03\x00", 2);
	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD);
	fake_ws_frame(c.ws, BINARY, bytes, 20);
	assert_string_equal(fake_app_told(app), "binary ");
	fake_ws_frame(c.ws, BINARY, bytes, sizeof(bytes));
	fake_deflate_expect_close(&c, 1007);
	fake_deflate_leave(&c);
	fake_app_told(app);
}

/* -- context takeover ---------------------------------------------------- */

static void takeover__of_the_client__refers_to_earlier_messages(void **state)
{
	static char noise[60000];
	struct fake_app *app = *state;
	struct fake_deflate c;
	size_t first;
	int i;

	allow_takeover(app);
	app->on_message = note_length;
	fake_deflate_join(&c, app, PMD);
	assert_string_equal(c.ws->extensions, PMD);
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 32768);
	fill_noise(noise, sizeof(noise));
	first = fake_deflate_send(&c, BINARY, noise, 10000, false);
	assert_true(first > 10000);
	assert_int_equal(came, 10000);
	/* What was said is said by reference, also across plain messages. */
	for (i = 0; i < 10; i++) {
		fake_ws_send(c.ws, "4plain");
		assert_true(fake_deflate_send(&c, BINARY, noise, 10000, false) <
			200);
		assert_int_equal(came, 10000);
	}
	fake_deflate_send(&c, BINARY, noise, sizeof(noise), false);
	assert_int_equal(came, sizeof(noise));
	fake_app_told(app);
	fake_deflate_send(&c, TEXT, "4end", 4, false);
	assert_string_equal(fake_app_told(app), "text end");
	fake_deflate_leave(&c);
	fake_turn(app->loop);
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 0);
	fake_app_told(app);
}

static void takeover__not_agreed_on__is_1007(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c;
	char noise[500];

	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	fake_deflate_join(&c, app, PMD);
	fill_noise(noise, sizeof(noise));
	fake_deflate_send(&c, BINARY, noise, sizeof(noise), false);
	fake_app_told(app);
	fake_deflate_send(&c, BINARY, noise, sizeof(noise), false);
	fake_deflate_expect_close(&c, 1007);
	fake_deflate_leave(&c);
	fake_app_told(app);
}

static void takeover__beyond_the_memory__is_forbidden(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate a, b, c;

	allow_takeover(app);
	fake_app_set(app, ENGINEIO_DEFLATE_MEMORY, 33000);
	fake_deflate_join(&a, app, PMD);
	assert_string_equal(a.ws->extensions, PMD);
	fake_deflate_join(&b, app, PMD "; client_max_window_bits=9");
	assert_string_equal(b.ws->extensions,
		PMD "; client_max_window_bits=9; client_no_context_takeover");
	assert_true(fake_app_logged(app, "(DEFLATE_MEMORY)"));
	assert_int_equal(eio_server_counter(app->srv,
				 ENGINEIO_COUNT_DEFLATE_MEMORY),
		1);
	fake_deflate_leave(&a);
	fake_turn(app->loop);
	fake_deflate_join(&c, app, PMD "; client_max_window_bits=9");
	assert_string_equal(c.ws->extensions, PMD "; client_max_window_bits=9");
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 512);
	fake_deflate_leave(&b);
	fake_deflate_leave(&c);
	fake_app_told(app);
}

static void send_noise(struct fake_app *app, eio_socket *s, const char *noise,
	size_t len)
{
	eio_buf *buf = eio_buf_new_binary(noise, len);

	assert_int_equal(eio_socket_send(s, buf), 0);
	eio_buf_unref(buf);
	fake_turn(app->loop);
}

static void takeover__of_the_server__says_it_by_reference(void **state)
{
	static char noise[10000];
	struct fake_app *app = *state;
	struct fake_deflate c;
	size_t len;
	int i;

	fill_noise(noise, sizeof(noise));
	allow_takeover(app);
	fake_deflate_join(&c, app, PMD);
	send_noise(app, app->s, noise, sizeof(noise));
	fake_deflate_next(&c, &len);
	assert_true(c.ws->deflated);
	assert_true(eio__deflater_memory(app->srv->deflater) > 200000);
	for (i = 0; i < 5; i++) {
		send_noise(app, app->s, noise, sizeof(noise));
		assert_true(fake_received(c.ws->c)->len < 400);
		fake_deflate_next(&c, &len);
		assert_int_equal(len, sizeof(noise));
		assert_memory_equal(c.text.data, noise, len);
	}
	fake_deflate_leave(&c);
	fake_turn(app->loop);
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 0);
	fake_app_told(app);
}

static void takeover__given_up_for_another__goes_on_without(void **state)
{
	static char noise[10000];
	struct fake_app *app = *state;
	struct fake_deflate c[3];
	eio_socket *s[3];
	size_t len;
	int i, round;

	fill_noise(noise, sizeof(noise));
	allow_takeover(app);
	fake_app_set(app, ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER, 1);
	fake_app_set(app, ENGINEIO_DEFLATE_MEMORY, 600000); /* for two */
	for (i = 0; i < 3; i++) {
		fake_deflate_join(&c[i], app, PMD);
		s[i] = app->s;
	}
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 3; i++) {
			send_noise(app, s[i], noise + round, 9000);
			fake_deflate_next(&c[i], &len);
			assert_int_equal(len, 9000);
			assert_memory_equal(c[i].text.data, noise + round, len);
			assert_true(eio__deflater_memory(app->srv->deflater) <=
				600000);
		}
	}
	/* The two that were used last still have theirs. */
	send_noise(app, s[2], noise, 9000);
	assert_true(fake_received(c[2].ws->c)->len < 400);
	fake_deflate_next(&c[2], &len);
	send_noise(app, s[0], noise, 9000);
	assert_true(fake_received(c[0].ws->c)->len > 8000);
	fake_deflate_next(&c[0], &len);
	assert_memory_equal(c[0].text.data, noise, len);
	for (i = 0; i < 3; i++)
		fake_deflate_leave(&c[i]);
	fake_turn(app->loop);
	assert_int_equal(eio__deflater_memory(app->srv->deflater), 0);
	fake_app_told(app);
}

/* -- at random ----------------------------------------------------------- */

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

struct story {
	struct fake_deflate c;
	unsigned seed, sent;
	size_t sizes[200];
	char letters[200];
};

static void send_some(struct story *st, struct fake_app *app)
{
	static const size_t sizes[] = { 1, 50, 1023, 1024, 3000, 16380, 40000,
		100000 };
	size_t size = sizes[next_random(&st->seed) % 8];
	char letter = (char)('a' + next_random(&st->seed) % 26);

	st->sizes[st->sent] = size;
	st->letters[st->sent++] = letter;
	assert_true(fake_app_send_much(app, letter, size));
}

static void expect_all(struct story *st)
{
	char letters[2] = "";
	const char *text;
	unsigned i;

	for (i = 0; i < st->sent; i++) {
		text = fake_deflate_next(&st->c, NULL);
		assert_non_null(text);
		letters[0] = st->letters[i];
		assert_int_equal(strspn(text + 1, letters), st->sizes[i]);
		assert_int_equal(strlen(text), st->sizes[i] + 1);
	}
	assert_null(fake_deflate_next(&st->c, NULL));
}

static void random__sizes_room_and_takeover__come_whole(void **state)
{
	static struct story st;
	struct fake_app *app = *state;
	unsigned round, step;

	fake_app_set(app, ENGINEIO_QUEUE_BYTES, 100000000);
	fake_app_set(app, ENGINEIO_PER_MESSAGE_DEFLATE, 1);
	memset(&st, 0, sizeof(st));
	st.seed = 1;
	for (round = 0; round < 40; round++) {
		fake_app_set(app, ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER,
			round % 2);
		fake_app_set(app, ENGINEIO_DEFLATE_SERVER_BITS,
			(long)(8 + next_random(&st.seed) % 8));
		fake_app_set(app, ENGINEIO_DEFLATE_LEVEL,
			(long)(1 + next_random(&st.seed) % 9));
		fake_deflate_join(&st.c, app, PMD);
		for (step = st.sent = 0; step < 60; step++) {
			if (next_random(&st.seed) % 2)
				send_some(&st, app);
			if (next_random(&st.seed) % 3 == 0)
				fake_room(st.c.ws->c,
					next_random(&st.seed) % 2000);
			if (next_random(&st.seed) % 4 == 0)
				fake_turn(app->loop);
		}
		fake_room(st.c.ws->c, SIZE_MAX);
		expect_all(&st);
		fake_deflate_leave(&st.c);
		fake_app_told(app);
	}
}

static void end__inside_a_message__is_clean(void **state)
{
	struct fake_app *app = *state;
	struct fake_deflate c;

	allow_takeover(app);
	fake_deflate_join(&c, app, PMD);
	assert_true(fake_app_send_much(app, 'x', 5000));
	fake_turn(app->loop);
	fake_deflate_send(&c, TEXT, "4hello", 6, false);
	fake_ws_frame(c.ws, 0x41, "abc", 3);
	fake_app_free_server(app);
	fake_deflate_leave(&c);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(came__compressed__is_inflated),
		TEST(came__as_in_the_rfc__is_hello),
		TEST(came__empty__is_empty),
		TEST(came__in_fragments__is_one),
		TEST(came__with_rsv1_elsewhere__is_1002),
		TEST(came__not_compressed_data__is_1007),
		TEST(came__text_that_is_none__is_1007),
		TEST(came__bomb__is_1009_while_it_goes_off),
		TEST(came__streams_without_end__is_1007),
		TEST(takeover__of_the_client__refers_to_earlier_messages),
		TEST(takeover__not_agreed_on__is_1007),
		TEST(takeover__beyond_the_memory__is_forbidden),
		TEST(takeover__of_the_server__says_it_by_reference),
		TEST(takeover__given_up_for_another__goes_on_without),
		TEST(random__sizes_room_and_takeover__come_whole),
		TEST(end__inside_a_message__is_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
