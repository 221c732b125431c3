/* SPDX-License-Identifier: MIT */
/*
 * outgoing.c: what was sent, told to who wants to know it.
 *
 * An event that is sent while somebody listens is written down with a copy of
 * its arguments, once for all its receivers, and told from the loop, because
 * no call that emits may call the program back. The namespace counts who
 * listens, so that nobody listening costs one comparison per packet.
 *
 * What listeners send themselves is not told: it would never end.
 */
#include <config.h>

#include <socketio/io.h>

#include <stdlib.h>

/* An event that was sent. */
struct sio__record {
	unsigned refs;
	json_t *args;
	char name[];
};

/* To whom. */
struct sent {
	struct eio__list link; /* in srv->sent */
	sio_socket *socket;    /* a reference */
	struct sio__record *record;
};

void sio__outgoing_watch(sio_nsp *nsp, bool *flag, bool on)
{
	if (*flag == on)
		return;
	*flag = on;
	if (on)
		nsp->listening++;
	else
		nsp->listening--;
}

struct sio__record *sio__record_new(const sio_nsp *nsp, const char *name,
	const json_t *args)
{
	size_t n = strlen(name) + 1;
	struct sio__record *record;

	if (nsp->srv->telling_sent)
		return NULL;
	record = malloc(sizeof(*record) + n);
	if (!record)
		return NULL;
	record->refs = 1;
	/* The program may change what it shares with us. */
	record->args = json_deep_copy(args);
	memcpy(record->name, name, n);
	if (record->args)
		return record;
	free(record);
	return NULL;
}

void sio__record_unref(struct sio__record *record)
{
	if (!record || --record->refs > 0)
		return;
	json_decref(record->args);
	free(record);
}

static bool has_listeners(const sio_socket *s)
{
	return s->listens_out || s->nsp->listens_out;
}

void sio__record_note(struct sio__record *record, sio_socket *s)
{
	struct sent *sent;

	if (!record || !has_listeners(s))
		return;
	sent = malloc(sizeof(*sent));
	if (!sent) {
		eio_server_log(s->nsp->srv->engine, ENGINEIO_LOG_ERROR,
			"socket %s: out of memory: \"%.80s\" was sent, but is "
			"not told",
			s->id, record->name);
		return;
	}
	record->refs++;
	sent->record = record;
	sent->socket = sio_socket_ref(s);
	eio__list_add_tail(&s->nsp->srv->sent, &sent->link);
}

static void tell(sio_server *srv, struct sent *sent)
{
	sio_event *ev = NULL;

	/* Its handlers belong together: none behind "disconnect". */
	if (sent->socket->state != SIO__GONE)
		ev = sio__event_make(sent->socket, sent->record->name,
			json_incref(sent->record->args));
	if (ev) {
		ev->record = sent->record;
		sent->record = NULL;
		srv->telling_sent = true;
		sio__socket_outgoing(sent->socket, ev);
		srv->telling_sent = false;
		sio_event_unref(ev);
	}
	sio__record_unref(sent->record);
	sio_socket_unref(sent->socket);
	free(sent);
}

bool sio__outgoing_tell(sio_server *srv)
{
	struct eio__list *link = eio__list_pop(&srv->sent);

	if (!link)
		return false;
	for (; link; link = eio__list_pop(&srv->sent))
		tell(srv, eio__list_entry(link, struct sent, link));
	return true;
}
