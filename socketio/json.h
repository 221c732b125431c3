/* SPDX-License-Identifier: MIT */
/*
 * json.h: JSON text, seen as JavaScript sees it.
 *
 * json.c looks at text: whether it is JSON, which event it names; json_plain.c
 * passes over what needs no look. json_read.c makes values of text,
 * json_write.c text of values. All are pure.
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

/* The same. *first is the first element of an array, where that is no array
 * or object with something in it; else its p is NULL. */
bool sio__json_scan(const char *p, size_t n, unsigned depth,
	struct sio__span *first);

/* The text that a JSON string (valid, in quotes) stands for, without a NUL
 * behind it; lone surrogates become U+FFFD, and so do NULs, if they are not
 * kept. out has room for string.n - 2 bytes. Returns how many it became. */
size_t sio__json_unescape(struct sio__span string, char *out, bool keep_nul);

/* The first byte that cannot stand in a string as it is: a quote, a
 * backslash, a control character; or the end. */
const char *sio__json_skip_plain(const char *p, const char *end);
/* The same, or the first byte that is not ASCII. */
const char *sio__json_skip_ascii(const char *p, const char *end);
/* The place behind the blanks, the string or the number at p; of the latter
 * NULL if they are wrong. */
const char *sio__json_skip_blanks(const char *p, const char *end);
const char *sio__json_skip_string(const char *p, const char *end);
const char *sio__json_skip_number(const char *p, const char *end);

/* Makes a value of a text that was found valid. What jansson has no value
 * for becomes what is next to it: a lone surrogate U+FFFD, a NUL in a key
 * too, an integer beyond 64 bits a real, a real beyond a double the largest
 * one. NULL: out of memory, or the text is no UTF-8. */
json_t *sio__json_decode(const char *p, size_t n);
/* The same for elements with commas between them, of a text that came from the
 * engine: whether it is UTF-8 is not looked at once more. They go into an
 * empty array, which is given away; with NULL, out of memory. */
json_t *sio__json_decode_list(json_t *array, const char *p, size_t n);

/* Binary values met on a walk, in order; the bytes stay the values'. */
struct sio__blobs {
	struct sio__span *v;
	unsigned n, size, max;
};

void sio__blobs_init(struct sio__blobs *blobs, unsigned max);
void sio__blobs_clear(struct sio__blobs *blobs);

/*
 * Adds the value as JSON.stringify() writes it. Binary values become
 * placeholders and are added to blobs; with blobs NULL they are written as
 * JSON.stringify() writes a Buffer.
 * 0, ENGINEIO_ERR_NOMEM, ENGINEIO_ERR_FULL (the buffer's limit) or
 * ENGINEIO_ERR_INVALID: nested too deeply (SIO__JSON_MAX_DEPTH), a text that
 * is not UTF-8, or more binary values than blobs->max.
 */
int sio__json_write(struct eio__strbuf *out, const json_t *value,
	struct sio__blobs *blobs);
/* Adds the text as a JSON string, in quotes; ENGINEIO_ERR_INVALID, and
 * nothing is added, if it is not UTF-8. */
int sio__json_write_text(struct eio__strbuf *out, const char *p, size_t n);
/* A number as JavaScript prints it; returns the length. */
size_t sio__json_number(char out[SIO__JSON_NUMBER_SIZE], double number);

#endif
