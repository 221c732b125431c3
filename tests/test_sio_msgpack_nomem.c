/* SPDX-License-Identifier: MIT */
/*
 * test_sio_msgpack_nomem.c: out of memory in another parser. Every allocation
 * fails in turn, jansson's too, while messages are read and written: the call
 * says so, and nothing is left over.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <socketio/io.h>
#include <socketio/parser.h>

#include "fake_sio.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static int count, fail_at; /* 0: none fails */
static long live;

static bool fails(void)
{
	return ++count == fail_at;
}

void *__wrap_malloc(size_t size)
{
	void *p = fails() ? NULL : __real_malloc(size);

	live += p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = fails() ? NULL : __real_calloc(n, size);

	live += p != NULL;
	return p;
}

void *__wrap_realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __real_realloc(p, size);

	live += !p && q;
	return q;
}

void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

/* An event with a value of every kind, for "/a b". */
static const char message[] =
	"\x83\xa4type\x02\xa4"
	"data\x98\xa1x\xc4\x02\x01\x02\xcb\x3f\xf8\0\0\0\0\0\0"
	"\x82\xa3"
	"a\0b\x91\x80\xa1z\xc0\xc7\x01\x05\x09\xd4\0\0\xd7\0\0\0\0\0\0\0\0\0"
	"\xcd\x01\x2c"
	"\xa3nsp\xa4/a b";

static enum sio__decoded decode(struct sio__incoming *in)
{
	struct sio__decoder decoder;
	enum sio__decoded result;

	sio__decoder_init(&decoder);
	result = sio__parser_decode(sio_parser_msgpack(), &decoder,
		&srv->limits, message, sizeof(message) - 1, true, in);
	if (result == SIO__DECODED)
		assert_int_equal(in->packet.nsp.n, 4);
	sio__parser_clear(sio_parser_msgpack(), &decoder);
	return result;
}

static void decode__every_allocation_failing__says_so(void **state)
{
	struct sio__incoming in;
	enum sio__decoded result;
	long before = live;
	int i;

	for (i = 1;; i++) {
		count = 0;
		fail_at = i;
		result = decode(&in);
		fail_at = 0;
		if (result == SIO__DECODED)
			break;
		assert_int_equal(result, SIO__NOMEM);
		assert_int_equal(live, before);
	}
	assert_true(i > 20);
	assert_int_equal(json_array_size(in.values), 8);
	sio__incoming_clear(&in);
	assert_int_equal(live, before);
}

static int make(json_t *args)
{
	struct sio__message m;
	const uint64_t id = 7;
	int err = sio__message_event(&m, io, "event", args, &id);

	if (!err)
		sio__message_clear(&m);
	return err;
}

static int make_answer(json_t *args)
{
	struct sio__message m;
	int err = sio__message_text(&m, srv, SIO__ACK, sio__nsp_span(io), NULL,
		sio__span("[1,{\"a\":\"b\"}]", 13));

	if (!err)
		sio__message_clear(&m);
	return err;
}

static void fail_in_turn(int (*fn)(json_t *args), json_t *args, int least)
{
	long before = live;
	int i, err;

	for (i = 1;; i++) {
		count = 0;
		fail_at = i;
		err = fn(args);
		fail_at = 0;
		assert_int_equal(live, before);
		if (!err)
			break;
		assert_int_equal(err, SIO_ERR_NOMEM);
	}
	assert_true(i > least);
}

static void encode__every_allocation_failing__says_so(void **state)
{
	json_t *args = json_pack("[s, o, {s:f}]", "text", sio_binary("b", 1),
		"a", 1.5);

	fail_in_turn(make, args, 4);
	fail_in_turn(make_answer, args, 6);
	json_decref(args);
}

/* jansson allocates by our functions, which the wrappers above see. */
static void *by_malloc(size_t size)
{
	return malloc(size);
}

static void by_free(void *p)
{
	free(p);
}

static int setup(void **state)
{
	json_set_alloc_funcs(by_malloc, by_free);
	sio_setup_deaf(state);
	return sio_server_set_parser(srv, sio_parser_msgpack());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			decode__every_allocation_failing__says_so, setup,
			sio_teardown),
		cmocka_unit_test_setup_teardown(
			encode__every_allocation_failing__says_so, setup,
			sio_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
