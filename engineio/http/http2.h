/* SPDX-License-Identifier: MIT */
/*
 * http2.h: HTTP/2 on a connection (RFC 9113).
 *
 *   http2.c         the session: input, output, its end
 *   http2_frames.c  what nghttp2 tells of it
 *   http2_head.c    from a stream's header fields to an eio_request
 *   http2_stream.c  one stream: its body, its time limits
 *   http2_reply.c   its answer
 *   http2_room.c    how much may wait on one connection, and who waits then
 *   http2_limits.c  what one connection may ask for, and how often
 *   http2_none.c    instead of all of them, where nghttp2 is not there
 *
 * It is spoken where ALPN has settled on "h2", or where the client begins with
 * it and the option HTTP2 says that it may. WebSockets are not offered (RFC
 * 8441): browsers then open them on a connection of HTTP/1.1. Nothing of
 * nghttp2 is in this header.
 */
#ifndef ENGINEIO_HTTP_HTTP2_H
#define ENGINEIO_HTTP_HTTP2_H

#include <engineio/http/conn.h>

/* NULL: out of memory. */
struct eio__http2 *eio__http2_new(struct eio__conn *conn);
/* NULL is allowed. */
void eio__http2_free(struct eio__http2 *h2);
/* Whether the client begins with HTTP/2. */
bool eio__http2_is_preface(const char *data, size_t len);
void eio__http2_input(struct eio__conn *conn, char *data, size_t len);
/* Adds what may go now to the connection's output, as long as little waits
 * there; false: there was nothing. */
bool eio__http2_output(struct eio__conn *conn);
/* All output has left. */
void eio__http2_written(struct eio__conn *conn);
/* The connection's time limit ran out. */
void eio__http2_timeout(struct eio__conn *conn, enum eio__limit limit);
/* The peer is gone. */
void eio__http2_gone(struct eio__conn *conn, const char *why);
/* The server ends: so do answers that are under way and have no end yet. */
void eio__http2_close_streams(struct eio__conn *conn);
/* The same, and nothing is left to wait for: the connection ends with the last
 * of its streams. */
void eio__http2_close(struct eio__conn *conn);

#endif
