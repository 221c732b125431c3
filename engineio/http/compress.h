/* SPDX-License-Identifier: MIT */
/*
 * compress.h: the codings of a reply's body.
 */
#ifndef ENGINEIO_HTTP_COMPRESS_H
#define ENGINEIO_HTTP_COMPRESS_H

#include <engineio/base/strbuf.h>

#include <stddef.h>

enum eio__coding {
	EIO__CODING_NONE,
	EIO__CODING_GZIP,
	EIO__CODING_DEFLATE, /* the zlib format, as HTTP means it */
};

/* How much a client wants a coding, by its Accept-Encoding (NULL: it has
 * none): from 0, not at all, to 1000. `*` stands for those not named. */
int eio__coding_quality(const char *accept, const char *coding);
/* The best of gzip and deflate: by quality, then by the order of the header,
 * `*` last; of two that are equal in all of it gzip. */
enum eio__coding eio__coding_choose(const char *accept);
/* As in Content-Encoding; NULL for NONE. */
const char *eio__coding_name(enum eio__coding coding);
/* Appends len bytes in the coding, at a level from 1 to 9: 3 takes, of the
 * JSON of polling bodies, a third to two thirds of the time of zlib's default
 * 6, for up to a tenth more bytes. Returns out->error. A limit of out must
 * leave room for a little more than len bytes, however few are needed. */
int eio__compress(struct eio__strbuf *out, enum eio__coding coding, int level,
	const void *data, size_t len);

#endif
