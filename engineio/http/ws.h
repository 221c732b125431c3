/* SPDX-License-Identifier: MIT */
/*
 * ws.h: a WebSocket on a connection, from the side of the server's own
 * code.
 */
#ifndef ENGINEIO_HTTP_WS_H
#define ENGINEIO_HTTP_WS_H

#include <engineio/http/deflate.h>
#include <engineio/http/request.h>
#include <engineio/http/ws_frame.h>

struct eio__ws;

/* How a WebSocket ended. */
enum eio__ws_end {
	EIO__WS_GONE,    /* the peer left */
	EIO__WS_FAILED,  /* it broke the protocol or a limit */
	EIO__WS_STALLED, /* it did not take its output in time */
};

struct eio__ws_ops {
	/* A message; the bytes are lent and may be changed. */
	void (*on_message)(void *user, char *data, size_t len, bool binary);
	/* Bytes of an unfinished message came. */
	void (*on_progress)(void *user);
	/* So many packets of the queue, of so many bytes, have been handed to
	 * the network. May be NULL. */
	void (*on_written)(void *user, unsigned packets, size_t bytes);
	/* All of the queue has been handed to the network. */
	void (*on_drained)(void *user);
	/* It has ended, told once. The ws is freed when this returns. */
	void (*on_closed)(void *user, enum eio__ws_end how, const char *detail);
	/* A pong came. May be NULL. */
	void (*on_pong)(void *user);
};

/*
 * Answers the request with 101 and turns its connection into a WebSocket
 * that sends what is in the queue (NULL: nothing yet; the queue is its
 * owner's). Bytes that came behind the request are its first input, read in
 * this turn, after the caller has returned. Messages are compressed if the
 * client offers it and the deflater (NULL: never) is on. NULL: the request was
 * refused with the right status and is answered, or out of memory.
 */
struct eio__ws *eio__ws_accept(eio_request *req, size_t max_message,
	struct eio__deflater *deflater, const struct eio__ws_ops *ops,
	void *user);
/* The same, answered with this subprotocol (NULL: the first that the client
 * offers), which it has offered. */
struct eio__ws *eio__ws_accept_as(eio_request *req, const char *protocol,
	size_t max_message, struct eio__deflater *deflater,
	const struct eio__ws_ops *ops, void *user);
/* Somebody else is told from now on. */
void eio__ws_set_owner(struct eio__ws *ws, const struct eio__ws_ops *ops,
	void *user);
void eio__ws_set_queue(struct eio__ws *ws, struct eio__queue *queue);
/* Its messages meet these: see eio__net_ahead(). */
void eio__ws_ahead(struct eio__ws *ws, const void *session, const void *data);
/* And what it writes meets these: its connection, and the network's. */
void eio__ws_below(const struct eio__ws *ws, const void *below[2]);
/* The queue has something: it leaves at the end of the turn. */
void eio__ws_dirty(struct eio__ws *ws);
/* It leaves now, if the turn is that far. This may be the end of it. */
void eio__ws_flush(struct eio__ws *ws);
/* Whether what the queue gets now leaves at the end of this turn. */
bool eio__ws_is_writable(const struct eio__ws *ws);
/* Answers with one packet past the queue; left out when the peer does not
 * read its answers. */
void eio__ws_send_now(struct eio__ws *ws, const eio_buf *buf);
/* Asks for a pong. */
void eio__ws_ping(struct eio__ws *ws);
/*
 * Gives it up, without on_closed: a close frame with this code (0: with
 * none) follows what has left, the queue is not looked at any more, and the
 * connection ends. NULL is allowed.
 */
void eio__ws_end(struct eio__ws *ws, int code);

/* Refuses an upgrade: this status and text, no other headers, and the
 * connection ends. */
void eio__ws_refuse(eio_request *req, int status, const char *text);

/* For conn.c. */
void eio__ws_input(struct eio__conn *conn, char *data, size_t len);
/* There is output before the queue: moves what is small behind it. */
void eio__ws_join(struct eio__conn *conn);
/* Writes from the queue until it is empty or the network is full. */
void eio__ws_output(struct eio__conn *conn);
void eio__ws_gone(struct eio__conn *conn, const char *why);

#endif
