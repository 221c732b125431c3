/* SPDX-License-Identifier: MIT */
/*
 * test_eio_polling_compress.c: long polling: which answers are compressed, and
 * how.
 */
#include <config.h>

#include "fake_app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* The answer to a poll with this Accept-Encoding. */
static struct fake_reply get_coded(struct fake_app *app, struct fake_poll *p,
	const char *accept)
{
	char header[256];
	struct fake_conn *c;
	struct fake_reply r;

	snprintf(header, sizeof(header), "Accept-Encoding: %s\r\n", accept);
	c = fake_poll_request(p, "GET", header, NULL);
	fake_turn(app->loop);
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	fake_free(c);
	return r;
}

static void expect_coding(struct fake_app *app, struct fake_poll *p,
	const char *accept, const char *coding)
{
	struct fake_reply r = get_coded(app, p, accept);

	assert_string_equal(fake_reply_header(&r, "content-encoding"), coding);
	fake_reply_clear(&r);
}

static void compression__of_each_coding__can_be_undone(void **state)
{
	static const char *const codings[] = { "gzip", "deflate" };
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_reply r;
	char body[6000];
	size_t i;

	for (i = 0; i < COUNT(codings); i++) {
		assert_true(fake_app_send_much(app, 'x', 5000));
		r = get_coded(app, p, codings[i]);
		assert_string_equal(fake_reply_header(&r, "content-encoding"),
			codings[i]);
		assert_string_equal(fake_reply_header(&r, "content-type"),
			"text/plain; charset=UTF-8");
		assert_true(r.len < 200);
		assert_int_equal(fake_reply_inflate(&r, body, sizeof(body)),
			5001);
		assert_int_equal(body[0], '4');
		assert_int_equal(body[5000], 'x');
		fake_reply_clear(&r);
	}
	fake_poll_free(p);
}

static void compression__coding__is_what_the_client_likes_best(void **state)
{
	static const struct {
		const char *accept, *coding;
	} rows[] = {
		{ "gzip, deflate", "gzip" },
		{ "deflate, gzip", "deflate" },
		{ "deflate;q=0.5, gzip;q=0.8", "gzip" },
		{ "gzip;q=0, deflate", "deflate" },
		{ "*", "gzip" },
		{ "br, identity", "" },
		{ "gzip;q=0", "" },
		{ "", "" },
	};
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		assert_true(fake_app_send_much(app, 'x', 2000));
		expect_coding(app, p, rows[i].accept, rows[i].coding);
	}
	fake_poll_free(p);
}

static void compression__threshold__is_the_first_length_compressed(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	assert_true(fake_app_send_much(app, 'x', 1022));
	expect_coding(app, p, "gzip", "");
	assert_true(fake_app_send_much(app, 'x', 1023));
	expect_coding(app, p, "gzip", "gzip");
	/* The payload's length counts, not each message's. */
	assert_true(fake_app_send_much(app, 'x', 511));
	assert_true(fake_app_send_much(app, 'x', 510));
	expect_coding(app, p, "gzip", "gzip");
	eio_server_set_option(app->srv, ENGINEIO_COMPRESSION_THRESHOLD, 2000);
	assert_true(fake_app_send_much(app, 'x', 1998));
	expect_coding(app, p, "gzip", "");
	fake_poll_free(p);
}

static void compression__switched_off__is_none(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);

	eio_server_set_option(app->srv, ENGINEIO_COMPRESSION, 0);
	assert_true(fake_app_send_much(app, 'x', 5000));
	expect_coding(app, p, "gzip", "");
	fake_poll_free(p);
}

static void compression__of_noop_and_close_alone__is_not_worth_it(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c;
	struct fake_reply r;

	eio_server_set_option(app->srv, ENGINEIO_COMPRESSION_THRESHOLD, 0);
	fake_advance(app->loop, 25000);
	expect_coding(app, p, "gzip", "gzip"); /* the ping */
	c = fake_poll_request(p, "GET", "Accept-Encoding: gzip\r\n", NULL);
	eio_socket_close(app->s);
	fake_turn(app->loop);
	r = fake_reply(c);
	assert_string_equal(fake_reply_header(&r, "content-encoding"), "");
	assert_string_equal(r.body, "1");
	fake_reply_clear(&r);
	fake_free(c);
	fake_poll_free(p);
}

static void compression__of_a_post__is_not_undone(void **state)
{
	struct fake_app *app = *state;
	struct fake_poll *p = fake_app_poll(app);
	struct fake_conn *c = fake_poll_request(p, "POST",
		"Content-Encoding: gzip\r\n", "4plain");

	assert_int_equal(fake_reply_status(c), 200);
	assert_string_equal(fake_app_told(app), "text plain");
	fake_free(c);
	fake_poll_free(p);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(compression__of_each_coding__can_be_undone),
		TEST(compression__coding__is_what_the_client_likes_best),
		TEST(compression__threshold__is_the_first_length_compressed),
		TEST(compression__switched_off__is_none),
		TEST(compression__of_noop_and_close_alone__is_not_worth_it),
		TEST(compression__of_a_post__is_not_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
