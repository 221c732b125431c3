/* SPDX-License-Identifier: MIT */
/*
 * msgpack.h: MessagePack, seen as notepack.io 2.2 sees it, from which
 * socket.io-msgpack-parser is made. msgpack_read.c makes values of bytes,
 * msgpack_write.c bytes of values. Both are pure.
 */
#ifndef SOCKETIO_MSGPACK_H
#define SOCKETIO_MSGPACK_H

#include <stdint.h>

#include <engineio/base/strbuf.h>
#include <jansson.h>

#include <socketio/parser.h>

/* Why bytes are no value; or 0. */
enum sio__msgpack_error {
	SIO__MSGPACK_NOMEM = 1,
	SIO__MSGPACK_MALFORMED,
	SIO__MSGPACK_DEPTH,
	SIO__MSGPACK_CONTAINERS,
	SIO__MSGPACK_NO_UTF8,
	SIO__MSGPACK_KEY, /* that is no text */
	SIO__MSGPACK_TRAILING,
};

/*
 * Makes a value of exactly these bytes; *out is NULL if they say undefined.
 * Values are nested at most `depth` deep (up to SIO__JSON_MAX_DEPTH + 1), all
 * together have at most `containers` arrays and maps. What memory they take is
 * in proportion to the bytes: no announced count is believed.
 */
enum sio__msgpack_error sio__msgpack_read(const void *p, size_t n,
	unsigned depth, unsigned containers, json_t **out);

/* Adds the value in the shortest form, as notepack does. 0,
 * ENGINEIO_ERR_NOMEM, or ENGINEIO_ERR_INVALID: nested too deeply
 * (SIO__JSON_MAX_DEPTH), or a text that is not UTF-8. */
int sio__msgpack_write(struct eio__strbuf *out, const json_t *value);
/* Adds the beginning of a map of n members; a text; a number. */
void sio__msgpack_map(struct eio__strbuf *out, size_t n);
int sio__msgpack_text(struct eio__strbuf *out, const char *p, size_t n);
void sio__msgpack_number(struct eio__strbuf *out, uint64_t number);

#endif
