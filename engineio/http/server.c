/* SPDX-License-Identifier: MIT */
/*
 * server.c: what the connections of one HTTP server share: listeners,
 * handlers, the log, the date.
 *
 * Always true: every connection is in the list from eio__conn_new() until
 * it has gone, and the count says how many.
 */
#include <config.h>

#include <engineio/http/conn.h>

#include <engineio/http/cork.h>
#include <engineio/http/draft.h>
#include <engineio/http/http1.h>
#include <engineio/http/http2.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Something comes before the first byte of HTTP. */
#define NOT_AT_ONCE (WITH_TLS | ENGINEIO_LISTEN_PROXY)
#define WITH_TLS    (ENGINEIO_LISTEN_TLS | ENGINEIO_LISTEN_TLS_AND_PLAIN)

struct listener {
	struct eio__acceptor acceptor; /* first: what the network knows */
	struct eio__list link;
	struct eio__http *http;
	struct eio__net_listener *net;
	unsigned flags; /* ENGINEIO_LISTEN_... */
};

static int prepare_tls(const struct listener *l, struct eio__net_conn *nc)
{
	const struct eio__http *http = l->http;
	unsigned max_answers = http->limits.max_tls_answers;

	if (l->flags & ENGINEIO_LISTEN_TLS_AND_PLAIN)
		return eio__net_offer_tls(nc, http->tls, max_answers);
	if (l->flags & ENGINEIO_LISTEN_TLS)
		return eio__net_start_tls(nc, http->tls, max_answers);
	return 0;
}

/* Asks the network for what has to be settled before the first byte of HTTP;
 * false: the connection is to be refused. */
static bool prepare(const struct listener *l, struct eio__net_conn *nc)
{
	struct eio__http *http = l->http;
	struct eio__net_addr peer;

	eio__net_peer(nc, &peer);
	if (l->flags & ENGINEIO_LISTEN_PROXY &&
		!eio__trust_has(&http->trust, peer.text)) {
		eio__http_count(http, ENGINEIO_COUNT_UNTRUSTED_PROXY,
			ENGINEIO_LOG_WARN,
			"http: connection of %s refused: it is no trusted "
			"proxy",
			peer.text);
		return false;
	}
	return (!(l->flags & ENGINEIO_LISTEN_PROXY) ||
		       !eio__net_expect_proxy(nc)) &&
		!prepare_tls(l, nc);
}

static void *on_accept(struct eio__acceptor *a, struct eio__net_conn *nc)
{
	const struct listener *l = (struct listener *)a;
	struct eio__http *http = l->http;
	size_t max = http->limits.max_connections;

	if (max && http->count >= max) {
		eio__http_count(http, ENGINEIO_COUNT_MAX_CONNECTIONS,
			ENGINEIO_LOG_WARN,
			"http: connection refused: %zu are open "
			"(MAX_CONNECTIONS)",
			http->count);
		return NULL;
	}
	if (!prepare(l, nc))
		return NULL;
	http->tallies[ENGINEIO_COUNT_CONNECTIONS].n++;
	return eio__conn_new(http, nc, l->flags & NOT_AT_ONCE);
}

static void end_streams(struct eio__http *http)
{
	struct eio__list *pos;
	struct eio__conn *conn;

	eio__list_for_each(pos, &http->conns) {
		conn = eio__list_entry(pos, struct eio__conn, link);
		if (conn->h2)
			eio__http2_close_streams(conn);
		else
			eio__http1_close_stream(conn);
	}
}

static void on_late(struct eio__task *task)
{
	end_streams(eio__list_entry(task, struct eio__http, late));
}

int eio__http_init(struct eio__http *http, eio_loop *loop)
{
	memset(http, 0, sizeof(*http));
	http->loop = loop;
	eio__strbuf_init(&http->spare, 0);
	eio__strbuf_init(&http->spare_body, 0);
	eio__list_init(&http->conns);
	eio__list_init(&http->listeners);
	eio__list_init(&http->handlers);
	eio__task_init(&http->late, on_late);
	http->cork = eio__cork_new(loop);
	return http->cork ? 0 : ENGINEIO_ERR_NOMEM;
}

void eio__http_unlisten(struct eio__http *http)
{
	struct eio__list *link;
	struct listener *l;

	for (link = eio__list_pop(&http->listeners); link;
		link = eio__list_pop(&http->listeners)) {
		l = eio__list_entry(link, struct listener, link);
		eio__net_unlisten(l->net);
		free(l);
	}
}

void eio__http_clear(struct eio__http *http)
{
	struct eio__list *link;
	struct eio__handler *h;

	eio__http_unlisten(http);
	eio__task_cancel(&http->late);
	while (!eio__list_empty(&http->conns))
		eio__conn_abort(eio__list_entry(http->conns.next,
					struct eio__conn, link),
			"server freed");
	for (link = eio__list_pop(&http->handlers); link;
		link = eio__list_pop(&http->handlers)) {
		h = eio__list_entry(link, struct eio__handler, link);
		if (h->free)
			h->free(h);
	}
	eio__http_clear_tls(http);
	eio__strbuf_clear(&http->spare);
	eio__strbuf_clear(&http->spare_body);
	eio__draft_free_spare(http);
	eio__cork_free(http->cork);
	http->cork = NULL;
}

static void explain(struct eio__http *http, const char *host, int port, int err)
{
	char what[120];
	bool is_unix = host && strncmp(host, "unix:", 5) == 0;
	bool is_fd = host && strncmp(host, "fd:", 3) == 0;

	if (is_unix)
		snprintf(what, sizeof(what), "%.100s", host + 5);
	else if (is_fd)
		snprintf(what, sizeof(what), "descriptor %.20s", host + 3);
	else
		snprintf(what, sizeof(what), "port %d", port);
	if (err == -EADDRINUSE)
		snprintf(http->error, sizeof(http->error), "%s is in use",
			what);
	else if (err == -EACCES)
		snprintf(http->error, sizeof(http->error),
			"%s may not be used by this user", what);
	else
		snprintf(http->error, sizeof(http->error),
			"cannot listen on %.80s, %s: %s",
			host && !is_unix && !is_fd ? host : "this machine",
			what,
			err == ENGINEIO_ERR_ADDRESS ? "no such address"
						    : strerror(-err));
}

/* What the flags ask for must have been set up. */
static int check_flags(struct eio__http *http, unsigned flags)
{
	const char *first = NULL;

	if (flags & ~(unsigned)ENGINEIO_LISTEN_FLAGS)
		return ENGINEIO_ERR_INVALID;
	if (flags & WITH_TLS && !http->tls)
		first = "TLS needs a certificate: eio_server_set_tls()";
	else if (flags & ENGINEIO_LISTEN_PROXY &&
		eio__trust_is_empty(&http->trust))
		first = "the PROXY protocol needs a proxy that is trusted: "
			"eio_server_trust_proxy()";
	if (!first)
		return 0;
	snprintf(http->error, sizeof(http->error), "%s goes first", first);
	return ENGINEIO_ERR_STATE;
}

int eio__http_listen(struct eio__http *http, const char *host, int port,
	unsigned flags)
{
	struct eio__net_place place = {
		.host = host,
		.port = port,
		.mode = http->limits.unix_mode,
		.backlog = http->limits.backlog,
		.ipv6_only = flags & ENGINEIO_LISTEN_IPV6_ONLY,
	};
	struct listener *l;
	int err = check_flags(http, flags);

	if (err)
		return err;

	if (port < 0 || port > 65535) {
		snprintf(http->error, sizeof(http->error),
			"port %d: ports are numbers from 0 to 65535", port);
		return ENGINEIO_ERR_INVALID;
	}
	l = calloc(1, sizeof(*l));
	if (!l)
		return ENGINEIO_ERR_NOMEM;
	l->acceptor.accept = on_accept;
	l->http = http;
	l->flags = flags;
	l->net = eio__net_listen(eio__loop_net(http->loop), &place,
		&l->acceptor, &err);
	if (!l->net) {
		free(l);
		explain(http, host, port, err);
		return ENGINEIO_ERR_ADDRESS;
	}
	eio__list_add_tail(&http->listeners, &l->link);
	return 0;
}

int eio__http_port(const struct eio__http *http)
{
	const struct listener *l;

	if (eio__list_empty(&http->listeners))
		return 0;
	l = eio__list_entry(http->listeners.next, struct listener, link);
	return eio__net_listener_port(l->net);
}

int eio__http_newest_port(const struct eio__http *http)
{
	const struct listener *l;

	if (eio__list_empty(&http->listeners))
		return 0;
	l = eio__list_entry(http->listeners.prev, struct listener, link);
	return eio__net_listener_port(l->net);
}

void eio__http_end_streams_later(struct eio__http *http)
{
	eio__loop_defer(http->loop, EIO__FLUSH, &http->late);
}

void eio__http_wind_down(struct eio__http *http)
{
	eio__http_unlisten(http);
	http->closing = true;
	end_streams(http);
}

void eio__http_close_idle(struct eio__http *http)
{
	struct eio__list *pos, *next;
	struct eio__conn *conn;

	for (pos = http->conns.next; pos != &http->conns; pos = next) {
		next = pos->next;
		conn = eio__list_entry(pos, struct eio__conn, link);
		if (conn->h2)
			eio__http2_close(conn);
		else if (eio__http1_is_idle(conn))
			eio__conn_end(conn);
	}
}

void eio__http_add_handler(struct eio__http *http, struct eio__handler *h)
{
	struct eio__list *pos;

	for (pos = http->handlers.next; pos != &http->handlers; pos = pos->next)
		if (eio__list_entry(pos, struct eio__handler, link)->rank >
			h->rank)
			break;
	h->seq = ++http->handler_seq;
	eio__list_add_tail(pos, &h->link);
}

void eio__http_remove_handler(struct eio__handler *h)
{
	eio__list_del(&h->link);
}

struct eio__handler *eio__http_find_handler(const struct eio__http *http,
	enum eio__step (*on_head)(struct eio__handler *h, eio_request *req))
{
	struct eio__list *pos;
	struct eio__handler *h;

	eio__list_for_each(pos, &http->handlers) {
		h = eio__list_entry(pos, struct eio__handler, link);
		if (h->on_head == on_head)
			return h;
	}
	return NULL;
}

void eio__http_log(struct eio__http *http, enum eio_log_level level,
	const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!http->log)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	http->log(http->log_user, level, line);
}

void eio__http_count(struct eio__http *http, enum eio_counter counter,
	enum eio_log_level level, const char *fmt, ...)
{
	struct eio__tally *tally = &http->tallies[counter];
	char line[512];
	uint32_t left_out;
	va_list ap;

	if (!eio__tally_add(tally, eio_loop_now(http->loop)) || !http->log)
		return;
	left_out = eio__tally_left_out(tally);
	if (left_out)
		eio__http_log(http, level,
			"%" PRIu32 " lines like the next were left out",
			left_out);
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	http->log(http->log_user, level, line);
}

/* The clock on the wall is asked once a second, when its second ends. */
static void make_date(struct eio__http *http, int64_t wall)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)(wall / 1000);
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		return;
	/* RFC 9110 section 5.6.7; strftime() would speak the locale. */
	snprintf(http->date, sizeof(http->date),
		"%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
		days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

const char *eio__http_date(struct eio__http *http)
{
	struct eio__net *net = eio__loop_net(http->loop);
	uint64_t now = eio__net_now(net);
	int64_t wall;

	if (now >= http->date_until) {
		wall = eio__net_wall(net);
		make_date(http, wall);
		http->date_until = now + 1000 - (uint64_t)(wall % 1000);
	}
	return http->date;
}
