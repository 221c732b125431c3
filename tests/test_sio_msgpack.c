/* SPDX-License-Identifier: MIT */
/*
 * test_sio_msgpack.c: MessagePack and values, and the packets of the parser
 * that is made of them. The bytes were written by notepack.io 2.2.0 and
 * socket.io-msgpack-parser 3.0.2.
 */
#include <config.h>

#include <socketio/msgpack.h>

#include <engineio/base/hex.h>
#include <socketio/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* What both directions agree about. */
static const struct {
	const char *json, *hex;
} values[] = {
	{ "0", "00" },
	{ "1", "01" },
	{ "127", "7f" },
	{ "128", "cc80" },
	{ "255", "ccff" },
	{ "256", "cd0100" },
	{ "65535", "cdffff" },
	{ "65536", "ce00010000" },
	{ "4294967295", "ceffffffff" },
	{ "4294967296", "cf0000000100000000" },
	{ "9007199254740991", "cf001fffffffffffff" },
	{ "-1", "ff" },
	{ "-32", "e0" },
	{ "-33", "d0df" },
	{ "-128", "d080" },
	{ "-129", "d1ff7f" },
	{ "-32768", "d18000" },
	{ "-32769", "d2ffff7fff" },
	{ "-2147483648", "d280000000" },
	{ "-2147483649", "d3ffffffff7fffffff" },
	{ "-9007199254740991", "d3ffe0000000000001" },
	{ "1.5", "cb3ff8000000000000" },
	{ "-0.1", "cbbfb999999999999a" },
	{ "5e-324", "cb0000000000000001" },
	{ "3.0", "03" },
	{ "-0.0", "00" },
	{ "true", "c3" },
	{ "false", "c2" },
	{ "null", "c0" },
	{ "\"\"", "a0" },
	{ "\"a\"", "a161" },
	{ "\"äöü€😀\"", "adc3a4c3b6c3bce282acf09f9880" },
	{ "\"1234567890123456789012345678901\"",
		"bf31323334353637383930313233343536373839303132333435363738393031" },
	{ "\"12345678901234567890123456789012\"",
		"d9203132333435363738393031323334353637383930313233343536373839303132" },
	{ "[]", "90" },
	{ "[1,\"a\",null]", "9301a161c0" },
	{ "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]",
		"9f0102030405060708090a0b0c0d0e0f" },
	{ "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]",
		"dc00100102030405060708090a0b0c0d0e0f10" },
	{ "{}", "80" },
	{ "{\"a\":1}", "81a16101" },
	{ "{\"b\":[{}],\"a\":{\"c\":[]}}", "82a1629180a16181a16390" },
	{ "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,\"k\":11,\"l\":12,\"m\":13,\"n\":14,\"o\":15}",
		"8fa16101a16202a16303a16404a16505a16606a16707a16808a16909a16a0aa16b0ba16c0ca16d0da16e0ea16f0f" },
	{ "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,\"k\":11,\"l\":12,\"m\":13,\"n\":14,\"o\":15,\"p\":16}",
		"de0010a16101a16202a16303a16404a16505a16606a16707a16808a16909a16a0aa16b0ba16c0ca16d0da16e0ea16f0fa17010" },
	{ "9223372036854775808.0", "cf8000000000000000" },
	{ "1e19", "cf8ac7230489e80000" },
	{ "-9223372036854775808", "d38000000000000000" },
	{ "1e18", "cf0de0b6b3a7640000" },
};

static const struct {
	const char *hex, *json; /* NULL: undefined */
} only_read[] = {
	/* other forms of numbers */
	{ "cc05", "5" },
	{ "cd0005", "5" },
	{ "ce00000005", "5" },
	{ "cf0000000000000005", "5" },
	{ "d005", "5" },
	{ "d1fffb", "-5" },
	{ "d2fffffffb", "-5" },
	{ "d3fffffffffffffffb", "-5" },
	{ "ca3fc00000", "1.5" },
	{ "cfffffffffffffffff", "1.8446744073709552e19" },
	{ "d38000000000000000", "-9223372036854775808" },
	{ "cb7ff8000000000000", "null" },
	{ "ca7fc00000", "null" },
	{ "cb7ff0000000000000", "1.7976931348623157e308" },
	{ "cbfff0000000000000", "-1.7976931348623157e308" },
	/* other forms of texts and containers */
	{ "d90161", "\"a\"" },
	{ "da000161", "\"a\"" },
	{ "db0000000161", "\"a\"" },
	{ "d900", "\"\"" },
	{ "a100", "\"\\u0000\"" },
	{ "dc0000", "[]" },
	{ "dd00000001c0", "[null]" },
	{ "de0000", "{}" },
	{ "df00000001a16101", "{\"a\":1}" },
	/* members of the same name, and a NUL in one */
	{ "83a16101a16202a16103", "{\"a\":3,\"b\":2}" },
	{ "81a3610062c3",
		"{\"a\xef\xbf\xbd"
		"b\":true}" },
	/* undefined */
	{ "d40000", NULL },
	{ "d40007", NULL },
	{ "93c0d4000001", "[null,null,1]" },
	{ "82a161d40000a16201", "{\"b\":1}" },
	{ "82a16101a161d40000", "{}" },
	/* dates */
	{ "d7000000000000000000", "\"1970-01-01T00:00:00.000Z\"" },
	{ "d7000000018bcfe56800", "\"2023-11-14T22:13:20.000Z\"" },
	{ "d700ffffffffffffffff", "\"1969-12-31T23:59:59.999Z\"" },
	{ "d700001eb208c2dc0000", "\"+275760-09-13T00:00:00.000Z\"" },
	{ "d700ffe14df73d240000", "\"-271821-04-20T00:00:00.000Z\"" },
	{ "d700ffffc76e394a7400", "\"-000001-01-01T00:00:00.000Z\"" },
	{ "d700ffffc77590fba000", "\"0000-01-01T00:00:00.000Z\"" },
	{ "d7000000e677d21fdbff", "\"9999-12-31T23:59:59.999Z\"" },
	{ "d700000000dd9aa6e000", "\"2000-02-29T00:00:00.000Z\"" },
	{ "d7007fffffffffffffff", "null" },
	{ "d7008000000000000000", "null" },
};

/* Binary values, as "<616263>". */
static const struct {
	const char *hex, *text;
} bytes[] = {
	{ "c400", "<>" },
	{ "c4020102", "<0102>" },
	{ "c500020102", "<0102>" },
	{ "c6000000020102", "<0102>" },
	{ "c70000", "<>" },
	{ "c70100ff", "<ff>" },
	{ "c80001000a", "<0a>" },
	{ "c9000000010007", "<07>" },
	{ "c708000102030405060708", "<0102030405060708>" },
	{ "c70100d4", "<d4>" },
	{ "91c40100", "[<00>]" },
	{ "d40107", "[1,<07>]" },
	{ "d500abcd", "[0,<abcd>]" },
	{ "d60001020304", "[0,<01020304>]" },
	{ "d7ff0102030405060708", "[-1,<0102030405060708>]" },
	{ "d800000102030405060708090a0b0c0d0e0f",
		"[0,<000102030405060708090a0b0c0d0e0f>]" },
	{ "c70180aa", "[-128,<aa>]" },
	{ "c8000205aabb", "[5,<aabb>]" },
	{ "c90000000005", "[5,<>]" },
};

static const struct {
	const char *hex;
	enum sio__msgpack_error error;
} refused[] = {
	{ "", SIO__MSGPACK_MALFORMED },
	{ "c1", SIO__MSGPACK_MALFORMED },
	{ "91", SIO__MSGPACK_MALFORMED },
	{ "9201", SIO__MSGPACK_MALFORMED },
	{ "81a161", SIO__MSGPACK_MALFORMED },
	{ "82a16101", SIO__MSGPACK_MALFORMED },
	{ "82a16191", SIO__MSGPACK_MALFORMED },
	{ "a261", SIO__MSGPACK_MALFORMED },
	{ "d9", SIO__MSGPACK_MALFORMED },
	{ "d90261", SIO__MSGPACK_MALFORMED },
	{ "dbffffffff61", SIO__MSGPACK_MALFORMED },
	{ "c6ffffffff61", SIO__MSGPACK_MALFORMED },
	{ "c9ffffffff0061", SIO__MSGPACK_MALFORMED },
	{ "c7", SIO__MSGPACK_MALFORMED },
	{ "c702", SIO__MSGPACK_MALFORMED },
	{ "d4", SIO__MSGPACK_MALFORMED },
	{ "d400", SIO__MSGPACK_MALFORMED },
	{ "cb3ff8", SIO__MSGPACK_MALFORMED },
	{ "ddffffffff", SIO__MSGPACK_MALFORMED },
	{ "ddffffffffc0c0", SIO__MSGPACK_MALFORMED },
	{ "dfffffffff", SIO__MSGPACK_MALFORMED },
	{ "0000", SIO__MSGPACK_TRAILING },
	{ "90c0", SIO__MSGPACK_TRAILING },
	{ "80a0", SIO__MSGPACK_TRAILING },
	{ "a1ff", SIO__MSGPACK_NO_UTF8 },
	{ "a3eda080", SIO__MSGPACK_NO_UTF8 },
	{ "91a2c328", SIO__MSGPACK_NO_UTF8 },
	/* the mark of a binary value */
	{ "81a7ff62696e617279a2ff61", SIO__MSGPACK_NO_UTF8 },
	{ "81a7ff62696e617279a161", SIO__MSGPACK_NO_UTF8 },
	{ "810102", SIO__MSGPACK_KEY },
	{ "81c0c0", SIO__MSGPACK_KEY },
	{ "81d40000c0", SIO__MSGPACK_KEY },
	{ "8190a161", SIO__MSGPACK_KEY },
	{ "81c4016101", SIO__MSGPACK_KEY },
	{ "8292a161a16280c3a163c0", SIO__MSGPACK_KEY },
};

static unsigned char *from_hex(const char *hex, size_t *n)
{
	unsigned char *out;
	size_t i;

	*n = strlen(hex) / 2;
	out = malloc(*n + 1);
	assert_non_null(out);
	for (i = 0; i < *n; i++)
		out[i] = (unsigned char)(eio__hex_digit(hex[2 * i]) << 4 |
			eio__hex_digit(hex[2 * i + 1]));
	return out;
}

static void add_hex(struct eio__strbuf *out, const void *p, size_t n)
{
	const unsigned char *at = p;
	size_t i;

	for (i = 0; i < n; i++)
		eio__strbuf_printf(out, "%02x", at[i]);
}

static enum sio__msgpack_error read_with(const char *hex, unsigned depth,
	unsigned containers, json_t **out)
{
	size_t n;
	unsigned char *p = from_hex(hex, &n);
	enum sio__msgpack_error error =
		sio__msgpack_read(p, n, depth, containers, out);

	free(p);
	return error;
}

static enum sio__msgpack_error read_hex(const char *hex, json_t **out)
{
	return read_with(hex, 128, 1000, out);
}

static void value__of_every_kind__is_written_as_notepack_does(void **state)
{
	struct eio__strbuf out, hex;
	json_t *value;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		value = sio__json_decode(values[i].json,
			strlen(values[i].json));
		assert_non_null(value);
		eio__strbuf_init(&out, 0);
		eio__strbuf_init(&hex, 0);
		assert_int_equal(sio__msgpack_write(&out, value), 0);
		add_hex(&hex, out.data, out.len);
		assert_string_equal(hex.data, values[i].hex);
		eio__strbuf_clear(&out);
		eio__strbuf_clear(&hex);
		json_decref(value);
	}
}

/* As JSON.stringify() would print it, since 3 is 3.0. */
static void assert_prints(const json_t *value, const char *json)
{
	struct eio__strbuf a, b;
	json_t *expected = sio__json_decode(json, strlen(json));

	eio__strbuf_init(&a, 0);
	eio__strbuf_init(&b, 0);
	assert_int_equal(sio__json_write(&a, value, NULL), 0);
	assert_int_equal(sio__json_write(&b, expected, NULL), 0);
	assert_string_equal(a.data, b.data);
	eio__strbuf_clear(&a);
	eio__strbuf_clear(&b);
	json_decref(expected);
}

static void value__of_every_kind__is_read(void **state)
{
	json_t *value;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		assert_int_equal(read_hex(values[i].hex, &value), 0);
		assert_prints(value, values[i].json);
		json_decref(value);
	}
	for (i = 0; i < sizeof(only_read) / sizeof(*only_read); i++) {
		assert_int_equal(read_hex(only_read[i].hex, &value), 0);
		if (only_read[i].json)
			assert_prints(value, only_read[i].json);
		else
			assert_null(value);
		json_decref(value);
	}
}

/* Arrays, integers and bytes. */
static void print(struct eio__strbuf *out, const json_t *value)
{
	size_t i, n;
	const void *p = sio_binary_data(value, &n);

	if (p) {
		eio__strbuf_addc(out, '<');
		add_hex(out, p, n);
		eio__strbuf_addc(out, '>');
	} else if (json_is_array(value)) {
		eio__strbuf_addc(out, '[');
		for (i = 0; i < json_array_size(value); i++) {
			if (i > 0)
				eio__strbuf_addc(out, ',');
			print(out, json_array_get(value, i));
		}
		eio__strbuf_addc(out, ']');
	} else {
		eio__strbuf_printf(out, "%d", (int)json_integer_value(value));
	}
}

static void bytes__of_every_form__are_binary_values(void **state)
{
	struct eio__strbuf out;
	json_t *value;
	size_t i;

	for (i = 0; i < sizeof(bytes) / sizeof(*bytes); i++) {
		assert_int_equal(read_hex(bytes[i].hex, &value), 0);
		eio__strbuf_init(&out, 0);
		print(&out, value);
		assert_string_equal(out.data, bytes[i].text);
		eio__strbuf_clear(&out);
		json_decref(value);
	}
}

static void bytes__of_every_length__are_written_as_bin(void **state)
{
	static const struct {
		size_t n;
		const char *head;
	} table[] = { { 0, "c400" }, { 1, "c401" }, { 8, "c408" },
		{ 255, "c4ff" }, { 256, "c50100" }, { 65535, "c5ffff" },
		{ 65536, "c600010000" } };
	static const unsigned char zeros[65536];
	struct eio__strbuf out, hex;
	json_t *value;
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		value = sio_binary(zeros, table[i].n);
		eio__strbuf_init(&out, 0);
		eio__strbuf_init(&hex, 0);
		assert_int_equal(sio__msgpack_write(&out, value), 0);
		n = strlen(table[i].head) / 2;
		assert_int_equal(out.len, n + table[i].n);
		add_hex(&hex, out.data, n);
		assert_string_equal(hex.data, table[i].head);
		eio__strbuf_clear(&out);
		eio__strbuf_clear(&hex);
		json_decref(value);
	}
}

static void bytes__that_are_no_value__are_refused(void **state)
{
	json_t *value = NULL;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		assert_int_equal(read_hex(refused[i].hex, &value),
			refused[i].error);
		assert_null(value);
	}
}

static void bytes__cut_anywhere__are_refused(void **state)
{
	static const char whole[] =
		"87a161920181a163c4020102a164d90178a179cb3ff8000000000000"
		"a17ad7000000000000000000a165c70305010203a166dd00000001c0"
		"a167da0003616263";
	char part[sizeof(whole)];
	json_t *value = NULL;
	size_t n;

	assert_int_equal(read_hex(whole, &value), 0);
	json_decref(value);
	value = NULL;
	for (n = 0; n < strlen(whole); n += 2) {
		memcpy(part, whole, n);
		part[n] = '\0';
		assert_int_equal(read_hex(part, &value),
			SIO__MSGPACK_MALFORMED);
		assert_null(value);
	}
}

static void nesting__beyond_the_limit__is_refused(void **state)
{
	json_t *value;

	assert_int_equal(read_with("00", 0, 0, &value), 0);
	json_decref(value);
	assert_int_equal(read_with("9191c0", 2, 9, &value), 0);
	json_decref(value);
	assert_int_equal(read_with("9191c0", 1, 9, &value), SIO__MSGPACK_DEPTH);
	assert_int_equal(read_with("9190", 1, 9, &value), SIO__MSGPACK_DEPTH);
	assert_int_equal(read_with("91a16181a16180", 9, 9, &value),
		SIO__MSGPACK_TRAILING);
	assert_int_equal(read_with("81a16181a16180", 2, 9, &value),
		SIO__MSGPACK_DEPTH);
	assert_int_equal(read_with("81a16181a16180", 3, 9, &value), 0);
	json_decref(value);
}

static void nesting__as_deep_as_it_can_be__ends(void **state)
{
	static char hex[2 * (SIO__JSON_MAX_DEPTH + 3)];
	json_t *value = NULL;
	unsigned i, n = SIO__JSON_MAX_DEPTH + 1;

	for (i = 0; i < n - 1; i++)
		memcpy(hex + 2 * i, "91", 2);
	memcpy(hex + 2 * i, "90", 3);
	assert_int_equal(read_with(hex, 9999, 9999, &value), 0);
	json_decref(value);
	memcpy(hex + 2 * i, "9190", 5);
	assert_int_equal(read_with(hex, 9999, 9999, &value),
		SIO__MSGPACK_DEPTH);
}

static void containers__beyond_the_limit__are_refused(void **state)
{
	json_t *value;

	assert_int_equal(read_with("93908090", 9, 4, &value), 0);
	json_decref(value);
	assert_int_equal(read_with("93908090", 9, 3, &value),
		SIO__MSGPACK_CONTAINERS);
	/* An extension becomes an array, so it counts as one. */
	assert_int_equal(read_with("92d405ffd405ff", 9, 3, &value), 0);
	json_decref(value);
	assert_int_equal(read_with("92d405ffd405ff", 9, 2, &value),
		SIO__MSGPACK_CONTAINERS);
}

static void value__that_cannot_be_sent__is_an_error(void **state)
{
	struct eio__strbuf out;
	json_t *text = json_string_nocheck("\xc3("), *ring = json_array(),
	       *object = json_object(), *inner = json_array();

	eio__strbuf_init(&out, 0);
	assert_int_equal(sio__msgpack_write(&out, text), ENGINEIO_ERR_INVALID);
	json_object_set_new_nocheck(object, "\xff", json_null());
	assert_int_equal(sio__msgpack_write(&out, object),
		ENGINEIO_ERR_INVALID);
	json_array_append(ring, inner);
	json_array_append(inner, ring);
	assert_int_equal(sio__msgpack_write(&out, ring), ENGINEIO_ERR_INVALID);
	json_array_clear(inner);
	json_decref(inner);
	json_decref(ring);
	json_decref(object);
	json_decref(text);
	eio__strbuf_clear(&out);
}

static void real__beyond_64_bits__stays_a_real(void **state)
{
	struct eio__strbuf out, hex;
	json_t *value =
		json_pack("[f, f, f]", 1e20, 18446744073709551616.0, -1e19);

	eio__strbuf_init(&out, 0);
	eio__strbuf_init(&hex, 0);
	assert_int_equal(sio__msgpack_write(&out, value), 0);
	add_hex(&hex, out.data, out.len);
	assert_string_equal(hex.data,
		"93cb4415af1d78b58c40cb43f0000000000000"
		"cbc3e158e460913d00");
	eio__strbuf_clear(&out);
	eio__strbuf_clear(&hex);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			value__of_every_kind__is_written_as_notepack_does),
		cmocka_unit_test(value__of_every_kind__is_read),
		cmocka_unit_test(bytes__of_every_form__are_binary_values),
		cmocka_unit_test(bytes__of_every_length__are_written_as_bin),
		cmocka_unit_test(bytes__that_are_no_value__are_refused),
		cmocka_unit_test(bytes__cut_anywhere__are_refused),
		cmocka_unit_test(nesting__beyond_the_limit__is_refused),
		cmocka_unit_test(nesting__as_deep_as_it_can_be__ends),
		cmocka_unit_test(containers__beyond_the_limit__are_refused),
		cmocka_unit_test(value__that_cannot_be_sent__is_an_error),
		cmocka_unit_test(real__beyond_64_bits__stays_a_real),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
