/* SPDX-License-Identifier: MIT */
/*
 * reference_app.c: the reference app on libsocketio, the twin of
 * reference_app.mjs. This file is the process: the environment, the server,
 * its namespaces, the bare Engine.IO echo beside it and the end. What the
 * events do is in reference_events.c; what both apps promise is written in
 * reference_app.md.
 *
 */
#include <config.h>

#include "reference_app.h"

#include <engineio/http.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const char *env(const char *name, const char *fallback)
{
	const char *value = getenv(name);

	return value && *value ? value : fallback;
}

/* -- what the environment asks for -------------------------------------- */

static const struct number {
	const char *name;
	enum eio_option option;
	const char *fallback;
} numbers[] = {
	{ "PING_INTERVAL", ENGINEIO_PING_INTERVAL, "25000" },
	{ "PING_TIMEOUT", ENGINEIO_PING_TIMEOUT, "20000" },
	{ "UPGRADE_TIMEOUT", ENGINEIO_UPGRADE_TIMEOUT, "10000" },
	{ "CLOSE_TIMEOUT", ENGINEIO_CLOSE_TIMEOUT, "30000" },
	{ "MAX_PAYLOAD", ENGINEIO_MAX_PAYLOAD, "1000000" },
	{ "ALLOW_UPGRADES", ENGINEIO_ALLOW_UPGRADES, "1" },
	{ "HTTP_COMPRESSION", ENGINEIO_COMPRESSION, "1" },
	{ "HTTP_THRESHOLD", ENGINEIO_COMPRESSION_THRESHOLD, "1024" },
	{ "QUEUE_BYTES", ENGINEIO_QUEUE_BYTES, "4194304" },
	{ "QUEUE_POLICY", ENGINEIO_QUEUE_POLICY, "0" },
	{ "WRITE_TIMEOUT", ENGINEIO_WRITE_TIMEOUT, "60000" },
	{ "ALLOW_EIO3", ENGINEIO_ALLOW_EIO3, "0" },
	{ "PER_MESSAGE_DEFLATE", ENGINEIO_PER_MESSAGE_DEFLATE, "0" },
};

/* The members of perMessageDeflate, in DEFLATE. */
static const struct number deflate_numbers[] = {
	{ "threshold", ENGINEIO_DEFLATE_THRESHOLD, "1024" },
	{ "serverNoContextTakeover", ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER, "0" },
	{ "clientNoContextTakeover", ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER, "0" },
	{ "serverMaxWindowBits", ENGINEIO_DEFLATE_SERVER_BITS, "0" },
	{ "clientMaxWindowBits", ENGINEIO_DEFLATE_CLIENT_BITS, "0" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_on(const char *name)
{
	return !strcmp(env(name, "0"), "1");
}

static long transports(void)
{
	const char *names = env("TRANSPORTS", "polling,websocket");

	return (strstr(names, "polling") ? ENGINEIO_POLLING : 0) |
		(strstr(names, "websocket") ? ENGINEIO_WEBSOCKET : 0);
}

/* "threshold=0,serverMaxWindowBits=11"; what is not named is as in the
 * official server, not our own default. */
static void configure_deflate(eio_server *engine)
{
	const char *all = env("DEFLATE", ""), *at;
	const struct number *n;
	size_t i;

	for (i = 0; i < COUNT(deflate_numbers); i++) {
		n = &deflate_numbers[i];
		at = strstr(all, n->name);
		eio_server_set_option(engine, n->option,
			strtol(at ? at + strlen(n->name) + 1 : n->fallback,
				NULL, 10));
	}
}

static void configure_cors(eio_server *engine)
{
	const char *kind = env("CORS", "");

	if (!strcmp(kind, "*"))
		eio_server_set_cors(engine, "*");
	if (!strcmp(kind, "fixed"))
		eio_server_set_cors(engine, "http://a.example");
	if (strcmp(kind, "list") != 0)
		return;
	eio_server_add_cors_origin(engine, "http://a.example");
	eio_server_add_cors_origin(engine, "https://b.example:8443");
	eio_server_set_option(engine, ENGINEIO_CORS_CREDENTIALS, 1);
	eio_server_set_option(engine, ENGINEIO_CORS_MAX_AGE, 600);
	eio_server_set_cors_list(engine, ENGINEIO_CORS_METHODS, "GET,POST");
	eio_server_set_cors_list(engine, ENGINEIO_CORS_ALLOWED_HEADERS,
		"X-One,X-Two");
	eio_server_set_cors_list(engine, ENGINEIO_CORS_EXPOSED_HEADERS,
		"X-Out");
}

static void configure_engine(eio_server *engine)
{
	size_t i;

	for (i = 0; i < COUNT(numbers); i++) {
		const char *value = env(numbers[i].name, numbers[i].fallback);

		eio_server_set_option(engine, numbers[i].option,
			strtol(value, NULL, 10));
	}
	eio_server_set_option(engine, ENGINEIO_TRANSPORTS, transports());
	configure_deflate(engine);
	configure_cors(engine);
	if (is_on("COOKIE"))
		eio_server_set_cookie(engine, "io",
			"Path=/; HttpOnly; SameSite=Strict; Max-Age=86400");
}

static void log_line(enum eio_log_level level, const char *line, void *user)
{
	fprintf(stderr, "%s\n", line);
}

/* The rule of the app: deny=1 with a message, deny=2 without. */
static enum eio_verdict may_enter(eio_request *req, void *user)
{
	const char *deny = eio_request_query(req, "deny");

	if (!deny)
		return ENGINEIO_PASS;
	if (!strcmp(deny, "1"))
		eio_request_decide(req, false, "denied by app");
	return strcmp(deny, "2") != 0 ? ENGINEIO_PASS : ENGINEIO_REFUSE;
}

static void add_headers(eio_request *req, bool first, void *user)
{
	if (first)
		eio_request_set_header(req, "x-initial", "first");
	eio_request_set_header(req, "x-each", "always");
}

/* TLS names a folder; see make_certificates.c. */
static void configure_tls(sio_server *srv)
{
	const char *folder = getenv("TLS");
	const char *ask = env("CLIENT_CERTIFICATES", "");
	char cert[4096], key[4096];

	if (!folder)
		return;
	snprintf(cert, sizeof(cert), "%s/server.crt", folder);
	snprintf(key, sizeof(key), "%s/server.key", folder);
	sio_server_set_tls(srv, cert, key);
	snprintf(cert, sizeof(cert), "%s/ca.crt", folder);
	if (*ask)
		sio_server_set_client_ca(srv, cert, !strcmp(ask, "required"));
}

/* "127.0.0.1,::1" */
static void configure_proxies(sio_server *srv)
{
	const char *at = env("TRUST_PROXY", "");
	char range[64];
	size_t n;

	for (; *at; at += n + (at[n] == ',')) {
		n = strcspn(at, ",");
		snprintf(range, sizeof(range), "%.*s", (int)n, at);
		sio_server_trust_proxy(srv, range);
	}
}

static void configure(sio_server *srv)
{
	const char *data = getenv("SOCKETIO_CHAT_DATA");
	char folder[4096];

	sio_server_set_log(srv, strtol(env("LOG_LEVEL", "1"), NULL, 10),
		log_line, NULL);
	sio_server_set_path(srv, env("SIO_PATH", "/socket.io"));
	sio_server_set_option(srv, SIO_CONNECT_TIMEOUT,
		strtol(env("CONNECT_TIMEOUT", "45000"), NULL, 10));
	sio_server_set_option(srv, SIO_SERVE_CLIENT,
		strcmp(env("SERVE_CLIENT", "1"), "0") != 0);
	sio_server_set_option(srv, SIO_CLEANUP_CHILD_NAMESPACES,
		is_on("CLEANUP_CHILD_NSP"));
	sio_server_set_option(srv, SIO_ADD_TRAILING_SLASH,
		strcmp(env("TRAILING_SLASH", "1"), "0") != 0);
	if (is_on("EXTRA_HEADERS"))
		sio_server_on_headers(srv, add_headers, NULL);
	sio_server_keep_header(srv, "x-test");
	if (!strcmp(env("CSR", "0"), "1"))
		sio_server_set_recovery(srv,
			strtoul(env("CSR_MS", "120000"), NULL, 10), 0, true);
	if (data) {
		snprintf(folder, sizeof(folder), "%s/client", data);
		sio_server_set_client_dir(srv, folder);
	}
	sio_server_on_request(srv, may_enter, NULL);
	if (!strcmp(env("PARSER", ""), "msgpack"))
		sio_server_set_parser(srv, sio_parser_msgpack());
	configure_engine(sio_server_engine(srv));
	configure_tls(srv);
	configure_proxies(srv);
}

/* -- namespaces --------------------------------------------------------- */

static void greet(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "auth", "O", sio_socket_auth(s));
}

static void check_token(sio_socket *s, sio_next *next, void *user)
{
	const char *token =
		json_string_value(json_object_get(sio_socket_auth(s), "token"));
	json_t *data = NULL;

	if (token && !strcmp(token, "good")) {
		sio_next_pass(next);
		return;
	}
	if (!token || strcmp(token, "bare") != 0)
		data = json_pack("{s:i, s:[s, s]}", "code", 401, "hint", "try",
			"again");
	sio_next_refuse(next, "not authorized", data);
}

static void pass(void *next, int status)
{
	sio_next_pass(next);
}

static void dawdle(sio_socket *s, sio_next *next, void *user)
{
	eio_loop *loop = sio_server_loop(sio_nsp_server(user));

	if (eio_loop_after(loop, 30, pass, next))
		sio_next_refuse(next, "out of memory", NULL);
}

static void tell_any(sio_socket *s, sio_event *ev, void *user)
{
	json_t *args = sio_event_rest(ev, 0);

	json_array_insert_new(args, 0, sio_event_name_json(ev));
	sio_socket_emit_json(s, "any", args);
}

static void if_allowed(const char *name, json_t *auth, sio_next *next,
	void *user)
{
	if (!strncmp(name, "/fn-", 4) &&
		json_is_true(json_object_get(auth, "allow")))
		sio_next_pass(next);
	else
		sio_next_refuse(next, NULL, NULL);
}

/* "forbidden" is refused, "slow" takes its time. */
static void be_strict(sio_socket *s, sio_event *ev, sio_next *next, void *user)
{
	eio_loop *loop = sio_server_loop(sio_nsp_server(user));
	const char *name = sio_event_name(ev);

	if (!strcmp(name, "forbidden"))
		sio_next_refuse(next, "event refused", NULL);
	else if (strcmp(name, "slow") != 0)
		sio_next_pass(next);
	else if (eio_loop_after(loop, 30, pass, next))
		sio_next_refuse(next, "out of memory", NULL);
}

static void tell_refused(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "refused", "s", sio_event_error(ev));
}

static void never(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "never", NULL);
}

static void awake(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit(s, "awake", NULL);
}

static void say_bye(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_disconnect(s, false);
}

static void hang_up(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_disconnect(s, true);
}

static void add_strict(sio_nsp *strict)
{
	static const sio_listener table[] = { { "forbidden", never },
		{ "slow", awake } };

	sio_nsp_use_event(strict, be_strict, strict);
	sio_nsp_on_error(strict, tell_refused, NULL);
	sio_nsp_on_events(strict, table, COUNT(table), NULL);
	reference_events(strict);
}

static void add_namespaces(sio_server *srv)
{
	static const char *const open[] = { "/", "/custom" };
	sio_nsp *guarded = sio_server_of(srv, "/guarded");
	size_t i;

	for (i = 0; i < COUNT(open); i++) {
		sio_nsp *nsp = sio_server_of(srv, open[i]);

		sio_nsp_on_connection(nsp, greet, NULL);
		reference_events(nsp);
	}
	sio_nsp_use(guarded, check_token, NULL);
	sio_nsp_use(guarded, dawdle, guarded);
	reference_events(guarded);
	reference_events(sio_server_of_pattern(srv, "^/room-[[:alnum:]_]+$"));
	reference_events(sio_server_of_predicate(srv, if_allowed, NULL));
	add_strict(sio_server_of(srv, "/strict"));
	sio_nsp_on_any(sio_server_of(srv, "/any"), tell_any, NULL);
	sio_nsp_on_connection(sio_server_of(srv, "/bye"), say_bye, NULL);
	sio_nsp_on_connection(sio_server_of(srv, "/gone"), hang_up, NULL);
}

/* -- beside Socket.IO --------------------------------------------------- */

static void healthy(eio_request *req, void *user)
{
	eio_request_respond(req, 200, "text/plain", "ok", 2);
}

static void not_found(eio_request *req, void *user)
{
	bool ours = !strcmp(eio_request_target(req), "/healthz");

	if (ours)
		healthy(req, user);
	else
		eio_request_respond(req, 404, "text/plain", "not found", 9);
}

static void echo(eio_socket *s, char *data, size_t len, bool binary, void *user)
{
	eio_buf *buf = binary ? eio_buf_new_binary(data, len)
			      : eio_buf_new_text(data, len);

	eio_socket_send(s, buf);
	eio_buf_unref(buf);
}

/* The bare Engine.IO server, NULL without one. */
static eio_server *add_echo(sio_server *srv)
{
	eio_server *engine;

	if (!strcmp(env("ENGINE_ECHO", "1"), "0"))
		return NULL;
	engine = eio_server_new(sio_server_loop(srv));
	eio_server_set_path(engine, "/engine.io");
	configure_engine(engine);
	eio_server_on_message(engine, echo, NULL);
	eio_server_attach(engine, sio_server_engine(srv));
	return engine;
}

/* -- the process -------------------------------------------------------- */

static int signals;

/* SIGHUP: new certificates. */
static void on_signal(void *srv, int events)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		sio_server_reload_tls(srv);
	else
		sio_server_stop(srv);
}

/* A descriptor that is readable when one of them has come. */
static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int serve(sio_server *srv)
{
	int err;

	err = sio_server_listen_with(srv, NULL,
		(int)strtol(env("PORT", "3000"), NULL, 10),
		(getenv("TLS") ? ENGINEIO_LISTEN_TLS : 0) |
			(getenv("PROXY_PROTOCOL") ? ENGINEIO_LISTEN_PROXY : 0));
	if (!err) {
		printf("listening on %d\n", sio_server_port(srv));
		fflush(stdout);
	}
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s: %s\n", sio_strerror(err),
			sio_server_error(srv));
	return err;
}

int main(void)
{
	sio_server *srv;
	eio_server *engine;
	eio_watch *watch;
	int err;

	signals = open_signals();
	srv = sio_server_new();
	configure(srv);
	add_namespaces(srv);
	engine = add_echo(srv);
	eio_server_route(sio_server_engine(srv), NULL, "/", not_found, NULL);
	watch = eio_watch_new(sio_server_loop(srv), signals, ENGINEIO_READABLE,
		on_signal, srv);
	err = serve(srv);
	eio_watch_free(watch);
	eio_server_free(engine);
	sio_server_free(srv);
	reference_events_clear();
	close(signals);
	return err ? 1 : 0;
}
