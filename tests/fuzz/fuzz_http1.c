/* SPDX-License-Identifier: MIT */
/*
 * One connection's bytes, to a server with a route that answers and one that
 * answers later. They are sent whole and, once more to a new server, in
 * pieces, whose sizes are told by the first byte: both get the same answers.
 * Only what a last request is refused for may differ, as there may be several
 * reasons, and the first to be seen depends on the pieces.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/base/utf8.h>
#include <engineio/http.h>
#include <tests/fake_net.h>

#include <stdlib.h>
#include <string.h>

#define HELD_MAX 4096

struct site {
	eio_loop *loop;
	eio_server *srv;
	eio_request *held[HELD_MAX];
	unsigned count;
};

static void check(int holds)
{
	if (!holds)
		abort();
}

static void answer(eio_request *req)
{
	struct eio__strbuf b;
	const char *body, *name, *value;
	size_t len, i;

	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b, "%s %s\n", eio_request_method(req),
		eio_request_target(req));
	for (i = 0; eio_request_header_at(req, i, &name, &value); i++)
		eio__strbuf_printf(&b, "%s: %s\n", name,
			eio_request_header(req, name));
	body = eio_request_body(req, &len);
	if (len)
		eio__strbuf_add(&b, body, len);
	value = eio_request_query(req, "a");
	if (value)
		eio__strbuf_adds(&b, value);
	check(!b.error);
	check(eio_request_respond(req, 200, NULL, b.data, b.len) == 0);
	eio__strbuf_clear(&b);
}

/* Texts that are asked for are texts, the same each time. */
static void look_at(eio_request *req)
{
	const char *path = eio_request_path(req),
		   *cookie = eio_request_cookie(req, "a");

	check(path == eio_request_path(req));
	check(cookie == eio_request_cookie(req, "a"));
	check(!path || eio__utf8_valid(path, strlen(path)));
	check(!cookie || !strchr(cookie, ';'));
}

static void on_any(eio_request *req, void *user)
{
	look_at(req);
	answer(req);
}

static void on_hold(eio_request *req, void *user)
{
	struct site *site = user;

	check(site->count < HELD_MAX);
	site->held[site->count++] = eio_request_ref(req);
}

static void open_site(struct site *site)
{
	memset(site, 0, sizeof(*site));
	site->loop = eio_loop_new();
	site->srv = eio_server_new(site->loop);
	check(site->srv != NULL);
	/* Small limits are reached by small inputs. */
	eio_server_set_option(site->srv, ENGINEIO_MAX_TARGET, 200);
	eio_server_set_option(site->srv, ENGINEIO_MAX_HEADER, 1000);
	eio_server_set_option(site->srv, ENGINEIO_MAX_HEADERS, 20);
	eio_server_set_option(site->srv, ENGINEIO_MAX_PAYLOAD, 300);
	eio_server_set_path(site->srv, "/a-path-that-nobody-asks-for");
	check(!eio_server_route(site->srv, NULL, "/", on_any, NULL));
	check(!eio_server_route(site->srv, NULL, "/h", on_hold, site));
	check(!eio_server_route(site->srv, "PUT", "/p", on_any, NULL));
	check(!eio_server_listen(site->srv, NULL, 0));
}

static void close_site(struct site *site)
{
	eio_server_free(site->srv);
	check(fake_open_conns(site->loop) == 0);
	eio_loop_free(site->loop);
}

/* Each release may let the next request be held. */
static void release(struct site *site)
{
	unsigned i;

	for (i = 0; i < site->count; i++) {
		if (eio_request_set_header(site->held[i], "X-Held", "1") == 0)
			eio_request_respond(site->held[i], 200, NULL, "h", 1);
		eio_request_unref(site->held[i]);
		fake_turn(site->loop);
	}
}

static void talk(const uint8_t *data, size_t size, size_t step,
	struct eio__strbuf *out)
{
	static struct site site;
	struct fake_conn *c;
	size_t n;

	open_site(&site);
	c = fake_connect(site.loop);
	for (; size; data += n, size -= n) {
		n = step && step < size ? step : size;
		fake_send(c, data, n);
	}
	release(&site);
	eio__strbuf_add(out, fake_received(c)->data, fake_received(c)->len);
	eio__strbuf_addc(out, fake_is_finished(c) ? 'e' : 'o');
	fake_free(c);
	close_site(&site);
}

/* How much of it stands before a last answer that refuses; all without
 * one. */
static size_t before_refusal(const struct eio__strbuf *b)
{
	enum {
		N = 9
	};
	static const char status[] = "HTTP/1.1 ";
	const char *at = b->data, *end = b->data + b->len, *last = NULL;

	while ((at = memmem(at, (size_t)(end - at), status, N)) != NULL)
		last = at++;
	if (!last || last[N] < '4')
		return b->len;
	return (size_t)(last - b->data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eio__strbuf whole, pieces;
	size_t n;

	if (size < 1 || size > HELD_MAX)
		return 0;
	eio__strbuf_init(&whole, 0);
	eio__strbuf_init(&pieces, 0);
	talk(data + 1, size - 1, 0, &whole);
	talk(data + 1, size - 1, data[0] ? data[0] : 1, &pieces);
	n = before_refusal(&whole);
	check(n == before_refusal(&pieces));
	check(memcmp(whole.data, pieces.data, n) == 0);
	check(whole.data[whole.len - 1] == pieces.data[pieces.len - 1]);
	eio__strbuf_clear(&whole);
	eio__strbuf_clear(&pieces);
	return 0;
}
