/* SPDX-License-Identifier: MIT */
/*
 * head.c: the head of an HTTP/1.1 request, read with llhttp or its
 * predecessor http_parser.
 *
 * The parser sees heads only: it is told that a request has no body, and
 * what the head says about the body is judged here. Debian's http_parser is
 * built without its strict checks, so what it lets through beyond RFC 9112
 * is refused here too. Always true: a request that is complete has exactly
 * one framing (RFC 9112 section 6), and nothing in it can be read in two
 * ways. Parser callbacks only fill in; nothing of the outside is called in
 * them.
 */
#include <config.h>

#include <engineio/http/head.h>

#include <engineio/base/word.h>
#include <engineio/http/draft.h>

#ifdef HAVE_LLHTTP
#include <llhttp.h>
#else
#include <http_parser.h>
#endif

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifdef HAVE_LLHTTP
typedef llhttp_t parser_type;
typedef llhttp_settings_t parser_settings;
#else
typedef http_parser parser_type;
typedef http_parser_settings parser_settings;
#if HTTP_PARSER_VERSION_MAJOR == 2 && HTTP_PARSER_VERSION_MINOR == 9 && \
	HTTP_PARSER_VERSION_PATCH >= 3
#define PARSER_JUDGES_FRAMING
#endif
#endif

struct eio__head {
	parser_type parser;
	struct eio__conn *conn;
	struct eio__exchange *exchange; /* of its requests */
	eio_request **req;
	size_t seen;           /* bytes, empty lines before the head included */
	unsigned char spaces;  /* in the request line */
	unsigned char version; /* bytes of its version that were right */
	int status;            /* what is wrong with the request, or 0 */
	char last;             /* the last byte */
	bool in_value;         /* the last header piece was a value */
	bool in_headers;       /* the request line is complete */
	bool complete;
};

#define head_of(p) ((struct eio__head *)(p)->data)

/* -- what the parser finds ----------------------------------------------- */

static int fail(struct eio__head *head, int status)
{
	if (!head->status)
		head->status = status;
	return -1;
}

static int on_begin(parser_type *parser)
{
	struct eio__head *head = head_of(parser);

	*head->req = eio__draft_new(head->conn, head->exchange);
	return *head->req ? 0 : fail(head, 500);
}

static int add(struct eio__head *head, const char *p, size_t n)
{
	int status = eio__draft_add(*head->req, p, n);

	return status ? fail(head, status) : 0;
}

static int on_url(parser_type *parser, const char *p, size_t n)
{
	struct eio__head *head = head_of(parser);

	if (eio__draft_len(*head->req) + n >
		head->conn->http->limits.max_target)
		return fail(head, 414);
	return add(head, p, n);
}

static int begin_header(struct eio__head *head)
{
	int status = eio__draft_begin_header(*head->req);

	return status ? fail(head, status) : 0;
}

static int on_field(parser_type *parser, const char *p, size_t n)
{
	struct eio__head *head = head_of(parser);

	if (head->in_value) {
		head->in_value = false;
		/* Ends the target or the value before it. */
		if (add(head, "", 1) || begin_header(head))
			return -1;
	}
	return add(head, p, n);
}

/* http_parser takes each name that begins with "Transfer-Encoding" for it, and
 * refuses a length beside it. What frames a body is judged here. */
static void forget_framing(parser_type *parser)
{
#ifdef PARSER_JUDGES_FRAMING
	parser->uses_transfer_encoding = 0;
#endif
}

static int on_value(parser_type *parser, const char *p, size_t n)
{
	struct eio__head *head = head_of(parser);

	forget_framing(parser);
	if (!head->in_value) {
		head->in_value = true;
		if (add(head, "", 1))
			return -1;
		eio__draft_begin_value(*head->req);
	}
	return add(head, p, n);
}

/* Both parsers take 2 for: no body, and what follows is not for you. */
static int on_complete(parser_type *parser)
{
	struct eio__head *head = head_of(parser);

	/* A name that nothing was said about has an empty value. */
	if ((!head->in_value && on_value(parser, "", 0)) || add(head, "", 1))
		return -1;
	head->complete = true;
	return 2;
}

static const parser_settings settings = {
	.on_message_begin = on_begin,
	.on_url = on_url,
	.on_header_field = on_field,
	.on_header_value = on_value,
	.on_headers_complete = on_complete,
};

/* -- the parser's two names ---------------------------------------------- */

/* llhttp ends at a version that it does not know as at any other nonsense.
 * Which versions there are is judged here, with an answer of its own: 505. */
static void parser_init(struct eio__head *head)
{
#ifdef HAVE_LLHTTP
	llhttp_init(&head->parser, HTTP_REQUEST, &settings);
#ifdef HAVE_LLHTTP_SET_LENIENT_VERSION
	llhttp_set_lenient_version(&head->parser, 1);
#endif
#else
	http_parser_init(&head->parser, HTTP_REQUEST);
#endif
	head->parser.data = head;
}

/* Parses; false if it was no HTTP. */
static bool parser_run(struct eio__head *head, const char *data, size_t len,
	size_t *taken)
{
#ifdef HAVE_LLHTTP
	enum llhttp_errno err = llhttp_execute(&head->parser, data, len);

	*taken = len;
	if (err == HPE_PAUSED_UPGRADE)
		*taken = (size_t)(llhttp_get_error_pos(&head->parser) - data);
	return err == HPE_OK || err == HPE_PAUSED_UPGRADE;
#else
	enum http_errno err;

	*taken = http_parser_execute(&head->parser, &settings, data, len);
	err = HTTP_PARSER_ERRNO(&head->parser);
	/* It has a limit of its own, the same for the whole process. */
	if (err == HPE_HEADER_OVERFLOW)
		fail(head, 431);
	return err == HPE_OK;
#endif
}

static const char *parser_method(const struct eio__head *head)
{
#ifdef HAVE_LLHTTP
	return llhttp_method_name((llhttp_method_t)head->parser.method);
#else
	return http_method_str((enum http_method)head->parser.method);
#endif
}

const char *eio__head_method(const char *name, size_t len)
{
	static const char *const methods[] = {
#define X(number, upper, text) #text,
		HTTP_METHOD_MAP(X)
#undef X
	};
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strlen(methods[i]) == len &&
			memcmp(methods[i], name, len) == 0)
			return methods[i];
	return NULL;
}

/* -- what makes a head acceptable ---------------------------------------- */

/* RFC 9110 section 5.5. http_parser looks over long values without checking
 * them. */
static bool is_control(char c)
{
	if (c == '\t' || c == '\r' || c == '\n')
		return false;
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* RFC 9112 section 3: one space between the parts of the request line, and
 * the letters of the version are checked, too. */
static bool request_line_ok(struct eio__head *head, char c)
{
	static const char version[] = "HTTP/";

	if (c == ' ')
		return ++head->spaces <= 2;
	if (head->spaces < 2 || !version[head->version])
		return true;
	return c == version[head->version++];
}

/* As much of the request line as is here. What method and target are made of
 * is the parser's business. */
static bool line_ok(struct eio__head *head, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && !head->in_headers; i++) {
		if (head->spaces < 2)
			i = eio__word_find_below(p, i, n, ' ' + 1);
		if (i == n)
			break;
		if (p[i] == '\n' && head->spaces)
			head->in_headers = true;
		else if (!request_line_ok(head, p[i]))
			return false;
	}
	return true;
}

/* RFC 9112 sections 2.2 and 5.2: CR and LF only together, and no line that
 * begins with a blank. What the parser reads otherwise than a proxy before
 * us is a way to smuggle. */
static bool pair_ok(char before, char c)
{
	return !is_control(c) && (before == '\r') == (c == '\n') &&
		!(before == '\n' && (c == ' ' || c == '\t'));
}

/* Only a pair with a control character in it can be wrong. */
static bool line_ends_ok(const char *p, size_t n, char *last)
{
	size_t i;

	if (!n)
		return true;
	if (!pair_ok(*last, p[0]))
		return false;
	for (i = eio__word_find_below(p, 0, n, ' '); i < n;
		i = eio__word_find_below(p, i + 1, n, ' '))
		if ((i && !pair_ok(p[i - 1], p[i])) ||
			(i + 1 < n && !pair_ok(p[i], p[i + 1])))
			return false;
	*last = p[n - 1];
	return true;
}

static bool lines_ok(struct eio__head *head, const char *p, size_t n)
{
	return line_ok(head, p, n) && line_ends_ok(p, n, &head->last);
}

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
	req->chunked = te != NULL;
	return !length || read_length(length, &req->length);
}

static bool is_host_byte(char c)
{
	char lower = (char)(c | 0x20);

	if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9'))
		return true;
	return c && strchr("-._~%!$&'()*+,;=:[]", c);
}

/* RFC 9112 section 3.2: exactly one Host in HTTP/1.1, none or one before;
 * a name or an address and maybe a port (RFC 3986 section 3.2). */
bool eio__head_host_ok(const eio_request *req)
{
	unsigned n = eio__request_header_count(req, "host");
	const char *host;

	if (n != 1)
		return n == 0 && !req->http11;
	host = eio_request_header(req, "host");
	while (is_host_byte(*host))
		host++;
	return !*host;
}

/* RFC 9112 section 3.2.4: "*" asks about the server as a whole. */
static bool asterisk_ok(const eio_request *req)
{
	const char *target = eio_request_target(req);

	return *target != '*' ||
		(!target[1] && eio__request_is(req, "OPTIONS"));
}

/* RFC 9112 section 9.3. */
static bool keeps_alive(const eio_request *req)
{
	return !eio__request_lists(req, "connection", "close") &&
		(req->http11 ||
			eio__request_lists(req, "connection", "keep-alive"));
}

/* A request to upgrade that has a body is an ordinary one, as for Node's
 * parser: else it would be unclear whose the bytes behind the head are. So
 * is one to anything but a WebSocket (RFC 9110 section 7.8: a server may
 * ignore the wish), which curl --http2 sends with every first request. */
static bool is_upgrade(const eio_request *req)
{
	return !req->chunked && !req->length &&
		eio__request_lists(req, "upgrade", "websocket") &&
		eio__request_lists(req, "connection", "upgrade");
}

/* RFC 9110 section 10.1.1: an expectation in HTTP/1.0 is none. */
static bool expectation_ok(eio_request *req)
{
	const char *expect = req->http11 ? eio_request_header(req, "expect")
					 : NULL;

	req->expects = expect && strcasecmp(expect, "100-continue") == 0;
	return !expect || req->expects;
}

/* What all heads have to be, whoever took them apart. */
static int accept(eio_request **place)
{
	eio_request *req;
	int status;

	if (eio__request_is(*place, "CONNECT"))
		return 501;
	status = eio__draft_seal(place);
	if (status)
		return status;
	req = *place;
	req->keep_alive = keeps_alive(req);
	if (!framing_ok(req) || !eio__head_host_ok(req) || !asterisk_ok(req))
		return 400;
	req->upgrade = is_upgrade(req);
	return expectation_ok(req) ? 0 : 417;
}

/* RFC 9110 section 5.5 allows a tab behind a length as behind any value, but
 * http_parser and llhttp before 9.4 do not. Here none is: where a body ends
 * must not depend on who reads, and no client sends it. */
static bool length_ok(const eio_request *req)
{
	const char *length = eio_request_header(req, "content-length");

	return !length || !strchr(length, '\t');
}

static int check(struct eio__head *head)
{
	eio_request *req = *head->req;

	if (head->parser.http_major != 1 || head->parser.http_minor > 1)
		return 505;
	req->method = parser_method(head);
	req->http11 = head->parser.http_minor == 1;
	if (!eio__request_is(req, "CONNECT") &&
		(!length_ok(req) || !eio__draft_tidy(req)))
		return 400;
	return accept(head->req);
}

/* -- from outside -------------------------------------------------------- */

int eio__head_take(struct eio__conn *conn, struct eio__exchange *x,
	eio_request **req, const char *data, size_t len, size_t *taken)
{
	size_t n = eio__plain_head(conn, x, req, data, len);
	int status;

	if (!n)
		return 0;
	*taken = n;
	status = accept(req);
	return status ? status : EIO__HEAD_COMPLETE;
}

int eio__head_feed(struct eio__head *head, const char *data, size_t len,
	size_t *taken)
{
	size_t max = head->conn->http->limits.max_header;
	size_t room = head->seen < max ? max - head->seen : 0;
	bool ok = parser_run(head, data, len < room ? len : room, taken);

	head->seen += *taken;
	if (!lines_ok(head, data, *taken))
		return 400;
	if (head->status)
		return head->status;
	if (!ok)
		return 400;
	if (head->complete) {
		head->status = check(head);
		return head->status ? head->status : EIO__HEAD_COMPLETE;
	}
	return head->seen < max ? 0 : 431;
}

static void begin(struct eio__head *head)
{
	head->seen = 0;
	head->spaces = 0;
	head->version = 0;
	head->status = 0;
	head->last = 0;
	head->in_value = true;
	head->in_headers = false;
	head->complete = false;
	parser_init(head);
}

struct eio__head *eio__head_new(struct eio__conn *conn, struct eio__exchange *x,
	eio_request **req)
{
	struct eio__head *head = malloc(sizeof(*head));

	if (!head)
		return NULL;
	head->conn = conn;
	head->exchange = x;
	head->req = req;
	begin(head);
	return head;
}

void eio__head_free(struct eio__head *head)
{
	free(head);
}
