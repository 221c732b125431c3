/* SPDX-License-Identifier: MIT */
/*
 * parser.h: how packets are written on the wire, for who writes a parser.
 *
 * A parser turns a packet into one or more messages, each text or binary,
 * and messages into packets again. The default one (JSON text and binary
 * attachments, Socket.IO protocol 5) is built in; sio_parser_msgpack() is
 * another. Parsers are not negotiated: server and clients must use the same
 * one. JS: the option { parser }, an object { Encoder, Decoder }
 *
 * A parser is a table of functions that are called on the server's thread,
 * must not block and must not call the library, except for what is in this
 * header and sio_binary() and its like. What it gets from the network is
 * the peer's: it must bear everything, and keep to the limits it is given.
 */
#ifndef SOCKETIO_PARSER_H
#define SOCKETIO_PARSER_H

#include <socketio/socketio.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header. A parser says which one it was written for; later
 * versions only add to it. */
#define SIO_PARSER_VERSION 1

/* The numbers of the protocol. JS: PacketType */
enum sio_packet_type {
	SIO_PACKET_CONNECT = 0,
	SIO_PACKET_DISCONNECT = 1,
	SIO_PACKET_EVENT = 2,
	SIO_PACKET_ACK = 3,
	SIO_PACKET_CONNECT_ERROR = 4
};

/* JS: { type, nsp, data, id } */
typedef struct sio_packet {
	enum sio_packet_type type;
	bool has_id; /* an ack is wanted, or given */
	uint64_t id; /* at most 2^53-1 */
	const char *nsp;
	size_t nsp_len;
	/*
	 * What belongs to the type, or NULL:
	 * CONNECT: an object or NULL. From a client, its auth; to a client,
	 * {"sid":...}.
	 * DISCONNECT: NULL.
	 * EVENT: an array, the event's name (a text or a number) and its
	 * arguments.
	 * ACK: an array, the arguments.
	 * CONNECT_ERROR: an object, {"message":...} and perhaps "data".
	 * Bytes are sio_binary() values.
	 */
	json_t *data;
} sio_packet;

/* What a packet of a peer may be; see the options of these names. */
typedef struct sio_parser_limits {
	unsigned depth;      /* MAX_DEPTH, of data: an array in it is level 2 */
	unsigned containers; /* MAX_CONTAINERS: arrays and objects */
	unsigned attachments;    /* MAX_ATTACHMENTS */
	size_t attachment_bytes; /* MAX_ATTACHMENT_BYTES */
} sio_parser_limits;

/* Where encoded messages go. */
typedef struct sio_parser_out sio_parser_out;

/* Adds a message, copied from data. A text must be UTF-8. SIO_ERR_NOMEM or
 * SIO_ERR_INVALID, which encode() returns. */
SIO_API int sio_parser_add_text(sio_parser_out *out, const char *text,
	size_t len);
SIO_API int sio_parser_add_binary(sio_parser_out *out, const void *data,
	size_t len);

/* What decode() says; or it returns a negative SIO_ERR_*. */
enum sio_parser_result {
	SIO_PARSER_MORE = 0,  /* a packet has begun; more messages follow */
	SIO_PARSER_PACKET = 1 /* *packet is complete */
};

struct sio_parser {
	unsigned version; /* SIO_PARSER_VERSION */
	const char *name; /* for the log */
	/* Adds the messages of a packet, at least one, which reach each client
	 * together. The packet is lent. 0, or a negative SIO_ERR_* with which
	 * the call that emitted fails. JS: Encoder.encode(packet) */
	int (*encode)(const struct sio_parser *parser, const sio_packet *packet,
		sio_parser_out *out);
	/*
	 * Takes the next message of a connection. *state is that
	 * connection's, NULL at first, and whatever the parser makes of it.
	 * With SIO_PARSER_PACKET, packet is set: nsp points into the message,
	 * into static text or into *state; data is given away. What it says
	 * is checked by the library, also the name of an event. SIO_ERR_NOMEM
	 * or SIO_ERR_INVALID: nothing is given away, *why (static text for
	 * the log, which may name a limit: "nested too deep (MAX_DEPTH)")
	 * says what is wrong, and the connection is closed.
	 * JS: Decoder.add(message), "decoded"
	 */
	int (*decode)(const struct sio_parser *parser, void **state,
		const sio_parser_limits *limits, const void *message,
		size_t len, bool is_binary, sio_packet *packet,
		const char **why);
	/* Frees what *state was, unless it is NULL; the connection is gone.
	 * May be NULL if there is never a state. JS: Decoder.destroy() */
	void (*free_state)(const struct sio_parser *parser, void *state);
	void *user; /* the parser's own */
};

#ifdef __cplusplus
}
#endif

#endif
