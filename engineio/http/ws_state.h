/* SPDX-License-Identifier: MIT */
/*
 * ws_state.h: what the files of a WebSocket share.
 */
#ifndef ENGINEIO_HTTP_WS_STATE_H
#define ENGINEIO_HTTP_WS_STATE_H

#include <engineio/http/ws.h>

/* One per client: most messages come in one piece, so a parser is on the
 * stack, and only kept while there is something unfinished. */
struct eio__ws {
	struct eio__conn *conn; /* NULL after its end */
	const struct eio__ws_ops *ops;
	void *user;
	struct eio__queue *queue;
	struct eio__ws_parser *parser; /* NULL: no frame is under way */
	struct eio__deflate *deflate;  /* NULL: not agreed on */
	uint64_t max_message : 56;
	uint64_t busy : 6;      /* calls of ours that are still using it */
	uint64_t ended : 1;     /* frees itself when nothing uses it */
	uint64_t undrained : 1; /* on_drained is due when the network has taken
				 * all */
};

#endif
