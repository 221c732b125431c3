/* SPDX-License-Identifier: MIT */
/*
 * trust.c: what trusted proxies say about a request's client.
 *
 * Each proxy adds the address it has seen at the end of X-Forwarded-For, and
 * what stands before it came from outside and may be made up. So the list is
 * read from its end, for as long as the hop that has written an item is
 * trusted. Always true: nothing a client can write changes an address that is
 * found, unless a trusted proxy passes it on as its own word.
 */
#include <config.h>

#include <engineio/http/trust.h>

#include <engineio/engineio.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void eio__trust_clear(struct eio__trust *trust)
{
	free(trust->ranges);
	memset(trust, 0, sizeof(*trust));
}

int eio__trust_add(struct eio__trust *trust, const char *text)
{
	struct eio__range range, *ranges;

	if (strcmp(text, "unix:") == 0) {
		trust->unix_peers = true;
		return 0;
	}
	if (!eio__range_parse(&range, text))
		return ENGINEIO_ERR_INVALID;
	ranges = realloc(trust->ranges, (trust->count + 1) * sizeof(*ranges));
	if (!ranges)
		return ENGINEIO_ERR_NOMEM;
	ranges[trust->count++] = range;
	trust->ranges = ranges;
	return 0;
}

bool eio__trust_is_empty(const struct eio__trust *trust)
{
	return !trust->count && !trust->unix_peers;
}

static bool is_trusted(const struct eio__trust *trust,
	const struct eio__address *a)
{
	unsigned i;

	if (!a->len)
		return trust->unix_peers;
	for (i = 0; i < trust->count; i++)
		if (eio__range_has(&trust->ranges[i], a))
			return true;
	return false;
}

bool eio__trust_has(const struct eio__trust *trust, const char *peer)
{
	struct eio__address a = { .len = 0 };

	if (*peer && !eio__address_parse(&a, peer))
		return false;
	return is_trusted(trust, &a);
}

/* -- lists --------------------------------------------------------------- */

/* The item before `*end`, without the space around it; false when there is
 * none. */
static bool previous_item(const char *list, const char **end, const char **item,
	size_t *len)
{
	const char *p = *end, *last;

	if (!p)
		return false;
	while (p > list && p[-1] != ',')
		p--;
	last = *end;
	*end = p > list ? p - 1 : NULL;
	while (p < last && (*p == ' ' || *p == '\t'))
		p++;
	while (last > p && (last[-1] == ' ' || last[-1] == '\t'))
		last--;
	*item = p;
	*len = (size_t)(last - p);
	return true;
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]",
 * "[2001:db8::1]:80". */
static bool parse_hop(const char *item, size_t len, struct eio__address *a)
{
	char text[EIO__ADDRESS_MAX + 8];
	char *p = text, *colon;

	if (len >= sizeof(text))
		return false;
	memcpy(text, item, len);
	text[len] = '\0';
	if (*p == '[') {
		p++;
		p[strcspn(p, "]")] = '\0';
	} else {
		colon = strchr(p, ':');
		if (colon && !strchr(colon + 1, ':'))
			*colon = '\0';
	}
	return eio__address_parse(a, p);
}

unsigned eio__trust_find_client(const struct eio__trust *trust,
	const char *peer, const char *forwarded_for, char *out)
{
	struct eio__address client = { .len = 0 }, hop;
	const char *end = forwarded_for + strlen(forwarded_for), *item;
	unsigned hops = 0;
	size_t len;

	if (*peer && !eio__address_parse(&client, peer))
		return 0;
	while (is_trusted(trust, &client) &&
		previous_item(forwarded_for, &end, &item, &len) &&
		parse_hop(item, len, &hop)) {
		client = hop;
		hops++;
	}
	eio__address_print(&client, out);
	return hops;
}

/*
 * Proxies that add to this list as to the other have an item for each hop;
 * most replace it, and then the one item counts for all. With fewer items than
 * hops that is the first, which the proxy farthest from us has written.
 */
bool eio__trust_is_secure(const char *forwarded_proto, unsigned hop)
{
	const char *end = forwarded_proto + strlen(forwarded_proto);
	const char *item = "";
	size_t len = 0;
	unsigned i;

	for (i = 0; i < (hop ? hop : 1); i++)
		if (!previous_item(forwarded_proto, &end, &item, &len))
			break;
	return (len == 5 && strncasecmp(item, "https", 5) == 0) ||
		(len == 3 && strncasecmp(item, "wss", 3) == 0);
}
