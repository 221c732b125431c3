/* SPDX-License-Identifier: MIT */
/*
 * fake_adapter.c: see fake_adapter.h.
 */
#include <config.h>

#include "fake_adapter.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_node {
	struct fake_bus *bus;
	sio_nsp *nsp;
};

/* -- nodes ------------------------------------------------------------------ */

static int start(sio_server *srv, const void *config, void **shared)
{
	struct fake_bus *bus = (struct fake_bus *)(uintptr_t)config;

	if (!bus)
		return SIO_ERR_INVALID;
	bus->started++;
	*shared = bus;
	return 0;
}

static void stop(void *shared)
{
	struct fake_bus *bus = shared;

	bus->stopped++;
}

static int init(void *shared, sio_nsp *nsp, void **state)
{
	struct fake_bus *bus = shared;
	struct fake_node *node = calloc(1, sizeof(*node));
	int i;

	for (i = 0; node && i < FAKE_NODES; i++) {
		if (bus->nodes[i])
			continue;
		node->bus = bus;
		node->nsp = nsp;
		bus->nodes[i] = node;
		*state = node;
		return 0;
	}
	free(node);
	return SIO_ERR_NOMEM;
}

static void close_node(void *state)
{
	struct fake_node *node = state;
	int i;

	for (i = 0; i < FAKE_NODES; i++)
		if (node->bus->nodes[i] == node)
			node->bus->nodes[i] = NULL;
	free(node);
}

/* The next node of this namespace but this one; *i is 0 at first. */
static struct fake_node *other(const struct fake_node *node, int *i)
{
	struct fake_node *found;

	while (*i < FAKE_NODES) {
		found = node->bus->nodes[(*i)++];
		if (found && found != node && !node->bus->silent &&
			strcmp(sio_nsp_name(found->nsp),
				sio_nsp_name(node->nsp)) == 0)
			return found;
	}
	return NULL;
}

static int server_count(void *state, sio_inquiry *inquiry)
{
	struct fake_node *node = state;
	size_t n = 1;
	int i;

	/* Who is silent is there all the same. */
	for (i = 0; i < FAKE_NODES; i++)
		n += node->bus->nodes[i] && node->bus->nodes[i] != node &&
			strcmp(sio_nsp_name(node->bus->nodes[i]->nsp),
				sio_nsp_name(node->nsp)) == 0;
	sio_inquiry_servers(inquiry, n);
	return 0;
}

/* -- a message -------------------------------------------------------------- */

/* As it arrives: nothing in it is the sender's. */
struct copy {
	sio_event_data packet;
	char *text;
};

static bool copy_packet(struct copy *c, const sio_event_data *from)
{
	size_t len;

	c->packet = *from;
	if (sio_has_binary(from->args)) {
		c->text = NULL;
		c->packet.args = json_deep_copy(from->args);
		return c->packet.args != NULL;
	}
	c->text = sio_json_stringify(from->args, &len);
	c->packet.args = c->text ? sio_json_parse(c->text, len) : NULL;
	return c->packet.args != NULL;
}

static void copy_clear(struct copy *c)
{
	json_decref(c->packet.args);
	free(c->text);
}

static int send(struct fake_node *node)
{
	if (node->bus->fails)
		return SIO_ERR_ADAPTER;
	node->bus->sent++;
	return 0;
}

static int broadcast(void *state, const sio_event_data *packet,
	const sio_selection *selection)
{
	struct fake_node *node = state, *to;
	struct copy copy;
	int i = 0, err = send(node);

	if (err)
		return err;
	for (to = other(node, &i); to; to = other(node, &i)) {
		if (!copy_packet(&copy, packet))
			return SIO_ERR_NOMEM;
		sio_local_broadcast(to->nsp, &copy.packet, selection);
		copy_clear(&copy);
	}
	return sio_local_broadcast(node->nsp, packet, selection);
}

/* -- questions --------------------------------------------------------------- */

/* How another server answers. */
struct relay {
	sio_inquiry *asker;
	size_t owed;
};

static void on_clients(void *user, size_t n)
{
	struct relay *relay = user;

	relay->owed = n;
	sio_inquiry_clients(relay->asker, n);
}

static void on_answer(void *user, json_t *args)
{
	struct relay *relay = user;

	relay->owed--;
	sio_inquiry_answer(relay->asker,
		json_deep_copy(json_array_get(args, 0)));
}

static void on_end(void *user, int err)
{
	struct relay *relay = user;

	sio_inquiry_gone(relay->asker, relay->owed);
	sio_inquiry_unref(relay->asker);
	free(relay);
}

static const sio_inquiry_hooks hooks = { on_clients, on_answer, on_end };

static void ask_other(struct fake_node *to, const sio_event_data *packet,
	const sio_selection *selection, sio_inquiry *asker)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	sio_inquiry *inquiry;
	struct copy copy;

	if (!relay)
		return;
	relay->asker = sio_inquiry_ref(asker);
	inquiry =
		sio_inquiry_new(to->nsp, selection->timeout_ms, &hooks, relay);
	if (!inquiry) {
		sio_inquiry_lost(asker);
		on_end(relay, SIO_ERR_NOMEM);
		return;
	}
	if (copy_packet(&copy, packet)) {
		sio_local_broadcast_ack(to->nsp, &copy.packet, selection,
			inquiry);
		copy_clear(&copy);
	}
	sio_inquiry_unref(inquiry);
}

static int broadcast_ack(void *state, const sio_event_data *packet,
	const sio_selection *selection, sio_inquiry *inquiry)
{
	struct fake_node *node = state, *to;
	int i = 0, err = send(node);

	if (err)
		return err;
	for (to = other(node, &i); to; to = other(node, &i))
		ask_other(to, packet, selection, inquiry);
	return sio_local_broadcast_ack(node->nsp, packet, selection, inquiry);
}

static int fetch(void *state, const sio_selection *selection,
	sio_inquiry *inquiry)
{
	struct fake_node *node = state, *to;
	int i = 0, err = send(node);
	char *text;
	json_t *list;
	size_t len;

	if (err)
		return err;
	for (to = other(node, &i); to; to = other(node, &i)) {
		list = sio_local_describe(to->nsp, selection);
		text = sio_json_stringify(list, &len);
		json_decref(list);
		sio_inquiry_sockets(inquiry, sio_json_parse(text, len));
		free(text);
	}
	return sio_local_fetch(node->nsp, selection, inquiry);
}

/* -- changes ----------------------------------------------------------------- */

static int add_sockets(void *state, const sio_selection *selection,
	const char *const *rooms, size_t n)
{
	struct fake_node *node = state, *to;
	int i = 0, err = send(node);

	if (err)
		return err;
	for (to = other(node, &i); to; to = other(node, &i))
		sio_local_add_sockets(to->nsp, selection, rooms, n);
	return sio_local_add_sockets(node->nsp, selection, rooms, n);
}

static int del_sockets(void *state, const sio_selection *selection,
	const char *const *rooms, size_t n)
{
	struct fake_node *node = state, *to;
	int i = 0, err = send(node);

	if (err)
		return err;
	for (to = other(node, &i); to; to = other(node, &i))
		sio_local_del_sockets(to->nsp, selection, rooms, n);
	return sio_local_del_sockets(node->nsp, selection, rooms, n);
}

static int disconnect_sockets(void *state, const sio_selection *selection,
	bool close)
{
	struct fake_node *node = state, *to;
	int i = 0, err = send(node);

	if (err)
		return err;
	for (to = other(node, &i); to; to = other(node, &i))
		sio_local_disconnect_sockets(to->nsp, selection, close);
	return sio_local_disconnect_sockets(node->nsp, selection, close);
}

/* -- between servers --------------------------------------------------------- */

static void answer_server(void *user, json_t *first)
{
	sio_inquiry_answer(user, json_deep_copy(first));
}

static void release_server(void *user)
{
	sio_inquiry_unref(user);
}

static int server_emit(void *state, const sio_event_data *packet,
	sio_inquiry *inquiry)
{
	struct fake_node *node = state, *to;
	struct copy copy;
	int i = 0, err = send(node);

	if (err)
		return err;
	for (to = other(node, &i); to; to = other(node, &i)) {
		if (!copy_packet(&copy, packet))
			return SIO_ERR_NOMEM;
		sio_local_server_event(to->nsp, &copy.packet,
			inquiry ? answer_server : NULL, release_server,
			sio_inquiry_ref(inquiry));
		copy_clear(&copy);
	}
	return 0;
}

/* -- rooms ------------------------------------------------------------------- */

static void note(struct fake_bus *bus, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void note(struct fake_bus *bus, const char *fmt, ...)
{
	size_t n = strlen(bus->rooms);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(bus->rooms + n, sizeof(bus->rooms) - n, fmt, ap);
	va_end(ap);
}

static void add_all(void *state, const char *id, const char *const *rooms,
	size_t n)
{
	struct fake_node *node = state;
	size_t i;

	for (i = 0; i < n; i++)
		note(node->bus, "+%s ",
			strcmp(rooms[i], id) == 0 ? "own" : rooms[i]);
}

static void del(void *state, const char *id, const char *room)
{
	struct fake_node *node = state;

	note(node->bus, "-%s ", room);
}

static void del_all(void *state, const char *id)
{
	struct fake_node *node = state;

	note(node->bus, "gone ");
}

/* -- recovery ---------------------------------------------------------------- */

static void persist_session(void *state, const sio_saved_session *session)
{
	struct fake_node *node = state;
	json_t *copy = json_pack("{s:s, s:O, s:O*, s:O*}", "sid", session->sid,
		"rooms", session->rooms, "data", session->data, "saved",
		session->saved);

	if (!node->bus->sessions)
		node->bus->sessions = json_object();
	json_object_set_new(node->bus->sessions, session->pid, copy);
}

void fake_adapter_restore(struct fake_bus *bus, const char *pid,
	sio_restore *restore)
{
	json_t *copy = json_object_get(bus->sessions, pid);
	sio_event_data missed = { "missed", NULL, "offset-1" };
	sio_saved_session session = { NULL, pid, NULL, NULL, NULL };

	if (!copy) {
		sio_restore_done(restore, NULL);
		return;
	}
	session.sid = json_string_value(json_object_get(copy, "sid"));
	session.rooms = json_object_get(copy, "rooms");
	session.data = json_object_get(copy, "data");
	session.saved = json_object_get(copy, "saved");
	missed.args = json_pack("[i]", 1);
	sio_restore_missed(restore, &missed);
	json_decref(missed.args);
	sio_restore_done(restore, &session);
	json_object_del(bus->sessions, pid);
}

static int restore_session(void *state, const char *pid, const char *offset,
	sio_restore *restore)
{
	struct fake_node *node = state;

	if (node->bus->fails)
		return SIO_ERR_ADAPTER;
	if (node->bus->holds)
		node->bus->held = restore;
	else
		fake_adapter_restore(node->bus, pid, restore);
	return 0;
}

const sio_adapter fake_adapter = {
	.version = SIO_ADAPTER_VERSION,
	.name = "fake",
	.start = start,
	.stop = stop,
	.init = init,
	.close = close_node,
	.server_count = server_count,
	.broadcast = broadcast,
	.broadcast_ack = broadcast_ack,
	.fetch = fetch,
	.add_sockets = add_sockets,
	.del_sockets = del_sockets,
	.disconnect_sockets = disconnect_sockets,
	.server_emit = server_emit,
	.persist_session = persist_session,
	.restore_session = restore_session,
	.add_all = add_all,
	.del = del,
	.del_all = del_all,
};
