/* SPDX-License-Identifier: MIT */
/*
 * packet.h: one Socket.IO packet, to and from text.
 *
 *	TYPE [ATTACHMENTS "-"] [NAMESPACE ","] [ACK-ID] [JSON]
 *
 * Pure. The bytes of attachments are decoder.h's.
 */
#ifndef SOCKETIO_PACKET_H
#define SOCKETIO_PACKET_H

#include <engineio/base/strbuf.h>

#include <socketio/span.h>

#include <stdint.h>

/* The digits of the protocol. */
enum sio__packet_type {
	SIO__CONNECT,
	SIO__DISCONNECT,
	SIO__EVENT,
	SIO__ACK,
	SIO__CONNECT_ERROR,
	SIO__BINARY_EVENT,
	SIO__BINARY_ACK,
};

/* 2^53 - 1: from there on JavaScript cannot count. */
#define SIO__MAX_ID 9007199254740991

struct sio__limits {
	unsigned attachments; /* of one packet */
	size_t pending_bytes; /* of the attachments of one packet */
	unsigned depth;       /* of nested values */
	size_t name;          /* of a namespace, in bytes */
	size_t event_name;    /* of an event, as it is written in JSON */
	bool nsp_query;       /* protocol 4: the name of a namespace ends where
				 its query begins */
	unsigned containers;  /* of a packet, where all values are made */
};

struct sio__packet {
	enum sio__packet_type type; /* without the BINARY_ ones */
	unsigned attachments;
	bool has_id;
	bool name_escaped; /* there is a backslash in the name */
	uint64_t id;
	struct sio__span nsp;   /* "/" if the text names none */
	struct sio__span query; /* behind it, if the limits let it have one */
	struct sio__span data;  /* valid JSON; of length 0 without any */
	struct sio__span name;  /* EVENT: the text of the name in data, a
				  JSON string or number */
	struct sio__span args;  /* EVENT, ACK: what follows in data, the
				  elements with commas between them */
};

/*
 * The packet of a text, into which its spans point. NULL, or what is wrong
 * with it (a static text for the log): then the connection is closed.
 */
const char *sio__packet_decode(struct sio__packet *packet, const char *p,
	size_t n, const struct sio__limits *limits);

/* Protocol 4: lets the namespace of a packet end where its query begins. */
void sio__packet_split_query(struct sio__packet *packet);

/* Whether only the server may use this name for an event. */
bool sio__is_reserved(const char *name, size_t n);

/* Begins the text of a packet; its JSON is to follow. The type is one
 * without BINARY_; id NULL: none. */
int sio__packet_head(struct eio__strbuf *out, enum sio__packet_type type,
	unsigned attachments, struct sio__span nsp, const uint64_t *id);

#endif
