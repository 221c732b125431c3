/* SPDX-License-Identifier: MIT */
/*
 * http.h: what is served beside Socket.IO, or Engine.IO alone, on the same
 * port: pages, REST calls, streams, other WebSockets. examples/web.c has one of
 * each.
 *
 * Who a request is for: first the hooks of eio_server_on_http() are asked, then
 * Engine.IO has its own path; a WebSocket goes to the eio_server_websocket() of
 * its path; then the longest path wins, of routes as of mounted folders, and a
 * folder that has no such file leaves it to the next; 404 otherwise, or 405
 * where only the method is another one. All of it goes over TLS, too, where the
 * port speaks that, and through the same proxies; and but for the WebSockets
 * all of it goes over HTTP/2 (ENGINEIO_HTTP2), where many requests share a
 * connection: what is said of the connection of a request, that its client has
 * left for one, is said of its stream then.
 *
 * Pages: mount a folder.
 *
 *	eio_server_mount(srv, "/", "public");
 *
 * REST calls: a route is called when the request has come wholly, its body
 * included, and answers it once.
 *
 *	static void get_hello(eio_request *req, void *user)
 *	{
 *		const char *name = eio_request_query(req, "name");
 *
 *		if (name)
 *			eio_request_respond(req, 200, "text/plain", name,
 *				strlen(name));
 *		else
 *			eio_request_respond(req, 400, NULL, NULL, 0);
 *	}
 *
 *	eio_server_route(srv, "GET", "/hello", get_hello, NULL);
 *
 * A route whose path ends with '/' has all paths below it: eio_request_path()
 * says which. Bodies of JSON are read and written by sio_request_json() and
 * sio_request_respond_json() of <socketio/socketio.h>; the calls that register
 * are there as well, sio_server_mount(), sio_server_route() and
 * sio_server_websocket(), so that sio_server_run() says what was wrong.
 *
 * Answers that take their time: keep a reference, answer from wherever the
 * answer comes, a timer, a descriptor, another thread's eio_loop_post(), and
 * give the reference back. The client may have gone until then; answering is
 * an error then that may be ignored.
 *
 *	eio_request_ref(req);           now
 *	eio_request_respond(req, ...);  later
 *	eio_request_unref(req);
 *
 * Streams, Server-Sent Events for one: eio_request_begin(), then
 * eio_request_write() as often as there is something, with a reference that is
 * given back in the callback of eio_request_on_gone(). A client that reads
 * slowly is limited by QUEUE_BYTES; eio_request_on_drain() tells who writes
 * much when to go on.
 *
 * WebSockets: eio_server_websocket() with functions for what is told of them,
 * eio_websocket_send() to one, eio_server_next_websocket() to find all of them.
 *
 * Pages of other origins: eio_server_set_cors() speaks for Engine.IO's path. A
 * route that they may call says so itself, with eio_request_set_header() of
 * Access-Control-Allow-Origin, and a route of the method OPTIONS answers what
 * browsers ask before a POST of JSON.
 *
 * The rules of engineio.h on threads, errors and callbacks hold here too.
 */
#ifndef ENGINEIO_HTTP_H
#define ENGINEIO_HTTP_H

#include <engineio/engineio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* -- what was asked ----------------------------------------------------- */

/* All texts live as long as the request. */
ENGINEIO_API const char *eio_request_method(const eio_request *req);
/* As it came: not decoded, with the query. JS: req.url */
ENGINEIO_API const char *eio_request_target(const eio_request *req);
/* The value of a header, the name in any case; several of one name are
 * joined with ", " (Cookie with "; "). NULL without one, or without
 * memory to join them. */
ENGINEIO_API const char *eio_request_header(const eio_request *req,
	const char *name);
/* The i-th header as it came, in order; false behind the last. */
ENGINEIO_API bool eio_request_header_at(const eio_request *req, size_t i,
	const char **name, const char **value);
/* The value of a query parameter, decoded; of several the last, with U+FFFD
 * for what is not UTF-8 and for NUL. NULL without one. */
ENGINEIO_API const char *eio_request_query(eio_request *req, const char *name);
/* The path alone, decoded: of "/notes/a%20b?x=y" it is "/notes/a b". NULL: that
 * would be no text (a bad %, a NUL, no UTF-8), or there is no memory. Routes are
 * found by the path as it came. JS: decodeURIComponent(req.path) */
ENGINEIO_API const char *eio_request_path(eio_request *req);
/* The value of the cookie that the client sent, as it came, without the quotes
 * it may have; of several the first. NULL without one. JS: req.cookies[name] */
ENGINEIO_API const char *eio_request_cookie(eio_request *req, const char *name);
/* The body; NULL and 0 without one. Complete when a route is called. */
ENGINEIO_API const char *eio_request_body(const eio_request *req, size_t *len);
/* The client's address as text, "" over a unix socket; behind trusted proxies
 * what they say (eio_server_trust_proxy()). */
ENGINEIO_API const char *eio_request_address(const eio_request *req);
/* Over TLS, to us or to a trusted proxy. */
ENGINEIO_API bool eio_request_is_secure(const eio_request *req);
/* What the client's certificate says; NULL: it showed none, or has no such
 * field. See eio_server_set_client_ca(). */
ENGINEIO_API const char *eio_request_peer_certificate(const eio_request *req,
	enum eio_certificate field);

/* -- the answer --------------------------------------------------------- */

/* Gives the answer a header, in place of any of that name it has; name and
 * value are copied. Before eio_request_respond(). ENGINEIO_ERR_INVALID for
 * names or values that HTTP does not allow (line ends above all), and for
 * what the server says itself: Content-Length, Transfer-Encoding, Connection,
 * Keep-Alive, Date. JS: res.setHeader() */
ENGINEIO_API int eio_request_set_header(eio_request *req, const char *name,
	const char *value);
/* The same beside those of that name it has, for a second Set-Cookie.
 * JS: res.appendHeader() */
ENGINEIO_API int eio_request_add_header(eio_request *req, const char *name,
	const char *value);
/* The same for a cookie: attributes as in Set-Cookie, "Path=/; HttpOnly", or
 * NULL; it takes the place of none. ENGINEIO_ERR_INVALID for what a cookie
 * cannot have in its name or value: blanks, quotes, commas, semicolons,
 * backslashes, what is not ASCII. JS: res.cookie() */
ENGINEIO_API int eio_request_set_cookie(eio_request *req, const char *name,
	const char *value, const char *attributes);
/*
 * Answers with a body that is copied; type is the Content-Type (NULL:
 * none). Content-Length, Date and Connection are added; a body for HEAD,
 * 204 and 304 is left out. Once: ENGINEIO_ERR_STATE after that,
 * ENGINEIO_ERR_CLOSED when the client has gone. ENGINEIO_ERR_FULL: more than
 * HTTP2_BYTES wait on its connection; it was answered with 503.
 */
ENGINEIO_API int eio_request_respond(eio_request *req, int status,
	const char *type, const void *body, size_t len);
/* Answers with status 301, 302, 303, 307 or 308, and where to go instead: a
 * path, or a whole URL. After a POST 303 is the one that means "GET it there".
 * Errors as eio_request_respond(). JS: res.redirect() */
ENGINEIO_API int eio_request_redirect(eio_request *req, int status,
	const char *location);
/* Answers with a file, read while it is sent. ENGINEIO_ERR_INVALID: it is
 * not there or not a regular file, ENGINEIO_ERR_NOMEM: no memory or no
 * descriptor is left; nothing was answered. */
ENGINEIO_API int eio_request_respond_file(eio_request *req, int status,
	const char *type, const char *file);
/* The same, but of the file and its prepared copies the smallest that the
 * client accepts: file.br, file.gz, file.zz (deflate), made beforehand. Says
 * so in Content-Encoding and Vary. */
ENGINEIO_API int eio_request_respond_prepared(eio_request *req, int status,
	const char *type, const char *file);
/*
 * Decides on a request that a callback was asked about: once for each time
 * it was asked; inside of the callback, whatever that returns then, or later
 * if it returned ENGINEIO_LATER. What follows happens from the loop. text
 * (NULL: none) is copied; what it means is said where the callback is
 * registered. ENGINEIO_ERR_CLOSED: the client has gone. ENGINEIO_ERR_STATE:
 * it was decided or answered before, by the time limit (DECISION_TIMEOUT)
 * perhaps. A request whose last reference goes without a decision gets 500;
 * in place of a decision it may be answered.
 */
ENGINEIO_API int eio_request_decide(eio_request *req, bool allow,
	const char *text);
/*
 * Begins an answer whose body follows bit by bit, now and later, until
 * eio_request_end(); keep a reference. Over HTTP/1.1 it is chunked, over 1.0
 * it ends with the connection. Of a HEAD request the end follows from the
 * loop, and is told by eio_request_on_gone(). Errors as eio_request_respond().
 */
ENGINEIO_API int eio_request_begin(eio_request *req, int status,
	const char *type);
/*
 * Adds to the body; the bytes are copied and leave at the end of the turn, as
 * one chunk (an empty piece is none). ENGINEIO_ERR_STATE: it has not begun;
 * ENGINEIO_ERR_CLOSED: it has ended, or the client has gone.
 * ENGINEIO_ERR_FULL: more than QUEUE_BYTES would wait for the client, or more
 * than HTTP2_BYTES wait on its connection; the connection is closed, of HTTP/2
 * the stream. After ENGINEIO_ERR_NOMEM as well.
 */
ENGINEIO_API int eio_request_write(eio_request *req, const void *data,
	size_t len);
/* Bytes that wait for the client of such an answer. */
ENGINEIO_API size_t eio_request_waiting(const eio_request *req);
/* Calls fn(req, user) from the loop each time more than QUEUE_LOW bytes have
 * waited for the client of such an answer, and now no more than that do: for
 * who writes much, until eio_request_waiting() is more than QUEUE_LOW, and goes
 * on from there. Before such a write; NULL: not any more. JS: res.on("drain") */
ENGINEIO_API int eio_request_on_drain(eio_request *req,
	void (*fn)(eio_request *req, void *user), void *user);
/* The body is complete. A stream whose last reference goes without this looks
 * broken to the client, which it is. JS: res.end() */
ENGINEIO_API int eio_request_end(eio_request *req);
/* Calls fn(req, user) from the loop, at most once, when the client has gone
 * before the answer was complete, or the server closes. Not after
 * eio_request_respond() or eio_request_end(). JS: req.on("close", fn) */
ENGINEIO_API int eio_request_on_gone(eio_request *req,
	void (*fn)(eio_request *req, void *user), void *user);
/* To answer later: keep a reference, give it back after the answer. A
 * request whose last reference goes without an answer gets 500. */
ENGINEIO_API eio_request *eio_request_ref(eio_request *req);
ENGINEIO_API void eio_request_unref(eio_request *req);

/* -- routes ------------------------------------------------------------- */

/* The request has come wholly, body included. */
typedef void (*eio_route_cb)(eio_request *req, void *user);

/*
 * Calls fn for requests of this method (NULL: any; GET takes HEAD too)
 * whose path is `path`, or lies below it if it ends with '/'. The longest
 * path wins, then the first registered. Engine.IO's own path goes before.
 * A body may have MAX_PAYLOAD bytes (413).
 */
ENGINEIO_API int eio_server_route(eio_server *srv, const char *method,
	const char *path, eio_route_cb fn, void *user);
/* The body of a request for a route cannot be had, and status says why. */
typedef void (*eio_refusal_cb)(eio_request *req, int status, void *user);

/*
 * Calls fn when a request for a route on this path (or below it if it ends
 * with '/'; of several the longest, then the first registered) is refused
 * for its body, so that the answer can say so in the route's own words: 413 it
 * is too large, 408 it did not come in time, 400 and 431 it is not sent as
 * HTTP says, 500 there is no memory for it. What fn does not answer is
 * answered with the status and no body. The connection ends behind it. JS: an
 * error handler of Express
 */
ENGINEIO_API int eio_server_on_refusal(eio_server *srv, const char *path,
	eio_refusal_cb fn, void *user);
/*
 * Serves the files of a folder below the path, which begins and ends with '/'
 * ("/files/"; who asks for "/files" is sent there, unless a route takes it):
 * GET and HEAD, index.html for a folder, types by name, ETag and 304, prepared
 * copies (.br, .gz, .zz) for clients that accept them. Never anything outside
 * of the folder, no dot files. The folder is looked at for each request.
 */
ENGINEIO_API int eio_server_mount(eio_server *srv, const char *path,
	const char *folder);

/* -- WebSockets beside Engine.IO ---------------------------------------- */

/* One that is open: lent until on_close has returned, or for as long as you
 * hold a reference. */
typedef struct eio_websocket eio_websocket;

/* What is told of a WebSocket, by the loop. on_close and on_drain may be NULL,
 * and so may members that later versions add at the end. */
struct eio_websocket_events {
	/* It was opened by this request, which is lent. */
	void (*on_open)(eio_websocket *w, eio_request *req, void *user);
	/* A message came: the bytes are lent and may be changed; text is
	 * valid UTF-8, and data[len] is not there. */
	void (*on_message)(eio_websocket *w, char *data, size_t len,
		bool binary, void *user);
	/* It has ended, told exactly once; why, in words. */
	void (*on_close)(eio_websocket *w, const char *detail, void *user);
	/* More than QUEUE_LOW bytes have waited for it, and now no more than
	 * that do: for who sends much, until eio_websocket_queued() is more
	 * than QUEUE_LOW, and goes on from here. JS: stream.on("drain") */
	void (*on_drain)(eio_websocket *w, void *user);
};

/*
 * Accepts WebSockets on this path, and on no path below it; Engine.IO's own
 * path goes before. protocol is the one they must offer and are answered
 * with (Sec-WebSocket-Protocol; others are refused with 400); NULL: any.
 * Requests for the path that are no WebSocket are for routes and folders.
 * Messages may have MAX_PAYLOAD bytes, and are compressed if that was agreed
 * on (PER_MESSAGE_DEFLATE). A peer that does not answer a ping within
 * PING_INTERVAL is given up. The events are copied.
 */
ENGINEIO_API int eio_server_websocket(eio_server *srv, const char *path,
	const char *protocol, const struct eio_websocket_events *events,
	void *user);
/*
 * Sends a message, behind all others, at the end of the turn; the bytes are
 * copied, a text must be UTF-8. ENGINEIO_ERR_CLOSED: it has ended.
 * ENGINEIO_ERR_FULL: more than QUEUE_BYTES would wait for it; it is closed
 * (1008, "queue full").
 */
ENGINEIO_API int eio_websocket_send(eio_websocket *w, const void *data,
	size_t len, bool binary);
/* Bytes that wait for it. */
ENGINEIO_API size_t eio_websocket_queued(const eio_websocket *w);
/* Ends it with this close code when what was sent before has left, or
 * CLOSE_TIMEOUT is over; what the peer says meanwhile is dropped. on_close
 * follows from the loop. Idempotent. 0: none; 1000 to 1003 and 1007 to 1014 say
 * what RFC 6455 means by them, 3000 to 3999 what is registered, 4000 to 4999
 * what you mean. ENGINEIO_ERR_INVALID for others, which no frame may have; it
 * goes on. JS: ws.close(code) */
ENGINEIO_API int eio_websocket_close(eio_websocket *w, int code);
/* Yours; not touched by the library. */
ENGINEIO_API void eio_websocket_set_data(eio_websocket *w, void *data);
ENGINEIO_API void *eio_websocket_data(const eio_websocket *w);
/* The open WebSocket of this path behind w, the first for NULL; NULL behind the
 * last. It may be walked while they are sent to and closed. JS: wss.clients */
ENGINEIO_API eio_websocket *eio_server_next_websocket(const eio_server *srv,
	const char *path, const eio_websocket *w);
ENGINEIO_API eio_websocket *eio_websocket_ref(eio_websocket *w);
/* NULL is allowed. */
ENGINEIO_API void eio_websocket_unref(eio_websocket *w);

#ifdef __cplusplus
}
#endif

#endif
