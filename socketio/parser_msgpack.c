/* SPDX-License-Identifier: MIT */
/*
 * parser_msgpack.c: the packets of socket.io-msgpack-parser 3: one binary
 * message each, a map of type, data, nsp and, with an ack, id.
 *
 * The order of the members is the one in which the official server makes
 * them. Members that it sends as undefined (the pid of a CONNECT, the data of
 * a refusal) are left out, which is the same to JavaScript and shorter to
 * everybody. Other members ("options", which clients send) are skipped.
 */
#include <config.h>

#include <socketio/json.h>
#include <socketio/msgpack.h>
#include <socketio/packet.h>

/* -- encoding -------------------------------------------------------------- */

static void add_key(struct eio__strbuf *out, const char *key)
{
	sio__msgpack_text(out, key, strlen(key));
}

static void add_id(struct eio__strbuf *out, uint64_t id)
{
	add_key(out, "id");
	sio__msgpack_number(out, id);
}

static int write_packet(struct eio__strbuf *out, const sio_packet *packet)
{
	bool id_first = packet->type == SIO_PACKET_ACK;
	int err = 0;

	sio__msgpack_map(out, 2 + (packet->data ? 1 : 0) + packet->has_id);
	if (packet->has_id && id_first)
		add_id(out, packet->id);
	add_key(out, "type");
	sio__msgpack_number(out, packet->type);
	if (packet->data) {
		add_key(out, "data");
		err = sio__msgpack_write(out, packet->data);
	}
	if (packet->has_id && !id_first)
		add_id(out, packet->id);
	add_key(out, "nsp");
	return err ? err : sio__msgpack_text(out, packet->nsp, packet->nsp_len);
}

static int encode(const sio_parser *parser, const sio_packet *packet,
	sio_parser_out *out)
{
	struct eio__strbuf bytes;
	int err;

	(void)parser;
	eio__strbuf_init(&bytes, 0);
	err = write_packet(&bytes, packet);
	if (!err)
		err = sio_parser_add_binary(out, bytes.data, bytes.len);
	eio__strbuf_clear(&bytes);
	return err;
}

/* -- decoding -------------------------------------------------------------- */

/* A number that is an integer, as Number.isInteger() says, from 0 to max. */
static bool is_count(const json_t *value, uint64_t max, uint64_t *out)
{
	double number = json_number_value(value);

	if (!json_is_number(value) || number < 0 || number > (double)max)
		return false;
	*out = (uint64_t)number;
	return (double)*out == number;
}

/* The name must outlive the map it came in. */
static void keep_nsp(void **state, json_t *nsp, sio_packet *packet)
{
	json_decref(*state);
	*state = NULL;
	packet->nsp = "/";
	packet->nsp_len = json_string_length(nsp);
	if (packet->nsp_len == 1 && *json_string_value(nsp) == '/')
		return;
	*state = json_incref(nsp);
	packet->nsp = json_string_value(nsp);
}

static const char *take_apart(json_t *map, void **state, sio_packet *packet)
{
	json_t *id = json_object_get(map, "id");
	json_t *nsp = json_object_get(map, "nsp");
	uint64_t type;

	if (!is_count(json_object_get(map, "type"), SIO_PACKET_CONNECT_ERROR,
		    &type))
		return "unknown packet type";
	if (!json_is_string(nsp))
		return "invalid namespace";
	packet->id = 0;
	if (id && !is_count(id, SIO__MAX_ID, &packet->id))
		return "invalid packet id";
	packet->type = (enum sio_packet_type)type;
	packet->has_id = id != NULL;
	packet->data = json_incref(json_object_get(map, "data"));
	keep_nsp(state, nsp, packet);
	return NULL;
}

static int decode(const sio_parser *parser, void **state,
	const sio_parser_limits *limits, const void *message, size_t len,
	bool is_binary, sio_packet *packet, const char **why)
{
	static const char *const words[] = {
		[SIO__MSGPACK_MALFORMED] = "no MessagePack",
		[SIO__MSGPACK_DEPTH] = "packet nested too deep (MAX_DEPTH)",
		[SIO__MSGPACK_CONTAINERS] =
			"too many arrays and objects (MAX_CONTAINERS)",
		[SIO__MSGPACK_NO_UTF8] = "a text that is not UTF-8",
		[SIO__MSGPACK_KEY] = "a key that is no text",
		[SIO__MSGPACK_TRAILING] = "bytes behind the packet",
	};
	enum sio__msgpack_error error;
	json_t *map = NULL;

	(void)parser;
	*why = "a text instead of MessagePack";
	if (!is_binary)
		return SIO_ERR_INVALID;
	/* The map of the packet and the data are containers too. */
	error = sio__msgpack_read(message, len, limits->depth + 1,
		limits->containers, &map);
	if (error == SIO__MSGPACK_NOMEM)
		return SIO_ERR_NOMEM;
	*why = error ? words[error] : take_apart(map, state, packet);
	json_decref(map);
	return *why ? SIO_ERR_INVALID : SIO_PARSER_PACKET;
}

static void free_state(const sio_parser *parser, void *state)
{
	(void)parser;
	json_decref(state);
}

const sio_parser *sio_parser_msgpack(void)
{
	static const sio_parser msgpack = { SIO_PARSER_VERSION, "msgpack",
		encode, decode, free_state, NULL };

	return &msgpack;
}
