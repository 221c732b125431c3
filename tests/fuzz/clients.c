/* SPDX-License-Identifier: MIT */
/*
 * Clients that do what bytes tell them.
 *
 *   SEND     how: 0-6 this many bytes follow, 7: the next byte says
 *   REQUEST  one of eight requests, with a session's id; bytes follow; there
 *            are other eight for revision 3
 *   FRAME    a WebSocket frame; its first byte, its length, its payload
 *   TEXT     a text frame that Engine.IO knows, or with bytes that follow
 *   TIME     the clock moves on
 *   END      FIN, reset, or a new connection
 *   ROOM     how much of its output a connection takes
 *   DEED     the application does something
 *
 * The ids of sessions are taken from what the server sends.
 */
#include <config.h>

#include <tests/fuzz/clients.h>

#include <tests/fake_net.h>

#include <stdlib.h>
#include <string.h>

#define CONNS 4
#define SIDS  4

enum what {
	SEND,
	REQUEST,
	FRAME,
	TEXT,
	TIME,
	END,
	ROOM,
	DEED
};

struct request;

struct clients {
	eio_loop *loop;
	const char *path;
	const struct request *requests;
	const uint8_t *data; /* what is left of the script */
	size_t size;
	struct fake_conn *conns[CONNS];
	bool ended[CONNS]; /* it has sent its FIN */
	char sids[SIDS][21];
	unsigned next_sid;
};

/* -- the script ---------------------------------------------------------- */

static unsigned next_byte(struct clients *all)
{
	if (!all->size)
		return 0;
	all->size--;
	return *all->data++;
}

/* The next n bytes, or those that are left; *len says how many. */
static const uint8_t *next_bytes(struct clients *all, size_t n, size_t *len)
{
	const uint8_t *at = all->data;

	*len = n < all->size ? n : all->size;
	all->data += *len;
	all->size -= *len;
	return at;
}

/* -- the connections ----------------------------------------------------- */

static struct fake_conn *conn_of(struct clients *all, unsigned i)
{
	if (!all->conns[i]) {
		all->conns[i] = fake_connect(all->loop);
		all->ended[i] = false;
	}
	return all->conns[i];
}

static void send_bytes(struct clients *all, unsigned i, const void *p, size_t n)
{
	struct fake_conn *c = conn_of(all, i);

	if (c && !all->ended[i] && n)
		fake_send(c, p, n);
}

static void send_buffer(struct clients *all, unsigned i, struct eio__strbuf *b)
{
	if (!b->error)
		send_bytes(all, i, b->data, b->len);
	eio__strbuf_clear(b);
}

static bool find_sid(struct clients *all, const struct eio__strbuf *b,
	const char *mark)
{
	size_t n = strlen(mark);
	const char *at = memmem(b->data, b->len, mark, n);

	if (!at || (size_t)(b->data + b->len - at) < n + 20)
		return false;
	memcpy(all->sids[all->next_sid++ % SIDS], at + n, 20);
	return true;
}

/* Looks for ids of sessions, also in scripts, and forgets the rest. */
static void read_conn(struct clients *all, struct fake_conn *c)
{
	const struct eio__strbuf *b = fake_received(c);

	if (!b->len)
		return;
	if (!find_sid(all, b, "0{\"sid\":\""))
		find_sid(all, b, "0{\\\"sid\\\":\\\"");
	fake_skip(c, b->len);
}

static void read_all(struct clients *all)
{
	unsigned i;

	for (i = 0; i < CONNS; i++)
		if (all->conns[i])
			read_conn(all, all->conns[i]);
}

/* -- what they do -------------------------------------------------------- */

static void do_send(struct clients *all, unsigned i, unsigned how)
{
	size_t len;
	const uint8_t *p =
		next_bytes(all, how < 7 ? how : next_byte(all), &len);

	send_bytes(all, i, p, len);
}

#define WS \
	"Connection: Upgrade\r\nUpgrade: websocket\r\n" \
	"Sec-WebSocket-Version: 13\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

struct request {
	const char *method, *query;
	bool sid, body;
	const char *headers;
};

#define OCTETS "Content-Type: application/octet-stream\r\n"

static const struct request requests[8] = {
	{ "GET", "EIO=4&transport=polling", false, false, "" },
	{ "GET", "EIO=4&transport=websocket", false, false, WS },
	{ "GET", "EIO=4&transport=polling", true, false,
		"Accept-Encoding: gzip, br\r\n" },
	{ "POST", "EIO=4&transport=polling", true, true, "" },
	{ "GET", "EIO=4&transport=websocket", true, false, WS },
	{ "POST", "EIO=4&transport=polling", true, false,
		"Transfer-Encoding: chunked\r\n" },
	{ "GET", "EIO=4&transport=polling&b64=1", false, false,
		"Transfer-Encoding: chunked\r\n" },
	{ "OPTIONS", "EIO=4&transport=polling", true, false,
		"Cookie: a=b\r\n" },
};

/* Those of revision 3, and one that is not. */
static const struct request requests_v3[8] = {
	{ "GET", "EIO=3&transport=polling", false, false, "" },
	{ "GET", "transport=websocket", false, false, WS },
	{ "GET", "EIO=3&transport=polling", true, false,
		"Accept-Encoding: gzip, br\r\n" },
	{ "POST", "EIO=3&transport=polling", true, true, "" },
	{ "GET", "EIO=3&transport=websocket", true, false, WS },
	{ "POST", "EIO=3&transport=polling", true, true, OCTETS },
	{ "GET", "EIO=3&transport=polling&j=1", false, false, "" },
	{ "GET", "EIO=4&transport=websocket", true, false, WS },
};

static void do_request(struct clients *all, unsigned i, unsigned how)
{
	const struct request *r = &all->requests[how];
	unsigned which = next_byte(all);
	struct eio__strbuf b;
	size_t len;

	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b, "%s %s?%s", r->method, all->path, r->query);
	if (r->sid)
		eio__strbuf_printf(&b, "&sid=%s", all->sids[which % SIDS]);
	eio__strbuf_printf(&b, " HTTP/1.1\r\nHost: a\r\n%s", r->headers);
	if (r->body) {
		const uint8_t *p = next_bytes(all, which / SIDS, &len);

		eio__strbuf_printf(&b, "Content-Length: %zu\r\n\r\n", len);
		eio__strbuf_add(&b, p, len);
	} else {
		eio__strbuf_adds(&b, "\r\n");
	}
	send_buffer(all, i, &b);
}

/* Masked with zeros, or (how 1) with something else, or (2) not at all; with
 * a longer length than it needs (4). */
static void add_frame(struct eio__strbuf *b, unsigned first, const uint8_t *p,
	size_t len, unsigned how)
{
	unsigned char key = how & 1 ? 0xa5 : 0, mask = how & 2 ? 0 : 0x80;
	size_t k;

	eio__strbuf_addc(b, (char)first);
	if (how & 4 || len > 125) {
		eio__strbuf_addc(b, (char)(mask | 126));
		eio__strbuf_addc(b, (char)(len >> 8));
		eio__strbuf_addc(b, (char)len);
	} else {
		eio__strbuf_addc(b, (char)(mask | len));
	}
	for (k = 0; k < 4 && mask; k++)
		eio__strbuf_addc(b, (char)key);
	for (k = 0; k < len; k++)
		eio__strbuf_addc(b, (char)(p[k] ^ (mask ? key : 0)));
}

static void do_frame(struct clients *all, unsigned i, unsigned how)
{
	unsigned first = next_byte(all);
	struct eio__strbuf b;
	size_t len;
	const uint8_t *p = next_bytes(all, next_byte(all), &len);

	eio__strbuf_init(&b, 0);
	add_frame(&b, first, p, len, how);
	send_buffer(all, i, &b);
}

static void do_text(struct clients *all, unsigned i, unsigned how)
{
	static const char *const texts[] = { "2probe", "5", "3", "40", "1" };
	struct eio__strbuf b;
	const uint8_t *p;
	size_t len;

	eio__strbuf_init(&b, 0);
	if (how < 5) {
		p = (const uint8_t *)texts[how];
		len = strlen(texts[how]);
	} else {
		p = next_bytes(all, next_byte(all), &len);
	}
	/* 7: binary */
	add_frame(&b, how == 7 ? 0x82 : 0x81, p, len, 0);
	send_buffer(all, i, &b);
}

static void do_time(struct clients *all, unsigned how)
{
	static const unsigned times[] = { 1, 100, 5000, 10000, 20000, 25000,
		30000, 60000 };

	fake_advance(all->loop, times[how]);
}

static void do_end(struct clients *all, unsigned i, unsigned how)
{
	struct fake_conn *c = all->conns[i];

	if (!c)
		return;
	if (how == 0 && !all->ended[i]) {
		all->ended[i] = true;
		fake_fin(c);
	} else if (how == 1) {
		all->ended[i] = true;
		fake_reset(c);
	} else if (how > 1) {
		all->conns[i] = NULL;
		fake_free(c);
	}
}

static void do_room(struct clients *all, unsigned i, unsigned how)
{
	static const size_t rooms[] = { 0, 1, 10, 100, 1000, 20000, 70000,
		SIZE_MAX };
	struct fake_conn *c = conn_of(all, i);

	if (c)
		fake_room(c, rooms[how]);
}

/* DEED is the caller's. */
static void do_one(struct clients *all, unsigned command)
{
	unsigned i = command & 3, how = command >> 2 & 7;

	switch (command >> 5) {
	case SEND:
		do_send(all, i, how);
		break;
	case REQUEST:
		do_request(all, i, how);
		break;
	case FRAME:
		do_frame(all, i, how);
		break;
	case TEXT:
		do_text(all, i, how);
		break;
	case TIME:
		do_time(all, how);
		break;
	case END:
		do_end(all, i, how);
		break;
	case ROOM:
		do_room(all, i, how);
		break;
	}
}

void fuzz_clients(eio_loop *loop, const char *path, int revision,
	const uint8_t *data, size_t size,
	void (*deed)(void *user, unsigned how), void *user)
{
	struct clients all;
	unsigned command, i;

	memset(&all, 0, sizeof(all));
	all.loop = loop;
	all.path = path;
	all.requests = revision == 3 ? requests_v3 : requests;
	all.data = data;
	all.size = size;
	while (all.size) {
		command = next_byte(&all);
		if (command >> 5 == DEED) {
			deed(user, command & 31);
			fake_turn(loop);
		} else {
			do_one(&all, command);
		}
		read_all(&all);
	}
	for (i = 0; i < CONNS; i++)
		fake_free(all.conns[i]);
}
