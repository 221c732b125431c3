/* SPDX-License-Identifier: MIT */
/*
 * json_write.c: values to JSON text, as JSON.stringify() prints them.
 *
 * One walk, straight into the outgoing buffer. Numbers are printed as
 * JavaScript prints them (0.1 and 1, where jansson has 0.10000000000000001
 * and 1.0), independent of the program's locale. Bytes become placeholders
 * on the way. Which packet the text belongs to is not known here.
 *
 * Always true: what is written is UTF-8. jansson's _nocheck calls let any
 * bytes into a value, and a client that gets others loses its connection.
 */
#include <config.h>

#include <socketio/json.h>

#include <engineio/base/utf8.h>
#include <engineio/engineio.h>
#include <socketio/binary.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* -- numbers -------------------------------------------------------------- */

/* A number as digits: 0.DIGITS * 10^point, without zeros at either end. */
struct decimal {
	char digits[20];
	int n, point;
};

/* From what "%.*e" wrote. The decimal point is the locale's and may be
 * anything that is no digit. */
static void read_decimal(struct decimal *d, const char *text)
{
	const char *e = strchr(text, 'e');

	d->n = 0;
	for (; text < e; text++)
		if (*text >= '0' && *text <= '9')
			d->digits[d->n++] = *text;
	while (d->n > 1 && d->digits[d->n - 1] == '0')
		d->n--;
	d->point = (int)strtol(e + 1, NULL, 10) + 1;
}

/* The next larger number of the same length, in the text of "%.*e". False
 * if that changes the exponent. */
static bool count_up(char *text)
{
	char *p = strchr(text, 'e');

	while (p-- > text) {
		if (*p < '0' || *p > '9')
			continue;
		if (*p != '9') {
			++*p;
			return true;
		}
		*p = '0';
	}
	return false;
}

/*
 * The shortest digits that are read back as the same number. Every decimal
 * of up to 15 digits survives a double, so fewer need not be tried, except
 * among the subnormals. Below a power of two the doubles lie closer than
 * above it: there the nearest decimal may fail where the next one up works.
 */
static void shortest(struct decimal *d, double number)
{
	char text[40];
	int exponent, n;
	bool power_of_two = frexp(number, &exponent) == 0.5;

	for (n = number < DBL_MIN ? 1 : 15; n <= 17; n++) {
		snprintf(text, sizeof(text), "%.*e", n - 1, number);
		if (strtod(text, NULL) == number)
			break;
		if (power_of_two && count_up(text) &&
			strtod(text, NULL) == number)
			break;
	}
	read_decimal(d, text);
}

/*
 * Most fractions people send have few digits. number * 10^k being an
 * integer of at most 15 digits that, divided again, gives the number, is
 * proof enough: there is only one such decimal.
 */
static bool short_fraction(struct decimal *d, double number)
{
	static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };
	double scaled = 0;
	int k;

	if (number < 1e-3)
		return false;
	for (k = 1; k <= 6; k++) {
		if (number * powers[k] >= 1e15)
			return false;
		scaled = (double)(long long)(number * powers[k] + 0.5);
		if (scaled / powers[k] == number)
			break;
	}
	if (k > 6)
		return false;
	d->n = snprintf(d->digits, sizeof(d->digits), "%lld",
		(long long)scaled);
	d->point = d->n - k;
	return true;
}

static size_t print_exponent(char *out, const struct decimal *d)
{
	size_t n = 0;

	out[n++] = d->digits[0];
	if (d->n > 1) {
		out[n++] = '.';
		memcpy(out + n, d->digits + 1, (size_t)d->n - 1);
		n += (size_t)d->n - 1;
	}
	n += (size_t)snprintf(out + n, 8, "e%+d", d->point - 1);
	return n;
}

/* Number::toString of ECMAScript, for positive numbers. */
static size_t print_decimal(char *out, const struct decimal *d)
{
	int whole = d->point < d->n ? d->point : d->n, n = 0;

	if (d->point < -5 || d->point > 21)
		return print_exponent(out, d);
	if (d->point <= 0) {
		out[n++] = '0';
		out[n++] = '.';
		memset(out + n, '0', (size_t)-d->point);
		n -= d->point;
		whole = 0;
	}
	memcpy(out + n, d->digits, (size_t)whole);
	n += whole;
	if (d->point > d->n) {
		memset(out + n, '0', (size_t)(d->point - d->n));
		n += d->point - d->n;
	} else if (d->point > 0 && d->point < d->n) {
		out[n++] = '.';
	}
	memcpy(out + n, d->digits + whole, (size_t)(d->n - whole));
	return (size_t)(n + d->n - whole);
}

size_t sio__json_number(char out[SIO__JSON_NUMBER_SIZE], double number)
{
	struct decimal d;
	size_t n = 0;

	if (!isfinite(number)) {
		memcpy(out, "null", 5);
		return 4;
	}
	if (fabs(number) < 1e15 && number == (double)(long long)number)
		return (size_t)snprintf(out, SIO__JSON_NUMBER_SIZE, "%lld",
			(long long)number);
	if (number < 0) {
		out[n++] = '-';
		number = -number;
	}
	if (!short_fraction(&d, number))
		shortest(&d, number);
	n += print_decimal(out + n, &d);
	out[n] = '\0';
	return n;
}

static int write_integer(struct eio__strbuf *out, json_int_t number)
{
	if (number >= 0)
		return eio__strbuf_addu(out, (uint64_t)number);
	eio__strbuf_addc(out, '-');
	return eio__strbuf_addu(out, 0 - (uint64_t)number);
}

static int write_real(struct eio__strbuf *out, double number)
{
	char text[SIO__JSON_NUMBER_SIZE];

	return eio__strbuf_add(out, text, sio__json_number(text, number));
}

/* -- texts ---------------------------------------------------------------- */

static void write_escape(struct eio__strbuf *out, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = c ? strchr(from, c) : NULL;

	if (at) {
		eio__strbuf_addc(out, '\\');
		eio__strbuf_addc(out, to[at - from]);
	} else {
		eio__strbuf_printf(out, "\\u%04x", c);
	}
}

/* From the first byte on that may not stand for itself. */
static int write_escaped(struct eio__strbuf *out, const char *p, size_t n)
{
	const char *end = sio__end(p, n), *from = p;

	for (;;) {
		p = sio__json_skip_plain(p, end);
		eio__strbuf_add(out, from, (size_t)(p - from));
		if (p == end)
			break;
		write_escape(out, (unsigned char)*p++);
		from = p;
	}
	return eio__strbuf_addc(out, '"');
}

/* ASCII without escapes is seen to be that in one pass, and is written with
 * its quotes at once. */
int sio__json_write_text(struct eio__strbuf *out, const char *p, size_t n)
{
	const char *end = sio__end(p, n);
	size_t plain = (size_t)(sio__json_skip_ascii(p, end) - p);
	char *at;

	if (plain < n && !eio__utf8_valid(p + plain, n - plain))
		return ENGINEIO_ERR_INVALID;
	at = eio__strbuf_reserve(out, plain + 2);
	if (!at)
		return out->error;
	*at++ = '"';
	if (n > 0)
		memcpy(at, p, plain);
	at[plain] = '\0';
	out->len += plain + 1;
	if (plain < n)
		return write_escaped(out, p + plain, n - plain);
	memcpy(at + plain, "\"", 2);
	out->len++;
	return 0;
}

/* -- values --------------------------------------------------------------- */

void sio__blobs_init(struct sio__blobs *blobs, unsigned max)
{
	blobs->v = NULL;
	blobs->n = 0;
	blobs->size = 0;
	blobs->max = max;
}

void sio__blobs_clear(struct sio__blobs *blobs)
{
	free(blobs->v);
	sio__blobs_init(blobs, blobs->max);
}

static int blobs_add(struct sio__blobs *blobs, const json_t *value)
{
	unsigned size = blobs->size ? blobs->size * 2 : 4;
	struct sio__span *v;
	size_t len;

	if (blobs->n == blobs->max)
		return ENGINEIO_ERR_INVALID;
	if (blobs->n == blobs->size) {
		v = realloc(blobs->v, size * sizeof(*v));
		if (!v)
			return ENGINEIO_ERR_NOMEM;
		blobs->v = v;
		blobs->size = size;
	}
	v = &blobs->v[blobs->n++];
	v->p = sio_binary_data(value, &len);
	v->n = len;
	return 0;
}

/* What JSON.stringify() makes of a Buffer. */
static int write_bytes(struct eio__strbuf *out, const json_t *value)
{
	size_t i, n;
	const unsigned char *p = sio_binary_data(value, &n);

	eio__strbuf_adds(out, "{\"type\":\"Buffer\",\"data\":[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			eio__strbuf_addc(out, ',');
		eio__strbuf_addu(out, p[i]);
	}
	return eio__strbuf_adds(out, "]}");
}

static int write_blob(struct eio__strbuf *out, const json_t *value,
	struct sio__blobs *blobs)
{
	int err;

	if (!blobs)
		return write_bytes(out, value);
	err = blobs_add(blobs, value);
	if (err)
		return err;
	eio__strbuf_adds(out, "{\"_placeholder\":true,\"num\":");
	eio__strbuf_addu(out, blobs->n - 1);
	return eio__strbuf_addc(out, '}');
}

static int write_value(struct eio__strbuf *out, const json_t *value,
	struct sio__blobs *blobs, unsigned depth);

static int write_array(struct eio__strbuf *out, const json_t *array,
	struct sio__blobs *blobs, unsigned depth)
{
	size_t i, n = json_array_size(array);
	int err = 0;

	eio__strbuf_addc(out, '[');
	for (i = 0; i < n && !err; i++) {
		if (i > 0)
			eio__strbuf_addc(out, ',');
		err = write_value(out, json_array_get(array, i), blobs, depth);
	}
	return err ? err : eio__strbuf_addc(out, ']');
}

static int write_object(struct eio__strbuf *out, const json_t *object,
	struct sio__blobs *blobs, unsigned depth)
{
	/* Reading an object through an iterator does not change it. */
	void *iter = json_object_iter((json_t *)(uintptr_t)object);
	bool first = true;
	int err = 0;

	eio__strbuf_addc(out, '{');
	while (iter && !err) {
		const char *key = json_object_iter_key(iter);

		if (!first)
			eio__strbuf_addc(out, ',');
		first = false;
		err = sio__json_write_text(out, key, strlen(key));
		eio__strbuf_addc(out, ':');
		if (!err)
			err = write_value(out, json_object_iter_value(iter),
				blobs, depth);
		iter = json_object_iter_next((json_t *)(uintptr_t)object, iter);
	}
	return err ? err : eio__strbuf_addc(out, '}');
}

static int write_container(struct eio__strbuf *out, const json_t *value,
	struct sio__blobs *blobs, unsigned depth)
{
	/* Also what ends the walk of a tree that contains itself. */
	if (depth == SIO__JSON_MAX_DEPTH)
		return ENGINEIO_ERR_INVALID;
	if (json_is_array(value))
		return write_array(out, value, blobs, depth + 1);
	if (sio_is_binary(value))
		return write_blob(out, value, blobs);
	return write_object(out, value, blobs, depth + 1);
}

static int write_value(struct eio__strbuf *out, const json_t *value,
	struct sio__blobs *blobs, unsigned depth)
{
	if (out->error)
		return out->error;
	if (!value)
		return ENGINEIO_ERR_INVALID;
	switch (json_typeof(value)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		return write_container(out, value, blobs, depth);
	case JSON_STRING:
		return sio__json_write_text(out, json_string_value(value),
			json_string_length(value));
	case JSON_INTEGER:
		return write_integer(out, json_integer_value(value));
	case JSON_REAL:
		return write_real(out, json_real_value(value));
	case JSON_TRUE:
		return eio__strbuf_adds(out, "true");
	case JSON_FALSE:
		return eio__strbuf_adds(out, "false");
	case JSON_NULL:
	default:
		return eio__strbuf_adds(out, "null");
	}
}

int sio__json_write(struct eio__strbuf *out, const json_t *value,
	struct sio__blobs *blobs)
{
	return write_value(out, value, blobs, 0);
}
