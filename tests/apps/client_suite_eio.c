/* SPDX-License-Identifier: MIT */
/*
 * client_suite_eio.c: the server of engine.io-client's test suite: an echo
 * with a few words of its own, four cookies, small messages only.
 */
#include <config.h>

#include "client_suite_app.h"

#include <engineio/http.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The headers of the last POST, as JSON. */
static char *post_headers;

static json_t *headers_of(const eio_request *req)
{
	json_t *headers = json_object();
	const char *name, *value;
	char key[128];
	size_t i, n;

	for (i = 0; eio_request_header_at(req, i, &name, &value); i++) {
		for (n = 0; name[n] && n < sizeof(key) - 1; n++)
			key[n] = name[n] >= 'A' && name[n] <= 'Z'
				? (char)(name[n] + 32)
				: name[n];
		key[n] = '\0';
		json_object_set_new(headers, key,
			json_string(eio_request_header(req, name)));
	}
	return headers;
}

static void add_cookies(eio_request *req)
{
	char expires[80];
	time_t now = time(NULL);

	strftime(expires, sizeof(expires),
		"4=4; Expires=%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
	eio_request_add_header(req, "Set-Cookie", "1=1; Max-Age=86400");
	eio_request_add_header(req, "Set-Cookie",
		"2=2; Path=/; HttpOnly; Secure; SameSite=Strict");
	eio_request_add_header(req, "Set-Cookie", "3=3; Max-Age=0");
	eio_request_add_header(req, "Set-Cookie", expires);
}

static void on_headers(eio_request *req, bool first, void *user)
{
	json_t *headers;

	if (first)
		add_cookies(req);
	if (strcmp(eio_request_method(req), "POST") != 0)
		return;
	headers = headers_of(req);
	free(post_headers);
	post_headers = json_dumps(headers, JSON_COMPACT);
	json_decref(headers);
}

static enum eio_verdict may_enter(eio_request *req, void *user)
{
	return eio_request_query(req, "deny") ? ENGINEIO_REFUSE : ENGINEIO_PASS;
}

static void send(eio_socket *s, const void *data, size_t len, bool binary)
{
	eio_buf *buf = binary ? eio_buf_new_binary(data, len)
			      : eio_buf_new_text(data, len);

	eio_socket_send(s, buf);
	eio_buf_unref(buf);
}

static void send_text(eio_socket *s, const char *text)
{
	send(s, text, strlen(text), false);
}

static bool is(const char *data, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(data, word, len) == 0;
}

static void on_open(eio_socket *s, void *user)
{
	send_text(s, "hi");
}

static void on_message(eio_socket *s, char *data, size_t len, bool binary,
	void *user)
{
	bool polling = !strcmp(eio_socket_transport(s), "polling");

	if (!binary && is(data, len, "give binary"))
		send(s, "\0\1\2\3\4", 5, true);
	else if (!binary && is(data, len, "give utf8"))
		send_text(s, "пойду спать всем спокойной ночи");
	else if (!binary && is(data, len, "sendHeaders"))
		send_text(s, polling && post_headers ? post_headers : "");
	else
		send(s, data, len, binary);
}

eio_server *suite_eio(eio_loop *loop)
{
	eio_server *engine = eio_server_new(loop);

	eio_server_set_path(engine, "/engine.io");
	eio_server_set_option(engine, ENGINEIO_PING_INTERVAL, 500);
	eio_server_set_option(engine, ENGINEIO_MAX_PAYLOAD, 100);
	eio_server_on_request(engine, may_enter, NULL);
	eio_server_on_headers(engine, on_headers, NULL);
	eio_server_on_open(engine, on_open, NULL);
	eio_server_on_message(engine, on_message, NULL);
	return engine;
}

void suite_eio_clear(void)
{
	free(post_headers);
	post_headers = NULL;
}
