/* SPDX-License-Identifier: MIT */
/*
 * io.h: structs and functions that the .c files of this layer share.
 *
 * server.c has the settings and joins the engine to client.c; client.c is
 * one connection and hands its packets to the socket of each namespace,
 * client_extra.c has what few connections need;
 * admission.c decides who may enter a namespace, nsp.c is the namespace,
 * socket.c one client in it, socket_rooms.c where that one is in it;
 * protocol.c knows what the revisions of the protocol do differently;
 * listeners.c has what programs register with both,
 * event_middleware.c and outgoing.c carry some of it out, next.c asks;
 * event.c is what a handler sees; message.c makes what is sent; target.c says
 * to whom, the adapter brings it there: adapter.c and adapter_local.c.
 * inquiry.c counts who of many has answered; answers.c, remote.c and
 * server_event.c are what many are asked. recovery.c keeps what a client may
 * miss, room_events.c tells of rooms.
 */
#ifndef SOCKETIO_IO_H
#define SOCKETIO_IO_H

#include <engineio/base/list.h>
#include <engineio/base/map.h>
#include <engineio/base/strbuf.h>
#include <engineio/base/tally.h>
#include <engineio/engineio.h>
#include <engineio/http.h>
#include <socketio/ack.h>
#include <socketio/decoder.h>
#include <socketio/handlers.h>
#include <socketio/rooms.h>
#include <socketio/socketio.h>

/* 15 random bytes in 20 characters. */
#define SIO__SID_LEN 20
/* The longest an application may give a session of the engine. */
#define SIO__CONN_ID_MAX 64

struct sio__client;
struct sio__admission;
struct sio__goodbye;
struct sio_adapter;
struct sio_event_data;
struct sio_selection;
struct sio__mark;
struct sio__recovery;
struct sio__recoverable;
struct sio__room_watch;
struct sio__stray;
struct sio__vettings;
struct sio__record;
struct sio__parent;
struct sio__end;

/* Functions that are asked or told, in order. */
struct sio__use {
	union {
		sio_use_cb connection;
		sio_use_event_cb event;
		sio_on_namespace_cb namespace;
	} fn;
	void *user;
};

struct sio__uses {
	struct sio__use *v;
	unsigned n;
};

/* -- server.c -------------------------------------------------------------- */

/* Something to be done from the loop, before the turn's output leaves. */
struct sio__task {
	struct eio__list link; /* in srv->tasks, while it is to be done */
	void (*run)(struct sio__task *task);
};

struct sio_server {
	eio_loop *loop;
	eio_server *engine;
	struct eio__map nsps;       /* by name */
	struct eio__list clients;   /* every connection */
	struct eio__list due;       /* sockets with something to be told */
	struct eio__list tasks;     /* what else is to be done from the loop */
	struct eio__list inquiries; /* questions to many, not ended */
	struct eio__list sent;      /* events that listeners are told of */
	struct eio__list parents;   /* of dynamic namespaces, in order */
	struct eio__list empty;     /* children that may go, the oldest first */
	struct sio__stray *stray;   /* nexts whose asker is gone */
	struct eio__strbuf out;     /* the packet being written */
	struct eio__strbuf mounts;  /* folders to look at, each with its NUL */
	const struct sio_adapter *adapter;
	struct sio__recovery *recovery; /* NULL: off */
	void *adapter_shared;           /* what its start() made */
	sio_event *spare;               /* one event is kept for the next */
	json_t *spare_args;             /* and an empty array for its args */
	struct sio__goodbye *goodbye;   /* under way; or NULL */
	struct sio__limits limits, old_limits; /* old: of protocol 4 */
	const sio_parser *parser;              /* NULL: the default one */
	long options[SIO_OPTION_END - SIO_OPTION_FIRST];
	struct eio__tally tallies[SIO_COUNTER_END - SIO_COUNTER_FIRST];
	uint64_t seed;
	char **keep; /* names of headers */
	size_t keep_n;
	char *client_dir;        /* NULL: where it was installed */
	char client_version[40]; /* of the bundles; "": not looked for */
	void *data;
	void (*done)(void *user); /* of sio_server_close() */
	void *done_user;
	sio_backpressure_cb on_backpressure; /* NULL: nobody asked */
	void *backpressure_user;
	struct sio__end *ends; /* signals that end it */
	unsigned busy;         /* callbacks under way */
	int error;             /* the first of the calls that set up */
	char error_text[200];
	bool own_loop, listening, running, closing;
	bool listen_failed; /* the error is that of sio_server_listen() */
	bool has_run; /* what fails from now on is the program's business */
	bool ended;   /* sio_server_free() has been called */
	bool in_loop; /* from inside a callback */
	bool telling_sent;
	struct sio__uses on_namespace;
	unsigned long parents_made;
	size_t children; /* dynamic namespaces */
};

/* Around everything that may run callbacks. After the second, the server
 * may be gone. */
void sio__server_enter(sio_server *srv);
void sio__server_leave(sio_server *srv);
/* Lets the loop run the task soon, once; its link has been initialised. */
void sio__server_later(sio_server *srv, struct sio__task *task);
/* Does the tasks and tells the sockets what is due; whether there was
 * anything. */
bool sio__server_work(sio_server *srv);
/* Whether there are clients, or may be: it is too late for settings that all
 * of them must share. A guest of another HTTP server never listens. */
bool sio__server_has_begun(const sio_server *srv);
/* Records the first failure while the server is set up, and puts those that
 * come later in the log; returns err. */
int sio__server_fail(sio_server *srv, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* -- end.c ----------------------------------------------------------------- */

/* Signals do again what they did before. */
void sio__ends_clear(sio_server *srv);

/* -- client.c -------------------------------------------------------------- */

/* What few connections need: made for those. */
struct sio__client_extra {
	eio_timer *attachment_timer; /* NULL: it never announced any */
	json_t *headers;             /* those kept, once the others are gone */
	uint32_t *left;              /* hashes of the names of namespaces it has
				     been in, the last of them */
	unsigned left_n;
};

/* One connection of the engine. What each message touches comes first. */
struct sio__client {
	unsigned live;       /* sockets connecting or connected */
	bool closing : 1;    /* nothing it sends counts any more */
	bool has_origin : 1; /* valid once the headers are gone */
	sio_server *srv;
	eio_socket *conn;
	struct sio__decoder decoder;
	struct eio__list sockets; /* in the order they came; also those that
				     are gone and held */

	struct sio__client_extra *extra;
	struct eio__list link;    /* in srv->clients */
	eio_timer *connect_timer; /* NULL once it was in a namespace */
	const char *why; /* it was ended; static, NULL if there is no more to
			    say than the reason */
};

/* Callbacks of the engine. */
void sio__client_open(sio_server *srv, eio_socket *conn);
void sio__client_message(struct sio__client *c, char *data, size_t len,
	bool binary);
void sio__client_close(struct sio__client *c, enum eio_reason reason,
	const char *detail);
/* A packet with JSON, or none, for this client alone. Ends the connection if
 * it cannot be sent. */
void sio__client_send(struct sio__client *c, enum sio__packet_type type,
	struct sio__span nsp, struct sio__span json);
/* There is no such namespace, or there are too many. */
void sio__client_refuse(struct sio__client *c, struct sio__span nsp,
	const char *message);
/* It is in a namespace: the time limit is off. */
void sio__client_joined(struct sio__client *c);
/* Ends the connection in order; its sockets are told the reason. */
void sio__client_end(struct sio__client *c, int reason, const char *why);
/* What there is to say of the end of this socket, or NULL. */
const char *sio__client_why(const sio_socket *s);
/* Takes its sockets out of their namespaces; the connection stays. */
void sio__client_leave(struct sio__client *c, int reason);
/* Its socket in this namespace, which was deleted, has to leave it. */
void sio__client_expel(struct sio__client *c, sio_nsp *nsp);
/* Ends it with DISCONNECT packets for all its sockets. */
void sio__client_disconnect(struct sio__client *c);

/* -- client_extra.c ------------------------------------------------------- */

/* NULL: out of memory. */
struct sio__client_extra *sio__client_extra(struct sio__client *c);
void sio__client_extra_free(struct sio__client *c);
/* It was in this namespace: what it still sends there is no error. */
void sio__client_remember(struct sio__client *c, struct sio__span nsp);
bool sio__client_has_left(const struct sio__client *c, struct sio__span nsp);

/* -- handshake.c ----------------------------------------------------------- */

/* The first connection handlers have returned: of the first request only
 * what was asked for is kept. */
void sio__handshake_settle(struct sio__client *c);

/* -- protocol.c ------------------------------------------------------------ */

/*
 * What the revisions of the Socket.IO protocol do differently: 5, and 4 over
 * sessions of Engine.IO 3, which is what clients of Socket.IO 1 and 2 speak.
 * Events and answers are the same in both.
 */
struct sio__protocol {
	/* The session is in "/" from its beginning, without a CONNECT. */
	bool joins_main;
	/* What a CONNECT says about who comes: JSON, {} if of length 0, in
	 * the packet or in scratch. */
	struct sio__span (*auth)(const struct sio__packet *p,
		struct eio__strbuf *scratch);
	/* How long an id is in this namespace, and the id, with a NUL. 0 or
	 * an error: no randomness. */
	size_t (*id_len)(const eio_socket *conn, struct sio__span nsp);
	int (*make_id)(sio_socket *s, struct sio__span nsp);
	/* The payload of a CONNECT answer, and of a refusal by middleware,
	 * data may be NULL; the second fails if data cannot be sent. */
	int (*write_welcome)(struct eio__strbuf *out, const sio_socket *s);
	int (*write_refusal)(struct eio__strbuf *out, const char *message,
		const json_t *data);
};

const struct sio__protocol *sio__protocol_of(const eio_socket *conn);
/* The limits of what a client sends. */
const struct sio__limits *sio__limits_of(const struct sio__client *c);

/* -- listeners.c ----------------------------------------------------------- */

int sio__uses_add(struct sio__uses *uses, struct sio__use use);
/* Adds those of the other; SIO_ERR_NOMEM: only some of them. */
int sio__uses_copy(struct sio__uses *uses, const struct sio__uses *from);
void sio__uses_clear(struct sio__uses *uses);

/* What a namespace has for all its sockets, and a socket for itself. */
struct sio__listeners {
	struct sio__handlers on_event; /* of each name, and of every name */
	struct sio__handlers on_outgoing, on_error;
	struct sio__uses uses; /* asked about each event */
};

void sio__listeners_init(struct sio__listeners *l);
void sio__listeners_clear(struct sio__listeners *l);
/* Adds those of the other; SIO_ERR_NOMEM: only some of them. */
int sio__listeners_copy(struct sio__listeners *l,
	const struct sio__listeners *from);
/* Whether a handler for events of this name would be called. */
bool sio__is_told(const char *name);

/* -- nsp.c ----------------------------------------------------------------- */

struct sio_nsp {
	unsigned refs; /* of the server, and of each of its sockets */
	sio_server *srv;
	struct sio__rooms rooms;
	struct sio__handlers on_connection, on_server_event;
	struct sio__listeners listeners;
	struct sio__uses uses;
	uint64_t next_ack;
	const struct sio_adapter *adapter; /* NULL: not begun */
	void *adapter_state;               /* what its init() made */
	struct eio__list stored;           /* events kept for recovery */
	uint64_t lost;                     /* the last of them that is gone */
	size_t kept;                       /* sockets kept for recovery */
	sio_save_cb save;
	sio_restore_cb restore;
	void *recover_user;
	struct sio__room_watch *room_watch; /* NULL: nobody listens */
	unsigned listening;                 /* who wants to know what is sent */
	bool listens_out;                   /* this namespace is one of them */
	bool announced, deleted, is_child;
	bool pinned;      /* the program has asked for it by its name */
	unsigned sockets; /* that are not gone */
	struct sio__task announce;
	struct sio__task tidy; /* it was kept for who can come back no more */
	struct sio__parent *rule; /* of a parent; else NULL */
	sio_nsp *parent;          /* of a child, unless that is gone */
	struct eio__list sibling; /* among the children of its parent */
	struct eio__list empty;   /* in srv->empty */
	void *data;
	void (*data_free)(void *data);
	size_t name_len;
	char name[];
};

/* For srv->nsps. */
const char *sio__nsp_key(const void *nsp);
sio_nsp *sio__nsp_find(const sio_server *srv, struct sio__span name);
/* Whether a namespace may have this name, which begins with '/'. */
bool sio__nsp_is_name(const sio_server *srv, struct sio__span name);
/* One that is not among those of the server yet. */
sio_nsp *sio__nsp_new(sio_server *srv, struct sio__span name);
/* 0 or an error, after which it is to be unreferenced. */
int sio__nsp_add(sio_nsp *nsp);
/* Tells the program of it, unless that was done. */
void sio__nsp_announce(sio_nsp *nsp);
/* Takes it out of the server; it ends when no socket is in it any more. */
void sio__nsp_remove(sio_nsp *nsp);
/* A socket that connects, or is gone: it keeps the reference. */
void sio__nsp_enter(sio_nsp *nsp);
void sio__nsp_exit(sio_nsp *nsp);
sio_nsp *sio__nsp_ref(sio_nsp *nsp);
void sio__nsp_unref(sio_nsp *nsp);
/* The server lets it go, after the last of its sockets; they may be held. */
void sio__nsp_let_go(sio_nsp *nsp);
struct sio__span sio__nsp_span(const sio_nsp *nsp);
/* Whether a room may have this name: it is UTF-8, because programs tell
 * clients the names of rooms. */
bool sio__nsp_is_room(const sio_nsp *nsp, const char *room);

/* -- dynamic.c ------------------------------------------------------------- */

/* The first parent behind this one (NULL: of all) that may have a child of
 * this name: it has to be asked, or its pattern matches. */
sio_nsp *sio__parent_for(const sio_server *srv, const char *name,
	const sio_nsp *behind);
/* The first whose pattern matches. */
sio_nsp *sio__pattern_for(const sio_server *srv, const char *name);
bool sio__parent_asks(const sio_nsp *parent);
void sio__parent_ask(const sio_nsp *parent, const char *name, json_t *auth,
	sio_next *next);
/* The namespace that a client asked for: one that is there, or a new child.
 * SIO_ERR_FULL: there are too many; SIO_ERR_INVALID: no name; SIO_ERR_CLOSED:
 * the parent has gone meanwhile, or the server; or NOMEM. */
int sio__child_of(sio_nsp *parent, struct sio__span name, sio_nsp **out);
/* A new child. NULL: out of memory, or the adapter fails. */
sio_nsp *sio__child_make(sio_nsp *parent, struct sio__span name);
/* Nobody is in it any more. */
void sio__child_left(sio_nsp *child);
/* They are not among the namespaces of the server any more. */
void sio__child_end(sio_nsp *child);
void sio__parent_end(sio_nsp *parent);
/* The end of all parents, after that of their children. */
void sio__parents_clear(sio_server *srv);
/* NULL is allowed. */
void sio__parent_free(struct sio__parent *rule);
/* The next child behind this one (NULL: the first); NULL behind the last. */
sio_nsp *sio__child_next(const sio_nsp *parent, const sio_nsp *child);

/* -- socket.c -------------------------------------------------------------- */

/*
 * connecting --admitted--> connected --left--> leaving --told--> gone
 *      \------- refused, connection lost ---------/
 */
enum sio__socket_state {
	SIO__CONNECTING, /* middleware decides */
	SIO__CONNECTED,
	SIO__LEAVING, /* out of the namespace; its handlers are to be told */
	SIO__GONE,
};

/* Beyond those of the engine. */
enum {
	SIO__REASON_CLIENT_NSP = 100,
	SIO__REASON_SERVER_NSP,
	SIO__REASON_FORCED_SERVER,
};

/* What each message touches comes first. */
struct sio_socket {
	unsigned refs;
	unsigned char state, reason;
	bool in_own_room : 1;
	bool auth_is_text : 1, was_connected : 1;
	bool listens_out;
	sio_nsp *nsp;                   /* a reference */
	struct sio__client *client;     /* NULL once the connection is gone */
	struct sio__listeners *own;     /* NULL: none */
	struct sio__vettings *vettings; /* while connected; NULL: none */
	struct sio__occupant occupant;  /* a broadcast touches its beginning */
	struct eio__list link;          /* in client->sockets */
	struct sio__acks acks;

	struct eio__list due;             /* in srv->due */
	struct sio__admission *admission; /* while connecting */
	sio_next *nexts;                  /* those of its admission */
	union {
		char *text; /* JSON, NUL-terminated; NULL: nothing was sent */
		json_t *value;
	} auth;
	json_t *shared; /* data for others; NULL: never asked for */
	struct sio__recoverable *recoverable; /* NULL: recovery is off */
	void *data;
	void (*data_free)(void *data);
	char id[];
};

/* A socket that is connecting to the namespace of this name, in it or in a
 * parent that is to be asked; NULL: out of memory or randomness. */
sio_socket *sio__socket_new(struct sio__client *c, sio_nsp *nsp,
	struct sio__span name, struct sio__span auth);
/* Its id, from what it is for the rooms. */
const char *sio__socket_key(const void *occupant);
/* While it is connecting. */
void sio__socket_set_nsp(sio_socket *s, sio_nsp *nsp);
/* One step of the drawing above. */
void sio__socket_move(sio_socket *s, enum sio__socket_state to);
/* Lets the loop go on with it soon. */
void sio__socket_due(sio_socket *s);
/* Lets it into its namespace and calls the connection handlers. */
void sio__socket_connect(sio_socket *s);
/* An event or an answer from the client. */
void sio__socket_event(sio_socket *s, sio_event *ev);
/* Calls the handlers for the name of an event, unless the socket has left. */
void sio__socket_deliver(sio_socket *s, sio_event *ev);
/* Calls the error handlers for it; whether there are any. */
bool sio__socket_error(sio_socket *s, sio_event *ev);
/* Calls the listeners for events that were sent. */
void sio__socket_outgoing(sio_socket *s, sio_event *ev);
/* Takes a connecting or connected socket out of its namespace; its handlers
 * are told from the loop. */
void sio__socket_leave(sio_socket *s, int reason);
/* Tells a leaving socket's handlers, and lets it go. */
void sio__socket_goodbye(sio_socket *s, const char *detail);
/* Brings one that is under way to its end, from inside one of its
 * callbacks. */
void sio__goodbye_finish(struct sio__goodbye *g);

/* -- emit.c ---------------------------------------------------------------- */

/* Completes the ack an answer is for, if it is waited for. */
void sio__acks_answer(sio_socket *s, sio_event *ev);
/* Completes all of them: the socket is going. */
void sio__acks_give_up(sio_socket *s);

/* -- error.c --------------------------------------------------------------- */

const char *sio__reason_text(int reason);

/* -- admission.c ----------------------------------------------------------- */

/* Runs the middleware of the namespace, and connects or refuses. */
void sio__admission_start(sio_socket *s);
/* It is known whether it was here before; ok false: it cannot go on. */
void sio__admission_restored(sio_socket *s, bool ok);
/* The same after the parents have been asked for a namespace of this name,
 * from that one on which the socket is in. */
void sio__admission_search(sio_socket *s, struct sio__span name);
/* The namespace was deleted. */
void sio__admission_expel(sio_socket *s);
/* The namespace it is in, or looks for. */
struct sio__span sio__socket_wants(const sio_socket *s);
/* Goes on after an answer that came later. */
void sio__admission_resume(sio_socket *s);
/* Forgets a socket that connects no more. */
void sio__admission_drop(sio_socket *s);
/* Keeps an event that came before the socket was connected. False: that is
 * too much. */
bool sio__admission_early(sio_socket *s, sio_event *ev);

/* -- next.c ---------------------------------------------------------------- */

enum sio__answer {
	SIO__AWAITED,
	SIO__PASSED,
	SIO__DENIED
};

/* Embedded by who asks. Not to be moved in memory. */
struct sio__question {
	sio_server *srv;
	void (*resume)(struct sio__question *q); /* an answer came later */
	sio_next *next;                          /* the answer awaited */
	sio_next *used;                          /* those answered */
	eio_timer *timer;                        /* NULL: was never needed */
	char *message;                           /* of a refusal; or NULL */
	json_t *data;
	enum sio__answer answer;
	bool asking; /* the function has not returned yet */
};

/* Begins as one that was passed. */
void sio__question_init(struct sio__question *q, sio_server *srv,
	void (*resume)(struct sio__question *q));
/* Before a function is asked: what to give it. NULL: out of memory. */
sio_next *sio__question_ask(struct sio__question *q);
/* After it has returned: an answer that has not come yet may come later,
 * within the time limit. 0 or SIO_ERR_NOMEM. */
int sio__question_wait(struct sio__question *q);
/* Refuses in the place of whoever is asked. */
void sio__question_refuse(struct sio__question *q);
/* Forgets what a refusal said. */
void sio__question_forget(struct sio__question *q);
/* Nobody waits for an answer any more. Returns its nexts, to be released
 * when there is no need any more to ignore a second answer. */
sio_next *sio__question_end(struct sio__question *q);
void sio__nexts_release(sio_next *nexts);

/* Nexts that were not answered before they were released. */
struct sio__stray *sio__stray_new(void);
/* Leaves them to the loop; NULL is allowed. */
void sio__stray_leave(struct sio__stray *stray, eio_loop *loop);

/* -- event_middleware.c ---------------------------------------------------- */

/* Whether somebody is to be asked about the events of this socket. */
bool sio__socket_vets(const sio_socket *s);
/* Asks, and delivers the event if and when it passes. */
void sio__socket_vet(sio_socket *s, sio_event *ev);
/* Goes on after answers that came later. */
void sio__vettings_resume(sio_socket *s);
/* The socket leaves: forgets all that was not delivered. */
void sio__vettings_drop(sio_socket *s);

/* -- outgoing.c ------------------------------------------------------------ */

/* Counts in the namespace who wants to know what is sent; flag is its own
 * note of it. */
void sio__outgoing_watch(sio_nsp *nsp, bool *flag, bool on);
/* What to tell of an event that is about to be sent, if nsp->listening. NULL:
 * nothing, or out of memory. */
struct sio__record *sio__record_new(const sio_nsp *nsp, const char *name,
	const json_t *args);
/* It was sent to this socket. */
void sio__record_note(struct sio__record *record, sio_socket *s);
/* NULL is allowed. */
void sio__record_unref(struct sio__record *record);
/* Tells the listeners; whether there was anything. */
bool sio__outgoing_tell(sio_server *srv);

/* -- event.c --------------------------------------------------------------- */

/* How an event of another server is answered. */
struct sio__server_reply {
	void (*answer)(void *user, json_t *first); /* NULL: is not */
	void (*release)(void *user);
	void *user;
	sio_nsp *nsp; /* NULL when it has been told */
};

struct sio_event {
	unsigned refs;
	sio_socket *socket; /* a reference; NULL: of another server */
	struct sio__server_reply *from; /* of that; or NULL */
	struct eio__list link;          /* in the queue of an admission */
	bool is_ack;                    /* an answer, not an event */
	bool wants_reply;
	bool numeric; /* the name was a number */
	uint64_t id;
	size_t bytes; /* that came in for it */
	char *error;  /* why it was refused; or NULL */
	json_t *error_data;
	struct sio__record *record; /* where the name is; or NULL */
	const char *name;
	size_t name_len;
	char *long_name;       /* NULL: in short_name */
	struct sio__span args; /* JSON with commas between */
	char *text;            /* where args are, if it is ours */
	json_t *values;        /* the arguments, once decoded */
	char short_name[64];
};

/* What came in for a socket; takes its values. NULL: out of memory. */
sio_event *sio__event_new(sio_socket *s, struct sio__incoming *in);
/* What the server tells; args are given away. */
sio_event *sio__event_make(sio_socket *s, const char *name, json_t *args);
/* What another server tells; args are shared. NULL: out of memory, and reply
 * is still the caller's. */
sio_event *sio__event_from_server(const char *name, json_t *args,
	struct sio__server_reply *reply);
/* How much keeping it takes, for limits of what is kept. */
size_t sio__event_weight(const sio_event *ev);
struct sio__span sio__event_span(const sio_event *ev);

/* -- message.c ------------------------------------------------------------- */

/* A packet ready to be sent to any number of clients: its text, and its
 * attachments. */
struct sio__message {
	eio_buf *text;
	eio_buf **all;              /* NULL: the text alone */
	unsigned n;                 /* of all */
	struct sio__record *record; /* for who listens; or NULL */
};

/* All of them borrow args and return 0 or an error, after which there is
 * nothing to clear. */
int sio__message_event(struct sio__message *m, sio_nsp *nsp, const char *name,
	const json_t *args, const uint64_t *id);
int sio__message_ack(struct sio__message *m, sio_server *srv,
	struct sio__span nsp, uint64_t id, const json_t *args);
/* The payload is JSON text, or of length 0 for none. */
int sio__message_text(struct sio__message *m, sio_server *srv,
	enum sio__packet_type type, struct sio__span nsp, const uint64_t *id,
	struct sio__span payload);
/* An answer whose arguments are JSON text with commas between. */
int sio__message_answer(struct sio__message *m, sio_server *srv,
	struct sio__span nsp, uint64_t id, struct sio__span args);
/* It is not compressed on its way; before it is sent. */
void sio__message_set_plain(struct sio__message *m);
int sio__message_send(const struct sio__message *m, struct sio__client *c);
/* The same for an event, of which listeners are told. */
int sio__message_send_to(const struct sio__message *m, sio_socket *s);
void sio__message_clear(struct sio__message *m);
/* One more of the same, which shares the buffers. 0 or SIO_ERR_NOMEM. */
int sio__message_copy(struct sio__message *to, const struct sio__message *m);
/* The arguments of a format, as an array. NULL: the format is wrong. */
json_t *sio__pack(const char *fmt, va_list ap);

/* -- adapter.c ------------------------------------------------------------- */

/* The adapter of a namespace that begins, and that ends. 0 or an error. */
int sio__adapter_init(sio_nsp *nsp);
void sio__adapter_close(sio_nsp *nsp);
/* After the last namespace. */
void sio__adapter_stop(sio_server *srv);
/* The server ends: nobody is waited for any more. */
void sio__adapters_give_up(sio_server *srv);
/* Whom to ask, with its state: the adapter of this server alone if the flags
 * say so. */
const struct sio_adapter *sio__adapter_of(sio_nsp *nsp, unsigned flags,
	void **state);

/* -- room_events.c --------------------------------------------------------- */

/* A socket has joined or left a room; has entered its namespace; is about to
 * leave all its rooms. */
void sio__rooms_told_join(sio_socket *s, const char *room);
void sio__rooms_told_leave(sio_socket *s, const char *room);
void sio__rooms_told_enter(sio_socket *s);
void sio__rooms_told_exit(sio_socket *s);
/* Who watches the rooms of the one watches those of the other. */
int sio__room_watch_copy(sio_nsp *child, const sio_nsp *parent);
/* The namespace goes. */
void sio__room_watch_drop(sio_nsp *nsp);

/* -- server_event.c -------------------------------------------------------- */

/* Answers an event of another server; args are lent. */
int sio__server_event_reply(sio_event *ev, json_t *args);
/* No answer can come any more. */
void sio__server_event_release(sio_event *ev);

/* -- parser.c -------------------------------------------------------------- */

struct sio_packet;

/* As sio__decoder_text(), for a parser that is not the default one: a packet
 * has values instead of spans, all but its namespace. */
enum sio__decoded sio__parser_decode(const sio_parser *parser,
	struct sio__decoder *d, const struct sio__limits *limits,
	const char *message, size_t len, bool binary, struct sio__incoming *in);
void sio__parser_clear(const sio_parser *parser, struct sio__decoder *d);
int sio__parser_encode(const sio_parser *parser,
	const struct sio_packet *packet, struct sio__message *m);
/* About how much memory decoded values take. */
size_t sio__parser_weight(json_t *value);

/* -- adapter_local.c ------------------------------------------------------- */

/* The one that is there from the beginning; its state is the namespace. */
extern const struct sio_adapter sio__adapter_local;
/* The message of an event with its offset, if it has one. */
int sio__local_encode(struct sio__message *m, sio_nsp *nsp,
	const struct sio_event_data *packet, unsigned flags,
	const uint64_t *id);
/* Sends it to those who are meant, and lets recovery know; mark NULL: it need
 * not. */
void sio__local_deliver(sio_nsp *nsp, const struct sio__message *m,
	const struct sio_selection *selection, const struct sio__mark *mark);

/* -- options.c ------------------------------------------------------------- */

void sio__options_init(sio_server *srv);
long sio__option(const sio_server *srv, enum sio_option option);
/* Says in the log which of the folders to be served are missing. */
void sio__mounts_look(sio_server *srv);

/* -- backpressure.c -------------------------------------------------------- */

/* Whether it gets a volatile event now; counts it if not. */
bool sio__takes_volatile(const sio_socket *s);

/* -- counters.c ------------------------------------------------------------ */

/* Counts, without a line. */
void sio__count_quietly(sio_server *srv, enum sio_counter counter);
/* Counts, and writes a line about it unless there were too many. */
void sio__count(sio_server *srv, enum sio_counter counter, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The limit that a text names in brackets, "too deep (MAX_DEPTH)"; GIVEN_UP
 * if it names none. */
enum sio_counter sio__counter_of(const char *why);

/* -- client_files.c -------------------------------------------------------- */

/* Hooks the browser bundles in. */
int sio__client_files_start(sio_server *srv);
/* Whether they are there; says so in the log if not. */
void sio__client_files_look(sio_server *srv);

#endif
