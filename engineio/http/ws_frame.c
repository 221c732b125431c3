/* SPDX-License-Identifier: MIT */
/*
 * ws_frame.c: WebSocket frames (RFC 6455, section 5) as a server sees them.
 *
 *   HEADER --complete--> PAYLOAD --complete--> HEADER
 *      \                    \--- close frame, error ---> ENDED
 *       \--- error ---> ENDED
 *
 * Payload is unmasked and, if it is text, checked as it comes, so that bad
 * text fails at its first bad byte; of a compressed message only the owner can
 * tell. A message that cannot be lent from the
 * input is collected in buf; so is a control frame that comes in pieces, at
 * the end of buf, behind the fragments it came between.
 *
 * Always true: buf holds the bytes of the message under way and nothing else
 * (plus those of the control frame under way). Its memory grows with the
 * bytes that came, at most to twice as many, never with the bytes that were
 * announced. Between messages it is given back.
 */
#include <config.h>

#include <engineio/http/ws_frame.h>

#include <string.h>

#define FIN         0x80
#define RSV         0x70
#define RSV1        0x40
#define OPCODE      0x0f
#define MASKED      0x80
#define LENGTH      0x7f
#define CONTROL     0x08 /* the opcode bit all control frames have */
#define CONTROL_MAX 125

enum {
	HEADER,
	PAYLOAD,
	ENDED
};

static unsigned opcode_of(const struct eio__ws_parser *p)
{
	return p->header[0] & OPCODE;
}

static bool is_control(const struct eio__ws_parser *p)
{
	return p->header[0] & CONTROL;
}

/* Whether the message under way can be looked at as text. */
static bool is_text(const struct eio__ws_parser *p)
{
	return p->message == EIO__WS_OP_TEXT && !p->deflated;
}

/* The functions below that return a bool and take the event say whether to
 * go on: false when the input is used up, or the event is ready. */

static bool fail(struct eio__ws_parser *p, struct eio__ws_event *ev, int code,
	const char *error)
{
	memset(ev, 0, sizeof(*ev));
	ev->type = EIO__WS_ERROR;
	ev->code = code;
	ev->error = error;
	p->state = ENDED;
	p->drop = 0;
	eio__strbuf_clear(&p->buf);
	return false;
}

/* RFC 6455, section 5.3: byte i is changed with byte i modulo 4 of the mask.
 * dst may be src. The mask is turned, so that the frame can go on. */
static void unmask(char *dst, const char *src, size_t n, unsigned char mask[4])
{
	unsigned char twice[8];
	uint64_t key, w[4];
	size_t i = 0, k;

	memcpy(twice, mask, 4);
	memcpy(twice + 4, mask, 4);
	memcpy(&key, twice, 8);
	for (; n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(w, src + i, sizeof(w));
		for (k = 0; k < 4; k++)
			w[k] ^= key;
		memcpy(dst + i, w, sizeof(w));
	}
	for (; n - i >= 8; i += 8) {
		memcpy(w, src + i, 8);
		w[0] ^= key;
		memcpy(dst + i, w, 8);
	}
	for (; i < n; i++)
		dst[i] = (char)(src[i] ^ mask[i & 3]);
	memcpy(mask, twice + (n & 3), 4);
}

/* RFC 7692, section 6: RSV1 is on the first frame of a compressed message,
 * and on no other. */
static bool rsv_ok(const struct eio__ws_parser *p)
{
	unsigned rsv = p->header[0] & RSV;

	return !rsv ||
		(rsv == RSV1 && p->may_deflate && !is_control(p) &&
			opcode_of(p) != EIO__WS_OP_CONTINUATION);
}

/* Section 5.2: what the first two bytes tell. NULL: nothing is wrong. */
static const char *check_start(const struct eio__ws_parser *p)
{
	unsigned length = p->header[1] & LENGTH;

	if (!rsv_ok(p))
		return "reserved bits set";
	if (opcode_of(p) > EIO__WS_OP_PONG ||
		(opcode_of(p) > EIO__WS_OP_BINARY && !is_control(p)))
		return "unknown opcode";
	if (!(p->header[1] & MASKED))
		return "frame not masked";
	if (is_control(p)) {
		if (!(p->header[0] & FIN))
			return "fragmented control frame";
		return length > CONTROL_MAX ? "control frame too long" : NULL;
	}
	if (opcode_of(p) == EIO__WS_OP_CONTINUATION)
		return p->message ? NULL : "continuation of nothing";
	return p->message ? "message inside a message" : NULL;
}

/* How long the header is, as far as can be told from the bytes that came. */
static unsigned header_size(const struct eio__ws_parser *p)
{
	if (p->have < 2)
		return 2;
	switch (p->header[1] & LENGTH) {
	case 126:
		return 2 + 2 + 4;
	case 127:
		return 2 + 8 + 4;
	default:
		return 2 + 4;
	}
}

/* Moves bytes of the input to the header; true when it is complete. Its size
 * is only known behind the second byte, where the first call stops. */
static bool fill_header(struct eio__ws_parser *p, char **data, size_t *len)
{
	size_t n = header_size(p) - p->have;

	if (n > *len)
		n = *len;
	memcpy(p->header + p->have, *data, n);
	p->have = (unsigned char)(p->have + n);
	*data += n;
	*len -= n;
	return p->have == header_size(p);
}

/* The payload length; UINT64_MAX when it is not in its shortest form or has
 * its highest bit set. */
static uint64_t payload_length(const struct eio__ws_parser *p)
{
	unsigned length = p->header[1] & LENGTH, i;
	unsigned bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
	uint64_t n = bytes ? 0 : length;

	for (i = 0; i < bytes; i++)
		n = n << 8 | p->header[2 + i];
	if (bytes && n <= (bytes == 2 ? 125 : UINT64_C(0xffff)))
		return UINT64_MAX;
	return n >> 63 ? UINT64_MAX : n;
}

/* A frame of a message begins: the limits, before a byte is kept. */
static bool begin_data(struct eio__ws_parser *p, struct eio__ws_event *ev)
{
	uint64_t limit;

	if (opcode_of(p) != EIO__WS_OP_CONTINUATION) {
		p->message = (unsigned char)opcode_of(p);
		p->deflated = p->header[0] & RSV1;
		p->fragments = 0;
		memset(&p->utf8, 0, sizeof(p->utf8));
	}
	if (p->fragments >= p->max_fragments)
		return fail(p, ev, EIO__WS_POLICY, "too many fragments");
	p->fragments++;
	if (p->left > p->max_message - p->buf.len)
		return fail(p, ev, EIO__WS_TOO_BIG, "message too big");
	/* No more memory than the message will need, if that is known; one
	 * more, because 0 is no limit. */
	limit = p->header[0] & FIN ? p->buf.len + p->left : p->max_message;
	p->buf.limit = limit < EIO__STRBUF_MAX ? limit + 1 : EIO__STRBUF_MAX;
	return true;
}

/* The header is complete. */
static bool begin_frame(struct eio__ws_parser *p, struct eio__ws_event *ev)
{
	p->left = payload_length(p);
	if (p->left == UINT64_MAX)
		return fail(p, ev, EIO__WS_PROTOCOL_ERROR, "invalid length");
	memcpy(p->mask, p->header + p->have - 4, 4);
	p->have = 0;
	p->state = PAYLOAD;
	if (!is_control(p))
		return begin_data(p, ev);
	p->buf.limit = p->buf.len + CONTROL_MAX;
	return true;
}

/* The same where it certainly has come as a whole, and nothing of it is to be
 * kept for later: at once. */
static bool take_whole_header(struct eio__ws_parser *p, char **data,
	size_t *len, struct eio__ws_event *ev)
{
	const char *error;

	memcpy(p->header, *data, sizeof(p->header));
	error = check_start(p);
	if (error)
		return fail(p, ev, EIO__WS_PROTOCOL_ERROR, error);
	p->have = 2;
	p->have = (unsigned char)header_size(p);
	*data += p->have;
	*len -= p->have;
	return begin_frame(p, ev);
}

static bool take_header(struct eio__ws_parser *p, char **data, size_t *len,
	struct eio__ws_event *ev)
{
	const char *error;

	if (!p->have && *len >= sizeof(p->header))
		return take_whole_header(p, data, len, ev);
	if (p->have < 2) {
		fill_header(p, data, len);
		if (p->have < 2)
			return false;
		error = check_start(p);
		if (error)
			return fail(p, ev, EIO__WS_PROTOCOL_ERROR, error);
	}
	if (!fill_header(p, data, len))
		return false;
	return begin_frame(p, ev);
}

bool eio__ws_may_send_code(int code)
{
	return (code >= 1000 && code <= 1003) ||
		(code >= 1007 && code <= 1014) ||
		(code >= 3000 && code <= 4999);
}

static bool end_close(struct eio__ws_parser *p, struct eio__ws_event *ev)
{
	const unsigned char *code = (const unsigned char *)ev->data;

	ev->code = EIO__WS_NO_CODE;
	if (ev->len) {
		if (ev->len == 1)
			return fail(p, ev, EIO__WS_PROTOCOL_ERROR,
				"close frame too short");
		ev->code = code[0] << 8 | code[1];
		if (!eio__ws_may_send_code(ev->code))
			return fail(p, ev, EIO__WS_PROTOCOL_ERROR,
				"invalid close code");
		ev->data += 2;
		ev->len -= 2;
		if (!eio__utf8_valid(ev->data, ev->len))
			return fail(p, ev, EIO__WS_BAD_TEXT,
				"close reason is not UTF-8");
	}
	ev->type = EIO__WS_CLOSE;
	p->state = ENDED;
	p->message = 0;
	return false;
}

/* A control frame has come wholly; its payload is in the event. */
static bool end_control(struct eio__ws_parser *p, struct eio__ws_event *ev)
{
	switch (opcode_of(p)) {
	case EIO__WS_OP_CLOSE:
		return end_close(p, ev);
	case EIO__WS_OP_PING:
		ev->type = EIO__WS_PING;
		return false;
	default:
		ev->type = EIO__WS_PONG;
		return false;
	}
}

/* A frame of a message has come wholly. */
static bool end_data(struct eio__ws_parser *p, struct eio__ws_event *ev)
{
	if (!(p->header[0] & FIN))
		return true;
	if (is_text(p) && !eio__utf8_complete(&p->utf8))
		return fail(p, ev, EIO__WS_BAD_TEXT, "text is not UTF-8");
	ev->type = EIO__WS_MESSAGE;
	ev->binary = p->message == EIO__WS_OP_BINARY;
	ev->deflated = p->deflated;
	p->message = 0;
	p->spent = 1;
	return false;
}

/* Whether the rest of the frame, n bytes, may be given out from the input:
 * it is all there is of the message. */
static bool in_place(const struct eio__ws_parser *p, size_t n)
{
	if (n != p->left)
		return false;
	if (is_control(p))
		return n == (p->header[1] & LENGTH);
	return p->header[0] & FIN && p->fragments == 1 && !p->buf.len;
}

/* Unmasks n bytes of the input to where they stay, and says where. NULL: no
 * memory. */
static char *place(struct eio__ws_parser *p, char *data, size_t n, bool whole)
{
	char *at = whole ? data : eio__strbuf_reserve(&p->buf, n);

	if (!at)
		return NULL;
	unmask(at, data, n, p->mask);
	if (!whole)
		p->buf.len += n;
	return at;
}

/* The payload of the frame is complete: it is n bytes at `at`, or the end of
 * buf if it came in pieces. */
static bool end_frame(struct eio__ws_parser *p, struct eio__ws_event *ev,
	char *at, size_t n, bool whole)
{
	size_t length = p->header[1] & LENGTH;

	p->state = HEADER;
	if (!is_control(p)) {
		ev->data = whole ? at : p->buf.data;
		ev->len = whole ? n : p->buf.len;
		return end_data(p, ev);
	}
	ev->data = whole ? at : p->buf.data + p->buf.len - length;
	ev->len = length;
	p->drop = whole ? 0 : (unsigned char)length;
	return end_control(p, ev);
}

static bool take_payload(struct eio__ws_parser *p, char **data, size_t *len,
	struct eio__ws_event *ev)
{
	size_t n = *len < p->left ? *len : (size_t)p->left;
	bool whole = in_place(p, n);
	char *at;

	if (!n && p->left)
		return false;
	at = place(p, *data, n, whole);
	if (!at)
		return fail(p, ev, EIO__WS_INTERNAL_ERROR, "out of memory");
	*data += n;
	*len -= n;
	p->left -= n;
	if (!is_control(p) && is_text(p) && !eio__utf8_feed(&p->utf8, at, n))
		return fail(p, ev, EIO__WS_BAD_TEXT, "text is not UTF-8");
	if (p->left)
		return false;
	return end_frame(p, ev, at, n, whole);
}

/* Gives back what the last event lent. */
static void release(struct eio__ws_parser *p)
{
	p->buf.len -= p->drop;
	p->drop = 0;
	if (p->spent || (!p->message && !p->left))
		eio__strbuf_clear(&p->buf);
	p->spent = 0;
}

void eio__ws_parser_init(struct eio__ws_parser *p, size_t max_message,
	uint32_t max_fragments)
{
	memset(p, 0, sizeof(*p));
	p->max_message = max_message;
	p->max_fragments = max_fragments;
}

void eio__ws_parser_clear(struct eio__ws_parser *p)
{
	bool may_deflate = p->may_deflate;

	eio__strbuf_clear(&p->buf);
	eio__ws_parser_init(p, p->max_message, p->max_fragments);
	p->may_deflate = may_deflate;
}

enum eio__ws_type eio__ws_next(struct eio__ws_parser *p, char **data,
	size_t *len, struct eio__ws_event *ev)
{
	bool more = true;

	release(p);
	memset(ev, 0, sizeof(*ev));
	ev->type = EIO__WS_MORE;
	while (more && p->state != ENDED)
		more = p->state == HEADER ? take_header(p, data, len, ev)
					  : take_payload(p, data, len, ev);
	if (p->state == ENDED) {
		*data += *len;
		*len = 0;
	}
	return ev->type;
}

bool eio__ws_parser_busy(const struct eio__ws_parser *p)
{
	return p->state != ENDED &&
		(p->state == PAYLOAD || p->have || p->message);
}

size_t eio__ws_header(unsigned char out[EIO__WS_HEADER_MAX],
	enum eio__ws_opcode opcode, bool fin, uint64_t len)
{
	int i, bytes = len > 0xffff ? 8 : len > 125 ? 2 : 0;

	out[0] = (unsigned char)(opcode | (fin ? FIN : 0));
	out[1] = (unsigned char)(bytes == 8 ? 127 : bytes == 2 ? 126 : len);
	for (i = 0; i < bytes; i++)
		out[2 + i] = (unsigned char)(len >> 8 * (bytes - 1 - i));
	return (size_t)(2 + bytes);
}
