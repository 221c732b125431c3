/* SPDX-License-Identifier: MIT */
/*
 * fake_client.h: clients of the fake network that speak HTTP, WebSocket and
 * Engine.IO, so that tests read like what they test.
 *
 * Every call asserts that the server kept to the protocols it speaks.
 * Texts that are returned live until the client's next call.
 */
#ifndef TESTS_FAKE_CLIENT_H
#define TESTS_FAKE_CLIENT_H

#include "fake_net.h"

/* -- one HTTP exchange --------------------------------------------------- */

struct fake_reply {
	int status; /* 0: no complete answer is there */
	char *head; /* status line and headers */
	char *body; /* NUL-terminated */
	size_t len;
};

/* Sends a request on the connection: headers are lines with CRLF (NULL:
 * none), a Host is added, a Content-Length when there is a body. */
void fake_request(struct fake_conn *c, const char *method, const char *target,
	const char *headers, const char *body);
/* Takes the next answer off what was received; status 0 when it has not
 * come. To be cleared. */
struct fake_reply fake_reply(struct fake_conn *c);
/* Its compressed body, inflated; the length. Aborts if it is none, or if
 * something is behind it. */
size_t fake_reply_inflate(const struct fake_reply *r, char *out, size_t room);
void fake_reply_clear(struct fake_reply *r);
/* Takes it and gives its status; 0 when it has not come. */
int fake_reply_status(struct fake_conn *c);
/* The value of a header of the answer, "" without one. In a buffer that
 * the next call reuses. */
const char *fake_reply_header(const struct fake_reply *r, const char *name);
/* Both in one, on a connection of its own, which is freed. */
struct fake_reply fake_http(eio_loop *loop, const char *method,
	const char *target, const char *headers, const char *body);

/* -- WebSocket ----------------------------------------------------------- */

struct fake_ws {
	struct fake_conn *c;
	struct eio__strbuf text; /* the last message */
	bool binary;             /* what it was */
	int close_code;       /* -1: no close frame yet; 1005: without code */
	unsigned pongs;       /* that came so far */
	char pong[126];       /* what the last one said */
	unsigned pong_at;     /* how many frames of data came before it */
	unsigned frames;      /* of data that came so far */
	char extensions[160]; /* agreed on; "" for none */
	bool deflated;        /* the last message was compressed: text is what
				 came, not what it says */
};

/* What a request for one needs besides a Host: header lines with CRLF. */
extern const char fake_ws_headers[];

/* Opens one; NULL if the answer was not 101. */
struct fake_ws *fake_ws_open(eio_loop *loop, const char *target);
/* The same with more header lines. */
struct fake_ws *fake_ws_open_with(eio_loop *loop, const char *target,
	const char *headers);
/* Takes over a connection on which it was asked for; NULL (the connection
 * is freed) if the answer was not 101. */
struct fake_ws *fake_ws_adopt(struct fake_conn *c);
void fake_ws_free(struct fake_ws *ws);
void fake_ws_send(struct fake_ws *ws, const char *text);
void fake_ws_send_binary(struct fake_ws *ws, const void *data, size_t len);
/* A frame as given, masked. */
void fake_ws_frame(struct fake_ws *ws, int first_byte, const void *data,
	size_t len);
/* The same, only appended to b. */
void fake_ws_add_frame(struct eio__strbuf *b, int first_byte, const void *data,
	size_t len);
/* The next message; NULL when there is none. Pongs are noted; so is a close
 * frame, in close_code. */
const char *fake_ws_next(struct fake_ws *ws);
/* Whether the server has sent a close frame, or ended the connection. */
bool fake_ws_is_closed(struct fake_ws *ws);
/* Whether there is nothing more but a close frame of this code, and the end. */
bool fake_ws_ended_with(struct fake_ws *ws, int code);

/* -- Engine.IO ----------------------------------------------------------- */

/* A long-polling session. */
struct fake_poll {
	eio_loop *loop;
	char path[128]; /* before the '?' */
	char sid[32];
	bool revision_3;       /* asked for with "&EIO=3" */
	char open[512];        /* the open packet */
	struct fake_conn *get; /* a poll that waits, or NULL */
	struct fake_reply reply;
};

/* Performs the handshake; NULL if it was refused. path with its '/'. */
struct fake_poll *fake_poll_open(eio_loop *loop, const char *path);
/* The same with more parameters ("&b64=1"). With "&EIO=3" it speaks revision
 * 3, and what it posts and gets are payloads of that. */
struct fake_poll *fake_poll_open_with(eio_loop *loop, const char *path,
	const char *parameters);
void fake_poll_free(struct fake_poll *p);
/* Sends a GET, unless one waits. */
void fake_poll_get(struct fake_poll *p);
/* The body of the waiting GET, sending one if none waits; NULL while there
 * is no answer. Asserts status 200. */
const char *fake_poll_next(struct fake_poll *p);
/* The same without the assertion. */
int fake_poll_status(struct fake_poll *p);
/* Posts a payload; returns the status. */
int fake_poll_post(struct fake_poll *p, const char *body);
/* The target of its requests. */
void fake_poll_target(const struct fake_poll *p, char target[256]);
/* A request of the session, on a connection of the test's own. */
struct fake_conn *fake_poll_request(struct fake_poll *p, const char *method,
	const char *headers, const char *body);
/* Whether the server does not know the session's id any more. */
bool fake_poll_is_unknown(struct fake_poll *p);
/* Opens a WebSocket that may take the session over; NULL if refused. */
struct fake_ws *fake_poll_candidate(struct fake_poll *p);

/* A session over WebSocket: opened, its open packet taken. */
struct fake_ws *fake_eio_open(eio_loop *loop, const char *path);
/* The same with more parameters; NULL if it was refused. */
struct fake_ws *fake_eio_open_with(eio_loop *loop, const char *path,
	const char *parameters);

#endif
