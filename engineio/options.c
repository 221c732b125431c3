/* SPDX-License-Identifier: MIT */
/*
 * options.c: the table of options: defaults, what values make sense, and the
 * HTTP server's share of them.
 *
 * What compression and CORS make of theirs is compression.c's and cors.c's.
 */
#include <config.h>

#include <engineio/engine.h>

#include <string.h>

static const long defaults[ENGINEIO_OPTIONS] = {
#define X(name, value, unit, official, text) [ENGINEIO_##name] = (value),
	ENGINEIO_OPTION_MAP(X)
#undef X
};

void eio__options_init(eio_server *srv)
{
	memcpy(srv->options, defaults, sizeof(defaults));
}

/* Those for which 0 is a meaning, not a mistake. */
static bool may_be_zero(enum eio_option option)
{
	switch (option) {
	case ENGINEIO_ALLOW_UPGRADES:
	case ENGINEIO_COMPRESSION:
	case ENGINEIO_COMPRESSION_THRESHOLD:
	case ENGINEIO_QUEUE_PACKETS:
	case ENGINEIO_MAX_SESSIONS:
	case ENGINEIO_MAX_CONNECTIONS:
	case ENGINEIO_MAX_SESSIONS_PER_ADDRESS:
	case ENGINEIO_HANDSHAKE_RATE:
	case ENGINEIO_ALLOW_EIO3:
	case ENGINEIO_JSONP:
	case ENGINEIO_PER_MESSAGE_DEFLATE:
	case ENGINEIO_DEFLATE_THRESHOLD:
	case ENGINEIO_DEFLATE_SERVER_NO_TAKEOVER:
	case ENGINEIO_DEFLATE_CLIENT_NO_TAKEOVER:
	case ENGINEIO_DEFLATE_SERVER_BITS:
	case ENGINEIO_DEFLATE_CLIENT_BITS:
	case ENGINEIO_DEFLATE_MEMORY:
	case ENGINEIO_QUEUE_POLICY:
	case ENGINEIO_QUEUE_LOW:
	case ENGINEIO_BACKLOG:
	case ENGINEIO_UNIX_MODE:
	case ENGINEIO_ADD_TRAILING_SLASH:
	case ENGINEIO_CORS_CREDENTIALS:
	case ENGINEIO_CORS_MAX_AGE:
	case ENGINEIO_CORS_PREFLIGHT_STATUS:
	case ENGINEIO_CORS_REJECT:
	case ENGINEIO_HTTP2:
		return true;
	default:
		return false;
	}
}

/* The largest value, for those that are not just numbers. */
static long most(enum eio_option option)
{
	switch (option) {
	case ENGINEIO_ALLOW_UPGRADES:
	case ENGINEIO_COMPRESSION:
	case ENGINEIO_ALLOW_EIO3:
	case ENGINEIO_JSONP:
	case ENGINEIO_ADD_TRAILING_SLASH:
	case ENGINEIO_CORS_CREDENTIALS:
	case ENGINEIO_CORS_REJECT:
	case ENGINEIO_QUEUE_POLICY:
		return 1;
	case ENGINEIO_HTTP2:
		return ENGINEIO_HTTP2_PLAIN;
	case ENGINEIO_TRANSPORTS:
		return 3;
	case ENGINEIO_COMPRESSION_LEVEL:
		return 9;
	case ENGINEIO_UNIX_MODE:
		return 0777;
	case ENGINEIO_CORS_PREFLIGHT_STATUS:
		return 299;
	default:
		return INT32_MAX;
	}
}

static bool option_ok(enum eio_option option, long value)
{
	if ((int)option < 0 || option >= ENGINEIO_OPTIONS ||
		value > most(option))
		return false;
	if (option == ENGINEIO_CORS_MAX_AGE)
		return value >= -1;
	if (option == ENGINEIO_CORS_PREFLIGHT_STATUS)
		return !value || value >= 200;
	return value >= 0 && (value || may_be_zero(option)) &&
		eio__compression_option_ok(option, value);
}

void eio__options_apply(eio_server *srv)
{
	const long *o = srv->options;
	struct eio__http_limits *l = &srv->own.limits;

	l->max_connections = (size_t)o[ENGINEIO_MAX_CONNECTIONS];
	l->max_target = (size_t)o[ENGINEIO_MAX_TARGET];
	l->max_header = (size_t)o[ENGINEIO_MAX_HEADER];
	l->max_headers = (unsigned)o[ENGINEIO_MAX_HEADERS];
	l->max_body = (size_t)o[ENGINEIO_MAX_PAYLOAD];
	l->max_fragments = (unsigned)o[ENGINEIO_MAX_FRAGMENTS];
	l->header_timeout = (unsigned)o[ENGINEIO_HEADER_TIMEOUT];
	l->body_timeout = (unsigned)o[ENGINEIO_BODY_TIMEOUT];
	l->keep_alive_timeout = (unsigned)o[ENGINEIO_KEEP_ALIVE_TIMEOUT];
	l->write_timeout = (unsigned)o[ENGINEIO_WRITE_TIMEOUT];
	l->decision_timeout = (unsigned)o[ENGINEIO_DECISION_TIMEOUT];
	l->tls_timeout = (unsigned)o[ENGINEIO_TLS_TIMEOUT];
	l->max_tls_answers = (unsigned)o[ENGINEIO_MAX_TLS_ANSWERS];
	l->unix_mode = (unsigned)o[ENGINEIO_UNIX_MODE];
	l->backlog = (unsigned)o[ENGINEIO_BACKLOG];
	l->max_pong_bytes = (size_t)o[ENGINEIO_MAX_PONG_BYTES];
	l->ping_interval = (unsigned)o[ENGINEIO_PING_INTERVAL];
	l->close_timeout = (unsigned)o[ENGINEIO_CLOSE_TIMEOUT];
	l->queue_bytes = (size_t)o[ENGINEIO_QUEUE_BYTES];
	l->queue_low = (size_t)o[ENGINEIO_QUEUE_LOW];
	l->http2 = (unsigned)o[ENGINEIO_HTTP2];
	l->http2_streams = (unsigned)o[ENGINEIO_HTTP2_STREAMS];
	l->http2_resets = (unsigned)o[ENGINEIO_HTTP2_RESETS];
	l->http2_frames = (unsigned)o[ENGINEIO_HTTP2_FRAMES];
	l->http2_bytes = (size_t)o[ENGINEIO_HTTP2_BYTES];
	if (srv->own.tls)
		eio__tls_context_offer_http2(srv->own.tls, l->http2);
}

int eio_server_set_option(eio_server *srv, enum eio_option option, long value)
{
	int err;

	if (!srv || !option_ok(option, value))
		return ENGINEIO_ERR_INVALID;
	err = eio__compression_configure(srv, option, value);
	if (!err)
		eio__options_apply(srv);
	return err;
}

long eio_server_option(const eio_server *srv, enum eio_option option)
{
	if (!srv || (int)option < 0 || option >= ENGINEIO_OPTIONS)
		return ENGINEIO_ERR_INVALID;
	return srv->options[option];
}
