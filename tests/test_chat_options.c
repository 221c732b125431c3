/* SPDX-License-Identifier: MIT */
/*
 * test_chat_options.c: the command line of socketio-chat, by tables.
 */
#include <config.h>

#include <src/options.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ARGS_MAX 12

static int parse(struct options *o, const char *const *args,
	const char *env_port, char *error)
{
	char *argv[ARGS_MAX + 2] = { (char *)"socketio-chat" };
	int argc = 1;

	for (; argc <= ARGS_MAX && args[argc - 1]; argc++)
		argv[argc] = (char *)args[argc - 1];
	return options_parse(o, argc, argv, env_port, error);
}

static void options__none__are_the_defaults(void **state)
{
	static const char *const args[ARGS_MAX] = { NULL };
	char error[OPTIONS_ERROR_SIZE];
	struct options o;

	assert_int_equal(parse(&o, args, NULL, error), 0);
	assert_int_equal(o.action, OPTIONS_SERVE);
	assert_null(o.host);
	assert_int_equal(o.port, 8080);
	assert_null(o.root);
	assert_string_equal(o.path, "/socket.io");
	assert_int_equal(o.ping_interval, 25000);
	assert_int_equal(o.ping_timeout, 20000);
	assert_int_equal(o.max_payload, 1000000);
	assert_false(o.verbose);
	assert_string_equal(error, "");
}

static void options__each_of_them__is_taken(void **state)
{
	static const char *const separate[ARGS_MAX] = { "--host", "::1",
		"--root", "a folder", "--path", "/x/y" };
	static const char *const own[ARGS_MAX] = { "--self-signed",
		"--tls-and-plain" };
	static const char *const joined[ARGS_MAX] = { "--ping-interval=1",
		"--ping-timeout=2", "--max-payload=3", "-v", "--port=0",
		"--history=a.db", "--fail-polls=0.25", "--tls-cert=c",
		"--tls-key=k" };
	char error[OPTIONS_ERROR_SIZE];
	struct options o;

	assert_int_equal(parse(&o, separate, NULL, error), 0);
	assert_string_equal(o.host, "::1");
	assert_string_equal(o.root, "a folder");
	assert_string_equal(o.path, "/x/y");

	assert_int_equal(parse(&o, joined, NULL, error), 0);
	assert_int_equal(o.ping_interval, 1);
	assert_int_equal(o.ping_timeout, 2);
	assert_int_equal(o.max_payload, 3);
	assert_true(o.verbose);
	assert_int_equal(o.port, 0);
	assert_string_equal(o.history, "a.db");
	assert_string_equal(o.tls_cert, "c");
	assert_string_equal(o.tls_key, "k");
	assert_true(o.fail_polls == 0.25);
	assert_false(o.self_signed);
	assert_false(o.tls_and_plain);

	assert_int_equal(parse(&o, own, NULL, error), 0);
	assert_true(o.self_signed);
	assert_true(o.tls_and_plain);
	assert_null(o.tls_cert);
}

/* The last one counts; "=" may be part of a value. */
static void options__given_twice__the_last_counts(void **state)
{
	static const char *const args[ARGS_MAX] = { "--port=1", "-p", "2",
		"--root=a=b" };
	char error[OPTIONS_ERROR_SIZE];
	struct options o;

	assert_int_equal(parse(&o, args, NULL, error), 0);
	assert_int_equal(o.port, 2);
	assert_string_equal(o.root, "a=b");
}

static void options__help_or_version__is_all_that_counts(void **state)
{
	static const struct {
		const char *args[ARGS_MAX];
		enum options_action action;
	} table[] = {
		{ { "--help" }, OPTIONS_HELP },
		{ { "-h" }, OPTIONS_HELP },
		{ { "--version" }, OPTIONS_VERSION },
		{ { "-V" }, OPTIONS_VERSION },
		{ { "--port", "1", "--help", "--nonsense" }, OPTIONS_HELP },
		{ { "--version", "--help" }, OPTIONS_VERSION },
	};
	char error[OPTIONS_ERROR_SIZE];
	struct options o;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(parse(&o, table[i].args, "not a port", error),
			0);
		assert_int_equal(o.action, table[i].action);
	}
}

static void options__port_of_the_environment__is_second(void **state)
{
	static const char *const none[ARGS_MAX] = { NULL };
	static const char *const port[ARGS_MAX] = { "--port", "81" };
	char error[OPTIONS_ERROR_SIZE];
	struct options o;

	assert_int_equal(parse(&o, none, "3000", error), 0);
	assert_int_equal(o.port, 3000);
	assert_int_equal(parse(&o, none, "0", error), 0);
	assert_int_equal(o.port, 0);
	assert_int_equal(parse(&o, none, "", error), 0);
	assert_int_equal(o.port, 8080);
	assert_int_equal(parse(&o, port, "3000", error), 0);
	assert_int_equal(o.port, 81);
	assert_int_equal(parse(&o, port, "nonsense", error), 0);
	assert_int_equal(parse(&o, none, "nonsense", error), -1);
	assert_string_equal(error,
		"the environment's PORT \"nonsense\" is invalid: give a "
		"port (0 picks a free one) as a number from 0 to 65535");
}

/* What is wrong, and with what. */
static const struct {
	const char *args[ARGS_MAX];
	const char *error; /* its beginning */
} nonsense[] = {
	{ { "--port", "80a" }, "--port \"80a\" is invalid: give" },
	{ { "--port=" }, "--port \"\" is invalid" },
	{ { "--port=65536" }, "--port \"65536\" is invalid" },
	{ { "--port=-1" }, "--port \"-1\" is invalid" },
	{ { "--port=+1" }, "--port \"+1\" is invalid" },
	{ { "--port= 1" }, "--port \" 1\" is invalid" },
	{ { "--port=99999999999999999999" },
		"--port \"99999999999999999999\" is invalid" },
	{ { "-p", "x" }, "--port \"x\" is invalid" },
	{ { "--port" }, "--port needs a value" },
	{ { "-p" }, "-p needs a value" },
	{ { "--ping-interval=0" },
		"--ping-interval \"0\" is invalid: give milliseconds from 1" },
	{ { "--ping-timeout=1.5" }, "--ping-timeout \"1.5\" is inval" },
	{ { "--ping-timeout=1073741824" },
		"--ping-timeout \"1073741824\" is inval" },
	{ { "--max-payload=1k" }, "--max-payload \"1k\" is inval" },
	{ { "--path=x" },
		"--path \"x\" is invalid: give a path "
		"that begins with '/'" },
	{ { "--path=" }, "--path \"\" is invalid" },
	{ { "--path=/" }, "--path \"/\" is invalid" },
	{ { "--path=//x" }, "--path \"//x\" is invalid" },
	{ { "--path=/a b" }, "--path \"/a b\" is invalid" },
	{ { "--path=/a?b" }, "--path \"/a?b\" is invalid" },
	{ { "--path=/a\"" }, "--path \"/a\"\" is invalid" },
	{ { "--history=" }, "--history is empty: give the file" },
	{ { "--fail-polls=1.1" },
		"--fail-polls \"1.1\" is invalid: give a share" },
	{ { "--fail-polls=-1" }, "--fail-polls \"-1\" is invalid" },
	{ { "--fail-polls=x" }, "--fail-polls \"x\" is invalid" },
	{ { "--tls-cert=a" }, "--tls-cert needs --tls-key" },
	{ { "--tls-key=a" }, "--tls-key needs --tls-cert" },
	{ { "--tls-cert=", "--tls-key=a" }, "--tls-cert is empty" },
	{ { "--self-signed", "--tls-cert=a", "--tls-key=b" },
		"--self-signed makes a certificate of its own" },
	{ { "--self-signed=1" },
		"--self-signed=1: this option takes no value" },
	{ { "--tls-and-plain" }, "--tls-and-plain needs a certificate" },
	{ { "--tls-and-plain", "--tls-key=a" }, "--tls-key needs --tls-cert" },
	{ { "--tls-and-plain=no", "--self-signed" },
		"--tls-and-plain=no: this option takes no value" },
	{ { "--host=" }, "--host is empty: give" },
	{ { "--root", "" }, "--root is empty: give the folder" },
	{ { "--verbose=1" }, "--verbose=1: this option takes no value" },
	{ { "--prot", "1" }, "unknown option --prot" },
	{ { "--por=1" }, "unknown option --por=1" },
	{ { "-x" }, "unknown option -x" },
	{ { "-p8080" }, "unknown option -p8080" },
	{ { "-=" }, "unknown option -=" },
	{ { "--" }, "unknown option --" },
	{ { "--=" }, "unknown option --=" },
	{ { "8080" }, "unexpected argument \"8080\": everything" },
	{ { "-" }, "unexpected argument \"-\"" },
	{ { "" }, "unexpected argument \"\"" },
};

static void options__nonsense__is_named(void **state)
{
	char error[OPTIONS_ERROR_SIZE];
	struct options o;
	size_t i;

	for (i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		assert_int_equal(parse(&o, nonsense[i].args, NULL, error), -1);
		error[strlen(nonsense[i].error)] = '\0';
		assert_string_equal(error, nonsense[i].error);
	}
}

static void options__endless_values__fit_the_message(void **state)
{
	static char value[2000], option[2010];
	const char *args[ARGS_MAX] = { option };
	char error[OPTIONS_ERROR_SIZE];
	struct options o;

	memset(value, 'x', sizeof(value) - 1);
	snprintf(option, sizeof(option), "--%s", value);
	assert_int_equal(parse(&o, args, NULL, error), -1);
	assert_true(strlen(error) < OPTIONS_ERROR_SIZE);
	snprintf(option, sizeof(option), "--port=%s", value);
	assert_int_equal(parse(&o, args, NULL, error), -1);
	assert_non_null(strstr(error, "from 0 to 65535"));
	snprintf(option, sizeof(option), "--path=/%s", value);
	assert_int_equal(parse(&o, args, NULL, error), -1);
}

static void options__help__names_every_option(void **state)
{
	static const char *const names[] = { "--port", "--host", "--root",
		"--path", "--ping-interval", "--ping-timeout", "--max-payload",
		"--history", "--fail-polls", "--tls-cert", "--tls-key",
		"--self-signed", "--tls-and-plain", "--verbose", "--help",
		"--version" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(strstr(options_help(), names[i]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(options__none__are_the_defaults),
		cmocka_unit_test(options__each_of_them__is_taken),
		cmocka_unit_test(options__given_twice__the_last_counts),
		cmocka_unit_test(options__help_or_version__is_all_that_counts),
		cmocka_unit_test(options__port_of_the_environment__is_second),
		cmocka_unit_test(options__nonsense__is_named),
		cmocka_unit_test(options__endless_values__fit_the_message),
		cmocka_unit_test(options__help__names_every_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
