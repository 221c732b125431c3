/* SPDX-License-Identifier: MIT */
/*
 * test_eio_files_large.c: files of a folder: large ones are read while they are
 * sent, whatever happens meanwhile.
 */
#include <config.h>

#include "fake_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define BIG 5000000

/* A large file with every position in it recognisable. */
static char *add_big(const struct site *site)
{
	uint32_t *data = malloc(BIG);
	size_t i;

	assert_non_null(data);
	for (i = 0; i < BIG / sizeof(*data); i++)
		data[i] = (uint32_t)i;
	add_bytes(site, "www/big.bin", data, BIG);
	return (char *)data;
}

static void big_file__to_a_slow_reader__is_read_while_it_is_sent(void **state)
{
	struct site *site = *state;
	char *data = add_big(site);
	struct fake_conn *c = fake_connect(site->loop);
	struct fake_reply r;
	unsigned writes;
	size_t sent;

	/* Its head fits in. */
	fake_room(c, 1000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	for (sent = 1000; sent < BIG + 1000; sent += 10000) {
		writes = fake_writes(c);
		fake_room(c, 10000);
		/* No more than one piece was read ahead. */
		assert_true(fake_writes(c) <= writes + 1);
	}
	r = fake_reply(c);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.len, BIG);
	assert_memory_equal(r.body, data, BIG);
	fake_reply_clear(&r);
	fake_free(c);
	free(data);
}

/* Beyond what 32 bits can count; nearly all of it is a hole. */
static void big_file__of_5_gigabytes__has_its_length(void **state)
{
	struct site *site = *state;
	struct fake_conn *c = fake_connect(site->loop);
	const char *data;

	add_file(site, "www/huge.bin", "");
	assert_int_equal(truncate(name_of(site, "www/huge.bin"), 5000000000),
		0);
	fake_request(c, "HEAD", "/huge.bin", NULL, NULL);
	data = fake_received(c)->data;
	assert_non_null(strstr(data, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(data, "Content-Length: 5000000000\r\n"));
	fake_free(c);
}

static void big_file__with_requests_behind_it__goes_first(void **state)
{
	struct site *site = *state;
	char *data = add_big(site);
	struct fake_conn *c = fake_connect(site->loop);
	struct fake_reply r;

	add_file(site, "www/a.txt", "hello");
	fake_room(c, 1000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	fake_request(c, "GET", "/a.txt", NULL, NULL);
	fake_request(c, "GET", "/none", NULL, NULL);
	fake_request(c, "GET", "/big.bin", "Connection: close\r\n", NULL);
	fake_room(c, SIZE_MAX);
	r = fake_reply(c);
	assert_int_equal(r.len, BIG);
	assert_memory_equal(r.body, data, BIG);
	fake_reply_clear(&r);
	r = fake_reply(c);
	assert_string_equal(r.body, "hello");
	fake_reply_clear(&r);
	r = fake_reply(c);
	assert_int_equal(r.status, 404);
	fake_reply_clear(&r);
	r = fake_reply(c);
	assert_int_equal(r.len, BIG);
	assert_memory_equal(r.body, data, BIG);
	fake_reply_clear(&r);
	assert_true(fake_is_finished(c));
	fake_free(c);
	free(data);
}

/* Half a file must not look like a whole one. */
static void big_file__cut_while_it_is_sent__ends_the_connection(void **state)
{
	struct site *site = *state;
	char *data = add_big(site);
	struct fake_conn *c = fake_connect(site->loop);

	fake_room(c, 200000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	assert_int_equal(truncate(name_of(site, "www/big.bin"), 300000), 0);
	fake_room(c, SIZE_MAX);
	assert_true(fake_is_closed(c, NULL));
	assert_true(fake_received(c)->len < 310000);
	fake_free(c);
	free(data);
}

static void
big_file__that_grows_while_it_is_sent__is_sent_as_announced(void **state)
{
	struct site *site = *state;
	char *data = add_big(site);
	struct fake_conn *c = fake_connect(site->loop);
	struct fake_reply r;

	fake_room(c, 200000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	assert_int_equal(truncate(name_of(site, "www/big.bin"), 2 * BIG), 0);
	fake_room(c, SIZE_MAX);
	r = fake_reply(c);
	assert_int_equal(r.len, BIG);
	fake_reply_clear(&r);
	assert_int_equal(fake_received(c)->len, 0);
	assert_false(fake_is_finished(c));
	fake_free(c);
	free(data);
}

static void big_file__to_a_client_that_goes__is_closed(void **state)
{
	struct site *site = *state;
	struct fake_conn *c = fake_connect(site->loop);

	free(add_big(site));
	fake_room(c, 200000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	fake_reset(c);
	assert_int_equal(eio_server_connections(site->app->srv), 0);
	fake_free(c);
}

static void big_file__to_a_client_that_stops_reading__is_given_up(void **state)
{
	struct site *site = *state;
	struct fake_conn *c = fake_connect(site->loop);

	free(add_big(site));
	fake_room(c, 200000);
	fake_request(c, "GET", "/big.bin", NULL, NULL);
	fake_advance(site->loop, 59999);
	assert_false(fake_is_closed(c, NULL));
	fake_advance(site->loop, 1);
	assert_true(fake_is_closed(c, NULL));
	fake_free(c);
}

/* A server that is busy must not say that its page is gone. */
static void file__without_descriptors__is_500(void **state)
{
	struct site *site = *state;
	struct rlimit old, none;

	add_file(site, "www/a.txt", "hello");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	site_expect(site, "/a.txt", 500, "");
	site_expect(site, "/none.txt", 404, "not found");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	site_expect(site, "/a.txt", 200, "hello");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, site_setup, site_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(big_file__to_a_slow_reader__is_read_while_it_is_sent),
		TEST(big_file__of_5_gigabytes__has_its_length),
		TEST(big_file__with_requests_behind_it__goes_first),
		TEST(big_file__cut_while_it_is_sent__ends_the_connection),
		TEST(big_file__that_grows_while_it_is_sent__is_sent_as_announced),
		TEST(big_file__to_a_client_that_goes__is_closed),
		TEST(big_file__to_a_client_that_stops_reading__is_given_up),
		TEST(file__without_descriptors__is_500),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
