/* SPDX-License-Identifier: MIT */
/*
 * peers.c: how many sessions each address has (MAX_SESSIONS_PER_ADDRESS).
 *
 * Sessions are counted only while the option is set, so that it costs
 * nothing otherwise. Always true: an address is in the map as long as one of
 * the sessions counted has it, and no longer.
 */
#include <config.h>

#include <engineio/engine.h>

#include <stdlib.h>
#include <string.h>

struct eio__peer {
	unsigned sessions;
	size_t len;
	char address[];
};

/* False when this address may have no more; one that has no text, that of a
 * unix socket, is not limited. */
bool eio__peer_may_enter(const eio_server *srv, const char *address)
{
	size_t max = (size_t)srv->options[ENGINEIO_MAX_SESSIONS_PER_ADDRESS];
	const struct eio__peer *peer;

	if (!max || !*address)
		return true;
	peer = eio__map_get(&srv->peers, address, strlen(address));
	return !peer || peer->sessions < max;
}

static struct eio__peer *add(eio_server *srv, const char *address)
{
	size_t len = strlen(address);
	struct eio__peer *peer = calloc(1, sizeof(*peer) + len);

	if (!peer)
		return NULL;
	peer->len = len;
	memcpy(peer->address, address, len);
	if (!eio__map_put(&srv->peers, peer->address, len, peer))
		return peer;
	free(peer);
	return NULL;
}

int eio__peer_enter(eio_socket *s, const char *address)
{
	eio_server *srv = s->srv;

	if (!srv->options[ENGINEIO_MAX_SESSIONS_PER_ADDRESS] || !*address)
		return 0;
	s->peer = eio__map_get(&srv->peers, address, strlen(address));
	if (!s->peer)
		s->peer = add(srv, address);
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
	eio__map_del(&s->srv->peers, peer->address, peer->len);
	free(peer);
}
