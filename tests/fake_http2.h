/* SPDX-License-Identifier: MIT */
/*
 * fake_http2.h: a client of HTTP/2 on the fake network, with nghttp2's other
 * half, without TLS: the server's option HTTP2 must be ENGINEIO_HTTP2_PLAIN.
 *
 * Bad peers send their frames by hand: fake_h2_frame().
 */
#ifndef TESTS_FAKE_HTTP2_H
#define TESTS_FAKE_HTTP2_H

#include "fake_net.h"

#define FAKE_H2_STREAMS 128

struct fake_h2;
struct nghttp2_session;

/* One answer. */
struct fake_h2_answer {
	int32_t id;
	int status;              /* of its last head, 0: none came */
	unsigned heads;          /* with those before it, 100 for one */
	struct eio__strbuf head; /* lines "name: value\n" */
	struct eio__strbuf body;
	struct eio__strbuf frames; /* "LENGTH " for each frame of data */
	bool ended;                /* in order */
	bool closed;               /* or by a reset, with this error */
	uint32_t error;
};

/* Connected, with the preface sent and the settings exchanged. The window that
 * the server has for each of its answers; 0: the default. */
struct fake_h2 *fake_h2_new(eio_loop *loop, uint32_t window);
/* The same on a connection that is there. */
struct fake_h2 *fake_h2_on(struct fake_conn *c, uint32_t window);
void fake_h2_free(struct fake_h2 *h2);
struct fake_conn *fake_h2_conn(struct fake_h2 *h2);
struct nghttp2_session *fake_h2_session(struct fake_h2 *h2);

/* What one side has to say goes to the other, until there is nothing. */
void fake_h2_talk(struct fake_h2 *h2);

/* Sends a request and talks. `fields` are more header fields in the form
 * "name: value\n", may be NULL. The body may be NULL; with `open` it does not
 * end. */
struct fake_h2_answer *fake_h2_ask(struct fake_h2 *h2, const char *method,
	const char *path, const char *fields, const char *body, bool open);
/* The same of all header fields, pseudo ones included. */
struct fake_h2_answer *fake_h2_ask_with(struct fake_h2 *h2, const char *fields,
	const char *body, bool open);
/* More of an open body. */
void fake_h2_more(struct fake_h2 *h2, struct fake_h2_answer *a,
	const void *data, size_t len, bool last);
void fake_h2_reset(struct fake_h2 *h2, struct fake_h2_answer *a);
/* The client has read this much of an answer; those of a window that was set
 * are not told by themselves. */
void fake_h2_read(struct fake_h2 *h2, struct fake_h2_answer *a, size_t n);
/* Bytes of an open body that were sent: that the server had room for. */
size_t fake_h2_body_sent(const struct fake_h2 *h2,
	const struct fake_h2_answer *a);
/* "STATUS BODY", or "reset ERROR". Lent until the next call. */
const char *fake_h2_outcome(const struct fake_h2_answer *a);
/* The value of a field of its head, "" if there is none; lent likewise. */
const char *fake_h2_field(const struct fake_h2_answer *a, const char *name);

/* Changes one of its settings, and talks. */
void fake_h2_set(struct fake_h2 *h2, int32_t id, uint32_t value);

/* GOAWAY: its error, -1: none came. */
int64_t fake_h2_goaway(const struct fake_h2 *h2);
/* Pings that were answered. */
unsigned fake_h2_pongs(const struct fake_h2 *h2);

/* Sends a frame's bytes, one turn. */
void fake_h2_frame(struct fake_h2 *h2, uint8_t type, uint8_t flags, int32_t id,
	const void *payload, size_t len);
/* Adds them to a buffer. */
void fake_h2_add_frame(struct eio__strbuf *b, uint8_t type, uint8_t flags,
	int32_t id, const void *payload, size_t len);
/* The preface and empty settings. */
void fake_h2_add_preface(struct eio__strbuf *b);

#endif
