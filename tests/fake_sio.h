/* SPDX-License-Identifier: MIT */
/*
 * fake_sio.h: a whole Socket.IO server on the fake network, its clients,
 * and the story of what its handlers were called for.
 *
 * Clients speak over WebSocket if a test does not say otherwise; what they
 * send and get are the texts of protocol 5, behind the '4' of Engine.IO.
 */
#ifndef TESTS_FAKE_SIO_H
#define TESTS_FAKE_SIO_H

#include <socketio/socketio.h>

#include "fake_client.h"

/* Made by sio_setup(): a server that listens, and its namespace "/". */
extern eio_loop *loop;
extern sio_server *srv;
extern sio_nsp *io;

int sio_setup(void **state);
/* The same, but it does not listen yet. */
int sio_setup_deaf(void **state);
/* Frees what is left of them. */
int sio_teardown(void **state);
/* Frees the server now; the loop goes on. */
void sio_free_server(void);

/* -- the story: what happened, in order ----------------------------------- */

/* Adds a line, as printf. */
void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The lines since the last call, joined with "; ". */
const char *story(void);
#define assert_story(text) assert_string_equal(story(), text)
/* A text as a user pointer. */
#define words(text) ((void *)(uintptr_t)(text))
/* A handler that tells "NAME[ARGUMENTS]", behind the text at user if there
 * is one. */
void tell_event(sio_socket *s, sio_event *ev, void *user);
/* A handler that tells only the text at user. */
void tell_text(sio_socket *s, sio_event *ev, void *user);
/* An ack that tells "ack ERROR" or "ack[ARGUMENTS]". */
void tell_ack(sio_socket *s, int err, sio_event *answer, void *user);

/* -- clients -------------------------------------------------------------- */

/* A session over WebSocket that has not sent anything yet. */
struct fake_ws *sio_session(void);
/* One that has joined this namespace ("/", "/a"); its id goes to sid, unless
 * that is NULL. */
struct fake_ws *sio_client(const char *nsp, char sid[24]);
/* Joins one more namespace. */
void sio_join_nsp(struct fake_ws *ws, const char *nsp, char sid[24]);
/* Sends several texts in one piece, all in one turn; NULL is the last. */
void sio_send_together(struct fake_ws *ws, ...);
/* The socket of a client; NULL when it is not connected. */
sio_socket *sio_socket_of(sio_nsp *nsp, const char *sid);

/* What the client got next is this text; nothing; the close. */
#define expect(ws, text)   expect_at(ws, text, __FILE__, __LINE__)
#define expect_nothing(ws) expect_at(ws, NULL, __FILE__, __LINE__)
void expect_at(struct fake_ws *ws, const char *text, const char *file,
	int line);
void expect_binary(struct fake_ws *ws, const void *data, size_t len);
void expect_closed(struct fake_ws *ws);
/* Nothing more, and the connection is open. */
void expect_open(struct fake_ws *ws);

#endif
