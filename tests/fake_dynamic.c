/* SPDX-License-Identifier: MIT */
/*
 * fake_dynamic.c: a client that asks for namespaces, and what the program does
 * with those that are made for it.
 */
#include <config.h>

#include "fake_dynamic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fake_ws *ws;
sio_next *held[HELD], *kept;
int held_n;

int dynamic_setup(void **state)
{
	sio_setup(state);
	ws = sio_session();
	held_n = 0;
	return 0;
}

int dynamic_teardown(void **state)
{
	fake_ws_free(ws);
	return sio_teardown(state);
}

void tell_nsp(sio_socket *s, sio_event *ev, void *user)
{
	tell("%s%s %s", user ? (const char *)user : "",
		sio_nsp_name(sio_socket_nsp(s)), sio_event_name(ev));
}

void let_in(sio_socket *s, sio_next *next, void *user)
{
	tell("%s%s asked", user ? (const char *)user : "",
		sio_nsp_name(sio_socket_nsp(s)));
	sio_next_pass(next);
}

void later(const char *name, json_t *auth, sio_next *next, void *user)
{
	assert_true(held_n < HELD);
	tell("%s?", name);
	held[held_n++] = next;
}

void expect_in(struct fake_ws *client, const char *nsp)
{
	const char *text = fake_ws_next(client);
	char head[300];

	snprintf(head, sizeof(head), "40%s,{\"sid\":\"", nsp);
	assert_non_null(text);
	assert_int_equal(strncmp(text, head, strlen(head)), 0);
}

void tell_room(sio_nsp *nsp, enum sio_room_event what, const char *room,
	const char *id, void *user)
{
	tell("%s %d %s", sio_nsp_name(nsp), what, id ? "id" : room);
}

const char *without_ids(const char *text)
{
	static char out[500];
	size_t n = 0, word;

	while (*text && n < sizeof(out) - 20) {
		word = strcspn(text, " ;");
		if (word == 20)
			n += (size_t)snprintf(out + n, sizeof(out) - n, "own");
		else
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%.*s",
				(int)word, text);
		text += word;
		if (*text)
			out[n++] = *text++;
	}
	out[n] = '\0';
	return out;
}

void join_news(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_join(s, "news");
}

void tell_ended(void *text)
{
	tell("%s ended", (const char *)text);
}

void keep_next(sio_socket *s, sio_next *next, void *user)
{
	kept = next;
}
