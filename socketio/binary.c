/* SPDX-License-Identifier: MIT */
/*
 * binary.c: bytes as values.
 *
 * jansson has no type for bytes. A binary value is an object with one
 * member, whose key begins with a byte that never occurs in UTF-8, and whose
 * value is a string holding such a byte and then the raw bytes; both are made
 * with jansson's _nocheck functions. Packing, unpacking, counting, copying
 * and comparing just work. No text can be decoded to such a key, so a client
 * cannot forge one. And none gets out by accident: json_dumps() refuses the
 * string for its first byte (a key it would print, broken).
 *
 * Always true: only this file knows the tag.
 */
#include <config.h>

#include <socketio/binary.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MARK '\xff'

static const char tag[] = "\xff"
			  "binary";

/* A string of the mark and the bytes. */
static json_t *marked(const void *data, size_t len)
{
	char small[1024], *copy = small;
	json_t *string;

	if (len > SIZE_MAX / 2)
		return NULL;
	if (len >= sizeof(small))
		copy = malloc(len + 1);
	if (!copy)
		return NULL;
	copy[0] = MARK;
	if (len > 0)
		memcpy(copy + 1, data, len);
	string = json_stringn_nocheck(copy, len + 1);
	if (copy != small)
		free(copy);
	return string;
}

json_t *sio_binary(const void *data, size_t len)
{
	json_t *bytes, *value;

	if (!data && len > 0)
		return NULL;
	bytes = marked(data, len);
	value = json_object();
	/* Gives bytes away, also when it fails. */
	if (json_object_set_new_nocheck(value, tag, bytes) != 0) {
		json_decref(value);
		return NULL;
	}
	return value;
}

/* The string that holds mark and bytes; NULL in any other value. */
static const json_t *bytes_of(const json_t *value)
{
	void *iter;

	if (!json_is_object(value) || json_object_size(value) != 1)
		return NULL;
	iter = json_object_iter((json_t *)(uintptr_t)value);
	if (strcmp(json_object_iter_key(iter), tag) != 0)
		return NULL;
	return json_object_iter_value(iter);
}

bool sio_is_binary(const json_t *value)
{
	return bytes_of(value) != NULL;
}

const void *sio_binary_data(const json_t *value, size_t *len)
{
	const json_t *bytes = bytes_of(value);

	if (len)
		*len = bytes ? json_string_length(bytes) - 1 : 0;
	return bytes ? json_string_value(bytes) + 1 : NULL;
}

/* -- placeholders ---------------------------------------------------------- */

static bool is_placeholder(const json_t *value)
{
	return json_is_true(json_object_get(value, "_placeholder"));
}

/* The binary value a placeholder stands for; NULL for a wrong number. As
 * in JavaScript 1.0 is the number 1. */
static json_t *lookup(const json_t *placeholder, json_t *const *binaries,
	unsigned n)
{
	const json_t *num = json_object_get(placeholder, "num");
	double number = json_number_value(num);
	unsigned i;

	if (!json_is_number(num) || number < 0 || number >= n)
		return NULL;
	i = (unsigned)number;
	return number == i ? binaries[i] : NULL;
}

static int restore_array(json_t *array, json_t *const *binaries, unsigned n)
{
	size_t i;
	json_t *element, *binary;
	int err = 0;

	json_array_foreach(array, i, element) {
		if (!is_placeholder(element)) {
			err = sio__binary_restore(element, binaries, n);
		} else {
			binary = lookup(element, binaries, n);
			err = binary ? 0 : SIO_ERR_INVALID;
			if (!err && json_array_set(array, i, binary) != 0)
				err = SIO_ERR_NOMEM;
		}
		if (err)
			break;
	}
	return err;
}

static int restore_object(json_t *object, json_t *const *binaries, unsigned n)
{
	void *iter;
	json_t *member, *binary;
	int err;

	for (iter = json_object_iter(object); iter;
		iter = json_object_iter_next(object, iter)) {
		member = json_object_iter_value(iter);
		if (!is_placeholder(member)) {
			err = sio__binary_restore(member, binaries, n);
		} else {
			binary = lookup(member, binaries, n);
			err = binary ? 0 : SIO_ERR_INVALID;
			if (!err &&
				json_object_iter_set(object, iter, binary) != 0)
				err = SIO_ERR_NOMEM;
		}
		if (err)
			return err;
	}
	return 0;
}

int sio__binary_restore(json_t *value, json_t *const *binaries, unsigned n)
{
	if (json_is_array(value))
		return restore_array(value, binaries, n);
	if (json_is_object(value))
		return restore_object(value, binaries, n);
	return 0;
}
