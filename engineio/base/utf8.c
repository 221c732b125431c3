/* SPDX-License-Identifier: MIT */
/*
 * utf8.c: checking and mending UTF-8.
 *
 * One automaton does all of it (Unicode 15, table 3-7: the first byte decides
 * how many follow and what the second may be). It is of the kind that steps
 * by a shift: for each class of bytes there is a word that has the next state
 * at the bit that is the number of the present one. So a step is a look-up
 * that does not wait for the step before it, and a shift; it costs the same
 * for all scripts. ASCII is passed over in wider steps.
 *
 * Always true: the bad state is never left, so eight steps may be made before
 * looking.
 */
#include <config.h>

#include <engineio/base/utf8.h>

#include <engineio/base/word.h>

#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* The states; each is the bit at which words hold what follows it. */
enum {
	START = 0,       /* between two characters */
	BAD = 6,         /* not UTF-8 */
	NEED1 = 12,      /* one more byte, 80 to bf */
	NEED2 = 18,      /* two of them */
	NEED3 = 24,      /* three of them */
	AFTER_E0 = 30,   /* a0 to bf and one more: not a longer form */
	AFTER_ED = 36,   /* 80 to 9f and one more: not a surrogate */
	AFTER_F0 = 42,   /* 90 to bf and two more: not a longer form */
	AFTER_F4 = 48,   /* 80 to 8f and two more: not over U+10FFFF */
	STATE_MASK = 63, /* what is above is left over from the word */
};

/* The classes of bytes: ASCII, the three ranges that tell second bytes apart,
 * first bytes by what follows them, and what never occurs. */
enum {
	ASCII,
	B80,
	B90,
	BA0,
	LEAD2,
	LEAD3,
	LEAD4,
	E0,
	ED,
	F0,
	F4,
	NEVER
};

#define FOUR(c)    c, c, c, c
#define TWELVE(c)  FOUR(c), FOUR(c), FOUR(c)
#define SIXTEEN(c) TWELVE(c), FOUR(c)

static const unsigned char classes[256] = { SIXTEEN(ASCII), SIXTEEN(ASCII),
	SIXTEEN(ASCII), SIXTEEN(ASCII), SIXTEEN(ASCII), SIXTEEN(ASCII),
	SIXTEEN(ASCII), SIXTEEN(ASCII), SIXTEEN(B80), SIXTEEN(B90),
	SIXTEEN(BA0), SIXTEEN(BA0), NEVER, NEVER, LEAD2, LEAD2, TWELVE(LEAD2),
	SIXTEEN(LEAD2), E0, TWELVE(LEAD3), ED, LEAD3, LEAD3, F0, LEAD4, LEAD4,
	LEAD4, F4, NEVER, NEVER, NEVER, FOUR(NEVER), FOUR(NEVER) };

#define TO(from, state) ((uint64_t)(state) << (from))
#define FIRST(state) \
	(TO(START, state) | TO(BAD, BAD) | TO(NEED1, BAD) | TO(NEED2, BAD) | \
		TO(NEED3, BAD) | TO(AFTER_E0, BAD) | TO(AFTER_ED, BAD) | \
		TO(AFTER_F0, BAD) | TO(AFTER_F4, BAD))
#define NEXT(e0, ed, f0, f4) \
	(TO(START, BAD) | TO(BAD, BAD) | TO(NEED1, START) | TO(NEED2, NEED1) | \
		TO(NEED3, NEED2) | TO(AFTER_E0, e0) | TO(AFTER_ED, ed) | \
		TO(AFTER_F0, f0) | TO(AFTER_F4, f4))

static const uint64_t words[] = {
	[ASCII] = FIRST(START),
	[B80] = NEXT(BAD, NEED1, BAD, NEED2),
	[B90] = NEXT(BAD, NEED1, NEED2, BAD),
	[BA0] = NEXT(NEED1, BAD, NEED2, BAD),
	[LEAD2] = FIRST(NEED1),
	[LEAD3] = FIRST(NEED2),
	[LEAD4] = FIRST(NEED3),
	[E0] = FIRST(AFTER_E0),
	[ED] = FIRST(AFTER_ED),
	[F0] = FIRST(AFTER_F0),
	[F4] = FIRST(AFTER_F4),
	[NEVER] = FIRST(BAD),
};

static inline uint64_t step(uint64_t state, unsigned char byte)
{
	return words[classes[byte]] >> (state & STATE_MASK);
}

static inline uint64_t four_steps(uint64_t state, const unsigned char *p)
{
	state = step(state, p[0]);
	state = step(state, p[1]);
	state = step(state, p[2]);
	return step(state, p[3]);
}

static inline bool is_ascii(uint64_t word)
{
	return !(word & EIO__WORD_TOPS);
}

/* How many bytes at p are ASCII, in whole blocks of eight. */
static size_t ascii_run(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (n - i >= 32 &&
		is_ascii(eio__word_load(p + i) | eio__word_load(p + i + 8) |
			eio__word_load(p + i + 16) |
			eio__word_load(p + i + 24)))
		i += 32;
	while (n - i >= 8 && is_ascii(eio__word_load(p + i)))
		i += 8;
	return i;
}

/* How many bytes are good: n, or the place of the first bad one. The state is
 * that behind the good ones. */
static size_t walk(struct eio__utf8 *u, const unsigned char *p, size_t n)
{
	uint64_t state = u->state, next;
	size_t i = 0;

	while (n - i >= 8) {
		if (!(state & STATE_MASK) && is_ascii(eio__word_load(p + i))) {
			i += ascii_run(p + i, n - i);
			continue;
		}
		next = four_steps(four_steps(state, p + i), p + i + 4);
		if ((next & STATE_MASK) == BAD)
			break;
		state = next;
		i += 8;
	}
	/* The last ones are looked at together with some before them. */
	if (n >= 8 && n - i < 8 && !(state & STATE_MASK) &&
		is_ascii(eio__word_load(p + n - 8)))
		i = n;
	for (; i < n; i++) {
		next = step(state, p[i]);
		if ((next & STATE_MASK) == BAD)
			break;
		state = next;
	}
	u->state = state & STATE_MASK;
	return i;
}

bool eio__utf8_feed(struct eio__utf8 *u, const void *p, size_t n)
{
	return walk(u, p, n) == n;
}

bool eio__utf8_valid(const void *p, size_t n)
{
	struct eio__utf8 u = { 0 };

	return eio__utf8_feed(&u, p, n) && eio__utf8_complete(&u);
}

/* Where the character that is cut off at `end` begins. */
static size_t cut_start(const unsigned char *p, size_t end)
{
	while (p[end - 1] < 0xc0)
		end--;
	return end - 1;
}

int eio__utf8_mend(struct eio__strbuf *out, const void *data, size_t n)
{
	const unsigned char *p = data;
	struct eio__utf8 u = { 0 };
	size_t good, bad;

	while (n && !out->error) {
		good = walk(&u, p, n);
		bad = good;
		if (!eio__utf8_complete(&u))
			good = cut_start(p, bad);
		else if (bad < n)
			bad++;
		eio__strbuf_add(out, p, good);
		if (bad > good)
			eio__strbuf_adds(out, REPLACEMENT);
		p += bad;
		n -= bad;
		u.state = START;
	}
	return out->error;
}

/* A character of four bytes is two units, any other is one; it is counted
 * with its first byte. */
static size_t units_of(unsigned char byte)
{
	if ((byte & 0xc0) == 0x80)
		return 0;
	return byte < 0xf0 ? 1 : 2;
}

size_t eio__utf8_utf16(const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t i, units = 0;

	for (i = 0; i < n; i++)
		units += units_of(p[i]);
	return units;
}

ptrdiff_t eio__utf8_skip_utf16(const void *data, size_t n, size_t units)
{
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < n; i++) {
		size_t more = units_of(p[i]);

		if (more > units)
			break;
		units -= more;
	}
	/* Behind the last unit stands another character, or nothing. */
	return units ? -1 : (ptrdiff_t)i;
}
