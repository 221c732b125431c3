/* SPDX-License-Identifier: MIT */
/*
 * The attributes of a cookie. What is accepted is one line that says the
 * same when it is read again.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/cookie.h>

#include <stdlib.h>
#include <string.h>

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_written(const char *first)
{
	struct eio__strbuf again;
	const char *p;

	for (p = first; *p; p++)
		check(*p >= ' ' && *p <= '~');
	eio__strbuf_init(&again, 0);
	eio__strbuf_adds(&again, "");
	check(!eio__cookie_attributes(&again, first));
	check(strcmp(again.data, first) == 0);
	eio__strbuf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eio__strbuf written;
	char *text = malloc(size + 1);

	check(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	eio__strbuf_init(&written, 0);
	eio__strbuf_adds(&written, "");
	if (!eio__cookie_attributes(&written, text))
		check_written(written.data);
	eio__strbuf_clear(&written);
	free(text);
	return 0;
}
