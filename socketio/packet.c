/* SPDX-License-Identifier: MIT */
/*
 * packet.c: the grammar of Socket.IO protocol 5, and of protocol 4 where it
 * differs: there a namespace may have a query.
 *
 * Decoding reads the text once from left to right. What it lets through is
 * what the official decoder lets through, with these exceptions, where that
 * one takes anything JavaScript's Number() takes: counts and ids are plain
 * digits, a blank is no digit, an id is at most 2^53-1.
 *
 * Always true: the data of a decoded packet is JSON and fits its type; the
 * name of an event is a string that is not reserved, or a number.
 */
#include <config.h>

#include <socketio/packet.h>

#include <socketio/json.h>

/* What is left of the text. */
struct reader {
	const char *p, *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool at_digit(const struct reader *r)
{
	return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

/* A run of digits; false if the number is greater than max. */
static bool read_number(struct reader *r, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	while (at_digit(r)) {
		value = value * 10 + (uint64_t)(*r->p++ - '0');
		if (value > max)
			return false;
	}
	*out = value;
	return true;
}

static const char *read_type(struct reader *r, struct sio__packet *packet)
{
	if (r->p == r->end || *r->p < '0' || *r->p > '6')
		return "unknown packet type";
	packet->type = (enum sio__packet_type)(*r->p++ - '0');
	return NULL;
}

/* Only after the types 5 and 6, which differ from 2 and 3 in nothing
 * else. */
static const char *read_attachments(struct reader *r,
	struct sio__packet *packet, unsigned max)
{
	uint64_t n;

	packet->attachments = 0;
	if (packet->type < SIO__BINARY_EVENT)
		return NULL;
	packet->type -= SIO__BINARY_EVENT - SIO__EVENT;
	if (!at_digit(r))
		return "illegal attachments";
	if (!read_number(r, max, &n))
		return "too many attachments (MAX_ATTACHMENTS)";
	if (r->p == r->end || *r->p++ != '-' || n == 0)
		return "illegal attachments";
	packet->attachments = (unsigned)n;
	return NULL;
}

/* "/admin?token=x#end" is "/admin" with the query "token=x". The official
 * server resolves dots and escapes in the name as well ("/a/../b"), and then
 * answers for a namespace the client did not ask for, which leaves it waiting;
 * names are left as they are here. */
void sio__packet_split_query(struct sio__packet *packet)
{
	struct sio__span *nsp = &packet->nsp;
	const char *end = nsp->p + nsp->n;
	const char *mark = memchr(nsp->p, '#', nsp->n);

	end = mark ? mark : end;
	mark = memchr(nsp->p, '?', (size_t)(end - nsp->p));
	if (mark)
		packet->query = sio__span(mark + 1, (size_t)(end - mark - 1));
	nsp->n = (size_t)((mark ? mark : end) - nsp->p);
}

/* Up to the first comma, whatever it is made of. */
static const char *read_nsp(struct reader *r, struct sio__packet *packet,
	const struct sio__limits *limits)
{
	const char *from = r->p;

	packet->nsp = sio__span("/", 1);
	packet->query = sio__span(NULL, 0);
	if (r->p == r->end || *r->p != '/')
		return NULL;
	r->p = memchr(from, ',', (size_t)(r->end - from));
	if (!r->p)
		r->p = r->end;
	packet->nsp = sio__span(from, (size_t)(r->p - from));
	if (r->p < r->end)
		r->p++;
	if (limits->nsp_query)
		sio__packet_split_query(packet);
	return packet->nsp.n > limits->name ? "namespace too long (MAX_NAME)"
					    : NULL;
}

static const char *read_id(struct reader *r, struct sio__packet *packet)
{
	packet->id = 0;
	packet->has_id = at_digit(r);
	if (packet->has_id)
		return read_number(r, SIO__MAX_ID, &packet->id)
			? NULL
			: "ack id too large";
	/* Upstream takes a blank for the id 0. */
	if (r->p < r->end && is_blank(*r->p))
		return "blank before the payload";
	return NULL;
}

/* -- the payload ----------------------------------------------------------- */

bool sio__is_reserved(const char *name, size_t n)
{
#define NAME(text) \
	{ \
		text, sizeof(text) - 1 \
	}
	static const struct sio__span reserved[] = {
		NAME("connect"),
		NAME("connect_error"),
		NAME("disconnect"),
		NAME("disconnecting"),
		NAME("newListener"),
		NAME("removeListener"),
	};
#undef NAME
	size_t i;

	/* Most names differ from all of them in their first letter. */
	if (n == 0 ||
		(*name != 'c' && *name != 'd' && *name != 'n' && *name != 'r'))
		return false;
	for (i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (sio__span_is(reserved[i], name, n))
			return true;
	return false;
}

/* The name as it is written in JSON: "connect", or the same disguised with
 * escapes, of which the longest has six characters. */
static bool is_reserved_string(struct sio__packet *packet)
{
	struct sio__span string = packet->name;
	char text[6 * 14];

	packet->name_escaped = memchr(string.p, '\\', string.n) != NULL;
	if (!packet->name_escaped)
		return sio__is_reserved(string.p + 1, string.n - 2);
	if (string.n - 2 > sizeof(text))
		return false;
	return sio__is_reserved(text, sio__json_unescape(string, text, false));
}

/* The elements of data behind `from`, up to the bracket that closes it. */
static struct sio__span rest_of(struct sio__span data, const char *from)
{
	const char *end = data.p + data.n;

	while (*--end != ']')
		;
	while (from < end && is_blank(*from))
		from++;
	while (from < end && is_blank(end[-1]))
		end--;
	return sio__span(from, (size_t)(end - from));
}

/* Why an array's first element is no name: there is none, or it is an array
 * or an object. */
static const char *why_nameless(struct sio__span data)
{
	const char *p = sio__json_skip_blanks(data.p + 1, data.p + data.n);

	return *p == ']' ? "invalid payload" : "invalid event name";
}

static const char *check_event(struct sio__packet *packet,
	struct sio__span first, size_t max_name)
{
	const char *p = first.p;

	if (*packet->data.p != '[')
		return "invalid payload";
	if (!p)
		return why_nameless(packet->data);
	if (first.n > max_name + 2)
		return "event name too long (MAX_EVENT_NAME)";
	packet->name = first;
	if (*p == '"') {
		if (is_reserved_string(packet))
			return "reserved event name";
	} else if (*p != '-' && (*p < '0' || *p > '9')) {
		return "invalid event name";
	}
	p += first.n;
	while (is_blank(*p))
		p++;
	packet->args = rest_of(packet->data, p + (*p == ','));
	return NULL;
}

static const char *check_ack(struct sio__packet *packet)
{
	if (*packet->data.p != '[')
		return "invalid payload";
	packet->args = rest_of(packet->data, packet->data.p + 1);
	return NULL;
}

static const char *check_payload(struct sio__packet *packet,
	struct sio__span first, size_t max_name)
{
	char c = *packet->data.p;

	switch (packet->type) {
	case SIO__CONNECT:
		return c == '{' ? NULL : "invalid payload";
	case SIO__CONNECT_ERROR:
		return c == '{' || c == '"' ? NULL : "invalid payload";
	case SIO__EVENT:
		return check_event(packet, first, max_name);
	case SIO__ACK:
		return check_ack(packet);
	default:
		return "invalid payload";
	}
}

static const char *why_invalid(struct sio__span data)
{
	return sio__json_valid(data.p, data.n, SIO__JSON_MAX_DEPTH)
		? "payload nested too deep (MAX_DEPTH)"
		: "invalid payload";
}

static const char *read_data(struct reader *r, struct sio__packet *packet,
	const struct sio__limits *limits)
{
	struct sio__span first;

	packet->name = sio__span(NULL, 0);
	packet->name_escaped = false;
	packet->args = sio__span(NULL, 0);
	packet->data = sio__span(r->p, (size_t)(r->end - r->p));
	if (packet->data.n == 0)
		return NULL;
	if (!sio__json_scan(packet->data.p, packet->data.n, limits->depth,
		    &first))
		return why_invalid(packet->data);
	/* Blanks may stand behind an id. */
	while (is_blank(*packet->data.p)) {
		packet->data.p++;
		packet->data.n--;
	}
	return check_payload(packet, first, limits->event_name);
}

const char *sio__packet_decode(struct sio__packet *packet, const char *p,
	size_t n, const struct sio__limits *limits)
{
	struct reader r = { p, sio__end(p, n) };
	const char *why;

	why = read_type(&r, packet);
	if (!why)
		why = read_attachments(&r, packet, limits->attachments);
	if (!why)
		why = read_nsp(&r, packet, limits);
	if (!why)
		why = read_id(&r, packet);
	if (!why)
		why = read_data(&r, packet, limits);
	return why;
}

/* -- encoding -------------------------------------------------------------- */

int sio__packet_head(struct eio__strbuf *out, enum sio__packet_type type,
	unsigned attachments, struct sio__span nsp, const uint64_t *id)
{
	unsigned digit = type;

	if (attachments > 0)
		digit += SIO__BINARY_EVENT - SIO__EVENT;
	eio__strbuf_addc(out, (char)('0' + digit));
	if (attachments > 0) {
		eio__strbuf_addu(out, attachments);
		eio__strbuf_addc(out, '-');
	}
	if (nsp.n > 1) {
		eio__strbuf_add(out, nsp.p, nsp.n);
		eio__strbuf_addc(out, ',');
	}
	if (id)
		eio__strbuf_addu(out, *id);
	return out->error;
}
