/* SPDX-License-Identifier: MIT */
/*
 * tally.h: counts how often something happened, and says whether one more
 * line in the log may be written about it: what a peer can cause again and
 * again must not fill a disk.
 */
#ifndef ENGINEIO_BASE_TALLY_H
#define ENGINEIO_BASE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

/* Lines about the same thing in one second. */
#define EIO__TALLY_LINES 10

/* All zero at first. */
struct eio__tally {
	uint64_t n;
	uint64_t second; /* the one in which `lines` were written */
	uint32_t lines;
	uint32_t left_out; /* lines since the last one */
};

/* Counts one at this time (milliseconds of any clock that goes forward);
 * true if a line may be written. */
bool eio__tally_add(struct eio__tally *t, uint64_t now);
/* For that line: how many were left out before it. */
uint32_t eio__tally_left_out(struct eio__tally *t);

#endif
