/* SPDX-License-Identifier: MIT */
/*
 * field.c: the grammar that all headers share (RFC 9110, section 5.6).
 *
 * Every list is read in one pass, however it is made up.
 */
#include <config.h>

#include <engineio/http/field.h>

#include <engineio/base/word.h>

#include <string.h>
#include <strings.h>

#define SEPARATORS ", \t"

bool eio__is_token(const char *s)
{
	const char *p = s;

	while (eio__is_token_byte(*p))
		p++;
	return p > s && !*p;
}

bool eio__is_field_value(const char *s)
{
	size_t i, n = strlen(s);

	for (i = eio__word_find_below(s, 0, n, ' '); i < n;
		i = eio__word_find_below(s, i + 1, n, ' '))
		if (s[i] != '\t')
			return false;
	return true;
}

bool eio__header_lists(const char *list, const char *token)
{
	size_t n = strlen(token), len;

	for (; *list; list += len) {
		list += strspn(list, SEPARATORS);
		len = strcspn(list, SEPARATORS);
		if (len == n && strncasecmp(list, token, n) == 0)
			return true;
	}
	return false;
}

bool eio__is_token_list(const char *list)
{
	return !list[strspn(list, EIO__TOKEN_CHARS SEPARATORS)];
}
