/* SPDX-License-Identifier: MIT */
/*
 * json.h: JSON text, seen as JavaScript sees it.
 *
 * json.c looks at text: whether it is JSON, where its elements are, what
 * jansson makes of it. json_write.c makes text out of values. Both are pure.
 */
#ifndef SOCKETIO_JSON_H
#define SOCKETIO_JSON_H

#include <stdint.h>

#include <engineio/base/strbuf.h>
#include <jansson.h>

#include <socketio/span.h>

/* No limit on nesting may be set higher; jansson's own is 2048. */
#define SIO__JSON_MAX_DEPTH 1024

/* Room for any number as sio__json_number() writes it. */
#define SIO__JSON_NUMBER_SIZE 32

/* Whether the text is one JSON value (RFC 8259, as JSON.parse() takes it)
 * whose arrays and objects are nested at most `depth` deep. Builds nothing;
 * linear. UTF-8 is not looked at: the engine has done that. */
bool sio__json_valid(const char *p, size_t n, unsigned depth);

/* Walks the elements of an array's text that was found valid. */
struct sio__json_walk {
	const char *p, *end;
};

/* False when the text is no array. */
bool sio__json_walk(struct sio__json_walk *walk, const char *p, size_t n);
/* The text of the next element; false behind the last. */
bool sio__json_next(struct sio__json_walk *walk, struct sio__span *element);

/* The text that a JSON string (valid, in quotes) stands for; NUL and lone
 * surrogates become U+FFFD, so that it is text for C as well. At most `size`
 * bytes with the NUL at its end: SIZE_MAX if it does not fit. It never has
 * more bytes than the string. */
size_t sio__json_text(struct sio__span string, char *out, size_t size);

/* Decodes a text that was found valid. What jansson cannot hold is replaced
 * by what comes next to it: a lone surrogate by U+FFFD, a NUL in a key too,
 * an integer beyond 64 bits by a real, a real beyond a double by the largest
 * one. NULL: out of memory, or the text was no JSON. */
json_t *sio__json_decode(const char *p, size_t n);

/* Binary values met on a walk, in order; the bytes stay the values'. */
struct sio__blobs {
	struct sio__span *v;
	unsigned n, size, max;
};

void sio__blobs_init(struct sio__blobs *blobs, unsigned max);
void sio__blobs_clear(struct sio__blobs *blobs);

/*
 * Adds the value as JSON.stringify() writes it. Binary values become
 * placeholders and are added to blobs; with blobs NULL they are refused.
 * 0, ENGINEIO_ERR_NOMEM, ENGINEIO_ERR_FULL (the buffer's limit) or
 * ENGINEIO_ERR_INVALID: nested too deeply (SIO__JSON_MAX_DEPTH), or more
 * binary values than blobs->max.
 */
int sio__json_write(struct eio__strbuf *out, const json_t *value,
	struct sio__blobs *blobs);
/* Adds the text as a JSON string, in quotes. */
int sio__json_write_text(struct eio__strbuf *out, const char *p, size_t n);
/* A number as JavaScript prints it; returns the length. */
size_t sio__json_number(char out[SIO__JSON_NUMBER_SIZE], double number);

#endif
