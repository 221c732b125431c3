/* SPDX-License-Identifier: MIT */
/*
 * Clients that do what bytes tell them, for targets that are whole servers:
 * four connections of the fake network, with requests and frames that are
 * nearly right, so that the fuzzer gets beyond the handshake.
 *
 * Each command is a byte: three bits what, three bits how, two bits which
 * connection; some take more bytes. See clients.c.
 */
#ifndef TESTS_FUZZ_CLIENTS_H
#define TESTS_FUZZ_CLIENTS_H

#include <engineio/engineio.h>

/* Obeys all of the bytes on the loop's first listener, whose Engine.IO path
 * (with its '/') is `path`, in this revision of the protocol (3 or 4), and
 * gives the connections back. deed(user, how) is
 * called for what the application shall do. */
void fuzz_clients(eio_loop *loop, const char *path, int revision,
	const uint8_t *data, size_t size,
	void (*deed)(void *user, unsigned how), void *user);

#endif
