/* SPDX-License-Identifier: MIT */
/*
 * word.h: eight bytes looked at together.
 *
 * What is asked about each of them comes back as a word of marks: 0x80 where
 * it is so. The first mark is right; those behind it may be wrong, because a
 * byte that borrows in a subtraction takes from its neighbour.
 */
#ifndef ENGINEIO_BASE_WORD_H
#define ENGINEIO_BASE_WORD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EIO__WORD_ONES UINT64_C(0x0101010101010101)
#define EIO__WORD_TOPS UINT64_C(0x8080808080808080)

/* The first byte is in the lowest bits, whatever the machine. Written as shifts
 * alone it is one load only where compilers find nothing else to do with the
 * bytes, such as to OR four words byte by byte. */
static inline uint64_t eio__word_load(const void *p)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
#else
	const unsigned char *b = p;

	return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 |
		(uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 |
		(uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
		(uint64_t)b[7] << 56;
#endif
}

/* Which bytes are below n, which is at most 128. */
static inline uint64_t eio__word_below(uint64_t word, unsigned char n)
{
	return (word - EIO__WORD_ONES * n) & ~word & EIO__WORD_TOPS;
}

static inline uint64_t eio__word_is(uint64_t word, unsigned char byte)
{
	return eio__word_below(word ^ EIO__WORD_ONES * byte, 1);
}

/* Which of them the first mark is; there must be one. Below a mark all bits
 * of mark - 1 are set: one for each byte up to its own, and those are
 * added. */
static inline unsigned eio__word_first(uint64_t marks)
{
	return (unsigned)(((marks - 1) & EIO__WORD_ONES) * EIO__WORD_ONES >>
		       56) -
		1;
}

/* From i on, the next of n bytes that is below `limit`, or a DEL, or n. Where
 * nearly all bytes are none, they are passed over eight at a time. */
static inline size_t eio__word_find_below(const char *p, size_t i, size_t n,
	unsigned char limit)
{
	uint64_t word, marks;

	for (; n - i >= 8; i += 8) {
		word = eio__word_load(p + i);
		marks = eio__word_below(word, limit) | eio__word_is(word, 0x7f);
		if (marks)
			return i + eio__word_first(marks);
	}
	while (i < n && (unsigned char)p[i] >= limit && p[i] != 0x7f)
		i++;
	return i;
}

#endif
