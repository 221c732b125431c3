/* SPDX-License-Identifier: MIT */
/*
 * test_sio_packet.c: the grammar of Socket.IO protocol 5, case by case as
 * the official decoder was seen to decide, and where ours decides
 * otherwise.
 */
#include <config.h>

#include <socketio/packet.h>

#include <engineio/engineio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct sio__limits limits = { 10, 1000, 128, 255, 1024, false,
	1000 };

#define NO_ID -1

struct good {
	const char *text;
	enum sio__packet_type type;
	int attachments;
	const char *nsp;
	int64_t id;
	const char *data, *name, *args;
};

static void assert_span(const char *text, struct sio__span span,
	const char *expected)
{
	if (!sio__span_is(span, expected, strlen(expected)))
		fail_msg("%s: \"%.*s\" instead of \"%s\"", text, (int)span.n,
			span.p, expected);
}

/* A copy whose end is the end of its memory, for the sanitizer to watch. */
static char *exactly(const char *text, size_t n)
{
	char *copy = malloc(n ? n : 1);

	assert_non_null(copy);
	memcpy(copy, text, n);
	return copy;
}

static void assert_taken(const struct good *g)
{
	size_t n = strlen(g->text);
	char *copy = exactly(g->text, n);
	struct sio__packet p;
	const char *why = sio__packet_decode(&p, copy, n, &limits);

	if (why)
		fail_msg("%s refused: %s", g->text, why);
	assert_int_equal(p.type, g->type);
	assert_int_equal(p.attachments, g->attachments);
	assert_int_equal(p.has_id, g->id != NO_ID);
	if (g->id != NO_ID)
		assert_true(p.id == (uint64_t)g->id);
	assert_span(g->text, p.nsp, g->nsp);
	assert_span(g->text, p.data, g->data);
	assert_span(g->text, p.name, g->name);
	assert_span(g->text, p.args, g->args);
	free(copy);
}

static void assert_refused(const char *text, size_t n, const char *expected)
{
	char *copy = exactly(text, n);
	struct sio__packet p;
	const char *why = sio__packet_decode(&p, copy, n, &limits);

	if (!why || strcmp(why, expected) != 0)
		fail_msg("%.60s: %s instead of %s", text, why ? why : "taken",
			expected);
	free(copy);
}

static void decode__connect__is_taken(void **state)
{
	static const struct good table[] = {
		{ "0", SIO__CONNECT, 0, "/", NO_ID, "", "", "" },
		{ "0{}", SIO__CONNECT, 0, "/", NO_ID, "{}", "", "" },
		{ "0{\"a\":1}", SIO__CONNECT, 0, "/", NO_ID, "{\"a\":1}", "",
			"" },
		{ "0/admin", SIO__CONNECT, 0, "/admin", NO_ID, "", "", "" },
		{ "0/admin,", SIO__CONNECT, 0, "/admin", NO_ID, "", "", "" },
		{ "0/admin,{\"a\":1}", SIO__CONNECT, 0, "/admin", NO_ID,
			"{\"a\":1}", "", "" },
		{ "0/admin{\"a\":1}", SIO__CONNECT, 0, "/admin{\"a\":1}", NO_ID,
			"", "", "" },
		{ "0/a?x=1,", SIO__CONNECT, 0, "/a?x=1", NO_ID, "", "", "" },
		{ "0123{}", SIO__CONNECT, 0, "/", 123, "{}", "", "" },
		{ "0/", SIO__CONNECT, 0, "/", NO_ID, "", "", "" },
		{ "0/,{}", SIO__CONNECT, 0, "/", NO_ID, "{}", "", "" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_taken(&table[i]);
}

static void decode__disconnect__is_taken(void **state)
{
	static const struct good table[] = {
		{ "1", SIO__DISCONNECT, 0, "/", NO_ID, "", "", "" },
		{ "1/a", SIO__DISCONNECT, 0, "/a", NO_ID, "", "", "" },
		{ "1/a,", SIO__DISCONNECT, 0, "/a", NO_ID, "", "", "" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_taken(&table[i]);
}

static void decode__event__is_taken(void **state)
{
	static const struct good table[] = {
		{ "2[\"a\"]", SIO__EVENT, 0, "/", NO_ID, "[\"a\"]", "\"a\"",
			"" },
		{ "212[\"a\"]", SIO__EVENT, 0, "/", 12, "[\"a\"]", "\"a\"",
			"" },
		{ "2/a,12[\"a\"]", SIO__EVENT, 0, "/a", 12, "[\"a\"]", "\"a\"",
			"" },
		{ "2[\"a\"] ", SIO__EVENT, 0, "/", NO_ID, "[\"a\"] ", "\"a\"",
			"" },
		{ "2[\"a\",1,{\"b\":[2]}]", SIO__EVENT, 0, "/", NO_ID,
			"[\"a\",1,{\"b\":[2]}]", "\"a\"", "1,{\"b\":[2]}" },
		{ "2[ \"a\" , \"]\" ]", SIO__EVENT, 0, "/", NO_ID,
			"[ \"a\" , \"]\" ]", "\"a\"", "\"]\"" },
		{ "2", SIO__EVENT, 0, "/", NO_ID, "", "", "" },
		{ "2/a,", SIO__EVENT, 0, "/a", NO_ID, "", "", "" },
		{ "21", SIO__EVENT, 0, "/", 1, "", "", "" },
		{ "21 [\"a\"]", SIO__EVENT, 0, "/", 1, "[\"a\"]", "\"a\"", "" },
		{ "2007[\"a\"]", SIO__EVENT, 0, "/", 7, "[\"a\"]", "\"a\"",
			"" },
		{ "2/a[\"x\"]", SIO__EVENT, 0, "/a[\"x\"]", NO_ID, "", "", "" },
		{ "2[1]", SIO__EVENT, 0, "/", NO_ID, "[1]", "1", "" },
		{ "2[1.5]", SIO__EVENT, 0, "/", NO_ID, "[1.5]", "1.5", "" },
		{ "2[-1,2]", SIO__EVENT, 0, "/", NO_ID, "[-1,2]", "-1", "2" },
		{ "2[\"\"]", SIO__EVENT, 0, "/", NO_ID, "[\"\"]", "\"\"", "" },
		{ "2[\"error\"]", SIO__EVENT, 0, "/", NO_ID, "[\"error\"]",
			"\"error\"", "" },
		{ "2[\"connection\"]", SIO__EVENT, 0, "/", NO_ID,
			"[\"connection\"]", "\"connection\"", "" },
		{ "2[\"__proto__\"]", SIO__EVENT, 0, "/", NO_ID,
			"[\"__proto__\"]", "\"__proto__\"", "" },
		{ "29007199254740991[\"a\"]", SIO__EVENT, 0, "/",
			9007199254740991, "[\"a\"]", "\"a\"", "" },
		/* a placeholder in an event without attachments is nothing
		 * special */
		{ "2[\"a\",{\"_placeholder\":true,\"num\":0}]", SIO__EVENT, 0,
			"/", NO_ID, "[\"a\",{\"_placeholder\":true,\"num\":0}]",
			"\"a\"", "{\"_placeholder\":true,\"num\":0}" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_taken(&table[i]);
}

static void decode__ack__is_taken(void **state)
{
	static const struct good table[] = {
		{ "31[]", SIO__ACK, 0, "/", 1, "[]", "", "" },
		{ "31[1]", SIO__ACK, 0, "/", 1, "[1]", "", "1" },
		{ "31", SIO__ACK, 0, "/", 1, "", "", "" },
		{ "3[]", SIO__ACK, 0, "/", NO_ID, "[]", "", "" },
		{ "3", SIO__ACK, 0, "/", NO_ID, "", "", "" },
		{ "3/a,0[ 1 , 2 ]", SIO__ACK, 0, "/a", 0, "[ 1 , 2 ]", "",
			"1 , 2" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_taken(&table[i]);
}

static void decode__connect_error__is_taken(void **state)
{
	static const struct good table[] = {
		{ "4", SIO__CONNECT_ERROR, 0, "/", NO_ID, "", "", "" },
		{ "4{}", SIO__CONNECT_ERROR, 0, "/", NO_ID, "{}", "", "" },
		{ "4\"x\"", SIO__CONNECT_ERROR, 0, "/", NO_ID, "\"x\"", "",
			"" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_taken(&table[i]);
}

static void decode__binary__is_taken(void **state)
{
	static const struct good table[] = {
		{ "51-[\"a\"]", SIO__EVENT, 1, "/", NO_ID, "[\"a\"]", "\"a\"",
			"" },
		{ "510-[\"a\"]", SIO__EVENT, 10, "/", NO_ID, "[\"a\"]", "\"a\"",
			"" },
		{ "51-/a,12[\"a\",{}]", SIO__EVENT, 1, "/a", 12, "[\"a\",{}]",
			"\"a\"", "{}" },
		{ "51-", SIO__EVENT, 1, "/", NO_ID, "", "", "" },
		{ "62-3[1]", SIO__ACK, 2, "/", 3, "[1]", "", "1" },
		{ "61-/a,3[]", SIO__ACK, 1, "/a", 3, "[]", "", "" },
		{ "5001-[\"a\"]", SIO__EVENT, 1, "/", NO_ID, "[\"a\"]", "\"a\"",
			"" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_taken(&table[i]);
}

static const struct {
	const char *text, *why;
} refused[] = {
	/* the empty message and other types */
	{ "", "unknown packet type" },
	{ "7", "unknown packet type" },
	{ "8", "unknown packet type" },
	{ "9", "unknown packet type" },
	{ "a", "unknown packet type" },
	{ "-", "unknown packet type" },
	{ " ", "unknown packet type" },
	{ " {}", "unknown packet type" },
	{ "/", "unknown packet type" },
	/* CONNECT */
	{ "0[]", "invalid payload" },
	{ "0\"x\"", "invalid payload" },
	{ "0null", "invalid payload" },
	{ "0{\"a\":1", "invalid payload" },
	{ "0/a,[]", "invalid payload" },
	/* DISCONNECT */
	{ "1{}", "invalid payload" },
	{ "1[]", "invalid payload" },
	{ "1/a,null", "invalid payload" },
	/* EVENT */
	{ "2[]", "invalid payload" },
	{ "2[ ]", "invalid payload" },
	{ "2{}", "invalid payload" },
	{ "2\"a\"", "invalid payload" },
	{ "2[null]", "invalid event name" },
	{ "2[true]", "invalid event name" },
	{ "2[{}]", "invalid event name" },
	{ "2[[]]", "invalid event name" },
	{ "2[{\"toString\":\"foo\"}]", "invalid event name" },
	{ "2[\"connect\"]", "reserved event name" },
	{ "2[\"connect_error\"]", "reserved event name" },
	{ "2[\"disconnect\"]", "reserved event name" },
	{ "2[\"disconnecting\"]", "reserved event name" },
	{ "2[\"newListener\"]", "reserved event name" },
	{ "2[\"removeListener\"]", "reserved event name" },
	{ "2[\"\\u0064isconnect\"]", "reserved event name" },
	{ "2[\"a\"]x", "invalid payload" },
	{ "2-1[\"a\"]", "invalid payload" },
	{ "21e3[\"a\"]", "invalid payload" },
	{ "20x1[\"a\"]", "invalid payload" },
	{ "2[\"a\"", "invalid payload" },
	{ "2abc", "invalid payload" },
	{ "2abc[\"a\"]", "invalid payload" },
	{ "2/a,x[\"a\"]", "invalid payload" },
	/* upstream takes a blank for the id 0 */
	{ "2 [\"a\"]", "blank before the payload" },
	{ "2\n[\"a\"]", "blank before the payload" },
	{ "2/a, [\"a\"]", "blank before the payload" },
	{ "3 []", "blank before the payload" },
	/* upstream goes on in floating point */
	{ "299999999999999999999[\"a\"]", "ack id too large" },
	{ "29007199254740992[\"a\"]", "ack id too large" },
	{ "218446744073709551617[\"a\"]", "ack id too large" },
	/* ACK */
	{ "31{}", "invalid payload" },
	{ "31\"a\"", "invalid payload" },
	/* CONNECT_ERROR */
	{ "4[]", "invalid payload" },
	/* attachments */
	{ "5", "illegal attachments" },
	{ "6", "illegal attachments" },
	{ "5[\"a\"]", "illegal attachments" },
	{ "5-[\"a\"]", "illegal attachments" },
	{ "5-1-[\"a\"]", "illegal attachments" },
	{ "51.5-[\"a\"]", "illegal attachments" },
	{ "50-[\"a\"]", "illegal attachments" },
	{ "500-[\"a\"]", "illegal attachments" },
	{ "51", "illegal attachments" },
	{ "51[\"a\"]", "illegal attachments" },
	{ "511-[\"a\"]", "too many attachments (MAX_ATTACHMENTS)" },
	{ "5999999999-[\"a\"]", "too many attachments (MAX_ATTACHMENTS)" },
	{ "518446744073709551617-[\"a\"]",
		"too many attachments (MAX_ATTACHMENTS)" },
	/* upstream takes what Number() takes */
	{ "51e1-[\"a\"]", "illegal attachments" },
	{ "5 1-[\"a\"]", "illegal attachments" },
	{ "50x2-[\"a\"]", "illegal attachments" },
	/* their names are checked before they are awaited */
	{ "51-[{\"_placeholder\":true,\"num\":0}]", "invalid event name" },
	{ "51-[\"disconnect\"]", "reserved event name" },
	{ "61-1{}", "invalid payload" },
};

static void decode__anything_else__is_refused(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		assert_refused(refused[i].text, strlen(refused[i].text),
			refused[i].why);
}

static void decode__nul_bytes__are_refused(void **state)
{
	assert_refused("\0", 1, "unknown packet type");
	assert_refused("2\0[\"a\"]", 7, "invalid payload");
	assert_refused("2[\"a\"]\0", 7, "invalid payload");
	assert_refused("51\0-[]", 6, "illegal attachments");
}

static void decode__a_million_bytes__are_linear(void **state)
{
	static const struct {
		const char *head;
		char fill;
		const char *why;
	} table[] = {
		{ "2", '7', "ack id too large" },
		{ "2", '0', NULL },
		{ "2/", 'a', "namespace too long (MAX_NAME)" },
		{ "5", '7', "too many attachments (MAX_ATTACHMENTS)" },
		{ "5", '0', "illegal attachments" },
		{ "2", '[', "invalid payload" },
		{ "2", '{', "invalid payload" },
		{ "2[\"", 'a', "invalid payload" },
		{ "2[\"a\",", '1', "invalid payload" },
	};
	size_t i, n = 1000000;
	struct sio__packet p;
	const char *why;
	char *text = malloc(n);

	assert_non_null(text);
	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		memset(text, table[i].fill, n);
		memcpy(text, table[i].head, strlen(table[i].head));
		why = sio__packet_decode(&p, text, n, &limits);
		if (table[i].why)
			assert_string_equal(why, table[i].why);
		else
			assert_null(why);
	}
	free(text);
}

static void decode__names__are_limited(void **state)
{
	struct sio__limits few = { 10, 1000, 2, 4, 3, false, 1000 };
	struct sio__packet p;

	assert_null(sio__packet_decode(&p, "0/abc,", 6, &few));
	assert_string_equal(sio__packet_decode(&p, "0/abcd,", 7, &few),
		"namespace too long (MAX_NAME)");
	assert_null(sio__packet_decode(&p, "2[\"abc\"]", 8, &few));
	assert_string_equal(sio__packet_decode(&p, "2[\"abcd\"]", 9, &few),
		"event name too long (MAX_EVENT_NAME)");
	assert_null(sio__packet_decode(&p, "2[\"a\",[]]", 9, &few));
	assert_string_equal(sio__packet_decode(&p, "2[\"a\",[[]]]", 11, &few),
		"payload nested too deep (MAX_DEPTH)");
}

static void encode__head__is_as_short_as_can_be(void **state)
{
	static const struct {
		enum sio__packet_type type;
		unsigned attachments;
		const char *nsp;
		int64_t id;
		const char *text;
	} table[] = {
		{ SIO__CONNECT, 0, "/", NO_ID, "0" },
		{ SIO__CONNECT, 0, "/a", NO_ID, "0/a," },
		{ SIO__DISCONNECT, 0, "/", NO_ID, "1" },
		{ SIO__DISCONNECT, 0, "/a", NO_ID, "1/a," },
		{ SIO__EVENT, 0, "/", NO_ID, "2" },
		{ SIO__EVENT, 0, "/", 0, "20" },
		{ SIO__EVENT, 0, "/a", 13, "2/a,13" },
		{ SIO__EVENT, 2, "/", NO_ID, "52-" },
		{ SIO__EVENT, 1, "/a", 7, "51-/a,7" },
		{ SIO__ACK, 0, "/", 9007199254740991, "39007199254740991" },
		{ SIO__ACK, 1, "/a", 456, "61-/a,456" },
		{ SIO__CONNECT_ERROR, 0, "/", NO_ID, "4" },
		{ SIO__CONNECT_ERROR, 0, "/random", NO_ID, "4/random," },
	};
	struct eio__strbuf out;
	uint64_t id;
	size_t i;

	eio__strbuf_init(&out, 0);
	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		eio__strbuf_reset(&out);
		id = (uint64_t)table[i].id;
		assert_int_equal(sio__packet_head(&out, table[i].type,
					 table[i].attachments,
					 sio__span_text(table[i].nsp),
					 table[i].id == NO_ID ? NULL : &id),
			0);
		assert_string_equal(out.data, table[i].text);
	}
	eio__strbuf_clear(&out);
}

static void reserved__names__are_the_six(void **state)
{
	static const char *const reserved[] = { "connect", "connect_error",
		"disconnect", "disconnecting", "newListener",
		"removeListener" };
	static const char *const others[] = { "", "connection", "error",
		"connec", "connects", "Connect", "disconnected" };
	size_t i;

	for (i = 0; i < 6; i++)
		assert_true(sio__is_reserved(reserved[i], strlen(reserved[i])));
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(sio__is_reserved(others[i], strlen(others[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode__connect__is_taken),
		cmocka_unit_test(decode__disconnect__is_taken),
		cmocka_unit_test(decode__event__is_taken),
		cmocka_unit_test(decode__ack__is_taken),
		cmocka_unit_test(decode__connect_error__is_taken),
		cmocka_unit_test(decode__binary__is_taken),
		cmocka_unit_test(decode__anything_else__is_refused),
		cmocka_unit_test(decode__nul_bytes__are_refused),
		cmocka_unit_test(decode__a_million_bytes__are_linear),
		cmocka_unit_test(decode__names__are_limited),
		cmocka_unit_test(encode__head__is_as_short_as_can_be),
		cmocka_unit_test(reserved__names__are_the_six),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
