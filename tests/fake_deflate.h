/* SPDX-License-Identifier: MIT */
/*
 * fake_deflate.h: a client that agreed on permessage-deflate, with zlib, and
 * never forgets what it was sent.
 */
#ifndef TESTS_FAKE_DEFLATE_H
#define TESTS_FAKE_DEFLATE_H

#include "fake_app.h"

#include <zlib.h>

#define TARGET "/engine.io/?EIO=4&transport=websocket"
#define PMD    "permessage-deflate"
/* The first byte of a whole message, compressed. */
#define TEXT   0xc1
#define BINARY 0xc2

struct fake_deflate {
	struct fake_ws *ws;
	z_stream in, out;
	struct eio__strbuf text; /* the last message, inflated */
};

void fake_deflate_join(struct fake_deflate *c, struct fake_app *app,
	const char *offer);
void fake_deflate_leave(struct fake_deflate *c);
/* The next message, inflated into c->text; *len unless NULL. NULL: none. */
const char *fake_deflate_next(struct fake_deflate *c, size_t *len);
/* The client's bytes for a message, without the tail; reset: they refer to
 * nothing that went before. */
void fake_deflate_pack(struct fake_deflate *c, const void *data, size_t len,
	bool reset, struct eio__strbuf *out);
/* Sends a compressed message of the first byte given; its length. */
size_t fake_deflate_send(struct fake_deflate *c, int first, const void *data,
	size_t len, bool reset);
/* The server has closed with this code. */
void fake_deflate_expect_close(struct fake_deflate *c, int code);

/* As the official server: takeover is allowed. */
void allow_takeover(struct fake_app *app);
/* Bytes that cannot be compressed, always the same. */
void fill_noise(char *p, size_t n);

#endif
