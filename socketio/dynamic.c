/* SPDX-License-Identifier: MIT */
/*
 * dynamic.c: parents, and the namespaces that are made of them when a client
 * asks for them.
 *
 * A parent is a namespace that nobody is in: what is registered with it is
 * copied to each child when that is made, and what is sent to it goes to all
 * its children. Who asks the parents, and what a client has to wait for, is
 * admission.c's affair.
 *
 * Clients choose the names, so children are counted: at MAX_DYNAMIC_NAMESPACES
 * the one that has been empty for longest goes, and without one the client is
 * refused. Always true: in srv->empty are exactly the children that a client
 * asked for, that nobody is in any more and that the program has not asked
 * for by name.
 */
#include <config.h>

#include <socketio/adapter.h>
#include <socketio/io.h>

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

struct sio__parent {
	struct eio__list link; /* in srv->parents, in order of registration */
	struct eio__list children;
	unsigned long number; /* counts from 1 */
	sio_nsp *nsp;
	sio_namespace_cb fn; /* NULL: a pattern */
	void *user;
	regex_t pattern;
};

/* -- sending to the children ----------------------------------------------- */

static int init(void *shared, sio_nsp *nsp, void **state)
{
	*state = nsp;
	return 0;
}

static void close(void *state)
{
}

static int broadcast(void *state, const sio_event_data *packet,
	const sio_selection *selection)
{
	sio_nsp *parent = state, *child;
	const sio_adapter *adapter;
	int err, first = 0;

	for (child = sio__child_next(parent, NULL); child;
		child = sio__child_next(parent, child)) {
		adapter = sio__adapter_of(child, selection->flags, &state);
		err = adapter->broadcast(state, packet, selection);
		if (!first)
			first = err;
	}
	return first;
}

/* As upstream, which throws: other servers have other children. */
static int broadcast_ack(void *state, const sio_event_data *packet,
	const sio_selection *selection, sio_inquiry *inquiry)
{
	return SIO_ERR_STATE;
}

static int fetch(void *state, const sio_selection *selection,
	sio_inquiry *inquiry)
{
	return SIO_ERR_STATE;
}

enum change {
	ADD,
	DEL
};

static int change(sio_nsp *parent, const sio_selection *selection,
	const char *const *rooms, size_t n, enum change what)
{
	const sio_adapter *adapter;
	sio_nsp *child;
	void *state;
	int err, first = 0;

	for (child = sio__child_next(parent, NULL); child;
		child = sio__child_next(parent, child)) {
		adapter = sio__adapter_of(child, selection->flags, &state);
		err = what == ADD
			? adapter->add_sockets(state, selection, rooms, n)
			: adapter->del_sockets(state, selection, rooms, n);
		if (!first)
			first = err;
	}
	return first;
}

static int add_sockets(void *state, const sio_selection *selection,
	const char *const *rooms, size_t n)
{
	return change(state, selection, rooms, n, ADD);
}

static int del_sockets(void *state, const sio_selection *selection,
	const char *const *rooms, size_t n)
{
	return change(state, selection, rooms, n, DEL);
}

static int disconnect_sockets(void *state, const sio_selection *selection,
	bool all)
{
	sio_nsp *parent = state, *child;
	const sio_adapter *adapter;
	int err, first = 0;

	for (child = sio__child_next(parent, NULL); child;
		child = sio__child_next(parent, child)) {
		adapter = sio__adapter_of(child, selection->flags, &state);
		err = adapter->disconnect_sockets(state, selection, all);
		if (!first)
			first = err;
	}
	return first;
}

static const sio_adapter to_children = {
	.version = SIO_ADAPTER_VERSION,
	.name = "children",
	.init = init,
	.close = close,
	.broadcast = broadcast,
	.broadcast_ack = broadcast_ack,
	.fetch = fetch,
	.add_sockets = add_sockets,
	.del_sockets = del_sockets,
	.disconnect_sockets = disconnect_sockets,
};

/* -- parents --------------------------------------------------------------- */

/* Upstream's name for them. No client reaches a parent by it, because it is
 * not among the names of namespaces. */
static sio_nsp *parent_new(sio_server *srv, struct sio__parent *rule)
{
	char name[32];
	int n = snprintf(name, sizeof(name), "/_%lu", srv->parents_made);
	sio_nsp *nsp = sio__nsp_new(srv, sio__span(name, (size_t)n));

	if (!nsp)
		return NULL;
	srv->parents_made++;
	rule->number = srv->parents_made;
	rule->nsp = nsp;
	eio__list_init(&rule->children);
	eio__list_add_tail(&srv->parents, &rule->link);
	nsp->rule = rule;
	nsp->adapter = &to_children;
	nsp->adapter_state = nsp;
	return nsp;
}

static sio_nsp *out_of_memory(sio_server *srv, struct sio__parent *rule)
{
	free(rule);
	sio__server_fail(srv, SIO_ERR_NOMEM, "out of memory");
	return NULL;
}

/* A back reference makes matching exponential, and strangers choose the
 * names. */
static bool has_back_reference(const char *pattern)
{
	const char *p;

	for (p = strchr(pattern, '\\'); p && p[1]; p = strchr(p + 2, '\\'))
		if (p[1] >= '1' && p[1] <= '9')
			return true;
	return false;
}

static int compile(sio_server *srv, regex_t *regex, const char *pattern)
{
	char why[100] = "no back references";
	int err = REG_ESUBREG;

	if (!has_back_reference(pattern))
		err = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);
	if (!err)
		return 0;
	if (err == REG_ESPACE)
		return sio__server_fail(srv, SIO_ERR_NOMEM, "out of memory");
	if (err != REG_ESUBREG || !has_back_reference(pattern))
		regerror(err, regex, why, sizeof(why));
	return sio__server_fail(srv, SIO_ERR_INVALID,
		"sio_server_of_pattern(\"%.60s\"): %s", pattern, why);
}

sio_nsp *sio_server_of_pattern(sio_server *srv, const char *pattern)
{
	struct sio__parent *rule;
	sio_nsp *nsp;

	if (!srv || srv->ended)
		return NULL;
	if (!pattern) {
		sio__server_fail(srv, SIO_ERR_INVALID,
			"sio_server_of_pattern(): no pattern");
		return NULL;
	}
	rule = calloc(1, sizeof(*rule));
	if (!rule)
		return out_of_memory(srv, NULL);
	if (compile(srv, &rule->pattern, pattern)) {
		free(rule);
		return NULL;
	}
	nsp = parent_new(srv, rule);
	if (nsp)
		return nsp;
	regfree(&rule->pattern);
	return out_of_memory(srv, rule);
}

sio_nsp *sio_server_of_predicate(sio_server *srv, sio_namespace_cb fn,
	void *user)
{
	struct sio__parent *rule;
	sio_nsp *nsp;

	if (!srv || srv->ended)
		return NULL;
	if (!fn) {
		sio__server_fail(srv, SIO_ERR_INVALID,
			"sio_server_of_predicate(): no function");
		return NULL;
	}
	rule = calloc(1, sizeof(*rule));
	if (!rule)
		return out_of_memory(srv, NULL);
	rule->fn = fn;
	rule->user = user;
	nsp = parent_new(srv, rule);
	return nsp ? nsp : out_of_memory(srv, rule);
}

void sio__parent_free(struct sio__parent *rule)
{
	if (!rule)
		return;
	if (!rule->fn)
		regfree(&rule->pattern);
	free(rule);
}

void sio__parent_end(sio_nsp *parent)
{
	struct eio__list *link;

	eio__list_del(&parent->rule->link);
	for (link = eio__list_pop(&parent->rule->children); link;
		link = eio__list_pop(&parent->rule->children))
		eio__list_entry(link, sio_nsp, sibling)->parent = NULL;
}

void sio__parents_clear(sio_server *srv)
{
	struct eio__list *link;

	for (link = eio__list_pop(&srv->parents); link;
		link = eio__list_pop(&srv->parents))
		sio__nsp_let_go(eio__list_entry(link, struct sio__parent, link)
					->nsp);
}

/* -- which one ------------------------------------------------------------- */

/* regexec() wants a text with a NUL at its end. */
static bool matches(const struct sio__parent *rule, const char *name)
{
	return regexec(&rule->pattern, name, 0, NULL, 0) == 0;
}

sio_nsp *sio__parent_for(const sio_server *srv, const char *name,
	const sio_nsp *behind)
{
	unsigned long number = behind ? behind->rule->number : 0;
	struct eio__list *pos;
	struct sio__parent *rule;

	eio__list_for_each(pos, &srv->parents) {
		rule = eio__list_entry(pos, struct sio__parent, link);
		if (rule->number > number && (rule->fn || matches(rule, name)))
			return rule->nsp;
	}
	return NULL;
}

sio_nsp *sio__pattern_for(const sio_server *srv, const char *name)
{
	struct eio__list *pos;
	struct sio__parent *rule;

	eio__list_for_each(pos, &srv->parents) {
		rule = eio__list_entry(pos, struct sio__parent, link);
		if (!rule->fn && matches(rule, name))
			return rule->nsp;
	}
	return NULL;
}

bool sio__parent_asks(const sio_nsp *parent)
{
	return parent->rule->fn != NULL;
}

void sio__parent_ask(const sio_nsp *parent, const char *name, json_t *auth,
	sio_next *next)
{
	parent->rule->fn(name, auth, next, parent->rule->user);
}

/* -- children -------------------------------------------------------------- */

static int inherit(sio_nsp *child, const sio_nsp *parent)
{
	int err = sio__uses_copy(&child->uses, &parent->uses);

	if (!err)
		err = sio__handlers_copy(&child->on_connection,
			&parent->on_connection);
	if (!err)
		err = sio__handlers_copy(&child->on_server_event,
			&parent->on_server_event);
	if (!err)
		err = sio__listeners_copy(&child->listeners,
			&parent->listeners);
	if (!err)
		err = sio__room_watch_copy(child, parent);
	child->save = parent->save;
	child->restore = parent->restore;
	child->recover_user = parent->recover_user;
	if (!err)
		sio__outgoing_watch(child, &child->listens_out,
			parent->listens_out);
	return err;
}

sio_nsp *sio__child_make(sio_nsp *parent, struct sio__span name)
{
	sio_nsp *child = sio__nsp_new(parent->srv, name);

	if (!child)
		return NULL;
	if (inherit(child, parent) || sio__nsp_add(child)) {
		sio__room_watch_drop(child);
		sio__nsp_unref(child);
		return NULL;
	}
	child->parent = parent;
	child->is_child = true;
	eio__list_add_tail(&parent->rule->children, &child->sibling);
	parent->srv->children++;
	return child;
}

/* Whether there may be one more, after the oldest empty one has gone. */
static bool make_room(sio_server *srv)
{
	size_t max = (size_t)sio__option(srv, SIO_MAX_DYNAMIC_NAMESPACES);

	if (srv->children >= max && !eio__list_empty(&srv->empty))
		sio__nsp_remove(eio__list_entry(srv->empty.next, sio_nsp,
			empty));
	return srv->children < max;
}

int sio__child_of(sio_nsp *parent, struct sio__span name, sio_nsp **out)
{
	sio_server *srv = parent->srv;

	/* It may have been made while the parent was asked. */
	*out = sio__nsp_find(srv, name);
	if (*out)
		return 0;
	if (!sio__nsp_is_name(srv, name))
		return SIO_ERR_INVALID;
	if (!make_room(srv)) {
		sio__count(srv, SIO_COUNT_MAX_DYNAMIC_NAMESPACES,
			"namespace %.*s: too many are in use "
			"(MAX_DYNAMIC_NAMESPACES)",
			(int)name.n, name.p);
		return SIO_ERR_FULL;
	}
	/* By the end of the one that made room. */
	if (srv->ended || parent->deleted)
		return SIO_ERR_CLOSED;
	*out = sio__child_make(parent, name);
	return *out ? 0 : SIO_ERR_NOMEM;
}

void sio__child_left(sio_nsp *child)
{
	sio_server *srv = child->srv;

	if (srv->ended)
		return;
	/* Not while somebody may come back into it. */
	if (sio__option(srv, SIO_CLEANUP_CHILD_NAMESPACES) && child->kept == 0)
		sio__nsp_remove(child);
	else if (!child->pinned && eio__list_empty(&child->empty))
		eio__list_add_tail(&srv->empty, &child->empty);
}

void sio__child_end(sio_nsp *child)
{
	child->is_child = false;
	child->srv->children--;
	child->parent = NULL;
	eio__list_del(&child->sibling);
	eio__list_del(&child->empty);
}

/* -- what programs ask ----------------------------------------------------- */

sio_nsp *sio_nsp_parent(const sio_nsp *nsp)
{
	return nsp ? nsp->parent : NULL;
}

bool sio_nsp_is_parent(const sio_nsp *nsp)
{
	return nsp && nsp->rule;
}

sio_nsp *sio__child_next(const sio_nsp *parent, const sio_nsp *child)
{
	const struct eio__list *list = &parent->rule->children;
	struct eio__list *pos = child ? child->sibling.next : list->next;

	return pos == list ? NULL : eio__list_entry(pos, sio_nsp, sibling);
}
