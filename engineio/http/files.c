/* SPDX-License-Identifier: MIT */
/*
 * files.c: the files of a folder, and no way out of it.
 *
 * Always true: what is sent lies below the folder after all links are
 * resolved, is a regular file, and no part of its path begins with a dot.
 * A file is read while it is sent, never as a whole. What many are sent from
 * memory goes the same way.
 */
#include <config.h>

#include <engineio/http/files.h>

#include <engineio/base/query.h>
#include <engineio/http/compress.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_STEP 65536

struct eio__file {
	int fd; /* -1: it rests, or all of it has been read */
	uint64_t left;
	struct stat st; /* when it was opened first */
	char *bytes;    /* FILE_STEP of them, NULL: nothing was read */
	size_t have, used;
	eio_buf *shared; /* it is no file, and bytes are this one's */
	char name[];
};

/* -- one open file ------------------------------------------------------- */

/* What failed says nothing about the file if there was no memory, or no
 * descriptor left. */
static int error_of(int number)
{
	return number == ENOMEM || number == EMFILE || number == ENFILE
		? ENGINEIO_ERR_NOMEM
		: ENGINEIO_ERR_INVALID;
}

/* 0 or an error; nothing of the file was read yet. */
static int open_it(struct eio__file *file, struct stat *st)
{
	/* Not blocking, in case it is a pipe. */
	file->fd =
		open(file->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file->fd < 0)
		return error_of(errno);
	return fstat(file->fd, st) || !S_ISREG(st->st_mode)
		? ENGINEIO_ERR_INVALID
		: 0;
}

struct eio__file *eio__file_open(const char *name, int *err)
{
	size_t size = strlen(name) + 1;
	struct eio__file *file = calloc(1, sizeof(*file) + size);

	*err = ENGINEIO_ERR_NOMEM;
	if (!file)
		return NULL;
	memcpy(file->name, name, size);
	*err = open_it(file, &file->st);
	if (*err) {
		eio__file_free(file);
		return NULL;
	}
	file->left = (uint64_t)file->st.st_size;
	return file;
}

struct eio__file *eio__file_share(eio_buf *buf)
{
	struct eio__file *file = calloc(1, sizeof(*file) + 1);

	if (!file)
		return NULL;
	file->fd = -1;
	file->shared = eio_buf_ref(buf);
	file->bytes = (char *)buf->wire;
	file->have = buf->wire_len;
	file->left = buf->wire_len;
	return file;
}

static void close_it(struct eio__file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

void eio__file_rest(struct eio__file *file)
{
	if (file->shared)
		return;
	close_it(file);
	free(file->bytes);
	file->bytes = NULL;
	file->have = 0;
	file->used = 0;
}

void eio__file_free(struct eio__file *file)
{
	if (!file)
		return;
	eio__file_rest(file);
	eio_buf_unref(file->shared);
	free(file);
}

uint64_t eio__file_left(const struct eio__file *file)
{
	return file->left;
}

/* Whether it is the one that was opened first, and as it was. */
static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
		a->st_size == b->st_size &&
		a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int wake(struct eio__file *file)
{
	off_t at = file->st.st_size - (off_t)file->left;
	struct stat st;
	int err = open_it(file, &st);

	if (err)
		return err;
	return is_same(&st, &file->st) && lseek(file->fd, at, SEEK_SET) == at
		? 0
		: ENGINEIO_ERR_CLOSED;
}

/* The next step of it. What has been read wholly needs no descriptor. */
static int read_it(struct eio__file *file)
{
	size_t want = file->left < FILE_STEP ? (size_t)file->left : FILE_STEP;
	ssize_t n;

	if (!file->bytes)
		file->bytes = malloc(want);
	if (!file->bytes)
		return ENGINEIO_ERR_NOMEM;
	do {
		n = read(file->fd, file->bytes, want);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return ENGINEIO_ERR_CLOSED;
	file->have = (size_t)n;
	file->used = 0;
	if ((uint64_t)n == file->left)
		close_it(file);
	return 0;
}

int eio__file_peek(struct eio__file *file, const char **data, size_t *len)
{
	int err = 0;

	if (file->used == file->have) {
		if (file->fd < 0)
			err = wake(file);
		if (!err)
			err = read_it(file);
		if (err)
			return err;
	}
	*data = file->bytes + file->used;
	*len = file->have - file->used;
	if (*len > FILE_STEP)
		*len = FILE_STEP;
	return 0;
}

void eio__file_skip(struct eio__file *file, size_t len)
{
	file->used += len;
	file->left -= len;
}

/* -- which file ---------------------------------------------------------- */

static const struct {
	const char *end, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".htm", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".mjs", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".json", "application/json; charset=utf-8" },
	{ ".map", "application/json; charset=utf-8" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".md", "text/plain; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".jpg", "image/jpeg" },
	{ ".jpeg", "image/jpeg" },
	{ ".gif", "image/gif" },
	{ ".webp", "image/webp" },
	{ ".ico", "image/x-icon" },
	{ ".woff", "font/woff" },
	{ ".woff2", "font/woff2" },
	{ ".wasm", "application/wasm" },
	{ ".pdf", "application/pdf" },
	{ ".xml", "application/xml" },
	{ ".mp3", "audio/mpeg" },
	{ ".mp4", "video/mp4" },
	{ ".webm", "video/webm" },
};

static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t i;

	for (i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(dot, types[i].end) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/* The file's name, decoded and joined to the folder. */
static int make_name(eio_request *req, const char *path, const char *folder,
	struct eio__strbuf *name)
{
	struct eio__strbuf rest;
	size_t len, skip = strlen(path);
	const char *target = eio__request_path(req, &len);
	int err;

	eio__strbuf_init(&rest, PATH_MAX);
	/* Refuses what is hidden, leads upwards, or is read otherwise by the
	 * file system. */
	err = eio__path_decode(target + skip, len - skip, &rest);
	if (!err) {
		eio__strbuf_adds(name, folder);
		eio__strbuf_addc(name, '/');
		eio__strbuf_add(name, rest.data, rest.len);
		if (!rest.len || rest.data[rest.len - 1] == '/')
			eio__strbuf_adds(name, "index.html");
		err = name->error;
	}
	eio__strbuf_clear(&rest);
	return err;
}

/* Links may point anywhere inside the folder, and nowhere else. */
static int check_inside(const char *name, const char *folder)
{
	char *root = realpath(folder, NULL);
	char *real = root ? realpath(name, NULL) : NULL;
	int err = real ? ENGINEIO_ERR_INVALID : error_of(errno);
	size_t n = root ? strlen(root) : 0;

	if (real && strncmp(real, root, n) == 0 &&
		(real[n] == '/' || root[n - 1] == '/'))
		err = 0;
	free(real);
	free(root);
	return err;
}

static struct eio__file *open_inside(const char *name, const char *folder,
	int *err)
{
	*err = folder ? check_inside(name, folder) : 0;
	return *err ? NULL : eio__file_open(name, err);
}

/* A folder asked for without its '/' would break its page's links. */
int eio__files_add_slash(eio_request *req)
{
	struct eio__strbuf to;
	size_t len;
	const char *path = eio__request_path(req, &len);
	int err;

	/* "//host" would be another server. */
	if (path[len - 1] == '/' || (len > 1 && path[1] == '/'))
		return ENGINEIO_ERR_INVALID;
	eio__strbuf_init(&to, 0);
	eio__strbuf_add(&to, path, len);
	eio__strbuf_addc(&to, '/');
	err = eio__strbuf_adds(&to, path + len);
	if (!err) {
		eio_request_set_header(req, "Location", to.data);
		eio_request_respond(req, 301, NULL, NULL, 0);
	}
	eio__strbuf_clear(&to);
	return err;
}

static int redirect(eio_request *req, const char *name, const char *folder)
{
	struct stat st;
	int err = check_inside(name, folder);

	if (!err && (stat(name, &st) || !S_ISDIR(st.st_mode)))
		err = ENGINEIO_ERR_INVALID;
	return err ? err : eio__files_add_slash(req);
}

/* -- the answer ---------------------------------------------------------- */

/* A copy beside the file, made before: the first that the client takes, of
 * those inside the folder (NULL: anywhere). */
static struct eio__file *open_copy(eio_request *req, const char *name,
	const char *folder)
{
	static const char *const codings[][2] = {
		{ "br", ".br" },
		{ "gzip", ".gz" },
		{ "deflate", ".zz" },
	};
	const char *list = eio_request_header(req, "accept-encoding");
	struct eio__strbuf copy;
	struct eio__file *file = NULL;
	size_t i;
	int err;

	eio__strbuf_init(&copy, 0);
	for (i = 0; i < 3 && !file; i++) {
		if (!eio__coding_quality(list, codings[i][0]))
			continue;
		eio__strbuf_reset(&copy);
		eio__strbuf_adds(&copy, name);
		eio__strbuf_adds(&copy, codings[i][1]);
		if (!copy.error)
			file = open_inside(copy.data, folder, &err);
		if (file)
			eio_request_set_header(req, "Content-Encoding",
				codings[i][0]);
	}
	eio__strbuf_clear(&copy);
	return file;
}

static struct eio__file *open_prepared(eio_request *req, const char *name,
	const char *folder, int *err)
{
	struct eio__file *file = open_inside(name, folder, err), *copy;

	if (!file)
		return NULL;
	eio__reply_vary(req, "Accept-Encoding");
	copy = open_copy(req, name, folder);
	if (!copy)
		return file;
	eio__file_free(file);
	return copy;
}

struct eio__file *eio__file_open_prepared(eio_request *req, const char *name,
	int *err)
{
	return open_prepared(req, name, NULL, err);
}

static bool tag_matches(const char *list, const char *tag)
{
	size_t n = strlen(tag);
	const char *p;

	if (!list)
		return false;
	if (strcmp(list, "*") == 0)
		return true;
	for (p = strstr(list, tag); p; p = strstr(p + n, tag))
		if (p == list || p[-1] == ' ' || p[-1] == ',' || p[-1] == '/')
			return true;
	return false;
}

static void answer(eio_request *req, struct eio__file *file, const char *type)
{
	struct eio__exchange *x = req->exchange;
	char tag[80];

	snprintf(tag, sizeof(tag), "\"%" PRIx64 "-%" PRIx64 ".%" PRIx64 "\"",
		file->left, (uint64_t)(int64_t)file->st.st_mtim.tv_sec,
		(uint64_t)(int64_t)file->st.st_mtim.tv_nsec);
	eio_request_set_header(req, "ETag", tag);
	eio_request_set_header(req, "Cache-Control", "no-cache");
	eio_request_set_header(req, "X-Content-Type-Options", "nosniff");
	if (tag_matches(eio_request_header(req, "if-none-match"), tag)) {
		eio__file_free(file);
		eio_request_respond(req, 304, NULL, NULL, 0);
		return;
	}
	eio__reply_head(req, 200, type, file->left);
	if (eio__request_is(req, "HEAD") || !file->left)
		eio__file_free(file);
	else
		x->ops->file(x, file);
	eio__reply_done(req);
}

static int serve(eio_request *req, const char *name, const char *folder)
{
	int err;
	struct eio__file *file = open_prepared(req, name, folder, &err);

	if (!file)
		return err;
	answer(req, file, type_of(name));
	return 0;
}

bool eio__files_serve(eio_request *req, const char *path, const char *folder)
{
	struct eio__strbuf name;
	int err;

	eio__strbuf_init(&name, PATH_MAX);
	err = make_name(req, path, folder, &name);
	if (!err) {
		err = serve(req, name.data, folder);
		if (err == ENGINEIO_ERR_INVALID)
			err = redirect(req, name.data, folder);
	}
	if (err == ENGINEIO_ERR_NOMEM)
		eio_request_respond(req, 500, NULL, NULL, 0);
	eio__strbuf_clear(&name);
	return !err || err == ENGINEIO_ERR_NOMEM;
}
