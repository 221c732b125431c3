/* SPDX-License-Identifier: MIT */
/*
 * log.c: lines to the application, and what was counted. How many lines of a
 * kind there may be is base/tally.c's affair.
 */
#include <config.h>

#include <engineio/engine.h>

#include <stdarg.h>
#include <stdio.h>

bool eio_server_logs(const eio_server *srv, enum eio_log_level level)
{
	return srv && srv->log && level <= srv->log_level;
}

void eio_server_log(eio_server *srv, enum eio_log_level level, const char *fmt,
	...)
{
	char line[512];
	va_list ap;

	if (!eio_server_logs(srv, level))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	srv->log(level, line, srv->log_user);
}

uint64_t eio_server_counter(const eio_server *srv, enum eio_counter counter)
{
	return srv && counter < ENGINEIO_COUNTERS ? srv->own.tallies[counter].n
						  : 0;
}

static void on_http_log(void *user, enum eio_log_level level, const char *line)
{
	eio_server_log(user, level, "%s", line);
}

void eio_server_set_log(eio_server *srv, enum eio_log_level level,
	eio_log_cb cb, void *user)
{
	if (!srv)
		return;
	srv->log = cb;
	srv->log_user = user;
	srv->log_level = level;
	srv->own.log = cb ? on_http_log : NULL;
	srv->own.log_user = srv;
}
