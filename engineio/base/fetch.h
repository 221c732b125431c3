/* SPDX-License-Identifier: MIT */
/*
 * fetch.h: memory that will be looked at soon.
 *
 * With thousands of connections what belongs to the next one is in no cache,
 * and each pointer on the way to it would be waited for by itself. Only the
 * processor looks at what is fetched: it may be gone.
 */
#ifndef ENGINEIO_BASE_FETCH_H
#define ENGINEIO_BASE_FETCH_H

/* Three lines of the cache. A macro, because gcc leaves out the calls of a
 * function that does nothing else; and not of NULL, which is looked for in the
 * page tables each time. */
#define EIO__FETCH(p) \
	do { \
		const char *fetched = (const void *)(p); \
\
		if (fetched) { \
			__builtin_prefetch(fetched); \
			__builtin_prefetch(fetched + 64); \
			__builtin_prefetch(fetched + 128); \
		} \
	} while (0)

#endif
