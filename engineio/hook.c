/* SPDX-License-Identifier: MIT */
/*
 * hook.c: the application's hooks before everything else, in the order they
 * were registered (JS: io.engine.use()).
 *
 * Each is a handler of the HTTP server with the first rank, so that it is
 * asked before the engine and before all routes. Always true: what a hook
 * refuses on the engine's path is refused as the engine refuses, so that the
 * client is told a code and the application a connection error.
 */
#include <config.h>

#include <engineio/engine.h>

#include <stdlib.h>
#include <string.h>

struct hook {
	struct eio__handler handler; /* in srv->http */
	struct eio__list link;       /* in srv->hooks */
	eio_server *srv;
	eio_request_cb fn;
	void *user;
};

static void forbid(eio_request *req)
{
	const char *text = req->decision_text;

	if (!text)
		text = "forbidden";
	eio_request_respond(req, 403, "text/plain; charset=utf-8", text,
		strlen(text));
}

static enum eio__step on_decided(eio_request *req, void *user, bool allow)
{
	struct eio_connection_error error = {
		.code = ENGINEIO_CODE_BAD_REQUEST,
		.context = ENGINEIO_CONTEXT_MIDDLEWARE_FAILURE,
		.error = req->decision_text,
	};
	eio_server *srv = user;

	if (allow)
		return EIO__PASS;
	if (eio__server_is_for(srv, req))
		eio__refuse(srv, req, &error);
	else
		forbid(req);
	return EIO__TAKEN;
}

static enum eio__step on_head(struct eio__handler *h, eio_request *req)
{
	static const struct eio__asker asker = { on_decided };
	struct hook *hook = eio__list_entry(h, struct hook, handler);
	eio_server *srv = hook->srv;

	/* What comes to the host is none of a guest's business. */
	if (srv->http != &srv->own && !eio__server_is_for(srv, req))
		return EIO__PASS;
	return eio__request_ask(req, hook->fn, hook->user, &asker, srv,
		&srv->asked);
}

int eio_server_on_http(eio_server *srv, eio_request_cb fn, void *user)
{
	struct hook *hook;

	if (!srv || !fn)
		return ENGINEIO_ERR_INVALID;
	hook = calloc(1, sizeof(*hook));
	if (!hook)
		return ENGINEIO_ERR_NOMEM;
	hook->handler.rank = EIO__RANK_HOOK;
	hook->handler.on_head = on_head;
	hook->srv = srv;
	hook->fn = fn;
	hook->user = user;
	eio__http_add_handler(srv->http, &hook->handler);
	eio__list_add_tail(&srv->hooks, &hook->link);
	return 0;
}

void eio__hooks_move(eio_server *srv, struct eio__http *http)
{
	struct eio__list *pos;
	struct hook *hook;

	eio__list_for_each(pos, &srv->hooks) {
		hook = eio__list_entry(pos, struct hook, link);
		eio__http_remove_handler(&hook->handler);
		eio__http_add_handler(http, &hook->handler);
	}
}

void eio__hooks_clear(eio_server *srv)
{
	struct eio__list *link;
	struct hook *hook;

	for (link = eio__list_pop(&srv->hooks); link;
		link = eio__list_pop(&srv->hooks)) {
		hook = eio__list_entry(link, struct hook, link);
		eio__http_remove_handler(&hook->handler);
		free(hook);
	}
}
