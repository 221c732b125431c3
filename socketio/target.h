/* SPDX-License-Identifier: MIT */
/*
 * target.h: what ends a target, where that is more than a call of the
 * adapter.
 */
#ifndef SOCKETIO_TARGET_H
#define SOCKETIO_TARGET_H

#include <socketio/adapter.h>

/* Whether an event of this name and with these arguments may be sent: 0 or
 * SIO_ERR_INVALID. */
int sio__event_error(const char *name, const json_t *args);

/* -- answers.c ------------------------------------------------------------- */

/* Sends it and collects the answers; each may be NULL. 0: fn is called once,
 * from the loop. */
int sio__answers_ask(sio_nsp *nsp, const sio_event_data *packet,
	const sio_selection *selection, sio_acks_cb fn, sio_answer_cb each,
	void *user);

/* -- remote.c -------------------------------------------------------------- */

/* Fetches the sockets. 0: fn is called once, from the loop. */
int sio__fetch(sio_nsp *nsp, const sio_selection *selection, sio_fetch_cb fn,
	void *user);

#endif
