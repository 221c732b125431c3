/* SPDX-License-Identifier: MIT */
/*
 * What comes on a connection of HTTP/2 behind the preface, to a server with
 * routes that answer at once, later, in pieces, with a large body, and one that
 * is decided on later. Sent whole and, to a new server, in pieces, whose sizes
 * are told by the first byte; nobody may notice but the client.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/http.h>
#include <tests/fake_http2.h>

#include <stdlib.h>
#include <string.h>

#define HELD_MAX 4096
#define BIG      70000

struct site {
	eio_loop *loop;
	eio_server *srv;
	eio_request *held[HELD_MAX];
	unsigned count, released, gone;
};

static void check(int holds)
{
	if (!holds)
		abort();
}

static void on_any(eio_request *req, void *user)
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
	check(!b.error);
	check(eio_request_header(req, "host") != NULL);
	check(eio_request_respond(req, 200, "text/plain", b.data, b.len) == 0);
	eio__strbuf_clear(&b);
}

static void hold(eio_request *req, struct site *site)
{
	check(site->count < HELD_MAX);
	site->held[site->count++] = eio_request_ref(req);
}

static void on_hold(eio_request *req, void *user)
{
	hold(req, user);
}

static void on_gone(eio_request *req, void *user)
{
	struct site *site = user;

	site->gone++;
	check(eio_request_write(req, "x", 1) < 0);
}

static void on_stream(eio_request *req, void *user)
{
	check(eio_request_begin(req, 200, NULL) == 0);
	eio_request_on_gone(req, on_gone, user);
	eio_request_write(req, "first", 5);
	hold(req, user);
}

static void on_big(eio_request *req, void *user)
{
	static char big[BIG];

	eio_request_respond(req, 200, NULL, big, sizeof(big));
}

static enum eio_verdict on_hook(eio_request *req, void *user)
{
	if (strncmp(eio_request_target(req), "/l", 2) != 0)
		return ENGINEIO_PASS;
	hold(req, user);
	return ENGINEIO_LATER;
}

static void open_site(struct site *site)
{
	memset(site, 0, sizeof(*site));
	site->loop = eio_loop_new();
	site->srv = eio_server_new(site->loop);
	check(site->srv != NULL);
	/* Small limits are reached by small inputs. */
	eio_server_set_option(site->srv, ENGINEIO_HTTP2, ENGINEIO_HTTP2_PLAIN);
	eio_server_set_option(site->srv, ENGINEIO_HTTP2_STREAMS, 10);
	eio_server_set_option(site->srv, ENGINEIO_HTTP2_RESETS, 10);
	eio_server_set_option(site->srv, ENGINEIO_HTTP2_FRAMES, 20);
	eio_server_set_option(site->srv, ENGINEIO_HTTP2_BYTES, 300);
	eio_server_set_option(site->srv, ENGINEIO_MAX_TARGET, 200);
	eio_server_set_option(site->srv, ENGINEIO_MAX_HEADER, 1000);
	eio_server_set_option(site->srv, ENGINEIO_MAX_HEADERS, 20);
	eio_server_set_option(site->srv, ENGINEIO_MAX_PAYLOAD, 300);
	eio_server_on_http(site->srv, on_hook, site);
	check(!eio_server_route(site->srv, NULL, "/", on_any, NULL));
	check(!eio_server_route(site->srv, NULL, "/h", on_hold, site));
	check(!eio_server_route(site->srv, NULL, "/s", on_stream, site));
	check(!eio_server_route(site->srv, NULL, "/b", on_big, NULL));
	check(!eio_server_listen(site->srv, NULL, 0));
}

/* Each may let the next be held. */
static void release(struct site *site)
{
	unsigned i;
	eio_request *req;

	while (site->released < site->count) {
		i = site->released++;
		req = site->held[i];
		eio_request_decide(req, i % 3 != 0, NULL);
		fake_turn(site->loop);
		if (eio_request_write(req, "more", 4) == 0 && i % 2)
			eio_request_end(req);
		else
			eio_request_respond(req, 200, NULL, "h", 1);
		eio_request_unref(req);
		fake_turn(site->loop);
	}
}

static void talk(const uint8_t *data, size_t size, size_t step)
{
	static struct site site;
	struct eio__strbuf b;
	struct fake_conn *c;
	size_t at, n;

	open_site(&site);
	c = fake_connect(site.loop);
	eio__strbuf_init(&b, 0);
	fake_h2_add_preface(&b);
	eio__strbuf_add(&b, data, size);
	for (at = 0; at < b.len; at += n) {
		n = b.len - at;
		/* What is spoken shows in the first piece. */
		if (!at && step)
			n = 24;
		else if (step && step < n)
			n = step;
		if (!fake_is_closed(c, NULL))
			fake_send(c, b.data + at, n);
	}
	release(&site);
	fake_advance(site.loop, 200000);
	/* Those that waited for others' answers to go. */
	release(&site);
	eio__strbuf_clear(&b);
	fake_free(c);
	fake_turn(site.loop);
	eio_server_free(site.srv);
	check(fake_open_conns(site.loop) == 0);
	eio_loop_free(site.loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > HELD_MAX)
		return 0;
	talk(data + 1, size - 1, 0);
	talk(data + 1, size - 1, data[0] ? data[0] : 1);
	return 0;
}
