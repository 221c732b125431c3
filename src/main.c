/* SPDX-License-Identifier: MIT */
/*
 * main.c: the program socketio-chat: start, signals, exit status.
 *
 * Puts the parts together and says on standard error what keeps it from
 * starting. Standard output belongs to what happens: the address first, then
 * who comes and goes, each line at once. Status: 0 after SIGINT or SIGTERM,
 * 1 if it cannot serve, 2 for a command line that makes no sense.
 */
#include <config.h>

#include <src/chat.h>
#include <src/chat_polling.h>
#include <src/chat_socketio.h>
#include <src/chat_stream.h>
#include <src/chat_websocket.h>
#include <src/options.h>
#include <src/page.h>
#include <src/self_signed.h>

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <socketio/socketio.h>

/* How long the last answers may take to leave after a signal. */
#define STOP_MS 2000

struct program {
	struct options options;
	char root[PATH_MAX];
	char client[PATH_MAX]; /* "": where the library looks by itself */
	struct chat *chat;
	struct chat_socketio *way;
	struct chat_polling polling;
	struct chat_hub stream;
	struct chat_hub websocket;
	sio_server *srv;
	struct self_signed self_signed;
	eio_watch *signals;
	int signal_fd;
	bool stopping;
};

static int complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Returns the exit status of a program that cannot serve. */
static int complain(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("socketio-chat: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_FAILURE;
}

static int64_t now(void *user)
{
	return eio_loop_wall(user);
}

static void on_log(enum eio_log_level level, const char *line, void *user)
{
	static const char *const names[] = {
		[ENGINEIO_LOG_ERROR] = "error",
		[ENGINEIO_LOG_WARN] = "warning",
		[ENGINEIO_LOG_INFO] = "info",
		[ENGINEIO_LOG_DEBUG] = "debug",
	};

	fprintf(stderr, "%s: %s\n", names[level], line);
}

/* -- the folders -------------------------------------------------------- */

static int join(char out[PATH_MAX], const char *folder, const char *name)
{
	int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);

	return len < 0 || len >= PATH_MAX ? -1 : 0;
}

/* The data of a build that is not installed is named in the environment. */
static int find_folders(struct program *p)
{
	const char *data = getenv("SOCKETIO_CHAT_DATA");
	struct stat st;
	int err;

	if (data && *data && join(p->client, data, "client") < 0)
		return complain("SOCKETIO_CHAT_DATA is too long");
	if (p->options.root)
		err = join(p->root, p->options.root, "");
	else
		err = join(p->root, data && *data ? data : SIO_DATADIR,
			"public");
	if (err < 0)
		return complain("the name of the page's folder is too long");
	if (stat(p->root, &st) < 0)
		return complain("cannot serve the page in %s: %s; name its "
				"folder with --root",
			p->root, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return complain("cannot serve the page in %s: it is no folder; "
				"name its folder with --root",
			p->root);
	return 0;
}

/* -- signals ------------------------------------------------------------ */

static void on_closed(void *user)
{
	struct program *p = user;

	sio_server_stop(p->srv);
}

static bool has_tls(const struct program *p)
{
	return p->options.tls_cert || p->options.self_signed;
}

/* For certificates that were renewed; nobody is dropped. */
static void on_hangup(struct program *p)
{
	if (sio_server_reload_tls(p->srv) == 0)
		printf("certificate loaded\n");
	else
		complain("the certificate in use stays: %s",
			eio_server_error(sio_server_engine(p->srv)));
}

/* The first one ends the chat in order, the second one at once. */
static void on_signal(void *user, int events)
{
	struct program *p = user;
	struct signalfd_siginfo info;

	if (read(p->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		on_hangup(p);
		return;
	}
	if (p->stopping || sio_server_close(p->srv, STOP_MS, on_closed, p) < 0)
		sio_server_stop(p->srv);
	p->stopping = true;
}

/* Blocked, and read from a descriptor instead: so a signal is an event of
 * the loop as any other, and nothing is done in a handler. */
static int watch_signals(struct program *p)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (has_tls(p))
		sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return complain("cannot block signals: %s", strerror(errno));
	p->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (p->signal_fd < 0)
		return complain("cannot wait for signals: %s", strerror(errno));
	p->signals = eio_watch_new(sio_server_loop(p->srv), p->signal_fd,
		ENGINEIO_READABLE, on_signal, p);
	return p->signals ? 0 : complain("out of memory");
}

/* -- the server --------------------------------------------------------- */

/* Failures are kept in the server and asked for once, when it listens. */
static void set_up(struct program *p)
{
	const struct options *o = &p->options;

	sio_server_set_log(p->srv,
		o->verbose ? ENGINEIO_LOG_DEBUG : ENGINEIO_LOG_ERROR, on_log,
		NULL);
	sio_server_set_path(p->srv, o->path);
	sio_server_set_heartbeat(p->srv, o->ping_interval, o->ping_timeout);
	sio_server_set_option(p->srv, SIO_MAX_PAYLOAD, o->max_payload);
	if (p->client[0] != '\0')
		sio_server_set_client_dir(p->srv, p->client);
}

static int set_tls(struct program *p)
{
	const char *cert = p->options.tls_cert, *key = p->options.tls_key;

	if (!has_tls(p))
		return 0;
	if (p->options.self_signed) {
		if (self_signed_make(&p->self_signed) < 0)
			return complain("cannot make a certificate");
		cert = p->self_signed.cert;
		key = p->self_signed.key;
	}
	if (sio_server_set_tls(p->srv, cert, key) == 0)
		return 0;
	return complain("cannot use the certificate: %s",
		sio_server_error(p->srv));
}

/* What to do about an address that cannot be had. */
static const char *advice(const char *error)
{
	if (strstr(error, "in use"))
		return "stop what uses it, or choose another port with --port "
		       "(0 picks a free one)";
	if (strncmp(error, "port ", 5) == 0)
		return "choose another one with --port (0 picks a free one)";
	return "choose another address with --host";
}

static unsigned below_http(const struct program *p)
{
	if (p->options.tls_and_plain)
		return ENGINEIO_LISTEN_TLS_AND_PLAIN;
	return has_tls(p) ? ENGINEIO_LISTEN_TLS : ENGINEIO_LISTEN_PLAIN;
}

static int listen_or_explain(struct program *p)
{
	const struct options *o = &p->options;
	int err = sio_server_listen_with(p->srv, o->host, (int)o->port,
		below_http(p));
	const char *error = sio_server_error(p->srv);

	if (err == 0)
		return 0;
	if (err != SIO_ERR_ADDRESS)
		return complain("cannot start: %s", error);
	return complain("%s: %s", error, advice(error));
}

/* Nobody may see a message that is not in the file: if it cannot be written,
 * the program ends before this turn's output leaves. */
static bool on_turn_end(void *user)
{
	struct program *p = user;

	if (chat_commit(p->chat) == 0)
		return false;
	complain("cannot keep the messages in %s: %s", p->options.history,
		chat_error(p->chat));
	_exit(EXIT_FAILURE);
}

static int open_chat(struct program *p)
{
	const char *file = p->options.history;
	eio_loop *loop = sio_server_loop(p->srv);
	char error[CHAT_ERROR_SIZE] = "";

	p->chat = file ? chat_open(now, loop, file, error)
		       : chat_new(now, loop);
	if (!p->chat && file)
		return complain("cannot keep the messages in %s: %s", file,
			error);
	if (!p->chat || eio_loop_on_turn_end(loop, on_turn_end, p) < 0)
		return complain("out of memory");
	return 0;
}

static int open_ways(struct program *p)
{
	eio_server *engine = sio_server_engine(p->srv);

	p->way = chat_socketio_new(p->chat, p->srv);
	if (!p->way ||
		chat_polling_start(&p->polling, p->chat, engine,
			p->options.fail_polls) < 0 ||
		chat_stream_start(&p->stream, p->chat, engine) < 0 ||
		chat_websocket_start(&p->websocket, p->chat, engine) < 0)
		return complain("out of memory");
	return 0;
}

static int open_server(struct program *p)
{
	int err;

	p->srv = sio_server_new();
	if (!p->srv)
		return complain("out of memory");
	err = open_chat(p);
	if (err == 0)
		err = open_ways(p);
	if (err != 0)
		return err;
	set_up(p);
	if (set_tls(p) != 0)
		return EXIT_FAILURE;
	if (page_serve(p->srv, p->root, p->options.path) < 0)
		return complain("cannot start: %s", sio_server_error(p->srv));
	return listen_or_explain(p);
}

/* An address that can be put into a browser. */
static void print_address(const struct program *p, const char *scheme)
{
	const char *host = p->options.host ? p->options.host : "localhost";
	bool is_v6 = strchr(host, ':');

	printf("%s://%s%s%s:%d", scheme, is_v6 ? "[" : "", host,
		is_v6 ? "]" : "", sio_server_port(p->srv));
}

static void print_addresses(const struct program *p)
{
	const char *host = p->options.host;

	fputs("listening on ", stdout);
	if (host && strncmp(host, "unix:", 5) == 0) {
		puts(host);
		return;
	}
	if (!has_tls(p) || p->options.tls_and_plain)
		print_address(p, "http");
	if (p->options.tls_and_plain)
		fputs(" and ", stdout);
	if (has_tls(p))
		print_address(p, "https");
	putchar('\n');
}

static int serve(struct program *p)
{
	int err = find_folders(p);

	if (err == 0)
		err = open_server(p);
	if (err == 0)
		err = watch_signals(p);
	if (err != 0)
		return err;
	print_addresses(p);
	if (sio_server_run(p->srv) < 0)
		return complain("stopped: %s", sio_server_error(p->srv));
	return EXIT_SUCCESS;
}

static void close_all(struct program *p)
{
	eio_watch_free(p->signals);
	if (p->signal_fd >= 0)
		close(p->signal_fd);
	sio_server_free(p->srv);
	self_signed_clear(&p->self_signed);
	chat_socketio_free(p->way);
	chat_hub_clear(&p->stream);
	chat_hub_clear(&p->websocket);
	chat_free(p->chat);
}

/* -- beginning ---------------------------------------------------------- */

/* What was asked for must arrive, in a full file system, too. */
static int answer(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		return complain("cannot write: %s", strerror(errno));
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct program p = { .signal_fd = -1,
		.self_signed = { .cert_fd = -1, .key_fd = -1 } };
	char error[OPTIONS_ERROR_SIZE];
	int status;

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	if (options_parse(&p.options, argc, argv, getenv("PORT"), error) < 0) {
		complain("%s\nTry 'socketio-chat --help'.", error);
		return 2;
	}
	if (p.options.action == OPTIONS_HELP)
		return answer(options_help());
	if (p.options.action == OPTIONS_VERSION)
		return answer("socketio-chat " PACKAGE_VERSION "\n");
	status = serve(&p);
	close_all(&p);
	return status;
}
