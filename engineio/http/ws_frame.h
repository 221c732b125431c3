/* SPDX-License-Identifier: MIT */
/*
 * ws_frame.h: WebSocket frames (RFC 6455, section 5) as a server sees them.
 *
 * The parser is fed with bytes as they come and gives back whole messages
 * and control frames. The owner answers pings, sends the close frames and
 * closes the connection; nothing of that is known here.
 */
#ifndef ENGINEIO_HTTP_WS_FRAME_H
#define ENGINEIO_HTTP_WS_FRAME_H

#include <engineio/base/strbuf.h>
#include <engineio/base/utf8.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum eio__ws_opcode {
	EIO__WS_OP_CONTINUATION = 0,
	EIO__WS_OP_TEXT = 1,
	EIO__WS_OP_BINARY = 2,
	EIO__WS_OP_CLOSE = 8,
	EIO__WS_OP_PING = 9,
	EIO__WS_OP_PONG = 10,
};

/* The status codes this side has a use for (RFC 6455, section 7.4.1). */
enum eio__ws_code {
	EIO__WS_NORMAL = 1000,
	EIO__WS_GOING_AWAY = 1001,
	EIO__WS_PROTOCOL_ERROR = 1002,
	EIO__WS_NO_CODE = 1005, /* never on the wire */
	EIO__WS_BAD_TEXT = 1007,
	EIO__WS_POLICY = 1008,
	EIO__WS_TOO_BIG = 1009,
	EIO__WS_INTERNAL_ERROR = 1011,
};

enum eio__ws_type {
	EIO__WS_MORE,    /* the input is used up */
	EIO__WS_MESSAGE, /* data, len, binary, deflated */
	EIO__WS_PING,    /* data, len: what the pong must repeat */
	EIO__WS_PONG,    /* data, len */
	EIO__WS_CLOSE,   /* code, or NO_CODE; data, len: the reason */
	EIO__WS_ERROR,   /* code to close with; error: why, in words */
};

/* data is never NULL where it has a meaning, and is not NUL-terminated. */
struct eio__ws_event {
	enum eio__ws_type type;
	int code;
	bool binary;
	bool deflated; /* RFC 7692: data are to be inflated, and then checked
			* if they are text */
	char *data;
	size_t len;
	const char *error; /* static text */
};

/* One per connection; private but for its size. */
struct eio__ws_parser {
	struct eio__strbuf buf;
	size_t max_message;
	uint64_t left; /* payload bytes of the frame that are to come */
	uint32_t max_fragments, fragments;
	unsigned char mask[4];
	unsigned char header[14], have; /* header bytes, and how many came */
	struct eio__utf8 utf8;
	unsigned char message; /* opcode of the message under way; 0: none */
	unsigned char state;
	unsigned char drop;  /* bytes of a control frame at the end of buf */
	unsigned char spent; /* buf holds a message that was given out */
	bool may_deflate;    /* permessage-deflate was agreed on */
	bool deflated;       /* the message under way is */
};

/* max_message: most bytes of one message over all of its frames (1009);
 * max_fragments: most frames of one message (1008). Allocates nothing. The
 * owner may set may_deflate. */
void eio__ws_parser_init(struct eio__ws_parser *p, size_t max_message,
	uint32_t max_fragments);
void eio__ws_parser_clear(struct eio__ws_parser *p);

/*
 * Takes bytes off the input (*data, *len: both are moved on), which it
 * unmasks in place, and gives the next event. To be called until it says
 * MORE. A message that lies in the input as one whole frame is lent from
 * there, without a copy; any other one is lent from the parser's buffer. Both
 * are valid until the next call, and may be changed. After CLOSE and ERROR
 * whatever comes is swallowed.
 */
enum eio__ws_type eio__ws_next(struct eio__ws_parser *p, char **data,
	size_t *len, struct eio__ws_event *ev);
/* Whether a frame, or a message of several frames, is unfinished. */
bool eio__ws_parser_busy(const struct eio__ws_parser *p);

/* RFC 6455 section 7.4: whether a close frame may have this code. */
bool eio__ws_may_send_code(int code);

#define EIO__WS_HEADER_MAX 10

/* Writes the header of an unmasked frame and returns its length. */
size_t eio__ws_header(unsigned char out[EIO__WS_HEADER_MAX],
	enum eio__ws_opcode opcode, bool fin, uint64_t len);

#endif
