/* SPDX-License-Identifier: MIT */
/*
 * handshake.c: what is known of a client from its first request.
 *
 * The request with all its headers stays until the first connection
 * handlers have returned; then only those headers are copied that the
 * program asked for, because they cost more than the rest of an idle
 * connection. Target, address and time are the engine's to keep. What the
 * client sent to a namespace is kept as text until somebody looks at it.
 */
#include <config.h>

#include <socketio/io.h>

#include <engineio/base/query.h>
#include <engineio/base/utf8.h>
#include <socketio/json.h>

#include <stdlib.h>
#include <strings.h>
#include <time.h>

/* -- headers --------------------------------------------------------------- */

static char *lower(const char *name)
{
	char *copy = strdup(name), *p;

	for (p = copy; p && *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return copy;
}

/* Adds a header under its name in lower case, with what all lines of this
 * name say. */
static int add_header(json_t *headers, const eio_request *req, const char *name)
{
	const char *value = eio_request_header(req, name);
	struct eio__strbuf text;
	char *key = lower(name);
	int err = key ? 0 : SIO_ERR_NOMEM;

	eio__strbuf_init(&text, 0);
	if (value && !err)
		err = eio__utf8_mend(&text, value, strlen(value));
	if (value && !err &&
		json_object_set_new(headers, key,
			json_stringn(text.data ? text.data : "", text.len)) !=
			0)
		err = SIO_ERR_NOMEM;
	eio__strbuf_clear(&text);
	free(key);
	return err;
}

static int add_all_headers(json_t *headers, const eio_request *req)
{
	const char *name, *value;
	size_t i;
	int err = 0;

	for (i = 0; !err && eio_request_header_at(req, i, &name, &value); i++)
		err = add_header(headers, req, name);
	return err;
}

static bool keeps_all(const sio_server *srv)
{
	size_t i;

	for (i = 0; i < srv->keep_n; i++)
		if (strcmp(srv->keep[i], "*") == 0)
			return true;
	return false;
}

static int add_kept_headers(json_t *headers, const sio_server *srv,
	const eio_request *req)
{
	size_t i;
	int err = 0;

	if (keeps_all(srv))
		return add_all_headers(headers, req);
	for (i = 0; i < srv->keep_n && !err; i++)
		err = add_header(headers, req, srv->keep[i]);
	return err;
}

static json_t *kept(const struct sio__client *c)
{
	return c->extra ? c->extra->headers : NULL;
}

static int keep_headers(struct sio__client *c, const eio_request *req)
{
	struct sio__client_extra *extra;

	if (c->srv->keep_n == 0)
		return 0;
	extra = sio__client_extra(c);
	if (!extra)
		return SIO_ERR_NOMEM;
	extra->headers = json_object();
	if (!extra->headers)
		return SIO_ERR_NOMEM;
	return add_kept_headers(extra->headers, c->srv, req);
}

void sio__handshake_settle(struct sio__client *c)
{
	const eio_request *req = eio_socket_request(c->conn);

	if (!req)
		return;
	if (keep_headers(c, req))
		eio_server_log(c->srv->engine, ENGINEIO_LOG_WARN,
			"session %.8s: out of memory: headers are lost",
			eio_socket_id(c->conn));
	c->has_origin = eio_request_header(req, "origin") != NULL;
	eio_socket_drop_request(c->conn);
}

int sio_server_keep_header(sio_server *srv, const char *name)
{
	char **keep, *copy;

	if (!srv || !name || !*name)
		return sio__server_fail(srv, SIO_ERR_INVALID,
			"sio_server_keep_header(): no name");
	copy = lower(name);
	keep = realloc(srv->keep, (srv->keep_n + 1) * sizeof(*keep));
	if (keep)
		srv->keep = keep;
	if (!keep || !copy) {
		free(copy);
		return sio__server_fail(srv, SIO_ERR_NOMEM, "out of memory");
	}
	keep[srv->keep_n++] = copy;
	return 0;
}

/* NULL when it is gone; after sio_server_free() the connection may still be
 * there for a moment, but is not the program's any more. */
static struct sio__client *client_of(const sio_socket *s)
{
	if (!s || !s->client)
		return NULL;
	return s->state == SIO__GONE && s->client->srv->ended ? NULL
							      : s->client;
}

const char *sio_socket_header(const sio_socket *s, const char *name)
{
	const struct sio__client *c = client_of(s);
	const eio_request *req;
	const json_t *value;
	char *key;

	if (!c || !name)
		return NULL;
	req = eio_socket_request(c->conn);
	if (req)
		return eio_request_header(req, name);
	key = lower(name);
	value = key ? json_object_get(kept(c), key) : NULL;
	free(key);
	return json_string_value(value);
}

/* -- the query ------------------------------------------------------------- */

static int add_parameters(json_t *query, struct eio__query *q)
{
	struct eio__strbuf name, value;
	int err = 0;

	eio__strbuf_init(&name, 0);
	eio__strbuf_init(&value, 0);
	while (!err && eio__query_next(q, &name, &value))
		err = json_object_set_new(query, name.data ? name.data : "",
			json_stringn(value.data ? value.data : "", value.len));
	if (name.error || value.error)
		err = -1;
	eio__strbuf_clear(&name);
	eio__strbuf_clear(&value);
	return err;
}

json_t *sio_socket_query(const sio_socket *s)
{
	const struct sio__client *c = client_of(s);
	json_t *query = s ? json_object() : NULL;
	struct eio__target target;
	struct eio__query q;
	const char *text;

	if (!query || !c)
		return query;
	text = eio_socket_target(c->conn);
	eio__target_split(&target, text, strlen(text));
	eio__query_init(&q, target.query, target.query_len);
	if (!add_parameters(query, &q))
		return query;
	json_decref(query);
	return NULL;
}

/* -- what was sent to the namespace ----------------------------------------- */

json_t *sio_socket_auth(sio_socket *s)
{
	json_t *value;

	if (!s)
		return NULL;
	if (!s->auth_is_text)
		return s->auth.value;
	if (s->auth.text)
		value = sio__json_decode(s->auth.text, strlen(s->auth.text));
	else
		value = json_object();
	if (!value)
		return NULL;
	free(s->auth.text);
	s->auth.value = value;
	s->auth_is_text = false;
	return value;
}

/* -- all together ---------------------------------------------------------- */

/* As Date.toString() of JavaScript prints it; where the server stands is
 * nobody's business. */
static void print_time(char out[80], int64_t ms)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		memset(&tm, 0, sizeof(tm));
	snprintf(out, 80,
		"%.3s %.3s %02d %04d %02d:%02d:%02d GMT+0000 "
		"(Coordinated Universal Time)",
		days + tm.tm_wday * 3, months + tm.tm_mon * 3, tm.tm_mday,
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static json_t *headers_of(const struct sio__client *c)
{
	const eio_request *req = eio_socket_request(c->conn);
	json_t *headers;

	if (!req)
		return kept(c) ? json_copy(kept(c)) : json_object();
	headers = json_object();
	if (headers && add_all_headers(headers, req)) {
		json_decref(headers);
		return NULL;
	}
	return headers;
}

static bool is_cross_domain(const struct sio__client *c)
{
	const eio_request *req = eio_socket_request(c->conn);

	return req ? eio_request_header(req, "origin") != NULL : c->has_origin;
}

json_t *sio_socket_handshake(sio_socket *s)
{
	eio_socket *conn = sio_socket_conn(s);
	char time_text[80];

	if (!conn)
		return NULL;
	print_time(time_text, eio_socket_issued(conn));
	return json_pack("{s:o, s:s, s:s, s:b, s:b, s:I, s:s, s:o, s:O}",
		"headers", headers_of(s->client), "time", time_text, "address",
		eio_socket_address(conn), "xdomain",
		(int)is_cross_domain(s->client), "secure",
		(int)eio_socket_is_secure(conn), "issued",
		(json_int_t)eio_socket_issued(conn), "url",
		eio_socket_target(conn), "query", sio_socket_query(s), "auth",
		sio_socket_auth(s));
}

const char *sio_socket_address(const sio_socket *s)
{
	eio_socket *conn = sio_socket_conn(s);

	return conn ? eio_socket_address(conn) : "";
}

const char *sio_socket_peer_certificate(const sio_socket *s,
	enum eio_certificate field)
{
	eio_socket *conn = sio_socket_conn(s);

	return conn ? eio_socket_peer_certificate(conn, field) : NULL;
}

const char *sio_socket_transport(const sio_socket *s)
{
	eio_socket *conn = sio_socket_conn(s);

	return conn ? eio_socket_transport(conn) : "";
}

bool sio_socket_is_secure(const sio_socket *s)
{
	const struct sio__client *c = client_of(s);

	return c && eio_socket_is_secure(c->conn);
}

bool sio_socket_is_xdomain(const sio_socket *s)
{
	const struct sio__client *c = client_of(s);

	return c && is_cross_domain(c);
}

int64_t sio_socket_issued(const sio_socket *s)
{
	const struct sio__client *c = client_of(s);

	return c ? eio_socket_issued(c->conn) : 0;
}

int sio_socket_protocol(const sio_socket *s)
{
	return eio_socket_protocol(sio_socket_conn(s));
}

eio_socket *sio_socket_conn(const sio_socket *s)
{
	const struct sio__client *c = client_of(s);

	return c ? c->conn : NULL;
}
