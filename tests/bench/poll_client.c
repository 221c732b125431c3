/* SPDX-License-Identifier: MIT */
/*
 * poll_client.c: a client that polls: one connection for its GETs, of which
 * one always waits, and one for its POSTs, of which one is under way at a
 * time. Both are kept alive, as a browser does.
 */
#include <config.h>

#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void open_post(struct client *c);

static void get(struct client *c)
{
	char request[300];
	int n = snprintf(request, sizeof(request),
		"GET /socket.io/?EIO=4&transport=polling%s%s HTTP/1.1\r\n"
		"Host: localhost\r\n\r\n",
		c->sid[0] ? "&sid=" : "", c->sid);

	link_write(c->link, request, (size_t)n);
	c->getting = true;
}

static void post_again(struct client *c)
{
	char head[300];
	int n;

	if (!c->post)
		open_post(c);
	n = snprintf(head, sizeof(head),
		"POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\n"
		"Host: localhost\r\n"
		"Content-Type: text/plain;charset=UTF-8\r\n"
		"Content-Length: %zu\r\n\r\n",
		c->sid, c->posted.len);
	link_write(c->post, head, (size_t)n);
	link_write(c->post, c->posted.data, c->posted.len);
	c->posting = true;
}

static void post(struct client *c)
{
	if (c->posting || c->queue.len == 0)
		return;
	eio__strbuf_reset(&c->posted);
	eio__strbuf_add(&c->posted, c->queue.data, c->queue.len);
	eio__strbuf_reset(&c->queue);
	post_again(c);
}

void poll_client_send(struct client *c, const char *p, size_t n)
{
	if (c->queue.len > 0)
		eio__strbuf_addc(&c->queue, 0x1e);
	eio__strbuf_add(&c->queue, p, n);
	post(c);
}

/* -- answers ------------------------------------------------------------- */

static size_t body_length(const struct client *c, const char *p, size_t n)
{
	static const char name[] = "content-length:";
	const char *end = p + n, *line = p;

	while (line && line < end) {
		if ((size_t)(end - line) > sizeof(name) &&
			!strncasecmp(line, name, sizeof(name) - 1))
			return strtoul(line + sizeof(name) - 1, NULL, 10);
		line = memchr(line, '\n', (size_t)(end - line));
		line = line ? line + 1 : NULL;
	}
	client_fail(c, "answer without a length", p, n);
	return 0;
}

/* A whole answer at p: where its body is, and how much the answer takes. */
static size_t whole_answer(const struct client *c, const char *p, size_t n,
	const char **body, size_t *body_n)
{
	const char *end = memmem(p, n, "\r\n\r\n", 4);
	size_t head;

	if (!end)
		return 0;
	head = (size_t)(end + 4 - p);
	*body_n = body_length(c, p, head);
	*body = p + head;
	if (n < head + *body_n)
		return 0;
	if (memcmp(p, "HTTP/1.1 200", 12) != 0)
		client_fail(c, "not 200", p, n);
	return head + *body_n;
}

static void take_payload(struct client *c, const char *p, size_t n)
{
	const char *end;

	while (n > 0 && c->link) {
		end = memchr(p, 0x1e, n);
		if (!end)
			end = p + n;
		client_take(c, p, (size_t)(end - p));
		n -= (size_t)(end - p);
		p = end;
		if (n > 0) {
			p++;
			n--;
		}
	}
}

static size_t take_poll(struct link *link, const char *p, size_t n)
{
	struct client *c = link->user;
	const char *body;
	size_t body_n, used = whole_answer(c, p, n, &body, &body_n);

	if (used == 0)
		return 0;
	c->getting = false;
	take_payload(c, body, body_n);
	if (c->link && !c->leaving)
		get(c);
	return used;
}

static size_t take_post(struct link *link, const char *p, size_t n)
{
	struct client *c = link->user;
	const char *body;
	size_t body_n, used = whole_answer(c, p, n, &body, &body_n);

	if (used == 0)
		return 0;
	c->posting = false;
	c->post_used = true;
	if (body_n != 2 || memcmp(body, "ok", 2) != 0)
		client_fail(c, "POST not ok", p, n);
	if (c->leaving && c->queue.len == 0) {
		client_drop(c);
		c->ops->closed(c);
		return used;
	}
	post(c);
	return used;
}

/* -- the connections ----------------------------------------------------- */

static void get_opened(struct link *link)
{
	struct client *c = link->user;

	if (!c->getting)
		get(c);
}

static void post_opened(struct link *link)
{
}

static void get_closed(struct link *link)
{
	struct client *c = link->user;

	c->link = NULL;
	if (!c->leaving)
		client_fail(c, "poll lost", NULL, 0);
}

/* A server closes a connection that it was not asked on for a while, perhaps
 * just when it is: then it is asked again on another, as browsers do. */
static void post_closed(struct link *link)
{
	struct client *c = link->user;
	bool again = c->posting && c->post_used;

	c->post = NULL;
	c->post_used = false;
	if (again)
		post_again(c);
	else if (c->posting)
		client_fail(c, "POST lost", NULL, 0);
}

static const struct link_ops get_ops = { get_opened, take_poll, get_closed };
static const struct link_ops post_ops = { post_opened, take_post, post_closed };

static void open_post(struct client *c)
{
	c->post = link_open(c->net, &post_ops, c);
	if (!c->post)
		client_fail(c, "cannot connect again", NULL, 0);
}

int poll_client_open(struct client *c)
{
	c->link = link_open(c->net, &get_ops, c);
	return c->link ? 0 : -1;
}
