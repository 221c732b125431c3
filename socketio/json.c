/* SPDX-License-Identifier: MIT */
/*
 * json.c: JSON text without building values, and values with jansson.
 *
 * Arguments of events are only decoded when a handler looks at them; this
 * file says before that whether they are JSON at all, in one pass without
 * recursion or allocation. Where jansson is stricter than JavaScript (it
 * refuses half an emoji, or a number over 64 bits), the text is mended and
 * decoded again, because a client may send such a text and must not lose
 * its connection over it.
 *
 * Always true: what sio__json_valid() accepted is accepted by
 * sio__json_decode().
 */
#include <config.h>

#include <socketio/json.h>

#include <engineio/base/utf8.h>

#include <assert.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* -- scalars: each returns the place behind, or NULL if it is wrong ------ */

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The value of the four digits behind \u, or -1. */
static int hex_four(const char *p, const char *end)
{
	int value = 0, digit, i;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = hex_digit(p[i]);
		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* p is behind the backslash. */
static const char *skip_escape(const char *p, const char *end)
{
	if (p == end)
		return NULL;
	if (*p == 'u')
		return hex_four(p + 1, end) < 0 ? NULL : p + 5;
	/* strchr() would find the NUL at the end of its text. */
	return *p && strchr("\"\\/bfnrt", *p) ? p + 1 : NULL;
}

static const char *skip_string(const char *p, const char *end)
{
	if (p == end || *p++ != '"')
		return NULL;
	while (p < end) {
		unsigned char c = (unsigned char)*p++;

		if (c == '"')
			return p;
		if (c < 0x20)
			return NULL;
		if (c == '\\') {
			p = skip_escape(p, end);
			if (!p)
				return NULL;
		}
	}
	return NULL;
}

static const char *skip_digits(const char *p, const char *end)
{
	if (p == end || !is_digit(*p))
		return NULL;
	while (p < end && is_digit(*p))
		p++;
	return p;
}

static const char *skip_number(const char *p, const char *end)
{
	if (p < end && *p == '-')
		p++;
	if (p < end && *p == '0')
		p++;
	else
		p = skip_digits(p, end);
	if (p && p < end && *p == '.')
		p = skip_digits(p + 1, end);
	if (p && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		p = skip_digits(p, end);
	}
	return p;
}

static const char *skip_word(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(end - p) < n || memcmp(p, word, n) != 0)
		return NULL;
	return p + n;
}

static const char *skip_scalar(const char *p, const char *end)
{
	switch (*p) {
	case '"':
		return skip_string(p, end);
	case 't':
		return skip_word(p, end, "true");
	case 'f':
		return skip_word(p, end, "false");
	case 'n':
		return skip_word(p, end, "null");
	default:
		return skip_number(p, end);
	}
}

/* -- values -------------------------------------------------------------- */

/* Where a scan is: which of the open brackets are objects', one bit each. */
struct scan {
	const char *p, *end;
	unsigned level, depth;
	unsigned char objects[SIO__JSON_MAX_DEPTH / 8];
};

static bool in_object(const struct scan *s)
{
	return s->objects[(s->level - 1) / 8] >> (s->level - 1) % 8 & 1;
}

/* Over an opening bracket. */
static bool descend(struct scan *s)
{
	unsigned char bit = (unsigned char)(1 << s->level % 8);

	if (s->level == s->depth)
		return false;
	if (*s->p == '{')
		s->objects[s->level / 8] |= bit;
	else
		s->objects[s->level / 8] &= (unsigned char)~bit;
	s->level++;
	s->p = skip_blanks(s->p + 1, s->end);
	return s->p < s->end;
}

/* Over the key of a member and its colon. */
static bool scan_key(struct scan *s)
{
	s->p = skip_string(skip_blanks(s->p, s->end), s->end);
	if (!s->p)
		return false;
	s->p = skip_blanks(s->p, s->end);
	if (s->p == s->end || *s->p != ':')
		return false;
	s->p++;
	return true;
}

/* From the place where a value begins to the place where one more begins
 * (false), or to the end of a whole value (true). p is NULL if it is
 * wrong. */
static bool scan_value(struct scan *s)
{
	s->p = skip_blanks(s->p, s->end);
	if (s->p == s->end) {
		s->p = NULL;
		return true;
	}
	if (*s->p != '{' && *s->p != '[') {
		s->p = skip_scalar(s->p, s->end);
		return true;
	}
	if (!descend(s)) {
		s->p = NULL;
		return true;
	}
	if (*s->p == (in_object(s) ? '}' : ']')) {
		s->level--;
		s->p++;
		return true;
	}
	if (in_object(s) && !scan_key(s))
		s->p = NULL;
	return !s->p;
}

/* Behind a whole value: over closing brackets, up to the next value (false)
 * or the end of the outermost (true). */
static bool scan_rest(struct scan *s)
{
	while (s->level > 0) {
		s->p = skip_blanks(s->p, s->end);
		if (s->p == s->end)
			break;
		if (*s->p == ',') {
			s->p++;
			if (in_object(s) && !scan_key(s))
				break;
			return false;
		}
		if (*s->p != (in_object(s) ? '}' : ']'))
			break;
		s->p++;
		s->level--;
	}
	if (s->level > 0)
		s->p = NULL;
	return true;
}

/* The place behind the value that begins at p, NULL if it is no value. */
static const char *skip_value(const char *p, const char *end, unsigned depth)
{
	struct scan s;

	s.p = p;
	s.end = end;
	s.level = 0;
	s.depth = depth < SIO__JSON_MAX_DEPTH ? depth : SIO__JSON_MAX_DEPTH;
	for (;;) {
		while (!scan_value(&s))
			;
		if (!s.p || scan_rest(&s))
			return s.p;
	}
}

bool sio__json_valid(const char *p, size_t n, unsigned depth)
{
	const char *end = p + n;

	if (n == 0)
		return false;
	p = skip_value(p, end, depth);
	return p && skip_blanks(p, end) == end;
}

bool sio__json_walk(struct sio__json_walk *walk, const char *p, size_t n)
{
	walk->end = p + n;
	walk->p = skip_blanks(p, walk->end);
	return walk->p < walk->end && *walk->p == '[';
}

bool sio__json_next(struct sio__json_walk *walk, struct sio__span *element)
{
	const char *p = walk->p;

	if (p == walk->end || *p == ']')
		return false;
	/* p is on the bracket that opens, or on a comma. */
	p = skip_blanks(p + 1, walk->end);
	walk->p = p;
	if (p == walk->end || *p == ']')
		return false;
	p = skip_value(p, walk->end, SIO__JSON_MAX_DEPTH);
	if (!p)
		return false;
	*element = sio__span(walk->p, (size_t)(p - walk->p));
	walk->p = skip_blanks(p, walk->end);
	return true;
}

/* -- the text of strings -------------------------------------------------- */

/* The character behind "\u" at p and the place behind it; half of a
 * surrogate pair is U+FFFD. */
static uint32_t read_unicode(const char **p, const char *end)
{
	uint32_t high = (uint32_t)hex_four(*p, end);
	int low;

	*p += 4;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
		return 0xfffd;
	low = hex_four(*p + 2, end);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*p += 6;
	return 0x10000 + ((high & 0x3ff) << 10) + ((uint32_t)low & 0x3ff);
}

static size_t write_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* One character behind a backslash. */
static uint32_t read_escape(const char **p, const char *end)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	char c = *(*p)++;
	const char *at;
	uint32_t value;

	if (c == 'u') {
		value = read_unicode(p, end);
		return value ? value : 0xfffd;
	}
	at = strchr(from, c);
	return (unsigned char)(at ? to[at - from] : c);
}

size_t sio__json_text(struct sio__span string, char *out, size_t size)
{
	const char *p = string.p + 1, *end = string.p + string.n - 1;
	char c[4];
	size_t len = 0, n;

	while (p < end) {
		n = 1;
		if (*p == '\\') {
			p++;
			n = write_utf8(c, read_escape(&p, end));
		} else {
			c[0] = *p++;
		}
		if (size - len <= n)
			return SIZE_MAX;
		memcpy(out + len, c, n);
		len += n;
	}
	if (len == size)
		return SIZE_MAX;
	out[len] = '\0';
	return len;
}

/* -- decoding -------------------------------------------------------------- */

static void mend_escape(struct eio__strbuf *out, const char **pp,
	const char *end, bool is_key)
{
	const char *p = *pp;
	uint32_t c;

	if (p[1] != 'u') {
		eio__strbuf_add(out, p, 2);
		*pp = p + 2;
		return;
	}
	*pp = p + 2;
	c = read_unicode(pp, end);
	if (c == 0xfffd || (c == 0 && is_key))
		eio__strbuf_adds(out, REPLACEMENT);
	else
		eio__strbuf_add(out, p, (size_t)(*pp - p));
}

static const char *mend_string(struct eio__strbuf *out, const char *p,
	const char *end)
{
	const char *behind = skip_string(p, end), *next, *from = p;
	bool is_key;

	if (!behind)
		return NULL;
	next = skip_blanks(behind, end);
	is_key = next < end && *next == ':';
	while (p < behind) {
		if (*p != '\\') {
			p++;
			continue;
		}
		eio__strbuf_add(out, from, (size_t)(p - from));
		mend_escape(out, &p, behind, is_key);
		from = p;
	}
	eio__strbuf_add(out, from, (size_t)(p - from));
	return behind;
}

/* The exponent behind the 'e', cut off where it makes no difference. */
static long read_exponent(const char *p, const char *end)
{
	bool negative = p < end && *p == '-';
	long value = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end && value < 100000000; p++)
		value = value * 10 + (*p - '0');
	return negative ? -value : value;
}

/*
 * Whether a number's text (without sign) is too large for a double: JSON
 * has Infinity there, jansson an error. Counted in digits, because
 * strtod() depends on the program's locale.
 */
static bool overflows(const char *p, const char *end)
{
	static const char largest[] = "17976931348623158";
	char digits[sizeof(largest)] = "00000000000000000";
	long point = 0, n = 0;
	bool fraction = false;

	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			fraction = true;
			continue;
		}
		if (n == 0 && *p == '0') {
			point -= fraction;
			continue;
		}
		if (n < (long)sizeof(largest) - 1)
			digits[n] = *p;
		n++;
		point += !fraction;
	}
	if (n == 0)
		return false;
	if (p < end)
		point += read_exponent(p + 1, end);
	/* The number is 0.DIGITS * 10^point. */
	return point > 309 || (point == 309 && strcmp(digits, largest) >= 0);
}

/* Whether a number's text (without sign) is an integer beyond 64 bits. */
static bool is_big_integer(const char *p, const char *end, bool negative)
{
	const char *largest = negative ? "9223372036854775808"
				       : "9223372036854775807";
	size_t n = (size_t)(end - p);

	if (skip_digits(p, end) != end)
		return false;
	return n > 19 || (n == 19 && memcmp(p, largest, 19) > 0);
}

static const char *mend_number(struct eio__strbuf *out, const char *p,
	const char *end)
{
	const char *behind = skip_number(p, end), *digits;
	bool negative = *p == '-';

	if (!behind)
		return NULL;
	digits = p + negative;
	if (overflows(digits, behind)) {
		eio__strbuf_printf(out, "%s1.7976931348623157e308",
			negative ? "-" : "");
		return behind;
	}
	eio__strbuf_add(out, p, (size_t)(behind - p));
	/* With an exponent it is a real. */
	if (is_big_integer(digits, behind, negative))
		eio__strbuf_adds(out, "e0");
	return behind;
}

/* Copies a valid text, with replacements for what jansson refuses. */
static void mend(struct eio__strbuf *out, const char *p, const char *end)
{
	const char *from;

	while (p && p < end) {
		if (*p == '"') {
			p = mend_string(out, p, end);
		} else if (*p == '-' || is_digit(*p)) {
			p = mend_number(out, p, end);
		} else {
			from = p++;
			while (p < end && *p != '"' && *p != '-' &&
				!is_digit(*p))
				p++;
			eio__strbuf_add(out, from, (size_t)(p - from));
		}
	}
}

json_t *sio__json_decode(const char *p, size_t n)
{
	const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
	struct eio__strbuf mended;
	json_error_t error;
	json_t *value;

	value = json_loadb(p, n, flags, &error);
	if (value || json_error_code(&error) == json_error_out_of_memory)
		return value;
	eio__strbuf_init(&mended, 0);
	mend(&mended, p, p + n);
	if (!mended.error && mended.len > 0)
		value = json_loadb(mended.data, mended.len, flags, &error);
	eio__strbuf_clear(&mended);
	return value;
}
