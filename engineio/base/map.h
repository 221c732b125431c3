/* SPDX-License-Identifier: MIT */
/*
 * map.h: hash table from byte strings to pointers.
 *
 * A value knows its own key, whose bytes stay alive and unchanged while the
 * entry is in; so an entry takes two words. Values are never NULL and never
 * freed.
 * The hash is keyed with a seed the peers do not know, so nobody can choose
 * keys that fall on one place.
 */
#ifndef ENGINEIO_BASE_MAP_H
#define ENGINEIO_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct eio__map_slot;

/* Where the key of this value begins. */
typedef const char *(*eio__map_key)(const void *value);

struct eio__map {
	struct eio__map_slot *slots; /* NULL while the map is empty */
	eio__map_key key_of;
	uint64_t seed;
	uint32_t count, mask;
};

/* The keyed hash of its keys, for who has another use for it. */
uint32_t eio__map_hash(uint64_t seed, const char *key, size_t len);
/* Allocates nothing. */
void eio__map_init(struct eio__map *m, uint64_t seed, eio__map_key key_of);
/* Frees the table, not the values; the map is empty and usable again. */
void eio__map_clear(struct eio__map *m);
size_t eio__map_count(const struct eio__map *m);
/* NULL when the key is not in. */
void *eio__map_get(const struct eio__map *m, const char *key, size_t len);
/* Adds the value, whose key is so long, or puts it in the place of the one
 * with the same key. 0, ENGINEIO_ERR_NOMEM (the map is unchanged) or
 * ENGINEIO_ERR_INVALID: the value is NULL or the key longer than 4 GB. */
int eio__map_put(struct eio__map *m, void *value, size_t len);
/* Takes the entry out and returns its value; NULL when it was not in.
 * Cannot fail; gives memory back as the map gets smaller. */
void *eio__map_del(struct eio__map *m, const char *key, size_t len);
/* The values in table order, NULL behind the last; *pos is 0 at first. No
 * changes during the walk. To empty a map, walk it, then clear it. */
void *eio__map_next(const struct eio__map *m, size_t *pos);

#endif
