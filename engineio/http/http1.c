/* SPDX-License-Identifier: MIT */
/*
 * http1.c: HTTP/1.1 requests on a connection, with llhttp or its
 * predecessor http_parser.
 *
 * One request at a time: the next one is parsed when the current one is
 * complete and answered; what comes meanwhile waits, and when that is too
 * much the connection is not read. The parser stops behind the head, where
 * the handlers are asked, and behind the body.
 *
 * Always true: a request has exactly one framing (RFC 9112 section 6), and
 * whatever is ambiguous is answered with 400 and ends the connection.
 * Parser callbacks only fill in; nothing of the outside is called in them.
 */
#include <config.h>

#include <engineio/http/http1.h>

#include <engineio/http/ws.h>

#ifdef HAVE_LLHTTP
#include <llhttp.h>
#else
#include <http_parser.h>
#endif

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Input that may wait behind a request without an answer. */
#define STASH_MAX 65536
/* A body that nobody wants is read up to here, to keep the connection. */
#define DISCARD_MAX 262144
/* A body's time limit starts anew for each of these. */
#define BODY_STEP 65536

#ifdef HAVE_LLHTTP
typedef llhttp_t parser_type;
typedef llhttp_settings_t parser_settings;
#else
typedef http_parser parser_type;
typedef http_parser_settings parser_settings;
#endif

enum where {
	AT_HEAD,   /* before or in a request's head */
	AT_BODY,   /* in its body, or in the trailer section */
	AT_ANSWER, /* complete, not answered yet */
};

enum stop {
	STOP_NONE,
	STOP_HEAD, /* the head is complete */
	STOP_END,  /* the whole request is complete */
};

struct eio__http1 {
	parser_type parser;
	struct eio__conn *conn;
	eio_request *req; /* the current one, with a reference */
	struct eio__strbuf stash;
	struct eio__task task; /* the stash goes on, phase WORK */
	size_t seen;           /* bytes of this head, or of this body */
	unsigned char where, stop;
	char last;     /* the last byte of the head so far */
	bool in_value; /* the last header piece was a value */
	bool busy;     /* inside eio__http1_input() */
	bool switched; /* something else speaks from now on */
	bool unread;   /* reading was stopped */
	int status;    /* what is wrong with the request, or 0 */
};

#define h1_of(parser) ((struct eio__http1 *)(parser)->data)

/* -- what the parser finds ----------------------------------------------- */

static int fail(struct eio__http1 *h1, int status)
{
	if (!h1->status)
		h1->status = status;
	return -1;
}

static int stop_at(parser_type *parser, enum stop stop)
{
	h1_of(parser)->stop = (unsigned char)stop;
#ifdef HAVE_LLHTTP
	return HPE_PAUSED;
#else
	http_parser_pause(parser, 1);
	return 0;
#endif
}

static int on_begin(parser_type *parser)
{
	struct eio__http1 *h1 = h1_of(parser);

	h1->in_value = true;
	h1->where = AT_HEAD;
	h1->seen = 0;
	h1->req = eio__request_new(h1->conn);
	return h1->req ? 0 : fail(h1, 500);
}

static int add_head(struct eio__http1 *h1, const char *p, size_t n, int status)
{
	int err = eio__strbuf_add(&h1->req->head, p, n);

	if (err == ENGINEIO_ERR_NOMEM)
		return fail(h1, 500);
	return err ? fail(h1, status) : 0;
}

static int on_url(parser_type *parser, const char *p, size_t n)
{
	struct eio__http1 *h1 = h1_of(parser);

	if (h1->req->head.len + n > h1->conn->http->limits.max_target)
		return fail(h1, 414);
	return add_head(h1, p, n, 414);
}

static int begin_header(struct eio__http1 *h1)
{
	eio_request *req = h1->req;

	if (req->count >= h1->conn->http->limits.max_headers)
		return fail(h1, 431);
	if (eio__request_add_header(req))
		return fail(h1, 500);
	req->headers[req->count - 1].name = (uint32_t)req->head.len;
	return 0;
}

static int on_field(parser_type *parser, const char *p, size_t n)
{
	struct eio__http1 *h1 = h1_of(parser);

	if (h1->where != AT_HEAD)
		return 0; /* the trailer section is not looked at */
	if (h1->in_value) {
		h1->in_value = false;
		/* Ends the target or the value before it. */
		if (add_head(h1, "", 1, 431) || begin_header(h1))
			return -1;
	}
	return add_head(h1, p, n, 431);
}

static int on_value(parser_type *parser, const char *p, size_t n)
{
	struct eio__http1 *h1 = h1_of(parser);
	eio_request *req = h1->req;

	if (h1->where != AT_HEAD)
		return 0;
	if (!h1->in_value) {
		h1->in_value = true;
		if (add_head(h1, "", 1, 431))
			return -1;
		req->headers[req->count - 1].value = (uint32_t)req->head.len;
	}
	return add_head(h1, p, n, 431);
}

static int on_head(parser_type *parser)
{
	struct eio__http1 *h1 = h1_of(parser);

	if (add_head(h1, "", 1, 431))
		return -1;
	return stop_at(parser, STOP_HEAD);
}

static int on_body(parser_type *parser, const char *p, size_t n)
{
	struct eio__http1 *h1 = h1_of(parser);
	eio_request *req = h1->req;
	size_t before = h1->seen;

	h1->seen += n;
	if (before / BODY_STEP != h1->seen / BODY_STEP)
		eio__conn_limit(h1->conn, EIO__LIMIT_BODY,
			h1->conn->http->limits.body_timeout);
	if (req->answered || h1->status)
		return 0;
	if (h1->seen > req->max_body) {
		h1->status = 413;
		return 0;
	}
	/* A body in one piece of input is not copied; the cast is sound, as
	 * input is given to us to be changed. */
	if (!before && !req->chunked && n == req->length) {
		req->whole = (char *)(uintptr_t)p;
		req->whole_len = n;
		return 0;
	}
	if (eio__strbuf_add(&req->body, p, n))
		h1->status = 500;
	return 0;
}

static int on_end(parser_type *parser)
{
	return stop_at(parser, STOP_END);
}

static const parser_settings settings = {
	.on_message_begin = on_begin,
	.on_url = on_url,
	.on_header_field = on_field,
	.on_header_value = on_value,
	.on_headers_complete = on_head,
	.on_body = on_body,
	.on_message_complete = on_end,
};

/* -- the parser's two names ---------------------------------------------- */

static void parser_init(struct eio__http1 *h1)
{
#ifdef HAVE_LLHTTP
	llhttp_init(&h1->parser, HTTP_REQUEST, &settings);
#else
	http_parser_init(&h1->parser, HTTP_REQUEST);
#endif
	h1->parser.data = h1;
}

/* Parses; returns how much was taken, and in *bad whether it was no HTTP. */
static size_t parser_run(struct eio__http1 *h1, const char *data, size_t len,
	bool *bad)
{
#ifdef HAVE_LLHTTP
	enum llhttp_errno err = llhttp_execute(&h1->parser, data, len);
	const char *at = llhttp_get_error_pos(&h1->parser);

	*bad = err != HPE_OK && err != HPE_PAUSED && err != HPE_PAUSED_UPGRADE;
	if (err == HPE_PAUSED)
		llhttp_resume(&h1->parser);
	if (err == HPE_PAUSED_UPGRADE)
		llhttp_resume_after_upgrade(&h1->parser);
	return err == HPE_OK || !at ? len : (size_t)(at - data);
#else
	size_t n = http_parser_execute(&h1->parser, &settings, data, len);
	enum http_errno err = HTTP_PARSER_ERRNO(&h1->parser);

	*bad = err != HPE_OK && err != HPE_PAUSED;
	if (err == HPE_PAUSED)
		http_parser_pause(&h1->parser, 0);
	return n;
#endif
}

/* Stopped behind the head, http_parser has not taken the head's last byte
 * yet; without going on, it never does. */
static size_t parser_head_rest(void)
{
#ifdef HAVE_LLHTTP
	return 0;
#else
	return 1;
#endif
}

static bool parser_keeps_alive(const struct eio__http1 *h1)
{
#ifdef HAVE_LLHTTP
	return llhttp_should_keep_alive(&h1->parser);
#else
	return http_should_keep_alive(&h1->parser);
#endif
}

static const char *parser_method(const struct eio__http1 *h1)
{
#ifdef HAVE_LLHTTP
	return llhttp_method_name((llhttp_method_t)h1->parser.method);
#else
	return http_method_str((enum http_method)h1->parser.method);
#endif
}

/* -- what makes a request acceptable ------------------------------------- */

static bool read_length(const char *s, uint64_t *length)
{
	size_t n = strspn(s, "0123456789");

	if (!n || n > 18 || s[n])
		return false;
	*length = strtoull(s, NULL, 10);
	return true;
}

/* RFC 9112 section 6: one framing, without room for interpretation. */
static bool framing_ok(eio_request *req)
{
	const char *te = eio_request_header(req, "transfer-encoding");
	const char *length = eio_request_header(req, "content-length");

	if (eio__request_header_count(req, "content-length") > 1 ||
		eio__request_header_count(req, "transfer-encoding") > 1)
		return false;
	if (te && (length || !req->http11 || strcasecmp(te, "chunked") != 0))
		return false;
	return !length || read_length(length, &req->length);
}

/* RFC 9112 section 3.2: exactly one Host in HTTP/1.1, none or one before. */
static bool host_ok(const eio_request *req)
{
	unsigned n = eio__request_header_count(req, "host");

	return n == 1 || (n == 0 && !req->http11);
}

static void fill_in(struct eio__http1 *h1, eio_request *req)
{
	const char *expect;

	req->method = parser_method(h1);
	req->http11 = h1->parser.http_minor >= 1;
	req->keep_alive = parser_keeps_alive(h1);
	req->upgrade = h1->parser.upgrade &&
		strcmp(req->method, "CONNECT") != 0;
	expect = eio_request_header(req, "expect");
	req->expects = expect && req->http11 &&
		strcasecmp(expect, "100-continue") == 0;
	req->chunked = eio_request_header(req, "transfer-encoding") != NULL;
}

static int check_head(struct eio__http1 *h1)
{
	eio_request *req = h1->req;

	if (h1->parser.http_major != 1 || h1->parser.http_minor > 1)
		return 505;
	if (!eio__request_seal(req))
		return 400;
	fill_in(h1, req);
	if (!framing_ok(req) || !host_ok(req))
		return 400;
	if (strcmp(req->method, "CONNECT") == 0)
		return 405;
	if (eio_request_header(req, "expect") && !req->expects)
		return 417;
	/* A body behind it could be taken for frames, or frames for it. */
	if (req->chunked || req->length)
		req->upgrade = false;
	return 0;
}

/* -- steps --------------------------------------------------------------- */

static void drop_request(struct eio__http1 *h1)
{
	eio_request *req = h1->req;

	h1->req = NULL;
	if (req)
		eio_request_unref(req);
}

/* The request cannot be served: its status, and the connection's end. */
static void refuse(struct eio__http1 *h1, int status)
{
	struct eio__conn *conn = h1->conn;
	eio_request *req = h1->req;

	eio__http_log(conn->http, ENGINEIO_LOG_WARN,
		"http: bad request answered with %d", status);
	if (req && !req->answered && req->taker)
		eio__request_refuse(req, status);
	else if (!req || !req->answered)
		eio__reply_error(conn, status);
	eio__conn_end(conn);
}

/* The current request is complete and answered: on to the next. */
static void next_request(struct eio__http1 *h1)
{
	struct eio__conn *conn = h1->conn;
	bool keep = h1->req->keep_alive && !conn->http->closing;

	drop_request(h1);
	h1->where = AT_HEAD;
	h1->seen = 0;
	h1->last = 0;
	if (!keep)
		eio__conn_end(conn);
	else
		eio__conn_limit(conn, EIO__LIMIT_KEEP_ALIVE,
			conn->http->limits.keep_alive_timeout);
}

static void head_complete(struct eio__http1 *h1)
{
	struct eio__conn *conn = h1->conn;
	eio_request *req = h1->req;
	int status = check_head(h1);

	if (status) {
		refuse(h1, status);
		return;
	}
	h1->where = AT_BODY;
	h1->seen = 0;
	eio__conn_limit(conn, EIO__LIMIT_BODY, conn->http->limits.body_timeout);
	eio__request_dispatch(req);
	if (h1->req != req || conn->state != EIO__CONN_OPEN)
		return;
	/* Whoever did not accept the upgrade left an ordinary request. */
	h1->parser.upgrade = 0;
	if (req->expects && !req->answered && (req->chunked || req->length)) {
		eio__strbuf_adds(eio__conn_out(conn),
			"HTTP/1.1 100 Continue\r\n\r\n");
		eio__conn_dirty(conn);
	}
}

static void request_complete(struct eio__http1 *h1)
{
	eio_request *req = h1->req;

	req->complete = true;
	if (req->answered) {
		next_request(h1);
		return;
	}
	h1->where = AT_ANSWER;
	eio__conn_limit(h1->conn, EIO__LIMIT_NONE, 0);
	eio__request_body_done(req);
	if (h1->where == AT_ANSWER && req->answered && !h1->switched &&
		h1->req == req)
		next_request(h1);
}

static bool can_parse(const struct eio__http1 *h1)
{
	/* A file that is being sent is the body of the last answer. */
	return h1->conn->state == EIO__CONN_OPEN && !h1->switched &&
		h1->where != AT_ANSWER && !h1->conn->file;
}

/* RFC 9110 section 5.5, and what Node's parser refuses. */
static bool is_control(char c)
{
	if (c == '\t' || c == '\r' || c == '\n')
		return false;
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* RFC 9112 sections 2.2 and 5.2: lines end in CR LF, and a line that begins
 * with a blank continues none. The parser is more generous, and what it
 * reads otherwise than a proxy before us is a way to smuggle. */
static bool lines_ok(struct eio__http1 *h1, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (is_control(p[i]))
			return false;
		if (p[i] == '\n' && h1->last != '\r')
			return false;
		if (h1->last == '\n' && (p[i] == ' ' || p[i] == '\t'))
			return false;
		h1->last = p[i];
	}
	return true;
}

/* Parses up to the next place where something has to be done. */
static size_t step(struct eio__http1 *h1, char *data, size_t len)
{
	size_t n;
	bool bad, in_head;

	if (!h1->req && h1->conn->limit == EIO__LIMIT_KEEP_ALIVE)
		eio__conn_limit(h1->conn, EIO__LIMIT_HEAD,
			h1->conn->http->limits.header_timeout);
	h1->stop = STOP_NONE;
	in_head = h1->where == AT_HEAD;
	n = parser_run(h1, data, len, &bad);
	if (in_head && !lines_ok(h1, data, n))
		bad = true;
	if (h1->where == AT_BODY && n)
		eio__request_progress(h1->req);
	if (h1->status || bad)
		refuse(h1, h1->status ? h1->status : 400);
	else if (h1->where == AT_BODY && h1->req->answered &&
		h1->seen > DISCARD_MAX)
		eio__conn_end(h1->conn);
	else if (h1->stop == STOP_HEAD)
		head_complete(h1);
	else if (h1->stop == STOP_END)
		request_complete(h1);
	if (h1->switched && h1->stop == STOP_HEAD)
		n += parser_head_rest();
	return n;
}

static void keep_rest(struct eio__http1 *h1, const char *data, size_t len)
{
	if (eio__strbuf_add(&h1->stash, data, len)) {
		eio__conn_abort(h1->conn, "out of memory");
		return;
	}
	if (h1->stash.len > STASH_MAX && !h1->unread) {
		h1->unread = true;
		eio__net_read(h1->conn->nc, false);
	}
}

/* The connection belongs to the WebSocket, this parser is done with. */
static void hand_over(struct eio__http1 *h1, char *data, size_t len)
{
	struct eio__conn *conn = h1->conn;

	conn->h1 = NULL;
	if (h1->unread)
		eio__net_read(conn->nc, true);
	if (len && conn->state == EIO__CONN_OPEN && conn->ws)
		eio__ws_input(conn, data, len);
	eio__http1_free(h1);
}

static void run(struct eio__http1 *h1, char *data, size_t len)
{
	size_t n;

	h1->busy = true;
	while (len && can_parse(h1)) {
		n = step(h1, data, len);
		data += n;
		len -= n;
	}
	h1->busy = false;
	if (h1->conn->state != EIO__CONN_OPEN && !h1->switched)
		return;
	if (h1->switched)
		hand_over(h1, data, len);
	else if (len)
		keep_rest(h1, data, len);
}

void eio__http1_input(struct eio__conn *conn, char *data, size_t len)
{
	struct eio__http1 *h1 = conn->h1;

	if (h1->stash.len || !eio__list_empty(&h1->task.link))
		keep_rest(h1, data, len);
	else
		run(h1, data, len);
}

static void on_stash(struct eio__task *task)
{
	struct eio__http1 *h1 = eio__list_entry(task, struct eio__http1, task);
	struct eio__strbuf stash = h1->stash;

	eio__strbuf_init(&h1->stash, 0);
	if (h1->conn->state == EIO__CONN_GONE) {
		eio__strbuf_clear(&stash);
		return;
	}
	if (h1->unread) {
		h1->unread = false;
		eio__net_read(h1->conn->nc, true);
	}
	run(h1, stash.data, stash.len);
	eio__strbuf_clear(&stash);
}

void eio__http1_answered(struct eio__conn *conn)
{
	struct eio__http1 *h1 = conn->h1;

	if (h1->busy || h1->where != AT_ANSWER)
		return;
	next_request(h1);
	if (h1->stash.len && conn->state == EIO__CONN_OPEN)
		eio__loop_defer(conn->http->loop, EIO__WORK, &h1->task);
}

void eio__http1_switch(struct eio__conn *conn)
{
	struct eio__http1 *h1 = conn->h1;

	h1->switched = true;
	drop_request(h1);
	eio__conn_limit(conn, EIO__LIMIT_NONE, 0);
	if (!h1->busy)
		eio__loop_defer(conn->http->loop, EIO__WORK, &h1->task);
}

void eio__http1_written(struct eio__conn *conn)
{
	struct eio__http1 *h1 = conn->h1;

	if (h1->stash.len && can_parse(h1))
		eio__loop_defer(conn->http->loop, EIO__WORK, &h1->task);
	if (conn->limit != EIO__LIMIT_NONE)
		return;
	if (!h1->req)
		eio__conn_limit(conn, EIO__LIMIT_KEEP_ALIVE,
			conn->http->limits.keep_alive_timeout);
	else if (h1->where == AT_HEAD)
		eio__conn_limit(conn, EIO__LIMIT_HEAD,
			conn->http->limits.header_timeout);
	else if (h1->where == AT_BODY)
		eio__conn_limit(conn, EIO__LIMIT_BODY,
			conn->http->limits.body_timeout);
}

void eio__http1_timeout(struct eio__conn *conn, enum eio__limit limit)
{
	/* A silent connection is closed silently, an unfinished request gets
	 * its 408 (RFC 9110 section 15.5.9). */
	if (conn->h1->req && limit != EIO__LIMIT_KEEP_ALIVE)
		refuse(conn->h1, 408);
	else
		eio__conn_end(conn);
}

void eio__http1_gone(struct eio__conn *conn, const char *why)
{
	struct eio__http1 *h1 = conn->h1;
	eio_request *req = h1->req;

	eio__task_cancel(&h1->task);
	if (!req)
		return;
	h1->req = NULL;
	eio__request_gone(req, why);
	eio_request_unref(req);
}

bool eio__http1_is_idle(const struct eio__conn *conn)
{
	return conn->h1 && !conn->h1->req && !conn->h1->stash.len;
}

struct eio__http1 *eio__http1_new(struct eio__conn *conn)
{
	struct eio__http1 *h1 = calloc(1, sizeof(*h1));

	if (!h1)
		return NULL;
	h1->conn = conn;
	eio__strbuf_init(&h1->stash, 0);
	eio__task_init(&h1->task, on_stash);
	parser_init(h1);
	return h1;
}

void eio__http1_free(struct eio__http1 *h1)
{
	if (!h1)
		return;
	eio__task_cancel(&h1->task);
	drop_request(h1);
	eio__strbuf_clear(&h1->stash);
	free(h1);
}
