/* SPDX-License-Identifier: MIT */
/*
 * files.h: files as answers.
 */
#ifndef ENGINEIO_HTTP_FILES_H
#define ENGINEIO_HTTP_FILES_H

#include <engineio/http/request.h>

/* An open file that is being sent. */
struct eio__file;

/* Opens a regular file for reading. NULL, and in *err ENGINEIO_ERR_INVALID:
 * it is not there, or not a regular file; ENGINEIO_ERR_NOMEM: no memory, or no
 * descriptor. */
struct eio__file *eio__file_open(const char *name, int *err);
/* The same, but rather the smallest of its prepared copies that the client
 * takes; sets the headers of the answer that say so. */
struct eio__file *eio__file_open_prepared(eio_request *req, const char *name,
	int *err);
/* The bytes of a packet that many are answered with, as if they were a file's;
 * they are not copied. NULL: no memory. */
struct eio__file *eio__file_share(eio_buf *buf);
/* NULL is allowed. */
void eio__file_free(struct eio__file *file);
/* It will not be asked for bytes soon: holds neither descriptor nor memory for
 * them until then. What was peeked and not skipped is read again. */
void eio__file_rest(struct eio__file *file);
/* What is still to be sent of it. */
uint64_t eio__file_left(const struct eio__file *file);
/* The next bytes of it, at least one if some are left. Negative: it cannot
 * be read, or is not what it was when it was opened. */
int eio__file_peek(struct eio__file *file, const char **data, size_t *len);
/* len bytes of eio__file_peek() were sent. */
void eio__file_skip(struct eio__file *file, size_t len);

/* Answers a GET or HEAD for a path below `path` with a file of the folder;
 * false when there is none; 500 when that cannot be found out. */
bool eio__files_serve(eio_request *req, const char *path, const char *folder);
/* Tells the client to ask for the same path with a '/' behind it. 0,
 * ENGINEIO_ERR_INVALID: it has one, or would lead elsewhere; or
 * ENGINEIO_ERR_NOMEM. */
int eio__files_add_slash(eio_request *req);

#endif
