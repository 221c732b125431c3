/* SPDX-License-Identifier: MIT */
/*
 * events.c: what an application may watch its sessions do, for numbers and
 * for the curious.
 *
 * Always true: each is told from the loop and as the last step of what it
 * tells of, so that the callback may end the session or the server.
 */
#include <config.h>

#include <engineio/engine.h>

#define SETTER(name, type) \
	void eio_server_on_##name(eio_server *srv, type fn, void *user) \
	{ \
		if (!srv) \
			return; \
		srv->on_##name = fn; \
		srv->name##_user = user; \
	}

SETTER(heartbeat, eio_session_cb)
SETTER(upgrading, eio_session_cb)
SETTER(upgrade, eio_session_cb)
SETTER(flush, eio_flush_cb)
SETTER(packet, eio_packet_cb)

void eio__tell_heartbeat(eio_socket *s)
{
	eio_server *srv = s->srv;

	if (srv->on_heartbeat && s->state == EIO__OPEN)
		srv->on_heartbeat(s, srv->heartbeat_user);
}

void eio__tell_upgrading(eio_socket *s)
{
	eio_server *srv = s->srv;

	if (srv->on_upgrading && s->state == EIO__OPEN)
		srv->on_upgrading(s, srv->upgrading_user);
}

void eio__tell_upgrade(eio_socket *s)
{
	eio_server *srv = s->srv;

	if (srv->on_upgrade && s->state == EIO__OPEN)
		srv->on_upgrade(s, srv->upgrade_user);
}

void eio__tell_flush(eio_socket *s, size_t packets, size_t bytes)
{
	eio_server *srv = s->srv;

	if (srv->on_flush && s->announced)
		srv->on_flush(s, packets, bytes, srv->flush_user);
}

bool eio__tell_packet(eio_socket *s, const struct eio__packet *packet)
{
	eio_server *srv = s->srv;
	bool alive;

	eio_socket_ref(s);
	srv->on_packet(s, (char)('0' + packet->type), packet->len,
		srv->packet_user);
	alive = s->state != EIO__CLOSED;
	eio_socket_unref(s);
	return alive;
}
