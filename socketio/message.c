/* SPDX-License-Identifier: MIT */
/*
 * message.c: from names and values to buffers the engine sends.
 * A server with a parser of its own has its packets encoded by that.
 *
 * A packet is encoded once, however many clients get it. It is written into
 * one buffer of the server, which keeps its memory from packet to packet,
 * and copied from there to a block of just the right size.
 *
 * Always true: what is sent is valid UTF-8, because JSON strings are, and
 * names are looked at here.
 */
#include <config.h>

#include <socketio/io.h>

#include <engineio/base/utf8.h>
#include <socketio/json.h>
#include <socketio/parser.h>

#include <stdlib.h>

/* A buffer that a large packet has made larger is given back. */
#define KEEP_BYTES 65536

/* What a packet is written from. */
struct content {
	enum sio__packet_type type;
	struct sio__span nsp;
	const uint64_t *id;
	const char *name;   /* of an event, or NULL */
	const json_t *args; /* NULL: none */
};

static int write_payload(struct eio__strbuf *out, const struct content *c,
	struct sio__blobs *blobs)
{
	size_t i, n = json_array_size(c->args);
	int err = 0;

	eio__strbuf_addc(out, '[');
	if (c->name)
		sio__json_write_text(out, c->name, strlen(c->name));
	for (i = 0; i < n && !err; i++) {
		if (c->name || i > 0)
			eio__strbuf_addc(out, ',');
		err = sio__json_write(out, json_array_get(c->args, i), blobs);
	}
	return err ? err : eio__strbuf_addc(out, ']');
}

static int write_packet(struct eio__strbuf *out, const struct content *c,
	unsigned attachments, struct sio__blobs *blobs)
{
	eio__strbuf_reset(out);
	blobs->n = 0;
	sio__packet_head(out, c->type, attachments, c->nsp, c->id);
	return write_payload(out, c, blobs);
}

static int add_attachments(struct sio__message *m,
	const struct sio__blobs *blobs)
{
	unsigned i;

	m->all = calloc(blobs->n + 1, sizeof(*m->all));
	if (!m->all)
		return SIO_ERR_NOMEM;
	m->all[m->n++] = m->text;
	for (i = 0; i < blobs->n; i++) {
		m->all[m->n] = eio_buf_new_binary(blobs->v[i].p, blobs->v[i].n);
		if (!m->all[m->n])
			return SIO_ERR_NOMEM;
		m->n++;
	}
	return 0;
}

static int make_buffers(struct sio__message *m, struct eio__strbuf *out,
	const struct sio__blobs *blobs)
{
	int err = 0;

	m->all = NULL;
	m->n = 0;
	m->record = NULL;
	m->text = eio_buf_new_text(out->data, out->len);
	if (!m->text)
		return SIO_ERR_NOMEM;
	if (blobs && blobs->n > 0)
		err = add_attachments(m, blobs);
	if (err)
		sio__message_clear(m);
	if (out->cap > KEEP_BYTES)
		eio__strbuf_clear(out);
	return err;
}

static int make(struct sio__message *m, sio_server *srv,
	const struct content *c)
{
	struct eio__strbuf *out = &srv->out;
	struct sio__blobs blobs;
	int err;

	sio__blobs_init(&blobs, srv->limits.attachments);
	err = write_packet(out, c, 0, &blobs);
	/* How many there are stands in front of the text. */
	if (!err && blobs.n > 0)
		err = write_packet(out, c, blobs.n, &blobs);
	if (!err)
		err = make_buffers(m, out, &blobs);
	sio__blobs_clear(&blobs);
	return err;
}

/* The data of a packet as another parser is given it. */
static json_t *data_of(const struct content *c)
{
	json_t *data = json_array();

	if (c->name && json_array_append_new(data, json_string(c->name)) != 0)
		goto nomem;
	/* The elements are shared; extending reads the other array only. */
	if (json_array_extend(data, (json_t *)(uintptr_t)c->args) != 0)
		goto nomem;
	return data;

nomem:
	json_decref(data);
	return NULL;
}

/* Gives data away. */
static int make_by_parser(struct sio__message *m, sio_server *srv,
	const struct content *c, json_t *data)
{
	sio_packet packet = { (enum sio_packet_type)c->type, c->id != NULL,
		c->id ? *c->id : 0, c->nsp.p, c->nsp.n, data };
	int err = sio__parser_encode(srv->parser, &packet, m);

	json_decref(data);
	return err;
}

/* An event or an answer. */
static int make_any(struct sio__message *m, sio_server *srv,
	const struct content *c)
{
	json_t *data;

	if (!srv->parser)
		return make(m, srv, c);
	data = data_of(c);
	return data ? make_by_parser(m, srv, c, data) : SIO_ERR_NOMEM;
}

/* A packet whose data is JSON text. */
static int make_of_text(struct sio__message *m, sio_server *srv,
	const struct content *c, struct sio__span payload)
{
	json_t *data = NULL;

	if (payload.n > 0) {
		data = sio__json_decode(payload.p, payload.n);
		if (!data)
			return SIO_ERR_NOMEM;
	}
	return make_by_parser(m, srv, c, data);
}

int sio__message_event(struct sio__message *m, sio_nsp *nsp, const char *name,
	const json_t *args, const uint64_t *id)
{
	struct content c = { SIO__EVENT, sio__nsp_span(nsp), id, name, args };
	size_t n = strlen(name);
	int err;

	if (!json_is_array(args) || sio__is_reserved(name, n) ||
		!eio__utf8_valid(name, n))
		return SIO_ERR_INVALID;
	err = make_any(m, nsp->srv, &c);
	if (!err && nsp->listening > 0)
		m->record = sio__record_new(nsp, name, args);
	return err;
}

int sio__message_ack(struct sio__message *m, sio_server *srv,
	struct sio__span nsp, uint64_t id, const json_t *args)
{
	struct content c = { SIO__ACK, nsp, &id, NULL, args };

	if (!json_is_array(args))
		return SIO_ERR_INVALID;
	return make_any(m, srv, &c);
}

int sio__message_text(struct sio__message *m, sio_server *srv,
	enum sio__packet_type type, struct sio__span nsp, const uint64_t *id,
	struct sio__span payload)
{
	struct content c = { type, nsp, id, NULL, NULL };
	struct eio__strbuf *out = &srv->out;
	int err;

	if (srv->parser)
		return make_of_text(m, srv, &c, payload);
	eio__strbuf_reset(out);
	sio__packet_head(out, type, 0, nsp, id);
	err = eio__strbuf_add(out, payload.p, payload.n);
	return err ? err : make_buffers(m, out, NULL);
}

/* The brackets are written around the text where it goes: whoever gives
 * arguments back untouched copies them once. */
int sio__message_answer(struct sio__message *m, sio_server *srv,
	struct sio__span nsp, uint64_t id, struct sio__span args)
{
	struct content c = { SIO__ACK, nsp, &id, NULL, NULL };
	struct eio__strbuf *out = &srv->out;
	int err;

	eio__strbuf_reset(out);
	if (!srv->parser)
		sio__packet_head(out, SIO__ACK, 0, nsp, &id);
	eio__strbuf_addc(out, '[');
	eio__strbuf_add(out, args.p, args.n);
	err = eio__strbuf_addc(out, ']');
	if (err)
		return err;
	return srv->parser
		? make_of_text(m, srv, &c, sio__span(out->data, out->len))
		: make_buffers(m, out, NULL);
}

void sio__message_set_plain(struct sio__message *m)
{
	unsigned i;

	eio_buf_set_compress(m->text, false);
	for (i = 0; i < m->n; i++)
		eio_buf_set_compress(m->all[i], false);
}

int sio__message_send(const struct sio__message *m, struct sio__client *c)
{
	if (!c)
		return SIO_ERR_CLOSED;
	if (m->all)
		return eio_socket_send_all(c->conn, m->all, m->n);
	return eio_socket_send(c->conn, m->text);
}

int sio__message_send_to(const struct sio__message *m, sio_socket *s)
{
	int err = sio__message_send(m, s->client);

	if (!err && m->record)
		sio__record_note(m->record, s);
	return err;
}

void sio__message_clear(struct sio__message *m)
{
	unsigned i;

	/* The first of all is the text. */
	for (i = 1; i < m->n; i++)
		eio_buf_unref(m->all[i]);
	if (m->all)
		free(m->all);
	eio_buf_unref(m->text);
	sio__record_unref(m->record);
}

int sio__message_copy(struct sio__message *to, const struct sio__message *m)
{
	unsigned i;

	*to = *m;
	to->record = NULL;
	if (m->all) {
		to->all = calloc(m->n, sizeof(*to->all));
		if (!to->all)
			return SIO_ERR_NOMEM;
		memcpy(to->all, m->all, m->n * sizeof(*to->all));
	}
	eio_buf_ref(m->text);
	for (i = 1; i < m->n; i++)
		eio_buf_ref(m->all[i]);
	return 0;
}

json_t *sio__pack(const char *fmt, va_list ap)
{
	char brackets[256], *format = brackets;
	size_t n = fmt ? strlen(fmt) : 0;
	json_t *args;

	if (n + 3 > sizeof(brackets))
		format = malloc(n + 3);
	if (!format)
		return NULL;
	format[0] = '[';
	if (n > 0)
		memcpy(format + 1, fmt, n);
	memcpy(format + 1 + n, "]", 2);
	args = json_vpack_ex(NULL, 0, format, ap);
	if (format != brackets)
		free(format);
	return args;
}
