/* SPDX-License-Identifier: MIT */
/*
 * facts.c: what an application may know of a session.
 *
 * Always true: the answers hold also for a session that has ended and is
 * only kept by a reference.
 */
#include <config.h>

#include <engineio/engine.h>

#include <string.h>

const char *eio_socket_id(const eio_socket *s)
{
	return s ? s->id : "";
}

eio_server *eio_socket_server(const eio_socket *s)
{
	return s ? s->srv : NULL;
}

int eio_socket_protocol(const eio_socket *s)
{
	return s ? s->protocol->revision : 0;
}

const char *eio_socket_transport(const eio_socket *s)
{
	return s && s->transport ? s->transport->ops->name : "";
}

bool eio_socket_is_open(const eio_socket *s)
{
	return s && s->state == EIO__OPEN;
}

bool eio_socket_is_upgrading(const eio_socket *s)
{
	return s && s->upgrade;
}

bool eio_socket_is_writable(const eio_socket *s)
{
	return s && s->state == EIO__OPEN && !s->queue.count &&
		s->transport->ops->is_writable(s->transport);
}

size_t eio_socket_queued(const eio_socket *s)
{
	return s ? s->queue.bytes : 0;
}

void *eio_socket_data(const eio_socket *s)
{
	return s ? s->data : NULL;
}

void eio_socket_set_data(eio_socket *s, void *data)
{
	if (!s)
		return;
	s->data = data;
	eio__websocket_ahead(s);
}

eio_request *eio_socket_request(const eio_socket *s)
{
	return s ? s->request : NULL;
}

void eio_socket_drop_request(eio_socket *s)
{
	if (!s)
		return;
	eio_request_unref(s->request);
	s->request = NULL;
}

const char *eio_socket_address(const eio_socket *s)
{
	return s ? s->id + strlen(s->id) + 1 : "";
}

const char *eio_socket_peer_certificate(const eio_socket *s,
	enum eio_certificate field)
{
	return s ? eio__certificate_text(s->certificate, (int)field) : NULL;
}

const char *eio_socket_target(const eio_socket *s)
{
	const char *address = eio_socket_address(s);

	return s ? address + strlen(address) + 1 : "";
}

bool eio_socket_is_secure(const eio_socket *s)
{
	return s && s->is_secure;
}

int64_t eio_socket_issued(const eio_socket *s)
{
	return s ? s->issued : 0;
}
