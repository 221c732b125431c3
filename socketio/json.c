/* SPDX-License-Identifier: MIT */
/*
 * json.c: JSON text without building values.
 *
 * Arguments of events are only decoded when a handler looks at them; this
 * file says before that whether they are JSON at all, in one pass without
 * recursion or allocation, which also finds an event's name, and resolves the
 * escapes of a string. Values are made by json_read.c.
 */
#include <config.h>

#include <socketio/json.h>

#include <engineio/base/hex.h>
#include <stdint.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

const char *sio__json_skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* -- scalars: each returns the place behind, or NULL if it is wrong ------ */

/* The value of the four digits behind \u, or -1. */
static int hex_four(const char *p, const char *end)
{
	int value = 0, digit, i;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = eio__hex_digit(p[i]);
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

const char *sio__json_skip_string(const char *p, const char *end)
{
	if (p == end || *p++ != '"')
		return NULL;
	for (;;) {
		p = sio__json_skip_plain(p, end);
		if (p == end)
			return NULL;
		if (*p == '"')
			return p + 1;
		if (*p != '\\')
			return NULL;
		p = skip_escape(p + 1, end);
		if (!p)
			return NULL;
	}
}

static const char *skip_digits(const char *p, const char *end)
{
	if (p == end || !is_digit(*p))
		return NULL;
	while (p < end && is_digit(*p))
		p++;
	return p;
}

const char *sio__json_skip_number(const char *p, const char *end)
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
		return sio__json_skip_string(p, end);
	case 't':
		return skip_word(p, end, "true");
	case 'f':
		return skip_word(p, end, "false");
	case 'n':
		return skip_word(p, end, "null");
	default:
		return sio__json_skip_number(p, end);
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
	s->p = sio__json_skip_blanks(s->p + 1, s->end);
	return s->p < s->end;
}

/* Over the key of a member and its colon. */
static bool scan_key(struct scan *s)
{
	s->p = sio__json_skip_string(sio__json_skip_blanks(s->p, s->end),
		s->end);
	if (!s->p)
		return false;
	s->p = sio__json_skip_blanks(s->p, s->end);
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
	s->p = sio__json_skip_blanks(s->p, s->end);
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
		s->p = sio__json_skip_blanks(s->p, s->end);
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

/* The place behind the value that begins at p, NULL if it is no value. Where
 * that is an array, *first is its first element, unless that has elements of
 * its own. */
static const char *skip_value(const char *p, const char *end, unsigned depth,
	struct sio__span *first)
{
	struct scan s;
	bool is_first = true;

	s.p = p;
	s.end = end;
	s.level = 0;
	s.depth = depth < SIO__JSON_MAX_DEPTH ? depth : SIO__JSON_MAX_DEPTH;
	do {
		do
			p = s.p;
		while (!scan_value(&s));
		if (is_first && s.p && s.level == 1 && !in_object(&s))
			*first = sio__span(p, (size_t)(s.p - p));
		is_first = false;
	} while (s.p && !scan_rest(&s));
	return s.p;
}

bool sio__json_scan(const char *p, size_t n, unsigned depth,
	struct sio__span *first)
{
	const char *end = sio__end(p, n);

	*first = sio__span(NULL, 0);
	if (n == 0)
		return false;
	p = skip_value(p, end, depth, first);
	return p && sio__json_skip_blanks(p, end) == end;
}

bool sio__json_valid(const char *p, size_t n, unsigned depth)
{
	struct sio__span first;

	return sio__json_scan(p, n, depth, &first);
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

	if (c == 'u')
		return read_unicode(p, end);
	at = strchr(from, c);
	return (unsigned char)(at ? to[at - from] : c);
}

size_t sio__json_unescape(struct sio__span string, char *out, bool keep_nul)
{
	const char *p = string.p + 1, *end = string.p + string.n - 1;
	const char *escape;
	size_t len = 0, n;
	uint32_t c;

	while (p < end) {
		escape = memchr(p, '\\', (size_t)(end - p));
		n = (size_t)((escape ? escape : end) - p);
		memcpy(out + len, p, n);
		len += n;
		p += n;
		if (p == end)
			break;
		p++;
		c = read_escape(&p, end);
		len += write_utf8(out + len, c || keep_nul ? c : 0xfffd);
	}
	return len;
}
