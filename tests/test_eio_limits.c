/* SPDX-License-Identifier: MIT */
/*
 * test_eio_limits.c: every option of the engine that limits what a peer may
 * do has a counter of its name and a line in the log that names it. A new
 * option fails here until it is in one of the two tables: with a scenario
 * that hits the limit once, or among those that are no limits.
 */
#include <config.h>

#include "fake_gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define POLL     "/engine.io/?EIO=4&transport=polling"

static struct fake_app *app;
static struct eio__strbuf lines;

static void on_log(enum eio_log_level level, const char *line, void *user)
{
	eio__strbuf_printf(&lines, "%s\n", line);
}

static void set(enum eio_option option, long value)
{
	assert_int_equal(eio_server_set_option(app->srv, option, value), 0);
}

static void ask(const char *target, const char *headers)
{
	struct fake_reply r =
		fake_http(app->loop, "GET", target, headers, NULL);

	fake_reply_clear(&r);
}

/* -- what hits each limit ------------------------------------------------ */

static void ping_timeout(void)
{
	struct fake_ws *ws = fake_app_ws(app);

	fake_advance(app->loop, 45000);
	fake_ws_free(ws);
}

static void upgrade_timeout(void)
{
	struct fake_poll *p = fake_app_poll(app);
	struct fake_ws *ws = fake_poll_candidate(p);

	fake_advance(app->loop, 10000);
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void max_payload(void)
{
	struct fake_ws *ws;
	static char big[101];

	set(ENGINEIO_MAX_PAYLOAD, 100);
	ws = fake_app_ws(app);
	fake_ws_frame(ws, 0x82, big, sizeof(big));
	fake_ws_free(ws);
}

static void close_timeout(void)
{
	struct fake_poll *p = fake_app_poll(app);

	fake_app_send(app, "last");
	eio_socket_close(app->s);
	fake_advance(app->loop, 30000);
	fake_poll_free(p);
}

static void send_two(void)
{
	struct fake_poll *p = fake_app_poll(app);

	fake_app_send_much(app, 'a', 600);
	fake_app_send_much(app, 'b', 600);
	fake_app_send_much(app, 'c', 600);
	fake_poll_free(p);
}

static void queue_bytes(void)
{
	set(ENGINEIO_QUEUE_BYTES, 1000);
	send_two();
}

static void queue_packets(void)
{
	set(ENGINEIO_QUEUE_PACKETS, 1);
	send_two();
}

static void max_sessions(void)
{
	set(ENGINEIO_MAX_SESSIONS, 1);
	ask(POLL, NULL);
	ask(POLL, NULL);
}

static void max_connections(void)
{
	struct fake_conn *c = fake_connect(app->loop);

	set(ENGINEIO_MAX_CONNECTIONS, 1);
	assert_null(fake_connect(app->loop));
	fake_free(c);
}

static void max_target(void)
{
	set(ENGINEIO_MAX_TARGET, 20);
	ask(POLL, NULL);
}

static void max_header(void)
{
	set(ENGINEIO_MAX_HEADER, 100);
	ask(POLL,
		"X-A: 0123456789012345678901234567890123456789\r\n"
		"X-B: 0123456789012345678901234567890123456789\r\n");
}

static void max_headers(void)
{
	set(ENGINEIO_MAX_HEADERS, 2);
	ask(POLL, "X-A: 1\r\nX-B: 2\r\n");
}

static void max_fragments(void)
{
	struct fake_ws *ws;

	set(ENGINEIO_MAX_FRAGMENTS, 2);
	ws = fake_app_ws(app);
	fake_ws_frame(ws, 0x01, "4a", 2);
	fake_ws_frame(ws, 0x00, "b", 1);
	fake_ws_frame(ws, 0x00, "c", 1);
	fake_ws_free(ws);
}

static void say_and_wait(const char *text, uint64_t ms)
{
	struct fake_conn *c = fake_connect(app->loop);

	fake_puts(c, text);
	fake_advance(app->loop, ms);
	fake_free(c);
}

static void header_timeout(void)
{
	say_and_wait("GET / HT", 30000);
}

static void header_timeout_of_silence(void)
{
	say_and_wait("", 30000);
}

static void body_timeout(void)
{
	say_and_wait(
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
		30000);
}

static void keep_alive_timeout(void)
{
	say_and_wait("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 10000);
}

static void write_timeout(void)
{
	struct fake_ws *ws;

	set(ENGINEIO_WRITE_TIMEOUT, 1000);
	ws = fake_app_ws(app);
	fake_room(ws->c, 0);
	fake_app_send_much(app, 'a', 1000);
	fake_advance(app->loop, 1000);
	fake_ws_free(ws);
}

static void decision_timeout(void)
{
	struct fake_gate gate = { .app = app, .says = ENGINEIO_LATER };
	struct fake_conn *c = fake_connect(app->loop);

	eio_server_on_request(app->srv, fake_gate_ask, &gate);
	fake_request(c, "GET", POLL, NULL, NULL);
	fake_advance(app->loop, 30000);
	fake_gate_forget(&gate, 0);
	fake_free(c);
}

static void max_post_packets(void)
{
	struct fake_poll *p = fake_app_poll(app);

	set(ENGINEIO_MAX_POST_PACKETS, 2);
	assert_int_equal(fake_poll_post(p,
				 "6\x1e"
				 "6\x1e"
				 "6"),
		400);
	fake_poll_free(p);
}

static void max_sessions_per_address(void)
{
	set(ENGINEIO_MAX_SESSIONS_PER_ADDRESS, 1);
	ask(POLL, NULL);
	ask(POLL, NULL);
}

static void handshake_rate(void)
{
	set(ENGINEIO_HANDSHAKE_RATE, 1);
	ask(POLL, NULL);
	ask(POLL, NULL);
}

static void max_pong_bytes(void)
{
	struct fake_ws *ws;

	set(ENGINEIO_MAX_PONG_BYTES, 5);
	ws = fake_app_ws(app);
	fake_room(ws->c, 0);
	fake_ws_frame(ws, 0x89, "hello", 5);
	fake_ws_frame(ws, 0x89, "hello", 5);
	fake_ws_free(ws);
}

static const struct {
	const char *name;
	void (*hit)(void);
} limits[] = {
	{ "PING_TIMEOUT", ping_timeout },
	{ "UPGRADE_TIMEOUT", upgrade_timeout },
	{ "MAX_PAYLOAD", max_payload },
	{ "CLOSE_TIMEOUT", close_timeout },
	{ "QUEUE_BYTES", queue_bytes },
	{ "QUEUE_PACKETS", queue_packets },
	{ "MAX_SESSIONS", max_sessions },
	{ "MAX_CONNECTIONS", max_connections },
	{ "MAX_TARGET", max_target },
	{ "MAX_HEADER", max_header },
	{ "MAX_HEADERS", max_headers },
	{ "MAX_FRAGMENTS", max_fragments },
	{ "HEADER_TIMEOUT", header_timeout },
	{ "HEADER_TIMEOUT", header_timeout_of_silence },
	{ "BODY_TIMEOUT", body_timeout },
	{ "KEEP_ALIVE_TIMEOUT", keep_alive_timeout },
	{ "WRITE_TIMEOUT", write_timeout },
	{ "DECISION_TIMEOUT", decision_timeout },
	{ "MAX_POST_PACKETS", max_post_packets },
	{ "MAX_SESSIONS_PER_ADDRESS", max_sessions_per_address },
	{ "HANDSHAKE_RATE", handshake_rate },
	{ "MAX_PONG_BYTES", max_pong_bytes },
};

/* Limits whose counter and line are looked at elsewhere, with their tests. */
static const char *const elsewhere[] = {
	"DEFLATE_MEMORY",  /* test_eio_deflate_came */
	"TLS_TIMEOUT",     /* test_loopback_tls */
	"MAX_TLS_ANSWERS", /* test_eio_tls_floods */
	"QUEUE_HIGH",      /* test_eio_pressure */
	"CORS_REJECT",     /* test_eio_cors */
	"HTTP2_STREAMS",   /* test_eio_http2_limits */
	"HTTP2_RESETS",    /* the same */
	"HTTP2_FRAMES",    /* the same */
	"HTTP2_BYTES",     /* test_eio_http2_room */
};

/* What no peer can hit. */
static const char *const no_limits[] = { "PING_INTERVAL", "TRANSPORTS",
	"ALLOW_UPGRADES", "NOOP_INTERVAL", "COMPRESSION",
	"COMPRESSION_THRESHOLD", "COMPRESSION_LEVEL", "ALLOW_EIO3", "JSONP",
	"PER_MESSAGE_DEFLATE", "DEFLATE_THRESHOLD",
	"DEFLATE_SERVER_NO_TAKEOVER", "DEFLATE_CLIENT_NO_TAKEOVER",
	"DEFLATE_SERVER_BITS", "DEFLATE_CLIENT_BITS", "DEFLATE_LEVEL",
	"DEFLATE_MEM_LEVEL", "BACKLOG", "UNIX_MODE", "QUEUE_POLICY",
	"QUEUE_LOW", "ADD_TRAILING_SLASH", "CORS_CREDENTIALS", "CORS_MAX_AGE",
	"CORS_PREFLIGHT_STATUS", "HTTP2" };

static const char *const options[] = {
#define X(name, value, unit, official, text) #name,
	ENGINEIO_OPTION_MAP(X)
#undef X
};

static int counter_of(const char *name)
{
	int i;

	for (i = 0; i < (int)ENGINEIO_COUNTERS; i++)
		if (!strcmp(eio_counter_name((enum eio_counter)i), name))
			return i;
	return -1;
}

static bool has_scenario(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(limits); i++)
		if (!strcmp(limits[i].name, name))
			return true;
	return false;
}

static bool is_in(const char *name, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

static void
options__each_of_them__is_a_limit_with_a_counter_or_none(void **state)
{
	size_t i;

	for (i = 0; i < COUNT(options); i++) {
		if (is_in(options[i], no_limits, COUNT(no_limits)))
			continue;
		if (counter_of(options[i]) < 0)
			fail_msg("%s has no counter", options[i]);
		if (!has_scenario(options[i]) &&
			!is_in(options[i], elsewhere, COUNT(elsewhere)))
			fail_msg("%s: no test hits it", options[i]);
	}
}

static void hit(const char *name, void (*scenario)(void))
{
	enum eio_counter counter = (enum eio_counter)counter_of(name);
	char text[64];
	void *state;

	fake_app_setup(&state);
	app = state;
	eio__strbuf_init(&lines, 0);
	eio_server_set_log(app->srv, ENGINEIO_LOG_DEBUG, on_log, NULL);
	scenario();
	if (eio_server_counter(app->srv, counter) != 1)
		fail_msg("%s: counted %d times", name,
			(int)eio_server_counter(app->srv, counter));
	snprintf(text, sizeof(text), "(%s)", name);
	if (!lines.data || !strstr(lines.data, text))
		fail_msg("%s is not named in the log: %s", name,
			lines.data ? lines.data : "");
	eio_server_set_log(app->srv, ENGINEIO_LOG_DEBUG, NULL, NULL);
	eio__strbuf_clear(&lines);
	fake_app_teardown(&state);
}

static void limits__each_that_is_hit__is_counted_and_in_the_log(void **state)
{
	size_t i;

	for (i = 0; i < COUNT(limits); i++)
		hit(limits[i].name, limits[i].hit);
}

static unsigned lines_with(const char *text)
{
	unsigned n = 0;
	const char *p = lines.data;

	for (p = p ? strstr(p, text) : NULL; p; p = strstr(p + 1, text))
		n++;
	return n;
}

static void limits__hit_often__have_few_lines(void **state)
{
	unsigned i;

	app = *state;
	eio__strbuf_init(&lines, 0);
	eio_server_set_log(app->srv, ENGINEIO_LOG_DEBUG, on_log, NULL);
	for (i = 0; i < 1000; i++)
		ask("/engine.io/", NULL);
	assert_int_equal(eio_server_counter(app->srv,
				 ENGINEIO_COUNT_UNKNOWN_TRANSPORT),
		1000);
	assert_int_equal(lines_with("(UNKNOWN_TRANSPORT)"), 10);
	fake_advance(app->loop, 1000);
	ask("/engine.io/", NULL);
	assert_int_equal(lines_with("(UNKNOWN_TRANSPORT)"), 11);
	assert_int_equal(lines_with("990 lines like the next were left out"),
		1);
	eio_server_set_log(app->srv, ENGINEIO_LOG_DEBUG, NULL, NULL);
	eio__strbuf_clear(&lines);
}

static void counter__that_is_none__is_0_and_has_no_name(void **state)
{
	app = *state;
	assert_int_equal(eio_server_counter(app->srv, ENGINEIO_COUNTERS), 0);
	assert_int_equal(eio_server_counter(NULL, ENGINEIO_COUNT_SESSIONS), 0);
	assert_string_equal(eio_counter_name(ENGINEIO_COUNTERS), "");
	assert_string_equal(eio_counter_name(ENGINEIO_COUNT_MAX_TARGET),
		"MAX_TARGET");
	ask(POLL, NULL);
	assert_int_equal(eio_server_counter(app->srv, ENGINEIO_COUNT_SESSIONS),
		1);
	assert_int_equal(eio_server_counter(app->srv,
				 ENGINEIO_COUNT_CONNECTIONS),
		1);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			options__each_of_them__is_a_limit_with_a_counter_or_none),
		cmocka_unit_test(
			limits__each_that_is_hit__is_counted_and_in_the_log),
		TEST(limits__hit_often__have_few_lines),
		TEST(counter__that_is_none__is_0_and_has_no_name),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
