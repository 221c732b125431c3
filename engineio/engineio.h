/* SPDX-License-Identifier: MIT */
/*
 * engineio.h: the Engine.IO server, protocol revision 4, and 3 if allowed.
 *
 * Threads: eio_loop_post() and eio_loop_stop() may be called from any
 * thread; everything else belongs to the thread that runs the loop.
 *
 * Errors: functions that can fail return 0 or a negative ENGINEIO_ERR_*
 * (in words: eio_strerror()), or a pointer that is NULL. NULL passed in is
 * answered with ENGINEIO_ERR_INVALID.
 *
 * Callbacks: no call of this header runs one of your callbacks before it
 * returns, except eio_loop_run() and the two _free() calls of loop and
 * server; what a call causes is told from the loop. Inside a callback every
 * call is allowed, also closing or freeing what the callback is about. A
 * callback's parameters are lent until it returns, unless it says more.
 *
 * Process-wide: libwebsockets' log level is set to errors and warnings, and
 * its lines are dropped; SIGPIPE is ignored if it had its default
 * disposition; both once, by the first eio_loop_new(). The soft limit of
 * open files is lowered for a moment while a loop is made, and when its
 * table of descriptors grows. Nothing else of the process is touched.
 *
 * fork(): a child may end or exec, all descriptors are closed by that; it
 * shares the connections with its parent and must not call anything here for a
 * loop that was made before it.
 */
#ifndef ENGINEIO_ENGINEIO_H
#define ENGINEIO_ENGINEIO_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && __GNUC__ >= 4
#define ENGINEIO_API __attribute__((visibility("default")))
#else
#define ENGINEIO_API
#endif

/* -- errors ------------------------------------------------------------- */

#define ENGINEIO_ERROR_MAP(X) \
	X(NOMEM, -1, "out of memory") \
	X(INVALID, -2, "invalid argument") \
	X(STATE, -3, "not possible in this state") \
	X(CLOSED, -4, "connection closed") \
	X(ADDRESS, -5, "cannot listen on that address") \
	X(TIMEOUT, -6, "no answer in time") \
	X(FULL, -7, "queue limit reached") \
	X(TLS, -9, "certificate or key cannot be used")

enum eio_error {
#define X(name, value, text) ENGINEIO_ERR_##name = (value),
	ENGINEIO_ERROR_MAP(X)
#undef X
};

/* The error in words; "unknown error" for other numbers. Static text. */
ENGINEIO_API const char *eio_strerror(int err);
/* "0.1.0". Static text. */
ENGINEIO_API const char *eio_version_string(void);

/* -- the loop ----------------------------------------------------------- */

typedef struct eio_loop eio_loop;
typedef struct eio_timer eio_timer;
typedef struct eio_watch eio_watch;
typedef struct eio_signal eio_signal;

/* A loop that is not running yet. NULL: out of memory or no event
 * library. */
ENGINEIO_API eio_loop *eio_loop_new(void);
/* Frees the loop. Its servers, timers and watches must be gone. Functions
 * that were posted and have not run are run now, with the status
 * ENGINEIO_ERR_CLOSED. NULL is allowed. */
ENGINEIO_API void eio_loop_free(eio_loop *loop);
/* Runs until eio_loop_stop(). Returns 0, or an error when the loop cannot
 * wait for events. It may be run again afterwards. */
ENGINEIO_API int eio_loop_run(eio_loop *loop);
/* Lets eio_loop_run() return at the end of its turn; when it is not
 * running, the next run returns after one turn. Any thread; not from a
 * signal handler. */
ENGINEIO_API void eio_loop_stop(eio_loop *loop);
/* Runs fn(arg, 0) on the loop's thread, in the order of posting, or
 * fn(arg, ENGINEIO_ERR_CLOSED) when the loop is freed before that: exactly
 * once if 0 is returned. Any thread; not from a signal handler. */
ENGINEIO_API int eio_loop_post(eio_loop *loop,
	void (*fn)(void *arg, int status), void *arg);
/* Milliseconds of a clock that only goes forward. */
ENGINEIO_API uint64_t eio_loop_now(eio_loop *loop);
/* Calls fn(user) at the end of every turn of the loop, before the output of
 * the turn is written: the place for work that should be done once for all
 * events of a turn, such as a database commit. As long as there is such a hook
 * no output leaves before it was called. (But the "ok" to a POST of
 * long-polling may: it says no more than that the packets came.) fn says
 * whether it did something; if so, the hooks are called once more, until all
 * are quiet, or a thousand times: then the loop goes on, and calls them in its
 * next turn. Returns 0 or ENGINEIO_ERR_NOMEM. */
ENGINEIO_API int eio_loop_on_turn_end(eio_loop *loop, bool (*fn)(void *user),
	void *user);
/* The same for a hook that takes next to no time when there is nothing to do,
 * and may be called more often: also before an answer that leaves at once,
 * because nobody else is to get anything. */
ENGINEIO_API int eio_loop_before_output(eio_loop *loop, bool (*fn)(void *user),
	void *user);
/* Takes a hook of either kind away; idempotent. Allowed inside the hook. */
ENGINEIO_API void eio_loop_off_turn_end(eio_loop *loop, bool (*fn)(void *user),
	void *user);
/* Calls fn(arg, 0) in ms milliseconds, or fn(arg, ENGINEIO_ERR_CLOSED) when
 * the loop is freed before that: exactly once if 0 is returned. Then arg is to
 * be freed; servers may be gone. */
ENGINEIO_API int eio_loop_after(eio_loop *loop, uint64_t ms,
	void (*fn)(void *arg, int status), void *arg);

/* A timer that calls fn(user) each time it ends; not running yet. */
ENGINEIO_API eio_timer *eio_timer_new(eio_loop *loop, void (*fn)(void *user),
	void *user);
/* Ends once, ms milliseconds from now; a running timer starts anew. */
ENGINEIO_API int eio_timer_start(eio_timer *timer, uint64_t ms);
ENGINEIO_API void eio_timer_stop(eio_timer *timer);
ENGINEIO_API void eio_timer_free(eio_timer *timer);

#define ENGINEIO_READABLE 1
#define ENGINEIO_WRITABLE 2

/* Calls fn(user, events) when the descriptor is ready for one of `events`
 * (a mask of the two above). The descriptor stays yours: free the watch
 * before you close it. */
ENGINEIO_API eio_watch *eio_watch_new(eio_loop *loop, int fd, int events,
	void (*fn)(void *user, int events), void *user);
/* Changes the mask; 0 pauses. */
ENGINEIO_API int eio_watch_set(eio_watch *watch, int events);
ENGINEIO_API void eio_watch_free(eio_watch *watch);

/*
 * Calls fn(user) from the loop when the process gets this signal (SIGTERM,
 * SIGHUP), which then does not do what it did by itself. It is blocked for the
 * calling thread, and so for threads and programs that are started from it
 * later: make this before you start threads, and unblock it in a program that
 * you start; in a thread that was there before it blocks itself when it comes
 * there. One object for one number in a process. NULL, and errno: EBUSY, there
 * is one for this number; EINVAL, there is no such signal; or out of memory or
 * descriptors. Linux. JS: process.on("SIGTERM", fn)
 */
ENGINEIO_API eio_signal *eio_signal_new(eio_loop *loop, int number,
	void (*fn)(void *user), void *user);
/* The signal is as it was before. NULL is allowed. */
ENGINEIO_API void eio_signal_free(eio_signal *sig);

/* -- buffers ------------------------------------------------------------ */

/* A message as it travels: counted, immutable, with its WebSocket frame
 * ready, so that one of them can be sent to any number of sessions without
 * a copy. One thread, as everything else. */
typedef struct eio_buf eio_buf;

/* Copies len bytes; one reference, yours. A text must be UTF-8. NULL: out
 * of memory. */
ENGINEIO_API eio_buf *eio_buf_new_text(const void *text, size_t len);
ENGINEIO_API eio_buf *eio_buf_new_binary(const void *data, size_t len);
ENGINEIO_API eio_buf *eio_buf_ref(eio_buf *buf);
/* NULL is allowed. */
ENGINEIO_API void eio_buf_unref(eio_buf *buf);
/* The length of the message in bytes. */
ENGINEIO_API size_t eio_buf_len(const eio_buf *buf);
/* Whether it may be compressed on its way, on any transport; true at first.
 * Before it is sent to anybody. Over polling the answer is compressed if one of
 * its messages may be. JS: { compress } */
ENGINEIO_API void eio_buf_set_compress(eio_buf *buf, bool on);

/* -- options ------------------------------------------------------------ */

/* name, default, unit, official name, what it does */
#define ENGINEIO_OPTION_MAP(X) \
	X(PING_INTERVAL, 25000, "ms", "pingInterval", \
		"time from the handshake or the last pong to the next ping, or " \
		"up to a thousandth less, so that many leave together; told to " \
		"clients at the handshake") \
	X(PING_TIMEOUT, 20000, "ms", "pingTimeout", \
		"time a client has for its pong") \
	X(UPGRADE_TIMEOUT, 10000, "ms", "upgradeTimeout", \
		"time a WebSocket has to finish an upgrade") \
	X(MAX_PAYLOAD, 1000000, "bytes", "maxHttpBufferSize", \
		"largest POST body and WebSocket message; told to clients") \
	X(TRANSPORTS, 3, "mask", "transports", \
		"ENGINEIO_POLLING | ENGINEIO_WEBSOCKET") \
	X(ALLOW_UPGRADES, 1, "bool", "allowUpgrades", \
		"whether the handshake announces the upgrade") \
	X(NOOP_INTERVAL, 100, "ms", "", \
		"how often a waiting poll is answered with a noop during an " \
		"upgrade") \
	X(CLOSE_TIMEOUT, 30000, "ms", "", \
		"how long an orderly close waits for what is queued to leave, " \
		"and for the next poll; never longer than PING_INTERVAL and " \
		"PING_TIMEOUT together") \
	X(COMPRESSION, 1, "bool", "httpCompression", \
		"whether polling answers are compressed for clients that accept " \
		"it") \
	X(COMPRESSION_THRESHOLD, 1024, "bytes", "httpCompression.threshold", \
		"shorter polling answers are not compressed") \
	X(QUEUE_BYTES, 4194304, "bytes", "", \
		"most that may wait for one session, overhead included and its " \
		"largest message left out; one message always fits an empty " \
		"queue; a session that exceeds it is closed: QUEUE_POLICY") \
	X(QUEUE_PACKETS, 0, "packets", "", \
		"the same in packets; 0 is no limit") \
	X(MAX_SESSIONS, 0, "sessions", "", \
		"handshakes beyond are answered with 503; 0 is no limit") \
	X(MAX_CONNECTIONS, 0, "connections", "", \
		"sockets beyond are closed when accepted; 0 is no limit") \
	X(MAX_TARGET, 8192, "bytes", "", "longest request target (414)") \
	X(MAX_HEADER, 16384, "bytes", "", \
		"largest header block, request line included (431)") \
	X(MAX_HEADERS, 100, "headers", "", "most header lines (431)") \
	X(MAX_FRAGMENTS, 16384, "frames", "", \
		"most frames of one WebSocket message (1008)") \
	X(HEADER_TIMEOUT, 30000, "ms", "", \
		"time for a request's head, from its first byte or the " \
		"connection's beginning (408)") \
	X(BODY_TIMEOUT, 30000, "ms", "", \
		"time for a request's body; each 64 kB received extend it (408); " \
		"and for the answer to a request behind which a client has sent " \
		"more than 64 kB: then that is dropped, and the connection ends " \
		"with that answer") \
	X(KEEP_ALIVE_TIMEOUT, 10000, "ms", "", \
		"how long an idle connection is kept for another request") \
	X(WRITE_TIMEOUT, 60000, "ms", "", \
		"a connection that takes none of its waiting output for this long " \
		"is closed") \
	X(ALLOW_EIO3, 0, "bool", "allowEIO3", \
		"whether clients of protocol revision 3 (Socket.IO 2, \"EIO=3\" or " \
		"no EIO at all) are served too; no: they are refused with 400") \
	X(PER_MESSAGE_DEFLATE, 0, "bool", "perMessageDeflate", \
		"whether WebSocket messages are compressed for clients that " \
		"offer it; costs a server about 310 kB while it has such " \
		"clients, and about 150 bytes for each of them if no takeover " \
		"is allowed; what a client sends may have MAX_PAYLOAD bytes " \
		"when it is inflated. Secrets should not be compressed " \
		"together with what a stranger chooses (eio_buf_set_compress()). " \
		"concurrencyLimit has no meaning here: the loop's thread does " \
		"it") \
	X(DEFLATE_THRESHOLD, 1024, "bytes", "perMessageDeflate.threshold", \
		"shorter messages are not compressed") \
	X(DEFLATE_SERVER_NO_TAKEOVER, 1, "0-2", \
		"perMessageDeflate.serverNoContextTakeover", \
		"1: each message is compressed for itself, once for all " \
		"receivers of a broadcast (JS: true); 0: only if the client " \
		"asks for that, else by a compressor of its own of about " \
		"270 kB (JS: undefined); 2: clients that ask for it are " \
		"refused (JS: false)") \
	X(DEFLATE_CLIENT_NO_TAKEOVER, 1, "bool", \
		"perMessageDeflate.clientNoContextTakeover", \
		"1: clients are told to do the same; 0: a window of up to " \
		"32 kB is kept for each of them that does not want to") \
	X(DEFLATE_SERVER_BITS, 0, "bits", \
		"perMessageDeflate.serverMaxWindowBits", \
		"8 to 15: the window of our messages; 0: what the client asks " \
		"for, or 15; 1: clients that ask are refused (JS: false)") \
	X(DEFLATE_CLIENT_BITS, 0, "bits", \
		"perMessageDeflate.clientMaxWindowBits", \
		"8 to 15: the window of clients' messages; those that cannot " \
		"limit it are refused; 0: what the client offers; 1: it is " \
		"not told (JS: false)") \
	X(DEFLATE_LEVEL, 3, "level", \
		"perMessageDeflate.zlibDeflateOptions.level", \
		"1 (fastest) to 9 (shortest)") \
	X(DEFLATE_MEM_LEVEL, 8, "level", \
		"perMessageDeflate.zlibDeflateOptions.memLevel", \
		"1 (least memory) to 9") \
	X(DEFLATE_MEMORY, 67108864, "bytes", "", \
		"most that takeovers of all connections may cost; beyond it " \
		"clients are told to do without, and of our compressors the " \
		"one longest unused is given up") \
	X(DECISION_TIMEOUT, 30000, "ms", "", \
		"time a hook has to decide on a request that waits for it (503)") \
	X(TLS_TIMEOUT, 10000, "ms", "", \
		"time for the TLS handshake, and for the header of a proxy " \
		"before it") \
	X(BACKLOG, 0, "connections", "backlog", \
		"connections that may wait to be accepted, for listeners opened " \
		"later; 0 is as many as the system allows") \
	X(UNIX_MODE, 0, "mode", "", \
		"permissions of unix sockets opened later, 0660 for example; 0 " \
		"leaves them to the umask") \
	X(MAX_POST_PACKETS, 100000, "packets", "", \
		"most packets of one POST; a session that sends more is closed") \
	X(MAX_SESSIONS_PER_ADDRESS, 0, "sessions", "", \
		"most sessions with clients of one address (IPv6: of one /64), " \
		"of those opened while this is not 0; handshakes beyond are " \
		"answered with 429; 0 is no limit") \
	X(HANDSHAKE_RATE, 0, "a second", "", \
		"most handshakes in a second; those beyond are answered with " \
		"429; 0 is no limit") \
	X(MAX_PONG_BYTES, 4096, "bytes", "", \
		"answers to pings that may wait for a client that does not read " \
		"them; beyond, its pings are not answered") \
	X(QUEUE_POLICY, 0, "policy", "", \
		"what becomes of a session that would exceed QUEUE_BYTES or " \
		"QUEUE_PACKETS: ENGINEIO_QUEUE_CLOSE or ENGINEIO_QUEUE_REFUSE") \
	X(QUEUE_HIGH, 1048576, "bytes", "", \
		"a session for which more waits after a turn's writes is full: " \
		"eio_server_on_full()") \
	X(QUEUE_LOW, 262144, "bytes", "", \
		"it is not full any more when so little waits") \
	X(COMPRESSION_LEVEL, 3, "level", "httpCompression.level", \
		"1 (fastest) to 9 (shortest)") \
	X(ADD_TRAILING_SLASH, 1, "bool", "addTrailingSlash", \
		"whether a '/' must follow the path in a request; no: it may, or " \
		"nothing, or the query") \
	X(CORS_CREDENTIALS, 0, "bool", "cors.credentials", \
		"whether pages of other origins may send cookies along; they " \
		"must be named then, see eio_server_set_cors()") \
	X(CORS_MAX_AGE, -1, "s", "cors.maxAge", \
		"how long browsers may remember a preflight; -1: not told") \
	X(CORS_PREFLIGHT_STATUS, 204, "status", "cors.optionsSuccessStatus", \
		"of the answer to a preflight, 200 to 299; 0 leaves OPTIONS " \
		"requests alone (cors.preflightContinue)") \
	X(CORS_REJECT, 0, "bool", "", \
		"whether requests of pages whose origin is not allowed are " \
		"refused, where others only do not tell the browser; the " \
		"origin that is the request's own Host is always allowed (a " \
		"proxy has to pass that on)") \
	X(JSONP, 1, "bool", "", \
		"whether clients that say \"j\" are answered with scripts, over " \
		"polling; any page of the world can load those, with the " \
		"cookies of its reader and whatever CORS says; no: they are " \
		"refused with 400") \
	X(MAX_TLS_ANSWERS, 16384, "bytes", "", \
		"what TLS itself says when a client asks, for new keys for " \
		"example, and the client does not read; with more of it " \
		"waiting the connection is closed") \
	X(HTTP2, 1, "0-2", "", \
		"0: HTTP/2 is not spoken; 1: over TLS, with clients that choose " \
		"it (ALPN); 2: also without TLS, with those that begin with it " \
		"(prior knowledge: a proxy of ours). WebSockets are not offered " \
		"over it, browsers open them on a connection of HTTP/1.1; built " \
		"without nghttp2 it is never spoken") \
	X(HTTP2_STREAMS, 100, "requests", "", \
		"most requests at once on one connection of HTTP/2, as it is " \
		"told; more are refused with REFUSED_STREAM, and may be tried " \
		"again, while the client may not know, then the connection is " \
		"closed") \
	X(HTTP2_RESETS, 10000, "requests", "", \
		"most requests that one connection may take back before their " \
		"answers have begun, or make so wrong that they are reset; a " \
		"hundredth of it comes back each second; then the connection " \
		"is closed") \
	X(HTTP2_FRAMES, 10000, "frames", "", \
		"most frames of one connection that carry nothing (PING, " \
		"SETTINGS, PRIORITY, empty DATA, WINDOW_UPDATE beyond four for " \
		"each DATA sent); a hundredth of it comes back each second; " \
		"then the connection is closed") \
	X(HTTP2_BYTES, 67108864, "bytes", "", \
		"most bytes of answers that may wait on one connection of " \
		"HTTP/2, files left out, and of bodies whose requests are not " \
		"answered yet; beyond it further requests wait for their turn, " \
		"and sessions keep what they have to say in their queues; an " \
		"answer to a request that has waited for it becomes 503, a " \
		"stream is closed (CANCEL), but 16 kB of each are let through")

enum eio_option {
#define X(name, value, unit, official, text) ENGINEIO_##name,
	ENGINEIO_OPTION_MAP(X)
#undef X
	ENGINEIO_OPTIONS /* how many there are */
};

#define ENGINEIO_POLLING   1
#define ENGINEIO_WEBSOCKET 2

/* Of QUEUE_POLICY: the session is closed with the reason QUEUE_FULL; or the
 * message is refused, ENGINEIO_ERR_FULL, and the session lives. */
#define ENGINEIO_QUEUE_CLOSE  0
#define ENGINEIO_QUEUE_REFUSE 1

/* Of HTTP2. */
#define ENGINEIO_HTTP2_OFF   0
#define ENGINEIO_HTTP2_TLS   1
#define ENGINEIO_HTTP2_PLAIN 2

/* -- counters ----------------------------------------------------------- */

/*
 * How often something was refused or given up since the server was made.
 * A limit is counted under the name of its option, and has a line in the log
 * that names it; of the same kind at most ten in a second are written. What
 * concerns a connection before it is known for whom it is, is counted at the
 * server that listens.
 */
#define ENGINEIO_COUNTER_MAP(X) \
	X(CONNECTIONS, "connections that were accepted") \
	X(SESSIONS, "sessions that were opened") \
	X(PING_TIMEOUT, "sessions whose pong did not come in time") \
	X(UPGRADE_TIMEOUT, "upgrades that were not finished in time") \
	X(MAX_PAYLOAD, "bodies and WebSocket messages that were too large") \
	X(CLOSE_TIMEOUT, "closing sessions whose client did not come") \
	X(QUEUE_BYTES, "sessions that had too many bytes waiting") \
	X(QUEUE_PACKETS, "sessions that had too many packets waiting") \
	X(MAX_SESSIONS, "handshakes refused because the server was full") \
	X(MAX_CONNECTIONS, "connections closed when accepted") \
	X(MAX_TARGET, "requests with too long a target") \
	X(MAX_HEADER, "requests with too large a header block") \
	X(MAX_HEADERS, "requests with too many headers") \
	X(MAX_FRAGMENTS, "WebSocket messages of too many frames") \
	X(HEADER_TIMEOUT, "requests whose head did not come in time") \
	X(BODY_TIMEOUT, \
		"requests whose body did not come in time, or was sent so far " \
		"ahead that it waited for an answer too long") \
	X(KEEP_ALIVE_TIMEOUT, "idle connections that were closed") \
	X(WRITE_TIMEOUT, "connections whose client did not read") \
	X(DECISION_TIMEOUT, "requests on which no hook decided in time") \
	X(MAX_POST_PACKETS, "sessions closed for a POST of too many packets") \
	X(MAX_SESSIONS_PER_ADDRESS, "handshakes refused to an address") \
	X(HANDSHAKE_RATE, "handshakes refused because there were too many") \
	X(MAX_PONG_BYTES, "pings that were not answered") \
	X(UNKNOWN_TRANSPORT, "connection errors of code 0") \
	X(UNKNOWN_SID, "connection errors of code 1") \
	X(BAD_HANDSHAKE_METHOD, "connection errors of code 2") \
	X(INVALID_ORIGIN, "connection errors of code 3 and this context") \
	X(TRANSPORT_MISMATCH, "the same") \
	X(PROTOCOL_MISMATCH, "the same") \
	X(TRANSPORT_HANDSHAKE_ERROR, "the same") \
	X(ID_GENERATION_ERROR, "the same") \
	X(MIDDLEWARE_FAILURE, "the same") \
	X(FORBIDDEN, "connection errors of code 4") \
	X(UNSUPPORTED_PROTOCOL_VERSION, "connection errors of code 5") \
	X(HANDSHAKE_FAILED, "handshakes without memory or random bytes") \
	X(BAD_HTTP, "requests that broke the rules of HTTP") \
	X(BAD_FRAME, "WebSockets that broke the rules of RFC 6455") \
	X(BAD_PACKET, "sessions that sent what is no packet") \
	X(DEFLATE_MEMORY, \
		"WebSockets whose client had to do without context takeover") \
	X(TLS_TIMEOUT, "connections whose TLS did not begin in time") \
	X(BAD_TLS, "connections whose TLS or PROXY header failed") \
	X(UNTRUSTED_PROXY, "connections of others than trusted proxies") \
	X(REFUSED, "messages that a full session did not get (QUEUE_POLICY)") \
	X(QUEUE_HIGH, "times that a session was full (eio_server_on_full())") \
	X(CORS_REJECT, "requests refused because of their origin") \
	X(MAX_TLS_ANSWERS, "connections that asked TLS and did not read") \
	X(HTTP2_STREAMS, "requests beyond those of one connection of HTTP/2") \
	X(HTTP2_RESETS, "connections that took back too many requests") \
	X(HTTP2_FRAMES, "connections that sent too many empty frames") \
	X(HTTP2_BYTES, \
		"requests that had to wait, and answers that were refused, " \
		"because too much waited on their connection of HTTP/2")

enum eio_counter {
#define X(name, text) ENGINEIO_COUNT_##name,
	ENGINEIO_COUNTER_MAP(X)
#undef X
	ENGINEIO_COUNTERS /* how many there are */
};

/* -- the log ------------------------------------------------------------ */

enum eio_log_level {
	ENGINEIO_LOG_ERROR = 1, /* the server cannot do its work */
	ENGINEIO_LOG_WARN,      /* a limit was hit; a peer was refused */
	ENGINEIO_LOG_INFO,      /* start, stop */
	ENGINEIO_LOG_DEBUG,     /* every session's steps */
};

/* One line without its end. Called at once, from inside any call: it must
 * not call the library. */
typedef void (*eio_log_cb)(enum eio_log_level level, const char *line,
	void *user);

/* -- the server --------------------------------------------------------- */

typedef struct eio_server eio_server;
typedef struct eio_socket eio_socket;   /* a session */
typedef struct eio_request eio_request; /* see http.h */

/* What a callback that is asked about a request says. */
enum eio_verdict {
	ENGINEIO_PASS,   /* let it go on */
	ENGINEIO_TAKEN,  /* it was, or will be, answered by the application:
			    eio_request_respond() */
	ENGINEIO_REFUSE, /* the server refuses it */
	ENGINEIO_LATER,  /* eio_request_decide() will say */
};

typedef enum eio_verdict (*eio_request_cb)(eio_request *req, void *user);

/* The codes of the Engine.IO server, with what a client is told. */
#define ENGINEIO_CODE_MAP(X) \
	X(UNKNOWN_TRANSPORT, 0, "Transport unknown") \
	X(UNKNOWN_SID, 1, "Session ID unknown") \
	X(BAD_HANDSHAKE_METHOD, 2, "Bad handshake method") \
	X(BAD_REQUEST, 3, "Bad request") \
	X(FORBIDDEN, 4, "Forbidden") \
	X(UNSUPPORTED_PROTOCOL_VERSION, 5, "Unsupported protocol version")

enum eio_code {
#define X(name, value, text) ENGINEIO_CODE_##name = (value),
	ENGINEIO_CODE_MAP(X)
#undef X
};

/* What BAD_REQUEST means in particular. */
#define ENGINEIO_CONTEXT_MAP(X) \
	X(NONE) /* the code says it all */ \
	X(INVALID_ORIGIN) \
	X(TRANSPORT_MISMATCH) /* not the transport of the session */ \
	X(PROTOCOL_MISMATCH)  /* not its revision */ \
	X(TRANSPORT_HANDSHAKE_ERROR) \
	X(ID_GENERATION_ERROR) \
	X(MIDDLEWARE_FAILURE) /* refused by eio_server_on_http() */

enum eio_context {
#define X(name) ENGINEIO_CONTEXT_##name,
	ENGINEIO_CONTEXT_MAP(X)
#undef X
};

/* "Transport unknown", "TRANSPORT_MISMATCH". Static text. */
ENGINEIO_API const char *eio_code_text(enum eio_code code);
ENGINEIO_API const char *eio_context_text(enum eio_context context);

/* A request for the engine's path that was refused. The texts are lent until
 * the callback returns, and NULL where there is nothing to say. */
struct eio_connection_error {
	enum eio_code code;
	enum eio_context context;
	const char *message;            /* what the client is told */
	const char *transport;          /* as asked for */
	const char *previous_transport; /* of the session */
	const char *sid;                /* as asked for */
	const char *method;
	const char *origin;
	const char *protocol;          /* EIO, as asked for */
	const char *previous_protocol; /* of the session */
	const char *error; /* what a hook said to eio_request_decide() */
};

/* Told before the answer leaves; the request may be given headers, or be
 * answered otherwise. */
typedef void (*eio_connection_error_cb)(eio_request *req,
	const struct eio_connection_error *error, void *user);

/* Why a session ended; eio_reason_text() gives the official words. */
#define ENGINEIO_REASON_MAP(X) \
	X(TRANSPORT_CLOSE, "transport close") \
	X(TRANSPORT_ERROR, "transport error") \
	X(PARSE_ERROR, "parse error") \
	X(PING_TIMEOUT, "ping timeout") \
	X(FORCED_CLOSE, "forced close") \
	X(QUEUE_FULL, "queue full") \
	X(SHUTTING_DOWN, "server shutting down") \
	X(WRITE_TIMEOUT, "write timeout")

enum eio_reason {
#define X(name, text) ENGINEIO_REASON_##name,
	ENGINEIO_REASON_MAP(X)
#undef X
};

ENGINEIO_API const char *eio_reason_text(enum eio_reason reason);

/* A server on the loop. The loop must outlive it. Path "/engine.io". */
ENGINEIO_API eio_server *eio_server_new(eio_loop *loop);
/* Aborts everything: on_close is called for every session, with
 * SHUTTING_DOWN, before this returns. NULL is allowed. */
ENGINEIO_API void eio_server_free(eio_server *srv);
/*
 * Ends the server in order: stops listening, closes every session once what
 * is queued for it has left (reason SHUTTING_DOWN), lets answers leave, and
 * calls done(user) once, when no connection is left or deadline_ms have
 * passed; what is left then is ended at once. done may be NULL and may free
 * the server; it is not called when the server is freed before.
 */
ENGINEIO_API int eio_server_close(eio_server *srv, uint64_t deadline_ms,
	void (*done)(void *user), void *user);

/* Before eio_server_listen(). The path begins with '/'; one '/' at its end
 * is dropped. Clients use it with the '/' behind it (ADD_TRAILING_SLASH), and
 * whatever follows that belongs to the engine, too. It is compared with the
 * target as it comes, in which nothing is decoded. JS: path */
ENGINEIO_API int eio_server_set_path(eio_server *srv, const char *path);
ENGINEIO_API const char *eio_server_path(const eio_server *srv);
/* -- other origins, cookies, headers -- */

/*
 * Which pages may talk to the server from a browser (CORS). Requests below
 * the path are concerned, refused ones and WebSockets too. At first there
 * are none: pages of the server's own origin need no permission. Four ways,
 * of which the last that was called counts; together with CORS_CREDENTIALS
 * and its neighbours, at any time.
 *
 * This one names the same origin to everybody: "*" for all pages (which may
 * send no cookies then), "https://a.example" for those of one origin, NULL
 * for none. ENGINEIO_ERR_INVALID for what is not scheme://host or
 * scheme://host:port: no path, no '/' at the end. JS: cors.origin, a string
 */
ENGINEIO_API int eio_server_set_cors(eio_server *srv, const char *origin);
/* Adds an origin to the list of those that are told they are allowed. "*":
 * all of them, also with CORS_CREDENTIALS. JS: cors.origin, an array; true */
ENGINEIO_API int eio_server_add_cors_origin(eio_server *srv,
	const char *origin);
/* Adds all origins that match as a whole to that list: an extended POSIX
 * regular expression, such as "https://[a-z]+\\.example\\.com".
 * ENGINEIO_ERR_INVALID for what is none. JS: cors.origin, a RegExp */
ENGINEIO_API int eio_server_add_cors_pattern(eio_server *srv,
	const char *pattern);
/* Asks fn about each request. ENGINEIO_PASS: its origin is allowed;
 * ENGINEIO_REFUSE: not a word of CORS; ENGINEIO_LATER: eio_request_decide()
 * will say. With a text, that call allows the origin in it, or "*", in place
 * of the request's own. NULL: none is allowed. JS: cors.origin, a function */
ENGINEIO_API int eio_server_on_cors(eio_server *srv, eio_request_cb fn,
	void *user);

enum eio_cors_list {
	/* Methods a page may use; if none are set, those of the official
	 * server: GET,HEAD,PUT,PATCH,POST,DELETE. JS: cors.methods */
	ENGINEIO_CORS_METHODS,
	/* Headers it may send; if none are set, all that it wants to.
	 * JS: cors.allowedHeaders */
	ENGINEIO_CORS_ALLOWED_HEADERS,
	/* Headers of the answer it may read. JS: cors.exposedHeaders */
	ENGINEIO_CORS_EXPOSED_HEADERS,
	ENGINEIO_CORS_LISTS /* how many there are */
};

/* "GET,POST": names with commas between them, sent as they are. NULL:
 * none are set. It does not allow any origin by itself. */
ENGINEIO_API int eio_server_set_cors_list(eio_server *srv,
	enum eio_cors_list which, const char *names);

/*
 * Gives each client a cookie with the session's id, for balancers that keep
 * sessions on one server; the server does not read it. Only the answer to
 * the handshake has it. attributes as in Set-Cookie: Path, Domain, Max-Age,
 * Expires, HttpOnly, Secure, SameSite, Partitioned, Priority; NULL: "Path=/;
 * HttpOnly; SameSite=Lax". name NULL: no cookie, as at first.
 * ENGINEIO_ERR_INVALID for names, attributes or values that are not those of
 * a cookie (RFC 6265). JS: cookie, whose default name is "io"
 */
ENGINEIO_API int eio_server_set_cookie(eio_server *srv, const char *name,
	const char *attributes);

/*
 * Called for each request that has passed the checks, before a session sees
 * it: polls and posts, which are answered with 200 then or, when the body is
 * broken, with an error; and upgrades to WebSocket (101). `first`: it has no
 * session yet. eio_request_set_header() (http.h) gives the answer headers, in
 * place of those that the server would give it: Cache-Control and others.
 * JS: "initial_headers" and "headers"
 */
typedef void (*eio_headers_cb)(eio_request *req, bool first, void *user);
ENGINEIO_API void eio_server_on_headers(eio_server *srv, eio_headers_cb fn,
	void *user);

/* Any time; timers that run keep their value. ENGINEIO_ERR_INVALID for a
 * value that makes no sense (negative, or 0 where a time or size is
 * needed). */
ENGINEIO_API int eio_server_set_option(eio_server *srv, enum eio_option option,
	long value);
ENGINEIO_API long eio_server_option(const eio_server *srv,
	enum eio_option option);
/* Lines of this level and more important ones go to cb. */
ENGINEIO_API void eio_server_set_log(eio_server *srv, enum eio_log_level level,
	eio_log_cb cb, void *user);
/* Writes a line to the server's log, as printf. For layers on top. */
ENGINEIO_API void eio_server_log(eio_server *srv, enum eio_log_level level,
	const char *fmt, ...)
#if defined(__GNUC__)
	__attribute__((format(printf, 3, 4)))
#endif
	;
/* False when a line of that level would be dropped. */
ENGINEIO_API bool eio_server_logs(const eio_server *srv,
	enum eio_log_level level);

/* A counter's value; 0 for what is no counter. */
ENGINEIO_API uint64_t eio_server_counter(const eio_server *srv,
	enum eio_counter counter);
/* Its name as in the table, "MAX_TARGET"; "" for what is no counter. Static
 * text. */
ENGINEIO_API const char *eio_counter_name(enum eio_counter counter);

/*
 * Accepts connections on host:port: over TLS if eio_server_set_tls() was
 * called, plain otherwise. Host NULL: every address, IPv4 and IPv6. Port 0:
 * the system chooses one. Host "unix:/path": a unix socket; a dead one that
 * was left there is replaced, one that is alive is not, and the file goes
 * when the server stops listening. "unix:@name": one without a file (Linux).
 * "fd:3": a descriptor that listens already, as systemd hands them over; it
 * becomes the server's. May be called several times. ENGINEIO_ERR_ADDRESS:
 * the reason is in eio_server_error(). JS: server.listen()
 */
ENGINEIO_API int eio_server_listen(eio_server *srv, const char *host, int port);

/* What a listener speaks: a mask. */
enum eio_listen {
	ENGINEIO_LISTEN_PLAIN = 0,     /* HTTP, on IPv4 as well as on IPv6 */
	ENGINEIO_LISTEN_TLS = 1,       /* TLS below it */
	ENGINEIO_LISTEN_PROXY = 2,     /* the PROXY protocol's header first */
	ENGINEIO_LISTEN_IPV6_ONLY = 4, /* no IPv4 on the address "::" */
	/* Each client gets what it begins with, TLS or HTTP: the first byte
	 * tells. eio_request_is_secure() says which it was. */
	ENGINEIO_LISTEN_TLS_AND_PLAIN = 8,
	ENGINEIO_LISTEN_FLAGS = 15, /* all of them */
};

/*
 * The same with a mask of the above, so that one server may have plain and
 * TLS listeners at once.
 * ENGINEIO_ERR_STATE: TLS without a certificate, or the PROXY protocol
 * without a proxy that is trusted. With the PROXY protocol, version 1 or 2,
 * connections of others than trusted proxies, and those that begin otherwise,
 * are closed; the client's address is then the one the proxy says.
 */
ENGINEIO_API int eio_server_listen_with(eio_server *srv, const char *host,
	int port, unsigned flags);
/* The port of the first listener; 0 without one. */
ENGINEIO_API int eio_server_port(const eio_server *srv);
/* What failed last, in words ("port 8080 is in use"); "" if nothing. Valid
 * until the next failure. */
ENGINEIO_API const char *eio_server_error(const eio_server *srv);
/*
 * The server's certificate and private key, two PEM files: the certificate
 * first, then those that lead from it to one that clients know; a key
 * without a pass phrase. Loaded at once; ENGINEIO_ERR_TLS: eio_server_error()
 * says which file is bad and why, and nothing has changed. That a certificate
 * has expired is a line in the log. Called again with a key of another kind,
 * both are used, with ECDSA preferred (a handshake with it costs half of one
 * with RSA); with one of the same kind it takes the other's place for new
 * connections. TLS 1.2 and 1.3; sessions are resumed by tickets; ALPN offers
 * http/1.1. JS: https.createServer({ cert, key })
 */
ENGINEIO_API int eio_server_set_tls(eio_server *srv, const char *cert_file,
	const char *key_file);
/*
 * Asks clients for certificates signed by one of those in the PEM file; after
 * eio_server_set_tls(). Required: a client without a good one is refused.
 * Otherwise every client may connect, and the program has to look at
 * ENGINEIO_CERTIFICATE_ERROR. NULL: they are not asked any more. For new
 * connections. JS: { ca, requestCert: true, rejectUnauthorized: required }
 */
ENGINEIO_API int eio_server_set_client_ca(eio_server *srv, const char *ca_file,
	bool required);
/*
 * Reads all those files again, for new connections; nobody is dropped. If
 * anything is wrong (ENGINEIO_ERR_TLS) what is in use stays, and the reason
 * is in eio_server_error() and in the log. Not from a signal handler.
 * JS: server.setSecureContext()
 */
ENGINEIO_API int eio_server_reload_tls(eio_server *srv);
/* When the first of the server's certificates expires, in seconds since
 * 1970; 0 without TLS. */
ENGINEIO_API int64_t eio_server_tls_expires(const eio_server *srv);

/*
 * Believes proxies with these addresses ("10.0.0.0/8", "::1"; "unix:" is
 * whoever comes over a unix socket) what they say about their clients:
 * X-Forwarded-For gives a request's address, the last one in it that is not
 * a trusted proxy's itself; X-Forwarded-Proto whether it is secure; and
 * listeners with the PROXY protocol take connections from them. May be called
 * several times. Nobody is trusted at the beginning. ENGINEIO_ERR_INVALID:
 * that is no range of addresses. JS: app.set("trust proxy") of Express
 */
ENGINEIO_API int eio_server_trust_proxy(eio_server *srv, const char *range);

/* What a client's certificate says. */
enum eio_certificate {
	ENGINEIO_CERTIFICATE_SUBJECT,     /* "CN=anna,O=Example" (RFC 2253) */
	ENGINEIO_CERTIFICATE_ISSUER,      /* the same of who signed it */
	ENGINEIO_CERTIFICATE_SERIAL,      /* its number, in hex */
	ENGINEIO_CERTIFICATE_FINGERPRINT, /* SHA-256, "AB:01:..." */
	ENGINEIO_CERTIFICATE_ALT_NAMES,   /* "DNS:a.example, email:b@c" */
	ENGINEIO_CERTIFICATE_PEM,         /* all of it */
	ENGINEIO_CERTIFICATE_ERROR,       /* why it is not to be trusted; "":
					     it is good */
	ENGINEIO_CERTIFICATE_FIELDS       /* how many there are */
};

/* Lets the guest's path be served by the host's listeners too; before any
 * session exists. The guest must be freed before the host. What is listened
 * to or routed through the guest afterwards is the host's; if there is
 * something already: ENGINEIO_ERR_STATE. */
ENGINEIO_API int eio_server_attach(eio_server *guest, eio_server *host);
ENGINEIO_API eio_loop *eio_server_loop(const eio_server *srv);
/* Sessions that are open, and connections of any kind.
 * JS: engine.clientsCount */
ENGINEIO_API size_t eio_server_sessions(const eio_server *srv);
ENGINEIO_API size_t eio_server_connections(const eio_server *srv);

/* A session was opened; the client has, or will get, its open packet. */
typedef void (*eio_open_cb)(eio_socket *s, void *user);
/* A message came. The bytes may be changed; text is valid UTF-8, and
 * data[len] is not there. */
typedef void (*eio_message_cb)(eio_socket *s, char *data, size_t len,
	bool binary, void *user);
/* What was queued has been handed to the network. */
typedef void (*eio_drain_cb)(eio_socket *s, void *user);
/* The session is full, or is not any more: see QUEUE_HIGH and QUEUE_LOW. Also
 * full is one for which a message was refused (QUEUE_POLICY). Told in turn,
 * beginning with true. */
typedef void (*eio_full_cb)(eio_socket *s, bool full, void *user);
/* The session ended, told exactly once; `detail` says more (never NULL).
 * It is freed afterwards unless you hold a reference. */
typedef void (*eio_close_cb)(eio_socket *s, enum eio_reason reason,
	const char *detail, void *user);

ENGINEIO_API void eio_server_on_open(eio_server *srv, eio_open_cb fn,
	void *user);
ENGINEIO_API void eio_server_on_message(eio_server *srv, eio_message_cb fn,
	void *user);
ENGINEIO_API void eio_server_on_drain(eio_server *srv, eio_drain_cb fn,
	void *user);
/* Only with such a function sessions are looked at. */
ENGINEIO_API void eio_server_on_full(eio_server *srv, eio_full_cb fn,
	void *user);
ENGINEIO_API void eio_server_on_close(eio_server *srv, eio_close_cb fn,
	void *user);

typedef void (*eio_session_cb)(eio_socket *s, void *user);
/* Packets that were handed to the network in one go, and the bytes they
 * took, frames or separators included. */
typedef void (*eio_flush_cb)(eio_socket *s, size_t packets, size_t bytes,
	void *user);
/* A packet that came, '0' to '6', and the bytes of its data. */
typedef void (*eio_packet_cb)(eio_socket *s, char type, size_t len, void *user);

/* For those who want to watch; they cost nothing while not set. The client
 * is alive: its pong came (revision 3: its ping). JS: "heartbeat" */
ENGINEIO_API void eio_server_on_heartbeat(eio_server *srv, eio_session_cb fn,
	void *user);
/* A WebSocket of the client's was probed; polling goes on. JS: "upgrading" */
ENGINEIO_API void eio_server_on_upgrading(eio_server *srv, eio_session_cb fn,
	void *user);
/* The transport is another one from now on. JS: "upgrade" */
ENGINEIO_API void eio_server_on_upgrade(eio_server *srv, eio_session_cb fn,
	void *user);
/* Before eio_server_on_drain(), if that follows. JS: "flush" */
ENGINEIO_API void eio_server_on_flush(eio_server *srv, eio_flush_cb fn,
	void *user);
/* Every packet of a client, before it has an effect. JS: "packet" */
ENGINEIO_API void eio_server_on_packet(eio_server *srv, eio_packet_cb fn,
	void *user);

/* JS: io.engine.on("connection_error", fn) */
ENGINEIO_API void eio_server_on_connection_error(eio_server *srv,
	eio_connection_error_cb fn, void *user);
/*
 * Asks fn about every request for a new session (one without a sid, polling
 * or WebSocket) behind the checks of the protocol. PASS lets it in, REFUSE
 * answers 403 (a WebSocket: 400, before there is one) with code 4 and the
 * message given to eio_request_decide(), "Forbidden" without one; TAKEN and
 * LATER see eio_server_on_http(). NULL: everybody may. JS: allowRequest
 */
ENGINEIO_API void eio_server_on_request(eio_server *srv, eio_request_cb fn,
	void *user);
/*
 * Asks fn about every request that comes to the server's port, before
 * anything else looks at it, when its head has come; hooks are asked in the
 * order of registration. fn may give the answer headers
 * (eio_request_set_header(), also for the 101 of a WebSocket; a WebSocket
 * that is refused is told none) and says:
 * PASS: on to the next. TAKEN: fn has answered, or will: it keeps a
 * reference then. REFUSE: on the engine's path 400 with code 3, and the text
 * of eio_request_decide() goes to eio_server_on_connection_error(); elsewhere
 * 403 with that text as its body, "forbidden" without one. LATER: fn keeps a
 * reference and calls eio_request_decide() once; what else comes on the
 * connection waits until then. A server that was attached to another is asked
 * about its own path only. JS: io.engine.use()
 */
ENGINEIO_API int eio_server_on_http(eio_server *srv, eio_request_cb fn,
	void *user);

/*
 * Asks fn for the id of each new session: the text given to
 * eio_request_decide(), 1 to 64 letters, digits, '-' and '_', which no open
 * session has. Who knows it can speak for the client, so it must not be
 * guessed; balancers and adapters may count on the 20 characters that the
 * server's own ids have. PASS without a text: the server makes one. REFUSE,
 * or a text that is no such id: 400, code 3, context ID_GENERATION_ERROR.
 * NULL: the server makes all of them. JS: engine.generateId
 */
ENGINEIO_API void eio_server_on_id(eio_server *srv, eio_request_cb fn,
	void *user);
/* A message that every new session is sent right behind its open packet; the
 * server keeps a reference. NULL: none. JS: initialPacket */
ENGINEIO_API int eio_server_set_initial_packet(eio_server *srv, eio_buf *buf);
/* The session with this id; NULL without one. JS: engine.clients[id] */
ENGINEIO_API eio_socket *eio_server_find(const eio_server *srv, const char *id);
/* The session behind s, the first for NULL; NULL behind the last. Sessions
 * may be closed during the walk. JS: engine.clients */
ENGINEIO_API eio_socket *eio_server_next(const eio_server *srv,
	const eio_socket *s);

/* -- sessions ----------------------------------------------------------- */

/* The session id: a secret of the client's. 20 characters, unless
 * eio_server_on_id() made another one. */
ENGINEIO_API const char *eio_socket_id(const eio_socket *s);
ENGINEIO_API eio_server *eio_socket_server(const eio_socket *s);
/* The revision of the protocol the session speaks: 4, or 3 (ALLOW_EIO3). */
ENGINEIO_API int eio_socket_protocol(const eio_socket *s);
/* "polling" or "websocket": the transport in use now. */
ENGINEIO_API const char *eio_socket_transport(const eio_socket *s);
/* Whether a WebSocket of the client's is about to become the transport.
 * JS: socket.conn.upgrading */
ENGINEIO_API bool eio_socket_is_upgrading(const eio_socket *s);
/* False from the moment the session is closing. */
ENGINEIO_API bool eio_socket_is_open(const eio_socket *s);
/* Whether a message given now would leave in this turn: nothing waits, and
 * the transport has room (polling: a poll is waiting). What "volatile"
 * asks. */
ENGINEIO_API bool eio_socket_is_writable(const eio_socket *s);
/* Bytes that wait in the session's queue, overhead included. */
ENGINEIO_API size_t eio_socket_queued(const eio_socket *s);
/* What eio_server_on_full() told last. */
ENGINEIO_API bool eio_socket_is_full(const eio_socket *s);
/* How many messages were refused because of QUEUE_POLICY; several that must
 * stay together are one. */
ENGINEIO_API uint64_t eio_socket_refused(const eio_socket *s);
/*
 * Queues a message behind all others; it leaves at the end of the turn.
 * The buffer is shared, not taken: your reference stays yours.
 * ENGINEIO_ERR_CLOSED: the session is not open. ENGINEIO_ERR_FULL: a limit
 * of the queue would be exceeded; nothing was queued and, unless QUEUE_POLICY
 * says otherwise, the session is closed with the reason QUEUE_FULL.
 * ENGINEIO_ERR_NOMEM: the session is closed, so that no message is missing
 * between two others.
 */
ENGINEIO_API int eio_socket_send(eio_socket *s, eio_buf *buf);
/* The same for several that must stay together: all or none. */
ENGINEIO_API int eio_socket_send_all(eio_socket *s, eio_buf *const *bufs,
	size_t n);
/*
 * Ends the session with the reason FORCED_CLOSE: what is queued leaves
 * first; over polling the next poll is waited for (CLOSE_TIMEOUT).
 * Idempotent.
 */
ENGINEIO_API void eio_socket_close(eio_socket *s);
/* The same at once: the queue is thrown away. */
ENGINEIO_API void eio_socket_abort(eio_socket *s, enum eio_reason reason,
	const char *detail);
/* Yours; not touched by the library. */
ENGINEIO_API void *eio_socket_data(const eio_socket *s);
ENGINEIO_API void eio_socket_set_data(eio_socket *s, void *data);
/* Keeps the object beyond its end; a session that is gone answers
 * ENGINEIO_ERR_CLOSED. */
ENGINEIO_API eio_socket *eio_socket_ref(eio_socket *s);
ENGINEIO_API void eio_socket_unref(eio_socket *s);

/* The first request of the session with all its headers, until
 * eio_socket_drop_request(); NULL afterwards. Lent. */
ENGINEIO_API eio_request *eio_socket_request(const eio_socket *s);
/* Gives back the memory of the first request; target, address and what is
 * below stay. */
ENGINEIO_API void eio_socket_drop_request(eio_socket *s);
/* The raw target of the first request, with its query. */
ENGINEIO_API const char *eio_socket_target(const eio_socket *s);
/* The client's address as text, "" over a unix socket; behind trusted proxies
 * what they say (eio_server_trust_proxy()). */
ENGINEIO_API const char *eio_socket_address(const eio_socket *s);
/* Whether the first request came over TLS, to us or to a trusted proxy. */
ENGINEIO_API bool eio_socket_is_secure(const eio_socket *s);
/* What the certificate says that the client showed with its first request;
 * NULL: it showed none, or has no such field. See eio_server_set_client_ca().
 * JS: socket.request.socket.getPeerCertificate(), .authorizationError */
ENGINEIO_API const char *eio_socket_peer_certificate(const eio_socket *s,
	enum eio_certificate field);
/* Milliseconds since 1970 of the handshake. */
ENGINEIO_API int64_t eio_socket_issued(const eio_socket *s);

/* Fills p with n unpredictable bytes from the loop's network; for ids of
 * layers on top. 0 or ENGINEIO_ERR_STATE. */
ENGINEIO_API int eio_loop_random(eio_loop *loop, void *p, size_t n);
/* Milliseconds since 1970. */
ENGINEIO_API int64_t eio_loop_wall(eio_loop *loop);

#ifdef __cplusplus
}
#endif

#endif
