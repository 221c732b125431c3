/* SPDX-License-Identifier: MIT */
/*
 * net_lws.c: the beginning and the end of accepted connections.
 *
 * libwebsockets owns the descriptor (role "raw-file") and closes it. Reading
 * (net_lws_read.c) and writing (net_lws_write.c) are plain recv() and send():
 * as long as libwebsockets holds unsent bytes, it does not read but is called
 * again and again for what it does not read, and a peer that sends while it is
 * slow to receive would cost a whole core. For the same reason TLS is ours
 * (filter.h) and not that of libwebsockets, which would be writing; and it
 * would speak HTTP/2 itself as soon as a client asked for it.
 *
 * Always true: a connection is in one of four lists of its network. In
 * `conns` it lives; in `full` it lives, too, and is to hear when the kernel has
 * room, for which libwebsockets is asked when the turn ends. In `failed` a
 * write has failed and on_gone() is due. In `ended` its owner has let go of it.
 * libwebsockets is told to close only at the end of the turn, so that no
 * connection goes away under a callback that is about it, its own or another's;
 * on_closed() is the one place where a connection is freed.
 */
#include <config.h>

#include <engineio/net_lws.h>

#include <engineio/filter.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The most that is thrown away of what a peer sent before we close. */
#define DISCARDS 64
#define DISCARD  16384

/* -- the end ------------------------------------------------------------ */

static void move(struct eio__net_conn *nc, enum eio__net_state state,
	struct eio__list *list)
{
	nc->state = state;
	eio__list_del(&nc->link);
	eio__list_add_tail(list, &nc->link);
}

void eio__net_fail(struct eio__net_conn *nc, int why)
{
	nc->why = why;
	move(nc, EIO__NET_FAILED, &nc->net->failed);
}

/* The one way out, called by libwebsockets just before it closes the
 * descriptor: it was told to, or sending the rest has failed. */
static void on_closed(struct eio__net_conn *nc)
{
	struct eio__net *net = nc->net;
	int why = nc->why;

	eio__list_del(&nc->link);
	eio__net_forget_arrivals(nc);
	nc->wsi = NULL;
	if (nc->state != EIO__NET_ENDED && !net->freeing) {
		nc->state = EIO__NET_ENDED;
		eio__net_tell(net);
		net->up->on_gone(nc->conn, why);
	}
	eio__filter_free(nc->filter);
	free(nc->rest);
	free(nc);
}

/* libwebsockets has no call that closes at once by that name, but a "timeout"
 * of this kind is one, in all its versions. */
static void close_now(struct eio__net_conn *nc)
{
	lws_set_timeout(nc->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

/* Bytes that were received and never read would turn the FIN of close() into
 * a reset, and the peer would lose what we sent last. */
static void discard_unread(struct eio__net_conn *nc)
{
	char data[DISCARD];
	int i;

	for (i = 0; i < DISCARDS; i++)
		if (recv(nc->fd, data, sizeof(data), MSG_DONTWAIT) <= 0)
			break;
}

bool eio__net_tell_failed(struct eio__net *net)
{
	struct eio__net_conn *nc;
	bool any = false;

	while (!eio__list_empty(&net->failed)) {
		nc = eio__list_entry(net->failed.next, struct eio__net_conn,
			link);
		/* It may have been told why. */
		if (nc->filter)
			discard_unread(nc);
		close_now(nc);
		any = true;
	}
	return any;
}

void eio__net_close_ended(struct eio__net *net)
{
	struct eio__net_conn *nc;

	while (!eio__list_empty(&net->ended)) {
		nc = eio__list_entry(net->ended.next, struct eio__net_conn,
			link);
		if (!nc->reset)
			discard_unread(nc);
		close_now(nc);
	}
}

void eio__net_close_all(struct eio__net *net)
{
	eio__net_close_ended(net);
	eio__list_move(&net->failed, &net->conns);
	eio__list_move(&net->failed, &net->full);
	eio__net_tell_failed(net);
}

void eio__net_close(struct eio__net_conn *nc)
{
	if (nc->state == EIO__NET_LIVE)
		eio__net_say_end(nc);
	if (nc->state != EIO__NET_ENDED)
		move(nc, EIO__NET_ENDED, &nc->net->ended);
}

void eio__net_reset(struct eio__net_conn *nc)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	if (nc->state == EIO__NET_ENDED)
		return;
	nc->reset = true;
	setsockopt(nc->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	move(nc, EIO__NET_ENDED, &nc->net->ended);
}

/* -- the beginning ------------------------------------------------------ */

static void keep_peer(struct eio__net_conn *nc, const struct sockaddr *peer)
{
	const struct sockaddr_in *in = (const void *)peer;
	const struct sockaddr_in6 *in6 = (const void *)peer;

	if (peer->sa_family == AF_INET6) {
		nc->port = ntohs(in6->sin6_port);
		eio__address_set(&nc->addr, &in6->sin6_addr, 16);
	} else if (peer->sa_family == AF_INET) {
		nc->port = ntohs(in->sin_port);
		eio__address_set(&nc->addr, &in->sin_addr, 4);
	}
}

void eio__net_peer(const struct eio__net_conn *nc, struct eio__net_addr *out)
{
	out->port = nc->port;
	eio__address_print(&nc->addr, out->text);
}

int eio__net_expect_proxy(struct eio__net_conn *nc)
{
	return eio__filter_add_proxy(&nc->filter);
}

int eio__net_start_tls(struct eio__net_conn *nc, struct eio__tls_context *ctx,
	unsigned max_answers)
{
	return eio__filter_add_tls(&nc->filter, ctx, max_answers,
		eio__net_send_cipher, nc);
}

int eio__net_offer_tls(struct eio__net_conn *nc, struct eio__tls_context *ctx,
	unsigned max_answers)
{
	return eio__filter_offer_tls(&nc->filter, ctx, max_answers,
		eio__net_send_cipher, nc);
}

const char *eio__net_awaits(const struct eio__net_conn *nc)
{
	return nc->filter ? eio__filter_awaits(nc->filter) : "";
}

bool eio__net_awaits_choice(const struct eio__net_conn *nc)
{
	return nc->filter && eio__filter_awaits_choice(nc->filter);
}

const struct eio__tls *eio__net_tls(const struct eio__net_conn *nc)
{
	return nc->filter ? nc->filter->tls : NULL;
}

const char *eio__net_why(const struct eio__net_conn *nc)
{
	return nc->filter ? eio__filter_why(nc->filter) : "";
}

static struct lws *adopt(struct eio__net_conn *nc, struct lws_vhost *vhost)
{
	lws_adopt_desc_t desc = { 0 };

	desc.vh = vhost;
	desc.type = LWS_ADOPT_RAW_FILE_DESC;
	desc.fd.filefd = nc->fd;
	desc.vh_prot_name = "eio";
	return lws_adopt_descriptor_vhost_via_info(&desc);
}

struct eio__net_conn *eio__net_adopt(struct eio__net *net, int fd,
	const struct sockaddr *peer)
{
	const struct eio__carrier *carrier;
	struct eio__net_conn *nc;
	const char *why;

	carrier = eio__net_carrier(net, fd, &why);
	nc = carrier ? calloc(1, sizeof(*nc)) : NULL;
	if (!nc) {
		close(fd);
		return NULL;
	}
	nc->net = net;
	nc->fd = fd;
	keep_peer(nc, peer);
	if (!eio__net_await_arrivals(nc)) {
		close(fd);
		free(nc);
		return NULL;
	}
	nc->wsi = adopt(nc, carrier->vhost);
	if (!nc->wsi) {
		eio__net_forget_arrivals(nc);
		close(fd);
		free(nc);
		return NULL;
	}
	lws_rx_flow_control(nc->wsi, 0); /* net_lws_read.c reads */
	/* Only now: what it could not adopt, it may keep for itself. */
	lws_set_opaque_user_data(nc->wsi, nc);
	eio__list_add_tail(&net->conns, &nc->link);
	return nc;
}

void eio__net_conn_own(struct eio__net_conn *nc, void *conn)
{
	nc->conn = conn;
}

/* -- what libwebsockets tells ------------------------------------------- */

int eio__net_callback(struct lws *wsi, enum lws_callback_reasons reason,
	void *user, void *in, size_t len)
{
	struct eio__net_conn *nc;

	if (reason != LWS_CALLBACK_RAW_WRITEABLE_FILE &&
		reason != LWS_CALLBACK_RAW_CLOSE_FILE)
		return 0;
	nc = lws_get_opaque_user_data(wsi);
	if (!nc)
		return 0;
	if (reason == LWS_CALLBACK_RAW_WRITEABLE_FILE)
		return eio__net_on_room(nc);
	on_closed(nc);
	return 0;
}
