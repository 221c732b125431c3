/* SPDX-License-Identifier: MIT */
/*
 * fake_visitor.h: clients that come back (connection state recovery) with what
 * the stock client keeps.
 */
#ifndef TESTS_FAKE_VISITOR_H
#define TESTS_FAKE_VISITOR_H

#include "fake_sio.h"

struct visitor {
	struct fake_ws *ws; /* NULL: away */
	char sid[24], pid[24], offset[64];
	bool recovered;
	char before[500]; /* what came in front of the answer */
};

/* For cmocka: the server of fake_sio with recovery, and two of its visitors,
 * who have not come yet; the server listens, or not yet. */
extern struct visitor anna, bert;
int visitor_setup(void **state);
int visitor_setup_deaf(void **state);
int visitor_teardown(void **state);

/* CONNECT on a new connection, as the stock client writes it; and its answer
 * read as well. */
void ask_in(struct visitor *v, const char *nsp);
void read_welcome(struct visitor *v, const char *nsp);
/* Both; and that for the namespace "/". */
void come_to(struct visitor *v, const char *nsp);
void come(struct visitor *v);
/* Comes, and is somebody new. */
void assert_new(struct visitor *v);
/* Goes without a word. */
void drop(struct visitor *v);

/* An event as the program sent it; its offset, a text at its end, is the
 * visitor's from now on. */
const char *visitor_take(struct visitor *v, char out[200]);
#define assert_event(visitor, text) \
	do { \
		char got[200]; \
		assert_string_equal(visitor_take(visitor, got), text); \
	} while (0)
#define assert_no_event(visitor) assert_null(fake_ws_next((visitor)->ws))

/* Its socket in "/"; NULL when it is not connected. */
sio_socket *socket_of(struct visitor *v);
/* Hooks of sio_nsp_on_recover() that tell what they do; the data of the socket
 * is a text. */
json_t *save(sio_socket *s, void *user);
void restore(sio_socket *s, json_t *saved, void *user);
/* A handler of "connection" that tells whether it was recovered. */
void tell_connection(sio_socket *s, sio_event *ev, void *user);

#endif
