/* SPDX-License-Identifier: MIT */
/*
 * test_sio_decoder.c: texts and attachments put together, and what of it is
 * refused when.
 */
#include <config.h>

#include <socketio/decoder.h>

#include <socketio/socketio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define PH(n) "{\"_placeholder\":true,\"num\":" #n "}"

static const struct sio__limits limits = { 10, 100, 128, 255, 1024, false,
	1000 };

static struct sio__decoder decoder;
static struct sio__incoming in;

static int setup(void **state)
{
	sio__decoder_init(&decoder);
	return 0;
}

static int teardown(void **state)
{
	sio__decoder_clear(&decoder);
	return 0;
}

static enum sio__decoded text(const char *p)
{
	return sio__decoder_text(&decoder, p, strlen(p), &limits, &in);
}

static enum sio__decoded binary(const char *p)
{
	return sio__decoder_binary(&decoder, p, strlen(p), &limits, &in);
}

static void assert_values(const char *expected)
{
	json_t *value = json_loads(expected, 0, NULL);

	assert_non_null(value);
	assert_true(json_equal(in.values, value));
	json_decref(value);
}

static void assert_bytes(const json_t *value, const char *expected)
{
	size_t len;
	const void *data = sio_binary_data(value, &len);

	assert_non_null(data);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(data, expected, len);
}

static void text__without_attachments__is_a_packet(void **state)
{
	const char *message = "2[\"a\",1]";

	assert_int_equal(text(message), SIO__DECODED);
	assert_null(in.values);
	assert_ptr_equal(in.packet.data.p, message + 1);
	assert_int_equal(text("2[\"a\"]"), SIO__DECODED);
	assert_int_equal(text("x"), SIO__REFUSED);
	assert_string_equal(in.why, "unknown packet type");
}

static void binary_event__last_attachment__completes_it(void **state)
{
	char message[] = "52-/a,7[\"a\"," PH(0) ",{\"b\":" PH(1) "}]";

	assert_int_equal(text(message), SIO__MORE);
	memset(message, 'x', sizeof(message) - 1);
	assert_int_equal(binary("one"), SIO__MORE);
	assert_int_equal(binary("two"), SIO__DECODED);
	assert_int_equal(in.packet.type, SIO__EVENT);
	assert_int_equal(in.packet.attachments, 2);
	assert_int_equal(in.packet.id, 7);
	assert_true(sio__span_is(in.packet.nsp, "/a", 2));
	assert_true(sio__span_is(in.packet.name, "\"a\"", 3));
	assert_int_equal(json_array_size(in.values), 3);
	assert_bytes(json_array_get(in.values, 1), "one");
	assert_bytes(json_object_get(json_array_get(in.values, 2), "b"), "two");
	sio__incoming_clear(&in);

	/* and the next packet may come */
	assert_int_equal(text("2[\"a\"]"), SIO__DECODED);
}

static void binary_ack__last_attachment__completes_it(void **state)
{
	assert_int_equal(text("61-3[" PH(0) "]"), SIO__MORE);
	assert_int_equal(binary("x"), SIO__DECODED);
	assert_int_equal(in.packet.type, SIO__ACK);
	assert_int_equal(in.packet.id, 3);
	assert_bytes(json_array_get(in.values, 0), "x");
	sio__incoming_clear(&in);
}

static void attachment__not_referred_to__is_unused(void **state)
{
	assert_int_equal(text("51-[\"a\"]"), SIO__MORE);
	assert_int_equal(binary("x"), SIO__DECODED);
	assert_values("[\"a\"]");
	sio__incoming_clear(&in);
}

static void attachment__referred_to_twice__is_shared(void **state)
{
	assert_int_equal(text("52-[\"a\"," PH(0) "," PH(0) "]"), SIO__MORE);
	assert_int_equal(binary("x"), SIO__MORE);
	assert_int_equal(binary("y"), SIO__DECODED);
	assert_bytes(json_array_get(in.values, 1), "x");
	assert_bytes(json_array_get(in.values, 2), "x");
	sio__incoming_clear(&in);
}

static void attachment__empty__is_a_value(void **state)
{
	assert_int_equal(text("51-[\"a\"," PH(0) "]"), SIO__MORE);
	assert_int_equal(binary(""), SIO__DECODED);
	assert_bytes(json_array_get(in.values, 1), "");
	sio__incoming_clear(&in);
}

static void binary_event__without_data__is_a_packet(void **state)
{
	assert_int_equal(text("51-"), SIO__MORE);
	assert_int_equal(binary("x"), SIO__DECODED);
	assert_int_equal(in.packet.data.n, 0);
	assert_null(in.values);
	sio__incoming_clear(&in);
}

static void placeholder__not_exactly_true__is_an_object(void **state)
{
	assert_int_equal(text("51-[\"a\",{\"_placeholder\":1,\"num\":0}]"),
		SIO__MORE);
	assert_int_equal(binary("x"), SIO__DECODED);
	assert_values("[\"a\",{\"_placeholder\":1,\"num\":0}]");
	sio__incoming_clear(&in);
}

static void placeholder__wrong_number__is_refused_at_the_last(void **state)
{
	static const char *const nums[] = { "1", "-1", "\"0\"", "0.5", "null",
		"\"splice\"", "{}", "1e99", "99999999999999999999" };
	char message[80];
	size_t i;

	for (i = 0; i < sizeof(nums) / sizeof(*nums); i++) {
		snprintf(message, sizeof(message),
			"51-[\"a\",{\"_placeholder\":true,\"num\":%s}]",
			nums[i]);
		assert_int_equal(text(message), SIO__MORE);
		assert_int_equal(binary("x"), SIO__REFUSED);
		assert_string_equal(in.why, "illegal attachments");
	}
	assert_int_equal(text("51-[\"a\",{\"_placeholder\":true}]"), SIO__MORE);
	assert_int_equal(binary("x"), SIO__REFUSED);
	assert_string_equal(in.why, "illegal attachments");
}

static void text__while_attachments_are_awaited__is_refused(void **state)
{
	assert_int_equal(text("51-[\"a\"]"), SIO__MORE);
	assert_int_equal(text("2[\"a\"]"), SIO__REFUSED);
	assert_string_equal(in.why, "text while attachments are awaited");
}

static void binary__while_none_is_awaited__is_refused(void **state)
{
	assert_int_equal(binary("x"), SIO__REFUSED);
	assert_string_equal(in.why, "binary while none is awaited");
	assert_int_equal(text("51-[\"a\"]"), SIO__MORE);
	assert_int_equal(binary("x"), SIO__DECODED);
	sio__incoming_clear(&in);
	assert_int_equal(binary("x"), SIO__REFUSED);
}

static void header__of_a_flood__awaits_nothing(void **state)
{
	assert_int_equal(text("50-[\"a\"]"), SIO__REFUSED);
	assert_int_equal(binary("x"), SIO__REFUSED);
	assert_int_equal(text("5999999999-[\"a\"]"), SIO__REFUSED);
	assert_null(decoder.pending);
}

static void attachments__together__are_limited(void **state)
{
	char bytes[101];

	memset(bytes, 'x', 100);
	bytes[100] = '\0';
	assert_int_equal(text("52-[\"a\"]"), SIO__MORE);
	assert_int_equal(binary(bytes), SIO__MORE);
	assert_int_equal(binary(""), SIO__DECODED);
	sio__incoming_clear(&in);

	assert_int_equal(text("52-[\"a\"]"), SIO__MORE);
	assert_int_equal(binary(bytes), SIO__MORE);
	assert_int_equal(binary("x"), SIO__REFUSED);
	assert_string_equal(in.why,
		"attachments too large (MAX_ATTACHMENT_BYTES)");
}

static void attachments__never_completed__are_freed(void **state)
{
	assert_int_equal(text("53-[\"a\"]"), SIO__MORE);
	assert_int_equal(binary("x"), SIO__MORE);
	assert_int_equal(binary("y"), SIO__MORE);
}

static void values__that_jansson_refuses__are_mended(void **state)
{
	assert_int_equal(text("51-[\"a\",\"\\ud800\"," PH(0) "]"), SIO__MORE);
	assert_int_equal(binary("x"), SIO__DECODED);
	assert_string_equal(json_string_value(json_array_get(in.values, 1)),
		"\xef\xbf\xbd");
	sio__incoming_clear(&in);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(text__without_attachments__is_a_packet),
		test(binary_event__last_attachment__completes_it),
		test(binary_ack__last_attachment__completes_it),
		test(attachment__not_referred_to__is_unused),
		test(attachment__referred_to_twice__is_shared),
		test(attachment__empty__is_a_value),
		test(binary_event__without_data__is_a_packet),
		test(placeholder__not_exactly_true__is_an_object),
		test(placeholder__wrong_number__is_refused_at_the_last),
		test(text__while_attachments_are_awaited__is_refused),
		test(binary__while_none_is_awaited__is_refused),
		test(header__of_a_flood__awaits_nothing),
		test(attachments__together__are_limited),
		test(attachments__never_completed__are_freed),
		test(values__that_jansson_refuses__are_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
