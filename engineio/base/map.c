/* SPDX-License-Identifier: MIT */
/*
 * map.c: hash table from byte strings to pointers.
 *
 * Open addressing with linear probing over a power of two of slots, at most
 * three quarters of them used. The hash is SipHash-1-3: keyed, and cheap for
 * the short keys (ids, room names) this is made for.
 *
 * Always true: an entry stands at its home slot or behind it with no empty
 * slot in between. So a search ends at the first empty slot, and deleting
 * moves the entries behind the gap instead of leaving a mark: tables do not
 * slow down with age. An empty map has no table.
 */
#include <config.h>

#include <engineio/base/map.h>

#include <engineio/engineio.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MIN_SLOTS 4u
#define MAX_SLOTS (UINT32_C(1) << 31)

struct eio__map_slot {
	void *value; /* NULL: the slot is empty */
	uint32_t len, hash;
};

static inline uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static inline void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/* The words are read in the machine's byte order: the hash never leaves the
 * process. */
uint32_t eio__map_hash(uint64_t seed, const char *key, size_t len)
{
	uint64_t v[4] = {
		seed ^ UINT64_C(0x736f6d6570736575),
		~seed ^ UINT64_C(0x646f72616e646f6d),
		seed ^ UINT64_C(0x6c7967656e657261),
		~seed ^ UINT64_C(0x7465646279746573),
	};
	uint64_t word, last = 0;
	size_t left;

	for (left = len; left >= 8; left -= 8, key += 8) {
		memcpy(&word, key, 8);
		sip_word(v, word);
	}
	if (left)
		memcpy(&last, key, left);
	sip_word(v, last ^ (uint64_t)len << 56);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	word = v[0] ^ v[1] ^ v[2] ^ v[3];
	return (uint32_t)(word ^ word >> 32);
}

static bool slot_is(const struct eio__map *m, uint32_t i, uint32_t hash,
	const char *key, size_t len)
{
	const struct eio__map_slot *s = &m->slots[i];

	return s->hash == hash && s->len == len &&
		(!len || !memcmp(m->key_of(s->value), key, len));
}

/* The slot of the key, or the empty slot where it would go. There is a table,
 * and it always has an empty slot. */
static uint32_t find(const struct eio__map *m, uint32_t hash, const char *key,
	size_t len)
{
	uint32_t i = hash & m->mask;

	while (m->slots[i].value && !slot_is(m, i, hash, key, len))
		i = (i + 1) & m->mask;
	return i;
}

static void insert_new(struct eio__map *m, const struct eio__map_slot *s)
{
	uint32_t i = s->hash & m->mask;

	while (m->slots[i].value)
		i = (i + 1) & m->mask;
	m->slots[i] = *s;
}

static int resize(struct eio__map *m, uint32_t slots)
{
	struct eio__map old = *m;
	uint32_t i;

	m->slots = calloc(slots, sizeof(*m->slots));
	if (!m->slots) {
		m->slots = old.slots;
		return ENGINEIO_ERR_NOMEM;
	}
	m->mask = slots - 1;
	for (i = 0; old.slots && i <= old.mask; i++)
		if (old.slots[i].value)
			insert_new(m, &old.slots[i]);
	free(old.slots);
	return 0;
}

static int make_room(struct eio__map *m)
{
	uint32_t slots = m->slots ? m->mask + 1 : 0;

	if (m->count < slots / 4 * 3)
		return 0;
	if (slots >= MAX_SLOTS)
		return ENGINEIO_ERR_NOMEM;
	return resize(m, slots ? slots * 2 : MIN_SLOTS);
}

/* A table that stays too big because memory is short does no harm. */
static void give_room_back(struct eio__map *m)
{
	uint32_t slots = m->mask + 1;

	if (!m->count)
		eio__map_clear(m);
	else if (slots > MIN_SLOTS && m->count < slots / 8)
		(void)resize(m, slots / 2);
}

/* Moves every entry behind the gap that may stand in it into it, until an
 * empty slot ends the run. */
static void close_gap(struct eio__map *m, uint32_t gap)
{
	uint32_t i = gap, from_home, from_gap;

	for (;;) {
		i = (i + 1) & m->mask;
		if (!m->slots[i].value)
			break;
		from_home = (i - m->slots[i].hash) & m->mask;
		from_gap = (i - gap) & m->mask;
		if (from_home >= from_gap) {
			m->slots[gap] = m->slots[i];
			gap = i;
		}
	}
	m->slots[gap].value = NULL;
}

void eio__map_init(struct eio__map *m, uint64_t seed, eio__map_key key_of)
{
	memset(m, 0, sizeof(*m));
	m->seed = seed;
	m->key_of = key_of;
}

void eio__map_clear(struct eio__map *m)
{
	free(m->slots);
	eio__map_init(m, m->seed, m->key_of);
}

size_t eio__map_count(const struct eio__map *m)
{
	return m->count;
}

void *eio__map_get(const struct eio__map *m, const char *key, size_t len)
{
	if (!m->slots)
		return NULL;
	return m->slots[find(m, eio__map_hash(m->seed, key, len), key, len)]
		.value;
}

int eio__map_put(struct eio__map *m, void *value, size_t len)
{
	struct eio__map_slot s = { value, (uint32_t)len, 0 };
	const char *key;
	uint32_t i;
	int err;

	if (!value || len > UINT32_MAX)
		return ENGINEIO_ERR_INVALID;
	key = m->key_of(value);
	s.hash = eio__map_hash(m->seed, key, len);
	if (m->slots) {
		i = find(m, s.hash, key, len);
		if (m->slots[i].value) {
			m->slots[i] = s;
			return 0;
		}
	}
	err = make_room(m);
	if (err)
		return err;
	insert_new(m, &s);
	m->count++;
	return 0;
}

void *eio__map_del(struct eio__map *m, const char *key, size_t len)
{
	void *value;
	uint32_t i;

	if (!m->slots)
		return NULL;
	i = find(m, eio__map_hash(m->seed, key, len), key, len);
	value = m->slots[i].value;
	if (!value)
		return NULL;
	close_gap(m, i);
	m->count--;
	give_room_back(m);
	return value;
}

void *eio__map_next(const struct eio__map *m, size_t *pos)
{
	while (m->slots && *pos <= m->mask) {
		void *value = m->slots[(*pos)++].value;

		if (value)
			return value;
	}
	return NULL;
}
