/* SPDX-License-Identifier: MIT */
/*
 * http2_reply.c: an answer in HTTP/2: its head as header fields, its body as
 * frames of data that nghttp2 fetches when they may go.
 *
 * A body waits in the stream until its client, and the connection, have room
 * for it. Each piece of an answer in pieces is a frame of its own if it fits
 * into one, and never shares one with the next. Always true: a body that was
 * not ended is followed by a reset, so that it does not look whole.
 */
#include <config.h>

#include <engineio/http/files.h>
#include <engineio/http/http2_state.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Fields of ours beside those that the application gave the answer. */
#define OWN_FIELDS 5
/* What has left makes room again when it is this much. */
#define TRIM_MIN 65536
/* Requests at once from which on files rest between two frames, so that a
 * client that asks for many and reads none does not hold them open. */
#define MANY 8

#define stream_of(x) ((struct eio__http2_stream *)(x))

/* -- the head ------------------------------------------------------------ */

struct fields {
	nghttp2_nv *nv;
	size_t count;
};

/* nghttp2 copies both when it gets them, and the name in lower case. */
static void put(struct fields *f, const char *name, size_t name_len,
	const char *value, size_t len)
{
	nghttp2_nv *nv = &f->nv[f->count++];

	nv->name = (uint8_t *)(uintptr_t)name;
	nv->namelen = name_len;
	nv->value = (uint8_t *)(uintptr_t)value;
	nv->valuelen = len;
	nv->flags = NGHTTP2_NV_FLAG_NONE;
}

static void put_text(struct fields *f, const char *name, const char *value)
{
	put(f, name, strlen(name), value, strlen(value));
}

/* RFC 9113 section 8.2.2: what concerns a connection is no field here. */
static bool is_of_connection(const char *name, size_t len)
{
	static const char *const names[] = { "upgrade", "proxy-connection",
		"te" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len &&
			strncasecmp(names[i], name, len) == 0)
			return true;
	return false;
}

/* Each line is "Name: value" and CRLF, see reply_headers.c. */
static void put_lines(struct fields *f, const struct eio__strbuf *lines)
{
	const char *p = lines->data, *colon, *cr, *end;

	if (!p)
		return;
	for (end = p + lines->len; p < end; p = cr + 2) {
		colon = memchr(p, ':', (size_t)(end - p));
		cr = memchr(p, '\r', (size_t)(end - p));
		if (!is_of_connection(p, (size_t)(colon - p)))
			put(f, p, (size_t)(colon - p), colon + 2,
				(size_t)(cr - colon - 2));
	}
}

static size_t count_lines(const struct eio__strbuf *lines)
{
	size_t i, n = 0;

	for (i = 0; i < lines->len; i++)
		n += lines->data[i] == '\n';
	return n;
}

struct answer {
	char status[4], length[24];
	const char *type;
};

static void put_all(struct fields *f, eio_request *req, const struct answer *a)
{
	put_text(f, ":status", a->status);
	put_lines(f, &req->extra);
	if (req->no_store)
		put_text(f, "cache-control", "no-store");
	if (a->type && !eio__reply_has(req, "Content-Type"))
		put_text(f, "content-type", a->type);
	if (a->length[0])
		put_text(f, "content-length", a->length);
	put_text(f, "date", eio__http_date(req->http));
}

static ssize_t on_read(nghttp2_session *session, int32_t id, uint8_t *buf,
	size_t room, uint32_t *flags, nghttp2_data_source *source, void *user);

/* 0 or an error of nghttp2. */
static int submit(struct eio__http2_stream *s, eio_request *req,
	const struct answer *a, bool has_body)
{
	nghttp2_data_provider body = {
		.source.ptr = s,
		.read_callback = on_read,
	};
	struct fields f = { 0 };
	int err;

	if (req->extra.error)
		return NGHTTP2_ERR_NOMEM;
	f.nv = malloc((count_lines(&req->extra) + OWN_FIELDS) * sizeof(*f.nv));
	if (!f.nv)
		return NGHTTP2_ERR_NOMEM;
	put_all(&f, req, a);
	err = nghttp2_submit_response(s->h2->session, s->id, f.nv, f.count,
		has_body ? &body : NULL);
	free(f.nv);
	return err;
}

static void await_reader(struct eio__http2_stream *s)
{
	if (s->limit != EIO__LIMIT_WRITE)
		eio__http2_stream_limit(s, EIO__LIMIT_WRITE,
			s->req->http->limits.write_timeout);
}

static struct eio__strbuf *write_head(struct eio__exchange *x, eio_request *req,
	int status, const char *type, uint64_t len)
{
	struct eio__http2_stream *s = stream_of(x);
	bool has_body = len && !eio__reply_has_no_length(status) &&
		!eio__request_is(req, "HEAD");
	struct answer a = { .type = type };

	snprintf(a.status, sizeof(a.status), "%d", status);
	s->pieces = len == EIO__LENGTH_UNKNOWN;
	if (!s->pieces && !eio__reply_has_no_length(status))
		snprintf(a.length, sizeof(a.length), "%llu",
			(unsigned long long)len);
	if (submit(s, req, &a, has_body)) {
		s->out.error = ENGINEIO_ERR_NOMEM;
		eio__http2_stream_reset(s, NGHTTP2_INTERNAL_ERROR);
	} else if (has_body) {
		await_reader(s);
	}
	eio__conn_dirty(s->h2->conn);
	return &s->out;
}

void eio__http2_say_continue(struct eio__http2_stream *s)
{
	nghttp2_nv nv;
	struct fields f = { .nv = &nv };

	put_text(&f, ":status", "100");
	if (nghttp2_submit_headers(s->h2->session, NGHTTP2_FLAG_NONE, s->id,
		    NULL, &nv, 1, NULL))
		eio__http2_fail(s->h2);
	eio__conn_dirty(s->h2->conn);
}

/* -- the body ------------------------------------------------------------ */

static size_t left_of(const struct eio__http2_stream *s)
{
	return s->out.len - s->out_off;
}

static void trim(struct eio__http2_stream *s)
{
	struct eio__strbuf *out = &s->out;

	if (s->out_off == out->len) {
		eio__strbuf_clear(out);
		s->out_off = 0;
	} else if (s->out_off >= TRIM_MIN) {
		out->len -= s->out_off;
		memmove(out->data, out->data + s->out_off, out->len);
		s->out_off = 0;
	}
}

/* What may be sent in one frame, and how much of it fits. */
static size_t take(struct eio__http2_stream *s, uint8_t *buf, size_t room)
{
	size_t n = left_of(s);

	if (s->pieces && !s->piece && n) {
		memcpy(&s->piece, s->out.data + s->out_off, sizeof(s->piece));
		s->out_off += sizeof(s->piece);
	}
	if (s->pieces)
		n = s->piece;
	if (n > room)
		n = room;
	if (!n)
		return 0;
	memcpy(buf, s->out.data + s->out_off, n);
	s->out_off += n;
	if (s->pieces)
		s->piece -= n;
	trim(s);
	eio__http2_weigh(s);
	return n;
}

/* Negative: the file became shorter than it was. */
static ssize_t take_file(struct eio__http2_stream *s, uint8_t *buf, size_t room)
{
	const char *data;
	size_t n, sum;

	for (sum = 0; sum < room && eio__file_left(s->file); sum += n) {
		if (eio__file_peek(s->file, &data, &n))
			return -1;
		if (n > room - sum)
			n = room - sum;
		memcpy(buf + sum, data, n);
		eio__file_skip(s->file, n);
	}
	return (ssize_t)sum;
}

static void rest_file(struct eio__http2_stream *s)
{
	if (s->h2->count > MANY)
		eio__file_rest(s->file);
}

/* Some has gone: the reader's time begins anew, or ends. */
static void went(struct eio__http2_stream *s, bool more)
{
	struct eio__http *http = s->h2->conn->http;

	if (more)
		eio__http2_stream_limit(s, EIO__LIMIT_WRITE,
			http->limits.write_timeout);
	else if (s->limit == EIO__LIMIT_WRITE)
		eio__http2_stream_limit(s, EIO__LIMIT_NONE, 0);
}

static ssize_t read_file(struct eio__http2_stream *s, uint8_t *buf, size_t room,
	uint32_t *flags)
{
	ssize_t n = take_file(s, buf, room);
	bool more = n >= 0 && eio__file_left(s->file);

	if (n < 0) {
		eio__http_log(s->h2->conn->http, ENGINEIO_LOG_WARN,
			"http: stream closed: file changed while it was sent");
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	}
	went(s, more);
	if (more)
		rest_file(s);
	else
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return n;
}

static ssize_t read_out(struct eio__http2_stream *s, uint8_t *buf, size_t room,
	uint32_t *flags)
{
	size_t n = s->out.error ? 0 : take(s, buf, room);
	bool more = left_of(s) || s->piece;

	/* The stream is reset with an internal error. */
	if (s->out.error || (!n && s->torn))
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	went(s, more);
	if (!more && s->finished && !s->torn)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	else if (!n)
		s->deferred = true;
	return n || *flags & NGHTTP2_DATA_FLAG_EOF ? (ssize_t)n
						   : NGHTTP2_ERR_DEFERRED;
}

/* nghttp2 has room for a frame of this stream. */
static ssize_t on_read(nghttp2_session *session, int32_t id, uint8_t *buf,
	size_t room, uint32_t *flags, nghttp2_data_source *source, void *user)
{
	struct eio__http2_stream *s = source->ptr;

	s->deferred = false;
	if (s->file)
		return read_file(s, buf, room, flags);
	return read_out(s, buf, room, flags);
}

/* There is more in out, or it is finished. */
static void resume(struct eio__http2_stream *s)
{
	if (s->deferred &&
		nghttp2_session_resume_data(s->h2->session, s->id) ==
			NGHTTP2_ERR_NOMEM)
		eio__http2_fail(s->h2);
	s->deferred = false;
	eio__conn_dirty(s->h2->conn);
}

/* -- the way back -------------------------------------------------------- */

static void write_file(struct eio__exchange *x, struct eio__file *file)
{
	struct eio__http2_stream *s = stream_of(x);

	eio__file_free(s->file);
	s->file = file;
	rest_file(s);
}

static void on_done(struct eio__exchange *x)
{
	struct eio__http2_stream *s = stream_of(x);

	s->finished = true;
	eio__http2_weigh(s);
	resume(s);
	eio__http2_stream_drop(s);
}

static void on_begun(struct eio__exchange *x)
{
	struct eio__http2_stream *s = stream_of(x);

	if (s->where == EIO__HTTP2_AT_DECISION)
		eio__loop_defer(s->h2->conn->http->loop, EIO__WORK, &s->task);
}

static int write_piece(struct eio__exchange *x, const void *data, size_t len)
{
	struct eio__http2_stream *s = stream_of(x);

	eio__strbuf_add(&s->out, &len, sizeof(len));
	eio__strbuf_add(&s->out, data, len);
	eio__http2_weigh(s);
	await_reader(s);
	resume(s);
	return s->out.error;
}

static void write_last(struct eio__exchange *x)
{
}

static void on_abandon(struct eio__exchange *x)
{
	stream_of(x)->torn = true;
	on_done(x);
}

static size_t bytes_waiting(const struct eio__exchange *x)
{
	return left_of(stream_of(x));
}

static bool has_room(const struct eio__exchange *x, size_t len)
{
	return eio__http2_has_room(stream_of(x), len);
}

static void give_up(struct eio__exchange *x)
{
	eio__http2_stream_reset(stream_of(x), NGHTTP2_CANCEL);
}

static void on_decided(struct eio__exchange *x)
{
	struct eio__http2_stream *s = stream_of(x);

	eio__loop_defer(s->h2->conn->http->loop, EIO__WORK, &s->task);
}

static void on_drop(struct eio__exchange *x, const char *why)
{
	struct eio__http2_stream *s = stream_of(x);

	eio__http2_stream_reset(s, NGHTTP2_CANCEL);
	eio__http2_stream_gone(s, why);
}

const struct eio__exchange_ops eio__http2_exchange_ops = {
	.head = write_head,
	.file = write_file,
	.done = on_done,
	.begun = on_begun,
	.piece = write_piece,
	.last = write_last,
	.abandon = on_abandon,
	.waiting = bytes_waiting,
	.has_room = has_room,
	.give_up = give_up,
	.decided = on_decided,
	.drop = on_drop,
};

void eio__http2_reply_end(struct eio__http2_stream *s)
{
	s->req->streaming = false;
	s->finished = true;
	resume(s);
}
