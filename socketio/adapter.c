/* SPDX-License-Identifier: MIT */
/*
 * adapter.c: the adapter of a server, and of each of its namespaces.
 *
 * What an adapter does is its own affair, what it may ask of this server is
 * adapter_local.c's; here it is set, begun and ended.
 *
 * Always true: every namespace that is in use has an adapter; between its
 * init() and its close() nothing else is called of one that was replaced.
 */
#include <config.h>

#include <socketio/adapter.h>
#include <socketio/io.h>
#include <socketio/json.h>
#include <socketio/inquiry.h>

#include <stdlib.h>

/* -- a namespace ----------------------------------------------------------- */

static const sio_adapter *adapter_of(const sio_server *srv)
{
	return srv->adapter ? srv->adapter : &sio__adapter_local;
}

int sio__adapter_init(sio_nsp *nsp)
{
	const sio_adapter *adapter = adapter_of(nsp->srv);
	void *state = NULL;
	int err = adapter->init(nsp->srv->adapter_shared, nsp, &state);

	if (err)
		return err;
	nsp->adapter = adapter;
	nsp->adapter_state = state;
	return 0;
}

/* Questions about a namespace that is gone are over. */
static void give_up(sio_server *srv, const sio_nsp *nsp)
{
	struct eio__list *pos = srv->inquiries.next, *next;
	sio_inquiry *t;

	for (; pos != &srv->inquiries; pos = next) {
		next = pos->next;
		t = eio__list_entry(pos, sio_inquiry, link);
		if (!nsp || t->nsp == nsp)
			sio__inquiry_end(t, SIO_ERR_CLOSED);
	}
}

void sio__adapters_give_up(sio_server *srv)
{
	give_up(srv, NULL);
}

void sio__adapter_close(sio_nsp *nsp)
{
	give_up(nsp->srv, nsp);
	if (nsp->adapter)
		nsp->adapter->close(nsp->adapter_state);
	nsp->adapter = NULL;
	nsp->adapter_state = NULL;
}

const sio_adapter *sio__adapter_of(sio_nsp *nsp, unsigned flags, void **state)
{
	/* A parent has no sockets of its own to be local. */
	if (flags & SIO_LOCAL && !nsp->rule) {
		*state = nsp;
		return &sio__adapter_local;
	}
	/* In one that was deleted there is nobody. */
	if (!nsp->adapter) {
		*state = nsp;
		return &sio__adapter_local;
	}
	*state = nsp->adapter_state;
	return nsp->adapter;
}

/* -- the server ------------------------------------------------------------ */

void sio__adapter_stop(sio_server *srv)
{
	if (srv->adapter && srv->adapter->stop)
		srv->adapter->stop(srv->adapter_shared);
	srv->adapter = NULL;
	srv->adapter_shared = NULL;
}

static bool is_complete(const sio_adapter *a)
{
	return a && a->version == SIO_ADAPTER_VERSION && a->name && a->init &&
		a->close && a->broadcast && a->broadcast_ack && a->fetch &&
		a->add_sockets && a->del_sockets && a->disconnect_sockets;
}

static void close_all(sio_server *srv)
{
	sio_nsp *nsp;
	size_t pos = 0;

	for (nsp = eio__map_next(&srv->nsps, &pos); nsp;
		nsp = eio__map_next(&srv->nsps, &pos))
		sio__adapter_close(nsp);
}

static int init_all(sio_server *srv)
{
	sio_nsp *nsp;
	size_t pos = 0;
	int err = 0;

	for (nsp = eio__map_next(&srv->nsps, &pos); nsp && !err;
		nsp = eio__map_next(&srv->nsps, &pos))
		err = sio__adapter_init(nsp);
	return err;
}

static int start(sio_server *srv, const sio_adapter *adapter,
	const void *config)
{
	void *shared = NULL;
	int err = adapter->start ? adapter->start(srv, config, &shared) : 0;

	if (err)
		return err;
	close_all(srv);
	sio__adapter_stop(srv);
	srv->adapter = adapter;
	srv->adapter_shared = shared;
	err = init_all(srv);
	if (!err)
		return 0;
	/* Back to the one that needs nothing. */
	close_all(srv);
	sio__adapter_stop(srv);
	init_all(srv);
	return err;
}

int sio_server_set_adapter(sio_server *srv, const sio_adapter *adapter,
	const void *config)
{
	int err;

	if (!srv)
		return SIO_ERR_INVALID;
	if (!is_complete(adapter))
		return sio__server_fail(srv, SIO_ERR_INVALID,
			"sio_server_set_adapter(): its version is not %d, or a "
			"function is missing",
			SIO_ADAPTER_VERSION);
	if (sio__server_has_begun(srv))
		return sio__server_fail(srv, SIO_ERR_STATE,
			"sio_server_set_adapter(): only before "
			"sio_server_listen()");
	err = start(srv, adapter, config);
	return sio__server_fail(srv, err, "adapter %s: %s", adapter->name,
		sio_strerror(err));
}

void *sio_nsp_adapter(const sio_nsp *nsp)
{
	if (!nsp || nsp->adapter == &sio__adapter_local)
		return NULL;
	return nsp->adapter_state;
}

/* -- values ---------------------------------------------------------------- */

static bool has_binary(const json_t *value, unsigned depth)
{
	const json_t *one;
	const char *key;
	size_t i;

	if (sio_is_binary(value))
		return true;
	if (depth == 0)
		return false;
	json_array_foreach((json_t *)(uintptr_t)value, i, one)
		if (has_binary(one, depth - 1))
			return true;
	json_object_foreach((json_t *)(uintptr_t)value, key, one)
		if (has_binary(one, depth - 1))
			return true;
	return false;
}

bool sio_has_binary(const json_t *value)
{
	/* What is deeper is not sent. */
	return has_binary(value, SIO__JSON_MAX_DEPTH);
}
