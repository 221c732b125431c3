/* SPDX-License-Identifier: MIT */
/*
 * floor_http.c: which transport a request of the load generator is for. Its
 * requests all begin alike, so this is where they are not, and no more is
 * read than that.
 */
#include <config.h>

#include "floor.h"

#include <string.h>

#define GET  "GET /socket.io/?EIO=4&transport="
#define POST "POST /socket.io/?EIO=4&transport="

static bool begins(const char *in, size_t n, const char *with, size_t with_n)
{
	return n >= with_n && !memcmp(in, with, with_n);
}

size_t http_take(struct peer *p, char *in, size_t n)
{
	if (begins(in, n, GET "polling", sizeof(GET "polling") - 1))
		return poll_get(p, in, n, in + sizeof(GET "polling") - 1);
	if (begins(in, n, POST "polling", sizeof(POST "polling") - 1))
		return poll_post(p, in, n, in + sizeof(POST "polling") - 1);
	if (begins(in, n, GET "websocket", sizeof(GET "websocket") - 1))
		return ws_open(p, in, n);
	return 0;
}
