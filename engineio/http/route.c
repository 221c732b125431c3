/* SPDX-License-Identifier: MIT */
/*
 * route.c: method and path to handler.
 *
 * All routes are one handler of the server, so that the longest path can
 * win. Routes are compared with the raw path:
 * what is encoded otherwise is another path (files.c decodes, because file
 * names have any character). Always true: a body is complete when a
 * route's function is called; for one that cannot be, the request is refused
 * in the words of whoever asked to say them.
 */
#include <config.h>

#include <engineio/http/route.h>

#include <engineio/http/files.h>

#include <stdlib.h>
#include <string.h>

struct route {
	struct eio__list link;
	char *method; /* NULL: any */
	char *path;
	char *folder; /* of files, or NULL */
	eio_route_cb fn;
	void *user;
};

/* Who says why a body was refused. */
struct speaker {
	struct eio__list link;
	char *path;
	eio_refusal_cb fn;
	void *user;
};

struct routes {
	struct eio__handler handler;
	struct eio__list list;     /* longest path first */
	struct eio__list speakers; /* the same */
};

static struct routes *find_routes(const struct eio__http *http);

bool eio__route_matches(const eio_request *req, const char *path)
{
	size_t n = strlen(path), len;
	const char *target = eio__request_path(req, &len);

	if (len < n || memcmp(target, path, n) != 0)
		return false;
	return len == n || path[n - 1] == '/';
}

static bool method_matches(const struct route *r, const eio_request *req)
{
	if (!r->method || eio__request_is(req, r->method))
		return true;
	return eio__request_is(req, "HEAD") && strcmp(r->method, "GET") == 0;
}

static void refuse(eio_request *req, int status)
{
	struct routes *routes = find_routes(req->http);
	struct eio__list *pos;
	struct speaker *s;

	eio__list_for_each(pos, &routes->speakers) {
		s = eio__list_entry(pos, struct speaker, link);
		if (!eio__route_matches(req, s->path))
			continue;
		s->fn(req, status, s->user);
		return;
	}
}

static void on_body(eio_request *req, char *data, size_t len)
{
	struct route *r = req->user;

	if (eio__request_keep_body(req))
		eio__request_refuse(req, 500);
	else
		r->fn(req, r->user);
}

static const struct eio__taker taker = {
	.on_body = on_body,
	.refuse = refuse,
};

static void add_allowed(struct eio__strbuf *allowed, const char *method)
{
	if (allowed->len && eio__header_lists(allowed->data, method))
		return;
	if (allowed->len)
		eio__strbuf_adds(allowed, ", ");
	eio__strbuf_adds(allowed, method);
	if (strcmp(method, "GET") == 0)
		eio__strbuf_adds(allowed, ", HEAD");
}

/* RFC 9110 section 15.5.6: 405 names what would be allowed. */
static void refuse_method(eio_request *req, const struct eio__strbuf *allowed)
{
	if (allowed->error) {
		eio_request_respond(req, 500, NULL, NULL, 0);
		return;
	}
	eio_request_set_header(req, "Allow", allowed->data);
	eio_request_respond(req, 405, "text/plain", "method not allowed", 18);
}

/* False: there is no such file. */
static bool serve(struct route *r, eio_request *req)
{
	if (r->folder)
		return eio__files_serve(req, r->path, r->folder);
	eio__request_take(req, &taker, r, req->http->limits.max_body);
	return true;
}

/* Offers the request to the routes of its path, the longest first. */
static bool try_routes(struct routes *routes, eio_request *req,
	struct eio__strbuf *allowed)
{
	struct eio__list *pos;
	struct route *r;

	eio__list_for_each(pos, &routes->list) {
		r = eio__list_entry(pos, struct route, link);
		if (!eio__route_matches(req, r->path))
			continue;
		if (!method_matches(r, req))
			add_allowed(allowed, r->method);
		else if (serve(r, req))
			return true;
	}
	return false;
}

static bool lacks_slash(const struct route *r, const eio_request *req)
{
	size_t len;
	const char *path = eio__request_path(req, &len);

	return r->folder && strlen(r->path) == len + 1 &&
		memcmp(r->path, path, len) == 0 && method_matches(r, req);
}

/* "/files" where only the folder "/files/" is: the client is told to ask for
 * that. False: there is no such folder. */
static bool try_folders(struct routes *routes, eio_request *req)
{
	struct eio__list *pos;

	eio__list_for_each(pos, &routes->list)
		if (lacks_slash(eio__list_entry(pos, struct route, link), req))
			return !eio__files_add_slash(req);
	return false;
}

static enum eio__step on_routes(struct eio__handler *h, eio_request *req)
{
	struct routes *routes = eio__list_entry(h, struct routes, handler);
	struct eio__strbuf allowed;
	bool taken;

	eio__strbuf_init(&allowed, 0);
	taken = try_routes(routes, req, &allowed);
	if (!taken && (allowed.len || allowed.error)) {
		refuse_method(req, &allowed);
		taken = true;
	}
	if (!taken)
		taken = try_folders(routes, req);
	eio__strbuf_clear(&allowed);
	return taken ? EIO__TAKEN : EIO__PASS;
}

static void route_free(struct route *r)
{
	if (!r)
		return;
	free(r->method);
	free(r->path);
	free(r->folder);
	free(r);
}

static void speaker_free(struct speaker *s)
{
	if (s)
		free(s->path);
	free(s);
}

static void routes_free(struct eio__handler *h)
{
	struct routes *routes = eio__list_entry(h, struct routes, handler);
	struct eio__list *link;

	for (link = eio__list_pop(&routes->list); link;
		link = eio__list_pop(&routes->list))
		route_free(eio__list_entry(link, struct route, link));
	for (link = eio__list_pop(&routes->speakers); link;
		link = eio__list_pop(&routes->speakers))
		speaker_free(eio__list_entry(link, struct speaker, link));
	free(routes);
}

/* NULL: there are none yet. */
static struct routes *find_routes(const struct eio__http *http)
{
	struct eio__handler *h = eio__http_find_handler(http, on_routes);

	return h ? eio__list_entry(h, struct routes, handler) : NULL;
}

static struct routes *routes_of(struct eio__http *http)
{
	struct routes *routes = find_routes(http);

	if (routes)
		return routes;
	routes = calloc(1, sizeof(*routes));
	if (!routes)
		return NULL;
	eio__list_init(&routes->list);
	eio__list_init(&routes->speakers);
	routes->handler.rank = EIO__RANK_ROUTE;
	routes->handler.on_head = on_routes;
	routes->handler.free = routes_free;
	eio__http_add_handler(http, &routes->handler);
	return routes;
}

static struct route *route_new(const char *method, const char *path,
	const char *folder)
{
	struct route *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->path = strdup(path);
	r->method = method ? strdup(method) : NULL;
	r->folder = folder ? strdup(folder) : NULL;
	if (r->path && !r->method == !method && !r->folder == !folder)
		return r;
	route_free(r);
	return NULL;
}

static int add_route(struct eio__http *http, struct route *r)
{
	struct routes *routes = routes_of(http);
	struct eio__list *pos;

	if (!r || !routes) {
		route_free(r);
		return ENGINEIO_ERR_NOMEM;
	}
	for (pos = routes->list.next; pos != &routes->list; pos = pos->next)
		if (strlen(eio__list_entry(pos, struct route, link)->path) <
			strlen(r->path))
			break;
	eio__list_add_tail(pos, &r->link);
	return 0;
}

int eio__route_add(struct eio__http *http, const char *method, const char *path,
	eio_route_cb fn, void *user)
{
	struct route *r;

	if (!path || *path != '/' || !fn || (method && !eio__is_token(method)))
		return ENGINEIO_ERR_INVALID;
	r = route_new(method, path, NULL);
	if (r) {
		r->fn = fn;
		r->user = user;
	}
	return add_route(http, r);
}

int eio__route_mount(struct eio__http *http, const char *path,
	const char *folder)
{
	size_t n = path ? strlen(path) : 0;

	if (!n || *path != '/' || path[n - 1] != '/' || !folder || !*folder)
		return ENGINEIO_ERR_INVALID;
	return add_route(http, route_new("GET", path, folder));
}

static struct speaker *speaker_new(const char *path, eio_refusal_cb fn,
	void *user)
{
	struct speaker *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fn = fn;
	s->user = user;
	s->path = strdup(path);
	if (s->path)
		return s;
	free(s);
	return NULL;
}

int eio__route_on_refusal(struct eio__http *http, const char *path,
	eio_refusal_cb fn, void *user)
{
	struct routes *routes;
	struct eio__list *pos;
	struct speaker *s;

	if (!path || *path != '/' || !fn)
		return ENGINEIO_ERR_INVALID;
	routes = routes_of(http);
	s = routes ? speaker_new(path, fn, user) : NULL;
	if (!s)
		return ENGINEIO_ERR_NOMEM;
	for (pos = routes->speakers.next; pos != &routes->speakers;
		pos = pos->next)
		if (strlen(eio__list_entry(pos, struct speaker, link)->path) <
			strlen(path))
			break;
	eio__list_add_tail(pos, &s->link);
	return 0;
}
