/* SPDX-License-Identifier: MIT */
/*
 * cors.c: which pages of other origins may talk to the server, and how
 * browsers hear of it.
 *
 * It is asked about every request below the engine's path before anybody
 * else, so that its headers are on whatever is answered there: client files,
 * refusals, the 101. What it says is what the official server says, which
 * has it from the npm package cors. Always true: nothing of a request is put
 * into an answer unless it has the form of an origin or of a list of names.
 */
#include <config.h>

#include <engineio/engine.h>

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Longer ones are nobody's: names have up to 253 characters. */
#define ORIGIN_MAX 512

struct origin {
	struct eio__list link;
	bool is_pattern;
	regex_t pattern;
	char text[]; /* "*": any */
};

/* -- origins ------------------------------------------------------------- */

/* "https://a.example:8443" or "null" (RFC 6454 section 6.1): a scheme, and
 * behind it nothing that could end a header, a list or an attribute. */
static bool is_origin(const char *s)
{
	size_t n = strspn(s,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789+-.");

	if (strcmp(s, "null") == 0)
		return true;
	if (!n || strncmp(s + n, "://", 3) != 0 || strlen(s) > ORIGIN_MAX)
		return false;
	for (s += n + 3; *s; s++)
		if (*s <= ' ' || *s > '~' || strchr("\"',;/<>\\?#@", *s))
			return false;
	return true;
}

/* As browsers write it. */
static void lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s + ('a' - 'A'));
}

static void origin_free(struct origin *o)
{
	if (o->is_pattern)
		regfree(&o->pattern);
	free(o);
}

static bool origin_matches(const struct origin *o, const char *origin)
{
	regmatch_t all;

	if (!o->is_pattern)
		return strcmp(o->text, "*") == 0 ||
			strcmp(o->text, origin) == 0;
	/* The longest match, so it is the whole if that can be matched. */
	return regexec(&o->pattern, origin, 1, &all, 0) == 0 && !all.rm_so &&
		!origin[all.rm_eo];
}

static bool is_listed(const struct eio__cors *cors, const char *origin)
{
	struct eio__list *pos;

	eio__list_for_each(pos, &cors->origins)
		if (origin_matches(eio__list_entry(pos, struct origin, link),
			    origin))
			return true;
	return false;
}

/* -- the headers --------------------------------------------------------- */

static void add_list(eio_request *req, const struct eio__cors *cors,
	enum eio_cors_list which, const char *name)
{
	if (cors->lists[which])
		eio_request_set_header(req, name, cors->lists[which]);
}

/* The request's, if it could be one. */
static const char *origin_of(const eio_request *req)
{
	const char *origin = eio_request_header(req, "origin");

	return origin && is_origin(origin) ? origin : NULL;
}

/* NULL: none is allowed to this request, others may be. */
static void add_origin(eio_request *req, const char *allowed)
{
	const char *origin = origin_of(req);
	bool any = allowed && strcmp(allowed, "*") == 0;

	if (allowed)
		eio_request_set_header(req, "Access-Control-Allow-Origin",
			allowed);
	if (!any)
		eio__reply_vary(req, "Origin");
	req->origin_ok = any ||
		(allowed && origin && strcmp(allowed, origin) == 0);
}

static void add_allowed_headers(const struct eio__cors *cors, eio_request *req)
{
	const char *wanted;

	if (cors->lists[ENGINEIO_CORS_ALLOWED_HEADERS]) {
		add_list(req, cors, ENGINEIO_CORS_ALLOWED_HEADERS,
			"Access-Control-Allow-Headers");
		return;
	}
	eio__reply_vary(req, "Access-Control-Request-Headers");
	wanted = eio_request_header(req, "access-control-request-headers");
	if (wanted && *wanted && eio__is_token_list(wanted))
		eio_request_set_header(req, "Access-Control-Allow-Headers",
			wanted);
}

static void add_preflight(const eio_server *srv, eio_request *req)
{
	const struct eio__cors *cors = &srv->cors;
	long age = srv->options[ENGINEIO_CORS_MAX_AGE];
	char text[24];

	if (cors->lists[ENGINEIO_CORS_METHODS])
		add_list(req, cors, ENGINEIO_CORS_METHODS,
			"Access-Control-Allow-Methods");
	else
		eio_request_set_header(req, "Access-Control-Allow-Methods",
			"GET,HEAD,PUT,PATCH,POST,DELETE");
	add_allowed_headers(cors, req);
	if (age < 0)
		return;
	snprintf(text, sizeof(text), "%ld", age);
	eio_request_set_header(req, "Access-Control-Max-Age", text);
}

/* All of them, and the answer to a preflight. */
static enum eio__step apply(const eio_server *srv, eio_request *req,
	const char *allowed)
{
	const struct eio__cors *cors = &srv->cors;
	bool preflight = eio__request_is(req, "OPTIONS");
	int status = (int)srv->options[ENGINEIO_CORS_PREFLIGHT_STATUS];

	add_origin(req, allowed);
	if (srv->options[ENGINEIO_CORS_CREDENTIALS])
		eio_request_set_header(req, "Access-Control-Allow-Credentials",
			"true");
	if (preflight)
		add_preflight(srv, req);
	add_list(req, cors, ENGINEIO_CORS_EXPOSED_HEADERS,
		"Access-Control-Expose-Headers");
	if (!preflight || !status)
		return EIO__PASS;
	eio_request_respond(req, status, NULL, NULL, 0);
	return EIO__TAKEN;
}

/* The application names an origin, or allows the request's own. */
static enum eio__step on_decided(eio_request *req, void *user, bool allow)
{
	const char *named = req->decision_text;

	if (!allow)
		return EIO__PASS;
	return apply(user, req, named ? named : origin_of(req));
}

static enum eio__step judge(eio_server *srv, eio_request *req)
{
	static const struct eio__asker asker = { on_decided };
	const struct eio__cors *cors = &srv->cors;
	const char *origin;

	if (cors->decide)
		return eio__request_ask(req, cors->decide, cors->user, &asker,
			srv, &srv->asked);
	origin = cors->fixed ? NULL : origin_of(req);
	if (origin && !is_listed(cors, origin)) {
		eio_server_log(srv, ENGINEIO_LOG_DEBUG,
			"CORS: origin %.100s is not allowed", origin);
		origin = NULL;
	}
	return apply(srv, req, cors->fixed ? cors->fixed : origin);
}

static bool is_on(const struct eio__cors *cors)
{
	return cors->fixed || cors->decide || !eio__list_empty(&cors->origins);
}

static enum eio__step on_head(struct eio__handler *h, eio_request *req)
{
	eio_server *srv = eio__list_entry(h, eio_server, cors.handler);

	return is_on(&srv->cors) && eio__server_is_for(srv, req)
		? judge(srv, req)
		: EIO__PASS;
}

/* -- refusing ------------------------------------------------------------ */

/* The page came from where the request goes to: what is behind the scheme
 * is the host. Over TLS it came over TLS; where a proxy ended that, nothing
 * is known of it. */
static bool is_own(const eio_request *req, const char *origin)
{
	const char *host = eio_request_header(req, "host");
	const char *at = strstr(origin, "://");

	if (eio_request_is_secure(req) && strncmp(origin, "https:", 6) != 0)
		return false;
	return at && host && strcasecmp(at + 3, host) == 0;
}

bool eio__cors_allows(eio_server *srv, const eio_request *req)
{
	const char *origin;

	if (!srv->options[ENGINEIO_CORS_REJECT] || req->origin_ok)
		return true;
	origin = eio_request_header(req, "origin");
	if (!origin || is_own(req, origin))
		return true;
	eio__http_count(&srv->own, ENGINEIO_COUNT_CORS_REJECT,
		ENGINEIO_LOG_INFO,
		"request refused: origin %.100s is not allowed (CORS_REJECT)",
		origin);
	return false;
}

void eio__cors_look(eio_server *srv)
{
	const char *fixed = srv->cors.fixed;

	if (fixed && strcmp(fixed, "*") == 0 &&
		srv->options[ENGINEIO_CORS_CREDENTIALS])
		eio_server_log(srv, ENGINEIO_LOG_WARN,
			"CORS: browsers send no cookies to \"*\" "
			"(CORS_CREDENTIALS): origins have to be named");
}

/* -- settings ------------------------------------------------------------ */

void eio__cors_init(struct eio__cors *cors)
{
	eio__list_init(&cors->origins);
	eio__list_init(&cors->handler.link);
	cors->handler.rank = EIO__RANK_CORS;
	cors->handler.on_head = on_head;
}

static void forget_origins(struct eio__cors *cors)
{
	struct eio__list *link;

	for (link = eio__list_pop(&cors->origins); link;
		link = eio__list_pop(&cors->origins))
		origin_free(eio__list_entry(link, struct origin, link));
	free(cors->fixed);
	cors->fixed = NULL;
	cors->decide = NULL;
}

void eio__cors_clear(struct eio__cors *cors)
{
	size_t i;

	forget_origins(cors);
	for (i = 0; i < ENGINEIO_CORS_LISTS; i++) {
		free(cors->lists[i]);
		cors->lists[i] = NULL;
	}
}

int eio_server_set_cors(eio_server *srv, const char *origin)
{
	char *copy = NULL;

	if (!srv || (origin && strcmp(origin, "*") != 0 && !is_origin(origin)))
		return ENGINEIO_ERR_INVALID;
	if (origin) {
		copy = strdup(origin);
		if (!copy)
			return ENGINEIO_ERR_NOMEM;
		lower(copy);
	}
	forget_origins(&srv->cors);
	srv->cors.fixed = copy;
	return 0;
}

static struct origin *origin_new(const char *text)
{
	size_t n = strlen(text) + 1;
	struct origin *o = calloc(1, sizeof(*o) + n);

	if (o)
		memcpy(o->text, text, n);
	return o;
}

/* The list takes the place of a fixed origin and of a callback. */
static void add(struct eio__cors *cors, struct origin *o)
{
	if (eio__list_empty(&cors->origins))
		forget_origins(cors);
	eio__list_add_tail(&cors->origins, &o->link);
}

int eio_server_add_cors_origin(eio_server *srv, const char *origin)
{
	struct origin *o;

	if (!srv || !origin || (strcmp(origin, "*") != 0 && !is_origin(origin)))
		return ENGINEIO_ERR_INVALID;
	o = origin_new(origin);
	if (!o)
		return ENGINEIO_ERR_NOMEM;
	lower(o->text);
	add(&srv->cors, o);
	return 0;
}

int eio_server_add_cors_pattern(eio_server *srv, const char *pattern)
{
	struct origin *o;
	int err;

	if (!srv || !pattern || !*pattern)
		return ENGINEIO_ERR_INVALID;
	o = origin_new("");
	if (!o)
		return ENGINEIO_ERR_NOMEM;
	err = regcomp(&o->pattern, pattern, REG_EXTENDED);
	if (err) {
		free(o);
		return err == REG_ESPACE ? ENGINEIO_ERR_NOMEM
					 : ENGINEIO_ERR_INVALID;
	}
	o->is_pattern = true;
	add(&srv->cors, o);
	return 0;
}

int eio_server_on_cors(eio_server *srv, eio_request_cb fn, void *user)
{
	if (!srv)
		return ENGINEIO_ERR_INVALID;
	forget_origins(&srv->cors);
	srv->cors.decide = fn;
	srv->cors.user = user;
	return 0;
}

int eio_server_set_cors_list(eio_server *srv, enum eio_cors_list which,
	const char *names)
{
	char *copy = NULL;

	if (!srv || (int)which < 0 || which >= ENGINEIO_CORS_LISTS ||
		(names && !eio__is_token_list(names)))
		return ENGINEIO_ERR_INVALID;
	if (names && *names) {
		copy = strdup(names);
		if (!copy)
			return ENGINEIO_ERR_NOMEM;
	}
	free(srv->cors.lists[which]);
	srv->cors.lists[which] = copy;
	return 0;
}
