/* SPDX-License-Identifier: MIT */
/*
 * What a request says of its way: three lines, a peer, X-Forwarded-For and
 * X-Forwarded-Proto. An address that is found is one, is written as the
 * library writes it, and what a client puts in front changes nothing once a
 * hop is not trusted.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/http/trust.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(int holds)
{
	if (!holds)
		abort();
}

static char *next_line(char **p)
{
	char *line = *p, *end = strchr(line, '\n');

	*p = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}

static void check_client(const struct eio__trust *trust, const char *peer,
	const char *list)
{
	char out[EIO__ADDRESS_MAX] = "", more[EIO__ADDRESS_MAX] = "";
	char *longer = malloc(strlen(list) + 20);
	struct eio__address a;
	unsigned hops;

	hops = eio__trust_find_client(trust, peer, list, out);
	check(!*out || eio__address_parse(&a, out));
	check(hops == 0 || eio__trust_has(trust, peer));
	check(longer != NULL);
	snprintf(longer, strlen(list) + 20, "6.6.6.6,%s", list);
	if (*out && hops && !eio__trust_has(trust, out)) {
		check(hops ==
			eio__trust_find_client(trust, peer, longer, more));
		check(strcmp(out, more) == 0);
	}
	free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eio__trust trust = { 0 };
	char *text = malloc(size + 1), *p = text;
	const char *peer, *list;

	check(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	check(eio__trust_add(&trust, "10.0.0.0/8") == 0);
	check(eio__trust_add(&trust, "2001:db8::/32") == 0);
	check(eio__trust_add(&trust, "unix:") == 0);
	peer = next_line(&p);
	list = next_line(&p);
	check_client(&trust, peer, list);
	eio__trust_is_secure(p, (unsigned)strlen(peer) % 5);
	eio__trust_add(&trust, p);
	eio__trust_clear(&trust);
	free(text);
	return 0;
}
