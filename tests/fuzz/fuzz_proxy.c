/* SPDX-License-Identifier: MIT */
/*
 * The first bytes of a connection that a proxy has made. Whole and in pieces,
 * whose size the first byte tells, they give the same; nothing behind the
 * header is taken; an address that is found can be written and read again.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <engineio/proxy.h>

#include <stdlib.h>
#include <string.h>

static void check(int holds)
{
	if (!holds)
		abort();
}

/* How much was taken. */
static size_t feed(struct eio__proxy *p, const char *data, size_t size,
	size_t step, enum eio__proxy_result *result)
{
	size_t at = 0, n, used;

	eio__proxy_init(p);
	*result = EIO__PROXY_MORE;
	while (at < size && *result == EIO__PROXY_MORE) {
		n = size - at < step ? size - at : step;
		*result = eio__proxy_feed(p, data + at, n, &used);
		check(used <= n);
		check(used == n || *result != EIO__PROXY_MORE);
		at += used;
	}
	return at;
}

static void check_address(const struct eio__proxy *p)
{
	char text[EIO__ADDRESS_MAX];
	struct eio__address again;

	check(p->address.len == 0 || p->address.len == 4 ||
		p->address.len == 16);
	eio__address_print(&p->address, text);
	if (!p->address.len)
		return;
	check(eio__address_parse(&again, text));
	check(memcmp(&again, &p->address, sizeof(again)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum eio__proxy_result first, second;
	struct eio__proxy a, b;
	const char *bytes;
	size_t n;

	if (!size)
		return 0;
	bytes = (const char *)data + 1;
	n = feed(&a, bytes, size - 1, size, &first);
	check(n == feed(&b, bytes, size - 1, data[0] % 32 + 1u, &second));
	check(first == second);
	if (first != EIO__PROXY_DONE)
		return 0;
	check(a.known == b.known && a.port == b.port);
	check(memcmp(&a.address, &b.address, sizeof(a.address)) == 0);
	check_address(&a);
	return 0;
}
