/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_HTTP_H
#define SRC_CHAT_HTTP_H

#include <src/chat.h>

#include <engineio/http.h>

#define CHAT_HTTP_NOMEM "{\"error\":\"the server is out of memory\"}"

/* Answers with a JSON text. */
void chat_http_answer(eio_request *req, int status, const char *text,
	size_t len);
void chat_http_say(eio_request *req, int status, const char *text);
/* A GET of this path, and HEAD, is for on_get; a POST adds the message in its
 * body and is answered {"status":"ok"}; all else is refused. 0, or -1: out of
 * memory. */
int chat_http_start(struct chat *chat, eio_server *engine, const char *path,
	eio_route_cb on_get, void *user);

#endif
