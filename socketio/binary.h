/* SPDX-License-Identifier: MIT */
/*
 * binary.h: bytes inside a json_t, and the placeholders that stand for them
 * on the wire. The public half is in socketio.h.
 */
#ifndef SOCKETIO_BINARY_H
#define SOCKETIO_BINARY_H

#include <socketio/socketio.h>

/*
 * Puts the binary values where placeholders stand for them, anywhere in the
 * value, which must be an array or object of limited depth. One value may
 * stand in several places. 0, SIO_ERR_NOMEM, or SIO_ERR_INVALID for a
 * placeholder whose number is not one of the n.
 */
int sio__binary_restore(json_t *value, json_t *const *binaries, unsigned n);

#endif
