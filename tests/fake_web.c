/* SPDX-License-Identifier: MIT */
/*
 * fake_web.c: routes on the server of fake_app, for tests of HTTP.
 */
#include <config.h>

#include "fake_web.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* -- the routes ---------------------------------------------------------- */

static void on_any(eio_request *req, void *user)
{
	struct fake_web *web = user;
	struct eio__strbuf b;
	size_t len;
	const char *body = eio_request_body(req, &len);

	web->calls++;
	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b, "%s %s ", eio_request_method(req),
		eio_request_target(req));
	if (len)
		eio__strbuf_add(&b, body, len);
	assert(!b.error);
	eio_request_respond(req, 200, "text/plain", b.data, b.len);
	eio__strbuf_clear(&b);
}

static void on_hold(eio_request *req, void *user)
{
	struct fake_web *web = user;

	web->calls++;
	assert(web->count < sizeof(web->held) / sizeof(web->held[0]));
	web->held[web->count++] = eio_request_ref(req);
}

static void on_big(eio_request *req, void *user)
{
	struct fake_web *web = user;
	char *body = malloc(FAKE_WEB_BIG);

	web->calls++;
	assert(body);
	memset(body, 'x', FAKE_WEB_BIG);
	eio_request_respond(req, 200, NULL, body, FAKE_WEB_BIG);
	free(body);
}

void fake_web_release(struct fake_web *web, unsigned i)
{
	eio_request *req = web->held[i];
	struct eio__strbuf b;

	assert(i < web->count && req);
	web->held[i] = NULL;
	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b, "held %s", eio_request_target(req));
	eio_request_respond(req, 200, NULL, b.data, b.len);
	eio__strbuf_clear(&b);
	eio_request_unref(req);
	fake_turn(web->loop);
}

/* -- its life ------------------------------------------------------------ */

int fake_web_setup(void **state)
{
	struct fake_web *web = calloc(1, sizeof(*web));
	void *app = NULL;

	assert(web);
	if (fake_app_setup(&app))
		return -1;
	web->app = app;
	web->loop = web->app->loop;
	web->srv = web->app->srv;
	if (eio_server_route(web->srv, NULL, "/", on_any, web) ||
		eio_server_route(web->srv, NULL, "/hold", on_hold, web) ||
		eio_server_route(web->srv, NULL, "/big", on_big, web))
		return -1;
	*state = web;
	return 0;
}

int fake_web_teardown(void **state)
{
	struct fake_web *web = *state;
	void *app = web->app;
	unsigned i;

	for (i = 0; i < web->count; i++)
		eio_request_unref(web->held[i]);
	free(web);
	return fake_app_teardown(&app);
}

/* -- what a client sees -------------------------------------------------- */

const char *fake_web_answers(struct fake_conn *c)
{
	static struct eio__strbuf b;
	static char text[8192];
	struct fake_reply r;

	eio__strbuf_init(&b, sizeof(text) - 1);
	for (r = fake_reply(c); r.status; r = fake_reply(c)) {
		eio__strbuf_printf(&b, "%s%d%s%s", b.len ? " | " : "", r.status,
			r.len ? " " : "", r.body);
		fake_reply_clear(&r);
	}
	if (fake_received(c)->len)
		eio__strbuf_adds(&b, " | rubbish");
	if (fake_is_finished(c))
		eio__strbuf_adds(&b, b.len ? " | closed" : "closed");
	assert(!b.error);
	memcpy(text, b.data ? b.data : "", b.len);
	text[b.len] = 0;
	eio__strbuf_clear(&b);
	return text;
}

const char *fake_web_outcome(struct fake_web *web, const void *raw, size_t len,
	size_t step)
{
	struct fake_conn *c = fake_connect(web->loop);
	const char *at = raw, *outcome;
	size_t n;

	assert(c);
	for (; len; at += n, len -= n) {
		n = step && step < len ? step : len;
		fake_send(c, at, n);
	}
	outcome = fake_web_answers(c);
	fake_free(c);
	return outcome;
}
