/* SPDX-License-Identifier: MIT */
/*
 * floor_poll.c: the floor's long-polling. A session is the connection of its
 * handshake, on which all its GETs come, as those of the load generator do;
 * its sid is that connection's descriptor. The POSTs come on another.
 *
 * A GET without an answer is held until there is one.
 */
#include <config.h>

#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_HEAD "0{\"sid\":\""
#define OPEN_TAIL \
	"\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000," \
	"\"pingTimeout\":20000,\"maxPayload\":1000000}"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct poll {
	bool held;
	struct bytes payload; /* of the next answer */
};

static struct peer **sessions; /* by descriptor */
static size_t sessions_n;

/* -- sessions ------------------------------------------------------------- */

static struct peer *find(const char *target)
{
	unsigned long sid = strtoul(target + sizeof("&sid=") - 1, NULL, 10);

	return sid < sessions_n ? sessions[sid] : NULL;
}

static void add(struct peer *p)
{
	size_t i = (size_t)p->fd, n = i * 2 + 1;

	p->poll = calloc(1, sizeof(*p->poll));
	if (i >= sessions_n) {
		sessions = realloc(sessions, n * sizeof(*sessions));
		memset(sessions + sessions_n, 0,
			(n - sessions_n) * sizeof(*sessions));
		sessions_n = n;
	}
	sessions[i] = p;
}

void poll_close(struct peer *p)
{
	if (!p->poll)
		return;
	sessions[p->fd] = NULL;
	bytes_free(&p->poll->payload);
	free(p->poll);
}

/* -- answers -------------------------------------------------------------- */

static void answer(struct peer *p)
{
	struct bytes *payload = &p->poll->payload;
	char head[64];
	int n;

	if (!p->poll->held || payload->n == 0)
		return;
	n = snprintf(head, sizeof(head),
		"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", payload->n);
	put(p, head, (size_t)n);
	put(p, payload->p, payload->n);
	p->poll->held = false;
	bytes_free(payload);
}

void poll_put(struct peer *p, const char *a, size_t a_n, const char *b,
	size_t b_n)
{
	struct bytes *payload = &p->poll->payload;

	if (payload->n > 0)
		bytes_add(payload, "\x1e", 1);
	bytes_add(payload, a, a_n);
	if (b_n > 0)
		bytes_add(payload, b, b_n);
}

static void greet(struct peer *p)
{
	char open[200];
	int n = snprintf(open, sizeof(open), OPEN_HEAD "%d" OPEN_TAIL, p->fd);

	add(p);
	poll_put(p, open, (size_t)n, NULL, 0);
}

/* -- requests ------------------------------------------------------------- */

/* How long the request's head is; 0: it is not all there. */
static size_t head_length(const char *in, size_t n, const char *target)
{
	const char *end =
		memmem(target, n - (size_t)(target - in), "\r\n\r\n", 4);

	return end ? (size_t)(end + 4 - in) : 0;
}

size_t poll_get(struct peer *p, char *in, size_t n, const char *target)
{
	size_t head = head_length(in, n, target);

	if (head == 0)
		return 0;
	if (!p->poll)
		greet(p);
	p->poll->held = true;
	answer(p);
	return head;
}

static void take_payload(struct peer *session, const char *body, size_t n)
{
	const char *end = body + n, *next;

	for (; body < end; body = next + 1) {
		next = memchr(body, 0x1e, (size_t)(end - body));
		if (!next)
			next = end;
		packet_take(session, body, (size_t)(next - body));
	}
}

size_t poll_post(struct peer *p, char *in, size_t n, const char *target)
{
	static const char name[] = "Content-Length: ";
	size_t head = head_length(in, n, target), body_n;
	struct peer *session;
	const char *length;

	if (head == 0)
		return 0;
	length = memmem(target, head - (size_t)(target - in), name,
		sizeof(name) - 1);
	body_n = length ? strtoul(length + sizeof(name) - 1, NULL, 10) : 0;
	if (n - head < body_n)
		return 0;
	put(p, OK, sizeof(OK) - 1);
	session = find(target);
	if (session) {
		take_payload(session, in + head, body_n);
		answer(session);
	}
	return head + body_n;
}
