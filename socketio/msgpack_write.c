/* SPDX-License-Identifier: MIT */
/*
 * msgpack_write.c: MessagePack of values, byte for byte as notepack writes it.
 *
 * msgpack-c packs, and takes the shortest form as notepack does. To
 * JavaScript 3.0 is 3: a real without a fraction is written as an integer, as
 * long as it fits into 64 bits (notepack goes wrong beyond that). Binary
 * values are bin, which every client takes for bytes.
 */
#include <config.h>

#include <socketio/msgpack.h>

#include <engineio/base/utf8.h>
#include <socketio/json.h>

#include <math.h>
#include <msgpack/pack.h>

static int on_bytes(void *user, const char *p, size_t n)
{
	return eio__strbuf_add(user, p, n) ? -1 : 0;
}

static msgpack_packer packer(struct eio__strbuf *out)
{
	msgpack_packer to;

	msgpack_packer_init(&to, out, on_bytes);
	return to;
}

void sio__msgpack_map(struct eio__strbuf *out, size_t n)
{
	msgpack_packer to = packer(out);

	msgpack_pack_map(&to, n);
}

void sio__msgpack_number(struct eio__strbuf *out, uint64_t number)
{
	msgpack_packer to = packer(out);

	msgpack_pack_uint64(&to, number);
}

int sio__msgpack_text(struct eio__strbuf *out, const char *p, size_t n)
{
	msgpack_packer to = packer(out);

	/* The format has 32 bits for a length. */
	if (n > UINT32_MAX || !eio__utf8_valid(p, n))
		return ENGINEIO_ERR_INVALID;
	msgpack_pack_str_with_body(&to, p, n);
	return out->error;
}

static int write_real(msgpack_packer *to, double number)
{
	if (floor(number) != number)
		return msgpack_pack_double(to, number);
	/* 2^63 and 2^64; the lesser bound is a number too. */
	if (number >= 0 && number < 18446744073709551616.0)
		return msgpack_pack_uint64(to, (uint64_t)number);
	if (number < 0 && number >= -9223372036854775808.0)
		return msgpack_pack_int64(to, (int64_t)number);
	return msgpack_pack_double(to, number);
}

static int write_bytes(struct eio__strbuf *out, const json_t *value)
{
	msgpack_packer to = packer(out);
	size_t n;
	const void *p = sio_binary_data(value, &n);

	if (n > UINT32_MAX)
		return ENGINEIO_ERR_INVALID;
	msgpack_pack_bin_with_body(&to, p, n);
	return out->error;
}

static int write_value(struct eio__strbuf *out, const json_t *value,
	unsigned depth);

static int write_array(struct eio__strbuf *out, const json_t *array,
	unsigned depth)
{
	msgpack_packer to = packer(out);
	size_t i, n = json_array_size(array);
	int err = 0;

	msgpack_pack_array(&to, n);
	for (i = 0; i < n && !err; i++)
		err = write_value(out, json_array_get(array, i), depth);
	return err;
}

static int write_object(struct eio__strbuf *out, const json_t *value,
	unsigned depth)
{
	/* Reading an object through an iterator does not change it. */
	json_t *object = (json_t *)(uintptr_t)value;
	const char *key;
	json_t *member;
	int err = 0;

	sio__msgpack_map(out, json_object_size(object));
	json_object_foreach(object, key, member) {
		err = sio__msgpack_text(out, key, strlen(key));
		if (!err)
			err = write_value(out, member, depth);
		if (err)
			break;
	}
	return err;
}

static int write_container(struct eio__strbuf *out, const json_t *value,
	unsigned depth)
{
	/* Also what ends the walk of a tree that contains itself. */
	if (depth == SIO__JSON_MAX_DEPTH)
		return ENGINEIO_ERR_INVALID;
	if (json_is_array(value))
		return write_array(out, value, depth + 1);
	if (sio_is_binary(value))
		return write_bytes(out, value);
	return write_object(out, value, depth + 1);
}

static int write_value(struct eio__strbuf *out, const json_t *value,
	unsigned depth)
{
	msgpack_packer to = packer(out);

	if (out->error)
		return out->error;
	if (!value)
		return ENGINEIO_ERR_INVALID;
	switch (json_typeof(value)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		return write_container(out, value, depth);
	case JSON_STRING:
		return sio__msgpack_text(out, json_string_value(value),
			json_string_length(value));
	case JSON_INTEGER:
		msgpack_pack_int64(&to, json_integer_value(value));
		break;
	case JSON_REAL:
		write_real(&to, json_real_value(value));
		break;
	case JSON_TRUE:
		msgpack_pack_true(&to);
		break;
	case JSON_FALSE:
		msgpack_pack_false(&to);
		break;
	case JSON_NULL:
	default:
		msgpack_pack_nil(&to);
	}
	return out->error;
}

int sio__msgpack_write(struct eio__strbuf *out, const json_t *value)
{
	return write_value(out, value, 0);
}
