/* SPDX-License-Identifier: MIT */
/*
 * stringify.c: JSON.parse() and JSON.stringify() for programs: the reader and
 * the writer that packets go through, for values that travel another way.
 */
#include <config.h>

#include <socketio/socketio.h>

#include <engineio/base/utf8.h>
#include <socketio/json.h>

#include <errno.h>

json_t *sio_json_parse(const char *text, size_t len)
{
	json_t *value;

	errno = EINVAL;
	if (!text || !eio__utf8_valid(text, len) ||
		!sio__json_valid(text, len, SIO__JSON_MAX_DEPTH))
		return NULL;
	value = sio__json_decode(text, len);
	if (!value)
		errno = ENOMEM;
	return value;
}

char *sio_json_stringify(const json_t *value, size_t *len)
{
	struct eio__strbuf out;

	eio__strbuf_init(&out, 0);
	if (!value || sio__json_write(&out, value, NULL)) {
		eio__strbuf_clear(&out);
		return NULL;
	}
	if (len)
		*len = out.len;
	return out.data;
}
