/* SPDX-License-Identifier: MIT */
/*
 * tally.c: counts how often something happened, and how often a line may be
 * written about it.
 *
 * Always true: nothing is allocated, and the count never goes back.
 */
#include <config.h>

#include <engineio/base/tally.h>

bool eio__tally_add(struct eio__tally *t, uint64_t now)
{
	uint64_t second = now / 1000;

	t->n++;
	if (second != t->second) {
		t->second = second;
		t->lines = 0;
	}
	if (t->lines == EIO__TALLY_LINES) {
		t->left_out += t->left_out < UINT32_MAX;
		return false;
	}
	t->lines++;
	return true;
}

uint32_t eio__tally_left_out(struct eio__tally *t)
{
	uint32_t n = t->left_out;

	t->left_out = 0;
	return n;
}
