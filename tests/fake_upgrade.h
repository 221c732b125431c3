/* SPDX-License-Identifier: MIT */
/*
 * fake_upgrade.h: WebSockets that want to take a session over.
 */
#ifndef TESTS_FAKE_UPGRADE_H
#define TESTS_FAKE_UPGRADE_H

#include "fake_app.h"

/* A candidate that has sent its probe and got the answer. */
struct fake_ws *fake_upgrade_probe(struct fake_poll *p);

/* The session lives on over polling, in both directions. */
void expect_polling(struct fake_app *app, struct fake_poll *p);

/* The session lives on over the WebSocket. */
void expect_websocket(struct fake_app *app, struct fake_ws *ws);

#endif
