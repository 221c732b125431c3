/* SPDX-License-Identifier: MIT */
/*
 * fake_visitor.c: clients that come back (connection state recovery) with what
 * the stock client keeps.
 */
#include <config.h>

#include "fake_visitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct visitor anna, bert;

int visitor_setup_deaf(void **state)
{
	memset(&anna, 0, sizeof(anna));
	memset(&bert, 0, sizeof(bert));
	sio_setup_deaf(state);
	assert_int_equal(sio_server_set_recovery(srv, 120000, 0, true), 0);
	return 0;
}

int visitor_setup(void **state)
{
	visitor_setup_deaf(state);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
	return 0;
}

int visitor_teardown(void **state)
{
	fake_ws_free(anna.ws);
	fake_ws_free(bert.ws);
	return sio_teardown(state);
}

const char *visitor_take(struct visitor *v, char out[200])
{
	const char *text = fake_ws_next(v->ws), *mark;

	out[0] = '\0';
	if (!text)
		return out;
	mark = strrchr(text, ',');
	if (!mark || mark[1] != '"') {
		snprintf(out, 200, "%s without", text);
		return out;
	}
	snprintf(v->offset, sizeof(v->offset), "%.*s",
		(int)strcspn(mark + 2, "\""), mark + 2);
	snprintf(out, 200, "%.*s]", (int)(mark - text), text);
	return out;
}

static bool take_welcome(struct visitor *v, const char *text, const char *nsp)
{
	char pid[24] = "", form[80];

	snprintf(form, sizeof(form),
		"40%s%s{\"sid\":\"%%20[^\"]\",\"pid\":"
		"\"%%20[^\"]\"}",
		strcmp(nsp, "/") ? nsp : "", strcmp(nsp, "/") ? "," : "");
	if (sscanf(text, form, v->sid, pid) != 2)
		return false;
	v->recovered = *v->pid && strcmp(v->pid, pid) == 0;
	memcpy(v->pid, pid, sizeof(pid));
	return true;
}

static void note_before(struct visitor *v, const char *text)
{
	size_t n = strlen(v->before);
	const char *mark = strrchr(text, ',');

	if (mark && mark[1] == '"')
		snprintf(v->offset, sizeof(v->offset), "%.*s",
			(int)strcspn(mark + 2, "\""), mark + 2);
	snprintf(v->before + n, sizeof(v->before) - n, "%.*s ",
		mark ? (int)(mark - text) : (int)strlen(text), text);
}

void read_welcome(struct visitor *v, const char *nsp)
{
	const char *text;

	v->before[0] = '\0';
	for (text = fake_ws_next(v->ws); text; text = fake_ws_next(v->ws)) {
		if (take_welcome(v, text, nsp))
			return;
		note_before(v, text);
	}
	fail_msg("no answer to CONNECT");
}

void ask_in(struct visitor *v, const char *nsp)
{
	const char *comma = strcmp(nsp, "/") ? "," : "";
	char text[300];

	nsp = *comma ? nsp : "";
	if (*v->pid && *v->offset)
		snprintf(text, sizeof(text),
			"40%s%s{\"pid\":\"%s\",\"offset\":\"%s\"}", nsp, comma,
			v->pid, v->offset);
	else if (*v->pid)
		snprintf(text, sizeof(text), "40%s%s{\"pid\":\"%s\"}", nsp,
			comma, v->pid);
	else
		snprintf(text, sizeof(text), "40%s%s", nsp, comma);
	v->ws = sio_session();
	fake_ws_send(v->ws, text);
}

void come_to(struct visitor *v, const char *nsp)
{
	ask_in(v, nsp);
	read_welcome(v, nsp);
}

void come(struct visitor *v)
{
	come_to(v, "/");
}

void drop(struct visitor *v)
{
	fake_ws_free(v->ws);
	v->ws = NULL;
}

sio_socket *socket_of(struct visitor *v)
{
	return sio_nsp_find(io, v->sid);
}

json_t *save(sio_socket *s, void *user)
{
	tell("saved");
	return json_pack("[s*]", (const char *)sio_socket_data(s));
}

void restore(sio_socket *s, json_t *saved, void *user)
{
	const char *text = json_string_value(json_array_get(saved, 0));

	tell("restored %s", text ? text : "(null)");
}

void tell_connection(sio_socket *s, sio_event *ev, void *user)
{
	tell("%s", sio_socket_recovered(s) ? "back" : "new");
}

void assert_new(struct visitor *v)
{
	char sid[24];

	memcpy(sid, v->sid, sizeof(sid));
	come(v);
	assert_false(v->recovered);
	assert_string_not_equal(v->sid, sid);
	assert_string_equal(v->before, "");
}
