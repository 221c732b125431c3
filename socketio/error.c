/* SPDX-License-Identifier: MIT */
/*
 * error.c: errors and reasons in words.
 */
#include <config.h>

#include <socketio/io.h>

const char *sio_strerror(int err)
{
	switch (err) {
	case 0:
		return "no error";
#define X(name, value, text) \
	case (value): \
		return text;
		SIO_ERROR_MAP(X)
#undef X
	default:
		return "unknown error";
	}
}

const char *sio_version_string(void)
{
	return PACKAGE_VERSION;
}

/* The official words; "queue full" is ours, as the official server has no
 * limit. */
const char *sio__reason_text(int reason)
{
	switch (reason) {
	case SIO__REASON_CLIENT_NSP:
		return "client namespace disconnect";
	case SIO__REASON_SERVER_NSP:
		return "server namespace disconnect";
	case SIO__REASON_FORCED_SERVER:
		return "forced server close";
	default:
		return eio_reason_text((enum eio_reason)reason);
	}
}
