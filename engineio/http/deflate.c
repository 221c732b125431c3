/* SPDX-License-Identifier: MIT */
/*
 * deflate.c: the messages of WebSockets compressed by zlib (permessage-deflate,
 * RFC 7692, section 7.2); inflate.c is the way back. Frames are ws_frame.c's
 * and buf.c's, what is agreed on is ws_extension.c's.
 *
 * zlib's state for compressing is about 270 kB, for inflating 40 kB; one of
 * each serves all WebSockets of a server, because messages are handled whole.
 * What was compressed for one receiver is kept with the message for all others
 * that agreed on the same.
 *
 * "Context takeover" lets a message refer to those before it. The client's is
 * granted with a window that is kept between messages, of the size agreed on
 * and only as far as it is filled; all of them are reserved for in
 * DEFLATE_MEMORY when the WebSocket begins, and the client is told to do
 * without when that is used up. Our own needs a compressor for the connection
 * alone; there are as many as DEFLATE_MEMORY has left, and the one that was
 * not used for the longest time is given up for another, which the client
 * needs not know.
 *
 * Always true: between two messages nothing is kept for a connection but
 * these; `memory` is their sum, and at most DEFLATE_MEMORY.
 */
#include <config.h>

#include <engineio/http/deflate_state.h>

#include <stdlib.h>
#include <string.h>

/* -- beginning and end ------------------------------------------------------- */

struct eio__deflater *eio__deflater_new(void)
{
	struct eio__deflater *shared = calloc(1, sizeof(*shared));

	if (!shared)
		return NULL;
	shared->refs = 1;
	eio__list_init(&shared->writers);
	return shared;
}

/* From the same place as all our memory. */
static void *z_alloc(void *opaque, unsigned n, unsigned size)
{
	return malloc((size_t)n * size);
}

static void z_free(void *opaque, void *p)
{
	free(p);
}

void eio__deflate_init_stream(z_stream *z)
{
	memset(z, 0, sizeof(*z));
	z->zalloc = z_alloc;
	z->zfree = z_free;
}

/* Nobody uses them now. */
static void end_streams(struct eio__deflater *shared)
{
	if (shared->out_key)
		deflateEnd(&shared->out);
	if (shared->has_in)
		inflateEnd(&shared->in);
	shared->out_key = 0;
	shared->has_in = false;
}

void eio__deflater_unref(struct eio__deflater *shared)
{
	if (!shared || --shared->refs)
		return;
	end_streams(shared);
	free(shared);
}

struct eio__deflate_config *eio__deflater_config(struct eio__deflater *shared)
{
	return &shared->config;
}

size_t eio__deflater_memory(const struct eio__deflater *shared)
{
	return shared->memory;
}

/* zlib cannot compress with a window of 256 bytes; with 512 its distances
 * are at most 250 (its MAX_DIST). */
static unsigned make_key(unsigned bits, unsigned level, unsigned mem_level)
{
	if (bits < 9)
		bits = 9;
	return bits | level << 4 | mem_level << 8;
}

#define key_bits(key)      ((int)((key)&15))
#define key_level(key)     ((int)((key) >> 4 & 15))
#define key_mem_level(key) ((int)((key) >> 8))

/* See zlib's zconf.h. */
static size_t writer_size(unsigned key)
{
	return ((size_t)1 << (key_bits(key) + 2)) +
		((size_t)1 << (key_mem_level(key) + 9)) + sizeof(z_stream) +
		8192;
}

static unsigned bits_of(const struct eio__deflate_params *params,
	enum eio__deflate_param param)
{
	return params->value[param] ? params->value[param] : MAX_WBITS;
}

/* Reserves the client's window, or forbids the client to need one. */
static void grant_takeover(struct eio__deflate *d,
	struct eio__deflate_params *params)
{
	size_t size = (size_t)1 << bits_of(params, EIO__CLIENT_BITS);
	struct eio__deflater *shared = d->shared;

	if (params->value[EIO__CLIENT_NO_TAKEOVER])
		return;
	if (size > shared->config.memory ||
		shared->memory > shared->config.memory - size) {
		eio__deflate_add_param(params, EIO__CLIENT_NO_TAKEOVER);
		return;
	}
	d->window_max = size;
	shared->memory += size;
}

struct eio__deflate *eio__deflate_new(struct eio__deflater *shared,
	struct eio__deflate_params *params)
{
	struct eio__deflate *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->shared = shared;
	d->threshold = shared->config.threshold;
	d->key = (unsigned short)make_key(bits_of(params, EIO__SERVER_BITS),
		shared->config.level, shared->config.mem_level);
	d->server_takeover = !params->value[EIO__SERVER_NO_TAKEOVER];
	eio__list_init(&d->link);
	grant_takeover(d, params);
	shared->refs++;
	shared->users++;
	return d;
}

static void drop_writer(struct eio__deflate *d)
{
	if (!d->writer)
		return;
	deflateEnd(d->writer);
	free(d->writer);
	d->writer = NULL;
	eio__list_del(&d->link);
	d->shared->memory -= writer_size(d->key);
}

void eio__deflate_free(struct eio__deflate *d)
{
	if (!d)
		return;
	drop_writer(d);
	free(d->window);
	d->shared->memory -= d->window_max;
	if (--d->shared->users == 0)
		end_streams(d->shared);
	eio__deflater_unref(d->shared);
	free(d);
}

/* -- compressors ------------------------------------------------------------- */

static bool start_writer(z_stream *z, unsigned key)
{
	eio__deflate_init_stream(z);
	return deflateInit2(z, key_level(key), Z_DEFLATED, -key_bits(key),
		       key_mem_level(key), Z_DEFAULT_STRATEGY) == Z_OK;
}

/* The one for everybody, made for this key. NULL: no memory. */
static z_stream *common_writer(struct eio__deflater *shared, unsigned key)
{
	if (shared->out_key == key)
		return &shared->out;
	if (shared->out_key)
		deflateEnd(&shared->out);
	shared->out_key = start_writer(&shared->out, key) ? key : 0;
	return shared->out_key ? &shared->out : NULL;
}

/* Whether there is room for so much, after giving up compressors that were
 * not used of late. */
static bool make_room(struct eio__deflater *shared, size_t size)
{
	struct eio__deflate *oldest;

	if (size > shared->config.memory)
		return false;
	while (shared->memory > shared->config.memory - size) {
		if (eio__list_empty(&shared->writers))
			return false;
		oldest = eio__list_entry(shared->writers.next,
			struct eio__deflate, link);
		drop_writer(oldest);
	}
	return true;
}

/* The connection's own, if it may have one. */
static z_stream *own_writer(struct eio__deflate *d)
{
	struct eio__deflater *shared = d->shared;

	if (!d->writer) {
		if (!make_room(shared, writer_size(d->key)))
			return NULL;
		d->writer = malloc(sizeof(*d->writer));
		if (d->writer && !start_writer(d->writer, d->key)) {
			free(d->writer);
			d->writer = NULL;
		}
		if (!d->writer)
			return NULL;
		shared->memory += writer_size(d->key);
	}
	eio__list_del(&d->link);
	eio__list_add_tail(&shared->writers, &d->link);
	return d->writer;
}

/* -- compressing ------------------------------------------------------------- */

/* Compresses the next n bytes; `last` of the message. Returns out->error. */
static int write_piece(z_stream *z, const unsigned char *p, size_t n, bool last,
	struct eio__strbuf *out)
{
	char *room;

	/* zlib does not change its input. */
	z->next_in = (Bytef *)(uintptr_t)p;
	z->avail_in = (uInt)n;
	do {
		room = eio__strbuf_reserve(out, EIO__DEFLATE_PIECE);
		if (!room)
			return out->error;
		z->next_out = (Bytef *)room;
		z->avail_out = EIO__DEFLATE_PIECE;
		deflate(z, last ? Z_SYNC_FLUSH : Z_NO_FLUSH);
		out->len += EIO__DEFLATE_PIECE - z->avail_out;
	} while (!z->avail_out);
	return 0;
}

/* The whole packet, without the tail. It stops with ENGINEIO_ERR_FULL when it
 * gets longer than `max`. */
static int write_packet(z_stream *z, const eio_buf *buf, size_t max,
	struct eio__strbuf *out)
{
	const unsigned char *p;
	size_t off = 0, n;

	for (p = eio__buf_piece(buf, &off, &n); p;
		p = eio__buf_piece(buf, &off, &n)) {
		if (write_piece(z, p, n, off == buf->wire_len, out))
			return out->error;
		if (out->len > max)
			return ENGINEIO_ERR_FULL;
	}
	out->len -= sizeof(eio__deflate_tail);
	return 0;
}

/* One that any message may follow; NULL: no memory. An empty form says that
 * compressing does not pay. */
static eio_buf *make_form(struct eio__deflate *d, const eio_buf *buf)
{
	z_stream *z = common_writer(d->shared, d->key);
	struct eio__strbuf out;
	eio_buf *form = NULL;
	int err;

	if (!z)
		return NULL;
	eio__strbuf_init(&out, 0);
	err = write_packet(z, buf, buf->len + sizeof(eio__deflate_tail) - 1,
		&out);
	if (!err)
		form = eio__buf_deflated(buf, out.data, out.len);
	else if (err == ENGINEIO_ERR_FULL)
		form = eio__buf_deflated(buf, NULL, 0);
	eio__strbuf_clear(&out);
	deflateReset(z);
	return form;
}

/* The form that the message already has for others, or will have. */
static eio_buf *common_form(struct eio__deflate *d, eio_buf *buf)
{
	eio_buf *form = eio__buf_form(buf, d->key);

	if (form)
		return form;
	form = make_form(d, buf);
	if (form)
		eio__buf_add_form(buf, form, d->key);
	return form;
}

/* One that refers to the messages before it. What it cost cannot be undone,
 * so it is sent even if it is longer. NULL: there is no compressor to be
 * had. */
static eio_buf *own_form(struct eio__deflate *d, const eio_buf *buf)
{
	z_stream *z = own_writer(d);
	struct eio__strbuf out;
	eio_buf *form = NULL;

	if (!z)
		return NULL;
	eio__strbuf_init(&out, 0);
	if (!write_packet(z, buf, SIZE_MAX, &out))
		form = eio__buf_deflated(buf, out.data, out.len);
	eio__strbuf_clear(&out);
	/* The client will not have seen this one. */
	if (!form)
		deflateReset(z);
	return form;
}

static void deflate_one(struct eio__deflate *d, struct eio__queue *q,
	unsigned i)
{
	eio_buf *buf = eio__queue_at(q, i);
	eio_buf *form = NULL;

	if (buf->deflated || buf->plain || !buf->len || buf->len < d->threshold)
		return;
	if (d->server_takeover)
		form = own_form(d, buf);
	if (form) {
		eio__queue_replace(q, i, form);
		eio_buf_unref(form);
		return;
	}
	form = common_form(d, buf);
	if (!form || !form->wire_len)
		return;
	/* The client's window holds what ours does not. */
	if (d->writer)
		deflateReset(d->writer);
	eio__queue_replace(q, i, form);
}

void eio__deflate_queue(struct eio__deflate *d, struct eio__queue *q,
	unsigned n)
{
	/* What has begun to leave stays what it is. */
	unsigned i = q->sent ? 1 : 0;

	for (; i < q->count && i < n; i++)
		deflate_one(d, q, i);
}
