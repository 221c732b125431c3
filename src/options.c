/* SPDX-License-Identifier: MIT */
/*
 * options.c: the command line, and the environment's PORT.
 *
 * Says what is wrong and what to do, and leaves the saying to its caller:
 * nothing is printed, opened or looked up here. An option is a row of the
 * table; every value is checked when it is read, so that whoever sees a
 * struct options need not ask again.
 */
#include <config.h>

#include <src/options.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "socketio-chat"

/* A client's timer takes 31 bits, and waits for the sum of the two. */
#define MS_MAX          1073741823L
#define PAYLOAD_MAX     1073741824L
#define PATH_MAX_LENGTH 255

#define PORT_DEFAULT 8080
#define PORT_UNSET   (-1)

/* What is being read: what its messages call it, and where they go. */
struct reader {
	struct options *options;
	const char *dashes; /* before the name: "--" */
	const char *name;
	char *error;
};

struct option_row {
	const char *name;
	char letter; /* 0: none */
	bool with_value;
	int (*set)(struct reader *r, const char *value);
};

static int number(struct reader *r, const char *text, long min, long max,
	const char *what, long *out)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
		value < min || value > max) {
		snprintf(r->error, OPTIONS_ERROR_SIZE,
			"%s%s \"%.80s\" is invalid: give %s from %ld to "
			"%ld",
			r->dashes, r->name, text, what, min, max);
		return -1;
	}
	*out = value;
	return 0;
}

static int set_port(struct reader *r, const char *value)
{
	return number(r, value, 0, 65535,
		"a port (0 picks a free one) as a number", &r->options->port);
}

static int set_ping_interval(struct reader *r, const char *value)
{
	return number(r, value, 1, MS_MAX, "milliseconds",
		&r->options->ping_interval);
}

static int set_ping_timeout(struct reader *r, const char *value)
{
	return number(r, value, 1, MS_MAX, "milliseconds",
		&r->options->ping_timeout);
}

static int set_max_payload(struct reader *r, const char *value)
{
	return number(r, value, 1, PAYLOAD_MAX, "a number of bytes",
		&r->options->max_payload);
}

static int string(struct reader *r, const char *value, const char *what,
	const char **out)
{
	if (*value == '\0') {
		snprintf(r->error, OPTIONS_ERROR_SIZE, "%s%s is empty: give %s",
			r->dashes, r->name, what);
		return -1;
	}
	*out = value;
	return 0;
}

static int set_host(struct reader *r, const char *value)
{
	return string(r, value, "a host name or an address, or leave it out",
		&r->options->host);
}

static int set_root(struct reader *r, const char *value)
{
	return string(r, value, "the folder with the page", &r->options->root);
}

/* What may stand in the path of an address without being encoded. */
static bool is_path(const char *value)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789/-._~!$&'()*+,;=:@";
	size_t len = strlen(value);

	return value[0] == '/' && value[1] != '\0' && value[1] != '/' &&
		len <= PATH_MAX_LENGTH && strspn(value, allowed) == len;
}

static int set_path(struct reader *r, const char *value)
{
	if (!is_path(value)) {
		snprintf(r->error, OPTIONS_ERROR_SIZE,
			"%s%s \"%.80s\" is invalid: give a path that begins "
			"with '/', as /socket.io",
			r->dashes, r->name, value);
		return -1;
	}
	r->options->path = value;
	return 0;
}

static int set_history(struct reader *r, const char *value)
{
	return string(r, value, "the file that keeps the messages",
		&r->options->history);
}

static int set_tls_cert(struct reader *r, const char *value)
{
	return string(r, value, "the file with the certificate",
		&r->options->tls_cert);
}

static int set_tls_key(struct reader *r, const char *value)
{
	return string(r, value, "the file with the private key",
		&r->options->tls_key);
}

static int set_self_signed(struct reader *r, const char *value)
{
	r->options->self_signed = true;
	return 0;
}

static int set_tls_and_plain(struct reader *r, const char *value)
{
	r->options->tls_and_plain = true;
	return 0;
}

static int set_fail_polls(struct reader *r, const char *value)
{
	char *end;
	double share = strtod(value, &end);

	if (value[0] < '0' || value[0] > '9' || *end != '\0' || share > 1) {
		snprintf(r->error, OPTIONS_ERROR_SIZE,
			"%s%s \"%.80s\" is invalid: give a share from 0 to "
			"1, as 0.5",
			r->dashes, r->name, value);
		return -1;
	}
	r->options->fail_polls = share;
	return 0;
}

static int set_verbose(struct reader *r, const char *value)
{
	r->options->verbose = true;
	return 0;
}

static int set_help(struct reader *r, const char *value)
{
	r->options->action = OPTIONS_HELP;
	return 0;
}

static int set_version(struct reader *r, const char *value)
{
	r->options->action = OPTIONS_VERSION;
	return 0;
}

static const struct option_row rows[] = {
	{ "port", 'p', true, set_port },
	{ "host", 0, true, set_host },
	{ "root", 0, true, set_root },
	{ "path", 0, true, set_path },
	{ "ping-interval", 0, true, set_ping_interval },
	{ "ping-timeout", 0, true, set_ping_timeout },
	{ "max-payload", 0, true, set_max_payload },
	{ "tls-cert", 0, true, set_tls_cert },
	{ "tls-key", 0, true, set_tls_key },
	{ "self-signed", 0, false, set_self_signed },
	{ "tls-and-plain", 0, false, set_tls_and_plain },
	{ "history", 0, true, set_history },
	{ "fail-polls", 0, true, set_fail_polls },
	{ "verbose", 'v', false, set_verbose },
	{ "help", 'h', false, set_help },
	{ "version", 'V', false, set_version },
};

const char *options_help(void)
{
	return "usage: " PROGRAM " [options]\n"
	       "\n"
	       "Serves a chat in real time, over Socket.IO, WebSocket, HTTP\n"
	       "streams and by polling, and its page.\n"
	       "\n"
	       "  -p, --port PORT       listen on this port (8080, or the\n"
	       "                        environment's PORT); 0 picks a free one\n"
	       "      --host HOST       listen on this host name or address\n"
	       "                        alone (every address)\n"
	       "      --root DIR        the folder with the page (the page that\n"
	       "                        came with the program)\n"
	       "      --path PATH       where Socket.IO answers (/socket.io)\n"
	       "      --ping-interval MS\n"
	       "                        time between two pings (25000)\n"
	       "      --ping-timeout MS time a client has to answer one (20000)\n"
	       "      --max-payload BYTES\n"
	       "                        largest message of a client (1000000)\n"
	       "      --tls-cert FILE   https and wss with this certificate (PEM)\n"
	       "      --tls-key FILE    its private key (PEM)\n"
	       "      --self-signed     the same with a certificate for localhost\n"
	       "                        that is made now and thrown away\n"
	       "      --tls-and-plain   http and ws as well, on the same port\n"
	       "      --history FILE    keep the messages in this file (in memory)\n"
	       "      --fail-polls SHARE\n"
	       "                        answer this share of GET /poll with 500,\n"
	       "                        from 0 to 1 (0)\n"
	       "  -v, --verbose         every step of every connection, on\n"
	       "                        standard error\n"
	       "  -h, --help            this text\n"
	       "  -V, --version         the version\n"
	       "\n"
	       "The chat ends with Ctrl-C. Only the last 50 messages are kept;\n"
	       "without --history they are lost then.\n";
}

/* The row of "--name", "--name=value" or "-n"; its value, if it holds one. */
static const struct option_row *find(const char *arg, const char **value)
{
	size_t len = strcspn(arg, "=");
	size_t i;

	*value = NULL;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].letter != 0 && arg[1] == rows[i].letter &&
			arg[2] == '\0')
			return &rows[i];
		if (arg[1] != '-' || strlen(rows[i].name) != len - 2 ||
			strncmp(rows[i].name, arg + 2, len - 2) != 0)
			continue;
		if (arg[len] == '=')
			*value = arg + len + 1;
		return &rows[i];
	}
	return NULL;
}

static int fail(struct reader *r, const char *before, const char *arg,
	const char *behind)
{
	snprintf(r->error, OPTIONS_ERROR_SIZE, "%s%.80s%s", before, arg,
		behind);
	return -1;
}

/* Reads the argument at *i, and the next one if that is its value. */
static int read_argument(struct reader *r, int argc, char *const *argv, int *i)
{
	const char *arg = argv[*i];
	const struct option_row *row;
	const char *value;

	if (arg[0] != '-' || arg[1] == '\0')
		return fail(r, "unexpected argument \"", arg,
			"\": everything is said with options");
	row = find(arg, &value);
	if (!row)
		return fail(r, "unknown option ", arg, "");
	if (!row->with_value && value)
		return fail(r, "", arg, ": this option takes no value");
	if (row->with_value && !value) {
		if (*i + 1 >= argc)
			return fail(r, "", arg, " needs a value");
		value = argv[++*i];
	}
	r->name = row->name;
	return row->set(r, value);
}

/* Behind --help or --version nothing is of interest any more. */
static int read_arguments(struct reader *r, int argc, char *const *argv)
{
	int i;

	for (i = 1; i < argc && r->options->action == OPTIONS_SERVE; i++)
		if (read_argument(r, argc, argv, &i) < 0)
			return -1;
	return 0;
}

/* The environment's PORT, or else the default; --port goes before both. */
static int settle_port(struct reader *r, const char *env_port)
{
	if (r->options->port != PORT_UNSET)
		return 0;
	r->options->port = PORT_DEFAULT;
	if (r->options->action != OPTIONS_SERVE || !env_port || !*env_port)
		return 0;
	r->dashes = "the environment's ";
	r->name = "PORT";
	return set_port(r, env_port);
}

/* What belongs together. */
static int check_tls(struct reader *r)
{
	const struct options *o = r->options;

	if (o->action != OPTIONS_SERVE)
		return 0;
	if (o->self_signed && (o->tls_cert || o->tls_key))
		return fail(r, "", "--self-signed",
			" makes a certificate of its own: leave --tls-cert and "
			"--tls-key out");
	if (o->tls_and_plain && !o->self_signed && !o->tls_cert && !o->tls_key)
		return fail(r, "", "--tls-and-plain",
			" needs a certificate: --tls-cert with --tls-key, or "
			"--self-signed");
	if (!o->tls_cert != !o->tls_key)
		return fail(r, "", o->tls_cert ? "--tls-cert" : "--tls-key",
			o->tls_cert ? " needs --tls-key" : " needs --tls-cert");
	return 0;
}

int options_parse(struct options *o, int argc, char *const *argv,
	const char *env_port, char error[OPTIONS_ERROR_SIZE])
{
	static const struct options defaults = {
		.action = OPTIONS_SERVE,
		.port = PORT_UNSET,
		.path = "/socket.io",
		.ping_interval = 25000,
		.ping_timeout = 20000,
		.max_payload = 1000000,
	};
	struct reader r = { o, "--", "", error };

	*o = defaults;
	error[0] = '\0';
	if (read_arguments(&r, argc, argv) < 0 || check_tls(&r) < 0)
		return -1;
	return settle_port(&r, env_port);
}
