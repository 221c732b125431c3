/* SPDX-License-Identifier: MIT */
/*
 * fake_client.c: clients of the fake network that speak HTTP, WebSocket
 * and Engine.IO.
 *
 * Their WebSocket frames and HTTP answers are read by code of their own,
 * not by the server's.
 */
#include <config.h>

#include "fake_client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <zlib.h>

/* -- HTTP ---------------------------------------------------------------- */

void fake_request(struct fake_conn *c, const char *method, const char *target,
	const char *headers, const char *body)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method,
		target);
	if (headers)
		eio__strbuf_adds(&b, headers);
	if (body)
		eio__strbuf_printf(&b, "Content-Length: %zu\r\n", strlen(body));
	eio__strbuf_adds(&b, "\r\n");
	if (body)
		eio__strbuf_adds(&b, body);
	assert(!b.error);
	fake_send(c, b.data, b.len);
	eio__strbuf_clear(&b);
}

static char *copy(const char *p, size_t n)
{
	char *s = malloc(n + 1);

	assert(s);
	memcpy(s, p, n);
	s[n] = 0;
	return s;
}

const char *fake_reply_header(const struct fake_reply *r, const char *name)
{
	static char value[512];
	const char *line = r->head;
	size_t n = strlen(name), len;

	value[0] = 0;
	for (line = line ? strstr(line, "\r\n") : NULL; line && line[2];
		line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, name, n) != 0 || line[2 + n] != ':')
			continue;
		line += 2 + n + 1;
		line += strspn(line, " ");
		len = strcspn(line, "\r");
		assert(len < sizeof(value));
		memcpy(value, line, len);
		value[len] = 0;
		break;
	}
	return value;
}

static bool has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

struct fake_reply fake_reply(struct fake_conn *c)
{
	struct eio__strbuf *b = fake_received(c);
	struct fake_reply r = { 0, NULL, NULL, 0 };
	char *end = b->len ? strstr(b->data, "\r\n\r\n") : NULL;
	size_t head, len = 0;
	int status;

	if (!end)
		return r;
	head = (size_t)(end - b->data) + 4;
	assert(strncmp(b->data, "HTTP/1.1 ", 9) == 0);
	status = (int)strtol(b->data + 9, NULL, 10);
	r.head = copy(b->data, head - 2);
	if (has_body(status))
		len = strtoul(fake_reply_header(&r, "content-length"), NULL,
			10);
	if (b->len < head + len) {
		free(r.head);
		r.head = NULL;
		return r;
	}
	r.status = status;
	r.body = copy(b->data + head, len);
	r.len = len;
	fake_skip(c, head + len);
	return r;
}

/* windowBits + 32: zlib finds out whether it is gzip or zlib's own. */
size_t fake_reply_inflate(const struct fake_reply *r, char *out, size_t room)
{
	z_stream z;
	int result;

	memset(&z, 0, sizeof(z));
	result = inflateInit2(&z, MAX_WBITS + 32);
	assert(result == Z_OK);
	z.next_in = (Bytef *)r->body;
	z.avail_in = (uInt)r->len;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)room;
	result = inflate(&z, Z_FINISH);
	assert(result == Z_STREAM_END && z.avail_in == 0);
	inflateEnd(&z);
	return room - z.avail_out;
}

void fake_reply_clear(struct fake_reply *r)
{
	free(r->head);
	free(r->body);
	memset(r, 0, sizeof(*r));
}

int fake_reply_status(struct fake_conn *c)
{
	struct fake_reply r = fake_reply(c);
	int status = r.status;

	fake_reply_clear(&r);
	return status;
}

struct fake_reply fake_http(eio_loop *loop, const char *method,
	const char *target, const char *headers, const char *body)
{
	struct fake_conn *c = fake_connect(loop);
	struct fake_reply r = { 0, NULL, NULL, 0 };

	if (!c)
		return r;
	fake_request(c, method, target, headers, body);
	r = fake_reply(c);
	fake_free(c);
	return r;
}

/* -- WebSocket ----------------------------------------------------------- */

const char fake_ws_headers[] =
	"Connection: Upgrade\r\n"
	"Upgrade: websocket\r\n"
	"Sec-WebSocket-Version: 13\r\n"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

struct fake_ws *fake_ws_open_with(eio_loop *loop, const char *target,
	const char *headers)
{
	struct fake_conn *c = fake_connect(loop);
	char all[2048];

	if (!c)
		return NULL;
	snprintf(all, sizeof(all), "%s%s", fake_ws_headers, headers);
	fake_request(c, "GET", target, all, NULL);
	return fake_ws_adopt(c);
}

struct fake_ws *fake_ws_open(eio_loop *loop, const char *target)
{
	return fake_ws_open_with(loop, target, "");
}

struct fake_ws *fake_ws_adopt(struct fake_conn *c)
{
	struct fake_ws *ws;
	struct fake_reply r = fake_reply(c);
	bool ok;

	/* RFC 6455's own example. */
	ok = r.status == 101 &&
		strcmp(fake_reply_header(&r, "sec-websocket-accept"),
			"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == 0;
	if (!ok) {
		fake_reply_clear(&r);
		fake_free(c);
		return NULL;
	}
	ws = calloc(1, sizeof(*ws));
	assert(ws);
	snprintf(ws->extensions, sizeof(ws->extensions), "%s",
		fake_reply_header(&r, "sec-websocket-extensions"));
	fake_reply_clear(&r);
	ws->c = c;
	ws->close_code = -1;
	eio__strbuf_init(&ws->text, 0);
	return ws;
}

void fake_ws_free(struct fake_ws *ws)
{
	if (!ws)
		return;
	fake_free(ws->c);
	eio__strbuf_clear(&ws->text);
	free(ws);
}

void fake_ws_add_frame(struct eio__strbuf *b, int first_byte, const void *data,
	size_t len)
{
	static const unsigned char mask[4] = { 0x12, 0x34, 0x56, 0x78 };
	size_t i;

	eio__strbuf_addc(b, (char)first_byte);
	if (len < 126) {
		eio__strbuf_addc(b, (char)(0x80 | len));
	} else if (len < 65536) {
		eio__strbuf_addc(b, (char)(0x80 | 126));
		eio__strbuf_addc(b, (char)(len >> 8));
		eio__strbuf_addc(b, (char)len);
	} else {
		eio__strbuf_addc(b, (char)(0x80 | 127));
		for (i = 0; i < 8; i++)
			eio__strbuf_addc(b,
				(char)((uint64_t)len >> (56 - 8 * i)));
	}
	eio__strbuf_add(b, mask, 4);
	for (i = 0; i < len; i++)
		eio__strbuf_addc(b,
			(char)(((const unsigned char *)data)[i] ^ mask[i % 4]));
	assert(!b->error);
}

void fake_ws_frame(struct fake_ws *ws, int first_byte, const void *data,
	size_t len)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	fake_ws_add_frame(&b, first_byte, data, len);
	fake_send(ws->c, b.data, b.len);
	eio__strbuf_clear(&b);
}

void fake_ws_send(struct fake_ws *ws, const char *text)
{
	fake_ws_frame(ws, 0x81, text, strlen(text));
}

void fake_ws_send_binary(struct fake_ws *ws, const void *data, size_t len)
{
	fake_ws_frame(ws, 0x82, data, len);
}

/* Takes one whole frame off what was received; false without one. */
static bool take_frame(struct fake_ws *ws, int *first, struct eio__strbuf *to)
{
	struct eio__strbuf *b = fake_received(ws->c);
	const unsigned char *p = (const unsigned char *)b->data;
	size_t len, header = 2, i;

	if (b->len < 2)
		return false;
	assert(!(p[1] & 0x80)); /* a server does not mask */
	/* RFC 7692: on the first frame of a message, if agreed on. */
	assert(!(p[0] & 0x30));
	assert(!(p[0] & 0x40) ||
		(*ws->extensions && ((p[0] & 15) == 1 || (p[0] & 15) == 2)));
	len = p[1];
	if (len == 126) {
		if (b->len < 4)
			return false;
		len = (size_t)p[2] << 8 | p[3];
		header = 4;
	} else if (len == 127) {
		if (b->len < 10)
			return false;
		for (len = 0, i = 2; i < 10; i++)
			len = len << 8 | p[i];
		header = 10;
	}
	if (b->len < header + len)
		return false;
	*first = p[0];
	eio__strbuf_add(to, b->data + header, len);
	fake_skip(ws->c, header + len);
	return true;
}

static void note_close(struct fake_ws *ws, const struct eio__strbuf *b)
{
	const unsigned char *p = (const unsigned char *)b->data;

	ws->close_code = b->len < 2 ? 1005 : p[0] << 8 | p[1];
}

static void note_pong(struct fake_ws *ws, const struct eio__strbuf *b)
{
	assert(b->len < sizeof(ws->pong));
	ws->pongs++;
	ws->pong_at = ws->frames;
	memcpy(ws->pong, b->data ? b->data : "", b->len);
	ws->pong[b->len] = 0;
}

const char *fake_ws_next(struct fake_ws *ws)
{
	struct eio__strbuf frame;
	int first;

	eio__strbuf_reset(&ws->text);
	for (;;) {
		eio__strbuf_init(&frame, 0);
		if (!take_frame(ws, &first, &frame)) {
			eio__strbuf_clear(&frame);
			return NULL;
		}
		if ((first & 15) == 8)
			note_close(ws, &frame);
		if ((first & 15) == 10)
			note_pong(ws, &frame);
		if ((first & 15) < 8) {
			ws->frames++;
			if (first & 15) {
				ws->binary = (first & 15) == 2;
				ws->deflated = first & 0x40;
			}
			eio__strbuf_add(&ws->text, frame.data ? frame.data : "",
				frame.len);
		}
		eio__strbuf_clear(&frame);
		if ((first & 15) < 8 && first & 0x80)
			return ws->text.data ? ws->text.data : "";
	}
}

bool fake_ws_is_closed(struct fake_ws *ws)
{
	while (fake_ws_next(ws))
		;
	return ws->close_code >= 0 || fake_is_finished(ws->c);
}

bool fake_ws_ended_with(struct fake_ws *ws, int code)
{
	return !fake_ws_next(ws) && ws->close_code == code &&
		fake_is_finished(ws->c);
}

/* -- Engine.IO ----------------------------------------------------------- */

void fake_poll_target(const struct fake_poll *p, char target[256])
{
	snprintf(target, 256, "%s?EIO=%d&transport=polling&sid=%s", p->path,
		p->revision_3 ? 3 : 4, p->sid);
}

static void read_sid(const char *open, char sid[32])
{
	const char *at = strstr(open, "\"sid\":\"");

	assert(open[strspn(open, "123456789:")] == '0' && at);
	at += 7;
	assert(strcspn(at, "\"") == 20);
	memcpy(sid, at, 20);
	sid[20] = 0;
}

struct fake_poll *fake_poll_open(eio_loop *loop, const char *path)
{
	return fake_poll_open_with(loop, path, "");
}

struct fake_poll *fake_poll_open_with(eio_loop *loop, const char *path,
	const char *parameters)
{
	struct fake_poll *p;
	struct fake_reply r;
	char target[256];

	snprintf(target, sizeof(target), "%s?EIO=4&transport=polling%s", path,
		parameters);
	r = fake_http(loop, "GET", target, NULL, NULL);
	if (r.status != 200) {
		fake_reply_clear(&r);
		return NULL;
	}
	p = calloc(1, sizeof(*p));
	assert(p && strlen(path) < sizeof(p->path));
	p->loop = loop;
	p->revision_3 = strstr(parameters, "EIO=3") != NULL;
	memcpy(p->path, path, strlen(path) + 1);
	snprintf(p->open, sizeof(p->open), "%s", r.body);
	read_sid(r.body, p->sid);
	fake_reply_clear(&r);
	return p;
}

void fake_poll_free(struct fake_poll *p)
{
	if (!p)
		return;
	fake_free(p->get);
	fake_reply_clear(&p->reply);
	free(p);
}

void fake_poll_get(struct fake_poll *p)
{
	char target[256];

	if (p->get)
		return;
	p->get = fake_connect(p->loop);
	assert(p->get);
	fake_poll_target(p, target);
	fake_request(p->get, "GET", target, NULL, NULL);
}

int fake_poll_status(struct fake_poll *p)
{
	fake_poll_get(p);
	fake_reply_clear(&p->reply);
	p->reply = fake_reply(p->get);
	if (p->reply.status) {
		fake_free(p->get);
		p->get = NULL;
	}
	return p->reply.status;
}

const char *fake_poll_next(struct fake_poll *p)
{
	int status = fake_poll_status(p);

	assert(status == 0 || status == 200);
	return status ? p->reply.body : NULL;
}

int fake_poll_post(struct fake_poll *p, const char *body)
{
	struct fake_reply r;
	char target[256];
	int status;

	fake_poll_target(p, target);
	r = fake_http(p->loop, "POST", target,
		"Content-Type: text/plain;charset=UTF-8\r\n", body);
	status = r.status;
	assert(status != 200 || strcmp(r.body, "ok") == 0);
	fake_reply_clear(&r);
	return status;
}

struct fake_conn *fake_poll_request(struct fake_poll *p, const char *method,
	const char *headers, const char *body)
{
	struct fake_conn *c = fake_connect(p->loop);
	char target[256];

	assert(c);
	fake_poll_target(p, target);
	fake_request(c, method, target, headers, body);
	return c;
}

bool fake_poll_is_unknown(struct fake_poll *p)
{
	char target[256];
	struct fake_reply r;
	bool unknown;

	fake_poll_target(p, target);
	r = fake_http(p->loop, "GET", target, NULL, NULL);
	unknown = r.status == 400 &&
		strcmp(r.body,
			"{\"code\":1,\"message\":\"Session ID unknown\"}") == 0;
	fake_reply_clear(&r);
	return unknown;
}

struct fake_ws *fake_poll_candidate(struct fake_poll *p)
{
	char target[256];

	snprintf(target, sizeof(target), "%s?EIO=%d&transport=websocket&sid=%s",
		p->path, p->revision_3 ? 3 : 4, p->sid);
	return fake_ws_open(p->loop, target);
}

struct fake_ws *fake_eio_open(eio_loop *loop, const char *path)
{
	return fake_eio_open_with(loop, path, "");
}

struct fake_ws *fake_eio_open_with(eio_loop *loop, const char *path,
	const char *parameters)
{
	struct fake_ws *ws;
	const char *open;
	char target[256];

	snprintf(target, sizeof(target), "%s?EIO=4&transport=websocket%s", path,
		parameters);
	ws = fake_ws_open(loop, target);
	if (!ws)
		return NULL;
	open = fake_ws_next(ws);
	assert(open && open[0] == '0' && strstr(open, "\"upgrades\":[]"));
	return ws;
}
