/* SPDX-License-Identifier: MIT */
/*
 * conn.h: one accepted connection.
 */
#ifndef ENGINEIO_HTTP_CONN_H
#define ENGINEIO_HTTP_CONN_H

#include <engineio/http/server.h>

struct eio__http1;
struct eio__http2;
struct eio__ws;

/* Which time limit runs; one at a time. */
enum eio__limit {
	EIO__LIMIT_NONE,
	EIO__LIMIT_READY,      /* PROXY header, TLS, or the first byte */
	EIO__LIMIT_HEAD,       /* a request's head */
	EIO__LIMIT_BODY,       /* a request's body */
	EIO__LIMIT_KEEP_ALIVE, /* the next request */
	EIO__LIMIT_DECISION,   /* what the application thinks of one */
	EIO__LIMIT_AHEAD,      /* requests that wait for an answer, unread */
	EIO__LIMIT_WRITE,      /* the peer takes nothing */
	EIO__LIMIT_LINGER,     /* the peer's end after ours */
};

/*
 * open --conn_end--> ending --output gone--> lingering --peer's FIN--> gone
 *    \------------------ conn_abort, peer gone ------------------------/
 */
enum eio__conn_state {
	EIO__CONN_OPEN,
	EIO__CONN_ENDING,    /* what waits still leaves, then FIN */
	EIO__CONN_LINGERING, /* FIN is sent; what still comes is dropped */
	EIO__CONN_GONE,      /* freed at the end of the turn */
};

/* What each input and each answer looks at comes first, so that it lies
 * together. */
struct eio__conn {
	struct eio__stream stream; /* first: the network's handle on us */
	struct eio__net_conn *nc;  /* NULL when gone */
	struct eio__http *http;
	struct eio__http1 *h1; /* speaks HTTP/1.1, or NULL */
	struct eio__http2 *h2; /* speaks HTTP/2, or NULL */
	struct eio__ws *ws;    /* speaks WebSocket, or NULL */
	uint64_t deadline;     /* of the limit */
	uint32_t out_off;      /* how many bytes of out have left */
	unsigned char state, limit;
	bool full : 1;           /* the network will say when there is room */
	bool stalled : 1;        /* it was given up for taking nothing */
	bool spoken : 1;         /* the first bytes have come */
	struct eio__strbuf out;  /* bytes ready for the network */
	struct eio__task task;   /* WRITE while alive, FREE when gone */
	struct eio__timer timer; /* rings at the deadline, or before */
	struct eio__list link;   /* in http->conns */
};

/* Takes an accepted connection over; `later` if the network will say when it
 * is ready. NULL: refused or out of memory. */
struct eio__conn *eio__conn_new(struct eio__http *http,
	struct eio__net_conn *nc, bool later);

/* The output, which leaves at the end of the turn: append to it with the
 * strbuf calls; then say so. A failed append aborts the connection when the
 * turn ends, so that nobody is called back from here. */
struct eio__strbuf *eio__conn_out(struct eio__conn *conn);
void eio__conn_dirty(struct eio__conn *conn);
/* Does now what phase WRITE would do, in a phase before it. The connection may
 * be given up by that, and whoever speaks on it be told. */
void eio__conn_flush(struct eio__conn *conn);
/* The same, but what the network takes of it leaves now, while connection and
 * socket are in the caches. Calls nobody back; what is left, or went wrong, is
 * the end of the turn's business. */
void eio__conn_write_now(struct eio__conn *conn);
/* Whether output waits for the network or for the end of the turn. */
bool eio__conn_has_output(const struct eio__conn *conn);
/* Bytes of output that have not left. */
size_t eio__conn_waiting(const struct eio__conn *conn);

/* Ends the connection in order, once its output has left. Idempotent. */
void eio__conn_end(struct eio__conn *conn);
/* Ends it at once; whoever speaks on it is told. Idempotent. */
void eio__conn_abort(struct eio__conn *conn, const char *why);

/* For whoever writes to the network itself: takes the answer of
 * eio__net_write(); true when more may be written in this turn. */
bool eio__conn_may_write(struct eio__conn *conn, int result);

/* Starts the time limit in place of the one that runs. */
void eio__conn_limit(struct eio__conn *conn, enum eio__limit limit,
	unsigned ms);
/* Counts and logs that it is to end because nothing came: EIO__LIMIT_HEAD, or
 * EIO__LIMIT_KEEP_ALIVE behind an answer. */
void eio__conn_count_silence(struct eio__conn *conn, enum eio__limit limit);

#endif
