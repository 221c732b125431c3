/* SPDX-License-Identifier: MIT */
/*
 * socketio.h: a Socket.IO server, protocol revision 5.
 *
 * Words are those of the official documentation; where a call has an
 * official counterpart, it stands behind "JS:".
 *
 * Formats. Calls with a parameter `fmt` build or take apart a list of
 * arguments with the formats of jansson's json_pack() and json_unpack(),
 * the outer brackets implied: sio_socket_emit(s, "msg", "s, i", "hi", 5)
 * sends two arguments. fmt NULL means no arguments. The compiler does not
 * check the types behind a format; the calls ending in _json take a value
 * made any other way. To JavaScript 3 and 3.0 are the same: unpack numbers
 * that may have a fraction with `F` (a double from either), not `f`. What a
 * client sends may be too large for an int, of which `i` stores the low bits;
 * `I` takes a json_int_t.
 *
 * Values. Passing a json_t * to a call gives it away, also when the call
 * fails; in a format `o` gives and `O` shares. What is sent is encoded
 * before the call returns. A json_t * received in a callback is lent until
 * the callback returns: json_incref() what you keep. Bytes are json_t
 * values too: see sio_binary().
 *
 * Errors. Calls that can fail return 0 or a negative SIO_ERR_* (in words:
 * sio_strerror()), or a pointer that is NULL. NULL passed in comes back as
 * SIO_ERR_INVALID, so the NULL of a failed call may be passed on. So does text
 * to be sent that is not UTF-8, which jansson's _nocheck calls let into a
 * value: it would cost the clients their connections. Calls that set a server
 * up also record their first failure in it: sio_server_run() refuses to start
 * then and returns it, and sio_server_error() says it in words. Once the
 * server has run, their failures go to its log.
 *
 * Callbacks. No call of this header runs one of your callbacks before it
 * returns, except sio_server_run() and sio_server_free(); what a call causes
 * is told from the loop. Inside a callback every call is allowed, also
 * disconnecting or freeing what the callback is about, and adding or
 * removing handlers: a removed one is not called any more, an added one not
 * yet for the event at hand. The `user` pointers are yours.
 *
 * Threads. sio_server_post() and sio_server_stop() may be called from any
 * thread; everything else belongs to the thread that runs the server.
 *
 * Strings passed in are copied. Strings passed out live as long as the
 * object they were asked of, if nothing else is said.
 */
#ifndef SOCKETIO_SOCKETIO_H
#define SOCKETIO_SOCKETIO_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include <engineio/engineio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && __GNUC__ >= 4
#define SIO_API __attribute__((visibility("default")))
#else
#define SIO_API
#endif

/* -- errors ------------------------------------------------------------- */

#define SIO_ERROR_MAP(X) \
	X(NOMEM, -1, "out of memory") \
	X(INVALID, -2, "invalid argument") \
	X(STATE, -3, "not possible in this state") \
	X(CLOSED, -4, "connection closed") \
	X(ADDRESS, -5, "cannot listen on that address") \
	X(TIMEOUT, -6, "no answer in time") \
	X(FULL, -7, "queue limit reached") \
	X(ADAPTER, -8, "adapter failure") \
	X(TLS, -9, "certificate or key cannot be used")

enum sio_error {
#define X(name, value, text) SIO_ERR_##name = (value),
	SIO_ERROR_MAP(X)
#undef X
};

/* The error in words; "unknown error" for other numbers. Static text.
 * JS: err.message */
SIO_API const char *sio_strerror(int err);
/* "0.1.0". Static text. */
SIO_API const char *sio_version_string(void);

/* -- types -------------------------------------------------------------- */

typedef struct sio_server sio_server; /* JS: Server, io */
typedef struct sio_nsp sio_nsp;       /* JS: Namespace, io.of(name) */
typedef struct sio_socket sio_socket; /* JS: Socket: one client in one
					 namespace */
typedef struct sio_event sio_event;   /* what a handler was called for */
typedef struct sio_target sio_target; /* JS: BroadcastOperator */
typedef struct sio_next sio_next;     /* JS: the next() of a middleware */
typedef struct sio_remote sio_remote; /* JS: RemoteSocket: one that was
					 fetched */
typedef struct sio_parser sio_parser; /* see parser.h */

/*
 * Called for a connection, an event or a disconnect of the socket. `s` and
 * `ev` are lent until the handler returns: sio_socket_ref() and
 * sio_event_ref() keep them.
 */
typedef void (*sio_handler)(sio_socket *s, sio_event *ev, void *user);
/*
 * Called exactly once for one sio_socket_emit_ack(): with err 0 and the
 * answer (its arguments are read as those of an event), or with answer NULL
 * and SIO_ERR_TIMEOUT (no answer in time) or SIO_ERR_CLOSED (the socket is
 * gone). JS: (err, ...args)
 */
typedef void (*sio_ack_cb)(sio_socket *s, int err, sio_event *answer,
	void *user);
/*
 * Called exactly once for one sio_target_emit_acks() and its like: with err 0
 * when nobody is waited for any more, or with SIO_ERR_TIMEOUT, SIO_ERR_NOMEM
 * (an answer was lost) or SIO_ERR_CLOSED (the server has ended). `answers` is
 * an array of the first argument of each answer so far (null if it had none),
 * in the order they came; `expected` is how many were asked. There are fewer
 * answers without an error if some have left instead of answering.
 * JS: (err, responses)
 */
typedef void (*sio_acks_cb)(int err, json_t *answers, size_t expected,
	void *user);
/* Called for one of these answers, before the call for all: args is an array
 * of its arguments. s is NULL for a client of another server, of whose answer
 * only the first argument travels. */
typedef void (*sio_answer_cb)(sio_socket *s, json_t *args, void *user);
/* Called exactly once for one sio_target_fetch(), with the sockets that were
 * found; they are lent until this returns. With SIO_ERR_TIMEOUT (a server has
 * not answered), SIO_ERR_NOMEM or SIO_ERR_CLOSED these are not all. */
typedef void (*sio_fetch_cb)(int err, sio_remote *const *found, size_t n,
	void *user);
/*
 * Decides whether a client may enter the namespace. It must lead to exactly
 * one sio_next_pass() or sio_next_refuse(), now or later. The socket is not
 * connected yet, but may be given user data and rooms, and can emit; it is not
 * disconnected but refused. JS: (socket, next)
 */
typedef void (*sio_use_cb)(sio_socket *s, sio_next *next, void *user);
/* Says what of a socket is to be kept while its client is away, beside what
 * is kept anyhow: a new value, or NULL for nothing. Called after the handlers
 * of "disconnecting". */
typedef json_t *(*sio_save_cb)(sio_socket *s, void *user);
/* Gets it back (lent; NULL: there was nothing), for a socket that is back,
 * before middleware and connection handlers. */
typedef void (*sio_restore_cb)(sio_socket *s, json_t *saved, void *user);
/*
 * Decides whether an event is delivered, in the same way: one sio_next_pass()
 * or sio_next_refuse(), now or later. The event is lent until the function
 * returns. JS: ([event, ...args], next)
 */
typedef void (*sio_use_event_cb)(sio_socket *s, sio_event *ev, sio_next *next,
	void *user);
/*
 * Decides whether there is a namespace of this name, "/room-1", for a client
 * that asks for it and sent this (an empty object if nothing): one
 * sio_next_pass() for yes or sio_next_refuse() for no, now or later. Both
 * are lent until the function returns. JS: (name, auth, next)
 */
typedef void (*sio_namespace_cb)(const char *name, json_t *auth, sio_next *next,
	void *user);
/* Called for a new namespace. JS: (namespace) */
typedef void (*sio_on_namespace_cb)(sio_nsp *nsp, void *user);
/* A row of a table of handlers: see sio_nsp_on_events(). */
typedef struct sio_listener {
	const char *name; /* of an event */
	sio_handler fn;
} sio_listener;

/* -- the server --------------------------------------------------------- */

/* A server with a loop of its own, path "/socket.io". NULL: out of memory.
 * The loop goes with the server: timers and watches that you made on it must
 * be freed before sio_server_free(). JS: new Server() */
SIO_API sio_server *sio_server_new(void);
/* The same on a loop of yours, which must outlive the server. */
SIO_API sio_server *sio_server_new_on(eio_loop *loop);
/*
 * Aborts every connection and frees the server with its namespaces; the
 * disconnect handlers ("server shutting down") run before this returns.
 * Called from inside a callback, the server has ended when this returns and
 * its memory follows when sio_server_run() or the callback does; no other
 * handler is called for the event at hand. A socket whose "disconnecting" it
 * was is told "disconnect" before this returns. Sockets,
 * events and nexts that you hold stay valid and answer SIO_ERR_CLOSED.
 * NULL is allowed.
 */
SIO_API void sio_server_free(sio_server *srv);
/*
 * Ends the server in order: stops listening, tells every socket's handlers
 * ("server shutting down"), lets what is queued leave, and calls done(user)
 * once, when no client is left or deadline_ms milliseconds have passed. Of
 * clients that poll those come back for the rest that keep their connection
 * between two polls, as browsers do; one that has none cannot, and is not
 * waited for.
 * done may be NULL and may stop or free the server; it is not called if the
 * server is freed first. A second call: SIO_ERR_STATE. JS: io.close()
 */
SIO_API int sio_server_close(sio_server *srv, unsigned deadline_ms,
	void (*done)(void *user), void *user);

/* The path of the server, beginning with '/'; see eio_server_set_path() and
 * SIO_ADD_TRAILING_SLASH. SIO_ERR_STATE: not before sio_server_listen().
 * Default "/socket.io". JS: { path } */
SIO_API int sio_server_set_path(sio_server *srv, const char *path);
/* Milliseconds between pings, and for the answer. Defaults 25000, 20000.
 * JS: { pingInterval, pingTimeout } */
SIO_API int sio_server_set_heartbeat(sio_server *srv, long interval_ms,
	long timeout_ms);

/* The options of this layer: name, default, unit, official name, what it
 * does. Those of the engine are in engineio.h: SIO_MAX_PAYLOAD is
 * ENGINEIO_MAX_PAYLOAD, and so on. */
#define SIO_OPTION_MAP(X) \
	X(CONNECT_TIMEOUT, 45000, "ms", "connectTimeout", \
		"time a connection has to join its first namespace") \
	X(MAX_ATTACHMENTS, 10, "attachments", "parser.maxAttachments", \
		"most binary values of one packet, in and out; stock clients " \
		"refuse more than 10") \
	X(MAX_ATTACHMENT_BYTES, 0, "bytes", "", \
		"most bytes of the attachments of one incoming packet; 0 is " \
		"twice MAX_PAYLOAD") \
	X(MAX_DEPTH, 128, "levels", "", \
		"deepest nesting of arrays and objects in a packet; at most " \
		"1024") \
	X(MAX_NAME, 255, "bytes", "", "longest name of a namespace or room") \
	X(MAX_EVENT_NAME, 1024, "bytes", "", \
		"longest name of an event from a client") \
	X(MAX_NAMESPACES, 64, "namespaces", "", \
		"most namespaces one connection may be in at a time") \
	X(MAX_ROOMS, 1000, "rooms", "", \
		"most rooms one socket may be in, its own not counted") \
	X(MAX_ACKS, 1000, "acks", "", \
		"most acknowledgements one socket may owe") \
	X(MAX_EARLY_BYTES, 65536, "bytes", "", \
		"most that is kept of a client's events while middleware " \
		"decides on it; one event is always kept") \
	X(SERVE_CLIENT, 1, "bool", "serveClient", \
		"whether the browser bundles are served below the path") \
	X(REQUEST_TIMEOUT, 5000, "ms", "requestsTimeout", \
		"longest wait for what other servers owe, where the call " \
		"itself sets no limit") \
	X(RECOVERY_EVENTS, 100000, "events", "", \
		"most events that are kept for clients that may come back") \
	X(RECOVERY_SOCKETS, 10000, "sockets", "", \
		"most sockets that are kept until their clients come back") \
	X(MIDDLEWARE_TIMEOUT, 60000, "ms", "", \
		"longest that one middleware may take; after it the client or " \
		"the event is refused with \"timeout\"; 0: no limit") \
	X(MAX_CONTAINERS, 250000, "values", "", \
		"most arrays and objects in one packet of a parser that " \
		"makes values of all it reads (msgpack)") \
	X(VOLATILE_BYTES, 0, "bytes", "", \
		"a volatile event is also sent to a client for which less " \
		"than this waits; 0: only if its transport has room just now") \
	X(MAX_DYNAMIC_NAMESPACES, 10000, "namespaces", "", \
		"most namespaces that clients may have made; beyond it the " \
		"one that has been empty for longest goes") \
	X(CLEANUP_CHILD_NAMESPACES, 0, "bool", "cleanupEmptyChildNamespaces", \
		"whether a dynamic namespace goes with the last of its " \
		"clients, also if that was refused") \
	X(ATTACHMENT_TIMEOUT, 30000, "ms", "", \
		"time a client has for each of the attachments it announced") \
	X(ACK_TIMEOUT, 0, "ms", "", \
		"time limit of an answer that was asked of one socket without " \
		"one; 0: none")

/* Numbered apart from the engine's, so that neither renumbers the other. */
enum sio_option {
#define X(name, value, unit, official, text) SIO_##name = (int)ENGINEIO_##name,
	ENGINEIO_OPTION_MAP(X)
#undef X
	SIO_OPTION_FIRST = 1000,
	SIO_OPTION_BEFORE = SIO_OPTION_FIRST - 1,
#define X(name, value, unit, official, text) SIO_##name,
	SIO_OPTION_MAP(X)
#undef X
	SIO_OPTION_END /* one behind the last */
};

/* What this layer counts. Limits have the names of their options. Those of
 * ENGINEIO_COUNTER_MAP are counters here too: SIO_COUNT_ENGINE_MAX_TARGET,
 * and so on. */
#define SIO_COUNTER_MAP(X) \
	X(CONNECT_TIMEOUT, "connections that joined no namespace in time") \
	X(MAX_ATTACHMENTS, "packets that announced too many attachments") \
	X(MAX_ATTACHMENT_BYTES, "packets whose attachments were too large") \
	X(MAX_DEPTH, "packets that were nested too deep") \
	X(MAX_CONTAINERS, "packets of too many arrays and objects") \
	X(MAX_NAME, "packets for too long a namespace") \
	X(MAX_EVENT_NAME, "events with too long a name") \
	X(MAX_NAMESPACES, "namespaces refused to a connection") \
	X(MAX_ROOMS, "rooms that a socket could not join") \
	X(MAX_ACKS, "acknowledgements that could not be asked for") \
	X(MAX_EARLY_BYTES, \
		"clients that sent too much before they were let in") \
	X(RECOVERY_EVENTS, \
		"events that were kept for too few others to be kept") \
	X(RECOVERY_SOCKETS, "sockets that had to go before their time") \
	X(RECOVERY_BYTES, "times that what is kept became too large") \
	X(GIVEN_UP, \
		"connections closed for another reason, a packet that is " \
		"none above all; the log says which") \
	X(MIDDLEWARE_TIMEOUT, "middlewares that did not answer in time") \
	X(VOLATILE, \
		"volatile events that a client did not get; no line in the log") \
	X(MAX_DYNAMIC_NAMESPACES, "dynamic namespaces that were refused") \
	X(ATTACHMENT_TIMEOUT, \
		"connections whose attachments did not come in time")

enum sio_counter {
#define X(name, text) SIO_COUNT_ENGINE_##name = (int)ENGINEIO_COUNT_##name,
	ENGINEIO_COUNTER_MAP(X)
#undef X
	SIO_COUNTER_FIRST = 1000,
	SIO_COUNTER_BEFORE = SIO_COUNTER_FIRST - 1,
#define X(name, text) SIO_COUNT_##name,
	SIO_COUNTER_MAP(X)
#undef X
	SIO_COUNTER_END /* one behind the last */
};

/* Sets a number; see the two tables of options. Any time; what has begun
 * keeps its value. SIO_ERR_INVALID for a value that makes no sense.
 * JS: the options of new Server() */
SIO_API int sio_server_set_option(sio_server *srv, enum sio_option option,
	long value);
/* The value in force; -1 for what is no option. */
SIO_API long sio_server_option(const sio_server *srv, enum sio_option option);
/* A counter's value, of this layer or of the engine; 0 for what is none. */
SIO_API uint64_t sio_server_counter(const sio_server *srv,
	enum sio_counter counter);
/* Its name as in its table, "MAX_DEPTH"; "" for what is none. Static text. */
SIO_API const char *sio_counter_name(enum sio_counter counter);
/* Asks fn about every request on the server's port before anything else looks
 * at it; in the order of registration. What it may do and answer is said at
 * eio_server_on_http(); include <engineio/http.h> to look at the request.
 * JS: io.engine.use(fn) */
SIO_API int sio_server_on_http(sio_server *srv, eio_request_cb fn, void *user);
/* Asks fn whether a new connection may be, now or later; see
 * eio_server_on_request(). NULL: everybody may. JS: { allowRequest } */
SIO_API int sio_server_on_request(sio_server *srv, eio_request_cb fn,
	void *user);
/* Asks fn for the engine's id of a new connection; see eio_server_on_id().
 * JS: io.engine.generateId */
SIO_API int sio_server_on_id(sio_server *srv, eio_request_cb fn, void *user);
/* Tells fn of every request that the engine refuses.
 * JS: io.engine.on("connection_error", fn) */
SIO_API int sio_server_on_connection_error(sio_server *srv,
	eio_connection_error_cb fn, void *user);
/* A message of the engine's that every connection gets first; see
 * eio_server_set_initial_packet(). JS: { initialPacket } */
SIO_API int sio_server_set_initial_packet(sio_server *srv, eio_buf *buf);
/*
 * Connection state recovery: a client that lost its connection and is back
 * within ms milliseconds is the same socket again: id, rooms and
 * sio_socket_shared_data() are what they were, and it gets the events it has
 * missed. It loses that with disconnect() of either side and with a packet
 * nobody can read; not when middleware refuses it: within its time it may try
 * again. Kept are events without ack that are not volatile; each of
 * them has one more argument for the client, its offset. What is kept is
 * bounded by max_bytes (0: 32 MB), RECOVERY_EVENTS and RECOVERY_SOCKETS, over
 * all namespaces; the oldest goes first, and who has missed that comes as a
 * new socket. With skip_middleware middleware is not asked again about a
 * socket that is back. ms 0: off, as at the beginning; the official server has
 * 120000 and true, if any. Another adapter than the one that is there from the
 * beginning must be able to do it. SIO_ERR_STATE: not before
 * sio_server_listen(). JS: { connectionStateRecovery }
 */
SIO_API int sio_server_set_recovery(sio_server *srv, unsigned long ms,
	size_t max_bytes, bool skip_middleware);
/* Keeps the header of this name (any case; "*": every header) of each
 * client's first request for as long as its connection lives. Without it
 * headers can be read until the first connection handler has returned,
 * because they cost more memory than the rest of an idle connection. */
SIO_API int sio_server_keep_header(sio_server *srv, const char *name);
/* The folder with the browser bundles and their file "version".
 * SIO_ERR_STATE: not before sio_server_listen(). Default: where they were
 * installed. */
SIO_API int sio_server_set_client_dir(sio_server *srv, const char *folder);
/* How packets are written on the wire; clients must be told to use the same
 * parser. NULL: the default one. The table is not copied; it must outlive the
 * server. SIO_ERR_STATE: not after sio_server_listen(). SIO_ERR_INVALID: it
 * was made for another version of parser.h. JS: { parser } */
SIO_API int sio_server_set_parser(sio_server *srv, const sio_parser *parser);
/* The parser of the npm package socket.io-msgpack-parser: each packet is one
 * binary message, a MessagePack map. What JSON has no value for: undefined is
 * null, and left out of objects; a Date is its ISO text; an extension
 * is an array of its type and bytes; NaN is null, Infinity the largest number.
 * What is not UTF-8, or has keys that are no texts, is refused. */
SIO_API const sio_parser *sio_parser_msgpack(void);
/* Lines of this level and of those before it (ENGINEIO_LOG_ERROR, _WARN,
 * _INFO, _DEBUG) go to cb, which must not call the library; NULL, as at the
 * beginning: none. JS: DEBUG=... */
SIO_API int sio_server_set_log(sio_server *srv, enum eio_log_level level,
	eio_log_cb cb, void *user);
/* The server's certificate (with its chain) and private key, two PEM files,
 * before sio_server_listen(): then https and wss are spoken. SIO_ERR_TLS:
 * sio_server_error() says which file is bad and why. Again, with a key of
 * another kind: both are used. See eio_server_set_tls().
 * JS: https.createServer({ cert, key }) */
SIO_API int sio_server_set_tls(sio_server *srv, const char *cert_file,
	const char *key_file);
/* Asks clients for certificates signed by one of those in the file; required:
 * those without a good one are refused. See eio_server_set_client_ca() and
 * sio_socket_peer_certificate().
 * JS: { ca, requestCert: true, rejectUnauthorized: required } */
SIO_API int sio_server_set_client_ca(sio_server *srv, const char *ca_file,
	bool required);
/* Reads the files again while the server runs; nobody is dropped. If one is
 * bad (SIO_ERR_TLS) what is in use stays, and the reason is in the log and in
 * eio_server_error(). JS: server.setSecureContext() */
SIO_API int sio_server_reload_tls(sio_server *srv);
/* When the first of the certificates expires, in seconds since 1970; 0
 * without TLS. */
SIO_API int64_t sio_server_tls_expires(const sio_server *srv);
/* Believes proxies with these addresses ("10.0.0.0/8", "::1", "unix:") what
 * X-Forwarded-For and -Proto say about their clients; see
 * eio_server_trust_proxy(). Several times.
 * JS: app.set("trust proxy") of Express */
SIO_API int sio_server_trust_proxy(sio_server *srv, const char *range);
/* Serves the files of a folder below the path, which begins and ends with '/',
 * for GET and HEAD; see eio_server_mount(). That the folder is missing is no
 * error but a line in the log when the server begins to listen. */
SIO_API int sio_server_mount(sio_server *srv, const char *path,
	const char *folder);

/*
 * REST calls, event streams and plain WebSockets on the same port: fn is
 * called for requests of this method and path, and answers them with the calls
 * of <engineio/http.h>, whose first comment shows the way. See
 * eio_server_route() and eio_server_websocket().
 * JS: app.post(path, (req, res) => ...), new WebSocketServer({ path })
 */
SIO_API int sio_server_route(sio_server *srv, const char *method,
	const char *path, void (*fn)(eio_request *req, void *user), void *user);
struct eio_websocket_events;
SIO_API int sio_server_websocket(sio_server *srv, const char *path,
	const char *protocol, const struct eio_websocket_events *events,
	void *user);
/* The body as a JSON value, whatever its Content-Type; new, yours. NULL: there
 * is none, or it is no JSON (see sio_json_parse()). JS: express.json() */
SIO_API json_t *sio_request_json(const eio_request *req);
/* Answers with a value, which is given away, as application/json.
 * SIO_ERR_INVALID for NULL; SIO_ERR_NOMEM: it is also nested too deep or no
 * UTF-8; nothing was answered. Else as eio_request_respond().
 * JS: res.status(status).json(value) */
SIO_API int sio_request_respond_json(eio_request *req, int status,
	json_t *value);

/*
 * Which pages may talk to the server from a browser; there are none at first
 * but those of its own origin. One origin that is always named ("*", or
 * "https://a.example"); a list of those that are told they are allowed, by
 * name ("*": all) and by regular expression (POSIX extended, matched as a
 * whole); or a function that is asked about each request (see
 * eio_server_on_cors()). What was called last counts, NULL ends it. With
 * SIO_CORS_CREDENTIALS pages may send cookies, and SIO_CORS_REJECT refuses
 * the others' requests. The client files are concerned, too. SIO_ERR_INVALID
 * for what is not scheme://host or scheme://host:port.
 * JS: { cors: { origin } }, as a string, an array, a RegExp, a function
 */
SIO_API int sio_server_set_cors(sio_server *srv, const char *origin);
SIO_API int sio_server_add_cors_origin(sio_server *srv, const char *origin);
SIO_API int sio_server_add_cors_pattern(sio_server *srv, const char *pattern);
SIO_API int sio_server_on_cors(sio_server *srv, eio_request_cb fn, void *user);

enum sio_cors_list {
	SIO_CORS_METHODS = ENGINEIO_CORS_METHODS,
	SIO_CORS_ALLOWED_HEADERS = ENGINEIO_CORS_ALLOWED_HEADERS,
	SIO_CORS_EXPOSED_HEADERS = ENGINEIO_CORS_EXPOSED_HEADERS
};

/* Names with commas between them, "GET,POST"; NULL: the default (all methods,
 * all headers a page wants to send, no headers to read). JS: cors.methods,
 * cors.allowedHeaders, cors.exposedHeaders */
SIO_API int sio_server_set_cors_list(sio_server *srv, enum sio_cors_list which,
	const char *names);
/* Gives each client a cookie with the id of its connection, for balancers
 * that keep clients on one server. attributes as in Set-Cookie; NULL:
 * "Path=/; HttpOnly; SameSite=Lax". name NULL: no cookie, as at first. See
 * eio_server_set_cookie(). JS: { cookie } */
SIO_API int sio_server_set_cookie(sio_server *srv, const char *name,
	const char *attributes);
/* Lets fn add headers to the answers of the transports, see eio_headers_cb.
 * JS: io.engine.on("initial_headers"), io.engine.on("headers") */
SIO_API int sio_server_on_headers(sio_server *srv, eio_headers_cb fn,
	void *user);

/*
 * Accepts connections on host:port: over TLS if sio_server_set_tls() was
 * called, plain otherwise. Host NULL: every address, IPv4 and IPv6;
 * "unix:/path": a unix socket; "fd:3": a descriptor that listens already; see
 * eio_server_listen(). Port 0: the system chooses one. May be called several
 * times. SIO_ERR_ADDRESS: the reason is in sio_server_error(); another call,
 * with another address perhaps, forgets it. JS: server.listen(port)
 */
SIO_API int sio_server_listen(sio_server *srv, const char *host, int port);
/* The same, with what this listener speaks: a mask of ENGINEIO_LISTEN_TLS,
 * _TLS_AND_PLAIN, _PROXY and _IPV6_ONLY; 0 is plain HTTP. SIO_ERR_STATE: TLS
 * without a certificate, or the PROXY protocol without a trusted proxy. See
 * eio_server_listen_with(). */
SIO_API int sio_server_listen_with(sio_server *srv, const char *host, int port,
	unsigned flags);
/* The port of the first listener; 0 without one. */
SIO_API int sio_server_port(const sio_server *srv);
/* Runs until sio_server_stop(). Returns 0, or at once the first failure of
 * the calls that set the server up (SIO_ERR_NOMEM for NULL: there was no
 * server to set up). May be run again after a stop. */
SIO_API int sio_server_run(sio_server *srv);
/* Lets sio_server_run() return at the end of its turn. The server stays as
 * it is: see sio_server_close(). Any thread; not from a signal handler. */
SIO_API void sio_server_stop(sio_server *srv);
/* Runs fn(arg, 0) on the server's thread, in the order of posting, or
 * fn(arg, SIO_ERR_CLOSED) when the loop is freed before that: exactly once
 * if 0 is returned. Any thread; not from a signal handler.
 * JS: setImmediate() */
SIO_API int sio_server_post(sio_server *srv, void (*fn)(void *arg, int status),
	void *arg);
/* The first signal of this number (SIGTERM, SIGINT) ends the server in order:
 * sio_server_close() with this deadline, and then sio_server_run() returns 0. A
 * second one does not wait for the clients. See eio_signal_new() about
 * threads. SIO_ERR_INVALID: there is no such signal; SIO_ERR_STATE: somebody has
 * it already, this server or an eio_signal of the process, or the server has
 * ended. JS: process.on("SIGTERM", () => io.close()) */
SIO_API int sio_server_close_on_signal(sio_server *srv, int number,
	unsigned deadline_ms);
/* What failed first while the server was set up, in words ("port 8080 is in
 * use"); "" if nothing did. */
SIO_API const char *sio_server_error(const sio_server *srv);

/* The parts below: timers and descriptors on the loop, routes and sessions
 * of the engine. The engine's callbacks belong to this layer. JS: io.engine */
SIO_API eio_loop *sio_server_loop(const sio_server *srv);
SIO_API eio_server *sio_server_engine(const sio_server *srv);
/* Yours; not touched by the library. */
SIO_API void sio_server_set_data(sio_server *srv, void *data);
SIO_API void *sio_server_data(const sio_server *srv);

/* -- namespaces --------------------------------------------------------- */

/*
 * The namespace of this name, made on first use; it lives as long as the
 * server, or until sio_nsp_delete(). A missing '/' in front is added; "" is
 * "/". NULL: out of memory, or a name with a comma or longer than MAX_NAME.
 * Clients that ask for a namespace that was not made are told "Invalid
 * namespace". JS: io.of(name)
 */
SIO_API sio_nsp *sio_server_of(sio_server *srv, const char *name);
/*
 * Dynamic namespaces: a parent is no namespace that a client can enter, but
 * makes one, a child, for each name that a client asks for and that it
 * knows. Of several parents the first that knows it does, in the order they
 * were made; names of namespaces that are there are never asked about.
 *
 * A child begins with a copy of what is registered with its parent at that
 * time: middleware, connection and event handlers and all the others.
 * sio_socket_nsp() is the child. What is sent to a parent, or to rooms of
 * it, goes to all its children, and the calls that list, count, join,
 * leave or disconnect act on all of them; fetching sockets and collecting
 * acks answer SIO_ERR_STATE.
 *
 * A child lives until it is deleted, with CLEANUP_CHILD_NAMESPACES until
 * nobody is in it any more, and at MAX_DYNAMIC_NAMESPACES until room is
 * needed: then the one goes that has been empty for longest, if it was not
 * asked for with sio_server_of(). Do not keep its pointer, or hear of its end
 * with sio_nsp_set_data().
 */

/* A parent of the namespaces whose names the pattern matches. It is a POSIX
 * extended regular expression, not anchored ("^/room-[[:alnum:]_]+$" is
 * what it looks like), without back references; the names end at MAX_NAME
 * bytes. sio_server_of() looks at patterns, too: a name that one matches
 * becomes its child. NULL: out of memory, or no such expression.
 * JS: io.of(/regex/) */
SIO_API sio_nsp *sio_server_of_pattern(sio_server *srv, const char *pattern);
/* A parent of the namespaces that fn says yes to. Who takes longer than
 * MIDDLEWARE_TIMEOUT has said no. If several clients ask for the same name
 * each is asked about, and all get the same namespace.
 * JS: io.of((name, auth, next) => ...) */
SIO_API sio_nsp *sio_server_of_predicate(sio_server *srv, sio_namespace_cb fn,
	void *user);
/* The parent of a child; NULL of another namespace, and when the parent was
 * deleted. */
SIO_API sio_nsp *sio_nsp_parent(const sio_nsp *nsp);
SIO_API bool sio_nsp_is_parent(const sio_nsp *nsp);
/* Calls fn for every namespace made from now on, by a client (before it
 * enters) or by sio_server_of() (from the loop); parents are none.
 * JS: io.on("new_namespace", fn) */
SIO_API int sio_server_on_namespace(sio_server *srv, sio_on_namespace_cb fn,
	void *user);
/* The namespaces, without parents and in no order: writes up to cap of them to
 * out and returns how many there are. JS: io._nsps */
SIO_API size_t sio_server_namespaces(sio_server *srv, sio_nsp **out,
	size_t cap);
/*
 * Takes a namespace away: clients in it are disconnected ("server namespace
 * disconnect"), those it has not let in yet are refused, and who asks for the
 * name from now on gets what sio_server_of() or a parent makes anew. Its
 * pointer may be used until the disconnect handlers of its sockets have
 * returned. Of a parent the children stay, as namespaces like others.
 * SIO_ERR_INVALID: of "/"; SIO_ERR_STATE: it was deleted before. More than
 * upstream has.
 */
SIO_API int sio_nsp_delete(sio_nsp *nsp);
/* Yours. free_fn, unless NULL, is called with it when it is replaced or the
 * namespace ends; it must not call the library. */
SIO_API int sio_nsp_set_data(sio_nsp *nsp, void *data,
	void (*free_fn)(void *data));
SIO_API void *sio_nsp_data(const sio_nsp *nsp);

/* "/", "/admin"; of a parent "/_0" and so on. JS: nsp.name */
SIO_API const char *sio_nsp_name(const sio_nsp *nsp);
SIO_API sio_server *sio_nsp_server(const sio_nsp *nsp);

/*
 * Handlers of one event are called in the order they were registered, those
 * of the namespace before those of the socket; the same function may be
 * registered several times. The calls that take handlers away take fn away
 * however often it was registered, and with fn NULL every function.
 */

/* Calls fn for each socket that has entered the namespace, after it was
 * told so. The event has no arguments. JS: io.on("connection", fn) */
SIO_API int sio_nsp_on_connection(sio_nsp *nsp, sio_handler fn, void *user);
/* JS: io.off("connection", fn) */
SIO_API void sio_nsp_off_connection(sio_nsp *nsp, sio_handler fn);
/*
 * Calls fn for events of this name from every socket of the namespace, in
 * the order of registration and before the handlers of the socket itself.
 * "disconnecting" and "disconnect" are told by the server when a socket
 * leaves, at the first with its rooms intact; their arguments are the reason
 * ("transport close") and, where there is more to say, details in words
 * ("close frame 1001": the code of a WebSocket's end). A number as an event's
 * name is its text; see sio_event_name_json(). SIO_ERR_INVALID for the names that are never
 * told ("connect", "connect_error", "newListener", "removeListener") and for
 * "connection", instead of which sio_nsp_on_connection() is meant (to a
 * socket's own handlers it is a name like others).
 * JS: socket.on(name, fn) for every socket
 */
SIO_API int sio_nsp_on_event(sio_nsp *nsp, const char *name, sio_handler fn,
	void *user);
/* The same for the n rows of a table, all with this user. After an error
 * the rows before the one it is about are registered. */
SIO_API int sio_nsp_on_events(sio_nsp *nsp, const sio_listener *table, size_t n,
	void *user);
/* The same for the next event of this name alone, whichever socket it comes
 * from. JS: socket.once(name, fn) */
SIO_API int sio_nsp_once(sio_nsp *nsp, const char *name, sio_handler fn,
	void *user);
/* The same before the handlers that the namespace has for this name.
 * JS: socket.prependListener(name, fn) */
SIO_API int sio_nsp_prepend(sio_nsp *nsp, const char *name, sio_handler fn,
	void *user);
/* Calls fn for every event of a client, before those for its name and before
 * middleware is asked. It may answer the event. JS: socket.onAny(fn) for every
 * socket */
SIO_API int sio_nsp_on_any(sio_nsp *nsp, sio_handler fn, void *user);
/* The same before those that are there. JS: socket.prependAny(fn) */
SIO_API int sio_nsp_prepend_any(sio_nsp *nsp, sio_handler fn, void *user);
/* Takes away fn for events of this name; name NULL: for every event, as
 * sio_nsp_on_any() registered it. JS: socket.off(name, fn),
 * socket.offAny(fn) */
SIO_API void sio_nsp_off(sio_nsp *nsp, const char *name, sio_handler fn);
/* How many handlers there are for this name; NULL: for every event.
 * JS: socket.listeners(name).length, socket.listenersAny().length */
SIO_API size_t sio_nsp_count_handlers(const sio_nsp *nsp, const char *name);
/*
 * Calls fn for every event that was sent to a socket of the namespace, by
 * whichever call; answers are no events. It is told from the loop, with a
 * copy of the arguments, before anything else that the same call caused;
 * sio_event_socket() says to whom. What was not sent (SIO_ERR_FULL, or
 * SIO_VOLATILE without room) is not told, nor is what such a function
 * sends itself. Costs nothing where nobody is registered.
 * JS: socket.onAnyOutgoing(fn) for every socket
 */
SIO_API int sio_nsp_on_any_outgoing(sio_nsp *nsp, sio_handler fn, void *user);
/* JS: socket.prependAnyOutgoing(fn), socket.offAnyOutgoing(fn) */
SIO_API int sio_nsp_prepend_any_outgoing(sio_nsp *nsp, sio_handler fn,
	void *user);
SIO_API void sio_nsp_off_any_outgoing(sio_nsp *nsp, sio_handler fn);
/* Asks fn about every client that wants to enter, behind those registered
 * before. JS: io.use(fn) */
SIO_API int sio_nsp_use(sio_nsp *nsp, sio_use_cb fn, void *user);
/*
 * Asks fn about every event of the sockets, behind those registered before
 * and before those of the socket; answers are no events. An event is asked
 * about as soon as it has come, and delivered when all have passed it and
 * all events of the same socket before it have been decided: they never
 * overtake each other, as they do upstream. What waits for a decision is
 * bounded by MAX_EARLY_BYTES. An event whose socket leaves meanwhile is
 * dropped. JS: socket.use(fn) for every socket
 */
SIO_API int sio_nsp_use_event(sio_nsp *nsp, sio_use_event_cb fn, void *user);
/* Calls fn for each event that was refused, in its place: the event says why
 * with sio_event_error(), and can be answered. Without such a handler there
 * is a line in the log. JS: socket.on("error", fn) for every socket */
SIO_API int sio_nsp_on_error(sio_nsp *nsp, sio_handler fn, void *user);
SIO_API void sio_nsp_off_error(sio_nsp *nsp, sio_handler fn);

/* Lets save and restore say what of a socket is kept while its client is
 * away that sio_socket_shared_data() does not hold: what the pointer of
 * sio_socket_set_data() means. Each may be NULL. */
SIO_API int sio_nsp_on_recover(sio_nsp *nsp, sio_save_cb save,
	sio_restore_cb restore, void *user);

enum sio_room_event {
	SIO_ROOM_CREATE, /* JS: "create-room" */
	SIO_ROOM_JOIN,   /* JS: "join-room" */
	SIO_ROOM_LEAVE,  /* JS: "leave-room" */
	SIO_ROOM_DELETE, /* JS: "delete-room" */
};
/* Told of a room of this server: that somebody is the first to join it, joins,
 * leaves, is the last to leave it. id is the socket that joins or leaves, else
 * NULL. */
typedef void (*sio_room_cb)(sio_nsp *nsp, enum sio_room_event what,
	const char *room, const char *id, void *user);
/* Calls fn, from the loop, for every room that comes, changes or goes from now
 * on, also for the room that each socket has of its own.
 * JS: io.adapter.on("create-room", fn) and its like */
SIO_API int sio_nsp_on_room(sio_nsp *nsp, sio_room_cb fn, void *user);
/* JS: io.adapter.off() */
SIO_API void sio_nsp_off_room(sio_nsp *nsp, sio_room_cb fn);

/* Sends an event to every socket of the namespace. Names that only the
 * server tells ("connect", "connect_error", "disconnect", "disconnecting",
 * "newListener", "removeListener") are SIO_ERR_INVALID, here and in all
 * other calls that emit. JS: io.emit(name, ...args) */
SIO_API int sio_nsp_emit(sio_nsp *nsp, const char *name, const char *fmt, ...);
/* The same with the arguments as an array, which is given away. */
SIO_API int sio_nsp_emit_json(sio_nsp *nsp, const char *name, json_t *args);
/* The connected socket of this id, lent; NULL without one.
 * JS: io.sockets.sockets.get(id) */
SIO_API sio_socket *sio_nsp_find(sio_nsp *nsp, const char *id);
/* The connected sockets in the order they came: writes up to cap of them to
 * out and returns how many there are. JS: io.sockets.sockets */
SIO_API size_t sio_nsp_sockets(sio_nsp *nsp, sio_socket **out, size_t cap);
/* How many connected sockets are in a room (NULL: in the namespace): 0 says
 * that nobody would get what is sent to it. Counts them one by one.
 * JS: (await io.in(room).fetchSockets()).length */
SIO_API size_t sio_nsp_count(sio_nsp *nsp, const char *room);

/* -- middleware --------------------------------------------------------- */

/*
 * One of the two calls must come for every next, also when the client or the
 * server has long gone: then nothing happens, but until then the next stays,
 * at last until the loop is freed. Who takes longer than MIDDLEWARE_TIMEOUT
 * has refused. The first call decides; another one for the same next is
 * ignored as long as the socket is there or referenced (of an event: as long
 * as it waits to be delivered), and forbidden afterwards.
 */

/* Goes on to the next middleware, then lets the client in, or delivers the
 * event. JS: next() */
SIO_API void sio_next_pass(sio_next *next);
/* Refuses a client: it gets a connect_error with this message (what is not
 * UTF-8 in it becomes U+FFFD) and, unless NULL, data (given away). This packet
 * has no attachments: bytes in data arrive as JSON.stringify() writes a
 * Buffer, {"type":"Buffer","data":[1,2]}. Data that cannot be sent at all is
 * left out, with a line in the log. Refuses an event: the error handlers get
 * both, the client hears nothing.
 * JS: next(new Error(message)), err.data */
SIO_API void sio_next_refuse(sio_next *next, const char *message, json_t *data);

/* -- sockets ------------------------------------------------------------ */

/*
 * A socket belongs to the server. It is lent until its disconnect handlers
 * have returned, or for as long as you hold a reference. One that is gone
 * answers SIO_ERR_CLOSED.
 */

/* Public, 20 characters, new for every entering of a namespace; otherwise for
 * clients of Socket.IO 2, see sio_socket_protocol(). JS: socket.id */
SIO_API const char *sio_socket_id(const sio_socket *s);
/* NULL when the socket is gone. JS: socket.nsp */
SIO_API sio_nsp *sio_socket_nsp(const sio_socket *s);
/* From entering the namespace to the disconnect. JS: socket.connected */
SIO_API bool sio_socket_is_connected(const sio_socket *s);
/* Whether it was here before: see sio_server_set_recovery(). From middleware
 * on. JS: socket.recovered */
SIO_API bool sio_socket_recovered(const sio_socket *s);
SIO_API sio_socket *sio_socket_ref(sio_socket *s);
/* NULL is allowed. */
SIO_API void sio_socket_unref(sio_socket *s);
/* Your data, in this process. free_fn, unless NULL, is called with it when it
 * is replaced or the last reference to the socket goes; it must not call the
 * library. JS: socket.data */
SIO_API int sio_socket_set_data(sio_socket *s, void *data,
	void (*free_fn)(void *data));
SIO_API void *sio_socket_data(const sio_socket *s);
/* Your data that others may see: a JSON object, made when it is first asked
 * for, lent as long as the socket, yours to fill and to change at any time,
 * also in middleware. It is what a connection state recovery gives back and
 * what other servers are told of this socket, so it holds values, no
 * pointers. NULL: out of memory. JS: socket.data */
SIO_API json_t *sio_socket_shared_data(sio_socket *s);

/* As sio_nsp_on_event() and its like, for one socket. Handlers that every
 * socket has belong to the namespace, where they cost nothing per socket. */
/* JS: socket.on(name, fn) */
SIO_API int sio_socket_on(sio_socket *s, const char *name, sio_handler fn,
	void *user);
/* JS: socket.once(name, fn) */
SIO_API int sio_socket_once(sio_socket *s, const char *name, sio_handler fn,
	void *user);
/* JS: socket.prependListener(name, fn) */
SIO_API int sio_socket_prepend(sio_socket *s, const char *name, sio_handler fn,
	void *user);
/* JS: socket.onAny(fn), socket.prependAny(fn) */
SIO_API int sio_socket_on_any(sio_socket *s, sio_handler fn, void *user);
SIO_API int sio_socket_prepend_any(sio_socket *s, sio_handler fn, void *user);
/* JS: socket.off(name, fn), socket.offAny(fn); with fn NULL
 * socket.removeAllListeners(name), socket.offAny() */
SIO_API void sio_socket_off(sio_socket *s, const char *name, sio_handler fn);
/* Those of the socket alone. JS: socket.listeners(name).length,
 * socket.listenersAny().length */
SIO_API size_t sio_socket_count_handlers(const sio_socket *s, const char *name);
/* JS: socket.onAnyOutgoing(fn), socket.prependAnyOutgoing(fn),
 * socket.offAnyOutgoing(fn) */
SIO_API int sio_socket_on_any_outgoing(sio_socket *s, sio_handler fn,
	void *user);
SIO_API int sio_socket_prepend_any_outgoing(sio_socket *s, sio_handler fn,
	void *user);
SIO_API void sio_socket_off_any_outgoing(sio_socket *s, sio_handler fn);
/* JS: socket.use(fn) */
SIO_API int sio_socket_use(sio_socket *s, sio_use_event_cb fn, void *user);
/* JS: socket.on("error", fn), socket.off("error", fn) */
SIO_API int sio_socket_on_error(sio_socket *s, sio_handler fn, void *user);
SIO_API void sio_socket_off_error(sio_socket *s, sio_handler fn);

/* Sends an event. SIO_ERR_CLOSED: the socket has disconnected.
 * SIO_ERR_FULL: more waits for the client than QUEUE_BYTES and QUEUE_PACKETS
 * allow; its connection is closed, or the event is lost (QUEUE_POLICY).
 * JS: socket.emit(name, ...args) */
SIO_API int sio_socket_emit(sio_socket *s, const char *name, const char *fmt,
	...);
SIO_API int sio_socket_emit_json(sio_socket *s, const char *name, json_t *args);
/*
 * Sends an event that the client shall answer within timeout_ms
 * milliseconds (0: ACK_TIMEOUT), and calls fn exactly once if 0 is returned.
 * SIO_ERR_FULL: MAX_ACKS answers are outstanding; nothing was sent.
 * JS: socket.timeout(ms).emit(name, ...args, fn)
 */
SIO_API int sio_socket_emit_ack(sio_socket *s, unsigned timeout_ms,
	sio_ack_cb fn, void *user, const char *name, const char *fmt, ...);
SIO_API int sio_socket_emit_ack_json(sio_socket *s, unsigned timeout_ms,
	sio_ack_cb fn, void *user, const char *name, json_t *args);
/* Sends an event to every other socket of the namespace. Allowed up to the
 * end of the disconnect handlers. JS: socket.broadcast.emit(name, ...) */
SIO_API int sio_socket_broadcast(sio_socket *s, const char *name,
	const char *fmt, ...);

/* Rooms are made by the first who joins and go with the last who leaves.
 * Their names are UTF-8 of up to MAX_NAME bytes; others: SIO_ERR_INVALID.
 * Each socket is in the room named like its id, for free. Joining twice is
 * once. SIO_ERR_FULL: MAX_ROOMS. In middleware, joining counts from the
 * connection on. JS: socket.join(room) */
SIO_API int sio_socket_join(sio_socket *s, const char *room);
/* The same with an array of names, which is given away. Joins as many as it
 * can and returns the first error. JS: socket.join([room1, room2]) */
SIO_API int sio_socket_join_json(sio_socket *s, json_t *rooms);
/* 0 also when it was not in. JS: socket.leave(room) */
SIO_API int sio_socket_leave(sio_socket *s, const char *room);
/* JS: socket.rooms.has(room) */
SIO_API bool sio_socket_is_in(const sio_socket *s, const char *room);
/* A new array of the rooms' names, its own first; yours. NULL: out of
 * memory. JS: socket.rooms */
SIO_API json_t *sio_socket_rooms(const sio_socket *s);

/* Takes the socket out of its namespace; with `close` all sockets of the
 * connection, and then the connection. What was emitted before leaves
 * first. Does nothing to a socket that is not connected: middleware refuses
 * instead, and may eio_socket_close() the sio_socket_conn(). The handlers hear
 * of it from the loop ("server namespace disconnect").
 * JS: socket.disconnect(close) */
SIO_API void sio_socket_disconnect(sio_socket *s, bool close);

/* What is known of the client, from the first request of its connection.
 * All but auth is the same in every namespace. */

/* What the client sent when it entered the namespace; lent; an empty object
 * if nothing. NULL: out of memory. JS: socket.handshake.auth */
SIO_API json_t *sio_socket_auth(sio_socket *s);
/* A new object of the query's parameters, all of them texts (of one that was
 * given several times the last), empty when the connection is gone; yours.
 * JS: socket.handshake.query */
SIO_API json_t *sio_socket_query(const sio_socket *s);
/* The value of a header; NULL without one, and for one that is not kept any
 * more: see sio_server_keep_header(). JS: socket.handshake.headers[name] */
SIO_API const char *sio_socket_header(const sio_socket *s, const char *name);
/* A new object with headers (those still known), time, address, xdomain,
 * secure, issued, url, query and auth; yours. NULL: out of memory, or the
 * connection is gone. JS: socket.handshake */
SIO_API json_t *sio_socket_handshake(sio_socket *s);
/* The address as text; "" when the connection is gone.
 * JS: socket.handshake.address */
SIO_API const char *sio_socket_address(const sio_socket *s);
/* What the certificate says that the client showed (ENGINEIO_CERTIFICATE_...);
 * NULL: it showed none, has no such field, or is gone. With certificates that
 * are not required, only one whose ENGINEIO_CERTIFICATE_ERROR is "" proves
 * anything. JS: socket.request.socket.getPeerCertificate() */
SIO_API const char *sio_socket_peer_certificate(const sio_socket *s,
	enum eio_certificate field);
/* Whether it came over TLS; whether its first request had an Origin header, so
 * that a browser sent it from a page; both false when the connection is gone.
 * JS: socket.handshake.secure, socket.handshake.xdomain */
SIO_API bool sio_socket_is_secure(const sio_socket *s);
SIO_API bool sio_socket_is_xdomain(const sio_socket *s);
/* When its connection began, in milliseconds since 1970; 0 when it is gone.
 * JS: socket.handshake.issued */
SIO_API int64_t sio_socket_issued(const sio_socket *s);
/* "polling" or "websocket", now; "" when the connection is gone.
 * JS: socket.conn.transport.name */
SIO_API const char *sio_socket_transport(const sio_socket *s);
/* The revision of the Engine.IO protocol its client speaks: 4, or 3 for
 * clients of Socket.IO 1 and 2 (ALLOW_EIO3); 0 when the connection is gone. A
 * client of revision 3 is in "/" from its beginning, its auth is the query
 * behind the namespace it asked for ("/admin?token=x"; values are texts), its
 * socket's id in "/" is the secret one of its session, and when middleware
 * refuses it, it gets the data alone, or without any the message.
 * JS: socket.conn.protocol */
SIO_API int sio_socket_protocol(const sio_socket *s);
/* The connection below; NULL when it is gone. JS: socket.conn */
SIO_API eio_socket *sio_socket_conn(const sio_socket *s);

/*
 * Clients that read more slowly than they are sent to. What waits for a
 * client is limited by QUEUE_BYTES and QUEUE_PACKETS. Beyond them, as
 * QUEUE_POLICY says, its connection is closed ("queue full"), or what does
 * not fit is refused: emits to one socket return SIO_ERR_FULL, those to
 * several return 0, and what was not delivered is counted. One that takes
 * nothing at all for WRITE_TIMEOUT is closed ("write timeout"). Long before
 * that a program can be told, and send less:
 */

/* The connection of the socket has more than QUEUE_HIGH waiting after what
 * could leave has left, or something was refused (full); or at most QUEUE_LOW
 * (not full any more). Told in turn, for each socket of the connection. */
typedef void (*sio_backpressure_cb)(sio_socket *s, bool full, void *user);
/* One function for all sockets; NULL: nobody is told. */
SIO_API int sio_server_on_backpressure(sio_server *srv, sio_backpressure_cb fn,
	void *user);
/* Bytes that wait for the client, overhead included. */
SIO_API size_t sio_socket_queued(const sio_socket *s);
/* What was told last; false if nobody is. */
SIO_API bool sio_socket_is_full(const sio_socket *s);
/* Packets that the client did not get because of QUEUE_POLICY, of all its
 * sockets. */
SIO_API uint64_t sio_socket_refused(const sio_socket *s);

/* -- events ------------------------------------------------------------- */

/* JS: the name given to on() */
SIO_API const char *sio_event_name(const sio_event *ev);
/* The name as the client sent it: a new text or number, yours. For who passes
 * it on. NULL: out of memory. */
SIO_API json_t *sio_event_name_json(const sio_event *ev);
/* The socket it came from; lent as long as the event. */
SIO_API sio_socket *sio_event_socket(const sio_event *ev);
/* The namespace it came to. NULL when the socket is gone; of an event of
 * another server (sio_nsp_on_server_event()) as soon as its handlers have
 * returned. */
SIO_API sio_nsp *sio_event_nsp(const sio_event *ev);
/*
 * Takes the arguments apart: sio_event_unpack(ev, "s, i", &text, &number).
 * Further arguments than the format has are let be; texts and values are
 * lent as long as the event. Fewer arguments or other types:
 * SIO_ERR_INVALID, and some outputs may have been set. So is a text with a
 * NUL for `s`, which would be cut there; `s%` takes it with its length.
 */
SIO_API int sio_event_unpack(sio_event *ev, const char *fmt, ...);
/* The arguments as an array, lent as long as the event. NULL: out of
 * memory. JS: (...args) */
SIO_API json_t *sio_event_args(sio_event *ev);
/* A new array of the arguments from the n-th on (0 is the first); yours.
 * JS: (a, b, ...rest) */
SIO_API json_t *sio_event_rest(sio_event *ev, size_t n);
/* The arguments as the client wrote them: JSON texts with commas between,
 * not ended by NUL, lent as long as the event. NULL and 0 for an event with
 * attachments or without arguments, and with a parser that is not the default
 * one. For who passes them on unread. */
SIO_API const char *sio_event_text(const sio_event *ev, size_t *len);

/* In an error handler: why the event was refused, and the data that came
 * with it (NULL: none), both lent as long as the event; "" and NULL of an
 * event that was not refused. JS: err.message, err.data */
SIO_API const char *sio_event_error(const sio_event *ev);
SIO_API json_t *sio_event_error_data(const sio_event *ev);

/* Whether the client waits for an answer that was not given yet; false
 * when the connection is gone. JS: typeof callback === "function" */
SIO_API bool sio_event_wants_reply(const sio_event *ev);
/* Answers, once. SIO_ERR_STATE: no answer is wanted, or it was given;
 * SIO_ERR_CLOSED: the connection is gone; SIO_ERR_FULL: QUEUE_POLICY refused
 * it, and it may be given again. JS: callback(...args) */
SIO_API int sio_event_reply(sio_event *ev, const char *fmt, ...);
SIO_API int sio_event_reply_json(sio_event *ev, json_t *args);
/* The same with JSON texts with commas between, as sio_event_text() gives
 * them. SIO_ERR_INVALID for what is not JSON. With any parser: one that is not
 * the default one is given the values of the text. */
SIO_API int sio_event_reply_text(sio_event *ev, const char *text, size_t len);
/* Keeps the event beyond its handler, to answer later. NULL: out of memory,
 * and nothing is kept. */
SIO_API sio_event *sio_event_ref(sio_event *ev);
SIO_API void sio_event_unref(sio_event *ev);

/* -- targets ------------------------------------------------------------ */

/*
 * A target says who shall get an event, step by step, and is used up by the
 * call that ends it: _emit, _emit_acks, _fetch, _join, _leave, _disconnect,
 * _free. Several
 * rooms: each socket once. No room: the whole namespace. Errors on the way
 * (NULL from a failed call, too) are kept and returned by that last call.
 *
 *	sio_target_emit(sio_target_except(sio_nsp_to(nsp, "room1"), id),
 *		"news", "s", "hi");
 */

/* Everybody. JS: io */
SIO_API sio_target *sio_nsp_all(sio_nsp *nsp);
/* A room's members. JS: io.to(room), io.in(room) */
SIO_API sio_target *sio_nsp_to(sio_nsp *nsp, const char *room);
/* Everybody but a room's members. JS: io.except(room) */
SIO_API sio_target *sio_nsp_except(sio_nsp *nsp, const char *room);
/* This socket alone. JS: socket.volatile and the like */
SIO_API sio_target *sio_socket_self(sio_socket *s);
/* Everybody but this socket. JS: socket.broadcast */
SIO_API sio_target *sio_socket_others(sio_socket *s);
/* A room's members but this socket. JS: socket.to(room) */
SIO_API sio_target *sio_socket_to(sio_socket *s, const char *room);

/* And the members of this room. JS: .to(room) */
SIO_API sio_target *sio_target_to(sio_target *t, const char *room);
/* But not the members of this room. A socket's id is a room too.
 * JS: .except(room) */
SIO_API sio_target *sio_target_except(sio_target *t, const char *room);

/* The same with an array of names, which is given away; one that is no name
 * of a room is the target's error. An empty one adds nothing.
 * JS: .to([room1, room2]) */
SIO_API sio_target *sio_target_to_json(sio_target *t, json_t *rooms);
SIO_API sio_target *sio_target_except_json(sio_target *t, json_t *rooms);
/* How long answers are waited for, in milliseconds; 0, as at the beginning:
 * no limit. JS: .timeout(ms) */
SIO_API sio_target *sio_target_timeout(sio_target *t, unsigned ms);
/* Lets sio_target_emit_acks() also call fn for each answer, with its `user`. */
SIO_API sio_target *sio_target_on_answer(sio_target *t, sio_answer_cb fn);

enum sio_flags {
	/* Only to clients whose transport has room just now (see
	 * VOLATILE_BYTES); the others never get it. JS: .volatile */
	SIO_VOLATILE = 1,
	/* Only to clients of this server. JS: .local */
	SIO_LOCAL = 2,
	/* Not to be compressed on its way, on any transport.
	 * JS: .compress(false) */
	SIO_NO_COMPRESS = 4,
};
/* Adds flags: SIO_VOLATILE | SIO_LOCAL | SIO_NO_COMPRESS. */
SIO_API sio_target *sio_target_flags(sio_target *t, unsigned flags);

/* JS: .emit(name, ...args) */
SIO_API int sio_target_emit(sio_target *t, const char *name, const char *fmt,
	...);
SIO_API int sio_target_emit_json(sio_target *t, const char *name, json_t *args);
/*
 * Sends an event that every receiver shall answer, and calls fn exactly once,
 * from the loop, if 0 is returned: when all have answered or left, or when
 * the time of sio_target_timeout() is over; then it is not waited for the
 * others any more. Nobody to be asked: at once, with no answers. Without a
 * timeout clients of this server are waited for until they answer or leave,
 * those of other servers for REQUEST_TIMEOUT (the official server waits for
 * one millisecond then). With SIO_LOCAL nobody waits for other servers. A
 * socket that owes MAX_ACKS answers, and one that a volatile event does not
 * reach, is counted but not asked.
 * JS: .timeout(ms).emit(name, ...args, (err, responses) => ...)
 */
SIO_API int sio_target_emit_acks(sio_target *t, sio_acks_cb fn, void *user,
	const char *name, const char *fmt, ...);
SIO_API int sio_target_emit_acks_json(sio_target *t, sio_acks_cb fn, void *user,
	const char *name, json_t *args);
/* Finds all of them, on every server (SIO_LOCAL: on this one), and calls fn
 * exactly once, from the loop, if 0 is returned. JS: .fetchSockets() */
SIO_API int sio_target_fetch(sio_target *t, sio_fetch_cb fn, void *user);
/* Lets all of them join or leave a room. A socket that is in MAX_ROOMS
 * rooms is left out and SIO_ERR_FULL returned; what other servers do is not
 * told. JS: .socketsJoin(room), .socketsLeave(room) */
SIO_API int sio_target_join(sio_target *t, const char *room);
SIO_API int sio_target_leave(sio_target *t, const char *room);
/* The same with an array of names, which is given away. */
SIO_API int sio_target_join_json(sio_target *t, json_t *rooms);
SIO_API int sio_target_leave_json(sio_target *t, json_t *rooms);
/* As sio_socket_disconnect(). JS: .disconnectSockets(close) */
SIO_API int sio_target_disconnect(sio_target *t, bool close);
/* For a target that is not wanted after all. NULL is allowed. */
SIO_API void sio_target_free(sio_target *t);

/* -- fetched sockets ---------------------------------------------------- */

/* What a fetch has found, lent until its callback returns. One of this server
 * stands for the socket itself: what is asked of it is asked now, and its data
 * is the data that others see from then on. One of another server is a copy
 * of what was true when that server answered; changing it changes nothing. */

/* JS: remote.id */
SIO_API const char *sio_remote_id(const sio_remote *r);
/* The socket, if it is one of this server, lent as the remote; else NULL. */
SIO_API sio_socket *sio_remote_socket(const sio_remote *r);
/* All lent; NULL: out of memory, or another server did not say.
 * JS: remote.handshake, remote.rooms (an array here), remote.data */
SIO_API json_t *sio_remote_handshake(sio_remote *r);
SIO_API json_t *sio_remote_rooms(sio_remote *r);
SIO_API json_t *sio_remote_data(sio_remote *r);
/* As with a target of its id: 0 does not say that it was still there. */
/* JS: remote.emit(name, ...args) */
SIO_API int sio_remote_emit(sio_remote *r, const char *name, const char *fmt,
	...);
SIO_API int sio_remote_emit_json(sio_remote *r, const char *name, json_t *args);
/* As sio_target_emit_acks(): the array has one answer, or none.
 * JS: remote.timeout(ms).emit(name, ...args, fn) */
SIO_API int sio_remote_emit_ack(sio_remote *r, unsigned timeout_ms,
	sio_acks_cb fn, void *user, const char *name, const char *fmt, ...);
SIO_API int sio_remote_emit_ack_json(sio_remote *r, unsigned timeout_ms,
	sio_acks_cb fn, void *user, const char *name, json_t *args);
/* JS: remote.join(room), remote.leave(room), remote.disconnect(close) */
SIO_API int sio_remote_join(sio_remote *r, const char *room);
SIO_API int sio_remote_leave(sio_remote *r, const char *room);
SIO_API int sio_remote_disconnect(sio_remote *r, bool close);

/* -- other servers ------------------------------------------------------- */

/* See adapter.h for how servers become one. */

/* Sends an event to this namespace on the other servers, not to clients. An
 * adapter that knows no others lets it reach nobody, with a line in the log.
 * SIO_ERR_INVALID for "connect", "connection" and "new_namespace".
 * JS: io.serverSideEmit(name, ...args) */
SIO_API int sio_nsp_server_emit(sio_nsp *nsp, const char *name, const char *fmt,
	...);
SIO_API int sio_nsp_server_emit_json(sio_nsp *nsp, const char *name,
	json_t *args);
/* The same, and calls fn once, from the loop, with the answers of the other
 * servers; timeout_ms 0: REQUEST_TIMEOUT. JS: (err, responses) */
SIO_API int sio_nsp_server_emit_ack(sio_nsp *nsp, unsigned timeout_ms,
	sio_acks_cb fn, void *user, const char *name, const char *fmt, ...);
SIO_API int sio_nsp_server_emit_ack_json(sio_nsp *nsp, unsigned timeout_ms,
	sio_acks_cb fn, void *user, const char *name, json_t *args);
/* Calls fn for such an event of another server: the socket is NULL, and so is
 * sio_event_socket(); sio_event_nsp() tells the children of a parent apart. Of
 * an answer only the first argument travels.
 * JS: io.on(name, fn) */
SIO_API int sio_nsp_on_server_event(sio_nsp *nsp, const char *name,
	sio_handler fn, void *user);
SIO_API void sio_nsp_off_server_event(sio_nsp *nsp, const char *name,
	sio_handler fn);

/* -- bytes -------------------------------------------------------------- */

/*
 * A value of raw bytes, copied from data. It travels as a binary attachment
 * and may stand wherever a json_t may. To jansson it is an object with one
 * strange member; json_dumps() of a tree that holds one fails. A client
 * cannot forge it. NULL: out of memory. JS: Buffer.from(...)
 */
SIO_API json_t *sio_binary(const void *data, size_t len);
/* JS: Buffer.isBuffer(v) */
SIO_API bool sio_is_binary(const json_t *value);
/* The bytes, which live as long as the value; NULL when it is no binary
 * value. */
SIO_API const void *sio_binary_data(const json_t *value, size_t *len);

/* -- JSON ---------------------------------------------------------------- */

/*
 * As packets are read and written, which is how JavaScript does it and not
 * how jansson does: lone surrogates are accepted, 0.1 is written as 0.1 and
 * 3.0 as 3, and a binary value as the object that stands for a Buffer.
 */

/* The value of a JSON text; new, yours. NULL: it is no JSON, no UTF-8, nested
 * more than 1024 deep (errno is EINVAL), or memory is out (ENOMEM).
 * JS: JSON.parse(text) */
SIO_API json_t *sio_json_parse(const char *text, size_t len);
/* The JSON text of a value, with a NUL behind it; its length in *len unless
 * that is NULL. To be given to free(). NULL: a text in it is no UTF-8, it is
 * nested more than 1024 deep, or memory is out. JS: JSON.stringify(value) */
SIO_API char *sio_json_stringify(const json_t *value, size_t *len);

#ifdef __cplusplus
}
#endif

#endif
