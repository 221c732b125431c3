/* SPDX-License-Identifier: MIT */
/*
 * chat_socketio.c: the chat's way in over Socket.IO.
 *
 * A client is sent `msg:get` with all messages when it comes, and again after
 * each post of anybody; it posts with `msg:post`. Who comes and goes is told
 * on standard output. A post that is none is dropped without a word: the
 * author's program is broken, and nobody else's business.
 */
#include <config.h>

#include <src/chat_socketio.h>

#include <stdio.h>

static void on_connection(sio_socket *s, sio_event *ev, void *user)
{
	struct chat *chat = user;

	printf("connected: %s\n", sio_socket_id(s));
	sio_socket_emit(s, "msg:get", "o", chat_state(chat));
}

static void on_disconnect(sio_socket *s, sio_event *ev, void *user)
{
	printf("disconnect: %s\n", sio_socket_id(s));
}

static void on_post(sio_socket *s, sio_event *ev, void *user)
{
	json_t *data;

	if (sio_event_unpack(ev, "o", &data) == 0)
		chat_post(user, data);
}

static void on_change(struct chat *chat, void *user)
{
	sio_nsp_emit(user, "msg:get", "o", chat_state(chat));
}

int chat_socketio_open(struct chat *chat, sio_server *srv)
{
	sio_nsp *nsp = sio_server_of(srv, "/");
	int err;

	if (!nsp)
		return SIO_ERR_NOMEM;
	err = sio_nsp_on_connection(nsp, on_connection, chat);
	if (err == 0)
		err = sio_nsp_on_event(nsp, "disconnect", on_disconnect, NULL);
	if (err == 0)
		err = sio_nsp_on_event(nsp, "msg:post", on_post, chat);
	if (err == 0 && chat_on_change(chat, on_change, nsp) < 0)
		err = SIO_ERR_STATE;
	return err;
}
