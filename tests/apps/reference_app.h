/* SPDX-License-Identifier: MIT */
/*
 * reference_app.h: the parts of the reference app. reference_app.c is the
 * process and its namespaces, reference_events.c what every namespace does.
 */
#ifndef TESTS_APPS_REFERENCE_APP_H
#define TESTS_APPS_REFERENCE_APP_H

#include <socketio/socketio.h>

/* The events that all namespaces know but the three odd ones. */
void reference_events(sio_nsp *nsp);
/* Frees what the events have kept. */
void reference_events_clear(void);

#endif
