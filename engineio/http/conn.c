/* SPDX-License-Identifier: MIT */
/*
 * conn.c: one accepted connection: its output, its end and its time limit.
 *
 * What is spoken on it is the business of http1.c, http2.c or ws.c; bytes are
 * handed to whoever speaks now. Always true: output leaves in the WRITE phase,
 * or when the network has room again, in one write as far as it goes, and
 * sooner only by eio__conn_write_now() and eio__conn_flush(); a connection that has gone is not used
 * again and is freed in the FREE phase.
 */
#include <config.h>

#include <engineio/http/conn.h>

#include <engineio/http/http1.h>
#include <engineio/http/http2.h>
#include <engineio/http/ws.h>
#include <engineio/tls.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* One write is at most this long: the network may have to keep the part
 * that the kernel did not take. */
#define WRITE_MAX 65536
/* What has left is dropped in time for the number of its bytes. */
#define OFF_MAX (1u << 30)
/* Memory of an output up to here is kept for the next. */
#define SPARE_MAX 4096
/* The deadline of no limit. */
#define NEVER UINT64_MAX
/* Of the streams of HTTP/2 so much at once, each about as much as a write. */
#define FETCHES_MAX 4
/* How long the peer's end is waited for after ours, in milliseconds. */
#define LINGER_TIME 2000

#define conn_of(ptr, member) eio__list_entry(ptr, struct eio__conn, member)

static void conn_move(struct eio__conn *conn, enum eio__conn_state to)
{
	static const unsigned char allowed[] = {
		[EIO__CONN_OPEN] = 1 << EIO__CONN_ENDING | 1 << EIO__CONN_GONE,
		[EIO__CONN_ENDING] = 1 << EIO__CONN_LINGERING |
			1 << EIO__CONN_GONE,
		[EIO__CONN_LINGERING] = 1 << EIO__CONN_GONE,
		[EIO__CONN_GONE] = 0,
	};

	assert(allowed[conn->state] & 1 << to);
	conn->state = (unsigned char)to;
}

static void on_free(struct eio__task *task)
{
	struct eio__conn *conn = conn_of(task, task);

	eio__strbuf_clear(&conn->out);
	eio__http1_free(conn->h1);
	eio__http2_free(conn->h2);
	free(conn);
}

/* The last step: nobody can reach it any more after this turn. */
static void conn_gone(struct eio__conn *conn, const char *why)
{
	struct eio__http *http = conn->http;

	conn_move(conn, EIO__CONN_GONE);
	conn->nc = NULL;
	eio__loop_cancel(http->loop, &conn->timer);
	eio__list_del(&conn->link);
	http->count--;
	/* Before anybody is told, who may free the server: what it frees of
	 * the connection needs that still. */
	eio__task_cancel(&conn->task);
	eio__task_init(&conn->task, on_free);
	eio__loop_defer(http->loop, EIO__FREE, &conn->task);
	if (conn->ws)
		eio__ws_gone(conn, why);
	if (conn->h1)
		eio__http1_gone(conn, why);
	if (conn->h2)
		eio__http2_gone(conn, why);
	if (!http->count && http->on_idle)
		http->on_idle(http->idle_user);
}

void eio__conn_abort(struct eio__conn *conn, const char *why)
{
	if (conn->state == EIO__CONN_GONE)
		return;
	eio__net_close(conn->nc);
	conn_gone(conn, why);
}

/* RFC 9112 section 9.6: closing at once with unread input would make the
 * kernel send a reset, which may destroy the answer on its way. */
static void linger(struct eio__conn *conn)
{
	conn_move(conn, EIO__CONN_LINGERING);
	eio__net_shutdown(conn->nc);
	eio__net_read(conn->nc, true);
	eio__conn_limit(conn, EIO__LIMIT_LINGER, LINGER_TIME);
}

void eio__conn_end(struct eio__conn *conn)
{
	if (conn->state != EIO__CONN_OPEN)
		return;
	conn_move(conn, EIO__CONN_ENDING);
	eio__conn_dirty(conn);
}

/* Counts what the network answered; true when more may be written. */
static bool may_go_on(struct eio__conn *conn, int result)
{
	if (result == 0)
		return true;
	conn->full = true;
	eio__conn_limit(conn, EIO__LIMIT_WRITE,
		conn->http->limits.write_timeout);
	return false;
}

/* What has left makes room for what follows: of a stream there may never be a
 * moment when all has left. */
static void trim(struct eio__conn *conn)
{
	struct eio__strbuf *out = &conn->out;

	if (conn->out_off < WRITE_MAX)
		return;
	out->len -= conn->out_off;
	memmove(out->data, out->data + conn->out_off, out->len);
	conn->out_off = 0;
}

static bool write_out(struct eio__conn *conn)
{
	struct eio__strbuf *out = &conn->out;
	size_t n;
	int result;

	while (conn->out_off < out->len) {
		n = out->len - conn->out_off;
		if (n > WRITE_MAX)
			n = WRITE_MAX;
		result = eio__net_write(conn->nc, out->data + conn->out_off, n);
		if (result >= 0)
			conn->out_off += (uint32_t)n;
		if (result != 0 || conn->out_off >= OFF_MAX)
			trim(conn);
		if (!may_go_on(conn, result))
			return false;
	}
	eio__strbuf_give_back(out, &conn->http->spare, SPARE_MAX);
	conn->out_off = 0;
	return true;
}

/* What the streams have to say is fetched as it can be written; and what is told
 * of that may make more of it, so that others have their turn in between. */
static bool write_streams(struct eio__conn *conn)
{
	unsigned left = FETCHES_MAX;

	while (eio__http2_output(conn)) {
		if (!write_out(conn))
			return false;
		if (!--left) {
			eio__conn_dirty(conn);
			return false;
		}
	}
	return conn->state <= EIO__CONN_ENDING && !conn->out.error;
}

static bool write_all(struct eio__conn *conn)
{
	bool written = write_out(conn);

	if (conn->h1)
		eio__http1_left(conn);
	if (!written || conn->state > EIO__CONN_ENDING)
		return false;
	return conn->h2 ? write_streams(conn) : eio__http1_write_file(conn);
}

/* Nothing waits any more. */
static void all_written(struct eio__conn *conn)
{
	if (conn->state == EIO__CONN_ENDING) {
		linger(conn);
		return;
	}
	if (conn->limit == EIO__LIMIT_WRITE)
		eio__conn_limit(conn, EIO__LIMIT_NONE, 0);
	if (conn->h1)
		eio__http1_written(conn);
	else if (conn->h2)
		eio__http2_written(conn);
}

static void on_write(struct eio__task *task)
{
	struct eio__conn *conn = conn_of(task, task);

	if (conn->state > EIO__CONN_ENDING)
		return;
	if (conn->ws && conn->state == EIO__CONN_OPEN && conn->out.len &&
		!conn->full)
		eio__ws_join(conn);
	if (conn->out.error) {
		eio__conn_abort(conn,
			conn->out.error == ENGINEIO_ERR_FULL ? "queue full"
							     : "out of memory");
		return;
	}
	if (conn->full || conn->state > EIO__CONN_ENDING)
		return;
	if (!write_all(conn))
		return;
	if (conn->ws && conn->state == EIO__CONN_OPEN)
		eio__ws_output(conn);
	if (!eio__conn_has_output(conn) && !conn->full &&
		conn->state <= EIO__CONN_ENDING)
		all_written(conn);
}

bool eio__conn_may_write(struct eio__conn *conn, int result)
{
	return may_go_on(conn, result);
}

static void speak_http2(struct eio__conn *conn)
{
	conn->h2 = eio__http2_new(conn);
	if (!conn->h2) {
		eio__conn_abort(conn, "out of memory");
		return;
	}
	eio__http1_free(conn->h1);
	conn->h1 = NULL;
	eio__conn_dirty(conn);
}

/* Who has sent nothing at all is as silent as on a plain port, where browsers
 * open connections ahead, too. */
static void await_ready(struct eio__conn *conn)
{
	const struct eio__http_limits *limits = &conn->http->limits;

	if (eio__net_awaits_choice(conn->nc))
		eio__conn_limit(conn, EIO__LIMIT_HEAD, limits->header_timeout);
	else
		eio__conn_limit(conn, EIO__LIMIT_READY, limits->tls_timeout);
}

static void on_step(struct eio__stream *s)
{
	struct eio__conn *conn = conn_of(s, stream);

	if (conn->state == EIO__CONN_OPEN)
		await_ready(conn);
}

static void on_ready(struct eio__stream *s)
{
	struct eio__conn *conn = conn_of(s, stream);
	const struct eio__tls *tls = eio__net_tls(conn->nc);

	if (conn->state != EIO__CONN_OPEN)
		return;
	eio__conn_limit(conn, EIO__LIMIT_HEAD,
		conn->http->limits.header_timeout);
	if (tls && strcmp(eio__tls_protocol(tls), "h2") == 0)
		speak_http2(conn);
}

/* Without TLS there is nothing that says what is spoken but the first
 * bytes. */
static void look_at_first(struct eio__conn *conn, const char *data, size_t len)
{
	conn->spoken = true;
	if (conn->http->limits.http2 == ENGINEIO_HTTP2_PLAIN &&
		!eio__net_tls(conn->nc) && eio__http2_is_preface(data, len))
		speak_http2(conn);
}

static void on_bytes(struct eio__stream *s, char *data, size_t len)
{
	struct eio__conn *conn = conn_of(s, stream);
	eio_loop *loop = conn->http->loop; /* the server may be freed here */

	if (!conn->spoken && conn->state == EIO__CONN_OPEN)
		look_at_first(conn, data, len);
	if (conn->state != EIO__CONN_OPEN)
		return;
	if (conn->ws)
		eio__ws_input(conn, data, len);
	else if (conn->h2)
		eio__http2_input(conn, data, len);
	else
		eio__http1_input(conn, data, len);
	eio__loop_answer(loop, &conn->task);
}

static void on_writable(struct eio__stream *s)
{
	struct eio__conn *conn = conn_of(s, stream);

	conn->full = false;
	if (conn->limit == EIO__LIMIT_WRITE)
		eio__conn_limit(conn, EIO__LIMIT_WRITE,
			conn->http->limits.write_timeout);
	eio__conn_dirty(conn);
}

/* It failed below HTTP. */
static void count_failure(struct eio__conn *conn, const char *why)
{
	const struct eio__tls *tls = eio__net_tls(conn->nc);
	bool flooded = tls && eio__tls_is_flooded(tls);
	struct eio__net_addr peer;

	eio__net_peer(conn->nc, &peer);
	eio__http_count(conn->http,
		flooded ? ENGINEIO_COUNT_MAX_TLS_ANSWERS
			: ENGINEIO_COUNT_BAD_TLS,
		ENGINEIO_LOG_WARN, "http: connection of %s closed: %s%s",
		peer.text, why, flooded ? " (MAX_TLS_ANSWERS)" : "");
}

static void on_gone(struct eio__stream *s, int why)
{
	struct eio__conn *conn = conn_of(s, stream);
	const char *text = eio__net_why(conn->nc);

	if (*text) {
		count_failure(conn, text);
		conn_gone(conn, text);
		return;
	}
	/* Its handle is dead when this returns; the peer that only closed its
	 * sending half is given up as well, as Node does by default, when it
	 * has been sent what it was answered. */
	conn_gone(conn, why ? "connection reset" : "connection closed");
}

static void give_up_reader(struct eio__conn *conn)
{
	eio__http_count(conn->http, ENGINEIO_COUNT_WRITE_TIMEOUT,
		ENGINEIO_LOG_WARN,
		"http: connection closed: its peer does not read "
		"(WRITE_TIMEOUT)");
	conn->stalled = true;
	eio__conn_abort(conn, "peer does not read");
}

static void never_ready(struct eio__conn *conn)
{
	eio__http_count(conn->http, ENGINEIO_COUNT_TLS_TIMEOUT,
		ENGINEIO_LOG_WARN,
		"http: connection closed: no %s in time (TLS_TIMEOUT)",
		eio__net_awaits(conn->nc));
	eio__conn_abort(conn, "not ready in time");
}

void eio__conn_count_silence(struct eio__conn *conn, enum eio__limit limit)
{
	if (limit == EIO__LIMIT_HEAD)
		eio__http_count(conn->http, ENGINEIO_COUNT_HEADER_TIMEOUT,
			ENGINEIO_LOG_INFO,
			"http: connection closed: nothing came on it "
			"(HEADER_TIMEOUT)");
	else
		eio__http_count(conn->http, ENGINEIO_COUNT_KEEP_ALIVE_TIMEOUT,
			ENGINEIO_LOG_DEBUG,
			"http: idle connection closed (KEEP_ALIVE_TIMEOUT)");
}

static void on_timeout(struct eio__timer *timer)
{
	struct eio__conn *conn = conn_of(timer, timer);
	unsigned char limit = conn->limit;
	uint64_t now = eio_loop_now(conn->http->loop);

	if (now < conn->deadline) {
		if (conn->deadline != NEVER)
			eio__loop_start(conn->http->loop, timer,
				conn->deadline - now);
		return;
	}
	conn->limit = EIO__LIMIT_NONE;
	if (limit == EIO__LIMIT_READY)
		never_ready(conn);
	else if (limit == EIO__LIMIT_LINGER)
		eio__conn_abort(conn, "lingered long enough");
	else if (limit == EIO__LIMIT_WRITE)
		give_up_reader(conn);
	else if (conn->h2)
		eio__http2_timeout(conn, limit);
	else if (conn->h1 && !conn->ws)
		eio__http1_timeout(conn, limit);
}

/* The timer only ever moves to something earlier. When it rings and the limit
 * has been put off or lifted meanwhile, it is set anew or not at all: that is
 * once per limit, in place of several times per request. */
void eio__conn_limit(struct eio__conn *conn, enum eio__limit limit, unsigned ms)
{
	/* As long as the peer takes nothing, that is what it has to do
	 * first. */
	if (conn->full && limit < EIO__LIMIT_WRITE)
		return;
	conn->limit = (unsigned char)limit;
	conn->deadline = NEVER;
	if (limit == EIO__LIMIT_NONE || !ms)
		return;
	conn->deadline = eio_loop_now(conn->http->loop) + ms;
	if (!eio__timer_active(&conn->timer) || conn->timer.at > conn->deadline)
		eio__loop_start(conn->http->loop, &conn->timer, ms);
}

struct eio__strbuf *eio__conn_out(struct eio__conn *conn)
{
	eio__strbuf_borrow(&conn->out, &conn->http->spare);
	return &conn->out;
}

void eio__conn_write_now(struct eio__conn *conn)
{
	if (conn->state != EIO__CONN_OPEN || conn->full ||
		eio__http1_has_file(conn) || conn->out.error ||
		!write_out(conn))
		eio__conn_dirty(conn);
}

void eio__conn_flush(struct eio__conn *conn)
{
	eio__task_cancel(&conn->task);
	on_write(&conn->task);
}

void eio__conn_dirty(struct eio__conn *conn)
{
	if (conn->state <= EIO__CONN_ENDING)
		eio__loop_defer(conn->http->loop, EIO__WRITE, &conn->task);
}

bool eio__conn_has_output(const struct eio__conn *conn)
{
	return conn->out.len || eio__http1_has_file(conn);
}

size_t eio__conn_waiting(const struct eio__conn *conn)
{
	return conn->out.len - conn->out_off;
}

struct eio__conn *eio__conn_new(struct eio__http *http,
	struct eio__net_conn *nc, bool later)
{
	static const struct eio__stream_ops ops = {
		.on_ready = on_ready,
		.on_step = on_step,
		.on_bytes = on_bytes,
		.on_writable = on_writable,
		.on_gone = on_gone,
	};
	struct eio__conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	conn->stream.ops = &ops;
	conn->nc = nc;
	conn->http = http;
	eio__task_init(&conn->task, on_write);
	eio__timer_init(&conn->timer, on_timeout);
	eio__strbuf_init(&conn->out, 0);
	conn->h1 = eio__http1_new(conn);
	if (!conn->h1) {
		free(conn);
		return NULL;
	}
	eio__net_ahead(nc, EIO__AHEAD_SPEAKER, conn->h1);
	eio__list_add_tail(&http->conns, &conn->link);
	http->count++;
	if (later)
		await_ready(conn);
	else
		eio__conn_limit(conn, EIO__LIMIT_HEAD,
			http->limits.header_timeout);
	return conn;
}
