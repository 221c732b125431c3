/* SPDX-License-Identifier: MIT */
/*
 * options.c: the numbers a program may set, and the other settings.
 */
#include <config.h>

#include <socketio/io.h>

#include <socketio/json.h>

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#define OPTIONS (SIO_OPTION_END - SIO_OPTION_FIRST)

static const long defaults[OPTIONS] = {
#define X(name, value, unit, official, text) \
	[SIO_##name - SIO_OPTION_FIRST] = (value),
	SIO_OPTION_MAP(X)
#undef X
};

static const char *const names[OPTIONS] = {
#define X(name, value, unit, official, text) \
	[SIO_##name - SIO_OPTION_FIRST] = #name,
	SIO_OPTION_MAP(X)
#undef X
};

static const char *const engine_names[ENGINEIO_OPTIONS] = {
#define X(name, value, unit, official, text) [ENGINEIO_##name] = #name,
	ENGINEIO_OPTION_MAP(X)
#undef X
};

static bool is_own(int option)
{
	return option >= SIO_OPTION_FIRST && option < SIO_OPTION_END;
}

static long least(int option)
{
	switch (option) {
	case SIO_MAX_ATTACHMENT_BYTES:
	case SIO_MAX_ATTACHMENTS:
	case SIO_MAX_ROOMS:
	case SIO_MAX_ACKS:
	case SIO_MAX_EARLY_BYTES:
	case SIO_VOLATILE_BYTES:
	case SIO_ACK_TIMEOUT:
	case SIO_MIDDLEWARE_TIMEOUT:
	case SIO_MAX_DYNAMIC_NAMESPACES:
	case SIO_CLEANUP_CHILD_NAMESPACES:
	case SIO_SERVE_CLIENT:
		return 0;
	default:
		return 1;
	}
}

static long most(int option)
{
	switch (option) {
	case SIO_MAX_DEPTH:
		return SIO__JSON_MAX_DEPTH;
	case SIO_MAX_ATTACHMENTS:
		return 10000;
	case SIO_MAX_NAME:
	case SIO_MAX_EVENT_NAME:
		return 65535;
	case SIO_CLEANUP_CHILD_NAMESPACES:
	case SIO_SERVE_CLIENT:
		return 1;
	default:
		return INT_MAX;
	}
}

/* NULL for what is no option. */
static const char *name_of(int option)
{
	if (is_own(option))
		return names[option - SIO_OPTION_FIRST];
	return option >= 0 && option < (int)ENGINEIO_OPTIONS
		? engine_names[option]
		: NULL;
}

/* What decoding needs at every packet. */
static void set_limits(sio_server *srv)
{
	long bytes = sio__option(srv, SIO_MAX_ATTACHMENT_BYTES);
	long payload = eio_server_option(srv->engine, ENGINEIO_MAX_PAYLOAD);
	struct sio__limits *limits = &srv->limits;

	limits->attachments = (unsigned)sio__option(srv, SIO_MAX_ATTACHMENTS);
	limits->pending_bytes = bytes ? (size_t)bytes : (size_t)payload * 2;
	limits->depth = (unsigned)sio__option(srv, SIO_MAX_DEPTH);
	limits->name = (size_t)sio__option(srv, SIO_MAX_NAME);
	limits->event_name = (size_t)sio__option(srv, SIO_MAX_EVENT_NAME);
	limits->containers = (unsigned)sio__option(srv, SIO_MAX_CONTAINERS);
	srv->old_limits = *limits;
	srv->old_limits.nsp_query = true;
}

void sio__options_init(sio_server *srv)
{
	memcpy(srv->options, defaults, sizeof(defaults));
	set_limits(srv);
}

long sio__option(const sio_server *srv, enum sio_option option)
{
	return srv->options[option - SIO_OPTION_FIRST];
}

int sio_server_set_option(sio_server *srv, enum sio_option option, long value)
{
	int number = (int)option, err = 0;

	if (!srv)
		return SIO_ERR_INVALID;
	if (!is_own(number))
		err = eio_server_set_option(srv->engine,
			(enum eio_option)number, value);
	else if (value < least(number) || value > most(number))
		err = SIO_ERR_INVALID;
	else
		srv->options[number - SIO_OPTION_FIRST] = value;
	if (!err)
		set_limits(srv);
	if (!name_of(number))
		return sio__server_fail(srv, err, "there is no option %d",
			number);
	return sio__server_fail(srv, err, "option %s cannot be %ld",
		name_of(number), value);
}

long sio_server_option(const sio_server *srv, enum sio_option option)
{
	int number = (int)option;

	if (!srv)
		return -1;
	if (is_own(number))
		return sio__option(srv, option);
	return number >= 0 && number < (int)ENGINEIO_OPTIONS
		? eio_server_option(srv->engine, (enum eio_option)number)
		: -1;
}

int sio_server_set_heartbeat(sio_server *srv, long interval_ms, long timeout_ms)
{
	int err = sio_server_set_option(srv, SIO_PING_INTERVAL, interval_ms);

	return err ? err
		   : sio_server_set_option(srv, SIO_PING_TIMEOUT, timeout_ms);
}

int sio_server_set_path(sio_server *srv, const char *path)
{
	int err;

	if (!srv)
		return SIO_ERR_INVALID;
	err = eio_server_set_path(srv->engine, path);
	return sio__server_fail(srv, err, "sio_server_set_path(\"%.80s\"): %s",
		path ? path : "",
		err == SIO_ERR_STATE ? "only before sio_server_listen()"
				     : sio_strerror(err));
}

int sio_server_set_log(sio_server *srv, enum eio_log_level level, eio_log_cb cb,
	void *user)
{
	if (!srv)
		return SIO_ERR_INVALID;
	eio_server_set_log(srv->engine, level, cb, user);
	return 0;
}

/* -- folders --------------------------------------------------------------- */

/* It may appear later, so this is no error. */
static void look_at_folder(sio_server *srv, const char *folder)
{
	struct stat st;

	if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
		eio_server_log(srv->engine, ENGINEIO_LOG_WARN,
			"sio_server_mount(): there is no folder %s", folder);
}

void sio__mounts_look(sio_server *srv)
{
	const char *p = srv->mounts.data;
	size_t left = srv->mounts.len, n;

	for (; left; p += n, left -= n) {
		look_at_folder(srv, p);
		n = strlen(p) + 1;
	}
	eio__strbuf_clear(&srv->mounts);
}

/* The log is told when the server listens: it may be set after this. */
static int remember_mount(sio_server *srv, const char *folder)
{
	if (srv->listening) {
		look_at_folder(srv, folder);
		return 0;
	}
	return eio__strbuf_add(&srv->mounts, folder, strlen(folder) + 1);
}

static const char *why_no_mount(int err, const char *folder)
{
	if (err != SIO_ERR_INVALID)
		return sio_strerror(err);
	return folder && *folder ? "the path must begin and end with '/'"
				 : "there is no folder";
}

int sio_server_mount(sio_server *srv, const char *path, const char *folder)
{
	int err;

	if (!srv)
		return SIO_ERR_INVALID;
	err = eio_server_mount(srv->engine, path, folder);
	if (!err)
		err = remember_mount(srv, folder);
	return sio__server_fail(srv, err,
		"sio_server_mount(\"%.60s\", \"%.60s\"): %s", path ? path : "",
		folder ? folder : "", why_no_mount(err, folder));
}

int sio_server_set_client_dir(sio_server *srv, const char *folder)
{
	char *copy;

	if (!srv || !folder)
		return sio__server_fail(srv, SIO_ERR_INVALID,
			"sio_server_set_client_dir(): no folder");
	if (sio__server_has_begun(srv))
		return sio__server_fail(srv, SIO_ERR_STATE,
			"sio_server_set_client_dir(): only before "
			"sio_server_listen()");
	copy = strdup(folder);
	if (!copy)
		return sio__server_fail(srv, SIO_ERR_NOMEM, "out of memory");
	free(srv->client_dir);
	srv->client_dir = copy;
	srv->client_version[0] = '\0';
	return 0;
}
