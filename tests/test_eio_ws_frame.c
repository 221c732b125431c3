/* SPDX-License-Identifier: MIT */
/*
 * test_eio_ws_frame.c: WebSocket frames. Each case is a stream of bytes and
 * the events it must give, whole, byte by byte and cut at every place.
 */
#include <config.h>

#include <engineio/http/ws_frame.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIMIT     1000
#define FRAGMENTS 5

/* -- frames of a client ------------------------------------------------- */

struct bytes {
	char data[8192];
	size_t len;
};

static void add(struct bytes *b, const void *p, size_t n)
{
	assert_true(n <= sizeof(b->data) - b->len);
	memcpy(b->data + b->len, p, n);
	b->len += n;
}

static void add_header(struct bytes *b, unsigned first, uint64_t len)
{
	unsigned char h[EIO__WS_HEADER_MAX];
	size_t n = eio__ws_header(h, EIO__WS_OP_TEXT, true, len);

	h[0] = (unsigned char)first;
	h[1] |= 0x80;
	add(b, h, n);
}

static void add_frame(struct bytes *b, unsigned first, const char *payload,
	size_t len)
{
	static const char mask[4] = { 0x11, '\xa7', 0, '\xff' };
	size_t i;

	add_header(b, first, len);
	add(b, mask, 4);
	for (i = 0; i < len; i++) {
		char c = (char)(payload[i] ^ mask[i & 3]);

		add(b, &c, 1);
	}
}

/*
 * Frames in a small language, one after the other: two hex digits for the
 * first byte, then 'text' in quotes, or xNN.. in hex, or *N for N letters,
 * or nothing; ';' between frames; '=' begins raw bytes in hex.
 */
static size_t read_hex(const char **at, char *out)
{
	size_t n = 0;
	unsigned byte;

	while (sscanf(*at, "%2x", &byte) == 1 && **at != ';') {
		out[n++] = (char)byte;
		*at += 2;
	}
	return n;
}

static size_t read_payload(const char **at, char *out)
{
	size_t n = 0;

	if (**at == '\'') {
		for (++*at; **at != '\''; ++*at)
			out[n++] = **at;
		++*at;
	} else if (**at == '*') {
		char *end;

		n = strtoul(*at + 1, &end, 10);
		memset(out, 'a', n);
		*at = end;
	} else if (**at == 'x') {
		++*at;
		n = read_hex(at, out);
	}
	return n;
}

static void compile(struct bytes *b, const char *at)
{
	char payload[4096];
	unsigned first;
	size_t n;

	b->len = 0;
	while (*at) {
		if (*at == '=') {
			at++;
			n = read_hex(&at, payload);
			add(b, payload, n);
		} else {
			assert_int_equal(sscanf(at, "%2x", &first), 1);
			at += 2;
			n = read_payload(&at, payload);
			add_frame(b, first, payload, n);
		}
		if (*at == ';')
			at++;
	}
}

/* -- what came out, as text --------------------------------------------- */

static void write_payload(struct eio__strbuf *out, const char *p, size_t n)
{
	size_t i;

	assert_non_null(p);
	if (n > 40) {
		eio__strbuf_printf(out, "*%zu", n);
		return;
	}
	for (i = 0; i < n; i++)
		if (p[i] >= ' ' && p[i] < 127)
			eio__strbuf_addc(out, p[i]);
		else
			eio__strbuf_printf(out, "<%02x>", (unsigned char)p[i]);
}

static void write_event(struct eio__strbuf *out, const struct eio__ws_event *ev)
{
	if (out->len)
		eio__strbuf_adds(out, " ");
	switch (ev->type) {
	case EIO__WS_MESSAGE:
		eio__strbuf_adds(out, ev->binary ? "binary:" : "text:");
		break;
	case EIO__WS_PING:
		eio__strbuf_adds(out, "ping:");
		break;
	case EIO__WS_PONG:
		eio__strbuf_adds(out, "pong:");
		break;
	case EIO__WS_CLOSE:
		eio__strbuf_printf(out, "close:%d:", ev->code);
		break;
	default:
		assert_int_equal(ev->type, EIO__WS_ERROR);
		assert_int_equal(ev->len, 0);
		eio__strbuf_printf(out, "error:%d:%s", ev->code, ev->error);
		return;
	}
	write_payload(out, ev->data, ev->len);
}

/* The input is copied to memory of its own, so that the sanitizer sees a
 * byte read behind it. */
static void feed(struct eio__ws_parser *p, const char *data, size_t len,
	struct eio__strbuf *out)
{
	char *copy = malloc(len ? len : 1), *at = copy;
	struct eio__ws_event ev;

	assert_non_null(copy);
	memcpy(copy, data, len);
	while (eio__ws_next(p, &at, &len, &ev) != EIO__WS_MORE)
		write_event(out, &ev);
	assert_int_equal(len, 0);
	free(copy);
}

static void begin(struct eio__ws_parser *p, struct eio__strbuf *out)
{
	eio__ws_parser_init(p, LIMIT, FRAGMENTS);
	eio__strbuf_init(out, 0);
}

static void check(struct eio__ws_parser *p, struct eio__strbuf *out,
	const char *expected, bool busy)
{
	assert_string_equal(out->data ? out->data : "", expected);
	assert_int_equal(eio__ws_parser_busy(p), busy);
	eio__ws_parser_clear(p);
	eio__strbuf_clear(out);
}

static void run(const char *frames, const char *expected, bool busy)
{
	struct eio__ws_parser p;
	struct eio__strbuf out;
	struct bytes b;
	size_t i;

	compile(&b, frames);
	begin(&p, &out);
	feed(&p, b.data, b.len, &out);
	check(&p, &out, expected, busy);
	begin(&p, &out);
	for (i = 0; i < b.len; i++)
		feed(&p, b.data + i, 1, &out);
	check(&p, &out, expected, busy);
	for (i = 0; i <= b.len; i++) {
		begin(&p, &out);
		feed(&p, b.data, i, &out);
		feed(&p, b.data + i, b.len - i, &out);
		check(&p, &out, expected, busy);
	}
}

struct row {
	const char *frames, *expected;
	bool busy; /* at the end something is unfinished */
};

static void run_rows(const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		run(rows[i].frames, rows[i].expected, rows[i].busy);
}

#define RUN(rows) run_rows(rows, sizeof(rows) / sizeof(*(rows)))

/* -- messages ----------------------------------------------------------- */

static void message__of_one_frame__is_given_out(void **state)
{
	static const struct row rows[] = {
		{ "", "", false },
		{ "81'hello'", "text:hello", false },
		{ "82x00ff10", "binary:<00><ff><10>", false },
		{ "81", "text:", false },
		{ "82", "binary:", false },
		{ "81'a';82'b';81'c'", "text:a binary:b text:c", false },
		{ "81*125;81*126;81*127", "text:*125 text:*126 text:*127",
			false },
		{ "81*1000", "text:*1000", false },
		{ "81xc3a9e282acf09f9880",
			"text:<c3><a9><e2><82><ac><f0><9f><98><80>", false },
	};

	RUN(rows);
}

static void message__of_several_frames__is_joined(void **state)
{
	static const struct row rows[] = {
		{ "01'a';00'b';80'c'", "text:abc", false },
		{ "02'a';80'b';81'c'", "binary:ab text:c", false },
		{ "01;80", "text:", false },
		{ "01;00;00;80'x'", "text:x", false },
		{ "01'x';80", "text:x", false },
		{ "02*500;80*500", "binary:*1000", false },
		{ "01*999;00;80'b'", "text:*1000", false },
		{ "01'a';00;00;00;80", "text:a", false },
		/* a character cut in two */
		{ "01xe2;00x82;80xac", "text:<e2><82><ac>", false },
	};

	RUN(rows);
}

static void message__unfinished__is_told_as_busy(void **state)
{
	static const struct row rows[] = {
		{ "01'a'", "", true },
		{ "01", "", true },
		{ "=81", "", true },
		{ "=8185", "", true },
		{ "=818500000000", "", true },
		{ "=81850000000061", "", true },
		{ "81'a';01'b'", "text:a", true },
		{ "01'b';89", "ping:", true },
		{ "=89850000000061", "", true },
	};

	RUN(rows);
}

static void message__whole_in_the_input__is_not_copied(void **state)
{
	struct eio__ws_parser p;
	struct eio__ws_event ev;
	struct bytes b;
	char *at = b.data;
	size_t len;

	compile(&b, "81'hello';89'p';82");
	len = b.len;
	eio__ws_parser_init(&p, LIMIT, FRAGMENTS);
	assert_int_equal(eio__ws_next(&p, &at, &len, &ev), EIO__WS_MESSAGE);
	assert_ptr_equal(ev.data, b.data + 6);
	assert_int_equal(eio__ws_next(&p, &at, &len, &ev), EIO__WS_PING);
	assert_ptr_equal(ev.data, b.data + 6 + 5 + 6);
	assert_int_equal(eio__ws_next(&p, &at, &len, &ev), EIO__WS_MESSAGE);
	assert_int_equal(len, 0);
	assert_null(p.buf.data);
	eio__ws_parser_clear(&p);
}

/* -- control frames ----------------------------------------------------- */

static void control__between_and_inside_messages__is_told_at_once(void **state)
{
	static const struct row rows[] = {
		{ "89'p';8a'q'", "ping:p pong:q", false },
		{ "89;8a", "ping: pong:", false },
		{ "89*125", "ping:*125", false },
		{ "01'a';89'p';80'b'", "ping:p text:ab", false },
		{ "02'a';8a'123';00'b';89'45';80'c'",
			"pong:123 ping:45 binary:abc", false },
		{ "01xe2;89xff;80x82ac", "ping:<ff> text:<e2><82><ac>", false },
		{ "01*1000;89*125;80", "ping:*125 text:*1000", false },
	};

	RUN(rows);
}

static void close__well_formed__gives_code_and_reason(void **state)
{
	static const struct row rows[] = {
		{ "88", "close:1005:", false },
		{ "88x03e8", "close:1000:", false },
		{ "88x03e9627965", "close:1001:bye", false },
		{ "88x03ebc3a9", "close:1003:<c3><a9>", false },
		{ "88x03ef", "close:1007:", false },
		{ "88x03f6", "close:1014:", false },
		{ "88x0bb8", "close:3000:", false },
		{ "88x1387", "close:4999:", false },
		{ "01'a';88x03e8", "close:1000:", false },
		/* what follows is not looked at */
		{ "81'a';88x03e8;81'b';=ffffff", "text:a close:1000:", false },
	};

	RUN(rows);
}

static void close__malformed__is_refused(void **state)
{
	static const struct row rows[] = {
		{ "88x03", "error:1002:close frame too short", false },
		{ "88x0000", "error:1002:invalid close code", false },
		{ "88x03e7", "error:1002:invalid close code", false },
		{ "88x03ec", "error:1002:invalid close code", false },
		{ "88x03ed", "error:1002:invalid close code", false },
		{ "88x03ee", "error:1002:invalid close code", false },
		{ "88x03f7", "error:1002:invalid close code", false },
		{ "88x0bb7", "error:1002:invalid close code", false },
		{ "88x1388", "error:1002:invalid close code", false },
		{ "88xffff", "error:1002:invalid close code", false },
		{ "88x03e8ff", "error:1007:close reason is not UTF-8", false },
		{ "88x03e8e282", "error:1007:close reason is not UTF-8",
			false },
		{ "01'a';88x03e8ff;80", "error:1007:close reason is not UTF-8",
			false },
	};

	RUN(rows);
}

/* -- what must be refused ----------------------------------------------- */

static void frame__against_the_protocol__is_refused_with_1002(void **state)
{
	static const struct row rows[] = {
		{ "c1'a'", "error:1002:reserved bits set", false },
		{ "a1'a'", "error:1002:reserved bits set", false },
		{ "91'a'", "error:1002:reserved bits set", false },
		{ "=ffffff", "error:1002:reserved bits set", false },
		{ "83'a'", "error:1002:unknown opcode", false },
		{ "84", "error:1002:unknown opcode", false },
		{ "85", "error:1002:unknown opcode", false },
		{ "86", "error:1002:unknown opcode", false },
		{ "87", "error:1002:unknown opcode", false },
		{ "8b", "error:1002:unknown opcode", false },
		{ "8c", "error:1002:unknown opcode", false },
		{ "8d", "error:1002:unknown opcode", false },
		{ "8e", "error:1002:unknown opcode", false },
		{ "8f", "error:1002:unknown opcode", false },
		{ "=810568656c6c6f", "error:1002:frame not masked", false },
		{ "=8900", "error:1002:frame not masked", false },
		{ "80'a'", "error:1002:continuation of nothing", false },
		{ "00'a'", "error:1002:continuation of nothing", false },
		{ "81'a';80'b'", "text:a error:1002:continuation of nothing",
			false },
		{ "01'a';81'b'", "error:1002:message inside a message", false },
		{ "01'a';02'b'", "error:1002:message inside a message", false },
		{ "01'a';80'b';80'c'",
			"text:ab error:1002:continuation of nothing", false },
		{ "09'a'", "error:1002:fragmented control frame", false },
		{ "0a", "error:1002:fragmented control frame", false },
		{ "08x03e8", "error:1002:fragmented control frame", false },
		{ "89*126", "error:1002:control frame too long", false },
		{ "88*126", "error:1002:control frame too long", false },
		{ "=89ff", "error:1002:control frame too long", false },
		/* lengths */
		{ "=81fe000000000000", "error:1002:invalid length", false },
		{ "=81fe007d00000000", "error:1002:invalid length", false },
		{ "=81ff000000000000007d00000000", "error:1002:invalid length",
			false },
		{ "=81ff000000000000ffff00000000", "error:1002:invalid length",
			false },
		{ "=81ff800000000000000000000000", "error:1002:invalid length",
			false },
		{ "=81ffffffffffffffffff00000000", "error:1002:invalid length",
			false },
	};

	RUN(rows);
}

static void message__over_the_limit__is_refused_when_announced(void **state)
{
	static const struct row rows[] = {
		{ "81*1001", "error:1009:message too big", false },
		{ "=81fe03e900000000", "error:1009:message too big", false },
		{ "=81ff000000000001000000000000", "error:1009:message too big",
			false },
		{ "=81ff7fffffffffffffff00000000", "error:1009:message too big",
			false },
		{ "01*1000;80'b'", "error:1009:message too big", false },
		{ "02*400;00*400;80*201", "error:1009:message too big", false },
		{ "01'a';00*1000", "error:1009:message too big", false },
		/* each message counts from nothing */
		{ "81*1000;02*999;80'b';81*1000",
			"text:*1000 binary:*1000 text:*1000", false },
	};

	RUN(rows);
}

static void message__of_too_many_fragments__is_refused_with_1008(void **state)
{
	static const struct row rows[] = {
		{ "01'a';00'b';00'c';00'd';80'e'", "text:abcde", false },
		{ "01'a';00'b';00'c';00'd';00'e'", "", true },
		{ "01'a';00'b';00'c';00'd';00'e';80'f'",
			"error:1008:too many fragments", false },
		{ "02;00;00;00;00;00", "error:1008:too many fragments", false },
		{ "02;00;89;00;89;00;89;80",
			"ping: ping: ping: binary:", false },
	};

	RUN(rows);
}

static void text__not_utf8__is_refused_with_1007(void **state)
{
	static const struct row rows[] = {
		{ "81xff", "error:1007:text is not UTF-8", false },
		{ "81xc080", "error:1007:text is not UTF-8", false },
		{ "81xeda080", "error:1007:text is not UTF-8", false },
		{ "81xf4908080", "error:1007:text is not UTF-8", false },
		{ "81xe282", "error:1007:text is not UTF-8", false },
		{ "01xe2;80x28", "error:1007:text is not UTF-8", false },
		{ "01xe2;80", "error:1007:text is not UTF-8", false },
		{ "01xe2;00x82;81xac", "error:1002:message inside a message",
			false },
		{ "82xff", "binary:<ff>", false },
		{ "02xff;80x80", "binary:<ff><80>", false },
		/* the state of one text is not carried into the next */
		{ "81xe282ac;81x41;81xe282ac",
			"text:<e2><82><ac> text:A text:<e2><82><ac>", false },
	};

	RUN(rows);
}

static void text__bad_byte_in_an_unfinished_frame__fails_at_once(void **state)
{
	static const struct row rows[] = {
		{ "=81fe03e80000000061626380", "error:1007:text is not UTF-8",
			false },
		{ "=81fe03e800000000f490", "error:1007:text is not UTF-8",
			false },
		{ "01xce", "", true },
		{ "01xed;00xa0", "error:1007:text is not UTF-8", false },
	};

	RUN(rows);
}

/* -- memory ------------------------------------------------------------- */

static void
memory__large_announcement__follows_the_bytes_that_came(void **state)
{
	static const char header[] = "\x82\xff\0\0\0\0\x40\0\0\0\0\0\0\0";
	struct eio__ws_parser p;
	struct eio__strbuf out;
	char kilobyte[1024] = { 0 };
	int i;

	eio__ws_parser_init(&p, SIZE_MAX, FRAGMENTS);
	eio__strbuf_init(&out, 0);
	feed(&p, header, sizeof(header) - 1, &out);
	assert_int_equal(p.buf.cap, 0);
	for (i = 1; i <= 100; i++) {
		feed(&p, kilobyte, sizeof(kilobyte), &out);
		assert_int_equal(p.buf.len, i * 1024);
		assert_true(p.buf.cap <= 2 * p.buf.len + 1);
	}
	assert_null(out.data);
	eio__ws_parser_clear(&p);
	assert_null(p.buf.data);
}

static void memory__announced_and_nearly_there__is_not_exceeded(void **state)
{
	struct eio__ws_parser p;
	struct eio__strbuf out;
	struct bytes b;

	compile(&b, "81*600");
	begin(&p, &out);
	feed(&p, b.data, 400, &out);
	feed(&p, b.data + 400, 200, &out);
	assert_true(p.buf.cap <= 602);
	feed(&p, b.data + 600, b.len - 600, &out);
	check(&p, &out, "text:*600", false);
}

/* Copying it for each fragment would make the whole quadratic. */
static void memory__many_fragments__is_asked_for_a_few_times(void **state)
{
	struct eio__ws_parser p;
	struct eio__strbuf out;
	struct bytes b;
	size_t cap = 0;
	int i, steps = 0;

	eio__ws_parser_init(&p, 100000, 1000);
	eio__strbuf_init(&out, 0);
	for (i = 0; i < 500; i++) {
		compile(&b, i ? "00*100" : "01*100");
		feed(&p, b.data, b.len, &out);
		steps += p.buf.cap != cap;
		cap = p.buf.cap;
	}
	assert_true(steps <= 12);
	compile(&b, "80*100");
	feed(&p, b.data, b.len, &out);
	check(&p, &out, "text:*50100", false);
}

static void memory__after_a_message__is_given_back(void **state)
{
	struct eio__ws_parser p;
	struct eio__strbuf out;
	struct bytes b;

	compile(&b, "01'a';89'p';80'b'");
	begin(&p, &out);
	feed(&p, b.data, b.len, &out);
	assert_null(p.buf.data);
	check(&p, &out, "ping:p text:ab", false);
	compile(&b, "89'ping'");
	begin(&p, &out);
	feed(&p, b.data, 8, &out);
	feed(&p, b.data + 8, b.len - 8, &out);
	assert_null(p.buf.data);
	check(&p, &out, "ping:ping", false);
}

static void parser__embedded_in_each_connection__is_small(void **state)
{
	assert_true(sizeof(struct eio__ws_parser) <= 96);
}

/* -- any split into three, random streams ------------------------------- */

static const char *const pieces[] = { "81'hello'", "82x00ff", "01xe2", "00x82",
	"80xac", "01'a'", "00'b'", "80'c'", "89'p'", "8a", "81", "02*300",
	"80*300", "88x03e8", "81*126", "00", "89*125" };

static void random_stream(char *out, size_t size)
{
	size_t len = 0;
	int n = rand() % 6 + 1;

	out[0] = '\0';
	while (n--)
		len += (size_t)snprintf(out + len, size - len, "%s%s",
			len ? ";" : "",
			pieces[(size_t)rand() %
				(sizeof(pieces) / sizeof(*pieces))]);
}

static void
parser__random_streams_in_random_pieces__gives_the_same(void **state)
{
	char frames[256];
	struct eio__ws_parser p;
	struct eio__strbuf whole, cut;
	struct bytes b;
	size_t at, n;
	int round;

	srand(1);
	for (round = 0; round < 3000; round++) {
		random_stream(frames, sizeof(frames));
		compile(&b, frames);
		begin(&p, &whole);
		feed(&p, b.data, b.len, &whole);
		eio__ws_parser_clear(&p);
		begin(&p, &cut);
		for (at = 0; at < b.len; at += n) {
			n = (size_t)rand() % 40 + 1;
			if (n > b.len - at)
				n = b.len - at;
			feed(&p, b.data + at, n, &cut);
		}
		eio__ws_parser_clear(&p);
		assert_string_equal(cut.data ? cut.data : "",
			whole.data ? whole.data : "");
		eio__strbuf_clear(&whole);
		eio__strbuf_clear(&cut);
	}
}

/* Every length and start, so that the wide steps and the rest behind them
 * are met in every phase of the mask. */
static void unmask__every_length_and_cut__is_exact(void **state)
{
	struct eio__ws_parser p;
	struct eio__ws_event ev;
	char payload[140];
	struct bytes b;
	size_t n, i, left;
	char *at;

	for (i = 0; i < sizeof(payload); i++)
		payload[i] = (char)(i * 37);
	for (n = 0; n < sizeof(payload); n++) {
		for (i = 0; i <= n; i++) {
			eio__ws_parser_init(&p, LIMIT, FRAGMENTS);
			b.len = 0;
			add_frame(&b, 0x82, payload, n);
			at = b.data;
			left = b.len - n + i;
			if (i < n)
				assert_int_equal(eio__ws_next(&p, &at, &left,
							 &ev),
					EIO__WS_MORE);
			left = b.len - (size_t)(at - b.data);
			assert_int_equal(eio__ws_next(&p, &at, &left, &ev),
				EIO__WS_MESSAGE);
			assert_int_equal(ev.len, n);
			assert_memory_equal(ev.data, payload, n);
			eio__ws_parser_clear(&p);
		}
	}
}

/* -- writing ------------------------------------------------------------ */

static void header__of_each_length__is_the_shortest_form(void **state)
{
	static const struct {
		enum eio__ws_opcode opcode;
		bool fin;
		uint64_t len;
		const char *bytes;
		size_t n;
	} rows[] = {
		{ EIO__WS_OP_TEXT, true, 0, "\x81\x00", 2 },
		{ EIO__WS_OP_BINARY, true, 125, "\x82\x7d", 2 },
		{ EIO__WS_OP_TEXT, false, 126, "\x01\x7e\x00\x7e", 4 },
		{ EIO__WS_OP_CONTINUATION, true, 65535, "\x80\x7e\xff\xff", 4 },
		{ EIO__WS_OP_TEXT, true, 65536, "\x81\x7f\0\0\0\0\0\1\0\0",
			10 },
		{ EIO__WS_OP_TEXT, true, UINT64_C(0x123456789a),
			"\x81\x7f\0\0\0\x12\x34\x56\x78\x9a", 10 },
		{ EIO__WS_OP_CLOSE, true, 0, "\x88\x00", 2 },
		{ EIO__WS_OP_PONG, true, 4, "\x8a\x04", 2 },
	};
	unsigned char out[EIO__WS_HEADER_MAX];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(eio__ws_header(out, rows[i].opcode,
					 rows[i].fin, rows[i].len),
			rows[i].n);
		assert_memory_equal(out, rows[i].bytes, rows[i].n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message__of_one_frame__is_given_out),
		cmocka_unit_test(message__of_several_frames__is_joined),
		cmocka_unit_test(message__unfinished__is_told_as_busy),
		cmocka_unit_test(message__whole_in_the_input__is_not_copied),
		cmocka_unit_test(
			control__between_and_inside_messages__is_told_at_once),
		cmocka_unit_test(close__well_formed__gives_code_and_reason),
		cmocka_unit_test(close__malformed__is_refused),
		cmocka_unit_test(
			frame__against_the_protocol__is_refused_with_1002),
		cmocka_unit_test(
			message__over_the_limit__is_refused_when_announced),
		cmocka_unit_test(
			message__of_too_many_fragments__is_refused_with_1008),
		cmocka_unit_test(text__not_utf8__is_refused_with_1007),
		cmocka_unit_test(
			text__bad_byte_in_an_unfinished_frame__fails_at_once),
		cmocka_unit_test(
			memory__large_announcement__follows_the_bytes_that_came),
		cmocka_unit_test(
			memory__announced_and_nearly_there__is_not_exceeded),
		cmocka_unit_test(
			memory__many_fragments__is_asked_for_a_few_times),
		cmocka_unit_test(memory__after_a_message__is_given_back),
		cmocka_unit_test(parser__embedded_in_each_connection__is_small),
		cmocka_unit_test(
			parser__random_streams_in_random_pieces__gives_the_same),
		cmocka_unit_test(unmask__every_length_and_cut__is_exact),
		cmocka_unit_test(header__of_each_length__is_the_shortest_form),
	};

	return cmocka_run_group_tests_name("ws_frame", tests, NULL, NULL);
}
