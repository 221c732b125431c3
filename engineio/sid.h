/* SPDX-License-Identifier: MIT */
/*
 * sid.h: session ids.
 */
#ifndef ENGINEIO_SID_H
#define ENGINEIO_SID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EIO__SID_LEN    20
#define EIO__SID_RANDOM 12
#define EIO__SID_MAX    64 /* of those the application makes */

/*
 * Writes the id made of 12 bytes nobody can predict and the low 24 bits of a
 * counter, and a NUL. The counter makes ids of one process differ even if
 * the bytes should repeat; all secrecy is in the bytes.
 */
void eio__sid_make(char out[EIO__SID_LEN + 1],
	const unsigned char random[EIO__SID_RANDOM], uint32_t counter);
/* Whether the application may give a session this id. */
bool eio__sid_valid(const char *sid, size_t len);

#endif
