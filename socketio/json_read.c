/* SPDX-License-Identifier: MIT */
/*
 * json_read.c: values out of text, as JSON.parse() makes them.
 *
 * The values are jansson's, the reading is not: jansson refuses half an
 * emoji, a NUL in a key or a number over 64 bits, all of which a browser may
 * send, and takes more time for a text than the rest of the server. Only
 * numbers that need care to be rounded are left to it.
 *
 * The text was found valid before, which also limits the recursion; what is
 * wrong all the same ends the reading with NULL.
 */
#include <config.h>

#include <socketio/json.h>

#include <engineio/base/utf8.h>

#include <float.h>
#include <stdlib.h>

struct reader {
	const char *p, *end;
	unsigned level;
};

static json_t *read_value(struct reader *r);

static bool at(struct reader *r, char c)
{
	r->p = sio__json_skip_blanks(r->p, r->end);
	return r->p < r->end && *r->p == c;
}

/* Over this character, if it is next. */
static bool take(struct reader *r, char c)
{
	bool is_next = at(r, c);

	r->p += is_next;
	return is_next;
}

/* -- strings --------------------------------------------------------------- */

/* The next string with its quotes; p NULL if there is none. */
static struct sio__span take_string(struct reader *r)
{
	const char *from = r->p;

	r->p = sio__json_skip_string(from, r->end);
	if (r->p)
		return sio__span(from, (size_t)(r->p - from));
	r->p = r->end;
	return sio__span(NULL, 0);
}

static json_t *read_escaped(struct reader *r)
{
	struct sio__span string = take_string(r);
	json_t *value;
	char *text;

	if (!string.p)
		return NULL;
	text = malloc(string.n);
	if (!text)
		return NULL;
	value = json_stringn_nocheck(text,
		sio__json_unescape(string, text, true));
	free(text);
	return value;
}

/* Most strings have no escapes: they are copied from between their quotes. */
static json_t *read_string(struct reader *r)
{
	const char *from = r->p + 1;
	const char *to = sio__json_skip_plain(from, r->end);

	if (to == r->end || *to != '"')
		return read_escaped(r);
	r->p = to + 1;
	return json_stringn_nocheck(from, (size_t)(to - from));
}

/* -- numbers --------------------------------------------------------------- */

/* A number as integer * 10^exponent. */
struct scientific {
	uint64_t digits;
	long exponent;
	int n; /* how many digits, zeros in front not counted */
	bool is_integer, negative;
};

static void add_digit(struct scientific *s, char c, bool fraction)
{
	if (s->n == 0 && c == '0') {
		s->exponent -= fraction;
		return;
	}
	s->n++;
	if (s->n <= 19) {
		s->digits = s->digits * 10 + (uint64_t)(c - '0');
		s->exponent -= fraction;
	} else {
		s->exponent += !fraction;
	}
}

/* The exponent behind the 'e', cut off where it makes no difference. */
static long read_exponent(const char *p, const char *end)
{
	bool negative = *p == '-';
	long value = 0;

	if (*p == '-' || *p == '+')
		p++;
	for (; p < end && value < 100000000; p++)
		value = value * 10 + (*p - '0');
	return negative ? -value : value;
}

static void take_apart(struct scientific *s, const char *p, const char *end)
{
	bool fraction = false;

	memset(s, 0, sizeof(*s));
	s->is_integer = true;
	s->negative = *p == '-';
	for (p += s->negative; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.')
			fraction = true;
		else
			add_digit(s, *p, fraction);
	}
	s->is_integer = p == end && !fraction;
	if (p < end)
		s->exponent += read_exponent(p + 1, end);
}

/* The doubles that are integers up to 2^53 and powers of ten up to 10^22 are
 * exact, so one operation on two of them rounds once, which is right. */
static bool is_exact(const struct scientific *s)
{
	return FLT_EVAL_METHOD == 0 && s->n <= 15 && s->exponent >= -22 &&
		s->exponent <= 22;
}

static double exact(const struct scientific *s)
{
	static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
		1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
		1e19, 1e20, 1e21, 1e22 };
	double number = (double)s->digits;

	number = s->exponent < 0 ? number / powers[-s->exponent]
				 : number * powers[s->exponent];
	return s->negative ? -number : number;
}

/* What does not even fit into a double is the largest one: jansson has no
 * Infinity. */
static json_t *round_carefully(const char *p, size_t n, bool negative)
{
	json_error_t error;
	json_t *value = json_loadb(p, n,
		JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &error);

	if (!value && json_error_code(&error) == json_error_numeric_overflow)
		value = json_real(negative ? -DBL_MAX : DBL_MAX);
	return value;
}

static json_t *read_number(struct reader *r)
{
	const char *from = r->p;
	struct scientific s;
	size_t n;

	r->p = sio__json_skip_number(from, r->end);
	if (!r->p) {
		r->p = r->end;
		return NULL;
	}
	n = (size_t)(r->p - from);
	take_apart(&s, from, r->p);
	/* All numbers of 18 digits, and many of 19, fit into 64 bits. */
	if (s.is_integer && s.n <= 19 &&
		s.digits <= (uint64_t)INT64_MAX + s.negative)
		return json_integer(s.negative ? (json_int_t)(0 - s.digits)
					       : (json_int_t)s.digits);
	if (!s.is_integer && is_exact(&s))
		return json_real(exact(&s));
	return round_carefully(from, n, s.negative);
}

/* -- containers ------------------------------------------------------------ */

/* Elements up to this character, which is taken; '\0' for the end of the
 * text. They go into the array, which is given back, or freed. */
static json_t *read_elements(struct reader *r, json_t *array, char close)
{
	bool more;

	if (!array)
		return NULL;
	more = close ? !take(r, close)
		     : sio__json_skip_blanks(r->p, r->end) < r->end;
	while (more) {
		/* Gives the element away, also when it fails. */
		if (json_array_append_new(array, read_value(r)) != 0)
			goto wrong;
		more = take(r, ',');
		if (!more && close && !take(r, close))
			goto wrong;
	}
	return array;

wrong:
	json_decref(array);
	return NULL;
}

static int add_member(json_t *object, struct sio__span key, json_t *value)
{
	char small[256], *text = small;
	int err;

	if (key.n > sizeof(small))
		text = malloc(key.n);
	if (!text) {
		json_decref(value);
		return -1;
	}
	text[sio__json_unescape(key, text, false)] = '\0';
	err = json_object_set_new_nocheck(object, text, value);
	if (text != small)
		free(text);
	return err;
}

static int read_member(struct reader *r, json_t *object)
{
	struct sio__span key = { NULL, 0 };

	if (at(r, '"'))
		key = take_string(r);
	if (!key.p || !take(r, ':'))
		return -1;
	return add_member(object, key, read_value(r));
}

static json_t *read_members(struct reader *r)
{
	json_t *object = json_object();
	bool more;

	if (!object)
		return NULL;
	more = !take(r, '}');
	while (more) {
		if (read_member(r, object) != 0)
			goto wrong;
		more = take(r, ',');
		if (!more && !take(r, '}'))
			goto wrong;
	}
	return object;

wrong:
	json_decref(object);
	return NULL;
}

static json_t *read_container(struct reader *r)
{
	json_t *value;

	if (r->level == SIO__JSON_MAX_DEPTH)
		return NULL;
	r->level++;
	value = *r->p++ == '[' ? read_elements(r, json_array(), ']')
			       : read_members(r);
	r->level--;
	return value;
}

/* -- values ---------------------------------------------------------------- */

static json_t *read_word(struct reader *r)
{
	size_t left = (size_t)(r->end - r->p);

	if (left >= 4 && memcmp(r->p, "true", 4) == 0) {
		r->p += 4;
		return json_true();
	}
	if (left >= 5 && memcmp(r->p, "false", 5) == 0) {
		r->p += 5;
		return json_false();
	}
	if (left >= 4 && memcmp(r->p, "null", 4) == 0) {
		r->p += 4;
		return json_null();
	}
	return NULL;
}

static json_t *read_value(struct reader *r)
{
	r->p = sio__json_skip_blanks(r->p, r->end);
	if (r->p == r->end)
		return NULL;
	switch (*r->p) {
	case '"':
		return read_string(r);
	case '[':
	case '{':
		return read_container(r);
	case 't':
	case 'f':
	case 'n':
		return read_word(r);
	default:
		return read_number(r);
	}
}

json_t *sio__json_decode(const char *p, size_t n)
{
	struct reader r = { p, sio__end(p, n), 0 };

	return eio__utf8_valid(p, n) ? read_value(&r) : NULL;
}

json_t *sio__json_decode_list(json_t *array, const char *p, size_t n)
{
	struct reader r = { p, sio__end(p, n), 0 };

	return read_elements(&r, array, '\0');
}
