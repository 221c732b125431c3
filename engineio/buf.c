/* SPDX-License-Identifier: MIT */
/*
 * buf.c: counted messages with their WebSocket frames ready, and the queue
 * they wait in.
 *
 * Leaves the limits of the queue to session_queue.c and the writing to
 * http/ws.c. Always true: what a buffer says never changes after it was made,
 * and its wire form is whole frames, but for what is kept for answers.
 */
#include <config.h>

#include <engineio/buf.h>

#include <engineio/base/base64.h>
#include <engineio/base/utf8.h>
#include <engineio/http/ws_frame.h>
#include <engineio/net.h>
#include <engineio/packet.h>

#include <stdlib.h>
#include <string.h>

/* Smaller rings would be reallocated by every second burst. */
#define RING_MIN 8

static size_t header_size(size_t payload)
{
	return payload < 126 ? 2 : 4;
}

static size_t wire_size(size_t len)
{
	size_t full = len / EIO__FRAME_MAX, rest = len % EIO__FRAME_MAX;

	if (rest || !full)
		return full * (4 + EIO__FRAME_MAX) + header_size(rest) + rest;
	return full * (4 + EIO__FRAME_MAX);
}

#define RSV1 0x40

/* The packet's bytes are `type` (if any) and data; copies `n` of them from
 * position `at` on. */
static void copy_part(unsigned char *out, char type, const char *data,
	size_t at, size_t n)
{
	if (type && at == 0 && n) {
		*out++ = (unsigned char)type;
		at = 1;
		n--;
	}
	if (n)
		memcpy(out, data + at - (type ? 1 : 0), n);
}

/* `first` is what the first frame has beside its opcode. */
static void write_frames(eio_buf *buf, unsigned char first, char type,
	const char *data, size_t len)
{
	unsigned char *out = buf->wire;
	size_t at = 0, n;
	enum eio__ws_opcode opcode = buf->binary ? EIO__WS_OP_BINARY
						 : EIO__WS_OP_TEXT;

	do {
		n = len - at;
		if (n > EIO__FRAME_MAX)
			n = EIO__FRAME_MAX;
		out += eio__ws_header(out,
			at ? EIO__WS_OP_CONTINUATION : opcode, at + n == len,
			n);
		copy_part(out, type, data, at, n);
		out += n;
		at += n;
	} while (at < len);
	buf->wire[0] |= first;
}

static eio_buf *buf_alloc(bool binary, size_t len, size_t wire_len)
{
	eio_buf *buf = malloc(sizeof(*buf) + wire_len);

	if (!buf)
		return NULL;
	memset(buf, 0, sizeof(*buf));
	buf->refs = 1;
	buf->binary = binary;
	buf->len = len;
	buf->wire_len = wire_len;
	return buf;
}

static eio_buf *buf_make(bool binary, char type, const void *data, size_t len)
{
	eio_buf *buf;

	if ((!data && len) || len > SIZE_MAX / 2)
		return NULL;
	if (type)
		len++;
	buf = buf_alloc(binary, len, wire_size(len));
	if (!buf)
		return NULL;
	buf->typed = binary && type;
	buf->message = binary || type == '4' || type == 'b';
	write_frames(buf, 0, type, data, len);
	return buf;
}

eio_buf *eio__buf_deflated(const eio_buf *buf, const void *data, size_t len)
{
	eio_buf *form =
		buf_alloc(buf->binary, buf->len, len ? wire_size(len) : 0);

	if (!form)
		return NULL;
	form->deflated = true;
	form->message = buf->message;
	if (len)
		write_frames(form, RSV1, 0, data, len);
	return form;
}

eio_buf *eio__buf_payload(const struct eio__strbuf *bytes, size_t len)
{
	eio_buf *form = buf_alloc(false, len, bytes->len);

	if (form)
		memcpy(form->wire, bytes->data, bytes->len);
	return form;
}

eio_buf *eio__buf_form(const eio_buf *buf, unsigned key)
{
	eio_buf *form;

	for (form = buf->forms; form; form = form->forms)
		if (form->key == key)
			break;
	return form;
}

void eio__buf_add_form(eio_buf *buf, eio_buf *form, unsigned key)
{
	form->key = (unsigned short)key;
	form->forms = buf->forms;
	buf->forms = form;
}

eio_buf *eio__buf_message(const void *data, size_t len, bool binary)
{
	return buf_make(binary, 0, data, len);
}

eio_buf *eio_buf_new_text(const void *text, size_t len)
{
	return buf_make(false, '4', text, len);
}

eio_buf *eio_buf_new_binary(const void *data, size_t len)
{
	return buf_make(true, 0, data, len);
}

eio_buf *eio__buf_packet(char type, const void *data, size_t len)
{
	return buf_make(false, type, data, len);
}

eio_buf *eio_buf_ref(eio_buf *buf)
{
	if (buf)
		buf->refs++;
	return buf;
}

static void buf_free(eio_buf *buf)
{
	eio_buf *form = buf->deflated ? NULL : buf->forms, *next;

	/* A form may still be on its way to somebody. */
	for (; form; form = next) {
		next = form->forms;
		form->forms = NULL;
		eio_buf_unref(form);
	}
	eio_buf_unref(buf->twin);
	eio__net_unshare(buf->shared);
	free(buf);
}

void eio_buf_unref(eio_buf *buf)
{
	if (buf && --buf->refs == 0)
		buf_free(buf);
}

void eio_buf_set_compress(eio_buf *buf, bool on)
{
	if (buf)
		buf->plain = !on;
}

size_t eio_buf_len(const eio_buf *buf)
{
	if (!buf)
		return 0;
	return buf->binary ? buf->len : buf->len - 1;
}

/* Our own headers are two or four bytes, see header_size(). */
static size_t frame_header(const unsigned char *h)
{
	return (h[1] & 0x7f) < 126 ? 2 : 4;
}

size_t eio__buf_frame(const eio_buf *buf, size_t off)
{
	const unsigned char *h = buf->wire + off;

	if (frame_header(h) == 2)
		return 2 + (size_t)h[1];
	return 4 + ((size_t)h[2] << 8 | h[3]);
}

static int add_base64(struct eio__strbuf *out, const unsigned char *p, size_t n)
{
	char *room = eio__strbuf_reserve(out, eio__base64_size(n));

	if (!room)
		return out->error;
	eio__base64_encode(room, p, n);
	out->len += eio__base64_size(n);
	return 0;
}

const unsigned char *eio__buf_piece(const eio_buf *buf, size_t *off, size_t *n)
{
	const unsigned char *frame = buf->wire + *off;
	size_t header;

	if (*off == buf->wire_len)
		return NULL;
	header = frame_header(frame);
	*n = eio__buf_frame(buf, *off) - header;
	*off += header + *n;
	return frame + header;
}

int eio__buf_add_bytes(const eio_buf *buf, struct eio__strbuf *out)
{
	const unsigned char *p;
	size_t off = 0, n;

	for (p = eio__buf_piece(buf, &off, &n); p && !out->error;
		p = eio__buf_piece(buf, &off, &n))
		eio__strbuf_add(out, p, n);
	return out->error;
}

int eio__buf_add_payload(const eio_buf *buf, struct eio__strbuf *out)
{
	const unsigned char *p;
	size_t off = 0, n;

	if (!buf->binary)
		return eio__buf_add_bytes(buf, out);
	eio__strbuf_addc(out, 'b');
	for (p = eio__buf_piece(buf, &off, &n); p && !out->error;
		p = eio__buf_piece(buf, &off, &n))
		add_base64(out, p, n);
	return out->error;
}

size_t eio__buf_utf16(const eio_buf *buf)
{
	const unsigned char *p;
	size_t off = 0, n, units = 0;

	for (p = eio__buf_piece(buf, &off, &n); p;
		p = eio__buf_piece(buf, &off, &n))
		units += eio__utf8_utf16(p, n);
	return units;
}

static eio_buf *typed(const eio_buf *buf)
{
	struct eio__strbuf bytes;
	eio_buf *twin = NULL;

	eio__strbuf_init(&bytes, 0);
	if (!eio__buf_add_bytes(buf, &bytes))
		twin = buf_make(true, EIO__PACKET_MESSAGE, bytes.data,
			bytes.len);
	eio__strbuf_clear(&bytes);
	return twin;
}

eio_buf *eio__buf_typed(eio_buf *buf)
{
	if (buf->typed)
		return eio_buf_ref(buf);
	if (!buf->twin)
		buf->twin = typed(buf);
	return eio_buf_ref(buf->twin);
}

size_t eio__buf_cost(const eio_buf *buf)
{
	return sizeof(*buf) + sizeof(buf) + buf->wire_len;
}

static int ring_resize(struct eio__queue *q, unsigned room)
{
	eio_buf **items = malloc(room * sizeof(*items));
	unsigned i;

	if (!items)
		return ENGINEIO_ERR_NOMEM;
	for (i = 0; i < q->count; i++)
		items[i] = eio__queue_at(q, i);
	if (q->room)
		free(q->items);
	q->items = items;
	q->head = 0;
	q->room = room;
	return 0;
}

int eio__queue_reserve(struct eio__queue *q, unsigned n)
{
	unsigned room = q->room ? q->room : RING_MIN;

	if ((q->room ? q->room : 1) - q->count >= n)
		return 0;
	while (room - q->count < n) {
		if (room > UINT32_MAX / 4)
			return ENGINEIO_ERR_NOMEM;
		room *= 2;
	}
	return ring_resize(q, room);
}

/* Where the i-th packet is, or will be. */
static eio_buf **place(struct eio__queue *q, unsigned i)
{
	return q->room ? &q->items[(q->head + i) & (q->room - 1)] : &q->one;
}

int eio__queue_push(struct eio__queue *q, eio_buf *buf)
{
	int err = eio__queue_reserve(q, 1);

	if (err)
		return err;
	*place(q, q->count) = eio_buf_ref(buf);
	q->count++;
	q->bytes += eio__buf_cost(buf);
	return 0;
}

void eio__queue_replace(struct eio__queue *q, unsigned i, eio_buf *buf)
{
	eio_buf **at = place(q, i);
	eio_buf *old = *at;

	*at = eio_buf_ref(buf);
	q->bytes += eio__buf_cost(buf);
	q->bytes -= eio__buf_cost(old);
	eio_buf_unref(old);
}

void eio__queue_pop(struct eio__queue *q, unsigned n)
{
	for (; n && q->count; n--) {
		eio_buf *buf = eio__queue_at(q, 0);

		q->head++;
		q->count--;
		q->bytes -= eio__buf_cost(buf);
		q->sent = 0;
		eio_buf_unref(buf);
	}
	/* An idle session keeps no ring. */
	if (!q->count)
		eio__queue_clear(q);
}

void eio__queue_clear(struct eio__queue *q)
{
	unsigned i;

	for (i = 0; i < q->count; i++)
		eio_buf_unref(eio__queue_at(q, i));
	if (q->room)
		free(q->items);
	memset(q, 0, sizeof(*q));
}
