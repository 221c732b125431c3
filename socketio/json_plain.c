/* SPDX-License-Identifier: MIT */
/*
 * json_plain.c: the bytes of JSON strings that need no look.
 *
 * Nearly all bytes of a string stand for themselves. They are passed over
 * sixteen at a time where the processor has SSE2, eight at a time where not
 * and in shorter texts. The last ones are looked at together with some before
 * them, which are known to be plain.
 */
#include <config.h>

#include <socketio/json.h>

#include <engineio/base/word.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Marks bytes below 0x20, quotes and backslashes. None of the three is over
 * 127, so one AND at the end does for eio__word_below() and twice
 * eio__word_is(); with `ascii` those over 127 are marked too. */
static uint64_t mark_eight(const char *p, bool ascii)
{
	uint64_t word = eio__word_load(p);
	uint64_t below = word - EIO__WORD_ONES * 0x20;
	uint64_t quotes = (word ^ EIO__WORD_ONES * '"') - EIO__WORD_ONES;
	uint64_t escapes = (word ^ EIO__WORD_ONES * '\\') - EIO__WORD_ONES;
	uint64_t marks = below | quotes | escapes;

	return (ascii ? marks | word : marks & ~word) & EIO__WORD_TOPS;
}

static bool is_plain(unsigned char c, bool ascii)
{
	return c >= 0x20 && c != '"' && c != '\\' && !(ascii && c > 0x7f);
}

static const char *skip_eights(const char *p, const char *end, bool ascii)
{
	const char *from = p;
	uint64_t marks;

	for (; end - p >= 8; p += 8) {
		marks = mark_eight(p, ascii);
		if (marks)
			return p + eio__word_first(marks);
	}
	if (p > from && p < end) {
		marks = mark_eight(end - 8, ascii) >> 8 * (8 - (end - p));
		return marks ? p + eio__word_first(marks) : end;
	}
	while (p < end && is_plain((unsigned char)*p, ascii))
		p++;
	return p;
}

#if defined(__SSE2__)
/* The bit of each byte that is a quote, a backslash, or below the limit. That
 * comparison takes bytes over 127 for negative ones, as `ascii` wants it;
 * otherwise `flip` turns the tops of the bytes, and of the limit, around. */
static inline unsigned mark_sixteen(const char *p, __m128i flip)
{
	__m128i block = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i limit = _mm_xor_si128(_mm_set1_epi8(0x20), flip);
	__m128i below = _mm_cmplt_epi8(_mm_xor_si128(block, flip), limit);
	__m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
	__m128i escapes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes,
								escapes),
		below));
}

/* There are sixteen at least. */
static const char *skip_sixteens(const char *p, const char *end, bool ascii)
{
	const __m128i flip = _mm_set1_epi8(ascii ? 0 : -128);
	const char *last = end - 16;
	unsigned marks;

	for (; p <= last; p += 16) {
		marks = mark_sixteen(p, flip);
		if (marks)
			return p + __builtin_ctz(marks);
	}
	marks = mark_sixteen(last, flip) >> (p - last);
	return marks ? p + __builtin_ctz(marks) : end;
}

static const char *skip(const char *p, const char *end, bool ascii)
{
	return end - p < 16 ? skip_eights(p, end, ascii)
			    : skip_sixteens(p, end, ascii);
}
#else
static const char *skip(const char *p, const char *end, bool ascii)
{
	return skip_eights(p, end, ascii);
}
#endif

const char *sio__json_skip_plain(const char *p, const char *end)
{
	return skip(p, end, false);
}

const char *sio__json_skip_ascii(const char *p, const char *end)
{
	return skip(p, end, true);
}
