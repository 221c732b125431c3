/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHAT_HTTP_H
#define SRC_CHAT_HTTP_H

#include <src/chat.h>

#include <engineio/http.h>

/* Answers with a JSON text. */
void chat_http_answer(eio_request *req, int status, const char *text,
	size_t len);
void chat_http_say(eio_request *req, int status, const char *text);
/* Posts the request's body and answers {"status":"ok"}, or 400 and why not. */
void chat_http_post(struct chat *chat, eio_request *req);

#endif
