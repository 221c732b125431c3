/* SPDX-License-Identifier: MIT */
/*
 * fake_rows.h: bytes on connections of HTTP/1.1 to the server of fake_web, and
 * what comes back, by tables.
 */
#ifndef TESTS_FAKE_ROWS_H
#define TESTS_FAKE_ROWS_H

#include "fake_web.h"

/* What is sent, */
#define HOST    "Host: a\r\n"
#define GET(h)  "GET / HTTP/1.1\r\n" HOST h "\r\n"
#define POST(h) "POST /p HTTP/1.1\r\n" HOST h "\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define ABCD    "4\r\nabcd\r\n0\r\n\r\n"
#define NEXT    "GET /n HTTP/1.1\r\n" HOST "\r\n"
/* and its outcome, see fake_web_outcome(). */
#define REFUSED  "400 | closed"
#define GOT      "200 GET / "
#define GOT_NEXT "200 GET /n "
#define POSTED   "200 POST /p abcd"

struct row {
	const char *raw;
	size_t len;
	const char *outcome;
};

#define ROW(raw, outcome) \
	{ \
		raw, sizeof(raw) - 1, outcome \
	}

/* Sends each whole, byte by byte, and in pieces of seven: the outcome is the
 * same. */
void try_rows(struct fake_web *web, const struct row *rows, size_t n);

#endif
