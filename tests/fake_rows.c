/* SPDX-License-Identifier: MIT */
/*
 * fake_rows.c: bytes on connections of HTTP/1.1 to the server of fake_web, and
 * what comes back, by tables.
 */
#include <config.h>

#include "fake_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void try_row(struct fake_web *web, const struct row *row, size_t step)
{
	const char *outcome = fake_web_outcome(web, row->raw, row->len, step);

	if (strcmp(outcome, row->outcome) != 0)
		fail_msg("\"%s\", step %zu: \"%s\" instead of \"%s\"", row->raw,
			step, outcome, row->outcome);
}

void try_rows(struct fake_web *web, const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		try_row(web, &rows[i], 0);
		try_row(web, &rows[i], 1);
		try_row(web, &rows[i], 7);
	}
}
