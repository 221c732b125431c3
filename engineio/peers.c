/* SPDX-License-Identifier: MIT */
/*
 * peers.c: how many sessions each address has (MAX_SESSIONS_PER_ADDRESS).
 *
 * Of an IPv6 address the first 64 bits count: whoever has one has all that
 * begin so. Sessions are counted only while the option is set, so that it
 * costs nothing otherwise. Always true: an address is in the map as long as
 * one of the sessions counted has it, and no longer.
 */
#include <config.h>

#include <engineio/engine.h>

#include <engineio/address.h>

#include <stdlib.h>
#include <string.h>

#define KEY_MAX 8

struct eio__peer {
	unsigned sessions;
	unsigned char len;
	char key[KEY_MAX];
};

/* The bytes that count, and how many; 0 for what is no address, that of a
 * unix socket for one. */
static size_t key_of(const char *address, char key[KEY_MAX])
{
	struct eio__address a;
	size_t len;

	if (!eio__address_parse(&a, address))
		return 0;
	len = a.len < KEY_MAX ? a.len : KEY_MAX;
	memcpy(key, a.bytes, len);
	return len;
}

const char *eio__peer_key(const void *peer)
{
	return ((const struct eio__peer *)peer)->key;
}

bool eio__peer_may_enter(const eio_server *srv, const char *address)
{
	size_t max = (size_t)srv->options[ENGINEIO_MAX_SESSIONS_PER_ADDRESS];
	const struct eio__peer *peer;
	char key[KEY_MAX];
	size_t len;

	if (!max)
		return true;
	len = key_of(address, key);
	peer = len ? eio__map_get(&srv->peers, key, len) : NULL;
	return !peer || peer->sessions < max;
}

static struct eio__peer *add(eio_server *srv, const char *key, size_t len)
{
	struct eio__peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	peer->len = (unsigned char)len;
	memcpy(peer->key, key, len);
	if (!eio__map_put(&srv->peers, peer, len))
		return peer;
	free(peer);
	return NULL;
}

int eio__peer_enter(eio_socket *s, const char *address)
{
	eio_server *srv = s->srv;
	char key[KEY_MAX];
	size_t len;

	if (!srv->options[ENGINEIO_MAX_SESSIONS_PER_ADDRESS])
		return 0;
	len = key_of(address, key);
	if (!len)
		return 0;
	s->peer = eio__map_get(&srv->peers, key, len);
	if (!s->peer)
		s->peer = add(srv, key, len);
	if (!s->peer)
		return ENGINEIO_ERR_NOMEM;
	s->peer->sessions++;
	return 0;
}

void eio__peer_leave(eio_socket *s)
{
	struct eio__peer *peer = s->peer;

	s->peer = NULL;
	if (!peer || --peer->sessions)
		return;
	eio__map_del(&s->srv->peers, peer->key, peer->len);
	free(peer);
}
