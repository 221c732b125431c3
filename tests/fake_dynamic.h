/* SPDX-License-Identifier: MIT */
/*
 * fake_dynamic.h: a client that asks for namespaces, and what the program does
 * with those that are made for it.
 */
#ifndef TESTS_FAKE_DYNAMIC_H
#define TESTS_FAKE_DYNAMIC_H

#include "fake_sio.h"

/* For cmocka: the server of fake_sio, and a client in no namespace yet. */
extern struct fake_ws *ws;
int dynamic_setup(void **state);
int dynamic_teardown(void **state);

/* The client has been let in; there is no such namespace. */
void expect_in(struct fake_ws *client, const char *nsp);
#define INVALID(name) "44" name ",{\"message\":\"Invalid namespace\"}"

/* A predicate that is answered later: those who ask are here. */
#define HELD 4
extern sio_next *held[HELD];
extern int held_n;
void later(const char *name, json_t *auth, sio_next *next, void *user);

/* Middleware that lets in and tells so, or is answered later. */
void let_in(sio_socket *s, sio_next *next, void *user);
extern sio_next *kept;
void keep_next(sio_socket *s, sio_next *next, void *user);

/* Handlers: one tells "NAMESPACE EVENT", behind the text at user; one joins the
 * room "news". */
void tell_nsp(sio_socket *s, sio_event *ev, void *user);
void join_news(sio_socket *s, sio_event *ev, void *user);
/* For sio_nsp_on_room(): tells "NAMESPACE WHAT ROOM", or "id" for the room. */
void tell_room(sio_nsp *nsp, enum sio_room_event what, const char *room,
	const char *id, void *user);
/* The room of each socket by another name. */
const char *without_ids(const char *text);
/* For sio_nsp_set_data(): tells "TEXT ended". */
void tell_ended(void *text);

#endif
