/* SPDX-License-Identifier: MIT */
/*
 * parser.c: packets by way of a parser that is not the default one.
 *
 * What the parser decoded is checked here as packet.c checks a text, so that
 * no parser has to know which names and payloads the protocol allows; what it
 * encoded becomes buffers of the engine. The default parser does not come by:
 * it needs no values, only the text.
 *
 * Always true: a packet that leaves here has data that fits its type, in
 * values; a namespace that is UTF-8 and short enough; a name that is not
 * reserved.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/parser.h>

#include <engineio/base/utf8.h>

#include <stdlib.h>

/* -- decoding -------------------------------------------------------------- */

static const char *check_name(const json_t *name, size_t max)
{
	if (json_is_number(name))
		return NULL;
	if (!json_is_string(name))
		return "invalid event name";
	if (json_string_length(name) > max)
		return "event name too long (MAX_EVENT_NAME)";
	return sio__is_reserved(json_string_value(name),
		       json_string_length(name))
		? "reserved event name"
		: NULL;
}

static const char *check_data(const sio_packet *p, size_t max_name)
{
	bool fits;

	switch (p->type) {
	case SIO_PACKET_CONNECT:
		fits = !p->data ||
			(json_is_object(p->data) && !sio_is_binary(p->data));
		break;
	case SIO_PACKET_EVENT:
		fits = json_array_size(p->data) > 0;
		if (fits)
			return check_name(json_array_get(p->data, 0), max_name);
		break;
	case SIO_PACKET_ACK:
		fits = json_is_array(p->data);
		break;
	case SIO_PACKET_CONNECT_ERROR:
		fits = json_is_object(p->data) || json_is_string(p->data);
		break;
	case SIO_PACKET_DISCONNECT:
	default:
		fits = !p->data;
	}
	return fits ? NULL : "invalid payload";
}

static const char *check(const sio_packet *p, size_t max_name)
{
	if ((unsigned)p->type > SIO_PACKET_CONNECT_ERROR)
		return "unknown packet type";
	if (!p->nsp || !eio__utf8_valid(p->nsp, p->nsp_len))
		return "invalid namespace";
	if (p->has_id && p->id > SIO__MAX_ID)
		return "ack id too large";
	return check_data(p, max_name);
}

static enum sio__decoded refuse(struct sio__incoming *in, int err,
	const char *why)
{
	if (err == SIO_ERR_NOMEM)
		return SIO__NOMEM;
	in->why = why ? why : "the parser refused a message";
	return SIO__REFUSED;
}

/* The packet as the rest of this layer knows it. */
static const char *take(struct sio__incoming *in, const sio_packet *p,
	const struct sio__limits *limits)
{
	struct sio__packet *packet = &in->packet;

	memset(packet, 0, sizeof(*packet));
	packet->type = (enum sio__packet_type)p->type;
	packet->has_id = p->has_id;
	packet->id = p->has_id ? p->id : 0;
	packet->nsp = sio__span(p->nsp, p->nsp_len);
	if (limits->nsp_query)
		sio__packet_split_query(packet);
	if (packet->nsp.n > limits->name)
		return "namespace too long (MAX_NAME)";
	in->values = p->data;
	return NULL;
}

enum sio__decoded sio__parser_decode(const sio_parser *parser,
	struct sio__decoder *d, const struct sio__limits *limits,
	const char *message, size_t len, bool binary, struct sio__incoming *in)
{
	sio_parser_limits most = { limits->depth, limits->containers,
		limits->attachments, limits->pending_bytes };
	sio_packet packet = { SIO_PACKET_CONNECT, false, 0, NULL, 0, NULL };
	const char *why = NULL;
	int result;

	in->values = NULL;
	in->text = NULL;
	in->bytes = len;
	result = parser->decode(parser, &d->state, &most, message, len, binary,
		&packet, &why);
	if (result == SIO_PARSER_MORE)
		return SIO__MORE;
	if (result < 0)
		return refuse(in, result, why);
	why = check(&packet, limits->event_name);
	if (!why)
		why = take(in, &packet, limits);
	if (!why)
		return SIO__DECODED;
	json_decref(packet.data);
	return refuse(in, SIO_ERR_INVALID, why);
}

void sio__parser_clear(const sio_parser *parser, struct sio__decoder *d)
{
	if (d->state && parser->free_state)
		parser->free_state(parser, d->state);
	d->state = NULL;
}

/* About what the values take in memory. */
size_t sio__parser_weight(json_t *value)
{
	size_t i, weight = 64, len = 0;
	const char *key;
	json_t *member;

	if (sio_binary_data(value, &len) || json_is_string(value))
		return weight + (len ? len : json_string_length(value));
	json_array_foreach(value, i, member)
		weight += sio__parser_weight(member);
	json_object_foreach(value, key, member)
		weight += strlen(key) + 64 + sio__parser_weight(member);
	return weight;
}

/* -- encoding -------------------------------------------------------------- */

struct sio_parser_out {
	eio_buf **all;
	unsigned n, size;
};

/* Gives the buffer away. */
static int add(sio_parser_out *out, eio_buf *buf)
{
	unsigned size = out->size ? out->size * 2 : 4;
	eio_buf **all;

	if (buf && out->n == out->size) {
		all = realloc(out->all, size * sizeof(*all));
		if (!all) {
			eio_buf_unref(buf);
			return SIO_ERR_NOMEM;
		}
		out->all = all;
		out->size = size;
	}
	if (!buf)
		return SIO_ERR_NOMEM;
	out->all[out->n++] = buf;
	return 0;
}

int sio_parser_add_text(sio_parser_out *out, const char *text, size_t len)
{
	if (!out || (!text && len > 0) || !eio__utf8_valid(text, len))
		return SIO_ERR_INVALID;
	return add(out, eio_buf_new_text(text, len));
}

int sio_parser_add_binary(sio_parser_out *out, const void *data, size_t len)
{
	if (!out || (!data && len > 0))
		return SIO_ERR_INVALID;
	return add(out, eio_buf_new_binary(data, len));
}

static void out_clear(sio_parser_out *out)
{
	unsigned i;

	for (i = 0; i < out->n; i++)
		eio_buf_unref(out->all[i]);
	free(out->all);
}

int sio__parser_encode(const sio_parser *parser, const sio_packet *packet,
	struct sio__message *m)
{
	sio_parser_out out = { NULL, 0, 0 };
	int err = parser->encode(parser, packet, &out);

	if (err || out.n == 0) {
		out_clear(&out);
		return err < 0 ? err : SIO_ERR_INVALID;
	}
	m->record = NULL;
	m->text = out.all[0];
	m->all = out.all;
	m->n = out.n;
	if (m->n == 1) {
		free(out.all);
		m->all = NULL;
		m->n = 0;
	}
	return 0;
}

/* -- which one ------------------------------------------------------------- */

int sio_server_set_parser(sio_server *srv, const sio_parser *parser)
{
	if (!srv)
		return SIO_ERR_INVALID;
	if (sio__server_has_begun(srv))
		return sio__server_fail(srv, SIO_ERR_STATE,
			"sio_server_set_parser(): only before "
			"sio_server_listen()");
	if (parser &&
		(parser->version == 0 || parser->version > SIO_PARSER_VERSION ||
			!parser->encode || !parser->decode))
		return sio__server_fail(srv, SIO_ERR_INVALID,
			"sio_server_set_parser(): a parser of version %u "
			"without what that asks for",
			parser->version);
	srv->parser = parser;
	return 0;
}
