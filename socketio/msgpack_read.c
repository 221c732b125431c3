/* SPDX-License-Identifier: MIT */
/*
 * msgpack_read.c: values out of MessagePack.
 *
 * The reading is msgpack-c's: its template calls one function for each value
 * it meets, and these make the values jansson's. The library's own tree would
 * allocate as many elements as a peer announces, and end at 32 levels.
 *
 * What notepack makes of extensions: fixext 1 of type 0 is undefined, fixext
 * 8 of type 0 a Date, ext of type 0 bytes, everything else an array of the
 * type and the bytes.
 *
 * Always true: a text or key that gets through is UTF-8, so no peer can make
 * the key that marks a binary value (binary.c).
 */
#include <config.h>

#include <socketio/msgpack.h>

#include <engineio/base/utf8.h>
#include <socketio/json.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A value under way; NULL is undefined. */
typedef json_t *unpacked;

struct reading {
	unsigned depth, containers; /* still allowed */
	enum sio__msgpack_error error;
};

/* The map of a packet, the levels below it, and one more for the template's
 * own limit, which says less than ours. */
#define MOST_LEVELS              (SIO__JSON_MAX_DEPTH + 1)
#define MSGPACK_EMBED_STACK_SIZE (MOST_LEVELS + 1)
#include <msgpack/unpack.h>
#include <msgpack/unpack_define.h>

#define msgpack_unpack_struct(name)    struct reading##name
#define msgpack_unpack_func(ret, name) static ret reading##name
#define msgpack_unpack_callback(name)  on##name
#define msgpack_unpack_object          unpacked
#define msgpack_unpack_user            struct reading

struct reading_context;
static bool is_too_deep(const struct reading *r, const unpacked *place);

/* -- scalars --------------------------------------------------------------- */

static int fail(struct reading *r, enum sio__msgpack_error error)
{
	r->error = error;
	return -1;
}

static int made(struct reading *r, json_t *value, unpacked *out)
{
	*out = value;
	return value ? 0 : fail(r, SIO__MSGPACK_NOMEM);
}

static unpacked on_root(struct reading *r)
{
	(void)r;
	return NULL;
}

static int on_nil(struct reading *r, unpacked *out)
{
	return made(r, json_null(), out);
}

static int on_true(struct reading *r, unpacked *out)
{
	return made(r, json_true(), out);
}

static int on_false(struct reading *r, unpacked *out)
{
	return made(r, json_false(), out);
}

static int on_int64(struct reading *r, int64_t n, unpacked *out)
{
	return made(r, json_integer(n), out);
}

#define on_int8   on_int64
#define on_int16  on_int64
#define on_int32  on_int64
#define on_uint8  on_int64
#define on_uint16 on_int64
#define on_uint32 on_int64

static int on_double(struct reading *r, double n, unpacked *out)
{
	/* As in json_read.c: jansson has no Infinity; and NaN is what
	 * JSON.stringify() makes of it. */
	if (isnan(n))
		return on_nil(r, out);
	if (isinf(n))
		n = n < 0 ? -DBL_MAX : DBL_MAX;
	return made(r, json_real(n), out);
}

static int on_float(struct reading *r, float n, unpacked *out)
{
	return on_double(r, (double)n, out);
}

static int on_uint64(struct reading *r, uint64_t n, unpacked *out)
{
	if (n > INT64_MAX)
		return on_double(r, (double)n, out);
	return on_int64(r, (int64_t)n, out);
}

/* -- bytes ----------------------------------------------------------------- */

/* Of no bytes, p is anything. */
static int on_str(struct reading *r, const char *base, const char *p,
	unsigned int n, unpacked *out)
{
	if (n == 0)
		p = base;
	if (!eio__utf8_valid(p, n))
		return fail(r, SIO__MSGPACK_NO_UTF8);
	return made(r, json_stringn_nocheck(p, n), out);
}

static int on_bin(struct reading *r, const char *base, const char *p,
	unsigned int n, unpacked *out)
{
	return made(r, sio_binary(n == 0 ? base : p, n), out);
}

/* The civil date of a count of days since 1970, by counting in eras of 400
 * years that begin in March. */
static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t shifted = days + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int of_era = (int)(shifted - era * 146097);
	int years =
		(of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) /
		365;
	int of_year = of_era - (365 * years + years / 4 - years / 100);
	int march = (5 * of_year + 2) / 153;

	*day = of_year - (153 * march + 2) / 5 + 1;
	*month = march < 10 ? march + 3 : march - 9;
	*year = era * 400 + years + (*month <= 2);
}

/* As Date.toJSON() of JavaScript prints it. */
static json_t *date(int64_t ms)
{
	static const int64_t furthest = INT64_C(8640000000000000);
	int64_t of_day = (ms % 86400000 + 86400000) % 86400000, year;
	int month, day, n, second = (int)(of_day / 1000);
	char text[40];

	if (ms > furthest || ms < -furthest)
		return json_null();
	date_of((ms - of_day) / 86400000, &year, &month, &day);
	if (year >= 0 && year <= 9999)
		n = snprintf(text, sizeof(text), "%04d", (int)year);
	else
		n = snprintf(text, sizeof(text), "%c%06d", year < 0 ? '-' : '+',
			(int)(year < 0 ? -year : year));
	snprintf(text + n, sizeof(text) - (size_t)n,
		"-%02d-%02dT%02d:%02d:%02d.%03dZ", month, day, second / 3600,
		second / 60 % 60, second % 60, (int)(of_day % 1000));
	return json_string(text);
}

static int64_t load64(const unsigned char *p)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < 8; i++)
		n = n << 8 | p[i];
	return n > INT64_MAX ? -(int64_t)(~n) - 1 : (int64_t)n;
}

/* One more array or object in memory. */
static int count_container(struct reading *r)
{
	if (r->containers == 0)
		return fail(r, SIO__MSGPACK_CONTAINERS);
	r->containers--;
	return 0;
}

/* p is at the type; the byte before it tells fixext from ext: the last byte
 * of a length is the length, for lengths that fixext has. */
static int on_ext(struct reading *r, const char *base, const char *p,
	unsigned int n, unpacked *out)
{
	bool fixed;

	(void)base;
	/* So short is only one whose length has overflown. */
	if (n == 0)
		return fail(r, SIO__MSGPACK_MALFORMED);
	fixed = (unsigned char)p[-1] != n - 1;
	n--;
	if (*p == 0 && fixed && n == 1) {
		*out = NULL;
		return 0;
	}
	if (*p == 0 && fixed && n == 8)
		return made(r, date(load64((const unsigned char *)p + 1)), out);
	if (*p == 0 && !(fixed && (n == 2 || n == 4 || n == 16)))
		return made(r, sio_binary(p + 1, n), out);
	if (count_container(r))
		return -1;
	return made(r,
		json_pack("[i, o]", (int)(signed char)*p, sio_binary(p + 1, n)),
		out);
}

/* -- containers ------------------------------------------------------------ */

static int begin(struct reading *r, const unpacked *place)
{
	if (is_too_deep(r, place))
		return fail(r, SIO__MSGPACK_DEPTH);
	return count_container(r);
}

static int on_array(struct reading *r, unsigned int n, unpacked *out)
{
	(void)n;
	return begin(r, out) ? -1 : made(r, json_array(), out);
}

static int on_map(struct reading *r, unsigned int n, unpacked *out)
{
	(void)n;
	return begin(r, out) ? -1 : made(r, json_object(), out);
}

static int on_array_item(struct reading *r, unpacked *array, unpacked item)
{
	/* Gives the item away, also when it fails. */
	if (json_array_append_new(*array, item ? item : json_null()) != 0)
		return fail(r, SIO__MSGPACK_NOMEM);
	return 0;
}

/* jansson's keys end at a NUL, which becomes U+FFFD, as in json_read.c. */
static int set_member(json_t *object, const json_t *key, json_t *value)
{
	const char *p = json_string_value(key);
	size_t i, n = json_string_length(key);
	struct eio__strbuf text;
	int err;

	if (strlen(p) == n)
		return json_object_set_new_nocheck(object, p, value);
	eio__strbuf_init(&text, 0);
	for (i = 0; i < n; i++)
		eio__strbuf_add(&text, p[i] ? p + i : "\xef\xbf\xbd",
			p[i] ? 1 : 3);
	err = text.error;
	if (err)
		json_decref(value);
	else
		err = json_object_set_new_nocheck(object, text.data, value);
	eio__strbuf_clear(&text);
	return err;
}

static int on_map_item(struct reading *r, unpacked *map, unpacked key,
	unpacked value)
{
	int err = 0;

	if (!json_is_string(key)) {
		json_decref(value);
		err = fail(r, SIO__MSGPACK_KEY);
	} else if (!value) {
		/* Of two members of one name the last counts. */
		json_object_del(*map, json_string_value(key));
	} else if (set_member(*map, key, value) != 0) {
		err = fail(r, SIO__MSGPACK_NOMEM);
	}
	/* Of a failure drop() frees the key. */
	if (!err)
		json_decref(key);
	return err;
}

/* -- msgpack-c's template -------------------------------------------------- */

#include <msgpack/unpack_template.h>

/* The place of a container under way says how deep it is. */
static bool is_too_deep(const struct reading *r, const unpacked *place)
{
	const struct reading_context *c =
		(const struct reading_context *)(const void *)r;
	const struct reading_stack *level =
		(const struct reading_stack *)(const void *)place;

	return level - c->stack >= (ptrdiff_t)r->depth;
}

/* What was not yet put into what is around it. */
static void drop(struct reading_context *c)
{
	unsigned i;

	for (i = 0; i < c->top; i++) {
		json_decref(c->stack[i].obj);
		if (c->stack[i].ct == MSGPACK_CT_MAP_VALUE)
			json_decref(c->stack[i].map_key);
	}
}

enum sio__msgpack_error sio__msgpack_read(const void *p, size_t n,
	unsigned depth, unsigned containers, json_t **out)
{
	struct reading_context c;
	size_t at = 0;
	int result;

	reading_init(&c);
	c.user.depth = depth < MOST_LEVELS ? depth : MOST_LEVELS;
	c.user.containers = containers;
	c.user.error = SIO__MSGPACK_MALFORMED;
	result = reading_execute(&c, p, n, &at);
	if (result == 1 && at == n) {
		*out = reading_data(&c);
		return 0;
	}
	if (result == 1) {
		json_decref(reading_data(&c));
		return SIO__MSGPACK_TRAILING;
	}
	drop(&c);
	return c.user.error;
}
