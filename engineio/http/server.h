/* SPDX-License-Identifier: MIT */
/*
 * server.h: the HTTP server as a whole: what its connections share.
 *
 * It knows nothing of Engine.IO, which is one of its handlers.
 */
#ifndef ENGINEIO_HTTP_SERVER_H
#define ENGINEIO_HTTP_SERVER_H

#include <engineio/base/list.h>
#include <engineio/base/strbuf.h>
#include <engineio/base/tally.h>
#include <engineio/buf.h>
#include <engineio/http/trust.h>
#include <engineio/loop.h>
#include <engineio/tls.h>

struct eio__conn;
struct eio__cork;
struct eio__deflater;
struct eio__draft;
enum eio__step;

/* Limits and times; units as in ENGINEIO_OPTION_MAP. */
struct eio__http_limits {
	size_t max_connections;
	size_t max_target;
	size_t max_header;
	unsigned max_headers;
	size_t max_body; /* of routes */
	unsigned max_fragments;
	unsigned header_timeout;
	unsigned body_timeout;
	unsigned keep_alive_timeout;
	unsigned write_timeout;
	unsigned decision_timeout;
	unsigned tls_timeout;
	unsigned max_tls_answers;
	unsigned unix_mode;
	unsigned backlog;
	size_t max_pong_bytes;
	unsigned ping_interval; /* of WebSockets that are not the engine's */
	unsigned close_timeout; /* the same */
	size_t queue_bytes, queue_low; /* and of streams */
	unsigned http2;                /* ENGINEIO_HTTP2_... */
	unsigned http2_streams, http2_resets, http2_frames;
	size_t http2_bytes;
};

/*
 * Somebody who takes requests. Asked in order of `rank`, then of
 * registration, when a request's head is complete, until one of them does
 * not let it pass (see enum eio__step in request.h).
 */
struct eio__handler {
	struct eio__list link;
	int rank;
	uint32_t seq; /* set when it is added */
	enum eio__step (*on_head)(struct eio__handler *h, eio_request *req);
	void (*free)(struct eio__handler *h); /* NULL: not ours to free */
};

enum {
	EIO__RANK_CORS,      /* the headers of whatever is answered */
	EIO__RANK_HOOK,      /* eio_server_on_http() */
	EIO__RANK_ENGINE,    /* a path of its own */
	EIO__RANK_WEBSOCKET, /* eio_server_websocket() */
	EIO__RANK_ROUTE,     /* routes and folders */
};

struct eio__http {
	eio_loop *loop;
	struct eio__http_limits limits;
	struct eio__list conns;
	size_t count;
	struct eio__list listeners;
	struct eio__list handlers;
	uint32_t handler_seq;           /* of the last one added */
	struct eio__cork *cork;         /* for the WebSockets' writes */
	struct eio__deflater *deflater; /* the same, lent, or NULL */
	struct eio__draft *draft;       /* for the next head, or NULL */
	struct eio__strbuf spare; /* memory for the output of whoever writes */
	struct eio__strbuf spare_body; /* and for what it says */
	struct eio__task late; /* ends streams of a server that closes */
	bool closing;          /* answers say "Connection: close" */
	char date[40]; /* the Date header until then, by the loop's clock */
	uint64_t date_until;
	char tail[120]; /* what most heads end in, see http1_reply.c */
	size_t tail_len;
	uint64_t
		tail_until; /* date_until when it was made, and what it says: */
	unsigned tail_timeout;
	struct eio__tls_context *tls; /* for new connections, or NULL */
	struct eio__tls_files tls_files;
	struct eio__trust trust;
	char error[256];
	struct eio__tally tallies[ENGINEIO_COUNTERS];
	void (*log)(void *user, enum eio_log_level level, const char *line);
	void *log_user;
	void (*on_idle)(void *user); /* no connection is left */
	void *idle_user;
};

int eio__http_init(struct eio__http *http, eio_loop *loop);
/* Closes everything at once. */
void eio__http_clear(struct eio__http *http);
/* `flags`: ENGINEIO_LISTEN_... */
int eio__http_listen(struct eio__http *http, const char *host, int port,
	unsigned flags);
void eio__http_unlisten(struct eio__http *http);
int eio__http_port(const struct eio__http *http);
/* Of the listener that was opened last. */
int eio__http_newest_port(const struct eio__http *http);
/* No new connections, and answers end theirs from now on. */
void eio__http_wind_down(struct eio__http *http);
/* Answers that have no end yet end when the work of this turn is done: for one
 * that has begun though the server is closing. */
void eio__http_end_streams_later(struct eio__http *http);
/* Closes the connections that wait between two requests. */
void eio__http_close_idle(struct eio__http *http);

void eio__http_add_handler(struct eio__http *http, struct eio__handler *h);
void eio__http_remove_handler(struct eio__handler *h);
/* The one that asks `on_head`; NULL: there is none yet. */
struct eio__handler *eio__http_find_handler(const struct eio__http *http,
	enum eio__step (*on_head)(struct eio__handler *h, eio_request *req));

void eio__http_log(struct eio__http *http, enum eio_log_level level,
	const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Counts, and writes a line about it unless there were too many. */
void eio__http_count(struct eio__http *http, enum eio_counter counter,
	enum eio_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* server_tls.c: gives back certificates and proxies. */
void eio__http_clear_tls(struct eio__http *http);

/* The current Date header's value, made once a second. */
const char *eio__http_date(struct eio__http *http);

#endif
