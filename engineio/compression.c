/* SPDX-License-Identifier: MIT */
/*
 * compression.c: the options that are about compression: which numbers they
 * may have, and what WebSockets are told of them.
 *
 * The work is done by http/compress.c (polling) and http/deflate.c
 * (WebSocket).
 */
#include <config.h>

#include <engineio/engine.h>

static bool between(long value, long least, long most)
{
	return value >= least && value <= most;
}

/* 0: as the client wishes; 1: never; or the number itself. */
static bool is_window(long value)
{
	return value == 0 || value == 1 || between(value, 8, 15);
}

bool eio__compression_option_ok(enum eio_option option, long value)
{
	switch (option) {
	case ENGINEIO_PER_MESSAGE_DEFLATE:
	case ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER:
		return between(value, 0, 1);
	case ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER:
		return between(value, 0, 2);
	case ENGINEIO_DEFLATE_SERVER_BITS:
	case ENGINEIO_DEFLATE_CLIENT_BITS:
		return is_window(value);
	case ENGINEIO_DEFLATE_LEVEL:
	case ENGINEIO_DEFLATE_MEM_LEVEL:
		return between(value, 1, 9);
	default:
		return true;
	}
}

static void fill(struct eio__deflate_config *c, const long *o)
{
	c->on = o[ENGINEIO_PER_MESSAGE_DEFLATE];
	c->server_no_takeover =
		(unsigned char)o[ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER];
	c->client_no_takeover =
		(unsigned char)o[ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER];
	c->server_bits = (unsigned char)o[ENGINEIO_DEFLATE_SERVER_BITS];
	c->client_bits = (unsigned char)o[ENGINEIO_DEFLATE_CLIENT_BITS];
	c->level = (unsigned char)o[ENGINEIO_DEFLATE_LEVEL];
	c->mem_level = (unsigned char)o[ENGINEIO_DEFLATE_MEM_LEVEL];
	c->threshold = (size_t)o[ENGINEIO_DEFLATE_THRESHOLD];
	c->memory = (size_t)o[ENGINEIO_DEFLATE_MEMORY];
}

int eio__compression_configure(eio_server *srv, enum eio_option option,
	long value)
{
	bool on = option == ENGINEIO_PER_MESSAGE_DEFLATE && value;

	if (on && !srv->deflater) {
		srv->deflater = eio__deflater_new();
		if (!srv->deflater)
			return ENGINEIO_ERR_NOMEM;
		srv->own.deflater = srv->deflater;
	}
	srv->options[option] = value;
	if (srv->deflater)
		fill(eio__deflater_config(srv->deflater), srv->options);
	return 0;
}
