/* SPDX-License-Identifier: MIT */
/*
 * engine.h: structs and functions that the engine's files share.
 *
 * server.c knows the sessions, hook.c, handshake.c and gate.c admit them,
 * refusal.c answers who is not admitted, session.c is their life,
 * session_queue.c what they have to send, heartbeat.c their pulse, protocol.c
 * what depends on the revision they speak; polling.c and websocket.c carry
 * packets, upgrade.c changes from one to the other.
 */
#ifndef ENGINEIO_ENGINE_H
#define ENGINEIO_ENGINE_H

#include <engineio/base/map.h>
#include <engineio/buf.h>
#include <engineio/cors.h>
#include <engineio/engineio.h>
#include <engineio/http/request.h>
#include <engineio/http/ws.h>
#include <engineio/packet.h>
#include <engineio/protocol.h>
#include <engineio/sid.h>

struct eio__peer;
struct eio__transport;
struct eio__upgrade;
struct eio__pressure;

/* A way packets travel. Nothing above knows how many there are. */
struct eio__transport_ops {
	const char *name;
	/* Whether what is queued now leaves at the end of this turn. */
	bool (*is_writable)(const struct eio__transport *t);
	/* Phase FLUSH: lets the session's queue leave, if it can. */
	void (*flush)(struct eio__transport *t);
	/* The queue is empty and the session is closing: tells the client,
	 * at once or with its next request; then eio__session_end(). */
	void (*finish)(struct eio__transport *t);
	/* The session has ended: answers what waits with this packet (NULL:
	 * with nothing) and frees the transport. */
	void (*discard)(struct eio__transport *t, const eio_buf *last);
};

/* What each begins with. */
struct eio__transport {
	const struct eio__transport_ops *ops;
};

/* See websocket.c. */
struct eio__websocket {
	struct eio__transport base;
	struct eio__ws *ws;   /* NULL once it has closed */
	const void *below[2]; /* what it writes to, only ever fetched */
};

/*
 * open --eio_socket_close()--> closing --queue empty, client told--> closed
 *    \-------- gone, late pong, bad packet, abort ------------------/
 */
enum eio__session_state {
	EIO__OPEN,
	EIO__CLOSING,
	EIO__CLOSED,
};

/* What each message touches comes first, so that it is two or three lines of
 * the cache and not five. */
struct eio_socket {
	unsigned refs;
	unsigned char state, reason;
	bool base64 : 1;   /* the transport is to carry text only */
	bool awaiting : 1; /* the timer is for what the client owes, else ours */
	bool extended : 1; /* this wait was restarted by a packet */
	bool is_secure : 1;
	bool announced : 1; /* the application has heard of it */
	eio_server *srv;
	struct eio__transport *transport; /* NULL once closed */
	union {
		/* That is what it is, or will be. */
		struct eio__websocket websocket;
		/* Once closed: why; NULL: nothing more to say. */
		char *detail;
	};
	struct eio__queue queue;
	struct eio__task task; /* FLUSH while open, WORK when closed */
	void *data;
	const struct eio__protocol *protocol;
	struct eio__pressure *pressure; /* NULL: it never was full */

	struct eio__timer timer;      /* heartbeat; while closing, its limit */
	uint64_t awaited_at;          /* when that wait began */
	struct eio__list link;        /* in srv->all */
	struct eio__peer *peer;       /* where it is counted, or NULL */
	struct eio__upgrade *upgrade; /* the candidate, or NULL */
	int64_t issued;
	eio_request *request;                 /* the first one, or NULL */
	struct eio__certificate *certificate; /* the client's, or NULL */
	char id[]; /* then the client's address, and the first target */
};

struct eio_server {
	eio_loop *loop;
	struct eio__http *http; /* our own or the host's */
	struct eio__http own;
	struct eio__handler handler; /* in http->handlers */
	char *path;                  /* with a '/' at its end */
	char *name;                  /* the same without */
	struct eio__cors cors;
	char *cookie_name; /* NULL: no cookie */
	struct eio__strbuf cookie_tail;
	long options[ENGINEIO_OPTIONS];
	struct eio__map sessions; /* by id, those that are not closed */
	struct eio__list all;     /* also those whose end is still untold */
	uint32_t counter;         /* of session ids */
	eio_buf *ping, *pong, *noop, *bye, *probe;
	struct eio__deflater *deflater; /* NULL: was never wanted */
	eio_open_cb on_open;
	void *open_user;
	eio_message_cb on_message;
	void *message_user;
	eio_drain_cb on_drain;
	void *drain_user;
	eio_full_cb on_full;
	void *full_user;
	eio_close_cb on_close;
	void *close_user;
	eio_session_cb on_heartbeat, on_upgrading, on_upgrade;
	void *heartbeat_user, *upgrading_user, *upgrade_user;
	eio_flush_cb on_flush;
	void *flush_user;
	eio_packet_cb on_packet;
	void *packet_user;
	eio_request_cb on_id;
	void *id_user;
	eio_buf *initial;      /* follows each open packet, or NULL */
	struct eio__map peers; /* see peers.c */
	uint64_t rate_until;   /* see gate.c */
	eio_request_cb on_request;
	void *request_user;
	eio_connection_error_cb on_connection_error;
	void *connection_error_user;
	struct eio__list hooks;    /* see hook.c */
	struct eio__list asked;    /* requests that a hook decides on, */
	struct eio__list entering; /* and those that gate.c asks about */
	eio_headers_cb on_headers;
	void *headers_user;
	eio_log_cb log;
	void *log_user;
	enum eio_log_level log_level;
	void (*done)(void *user); /* of eio_server_close() */
	void *done_user;
	struct eio__timer deadline;
	struct eio__task done_task;
	bool closing;
};

/* -- hook.c -------------------------------------------------------------- */

/* They are asked about what comes to this HTTP server from now on. */
void eio__hooks_move(eio_server *srv, struct eio__http *http);
void eio__hooks_clear(eio_server *srv);

/* -- handshake.c --------------------------------------------------------- */

/* A request for the engine's path: checks it and hands it to its session,
 * or opens one. */
enum eio__step eio__handshake_request(eio_server *srv, eio_request *req);
/* Whether a new session of that revision may be; if not, the request is
 * refused. */
bool eio__handshake_version_ok(eio_server *srv, eio_request *req);
/* The server lacks memory or randomness: 500. */
void eio__handshake_fail(eio_server *srv, eio_request *req);
/* Whether the request asks for base64 in place of bytes. */
bool eio__wants_base64(eio_request *req);

/* -- gate.c -------------------------------------------------------------- */

/* A request for a new session that passed all checks. */
enum eio__step eio__gate_enter(eio_server *srv, eio_request *req);

/* -- refusal.c ----------------------------------------------------------- */

/* Answers the request with the error, and tells the application; a message
 * that is missing is filled in. */
void eio__refuse(eio_server *srv, eio_request *req,
	struct eio_connection_error *error);

/* -- session.c ----------------------------------------------------------- */

/* Its id, for srv->sessions. */
const char *eio__session_key(const void *session);
/* A session that is open, without a transport yet. id: valid and unused;
 * NULL: one is made. NULL: no memory, or no randomness for its id. */
eio_socket *eio__session_new(eio_server *srv, eio_request *req, const char *id);
/* The handshake is done: queues the open packet (Engine.IO protocol,
 * Handshake) and tells the application. */
void eio__session_open(eio_socket *s, struct eio__transport *t,
	const char *upgrades);
/* Undoes eio__session_new() for a session nobody has heard of. */
void eio__session_drop(eio_socket *s);
/* A packet came from the client. */
void eio__session_packet(eio_socket *s, struct eio__packet *packet);
/* Ends it now: takes it out of the table, discards the transport and has
 * on_close called. detail: a static text or NULL. Idempotent. */
void eio__session_end(eio_socket *s, enum eio_reason reason,
	const char *detail);
/* The same, where a poll that waits gets this last packet. */
void eio__session_end_with(eio_socket *s, enum eio_reason reason,
	const char *detail, const eio_buf *last);
/* An orderly end for this reason: what is queued leaves first, and the
 * client is told. Idempotent. */
void eio__session_close(eio_socket *s, enum eio_reason reason);
/* The last step of that: the client has been told. */
void eio__session_finish(eio_socket *s);
/* Calls on_close for a closed session and lets go of it. */
void eio__session_tell_end(eio_socket *s);
/* Counts, and says so in the log, unless it has said it too often. */
void eio__session_count(eio_socket *s, enum eio_counter counter,
	enum eio_log_level level, const char *what);
static inline long eio__session_option(const eio_socket *s,
	enum eio_option option)
{
	return s->srv->options[option];
}

/* -- session_queue.c ----------------------------------------------------- */

/* Queues a packet of our own, without looking at the limits. */
void eio__session_push(eio_socket *s, eio_buf *buf);
/* Queues a message, in the form that its transport can carry; the limits have
 * been looked at. */
void eio__session_push_message(eio_socket *s, eio_buf *buf);
/* Whether its transport is to carry text only (b64=1): then binary messages
 * leave as base64 from now on, those that wait as well. */
void eio__session_set_base64(eio_socket *s, bool base64);
/* The queue has left. */
void eio__session_drained(eio_socket *s);
/* Lets the queue leave, as far as it can, before the turn ends. */
void eio__session_flush_now(eio_socket *s);
/* Lets the queue leave at the end of the turn. */
void eio__session_dirty(eio_socket *s);

/* -- peers.c ------------------------------------------------------------- */

/* For srv->peers. */
const char *eio__peer_key(const void *peer);
/* False when this address may have no more sessions. */
bool eio__peer_may_enter(const eio_server *srv, const char *address);
/* Counts the session there. 0 or ENGINEIO_ERR_NOMEM. */
int eio__peer_enter(eio_socket *s, const char *address);
void eio__peer_leave(eio_socket *s);

/* -- events.c ------------------------------------------------------------ */

void eio__tell_heartbeat(eio_socket *s);
void eio__tell_upgrading(eio_socket *s);
void eio__tell_upgrade(eio_socket *s);
void eio__tell_flush(eio_socket *s, size_t packets, size_t bytes);
/* Only if there is somebody to tell. False: the session has ended. */
bool eio__tell_packet(eio_socket *s, const struct eio__packet *packet);

/* -- heartbeat.c --------------------------------------------------------- */

/* For both revisions: the client has its patience's time from now on; it
 * sent what the revision does not let it send. */
void eio__heartbeat_await(eio_socket *s);
void eio__heartbeat_wrong(eio_socket *s);
/* Bytes of an unfinished message came. */
void eio__heartbeat_bytes(eio_socket *s);
/* The transport changed: a pong that was on its way may be lost. */
void eio__heartbeat_upgraded(eio_socket *s);
/* The session's timer ran out. */
void eio__heartbeat_timeout(eio_socket *s);

/* See struct eio__protocol. */
void eio__heartbeat_start(eio_socket *s);
void eio__heartbeat_pong(eio_socket *s);
void eio__heartbeat_packet(eio_socket *s);
uint64_t eio__heartbeat_patience(const eio_socket *s);
void eio__heartbeat_v3_start(eio_socket *s);
void eio__heartbeat_v3_ping(eio_socket *s);
void eio__heartbeat_v3_packet(eio_socket *s);
uint64_t eio__heartbeat_v3_patience(const eio_socket *s);

/* -- pressure.c ---------------------------------------------------------- */

/* The queue has grown. */
void eio__pressure_rises(eio_socket *s);
/* A message was refused, or several that belong together. */
void eio__pressure_refused(eio_socket *s);
/* The queue has become shorter. */
void eio__pressure_falls(eio_socket *s);
/* The session is closed: nothing more is told. */
void eio__pressure_end(eio_socket *s);

/* -- compression.c ------------------------------------------------------- */

/* Whether an option about compression may have this value; true for
 * others. */
bool eio__compression_option_ok(enum eio_option option, long value);
/* Sets the option, and tells http/deflate.c. 0 or ENGINEIO_ERR_NOMEM. */
int eio__compression_configure(eio_server *srv, enum eio_option option,
	long value);

/* -- the transports ------------------------------------------------------ */

struct eio__transport *eio__polling_new(eio_socket *s);
/* Answers are calls of a script from now on (JSONP), with the index the
 * client gave it. 0 or ENGINEIO_ERR_NOMEM. */
int eio__polling_use_jsonp(struct eio__transport *t, const char *index);
/* A request with the session's id and transport=polling. */
void eio__polling_request(struct eio__transport *t, eio_request *req);
/* Answers the waiting poll with a noop, if nothing else would. */
void eio__polling_noop(struct eio__transport *t);
bool eio__is_polling(const struct eio__transport *t);
/* polling_payload.c: compresses a payload for the answer to this request, which
 * gets the coding's header; false: it stays as it is. */
bool eio__polling_compress(const eio_socket *s, eio_request *req,
	const struct eio__strbuf *body, struct eio__strbuf *out);
/* Whether what waits may be worth sharing: one packet, and not a short one. Then
 * whether it is, and the payload that it is for this request, compressed or not:
 * a reference; NULL: out of memory. */
bool eio__polling_may_share(const struct eio__queue *q);
bool eio__polling_share(const eio_socket *s, eio_request *req, bool octets,
	eio_buf **payload);

/* Whether a POST's body is one of octets. Exactly that type, as in the
 * official server: with a parameter behind it, it is text. */
bool eio__post_has_octets(const eio_request *req);
/* Handles the packets of a POST's body, which is changed on the way. 0,
 * ENGINEIO_ERR_INVALID at the first that is none, or ENGINEIO_ERR_NOMEM. The
 * session may have ended when this returns. */
int eio__post_read(eio_socket *s, const eio_request *req, bool jsonp,
	char *data, size_t len);

/* On a WebSocket that is already there, or on none yet (NULL). Its place is
 * in the session, which never has a second one. */
struct eio__transport *eio__websocket_init(eio_socket *s, struct eio__ws *ws);
/* Accepts the request as the transport's WebSocket; false: it was
 * refused. */
/* The session's data has changed: see eio__net_ahead(). */
void eio__websocket_ahead(eio_socket *s);
bool eio__websocket_accept(struct eio__transport *t, eio_request *req);

/* -- upgrade.c ----------------------------------------------------------- */

/* A WebSocket wants to become the session's transport. */
void eio__upgrade_request(eio_socket *s, eio_request *req);
/* Whether there is a candidate whose probe was answered: the client may
 * have stopped polling, and will say "5" next. */
bool eio__upgrade_is_probed(const eio_socket *s);
/* Gives the candidate up, if there is one. */
void eio__upgrade_abort(eio_socket *s, const char *why);

/* -- headers.c, cookie.c ------------------------------------------------- */

/* Asks the application for headers; false: the request has been answered
 * otherwise, or its client has gone. Then, and for all that depends on the
 * server's state, nothing is as it was before. */
bool eio__headers_ask(eio_server *srv, eio_request *req, bool first);
/* The answer to this request gets the session's cookie, if there is one. */
void eio__cookie_give(const eio_socket *s, eio_request *req);
void eio__cookie_clear(eio_server *srv);

/* -- options.c ----------------------------------------------------------- */

/* All of them have their defaults. */
void eio__options_init(eio_server *srv);
/* Hands the HTTP server below its limits. */
void eio__options_apply(eio_server *srv);

/* -- server.c ------------------------------------------------------------ */

/* Whether the request is for the engine's path. */
bool eio__server_is_for(const eio_server *srv, const eio_request *req);
/* A session has been told of its end: maybe the server's end is near. */
void eio__server_check_done(eio_server *srv);

#endif
