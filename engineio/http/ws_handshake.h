/* SPDX-License-Identifier: MIT */
/*
 * ws_handshake.h: whether a request may become a WebSocket (RFC 6455,
 * section 4.2).
 */
#ifndef ENGINEIO_HTTP_WS_HANDSHAKE_H
#define ENGINEIO_HTTP_WS_HANDSHAKE_H

#include <engineio/http/ws_extension.h>

#include <stdbool.h>
#include <stddef.h>

/* What is looked at: the request is HTTP/1.minor; the values of headers are
 * NULL for those that are not there, and joined with ", " for those that
 * came several times. */
struct eio__ws_headers {
	const char *method;
	int minor;
	const char *upgrade, *connection, *key, *version, *protocol;
	const char *extensions;
	const struct eio__deflate_config *deflate; /* NULL: not wanted */
};

#define EIO__WS_ACCEPT_LEN 28

struct eio__ws_handshake {
	int status;                 /* 101, or of the refusal */
	const char *text;           /* body of the refusal; static */
	const char *version_header; /* Sec-WebSocket-Version, or NULL */
	char accept[EIO__WS_ACCEPT_LEN + 1]; /* Sec-WebSocket-Accept */
	const char *protocol; /* the first one offered, or NULL: */
	size_t protocol_len;  /* in the header it came with */
	bool deflate;         /* permessage-deflate, with these: */
	struct eio__deflate_params params;
};

/* Fills *hs; false for a refusal. */
bool eio__ws_handshake_check(const struct eio__ws_headers *h,
	struct eio__ws_handshake *hs);

#endif
