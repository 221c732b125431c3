/* SPDX-License-Identifier: MIT */
/*
 * utf8.c: checking and mending UTF-8.
 *
 * One small automaton (Unicode 15, table 3-7: the lead byte decides how many
 * bytes follow and what the first of them may be) does all of it. Around it
 * are two short cuts, because text is nearly always one of the two: runs of
 * ASCII, and whole characters of three bytes.
 */
#include <config.h>

#include <engineio/base/utf8.h>

#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* The ASCII bytes at p, in steps that a compiler turns into wide loads. */
static size_t ascii_run(const unsigned char *p, size_t n)
{
	uint64_t w[4];
	size_t i = 0;

	for (; n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(w, p + i, sizeof(w));
		if ((w[0] | w[1] | w[2] | w[3]) & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < n && p[i] < 0x80)
		i++;
	return i;
}

/* Whole characters of three bytes at p whose lead byte allows any byte to
 * follow (not e0, ed): most of what is written in Asia. */
static size_t triple_run(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (n - i >= 3 && p[i] > 0xe0 && p[i] < 0xf0 && p[i] != 0xed &&
		(p[i + 1] & 0xc0) == 0x80 && (p[i + 2] & 0xc0) == 0x80)
		i += 3;
	return i;
}

/* False when c cannot begin a character. */
static bool lead(struct eio__utf8 *u, unsigned char c)
{
	u->lo = 0x80;
	u->hi = 0xbf;
	if (c < 0x80)
		u->left = 0;
	else if (c < 0xc2)
		return false;
	else if (c < 0xe0)
		u->left = 1;
	else if (c < 0xf0)
		u->left = 2;
	else if (c < 0xf5)
		u->left = 3;
	else
		return false;
	if (c == 0xe0)
		u->lo = 0xa0;
	else if (c == 0xed)
		u->hi = 0x9f;
	else if (c == 0xf0)
		u->lo = 0x90;
	else if (c == 0xf4)
		u->hi = 0x8f;
	return true;
}

static bool step(struct eio__utf8 *u, unsigned char c)
{
	if (!u->left)
		return lead(u, c);
	if (c < u->lo || c > u->hi)
		return false;
	u->lo = 0x80;
	u->hi = 0xbf;
	u->left--;
	return true;
}

/* How many bytes are good: n, or the place of the first bad one. */
static size_t walk(struct eio__utf8 *u, const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (i < n) {
		if (!u->left) {
			i += ascii_run(p + i, n - i);
			i += triple_run(p + i, n - i);
			if (i == n)
				break;
		}
		if (!step(u, p[i]))
			break;
		i++;
	}
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
		u.left = 0;
	}
	return out->error;
}
