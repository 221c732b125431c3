/* SPDX-License-Identifier: MIT */
/*
 * recovery.h: connection state recovery: what is kept of sockets that may
 * come back, and of events they may have missed.
 *
 * recovery_store.c keeps, within bounds; recovery_offset.c knows the events by
 * number; recovery_leave.c decides who is kept, recovery.c who gets it back.
 */
#ifndef SOCKETIO_RECOVERY_H
#define SOCKETIO_RECOVERY_H

#include <socketio/adapter.h>
#include <socketio/io.h>

/* 4 characters of the server, and up to 11 digits. */
#define SIO__OFFSET_SIZE 16

/* Events that are not kept may end with a text, which a client then takes
 * for an offset: so many of the last ones are known. */
#define SIO__TAILS 4

struct sio__tail {
	uint64_t hash; /* of the text */
	uint64_t seq;  /* of the last kept event that was sent before */
};

/*
 * How far a socket has come. Kept events have numbers that grow, over all
 * namespaces; 0 is none.
 */
struct sio__progress {
	uint64_t first; /* what was kept up to here was not for it */
	uint64_t last;  /* the last kept event sent to it */
	uint64_t left;  /* the last kept event when it left */
	struct sio__tail tails[SIO__TAILS];
	unsigned tail; /* where the next one goes */
};

/* Of one socket, while recovery is on. */
struct sio__recoverable {
	char pid[SIO__SID_LEN + 1];
	bool recovered;
	bool saved;   /* it has been kept, or cannot be */
	bool refused; /* by middleware */
	struct sio__progress progress;
	uint64_t from;             /* what it has missed begins behind this */
	struct sio__kept *kept;    /* as it was; NULL once it is let in */
	struct sio_restore *asked; /* another server; or NULL */
	struct eio__list missed;   /* what an adapter has said it missed */
};

/* One event that is kept. */
struct sio__stored {
	struct eio__list link;   /* of all, the oldest first */
	struct eio__list of_nsp; /* of its namespace */
	sio_nsp *nsp;
	uint64_t seq, at;
	size_t bytes;
	struct sio__message message;
	size_t rooms_n, except_n;
	const char *names[]; /* the rooms, then those excepted */
};

/* One socket that is kept. */
struct sio__kept {
	struct eio__list link; /* of all, the oldest first */
	sio_nsp *nsp;
	uint64_t at;
	size_t bytes;
	char pid[SIO__SID_LEN + 1], sid[SIO__SID_LEN + 1];
	json_t *rooms, *data, *saved;
	struct sio__progress progress;
};

/* Of the server. */
struct sio__recovery {
	sio_server *srv;
	uint64_t ms;
	size_t max_bytes;
	bool skip_middleware;
	char epoch[5];           /* in front of every offset */
	uint64_t seq;            /* of the newest event */
	struct eio__list events; /* the oldest first */
	struct eio__list kept;   /* the oldest first */
	struct eio__map by_pid;  /* those */
	struct eio__map live;    /* connected sockets, by pid */
	size_t events_n, kept_n, bytes;
	eio_timer *timer;
	bool timer_runs;
};

/* Whether this server keeps its sockets, and no other adapter. */
static inline bool sio__recovery_is_local(const sio_nsp *nsp)
{
	return nsp->adapter == &sio__adapter_local;
}

/* -- recovery_store.c ------------------------------------------------------ */

/* NULL: out of memory or randomness. */
struct sio__recovery *sio__recovery_new(sio_server *srv, uint64_t ms,
	size_t max_bytes, bool skip_middleware);
void sio__recovery_free(struct sio__recovery *r);
/* Keeps an event of this number; what was missed because there is no memory
 * for it is as if it had been too old. */
void sio__recovery_keep_event(sio_nsp *nsp, uint64_t seq,
	const sio_selection *selection, const struct sio__message *m);
/* A socket that is kept, or was, with shared values. NULL: out of memory. */
struct sio__kept *sio__kept_new(sio_nsp *nsp, const sio_saved_session *session);
/* Keeps a socket, whose values are shared. 0 or SIO_ERR_NOMEM. */
int sio__recovery_keep(sio_nsp *nsp, const sio_saved_session *session,
	const struct sio__progress *progress);
/* Looks for one that has not expired; it stays. */
struct sio__kept *sio__recovery_look(sio_nsp *nsp, const char *pid);
/* Takes it out; it is the caller's. */
void sio__recovery_take(struct sio__recovery *r, struct sio__kept *k);
void sio__kept_free(struct sio__kept *k);
/* Keeps it again, for the rest of its time. */
void sio__recovery_put_back(struct sio__kept *k);
/* Forgets what was kept for a namespace that goes. */
void sio__recovery_forget(sio_nsp *nsp);

/* -- recovery_offset.c ----------------------------------------------------- */

/* Whether an event with these flags is kept by this server. */
bool sio__recovery_keeps(const sio_nsp *nsp, unsigned flags);
/* Whether what is sent to this socket alone goes through
 * sio__recovery_emit(). */
bool sio__recovery_takes(const sio_socket *s);
/* Gives the event a number and its offset, in text, and keeps it. */
int sio__recovery_broadcast(sio_nsp *nsp, const sio_event_data *packet,
	const sio_selection *selection);
int sio__recovery_emit(sio_socket *s, const char *name, json_t *args);

/* What an event means to those who get it; NULL: nothing. */
struct sio__mark {
	uint64_t seq;  /* of one that was kept; or 0 */
	uint64_t tail; /* of one that was not: what it ends with */
};
const struct sio__mark *sio__recovery_tail(const sio_nsp *nsp,
	const sio_event_data *packet, struct sio__mark *mark);
void sio__recovery_mark(sio_socket *s, const struct sio__mark *mark);
/* Behind which event begins what it has missed; false: nobody knows. */
bool sio__recovery_find(const struct sio__recovery *r,
	const struct sio__progress *p, const char *offset, uint64_t *from);

/* -- recovery.c ------------------------------------------------------------ */

/* Whether sockets of this namespace can come back. */
bool sio__recovery_is_on(const sio_nsp *nsp);

enum sio__begun {
	SIO__BEGUN,       /* a new socket, or one that is back */
	SIO__BEGUN_WAITS, /* for an adapter; sio__admission_restored() */
	SIO__BEGUN_NOT,   /* out of memory, or it is not to go on */
};

/* Looks whether it was here before. May run callbacks of others. */
enum sio__begun sio__recovery_begin(sio_socket *s);
/* Whether it is back, and need not be asked about. */
bool sio__recovery_skips(const sio_socket *s);
/* It is about to be connected: sends what it has missed. False: that is not
 * there any more, or there is no memory. */
bool sio__recovery_enter(sio_socket *s);
/* Whoever was asked what it was need not answer any more. */
void sio__recovery_unask(sio_socket *s);
/* Its memory goes, or nobody asks for it any more. */
void sio__recovery_drop(sio_socket *s);

/* -- recovery_leave.c ------------------------------------------------------ */

/* Middleware did not let it in: it may try again. */
void sio__recovery_refused(sio_socket *s);
/* It leaves its namespace, its rooms still there; then it is kept. */
void sio__recovery_left(sio_socket *s);
void sio__recovery_save(sio_socket *s);

#endif
