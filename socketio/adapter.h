/* SPDX-License-Identifier: MIT */
/*
 * adapter.h: how several servers become one, for who writes an adapter.
 *
 * An adapter brings what is meant for the clients of a namespace to the
 * clients of every server. The one that is there from the beginning knows
 * this server alone. Another one is a table of functions, struct sio_adapter,
 * given to sio_server_set_adapter(): each of them tells the other servers,
 * and lets one of the sio_local_ functions below do the same for the clients
 * of this server - before or after, at once or when the others have been
 * told. What comes from another server goes through the same sio_local_
 * functions.
 *
 *	static int broadcast(void *state, const sio_event_data *packet,
 *		const sio_selection *selection)
 *	{
 *		publish(state, packet, selection);
 *		return sio_local_broadcast(nsp_of(state), packet, selection);
 *	}
 *
 * The functions of an adapter are called from inside the calls of the
 * program. They must not call the program, and what they say to an sio_inquiry
 * or a sio_restore reaches it from the loop. Everything belongs to the
 * thread that runs the server. What is passed to a function is lent until it
 * returns. Operations with the flag SIO_LOCAL never reach an adapter.
 *
 * Official words: an adapter is what io.adapter() takes, sio_selection its
 * BroadcastOptions.
 */
#ifndef SOCKETIO_ADAPTER_H
#define SOCKETIO_ADAPTER_H

#include <socketio/socketio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes with this header; a table with another number is refused. */
#define SIO_ADAPTER_VERSION 1

/* -- what is passed around ---------------------------------------------- */

/* Who is meant: the members of the rooms (none: the whole namespace), each
 * once, without the members of those excepted. JS: { rooms, except, flags } */
typedef struct sio_selection {
	const char *const *rooms;
	size_t rooms_n;
	const char *const *except;
	size_t except_n;
	unsigned flags;      /* enum sio_flags */
	unsigned timeout_ms; /* of answers; 0: none was set */
} sio_selection;

/* An event. JS: { type: 2, data: [name, ...args, offset] } */
typedef struct sio_event_data {
	const char *name;
	json_t *args;       /* an array */
	const char *offset; /* its place in what recovery keeps, sent as one
			       more argument; NULL: none */
} sio_event_data;

/* What is kept of a socket that may come back. JS: { sid, pid, rooms, data } */
typedef struct sio_saved_session {
	const char *sid; /* the socket's id */
	const char *pid; /* the secret by which it is found */
	json_t *rooms;   /* names, an array; its own may be among them */
	json_t *data;    /* sio_socket_shared_data(); NULL: {} */
	json_t *saved;   /* of sio_nsp_on_recover(); NULL: nothing */
} sio_saved_session;

/* A question to many: who is to answer, and who has. */
typedef struct sio_inquiry sio_inquiry;
/* A client that wants to be who it was. */
typedef struct sio_restore sio_restore;

/* -- what an adapter implements ----------------------------------------- */

/*
 * Functions that return int return 0 or a negative SIO_ERR_*, which the
 * program gets. `shared` is what start() made, for the server; `state` what
 * init() made, for one namespace. Those marked "may be NULL" may be.
 */
typedef struct sio_adapter {
	unsigned version; /* SIO_ADAPTER_VERSION */
	const char *name; /* for the log; static */

	/* The adapter is set, with what was given to
	 * sio_server_set_adapter(). Both may be NULL. */
	int (*start)(sio_server *srv, const void *config, void **shared);
	/* After the last close(). */
	void (*stop)(void *shared);
	/* A namespace begins; it ends with close(). JS: init(), close() */
	int (*init)(void *shared, sio_nsp *nsp, void **state);
	void (*close)(void *state);

	/* Leads to one sio_inquiry_servers(), now or later. May be NULL: one.
	 * JS: serverCount() */
	int (*server_count)(void *state, sio_inquiry *inquiry);
	/* JS: broadcast() */
	int (*broadcast)(void *state, const sio_event_data *packet,
		const sio_selection *selection);
	/* Each server says sio_inquiry_clients() once, then sio_inquiry_answer()
	 * for each client that answers. JS: broadcastWithAck() */
	int (*broadcast_ack)(void *state, const sio_event_data *packet,
		const sio_selection *selection, sio_inquiry *inquiry);
	/* Each server says sio_inquiry_sockets() once. JS: fetchSockets() */
	int (*fetch)(void *state, const sio_selection *selection,
		sio_inquiry *inquiry);
	/* JS: addSockets(), delSockets(), disconnectSockets() */
	int (*add_sockets)(void *state, const sio_selection *selection,
		const char *const *rooms, size_t n);
	int (*del_sockets)(void *state, const sio_selection *selection,
		const char *const *rooms, size_t n);
	int (*disconnect_sockets)(void *state, const sio_selection *selection,
		bool close);
	/* To the other servers alone. Unless inquiry is NULL each of them says
	 * sio_inquiry_answer(). May be NULL: nobody. JS: serverSideEmit() */
	int (*server_emit)(void *state, const sio_event_data *packet,
		sio_inquiry *inquiry);

	/* Keeps a session for as long as sio_server_recovery_ms() says. With
	 * one of the two NULL there is no recovery. JS: persistSession() */
	void (*persist_session)(void *state, const sio_saved_session *session);
	/* Looks for a session and takes it out; offset is that of the last
	 * event the client has seen, or NULL: it has seen none. Leads to one
	 * sio_restore_done(), now or later; an error is a session that was
	 * not found. JS: restoreSession() */
	int (*restore_session)(void *state, const char *pid, const char *offset,
		sio_restore *restore);

	/* Told when a socket of this server has joined rooms, its own too,
	 * has left one, or has left all. May be NULL. JS: addAll(), del(),
	 * delAll() */
	void (*add_all)(void *state, const char *id, const char *const *rooms,
		size_t n);
	void (*del)(void *state, const char *id, const char *room);
	void (*del_all)(void *state, const char *id);
} sio_adapter;

/*
 * Sets the adapter of all namespaces, before sio_server_listen(); config is
 * lent for the call and means what the adapter says. The table must live as
 * long as the server. SIO_ERR_INVALID: another version, or a function is
 * missing; SIO_ERR_STATE: too late; or what its functions return.
 * JS: io.adapter()
 */
SIO_API int sio_server_set_adapter(sio_server *srv, const sio_adapter *adapter,
	const void *config);
/* What init() made for this namespace; NULL for the adapter that is there
 * from the beginning. JS: nsp.adapter */
SIO_API void *sio_nsp_adapter(const sio_nsp *nsp);

/* -- what is offered to it: the clients of this server ------------------ */

/* Sends an event. */
SIO_API int sio_local_broadcast(sio_nsp *nsp, const sio_event_data *packet,
	const sio_selection *selection);
/* Sends an event with an id, says sio_inquiry_clients() and, as the clients
 * answer or leave, sio_inquiry_answer() and sio_inquiry_gone(). */
SIO_API int sio_local_broadcast_ack(sio_nsp *nsp, const sio_event_data *packet,
	const sio_selection *selection, sio_inquiry *inquiry);
/* Says sio_inquiry_sockets(), to the sio_inquiry of a fetch() of this server. */
SIO_API int sio_local_fetch(sio_nsp *nsp, const sio_selection *selection,
	sio_inquiry *inquiry);
/* The same for another server: a new array of {id, handshake, rooms, data}.
 * NULL: out of memory. */
SIO_API json_t *sio_local_describe(sio_nsp *nsp,
	const sio_selection *selection);
SIO_API int sio_local_add_sockets(sio_nsp *nsp, const sio_selection *selection,
	const char *const *rooms, size_t n);
SIO_API int sio_local_del_sockets(sio_nsp *nsp, const sio_selection *selection,
	const char *const *rooms, size_t n);
SIO_API int sio_local_disconnect_sockets(sio_nsp *nsp,
	const sio_selection *selection, bool close);
/* The sockets meant: a new array of n, each with a reference; yours. 0 or
 * SIO_ERR_NOMEM. */
SIO_API int sio_local_sockets(sio_nsp *nsp, const sio_selection *selection,
	sio_socket ***out, size_t *n);
SIO_API void sio_local_sockets_free(sio_socket **sockets, size_t n);

/* Whether there are bytes anywhere in it, which JSON (sio_json_stringify())
 * would spoil. JS: hasBinary() of socket.io-parser */
SIO_API bool sio_has_binary(const json_t *value);

/* -- inquiries ------------------------------------------------------------- */

/*
 * An inquiry ends by itself: when as many servers have reported as there are,
 * and as many clients have answered or gone as the servers have reported; or
 * when its time is over. What is said to one that has ended is ignored. Who
 * says something later holds a reference.
 */
SIO_API sio_inquiry *sio_inquiry_ref(sio_inquiry *inquiry);
/* NULL is allowed. */
SIO_API void sio_inquiry_unref(sio_inquiry *inquiry);
/* How many servers there are, this one included. Once. */
SIO_API void sio_inquiry_servers(sio_inquiry *inquiry, size_t n);
/* One server has sent it to n clients. */
SIO_API void sio_inquiry_clients(sio_inquiry *inquiry, size_t n);
/* One client has answered, this being its first argument; or one server, in
 * a server_emit(). Given away; NULL: there was no argument. */
SIO_API void sio_inquiry_answer(sio_inquiry *inquiry, json_t *first);
/* n of the clients, or the servers, that were reported will not answer. */
SIO_API void sio_inquiry_gone(sio_inquiry *inquiry, size_t n);
/* One server has these sockets, an array of {id, handshake, rooms, data},
 * which is given away. */
SIO_API void sio_inquiry_sockets(sio_inquiry *inquiry, json_t *sockets);
/* One server will not report; it is not waited for any more. */
SIO_API void sio_inquiry_lost(sio_inquiry *inquiry);

/* How a question that another server asked is answered. */
typedef struct sio_inquiry_hooks {
	/* So many clients of this server were sent it. */
	void (*clients)(void *user, size_t n);
	/* One has answered; args is lent. */
	void (*answer)(void *user, json_t *args);
	/* The last call: nobody is waited for any more. */
	void (*end)(void *user, int err);
} sio_inquiry_hooks;

/*
 * An inquiry for sio_local_broadcast_ack() whose question came from another
 * server; one reference, yours, to be given up as soon as the question was
 * asked. timeout_ms 0: REQUEST_TIMEOUT. NULL: out of memory, or the server
 * has ended.
 */
SIO_API sio_inquiry *sio_inquiry_new(sio_nsp *nsp, unsigned timeout_ms,
	const sio_inquiry_hooks *hooks, void *user);

/* -- events from other servers ------------------------------------------ */

/*
 * Tells the handlers of sio_nsp_on_server_event(), from the loop. answer,
 * unless NULL, is called at most once with the first argument of the answer
 * (lent; NULL: it had none), at some time; and release(user), unless NULL,
 * once, when no answer can come any more. Both also if this fails.
 */
SIO_API int sio_local_server_event(sio_nsp *nsp, const sio_event_data *packet,
	void (*answer)(void *user, json_t *first), void (*release)(void *user),
	void *user);

/* -- recovery ------------------------------------------------------------ */

/* How long a session is to be kept; 0: there is no recovery. */
SIO_API unsigned long sio_server_recovery_ms(const sio_server *srv);
/* One event the client has missed; in the order they were sent, each before
 * sio_restore_done(). */
SIO_API int sio_restore_missed(sio_restore *restore,
	const sio_event_data *packet);
/* The session, or NULL: there is none. Once; the sio_restore is used up. */
SIO_API void sio_restore_done(sio_restore *restore,
	const sio_saved_session *session);

#ifdef __cplusplus
}
#endif

#endif
