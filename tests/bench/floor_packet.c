/* SPDX-License-Identifier: MIT */
/*
 * floor_packet.c: what the floor says, over either transport: CONNECT is
 * answered, echoes are acknowledged, broadcasts reach all WebSockets.
 */
#include <config.h>

#include "floor.h"

#include <string.h>

#define CONNECTED "40{\"sid\":\"" FLOOR_SID "\"}"

static void say(struct peer *p, const char *a, size_t a_n, const char *b,
	size_t b_n)
{
	if (p->poll)
		poll_put(p, a, a_n, b, b_n);
	else
		ws_put(p, a, a_n, b, b_n);
}

/* 42N["echo",X] is answered with 43N[X]. */
static void echo(struct peer *p, const char *text, size_t n, const char *list,
	size_t name_n)
{
	char head[32] = "43";
	size_t id_n = (size_t)(list - text - 2);

	memcpy(head + 2, text + 2, id_n);
	head[2 + id_n] = '[';
	say(p, head, 3 + id_n, list + name_n, n - 2 - id_n - name_n);
}

static void broadcast(const char *text, size_t n)
{
	unsigned char head[10];

	bytes_add(&for_all, head, ws_frame_head(head, n));
	bytes_add(&for_all, text, n);
}

void packet_take(struct peer *p, const char *text, size_t n)
{
	const char *list = memchr(text, '[', n);

	if (n == 2 && !memcmp(text, "40", 2))
		say(p, CONNECTED, sizeof(CONNECTED) - 1, NULL, 0);
	else if (list && !memcmp(list, "[\"echo\",", 8))
		echo(p, text, n, list, 8);
	else if (list && !memcmp(list, "[\"echo-json\",", 13))
		echo(p, text, n, list, 13);
	else if (list && !memcmp(list, "[\"broadcast\",", 13))
		broadcast(text, n);
}
