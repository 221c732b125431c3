/* SPDX-License-Identifier: MIT */
/*
 * http2_none.c: HTTP/2 where nghttp2 is not there: it is never begun.
 */
#include <config.h>

#include <engineio/http/http2.h>

struct eio__http2 *eio__http2_new(struct eio__conn *conn)
{
	return NULL;
}

void eio__http2_free(struct eio__http2 *h2)
{
}

bool eio__http2_is_preface(const char *data, size_t len)
{
	return false;
}

void eio__http2_input(struct eio__conn *conn, char *data, size_t len)
{
}

bool eio__http2_output(struct eio__conn *conn)
{
	return false;
}

void eio__http2_written(struct eio__conn *conn)
{
}

void eio__http2_timeout(struct eio__conn *conn, enum eio__limit limit)
{
}

void eio__http2_gone(struct eio__conn *conn, const char *why)
{
}

void eio__http2_close_streams(struct eio__conn *conn)
{
}

void eio__http2_close(struct eio__conn *conn)
{
}
