/* SPDX-License-Identifier: MIT */
#ifndef SRC_PAGE_H
#define SRC_PAGE_H

#include <socketio/socketio.h>

/*
 * Serves the folder `root` under "/", and tells its page where Socket.IO
 * answers, if that is not where every client looks by itself. Returns 0 or an
 * SIO_ERR_*; nothing is checked about the folder.
 */
int page_serve(sio_server *srv, const char *root, const char *path);

#endif
