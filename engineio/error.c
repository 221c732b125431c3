/* SPDX-License-Identifier: MIT */
/*
 * error.c: numbers in words.
 */
#include <config.h>

#include <engineio/engineio.h>

const char *eio_strerror(int err)
{
	switch (err) {
	case 0:
		return "success";
#define X(name, value, text) \
	case ENGINEIO_ERR_##name: \
		return text;
		ENGINEIO_ERROR_MAP(X)
#undef X
	}
	return "unknown error";
}

const char *eio_reason_text(enum eio_reason reason)
{
	switch (reason) {
#define X(name, text) \
	case ENGINEIO_REASON_##name: \
		return text;
		ENGINEIO_REASON_MAP(X)
#undef X
	}
	return "unknown reason";
}

const char *eio_counter_name(enum eio_counter counter)
{
	static const char *const names[ENGINEIO_COUNTERS] = {
#define X(name, text) [ENGINEIO_COUNT_##name] = #name,
		ENGINEIO_COUNTER_MAP(X)
#undef X
	};

	return counter < ENGINEIO_COUNTERS ? names[counter] : "";
}

const char *eio_version_string(void)
{
	return PACKAGE_VERSION;
}
