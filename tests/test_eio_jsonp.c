/* SPDX-License-Identifier: MIT */
/*
 * test_eio_jsonp.c: polling bodies as scripts and forms, and sessions that
 * live on them.
 */
#include <config.h>

#include "fake_app.h"

#include <engineio/jsonp.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define PATH     "/engine.io/"
#define FORM     "Content-Type: application/x-www-form-urlencoded\r\n"

/* -- scripts and forms --------------------------------------------------- */

static void head__each_index__keeps_its_digits(void **state)
{
	static const struct {
		const char *index, *head;
	} rows[] = {
		{ "0", "___eio[0](" },
		{ "17", "___eio[17](" },
		{ "", "___eio[](" },
		{ "a1b2", "___eio[12](" },
		{ "alert(1)</", "___eio[1](" },
		{ "-1.5e3", "___eio[153](" },
		{ "\xd9\xa1\xd9\xa2", "___eio[](" },
		{ "123456789012345678901234567890",
			"___eio[12345678901234567890](" },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		char *head = eio__jsonp_head(rows[i].index);

		assert_string_equal(head, rows[i].head);
		free(head);
	}
}

static void wrap__each_payload__is_one_string(void **state)
{
	static const struct {
		const char *payload, *script;
	} rows[] = {
		{ "", "h(\"\");" },
		{ "4hi", "h(\"4hi\");" },
		{ "\"\\/'<>&", "h(\"\\\"\\\\/'<>&\");" },
		{ "\b\f\n\r\t", "h(\"\\b\\f\\n\\r\\t\");" },
		{ "\x01\x1e\x1f\x7f", "h(\"\\u0001\\u001e\\u001f\x7f\");" },
		{ "a\xe2\x80\xa8z", "h(\"a\\u2028z\");" },
		{ "a\xe2\x80\xa9z", "h(\"a\\u2029z\");" },
		{ "\xe2\x80\xa8", "h(\"\\u2028\");" },
		{ "\xe2\x80\xa7\xe2\x80\xaa",
			"h(\"\xe2\x80\xa7\xe2\x80\xaa\");" },
		{ "h€😀", "h(\"h€😀\");" },
		{ "</script>", "h(\"</script>\");" },
	};
	struct eio__strbuf out;
	size_t i;

	eio__strbuf_init(&out, 0);
	for (i = 0; i < COUNT(rows); i++) {
		eio__strbuf_reset(&out);
		assert_int_equal(eio__jsonp_wrap(&out, "h(", rows[i].payload,
					 strlen(rows[i].payload)),
			0);
		assert_string_equal(out.data, rows[i].script);
	}
	/* A NUL is a character like others. */
	eio__strbuf_reset(&out);
	eio__jsonp_wrap(&out, "h(", "a\0b", 3);
	assert_string_equal(out.data, "h(\"a\\u0000b\");");
	eio__strbuf_clear(&out);
}

static void unwrap__each_form__gives_its_field(void **state)
{
	static const struct {
		const char *form, *payload; /* NULL: none */
	} rows[] = {
		{ "d=4hi", "4hi" },
		{ "d=", "" },
		{ "d", "" },
		{ "d=a+b%20c", "a b c" },
		{ "d=%34%C3%A4", "4ä" },
		{ "x=1&d=2&y=3", "2" },
		{ "%64=x", "x" },
		{ "d=%zz%4", "%zz%4" },
		{ "d=%ff", "\xef\xbf\xbd" },
		{ "d=a=b", "a=b" },
		/* Line ends. */
		{ "d=a\\nb", "a\nb" },
		{ "d=a\\\\nb", "a\\nb" },
		{ "d=a\\\\\\nb", "a\\\\nb" },
		{ "d=\\", "\\" },
		{ "d=\\\\", "\\\\" },
		{ "d=\\n\\n\\\\n\\\\n", "\n\n\\n\\n" },
		{ "d=\\t\\r", "\\t\\r" },
		{ "d=%5Cn", "\n" },
		{ "d=n\\", "n\\" },
		/* None, or not one. */
		{ "", NULL },
		{ "x=1", NULL },
		{ "dd=1", NULL },
		{ "D=1", NULL },
		{ "=d", NULL },
		{ "d=1&d=2", NULL },
	};
	struct eio__strbuf out;
	size_t i;
	int found;

	eio__strbuf_init(&out, 0);
	for (i = 0; i < COUNT(rows); i++) {
		eio__strbuf_reset(&out);
		found = eio__jsonp_unwrap(&out, rows[i].form,
			strlen(rows[i].form));
		assert_int_equal(found, rows[i].payload != NULL);
		if (!found)
			continue;
		assert_int_equal(out.len, strlen(rows[i].payload));
		assert_memory_equal(out.data ? out.data : "", rows[i].payload,
			out.len);
	}
	eio__strbuf_clear(&out);
}

static void unwrap__a_thousand_fields__is_where_it_ends(void **state)
{
	struct eio__strbuf form, out;
	int i;

	eio__strbuf_init(&form, 0);
	eio__strbuf_init(&out, 0);
	for (i = 0; i < 999; i++)
		eio__strbuf_adds(&form, "x=1&");
	eio__strbuf_adds(&form, "d=4hi");
	assert_int_equal(eio__jsonp_unwrap(&out, form.data, form.len), 1);
	eio__strbuf_reset(&form);
	for (i = 0; i < 1000; i++)
		eio__strbuf_adds(&form, "x=1&");
	eio__strbuf_adds(&form, "d=4hi");
	assert_int_equal(eio__jsonp_unwrap(&out, form.data, form.len), 0);
	eio__strbuf_clear(&form);
	eio__strbuf_clear(&out);
}

/* -- sessions ------------------------------------------------------------ */

struct session {
	struct fake_app *app;
	int revision;
	char sid[21];
};

static struct fake_reply get(const struct session *s)
{
	char target[256];

	snprintf(target, sizeof(target),
		PATH "?EIO=%d&transport=polling&j=9&sid=%s", s->revision,
		s->sid);
	return fake_http(s->app->loop, "GET", target, NULL, NULL);
}

static int post(const struct session *s, const char *form)
{
	struct fake_reply r;
	char target[256];
	int status;

	snprintf(target, sizeof(target),
		PATH "?EIO=%d&transport=polling&j=9&sid=%s", s->revision,
		s->sid);
	r = fake_http(s->app->loop, "POST", target, FORM, form);
	status = r.status;
	if (status == 200) {
		assert_string_equal(r.body, "ok");
		assert_string_equal(fake_reply_header(&r, "content-type"),
			"text/html");
	}
	fake_reply_clear(&r);
	return status;
}

static void expect_script(const struct session *s, const char *script)
{
	struct fake_reply r = get(s);

	assert_int_equal(r.status, 200);
	assert_string_equal(fake_reply_header(&r, "content-type"),
		"text/plain; charset=UTF-8");
	assert_string_equal(r.body, script);
	fake_reply_clear(&r);
}

static struct session session(struct fake_app *app, int revision,
	const char *index)
{
	struct session s = { app, revision, "" };
	struct fake_reply r;
	char target[256];
	const char *at;

	eio_server_set_option(app->srv, ENGINEIO_ALLOW_EIO3, 1);
	snprintf(target, sizeof(target), PATH "?EIO=%d&transport=polling&j=%s",
		revision, index);
	r = fake_http(app->loop, "GET", target, NULL, NULL);
	assert_int_equal(r.status, 200);
	assert_string_equal(fake_reply_header(&r, "content-type"),
		"text/plain; charset=UTF-8");
	at = strstr(r.body, "0{\\\"sid\\\":\\\"");
	assert_non_null(at);
	snprintf(s.sid, sizeof(s.sid), "%.20s", at + 12);
	assert_memory_equal(r.body, "___eio[", 7);
	assert_string_equal(r.body + r.len - 3, "\");");
	fake_reply_clear(&r);
	assert_string_equal(fake_app_told(app), "open");
	return s;
}

static void session__of_revision_4__speaks_scripts(void **state)
{
	struct fake_app *app = *state;
	struct session s = session(app, 4, "0");

	assert_int_equal(post(&s, "d=4a\\nb%1E4c"), 200);
	assert_string_equal(fake_app_told(app), "text a\nb | text c");
	assert_true(fake_app_send(app, "[\"x\"]"));
	assert_true(fake_app_send_binary(app, "\1\2\xff", 3));
	/* The index is that of the handshake. */
	expect_script(&s, "___eio[0](\"4[\\\"x\\\"]\\u001ebAQL/\");");
}

static void session__of_revision_3__speaks_scripts(void **state)
{
	struct fake_app *app = *state;
	struct session s = session(app, 3, "12");

	assert_int_equal(post(&s, "d=3:4hi6:b4AQL/"), 200);
	assert_string_equal(fake_app_told(app), "text hi | binary 0102ff");
	assert_true(fake_app_send(app, "h€\xe2\x80\xa8"));
	assert_true(fake_app_send_binary(app, "\1\2\xff", 3));
	expect_script(&s, "___eio[12](\"4:4h€\\u20286:b4AQL/\");");
}

static void post__without_its_field__says_nothing(void **state)
{
	static const char *const forms[] = { "", "x=4hi", "d=4a&d=4b" };
	struct fake_app *app = *state;
	struct session s = session(app, 4, "0");
	size_t i;

	for (i = 0; i < COUNT(forms); i++)
		assert_int_equal(post(&s, forms[i]), 200);
	assert_string_equal(fake_app_told(app), "");
	assert_true(eio_socket_is_open(app->s));
}

static void post__of_an_empty_field__is_a_parse_error(void **state)
{
	struct fake_app *app = *state;
	struct session s;
	int revision;

	for (revision = 3; revision <= 4; revision++) {
		s = session(app, revision, "0");
		assert_int_equal(post(&s, "d="), 400);
		assert_string_equal(fake_app_told(app),
			"close parse error: undecodable packet");
	}
}

static void close__of_either_side__is_a_script(void **state)
{
	struct fake_app *app = *state;
	struct session s = session(app, 4, "3");

	eio_socket_close(app->s);
	expect_script(&s, "___eio[3](\"6\\u001e1\");");
	fake_app_told(app);
	s = session(app, 3, "3");
	eio_socket_close(app->s);
	expect_script(&s, "___eio[3](\"1:61:1\");");
}

static void upgrade__from_scripts__carries_bytes(void **state)
{
	struct fake_app *app = *state;
	struct session s = session(app, 4, "0");
	struct fake_ws *ws;
	char target[256];

	snprintf(target, sizeof(target),
		PATH "?EIO=4&transport=websocket&sid=%s", s.sid);
	ws = fake_ws_open(app->loop, target);
	fake_ws_send(ws, "5");
	assert_true(fake_app_send_binary(app, "\1\2", 2));
	fake_turn(app->loop);
	assert_string_equal(fake_ws_next(ws), "\1\2");
	assert_true(ws->binary);
	fake_ws_free(ws);
}

static void answer__long_enough__is_compressed(void **state)
{
	struct fake_app *app = *state;
	struct session s = session(app, 4, "0");
	struct fake_reply r;
	char target[256];

	assert_true(fake_app_send_much(app, '"', 2000));
	snprintf(target, sizeof(target), PATH "?EIO=4&transport=polling&sid=%s",
		s.sid);
	r = fake_http(app->loop, "GET", target, "Accept-Encoding: gzip\r\n",
		NULL);
	assert_int_equal(r.status, 200);
	assert_string_equal(fake_reply_header(&r, "content-encoding"), "gzip");
	fake_reply_clear(&r);
}

static void option__off__refuses_scripts_only(void **state)
{
	struct fake_app *app = *state;
	struct session s = session(app, 4, "0");
	struct fake_reply r;
	struct fake_ws *ws;

	assert_int_equal(eio_server_set_option(app->srv, ENGINEIO_JSONP, 2),
		ENGINEIO_ERR_INVALID);
	assert_int_equal(eio_server_set_option(app->srv, ENGINEIO_JSONP, 0), 0);
	r = fake_http(app->loop, "GET", PATH "?EIO=4&transport=polling&j=0",
		NULL, NULL);
	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, "{\"code\":3,\"message\":\"Bad request\"}");
	fake_reply_clear(&r);
	/* Who is there stays; others may say what they like. */
	assert_int_equal(post(&s, "d=4hi"), 200);
	assert_string_equal(fake_app_told(app), "text hi");
	ws = fake_eio_open_with(app->loop, PATH, "&j=0");
	assert_non_null(ws);
	fake_ws_free(ws);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fake_app_setup, fake_app_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head__each_index__keeps_its_digits),
		cmocka_unit_test(wrap__each_payload__is_one_string),
		cmocka_unit_test(unwrap__each_form__gives_its_field),
		cmocka_unit_test(unwrap__a_thousand_fields__is_where_it_ends),
		TEST(session__of_revision_4__speaks_scripts),
		TEST(session__of_revision_3__speaks_scripts),
		TEST(post__without_its_field__says_nothing),
		TEST(post__of_an_empty_field__is_a_parse_error),
		TEST(close__of_either_side__is_a_script),
		TEST(upgrade__from_scripts__carries_bytes),
		TEST(answer__long_enough__is_compressed),
		TEST(option__off__refuses_scripts_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
