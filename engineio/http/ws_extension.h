/* SPDX-License-Identifier: MIT */
/*
 * ws_extension.h: what is agreed on about permessage-deflate (RFC 7692)
 * when a WebSocket begins.
 */
#ifndef ENGINEIO_HTTP_WS_EXTENSION_H
#define ENGINEIO_HTTP_WS_EXTENSION_H

#include <stdbool.h>
#include <stddef.h>

/* What a server wants; the numbers of ENGINEIO_OPTION_MAP. */
struct eio__deflate_config {
	bool on;
	unsigned char server_no_takeover, client_no_takeover;
	unsigned char server_bits, client_bits;
	unsigned char level, mem_level;
	size_t threshold, memory;
};

enum eio__deflate_param {
	EIO__SERVER_NO_TAKEOVER,
	EIO__CLIENT_NO_TAKEOVER,
	EIO__SERVER_BITS,
	EIO__CLIENT_BITS,
	EIO__DEFLATE_PARAMS,
};

/* The parameters of an offer, or of the answer to it. */
struct eio__deflate_params {
	unsigned char count, order[EIO__DEFLATE_PARAMS]; /* as they came */
	/* 0: not there; 1: there, without a value; otherwise the value */
	unsigned char value[EIO__DEFLATE_PARAMS];
};

/*
 * Reads the header Sec-WebSocket-Extensions (NULL: it did not come) and
 * chooses the first offer that can be accepted. 1: *params is the answer;
 * 0: permessage-deflate was not offered; ENGINEIO_ERR_INVALID: the header is
 * wrong, or no offer can be accepted. Other extensions are ignored.
 */
int eio__deflate_negotiate(const char *header,
	const struct eio__deflate_config *config,
	struct eio__deflate_params *params);

/* Adds one without a value to the answer, unless it is there. */
void eio__deflate_add_param(struct eio__deflate_params *params,
	enum eio__deflate_param param);

#define EIO__DEFLATE_ANSWER_MAX 160

/* The value of the header in the answer. */
void eio__deflate_answer(const struct eio__deflate_params *params,
	char out[EIO__DEFLATE_ANSWER_MAX]);

#endif
