/* SPDX-License-Identifier: MIT */
/*
 * client_suite_app.h: the parts of the app of the clients' own test suites.
 */
#ifndef TESTS_APPS_CLIENT_SUITE_APP_H
#define TESTS_APPS_CLIENT_SUITE_APP_H

#include <socketio/socketio.h>

/* Set up, not listening yet. */
sio_server *suite_sio(eio_loop *loop);
eio_server *suite_eio(eio_loop *loop);
void suite_eio_clear(void);

#endif
