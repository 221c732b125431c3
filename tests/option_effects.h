/* SPDX-License-Identifier: MIT */
/*
 * option_effects.h: each option of the Socket.IO server, with what shows on the
 * wire that it has an effect.
 */
#ifndef TESTS_OPTION_EFFECTS_H
#define TESTS_OPTION_EFFECTS_H

#include "fake_sio.h"

struct option_effect {
	enum sio_option option;
	const char *name;
	long standard, least, most;
	void (*shows_its_effect)(void);
};

#define OPTION_EFFECTS (SIO_OPTION_END - SIO_OPTION_FIRST)

/* In the order of enum sio_option. The function expects the server of
 * sio_setup() with nobody on it, and reaches the limit, if it is one. */
extern const struct option_effect effects[OPTION_EFFECTS];

#endif
