/* SPDX-License-Identifier: MIT */
/*
 * http2_room.c: how much may wait on one connection, whatever the number of its
 * streams: answers for a client that does not read, bodies for whoever answers
 * them.
 *
 * There is always room for one more, as long as less than HTTP2_BYTES waits;
 * then new requests wait for their turn, and what is told when there is room
 * again waits where it is. Always true: what a connection has told its client to
 * send it can keep; of a body that may not be handled yet the connection's
 * window is not given back.
 */
#include <config.h>

#include <engineio/http/http2_state.h>

/* Of bodies that are not complete yet a connection has about this much; then
 * only the oldest of them goes on. */
#define GATHERED_MAX 1048576
/* What each stream may have waiting, whatever waits for others: an answer that
 * says no is not much shorter. */
#define OWN_MAX 16384

#define stream_of(pos) eio__list_entry(pos, struct eio__http2_stream, link)

static size_t limit_of(const struct eio__http2 *h2)
{
	return h2->conn->http->limits.http2_bytes;
}

static bool is_full(const struct eio__http2 *h2)
{
	return h2->waiting + h2->kept >= limit_of(h2);
}

/* -- who waits ----------------------------------------------------------- */

static struct eio__http2_stream *find_waiting(const struct eio__http2 *h2)
{
	const struct eio__list *pos;

	eio__list_for_each(pos, &h2->streams)
		if (stream_of(pos)->where == EIO__HTTP2_AT_TURN)
			return stream_of(pos);
	return NULL;
}

static void tell_takers(const struct eio__http2 *h2)
{
	const struct eio__list *pos;
	eio_request *req;

	eio__list_for_each(pos, &h2->streams) {
		req = stream_of(pos)->req;
		if (req && req->taker && req->taker->on_room)
			req->taker->on_room(req);
	}
}

/* What was asked first is answered first. */
static void on_room(struct eio__task *task)
{
	struct eio__http2 *h2 = eio__list_entry(task, struct eio__http2, room);
	struct eio__http2_stream *s;

	if (h2->stopped || h2->conn->state != EIO__CONN_OPEN)
		return;
	tell_takers(h2);
	for (s = find_waiting(h2); s && !is_full(h2); s = find_waiting(h2))
		eio__http2_stream_begin(s);
}

void eio__http2_room_init(struct eio__http2 *h2)
{
	eio__task_init(&h2->room, on_room);
}

static void look_for_room(struct eio__http2 *h2, bool was_full)
{
	if (was_full && h2->waiting < limit_of(h2))
		eio__loop_defer(h2->conn->http->loop, EIO__WORK, &h2->room);
}

/* -- answers ------------------------------------------------------------- */

bool eio__http2_may_begin(struct eio__http2_stream *s)
{
	if (!is_full(s->h2))
		return true;
	s->where = EIO__HTTP2_AT_TURN;
	eio__http_count(s->h2->conn->http, ENGINEIO_COUNT_HTTP2_BYTES,
		ENGINEIO_LOG_DEBUG,
		"http: request put off: too much waits on its connection "
		"(HTTP2_BYTES)");
	return false;
}

bool eio__http2_has_room(const struct eio__http2_stream *s, size_t len)
{
	return len <= OWN_MAX || s->h2->waiting < limit_of(s->h2);
}

void eio__http2_weigh(struct eio__http2_stream *s)
{
	size_t now = s->out.len - s->out_off;
	bool was_full = is_full(s->h2);

	s->h2->waiting += now - s->weighed;
	s->weighed = now;
	look_for_room(s->h2, was_full);
}

/* -- bodies -------------------------------------------------------------- */

/* Whether the client may send more of this body. */
static bool may_go_on(const struct eio__http2_stream *s)
{
	const struct eio__list *pos;
	const struct eio__http2_stream *other;

	if (s->refused || s->h2->kept >= limit_of(s->h2))
		return false;
	if (s->h2->gathered < GATHERED_MAX)
		return true;
	eio__list_for_each(pos, &s->h2->streams) {
		other = stream_of(pos);
		if (other->counted && !other->kept)
			return other == s;
	}
	return true;
}

void eio__http2_tell_read(struct eio__http2_stream *s)
{
	if (s->owed &&
		nghttp2_session_consume_stream(s->h2->session, s->id,
			s->owed) == NGHTTP2_ERR_NOMEM)
		eio__http2_fail(s->h2);
	s->owed = 0;
	eio__conn_dirty(s->h2->conn);
}

void eio__http2_read_on(struct eio__http2_stream *s)
{
	if (may_go_on(s))
		eio__http2_tell_read(s);
}

/* Less is gathered or kept: those that were told to wait may go on. */
static void let_go_on(struct eio__http2 *h2)
{
	struct eio__list *pos;
	struct eio__http2_stream *s;

	eio__list_for_each(pos, &h2->streams) {
		s = stream_of(pos);
		if (s->owed && s->where == EIO__HTTP2_AT_BODY)
			eio__http2_read_on(s);
	}
}

void eio__http2_count_body(struct eio__http2_stream *s, size_t len)
{
	s->counted += len;
	s->h2->gathered += len;
}

void eio__http2_keep_body(struct eio__http2_stream *s)
{
	if (!s->counted)
		return;
	s->kept = true;
	s->h2->gathered -= s->counted;
	s->h2->kept += s->counted;
	let_go_on(s->h2);
}

void eio__http2_uncount_body(struct eio__http2_stream *s)
{
	struct eio__http2 *h2 = s->h2;
	bool was_full = is_full(h2);

	if (!s->counted)
		return;
	*(s->kept ? &h2->kept : &h2->gathered) -= s->counted;
	s->counted = 0;
	s->kept = false;
	let_go_on(h2);
	look_for_room(h2, was_full);
}

bool eio__http2_is_held_back(const struct eio__http2_stream *s)
{
	nghttp2_session *session = s->h2->session;

	if (s->refused)
		return false;
	/* Otherwise half of a window is always given back. */
	return nghttp2_session_get_stream_local_window_size(session, s->id) <=
		0 ||
		nghttp2_session_get_local_window_size(session) <= 0;
}

/* -- bodies that come before their time ---------------------------------- */

bool eio__http2_hold(struct eio__http2_stream *s, const void *data, size_t len)
{
	s->owed += len;
	return !eio__strbuf_add(&s->held, data, len);
}

struct eio__strbuf eio__http2_unhold(struct eio__http2_stream *s)
{
	struct eio__strbuf held = s->held;

	eio__strbuf_init(&s->held, 0);
	if (held.len &&
		nghttp2_session_consume_connection(s->h2->session, held.len))
		eio__http2_fail(s->h2);
	return held;
}
