/* SPDX-License-Identifier: MIT */
/*
 * chunked.h: a body in chunks (RFC 9112 section 7.1), as a server reads it.
 */
#ifndef ENGINEIO_HTTP_CHUNKED_H
#define ENGINEIO_HTTP_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

enum eio__chunked_result {
	EIO__CHUNKED_MORE,     /* the input is used up */
	EIO__CHUNKED_DATA,     /* piece and n: the next bytes of the body */
	EIO__CHUNKED_END,      /* the body is complete */
	EIO__CHUNKED_BAD,      /* it breaks the rules */
	EIO__CHUNKED_TOO_LONG, /* extensions and trailers beyond the limit */
};

/* Private but for its size. */
struct eio__chunked {
	uint64_t left;           /* of the chunk's data */
	size_t extra, max_extra; /* bytes of extensions and trailers */
	unsigned char state, digits;
	unsigned char name_len;
	char name[18]; /* of the trailer: enough to know the forbidden ones */
};

/* max_extra: most bytes of extensions and of the trailer section, which are
 * read and dropped. Allocates nothing. */
void eio__chunked_init(struct eio__chunked *c, size_t max_extra);
/* Takes bytes off the input (*data, *len: both are moved on). A piece lies in
 * the input. To be called until it says something else than DATA; not again
 * after END, BAD and TOO_LONG. */
enum eio__chunked_result eio__chunked_next(struct eio__chunked *c, char **data,
	size_t *len, char **piece, size_t *n);

#endif
